"""Where the keys of a TOML file stand, which ``tomllib`` does not tell."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["Place", "lines_of_keys"]

#: Deeper than what a configuration holds; of what lies below, no lines are told.
_DEEPEST: Final = 16

#: Where a value stands: the names and indices that lead to it from the root.
Place = tuple[str | int, ...]


def lines_of_keys(text: str) -> Mapping[Place, int]:
    """The line on which each key and table of a TOML document is given, from 1.

    A statement ends with the first line up to which it can be parsed: what takes several lines is
    open at the end of each but the last. What cannot be parsed has no line, nor has what follows.
    """
    places = _Places()
    statement: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        statement.append(line)
        if len(statement) > 1 and "#" not in line and line.rstrip().endswith(","):
            continue  # A long array is not tried again at each of its lines.
        try:
            parsed = tomllib.loads("\n".join(statement))
        except (ValueError, RecursionError):
            continue
        if parsed:
            is_header = statement[0].lstrip().startswith("[")
            places.add(parsed, number - len(statement) + 1, is_header=is_header)
        statement.clear()
    return places.lines


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
