"""Values of documents, as what they should be; None where they are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qartifacts.hardware.limits import Origin
from qartifacts.jsontext import Path, pointer

__all__ = ["member", "origins", "pairs", "text", "texts", "whole"]


def text(value: Any) -> str | None:
    """A text that is not empty."""
    return value if isinstance(value, str) and value else None


def texts(value: Any) -> tuple[str, ...] | None:
    """An array of texts that is not empty: an empty list says nothing rather than none."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    return tuple(value) or None


def whole(value: Any) -> int | None:
    """A whole number, however it is written."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if value % 1 == 0 else None


def pairs(value: Any) -> tuple[tuple[int, int], ...] | None:
    """An array of pairs, of which the rules have seen that they are pairs of whole numbers."""
    return tuple((int(one), int(other)) for one, other in value) if value is not None else None


def member(value: Any, name: str) -> Any:
    """A member of what is perhaps an object."""
    return value.get(name) if isinstance(value, dict) else None


def origins(source: str, path: Path, said: Mapping[str, tuple[str, Any]]) -> dict[str, Origin]:
    """Where facts stand, as far as they are said.

    Args:
        source: The document.
        path: The object in it that tells of the device.
        said: By the names of the facts in ``Device``, the member of the object, and what was read.
    """
    return {
        fact: Origin(source, pointer((*path, name)))
        for fact, (name, value) in said.items()
        if value is not None
    }
