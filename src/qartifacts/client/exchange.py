"""What to ask a service, and what to make of its answers. Nothing here sends anything."""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Final, TypeAlias

import httpx

from qartifacts.client.transport import (
    RETRIED,
    Bounds,
    BrokenOff,
    Garbled,
    NotNow,
    TooLarge,
    TooSlow,
    is_local,
    retry_after,
)
from qartifacts.config import DEFAULTS
from qartifacts.errors import (
    BadAnswer,
    KeyNeeded,
    KeyRefused,
    NotFound,
    RateLimited,
    ServiceError,
    Unreachable,
)
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import read
from qartifacts.jsontext.fault import printable

__all__ = [
    "DEFAULT_BASE",
    "KEY_VARIABLE",
    "Answer",
    "Exchanges",
    "Outcome",
    "Wanted",
    "api_docs",
    "schema",
]

DEFAULT_BASE: Final = "https://api.ionq.co/v0.4"
#: The environment variable in which users keep their key.
KEY_VARIABLE: Final = "IONQ_API_KEY"
_KEY_HOST: Final = "api.ionq.co"
#: How a version of the service stands at the end of a base.
_VERSION = re.compile(r"v[0-9]+(?:\.[0-9]+)*")

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5

_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_KEY = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered.

    Attributes:
        url: Where the answer came from, behind redirects.
        status: 200, or 304 if the document is still the one of the ``etag`` that was sent.
        data: The body as it was before compression; empty for 304.
        headers: The headers; their names are looked up without regard to case.
        etag: The entity tag to send the next time, if the server gives one that can be sent.
        not_modified: Whether this is a 304.
    """

    url: str
    status: int
    data: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    etag: str | None
    not_modified: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing to ask a service for.

    Attributes:
        path: Where it stands behind the base, ready for a URL.
        name: How messages call it.
        parameter: The name of the parameter in its path, if it has one.
        etag: What the caller has already.
        version: Of which version of the service, if not of the one that the base names.
    """

    path: str
    name: str
    parameter: str | None = None
    etag: str | None = None
    version: str | None = None


def schema(format: str, etag: str | None) -> Wanted:
    """The schema of a format."""
    format = FormatId(format)  # By its syntax it stands in a URL as it is.
    path = f"/schemas/formats/{format}"
    return Wanted(path, f"the schema of {format}", "format", _checked_etag(etag))


def api_docs(etag: str | None, version: str | None = None) -> Wanted:
    """The OpenAPI document."""
    if version is not None and not _VERSION.fullmatch(version):
        raise ValueError(f"this is no version of the service: {version[:80]!r}")
    name = f"the OpenAPI document of {version}" if version else "the OpenAPI document"
    return Wanted("/api-docs", name, None, _checked_etag(etag), version)


#: What came of sending a request.
Outcome: TypeAlias = httpx.Response | httpx.HTTPError | OSError


class Exchanges:
    """All that is known of a service and its key, and every decision about its answers."""

    def __init__(self, base_url: str, key: str | None, send_key: bool, bounds: Bounds) -> None:
        self.url = _checked_base(base_url)
        self._bounds = bounds
        if key is not None and not _KEY.fullmatch(key):
            raise ValueError("the key is empty, or holds characters that no key has")
        local = is_local(self.url.host)
        self._in_the_clear = self.url.scheme == "http" and not local
        if send_key and self._in_the_clear:
            raise ValueError(f"a key is never sent over plain http; name {self._place} with https")
        home = self.url.host == _KEY_HOST and self.url.port is None
        self._key_may_go = local or send_key or home
        self._given_key = key
        self._user_agent = f"qartifacts/{version('qartifacts')}"
        #: The key that is sent, once a server has asked for one.
        self._key: str | None = None

    @property
    def base(self) -> str:
        """The base URL, without a slash at its end."""
        return str(self.url).rstrip("/")

    @property
    def version(self) -> str:
        """The version of the service that the base names; IonQ's present one if it names none."""
        last = self.base.rpartition("/")[2]
        return last if _VERSION.fullmatch(last) else DEFAULT_BASE.rpartition("/")[2]

    def _base_of(self, version: str | None) -> str:
        """The base of a version of the service: it stands where the base names its own."""
        if version is None or version == self.version:
            return self.base
        head, _, last = self.base.rpartition("/")
        return f"{head if _VERSION.fullmatch(last) else self.base}/{version}"

    @property
    def _place(self) -> str:
        """Host and port, as messages call them."""
        return self.url.netloc.decode("ascii")

    def steps(self, wanted: Wanted) -> Generator[httpx.Request, Outcome, Answer]:
        """What to send, one request after the other, until there is an answer.

        Raises:
            ServiceError: There will be none.
        """
        url = httpx.URL(self._base_of(wanted.version) + wanted.path)
        redirects = 0
        while True:
            with_key = self._key is not None
            outcome = yield self._request(url, wanted)
            if isinstance(outcome, NotNow):
                outcome = outcome.response
            if not isinstance(outcome, httpx.Response):
                raise self._failure(outcome, url)
            if outcome.status_code == 401 and not with_key:
                self._take_key(url)
            elif outcome.status_code in _REDIRECTS and "location" in outcome.headers:
                redirects += 1
                url = self._redirected(url, outcome, redirects)
            else:
                return self._answer(wanted, outcome, url)

    def _request(self, url: httpx.URL, wanted: Wanted) -> httpx.Request:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": self._user_agent,
        }
        if wanted.etag is not None:
            headers["If-None-Match"] = wanted.etag
        if self._key is not None:
            headers["Authorization"] = f"apiKey {self._key}"
        timeout = httpx.Timeout(self._bounds.timeout, pool=None)
        return httpx.Request("GET", url, headers=headers, extensions={"timeout": timeout.as_dict()})

    def _take_key(self, url: httpx.URL) -> None:
        """Send the key from now on, if there is one and it may go there.

        Raises:
            KeyNeeded: There is none, or it may not.
        """
        asks = f"{self._place} asks for a key"
        if self._in_the_clear:
            advice = "and a key is never sent over plain http; name it with https"
            raise KeyNeeded(f"{asks}, {advice}", str(url), 401)
        if not self._key_may_go:
            advice = (
                f"and keys go to {_KEY_HOST} and this machine only; to send yours there all the "
                "same, say so with --send-key (in Python, send_key=True)"
            )
            raise KeyNeeded(f"{asks}, {advice}", str(url), 401)
        # A key that was read from a file often ends in a line feed.
        key = self._given_key or os.environ.get(KEY_VARIABLE, "").strip()
        if not key:
            advice = f"set the environment variable {KEY_VARIABLE} to yours"
            raise KeyNeeded(f"{asks}: {advice}", str(url), 401)
        if not _KEY.fullmatch(key):
            advice = f"and {KEY_VARIABLE} holds characters that no key has; set it anew"
            raise KeyNeeded(f"{asks}, {advice}", str(url), 401)
        self._key = key

    def _redirected(self, url: httpx.URL, response: httpx.Response, count: int) -> httpx.URL:
        """Where a redirect leads.

        Raises:
            BadAnswer: Away from this origin, nowhere, or in circles.
        """
        status = response.status_code
        location = response.headers["location"]
        try:
            target = url.join(location)
        except (httpx.InvalidURL, ValueError):
            message = f"{self._place} redirects to {self._shown(location)}, which is no URL"
            raise BadAnswer(message, str(url), status) from None
        if _origin(target) != _origin(self.url):
            message = (
                f"{self._place} redirects to {self._shown(_without_secrets(target))}, another "
                "place, where it is not followed; if that is the right one, name it as the base URL"
            )
            raise BadAnswer(message, str(url), status)
        if count > _MOST_REDIRECTS:
            message = f"{self._place} redirects more than {_MOST_REDIRECTS} times"
            raise BadAnswer(message, str(url), status)
        # Path and query are all that is taken: credentials could stand in what the server said.
        return self.url.copy_with(raw_path=target.raw_path)

    def _answer(self, wanted: Wanted, response: httpx.Response, url: httpx.URL) -> Answer:
        """An answer that is none of those that lead to another request.

        Raises:
            ServiceError: It is not what was asked for.
        """
        status = response.status_code
        not_modified = status == 304 and wanted.etag is not None
        if status != 200 and not not_modified:
            raise self._refusal(wanted, response, str(url))
        etag = response.headers.get("etag", wanted.etag if not_modified else None)
        if etag is not None and not _ETAG.fullmatch(etag):
            etag = None
        data = b"" if not_modified else response.content
        return Answer(str(url), status, data, response.headers, etag, not_modified)

    def _refusal(self, wanted: Wanted, response: httpx.Response, url: str) -> ServiceError:
        """The error that an answer stands for."""
        status = response.status_code
        problem = _problem(response.content)
        said = problem.get("message")
        said = f": {self._shown(said)}" if isinstance(said, str) and said.strip() else ""
        seconds = retry_after(response.headers)
        when = f"after {seconds} s" if seconds else "later"
        place = self._place
        if self._key is not None and status in {401, 403}:
            source = "that was given" if self._given_key else f"in {KEY_VARIABLE}"
            message = f"{place} does not accept the key {source} ({status}{said})"
            return KeyRefused(f"{message}; check that it is whole and still valid", url, status)
        if status == 404 or (status == 400 and _names(problem, wanted.parameter)):
            message = f"{place} does not have {wanted.name} ({status}{said})"
            return NotFound(message, url, status)
        if status == 429:
            message = f"{place} limits the rate of requests ({status}{said}); try again {when}"
            return RateLimited(message, url, status, seconds)
        if status >= 500:
            return BadAnswer(f"{place} failed ({status}{said}); try again {when}", url, status)
        message = f"{place} answers the request for {wanted.name} with {status}{said}"
        return BadAnswer(f"{message}; check the base URL", url, status)

    def _failure(self, error: Exception, url: httpx.URL) -> ServiceError:
        """The error that a request without an answer stands for."""
        place, timeout = self._place, f"{self._bounds.timeout:g} s"
        times = ""
        if self._bounds.attempts > 1 and isinstance(error, RETRIED):
            times = f", {self._bounds.attempts} times in a row"
        if isinstance(error, (TooLarge, Garbled)):
            return BadAnswer(f"the answer of {place} {error}", str(url))
        if isinstance(error, BrokenOff):
            return BadAnswer(f"the answer of {place} {error}{times}; try again later", str(url))
        if isinstance(error, httpx.ConnectTimeout):
            why = f"{place} cannot be reached within {timeout}; is this machine offline?"
        elif isinstance(error, httpx.TimeoutException):
            why = f"{place} is silent for {timeout}; try again later"
        elif isinstance(error, TooSlow):
            why = f"{place} answers too slowly to wait for; try again later"
        elif isinstance(error, httpx.ProxyError):
            why = f"the proxy on the way to {place} refuses: {self._shown(str(error))}"
        elif isinstance(error, httpx.ConnectError):
            why = self._why_unconnected(error)
        else:
            why = f"the connection to {place} breaks{times}: {self._shown(str(error))}"
        return Unreachable(why, str(url))

    def _why_unconnected(self, error: Exception) -> str:
        place = self._place
        for cause in _causes(error):
            if isinstance(cause, socket.gaierror):
                return (
                    f"the name {self.url.host} cannot be resolved; is this machine offline, or the "
                    "name misspelt?"
                )
            if isinstance(cause, ssl.SSLCertVerificationError):
                return (
                    f"the certificate of {place} is not trusted ({cause.verify_message}); if an "
                    "authority of your own signed it, name its file in SSL_CERT_FILE"
                )
            if isinstance(cause, ssl.SSLError):
                return f"{place} does not speak https as it should: {self._shown(str(cause))}"
            if isinstance(cause, ConnectionRefusedError):
                return f"{place} refuses the connection; does a server run there?"
        return f"{place} cannot be reached: {self._shown(str(error))}"

    def _shown(self, text: str) -> str:
        """What others said, made fit for a message: without the key, printable, and cut."""
        if self._key is not None:
            text = text.replace(self._key, "***")
        return printable(" ".join(text.split()), 200)


def _checked_base(base_url: str) -> httpx.URL:
    """A base URL, without a slash at its end.

    Raises:
        ValueError: It cannot be one.
    """
    try:
        url = httpx.URL(base_url.rstrip("/"))
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"the base URL cannot be read: {error}") from None
    if url.userinfo:
        raise ValueError(f"the base URL holds credentials; keep a key in {KEY_VARIABLE}")
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("the base URL must be https:// or http:// and a host")
    if url.query or url.fragment or "?" in base_url or "#" in base_url:
        raise ValueError("the base URL must end with its path")
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port  # httpx leaves out the port that is the scheme's own.


def _without_secrets(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}{url.path}"


def _checked_etag(etag: str | None) -> str | None:
    if etag is not None and not _ETAG.fullmatch(etag):
        raise ValueError(f"this is no entity tag: {etag[:80]!r}")
    return etag


def _problem(data: bytes) -> Mapping[str, Any]:
    """The body of an error, if it is the JSON that the service's errors are."""
    value = read(data, DEFAULTS).value
    return value if isinstance(value, dict) else {}


def _names(problem: Mapping[str, Any], parameter: str | None) -> bool:
    """Whether an error of validation is about a parameter; 400 adds ``validation.keys``."""
    validation = problem.get("validation")
    keys = validation.get("keys") if isinstance(validation, dict) else None
    return parameter is not None and isinstance(keys, list) and parameter in keys


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it; of several that did so together the first."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        else:
            error = error.__cause__ or error.__context__
