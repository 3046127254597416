"""Which draft of JSON Schema a document is written in.

The schemas endpoint states ``https://json-schema.org/draft-07/schema``; the URI that draft 7
registered is ``http://json-schema.org/draft-07/schema#``. Libraries that look it up do not find
the former and fall back to the newest draft, silently. Here a dialect is known by name, or the
document is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from qartifacts.errors import UnusableSchema

if TYPE_CHECKING:
    from jsonschema.protocols import Validator
    from referencing import Specification

__all__ = ["Dialect", "check_schema", "dialect_of", "is_ordinary"]


class Dialect(NamedTuple):
    """A draft of JSON Schema, by the names that the libraries give it."""

    name: str
    validator_name: str
    specification_name: str

    def validator_class(self) -> type[Validator]:
        """The class of ``jsonschema`` that validates under this dialect."""
        import jsonschema

        validator: type[Validator] = getattr(jsonschema, self.validator_name)
        return validator

    def specification(self) -> Specification[Any]:
        """What ``referencing`` calls this dialect."""
        import referencing.jsonschema

        specification: Specification[Any] = getattr(referencing.jsonschema, self.specification_name)
        return specification


def _table() -> dict[str, Dialect]:
    drafts = (
        ("draft-04/schema", "draft-04", "Draft4Validator", "DRAFT4"),
        ("draft-06/schema", "draft-06", "Draft6Validator", "DRAFT6"),
        ("draft-07/schema", "draft-07", "Draft7Validator", "DRAFT7"),
        ("draft/2019-09/schema", "2019-09", "Draft201909Validator", "DRAFT201909"),
        ("draft/2020-12/schema", "2020-12", "Draft202012Validator", "DRAFT202012"),
    )
    return {
        f"{scheme}://json-schema.org/{path}{fragment}": Dialect(*names)
        for path, *names in drafts
        for scheme in ("http", "https")
        for fragment in ("", "#")
    }


_DIALECTS = _table()


def dialect_of(document: dict[str, Any], name: str) -> Dialect:
    """The dialect that a schema document states.

    Raises:
        UnusableSchema: It states no dialect, or one that is not known here.
    """
    uri = document.get("$schema")
    dialect = _DIALECTS.get(uri) if isinstance(uri, str) else None
    if dialect is None:
        stated = "no dialect" if uri is None else f"the dialect {str(uri)[:120]!r}"
        known = ", ".join(dict.fromkeys(each.name for each in _DIALECTS.values()))
        raise UnusableSchema(
            f"the schema of {name} states {stated} in $schema; it is never read as another one, "
            f"and known are {known}"
        )
    return dialect


def is_ordinary(schema: Any) -> bool:
    """Whether a document is a schema in every draft, as far as that is told at a glance.

    To import and to ask the reference implementation takes far longer than to check a payload.
    True is certain; False may be a schema with other keywords than the most ordinary ones.
    """
    return isinstance(schema, dict) and all(
        keyword in _ORDINARY and _ORDINARY[keyword](value) for keyword, value in schema.items()
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_size(value: Any) -> bool:
    return type(value) is int and value >= 0


def _are_names(value: Any) -> bool:
    texts = isinstance(value, list) and all(map(_is_text, value))
    return texts and 0 < len(value) == len(set(value))


def _is_type(value: Any) -> bool:
    names = [value] if isinstance(value, str) else value
    return _are_names(names) and _TYPES.issuperset(names)


def _are_schemas(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_ordinary, value.values()))


_TYPES: Final = frozenset({"null", "boolean", "number", "string", "array", "object", "integer"})
_ORDINARY: Final[dict[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(("$schema", "$id", "$comment", "title", "description"), _is_text),
    **dict.fromkeys(("minimum", "maximum"), _is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_size),
    **dict.fromkeys(("minProperties", "maxProperties"), _is_size),
    **dict.fromkeys(("required", "enum"), _are_names),
    "type": _is_type,
    "properties": _are_schemas,
    "items": is_ordinary,
    "additionalProperties": lambda value: isinstance(value, bool) or is_ordinary(value),
}


def check_schema(document: Any, name: str) -> dict[str, Any]:
    """A document that is a JSON Schema of a known draft.

    Raises:
        UnusableSchema: It is no JSON object, states no known dialect, or is no schema of it.
    """
    import jsonschema

    if not isinstance(document, dict):
        raise UnusableSchema(f"{name} is not a JSON object")
    try:
        dialect_of(document, name).validator_class().check_schema(document)
    except jsonschema.SchemaError as error:
        where = "/".join(map(str, error.absolute_path))
        raise UnusableSchema(f"{name} is no JSON Schema: /{where[:120]} is wrong") from error
    except RecursionError as error:
        raise UnusableSchema(f"{name} is nested too deep") from error
    return document
