"""The benchmark of a store works and compares like with like. No time is ever a test."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import qartifacts as qa
from support import ROOT, unmeasured

SCRIPT = ROOT / "scripts" / "bench.py"
PAGE = ROOT / "docs" / "sizing.md"
MEASURED = {
    "name",
    "package",
    "installed",
    "agrees",
    "share",
    "rounds",
    "seconds",
    "median_seconds",
    "computing_seconds",
    "seconds_without_gc",
    "disturbed",
    "ratio",
    "ratio_without_gc",
    "peak_bytes",
    "together_bytes",
    "bytes",
    "bytes_per_second",
    "digest",
}


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, "store", *arguments],
        capture_output=True,
        env=unmeasured(),
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def store() -> ModuleType:
    """The module, which the script finds in the package ``benchmarks`` beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)
        return importlib.import_module("benchmarks.store")


@pytest.fixture(scope="module")
def files(store: ModuleType) -> ModuleType:
    return sys.modules["benchmarks.store_files"]


@pytest.fixture(scope="module")
def processes(store: ModuleType) -> ModuleType:
    return sys.modules["benchmarks.processes"]


@pytest.fixture(scope="module")
def parts(files: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A store of 200 small files, two of which have a damaged copy, and two large ones."""
    made: dict[str, Any] = files.stored(tmp_path_factory.mktemp("store"), 200, 2)
    return made


def test_every_task_runs_and_its_contenders_agree(store: ModuleType, tmp_path: Path) -> None:
    written, page = tmp_path / "store.json", tmp_path / "page.md"
    page.write_text(
        "Before.\n\n<!-- measured: generated -->\nof another day\n<!-- measured: end -->\nAfter.\n"
    )
    run = _run("--size", "small", "--json", written, "--markdown", page)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    report = json.loads(written.read_text("utf-8"))
    assert report["size"] == "small"
    assert report["parts"]["small"]["files"] == store.SMALL_FILES
    assert report["parts"]["large"]["files"] == store.SMALL_LARGE
    assert report["versions"].keys() >= {"python", "qartifacts", "check-jsonschema", "orjson"}
    for task in report["tasks"]:
        for row in task["contenders"]:
            if row["name"] in report["left_out"]:
                assert not row["installed"]
                continue
            assert row["agrees"], (task["name"], row["name"])
            assert row.keys() == MEASURED
            assert row["seconds"] > 0
        assert f"{task['name']} (" in run.stdout
    for task in report["in_memory"]:
        assert all(row["agrees"] for row in task["contenders"]), task["name"]
    text = page.read_text("utf-8")
    assert text.startswith("Before.\n\n<!-- measured: generated -->\nMeasured on ")
    assert text.endswith("\n<!-- measured: end -->\nAfter.\n")
    assert "of another day" not in text
    for task in report["tasks"]:
        assert f"### {task['name']}\n" in text


def test_files_are_what_is_said_of_them(parts: dict[str, Any]) -> None:
    """By the name of each, and with all rules; the same small ones are damaged."""
    for name, part in parts.items():
        reports = list(qa.check_many([part.folder]))
        assert len(reports) == part.files
        assert Counter(report.format for report in reports) == part.formats
        assert sum(not report.ok for report in reports) == part.damaged, name
        assert not any(report.findings for report in reports if report.ok), name
    assert [part.damaged for part in parts.values()] == [0, 2, 0, 0]
    small, damaged = parts["small"], parts["damaged"]
    pairs = list(zip(small.paths(), damaged.paths(), strict=True))
    assert [one.relative_to(small.folder) for one, _ in pairs] == [
        other.relative_to(damaged.folder) for _, other in pairs
    ]
    assert sum(one.read_bytes() != other.read_bytes() for one, other in pairs) == 2
    assert {path.name.partition(".")[2] for path in parts["alike"].paths()} == {
        "ionq.result.probabilities.json.v2.json"
    }


def test_sizes_are_as_said(parts: dict[str, Any]) -> None:
    sizes = [path.stat().st_size for path in parts["small"].paths()]
    assert max(sizes) < 5_000
    assert sum(sizes) == parts["small"].bytes
    assert all(700_000 < path.stat().st_size < 1_400_000 for path in parts["large"].paths())


def test_a_store_is_made_from_its_seed(
    files: ModuleType, parts: dict[str, Any], tmp_path: Path
) -> None:
    again = files.stored(tmp_path, 200, 2)
    for name, part in parts.items():
        assert again[name]._replace(folder=part.folder) == part
        assert [path.read_bytes() for path in again[name].paths()] == [
            path.read_bytes() for path in part.paths()
        ]


def test_a_store_that_is_whole_is_used_again(files: ModuleType, tmp_path: Path) -> None:
    made = files.stored(tmp_path / "new", 20, 1)
    first = next(made["small"].paths())
    before = first.stat().st_mtime_ns
    assert files.stored(tmp_path / "new", 20, 1) == made
    assert first.stat().st_mtime_ns == before
    with pytest.raises(FileExistsError, match="another store"):
        files.stored(tmp_path / "new", 21, 1)
    first.write_bytes(b"{}")
    with pytest.raises(FileExistsError, match="have changed"):
        files.stored(tmp_path / "new", 20, 1)


def test_nothing_is_written_beside_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    run = _run("--size", "small", "--store", tmp_path)
    assert run.returncode == 2
    assert "not empty" in run.stderr
    assert os.listdir(tmp_path) == ["mine.txt"]


def test_a_page_without_marks_is_refused_at_once(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no marks")
    run = _run("--size", "small", "--markdown", page)
    assert run.returncode == 2
    assert "mark" in run.stderr
    assert page.read_text() == "no marks"


def test_unknown_names_are_told() -> None:
    run = _run("--size", "small", "--files", "1", "--large", "1", "--only", "no-such-task")
    assert run.returncode == 2
    assert "no-such-task" in run.stderr


def test_command_lines_hold_all_paths_in_order(
    store: ModuleType, parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [f"folder/{number}.json" for number in range(50)]
    assert store._as_arguments(paths) == [paths]
    monkeypatch.setattr(store, "_longest_command_line", lambda: 100)
    some = store._as_arguments(paths)
    assert list(chain.from_iterable(some)) == paths
    assert len(some) > 10
    for each in some:
        assert 0 < sum(len(path) + 9 for path in each) <= 100
    small = parts["small"]
    plan = store.check_jsonschema(small)
    named = [path for command in plan.commands for path in command[3:]]
    assert sorted(named) == [
        str(path.relative_to(small.folder.parent)) for path in sorted(small.paths())
    ]
    for program, _, schema, *of_format in plan.commands:
        assert program == "check-jsonschema"
        format = Path(schema).name
        assert all(path.endswith(f".{format}") for path in of_format)


def _measured(store: ModuleType, part: Any, contenders: Sequence[Any], folder: Path) -> list[Any]:
    """Rows of contenders, compared with the first one."""
    harness = sys.modules["benchmarks.harness"]
    task = harness.Task(
        "made for a test",
        "",
        lambda number: part,
        tuple(contenders),
        contenders[0].name,
        full=part.files,
        small=part.files,
        commands=True,
    )
    rows = store.measured(task, folder, True, lambda line: None)
    compared: list[Any] = harness.compared(task, "small", rows)["contenders"]
    return compared


def test_who_says_another_thing_does_not_agree(
    store: ModuleType, parts: dict[str, Any], tmp_path: Path
) -> None:
    """A file that is bad to us is good to a loop that only reads."""
    harness = sys.modules["benchmarks.harness"]
    ours = harness.Contender(
        "ours",
        "qartifacts",
        lambda part: store.check(part, bad=True),
        normal=store.counted_by_us,
    )
    loop = harness.Contender(
        "loop", "python", lambda part: store.loop("read", part), normal=store.counted_by_loop
    )
    rows = _measured(store, parts["damaged"], [ours, loop], tmp_path)
    assert [row["agrees"] for row in rows] == [True, False]


def test_who_fails_is_told_and_others_are_measured(
    store: ModuleType, parts: dict[str, Any], tmp_path: Path
) -> None:
    harness = sys.modules["benchmarks.harness"]

    def contender(name: str, plan: Any, normal: Any = lambda part, printed: None) -> Any:
        return harness.Contender(name, "python", lambda part: plan, normal=normal)

    one = parts["alike"]._replace(folder=next(parts["alike"].paths()).parent)
    rows = _measured(
        store,
        parts["alike"],
        [
            contender("good", store.loop("read", parts["alike"])),
            # All files are good, which is not what was said.
            contender("status", store.check(parts["alike"], bad=True)),
            contender("absent", store.Plan([["no-such-program"]])),
            contender("silent", store.Plan([["python", "-c", "pass"]]), store.counted_by_us),
            contender("short", store.loop("read", one), store.counted_by_loop),
            contender(
                "refused",
                store.Plan([["check-jsonschema", "--version"]]),
                store.counted_by_check_jsonschema,
            ),
        ],
        tmp_path,
    )
    assert [row["name"] for row in rows if "failed" in row] == [
        "status",
        "absent",
        "silent",
        "short",
        "refused",
    ]
    assert rows[0]["agrees"]
    assert "the exit status of qartifacts is 0" in rows[1]["failed"]
    assert "no-such-program" in rows[2]["failed"]
    assert "bytes of" in rows[4]["failed"]


def test_processes_of_a_command_are_seen(processes: ModuleType, tmp_path: Path) -> None:
    """Two processes of which each holds 30 MB for a second."""
    hold = "import time; held = b'1' * 30_000_000; time.sleep(1)"
    both = f"import subprocess, sys; other = subprocess.Popen([sys.executable, '-c', {hold!r}]); "
    command = [sys.executable, "-c", f"{both}{hold}; other.wait(); print(1); sys.exit(3)"]
    output, errors = tmp_path / "output", tmp_path / "errors"
    ((start,),) = processes.started([command], 1, tmp_path, str(output), str(errors))
    assert start.status == 3
    assert start.seconds >= 1
    assert output.read_bytes() == b"1\n"
    assert errors.read_bytes() == b""
    if sys.platform == "linux":
        assert 30_000_000 < start.resident < 60_000_000 < start.together


def test_a_cluster_is_there_and_ends(store: ModuleType) -> None:
    from distributed import Client

    cluster = sys.modules["benchmarks.cluster"]
    connect: Any = Client
    with cluster.local_cluster(2) as ready:
        assert ready.address.startswith("tcp://127.0.0.1:")
        with connect(ready.address) as client:
            assert len(client.scheduler_info()["workers"]) == 2
            assert client.submit(sum, [1, 2]).result(30) == 3
        if sys.platform == "linux":
            assert ready.resident() > 50_000_000
    assert [process.poll() is not None for process in ready.processes] == [True, True]


def test_the_page_has_all_tasks(store: ModuleType, parts: dict[str, Any]) -> None:
    page = PAGE.read_text("utf-8")
    for task in store.tasks(parts):
        assert f"### {task.name}\n\n{task.description} " in page
    for task in store.IN_MEMORY:
        assert f"| {task.description.removesuffix('.')} |" in page
    assert "The data is small" not in page
    assert "DOES NOT AGREE" not in page
