"""A Dask cluster of real processes on this machine, started as the documentation says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import distributed

from support import ROOT

__all__ = ["LocalCluster", "until"]

_DASK = (sys.executable, "-m", "dask")
_QUIET = ("--no-dashboard", "--host", "127.0.0.1")


def until(true: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not become true"
        time.sleep(0.02)


class LocalCluster:
    """A scheduler and its workers, each a process; all of them end with this.

    Attributes:
        address: Where the scheduler listens.
    """

    def __init__(self, folder: Path, package: Path | None = None) -> None:
        """``folder`` is the workers' current directory, ``package`` what they import first."""
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._number = 0
        told = folder / "scheduler.json"
        self._scheduler = self._start(
            "scheduler", "--port", "0", "--scheduler-file", told, package=package
        )
        until(told.exists)
        until(told.read_bytes)
        self.address: str = json.loads(told.read_bytes())["address"]

    def add_workers(self, *options: str, package: Path | None = None) -> None:
        """Start workers, and wait until they have come."""
        before = len(self.workers())
        self._start("worker", self.address, "--nthreads", "1", *options, package=package)
        number = int(options[options.index("--nworkers") + 1]) if "--nworkers" in options else 1
        until(lambda: len(self.workers()) == before + number)

    def _start(self, *command: object, package: Path | None) -> subprocess.Popen[bytes]:
        paths = [package] if package else []
        paths += [ROOT / each for each in ("src", "schemas", "generated", "tests")]
        self._number += 1
        with open(self._folder / f"log-{self._number}", "wb") as log:
            process = subprocess.Popen(
                [*_DASK, *map(str, command), *_QUIET],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(map(str, paths)),
                    # So a file that kills does not take so long to do it.
                    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
                },
            )
        self._processes.append(process)
        return process

    @property
    def scheduler(self) -> int:
        """The process of the scheduler."""
        return self._scheduler.pid

    def asked(self, ask: Callable[[Any], Any]) -> Any:
        """What another client is told."""
        client: Any = distributed.Client
        with client(self.address, set_as_default=False) as other:
            return ask(other)

    def workers(self) -> Mapping[str, int]:
        """The processes of the workers."""
        pids: Mapping[str, int] = self.asked(lambda client: client.run(os.getpid))
        return pids

    def tasks(self) -> int:
        """How many tasks the scheduler has."""
        number: int = self.asked(lambda client: client.run_on_scheduler(_number_of_tasks))
        return number

    def kill_scheduler(self) -> None:
        _kill(self._scheduler)

    def end_workers(self) -> None:
        for process in self._processes[1:]:
            _kill(process)
        del self._processes[1:]
        until(lambda: not self.workers())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process, with those that it has started itself."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _number_of_tasks(dask_scheduler: Any) -> int:
    return len(dask_scheduler.tasks)
