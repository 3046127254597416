"""Reports as JUnit XML, which build servers read: a test case for each payload.

The counts of a suite stand before its cases and are known after them. So cases go to a temporary
file first; that of a small run stays in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from html import escape
from typing import Final

from qartifacts.findings import Finding, Report, Severity, Summary, left_out
from qartifacts.render import Write
from qartifacts.source import display_name

__all__ = ["JunitRenderer"]

#: Bytes of cases that are kept in memory, and that are copied at a time.
_IN_MEMORY: Final = 1 << 20
_PIECE: Final = 1 << 16

#: Servers group cases by the class that they belong to.
_CLASS: Final = "qartifacts.check"


class JunitRenderer:
    """Writes one suite with a case for each payload: passed, failed or skipped.

    A payload that fails has one failure, of its most telling finding: servers show no second one.
    Its text lists all findings. Those of a payload that passes are output of its case.

    Args:
        write: Where pieces of the document go.
        strict: Whether warnings fail.
    """

    def __init__(self, write: Write, *, strict: bool = False) -> None:
        self._write = write
        self._strict = strict
        self._cases = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # Until the end.

    def report(self, report: Report) -> None:
        lines = [str(finding) for finding in report.findings]
        if report.omitted:
            lines.append(f"{left_out(report)} (--max-findings)")
        if not report.passes(strict=self._strict):
            first = next(iter(filter(self._fails, report.findings)), None)
            about = {"type": first.code, "message": str(first)} if first else {}
            content = _element("failure", about, lines)
        elif report.skipped:
            content = _element("skipped", {"message": "; ".join(lines)})
        else:
            content = _element("system-out", {}, lines) if lines else ""
        self._add_case(report.name, content)

    def _fails(self, finding: Finding) -> bool:
        return finding.severity is Severity.ERROR or (
            self._strict and finding.severity is Severity.WARNING
        )

    def end(self, summary: Summary, error: str | None = None) -> None:
        if error is not None:
            self._add_case("the check itself", _element("error", {"message": error}))
        counts = {
            "tests": str(summary.sources + (error is not None)),
            "failures": str(summary.bad),
            "errors": str(int(error is not None)),
        }
        self._write('<?xml version="1.0" encoding="UTF-8"?>\n')
        self._write(f"<testsuites{_attributes({'name': 'qartifacts', **counts})}>\n")
        suite = {"name": "qartifacts check", **counts, "skipped": str(summary.skipped)}
        self._write(f"<testsuite{_attributes(suite)}>\n")
        self._cases.seek(0)
        while piece := self._cases.read(_PIECE):
            self._write(piece.decode("ascii"))
        self._cases.close()
        self._write("</testsuite>\n</testsuites>\n")

    def _add_case(self, name: str, content: str) -> None:
        about = _attributes({"classname": _CLASS, "name": name})
        self._cases.write(f"<testcase{about}>{content}</testcase>\n".encode("ascii"))


def _element(name: str, attributes: Mapping[str, str], lines: list[str] | None = None) -> str:
    content = "\n".join(map(_text, lines or []))
    return f"<{name}{_attributes(attributes)}>{content}</{name}>"


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f' {name}="{_text(value)}"' for name, value in values.items())


def _text(text: str) -> str:
    """``text`` as one line of XML, in ASCII. What XML cannot hold is escaped as for terminals."""
    return escape(display_name(text)).encode("ascii", "xmlcharrefreplace").decode()
