"""The two ways to send: one request at a time, or from asyncio; to the services of each vendor."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Self

import httpx
from httpx_retries import RetryTransport

from qartifacts.client.credentials import (
    Credentials,
    IBMCredentials,
    IonQCredentials,
    ibm_base,
)
from qartifacts.client.exchange import DEFAULT_BASE, Exchanges, Outcome
from qartifacts.client.operations import (
    IBM_API_VERSION,
    MOST_ON_A_PAGE,
    Answer,
    Listing,
    Wanted,
    api_docs,
    artifact,
    backends,
    characterization,
    characterizations,
    checked_version,
    ibm_backends,
    ibm_configuration,
    ibm_defaults,
    ibm_properties,
    ibm_status,
    job,
    legacy,
    schema,
)
from qartifacts.client.transport import (
    MOST_OF_AN_ANSWER,
    MOST_OF_AN_ARTIFACT,
    AsyncWholeAnswers,
    Bounds,
    WholeAnswers,
    setting_up,
)

__all__ = ["AsyncIBMService", "AsyncService", "IBMService", "Service"]


class _Asking:
    """Requests from any number of threads, eight at a time."""

    def __init__(
        self, base_url: str, credentials: Credentials, send_key: bool, bounds: Bounds
    ) -> None:
        self._exchanges = Exchanges(base_url, credentials, send_key, bounds)
        with setting_up(self._exchanges.url) as proxy:
            trusted = httpx.create_ssl_context()  # Once: it reads many certificates.
            # No client of httpx: cookies, redirects and credentials in URLs are not its business.
            connecting = partial(httpx.HTTPTransport, verify=trusted, proxy=proxy)
            self._answers = WholeAnswers(connecting, bounds)
        self._transport = RetryTransport(self._answers, bounds.retry())

    @property
    def base_url(self) -> str:
        """What stands before the paths of the operations, without a slash at its end."""
        return self._exchanges.base

    def _ask(self, wanted: Wanted) -> Answer:
        steps = self._exchanges.steps(wanted)
        request = next(steps)
        while True:
            outcome = self._send(request)
            try:
                request = steps.send(outcome)
            except StopIteration as end:
                answer: Answer = end.value
                return answer

    def _ask_all(self, listing: Listing) -> Iterator[Answer]:
        wanted = next(listing)
        while True:
            answer = self._ask(wanted)
            yield answer
            try:
                wanted = listing.send(answer)
            except StopIteration:
                return

    def _send(self, request: httpx.Request) -> Outcome:
        # An error is handed on, not raised: what is raised in its place must not drag along the
        # frames of the HTTP library, in which the key stands.
        try:
            return self._transport.handle_request(request)
        except (httpx.HTTPError, OSError) as error:
            return error

    def close(self) -> None:
        """Close the connections."""
        self._answers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._exchanges.base}>"


class Service(_Asking):
    """IonQ's service over HTTP, asked by any number of threads, eight at a time.

    It holds connections; use it in a ``with`` statement, or ``close`` it once no thread asks.

    Args:
        base_url: What stands before ``/schemas/formats/{format}``, ``/backends`` and ``/jobs``.
        key: The API key, without ``apiKey``; by default the one in ``IONQ_API_KEY``.
        send_key: Send the key to this base although it is not IonQ's.
        timeout: Seconds to connect, and for which the server may be silent. A whole answer has
            twice that, and longer only as long as it comes at 16 KiB a second.
        attempts: How often a request is tried before its failure is told.
        max_bytes: Largest body of an answer, unpacked.
        max_artifact_bytes: The same of an artifact of a job; by default as much as a check reads.
            An answer is held in memory as a whole, and twice while it is put together.

    Raises:
        ValueError: An argument cannot be used, such as a base with credentials in it, or a key
            that would have to be sent in the clear.
        Unreachable: The environment names a proxy, or certificates, that cannot be used.

    Each request raises a ``ServiceError`` if it does not get what it asks for; ``NotFound`` if
    there is none. What comes back is handed on as it is, and checked by nobody here.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_BASE,
        *,
        key: str | None = None,
        send_key: bool = False,
        timeout: float = 30.0,
        attempts: int = 4,
        max_bytes: int = MOST_OF_AN_ANSWER,
        max_artifact_bytes: int = MOST_OF_AN_ARTIFACT,
    ) -> None:
        bounds = Bounds(timeout, attempts, max_bytes, max_artifact_bytes)
        super().__init__(base_url, IonQCredentials(key), send_key, bounds)

    def schema(self, format: str, *, etag: str | None = None) -> Answer:
        """Ask for the schema of a format.

        Raises:
            ValueError: ``format`` is no format identifier, or ``etag`` no entity tag.
            ServiceError: It was not given; ``NotFound`` if there is none.
        """
        return self._ask(schema(format, etag))

    @property
    def version(self) -> str:
        """The version of the service that the base names, as in ``v0.4``."""
        return self._exchanges.version

    def api_docs(self, *, etag: str | None = None, version: str | None = None) -> Answer:
        """Ask for the OpenAPI document of the service.

        Args:
            etag: The entity tag of the one that the caller has.
            version: Of which version of the service, as in ``v0.3``; by default of the one that
                the base names. Another one is asked for beside it, at the same host.

        Raises:
            ValueError: ``etag`` is no entity tag, or ``version`` no version.
            ServiceError: It was not given; ``NotFound`` if there is none.
        """
        return self._ask(api_docs(etag, version))

    def backends(self) -> Answer:
        """Ask for the list of backends (``ionq.backends.v0.4``). It needs no key.

        Raises:
            ServiceError: It was not given.
        """
        return self._ask(backends())

    def characterization(self, backend: str, id: str | uuid.UUID) -> Answer:
        """Ask for one characterization of a backend (``ionq.characterization.v0.4``).

        Args:
            backend: Its name, as in ``qpu.forte-1``.
            id: The UUID of the characterization. That of the newest one is
                ``characterization_id`` in the list of backends.

        Raises:
            ValueError: ``backend`` can be no name, or ``id`` is no UUID.
            ServiceError: It was not given; ``NotFound`` if there is none.
        """
        return self._ask(characterization(backend, id))

    def characterizations(
        self,
        backend: str,
        *,
        start: dt.datetime | int | None = None,
        end: dt.datetime | int | None = None,
        limit: int = MOST_ON_A_PAGE,
        page: int = 1,
    ) -> Iterator[Answer]:
        """Ask for the characterizations of a backend, page by page, to the last page.

        Each page is a document (``ionq.characterizations.v0.3``) and is asked for when it is
        wanted. Version 0.3 of the API has them, so the ``/v0.4`` at the end of the base gives way
        to ``/v0.3``, and the service asks for the key. A characterization that is made meanwhile
        moves the others, so that one of them can come twice.

        Args:
            backend: Its name, as in ``qpu.forte-1``.
            start: The earliest time, as a ``datetime`` with a time zone or in milliseconds since
                1970. (The documents themselves have seconds.)
            end: The time before which they are, likewise.
            limit: How many a page holds, from 1 to 10.
            page: The first page to ask for, from 1.

        Raises:
            ValueError: An argument is not as it should be. Nothing was asked for then.
            TypeError: ``start`` or ``end`` is no time. Nothing was asked for then.
            ServiceError: A page was not given; ``BadAnswer`` also behind a page that does not say
                how many are left, that has come before, or that is the 10,000th.
        """
        return self._ask_all(characterizations(backend, start, end, limit, page))

    def job(self, id: str | uuid.UUID) -> Answer:
        """Ask for the record of a job.

        Args:
            id: The UUID of the job.

        Raises:
            ValueError: ``id`` is no UUID.
            ServiceError: It was not given; ``NotFound`` if there is none.
        """
        return self._ask(job(id))

    def artifact(self, job_id: str | uuid.UUID, artifact_id: str) -> Answer:
        """Ask for an artifact of a job. ``Answer.media_type`` tells whether it is JSON.

        Args:
            job_id: The UUID of the job.
            artifact_id: The ``id`` of a descriptor in the job's record.

        Raises:
            ValueError: ``job_id`` is no UUID, or ``artifact_id`` cannot stand in a URL: it is
                empty, longer than 500 characters, or a step in a path.
            ServiceError: It was not given; ``NotFound`` if there is none.
        """
        return self._ask(artifact(job_id, artifact_id))

    def legacy(self, url: str, job_id: str | uuid.UUID | None = None) -> Answer:
        """Ask for what a job record names by a URL, as older entries of ``results`` do.

        Args:
            url: A path such as ``/v0.4/jobs/<id>/results/probabilities``, which begins where the
                host ends, or a whole URL with the scheme, host and port of the base. Nothing else
                is followed.
            job_id: The job that must stand in it; by default it may be any.

        Raises:
            ValueError: ``job_id`` is no UUID.
            BadAnswer: The URL is none of this service's, or of another job. Nothing was asked for
                then.
            ServiceError: It was not given; ``NotFound`` if there is none.
        """
        return self._ask(legacy(url, job_id))


class IBMService(_Asking):
    """IBM's service of backends over HTTP, asked by any number of threads, eight at a time.

    It holds connections; use it in a ``with`` statement, or ``close`` it once no thread asks.

    Args:
        base_url: What stands before ``/v1/backends``; by default the base of the region that the
            instance is in, ``IBM_BASE`` or ``IBM_EU_BASE``.
        key: The IBM Cloud API key, without ``apikey``; by default the one in ``QISKIT_IBM_TOKEN``.
        token: An IAM token instead of a key, without ``Bearer``; by default the one in
            ``IBM_QUANTUM_BEARER_TOKEN``. No token is fetched for a key.
        crn: The CRN of the service instance; by default the one in ``QISKIT_IBM_INSTANCE``.
        api_version: The version of the API to ask for, a date.
        send_key: Send key and CRN to this base although it is not IBM's.
        timeout: As for ``Service``.
        attempts: As for ``Service``.
        max_bytes: As for ``Service``.

    Raises:
        ValueError: An argument cannot be used, such as a base with credentials in it, a key
            that would have to be sent in the clear, or a CRN that is none.
        Unreachable: The environment names a proxy, or certificates, that cannot be used.

    Each request raises a ``ServiceError`` if it does not get what it asks for; ``NotFound`` if
    there is none. What comes back is handed on as it is, and checked by nobody here.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        key: str | None = None,
        token: str | None = None,
        crn: str | None = None,
        api_version: str = IBM_API_VERSION,
        send_key: bool = False,
        timeout: float = 30.0,
        attempts: int = 4,
        max_bytes: int = MOST_OF_AN_ANSWER,
    ) -> None:
        bounds = Bounds(timeout, attempts, max_bytes)
        credentials = IBMCredentials(key, token, crn)
        self._version = checked_version(api_version)
        base_url = ibm_base(crn) if base_url is None else base_url
        super().__init__(base_url, credentials, send_key, bounds)

    def backends(self, *, wait_times: bool = False) -> Answer:
        """Ask for the list of backends (``ibm.backends.v1``) of the instance.

        Args:
            wait_times: Ask for the times that jobs wait, too.

        Raises:
            ServiceError: It was not given.
        """
        return self._ask(ibm_backends(self._version, wait_times=wait_times))

    def configuration(self, backend: str, *, calibration_id: str | None = None) -> Answer:
        """Ask for the configuration of a backend (``ibm.backend-configuration.v1``).

        Args:
            backend: Its name, as in ``ibm_fez``.
            calibration_id: The calibration that it belongs to; by default the newest.

        Raises:
            ValueError: An argument is not as it should be. Nothing was asked for then.
            ServiceError: It was not given; ``NotFound`` if there is none.
        """
        return self._ask(ibm_configuration(self._version, backend, calibration_id))

    def properties(
        self,
        backend: str,
        *,
        updated_before: dt.datetime | None = None,
        calibration_id: str | None = None,
    ) -> Answer:
        """Ask for the properties of a backend (``ibm.backend-properties.v1``).

        Args:
            backend: Its name, as in ``ibm_fez``.
            updated_before: The time before which they were updated, with a time zone; by default
                they are the newest.
            calibration_id: The calibration that they belong to; by default the newest.

        Raises:
            ValueError: An argument is not as it should be. Nothing was asked for then.
            TypeError: ``updated_before`` is no ``datetime``. Nothing was asked for then.
            ServiceError: They were not given; ``NotFound`` if there are none.
        """
        return self._ask(ibm_properties(self._version, backend, updated_before, calibration_id))

    def status(self, backend: str) -> Answer:
        """Ask for the status of a backend (``ibm.backend-status.v1``).

        Raises:
            ValueError: ``backend`` can be no name.
            ServiceError: It was not given; ``NotFound`` if there is none.
        """
        return self._ask(ibm_status(self._version, backend))

    def defaults(self, backend: str) -> Answer:
        """Ask for the defaults of a backend (``ibm.backend-defaults.v1``).

        Raises:
            ValueError: ``backend`` can be no name.
            ServiceError: They were not given; ``NotFound`` if there are none.
        """
        return self._ask(ibm_defaults(self._version, backend))


class _AsyncAsking:
    """Requests from asyncio, by any number of tasks, eight at a time."""

    def __init__(
        self, base_url: str, credentials: Credentials, send_key: bool, bounds: Bounds
    ) -> None:
        self._exchanges = Exchanges(base_url, credentials, send_key, bounds)
        with setting_up(self._exchanges.url) as proxy:
            inner = httpx.AsyncHTTPTransport(proxy=proxy)
        self._answers = AsyncWholeAnswers(inner, bounds)
        self._transport = RetryTransport(self._answers, bounds.retry())

    @property
    def base_url(self) -> str:
        """What stands before the paths of the operations, without a slash at its end."""
        return self._exchanges.base

    async def _ask(self, wanted: Wanted) -> Answer:
        steps = self._exchanges.steps(wanted)
        request = next(steps)
        while True:
            outcome = await self._send(request)
            try:
                request = steps.send(outcome)
            except StopIteration as end:
                answer: Answer = end.value
                return answer

    async def _ask_all(self, listing: Listing) -> AsyncIterator[Answer]:
        wanted = next(listing)
        while True:
            answer = await self._ask(wanted)
            yield answer
            try:
                wanted = listing.send(answer)
            except StopIteration:
                return

    async def _send(self, request: httpx.Request) -> Outcome:
        try:  # As in _Asking.
            return await self._transport.handle_async_request(request)
        except (httpx.HTTPError, OSError) as error:
            return error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._answers.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._exchanges.base}>"


class AsyncService(_AsyncAsking):
    """IonQ's service over HTTP from asyncio, by any number of tasks, eight at a time.

    Arguments and errors are those of ``Service``; use it in an ``async with`` statement, or
    ``aclose`` it.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_BASE,
        *,
        key: str | None = None,
        send_key: bool = False,
        timeout: float = 30.0,
        attempts: int = 4,
        max_bytes: int = MOST_OF_AN_ANSWER,
        max_artifact_bytes: int = MOST_OF_AN_ARTIFACT,
    ) -> None:
        bounds = Bounds(timeout, attempts, max_bytes, max_artifact_bytes)
        super().__init__(base_url, IonQCredentials(key), send_key, bounds)

    async def schema(self, format: str, *, etag: str | None = None) -> Answer:
        """As ``Service.schema``."""
        return await self._ask(schema(format, etag))

    @property
    def version(self) -> str:
        """As ``Service.version``."""
        return self._exchanges.version

    async def api_docs(self, *, etag: str | None = None, version: str | None = None) -> Answer:
        """As ``Service.api_docs``."""
        return await self._ask(api_docs(etag, version))

    async def backends(self) -> Answer:
        """As ``Service.backends``."""
        return await self._ask(backends())

    async def characterization(self, backend: str, id: str | uuid.UUID) -> Answer:
        """As ``Service.characterization``."""
        return await self._ask(characterization(backend, id))

    def characterizations(
        self,
        backend: str,
        *,
        start: dt.datetime | int | None = None,
        end: dt.datetime | int | None = None,
        limit: int = MOST_ON_A_PAGE,
        page: int = 1,
    ) -> AsyncIterator[Answer]:
        """As ``Service.characterizations``, for ``async for``; arguments are checked at once."""
        return self._ask_all(characterizations(backend, start, end, limit, page))

    async def job(self, id: str | uuid.UUID) -> Answer:
        """As ``Service.job``."""
        return await self._ask(job(id))

    async def artifact(self, job_id: str | uuid.UUID, artifact_id: str) -> Answer:
        """As ``Service.artifact``."""
        return await self._ask(artifact(job_id, artifact_id))

    async def legacy(self, url: str, job_id: str | uuid.UUID | None = None) -> Answer:
        """As ``Service.legacy``."""
        return await self._ask(legacy(url, job_id))


class AsyncIBMService(_AsyncAsking):
    """IBM's service of backends over HTTP from asyncio, by any number of tasks, eight at a time.

    Arguments and errors are those of ``IBMService``; use it in an ``async with`` statement, or
    ``aclose`` it.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        key: str | None = None,
        token: str | None = None,
        crn: str | None = None,
        api_version: str = IBM_API_VERSION,
        send_key: bool = False,
        timeout: float = 30.0,
        attempts: int = 4,
        max_bytes: int = MOST_OF_AN_ANSWER,
    ) -> None:
        bounds = Bounds(timeout, attempts, max_bytes)
        credentials = IBMCredentials(key, token, crn)
        self._version = checked_version(api_version)
        base_url = ibm_base(crn) if base_url is None else base_url
        super().__init__(base_url, credentials, send_key, bounds)

    async def backends(self, *, wait_times: bool = False) -> Answer:
        """As ``IBMService.backends``."""
        return await self._ask(ibm_backends(self._version, wait_times=wait_times))

    async def configuration(self, backend: str, *, calibration_id: str | None = None) -> Answer:
        """As ``IBMService.configuration``."""
        return await self._ask(ibm_configuration(self._version, backend, calibration_id))

    async def properties(
        self,
        backend: str,
        *,
        updated_before: dt.datetime | None = None,
        calibration_id: str | None = None,
    ) -> Answer:
        """As ``IBMService.properties``."""
        wanted = ibm_properties(self._version, backend, updated_before, calibration_id)
        return await self._ask(wanted)

    async def status(self, backend: str) -> Answer:
        """As ``IBMService.status``."""
        return await self._ask(ibm_status(self._version, backend))

    async def defaults(self, backend: str) -> Answer:
        """As ``IBMService.defaults``."""
        return await self._ask(ibm_defaults(self._version, backend))
