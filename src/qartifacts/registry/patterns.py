"""Regular expressions of schemas, which come from servers: can they be matched in bounded time?

Python's matcher goes back and tries again where a text can be matched in several ways. That takes
exponential time where what is repeated varies in length or has alternatives, and a high power of
the length where many repetitions without bound stand in a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

__all__ = ["is_harmless", "patterns"]

#: Repetitions without bound in one pattern.
_MOST: Final = 3
#: Repetitions of one thing; each of them is compiled.
_LONGEST: Final = 10_000
_REPEATS: Final = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def patterns(value: Any) -> Iterator[str]:
    """Every regular expression in a schema document."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            if isinstance(each.get("pattern"), str):
                yield each["pattern"]
            if isinstance(each.get("patternProperties"), dict):
                yield from each["patternProperties"]
            left += each.values()
        elif isinstance(each, list):
            left += each


def is_harmless(pattern: str) -> bool:
    """Whether a pattern can be matched in bounded time, as far as its form shows."""
    import re
    from re import _parser  # type: ignore[attr-defined]

    try:
        return _varying(_parser.parse(pattern), repeated=False) <= _MOST
    except (_Harmful, re.error, RecursionError, OverflowError):
        return False


class _Harmful(Exception):
    """A pattern that could take exponential time."""


def _varying(parsed: Any, *, repeated: bool) -> int:
    """How many repetitions without bound there are; nothing within a repetition may vary."""
    number = 0
    for operator, argument in parsed:
        name = str(operator)
        inner: list[Any] = []
        again = repeated
        if name in _REPEATS:
            least, most, repeats = argument
            if repeated and least != most:
                raise _Harmful
            if least > _LONGEST:
                raise _Harmful
            number += most > _LONGEST
            again = repeated or most > 1
            inner = [repeats]
        elif name == "BRANCH":
            inner = argument[1]
        elif name in ("SUBPATTERN", "ASSERT", "ASSERT_NOT"):
            inner = [argument[-1]]
        elif name == "ATOMIC_GROUP":
            inner = [argument]
        if repeated and name in ("BRANCH", "GROUPREF", "GROUPREF_EXISTS"):
            raise _Harmful
        number += sum(_varying(each, repeated=again) for each in inner)
    return number
