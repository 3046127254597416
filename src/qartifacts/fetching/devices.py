"""The documents about a device, from IonQ's service or IBM's.

All that there is of a device is asked for first, then everything is checked, and then it is
written, file by file, each whole. So a fetch that fails on the way leaves nothing, and one that is
killed while it writes leaves whole files.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from qartifacts.config import DEFAULTS, Settings
from qartifacts.errors import NotFound
from qartifacts.fetching.aside import leftovers, reasons
from qartifacts.findings import Report
from qartifacts.identifiers import (
    CHILD_ID,
    IBM_BACKENDS,
    IONQ_BACKENDS,
    IONQ_CHARACTERIZATION,
    IONQ_CHARACTERIZATIONS,
    FormatId,
)
from qartifacts.jsontext import quoted, read
from qartifacts.payloads.quantities import instant
from qartifacts.registry import Registry
from qartifacts.source import Source, display_name, write_whole
from qartifacts.stored import IBM_PARTS, checked_device, document_name, rejected_name
from qartifacts.validate import examine

if TYPE_CHECKING:
    from qartifacts.client import Answer, IBMService, Service

__all__ = ["VENDORS", "Document", "FetchedDevice", "Outcome", "Progress", "fetch_device", "parsed"]

#: Whose devices can be asked for.
VENDORS: Final = ("ionq", "ibm")
#: Names of devices that an error lists.
_MOST_NAMES: Final = 30
#: Digits of a digest that tell pages of a listing apart in file names.
_DIGITS: Final = 12

#: Told how many requests have been answered, and of how many; None while that is not known.
Progress = Callable[[int, int | None], None]


class Outcome(StrEnum):
    """What became of a document."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was fetched.

    Attributes:
        format: Its format.
        path: Where it is stored; if it was rejected, where it is kept aside.
        outcome: Whether it is new there, and whether it is right.
        report: What a check of it has found.
        url: Where it was fetched.
        problem: Why it is not what was asked for, if it was rejected for that; else empty.
    """

    format: FormatId
    path: str
    outcome: Outcome
    report: Report
    url: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FetchedDevice:
    """What was fetched of a device.

    Attributes:
        device: Its vendor and name, as in ``ibm:ibm_fez``.
        folder: Where its documents are stored.
        documents: The documents.
        notes: What there is not, or is odd, each in one line.
    """

    device: str
    folder: str
    documents: tuple[Document, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every document is what it should be."""
        return all(each.outcome is not Outcome.REJECTED for each in self.documents)


class _Fetched(NamedTuple):
    """A document as it came, and the file that it belongs in."""

    format: FormatId
    name: str
    answer: Answer
    #: Why it is not what was asked for, if that is known without a check.
    problem: str = ""


def parsed(device: str) -> tuple[str, str]:
    """Vendor and name of a device.

    Raises:
        ValueError: ``device`` is not a known vendor, a colon, and a name.
    """
    vendor, colon, name = device.partition(":")
    if not colon or vendor not in VENDORS:
        raise ValueError(
            f"{device[:80]!r} is no device; write ionq:NAME or ibm:NAME, as in ionq:qpu.forte-1"
        )
    return vendor, checked_device(name)


def fetch_device(
    device: str,
    folder: str | os.PathLike[str] = ".",
    *,
    service: Service | IBMService | None = None,
    at: dt.datetime | None = None,
    history: bool = False,
    since: dt.datetime | int | None = None,
    until: dt.datetime | int | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> FetchedDevice:
    """Fetch the documents about a device, check each, and store them.

    Of one of IonQ's devices these are the list of backends and the characterization that the list
    names; of one of IBM's the list, configuration, properties, status and defaults, as far as
    there are any. A file is called ``<name>.<format>.json`` and holds the bytes that were sent.

    A document that is wrong does not go there: it is kept as ``<name>.<format>.rejected.json``,
    with its findings in a file ``.rejected.txt``, and what was stored before stays.

    Args:
        device: Vendor and name, as in ``ionq:qpu.forte-1`` or ``ibm:ibm_fez``.
        folder: Where to store; it is created if need be.
        service: Whom to ask; by default a ``Service`` or an ``IBMService`` of its own, with the key
            of the environment.
        at: IBM: fetch the properties that were updated last before this time.
        history: IonQ: fetch the list of characterizations of version 0.3, too. It needs a key.
        since: The earliest time of that list, as ``Service.characterizations`` takes it.
        until: The time before which it is, likewise.
        registry: Pinned schemas; those that come with the package by default.
        settings: What limits the check.
        progress: Told how many requests have been answered.

    Raises:
        ValueError: ``device`` is no device, or an argument is not for its vendor, or not as it
            should be. Nothing was asked for then.
        TypeError: ``service`` is another vendor's, or a time is none.
        UnknownFormat: The registry lacks a format of these documents. Nothing was asked for then.
        ServiceError: The service cannot be asked, and nothing was written; ``NotFound`` if it has
            no such device.
        OSError: A file cannot be written.
    """
    vendor, name = parsed(device)
    if vendor == "ionq" and at is not None:
        raise ValueError("at is for IBM's devices; those of IonQ have a history")
    if vendor == "ibm" and (history or since is not None or until is not None):
        raise ValueError("there is a history of IonQ's devices only; for IBM's, say at")
    if not history and (since is not None or until is not None):
        raise ValueError("since and until are about the history, which was not asked for")
    pins = Registry.bundled() if registry is None else registry
    for format in _formats(vendor, history=history):
        pins[format]  # Before anything is asked for.
    notes: list[str] = []
    with _Asking(vendor, service) as asked_service:
        steps: Iterator[tuple[_Fetched, int | None]]
        if vendor == "ionq":
            steps = _of_ionq(asked_service, name, notes, history, since, until)
        else:
            steps = _of_ibm(asked_service, name, notes, at)
        fetched = []
        for number, (each, total) in enumerate(steps, 1):
            fetched.append(each)
            if progress is not None:
                progress(number, total)
    folder = os.fspath(folder)
    settings = DEFAULTS if settings is None else settings
    checked = [_checked(each, folder, pins, settings) for each in fetched]
    os.makedirs(folder, exist_ok=True)
    documents = tuple(_stored(*each) for each in checked)
    good = (each.path for each in documents if each.outcome is not Outcome.REJECTED)
    notes += leftovers(good)
    return FetchedDevice(f"{vendor}:{name}", folder, documents, tuple(notes))


class _Asking:
    """While a service is asked: one that was given stays open, one of our own is closed."""

    def __init__(self, vendor: str, given: Service | IBMService | None) -> None:
        from qartifacts.client import IBMService, Service

        kind: type[Service | IBMService] = Service if vendor == "ionq" else IBMService
        if given is not None and not isinstance(given, kind):
            wrong = type(given).__name__
            raise TypeError(f"a device of {vendor} is asked for at a {kind.__name__}, not {wrong}")
        self._own: Service | IBMService | None = kind() if given is None else None
        self._service: Any = given if given is not None else self._own

    def __enter__(self) -> Any:
        return self._service

    def __exit__(self, *_: object) -> None:
        if self._own is not None:
            self._own.close()


def _formats(vendor: str, *, history: bool) -> tuple[FormatId, ...]:
    if vendor == "ibm":
        return (IBM_BACKENDS, *IBM_PARTS.values())
    more = (IONQ_CHARACTERIZATIONS,) if history else ()
    return (IONQ_BACKENDS, IONQ_CHARACTERIZATION, *more)


# ----------------------------------------------------------------------------------------------
# Asking


def _of_ionq(
    service: Service,
    name: str,
    notes: list[str],
    history: bool,
    since: dt.datetime | int | None,
    until: dt.datetime | int | None,
) -> Iterator[tuple[_Fetched, int | None]]:
    """The documents of one of IonQ's devices, each with the number of all."""
    # Before the first request, so that wrong times are told at once.
    pages = service.characterizations(name, start=since, end=until) if history else None
    total = None if history else 2
    answer = service.backends()
    yield _Fetched(IONQ_BACKENDS, document_name(name, IONQ_BACKENDS), answer), total
    listed = _listed(_value(answer), "backend")
    if listed is None:
        notes.append("the list of backends cannot be read, so no characterization was asked for")
    else:
        entry = _entry(listed, name, answer)
        current = _characterization(service, name, entry.get("characterization_id"), notes)
        if current is not None:
            value = _value(current)
            problem = _another(value, current, "backend", name) or _another(
                value, current, "id", entry["characterization_id"]
            )
            file = document_name(name, IONQ_CHARACTERIZATION)
            yield _Fetched(IONQ_CHARACTERIZATION, file, current, problem), total
    if pages is not None:
        yield from ((page, None) for page in _history(pages, name, notes))


def _characterization(service: Service, name: str, id: Any, notes: list[str]) -> Answer | None:
    """The newest characterization of a device, if there is one."""
    if id is None:
        notes.append(f"{name} has no characterization")
        return None
    if not isinstance(id, str) or not CHILD_ID.fullmatch(id):
        notes.append(f"the characterization_id of {name} is no UUID, so nothing was asked for")
        return None
    try:
        return service.characterization(name, id)
    except NotFound as error:
        notes.append(str(error))
        return None


def _history(pages: Iterator[Answer], name: str, notes: list[str]) -> Iterator[_Fetched]:
    """The pages of the list of characterizations; one that holds none is left out."""
    number = 0
    for answer in pages:
        value = _value(answer)
        entries = value.get("characterizations", ...) if isinstance(value, dict) else ...
        if entries is not None and entries != []:
            # By what it holds: another time asked for must not take the place of this one.
            which = f"page-{hashlib.sha256(answer.data).hexdigest()[:_DIGITS]}"
            number += 1
            file = document_name(name, IONQ_CHARACTERIZATIONS, which)
            yield _Fetched(IONQ_CHARACTERIZATIONS, file, answer)
    if not number:
        notes.append(f"{name} has no characterizations of version 0.3 in that time")


def _of_ibm(
    service: IBMService, name: str, notes: list[str], at: dt.datetime | None
) -> Iterator[tuple[_Fetched, int | None]]:
    """The documents of one of IBM's devices, each with the number of all."""
    from qartifacts.client.operations import aware

    if at is not None:
        aware(at, "at")  # Before the first request.
    total = 1 + len(IBM_PARTS)
    answer = service.backends()
    yield _Fetched(IBM_BACKENDS, document_name(name, IBM_BACKENDS), answer), total
    value = _value(answer)
    listed = _listed(value.get("devices") if isinstance(value, dict) else None, "name")
    if listed is None:
        notes.append("the list of backends cannot be read; the device was asked for all the same")
    else:
        _entry(listed, name, answer)
    for part, format in IBM_PARTS.items():
        try:
            if part == "properties":
                answer = service.properties(name, updated_before=at)
            else:
                answer = getattr(service, part)(name)
        except NotFound as error:  # Of simulators, there are no properties and defaults.
            notes.append(str(error))
            continue
        value = _value(answer)
        problem = _another(value, answer, "backend_name", name)
        which = ""
        if part == "properties" and at is not None:
            # Beside those of today, not in their place.
            which = f"before-{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
            problem = problem or _too_late(value, answer, at)
        yield _Fetched(format, document_name(name, format, which), answer, problem), total


def _value(answer: Answer) -> Any:
    """What an answer holds; None if it is no JSON, of which its check will tell."""
    return read(answer.data, DEFAULTS).value


def _listed(value: Any, name: str) -> dict[str, dict[str, Any]] | None:
    """The entries of a list of devices by their names; None if it is no such list."""
    if not isinstance(value, list):
        return None
    entries = (entry for entry in value if isinstance(entry, dict))
    return {entry[name]: entry for entry in entries if isinstance(entry.get(name), str)}


def _entry(listed: dict[str, dict[str, Any]], name: str, answer: Answer) -> dict[str, Any]:
    """The entry of a device.

    Raises:
        NotFound: There is none.
    """
    if name in listed:
        return listed[name]
    names = [display_name(each[:80]) for each in sorted(listed)[:_MOST_NAMES]]
    if len(listed) > _MOST_NAMES:
        names.append(f"and {len(listed) - _MOST_NAMES} more")
    has = f"it has {', '.join(names)}" if names else "it has none at all"
    raise NotFound(f"the service has no device {name}; {has}", answer.url, answer.status)


def _another(value: Any, answer: Answer, member: str, wanted: str) -> str:
    """Why a document is about something else than was asked for; empty if it is not."""
    stated = value.get(member) if isinstance(value, dict) else None
    if isinstance(stated, str) and stated != wanted:
        return f"{answer.url} gives a document with the {member} {quoted(stated)}"
    return ""


def _too_late(value: Any, answer: Answer, at: dt.datetime) -> str:
    """Why properties are not those of before a time; empty if they are, or do not say."""
    stated = value.get("last_update_date") if isinstance(value, dict) else None
    when = instant(stated) if isinstance(stated, str) else None
    if when is None or when < at:
        return ""
    return f"{answer.url} gives properties of {quoted(str(stated))}, not of before {at.isoformat()}"


# ----------------------------------------------------------------------------------------------
# Checking and storing


def _checked(
    fetched: _Fetched, folder: str, registry: Registry, settings: Settings
) -> tuple[Document, bytes]:
    """A document with its findings and the place where it belongs, and its bytes."""
    path = os.path.join(folder, fetched.name)
    data = fetched.answer.data
    # Not as a file: another one lies in its place perhaps, and a job record beside it.
    source = Source(path, data=data)
    report = examine(source, format=fetched.format, registry=registry, settings=settings).report
    outcome = Outcome.NEW if report.ok and not fetched.problem else Outcome.REJECTED
    if outcome is Outcome.REJECTED:
        path = os.path.join(folder, rejected_name(fetched.name))
        report = replace(report, source=path)
    url = fetched.answer.url
    return Document(fetched.format, path, outcome, report, url, fetched.problem), data


def _stored(document: Document, data: bytes) -> Document:
    """Write a document, and with one that was rejected what is wrong with it."""
    if document.outcome is Outcome.REJECTED:
        # The findings first: what has none beside it would be kept without a word.
        text = reasons(document.url, document.problem, document.report)
        write_whole(f"{document.path.removesuffix('.json')}.txt", text)
        write_whole(document.path, data)
        return document
    try:
        with open(document.path, "rb") as file:
            there = file.read(len(data) + 1)
    except FileNotFoundError:
        write_whole(document.path, data)
        return document
    if there == data:
        return replace(document, outcome=Outcome.UNCHANGED)
    write_whole(document.path, data)
    return replace(document, outcome=Outcome.CHANGED)
