"""Checks by other processes: items go out in batches, reports come back in the items' order.

Whatever becomes of the processes, there is one report on every item. A batch that is lost with the
process that had it is tried again, item by item; an item of which processes die is a finding.
"""

from __future__ import annotations

import os
import pickle
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from qartifacts.bulk.ahead import read_ahead
from qartifacts.bulk.checking import Checker, report_of
from qartifacts.bulk.items import Item, Terms
from qartifacts.findings import Report
from qartifacts.registry import Registry

__all__ = ["Submits", "check_on"]

_T = TypeVar("_T")

#: How long a batch should take, in seconds: much longer than it takes to send it.
_ENOUGH_WORK: Final = 0.05
_FIRST_BATCH: Final = 16
#: How often an item is tried by itself that was lost with others.
_ATTEMPTS: Final = 2
_LARGEST_BATCH: Final = 512
#: A batch ends with the item that reaches so many bytes; no batch goes out while more are out.
_BATCH_BYTES: Final = 1 << 22
_MOST_BYTES: Final = 1 << 28


class Submits(Protocol):
    """What an executor must be able to do."""

    def submit(self, function: Callable[..., _T], /, *args: Any) -> Future[_T]:
        """Call a function with arguments, all of which can be pickled, some time and somewhere."""


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
    executor: Submits, items: Iterator[Item], registry: Registry, terms: Terms, *, ahead: int
) -> Iterator[tuple[Item, Report]]:
    """Reports on items, in their order, from an executor.

    Args:
        executor: What does the work. Where it raises on ``submit``, that goes to the caller.
        items: What is to be checked.
        registry: Pinned schemas.
        terms: What is in force for each file.
        ahead: At most so many batches are out, or held back until it is their turn.

    Raises:
        RegistryError: A pinned document is missing, modified or unusable.
    """
    # Another run must verify pinned documents anew, though a process may serve both.
    run = pickle.dumps((os.urandom(16), registry, terms))
    formats = {str(format): format for format in registry}
    batches = _Batches(items)
    out: deque[tuple[list[Item], Future[_Done | _Raised]]] = deque()
    try:
        while True:
            while len(out) < ahead and batches.bytes_out < _MOST_BYTES and (batch := batches.cut()):
                out.append((batch, executor.submit(_work, run, _packed(batch))))
            if not out:
                return
            batch, future = out.popleft()
            done = _result(future)
            batches.take_back(batch, done)
            if done is not None:
                answers = done.answers
            else:
                answers = [_alone(executor, run, item, terms) for item in batch]
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

    def __init__(self, items: Iterator[Item]) -> None:
        self._items: Final = items
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
            enough = int(len(batch) * _ENOUGH_WORK / max(done.seconds, 1e-6))
            self._number = max(1, min(enough, 2 * self._number, _LARGEST_BATCH))


def _result(future: Future[_Done | _Raised]) -> _Done | None:
    """What came of a batch; None if it was lost."""
    try:
        done = future.result()
    except Exception:  # noqa: BLE001  # Executors have names of their own for a lost process.
        return None
    if isinstance(done, _Raised):
        raise done.error
    return done


def _alone(executor: Submits, run: bytes, item: Item, terms: Terms) -> str | Report:
    """The answer to an item that was lost with others, of which it may be any."""
    for _ in range(_ATTEMPTS):
        done = _result(executor.submit(_work, run, _packed([item])))
        if done is not None:
            (answer,) = done.answers
            return answer
    lost = item._replace(code="QA019", why=f"{_ATTEMPTS} processes that checked it were killed")
    return report_of(lost, terms.settings_for(item.file))


def _packed(batch: Sequence[Item]) -> list[Item | str]:
    """Items as they are sent: of a file that a walk of this machine has found, the path alone."""
    return [
        item if item.named or item.source is not None or item.code or item.url else item.path
        for item in batch
    ]


# --------------------------------------------------------------------------------------------------
# In the other process


def _work(run: bytes, batch: Sequence[Item | str]) -> _Done | _Raised:
    """Check a batch."""
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
    _, registry, terms = pickle.loads(run)  # noqa: S301  # By ``check_on``, in the caller's process.
    return Checker(registry, terms)


def _answer(report: Report) -> str | Report:
    if report.format is None or report.findings or report.omitted:
        return report
    return str(report.format)
