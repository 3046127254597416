"""From JSON pointers to lines and columns, in one pass and without a place for every value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, AnyStr, NamedTuple, cast

from qartifacts.jsontext.fault import Path

__all__ = ["Place", "line_columns", "locate", "skip_blank"]


class Place(NamedTuple):
    """Line and column of a value and, for a member of an object, of its name."""

    value: tuple[int, int]
    key: tuple[int, int] | None


_BLANK = re.compile(r"[ \t\n\r]*+")
_DECODER = json.JSONDecoder()
_FEEDS = {str: "\n", bytes: b"\n"}


def skip_blank(text: str, at: int) -> int:
    """The offset of the first character from ``at`` on that JSON does not call white space."""
    blank = _BLANK.match(text, at)
    assert blank is not None  # The pattern matches nothing, too.
    return blank.end()


def line_columns(text: AnyStr, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Lines and columns of ascending offsets; each is counted on from the one before.

    Of bytes, which must be ASCII, as of text.
    """
    feed = cast("AnyStr", _FEEDS[type(text)])
    line, line_start, counted = 1, 0, 0
    for offset in offsets:
        feeds = text.count(feed, counted, offset)
        if feeds:
            line += feeds
            line_start = text.rfind(feed, counted, offset) + 1
        counted = offset
        yield line, offset - line_start + 1


def locate(text: str, paths: Iterable[Path]) -> dict[Path, Place]:
    """Places of the values at ``paths`` in ``text``, which must be JSON that was read faultless.

    Goes only into containers that hold a wanted value; the decoder of the standard library steps
    over the others. Paths that lead nowhere are left out.
    """
    wanted = set(paths)
    tree: dict[str | int, Any] = {}
    for path in wanted:
        node = tree
        for token in path:
            node = node.setdefault(token, {})
    start = skip_blank(text, 0)
    walk = _Walk(text, wanted)
    if () in wanted:
        walk.offsets[()] = (start, None)
    if tree:
        walk.members(start, (), tree, end_needed=False)
    every = sorted({at for pair in walk.offsets.values() for at in pair if at is not None})
    place = dict(zip(every, line_columns(text, every), strict=True))
    return {
        path: Place(place[value], None if key is None else place[key])
        for path, (value, key) in walk.offsets.items()
    }


class _Walk:
    def __init__(self, text: str, wanted: set[Path]) -> None:
        self.text = text
        self.wanted = wanted
        #: Offsets of a wanted value and of its name.
        self.offsets: dict[Path, tuple[int, int | None]] = {}

    def members(self, at: int, path: Path, tree: dict[str | int, Any], end_needed: bool) -> int:
        """Note what is wanted below the value at ``at``; the offset of its end, if that is needed.

        ``tree`` holds the wanted members. Recursion goes as deep as they do, which the depth
        limit of reading bounds.
        """
        text = self.text
        if text[at] not in "{[":
            return self._step_over(at) if end_needed else at
        closer = "}" if text[at] == "{" else "]"
        missing = len(tree)
        index = 0
        at = skip_blank(text, at + 1)
        while text[at] != closer and (missing or end_needed):
            name_offset: int | None = None
            token: str | int = index
            if closer == "}":
                name_offset = at
                token, at = _DECODER.raw_decode(text, at)
                at = skip_blank(text, skip_blank(text, at) + 1)
            below = tree.get(token)
            if below is not None:
                missing -= 1
                here = (*path, token)
                if here in self.wanted:
                    self.offsets[here] = (at, name_offset)
            if below:
                at = self.members(at, here, below, end_needed or missing > 0)
            elif missing or end_needed:
                at = self._step_over(at)
            index += 1
            if missing or end_needed:
                at = skip_blank(text, at)
                if text[at] == ",":
                    at = skip_blank(text, at + 1)
        return at + 1

    def _step_over(self, at: int) -> int:
        return _DECODER.raw_decode(self.text, at)[1]
