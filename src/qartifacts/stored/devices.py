"""What a directory of stored device documents holds, as the services would give it.

A document is a file ``<device>.<format>.json``, byte for byte as a service sent it. Between device
and format may stand more words, so that there can be several of one format: the pages of a listing,
characterizations of several days. The directory is listed for every question, since files come and
go; names in a question are compared with what is there, and none of them ever becomes a path.

How the files are called is said in ``names.py``: ``fetching`` writes them and ``serve`` offers
them.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from qartifacts.config import DEFAULTS
from qartifacts.identifiers import (
    IBM_BACKENDS,
    IONQ_BACKENDS,
    IONQ_CHARACTERIZATION,
    IONQ_CHARACTERIZATIONS,
    FormatId,
)
from qartifacts.jsontext import read
from qartifacts.source import display_name, open_found
from qartifacts.stored.names import IBM_PARTS

__all__ = ["DeviceStore"]

#: What may stand between the name of a device and the format: which document it is.
_WHICH = re.compile(
    r"\.(?:page-[0-9a-z]+|before-[0-9TZ]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII
)
#: Parsed documents that are kept in memory.
_REMEMBERED: Final = 1024

_log = logging.getLogger(__name__)


class _Stored(NamedTuple):
    """One stored document: what stands before the format in its name, and the file."""

    stem: str
    path: str
    modified: int
    size: int

    def of(self, device: str) -> bool:
        """Whether the name says that it is about a device, whose own name may hold dots."""
        which = self.stem.removeprefix(device)
        return which == "" or (which != self.stem and _WHICH.fullmatch(which) is not None)

    def data(self) -> bytes | None:
        """Its bytes; None if it cannot be read (any more), which is logged."""
        try:
            source = open_found(self.path, DEFAULTS)
        except OSError as error:
            _log.warning("%s cannot be read: %s", display_name(self.path), error.strerror)
            return None
        if source.data is None:
            _log.warning("%s: %s", display_name(self.path), source.faults[0].message)
        return source.data

    def value(self) -> Any:
        """What it holds; None if it cannot be read, which is logged."""
        try:
            return _parsed(self)
        except LookupError:
            return None


@lru_cache(maxsize=_REMEMBERED)
def _parsed(stored: _Stored) -> Any:
    """A parsed document. Time and size of the file only tell its versions apart.

    Raises:
        LookupError: It cannot be read now, which is not remembered.
    """
    data = stored.data()
    if data is None:
        raise LookupError(stored.path)
    reading = read(data, DEFAULTS)
    if reading.faults:
        fault = reading.faults[0]
        place = f"{display_name(stored.path)}:{fault.line}:{fault.column}"
        _log.warning("%s: %s", place, fault.message)
    return reading.value


class DeviceStore:
    """Device documents in a directory, by what a client of the services asks for.

    Answers are the bytes of a document; None means that the store does not hold it.

    Args:
        folder: The directory. What lies deeper in it is not looked at.

    Raises:
        OSError: It cannot be listed.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder: Final = os.fspath(folder)
        os.scandir(self.folder).close()

    def ionq_backends(self) -> bytes | None:
        """The list of IonQ's backends.

        As it was stored; of several lists that differ, one of all backends, each as the list says
        it that was stored for it, or else the list that was stored last.
        """
        return self._list(IONQ_BACKENDS, None, "backend")

    def ibm_backends(self) -> bytes | None:
        """The list of IBM's backends, likewise."""
        return self._list(IBM_BACKENDS, "devices", "name")

    def ibm_part(self, backend: str, part: str) -> bytes | None:
        """A document of one of IBM's backends: one of ``IBM_PARTS``."""
        format = IBM_PARTS.get(part)
        if format is None:
            return None
        found = (each for each in self._stored(format) if each.stem == backend)
        return next((data for each in found if (data := each.data()) is not None), None)

    def characterization(self, backend: str, id: str) -> bytes | None:
        """A characterization of version 0.4 by its UUID.

        A document that has no id is the one of the list of backends.
        """
        for each in self._stored(IONQ_CHARACTERIZATION):
            value = each.value()
            if not isinstance(value, dict) or not _is_of(value, each, backend):
                continue
            stated = value.get("id")
            if stated is None:
                stated = self._listed_characterization(backend)
            if isinstance(stated, str) and stated.lower() == id.lower():
                return each.data()
        return None

    def characterizations(
        self, backend: str, start: int | None, end: int | None, limit: int, page: int
    ) -> bytes | None:
        """A page of the characterizations of version 0.3, the newest first.

        They are those of all stored pages, each once.

        Args:
            backend: The backend.
            start: The earliest time, in milliseconds since 1970.
            end: The time before which they are, likewise.
            limit: How many a page holds, from 1.
            page: Which page, from 1.

        Raises:
            OSError: A stored page cannot be read.
        """
        found: dict[str, dict[str, Any]] = {}
        held = False
        for each in self._stored(IONQ_CHARACTERIZATIONS):
            value = each.value()
            entries = value.get("characterizations") if isinstance(value, dict) else ...
            if not isinstance(entries, list | None):
                raise _unreadable(each)  # Without it, the list would look complete.
            held |= each.of(backend)  # There is an answer, even if it is that there are none.
            for entry in entries or ():
                if isinstance(entry, dict) and _is_of(entry, each, backend):
                    found.setdefault(_identity(entry), entry)
        if not (found or held):
            return None
        within = [entry for entry in found.values() if _is_within(entry, start, end)]
        within.sort(key=lambda entry: (-_seconds(entry), _identity(entry)))
        first = (page - 1) * limit
        left = max(-(-len(within) // limit) - page, 0)
        return _text({"characterizations": within[first : first + limit], "pages": left})

    def _listed_characterization(self, backend: str) -> Any:
        """The id that the list of backends has for the characterization of a backend."""
        data = self.ionq_backends()
        value = None if data is None else read(data, DEFAULTS).value
        entries = (entry for entry in _entries(value) if entry.get("backend") == backend)
        return next((entry.get("characterization_id") for entry in entries), None)

    def _list(self, format: FormatId, member: str | None, name: str) -> bytes | None:
        """A list of devices.

        Args:
            format: Its format.
            member: The member that holds it; None if it is the document itself.
            name: The member of an entry that names its device.
        """
        # A list that was stored for a device goes before others, and newer ones before older ones.
        newest = sorted(self._stored(format), key=lambda each: (-each.modified, each.stem))
        lists = [(each, _data_of(each)) for each in newest]
        if not lists:
            return None
        if len({data for _, data in lists}) == 1:
            return lists[0][1]
        best: dict[str, tuple[bool, dict[str, Any]]] = {}
        for each, _ in lists:
            value = each.value()
            held = value.get(member) if member is not None and isinstance(value, dict) else value
            if not isinstance(held, list):
                raise _unreadable(each)
            for entry in _entries(held):
                device = entry.get(name)
                if not isinstance(device, str):
                    continue
                own = each.of(device)
                if device not in best or (own and not best[device][0]):
                    best[device] = own, entry
        merged = [entry for _, entry in (best[device] for device in sorted(best))]
        return _text(merged if member is None else {member: merged})

    def _leads_out(self, link: str) -> bool:
        """Whether a link leads out of the directory: a store may come from anybody."""
        return os.path.dirname(os.path.realpath(link)) != os.path.realpath(self.folder)

    def _stored(self, format: FormatId) -> Iterator[_Stored]:
        """The documents of a format, in the order of their names."""
        end = f".{format}.json"
        with os.scandir(self.folder) as entries:
            found = [entry for entry in entries if entry.name.endswith(end)]
        for entry in sorted(found, key=lambda each: each.name):
            try:
                if not entry.is_file() or (entry.is_symlink() and self._leads_out(entry.path)):
                    continue
                status = entry.stat()
            except OSError:
                continue  # It has vanished, or is a link to nowhere.
            stem = entry.name.removesuffix(end)
            yield _Stored(stem, entry.path, status.st_mtime_ns, status.st_size)


def _data_of(stored: _Stored) -> bytes:
    data = stored.data()
    if data is None:
        raise _unreadable(stored)
    return data


def _unreadable(stored: _Stored) -> OSError:
    return OSError(errno.EIO, "a stored document cannot be read", stored.path)


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))


def _is_of(value: dict[str, Any], stored: _Stored, backend: str) -> bool:
    """Whether a characterization is of a backend: it says so itself, or the file's name does."""
    stated = value.get("backend")
    return stated == backend if isinstance(stated, str) else stored.of(backend)


def _identity(entry: dict[str, Any]) -> str:
    stated = entry.get("id")
    return stated if isinstance(stated, str) else json.dumps(entry, sort_keys=True)


def _seconds(entry: dict[str, Any]) -> float:
    """When a characterization of version 0.3 was measured; without a date, before all others."""
    date = entry.get("date")
    return date if isinstance(date, (int, float)) and not isinstance(date, bool) else float("-inf")


def _is_within(entry: dict[str, Any], start: int | None, end: int | None) -> bool:
    milliseconds = _seconds(entry) * 1000
    return (start is None or start <= milliseconds) and (end is None or milliseconds < end)


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
