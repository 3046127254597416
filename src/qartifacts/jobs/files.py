"""The files of a stored job, in a directory or in memory.

They are called as ``stored`` says. A name is compared with what is there, and none that a record
gives ever becomes a path.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from qartifacts.config import Settings
from qartifacts.identifiers import CHILD_ID
from qartifacts.payloads.records import Descriptor
from qartifacts.source import Source, open_found
from qartifacts.stored import CHILDREN, artifact_name, ids_by_name, is_rejected, owner

__all__ = ["Directory", "JobFiles", "Memory", "payload_names"]


class JobFiles(Protocol):
    """The files of one job, and those of its children."""

    @property
    def place(self) -> str:
        """How reports call the place that they are in; empty for memory."""

    def names(self) -> frozenset[str]:
        """The files."""

    def source(self, name: str, settings: Settings) -> Source:
        """One of the files.

        Raises:
            OSError: It cannot be read.
        """

    def children(self) -> Mapping[str, JobFiles]:
        """The files of the children that are there, by their ids in lower case."""


class Directory:
    """The files of a job in its directory, which is listed once, as is that of its children.

    Args:
        folder: The directory.
    """

    def __init__(self, folder: str) -> None:
        self._folder: Final = folder
        self._names: frozenset[str] | None = None
        self._children: Mapping[str, Directory] | None = None

    @property
    def place(self) -> str:
        return self._folder

    def names(self) -> frozenset[str]:
        if self._names is None:
            try:
                with os.scandir(self._folder or os.curdir) as entries:
                    self._names = frozenset(each.name for each in entries if _is_file(each))
            except OSError:
                self._names = frozenset()
        return self._names

    def source(self, name: str, settings: Settings) -> Source:
        return open_found(os.path.join(self._folder, name), settings)

    def children(self) -> Mapping[str, JobFiles]:
        if self._children is None:
            self._children = self._listed_children()
        return self._children

    def _listed_children(self) -> Mapping[str, Directory]:
        folder = os.path.join(self._folder, CHILDREN)
        try:
            with os.scandir(folder) as entries:
                found = sorted(
                    each.name for each in entries if CHILD_ID.fullmatch(each.name) and each.is_dir()
                )
        except OSError:
            return {}
        return {name.lower(): Directory(os.path.join(folder, name)) for name in found}


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False  # A link to where nobody may look.


class Memory:
    """The files of a job that is not stored.

    Attributes:
        held: The files by their names.
        below: The same of the children, by their ids in lower case.
    """

    def __init__(self) -> None:
        self.held: Final[dict[str, bytes]] = {}
        self.below: Final[dict[str, Memory]] = {}

    @property
    def place(self) -> str:
        return ""

    def names(self) -> frozenset[str]:
        return frozenset(self.held)

    def source(self, name: str, settings: Settings) -> Source:
        return Source(name, data=self.held[name])

    def children(self) -> Mapping[str, JobFiles]:
        return self.below


def payload_names(
    descriptors: Iterable[Descriptor], names: frozenset[str]
) -> dict[Descriptor, str]:
    """The files that hold artifacts; those that are not there are left out.

    They need not be called as ``fetching`` calls them: any name will do that starts with the id, if
    the artifact is the only one that it can be.
    """
    descriptors = [each for each in descriptors if each.id]
    ids = ids_by_name(each.id for each in descriptors)
    owned: dict[str, list[str]] = {}
    for name in sorted(names):
        id = owner(name, ids)
        if id is not None and not is_rejected(name):
            owned.setdefault(id, []).append(name)
    found = {}
    for descriptor in descriptors:
        its = _name_of(descriptor, owned.get(descriptor.id, []))
        if its is not None:
            found[descriptor] = its
    return found


def _name_of(descriptor: Descriptor, candidates: list[str]) -> str | None:
    fetched = artifact_name(descriptor.id, descriptor.format, descriptor.media_type)
    if fetched in candidates:
        return fetched
    said = [name for name in candidates if f".{descriptor.format}." in name]
    # Without a format in its name, it is what the record says.
    plain = [name for name in candidates if not _FORMAT.search(name)]
    return next(iter(said or plain), None)


_FORMAT = re.compile(r"\.v[0-9]+\.")
