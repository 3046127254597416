"""Changing a registry: killed at any write, the old state or the new one holds, and verifies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import qartifacts as qa
from qartifacts.identifiers import FormatId
from qartifacts.registry.lockfile import (
    LOCKFILE,
    PREVIOUS,
    SOURCES,
    STAGED,
    Entry,
    build_lock,
    entry_of,
    read_lock,
)
from qartifacts.registry.states import State, verify
from qartifacts.registry.storing import locked, recover, replace_registry
from support import DRAFT_7, MakeRegistry, length

FORMATS = [FormatId(f"test.format-{letter}.v1") for letter in "abc"]
NEW = FormatId("test.format-new.v1")


def document(format: str, description: str) -> bytes:
    return json.dumps({"$schema": DRAFT_7, "$id": format, "description": description}).encode()


def entry(data: bytes, format: str) -> Entry:
    provenance = Entry("", "", 'A "new" one\u2028', "mirror", "here", "2026-11-20")
    return entry_of(data, provenance, (), format)


#: Replaces a registry as a sync would, and dies at the write that is named by its number.
KILLED = """
import os, shutil, sys
sys.path[:0] = {path!r}
from test_storing import replace_all
calls = 0
def deadly(function):
    def counted(*arguments, **options):
        global calls
        calls += 1
        if calls == {at}:
            os._exit(9)
        return function(*arguments, **options)
    return counted
for module, names in ((os, ("replace", "fsync", "unlink", "rmdir", "mkdir")), (shutil, ("rmtree",))):
    for name in names:
        setattr(module, name, deadly(getattr(module, name)))
replace_all({folder!r})
print("done")
"""


def replace_all(folder: str) -> None:
    documents = {format: document(format, "new") for format in [*FORMATS, NEW]}
    entries = read_lock(folder)
    entries.update({format: entry(data, format) for format, data in documents.items()})
    with locked(folder):
        replace_registry(folder, entries, documents)


@pytest.fixture
def folder(make_registry: MakeRegistry) -> str:
    return make_registry({format: document(format, "old") for format in FORMATS}).folder


def descriptions(folder: str) -> set[str]:
    """What all documents say, each verified by its digest."""
    return {pin.document["description"] for pin in qa.Registry.open(folder).values()}


def test_everything_is_replaced(folder: str) -> None:
    replace_all(folder)
    registry = qa.Registry.open(folder)
    assert descriptions(folder) == {"new"}
    assert set(registry) == {*FORMATS, NEW}
    assert {each.state for each in verify(registry)} == {State.PINNED}
    assert not os.path.exists(os.path.join(folder, STAGED))
    # What people wrote stays, with what was discovered behind it.
    sources = Path(folder, SOURCES).read_text(encoding="utf-8")
    assert sources.endswith(
        '[formats."test.format-new.v1"]\ntitle = "A \\u0022new\\u0022 one\\u2028"\n'
    )
    assert sources.count("[formats.") == 4


@pytest.mark.skipif(sys.platform == "win32", reason="directories cannot be synced there")
def test_killed_at_every_write(folder: str, tmp_path: Path) -> None:
    states = set()
    for at in range(1, 100, length(3, 1)):
        copy = tmp_path / f"killed-{at}"
        shutil.copytree(folder, copy)
        code = KILLED.format(path=[str(Path(__file__).parent)], at=at, folder=str(copy))
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        found = descriptions(str(copy))
        assert len(found) == 1, at
        states |= found
        # Whatever was left behind is cleared away, and the state stays.
        with locked(str(copy)):
            assert descriptions(str(copy)) == found
        assert {each.state for each in verify(qa.Registry.open(copy))} == {State.PINNED}
        leftovers = {path.name for path in copy.iterdir() if path.suffix != ".json"}
        assert leftovers <= {LOCKFILE, SOURCES, PREVIOUS, ".sync.lock"}
        replace_all(str(copy))
        assert descriptions(str(copy)) == {"new"}
        if done.stdout == "done\n":
            break
        assert done.returncode == 9, done.stderr
    assert states == {"old", "new"}
    assert at > 15


def test_who_has_read_the_lockfile_before_finds_the_old_documents(folder: str) -> None:
    before = qa.Registry.open(folder)
    replace_all(folder)
    assert {pin.document["description"] for pin in before.values()} == {"old"}
    assert descriptions(folder) == {"new"}


def test_what_was_staged_in_part_is_not_put_in_place(folder: str) -> None:
    lock = read_lock(folder)
    staged = Path(folder, STAGED)
    staged.mkdir()
    (staged / lock[FORMATS[0]].sha256).write_bytes(b"half")
    recover(folder)
    assert descriptions(folder) == {"old"}
    assert not staged.exists()


def test_a_file_that_is_not_where_it_was_is_found_by_its_digest(folder: str) -> None:
    lock = read_lock(folder)
    path = Path(folder, f"{FORMATS[0]}.json")
    data = path.read_bytes()
    path.unlink()
    Path(folder, STAGED).mkdir()
    Path(folder, STAGED, lock[FORMATS[0]].sha256).write_bytes(data)
    assert descriptions(folder) == {"old"}
    (state, *_) = verify(qa.Registry.open(folder))
    assert (state.state, bool(state.message)) == (State.PINNED, True)


def test_one_at_a_time(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qartifacts.registry.storing._PATIENCE", 0.05)
    # The same process is let in again; so another one has to hold it.
    code = (
        "import sys, filelock\n"
        f"with filelock.FileLock({os.path.join(folder, '.sync.lock')!r}):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(qa.RegistryError, match="another process"), locked(folder):
            pass
        holder.communicate()
    with locked(folder):
        pass


class TestStates:
    def test_each_of_them(self, folder: str) -> None:
        first, second, third = (Path(folder, f"{format}.json") for format in FORMATS)
        first.unlink()
        second.write_bytes(b"{}")
        Path(folder, "test.other.v1.json").write_bytes(third.read_bytes())
        with open(Path(folder, SOURCES), "a", encoding="utf-8") as sources:
            sources.write('\n[formats."test.never.v1"]\ntitle = "Never"\n')
        Path(folder, "errata").mkdir()
        Path(folder, "errata", "test.other.v1.toml").touch()
        states = {each.name: each.state for each in verify(qa.Registry.open(folder))}
        assert states == {
            FORMATS[0]: State.MISSING,
            FORMATS[1]: State.MODIFIED,
            FORMATS[2]: State.PINNED,
            "test.never.v1": State.UNFETCHED,
            "test.other.v1.json": State.UNTRACKED,
            "errata/test.other.v1.toml": State.UNTRACKED,
        }


def test_a_pipe_in_place_of_a_document_is_not_waited_for(folder: str) -> None:
    if sys.platform == "win32":
        return
    path = Path(folder, f"{FORMATS[0]}.json")
    path.unlink()
    os.mkfifo(path)
    states = {each.name: each.state for each in verify(qa.Registry.open(folder))}
    assert states[FORMATS[0]] is State.MISSING


def test_errata_that_are_not_understood_are_told(folder: str) -> None:
    Path(folder, "errata").mkdir()
    Path(folder, "errata", f"{FORMATS[0]}.toml").write_text("erratum = 1")
    first, *_ = verify(qa.Registry.open(folder))
    assert (first.state, first.name) == (State.MODIFIED, FORMATS[0])


def test_errata_that_no_longer_apply_are_told(make_registry: MakeRegistry) -> None:
    registry = make_registry({FORMATS[0]: document(FORMATS[0], "old")})
    Path(registry.folder, "errata").mkdir()
    Path(registry.folder, "errata", f"{FORMATS[0]}.toml").write_text(
        "[[erratum]]\nid = 'x'\nreason = 'r'\nevidence = ['e']\nconfidence = 'client'\n"
        "patch = [{ op = 'remove', path = '/nowhere' }]\n"
    )
    Path(registry.folder, LOCKFILE).write_bytes(build_lock(registry.folder))
    (state,) = verify(qa.Registry.open(registry.folder))
    assert state.state is State.PINNED
    assert "x" in state.message
