"""The examples of pipelines, run as their users run them: by pytest, as a script, as a notebook."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import qartifacts as qa
from qartifacts.serve import serving
from qartifacts.stored.jobs import JobStore
from support import ROOT, unmeasured

PIPELINES = ROOT / "examples" / "pipelines"
HISTOGRAM = "ionq.result.histogram.json.v1"
RAMSEY = "06a2099c-f84e-7208-8000-000000030000"


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """The jobs and the pipelines, outside of this checkout."""
    for name in ("jobs", "pipelines"):
        shutil.copytree(
            ROOT / "examples" / name,
            tmp_path / "examples" / name,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    return tmp_path / "examples"


def _lose_a_shot(job: Path) -> None:
    (path,) = job.glob(f"*.{HISTOGRAM}.json")
    counts = json.loads(path.read_bytes())
    counts["0"] -= 1
    path.write_text(json.dumps(counts))


def _python(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


# --------------------------------------------------------------------------------------------------
# pytest


def _pytest(examples: Path) -> subprocess.CompletedProcess[str]:
    return _python(examples, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "pipelines")


def test_the_tests_pass(examples: Path) -> None:
    done = _pytest(examples)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed" in done.stdout


def test_the_tests_fail_where_a_job_is_wrong(examples: Path) -> None:
    _lose_a_shot(examples / "jobs" / "staircase")
    done = _pytest(examples)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 6 passed" in done.stdout
    # The record and its line, as findings have them everywhere. pytest's summary repeats a message
    # whole where `CI` is set: only what stands at the failure counts.
    (line,) = re.findall(r"^E +(.* error QA302.*)$", done.stdout, re.MULTILINE)
    assert f"{examples / 'jobs' / 'staircase' / 'job.json'}:" in line


def test_the_page_shows_what_a_failing_test_shows(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "pipelines.md").read_text(encoding="utf-8")
    (module,) = re.findall(r"<!-- a test -->\n```python\n(.*?)```", page, re.DOTALL)
    (shown,) = re.findall(r"<!-- shown -->\n```text\n(.*?)```", page, re.DOTALL)
    (tmp_path / "test_bell.py").write_text(module, encoding="utf-8")
    (tmp_path / "bell.ionq.result.probabilities.json.v1.json").write_bytes(
        b'{"00": 0.5, "11": 0.5}'
    )
    done = _python(tmp_path, "-m", "pytest", "-p", "no:cacheprovider")
    assert shown in done.stdout


# --------------------------------------------------------------------------------------------------
# The script


def _check_job(examples: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return _python(examples / "pipelines", "check_job.py", *arguments)


def test_the_script_prints_counts(examples: Path) -> None:
    done = _check_job(examples, "../jobs/staircase")
    assert (done.returncode, done.stderr) == (0, "")
    counts = dict(line.split() for line in done.stdout.splitlines())
    assert (counts["100"], counts["001"]) == ("10", "297")
    assert sum(map(int, counts.values())) == 1000


def test_the_script_prints_probabilities_where_there_were_no_shots(examples: Path) -> None:
    done = _check_job(examples, "../jobs/bell-ideal")
    assert (done.returncode, done.stdout, done.stderr) == (0, "00  0.5\n11  0.5\n", "")


def test_the_script_takes_a_register(examples: Path) -> None:
    done = _check_job(examples, "../jobs/teleportation", "--register", "result")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["0", "1"]
    done = _check_job(examples, "../jobs/teleportation", "--register", "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere" in done.stderr


def test_the_script_tells_what_is_wrong(examples: Path) -> None:
    _lose_a_shot(examples / "jobs" / "staircase")
    done = _check_job(examples, "../jobs/staircase")
    assert done.returncode == 1
    assert done.stdout.count(" error QA302: ") == 1
    (examples / "jobs" / "staircase" / "job.json").write_bytes(b"{")
    done = _check_job(examples, "../jobs/staircase")
    assert done.returncode == 1
    assert "job.json:1:2: error QA004: " in done.stdout


@pytest.mark.parametrize("name", ["nowhere", "../jobs"])
def test_the_script_tells_what_is_no_job(examples: Path, name: str) -> None:
    done = _check_job(examples, name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("check_job.py: ")
    assert "Traceback" not in done.stderr


def test_the_script_fetches_a_job(examples: Path) -> None:
    with serving(qa.Registry.bundled(), jobs=JobStore(examples / "jobs")) as base:
        done = _check_job(examples, RAMSEY, "-o", "ramsey", "--base-url", f"{base}/v0.4")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == _check_job(examples, "../jobs/ramsey").stdout
    assert done.stdout == _check_job(examples, "ramsey").stdout
    assert done.stdout.splitlines()[1:3] == ["  0  6", "  1  394"]


def test_the_script_tells_of_what_was_not_to_be_had(examples: Path) -> None:
    (aggregate,) = (examples / "jobs" / "ramsey").glob("*.json.v1.json")
    aggregate.write_bytes(b"{")
    with serving(qa.Registry.bundled(), jobs=JobStore(examples / "jobs")) as base:
        done = _check_job(examples, RAMSEY, "-o", "ramsey", "--base-url", base)
        gone = _check_job(examples, RAMSEY.replace("3", "9"), "--base-url", base)
    assert done.returncode == 1, done.stderr
    assert "rejected" in done.stdout
    assert ":1:2: error QA004: " in done.stdout
    assert (gone.returncode, gone.stdout) == (2, "")


# --------------------------------------------------------------------------------------------------
# The notebook

#: Executes a notebook where it lies, and prints it with its outputs.
EXECUTE = """
import sys
import nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
nbformat.write(notebook, sys.stdout)
"""


def test_the_notebook_is_stored_without_outputs() -> None:
    notebook = json.loads((PIPELINES / "notebook.ipynb").read_bytes())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert cells
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


def test_the_notebook_runs(examples: Path, tmp_path: Path) -> None:
    homes = {
        name: str(tmp_path / name.lower())
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    # The kernel is stopped by a signal.
    environment = {**unmeasured(), **homes, "JUPYTER_PLATFORM_DIRS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, "notebook.ipynb"],
        cwd=examples / "pipelines",
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    shown = {
        cell["id"]: "".join(output["data"]["text/plain"])
        for cell in json.loads(done.stdout)["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "execute_result"
    }
    rows = {line.split()[0]: line.split()[1:] for line in shown["ideal"].splitlines()[1:]}
    # By hand: cos(0.2)² cos(0.45)² sin(0.7)², and, since 1 flips the next, sin(0.2)² sin(0.45)² cos(0.7)².
    assert rows["001"][:3] == ["297", "0.297", "0.323"]
    assert rows["100"][:3] == ["10", "0.010", "0.004"]
    assert 0.95 < float(shown["distance"]) < 1
    assert [line.split() for line in shown["fringe"].splitlines()][-1] == ["π", "391", "9"]
