"""Sources behind URLs: what is found, what is refused, and every way in which a server fails."""

from __future__ import annotations

import gzip
import io
import json
import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
import tarfile
import threading
import time
import urllib.parse
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
import trustme

import qartifacts as qa
from qartifacts import bulk
from qartifacts.bulk import Checked, check_paths, count_files
from qartifacts.bulk.sources import locate
from qartifacts.remote import SCHEMES, is_url, located, systems
from qartifacts.remote.faults import told
from servers import Asked, Behaviour, Line, closed_port, replying, server
from support import Run, unmeasured

GOOD = b'{"0": 0.5, "3": 0.5}'
BAD = b'{"0": 0.5, "3": 0.4}'
P1 = "ionq.result.probabilities.json.v1"
S1 = "ionq.result.shots.json.v1"
REGISTRY = qa.Registry.bundled()

SIGNED = "X-Amz-Signature=s3cr3t&X-Amz-Credential=me"

BUCKET = "results"


def checked(*paths: str, **options: Any) -> list[Checked]:
    return list(check_paths(paths, registry=REGISTRY, **options))


def codes(report: qa.Report) -> list[str]:
    return [finding.code for finding in report.findings]


def told_of(*paths: str, **options: Any) -> list[tuple[str, str, list[str]]]:
    """Source, member and codes of each report."""
    reports = (each.report for each in checked(*paths, **options))
    return [(each.source, each.member, codes(each)) for each in reports]


def names(*paths: str, **options: Any) -> list[str]:
    return [source for source, _, _ in told_of(*paths, **options)]


def only(*paths: str, **options: Any) -> Checked:
    (one,) = checked(*paths, **options)
    return one


def why(one: Checked) -> str:
    """Why a source cannot be read, which is the only finding on it."""
    (finding,) = one.report.findings
    assert finding.code == "QA001"
    assert "s3cr3t" not in f"{one.report}{finding}"
    return finding.message


@pytest.fixture
def memory() -> Iterator[Any]:
    """Files in memory, by path. None is there before, and none afterwards."""
    system = systems.file_system("memory")

    def clear() -> None:
        system.store.clear()
        system.pseudo_dirs[:] = [""]

    clear()
    yield system
    clear()


def put(memory: Any, *paths: str, data: bytes = GOOD) -> None:
    for path in paths:
        memory.pipe_file(path, data)


def tar(members: dict[str, bytes], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


MEMBERS = {f"a.{P1}.json": GOOD, "note.txt": b"?", f"d/b.{P1}.json": BAD}
TOLD_OF_MEMBERS = [(f"a.{P1}.json", []), (f"d/b.{P1}.json", ["QA201"])]


# --------------------------------------------------------------------------------------------------
# URLs


class TestUrls:
    @pytest.mark.parametrize(
        "path",
        ["s3:/x", "C:\\x", "C:/x", "./s3://x", "a b://x", "x/s3://y", "://x", "-", "", "1://x"],
    )
    def test_paths_are_no_urls(self, path: str) -> None:
        assert not is_url(path)

    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd",
            "http://127.0.0.1/a.json",
            "ftp://me:s3cr3t@host/a.json",
            "github://org:repo@main/a.json",
            "sftp://host/a.json",
            "local://a.json",
            "s3a://bucket/a.json",
            "gcs://bucket/a.json",
            "unknown://a.json",
            "simplecache::s3://bucket/a.json",
            "simplecache::https://me:s3cr3t@host/a.json",
            "zip://a.json::s3://bucket/a.zip",
            "filecache::zip://a::file:///b",
            "memory://a.json::file:///etc/passwd",
            "s3://bucket/a::zip://b.json",
            "https://host/a::file:///etc/passwd",
            "reference://::https://host/s3cr3t?s3cr3t",
            "s3://",
            "s3:///a.json",
            "s3://key:s3cr3t@bucket/a.json",
            "s3://*/a.json",
            "gs://?/a.json",
            "https://",
            "https:///a.json",
            "https://me:s3cr3t@host/a.json",
            "https://s3cr3t@host/a.json",
            "https://me:s3c/r3t@host/a.json",
            "https://me:?s3cr3t@host/a.json",
            "https://me:#s3cr3t@host/a.json",
            "https://me\\s3cr3t@host/a.json",
            "https://host:99999999/a.json",
            "https://ho st/a.json",
            "https://host/a\r\nb.json",
            "https://[::1/a.json",
        ],
    )  # fmt: skip
    def test_what_is_refused_is_a_finding_and_no_secret_is_told(self, url: str) -> None:
        assert is_url(url)
        one = only(url)
        why(one)
        assert one.unopened
        with pytest.raises(OSError, match=r"\w") as caught:
            qa.check(url)
        assert "s3cr3t" not in str(caught.value)

    def test_who_is_refused_is_told_what_is_read(self) -> None:
        message = why(only("ftp://host/a.json"))
        assert all(f"{scheme}://" in message for scheme in SCHEMES)

    @pytest.mark.parametrize(
        ("url", "name"),
        [
            (f"https://host/a.json?{SIGNED}", "https://host/a.json"),
            (f"https://host/a.json#{SIGNED}", "https://host/a.json"),
            ("HTTPS://host:8443/a.json", "https://host:8443/a.json"),
            ("https://host/@me/a.json", "https://host/@me/a.json"),
            ("https://[::1]:1/a.json", "https://[::1]:1/a.json"),
            ("S3://bucket/a?b#c@d.json", "s3://bucket/a?b#c@d.json"),
            ("memory://a@b/c.json", "memory://a@b/c.json"),
        ],
    )
    def test_names(self, url: str, name: str) -> None:
        assert located(url).name == name

    def test_a_directory_that_is_named_like_a_url_is_found_by_its_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "s3:" / "b").mkdir(parents=True)
        (tmp_path / "s3:" / "b" / f"{P1}.json").write_bytes(BAD)
        assert names("./s3://b") == [f"./s3://b/{P1}.json"]
        (report,) = qa.check_many([Path(f"s3://b/{P1}.json")])
        assert codes(report) == ["QA201"]

    def test_without_the_extra_its_name_is_told(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        systems._file_system.cache_clear()
        for library in ("s3fs", "gcsfs", "aiohttp"):
            monkeypatch.setitem(sys.modules, library, None)
        for url in ("s3://bucket/a.json", "gs://bucket/a", "https://host/a.json"):
            with pytest.raises(qa.MissingExtra, match=r"qartifacts\[remote\]"):
                qa.check(url)
            with pytest.raises(qa.MissingExtra):
                checked(url)
            result = run("check", url)
            assert (result.exit_code, "qartifacts[remote]" in result.stderr) == (2, True)
            assert "Traceback" not in result.output

    @pytest.mark.parametrize(
        "command", [["show"], ["convert", "--to", S1], ["prove-order", "a.json"]]
    )
    def test_other_commands_take_files(self, run: Run, command: list[str]) -> None:
        result = run(*command, f"https://me:s3cr3t@host/a.json?{SIGNED}")
        assert result.exit_code == 2
        assert "s3cr3t" not in result.output

    def test_nothing_is_imported_for_paths(self, tmp_path: Path) -> None:
        (tmp_path / f"{P1}.json").write_bytes(GOOD)
        code = (
            "import sys, qartifacts as qa; list(qa.check_many([sys.argv[1]])); "
            "assert not {'fsspec', 'aiohttp', 's3fs', 'asyncio'} & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60)


# --------------------------------------------------------------------------------------------------
# Walks, globs and containers


class TestInMemory:
    def test_a_walk_is_that_of_this_machine(
        self, memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = (
            "s/b/2.json", "s/b/10.json", "s/a/x.json.gz", "s/z.json", "s/c.jsonl", "s/n.txt",
            "s/.hidden.json", "s/.git/x.json", "s/node_modules/x.json", "s/a.b/x.json",
            "s/venv/pyvenv.cfg", "s/venv/x.json", "s/pins/registry.lock", "s/pins/x.json",
            "s/a/y.tar", "s/é/結.json",
        )  # fmt: skip
        monkeypatch.chdir(tmp_path)
        for path in store:
            put(memory, path)
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(GOOD)
        for pattern in ("s", "s/", "s/**/*.json", "s/*", "s/a*/", "s/**", "s/?.json", "s/[!z].jsonl",
                        "s/.hid*", "s/nothing*"):  # fmt: skip
            here = told_of(pattern, format=P1)
            there = told_of(f"memory://{pattern}", format=P1)
            assert [(f"memory://{path}", *rest) for path, *rest in here] == there
            assert count_files([pattern]) == count_files([f"memory://{pattern}"])

    def test_a_file_of_any_name_may_be_named(self, memory: Any) -> None:
        put(memory, "s/no-ending", "s/a*b.json")
        assert told_of("memory://s/no-ending", format=P1) == [("memory://s/no-ending", "", [])]
        assert names(listed=["memory://s/a*b.json"], format=P1) == ["memory://s/a*b.json"]

    def test_what_is_not_there(self, memory: Any, run: Run) -> None:
        for url in ("memory://a.json", "memory://a", "memory://a/", "memory://a/*.json"):
            one = only(url)
            assert "no such file" in why(one)
            assert one.unopened
        put(memory, f"s/{P1}.json")
        result = run("check", "memory://a.json", "memory://s", "--verbose")
        assert result.exit_code == 2
        assert f"memory://s/{P1}.json" in result.stdout

    def test_from_python(self, memory: Any) -> None:
        put(memory, f"s/{P1}.json", data=GOOD)
        url = f"memory://s/{P1}.json"
        assert qa.check(url).ok
        assert qa.check(url).source == url
        assert qa.load(url).payload == json.loads(GOOD)
        assert qa.validator(P1).is_valid(url)
        assert [each.source for each in qa.check_many(["memory://s", GOOD, url], format=P1)] == [
            url, "<bytes>", url,
        ]  # fmt: skip
        with pytest.raises(FileNotFoundError):
            qa.check("memory://gone.json")

    def test_limits(self, memory: Any) -> None:
        put(memory, "a.json", data=b" " * 3_000_000 + GOOD)
        put(memory, "b.json.gz", data=gzip.compress(b" " * 3_000_000 + GOOD))
        put(memory, "c.json", data=GOOD)
        urls = ("memory://a.json", "memory://b.json.gz", "memory://c.json")
        small = qa.Settings(max_bytes=2_999_999)
        assert [each for _, _, each in told_of(*urls, format=P1, settings=small)] == [
            ["QA013"], ["QA013"], [],
        ]  # fmt: skip
        assert [each for _, _, each in told_of(*urls, format=P1)] == [[], [], []]

    def test_lines_and_archives(self, memory: Any) -> None:
        put(memory, "s/a.jsonl", data=GOOD + b"\n\n" + BAD)
        put(memory, "s/b.ndjson.gz", data=gzip.compress(BAD + b"\n" + GOOD))
        put(memory, "s/c.tar", data=tar(MEMBERS))
        put(memory, "s/d.tgz", data=tar(MEMBERS, "w:gz"))
        put(memory, "s/e.zip", data=zipped(MEMBERS))
        put(memory, "s/f.zip", data=zipped(MEMBERS)[:-5])
        put(memory, "s/g.tar.gz", data=tar(MEMBERS, "w:gz")[:-20])
        told = told_of("memory://s", format=P1)
        by_file: dict[str, list[tuple[str, list[str]]]] = {}
        for source, member, found in told:
            by_file.setdefault(source.removeprefix("memory://s/"), []).append((member, found))
        assert by_file["a.jsonl"] == [("1", []), ("3", ["QA201"])]
        assert by_file["b.ndjson.gz"] == [("1", ["QA201"]), ("2", [])]
        for name in ("c.tar", "d.tgz", "e.zip"):
            assert by_file[name] == TOLD_OF_MEMBERS
        assert by_file["f.zip"] == [("", ["QA016"])]
        assert by_file["g.tar.gz"][-1] == ("", ["QA016"])

    def test_other_processes_do_not_see_it_and_need_not(
        self, memory: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk, "_WORTH_WORKERS", -1.0)
        put(memory, "s/a.json", "s/b.json", "s/c.jsonl")
        put(memory, "s/d.json", data=BAD)
        assert told_of("memory://s", format=P1, jobs=2) == told_of("memory://s", format=P1)


# --------------------------------------------------------------------------------------------------
# https


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ssl.SSLContext:
    """What a server identifies itself by, which is trusted here."""
    authority.cert_pem.write_to_path(str(tmp_path / "trusted.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    return identity(authority)


def identity(authority: trustme.CA, host: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing may take longer than a second."""
    monkeypatch.setattr(systems, "PATIENCE", 0.5)
    monkeypatch.setattr(systems, "SLOWEST", 1 << 30)
    systems._file_system.cache_clear()
    yield
    systems._file_system.cache_clear()


def serving(files: dict[str, bytes], *, ranges: bool = True) -> Behaviour:
    """A web server with files by path, which gives parts of them if it is to."""

    def answer(asked: Asked, line: Line) -> None:
        data = files.get(asked.path.partition("?")[0])
        if data is None:
            line.reply(404)
            return
        wanted = asked.headers.get("range", "").removeprefix("bytes=")
        if asked.method == "HEAD":
            line.head(200, Content_Length=len(data))
        elif wanted and ranges:
            first, last = map(int, wanted.split("-"))
            part = data[first : last + 1]
            where = f"bytes {first}-{first + len(part) - 1}/{len(data)}"
            line.reply(206, part, Content_Range=where)
        else:
            line.reply(200, data)

    return answer


class TestHttps:
    def test_a_file(self, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IONQ_API_KEY", "s3cr3t")
        files = {f"/a.{P1}.json": BAD, "/b.json.gz": gzip.compress(GOOD)}
        with server(serving(files), trusted) as up:
            url = f"{up.base}/a.{P1}.json"
            assert told_of(url) == [(url, "", ["QA201"])]
            assert qa.check(url).format == P1
            assert told_of(f"{up.base}/b.json.gz", format=P1) == [(f"{up.base}/b.json.gz", "", [])]
        # Nothing was asked that was not named: no job record, no size.
        assert [each.path for each in up.asked] == [f"/a.{P1}.json"] * 2 + ["/b.json.gz"]
        assert {each.method for each in up.asked} == {"GET"}
        for each in up.asked:
            assert not {"authorization", "cookie"} & each.headers.keys()
            assert "s3cr3t" not in str(each)

    def test_what_is_signed_is_sent_and_not_told(self, trusted: ssl.SSLContext, run: Run) -> None:
        with server(serving({f"/a.{P1}.json": BAD}), trusted) as up:
            url = f"{up.base}/a.{P1}.json?{SIGNED}"
            for form in ("text", "json", "jsonl", "sarif", "github", "junit"):
                result = run("check", url, up.base + f"/gone.json?{SIGNED}", "--output", form)
                assert result.exit_code == 2
                assert "s3cr3t" not in result.output
                assert f"{up.base}/a.{P1}.json" in result.output.replace("%3A", ":")
            run("check", url, "--write-baseline", "known.json")
            assert "s3cr3t" not in Path("known.json").read_text()
            assert run("check", url, "--baseline", "known.json").exit_code == 0
            Path("list").write_text(url)
            assert run("check", "--files-from", "list").exit_code == 1
        assert all(each.path.endswith(SIGNED) for each in up.asked)

    def test_containers(self, trusted: ssl.SSLContext) -> None:
        files = {
            "/a.jsonl": GOOD + b"\n" + BAD,
            "/b.tar.gz": tar(MEMBERS, "w:gz"),
            "/c.zip": zipped({**MEMBERS, "large.txt": os.urandom(3_000_000)}),
        }
        with server(serving(files), trusted) as up:
            told = [
                (member, found)
                for _, member, found in told_of(*(up.base + each for each in files), format=P1)
            ]
        assert told == [("1", []), ("2", ["QA201"]), *TOLD_OF_MEMBERS, *TOLD_OF_MEMBERS]
        # Of the zip file, not all was fetched.
        assert sum(line.sent for line in up.lines) < 3_000_000

    def test_directories_are_not_looked_into(self, trusted: ssl.SSLContext) -> None:
        with server(serving({}), trusted) as up:
            for path in ("/", "/a/", "/*.json", "/**/a.json"):
                assert "directories" in why(only(up.base + path))
        assert not up.asked

    def test_many_are_asked_for_at_once_and_told_in_order(self, trusted: ssl.SSLContext) -> None:
        def answer(asked: Asked, line: Line) -> None:
            line.wait(0.2)
            line.reply(200, GOOD)

        with server(answer, trusted) as up:
            urls = [f"{up.base}/{number}.json" for number in range(32)]
            start = time.monotonic()
            assert names(*urls, format=P1) == urls
            assert time.monotonic() - start < 32 * 0.2 / 2

    def test_large_files_are_read_once_it_is_their_turn(self, trusted: ssl.SSLContext) -> None:
        files = {"/a.json": GOOD + b" " * 5_000_000, "/b.json": BAD}
        with server(serving(files), trusted) as up:
            told = told_of(f"{up.base}/a.json", f"{up.base}/b.json", format=P1)
            assert [found for _, _, found in told] == [[], ["QA201"]]

    def test_processes_open_them_themselves(
        self, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk, "_WORTH_WORKERS", -1.0)
        files = {f"/{number}.json": BAD if number % 3 == 0 else GOOD for number in range(40)}
        with server(serving(files), trusted) as up:
            urls = [f"{up.base}{path}?{SIGNED}" for path in files] + [f"{up.base}/gone.json"]
            assert told_of(*urls, format=P1, jobs=2) == told_of(*urls, format=P1)

    def test_what_is_packed_on_the_way(self, trusted: ssl.SSLContext) -> None:
        packed = gzip.compress(b" " * 100_000 + GOOD)
        with server(replying(200, packed, Content_Encoding="gzip"), trusted) as up:
            url = f"{up.base}/a.json"
            assert told_of(url, format=P1) == [(url, "", [])]
            assert told_of(f"{url}.gz", format=P1) == [(f"{url}.gz", "", [])]
            small = qa.Settings(max_bytes=50_000)
            assert told_of(url, format=P1, settings=small) == [(url, "", ["QA013"])]
            assert "packs" in why(only(f"{up.base}/a.jsonl"))
        assert {each.headers["accept-encoding"] for each in up.asked} == {"identity"}
        with server(replying(200, GOOD, Content_Encoding="br"), trusted) as up:
            assert "packs" in why(only(f"{up.base}/a.json"))


def _endless(asked: Asked, line: Line) -> None:
    line.head(200)
    while line.sent < 1 << 27:
        line.send(b" " * (1 << 16))


def _lying(asked: Asked, line: Line) -> None:
    line.head(200, b" " * 100, Content_Length=1 << 50)
    while line.sent < 1 << 27:
        line.send(b" " * (1 << 16))


def _dripping(asked: Asked, line: Line) -> None:
    line.head(200)
    while line.wait(0.1):
        line.send(b" ")


def _dripping_head(asked: Asked, line: Line) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nX: ")
    while line.wait(0.1):
        line.send(b"x")


def _stalling(asked: Asked, line: Line) -> None:
    line.head(200, GOOD[:5], Content_Length=1000)
    line.wait()


def _silent(asked: Asked, line: Line) -> None:
    line.wait()


def _cut(asked: Asked, line: Line) -> None:
    line.head(200, GOOD[:5], Content_Length=1000)
    raise ConnectionResetError


def _cut_chunks(asked: Asked, line: Line) -> None:
    line.head(200, b"5\r\n" + GOOD[:5], Transfer_Encoding="chunked")
    raise ConnectionResetError


def _no_http(asked: Asked, line: Line) -> None:
    line.send(b"hello s3cr3t\r\n\r\n")
    raise ConnectionResetError


class TestFaultsOfServers:
    @pytest.mark.parametrize(
        ("answer", "words", "kind"),
        [
            (replying(404), "no such file", FileNotFoundError),
            (replying(410), "no such file", FileNotFoundError),
            (replying(401), "denied", PermissionError),
            (replying(403, b"s3cr3t"), "denied", PermissionError),
            (replying(500), "500", OSError),
            (replying(429), "429", OSError),
            (replying(204, b""), "204", OSError),
            (replying(304, b""), "304", OSError),
            (_cut, "breaks off", OSError),
            (_cut_chunks, "breaks off", OSError),
            (_no_http, "not understood", OSError),
        ],
    )
    def test_it_fails(
        self, answer: Behaviour, words: str, kind: type[OSError], trusted: ssl.SSLContext
    ) -> None:
        with server(answer, trusted) as up:
            for path in ("/a.json", "/a.jsonl", "/a.tar", "/a.zip"):
                reports = checked(f"{up.base}{path}?{SIGNED}", format=P1)
                if path == "/a.zip":
                    assert codes(reports[-1].report)[0] in ("QA001", "QA016")
                    continue
                assert words in why(reports[-1])
                assert reports[-1].unopened
            with pytest.raises(kind) as caught:
                qa.check(f"{up.base}/a.json?{SIGNED}")
            assert "s3cr3t" not in str(caught.value)
            assert caught.value.filename == f"{up.base}/a.json"

    @pytest.mark.parametrize("answer", [_dripping, _dripping_head, _stalling, _silent])
    def test_it_takes_too_long(
        self, answer: Behaviour, trusted: ssl.SSLContext, impatient: None
    ) -> None:
        with server(answer, trusted) as up:
            start = time.monotonic()
            assert "too long" in why(only(f"{up.base}/a.json"))
            assert "too long" in why(only(f"{up.base}/a.jsonl"))
            if answer in (
                _dripping_head,
                _silent,
            ):  # The others are asked for no parts, or give none.
                assert "too long" in why(only(f"{up.base}/a.zip"))
            assert time.monotonic() - start < 10

    @pytest.mark.parametrize("answer", [_endless, _lying])
    def test_it_does_not_end(self, answer: Behaviour, trusted: ssl.SSLContext) -> None:
        settings = qa.Settings(max_bytes=100_000, max_unpacked=200_000)
        with server(answer, trusted) as up:
            assert told_of(f"{up.base}/a.json", settings=settings)[0][2] == ["QA013"]
            assert codes(qa.check(f"{up.base}/a.json", settings=settings)) == ["QA013"]
            assert told_of(f"{up.base}/a.tar", settings=settings)[-1][2] != []
            assert told_of(f"{up.base}/a.zip", settings=settings)[-1][2] != []
        assert sum(line.sent for line in up.lines) < 1 << 26

    def test_more_than_the_part_that_was_asked_for(self, trusted: ssl.SSLContext) -> None:
        def answer(asked: Asked, line: Line) -> None:
            if asked.method == "HEAD":
                line.head(200, Content_Length=1000)
                return
            line.head(206)
            while line.sent < 1 << 27:
                line.send(b" " * (1 << 16))

        with server(answer, trusted) as up:
            assert "more than it was asked for" in why(only(f"{up.base}/a.zip"))
        assert sum(line.sent for line in up.lines) < 1 << 26

    def test_no_parts(self, trusted: ssl.SSLContext) -> None:
        data = zipped({**MEMBERS, "large.txt": os.urandom(3_000_000)})
        with server(serving({"/a.zip": data}, ranges=False), trusted) as up:
            assert "no parts" in why(only(f"{up.base}/a.zip"))

    def test_redirects_stay_at_their_origin(self, trusted: ssl.SSLContext) -> None:
        with server(replying(200, BAD)) as plain, server(replying(200, BAD), trusted) as other:
            port = other.base.rpartition(":")[2]

            def answer(asked: Asked, line: Line) -> None:
                where = {
                    "/plain": f"{plain.base}/a.json?{SIGNED}",
                    "/other": f"{other.base}/a.json?{SIGNED}",
                    "/named": f"https://localhost:{port}/a.json",
                    "/within": "there/a.json",
                    "/round": "/round",
                    "/file": "file:///etc/passwd",
                    "/bad": "https://[",
                    "/user": f"https://me:s3cr3t@{other.base.removeprefix('https://')}/a.json",
                }.get(asked.path.partition(".")[0])
                if where is None:
                    line.reply(200, BAD)
                else:
                    line.reply(302, Location=where)

            with server(answer, trusted) as up:
                for name in ("plain", "other", "named", "file", "bad", "user"):
                    for ending in (".json", ".zip", ".jsonl"):
                        assert "leads to" in why(only(f"{up.base}/{name}{ending}"))
                assert "leads on" in why(only(f"{up.base}/round.json"))
                assert told_of(f"{up.base}/within.json", format=P1)[0][2] == ["QA201"]
            assert not plain.asked
            assert not other.asked

    def test_certificates(self, authority: trustme.CA, trusted: ssl.SSLContext) -> None:
        for wrong in (identity(trustme.CA()), identity(authority, "other.example")):
            with server(replying(200, GOOD), wrong) as up:
                for ending in ("json", "zip"):
                    assert "certificate" in why(only(f"{up.base}/a.{ending}"))
            assert not up.asked

    def test_no_tls(self, trusted: ssl.SSLContext) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def greet() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"220 hello\r\n")
                    connection.recv(1 << 16)

            greeting = threading.Thread(target=greet, daemon=True)
            greeting.start()
            assert "TLS" in why(only(f"https://127.0.0.1:{listener.getsockname()[1]}/a.json"))
            greeting.join(5)

    def test_nobody_is_there(self, trusted: ssl.SSLContext, run: Run) -> None:
        url = f"https://127.0.0.1:{closed_port()}/a.json"
        assert "cannot be reached" in why(only(url))
        result = run("check", url)
        assert (result.exit_code, result.stderr.count("Traceback")) == (2, 0)

    def test_no_such_host(self, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: Any, **options: Any) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        assert "no such host" in why(only("https://nowhere.invalid/a.json"))

    def test_a_proxy(self, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
        place = f"127.0.0.1:{closed_port()}"
        monkeypatch.setenv("https_proxy", f"http://me:s3cr3t@{place}")
        assert "proxy" in why(only("https://nowhere.invalid/a.json"))


# --------------------------------------------------------------------------------------------------
# Object stores


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """A server on this machine that behaves as S3 does."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    up = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    up.start()
    host, port = up.get_host_and_port()
    yield f"http://{host}:{port}"
    up.stop()


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[PutAll]:
    """Puts objects into an empty bucket."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "me"),
        ("AWS_SECRET_ACCESS_KEY", "s3cr3t"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", s3_server),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(name, value)
    systems._file_system.cache_clear()
    system = systems.file_system("s3")
    system.call_s3("create_bucket", Bucket=BUCKET)

    def put_all(objects: dict[str, bytes]) -> None:
        for key, data in objects.items():
            system.call_s3("put_object", Bucket=BUCKET, Key=key, Body=data)

    yield put_all
    httpx.post(f"{s3_server}/moto-api/reset")
    systems._file_system.cache_clear()


PutAll = Callable[[dict[str, bytes]], None]

ID = "4ef2f0a5-1b0e-4c39-9d2e-f2e9f7b2b1aa"
RECORD = json.dumps(
    {"artifacts": [{"id": ID, "format": P1, "media_type": "application/json"}]}
).encode()


class TestS3:
    STORE: ClassVar = {
        "s/b/2.json": GOOD, "s/b/10.json": BAD, "s/a/x.json.gz": gzip.compress(BAD), "s/z.json": b"[",
        "s/c.jsonl": GOOD + b"\n" + BAD, "s/n.txt": b"", "s/.hidden.json": BAD, "s/e.json": b"",
        "s/.git/x.json": BAD, "s/node_modules/x.json": BAD, "s/a.b/x.json": GOOD,
        "s/venv/pyvenv.cfg": b"", "s/venv/x.json": BAD, "s/y.tar": tar(MEMBERS),
        "s/y.zip": zipped(MEMBERS), "s/y.tgz": tar(MEMBERS, "w:gz"), "s/\u00e9/\u7d50 +%20.json": GOOD,
        f"s/job/{ID}.json": BAD, "s/job/job.json": RECORD,
    }  # fmt: skip

    def test_a_walk_is_that_of_this_machine(
        self, s3: PutAll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        s3(self.STORE)
        for path, data in self.STORE.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(data)
        base = f"s3://{BUCKET}/"
        for pattern in ("s", "s/**/*.json", "s/a*/", "s/job/*.json"):
            here = told_of(pattern)
            there = told_of(base + pattern)
            assert here == [(path.removeprefix(base), *rest) for path, *rest in there]
        monkeypatch.setattr(bulk, "_WORTH_WORKERS", -1.0)
        assert told_of(f"{base}s", jobs=2) == told_of(f"{base}s")

    def test_the_whole_bucket(self, s3: PutAll) -> None:
        s3({f"{P1}.json": GOOD, f"a/{P1}.json": BAD})
        for url in (f"s3://{BUCKET}", f"s3://{BUCKET}/", f"s3://{BUCKET}/**"):
            assert names(url) == [f"s3://{BUCKET}/{P1}.json", f"s3://{BUCKET}/a/{P1}.json"]

    def test_a_job_record_tells_the_format(self, s3: PutAll) -> None:
        s3({f"job/{ID}.json": b'{"0": 1}', "job/job.json": RECORD})
        assert qa.check(f"s3://{BUCKET}/job/{ID}.json").format == P1
        (report,) = (
            each.report for each in checked(f"s3://{BUCKET}/job") if "job.json" not in str(each)
        )
        assert report.format == P1

    def test_keys_that_no_directory_could_hold(self, s3: PutAll) -> None:
        s3({"s/": b"", "s//x.json": BAD, "s/d": b"", "s/d/y.json": GOOD, "s/d.json/z.json": GOOD})
        assert told_of(f"s3://{BUCKET}/s", format=P1) == [
            (f"s3://{BUCKET}/s//", "", ["QA018"]),
            (f"s3://{BUCKET}/s/d/y.json", "", []),
            (f"s3://{BUCKET}/s/d.json/z.json", "", []),
        ]
        assert codes(only(f"s3://{BUCKET}/s//x.json", format=P1).report) == ["QA201"]
        assert names(f"s3://{BUCKET}/s/d.json/", format=P1) == [f"s3://{BUCKET}/s/d.json/z.json"]

    def test_a_listing_of_several_pages(self, s3: PutAll, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
        s3({f"many/{number:02}.json": b"{}" for number in range(25)})
        found = [item.path for item in locate([f"s3://{BUCKET}/many"])]
        assert found == [f"s3://{BUCKET}/many/{number:02}.json" for number in range(25)]
        # Nothing is remembered of it.
        assert not dict(systems.file_system("s3").dircache)

    def test_limits(self, s3: PutAll) -> None:
        s3({"a.json": b" " * 3_000_000 + GOOD, "b.json": GOOD})
        small = qa.Settings(max_bytes=2_999_999)
        urls = [f"s3://{BUCKET}/a.json", f"s3://{BUCKET}/b.json"]
        assert [each for *_, each in told_of(*urls, format=P1, settings=small)] == [["QA013"], []]
        assert [each for *_, each in told_of(*urls, format=P1)] == [[], []]

    def test_what_is_not_there(self, s3: PutAll, run: Run) -> None:
        for path in (f"{BUCKET}/a.json", f"{BUCKET}/a", f"{BUCKET}/a/", f"{BUCKET}/a/*.json",
                     f"{BUCKET}/a.jsonl", f"{BUCKET}/a.zip", "nowhere/a.json", "nowhere/", "nowhere",
                     "nowhere/**"):  # fmt: skip
            one = only(f"s3://{path}")
            assert "no such file" in why(one)
            assert one.unopened
        assert "NoSuchBucket" in why(only("s3://nowhere/a.json"))
        result = run("check", "s3://nowhere/a.json", "s3://nowhere/")
        assert (result.exit_code, "Traceback" in result.output) == (2, False)

    def test_no_credentials(self, s3: PutAll, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            monkeypatch.setenv(name, os.devnull)
        systems._file_system.cache_clear()
        for path in ("a.json", "a", "**"):
            assert "no credentials" in why(only(f"s3://{BUCKET}/{path}"))

    def test_reports(self, s3: PutAll, run: Run) -> None:
        s3({f"s/{number}.{P1}.json": BAD for number in range(3)})
        url = f"s3://{BUCKET}/s"
        sarif = json.loads(run("check", url, "--output", "sarif").stdout)
        assert {
            each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for each in sarif["runs"][0]["results"]
        } == {f"{url}/{number}.{P1}.json" for number in range(3)}
        assert run("check", url, "--write-baseline", "known.json").exit_code == 0
        assert {
            each["path"] for each in json.loads(Path("known.json").read_text())["findings"]
        } == {f"{url}/{number}.{P1}.json" for number in range(3)}
        assert run("check", url, "--baseline", "known.json").exit_code == 0
        s3({f"s/new.{P1}.json": BAD})
        assert run("check", url, "--baseline", "known.json").exit_code == 1
        Path("qartifacts.toml").write_text(
            'exclude = ["*.json"]\n[formats]\n"*.json" = "' + S1 + '"'
        )
        assert run("check", url).stdout.count("QA201") == 4  # Its globs are about paths.


def _refusing(status: int, code: str) -> Behaviour:
    body = f"<Error><Code>{code}</Code><Message>s3cr3t</Message></Error>".encode()
    return replying(status, body, Content_Type="application/xml")


class TestFaultsOfStores:
    @pytest.fixture
    def s3_at(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
        def use(base: str) -> None:
            for name, value in (
                ("AWS_ACCESS_KEY_ID", "me"),
                ("AWS_SECRET_ACCESS_KEY", "s3cr3t"),
                ("AWS_DEFAULT_REGION", "us-east-1"),
                ("AWS_ENDPOINT_URL", base),
            ):
                monkeypatch.setenv(name, value)
            systems._file_system.cache_clear()

        yield use
        systems._file_system.cache_clear()

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (_refusing(403, "AccessDenied"), "denied (AccessDenied)"),
            (_refusing(404, "NoSuchBucket"), "NoSuchBucket"),
            (_refusing(400, "Odd<script>"), "cannot be read"),
            (replying(418, b"s3cr3t"), "cannot be read"),
        ],
    )
    def test_s3(self, answer: Behaviour, words: str, s3_at: Callable[[str], None]) -> None:
        with server(answer) as up:
            s3_at(up.base)
            assert words in why(only("s3://bucket/a.json"))
            for path in ("a/", "a.zip"):
                assert why(only(f"s3://bucket/{path}"))

    def test_s3_breaks_off(self, s3_at: Callable[[str], None]) -> None:
        with server(_cut) as up:
            s3_at(up.base)
            assert "breaks off" in why(only("s3://bucket/a.json"))

    def test_s3_is_silent(self, s3_at: Callable[[str], None], impatient: None) -> None:
        with server(_stalling) as up:
            s3_at(up.base)
            assert "too long" in why(only("s3://bucket/a.json"))

    def test_s3_is_not_there(self, s3_at: Callable[[str], None]) -> None:
        s3_at(f"http://127.0.0.1:{closed_port()}")
        assert "reached" in why(only("s3://bucket/a.json"))

    def test_gs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        objects = {f"s/a.{P1}.json": BAD, f"s/d/b.{P1}.json": GOOD, "s/e.json": b""}

        def answer(asked: Asked, line: Line) -> None:
            path, _, query = asked.path.partition("?")
            options = dict(urllib.parse.parse_qsl(query))
            path = urllib.parse.unquote(path)
            if path.endswith("/b/forbidden/o") or "/b/forbidden/o/" in path:
                line.reply(403, json.dumps({"error": {"message": "s3cr3t"}}).encode())
            elif path.endswith("/b/store/o"):
                line.reply(200, json.dumps(_listing(objects, options.get("prefix", ""))).encode())
            elif (key := path.partition("/b/store/o/")[2]) not in objects:
                line.reply(404, b"{}")
            elif options.get("alt") != "media":
                line.reply(200, json.dumps(_about(key, objects[key])).encode())
            elif objects[key]:
                line.reply(206, objects[key])
            else:
                line.reply(416, b"{}")

        with server(answer) as up:
            monkeypatch.setenv("STORAGE_EMULATOR_HOST", up.base)
            monkeypatch.setenv("NO_GCE_CHECK", "true")  # Nobody is asked for credentials.
            systems._file_system.cache_clear()
            assert type(systems.file_system("gs")).__module__.startswith("gcsfs")
            assert told_of("gs://store/s") == [
                (f"gs://store/s/a.{P1}.json", "", ["QA201"]),
                ("gs://store/s/e.json", "", ["QA002"]),
                (f"gs://store/s/d/b.{P1}.json", "", []),
            ]
            assert names("gs://store/**/b*.json") == [f"gs://store/s/d/b.{P1}.json"]
            for path in ("store/gone.json", "store/gone", "store/gone/"):
                assert "no such file" in why(only(f"gs://{path}"))
            for path in ("forbidden/a.json", "forbidden/a/"):
                assert "denied" in why(only(f"gs://{path}"))
        systems._file_system.cache_clear()


def _about(key: str, data: bytes) -> dict[str, Any]:
    return {"name": key, "size": str(len(data)), "bucket": "store", "kind": "storage#object"}


def _listing(objects: dict[str, bytes], prefix: str) -> dict[str, Any]:
    """What Google's API answers to the question what is in a directory."""
    below = [key.removeprefix(prefix) for key in objects if key.startswith(prefix)]
    return {
        "kind": "storage#objects",
        "prefixes": sorted({f"{prefix}{key.partition('/')[0]}/" for key in below if "/" in key}),
        "items": [_about(prefix + key, objects[prefix + key]) for key in below if "/" not in key],
    }


# --------------------------------------------------------------------------------------------------
# What is said


@pytest.mark.parametrize(
    "error",
    [
        ValueError("s3cr3t"),
        OSError("s3cr3t"),
        FileNotFoundError("https://host/?s3cr3t"),
        PermissionError("s3cr3t"),
        RuntimeError("s3cr3t"),
        KeyError("s3cr3t"),
        OSError(5, "s3cr3t", "https://me:s3cr3t@host"),
    ],
)
def test_nothing_of_what_libraries_say_is_told(error: Exception) -> None:
    assert "s3cr3t" not in str(told(error, "https://host/a.json"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_an_interrupt_does_not_wait_for_the_server(trusted: ssl.SSLContext, tmp_path: Path) -> None:
    def answer(asked: Asked, line: Line) -> None:
        if asked.path == "/a.json":
            line.reply(200, BAD)
        else:
            line.wait()

    with server(answer, trusted) as up:
        command = [sys.executable, "-m", "qartifacts", "check", "--format", P1, "--output", "json"]
        process = subprocess.Popen(
            [*command, f"{up.base}/a.json", f"{up.base}/b.json"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=unmeasured(),
        )  # fmt: skip
        end = time.monotonic() + 20
        while len(up.asked) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert json.loads(out)["error"] == "interrupted"
    assert b"QA201" in out
