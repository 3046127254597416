"""Fetching a registry's documents: what has changed at the service, and pinning it anew.

A sync asks the service for every format of ``sources.toml`` and of the lockfile, and for those
that the service's OpenAPI document names besides. Formats with local identifiers have no schema at
the service; theirs are translated from its OpenAPI documents, where it has one. Every answer is
checked before anything is written; what is written is written together, or not at all.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from qartifacts.config import DEFAULTS
from qartifacts.errors import (
    BadAnswer,
    KeyNeeded,
    KeyRefused,
    LockfileError,
    NotFound,
    RegistryError,
    UnusableSchema,
)
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import quoted, read
from qartifacts.registry.compatibility import SchemaChange, compare
from qartifacts.registry.dialects import check_schema
from qartifacts.registry.errata import ERRATA, read_errata
from qartifacts.registry.lockfile import (
    DOCUMENT_SOURCES,
    FETCHED,
    LOCAL,
    LOCKFILE,
    PREVIOUS,
    SOURCES,
    STAGED,
    Entry,
    Source,
    entry_of,
    read_lock,
    read_sources,
)
from qartifacts.registry.openapi import translated
from qartifacts.registry.patterns import is_harmless, patterns
from qartifacts.registry.pins import Registry
from qartifacts.registry.references import (
    has_inner_identifiers,
    is_endless,
    references,
    resolve,
)
from qartifacts.registry.storing import GUARD, locked, replace_registry
from qartifacts.source import display_name

__all__ = ["Outcome", "Sync", "Update", "initialise", "sync"]

#: The header in which a mirror states where its documents come from.
STATED: Final = "qartifacts-source"
#: The header in which a mirror states that an identifier is not the service's.
IDENTIFIER: Final = "qartifacts-identifier"
#: Formats that one OpenAPI document may name.
_MOST_FORMATS: Final = 1000
#: The one service whose documents are called its own.
SERVICE: Final = "api.ionq.co"


class Answer(Protocol):
    """What a service answers; ``qartifacts.client`` has it."""

    @property
    def url(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def etag(self) -> str | None: ...
    @property
    def not_modified(self) -> bool: ...


class Service(Protocol):
    """Who is asked; ``qartifacts.client`` has it."""

    @property
    def version(self) -> str: ...
    def schema(self, format: str, *, etag: str | None = None) -> Answer: ...
    def api_docs(self, *, etag: str | None = None, version: str | None = None) -> Answer: ...


class Outcome(StrEnum):
    """What a sync has found of one format."""

    UNCHANGED = "unchanged"
    CONFIRMED = "confirmed"
    RESPELLED = "respelled"
    CHANGED = "changed"
    NEW = "new"
    RESTORED = "restored"
    KEPT = "kept"
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Update:
    """What a sync has found of one format.

    Attributes:
        format: The format.
        outcome: What it is, compared with what was pinned.
        message: One line more, where there is something to say.
        changes: How the schema has changed, and who breaks.
        obsolete: Errata that have ceased to apply.
        entry: What is to be pinned; None if nothing is.
        data: The document, if it is not in place yet.
    """

    format: FormatId
    outcome: Outcome
    message: str = ""
    changes: tuple[SchemaChange, ...] = ()
    obsolete: tuple[str, ...] = ()
    entry: Entry | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Sync:
    """What a sync has found.

    Attributes:
        folder: The registry.
        updates: What it has found of each format.
        notes: What could not be asked.
        written: Whether anything was written.
    """

    folder: str
    updates: tuple[Update, ...]
    notes: tuple[str, ...] = ()
    written: bool = False

    @property
    def drifted(self) -> bool:
        """Whether the service has something else than is pinned."""
        still = (Outcome.UNCHANGED, Outcome.CONFIRMED, Outcome.KEPT)
        return any(each.outcome not in still or each.obsolete for each in self.updates)

    @property
    def refused(self) -> bool:
        """Whether an answer could not be pinned, so that nothing was."""
        return any(each.outcome is Outcome.REFUSED for each in self.updates)

    @property
    def troubled(self) -> bool:
        """Whether people have to do something: answers refused, formats gone, errata obsolete."""
        wrong = (Outcome.REFUSED, Outcome.GONE)
        return any(each.outcome in wrong or each.obsolete for each in self.updates)


#: Told the number of formats that are done, and of all.
Progress = Callable[[int, int], None]


def sync(
    folder: str, service: Service, *, write: bool = True, progress: Progress | None = None
) -> Sync:
    """Bring a registry up to what a service has; or, without ``write``, only say what has changed.

    Raises:
        RegistryError: The directory is no registry, or cannot be used.
        ServiceError: The service cannot be asked; then nothing is written.
        OSError: A file cannot be written.
    """
    if not write:
        return _compared(folder, service, progress)
    read_sources(folder)  # Before anything is created in what may be no registry.
    with locked(folder):
        found = _compared(folder, service, progress)
        if found.refused:
            return found
        entries = _entries(folder)
        documents = {}
        for update in found.updates:
            if update.entry is not None:
                entries[update.format] = update.entry
            if update.data is not None:
                documents[update.format] = update.data
        if entries == _entries(folder) and not documents:
            return found
        replace_registry(folder, entries, documents)
        return replace(found, written=True)


def initialise(folder: str, service: Service, *, progress: Progress | None = None) -> Sync:
    """Create a registry of all formats that are known, fetched from a service.

    Raises:
        RegistryError: There is something already, or an answer cannot be pinned.
        ServiceError: The service cannot be asked; then nothing is created.
        OSError: The directory cannot be created.
    """
    folder = os.path.realpath(folder)
    there = os.path.isdir(folder)
    if there and any(name != GUARD for name in os.listdir(folder)):
        has = "a registry" if os.path.exists(os.path.join(folder, LOCKFILE)) else "something else"
        raise RegistryError(f"{folder} holds {has} already; without --init, it is synced")
    os.makedirs(folder, exist_ok=True)
    try:
        found = _first_sync(folder, service, progress)
    except BaseException:
        _clear(folder, keep=there)
        raise
    if found.refused or not found.written:
        _clear(folder, keep=there)
    return found


def _first_sync(folder: str, service: Service, progress: Progress | None) -> Sync:
    for name, text in (
        (SOURCES, _first_sources()),
        (".gitignore", f"{GUARD}\n{STAGED}/\n{PREVIOUS}/\n"),
    ):
        with open(os.path.join(folder, name), "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    # The same evidence holds there, and the same payloads pass.
    errata = os.path.join(Registry.bundled().folder, ERRATA)
    if os.path.isdir(errata):
        shutil.copytree(errata, os.path.join(folder, ERRATA))
    found = sync(folder, service, progress=progress)
    # What comes with qartifacts is no sign that the service has any.
    fetched = any(each.entry and each.entry.source in FETCHED for each in found.updates)
    if not found.refused and not fetched:
        raise RegistryError("the service has none of the formats; is the base URL right?")
    return found


def _clear(folder: str, *, keep: bool) -> None:
    """Leave things as they were before a registry was to be created."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isdir(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)
    if not keep:
        os.rmdir(folder)


def _first_sources() -> str:
    """``sources.toml`` of a new registry: the formats that are known here, by title."""
    lines = [
        "# The formats that are pinned here. 'qartifacts sync' fetches their schemas, and adds",
        "# formats that the service has besides; registry.lock says what was fetched, and when.",
    ]
    for format, source in read_sources(Registry.bundled().folder).items():
        lines += ["", f'[formats."{format}"]']
        # Without a service to fetch it from, the bundled document and its provenance are taken.
        told = source if source.identifier else Source(source.title)
        lines += [f'{name} = "{text}"' for name, text in told._asdict().items() if text]
    return "\n".join(lines) + "\n"


def _entries(folder: str) -> dict[FormatId, Entry]:
    return read_lock(folder) if os.path.exists(os.path.join(folder, LOCKFILE)) else {}


def _compared(folder: str, service: Service, progress: Progress | None) -> Sync:
    """What the service has, compared with what is pinned."""
    entries = _entries(folder)
    sources = read_sources(folder)
    wanted = list(dict.fromkeys([*sources, *entries]))
    bundled = read_sources(Registry.bundled().folder)
    documents = _OpenApi(service)
    discovered, notes = _discovered(documents)
    others = [format for format in discovered if format not in wanted]
    updates = []
    for done, format in enumerate([*wanted, *others], 1):
        old = entries.get(format)
        source = _source(sources.get(format, Source("")), bundled.get(format), old)
        # A mirror names what it has, whosever the identifier is.
        if source.identifier and format not in discovered:
            update = _translated(folder, documents, format, old, source)
        else:
            update = _asked(folder, service, format, old, source)
        if update.outcome is Outcome.GONE and format in others:
            notes.append(f"{format} is named by the service, which has no schema of it")
        else:
            updates.append(update)
        if progress is not None:
            progress(done, len(wanted) + len(others))
    return Sync(folder, tuple(updates), tuple(notes))


def _source(source: Source, bundled: Source | None, old: Entry | None) -> Source:
    """What is known of a format; what people left out is as in the bundled registry.

    Of a format that it holds, nobody else says whose the identifier is.
    """
    if source.operation:
        return source
    if bundled is None:
        identifier = source.identifier or (old.identifier if old is not None else "")
        return source._replace(identifier=identifier)
    return source._replace(
        identifier=bundled.identifier,
        operation=bundled.operation,
        openapi=bundled.openapi,
        component=bundled.component,
    )


class _OpenApi:
    """The OpenAPI documents of one service, each asked for once."""

    def __init__(self, service: Service) -> None:
        self._service: Final = service
        self._answers: Final[dict[str, tuple[Any, Answer | None, str]]] = {}

    def of(self, version: str = "") -> tuple[Any, Answer | None, str]:
        """A document, the answer that it came in, and why there is none if there is none.

        Args:
            version: Of which version of the service; by default of the one that is asked.
        """
        own = version in ("", self._service.version)
        key = "" if own else version
        if key not in self._answers:
            self._answers[key] = self._asked(None if own else version)
        return self._answers[key]

    def _asked(self, version: str | None) -> tuple[Any, Answer | None, str]:
        of = f" of version {version}" if version else ""
        try:
            answer = self._service.api_docs(version=version)
        except NotFound:
            return None, None, f"the service has no OpenAPI document{of}"
        except (BadAnswer, KeyNeeded, KeyRefused) as error:
            if version is None and not isinstance(error, BadAnswer):
                raise
            return None, None, str(error)
        reading = read(answer.data, DEFAULTS)
        if reading.faults or not isinstance(reading.value, dict):
            return None, answer, f"the service's OpenAPI document{of} is no JSON"
        return reading.value, answer, ""


def _translated(
    folder: str, documents: _OpenApi, format: FormatId, old: Entry | None, source: Source
) -> Update:
    """What an OpenAPI document of the service says of a format with a local identifier."""
    if not source.openapi:
        return _kept(folder, format, old, source, "no service has an endpoint for its schema")
    openapi, answer, problem = documents.of(source.openapi)
    if openapi is None or answer is None:
        return _kept(folder, format, old, source, problem)
    try:
        document = translated(openapi, source.operation, format, source.component)
        if document is None:
            answering = f" that answers with a {source.component}" if source.component else ""
            message = f"the service has no operation {source.operation}{answering}"
            if old is None or old.source not in ("openapi", "mirror"):
                return _kept(folder, format, old, source, message)
            return Update(format, Outcome.GONE, f"{message}; its pin stays")
        data = (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
        check_document(data, format)
    except UnusableSchema as error:
        return Update(format, Outcome.REFUSED, str(error))
    made = _provenance(answer, old, source.title or _title(data, format))
    made = made._replace(
        source="openapi" if made.source == "endpoint" else made.source,
        where=", ".join(filter(None, (answer.url, source.operation, source.component))),
        stated="",
        etag="",  # It is not of this document.
        identifier=LOCAL,
    )
    return _update(folder, format, old, data, made)


def _kept(folder: str, format: FormatId, old: Entry | None, source: Source, why: str) -> Update:
    """A format whose schema cannot be asked for: its pin stays, or is that of the package."""
    bundled = Registry.bundled()
    if old is None and format in bundled:
        pin = bundled[format]
        data = pin.read_bytes()
        fields = {name: getattr(pin, name) for name in Entry._fields}
        provenance = Entry(**{**fields, "title": source.title or pin.title})
        made = entry_of(data, provenance, read_errata(folder, format), format)
        message = f"{_origin(made)}, as it comes with qartifacts: {why}"
        return Update(format, Outcome.NEW, message, entry=made, data=data)
    # Its document is as it was, and its errata may be new.
    pinned = _pinned_bytes(folder, format, old)
    if old is None or pinned is None:
        return Update(format, Outcome.GONE, f"{why}, and there is no pin")
    made = entry_of(pinned, old, read_errata(folder, format), format)
    obsolete = tuple(each for each in made.obsolete if each not in old.obsolete)
    return Update(format, Outcome.KEPT, f"{why}; its pin stays", obsolete=obsolete, entry=made)


def _asked(
    folder: str, service: Service, format: FormatId, old: Entry | None, source: Source
) -> Update:
    """What the service has of one format."""
    pinned = _pinned_bytes(folder, format, old)
    etag = old.etag if old is not None and pinned is not None and old.etag else None
    try:
        answer = service.schema(format, etag=etag)
    except NotFound:
        return Update(format, Outcome.GONE, "the service has no such format; its pin stays")
    if answer.not_modified:
        data = pinned or b""
    else:
        data = answer.data
        try:
            check_document(data, format)
        except UnusableSchema as error:
            return Update(format, Outcome.REFUSED, str(error))
    provenance = _provenance(answer, old, source.title or _title(data, format))
    local = source.identifier == LOCAL or (
        # A mirror may say it of a format that is not known here, which then is one of its own.
        answer.headers.get(IDENTIFIER) == LOCAL
        and provenance.source != "endpoint"
        and format not in Registry.bundled()
    )
    provenance = provenance._replace(identifier=LOCAL if local else "")
    return _update(folder, format, old, data, provenance)


def _update(
    folder: str, format: FormatId, old: Entry | None, data: bytes, provenance: Entry
) -> Update:
    """A document that the service has, compared with the one that is pinned."""
    pinned = _pinned_bytes(folder, format, old)
    errata = read_errata(folder, format)
    try:
        entry = entry_of(data, provenance, errata, format)
    except LockfileError as error:
        return Update(format, Outcome.REFUSED, str(error))
    before = () if old is None else old.obsolete
    obsolete = tuple(each for each in entry.obsolete if each not in before)
    made = Update(format, Outcome.NEW, obsolete=obsolete, entry=entry, data=data)
    if old is None:
        return replace(made, message=_origin(entry))
    if old.sha256 == entry.sha256:
        return _the_same(made, old, entry, in_place=pinned is not None)
    if old.canonical_sha256 == entry.canonical_sha256:
        message = "the same document with other spacing, or in another order"
        return replace(made, outcome=Outcome.RESPELLED, message=message)
    changes = () if pinned is None else compare(_document(pinned), _document(data), name=format)
    message = f"{_origin(old)} is replaced by {_origin(entry)}"
    return replace(made, outcome=Outcome.CHANGED, message=message, changes=changes)


def _the_same(made: Update, old: Entry, entry: Entry, *, in_place: bool) -> Update:
    """An update for a document whose bytes are those that were pinned."""
    if not in_place:
        message = "the pinned file was missing or modified"
        return replace(made, outcome=Outcome.RESTORED, message=message)
    if entry.source == "endpoint" != old.source:
        message = f"{_origin(old)} is what the endpoint has"
        return replace(made, outcome=Outcome.CONFIRMED, message=message, data=None)
    # The day on which nothing has changed is no news; errata may be.
    kept = old._replace(
        title=entry.title,
        effective_sha256=entry.effective_sha256,
        errata=entry.errata,
        obsolete=entry.obsolete,
        identifier=entry.identifier,
    )
    return replace(made, outcome=Outcome.UNCHANGED, entry=kept, data=None)


def _pinned_bytes(folder: str, format: FormatId, old: Entry | None) -> bytes | None:
    """The pinned document, if it is there and what was pinned."""
    if old is None:
        return None
    try:
        return Registry(folder, {format: old})[format].read_bytes()
    except RegistryError:
        return None


def _provenance(answer: Answer, old: Entry | None, title: str) -> Entry:
    """Where a document comes from: the service itself, or a mirror and what that states."""
    url = urlsplit(answer.url)
    own = url.scheme == "https" and url.hostname == SERVICE and url.port in (None, 443)
    stated = answer.headers.get(STATED, "")
    if answer.not_modified and not stated and old is not None:
        stated = old.stated
    return Entry(
        sha256="",
        canonical_sha256="",
        title=title,
        source="endpoint" if own else "mirror",
        where=answer.url,
        retrieved=dt.datetime.now(dt.UTC).date().isoformat(),
        stated=stated if stated in DOCUMENT_SOURCES and not own else "",
        etag=answer.etag or (old.etag if answer.not_modified and old is not None else ""),
    )


def _origin(entry: Entry) -> str:
    of = f" of {entry.stated}" if entry.stated else ""
    words = {
        "endpoint": "the endpoint's document",
        "mirror": f"a mirror's document{of}",
        "openapi": "a translation of the service's OpenAPI document",
        "endpoint-example": "the example of the endpoint's reference",
        "documentation": "a transcription of the documentation",
    }
    return words[entry.source]


# ----------------------------------------------------------------------------------------------
# Answers


def check_document(data: bytes, format: FormatId) -> dict[str, Any]:
    """A document that can be pinned as the schema of a format.

    Raises:
        UnusableSchema: It is no strict JSON, no JSON Schema of a known draft, of another format,
            or it refers to what would have to be fetched.
    """
    reading = read(data, DEFAULTS)
    if reading.faults:
        first = reading.faults[0]
        raise UnusableSchema(f"line {first.line}, column {first.column}: {first.message}")
    document = check_schema(reading.value, "the answer")
    stated = document.get("$id")
    if stated != format:
        raise UnusableSchema(f"its $id is {quoted(str(stated))}, not {format}")
    for pattern in patterns(document):
        if not is_harmless(pattern):
            raise UnusableSchema(f"its pattern {quoted(pattern)} could take unbounded time")
    if is_endless(document):
        raise UnusableSchema("a reference in it goes in a circle, and never ends")
    for reference in references(document):
        if not reference.startswith("#") and reference.split("#")[0] != format:
            raise UnusableSchema(f"it refers to {quoted(reference)}, which would be fetched")
        if resolve(document, reference.removeprefix(format)) is None:
            raise UnusableSchema(f"its reference {quoted(reference)} leads nowhere")
    if has_inner_identifiers(document):
        raise UnusableSchema("a part of it has an $id of its own, from which references would go")
    return document


def _document(data: bytes) -> dict[str, Any]:
    document: dict[str, Any] = read(data, DEFAULTS).value
    return document


def _title(data: bytes, format: FormatId) -> str:
    """What to call a format that nobody here has named."""
    document = _document(data)
    for name in ("title", "description"):
        text = document.get(name)
        if isinstance(text, str) and text.strip():
            return display_name(text.strip().splitlines()[0][:80].rstrip("."))
    return format.name


def _discovered(documents: _OpenApi) -> tuple[list[FormatId], list[str]]:
    """Formats that the service's OpenAPI document names, and what could not be asked."""
    openapi, _, problem = documents.of()
    if openapi is None:
        return [], [f"{problem}, so new formats cannot be discovered"]
    found = list(dict.fromkeys(_named(openapi)))
    if len(found) > _MOST_FORMATS:
        note = (
            f"the service names {len(found):,} formats; only the first {_MOST_FORMATS:,} are asked"
        )
        return found[:_MOST_FORMATS], [note]
    return found, []


def _named(openapi: dict[str, Any]) -> Iterator[FormatId]:
    """Format identifiers that an OpenAPI document names.

    They are the values of the path parameter of the schemas endpoint, and the properties of the
    component schemas that catalogue formats.
    """
    for path, item in _items(openapi.get("paths")):
        if path.endswith("/schemas/formats/{format}"):
            yield from _identifiers(_enumerated(item))
    for name, schema in _items(_member(openapi.get("components"), "schemas")):
        if name.endswith("FormatsCatalog"):
            yield from _identifiers(dict(_items(_member(schema, "properties"))))


def _enumerated(value: Any) -> Iterator[str]:
    """Every text in an ``enum`` somewhere below."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "enum" and isinstance(each, list):
                yield from (text for text in each if isinstance(text, str))
            else:
                yield from _enumerated(each)
    elif isinstance(value, list):
        for each in value:
            yield from _enumerated(each)


def _identifiers(texts: Iterable[str]) -> Iterator[FormatId]:
    for text in texts:
        try:
            yield FormatId(text)
        except ValueError:
            continue


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
