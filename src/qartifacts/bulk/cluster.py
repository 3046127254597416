"""A Dask cluster that works for this process, as an executor, and what may become of it.

The scheduler gives the work of a worker that is lost to another one, by itself. What it gives up,
since one worker after the other was lost with it, is lost work here. What it forgets, since it was
started again or somebody else has told it to, is given to it anew.
"""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, wait
from contextlib import ExitStack, suppress
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, TypeVar
from uuid import uuid4
from weakref import WeakSet

from qartifacts import __version__
from qartifacts.bulk.pool import Answer, Pace
from qartifacts.bulk.workers import WorkerLost
from qartifacts.errors import ClusterError, MissingExtra

__all__ = ["Cluster"]

_T = TypeVar("_T")

#: Seconds in which a scheduler answers; one that does not is gone.
_PATIENCE: Final = 10.0
#: Seconds for which a cluster may be without workers: those that died are being started again.
_WITHOUT_WORKERS: Final = 60.0
#: Seconds between two looks at a cluster.
_BETWEEN: Final = 1.0
_MOMENT: Final = 0.05
#: Batches that are out for each thread of the workers: what it does, what it does next, and what
#: waits for its turn here. For a larger cluster than this, one process cannot walk or report.
_AHEAD_OF_A_THREAD: Final = 3
_LEAST_AHEAD: Final = 6
_MOST_AHEAD: Final = 600
#: A scheduler takes about a millisecond for a task, whatever the task does.
_ENOUGH_WORK: Final = 0.25
_LARGEST_BATCH: Final = 1024
#: What a question ends with if there is no answer in time, or if the client is being closed.
_NO_ANSWER: Final = (OSError, RuntimeError, AttributeError, CancelledError)
#: How often the same work may be forgotten.
_FORGOTTEN: Final = 5


class _Forgotten(Exception):
    """The scheduler has lost a call, or the way to it was lost."""


class Cluster:
    """Calls functions on the workers of a Dask cluster, which goes on when this has ended.

    The workers must have the same version of this package. To a scheduler one sends code, and it
    sends back what may be code, too: its address must be one that is trusted.

    Args:
        address: Where the scheduler listens, such as ``tcp://10.0.0.1:8786``. How to connect to
            ``tls://`` is in Dask's own configuration.

    Attributes:
        address: The same.
        pace: How much goes out at a time, by the number of threads that the workers have.

    Raises:
        MissingExtra: Dask is not installed.
        ClusterError: Nobody answers there, or with another version.
    """

    def __init__(self, address: str) -> None:
        self.address: Final = address
        self.pace: Final = Pace(self._ahead, _ENOUGH_WORK, _LARGEST_BATCH, attempts=1)
        self._connection: Final = _Connection(address)
        self._client: Final = self._connection.client
        self._threads = 0
        self._looked = time.monotonic()
        self._out: Final[WeakSet[Future[Any]]] = WeakSet()
        #: Since when nobody has answered, and since when there have been no workers.
        self._silent: float | None = None
        self._unstaffed: float | None = None
        try:
            self._check_versions()
            self._look()
        except BaseException:
            self._connection.end()
            raise

    def submit(self, function: Callable[..., _T], /, *args: Any) -> Answer[_T]:
        """Call a function, which must not raise, on a worker.

        The answer raises ``WorkerLost`` if workers die of it, one after the other, and
        ``ClusterError`` if the cluster cannot go on.
        """
        return _Call(self, pickle.dumps(_Deferred(pickle.dumps((function, args)))))

    def give(self, call: bytes) -> Future[Any]:
        """Give a call to the scheduler. What comes of it is fetched as soon as there is something.

        Raises:
            RuntimeError: The cluster has been left.
        """

        async def answer() -> Any:
            # With this reference to the task the last one goes, and then it is forgotten there.
            # A worker that could not so much as import a function would not say so: it would end.
            # This one is there whatever is installed, and imports the other.
            name = f"qartifacts-{uuid4()}"
            return await self._client.submit(pickle.loads, call, key=name, pure=False)

        future = self._connection.begin(answer())
        self._out.add(future)
        return future

    def wait_for(self, future: Future[Any]) -> Any:
        """What has come of a call that was given.

        Raises:
            _Forgotten: It may be given again.
            WorkerLost: Workers die of it.
            ClusterError: The cluster cannot go on.
        """
        from distributed.scheduler import KilledWorker

        while not wait([future], _BETWEEN).done:
            self._look()
        try:
            return future.result()
        except (CancelledError, OSError) as error:
            self._wait_for_connection()
            raise _Forgotten from error
        except KilledWorker as error:
            if all(other.done() for other in self._out):
                self._try()
            raise WorkerLost from error
        except ClusterError:
            raise
        except Exception as error:
            if self._client.status not in ("running", "connecting"):
                raise self._gone() from error
            # Perhaps of workers that have come later, with something else installed.
            self._check_versions()
            what = f"it cannot do the work: {_said_by(error)}"
            raise ClusterError(what, self.address) from error

    def _try(self) -> None:
        """Make sure that it was the call of which workers died, when nothing else was out.

        Raises:
            ClusterError: They die of nothing, too.
        """
        from distributed.scheduler import KilledWorker

        future = self.give(pickle.dumps(None))
        while not wait([future], _BETWEEN).done:
            self._look()
        if not future.cancelled() and isinstance(future.exception(), KilledWorker):
            message = "its workers end, whatever they are to do; what they log may say why"
            raise ClusterError(message, self.address)

    def _ahead(self) -> int:
        if time.monotonic() - self._looked > _BETWEEN:
            self._look()
        return max(_LEAST_AHEAD, min(_AHEAD_OF_A_THREAD * self._threads, _MOST_AHEAD))

    def _look(self) -> None:
        """See how many workers there are.

        Raises:
            ClusterError: There have been none for a while, or the scheduler does not answer.
        """

        async def threads() -> int:
            return sum((await self._client.scheduler.ncores()).values())

        began = time.monotonic()
        try:
            self._threads = self._asked(threads)
        except _NO_ANSWER as error:
            # The client may be about to find it again.
            self._silent = began if self._silent is None else self._silent
            if time.monotonic() - self._silent > 2 * _PATIENCE:
                raise self._gone() from error
        else:
            self._silent = None
            if self._threads:
                self._unstaffed = None
            elif self._unstaffed is None:
                self._unstaffed = began
            elif began - self._unstaffed > _WITHOUT_WORKERS:
                message = f"it has no workers; start some: dask worker {self.address}"
                raise ClusterError(message, self.address)
        self._looked = time.monotonic()

    def _check_versions(self) -> None:
        """Make sure that all workers have this version of the package.

        Raises:
            ClusterError: One of them has not.
        """
        from pkgutil import resolve_name

        # Something that is there whatever version they have, and if they have none.
        asked = resolve_name, "qartifacts:__version__"

        async def versions() -> dict[str, Any]:
            found: dict[str, Any] = await self._client.run(*asked, on_error="return")
            return found

        try:
            found = self._asked(versions)
        except _NO_ANSWER:
            return  # Somebody has no time to answer. A version is looked at for every batch, too.
        for worker, said in found.items():
            if isinstance(said, ImportError):
                raise ClusterError(_other_version(worker, "none"), self.address)
            if isinstance(said, str) and said != __version__:
                raise ClusterError(_other_version(worker, said), self.address)

    def _asked(self, question: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """The answer of the cluster to a question, if it comes in time.

        Raises:
            OSError, RuntimeError, AttributeError, CancelledError: It does not.
        """
        return self._connection.begin(asyncio.wait_for(question(), _PATIENCE)).result()

    def _wait_for_connection(self) -> None:
        """Wait until the client has found the scheduler again, if it is looking for it.

        Raises:
            ClusterError: It does not.
        """
        end = time.monotonic() + 2 * _PATIENCE
        time.sleep(_MOMENT)  # It may not have noticed yet.
        while self._client.status == "connecting" and time.monotonic() < end:
            time.sleep(_MOMENT)
        if self._client.status != "running":
            raise self._gone()

    def _gone(self) -> ClusterError:
        message = "the scheduler is gone; start it and its workers again, and then this check"
        return ClusterError(message, self.address)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the cluster, which forgets what it has not begun."""
        self._connection.end()


class _Call:
    """A call that is out, perhaps not for the first time."""

    def __init__(self, cluster: Cluster, call: bytes) -> None:
        self._cluster: Final = cluster
        self._call: Final = call
        self._future = cluster.give(call)

    def result(self) -> Any:
        for _ in range(_FORGOTTEN):
            try:
                return self._cluster.wait_for(self._future)
            except _Forgotten:
                self._future = self._cluster.give(self._call)
        raise ClusterError("it keeps forgetting what it is to do", self._cluster.address)

    def cancel(self) -> bool:
        return self._future.cancel()


class _Connection:
    """A client of Dask, and the thread in which it lives.

    If a client makes its own thread, it cannot be closed unless it has come to connect, and this
    process waits for it when it ends.

    Attributes:
        client: The client. It is used in its thread only.

    Raises:
        MissingExtra: Dask is not installed.
        ClusterError: Nobody answers.
    """

    def __init__(self, address: str) -> None:
        try:
            import dask
            import distributed  # noqa: F401
        except ModuleNotFoundError as error:
            raise MissingExtra("dask", error.name or "distributed") from error
        # Payloads that only this process can read go with the tasks, which Dask would warn of.
        unwarned = {"distributed.admin.large-graph-warning-threshold": 2**62}
        ready: Future[_Lived] = Future()
        self._thread: Final = Thread(
            target=_live_in_thread, args=(address, ready), name="qartifacts-dask", daemon=True
        )
        with ExitStack() as stack:
            stack.enter_context(dask.config.set(unwarned))
            self._thread.start()
            try:
                self.client, self._loop, self._end = ready.result()
            except Exception as error:  # Which may be anything: addresses are of many kinds.
                what = f"no connection to a Dask scheduler: {_said_by(error)}"
                raise ClusterError(what, address) from error
            finally:
                ready.cancel()  # If this is interrupted, nobody wants it any more.
            self._stack: Final = stack.pop_all()

    def begin(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        """Do something in the thread of the client.

        Raises:
            RuntimeError: The client is closed.
        """
        if not self._thread.is_alive():
            work.close()
            raise RuntimeError("the cluster has been left")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def end(self) -> None:
        """Close the client; what it has not done yet is forgotten."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(2 * _PATIENCE)
        self._stack.close()


#: A client, which is not typed, its loop, and what ends it.
_Lived: TypeAlias = tuple[Any, asyncio.AbstractEventLoop, asyncio.Event]


def _live_in_thread(address: str, ready: Future[_Lived]) -> None:
    asyncio.run(_live(address, ready))


async def _live(address: str, ready: Future[_Lived]) -> None:
    """Connect, tell of it, and stay connected until the end is wanted."""
    import distributed

    client: Any = None
    try:
        connect: Any = distributed.Client
        client = connect(address, asynchronous=True, timeout=_PATIENCE, set_as_default=False)
        # The client has its own patience, but not with everything.
        await asyncio.wait_for(client, 2 * _PATIENCE)
        if ready.set_running_or_notify_cancel():
            end = asyncio.Event()
            ready.set_result((client, asyncio.get_running_loop(), end))
            await end.wait()
    except Exception as error:  # noqa: BLE001  # It is raised where it is waited for.
        if ready.set_running_or_notify_cancel():
            ready.set_exception(error)
    finally:
        if client is not None:
            with suppress(OSError, asyncio.CancelledError):
                await asyncio.wait_for(client.close(), _PATIENCE)


def _said_by(error: BaseException) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def _other_version(worker: str, theirs: str, ours: str = __version__) -> str:
    return (
        f"qartifacts {ours} is here, and {theirs} at the worker {worker}; "
        "install the same version everywhere"
    )


# --------------------------------------------------------------------------------------------------
# In the worker


class _Deferred:
    """A call that is done when this is unpickled."""

    def __init__(self, call: bytes) -> None:
        self._call: Final = call

    def __reduce__(self) -> tuple[Callable[[str, bytes], Any], tuple[str, bytes]]:
        return _called, (__version__, self._call)


def _called(version: str, call: bytes) -> Any:
    """Do a call.

    Raises:
        ClusterError: This is not the version that the caller has.
    """
    if version != __version__:
        import distributed

        worker: Any = distributed.get_worker()
        what = _other_version(worker.address, __version__, version)
        raise ClusterError(what, worker.scheduler.address)
    function, args = pickle.loads(call)  # noqa: S301  # From a scheduler, which may send any code.
    return function(*args)
