"""Tasks, contenders and targets; and how they are measured, each in a process of its own."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import orjson

ROOT: Final = Path(__file__).parent.parent.parent
SCRIPT: Final = ROOT / "scripts" / "bench.py"

SEED: Final = 20_261_120
OURS: Final = "qartifacts"
#: A contender is run so often at least, and then until so many seconds, or runs, are over.
LEAST_RUNS, MOST_RUNS, ENOUGH_SECONDS = 1, 25, 1.5
#: What has taken so many seconds after fewer runs is not run again.
TOO_MANY_SECONDS, FEWEST_RUNS = 10.0, 2
#: Of its shortest time, a contender computes that share at least, unless others are in its way.
#: Clocks are too coarse to tell that of shorter times than the second.
UNDISTURBED, LONG = 0.97, 0.2

#: What was measured of a contender, as JSON has it.
Row: TypeAlias = dict[str, Any]


def itself(data: Any) -> Any:
    return data


def as_it_is(data: Any, result: Any) -> Any:
    return result


@dataclass(frozen=True, slots=True)
class Made:
    """A function that has to be made first: something is imported, a validator built.

    Attributes:
        make: Makes it; called once, before anything is measured.
    """

    make: Callable[[], Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do a task.

    Attributes:
        name: What it calls, or does.
        package: The installed package that does the work; ``python`` for plain Python.
        run: What is measured: from what ``given`` gives to a result.
        given: From the data of the task to what this contender starts from; not measured.
        normal: From data and result to bytes, or to what JSON can hold, in a form that is the same
            for all contenders; not measured.
        share: It does one part in so many of the task, and what is measured is multiplied: for
            what would take minutes.
    """

    name: str
    package: str
    run: Callable[[Any], Any] | Made
    given: Callable[[Any], Any] = itself
    normal: Callable[[Any, Any], Any] = as_it_is
    share: int = 1

    def ready(self) -> Callable[[Any], Any]:
        """The function to measure."""
        return self.run.make() if isinstance(self.run, Made) else self.run


#: What a figure is a multiple of, where that is not another contender's.
REFERENCE: Final = "the reference"
PAYLOAD: Final = "the payload"


@dataclass(frozen=True, slots=True)
class Target:
    """A bound that ours, the first contender of a task, is meant to keep.

    Attributes:
        figure: What is bounded, by its key in a row.
        bound: A multiple; megabytes if it is one of nothing.
        of: Of what: the same figure of ``REFERENCE`` or of the contender so named, the bytes of
            ``PAYLOAD``, or nothing.
        speed: Whether the figure is a speed, of which there has to be at least so much; otherwise
            at most so much is used.
    """

    figure: Literal["seconds", "seconds_without_gc", "peak_bytes"]
    bound: float
    of: str | None = REFERENCE
    speed: bool = False

    def reached(self, ours: Row, reference: Row) -> float | None:
        """Where ours is, in the terms of the bound; None if something was not measured.

        Args:
            ours: What was measured of ours.
            reference: What was measured of what the target names.
        """
        measured = ours[self.figure]
        if self.of is None:
            return None if measured is None else float(measured) / 1e6
        compared = ours["bytes"] if self.of == PAYLOAD else reference.get(self.figure)
        if not measured or not compared:
            return None
        return float(compared / measured if self.speed else measured / compared)

    def is_met(self, reached: float) -> bool:
        return reached >= self.bound if self.speed else reached <= self.bound


def faster(times: float, *, of: str = REFERENCE, without_gc: bool = False) -> Target:
    """At least so many times as fast."""
    return Target("seconds_without_gc" if without_gc else "seconds", times, of, speed=True)


def time_at_most(times: float, *, of: str = REFERENCE) -> Target:
    """At most so many times the time."""
    return Target("seconds", times, of)


def memory_at_most(megabytes: float) -> Target:
    return Target("peak_bytes", megabytes, None)


def memory_multiple_at_most(times: float, *, of: str = REFERENCE) -> Target:
    """At most so many times the memory, or the payload."""
    return Target("peak_bytes", times, of)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do.

    Attributes:
        name: What ``--only`` takes.
        description: What is done, and what is left out, in sentences.
        data: Makes the data for a number of entries, always the same.
        contenders: The first one is ours.
        reference: The name of the contender that all others are compared with.
        targets: What ours is meant to reach.
        full: The number of entries, to measure.
        small: That number, to see whether it works.
        repeats: While a clock runs, a contender runs so often: for what takes microseconds.
        commands: Whether contenders make command lines, which are measured as whole processes,
            started in turn.
    """

    name: str
    description: str
    data: Callable[[int], Any]
    contenders: tuple[Contender, ...]
    reference: str
    targets: tuple[Target, ...] = ()
    full: int = 1_000_000
    small: int = 2_000
    repeats: int = 1
    commands: bool = False


# ----------------------------------------------------------------------------------------------
# One contender, in a process of its own


def work(task: Task, contender: Contender, small: bool) -> Row:
    """Everything that is measured of one contender."""
    run = contender.ready()
    # What is imported or read once is not of interest.
    run(contender.given(task.data(task.small)))
    data = task.data(max(1, (task.small if small else task.full) // contender.share))
    given = contender.given(data)
    before = _peak_from_here()
    result = run(given)
    peak = _peak()
    # Where bytes are read or written, that is the amount.
    amount = next((len(each) for each in (given, result) if isinstance(each, bytes)), None)
    seen = digest(contender.normal(data, result))
    del result
    least = partial(_least, run, given, 1 if small else task.repeats, once=small)
    seconds, disturbed = least()
    seconds_without_gc, disturbed_without_gc = least(collecting=False)
    return {
        "share": contender.share,
        "seconds": seconds * contender.share,
        "seconds_without_gc": seconds_without_gc * contender.share,
        "disturbed": disturbed or disturbed_without_gc,
        "peak_bytes": None if peak is None or before is None else (peak - before) * contender.share,
        "bytes": None if amount is None else amount * contender.share,
        "digest": seen,
    }


def _least(
    run: Callable[[Any], Any], given: Any, repeats: int, *, once: bool, collecting: bool = True
) -> tuple[float, bool]:
    """The shortest of several times, in seconds, and whether others were computing meanwhile."""
    times: list[tuple[float, float]] = []
    while not (times and once) and not _enough([wall for wall, _ in times]):
        gc.collect()
        if not collecting:
            gc.disable()
        start, computing = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            result = run(given)
        times.append((time.perf_counter() - start, time.process_time() - computing))
        gc.enable()
        del result
    seconds, computed = min(times)
    return seconds / repeats, seconds > LONG and computed < UNDISTURBED * seconds


def _enough(times: list[float]) -> bool:
    spent = sum(times)
    if spent > TOO_MANY_SECONDS:
        return len(times) >= FEWEST_RUNS
    return len(times) >= LEAST_RUNS and (spent > ENOUGH_SECONDS or len(times) >= MOST_RUNS)


def digest(normal: Any) -> str:
    if not isinstance(normal, bytes):
        normal = orjson.dumps(normal, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY)
    return hashlib.sha256(normal).hexdigest()


def _peak_from_here() -> int | None:
    """Bytes of memory in use; where the system can do that, peaks before are forgotten."""
    gc.collect()
    with suppress(OSError, AttributeError):
        forget = Path("/proc/self/clear_refs").open("w")  # noqa: SIM115
        with forget:
            # Memory that was freed would be used again and not be seen.
            ctypes.CDLL(None).malloc_trim(0)
            forget.write("5")
    return _peak()


def _peak() -> int | None:
    """The most bytes of memory that this process has had, as far as the system tells."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text("ascii"))
        if found:
            return int(found[1]) * 1024
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # Bytes on macOS.


# ----------------------------------------------------------------------------------------------
# All contenders

#: Contenders of a task that one process measures.
Group: TypeAlias = tuple[Task, tuple[Contender, ...]]


class Failure(Exception):
    """A process that was to measure something failed; its message is what that process said."""


def measure(tasks: Sequence[Task], size: str) -> dict[str, Any]:
    """Everything that ``--json`` writes."""
    groups = [group for task in tasks for group in _groups(task, size)]
    # Times mean nothing where data is small, so that contenders need not wait for each other.
    at_once = os.cpu_count() or 1 if size == "small" else 1
    began, before = datetime.now(UTC), load()
    rows: dict[tuple[str, str], Row] = {}
    with ThreadPoolExecutor(at_once) as pool:
        measured = pool.map(partial(_measured, size), groups)
        for (task, contenders), some in zip(groups, _with_progress(groups, measured), strict=True):
            names = [(task.name, contender.name) for contender in contenders]
            rows |= zip(names, some, strict=True)
    return heading(tasks, size, began, before) | {
        "tasks": [
            compared(
                task,
                size,
                {each.name: rows.get((task.name, each.name)) for each in task.contenders},
            )
            for task in tasks
        ],
    }


def heading(
    tasks: Iterable[Task], size: str, began: datetime, before: float | None
) -> dict[str, Any]:
    """When, where and with what tasks were measured, now that they are.

    Args:
        tasks: What was measured.
        size: As ``--size``.
        began: When it began, in UTC.
        before: What ``load`` said then.
    """
    return {
        "version": 2,
        "date": began.isoformat(timespec="seconds"),
        "seconds": (datetime.now(UTC) - began).total_seconds(),
        "size": size,
        "seed": SEED,
        "machine": {
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.release()}",
            "load": [before, load()],
        },
        "versions": {"python": platform.python_version(), **_versions(tasks)},
    }


def _groups(task: Task, size: str) -> list[Group]:
    """Contenders that are installed: each by itself, where nothing speaks for all at once."""
    versions = _versions((task,))
    installed = tuple(
        each for each in task.contenders if each.package in versions or each.package == "python"
    )
    if task.commands or size == "small":
        return [(task, installed)]
    return [(task, (each,)) for each in installed]


def _measured(size: str, group: Group) -> list[Row]:
    """What was measured of a group; of a contender that failed, how."""
    task, contenders = group
    try:
        return _in_new_process(size, task, contenders)
    except Failure as failure:
        if len(contenders) == 1 or task.commands:
            return [{"failed": str(failure)} for _ in contenders]
    return [row for each in contenders for row in _measured(size, (task, (each,)))]


def _in_new_process(size: str, task: Task, contenders: tuple[Contender, ...]) -> list[Row]:
    names = [contender.name for contender in contenders]
    done = subprocess.run(
        [sys.executable, SCRIPT, "--size", size, "--work", task.name, *names],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    if done.returncode:
        raise Failure(done.stderr.strip() or f"its exit status is {done.returncode}")
    rows: list[Row] = json.loads(done.stdout.splitlines()[-1])
    return rows


def compared(task: Task, size: str, rows: dict[str, Row | None]) -> dict[str, Any]:
    """The rows of a task with their ratios, whether their results agree, and what is reached.

    Args:
        task: The task.
        size: As ``--size``.
        rows: What was measured, by the contender's name; None of what is not installed.
    """
    shown = []
    for contender in task.contenders:
        row = rows[contender.name]
        about = {"name": contender.name, "package": contender.package, "installed": row is not None}
        reference = rows[task.reference]
        if row is None or "failed" in row:
            shown.append(about | (row or {}))
        elif reference is None or "failed" in reference:
            shown.append(about)
        else:
            shown.append(about | row | _ratios(row, reference))
    return {
        "name": task.name,
        "description": task.description,
        "entries": task.small if size == "small" else task.full,
        "reference": task.reference,
        "targets": [_judged(target, task, rows) for target in task.targets],
        "contenders": shown,
    }


def _ratios(row: Row, reference: Row) -> Row:
    ratios: Row = {"agrees": row["digest"] == reference["digest"]}
    for kind in ("", "_without_gc"):
        seconds = row[f"seconds{kind}"]
        ratios[f"ratio{kind}"] = seconds and reference[f"seconds{kind}"] / seconds
    amount = row["bytes"]
    ratios["bytes_per_second"] = None if amount is None else amount / row["seconds"]
    return ratios


def _judged(target: Target, task: Task, rows: dict[str, Row | None]) -> Row:
    """A target, what is reached, and whether that meets it; None if it cannot be told."""
    of = task.reference if target.of == REFERENCE else target.of
    judged: Row = {**asdict(target), "of": of, "reached": None, "met": None}
    ours = rows[task.contenders[0].name]
    reference = ours if of in (None, PAYLOAD) else rows[of or ""]
    if ours is not None and "failed" in ours:
        return judged | {"met": False}
    if ours is None or reference is None or "failed" in reference:
        return judged
    reached = target.reached(ours, reference)
    disturbed = target.figure != "peak_bytes" and (ours["disturbed"] or reference["disturbed"])
    met = None if reached is None or disturbed else target.is_met(reached)
    return judged | {"reached": reached, "met": met}


def _with_progress(groups: Sequence[Group], measured: Iterable[list[Row]]) -> Iterator[list[Row]]:
    if not sys.stderr.isatty():
        yield from measured
        return
    every = iter(measured)
    for number, (task, contenders) in enumerate(groups, start=1):
        names = contenders[0].name if len(contenders) == 1 else f"{len(contenders)} contenders"
        line = f"{number}/{len(groups)}  {task.name}: {names}"
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        yield next(every)
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _versions(tasks: Iterable[Task]) -> dict[str, str]:
    """Versions of the packages of all contenders, of those that are installed."""
    packages = {contender.package for task in tasks for contender in task.contenders}
    versions = {}
    for package in sorted({OURS, "numpy", "orjson"} | packages - {"python"}):
        with suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    return versions


def _cpu() -> str:
    with suppress(OSError):
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
        if found:
            return found[1]
    return platform.processor() or platform.machine()


def load() -> float | None:
    """Processes that were running in the last minute, on average."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
