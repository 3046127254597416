"""What a folder of stored jobs holds, as the service would give it.

A stored job is a directory (``names.py``): the folder itself may be one, and so may each directory
in it; children lie in their parents' directories. Files come and go, so each question is answered
from what is there at that time. Ids and words in a question are compared with what is there, and
none of them ever becomes a path, except a UUID that is looked for in its own place first.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from stat import S_ISREG
from typing import Final, NamedTuple

from qartifacts.config import DEFAULTS
from qartifacts.identifiers import CHILD_ID
from qartifacts.jsontext import read
from qartifacts.source import display_name, open_found
from qartifacts.stored.names import (
    CHILDREN,
    JOB_RECORD,
    LEGACY,
    Descriptor,
    artifact_name,
    child_name,
    descriptors,
    ids_by_name,
    is_rejected,
    legacy_name,
    media_type_of,
    owner,
)

__all__ = ["JobStore"]

#: Children of children that are looked for: the service has none, and links can lead in circles.
_DEEPEST: Final = 3
#: Job records of which is kept in memory what they say of their artifacts.
_REMEMBERED: Final = 1024
#: What can stand in a header as the type of what follows.
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?: *;[\x20-\x7e]*)?", re.ASCII)

_log = logging.getLogger(__name__)


class _Record(NamedTuple):
    """The record of a stored job. Time and size of the file only tell its versions apart."""

    folder: str
    modified: int
    size: int

    @property
    def path(self) -> str:
        return os.path.join(self.folder, JOB_RECORD)

    def data(self) -> bytes:
        """Its bytes.

        Raises:
            LookupError: It cannot be read now, which is logged.
        """
        try:
            return _read(self.path)
        except OSError as error:
            _log.warning("%s: %s", display_name(self.path), error.strerror)
            raise LookupError(self.path) from error


class _Said(NamedTuple):
    """What a record says."""

    #: The id of the job, in small letters.
    id: str | None
    #: The artifacts by their ids, and the ids by what the names of files may start with.
    artifacts: Mapping[str, tuple[Descriptor, ...]]
    ids: Mapping[str, str]
    #: The ids of the job's own results by their formats.
    results: Mapping[str, str]


@lru_cache(maxsize=_REMEMBERED)
def _said(record: _Record) -> _Said:
    """What a record says.

    Raises:
        LookupError: It cannot be read now, which is not remembered.
    """
    reading = read(record.data(), DEFAULTS)
    if reading.faults:
        fault = reading.faults[0]
        place = f"{display_name(record.path)}:{fault.line}:{fault.column}"
        _log.warning("%s: %s", place, fault.message)
    value = reading.value
    artifacts: dict[str, tuple[Descriptor, ...]] = {}
    for each in descriptors(value):
        artifacts[each.id] = (*artifacts.get(each.id, ()), each)
    id = value.get("id") if isinstance(value, dict) else None
    results = value.get("results") if isinstance(value, dict) else None
    entries = [*results.values()] if isinstance(results, dict) else []
    own = [entry for entry in entries if isinstance(entry, dict)]
    return _Said(
        id.lower() if isinstance(id, str) else None,
        artifacts,
        ids_by_name(artifacts),
        {each.format: each.id for entry in own for each in descriptors({**entry, "more": None})},
    )


class JobStore:
    """Jobs in a folder of job directories, by what a client of the service asks for.

    Answers are bytes as they are stored; None means that the store does not hold it. Of several
    records of one job, one is taken. Threads may share a store.

    Args:
        folder: The folder. It may be the directory of one job itself.

    Raises:
        OSError: It cannot be listed.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder: Final = os.fspath(folder)
        os.scandir(self.folder).close()
        #: The ids of jobs by their records, and their directories by their ids, as last seen.
        self._ids: Mapping[_Record, str | None] = {}
        self._places: Mapping[str, str] = {}

    def record(self, job_id: str) -> bytes | None:
        """The record of a job, by the id that it states."""
        record = self._find(job_id)
        try:
            return None if record is None else record.data()
        except LookupError:
            return None

    def artifact(self, job_id: str, artifact_id: str) -> tuple[bytes, str] | None:
        """An artifact of a job, and its media type.

        That is what the record says of the artifact, or else what the name of the file says.

        Raises:
            OSError: It is there and cannot be read, or is larger than what is read.
        """
        record = self._find(job_id)
        return None if record is None else self._artifact(record, artifact_id)

    def legacy(self, job_id: str, name: str) -> tuple[bytes, str] | None:
        """What stands behind a URL of older records, and its media type.

        It is the job's own result of that format, or else a file of the name that ``legacy_name``
        gives, or the one file of that format that the record does not name.

        Args:
            job_id: The job.
            name: The last word of the URL: ``probabilities``, ``histogram`` or ``shots``.

        Raises:
            OSError: As for ``artifact``.
        """
        record = self._find(job_id)
        if record is None or name not in LEGACY:
            return None
        try:
            said = _said(record)
        except LookupError:
            return None
        format = LEGACY[name]
        if format in said.results:
            return self._artifact(record, said.results[format])
        ends = (f".{format}.json", f".{format}.json.gz")
        left = [
            each
            for each in self._files(record.folder)
            if each.endswith(ends) and owner(each, said.ids) is None
        ]
        if legacy_name(name) in left:
            left = [legacy_name(name)]
        if len(left) != 1:
            return None  # Several, of which none says that it is the one.
        return _read(os.path.join(record.folder, left[0])), "application/json"

    def _artifact(self, record: _Record, id: str) -> tuple[bytes, str] | None:
        try:
            said = _said(record)
        except LookupError:
            return None
        if not id:
            return None
        known = said.artifacts.get(id, ())
        # What the record does not name is found by the name that it would have been given only.
        ids = {artifact_name(id).removesuffix(".json"): id, **said.ids}
        files = [each for each in self._files(record.folder) if owner(each, ids) == id]
        if not files:
            return None
        exact = [artifact_name(id, each.format, each.media_type) for each in known]
        name = next((each for each in exact if each in files), files[0])
        stated = (each.media_type for each in known if _MEDIA_TYPE.fullmatch(each.media_type))
        media_type = next(stated, None) or media_type_of(name) or ""
        return _read(os.path.join(record.folder, name)), media_type

    # ------------------------------------------------------------------------------------------
    # Where jobs are

    def _find(self, job_id: str) -> _Record | None:
        """The record of a job, if it is there.

        Raises:
            OSError: The folder cannot be listed.
        """
        id = job_id.lower()
        for folder in self._likely(id):
            record = self._record_in(folder)
            if record is not None and self._id_of(record) == id and not self._leads_out(folder):
                return record
        ids: dict[_Record, str | None] = {}
        found: dict[str, _Record] = {}
        for folder in self._jobs():
            record = self._record_in(folder)
            if record is None:
                continue
            stated = ids[record] = self._id_of(record)
            if stated is not None:
                found.setdefault(stated, record)
        self._ids = ids
        self._places = {each: record.folder for each, record in found.items()}
        return found.get(id)

    def _likely(self, id: str) -> Iterator[str]:
        """The directories where a job was last time, or has its own place, if it is there."""
        if id in self._places:
            yield self._places[id]
        if CHILD_ID.fullmatch(id):
            name = child_name(id)
            yield os.path.join(self.folder, name)
            for folder in (self.folder, *self._folders_in(self.folder)):
                yield os.path.join(folder, CHILDREN, name)

    def _id_of(self, record: _Record) -> str | None:
        """The id that a record states; None if it states none, or cannot be read."""
        try:
            return self._ids[record] if record in self._ids else _said(record).id
        except LookupError:
            return None

    def _jobs(self) -> Iterator[str]:
        """All directories that may hold a job."""
        yield from self._with_children(self.folder, _DEEPEST)
        for folder in self._folders_in(self.folder):
            if os.path.basename(folder) != CHILDREN:
                yield from self._with_children(folder, _DEEPEST)

    def _with_children(self, folder: str, deepest: int) -> Iterator[str]:
        yield folder
        children = os.path.join(folder, CHILDREN)
        if deepest and not (os.path.islink(children) and self._leads_out(children)):
            try:
                found = self._folders_in(children)
            except (FileNotFoundError, NotADirectoryError):
                return
            for child in found:
                yield from self._with_children(child, deepest - 1)

    def _folders_in(self, folder: str) -> list[str]:
        """The directories in a directory, in the order of their names.

        Raises:
            OSError: It cannot be listed.
        """
        with os.scandir(folder) as entries:
            return sorted(each.path for each in entries if self._may_be_used(each, folder=True))

    def _files(self, folder: str) -> list[str]:
        """The names of the files in a job's directory that may hold artifacts, in order.

        Raises:
            OSError: It cannot be listed.
        """
        with os.scandir(folder) as entries:
            return sorted(
                each.name
                for each in entries
                if each.name != JOB_RECORD
                and media_type_of(each.name) is not None
                and not is_rejected(each.name)
                and self._may_be_used(each, folder=False)
            )

    def _may_be_used(self, entry: os.DirEntry[str], *, folder: bool) -> bool:
        """Whether an entry is a directory, or a file, of the store itself."""
        try:
            fits = entry.is_dir() if folder else entry.is_file()
            return fits and not (entry.is_symlink() and self._leads_out(entry.path))
        except OSError:
            return False  # It cannot be asked what it is.

    def _record_in(self, folder: str) -> _Record | None:
        """The record of the job in a directory, if there is one."""
        path = os.path.join(folder, JOB_RECORD)
        try:
            status = os.stat(path)
        except OSError:
            return None
        if not S_ISREG(status.st_mode) or (os.path.islink(path) and self._leads_out(path)):
            return None
        return _Record(folder, status.st_mtime_ns, status.st_size)

    def _leads_out(self, path: str) -> bool:
        """Whether a path leads out of the store by a link: a store may come from anybody."""
        root = os.path.join(os.path.realpath(self.folder), "")
        return not os.path.join(os.path.realpath(path), "").startswith(root)


def _read(path: str) -> bytes:
    """A file, unpacked if it is packed.

    Raises:
        OSError: It cannot be read, or is larger than what is read.
    """
    source = open_found(path, DEFAULTS)
    if source.data is None:
        raise OSError(errno.EFBIG, source.faults[0].message, path)
    return source.data
