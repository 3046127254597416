"""Findings as SARIF 2.1.0, which code scanning services and editors read.

Results are written as they come. The rules they refer to follow at the end: the order of members
does not matter in JSON, and there are no more rules than codes in the catalogue.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any, Final

from qartifacts.codes import CODES, Code
from qartifacts.findings import Finding, Report, Summary, counted
from qartifacts.render import Write
from qartifacts.render.json import totals
from qartifacts.render.locations import Annotation, ProjectPaths

__all__ = ["FINGERPRINT", "SarifRenderer"]

#: The name that fingerprints go under. The version in it changes with what they are made of.
FINGERPRINT: Final = "qartifacts/v1"

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
#: By common usage the name of the directory that relative URIs are relative to.
_TOP: Final = "%SRCROOT%"
_BASES: Final = {_TOP: {"description": {"text": "The top of the project."}}}


class SarifRenderer:
    """Writes a log of one run, with a result for each finding.

    Findings that a baseline holds are results that are suppressed.

    Args:
        write: Where pieces of the document go.
        tool_version: Version of qartifacts.
        paths: How files are named.
    """

    def __init__(self, write: Write, tool_version: str, paths: ProjectPaths) -> None:
        self._write = write
        self._version = tool_version
        self._paths = paths
        self._separator = "\n"
        #: Indices of rules, in the order in which their codes occur.
        self._rules: dict[str, int] = {}
        write(
            f'{{"$schema": {json.dumps(_SCHEMA)}, "version": "2.1.0", "runs": [{{'
            f'"columnKind": "unicodeCodePoints", "originalUriBaseIds": {json.dumps(_BASES)}, '
            '"results": ['
        )

    def report(self, report: Report) -> None:
        if not (report.findings or report.known_findings):
            return
        uri = self._paths.uri(report.source)
        alike: Counter[str] = Counter()
        for findings, suppressions in (
            (report.findings, []),
            (report.known_findings, [{"kind": "external", "justification": "in the baseline"}]),
        ):
            for finding in findings:
                result = self._result(report, finding, uri)
                fingerprint = _fingerprint(report, finding, uri)
                alike[fingerprint] += 1
                result["partialFingerprints"] = {FINGERPRINT: f"{fingerprint}:{alike[fingerprint]}"}
                result["suppressions"] = suppressions
                self._write(self._separator + json.dumps(result))
                self._separator = ",\n"

    def _result(self, report: Report, finding: Finding, uri: str) -> dict[str, Any]:
        annotation = Annotation.of(report, finding)
        place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
        if not uri.partition(":")[1]:  # A colon stands in absolute URIs alone.
            place["artifactLocation"]["uriBaseId"] = _TOP
        if annotation.line is not None:
            place["region"] = {"startLine": annotation.line, "startColumn": annotation.column}
        location: dict[str, Any] = {"physicalLocation": place}
        logical = []
        if report.archived:
            logical.append({"fullyQualifiedName": _text(report.member), "kind": "resource"})
        if finding.pointer:
            logical.append({"fullyQualifiedName": _text(finding.pointer)})
        if logical:
            location["logicalLocations"] = logical
        return {
            "ruleId": finding.code,
            "ruleIndex": self._rules.setdefault(finding.code, len(self._rules)),
            "level": str(finding.severity),
            "message": {"text": _plain(annotation.message)},
            "locations": [location],
        }

    def end(self, summary: Summary, error: str | None = None) -> None:
        driver = {
            "name": "qartifacts",
            "version": self._version,
            "rules": [_rule(CODES[code]) for code in self._rules],
        }
        notifications = []
        if summary.omitted:
            more = f"{counted(summary.omitted, 'more finding')} not shown (--max-findings)"
            notifications.append({"level": "warning", "message": {"text": more}})
        if error is not None:
            notifications.append({"level": "error", "message": {"text": _plain(error)}})
        invocation: dict[str, Any] = {"executionSuccessful": error is None}
        if notifications:
            invocation["toolExecutionNotifications"] = notifications
        members = {
            "tool": {"driver": driver},
            "invocations": [invocation],
            "properties": {"summary": totals(summary)},
        }
        self._write(f"\n], {json.dumps(members)[1:-1]}}}]}}\n")


def _fingerprint(report: Report, finding: Finding, uri: str) -> str:
    """What stays the same of a finding while others come and go, and while lines move."""
    parts = (uri, report.member, finding.code, finding.pointer)
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.id,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.why},
        "help": {"text": f"{code.why}\n\nHow to fix it: {code.remedy}", "markdown": _help(code)},
        "defaultConfiguration": {"level": str(code.severity)},
    }


def _help(code: Code) -> str:
    """What is known of a code, in Markdown. Nothing of it comes from files."""
    parts = [code.why, f"**How to fix it.** {code.remedy}"]
    if code.format is None:
        parts.append(f"**Example.** {code.example}")
    else:
        shown = code.example.replace("\ufeff", "\\ufeff").strip() or "(a blank file)"
        parts += [f"**Example** (`{code.format}`):", f"```\n{shown}\n```"]
    if code.ignorable:
        parts.append(f"It can be left out with `--ignore {code.id}`.")
    return "\n\n".join(parts)


def _plain(message: str) -> str:
    """``message`` as a plain text message, in which braces and links have a meaning (§ 3.11)."""
    message = message.replace("{", "{{").replace("}", "}}")
    # Messages quote files, which are hostile: no text of theirs becomes a link.
    return _text(message.replace("](", "] ("))


def _text(text: str) -> str:
    """``text`` without what no UTF-8 can hold."""
    return text.encode("utf-8", "backslashreplace").decode()
