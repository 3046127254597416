"""What a check has to say: findings, and the report that holds those of one source."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from qartifacts.codes import Severity
from qartifacts.identifiers import FormatId
from qartifacts.source import display_name, starting_name

__all__ = ["Finding", "Report", "Severity", "Summary"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth knowing, at one place.

    Attributes:
        code: Its entry in the catalogue (``qartifacts rule CODE``), stable within a major version.
        severity: Whether it fails a check.
        message: One line for people; its wording may change.
        pointer: JSON pointer (RFC 6901) of the value, ``""`` for the whole document. Names of
            more than 200 characters are cut in the middle.
        line: Line of the value, or of the key where the key is at fault, from 1; None where
            there is no text.
        column: Column in characters, from 1; None where there is no text.
    """

    code: str
    severity: Severity
    message: str
    pointer: str = ""
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return self.at("").lstrip()

    def at(self, source: str) -> str:
        """The finding as a line that names its source."""
        return f"{source}{self.place} {self.severity} {self.code}: {self.message}"

    @property
    def place(self) -> str:
        """``line:column:``, the pointer where there is no text, and nothing for the whole of it."""
        if self.line is not None:
            return f"{self.line}:{self.column}:"
        return f" {display_name(self.pointer)}:" if self.pointer else ""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of checking one source.

    Attributes:
        source: What was checked: the path as it was given, ``<stdin>``, ``<bytes>``, ...
        format: The format it was checked against; None where that could not be told.
        findings: The most telling findings, at most ``max_findings`` of the settings. Faults of
            reading come in the order of the text; all others errors first, among them schema
            before rules, outer before inner, then in the order of the text.
        errors: Number of errors, shown or not. The next two likewise.
        warnings: Number of warnings.
        notes: Number of notes.
        at_least: Whether counting stopped at ``max_violations``, so that there may be more.
        member: The payload within its source, where that holds several: the name in an archive, or
            the number of the line. Empty elsewhere.
        known: Number of failing findings that a baseline holds. They are in no other member.
        known_findings: Some of them, where they are to be shown.
    """

    source: str
    format: FormatId | None
    findings: tuple[Finding, ...] = ()
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    at_least: bool = False
    member: str = ""
    known: int = 0
    known_findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """How reports call the payload: ``bell.json``, ``store.zip!bell.json``, ``runs.ndjson:7``.

        What it holds may be anything; ``display_name`` makes one line of printable text of it.
        """
        if not self.member:
            return self.source
        return f"{self.source}{'!' if self.archived else ':'}{self.member}"

    @property
    def text_name(self) -> str:
        """The text that lines and columns of findings count in: the file, or a member of it."""
        return f"{self.source}!{self.archived}" if self.archived else self.source

    @property
    def archived(self) -> str:
        """The member of an archive that the payload is, or is a line of; empty elsewhere."""
        # Names of members end in .json, or the like; a number at the end is that of a line.
        name, _, line = self.member.rpartition(":")
        return name if line.isdecimal() else self.member

    @property
    def ok(self) -> bool:
        """Whether there is no error. Warnings and notes are left to the reader's judgement."""
        return not self.errors

    @property
    def omitted(self) -> int:
        """Number of findings that are counted but not listed."""
        return self.errors + self.warnings + self.notes - len(self.findings)

    @property
    def says_nothing(self) -> bool:
        """Whether the payload is good, and there is nothing more to say of it."""
        return not (self.errors or self.warnings or self.notes or self.known or self.format is None)

    @property
    def skipped(self) -> bool:
        """Whether the source was left unchecked: it was found in a walk and is like no format."""
        return self.ok and self.format is None and not self.known

    def passes(self, *, strict: bool = False) -> bool:
        """Whether there is nothing that fails: errors, and under ``strict`` warnings too."""
        return not (self.errors or (strict and self.warnings))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values, in the structure of ``--output json``."""
        return {
            "source": _encodable(self.source),
            "member": _encodable(self.member) or None,
            "format": None if self.format is None else str(self.format),
            "ok": self.ok,
            "skipped": self.skipped,
            "errors": self.errors,
            "warnings": self.warnings,
            "notes": self.notes,
            "omitted": self.omitted,
            "at_least": self.at_least,
            "known": self.known,
            "findings": [
                {
                    "code": finding.code,
                    "severity": str(finding.severity),
                    "message": _encodable(finding.message),
                    "pointer": _encodable(finding.pointer),
                    "line": finding.line,
                    "column": finding.column,
                }
                for finding in self.findings
            ],
        }

    def __bool__(self) -> bool:
        """``ok``: a report of errors is false, so that ``if check(...)`` means what it says."""
        return self.ok

    def __str__(self) -> str:
        name, text_name = starting_name(self.name), starting_name(self.text_name)
        lines = [finding.at(f"{text_name}:") for finding in self.findings]
        if self.omitted:
            lines.append(f"{name}: {left_out(self)}")
        return "\n".join(lines) or f"{name}: ok ({self.format})"


def _encodable(text: str) -> str:
    """``text`` as strict JSON can hold it: names of files need not be text to the system."""
    return text.encode("utf-8", "backslashreplace").decode()


def left_out(report: Report) -> str:
    """How many findings of a report are counted and not listed, in words."""
    some = "at least " if report.at_least else ""
    return f"{some}{counted(report.omitted, 'more finding')} not shown"


def counted(number: int, noun: str) -> str:
    """``1 shot``, ``1,000 shots``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class Summary:
    """Totals over many reports.

    Attributes:
        good: Sources that were checked and have no finding that fails.
        bad: Sources with one.
        skipped: Sources that were found and are like no format, and so were not checked.
        errors: Findings over all sources, shown or not. The next two likewise.
        at_least: Whether counting stopped at a limit in some source.
        codes: Listed findings by their code.
        members: Whether some sources are payloads within files.
        known: Failing findings that a baseline holds; they are counted nowhere else.
    """

    def __init__(self) -> None:
        self.good = 0
        self.bad = 0
        self.skipped = 0
        self.errors = 0
        self.warnings = 0
        self.notes = 0
        self.at_least = False
        self.codes: Counter[str] = Counter()
        self.members = False
        self.known = 0

    @property
    def sources(self) -> int:
        """Number of sources, checked or not."""
        return self.good + self.bad + self.skipped

    @property
    def omitted(self) -> int:
        """Number of findings that are counted but not listed."""
        return self.errors + self.warnings + self.notes - self.codes.total()

    def by_code(self) -> list[tuple[str, int]]:
        """Codes with the number of their listed findings, the most frequent first."""
        return sorted(self.codes.items(), key=lambda each: (-each[1], each[0]))

    def add(self, report: Report, *, strict: bool = False) -> None:
        """Count a report; ``strict`` says that warnings fail."""
        if report.says_nothing:  # As most of a store.
            self.good += 1
            self.members |= report.member != ""
            return
        if not report.passes(strict=strict):
            self.bad += 1
        elif report.skipped:
            self.skipped += 1
        else:
            self.good += 1
        self.errors += report.errors
        self.warnings += report.warnings
        self.notes += report.notes
        self.at_least |= report.at_least
        self.codes.update(finding.code for finding in report.findings)
        self.members |= report.member != ""
        self.known += report.known
