"""What a check has to say: findings, and the report that holds those of one source."""

from __future__ import annotations

from dataclasses import dataclass

from qartifacts.codes import Severity
from qartifacts.formats import FormatId

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
        place = "" if self.line is None else f"{self.line}:{self.column}: "
        return f"{place}{self.severity} {self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of checking one source.

    Attributes:
        source: The name of what was checked.
        format: The format it was checked against; None where that could not be told.
        findings: The most telling findings, at most ``max_findings`` of the settings: errors
            first, among them reading before schema before rules, outer before inner, then in the
            order of the text.
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

    def passes(self, *, strict: bool = False) -> bool:
        """Whether there is nothing that fails: errors, and under ``strict`` warnings too."""
        return not (self.errors or (strict and self.warnings))


@dataclass(slots=True)
class Summary:
    """Totals over many reports.

    Attributes:
        good: Sources without a finding that fails.
        bad: Sources with one.
        unopened: Named paths that could not be opened, and so were not checked.
        errors: Findings over all sources, shown or not. The next two likewise.
        at_least: Whether counting stopped at a limit in some source.
    """

    good: int = 0
    bad: int = 0
    unopened: int = 0
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    at_least: bool = False

    def add(self, report: Report, *, strict: bool = False) -> None:
        """Count a report; ``strict`` says that warnings fail."""
        if report.passes(strict=strict):
            self.good += 1
        else:
            self.bad += 1
        self.errors += report.errors
        self.warnings += report.warnings
        self.notes += report.notes
        self.at_least |= report.at_least
