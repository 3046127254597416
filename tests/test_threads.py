"""Several threads may check at a time, by whatever way: each gets the reports that one gets."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from random import Random
from threading import Barrier, Thread
from typing import Final

import pytest

import qartifacts as qa
from fuzzing import FORMATS, example
from qartifacts.bulk.checking import Checker
from qartifacts.bulk.items import Item
from qartifacts.project import Project
from qartifacts.project.globs import Glob
from qartifacts.project.project import Table
from strategies import NATIVE
from support import ROOT, length

CASES: Final = ROOT / "tests" / "cases"
THREADS: Final = 4


@pytest.fixture(autouse=True)
def _switching_often() -> Iterator[None]:
    """Threads take turns far more often than they would."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


@cache
def texts() -> tuple[tuple[str, bytes], ...]:
    """Texts and their formats: many cases, and texts that are long enough for every fast path."""
    some = [
        (path.parts[-3], path.read_bytes())
        for path in sorted(CASES.glob("*/*/*.json"))[:: length(12, 4)]
        if path.stat().st_size < 1 << 16
    ]
    rng = Random(7)
    for format in FORMATS:
        for entries in (300, 10_000) if format != NATIVE else (300,):
            text = json.dumps(example(format, rng, entries, bits=16), separators=(",", ":"))
            some.append((format, text.encode()))
        # Somewhere in the middle, there is something wrong.
        at = text.index(",", len(text) // 2) + 1
        some.append((format, (text[:at] + '"?",' + text[at:]).encode()))
    return tuple(some)


def in_threads(work: Callable[[int], None]) -> None:
    """Do something in several threads that begin at once."""
    begin = Barrier(THREADS)
    raised: list[BaseException] = []

    def run(number: int) -> None:
        try:
            begin.wait(60)
            work(number)
        except BaseException as error:  # noqa: BLE001  # It is raised below.
            raised.append(error)

    threads = [Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def shuffled(number: int) -> list[int]:
    """All texts, in another order for each thread."""
    order = list(range(len(texts())))
    Random(number).shuffle(order)
    return order


def test_checks_and_validators() -> None:
    alone = [qa.check(data, format=format) for format, data in texts()]
    assert {report.ok for report in alone} == {True, False}
    shared = {format: qa.validator(format) for format, _ in texts()}

    def work(number: int) -> None:
        for at in shuffled(number):
            format, data = texts()[at]
            if number % 2:
                assert qa.check(data, format=format) == alone[at]
            else:
                assert shared[format].check(data) == alone[at]
                assert shared[format].is_valid(data) == alone[at].ok

    in_threads(work)


def test_columns() -> None:
    """Which are read straight from long texts, piece by piece."""
    large = [(format, data) for format, data in texts() if len(data) > 1 << 16]
    good = [(format, data) for format, data in large if qa.check(data, format=format).ok]
    assert {format for format, _ in good} == {*FORMATS} - {NATIVE}
    alone = [pickle.dumps(qa.load(data, format=format).columns) for format, data in good]

    def work(number: int) -> None:
        for at in Random(number).choices(range(len(good)), k=3 * len(good)):
            format, data = good[at]
            assert pickle.dumps(qa.load(data, format=format).columns) == alone[at]

    in_threads(work)


def test_one_checker_of_a_project(tmp_path: Path) -> None:
    """Which all threads of a worker share, with files in many directories."""
    paths = []
    for at, (format, data) in enumerate(texts()):
        folder = tmp_path / f"{at % 7}"
        folder.mkdir(exist_ok=True)
        paths.append(str(folder / f"{at}.{format}.json"))
        Path(paths[-1]).write_bytes(data)
    overrides = tuple(
        Table({"max-findings": number + 1}, (Glob.of(f"{number}/*"),), ("overrides", number))
        for number in range(3)
    )
    project = Project(str(tmp_path / "qartifacts.toml"), Table(), overrides)
    registry = qa.Registry.bundled()
    alone = [Checker(registry, project).check(Item(path)) for path in paths]
    assert {len(report.findings) for report in alone} >= {0, 1, 2}
    checker = Checker(registry, project)

    def work(number: int) -> None:
        for at in shuffled(number):
            assert checker.check(Item(paths[at])) == alone[at]

    in_threads(work)


def test_many_on_threads() -> None:
    sources = [data for _, data in texts()]
    with ThreadPoolExecutor(THREADS) as threads:
        assert list(qa.check_many(sources, executor=threads)) == list(qa.check_many(sources))


#: In a new process, where nothing has been imported or made ready.
_AT_ONCE: Final = """
import sys
from threading import Barrier, Thread

sys.setswitchinterval(1e-4)
folder, threads = sys.argv[1], int(sys.argv[2])
begin, told = Barrier(threads), [None] * threads

def work(number):
    begin.wait(60)
    import qartifacts as qa

    told[number] = "".join(f"{report}\\n" for report in qa.check_many([folder]))

started = [Thread(target=work, args=(number,)) for number in range(threads)]
for thread in started:
    thread.start()
for thread in started:
    thread.join()
assert len(set(told)) == 1 and told[0], told
print(told[0], end="")
"""


@pytest.mark.parametrize("large", [False, True])
def test_the_first_checks_of_a_process(tmp_path: Path, large: bool) -> None:
    for at, (format, data) in enumerate(texts()):
        if (len(data) > 1 << 16) == large:
            (tmp_path / f"{at}.{format}.json").write_bytes(data)
    alone = "".join(f"{report}\n" for report in qa.check_many([tmp_path]))
    together = subprocess.run(
        [sys.executable, "-c", _AT_ONCE, str(tmp_path), str(THREADS)],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert together.stdout == alone
