"""URLs: which of them are read, and what reports call them.

The list of schemes is closed. No scheme stands for files of this machine, for plain HTTP, or for
one source within another one (``zip://a::s3://b``), so a URL never opens more than it says.
"""

from __future__ import annotations

import errno
import re
from typing import Final, NamedTuple

__all__ = ["SCHEMES", "Location", "Refused", "is_url", "located"]

#: The schemes of URLs that are read.
SCHEMES: Final = ("s3", "gs", "https", "memory")
#: Those of stores: they have directories, and job records are asked for.
_STORES: Final = ("s3", "gs")
_WITHOUT_DIRECTORIES: Final = "https"
_ONLY_HERE: Final = "memory"

#: A scheme, perhaps behind those that fsspec would chain in front of it. One letter is a drive.
_URL: Final = re.compile(r"((?:[A-Za-z][A-Za-z0-9+.-]*::)*[A-Za-z][A-Za-z0-9+.-]+)://")
#: A name or an address, and perhaps a port.
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s@:/\\?#\[\]]+)(?::[0-9]{1,5})?")
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CHAINED: Final = "::"


class Refused(OSError):
    """A URL that is not opened, whatever is behind it. Its file name is safe to show.

    Args:
        why: In words that quote nothing of the URL.
        name: What reports call it.
    """

    def __init__(self, why: str, name: str) -> None:
        super().__init__(errno.EINVAL, why, name)


class Location(NamedTuple):
    """A URL that may be opened.

    Attributes:
        scheme: One of ``SCHEMES``.
        url: The whole of it, which may hold a signature: for who opens it, and nobody else.
        name: What reports call it: without what follows a ``?``, if it is of https.
    """

    scheme: str
    url: str
    name: str

    @property
    def path(self) -> str:
        """What a file system knows it by: ``bucket/key``, or the whole URL."""
        if self.scheme == _WITHOUT_DIRECTORIES:
            return self.url
        return self.url.partition("://")[2]

    @property
    def is_in_store(self) -> bool:
        """Whether it is in an object store, whose job records are asked about their neighbours."""
        return self.scheme in _STORES

    @property
    def has_directories(self) -> bool:
        """Whether it can be told what there is beside it and below it."""
        return self.scheme != _WITHOUT_DIRECTORIES

    @property
    def is_only_here(self) -> bool:
        """Whether other processes do not see it."""
        return self.scheme == _ONLY_HERE


def is_url(path: str) -> bool:
    """Whether it starts like a URL of whatever scheme, also of one that is not read."""
    return "://" in path and _URL.match(path) is not None


def located(url: str) -> Location:
    """The URL, if it is one that may be opened. Nothing is asked of anybody.

    Raises:
        Refused: It may not: another scheme, a chain of them, a user or a password in it, no host.
    """
    match = _URL.match(url)
    scheme = match[1].lower() if match else ""
    if scheme not in SCHEMES:
        *others, last = (f"{each}://" for each in SCHEMES)
        allowed = f"{', '.join(others)} and {last}"
        raise Refused(f"of URLs, {allowed} are read, and no chains of them", _safe(url))
    rest = url.partition("://")[2]
    if scheme == _WITHOUT_DIRECTORIES:
        return _https(rest)
    if _CHAINED in rest:
        raise Refused("chains of URLs ('::') are not read", _safe(url))
    if scheme in _STORES and not _BUCKET.fullmatch(rest.partition("/")[0]):
        why = "a bucket's name stands behind '://', without a user, a password or a wildcard"
        raise Refused(why, _safe(url))
    whole = f"{scheme}://{rest}"
    return Location(scheme, whole, whole)


def _https(rest: str) -> Location:
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if not _HOST.fullmatch(host):
        # What stands there instead may hold a password that was not quoted well.
        why = "a host stands behind 'https://'; there must be no user and no password"
        raise Refused(why, "https://...")
    whole = rest.partition("#")[0]
    path = whole.partition("?")[0]
    name = f"https://{path}"
    if not whole.isprintable() or any(character.isspace() for character in whole):
        raise Refused("there are spaces or control characters in the URL; quote them", name)
    if _CHAINED in path[len(host) :]:
        raise Refused("chains of URLs ('::') are not read", name)
    return Location(_WITHOUT_DIRECTORIES, f"https://{whole}", name)


def _safe(url: str) -> str:
    """A URL that is refused, as reports call it: whole only if nothing in it can be a secret."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}://..." if any(sign in rest for sign in "@?#") else scheme + separator + rest
