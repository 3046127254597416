"""Archives: members are checked where they lie, and whatever is in them, it stays bounded."""

from __future__ import annotations

import gzip
import io
import random
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from support import Run

GOOD = b'{"0": 0.5, "3": 0.5}'
BAD = b'{"0": 0.5, "3": 0.4}'
P1 = "ionq.result.probabilities.json.v1"
H1 = "ionq.result.histogram.json.v1"

#: What is packed: names and bytes, or only a ``TarInfo`` or ``ZipInfo``.
Members = Iterable[tuple[Any, bytes]]


def tarred(members: Members, packed: bool = False, format: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w", format=format, encoding="utf-8", errors="surrogateescape"
    ) as archive:
        for member, data in members:
            info = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(buffer.getvalue()) if packed else buffer.getvalue()


def zipped(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for member, data in members:
            archive.writestr(member, data)
    return buffer.getvalue()


#: Ways to pack members, with the ending of the file.
WAYS: dict[str, Callable[[Members], bytes]] = {
    "a.tar": tarred,
    "a.tar.gz": lambda members: tarred(members, packed=True),
    "a.tgz": lambda members: tarred(members, packed=True),
    "a.zip": zipped,
}
each_way = pytest.mark.parametrize("name", WAYS)


def codes(report: qa.Report) -> list[str]:
    return [finding.code for finding in report.findings]


class Check:
    """Checks an archive of some members, in an empty directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def reports(self, name: str, data: bytes, **settings: Any) -> list[qa.Report]:
        (self._folder / name).write_bytes(data)
        reports = list(qa.check_many([self._folder / name], settings=qa.Settings(**settings)))
        assert [path.name for path in self._folder.iterdir()] == [name]  # Nothing was unpacked.
        assert {report.source for report in reports} == {str(self._folder / name)}
        (self._folder / name).unlink()
        return reports

    def __call__(self, name: str, data: bytes, **settings: Any) -> list[tuple[str, list[str]]]:
        """Each member with the codes of its findings."""
        return [(each.member, codes(each)) for each in self.reports(name, data, **settings)]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Check(folder)


class TestMembers:
    @each_way
    def test_results_are_checked_in_their_order(self, check: Check, name: str) -> None:
        members = [
            ("b.json", GOOD),
            ("deep/er/a.json", b'{"0": 0.5,\n"0": 0.5}'),
            (f"{H1}.json.gz", gzip.compress(b'{"0": 2}')),
            ("runs.ndjson", GOOD + b"\n\n" + BAD),
            ("more/runs.jsonl.gz", gzip.compress(BAD + b"\n" + GOOD)),
            ("README.md", b"not looked at"),
            ("a.txt.gz", b"neither"),
        ]
        reports = check.reports(name, WAYS[name](members))
        assert [(each.member, codes(each)) for each in reports] == [
            ("b.json", []),
            ("deep/er/a.json", ["QA008"]),
            (f"{H1}.json.gz", []),
            ("runs.ndjson:1", []),
            ("runs.ndjson:3", ["QA201"]),
            ("more/runs.jsonl.gz:1", ["QA201"]),
            ("more/runs.jsonl.gz:2", []),
        ]
        lines = [finding.line for report in reports for finding in report.findings]
        assert lines == [2, 3, 1]
        assert [each.format for each in reports][:3] == [P1, None, H1]

    @each_way
    def test_what_a_walk_leaves_out_is_left_out(self, check: Check, name: str) -> None:
        left = [".a.json", "__MACOSX/._a.json", ".git/a.json", "node_modules/a.json", "a.JSON"]
        members = [(each, BAD) for each in left] + [("./a.json", GOOD), ("x/../b.json", GOOD)]
        assert check(name, WAYS[name](members)) == [("./a.json", []), ("x/../b.json", [])]

    @each_way
    def test_one_without_results_is_noted(self, check: Check, name: str) -> None:
        for members in ([], [("README", b"")], [(".a.json", GOOD)]):
            assert check(name, WAYS[name](members)) == [("", ["QA018"])]

    @each_way
    def test_names_are_hostile(self, check: Check, name: str) -> None:
        names = ["../../up.json", "/etc/root.json", "C:\\x.json", "\x1b[31m\r\n.json", "$(x).json"]
        data = WAYS[name]([(each, GOOD) for each in names])
        assert check(name, data) == [(each, []) for each in names]

    def test_they_do_not_drive_the_terminal(self, run: Run) -> None:
        Path("a.tar").write_bytes(tarred([("\x1b]0;owned\x07\n.json", BAD)]))
        result = run("check", "a.tar", "-v")
        assert "\x1b" not in result.stdout
        assert "\\x1b]0;owned\\x07\\n.json" in result.stdout

    @each_way
    def test_long_names_are_cut(self, check: Check, name: str) -> None:
        ((member, found),) = check(name, WAYS[name]([("n" * 30_000 + ".json", BAD)]))
        assert found == ["QA201"]
        assert len(member) < 1_100
        assert member.endswith("n.json")

    def test_names_that_are_not_utf_8(self, check: Check) -> None:
        assert check("a.tar", tarred([("caf\udce9.json", BAD)])) == [
            ("caf\udce9.json", ["QA201", "QA023"])
        ]

    @each_way
    def test_a_name_may_come_twice(self, check: Check, name: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("warnings.warn", lambda *_, **__: None)
            data = WAYS[name]([("a.json", GOOD), ("a.json", BAD)])
        assert check(name, data) == [("a.json", []), ("a.json", ["QA201"])]

    @each_way
    def test_archives_within_are_not_opened(self, check: Check, name: str) -> None:
        inner = zipped([("a.json", GOOD)])
        members = [("in.zip", inner), ("in.tar.gz", b""), (".in.zip", b""), ("a.json", GOOD)]
        assert check(name, WAYS[name](members)) == [
            ("in.zip", ["QA018"]),
            ("in.tar.gz", ["QA018"]),
            ("a.json", []),
        ]

    @pytest.mark.parametrize(
        "type",
        [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
    )
    def test_links_and_devices_of_tar(self, check: Check, type: bytes) -> None:
        special = tarfile.TarInfo("a.json")
        special.type = type
        special.linkname = "/etc/passwd"
        unasked = tarfile.TarInfo("dev/null")
        unasked.type = type
        data = tarred([(special, b""), (unasked, b""), ("b.json", GOOD)])
        assert check("a.tar", data) == [("a.json", ["QA018"]), ("b.json", [])]

    def test_links_and_devices_of_zip(self, check: Check) -> None:
        members = []
        for name, mode in [("link.json", 0o120777), ("pipe.json", 0o010600), ("a.json", 0o100600)]:
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = mode << 16
            members.append((info, GOOD))
        assert check("a.zip", zipped(members)) == [
            ("link.json", ["QA018"]),
            ("pipe.json", ["QA018"]),
            ("a.json", []),
        ]

    @each_way
    def test_a_named_archive_may_hold_something_else(self, check: Check, name: str) -> None:
        (report,) = check.reports(name, WAYS[name]([("package.json", b'{"name": "x"}')]))
        assert report.skipped
        (report,) = check.reports(name, WAYS[name]([("job.json", b'{"id": "x"}')]))
        assert report.skipped

    def test_the_name_does_not_tell_whether_a_tar_is_packed(self, check: Check) -> None:
        members = [("a.json", GOOD)]
        assert check("a.tar", tarred(members, packed=True)) == [("a.json", [])]
        assert check("a.tgz", tarred(members)) == [("a.json", [])]

    def test_stored_members_of_zip(self, check: Check) -> None:
        assert check("a.zip", zipped([("a.json", GOOD)], zipfile.ZIP_STORED)) == [("a.json", [])]


class TestBroken:
    @each_way
    @pytest.mark.parametrize("data", [b"", b"PK", b"\x1f\x8b", GOOD, b"x" * 5000])
    def test_what_is_no_archive(self, check: Check, name: str, data: bytes) -> None:
        assert check(name, data) == [("", ["QA016"])]

    @pytest.mark.parametrize("name", ["a.tar", "a.tgz"])
    def test_a_tar_that_is_cut_off_is_always_noticed(self, check: Check, name: str) -> None:
        members = [(f"{number}.json", GOOD) for number in range(3)]
        data = WAYS[name](members)
        end = len(data) if name.endswith("gz") else 3 * 1024 + 512
        seen = set()
        for length in range(0, end, 37 if name == "a.tar" else 1):
            *whole, last = check(name, data[:length])
            assert last == ("", ["QA016"])
            assert whole == [(each, []) for each, _ in members][: len(whole)]
            seen.add(len(whole))
        assert seen == ({0, 1, 2, 3} if name == "a.tar" else {0, 3})

    def test_what_follows_the_end_of_a_tar(self, check: Check) -> None:
        data = tarred([("a.json", GOOD)])
        assert check("a.tar", data + bytes(1 << 20)) == [("a.json", [])]
        assert check("a.tar", data + data) == [("a.json", []), ("", ["QA016"])]
        assert check("a.tar", data[:1536] + data) == [("a.json", []), ("", ["QA016"])]

    @pytest.mark.parametrize("around", ["before", "behind", "archive"])
    def test_what_stands_around_a_zip(self, check: Check, around: str) -> None:
        data = zipped([("a.json", GOOD)])
        whole = {
            "before": b"\n" * 400 + data,
            "behind": data + b"\n" * 400,
            "archive": data + zipped([("b.json", GOOD)]),
        }[around]
        assert [codes for _, codes in check("s.zip", whole)] == [[], ["QA016"]]

    def test_a_header_that_is_none(self, check: Check) -> None:
        data = tarred([("a.json", GOOD), ("b.json", GOOD)])
        damaged = data[:1024] + b"\xff" + data[1025:]
        assert check("a.tar", damaged) == [("a.json", []), ("", ["QA016"])]

    def test_the_end_of_a_packed_tar_is_verified(self, check: Check) -> None:
        data = bytearray(tarred([("a.json", GOOD)], packed=True))
        data[-6] ^= 1  # Of the sum that stands at the end.
        assert check("a.tgz", bytes(data)) == [("a.json", []), ("", ["QA016"])]

    def test_one_broken_member_of_a_zip(self, check: Check) -> None:
        data = zipped([("a.json", GOOD), ("b.json", BAD), ("c.json", GOOD)], zipfile.ZIP_STORED)
        assert check("a.zip", data.replace(BAD, GOOD)) == [
            ("a.json", []),
            ("b.json", ["QA016"]),
            ("c.json", []),
        ]

    @each_way
    def test_broken_compression_within(self, check: Check, name: str) -> None:
        packed = gzip.compress(BAD)
        members = [
            ("a.json.gz", packed[:-1]),
            ("b.ndjson.gz", packed[:-1]),
            ("c.json.gz", BAD),
            ("d.json", GOOD),
        ]
        assert check(name, WAYS[name](members)) == [
            ("a.json.gz", ["QA016"]),
            ("b.ndjson.gz", ["QA016"]),
            ("c.json.gz", ["QA016"]),
            ("d.json", []),
        ]

    def test_encrypted_members_of_zip(self, check: Check) -> None:
        data = bytearray(zipped([("a.json", GOOD), ("b.json", GOOD)]))
        for start, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            data[data.index(start) + offset] |= 1
        assert check("a.zip", bytes(data)) == [("a.json", ["QA001"]), ("b.json", [])]

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_other_methods_of_zip(self, check: Check, method: int) -> None:
        """Whose readers take as much memory as the archive says."""
        assert check("a.zip", zipped([("a.json", GOOD)], method)) == [("a.json", ["QA001"])]

    @pytest.mark.parametrize(
        "headers",
        [
            {"size": "abc"},
            {"size": "-1"},
            {"size": "9" * 30},
            {"GNU.sparse.map": "1,2,x"},
            {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "5"},
            {"GNU.sparse.size": str(1 << 60), "GNU.sparse.map": f"{1 << 59},1"},
            {"path": "\0"},
        ],
    )
    def test_headers_that_make_no_sense(self, check: Check, headers: dict[str, str]) -> None:
        member = tarfile.TarInfo("a.json")
        member.pax_headers = headers
        for report in check.reports("a.tar", tarred([(member, GOOD), ("b.json", GOOD)])):
            assert set(codes(report)) <= {"QA016", "QA018", "QA002", "QA004"}

    @pytest.mark.parametrize("way", [*WAYS])
    def test_mutants(self, check: Check, way: str) -> None:
        """Whatever is changed in an archive, what is said of it is a finding."""
        members = [
            ("a.json", GOOD),
            ("n" * 150 + ".json", BAD),
            ("r.ndjson.gz", gzip.compress(BAD)),
        ]
        data = WAYS[way](members)
        rng = random.Random(20_261_120)
        broken = 0
        for _ in range(300):
            mutant = bytearray(data)
            for _ in range(rng.choice([1, 1, 2, 8])):
                at = rng.randrange(len(mutant) or 1)
                match rng.randrange(3):
                    case 0:
                        mutant[at : at + 1] = rng.randbytes(1)
                    case 1:
                        mutant[at:at] = rng.randbytes(rng.choice([1, 8, 512]))
                    case 2:
                        del mutant[at : at + rng.choice([1, 8, 512])]
            found = check(way, bytes(mutant))
            assert found
            broken += any("QA016" in each for _, each in found)
        assert broken > 50


class TestLimits:
    @each_way
    def test_a_member_may_be_too_large(self, check: Check, name: str) -> None:
        members = [("a.json", GOOD), ("b.json", GOOD + b" "), ("c.json", GOOD)]
        members += [("d.json.gz", gzip.compress(GOOD + b" ")), ("e.ndjson", GOOD + b" \n" + GOOD)]
        assert check(name, WAYS[name](members), max_bytes=len(GOOD) + 40) == [
            ("a.json", []),
            ("b.json", []),
            ("c.json", []),
            ("d.json.gz", []),
            ("e.ndjson:1", []),
            ("e.ndjson:2", []),
        ]
        limited = check(name, WAYS[name](members[:3] + members[4:]), max_bytes=len(GOOD))
        assert limited == [
            ("a.json", []),
            ("b.json", ["QA013"]),
            ("c.json", []),
            ("e.ndjson:1", ["QA013"]),
            ("e.ndjson:2", []),
        ]

    @each_way
    def test_there_may_be_too_many_members(self, check: Check, name: str) -> None:
        members = [(f"{number}.txt", b"") for number in range(9)] + [("a.json", GOOD)]
        data = WAYS[name](members)
        assert check(name, data, max_members=10) == [("a.json", [])]
        assert check(name, data, max_members=9) == [("", ["QA013"])]

    @pytest.mark.parametrize("name", ["a.tgz", "a.zip"])
    def test_it_may_unpack_to_too_much(self, check: Check, name: str) -> None:
        members = [(f"{number}.json", GOOD + b" " * 100_000) for number in range(10)]
        data = WAYS[name](members)
        assert check(name, data, max_unpacked=2_000_000) == [(each, []) for each, _ in members]
        *whole, last = check(name, data, max_unpacked=500_000)
        assert last == ("", ["QA013"])
        assert 3 <= len(whole) <= 5

    @each_way
    @pytest.mark.parametrize("suffix", [".json.gz", ".ndjson.gz"])
    def test_so_may_what_is_packed_in_it_once_more(
        self, check: Check, name: str, suffix: str
    ) -> None:
        packed = gzip.compress(b"\n".join([GOOD + b" " * 50_000] * 2))
        members = [(f"{number}{suffix}", packed) for number in range(20)]
        found = check(name, WAYS[name](members), max_unpacked=500_000)
        assert found[-1] == ("", ["QA013"])
        assert 3 <= len(found) <= 12

    def test_a_plain_tar_unpacks_to_nothing(self, check: Check) -> None:
        data = tarred([("a.json", GOOD + b" " * 100_000)] * 3)
        assert len(check("a.tar", data, max_unpacked=1000)) == 3

    def test_a_member_larger_than_any_disk(self, check: Check) -> None:
        member = tarfile.TarInfo("a.json")
        data = bytearray(tarred([(member, GOOD)]))
        data[124:136] = b"\x80" + b"\0" * 3 + (1 << 62).to_bytes(8, "big")
        data[148:156] = b" " * 8
        data[148:156] = b"%06o\0 " % sum(data[:512])
        for wanted in (b"a.json", b"a.text"):
            named = bytes(data).replace(b"a.json", wanted)
            named = named[:148] + b" " * 8 + named[156:]
            named = named[:148] + b"%06o\0 " % sum(named[:512]) + named[156:]
            assert check("a.tar", named)[-1] == ("", ["QA016"])

    @staticmethod
    def peak(check: Check, name: str, data: bytes, **settings: Any) -> int:
        tracemalloc.start()
        found = check(name, data, **settings)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert any("QA013" in each for _, each in found)
        return peak

    @pytest.mark.parametrize("name", ["a.tgz", "a.zip"])
    @pytest.mark.parametrize("member", ["a.json", "a.ndjson", "a.txt"])
    def test_a_bomb_does_not_fill_the_memory(self, check: Check, name: str, member: str) -> None:
        data = WAYS[name]([(member, bytes(64 << 20)), ("b.json", b" " * 2_000_000)])
        limits = {"max_bytes": 1_000_000, "max_unpacked": 32 << 20}
        assert self.peak(check, name, data, **limits) < 6_000_000

    @pytest.mark.parametrize("type", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
    def test_a_bomb_in_a_header(self, check: Check, type: bytes) -> None:
        header = tarfile.TarInfo("header")
        header.type = type
        header.size = 64 << 20
        block = header.tobuf(tarfile.GNU_FORMAT)
        data = gzip.compress(block + bytes(64 << 20) + tarred([("a.json", GOOD)]))
        assert self.peak(check, "a.tgz", data) < 6_000_000

    def test_headers_of_headers(self, check: Check) -> None:
        header = tarfile.TarInfo("header")
        header.type = tarfile.GNUTYPE_LONGNAME
        header.size = 512
        block = header.tobuf(tarfile.GNU_FORMAT) + b"n".ljust(512, b"\0")
        ((member, (code,)),) = check("a.tar", block * 5000 + tarred([("a.json", GOOD)]))
        assert member == ""
        assert code in ("QA013", "QA016")

    def test_a_directory_of_zip_is_counted_before_it_is_read(self, check: Check) -> None:
        """An entry of 50 bytes becomes an object of hundreds."""
        entry = struct.pack(
            "<4s4B4HL2L5H2L", b"PK\1\2", *[20, 0] * 2, *[0] * 4, 0, 0, 0, 1, *[0] * 6
        )
        directory = (entry + b"x") * 300_000
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(directory), 0, 0)
        data = directory + end
        assert self.peak(check, "a.zip", data, max_members=1000) < 3 * len(data)

    def test_a_directory_of_zip_that_is_said_to_be_huge(
        self, check: Check, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("qartifacts.bulk.members._LARGEST_DIRECTORY", 100)
        assert check("a.zip", zipped([("a" * 100 + ".json", GOOD)])) == [("", ["QA013"])]

    def test_entries_that_share_their_bytes(self, check: Check) -> None:
        """A directory may point to the same bytes again and again."""
        packed = zlib.compressobj(9, zlib.DEFLATED, -15)
        large = bytes(1 << 20)
        stream = packed.compress(large) + packed.flush()
        local = struct.pack(
            "<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, zlib.crc32(large), len(stream), len(large), 6, 0
        )
        entry = struct.pack(
            "<4s4B4HL2L5H2L",
            b"PK\1\2", 20, 0, 20, 0, 0, 8, 0, 0,
            zlib.crc32(large), len(stream), len(large), 6, 0, 0, 0, 0, 0, 0,
        )  # fmt: skip
        body = local + b"a.json" + stream
        directory = (entry + b"a.json") * 500
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 500, 500, len(directory), len(body), 0)
        found = check("a.zip", body + directory + end, max_unpacked=20 << 20)
        assert found[-1][1] in (["QA013"], ["QA016"])
        assert len(found) == 500 or len(found) <= 21
