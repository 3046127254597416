"""Where the keys of a TOML file stand, which ``tomllib`` does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["Place", "lines_of_keys"]

#: Deeper than what a configuration holds; of what lies below, no lines are told.
_DEEPEST: Final = 16

#: Where a value stands: the names and indices that lead to it from the root.
Place = tuple[str | int, ...]


def lines_of_keys(text: str) -> Mapping[Place, int]:
    """The line on which each key and table of a TOML document is given, from 1.

    What cannot be parsed has no line, nor has what follows.
    """
    places = _Places()
    line = 1
    for statement in _statements(text.replace("\r\n", "\n")):
        try:
            parsed = tomllib.loads(statement)
        except (ValueError, RecursionError):
            break
        if parsed:
            places.add(parsed, line, is_header=statement.lstrip().startswith("["))
        line += statement.count("\n")
    return places.lines


_TOKEN: Final = re.compile(
    r"""
      "{3} (?: [^"\\]++ | \\. | "{1,2} (?!") )*+ "{3,5}  # strings, of several lines or of one
    | '{3} (?: [^']++ | '{1,2} (?!') )*+ '{3,5}
    | " (?: [^"\\\n]++ | \\. )*+ "
    | ' [^'\n]*+ '
    | \# [^\n]*+                                         # a comment
    | [\[{] | [\]}] | \n
    | [^"'#\[{\]}\n]++ | .
    """,
    re.DOTALL | re.VERBOSE,
)


def _statements(text: str) -> Iterator[str]:
    """The text in pieces that end with the ends of lines at which no bracket is open."""
    start = depth = 0
    for token in _TOKEN.finditer(text):
        kind = token[0]
        if kind in ("[", "{"):
            depth += 1
        elif kind in ("]", "}"):
            depth -= 1
        elif kind == "\n" and depth <= 0:
            yield text[start : token.end()]
            start, depth = token.end(), 0
    yield text[start:]


class _Places:
    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self._tables: dict[Place, int] = {}  # How many an array of tables has so far.
        self._table: Place = ()

    def add(self, parsed: dict[str, Any], line: int, *, is_header: bool) -> None:
        """Note a statement that gives ``parsed`` where it stands alone."""
        if is_header:
            self._open(parsed, line)
        else:
            self._note(self._table, parsed, line)

    def _open(self, header: Any, line: int) -> None:
        self._table = ()
        while header and len(self._table) < _DEEPEST:
            ((name, header),) = header.items()
            self._table += (name,)
            self.lines.setdefault(self._table, line)
            if isinstance(header, list):
                self._tables[self._table] = self._tables.get(self._table, 0) + 1
                header = header[0]
            if self._table in self._tables:
                self._table += (self._tables[self._table] - 1,)
                self.lines.setdefault(self._table, line)

    def _note(self, place: Place, value: Any, line: int) -> None:
        waiting = [(place, value)]
        while waiting:
            here, value = waiting.pop()
            members: list[tuple[str | int, Any]] = []
            if isinstance(value, dict):
                members = [*value.items()]
            elif isinstance(value, list):
                members = [*enumerate(value)]
            for name, member in members:
                self.lines.setdefault((*here, name), line)
                if len(here) < _DEEPEST:
                    waiting.append(((*here, name), member))
