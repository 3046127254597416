"""Findings as commands of GitHub's workflows, which become annotations of the files' lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qartifacts.findings import Report, Severity, Summary, counted
from qartifacts.render import Write
from qartifacts.render.locations import Annotation, ProjectPaths
from qartifacts.source import display_name

__all__ = ["GithubRenderer"]

_COMMANDS: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}

#: What GitHub's own toolkit escapes: in what follows the command, and in its properties.
_IN_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES: Final = _IN_DATA | str.maketrans({":": "%3A", ",": "%2C"})


class GithubRenderer:
    """Writes a workflow command for each finding.

    Args:
        write: Where lines go.
        paths: How files are named: from the top of the repository.
    """

    def __init__(self, write: Write, paths: ProjectPaths) -> None:
        self._write = write
        self._paths = paths

    def report(self, report: Report) -> None:
        for finding in report.findings:
            annotation = Annotation.of(report, finding)
            properties = {"file": self._paths.path(report.source)}
            if annotation.line is not None:
                properties |= {"line": str(annotation.line), "col": str(annotation.column)}
            properties["title"] = finding.code
            self._command(_COMMANDS[finding.severity], properties, annotation.message)

    def end(self, summary: Summary, error: str | None = None) -> None:
        if summary.omitted:
            more = f"{counted(summary.omitted, 'more finding')} not shown (--max-findings)"
            self._command("notice", {"title": "qartifacts"}, more)
        if error is not None:
            self._command("error", {"title": "qartifacts"}, f"checking stopped: {error}")

    def _command(self, command: str, properties: Mapping[str, str], message: str) -> None:
        written = ",".join(
            f"{name}={display_name(value).translate(_IN_PROPERTIES)}"
            for name, value in properties.items()
        )
        self._write(f"::{command} {written}::{message.translate(_IN_DATA)}\n")
