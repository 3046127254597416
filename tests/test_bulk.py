"""Many sources: what is found, in which order, and one report on each whatever happens."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from glob import glob
from itertools import cycle, islice
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from deadly import Deadly, ends_at_once
from qartifacts import bulk
from qartifacts.bulk import Checked, check_paths, checking, count_files, listed_paths
from qartifacts.bulk.checking import Checker
from qartifacts.bulk.items import Alike, Item
from qartifacts.bulk.pool import Pace, check_on
from qartifacts.bulk.sources import locate, names_of_glob
from qartifacts.bulk.workers import WorkerLost, Workers, processors
from qartifacts.cli import progress
from qartifacts.config import DEFAULTS
from qartifacts.project import Project
from qartifacts.source import Source
from support import Run, length, unmeasured

GOOD = b'{"0": 0.5, "3": 0.5}'
BAD = b'{"0": 0.5, "3": 0.4}'
P1 = "ionq.result.probabilities.json.v1"
H1 = "ionq.result.histogram.json.v1"
S1 = "ionq.result.shots.json.v1"
REGISTRY = qa.Registry.bundled()

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")


def write(path: str | Path, data: bytes = GOOD) -> Path:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def checked(*paths: object, **options: Any) -> list[Checked]:
    return list(check_paths([str(path) for path in paths], registry=REGISTRY, **options))


def codes(report: qa.Report) -> list[str]:
    return [finding.code for finding in report.findings]


def told(reports: Iterable[qa.Report]) -> list[tuple[str, str, list[str]]]:
    """Name, member and codes of each report."""
    return [(os.path.basename(each.source), each.member, codes(each)) for each in reports]


def told_of(*paths: object, **options: Any) -> list[tuple[str, str, list[str]]]:
    return told(each.report for each in checked(*paths, **options))


def _shrunk(path: Path) -> bool:
    path.write_bytes(GOOD + b" " * 2**14)
    return True


def _grown(path: Path) -> bool:
    with open(path, "ab") as file:
        file.write(b" " * 3_000 + b"1" * 3_000)
    return True


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are started for the first file."""
    monkeypatch.setattr(bulk, "_WORTH_WORKERS", -1.0)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A messy store of a few hundred files."""
    store = tmp_path / "store"
    for number in range(300):
        data = GOOD if number % 7 else (BAD, b"", b"[", b'["1"]', b"\xff\xfe")[number // 7 % 5]
        write(store / f"{number % 3}" / f"{number:03}.{P1}.json", data)
    write(store / "runs.ndjson", b"\n".join((GOOD, BAD, b"", b"{") * 40))
    write(store / "packed.jsonl.gz", gzip.compress(GOOD + b"\n" + BAD))
    write(store / "cut.json.gz", gzip.compress(GOOD)[:-4])
    write(store / "cut.zip", b"PK")
    write(store / "job" / "job.json", b"{}")
    if sys.platform != "win32":
        (store / "circle").symlink_to(".", target_is_directory=True)
        (store / "loop.json").symlink_to("loop.json")
        os.mkfifo(store / "pipe.json")
        write(os.path.join(store, os.fsdecode(b"caf\xe9.json")))
    return store


class TestWalks:
    def test_files_come_first_and_by_name(self, here: Path) -> None:
        for name in ("s/b/2.json", "s/b/10.json", "s/a/x.json", "s/z.json", "s/c.jsonl", "s/n.txt"):
            write(name)
        found = [item.path.replace(os.sep, "/") for item in locate(["s"])]
        assert found == ["s/c.jsonl", "s/z.json", "s/a/x.json", "s/b/10.json", "s/b/2.json"]

    def test_what_a_walk_takes(self, here: Path) -> None:
        taken = ["a.json", "a.json.gz", "a.jsonl", "a.jsonl.gz", "a.ndjson", "a.ndjson.gz"]
        taken += ["a.tar", "a.tar.gz", "a.tgz", "a.zip"]
        for name in (*taken, ".a.json", "a.gz", "a.txt", "ajson", "a.tar.xz", "__pycache__/a.json"):
            write(Path("s", name))
        assert [os.path.basename(item.path) for item in locate(["s"])] == taken

    @posix
    def test_links_to_directories_are_told_and_not_followed(self, here: Path) -> None:
        write("s/deep/a.json")
        Path("s/deep/up").symlink_to("..", target_is_directory=True)
        Path("s/deep/loop").symlink_to("loop")
        assert told_of("s") == [("a.json", "", []), ("up", "", ["QA018"])]
        (up,) = [each for each in checked("s") if each.report.source.endswith("up")]
        assert up.report.skipped
        assert not up.named

    @posix
    def test_a_named_link_to_a_directory_is_entered(self, here: Path) -> None:
        write("s/a.json")
        Path("latest").symlink_to("s", target_is_directory=True)
        assert [each.report.source for each in checked("latest")] == [
            os.path.join("latest", "a.json")
        ]

    @posix
    def test_what_is_no_file_is_a_finding_and_not_waited_for(self, here: Path) -> None:
        write("s/good.json")
        os.mkfifo("s/pipe.json")
        Path("s/linked.json").symlink_to("pipe.json")
        Path("s/null.json").symlink_to(os.devnull)
        os.mkfifo("s/pipe")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("s/socket.json")
            assert told_of("s") == [
                ("good.json", "", []),
                ("linked.json", "", ["QA001"]),
                ("null.json", "", ["QA001"]),
                ("pipe.json", "", ["QA001"]),
                ("socket.json", "", ["QA001"]),
            ]

    @posix
    def test_a_pipe_that_took_the_place_of_a_file(self, here: Path) -> None:
        for name in "abc":
            write(f"s/{name}.json")
        checks = check_paths(["s"], registry=REGISTRY)
        assert next(checks).report.ok
        os.unlink("s/b.json")
        os.mkfifo("s/b.json")
        os.unlink("s/c.json")
        assert told(each.report for each in checks) == [
            ("b.json", "", ["QA001"]),
            ("c.json", "", ["QA001"]),
        ]

    @posix
    def test_a_name_that_is_not_utf_8_is_a_finding(self, here: Path) -> None:
        name = os.fsdecode(b"caf\xe9.json")
        write(name, BAD)
        write("caf\xe9.json")
        for report in (each.report for each in checked(".")):
            assert ("QA023" in codes(report)) == (not report.ok)
        (named,) = checked(name, format=P1)
        assert codes(named.report) == ["QA201", "QA023"]
        assert (named.report.errors, named.report.warnings) == (1, 1)
        (named,) = checked(name, format=P1, settings=qa.Settings(raised={"QA023"}))
        assert named.report.errors == 2
        (named,) = checked(name, format=P1, settings=qa.Settings(max_findings=1))
        assert codes(named.report) == ["QA201"]
        assert named.report.omitted == 1

    def test_a_file_that_grows_beyond_the_first_piece_is_read_whole(self, here: Path) -> None:
        for size in (2**14 - 1, 2**14, 2**14 + 1, 3 * 2**14):
            write("s/a.json", GOOD + b" " * (size - len(GOOD)))
            assert told_of("s", settings=qa.Settings(max_bytes=size)) == [("a.json", "", [])]
            small = qa.Settings(max_bytes=size - 1)
            assert told_of("s", settings=small) == [("a.json", "", ["QA013"])]

    def test_short_reads_are_gone_on_after(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As file systems over a network may give."""
        read = os.read
        for size in (20, 2**14, 2**15):
            write("s/a.json", GOOD + b" " * (size - len(GOOD)))
            with monkeypatch.context() as patch:
                patch.setattr(os, "read", lambda file, size: read(file, min(size, 1_000)))
                assert told_of("s") == [("a.json", "", [])]
                assert told_of("s/a.json") == [("a.json", "", [])]
                small = qa.Settings(max_bytes=size - 1)
                assert told_of("s", settings=small) == [("a.json", "", ["QA013"])]

    @pytest.mark.parametrize("named", [False, True])
    def test_the_size_may_change_while_a_file_is_read(
        self, here: Path, monkeypatch: pytest.MonkeyPatch, named: bool
    ) -> None:
        path = write("s/a.json", GOOD + b" " * 2**15)
        monkeypatch.setattr("qartifacts.source.S_ISREG", lambda _: _shrunk(path))
        assert told_of("s/a.json" if named else "s") == [("a.json", "", [])]
        write(path, GOOD + b" " * 2**15)
        monkeypatch.setattr("qartifacts.source.S_ISREG", lambda _: _grown(path))
        assert told_of("s/a.json" if named else "s") == [("a.json", "", ["QA005"])]
        small = qa.Settings(max_bytes=2**15 + 100)
        write(path, GOOD + b" " * 2**15)
        assert told_of("s", settings=small) == [("a.json", "", ["QA013"])]

    def test_what_the_terms_exclude_is_left_out_unless_it_is_named(self, here: Path) -> None:
        for name in ("s/a/1.json", "s/a/2.json", "s/b/1.json", "s/1.zip"):
            write(name)
        if sys.platform != "win32":
            Path("s/c").symlink_to("a", target_is_directory=True)
        asked = []

        class Terms(Alike):
            def is_excluded(self, path: str, /) -> bool:
                path = path.replace(os.sep, "/")
                asked.append(path)
                return path in ("s/b/", "s/c/", "s/a/1.json", "s/1.zip")

        terms = Terms(DEFAULTS)
        assert told_of("s", project=terms) == [("2.json", "", [])]
        assert "s/b/1.json" not in asked
        assert told_of("s/b", "s/a/1.json", project=terms) == [("1.json", "", [])] * 2
        assert told_of("s/*.zip", project=terms) == [("1.zip", "", ["QA016"])]
        assert count_files(["s"], project=terms) == 1

    def test_the_pinned_document_is_verified_once_for_all(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read: list[str] = []
        read_bytes = qa.Pin.read_bytes

        def counting(pin: qa.Pin) -> bytes:
            read.append(pin.format)
            return read_bytes(pin)

        for number in range(20):
            write(f"s/{number}.{H1}.json", b'{"0": 2}')
        checked("s")  # Whatever is made once in a process has been made.
        monkeypatch.setattr(qa.Pin, "read_bytes", counting)
        assert all(each.report.ok for each in checked("s"))
        assert read == [H1]


class TestGlobs:
    @pytest.fixture(autouse=True)
    def _tree(self, here: Path) -> None:
        for name in (
            "a/1.json", "a/2.json", "a/b/1.json", "a/b/c/1.json", "a/b/c/x.txt", "b/1.json",
            "b/[1].json", ".hidden/1.json", "a/.h.json", "x.json/1.json", "1.json", "a/b/b/1.json",
            "node_modules/1.json",
        ):  # fmt: skip
            write(name)

    @pytest.mark.parametrize(
        "pattern",
        [
            "*.json", "a/*.json", "*/1.json", "a/*", "?/1.json", "[ab]/*.json", "[!a]/*.json",
            "a/**/*.json", "**/1.json", "**/b/1.json", "a/**/b/**/1.json", "a/**", "**/b", "**/b/**",
            ".*/*.json", "a/.*", "./a/*.json", "a//*.json", "a/*/", "**/c/*", "a/**/**/1.json",
        ],
    )  # fmt: skip
    def test_they_match_what_the_standard_library_matches(self, pattern: str) -> None:
        expected: set[str] = set()
        for match in map(os.path.normpath, glob(pattern, recursive=True)):
            if os.path.isdir(match):  # What is in it is found by a walk.
                expected.update(os.path.normpath(item.path) for item in locate([match]))
            elif match.endswith(".json") or not pattern.endswith("**"):
                expected.add(match)
        if "**" in pattern:
            expected = {path for path in expected if "node_modules" not in path}
        found = [os.path.normpath(item.path) for item in locate([pattern])]
        assert set(found) == expected
        assert expected
        assert len(found) == len(expected)

    @posix
    def test_links_are_followed_by_names_and_not_by_any_number_of_directories(self) -> None:
        Path("a/up").symlink_to("..", target_is_directory=True)
        Path("a/loop").symlink_to("loop")
        Path("a/gone").symlink_to("nowhere")
        found = [item.path for item in locate(["a/u*/b/1.json"])]
        assert found == ["a/up/b/1.json"]
        assert not any("up" in item.path for item in locate(["a/**/1.json"]))
        assert [
            code for item in locate(["a/l*"]) for code in codes(checked(item.path)[0].report)
        ] == ["QA001"]

    def test_they_are_in_order(self) -> None:
        found = [item.path.replace(os.sep, "/") for item in locate(["a/**/*.json"])]
        assert found == ["a/1.json", "a/2.json", "a/b/1.json", "a/b/b/1.json", "a/b/c/1.json"]

    def test_an_absolute_one(self, here: Path) -> None:
        assert [item.path for item in locate([str(here / "b" / "?.json")])] == [
            str(here / "b" / "1.json")
        ]

    def test_what_is_there_is_no_glob(self) -> None:
        assert [item.path for item in locate(["b/[1].json"])] == ["b/[1].json"]

    def test_without_a_match_it_is_a_path_that_cannot_be_opened(self, run: Run) -> None:
        for pattern in ("*.nothing", "nowhere/*", "nowhere/**"):
            (only,) = checked(pattern)
            assert codes(only.report) == ["QA001"]
            assert only.unopened
        assert run("check", "*.nothing").exit_code == 2

    def test_a_match_is_named_and_what_is_in_a_directory_found(self) -> None:
        for item in locate(["*.json"]):
            assert item.named == (item.path == "1.json")

    def test_what_cannot_be_listed_is_a_finding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scandir = os.scandir

        def guarded(path: str) -> Any:
            if path == os.path.join("a", "b"):
                raise PermissionError(13, "Permission denied", path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", guarded)
        found = [(item.path.replace(os.sep, "/"), item.code) for item in locate(["a/**/*.json"])]
        assert found == [("a/1.json", ""), ("a/2.json", ""), ("a/b", "QA001")]

    @pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names")
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_a_pipe_is_not_waited_for(self, jobs: int) -> None:
        os.mkfifo("a/pipe.json")
        checks = check_paths(["a/p*.json"], registry=REGISTRY, jobs=jobs)
        assert [each.code for check in checks for each in check.report.findings] == ["QA001"]

    def test_a_row_of_any_folders_is_one(self) -> None:
        found = [item.path for item in locate(["/".join(["**"] * 200) + "/b*"])]
        assert found == [item.path for item in locate(["**/b*"])]
        assert len(names_of_glob(["**"] * 200)) == 1

    def test_they_are_expanded_on_the_command_line(self, run: Run) -> None:
        assert run("check", "a/**/*.json").stdout.startswith("5 files checked: 5 good")


class TestLists:
    @pytest.mark.parametrize(
        ("data", "paths"),
        [
            (b"a\nb c\n", ["a", "b c"]),
            (b"a\r\nb", ["a", "b"]),
            (b"\n\na\n\n", ["a"]),
            (b"", []),
            (b"a\0b\nc\0", ["a", "b\nc"]),
            (b"a\n\0", ["a\n"]),
            (b"caf\xe9", [os.fsdecode(b"caf\xe9")]),
            (b"\xef\xbb\xbfa\nb", ["a", "b"]),
            (b"a\n" + b"x" * 200_000 + b"\nb", ["a", "x" * 65536, "b"]),
            (b"a\0" + b"x" * 200_000, ["a", "x" * 65536]),
        ],
    )
    def test_lines_or_nuls(self, data: bytes, paths: list[str]) -> None:
        assert list(listed_paths(io.BytesIO(data))) == paths

    @pytest.mark.parametrize("parting", [b"\n", b"\0"])
    def test_a_long_list(self, parting: bytes) -> None:
        paths = [f"{number:0{number % 300 + 6}}.json" for number in range(2_000)]
        data = parting.join(map(os.fsencode, paths))
        assert list(listed_paths(io.BytesIO(data))) == paths

    def test_it_is_read_as_it_is_written(self) -> None:
        ours, theirs = os.pipe()
        with open(ours, "rb") as stream:
            paths = listed_paths(stream)
            os.write(theirs, b"a\nb\nc")
            assert [next(paths), next(paths)] == ["a", "b"]
            os.close(theirs)
            assert list(paths) == ["c"]

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf_16_is_misuse(self, run: Run, encoding: str) -> None:
        write("list", "\ufeffa.json\r\n".encode(encoding))
        result = run("check", "--files-from", "list")
        assert (result.exit_code, "UTF-16" in result.stderr) == (2, True)

    def test_on_the_command_line(self, run: Run) -> None:
        write("a.json")
        write("s/b.json", BAD)
        write("[a].json")
        write("list", b"[a].json\ns\n")
        result = run("check", "a.json", "--files-from", "list", "--output", "jsonl")
        assert result.exit_code == 1
        assert [json.loads(line)["source"] for line in result.stdout.splitlines()][:3] == [
            "a.json",
            "[a].json",
            os.path.join("s", "b.json"),
        ]
        piped = run("check", "--files-from", "-", stdin=b"a.json\0[a].json\0")
        assert piped.exit_code == 0
        assert piped.stdout.startswith("2 files checked")

    def test_no_character_of_them_is_special(self, run: Run) -> None:
        write("a.json")
        assert run("check", "--files-from", "-", stdin=b"*.json\n").exit_code == 2
        assert run("check", "--files-from", "-", stdin=b"-\n").exit_code == 2
        write("-")
        assert run("check", "--files-from", "-", stdin=b"-\n").exit_code == 0

    def test_an_empty_one_is_good(self, run: Run) -> None:
        assert run("check", "--files-from", "-").exit_code == 0

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--files-from", "missing"], "missing"),
            (["--files-from", "."], "cannot be read"),
            (["-", "--files-from", "-"], "only once"),
            ([".", "--jobs", "-1"], "number of processes"),
            ([".", "--jobs", "many"], "number of processes"),
            ([], "PATH"),
        ],
    )
    def test_misuse(self, run: Run, arguments: list[str], says: str) -> None:
        result = run("check", *arguments)
        assert result.exit_code == 2
        assert says in result.output


class TestLines:
    def test_each_is_a_payload_with_its_line(self, here: Path) -> None:
        write("runs.ndjson", GOOD + b"\r\n\n \t\n" + BAD + b"\n" + b'  {"0": 1,\n' + GOOD)
        reports = [each.report for each in checked("runs.ndjson")]
        assert told(reports) == [
            ("runs.ndjson", "1", []),
            ("runs.ndjson", "4", ["QA201"]),
            ("runs.ndjson", "5", ["QA004"]),
            ("runs.ndjson", "6", []),
        ]
        places = [(each.line, each.column) for report in reports for each in report.findings]
        assert places == [(4, 1), (5, 11)]

    def test_the_name_of_the_file_tells_the_format(self, here: Path) -> None:
        write(f"runs.{H1}.jsonl", b'{"0": 1}\n{"0": 2}\n["0"]\n')
        reports = [each.report for each in checked(".")]
        assert [each.format for each in reports] == [H1, H1, H1]
        assert [codes(each) for each in reports] == [[], [], ["QA101"]]

    def test_what_looks_like_nothing_is_an_error_if_it_was_named(self, here: Path) -> None:
        write("s/log.jsonl", b'{"level": "info"}\n')
        assert not checked("s/log.jsonl")[0].report.ok
        assert checked("s")[0].report.skipped

    def test_a_long_line_is_a_finding_and_reading_goes_on(self, here: Path) -> None:
        long = b"[" + b'"0",' * 50_000 + b'"0"]'
        exact = GOOD + b" " * 100
        write("a.ndjson", b"\n".join((GOOD, long, exact, exact + b" ", exact + b"\r", long)))
        settings = qa.Settings(max_bytes=len(exact))
        found = told_of("a.ndjson", settings=settings)
        assert [(member, found) for _, member, found in found] == [
            ("1", []),
            ("2", ["QA013"]),
            ("3", []),
            ("4", ["QA013"]),
            ("5", []),
            ("6", ["QA013"]),
        ]
        reports = [each.report for each in checked("a.ndjson", settings=settings)]
        assert reports[1].findings[0].line == 2

    @pytest.mark.parametrize("name", ["a.ndjson", "a.jsonl.gz"])
    def test_one_without_lines_is_empty(self, here: Path, name: str) -> None:
        for data in (b"", b"\n \r\n\n"):
            write(name, gzip.compress(data) if name.endswith(".gz") else data)
            assert told_of(name) == [(name, "", ["QA002"])]

    def test_packed_ones(self, here: Path) -> None:
        packed = gzip.compress(b"\n".join([GOOD, BAD] * 1000))
        write("a.ndjson.gz", packed)
        assert len(checked("a.ndjson.gz")) == 2000
        write("cut.ndjson.gz", packed[:-20])
        *lines, (_, member, found) = told_of("cut.ndjson.gz")
        assert lines
        assert (member, found) == ("", ["QA016"])
        long = gzip.compress(GOOD + b" " * 1_000_000 + b"\n" + GOOD)
        write("long.ndjson.gz", long)
        assert told_of("long.ndjson.gz", settings=qa.Settings(max_bytes=100)) == [
            ("long.ndjson.gz", "1", ["QA013"]),
            ("long.ndjson.gz", "2", []),
        ]
        settings = qa.Settings(max_bytes=100, max_unpacked=200_000)
        assert told_of("long.ndjson.gz", settings=settings) == [("long.ndjson.gz", "", ["QA013"])]
        few = told_of("a.ndjson.gz", settings=qa.Settings(max_unpacked=1000))
        assert few[-1] == ("a.ndjson.gz", "", ["QA013"])
        assert len(few) < 60
        write("no.ndjson.gz", GOOD)
        assert told_of("no.ndjson.gz") == [("no.ndjson.gz", "", ["QA016"])]

    @posix
    def test_one_that_cannot_be_opened(self, here: Path) -> None:
        Path("loop.ndjson").symlink_to("loop.ndjson")
        (named,) = checked("loop.ndjson")
        assert named.unopened


class TestJobs:
    def test_the_reports_are_the_same(self, store: Path, at_once: None) -> None:
        one = checked(store)
        assert {code for each in one for code in codes(each.report)} >= {"QA201", "QA002", "QA016"}
        assert checked(store, jobs=2) == one
        assert checked(store, jobs=3) == one

    def test_the_output_is_the_same(self, store: Path, at_once: None, run: Run) -> None:
        one = run("check", store, "--output", "json")
        two = run("check", store, "--output", "json", "--jobs", "2")
        assert one.exit_code == two.exit_code == 1
        assert one.stdout == two.stdout
        auto = run("check", store, "--output", "json", "--jobs", "auto")
        assert auto.stdout == one.stdout
        assert processors() >= 1

    def test_few_files_need_no_process(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("qartifacts.bulk.workers.Workers", None)
        monkeypatch.setattr(bulk, "_WORTH_WORKERS", 60.0)
        for number in range(50):
            write(f"s/{number}.json")
        write("s/a.ndjson", GOOD)
        assert len(checked("s", "missing", jobs=2)) == 52

    def test_a_large_file_is_worth_a_process(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk, "_WORTH_WORKERS", 60.0)
        monkeypatch.setattr("qartifacts.bulk.workers.Workers", None)
        write("s/a.json", GOOD + b" " * (1 << 20))
        with pytest.raises(TypeError):
            checked("s", jobs=2)

    def test_a_process_that_dies_once_costs_nothing(
        self, tmp_path: Path, store: Path, at_once: None
    ) -> None:
        note = tmp_path / "killed"
        note.mkdir()
        deadly = Deadly(os.getpid(), f"50.{P1}.json", str(note))
        assert checked(store, project=deadly, jobs=2) == checked(store)
        assert len(list(note.iterdir())) == 3

    @posix
    def test_processes_that_somebody_kills_cost_nothing(self, store: Path, at_once: None) -> None:
        alone = checked(store)
        checks = check_paths([str(store)], registry=REGISTRY, jobs=2)
        together = [next(checks)]
        for _ in range(3):
            for worker in active_children():
                worker.kill()
            together += islice(checks, 100)
        together += checks
        assert together == alone
        assert active_children() == []

    def test_a_deadly_file_is_a_finding_and_the_others_are_checked(
        self, store: Path, at_once: None
    ) -> None:
        deadly = Deadly(os.getpid(), f"00.{P1}.json")
        together = checked(store, project=deadly, jobs=2)
        alone = checked(store)
        assert len(together) == len(alone)
        lost = 0
        for ours, theirs in zip(together, alone, strict=True):
            if "00." in ours.report.source:
                lost += 1
                assert codes(ours.report) == ["QA019"]
                assert ours.report.source == theirs.report.source
            else:
                assert ours == theirs
        assert lost == 3

    def test_what_a_check_raises_comes_from_there(
        self, here: Path, at_once: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(f"s/a.{P1}.json")
        monkeypatch.setattr(Checker, "prepare", lambda _: None)
        with pytest.raises(qa.InvalidSettings):
            checked("s", settings=qa.Settings(ignore={"QA001"}), jobs=2)

    def test_where_no_process_starts_the_work_is_done_here(
        self, store: Path, at_once: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(_: object) -> None:
            raise BlockingIOError("no more processes")

        monkeypatch.setattr("multiprocessing.context.SpawnProcess.start", refused)
        assert checked(store, jobs=2) == checked(store)

    def test_one_that_dies_before_it_is_ready_is_none(
        self, store: Path, at_once: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("qartifacts.bulk.workers._serve", ends_at_once)
        assert checked(store, jobs=2) == checked(store)


class TestWorkers:
    def test_calls_and_deaths(self) -> None:
        with Workers(2) as workers:
            futures = [workers.submit(pow, 2, each) for each in range(20)]
            assert [each.result() for each in futures] == [2**each for each in range(20)]
            lost = workers.submit(os._exit, 1)
            with pytest.raises(WorkerLost):
                lost.result()
            assert workers.submit(pow, 2, 3).result() == 8

    def test_an_exception_ends_them_at_once(self) -> None:
        class Enough(Exception):
            pass

        sleeping: list[Future[None]] = []

        def use() -> None:
            with Workers(1) as workers:
                assert workers.submit(pow, 2, 3).result() == 8
                sleeping.extend(workers.submit(time.sleep, 600.0) for _ in range(3))
                raise Enough

        with pytest.raises(Enough):
            use()
        assert all(each.done() for each in sleeping)


class _Scripted:
    """An executor that does as it is told: what becomes of one call after the other, and again."""

    def __init__(self, outcomes: list[str]) -> None:
        self._outcomes = cycle(outcomes)
        self.calls = 0

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        self.calls += 1
        future: Future[Any] = Future()
        match next(self._outcomes):
            case "done":
                future.set_result(function(*args))
            case "lost":
                future.set_exception(ConnectionError("the worker is gone"))
            case "refused":
                raise RuntimeError("no work is taken any more")
        return future


class _Watched(Future[Any]):
    """Tells whether it has been waited for."""

    asked = False

    def result(self, timeout: float | None = None) -> Any:
        self.asked = True
        return super().result(timeout)


class TestOrder:
    @pytest.fixture
    def items(self, tmp_path: Path) -> list[Item]:
        paths = [write(tmp_path / f"{n:03}.json", GOOD if n % 5 else BAD) for n in range(200)]
        return [Item(str(path)) for path in paths]

    @staticmethod
    def on(
        executor: Any, items: Iterable[Item], ahead: int = 4
    ) -> Iterator[tuple[Item, qa.Report]]:
        return check_on(executor, iter(items), REGISTRY, Alike(DEFAULTS), Pace(lambda: ahead))

    def test_every_item_once_and_in_order(self, items: list[Item]) -> None:
        check = Checker(REGISTRY, Alike(DEFAULTS)).check
        expected = [(item, check(item)) for item in items]
        with ThreadPoolExecutor(3) as threads:
            assert list(self.on(threads, items)) == expected
        for lost in (2, 3, 7):
            executor = _Scripted([*["done"] * (lost - 1), "lost"])
            got = list(self.on(executor, items))
            assert [item for item, _ in got] == items
            again = [(item, report) for item, report in got if "QA019" not in codes(report)]
            assert again == [each for each in expected if each[0] in dict(again)]

    def test_what_is_lost_twice_is_a_finding(self, items: list[Item]) -> None:
        got = list(self.on(_Scripted(["lost"]), items))
        assert [item for item, _ in got] == items
        assert {tuple(codes(report)) for _, report in got} == {("QA019",)}

    def test_nothing_else_is_out_while_an_item_is_tried_by_itself(self, items: list[Item]) -> None:
        """So it is that item of which a process dies then."""
        out: list[_Watched] = []
        alone = []

        class Watching:
            def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
                future = _Watched()
                *_, batch = args
                if len(batch) == 1:
                    alone.append(all(each.asked for each in out))
                if len(out) == 1:  # The second one.
                    future.set_exception(ConnectionError("the worker is gone"))
                else:
                    future.set_result(function(*args))
                out.append(future)
                return future

        got = list(self.on(Watching(), items))
        assert [item for item, _ in got] == items
        assert alone == [True] * 16

    def test_no_two_calls_are_alike(self, items: list[Item]) -> None:
        calls = []

        class Lost(_Scripted):
            def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
                calls.append(repr(args))
                return super().submit(function, *args)

        list(self.on(Lost(["lost"]), items[:3]))
        assert len(calls) == len(set(calls)) == 1 + 3 * 2

    def test_what_this_package_raises_is_no_loss(self, items: list[Item]) -> None:
        class Ended:
            def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
                future: Future[Any] = Future()
                future.set_exception(qa.ClusterError("it is gone", "tcp://x"))
                return future

        with pytest.raises(qa.ClusterError, match="tcp://x: it is gone"):
            list(self.on(Ended(), items))

    def test_an_executor_that_is_gone_is_the_callers_business(self, items: list[Item]) -> None:
        executor = _Scripted(["lost", "lost", "lost", "refused"])
        with pytest.raises(RuntimeError, match="no work"):
            list(self.on(executor, items))

    def test_no_more_is_taken_than_fits(self, items: list[Item]) -> None:
        taken = 0

        def counted() -> Iterator[Item]:
            nonlocal taken
            for item in items:
                taken += 1
                yield item

        reports = self.on(_Scripted(["done"]), counted())
        next(reports)
        assert taken < len(items)

    def test_large_items_go_out_alone(self) -> None:
        """So that what is in memory does not depend on how many are ahead."""
        item = Item("x", source=Source("x", data=GOOD + b" " * (70 << 20)))
        executor = _Scripted(["done"])
        reports = self.on(executor, [item] * 20, ahead=20)
        next(reports)
        assert executor.calls == 4

    def test_closing_takes_back_what_was_not_begun(self, items: list[Item]) -> None:
        waiting: list[Future[Any]] = []

        class Patient(_Scripted):
            def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
                future = super().submit(function, *args)
                if not future.done():
                    waiting.append(future)
                return future

        reports = self.on(Patient(["done", "waiting", "waiting", "waiting"]), items)
        next(reports)
        assert waiting
        reports.close()  # type: ignore[attr-defined]
        assert all(each.cancelled() for each in waiting)


class TestCheckMany:
    def test_sources_of_all_kinds(self, here: Path) -> None:
        write("s/a.json")
        write("s/b.ndjson", GOOD + b"\n" + BAD)
        write("[1].json")
        sources: list[Any] = [
            "s", "s/*.json", Path("[1].json"), GOOD, {"0": 0.5, "3": 0.5}, io.BytesIO(BAD), "missing.json",
            Path("s/*.json"), ["0"],
        ]  # fmt: skip
        expected = [
            (os.path.join("s", "a.json"), "", []),
            (os.path.join("s", "b.ndjson"), "1", []),
            (os.path.join("s", "b.ndjson"), "2", ["QA201"]),
            (os.path.join("s", "a.json"), "", []),
            ("[1].json", "", []),
            ("<bytes>", "", []),
            ("<object>", "", []),
            ("<file>", "", ["QA201"]),
            ("missing.json", "", ["QA001"]),
            (os.path.join("s", "*.json"), "", ["QA001"]),
            ("<object>", "", []),
        ]
        reports = list(qa.check_many(sources))
        assert [(each.source, each.member, codes(each)) for each in reports] == expected
        sources[5] = io.BytesIO(BAD)
        with ThreadPoolExecutor(2) as threads:
            assert list(qa.check_many(iter(sources), executor=threads)) == reports
            assert threads.submit(int).result() == 0  # It stays open.

    @posix
    def test_where_the_current_directory_has_gone(self, here: Path) -> None:
        path = write(here / "a.json", BAD)
        (here / "gone").mkdir()
        os.chdir("gone")
        (here / "gone").rmdir()
        with ThreadPoolExecutor(1) as threads:
            (report,) = qa.check_many([path], executor=threads)
        assert codes(report) == ["QA201"]

    def test_on_processes(self, store: Path) -> None:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
            reports = list(qa.check_many([store], executor=processes))
        assert reports == list(qa.check_many([store]))
        assert len(reports) > 300

    def test_what_a_check_raises_there_is_raised_here(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def modified(pin: qa.Pin) -> bytes:
            raise qa.ModifiedDocument(pin.path, "a", "b")

        monkeypatch.setattr(qa.Pin, "read_bytes", modified)
        with ThreadPoolExecutor(1) as threads:
            reports = qa.check_many([GOOD], executor=threads)
            with pytest.raises(qa.ModifiedDocument) as raised:
                next(reports)
        assert any("Traceback" in note for note in raised.value.__notes__)

    def test_one_format_for_all(self, here: Path) -> None:
        write("a.json", b'{"0": 1}')
        assert [each.format for each in qa.check_many(["a.json", b'{"0": 2}'], format=H1)] == [
            H1,
            H1,
        ]

    @pytest.mark.parametrize("source", ["store", b"{}", Path("store")])
    def test_a_single_source_is_refused(self, source: Any) -> None:
        with pytest.raises(TypeError, match="list"):
            qa.check_many(source)

    def test_misuse_comes_before_the_work(self) -> None:
        with pytest.raises(qa.UnknownFormat):
            qa.check_many([], format="ionq.result.shots.json.v99")
        with pytest.raises(qa.InvalidSettings):
            qa.check_many([], settings=qa.Settings(ignore={"QA001"}))
        with pytest.raises(ValueError, match="bytes"):
            list(qa.check_many(['{"0": 1}']))
        with pytest.raises(TypeError):
            list(qa.check_many([5]))  # type: ignore[list-item]

    def test_standard_input_and_a_file_of_that_name(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write("-", b'{"0": 2}')

        class Stdin:
            buffer = io.BytesIO(GOOD)

        monkeypatch.setattr(sys, "stdin", Stdin)
        given, file = qa.check_many(["-", Path("-")])
        assert (given.source, given.format) == ("<stdin>", P1)
        assert (file.source, file.format) == ("-", H1)

    def test_parsed_payloads_are_never_sent(self, here: Path) -> None:
        deep: dict[str, Any] = {}
        for _ in range(100_000):
            deep = {"a": deep}
        payloads: list[Any] = [{"0": threading.Lock()}, deep, {"0": 0.5, "3": 0.5}, GOOD]
        alone = [_codes(report) for report in qa.check_many(payloads, format=P1)]
        assert alone == [["QA017"], ["QA014"], [], []]
        with ProcessPoolExecutor(1, get_context("spawn")) as executor:
            sent = qa.check_many(payloads, format=P1, executor=executor)
            assert [_codes(report) for report in sent] == alone

    def test_a_file_that_cannot_be_read_is_a_finding(self, here: Path) -> None:
        class Broken(io.BytesIO):
            name = "broken.json"

            def read(self, size: int | None = -1, /) -> bytes:
                raise OSError(5, "Input/output error")

        broken, good = qa.check_many([Broken(), GOOD], format=P1)
        assert [each.code for each in broken.findings] == ["QA001"]
        assert (broken.source, good.ok) == ("broken.json", True)

    def test_a_record_that_could_not_be_opened_is_tried_again(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from qartifacts.validate import detect

        descriptor = {"id": "a", "format": H1, "media_type": "application/json"}
        write("job.json", json.dumps({"results": [descriptor]}).encode())
        write("a.json", b'{"0": 1}')

        def fail(*_: object) -> Source:
            raise OSError(24, "Too many open files")

        with monkeypatch.context() as patched:
            patched.setattr(detect, "open_path", fail)
            assert [each.code for each in qa.check("a.json").findings] == ["QA021"]
        assert qa.check("a.json").format == H1

    def test_too_little_memory_is_a_finding(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write("a.json")

        def fail(*_: object) -> Source:
            raise MemoryError

        monkeypatch.setattr(checking, "open_path", fail)
        (report,) = qa.check_many(["a.json"])
        assert [each.code for each in report.findings] == ["QA013"]

    @pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names")
    @pytest.mark.parametrize("name", ["a.tar", "b.ndjson"])
    def test_what_holds_many_payloads_is_no_stream(self, here: Path, name: str) -> None:
        os.mkfifo(name)
        (report,) = qa.check_many([name])
        assert [each.code for each in report.findings] == ["QA001"]

    def test_nothing_is_checked_before_it_is_asked_for(self, here: Path) -> None:
        reports = qa.check_many(["later.json"])
        write("later.json")
        assert next(reports).ok


class TestMemory:
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_it_does_not_grow_with_files_and_findings(
        self, here: Path, at_once: None, jobs: int
    ) -> None:
        lines = length(8_000, 100_000)
        write("a.ndjson", b"[\n" * lines)
        tracemalloc.start()
        number = sum(len(each.report.findings) for each in _each("a.ndjson", jobs))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert number == lines
        assert peak < 300 * lines  # A report with a finding takes three times as much.


def _each(path: str, jobs: int) -> Iterator[Checked]:
    return check_paths([path], registry=REGISTRY, jobs=jobs)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")
class TestSignals:
    """The command as a process, with the processes that it starts."""

    @pytest.fixture
    def run_to_the_pipe(self, tmp_path: Path) -> Iterator[Callable[..., Any]]:
        """Start a check that has found something and now waits for a pipe, to which we write."""
        for number in range(40):
            write(tmp_path / "store" / f"{number:02}.json", BAD if number % 2 else GOOD)
        # Which is worth processes.
        write(tmp_path / "store" / "00.json", GOOD + b" " * (1 << 20))
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        started: list[subprocess.Popen[bytes]] = []
        ours: list[int] = []

        def start(jobs: int, more: Sequence[str] = (), **options: Any) -> subprocess.Popen[bytes]:
            while ours:
                os.close(ours.pop())
            command = [
                sys.executable,
                "-m",
                "qartifacts",
                "check",
                "store",
                "pipe",
                "--jobs",
                str(jobs),
            ]
            process = subprocess.Popen(
                [*command, "--output", "json", *more],
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                env=unmeasured(),
                **options,
            )
            started.append(process)
            while not ours:
                try:  # Which succeeds if there is somebody to read.
                    ours.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
                except OSError:
                    assert process.poll() is None
                    time.sleep(0.01)
            return process

        yield start
        for process in started:
            for pid in _group(process.pid):
                os.kill(pid, signal.SIGKILL)
            process.communicate()
        for descriptor in ours:
            os.close(descriptor)

    @pytest.mark.parametrize("jobs", [1, 2])
    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_an_interrupt_ends_cleanly(
        self, run_to_the_pipe: Callable[..., Any], jobs: int, number: int, status: int
    ) -> None:
        process = run_to_the_pipe(jobs)
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=60)
        assert process.returncode == status
        assert b"Traceback" not in err
        document = json.loads(out)
        assert document["error"]
        if jobs == 1:
            assert document["summary"]["bad"] == 20
        _wait_for(lambda: not _group(process.pid))

    def test_an_interrupted_report_replaces_reports_alone(
        self, run_to_the_pipe: Callable[..., Any], tmp_path: Path
    ) -> None:
        old = {
            "result.json": GOOD,
            "packed.json.gz": gzip.compress(GOOD),
            "empty.json": b"",
            "report.json": b'{"version": 1, "tool": {"name": "qartifacts", "version": "0"}}',
        }
        kept = ("result.json", "packed.json.gz")
        for name, data in old.items():
            write(tmp_path / name, data)
            process = run_to_the_pipe(1, more=("--output-file", name))
            os.kill(process.pid, signal.SIGTERM)
            _, err = process.communicate(timeout=60)
            assert process.returncode == 143
            assert (b"is what it was" in err) == (name in kept)
            assert ((tmp_path / name).read_bytes() == data) == (name in kept)
        assert {path.name for path in tmp_path.iterdir()} == {*old, "store", "pipe"}

    def test_no_module_of_the_current_directory_is_imported(self, tmp_path: Path) -> None:
        for name in ("multiprocessing", "signal", "struct", "qartifacts"):
            write(tmp_path / f"{name}.py", b"open('imported', 'a').write(__name__)")
        write(tmp_path / "a.json", GOOD + b" " * (1 << 20))
        write(tmp_path / "b.json", BAD)
        command = [str(Path(sys.executable).with_name("qartifacts")), "check", ".", "--jobs", "2"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (1, b"")
        assert not (tmp_path / "imported").exists()

    def test_processes_end_with_the_one_that_started_them(
        self, run_to_the_pipe: Callable[..., Any]
    ) -> None:
        process = run_to_the_pipe(2)
        _wait_for(lambda: len(_group(process.pid)) >= 3)
        process.kill()
        _wait_for(lambda: not _group(process.pid))

    def test_ctrl_c_is_not_heard_where_it_is_ignored(
        self, run_to_the_pipe: Callable[..., Any]
    ) -> None:
        """As of a command in the background of a shell script."""

        def ignore() -> None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

        process = run_to_the_pipe(2, preexec_fn=ignore)
        os.killpg(process.pid, signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)


def _group(pid: int) -> list[int]:
    """The living processes of a process group."""
    living = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group) == pid and state != "Z":
            living.append(int(stat.parent.name))
    return living


def _wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it does not become true")


class TestInterrupts:
    def test_a_report_is_written_whole(self) -> None:
        written = []

        def write_all() -> None:
            with progress.Interrupts() as interrupts:
                for number in range(3):
                    interrupts.hold()
                    if number == 1:
                        signal.raise_signal(signal.SIGINT)
                    written.append(number)
                    interrupts.release()

        with pytest.raises(KeyboardInterrupt):
            write_all()
        assert written == [0, 1]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_it_is_held_until_the_end_is_written(self) -> None:
        with progress.Interrupts() as interrupts:
            interrupts.hold()
            signal.raise_signal(signal.SIGTERM)
            with pytest.raises(progress.Terminated):  # From somebody who insists.
                signal.raise_signal(signal.SIGTERM)

    def test_between_reports_it_comes_at_once(self) -> None:
        with progress.Interrupts() as interrupts:
            interrupts.hold()
            interrupts.release()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)  # While what has been found is written.
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)


def _codes(report: qa.Report) -> list[str]:
    return [finding.code for finding in report.findings]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class TestBar:
    @pytest.fixture(autouse=True)
    def _at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(progress, "_LONG", 0.0)
        monkeypatch.setattr(progress, "_BETWEEN", 0.001)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "100")

    def test_it_tells_how_far_and_how_fast(self, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal = _Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress.Bar(lambda: 5, verbose=False) as bar:
            for name in ("a", "a", "b", "c", "c"):
                bar.step(qa.Report(name, None))
                time.sleep(0.01)
        assert "3/5" in terminal.getvalue()
        assert "files/s" in terminal.getvalue()
        assert " left" in terminal.getvalue()
        assert "\n" not in terminal.getvalue().rpartition("\x1b[1A")[2]  # Nothing of it stays.

    def test_without_a_count_it_tells_what_is_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal = _Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress.Bar(None, verbose=False) as bar:
            for name in "abc":
                bar.step(qa.Report(name, None))
                time.sleep(0.01)
        assert "3/?" in terminal.getvalue()
        assert " left" not in terminal.getvalue()

    def test_it_makes_room_for_what_is_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        finding = qa.Finding("QA201", qa.Severity.ERROR, "")
        good, bad = qa.Report("a", qa.FormatId(P1)), qa.Report("b", None, (finding,), errors=1)
        terminal = _Terminal()
        for verbose, report, hides in (
            (False, good, False),
            (False, bad, True),
            (True, good, True),
        ):
            monkeypatch.setattr(sys, "stdout", terminal)
            monkeypatch.setattr(sys, "stderr", terminal)
            with progress.Bar(None, verbose=verbose) as bar:
                bar.step(good)
                shown = len(terminal.getvalue())
                bar.make_room(report)
                assert (len(terminal.getvalue()) > shown) == hides

    def test_off_a_terminal_there_is_none(self, capsys: pytest.CaptureFixture[str]) -> None:
        with progress.Bar(lambda: 5, verbose=False) as bar:
            bar.step(qa.Report("a", None))
        assert capsys.readouterr().err == ""

    def test_files_are_counted_without_being_opened(self, here: Path) -> None:
        for name in ("s/a.json", "s/b/c.ndjson", "s/d.zip", "s/e.txt"):
            write(name, b"")
        assert count_files(["s", "missing"], ["s/a.json"]) == 5

    def test_a_list_that_can_be_read_once_is_not_read_for_the_bar(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from qartifacts.cli import check

        write("list", b"a.json\n")
        os.mkfifo("pipe")
        counters = [
            check._counter((), listed, Project(), changed=False)
            for listed in ("-", "pipe", "list", None)
        ]
        assert [counter is None for counter in counters] == [True, True, False, False]

    def test_what_goes_wrong_in_counting_is_left_to_the_check(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        raised: list[Any] = []
        monkeypatch.setattr(threading, "excepthook", raised.append)

        def count() -> int:
            raise OSError("the list has gone")

        terminal = self._run(monkeypatch, count)
        assert (" left" in terminal, raised) == (False, [])

    def test_a_growing_store_has_no_time_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal = self._run(monkeypatch, lambda: 1)
        assert " left" not in terminal
        assert "8/8" in terminal

    def _run(self, monkeypatch: pytest.MonkeyPatch, count: Callable[[], int]) -> str:
        terminal = _Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress.Bar(count, verbose=False) as bar:
            for number in range(8):
                bar.step(qa.Report(str(number), qa.FormatId(P1)))
                time.sleep(0.02)
        return terminal.getvalue()
