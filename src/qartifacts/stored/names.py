"""The names of stored files: of device documents, and of jobs with their artifacts.

What a service says never becomes a name as it is. Names of devices are checked, ids of jobs are
UUIDs, and ids of artifacts, which may hold anything, are written with escapes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from qartifacts.identifiers import (
    CHILD_ID,
    HISTOGRAM_V1,
    IBM_CONFIGURATION,
    IBM_DEFAULTS,
    IBM_PROPERTIES,
    IBM_STATUS,
    PROBABILITIES_V1,
    SHOTS_V1,
    FormatId,
)
from qartifacts.jsontext import Path

__all__ = [
    "CHILDREN",
    "IBM_PARTS",
    "JOB_RECORD",
    "LEGACY",
    "Descriptor",
    "artifact_name",
    "checked_device",
    "child_name",
    "descriptors",
    "document_name",
    "findings_name",
    "ids_by_name",
    "is_rejected",
    "legacy_name",
    "media_type_of",
    "owner",
    "rejected_name",
]

# ----------------------------------------------------------------------------------------------
# Devices

#: The documents that IBM's service has of each backend, by the ends of their paths.
IBM_PARTS: Final = {
    "configuration": IBM_CONFIGURATION,
    "properties": IBM_PROPERTIES,
    "status": IBM_STATUS,
    "defaults": IBM_DEFAULTS,
}

#: What the names of the vendors' devices are made of; nothing that means more in a path.
_DEVICE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_LONGEST_DEVICE: Final = 100


def checked_device(device: str) -> str:
    """The name of a device, which can stand in a file name.

    Raises:
        ValueError: It cannot.
    """
    if len(device) > _LONGEST_DEVICE or not _DEVICE.fullmatch(device) or ".." in device:
        raise ValueError(f"{device[:80]!r} is not the name of a device")
    return device


def document_name(device: str, format: str, which: str = "") -> str:
    """The name of the file that holds a document of a device.

    Args:
        device: The device, which has been checked.
        format: The format of the document.
        which: Which one it is, where there may be several.
    """
    return ".".join([device, *([which] if which else []), format, "json"])


# ----------------------------------------------------------------------------------------------
# Jobs

#: The record of a stored job, as the service sent it, beside the job's artifacts.
JOB_RECORD: Final = "job.json"
#: The directory beside it that holds a directory for each of the job's children.
CHILDREN: Final = "children"
#: The formats of what stands behind the URLs of older records, by the last words of these.
LEGACY: Final[Mapping[str, FormatId]] = {
    "probabilities": PROBABILITIES_V1,
    "histogram": HISTOGRAM_V1,
    "shots": SHOTS_V1,
}

_JSON: Final = "application/json"
_JSON_TYPE: Final = re.compile(r"application/(?:[^/;\s]+\+)?json", re.ASCII)
#: The media types of files by the ends of their names, packed or not.
_MEDIA_TYPES: Final = {".json": _JSON, ".txt": "text/plain", ".bin": "application/octet-stream"}
_PACKED: Final = ".gz"

#: What stands in a name as it is. Capitals do not: some file systems take them for small letters.
_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-")
#: Characters of a written id, beyond which it is cut and a digest tells it from others: a file
#: name has 255, of which a format takes up to 120, and paths as a whole are limited, too.
_LONGEST: Final = 80
_KEPT: Final = 32
_DIGITS: Final = 32
#: Names that mean something else: to Windows, whatever follows a dot; and the job's own record.
_TAKEN: Final = frozenset(
    {JOB_RECORD.partition(".")[0], "con", "prn", "aux", "nul"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
)
_ESCAPE = re.compile(r"%[0-9a-f]?\Z", re.ASCII)


def artifact_name(id: str, format: str | None = None, media_type: str = _JSON) -> str:
    """The name of the file that holds an artifact of a job.

    Two ids never have one name, not even where case does not count, and no name is a path, hidden,
    like an option, longer than 210 characters, or one that a system has taken. Small letters,
    digits, ``-`` and ``_`` stand as they are, so that a UUID is its own name; all else is written
    as the bytes of UTF-8, each a percent sign and two digits (``a.b`` as ``a%2eb``). Of a long id,
    the start and a digest stand there, with a tilde between, which no other name has.

    Args:
        id: The artifact's id.
        format: Its format; left out of the name where it is no format identifier.
        media_type: Its media type, which chooses the suffix: ``.json``, ``.txt`` or ``.bin``.

    Raises:
        ValueError: The id is empty.
    """
    name = _written(id)
    if format is not None:
        try:
            name = f"{name}.{FormatId(format)}"
        except ValueError:
            pass
    return name + _suffix(media_type)


def _written(id: str) -> str:
    """An id as it stands in a name. It holds no dot."""
    if not id:
        raise ValueError("the id of an artifact is empty")
    data = id.encode("utf-8", "surrogatepass")  # JSON can hold half a character.
    # Of a long one, no more than is looked at.
    text = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02x}" for byte in data[: _LONGEST + 1])
    if len(text) > _LONGEST:
        start = _ESCAPE.sub("", text[:_KEPT])
        text = f"{start}~{hashlib.sha256(data).hexdigest()[:_DIGITS]}"
    if text in _TAKEN or text.startswith("-"):  # It would be read as an option.
        return f"%{data[0]:02x}{text[1:]}"
    return text


def _suffix(media_type: str) -> str:
    kind = media_type.partition(";")[0].strip().lower()
    if _JSON_TYPE.fullmatch(kind):
        return ".json"
    return ".txt" if kind.startswith("text/") else ".bin"


def media_type_of(name: str) -> str | None:
    """The media type of a stored file by the end of its name; None if that is none of a store's."""
    name = name.removesuffix(_PACKED)
    return next((type for end, type in _MEDIA_TYPES.items() if name.endswith(end)), None)


def child_name(id: str) -> str:
    """The name of the directory that holds a child of a job: its UUID in small letters.

    Raises:
        ValueError: The id is no UUID.
    """
    if not CHILD_ID.fullmatch(id):
        raise ValueError(f"a job has a UUID, not {id[:80]!r}")
    return id.lower()


def legacy_name(word: str) -> str:
    """The name of the file that holds what stands behind a URL of an older record.

    Args:
        word: The last word of the URL, one of ``LEGACY``.
    """
    return artifact_name(word, LEGACY[word])


class Descriptor(NamedTuple):
    """What a job record says of one artifact. Nothing of it has been checked but that it is text.

    Attributes:
        id: The artifact's id.
        format: Its format.
        media_type: Its media type; empty where the record says none that is text.
        path: Where in the record it is said.
    """

    id: str
    format: str
    media_type: str
    path: Path


def descriptors(record: Any) -> Iterator[Descriptor]:
    """The descriptors of artifacts in a job record, wherever they stand in it, in its order.

    One is an object that has an ``id``, a ``format`` and a ``media_type``; without that, it may be
    anything. New places come with new versions of the service.

    Args:
        record: The parsed record.
    """
    waiting: list[tuple[Path, Any]] = [((), record)]
    while waiting:
        path, value = waiting.pop()
        inner: list[tuple[Path, Any]] = []
        if isinstance(value, list):
            inner = [((*path, index), each) for index, each in enumerate(value)]
        elif isinstance(value, dict):
            inner = [((*path, name), each) for name, each in value.items()]
            id, format, media_type = map(value.get, ("id", "format", "media_type"))
            if isinstance(id, str) and isinstance(format, str) and "media_type" in value:
                stated = media_type if isinstance(media_type, str) else ""
                yield Descriptor(id, format, stated, path)
        waiting.extend(reversed(inner))


def ids_by_name(ids: Iterable[str]) -> dict[str, str]:
    """Ids of artifacts by what the names of their files may start with, up to a dot.

    That is the id as ``artifact_name`` writes it; or as it is, as people name files who store
    artifacts by hand, unless that is what stands there for another one.
    """
    ids = [id for id in ids if id]
    return {id: id for id in ids} | {_written(id): id for id in ids}


def owner(name: str, ids: Mapping[str, str]) -> str | None:
    """The id of the artifact that a file holds, by the name of the file.

    Args:
        name: The name of the file.
        ids: The artifacts that there are, from ``ids_by_name``. Ids as they are may hold dots, so
            the longest that fits is meant.
    """
    while name:
        if name in ids:
            return ids[name]
        name = name.rpartition(".")[0]
    return None


# ----------------------------------------------------------------------------------------------
# What is kept aside


def rejected_name(name: str) -> str:
    """The name under which something is kept that should have been stored and is wrong.

    Args:
        name: The name, or the path, that it should have had.
    """
    stem, suffix = _divided(name)
    return f"{stem}.rejected{suffix}"


def findings_name(name: str) -> str:
    """The name of the file that says why something was rejected, beside it.

    Args:
        name: The name, or the path, that it should have had.
    """
    stem, suffix = _divided(name)
    return f"{stem}.rejected{'.findings' if suffix == '.txt' else ''}.txt"


def is_rejected(name: str) -> bool:
    """Whether a file holds what was rejected, or says why, by its name."""
    stem = _divided(name.removesuffix(_PACKED))[0]
    return stem.removesuffix(".findings").endswith(".rejected")


def _divided(name: str) -> tuple[str, str]:
    """A name and its suffix, if that is one that stored files have."""
    suffix = next((end for end in _MEDIA_TYPES if name.endswith(end)), "")
    return name.removesuffix(suffix), suffix
