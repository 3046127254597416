"""A walk over JSON text that says everything that is wrong with it, and where.

Written for its findings, not for speed: the reader comes here only with text that the decoder of
the standard library did not accept. It goes on after faults that leave the structure clear
(duplicate keys, numbers out of range, lone surrogates, NaN) and stops at the first other.
"""

from __future__ import annotations

import json
import math
import re
from typing import NamedTuple, NoReturn

from qartifacts.config import Settings
from qartifacts.jsontext import fault
from qartifacts.jsontext.fault import Fault, Path, integer_fault, printable, quoted
from qartifacts.jsontext.places import line_columns, skip_blank

__all__ = ["scan"]


def scan(text: str, settings: Settings) -> tuple[Fault, ...]:
    """The faults of ``text`` in its order; none if it is strict JSON within the limits."""
    found = _Scanner(text, settings).run()
    found.sort(key=lambda each: each.offset)
    places = line_columns(text, [each.offset for each in found])
    return tuple(
        Fault(each.code, each.message, each.path, line, column)
        for each, (line, column) in zip(found, places, strict=True)
    )


class _Found(NamedTuple):
    code: str
    message: str
    path: Path
    offset: int


class _Stop(Exception):
    """The scanner cannot go on after a fault."""


_STRING_START = re.compile(
    r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+', re.ASCII
)
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*+))((?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)", re.ASCII)
_START_OF_NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.|(?:\.[0-9]+)?[eE][+-]?))?", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_.$+-]++", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.ASCII | re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_LITERALS = ("true", "false", "null")
_CLOSERS = {"{": "}", "[": "]"}


class _Container:
    """An array or object that the scanner is inside of."""

    __slots__ = ("closer", "names", "offset", "token")

    def __init__(self, opener: str, offset: int) -> None:
        self.closer = _CLOSERS[opener]
        self.offset = offset
        self.names: set[str] | None = set() if opener == "{" else None
        #: Index or name of the current member; None before the first name of an object.
        self.token: str | int | None = 0 if opener == "[" else None


class _Scanner:
    def __init__(self, text: str, settings: Settings) -> None:
        self.text = text
        self.settings = settings
        self.found: list[_Found] = []
        self.open: list[_Container] = []
        self.values = 0
        #: One past the last character that is not blank: where a truncated text ends.
        self.end = len(text.rstrip(" \t\n\r"))

    def run(self) -> list[_Found]:
        try:
            self._document()
        except _Stop:
            pass
        return self.found

    # The grammar. Every method takes the offset it starts at and returns the one it ends at.

    def _document(self) -> None:
        if self.end == 0:
            self._fail(fault.EMPTY, "there is no JSON value, only an empty text", 0)
        at = self._value(skip_blank(self.text, 0))
        while self.open:
            at = self._after_value(skip_blank(self.text, at))
        at = skip_blank(self.text, at)
        if at < len(self.text):
            message = f"{self._seen(at)} follows the end of the document"
            if "\n" in self.text[at - 2 : at] and self.text[at] in "{[":
                message += "; a document on every line is not one document"
            self._fail(fault.TRAILING, message, at)

    def _value(self, at: int) -> int:
        """Read a scalar; or open a container and read up to the end of its first scalar."""
        while True:
            self.values += 1
            if self.values > self.settings.max_values:
                message = f"the document has more than {self.settings.max_values:,} values"
                self._fail(fault.TOO_MANY_VALUES, message, at)
            opener = self.text[at : at + 1]
            if opener not in ("{", "["):
                return self._scalar(at)
            if len(self.open) == self.settings.max_depth:
                depth = self.settings.max_depth
                message = f"arrays and objects are nested deeper than {depth} levels"
                self._fail(fault.TOO_DEEP, message, at)
            container = _Container(opener, at)
            self.open.append(container)
            at = skip_blank(self.text, at + 1)
            if self.text.startswith(container.closer, at):
                self.open.pop()
                return at + 1
            if container.names is not None:
                at = self._name(at, container, container.names)

    def _after_value(self, at: int) -> int:
        """Read the end of the innermost container, or a comma and the next value."""
        container = self.open[-1]
        if self.text.startswith(container.closer, at):
            self.open.pop()
            return at + 1
        if not self.text.startswith(",", at):
            self._unexpected(at, f'"," or "{container.closer}"')
        comma, at = at, skip_blank(self.text, at + 1)
        if self.text.startswith(container.closer, at):
            message = f'a comma stands before "{container.closer}"; JSON has none there'
            self._fail(fault.SYNTAX, message, comma)
        if isinstance(container.token, int):
            container.token += 1
        if container.names is not None:
            at = self._name(at, container, container.names)
        return self._value(at)

    def _name(self, at: int, container: _Container, names: set[str]) -> int:
        """Read a member's name and the colon behind it."""
        container.token = None  # Faults of a name belong to its object.
        if not self.text.startswith('"', at):
            self._unexpected(at, "a name in double quotes")
        end = self._string(at)
        raw = self.text[at:end]
        name: str = json.loads(raw) if "\\" in raw else raw[1:-1]
        container.token = name
        if name in names:
            self._add(fault.DUPLICATE_KEY, f"the key {quoted(name)} occurs more than once", at)
        names.add(name)
        at = skip_blank(self.text, end)
        if not self.text.startswith(":", at):
            self._unexpected(at, '":" after a name')
        return skip_blank(self.text, at + 1)

    def _scalar(self, at: int) -> int:
        if self.text.startswith('"', at):
            return self._string(at)
        number = _NUMBER.match(self.text, at)
        if number and not _WORD.match(self.text, number.end()):
            self._check_number(number, at)
            return number.end()
        word = _WORD.match(self.text, at)
        if word is None:
            self._unexpected(at, "a value")
        if word[0] in _LITERALS:
            return word.end()
        if _NOT_FINITE.fullmatch(word[0]):
            self._add(fault.NOT_A_NUMBER, f"{word[0]} is not a JSON number", at)
            return word.end()
        if word.end() == self.end and (
            _START_OF_NUMBER.fullmatch(word[0])
            or any(literal.startswith(word[0]) for literal in _LITERALS)
        ):
            self._truncated()
        return self._fail(
            fault.SYNTAX, f"{_shown(word[0])} is not a JSON value{_hint(word[0])}", at
        )

    def _check_number(self, number: re.Match[str], at: int) -> None:
        integer, rest = number.groups()
        if not rest:
            if problem := integer_fault(integer):
                self._add(*problem, at)
        elif math.isinf(float(number[0])):
            message = f"the number {_shown(number[0])} is beyond the range of a double"
            self._add(fault.BEYOND_DOUBLE, message, at)

    def _string(self, at: int) -> int:
        start = _STRING_START.match(self.text, at)
        assert start is not None  # Callers have seen its quote.
        end = start.end()
        if not self.text.startswith('"', end):
            self._broken_string(end)
        if "\\u" in start[0]:
            self._check_surrogates(start[0], at)
        return end + 1

    def _broken_string(self, at: int) -> NoReturn:
        """Say what stopped a string: a control, a wrong escape, or the end of the text."""
        here = self.text[at : at + 1]
        if here == "\\" and at + (6 if self.text.startswith("u", at + 1) else 2) <= self.end:
            escape = self.text[at : at + 2]
            message = f"{_shown(escape)} is not an escape that JSON has"
            if escape == "\\u":
                message = "\\u needs four hexadecimal digits behind it"
            self._fail(fault.SYNTAX, message, at)
        if here not in ("", "\\") and at < self.end:
            name = f"U+{ord(here):04X}"
            self._fail(
                fault.SYNTAX, f"the control character {name} needs an escape in a string", at
            )
        self._truncated()

    def _check_surrogates(self, raw: str, start: int) -> None:
        """Report escapes from ``\\ud800`` to ``\\udfff`` that are not high and low side by side."""
        high: int | None = None
        previous_end = 0
        for escape in _ESCAPE.finditer(raw):
            unit = int(escape[1], 16) if escape[1] else 0
            is_low = 0xDC00 <= unit <= 0xDFFF
            if is_low and high is not None and previous_end == escape.start():
                high = None
            else:
                if high is not None:
                    self._lone_surrogate(start + high)
                if is_low:
                    self._lone_surrogate(start + escape.start())
                high = escape.start() if 0xD800 <= unit <= 0xDBFF else None
            previous_end = escape.end()
        if high is not None:
            self._lone_surrogate(start + high)

    def _lone_surrogate(self, at: int) -> None:
        message = f"{self.text[at : at + 6]} is half a character, a surrogate without its pair"
        self._add(fault.LONE_SURROGATE, message, at)

    # Faults.

    def _add(self, code: str, message: str, at: int) -> None:
        tokens = [container.token for container in self.open]
        path = tuple(token for token in tokens if token is not None)
        self.found.append(_Found(code, message, path, at))
        if len(self.found) >= self.settings.max_violations:
            raise _Stop

    def _fail(self, code: str, message: str, at: int) -> NoReturn:
        self._add(code, message, at)
        raise _Stop

    def _truncated(self) -> NoReturn:
        message = "the text ends in the middle of a value"
        if self.open:
            offset = self.open[-1].offset
            line, column = next(line_columns(self.text, [offset]))
            message = f'the text ends before the "{self.text[offset]}" of {line}:{column} is closed'
        self._fail(fault.TRUNCATED, message, self.end)

    def _unexpected(self, at: int, expected: str) -> NoReturn:
        if at >= self.end:
            self._truncated()
        self._fail(fault.SYNTAX, f"expected {expected}, found {self._seen(at)}", at)

    def _seen(self, at: int) -> str:
        if self.text.startswith("'", at):
            return "single quotes"
        if self.text.startswith(("//", "/*", "#"), at):
            return "a comment"
        word = _WORD.match(self.text, at)
        return _shown(word[0]) if word else quoted(self.text[at])


def _shown(word: str) -> str:
    return printable(word, 40)


def _hint(word: str) -> str:
    if word in ("True", "False", "None"):
        return f"; JSON writes {'null' if word == 'None' else word.lower()}"
    if re.fullmatch(r"-?0[0-9]+", word):
        return "; JSON numbers have no leading zeros"
    if re.fullmatch(r"\+.*|-?\.[0-9].*|-?[0-9]+\.", word):
        return "; JSON numbers begin and end with a digit, and have no plus sign"
    return ""
