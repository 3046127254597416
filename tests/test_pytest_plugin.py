"""The plugin for pytest: what a test shows, which registry it takes, and what it costs others."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.pytest_plugin import assert_valid_artifact, assert_valid_job
from support import ROOT, MakeRegistry

pytest_plugins = ["pytester"]

PROBABILITIES = "ionq.result.probabilities.json.v1"
HISTOGRAM = "ionq.result.histogram.json.v1"
SHOTS = "ionq.result.shots.json.v1"
JOBS = ROOT / "examples" / "jobs"

#: Run pytest on the text of a test module, with these arguments.
Session = Callable[..., pytest.RunResult]

#: A finding as a test shows it: place, severity and code.
FINDING = re.compile(r":(\d+):(\d+): (error|warning|note) (QA\d+): ")


def _said(function: Callable[..., Any], *args: Any, **kwargs: Any) -> list[str]:
    """The lines of the failure that a function causes."""
    with pytest.raises(AssertionError) as caught:
        function(*args, **kwargs)
    return str(caught.value).splitlines()


def _findings(lines: list[str]) -> list[tuple[str, str]]:
    """Places and codes of the findings in some lines."""
    found = (FINDING.search(line) for line in lines)
    return [(f"{each[1]}:{each[2]}", each[4]) for each in found if each]


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A good job of three qubits and 1,000 shots, with six results."""
    return Path(shutil.copytree(JOBS / "staircase", tmp_path / "job"))


def _result(job: Path, format: str) -> Path:
    (path,) = job.glob(f"*.{format}.json")
    return path


# --------------------------------------------------------------------------------------------------
# Artifacts


def test_a_good_one_comes_back_as_an_artifact() -> None:
    artifact = assert_valid_artifact(b'{"1": 0.25, "4": 0.75}', PROBABILITIES)
    assert artifact.format == PROBABILITIES
    assert artifact.probabilities(width=3) == {"100": 0.25, "001": 0.75}


def test_a_bad_one_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / f"bad.{PROBABILITIES}.json"
    path.write_bytes(b'{\n "0": 0.5,\n "00": 0.25,\n "1": 0.25}')
    first, *lines, last = _said(assert_valid_artifact, path)
    assert str(path) in first
    assert _findings(lines) == [("3:2", "QA206")]
    assert lines[0].startswith(f"{path}:3:2: error")
    assert "qartifacts rule QA206" in last


def test_warnings_fail_if_asked_to() -> None:
    source = b"[]"
    assert assert_valid_artifact(source, SHOTS).report.warnings == 1
    first, *lines, _ = _said(assert_valid_artifact, source, SHOTS, strict=True)
    assert "strict" in first
    assert _findings(lines) == [("1:1", "QA220")]


def test_settings_and_registry_are_those_of_a_check(make_registry: MakeRegistry) -> None:
    settings = qa.Settings(raised=frozenset({"QA220"}))
    lines = _said(assert_valid_artifact, b"[]", SHOTS, settings=settings)
    assert "strict" not in lines[0]
    assert _findings(lines) == [("1:1", "QA220")]
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "string"}
    registry = make_registry({SHOTS: schema})
    lines = _said(assert_valid_artifact, b'["1"]', SHOTS, registry=registry)
    assert _findings(lines)[0] == ("1:1", "QA101")


def test_a_result_is_held_against_its_job(job: Path) -> None:
    path = _result(job, HISTOGRAM)
    artifact = assert_valid_artifact(path, job=job)
    assert artifact.counts()["100"] == 10
    counts = json.loads(path.read_bytes())
    counts["0"] -= 1
    path.write_text(json.dumps(counts))
    assert assert_valid_artifact(path).shots == 999
    assert [code for _, code in _findings(_said(assert_valid_artifact, path, job=job))] == ["QA302"]


def test_what_is_no_finding_is_raised_without_our_frames(tmp_path: Path) -> None:
    cases: list[tuple[type[Exception], tuple[Any, ...]]] = [
        (FileNotFoundError, (tmp_path / "nowhere.json",)),
        (qa.UnknownFormat, (b"{}", "no.such.format.v1")),
        (ValueError, ('{"0": 1}',)),
        (TypeError, (3,)),
    ]
    for kind, args in cases:
        with pytest.raises(kind) as caught:
            assert_valid_artifact(*args)
        # This frame and the function's own, which pytest hides.
        assert len(caught.traceback) == 2, kind
        assert caught.value.__suppress_context__


def test_a_long_report_is_cut_and_counted() -> None:
    keys = {f"0{number}": 1 / 64 for number in range(64)}
    first, *lines, _ = _said(assert_valid_artifact, json.dumps(keys).encode(), PROBABILITIES)
    assert first.startswith("64 errors")
    assert len(_findings(lines)) == 20
    assert "44 more findings not shown" in lines[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_cannot_drive_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / f"\x1b[31m.{PROBABILITIES}.json"
    path.write_bytes(b"{")
    assert "\x1b" not in "".join(_said(assert_valid_artifact, path))


# --------------------------------------------------------------------------------------------------
# Jobs


@pytest.mark.parametrize("name", sorted(path.name for path in JOBS.iterdir()))
def test_good_jobs_come_back(name: str) -> None:
    found = assert_valid_job(JOBS / name, strict=True)
    assert found.ok
    assert found.id == json.loads((JOBS / name / "job.json").read_bytes())["id"]


def test_a_job_is_held_against_itself(job: Path) -> None:
    path = _result(job, HISTOGRAM)
    counts = json.loads(path.read_bytes())
    counts["0"] -= 1
    path.write_text(json.dumps(counts))
    first, *lines, _ = _said(assert_valid_job, job / "job.json")
    assert str(job / "job.json") in first
    assert [code for _, code in _findings(lines)] == ["QA302"]
    place = json.dumps("shots")
    line = (job / "job.json").read_text().splitlines().index(f"  {place}: 1000") + 1
    assert lines[0].startswith(f"{job / 'job.json'}:{line}:")


def test_an_artifact_that_is_missing_fails_if_warnings_do(job: Path) -> None:
    _result(job, HISTOGRAM).unlink()
    assert assert_valid_job(job).ok
    codes = {code for _, code in _findings(_said(assert_valid_job, job, strict=True))}
    assert codes == {"QA301"}


def test_many_bad_files_are_cut_and_counted(job: Path) -> None:
    for format in (PROBABILITIES, HISTOGRAM):
        keys = {f"0{number}": 1 / 64 for number in range(64)}
        _result(job, format).write_text(json.dumps(keys))
    first, *lines, _ = _said(assert_valid_job, job)
    assert first.endswith("in 2 files")
    assert len(_findings(lines)) == 20
    assert lines[-1] == "1 more file not shown"


def test_what_is_no_job_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        assert_valid_job(tmp_path)
    assert len(caught.traceback) == 2
    (tmp_path / "job.json").write_bytes(b'{"id": 1,}')
    lines = _said(assert_valid_job, tmp_path)
    assert str(tmp_path / "job.json") in lines[0]
    assert _findings(lines) == [("1:9", "QA003")]


# --------------------------------------------------------------------------------------------------
# In a session of pytest


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Run pytest on a test module, in another process, with no plugin but this one."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(module: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=module)
        plugin = ("-p", "qartifacts.pytest_plugin", "-p", "no:cacheprovider", "-W", "error")
        return pytester.runpytest_subprocess(*plugin, *arguments)

    return run


def test_a_failing_test_shows_the_report_and_its_own_line(
    session: Session, pytester: pytest.Pytester
) -> None:
    (pytester.path / "bad.json").write_bytes(b'{\n "0": 0.5,\n "00": 0.5}')
    (pytester.path / "job.json").write_bytes(b"{")
    done = session(
        f"""
        from qartifacts.pytest_plugin import assert_valid_artifact as imported

        def test_fixture(assert_valid_artifact):
            assert_valid_artifact("bad.json", "{PROBABILITIES}")

        def test_function():
            imported("bad.json", "{PROBABILITIES}")

        def test_job(assert_valid_job):
            assert_valid_job(".")

        def test_nowhere(assert_valid_artifact):
            assert_valid_artifact("nowhere.json")

        def test_good(assert_valid_artifact):
            artifact = assert_valid_artifact(b'{{"4": 1}}', "{PROBABILITIES}")
            assert artifact.probabilities(width=3) == {{"001": 1}}
        """
    )
    done.assert_outcomes(passed=1, failed=4)
    done.stdout.fnmatch_lines(
        [
            '>       assert_valid_artifact("bad.json", *',
            "E       AssertionError: 1 error in bad.json",
            "E       bad.json:3:2: error QA206: *",
            "E       qartifacts rule QA206 *",
            "test_it.py:4: AssertionError",
            "test_it.py:7: AssertionError",
            "E *job.json:1:2: error QA004: *",
            "test_it.py:10: AssertionError",
            "test_it.py:13: FileNotFoundError",
            "FAILED test_it.py::test_fixture - AssertionError: 1 error in bad.json",
        ]
    )
    shown = {line.split(":")[0] for line in done.outlines if re.match(r"\S+\.py:\d+:", line)}
    assert shown == {"test_it.py"}


#: Tells which registry a session has.
TELL = """
def test_registry(qartifacts_registry):
    print("\\nfolder", qartifacts_registry.folder, sep="=")
"""


def _folder(done: pytest.RunResult) -> Path:
    done.assert_outcomes(passed=1)
    (line,) = (line for line in done.outlines if line.startswith("folder="))
    return Path(line.removeprefix("folder="))


@pytest.fixture
def registries(pytester: pytest.Pytester, make_registry: MakeRegistry) -> Path:
    """A project with directories ``mine`` and ``yours`` that are registries of one document."""
    made = make_registry({SHOTS: {"$schema": "http://json-schema.org/draft-07/schema#"}})
    for name in ("mine", "yours"):
        shutil.copytree(made.folder, pytester.path / name)
    (pytester.path / "pyproject.toml").touch()
    return pytester.path


def test_without_a_word_it_is_the_bundled_registry(session: Session) -> None:
    assert _folder(session(TELL, "-s")) == Path(qa.Registry.bundled().folder)


def test_it_is_the_one_that_the_project_has_configured(session: Session, registries: Path) -> None:
    (registries / "qartifacts.toml").write_text('registry = "mine"\n')
    assert _folder(session(TELL, "-s")) == registries / "mine"


def test_the_key_comes_before_the_project(session: Session, registries: Path) -> None:
    (registries / "qartifacts.toml").write_text('registry = "nowhere"\n')
    (registries / "pytest.ini").write_text("[pytest]\nqartifacts_registry = mine\n")
    assert _folder(session(TELL, "-s", "--strict-config")) == registries / "mine"


def test_a_key_without_a_file_is_one_of_the_root(session: Session, registries: Path) -> None:
    (registries / "pyproject.toml").unlink()
    done = session(TELL, "-s", "--rootdir", ".", "-o", "qartifacts_registry=mine")
    assert _folder(done) == registries / "mine"


def test_the_option_comes_first_and_starts_where_pytest_does(
    session: Session, registries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (registries / "pytest.ini").write_text("[pytest]\nqartifacts_registry = nowhere\n")
    (registries / "below").mkdir()
    monkeypatch.chdir(registries / "below")
    done = session(TELL, "-s", "--qartifacts-registry=../yours", "../test_it.py")
    assert _folder(done).resolve() == registries / "yours"


def test_fixtures_check_against_the_registry_of_the_session(
    session: Session, registries: Path, job: Path
) -> None:
    done = session(
        f"""
        import pytest
        import qartifacts as qa

        def test_artifact(assert_valid_artifact):
            # The schemas of this registry hold no probabilities.
            assert_valid_artifact(b'["1"]', "{SHOTS}")
            with pytest.raises(qa.UnknownFormat):
                assert_valid_artifact(b'{{"0": 1}}', "{PROBABILITIES}")

        def test_another(assert_valid_artifact):
            bundled = qa.Registry.bundled()
            assert_valid_artifact(b'{{"0": 1}}', "{PROBABILITIES}", registry=bundled)

        def test_job(assert_valid_job, qartifacts_registry):
            with pytest.raises(AssertionError):
                assert_valid_job({str(job)!r})
            found = assert_valid_job({str(job)!r}, registry=qa.Registry.bundled())
            assert found.registry is not qartifacts_registry
        """,
        "--qartifacts-registry=mine",
    )
    done.assert_outcomes(passed=3)


def test_a_registry_that_is_not_as_pinned_is_an_error_and_no_skip(
    session: Session, pytester: pytest.Pytester
) -> None:
    folder = pytester.path / "schemas"
    shutil.copytree(ROOT / "schemas" / "qartifacts_schemas", folder)
    (folder / f"{SHOTS}.json").unlink()
    with (folder / f"{HISTOGRAM}.json").open("ab") as document:
        document.write(b"\n")
    done = session(
        TELL + "def test_else(assert_valid_job): pass\ndef test_nothing(): pass\n",
        "--qartifacts-registry=schemas",
    )
    done.assert_outcomes(passed=1, errors=2)
    # The documents that it uses, and those alone, are told, with what to do.
    told = [line for line in done.outlines if "restore it from version control" in line]
    names = [re.findall(r"[\w./-]*\.json\b", line)[0] for line in told]
    assert sorted({Path(name).name for name in names}) == [f"{HISTOGRAM}.json", f"{SHOTS}.json"]
    done.stdout.no_fnmatch_line("*pytest_plugin.py*")


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        (
            "pytest.ini",
            "[pytest]\nqartifacts_registry = nowhere\n",
            "*pytest.ini names no registry*",
        ),
        ("qartifacts.toml", 'registry = "nowhere"\n', "*qartifacts.toml names no registry*"),
        ("qartifacts.toml", "registri = 1\n", "*qartifacts.toml:1: registri: *"),
    ],
    ids=["key", "project", "unknown"],
)
def test_what_names_no_registry_is_told(
    session: Session, registries: Path, file: str, text: str, says: str
) -> None:
    (registries / file).write_text(text)
    done = session(TELL)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["the fixture qartifacts_registry has no registry:", says])
    done.stdout.no_fnmatch_line("*Traceback*")


# --------------------------------------------------------------------------------------------------
# As it is installed


def test_pytest_finds_it_by_its_entry_point() -> None:
    found = importlib.metadata.entry_points(group="pytest11", name="qartifacts")
    assert {each.value for each in found} == {"qartifacts.pytest_plugin"}


def test_processes_of_xdist_have_it_too(session: Session, registries: Path) -> None:
    done = session(
        f"""
        import os
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_registry(assert_valid_artifact, qartifacts_registry, number):
            assert "PYTEST_XDIST_WORKER" in os.environ
            assert os.path.basename(qartifacts_registry.folder) == "mine"
            assert_valid_artifact(b'["x"]', "{SHOTS}")
        """,
        *("-p", "xdist", "-n", "2", "--qartifacts-registry=mine"),
    )
    done.assert_outcomes(failed=4)
    done.stdout.fnmatch_lines(["E * <bytes>:1:2: error QA2*: *"])


def test_it_can_be_left_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it="def test_it(qartifacts_registry): pass")
    done = pytester.runpytest_subprocess("-p", "no:qartifacts", "-p", "no:cacheprovider")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*fixture 'qartifacts_registry' not found"])
