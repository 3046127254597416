"""Below the requests: proxies, retries, and answers that are read whole and never without bound."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import socket
import threading
import time
import urllib.request
import zlib
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping
from contextlib import aclosing, closing, contextmanager, suppress
from typing import Any, Final, cast

import httpx
from httpx_retries import Retry

from qartifacts.config import DEFAULTS
from qartifacts.errors import Unreachable

__all__ = [
    "LIMIT",
    "MOST_OF_AN_ANSWER",
    "MOST_OF_AN_ARTIFACT",
    "RETRIED",
    "AsyncWholeAnswers",
    "Bounds",
    "BrokenOff",
    "Garbled",
    "NotNow",
    "TooLarge",
    "TooSlow",
    "WholeAnswers",
    "is_local",
    "retry_after",
    "setting_up",
]

_OK: Final = 200
_RETRIED_STATUSES: Final = (429, 502, 503)
#: Connections that break are tried again, too; what was never reached is not.
RETRIED: Final = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
#: Waits between attempts grow from here, in seconds; each is drawn from 0 up to it.
_BACKOFF = 0.25
#: Nobody waits longer than this for one more attempt, in seconds, whatever the server asks.
_LONGEST_WAIT: Final = 60.0
#: What a long answer must keep up, in bytes a second, on top of the time that any answer has.
_SLOWEST: Final = 16 * 1024
#: As much of an error's body is read: enough for a message.
_MOST_OF_AN_ERROR: Final = 64 * 1024
#: The largest bodies that are taken, in bytes, unpacked. A million shots of 100 qubits take 230 MB.
MOST_OF_AN_ANSWER: Final = 64 << 20
MOST_OF_AN_ARTIFACT: Final = DEFAULTS.max_bytes
#: Where a request carries its own limit.
LIMIT: Final = "qartifacts.limit"
#: Requests that are under way at once.
_AT_ONCE: Final = 8
#: Headers about how an answer travelled; they no longer hold for the bytes that are handed on.
_OF_THE_WAY: Final = frozenset(
    {b"connection", b"content-encoding", b"content-length", b"retry-after", b"transfer-encoding"}
)


class Bounds:
    """How long, how often and how much."""

    def __init__(
        self,
        timeout: float,
        attempts: int,
        max_bytes: int,
        max_artifact_bytes: int = MOST_OF_AN_ARTIFACT,
    ) -> None:
        if not 0 < timeout < math.inf:
            raise ValueError(f"timeout must be a positive number of seconds, not {timeout!r}")
        numbers = {
            "attempts": attempts,
            "max_bytes": max_bytes,
            "max_artifact_bytes": max_artifact_bytes,
        }
        for name, value in numbers.items():
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number from 1, not {value!r}")
        self.timeout = timeout
        self.attempts = attempts
        self._max_bytes = max_bytes
        self._max_artifact_bytes = max_artifact_bytes

    def limit(self, is_artifact: bool) -> int:
        """The bytes that an answer may have."""
        return self._max_artifact_bytes if is_artifact else self._max_bytes

    def retry(self) -> Retry:
        """When and how often one more attempt is made."""
        return Retry(
            total=self.attempts - 1,
            allowed_methods=("GET",),
            status_forcelist=_RETRIED_STATUSES,
            retry_on_exceptions=RETRIED,
            backoff_factor=_BACKOFF,
            max_backoff_wait=_LONGEST_WAIT,
        )


def is_local(host: str) -> bool:
    """Whether a host is this machine, by its name alone: nothing is looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def retry_after(headers: Mapping[str, str]) -> int | None:
    """The seconds to wait, if a server says so in seconds or by a date."""
    given = headers.get("retry-after", "").strip()
    try:
        return math.ceil(min(Retry().parse_retry_after(given), 1e9)) if given else None
    except (ValueError, OverflowError):
        return None


def _proxy_for(url: httpx.URL) -> str | None:
    """The proxy that the environment names for a URL; never one for this machine."""
    if is_local(url.host) or urllib.request.proxy_bypass(url.host):
        return None
    named = urllib.request.getproxies()
    proxy = named.get(url.scheme) or named.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


@contextmanager
def setting_up(url: httpx.URL) -> Iterator[str | None]:
    """While connections are prepared, with the proxy to use: what fails is the environment's."""
    try:
        yield _proxy_for(url)
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        # The message could quote the proxy's URL, which may hold a password.
        kind = type(error).__name__
        message = (
            "the proxy or the certificates that the environment names cannot be used "
            f"({kind}); check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
        )
    else:
        return
    raise Unreachable(message, str(url))


class TooLarge(httpx.TransportError):
    """An answer holds more than the limit."""


class Garbled(httpx.TransportError):
    """An answer that cannot be unpacked."""


class BrokenOff(httpx.RemoteProtocolError):
    """An answer that ended before its end; one more attempt may bring it whole."""


class TooSlow(httpx.TransportError):
    """An answer that takes for ever."""


class NotNow(httpx.TransportError):
    """An answer that allows another attempt, but so late that it is not waited for."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__("")
        self.response = response


class _Gathering:
    """An answer while it arrives. Bounded are its bytes, unpacked or not, and its time."""

    def __init__(self, request: httpx.Request, bounds: Bounds) -> None:
        self._limit: int = request.extensions[LIMIT]
        self._body = bytearray()
        self._packed: Any = None
        self._received = 0
        self._end = time.monotonic() + 2 * bounds.timeout

    @property
    def left(self) -> float:
        """The seconds that are left for it."""
        return self._end + self._received / _SLOWEST - time.monotonic()

    def begin(self, response: httpx.Response) -> None:
        """Take the status and the headers.

        Raises:
            TooLarge, Garbled: The body will be of no use.
        """
        self._response = response
        self._good = response.status_code == _OK
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding in {"gzip", "x-gzip"}:
            self._packed = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        elif encoding not in {"", "identity"} and self._good:
            raise Garbled("is packed in a way that was not asked for")
        length = response.headers.get("content-length", "")
        if self._good and length.isdecimal() and int(length) > self._limit:
            raise self._too_large()

    def add(self, piece: bytes) -> bool:
        """Take a piece of the body; whether more is wanted.

        Raises:
            TooLarge, Garbled: The answer is of no use.
        """
        limit = self._limit if self._good else _MOST_OF_AN_ERROR
        self._received += len(piece)
        enough = self._received > limit  # Empty blocks of gzip come without end, too.
        if self._packed is not None:
            room = limit - len(self._body) + 1
            try:
                piece = self._packed.decompress(piece, room)
            except zlib.error as error:
                raise Garbled(f"cannot be unpacked: {error}") from None
        self._body += piece
        enough |= len(self._body) > limit
        if enough and self._good:
            raise self._too_large()
        return not enough

    def _too_large(self) -> TooLarge:
        return TooLarge(f"is larger than the limit of {self._limit:,} bytes")

    def break_off(self, error: Exception) -> None:
        """Take the news that the body has no end. For an error, its start may do.

        Raises:
            BrokenOff: It is the body of an answer.
        """
        if not self._good:
            return
        if isinstance(error, (httpx.ReadError, httpx.RemoteProtocolError)):
            raise BrokenOff(f"breaks off after {self._received:,} bytes") from None
        raise error

    def end(self) -> httpx.Response:
        """The whole answer, unpacked.

        Raises:
            BrokenOff, Garbled: It is not whole, or has more behind its end.
            NotNow: The server wants to be left alone for long.
        """
        if self._good and self._packed is not None:
            if not self._packed.eof:
                raise BrokenOff(f"breaks off after {self._received:,} bytes")
            if self._packed.unused_data:
                raise Garbled("has more behind its end")
        raw = self._response.headers.raw
        headers = [(name, value) for name, value in raw if name.lower() not in _OF_THE_WAY]
        seconds = retry_after(self._response.headers)
        if seconds is not None:  # What cannot be read is left out, and the others are numbers.
            headers.append((b"retry-after", b"%d" % seconds))
        status, body = self._response.status_code, bytes(self._body)
        response = httpx.Response(status, headers=headers, content=body)
        if status in _RETRIED_STATUSES and (seconds or 0) > _LONGEST_WAIT:
            raise NotNow(response)
        return response


class WholeAnswers(httpx.BaseTransport):
    """Reads answers whole, a few at a time, and ends those that take too long.

    Each of several threads at once has a connection of its own. One thread alone, and threads that
    never ask at once, have the same one over and over.

    Args:
        connecting: Makes what sends over one connection.
        bounds: How long, how often and how much.
    """

    def __init__(self, connecting: Callable[[], httpx.BaseTransport], bounds: Bounds) -> None:
        self._connecting = connecting
        self._bounds = bounds
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        #: Those that nobody uses now; the last one comes first, since its connection is open still.
        self._free = [_OneConnection(connecting(), bounds)]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._turns:
            try:
                connection = self._free.pop()
            except IndexError:
                connection = _OneConnection(self._connecting(), self._bounds)
            try:
                return connection.handle_request(request)
            finally:
                self._free.append(connection)

    def close(self) -> None:
        for connection in self._free:
            connection.close()


class _OneConnection:
    """Reads answers whole, one after the other, and ends those that take too long.

    A server that sends a byte now and then never runs into the time-out of reading, and a thread
    that reads cannot be interrupted. So another thread watches the clock, and shuts the connection
    down; the one that reads then finds its end.
    """

    def __init__(self, inner: httpx.BaseTransport, bounds: Bounds) -> None:
        self._inner = inner
        self._bounds = bounds
        #: A handle of our own on the open connection: TLS takes the one of the HTTP library over.
        self._line: socket.socket | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        gathering = _Gathering(request, self._bounds)
        done, late = threading.Event(), threading.Event()
        watch = threading.Thread(target=self._watch, args=(gathering, done, late), daemon=True)
        request.extensions["trace"] = self._notice
        whole = False
        watch.start()
        try:
            whole = self._gather(request, gathering)
        except (httpx.HTTPError, OSError):
            if not late.is_set():
                raise
        finally:
            done.set()
            watch.join()
            if not whole:
                self._hang_up()
        if late.is_set():
            raise TooSlow("")
        return gathering.end()

    def _gather(self, request: httpx.Request, gathering: _Gathering) -> bool:
        """Read an answer; whether it was read to its end."""
        response = self._inner.handle_request(request)
        try:
            gathering.begin(response)
            with closing(cast("Generator[bytes, None, None]", response.iter_raw())) as pieces:
                return all(gathering.add(piece) for piece in pieces)
        except httpx.TransportError as error:
            gathering.break_off(error)
            return False
        finally:
            response.close()

    def _notice(self, event: str, info: Mapping[str, Any]) -> None:
        """Hear what the HTTP library does."""
        if event.endswith("connect_tcp.complete"):
            self._hang_up()  # One request at a time has one connection; this is its successor.
            self._line = info["return_value"].get_extra_info("socket").dup()

    def _watch(self, gathering: _Gathering, done: threading.Event, late: threading.Event) -> None:
        while (left := gathering.left) > 0:
            if done.wait(left):
                return
        late.set()
        while not done.wait(0.05):  # More than once: the connection may be made just now.
            line = self._line
            if line is not None:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def close(self) -> None:
        self._inner.close()
        self._hang_up()


class AsyncWholeAnswers(httpx.AsyncBaseTransport):
    """Reads answers whole, a few at a time, and ends those that take too long."""

    def __init__(self, inner: httpx.AsyncBaseTransport, bounds: Bounds) -> None:
        self._inner = inner
        self._bounds = bounds
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with self._turns:
            gathering = _Gathering(request, self._bounds)
            try:
                async with asyncio.timeout(gathering.left) as limit:
                    await self._gather(request, gathering, limit)
            except TimeoutError:
                raise TooSlow("") from None
            return gathering.end()

    async def _gather(
        self, request: httpx.Request, gathering: _Gathering, limit: asyncio.Timeout
    ) -> None:
        clock = asyncio.get_running_loop().time
        response = await self._inner.handle_async_request(request)
        try:
            gathering.begin(response)
            raw = cast("AsyncGenerator[bytes, None]", response.aiter_raw())
            async with aclosing(raw) as pieces:
                async for piece in pieces:
                    if not gathering.add(piece):
                        return
                    limit.reschedule(clock() + gathering.left)
        except httpx.TransportError as error:
            gathering.break_off(error)
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        await self._inner.aclose()
