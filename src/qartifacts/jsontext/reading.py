"""From bytes to a JSON value.

The standard library's decoder is tightened where it is lax and let try first: it is fast but knows
no places, so it may only accept. Whatever it does not accept goes to the scanner, which alone
refuses.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from qartifacts.config import Settings
from qartifacts.jsontext import fault
from qartifacts.jsontext.fault import Fault, integer_fault, quoted

__all__ = ["Reading", "inspect", "read"]


class Reading(NamedTuple):
    """What was made of a source: a value and the text it came from, or faults.

    A parsed object has no text.
    """

    text: str | None
    value: Any
    faults: tuple[Fault, ...]


_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KNOWN_STARTS = (
    (b"\xff\xfe", "the text looks like UTF-16"),
    (b"\xfe\xff", "the text looks like UTF-16"),
    (b"\x1f\x8b", "the data looks like gzip, which is unpacked when the file's name ends in .gz"),
    (b"\x28\xb5\x2f\xfd", "the data looks like Zstandard, which is not unpacked"),
    (b"\xfd7zXZ\x00", "the data looks like xz, which is not unpacked"),
    (b"PK\x03\x04", "the data looks like a zip archive, which is not unpacked"),
)


def read(data: bytes, settings: Settings) -> Reading:
    """Read one JSON document from UTF-8 bytes.

    Returns:
        Either a value and no faults, or at least one fault and no value.
    """
    if len(data) > settings.max_bytes:
        message = f"{len(data):,} bytes are more than the limit of {settings.max_bytes:,}"
        return Reading(None, None, (Fault(fault.TOO_LARGE, message, (), 1, 1),))
    marked = data.startswith(_BYTE_ORDER_MARK)
    if marked:
        data = data[len(_BYTE_ORDER_MARK) :]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Reading(None, None, (_encoding_fault(data, error),))
    if not marked and _surely_within_limits(data, settings) and not _SURROGATE_ESCAPE.search(text):
        try:
            return Reading(text, _DECODER.decode(text), ())
        except (ValueError, RecursionError):
            pass  # The scanner says what and where.

    from qartifacts.jsontext.scanner import scan

    faults = scan(text, settings)
    if marked:
        message = "the text starts with a byte-order mark"
        faults = (Fault(fault.BYTE_ORDER_MARK, message, (), 1, 1), *faults)
    if faults:
        return Reading(text, None, faults)
    return Reading(text, _DECODER.decode(text), ())


def _encoding_fault(data: bytes, error: UnicodeDecodeError) -> Fault:
    line_start = data.rfind(b"\n", 0, error.start) + 1
    line = data.count(b"\n", 0, error.start) + 1
    column = len(data[line_start : error.start].decode("utf-8")) + 1
    if error.reason == "unexpected end of data":
        message = "the text ends in the middle of a character"
        return Fault(fault.TRUNCATED, message, (), line, column)
    message = f"the byte 0x{data[error.start]:02x} is not UTF-8 here"
    for start, meaning in _KNOWN_STARTS:
        if data.startswith(start):
            message += f"; {meaning}"
    return Fault(fault.NOT_UTF8, message, (), line, column)


class _Doubtful(ValueError):
    """The decoder met something that only the scanner may judge."""


def _strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Doubtful
    return members


def _strict_float(literal: str) -> float:
    value = float(literal)
    if math.isinf(value):
        raise _Doubtful
    return value


def _strict_int(literal: str) -> int:
    if len(literal) >= fault.FEWEST_DOUBTFUL_DIGITS and integer_fault(literal):
        raise _Doubtful
    return int(literal)


def _strict_constant(literal: str) -> NoReturn:
    raise _Doubtful


_DECODER = json.JSONDecoder(
    object_pairs_hook=_strict_object,
    parse_float=_strict_float,
    parse_int=_strict_int,
    parse_constant=_strict_constant,
)

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
#: A string, or what is left of the text if it is not closed: the search never starts over.
_STRING_BYTES = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_TO_ONE_KIND_OF_BRACKET = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _surely_within_limits(data: bytes, settings: Settings) -> bool:
    """Whether depth and number of values are certainly within the limits; False means "perhaps".

    Both are bounded from above. Every value but the first of its container follows a comma; and
    the depth of a document is how often its innermost pairs of brackets can be taken away until
    none is left.
    """
    opening = data.count(b"[") + data.count(b"{")
    if data.count(b",") + opening + 1 > settings.max_values:
        return False
    if opening <= settings.max_depth:
        return True
    escapes = b"\\" in data
    structure = _STRING_BYTES.sub(b"", data) if escapes else b"".join(data.split(b'"')[::2])
    brackets = structure.translate(_TO_ONE_KIND_OF_BRACKET, _NOT_BRACKETS)
    for _ in range(settings.max_depth):
        shorter = brackets.replace(b"[]", b"")
        if len(shorter) == len(brackets):
            break
        brackets = shorter
    return not brackets


def inspect(value: Any, settings: Settings) -> tuple[Fault, ...]:
    """Faults that keep a parsed object from being a JSON value as ``read`` would return one.

    A parsed object has no text: its faults have no line and column, and a key that occurred twice
    can no longer be seen.
    """
    faults: list[Fault] = []
    for found in _object_faults(value, settings):
        faults.append(found)
        if len(faults) >= settings.max_violations:
            break
    return tuple(faults)


def _object_faults(value: Any, settings: Settings) -> Iterator[Fault]:
    path: list[str | int] = []
    inside: list[Iterator[tuple[str | int, Any]]] = [iter([(0, value)])]
    count = 0
    while inside:
        for token, item in inside[-1]:
            if path:
                path[-1] = token
            count += 1
            if count > settings.max_values:
                message = f"the object has more than {settings.max_values:,} values"
                yield Fault(fault.TOO_MANY_VALUES, message, tuple(path), None, None)
                return
            if not isinstance(item, (dict, list)):
                if problem := _scalar_fault(item):
                    yield Fault(*problem, tuple(path), None, None)
                continue
            if len(inside) > settings.max_depth:
                message = f"arrays and objects are nested deeper than {settings.max_depth} levels"
                yield Fault(fault.TOO_DEEP, message, tuple(path), None, None)
                return
            if isinstance(item, dict):
                for name in item:
                    if problem := _name_fault(name):
                        yield Fault(*problem, tuple(path), None, None)
                inside.append((k, child) for k, child in item.items() if isinstance(k, str))
            else:
                inside.append(enumerate(item))
            path.append(0)
            break
        else:
            inside.pop()
            if path:
                path.pop()


def _name_fault(name: object) -> tuple[str, str] | None:
    if isinstance(name, str):
        return _scalar_fault(name)
    # Only what is surely short is shown: Python does not write huge integers out at all.
    shown = f" {name}" if isinstance(name, int) and name.bit_length() < 64 else ""
    return fault.NOT_A_JSON_VALUE, f"the key{shown} is {_kind(name)}; keys of JSON are strings"


def _scalar_fault(item: object) -> tuple[str, str] | None:
    if item is None or isinstance(item, bool):
        return None
    if isinstance(item, str):
        if item.isascii() or not any("\ud800" <= character <= "\udfff" for character in item):
            return None
        return fault.LONE_SURROGATE, f"the text {quoted(item)} has a surrogate without its pair"
    if isinstance(item, float):
        if math.isfinite(item):
            return None
        return fault.NOT_A_NUMBER, f"{float(item)!r} is not a JSON number"
    if isinstance(item, int):
        try:
            float(item)
        except OverflowError:
            pass
        else:
            return None
        # Python does not write huge integers out, so the number of digits is told from the bits.
        digits = int(item.bit_length() * math.log10(2)) + 1
        if digits > fault.LONGEST_INTEGER:
            return fault.LONG_INTEGER, f"an integer of about {digits:,} digits"
        return fault.BEYOND_DOUBLE, f"an integer of about {digits} digits is beyond a double"
    hint = "; a list is" if isinstance(item, (tuple, set, frozenset)) else ""
    return fault.NOT_A_JSON_VALUE, f"{_kind(item)} is not a JSON value{hint}"


def _kind(item: object) -> str:
    kind = type(item)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"a Python {module}{kind.__qualname__}"
