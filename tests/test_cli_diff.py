"""``qartifacts diff``: files, directories and git revisions; who breaks, and the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support import DRAFT_7, Run

ONE, TWO = "test.one.v1", "test.two.v1"


def write(path: str, **keywords: Any) -> str:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps({"$schema": DRAFT_7, **keywords}), encoding="utf-8")
    return path


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def test_files(run: Run) -> None:
    old, new = write("old.json", minimum=0), write("new.json", minimum=1)
    done = run("diff", old, new)
    assert done.exit_code == 0
    assert done.stdout.startswith('#/minimum: QD110 "minimum" was 0 and is 1: breaks ARCHIVE')
    assert done.stdout.endswith("1 change: 1 breaks ARCHIVE\n")
    assert run("diff", old, old).stdout == "0 changes\n"


@pytest.mark.parametrize(
    ("fail_on", "status"),
    [(["archive"], 1), (["reader"], 0), (["code"], 0), (["code", "archive"], 1)],
)
def test_fail_on(run: Run, fail_on: list[str], status: int) -> None:
    old, new = write("old.json", minimum=0), write("new.json", minimum=1)
    options = [part for each in fail_on for part in ("--fail-on", each)]
    assert run("diff", old, new, *options).exit_code == status


def test_what_is_undecided_fails_too(run: Run) -> None:
    old, new = write("old.json"), write("new.json", unheard_of=1)
    done = run("diff", old, new, "--fail-on", "archive")
    assert (done.exit_code, "may break ARCHIVE" in done.stdout) == (1, True)


def test_json(run: Run) -> None:
    old, new = write("old.json", minimum=0), write("new.json", minimum=1)
    document = json.loads(run("diff", old, new, "--output", "json").stdout)
    assert document["version"] == 1
    (change,) = document["changes"]
    assert (change["rule"], change["archive"], change["reader"]) == ("QD110", "breaks", "safe")
    assert change["witness"] < 1


def test_directories(run: Run) -> None:
    write(f"old/{ONE}.json", type="string")
    write(f"old/{TWO}.json", type="string")
    write(f"new/{ONE}.json", type=["string", "null"])
    write("new/test.three.v1.json", type="string")
    write("new/other.json", type="string")
    done = run("diff", "old", "new")
    assert [line.split(": ")[1].split()[0] for line in done.stdout.splitlines()[:-1]] == [
        "QD101",
        "QD001",
        "QD002",
    ]
    assert run("diff", "old", "new", "--fail-on", "archive").exit_code == 1


def test_a_git_revision(run: Run) -> None:
    git("init", "-q", ".")
    write(f"schemas/{ONE}.json", minimum=0)
    Path("schemas/registry.lock").write_text("{}")
    git("add", ".")
    git("commit", "-qm", "one")
    write(f"schemas/{ONE}.json", minimum=1)
    for old, new in (
        ("HEAD:schemas", "schemas"),
        (f"HEAD:schemas/{ONE}.json", f"schemas/{ONE}.json"),
    ):
        assert "QD110" in run("diff", old, new).stdout, old
    assert run("diff", "HEAD:schemas", "HEAD:schemas").stdout == "0 changes\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("nowhere", "good.json"),
        ("good.json", "folder"),
        ("bad.json", "good.json"),
        ("list.json", "good.json"),
        ("dialect.json", "good.json"),
        ("empty", "folder"),
        ("HEAD:nowhere", "good.json"),
        ("--output=x:y", "good.json"),
        ("-x:y", "good.json"),
    ],
)
def test_misuse(run: Run, old: str, new: str) -> None:
    write("good.json", minimum=0)
    write(f"folder/{ONE}.json")
    write(f"folder/{TWO}.json")
    Path("empty").mkdir()
    Path("bad.json").write_text("{")
    Path("list.json").write_text("[]")
    Path("dialect.json").write_text('{"$schema": "urn:x"}')
    done = run("diff", "--", old, new)
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("Error: ")


def test_what_git_cannot_give(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q", ".")
    write(f"schemas/{ONE}.json")
    git("add", ".")
    git("commit", "-qm", "one")
    Path("sub").mkdir()
    monkeypatch.chdir("sub")
    assert run("diff", "HEAD:../schemas", "../schemas").stdout == "0 changes\n"
    monkeypatch.setenv("PATH", "")
    done = run("diff", "HEAD:../schemas", "../schemas")
    assert (done.exit_code, "git cannot be run" in done.stderr) == (2, True)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_document_that_cannot_be_read(run: Run) -> None:
    Path("folder").mkdir()
    Path("folder", f"{ONE}.json").symlink_to("nowhere")
    write("good.json")
    done = run("diff", "folder", "good.json")
    assert (done.exit_code, "cannot be read" in done.stderr) == (2, True)


def test_a_file_and_a_directory_of_several(run: Run) -> None:
    write("good.json")
    write(f"folder/{ONE}.json")
    write(f"folder/{TWO}.json")
    assert run("diff", "good.json", "folder").exit_code == 2
