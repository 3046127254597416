"""Many sources: paths that were named, and files that are found in directories."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qartifacts.codes import CODES
from qartifacts.config import Settings
from qartifacts.findings import Finding, Report
from qartifacts.registry import Registry
from qartifacts.source import display_name, open_source
from qartifacts.validate import examine

__all__ = ["Unopened", "check_paths"]

#: What a walk takes for a result.
_SUFFIXES = (".json", ".json.gz")


@dataclass(frozen=True, slots=True)
class Unopened:
    """A path that was named and could not be opened.

    Attributes:
        source: The path.
        message: What the system answered.
    """

    source: str
    message: str


def check_paths(
    paths: Iterable[str], *, format: str | None, registry: Registry, settings: Settings
) -> Iterator[Report | Unopened]:
    """Check files, and the files in directories, in their order.

    Directories are walked in the order of their names; links to directories and names that start
    with a dot are left out. ``"-"`` is standard input.
    """
    for path in paths:
        if path != "-" and os.path.isdir(path):
            for file, error in _walk(path):
                yield _check_found(file, error, format, registry, settings)
            continue
        try:
            source = open_source(path, settings)
        except OSError as error:
            yield Unopened(display_name(path), error.strerror or str(error))
        else:
            yield examine(source, format=format, registry=registry, settings=settings).report


def _walk(folder: str) -> Iterator[tuple[str, OSError | None]]:
    """Files below ``folder`` that may be results; then folders that cannot be listed."""
    errors: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                yield os.path.join(parent, name), None
    for failed in errors:
        yield str(failed.filename or folder), failed


def _check_found(
    path: str, error: OSError | None, format: str | None, registry: Registry, settings: Settings
) -> Report:
    if error is None:
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                return _unreadable(path, "it is not a regular file")
            source = open_source(path, settings)
        except OSError as failed:
            error = failed
        else:
            examined = examine(
                source, format=format, registry=registry, settings=settings, found=True
            )
            return examined.report
    return _unreadable(path, error.strerror or str(error))


def _unreadable(path: str, why: str) -> Report:
    finding = Finding("QA001", CODES["QA001"].severity, f"the file cannot be read: {why}")
    return Report(display_name(path), None, (finding,), errors=1)
