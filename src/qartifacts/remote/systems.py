"""File systems of fsspec, one for each scheme, and how requests over https are made.

They take credentials from where their libraries look for them, which is the environment and the
user's own files, and nothing from a project's configuration.
"""

from __future__ import annotations

import errno
import functools
import importlib
import os
import urllib.request
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from qartifacts.errors import MissingExtra

if TYPE_CHECKING:
    import asyncio

__all__ = [
    "PATIENCE",
    "SLOWEST",
    "TOO_MUCH",
    "Unusable",
    "file_system",
    "io_loop",
    "request_limits",
    "request_options",
]

#: Seconds in which something must arrive.
PATIENCE: Final = 30.0
#: Seconds in which a connection must be there.
_TO_CONNECT: Final = 10.0
#: What a long file must keep up, in bytes a second, on top of twice the patience.
SLOWEST: Final = 16 * 1024
#: Attempts of a library that makes several by itself.
_ATTEMPTS: Final = 2
_MOST_REDIRECTS: Final = 5
_DEFAULT_PORT: Final = 443

#: What is said of a server that sends more than it was asked for.
TOO_MUCH: Final = "the server sends more than it was asked for"

_EXTRA: Final = "remote"


class Unusable(OSError):
    """An answer that is not used, for a reason that is told in words of our own."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EPROTO, why)


def file_system(scheme: str) -> Any:
    """What opens the URLs of a scheme, in this process.

    Raises:
        MissingExtra: It is not installed.
    """
    return _file_system(scheme, os.getpid())


@functools.cache
def _file_system(scheme: str, process: int) -> Any:  # A fork must not use its parent's.
    match scheme:
        case "s3":
            system = _imported("s3fs").S3FileSystem(
                config_kwargs={
                    "connect_timeout": _TO_CONNECT,
                    "read_timeout": PATIENCE,
                    "retries": {"max_attempts": _ATTEMPTS, "mode": "standard"},
                },
                use_listings_cache=False,  # Memory would grow with the store.
                skip_instance_cache=True,
            )
            system.retries = _ATTEMPTS
        case "gs":
            system = _imported("gcsfs").GCSFileSystem(
                access="read_only",
                requests_timeout=PATIENCE,
                use_listings_cache=False,
                skip_instance_cache=True,
            )
        case "https":
            _imported("aiohttp")
            system = _imported("fsspec.implementations.http").HTTPFileSystem(
                get_client=_client, encoded=False, skip_instance_cache=True
            )
        case _:
            system = _imported("fsspec.implementations.memory").MemoryFileSystem()
    return system


def io_loop() -> asyncio.AbstractEventLoop:
    """The loop that file systems work on, in a thread of its own.

    Raises:
        MissingExtra: fsspec is not installed.
    """
    loop: asyncio.AbstractEventLoop = _imported("fsspec.asyn").get_loop()
    return loop


def _imported(library: str) -> Any:
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise MissingExtra(_EXTRA, library.partition(".")[0]) from error


# --------------------------------------------------------------------------------------------------
# https


def request_options(url: str) -> dict[str, Any]:
    """What goes with a request for a URL: no credentials, no cookies, and no packing on the way.

    A netrc file is not read. The proxy is the one that the environment names.
    """
    options: dict[str, Any] = {"ssl": _trust(), "max_redirects": _MOST_REDIRECTS}
    proxy = _proxy_for(urlsplit(url).hostname or "")
    return options if proxy is None else {**options, "proxy": proxy}


def request_limits(size: int | None) -> Any:
    """How long a request may take, in all, for an answer of a size; None if that is not known.

    However long it is, its pieces have to come.
    """
    import aiohttp

    total = None if size is None else 2 * PATIENCE + size / SLOWEST
    to_connect = min(_TO_CONNECT, PATIENCE)
    return aiohttp.ClientTimeout(total=total, connect=to_connect, sock_read=PATIENCE)


def _trust() -> Any:
    """The certificates that the system, or SSL_CERT_FILE, trusts."""
    return _trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@functools.cache
def _trusted(file: str | None, folder: str | None) -> Any:
    import ssl

    return ssl.create_default_context()


def _proxy_for(host: str) -> str | None:
    if host in ("localhost", "127.0.0.1", "::1") or urllib.request.proxy_bypass(host):
        return None
    named = urllib.request.getproxies()
    proxy = named.get("https") or named.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


async def _client(**options: Any) -> Any:
    """The session that requests of https share."""
    import aiohttp

    loop = options.get("loop")
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_stay_at_origin)
    return aiohttp.ClientSession(
        loop=loop,
        auto_decompress=False,  # What is unpacked is limited where it is unpacked.
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity", "User-Agent": "qartifacts"},
        response_class=_bounded_response(),
        timeout=request_limits(None),
        trace_configs=[trace],
    )


async def _stay_at_origin(session: Any, context: Any, redirect: Any) -> None:
    """Refuse a redirect to another host or port, or to plain HTTP.

    A server could make this machine ask others that it cannot reach itself, or that trust it.
    """
    from yarl import URL

    response = redirect.response
    location = response.headers.get("Location") or response.headers.get("URI") or ""
    try:
        origin = response.url.join(URL(location)).origin()
    except ValueError:
        why = "it leads to what is no URL"
    else:
        if origin == response.url.origin():
            return
        why = f"it leads to {origin}, which is not followed; name the address there"
    response.close()
    raise Unusable(why)


@functools.cache
def _bounded_response() -> Any:
    import aiohttp

    class BoundedResponse(aiohttp.ClientResponse):
        """The answer to a request for a part of a file, which may be anything."""

        async def read(self) -> bytes:
            """The whole answer, if it is no longer than what was asked for.

            Raises:
                Unusable: It is longer.
            """
            if self._body is None:
                most = _asked_for(self.request_info.headers.get("Range", ""))
                body = bytearray()
                async for piece in self.content.iter_any():
                    body += piece
                    if len(body) > most:
                        self.close()
                        raise Unusable(TOO_MUCH)
                self._body = bytes(body)
            return self._body

    return BoundedResponse


def _asked_for(header: str) -> int:
    """How many bytes a request is for; for a whole answer, none is read in this way."""
    first, _, last = header.removeprefix("bytes=").partition("-")
    return int(last) - int(first) + 1 if first and last else 0
