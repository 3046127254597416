"""Servers over real sockets on this machine, which answer as a test tells them, well or badly."""

from __future__ import annotations

import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qartifacts.client import (
    IBM_INSTANCE_VARIABLE,
    IBM_KEY_VARIABLE,
    IBM_TOKEN_VARIABLE,
    KEY_VARIABLE,
    transport,
)

if TYPE_CHECKING:
    import pytest
    import trustme

_KEYS = {KEY_VARIABLE, IBM_KEY_VARIABLE, IBM_TOKEN_VARIABLE, IBM_INSTANCE_VARIABLE}

#: What a hostile server sends in all, if nobody stops it.
GIB = 1 << 30


@dataclass(frozen=True)
class Asked:
    """One request, as it came in. The names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Line:
    """The connection on which a request came in, and what to answer there."""

    socket: socket.socket
    server: Server
    sent: int = 0

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)
        self.sent += len(data)

    def reply(self, status: int, body: bytes = b"", **headers: object) -> None:
        """A whole answer. ``Retry_After=1`` becomes the header ``Retry-After: 1``."""
        self.head(status, body, **{"Content_Length": len(body), **headers})

    def head(self, status: int, body: bytes = b"", **headers: object) -> None:
        """The head of an answer, and the start of its body."""
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([f"HTTP/1.1 {status} Said", *lines, "", ""]).encode("latin-1") + body)

    def problem(self, status: int, message: str, **more: object) -> None:
        """An error in the form of the service's."""
        self.reply(status, json.dumps({"statusCode": status, "message": message, **more}).encode())

    def wait(self, seconds: float = 30) -> bool:
        """Do nothing, at most until the test ends; whether it goes on."""
        return not self.server.stopped.wait(seconds)


@dataclass
class Server:
    """What a test asks, and can look back on."""

    base: str
    asked: list[Asked] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def keys(self) -> list[str | None]:
        """The header with the key, request by request."""
        return [each.headers.get("authorization") for each in self.asked]


#: Answers a request; a connection is closed when it raises an ``OSError``.
Behaviour = Callable[[Asked, Line], None]


def each_in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour for the first request, the next for the second; the last one stays."""
    left = list(behaviours)

    def answer(asked: Asked, line: Line) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(asked, line)

    return answer


def replying(status: int, body: bytes = b"{}", **headers: object) -> Behaviour:
    return lambda _, line: line.reply(status, body, **headers)


def hanging_up(_: Asked, line: Line) -> None:
    raise ConnectionResetError


@contextmanager
def bounded(monkeypatch: pytest.MonkeyPatch, seconds: float = 10) -> Iterator[None]:
    """Short waits, no keys, no proxies and no certificates of others; and no test may take long."""
    monkeypatch.setattr(transport, "_BACKOFF", 0.001)
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in _KEYS | {"SSL_CERT_FILE"}:
            monkeypatch.delenv(name)
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


@contextmanager
def server(answer: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server that lets ``answer`` answer each request."""
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        scheme = "http" if tls is None else "https"
        made = Server(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")

        def accept() -> None:
            with suppress(OSError):  # The listener is closed at the end.
                while not made.stopped.is_set():
                    connection, _ = listener.accept()
                    line = Line(connection, made)
                    thread = threading.Thread(target=serve, args=(line,), daemon=True)
                    threads.append(thread)
                    thread.start()

        def serve(line: Line) -> None:
            made.lines.append(line)
            with suppress(OSError):
                if tls is not None:
                    line.socket = tls.wrap_socket(line.socket, server_side=True)
                _converse(line, answer)
            line.socket.close()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield made
        finally:
            made.stopped.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for line in made.lines:
                with suppress(OSError):
                    line.socket.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *threads):
                thread.join(5)
                assert not thread.is_alive()


def certified(authority: trustme.CA, host: str) -> ssl.SSLContext:
    """What lets a server speak https as a host, for those who trust the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


def tunnelling(tls: ssl.SSLContext, answer: Behaviour) -> Behaviour:
    """A proxy that plays the server at the other end, too."""

    def behave(asked: Asked, line: Line) -> None:
        assert asked.method == "CONNECT"
        line.head(200)
        line.socket = tls.wrap_socket(line.socket, server_side=True)
        _converse(line, answer)

    return behave


def _converse(line: Line, answer: Behaviour) -> None:
    """Answer the requests of one connection."""
    while head := _head(line.socket):
        first, *rest = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        pairs = (each.split(": ", 1) for each in rest)
        request = Asked(method, path, {name.lower(): value for name, value in pairs})
        line.server.asked.append(request)
        answer(request, line)


def _head(connection: socket.socket) -> bytes:
    """The head of the next request; clients of this project send no bodies."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        piece = connection.recv(4096)
        if not piece:
            return b""
        data += piece
    return data[:-4]


def closed_port() -> int:
    """A port on which nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as once:
        return int(once.getsockname()[1])
