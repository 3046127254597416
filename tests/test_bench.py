"""The benchmark works and compares like with like. No time is ever a test."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from qartifacts.source import Source
from qartifacts.validate import examiner
from support import ROOT, length, unmeasured

SCRIPT = ROOT / "scripts" / "bench.py"
MEASURED = {
    "name",
    "package",
    "installed",
    "agrees",
    "disturbed",
    "share",
    "seconds",
    "seconds_without_gc",
    "ratio",
    "ratio_without_gc",
    "peak_bytes",
    "bytes",
    "bytes_per_second",
    "digest",
}
JUDGED = {"figure", "bound", "of", "speed", "reached", "met"}


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=unmeasured(),
    )


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The script, which finds the package ``benchmarks`` beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)
        return importlib.import_module("bench")


@pytest.fixture(scope="module")
def harness(bench: ModuleType) -> ModuleType:
    return sys.modules["benchmarks.harness"]


@pytest.fixture(scope="module")
def validation(bench: ModuleType) -> ModuleType:
    return sys.modules["benchmarks.validation"]


@pytest.fixture
def without_processes(
    bench: ModuleType, harness: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Measures nothing: the first task gives a row by the name of its contender, as set here.

    A row that is a text is how a contender fails.
    """
    row: dict[str, Any] = {"seconds": 2.0, "seconds_without_gc": 1.0, "disturbed": False}
    row |= {"share": 1, "peak_bytes": None, "bytes": 10, "digest": ""}
    rows = {contender.name: row for contender in bench.TASKS[0].contenders}

    def in_new_process(size: str, task: Any, contenders: Any) -> list[Any]:
        for each in contenders:
            if isinstance(rows[each.name], str):
                raise harness.Failure(rows[each.name])
        return [rows[each.name] for each in contenders]

    monkeypatch.setattr(harness, "_in_new_process", in_new_process)
    return rows


def test_tasks_run_and_their_contenders_agree(bench: ModuleType, tmp_path: Path) -> None:
    written, page = tmp_path / "bench.json", tmp_path / "performance.md"
    tasks = bench.TASKS[:: length(3, 1)]
    only = [word for task in tasks for word in ("--only", task.name)]
    run = _run("--size", "small", *only, "--json", written, "--markdown", page)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    report = json.loads(written.read_text("utf-8"))
    assert report["version"] == 2
    assert report["size"] == "small"
    assert report["machine"]["cores"] > 0
    assert report["versions"].keys() >= {"python", "qartifacts", "numpy", "orjson"}
    assert [task["name"] for task in report["tasks"]] == [task.name for task in tasks]
    for task, declared in zip(report["tasks"], tasks, strict=True):
        names = [each["name"] for each in task["contenders"]]
        assert names == [each.name for each in declared.contenders]
        assert task["entries"] == declared.small
        for each in task["contenders"]:
            assert each["installed"], (task["name"], each["name"])
            assert each["agrees"], (task["name"], each["name"])
            assert each.keys() == MEASURED
        assert [each["bound"] for each in task["targets"]] == [
            each.bound for each in declared.targets
        ]
        assert all(each.keys() == JUDGED for each in task["targets"])
        assert f"{task['name']} (" in run.stdout
        assert f"## {task['name']}\n" in page.read_text("utf-8")


def test_what_is_drawn_is_as_expected(bench: ModuleType) -> None:
    """There, agreement is that both are near to what is expected, which a digest does not tell."""
    (task,) = (task for task in bench.TASKS if task.name == "sample")
    data = task.data(task.small)
    for contender in task.contenders:
        result = contender.ready()(contender.given(data))
        assert contender.normal(data, result) == {"shots": task.small, "near": True}
    conversions = sys.modules["benchmarks.conversions"]
    assert not conversions.plausible(data, result[::-1])["near"]


@pytest.mark.parametrize(
    ("tasks", "format"),
    [
        ("validate-shots-v2", "ionq.result.shots.json.v2"),
        ("validate-shots-v1", "ionq.result.shots.json.v1"),
        ("validate-histogram-v2", "ionq.result.histogram.json.v2"),
        ("validate-histogram-v1", "ionq.result.histogram.json.v1"),
        ("validate-probabilities-v2", "ionq.result.probabilities.json.v2"),
        ("validate-probabilities-v1", "ionq.result.probabilities.json.v1"),
        ("validate-bell", "ionq.result.probabilities.json.v2"),
        ("validate-aggregate", "ionq.result.probabilities-aggregate.json.v1"),
    ],
)
def test_payloads_hold_what_is_said_of_them(
    validation: ModuleType, tasks: str, format: str
) -> None:
    """By the exact path. What is said of another payload is not right."""
    made = [task for task in validation.TASKS if task.name.startswith(tasks)]
    assert made
    for task in made:
        payload, other = task.data(8), task.data(9)
        examined = examiner(format).explain(Source("payload", data=payload.data))
        assert validation.is_right(payload, examined), payload.data
        assert validation.is_right(other, examined) == (task.name == "validate-bell")


def test_columns_are_compared_in_all_they_hold(validation: ModuleType) -> None:
    (distribution,) = validation.bell(2).columns
    for other in (
        replace(distribution, register="another"),
        replace(distribution, width=3),
        replace(distribution, states=distribution.states[::-1]),
        replace(distribution, values=distribution.values[:1]),
        replace(distribution, values=distribution.values.astype(int)),
    ):
        assert not validation.same_columns((other,), (distribution,))
        assert not validation.same_columns({"child": other}, {"child": distribution})
    assert validation.same_columns((distribution,), (distribution,))
    assert validation.same_columns({"child": distribution}, {"child": distribution})
    assert not validation.same_columns({"another": distribution}, {"child": distribution})
    assert not validation.same_columns((distribution,), {"child": distribution})
    shots = validation.shots_v2({"a": 3, "b": 2}, False, 9).columns
    for registers in (
        {"a": shots.registers["a"]},
        {"b": shots.registers["b"], "a": shots.registers["a"]},
        {**shots.registers, "b": replace(shots.registers["b"], width=None)},
        {**shots.registers, "b": shots.registers["a"]},
    ):
        assert not validation.same_columns(replace(shots, registers=registers), shots)
    assert validation.same_columns(shots, shots)


def test_a_fault_is_found_where_it_is(validation: ModuleType) -> None:
    broken = validation.broken_histogram(None, 9)
    report = (
        examiner("ionq.result.histogram.json.v2")
        .explain(Source("payload", data=broken.data))
        .report
    )
    assert validation.is_reported(broken, report)
    elsewhere = broken._replace(path=(*broken.path[:-1], "0" * 36))
    assert not validation.is_reported(elsewhere, report)
    assert validation.is_at_fault(broken, [broken.path])
    assert not validation.is_at_fault(broken, [])
    assert not validation.is_at_fault(broken, [broken.path, broken.path])


def test_tasks_are_well_formed(bench: ModuleType, harness: ModuleType) -> None:
    assert len({task.name for task in bench.TASKS}) == len(bench.TASKS)
    for task in bench.TASKS:
        names = [contender.name for contender in task.contenders]
        assert len(set(names)) == len(names)
        assert task.reference in names[1:]
        assert task.contenders[0].package == "qartifacts"
        for target in task.targets:
            assert target.of in (None, harness.REFERENCE, harness.PAYLOAD, *names)


@pytest.mark.parametrize(
    ("made", "arguments", "reached", "met"),
    [
        ("faster", {"times": 10}, 10, True),
        ("faster", {"times": 10.1}, 10, False),
        ("faster", {"times": 2, "without_gc": True}, 2.5, True),
        ("time_at_most", {"times": 0.1}, 0.1, True),
        ("time_at_most", {"times": 0.09}, 0.1, False),
        ("memory_at_most", {"megabytes": 6}, 6, True),
        ("memory_at_most", {"megabytes": 5.9}, 6, False),
        ("memory_multiple_at_most", {"times": 0.5}, 0.5, True),
        ("memory_multiple_at_most", {"times": 2, "of": "the payload"}, 2, True),
        ("memory_multiple_at_most", {"times": 1.9, "of": "the payload"}, 2, False),
    ],
)
def test_targets(
    harness: ModuleType, made: str, arguments: dict[str, Any], reached: float, met: bool
) -> None:
    target = getattr(harness, made)(**arguments)
    ours = {"seconds": 0.2, "seconds_without_gc": 0.4, "peak_bytes": 6e6, "bytes": 3e6}
    reference = {"seconds": 2.0, "seconds_without_gc": 1.0, "peak_bytes": 12e6, "bytes": 3e6}
    assert target.reached(ours, reference) == pytest.approx(reached)
    assert target.is_met(target.reached(ours, reference)) == met


def test_targets_of_what_was_not_measured(harness: ModuleType) -> None:
    ours = {"seconds": 1.0, "seconds_without_gc": None, "peak_bytes": None, "bytes": None}
    assert harness.faster(2, without_gc=True).reached(ours, ours) is None
    assert harness.memory_at_most(2).reached(ours, ours) is None
    assert harness.memory_multiple_at_most(2).reached(ours, ours) is None


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
    bench: ModuleType, without_processes: dict[str, Any], tmp_path: Path
) -> None:
    task = bench.TASKS[0]

    def met() -> list[bool | None]:
        assert bench.main(["--only", task.name, "--json", str(tmp_path / "bench.json")]) == 0
        (measured,) = json.loads((tmp_path / "bench.json").read_text("utf-8"))["tasks"]
        return [each["met"] for each in measured["targets"] if each["figure"] == "seconds"]

    assert met() == [False]
    without_processes[task.contenders[0].name] = {
        **without_processes[task.contenders[0].name],
        "seconds": 1e-3,
    }
    assert met() == [True]
    without_processes[task.reference] = {**without_processes[task.reference], "disturbed": True}
    assert met() == [None]


def test_what_is_not_installed_is_left_out(
    bench: ModuleType,
    harness: ModuleType,
    without_processes: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(harness, "_versions", lambda tasks: {"qartifacts": "1", "orjson": "1"})
    assert bench.main(["--only", bench.TASKS[0].name]) == 0
    out = capsys.readouterr().out
    assert "not installed" in out
    assert "nothing to compare with" not in out
    monkeypatch.setattr(harness, "_versions", lambda tasks: {"qartifacts": "1"})
    assert bench.main(["--only", bench.TASKS[0].name]) == 0
    assert "nothing to compare with" in capsys.readouterr().out


@pytest.mark.parametrize("size", ["small", "full"])
def test_a_contender_that_fails_is_named_and_the_others_are_measured(
    bench: ModuleType,
    without_processes: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    size: str,
) -> None:
    task = bench.TASKS[0]
    ours = task.contenders[0].name
    without_processes[ours] = "how\nit failed"
    arguments = ["--size", size, "--only", task.name, "--json", str(tmp_path / "bench.json")]
    assert bench.main(arguments) == 1
    said = capsys.readouterr()
    assert f"{ours} failed: it failed" in said.out
    assert f"{task.name}: {ours} failed\nhow\nit failed" in said.err
    (measured,) = json.loads((tmp_path / "bench.json").read_text("utf-8"))["tasks"]
    assert "seconds" not in measured["contenders"][0]
    assert all("ratio" in each for each in measured["contenders"][1:])
    assert [each["met"] for each in measured["targets"]] == [False] * len(task.targets)


def test_a_process_that_fails_says_how(
    bench: ModuleType, harness: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = harness.Contender("broken", "python", int)
    task = harness.Task("none of these", "", int, (broken,), "broken")
    # The process that measures it knows nothing of this task.
    (measured,) = harness.measure((task,), "small")["tasks"]
    (row,) = measured["contenders"]
    assert "StopIteration" in row["failed"]


def test_a_command_that_fails_is_named(bench: ModuleType, harness: ModuleType) -> None:
    processes = sys.modules["benchmarks.processes"]
    (task,) = processes.TASKS
    failing = harness.Contender("failing", "python", lambda path: [sys.executable, "-c", "1 / 0"])
    with pytest.raises(harness.Failure, match="failing: the exit status is 1"):
        processes.work_in_turn(task, (failing,), small=True)
    absent = harness.Contender("absent", "python", lambda path: ["no-such-program"])
    with pytest.raises(harness.Failure, match="no-such-program"):
        processes.work_in_turn(task, (absent,), small=True)


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
        "Targets",
        *(task.name for task in bench.TASKS),
    ]
    assert all(task.description in page for task in bench.TASKS)
    assert "The data is small" not in page
