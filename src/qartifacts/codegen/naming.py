"""Names of generated classes, put into a schema before anything is generated from it.

The generator names a class after a definition, and after the place of a part if it is none. So the
parts that have a name in the table are moved into definitions, and definitions are renamed.
"""

from __future__ import annotations

import copy
import importlib.resources
import re
import tomllib
from functools import cache
from typing import Any, Final

from qartifacts.identifiers import FormatId
from qartifacts.registry.references import resolve

__all__ = ["module_name", "named", "root_name"]

#: Keywords that map names to schemas, and those that hold values.
_MAPS: Final = frozenset({"properties", "patternProperties", "definitions", "$defs"})
_VALUES: Final = frozenset({"examples", "enum", "const"})


@cache
def _table() -> dict[str, dict[str, str]]:
    text = importlib.resources.files("qartifacts.codegen").joinpath("names.toml").read_text("utf-8")
    return tomllib.loads(text)


def module_name(format: FormatId) -> str:
    """The module of a format: its identifier, with what no module name may have as ``_``."""
    return re.sub(r"[^a-z0-9]", "_", format)


def root_name(format: FormatId) -> str:
    """The class of a whole payload: ``ProbabilitiesV2``."""
    table = _table().get(format, {})
    if "root" in table:
        return table["root"]
    words = format.name.removeprefix(f"{format.vendor}.").removeprefix("result.")
    words = words.removesuffix(".json")
    name = "".join(word.capitalize() for word in re.split(r"[.-]", f"{words}.{format.version}"))
    return name if name[:1].isalpha() else f"Format{name}"


def named(format: FormatId, document: dict[str, Any]) -> dict[str, Any]:
    """A copy of a schema whose parts are named as the table of names says.

    Formats and defaults are left out: they are annotations. Of a text that a schema lets pass the
    generator would make a date or a UUID, which refuse some and write others in another way; and
    a member that a payload does not have would be written with its default. Beside members, that
    there may be any others is left out, too: of it, the generator makes what type checkers refuse.
    """
    document = _without_annotations(document)
    document.pop("title", None)  # The root has its name.
    definitions = document.setdefault("definitions", {})
    # The innermost first, so that what is moved takes along what was moved within it; definitions
    # themselves last, as pointers lead into them by the names that they have in the schema.
    pointers = sorted(_table().get(format, {}).items(), key=lambda each: -each[0].count("/"))
    pointers.sort(key=lambda each: each[0].startswith("/definitions/") and each[0].count("/") == 2)
    for pointer, name in pointers:
        if not pointer.startswith("/"):
            continue
        if pointer.count("/") == 2 and pointer.startswith("/definitions/"):
            document = _renamed(document, pointer.rpartition("/")[2], name)
            definitions = document["definitions"]
            continue
        way, _, step = pointer.rpartition("/")
        place: Any = resolve(document, f"#{way}" if way else "#")
        part = resolve(document, f"#{pointer}")
        # Parts that are alike may share a name.
        if isinstance(part, dict) and definitions.setdefault(name, part) == part:
            place[int(step) if isinstance(place, list) else step] = {
                "$ref": f"#/definitions/{name}"
            }
    if not definitions:
        del document["definitions"]
    return _told_apart(document)


def _told_apart(document: dict[str, Any]) -> dict[str, Any]:
    """A schema whose definitions are objects or something else, never either.

    Of an object or null, or an object or a boolean, the definition keeps the object, and what
    refers to it allows the rest. The generator makes up a name for such an object by itself, and
    forgets the rest of one that is a map.
    """
    others: dict[str, list[str]] = {}
    for name, part in document.get("definitions", {}).items():
        types = part.get("type")
        if isinstance(types, list) and "object" in types and len(types) > 1:
            others[f"#/definitions/{name}"] = [each for each in types if each != "object"]
            part["type"] = "object"
    told: dict[str, Any] = _allowing(document, others)
    return told


def _allowing(schema: Any, others: dict[str, list[str]]) -> Any:
    """A schema in which what refers to a definition allows values of other types, too.

    What is a map or null in its own place becomes either of two schemas.
    """
    if isinstance(schema, list):
        return [_allowing(each, others) for each in schema]
    if not isinstance(schema, dict):
        return schema
    referring = schema.get("$ref")
    wrapped = schema.get("allOf")
    if isinstance(wrapped, list) and len(wrapped) == 1 and isinstance(wrapped[0], dict):
        referring = wrapped[0].get("$ref")
    if schema.get("type") == ["object", "null"] and "additionalProperties" in schema:
        # A map without a definition of its own, which would be forgotten, too.
        outer = {name: each for name, each in schema.items() if name == "description"}
        inner = {name: each for name, each in schema.items() if name not in outer}
        map = _allowing({**inner, "type": "object"}, others)
        return {**outer, "anyOf": [map, {"type": "null"}]}
    if not isinstance(referring, str) or referring not in others:
        return {name: _allowing(each, others) for name, each in schema.items()}
    rest = {name: each for name, each in schema.items() if name not in ("$ref", "allOf")}
    return {**rest, "anyOf": [{"$ref": referring}, *({"type": each} for each in others[referring])]}


def _without_annotations(document: Any, *, names: bool = False) -> Any:
    """A copy without ``format`` and ``default``; ``names`` says that it maps names to schemas."""
    if isinstance(document, list):
        return [_without_annotations(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        keyword: copy.deepcopy(value)
        if keyword in _VALUES and not names
        else _without_annotations(value, names=keyword in _MAPS and not names)
        for keyword, value in document.items()
        if names or not _is_left_out(keyword, value, document)
    }


def _is_left_out(keyword: str, value: Any, schema: dict[str, Any]) -> bool:
    if keyword == "additionalProperties":
        return value == {} and bool(schema.get("properties"))
    return keyword in ("format", "default")


def _renamed(document: Any, old: str, new: str) -> Any:
    """A schema with a definition, and what refers to it, under another name."""
    if isinstance(document, list):
        return [_renamed(each, old, new) for each in document]
    if not isinstance(document, dict):
        return document
    renamed = {keyword: _renamed(value, old, new) for keyword, value in document.items()}
    if renamed.get("$ref") == f"#/definitions/{old}":
        renamed["$ref"] = f"#/definitions/{new}"
    definitions = renamed.get("definitions")
    if isinstance(definitions, dict) and old in definitions and new not in definitions:
        renamed["definitions"] = {new if n == old else n: each for n, each in definitions.items()}
    return renamed
