"""What rules say of values whose shape is not what their place calls for."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from typing import Any, Final, TypeAlias, TypeGuard, TypeVar

from qartifacts.config import Settings
from qartifacts.jsontext import Path, quoted
from qartifacts.validate.violation import Violation

__all__ = [
    "MISSHAPEN",
    "RuleSet",
    "Violations",
    "in_digits",
    "is_number",
    "is_whole",
    "member_of",
    "misshapen",
]

Violations: TypeAlias = Iterator[Violation]
RuleSet: TypeAlias = Callable[[Any, Settings], Violations]

#: What cannot be what its place calls for; left unsaid where the schema says so.
MISSHAPEN: Final = "QA200"

_Kind = TypeVar("_Kind")


def member_of(
    path: Path, value: Any, name: str, kind: type[_Kind]
) -> Generator[Violation, None, _Kind | None]:
    """The member ``name`` of the object at ``path`` if it is of a kind; else None and why."""
    member = value.get(name) if isinstance(value, dict) else None
    if isinstance(member, kind):
        return member
    words = "an array" if issubclass(kind, list) else "an object"
    if isinstance(value, dict) and name in value:
        yield misshapen((*path, name), words)
    else:
        yield misshapen(path, f"an object with the member {quoted(name)}, {words}")
    return None


def misshapen(path: Path, expected: str) -> Violation:
    """What is wrong with a value that is not what its place calls for."""
    return Violation(MISSHAPEN, f"expected {expected} here", path)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a JSON number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_whole(value: float) -> bool:
    """Whether a number is whole, however it was written."""
    return value == math.trunc(value)


def in_digits(value: float) -> str:
    """A number as messages show it."""
    # Huge integers are never written out in full.
    return str(value) if abs(value) < 10**20 else f"{float(value):.6g}"
