"""The two ways to send: one request at a time, or from asyncio."""

from __future__ import annotations

from typing import Self

import httpx
from httpx_retries import RetryTransport

from qartifacts.client.exchange import (
    DEFAULT_BASE,
    Answer,
    Exchanges,
    Outcome,
    Wanted,
    api_docs,
    schema,
)
from qartifacts.client.transport import AsyncWholeAnswers, Bounds, WholeAnswers, setting_up

__all__ = ["AsyncService", "Service"]


class Service:
    """A service that is asked over HTTP, one request at a time; threads take turns.

    It holds a connection; use it in a ``with`` statement, or ``close`` it.

    Args:
        base_url: What stands before ``/schemas/formats/{format}``.
        key: The API key, without ``apiKey``; by default the one in ``IONQ_API_KEY``.
        send_key: Send the key to this base although it is not IonQ's.
        timeout: Seconds to connect, and for which the server may be silent. A whole answer has
            twice that, and longer only as long as it comes at 16 KiB a second.
        attempts: How often a request is tried before its failure is told.
        max_bytes: Largest body of an answer, unpacked.

    Raises:
        ValueError: An argument cannot be used, such as a base with credentials in it, or a key
            that would have to be sent in the clear.
        Unreachable: The environment names a proxy, or certificates, that cannot be used.

    Each request raises a ``ServiceError`` if it does not get what it asks for.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_BASE,
        *,
        key: str | None = None,
        send_key: bool = False,
        timeout: float = 30.0,
        attempts: int = 4,
        max_bytes: int = 64 << 20,
    ) -> None:
        bounds = Bounds(timeout, attempts, max_bytes)
        self._exchanges = Exchanges(base_url, key, send_key, bounds)
        with setting_up(self._exchanges.url) as proxy:
            inner = httpx.HTTPTransport(proxy=proxy)
        # No client of httpx: cookies, redirects and credentials in URLs are not for it to decide.
        self._answers = WholeAnswers(inner, bounds)
        self._transport = RetryTransport(self._answers, bounds.retry())

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

    def _send(self, request: httpx.Request) -> Outcome:
        # An error is handed on, not raised: what is raised in its place must not drag along the
        # frames of the HTTP library, in which the key stands.
        try:
            return self._transport.handle_request(request)
        except (httpx.HTTPError, OSError) as error:
            return error

    def close(self) -> None:
        """Close the connection."""
        self._answers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Service at {self._exchanges.base}>"


class AsyncService:
    """A service that is asked over HTTP from asyncio, by any number of tasks, eight at a time.

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
        max_bytes: int = 64 << 20,
    ) -> None:
        bounds = Bounds(timeout, attempts, max_bytes)
        self._exchanges = Exchanges(base_url, key, send_key, bounds)
        with setting_up(self._exchanges.url) as proxy:
            inner = httpx.AsyncHTTPTransport(proxy=proxy)
        self._answers = AsyncWholeAnswers(inner, bounds)
        self._transport = RetryTransport(self._answers, bounds.retry())

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

    async def _send(self, request: httpx.Request) -> Outcome:
        try:  # As in Service.
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
        return f"<AsyncService at {self._exchanges.base}>"
