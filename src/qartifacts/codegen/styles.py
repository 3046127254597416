"""The styles of generated models: what each is called, needs, and cannot carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

__all__ = ["STYLES", "Style", "uncarried"]

_NUMBERS: Final = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
_SIZES: Final = frozenset({"minLength", "maxLength", "pattern", "minItems", "maxItems"})
_NOWHERE: Final = frozenset(
    {"propertyNames", "minProperties", "maxProperties", "uniqueItems", "contains", "not", "if",
     "dependencies", "patternProperties"}
)  # fmt: skip
#: ``additionalProperties: false``, which is written so here.
CLOSED: Final = "additionalProperties: false"


@dataclass(frozen=True, slots=True)
class Style:
    """One way to write models.

    Attributes:
        name: What it is called.
        kind: What the generator calls it.
        library: What the generated modules need besides the standard library; empty if nothing.
        drops: Keywords of JSON Schema that it cannot carry.
        options: What the generator is told besides.
    """

    name: str
    kind: str
    library: str
    drops: frozenset[str]
    options: tuple[tuple[str, Any], ...] = ()


_ALL: Final = (
    Style(
        "pydantic",
        "PydanticV2BaseModel",
        "pydantic",
        _NOWHERE | {CLOSED},
        (("extra_fields", "allow"), ("target_pydantic_version", "2.11")),
    ),
    Style("msgspec", "MsgspecStruct", "msgspec", _NOWHERE | {CLOSED}),
    # Closed ones need a newer Python, or another library.
    Style(
        "typeddict",
        "TypingTypedDict",
        "",
        _NOWHERE | _NUMBERS | _SIZES | {CLOSED},
        (("use_closed_typed_dict", False),),
    ),
    Style(
        "dataclass",
        "DataclassesDataclass",
        "",
        _NOWHERE | _NUMBERS | _SIZES | {CLOSED},
        (("frozen_dataclasses", True), ("keyword_only", True)),
    ),
)

#: Every style by its name.
STYLES: Final = MappingProxyType({style.name: style for style in _ALL})


def uncarried(style: Style, document: Any) -> list[str]:
    """Keywords of a schema that a style cannot carry, in the order of the alphabet."""
    return sorted(set(_keywords(document)) & style.drops)


def _keywords(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for keyword, value in schema.items():
            yield CLOSED if keyword == "additionalProperties" and value is False else keyword
            if keyword in ("properties", "patternProperties", "definitions", "$defs"):
                for each in value.values() if isinstance(value, dict) else ():
                    yield from _keywords(each)
            elif keyword not in ("enum", "const", "default", "examples"):
                yield from _keywords(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from _keywords(each)
