"""Reports as one JSON document, whose structure is ``report.schema.json`` beside this module.

The structure has a version of its own. Within a version, members may be added, and nothing is
taken away or changes its meaning.
"""

from __future__ import annotations

import json
from typing import Final

from qartifacts.findings import Report, Summary
from qartifacts.render import Write

__all__ = ["VERSION", "JsonRenderer"]

VERSION: Final = 1


class JsonRenderer:
    """Writes one object: reports as they come, then the totals.

    Args:
        write: Where pieces of the document go.
        tool_version: Version of qartifacts, for the document's head.
    """

    def __init__(self, write: Write, tool_version: str) -> None:
        self._write = write
        self._separator = "\n"
        tool = json.dumps({"name": "qartifacts", "version": tool_version})
        write(f'{{"version": {VERSION}, "tool": {tool}, "reports": [')

    def report(self, report: Report) -> None:
        self._write(self._separator + json.dumps(report.to_dict()))
        self._separator = ",\n"

    def end(self, summary: Summary, error: str | None = None) -> None:
        totals = {
            "sources": summary.good + summary.bad + summary.skipped,
            "good": summary.good,
            "bad": summary.bad,
            "skipped": summary.skipped,
            "errors": summary.errors,
            "warnings": summary.warnings,
            "notes": summary.notes,
            "at_least": summary.at_least,
        }
        self._write(f'\n], "summary": {json.dumps(totals)}, "error": {json.dumps(error)}}}\n')
