"""A store of device documents, served over real HTTP at the paths of the vendors' services."""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import qartifacts as qa
from qartifacts.client import IBMService, Service
from qartifacts.errors import NotFound
from qartifacts.serve import serving
from qartifacts.stored import checked_device, document_name
from qartifacts.stored.devices import DeviceStore
from served_devices import (
    ARIA,
    ARIA_ID,
    BACKENDS,
    CHARACTERIZATION,
    CHARACTERIZATIONS,
    CONFIGURATION,
    FEZ,
    FEZ_DOCUMENTS,
    FEZ_FILES,
    FORTE,
    FORTE_FILES,
    FORTE_ID,
    FORTE_NOW,
    IBM_BACKENDS,
    IBM_LIST,
    IONQ_LIST,
    STATUS,
    backend,
    measured,
    text,
)
from support import Run

#: Put files into the store of a test.
Put = Callable[[dict[str, bytes]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def put(folder: Path) -> Put:
    def put(files: dict[str, bytes]) -> None:
        for name, data in files.items():
            (folder / name).write_bytes(data)

    return put


@pytest.fixture
def base(folder: Path) -> Iterator[str]:
    """A server of the store, which a test fills."""
    with serving(qa.Registry.bundled(), store=DeviceStore(folder)) as url:
        yield url


def _ask(base: str, path: str, **headers: str) -> tuple[int, bytes, Any]:
    """Ask as no client of ours would: any path, byte for byte."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read(), response.headers
    finally:
        connection.close()


def _missing(base: str, path: str) -> str:
    """The message of an answer that says that something is not there."""
    status, body, headers = _ask(base, path)
    problem = json.loads(body)
    assert (status, problem["statusCode"], problem["error"]) == (404, 404, "Not Found Error")
    assert headers["Content-Type"] == "application/json"
    message: str = problem["message"]
    assert message.isprintable()
    assert len(message) < 600
    return message


class TestIonQ:
    @pytest.mark.parametrize("prefix", ["", "/v0.4"])
    def test_the_bytes_are_those_that_are_stored(self, put: Put, base: str, prefix: str) -> None:
        put(FORTE_FILES)
        with Service(base + prefix) as service:
            answer = service.backends()
            assert answer.data == IONQ_LIST
            assert answer.headers["content-type"] == "application/json"
            assert service.characterization(FORTE, FORTE_ID).data == FORTE_NOW
            assert service.characterization(FORTE, FORTE_ID.upper()).data == FORTE_NOW

    def test_what_is_known_is_not_sent_again(self, put: Put, base: str) -> None:
        put(FORTE_FILES)
        _, _, headers = _ask(base, "/backends")
        status, body, _ = _ask(base, "/backends", **{"If-None-Match": headers["ETag"]})
        assert (status, body) == (304, b"")

    def test_what_is_stored_later_is_served(self, put: Put, base: str) -> None:
        _missing(base, "/backends")
        put(FORTE_FILES)
        assert _ask(base, "/backends")[1] == IONQ_LIST
        put({f"{FORTE}.{BACKENDS}.json": b"[]"})
        assert _ask(base, "/backends")[1] == b"[]"

    def test_several_characterizations_of_a_device(self, put: Put, base: str) -> None:
        old = json.dumps({"id": ARIA_ID, "backend": FORTE}).encode()
        put({**FORTE_FILES, f"{FORTE}.2025-01-01.{CHARACTERIZATION}.json": old})
        with Service(base) as service:
            assert service.characterization(FORTE, ARIA_ID).data == old
            assert service.characterization(FORTE, FORTE_ID).data == FORTE_NOW
            with pytest.raises(NotFound, match="no characterization"):
                service.characterization(ARIA, ARIA_ID)

    def test_a_characterization_that_does_not_say_which_it_is(self, put: Put, base: str) -> None:
        anonymous = b'{"qubits": 36}'
        put({**FORTE_FILES, f"{FORTE}.{CHARACTERIZATION}.json": anonymous})
        with Service(base) as service:
            assert service.characterization(FORTE, FORTE_ID).data == anonymous
            with pytest.raises(NotFound):
                service.characterization(FORTE, ARIA_ID)
            with pytest.raises(NotFound):
                service.characterization(ARIA, ARIA_ID)

    def test_lists_that_differ_are_one(self, put: Put, base: str, folder: Path) -> None:
        early = [backend(FORTE, FORTE_ID, kw=1.5), backend(ARIA, ARIA_ID, kw=1), {"odd": 1}, 2]
        late = [backend(FORTE, ARIA_ID), backend(ARIA, FORTE_ID, kw=2), backend("simulator", None)]
        put({f"{FORTE}.{BACKENDS}.json": text(early), f"{ARIA}.{BACKENDS}.json": text(late)})
        os.utime(folder / f"{ARIA}.{BACKENDS}.json", (1, 1))
        status, body, _ = _ask(base, "/v0.4/backends")
        assert status == 200
        assert json.loads(body) == [late[1], early[0], late[2]]

    def test_equal_lists_are_served_as_they_are(self, put: Put, base: str) -> None:
        put({f"{name}.{BACKENDS}.json": IONQ_LIST for name in (FORTE, ARIA)})
        assert _ask(base, "/backends")[1] == IONQ_LIST


class TestHistory:
    @pytest.fixture(autouse=True)
    def _history(self, put: Put) -> None:
        """25 of one device on pages that overlap, and one of another."""
        pages = {
            "page-a": [measured(number) for number in range(15)],
            "page-b": [measured(number) for number in range(10, 25)],
        }
        put(
            {
                f"{FORTE}.{which}.{CHARACTERIZATIONS}.json": text({"characterizations": entries})
                for which, entries in pages.items()
            }
        )
        other = {"characterizations": [measured(99, ARIA)], "pages": 0}
        put({f"{ARIA}.{CHARACTERIZATIONS}.json": text(other)})

    def _numbers(self, base: str, **arguments: Any) -> list[list[int]]:
        with Service(base) as service:
            pages = [
                json.loads(each.data) for each in service.characterizations(FORTE, **arguments)
            ]
        assert [page["pages"] for page in pages] == list(reversed(range(len(pages))))
        return [[int(each["id"][:8], 16) for each in page["characterizations"]] for page in pages]

    @pytest.mark.parametrize("prefix", ["", "/v0.4"])
    def test_three_pages_the_newest_first(self, base: str, prefix: str) -> None:
        numbers = self._numbers(base + prefix)
        assert [len(page) for page in numbers] == [10, 10, 5]
        assert [number for page in numbers for number in page] == list(range(24, -1, -1))

    def test_from_a_time_on_and_before_another(self, base: str) -> None:
        def at(number: int) -> int:
            return (1_700_000_000 + 3600 * number) * 1000

        assert self._numbers(base, start=at(3), end=at(6), limit=2) == [[5, 4], [3]]
        assert self._numbers(base, start=at(3) + 1, end=at(6) + 1) == [[6, 5, 4]]
        assert self._numbers(base, start=at(24), limit=1) == [[24]]
        assert self._numbers(base, end=at(0)) == [[]]

    def test_a_page_behind_the_last(self, base: str) -> None:
        status, body, _ = _ask(base, f"/v0.3/characterizations/backends/{FORTE}?page=9")
        assert (status, json.loads(body)) == (200, {"characterizations": [], "pages": 0})

    def test_what_it_does_not_have(self, base: str) -> None:
        assert "qpu.none" in _missing(base, "/v0.3/characterizations/backends/qpu.none")
        _missing(base, f"/v0.4/characterizations/backends/{FORTE}")

    @pytest.mark.parametrize(
        ("query", "keys"),
        [
            ("limit=0", ["limit"]),
            ("limit=11", ["limit"]),
            ("page=0", ["page"]),
            ("page=1e3", ["page"]),
            ("start=today&end=", ["start", "end"]),
            ("end=%EF%BC%91", ["end"]),
            (f"page={'9' * 5000}", ["page"]),
        ],
    )
    def test_parameters_that_cannot_be(self, base: str, query: str, keys: list[str]) -> None:
        """As the service says it: the client's own checks are not in the way here."""
        status, body, _ = _ask(base, f"/v0.3/characterizations/backends/{FORTE}?{query}")
        assert status == 400
        assert json.loads(body)["validation"] == {"keys": keys, "source": "query"}

    def test_a_page_that_says_that_there_are_none(self, put: Put, base: str) -> None:
        put({f"qpu.new.page-1.{CHARACTERIZATIONS}.json": b'{"characterizations": null}'})
        status, body, _ = _ask(base, "/v0.3/characterizations/backends/qpu.new")
        assert (status, json.loads(body)) == (200, {"characterizations": [], "pages": 0})

    def test_entries_without_id_date_and_backend(self, put: Put, base: str) -> None:
        entries = [{"qubits": 1}, {"qubits": 2, "date": 5}, {"qubits": 1}, "odd", None]
        put({f"qpu.odd.{CHARACTERIZATIONS}.json": text({"characterizations": entries})})
        _, body, _ = _ask(base, "/v0.3/characterizations/backends/qpu.odd")
        assert json.loads(body)["characterizations"] == [entries[1], entries[0]]


class TestIBM:
    @pytest.mark.parametrize("prefix", ["", "/api"])
    def test_the_bytes_are_those_that_are_stored(self, put: Put, base: str, prefix: str) -> None:
        put(FEZ_FILES)
        with IBMService(base + prefix) as service:
            assert service.backends().data == IBM_LIST
            assert service.configuration(FEZ).data == FEZ_FILES[f"{FEZ}.{CONFIGURATION}.json"]
            for part in ("configuration", "properties", "status", "defaults"):
                stored = FEZ_DOCUMENTS[f"ibm.backend-{part}.v1"]
                assert getattr(service, part)(FEZ).data == stored
            with pytest.raises(NotFound, match="ibm_none"):
                service.properties("ibm_none")

    def test_lists_that_differ_are_one(self, put: Put, base: str) -> None:
        mine, other = (
            {"devices": [{"name": name, "queue": n}]} for n, name in ((1, FEZ), (2, "b"))
        )
        put({f"{FEZ}.{IBM_BACKENDS}.json": text(mine), f"b.{IBM_BACKENDS}.json": text(other)})
        _, body, _ = _ask(base, "/v1/backends")
        assert json.loads(body) == {
            "devices": [{"name": "b", "queue": 2}, {"name": FEZ, "queue": 1}]
        }

    def test_a_device_of_another_name_is_another(self, put: Put, base: str) -> None:
        put({f"{FEZ}.old.{STATUS}.json": b"{}"})
        _missing(base, f"/v1/backends/{FEZ}/status")


class TestTrouble:
    @pytest.mark.parametrize(
        "path",
        [
            "/v1/backends/../../secret/status",
            "/v1/backends/..%2f..%2fsecret/status",
            "/v1/backends/%2e%2e%2fsecret/status",
            f"/v1/backends/{FEZ}/secret",
            f"/v1/backends/{FEZ}/..%2fsecret",
            f"/v1/backends/{FEZ}/status/",
            f"/v1/backends/{FEZ}.{STATUS}.json",
            f"/v1/backends/{FEZ}.{STATUS}.json/status",
            "/v1/backends//status",
            "/v1/backends/%00/status",
            "/v1/backends/%1b[2J%22/status",
            f"/v1/backends/{'a' * 5000}/status",
            "/v1/backends/",
            f"/v0.4/v1/backends/{FEZ}/status",
            "/v0.4/backends/..%2fsecret/characterizations/x",
            f"/v0.4/backends/{FORTE}/characterizations/",
            f"/v0.4/backends/{FORTE}/characterizations/..%2f..%2fsecret",
            "/v0.3/characterizations/backends/..%2fsecret",
            "/v0.3/backends",
            f"/store/{FEZ}.{STATUS}.json",
            f"/{FEZ}.{STATUS}.json",
        ],
    )
    def test_names_never_become_paths(self, put: Put, base: str, folder: Path, path: str) -> None:
        put(FEZ_FILES | FORTE_FILES)
        for where in (folder.parent, folder.parent.parent):
            (where / f"secret.{STATUS}.json").write_bytes(b'{"hidden": 1}')
        assert b"hidden" not in _ask(base, path)[1]
        _missing(base, path)

    def test_what_is_no_file_is_not_served(self, base: str, folder: Path) -> None:
        (folder / f"dir.{STATUS}.json").mkdir()
        os.mkfifo(folder / f"pipe.{STATUS}.json")
        (folder / f"nowhere.{STATUS}.json").symlink_to("no-such-file")
        (folder / f"circle.{STATUS}.json").symlink_to(f"circle.{STATUS}.json")
        start = time.monotonic()
        for name in ("dir", "pipe", "nowhere", "circle"):
            _missing(base, f"/v1/backends/{name}/status")
        assert time.monotonic() - start < 5

    def test_what_was_rejected_is_not_served(self, put: Put, base: str) -> None:
        put({f"{FEZ}.{STATUS}.rejected.json": b"{}", f"{FEZ}.{STATUS}.rejected.txt": b""})
        _missing(base, f"/v1/backends/{FEZ}/status")
        _missing(base, f"/v1/backends/{FEZ}.rejected/status")

    def test_what_cannot_be_read_is_passed_over_and_said(
        self, put: Put, base: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        put({f"{FORTE}.a.{CHARACTERIZATION}.json": b"<html>", **FORTE_FILES})
        with Service(base) as service:
            assert service.characterization(FORTE, FORTE_ID).data == FORTE_NOW
        assert f"{FORTE}.a.{CHARACTERIZATION}.json:1:1" in caplog.text

    @pytest.mark.parametrize("torn", [b"[1, 1", b"{", b'{"characterizations": {}}'])
    def test_no_list_looks_complete_that_is_not(self, put: Put, base: str, torn: bytes) -> None:
        put({f"{ARIA}.{BACKENDS}.json": torn, **FORTE_FILES})
        put({f"{FORTE}.page-1.{CHARACTERIZATIONS}.json": torn})
        for path in ("/v0.4/backends", f"/v0.3/characterizations/backends/{FORTE}"):
            status, body, _ = _ask(base, path)
            assert (status, json.loads(body)["statusCode"]) == (500, 500)

    def test_the_start_of_a_name_is_no_device(self, put: Put, base: str) -> None:
        page = json.dumps({"characterizations": [{"id": "x", "date": 1}]}).encode()
        put({f"{FORTE}.page-1.{CHARACTERIZATIONS}.json": page})
        _missing(base, "/v0.3/characterizations/backends/qpu")
        assert _ask(base, f"/v0.3/characterizations/backends/{FORTE}")[0] == 200

    @pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
    def test_no_link_leads_out_of_the_store(
        self, put: Put, base: str, folder: Path, tmp_path: Path
    ) -> None:
        outside = tmp_path / "outside"
        outside.write_text("secret", encoding="utf-8")
        put(FEZ_FILES)
        (folder / f"a.{STATUS}.json").symlink_to(outside)
        (folder / f"b.{STATUS}.json").symlink_to(f"{FEZ}.{STATUS}.json")
        _missing(base, "/v1/backends/a/status")
        assert _ask(base, "/v1/backends/b/status")[0] == 200

    def test_a_store_that_vanishes(self, put: Put, base: str, folder: Path) -> None:
        folder.rmdir()
        status, body, _ = _ask(base, "/backends")
        assert (status, json.loads(body)["statusCode"]) == (500, 500)
        assert str(folder) not in body.decode()

    def test_without_a_store_there_are_no_devices(self) -> None:
        with serving(qa.Registry.bundled()) as base:
            for path in ("/backends", "/v0.4/backends", "/v1/backends", "/api/v1/backends"):
                assert "/api-docs" in _missing(base, path)
            assert b"/v1/backends" not in _ask(base, "/api-docs")[1]

    def test_schemas_are_served_beside(self, put: Put, base: str) -> None:
        put(FEZ_FILES)
        format, pin = next(iter(qa.Registry.bundled().items()))
        assert _ask(base, f"/v0.4/schemas/formats/{format}")[1] == pin.read_bytes()
        assert json.loads(_ask(base, "/health")[1])["status"] == "ok"


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "-a",
            "a.",
            ".a",
            "a..b",
            "a b",
            "a\n",
            "é",
            "a\0",
            "a" * 101,
        ],
    )
    def test_what_cannot_be_a_device(self, name: str) -> None:
        with pytest.raises(ValueError, match="not the name of a device"):
            checked_device(name)

    @pytest.mark.parametrize("name", [FORTE, ARIA, FEZ, "simulator", "a", "ibmq_16_melbourne"])
    def test_names_of_files(self, name: str) -> None:
        assert document_name(checked_device(name), STATUS) == f"{name}.{STATUS}.json"
        assert document_name(name, STATUS, "x") == f"{name}.x.{STATUS}.json"

    def test_what_is_said_of_the_paths_is_true(self, put: Put, base: str) -> None:
        put(FORTE_FILES | FEZ_FILES)
        put({f"{FORTE}.{CHARACTERIZATIONS}.json": text({"characterizations": [measured(1)]})})
        docs = json.loads(_ask(base, "/api-docs")[1])
        values = {"backend": FORTE, "UUID": FORTE_ID, "id": FEZ, "format": next(iter(qa.formats()))}
        asked = 0
        for path, item in docs["paths"].items():
            for server in item.get("servers", docs["servers"]):
                place = server["url"].rstrip("/") + path.format(**values)
                assert _ask(base, place)[0] == 200, place
                asked += 1
        assert asked >= 19


class TestCommand:
    @pytest.mark.parametrize("store", ["nowhere", "file"])
    def test_a_store_that_is_none(self, run: Run, store: str) -> None:
        Path("file").touch()
        done = run("serve", "--store", store)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert store in done.stderr
