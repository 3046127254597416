"""What is to be checked: paths that were named, what globs stand for, and what a walk finds.

Within a directory, files come in the order of their names, then its directories likewise. Names of
one directory at a time are held in memory, so a store may be of any size.
"""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO, Final

from qartifacts.bulk.items import UNOPENED, UNREADABLE, Item, Terms, why_unreadable
from qartifacts.registry import LOCKFILE
from qartifacts.remote import is_url, open_url
from qartifacts.source import open_path, open_stdin
from qartifacts.stored.names import JOB_RECORD

__all__ = [
    "ARCHIVES",
    "FOLDERS_OF_OTHERS",
    "GONE",
    "LINES",
    "MARKS_OF_OTHERS",
    "TAKEN",
    "UNMATCHED",
    "Excluded",
    "has_magic",
    "is_left_out",
    "is_result",
    "listed_paths",
    "locate",
    "locate_changed",
    "matches",
    "names_of_glob",
    "payloads_of",
]

#: Endings of files that hold many payloads: as members, or one a line.
ARCHIVES: Final = (".tar", ".tar.gz", ".tgz", ".zip")
LINES: Final = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_SINGLE: Final = (".json", ".json.gz")
#: What a walk takes for results.
_RESULTS: Final = (*_SINGLE, *LINES)
TAKEN: Final = (*_RESULTS, *ARCHIVES)
#: Folders that a walk does not enter, by name and by a file that marks them.
FOLDERS_OF_OTHERS: Final = frozenset({"node_modules", "site-packages", "__pycache__"})
MARKS_OF_OTHERS: Final = frozenset({"pyvenv.cfg", LOCKFILE})

#: Whether a file or directory is left out of a walk; the path of a directory ends in a separator.
Excluded = Callable[[str], bool]

GONE: Final = "there is no such file or directory"
UNMATCHED: Final = "and nothing that it matches"


def locate(
    paths: Iterable[str], *, literal: bool = False, excluded: Excluded | None = None
) -> Iterator[Item]:
    """The files that paths stand for, in their order.

    A directory is walked. ``"-"`` is standard input, and a path that is not there and has a ``*``,
    ``?`` or ``[`` in it is taken for a glob, unless they are meant to be ``literal``. What the
    caller named is never ``excluded``.

    Raises:
        MissingExtra: One is a URL, and what opens those of its scheme is not installed.
    """
    for path in paths:
        if is_url(path):
            from qartifacts.bulk.urls import locate_url

            yield from locate_url(path, literal=literal, excluded=excluded)
            continue
        if path == "-" and not literal:
            yield Item(path, named=True, is_stream=True)
            continue
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError):
            if not literal and _is_glob(path) and not os.path.lexists(path):
                yield from _expand(path, excluded)
            else:
                yield Item(path, named=True)  # Opening it will say why it cannot be opened.
            continue
        if S_ISDIR(mode):
            yield from _walk(path, excluded)
        else:
            yield Item(path, named=True, is_stream=not S_ISREG(mode))


def locate_changed(paths: Iterable[str], terms: Terms) -> Iterator[Item]:
    """Those of changed files that may be results, each with the others of its stored job.

    They are told as in a walk, or by the configuration. A job record says what the files beside it
    are, so a change of one of them, or of the record, concerns them all.
    """
    folders: dict[str, dict[str, None]] = {}
    for path in paths:
        folders.setdefault(os.path.dirname(path), {})[path] = None
    for folder, changed in folders.items():
        names = _names_in(folder or os.curdir)
        if not names.isdisjoint(MARKS_OF_OTHERS):
            continue
        results = {
            path for path in changed if path.endswith(TAKEN) or terms.format_for(path) is not None
        }
        if JOB_RECORD in names:
            results |= {
                os.path.join(folder, name)
                for name in names
                if name.endswith(TAKEN) and not name.startswith(".")
            }
        for path in sorted(results):
            if not terms.is_excluded(path):
                yield Item(path, named=not os.path.lexists(path))


def _names_in(folder: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))
    except (OSError, ValueError):
        return frozenset()  # Opening the file says why.


def is_result(name: str) -> bool:
    """Whether a walk would take a member of an archive for a result, by its name within."""
    *folders, file = name.split("/")
    return file.endswith(_RESULTS) and not is_left_out((*folders, file))


def is_left_out(names: Iterable[str]) -> bool:
    """Whether a walk would pass over any of the names that lead to a member of an archive."""
    return any(
        name in FOLDERS_OF_OTHERS or (name.startswith(".") and name not in (".", ".."))
        for name in names
    )


def listed_paths(stream: BinaryIO) -> Iterator[str]:
    """The paths in a list: one a line, or parted by NULs where it holds any; without empty ones.

    Raises:
        UnicodeError: It is in UTF-16, in which every other byte would part two paths.
        OSError: It cannot be read.
    """
    # What is there already, as whoever writes the list may be slow.
    read = getattr(stream, "read1", stream.read)
    rest = b""
    while len(rest) < _LONGEST_PATH and b"\0" not in rest and b"\n" not in rest:
        piece = read(_PIECE)
        if not piece:
            break
        rest += piece
    if rest.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise UnicodeError("it is in UTF-16; write it in UTF-8")
    parting = b"\0" if b"\0" in rest else b"\n"
    rest = rest.removeprefix(BOM_UTF8)
    skipping = False
    while True:
        *paths, rest = rest.split(parting)
        for path in paths:
            if not skipping:
                yield from _decoded(path, parting)
            skipping = False
        if len(rest) > _LONGEST_PATH:
            if not skipping:
                yield from _decoded(rest[:_LONGEST_PATH], parting)  # Which cannot be opened.
            rest, skipping = b"", True
        piece = read(_PIECE)
        if not piece:
            break
        rest += piece
    if not skipping:
        yield from _decoded(rest, parting)


#: More than a path may have on any system.
_LONGEST_PATH: Final = 1 << 16
_PIECE: Final = 1 << 16


def _decoded(path: bytes, parting: bytes) -> Iterator[str]:
    if parting == b"\n":
        path = path.removesuffix(b"\r")
    if path:
        try:
            yield os.fsdecode(path)
        except UnicodeDecodeError:  # Windows: the list is in another encoding.
            yield path.decode("utf-8", "replace")


def payloads_of(files: Iterable[Item], terms: Terms) -> Iterator[Item]:
    """Items of files as items of payloads, in their order.

    Archives and files of many lines are read here, payload by payload, and so is what can be
    opened only by this process. Other files are left to who checks them.
    """
    for item in files:
        path = item.path
        if (path.endswith(_SINGLE) and not item.is_stream) or item.code:
            yield item
        elif item.is_stream:
            yield _read_here(item, terms)
        elif path.endswith(LINES):
            from qartifacts.bulk.members import items_of_lines

            yield from items_of_lines(item, terms.settings_for(path))
        elif path.endswith(ARCHIVES):
            from qartifacts.bulk.members import items_of_archive

            yield from items_of_archive(item, terms.settings_for(path))
        else:
            yield item


def _read_here(item: Item, terms: Terms) -> Item:
    settings = terms.settings_for(None)
    if item.path.endswith((*LINES, *ARCHIVES)):
        return item.unchecked(UNREADABLE, "what holds many payloads is read from files alone")
    try:
        if item.url:
            source = open_url(item.url, settings)
        else:
            source = open_stdin(settings) if item.path == "-" else open_path(item.path, settings)
    except OSError as error:
        return item.unreadable(error)
    return Item(source.name, item.named, source)


# --------------------------------------------------------------------------------------------------
# Walks


def _walk(folder: str, excluded: Excluded | None) -> Iterator[Item]:
    """Files below a folder that may be results, and what cannot be looked into."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        prefix = os.path.join(here, "")
        files: list[str] = []
        folders: list[str] = []
        others: dict[str, tuple[str, str]] = {}
        marked = False
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    name = entry.name
                    if name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(name)
                    elif name in MARKS_OF_OTHERS:
                        marked = True
                    elif entry.is_file(follow_symlinks=False):
                        if name.endswith(TAKEN):
                            files.append(name)
                    elif (fault := _fault_of(entry)) is not None:
                        files.append(name)
                        others[name] = fault
        except OSError as error:
            yield Item(here, named=here == folder).unreadable(error)
            continue
        if marked:
            continue
        files.sort()
        for name in files:
            path = prefix + name
            code, why = others.get(name, _FINE)
            if excluded is not None and excluded(path + os.sep if code == UNOPENED else path):
                continue
            yield Item(path, code=code, why=why) if code else Item(path)
        folders.sort(reverse=True)
        waiting += [
            prefix + name
            for name in folders
            if name not in FOLDERS_OF_OTHERS
            and (excluded is None or not excluded(prefix + name + os.sep))
        ]


_FINE: Final = ("", "")
_NO_FILE: Final = "it cannot be read: it is not a regular file"


def _fault_of(entry: os.DirEntry[str]) -> tuple[str, str] | None:
    """What keeps a link, a pipe or the like from being checked: code and words, empty if nothing.

    None if it is nothing that a walk takes.
    """
    is_taken = entry.name.endswith(TAKEN)
    if entry.is_symlink():
        try:
            mode = entry.stat().st_mode
        except OSError as error:  # It leads nowhere, or in a circle.
            return (UNREADABLE, why_unreadable(error)) if is_taken else None
        if S_ISDIR(mode):
            return UNOPENED, "it is a link to a directory, which a walk does not follow"
        if is_taken and S_ISREG(mode):
            return _FINE
    if not is_taken:
        return None
    return UNREADABLE, _NO_FILE


# --------------------------------------------------------------------------------------------------
# Globs

_MAGIC: Final = re.compile(r"[*?[]")
_ANY_FOLDERS: Final = "**"


def has_magic(path: str) -> bool:
    """Whether a path without a drive has characters that are special in globs."""
    return _MAGIC.search(path) is not None


def _is_glob(path: str) -> bool:
    return has_magic(os.path.splitdrive(path)[1])


def _expand(pattern: str, excluded: Excluded | None) -> Iterator[Item]:
    """What a glob stands for; a directory among it is walked.

    ``**`` is any number of directories, and links to directories are not among them. Hidden names
    are only matched by names that start with a dot, too.
    """
    drive, rest = os.path.splitdrive(pattern)
    parts = [part for part in re.split(_SEPARATORS, rest) if part not in ("", ".")]
    fixed = next(at for at, part in enumerate(parts) if _MAGIC.search(part))
    root = drive + (os.sep if rest[:1] in (os.sep, os.altsep) else "")
    start = os.path.join(root, *parts[:fixed])
    names = names_of_glob(parts[fixed:])
    found = False
    only_folders = rest.endswith(tuple(filter(None, (os.sep, os.altsep))))
    unseen: list[Item] = []

    def look(here: str) -> Iterator[tuple[str, bool, bool]]:
        try:
            with os.scandir(here or os.curdir) as entries:
                for entry in entries:
                    yield entry.name, _is_folder(entry), not entry.is_symlink()
        except OSError as error:
            unseen.append(Item(here).unreadable(error))

    is_there = os.path.isdir(start or os.curdir)
    for path, is_folder in matches(start, names, look, os.path.join) if is_there else ():
        yield from unseen
        unseen.clear()
        if is_folder:
            found = True
            yield from _walk(path, excluded)
        elif not only_folders:
            found = True
            yield _matched(path)
    yield from unseen
    if not found:
        yield Item(pattern, named=True, code=UNREADABLE, why=f"{GONE}, {UNMATCHED}")


def _matched(path: str) -> Item:
    """A file that a glob matches; reading a pipe would wait for whoever writes to it."""
    try:
        is_regular = S_ISREG(os.stat(path).st_mode)
    except OSError:
        is_regular = True  # Opening it will say why it cannot be opened.
    return Item(path, named=True) if is_regular else Item(path, True, code=UNREADABLE, why=_NO_FILE)


_SEPARATORS: Final = f"[{re.escape(os.sep + (os.altsep or ''))}]"


class _Name:
    """One name of a glob, which stands for names of files; or ``**``, which stands for folders."""

    def __init__(self, glob: str) -> None:
        import fnmatch

        self.any_folders: Final = glob == _ANY_FOLDERS
        self._hidden: Final = glob.startswith(".")
        pattern = re.compile(fnmatch.translate(os.path.normcase(glob)))
        self._matches: Final = pattern.match

    def matches(self, name: str) -> bool:
        if self.any_folders or (name.startswith(".") and not self._hidden):
            return False
        return self._matches(os.path.normcase(name)) is not None


def names_of_glob(parts: Iterable[str]) -> list[_Name]:
    """The names of a glob, from those that its separators part."""
    names: list[_Name] = []
    for part in parts:
        # Two in a row are any number of directories, too.
        if not (part == _ANY_FOLDERS and names and names[-1].any_folders):
            names.append(_Name(part))
    return names


#: What is in a directory: names, whether each is a directory, and whether ``**`` goes into it.
Look = Callable[[str], Iterator[tuple[str, bool, bool]]]


def matches(
    start: str, names: list[_Name], look: Look, join: Callable[[str, str], str]
) -> Iterator[tuple[str, bool]]:
    """Paths below ``start`` that match, each once, and whether it is a directory.

    While going down, it is held which of the names could come next: after ``a/**/b`` has met ``a``
    and ``b``, both another ``b`` and, for ``**``, anything else can.
    """
    end = len(names)
    waiting = [(start, _possible({0}, names))]
    while waiting:
        here, nexts = waiting.pop()
        if end in nexts:  # Which stands for everything in it.
            yield here, True
            continue
        files: list[str] = []
        below: list[tuple[str, set[int]]] = []
        for name, is_folder, is_entered in look(here):
            after = {at + 1 for at in nexts if names[at].matches(name)}
            if not is_folder:
                if end in after:
                    files.append(name)
                continue
            if is_entered and not is_left_out([name]):
                after |= {at for at in nexts if names[at].any_folders}
            if after:
                below.append((join(here, name), _possible(after, names)))
        for name in sorted(files):
            yield join(here, name), False
        waiting += sorted(below, key=itemgetter(0), reverse=True)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a directory, or leads to one."""
    try:
        return entry.is_dir()
    except OSError:  # A link in a circle.
        return False


def _possible(nexts: set[int], names: list[_Name]) -> set[int]:
    """``nexts``, and what can come next because ``**`` may stand for no directory at all."""
    possible = set()
    for at in nexts:
        possible.add(at)
        while at < len(names) and names[at].any_folders:
            at += 1
            possible.add(at)
    return possible
