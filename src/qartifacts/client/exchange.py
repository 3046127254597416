"""What to ask a service, and what to make of its answers. Nothing here sends anything."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from importlib.metadata import version
from itertools import pairwise
from typing import Any, Final, TypeAlias

import httpx

from qartifacts.client.credentials import Credentials, NoKey, Secrets
from qartifacts.client.operations import VERSION, Answer, Wanted, is_etag, steps_of
from qartifacts.client.transport import (
    LIMIT,
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
from qartifacts.jsontext import quoted, read
from qartifacts.jsontext.fault import printable

__all__ = ["DEFAULT_BASE", "Exchanges", "Outcome"]

DEFAULT_BASE: Final = "https://api.ionq.co/v0.4"

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5

#: Characters from which on a key stands in a text by no accident; IBM's keys have 44.
_SECRET: Final = 16


#: What came of sending a request.
Outcome: TypeAlias = httpx.Response | httpx.HTTPError | OSError


class Exchanges:
    """All that is known of a service and its key, and every decision about its answers."""

    def __init__(
        self, base_url: str, credentials: Credentials, send_key: bool, bounds: Bounds
    ) -> None:
        self.url = _checked_base(base_url, credentials.variable)
        self._bounds = bounds
        local = is_local(self.url.host)
        self._in_the_clear = self.url.scheme == "http" and not local
        if send_key and self._in_the_clear:
            raise ValueError(f"a key is never sent over plain http; name {self._place} with https")
        self._home = (
            self.url.scheme == "https"
            and self.url.host in credentials.hosts
            and self.url.port is None
        )
        self._key_may_go = local or send_key or self._home
        self._credentials = credentials
        self._user_agent = f"qartifacts/{version('qartifacts')}"
        #: What is sent, once a server has asked for it.
        self._secrets: Secrets | None = None

    @property
    def base(self) -> str:
        """The base URL, without a slash at its end."""
        return str(self.url).rstrip("/")

    @property
    def version(self) -> str:
        """The version of the service that the base names; IonQ's present one if it names none."""
        last = self.base.rpartition("/")[2]
        return last if VERSION.fullmatch(last) else DEFAULT_BASE.rpartition("/")[2]

    def _base_of(self, version: str | None) -> str:
        """The base of a version of the service: it stands where the base names its own."""
        if version is None or version == self.version:
            return self.base
        head, _, last = self.base.rpartition("/")
        return f"{head if VERSION.fullmatch(last) else self.base}/{version}"

    @property
    def _place(self) -> str:
        """Host and port, as messages call them."""
        return self.url.netloc.decode("ascii")

    def steps(self, wanted: Wanted) -> Generator[httpx.Request, Outcome, Answer]:
        """What to send, one request after the other, until there is an answer.

        Raises:
            ServiceError: There will be none.
        """
        if wanted.is_url:
            url = self._own(wanted)
        else:
            url = httpx.URL(self._base_of(wanted.version) + wanted.path)
        redirects = 0
        if self._home and self._credentials.at_once and self._secrets is None:
            # Who has no key is told so by the service: it may have begun to give without.
            with suppress(NoKey):
                self._secrets = self._credentials.find()
        while True:
            with_key = self._secrets is not None
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

    def _own(self, wanted: Wanted) -> httpx.URL:
        """A URL that a document of the service names.

        Raises:
            BadAnswer: It is none to follow, leads away from this origin, or is of another job.
        """
        shown = quoted(self._shown(_anonymous(wanted.path)))
        says = f"a job record of {self._place} names {shown}"
        steps = steps_of(wanted.path)
        if steps is None:
            raise BadAnswer(f"{says}, which is no URL that is followed", self.base)
        try:
            url = self.url.join(wanted.path)
        except (httpx.InvalidURL, ValueError):
            raise BadAnswer(f"{says}, which is no URL", self.base) from None
        if _origin(url) != _origin(self.url):
            advice = "if that is the right one, name it as the base URL"
            raise BadAnswer(f"{says}, another place, where it is not followed; {advice}", self.base)
        pairs = [(one, other.lower()) for one, other in pairwise(steps[:-1])]
        if wanted.job is not None and (b"jobs", wanted.job.encode()) not in pairs:
            raise BadAnswer(f"{says}, which is not of the job {wanted.job}", self.base)
        # As after a redirect: path and query are all that is taken.
        return self.url.copy_with(raw_path=url.raw_path)

    def _request(self, url: httpx.URL, wanted: Wanted) -> httpx.Request:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": self._user_agent,
            **wanted.headers,
        }
        if wanted.etag is not None:
            headers["If-None-Match"] = wanted.etag
        if self._secrets is not None:
            headers.update(self._secrets.headers)
        timeout = httpx.Timeout(self._bounds.timeout, pool=None)
        extensions = {"timeout": timeout.as_dict(), LIMIT: self._bounds.limit(wanted.is_artifact)}
        return httpx.Request("GET", url, headers=headers, extensions=extensions)

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
            own = " and ".join(self._credentials.hosts)
            advice = (
                f"and keys go to {own} and this machine only; to send yours there all the same, "
                "say so with --send-key (in Python, send_key=True)"
            )
            raise KeyNeeded(f"{asks}, {advice}", str(url), 401)
        try:
            self._secrets = self._credentials.find()
        except NoKey as error:
            advice = str(error)
        else:
            return
        joint = ", " if advice.startswith("and ") else ": "
        raise KeyNeeded(f"{asks}{joint}{advice}", str(url), 401)

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
        if etag is not None and not is_etag(etag):
            etag = None
        data = b"" if not_modified else response.content
        if self._repeats_key(data):
            # Who stores what was asked for would store the key.
            message = f"the answer of {self._place} repeats the key, and is not handed on"
            raise BadAnswer(f"{message}; is that a server of the vendor?", str(url), status)
        return Answer(str(url), status, data, response.headers, etag, not_modified)

    def _repeats_key(self, data: bytes) -> bool:
        """Whether a body holds the key that was sent; one of few letters stands in many bodies."""
        key = "" if self._secrets is None else self._secrets.key
        return len(key) >= _SECRET and key.encode() in data

    def _refusal(self, wanted: Wanted, response: httpx.Response, url: str) -> ServiceError:
        """The error that an answer stands for."""
        status = response.status_code
        problem = _problem(response.content)
        said = _message(problem)
        said = f": {self._shown(said)}" if said.strip() else ""
        seconds = retry_after(response.headers)
        when = f"after {seconds} s" if seconds else "later"
        place = self._place
        if self._secrets is not None and status in {401, 403}:
            message = f"{place} does not accept the key {self._secrets.source} ({status}{said})"
            return KeyRefused(f"{message}; check that it is whole and still valid", url, status)
        if status == 404 or (status == 400 and _names(problem, wanted.parameters)):
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
        for word in () if self._secrets is None else self._secrets.words:
            text = text.replace(word, "***")
        return printable(" ".join(text.split()), 200)


def _checked_base(base_url: str, variable: str) -> httpx.URL:
    """A base URL, without a slash at its end.

    Raises:
        ValueError: It cannot be one.
    """
    try:
        url = httpx.URL(base_url.rstrip("/"))
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"the base URL cannot be read: {error}") from None
    if url.userinfo:
        raise ValueError(f"the base URL holds credentials; keep a key in {variable}")
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("the base URL must be https:// or http:// and a host")
    if url.query or url.fragment or "?" in base_url or "#" in base_url:
        raise ValueError("the base URL must end with its path")
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port  # httpx leaves out the port that is the scheme's own.


def _anonymous(url: str) -> str:
    """What somebody takes for a URL, without a name and a password in it."""
    return re.sub(r"[^/\\]*@", "***@", url)


def _without_secrets(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}{url.path}"


def _problem(data: bytes) -> Mapping[str, Any]:
    """The body of an error, if it is the JSON that the service's errors are."""
    value = read(data, DEFAULTS).value
    return value if isinstance(value, dict) else {}


def _message(problem: Mapping[str, Any]) -> str:
    """What an error says: IonQ's in ``message``, IBM's in that of its first of ``errors``."""
    errors = problem.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        problem = errors[0]
    message = problem.get("message")
    return message if isinstance(message, str) else ""


def _names(problem: Mapping[str, Any], parameters: tuple[str, ...]) -> bool:
    """Whether an error of validation is about a parameter; 400 adds ``validation.keys``."""
    validation = problem.get("validation")
    keys = validation.get("keys") if isinstance(validation, dict) else None
    return isinstance(keys, list) and any(name in keys for name in parameters)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it; of several that did so together the first."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        else:
            error = error.__cause__ or error.__context__
