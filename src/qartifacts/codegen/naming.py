"""Names of generated classes, put into a schema before anything is generated from it.

The generator names a class after a definition, and after the place of a part if it is none. So the
parts that have a name in the table are moved into definitions.
"""

from __future__ import annotations

import copy
import importlib.resources
import re
import tomllib
from functools import cache
from typing import Any

from qartifacts.identifiers import FormatId

__all__ = ["module_name", "named", "root_name"]


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
    """A copy of a schema whose parts are named as the table of names says."""
    document = copy.deepcopy(document)
    document.pop("title", None)  # The root has its name.
    definitions = document.setdefault("definitions", {})
    # The innermost first, so that what is moved takes along what was moved within it.
    pointers = sorted(_table().get(format, {}).items(), key=lambda each: -each[0].count("/"))
    for pointer, name in pointers:
        if not pointer.startswith("/"):
            continue
        *way, last = pointer[1:].split("/")
        place: Any = document
        for step in way:
            place = place.get(step, {}) if isinstance(place, dict) else {}
        part = place.get(last) if isinstance(place, dict) else None
        if not isinstance(part, dict):
            continue
        if name not in definitions:
            definitions[name] = part
            place[last] = {"$ref": f"#/definitions/{name}"}
    if not definitions:
        del document["definitions"]
    return document
