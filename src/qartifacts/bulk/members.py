"""From files to payloads: members of archives, and lines, one by one, without unpacking to disk.

Archives are hostile until they are read: names of members lead nowhere, since nothing is written;
what they unpack to is bounded, by member and in all; and what is no file is not opened.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, Final

from qartifacts.bulk.items import UNOPENED, UNREADABLE, Item
from qartifacts.bulk.sources import ARCHIVES, LINES, is_left_out, is_result
from qartifacts.config import Settings
from qartifacts.jsontext import Fault, fault
from qartifacts.source import Source, open_member

__all__ = ["items_of_archive", "items_of_lines"]

_BROKEN_GZIP: Final = (gzip.BadGzipFile, zlib.error, EOFError)
#: What the readers of archives raise where one is broken. The last ones come out of their depths,
#: for numbers that make no sense, names that are no text, and headers of headers without end.
_BROKEN: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    *_BROKEN_GZIP,
    NotImplementedError,
    struct.error,
    ArithmeticError,
    LookupError,
    ValueError,
    RecursionError,
)
_BLOCK: Final = 512
_PIECE: Final = 1 << 16
#: What stands between two members of a tar file: headers, and the names and times that they hold.
_LARGEST_HEADERS: Final = 1 << 20
#: The directory of a zip file, with a hundred bytes for the name of each of a million members.
_LARGEST_DIRECTORY: Final = 1 << 28
#: Longer names of members are cut in reports.
_LONGEST_NAME: Final = 1024

_GZIP_MAGIC: Final = b"\x1f\x8b"
#: How the last record of a zip file starts, and its bytes without the comment.
_MARK_OF_END: Final = b"PK\x05\x06"
_END_OF_ZIP: Final = 22
_ENTRY_OF_ZIP: Final = b"PK\x01\x02"
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 1
_UNIX: Final = 3

_A_LINK: Final = "it is a link, which is not followed"
_NO_FILE: Final = "it is no regular file"
_AN_ARCHIVE: Final = "it is an archive within an archive"


class _TooMuch(Exception):
    """A limit is exceeded; the argument says which, in words."""


class _Budget:
    """Bytes that may still be unpacked."""

    def __init__(self, settings: Settings) -> None:
        self._most: Final = settings.max_unpacked
        self._left = settings.max_unpacked

    def take(self, size: int) -> None:
        """Count bytes that have been unpacked."""
        self._left -= size
        if self._left < 0:
            raise _TooMuch(f"it unpacks to more than the limit of {self._most:,} bytes")


def items_of_archive(whole: Item, settings: Settings) -> Iterator[Item]:
    """The results in an archive, in its order, and what of it is not opened.

    Which members are results is told as in a walk. What is wrong with the archive itself comes
    last, for what stands before it could be read.
    """
    members = _of_zip if whole.path.endswith(".zip") else _of_tar
    any_item = False
    try:
        with _opened(whole, in_parts=members is _of_zip) as file:
            for item in members(whole, file, settings):
                any_item = True
                yield item
    except _TooMuch as error:
        yield whole.unchecked(fault.TOO_LARGE, f"reading stopped here: {error}")
    except _BROKEN as error:
        yield whole.unchecked(
            fault.BROKEN_COMPRESSION, f"the archive cannot be read on: {_said_by(error)}"
        )
    except OSError as error:
        yield whole.unreadable(error)
    else:
        if not any_item:
            yield whole.unchecked(UNOPENED, "there is no result in this archive")


def _opened(whole: Item, *, in_parts: bool = False) -> BinaryIO:
    """The file of an item, to be read from its start to its end, or in parts.

    Raises:
        OSError: It cannot be opened.
        MissingExtra: It is behind a URL, and what opens that is not installed.
    """
    if not whole.url:
        return open(whole.path, "rb")
    from qartifacts.remote import located
    from qartifacts.remote.files import open_for_parts, open_for_reading

    return (open_for_parts if in_parts else open_for_reading)(located(whole.url))


def _said_by(error: Exception) -> str:
    # Some readers quote what they have read.
    said = str(error)[:200] or type(error).__name__
    return said if said.isprintable() else ascii(said)


def _count(number: int, settings: Settings) -> None:
    if number > settings.max_members:
        raise _TooMuch(f"it has more members than the limit of {settings.max_members:,}")


def _shown(name: str) -> str:
    """A member's name as reports call it."""
    if len(name) <= _LONGEST_NAME:
        return name
    half = _LONGEST_NAME // 2
    return f"{name[:half]}...{name[-half:]}"


def _is_wanted(name: str) -> bool:
    """Whether a member by its name is a result, or an archive."""
    return is_result(name) or (name.endswith(ARCHIVES) and not is_left_out(name.split("/")))


def _payloads(
    whole: Item, name: str, stream: BinaryIO, settings: Settings, budget: _Budget
) -> Iterator[Item]:
    """The payload in a member, or those on its lines.

    The bytes of the stream have been counted by who gives it; what they unpack to, if they are
    packed once more, has not.
    """
    shown = _shown(name)
    packed = name.endswith(".gz")
    if name.endswith(LINES):
        inner = whole._replace(named=False)
        try:
            yield from _of_lines(inner, stream, settings, budget if packed else None, shown)
        except _BROKEN_GZIP as error:
            if not packed:
                raise
            # If it is the archive that is broken, its reader will say so, too.
            yield whole.unchecked(fault.BROKEN_COMPRESSION, _said_by(error), shown)
        return
    source = open_member(whole.path, shown, stream, settings, budget.take if packed else None)
    yield Item(whole.path, source=source, member=shown)


# --------------------------------------------------------------------------------------------------
# tar


class _Unpacked:
    """The bytes of a tar file as it is read; no more than a limit, nor than what is allowed now.

    ``tarfile`` believes a header how much there is to read at once.

    Attributes:
        allowed: Bytes that may be read before this is set anew.
    """

    def __init__(self, stream: Any, budget: _Budget | None) -> None:
        self._stream: Final = stream
        self._budget: Final = budget
        self._end = 0
        self._ended = False
        self._last = b""
        self.allowed = _LARGEST_HEADERS

    def read(self, size: int, /) -> bytes:
        if self.allowed <= 0:
            raise _TooMuch("there is more in front of a member than any program writes")
        piece: bytes = self._stream.read(size)
        if self._budget is not None:
            self._budget.take(len(piece))
        self.allowed -= len(piece)
        if piece:
            self._last = piece
            self._end += len(piece)
        elif self._ended:
            # A member said to be larger than any disk would be looked for block by block.
            raise tarfile.ReadError("it ends within a member")
        else:
            self._ended = True
        return piece

    def check_end(self, offset: int) -> None:
        """Hold what is left against what should be: a block of zeros at ``offset``, then zeros.

        ``tarfile`` takes whatever is no header for the end of the archive.
        """
        rest = self._last[len(self._last) - (self._end - offset) :]
        if self._end - offset < _BLOCK:
            raise tarfile.ReadError("it ends without the mark of its end")
        while rest:
            if rest.strip(b"\0"):
                raise tarfile.ReadError("something else follows where a header should")
            self.allowed = _LARGEST_HEADERS
            rest = b"" if self._ended else self.read(_PIECE)


class _Rejoined:
    """A file whose first bytes have been read. What is behind a URL cannot be wound back."""

    def __init__(self, start: bytes, file: BinaryIO) -> None:
        self._start = start
        self._file: Final = file

    def read(self, size: int, /) -> bytes:
        start, self._start = self._start[:size], self._start[size:]
        return start or self._file.read(size)


def _of_tar(whole: Item, file: BinaryIO, settings: Settings) -> Iterator[Item]:
    start = file.read(len(_GZIP_MAGIC))
    whole_file: Any = _Rejoined(start, file)
    budget = _Budget(settings)
    if start == _GZIP_MAGIC:
        unpacked: Any = _Unpacked(gzip.GzipFile(fileobj=whole_file), budget)
    else:
        unpacked = _Unpacked(whole_file, None)
    archive: Any  # Its list of members is documented, but not declared.
    with tarfile.open(
        fileobj=unpacked, mode="r|", encoding="utf-8", errors="surrogateescape"
    ) as archive:
        number = 0
        while (member := archive.next()) is not None:
            number += 1
            _count(number, settings)
            if member.size < 0:
                raise tarfile.ReadError("a member is less than empty")
            unpacked.allowed = member.size + _LARGEST_HEADERS
            archive.members = []  # They are remembered, and there may be many.
            yield from _of_tar_member(whole, archive, member, settings, budget)
        unpacked.check_end(archive.offset)


def _of_tar_member(
    whole: Item,
    archive: tarfile.TarFile,
    member: tarfile.TarInfo,
    settings: Settings,
    budget: _Budget,
) -> Iterator[Item]:
    if member.isdir() or not _is_wanted(member.name):
        return
    why = ""
    if member.issym() or member.islnk():
        why = _A_LINK
    elif not member.isreg() or member.issparse():
        why = _NO_FILE
    elif member.name.endswith(ARCHIVES):
        why = _AN_ARCHIVE
    if why:
        yield whole.unchecked(UNOPENED, why, _shown(member.name))
        return
    stream: Any = archive.extractfile(member)
    yield from _payloads(whole, member.name, stream, settings, budget)


# --------------------------------------------------------------------------------------------------
# zip


class _Counted(io.RawIOBase):
    """A member's bytes, which are counted as they are read."""

    def __init__(self, stream: IO[bytes], budget: _Budget) -> None:
        self._stream: Final = stream
        self._budget: Final = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        piece = self._stream.read(len(buffer))
        self._budget.take(len(piece))
        buffer[: len(piece)] = piece
        return len(piece)


class _Directory:
    """The file of an archive, while its directory is read: no more than a limit of entries.

    ``zipfile`` reads the directory at once, and makes an object for each of its entries.
    """

    def __init__(self, file: BinaryIO, settings: Settings) -> None:
        self._file: Final = file
        self._settings: Final = settings
        self.is_read = False
        #: What reading has failed of: ``zipfile`` says of any such fault that it is no zip file.
        self.fault: OSError | None = None
        self.seek: Final = file.seek
        self.tell: Final = file.tell
        self.seekable: Final = file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if not self.is_read and size > _LARGEST_DIRECTORY:
            raise _TooMuch(f"its directory has more than {_LARGEST_DIRECTORY:,} bytes")
        try:
            data = self._file.read(size)
        except OSError as error:
            self.fault = error
            raise
        if not self.is_read:
            _count(data.count(_ENTRY_OF_ZIP), self._settings)
        return data


def _of_zip(whole: Item, file: BinaryIO, settings: Settings) -> Iterator[Item]:
    directory: Any = _Directory(file, settings)
    budget = _Budget(settings)
    try:
        archive = zipfile.ZipFile(directory)
    except zipfile.BadZipFile:
        if directory.fault is not None:
            raise directory.fault from None
        raise
    with archive:
        directory.is_read = True
        for member in archive.infolist():
            if not member.is_dir() and _is_wanted(member.filename):
                yield from _of_zip_member(whole, archive, member, settings, budget)
        _check_bounds(archive, file)


def _check_bounds(archive: zipfile.ZipFile, file: BinaryIO) -> None:
    """Refuse what stands around an archive: ``zipfile`` passes over it, as over a first archive."""
    if min((member.header_offset for member in archive.infolist()), default=0) > 0:
        raise zipfile.BadZipFile("something else stands before its first member")
    file.seek(-_END_OF_ZIP - len(archive.comment), os.SEEK_END)
    if file.read(len(_MARK_OF_END)) != _MARK_OF_END:
        raise zipfile.BadZipFile("something else follows its end")


def _of_zip_member(
    whole: Item,
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    settings: Settings,
    budget: _Budget,
) -> Iterator[Item]:
    name = member.filename
    why = ""
    mode = member.external_attr >> 16 if member.create_system == _UNIX else 0
    if stat.S_ISLNK(mode):
        why = _A_LINK
    elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        why = _NO_FILE
    elif name.endswith(ARCHIVES):
        why = _AN_ARCHIVE
    if why:
        yield whole.unchecked(UNOPENED, why, _shown(name))
    elif member.flag_bits & _ENCRYPTED:
        yield whole.unchecked(UNREADABLE, "it is encrypted", _shown(name))
    elif member.compress_type not in _METHODS:
        why = "it is packed by a method other than deflate"
        yield whole.unchecked(UNREADABLE, why, _shown(name))
    else:
        try:
            with archive.open(member) as stream:
                counted = io.BufferedReader(_Counted(stream, budget), _PIECE)
                yield from _payloads(whole, name, counted, settings, budget)
        except _BROKEN as error:  # The others have places of their own, and can be read.
            yield whole.unchecked(fault.BROKEN_COMPRESSION, _said_by(error), _shown(name))


# --------------------------------------------------------------------------------------------------
# Lines


def items_of_lines(whole: Item, settings: Settings) -> Iterator[Item]:
    """The payloads on the lines of a file, but for blank ones."""
    budget = _Budget(settings) if whole.path.endswith(".gz") else None
    try:
        with _opened(whole) as file:
            yield from _of_lines(whole, file, settings, budget)
    except _TooMuch as error:
        yield whole.unchecked(fault.TOO_LARGE, f"reading stopped here: {error}")
    except _BROKEN as error:
        yield whole.unchecked(
            fault.BROKEN_COMPRESSION, f"it cannot be unpacked further: {_said_by(error)}"
        )
    except OSError as error:
        yield whole.unreadable(error)


def _of_lines(
    whole: Item, stream: BinaryIO, settings: Settings, packed: _Budget | None, member: str = ""
) -> Iterator[Item]:
    """An item for each line of a stream, which is ``packed`` if there is a budget for it."""
    lines: Any = stream if packed is None else gzip.GzipFile(fileobj=stream)
    any_item = False
    for number, data in _lines(lines, settings.max_bytes, packed):
        any_item = True
        name = f"{member}:{number}" if member else str(number)
        # Lines of a file go by what its name and its neighbours say, members by their names.
        source = Source(whole.path, None if member else whole.path, data, member=name)
        if data is None:
            message = f"the line has more bytes than the limit of {settings.max_bytes:,}"
            source = source._replace(faults=(Fault(fault.TOO_LARGE, message, (), 1, 1),))
        yield Item(whole.path, whole.named, source, line=number, member=name)
    if not any_item:
        yield whole.unchecked(fault.EMPTY, "there is no line with anything on it", member)


def _lines(
    stream: BinaryIO, limit: int, packed: _Budget | None
) -> Iterator[tuple[int, bytes | None]]:
    """Lines that are not blank, by their numbers; None in the place of one that is too long."""
    number = 0
    longest = limit + len(b"\r\n")
    while line := stream.readline(longest):
        number += 1
        if packed is not None:
            packed.take(len(line))
        data = line.rstrip(b"\r\n")
        if len(data) > limit or (len(line) == longest and not line.endswith(b"\n")):
            while not line.endswith(b"\n") and (line := stream.readline(_PIECE)):
                if packed is not None:
                    packed.take(len(line))
            yield number, None
        elif data.strip():
            yield number, data
