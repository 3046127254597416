"""What was measured of a store, as text for a terminal and as a part of docs/sizing.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from benchmarks.harness import Row
from benchmarks.tables import (
    aligned,
    circumstances,
    duration,
    markdown_table,
    remarks,
    summary,
    times,
    verdict,
)

COLUMNS: Final = (
    "",
    "of",
    "time",
    "median",
    "computing",
    "speed",
    "files/s",
    "MB/s",
    "memory",
    "in all",
)
TARGETS: Final = ("", "size", "reached", "target", "")
MILLION: Final = ("", "of", "small", "large", "small, cold")
IN_MEMORY: Final = ("", "bytes", "is_valid", "MB/s", "SHA-256", "MB/s", "speed")
#: Tasks of which a million files are told, in the order of the columns.
_TOLD: Final = ("store-small", "store-large", "store-cold")
_A_MILLION: Final = 1_000_000


def cells(task: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of a task's table, as texts."""
    return [
        (row["name"] + remarks(row), row["package"], *_figures(task, row))
        for row in task["contenders"]
    ]


def _figures(task: dict[str, Any], row: Row) -> tuple[str, ...]:
    """Cells from the time on."""
    nothing = [""] * (len(COLUMNS) - 3)
    if not row["installed"]:
        return ("left out", *nothing)
    if "failed" in row:
        return ("failed", *nothing)
    if "seconds" not in row:
        return ("nothing to compare with", *nothing)
    return (
        duration(row["seconds"]),
        duration(row["median_seconds"]),
        duration(row["computing_seconds"]),
        "reference" if row["name"] == task["reference"] else times(row["ratio"]),
        f"{task['entries'] / row['seconds']:,.0f}",
        f"{row['bytes_per_second'] / 1e6:,.0f}",
        _megabytes(row["peak_bytes"]),
        _megabytes(row["together_bytes"]),
    )


def _megabytes(amount: int | None) -> str:
    return "" if amount is None else f"{amount / 1e6:,.0f} MB"


def targets(tasks: Iterable[dict[str, Any]]) -> list[tuple[str, ...]]:
    """A row for every task that has targets, none of which is about memory."""
    return [
        (name, size, reached, bounds, met)
        for name, size, reached, bounds, _, _, met in summary(tasks)
    ]


def million(tasks: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    """How long a million files take, if that grows with their number alone."""
    named = {task["name"]: task for task in tasks}
    columns = [
        {row["name"]: _for_a_million(named[name], row) for row in named[name]["contenders"]}
        if name in named
        else {}
        for name in _TOLD
    ]
    packages = {
        row["name"]: row["package"]
        for name in _TOLD
        if name in named
        for row in named[name]["contenders"]
    }
    return [
        (name, package, *(column.get(name, "") for column in columns))
        for name, package in packages.items()
        if any(column.get(name) for column in columns)
    ]


def _for_a_million(task: dict[str, Any], row: Row) -> str:
    if "seconds" not in row:
        return ""
    return _long_duration(row["seconds"] / task["entries"] * _A_MILLION)


def _long_duration(seconds: float) -> str:
    """A duration of minutes, hours or days, to two figures or the second."""
    for unit, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            amount = seconds / unit
            return f"{amount:.0f} {name}" if amount >= 10 else f"{amount:.1f} {name}"
    return f"{seconds:.0f} seconds"


def in_memory(tasks: Iterable[dict[str, Any]]) -> list[tuple[str, ...]]:
    """A row for every text that was checked and hashed."""
    rows = []
    for task in tasks:
        ours, digest = task["contenders"]
        if "seconds" not in ours or "seconds" not in digest:
            rows.append((task["description"].rstrip("."), "failed", *[""] * 5))
            continue
        rows.append(
            (
                task["description"].rstrip("."),
                f"{ours['bytes']:,}",
                duration(ours["seconds"]),
                f"{ours['bytes_per_second'] / 1e6:,.0f}",
                duration(digest["seconds"]),
                f"{digest['bytes_per_second'] / 1e6:,.0f}",
                times(ours["ratio"]),
            )
        )
    return rows


def text_report(report: dict[str, Any]) -> str:
    lines = [circumstances(report), *_left_out(report)]
    for title, header, rows in _overviews(report):
        lines += ["", title, *aligned([header, *rows])]
    for task in report["tasks"]:
        lines += ["", f"{task['name']} ({_size(task)})"]
        lines += aligned([COLUMNS, *cells(task)])
        lines += [f"  {line}" for line in verdict(task)]
    return "\n".join(lines)


def markdown_report(report: dict[str, Any]) -> str:
    """What stands between the marks of the page."""
    minutes = max(1, round(report["seconds"] / 60))
    lines = [f"{circumstances(report)} It took {minutes} minutes.", *_left_out(report)]
    for title, header, rows in _overviews(report):
        lines += ["", f"### {title}", "", *markdown_table(header, rows)]
    for task in report["tasks"]:
        lines += ["", f"### {task['name']}", "", f"{task['description']} {_size(task)}.", ""]
        lines += markdown_table(COLUMNS, cells(task))
        lines += ["", *(f"* {line}" for line in verdict(task))] if verdict(task) else []
    return "\n".join(lines)


def _overviews(
    report: dict[str, Any],
) -> Iterator[tuple[str, Sequence[str], list[tuple[str, ...]]]]:
    """Title, header and rows of the tables that are about more than one task."""
    for title, header, rows in (
        ("Targets", TARGETS, targets(report["tasks"])),
        ("A million files", MILLION, million(report["tasks"])),
        ("A verdict and a digest, in memory", IN_MEMORY, in_memory(report["in_memory"])),
    ):
        if rows:
            yield title, header, rows


def _left_out(report: dict[str, Any]) -> list[str]:
    return [f"Left out: {name}; {why}." for name, why in report["left_out"].items()]


def _size(task: dict[str, Any]) -> str:
    amount = next((row["bytes"] for row in task["contenders"] if row.get("bytes")), 0)
    return f"{task['entries']:,} files, {amount / 1e6:,.1f} MB"
