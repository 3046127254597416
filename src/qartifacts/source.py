"""What a check reads, and how a file is written: paths, members, standard input, bytes, objects.

A source names itself for reports. Where it cannot be read whole (too large, broken compression),
it carries the fault instead of data; where it cannot be opened at all, Python's own ``OSError``
goes to the caller.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from stat import S_ISDIR, S_ISREG
from typing import (
    Any,
    BinaryIO,
    Final,
    NamedTuple,
    Protocol,
    TextIO,
    TypeAlias,
    TypeGuard,
    Union,
    cast,
)

from qartifacts.config import Settings
from qartifacts.jsontext import Fault, fault

__all__ = [
    "Source",
    "SourceLike",
    "display_name",
    "is_path",
    "open_found",
    "open_member",
    "open_path",
    "open_source",
    "open_stdin",
    "open_stream",
    "starting_name",
    "whole_file",
    "write_whole",
]

#: What may be checked: a path, JSON text as bytes, a binary file object, or a parsed payload.
SourceLike: TypeAlias = Union[
    str,
    "os.PathLike[str]",
    bytes,
    bytearray,
    memoryview,
    BinaryIO,
    dict[str, Any],
    list[Any],
]

_GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 1 << 20


class Source(NamedTuple):
    """One thing to check.

    Attributes:
        name: How reports call it: the path as it was given, ``<stdin>``, ``<bytes>``, ...
        path: The file it came from, if it came from one.
        data: Its JSON text; None for a parsed payload.
        value: The parsed payload, where ``data`` is None.
        faults: Why it could not be read whole, if so; then data and value are empty.
        member: Which payload of a file that holds several: its name in an archive, or the number
            of its line. Empty elsewhere.
    """

    name: str
    path: str | None = None
    data: bytes | None = None
    value: Any = None
    faults: tuple[Fault, ...] = ()
    member: str = ""


def open_source(given: SourceLike, settings: Settings) -> Source:
    """Read what was given, up to the limit on size.

    A ``str`` or path-like object is a path, and ``"-"`` is standard input; a name that ends in
    ``.gz`` is unpacked, and so are file objects and standard input that start like gzip.

    Raises:
        OSError: A path cannot be opened or read.
        ValueError: A ``str`` is JSON text rather than a path.
        TypeError: The object is none of the above.
    """
    if isinstance(given, (bytes, bytearray, memoryview)):
        return Source("<bytes>", data=bytes(given))
    if isinstance(given, (dict, list)):
        return Source("<object>", value=given)
    if is_path(given):
        return open_stdin(settings) if given == "-" else open_path(os.fsdecode(given), settings)
    if callable(getattr(given, "read", None)):
        name = getattr(given, "name", None)
        shown = f"<{name}>" if isinstance(name, str) else "<file>"
        return open_stream(shown, None, cast("BinaryIO", given), settings, packed=None)
    raise TypeError(
        "expected a path, bytes, a binary file object, a dict or a list, "
        f"not {type(given).__name__}"
        + ("; call tolist() or dict() first" if isinstance(given, Mapping) else "")
    )


def is_path(given: SourceLike) -> TypeGuard[str | os.PathLike[str]]:
    """Whether a source is a path; as ``str``, ``"-"`` is standard input.

    Raises:
        ValueError: It is JSON text as ``str``.
    """
    if isinstance(given, str) and given.lstrip().startswith(("{", "[")):
        raise ValueError(
            "a str is taken for a path, and this one starts like JSON text; pass the text as bytes "
            "(text.encode()), or the path as a pathlib.Path"
        )
    return isinstance(given, (str, os.PathLike))


_READ: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0)
#: A pipe that nobody writes to would be waited for.
_READ_AT_ONCE: Final = _READ | getattr(os, "O_NONBLOCK", 0)
#: Files of fewer bytes are read without asking for their size.
_SMALL: Final = 1 << 14


def open_path(path: str, settings: Settings) -> Source:
    """Read a file, up to the limit on size.

    Raises:
        OSError: It cannot be opened or read.
    """
    descriptor = os.open(path, _READ)
    try:
        return _from_descriptor(path, descriptor, settings)
    finally:
        os.close(descriptor)


def open_found(path: str, settings: Settings) -> Source:
    """Read what was a regular file when its directory was listed, up to the limit on size.

    A pipe that has taken its place is not waited for.

    Raises:
        OSError: It cannot be opened or read, or is no regular file any more.
    """
    # A store has many small files. Asking for the size of each, and a file object, would cost as
    # much as checking it.
    descriptor = os.open(path, _READ_AT_ONCE)
    try:
        data = os.read(descriptor, _SMALL)
        while 0 < len(data) < _SMALL and (more := os.read(descriptor, _SMALL - len(data))):
            data += more
        if 0 < len(data) < min(_SMALL, settings.max_bytes) and not path.endswith(".gz"):
            return Source(path, path, data)
        if not S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", path)
        os.lseek(descriptor, 0, os.SEEK_SET)
        return _from_descriptor(path, descriptor, settings)
    finally:
        os.close(descriptor)


def _from_descriptor(path: str, descriptor: int, settings: Settings) -> Source:
    status = os.fstat(descriptor)
    if S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    packed = path.endswith(".gz")
    if S_ISREG(status.st_mode) and not packed:
        data = _read_regular(descriptor, status.st_size, settings.max_bytes)
        if data is None:
            return Source(path, path, faults=(_too_large("bytes", settings),))
        return Source(path, path, data)
    with open(descriptor, "rb", closefd=False) as file:
        return open_stream(path, path, file, settings, packed=packed)


def _read_regular(descriptor: int, size: int, limit: int) -> bytes | None:
    """A file of ``size`` bytes, whose size may change meanwhile; None if it exceeds the limit."""
    if size > limit:
        return None
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data  # One byte more was asked for, so this is the end.
    pieces = [data]
    size = len(data)
    while piece := os.read(descriptor, min(_PIECE, limit + 1 - size)):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            return None
    return b"".join(pieces)


def open_member(
    path: str,
    member: str,
    stream: BinaryIO,
    settings: Settings,
    unpacked: Callable[[int], object] | None = None,
) -> Source:
    """Read one payload of an archive, up to the limit on size.

    Args:
        path: The archive.
        member: The member's name.
        stream: Its bytes.
        settings: What limits its size, unpacked.
        unpacked: If the member is packed by itself: what is told how many bytes have been unpacked,
            as they are. It may raise, to stop that.

    Raises:
        Exception: What the archive's own reader raises where the archive is broken.
    """
    packed = unpacked is not None
    source = open_stream(path, None, stream, settings, packed=packed, unpacked=unpacked)
    return source._replace(member=member)


def open_stdin(settings: Settings) -> Source:
    """Read standard input, up to the limit on size.

    Raises:
        OSError: It is closed or cannot be read.
    """
    stdin: TextIO | None = sys.stdin
    if stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    return open_stream("<stdin>", None, stdin.buffer, settings, packed=None)


def display_name(path: str) -> str:
    """``path`` as reports write it: one line of printable text, whatever the name holds.

    Build servers read commands after ``##[`` and ``##vso[``, wherever they are printed. No name is
    one.
    """
    shown = path if path.isprintable() else "".join(map(_displayed, path))
    return shown.replace("##", "#\\x23") if "##" in shown else shown


def starting_name(path: str) -> str:
    """``display_name(path)`` for the start of a line, where ``::`` begins a command of GitHub's."""
    shown = display_name(path)
    return shown.replace(":", "\\x3a", 1) if shown.lstrip().startswith("::") else shown


def _displayed(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":  # Python's sign for a byte that is no UTF-8.
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def open_stream(
    name: str,
    path: str | None,
    stream: BinaryIO,
    settings: Settings,
    *,
    packed: bool | None,
    unpacked: Callable[[int], object] | None = None,
) -> Source:
    """Read a stream up to the limit on size.

    Args:
        name: How reports call it.
        path: The file that it comes from, if it comes from one.
        stream: Its bytes.
        settings: What limits its size.
        packed: Whether it is packed by gzip; None if that is told by how it starts.
        unpacked: As for ``open_member``.

    Raises:
        OSError: It cannot be read.
        TypeError: It gives text.
    """
    start = _read_some(stream, len(_GZIP_MAGIC))
    while start and len(start) < len(_GZIP_MAGIC) and (more := _read_some(stream, 1)):
        start += more
    if packed is None:
        packed = start == _GZIP_MAGIC
    try:
        if packed:
            data = _read_packed(start, stream, settings, unpacked)
        else:
            data = _read(start, stream, settings)
    except _TooLarge:
        kind = "unpacked bytes" if packed else "bytes"
        return Source(name, path, faults=(_too_large(kind, settings),))
    except _BrokenCompression as error:
        message = f"the gzip data cannot be unpacked: {error}"
        if start != _GZIP_MAGIC:
            message = "the data is not gzip, although the file's name ends in .gz"
        return Source(name, path, faults=(Fault(fault.BROKEN_COMPRESSION, message, (), 1, 1),))
    return Source(name, path, data)


def _too_large(kind: str, settings: Settings) -> Fault:
    message = f"there are more {kind} than the limit of {settings.max_bytes:,}"
    return Fault(fault.TOO_LARGE, message, (), 1, 1)


class _Readable(Protocol):
    """What a stream must be able to do; None is the answer of one that does not block."""

    def read(self, size: int, /) -> bytes | None: ...


class _TooLarge(Exception):
    """A stream holds more than the limit."""


class _BrokenCompression(Exception):
    """A packed stream cannot be unpacked."""


def _read(
    start: bytes,
    stream: _Readable,
    settings: Settings,
    told: Callable[[int], object] | None = None,
) -> bytes:
    """The rest of a stream behind ``start``, in pieces: a stream may be short, or have no end.

    ``told`` is told the size of each piece.
    """
    pieces = [start]
    size = len(start)
    while piece := _read_some(stream, min(_PIECE, settings.max_bytes + 1 - size)):
        pieces.append(piece)
        size += len(piece)
        if told is not None:
            told(len(piece))
        if size > settings.max_bytes:
            raise _TooLarge
    return b"".join(pieces)


def _read_some(stream: _Readable, size: int) -> bytes:
    piece = stream.read(size)
    if piece is None:
        raise BlockingIOError(errno.EAGAIN, "the file object has no data yet; make it blocking")
    if not isinstance(piece, bytes):
        raise TypeError("the file object gives text; open it in binary mode, with 'rb'")
    return piece


class _Packed:
    """A packed stream: its first bytes, which have been read already, and the rest of it.

    Its own size is limited, too: gzip may be followed by zeros without end.
    """

    def __init__(self, start: bytes, stream: BinaryIO, limit: int) -> None:
        self.start = start
        self.stream = stream
        self.left = limit

    def read(self, size: int) -> bytes:
        if self.start:
            start, self.start = self.start, b""
            return start
        if self.left <= 0:
            raise _TooLarge
        piece = _read_some(self.stream, size)
        self.left -= len(piece)
        return piece


def _read_packed(
    start: bytes,
    stream: BinaryIO,
    settings: Settings,
    told: Callable[[int], object] | None,
) -> bytes:
    """Unpack gzip, member by member, never more than the limit at a time: it may be a bomb."""
    import gzip
    import zlib

    packed: Any = _Packed(start, stream, settings.max_bytes)
    try:
        with gzip.GzipFile(fileobj=packed, mode="rb") as unpacked:
            return _read(b"", unpacked, settings, told)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _BrokenCompression(error) from error


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file that is either whole or not there, packed if its name ends in ``.gz``.

    The bytes go to a new file beside it, which then takes its name. A link is followed; a device
    or a pipe is written to directly, for it cannot be replaced.

    Raises:
        OSError: The file cannot be written. What stood there before stands there still.
    """
    if _is_packed(path):
        import gzip

        data = gzip.compress(data, mtime=0)  # No date: the same result makes the same file.
    with _replacing(path) as file:
        file.write(data)


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Write a file piece by piece: as ``write_whole`` does it, once the block has ended.

    Raises:
        OSError: As for ``write_whole``; at the start of the block, if nothing can be written there.
    """
    with _replacing(path) as file:
        if not _is_packed(path):
            yield file
            return
        import gzip

        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            yield cast(BinaryIO, packed)


def _is_packed(path: str | os.PathLike[str]) -> bool:
    return os.fsdecode(path).endswith(".gz")


@contextmanager
def _replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A new file that takes the name ``path`` when the block ends, unless the block fails."""
    import secrets
    import shutil

    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as file:
            yield file
        return
    target = os.path.realpath(path)
    new = os.path.join(os.path.dirname(target), f".{secrets.token_hex(8)}.new")
    try:
        with open(new, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(target):
            shutil.copymode(target, new)
        os.replace(new, target)
    except BaseException as error:
        try:
            os.unlink(new)
        except FileNotFoundError:
            pass
        if isinstance(error, OSError) and error.filename == new:
            error.filename = os.fspath(path)  # The caller never heard of the new file.
        raise
