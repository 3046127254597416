"""A Dask cluster of this machine: a scheduler and workers, each a process, reached by 127.0.0.1."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from benchmarks.harness import Failure
from benchmarks.start_in_turn import most_resident, tree

_HOST: Final = "127.0.0.1"
#: Seconds that a cluster may take to be there, and a process to end when it is asked to.
_STARTS_WITHIN, _ENDS_WITHIN = 60, 10


class Cluster(NamedTuple):
    """A cluster that is ready.

    Attributes:
        address: What ``--dask`` takes.
        processes: Those that were started; workers have children.
    """

    address: str
    processes: Sequence[subprocess.Popen[bytes]]

    def resident(self) -> int:
        """The most bytes that its processes have had resident, added up; 0 if that is not told."""
        return sum(most_resident(each) for one in self.processes for each in tree(one.pid))


@contextmanager
def local_cluster(workers: int) -> Iterator[Cluster]:
    """A cluster of so many workers of one thread each, which ends with the block.

    Raises:
        Failure: It does not start.
    """
    from distributed import Client

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log = stack.enter_context((folder / "log").open("w+b"))
        found = folder / "scheduler.json"
        common = ["--host", _HOST, "--no-dashboard", "--scheduler-file", str(found)]
        processes: list[subprocess.Popen[bytes]] = []
        stack.callback(_end, processes)
        processes.append(_started(["scheduler", "--port", "0", *common], log))
        each = ["--nworkers", str(workers), "--nthreads", "1", "--memory-limit", "0"]
        processes.append(
            _started(["worker", *each, "--local-directory", str(folder), *common], log)
        )
        try:
            # It has no types.
            connect: Any = Client
            with connect(scheduler_file=str(found), timeout=_STARTS_WITHIN) as client:
                client.wait_for_workers(workers, timeout=_STARTS_WITHIN)
                address = client.scheduler.address
        except (OSError, TimeoutError) as error:
            log.seek(0)
            said = log.read().decode("utf-8", "replace")
            raise Failure(f"the Dask cluster does not start: {error}\n{said}") from error
        yield Cluster(str(address), processes)


def _started(arguments: list[str], log: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End processes, the last one first, so that workers can still say goodbye."""
    for process in reversed(processes):
        process.terminate()
        try:
            process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
