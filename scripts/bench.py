"""Measure validation and conversion against what other packages, and plain Python, take.

    python scripts/bench.py                      measure everything, and print tables
    python scripts/bench.py --only NAME          only tasks whose name contains NAME
    python scripts/bench.py --size small         little data: whether it works, not how fast it is
    python scripts/bench.py --list               names of the tasks and their contenders
    python scripts/bench.py --json FILE          write everything that was measured
    python scripts/bench.py --markdown FILE      write the page docs/performance.md
    python scripts/bench.py store                a store of many files; --help tells more

A task is one thing to do; its contenders are ways to do it. Every contender runs in a process of
its own, which makes the data from a seed before the clock starts; with little data, a process runs
all contenders of a task. What all of them give is compared: the exit status is 1 if they do not
agree, or if one fails. It is 0 whether targets are met or not.

Files in a store are another matter, with tables of its own: docs/sizing.md.

The package ``benchmarks`` holds it all. Another task is another ``Task`` in one of its ``TASKS``,
another contender another ``Contender`` in its task.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from benchmarks import conversions, processes, store, validation
from benchmarks.harness import Task, measure, work
from benchmarks.tables import markdown_report, text_report

TASKS: Final[tuple[Task, ...]] = (*validation.TASKS, *processes.TASKS, *conversions.TASKS)


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["store"]:
        return store.main(arguments[1:])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--size", choices=("small", "full"), default="full")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    # What a process does that measures some contenders of a task: the names of all of these.
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)

    if chosen.work:
        known = (*TASKS, *store.IN_MEMORY)
        task = next(task for task in known if task.name == chosen.work[0])
        contenders = [each for each in task.contenders if each.name in chosen.work[1:]]
        small = chosen.size == "small"
        if task.commands:
            rows = processes.work_in_turn(task, contenders, small)
        else:
            rows = [work(task, contender, small) for contender in contenders]
        print(json.dumps(rows))
        return 0
    tasks = [
        task for task in TASKS if not chosen.only or any(part in task.name for part in chosen.only)
    ]
    if not tasks:
        parser.error(f"no task is named like {' or '.join(chosen.only)}; --list names all")
    if chosen.list:
        for task in tasks:
            print(f"{task.name}: {', '.join(each.name for each in task.contenders)}")
        return 0
    report = measure(tasks, chosen.size)
    print(text_report(report))
    if chosen.json:
        chosen.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if chosen.markdown:
        chosen.markdown.write_text(markdown_report(report), encoding="utf-8", newline="\n")
    failed = [
        f"{task['name']}: {row['name']} failed\n{row['failed']}"
        for task in report["tasks"]
        for row in task["contenders"]
        if "failed" in row
    ]
    print(*failed, sep="\n", end="", file=sys.stderr)
    every = [row for task in report["tasks"] for row in task["contenders"]]
    return 0 if not failed and all(row.get("agrees", True) for row in every) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
