"""What a run of the command imports and how much memory it takes: no more than its task needs.

Start-up is most of the duration of a small task. So libraries are imported where they are used, and
records that every run makes are named tuples: the class of a dataclass takes ten times as long to
make.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from support import ROOT

GOOD: Final = '{"probabilities":{"registers":{"output_all":{"00":0.5,"11":0.5}}}}'
BAD: Final = '{"probabilities":{"registers":{"output_all":[0.5,0.5]}}}'
IDENTIFIED: Final = "bell.ionq.result.probabilities.json.v2.json"

#: Parts of the standard library that take long to import, and that few tasks need.
RARELY_NEEDED: Final = frozenset(
    {
        "asyncio",
        "concurrent.futures",
        "difflib",
        "email",
        "gzip",
        "importlib.metadata",
        "logging",
        "multiprocessing",
        "pathlib",
        "secrets",
        "shutil",
        "subprocess",
        "tempfile",
        "tomllib",
    }
)

#: What a check of a small file may hold in memory, in bytes.
MEMORY: Final = 35_000_000

#: What the command tells at its end: its modules, and on Linux its peak memory in KiB. The system
#: accounts the parent's memory to a child, too, which began as a copy of it; this file does not.
_TELL: Final = """
import atexit, os, sys

def tell():
    peak = 0
    if os.path.exists("/proc/self/status"):
        with open("/proc/self/status") as status:
            (peak,) = (line.split()[1] for line in status if line.startswith("VmHWM:"))
    print(*sys.modules, file=sys.stderr)
    print(peak, file=sys.stderr)

atexit.register(tell)
"""
_RUN: Final = "from qartifacts.cli import main; main()"


class Ended(NamedTuple):
    """A process that has ended: exit status, the modules it had imported, peak memory in bytes."""

    status: int
    modules: frozenset[str]
    memory: int

    @property
    def libraries(self) -> frozenset[str]:
        """Top-level modules of other projects, without ``click`` and what Python starts with."""
        added = {name.partition(".")[0] for name in self.modules - _with_click().modules}
        known = {"qartifacts", "qartifacts_schemas", "click"}
        return frozenset(added - known - sys.stdlib_module_names)


def _python(code: str, arguments: Sequence[str] = (), folder: Path = ROOT) -> Ended:
    # Where coverage is measured, it would import modules of its own in the new process.
    environment = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    done = subprocess.run(
        [sys.executable, "-I", "-c", _TELL + code, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    *_, modules, peak = done.stderr.splitlines()
    return Ended(done.returncode, frozenset(modules.split()), int(peak) * 1024)


@cache
def _with_click() -> Ended:
    """Python with the parser of the command line, and nothing of this project."""
    return _python("import click")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory of a good payload, under two names, and a bad one."""
    for name in ("bell.json", IDENTIFIED):
        (tmp_path / name).write_text(GOOD)
    (tmp_path / "bad.json").write_text(BAD)
    return tmp_path


@pytest.mark.parametrize("name", ["bell.json", IDENTIFIED])
def test_a_small_good_file_needs_no_library(folder: Path, name: str) -> None:
    run = _python(_RUN, ["check", name], folder)
    assert run.status == 0
    assert not run.libraries
    assert not (run.modules - _with_click().modules) & RARELY_NEEDED


def test_explaining_needs_the_reference_implementation(folder: Path) -> None:
    run = _python(_RUN, ["check", "bad.json"], folder)
    assert run.status == 1
    assert "jsonschema" in run.libraries
    assert "numpy" not in run.libraries


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["check", "--help"],
        ["fetch", "device", "--help"],
        ["rule", "QA201"],
        ["formats"],
    ],
)
def test_what_checks_nothing_needs_no_library(arguments: list[str], tmp_path: Path) -> None:
    run = _python(_RUN, arguments, tmp_path)
    assert run.status == 0
    assert not run.libraries


@pytest.mark.parametrize("arguments", [["--version"], ["rule", "QA201"]])
def test_the_registry_is_left_alone_where_no_schema_is_wanted(
    arguments: list[str], tmp_path: Path
) -> None:
    assert "qartifacts.registry" not in _python(_RUN, arguments, tmp_path).modules


def test_the_plugin_for_pytest_costs_two_modules(tmp_path: Path) -> None:
    """Every run of pytest pays for it, wherever qartifacts is installed."""
    without = _python("import pytest", folder=tmp_path)
    run = _python("import pytest; import qartifacts.pytest_plugin", folder=tmp_path)
    assert run.status == 0
    assert run.modules - without.modules == {"qartifacts", "qartifacts.pytest_plugin"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell a peak in other ways")
@pytest.mark.parametrize("name", ["bell.json", IDENTIFIED])
def test_a_small_good_file_takes_little_memory(folder: Path, name: str) -> None:
    assert 0 < _python(_RUN, ["check", name], folder).memory < MEMORY
