"""A folder of stored jobs: the names of its files, what is found in it, and how it is served."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import string
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.client import Service
from qartifacts.errors import NotFound
from qartifacts.serve import serving
from qartifacts.stored import (
    LEGACY,
    artifact_name,
    child_name,
    descriptors,
    findings_name,
    ids_by_name,
    is_rejected,
    legacy_name,
    media_type_of,
    owner,
    rejected_name,
)
from qartifacts.stored import jobs as stored_jobs
from qartifacts.stored.devices import DeviceStore
from qartifacts.stored.jobs import JobStore
from served_devices import FORTE, FORTE_FILES, FORTE_ID, FORTE_NOW
from served_jobs import (
    BY_NAME,
    COMPILED,
    DEBIASED,
    H1,
    H2,
    JOBS,
    JSON,
    MULTI,
    OLDER,
    P1,
    P2,
    S1,
    SINGLE,
    TEXT,
    Artifact,
    Job,
    put,
    record,
    store,
)
from support import Run

ID = "06a2099c-f845-7208-8000-8111ee2dccbc"
BINARY = "application/octet-stream"

links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


def _write(folder: Path, value: Any, **files: bytes) -> None:
    """A job's directory; ``__`` in the name of a file is a dot."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "job.json").write_text(json.dumps(value), encoding="utf-8")
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)


class TestNames:
    @pytest.mark.parametrize(
        ("id", "written"),
        [
            (ID, ID),
            ("probabilities-aggregate", "probabilities-aggregate"),
            ("a_1", "a_1"),
            ("a.b", "a%2eb"),
            (".", "%2e"),
            ("..", "%2e%2e"),
            (".a", "%2ea"),
            ("../x", "%2e%2e%2fx"),
            ("a\\b", "a%5cb"),
            ("%2e", "%252e"),
            ("aB", "a%42"),
            ("é", "%c3%a9"),
            ("\x00\n", "%00%0a"),
            ("\ud800", "%ed%a0%80"),
            ("-r", "%2dr"),
            ("~", "%7e"),
            ("job", "%6aob"),
            ("con", "%63on"),
            ("lpt1", "%6cpt1"),
            ("a" * 80, "a" * 80),
        ],
    )
    def test_how_ids_are_written(self, id: str, written: str) -> None:
        assert artifact_name(id) == f"{written}.json"
        assert artifact_name(id, P2) == f"{written}.{P2}.json"

    @pytest.mark.parametrize("id", ["a" * 81, "." * 27, "é" * 5000])
    def test_long_ids(self, id: str) -> None:
        name = artifact_name(id, P1)
        start, tilde, _ = name.partition("~")
        assert tilde
        assert len(name) == len(start) + 1 + 32 + len(f".{P1}.json")
        assert "%" not in start[-2:]
        assert artifact_name(id + "a", P1) != name

    @given(st.sets(st.text(min_size=1, max_size=120), min_size=2, max_size=5))
    @example({"-" + ":" * 40, "-"})
    def test_no_two_ids_have_one_name(self, ids: set[str]) -> None:
        names = {artifact_name(id, S1) for id in ids}
        assert len({name.casefold() for name in names}) == len(ids)
        for name in names:
            assert set(name) <= set(string.ascii_lowercase + string.digits + "-_%~.")
            assert name[0] not in ".-~"
            assert len(rejected_name(name)) < 230
        known = ids_by_name(ids)
        assert {owner(name, known) for name in names} == ids

    @pytest.mark.parametrize(
        ("media_type", "suffix"),
        [
            (JSON, ".json"),
            ("Application/JSON; charset=utf-8", ".json"),
            ("application/schema+json", ".json"),
            (TEXT, ".txt"),
            ("text/x-openqasm;v=3", ".txt"),
            (BINARY, ".bin"),
            ("application/x/json", ".bin"),
            ("", ".bin"),
        ],
    )
    def test_suffixes(self, media_type: str, suffix: str) -> None:
        assert artifact_name("a", P1, media_type) == f"a.{P1}{suffix}"

    @pytest.mark.parametrize("format", [None, "", "../x.v1", "IONQ.native.v1", "x" * 200 + ".v1"])
    def test_what_is_no_format_does_not_stand_there(self, format: str | None) -> None:
        assert artifact_name("a", format) == "a.json"

    def test_what_cannot_be_named(self) -> None:
        with pytest.raises(ValueError, match="empty"):
            artifact_name("")

    @pytest.mark.parametrize("id", [ID, ID.upper()])
    def test_children(self, id: str) -> None:
        assert child_name(id) == ID

    @pytest.mark.parametrize("id", ["", "..", "children", f"{ID}/", f"{ID}\n", ID.replace("-", "")])
    def test_what_can_be_no_child(self, id: str) -> None:
        with pytest.raises(ValueError, match="UUID"):
            child_name(id)

    def test_whose_file_it_is(self) -> None:
        ids = ids_by_name(["a", "a.b", "A", "a%2eb", "", "c"])
        for name, id in [
            ("a.json", "a"),
            (f"a.{P1}.json", "a"),
            ("a", "a"),
            ("a.b.json", "a.b"),
            ("a%2eb.json", "a.b"),  # As it is written, not as another one is called.
            ("a%252eb.json", "a%2eb"),
            ("%41.json", "A"),
            ("A.json", "A"),
            ("c.d.json.gz", "c"),
            ("cd.json", None),
            (".json", None),
            ("", None),
        ]:
            assert owner(name, ids) == id, name

    def test_what_is_kept_aside(self) -> None:
        for name, rejected, findings in [
            ("a.json", "a.rejected.json", "a.rejected.txt"),
            ("d/a.b.bin", "d/a.b.rejected.bin", "d/a.b.rejected.txt"),
            ("a.txt", "a.rejected.txt", "a.rejected.findings.txt"),
            ("a", "a.rejected", "a.rejected.txt"),
        ]:
            assert (rejected_name(name), findings_name(name)) == (rejected, findings)
            assert is_rejected(rejected)
            assert is_rejected(findings)
            assert not is_rejected(name)
        assert is_rejected("a.rejected.json.gz")
        assert not is_rejected("rejected.json")

    @pytest.mark.parametrize(
        ("name", "media_type"),
        [("a.json", JSON), ("a.json.gz", JSON), ("a.txt", TEXT), ("a.bin", BINARY), ("a.md", None)],
    )
    def test_media_types(self, name: str, media_type: str | None) -> None:
        assert media_type_of(name) == media_type

    def test_older_results(self) -> None:
        assert {legacy_name(word) for word in LEGACY} == {
            f"probabilities.{P1}.json",
            f"histogram.{H1}.json",
            f"shots.{S1}.json",
        }

    def test_descriptors_are_found_wherever_they_stand(self) -> None:
        found = sorted(each[:3] for each in descriptors(DEBIASED.record))
        stored = sorted((each.id, each.format, each.media_type) for each in DEBIASED.artifacts)
        assert found == stored
        odd = [5, {"id": 1, "format": "b"}, {"x": {"id": "a", "format": "b", "media_type": None}}]
        (one,) = descriptors(odd)
        assert one == ("a", "b", "", (2, "x"))


class TestDetection:
    def test_names_as_they_are_written_tell_the_format(self, folder: Path) -> None:
        put(folder, COMPILED)
        [first] = [each for each in COMPILED.artifacts if each.format == P1]
        path = folder / artifact_name(first.id)
        (folder / first.name).rename(path)
        report = qa.check(path)  # Without its record, it could also be a histogram.
        assert (report.format, report.ok) == (P1, True)

    def test_a_long_id(self, folder: Path) -> None:
        given = Artifact("x." * 200, H1, b'{"1":1}')
        put(folder, Job(record(ID, 1, 1, {H1: given.descriptor}), [given]))
        path = folder / artifact_name(given.id)
        (folder / given.name).rename(path)
        assert qa.check(path).format == H1

    def test_an_id_that_looks_like_another_one_written(self, folder: Path) -> None:
        one, other = Artifact("a.b", H1, b'{"1":1}'), Artifact("a%2eb", P1, b'{"1":1}')
        _write(folder, {"id": ID, "results": [one.descriptor, other.descriptor]})
        for each in (one, other):
            path = folder / artifact_name(each.id)
            path.write_bytes(each.data)
            assert qa.check(path).format == each.format


class TestStore:
    @pytest.mark.parametrize("name", BY_NAME)
    def test_all_that_is_stored(self, folder: Path, name: str) -> None:
        found = JobStore(store(folder))
        for job in (BY_NAME[name], *BY_NAME[name].children):
            assert found.record(job.id) == job.data
            for each in job.artifacts:
                assert found.artifact(job.id, each.id) == (each.data, each.media_type)
            for word, (_, data) in job.legacy.items():
                assert found.legacy(job.id, word) == (data, JSON)

    def test_the_folder_may_be_a_job_itself(self, folder: Path) -> None:
        put(folder, MULTI)
        found = JobStore(folder)
        assert found.record(MULTI.id.upper()) == MULTI.data
        for child in MULTI.children:
            assert found.record(child.id) == child.data

    def test_the_id_counts_and_not_the_name(self, folder: Path) -> None:
        put(folder / OLDER.id, SINGLE)
        put(folder / "a b", MULTI)
        (folder / "a b/children" / MULTI.children[0].id).rename(folder / "a b/children/x")
        found = JobStore(folder)
        assert found.record(OLDER.id) is None
        for job in (SINGLE, MULTI, *MULTI.children):
            assert found.record(job.id) == job.data

    def test_files_come_and_go(self, folder: Path) -> None:
        found = JobStore(folder)
        assert found.record(SINGLE.id) is None
        put(folder / "one", SINGLE)
        assert found.record(SINGLE.id) == SINGLE.data
        (folder / "one").rename(folder / "two")
        assert found.record(SINGLE.id) == SINGLE.data
        other = json.dumps({**SINGLE.record, "id": ID}).encode()
        (folder / "two/job.json").write_bytes(other)
        assert found.record(SINGLE.id) is None
        assert found.record(ID) == other
        first = SINGLE.artifacts[0]
        assert found.artifact(ID, first.id) == (first.data, JSON)
        (folder / "two" / first.name).unlink()
        assert found.artifact(ID, first.id) is None
        (folder / "two/job.json").unlink()
        assert found.record(ID) is None
        assert found.artifact(ID, first.id) is None
        assert found.legacy(ID, "shots") is None

    def test_records_are_not_read_for_every_question(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(folder / "one", MULTI)
        put(folder / "two", SINGLE)
        found = JobStore(folder)
        read: list[str] = []
        reading = stored_jobs._read

        def counted(path: str) -> bytes:
            read.append(os.path.relpath(path, folder))
            return reading(path)

        monkeypatch.setattr(stored_jobs, "_read", counted)
        child = MULTI.children[1]
        assert found.record(child.id) == child.data
        assert {os.path.dirname(path) for path in read} == {f"one/children/{child.id}"}
        assert found.record(ID) is None
        read.clear()
        assert found.record(ID) is None
        assert read == []
        assert found.record(SINGLE.id) == SINGLE.data
        assert read == [os.path.join("two", "job.json")]

    def test_children_of_children_have_an_end(self, folder: Path) -> None:
        deep = folder
        for _ in range(6):
            deep = deep / "children" / "x"
            _write(deep, {"id": f"{len(deep.parts) - len(folder.parts)}"})
        found = JobStore(folder)
        assert [found.record(str(depth)) is not None for depth in (2, 4, 6, 8)] == [True] * 3 + [
            False
        ]

    @pytest.mark.parametrize("id", ["", ".", "..", "job.json", "one", "../one", "/", "\x00"])
    def test_ids_become_no_paths(self, folder: Path, id: str) -> None:
        put(folder / "one", SINGLE)
        found = JobStore(folder)
        assert found.record(id) is None
        assert found.legacy(id, "shots") is None
        assert found.artifact(SINGLE.id, id) is None
        assert found.artifact(SINGLE.id, f"../one/{SINGLE.artifacts[0].id}") is None
        assert found.legacy(SINGLE.id, id) is None

    def test_records_that_say_nothing(self, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
        for at, data in enumerate([b"", b"[]", b'{"id": 5}', b'{"id": null}', b'{"id"', b"\xff"]):
            (folder / f"{at}").mkdir()
            (folder / f"{at}/job.json").write_bytes(data)
        (folder / "directory/job.json").mkdir(parents=True)
        (folder / "file").touch()
        (folder / "children").touch()
        put(folder / "z", SINGLE)
        found = JobStore(folder)
        assert found.record("5") is None
        assert found.record(SINGLE.id) == SINGLE.data
        assert os.path.join("4", "job.json:1:6") in caplog.text

    def test_a_record_that_is_too_large(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        put(folder / "one", SINGLE)
        monkeypatch.setattr(stored_jobs, "DEFAULTS", qa.Settings(max_bytes=100))
        assert JobStore(folder).record(SINGLE.id) is None
        assert "limit" in caplog.text

    def test_one_that_vanishes_meanwhile(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(folder / "one", SINGLE)
        found = JobStore(folder)
        assert found.record(SINGLE.id)

        def gone(path: str) -> bytes:
            raise FileNotFoundError(2, "gone", path)

        stored_jobs._said.cache_clear()
        monkeypatch.setattr(stored_jobs, "_read", gone)
        monkeypatch.setattr(found, "_id_of", lambda _: SINGLE.id)
        assert found.record(SINGLE.id) is None
        assert found.artifact(SINGLE.id, SINGLE.artifacts[0].id) is None
        assert found.legacy(SINGLE.id, "shots") is None

    def test_a_folder_that_is_none(self, folder: Path) -> None:
        with pytest.raises(FileNotFoundError):
            JobStore(folder / "nowhere")
        found = JobStore(folder)
        folder.rmdir()
        with pytest.raises(FileNotFoundError):
            found.record(ID)

    @links
    def test_no_link_leads_out_of_the_store(self, folder: Path, tmp_path: Path) -> None:
        outside = tmp_path / "store-outside"
        put(outside / "job", SINGLE)
        put(outside / ID, Job({"id": ID}))
        put(folder / "one", MULTI)
        (folder / "two").symlink_to(outside / "job")
        (folder / ID).symlink_to(outside / ID)
        (folder / "three").mkdir()
        (folder / "three/job.json").symlink_to(outside / "job/job.json")
        (folder / "four").mkdir()
        (folder / "four/children").symlink_to(outside)
        name = MULTI.artifacts[0].name
        (folder / "one" / name).unlink()
        (folder / "one" / name).symlink_to(outside / "job/job.json")
        (folder / "one/nothing.json").symlink_to(folder / "nowhere")
        (folder / "one/loop.json").symlink_to("loop.json")
        (folder / "loop").symlink_to("loop")
        found = JobStore(folder)
        assert found.record(SINGLE.id) is None
        assert found.record(ID) is None
        assert found.artifact(MULTI.id, MULTI.artifacts[0].id) is None
        assert found.artifact(MULTI.id, "nothing") is None
        assert found.artifact(MULTI.id, "loop") is None

    @links
    def test_links_within_the_store_are_followed(self, folder: Path) -> None:
        put(folder / "one", SINGLE)
        put(folder / "hidden/more/deeper", OLDER)
        (folder / "two").symlink_to(folder / "hidden/more/deeper")
        (folder / "one/children").symlink_to(folder)  # In a circle.
        found = JobStore(folder)
        assert found.record(OLDER.id) == OLDER.data
        assert found.record(SINGLE.id) == SINGLE.data
        assert found.record(ID) is None

    def test_threads_may_share_it(self, folder: Path) -> None:
        found = JobStore(store(folder))
        wanted = [*JOBS, *MULTI.children] * 20
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(found.record, [job.id for job in wanted])) == [
                job.data for job in wanted
            ]


class TestArtifacts:
    def test_names_that_people_gave(self, folder: Path) -> None:
        given = {"a.b": "a.b.json", "A": f"A.{P1}.json", "c": "c.json.gz"}
        results = [Artifact(id, P1, b"").descriptor for id in given]
        for name in given.values():
            data = b"{}" + name.encode()
            (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        (folder / "a.json").write_bytes(b"another")
        _write(folder, {"id": ID, "results": results})
        found = JobStore(folder)
        for id, name in given.items():
            assert found.artifact(ID, id) == (b"{}" + name.encode(), JSON)
        assert found.artifact(ID, "a") == (b"another", JSON)  # Which the record does not name.

    def test_the_exact_name_goes_before_others(self, folder: Path) -> None:
        given = Artifact("a", H2, b"")
        files = {f"a__{H1}__json".replace(".", "__"): b"1", given.name.replace(".", "__"): b"2"}
        _write(folder, {"id": ID, "x": given.descriptor}, a__bin=b"0", **files)
        found = JobStore(folder)
        assert found.artifact(ID, "a") == (b"2", JSON)
        (folder / given.name).unlink()
        assert found.artifact(ID, "a") == (b"0", JSON)

    @pytest.mark.parametrize(
        ("stated", "told"),
        [
            ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
            ("application/vnd.x+json", "application/vnd.x+json"),
            ("text/plain\r\nSet-Cookie: a", JSON),
            ("text/plain; é", JSON),
            ("nonsense", JSON),
            ("", JSON),
            (None, JSON),
        ],
    )
    def test_media_types(self, folder: Path, stated: str | None, told: str) -> None:
        said = {"id": "a", "format": P1, "media_type": stated}
        _write(folder, {"id": ID, "results": {P1: said}}, a__json=b"{}")
        assert JobStore(folder).artifact(ID, "a") == (b"{}", told)

    def test_what_the_record_does_not_name(self, folder: Path) -> None:
        _write(folder, {"id": ID}, a__txt=b"t", b__bin=b"b", c__md=b"c", **{"%64__json": b"d"})
        found = JobStore(folder)
        assert found.artifact(ID, "a") == (b"t", TEXT)
        assert found.artifact(ID, "b") == (b"b", BINARY)
        assert found.artifact(ID, "c") is None
        assert found.artifact(ID, "d") is None
        assert found.artifact(ID, "%64") is None
        assert found.artifact(ID, "a.txt") is None

    def test_what_is_none(self, folder: Path) -> None:
        (folder / "a.json").mkdir(parents=True)
        (folder / ".0011223344556677.new").touch()
        _write(folder, {"id": ID}, b__rejected__json=b"{}", b__rejected__txt=b"why")
        found = JobStore(folder)
        for id in ("job", "a", "b", "children", "", ".0011223344556677"):
            assert found.artifact(ID, id) is None

    def test_an_artifact_called_like_the_record(self, folder: Path) -> None:
        given = Artifact("job", "no format", b"{}")
        put(folder, Job({"id": ID, "results": [given.descriptor]}, [given]))
        assert JobStore(folder).artifact(ID, "job") == (b"{}", JSON)

    def test_what_cannot_be_read_is_not_missing(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(folder, SINGLE)
        found = JobStore(folder)
        assert found.record(SINGLE.id)
        monkeypatch.setattr(stored_jobs, "DEFAULTS", qa.Settings(max_bytes=10))
        with pytest.raises(OSError, match="limit"):
            found.artifact(SINGLE.id, SINGLE.artifacts[0].id)


class TestLegacy:
    def test_by_descriptor(self, folder: Path) -> None:
        put(folder, SINGLE)
        found = JobStore(folder)
        for word, format in LEGACY.items():
            [wanted] = [each for each in SINGLE.artifacts if each.format == format]
            assert found.legacy(SINGLE.id, word) == (wanted.data, JSON)
        assert found.legacy(SINGLE.id, "job") is None
        assert found.legacy(SINGLE.id, P1) is None

    def test_a_result_that_is_described_and_gone(self, folder: Path) -> None:
        put(folder, SINGLE)
        [wanted] = [each for each in SINGLE.artifacts if each.format == P1]
        (folder / wanted.name).rename(folder / legacy_name("probabilities"))
        assert JobStore(folder).legacy(SINGLE.id, "probabilities") is None

    def test_results_of_variants_are_not_the_jobs(self, folder: Path) -> None:
        put(folder, DEBIASED)
        assert any(each.format == P1 for each in DEBIASED.artifacts)
        assert JobStore(folder).legacy(DEBIASED.id, "probabilities") is None

    def test_by_name(self, folder: Path) -> None:
        _write(folder, {"id": ID, "results": None})
        found = JobStore(folder)
        assert found.legacy(ID, "shots") is None
        (folder / f"mine.{S1}.json").write_bytes(b"1")
        assert found.legacy(ID, "shots") == (b"1", JSON)
        (folder / f"yours.{S1}.json").write_bytes(b"2")
        assert found.legacy(ID, "shots") is None
        (folder / legacy_name("shots")).write_bytes(b"3")
        assert found.legacy(ID, "shots") == (b"3", JSON)
        assert found.legacy(ID, "histogram") is None


def _ask(base: str, path: str, **headers: str) -> tuple[int, bytes, Any]:
    """Ask as no client of ours would: any path, byte for byte."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read(), response.headers
    finally:
        connection.close()


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of jobs, and of device documents beside them."""
    folder = store(tmp_path_factory.mktemp("served") / "store")
    for name, data in FORTE_FILES.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def base(jobs: Path) -> Iterator[str]:
    with serving(qa.Registry.bundled(), store=DeviceStore(jobs), jobs=JobStore(jobs)) as url:
        yield url


class TestServed:
    @pytest.mark.parametrize("prefix", ["", "/v0.4"])
    @pytest.mark.parametrize("name", BY_NAME)
    def test_all_of_a_job(self, base: str, name: str, prefix: str) -> None:
        with Service(base + prefix) as service:
            for job in (BY_NAME[name], *BY_NAME[name].children):
                answer = service.job(job.id)
                assert (answer.data, answer.media_type) == (job.data, JSON)
                for each in job.artifacts:
                    answer = service.artifact(job.id, each.id)
                    assert (answer.data, answer.media_type) == (each.data, each.media_type)
                for word, (_, data) in job.legacy.items():
                    answer = service.legacy(job.record["results"][word]["url"], job.id)
                    assert (answer.data, answer.media_type) == (data, JSON)

    def test_the_type_is_what_the_record_says(self, base: str) -> None:
        [text] = [each for each in COMPILED.artifacts if each.media_type == TEXT]
        path = f"/jobs/{COMPILED.id}/artifacts/{quote(text.id, safe='')}"
        status, body, headers = _ask(base, path)
        assert (status, body, headers["Content-Type"]) == (200, text.data, TEXT)

    def test_what_is_known_is_not_sent_again(self, base: str) -> None:
        path = f"/jobs/{SINGLE.id}/artifacts/{SINGLE.artifacts[0].id}"
        etag = _ask(base, path)[2]["ETag"]
        assert _ask(base, path, **{"If-None-Match": etag})[:2] == (304, b"")

    @pytest.mark.parametrize(
        "path",
        [
            "/jobs",
            "/jobs/",
            f"/jobs/{ID}",
            f"/jobs/{SINGLE.id}/",
            f"/jobs/{SINGLE.id}/artifacts",
            f"/jobs/{SINGLE.id}/artifacts/",
            f"/jobs/{SINGLE.id}/artifacts/job",
            f"/jobs/{SINGLE.id}/artifacts/job.json",
            f"/jobs/{SINGLE.id}/artifacts/..%2f{OLDER.id}%2fjob.json",
            f"/jobs/{SINGLE.id}/artifacts/../../{OLDER.id}/job.json",
            f"/jobs/{SINGLE.id}/artifacts//etc/passwd",
            f"/jobs/{SINGLE.id}/artifacts/%00",
            f"/jobs/{SINGLE.id}/artifacts/%ff",
            f"/jobs/{SINGLE.id}/artifacts/{'x' * 5000}",
            f"/jobs/{SINGLE.id}/artifacts/{SINGLE.artifacts[0].id}.json",
            f"/jobs/{SINGLE.id}/artifacts/{SINGLE.artifacts[0].name}",
            f"/jobs/{OLDER.id}/artifacts/{SINGLE.artifacts[0].id}",
            f"/jobs/{SINGLE.id}/results/",
            f"/jobs/{SINGLE.id}/results/{P1}",
            f"/jobs/{SINGLE.id}/results/probabilities?sharpen=true",
            f"/jobs/{DEBIASED.id}/results/probabilities",
            f"/jobs/..%2f{SINGLE.id}",
            f"/v0.3/jobs/{SINGLE.id}",
            "/jobs/%00",
        ],
    )
    def test_what_is_not_there(self, base: str, path: str) -> None:
        for prefix in ("", "/v0.4") if not path.startswith("/v") else ("",):
            status, body, headers = _ask(base, prefix + path)
            problem = json.loads(body)
            assert (status, problem["statusCode"], problem["error"]) == (
                404,
                404,
                "Not Found Error",
            )
            assert headers["Content-Type"] == JSON
            assert problem["message"].isprintable()
            assert len(problem["message"]) < 700

    def test_sharpening_that_is_not_asked_for(self, base: str) -> None:
        path = f"/jobs/{SINGLE.id}/results/probabilities?sharpen=false"
        assert _ask(base, path)[:2] == (200, SINGLE.artifacts[0].data)

    def test_devices_are_served_beside(self, base: str) -> None:
        with Service(base) as service:
            assert service.characterization(FORTE, FORTE_ID).data == FORTE_NOW
            with pytest.raises(NotFound, match="the store has no job"):
                service.job(FORTE_ID)

    def test_what_cannot_be_read_is_told(
        self, base: str, jobs: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stored_jobs, "DEFAULTS", qa.Settings(max_bytes=10))
        path = f"/jobs/{SINGLE.id}/artifacts/{SINGLE.artifacts[-1].id}"
        status, body, _ = _ask(base, path)
        assert status == 500
        assert str(jobs) not in body.decode()

    def test_without_a_store_there_are_no_jobs(self) -> None:
        with serving(qa.Registry.bundled()) as bare:
            status, body, _ = _ask(bare, f"/jobs/{SINGLE.id}")
            assert status == 404
            assert b"/api-docs" in body
            assert b"/jobs" not in _ask(bare, "/api-docs")[1]

    def test_what_is_said_of_the_paths_is_true(self, base: str) -> None:
        docs = json.loads(_ask(base, "/api-docs")[1])
        assert {"/jobs/{UUID}", "/backends", "/schemas/formats/{format}"} <= docs["paths"].keys()
        asked = 0
        values = {"UUID": SINGLE.id, "artifactId": SINGLE.artifacts[0].id}
        for path, item in docs["paths"].items():
            if not path.startswith("/jobs/"):
                continue
            parameters = {each["name"]: each["schema"] for each in item["get"]["parameters"]}
            words = parameters.get("name", {}).get("enum", [""])
            assert parameters["UUID"]["format"] == "uuid"
            for word in words:
                for server in docs["servers"]:
                    place = server["url"].rstrip("/") + path.format(**values, name=word)
                    status, _, headers = _ask(base, place)
                    assert status == 200, place
                    assert headers["Content-Type"] in item["get"]["responses"]["200"]["content"]
                    asked += 1
        assert asked == 2 * (1 + 1 + 3)

    def test_the_command_takes_such_folders(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        done = run("serve", "--store", tmp_path / "file")
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        help = run("serve", "--help").stdout
        assert "/jobs/{UUID}/artifacts/{artifactId}" in help
