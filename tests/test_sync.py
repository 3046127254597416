"""Syncing over real sockets: what is pinned, what is refused, and that it is all or nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.client import Service, transport
from qartifacts.registry.lockfile import LOCKFILE, SOURCES, build_lock, read_lock
from qartifacts.registry.patterns import is_harmless
from qartifacts.registry.syncing import Outcome, initialise, sync
from qartifacts.serve import serving
from servers import Asked, Line, closed_port, each_in_turn, replying, server
from support import (
    DEVICE_FORMATS,
    DRAFT_7,
    JOB_FORMATS,
    LOCAL_FORMATS,
    RESULT_FORMATS,
    ROOT,
    Run,
    length,
)

BUNDLED = ROOT / "schemas" / "qartifacts_schemas"
P2 = "ionq.result.probabilities.json.v2"
S1 = "ionq.result.shots.json.v1"


@pytest.fixture
def mirrored(tmp_path: Path) -> Path:
    """A copy of the bundled registry, which a mirror serves and a test may change."""
    folder = tmp_path / "mirrored"
    shutil.copytree(BUNDLED, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def base(mirrored: Path) -> Iterator[str]:
    with serving(qa.Registry.open(mirrored)) as url:
        yield url


def change(folder: Path, format: str, **keywords: Any) -> None:
    """Change a served document, as if the service had."""
    rewrite(folder, format, **keywords)
    (folder / LOCKFILE).write_bytes(build_lock(str(folder)))


def rewrite(folder: Path, format: str, **keywords: Any) -> None:
    """The same, but for the lock: for who changes many."""
    path = folder / f"{format}.json"
    document = {**json.loads(path.read_text(encoding="utf-8")), **keywords}
    path.write_text(json.dumps(document), encoding="utf-8")


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".sync.lock"
    }


class TestInit:
    def test_it_pins_everything_with_the_bundled_bytes(self, run: Run, base: str) -> None:
        done = run("sync", "--init", "mine", "--base-url", base)
        assert done.exit_code == 0, done.output
        mine = qa.Registry.open("mine")
        bundled = qa.Registry.bundled()
        assert set(mine) == set(bundled)
        for format, pin in mine.items():
            assert pin.read_bytes() == bundled[format].read_bytes()
            assert (pin.source, pin.stated) == ("mirror", bundled[format].source)
            assert pin.where.endswith(f"/schemas/formats/{format}")
        again = run("sync", "--check", "--registry", "mine", "--base-url", base)
        assert (again.exit_code, "0 of them changed" in again.stdout) == (0, True)
        assert run("formats", "--verify", "--registry", "mine").exit_code == 0
        assert (
            run("check", "--registry", "mine", "-", "--format", S1, stdin=b'["1"]').exit_code == 0
        )

    def test_with_the_version_in_front_it_is_the_same(self, run: Run, base: str) -> None:
        assert run("sync", "--init", "mine", "--base-url", f"{base}/v0.4").exit_code == 0
        assert len(qa.Registry.open("mine")) == len(qa.formats())

    def test_what_is_there_already_is_left_alone(self, run: Run, base: str) -> None:
        Path("mine").mkdir()
        Path("mine", "file").touch()
        done = run("sync", "--init", "mine", "--base-url", base)
        assert (done.exit_code, os.listdir("mine")) == (2, ["file"])
        Path("empty").mkdir()
        assert run("sync", "--init", "empty", "--base-url", base).exit_code == 0
        assert run("sync", "--init", "empty", "--base-url", base).exit_code == 2

    def test_what_cannot_be_reached_leaves_nothing(self, run: Run) -> None:
        done = run("sync", "--init", "mine", "--base-url", f"http://127.0.0.1:{closed_port()}")
        assert done.exit_code == 2
        assert done.stderr.count("\n") == 1
        assert os.listdir(".") in ([], ["mirrored"])

    def test_in_the_current_directory(self, run: Run, base: str) -> None:
        Path("here").mkdir()
        os.chdir("here")
        assert run("sync", "--init", ".", "--base-url", base).exit_code == 0
        assert len(qa.Registry.open(".")) == len(qa.formats())

    def test_a_service_that_has_none_of_them(self, run: Run) -> None:
        with server(replying(404)) as other:
            done = run("sync", "--init", "mine", "--base-url", other.base)
        assert (done.exit_code, os.listdir(".")) == (2, [])
        Path("mine").mkdir()
        with server(replying(404)) as other:
            run("sync", "--init", "mine", "--base-url", other.base)
        assert os.listdir("mine") == []

    def test_an_answer_that_cannot_be_pinned_leaves_nothing(self, run: Run) -> None:
        with server(replying(200, b"{}")) as other:
            done = run("sync", "--init", "mine", "--base-url", other.base)
        assert (done.exit_code, os.listdir(".")) == (1, [])

    def test_more_formats_than_anybody_has(self, run: Run) -> None:
        documents = {format: pin.read_bytes() for format, pin in qa.Registry.bundled().items()}
        names = [*LOCAL_FORMATS, *(f"ionq.x{number}.v1" for number in range(1100))]
        openapi = {"paths": {"/schemas/formats/{format}": {"parameters": [{"enum": [*names, 1]}]}}}
        with server(answering(documents, openapi=json.dumps(openapi).encode())) as other:
            found = run("sync", "--init", "mine", "--base-url", other.base)
        assert found.exit_code == 0
        assert "1,000 are asked" in found.stdout

    def test_misuse(self, run: Run, base: str) -> None:
        nowhere = run("sync", "--base-url", base)
        assert nowhere.exit_code == 2
        assert "--init DIR" in nowhere.stderr
        assert run("sync", "--init", "a", "--check").exit_code == 2
        assert run("sync", "--registry", "no-such", "--base-url", base).exit_code == 2
        assert run("sync", "--registry", ".", "--base-url", "ftp://host").exit_code == 2
        assert os.listdir(".") in ([], ["mirrored"])


class TestTheProjectsRegistry:
    def test_pyproject_names_it(self, run: Run, base: str) -> None:
        run("sync", "--init", "schemas", "--base-url", base)
        Path("pyproject.toml").write_text('[tool.qartifacts]\nregistry = "schemas"\n')
        assert run("sync", "--check", "--base-url", base).exit_code == 0
        Path("sub").mkdir()
        os.chdir("sub")
        assert run("formats", "--verify").exit_code == 0
        document = Path("..", "schemas", f"{P2}.json")
        document.write_bytes(document.read_bytes() + b" ")
        assert run("formats", "--verify").exit_code == 1
        assert run("check", "-", "--format", P2, stdin=b"{}").exit_code == 2

    @pytest.mark.parametrize(
        "text",
        ['[tool.qartifacts]\nregistri = "x"', "[tool.qartifacts]\nregistry = 1", "[tool.qartifacts",
         "[tool]\nqartifacts = 1"],
    )  # fmt: skip
    def test_what_is_not_understood_is_said(self, run: Run, text: str) -> None:
        Path("pyproject.toml").write_text(text)
        done = run("formats")
        assert (done.exit_code, "pyproject.toml" in done.stderr) == (2, True)

    def test_others_are_passed_over(self, run: Run) -> None:
        Path("pyproject.toml").write_text("[project]\nname = 'x'\n")
        assert run("formats").exit_code == 0


class TestDrift:
    def test_a_changed_keyword(self, run: Run, mirrored: Path, base: str) -> None:
        run("sync", "--init", "mine", "--base-url", base)
        before = snapshot(Path("mine"))
        change(mirrored, P2, minProperties=2)
        with serving(qa.Registry.open(mirrored)) as url:
            found = run("sync", "--check", "--registry", "mine", "--base-url", url)
            assert found.exit_code == 1
            assert f"{P2} changed" in found.stdout
            assert "QD144" in found.stdout
            assert "breaks ARCHIVE" in found.stdout
            assert snapshot(Path("mine")) == before
            shutil.copytree("mine", "old")
            written = run("sync", "--registry", "mine", "--base-url", url)
            assert written.exit_code == 0, written.output
            assert qa.Registry.open("mine")[P2].document["minProperties"] == 2
            assert run("sync", "--check", "--registry", "mine", "--base-url", url).exit_code == 0
        diff = run("diff", "old", "mine", "--fail-on", "archive")
        assert diff.exit_code == 1
        assert f"{P2}#/minProperties: QD144" in diff.stdout

    def test_other_spelling(self, run: Run, mirrored: Path, base: str) -> None:
        run("sync", "--init", "mine", "--base-url", base)
        change(mirrored, P2)
        with serving(qa.Registry.open(mirrored)) as url:
            found = run("sync", "--registry", "mine", "--base-url", url)
        assert (found.exit_code, f"{P2} respelled" in found.stdout) == (0, True)

    def test_a_file_that_was_modified_is_restored(self, run: Run, base: str) -> None:
        run("sync", "--init", "mine", "--base-url", base)
        Path("mine", f"{P2}.json").write_bytes(b"{}")
        Path("mine", f"{S1}.json").unlink()
        assert run("sync", "--check", "--registry", "mine", "--base-url", base).exit_code == 1
        found = run("sync", "--registry", "mine", "--base-url", base)
        assert found.stdout.count(" restored: ") == 2
        assert run("formats", "--verify", "--registry", "mine").exit_code == 0

    def test_a_format_that_is_new(self, run: Run, mirrored: Path, base: str) -> None:
        run("sync", "--init", "mine", "--base-url", base)
        new = "ionq.result.counts.json.v3"
        document = {"$schema": DRAFT_7, "$id": new, "type": "object", "description": "Counts."}
        (mirrored / f"{new}.json").write_text(json.dumps(document))
        with open(mirrored / SOURCES, "a", encoding="utf-8") as sources:
            sources.write(
                f'\n[formats."{new}"]\ntitle = "New"\nsource = "documentation"\nwhere = "x"\n'
                "retrieved = 2026-11-20\n"
            )
        (mirrored / LOCKFILE).write_bytes(build_lock(str(mirrored)))
        with serving(qa.Registry.open(mirrored)) as url:
            assert run("sync", "--check", "--registry", "mine", "--base-url", url).exit_code == 1
            assert run("sync", "--registry", "mine", "--base-url", url).exit_code == 0
            assert qa.Registry.open("mine")[new].title == "Counts"
            # It is asked for from now on.
            assert run("sync", "--check", "--registry", "mine", "--base-url", url).exit_code == 0
        gone = run("sync", "--registry", "mine", "--base-url", base)
        assert (gone.exit_code, f"{new} gone" in gone.stdout) == (1, True)
        assert new in qa.Registry.open("mine")

    def test_an_erratum_that_the_service_has_mended(
        self, run: Run, mirrored: Path, base: str
    ) -> None:
        run("sync", "--init", "mine", "--base-url", base)
        assert qa.Registry.open("mine")[S1].errata == ("integer-states",)
        shutil.rmtree(mirrored / "errata")
        change(mirrored, S1, items={"type": ["string", "integer"]})
        with serving(qa.Registry.open(mirrored)) as url:
            found = run("sync", "--registry", "mine", "--base-url", url)
            assert found.exit_code == 1
            assert "ERRATUM NO LONGER APPLIES: integer-states" in found.stdout
            pin = qa.Registry.open("mine")[S1]
            assert (pin.errata, pin.obsolete) == ((), ("integer-states",))
            # It was said; the next sync has nothing to add.
            assert run("sync", "--registry", "mine", "--base-url", url).exit_code == 0


def answering(documents: dict[str, bytes], *, openapi: bytes | None = None) -> Any:
    """A service that has some documents, and 404 for all others."""

    def answer(asked: Asked, line: Line) -> None:
        name = asked.path.rpartition("/")[2]
        if name == "api-docs" and openapi is not None:
            line.reply(200, openapi)
        elif name in documents:
            line.reply(200, documents[name])
        else:
            line.problem(404, "there is no such thing")

    return answer


REFUSED = {
    "no-json": b"<html>sorry</html>",
    "no-object": b"[]",
    "duplicate": b'{"$id": 1, "$id": 2}',
    "other-id": json.dumps({"$schema": DRAFT_7, "$id": "other.v1"}).encode(),
    "no-id": json.dumps({"$schema": DRAFT_7}).encode(),
    "no-dialect": json.dumps({"$id": P2}).encode(),
    "no-schema": json.dumps({"$schema": DRAFT_7, "$id": P2, "type": "thing"}).encode(),
    "remote": json.dumps(
        {"$schema": DRAFT_7, "$id": P2, "properties": {"a": {"$ref": "http://127.0.0.1/x"}}}
    ).encode(),
    "exponential": json.dumps({"$schema": DRAFT_7, "$id": P2, "pattern": "(a+)+$"}).encode(),
    "wrong-pattern": json.dumps({"$schema": DRAFT_7, "$id": P2, "patternProperties": {"(": {}}}).encode(),
    "endless": json.dumps({"$schema": DRAFT_7, "$id": P2, "anyOf": [{"$ref": "#"}]}).encode(),
    "nowhere": json.dumps({"$schema": DRAFT_7, "$id": P2, "items": {"$ref": "#/definitions/x"}}).encode(),
    "inner-id": json.dumps({"$schema": DRAFT_7, "$id": P2, "items": {"$id": "http://x/y"}}).encode(),
    "no-canonical-form": json.dumps({"$schema": DRAFT_7, "$id": P2, "maximum": 2**60 + 1}).encode(),
}  # fmt: skip


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry that was synced with a mirror of the bundled one; a test takes a copy."""
    folder = tmp_path_factory.mktemp("synced") / "mine"
    with serving(qa.Registry.bundled()) as base, Service(base_url=base) as service:
        initialise(str(folder), service)
    return folder


class TestRefusals:
    @pytest.fixture
    def mine(self, run: Run, synced: Path) -> Path:
        shutil.copytree(synced, "mine")
        return Path("mine")

    @pytest.mark.parametrize("name", REFUSED)
    def test_an_answer_that_cannot_be_pinned(self, run: Run, mine: Path, name: str) -> None:
        before = snapshot(mine)
        documents = {format: pin.read_bytes() for format, pin in qa.Registry.open(mine).items()}
        documents[S1] = documents[S1] + b" "
        with server(answering({**documents, P2: REFUSED[name]})) as other:
            found = run("sync", "--registry", mine, "--base-url", other.base)
        assert found.exit_code == 1, found.output
        assert f"{P2} refused: " in found.stdout
        assert "nothing was written" in found.stdout
        assert snapshot(mine) == before

    def test_an_answer_that_breaks_off(
        self, run: Run, mine: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transport, "_BACKOFF", 0.01)
        before = snapshot(mine)

        def answer(asked: Asked, line: Line) -> None:
            if "api-docs" in asked.path:
                line.problem(404, "no")
            else:
                line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
                raise ConnectionResetError  # The connection is closed.

        with server(answer) as other:
            found = run("sync", "--registry", mine, "--base-url", other.base)
        assert (found.exit_code, found.stderr.count("\n")) == (2, 1)
        assert snapshot(mine) == before

    def test_a_service_without_an_openapi_document(self, run: Run, mine: Path) -> None:
        documents = {format: pin.read_bytes() for format, pin in qa.Registry.open(mine).items()}
        for openapi in (None, b"openapi: 3.0.0", b"[]"):
            with server(answering(documents, openapi=openapi)) as other:
                found = run("sync", "--check", "--registry", mine, "--base-url", other.base)
            assert found.exit_code == 0, found.output
            assert "note: " in found.stdout
            assert "cannot be discovered" in found.stdout

    def test_a_catalogue_may_name_what_has_no_schema(self, run: Run, mine: Path) -> None:
        documents = {format: pin.read_bytes() for format, pin in qa.Registry.open(mine).items()}
        catalogue: dict[str, Any] = {
            "properties": {"ionq.qasm3.v1": {}, "not an identifier": {}, P2: {}}
        }
        openapi = {
            "components": {"schemas": {"CircuitFormatsCatalog": catalogue, "X": 1}},
            "paths": {"/schemas/formats/{format}": {"get": [{"enum": LOCAL_FORMATS}]}},
        }
        with server(answering(documents, openapi=json.dumps(openapi).encode())) as other:
            found = run("sync", "--check", "--registry", mine, "--base-url", other.base)
        assert found.exit_code == 0
        assert "note: ionq.qasm3.v1 is named by the service" in found.stdout

    def test_no_key(self, run: Run, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("IONQ_API_KEY", raising=False)
        with server(replying(401)) as other:
            found = run("sync", "--registry", mine, "--base-url", other.base)
        assert (found.exit_code, found.stderr.count("\n")) == (2, 1)
        assert "IONQ_API_KEY" in found.stderr

    def test_the_key_is_sent_when_it_is_asked_for(
        self, mine: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("IONQ_API_KEY", "secret")
        documents = {format: pin.read_bytes() for format, pin in qa.Registry.open(mine).items()}
        with server(each_in_turn(replying(401), *[answering(documents)] * 20)) as other:
            with Service(other.base) as service:
                found = sync(str(mine), service, write=False)
            # It has no OpenAPI document, and so nothing to translate.
            outcomes = {each.format: each.outcome for each in found.updates}
            assert outcomes == {
                **dict.fromkeys(RESULT_FORMATS, Outcome.UNCHANGED),
                **dict.fromkeys(LOCAL_FORMATS, Outcome.KEPT),
            }
            assert other.keys[:2] == [None, "apiKey secret"]
        assert "secret" not in "".join(map(str, snapshot(mine).values()))


class TestConcurrency:
    def test_many_at_once(self, run: Run, mirrored: Path, base: str, tmp_path: Path) -> None:
        run("sync", "--init", "mine", "--base-url", base)
        other = tmp_path / "other"
        shutil.copytree(mirrored, other)
        change(other, P2, minProperties=2)
        change(other, S1, minItems=2)
        command = [sys.executable, "-m", "qartifacts", "sync", "--registry", "mine", "--base-url"]
        with serving(qa.Registry.open(other)) as url:
            running = [
                subprocess.Popen([*command, each], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for each in [url, base] * length(4, 10)
            ]
            ended = [process.communicate(timeout=120) for process in running]
        assert [process.returncode for process in running] == [0] * len(running), ended
        mine = qa.Registry.open("mine")
        # Both documents are of the one server or of the other, never a mixture.
        assert (mine[P2].document.get("minProperties") == 2) is (
            mine[S1].document.get("minItems") == 2
        )
        assert run("formats", "--verify", "--registry", "mine").exit_code == 0

    @pytest.mark.skipif(sys.platform == "win32", reason="processes are not killed there so")
    def test_killed_on_the_way(self, run: Run, mirrored: Path, base: str) -> None:
        run("sync", "--init", "mine", "--base-url", base)
        for format in qa.Registry.bundled():
            rewrite(mirrored, format, title="changed")
        (mirrored / LOCKFILE).write_bytes(build_lock(str(mirrored)))
        with serving(qa.Registry.open(mirrored)) as url:
            command = [sys.executable, "-m", "qartifacts", "sync", "--registry", "mine"]
            for delay in (0.5, 0.7, 0.9, 1.1)[:: length(2, 1)]:
                process = subprocess.Popen([*command, "--base-url", url], stdout=subprocess.DEVNULL)
                time.sleep(delay)
                process.send_signal(signal.SIGKILL)
                process.wait()
                pins = qa.Registry.open("mine").values()
                changed = {pin.document.get("title") == "changed" for pin in pins}
                assert len(changed) == 1
            assert run("sync", "--registry", "mine", "--base-url", url).exit_code == 0
        assert run("formats", "--verify", "--registry", "mine").exit_code == 0


def test_the_endpoint_confirms_a_transcription(mirrored: Path) -> None:
    """What only happens with the service's own answers, here from an object that gives such."""

    class Endpoint:
        version = "v0.4"

        def schema(self, format: str, *, etag: str | None = None) -> Any:
            return Given(format)

        def api_docs(self, *, etag: str | None = None, version: str | None = None) -> Any:
            raise qa.NotFound("no", "https://api.ionq.co/v0.4/api-docs")

    class Given:
        def __init__(self, format: str) -> None:
            self.url = f"https://api.ionq.co/v0.4/schemas/formats/{format}"
            self.data = qa.Registry.bundled()[format].read_bytes()
            self.headers: dict[str, str] = {}
            self.etag = '"one"'
            self.not_modified = False

    found = sync(str(mirrored), Endpoint())
    outcomes = {each.format: each.outcome for each in found.updates}
    assert outcomes == {
        # Nobody can confirm what only an OpenAPI document could.
        **dict.fromkeys(RESULT_FORMATS, Outcome.CONFIRMED),
        **dict.fromkeys(LOCAL_FORMATS, Outcome.KEPT),
    }
    assert (found.drifted, found.troubled, found.written) == (False, False, True)
    registry = qa.Registry.open(mirrored)
    assert {(pin.source, pin.etag, pin.identifier) for pin in registry.values()} == {
        ("endpoint", '"one"', ""),
        ("documentation", "", "local"),
    }
    # The lockfile that the files call for keeps that.
    assert build_lock(str(mirrored)) == (mirrored / LOCKFILE).read_bytes()


def device_service(documents: dict[str, bytes], **openapi: Any) -> Any:
    """A service that has results' schemas, and an OpenAPI document of each version, as IonQ has."""

    def answer(asked: Asked, line: Line) -> None:
        path = asked.path.removeprefix("/base")
        version, _, rest = path.removeprefix("/").partition("/")
        docs = openapi.get(version.replace(".", "_"))
        name = rest.removeprefix("schemas/formats/")
        if rest == "api-docs" and docs is not None:
            line.reply(200, docs if isinstance(docs, bytes) else json.dumps(docs).encode())
        elif version == "v0.4" and name in documents:
            line.reply(200, documents[name])
        else:
            line.problem(404, "there is no such thing")

    return answer


def live(version: str, **more: Any) -> dict[str, Any]:
    """IonQ's whole OpenAPI document of a version, as it may be served: with much that is not ours.

    Words differ from those of the transcription, and so does the order.
    """
    path = ROOT / "schemas" / "openapi" / f"ionq-{version}.json"
    document: dict[str, Any] = json.loads(path.read_bytes())
    schemas = document["components"]["schemas"]
    schemas["Job"] = {
        "type": "object",
        "required": ["id", "status"],
        "properties": {
            "id": {"type": "string", "format": "uuid", "readOnly": True},
            "parent": {"$ref": "#/components/schemas/Job", "nullable": True},
            "settings": {"oneOf": [{"$ref": "#/components/schemas/Job"}], "x-internal": True},
            "unusual": {"const": 1},  # Not of OpenAPI 3.0, and none of our business.
        },
    }
    for name, schema in list(schemas.items()):
        schemas[name] = {"description": f"What the service says of {name}.", **schema}
        schemas[name]["description"] = f"What the service says of {name}."
    document["components"]["schemas"] = dict(sorted(schemas.items(), reverse=True))
    document["paths"]["/jobs/{id}/more"] = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": {"responses": {"200": {"content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Job"}}}}}},
    }  # fmt: skip
    document["paths"] = {
        path.replace("{backend}", "{name}"): item for path, item in document["paths"].items()
    }
    return {**document, **more}


class TestLocalFormats:
    """Formats without a schema at the service: translated from its OpenAPI documents."""

    SERVED = (*DEVICE_FORMATS[:3], *JOB_FORMATS[:4])
    NOT_SERVED = tuple(sorted({*LOCAL_FORMATS} - {*DEVICE_FORMATS[:3], *JOB_FORMATS[:4]}))

    @pytest.fixture
    def documents(self) -> dict[str, bytes]:
        return {format: qa.Registry.bundled()[format].read_bytes() for format in RESULT_FORMATS}

    def test_they_come_from_the_openapi_document_of_their_version(
        self, run: Run, documents: dict[str, bytes]
    ) -> None:
        answer = device_service(documents, v0_4=live("v0.4"), v0_3=live("v0.3"))
        with server(answer) as other:
            base = f"{other.base}/base/v0.4"
            done = run("sync", "--init", "mine", "--base-url", base)
            again = run("sync", "--check", "--registry", "mine", "--base-url", base)
            asked = [each.path for each in other.asked]
        assert done.exit_code == 0, done.output
        assert (again.exit_code, "0 of them changed" in again.stdout) == (0, True), again.output
        mine, bundled = qa.Registry.open("mine"), qa.Registry.bundled()
        assert set(mine) == set(bundled)
        for format in self.SERVED:
            pin = mine[format]
            assert (pin.source, pin.identifier, pin.etag) == ("mirror", "local", "")
            version = format[-4:]
            assert pin.where.startswith(f"{other.base}/base/{version}/api-docs, GET /")
            assert "What the service says of" in json.dumps(pin.document)
            # The errata apply to what is served as they do to what was transcribed.
            assert (pin.errata, pin.obsolete) == (bundled[format].errata, ())
            assert schema_of(pin) == schema_of(bundled[format])
        for format in self.NOT_SERVED:
            pin = mine[format]
            assert (pin.source, pin.identifier) == ("documentation", "local")
            assert pin.read_bytes() == bundled[format].read_bytes()
            assert f"{format} kept: no service" in again.stdout
        # Each OpenAPI document once, and nobody is asked for a format that is nobody's.
        assert asked.count("/base/v0.4/api-docs") == asked.count("/base/v0.3/api-docs") == 2
        assert not any(format in path for path in asked for format in LOCAL_FORMATS)
        assert run("formats", "--verify", "--registry", "mine").exit_code == 0

    def test_a_change_is_told_and_pinned(
        self, run: Run, documents: dict[str, bytes], mirrored: Path
    ) -> None:
        docs = live("v0.4")
        backend = docs["components"]["schemas"]["Backend"]
        backend["properties"]["supported_gates"] = {"type": "array", "items": {"type": "string"}}
        backend["required"].append("location")
        answer = device_service(documents, v0_4=docs, v0_3=live("v0.3"))
        with server(answer) as other:
            done = run("sync", "--registry", mirrored, "--base-url", f"{other.base}/v0.4")
        assert done.exit_code == 0, done.output
        assert "ionq.backends.v0.4 changed: a transcription of the documentation" in done.stdout
        assert "location" in done.stdout
        assert (
            qa.Registry.open(mirrored)["ionq.backends.v0.4"].document["definitions"]["Backend"][
                "required"
            ][-1]
            == "location"
        )

    def test_each_family_of_jobs_is_one_of_the_answers(
        self, run: Run, documents: dict[str, bytes], mirrored: Path
    ) -> None:
        """A family that the service no longer has is gone, and the others are as they were."""
        docs = live("v0.4")
        families = docs["components"]["schemas"]["GetJobResponse"]["anyOf"]
        del families[2]  # Of QAOA.
        docs["components"]["schemas"]["SingleCircuitJob"]["required"].remove("child_job_ids")
        answer = device_service(documents, v0_4=docs, v0_3=live("v0.3"))
        with server(device_service(documents, v0_4=live("v0.4"), v0_3=live("v0.3"))) as other:
            done = run("sync", "--registry", mirrored, "--base-url", f"{other.base}/v0.4")
        assert done.exit_code == 0, done.output
        with server(answer) as other, Service(f"{other.base}/v0.4") as service:
            found = sync(str(mirrored), service, write=False)
            where = f"{other.base}/v0.4/api-docs, GET /jobs/{{UUID}}"
        updates = {str(each.format): each for each in found.updates}
        single, multi, qaoa, function, old = (updates[format] for format in JOB_FORMATS)
        assert (single.outcome, qaoa.outcome, old.outcome) == ("changed", "gone", "kept")
        assert (multi.outcome, function.outcome) == ("unchanged", "unchanged")
        assert "GET /jobs/{UUID} that answers with a QaoaJob; its pin stays" in qaoa.message
        assert single.entry is not None
        assert single.entry.where == f"{where}, SingleCircuitJob"
        assert not found.refused

    def test_a_mended_document_makes_its_erratum_obsolete(
        self, run: Run, documents: dict[str, bytes], mirrored: Path
    ) -> None:
        docs = live("v0.4")
        spam = docs["components"]["schemas"]["Characterization"]["properties"]["fidelity"]
        spam["properties"]["spam"]["properties"]["stderr"].update(type="number", nullable=True)
        answer = device_service(documents, v0_4=docs, v0_3=live("v0.3"))
        with server(answer) as other:
            done = run("sync", "--registry", mirrored, "--base-url", f"{other.base}/v0.4")
        assert done.exit_code == 1
        assert "ERRATUM NO LONGER APPLIES: spam-stderr" in done.stdout

    def test_nobody_else_says_whose_an_identifier_is(
        self, documents: dict[str, bytes], mirrored: Path
    ) -> None:
        """A mirror that did could keep a format from ever being asked for again."""
        before = dict(read_lock(str(mirrored)))
        own = answering(documents)

        def answer(asked: Asked, line: Line) -> None:
            send = line.send

            def marked(data: bytes) -> None:
                send(data.replace(b"\r\n", b"\r\nQartifacts-Identifier: local\r\n", 1))

            line.send = marked  # type: ignore[method-assign]
            own(asked, line)

        with server(answer) as other, Service(other.base) as service:
            sync(str(mirrored), service)
        after = read_lock(str(mirrored))
        assert {f: e.identifier for f, e in after.items()} == {
            f: e.identifier for f, e in before.items()
        }

    @pytest.mark.parametrize(
        ("docs", "outcome", "message"),
        [
            (None, "kept", "no OpenAPI document of version v0.3"),
            (b"<html>", "kept", "is no JSON"),
            ({"openapi": "3.0.0", "paths": {}}, "kept", "has no operation GET /characterizations"),
            ({"openapi": "3.1.0", "paths": {}}, "refused", "only 3.0 is translated"),
        ],
        ids=["none", "no-json", "no-operation", "of-another-version"],
    )
    def test_where_it_cannot_be_translated_the_pin_stays(
        self, documents: dict[str, bytes], mirrored: Path, docs: Any, outcome: str, message: str
    ) -> None:
        before = snapshot(mirrored)
        answer = device_service(documents, v0_4=live("v0.4"), v0_3=docs)
        with server(answer) as other, Service(f"{other.base}/v0.4") as service:
            found = sync(str(mirrored), service, write=False)
        (update,) = (each for each in found.updates if each.format == DEVICE_FORMATS[2])
        assert update.outcome == outcome
        assert message in update.message
        assert found.refused is (outcome == "refused")
        assert found.troubled is (outcome != "kept")
        assert snapshot(mirrored) == before

    @pytest.mark.parametrize(
        "change",
        [
            {"type": "string", "pattern": "^(a+)+$"},
            {"const": 1},
            {"$ref": "other.json#/x"},
            {"type": "string", "maxLength": "many"},
        ],
        ids=["pattern", "keyword", "reference", "no-schema"],
    )
    def test_what_cannot_be_pinned_is_refused(
        self, run: Run, documents: dict[str, bytes], mirrored: Path, change: dict[str, Any]
    ) -> None:
        docs = live("v0.4")
        docs["components"]["schemas"]["Backend"]["properties"]["status"] = change
        before = snapshot(mirrored)
        with server(device_service(documents, v0_4=docs, v0_3=live("v0.3"))) as other:
            done = run("sync", "--registry", mirrored, "--base-url", f"{other.base}/v0.4")
        assert done.exit_code == 1
        assert "ionq.backends.v0.4 refused" in done.stdout
        assert snapshot(mirrored) == before

    def test_a_title_alone_is_enough_to_pin_them(
        self, run: Run, documents: dict[str, bytes]
    ) -> None:
        """Where to find what qartifacts knows is not for everybody to write down."""
        Path("mine").mkdir()
        names = [*RESULT_FORMATS, *LOCAL_FORMATS]
        tables = [f'[formats."{name}"]\ntitle = "T"\n' for name in names]
        Path("mine", SOURCES).write_text("\n".join(tables), encoding="utf-8")
        answer = device_service(documents, v0_4=live("v0.4"), v0_3=live("v0.3"))
        with server(answer) as other:
            done = run("sync", "--registry", "mine", "--base-url", f"{other.base}/v0.4")
        assert done.exit_code == 0, done.output
        pins = qa.Registry.open("mine")
        assert {pin.format for pin in pins.values() if pin.identifier} == set(LOCAL_FORMATS)
        assert {pin.title for pin in pins.values()} == {"T"}

    def test_one_that_only_a_mirror_has(self, run: Run, mirrored: Path) -> None:
        """A mirror names what it has, and says whose the identifier is."""
        new = "ionq.queue.v1"
        document = {"$schema": DRAFT_7, "$id": new, "title": "Queue"}
        (mirrored / f"{new}.json").write_text(json.dumps(document), encoding="utf-8")
        with (mirrored / SOURCES).open("a", encoding="utf-8") as file:
            file.write(
                f'\n[formats."{new}"]\ntitle = "Queue"\nidentifier = "local"\n'
                'source = "documentation"\nwhere = "x"\nretrieved = "2026-11-20"\n'
            )
        (mirrored / LOCKFILE).write_bytes(build_lock(str(mirrored)))
        with serving(qa.Registry.open(mirrored)) as url:
            assert run("sync", "--init", "mine", "--base-url", url).exit_code == 0
        assert qa.Registry.open("mine")[new].identifier == "local"
        assert 'title = "Queue"\nidentifier = "local"' in Path("mine", SOURCES).read_text("utf-8")
        # Without the mirror, nobody has it.
        with server(device_service({})) as other, Service(f"{other.base}/v0.4") as service:
            found = sync("mine", service, write=False)
        outcomes = {each.format: each.outcome for each in found.updates}
        assert outcomes[qa.FormatId(new)] is Outcome.KEPT
        Path("mine", f"{new}.json").unlink()
        with server(device_service({})) as other, Service(f"{other.base}/v0.4") as service:
            found = sync("mine", service, write=False)
        outcomes = {each.format: each.outcome for each in found.updates}
        assert outcomes[qa.FormatId(new)] is Outcome.GONE

    def test_from_the_service_itself_it_is_called_so(self, mirrored: Path) -> None:
        class Itself:
            version = "v0.4"

            def schema(self, format: str, *, etag: str | None = None) -> Any:
                raise qa.NotFound("no", "")

            def api_docs(self, *, etag: str | None = None, version: str | None = None) -> Any:
                answered = type("Given", (), {"headers": {}, "etag": '"x"', "not_modified": False})
                answered.url = f"https://api.ionq.co/{version or 'v0.4'}/api-docs"  # type: ignore[attr-defined]
                answered.data = json.dumps(live(version or "v0.4")).encode()  # type: ignore[attr-defined]
                return answered

        found = sync(str(mirrored), Itself(), write=False)
        entries = {each.format: each.entry for each in found.updates}
        for format in self.SERVED:
            entry = entries[qa.FormatId(format)]
            assert entry is not None
            assert (entry.source, entry.etag, entry.stated) == ("openapi", "", "")


def schema_of(pin: qa.Pin) -> Any:
    """What a document demands, without words and order."""

    def demands(value: Any, *, names: bool = False) -> Any:
        if isinstance(value, list):
            return [demands(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            name: demands(each, names=name in ("properties", "definitions") and not names)
            for name, each in sorted(value.items())
            if names or name not in ("description", "title")
        }

    return demands(pin.document)


@pytest.mark.parametrize(
    ("pattern", "harmless"),
    [
        ("^(0|[1-9][0-9]*)$", True),
        ("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", True),
        ("(?=a)(?!b)^.*$", True),
        ("(a+)+$", False),
        ("(a|a)*b", False),
        ("^(a?){40}a{40}$", False),
        ("a*a*a*a*b", False),
        ("a{99999}", False),
        (r"^\w+@\w+$", True),
        (r"(a)\1*", False),
        (r"((a)\2)*", False),
        ("(?>a+)+", False),
        ("(", False),
    ],
)
def test_patterns(pattern: str, harmless: bool) -> None:
    assert is_harmless(pattern) is harmless


class TestTheTerminal:
    def test_a_bar_and_colours_there_and_nothing_elsewhere(self, base: str, tmp_path: Path) -> None:
        """On a pseudo-terminal, as a person would see it."""
        if sys.platform == "win32":
            return
        import pty

        def seen(command: list[str]) -> bytes:
            parent, child = pty.openpty()
            environment = {**os.environ, "TERM": "xterm"}
            with subprocess.Popen(
                command, stdout=child, stderr=child, cwd=tmp_path, env=environment
            ) as process:
                os.close(child)
                output = b""
                while True:
                    try:
                        piece = os.read(parent, 65536)
                    except OSError:
                        break
                    if not piece:
                        break
                    output += piece
                process.wait()
            os.close(parent)
            return output

        qartifacts = [sys.executable, "-m", "qartifacts"]
        first = seen([*qartifacts, "sync", "--init", "mine", "--base-url", base])
        assert b"asking the service" in first
        assert b"\x1b[32m\x1b[1mnew\x1b[0m" in first
        (tmp_path / "mine" / f"{P2}.json").write_bytes(b"{}")
        assert b"restored" in seen([*qartifacts, "sync", "--registry", "mine", "--base-url", base])
        assert b"\x1b[" in seen([*qartifacts, "formats", "--conversions"])
        models = [*qartifacts, "codegen", "--style", "typeddict", "--out", "models", "--check"]
        assert b"\x1b[32m+class Shot" in seen(models)
