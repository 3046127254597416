"""A job with its artifacts and children, from IonQ's service.

What to ask for depends on what came before: a record names artifacts and children, and a child has
a record of its own. That is worked out here without input or output, step by step, and two short
loops send the requests, one with threads and one with asyncio, eight at a time.

Every artifact is checked and stored as it comes, whole or not at all, the record before them. So a
fetch that fails or is killed on the way leaves what it had, and the next one fetches the rest. A
wrong artifact does not take its place: it is kept aside with its findings.
"""

from __future__ import annotations

import errno
import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from qartifacts.config import Settings
from qartifacts.errors import BadAnswer, InvalidArtifact, NotFound, ServiceError
from qartifacts.fetching.aside import leftovers, reasons
from qartifacts.findings import Report
from qartifacts.identifiers import CHILD_ID, JOB_FORMATS
from qartifacts.jobs import Directory, Job, JobFiles, Memory
from qartifacts.jobs.loading import checked_record, examiners_of
from qartifacts.jsontext import quoted, read
from qartifacts.payloads.records import Descriptor, Record, legacy_urls
from qartifacts.registry import Registry
from qartifacts.source import Source, display_name, open_found, write_whole
from qartifacts.stored import (
    CHILDREN,
    JOB_RECORD,
    artifact_name,
    child_name,
    findings_name,
    media_type_of,
    rejected_name,
)
from qartifacts.validate import Examiners

if TYPE_CHECKING:
    from queue import SimpleQueue
    from threading import Thread

    from qartifacts.client import Answer, AsyncService, Service

__all__ = ["FetchedFile", "FetchedJob", "fetch_job", "fetch_job_async"]

#: Requests under way at a time; the client sends no more.
_AT_A_TIME: Final = 8
#: Children of children; the service has none, and records may name each other in a circle.
_DEEPEST: Final = 3

#: Told how many of the things that are known to be fetched are there, and of how many.
Progress = Callable[[int, int | None], None]


_T = TypeVar("_T")


class Fate(StrEnum):
    """What became of a file."""

    NEW = "new"
    KEPT = "kept"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """One thing that there should be of a job: its record, or an artifact.

    Attributes:
        path: Where it is stored; if it was rejected, where it is kept aside.
        fate: ``new``; ``kept`` if it was there already, and good; ``rejected`` if it is wrong;
            ``failed`` if the service did not give it.
        report: What its check has found; None if it was not checked: text, other bytes, and formats
            that are not pinned.
        problem: Why it is not there, or why it is wrong if that is not in the report.
    """

    path: str
    fate: Fate
    report: Report | None = None
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is there, and not wrong."""
        return self.fate in (Fate.NEW, Fate.KEPT)


class FetchedJob(Job):
    """A job that was fetched, and what became of each of its files.

    Attributes:
        folder: The directory that it is stored in; None if it is in memory.
        files: The record and the artifacts, of the job and of its children, as they came.
        notes: What there is not, or is odd, each in one line.
    """

    def __init__(
        self,
        held: JobFiles,
        folder: str | None,
        files: tuple[FetchedFile, ...],
        notes: tuple[str, ...],
        examiners: Examiners,
    ) -> None:
        super().__init__(held, examiners)
        self.folder: Final = folder
        self.files: Final = files
        self.notes: Final = notes

    @property
    def ok(self) -> bool:
        """Whether all of it is there and right, and nothing contradicts another."""
        return all(file.ok for file in self.files) and super().ok


def fetch_job(
    job_id: str | uuid.UUID,
    folder: str | os.PathLike[str] | None = None,
    *,
    service: Service | None = None,
    again: bool = False,
    registry: Registry | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> FetchedJob:
    """Fetch a job with its artifacts and children, check everything, and store it.

    Without a folder, everything stays in memory. A folder becomes a stored job: ``job.json``, the
    record as the service sent it; each artifact as ``<id>.<format>.json``, or with another suffix
    after its media type; and children in ``children/<id>/`` alike. What is there already, and good,
    is not fetched again, nor is the record of a job that has ended. So a fetch that was stopped can
    be repeated.

    An artifact that is wrong is kept beside its place, as ``<name>.rejected.json``, with its
    findings in a file ``.rejected.txt``.

    Args:
        job_id: The UUID of the job.
        folder: The directory of the job; it is created if need be.
        service: Whom to ask; by default a ``Service`` of its own, with the key of the environment.
        again: Fetch everything anew, also what is there and good.
        registry: Pinned schemas; those that come with the package by default.
        settings: What limits the checks.
        progress: Told how much of what is known to be wanted has been dealt with.

    Returns:
        The job. ``ok`` tells whether all of it is there and right; ``counts()`` and
        ``probabilities()`` refuse to answer if something is wrong.

    Raises:
        ValueError: ``job_id`` is no UUID, or the folder holds another job, or a ``job.json``
            that is none of a job. Nothing was asked for.
        NotFound: There is no such job.
        ServiceError: The service cannot be asked, or cannot any more; what has come is stored.
        InvalidArtifact: The record is wrong; it is kept aside, as ``job.rejected.json``.
        OSError: A file cannot be written.
    """
    fetch = _Fetch(job_id, folder, again, registry, settings, progress)
    with ExitStack() as stack:
        if service is None:
            from qartifacts.client import Service

            service = stack.enter_context(Service())
        _run(fetch, service)
    return fetch.result()


async def fetch_job_async(
    job_id: str | uuid.UUID,
    folder: str | os.PathLike[str] | None = None,
    *,
    service: AsyncService | None = None,
    again: bool = False,
    registry: Registry | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> FetchedJob:
    """The same as ``fetch_job``, from asyncio.

    The arguments, and what is raised, are those of ``fetch_job``; ``progress`` is called from other
    threads, which check and write, one at a time.
    """
    fetch = _Fetch(job_id, folder, again, registry, settings, progress)
    if service is not None:
        await _run_async(fetch, service)
    else:
        from qartifacts.client import AsyncService

        async with AsyncService() as own:
            await _run_async(fetch, own)
    return await _in_thread(fetch.result)


# ----------------------------------------------------------------------------------------------
# Sending


def _run(fetch: _Fetch, service: Service) -> None:
    """Ask for everything, with threads; what comes is dealt with in this one."""
    from concurrent.futures import Future
    from queue import SimpleQueue
    from threading import Thread

    orders: SimpleQueue[_Wanted | None] = SimpleQueue()
    done: SimpleQueue[tuple[_Wanted, Future[Answer]]] = SimpleQueue()

    def work() -> None:
        while (wanted := orders.get()) is not None:
            future: Future[Answer] = Future()
            try:
                future.set_result(wanted.ask(service))
            except BaseException as error:  # noqa: BLE001  # It is raised where it is asked for.
                future.set_exception(error)
            done.put((wanted, future))

    waiting = list(reversed(fetch.start()))
    threads: list[Thread] = []
    under_way = 0
    try:
        while waiting or under_way:
            while waiting and under_way < _AT_A_TIME:
                orders.put(waiting.pop())
                under_way += 1
                if len(threads) < under_way:
                    # Nobody who presses Ctrl-C waits for a service that has fallen silent.
                    threads.append(Thread(target=work, name="qartifacts-fetch", daemon=True))
                    threads[-1].start()
            wanted, future = done.get()
            under_way -= 1
            waiting.extend(reversed(fetch.arrived(wanted, _outcome(future.result))))
    except Exception:
        _dismiss(orders, threads, wait=True)
        raise
    except BaseException:
        _dismiss(orders, threads, wait=False)
        raise
    _dismiss(orders, threads, wait=True)


def _dismiss(orders: SimpleQueue[_Wanted | None], threads: list[Thread], *, wait: bool) -> None:
    """Let threads end once they have nothing to do, and wait for them, or not."""
    for _ in threads:
        orders.put(None)
    for thread in threads if wait else ():
        thread.join()


async def _run_async(fetch: _Fetch, service: AsyncService) -> None:
    """The same with tasks."""
    import asyncio

    waiting = list(reversed(await _in_thread(fetch.start)))
    under_way: dict[asyncio.Task[Answer], _Wanted] = {}
    try:
        while waiting or under_way:
            while waiting and len(under_way) < _AT_A_TIME:
                wanted = waiting.pop()
                under_way[asyncio.ensure_future(wanted.ask_async(service))] = wanted
            done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                wanted = under_way.pop(task)
                outcome = _outcome(task.result)
                waiting.extend(reversed(await _in_thread(fetch.arrived, wanted, outcome)))
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _in_thread(call: Callable[..., _T], *given: Any) -> _T:
    """What a call in another thread gives. Who is cancelled meanwhile waits until it has ended."""
    import asyncio

    running = asyncio.ensure_future(asyncio.to_thread(call, *given))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        # It writes: nothing may appear in the directory once the caller has been told.
        await asyncio.gather(running, return_exceptions=True)
        raise


def _outcome(result: Callable[[], Answer]) -> Answer | ServiceError:
    """An answer, or why there is none, if that is about this one thing.

    Raises:
        ServiceError: Nothing else would come either: the service is gone, or refuses the key.
    """
    try:
        return result()
    except (NotFound, BadAnswer) as error:
        return error


# ----------------------------------------------------------------------------------------------
# What to ask for, and what to do with what comes


@dataclass(slots=True)
class _Branch:
    """A job that is being fetched: the one that was asked for, or a child.

    Attributes:
        id: Its UUID, in small letters.
        shelf: Where its files go.
        depth: How far below the job that was asked for it is.
        record: What its record says, once that is there.
    """

    id: str
    shelf: _Shelf
    depth: int = 0
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One thing to ask the service for.

    Attributes:
        branch: The job that it is of.
        descriptor: The artifact; None for the record.
        url: Where it is, if the record gives a URL.
    """

    branch: _Branch
    descriptor: Descriptor | None = None
    url: str | None = None

    @property
    def name(self) -> str:
        """The file that it belongs in."""
        each = self.descriptor
        return JOB_RECORD if each is None else artifact_name(each.id, each.format, each.media_type)

    def ask(self, service: Service) -> Answer:
        if self.descriptor is None:
            return service.job(self.branch.id)
        if self.url is not None:
            return service.legacy(self.url, self.branch.id)
        return service.artifact(self.branch.id, self.descriptor.id)

    async def ask_async(self, service: AsyncService) -> Answer:
        if self.descriptor is None:
            return await service.job(self.branch.id)
        if self.url is not None:
            return await service.legacy(self.url, self.branch.id)
        return await service.artifact(self.branch.id, self.descriptor.id)


class _Fetch:
    """A fetch on its way. Its methods are called one at a time."""

    def __init__(
        self,
        job_id: str | uuid.UUID,
        folder: str | os.PathLike[str] | None,
        again: bool,
        registry: Registry | None,
        settings: Settings | None,
        progress: Progress | None,
    ) -> None:
        id = str(job_id)
        if not CHILD_ID.fullmatch(id):
            raise ValueError(f"a job has a UUID, not {id[:80]!r}")
        self._examiners: Final = examiners_of(registry, settings)
        self._settings: Final = self._examiners.settings
        for format in JOB_FORMATS:
            self._examiners.of(format)  # Before anything is asked for.
        self._again: Final = again
        self._progress: Final = progress
        self._folder: Final = None if folder is None else os.fspath(folder)
        shelf = _Memory(Memory()) if self._folder is None else _Folder(self._folder)
        self._root: Final = _Branch(id.lower(), shelf)
        self._seen: Final = {self._root.id}
        self._files: Final[list[FetchedFile]] = []
        self._notes: Final[list[str]] = []
        self._known = 0
        self._done = 0

    def start(self) -> list[_Wanted]:
        """What to ask for first.

        Raises:
            ValueError: The folder holds another job.
        """
        wanted = self._begun(self._root)
        self._tell()
        return wanted

    def arrived(self, wanted: _Wanted, outcome: Answer | ServiceError) -> list[_Wanted]:
        """Deal with what came, or did not; and what to ask for next.

        Raises:
            ServiceError: The job that was asked for cannot be had.
            InvalidArtifact: Its record is wrong.
            OSError: A file cannot be written.
        """
        self._done += 1
        if isinstance(outcome, ServiceError):
            if wanted.branch is self._root and wanted.descriptor is None:
                raise outcome
            path = wanted.branch.shelf.path(wanted.name)
            self._files.append(FetchedFile(path, Fate.FAILED, problem=str(outcome)))
            more = []
        elif wanted.descriptor is None:
            more = self._record_arrived(wanted.branch, outcome)
        else:
            self._artifact_arrived(wanted, wanted.descriptor, outcome)
            more = []
        self._tell()
        return more

    def result(self) -> FetchedJob:
        """The job, from what is there now."""
        if self._root.record is not None:
            self._notes.extend(_told_of(self._root.record, self._root.id))
        if self._folder is not None:
            self._notes.extend(leftovers(file.path for file in self._files if file.ok))
        return FetchedJob(
            self._root.shelf.files(),
            self._folder,
            tuple(self._files),
            tuple(self._notes),
            self._examiners,
        )

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._known)

    # Records

    def _begun(self, branch: _Branch) -> list[_Wanted]:
        """What to ask for to have a job: its record, or what that names if it is there."""
        self._known += 1
        source = branch.shelf.read(JOB_RECORD, self._settings)
        if source is not None:
            record = self._stored_record(branch, source)
            if record is not None and not self._again:
                path = branch.shelf.path(JOB_RECORD)
                self._files.append(FetchedFile(path, Fate.KEPT))
                self._done += 1
                return self._named_by(branch, record)
        return [_Wanted(branch)]

    def _stored_record(self, branch: _Branch, source: Source) -> Record | None:
        """The record that is stored, if it is whole and final; else it is fetched again.

        Raises:
            ValueError: It is that of another job.
        """
        try:
            _, record = checked_record(source, self._examiners)
        except InvalidArtifact:
            reading = read(source.data or b"", self._settings)
            if branch is self._root and not reading.faults and not _is_of(reading.value, branch.id):
                there = display_name(branch.shelf.path(JOB_RECORD))
                message = f"{there} is no record of this job; choose another directory"
                raise ValueError(message) from None
            return None
        if record.id is not None and record.id.lower() != branch.id:
            if branch is self._root:
                there = display_name(branch.shelf.path(JOB_RECORD))
                message = f"{there} is the record of another job, {quoted(record.id, 40)}"
                raise ValueError(f"{message}; choose another directory")
            return None
        return record if record.ended else None

    def _record_arrived(self, branch: _Branch, answer: Answer) -> list[_Wanted]:
        path = branch.shelf.path(JOB_RECORD)
        source = Source(path, data=answer.data)
        try:
            examined, record = checked_record(source, self._examiners)
        except InvalidArtifact as error:
            aside = branch.shelf.path(rejected_name(JOB_RECORD))
            report = replace(error.report, source=aside)
            self._reject(branch, JOB_RECORD, answer, report, "")
            if branch is self._root:
                raise InvalidArtifact(report) from None
            return []
        if record.id is not None and record.id.lower() != branch.id:
            problem = f"{answer.url} gives the record of another job, {quoted(record.id, 40)}"
            if branch is self._root:
                raise BadAnswer(problem, answer.url, answer.status)
            self._reject(branch, JOB_RECORD, answer, examined.report, problem)
            return []
        branch.shelf.write(JOB_RECORD, answer.data)
        self._files.append(FetchedFile(path, Fate.NEW, examined.report))
        return self._named_by(branch, record)

    def _named_by(self, branch: _Branch, record: Record) -> list[_Wanted]:
        """What a record names: artifacts, those that stand behind URLs, and children."""
        branch.record = record
        wanted = []
        names: Counter[str] = Counter()
        urls = legacy_urls(record)
        for descriptor in record.descriptors:
            each = _Wanted(branch, descriptor, urls.get(descriptor.path))
            if not descriptor.id:
                place = branch.shelf.path(JOB_RECORD)
                self._notes.append(f"{place}: an artifact without an id cannot be fetched")
                continue
            names[each.name] += 1
            if names[each.name] > 1:
                continue  # The same artifact stands in several places of the record.
            self._known += 1
            if not self._is_there(each, descriptor):
                wanted.append(each)
        for id in dict.fromkeys(id.lower() for id in record.child_ids):
            if not CHILD_ID.fullmatch(id) or id in self._seen or branch.depth >= _DEEPEST:
                shown = quoted(id, 40)
                self._notes.append(f"the child {shown} of {branch.id} was not fetched")
                continue
            self._seen.add(id)
            wanted += self._begun(_Branch(id, branch.shelf.child(id), branch.depth + 1))
        return wanted

    # Artifacts

    def _is_there(self, wanted: _Wanted, descriptor: Descriptor) -> bool:
        """Whether an artifact is stored already, whole and good, and need not be fetched."""
        if self._again:
            return False
        source = wanted.branch.shelf.read(wanted.name, self._settings)
        if source is None:
            return False
        report, problem = self._judged(descriptor, source)
        if problem or (report is not None and not report.ok):
            return False
        path = wanted.branch.shelf.path(wanted.name)
        self._files.append(FetchedFile(path, Fate.KEPT, report))
        self._done += 1
        return True

    def _artifact_arrived(self, wanted: _Wanted, descriptor: Descriptor, answer: Answer) -> None:
        shelf = wanted.branch.shelf
        source = Source(shelf.path(wanted.name), data=answer.data)
        report, problem = self._judged(descriptor, source)
        stated = answer.media_type
        if not problem and stated == "text/html" and media_type_of(wanted.name) != stated:
            # What stands between us and the service answers like this, with a status of success.
            problem = f"{answer.url} gives a page for people, text/html"
        if problem or (report is not None and not report.ok):
            self._reject(wanted.branch, wanted.name, answer, report, problem)
            return
        shelf.write(wanted.name, answer.data)
        self._files.append(FetchedFile(source.name, Fate.NEW, report))

    def _judged(self, descriptor: Descriptor, source: Source) -> tuple[Report | None, str]:
        """What a check of an artifact has found, as far as it can be checked; and a problem."""
        data, kind = source.data or b"", media_type_of(source.name)
        if kind == "application/json":
            if descriptor.format in self._examiners.registry:
                nowhere = source._replace(path=None)
                return self._examiners.report(nowhere, descriptor.format), ""
            fault = next(iter(read(data, self._settings).faults), None)
            return None, "" if fault is None else f"it is no JSON: {fault.message}"
        if kind == "text/plain":
            try:
                data.decode("utf-8")
            except UnicodeDecodeError as error:
                return None, f"it is no text in UTF-8: byte {error.start:,} is none"
        return None, ""

    def _reject(
        self, branch: _Branch, name: str, answer: Answer, report: Report | None, problem: str
    ) -> None:
        aside = rejected_name(name)
        path = branch.shelf.path(aside)
        if report is not None:
            report = replace(report, source=path)
        # The findings first: what has none beside it would be kept without a word.
        branch.shelf.write(findings_name(name), reasons(answer.url, problem, report))
        branch.shelf.write(aside, answer.data)
        self._files.append(FetchedFile(path, Fate.REJECTED, report, problem))


def _is_of(value: object, id: str) -> bool:
    """Whether a parsed record states an id, be it good or not."""
    stated = value.get("id") if isinstance(value, dict) else None
    return isinstance(stated, str) and stated.lower() == id


def _told_of(record: Record, id: str) -> Iterator[str]:
    """What whoever fetches a job should know of it."""
    if not record.ended:
        status = quoted(str(record.status), 30)
        yield f"the job {id} has not ended: its status is {status}; fetch it again later"
    elif record.status != "completed":
        failure = record.value.get("failure")
        why = failure.get("message") if isinstance(failure, dict) else None
        reason = f": {display_name(why[:200])}" if isinstance(why, str) else ""
        yield f"the job {id} has the status {record.status}{reason}"
    elif not record.descriptors and not record.child_ids:
        yield f"the record of the job {id} names no artifacts"


# ----------------------------------------------------------------------------------------------
# Where files go


class _Shelf(Protocol):
    """Where the files of a job go."""

    def path(self, name: str) -> str:
        """How reports call a file."""

    def read(self, name: str, settings: Settings) -> Source | None:
        """A file that is there; None if it is not, or cannot be read."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all.

        Raises:
            OSError: It cannot be written.
        """

    def child(self, id: str) -> _Shelf:
        """Where those of a child go."""

    def files(self) -> JobFiles:
        """What is there."""


@dataclass(frozen=True, slots=True)
class _Folder:
    """A directory, which is made when something is written."""

    folder: str

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def read(self, name: str, settings: Settings) -> Source | None:
        try:
            source = open_found(self.path(name), settings)
        except OSError:
            return None
        return None if source.data is None else source

    def write(self, name: str, data: bytes) -> None:
        os.makedirs(self.folder, exist_ok=True)
        path = self.path(name)
        # The directory may come from somebody else: a link in it must not lead to what is
        # overwritten, nor a pipe to nobody who reads.
        if os.path.islink(path):
            os.unlink(path)
        elif os.path.lexists(path) and not os.path.isfile(path):
            raise OSError(errno.EINVAL, "there is something that is no file", path)
        write_whole(path, data)

    def child(self, id: str) -> _Folder:
        return _Folder(os.path.join(self.folder, CHILDREN, child_name(id)))

    def files(self) -> JobFiles:
        return Directory(self.folder)


@dataclass(frozen=True, slots=True)
class _Memory:
    """This process."""

    held: Memory

    def path(self, name: str) -> str:
        return name

    def read(self, name: str, settings: Settings) -> Source | None:
        return None

    def write(self, name: str, data: bytes) -> None:
        self.held.held[name] = data

    def child(self, id: str) -> _Memory:
        return _Memory(self.held.below.setdefault(child_name(id), Memory()))

    def files(self) -> JobFiles:
        return self.held
