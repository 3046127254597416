"""Processes of this machine that work for this one, end with it, and are replaced when they die."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, TypeVar

__all__ = ["WorkerLost", "Workers", "processors"]

_T = TypeVar("_T")

#: Seconds that a process may take to end when there is nothing left to do for it.
_PATIENCE: Final = 5.0
#: How many processes are given a call that none of them begins with.
_ATTEMPTS: Final = 3


class WorkerLost(Exception):
    """A process has died with its work; none of its results came back."""


def processors() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Worker(NamedTuple):
    process: SpawnProcess
    connection: Connection


class Workers:
    """Calls functions in processes of their own.

    Each process has a thread that waits for it, so it is known which call a process dies of. A
    process is started when there is something to do for it. It ends when its connection is closed,
    which the system does too if this process is killed. Where no process can be started, the thread
    does the work itself.

    Args:
        number: How many calls are made at a time.
    """

    def __init__(self, number: int) -> None:
        self._threads: Final = ThreadPoolExecutor(
            number, thread_name_prefix="qartifacts", initializer=_leave_interrupts_to_others
        )
        self._own: Final = threading.local()
        self._lock: Final = threading.Lock()
        self._workers: Final[set[_Worker]] = set()
        self._may_start = True
        self._ending = False

    def submit(self, function: Callable[..., _T], /, *args: Any) -> Future[_T]:
        """Call a function, which must not raise, as soon as a process is free.

        The future raises ``WorkerLost`` if the process dies.
        """
        return self._threads.submit(self._call, function, args)

    def _call(self, function: Callable[..., _T], args: tuple[Any, ...]) -> _T:
        worker = self._worker_with((function, args))
        if worker is None:
            return function(*args)
        try:
            result: _T = worker.connection.recv()
        except (EOFError, OSError) as error:
            self._end(worker)
            raise WorkerLost from error
        return result

    def _worker_with(self, call: tuple[Callable[..., Any], tuple[Any, ...]]) -> _Worker | None:
        """The process of this thread, which has begun with a call; None if there can be none."""
        for _ in range(_ATTEMPTS):
            worker: _Worker | None = getattr(self._own, "worker", None)
            if worker is None or not worker.process.is_alive():
                worker = self._own.worker = self._start()
            if worker is None:
                return None
            try:
                worker.connection.send(call)
                worker.connection.recv()
            except (EOFError, OSError):
                self._end(worker)  # It has died before, of something else.
            else:
                return worker
        raise WorkerLost

    def _start(self) -> _Worker | None:
        """A process that is ready for work; None if it does not start, and no other is tried.

        Raises:
            WorkerLost: There is to be no work any more.
        """
        with self._lock:
            if self._ending:
                raise WorkerLost
            if not self._may_start:
                return None
            context = get_context("spawn")  # A copy of this process would hold its locks and files.
            try:
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs,), daemon=True)
                try:
                    with _safe_path():
                        process.start()
                finally:
                    theirs.close()  # Or its end would not be noticed.
            except OSError:  # There are too many processes or files, or not enough memory.
                self._may_start = False
                return None
            worker = _Worker(process, ours)
            self._workers.add(worker)
        try:
            ours.recv()
        except (EOFError, OSError) as error:
            self._end(worker)
            if self._ending:
                raise WorkerLost from error
            self._may_start = False
            return None
        return worker

    def _end(self, worker: _Worker) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.connection.close()
        worker.process.kill()
        worker.process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all processes: after an exception at once, since nobody waits for what they do."""
        with self._lock:
            self._ending = True
            workers = list(self._workers)
        if kind is not None:
            for worker in workers:
                worker.process.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in workers:
            worker.connection.close()
            worker.process.join(_PATIENCE)
            self._end(worker)


_environment = threading.Lock()


@contextmanager
def _safe_path() -> Iterator[None]:
    """Start Python without the current directory among the places of its modules.

    A store that is checked may hold a file ``struct.py``.
    """
    name = "PYTHONSAFEPATH"
    with _environment:
        before = os.environ.get(name)
        os.environ[name] = "1"
        try:
            yield
        finally:
            if before is None:
                del os.environ[name]
            else:
                os.environ[name] = before


def _leave_interrupts_to_others() -> None:
    """Keep Ctrl-C from this thread, and so from the processes that it starts, from the first on."""
    if hasattr(signal, "pthread_sigmask"):
        from multiprocessing import resource_tracker

        try:
            with _safe_path():
                resource_tracker.ensure_running()  # Which unblocks the signal when it starts.
        except OSError:
            pass  # Then no process can be started, either, and the threads do the work.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _serve(connection: Connection) -> None:
    """Call functions as long as there is somebody who asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection.send(None)  # It is ready.
    while True:
        try:
            function, args = connection.recv()
            connection.send(None)  # It begins.
            connection.send(function(*args))
        except (EOFError, OSError):
            return
