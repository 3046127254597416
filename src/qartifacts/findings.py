"""What a check has to say: findings, and the report that holds those of one source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qartifacts.codes import Severity
from qartifacts.identifiers import FormatId
from qartifacts.source import display_name

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
        return f" {self.pointer}:" if self.pointer else ""


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
    """

    source: str
    format: FormatId | None
    findings: tuple[Finding, ...] = ()
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    at_least: bool = False

    @property
    def ok(self) -> bool:
        """Whether there is no error. Warnings and notes are left to the reader's judgement."""
        return not self.errors

    @property
    def omitted(self) -> int:
        """Number of findings that are counted but not listed."""
        return self.errors + self.warnings + self.notes - len(self.findings)

    @property
    def skipped(self) -> bool:
        """Whether the source was left unchecked: it was found in a walk and is like no format."""
        return self.ok and self.format is None

    def passes(self, *, strict: bool = False) -> bool:
        """Whether there is nothing that fails: errors, and under ``strict`` warnings too."""
        return not (self.errors or (strict and self.warnings))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values, in the structure of ``--output json``."""
        return {
            # Names that are no text to the system would not be strict JSON.
            "source": self.source.encode("utf-8", "backslashreplace").decode(),
            "format": None if self.format is None else str(self.format),
            "ok": self.ok,
            "skipped": self.skipped,
            "errors": self.errors,
            "warnings": self.warnings,
            "notes": self.notes,
            "omitted": self.omitted,
            "at_least": self.at_least,
            "findings": [
                {
                    "code": finding.code,
                    "severity": str(finding.severity),
                    "message": finding.message,
                    "pointer": finding.pointer,
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
        name = display_name(self.source)
        lines = [finding.at(f"{name}:") for finding in self.findings]
        if self.omitted:
            lines.append(f"{name}: {left_out(self)}")
        return "\n".join(lines) or f"{name}: ok ({self.format})"


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
    """

    def __init__(self) -> None:
        self.good = 0
        self.bad = 0
        self.skipped = 0
        self.errors = 0
        self.warnings = 0
        self.notes = 0
        self.at_least = False

    def add(self, report: Report, *, strict: bool = False) -> None:
        """Count a report; ``strict`` says that warnings fail."""
        if report.skipped:
            self.skipped += 1
        elif report.passes(strict=strict):
            self.good += 1
        else:
            self.bad += 1
        self.errors += report.errors
        self.warnings += report.warnings
        self.notes += report.notes
        self.at_least |= report.at_least
