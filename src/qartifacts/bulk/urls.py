"""What URLs stand for: files, and in stores what globs match and what a walk finds.

It is found, left out and put in order as on this machine. Names of one directory at a time are held
in memory, and a directory is asked for when it is its turn.
"""

from __future__ import annotations

from collections.abc import Iterator

from qartifacts.bulk.items import UNOPENED, UNREADABLE, Item
from qartifacts.bulk.sources import (
    ARCHIVES,
    FOLDERS_OF_OTHERS,
    GONE,
    LINES,
    MARKS_OF_OTHERS,
    TAKEN,
    UNMATCHED,
    Excluded,
    has_magic,
    matches,
    names_of_glob,
)
from qartifacts.remote import Location, located
from qartifacts.remote.directories import Entry, entries, is_directory

__all__ = ["locate_url"]


def locate_url(url: str, *, literal: bool, excluded: Excluded | None) -> Iterator[Item]:
    """The files that a URL stands for, in their order.

    Args:
        url: Of whatever scheme; of one that is not read it is a finding.
        literal: Whether no character of it is special.
        excluded: What a walk leaves out.

    Raises:
        MissingExtra: What opens URLs of its scheme is not installed.
    """
    try:
        location = located(url)
    except OSError as error:
        yield Item(str(error.filename), named=True).unreadable(error)
        return
    if not location.has_directories:
        yield _without_directories(location, literal=literal)
    elif not literal and has_magic(location.path):
        yield from _expand(location, excluded)
    elif location.url.endswith("/"):
        yield from _walk(location, excluded, named=True)
    elif location.url.endswith(TAKEN):
        # A question for each of a long list would take as long as reading it. A directory of such
        # a name is named with a slash at its end.
        yield _item(location, named=True)
    else:
        try:
            is_folder = is_directory(location)
        except OSError as error:
            yield Item(location.name, named=True).unreadable(error)
            return
        if is_folder:
            yield from _walk(location, excluded, named=True)
        else:
            yield _item(location, named=True)


def _without_directories(location: Location, *, literal: bool) -> Item:
    if location.name.endswith("/") or (not literal and "*" in location.name):
        why = "behind https:// there are no directories to look into; name each file"
        return Item(location.name, named=True, code=UNREADABLE, why=why)
    return _item(location, named=True)


def _item(location: Location, *, named: bool) -> Item:
    # Lines and archives are read by this process anyway.
    is_stream = location.is_only_here and not location.name.endswith((*LINES, *ARCHIVES))
    return Item(location.name, named=named, url=location.url, is_stream=is_stream)


def _walk(root: Location, excluded: Excluded | None, *, named: bool) -> Iterator[Item]:
    """Files below a directory that may be results, and what cannot be looked into.

    ``named`` says that the directory was named by the caller, so that it should be there.
    """
    waiting = [root.url]
    while waiting:
        here = waiting.pop()
        prefix = here if here.endswith("/") else here + "/"
        try:
            found = entries(located(here))
        except OSError as error:
            yield Item(here, named=named).unreadable(error)
            found = []
        named = False
        files = sorted({each.name for each in found if not each.is_directory and _is_taken(each)})
        if any(each.name in MARKS_OF_OTHERS for each in found if not each.is_directory):
            continue
        for name in files:
            if excluded is None or not excluded(prefix + name):
                yield _item(located(prefix + name), named=False)
        folders = {each.name for each in found if each.is_directory and _is_entered(each)}
        if "" in folders:
            why = "there is a directory without a name, which a walk does not enter"
            yield Item(prefix + "/", code=UNOPENED, why=why)
        waiting += [
            prefix + name
            for name in sorted(folders - {""}, reverse=True)
            if excluded is None or not excluded(prefix + name + "/")
        ]


def _is_taken(entry: Entry) -> bool:
    return entry.name.endswith(TAKEN) and not entry.name.startswith(".")


def _is_entered(entry: Entry) -> bool:
    return not entry.name.startswith(".") and entry.name not in FOLDERS_OF_OTHERS


def _expand(pattern: Location, excluded: Excluded | None) -> Iterator[Item]:
    """What a glob stands for, as on this machine. What cannot be looked into is a finding."""
    root, separator, rest = pattern.url.partition("://")
    parts = [part for part in rest.split("/") if part]
    fixed = next(at for at, part in enumerate(parts) if has_magic(part))
    start = root + separator + "/".join(parts[:fixed])
    only_folders = rest.endswith("/")
    failed: list[Item] = []

    def look(here: str) -> Iterator[tuple[str, bool, bool]]:
        try:
            found = entries(located(here))
        except FileNotFoundError:
            return
        except OSError as error:
            failed.append(Item(here, named=True).unreadable(error))
            return
        for entry in set(found):
            if entry.name:
                yield entry.name, entry.is_directory, True

    found = False
    for path, is_folder in matches(start, names_of_glob(parts[fixed:]), look, _joined):
        yield from failed
        found = found or bool(failed)
        failed.clear()
        if is_folder:
            found = True
            yield from _walk(located(path), excluded, named=True)
        elif not only_folders:
            found = True
            yield _item(located(path), named=True)
    yield from failed
    if not found and not failed:
        yield Item(pattern.name, named=True, code=UNREADABLE, why=f"{GONE}, {UNMATCHED}")


def _joined(folder: str, name: str) -> str:
    return folder + name if folder.endswith("/") else f"{folder}/{name}"
