"""Fixtures for all tests, and two promises: nothing leaves this machine, nothing is skipped."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from click.testing import CliRunner, Result

from qartifacts import Registry
from qartifacts.cli import _program
from qartifacts.registry.lockfile import LOCKFILE, build_lock
from support import DRAFT_7, LOCAL_FORMATS, RESULT_FORMATS, MakeRegistry, Run, length

# A machine that is busy may take long for any example; what is slow is another question.
hypothesis.settings.register_profile("project", deadline=None, max_examples=length(100, 1000))
hypothesis.settings.load_profile("project")

# A command in the background of a script ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

if TYPE_CHECKING:
    import trustme

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail if any test is skipped")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and item.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and --no-skips forbids it: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
            pytest.fail(f"a test tried to connect to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def make_registry(tmp_path: Path) -> MakeRegistry:
    """Make a registry directory from documents by format identifier, and open it."""

    def make(documents: Mapping[str, Any]) -> Registry:
        folder = tmp_path / f"registry-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return _registry_in(folder, documents)

    return make


def _registry_in(folder: Path, documents: Mapping[str, Any]) -> Registry:
    sources = []
    for format, document in documents.items():
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        (folder / f"{format}.json").write_bytes(data)
        sources.append(
            f'[formats."{format}"]\ntitle = "Made for a test"\nsource = "documentation"\n'
            'where = "this test"\nretrieved = 2026-11-20\n'
        )
    (folder / "sources.toml").write_text("\n".join(sources), encoding="utf-8")
    (folder / LOCKFILE).write_bytes(build_lock(str(folder)))
    return Registry.open(folder)


@pytest.fixture(scope="session")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The bundled registry, but for documents of devices and records of jobs: whose schemas let
    everything through."""
    documents: dict[str, Any] = {
        format: Registry.bundled()[format].read_bytes() for format in RESULT_FORMATS
    }
    documents |= {format: {"$schema": DRAFT_7} for format in LOCAL_FORMATS}
    return _registry_in(tmp_path_factory.mktemp("lenient"), documents)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(
            _program, [str(each) for each in arguments], input=stdin, prog_name="qartifacts"
        )

    return invoke


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """An authority that nobody trusts but who is told to."""
    import trustme

    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
