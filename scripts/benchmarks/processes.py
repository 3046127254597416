"""Whole processes, from their start to their end, against one of Python that does nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.harness import (
    OURS,
    ROOT,
    Contender,
    Failure,
    Row,
    Task,
    memory_at_most,
    time_at_most,
)
from benchmarks.start_in_turn import Start, joined
from benchmarks.validation import BELL
from qartifacts.identifiers import PROBABILITIES_V2

#: The first start of each command is not counted: it may have files to read that are in memory
#: from then on.
STARTS, FIRST = 25, 1

_STARTER: Final = Path(__file__).with_name("start_in_turn.py")
_SCHEMA: Final = ROOT / "schemas" / "qartifacts_schemas" / f"{PROBABILITIES_V2}.json"


def work_in_turn(task: Task, contenders: Sequence[Contender], small: bool) -> list[Row]:
    """What is measured of the command lines of a task, in a directory with the data as a file.

    Raises:
        Failure: A command is not there, or its exit status is not 0.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bell.json")
        path.write_bytes(task.data(task.small if small else task.full))
        commands = [_command(contender, path) for contender in contenders]
        rounds = FIRST + (1 if small else STARTS)
        starts = started(commands, rounds, Path(folder), os.devnull, os.devnull)
    rows = []
    for contender, each in zip(contenders, starts, strict=True):
        failed = {start.status for start in each} - {0}
        if failed:
            raise Failure(f"{contender.name}: the exit status is {failed.pop()}")
        largest = max(start.resident for start in each)
        rows.append(
            {
                "share": 1,
                "seconds": min(start.seconds for start in each[FIRST:]),
                "seconds_without_gc": None,
                "disturbed": False,
                "peak_bytes": largest or None,
                "bytes": None,
                "digest": "",
            }
        )
    return rows


def _command(contender: Contender, path: Path) -> list[str]:
    """The command line of a contender, with the path of its program."""
    program, *arguments = contender.ready()(contender.given(path))
    found = program_path(program)
    if found is None:
        raise Failure(f"{contender.name}: there is no {program} beside {sys.executable}")
    return [found, *arguments]


def program_path(program: str) -> str | None:
    """A program of the environment that runs this one, which need not be on the path."""
    return shutil.which(program, path=str(Path(sys.executable).parent))


def started(
    commands: Sequence[Sequence[str]], rounds: int, folder: Path, output: str, errors: str
) -> list[list[Start]]:
    """What every start took, command by command, each of which begins with the path of a program.

    Args:
        commands: What is started, in turn.
        rounds: How often.
        folder: Where.
        output: The file that what they write goes to, the last start's alone.
        errors: The file for what they write on standard error.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", _STARTER, str(rounds), output, errors],
        input=joined(commands),
        capture_output=True,
        check=True,
        cwd=folder,
    )
    starts: list[list[Start]] = [[] for _ in commands]
    for line in done.stdout.decode("ascii").splitlines():
        number, status, seconds, computing, resident, together = line.split()
        starts[int(number)].append(
            Start(int(status), float(seconds), float(computing), int(resident), int(together))
        )
    return starts


_BY_JSONSCHEMA: Final = f"""
import json, sys
from jsonschema import Draft7Validator
with open(sys.argv[1]) as instance, open({str(_SCHEMA)!r}) as schema:
    Draft7Validator(json.load(schema)).validate(json.load(instance))
"""

TASKS: Final = (
    Task(
        "check-process",
        f"Check a file of {len(BELL)} bytes, probabilities of version 2, with the command: from "
        f"the start of a process to its end. Commands are started in turn, {STARTS} times each; "
        "the shortest time counts. Memory is all that is resident, which includes Python itself.",
        lambda number: BELL,
        (
            Contender("qartifacts check", OURS, lambda path: ["qartifacts", "check", str(path)]),
            Contender("python -c pass", "python", lambda path: [sys.executable, "-c", "pass"]),
            Contender(
                "python -c, validate",
                "jsonschema",
                lambda path: [sys.executable, "-c", _BY_JSONSCHEMA, str(path)],
            ),
        ),
        reference="python -c pass",
        targets=(time_at_most(6), memory_at_most(35)),
        full=2,
        small=2,
        commands=True,
    ),
)
