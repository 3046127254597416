"""What was measured, as text for a terminal and as docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from benchmarks.harness import PAYLOAD, Row

COLUMNS: Final = ("", "of", "time", "ratio", "without GC", "ratio", "memory", "MB/s")
SUMMARY: Final = ("", "size", "reached", "target", "memory", "target", "")
#: Columns from here on are figures, and set to the right.
_FIGURES: Final = 2


def cells(task: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of a task's table, as texts."""
    return [
        (each["name"] + remarks(each), each["package"], *_figures(task, each))
        for each in task["contenders"]
    ]


def remarks(row: Row) -> str:
    said = "" if row.get("agrees", True) else " (DOES NOT AGREE)"
    said += " (disturbed)" if row.get("disturbed") else ""
    share = row.get("share", 1)
    return said + (f" (1/{share} of it, times {share})" if share > 1 else "")


def _figures(task: dict[str, Any], row: Row) -> tuple[str, ...]:
    """Cells from the time on."""
    if not row["installed"]:
        return ("not installed", *[""] * 5)
    if "failed" in row:
        return ("failed", *[""] * 5)
    if "seconds" not in row:
        return ("nothing to compare with", *[""] * 5)
    peak, rate = row["peak_bytes"], row["bytes_per_second"]
    reference = row["name"] == task["reference"]
    return (
        duration(row["seconds"]),
        "reference" if reference else times(row["ratio"]),
        duration(row["seconds_without_gc"]),
        "" if reference else times(row["ratio_without_gc"]),
        "" if peak is None else f"{peak / 1e6:,.0f} MB",
        "" if rate is None else f"{rate / 1e6:,.0f}",
    )


def verdict(task: dict[str, Any]) -> list[str]:
    """What failed; and of every target what it is, what is reached, and whether that meets it."""
    return [
        f"{row['name']} failed: {row['failed'].splitlines()[-1]}"
        for row in task["contenders"]
        if "failed" in row
    ] + [
        f"Target: {_in_words(target)}. Reached: {_amount(target, target['reached'])}, "
        f"{_met(target)}."
        if target["reached"] is not None
        else f"Target: {_in_words(target)}. Not measured: {_met(target)}."
        for target in task["targets"]
    ]


def _in_words(target: Row) -> str:
    without = " without GC" if target["figure"] == "seconds_without_gc" else ""
    if target["speed"]:
        return f"at least {target['bound']:g} times as fast as {target['of']}{without}"
    if target["of"] is None:
        return f"at most {target['bound']:g} MB of memory"
    if target["of"] == PAYLOAD:
        return f"memory of at most {target['bound']:g} times the payload"
    what = "time" if target["figure"] == "seconds" else "memory"
    return f"at most {target['bound']:g} times the {what} of {target['of']}"


def _met(target: Row) -> str:
    return {True: "met", False: "missed", None: "cannot be told"}[target["met"]]


def _amount(target: Row, amount: float | None) -> str:
    """A bound, or what is reached, in a few characters."""
    if amount is None:
        return "-"
    if target["of"] is None:
        return f"{amount:.0f} MB"
    text = f"{amount:.0f}" if amount >= 100 else f"{amount:.3g}"
    if target["speed"]:
        return f"{text} x as fast"
    return f"{text} x" if target["figure"] == "peak_bytes" else f"{text} x the time"


def summary(tasks: Iterable[dict[str, Any]]) -> list[tuple[str, ...]]:
    """A row for every task that has targets."""
    return [
        (
            task["name"],
            _size(task),
            *_reached_and_bound(task, memory=False),
            *_reached_and_bound(task, memory=True),
            _all_met(task["targets"]),
        )
        for task in tasks
        if task["targets"]
    ]


def _size(task: dict[str, Any]) -> str:
    """Entries, and the megabytes of a payload that is read."""
    read = next((row["bytes"] for row in task["contenders"] if row.get("bytes")), None)
    entries = f"{task['entries']:,}"
    return entries if read is None or read < 1e6 else f"{entries}, {read / 1e6:,.0f} MB"


def _reached_and_bound(task: dict[str, Any], *, memory: bool) -> tuple[str, str]:
    """What is reached of the targets for memory, or of those for time; and these targets."""
    targets = [each for each in task["targets"] if (each["figure"] == "peak_bytes") == memory]
    return (
        "; ".join(_amount(each, each["reached"]) for each in targets),
        "; ".join(
            (">= " if each["speed"] else "<= ") + _amount(each, each["bound"]) + _of(task, each)
            for each in targets
        ),
    )


def _of(task: dict[str, Any], target: Row) -> str:
    """What tells a target apart from one that compares times with the reference."""
    if target["figure"] == "seconds_without_gc":
        return " without GC"
    if target["of"] in (None, task["reference"]):
        return ""
    return " the payload" if target["of"] == PAYLOAD else f" as {target['of']}"


def _all_met(targets: Sequence[Row]) -> str:
    verdicts = [each["met"] for each in targets]
    if all(verdicts):
        return "met"
    if None in verdicts and False not in verdicts:
        return "cannot be told"
    missed = {
        "memory" if each["figure"] == "peak_bytes" else "time"
        for each in targets
        if each["met"] is False
    }
    return f"missed: {' and '.join(sorted(missed))}"


def text_report(report: dict[str, Any]) -> str:
    lines = [circumstances(report)]
    judged = summary(report["tasks"])
    if judged:
        lines += ["", "Targets", *aligned([SUMMARY, *judged])]
    for task in report["tasks"]:
        lines += ["", f"{task['name']} ({task['entries']:,} entries)"]
        lines += aligned([COLUMNS, *cells(task)])
        lines += [f"  {line}" for line in verdict(task)]
    return "\n".join(lines)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        padded = [
            cell.ljust(width) if index < _FIGURES else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  " + "  ".join(padded).rstrip())
    return lines


PAGE: Final = """\
# Performance

<!-- Generated by scripts/bench.py --markdown docs/performance.md. -->

`make bench` measures everything again, which takes about {minutes} minutes, and writes this page.
`python scripts/bench.py --help` tells how to measure less.

Ratios matter here, times do not: times change with the machine, ratios hardly do. A ratio says how
many times as fast as the reference of its table something is, both measured in one run. Between two
runs, ratios may differ by a third.

Everything runs in a process of its own, which makes the data from a seed before the clock starts.
The shortest of several runs counts. Each time is taken twice: with Python as it is, and with its
cyclic garbage collection (GC) turned off, since that takes long where there are many lists and
dictionaries. Memory is the most in use, less what was in use before. MB/s are given where bytes are
read or written. What all rows of a table give is compared, outside of the time that is taken; they
agree.

Where payloads are validated, all start from the same bytes, and all say that they are good. They do
not say as much: those that only parse, say that it is JSON; those that apply the schema say what
[the schema](formats.md) asks; ours also applies all [rules](rules.md), sums and duplicate keys
among them, and has columns. `accept` is the fast path to the verdict; its columns are compared with
those that the data was made of. Whole columns, with states in ascending order, are the second row.
What would take minutes does a part of the work, of which time and memory are multiplied; its row
says so.

Leave the machine alone meanwhile. What takes seconds suffers more from other processes than what
takes milliseconds, of which some run always has the processor for itself; so a ratio comes out too
large. A row is marked as disturbed if it did not have the processor for itself. The load counts the
benchmark as 1.

{circumstances}
"""

TARGETS: Final = """\
## Targets

What is meant to be reached, and what is. Speeds are those of the first row of each table below,
relative to its reference if nothing else is said.
"""


def markdown_report(report: dict[str, Any]) -> str:
    minutes = max(1, round(report["seconds"] / 60))
    lines = [PAGE.format(minutes=minutes, circumstances=circumstances(report)).rstrip()]
    judged = summary(report["tasks"])
    if judged:
        lines += ["", TARGETS, *markdown_table(SUMMARY, judged)]
    for task in report["tasks"]:
        lines += ["", f"## {task['name']}", ""]
        lines += [f"{task['description']} {task['entries']:,} entries.", ""]
        lines += markdown_table(COLUMNS, cells(task))
        lines += ["", *(f"* {line}" for line in verdict(task))] if verdict(task) else []
    return "\n".join(lines) + "\n"


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(header)} |",
        "|" + "---|" * _FIGURES + "--:|" * (len(header) - _FIGURES),
        *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows),
    ]


def circumstances(report: dict[str, Any]) -> str:
    machine = report["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    load = " and ".join(str(each) for each in machine["load"] if each is not None)
    small = (
        " The data is small: times and ratios mean nothing." if report["size"] == "small" else ""
    )
    return (
        f"Measured on {report['date'][:10]}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['system']}, load {load or 'unknown'} before and after.\nVersions: {versions}."
        f"{small}"
    )


def duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} us"


def times(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.0f} x" if ratio >= 10 else f"{ratio:.2g} x"
