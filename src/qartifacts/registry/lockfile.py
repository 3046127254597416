"""The lockfile of a registry: reading it, and making it from documents and their sources.

``registry.lock`` is JSON. For each format it holds the SHA-256 of the document's bytes, which is
verified whenever the document is loaded; the SHA-256 of its canonical form (RFC 8785), by which
documents are compared whatever their spacing; and where and when the document was read.
``sources.toml`` holds what people write: a title and the source of every document.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from qartifacts.config import DEFAULTS
from qartifacts.errors import LockfileError, MissingDocument
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import read

__all__ = [
    "DOCUMENT_SOURCES",
    "LOCKFILE",
    "SOURCES",
    "Entry",
    "build_lock",
    "document_path",
    "read_lock",
]

LOCKFILE: Final = "registry.lock"
SOURCES: Final = "sources.toml"
_VERSION: Final = 1

#: Where a document can come from; ``sources.toml`` explains them.
DOCUMENT_SOURCES: Final = ("endpoint", "mirror", "endpoint-example", "documentation")


class Entry(NamedTuple):
    """What the lockfile says of one format. Digests are SHA-256 in hexadecimal."""

    sha256: str
    canonical_sha256: str
    title: str
    source: str
    where: str
    retrieved: str


def document_path(folder: str, format: FormatId) -> str:
    """The file of a format's document; identifiers are safe as file names by their syntax."""
    return os.path.join(folder, f"{format}.json")


def read_lock(folder: str) -> dict[FormatId, Entry]:
    """The entries of a registry's lockfile, in its order.

    Raises:
        LockfileError: It is missing, not strict JSON, of another version, or incomplete.
    """
    path = os.path.join(folder, LOCKFILE)
    try:
        with open(path, "rb") as file:
            data = file.read(DEFAULTS.max_bytes + 1)
    except OSError as error:
        raise LockfileError(
            f"{path} cannot be read ({error.strerror}); a registry is a directory with a {LOCKFILE}"
        ) from error
    reading = read(data, DEFAULTS)
    if reading.faults:
        fault = reading.faults[0]
        raise LockfileError(f"{path}:{fault.line}:{fault.column}: {fault.message}")
    lock = reading.value
    version = lock.get("version") if isinstance(lock, dict) else None
    if type(version) is not int or version != _VERSION:
        raise LockfileError(f"{path} is not a lockfile of version {_VERSION}")
    formats = lock.get("formats")
    if not isinstance(formats, dict):
        raise LockfileError(f'{path} has no object "formats"')
    return {_identifier(path, name): _entry(path, name, entry) for name, entry in formats.items()}


def _identifier(path: str, name: str) -> FormatId:
    try:
        return FormatId(name)
    except ValueError as error:
        raise LockfileError(f"{path}: {error}") from None


def _entry(path: str, name: str, entry: object) -> Entry:
    if isinstance(entry, dict):
        texts = {field: entry[field] for field in Entry._fields if field in entry}
        complete = len(texts) == len(Entry._fields)
        if complete and all(isinstance(text, str) for text in texts.values()):
            return _known_source(Entry(**texts), name)
    raise LockfileError(f"{path}: {name} must have the texts {', '.join(Entry._fields)}")


def _known_source(entry: Entry, name: str) -> Entry:
    if entry.source not in DOCUMENT_SOURCES:
        raise LockfileError(f"{name}: its source must be one of {', '.join(DOCUMENT_SOURCES)}")
    return entry


def build_lock(folder: str) -> bytes:
    """The lockfile that the documents and ``sources.toml`` of ``folder`` call for.

    Raises:
        LockfileError: ``sources.toml`` is missing or not understood, or a document is no JSON.
        MissingDocument: A source has no document.
    """
    formats = {
        format: _pinned(folder, format, source) for format, source in _read_sources(folder).items()
    }
    lock = {"version": _VERSION, "formats": formats}
    return (json.dumps(lock, indent=2, ensure_ascii=False) + "\n").encode()


def _read_sources(folder: str) -> dict[FormatId, Mapping[str, Any]]:
    import tomllib

    path = os.path.join(folder, SOURCES)
    try:
        with open(path, "rb") as file:
            formats = tomllib.load(file).get("formats")
    except (OSError, ValueError) as error:
        raise LockfileError(f"{path} cannot be used: {error}") from error
    if not isinstance(formats, dict):
        raise LockfileError(f"{path} has no table [formats]")
    for name, source in formats.items():
        if not isinstance(source, dict):
            raise LockfileError(f'{path}: [formats."{name}"] is not a table')
    return {_identifier(path, name): source for name, source in formats.items()}


def _pinned(folder: str, format: FormatId, source: Mapping[str, Any]) -> dict[str, str]:
    """What the lockfile holds of one format, by the names of an ``Entry``."""
    import rfc8785

    path = document_path(folder, format)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise MissingDocument(path, error.strerror or str(error)) from error
    reading = read(data, DEFAULTS)
    if reading.faults:
        raise LockfileError(f"{path}: {reading.faults[0].message}")
    try:
        canonical = rfc8785.dumps(reading.value)
    except rfc8785.CanonicalizationError as error:
        raise LockfileError(f"{path} has no canonical form: {error}") from error
    # Dates are a type of TOML; whatever else is no text is refused below.
    said = {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in source.items()}
    digests = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "canonical_sha256": hashlib.sha256(canonical).hexdigest(),
    }
    return _entry(os.path.join(folder, SOURCES), format, {**said, **digests})._asdict()
