"""What has become of a request, in words of our own.

What libraries say may quote a URL with its signature, so nothing of it is handed on but the words
of the system, and the short codes that stores answer with.
"""

from __future__ import annotations

import errno
import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from qartifacts.errors import MissingExtra
from qartifacts.remote.systems import Unusable
from qartifacts.remote.urls import Location, Refused

__all__ = ["told", "translated"]

_NOT_THERE: Final = "there is no such file"
_DENIED: Final = "access is denied"
_TOO_SLOW: Final = "the answer takes too long"
_BROKEN_OFF: Final = "the answer breaks off"
_NOT_UNDERSTOOD: Final = "the answer is not understood"
_UNREACHABLE: Final = "the server cannot be reached"
_NO_CREDENTIALS: Final = "there are no credentials for it in the environment"
_BAD_CREDENTIALS: Final = "the credentials in the environment are not accepted"

_REDIRECTION: Final = 300

_CODE: Final = re.compile(r"[A-Za-z0-9.]{1,60}", re.ASCII)

#: Classes of the libraries by name: they need not be imported to be told apart. The first one that
#: an exception is an instance of, by its own classes in their order, tells.
_BY_CLASS: Final = {
    "NoCredentialsError": (errno.EACCES, _NO_CREDENTIALS),
    "PartialCredentialsError": (errno.EACCES, _NO_CREDENTIALS),
    "DefaultCredentialsError": (errno.EACCES, _NO_CREDENTIALS),
    "GoogleAuthError": (errno.EACCES, _BAD_CREDENTIALS),
    "ParamValidationError": (errno.EINVAL, "this cannot be the name of a bucket or a file in it"),
    "ClientConnectorDNSError": (errno.EHOSTUNREACH, "there is no such host"),
    "ClientProxyConnectionError": (errno.EHOSTUNREACH, "the proxy cannot be reached"),
    "ClientHttpProxyError": (errno.EHOSTUNREACH, "the proxy refuses"),
    "ServerDisconnectedError": (errno.ECONNRESET, _BROKEN_OFF),
    "ClientPayloadError": (errno.EPIPE, _BROKEN_OFF),
    "IncompleteRead": (errno.EPIPE, _BROKEN_OFF),
    "IncompleteReadError": (errno.EPIPE, _BROKEN_OFF),
    "ResponseStreamingError": (errno.EPIPE, _BROKEN_OFF),
    "ChunkedEncodingError": (errno.EPIPE, _BROKEN_OFF),
    "ClientSSLError": (errno.EPROTO, "there is no TLS connection to be had"),
    "SSLError": (errno.EPROTO, "there is no TLS connection to be had"),
    "TooManyRedirects": (errno.ELOOP, "it leads on and on"),
    "InvalidURL": (errno.EINVAL, "there is something wrong with the URL, or with where it leads"),
    "HTTPClientError": (errno.EHOSTUNREACH, _UNREACHABLE),
    "EndpointConnectionError": (errno.EHOSTUNREACH, _UNREACHABLE),
    "ConnectTimeoutError": (errno.ETIMEDOUT, _TOO_SLOW),
    "ReadTimeoutError": (errno.ETIMEDOUT, _TOO_SLOW),
    "Timeout": (errno.ETIMEDOUT, _TOO_SLOW),
    "RequestException": (errno.EHOSTUNREACH, _UNREACHABLE),
    "ClientConnectionError": (errno.EHOSTUNREACH, _UNREACHABLE),
    "ServerTimeoutError": (errno.ETIMEDOUT, _TOO_SLOW),
    "ClientError": (errno.EPROTO, _NOT_UNDERSTOOD),
}


@contextmanager
def translated(location: Location) -> Iterator[None]:
    """While something is asked of a file system: whatever it raises becomes an ``OSError``.

    Raises:
        OSError: Its ``strerror`` says what happened, and its ``filename`` is what reports call it.
    """
    try:
        yield
    except (MissingExtra, Refused):
        raise
    except Exception as error:  # noqa: BLE001  # Each of the libraries has a tree of its own.
        raise told(error, location.name) from None


def told(error: BaseException, name: str) -> OSError:
    """An exception of a library as an ``OSError`` that quotes nothing secret.

    Args:
        error: What was raised.
        name: What reports call the URL.
    """
    number, why = _said(error)
    return OSError(number, why, name)  # Which makes it a FileNotFoundError, and so on.


def _said(error: BaseException) -> tuple[int, str]:
    if isinstance(error, Unusable):
        return error.errno or errno.EPROTO, error.strerror or ""
    if isinstance(error, EOFError):
        return errno.EPIPE, _BROKEN_OFF
    if isinstance(error, TimeoutError):
        return errno.ETIMEDOUT, _TOO_SLOW
    certificate = _certificate_error(error)
    if certificate is not None:
        reason = certificate.verify_message
        return errno.EPROTO, f"its certificate is not trusted: {reason or 'it cannot be verified'}"
    status = _status(error)
    if status is not None and _is(error.__cause__, "HttpProcessingError"):
        return errno.EPROTO, _NOT_UNDERSTOOD
    if status is not None:
        return _said_of_status(status)
    return _said_by_library(error)


def _said_by_library(error: BaseException) -> tuple[int, str]:
    cause = error.__cause__
    code = _store_code(error)
    suffix = f" ({code})" if code else ""
    if isinstance(error, FileNotFoundError):
        # fsspec says so of whatever it could not learn the size of.
        if cause is not None and not code and not isinstance(cause, (LookupError, type(error))):
            return _said(cause)
        return errno.ENOENT, f"{_NOT_THERE}{suffix}"
    if isinstance(error, PermissionError) or str(error).startswith("Forbidden"):
        return errno.EACCES, f"{_DENIED}{suffix}"
    if code:
        return errno.EIO, f"the store refuses{suffix}"
    for kind in type(error).__mro__:
        known = _BY_CLASS.get(kind.__name__)
        if known is not None and not kind.__module__.startswith("qartifacts"):
            return _with_reason(error, known)
    if isinstance(error, IsADirectoryError):
        return errno.EISDIR, os.strerror(errno.EISDIR)
    if isinstance(error, OSError) and error.errno:
        return error.errno, os.strerror(error.errno)
    return errno.EIO, f"something went wrong ({type(error).__name__})"


def _with_reason(error: BaseException, known: tuple[int, str]) -> tuple[int, str]:
    """What is known of a class, and the system's word for why there is no connection."""
    number, why = known
    if why == _UNREACHABLE and isinstance(error, OSError) and (error.errno or 0) > 0:
        return number, f"{why}: {os.strerror(error.errno or 0)}"
    return known


def _is(error: BaseException | None, name: str) -> bool:
    """Whether an exception is of a class of this name, or of one that is made from it."""
    return any(kind.__name__ == name for kind in type(error).__mro__)


def _certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """The error of a certificate that another one is about."""
    seen: Any = error
    for _ in range(5):
        # A class of aiohttp's is one by its bases, and has the real one inside.
        inner = getattr(seen, "certificate_error", None) or getattr(seen, "os_error", None)
        if inner is None and isinstance(seen, ssl.SSLCertVerificationError):
            return seen
        seen = inner or seen.__cause__ or seen.__context__
        if seen is None:
            break
    return None


def _status(error: BaseException) -> int | None:
    """The status of an answer over HTTP that is an error."""
    status = error.status if hasattr(error, "status") else getattr(error, "code", None)
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    return status if type(status) is int and status >= _REDIRECTION else None


def _said_of_status(status: int) -> tuple[int, str]:
    if status in (404, 410):
        return errno.ENOENT, f"{_NOT_THERE} (the server answers {status})"
    if status in (401, 403, 407):
        return errno.EACCES, f"{_DENIED} (the server answers {status})"
    return errno.EIO, f"the server answers {status}"


def _store_code(error: BaseException) -> str:
    """The code that a store answers with, such as ``NoSuchBucket``; empty if there is none."""
    for each in (error, error.__cause__, error.__context__):
        response = getattr(each, "response", None)
        if isinstance(response, dict):
            code = str(response.get("Error", {}).get("Code", ""))
            return code if _CODE.fullmatch(code) else ""
    return ""
