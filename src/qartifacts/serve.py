"""A read-only mirror of the schemas endpoint, from a directory of pinned schemas; and of a store.

For laboratories without internet, and for tests: the paths, the bodies of errors and the bytes
are those that a client of the service expects. Every pinned document is verified each time it is
asked for. Names in a URL are looked up among what there is; none of them ever becomes a path.

Headers say where a document comes from (``Qartifacts-Source``, ``-Where``, ``-Retrieved``,
``-Stated``, ``-Identifier``), so that one who pins from the mirror can say so, too. It pins nothing
itself: it serves what the lockfile said when it was started, without errata.

A store is a directory of device documents and of stored jobs (``stored/``). They are served byte
for byte at the paths of IonQ's and IBM's services, and nothing is said of them: who asks checks
them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from types import FrameType, MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qartifacts import __version__
from qartifacts.errors import RegistryError
from qartifacts.jsontext import quoted
from qartifacts.registry import Pin, Registry
from qartifacts.stored import IBM_PARTS, LEGACY
from qartifacts.stored.devices import DeviceStore
from qartifacts.stored.jobs import JobStore

__all__ = ["PREFIX", "application", "serve", "serving"]

#: What the paths of the service start with; the mirror answers with and without it.
PREFIX: Final = "/v0.4"
#: The same for IBM's service.
IBM_PREFIX: Final = "/api"
#: Seconds that answers under way have when the mirror is told to end.
_GRACE: Final = 3

_ETAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
#: What may stand in a header as it is: printable ASCII but the percent sign, which quotes the rest.
_PLAIN: Final = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")

#: What the mirror tells of a document, by the ends of the headers' names.
_HEADERS: Final = {
    "Source": "endpoint, mirror, openapi, endpoint-example or documentation",
    "Where": "The place that the document was read at",
    "Retrieved": "The day on which it was read",
    "Stated": "The source that the mirror stated from which it was read",
    "Identifier": "local, if the format's identifier is not the service's",
}

_log = logging.getLogger("uvicorn.error")


def application(
    registry: Registry, store: DeviceStore | None = None, jobs: JobStore | None = None
) -> Starlette:
    """The mirror as an ASGI application.

    Args:
        registry: The pinned schemas to serve.
        store: The device documents to serve; none by default.
        jobs: The stored jobs to serve; none by default.
    """
    routes = []
    docs = json.dumps(_api_docs(registry, store, jobs), indent=2).encode()
    for prefix in ("", PREFIX):
        routes += _schema_routes(prefix, registry, docs)
        if store is not None:
            routes += _ionq_routes(prefix, store)
        if jobs is not None:
            routes += _job_routes(prefix, jobs)
    if store is not None:
        routes += _history_routes(store)
        for prefix in ("", IBM_PREFIX):
            routes += _ibm_routes(prefix, store)
    routes.append(Route("/health", _health(registry)))
    app = Starlette(
        routes=routes, exception_handlers={HTTPException: _refusal, Exception: _failure}
    )
    # A redirect would name the host that the client's Host header names.
    app.router.redirect_slashes = False
    return app


def _schema_routes(prefix: str, registry: Registry, docs: bytes) -> list[Route]:
    def schema(request: Request) -> Response:
        format = request.path_params["format"]
        if format not in registry:
            raise HTTPException(404, f"there is no schema of the format {quoted(format)}")
        pin = registry[format]
        try:
            data = pin.read_bytes()
        except RegistryError as error:
            _log.error("%s", error)  # Paths of this machine are for its own eyes.
            message = f"the pinned schema of {pin.format} is missing or modified"
            raise HTTPException(500, message) from error
        return _document(request, data, _provenance(pin))

    def api_docs(request: Request) -> Response:
        return _document(request, docs, {})

    return [
        Route(f"{prefix}/schemas/formats/{{format}}", schema),
        Route(f"{prefix}/api-docs", api_docs),
    ]


def _ionq_routes(prefix: str, store: DeviceStore) -> list[Route]:
    """The operations of version 0.4 of IonQ's API that are about devices."""

    def backends(request: Request) -> Response:
        return _stored(request, store.ionq_backends, "no list of IonQ's backends")

    def characterization(request: Request) -> Response:
        backend, id = request.path_params["backend"], request.path_params["UUID"]
        missing = f"no characterization {quoted(id)} of {quoted(backend)}"
        return _stored(request, lambda: store.characterization(backend, id), missing)

    return [
        Route(f"{prefix}/backends", backends),
        Route(f"{prefix}/backends/{{backend}}/characterizations/{{UUID}}", characterization),
    ]


def _history_routes(store: DeviceStore) -> list[Route]:
    """The list of characterizations, which version 0.3 of IonQ's API has."""

    def characterizations(request: Request) -> Response:
        asked = request.query_params
        wrong = [name for name, fits in _QUERY.items() if name in asked and not fits(asked[name])]
        if wrong:
            validation = {"keys": wrong, "source": "query"}
            message = f"{' and '.join(wrong)} cannot be understood"
            return _error(400, message, validation=validation)
        start, end = (int(asked[name]) if name in asked else None for name in ("start", "end"))
        limit, page = int(asked.get("limit", "10")), int(asked.get("page", "1"))
        backend = request.path_params["backend"]

        def listing() -> bytes | None:
            return store.characterizations(backend, start, end, limit, page)

        return _stored(request, listing, f"no characterizations of {quoted(backend)}")

    return [Route("/v0.3/characterizations/backends/{backend}", characterizations)]


def _ibm_routes(prefix: str, store: DeviceStore) -> list[Route]:
    """The operations of IBM's API that are about backends."""

    def backends(request: Request) -> Response:
        return _stored(request, store.ibm_backends, "no list of IBM's backends")

    def part(request: Request) -> Response:
        id, part = request.path_params["id"], request.path_params["part"]
        missing = f"no {quoted(part)} of {quoted(id)}"
        return _stored(request, lambda: store.ibm_part(id, part), missing)

    return [
        Route(f"{prefix}/v1/backends", backends),
        Route(f"{prefix}/v1/backends/{{id}}/{{part}}", part),
    ]


def _job_routes(prefix: str, jobs: JobStore) -> list[Route]:
    """The operations of version 0.4 of IonQ's API that are about jobs and what they leave."""

    def job(request: Request) -> Response:
        id = request.path_params["UUID"]
        return _stored(request, lambda: jobs.record(id), f"no job {quoted(id)}")

    def artifact(request: Request) -> Response:
        id, artifact = request.path_params["UUID"], request.path_params["artifactId"]
        missing = f"no artifact {quoted(artifact)} of the job {quoted(id)}"
        return _stored(request, lambda: jobs.artifact(id, artifact), missing)

    def result(request: Request) -> Response:
        id, name = request.path_params["UUID"], request.path_params["name"]
        # With ?sharpen=true the service gives another distribution, which a store cannot tell.
        sharpened = request.query_params.get("sharpen", "false") != "false"
        missing = f"no {'sharpened ' if sharpened else ''}{quoted(name)} of the job {quoted(id)}"
        return _stored(request, lambda: None if sharpened else jobs.legacy(id, name), missing)

    return [
        Route(f"{prefix}/jobs/{{UUID}}", job),
        # An id may hold a slash, which a client quotes, and which is here as it was.
        Route(f"{prefix}/jobs/{{UUID}}/artifacts/{{artifactId:path}}", artifact),
        Route(f"{prefix}/jobs/{{UUID}}/results/{{name}}", result),
    ]


def _stored(
    request: Request, look: Callable[[], bytes | tuple[bytes, str] | None], missing: str
) -> Response:
    """Something of a store, or the word that it has none, or cannot read what it has.

    Args:
        request: What was asked.
        look: Gives the bytes; and their media type, where that is not the one of JSON.
        missing: What there is none of.
    """
    try:
        found = look()
    except OSError as error:
        _log.error("%s", error)
        raise HTTPException(500, "a document of the store cannot be read") from error
    if found is None:
        raise HTTPException(404, f"the store has {missing}")
    if isinstance(found, bytes):
        return _document(request, found, {})
    return _document(request, found[0], {}, found[1])


#: What the parameters of a list of characterizations may be.
_QUERY: Final[Mapping[str, Callable[[str], object]]] = {
    "start": re.compile(r"-?[0-9]{1,16}", re.ASCII).fullmatch,
    "end": re.compile(r"-?[0-9]{1,16}", re.ASCII).fullmatch,
    "limit": re.compile(r"[1-9]|10", re.ASCII).fullmatch,
    "page": re.compile(r"[1-9][0-9]{0,8}", re.ASCII).fullmatch,
}


def _document(
    request: Request,
    data: bytes,
    headers: Mapping[str, str],
    media_type: str = "application/json",  # That which the service states for its schemas.
) -> Response:
    """A document, or the word that the client has it already."""
    etag = f'"{hashlib.sha256(data).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", **headers}
    known = ",".join(request.headers.getlist("If-None-Match"))
    if known.strip() == "*" or etag in _ETAG.findall(known):
        return Response(status_code=304, headers=headers)
    # As a header: as a media type of text, it would be told an encoding that nobody knows.
    return Response(data, headers={"Content-Type": media_type, **headers})


def _provenance(pin: Pin) -> dict[str, str]:
    """Where a document comes from, as headers; what no header may hold is percent-encoded."""
    told = {"Source": pin.source, "Where": pin.where, "Retrieved": pin.retrieved}
    if pin.stated:
        told["Stated"] = pin.stated
    if pin.identifier:
        told["Identifier"] = pin.identifier
    return {f"Qartifacts-{name}": quote(text.strip(), safe=_PLAIN) for name, text in told.items()}


def _health(registry: Registry) -> Callable[[Request], Response]:
    def health(_: Request) -> Response:
        broken = [pin.format for pin in registry.values() if not _is_intact(pin)]
        if not broken:
            return JSONResponse({"status": "ok", "formats": len(registry)})
        message = f"{len(broken)} of {len(registry)} pinned schemas are missing or modified"
        return _error(503, message, formats=broken)

    return health


def _is_intact(pin: Pin) -> bool:
    try:
        pin.read_bytes()
    except RegistryError as error:
        _log.error("%s", error)
        return False
    return True


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # It is registered for these.
    message = error.detail
    if message == HTTPStatus(error.status_code).phrase:
        message = f"{message}: GET /api-docs lists what can be asked for"
    return _error(error.status_code, message, error.headers)


async def _failure(_: Request, error: Exception) -> Response:
    return _error(500, "the mirror failed; its own output says how")


def _error(
    status: int, message: str, headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """An error in the form of the service's."""
    phrase = HTTPStatus(status).phrase
    name = phrase if phrase.endswith("Error") else f"{phrase} Error"
    body = {"statusCode": status, "error": name, "message": message, **more}
    return JSONResponse(body, status, headers)


def _api_docs(
    registry: Registry, store: DeviceStore | None, jobs: JobStore | None
) -> dict[str, Any]:
    """An OpenAPI document of the mirror. Clients learn from it which formats there are."""
    error = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    json_object = {"application/json": {"schema": {"type": "object"}}}
    format = {
        "name": "format",
        "in": "path",
        "required": True,
        "description": "Format identifier",
        "schema": {"type": "string", "enum": list(registry)},
    }
    schema = {
        "summary": "The pinned JSON Schema of a format, byte for byte",
        "operationId": "getFormatSchema",
        "parameters": [format],
        "responses": {
            "200": {
                "description": "The schema, with its provenance in headers",
                "headers": {
                    f"Qartifacts-{name}": {"description": text, "schema": {"type": "string"}}
                    for name, text in _HEADERS.items()
                },
                "content": json_object,
            },
            "304": {"description": "It is still the one of If-None-Match"},
            "404": {"description": "No such format", **error},
            "500": {"description": "The document is missing or modified", **error},
        },
    }
    docs = {
        "summary": "This document",
        "operationId": "getApiDocs",
        "responses": {"200": {"description": "OpenAPI 3.0", "content": json_object}},
    }
    health = {
        "summary": "Whether every document is the one that was pinned",
        "operationId": "getHealth",
        "responses": {
            "200": {"description": "All are", "content": json_object},
            "503": {"description": "Some are missing or modified", **error},
        },
    }
    texts = {"error": {"type": "string"}, "message": {"type": "string"}}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Pinned schemas of quantum result formats, mirrored by qartifacts",
            "version": __version__,
        },
        "servers": [{"url": PREFIX}, {"url": "/"}],
        "paths": {
            "/schemas/formats/{format}": {"get": schema},
            "/api-docs": {"get": docs},
            "/health": {"servers": [{"url": "/"}], "get": health},
            **({} if store is None else _paths(_device_operations(), error)),
            **({} if jobs is None else _paths(_JOB_OPERATIONS, error)),
        },
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["statusCode", "error", "message"],
                    "properties": {"statusCode": {"type": "integer"}, **texts},
                }
            }
        },
    }


class _Operation(NamedTuple):
    """What the OpenAPI document says of one path of a store."""

    path: str
    name: str
    summary: str
    #: Where it stands, if not behind the bases of the document.
    servers: Sequence[Mapping[str, str]] | None = None
    #: The parameters of the query, each with its description and its schema.
    query: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType({})
    #: What parameters of the path may be, where they are not any text.
    schemas: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    media_types: Sequence[str] = ("application/json",)


_JOB_OPERATIONS: Final = (
    _Operation(
        "/jobs/{UUID}",
        "getJob",
        "The record of a job",
        schemas={"UUID": {"type": "string", "format": "uuid"}},
    ),
    _Operation(
        "/jobs/{UUID}/artifacts/{artifactId}",
        "getJobArtifact",
        "An artifact of a job",
        schemas={"UUID": {"type": "string", "format": "uuid"}},
        media_types=("application/json", "text/plain", "*/*"),
    ),
    _Operation(
        "/jobs/{UUID}/results/{name}",
        "getJobResult",
        "What older job records name by a URL: a result of the first version of its format",
        schemas={
            "UUID": {"type": "string", "format": "uuid"},
            "name": {"type": "string", "enum": list(LEGACY)},
        },
    ),
)


def _device_operations() -> tuple[_Operation, ...]:
    """The operations that are about devices."""
    whole: Mapping[str, Any] = {"type": "integer"}
    query: Mapping[str, tuple[str, Mapping[str, Any]]] = {
        "start": ("The earliest time, in milliseconds since 1970", whole),
        "end": ("The time before which they are, likewise", whole),
        "limit": ("How many a page holds", {**whole, "minimum": 1, "maximum": 10, "default": 10}),
        "page": ("Which page", {**whole, "minimum": 1, "default": 1}),
    }
    at_the_root, at_ibm = [{"url": "/"}], [{"url": IBM_PREFIX}, {"url": "/"}]
    return (
        _Operation("/backends", "getBackends", "The list of IonQ's backends"),
        _Operation(
            "/backends/{backend}/characterizations/{UUID}",
            "getCharacterization",
            "A characterization",
        ),
        _Operation(
            "/v0.3/characterizations/backends/{backend}",
            "getCharacterizationsForBackend",
            "The stored characterizations of version 0.3, the newest first",
            at_the_root,
            query,
        ),
        _Operation("/v1/backends", "list_backends", "The list of IBM's backends", at_ibm),
        *(
            _Operation(f"/v1/backends/{{id}}/{part}", f"get_backend_{part}", f"The {part}", at_ibm)
            for part in IBM_PARTS
        ),
    )


def _paths(operations: Iterable[_Operation], error: Mapping[str, Any]) -> dict[str, Any]:
    """What the OpenAPI document says of the paths of a store."""
    any_text = {"type": "string"}
    paths = {}
    for each in operations:
        get = {
            "summary": f"{each.summary}, as stored",
            "operationId": each.name,
            "parameters": [
                {
                    "name": name,
                    "in": "path",
                    "required": True,
                    "schema": each.schemas.get(name, any_text),
                }
                for name in re.findall(r"\{(\w+)\}", each.path)
            ]
            + [
                {"name": name, "in": "query", "description": says, "schema": schema}
                for name, (says, schema) in each.query.items()
            ],
            "responses": {
                "200": {
                    "description": "The document, byte for byte",
                    "content": {media_type: {"schema": {}} for media_type in each.media_types},
                },
                "304": {"description": "It is still the one of If-None-Match"},
                "404": {"description": "The store does not hold it", **error},
            },
        }
        servers = each.servers
        paths[each.path] = {"get": get} if servers is None else {"servers": servers, "get": get}
    return paths


def serve(
    registry: Registry,
    host: str,
    port: int,
    *,
    ready: Callable[[str], None],
    store: DeviceStore | None = None,
    jobs: JobStore | None = None,
) -> None:
    """Serve a registry until the process is told to end, by Ctrl-C or SIGTERM.

    Args:
        registry: What to serve.
        host: The address or name to listen at.
        port: The port; 0 for any that is free.
        ready: Called with the base URL once connections are accepted.
        store: Device documents to serve, too.
        jobs: Stored jobs to serve, too.

    Raises:
        OSError: The address cannot be used.
    """
    with _listening(host, port) as listener:
        app = application(registry, store, jobs)
        _Server(app, lambda: ready(_base_url(listener))).run(sockets=[listener])


@contextmanager
def serving(
    registry: Registry,
    host: str = "127.0.0.1",
    port: int = 0,
    store: DeviceStore | None = None,
    jobs: JobStore | None = None,
) -> Iterator[str]:
    """A mirror in a thread of this process, for tests; gives its base URL.

    Raises:
        OSError: The address cannot be used.
    """
    with _listening(host, port) as listener:
        server = _Server(application(registry, store, jobs), lambda: None)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()  # Until it accepts connections they wait: the socket listens already.
        try:
            yield _base_url(listener)
        finally:
            server.should_exit = True
            thread.join()


def _listening(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.create_server(address[:2], family=family)
    # Connections have it from the listener. asyncio sets it for sockets that state their protocol,
    # which these do not; without it every body would wait for a delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _base_url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """Uvicorn, which says when it accepts connections, and for which signals are a good end."""

    def __init__(self, app: Starlette, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,  # Warnings and errors go to standard error, and the rest nowhere.
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Uvicorn's own would also send the signal once more after the end, to the default handler.
        self.should_exit = True
