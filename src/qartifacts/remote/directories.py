"""Directories behind URLs: what is in one of them, and whether a URL is one."""

from __future__ import annotations

from typing import NamedTuple

from qartifacts.remote.faults import translated
from qartifacts.remote.systems import file_system
from qartifacts.remote.urls import Location

__all__ = ["Entry", "entries", "is_directory"]


class Entry(NamedTuple):
    """What a directory holds; an empty name is one that only object stores have, as in ``a//b``."""

    name: str
    is_directory: bool


def entries(location: Location) -> list[Entry]:
    """What is in a directory, in no order. Nothing is remembered.

    Raises:
        OSError: It is not there, or cannot be listed.
        MissingExtra: What lists it is not installed.
    """
    path = location.path.strip("/")
    found = []
    with translated(location):
        system = file_system(location.scheme)
        for each in system.ls(location.path.rstrip("/"), detail=True):
            full = str(each["name"])
            is_directory = each["type"] == "directory"
            inside = full.strip("/")
            if inside != path:
                found.append(Entry(inside.rpartition("/")[2], is_directory))
            elif is_directory and full.endswith("/"):
                found.append(Entry("", is_directory))
            # Else it is an object that marks the directory, or the location is a file.
    return found


def is_directory(location: Location) -> bool:
    """Whether there is a directory at a location, rather than a file.

    Raises:
        OSError: There is neither, or it cannot be told.
        MissingExtra: What tells it is not installed.
    """
    with translated(location):
        return bool(file_system(location.scheme).info(location.path)["type"] == "directory")
