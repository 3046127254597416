"""The command line: what it prints, what it answers, and that nothing ends in a traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import qartifacts as qa
from qartifacts.codes import CODES
from support import LOCAL_FORMATS, RESULT_FORMATS, ROOT, Run

P1 = "ionq.result.probabilities.json.v1"
RESULTS = ROOT / "examples" / "results"


def _write(name: str, data: bytes) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(data)


class TestCheck:
    def test_the_duplicate_key_of_the_readme(self, run: Run) -> None:
        result = run("check", "-", "--format", P1, stdin=b'{"0":0.5,"0":0.5}')
        assert result.exit_code == 1
        assert result.stdout.startswith("<stdin>:1:10: error QA008: ")

    def test_good_files(self, run: Run) -> None:
        _write("bell.json", b'{"0": 0.5, "3": 0.5}')
        result = run("check", "bell.json")
        assert result.exit_code == 0
        assert result.stdout == "1 file checked: 1 good, 0 bad; 0 errors, 0 warnings, 0 notes\n"
        verbose = run("check", "-v", "bell.json")
        assert verbose.stdout.startswith(f"bell.json: ok ({P1})\n")

    def test_verbose_names_every_file(self, run: Run) -> None:
        _write("a.json", b'{"00": 1, "1": 5}')
        assert run("check", "-v", "a.json").stdout.splitlines()[1] == (
            "a.json: bad (ionq.result.histogram.json.v1)"
        )

    def test_tolerances_are_options(self, run: Run) -> None:
        _write("half.json", b'{"0": 0.5, "3": 0.44}')
        assert run("check", "half.json").exit_code == 1
        assert "warning" in run("check", "half.json", "--sum-limit", 0.1).stdout
        both = run("check", "half.json", "--sum-limit", 0.1, "--sum-fine", 0.1)
        assert "0 warnings" in both.stdout

    def test_codes_to_ignore_may_be_listed(self, run: Run) -> None:
        _write("half.json", b'{"0": 0.5, "3": 0.0}')
        result = run("check", "half.json", "--ignore", "qa201, QA205")
        assert result.stdout.endswith("0 errors, 0 warnings, 0 notes\n")

    def test_a_job_record_is_no_payload_in_a_walk(self, run: Run) -> None:
        artifact = {"id": "a", "format": P1, "media_type": "application/json"}
        _write("job/job.json", json.dumps({"results": {P1: artifact}}).encode())
        _write("job/a.json", b'{"0": 1}')
        for arguments in ([], ["--format", P1]):
            result = run("check", "job", "-v", *arguments)
            assert result.exit_code == 0
            assert f"a.json: ok ({P1})" in result.stdout
            assert "job.json: skipped" in result.stdout

    def test_what_is_no_place_of_results_is_not_walked(self, run: Run) -> None:
        _write("store/env/pyvenv.cfg", b"")
        _write("store/env/lib/bad.json", b"")
        _write("store/node_modules/a/package.json", b"")
        _write("store/pins/registry.lock", b"")
        _write("store/pins/ionq.native.v1.json", b"{}")
        result = run("check", "store")
        assert result.exit_code == 0
        assert "0 files checked" in result.stdout
        assert "there is no *.json" in result.stderr

    def test_a_deep_tree_is_walked(self, run: Run) -> None:
        here = os.getcwd()
        for _ in range(300):
            os.mkdir("d")
            os.chdir("d")
        _write("bell.json", b'{"0": 0.5, "3": 0.5}')
        os.chdir(here)
        assert "1 file checked: 1 good" in run("check", "d").stdout

    def test_paths_that_look_like_json_are_paths(self, run: Run) -> None:
        _write("[1] shots.json", b'["0"]')
        _write("{results}/shots.json", b'["0"]')
        assert run("check", "[1] shots.json", "{results}").exit_code == 0
        assert run("check", '{"0": 1}').exit_code == 2

    def test_hostile_file_names_do_not_drive_the_terminal(self, run: Run) -> None:
        name = "\x1b]0;owned\x07.json"
        _write(name, b"[")
        for result in (run("check", "."), run("check", name), run("check", name, "-v")):
            assert "\x1b" not in result.stdout
            assert "\\x1b]0;owned\\x07.json" in result.stdout
        assert (
            json.loads(run("check", name, "--output", "json").stdout)["reports"][0]["source"]
            == name
        )

    def test_warnings_fail_under_strict_alone(self, run: Run) -> None:
        _write("rounded.json", b'{"0": 0.5, "3": 0.4999}')
        assert run("check", "rounded.json").exit_code == 0
        strict = run("check", "--strict", "-v", "rounded.json")
        assert strict.exit_code == 1
        assert "1 bad" in strict.stdout
        assert "ok" not in strict.stdout
        assert run("check", "--strict", "--ignore", "QA202", "rounded.json").exit_code == 0

    def test_the_store_of_examples(self, run: Run) -> None:
        result = run("check", RESULTS, "-v")
        assert result.exit_code == 1
        lines = result.stdout.splitlines()
        for path in sorted((RESULTS / "good").iterdir()):
            assert any(line.startswith(f"{path}: ok (") for line in lines), path
            assert not any(": error " in line for line in lines if line.startswith(str(path)))
        for path in sorted((RESULTS / "bad").iterdir()):
            place = re.compile(re.escape(str(path)) + r":\d+:\d+: error QA\d{3}: .+")
            assert any(place.fullmatch(line) for line in lines), path
        assert run("check", RESULTS / "good").exit_code == 0

    def test_a_walk_takes_results_and_passes_over_the_rest(self, run: Run) -> None:
        _write("store/b/counts.json", b'{"0": 500, "3": 500}')
        _write("store/a.json.gz", b"")
        _write("store/c/more/counts.json", b'{"0": 2}')
        _write("store/notes.txt", b"not looked at")
        _write("store/.hidden.json", b"not looked at")
        _write("store/.git/config.json", b"not looked at")
        _write("store/package.json", b'{"name": "something else"}')
        result = run("check", "store", "-v")
        assert result.stdout.splitlines() == [
            f"store{os.sep}a.json.gz:1:1: error QA002: there is no JSON value, only an empty text",
            f"store{os.sep}a.json.gz: bad (format unknown)",
            (
                f"store{os.sep}package.json:1:1: note QA020: no pinned format looks like this; "
                "say which with --format, or in the file's name"
            ),
            f"store{os.sep}package.json: skipped",
            f"store{os.sep}b{os.sep}counts.json: ok (ionq.result.histogram.json.v1)",
            f"store{os.sep}c{os.sep}more{os.sep}counts.json: ok (ionq.result.histogram.json.v1)",
            "3 files checked: 2 good, 1 bad; 1 skipped; 1 error, 0 warnings, 1 note",
        ]
        named = run("check", "store/package.json")
        assert named.exit_code == 1
        assert "error QA020" in named.stdout

    def test_what_cannot_be_opened_is_misuse_and_the_others_are_checked(self, run: Run) -> None:
        _write("bell.json", b'{"0": 0.5, "3": 0.5}')
        result = run("check", "missing.json", "bell.json")
        assert result.exit_code == 2
        assert result.stdout.startswith("missing.json: error QA001: ")
        assert "2 files checked: 1 good, 1 bad" in result.stdout
        assert run("check", "missing.json", "--strict", "-v").exit_code == 2

    def test_what_vanishes_in_a_walk_is_a_finding(self, run: Run) -> None:
        _write("store/bell.json", b'{"0": 0.5, "3": 0.5}')
        Path("store/gone.json").symlink_to("nowhere.json")
        Path("store/circle").symlink_to(".", target_is_directory=True)
        Path("store/loop.json").symlink_to("loop.json")
        result = run("check", "store")
        assert result.exit_code == 1
        assert result.stdout.count("error QA001") == 2
        assert "3 files checked: 1 good, 2 bad" in result.stdout

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
    def test_a_pipe_in_a_walk_is_not_waited_for(self, run: Run) -> None:
        Path("store").mkdir()
        os.mkfifo("store/pipe.json")
        result = run("check", "store")
        assert "pipe.json: error QA001" in result.stdout

    def test_a_folder_that_cannot_be_listed_is_a_finding(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _write("store/inner/bell.json", b'{"0": 0.5, "3": 0.5}')
        scandir = os.scandir

        def guarded(path: Any = ".") -> Any:
            if str(path).endswith("inner"):
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", guarded)
        for named, status in (("store", 1), (os.path.join("store", "inner"), 2)):
            result = run("check", named)
            assert result.exit_code == status
            assert f"store{os.sep}inner: error QA001" in result.stdout
            assert "Permission denied" in result.stdout

    def test_limits_are_options(self, run: Run) -> None:
        _write("shots.json", b'{"shots": [{"registers": {"c": [0, 1]}}]}')
        assert run("check", "shots.json").exit_code == 0
        for option, code in [("bytes", "QA013"), ("depth", "QA014"), ("values", "QA015")]:
            result = run("check", "shots.json", f"--max-{option}", 4)
            assert result.exit_code == 1
            assert code in result.stdout
        _write("many.json", b'["x", "y", "z"]')
        result = run("check", "many.json", "--max-findings", 1)
        assert result.stdout.splitlines()[1] == (
            "many.json: 2 more findings not shown (--max-findings)"
        )

    def test_hostile_names_do_not_drive_the_terminal(self, run: Run) -> None:
        result = run("check", "-", "--format", P1, stdin=b'{"\\u001b[2J\\u009b31m\\u202e": 1}')
        assert "\x1b" not in result.stdout
        assert "\x9b" not in result.stdout
        assert "\u202e" not in result.stdout

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["check"], "Missing argument"),
            (["check", "x", "--format", "ionq.result.shots.json.v9"], "did you mean"),
            (["check", "x", "--format", "../../etc/passwd"], "not in the registry"),
            (["check", "x", "--registry", "nowhere"], "registry.lock"),
            (["check", "x", "--output", "xml"], "xml"),
            (["check", "x", "--max-depth", "0"], "0"),
            (["check", "x", "--max-depth", "100000"], "max_depth must be at most"),
            (["check", "x", "--ignore", "QA008"], "cannot be ignored"),
            (["check", "x", "--ignore", "QA2"], "no code 'QA2'"),
            (["check", "x", "--frmat", P1], "--format"),
            (["check", "-", "-"], "only once"),
            (["chek"], "Did you mean 'check'?"),
            (["rule", "QA999"], "no code 'QA999'"),
            (["rule", "QA20I"], "'qartifacts rule' lists all"),
            (["x"], "Did you mean 'check x'?"),
            (["check", "x", "--sum-limit", "-1"], "sum_limit"),
            (["formats", "--registry", "nowhere"], "registry.lock"),
        ],
    )
    def test_misuse(self, run: Run, arguments: list[str], says: str) -> None:
        _write("x", b"{}")
        result = run(*arguments)
        assert result.exit_code == 2
        assert says in result.output
        assert "Traceback" not in result.output

    def test_a_modified_pin_is_refused_with_both_digests(self, run: Run) -> None:
        shutil.copytree(ROOT / "schemas" / "qartifacts_schemas", "pins")
        pin = qa.Registry.open("pins")[P1]
        _write("bell.json", b'{"0": 0.5, "3": 0.5}')
        assert run("check", "bell.json", "--registry", "pins").exit_code == 0
        Path(pin.path).write_bytes(pin.read_bytes().replace(b"number", b"numbeR"))
        result = run("check", "bell.json", "--registry", "pins")
        assert result.exit_code == 2
        digests = re.findall(r"[0-9a-f]{64}", result.output)
        assert len(set(digests)) == 2
        assert pin.sha256 in digests


class TestJsonOutput:
    @pytest.fixture
    def schema(self) -> Any:
        """The schema that is shipped, closed: members may be added, but never without telling it."""
        path = ROOT / "src" / "qartifacts" / "render" / "report.schema.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(document)
        waiting = [document]
        while waiting:
            schema = waiting.pop()
            waiting += [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
            waiting += [schema["items"]] if "items" in schema else []
            if "properties" in schema:
                assert "additionalProperties" not in schema
                assert set(schema["required"]) == set(schema["properties"])
                schema["additionalProperties"] = False
        return document

    def test_the_documented_example_follows_it(self, schema: Any) -> None:
        page = (ROOT / "docs" / "json-output.md").read_text(encoding="utf-8")
        (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
        jsonschema.Draft202012Validator(schema).validate(json.loads(example))

    def test_it_follows_its_schema(self, run: Run, schema: Any) -> None:
        result = run("check", "--output", "json", "missing.json", RESULTS)
        assert result.exit_code == 2
        document = json.loads(result.stdout)
        jsonschema.Draft202012Validator(schema).validate(document)
        assert len(document["reports"]) == document["summary"]["sources"]
        assert len(document["reports"]) == 1 + len(list(RESULTS.glob("*/*.json*")))
        assert document["reports"][0]["source"] == "missing.json"
        bad = [report for report in document["reports"] if not report["ok"]]
        assert len(bad) == document["summary"]["bad"] == 1 + len(list((RESULTS / "bad").iterdir()))
        assert document["summary"]["errors"] == sum(each["errors"] for each in bad)

    def test_its_version_is_pinned_in_the_schema(self, run: Run, schema: Any) -> None:
        assert schema["properties"]["version"] == {"const": 1}
        empty = json.loads(run("check", "--output", "json", "missing.json").stdout)
        jsonschema.Draft202012Validator(schema).validate(empty)
        assert [each["code"] for each in empty["reports"][0]["findings"]] == ["QA001"]
        assert empty["error"] is None
        assert empty["tool"] == {"name": "qartifacts", "version": qa.__version__}

    def test_a_finding(self, run: Run) -> None:
        result = run("check", "-", "--format", P1, "--output", "json", stdin=b'{"0":0.5,"0":0.5}')
        assert json.loads(result.stdout)["reports"] == [
            {
                "source": "<stdin>",
                "member": None,
                "format": P1,
                "ok": False,
                "skipped": False,
                "errors": 1,
                "warnings": 0,
                "notes": 0,
                "omitted": 0,
                "at_least": False,
                "known": 0,
                "findings": [
                    {
                        "code": "QA008",
                        "severity": "error",
                        "message": 'the key "0" occurs more than once',
                        "pointer": "/0",
                        "line": 1,
                        "column": 10,
                    }
                ],
            }
        ]

    def test_it_is_whole_whatever_happens(self, run: Run, schema: Any) -> None:
        Path("empty").mkdir()
        for misuse in (["--format", "no.such.v1"], ["--ignore", "QA008", "--format", P1]):
            result = run("check", "empty", "--output", "json", *misuse)
            assert result.exit_code == 2
            document = json.loads(result.stdout)
            jsonschema.Draft202012Validator(schema).validate(document)
            assert document["error"] in result.stderr

    def test_it_passes_its_own_reader(self, run: Run) -> None:
        payload = b'{"\\ud800": {"a": 1, "a": 2}}'
        result = run("check", "-", "--output", "json", stdin=payload)
        assert '"pointer": "/\\ufffd/a"' in result.stdout
        again = qa.check(result.stdout.encode())
        assert [finding.code for finding in again.findings] == ["QA020"]

    def test_skipped_files_are_told_apart(self, run: Run, schema: Any) -> None:
        _write("store/package.json", b"{}{}"[:2] + b"\n")
        _write("store/other.json", b'{"name": 1}')
        document = json.loads(run("check", "store", "--output", "json").stdout)
        jsonschema.Draft202012Validator(schema).validate(document)
        assert [report["skipped"] for report in document["reports"]] == [True, False]
        assert document["summary"]["skipped"] == 1
        assert document["summary"]["good"] == 0

    def test_nothing_but_ascii_leaves(self, run: Run) -> None:
        payload = '{"probabilities": {"registers": {"结果": {"0": 2}}}}'.encode()
        result = run("check", "-", "--output", "json", stdin=payload)
        assert result.stdout.isascii()
        assert (
            json.loads(result.stdout)["reports"][0]["findings"][0]["pointer"].split("/")[3]
            == "结果"
        )


class TestFormats:
    def test_lists_all_with_their_source(self, run: Run) -> None:
        result = run("formats")
        assert result.exit_code == 0
        lines = result.stdout.splitlines()
        assert lines[0].split() == ["format", "identifier", "source", "retrieved", "title"]
        assert [line.split()[0] for line in lines[1:]] == list(qa.formats())
        assert sum("endpoint-example" in line for line in lines) == 1
        whose = {line.split()[0]: line.split()[1] for line in lines[1:]}
        assert whose == {
            **dict.fromkeys(RESULT_FORMATS, "service"),
            **dict.fromkeys(LOCAL_FORMATS, "local"),
        }

    def test_as_json(self, run: Run) -> None:
        document = json.loads(run("formats", "--json").stdout)
        assert document["version"] == 1
        assert [each["format"] for each in document["formats"]] == list(qa.formats())
        assert all(re.fullmatch("[0-9a-f]{64}", each["sha256"]) for each in document["formats"])
        local = [each["format"] for each in document["formats"] if each["identifier"] == "local"]
        assert local == list(LOCAL_FORMATS)

    @pytest.mark.parametrize("columns", [60, 80, 200])
    def test_identifiers_are_never_cut(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, columns: int
    ) -> None:
        monkeypatch.setattr("qartifacts.cli.formats.on_terminal", lambda: True)
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = run("formats").stdout.splitlines()
        for format, pin in qa.Registry.bundled().items():
            (at,) = (n for n, line in enumerate(lines) if line.split()[0] == format)
            title = lines[at] if columns == 200 else lines[at + 1]
            assert title.endswith(pin.title)

    def test_a_hostile_registry_does_not_drive_the_terminal(self, run: Run) -> None:
        shutil.copytree(ROOT / "schemas" / "qartifacts_schemas", "pins")
        lock = Path("pins", "registry.lock")
        title = b"Counts by decimal state"
        lock.write_bytes(lock.read_bytes().replace(title, b"\\u001b]0;owned\\u0007"))
        assert "\\x1b]0;owned\\x07" in run("formats", "--registry", "pins").stdout
        assert "\x1b" not in run("check", "x", "--registry", "\x1b[31m").output


class TestRule:
    @pytest.mark.parametrize("code", CODES)
    def test_explains(self, run: Run, code: str) -> None:
        result = run("rule", code.lower())
        assert result.exit_code == 0
        entry = CODES[code]
        assert result.stdout.startswith(f"{code} ({entry.severity}): {entry.title}\n")
        words = " ".join(result.stdout.split())
        assert entry.why.split(".")[0] in words
        assert entry.remedy.split(".")[0] in words
        assert ("--ignore" in words) is entry.ignorable
        assert result.stdout.rstrip("\n").replace("\n", "").isprintable()

    def test_lists_a_group(self, run: Run) -> None:
        listed = [line.split()[0] for line in run("rule", "qa2").stdout.splitlines()]
        assert listed == [code for code in CODES if code.startswith("QA2")]

    def test_shows_examples_as_they_stand_in_a_file(self, run: Run) -> None:
        assert '    {"0": 0.5, "3": 0.4}\n' in run("rule", "QA201").stdout
        assert '{"histogram": {"registers": {"\\ud83d"' in run("rule", "QA012").stdout

    def test_lists_all(self, run: Run) -> None:
        result = run("rule")
        assert [line.split()[0] for line in result.stdout.splitlines()] == list(CODES)


class TestHelp:
    @pytest.mark.parametrize(
        "command", [[], ["check"], ["formats"], ["rule"], ["serve"], ["fetch"], ["fetch", "device"]]
    )
    def test_has_examples(self, run: Run, command: list[str]) -> None:
        result = run(*command, "--help")
        assert result.exit_code == 0
        assert "Examples:" in result.stdout
        for line in result.stdout.split("Examples:")[1].split("\n\n")[0].strip().splitlines():
            assert line.strip().startswith(("qartifacts ", "curl "))

    def test_without_a_command_it_says_what_there_is(self, run: Run) -> None:
        result = run()
        assert result.exit_code == 2
        assert "Examples:" in result.output

    def test_version(self, run: Run) -> None:
        assert run("--version").stdout == f"qartifacts {qa.__version__}\n"


class TestProcess:
    """The command as a process, as users start it."""

    @staticmethod
    def start(*arguments: str, stdin: bytes = b"", **environment: str) -> Any:
        return subprocess.run(
            [sys.executable, "-m", "qartifacts", *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            env={**os.environ, **environment},
        )

    def test_standard_input(self) -> None:
        done = self.start("check", "-", "--format", P1, stdin=b'{"0":0.5,"0":0.5}')
        assert done.returncode == 1
        assert b":1:10: error QA008" in done.stdout
        assert done.stderr == b""

    def test_what_the_output_cannot_encode_is_escaped(self) -> None:
        payload = '{"probabilities": {"registers": {"c": {"结": 1}}}}'.encode()
        done = self.start("check", "-", stdin=payload, PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
        assert done.returncode == 1
        assert b"\\u7ed3" in done.stdout
        assert done.stderr == b""

    def test_closed_streams_are_no_traceback(self, tmp_path: Path) -> None:
        (tmp_path / "bell.json").write_bytes(b'{"0": 0.5, "3": 0.5}')
        command = f"{sys.executable} -m qartifacts check"
        for redirected, status in [
            (f"{command} - <&-", 2),
            (f"{command} {tmp_path}/bell.json >&-", 0),
            (f"{command} {tmp_path}/bell.json 2>&-", 0),
            (f"{command} {tmp_path}/bell.json > /dev/full", 2),
        ]:
            if "/dev/full" in redirected and not os.path.exists("/dev/full"):
                continue
            done = subprocess.run(["sh", "-c", redirected], capture_output=True, check=False)
            assert done.returncode == status, redirected
            assert b"Traceback" not in done.stderr
            assert b"Exception" not in done.stderr

    def test_a_reader_that_goes_away_is_no_traceback(self, tmp_path: Path) -> None:
        states = ", ".join(f'"x{index}": 1' for index in range(5000))
        (tmp_path / "many.json").write_text(f"{{{states}}}", encoding="utf-8")
        command = [sys.executable, "-m", "qartifacts", "check", str(tmp_path / "many.json")]
        command += ["--format", P1, "--max-findings", "5000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            assert b"Traceback" not in process.stderr.read()
            assert process.wait(timeout=60) != 0

    def test_ctrl_c_is_no_traceback(self, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("qartifacts.cli.check.check_paths", interrupt)
        result = run("check", "x")
        assert result.exit_code == 130
        assert "interrupted" in result.output

    @pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
    def test_colours_on_a_terminal_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import pty

        def on_a_terminal(**environment: str) -> bytes:
            ours, theirs = pty.openpty()
            command = [sys.executable, "-m", "qartifacts", "check", "-", "--format", P1]
            env = {**os.environ, **environment}
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, env=env
            ) as process:
                os.close(theirs)
                process.communicate(b'{"0": 2}')
            shown = b""
            try:
                while piece := os.read(ours, 4096):
                    shown += piece
            except OSError:
                pass  # The other end is closed.
            os.close(ours)
            return shown

        monkeypatch.delenv("NO_COLOR", raising=False)
        assert b"\x1b[" in on_a_terminal()
        assert b"qartifacts rule QA203" in on_a_terminal()
        assert b"\x1b[" not in on_a_terminal(NO_COLOR="1")
        piped = self.start("check", "-", "--format", P1, stdin=b'{"0": 2}')
        assert b"\x1b[" not in piped.stdout
