"""Globs of a configuration. They mean what a line of a ``.gitignore`` means.

``*`` and ``?`` stay within a name, ``[a-z]`` and ``[!a-z]`` are one character of it, and ``**``
between slashes is any number of directories. A glob with a slash at its start or within it is a
path from the configuration's directory; one without is a name at any depth. With a slash at its end
it is about directories only. What is true of a directory is true of everything in it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, Self

__all__ = ["Glob"]

#: Any number of directories, the fewest first.
_DIRECTORIES: Final = "(?:[^/]+/)*?"


class Glob(NamedTuple):
    """A glob that has been understood.

    Attributes:
        text: How it is written.
        pattern: What a whole path must match.
    """

    text: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, text: str) -> Self:
        """The glob that ``text`` writes.

        Raises:
            ValueError: It is none, or what git would take it for is hardly what is meant: it is
                empty, starts with ``!``, leads out of the directory, has a backslash or braces,
                ``**`` beside other characters, or a set that is not closed.
        """
        return cls(text, re.compile(_pattern(text), re.DOTALL))

    def matches(self, path: str) -> bool:
        """Whether it is true of a path, which is relative, parted by ``/``.

        The path of a directory has a slash at its end; that of the configuration's own is empty.
        """
        return self.pattern.fullmatch(path) is not None


def _pattern(text: str) -> str:
    """A regular expression for whole paths that takes time in proportion to their length.

    Of several stretches that a star may stand for, the shortest one before what must follow is
    taken for good, ``(?>...)``: whatever can follow a longer one can follow that, too.
    """
    if not text.strip("/ "):
        raise ValueError("a glob names something")
    if text.startswith("!"):
        raise ValueError("no glob takes back what another one says: there is no ! at the start")
    if "\\" in text:
        raise ValueError("directories are parted by /, and [*] is a star itself: no backslashes")
    segments = text.removeprefix("/").removesuffix("/").split("/")
    if {"", ".", ".."} & set(segments):
        raise ValueError(
            "a glob is a path from the directory of the configuration: no //, no ./ and no ../"
        )
    if "/" not in text[:-1]:
        segments.insert(0, "**")
    runs: list[list[str]] = [[]]
    for segment in segments:
        if segment == "**":
            runs.append([])
        else:
            runs[-1].append(_segment(segment))
    return _joined(runs, end="/.*" if text.endswith("/") else "(?:/.*)?")


def _joined(runs: list[list[str]], *, end: str) -> str:
    """A path that starts with the first run of names; ``**`` stands before each of the others."""
    first, *others = runs
    if not others:
        return "/".join(first) + end
    *between, last = others
    parts = [f"{name}/" for name in first]
    parts += [f"(?>{_DIRECTORIES}{'/'.join(run)}/)" for run in between if run]
    if last:
        parts.append(_DIRECTORIES + "/".join(last) + end)
    else:  # Whatever is inside; if it must be a directory, it has something inside in turn.
        parts.append(".*" if end != "/.*" else f"[^/]+{end}")
    return "".join(parts)


def _segment(glob: str) -> str:
    """A regular expression for one name in a path."""
    if "**" in glob:
        raise ValueError("** stands alone between slashes, as in **/*.json")
    fixed = [""]  # What stands between the stars.
    at = 0
    while at < len(glob):
        character = glob[at]
        at += 1
        if character == "*":
            fixed.append("")
        elif character == "?":
            fixed[-1] += "[^/]"
        elif character == "[":
            members, at = _set(glob, at)
            fixed[-1] += members
        elif character in "{}":
            raise ValueError("braces are not expanded: write two globs, or [{] for a brace itself")
        else:
            fixed[-1] += re.escape(character)
    if len(fixed) == 1:
        return fixed[0]
    first, *between, last = fixed
    if not any(fixed):
        return "[^/]+"
    return first + "".join(f"(?>[^/]*?{each})" for each in between) + "[^/]*" + last


def _set(glob: str, at: int) -> tuple[str, int]:
    """A regular expression for a set of characters, and where it ends; ``at`` is behind its [."""
    excluding = glob[at : at + 1] in ("!", "^")
    start = at + excluding
    end = glob.find("]", start + 1)  # One that comes first is a member.
    if end < 0:
        raise ValueError("a set of characters is not closed: [[] is a bracket itself")
    members = glob[start:end]
    if "[:" in members:
        raise ValueError("classes such as [:digit:] are not known: write [0-9]")
    written = []
    while members:
        if len(members) > 2 and members[1] == "-":
            low, high, members = members[0], members[2], members[3:]
            if low > high:
                raise ValueError(f"the range {low}-{high} holds no character")
            written.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            written.append(re.escape(members[0]))
            members = members[1:]
    return f"(?!/)[{'^' if excluding else ''}{''.join(written)}]", end + 1
