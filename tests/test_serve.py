"""The mirror, over real HTTP: its bytes, its headers, its errors, and the command that starts it."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

import qartifacts as qa
from qartifacts import serve
from qartifacts.client import Answer, AsyncService, Service
from qartifacts.errors import BadAnswer, NotFound
from qartifacts.serve import serving
from served_devices import FORTE, FORTE_FILES, FORTE_ID, FORTE_NOW
from served_jobs import DEBIASED, JOBS, MULTI, store
from support import DRAFT_7, MakeRegistry, Run, unmeasured

P2 = "ionq.result.probabilities.json.v2"


@pytest.fixture(scope="module")
def mirror() -> Iterator[str]:
    """The base URL of a mirror of the bundled schemas."""
    with serving(qa.Registry.bundled()) as base:
        yield base


def _ask(
    base: str, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    """Ask as no client of ours would: any method, any path, byte for byte."""
    place = urlsplit(base)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def _problem(base: str, path: str, method: str = "GET") -> dict[str, Any]:
    response, body = _ask(base, path, method)
    assert response.headers["Content-Type"] == "application/json"
    problem: dict[str, Any] = json.loads(body)
    assert problem["statusCode"] == response.status
    assert list(problem)[:3] == ["statusCode", "error", "message"]
    return problem


def test_no_answer_waits_for_an_acknowledgement() -> None:
    """Head and body are sent one after the other, which the system would hold up for 40 ms."""
    with (
        serve._listening("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


class TestMirror:
    @pytest.mark.parametrize("prefix", ["", "/v0.4"])
    def test_the_bytes_are_those_that_were_pinned(self, mirror: str, prefix: str) -> None:
        registry = qa.Registry.bundled()
        with Service(mirror + prefix) as service:
            for format, pin in registry.items():
                answer = service.schema(format)
                assert answer.data == pin.read_bytes()
                assert answer.etag == f'"{pin.sha256}"'
                assert answer.headers["content-type"] == "application/json"
                assert answer.headers["qartifacts-source"] == pin.source
                assert unquote(answer.headers["qartifacts-where"]) == pin.where
                assert answer.headers["qartifacts-retrieved"] == pin.retrieved
                assert "qartifacts-stated" not in answer.headers

    def test_what_is_known_is_not_sent_again(self, mirror: str) -> None:
        pin = qa.Registry.bundled()[P2]
        with Service(mirror) as service:
            again = service.schema(P2, etag=f'"{pin.sha256}"')
            assert again.not_modified
            assert again.headers["qartifacts-source"] == pin.source
            assert not service.schema(P2, etag='"other"').not_modified
            assert service.schema(P2, etag=f'W/"{pin.sha256}"').not_modified
            docs = service.api_docs()
            assert docs.etag == f'"{hashlib.sha256(docs.data).hexdigest()}"'
            assert service.api_docs(etag=docs.etag).not_modified

    @pytest.mark.parametrize(
        ("known", "status"),
        [('"a", W/"b", "%s"', 304), ("*", 304), ('"a", "b"', 200), ("%s", 200), ('"', 200)],
    )
    def test_lists_of_etags(self, mirror: str, known: str, status: int) -> None:
        header = known.replace("%s", qa.Registry.bundled()[P2].sha256)
        response, body = _ask(mirror, f"/schemas/formats/{P2}", headers={"If-None-Match": header})
        assert response.status == status
        assert bool(body) is (status == 200)

    @pytest.mark.parametrize("path", [f"/schemas/formats/{P2}", "/api-docs", "/health"])
    def test_head(self, mirror: str, path: str) -> None:
        whole, body = _ask(mirror, path)
        head, nothing = _ask(mirror, path, "HEAD")
        assert nothing == b""
        assert head.status == 200
        assert head.headers["Content-Length"] == str(len(body))
        assert head.headers["ETag"] == whole.headers["ETag"]

    def test_what_is_not_pinned(self, mirror: str) -> None:
        for format in ("ionq.qasm3.v1", "nonsense", "a" * 5000, "%22%1b[2J%00", "caf%c3%a9"):
            problem = _problem(mirror, f"/v0.4/schemas/formats/{format}")
            assert problem["error"] == "Not Found Error"
            assert problem["message"].isprintable()
            assert len(problem["message"]) < 200
        with Service(mirror) as service, pytest.raises(NotFound, match="no schema of the format"):
            service.schema("ionq.qasm3.v1")

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/schemas/formats",
            "/schemas/formats/",
            f"/schemas/formats/{P2}/",
            f"/schemas/formats/{P2}.json",
            f"/v0.4/v0.4/schemas/formats/{P2}",
            f"/v0.3/schemas/formats/{P2}",
            "/schemas/formats/../../registry.lock",
            "/schemas/formats/..%2f..%2fregistry.lock",
            "/schemas/formats/%2e%2e/%2e%2e/etc/passwd",
            "/schemas/formats/registry.lock",
            "/schemas/formats/sources.toml",
            "/schemas/formats//etc/passwd",
            "//etc/passwd",
            "/health/",
            "/v0.4/health",
        ],
    )
    def test_other_paths(self, mirror: str, path: str) -> None:
        assert _problem(mirror, path)["statusCode"] == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "NONSENSE"])
    def test_other_methods(self, mirror: str, method: str) -> None:
        problem = _problem(mirror, f"/schemas/formats/{P2}", method)
        assert (problem["statusCode"], problem["error"]) == (405, "Method Not Allowed Error")

    def test_it_says_what_it_has(self, mirror: str) -> None:
        with Service(f"{mirror}/v0.4") as service:
            docs = json.loads(service.api_docs().data)
        assert docs["openapi"].startswith("3.0.")
        get = docs["paths"]["/schemas/formats/{format}"]["get"]
        assert get["parameters"][0]["schema"]["enum"] == list(qa.formats())

    def test_many_at_once(self, mirror: str) -> None:
        async def everything() -> list[Answer]:
            async with AsyncService(mirror) as service:
                return await asyncio.gather(*map(service.schema, qa.formats()))

        def client(_: int) -> list[bytes]:
            return [answer.data for answer in asyncio.run(everything())]

        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(client, range(20)))
        pinned = [pin.read_bytes() for pin in qa.Registry.bundled().values()]
        assert all(each == pinned for each in answers)


class TestTrouble:
    def test_a_modified_document_is_not_served(
        self, make_registry: MakeRegistry, caplog: pytest.LogCaptureFixture
    ) -> None:
        documents = {name: {"$schema": DRAFT_7, "$id": name} for name in ("test.a.v1", "test.b.v1")}
        registry = make_registry(documents)
        with serving(registry) as base, Service(base) as service:
            assert json.loads(_ask(base, "/health")[1]) == {"status": "ok", "formats": 2}
            Path(registry["test.b.v1"].path).write_bytes(b"{}")
            Path(registry["test.a.v1"].path).unlink()
            for format in registry:
                with pytest.raises(BadAnswer, match="missing or modified") as caught:
                    service.schema(format)
                assert caught.value.status == 500
                assert registry.folder not in str(caught.value)
            health = _problem(base, "/health")
            assert health["message"] == "2 of 2 pinned schemas are missing or modified"
            assert health["formats"] == ["test.a.v1", "test.b.v1"]
            assert registry.folder not in str(health)
        assert registry.folder in caplog.text

    def test_provenance_of_any_kind_fits_into_headers(self, make_registry: MakeRegistry) -> None:
        registry = make_registry({"test.a.v1": {"$schema": DRAFT_7, "$id": "test.a.v1"}})
        lock = Path(registry.folder) / "registry.lock"
        where = "  100% café\r\nSet-Cookie: 量子\x00\t\x7f "
        content = json.loads(lock.read_bytes())
        content["formats"]["test.a.v1"] |= {
            "source": "mirror",
            "stated": "endpoint",
            "where": where,
        }
        lock.write_text(json.dumps(content), encoding="utf-8")
        with serving(qa.Registry.open(registry.folder)) as base, Service(base) as service:
            headers = service.schema("test.a.v1").headers
        assert unquote(headers["qartifacts-where"]) == where.strip()
        assert headers["qartifacts-source"] == "mirror"
        assert headers["qartifacts-stated"] == "endpoint"
        assert "set-cookie" not in headers

    def test_its_own_failures_are_errors_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("of this machine alone")

        with serving(qa.Registry.bundled()) as base:
            monkeypatch.setattr(serve, "_provenance", fail)
            problem = _problem(base, f"/schemas/formats/{P2}")
        assert problem["error"] == "Internal Server Error"
        assert "machine alone" not in str(problem)

    def test_a_mirror_on_ipv6(self) -> None:
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            return  # Not every machine has it.
        with serving(qa.Registry.bundled(), "::1") as base, Service(base) as service:
            assert base.startswith("http://[::1]:")
            assert service.schema(P2).status == 200

    def test_idle_connections_do_not_keep_it_up(self) -> None:
        with serving(qa.Registry.bundled()) as base:
            idle = http.client.HTTPConnection(urlsplit(base).netloc, timeout=5)
            idle.request("GET", "/health")
            assert idle.getresponse().read()
        assert idle.sock.recv(1) == b""
        idle.close()


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Any]:
    """Start the command as a process of its own; gives it and the line it says."""
    started = []

    def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "qartifacts", "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=unmeasured(),
        )
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().rstrip("\n")

    yield start
    for process in started:
        process.kill()
        process.communicate()


class TestCommand:
    @pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
    @pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM"])
    def test_it_serves_until_it_is_told_to_end(
        self, command: Any, ending: str, make_registry: MakeRegistry
    ) -> None:
        registry = make_registry({"test.a.v1": {"$schema": DRAFT_7, "$id": "test.a.v1"}})
        process, base = command("--port", "0", "--registry", registry.folder)
        with Service(base) as service:
            assert service.schema("test.a.v1").data == registry["test.a.v1"].read_bytes()
            process.send_signal(getattr(signal, ending))
            out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")

    def test_a_store_of_jobs_and_devices(self, command: Any, tmp_path: Path) -> None:
        folder = store(tmp_path / "jobs")
        for name, data in FORTE_FILES.items():
            (folder / name).write_bytes(data)
        _, base = command("--port", "0", "--store", "jobs")
        with Service(f"{base}/v0.4") as service:
            assert service.characterization(FORTE, FORTE_ID).data == FORTE_NOW
            for job in (*JOBS, *MULTI.children):
                assert service.job(job.id).data == job.data
            for each in DEBIASED.artifacts:
                assert service.artifact(DEBIASED.id, each.id).data == each.data

    def test_a_port_that_is_taken(self, run: Run, mirror: str) -> None:
        result = run("serve", "--port", urlsplit(mirror).port)
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
        assert "in use" in result.stderr
        assert result.stdout == ""

    @pytest.mark.parametrize(
        "arguments", [("--port", 70000), ("--registry", "nowhere"), ("--host", "192.0.2.1")]
    )
    def test_misuse(self, run: Run, arguments: tuple[object, ...]) -> None:
        assert run("serve", *arguments).exit_code == 2

    def test_without_the_extra(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "qartifacts.serve")
        monkeypatch.setitem(sys.modules, "uvicorn", None)
        result = run("serve")
        assert result.exit_code == 2
        assert "qartifacts[serve]" in result.stderr

    def test_other_modules_that_are_missing_are_not_hidden(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(sys.modules, "qartifacts.serve")
        monkeypatch.setitem(sys.modules, "threading", None)
        assert isinstance(run("serve").exception, ModuleNotFoundError)

    def test_its_help_imports_no_server(self) -> None:
        code = "import qartifacts.cli.serve, qartifacts.cli.check, sys; print(*sys.modules)"
        output = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        assert not {"httpx", "starlette", "uvicorn"} & set(output.split())
