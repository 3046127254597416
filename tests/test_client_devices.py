"""The operations of the device services, against servers on real sockets, good and hostile."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import re
import traceback
import uuid
from collections.abc import Callable, Iterator
from itertools import islice
from operator import methodcaller
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

import qartifacts as qa
from qartifacts.client import (
    IBM_API_VERSION,
    IBM_BASE,
    IBM_EU_BASE,
    IBM_INSTANCE_VARIABLE,
    IBM_KEY_VARIABLE,
    IBM_TOKEN_VARIABLE,
    KEY_VARIABLE,
    Answer,
    AsyncIBMService,
    AsyncService,
    IBMService,
    Service,
    operations,
)
from qartifacts.errors import (
    BadAnswer,
    KeyNeeded,
    KeyRefused,
    NotFound,
    RateLimited,
    ServiceError,
    Unreachable,
)
from servers import (
    GIB,
    Asked,
    Behaviour,
    Line,
    Server,
    bounded,
    certified,
    each_in_turn,
    hanging_up,
    replying,
    server,
    tunnelling,
)

ID = "617a1f8b-59d4-435d-aa33-695433d7155e"
DEVICE = "qpu.forte-1"
KEY = "k3y-that-nobody-else-may-see"
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/s3cret-account:s3cret-instance::"
EU_CRN = CRN.replace("us-east", "eu-de")
DOCUMENT = b'{"as": "it came"}'
GOOD = replying(200, DOCUMENT)
UTC = dt.UTC

Call = Callable[[Any], Any]


class Ask(Protocol):
    """Make calls at a service, one after the other; a call may give pages, or an answer."""

    def __call__(self, kind: str, base: str | None, *calls: Call, **options: Any) -> list[Any]: ...


_SYNC = {"ionq": Service, "ibm": IBMService}
_ASYNC = {"ionq": AsyncService, "ibm": AsyncIBMService}


def _ask(kind: str, base: str | None, *calls: Call, **options: Any) -> list[Any]:
    given = [] if base is None else [base]
    with _SYNC[kind](*given, **options) as service:
        made = [call(service) for call in calls]
        return [each if isinstance(each, Answer) else list(each) for each in made]


def _ask_from_asyncio(kind: str, base: str | None, *calls: Call, **options: Any) -> list[Any]:
    async def ask() -> list[Any]:
        given = [] if base is None else [base]
        made: list[Any] = []
        async with _ASYNC[kind](*given, **options) as service:
            for call in calls:
                waiting = call(service)
                if hasattr(waiting, "__aiter__"):
                    made.append([page async for page in waiting])
                else:
                    made.append(await waiting)
        return made

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


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of both vendors in the environment."""
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    monkeypatch.setenv(IBM_KEY_VARIABLE, KEY)
    monkeypatch.setenv(IBM_INSTANCE_VARIABLE, CRN)


def listing(**arguments: Any) -> Call:
    return methodcaller("characterizations", DEVICE, **arguments)


def _instances(up: Server) -> list[str | None]:
    """The header with the instance, request by request."""
    return [each.headers.get("service-crn") for each in up.asked]


def _locked(asked: Asked, line: Line) -> None:
    """As the services do: nothing without a key, and the secrets in what they say."""
    given = asked.headers.get("authorization")
    if given is None:
        line.problem(401, "Unauthorized")
    elif given.split(" ")[1] == KEY:
        line.reply(200, DOCUMENT)
    else:
        line.problem(401, f"Invalid {given} of {asked.headers.get('service-crn')}")


def _page(*ids: int, **more: Any) -> bytes:
    return json.dumps({"characterizations": [{"id": each} for each in ids], **more}).encode()


def _pages(bodies: list[bytes]) -> Behaviour:
    """A listing: the page that is asked for."""

    def answer(asked: Asked, line: Line) -> None:
        line.reply(200, bodies[_number(asked) - 1])

    return answer


def _number(asked: Asked) -> int:
    return int(parse_qs(urlsplit(asked.path).query)["page"][0])


THREE = [_page(1, 2, pages=2), _page(3, 4, pages=1), _page(5, pages=0)]


class TestIonQ:
    def test_what_is_asked(self, ask: Ask, keys: None) -> None:
        with server(GOOD) as up:
            answers = ask(
                "ionq",
                f"{up.base}/v0.4",
                methodcaller("backends"),
                methodcaller("characterization", DEVICE, ID),
                methodcaller("characterization", DEVICE, uuid.UUID(ID)),
            )
        assert [each.data for each in answers] == [DOCUMENT] * 3
        assert [(each.method, each.path) for each in up.asked] == [
            ("GET", "/v0.4/backends"),
            ("GET", f"/v0.4/backends/{DEVICE}/characterizations/{ID}"),
            ("GET", f"/v0.4/backends/{DEVICE}/characterizations/{ID}"),
        ]
        assert up.keys == [None] * 3

    @pytest.mark.parametrize(
        ("prefix", "expected"),
        [
            ("", ""),
            ("/", ""),
            ("/v0.4", ""),
            ("/v0.4/", ""),
            ("/a/v0.4", "/a"),
            ("/vault", "/vault"),
        ],
    )
    def test_version_0_3_stands_beside_version_0_4(
        self, ask: Ask, prefix: str, expected: str
    ) -> None:
        with server(replying(200, _page(pages=0))) as up:
            ask("ionq", up.base + prefix, listing())
        path = f"{expected}/v0.3/characterizations/backends/{DEVICE}?limit=10&page=1"
        assert [each.path for each in up.asked] == [path]

    def test_names_are_quoted(self, ask: Ask) -> None:
        name = "a/../b?c#d é%2F\r\nX: y"
        quoted = "a%2F..%2Fb%3Fc%23d%20%C3%A9%252F%0D%0AX%3A%20y"
        with server(replying(200, b'{"characterizations": []}')) as up:
            ask("ionq", up.base, methodcaller("characterization", name, ID))
            ask("ionq", up.base, methodcaller("characterizations", name))
            ask("ibm", up.base, methodcaller("status", name))
        assert [urlsplit(each.path).path for each in up.asked] == [
            f"/backends/{quoted}/characterizations/{ID}",
            f"/v0.3/characterizations/backends/{quoted}",
            f"/v1/backends/{quoted}/status",
        ]
        assert not [each for each in up.asked if "x" in each.headers]

    @pytest.mark.parametrize("name", ["", ".", "..", "a" * 501, "\ud800"])
    def test_what_is_no_name_is_not_asked_for(self, ask: Ask, name: str) -> None:
        calls = [
            methodcaller("characterization", name, ID),
            methodcaller("characterizations", name),
        ]
        parts = ("configuration", "properties", "status", "defaults")
        with server(GOOD) as up:
            for call in calls:
                with pytest.raises(ValueError, match="not the name of a backend"):
                    ask("ionq", up.base, call)
            for part in parts:
                with pytest.raises(ValueError, match="not the name of a backend"):
                    ask("ibm", up.base, methodcaller(part, name))
        assert up.lines == []

    @pytest.mark.parametrize("id", ["", "1", "../../api-docs", f"{ID}\n", f"{{{ID}}}", f"{ID}/x"])
    def test_what_is_no_uuid_is_not_asked_for(self, ask: Ask, id: str) -> None:
        with server(GOOD) as up, pytest.raises(ValueError, match="UUID"):
            ask("ionq", up.base, methodcaller("characterization", DEVICE, id))
        assert up.lines == []

    @pytest.mark.parametrize("key", ["backend", "UUID"])
    def test_a_parameter_that_is_not_allowed(self, ask: Ask, key: str) -> None:
        validation = {"keys": [key], "source": "params"}
        call = methodcaller("characterization", "qpu.none", ID)
        refusing: Behaviour = lambda _, line: line.problem(400, "no", validation=validation)  # noqa: E731
        with server(refusing) as up, pytest.raises(NotFound, match=r"qpu\.none"):
            ask("ionq", up.base, call)


class TestListing:
    def test_three_pages_are_iterated_to_the_end(self, ask: Ask) -> None:
        with server(_pages(THREE)) as up:
            [pages] = ask("ionq", up.base, listing())
        assert [page.data for page in pages] == THREE
        assert [_number(each) for each in up.asked] == [1, 2, 3]
        assert [page.url.partition("page=")[2] for page in pages] == ["1", "2", "3"]

    def test_from_a_later_page(self, ask: Ask) -> None:
        with server(_pages(THREE)) as up:
            [pages] = ask("ionq", up.base, listing(page=2))
        assert [page.data for page in pages] == THREE[1:]

    def test_times_and_limits_go_with_every_page(self, ask: Ask) -> None:
        start = dt.datetime(2026, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))
        with server(_pages(THREE)) as up:
            ask("ionq", up.base, listing(start=start, end=1_800_000_000_000, limit=2))
        for number, each in enumerate(up.asked, 1):
            assert parse_qs(urlsplit(each.path).query) == {
                "start": ["1767225600000"],
                "end": ["1800000000000"],
                "limit": ["2"],
                "page": [str(number)],
            }

    @pytest.mark.parametrize(
        "body",
        [
            b'{"characterizations": null}',
            b'{"characterizations": [], "pages": 0}',
            b'{"characterizations": null, "pages": null}',
            b"{}",
            _page(1),
        ],
    )
    def test_a_page_that_is_the_only_one(self, ask: Ask, body: bytes) -> None:
        with server(replying(200, body)) as up:
            [pages] = ask("ionq", up.base, listing())
        assert [page.data for page in pages] == [body]
        assert len(up.asked) == 1

    @pytest.mark.parametrize("held", ["[]", "null"])
    def test_an_empty_page_before_the_end_is_an_error(self, ask: Ask, held: str) -> None:
        """Or the list would look complete."""
        body = f'{{"characterizations": {held}, "pages": 3}}'.encode()
        with server(replying(200, body)) as up, pytest.raises(qa.BadAnswer):
            ask("ionq", up.base, listing())
        assert len(up.asked) == 1

    def test_a_full_page_that_says_nothing_of_others_has_a_next_one(self, ask: Ask) -> None:
        full, rest = (
            json.dumps({"characterizations": [{"id": str(each)} for each in range(*span)]}).encode()
            for span in ((10,), (10, 13))
        )
        with server(_pages([full, rest])) as up:
            [pages] = ask("ionq", up.base, listing())
        assert [page.data for page in pages] == [full, rest]

    def test_pages_are_asked_for_when_they_are_wanted(self) -> None:
        with server(_pages(THREE)) as up, Service(up.base) as service:
            pages = service.characterizations(DEVICE)
            assert up.asked == []
            assert [each.data for each in islice(pages, 2)] == THREE[:2]
            assert len(up.asked) == 2

    def test_a_server_that_never_ends(self, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(operations, "_MOST_PAGES", 20)

        def answer(asked: Asked, line: Line) -> None:
            line.reply(200, _page(_number(asked), pages=1))

        with server(answer) as up, pytest.raises(BadAnswer, match="more than 20 pages"):
            ask("ionq", up.base, listing())
        assert len(up.asked) == 20

    @pytest.mark.parametrize("pages", [1, 10**30])
    def test_a_server_that_repeats_itself(self, ask: Ask, pages: int) -> None:
        repeating = replying(200, _page(1, 2, pages=pages))
        with server(repeating) as up, pytest.raises(BadAnswer, match="again and again"):
            ask("ionq", up.base, listing())
        assert len(up.asked) == 2

    @pytest.mark.parametrize(
        "body",
        [
            b"<html>",
            b"",
            b"[]",
            b'{"characterizations": {}}',
            b'{"characterizations": [1], "pages": "2"}',
            b'{"characterizations": [1], "pages": -1}',
            b'{"characterizations": [1], "pages": true}',
            b'{"characterizations": [1], "pages": 1, "pages": 0}',
        ],
    )
    def test_a_page_that_does_not_say_what_follows(self, body: bytes) -> None:
        """It is handed on, for the caller to judge; but nobody is told that it was the last."""
        with server(replying(200, body)) as up, Service(up.base) as service:
            pages = service.characterizations(DEVICE)
            assert next(pages).data == body
            with pytest.raises(BadAnswer, match="how many pages"):
                next(pages)
        assert len(up.asked) == 1

    def test_a_failure_on_a_later_page(self, ask: Ask) -> None:
        failing = each_in_turn(replying(200, THREE[0]), replying(500))
        with server(failing) as up, pytest.raises(BadAnswer) as caught:
            ask("ionq", up.base, listing())
        assert caught.value.status == 500
        assert len(up.asked) == 2

    @pytest.mark.parametrize(
        "wrong",
        [
            {"limit": 0},
            {"limit": 11},
            {"limit": True},
            {"limit": 1.5},
            {"limit": "5"},
            {"page": 0},
            {"page": -1},
            {"page": True},
            {"start": dt.datetime(2026, 1, 1)},  # noqa: DTZ001
            {"end": dt.datetime(2026, 1, 1)},  # noqa: DTZ001
            {"start": 2, "end": 1},
            {
                "start": dt.datetime(2026, 1, 2, tzinfo=UTC),
                "end": dt.datetime(2026, 1, 1, tzinfo=UTC),
            },
            {"start": dt.datetime(2026, 1, 2, tzinfo=UTC), "end": 0},
            {"start": 1.5},
            {"end": True},
            {"start": "2026-01-01"},
            {"start": dt.date(2026, 1, 1)},
        ],
        ids=str,
    )
    def test_arguments_are_checked_before_anything_is_asked(
        self, ask: Ask, wrong: dict[str, Any]
    ) -> None:
        kind = (
            TypeError if type(next(iter(wrong.values()))) in (float, str, dt.date) else ValueError
        )
        kind = TypeError if wrong == {"end": True} else kind
        kind = ValueError if "limit" in wrong else kind
        with server(GOOD) as up, pytest.raises(kind, match=next(iter(wrong))):
            ask("ionq", up.base, listing(**wrong))
        assert up.lines == []

    @pytest.mark.parametrize("kind", [Service, AsyncService])
    def test_they_are_checked_at_the_call_already(self, kind: Any) -> None:
        with pytest.raises(ValueError, match="limit"):
            kind("http://127.0.0.1:1").characterizations(DEVICE, limit=0)

    def test_start_may_be_end(self, ask: Ask) -> None:
        with server(replying(200, _page(pages=0))) as up:
            ask("ionq", up.base, listing(start=5, end=5, limit=1, page=1))
        assert len(up.asked) == 1

    def test_the_key_is_sent_once_it_was_asked_for(self, ask: Ask, keys: None) -> None:
        def answer(asked: Asked, line: Line) -> None:
            if asked.headers.get("authorization") == f"apiKey {KEY}":
                line.reply(200, THREE[_number(asked) - 1])
            else:
                line.problem(401, "Unauthorized")

        with server(answer) as up:
            [pages] = ask("ionq", up.base, listing())
        assert len(pages) == 3
        assert up.keys == [None, *[f"apiKey {KEY}"] * 3]


#: The kind of service, and what to ask it for.
Operation = tuple[str, Call]

#: One operation of each kind: a list, a document, one with parameters, and one of pages.
OPERATIONS: dict[str, Operation] = {
    "ionq-list": ("ionq", methodcaller("backends")),
    "ionq-document": ("ionq", methodcaller("characterization", DEVICE, ID)),
    "ionq-pages": ("ionq", listing()),
    "ibm-list": ("ibm", methodcaller("backends", wait_times=True)),
    "ibm-document": ("ibm", methodcaller("properties", "ibm_fez")),
}


@pytest.fixture(params=list(OPERATIONS))
def operation(request: pytest.FixtureRequest) -> Operation:
    return OPERATIONS[request.param]


def _failure(
    expected: type[ServiceError], ask: Ask, operation: Operation, base: str, **options: Any
) -> ServiceError:
    kind, call = operation
    with pytest.raises(expected) as caught:
        ask(kind, base, call, **options)
    error = caught.value
    assert type(error) is expected
    assert str(error).isprintable()
    assert KEY not in f"{error!r} {vars(error)}"
    assert "s3cret" not in f"{error!r} {vars(error)}"
    return error


class TestEveryOperation:
    def test_the_key_is_sent_when_it_is_asked_for_and_not_before(
        self, ask: Ask, operation: Operation, keys: None
    ) -> None:
        kind, call = operation

        def answer(asked: Asked, line: Line) -> None:
            _locked(asked, line) if "authorization" not in asked.headers else line.reply(
                200, _page(pages=0)
            )

        with server(answer) as up:
            ask(kind, up.base, call)
        scheme = {"ionq": "apiKey", "ibm": "apikey"}[kind]
        assert up.keys == [None, f"{scheme} {KEY}"]
        assert _instances(up) == [None, CRN if kind == "ibm" else None]

    def test_a_server_that_repeats_the_key(
        self, ask: Ask, operation: Operation, keys: None
    ) -> None:
        def echo(asked: Asked, line: Line) -> None:
            if "authorization" not in asked.headers:
                line.problem(401, "Unauthorized")
            else:
                line.reply(200, json.dumps(asked.headers).encode())

        with server(echo) as up:
            error = _failure(BadAnswer, ask, operation, up.base)
        assert "repeats the key" in str(error)

    def test_without_a_key(self, ask: Ask, operation: Operation) -> None:
        with server(_locked) as up:
            error = _failure(KeyNeeded, ask, operation, up.base)
        variable = {"ionq": KEY_VARIABLE, "ibm": IBM_KEY_VARIABLE}[operation[0]]
        assert variable in str(error)
        assert len(up.asked) == 1

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_key_that_is_refused(
        self, ask: Ask, operation: Operation, keys: None, status: int
    ) -> None:
        def answer(asked: Asked, line: Line) -> None:
            given = asked.headers.get("authorization")
            said = f"not {given} of {asked.headers.get('service-crn')}"
            line.problem(401 if given is None else status, said)

        with server(answer) as up:
            error = _failure(KeyRefused, ask, operation, up.base)
        assert "***" in str(error)
        assert (error.status, len(up.asked)) == (status, 2)

    @pytest.mark.parametrize(
        ("status", "expected"),
        [(403, BadAnswer), (404, NotFound), (400, BadAnswer), (500, BadAnswer), (418, BadAnswer)],
    )
    def test_refusals(
        self, ask: Ask, operation: Operation, keys: None, status: int, expected: Any
    ) -> None:
        with server(lambda _, line: line.problem(status, "so there")) as up:
            error = _failure(expected, ask, operation, up.base)
        assert "so there" in str(error)
        assert (error.status, up.keys) == (status, [None])

    def test_too_often(self, ask: Ask, operation: Operation) -> None:
        with server(replying(429, b'{"message": "slow down"}', Retry_After=3600)) as up:
            error = _failure(RateLimited, ask, operation, up.base)
        assert isinstance(error, RateLimited)
        assert (error.retry_after, len(up.asked)) == (3600, 1)

    def test_too_often_and_then_well(self, ask: Ask, operation: Operation) -> None:
        kind, call = operation
        good = replying(200, _page(pages=0))
        with server(each_in_turn(replying(429, Retry_After=0), hanging_up, good)) as up:
            ask(kind, up.base, call)
        assert len(up.asked) == 3

    def test_a_body_that_breaks_off(self, ask: Ask, operation: Operation) -> None:
        def truncated(_: Asked, line: Line) -> None:
            line.head(200, b"[", Content_Length=100)
            raise ConnectionResetError

        with server(truncated) as up:
            error = _failure(BadAnswer, ask, operation, up.base, attempts=2)
        assert "breaks off" in str(error)
        assert len(up.asked) == 2

    def test_silence(self, ask: Ask, operation: Operation) -> None:
        def silent(_: Asked, line: Line) -> None:
            line.wait()

        with server(silent) as up:
            _failure(Unreachable, ask, operation, up.base, timeout=0.2)
        assert len(up.asked) == 1

    def test_a_body_without_end(self, ask: Ask, operation: Operation) -> None:
        def endless(_: Asked, line: Line) -> None:
            line.head(200, Transfer_Encoding="chunked")
            while line.sent < GIB:
                line.send(b"%x\r\n%s\r\n" % (1 << 16, bytes(1 << 16)))

        with server(endless) as up:
            error = _failure(BadAnswer, ask, operation, up.base, max_bytes=1 << 20)
        assert "larger than" in str(error)
        assert up.lines[0].sent < GIB // 16

    @pytest.mark.parametrize("status", [302, 307])
    def test_a_redirect_to_another_host_gets_no_key(
        self, ask: Ask, operation: Operation, keys: None, status: int
    ) -> None:
        with server(GOOD) as other:
            away = replying(status, Location=f"{other.base}/a")
            with server(each_in_turn(_locked, away)) as up:
                _failure(BadAnswer, ask, operation, up.base)
        assert up.keys[0] is None
        assert up.keys[1] is not None
        assert other.lines == []

    def test_another_content_type_is_the_callers_business(
        self, ask: Ask, operation: Operation
    ) -> None:
        kind, call = operation
        with server(replying(200, _page(pages=0), Content_Type="text/html")) as up:
            [answer] = ask(kind, up.base, call)
        answer = answer[0] if isinstance(answer, list) else answer
        assert (answer.data, answer.headers["content-type"]) == (_page(pages=0), "text/html")

    def test_the_key_is_never_printed(
        self, ask: Ask, operation: Operation, keys: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        kind, call = operation
        failing = each_in_turn(_locked, replying(503))
        with server(failing) as up, pytest.raises(ServiceError) as caught:
            ask(kind, up.base, call, attempts=2)
        assert up.keys[-1] is not None
        told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        ours = [frame for frame in told.stack if "qartifacts/" in frame.filename]
        assert ours
        for secret in (KEY, "s3cret"):
            assert secret not in caplog.text
            assert not [frame for frame in ours if secret in str(frame.locals)]
            assert secret not in f"{caught.value!r} {vars(caught.value)}"
        assert caught.value.__context__ is None


class TestIBM:
    def test_what_is_asked(self, ask: Ask, keys: None) -> None:
        when = dt.datetime(2026, 1, 31, 13, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
        with server(GOOD) as up:
            ask(
                "ibm",
                f"{up.base}/api",
                methodcaller("backends"),
                methodcaller("backends", wait_times=True),
                methodcaller("configuration", "ibm_fez"),
                methodcaller("configuration", "ibm_fez", calibration_id="a b&c=d"),
                methodcaller("properties", "ibm_fez"),
                methodcaller("properties", "ibm_fez", updated_before=when, calibration_id="7"),
                methodcaller("status", "ibm_fez"),
                methodcaller("defaults", "ibm_fez"),
            )
        fez = "/api/v1/backends/ibm_fez"
        assert [each.path for each in up.asked] == [
            "/api/v1/backends",
            "/api/v1/backends?fields=wait_time_seconds",
            f"{fez}/configuration",
            f"{fez}/configuration?calibration_id=a%20b%26c%3Dd",
            f"{fez}/properties",
            f"{fez}/properties?calibration_id=7&updated_before=2026-01-31T12%3A30%3A00Z",
            f"{fez}/status",
            f"{fez}/defaults",
        ]
        assert {each.headers["ibm-api-version"] for each in up.asked} == {IBM_API_VERSION}
        assert {each.headers["user-agent"] for each in up.asked} == {f"qartifacts/{qa.__version__}"}
        # This machine gets a key if it asks for one.
        assert set(up.keys) == {None}
        assert set(_instances(up)) == {None}

    def test_another_version(self, ask: Ask) -> None:
        with server(GOOD) as up:
            ask("ibm", up.base, methodcaller("backends"), api_version="2026-02-15")
            for wrong in ("", "latest", "2026-2-15", "2026-02-15\r\nX: y", "２026-02-15"):
                with pytest.raises(ValueError, match="api_version"):
                    ask("ibm", up.base, methodcaller("backends"), api_version=wrong)
        assert [each.headers["ibm-api-version"] for each in up.asked] == ["2026-02-15"]

    @pytest.mark.parametrize(
        ("wrong", "kind"),
        [
            ({"updated_before": dt.datetime(2026, 1, 1)}, ValueError),  # noqa: DTZ001
            ({"updated_before": "2026-01-01"}, TypeError),
            ({"updated_before": 5}, TypeError),
            ({"calibration_id": ""}, ValueError),
            ({"calibration_id": "a" * 101}, ValueError),
        ],
    )
    def test_arguments_are_checked_before_anything_is_asked(
        self, ask: Ask, wrong: dict[str, Any], kind: type[Exception]
    ) -> None:
        with server(GOOD) as up, pytest.raises(kind, match=next(iter(wrong))):
            ask("ibm", up.base, methodcaller("properties", "ibm_fez", **wrong))
        assert up.lines == []

    @pytest.mark.parametrize(
        ("options", "variables", "authorization", "instance"),
        [
            ({"key": KEY, "crn": CRN}, {}, f"apikey {KEY}", CRN),
            ({"token": KEY, "crn": CRN}, {}, f"Bearer {KEY}", CRN),
            ({"token": f"Bearer {KEY}"}, {}, f"Bearer {KEY}", None),
            ({}, {IBM_KEY_VARIABLE: f" {KEY}\n"}, f"apikey {KEY}", None),
            ({}, {IBM_TOKEN_VARIABLE: f"bearer {KEY}\n"}, f"Bearer {KEY}", None),
            (
                {},
                {IBM_TOKEN_VARIABLE: KEY, IBM_KEY_VARIABLE: "other", IBM_INSTANCE_VARIABLE: CRN},
                f"Bearer {KEY}",
                CRN,
            ),
            ({"key": KEY}, {IBM_TOKEN_VARIABLE: "other"}, f"apikey {KEY}", None),
            ({"key": KEY, "crn": CRN}, {IBM_INSTANCE_VARIABLE: EU_CRN}, f"apikey {KEY}", CRN),
        ],
    )
    def test_the_three_schemes(
        self,
        ask: Ask,
        monkeypatch: pytest.MonkeyPatch,
        options: dict[str, str],
        variables: dict[str, str],
        authorization: str,
        instance: str | None,
    ) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        calls = [methodcaller("backends"), methodcaller("status", "ibm_fez")]
        with server(_locked) as up:
            ask("ibm", up.base, *calls, **options)
        assert up.keys == [None, authorization, authorization]
        assert _instances(up) == [None, instance, instance]

    @pytest.mark.parametrize(
        "options",
        [
            {"key": "a\r\nb"},
            {"key": ""},
            {"token": "a b"},
            {"token": ""},
            {"crn": "my-instance"},
            {"crn": f"{CRN}\r\nX: y"},
            {"crn": ""},
            {"key": "a", "token": "b"},
        ],
    )
    def test_secrets_that_cannot_be_sent(self, ask: Ask, options: dict[str, str]) -> None:
        with pytest.raises(ValueError, match=r"key|token|CRN") as caught:
            ask("ibm", None, **options)
        for value in options.values():
            assert len(value) < 2 or value not in str(caught.value)

    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            (IBM_KEY_VARIABLE, "abc\r\ndef"),
            (IBM_TOKEN_VARIABLE, "abc def ghi"),
            (IBM_INSTANCE_VARIABLE, "abc-instance"),
        ],
    )
    def test_variables_that_cannot_be_sent_are_named_and_not_quoted(
        self, ask: Ask, keys: None, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
    ) -> None:
        monkeypatch.setenv(variable, value)
        with server(_locked) as up, pytest.raises(KeyNeeded, match=variable) as caught:
            ask("ibm", up.base, methodcaller("backends"))
        assert "abc" not in str(caught.value)
        assert up.keys == [None]

    def test_a_refusal_says_that_no_instance_was_sent(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(IBM_KEY_VARIABLE, "wrong")
        with server(_locked) as up, pytest.raises(KeyRefused, match=IBM_INSTANCE_VARIABLE):
            ask("ibm", up.base, methodcaller("backends"))

    @pytest.mark.parametrize(
        ("options", "variable", "base"),
        [
            ({}, "", IBM_BASE),
            ({"crn": CRN}, "", IBM_BASE),
            ({"crn": EU_CRN}, "", IBM_EU_BASE),
            ({}, EU_CRN, IBM_EU_BASE),
            ({"crn": CRN}, EU_CRN, IBM_BASE),
            ({}, "eu-de", IBM_BASE),
        ],
    )
    @pytest.mark.parametrize("kind", [IBMService, AsyncIBMService])
    def test_the_base_is_that_of_the_region(
        self, monkeypatch: pytest.MonkeyPatch, kind: Any, options: Any, variable: str, base: str
    ) -> None:
        monkeypatch.setenv(IBM_INSTANCE_VARIABLE, variable)
        assert kind(**options).base_url == base

    @pytest.mark.parametrize("crn", [CRN, EU_CRN])
    def test_its_own_hosts_get_the_key_at_once(
        self,
        ask: Ask,
        keys: None,
        authority: trustme.CA,
        trusted: None,
        monkeypatch: pytest.MonkeyPatch,
        crn: str,
    ) -> None:
        """IBM's hosts, played by a proxy on this machine."""
        host = urlsplit(IBM_EU_BASE if crn == EU_CRN else IBM_BASE).netloc
        with server(tunnelling(certified(authority, host), _locked)) as up:
            monkeypatch.setenv("HTTPS_PROXY", up.base)
            ask("ibm", None, methodcaller("status", "ibm_fez"), crn=crn)
        assert [(each.method, each.path) for each in up.asked] == [
            ("CONNECT", f"{host}:443"),
            ("GET", "/api/v1/backends/ibm_fez/status"),
        ]
        assert up.keys == [None, f"apikey {KEY}"]  # The proxy itself gets none.
        assert _instances(up) == [None, crn]

    def test_without_a_key_they_are_asked_all_the_same(
        self, ask: Ask, authority: trustme.CA, trusted: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        host = urlsplit(IBM_BASE).netloc
        with server(tunnelling(certified(authority, host), _locked)) as up:
            monkeypatch.setenv("HTTPS_PROXY", up.base)
            with pytest.raises(KeyNeeded, match=IBM_KEY_VARIABLE):
                ask("ibm", None, methodcaller("backends"))
        assert len(up.asked) == 2

    @pytest.mark.parametrize(
        "place",
        [
            "mirror.test",
            "cloud.ibm.com",
            "quantum.cloud.ibm.com.test",
            "quantum.cloud.ibm.com:8443",
            "us-east.quantum.cloud.ibm.com",
            "api.ionq.co",
        ],
    )
    def test_others_only_if_that_is_said(
        self,
        ask: Ask,
        keys: None,
        authority: trustme.CA,
        trusted: None,
        monkeypatch: pytest.MonkeyPatch,
        place: str,
    ) -> None:
        call = methodcaller("backends")
        with server(tunnelling(certified(authority, place.partition(":")[0]), _locked)) as up:
            monkeypatch.setenv("HTTPS_PROXY", up.base)
            with pytest.raises(KeyNeeded, match="--send-key"):
                ask("ibm", f"https://{place}/api", call)
            assert set(up.keys) == {None}
            assert set(_instances(up)) == {None}
            ask("ibm", f"https://{place}/api", call, send_key=True)
        assert up.keys[-1] == f"apikey {KEY}"

    def test_ionqs_key_does_not_go_to_ibm(
        self,
        ask: Ask,
        keys: None,
        authority: trustme.CA,
        trusted: None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        host = urlsplit(IBM_BASE).netloc
        with server(tunnelling(certified(authority, host), _locked)) as up:
            monkeypatch.setenv("HTTPS_PROXY", up.base)
            with pytest.raises(KeyNeeded, match="--send-key"):
                ask("ionq", IBM_BASE, methodcaller("backends"))
        assert set(up.keys) == {None}

    def test_they_never_go_out_in_the_clear(
        self, ask: Ask, keys: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with server(_locked) as up:
            monkeypatch.setenv("HTTP_PROXY", up.base)
            with pytest.raises(KeyNeeded, match="plain http"):
                ask("ibm", IBM_BASE.replace("https", "http"), methodcaller("backends"))
        assert set(up.keys) == {None}
        assert set(_instances(up)) == {None}
        with pytest.raises(ValueError, match="plain http"):
            ask("ibm", "http://mirror.test", send_key=True)

    def test_its_errors_are_told(self, ask: Ask) -> None:
        said = {"errors": [{"code": 1, "message": "no such \x1b[2Jbackend"}], "trace": "x"}
        refusing = replying(404, json.dumps(said).encode())
        with server(refusing) as up, pytest.raises(NotFound, match="no such") as caught:
            ask("ibm", up.base, methodcaller("status", "ibm_none"))
        assert str(caught.value).isprintable()

    @pytest.mark.parametrize("body", [b'{"errors": []}', b'{"errors": [1]}', b'{"errors": {}}'])
    def test_odd_errors(self, ask: Ask, body: bytes) -> None:
        with server(replying(404, body)) as up, pytest.raises(NotFound):
            ask("ibm", up.base, methodcaller("status", "ibm_none"))

    def test_reprs_are_short(self) -> None:
        with IBMService("http://127.0.0.1:1/api/", key=KEY, crn=CRN) as service:
            assert repr(service) == "<IBMService at http://127.0.0.1:1/api>"
            assert service.base_url == "http://127.0.0.1:1/api"
        assert repr(AsyncIBMService(token=KEY)) == f"<AsyncIBMService at {IBM_BASE}>"


class TestBothWays:
    @pytest.mark.parametrize(
        ("one", "other"), [(Service, AsyncService), (IBMService, AsyncIBMService)]
    )
    def test_both_have_the_same_operations(self, one: type, other: type) -> None:
        """With the same arguments, each described or led to its description."""
        import inspect

        named = [name for name in vars(one) if not name.startswith("_")]
        assert named
        assert named == [name for name in vars(other) if not name.startswith("_")]
        operations = [name for name in named if callable(getattr(one, name))]
        for name in [*operations, "__init__"]:
            mine, others = (inspect.signature(getattr(each, name)) for each in (one, other))
            assert list(mine.parameters.values()) == list(others.parameters.values())
            if name != "__init__":
                assert re.match(rf"As ``{one.__name__}\.{name}``", getattr(other, name).__doc__)
                assert getattr(one, name).__doc__.startswith("Ask for ")
