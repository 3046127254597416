"""Sources behind URLs of a closed list of schemes: which there are, their files, their directories.

What is no URL is left to ``source``. Libraries are imported when the first URL is opened: this room
is asked about every path, and most are paths.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qartifacts.remote.urls import SCHEMES, Location, is_url, located
from qartifacts.source import Source, SourceLike
from qartifacts.source import open_source as open_local

if TYPE_CHECKING:
    from qartifacts.config import Settings

__all__ = ["SCHEMES", "Location", "is_url", "located", "open_source", "open_url"]


def open_source(given: SourceLike, settings: Settings) -> Source:
    """Read what was given, as ``source.open_source`` does, or what a ``str`` is the URL of.

    Raises:
        OSError: A path or URL cannot be opened or read.
        MissingExtra: It is a URL, and what opens those of its scheme is not installed.
        ValueError: A ``str`` is JSON text rather than a path.
        TypeError: The object is nothing that can be read.
    """
    if isinstance(given, str) and is_url(given):
        return open_url(given, settings)
    return open_local(given, settings)


def open_url(url: str, settings: Settings) -> Source:
    """Read the file behind a URL, up to the limit on size.

    Raises:
        OSError: It cannot be opened or read, or is not one that may be; ``strerror`` says why.
        MissingExtra: What opens URLs of its scheme is not installed.
    """
    from qartifacts.remote.files import read

    return read(located(url), settings)
