"""The operations of the service that are about jobs, against servers on real sockets."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from operator import methodcaller
from pathlib import Path
from typing import Any, Protocol

import pytest

from qartifacts.client import KEY_VARIABLE, Answer, AsyncService, Service, transport
from qartifacts.errors import BadAnswer, KeyRefused, NotFound, RateLimited, ServiceError
from served_jobs import (
    BY_NAME,
    COMPILED,
    HTML,
    JOBS,
    JSON,
    OLDER,
    PROGRAM,
    SINGLE,
    STALLING,
    TEXT,
    TRUNCATED,
    UNAUTHORIZED,
    UNAVAILABLE,
    WRONG_JSON,
    Fault,
    Job,
    JobService,
    limited,
    service,
    store,
)
from servers import Asked, Line, bounded, closed_port, replying, server

KEY = "k3y-that-nobody-else-may-see"
JOB = SINGLE.id
ARTIFACT = SINGLE.artifacts[0]
DOCUMENT = b'{"as": "it came"}'
#: What is asked for in these tests, where it does not matter what.
ARTIFACT_PATH = f"/jobs/{JOB}/artifacts/{ARTIFACT.id}"

Call = Callable[[Any], Any]


class Ask(Protocol):
    """Make calls at a service, one after the other."""

    def __call__(self, base: str, *calls: Call, **options: Any) -> list[Answer]: ...


def _ask(base: str, *calls: Call, **options: Any) -> list[Answer]:
    with Service(base, **options) as asked:
        return [call(asked) for call in calls]


def _ask_from_asyncio(base: str, *calls: Call, **options: Any) -> list[Answer]:
    async def ask() -> list[Answer]:
        async with AsyncService(base, **options) as asked:
            return [await call(asked) for call in calls]

    return asyncio.run(ask())


@pytest.fixture(params=[_ask, _ask_from_asyncio], ids=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Every test here holds for both."""
    chosen: Ask = request.param
    return chosen


@pytest.fixture(autouse=True)
def _bounded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with bounded(monkeypatch):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def jobs(folder: Path) -> Iterator[JobService]:
    """A service of jobs with which nothing is wrong."""
    with service(folder) as up:
        yield up


def job(id: object = JOB) -> Call:
    return methodcaller("job", id)


def artifact(job_id: object = JOB, artifact_id: str = ARTIFACT.id) -> Call:
    return methodcaller("artifact", job_id, artifact_id)


def legacy(url: str, *job_id: object) -> Call:
    return methodcaller("legacy", url, *job_id)


def _whole(wanted: Job) -> list[Call]:
    """The calls that give all of a job."""
    calls = [job(wanted.id), *(artifact(wanted.id, each.id) for each in wanted.artifacts)]
    for entry in wanted.record["results"].values():
        calls += [legacy(entry["url"], wanted.id)] if "url" in entry else []
    return calls + [call for child in wanted.children for call in _whole(child)]


def _contents(wanted: Job) -> list[tuple[bytes, str]]:
    """What they should give."""
    found = [(wanted.data, JSON), *((each.data, each.media_type) for each in wanted.artifacts)]
    found += [(data, JSON) for _, data in wanted.legacy.values()]
    return found + [each for child in wanted.children for each in _contents(child)]


class TestWhatIsThere:
    @pytest.mark.parametrize("name", BY_NAME)
    def test_all_of_a_job(self, ask: Ask, jobs: JobService, name: str) -> None:
        wanted = BY_NAME[name]
        answers = ask(jobs.base, *_whole(wanted))
        assert [(each.data, each.media_type) for each in answers] == _contents(wanted)
        assert jobs.asked == wanted.paths

    @pytest.mark.parametrize("id", [uuid.UUID(JOB), JOB.upper()])
    def test_ids_of_jobs_in_other_forms(self, ask: Ask, jobs: JobService, id: object) -> None:
        answers = ask(jobs.base, job(id), artifact(id))
        assert [each.data for each in answers] == [SINGLE.data, ARTIFACT.data]

    @pytest.mark.parametrize(
        ("id", "quoted"),
        [
            ("probabilities-aggregate", "probabilities-aggregate"),
            ("../../backends", "..%2F..%2Fbackends"),
            ("a/b?c#d", "a%2Fb%3Fc%23d"),
            ("..%2f", "..%252f"),
            ("a b\r\nX: y", "a%20b%0D%0AX%3A%20y"),
            ("\\é", "%5C%C3%A9"),
            ("...", "..."),
            ("x" * 500, "x" * 500),
        ],
    )
    def test_ids_of_artifacts_are_quoted(self, ask: Ask, id: str, quoted: str) -> None:
        with server(replying(200, DOCUMENT)) as up:
            ask(f"{up.base}/v0.4", artifact(JOB, id))
        assert [each.path for each in up.asked] == [f"/v0.4/jobs/{JOB}/artifacts/{quoted}"]
        assert set(up.asked[0].headers) <= {
            "accept",
            "accept-encoding",
            "connection",
            "host",
            "user-agent",
        }

    def test_what_is_accepted(self, ask: Ask) -> None:
        with server(replying(200, DOCUMENT)) as up:
            ask(up.base, job(), artifact(), legacy("/x"))
        accepted = [each.headers["accept"] for each in up.asked]
        assert accepted == ["application/json", "*/*", "application/json"]

    @pytest.mark.parametrize(
        ("stated", "media_type"),
        [
            ({"Content_Type": "Text/Plain; charset=utf-8"}, TEXT),
            ({"Content_Type": "application/octet-stream"}, "application/octet-stream"),
            ({"Content_Type": ""}, None),
            ({}, None),
        ],
    )
    def test_the_media_type(self, ask: Ask, stated: dict[str, str], media_type: str | None) -> None:
        with server(replying(200, PROGRAM, **stated)) as up:
            [answer] = ask(up.base, artifact())
        assert (answer.data, answer.media_type) == (PROGRAM, media_type)

    def test_what_is_not_there(self, ask: Ask, jobs: JobService) -> None:
        for call, words in [
            (job(uuid.UUID(int=1)), "the job 0"),
            (artifact(JOB, "no\x1bne"), "the artifact"),
            (legacy(f"/v0.4/jobs/{JOB}/results/nothing"), "/results/nothing"),
        ]:
            with pytest.raises(NotFound, match=words) as caught:
                ask(jobs.base, call)
            assert str(caught.value).isprintable()

    @pytest.mark.parametrize("names", ["UUID", "artifactId"])
    def test_an_id_that_the_service_finds_wrong(self, ask: Ask, names: str) -> None:
        with (
            server(lambda _, line: line.problem(400, "bad", validation={"keys": [names]})) as up,
            pytest.raises(NotFound),
        ):
            ask(up.base, artifact())


class TestArguments:
    @pytest.mark.parametrize(
        "call",
        [
            job(""),
            job("latest"),
            job(f"{JOB}/"),
            job(f"{JOB}\n"),
            job(JOB.replace("-", "")),
            job(f"../{JOB[3:]}"),
            job(None),
            artifact("..", "a"),
            artifact(JOB, ""),
            artifact(JOB, "."),
            artifact(JOB, ".."),
            artifact(JOB, "x" * 501),
            artifact(JOB, "\ud800"),
            legacy("/x", "latest"),
        ],
    )
    def test_what_can_be_no_id(self, ask: Ask, call: Call) -> None:
        with server(replying(200)) as up, pytest.raises(ValueError, match="not"):
            ask(up.base, call)
        assert up.asked == []


class TestLegacy:
    def test_by_a_path_or_a_whole_url(self, ask: Ask, jobs: JobService) -> None:
        path = OLDER.record["results"]["shots"]["url"]
        forms = [path, jobs.server.base + path, jobs.server.base.upper() + path]
        answers = ask(jobs.base, *(legacy(form, OLDER.id.upper()) for form in forms))
        assert {each.data for each in answers} == {OLDER.legacy["shots"][1]}
        assert [each.path for each in jobs.server.asked] == [path] * 3
        assert {each.url for each in answers} == {jobs.server.base + path}

    def test_the_query_is_sent(self, ask: Ask) -> None:
        with server(replying(200, DOCUMENT)) as up:
            ask(f"{up.base}/v0.4", legacy(f"/v0.4/jobs/{JOB}/results/probabilities?sharpen=true"))
        assert [each.path for each in up.asked] == [
            f"/v0.4/jobs/{JOB}/results/probabilities?sharpen=true"
        ]

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "?x",
            "results/probabilities",
            f"jobs/{JOB}/results/x",
            "//127.0.0.1/x",
            "///x",
            "/\\evil.example/x",
            "\\\\evil.example\\x",
            "/a\\..\\b",
            "https:/x",
            "https:x",
            "https://",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "/a\nb",
            "/a\tb",
            "/a b",
            " /a",
            "/a\x00",
            "/a\x7f",
            "/é",
            "/a#b",
            "/a/../b",
            "/a/./b",
            "/..",
            "/a/%2e%2E/b",
            "/a/.%2e/b",
            "/a%2fb",
            "/a%5Cb",
            "/a%0d%0ab",
            "/" + "a" * 2000,
            "{place}",
            "{scheme}://user@{host}/x",
            "{scheme}://user:s3cret@{host}/x",
            "{scheme}://@{host}/x",
            "{scheme}://{host}//x",
            "{scheme}://{host}/x#y",
            "{scheme}://{host}\\@evil.example/x",
            "{scheme}://evil.example\\@{host}/x",
            "{scheme}://{host}:1/x",
            "{scheme}://{host}.evil.example/x",
            "{scheme}://{name}.:{port}/x",
            "{scheme}://{name}/x",
            "{scheme}://localhost:{port}/x",
            "{scheme}://[::1]:{port}/x",
            "{scheme}://[/x",
            "{scheme}://{name}:99999/x",
            "{scheme}://0x7f000001:{port}/x",
            "{scheme}://{name}:{other}/x",
            "https://{host}/x",
            "ftp://{host}/x",
            "https://evil.example/x",
        ],
    )
    def test_nothing_else_is_followed(
        self, ask: Ask, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(KEY_VARIABLE, KEY)
        with server(replying(200, DOCUMENT)) as up:
            port = up.base.rpartition(":")[2]
            given = url.format(
                place=up.base,
                scheme="http",
                host=f"127.0.0.1:{port}",
                name="127.0.0.1",
                port=port,
                other=closed_port(),
            )
            with pytest.raises(BadAnswer) as caught:
                ask(f"{up.base}/v0.4", legacy(given))
        error = caught.value
        assert type(error) is BadAnswer
        assert (error.url, error.status) == (f"{up.base}/v0.4", None)
        assert str(error).isprintable()
        assert "s3cret" not in str(error)
        assert len(str(error)) < 500
        assert up.lines == []

    @pytest.mark.parametrize(
        ("url", "followed"),
        [
            (f"/v0.4/jobs/{JOB}/results/x", True),
            (f"/v0.4/jobs/{JOB.upper()}/results/x", True),
            (f"/v0.4/jobs/{OLDER.id}/results/x", False),
            (f"/v0.4/jobs/{JOB}", False),
            (f"/v0.4/backends?jobs/{JOB}/x", False),
            (f"/v0.4/{JOB}/jobs/x", False),
            ("/v0.4/backends", False),
        ],
    )
    def test_of_the_job_that_it_must_be_of(self, ask: Ask, url: str, followed: bool) -> None:
        with server(replying(200, DOCUMENT)) as up:
            if followed:
                ask(up.base, legacy(url, JOB))
            else:
                with pytest.raises(BadAnswer, match=JOB):
                    ask(up.base, legacy(url, JOB))
        assert len(up.asked) == followed

    def test_a_redirect_leads_nowhere_else(self, ask: Ask) -> None:
        with server(replying(302, Location="http://127.0.0.1:1/x")) as up:
            with pytest.raises(BadAnswer, match="redirects"):
                ask(up.base, legacy("/x"))
            assert len(up.asked) == 1


class TestSizes:
    def test_an_artifact_may_be_larger_than_other_answers(self, ask: Ask) -> None:
        body = b" " * 3000
        packed = gzip.compress(body)
        for reply in (replying(200, body), replying(200, packed, Content_Encoding="gzip")):
            with server(reply) as up:
                calls = artifact(), legacy("/x")
                found = ask(up.base, *calls, max_bytes=2000, max_artifact_bytes=3000)
                assert [each.data for each in found] == [body, body]
                for call, options in [
                    (job(), {"max_bytes": 2000}),
                    (artifact(), {"max_artifact_bytes": 2999}),
                    (legacy("/x"), {"max_artifact_bytes": 2999}),
                ]:
                    limit = next(iter(options.values()))
                    with pytest.raises(BadAnswer, match=f"{limit:,}"):
                        ask(up.base, call, **options)

    def test_shots_of_a_million_fit(self, ask: Ask) -> None:
        """A hundred megabytes of them, which come as gzip."""
        assert transport.MOST_OF_AN_ARTIFACT >= 400 << 20
        shot = b'{"registers":{"output_all":[' + b"1,0," * 17 + b"1,0]}},"
        body = b'{"shots":[' + shot * 1_000_000 + b"]}"
        packed = gzip.compress(body, 1)
        assert len(body) > transport.MOST_OF_AN_ANSWER
        with server(replying(200, packed, Content_Encoding="gzip")) as up:
            [answer] = ask(up.base, artifact())
        assert answer.data == body

    @pytest.mark.parametrize("value", [0, -1, 1.5, True, None])
    def test_limits_that_are_none(self, ask: Ask, value: Any) -> None:
        with pytest.raises(ValueError, match="max_artifact_bytes"):
            ask("http://127.0.0.1:1", max_artifact_bytes=value)


class TestFaults:
    @pytest.mark.parametrize(
        "fault", [limited(0), UNAVAILABLE, TRUNCATED], ids=["429", "503", "truncated"]
    )
    @pytest.mark.parametrize("path", [f"/jobs/{JOB}", ARTIFACT_PATH])
    def test_what_passes(self, ask: Ask, folder: Path, path: str, fault: Fault) -> None:
        with service(folder, {path: [fault, fault]}) as up:
            answers = ask(up.base, job(), artifact())
            assert [each.data for each in answers] == [SINGLE.data, ARTIFACT.data]
            assert up.asked.count(path) == 3
            assert len(up.asked) == 4

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            (limited(1), RateLimited),
            (limited(3600), RateLimited),
            (UNAVAILABLE, BadAnswer),
            (TRUNCATED, BadAnswer),
            (STALLING, ServiceError),
        ],
        ids=["429", "429-long", "503", "truncated", "stalling"],
    )
    def test_what_stays(
        self, ask: Ask, folder: Path, fault: Fault, kind: type[ServiceError]
    ) -> None:
        with service(folder, lasting={ARTIFACT_PATH: fault}) as up:
            [answer] = ask(up.base, job())
            assert answer.data == SINGLE.data
            up.forget()
            with pytest.raises(kind):
                ask(up.base, artifact(), attempts=2, timeout=0.3)
            assert 1 <= len(up.asked) <= 2

    @pytest.mark.parametrize("fault", [WRONG_JSON, HTML], ids=["json", "html"])
    def test_what_only_a_check_can_tell(self, ask: Ask, folder: Path, fault: Any) -> None:
        with service(folder, {ARTIFACT_PATH: [fault]}) as up:
            bad, good = ask(up.base, artifact(), artifact())
        assert (bad.data, bad.media_type) == (fault.body, fault.media_type.partition(";")[0])
        assert good.data == ARTIFACT.data

    def test_a_service_that_wants_the_key(
        self, ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(KEY_VARIABLE, KEY)
        url = OLDER.record["results"]["probabilities"]["url"]
        with service(folder, key=KEY) as up:
            ask(up.base, legacy(url), job(), artifact())
            assert up.server.keys == [None] + [f"apiKey {KEY}"] * 3
            up.key = "another"
            with pytest.raises(KeyRefused) as caught:
                ask(up.base, job())
            assert KEY not in str(caught.value)

    def test_a_key_that_is_refused_later(
        self, ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(KEY_VARIABLE, KEY)
        with service(folder, lasting={ARTIFACT_PATH: UNAUTHORIZED}, key=KEY) as up:
            with pytest.raises(KeyRefused):
                ask(up.base, job(), artifact())
            assert len(up.asked) == 3


class TestManyAtOnce:
    def test_threads_download_side_by_side(self) -> None:
        """Those that are told to wait hold up nobody else."""
        told: set[str] = set()
        now = most = 0
        counting = threading.Lock()

        def answer(asked: Asked, line: Line) -> None:
            nonlocal now, most
            number = asked.path.rpartition("/")[2]
            with counting:
                first = number not in told
                told.add(number)
                now += 1
                most = max(most, now)
            line.wait(0.005)
            with counting:
                now -= 1
            if first and int(number) % 25 == 0:
                line.reply(429, Retry_After=1)
            else:
                line.reply(200, number.encode() * 1000)

        with server(answer) as up, Service(up.base) as asked, ThreadPoolExecutor(8) as pool:
            start = time.monotonic()
            answers = list(pool.map(lambda n: asked.artifact(JOB, str(n)), range(200)))
            took = time.monotonic() - start
        assert [each.data for each in answers] == [str(n).encode() * 1000 for n in range(200)]
        assert len(up.asked) == 200 + 8
        assert 2 <= most <= 8
        assert len(up.lines) <= 8
        assert 1 <= took < 5  # One after the other, the waits alone would take eight seconds.

    def test_one_that_stalls_holds_up_nobody_else(self, folder: Path) -> None:
        others = [each for each in JOBS if each is not SINGLE]
        with (
            service(folder, lasting={ARTIFACT_PATH: STALLING}) as up,
            Service(up.base, timeout=2, attempts=1) as asked,
            ThreadPoolExecutor(8) as pool,
        ):
            stalled = pool.submit(asked.artifact, JOB, ARTIFACT.id)
            found = list(pool.map(asked.job, [each.id for each in others * 8]))
            assert not stalled.done()
            assert [each.data for each in found] == [each.data for each in others * 8]
            assert isinstance(stalled.exception(10), ServiceError)

    def test_they_take_the_key_once_each_at_most(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(KEY_VARIABLE, KEY)
        with (
            service(folder, key=KEY) as up,
            Service(up.base) as asked,
            ThreadPoolExecutor(8) as pool,
        ):
            found = list(pool.map(asked.job, [COMPILED.id] * 40))
            assert {each.data for each in found} == {COMPILED.data}
            assert up.server.keys.count(None) <= 8
