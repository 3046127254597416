"""Reports as JSON Lines: one report a line, for programs that read while the check goes on."""

from __future__ import annotations

import json

from qartifacts.findings import Report, Summary
from qartifacts.render import Write

__all__ = ["JsonLinesRenderer"]


class JsonLinesRenderer:
    """Writes each report on a line, in the structure that it has in ``--output json``.

    Where checking stops before the end, a last line says why: an object of one member, ``error``.

    Args:
        write: Where lines go.
    """

    def __init__(self, write: Write) -> None:
        self._write = write

    def report(self, report: Report) -> None:
        self._write(json.dumps(report.to_dict()) + "\n")

    def end(self, summary: Summary, error: str | None = None) -> None:
        if error is not None:
            self._write(json.dumps({"error": error}) + "\n")
