"""Reports in every form: read by parsers of others, whole whatever happens, in bounded memory."""

from __future__ import annotations

import os
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qartifacts.codes import CODES
from qartifacts.findings import Finding, Report, Severity, Summary
from qartifacts.identifiers import PROBABILITIES_V1
from qartifacts.render import Renderer, Write
from qartifacts.render.github import GithubRenderer
from qartifacts.render.json import JsonRenderer
from qartifacts.render.jsonl import JsonLinesRenderer
from qartifacts.render.junit import JunitRenderer
from qartifacts.render.locations import ProjectPaths
from qartifacts.render.sarif import FINGERPRINT, SarifRenderer
from qartifacts.render.text import TextRenderer
from qartifacts.source import display_name
from report_readers import (
    FORMS,
    READERS,
    REPORT,
    read_github,
    read_json,
    read_jsonl,
    read_junit,
    read_sarif,
    read_text,
    undoubled,
)
from support import length

TOP = os.path.realpath(os.sep)
Make = Callable[[Write], Renderer]


def renderers(top: str = TOP) -> dict[str, Make]:
    paths = ProjectPaths(top)
    return {
        "text": TextRenderer,
        "json": lambda write: JsonRenderer(write, "1.0"),
        "jsonl": JsonLinesRenderer,
        "sarif": lambda write: SarifRenderer(write, "1.0", paths),
        "github": lambda write: GithubRenderer(write, paths),
        "junit": JunitRenderer,
    }


def rendered(
    form: str, reports: Iterable[Report], *, error: str | None = None, top: str = TOP
) -> str:
    pieces: list[str] = []
    renderer, summary = renderers(top)[form](pieces.append), Summary()
    for report in reports:
        summary.add(report)
        renderer.report(report)
    renderer.end(summary, error)
    return "".join(pieces)


def report_of(source: str, *findings: Finding, member: str = "", **more: Any) -> Report:
    severities = Counter(finding.severity for finding in findings)
    return Report(
        source,
        PROBABILITIES_V1,
        findings,
        errors=severities[Severity.ERROR],
        warnings=severities[Severity.WARNING],
        notes=severities[Severity.NOTE],
        member=member,
        **more,
    )


def finding_of(
    code: str = "QA206", pointer: str = "/00", line: int | None = 1, column: int | None = 2
) -> Finding:
    return Finding(code, CODES[code].severity, "said of it", pointer, line, column)


class TestSarif:
    def test_a_result(self) -> None:
        run = read_sarif(rendered("sarif", [report_of("/store/bell.json", finding_of())]))
        (result,) = run["results"]
        assert result["ruleId"] == "QA206"
        assert result["level"] == "error"
        assert result["locations"] == [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "store/bell.json", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 1, "startColumn": 2},
                },
                "logicalLocations": [{"fullyQualifiedName": "/00"}],
            }
        ]
        assert "%SRCROOT%" in run["originalUriBaseIds"]
        assert run["invocations"] == [{"executionSuccessful": True}]

    @pytest.mark.parametrize("code", CODES)
    def test_every_code_can_be_a_rule(self, code: str) -> None:
        run = read_sarif(rendered("sarif", [report_of("/a.json", finding_of(code))]))
        (rule,) = run["tool"]["driver"]["rules"]
        entry = CODES[code]
        assert rule["shortDescription"]["text"] == entry.title
        assert rule["defaultConfiguration"]["level"] == entry.severity
        for text in (rule["help"]["text"], rule["help"]["markdown"]):
            assert entry.why in text
            assert entry.remedy in text
        assert ("--ignore" in rule["help"]["markdown"]) is entry.ignorable
        # A fence that an example would close would let it out of its box.
        assert rule["help"]["markdown"].count("```") == 2 * (entry.format is not None)

    def test_rules_come_once_each(self) -> None:
        codes = ["QA206", "QA205", "QA206", "QA202", "QA205"]
        reports = [report_of(f"/{n}.json", finding_of(code)) for n, code in enumerate(codes)]
        run = read_sarif(rendered("sarif", reports))
        assert [result["ruleIndex"] for result in run["results"]] == [0, 1, 0, 2, 1]
        assert [result["level"] for result in run["results"]] == [
            "error", "note", "error", "warning", "note",
        ]  # fmt: skip

    def test_a_finding_without_text_has_no_region(self) -> None:
        finding = Finding("QA001", Severity.ERROR, "it cannot be read")
        run = read_sarif(rendered("sarif", [report_of("/a.json", finding)]))
        assert run["results"][0]["locations"] == [
            {"physicalLocation": {"artifactLocation": {"uri": "a.json", "uriBaseId": "%SRCROOT%"}}}
        ]

    def test_a_member_of_an_archive_has_no_line_in_it(self) -> None:
        report = report_of("/old.zip", finding_of(line=7), member="june/bell.json")
        (result,) = read_sarif(rendered("sarif", [report]))["results"]
        (location,) = result["locations"]
        assert location["physicalLocation"] == {
            "artifactLocation": {"uri": "old.zip", "uriBaseId": "%SRCROOT%"}
        }
        assert location["logicalLocations"] == [
            {"fullyQualifiedName": "june/bell.json", "kind": "resource"},
            {"fullyQualifiedName": "/00"},
        ]
        assert result["message"]["text"].startswith("june/bell.json:7:2: ")

    def test_a_line_of_a_file_of_payloads_is_a_line(self) -> None:
        report = report_of("/runs.ndjson", finding_of(line=7, column=1), member="7")
        (result,) = read_sarif(rendered("sarif", [report]))["results"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["region"] == {"startLine": 7, "startColumn": 1}
        assert location["logicalLocations"] == [{"fullyQualifiedName": "/00"}]

    def test_known_findings_are_suppressed(self) -> None:
        known = finding_of(pointer="/01")
        report = report_of("/a.json", finding_of(), known=1, known_findings=(known,))
        new, old = read_sarif(rendered("sarif", [report]))["results"]
        assert new["suppressions"] == []
        assert [each["kind"] for each in old["suppressions"]] == ["external"]
        logical = old["locations"][0]["logicalLocations"]
        assert logical == [{"fullyQualifiedName": "/01"}]

    def test_text_of_files_becomes_no_link_and_no_argument(self) -> None:
        message = 'the key "[see](https://example.org) {0}" is bad'
        finding = replace(finding_of(), message=message)
        (result,) = read_sarif(rendered("sarif", [report_of("/a.json", finding)]))["results"]
        assert undoubled(result["message"]["text"]) == message.replace("](", "] (")

    def test_an_early_end_is_told(self) -> None:
        run = read_sarif(rendered("sarif", [], error="interrupted"))
        (invocation,) = run["invocations"]
        assert invocation["executionSuccessful"] is False
        (notification,) = invocation["toolExecutionNotifications"]
        assert notification["level"] == "error"


class TestFingerprints:
    @staticmethod
    def of(*reports: Report, top: str = TOP) -> list[str]:
        run = read_sarif(rendered("sarif", reports, top=top))
        return [result["partialFingerprints"][FINGERPRINT] for result in run["results"]]

    def test_they_stay_when_other_findings_appear(self) -> None:
        (alone,) = self.of(report_of("/a.json", finding_of()))
        among = self.of(
            report_of("/0.json", finding_of()),
            report_of("/a.json", finding_of(pointer="/01"), finding_of("QA205"), finding_of()),
        )
        assert among[3] == alone
        assert len(set(among)) == 4

    def test_they_stay_when_lines_and_words_change(self) -> None:
        finding = finding_of()
        moved = replace(finding, line=9, column=9, message="other words", severity=Severity.NOTE)
        assert self.of(report_of("/a.json", finding)) == self.of(report_of("/a.json", moved))

    def test_what_is_alike_is_numbered(self) -> None:
        (once,) = self.of(report_of("/a.json", finding_of()))
        first, second = self.of(report_of("/a.json", finding_of(), finding_of(column=9)))
        assert first == once
        assert second != once
        # Reports have nothing to do with each other.
        assert self.of(*2 * [report_of("/a.json", finding_of())]) == [once, once]

    def test_each_part_of_the_place_matters(self) -> None:
        report = report_of("/a.json", finding_of())
        others = [
            replace(report, source="/b.json"),
            replace(report, member="7"),
            report_of("/a.json", finding_of(pointer="/0")),
            report_of("/a.json", finding_of("QA207")),
        ]
        assert len(set(self.of(report, *others))) == 5

    def test_they_do_not_depend_on_the_place_of_the_project(self) -> None:
        report, moved = (report_of(f"{top}/a.json", finding_of()) for top in ("/one", "/two"))
        assert self.of(report, top="/one") == self.of(moved, top="/two")


class TestGithub:
    def test_commands(self) -> None:
        findings = [finding_of(), finding_of("QA202"), finding_of("QA205", "/1", None, None)]
        text = rendered("github", [report_of("/store/bell.json", *findings)])
        assert text.splitlines()[0] == (
            "::error file=store/bell.json,line=1,col=2,title=QA206::said of it"
        )
        place = {"file": "store/bell.json", "line": "1", "col": "2"}
        assert [(command, about) for command, about, _ in read_github(text)] == [
            ("error", {**place, "title": "QA206"}),
            ("warning", {**place, "title": "QA202"}),
            ("notice", {"file": "store/bell.json", "title": "QA205"}),
        ]

    def test_what_the_runner_would_take_for_syntax_is_escaped(self) -> None:
        report = report_of("/100%,a:b\r.json", replace(finding_of(), message="100%25 ::\n::x::"))
        assert rendered("github", [report]) == (
            "::error file=100%25%2Ca%3Ab\\r.json,line=1,col=2,title=QA206::100%2525 ::\\n::x::\n"
        )

    def test_a_member_of_an_archive_has_no_line_in_it(self) -> None:
        report = report_of("/old.zip", finding_of(line=7), member="june/bell.json")
        ((_, about, message),) = read_github(rendered("github", [report]))
        assert about == {"file": "old.zip", "title": "QA206"}
        assert message.startswith("june/bell.json:7:2: ")

    def test_an_early_end_is_told(self) -> None:
        ((command, about, _),) = read_github(rendered("github", [], error="interrupted"))
        assert (command, about) == ("error", {"title": "qartifacts"})


class TestJunit:
    def test_a_case_for_each_payload(self) -> None:
        note = finding_of("QA205")
        skipped = Report("/b.json", None, (Finding("QA020", Severity.NOTE, "no format"),), notes=1)
        suite = read_junit(
            rendered(
                "junit",
                [
                    report_of("/a.json", finding_of(), finding_of(pointer="/1"), note),
                    skipped,
                    report_of("/good.json"),
                    report_of("/noted.json", note),
                    report_of("/old.zip", member="bell.json"),
                    report_of("/runs.ndjson", member="7"),
                ],
            )
        )
        cases = suite.findall("testcase")
        assert [(case.attrib["name"], [each.tag for each in case]) for case in cases] == [
            ("/a.json", ["failure"]),
            ("/b.json", ["skipped"]),
            ("/good.json", []),
            ("/noted.json", ["system-out"]),
            ("/old.zip!bell.json", []),
            ("/runs.ndjson:7", []),
        ]
        (failure,) = cases[0]
        assert failure.attrib["type"] == "QA206"
        assert failure.attrib["message"].startswith("1:2: error QA206: ")
        assert [line.split(":")[2] for line in (failure.text or "").splitlines()] == [
            " error QA206", " error QA206", " note QA205",
        ]  # fmt: skip

    def test_warnings_fail_under_strict(self) -> None:
        pieces: list[str] = []
        renderer, summary = JunitRenderer(pieces.append, strict=True), Summary()
        report = report_of("a.json", finding_of("QA205"), finding_of("QA202"))
        summary.add(report, strict=True)
        renderer.report(report)
        renderer.end(summary)
        (failure,) = read_junit("".join(pieces)).findall("testcase/failure")
        assert failure.attrib["type"] == "QA202"

    def test_what_is_not_listed_is_counted(self) -> None:
        report = Report("a.json", PROBABILITIES_V1, (), errors=3)
        (failure,) = read_junit(rendered("junit", [report])).findall("testcase/failure")
        assert "3 more" in (failure.text or "")

    def test_an_early_end_is_an_error(self) -> None:
        suite = read_junit(rendered("junit", [report_of("a.json")], error="interrupted"))
        assert [[each.tag for each in case] for case in suite] == [[], ["error"]]


class TestPaths:
    def test_paths_are_relative_to_the_top(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "work" / "store").mkdir(parents=True)
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "work" / "link").symlink_to(tmp_path / "elsewhere")
        monkeypatch.chdir(tmp_path / "work" / "store")
        paths = ProjectPaths(str(tmp_path / "work"))
        outside = tmp_path.resolve() / "a.json"
        for source, path in {
            "a.json": "store/a.json",
            "./june//a.json": "store/june/a.json",
            "../a.json": "a.json",
            str(tmp_path.resolve() / "work" / "a.json"): "a.json",
            "../../a.json": str(outside),
            "../link/../a.json": str(outside),
            "<stdin>": "<stdin>",
            "s3://bucket/a.json": "s3://bucket/a.json",
        }.items():
            assert paths.path(source) == path
        assert paths.uri("a b%.json") == "store/a%20b%25.json"
        assert paths.uri("a:b.json") == "store/a%3Ab.json"
        assert paths.uri("../../a b.json") == f"{outside.parent.as_uri()}/a%20b.json"
        assert paths.uri("s3://bucket/a b%20c%.json?x=1") == "s3://bucket/a%20b%20c%25.json?x=1"

    def test_the_top_may_be_the_root(self) -> None:
        assert ProjectPaths(os.sep).path("/a/b.json") == "a/b.json"


# ----------------------------------------------------------------------------------------------
# Hostile names and messages

#: Text that means something to one of the forms, or to a terminal.
_NASTY = st.sampled_from(
    [
        "\n", "\r", "\x1b[31m", "\x1b]0;owned\x07", "\0", "]]>", "<!--", "&amp;", "&", "<", '"', "'",
        "%", "%0A", "%25", "::", ":", ",", "\n::error::x", "::stop-commands::x", "{0}", "}", "](x)",
        "[a](https://example.org)", "\\", "\u2028", "\x85", "\u202e", "\ufffe", "\udcff", "\udc80",
        "\ud83d", "é", "结", "💥", "/", "..", "//", "#", "?", "~", "<stdin>", "file://", "a:b", " ",
    ]
)  # fmt: skip
_HOSTILE = st.lists(_NASTY | st.text(max_size=3), max_size=5).map("".join)
#: Names that a file may have: any bytes but two.
_NAMES = st.one_of(
    _HOSTILE.filter(lambda text: not re.search("[\ud800-\udc7f\udd00-\udfff]", text)),
    st.binary(min_size=1, max_size=8).map(os.fsdecode),
).map(lambda name: "/store/" + name.replace("\0", "").replace("/", "-") + ".json")
_PLACES = st.none() | st.tuples(st.integers(1, 10**6), st.integers(1, 10**6))


@st.composite
def hostile_findings(draw: st.DrawFn) -> Finding:
    line, column = draw(_PLACES) or (None, None)
    return Finding(
        draw(st.sampled_from(sorted(CODES))),
        draw(st.sampled_from(Severity)),
        draw(_HOSTILE),
        # Pointers are text: halves of characters are replaced where they are made.
        draw(_HOSTILE).encode("utf-8", "replace").decode(),
        line,
        column,
    )


_MEMBERS = st.one_of(
    st.just(""), st.integers(1, 10**6).map(str), _HOSTILE.map(lambda name: name + ".json")
)


@st.composite
def hostile_reports(draw: st.DrawFn) -> Report:
    findings = draw(st.lists(hostile_findings(), max_size=3))
    report = report_of(draw(_NAMES), *findings, member=draw(_MEMBERS))
    return replace(report, format=draw(st.sampled_from([PROBABILITIES_V1, None])))


hostile = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
reports_of_any_kind = given(st.lists(hostile_reports(), max_size=3))
_WORST = example(
    [
        report_of(
            "/store/\udcff\n::error::x\x1b[2J]]>%0A.json",
            Finding("QA206", Severity.ERROR, "\ud83d\n\0]]>{0}[a](b)%\x1b", "/\n]]>\x00", 1, 2),
            member="\udc80]]>.json",
        )
    ]
)


class TestHostileReports:
    @hostile
    @reports_of_any_kind
    @_WORST
    def test_sarif(self, reports: list[Report]) -> None:
        results = read_sarif(rendered("sarif", reports))["results"]
        given = [(report, finding) for report in reports for finding in report.findings]
        assert len(results) == len(given)
        for result, (report, finding) in zip(results, given, strict=True):
            assert (result["ruleId"], result["level"]) == (finding.code, finding.severity)
            (location,) = result["locations"]
            place = location["physicalLocation"]
            uri = place["artifactLocation"]["uri"]
            assert unquote_to_bytes("/" + uri) == os.fsencode(report.source)
            assert not urlsplit(uri).scheme
            assert ("region" in place) is (finding.line is not None and not bool(report.archived))
            names = [each["fullyQualifiedName"] for each in location.get("logicalLocations", [])]
            assert ([finding.pointer] if finding.pointer else []) == names[bool(report.archived) :]
            assert undoubled(result["message"]["text"]).isprintable()

    @hostile
    @reports_of_any_kind
    @_WORST
    def test_github(self, reports: list[Report]) -> None:
        commands = read_github(rendered("github", reports))
        given = [(report, finding) for report in reports for finding in report.findings]
        assert len(commands) == len(given)
        for (command, about, message), (report, finding) in zip(commands, given, strict=True):
            assert command == {"note": "notice"}.get(finding.severity, finding.severity)
            assert about["file"] == display_name(report.source[1:])
            assert about["title"] == finding.code
            if finding.line is not None and not bool(report.archived):
                assert (about["line"], about["col"]) == (str(finding.line), str(finding.column))
            else:
                assert set(about) == {"file", "title"}
            assert message.endswith(display_name(finding.message))
            assert message.isprintable()

    @hostile
    @reports_of_any_kind
    @_WORST
    def test_junit(self, reports: list[Report]) -> None:
        suite = read_junit(rendered("junit", reports))
        assert [case.attrib["name"] for case in suite] == [
            display_name(report.name) for report in reports
        ]
        for case, report in zip(suite, reports, strict=True):
            expected = (
                "skipped" if report.skipped
                else "failure" if not report.ok
                else "system-out" if report.findings
                else None
            )  # fmt: skip
            assert [each.tag for each in case] == [expected] * (expected is not None)
            if expected in ("failure", "system-out"):
                assert (case[0].text or "").count("\n") == len(report.findings) - 1

    @hostile
    @reports_of_any_kind
    @_WORST
    def test_json(self, reports: list[Report]) -> None:
        document = read_json(rendered("json", reports))
        lines = read_jsonl(rendered("jsonl", reports))
        assert document["reports"] == lines
        for line, report in zip(lines, reports, strict=True):
            assert [each["code"] for each in line["findings"]] == [
                each.code for each in report.findings
            ]
            assert line["source"] == report.source.encode("utf-8", "backslashreplace").decode()
            assert (line["member"] is None) is (report.member == "")

    @hostile
    @reports_of_any_kind
    @_WORST
    def test_text(self, reports: list[Report]) -> None:
        lines = read_text(rendered("text", reports))
        given = [(report, finding) for report in reports for finding in report.findings]
        assert len(lines) == len(given) + 1
        for line, (report, finding) in zip(lines, given, strict=False):
            assert line.startswith(f"{display_name(report.text_name)}:")
            assert f" {finding.severity} {finding.code}: " in line


# ----------------------------------------------------------------------------------------------
# Streams


@pytest.mark.parametrize("form", FORMS)
class TestStreams:
    def test_memory_does_not_grow_with_the_findings(self, form: str) -> None:
        number = length(8_000, 100_000)
        # Of cases for JUnit, the first MiB stays in memory. A few bytes a report would be too much.
        bound = 100_000 + (form == "junit") * 1_200_000
        # Threads that other tests left to this process may take some memory meanwhile, but hardly
        # every time.
        assert any(self._peak(form, number) < bound for _ in range(3))

    def _peak(self, form: str, number: int) -> int:
        """The bytes that so many reports take at the most."""
        written = 0

        def write(text: str) -> None:
            nonlocal written
            written += len(text)

        def feed(renderer: Renderer, summary: Summary, at: int) -> None:
            report = report_of(f"/store/{at}.json", finding_of(pointer=f"/{at}"))
            summary.add(report)
            renderer.report(report)

        renderer, summary = renderers()[form](write), Summary()
        feed(renderer, summary, 0)  # What is imported and cached for the first report is no growth.
        tracemalloc.start()
        try:
            for at in range(1, number):
                feed(renderer, summary, at)
            renderer.end(summary)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert written > 40 * number
        assert summary.codes == {"QA206": number}
        return peak

    def test_reports_are_written_as_they_come(self, form: str) -> None:
        pieces: list[str] = []
        renderer = renderers()[form](pieces.append)
        renderer.report(report_of("/bell.json", finding_of()))
        assert ("QA206" in "".join(pieces)) is (form != "junit")
        renderer.end(Summary())

    @pytest.mark.parametrize("number", [0, 1, 2])
    @pytest.mark.parametrize("error", [None, "interrupted", 'why: {"%\n]]>'])
    def test_a_document_is_whole_whenever_it_ends(
        self, form: str, number: int, error: str | None
    ) -> None:
        reports = [report_of(f"/{at}.json", finding_of()) for at in range(number)]
        whole, early = rendered(form, reports), rendered(form, reports, error=error)
        READERS[form](whole)
        if form != "text":  # Its error is told by the command.
            READERS[form](early)
            assert (early == whole) is (error is None)
        if form == "json":
            assert read_json(early)["error"] == error
        if form == "jsonl" and error is not None:
            assert read_jsonl(early)[number:] == [{"error": error}]


class TestJsonLines:
    def test_a_line_is_a_report_of_the_document(self) -> None:
        reports = [report_of("/bell.json", finding_of()), report_of("/old.zip", member="a.json")]
        lines = read_jsonl(rendered("jsonl", reports))
        for line in lines:
            jsonschema.Draft202012Validator(REPORT).validate(line)
        assert lines == read_json(rendered("json", reports))["reports"]
        assert [line["member"] for line in lines] == [None, "a.json"]


class TestText:
    def test_members_are_named(self) -> None:
        reports = [
            report_of("old.zip", finding_of(line=7), member="june/bell.json"),
            report_of("runs.ndjson", finding_of(line=7), member="7"),
            report_of("old.zip", finding_of(line=7), member="runs.ndjson:7"),
        ]
        places = ["old.zip!june/bell.json:7:2:", "runs.ndjson:7:2:", "old.zip!runs.ndjson:7:2:"]
        *lines, totals = read_text(rendered("text", reports))
        assert [line.split(" ")[0] for line in lines] == places
        assert [str(report).split(" ")[0] for report in reports] == places
        assert totals.startswith("3 payloads checked: ")

    def test_payloads_of_one_file_are_told_apart(self) -> None:
        pieces: list[str] = []
        renderer = TextRenderer(pieces.append, verbose=True)
        renderer.report(report_of("runs.ndjson", member="7"))
        renderer.report(replace(report_of("old.zip", member="a.json"), errors=1))
        renderer.report(report_of("old.zip", member="runs.ndjson:7"))
        assert [line.split(" ")[0] for line in "".join(pieces).splitlines()] == [
            "runs.ndjson:7:", "old.zip!a.json:", "old.zip!a.json:", "old.zip!runs.ndjson:7:",
        ]  # fmt: skip

    def test_known_findings_are_marked(self) -> None:
        report = report_of("a.json", known=1, known_findings=(finding_of(),))
        line, totals = read_text(rendered("text", [report]))
        assert line.startswith("a.json:1:2: known error QA206: ")
        assert totals.endswith("; 1 known")

    def test_totals_of_an_early_end_say_so(self) -> None:
        (line,) = read_text(rendered("text", [report_of("a.json")], error="interrupted"))
        assert line.startswith("stopped early; 1 file checked: 1 good")
        assert rendered("text", [], error="interrupted") == ""


class TestStatistics:
    def test_the_most_frequent_code_comes_first(self) -> None:
        summary = Summary()
        for code in ("QA205", "QA206", "QA101", "QA206"):
            summary.add(report_of("a.json", finding_of(code)))
        assert summary.by_code() == [("QA206", 2), ("QA101", 1), ("QA205", 1)]
        assert summary.omitted == 0

    def test_what_is_not_listed_is_counted_apart(self) -> None:
        summary = Summary()
        summary.add(Report("a.json", PROBABILITIES_V1, (finding_of(),), errors=1_500))
        assert (summary.by_code(), summary.omitted) == ([("QA206", 1)], 1_499)
