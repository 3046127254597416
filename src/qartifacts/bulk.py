"""Many sources: paths that were named, and files that are found in directories."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from qartifacts.codes import CODES
from qartifacts.config import Settings
from qartifacts.findings import Finding, Report
from qartifacts.registry import LOCKFILE, Registry
from qartifacts.source import open_path, open_stdin
from qartifacts.validate import examine, examiner

__all__ = ["Checked", "check_paths"]

_UNREADABLE = "QA001"
#: What a walk takes for a result.
_SUFFIXES = (".json", ".json.gz")
#: Folders that a walk does not enter, by name and by a file that marks them.
_FOLDERS_OF_OTHERS = frozenset({"node_modules", "site-packages", "__pycache__"})
_MARKS_OF_OTHERS = frozenset({"pyvenv.cfg", LOCKFILE})


class Checked(NamedTuple):
    """One report of many, and whether its source was named by the caller or found in a walk."""

    report: Report
    named: bool

    @property
    def unopened(self) -> bool:
        """Whether a source that was named could not even be opened."""
        return self.named and any(each.code == _UNREADABLE for each in self.report.findings)


def check_paths(
    paths: Iterable[str], *, format: str | None, registry: Registry, settings: Settings
) -> Iterator[Checked]:
    """Check files, and the files in directories, in their order.

    Directories are walked in the order of their names. Left out are links to directories, names
    that start with a dot, and directories that hold no results: virtual environments, installed
    packages and registries of schemas. ``"-"`` is standard input.

    Raises:
        UnknownFormat: ``format`` is not in the registry.
        InvalidSettings: The settings ignore a rule that cannot be ignored.
        RegistryError: A pinned document is missing, modified or unusable.
    """
    if format is not None:
        examiner(format, registry=registry, settings=settings)  # Misuse comes before any work.
    for path in paths:
        if path != "-" and os.path.isdir(path):
            for file, error in _walk(path):
                yield Checked(_check_found(file, error, format, registry, settings), named=False)
            continue
        try:
            source = open_stdin(settings) if path == "-" else open_path(path, settings)
        except OSError as error:
            yield Checked(_unreadable(path, error.strerror or str(error)), named=True)
        else:
            examined = examine(source, format=format, registry=registry, settings=settings)
            yield Checked(examined.report, named=True)


def _walk(folder: str) -> Iterator[tuple[str, OSError | None]]:
    """Files below a folder that may be results, and folders that cannot be listed."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            yield here, error
            continue
        if any(entry.name in _MARKS_OF_OTHERS for entry in entries):
            continue
        entries = [entry for entry in entries if not entry.name.startswith(".")]
        folders = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
        for entry in entries:
            if entry.name.endswith(_SUFFIXES) and entry not in folders:
                yield entry.path, None
        waiting += [each.path for each in reversed(folders) if each.name not in _FOLDERS_OF_OTHERS]


def _check_found(
    path: str, error: OSError | None, format: str | None, registry: Registry, settings: Settings
) -> Report:
    if error is None:
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                return _unreadable(path, "it is not a regular file")
            source = open_path(path, settings)
        except OSError as failed:
            error = failed
        else:
            examined = examine(
                source, format=format, registry=registry, settings=settings, found=True
            )
            return examined.report
    return _unreadable(path, error.strerror or str(error))


def _unreadable(path: str, why: str) -> Report:
    message = f"it cannot be read: {why}"
    finding = Finding(_UNREADABLE, CODES[_UNREADABLE].severity, message)
    return Report(path, None, (finding,), errors=1)
