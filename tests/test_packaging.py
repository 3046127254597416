"""What is shipped: the wheel holds all three import roots and works alone, without a network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from support import ROOT

PROBABILITIES = "ionq.result.probabilities.json.v1"

#: Put in the way of every connection, so that a check that needs one fails.
NO_NETWORK = """
import socket

def refuse(*_, **__):
    raise OSError("this test has no network")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own that holds the wheel, outside of this checkout."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder / "env", symlinks=os.name != "nt")
    scripts = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*install, "--no-index", "--no-deps", str(wheel)], check=True)
    site = next((folder / "env").rglob("site-packages"))
    # The dependencies are those of the test environment. Its own .pth files are not read again,
    # so that the checkout stays out of sight.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    (site / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    return scripts


def _run(alone: Path, where: Path, *command: str) -> Any:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return subprocess.run(
        [alone / command[0], *command[1:]],
        cwd=where,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def test_the_wheel_holds_the_three_roots(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    roots = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert roots == {"qartifacts", "qartifacts_schemas", "qartifacts_models"}
    assert {"qartifacts/py.typed", "qartifacts/render/report.schema.json"} <= names
    assert {"qartifacts_schemas/registry.lock", "qartifacts_schemas/sources.toml"} <= names
    assert {f"qartifacts_schemas/{format}.json" for format in qa.formats()} <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_wheel_holds_the_same_as_the_checkout(wheel: Path) -> None:
    """An editable install and a wheel behave alike because they hold the same files."""
    archive = zipfile.ZipFile(wheel)
    for root in ("src/qartifacts", "schemas/qartifacts_schemas", "generated/qartifacts_models"):
        for path in (ROOT / root).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to((ROOT / root).parent).as_posix()
                assert archive.read(name) == path.read_bytes(), name


def test_the_wheel_checks_a_file_alone_and_offline(alone: Path, tmp_path: Path) -> None:
    (tmp_path / f"good.{PROBABILITIES}.json").write_bytes(b'{"0": 0.5, "3": 0.5}')
    (tmp_path / f"bad.{PROBABILITIES}.json").write_bytes(b'{"0": 0.5,\n "00": 0.5}')
    done = _run(alone, tmp_path, "qartifacts", "check", ".", "-v")
    assert done.returncode == 1, done.stderr
    assert re.search(r"bad\.ionq\S+:2:2: error QA206", done.stdout)
    assert re.search(r"good\.ionq\S+: ok", done.stdout)
    where = "import qartifacts, qartifacts_schemas, qartifacts_models as m; print(qartifacts.__file__, m.__file__)"
    placed = _run(alone, tmp_path, "python", "-c", where)
    assert str(ROOT) not in placed.stdout
    assert placed.returncode == 0, placed.stderr
    formats = json.loads(_run(alone, tmp_path, "qartifacts", "formats", "--json").stdout)
    assert [each["format"] for each in formats["formats"]] == list(qa.formats())


def test_the_network_guard_of_that_test_guards(alone: Path, tmp_path: Path) -> None:
    attempt = "import socket; socket.create_connection(('127.0.0.1', 9))"
    assert "no network" in _run(alone, tmp_path, "python", "-c", attempt).stderr


def test_the_extra_all_is_all_of_them() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    (every,) = extras["all"]
    names = re.fullmatch(r"qartifacts\[(.*)\]", every)
    assert names is not None
    assert names[1].split(",") == sorted(set(extras) - {"all"})


def _tracked() -> list[Path]:
    if not (ROOT / ".git").exists():  # Unpacked from a source distribution.
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_no_tracked_file_names_a_registry_host_or_a_home() -> None:
    hosts = "|".join(
        ("pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(com|org)", "debian" + r"\.org")
    )
    homes = r"/(?:home|Users|root)/[a-z]"
    for path in _tracked():
        if path.suffix in (".gz", ".png") or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        assert not re.search(hosts, text), f"{path} names the host of a package registry"
        assert not re.search(homes, text), f"{path} names a home directory"
        assert str(ROOT) not in text, f"{path} names where this checkout lies"
    assert not [path for path in _tracked() if path.name in ("uv.lock", "poetry.lock")]
