"""Where a check reads from, and how a file is written."""

from __future__ import annotations

import gzip
import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.config import DEFAULTS
from qartifacts.source import display_name, open_source, write_whole

BELL = b'{"0": 0.5, "3": 0.5}'
PROBABILITIES = "ionq.result.probabilities.json.v1"


def codes(report: qa.Report) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.fixture
def bell(tmp_path: Path) -> Path:
    path = tmp_path / "bell.json"
    path.write_bytes(BELL)
    return path


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_every_kind_of_source_is_read(bell: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = bell.with_suffix(".json.gz")
    packed.write_bytes(gzip.compress(BELL))
    monkeypatch.setattr(sys, "stdin", _Stdin(BELL))
    with open(bell, "rb") as file, open(packed, "rb") as packed_file:
        sources: list[Any] = [
            bell,
            str(bell),
            packed,
            BELL,
            bytearray(BELL),
            memoryview(BELL),
            file,
            packed_file,
            io.BytesIO(BELL),
            {"0": 0.5, "3": 0.5},
            "-",
        ]
        for source in sources:
            report = qa.check(source, format=PROBABILITIES)
            assert report.ok, source
            assert report.findings == ()


def test_names_of_sources(bell: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(BELL))
    with open(bell, "rb") as file:
        assert open_source(file, DEFAULTS).name == f"<{bell}>"
    assert open_source(str(bell), DEFAULTS).name == str(bell)
    assert open_source(BELL, DEFAULTS).name == "<bytes>"
    assert open_source({}, DEFAULTS).name == "<object>"
    assert open_source("-", DEFAULTS).name == "<stdin>"
    assert open_source(io.BytesIO(BELL), DEFAULTS).name == "<file>"


def test_packed_standard_input_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(gzip.compress(BELL)))
    assert qa.check("-", format=PROBABILITIES).ok


def test_text_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ('{"0": 1}', " [1]"):
        with pytest.raises(ValueError, match="bytes"):
            qa.check(text)
    monkeypatch.chdir(tmp_path)
    Path("[1] bell.json").write_bytes(BELL)
    assert qa.check(Path("[1] bell.json")).ok


def test_closed_standard_input_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(OSError, match="closed"):
        qa.check("-")


class _Slow(io.BytesIO):
    """Gives one byte at a time, as a socket may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(1, size or 0))


def test_short_reads_are_gone_on_after() -> None:
    for data in (BELL, gzip.compress(BELL), b"", b"1"):
        expected = qa.check(io.BytesIO(data), format=PROBABILITIES)
        assert qa.check(_Slow(data), format=PROBABILITIES).findings == expected.findings


def test_a_stream_that_does_not_block_is_refused() -> None:
    class Nothing(io.RawIOBase):
        def read(self, size: int | None = -1) -> None:
            return None

    with pytest.raises(BlockingIOError):
        qa.check(Nothing(), format=PROBABILITIES)  # type: ignore[arg-type]


@pytest.mark.parametrize("source", [5, None, ("0",), 1.5])
def test_what_is_no_source_is_refused(source: Any) -> None:
    with pytest.raises(TypeError):
        qa.check(source)


def test_a_text_file_object_is_refused() -> None:
    with pytest.raises(TypeError, match="binary"):
        qa.check(io.StringIO("{}"))  # type: ignore[arg-type]


def test_a_path_that_cannot_be_opened_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        qa.check(tmp_path / "missing.json")
    with pytest.raises(OSError):  # noqa: PT011  # The error differs between systems.
        qa.check(tmp_path)


def test_a_file_is_read_in_pieces_up_to_the_limit(tmp_path: Path) -> None:
    settings = qa.Settings(max_bytes=len(BELL))
    path = tmp_path / "bell.json"
    path.write_bytes(BELL)
    assert qa.check(path, format=PROBABILITIES, settings=settings).ok
    path.write_bytes(BELL + b" ")
    report = qa.check(path, format=PROBABILITIES, settings=settings)
    assert codes(report) == ["QA013"]
    assert (report.findings[0].line, report.findings[0].column) == (1, 1)


class _Endless(io.RawIOBase):
    """A source without an end that counts what is taken from it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert size >= 0
        self.taken += size
        return b" " * size


def test_a_source_without_end_is_left_at_the_limit() -> None:
    endless = _Endless()
    report = qa.check(endless, format=PROBABILITIES, settings=qa.Settings(max_bytes=5_000_000))  # type: ignore[arg-type]
    assert codes(report) == ["QA013"]
    assert endless.taken <= 5_000_001


class TestGzip:
    def test_a_bomb_is_left_at_the_limit(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.json.gz"
        path.write_bytes(gzip.compress(bytes(50_000_000)))
        assert path.stat().st_size < 100_000
        settings = qa.Settings(max_bytes=1_000_000)
        assert codes(qa.check(path, format=PROBABILITIES, settings=settings)) == ["QA013"]

    def test_padding_without_end_is_left_at_the_limit(self) -> None:
        start = io.BytesIO(gzip.compress(BELL))

        class Padded(io.RawIOBase):
            def read(self, size: int | None = -1) -> bytes:
                return start.read(size) or bytes(size or 0)

        settings = qa.Settings(max_bytes=100_000)
        report = qa.check(Padded(), format=PROBABILITIES, settings=settings)  # type: ignore[arg-type]
        assert codes(report) == ["QA013"]

    def test_a_bomb_of_bombs_is_not_unpacked_twice(self, tmp_path: Path) -> None:
        path = tmp_path / "twice.json.gz"
        path.write_bytes(gzip.compress(gzip.compress(BELL)))
        assert codes(qa.check(path, format=PROBABILITIES)) == ["QA006"]

    def test_members_are_joined(self, tmp_path: Path) -> None:
        path = tmp_path / "two.json.gz"
        path.write_bytes(gzip.compress(BELL[:7]) + gzip.compress(BELL[7:]))
        assert qa.check(path, format=PROBABILITIES).ok

    @pytest.mark.parametrize(
        "damage",
        [
            lambda data: data[:-1],
            lambda data: data[:15],
            lambda data: data[:-6] + b"\0\0" + data[-4:],
            lambda data: data[:12] + b"\xff\xff\xff" + data[15:],
            lambda data: data + b"rest",
            lambda data: BELL,
            lambda data: b"\x1f",
        ],
    )
    def test_damage_is_a_finding(self, tmp_path: Path, damage: Any) -> None:
        path = tmp_path / "damaged.json.gz"
        path.write_bytes(damage(gzip.compress(BELL * 40, mtime=0)))
        report = qa.check(path, format=PROBABILITIES)
        assert codes(report) == ["QA016"]
        assert report.findings[0].line == 1

    def test_an_empty_file_is_empty(self, tmp_path: Path) -> None:
        path = tmp_path / "empty.json.gz"
        path.write_bytes(b"")
        assert codes(qa.check(path, format=PROBABILITIES)) == ["QA002"]

    def test_a_packed_file_under_another_name_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "packed.json"
        path.write_bytes(gzip.compress(BELL))
        report = qa.check(path, format=PROBABILITIES)
        assert codes(report) == ["QA006"]
        assert ".gz" in report.findings[0].message


def test_hostile_file_names_are_shown_harmlessly() -> None:
    assert display_name("a\x1b[31m\nb") == "a\\x1b[31m\\nb"
    assert display_name(os.fsdecode(b"caf\xe9.json")) in ("caf\\xe9.json", "caf\ufffd.json")
    assert display_name("größe ✓.json") == "größe ✓.json"
    assert display_name("\ud800") == "\\ud800"


class TestWriting:
    def test_writes_and_replaces(self, tmp_path: Path) -> None:
        path = tmp_path / "out.json"
        write_whole(path, b"one")
        write_whole(path, b"two")
        assert path.read_bytes() == b"two"
        assert list(tmp_path.iterdir()) == [path]

    def test_packs_by_name_and_the_same_way_each_time(self, tmp_path: Path) -> None:
        for name in ("a.json.gz", "b.json.gz"):
            write_whole(tmp_path / name, BELL)
        first, second = ((tmp_path / name).read_bytes() for name in ("a.json.gz", "b.json.gz"))
        assert first == second
        assert gzip.decompress(first) == BELL

    def test_leaves_what_was_there_when_it_fails(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "out.json"
        path.write_bytes(b"before")

        def fail(*_: object) -> None:
            raise OSError("no space left")

        for step in ("fsync", "replace"):
            with monkeypatch.context() as patched:
                patched.setattr(os, step, fail)
                with pytest.raises(OSError, match="no space left"):
                    write_whole(path, b"after")
            assert path.read_bytes() == b"before"
            assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions")
    def test_keeps_the_permissions_of_what_it_replaces(self, tmp_path: Path) -> None:
        path = tmp_path / "out.json"
        path.write_bytes(b"before")
        path.chmod(0o600)
        write_whole(path, b"after")
        assert path.stat().st_mode & 0o777 == 0o600

    def test_long_names(self, tmp_path: Path) -> None:
        path = tmp_path / ("x" * 250 + ".json")
        write_whole(path, b"[]")
        assert path.read_bytes() == b"[]"

    def test_the_given_name_decides_on_packing(self, tmp_path: Path) -> None:
        """As it does on reading, whatever a link leads to."""
        for name, target in (("a.json", "b.json.gz"), ("c.json.gz", "d.json")):
            (tmp_path / name).symlink_to(tmp_path / target)
            qa.load(BELL, format=PROBABILITIES).write(tmp_path / name)
            assert qa.check(tmp_path / name, format=PROBABILITIES).ok

    @pytest.mark.skipif(os.name == "nt", reason="needs pipes with names")
    def test_writes_into_a_pipe(self) -> None:
        reading, writing = os.pipe()
        write_whole(f"/dev/fd/{writing}", b"through")
        os.close(writing)
        assert os.read(reading, 100) == b"through"
        os.close(reading)

    def test_follows_links(self, tmp_path: Path) -> None:
        target = tmp_path / "target.json"
        target.write_bytes(b"before")
        link = tmp_path / "link.json"
        link.symlink_to(target)
        write_whole(link, b"after")
        assert link.is_symlink()
        assert target.read_bytes() == b"after"

    def test_writes_to_a_device(self) -> None:
        before = os.stat(os.devnull).st_ino
        write_whole(os.devnull, b"gone")
        assert os.stat(os.devnull).st_ino == before

    def test_a_missing_folder_is_an_error(self, tmp_path: Path) -> None:
        path = tmp_path / "no" / "out.json"
        with pytest.raises(FileNotFoundError) as caught:
            write_whole(path, b"")
        assert caught.value.filename == str(path)
