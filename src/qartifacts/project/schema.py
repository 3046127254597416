"""The JSON Schema of a configuration, with which editors complete and check it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qartifacts.project.keys import KEYS, OVERRIDE_KEYS, Key

__all__ = ["configuration_schema", "pyproject_schema"]

_DIALECT: Final = {"$schema": "http://json-schema.org/draft-07/schema#"}


def configuration_schema() -> dict[str, Any]:
    """What ``qartifacts.toml`` may hold, and ``[tool.qartifacts]`` in pyproject.toml, too.

    What needs more than the file is not said: which formats are pinned, and how tolerances compare.
    """
    properties = _properties(KEYS)
    properties["overrides"] |= {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["files"],
            "properties": _properties(OVERRIDE_KEYS),
            "additionalProperties": False,
        },
    }
    return {
        **_DIALECT,
        "title": "Configuration of qartifacts",
        "description": "qartifacts.toml, or the table [tool.qartifacts] of pyproject.toml",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def pyproject_schema() -> dict[str, Any]:
    """What pyproject.toml may hold in its table ``[tool.qartifacts]``; of others, anything."""
    table = {name: value for name, value in configuration_schema().items() if name not in _DIALECT}
    tool = {"type": "object", "properties": {"qartifacts": table}}
    return {**_DIALECT, "type": "object", "properties": {"tool": tool}}


def _properties(keys: Mapping[str, Key]) -> dict[str, dict[str, Any]]:
    properties = {}
    for name, key in keys.items():
        properties[name] = {"description": key.says, **key.kind.schema}
        if key.default is not None and keys is KEYS:
            properties[name]["default"] = key.default
    return properties
