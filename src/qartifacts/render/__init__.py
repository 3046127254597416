"""Reports for people and for programs: a renderer for each output format.

A renderer is told of each report as it comes and of the end; it writes text through the function
that it was given, so that nothing has to be kept until the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from qartifacts.findings import Report, Summary

__all__ = ["Renderer", "Write"]

Write = Callable[[str], None]


class Renderer(Protocol):
    """What every output format can do."""

    def report(self, report: Report) -> None:
        """Write one report."""

    def end(self, summary: Summary, error: str | None = None) -> None:
        """Write what comes last; ``error`` says why checking stopped before the end."""
