"""Changing a registry directory: all of a change, or nothing of it.

A directory of many files cannot be replaced in one step, but its lockfile can. So documents are
first staged under their digests, then the lockfile is replaced, which is the moment at which the
new state holds, and then the documents go to their places. Whoever reads in between, or after a
process was killed in between, finds by the digest in the lockfile what is not in place yet.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from qartifacts.errors import RegistryError
from qartifacts.identifiers import FormatId
from qartifacts.registry.lockfile import (
    LOCKFILE,
    PREVIOUS,
    SOURCES,
    STAGED,
    Entry,
    document_path,
    lock_bytes,
    read_lock,
    read_sources,
)
from qartifacts.source import write_whole

__all__ = ["GUARD", "locked", "recover", "replace_registry"]

#: Held by whoever changes a registry.
GUARD: Final = ".sync.lock"
#: How long to wait for another process that changes the same registry, in seconds.
_PATIENCE: Final = 120

#: What ``write_whole`` leaves behind if it is killed.
_LEFTOVER: Final = re.compile(r"\.[0-9a-f]{16}\.new")


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """While nobody else changes the registry; what was interrupted before is finished first.

    Raises:
        RegistryError: Another process changes it, and does not end.
        OSError: The directory cannot be written.
    """
    import filelock

    try:
        with filelock.FileLock(os.path.join(folder, GUARD), timeout=_PATIENCE):
            recover(folder)
            yield
    except filelock.Timeout as error:
        raise RegistryError(
            f"another process has been changing {folder} for {_PATIENCE} s; try again later"
        ) from error


def replace_registry(
    folder: str, entries: Mapping[FormatId, Entry], documents: Mapping[FormatId, bytes]
) -> None:
    """Make a registry hold these entries, with some documents new.

    Args:
        folder: The directory.
        entries: All entries, in the order of the new lockfile.
        documents: Documents that are not in place yet.

    Raises:
        OSError: A file cannot be written. The old state, or the new one, holds nevertheless.
    """
    staged = os.path.join(folder, STAGED)
    os.makedirs(staged, exist_ok=True)
    for data in documents.values():
        write_whole(os.path.join(staged, hashlib.sha256(data).hexdigest()), data)
    write_whole(os.path.join(folder, LOCKFILE), lock_bytes(entries))
    recover(folder)


def recover(folder: str) -> None:
    """Finish what was interrupted: put staged documents of the lockfile in place, drop the rest."""
    staged = os.path.join(folder, STAGED)
    if os.path.isdir(staged):
        previous = os.path.join(folder, PREVIOUS)
        shutil.rmtree(previous, ignore_errors=True)
        os.mkdir(previous)
        entries = read_lock(folder) if os.path.exists(os.path.join(folder, LOCKFILE)) else {}
        for format, entry in entries.items():
            _put_in_place(
                os.path.join(staged, entry.sha256), document_path(folder, format), previous
            )
        _name_in_sources(folder, entries)
        shutil.rmtree(staged)
    for name in os.listdir(folder):
        if _LEFTOVER.fullmatch(name):
            os.unlink(os.path.join(folder, name))


def _put_in_place(staged: str, path: str, previous: str) -> None:
    try:
        with open(staged, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return  # This document has not changed.
    # What a killed process staged in part has another digest, and is not what was locked.
    if hashlib.sha256(data).hexdigest() != os.path.basename(staged):
        return
    if os.path.isfile(path):
        with open(path, "rb") as file:
            old = file.read()
        write_whole(os.path.join(previous, hashlib.sha256(old).hexdigest()), old)
    write_whole(path, data)


def _name_in_sources(folder: str, entries: Mapping[FormatId, Entry]) -> None:
    """Add formats that a sync has discovered to what people wrote, which stays as it is."""
    path = os.path.join(folder, SOURCES)
    known = read_sources(folder)
    new = {format: entry for format, entry in entries.items() if format not in known}
    if not new:
        return
    with open(path, encoding="utf-8") as file:
        text = file.read().rstrip("\n")
    tables = []
    for format, entry in new.items():
        local = f"\nidentifier = {_quoted(entry.identifier)}" if entry.identifier else ""
        tables.append(f'\n\n[formats."{format}"]\ntitle = {_quoted(entry.title)}{local}')
    write_whole(path, (text + "".join(tables) + "\n").encode())


def _quoted(text: str) -> str:
    """A text as a basic string of TOML."""
    escaped = "".join(
        f"\\u{ord(character):04x}"
        if character in '"\\' or not character.isprintable()
        else character
        for character in text
    )
    return f'"{escaped}"'
