"""Files behind URLs: read whole, as a stream, in parts, or ahead of their turn.

The loop of fsspec, in a thread of its own, does the work; others wait for it, and can be
interrupted while they wait. However a server behaves, it is never read more than was asked for, and
never for ever.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, BinaryIO, Final, Protocol, TypeVar

from qartifacts.config import Settings
from qartifacts.remote import systems
from qartifacts.remote.faults import told, translated
from qartifacts.remote.systems import (
    Unusable,
    file_system,
    io_loop,
    request_limits,
    request_options,
)
from qartifacts.remote.urls import Location
from qartifacts.source import Source, open_stream

__all__ = ["Ahead", "begin", "open_for_parts", "open_for_reading", "read"]

_T = TypeVar("_T")

#: Bytes that are asked for at a time, and that a file that is read in parts has in memory.
_PIECE: Final = 1 << 20
_PART: Final = 1 << 20
#: Files of more bytes are not read ahead of their turn.
_SMALL: Final = 1 << 20
_OK: Final = 200
_NOTHING_THERE: Final = 416

_NO_PARTS: Final = "its server gives no parts of files, which a zip archive is read in"


class _Stream(Protocol):
    """A file that is read from its start to its end."""

    @property
    def is_packed(self) -> bool:
        """Whether its server has packed it by gzip, on the way."""

    async def begin(self) -> None:
        """Ask for it."""

    async def read(self, size: int, /) -> bytes:
        """Some of its next bytes; none at its end."""

    async def close(self) -> None:
        """Let go of it, wherever it has been read to."""


def read(location: Location, settings: Settings) -> Source:
    """The file at a location, up to the limit on size.

    Raises:
        OSError: It cannot be opened or read.
        MissingExtra: What opens it is not installed.
    """
    stream, is_packed = _reading(location)
    with stream:
        return _source(location, stream, settings, is_packed=is_packed)


def _source(location: Location, stream: BinaryIO, settings: Settings, *, is_packed: bool) -> Source:
    name = location.name
    packed = is_packed or name.endswith(".gz")
    return open_stream(name, name, stream, settings, packed=packed)


def open_for_reading(location: Location) -> BinaryIO:
    """A file that can be read once, from its start to its end.

    Raises:
        OSError: It cannot be opened, or its server packs what is no packed file. Reading it raises
            it, too.
        MissingExtra: What opens it is not installed.
    """
    stream, is_packed = _reading(location)
    if is_packed and not location.name.endswith((".gz", ".tgz")):
        stream.close()
        raise told(Unusable("the server packs it, which was not asked for"), location.name)
    return stream


def open_for_parts(location: Location) -> BinaryIO:
    """A file that can be read anywhere, of which a part is in memory.

    Raises:
        OSError: It cannot be opened, or its server does not give parts of files. Reading it raises
            it, too.
        MissingExtra: What opens it is not installed.
    """
    with translated(location):
        system = file_system(location.scheme)
        if location.is_only_here:
            return io.BytesIO(system.cat_file(location.path))
        options = {"block_size": _PART, "cache_type": "readahead"}
        if not location.has_directories:
            options |= _size_and_options(system, location)
            if not options["size"]:  # fsspec would ask for it again.
                return io.BufferedReader(io.BytesIO())
        opened = system.open(location.path, "rb", **options)
    return io.BufferedReader(_Parts(opened, location), _PIECE)


def _size_and_options(system: Any, location: Location) -> dict[str, Any]:
    """The size of a file on a web server, and what goes with requests for its parts."""
    options = request_options(location.url)
    short, long = request_limits(0), request_limits(_PART + _PART)
    about = _wait(system._info(location.url, timeout=short, **options))
    if about["size"] is None or not about.get("partial", True):
        raise Unusable(_NO_PARTS)
    return {"size": about["size"], "timeout": long, **options}


class _Parts(io.RawIOBase):
    """A file of fsspec's, whose exceptions are ours."""

    def __init__(self, file: Any, location: Location) -> None:
        self._file: Final = file
        self._location: Final = location

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: Any, /) -> int:
        left = self._file.size - self._file.tell()
        with translated(self._location):
            # No more at a time: each request has its time, and its place in memory.
            try:
                piece = self._file.read(min(len(buffer), _PART, left)) if left > 0 else b""
            except ValueError:  # It was all of the file that came.
                raise Unusable(_NO_PARTS) from None
        if not piece and len(buffer) and left > 0:
            raise told(EOFError(), self._location.name)
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


# --------------------------------------------------------------------------------------------------
# From the loop to those who wait


def _wait(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """What a coroutine returns. It is cancelled if the wait is interrupted."""
    future = _start(coroutine)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def _start(coroutine: Coroutine[Any, Any, _T]) -> Future[_T]:
    return asyncio.run_coroutine_threadsafe(coroutine, io_loop())


class _Raw(io.RawIOBase):
    """A stream for those who wait."""

    def __init__(self, stream: _Stream, location: Location) -> None:
        self._stream: Final = stream
        self._location: Final = location
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self.ended:
            return 0
        with translated(self._location):
            piece = _wait(self._stream.read(len(buffer)))
        self.ended = not piece
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            # Nobody waits for that: after an interrupt, the other side may be silent.
            _start(_closed(self._stream))
        super().close()


async def _closed(stream: _Stream) -> None:
    try:
        await stream.close()
    except Exception:  # noqa: BLE001  # It is of no interest any more.
        return


def _reading(location: Location) -> tuple[BinaryIO, bool]:
    """A file that is being read, and whether its server has packed it by gzip, on the way."""
    with translated(location):
        stream = _stream(file_system(location.scheme), location)
        try:
            _wait(stream.begin())
        except BaseException:
            _start(_closed(stream))
            raise
    return io.BufferedReader(_Raw(stream, location), _PIECE), stream.is_packed


# --------------------------------------------------------------------------------------------------
# Ahead of their turn


class Ahead:
    """A file that is being read before its turn has come, if it is small.

    Attributes:
        location: Where it is.
    """

    def __init__(self, location: Location, future: Future[tuple[bytes, bool] | None]) -> None:
        self.location: Final = location
        self._future: Final = future

    def source(self, settings: Settings) -> Source | None:
        """The file; None if it is large, and to be read now that it is its turn.

        Raises:
            OSError: As for ``read``.
        """
        with translated(self.location):
            arrived = self._future.result()
        if arrived is None:
            return None
        data, is_packed = arrived
        return _source(self.location, io.BytesIO(data), settings, is_packed=is_packed)

    def cancel(self) -> None:
        """Let go of it."""
        self._future.cancel()


def begin(location: Location) -> Ahead:
    """Begin to read a file.

    Raises:
        OSError: It cannot be.
        MissingExtra: What opens it is not installed.
    """
    with translated(location):
        stream = _stream(file_system(location.scheme), location)
        return Ahead(location, _start(_small(stream)))


async def _small(stream: _Stream) -> tuple[bytes, bool] | None:
    """A file, and whether it is packed by its server; None if it is large."""
    data = bytearray()
    try:
        await stream.begin()
        while len(data) <= _SMALL:
            piece = await stream.read(_SMALL + 1 - len(data))
            if not piece:
                return bytes(data), stream.is_packed
            data += piece
    finally:
        await _closed(stream)
    return None


# --------------------------------------------------------------------------------------------------
# On the loop


def _stream(system: Any, location: Location) -> _Stream:
    inner: _Stream
    match location.scheme:
        case "https":
            inner = _OverHttps(system, location.url)
        case "s3":
            inner = _FromS3(system, location.path)
        case _:
            inner = _InRanges(system, location.path)
    return _Paced(inner)


class _Paced:
    """A stream that must go on at some pace: a byte now and then is no answer."""

    def __init__(self, inner: _Stream) -> None:
        self._inner: Final = inner
        self._spent = 0.0
        self._received = 0

    @property
    def is_packed(self) -> bool:
        return self._inner.is_packed

    async def begin(self) -> None:
        await self._in_time(self._inner.begin)

    async def read(self, size: int, /) -> bytes:
        piece = await self._in_time(lambda: self._inner.read(size))
        self._received += len(piece)
        return piece

    async def _in_time(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """Only time that is spent here counts, not that between two pieces."""
        allowed = 2 * systems.PATIENCE + self._received / systems.SLOWEST - self._spent
        start = time.monotonic()
        try:
            async with asyncio.timeout(min(allowed, 2 * systems.PATIENCE)):
                return await call()
        finally:
            self._spent += time.monotonic() - start

    async def close(self) -> None:
        await self._inner.close()


class _OverHttps:
    """The answer to one request."""

    def __init__(self, system: Any, url: str) -> None:
        self._system: Final = system
        self._url: Final = url
        self._response: Any = None
        self.is_packed = False

    async def begin(self) -> None:
        session = await self._system.set_session()
        url = self._system.encode_url(self._url)
        response = self._response = await session.get(url, **request_options(self._url))
        response.raise_for_status()
        if response.status != _OK:
            raise Unusable(f"the server answers {response.status}")
        packing = response.headers.get("Content-Encoding", "identity").strip().lower()
        self.is_packed = packing in ("gzip", "x-gzip")
        if not self.is_packed and packing not in ("", "identity"):
            raise Unusable("the server packs it in a way that was not asked for")

    async def read(self, size: int, /) -> bytes:
        piece: bytes = await self._response.content.read(size)
        return piece

    async def close(self) -> None:
        if self._response is not None:
            self._response.close()


class _FromS3:
    """The answer to one request to an object store."""

    is_packed = False

    def __init__(self, system: Any, path: str) -> None:
        self._system: Final = system
        self._path: Final = path
        self._file: Any = None
        self._start = b""

    async def begin(self) -> None:
        self._file = await self._system.open_async(self._path, "rb")
        self._start = await self._file.read(_PIECE)

    async def read(self, size: int, /) -> bytes:
        if self._start:
            piece, self._start = self._start[:size], self._start[size:]
            return piece
        piece = await self._file.read(size)
        return bytes(piece)

    async def close(self) -> None:
        if self._file is not None and self._file.r is not None:
            self._file.r.close()


class _InRanges:
    """A file of which ranges are asked for, one after the other."""

    is_packed = False

    def __init__(self, system: Any, path: str) -> None:
        self._system: Final = system
        self._path: Final = path
        self._at = 0
        self._start = b""
        self._ended = False

    async def begin(self) -> None:
        self._start = await self._next(_PIECE)

    async def read(self, size: int, /) -> bytes:
        if self._start:
            piece, self._start = self._start[:size], self._start[size:]
            return piece
        return await self._next(size)

    async def _next(self, size: int) -> bytes:
        if self._ended:
            return b""
        start, end = self._at, self._at + min(size, _PIECE)
        try:
            if self._system.async_impl:
                piece = await self._system._cat_file(self._path, start=start, end=end)
            else:
                piece = self._system.cat_file(self._path, start=start, end=end)
        except Exception as error:
            if getattr(error, "code", None) != _NOTHING_THERE:
                raise
            piece = b""
        if len(piece) > end - start:
            raise Unusable(systems.TOO_MUCH)
        self._at += len(piece)
        self._ended = len(piece) < end - start
        return bytes(piece)

    async def close(self) -> None:
        self._start = b""
