"""Fetching jobs over real HTTP: what is stored, what is asked for, and what goes wrong."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.client import KEY_VARIABLE, AsyncService, Service
from qartifacts.fetching import jobs as fetching_jobs
from qartifacts.serve import serving
from qartifacts.stored.jobs import JobStore
from served_jobs import (
    AGGREGATE,
    BY_NAME,
    H1,
    H2,
    HTML,
    MULTI,
    P1,
    SINGLE,
    STALLING,
    TRUNCATED,
    UNAUTHORIZED,
    UNAVAILABLE,
    WRONG_JSON,
    Artifact,
    Fault,
    Instead,
    Job,
    JobService,
    Saying,
    limited,
    payloads,
    record,
    service,
    store,
)
from servers import Asked, Line, bounded, server
from support import ROOT, Run, unmeasured

EXAMPLES = ROOT / "examples" / "jobs"
KEY = "k3y-that-nobody-else-may-see"


@pytest.fixture(autouse=True)
def _bounded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with bounded(monkeypatch, 30):
        yield


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[JobService]:
    """A service of all jobs."""
    with service(store(tmp_path / "store")) as up:
        yield up


def fetched(up: JobService, job: Job, folder: Path | None = None, **more: Any) -> Any:
    with Service(up.base, timeout=2, **more) as asked:
        return qa.fetch_job(job.id, folder, service=asked)


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a directory, but for those that are not whole yet."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def path_of(job: Job, format: str) -> str:
    (artifact,) = (each for each in job.artifacts if each.format == format)
    return f"/jobs/{job.id}/artifacts/{artifact.id}"


def name_of(job: Job, format: str) -> str:
    (artifact,) = (each for each in job.artifacts if each.format == format)
    return artifact.name


class TestWhatIsStored:
    @pytest.mark.parametrize("name", BY_NAME)
    def test_a_directory_like_the_one_it_came_from(
        self, jobs: JobService, tmp_path: Path, name: str
    ) -> None:
        job = BY_NAME[name]
        found = fetched(jobs, job, tmp_path / "out")
        assert found.ok, [str(report) for report in found.reports]
        assert files_of(tmp_path / "out") == job.files
        assert sorted(jobs.asked) == sorted(job.paths)  # Each once.
        assert {file.fate.value for file in found.files} == {"new"}

    def test_a_check_needs_nothing_else(self, jobs: JobService, tmp_path: Path, run: Run) -> None:
        fetched(jobs, MULTI, tmp_path / "out")
        assert run("check", tmp_path / "out").exit_code == 0

    def test_in_memory_nothing_is_written(
        self, jobs: JobService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "empty").mkdir()
        monkeypatch.chdir(tmp_path / "empty")
        found = fetched(jobs, SINGLE)
        assert found.counts() == {"000": 1, "011": 2, "100": 13, "110": 4}
        assert found.folder is None
        assert files_of(tmp_path / "empty") == {}

    def test_children_come_in_the_order_of_the_record(self, jobs: JobService) -> None:
        counts = fetched(jobs, MULTI).counts()
        assert list(counts) == [child.id for child in MULTI.children]
        assert counts[MULTI.children[1].id] == {"010": 15, "101": 5}

    def test_from_asyncio(self, jobs: JobService, tmp_path: Path) -> None:
        async def both() -> list[qa.FetchedJob]:
            async with AsyncService(jobs.base) as asked:
                stored = qa.fetch_job_async(MULTI.id, tmp_path / "out", service=asked)
                return list(
                    await asyncio.gather(stored, qa.fetch_job_async(SINGLE.id, service=asked))
                )

        stored, held = asyncio.run(both())
        assert stored.ok
        assert files_of(tmp_path / "out") == MULTI.files
        assert held.counts() == {"000": 1, "011": 2, "100": 13, "110": 4}

    def test_progress(self, jobs: JobService) -> None:
        told: list[tuple[int, int | None]] = []
        with Service(jobs.base) as asked:
            qa.fetch_job(MULTI.id, service=asked, progress=lambda *each: told.append(each))
        assert told[-1] == (len(MULTI.paths), len(MULTI.paths))
        assert [done for done, _ in told] == sorted(done for done, _ in told)

    def test_an_artifact_in_several_places_is_fetched_once(self, tmp_path: Path) -> None:
        artifact = Artifact("one", H2, payloads([1] * 20, 3)[H2])
        twice = {"error_mitigation": {"aggregations": {"average": artifact.descriptor}}}
        said = record(SINGLE.id, 3, 20, {H2: artifact.descriptor}, output=twice)
        with service(store(tmp_path / "store", [Job(said, [artifact])])) as up:
            assert fetched(up, Job(said, [artifact])).ok
        assert len(up.asked) == 2

    def test_a_job_that_has_not_ended_is_asked_for_again(self, tmp_path: Path) -> None:
        said = record(SINGLE.id, 3, 20, None, status="started")
        with service(store(tmp_path / "store", [Job(said)])) as up:
            found = fetched(up, SINGLE, tmp_path / "out")
            assert found.ok
            assert len(found.notes) == 1
            store(tmp_path / "store", [SINGLE])
            assert fetched(up, SINGLE, tmp_path / "out").counts()["100"] == 13
        assert files_of(tmp_path / "out") == SINGLE.files


class TestResuming:
    def test_nothing_is_fetched_twice(self, jobs: JobService, tmp_path: Path) -> None:
        fetched(jobs, MULTI, tmp_path / "out")
        jobs.forget()
        found = fetched(jobs, MULTI, tmp_path / "out")
        assert found.ok
        assert jobs.asked == []
        assert {file.fate.value for file in found.files} == {"kept"}

    def test_only_what_is_missing(self, jobs: JobService, tmp_path: Path) -> None:
        fetched(jobs, MULTI, tmp_path / "out")
        child = MULTI.children[1]
        (tmp_path / "out" / "children" / child.id / child.artifacts[0].name).unlink()
        (tmp_path / "out" / name_of(MULTI, AGGREGATE)).unlink()
        jobs.forget()
        assert fetched(jobs, MULTI, tmp_path / "out").ok
        expected = {path_of(MULTI, AGGREGATE), path_of(child, child.artifacts[0].format)}
        assert set(jobs.asked) == expected
        assert files_of(tmp_path / "out") == MULTI.files

    def test_what_is_not_whole_is_fetched_again(self, jobs: JobService, tmp_path: Path) -> None:
        fetched(jobs, SINGLE, tmp_path / "out")
        path = tmp_path / "out" / name_of(SINGLE, H1)
        path.write_bytes(path.read_bytes()[:-3])
        jobs.forget()
        assert fetched(jobs, SINGLE, tmp_path / "out").ok
        assert jobs.asked == [path_of(SINGLE, H1)]
        assert files_of(tmp_path / "out") == SINGLE.files

    def test_after_a_service_that_went_away(self, tmp_path: Path) -> None:
        gone = path_of(MULTI, AGGREGATE)
        with service(store(tmp_path / "store"), lasting={gone: limited(3600)}) as up:
            with pytest.raises(qa.RateLimited):
                fetched(up, MULTI, tmp_path / "out")
            there = files_of(tmp_path / "out")
            assert "job.json" in there
            up.faults.clear()
            up.forget()
            assert fetched(up, MULTI, tmp_path / "out").ok
        assert files_of(tmp_path / "out") == MULTI.files
        # Nothing of what was there was asked for again.
        assert len(up.asked) == len(MULTI.files) - len(there)

    @pytest.mark.skipif(sys.platform == "win32", reason="processes are not killed there so")
    def test_after_a_kill(self, tmp_path: Path) -> None:
        child = MULTI.children[2]
        stalls = {path_of(child, each.format): STALLING for each in child.artifacts}
        with service(store(tmp_path / "store"), lasting=stalls) as up:
            command = [sys.executable, "-m", "qartifacts", "fetch", "job", MULTI.id]
            command += ["-o", str(tmp_path / "out"), "--base-url", up.base]
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=unmeasured()
            )
            expected = len(MULTI.files) - len(child.artifacts)
            end = time.monotonic() + 20
            while time.monotonic() < end and len(files_of(tmp_path / "out")) < expected:
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            assert len(files_of(tmp_path / "out")) == expected
            up.faults.clear()
            up.forget()
            assert fetched(up, MULTI, tmp_path / "out").ok
        assert sorted(up.asked) == sorted(stalls)
        assert files_of(tmp_path / "out") == MULTI.files

    @pytest.mark.skipif(sys.platform == "win32", reason="signals are other ones there")
    def test_whoever_interrupts_it_does_not_wait(self, tmp_path: Path) -> None:
        child = MULTI.children[2]
        stalls = {path_of(child, each.format): STALLING for each in child.artifacts}
        with service(store(tmp_path / "store"), lasting=stalls) as up:
            command = [sys.executable, "-m", "qartifacts", "fetch", "job", MULTI.id]
            command += ["-o", str(tmp_path / "out"), "--base-url", up.base]
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=unmeasured()
            )
            expected = len(MULTI.files) - len(child.artifacts)
            end = time.monotonic() + 20
            while time.monotonic() < end and len(files_of(tmp_path / "out")) < expected:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=10)  # A silent service has thirty seconds.
        assert process.returncode == 130
        assert b"Traceback" not in told
        assert len(files_of(tmp_path / "out")) == expected

    def test_nothing_is_written_once_it_is_cancelled(
        self, jobs: JobService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        writing = threading.Event()

        def slowly(path: str, data: bytes) -> None:
            writing.set()
            time.sleep(0.3)
            Path(path).write_bytes(data)

        monkeypatch.setattr(fetching_jobs, "write_whole", slowly)

        async def cancelled() -> dict[str, bytes]:
            async with AsyncService(jobs.base) as asked:
                fetch = qa.fetch_job_async(SINGLE.id, tmp_path / "out", service=asked)
                task = asyncio.ensure_future(fetch)
                await asyncio.to_thread(writing.wait, 10)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert asyncio.all_tasks() == {asyncio.current_task()}
                return files_of(tmp_path / "out")

        there = asyncio.run(cancelled())
        assert there == {"job.json": SINGLE.data}
        assert files_of(tmp_path / "out") == there

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
    def test_a_link_is_replaced_and_not_followed(self, jobs: JobService, tmp_path: Path) -> None:
        precious = tmp_path / "precious"
        precious.write_bytes(b"mine")
        (tmp_path / "out").mkdir()
        for name in ("job.json", name_of(SINGLE, P1)):
            (tmp_path / "out" / name).symlink_to(precious)
        (tmp_path / "out" / "job.json").unlink()
        (tmp_path / "out" / "job.json").symlink_to(tmp_path / "nowhere")
        assert fetched(jobs, SINGLE, tmp_path / "out").ok
        assert precious.read_bytes() == b"mine"
        assert not (tmp_path / "nowhere").exists()
        assert not any(path.is_symlink() for path in (tmp_path / "out").iterdir())
        assert files_of(tmp_path / "out") == SINGLE.files

    @pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes there")
    def test_a_pipe_is_not_written_to(self, jobs: JobService, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        os.mkfifo(tmp_path / "out" / "job.json")
        with pytest.raises(OSError, match="no file"):
            fetched(jobs, SINGLE, tmp_path / "out")

    @pytest.mark.parametrize("data", [b'{"jobs": []}', b"[]", b'{"id": 3}'])
    def test_a_file_of_that_name_that_is_no_record_is_left_alone(
        self, jobs: JobService, tmp_path: Path, data: bytes
    ) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "job.json").write_bytes(data)
        with pytest.raises(ValueError, match="no record"):
            fetched(jobs, SINGLE, tmp_path / "out")
        assert jobs.asked == []
        assert files_of(tmp_path / "out") == {"job.json": data}

    @pytest.mark.parametrize("shape", ["cut off", "not good"])
    def test_a_record_that_is_not_whole_is_fetched_again(
        self, jobs: JobService, tmp_path: Path, shape: str
    ) -> None:
        broken = json.dumps({**SINGLE.record, "status": 3}).encode()
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "job.json").write_bytes(
            SINGLE.data[:-40] if shape == "cut off" else broken
        )
        assert fetched(jobs, SINGLE, tmp_path / "out").ok
        assert files_of(tmp_path / "out") == SINGLE.files

    def test_again(self, jobs: JobService, tmp_path: Path, run: Run) -> None:
        """What passes its own check, and is contradicted, is not mended by repeating."""
        fetched(jobs, SINGLE, tmp_path / "out")
        (tmp_path / "out" / name_of(SINGLE, H1)).write_bytes(b'{"1":19}')
        command = ("fetch", "job", SINGLE.id, "--base-url", jobs.base, "-o", tmp_path / "out")
        for more in ((), ("-v",)):
            repeated = run(*command, *more)
            assert repeated.exit_code == 1
            assert repeated.stdout.count("QA302") == 1
            assert "--again" in repeated.stdout
        jobs.forget()
        assert run(*command, "--again").exit_code == 0
        assert sorted(jobs.asked) == sorted(SINGLE.paths)
        assert files_of(tmp_path / "out") == SINGLE.files

    def test_a_directory_of_another_job_is_left_alone(
        self, jobs: JobService, tmp_path: Path
    ) -> None:
        fetched(jobs, SINGLE, tmp_path / "out")
        jobs.forget()
        with pytest.raises(ValueError, match="another job"):
            fetched(jobs, MULTI, tmp_path / "out")
        assert jobs.asked == []
        assert files_of(tmp_path / "out") == SINGLE.files


class TestFaults:
    @pytest.mark.parametrize(
        "faults",
        [[UNAVAILABLE], [limited(0)], [TRUNCATED], [UNAVAILABLE, TRUNCATED, limited(0)]],
        ids=["503", "429", "cut off", "all"],
    )
    def test_what_passes(self, tmp_path: Path, faults: list[Fault]) -> None:
        planned = dict.fromkeys(SINGLE.paths, faults)
        with service(store(tmp_path / "store"), planned) as up:
            assert fetched(up, SINGLE, tmp_path / "out").ok
        assert files_of(tmp_path / "out") == SINGLE.files

    def test_a_stall(self, tmp_path: Path) -> None:
        planned: dict[str, list[Fault]] = {path_of(SINGLE, P1): [STALLING]}
        with (
            service(store(tmp_path / "store"), planned) as up,
            Service(up.base, timeout=0.5) as asked,
        ):
            with pytest.raises(qa.Unreachable):
                qa.fetch_job(SINGLE.id, tmp_path / "out", service=asked)
            assert qa.fetch_job(SINGLE.id, tmp_path / "out", service=asked).ok
        assert up.asked.count(path_of(SINGLE, P1)) == 2

    def test_an_answer_that_always_breaks_off(self, tmp_path: Path) -> None:
        lasting = {path_of(SINGLE, P1): TRUNCATED}
        with service(store(tmp_path / "store"), lasting=lasting) as up:
            found = fetched(up, SINGLE, tmp_path / "out", attempts=2)
        assert [file.fate.value for file in found.files if not file.ok] == ["failed"]
        assert len(files_of(tmp_path / "out")) == len(SINGLE.files) - 1

    @pytest.mark.parametrize("status", [401, 429])
    def test_what_does_not_pass(self, tmp_path: Path, status: int) -> None:
        fault = UNAUTHORIZED if status == 401 else limited(3600)
        lasting = {path_of(SINGLE, P1): fault}
        kind = qa.KeyNeeded if status == 401 else qa.RateLimited
        with service(store(tmp_path / "store"), lasting=lasting) as up, pytest.raises(kind):
            fetched(up, SINGLE, tmp_path / "out")

    def test_the_key(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
        monkeypatch.setenv(KEY_VARIABLE, KEY)
        with service(store(tmp_path / "store"), key=KEY) as up:
            result = run("fetch", "job", SINGLE.id, "-o", tmp_path / "out", "--base-url", up.base)
        assert result.exit_code == 0, result.output
        assert KEY not in result.output
        assert all(KEY.encode() not in data for data in files_of(tmp_path / "out").values())

    @pytest.mark.parametrize(
        ("fault", "shown"),
        [
            (WRONG_JSON, b'{"0": 0.5, "1"'),
            (HTML, HTML.body),
            (Instead(b'{"1": 0.5}'), b'{"1": 0.5}'),
        ],
        ids=["cut off", "a page", "wrong"],
    )
    def test_what_is_wrong_is_kept_aside(
        self, tmp_path: Path, fault: Fault, shown: bytes, run: Run
    ) -> None:
        lasting = {path_of(SINGLE, P1): fault}
        with service(store(tmp_path / "store"), lasting=lasting) as up:
            found = fetched(up, SINGLE, tmp_path / "out")
        assert not found.ok
        (rejected,) = (file for file in found.files if not file.ok)
        aside = Path(rejected.path)
        assert aside.name.endswith(".rejected.json")
        assert aside.read_bytes() == shown
        findings = aside.with_name(aside.name.replace(".rejected.json", ".rejected.txt"))
        assert up.base in findings.read_text(encoding="utf-8")
        assert name_of(SINGLE, P1) not in files_of(tmp_path / "out")
        assert len(files_of(tmp_path / "out")) == len(SINGLE.files) + 1
        # It can be fetched once the service has mended it.
        up_again = service(store(tmp_path / "store"))
        with up_again as up:
            again = fetched(up, SINGLE, tmp_path / "out")
        assert again.files[-1].fate == "new"
        assert [aside.name in note for note in again.notes] == [True]

    def test_what_the_service_does_not_have(self, tmp_path: Path) -> None:
        missing = path_of(MULTI, AGGREGATE)
        child = MULTI.children[0]
        lasting = {missing: Saying(404), f"/jobs/{child.id}": Saying(404)}
        with service(store(tmp_path / "store"), lasting=lasting) as up:
            found = fetched(up, MULTI, tmp_path / "out")
        assert [file.fate.value for file in found.files if not file.ok] == ["failed"] * 2
        assert len(files_of(tmp_path / "out")) == len(MULTI.files) - 1 - len(child.files)

    def test_no_such_job(self, jobs: JobService, tmp_path: Path) -> None:
        with pytest.raises(qa.NotFound), Service(jobs.base) as asked:
            qa.fetch_job("00000000-0000-0000-0000-000000000000", tmp_path / "out", service=asked)
        assert not (tmp_path / "out").exists()

    def test_an_id_that_is_none(self) -> None:
        for id in ("", "../x", "06b27432", "06b27432-0001-7a0f-8000-1b9e2d6a4f01/../.."):
            with pytest.raises(ValueError, match="UUID"):
                qa.fetch_job(id)

    def test_the_record_of_another_job(self, tmp_path: Path) -> None:
        lasting = {f"/jobs/{SINGLE.id}": Instead(MULTI.data)}
        with (
            service(store(tmp_path / "store"), lasting=lasting) as up,
            pytest.raises(qa.BadAnswer),
        ):
            fetched(up, SINGLE, tmp_path / "out")
        assert not (tmp_path / "out").exists()

    def test_a_record_that_is_wrong(self, tmp_path: Path) -> None:
        lasting = {f"/jobs/{SINGLE.id}": Instead(b'{"id": 3}')}
        with (
            service(store(tmp_path / "store"), lasting=lasting) as up,
            pytest.raises(qa.InvalidArtifact),
        ):
            fetched(up, SINGLE, tmp_path / "out")
        assert set(files_of(tmp_path / "out")) == {"job.rejected.json", "job.rejected.txt"}

    def test_results_that_contradict_each_other_are_stored_and_told(self, tmp_path: Path) -> None:
        lasting = {path_of(SINGLE, H1): Instead(b'{"1":19}')}
        with service(store(tmp_path / "store"), lasting=lasting) as up:
            found = fetched(up, SINGLE, tmp_path / "out")
        assert all(file.ok for file in found.files)
        assert not found.ok
        assert [each.code for each in found.report.findings] == ["QA302"]
        with pytest.raises(qa.InvalidArtifact):
            found.counts()

    def test_records_that_name_each_other(self, tmp_path: Path) -> None:
        ids = [child.id for child in MULTI.children[:2]]
        circle = [
            Job(record(id, 1, 20, None, child_job_ids=[other, id, "no uuid"]))
            for id, other in zip(ids, reversed(ids), strict=True)
        ]
        with service(store(tmp_path / "store", circle)) as up:
            found = fetched(up, circle[0], tmp_path / "out")
        assert sorted(up.asked) == sorted(f"/jobs/{id}" for id in ids)
        assert len(found.notes) >= 3

    def test_a_file_that_cannot_be_written(self, jobs: JobService, tmp_path: Path) -> None:
        (tmp_path / "out").write_bytes(b"a file")
        with pytest.raises(OSError, match="out"):
            fetched(jobs, SINGLE, tmp_path / "out")


class TestUrls:
    """Older entries of ``results``, which give URLs."""

    def _older(self, url: str) -> Job:
        return Job(record(SINGLE.id, 3, 20, {"probabilities": {"url": url}}))

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.2/v0.4/jobs/{id}/results/probabilities",
            "//127.0.0.2/v0.4/jobs/{id}/results/probabilities",
            "https://{host}/v0.4/jobs/{id}/results/probabilities",
            "/v0.4/jobs/00000000-0000-0000-0000-000000000000/results/probabilities",
            "file:///etc/passwd",
        ],
    )
    def test_other_places_are_not_asked(self, tmp_path: Path, url: str) -> None:
        folder = tmp_path / "store"
        with service(store(folder, [])) as up:
            host = up.server.base.partition("//")[2]
            job = self._older(url.format(id=SINGLE.id, host=host))
            store(folder, [job])
            found = fetched(up, job, tmp_path / "out")
        assert up.asked == [f"/jobs/{job.id}"]
        assert [file.fate.value for file in found.files] == ["new", "failed"]
        assert not found.ok

    def test_a_descriptor_of_the_same_format_goes_before(self, tmp_path: Path) -> None:
        artifact = Artifact("one", P1, payloads([1] * 20, 3)[P1])
        url = f"/v0.4/jobs/{SINGLE.id}/results/probabilities"
        said = record(SINGLE.id, 3, 20, {"probabilities": {"url": url}, P1: artifact.descriptor})
        with service(store(tmp_path / "store", [Job(said, [artifact])])) as up:
            assert fetched(up, SINGLE, tmp_path / "out").ok
        assert up.asked == [f"/jobs/{SINGLE.id}", f"/jobs/{SINGLE.id}/artifacts/one"]


class TestManyChildren:
    def test_eight_at_a_time(self, tmp_path: Path) -> None:
        """Bounded, and yet side by side: forty children whose answers take a while each."""
        ids = [f"06b27432-1{at:03x}-7a0f-8000-1b9e2d6a4f01" for at in range(40)]
        parent = Job(record(MULTI.id, 1, 20, None, child_job_ids=ids, type="ionq.multi-circuit.v1"))
        bodies = {id: Job(record(id, 1, 20, None, parent_job_id=MULTI.id)).data for id in ids}
        bodies[MULTI.id] = parent.data
        at_work = 0
        most = 0

        def answer(asked: Asked, line: Line) -> None:
            nonlocal at_work, most
            at_work += 1
            most = max(most, at_work)
            time.sleep(0.02)
            at_work -= 1
            id = asked.path.rpartition("/")[2]
            line.reply(200, bodies[id], Content_Type="application/json")

        with server(answer) as up, Service(up.base) as asked:
            found = qa.fetch_job(MULTI.id, tmp_path / "out", service=asked)
        assert found.ok
        assert list(found.children) == ids
        assert 2 <= most <= 8


class TestCommand:
    def test_from_the_examples(self, tmp_path: Path, run: Run) -> None:
        with serving(qa.Registry.bundled(), jobs=JobStore(EXAMPLES)) as url:
            for folder in sorted(EXAMPLES.iterdir()):
                id = json.loads((folder / "job.json").read_bytes())["id"]
                out = tmp_path / folder.name
                result = run("fetch", "job", id, "--base-url", f"{url}/v0.4", "-o", out)
                assert result.exit_code == 0, result.output
                assert files_of(out) == files_of(folder)
                assert run("check", out).exit_code == 0

    def test_the_directory_is_called_after_the_job(
        self, jobs: JobService, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        result = run("fetch", "job", SINGLE.id.upper(), "--base-url", jobs.base)
        assert result.exit_code == 0, result.output
        assert f"in {SINGLE.id}" in result.output
        assert files_of(Path(SINGLE.id)) == SINGLE.files

    def test_what_is_told(self, tmp_path: Path, run: Run) -> None:
        faults = {path_of(SINGLE, P1): WRONG_JSON, path_of(SINGLE, H1): Instead(b'{"1":19}')}
        with service(store(tmp_path / "store"), lasting=faults) as up:
            result = run("fetch", "job", SINGLE.id, "--base-url", up.base, "-o", tmp_path / "out")
            assert result.exit_code == 1
            assert result.stdout.count("QA302") == 1
            assert result.stdout.count("rejected") >= 2
            again = run(
                "fetch", "job", SINGLE.id, "--base-url", up.base, "-o", tmp_path / "out", "-v"
            )
        assert again.stdout.count(" kept") >= len(SINGLE.files) - 1

    @pytest.mark.parametrize(
        "arguments",
        [("no-uuid",), (SINGLE.id, "--base-url", "ftp://127.0.0.1"), (SINGLE.id, "-o", "")],
        ids=["no uuid", "no base", "no directory"],
    )
    def test_misuse(self, run: Run, jobs: JobService, arguments: tuple[str, ...]) -> None:
        base = () if "--base-url" in arguments else ("--base-url", jobs.base)
        result = run("fetch", "job", *arguments, *base)
        assert result.exit_code == 2
        assert "Traceback" not in result.output

    def test_no_such_job(self, jobs: JobService, run: Run) -> None:
        result = run(
            "fetch", "job", "00000000-0000-0000-0000-000000000000", "--base-url", jobs.base
        )
        assert result.exit_code == 2
        assert result.stdout == ""

    def test_a_rejected_record(self, tmp_path: Path, run: Run) -> None:
        lasting = {f"/jobs/{SINGLE.id}": Instead(b"[")}
        with service(store(tmp_path / "store"), lasting=lasting) as up:
            result = run("fetch", "job", SINGLE.id, "--base-url", up.base, "-o", tmp_path / "out")
        assert result.exit_code == 1
        assert (tmp_path / "out" / "job.rejected.json").read_bytes() == b"["


class TestCorners:
    def test_a_service_of_its_own(
        self, jobs: JobService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr("qartifacts.client.Service", lambda: Service(jobs.base))
        monkeypatch.setattr("qartifacts.client.AsyncService", lambda: AsyncService(jobs.base))
        assert qa.fetch_job(SINGLE.id).ok
        older = asyncio.run(qa.fetch_job_async(BY_NAME["older"].id, tmp_path / "out"))
        assert older.ok
        assert files_of(tmp_path / "out") == BY_NAME["older"].files

    def test_whoever_asks_gives_up(self, jobs: JobService, tmp_path: Path) -> None:
        def stop(done: int, total: int | None) -> None:
            if done == 1:  # The record is there, and nothing is under way.
                raise KeyboardInterrupt

        with Service(jobs.base) as asked, pytest.raises(KeyboardInterrupt):
            qa.fetch_job(SINGLE.id, tmp_path / "out", service=asked, progress=stop)
        assert "job.json" in files_of(tmp_path / "out")

    def test_a_task_that_is_cancelled(self, tmp_path: Path) -> None:
        async def fetch(base: str) -> None:
            async with AsyncService(base, timeout=5) as asked:
                await asyncio.wait_for(
                    qa.fetch_job_async(SINGLE.id, tmp_path / "out", service=asked), 1
                )

        lasting = {path_of(SINGLE, P1): STALLING}
        with (
            service(store(tmp_path / "store"), lasting=lasting) as up,
            pytest.raises(TimeoutError),
        ):
            asyncio.run(fetch(up.base))
        assert len(files_of(tmp_path / "out")) == len(SINGLE.files) - 1

    @pytest.mark.parametrize("body", [b"[", SINGLE.data], ids=["wrong", "of another job"])
    def test_a_record_of_a_child_that_is_wrong(self, tmp_path: Path, body: bytes) -> None:
        child = MULTI.children[0]
        lasting = {f"/jobs/{child.id}": Instead(body)}
        with service(store(tmp_path / "store"), lasting=lasting) as up:
            found = fetched(up, MULTI, tmp_path / "out")
        assert [file.fate.value for file in found.files if not file.ok] == ["rejected"]
        aside = tmp_path / "out" / "children" / child.id / "job.rejected.json"
        assert aside.read_bytes() == body

    def test_a_stored_child_that_is_another_is_fetched_again(
        self, jobs: JobService, tmp_path: Path
    ) -> None:
        fetched(jobs, MULTI, tmp_path / "out")
        child, other = MULTI.children[:2]
        (tmp_path / "out" / "children" / child.id / "job.json").write_bytes(other.data)
        jobs.forget()
        assert fetched(jobs, MULTI, tmp_path / "out").ok
        assert jobs.asked == [f"/jobs/{child.id}"]

    def test_formats_that_are_not_pinned(self, tmp_path: Path) -> None:
        artifacts = [
            Artifact("one", "vendor.thing.v1", b'{"a":'),
            Artifact("two", "vendor.text.v1", b"\xff", "text/plain"),
            Artifact("three", "vendor.more.v1", b'{"a": 1}'),
        ]
        nameless = {"id": "", "format": "vendor.other.v1", "media_type": "text/plain"}
        listed = [*(each.descriptor for each in artifacts), nameless]
        output = {"compilation": {"compiled_circuits": {each["format"]: each for each in listed}}}
        job = Job(record(SINGLE.id, 1, 20, None, dry_run=True, output=output), artifacts)
        with service(store(tmp_path / "store", [job])) as up:
            found = fetched(up, job, tmp_path / "out")
        fates = {Path(file.path).name.partition(".")[0]: file.fate.value for file in found.files}
        assert fates == {"job": "new", "one": "rejected", "two": "rejected", "three": "new"}
        assert any("without an id" in note for note in found.notes)

    @pytest.mark.parametrize(
        ("more", "word"),
        [
            ({"status": "failed", "failure": {"code": "InternalError", "message": "oh"}}, "oh"),
            ({"status": "canceled"}, "canceled"),
            ({"dry_run": True}, "no artifacts"),
        ],
        ids=["failed", "canceled", "dry run"],
    )
    def test_what_there_is_to_know_of_it(
        self, tmp_path: Path, more: dict[str, Any], word: str
    ) -> None:
        job = Job(record(SINGLE.id, 1, 20, None, **more))
        with service(store(tmp_path / "store", [job])) as up:
            (note,) = fetched(up, job).notes
        assert word in note
