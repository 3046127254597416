"""The lockfile of a registry: reading it, and making it from documents and their sources.

``registry.lock`` is JSON. For each format it holds the SHA-256 of the document's bytes, which is
verified whenever the document is loaded; the SHA-256 of its canonical form (RFC 8785), by which
documents are compared whatever their spacing; where and when the document was read; and, where
errata are applied, their ids and the canonical digest of the effective schema.

``sources.toml`` holds what people write: which formats to pin, a title, for a document that was
not fetched but written, where it was taken from, and for one that is translated from an OpenAPI
document, from which operation.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from qartifacts.config import DEFAULTS
from qartifacts.errors import LockfileError, MissingDocument
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import read
from qartifacts.registry.errata import Erratum, amended, read_errata

__all__ = [
    "DOCUMENT_SOURCES",
    "FETCHED",
    "LOCAL",
    "LOCKFILE",
    "PREVIOUS",
    "SOURCES",
    "STAGED",
    "Entry",
    "Source",
    "build_lock",
    "canonical_sha256",
    "document_path",
    "entry_of",
    "lock_bytes",
    "read_lock",
    "read_sources",
]

LOCKFILE: Final = "registry.lock"
#: Where a sync puts documents, by digest, until all of them are in place.
STAGED: Final = ".staged"
#: Where the documents are, by digest, that the last sync has replaced: for those who read with the
#: lockfile that was there before.
PREVIOUS: Final = ".previous"
SOURCES: Final = "sources.toml"
_VERSION: Final = 1

#: Sources of documents that a sync has fetched.
FETCHED: Final = ("endpoint", "mirror", "openapi")
#: Whose identifier a format has, if it is not the service's: one that qartifacts made up.
LOCAL: Final = "local"
#: Where a document can come from; ``sources.toml`` explains them.
DOCUMENT_SOURCES: Final = (*FETCHED, "endpoint-example", "documentation")


class Entry(NamedTuple):
    """What the lockfile says of one format. Digests are SHA-256 in hexadecimal.

    Attributes:
        sha256: Digest of the document's bytes.
        canonical_sha256: Digest of its canonical form.
        title: What the format holds, in a few words.
        source: Where the document comes from, one of ``DOCUMENT_SOURCES``.
        where: The place it was read at.
        retrieved: The day it was read, ``YYYY-MM-DD``.
        stated: The source that a mirror stated; empty for all others.
        etag: What the server calls this version of the document; empty if nothing.
        effective_sha256: Canonical digest with errata applied; empty where there are none.
        errata: Ids of the errata that are applied, in their order.
        obsolete: Ids of errata that no longer apply, and so are not.
        identifier: ``local`` if the identifier is not the service's; else empty.
    """

    sha256: str
    canonical_sha256: str
    title: str
    source: str
    where: str
    retrieved: str
    stated: str = ""
    etag: str = ""
    effective_sha256: str = ""
    errata: tuple[str, ...] = ()
    obsolete: tuple[str, ...] = ()
    identifier: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The entry as it stands in the lockfile: what is empty is left out."""
        return {name: value for name, value in self._asdict().items() if value}


_REQUIRED: Final = Entry._fields[:6]
_TEXTS: Final = (*_REQUIRED, "stated", "etag", "effective_sha256", "identifier")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_LISTS: Final = ("errata", "obsolete")
_API_VERSION: Final = re.compile(r"v[0-9]+(?:\.[0-9]+)*")


class Source(NamedTuple):
    """What ``sources.toml`` says of one format.

    Attributes:
        title: What the format holds, in a few words.
        source: Where its document was taken from, if it was written by hand; else empty.
        where: The place it was taken from; else empty.
        retrieved: The day that was read, ``YYYY-MM-DD``; else empty.
        identifier: ``local`` if the identifier is not the service's; else empty.
        operation: The operation whose answers have the format, as in ``GET /backends``, if an
            OpenAPI document says what it is; else empty.
        openapi: The version of the service whose OpenAPI document that is, as in ``v0.4``; empty if
            no service gives one.
        component: The component schema of that document that is meant, where the operation answers
            with one of several; else empty.
    """

    title: str
    source: str = ""
    where: str = ""
    retrieved: str = ""
    identifier: str = ""
    operation: str = ""
    openapi: str = ""
    component: str = ""


def document_path(folder: str, format: FormatId) -> str:
    """The file of a format's document; identifiers are safe as file names by their syntax."""
    return os.path.join(folder, f"{format}.json")


# ----------------------------------------------------------------------------------------------
# Reading


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
        texts = {field: entry[field] for field in _TEXTS if field in entry}
        lists = {field: entry[field] for field in _LISTS if field in entry}
        if (
            texts.keys() >= set(_REQUIRED)
            and all(isinstance(text, str) for text in texts.values())
            and all(_is_list_of_texts(each) for each in lists.values())
            and all(_DIGEST.fullmatch(texts.get(f, "")) for f in ("sha256", "canonical_sha256"))
        ):
            ids: Any = {field: tuple(each) for field, each in lists.items()}
            entry = Entry(**texts, **ids)
            if entry.identifier not in ("", LOCAL):
                raise LockfileError(f"{path}: {name}: its identifier can only be {LOCAL}")
            return _known_source(entry, name)
    raise LockfileError(
        f"{path}: {name} must have the texts {', '.join(_REQUIRED)}, two of them SHA-256 digests"
    )


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _known_source(entry: Entry, name: str) -> Entry:
    if entry.source not in DOCUMENT_SOURCES:
        raise LockfileError(f"{name}: its source must be one of {', '.join(DOCUMENT_SOURCES)}")
    return entry


def read_sources(folder: str) -> dict[FormatId, Source]:
    """What ``sources.toml`` says, in its order.

    Raises:
        LockfileError: It is missing or not understood.
    """
    import tomllib

    path = os.path.join(folder, SOURCES)
    try:
        with open(path, "rb") as file:
            formats = tomllib.load(file).get("formats")
    except (OSError, ValueError) as error:
        raise LockfileError(f"{path} cannot be used: {error}") from error
    if not isinstance(formats, dict):
        raise LockfileError(f"{path} has no table [formats]")
    return {_identifier(path, name): _source(path, name, table) for name, table in formats.items()}


def _source(path: str, name: str, table: object) -> Source:
    if not isinstance(table, dict):
        raise LockfileError(f'{path}: [formats."{name}"] is not a table')
    # Dates are a type of TOML.
    said = {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in table.items()}
    known = set(Source._fields)
    by_hand = said.keys() & {"source", "where", "retrieved"}
    if (
        not {"title"} <= said.keys() <= known
        or len(by_hand) in (1, 2)
        or not all(isinstance(value, str) and value for value in said.values())
    ):
        raise LockfileError(
            f'{path}: [formats."{name}"] must have the text title and, if its document was written '
            "by hand, source, where and retrieved"
        )
    from qartifacts.registry.openapi import is_component, is_operation

    made = Source(**said)
    if (
        made.identifier not in ("", LOCAL)
        or (made.operation and not is_operation(made.operation))
        or (made.openapi and not (made.operation and _API_VERSION.fullmatch(made.openapi)))
        or (made.component and not (made.operation and is_component(made.component)))
    ):
        raise LockfileError(
            f'{path}: [formats."{name}"]: identifier can only be {LOCAL}, operation is as in '
            "'GET /backends', and beside it openapi a version as in 'v0.4' and component a name as "
            "in 'SingleCircuitJob'"
        )
    return made


# ----------------------------------------------------------------------------------------------
# Making


def build_lock(folder: str) -> bytes:
    """The lockfile that documents, errata and ``sources.toml`` of ``folder`` call for.

    What a sync has fetched keeps the provenance that the present lockfile gives it.

    Raises:
        LockfileError: ``sources.toml`` is missing or not understood, a document is no JSON, or it
            is neither explained by ``sources.toml`` nor what was fetched.
        MissingDocument: A source has no document.
        UnusableErratum: Errata are not understood.
    """
    present = read_lock(folder) if os.path.exists(os.path.join(folder, LOCKFILE)) else {}
    entries = {}
    for format, source in read_sources(folder).items():
        path = document_path(folder, format)
        try:
            with open(path, "rb") as file:
                data = file.read(DEFAULTS.max_bytes + 1)
        except OSError as error:
            raise MissingDocument(path, error.strerror or str(error)) from error
        provenance = present.get(format)
        fetched = provenance is not None and provenance.source in FETCHED
        if provenance is None or not fetched or not _has_digest(data, provenance.sha256):
            provenance = _by_hand(folder, format, source)
        errata = read_errata(folder, format)
        provenance = provenance._replace(title=source.title, identifier=source.identifier)
        entries[format] = entry_of(data, provenance, errata, path)
    return lock_bytes(entries)


def lock_bytes(entries: Mapping[FormatId, Entry]) -> bytes:
    """A lockfile of these entries."""
    formats = {format: entry.to_dict() for format, entry in entries.items()}
    lock = {"version": _VERSION, "formats": formats}
    return (json.dumps(lock, indent=2, ensure_ascii=False) + "\n").encode()


def entry_of(data: bytes, provenance: Entry, errata: tuple[Erratum, ...], name: str) -> Entry:
    """An entry with the digests of a document, and of its effective form.

    Args:
        data: The document.
        provenance: Where it comes from; its digests are of no account.
        errata: The errata of its format.
        name: How messages call the document.

    Raises:
        LockfileError: The document is no strict JSON, or has no canonical form.
    """
    reading = read(data, DEFAULTS)
    if reading.faults:
        raise LockfileError(f"{name}: {reading.faults[0].message}")
    effective, applied, obsolete = amended(reading.value, errata)
    return provenance._replace(
        sha256=hashlib.sha256(data).hexdigest(),
        canonical_sha256=canonical_sha256(reading.value, name),
        effective_sha256=canonical_sha256(effective, name) if applied else "",
        errata=applied,
        obsolete=obsolete,
    )


def canonical_sha256(document: Any, name: str) -> str:
    """Digest of the canonical form (RFC 8785) of a document.

    Raises:
        LockfileError: It has none: a number is beyond what every reader holds exactly.
    """
    import rfc8785

    try:
        return hashlib.sha256(rfc8785.dumps(document)).hexdigest()
    except rfc8785.CanonicalizationError as error:
        raise LockfileError(f"{name} has no canonical form: {error}") from error


def _has_digest(data: bytes, sha256: str) -> bool:
    return hashlib.sha256(data).hexdigest() == sha256


def _by_hand(folder: str, format: FormatId, source: Source) -> Entry:
    path = os.path.join(folder, SOURCES)
    if not source.source:
        raise LockfileError(
            f"{format} is not the document that was fetched, and {path} does not say where it "
            "comes from; sync it again"
        )
    entry = Entry("", "", source.title, source.source, source.where, source.retrieved)
    return _known_source(entry, path)
