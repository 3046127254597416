"""Reports as text: a line a finding, in the form that editors and terminals make clickable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qartifacts.findings import Finding, Report, Severity, Summary
from qartifacts.render import Write

__all__ = ["TextRenderer"]

_BOLD: Final = "1"
_DIM: Final = "2"
_COLOURS: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "1;31",
    Severity.WARNING: "1;33",
    Severity.NOTE: "36",
}


class TextRenderer:
    """Writes ``source:line:column: severity code: message`` for each finding, and a summary.

    Args:
        write: Where lines go.
        colour: Whether the lines go to a terminal that shows colours.
        verbose: Whether to name sources that pass, too.
        strict: Whether warnings fail.
    """

    def __init__(
        self, write: Write, *, colour: bool = False, verbose: bool = False, strict: bool = False
    ) -> None:
        self._write = write
        self._colour = colour
        self._verbose = verbose
        self._strict = strict

    def report(self, report: Report) -> None:
        for finding in report.findings:
            self._write(self._finding(report.source, finding))
        if report.omitted:
            some = "at least " if report.at_least else ""
            name = self._styled(_BOLD, report.source)
            self._write(f"{name}: {some}{report.omitted:,} more findings are not shown\n")
        if self._verbose and report.passes(strict=self._strict):
            good = self._styled("32", "ok")
            self._write(
                f"{self._styled(_BOLD, report.source)}: {good} ({report.format or 'skipped'})\n"
            )

    def _finding(self, source: str, finding: Finding) -> str:
        place = f" {finding.pointer}:" if finding.pointer else ""
        if finding.line is not None:
            place = f"{finding.line}:{finding.column}:"
        severity = self._styled(_COLOURS[finding.severity], f"{finding.severity} {finding.code}")
        return f"{self._styled(_BOLD, source)}:{place} {severity}: {finding.message}\n"

    def unopened(self, source: str, message: str) -> None:
        error = self._styled(_COLOURS[Severity.ERROR], "cannot be opened")
        self._write(f"{self._styled(_BOLD, source)}: {error}: {message}\n")

    def end(self, summary: Summary) -> None:
        sources = summary.good + summary.bad
        some = "at least " if summary.at_least else ""
        warnings, notes = _number(summary.warnings, "warning"), _number(summary.notes, "note")
        parts = [
            f"{_number(sources, 'file')} checked: {summary.good:,} good, {summary.bad:,} bad",
            f"{some}{_number(summary.errors, 'error')}, {warnings}, {notes}",
        ]
        if summary.unopened:
            parts.append(f"{_number(summary.unopened, 'path')} not opened")
        good = not (summary.bad or summary.unopened)
        self._write(self._styled("1;32" if good else "1;31", "; ".join(parts)) + "\n")

    def _styled(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour else text


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
