"""The operations of the services: what each asks for, and what its arguments may be.

Everything that callers pass is checked here, before anything is sent; what comes back is looked
into only as far as it takes to know whether there is a next page.

Facts about the operations are those of the published pages: IonQ Cloud Platform API v0.4 (backends,
characterizations, jobs and their artifacts) and v0.3 (list of characterizations), and the Qiskit
Runtime backends API.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

from qartifacts.config import DEFAULTS
from qartifacts.errors import BadAnswer
from qartifacts.identifiers import CHILD_ID, FormatId
from qartifacts.jsontext import quoted, read

__all__ = [
    "IBM_API_VERSION",
    "MOST_ON_A_PAGE",
    "VERSION",
    "Answer",
    "Listing",
    "Wanted",
    "api_docs",
    "artifact",
    "aware",
    "backends",
    "characterization",
    "characterizations",
    "checked_version",
    "ibm_backends",
    "ibm_configuration",
    "ibm_defaults",
    "ibm_properties",
    "ibm_status",
    "is_etag",
    "job",
    "legacy",
    "schema",
    "steps_of",
]

#: The version of IBM's API that is asked for: the one that qiskit-ibm-runtime 0.51 asks for.
IBM_API_VERSION: Final = "2026-04-15"
#: Characterizations that one page of version 0.3 holds at most.
MOST_ON_A_PAGE: Final = 10
#: Pages of one listing: more than a device of many years has, and fewer than for ever.
_MOST_PAGES = 10_000

#: How a version of the service stands at the end of a base.
VERSION: Final = re.compile(r"v[0-9]+(?:\.[0-9]+)*", re.ASCII)

_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: Lengths of names and of calibration ids that IBM's API takes.
_LONGEST_NAME: Final = 500
_LONGEST_CALIBRATION: Final = 100

#: What a URL in a job record may hold, and the place that it may name: no name and password in
#: front, and nothing that some readers of URLs take for a slash, or leave out.
_LONGEST_URL: Final = 2000
_URL = re.compile(
    r"(?:https?://[A-Za-z0-9.:\[\]_-]+)?(?P<path>(?!//)/[!$%-.0-9:;=@A-Z_a-z~/]*)"
    r"(?:\?[!$%-;=?@A-Z_a-z~]*)?",
    re.ASCII | re.IGNORECASE,
)


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

    @property
    def media_type(self) -> str | None:
        """What the service says the body is, as in ``text/plain``: in small letters, no more."""
        stated = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return stated or None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing to ask a service for.

    Attributes:
        path: Where it stands behind the base, ready for a URL; or a URL that a document of the
            service names, which is followed where the base is only.
        name: How messages call it.
        parameters: The names of the parameters that say which one it is.
        etag: What the caller has already.
        headers: Headers that say what is asked for.
        version: The version of the API, where it is not the one that the base ends with.
        is_url: Whether ``path`` is a URL.
        job: The job that the URL must be about, if it must be.
        is_artifact: Whether it may be as large as an artifact.
    """

    path: str
    name: str
    parameters: tuple[str, ...] = ()
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    version: str | None = None
    is_url: bool = False
    job: str | None = None
    is_artifact: bool = False


#: Gives what to ask for, page by page, and is sent the answers.
Listing: TypeAlias = Generator[Wanted, Answer, None]


def schema(format: str, etag: str | None) -> Wanted:
    """The schema of a format."""
    format = FormatId(format)  # By its syntax it stands in a URL as it is.
    path = f"/schemas/formats/{format}"
    return Wanted(path, f"the schema of {format}", ("format",), _checked_etag(etag))


def api_docs(etag: str | None, version: str | None = None) -> Wanted:
    """The OpenAPI document."""
    if version is not None and not VERSION.fullmatch(version):
        raise ValueError(f"this is no version of the service: {version[:80]!r}")
    name = f"the OpenAPI document of {version}" if version else "the OpenAPI document"
    return Wanted("/api-docs", name, (), _checked_etag(etag), version=version)


# ----------------------------------------------------------------------------------------------
# IonQ


def backends() -> Wanted:
    """The list of backends."""
    return Wanted("/backends", "the list of backends")


def characterization(backend: str, id: str | uuid.UUID) -> Wanted:
    """One characterization of a backend."""
    segment = _segment(backend, "a backend")
    id = _uuid(id, "a characterization")
    path = f"/backends/{segment}/characterizations/{id}"
    name = f"the characterization {id} of {backend}"
    return Wanted(path, name, ("backend", "UUID"))


def characterizations(
    backend: str,
    start: dt.datetime | int | None,
    end: dt.datetime | int | None,
    limit: int,
    page: int,
) -> Listing:
    """The characterizations of a backend, page by page. Arguments are checked at once."""
    segment = _segment(backend, "a backend")
    limit = _whole(limit, "limit", 1, MOST_ON_A_PAGE)
    page = _whole(page, "page", 1, None)
    since, until = _milliseconds(start, "start"), _milliseconds(end, "end")
    if since is not None and until is not None and since > until:
        raise ValueError("start must not be later than end")
    query = {"start": since, "end": until, "limit": limit}
    said = {name: value for name, value in query.items() if value is not None}
    return _pages(backend, f"/characterizations/backends/{segment}", said, page)


def _pages(backend: str, path: str, query: Mapping[str, int], page: int) -> Listing:
    name = f"the characterizations of {backend}"
    seen: set[bytes] = set()
    for number in range(page, page + _MOST_PAGES):
        asked = f"{path}?{urlencode({**query, 'page': number})}"
        answer = yield Wanted(asked, name, ("backend",), version="v0.3")
        found, left = _on_page(answer, name)
        if left == 0 or (left is None and len(found) < query["limit"]):
            return
        if not found:
            message = f"{_place(answer)} gives an empty page of {name}, and says that more follow"
            raise BadAnswer(message, answer.url, answer.status)
        digest = hashlib.sha256(json.dumps(found).encode()).digest()
        if digest in seen:
            message = f"{_place(answer)} gives the same page of {name} again and again"
            raise BadAnswer(message, answer.url, answer.status)
        seen.add(digest)
    message = f"{_place(answer)} has more than {_MOST_PAGES:,} pages of {name}"
    raise BadAnswer(f"{message}; ask for a shorter time", answer.url, answer.status)


def _on_page(answer: Answer, name: str) -> tuple[list[Any], int | None]:
    """What a page holds, and how many are left behind it; None if that is not said."""
    value = read(answer.data, DEFAULTS).value
    if isinstance(value, dict):
        found, left = value.get("characterizations"), value.get("pages")
        found = [] if found is None else found  # The service writes null for none.
        if isinstance(found, list) and (left is None or (type(left) is int and left >= 0)):
            return found, left
    message = f"{_place(answer)} does not say how many pages of {name} are left"
    raise BadAnswer(message, answer.url, answer.status)


def _place(answer: Answer) -> str:
    return urlsplit(answer.url).netloc


def _milliseconds(when: dt.datetime | int | None, name: str) -> int | None:
    """A time as the service takes it: milliseconds since 1970 in UTC."""
    if when is None:
        return None
    if isinstance(when, dt.datetime):
        return (aware(when, name) - _EPOCH) // dt.timedelta(milliseconds=1)
    if type(when) is not int:
        raise TypeError(
            f"{name} takes a datetime with a time zone, or milliseconds since 1970 as an int, "
            f"not {type(when).__name__}"
        )
    return when


def job(id: str | uuid.UUID) -> Wanted:
    """The record of a job."""
    id = _uuid(id, "a job")
    return Wanted(f"/jobs/{id}", f"the job {id}", ("UUID",))


def artifact(job_id: str | uuid.UUID, artifact_id: str) -> Wanted:
    """An artifact of a job, whatever its media type."""
    segment = _segment(artifact_id, "an artifact")
    id = _uuid(job_id, "a job")
    name = f"the artifact {quoted(artifact_id)} of the job {id}"
    return Wanted(
        f"/jobs/{id}/artifacts/{segment}",
        name,
        ("UUID", "artifactId"),
        headers={"Accept": "*/*"},
        is_artifact=True,
    )


def legacy(url: str, job_id: str | uuid.UUID | None) -> Wanted:
    """What a job record names by a URL: a path of the service, or a whole URL."""
    job = None if job_id is None else _uuid(job_id, "a job").lower()
    name = f"what a job record names by {quoted(url.partition('?')[0])}"
    return Wanted(url, name, ("UUID",), is_artifact=True, is_url=True, job=job)


def steps_of(url: str) -> list[bytes] | None:
    """The parts of the path of a URL that a job record names; None if it is none to follow.

    Whether it is one of the service's is another question.
    """
    found = _URL.fullmatch(url) if len(url) <= _LONGEST_URL else None
    if found is None:
        return None
    parts = [unquote_to_bytes(part) for part in found["path"].split("/")]
    return None if any(part in _STEPS or _UNSAFE.search(part) for part in parts) else parts


#: Parts of a path that lead elsewhere, and what a server may take for the end of a part.
_STEPS: Final = frozenset({b".", b".."})
_UNSAFE: Final = re.compile(rb"[\x00-\x20\x7f/\\]")


# ----------------------------------------------------------------------------------------------
# IBM


def ibm_backends(version: str, *, wait_times: bool) -> Wanted:
    """The list of backends."""
    query = {"fields": "wait_time_seconds"} if wait_times else {}
    return _of_ibm("", query, version, "the list of backends", ())


def ibm_configuration(version: str, backend: str, calibration_id: str | None) -> Wanted:
    """The configuration of a backend."""
    query = _calibration(calibration_id)
    return _about(backend, "configuration", query, version)


def ibm_properties(
    version: str, backend: str, updated_before: dt.datetime | None, calibration_id: str | None
) -> Wanted:
    """The properties of a backend."""
    query = _calibration(calibration_id)
    if updated_before is not None:
        moment = aware(updated_before, "updated_before").astimezone(dt.UTC)
        query["updated_before"] = moment.isoformat().replace("+00:00", "Z")
    return _about(backend, "properties", query, version)


def ibm_status(version: str, backend: str) -> Wanted:
    """The status of a backend."""
    return _about(backend, "status", {}, version)


def ibm_defaults(version: str, backend: str) -> Wanted:
    """The defaults of a backend."""
    return _about(backend, "defaults", {}, version)


def checked_version(version: str) -> str:
    """A version of IBM's API, which is a date, as in ``2026-04-15``."""
    if not _DATE.fullmatch(version):
        raise ValueError(f"api_version takes a date, as in {IBM_API_VERSION}, not {version[:80]!r}")
    return version


def _about(backend: str, part: str, query: Mapping[str, str], version: str) -> Wanted:
    segment = _segment(backend, "a backend")
    return _of_ibm(f"/{segment}/{part}", query, version, f"the {part} of {backend}", ("id",))


def _of_ibm(
    path: str, query: Mapping[str, str], version: str, name: str, parameters: tuple[str, ...]
) -> Wanted:
    behind = f"?{urlencode(query, quote_via=quote)}" if query else ""
    headers = {"IBM-API-Version": version}
    return Wanted(f"/v1/backends{path}{behind}", name, parameters, headers=headers)


def _calibration(id: str | None) -> dict[str, str]:
    if id is None:
        return {}
    if not 1 <= len(id) <= _LONGEST_CALIBRATION:
        raise ValueError(f"calibration_id has 1 to {_LONGEST_CALIBRATION} characters")
    return {"calibration_id": id}


# ----------------------------------------------------------------------------------------------
# Arguments


def is_etag(text: str) -> bool:
    """Whether a text is an entity tag."""
    return _ETAG.fullmatch(text) is not None


def _checked_etag(etag: str | None) -> str | None:
    if etag is not None and not is_etag(etag):
        raise ValueError(f"this is no entity tag: {etag[:80]!r}")
    return etag


def _segment(name: str, what: str) -> str:
    """A name as one segment of a path, whatever it holds.

    Raises:
        ValueError: It is none that could stand there: empty, endless, or a step in a path.
    """
    if not 1 <= len(name) <= _LONGEST_NAME or name in {".", ".."}:
        raise ValueError(f"{name[:80]!r} is not the name of {what}")
    try:
        return quote(name, safe="")
    except UnicodeEncodeError as error:
        raise ValueError(f"{name[:80]!r} is not the name of {what}") from error


def _uuid(id: str | uuid.UUID, what: str) -> str:
    id = str(id)
    if not CHILD_ID.fullmatch(id):
        raise ValueError(f"{what} has a UUID, not {id[:80]!r}")
    return id


def _whole(value: int, name: str, least: int, most: int | None) -> int:
    if type(value) is not int or value < least or (most is not None and value > most):
        bounds = f"from {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} takes a whole number {bounds}, not {value!r}")
    return value


def aware(when: Any, name: str) -> dt.datetime:
    """A time with its zone.

    Raises:
        TypeError: It is no ``datetime``.
        ValueError: It has no zone.
    """
    if not isinstance(when, dt.datetime):
        kind = type(when).__name__
        raise TypeError(f"{name} takes a datetime with a time zone, not {kind}")
    if when.utcoffset() is None:
        raise ValueError(f"{name} has no time zone; say which, as in datetime(..., tzinfo=UTC)")
    return when
