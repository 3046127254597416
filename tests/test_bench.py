"""The benchmark works and compares like with like. No time is ever a test."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support import ROOT

SCRIPT = ROOT / "scripts" / "bench.py"
MEASURED = {
    "name",
    "package",
    "installed",
    "agrees",
    "disturbed",
    "seconds",
    "seconds_without_gc",
    "ratio",
    "ratio_without_gc",
    "peak_bytes",
    "bytes",
    "bytes_per_second",
    "digest",
}


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def without_processes(bench: ModuleType, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Measures nothing: the first task gives a row by the name of its contender, as set here."""
    row: dict[str, Any] = {"seconds": 2.0, "seconds_without_gc": 1.0, "disturbed": False}
    row |= {"peak_bytes": None, "bytes": 10, "digest": ""}
    rows = {contender.name: row for contender in bench.TASKS[0].contenders}
    monkeypatch.setattr(bench, "_in_new_process", lambda size, pair: rows[pair[1].name])
    return rows


def test_every_task_runs_and_its_contenders_agree(bench: ModuleType, tmp_path: Path) -> None:
    written, page = tmp_path / "bench.json", tmp_path / "performance.md"
    run = _run("--size", "small", "--json", written, "--markdown", page)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    report = json.loads(written.read_text("utf-8"))
    assert report["version"] == 1
    assert report["size"] == "small"
    assert report["machine"]["cores"] > 0
    assert report["versions"].keys() >= {"python", "qartifacts", "numpy", "orjson"}
    assert [task["name"] for task in report["tasks"]] == [task.name for task in bench.TASKS]
    for task, declared in zip(report["tasks"], bench.TASKS, strict=True):
        names = [each["name"] for each in task["contenders"]]
        assert names == [each.name for each in declared.contenders]
        assert task["entries"] == declared.small
        for each in task["contenders"]:
            assert each["installed"], (task["name"], each["name"])
            assert each["agrees"], (task["name"], each["name"])
            assert each.keys() == MEASURED
        assert f"{task['name']} (" in run.stdout
        assert f"## {task['name']}\n" in page.read_text("utf-8")


def test_what_is_drawn_is_as_expected(bench: ModuleType) -> None:
    """There, agreement is that both are near to what is expected, which a digest does not tell."""
    (task,) = (task for task in bench.TASKS if task.name == "sample")
    data = task.data(task.small)
    for contender in task.contenders:
        result = contender.run(contender.given(data))
        assert contender.normal(data, result) == {"shots": task.small, "near": True}
    assert not bench.plausible(data, result[::-1])["near"]


def test_tasks_are_well_formed(bench: ModuleType) -> None:
    assert len({task.name for task in bench.TASKS}) == len(bench.TASKS)
    for task in bench.TASKS:
        names = [contender.name for contender in task.contenders]
        assert len(set(names)) == len(names)
        assert task.reference in names[1:]
        assert task.contenders[0].package == "qartifacts"


def test_different_results_are_told(
    bench: ModuleType, without_processes: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["--only", bench.TASKS[0].name]) == 0
    last = bench.TASKS[0].contenders[-1].name
    without_processes[last] = {**without_processes[last], "digest": "another"}
    assert "AGREE" not in capsys.readouterr().out
    assert bench.main(["--only", bench.TASKS[0].name]) == 1
    assert f"{last} (DOES NOT AGREE)" in capsys.readouterr().out


def test_what_others_disturbed_is_told(
    bench: ModuleType, without_processes: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    name = bench.TASKS[0].name
    assert bench.main(["--only", name]) == 0
    assert "missed" in capsys.readouterr().out
    reference = bench.TASKS[0].reference
    without_processes[reference] = {**without_processes[reference], "disturbed": True}
    assert bench.main(["--only", name]) == 0
    out = capsys.readouterr().out
    assert f"{reference} (disturbed)" in out
    assert "missed" not in out


def test_what_is_not_installed_is_left_out(
    bench: ModuleType, without_processes: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    without_processes[bench.TASKS[0].contenders[-1].name] = None
    assert bench.main(["--only", bench.TASKS[0].name]) == 0
    assert "not installed" in capsys.readouterr().out
    without_processes[bench.TASKS[0].reference] = None
    assert bench.main(["--only", bench.TASKS[0].name]) == 0
    assert "nothing to compare with" in capsys.readouterr().out


def test_a_contender_that_fails_is_named(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = bench.Contender("broken", "python", int)
    task = bench.Task("none of these", "", int, (broken,), "broken")
    monkeypatch.setattr(bench, "TASKS", (task,))
    # The process that measures it knows nothing of this task.
    assert bench.main([]) == 1
    assert "none of these: broken failed" in capsys.readouterr().err


def test_the_list_and_unknown_names(bench: ModuleType) -> None:
    listed = _run("--list")
    assert listed.returncode == 0
    assert [line.split(":")[0] for line in listed.stdout.splitlines()] == [
        task.name for task in bench.TASKS
    ]
    unknown = _run("--only", "no-such-task")
    assert unknown.returncode == 2
    assert "no-such-task" in unknown.stderr


def test_the_page_has_all_tasks(bench: ModuleType) -> None:
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == [
        task.name for task in bench.TASKS
    ]
    assert all(task.description in page for task in bench.TASKS)
    assert "The data is small" not in page
