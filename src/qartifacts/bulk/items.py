"""What a run is about: items, one for each payload, and the terms on which they are checked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from qartifacts.config import Settings
from qartifacts.jsontext import fault
from qartifacts.source import Source

if TYPE_CHECKING:
    from qartifacts.hardware import Limits

__all__ = ["UNOPENED", "UNREADABLE", "Against", "Alike", "Item", "Terms", "why_unreadable"]

#: Codes of what is not checked: it cannot be opened or read; or it is passed over on purpose.
UNREADABLE: Final = fault.UNREADABLE
UNOPENED: Final = "QA018"


class Terms(Protocol):
    """What is in force for a file, such as a project's configuration says. It can be pickled."""

    @property
    def are_alike(self) -> bool:
        """Whether settings and format are the same for all files."""

    def settings_for(self, path: str | None, /) -> Settings:
        """Limits, tolerances, and ignored and raised codes; None is what is no file."""

    def format_for(self, path: str | None, /) -> str | None:
        """The format, if it is known beforehand."""

    def is_excluded(self, path: str, /) -> bool:
        """Whether a walk leaves a file, or a directory, whose path ends in a separator, out."""


class Alike(NamedTuple):
    """The same terms for all files."""

    settings: Settings
    format: str | None = None

    @property
    def are_alike(self) -> bool:
        return True

    def settings_for(self, path: str | None, /) -> Settings:
        return self.settings

    def format_for(self, path: str | None, /) -> str | None:
        return self.format

    def is_excluded(self, path: str, /) -> bool:
        return False


class Against(NamedTuple):
    """Terms on which results are held against a device, besides all else.

    Attributes:
        terms: What is in force for each file.
        limits: What the device allows.
    """

    terms: Terms
    limits: Limits

    @property
    def are_alike(self) -> bool:
        return self.terms.are_alike

    def settings_for(self, path: str | None, /) -> Settings:
        return self.terms.settings_for(path)

    def format_for(self, path: str | None, /) -> str | None:
        return self.terms.format_for(path)

    def is_excluded(self, path: str, /) -> bool:
        return self.terms.is_excluded(path)


class Item(NamedTuple):
    """A file to check, or one of the payloads in it, or why there is none.

    Attributes:
        path: The file, as reports call it.
        named: Whether the caller named the file, by itself or by a glob, so that whatever is in it
            should be a result. Else a walk has found it.
        source: What has been read already; None for a file that is still to be opened.
        line: The line of the file on which the payload stands, from 1.
        member: Which payload of the file, where it holds several.
        code: The code of what keeps it from being checked; empty if nothing is known to.
        why: What that is, in words.
        is_stream: Whether it can be opened only once, and perhaps only by this process: standard
            input, a pipe or device that was named, or what is in this process's memory.
        url: What to open instead of a path, if it is behind a URL. ``path`` is then as much of it
            as may be shown.
    """

    path: str
    named: bool = False
    source: Source | None = None
    line: int = 1
    member: str = ""
    code: str = ""
    why: str = ""
    is_stream: bool = False
    url: str = ""

    def unchecked(self, code: str, why: str, member: str = "") -> Item:
        """The finding that the file, or a member of it, is not checked."""
        named = self.named and not member
        return Item(self.path, named, member=member, code=code, why=why)

    def unreadable(self, error: OSError | ValueError) -> Item:
        """The finding that the file cannot be opened or read."""
        return self.unchecked(UNREADABLE, why_unreadable(error))

    @property
    def file(self) -> str | None:
        """The file that it is from; None if it is from none, as standard input is."""
        source = self.source
        return self.path if source is None or source.path or self.member else None

    def below(self, folder: str) -> str:
        """Its file, as it is opened where a relative path begins in ``folder``."""
        path = self.path
        # What has a scheme, as URLs have, is no path; nor is nothing.
        return os.path.join(folder, path) if path and "://" not in path else path

    @property
    def size(self) -> int:
        """Bytes that it holds in memory, about."""
        return len(self.source.data or b"") if self.source is not None else 0


def why_unreadable(error: OSError | ValueError) -> str:
    """Why a file cannot be opened or read, in words."""
    why = error.strerror if isinstance(error, OSError) else None
    return f"it cannot be read: {why or error}"
