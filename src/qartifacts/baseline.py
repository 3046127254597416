"""A baseline: the failing findings that an old store is known to have, so that only new ones fail.

It is a JSON document with one line for each finding, sorted, so that it can be reviewed and merged
like code. A finding is known by the path of its file, relative to the directory of the baseline, by
the payload within that file where it holds several, by its code, and by its JSON pointer. Lines,
columns and messages are left out, since they change when nothing gets worse.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from qartifacts.config import DEFAULTS, Settings
from qartifacts.errors import InvalidSettings
from qartifacts.findings import Finding, Report, Severity
from qartifacts.jsontext import quoted
from qartifacts.source import display_name, open_path, starting_name, write_whole

__all__ = ["VERSION", "Baseline", "BaselineEntry", "NewBaseline", "collecting_all"]

VERSION: Final = 1

#: What an entry may have in the file.
_MEMBERS: Final = {"path", "member", "code", "pointer", "count"}

#: How codes start that a result has for the device that it is held against.
_OF_DEVICES: Final = "QA35"
#: The code of what cannot be opened.
_UNREADABLE: Final = "QA001"

_RENEW: Final = "write a new one with --write-baseline"


class BaselineEntry(NamedTuple):
    """Findings that a baseline holds and that are alike.

    Attributes:
        path: The file, relative to the directory of the baseline, with slashes.
        member: The payload within the file; empty if the file is one.
        code: Their code.
        pointer: Where they are; None for all of the code, wherever they are, in a payload that has
            more findings than are collected.
        number: How many there are.
    """

    path: str
    member: str
    code: str
    pointer: str | None
    number: int

    def __str__(self) -> str:
        where = f"{self.path} [{self.member}]" if self.member else self.path
        place = f" {self.pointer}" if self.pointer else ""
        times = f" ({self.number:,} times)" if self.number > 1 else ""
        return starting_name(f"{where}:{place} {self.code}{times}")


def collecting_all(settings: Settings) -> Settings:
    """``settings`` under which a report lists all that was collected, as a baseline needs it.

    What is not listed could neither be recorded nor be told from what is new.
    """
    # So many errors are collected, and as many warnings and notes together.
    return replace(settings, max_findings=2 * settings.max_violations)


class _Places:
    """Paths as a baseline writes them: relative to its directory, with slashes.

    Directories are resolved, so that a link to the store, or to a directory above it, makes no
    difference. Names of files are not: of two links to one file, each has findings of its own.
    """

    def __init__(self, baseline: str) -> None:
        # A link to a baseline is followed when it is written, too.
        self._root = os.path.dirname(os.path.realpath(baseline))
        self._folder: str | None = None  # Files come directory by directory.
        self._prefix = ""

    def path_of(self, source: str) -> str:
        if "://" in source:  # A URL, which is the same from everywhere.
            return source
        folder, name = os.path.split(source)
        if folder != self._folder:
            self._folder, self._prefix = folder, self._relative(folder)
        path = self._prefix + name
        return path if path.isascii() else _as_utf8(path)

    def system_path(self, path: str) -> str:
        """The file, or directory, that a baseline means by ``path``."""
        if not path.isascii():
            path = os.fsdecode(path.encode("utf-8", "surrogateescape"))
        return os.path.join(self._root, path)

    def _relative(self, folder: str) -> str:
        resolved = os.path.realpath(folder)
        try:
            resolved = os.path.relpath(resolved, self._root)
        except ValueError:  # Windows: it is on another drive.
            pass
        return "" if resolved == os.curdir else os.path.join(resolved, "").replace(os.sep, "/")


def _as_utf8(path: str) -> str:
    """A path by its bytes, which a locale other than UTF-8 shows as other characters."""
    return os.fsencode(path).decode("utf-8", "surrogateescape")


class _Shown(NamedTuple):
    """What filtered reports list: so many findings, and whether known ones, too."""

    limit: int
    known: bool

    def parted(self, report: Report, known: list[Finding]) -> Report:
        """``report`` without findings that are known."""
        if not known:
            shown = report.findings[: self.limit]
            return report if shown == report.findings else replace(report, findings=shown)
        taken = set(map(id, known))
        severities = Counter(finding.severity for finding in known)
        return replace(
            report,
            findings=tuple(each for each in report.findings if id(each) not in taken)[: self.limit],
            errors=report.errors - severities[Severity.ERROR],
            warnings=report.warnings - severities[Severity.WARNING],
            known=len(known),
            known_findings=tuple(known[: self.limit]) if self.known else (),
        )


class Baseline:
    """A baseline that was read, and what became of its entries in this run.

    Args:
        path: Its file.
        shown: Findings that a filtered report lists at most, as ``max_findings`` of the settings.
        keep_known: Whether filtered reports list known findings, too.

    Raises:
        OSError: The file cannot be opened or read.
        InvalidSettings: It is not a baseline of this version.
    """

    def __init__(
        self, path: str, *, shown: int = DEFAULTS.max_findings, keep_known: bool = False
    ) -> None:
        self.path: Final = path
        self._places = _Places(path)
        self._shown = _Shown(shown, keep_known)
        #: Entries by path and member.
        self._known: dict[tuple[str, str], list[BaselineEntry]] = {}
        for entry in _entries(path):
            self._known.setdefault(entry[:2], []).append(entry)
        self._paths: Final = frozenset(path for path, _ in self._known)
        #: Those of the paths that were checked.
        self._checked: set[str] = set()
        #: How many findings were not met, by code and pointer, for payloads that were checked.
        self._unmet: dict[tuple[str, str], Counter[tuple[str, str | None]]] = {}
        self._last = ""

    def filter(self, report: Report) -> Report:
        """``report`` with the findings that are known taken out of its findings and its counts.

        The report has to list all findings (``collecting_all``). What fails and is not listed is
        taken for new. Of a payload that had, and still has, more errors than are collected, all are
        known; which of them are collected may change with every change of it.
        """
        path = self._places.path_of(report.source)
        if path not in self._paths:
            return self._shown.parted(report, [])
        self._checked.add(path)
        place = path, report.member
        entries = self._known.get(place, [])
        # Archives may hold several members of one name. A file that is checked twice has the same
        # findings twice.
        if place not in self._unmet or report.source != self._last or not report.member:
            self._unmet[place] = Counter({each[2:4]: each.number for each in entries})
        self._last = report.source
        unmet = self._unmet[place]
        coarse = {each.code for each in entries if each.pointer is None}
        all_errors = _has_more_errors(report) and any(
            each.code in coarse and each.severity is Severity.ERROR for each in report.findings
        )
        known = []
        # Errors first: a warning of the same code and place must not take their number.
        for finding in sorted(report.findings, key=lambda each: each.severity is Severity.WARNING):
            if finding.severity is Severity.NOTE:
                continue
            if (finding.code, None) in unmet or (all_errors and finding.severity is Severity.ERROR):
                known.append(finding)
                unmet[finding.code, None] = max(unmet.get((finding.code, None), 0) - 1, 0)
            elif unmet.get((finding.code, finding.pointer)):
                known.append(finding)
                unmet[finding.code, finding.pointer] -= 1
        if all_errors:
            unmet.clear()
        filtered = self._shown.parted(report, known)
        return replace(filtered, at_least=False) if all_errors else filtered

    def gone(
        self, folders: Iterable[str] = (), *, held_against_device: bool = True
    ) -> Iterator[BaselineEntry]:
        """What was not met again, in the order of paths: of files that were checked, or are gone.

        Other files may have theirs still.

        Args:
            folders: Directories that were checked as a whole. A file of the baseline that is no
                longer in them has gone.
            held_against_device: Whether results were held against a device. What was found of them
                by that has not gone if they were not.
        """
        prefixes = tuple(self._places.path_of(os.path.join(each, "")) for each in folders)
        for place in sorted(self._known):
            path = place[0]
            if path not in self._checked and not self._has_gone(path, prefixes):
                continue
            unmet = self._unmet.get(place)
            for entry in self._known[place]:
                if not held_against_device and entry.code.startswith(_OF_DEVICES):
                    continue
                number = entry.number if unmet is None else unmet[entry[2:4]]
                if number:
                    yield entry._replace(number=number)

    def _has_gone(self, path: str, prefixes: tuple[str, ...]) -> bool:
        if "://" in path or not path.startswith(prefixes):
            return False
        return not os.path.lexists(self._places.system_path(path))


class NewBaseline:
    """A baseline in the making, of all failing findings of one run.

    Args:
        path: The file to write. What is there is replaced if it is a baseline, of any version.
        strict: Whether warnings fail.
        shown: As for ``Baseline``. The next one likewise.
        keep_known: Whether filtered reports list what was recorded.

    Raises:
        OSError: It is a directory, or is to be in one that is not there.
        InvalidSettings: There is a file that is not a baseline.
    """

    def __init__(
        self,
        path: str,
        *,
        strict: bool = False,
        shown: int = DEFAULTS.max_findings,
        keep_known: bool = False,
    ) -> None:
        _reject_other_file(path)
        self.path: Final = path
        self._places = _Places(path)
        self._fail = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
        self._shown = _Shown(shown, keep_known)
        #: What was recorded, by path and member: numbers by code and pointer.
        self._recorded: dict[tuple[str, str], Counter[tuple[str, str | None]]] = {}
        self._last = ""
        #: Directories that could not be looked into: nobody knows what is in them.
        self.unseen: list[str] = []

    def filter(self, report: Report) -> Report:
        """Record what fails; the report with that taken out, for from now on it is known.

        The report has to list all findings (``collecting_all``).
        """
        failing = [each for each in report.findings if each.severity in self._fail]
        if failing and failing[0].code == _UNREADABLE and os.path.isdir(report.source):
            self.unseen.append(report.source)
            failing = []
        if not failing:
            self._last = report.source
            return self._shown.parted(report, [])
        coarse = {
            Severity.ERROR: _has_more_errors(report),
            Severity.WARNING: _has_more_others(report),
        }
        counts = Counter(
            (each.code, None if coarse[each.severity] else each.pointer) for each in failing
        )
        place = self._places.path_of(report.source), report.member
        # As for ``Baseline``: members of one name add up, a file that is named twice does not.
        if report.member and report.source == self._last and place in self._recorded:
            self._recorded[place].update(counts)
        else:
            self._recorded[place] = counts
        self._last = report.source
        filtered = self._shown.parted(report, failing)
        return replace(filtered, at_least=False) if coarse[Severity.ERROR] else filtered

    @property
    def findings(self) -> int:
        """How many findings were recorded."""
        return sum(counts.total() for counts in self._recorded.values())

    @property
    def files(self) -> int:
        """How many files they are in."""
        return len({path for path, _ in self._recorded})

    def write(self) -> None:
        """Write the file, whole or not at all.

        Raises:
            OSError: It cannot be written.
        """
        entries = (
            BaselineEntry(*place, code, pointer, number)
            for place, counts in sorted(self._recorded.items())
            for (code, pointer), number in sorted(
                counts.items(), key=lambda each: (each[0][0], each[0][1] or "")
            )
        )
        lines = ",".join(f"\n{_line(entry)}" for entry in entries)
        text = f'{{\n"version": {VERSION},\n"findings": [{lines}\n]\n}}\n'
        write_whole(self.path, text.encode("ascii"))


def _has_more_errors(report: Report) -> bool:
    """Whether a payload may have errors that were not collected.

    Errors, and all others together, have the same limit; where counting stopped, the more numerous
    ones have reached it, or both.
    """
    return report.at_least and report.errors >= report.warnings + report.notes


def _has_more_others(report: Report) -> bool:
    """Whether a payload may have warnings that were not collected."""
    return report.at_least and report.warnings + report.notes >= report.errors


def _line(entry: BaselineEntry) -> str:
    """An entry as a line of the file, in ASCII: names of files need not be text."""
    members: dict[str, Any] = {"path": entry.path}
    if entry.member:
        members["member"] = entry.member
    members["code"] = entry.code
    if entry.pointer is not None:
        members["pointer"] = entry.pointer
    return json.dumps({**members, "count": entry.number})


def _entries(path: str) -> Iterator[BaselineEntry]:
    name = display_name(path)
    document = _document(path)
    if not _is_baseline(document):
        raise InvalidSettings(f"{name} is not a baseline; name another file, or {_RENEW}")
    version = document["version"]
    if version != VERSION:
        raise InvalidSettings(
            f"{name} is a baseline of version {quoted(str(version))}, and this is qartifacts for "
            f"version {VERSION}; use the qartifacts that wrote it, or {_RENEW}"
        )
    for number, entry in enumerate(document["findings"], 1):
        if not isinstance(entry, BaselineEntry):
            raise InvalidSettings(
                f"{name} cannot be used: entry {number} is not understood; restore it from version "
                f"control, or {_RENEW}"
            )
        yield entry


def _entry(members: dict[str, Any]) -> BaselineEntry | dict[str, Any]:
    """The entry that an object of a document is; the object itself if it is none."""
    if not {"path", "code", "count"} <= members.keys() <= _MEMBERS:
        return members
    path, member, code = members["path"], members.get("member", ""), members["code"]
    pointer, number = members.get("pointer"), members["count"]
    if not all(isinstance(text, str) for text in (path, member, code)):
        return members
    if not isinstance(pointer, str | None) or type(number) is not int or number < 1:
        return members
    return BaselineEntry(path, member, sys.intern(code), pointer, number)


def _document(path: str) -> Any:
    """What a file says as JSON; None if it is none."""
    data = open_path(path, DEFAULTS).data
    try:
        # Entries at once: there may be many, and a tuple takes half the memory of a dict.
        return json.loads(data or b"null", object_hook=_entry)
    except (ValueError, RecursionError):
        return None


def _is_baseline(document: Any) -> bool:
    """Whether a document is a baseline, of any version."""
    return (
        isinstance(document, dict)
        and {"version", "findings"} <= document.keys()
        and isinstance(document["findings"], list)
    )


def _reject_other_file(path: str) -> None:
    """Refuse to replace what is not a baseline: a shell may have put a result in its place."""
    if not os.path.basename(path) or os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    os.stat(os.path.dirname(path) or os.curdir)
    if not os.path.isfile(path) or os.path.getsize(path) == 0:
        return
    if not _is_baseline(_document(path)):
        raise InvalidSettings(
            f"{display_name(path)} is not a baseline, and would be replaced; name another file, or "
            "remove it"
        )
