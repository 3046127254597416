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
    a member that a payload does not have would be written with its default.
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
    return document


def _without_annotations(document: Any, *, names: bool = False) -> Any:
    """A copy without ``format`` and ``default``; ``names`` says that it maps names to schemas."""
    if isinstance(document, list):
        return [_without_annotations(each) for each in document]
    if not isinstance(document, dict):
        return document
    copied = {
        keyword: copy.deepcopy(value)
        if keyword in _VALUES and not names
        else _without_annotations(value, names=keyword in _MAPS and not names)
        for keyword, value in document.items()
        if names or keyword not in ("format", "default")
    }
    return copied if names else _without_null(copied)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A map or null as either of two schemas: of both in one, the generator drops the values."""
    if schema.get("type") != ["object", "null"] or "additionalProperties" not in schema:
        return schema
    rest = {name: value for name, value in schema.items() if name == "description"}
    mapping = {name: value for name, value in schema.items() if name not in rest}
    return {**rest, "anyOf": [{**mapping, "type": "object"}, {"type": "null"}]}


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
