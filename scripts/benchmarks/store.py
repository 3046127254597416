"""A store of results: what checking all of it takes, as whole processes, beside other programs.

    python scripts/bench.py store                  measure everything, and print tables
    python scripts/bench.py store --files N        so many small files, 100,000 by default
    python scripts/bench.py store --large N        so many large ones, 1,000 by default
    python scripts/bench.py store --size small     little data: whether it works, not how fast
    python scripts/bench.py store --store DIR      make the store there, or use the one there is
    python scripts/bench.py store --only NAME      only tasks whose name contains NAME
    python scripts/bench.py store --json FILE      write everything that was measured
    python scripts/bench.py store --markdown FILE  write it between the marks of that page

Processes are started in turn, in several rounds, and the shortest time of each counts. Where a task
does not say otherwise, the files are in memory when they are read. What programs say of the files
is compared: the exit status is 1 if they do not agree, or if one fails.

A schema checker takes one schema: it is started for every format, with as many files as fit on a
command line, and its times are added.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks import validation
from benchmarks.cluster import local_cluster
from benchmarks.harness import (
    LONG,
    OURS,
    ROOT,
    UNDISTURBED,
    Contender,
    Failure,
    Made,
    Row,
    Task,
    compared,
    digest,
    faster,
    heading,
    load,
    measure,
    time_at_most,
)
from benchmarks.processes import program_path, started
from benchmarks.store_files import ALIKE, DAMAGED, LARGE, SMALL, Part, first_month, stored
from benchmarks.store_page import markdown_report, text_report
from generate_docs import with_table
from qartifacts.identifiers import (
    AGGREGATE_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.payloads import SYSTEM_REGISTER

ROUNDS: Final = 5
#: What takes so many seconds is started in so many rounds alone.
LENGTHY_SECONDS, LENGTHY_ROUNDS = 15.0, 2
FILES, SMALL_FILES = 100_000, 300
LARGE_FILES, SMALL_LARGE = 1_000, 6
#: Of the large files, jsonschema takes minutes; so it is given one in so many.
SHARE_OF_LARGE: Final = 20
WORKERS: Final = 2

#: What the marks of a page are called, between which all that was measured is written.
MEASURED: Final = "measured"

_LOOP: Final = str(Path(__file__).with_name("bare_loop.py"))
_SCHEMAS: Final = ROOT / "schemas" / "qartifacts_schemas"


class Plan(NamedTuple):
    """What a contender starts, one after the other.

    Attributes:
        commands: Programs of this environment, with arguments.
        status: The exit status that each has to have.
        together: Whether it works in more processes than one, so that computing may take longer
            than it takes.
        cold: Whether the files are put out of memory before.
        on_dask: Whether there is a cluster, whose address is one more argument.
    """

    commands: Sequence[Sequence[str]]
    status: int = 0
    together: bool = False
    cold: bool = False
    on_dask: bool = False


class Took(NamedTuple):
    """What one round of a contender took; bytes are 0 where the system does not tell."""

    seconds: float
    computing: float
    resident: int
    together: int
    printed: list[tuple[bytes, bytes]]


# ----------------------------------------------------------------------------------------------
# Contenders: what they start, and what they say of the files


def check(
    part: Part, *, jobs: int = 1, output: str = "text", cold: bool = False, bad: bool = False
) -> Plan:
    command = ["qartifacts", "check", "--output", output, "--jobs", str(jobs), str(part.folder)]
    return Plan([command], status=int(bad), together=jobs > 1, cold=cold)


def check_on_dask(part: Part) -> Plan:
    """The address of the cluster follows."""
    return Plan([["qartifacts", "check", str(part.folder), "--dask"]], together=True, on_dask=True)


_TOTALS: Final = re.compile(rb"([0-9,]+) files? checked: ([0-9,]+) good, ([0-9,]+) bad")


def counted_by_us(part: Part, printed: list[tuple[bytes, bytes]]) -> Any:
    """How many files are good and bad, by the last line, wherever it stands."""
    ((output, errors),) = printed
    found = _TOTALS.search(errors) or _TOTALS.search(output[-1000:])
    if found is None:
        raise Failure(f"there are no totals in what it printed:\n{errors.decode()}")
    files, good, bad = (int(each.replace(b",", b"")) for each in found.groups())
    return {"files": files, "good": good, "bad": bad}


def counted_and_written(part: Part, printed: list[tuple[bytes, bytes]]) -> Any:
    """Besides, the digest of the document that was written."""
    ((output, _),) = printed
    return counted_by_us(part, printed) | {"sha256": hashlib.sha256(output).hexdigest()}


def loop(doing: str, part: Part, *, cold: bool = False) -> Plan:
    return Plan([["python", _LOOP, doing, str(part.folder)]], cold=cold)


def counted_by_loop(part: Part, printed: list[tuple[bytes, bytes]]) -> Any:
    ((output, _),) = printed
    files, amount = map(int, output.split())
    if amount != part.bytes:
        raise Failure(f"it has read {amount} bytes of {part.bytes}")
    return {"files": files, "good": files, "bad": 0}


def check_jsonschema(part: Part, share: int = 1) -> Plan:
    """A call for each format, or several where one does not take all of its files."""
    paths = [str(path.relative_to(part.folder.parent)) for path in part.paths()][::share]
    commands = []
    for format in part.formats:
        start = ["check-jsonschema", "--schemafile", str(_SCHEMAS / f"{format}.json")]
        of_format = [path for path in paths if path.endswith(f".{format}.json")]
        commands += [[*start, *some] for some in _as_arguments(of_format)]
    return Plan(commands)


def counted_by_check_jsonschema(part: Part, printed: list[tuple[bytes, bytes]]) -> Any:
    """It says that all are good, or which ones are not."""
    if any(b"ok -- validation done" not in output for output, _ in printed):
        raise Failure("it does not say that all is good")
    return {"files": part.files, "good": part.files, "bad": 0}


def _as_arguments(paths: Sequence[str]) -> list[list[str]]:
    """As few lists of paths as command lines can hold."""
    some: list[list[str]] = []
    left = 0
    for path in paths:
        size = len(os.fsencode(path)) + 1 + 8  # It ends with a NUL, and has a pointer to it.
        if size > left:
            some.append([])
            left = _longest_command_line()
        some[-1].append(path)
        left -= size
    return some


def _longest_command_line() -> int:
    """Bytes that are left for arguments, with room for those of programs that start others."""
    if sys.platform == "win32":
        return 30_000
    environment = sum(len(name) + len(value) + 10 for name, value in os.environb.items())
    return os.sysconf("SC_ARG_MAX") - environment - (1 << 15)


# ----------------------------------------------------------------------------------------------
# Tasks

_OURS: Final = "qartifacts check"
_PARSE: Final = "open, read, orjson.loads"
_HASH: Final = "open, read, SHA-256"
_CHECK_JSONSCHEMA: Final = "check-jsonschema"
#: A contender that has no place in a run without Dask.
_ON_DASK: Final = f"{_OURS} --dask, {WORKERS} workers"


def ours(**how: Any) -> tuple[Contender, ...]:
    """The command with one process, and with two."""
    normal = counted_and_written if how.get("output") == "sarif" else counted_by_us
    return tuple(
        Contender(name, OURS, partial(check, jobs=jobs, **how), normal=normal)
        for name, jobs in ((_OURS, 1), (f"{_OURS} --jobs 2", 2))
    )


def loops(*, cold: bool = False) -> tuple[Contender, ...]:
    """Plain loops: the first one is what others are compared with."""
    return tuple(
        Contender(name, package, partial(loop, doing, cold=cold), normal=counted_by_loop)
        for name, package, doing in (
            (_PARSE, "orjson", "parse"),
            (_HASH, "python", "hash"),
            ("open, read", "python", "read"),
        )
    )


def schema_checker(share: int = 1) -> Contender:
    run = partial(check_jsonschema, share=share)
    name = _CHECK_JSONSCHEMA
    return Contender(name, name, run, normal=counted_by_check_jsonschema, share=share)


ON_DASK: Final = Contender(_ON_DASK, "distributed", check_on_dask, normal=counted_by_us)


def tasks(parts: Mapping[str, Part]) -> tuple[Task, ...]:
    """What is measured of a store, as whole processes."""

    def task(
        name: str, description: str, part: Part, contenders: tuple[Contender, ...], **more: Any
    ) -> Task:
        return Task(
            f"store-{name}",
            description,
            lambda number: part,
            contenders,
            full=part.files,
            small=part.files,
            commands=True,
            **{"reference": _PARSE} | more,
        )

    small = parts[SMALL]
    faster_than_hashing = time_at_most(1, of=_HASH)
    return (
        task(
            "small",
            "Small files of six formats.",
            small,
            (*ours(), ON_DASK, *loops(), schema_checker()),
            targets=(faster(4, of=_CHECK_JSONSCHEMA), time_at_most(2), faster_than_hashing),
        ),
        task(
            "alike",
            "Small files of one format, which one call of a schema checker takes.",
            parts[ALIKE],
            (*ours(), *loops(), schema_checker()),
            targets=(faster(4, of=_CHECK_JSONSCHEMA), time_at_most(2), faster_than_hashing),
        ),
        task(
            "large",
            "Large files of six formats.",
            parts[LARGE],
            (*ours(), ON_DASK, *loops(), schema_checker(SHARE_OF_LARGE)),
            targets=(time_at_most(1.2), faster_than_hashing),
        ),
        task(
            "cold",
            "The small files again, put out of memory before each start; what directories hold, "
            "and where files begin, stays in memory.",
            small,
            (*ours(cold=True), *loops(cold=True)),
            targets=(time_at_most(2),),
        ),
        task(
            "damaged",
            "Small files of which one in a hundred is damaged, with a report as SARIF, which is "
            "the same byte by byte.",
            parts[DAMAGED],
            ours(output="sarif", bad=True),
            reference=_OURS,
        ),
        task(
            "month",
            "The small files of one month: whether memory grows with their number.",
            first_month(small),
            ours(),
            reference=_OURS,
        ),
    )


def in_memory(format: FormatId, bytes_each: float, make: Callable[[int], Any]) -> tuple[Task, ...]:
    """The verdict against a digest of the same bytes, of about 1 KB and 1 MB."""

    def task(size: int, name: str, repeats: int) -> Task:
        number = max(1, round(size / bytes_each))
        return Task(
            f"hash-{format}-{name}",
            f"{format}, about {name}.",
            make,
            (
                Contender("is_valid", OURS, Made(partial(_valid, format)), validation.TEXT),
                Contender("sha256", "python", _digest, validation.TEXT, validation.has_passed),
            ),
            reference="sha256",
            targets=(faster(1),),
            full=number,
            small=max(1, number // 100),
            repeats=repeats,
        )

    return task(1_000, "1 KB", 500), task(1_000_000, "1 MB", 1)


def _valid(format: FormatId) -> Callable[[bytes], bool]:
    import qartifacts as qa

    return qa.validator(format).is_valid


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


#: What the harness measures, in processes of its own.
IN_MEMORY: Final = tuple(
    task
    for format, bytes_each, make in (
        (HISTOGRAM_V1, 16, partial(validation.outcomes, HISTOGRAM_V1)),
        (HISTOGRAM_V2, 42, partial(validation.outcomes, HISTOGRAM_V2)),
        (PROBABILITIES_V1, 35, partial(validation.outcomes, PROBABILITIES_V1)),
        (PROBABILITIES_V2, 60, partial(validation.outcomes, PROBABILITIES_V2)),
        (SHOTS_V1, 14, validation.shots_v1),
        (
            SHOTS_V2,
            103,
            partial(validation.shots_v2, {SYSTEM_REGISTER: validation.WIDTH}, False),
        ),
        (AGGREGATE_V1, 560, partial(validation.aggregate, 16)),
    )
    for task in in_memory(format, bytes_each, make)
)


# ----------------------------------------------------------------------------------------------
# Measuring


def why_no_dask(part: Part, folder: Path) -> str | None:
    """Why nothing is measured on a cluster; None if it is."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        return "distributed is not installed"
    asked = Plan([["qartifacts", "check", "--help"]])
    ((output, _),) = _carried_out(asked, part, folder).printed
    return None if b"--dask" in output else "this qartifacts has no --dask"


def measured(task: Task, folder: Path, small: bool, told: Callable[[str], None]) -> dict[str, Row]:
    """A row for each contender; of one that failed, how.

    Args:
        task: What is measured.
        folder: Where files for what programs print can be made.
        small: Whether one round is enough.
        told: Is told what is being done.
    """
    part = task.data(task.full)
    _carried_out(loop("read", part), part, folder)  # From here on, files are in memory.
    plans = {each.name: each.ready()(part) for each in task.contenders}
    taken: dict[str, list[Took]] = {each.name: [] for each in task.contenders}
    digests: dict[str, str] = {}
    failed: dict[str, Row] = {}
    for number in range(1 if small else ROUNDS):
        for contender in task.contenders:
            name, done = contender.name, taken[contender.name]
            lengthy = sum(each.seconds for each in done) > LENGTHY_SECONDS * len(done)
            if name in failed or (lengthy and number >= LENGTHY_ROUNDS):
                continue
            told(f"{task.name}, round {number + 1}: {name}")
            try:
                took = _carried_out(plans[name], part, folder)
                seen = digest(contender.normal(part, took.printed))
            except Failure as failure:
                failed[name] = {"failed": str(failure)}
                continue
            if digests.setdefault(name, seen) != seen:
                failed[name] = {"failed": "it says another thing than in the first round"}
            done.append(took._replace(printed=[]))
    return {
        each.name: failed.get(each.name)
        or _row(each, plans[each.name], part, taken[each.name], digests[each.name])
        for each in task.contenders
    }


def _row(contender: Contender, plan: Plan, part: Part, taken: Sequence[Took], seen: str) -> Row:
    """What the rounds of a contender took, and the digest of what it says."""
    least = min(taken, key=lambda took: took.seconds)
    alone = not plan.together and not plan.cold and least.computing > 0
    share = contender.share
    return {
        "share": share,
        "seconds": least.seconds * share,
        "median_seconds": statistics.median(each.seconds for each in taken) * share,
        "seconds_without_gc": None,
        "computing_seconds": min(each.computing for each in taken) * share or None,
        "rounds": len(taken),
        "disturbed": alone
        and least.seconds > LONG
        and least.computing < UNDISTURBED * least.seconds,
        "peak_bytes": max(each.resident for each in taken) or None,
        "together_bytes": max(each.together for each in taken) or None,
        "bytes": part.bytes,
        "digest": seen,
    }


def _carried_out(plan: Plan, part: Part, folder: Path) -> Took:
    """Start what a plan says, in the directory of the store, and add up what that took.

    Raises:
        Failure: A program is not there, or its exit status is not that of the plan.
    """
    with ExitStack() as stack:
        cluster = stack.enter_context(local_cluster(WORKERS)) if plan.on_dask else None
        if plan.cold:
            put_out_of_memory(part)
        total = Took(0, 0, 0, 0, [])
        for program, *arguments in plan.commands:
            found = sys.executable if program == "python" else program_path(program)
            if found is None:
                raise Failure(f"there is no {program} beside {sys.executable}")
            command = [found, *arguments, *([cluster.address] if cluster else [])]
            output, errors = folder / "output", folder / "errors"
            ((start,),) = started([command], 1, part.folder.parent, str(output), str(errors))
            printed = output.read_bytes(), errors.read_bytes()
            if start.status != plan.status:
                said = b"\n".join(printed)[-2000:].decode("utf-8", "replace")
                raise Failure(f"the exit status of {program} is {start.status}\n{said}")
            total = Took(
                total.seconds + start.seconds,
                total.computing + start.computing,
                max(total.resident, start.resident),
                max(total.together, start.together),
                [*total.printed, printed],
            )
        if cluster is not None:
            total = total._replace(together=total.together + cluster.resident())
        return total


def put_out_of_memory(part: Part) -> None:
    """Let the system forget what the files of a part hold, which have to be on the disk by now.

    Raises:
        Failure: It cannot be told that.
    """
    if not hasattr(os, "posix_fadvise"):
        raise Failure("this system does not put files out of memory")
    for path in part.paths():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def report_on(
    parts: Mapping[str, Part], chosen: Sequence[Task], memory: Sequence[Task], size: str
) -> dict[str, Any]:
    """Everything that ``--json`` writes."""
    began, before = datetime.now(UTC), load()
    small = size == "small"
    shown = []
    with tempfile.TemporaryDirectory() as folder:
        left_out = why_no_dask(parts[SMALL], Path(folder))
        if hasattr(os, "sync"):
            os.sync()  # What is not on the disk yet cannot be put out of memory.
        for task in chosen:
            present = task if left_out is None else _without(ON_DASK, task)
            rows: dict[str, Row | None] = dict.fromkeys(each.name for each in task.contenders)
            rows |= measured(present, Path(folder), small, _progress)
            shown.append(compared(task, size, rows))
    in_memory = measure(memory, size)["tasks"] if memory else []
    return heading([*chosen, *memory], size, began, before) | {
        "parts": {
            name: {"files": part.files, "bytes": part.bytes, "formats": dict(part.formats)}
            for name, part in parts.items()
        },
        "left_out": {} if left_out is None else {ON_DASK.name: left_out},
        "tasks": shown,
        "in_memory": in_memory,
    }


def _without(contender: Contender, task: Task) -> Task:
    return replace(task, contenders=tuple(each for each in task.contenders if each != contender))


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bench.py store",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--files", type=_number, metavar="N")
    parser.add_argument("--large", type=_number, metavar="N")
    parser.add_argument("--size", choices=("small", "full"), default="full")
    parser.add_argument("--store", type=Path, metavar="DIR")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    small = given.size == "small"
    files = given.files or (SMALL_FILES if small else FILES)
    large = given.large or (SMALL_LARGE if small else LARGE_FILES)
    page = given.markdown.read_text("utf-8") if given.markdown else ""
    if given.markdown and f"<!-- {MEASURED}: generated -->" not in page:
        parser.error(f"there is no mark in {given.markdown} that says where to write")

    with ExitStack() as stack:
        root = given.store or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _progress("making the store")
        try:
            parts = stored(root.absolute(), files, large)
        except FileExistsError as error:
            parser.error(str(error))
        chosen, memory = (
            [
                task
                for task in some
                if not given.only or any(part in task.name for part in given.only)
            ]
            for some in (tasks(parts), IN_MEMORY)
        )
        if not chosen and not memory:
            parser.error(f"no task is named like {' or '.join(given.only)}")
        report = report_on(parts, chosen, memory, given.size)
    _progress("")
    print(text_report(report))
    if given.json:
        given.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if given.markdown:
        written = with_table(page, MEASURED, markdown_report(report))
        given.markdown.write_text(written, encoding="utf-8", newline="\n")
    every = [
        row
        for kind in ("tasks", "in_memory")
        for task in report[kind]
        for row in task["contenders"]
    ]
    failed = [f"{row['name']} failed\n{row['failed']}\n" for row in every if "failed" in row]
    print(*failed, sep="\n", end="", file=sys.stderr)
    return 0 if not failed and all(row.get("agrees", True) for row in every) else 1


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number
