"""What a check reads, and how a file is written: paths, standard input, bytes, objects.

A source names itself for reports. Where it cannot be read whole (too large, broken compression),
it carries the fault instead of data; where it cannot be opened at all, Python's own ``OSError``
goes to the caller.
"""

from __future__ import annotations

import gzip
import os
import secrets
import shutil
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias, Union

from qartifacts.config import Settings
from qartifacts.jsontext import Fault, fault

__all__ = ["Source", "SourceLike", "display_name", "open_source", "write_whole"]

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


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to check.

    Attributes:
        name: How reports call it: the path as it was given, ``<stdin>``, ``<bytes>``, ...
        path: The file it came from, if it came from one.
        data: Its JSON text; None for a parsed payload.
        value: The parsed payload, where ``data`` is None.
        faults: Why it could not be read whole, if so; then data and value are empty.
    """

    name: str
    path: str | None = None
    data: bytes | None = None
    value: Any = None
    faults: tuple[Fault, ...] = ()


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
    if isinstance(given, str) and given.lstrip().startswith(("{", "[")):
        raise ValueError(
            "a str is taken for a path, and this one starts like JSON text; "
            "pass the text as bytes: text.encode()"
        )
    if isinstance(given, str) and given == "-":
        return _from_stream("<stdin>", None, sys.stdin.buffer, settings)
    if isinstance(given, (str, os.PathLike)):
        path = os.fsdecode(given)
        with open(path, "rb") as file:
            return _from_stream(display_name(path), path, file, settings)
    if callable(getattr(given, "read", None)):
        name = getattr(given, "name", None)
        shown = f"<{display_name(name)}>" if isinstance(name, str) else "<file>"
        return _from_stream(shown, None, given, settings)
    raise TypeError(
        "expected a path, bytes, a binary file object, a dict or a list, "
        f"not {type(given).__name__}"
        + ("; call tolist() or dict() first" if isinstance(given, Mapping) else "")
    )


def display_name(path: str) -> str:
    """``path`` as reports write it, one line of printable text whatever the name holds."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _from_stream(name: str, path: str | None, stream: BinaryIO, settings: Settings) -> Source:
    start = stream.read(len(_GZIP_MAGIC))
    if not isinstance(start, bytes):
        raise TypeError("the file object gives text; open it in binary mode, with 'rb'")
    packed = path is not None and path.endswith(".gz")
    if path is None and start == _GZIP_MAGIC:
        packed = True
    try:
        data = _read_packed(start, stream, settings) if packed else _read(start, stream, settings)
    except _TooLarge:
        kind = "unpacked bytes" if packed else "bytes"
        message = f"there are more {kind} than the limit of {settings.max_bytes:,}"
        return Source(name, path, faults=(Fault(fault.TOO_LARGE, message, (), 1, 1),))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = f"the gzip data cannot be unpacked ({error})"
        return Source(name, path, faults=(Fault(fault.BROKEN_COMPRESSION, message, (), 1, 1),))
    return Source(name, path, data)


class _TooLarge(Exception):
    """A stream holds more than the limit."""


def _read(start: bytes, stream: BinaryIO, settings: Settings) -> bytes:
    """The rest of a stream behind ``start``, in pieces: a stream may be short, or have no end."""
    pieces = [start]
    size = len(start)
    while piece := stream.read(min(_PIECE, settings.max_bytes + 1 - size)):
        pieces.append(piece)
        size += len(piece)
        if size > settings.max_bytes:
            raise _TooLarge
    return b"".join(pieces)


class _Rejoined:
    """A stream whose first bytes have been read already, joined to them again."""

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        self.start = start
        self.stream = stream

    def read(self, size: int = -1) -> bytes:
        if self.start:
            start, self.start = self.start, b""
            return start
        return self.stream.read(size)


def _read_packed(start: bytes, stream: BinaryIO, settings: Settings) -> bytes:
    """Unpack gzip, member by member, never more than the limit at a time: it may be a bomb."""
    with gzip.GzipFile(fileobj=_Rejoined(start, stream), mode="rb") as unpacked:  # type: ignore[call-overload]
        return _read(b"", unpacked, settings)


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file that is either whole or not there, packed if its name ends in ``.gz``.

    The bytes go to a new file beside it, which then takes its name. A link is followed; a device
    or a pipe is written to directly, for it cannot be replaced.

    Raises:
        OSError: The file cannot be written. What stood there before stands there still.
    """
    target = os.path.realpath(path)
    if target.endswith(".gz"):
        data = gzip.compress(data, mtime=0)  # No date: the same result makes the same file.
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb") as file:
            file.write(data)
        return
    folder, name = os.path.split(target)
    new = os.path.join(folder, f".{name}.{secrets.token_hex(4)}.new")
    try:
        with open(new, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(target):
            shutil.copymode(target, new)
        os.replace(new, target)
    except BaseException:
        try:
            os.unlink(new)
        except FileNotFoundError:
            pass
        raise
