"""Many sources: files, directories, globs, archives and lines; one report on each payload."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from qartifacts.bulk.ahead import read_ahead
from qartifacts.bulk.checking import Checker
from qartifacts.bulk.items import UNREADABLE, Against, Alike, Item, Terms
from qartifacts.bulk.sources import listed_paths, locate, locate_changed, payloads_of
from qartifacts.config import DEFAULTS, Settings
from qartifacts.findings import Report
from qartifacts.registry import Registry
from qartifacts.source import SourceLike, is_path, open_source

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from qartifacts.bulk.cluster import Cluster
    from qartifacts.hardware import Device, Limits

__all__ = ["Checked", "Terms", "check_many", "check_paths", "count_files", "listed_paths"]

#: Batches that are out at a time on an executor of which nothing is known, and for each process.
_AHEAD: Final = 64
_AHEAD_OF_A_WORKER: Final = 3
#: Work that takes so many seconds is worth starting processes.
_WORTH_WORKERS: Final = 0.4
#: Files of so many bytes are checked in no time.
_SMALL: Final = 1 << 20


class Checked(NamedTuple):
    """One report of many, and whether its source was named by the caller or found in a walk."""

    report: Report
    named: bool

    @property
    def unopened(self) -> bool:
        """Whether a source that was named could not even be opened."""
        return self.named and any(each.code == UNREADABLE for each in self.report.findings)


def check_many(
    sources: Iterable[SourceLike],
    *,
    format: str | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    executor: Executor | None = None,
    device: Device | None = None,
) -> Iterator[Report]:
    """Check many sources against their pinned schemas, and report on each of their payloads.

    Reports come one by one, in the order of the sources, as they are asked for; memory does not
    grow with their number.

    Args:
        sources: What ``check`` takes, and besides: directories, which are walked; globs, if they
            are ``str`` (``**`` is any number of directories); archives (``.tar``, ``.tar.gz``,
            ``.tgz``, ``.zip``), whose members are checked without unpacking them to disk; and files
            of one payload a line (``.ndjson``, ``.jsonl``). Of what holds several payloads,
            ``Report.member`` says which one a report is about. All of that may be behind URLs, as
            ``str``: ``s3://``, ``gs://`` and ``memory://``, and single files behind ``https://``.
        format: The format identifier of all of them; else each is told as ``check`` does.
        registry: Pinned schemas; those that come with the package by default.
        settings: Limits, tolerances and ignored rules.
        executor: What does the work, such as a ``ProcessPoolExecutor`` or what ``get_executor()``
            of a Dask client gives, in batches that are pickled. It stays the caller's, who shuts
            it down. By default this process does it.
        device: What results are held against, as ``Device.check`` does.

    Returns:
        An iterator of reports. What cannot be opened or read is a finding, too. Closing it takes
        back what has been given to the executor and has not been begun.

    Raises:
        TypeError: The sources are one source, or one of them is none.
        ValueError: A ``str`` is JSON text rather than a path.
        UnknownFormat: ``format`` is not in the registry.
        InvalidSettings: The settings ignore a rule that cannot be ignored, or name a code that
            does not exist.
        RegistryError: A pinned document is missing, modified or unusable.
        MissingExtra: A source is a URL, and what opens it is not installed.
        concurrent.futures.BrokenExecutor: The executor takes no work any more. A batch that it
            loses before that is tried again, and at last a finding.
    """
    if isinstance(sources, (str, bytes, os.PathLike)):
        raise TypeError("check_many takes many sources; put a single one into a list")
    registry = Registry.bundled() if registry is None else registry
    alike = Alike(DEFAULTS if settings is None else settings, format)
    terms: Terms = alike if device is None else Against(alike, device.limits)
    checker = Checker(registry, terms)
    checker.prepare()
    items = _items_of_sources(sources, alike)
    if executor is None:
        return (checker.check(item) for item in read_ahead(items, terms))
    from qartifacts.bulk.pool import Pace, check_on

    pace = Pace(lambda: _AHEAD)
    reports = check_on(executor, items, registry, terms, pace, folder=_current_folder())
    return (report for _, report in reports)


def _items_of_sources(sources: Iterable[SourceLike], terms: Alike) -> Iterator[Item]:
    for given in sources:
        if is_path(given):
            named = locate([os.fsdecode(given)], literal=not isinstance(given, str))
            yield from payloads_of(named, terms)
        else:
            try:
                source = open_source(given, terms.settings)
            except OSError as error:
                name = str(getattr(given, "name", "<file>"))
                yield Item(name, named=True).unreadable(error)
            else:
                yield Item(source.name, named=True, source=source)


def check_paths(
    paths: Iterable[str],
    *,
    registry: Registry,
    format: str | None = None,
    settings: Settings = DEFAULTS,
    project: Terms | None = None,
    listed: Iterable[str] = (),
    changed: bool = False,
    jobs: int = 1,
    cluster: Cluster | None = None,
    limits: Limits | None = None,
) -> Generator[Checked, None, None]:
    """Check files, and the files in directories, in their order.

    Directories are walked in the order of their names. Left out are links to directories, names
    that start with a dot, and directories that hold no results: virtual environments, installed
    packages and registries of schemas. ``"-"`` is standard input.

    Args:
        paths: Paths, globs and URLs.
        registry: Pinned schemas.
        format: The format of all files, if it is known.
        settings: Limits, tolerances and ignored rules.
        project: What is in force for each file, instead of one format and the same settings.
        listed: Further paths, in which no character is special.
        changed: Whether paths are files that have changed, whatever they are: those that may be
            results are checked, and with a file of a stored job the others beside it.
        jobs: How many processes work at a time; 1 is this one.
        cluster: What does the work instead. It stays the caller's, who leaves it.
        limits: Those of a device, against which results are held, too.

    Raises:
        UnknownFormat: ``format`` is not in the registry.
        InvalidSettings: The settings ignore a rule that cannot be ignored, or name a code that
            does not exist.
        RegistryError: A pinned document is missing, modified or unusable.
        MissingExtra: A path is a URL, and what opens it is not installed.
        ClusterError: The cluster cannot go on.
    """
    terms = Alike(settings, format) if project is None else project
    if limits is not None:
        terms = Against(terms, limits)
    checker = Checker(registry, terms)
    checker.prepare()
    items = payloads_of(_files(paths, listed, terms, changed=changed), terms)
    if cluster is not None:
        return _on_cluster(cluster, items, checker)
    if jobs == 1:
        return (Checked(checker.check(item), item.named) for item in read_ahead(items, terms))
    return _with_workers(jobs, items, checker)


def _files(
    paths: Iterable[str], listed: Iterable[str], terms: Terms, *, changed: bool
) -> Iterator[Item]:
    if changed:
        return locate_changed(chain(paths, listed), terms)
    return chain(
        locate(paths, excluded=terms.is_excluded),
        locate(listed, literal=True, excluded=terms.is_excluded),
    )


def count_files(
    paths: Iterable[str],
    listed: Iterable[str] = (),
    *,
    project: Terms | None = None,
    changed: bool = False,
) -> int:
    """How many files ``check_paths`` would report on, without opening any."""
    terms = Alike(DEFAULTS) if project is None else project
    return sum(1 for _ in _files(paths, listed, terms, changed=changed))


def _with_workers(
    jobs: int, items: Iterator[Item], checker: Checker
) -> Generator[Checked, None, None]:
    """Check items by processes, unless there are so few that one is faster."""
    start = time.perf_counter()
    for item in items:
        if time.perf_counter() - start > _WORTH_WORKERS or not _is_small(item):
            items = chain([item], items)
            break
        yield Checked(checker.check(item), item.named)
    else:
        return
    from qartifacts.bulk.pool import Pace, check_on
    from qartifacts.bulk.workers import Workers

    pace = Pace(lambda: _AHEAD_OF_A_WORKER * jobs)
    with Workers(jobs) as workers:
        for item, report in check_on(workers, items, checker.registry, checker.terms, pace):
            yield Checked(report, item.named)


def _on_cluster(
    cluster: Cluster, items: Iterator[Item], checker: Checker
) -> Generator[Checked, None, None]:
    """Check items by the workers of a cluster, however few: what they see is what counts."""
    from qartifacts.bulk.pool import check_on

    folder = _current_folder()
    reports = check_on(cluster, items, checker.registry, checker.terms, cluster.pace, folder=folder)
    for item, report in reports:
        yield Checked(report, item.named)


def _current_folder() -> str:
    """Where relative paths begin here, for those who are elsewhere; empty if that has gone."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def _is_small(item: Item) -> bool:
    if item.code or item.source is not None or item.url:
        return item.size < _SMALL
    try:
        return os.path.getsize(item.path) < _SMALL
    except (OSError, ValueError):
        return True
