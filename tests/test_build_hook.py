"""Models in other people's builds: a sample project, its output ignored by git, still in the wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import qartifacts as qa
from qartifacts.registry.lockfile import LOCKFILE
from support import ROOT

SAMPLE = """
[build-system]
requires = ["hatchling", "qartifacts[codegen]"]
build-backend = "hatchling.build"

[project]
name = "sample"
version = "1.0"

[tool.hatch.build.targets.wheel]
packages = ["src/sample"]

[tool.hatch.build.hooks.qartifacts]
style = "typeddict"
out = "src/sample/models"
registry = "schemas"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a frozen registry, in a git repository that ignores generated models."""
    package = tmp_path / "src" / "sample"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (tmp_path / "pyproject.toml").write_text(SAMPLE)
    (tmp_path / ".gitignore").write_text("src/sample/models/\n")
    shutil.copytree(
        ROOT / "schemas" / "qartifacts_schemas",
        tmp_path / "schemas",
        ignore=shutil.ignore_patterns("__pycache__", "__init__.py"),
    )
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def build(project: Path) -> subprocess.CompletedProcess[str]:
    """Build a wheel offline, in this environment."""
    return subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "."],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PIP_NO_INDEX": "1"},
    )


def test_the_wheel_holds_models_with_the_pinned_digests(project: Path) -> None:
    done = build(project)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (project / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        models = [name for name in packed.namelist() if name.startswith("sample/models/")]
        assert len(models) == len(qa.formats()) + 1
        for format, pin in qa.Registry.open(project / "schemas").items():
            name = f"sample/models/{format.replace('.', '_').replace('-', '_')}.py"
            assert f"# Schema: sha256 {pin.sha256}\n" in packed.read(name).decode()


def test_check_fails_where_files_are_not_up_to_date(project: Path) -> None:
    config = project / "pyproject.toml"
    config.write_text(f"{SAMPLE}check = true\n")
    done = build(project)
    assert done.returncode != 0
    assert "not up to date" in done.stdout + done.stderr
    assert not (project / "src" / "sample" / "models").exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('style = "typeddict"', 'style = "attrs"', "style is one of"),
        ('out = "src/sample/models"', "", "out names"),
        ('registry = "schemas"', "registry = 1", "registry is a str"),
        ('registry = "schemas"', 'registri = "schemas"', "no setting 'registri'"),
        ('registry = "schemas"', 'registry = "nowhere"', LOCKFILE),
    ],
)
def test_settings_that_cannot_be_used(project: Path, old: str, new: str, says: str) -> None:
    (project / "pyproject.toml").write_text(SAMPLE.replace(old, new))
    done = build(project)
    assert done.returncode != 0
    assert says in done.stdout + done.stderr
