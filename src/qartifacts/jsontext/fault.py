"""Faults of JSON: their codes, what one carries, and how JSON is shown to people."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

__all__ = ["Fault", "Path", "integer_fault", "pointer", "printable", "quoted"]

#: Where a value stands: the member names and indices that lead to it from the root.
Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """One reason why a source cannot be read as strict JSON.

    ``line`` and ``column`` are None where there is no text (a parsed object).
    """

    code: str
    message: str
    path: Path
    line: int | None
    column: int | None


UNREADABLE: Final = "QA001"
EMPTY: Final = "QA002"
SYNTAX: Final = "QA003"
TRUNCATED: Final = "QA004"
TRAILING: Final = "QA005"
NOT_UTF8: Final = "QA006"
BYTE_ORDER_MARK: Final = "QA007"
DUPLICATE_KEY: Final = "QA008"
NOT_A_NUMBER: Final = "QA009"
BEYOND_DOUBLE: Final = "QA010"
LONG_INTEGER: Final = "QA011"
LONE_SURROGATE: Final = "QA012"
TOO_LARGE: Final = "QA013"
TOO_DEEP: Final = "QA014"
TOO_MANY_VALUES: Final = "QA015"
BROKEN_COMPRESSION: Final = "QA016"
NOT_A_JSON_VALUE: Final = "QA017"

#: Python refuses to convert longer digit strings by default: the conversion takes quadratic time.
LONGEST_INTEGER = 4300
#: Integers of fewer digits than this are within the range of a double.
FEWEST_DOUBTFUL_DIGITS = 309


def integer_fault(literal: str) -> tuple[str, str] | None:
    """The code and message of what is wrong with an integer literal, if anything is."""
    digits = len(literal.lstrip("-"))
    if digits > LONGEST_INTEGER:
        message = f"an integer of {digits:,} digits; at most {LONGEST_INTEGER:,} are read"
        return LONG_INTEGER, message
    if digits >= FEWEST_DOUBTFUL_DIGITS and math.isinf(float(literal)):
        return BEYOND_DOUBLE, f"an integer of {digits} digits is beyond the range of a double"
    return None


def printable(text: str, limit: int) -> str:
    """``text`` with its controls escaped, and the middle cut out beyond ``limit`` characters.

    Input files are hostile: unescaped, a member name could drive the terminal of who reads it.
    """
    return _escaped(_cut(text, limit))


def quoted(text: str, limit: int = 60) -> str:
    """``text`` as a JSON string that is safe to print, the middle of long ones cut out."""
    inner = _cut(text, limit).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_escaped(inner)}"'


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    head = (limit - 1) * 2 // 3
    return text[:head] + "…" + text[len(text) - (limit - 1 - head) :]


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def pointer(path: Path, longest: int = 200) -> str:
    """The JSON pointer (RFC 6901) of ``path``.

    Names longer than ``longest`` characters are cut in the middle, with an ellipsis: ten thousand
    findings below one name of ten megabytes must not become a report of 100 GB. Halves of
    characters, which no UTF-8 output could hold, become U+FFFD.
    """
    tokens = []
    for token in path:
        text = _cut(str(token), longest)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        tokens.append(text.replace("~", "~0").replace("/", "~1"))
    return "".join("/" + token for token in tokens)
