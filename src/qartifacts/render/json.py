"""Reports as one JSON document, whose structure is ``report.schema.json`` beside this module.

The structure has a version of its own. Within a version, members may be added, and nothing is
taken away or changes its meaning.
"""

from __future__ import annotations

import json
from typing import Any, Final

from qartifacts.codes import CODES
from qartifacts.findings import Report, Summary
from qartifacts.render import Write

__all__ = ["VERSION", "JsonRenderer", "totals"]

VERSION: Final = 1


class JsonRenderer:
    """Writes one object: reports as they come, then the totals.

    Args:
        write: Where pieces of the document go.
        tool_version: Version of qartifacts, for the document's head.
        statistics: Whether to count findings by code.
    """

    def __init__(self, write: Write, tool_version: str, *, statistics: bool = False) -> None:
        self._write = write
        self._statistics = statistics
        self._separator = "\n"
        tool = json.dumps({"name": "qartifacts", "version": tool_version})
        write(f'{{"version": {VERSION}, "tool": {tool}, "reports": [')

    def report(self, report: Report) -> None:
        self._write(self._separator + json.dumps(report.to_dict()))
        self._separator = ",\n"

    def end(self, summary: Summary, error: str | None = None) -> None:
        members = {
            "summary": totals(summary),
            "statistics": _by_code(summary) if self._statistics else None,
            "error": error,
        }
        self._write(f"\n], {json.dumps(members)[1:-1]}}}\n")


def totals(summary: Summary) -> dict[str, Any]:
    """A summary as plain JSON values."""
    return {
        "sources": summary.sources,
        "good": summary.good,
        "bad": summary.bad,
        "skipped": summary.skipped,
        "errors": summary.errors,
        "warnings": summary.warnings,
        "notes": summary.notes,
        "omitted": summary.omitted,
        "at_least": summary.at_least,
        "known": summary.known,
    }


def _by_code(summary: Summary) -> list[dict[str, Any]]:
    return [
        {"code": code, "title": CODES[code].title, "findings": number}
        for code, number in summary.by_code()
    ]
