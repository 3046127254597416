"""Baselines: what is known does not fail, what is new does, and what has gone is told."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.baseline import Baseline, BaselineEntry, NewBaseline, collecting_all
from qartifacts.codes import Severity
from support import ROOT, Run

P1 = "ionq.result.probabilities.json.v1"
GOOD = '{"0": 0.5, "3": 0.5}'
BAD = '{"00": 0.5, "011": 0.5}'  # QA206, twice
OFF = '{"0": 0.5, "3": 0.4999}'  # QA202, a warning


def _write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def _entries(path: str) -> list[tuple[str, str, str | None, int]]:
    document = json.loads(Path(path).read_text(encoding="ascii"))
    return [
        (each["path"], each["code"], each.get("pointer"), each["count"])
        for each in document["findings"]
    ]


def _error(code: str, pointer: str = "") -> qa.Finding:
    return qa.Finding(code, Severity.ERROR, "in a test", pointer)


def _report(
    source: str, *findings: qa.Finding, member: str = "", at_least: bool = False
) -> qa.Report:
    number = Counter(finding.severity for finding in findings)
    return qa.Report(
        source,
        qa.FormatId(P1),
        findings,
        errors=number[Severity.ERROR],
        warnings=number[Severity.WARNING],
        notes=number[Severity.NOTE],
        at_least=at_least,
        member=member,
    )


def _baseline(path: Path, reports: Iterable[qa.Report]) -> Baseline:
    """A baseline of reports, which has been written and read again."""
    new = NewBaseline(str(path))
    for report in reports:
        assert new.filter(report).ok
    new.write()
    return Baseline(str(path))


class TestTheCommand:
    def test_what_is_known_passes_and_what_is_new_fails(self, run: Run) -> None:
        shutil.copytree(ROOT / "examples" / "results", "store")
        before = run("check", "store", "--output", "json")
        failing = json.loads(before.stdout)["summary"]
        assert before.exit_code == 1
        assert failing["errors"] > failing["bad"] > 20
        written = run("check", "store", "--write-baseline", "known.json", "--output", "json")
        after = run("check", "store", "--baseline", "known.json", "--output", "json")
        for result in (written, after):
            assert result.exit_code == 0
            summary = json.loads(result.stdout)["summary"]
            assert summary["errors"] == summary["bad"] == summary["skipped"] == 0
            assert summary["known"] == failing["errors"]
            assert summary["good"] == failing["good"] + failing["bad"]
            assert summary["warnings"] == failing["warnings"]
            assert summary["notes"] == failing["notes"]
        assert sum(count for *_, count in _entries("known.json")) == failing["errors"]

        _write(f"store/good/new.{P1}.json", BAD)
        broken = run("check", "store", "--baseline", "known.json", "--output", "json")
        assert broken.exit_code == 1
        reports = json.loads(broken.stdout)["reports"]
        (bad,) = [each for each in reports if not each["ok"]]
        assert bad["source"] == os.path.join("store", "good", f"new.{P1}.json")
        assert [each["code"] for each in bad["findings"]] == ["QA206", "QA206"]

    def test_the_file_is_pinned_byte_for_byte(self, run: Run) -> None:
        _write(f"b/old.{P1}.json", '{"00": 0.5, "0": 0.4}')
        _write(f"a.{P1}.json", '{"0": 1, "x": 0, "x": 0}')
        run("check", "b", f"a.{P1}.json", "--write-baseline", "known.json")
        expected = (
            "{\n"
            '"version": 1,\n'
            '"findings": [\n'
            f'{{"path": "a.{P1}.json", "code": "QA008", "pointer": "/x", "count": 1}},\n'
            f'{{"path": "b/old.{P1}.json", "code": "QA201", "pointer": "", "count": 1}},\n'
            f'{{"path": "b/old.{P1}.json", "code": "QA206", "pointer": "/00", "count": 1}}\n'
            "]\n"
            "}\n"
        )
        assert Path("known.json").read_bytes() == expected.encode()
        for paths in (["."], [f"a.{P1}.json", "b"], ["b", ".", "b"]):
            run("check", *paths, "--write-baseline", "known.json")
            assert Path("known.json").read_bytes() == expected.encode()

    def test_a_store_without_faults_has_an_empty_baseline(self, run: Run) -> None:
        _write(f"good.{P1}.json", GOOD)
        assert run("check", ".", "--write-baseline", ".known").exit_code == 0
        assert _entries(".known") == []
        assert run("check", ".", "--baseline", ".known").exit_code == 0

    def test_known_findings_are_printed_by_verbose_only(self, run: Run) -> None:
        _write(f"old.{P1}.json", BAD)
        run("check", ".", "--write-baseline", ".known")
        quiet = run("check", ".", "--baseline", ".known")
        assert "QA206" not in quiet.stdout
        assert quiet.stdout.endswith("0 errors, 0 warnings, 0 notes; 2 known\n")
        verbose = run("check", ".", "--baseline", ".known", "--verbose")
        assert verbose.stdout.count("known error QA206") == 2
        one = run("check", ".", "--baseline", ".known", "--verbose", "--max-findings", 1)
        assert one.stdout.count("known error QA206") == 1
        assert "; 2 known\n" in one.stdout

    def test_what_has_gone_is_told_and_does_not_fail(self, run: Run) -> None:
        for name in ("kept", "mended", "unseen"):
            _write(f"{name}.{P1}.json", BAD)
        run("check", ".", "--write-baseline", ".known")
        _write(f"mended.{P1}.json", '{"00": 0.5, "3": 0.5}')
        _write(f"unseen.{P1}.json", GOOD)
        result = run("check", f"kept.{P1}.json", f"mended.{P1}.json", "--baseline", ".known")
        assert result.exit_code == 0
        told = result.stderr.splitlines()
        assert ".known" in told[0]
        assert told[1:] == [f"  mended.{P1}.json: /011 QA206"]

    def test_many_that_have_gone_are_listed_by_verbose(self, run: Run) -> None:
        states = {f"0{number}": 1 / 64 for number in range(64)}
        _write(f"old.{P1}.json", json.dumps(states))
        run("check", ".", "--write-baseline", ".known")
        _write(f"old.{P1}.json", GOOD)
        short = run("check", ".", "--baseline", ".known").stderr
        assert 0 < short.count("QA206") < 64
        assert run("check", ".", "--baseline", ".known", "-v").stderr.count("QA206") == 64

    def test_more_findings_than_are_shown_are_known_one_by_one(self, run: Run) -> None:
        states = {f"0{number}": 1 / 256 for number in range(256)}
        _write(f"old.{P1}.json", json.dumps(states))
        run("check", ".", "--write-baseline", ".known")
        assert len(_entries(".known")) == 256
        assert run("check", ".", "--baseline", ".known", "--max-findings", 1).exit_code == 0
        _write(f"old.{P1}.json", json.dumps({"00x": 0, **states, "01x": 0}))
        result = run("check", ".", "--baseline", ".known", "--output", "json", "--max-findings", 1)
        assert result.exit_code == 1
        (report,) = json.loads(result.stdout)["reports"]
        assert (report["errors"], report["known"], report["omitted"]) == (2, 256, 2)
        assert [each["pointer"] for each in report["findings"]] == ["/00x"]

    def test_warnings_are_recorded_where_they_fail(self, run: Run) -> None:
        _write(f"off.{P1}.json", OFF)
        assert run("check", ".", "--write-baseline", ".lenient").exit_code == 0
        assert _entries(".lenient") == []
        assert run("check", ".", "--baseline", ".lenient", "--strict").exit_code == 1
        assert run("check", ".", "--write-baseline", ".strict", "--strict").exit_code == 0
        assert _entries(".strict") == [(f"off.{P1}.json", "QA202", "", 1)]
        for strict in ([], ["--strict"]):
            result = run("check", ".", "--baseline", ".strict", *strict)
            assert result.exit_code == 0
            assert "0 warnings, 0 notes; 1 known" in result.stdout
            assert result.stderr == ""

    def test_paths_are_relative_to_the_baseline(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _write(f"project/store/deep/old.{P1}.json", BAD)
        run("check", "project/store", "--write-baseline", "project/known.json")
        assert {path for path, *_ in _entries("project/known.json")} == {
            f"store/deep/old.{P1}.json"
        }
        absolute = os.path.abspath("project/store")
        assert run("check", absolute, "--baseline", "project/known.json").exit_code == 0
        monkeypatch.chdir("project/store/deep")
        known = "../../known.json"
        assert run("check", ".", "--baseline", known).exit_code == 0
        assert run("check", f"old.{P1}.json", "--baseline", known).exit_code == 0
        assert run("check", f"../deep/old.{P1}.json", "--baseline", known).exit_code == 0
        Path(f"twin.{P1}.json").write_text(BAD)
        assert run("check", ".", "--baseline", known).exit_code == 1

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
    def test_links_to_directories_make_no_difference(self, run: Run) -> None:
        _write(f"disk/store/old.{P1}.json", BAD)
        os.symlink("disk", "project")
        run("check", "disk/store", "--write-baseline", "disk/known.json")
        assert run("check", "project/store/", "--baseline", "disk/known.json").exit_code == 0
        assert run("check", "disk/store", "--baseline", "project/known.json").exit_code == 0
        os.symlink(f"old.{P1}.json", f"disk/store/linked.{P1}.json")
        assert run("check", "disk/store", "--baseline", "disk/known.json").exit_code == 1

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
    def test_what_cannot_be_read_or_told_may_be_known(self, run: Run) -> None:
        _write("store/ambiguous.json", "{}")
        os.symlink("nowhere", "store/broken.json")
        run("check", "store", "--write-baseline", ".known")
        assert [entry[:2] for entry in _entries(".known")] == [
            ("store/ambiguous.json", "QA021"),
            ("store/broken.json", "QA001"),
        ]
        result = run("check", "store", "--baseline", ".known")
        assert result.exit_code == 0
        assert result.stdout.startswith("2 files checked: 2 good, 0 bad; 0 errors")
        # A path that is named and cannot be opened is misuse, whatever is known.
        assert run("check", "store/broken.json", "--baseline", ".known").exit_code == 2

    def test_payloads_of_one_file_are_told_apart(self, run: Run) -> None:
        lines = [GOOD, BAD, GOOD]
        _write(f"runs.{P1}.ndjson", "\n".join(lines))
        _write(f"a.{P1}.json", BAD)
        with zipfile.ZipFile("old.zip", "w") as archive:
            archive.write(f"a.{P1}.json", f"in/a.{P1}.json")
        run("check", ".", "--write-baseline", ".known")
        findings = json.loads(Path(".known").read_bytes())["findings"]
        assert [(each["path"], each.get("member", "")) for each in findings] == [
            *[(f"a.{P1}.json", "")] * 2,
            *[("old.zip", f"in/a.{P1}.json")] * 2,
            *[(f"runs.{P1}.ndjson", "2")] * 2,
        ]
        result = run("check", ".", "--baseline", ".known")
        assert (result.exit_code, result.stderr) == (0, "")
        _write(f"runs.{P1}.ndjson", "\n".join([*lines, BAD]))
        result = run("check", ".", "--baseline", ".known", "--output", "json")
        assert result.exit_code == 1
        bad = [each for each in json.loads(result.stdout)["reports"] if not each["ok"]]
        assert [(each["member"], each["errors"], each["known"]) for each in bad] == [("4", 2, 0)]

    def test_members_of_one_name_add_up(self, run: Run) -> None:
        with tarfile.open("old.tar", "w") as archive:
            for text in ('{"00": 0.5, "11": 0.5}', '{"0": 0.5, "011": 0.5}', GOOD):
                member = tarfile.TarInfo(f"a.{P1}.json")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
        assert run("check", ".", "--write-baseline", ".k").exit_code == 0
        assert [each[3] for each in _entries(".k")] == [1, 1]
        result = run("check", ".", "--baseline", ".k")
        assert (result.exit_code, "gone" in result.stderr) == (0, False)

    def test_what_was_deleted_has_gone_if_its_directory_was_checked(self, run: Run) -> None:
        for name in ("s/a", "s/b", "t/c"):
            _write(f"{name}.{P1}.json", BAD)
        assert run("check", "s", "t", "--write-baseline", ".k").exit_code == 0
        os.remove(f"s/a.{P1}.json")
        os.remove(f"t/c.{P1}.json")
        result = run("check", "s", "--baseline", ".k")
        assert (result.exit_code, result.stderr.count("QA206")) == (0, 2)
        assert f"s/a.{P1}.json: /00 QA206" in result.stderr
        assert "QA206" not in run("check", f"s/b.{P1}.json", "--baseline", ".k").stderr
        assert run("check", ".", "--baseline", ".k").stderr.count("QA206") == 4

    def test_a_baseline_behind_a_link_is_relative_to_where_it_is(self, run: Run) -> None:
        _write(f"s/a.{P1}.json", BAD)
        _write(".k", "")
        Path("r").mkdir()
        Path("r/k").symlink_to("../.k")
        assert run("check", "s", "--write-baseline", "r/k").exit_code == 0
        assert {each[0] for each in _entries(".k")} == {f"s/a.{P1}.json"}
        assert run("check", "s", "--baseline", ".k").exit_code == 0
        assert run("check", "s", "--baseline", "r/k").exit_code == 0

    def test_what_was_not_held_against_a_device_has_not_gone(self, run: Run) -> None:
        _write("a.json", '{"0": 0.5, "31": 0.5}')
        device = {"backend": "qpu.x", "qubits": 2, "connectivity": [[0, 1]]}
        _write("../d.ionq.characterization.v0.4.json", json.dumps(device))
        held = ("--device", "../d.ionq.characterization.v0.4.json")
        assert run("check", ".", *held, "--write-baseline", ".k").exit_code == 0
        assert [each[1] for each in _entries(".k")] == ["QA350"]
        assert run("check", ".", *held, "--baseline", ".k").exit_code == 0
        result = run("check", ".", "--baseline", ".k")
        assert (result.exit_code, "gone" in result.stderr) == (0, False)

    def test_known_findings_are_suppressed_results(self, run: Run) -> None:
        _write(f"a.{P1}.json", BAD)
        assert run("check", ".", "--write-baseline", ".k").exit_code == 0
        log = json.loads(run("check", ".", "--baseline", ".k", "--output", "sarif").stdout)
        results = log["runs"][0]["results"]
        assert [bool(each["suppressions"]) for each in results] == [True, True]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of POSIX")
class TestUnseen:
    """What lies in a directory that cannot be read is in no baseline."""

    @pytest.fixture
    def locked(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        _write(f"s/sub/a.{P1}.json", BAD)
        # Permissions do not hold for root.
        scandir = os.scandir

        def refuse(path: str) -> object:
            if path in self.unreadable:
                raise PermissionError(13, "Permission denied", path)
            return scandir(path)

        self.unreadable: set[str] = set()
        monkeypatch.setattr(os, "scandir", refuse)

    @pytest.mark.parametrize(("folder", "status"), [("s", 2), ("s/sub", 1)])
    def test_no_baseline_is_written(self, run: Run, locked: None, folder: str, status: int) -> None:
        assert run("check", "s", "--write-baseline", ".k").exit_code == 0
        before = Path(".k").read_bytes()
        self.unreadable = {folder}
        result = run("check", "s", "--write-baseline", ".k")
        assert (result.exit_code, Path(".k").read_bytes()) == (status, before)
        assert "not written" in result.stderr
        assert run("check", "s", "--baseline", ".k").exit_code == status


class TestMisuse:
    @pytest.mark.parametrize(
        "arguments",
        [
            [".", "--baseline", "known.json", "--write-baseline", "known.json"],
            ["-", "--baseline", "known.json"],
            ["-", "--write-baseline", "new.json"],
            [".", "--baseline", "missing.json"],
            [".", "--baseline", "."],
            [".", "--baseline", ""],
            [".", "--write-baseline", "missing/new.json"],
            [".", "--write-baseline", "."],
            [".", "--write-baseline", ""],
            ["--changed", "a.json", "--write-baseline", "new.json"],
        ],
    )
    def test_what_cannot_be_done(self, run: Run, arguments: list[str]) -> None:
        _write("known.json", '{"version": 1, "findings": []}')
        result = run("check", *arguments)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert "Error: " in result.stderr
        assert os.listdir() == ["known.json"]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "null",
            "[]",
            GOOD,
            "<<<<<<< ours",
            "[" * 100_000,
            '{"version": 1}',
            '{"version": 1, "findings": {}}',
            '{"version": 2, "findings": []}',
            '{"version": "1", "findings": []}',
            '{"version": 1, "findings": [7]}',
            '{"version": 1, "findings": [{"path": "a", "code": "QA206", "pointer": ""}]}',
            '{"version": 1, "findings": [{"path": "a", "pointer": "", "count": 1}]}',
            '{"version": 1, "findings": [{"code": "QA206", "pointer": "", "count": 1}]}',
            '{"version": 1, "findings": [{"path": "a", "code": "QA206", "pointer": 1, "count": 1}]}',
            '{"version": 1, "findings": [{"path": 1, "code": "QA206", "pointer": "", "count": 1}]}',
            '{"version": 1, "findings": [{"path": "a", "code": "QA206", "pointer": "", "count": 0}]}',
            '{"version": 1, "findings": [{"path": "a", "code": "QA206", "pointer": "", "count": true}]}',
            '{"version": 1, "findings": [{"path": "a", "code": "QA206", "pointer": "", "count": 1, "x": 1}]}',
        ],
    )
    def test_what_is_not_understood_is_refused_with_the_remedy(self, run: Run, text: str) -> None:
        _write(".known", text)
        result = run("check", ".", "--baseline", ".known")
        assert result.exit_code == 2
        assert result.stderr.startswith("Error: .known ")
        assert "--write-baseline" in result.stderr

    @pytest.mark.parametrize("text", [GOOD, "<<<<<<< ours", "null", '{"version": 1}'])
    def test_no_other_file_is_replaced(self, run: Run, text: str) -> None:
        _write(f"old.{P1}.json", text)
        result = run("check", ".", "--write-baseline", f"old.{P1}.json")
        assert result.exit_code == 2
        assert Path(f"old.{P1}.json").read_text() == text

    def test_what_cannot_be_written_at_last_is_misuse_and_leaves_nothing(self, run: Run) -> None:
        _write(f"old.{P1}.json", BAD)
        result = run("check", ".", "--write-baseline", "long" * 100)
        assert result.exit_code == 2
        assert os.listdir() == [f"old.{P1}.json"]

    @pytest.mark.parametrize("text", ["", '{"version": 7, "findings": []}'])
    def test_baselines_of_any_version_are_replaced(self, run: Run, text: str) -> None:
        _write(".known", text)
        assert run("check", ".", "--write-baseline", ".known").exit_code == 0
        assert _entries(".known") == []

    @pytest.mark.parametrize("existing", [None, '{"version": 1, "findings": []}'])
    def test_it_is_not_written_where_something_could_not_be_opened(
        self, run: Run, existing: str | None
    ) -> None:
        _write(f"old.{P1}.json", BAD)
        if existing is not None:
            _write(".known", existing)
        result = run("check", f"old.{P1}.json", "missing.json", "--write-baseline", ".known")
        assert result.exit_code == 2
        assert (Path(".known").read_text() if existing else None) == existing
        assert existing or not os.path.exists(".known")


class TestFiltering:
    def test_of_alike_findings_so_many_are_known(self, tmp_path: Path) -> None:
        twice = _report("a.json", _error("QA101", "/x"), _error("QA101", "/x"))
        baseline = _baseline(tmp_path / "known", [twice])
        third = _report("a.json", *twice.findings, _error("QA101", "/x"))
        filtered = baseline.filter(third)
        assert (filtered.errors, filtered.known, len(filtered.findings)) == (1, 2, 1)
        once = baseline.filter(_report("a.json", twice.findings[0]))
        assert (once.errors, once.known) == (0, 1)
        assert [entry.number for entry in baseline.gone()] == [1]

    @pytest.mark.parametrize(
        "other",
        [
            _report("b.json", _error("QA101", "/x")),
            _report("a.json", _error("QA101", "/y")),
            _report("a.json", _error("QA102", "/x")),
            _report("a.json", _error("QA101", "/x"), member="1"),
        ],
    )
    def test_path_member_code_and_pointer_all_count(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: qa.Report
    ) -> None:
        monkeypatch.chdir(tmp_path)
        baseline = _baseline(Path("known"), [_report("a.json", _error("QA101", "/x"))])
        assert baseline.filter(other) == other

    def test_notes_are_left_alone_and_order_is_kept(self, tmp_path: Path) -> None:
        note = qa.Finding("QA205", Severity.NOTE, "in a test", "/x")
        baseline = _baseline(tmp_path / "known", [_report("a.json", _error("QA205", "/x"), note)])
        new = [_error("QA101", "/b"), _error("QA101", "/a")]
        filtered = baseline.filter(_report("a.json", new[0], _error("QA205", "/x"), note, new[1]))
        assert filtered.findings == (new[0], note, new[1])
        assert (filtered.errors, filtered.notes, filtered.known) == (2, 1, 1)

    def test_members_are_known_and_gone_by_themselves(self, tmp_path: Path) -> None:
        members = [_report("a.tar", _error("QA201"), member=name) for name in ("x", "y", "z")]
        baseline = _baseline(tmp_path / "known", members)
        assert baseline.filter(members[0]).known == 1
        assert baseline.filter(_report("a.tar", member="y")).ok
        # The archive was read, and z is not in it any more.
        assert [(entry.member, entry.code) for entry in baseline.gone()] == [
            ("y", "QA201"),
            ("z", "QA201"),
        ]

    def test_warnings_are_coarse_and_errors_are_not(self, tmp_path: Path) -> None:
        warnings = [
            qa.Finding("QA202", Severity.WARNING, "in a test", f"/{each}") for each in range(5)
        ]
        old = _report("a", _error("QA206", "/1"), *warnings, at_least=True)
        baseline = _baseline(tmp_path / "b", [old])
        new = _report("a", *(_error("QA206", f"/{each}") for each in (1, 2, 3)), *warnings)
        assert [each.pointer for each in baseline.filter(new).findings[:2]] == ["/2", "/3"]
        strict = NewBaseline(str(tmp_path / "s"), strict=True)
        strict.filter(old)
        strict.write()
        assert [each[1:] for each in _entries(str(tmp_path / "s"))] == [
            ("QA202", None, 5),
            ("QA206", "/1", 1),
        ]

    def test_a_file_may_be_met_twice(self, tmp_path: Path) -> None:
        report = _report("a.json", _error("QA201"))
        baseline = _baseline(tmp_path / "known", [report, report])
        for _ in range(2):
            filtered = baseline.filter(report)
            assert (filtered.errors, filtered.known) == (0, 1)
        assert not list(baseline.gone())

    def test_what_is_not_listed_is_taken_for_new(self, tmp_path: Path) -> None:
        listed = _report("a.json", _error("QA201"))
        baseline = _baseline(tmp_path / "known", [listed])
        filtered = baseline.filter(replace(listed, errors=5))
        assert (filtered.errors, filtered.known, filtered.ok) == (4, 1, False)

    def test_urls_stay_as_they_are(self, tmp_path: Path) -> None:
        report = _report("s3://bucket/a.json", _error("QA201"))
        assert _baseline(tmp_path / "known", [report]).filter(report).ok
        (entry,) = json.loads((tmp_path / "known").read_bytes())["findings"]
        assert entry["path"] == "s3://bucket/a.json"

    def test_names_need_not_be_text(self, tmp_path: Path) -> None:
        odd = ["\udcff.json", "\n.json", "é\u2028.json", '".json', "\\udcff.json"]
        reports = [_report(str(tmp_path / name), _error("QA201", f"/{name}")) for name in odd]
        baseline = _baseline(tmp_path / "known", reports)
        assert all(baseline.filter(report).ok for report in reports)
        assert (tmp_path / "known").read_bytes().count(b"\n") == len(odd) + 5
        assert not list(baseline.gone())


class TestMoreThanIsCollected:
    """Under ``max_violations`` of 4, which stands for the 10,000 of every day."""

    SETTINGS = collecting_all(qa.Settings(max_violations=4, max_findings=1))

    def _check(self, folder: Path, payload: str) -> qa.Report:
        path = folder / f"a.{P1}.json"
        path.write_text(payload, encoding="utf-8")
        return qa.check(path, settings=self.SETTINGS)

    @staticmethod
    def _states(numbers: Sequence[int], more: str = "") -> str:
        return "{" + ", ".join(f'"0{number}": 0.1' for number in numbers) + more + "}"

    def test_all_that_was_collected_is_listed(self, tmp_path: Path) -> None:
        report = self._check(tmp_path, self._states(range(10)))
        assert (report.errors, len(report.findings), report.omitted) == (4, 4, 0)

    def test_it_is_known_as_a_whole(self, tmp_path: Path) -> None:
        report = self._check(tmp_path, self._states(range(10)))
        assert report.at_least
        baseline = _baseline(tmp_path / "known", [report])
        assert [(code, pointer) for _, code, pointer, _ in _entries(str(tmp_path / "known"))] == [
            ("QA206", None)
        ]
        same = baseline.filter(report)
        assert (same.errors, same.known, same.at_least) == (0, 4, False)
        # When the first is mended, others are collected in its place; they are no news.
        mended = self._check(tmp_path, self._states(range(1, 10)))
        assert mended.findings != report.findings
        assert baseline.filter(mended).ok
        assert not list(baseline.gone())

    def test_with_fewer_its_codes_are_known(self, tmp_path: Path) -> None:
        baseline = _baseline(tmp_path / "known", [self._check(tmp_path, self._states(range(10)))])
        fewer = baseline.filter(self._check(tmp_path, self._states([7, 8])))
        assert [finding.code for finding in fewer.findings] == ["QA201"]
        assert (fewer.errors, fewer.known) == (1, 2)
        assert [(entry.code, entry.number) for entry in baseline.gone()] == [("QA206", 2)]
        cut = baseline.filter(self._check(tmp_path, self._states(range(10))[:-1]))
        assert [finding.code for finding in cut.findings] == ["QA004"]

    def test_many_notes_do_not_hide_errors(self, tmp_path: Path) -> None:
        notes = [qa.Finding("QA205", Severity.NOTE, "in a test", f"/{at}") for at in range(4)]
        report = _report("a.json", _error("QA206", "/x"), *notes, at_least=True)
        baseline = _baseline(tmp_path / "known", [report])
        assert baseline.filter(report).ok
        worse = _report("a.json", *report.findings, _error("QA206", "/y"), at_least=True)
        assert baseline.filter(worse).errors == 1


_FINDINGS = st.builds(
    lambda code, severity, pointer: qa.Finding(code, severity, "in a test", pointer),
    st.sampled_from(["QA101", "QA201", "QA206"]),
    st.sampled_from(list(Severity)),
    st.sampled_from(["", "/0", "/1", "/\ud800"]),
)
_REPORTS = st.builds(
    lambda source, member, findings, at_least: _report(
        source, *findings, member=member, at_least=at_least
    ),
    st.sampled_from(["a", "b/a", "../a", "/a", "memory://a"]),
    st.sampled_from(["", "1", "x/y"]),
    st.lists(_FINDINGS, max_size=6),
    st.booleans(),
)


class TestProperties:
    @given(
        reports=st.lists(_REPORTS, max_size=8, unique_by=lambda each: (each.source, each.member))
    )
    def test_what_was_recorded_is_known_and_nothing_has_gone(
        self, reports: list[qa.Report]
    ) -> None:
        with TemporaryDirectory() as folder:
            baseline = _baseline(Path(folder, "known"), reports)
            for report in reports:
                filtered = baseline.filter(report)
                assert filtered.ok
                assert filtered.known + filtered.warnings == report.errors + report.warnings
                assert filtered.notes == report.notes
                assert filtered.warnings == report.warnings or report.at_least
            assert not list(baseline.gone())

    @given(report=_REPORTS, new=_FINDINGS, place=st.integers(0, 6))
    def test_one_more_is_one_new_finding(
        self, report: qa.Report, new: qa.Finding, place: int
    ) -> None:
        report = replace(report, at_least=False)
        new = replace(new, severity=Severity.ERROR)
        found = [*report.findings[:place], new, *report.findings[place:]]
        with TemporaryDirectory() as folder:
            baseline = _baseline(Path(folder, "known"), [report])
            filtered = baseline.filter(_report(report.source, *found, member=report.member))
        assert (filtered.errors, filtered.known) == (1, report.errors)
        (fails,) = [each for each in filtered.findings if each.severity is Severity.ERROR]
        assert (fails.code, fails.pointer) == (new.code, new.pointer)


def test_an_entry_is_told_in_one_line() -> None:
    entry = BaselineEntry("a\n.tar", "x.json", "QA201", "", 1)
    assert str(entry) == "a\\n.tar [x.json]: QA201"
    assert str(entry._replace(member="", pointer="/0", number=1200)) == (
        "a\\n.tar: /0 QA201 (1,200 times)"
    )
