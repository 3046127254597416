"""Fetching the documents about a device over real HTTP: what is stored, and what is not."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.cli.progress import asking
from qartifacts.client import (
    IBM_INSTANCE_VARIABLE,
    IBM_KEY_VARIABLE,
    KEY_VARIABLE,
    IBMService,
    Service,
)
from qartifacts.errors import NotFound, ServiceError, UnknownFormat
from qartifacts.fetching import Outcome
from qartifacts.serve import serving
from qartifacts.stored.devices import DeviceStore
from served_devices import (
    BACKENDS,
    CHARACTERIZATION,
    CHARACTERIZATIONS,
    CONFIGURATION,
    DEFAULTS,
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
    PROPERTIES,
    SCHEMAS,
    STATUS,
    backend,
    measured,
    text,
)
from servers import Asked, Behaviour, Line, bounded, closed_port, replying, server
from support import MakeRegistry, Run

KEY = "k3y-that-nobody-else-may-see"

#: Run ``fetch device`` with the stand-ins for the pinned schemas.
Fetch = Callable[..., Any]


@pytest.fixture(autouse=True)
def _bounded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with bounded(monkeypatch, 20):
        yield


@pytest.fixture
def registry(make_registry: MakeRegistry) -> qa.Registry:
    return make_registry(SCHEMAS)


@pytest.fixture
def fetch(run: Run, registry: qa.Registry) -> Fetch:
    def fetch(device: str, base: str, *arguments: object) -> Any:
        options = ("-o", "out", "--base-url", base, "--registry", registry.folder)
        return run("fetch", "device", device, *options, *arguments)

    return fetch


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of one device of each vendor."""
    folder = tmp_path / "store"
    folder.mkdir()
    for name, data in (FORTE_FILES | FEZ_FILES).items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def base(store: Path) -> Iterator[str]:
    with serving(qa.Registry.bundled(), store=DeviceStore(store)) as url:
        yield url


def _files(folder: str = "out") -> dict[str, bytes]:
    path = Path(folder)
    return {each.name: each.read_bytes() for each in path.iterdir()} if path.exists() else {}


def _offering(documents: dict[str, bytes]) -> Behaviour:
    """A server of documents by their paths, whatever the query."""

    def answer(asked: Asked, line: Line) -> None:
        path = asked.path.partition("?")[0]
        if path in documents:
            line.reply(200, documents[path])
        else:
            line.problem(404, "Not Found")

    return answer


IONQ_PATHS = {"/backends": IONQ_LIST, f"/backends/{FORTE}/characterizations/{FORTE_ID}": FORTE_NOW}
IBM_PATHS = {
    "/v1/backends": IBM_LIST,
    **{
        f"/v1/backends/{FEZ}/{format.partition('-')[2].removesuffix('.v1')}": data
        for format, data in FEZ_DOCUMENTS.items()
    },
}


class TestFromAStore:
    @pytest.mark.parametrize("prefix", ["", "/v0.4"])
    def test_a_device_of_ionq(self, fetch: Fetch, base: str, prefix: str) -> None:
        done = fetch(f"ionq:{FORTE}", base + prefix)
        assert done.exit_code == 0, done.output
        assert _files() == FORTE_FILES
        assert done.stdout.splitlines() == [
            f"out/{FORTE}.{BACKENDS}.json new",
            f"out/{FORTE}.{CHARACTERIZATION}.json new",
            f"ionq:{FORTE}: 2 documents in out, all good",
        ]
        assert done.stderr == ""

    @pytest.mark.parametrize("prefix", ["", "/api"])
    def test_a_device_of_ibm(self, fetch: Fetch, base: str, prefix: str) -> None:
        done = fetch(f"ibm:{FEZ}", base + prefix)
        assert done.exit_code == 0, done.output
        assert _files() == FEZ_FILES
        assert done.stdout.endswith(f"ibm:{FEZ}: 5 documents in out, all good\n")

    def test_what_was_fetched_can_be_served_and_fetched_again(
        self, fetch: Fetch, base: str, registry: qa.Registry, run: Run
    ) -> None:
        for device in (f"ionq:{FORTE}", f"ibm:{FEZ}"):
            assert fetch(device, base).exit_code == 0
        first = _files()
        with serving(registry, store=DeviceStore("out")) as again:
            for device in (f"ionq:{FORTE}", f"ibm:{FEZ}"):
                assert fetch(device, again, "-o", "again").exit_code == 0
        assert _files("again") == first == FORTE_FILES | FEZ_FILES
        assert run("check", "--registry", registry.folder, "out").exit_code == 0

    def test_a_second_time(self, fetch: Fetch, base: str, store: Path) -> None:
        fetch(f"ibm:{FEZ}", base)
        paths = {name: os.stat(f"out/{name}").st_mtime_ns for name in FEZ_FILES}
        busier = text({"state": True, "status": "active", "length_queue": 4})
        (store / f"{FEZ}.{STATUS}.json").write_bytes(busier)
        done = fetch(f"ibm:{FEZ}", base)
        assert done.exit_code == 0
        assert done.stdout.count(" unchanged\n") == 4
        assert f"{FEZ}.{STATUS}.json changed\n" in done.stdout
        assert _files() == {**FEZ_FILES, f"{FEZ}.{STATUS}.json": busier}
        touched = [name for name, at in paths.items() if os.stat(f"out/{name}").st_mtime_ns != at]
        assert touched == [f"{FEZ}.{STATUS}.json"]

    def test_into_the_current_directory(self, run: Run, base: str, registry: qa.Registry) -> None:
        options = ("--base-url", base, "--registry", registry.folder)
        Path("here").mkdir()
        os.chdir("here")
        assert run("fetch", "device", f"ionq:{FORTE}", *options).exit_code == 0
        assert _files(".") == FORTE_FILES

    def test_in_python(self, base: str, registry: qa.Registry, tmp_path: Path) -> None:
        told: list[tuple[int, int | None]] = []
        with IBMService(base) as service:
            found = qa.fetch_device(
                f"ibm:{FEZ}",
                tmp_path / "deep" / "er",
                service=service,
                registry=registry,
                progress=lambda *so_far: told.append(so_far),
            )
            service.status(FEZ)  # It is still open.
        assert found.ok
        assert (found.device, found.folder) == (f"ibm:{FEZ}", str(tmp_path / "deep" / "er"))
        assert told == [(number, 5) for number in range(1, 6)]
        assert [each.format for each in found.documents] == [
            IBM_BACKENDS, CONFIGURATION, PROPERTIES, STATUS, DEFAULTS,
        ]  # fmt: skip
        for each in found.documents:
            assert each.outcome is Outcome.NEW
            assert each.report.ok
            assert each.report.source == each.path
            assert Path(each.path).read_bytes() == FEZ_FILES[Path(each.path).name]
            assert each.url.startswith(f"{base}/v1/backends")


class TestHistory:
    @pytest.fixture(autouse=True)
    def _history(self, store: Path) -> None:
        entries = [measured(number) for number in range(25)]
        data = text({"characterizations": entries})
        (store / f"{FORTE}.page-x.{CHARACTERIZATIONS}.json").write_bytes(data)

    def _numbers(self, folder: str = "out") -> list[int]:
        ids = {
            each["id"]
            for path in Path(folder).glob(f"{FORTE}.page-*.{CHARACTERIZATIONS}.json")
            for each in json.loads(path.read_bytes())["characterizations"]
        }
        return sorted(int(each[:8], 16) for each in ids)

    def test_all_of_it(self, fetch: Fetch, base: str, registry: qa.Registry, run: Run) -> None:
        done = fetch(f"ionq:{FORTE}", base, "--history")
        assert done.exit_code == 0, done.output
        assert "5 documents in out, all good" in done.stdout
        assert self._numbers() == list(range(25))
        assert FORTE_FILES.items() <= _files().items()
        assert run("check", "--registry", registry.folder, "out").exit_code == 0
        # Pages that are served of what was stored are the same, byte for byte.
        with serving(registry, store=DeviceStore("out")) as again:
            assert fetch(f"ionq:{FORTE}", again, "--history", "-o", "again").exit_code == 0
        assert _files("again") == _files()

    def test_a_part_of_it_and_then_another(self, fetch: Fetch, base: str) -> None:
        # Measured each hour from 2023-11-14T22:13:20Z on.
        times = ("--since", "2023-11-15", "--until", "2023-11-15T05:13:20+02:00")
        assert fetch(f"ionq:{FORTE}", base, "--history", *times).exit_code == 0
        assert self._numbers() == [2, 3, 4]
        later = fetch(f"ionq:{FORTE}", base, "--history", "--since", "2023-11-15T20:00:00Z")
        assert later.exit_code == 0
        assert self._numbers() == [2, 3, 4, 22, 23, 24]

    def test_there_is_none_in_that_time(self, fetch: Fetch, base: str) -> None:
        done = fetch(f"ionq:{FORTE}", base, "--history", "--until", "2000-01-01")
        assert (done.exit_code, _files()) == (0, FORTE_FILES)
        assert f"note: {FORTE} has no characterizations" in done.stdout

    def test_null_is_none(self, fetch: Fetch) -> None:
        path = f"/v0.3/characterizations/backends/{FORTE}"
        with server(_offering({**IONQ_PATHS, path: b'{"characterizations": null}'})) as up:
            done = fetch(f"ionq:{FORTE}", up.base, "--history")
        assert (done.exit_code, _files()) == (0, FORTE_FILES)
        assert "has no characterizations" in done.stdout

    def test_a_wrong_page_is_kept_aside(self, fetch: Fetch) -> None:
        path = f"/v0.3/characterizations/backends/{FORTE}"
        wrong = b'{"characterizations": [{"date": 1}]}'
        with server(_offering({**IONQ_PATHS, path: wrong})) as up:
            done = fetch(f"ionq:{FORTE}", up.base, "--history")
        assert done.exit_code == 1
        (name,) = {name for name in _files() if name.endswith(".rejected.json")}
        assert _files()[name] == wrong

    def test_a_listing_that_breaks_off_leaves_nothing(self, fetch: Fetch) -> None:
        def answer(asked: Asked, line: Line) -> None:
            if "page=2" in asked.path:
                line.problem(500, "so there")
            elif "page=1" in asked.path:
                line.reply(200, text({"characterizations": [measured(1)], "pages": 1}))
            else:
                _offering(IONQ_PATHS)(asked, line)

        with server(answer) as up:
            done = fetch(f"ionq:{FORTE}", up.base, "--history")
        assert (done.exit_code, _files()) == (2, {})

    def test_its_key(self, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
        """The list of backends and a characterization go without."""

        def answer(asked: Asked, line: Line) -> None:
            if asked.path.startswith("/v0.3") and "authorization" not in asked.headers:
                line.problem(401, "Unauthorized")
            else:
                page = text({"characterizations": [measured(1)]})
                path = f"/v0.3/characterizations/backends/{FORTE}"
                _offering({**IONQ_PATHS, path: page})(asked, line)

        with server(answer) as up:
            without = fetch(f"ionq:{FORTE}", up.base, "--history")
            assert (without.exit_code, KEY_VARIABLE in without.stderr) == (2, True)
            assert set(up.keys) == {None}
            monkeypatch.setenv(KEY_VARIABLE, KEY)
            done = fetch(f"ionq:{FORTE}", up.base, "--history")
        assert done.exit_code == 0, done.output
        assert up.keys[-4:] == [None, None, None, f"apiKey {KEY}"]
        assert KEY not in done.output
        assert not [data for data in _files().values() if KEY.encode() in data]


class TestWhatThereIsNot:
    def test_a_device_of_another_name(self, fetch: Fetch, base: str) -> None:
        done = fetch("ionq:qpu.forte-2", base)
        assert (done.exit_code, done.stdout, _files()) == (2, "", {})
        assert done.stderr.endswith(
            "the service has no device qpu.forte-2; it has qpu.aria-1, qpu.forte-1, simulator\n"
        )
        done = fetch("ibm:ibm_none", base)
        assert (done.exit_code, _files()) == (2, {})
        assert "it has ibm_fez, ibm_kingston" in done.stderr

    @pytest.mark.parametrize("names", [0, 40])
    def test_names_of_strangers(self, fetch: Fetch, names: int) -> None:
        entries = [backend(f"\x1b[2J{number:02}" + "x" * 500, None) for number in range(names)]
        with server(_offering({"/backends": text(entries)})) as up:
            done = fetch(f"ionq:{FORTE}", up.base)
        assert done.exit_code == 2
        assert done.stderr.rstrip("\n").isprintable()
        assert ("and 10 more" if names else "none at all") in done.stderr
        assert len(done.stderr) < 4000

    def test_a_simulator(self, fetch: Fetch, base: str, store: Path) -> None:
        done = fetch("ionq:simulator", base)
        assert done.exit_code == 0
        assert _files() == {f"simulator.{BACKENDS}.json": IONQ_LIST}
        assert "note: simulator has no characterization\n" in done.stdout
        for format in (PROPERTIES, DEFAULTS):
            (store / f"{FEZ}.{format}.json").unlink()
        done = fetch(f"ibm:{FEZ}", base, "-o", "ibm")
        assert done.exit_code == 0
        assert set(_files("ibm")) == {
            f"{FEZ}.{format}.json" for format in (IBM_BACKENDS, CONFIGURATION, STATUS)
        }
        assert done.stdout.count("note: ") == 2
        assert "does not have the properties of ibm_fez" in done.stdout

    @pytest.mark.parametrize("id", [5, "", "../../api-docs", FORTE_ID + "x"])
    def test_an_id_that_is_none_is_not_asked_for(self, fetch: Fetch, id: Any) -> None:
        with server(_offering({"/backends": text([backend(FORTE, id)])})) as up:
            done = fetch(f"ionq:{FORTE}", up.base)
        assert done.exit_code == 0
        assert "no UUID" in done.stdout
        assert [each.path for each in up.asked] == ["/backends"]

    def test_a_characterization_that_has_gone(self, fetch: Fetch) -> None:
        with server(_offering({"/backends": IONQ_LIST})) as up:
            done = fetch(f"ionq:{FORTE}", up.base)
        assert (done.exit_code, set(_files())) == (0, {f"{FORTE}.{BACKENDS}.json"})
        assert f"does not have the characterization {FORTE_ID}" in done.stdout

    def test_a_document_about_something_else_is_rejected(self, fetch: Fetch) -> None:
        paths = {**IBM_PATHS, f"/v1/backends/{FEZ}/properties": FEZ_DOCUMENTS[PROPERTIES].replace(
            b"ibm_fez", b"ibm_other")}  # fmt: skip
        with server(_offering(paths)) as up:
            done = fetch(f"ibm:{FEZ}", up.base)
        assert (done.exit_code, "1 rejected" in done.stdout) == (1, True)
        assert 'backend_name "ibm_other"' in done.stdout
        assert not (Path("out") / f"{FEZ}.{PROPERTIES}.json").exists()
        aside = Path("out") / f"{FEZ}.{PROPERTIES}.rejected"
        assert b"ibm_other" in aside.with_suffix(".rejected.json").read_bytes()
        assert "ibm_other" in aside.with_suffix(".rejected.txt").read_text(encoding="utf-8")


class TestRejected:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"<html>Sign in</html>", "QA003"),
            (b'{"id": "x", "id": "y"}', "QA008"),
            (b'{"qubits": "36"}', "QA101"),
            (b'{"qubits": 0}', "QA105"),
            (b"", "QA002"),
        ],
    )
    def test_it_is_kept_aside_with_its_findings(
        self, fetch: Fetch, registry: qa.Registry, data: bytes, code: str
    ) -> None:
        paths = {**IONQ_PATHS, f"/backends/{FORTE}/characterizations/{FORTE_ID}": data}
        with server(_offering(paths)) as up:
            done = fetch(f"ionq:{FORTE}", up.base)
        assert done.exit_code == 1
        stem = f"{FORTE}.{CHARACTERIZATION}"
        files = _files()
        assert set(files) == {
            f"{FORTE}.{BACKENDS}.json",
            f"{stem}.rejected.json",
            f"{stem}.rejected.txt",
        }
        assert files[f"{stem}.rejected.json"] == data
        findings = qa.check(data, format=CHARACTERIZATION, registry=registry).findings
        assert [finding.code for finding in findings] == [code]
        kept = files[f"{stem}.rejected.txt"].decode()
        assert up.base in kept.splitlines()[0]
        for finding in findings:
            line = finding.at(f"out/{stem}.rejected.json:")
            assert line in kept
            assert f"  {line}\n" in done.stdout
        assert done.stdout.endswith("2 documents in out, 1 rejected\n")

    def test_what_was_stored_stays(self, fetch: Fetch, base: str, run: Run) -> None:
        assert fetch(f"ibm:{FEZ}", base).exit_code == 0
        paths = {**IBM_PATHS, f"/v1/backends/{FEZ}/status": b"{}"}
        with server(_offering(paths)) as up:
            assert fetch(f"ibm:{FEZ}", up.base).exit_code == 1
        aside = f"{FEZ}.{STATUS}.rejected.json"
        assert FEZ_FILES.items() <= _files().items()
        assert _files()[aside] == b"{}"
        # The next one that is good tells that there is something left.
        done = fetch(f"ibm:{FEZ}", base)
        assert done.exit_code == 0
        assert f"note: out/{aside} is there from an earlier fetch" in done.stdout

    def test_a_check_of_the_store_meets_it(
        self, fetch: Fetch, run: Run, registry: qa.Registry
    ) -> None:
        paths = {**IBM_PATHS, f"/v1/backends/{FEZ}/status": b"{}"}
        with server(_offering(paths)) as up:
            fetch(f"ibm:{FEZ}", up.base)
        done = run("check", "--registry", registry.folder, "out")
        assert done.exit_code == 1
        assert f"out/{FEZ}.{STATUS}.rejected.json:1:1: error QA1" in done.stdout
        assert "5 files checked: 4 good, 1 bad" in done.stdout

    @pytest.mark.parametrize("data", [b"<html>", b"{}", b'[{"backend": "qpu.forte-1"}]'])
    def test_a_list_that_is_wrong(self, fetch: Fetch, data: bytes) -> None:
        with server(_offering({**IONQ_PATHS, "/backends": data})) as up:
            done = fetch(f"ionq:{FORTE}", up.base)
        assert done.exit_code == 1
        assert _files()[f"{FORTE}.{BACKENDS}.rejected.json"] == data

    def test_a_list_of_ibm_that_cannot_be_read(self, fetch: Fetch) -> None:
        """The device is known by its name, so the rest is fetched."""
        with server(_offering({**IBM_PATHS, "/v1/backends": b"[]"})) as up:
            done = fetch(f"ibm:{FEZ}", up.base)
        assert done.exit_code == 1
        for format, data in FEZ_DOCUMENTS.items():
            assert _files()[f"{FEZ}.{format}.json"] == data


class TestTrouble:
    @pytest.mark.parametrize(
        "trouble",
        [
            replying(500, b'{"message": "so there"}'),
            replying(429, Retry_After=3600),
            replying(403),
            replying(302, Location="http://127.0.0.2/elsewhere"),
            lambda _, line: line.head(200, b"[", Content_Length=10),
        ],
        ids=["500", "429", "403", "redirect", "cut off"],
    )
    @pytest.mark.parametrize("last", [False, True])
    def test_a_service_that_fails_leaves_nothing(
        self, fetch: Fetch, trouble: Behaviour, last: bool
    ) -> None:
        good = dict(list(IBM_PATHS.items())[:-1])

        def answer(asked: Asked, line: Line) -> None:
            if last and asked.path in good:
                return _offering(good)(asked, line)
            trouble(asked, line)
            raise ConnectionResetError

        with server(answer) as up:
            done = fetch(f"ibm:{FEZ}", up.base)
        assert (done.exit_code, done.stdout, _files()) == (2, "", {})
        assert done.stderr.count("\n") == 1

    def test_nobody_there(self, fetch: Fetch) -> None:
        done = fetch(f"ionq:{FORTE}", f"http://127.0.0.1:{closed_port()}")
        assert (done.exit_code, done.stderr.count("\n"), _files()) == (2, 1, {})

    def test_secrets_are_not_printed(self, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
        crn = "crn:v1:bluemix:public:quantum-computing:us-east:a/s3cret:s3cret::"
        monkeypatch.setenv(IBM_KEY_VARIABLE, KEY)
        monkeypatch.setenv(IBM_INSTANCE_VARIABLE, crn)

        def answer(asked: Asked, line: Line) -> None:
            given = asked.headers.get("authorization"), asked.headers.get("service-crn")
            line.problem(401, f"no {' '.join(map(str, given))}")

        with server(answer) as up:
            done = fetch(f"ibm:{FEZ}", up.base)
        assert (up.keys[-1], up.asked[-1].headers["service-crn"]) == (f"apikey {KEY}", crn)
        assert done.exit_code == 2
        assert "***" in done.stderr
        assert KEY not in done.output
        assert "s3cret" not in done.output

    @pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
    def test_killed_while_it_asks(self, registry: qa.Registry, tmp_path: Path) -> None:
        def answer(asked: Asked, line: Line) -> None:
            if asked.path.endswith("/status"):
                line.wait()
            _offering(IBM_PATHS)(asked, line)

        with server(answer) as up:
            process = _fetching(f"ibm:{FEZ}", up.base, registry, tmp_path)
            start = time.monotonic()
            while len(up.asked) < 4 and time.monotonic() - start < 15:
                time.sleep(0.02)
            process.kill()
            process.communicate(timeout=10)
        assert len(up.asked) == 4
        assert _files(str(tmp_path / "out")) == {}

    @pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
    @pytest.mark.parametrize("at", ["replace", "fsync"])
    @pytest.mark.parametrize("number", [1, 3])
    def test_killed_while_it_writes(
        self, base: str, registry: qa.Registry, tmp_path: Path, at: str, number: int
    ) -> None:
        """At any moment there are whole files only, and what was there stays until then."""
        out = tmp_path / "out"
        out.mkdir()
        for name in FEZ_FILES:
            (out / name).write_bytes(b"before")
        process = _fetching(f"ibm:{FEZ}", base, registry, tmp_path, killed=(at, number))
        process.communicate(timeout=20)
        assert process.returncode == -signal.SIGKILL
        files = _files(str(out))
        named = {name: data for name, data in files.items() if not name.startswith(".")}
        assert set(named) == set(FEZ_FILES)
        whole = [name for name, data in named.items() if data == FEZ_FILES[name]]
        assert len(whole) == number - 1
        assert all(data == b"before" for name, data in named.items() if name not in whole)
        # The next one finishes it.
        assert _fetching(f"ibm:{FEZ}", base, registry, tmp_path).wait(timeout=20) == 0
        assert FEZ_FILES.items() <= _files(str(out)).items()


def _fetching(
    device: str,
    base: str,
    registry: qa.Registry,
    folder: Path,
    killed: tuple[str, int] = ("replace", 1000),
) -> subprocess.Popen[bytes]:
    """The command as a process of its own, which may kill itself at some call of ``os``."""
    code = f"""
import os, signal, sys
from qartifacts.cli import main

name, left = {killed!r}
original = getattr(os, name)

def counted(*arguments):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments)

setattr(os, name, counted)
main()
"""
    options = ["-o", "out", "--base-url", base, "--registry", registry.folder]
    return subprocess.Popen(
        [sys.executable, "-c", code, "fetch", "device", device, *options],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class TestMisuse:
    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["qpu.forte-1"], "ionq:NAME"),
            (["rigetti:ankaa"], "ionq:NAME"),
            (["ionq:"], "not the name of a device"),
            (["ionq:../x"], "not the name of a device"),
            (["ibm:a/b"], "not the name of a device"),
            (["ionq:\x1b[2J"], "not the name of a device"),
            (["ionq:qpu.forte-1", "--at", "2026-01-01"], "IBM"),
            (["ibm:ibm_fez", "--history"], "IonQ"),
            (["ibm:ibm_fez", "--since", "2026-01-01"], "IonQ"),
            (["ionq:qpu.forte-1", "--since", "2026-01-01"], "history"),
            (["ionq:qpu.forte-1", "--history", "--since", "yesterday"], "is no time"),
            (["ionq:qpu.forte-1", "--history", "--until", "2026-01-01T00:00"], "no time zone"),
            (
                ["ionq:qpu.forte-1", "--history", "--since", "2026-01-02", "--until", "2026-01-01"],
                "later",
            ),
            (["ionq:qpu.forte-1", "--base-url", "ftp://host"], "base URL"),
            (["ionq:qpu.forte-1", "--base-url", "https://me:secret@host"], "base URL"),
            (["ionq:qpu.forte-1", "--base-url", "http://host", "--send-key"], "plain http"),
        ],
    )
    def test_it_is_told_before_anything_is_asked(
        self, run: Run, registry: qa.Registry, arguments: list[str], says: str
    ) -> None:
        with server(replying(200, b"[]")) as up:
            base = () if "--base-url" in arguments else ("--base-url", up.base)
            done = run("fetch", "device", "--registry", registry.folder, *base, *arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert says in done.stderr
        assert "\x1b" not in done.stderr
        assert "secret" not in done.stderr
        assert up.lines == []

    def test_a_registry_without_these_formats(self, run: Run, make_registry: MakeRegistry) -> None:
        less = make_registry({name: schema for name, schema in SCHEMAS.items() if name != STATUS})
        with server(replying(200, b"[]")) as up:
            options = ("--base-url", up.base, "--registry", less.folder)
            done = run("fetch", "device", f"ibm:{FEZ}", *options)
            assert (done.exit_code, STATUS in done.stderr) == (2, True)
            with pytest.raises(UnknownFormat):
                qa.fetch_device(f"ibm:{FEZ}", registry=less)
        assert up.lines == []

    def test_a_service_of_another_vendor(self, registry: qa.Registry) -> None:
        with Service("http://127.0.0.1:1") as service, pytest.raises(TypeError, match="IBMService"):
            qa.fetch_device(f"ibm:{FEZ}", service=service, registry=registry)

    @pytest.mark.parametrize(
        ("at", "kind"),
        [("2026-01-01", TypeError), (dt.datetime(2026, 1, 1), ValueError)],  # noqa: DTZ001
    )
    def test_a_time_that_is_none(
        self, registry: qa.Registry, at: Any, kind: type[Exception]
    ) -> None:
        with (
            server(_offering(IBM_PATHS)) as up,
            IBMService(up.base) as service,
            pytest.raises(kind, match="at "),
        ):
            qa.fetch_device(f"ibm:{FEZ}", service=service, registry=registry, at=at)
        assert up.lines == []

    @pytest.mark.parametrize(("terminal", "shown"), [("xterm", True), ("dumb", False)])
    def test_a_bar_on_a_terminal(
        self, monkeypatch: pytest.MonkeyPatch, terminal: str, shown: bool
    ) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        stderr = Terminal()
        monkeypatch.setenv("TERM", terminal)
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr(sys, "stderr", stderr)
        with asking() as told:
            assert (told is not None) is shown
            if told is not None:
                told(1, None)
                told(2, 5)
        assert ("asking the service" in stderr.getvalue()) is shown

    def test_a_place_that_is_none(self, fetch: Fetch, base: str) -> None:
        Path("out").touch()
        done = fetch(f"ionq:{FORTE}", base)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert "cannot be written" in done.stderr

    def test_at(self, fetch: Fetch) -> None:
        with server(_offering(IBM_PATHS)) as up:
            done = fetch(f"ibm:{FEZ}", up.base, "--at", "2026-01-31T13:00:00+01:00")
        assert done.exit_code == 0
        asked = [each.path for each in up.asked if "?" in each.path]
        assert asked == [f"/v1/backends/{FEZ}/properties?updated_before=2026-01-31T12%3A00%3A00Z"]

    @pytest.mark.parametrize(("date", "status"), [("2026-01-30", 0), ("2026-01-31", 1)])
    def test_what_is_later_than_at_is_rejected(self, fetch: Fetch, date: str, status: int) -> None:
        path = f"/v1/backends/{FEZ}/properties"
        value = json.loads(FEZ_DOCUMENTS[PROPERTIES]) | {"last_update_date": f"{date}T12:00:00Z"}
        with server(_offering({**IBM_PATHS, path: json.dumps(value).encode()})) as up:
            today = fetch(f"ibm:{FEZ}", up.base)
            done = fetch(f"ibm:{FEZ}", up.base, "--at", "2026-01-31T12:00:00Z")
        assert (today.exit_code, done.exit_code) == (0, status)
        # Today's stay what they were.
        end = ".rejected.json" if status else ".json"
        names = {path.name for path in Path("out").glob(f"*{PROPERTIES}*.json")}
        assert names == {
            f"{FEZ}.{PROPERTIES}.json",
            f"{FEZ}.before-20260131T120000Z.{PROPERTIES}{end}",
        }

    def test_its_group_says_what_there_is(self, run: Run) -> None:
        assert "device" in run("fetch", "--help").stdout
        assert run("fetch").exit_code == 2
        assert run("fetch", "nonsense").exit_code == 2

    def test_errors_are_those_of_the_client(self, registry: qa.Registry, tmp_path: Path) -> None:
        base = f"http://127.0.0.1:{closed_port()}"
        with Service(base) as service, pytest.raises(ServiceError):
            qa.fetch_device(f"ionq:{FORTE}", tmp_path, service=service, registry=registry)
        with (
            server(_offering({"/backends": b"[]"})) as up,
            Service(up.base) as service,
            pytest.raises(NotFound),
        ):
            qa.fetch_device(f"ionq:{FORTE}", tmp_path, service=service, registry=registry)
