"""Checks by other processes: items go out in batches, reports come back in the items' order.

Whatever becomes of the processes, there is one report on every item. A batch that is lost with the
process that had it is tried again, item by item, while nothing else is out: so whoever dies then
dies of that item, which is a finding.
"""

from __future__ import annotations

import os
import pickle
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from qartifacts.bulk.ahead import read_ahead
from qartifacts.bulk.checking import Checker, report_of
from qartifacts.bulk.items import Item, Terms
from qartifacts.errors import QartifactsError
from qartifacts.findings import Report
from qartifacts.registry import Registry

__all__ = ["Answer", "Pace", "Submits", "check_on"]

_T = TypeVar("_T")
_Answered_co = TypeVar("_Answered_co", covariant=True)

_FIRST_BATCH: Final = 16
#: A batch ends with the item that reaches so many bytes; no batch goes out while more are out.
_BATCH_BYTES: Final = 1 << 22
_MOST_BYTES: Final = 1 << 28


class Answer(Protocol[_Answered_co]):
    """What of a future is needed."""

    def result(self) -> _Answered_co:
        """Wait for what the function has returned, and raise if nothing comes any more."""

    def cancel(self) -> bool:
        """Take the call back, if it has not begun."""


class Submits(Protocol):
    """What an executor must be able to do."""

    def submit(self, function: Callable[..., _T], /, *args: Any) -> Answer[_T]:
        """Call a function with arguments, all of which can be pickled, some time and somewhere."""


class Pace(NamedTuple):
    """How much goes out at a time.

    Attributes:
        ahead: How many batches are out, or held back until it is their turn, at most. It is asked
            again and again, as there may be more processes later.
        seconds: How long a batch should take: much longer than it takes to send it.
        most: Items of a batch, at most.
        attempts: How often an item is tried by itself that was lost with others.
    """

    ahead: Callable[[], int]
    seconds: float = 0.05
    most: int = 512
    attempts: int = 2


class _Done(NamedTuple):
    """A batch that has been checked.

    Attributes:
        answers: For each item its report, or only the format if there is nothing to report.
        seconds: How long it took.
    """

    answers: Sequence[str | Report]
    seconds: float


class _Raised(NamedTuple):
    """What a check has raised, as a value; what a future raises has become of its process."""

    error: Exception


def check_on(
    executor: Submits,
    items: Iterator[Item],
    registry: Registry,
    terms: Terms,
    pace: Pace,
    *,
    folder: str = "",
) -> Iterator[tuple[Item, Report]]:
    """Reports on items, in their order, from an executor.

    Args:
        executor: What does the work. Where it raises on ``submit``, that goes to the caller, and
            so does an exception of this package that one of its futures raises. Any other of a
            future means that the work is lost.
        items: What is to be checked.
        registry: Pinned schemas.
        terms: What is in force for each file.
        pace: How much goes out at a time.
        folder: Where relative paths begin, if the executor's current directory may be another.

    Raises:
        RegistryError: A pinned document is missing, modified or unusable.
    """
    # Another run must verify pinned documents anew, though a process may serve both.
    run = pickle.dumps((os.urandom(16), registry, terms, folder))
    formats = {str(format): format for format in registry}
    batches = _Batches(items, pace)
    out: deque[tuple[list[Item], Answer[_Done | _Raised]]] = deque()
    calls = _Calls(executor, run)
    try:
        while True:
            ahead = pace.ahead()
            while len(out) < ahead and batches.bytes_out < _MOST_BYTES and (batch := batches.cut()):
                out.append((batch, calls.submit(batch)))
            if not out:
                return
            batch, future = out.popleft()
            done = _result(future)
            batches.take_back(batch, done)
            if done is not None:
                answers = done.answers
            else:
                _wait_for(future for _, future in out)
                answers = [_alone(calls, item, terms, pace.attempts) for item in batch]
            for item, answer in zip(batch, answers, strict=True):
                if isinstance(answer, str):
                    answer = Report(item.path, formats[answer], member=item.member)
                yield item, answer
    finally:
        for _, future in out:
            future.cancel()


class _Batches:
    """Cuts items into batches that take about equally long.

    Attributes:
        bytes_out: Bytes of the batches that have been cut, and not been taken back.
    """

    def __init__(self, items: Iterator[Item], pace: Pace) -> None:
        self._items: Final = items
        self._pace: Final = pace
        self._number = _FIRST_BATCH
        self.bytes_out = 0

    def cut(self) -> list[Item]:
        """The next batch; empty at the end."""
        batch = []
        size = 0
        for item in self._items:
            batch.append(item)
            size += item.size
            if len(batch) >= self._number or size >= _BATCH_BYTES:
                break
        self.bytes_out += size
        return batch

    def take_back(self, batch: Sequence[Item], done: _Done | None) -> None:
        """Learn how long a batch took."""
        self.bytes_out -= sum(item.size for item in batch)
        if done is not None:
            enough = int(len(batch) * self._pace.seconds / max(done.seconds, 1e-6))
            self._number = max(1, min(enough, 2 * self._number, self._pace.most))


class _Calls:
    """Gives batches of one run to an executor."""

    def __init__(self, executor: Submits, run: bytes) -> None:
        self._executor: Final = executor
        self._run: Final = run
        self._number = 0

    def submit(self, batch: Sequence[Item]) -> Answer[_Done | _Raised]:
        # No call is like another one, or an executor that remembers what has come of its calls, as
        # Dask's does, would not make the second.
        self._number += 1
        if any(map(_is_parsed, batch)):
            return _Here(self._run, self._number, batch)
        return self._executor.submit(_work, self._run, self._number, _packed(batch))


class _Here(NamedTuple):
    """A batch for this process: parsed payloads may hold objects that cannot be sent."""

    run: bytes
    number: int
    batch: Sequence[Item]

    def result(self) -> _Done | _Raised:
        return _work(*self)

    def cancel(self) -> bool:
        return True


def _is_parsed(item: Item) -> bool:
    source = item.source
    return source is not None and source.data is None and not source.faults


def _wait_for(futures: Iterable[Answer[_Done | _Raised]]) -> None:
    """Wait until nothing is out any more; what it was comes when it is its turn."""
    for future in futures:
        try:
            future.result()
        except Exception:  # noqa: BLE001, S110
            pass


def _result(future: Answer[_Done | _Raised]) -> _Done | None:
    """What came of a batch; None if it was lost."""
    try:
        done = future.result()
    except QartifactsError:
        raise
    except Exception:  # noqa: BLE001  # Executors have names of their own for a lost process.
        return None
    if isinstance(done, _Raised):
        raise done.error
    return done


def _alone(calls: _Calls, item: Item, terms: Terms, attempts: int) -> str | Report:
    """The answer to an item that was lost with others, of which it may be any."""
    for _ in range(attempts):
        done = _result(calls.submit([item]))
        if done is not None:
            (answer,) = done.answers
            return answer
    lost = item._replace(code="QA019", why="every process that checked it was killed")
    return report_of(lost, terms.settings_for(item.file))


def _packed(batch: Sequence[Item]) -> list[Item | str]:
    """Items as they are sent: of a file that a walk of this machine has found, the path alone."""
    return [
        item if item.named or item.source is not None or item.code or item.url else item.path
        for item in batch
    ]


# --------------------------------------------------------------------------------------------------
# In the other process


def _work(run: bytes, number: int, batch: Sequence[Item | str]) -> _Done | _Raised:
    """Check a batch, the ``number``-th that goes out."""
    start = time.perf_counter()
    try:
        checker = _checker(run)
        items = (Item(item) if isinstance(item, str) else item for item in batch)
        reports = [checker.check(item) for item in read_ahead(items, checker.terms)]
    except Exception as error:  # noqa: BLE001  # It is raised where the reports are wanted.
        error.add_note(traceback.format_exc())
        return _Raised(error)
    return _Done([_answer(report) for report in reports], time.perf_counter() - start)


@lru_cache(maxsize=4)
def _checker(run: bytes) -> Checker:
    """What checks the items of one run."""
    # It was pickled by ``check_on``, in the caller's process.
    _, registry, terms, folder = pickle.loads(run)  # noqa: S301
    return Checker(registry, terms, folder)


def _answer(report: Report) -> str | Report:
    if report.format is None or report.findings or report.omitted:
        return report
    return str(report.format)
