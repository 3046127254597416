"""Reports as text: one line per finding, in the form that editors and terminals make clickable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qartifacts.findings import Report, Severity, Summary, counted, left_out
from qartifacts.render import Write
from qartifacts.source import display_name

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
        verbose: Whether to name every source with its verdict and format.
        strict: Whether warnings fail.
    """

    def __init__(
        self, write: Write, *, colour: bool = False, verbose: bool = False, strict: bool = False
    ) -> None:
        self._write = write
        self._colour = colour
        self._verbose = verbose
        self._strict = strict
        self._shown: str | None = None

    def report(self, report: Report) -> None:
        source = self._styled(_BOLD, display_name(report.source))
        for finding in report.findings:
            label = f"{finding.severity} {finding.code}"
            label = self._styled(_COLOURS[finding.severity], label)
            self._write(f"{source}:{finding.place} {label}: {finding.message}\n")
            self._shown = self._shown or finding.code
        if report.omitted:
            self._write(f"{source}: {left_out(report)} (--max-findings)\n")
        if self._verbose:
            self._write(f"{source}: {self._verdict(report)}\n")

    def _verdict(self, report: Report) -> str:
        if report.skipped:
            return self._styled(_DIM, "skipped")
        good = report.passes(strict=self._strict)
        verdict = self._styled("32", "ok") if good else self._styled("31", "bad")
        return f"{verdict} ({report.format or 'format unknown'})"

    def end(self, summary: Summary, error: str | None = None) -> None:
        if error is not None:
            return  # The command says it, and totals of half a run would mislead.
        sources = summary.good + summary.bad
        some = "at least " if summary.at_least else ""
        warnings, notes = counted(summary.warnings, "warning"), counted(summary.notes, "note")
        parts = [
            f"{counted(sources, 'file')} checked: {summary.good:,} good, {summary.bad:,} bad",
            *([f"{summary.skipped:,} skipped"] if summary.skipped else []),
            f"{some}{counted(summary.errors, 'error')}, {warnings}, {notes}",
        ]
        self._write(self._styled("1;31" if summary.bad else "1;32", "; ".join(parts)) + "\n")
        if self._colour and self._shown:
            hint = f"qartifacts rule {self._shown} tells what a code means and how to fix it"
            self._write(self._styled(_DIM, hint) + "\n")

    def _styled(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour else text
