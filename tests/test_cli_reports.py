"""The forms of ``check``: to standard output, to files, with totals, and whole whatever happens."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

import pytest

from qartifacts.codes import CODES
from qartifacts.findings import Report, Summary
from qartifacts.source import whole_file
from report_readers import FORMS, READERS, read_github, read_json, read_junit, read_sarif
from support import ROOT, Run

P1 = "ionq.result.probabilities.json.v1"


@pytest.fixture
def store(run: Run) -> Path:
    """A directory of a good file, one with a warning, and two with errors; ``run`` is in it."""
    payloads = {
        "good.json": b'{"0": 0.5, "3": 0.5}',
        "rounded.json": b'{"0": 0.5, "3": 0.4999}',
        "bell.json": b'{"00": 0.5, "11": 0.5}',
        "more.json": b'{"0": 0.5, "3": 0.4}',
    }
    Path("store").mkdir()
    for name, payload in payloads.items():
        (Path("store") / name).write_bytes(payload)
    return Path("store")


TOTALS = "4 files checked: 2 good, 2 bad; 2 errors, 1 warning, 0 notes\n"


@pytest.mark.usefixtures("store")
class TestCommand:
    @pytest.mark.parametrize("form", FORMS)
    def test_every_form_can_go_to_a_file(self, run: Run, form: str) -> None:
        printed = run("check", "store", "--output", form)
        assert printed.exit_code == 1
        READERS[form](printed.stdout)
        assert (printed.stdout if form == "text" else printed.stderr).endswith(TOTALS)
        saved = run("check", "store", "--output", form, "--output-file", "report")
        assert saved.exit_code == 1
        assert saved.stdout == ""
        assert saved.stderr == TOTALS
        assert Path("report").read_text(encoding="utf-8") == printed.stdout
        dashed = run("check", "store", "--output", form, "--output-file", "-")
        assert dashed.stdout == printed.stdout
        assert set(os.listdir()) == {"store", "report"}

    @pytest.mark.parametrize("form", FORMS)
    def test_all_forms_tell_the_same(self, run: Run, form: str) -> None:
        result = run("check", "store", "--output", form, "--ignore", "QA202")
        read = READERS[form](result.stdout)
        codes = {
            "text": lambda: [line.split()[2].rstrip(":") for line in read[:-1]],
            "json": lambda: [f["code"] for r in read["reports"] for f in r["findings"]],
            "jsonl": lambda: [f["code"] for r in read for f in r["findings"]],
            "sarif": lambda: [each["ruleId"] for each in read["results"]],
            "github": lambda: [about["title"] for _, about, _ in read],
            "junit": lambda: [each.attrib["type"] for each in read.findall("testcase/failure")],
        }
        assert codes[form]() == ["QA206", "QA201"]

    @pytest.mark.parametrize(
        "arguments",
        [
            ("store", "--output-file", "store/good.json"),
            ("store/*.json", "--output-file", "./store/good.json"),
            ("store/good.json", "--output-file", "link"),
            ("link", "--output-file", "store/good.json"),
            ("--files-from", "list", "--output-file", "store/good.json"),
            ("--files-from", "list", "--output-file", "list"),
            ("store", "--baseline", "known", "--output-file", "known"),
            ("store", "--write-baseline", "known", "--output-file", "known"),
            ("store", "--write-baseline", "new", "--output-file", "./new"),
        ],
    )
    def test_nothing_that_is_used_is_replaced(self, run: Run, arguments: tuple[str, ...]) -> None:
        Path("link").symlink_to("store/good.json")
        Path("list").write_text("store/good.json\n")
        Path("known").write_text('{"version": 1, "findings": []}')
        before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
        result = run("check", *arguments)
        assert (result.exit_code, "would replace" in result.stderr) == (2, True)
        assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before

    def test_an_old_report_is_replaced(self, run: Run) -> None:
        for _ in range(2):
            result = run("check", ".", "--output", "json", "--output-file", "report.json")
            assert result.exit_code == 1
        assert json.loads(Path("report.json").read_text())["reports"][0]["source"].endswith("json")

    def test_what_is_not_shown_is_told_of(self, run: Run) -> None:
        keys = ", ".join(f'"0{number}": 0.01' for number in range(100))
        Path("store/bell.json").write_text(f"{{{keys}}}")
        arguments = ("check", "store/bell.json", "--max-findings", "30")
        _, about, message = read_github(run(*arguments, "--output", "github").stdout)[-1]
        assert (about["title"], message.split()[0]) == ("qartifacts", "70")
        log = json.loads(run(*arguments, "--output", "sarif").stdout)
        (notification,) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
        assert notification["level"] == "warning"

    def test_warnings_of_what_is_no_result_fail_under_strict(self, run: Run) -> None:
        Path("other").mkdir()
        Path(os.fsdecode(b"other/\xff.json")).write_text('{"hello": 1}')
        for strict, status in (((), 0), (("--strict",), 1)):
            result = run("check", "other", *strict, "--output", "junit")
            assert result.exit_code == status
            suite = read_junit(result.stdout)
            assert len(suite.findall("testcase/failure")) == status
            assert len(suite.findall("testcase/skipped")) == 1 - status

    @pytest.mark.parametrize("name", ["::error::x", " ::stop-commands::y", "##vso[x]", "a##[b]"])
    def test_no_name_is_a_command_of_a_build_server(self, run: Run, name: str) -> None:
        Path(f"{name}.json").write_text('{"00": 0.5, "##[error]": 0.5}')
        result = run("check", f"{name}.json", "store")
        for line in (result.stdout + result.stderr).splitlines():
            assert not line.lstrip().startswith("::")
            assert "##" not in line

    def test_a_packed_file(self, run: Run) -> None:
        run("check", "store", "--output", "sarif", "--output-file", "r.sarif.gz")
        packed = Path("r.sarif.gz").read_bytes()
        printed = run("check", "store", "--output", "sarif").stdout
        assert gzip.decompress(packed) == printed.encode()
        run("check", "store", "--output", "sarif", "--output-file", "r.sarif.gz")
        assert Path("r.sarif.gz").read_bytes() == packed

    @pytest.mark.parametrize("form", FORMS)
    def test_statistics(self, run: Run, form: str) -> None:
        result = run("check", "store", "--output", form, "--statistics")
        shown = result.stdout if form == "text" else result.stderr
        *_, first, second, third, totals = shown.splitlines()
        assert f"{totals}\n" == TOTALS
        rows = [line.split(maxsplit=2) for line in (first, second, third)]
        assert rows == [["1", code, CODES[code].title] for code in ("QA201", "QA202", "QA206")]
        if form == "json":
            assert read_json(result.stdout)["statistics"] == [
                {"code": code, "title": title, "findings": 1} for _, code, title in rows
            ]

    def test_statistics_say_what_they_leave_out(self, run: Run) -> None:
        Path("many.json").write_bytes(json.dumps(1_200 * [None]).encode())
        arguments = ["many.json", "--format", "ionq.result.shots.json.v1", "--max-findings", 3]
        result = run("check", *arguments, "--statistics")
        first, second, _ = result.stdout.splitlines()[-3:]
        # Numbers end in one column.
        assert first.startswith("    3  QA101  ")
        assert second.startswith("1,197  ")
        assert "QA" not in second

    def test_without_findings_there_are_no_statistics(self, run: Run) -> None:
        result = run("check", "store/good.json", "--statistics")
        assert len(result.stdout.splitlines()) == 1
        document = read_json(run("check", "store/good.json", "--output", "json").stdout)
        assert document["statistics"] is None

    def test_an_interrupted_check_leaves_whole_documents(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add = Summary.add

        def interrupted(self: Summary, report: Report, *, strict: bool = False) -> None:
            if self.sources == 2:
                raise KeyboardInterrupt
            add(self, report, strict=strict)

        monkeypatch.setattr(Summary, "add", interrupted)
        for form in FORMS:
            for result in (
                run("check", "store", "--output", form),
                run("check", "store", "--output", form, "--output-file", f"report.{form}"),
            ):
                assert result.exit_code == 130
                assert "stopped early; 2 files checked: 1 good, 1 bad" in result.output
            text = Path(f"report.{form}").read_text(encoding="utf-8")
            READERS[form](text)
            assert ("interrupted" in text) is (form != "text")

    @pytest.mark.parametrize("form", FORMS)
    def test_misuse_leaves_whole_documents(self, run: Run, form: str) -> None:
        arguments = ["check", "store", "--format", "no.such.v1", "--output", form]
        result = run(*arguments)
        assert result.exit_code == 2
        READERS[form](result.stdout or "\n")
        assert "files checked" not in result.output

    @pytest.mark.parametrize("form", FORMS)
    def test_a_file_that_cannot_be_written_is_as_it_was(
        self, run: Run, form: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path("report").write_text("of yesterday")

        def full(*_: Any, **__: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        result = run("check", "store", "--output", form, "--output-file", "report")
        assert isinstance(result.exception, OSError)
        assert Path("report").read_text() == "of yesterday"
        assert set(os.listdir()) == {"store", "report"}

    def test_a_place_that_cannot_be_written_is_misuse(self, run: Run) -> None:
        Path("folder").mkdir()
        for file in ("nowhere/report", "folder", "folder/", "", "store/good.json", "./store/x"):
            Path("store/x").write_bytes(b"{}")
            result = run("check", "store/good.json", "store/x", "--output-file", file)
            assert result.exit_code == 2, file
            assert result.stdout == ""
            assert "good" not in result.stderr.replace("good.json", "")
        assert Path("store/good.json").read_bytes() == b'{"0": 0.5, "3": 0.5}'
        assert set(os.listdir()) == {"store", "folder"}

    def test_a_device_is_written_to(self, run: Run) -> None:
        result = run("check", "store", "--output", "sarif", "--output-file", os.devnull)
        assert result.exit_code == 1
        assert result.stderr == TOTALS

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize(
        "name",
        [
            b"\xff\xfe.json",
            b"a\n::error::b,c:%0A.json",
            b"\x1b]0;owned\x07]]>&.json",
            b"[x](y).json",
        ],
    )
    def test_hostile_names(self, run: Run, form: str, name: bytes) -> None:
        path = os.path.join(b"store", name)
        Path(os.fsdecode(path)).write_bytes(b'{"00": 1}')
        result = run("check", "store", "--output", form)
        assert result.exit_code == 1
        read = READERS[form](result.stdout)
        if form == "sarif":
            uris = {
                each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                for each in read["results"]
            }
            assert path in {unquote_to_bytes(uri) for uri in uris}

    def test_paths_are_those_of_the_checkout(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def files() -> set[str]:
            github = read_github(run("check", ".", "--output", "github").stdout)
            sarif = read_sarif(run("check", ".", "--output", "sarif").stdout)
            named = {about["file"] for _, about, _ in github}
            assert named == {
                unquote(each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
                for each in sarif["results"]
            }
            return named

        top = os.getcwd()
        monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
        assert files() == {"store/bell.json", "store/more.json", "store/rounded.json"}
        monkeypatch.chdir("store")
        assert files() == {"bell.json", "more.json", "rounded.json"}
        monkeypatch.setenv("GITHUB_WORKSPACE", top)
        assert files() == {"store/bell.json", "store/more.json", "store/rounded.json"}
        Path("../other").mkdir()
        monkeypatch.setenv("GITHUB_WORKSPACE", os.path.join(top, "other"))
        assert files() == {"bell.json", "more.json", "rounded.json"}

    def test_warnings_fail_in_junit_under_strict(self, run: Run) -> None:
        suite = read_junit(run("check", "store", "--output", "junit", "--strict").stdout)
        assert suite.attrib["failures"] == "3"
        assert suite.attrib["skipped"] == "0"


class TestWholeFile:
    def test_nothing_is_there_before_the_end(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_bytes(b"old")
        with whole_file(path) as file:
            file.write(b"new")
            assert path.read_bytes() == b"old"
        assert path.read_bytes() == b"new"
        assert os.listdir(tmp_path) == ["a.txt"]

    def test_what_fails_leaves_the_old(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt.gz"
        path.write_bytes(b"old")
        with pytest.raises(ZeroDivisionError), whole_file(path) as file:
            file.write(b"new" * (1 // 0))
        assert path.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["a.txt.gz"]

    def test_the_name_that_was_given_is_blamed(self, tmp_path: Path) -> None:
        path = tmp_path / "nowhere" / "a.txt"
        with pytest.raises(FileNotFoundError) as caught, whole_file(path):
            pass
        assert caught.value.filename == str(path)


@pytest.mark.parametrize("form", ["jsonl", "sarif", "github", "junit"])
def test_the_documented_examples_are_what_is_written(run: Run, form: str) -> None:
    page = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    (shown,) = re.findall(rf"<!-- {form} -->\n```\w*\n(.*?)```", page, re.DOTALL)
    Path("bell.json").write_bytes(b'{"00": 0.5}')
    if form != "sarif":
        assert run("check", "bell.json", "--output", form).stdout == shown
        return
    document = json.loads(run("check", "bell.json", "--output", form, "--ignore", "QA201").stdout)
    driver = document["runs"][0]["tool"]["driver"]
    driver["version"] = "..."
    driver["rules"][0]["fullDescription"] = {"text": "..."}
    driver["rules"][0]["help"] = {"text": "...", "markdown": "..."}
    assert json.loads(shown) == document


@pytest.mark.parametrize(
    ("name", "data", "kept"),
    [
        ("result.json", b'{"0": 0.5, "1": 0.5}', True),
        # Without the time, which would make every process that collects tests name it differently.
        ("packed.json.gz", gzip.compress(b'{"0": 0.5, "1": 0.5}', mtime=0), True),
        ("broken.json.gz", b"\x1f\x8bno", True),
        ("empty.json", b"", False),
        ("report.json", b'{"version": 1, "tool": {"name": "qartifacts", "version": "0"}}', False),
    ],
)
def test_an_interrupted_check_replaces_reports_alone(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, kept: bool
) -> None:
    """As a process gets a signal; here without one, so that it is measured."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qartifacts.bulk.checking.Checker.check", interrupted)
    Path("a.json").write_bytes(b"{}")
    Path(name).write_bytes(data)
    options = ("--output", "json", "--output-file", name, "--write-baseline", "known.json")
    done = run("check", "a.json", *options)
    assert done.exit_code == 130
    assert ("is what it was" in done.stderr) is kept
    assert (Path(name).read_bytes() == data) is kept
    assert "known.json was not written" in done.stderr
    assert not Path("known.json").exists()
