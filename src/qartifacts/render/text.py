"""Reports as text: one line per finding, in the form that editors and terminals make clickable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qartifacts.codes import CODES
from qartifacts.findings import Report, Severity, Summary, counted, left_out
from qartifacts.render import Write
from qartifacts.source import display_name, starting_name

__all__ = ["TextRenderer", "statistics", "summary_line"]

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
        by_code: Whether to count findings by code at the end.
    """

    def __init__(
        self,
        write: Write,
        *,
        colour: bool = False,
        verbose: bool = False,
        strict: bool = False,
        by_code: bool = False,
    ) -> None:
        self._write = write
        self._colour = colour
        self._verbose = verbose
        self._strict = strict
        self._by_code = by_code
        self._shown: str | None = None

    def report(self, report: Report) -> None:
        if report.says_nothing and not self._verbose:
            return  # As most of a store.
        text = self._styled(_BOLD, starting_name(report.text_name))
        for finding in report.findings:
            label = f"{finding.severity} {finding.code}"
            label = self._styled(_COLOURS[finding.severity], label)
            self._write(f"{text}:{finding.place} {label}: {display_name(finding.message)}\n")
            self._shown = self._shown or finding.code
        for finding in report.known_findings:
            label = self._styled(_DIM, f"known {finding.severity} {finding.code}")
            self._write(f"{text}:{finding.place} {label}: {display_name(finding.message)}\n")
        if not (report.omitted or self._verbose):
            return
        name = self._styled(_BOLD, starting_name(report.name))
        if report.omitted:
            self._write(f"{name}: {left_out(report)} (--max-findings)\n")
        if self._verbose:
            self._write(f"{name}: {self._verdict(report)}\n")

    def _verdict(self, report: Report) -> str:
        good = report.passes(strict=self._strict)
        if good and report.skipped:
            return self._styled(_DIM, "skipped")
        verdict = self._styled("32", "ok") if good else self._styled("31", "bad")
        return f"{verdict} ({report.format or 'format unknown'})"

    def end(self, summary: Summary, error: str | None = None) -> None:
        if error is not None and not summary.sources:
            return  # The command says it, and there is nothing to add.
        if self._by_code:
            self._write(statistics(summary))
        line = summary_line(summary, stopped=error is not None)
        self._write(self._styled("1;31" if summary.bad else "1;32", line) + "\n")
        if self._colour and self._shown:
            hint = f"qartifacts rule {self._shown} tells what a code means and how to fix it"
            self._write(self._styled(_DIM, hint) + "\n")

    def _styled(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour else text


def summary_line(summary: Summary, *, stopped: bool = False) -> str:
    """Totals in one line; ``stopped`` says that checking stopped before the end."""
    sources, noun = summary.good + summary.bad, "payload" if summary.members else "file"
    some = "at least " if summary.at_least else ""
    warnings, notes = counted(summary.warnings, "warning"), counted(summary.notes, "note")
    parts = [
        *(["stopped early"] if stopped else []),
        f"{counted(sources, noun)} checked: {summary.good:,} good, {summary.bad:,} bad",
        *([f"{summary.skipped:,} skipped"] if summary.skipped else []),
        f"{some}{counted(summary.errors, 'error')}, {warnings}, {notes}",
        *([f"{summary.known:,} known"] if summary.known else []),
    ]
    return "; ".join(parts)


def statistics(summary: Summary) -> str:
    """A table of codes, the most frequent first; empty where there are no findings."""
    rows = [(number, f"{code}  {CODES[code].title}") for code, number in summary.by_code()]
    if summary.omitted:
        rows.append((summary.omitted, "not listed, and so of unknown codes (--max-findings)"))
    width = max((len(f"{number:,}") for number, _ in rows), default=0)
    return "".join(f"{number:>{width},}  {what}\n" for number, what in rows)
