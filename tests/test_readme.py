"""The README is true: its tour is run in an empty directory, and must print what it shows."""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT, unmeasured

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- tour -->\n```(console|pycon)\n(.*?)```", README, re.DOTALL)


def _commands(block: str) -> list[tuple[str, str]]:
    """Commands of a console block, each with the output that is shown for it."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.skipif(sys.platform == "win32", reason="the tour is written for a POSIX shell")
def test_the_tour_prints_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # The environment that the README has made before; its files are no results.
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "env" / "direct_url.json").write_text("{}", encoding="utf-8")
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": scripts + os.pathsep + os.environ["PATH"]}
    environment.pop("PYTEST_ADDOPTS", None)  # Which would have it print more than it shows.
    shown = 0
    for kind, block in BLOCKS:
        if kind == "console":
            for command, output in _commands(block):
                done = subprocess.run(
                    ["sh", "-c", command],
                    capture_output=True,
                    text=True,
                    env=environment,
                    check=False,
                )
                assert done.stdout == output, command
                assert done.stderr == "", command
                shown += 1
        else:
            examples = doctest.DocTestParser().get_doctest(block, {}, "tour", "README.md", 0)
            outcome = doctest.DocTestRunner().run(examples, clear_globs=False)
            assert outcome.failed == 0
            shown += outcome.attempted
    assert shown >= 15


@pytest.mark.skipif(sys.platform == "win32", reason="the pages are written for a POSIX shell")
@pytest.mark.parametrize("page", ["baseline", "pipelines", "reports"])
def test_what_pages_show_of_the_examples_is_true(page: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- in examples -->\n```console\n(.*?)```", text, re.DOTALL)
    assert blocks
    folder = tmp_path / "examples"
    shutil.copytree(ROOT / "examples", folder)
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": scripts + os.pathsep + os.environ["PATH"]}
    environment.pop("PYTEST_ADDOPTS", None)  # Which would have it print more than it shows.
    for block in blocks:
        for command, output in _commands(block):
            done = subprocess.run(
                ["sh", "-c", command],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=environment,
                cwd=folder,
                check=False,
            )
            assert done.stdout == output, command


def test_links_lead_somewhere() -> None:
    pages = [
        ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
    ]
    for page in [*pages, *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page} links to {target}"


def test_the_commands_of_the_readme_are_those_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\S+)$", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_errata_are_as_many_as_it_says() -> None:
    command = [sys.executable, "-m", "qartifacts", "formats", "--errata", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    formats = [each["format"] for each in json.loads(done.stdout)["errata"]]
    of_ibm = sum(format.startswith("ibm.") for format in formats)
    of_results = [format for format in formats if ".result." in format]
    assert of_results == ["ionq.result.shots.json.v1"]
    words = f"There are\n{len(formats)}, of which {of_ibm} are for IBM's documents about devices"
    assert words in README


def test_every_section_is_there_once() -> None:
    headings = re.findall(r"^## .*$", README, re.MULTILINE)
    assert len(set(headings)) == len(headings)


def test_the_docstring_of_the_package_is_true() -> None:
    import qartifacts

    assert doctest.testmod(qartifacts).failed == 0


@pytest.mark.skipif(sys.platform == "win32", reason="the pages are written for a POSIX shell")
def test_the_jobs_are_fetched_as_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (_, console), (_, python) = re.findall(
        r"<!-- jobs -->\n```(console|pycon)\n(.*?)```", README, re.DOTALL
    )
    (serve, _), *commands = _commands(console)
    scripts = str(Path(sys.executable).parent)
    environment = {**unmeasured(), "PATH": scripts + os.pathsep + os.environ["PATH"]}
    words = serve.replace("8765", "0").removesuffix(" &").split()
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert server.stdout is not None
        base = server.stdout.readline().strip()
        for command, output in commands:
            shown = command.replace("http://127.0.0.1:8765", base.removesuffix("/v0.4"))
            done = subprocess.run(
                ["sh", "-c", shown], capture_output=True, text=True, env=environment, check=False
            )
            assert (done.returncode, done.stdout, done.stderr) == (0, output, "")
    finally:
        server.terminate()
        server.communicate()
    examples = doctest.DocTestParser().get_doctest(python, {}, "jobs", "README.md", 0)
    assert doctest.DocTestRunner().run(examples).failed == 0
