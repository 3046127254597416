"""The client against servers on real sockets: good ones, failing ones, and hostile ones."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import gzip
import logging
import os
import pickle
import socket
import struct
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from operator import methodcaller
from pathlib import Path
from typing import Any, Protocol

import pytest
import trustme

import qartifacts as qa
from qartifacts.client import DEFAULT_BASE, KEY_VARIABLE, Answer, AsyncService, Service
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
    bounded,
    certified,
    closed_port,
    each_in_turn,
    hanging_up,
    replying,
    server,
    tunnelling,
)

P2 = "ionq.result.probabilities.json.v2"
DOCUMENT = b'{"$id": "ionq.result.probabilities.json.v2"}'
KEY = "k3y-that-nobody-else-may-see"
GOOD = replying(200, DOCUMENT)

Call = Callable[[Any], Any]


def schema(service: Any) -> Any:
    return service.schema(P2)


def api_docs(service: Any) -> Any:
    return service.api_docs()


class Ask(Protocol):
    """Ask one service for one thing after the other."""

    def __call__(self, base: str, *calls: Call, **options: Any) -> list[Answer]: ...


def _ask(base: str, *calls: Call, **options: Any) -> list[Answer]:
    with Service(base, **options) as service:
        return [call(service) for call in calls or (schema,)]


def _ask_from_asyncio(base: str, *calls: Call, **options: Any) -> list[Answer]:
    async def ask() -> list[Answer]:
        async with AsyncService(base, **options) as service:
            return [await call(service) for call in calls or (schema,)]

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
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)


def _locked(asked: Asked, line: Line) -> None:
    """As the service does: nothing without the key."""
    given = asked.headers.get("authorization")
    if given is None:
        line.problem(401, "Unauthorized")
    elif given == f"apiKey {KEY}":
        line.reply(200, DOCUMENT)
    else:
        line.problem(401, f"Invalid key {given.removeprefix('apiKey ')}")


def _failure(kind: type[ServiceError], ask: Ask, base: str, **options: Any) -> ServiceError:
    """The error that asking ends with: one line, which survives pickling."""
    with pytest.raises(kind) as caught:
        ask(base, **options)
    error = caught.value
    assert type(error) is kind
    assert str(error).isprintable()
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), vars(copy)) == (str(error), vars(error))
    return error


class TestAnswers:
    def test_the_bytes_come_as_they_are(self, ask: Ask) -> None:
        body = b"\xff not JSON, which is not the client's business\r\n"
        with server(replying(200, body, Content_Type="text/plain", X_Odd="\xe9")) as up:
            [answer] = ask(up.base)
        assert answer.data == body
        assert answer.url == f"{up.base}/schemas/formats/{P2}"
        assert (answer.status, answer.not_modified, answer.etag) == (200, False, None)
        assert answer.headers["CONTENT-type"] == "text/plain"
        assert answer.headers["x-odd"] == "\xe9"

    def test_what_is_sent(self, ask: Ask) -> None:
        with server(GOOD) as up:
            ask(f"{up.base}/v0.4/", schema, api_docs)
        assert [(each.method, each.path) for each in up.asked] == [
            ("GET", f"/v0.4/schemas/formats/{P2}"),
            ("GET", "/v0.4/api-docs"),
        ]
        headers = up.asked[0].headers
        assert headers["accept-encoding"] == "gzip"
        assert headers["user-agent"] == f"qartifacts/{qa.__version__}"
        assert not {"authorization", "cookie", "if-none-match"} & set(headers)

    def test_an_html_page_is_handed_on_like_anything_else(self, ask: Ask) -> None:
        with server(replying(200, b"<html>", Content_Type="text/html")) as up:
            assert ask(up.base)[0].data == b"<html>"

    def test_a_connection_is_kept(self, ask: Ask) -> None:
        with server(GOOD) as up:
            ask(up.base, schema, api_docs, schema)
            assert (len(up.asked), len(up.lines)) == (3, 1)

    def test_a_kept_connection_that_was_closed_is_made_anew(self, ask: Ask) -> None:
        def close_behind(_: Asked, line: Line) -> None:
            line.reply(200, DOCUMENT)
            raise ConnectionResetError

        def a_moment(service: Any) -> Any:
            time.sleep(0.05)
            return service.schema(P2)

        with server(close_behind) as up:
            assert len(ask(up.base, schema, a_moment, a_moment)) == 3
            assert len(up.lines) == 3

    def test_cookies_are_not_kept(self, ask: Ask) -> None:
        with server(replying(200, DOCUMENT, Set_Cookie="a=b")) as up:
            ask(up.base, schema, schema)
        assert "cookie" not in up.asked[1].headers

    def test_only_what_changed_is_sent(self, ask: Ask) -> None:
        def answer(asked: Asked, line: Line) -> None:
            if asked.headers.get("if-none-match") == '"one"':
                line.head(304, ETag='"one"')
            else:
                line.reply(200, DOCUMENT, ETag='"one"')

        with server(answer) as up:
            first, second, third = ask(
                up.base,
                schema,
                lambda service: service.schema(P2, etag='"one"'),
                lambda service: service.api_docs(etag='W/"two"'),
            )
        assert (first.status, first.etag, first.not_modified) == (200, '"one"', False)
        assert (second.status, second.etag, second.not_modified) == (304, '"one"', True)
        assert second.data == b""
        assert third.data == DOCUMENT

    def test_a_304_without_an_etag_is_of_the_one_that_was_sent(self, ask: Ask) -> None:
        with server(lambda _, line: line.head(304)) as up:
            [answer] = ask(up.base, lambda service: service.schema(P2, etag='"one"'))
        assert answer.etag == '"one"'

    def test_a_304_that_was_not_asked_for_is_refused(self, ask: Ask) -> None:
        with server(lambda _, line: line.head(304)) as up:
            assert _failure(BadAnswer, ask, up.base).status == 304

    def test_an_etag_that_is_none_is_not_handed_on(self, ask: Ask) -> None:
        with server(replying(200, DOCUMENT, ETag="bare")) as up:
            assert ask(up.base)[0].etag is None

    @pytest.mark.parametrize(
        ("base", "own", "other"),
        [
            ("", "/api-docs", "/v0.3/api-docs"),
            ("/v0.4", "/v0.4/api-docs", "/v0.3/api-docs"),
            ("/ionq/v0.5/", "/ionq/v0.5/api-docs", "/ionq/v0.3/api-docs"),
            ("/v0.3", "/v0.3/api-docs", "/v0.3/api-docs"),
            ("/version", "/version/api-docs", "/version/v0.3/api-docs"),
        ],
    )
    def test_another_version_stands_beside_the_base(
        self, ask: Ask, base: str, own: str, other: str
    ) -> None:
        with server(replying(200, DOCUMENT)) as up:
            ask(
                up.base + base,
                api_docs,
                lambda service: service.api_docs(version="v0.3"),
                lambda service: service.api_docs(version=service.version),
            )
            assert [each.path for each in up.asked] == [own, other, own]

    @pytest.mark.parametrize("version", ["", "0.3", "v0.3/..", "../v0.3", "v"])
    def test_what_is_no_version_is_refused(self, version: str) -> None:
        with Service("http://127.0.0.1:1") as service:
            assert service.version == "v0.4"
            with pytest.raises(ValueError, match="no version"):
                service.api_docs(version=version)

    def test_gzip_is_unpacked(self, ask: Ask) -> None:
        with server(replying(200, gzip.compress(DOCUMENT), Content_Encoding="gzip")) as up:
            [answer] = ask(up.base)
        assert answer.data == DOCUMENT
        assert "content-encoding" not in answer.headers

    def test_reprs_are_short(self) -> None:
        with Service("http://127.0.0.1:1/v0.4/", key=KEY) as service:
            assert repr(service) == "<Service at http://127.0.0.1:1/v0.4>"
        assert repr(AsyncService(key=KEY)) == f"<AsyncService at {DEFAULT_BASE}>"


class TestKey:
    def test_it_is_sent_once_it_was_asked_for(self, ask: Ask, key: None) -> None:
        with server(_locked) as up:
            first, _ = ask(up.base, schema, api_docs)
        assert first.data == DOCUMENT
        assert up.keys == [None, f"apiKey {KEY}", f"apiKey {KEY}"]

    def test_it_is_not_sent_where_nobody_asks(self, ask: Ask, key: None) -> None:
        with server(GOOD) as up:
            ask(up.base, schema, api_docs)
        assert up.keys == [None, None]

    def test_an_argument_goes_before_the_environment(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(KEY_VARIABLE, "another")
        with server(_locked) as up:
            ask(up.base, key=KEY)
        assert up.keys[-1] == f"apiKey {KEY}"

    def test_space_around_it_is_not_part_of_it(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(KEY_VARIABLE, f" {KEY}\n")
        with server(_locked) as up:
            ask(up.base)
        assert up.keys[-1] == f"apiKey {KEY}"

    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_there_is_none(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch, value: str | None
    ) -> None:
        if value is not None:
            monkeypatch.setenv(KEY_VARIABLE, value)
        with server(_locked) as up:
            error = _failure(KeyNeeded, ask, up.base)
        assert KEY_VARIABLE in str(error)
        assert (error.status, len(up.asked)) == (401, 1)

    def test_one_that_cannot_be_sent_is_not_quoted(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(KEY_VARIABLE, "abc\r\ndef")
        with server(_locked) as up:
            error = _failure(KeyNeeded, ask, up.base)
        assert "abc" not in str(error)
        with pytest.raises(ValueError, match="no key has") as caught:
            ask("https://api.ionq.co", key="abc\r\ndef")
        assert "abc" not in str(caught.value)

    @pytest.mark.parametrize("given", [True, False])
    def test_the_wrong_one_is_not_repeated(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch, given: bool
    ) -> None:
        monkeypatch.setenv(KEY_VARIABLE, "wrong-one")
        with server(_locked) as up:
            options = {"key": "wrong-one"} if given else {}
            error = _failure(KeyRefused, ask, up.base, **options)
        assert "Invalid key ***" in str(error)
        assert (KEY_VARIABLE in str(error)) is not given
        assert (error.status, len(up.asked)) == (401, 2)

    def test_one_that_may_not_do_this(self, ask: Ask, key: None) -> None:
        forbidden = replying(403, b'{"message": "not yours"}')
        with server(each_in_turn(_locked, forbidden)) as up:
            assert "not yours" in str(_failure(KeyRefused, ask, up.base))

    def test_forbidden_without_a_key(self, ask: Ask, key: None) -> None:
        with server(replying(403)) as up:
            assert _failure(BadAnswer, ask, up.base).status == 403
        assert up.keys == [None]

    def test_it_is_never_printed(
        self, ask: Ask, key: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        behaviours = (_locked, replying(200, DOCUMENT, X_Seen="yes"), replying(503), hanging_up)
        with server(each_in_turn(*behaviours)) as up:
            [answer] = ask(up.base)
            assert KEY not in repr(answer)
            with pytest.raises(ServiceError) as caught:
                ask(up.base, schema, key=KEY, attempts=2)
        assert "httpcore" in {record.name.split(".")[0] for record in caplog.records}
        assert KEY not in caplog.text
        error: BaseException | None = caught.value
        told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        ours = [frame for frame in told.stack if "qartifacts" in frame.filename]
        assert ours
        assert not [frame for frame in ours if KEY in str(frame.locals)]
        # Nor does anything hang on to the frames of the HTTP library, which hold it.
        assert error is not None
        assert error.__cause__ is None
        assert error.__context__ is None
        assert KEY not in f"{error!r} {error.args} {vars(error)}"

    def test_it_goes_to_the_service(
        self, ask: Ask, key: None, authority: trustme.CA, trusted: None, monkeypatch: Any
    ) -> None:
        """api.ionq.co itself, played by a proxy on this machine."""
        with server(tunnelling(certified(authority, "api.ionq.co"), _locked)) as up:
            monkeypatch.setenv("HTTPS_PROXY", up.base)
            [answer] = ask(DEFAULT_BASE)
        assert answer.data == DOCUMENT
        assert [(each.method, each.path) for each in up.asked] == [
            ("CONNECT", "api.ionq.co:443"),
            ("GET", f"/v0.4/schemas/formats/{P2}"),
            ("GET", f"/v0.4/schemas/formats/{P2}"),
        ]
        assert up.keys == [None, None, f"apiKey {KEY}"]

    @pytest.mark.parametrize("host", ["mirror.test", "api.ionq.co.test", "api.ionq.co:8443"])
    def test_it_goes_elsewhere_only_if_that_is_said(
        self, ask: Ask, key: None, authority: trustme.CA, trusted: None, monkeypatch: Any, host: str
    ) -> None:
        with server(tunnelling(certified(authority, host.partition(":")[0]), _locked)) as up:
            monkeypatch.setenv("HTTPS_PROXY", up.base)
            error = _failure(KeyNeeded, ask, f"https://{host}")
            assert "--send-key" in str(error)
            assert set(up.keys) == {None}
            assert ask(f"https://{host}", send_key=True)[0].data == DOCUMENT
        assert up.keys[-1] == f"apiKey {KEY}"

    def test_it_never_goes_out_in_the_clear(
        self, ask: Ask, key: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with server(_locked) as up:
            monkeypatch.setenv("HTTP_PROXY", up.base)
            assert "plain http" in str(_failure(KeyNeeded, ask, "http://mirror.test"))
            assert "plain http" in str(_failure(KeyNeeded, ask, "http://api.ionq.co"))
        assert set(up.keys) == {None}
        with pytest.raises(ValueError, match="plain http"):
            ask("http://mirror.test", send_key=True)

    def test_netrc_is_not_read(
        self, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        netrc = tmp_path / ".netrc"
        netrc.write_text("machine 127.0.0.1 login me password secret\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(netrc))
        with server(GOOD) as up:
            ask(up.base)
        assert up.keys == [None]


class TestPlaces:
    @pytest.mark.parametrize(
        "base",
        [
            "",
            "api.ionq.co/v0.4",
            "ftp://api.ionq.co",
            "file:///etc/passwd",
            "https://",
            "https:///v0.4",
            "https://api.ionq.co:port",
            "https://api.ionq.co/\n",
            "https://me:secret@api.ionq.co",
            "me:secret@api.ionq.co",
            "https://api.ionq.co/?key=secret",
            "https://api.ionq.co/#secret",
            "https://api.ionq.co/?",
        ],
    )
    def test_what_cannot_be_a_base(self, ask: Ask, base: str) -> None:
        with pytest.raises(ValueError, match="base URL") as caught:
            ask(base)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        "options",
        [{"timeout": 0}, {"timeout": float("inf")}, {"attempts": 0}, {"max_bytes": 0}, {"key": ""}],
    )
    def test_bounds_that_are_none(self, ask: Ask, options: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=next(iter(options))):
            ask(DEFAULT_BASE, **options)

    def test_what_is_no_identifier_never_becomes_a_path(self, ask: Ask) -> None:
        with server(GOOD) as up:
            for nonsense in ("../api-docs", "a.v1/../b", "", "a b.v1"):
                with pytest.raises(ValueError, match="format identifier"):
                    ask(up.base, methodcaller("schema", nonsense))
            with pytest.raises(ValueError, match="entity tag"):
                ask(up.base, lambda service: service.schema(P2, etag='"a"\r\nX: y'))
        assert up.asked == []

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_on_the_same_origin(self, ask: Ask, key: None, status: int) -> None:
        moved = replying(status, Location="/elsewhere/one?a=b")
        with server(each_in_turn(moved, _locked)) as up:
            [answer] = ask(f"{up.base}/v0.4")
        assert answer.url == f"{up.base}/elsewhere/one?a=b"
        assert up.asked[-1].path == "/elsewhere/one?a=b"
        assert up.keys == [None, None, f"apiKey {KEY}"]

    def test_a_redirect_brings_no_credentials(self, ask: Ask) -> None:
        def moved(_: Asked, line: Line) -> None:
            place = line.server.base.replace("://", "://me:secret@")
            line.reply(302, Location=f"{place}/x")

        with server(each_in_turn(moved, GOOD)) as up:
            ask(up.base)
        assert up.keys == [None, None]

    def test_a_redirect_to_another_host_is_not_followed(self, ask: Ask, key: None) -> None:
        with server(GOOD) as other:
            away = replying(302, Location=f"{other.base}/a?b=c")
            with server(each_in_turn(_locked, away)) as up:
                error = _failure(BadAnswer, ask, up.base)
        assert f"{other.base}/a," in str(error)
        assert up.keys == [None, f"apiKey {KEY}"]
        assert other.asked == []
        assert other.lines == []

    @pytest.mark.parametrize(
        "location",
        [
            "//mirror.test/x",
            "https://127.0.0.1/x",
            "file:///etc/passwd",
            "http://a b",
            "http://a:b/",
            "http://[::1",
        ],
    )
    def test_other_places_to_be_led_to(self, ask: Ask, location: str) -> None:
        with server(replying(307, Location=location)) as up:
            assert "redirects to" in str(_failure(BadAnswer, ask, up.base))
        assert len(up.asked) == 1

    def test_a_redirect_to_nowhere(self, ask: Ask) -> None:
        with server(replying(302)) as up:
            assert _failure(BadAnswer, ask, up.base).status == 302

    def test_redirects_in_circles_end(self, ask: Ask) -> None:
        with server(replying(302, Location="/again")) as up:
            assert "more than 5" in str(_failure(BadAnswer, ask, up.base))
        assert len(up.asked) == 6

    def test_a_proxy_is_used(self, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
        with server(GOOD) as up:
            monkeypatch.setenv("all_proxy", up.base.removeprefix("http://"))
            ask("http://mirror.test/v0.4")
        assert up.asked[0].path == f"http://mirror.test/v0.4/schemas/formats/{P2}"

    def test_no_proxy_stands_before_this_machine(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with server(GOOD) as up, server(GOOD) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.base)
            ask(up.base)
            ask(up.base.replace("127.0.0.1", "localhost"))
        assert (len(up.asked), proxy.asked) == (2, [])

    def test_a_proxy_that_refuses(self, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
        with server(replying(407)) as up:
            monkeypatch.setenv("HTTPS_PROXY", up.base.replace("://", "://me:secret@"))
            error = _failure(Unreachable, ask, DEFAULT_BASE)
        assert "proxy" in str(error)
        assert "secret" not in str(error)

    @pytest.mark.parametrize("proxy", ["ftp://me:secret@127.0.0.1", "socks5://me:secret@127.0.0.1"])
    def test_a_proxy_that_cannot_be_used(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch, proxy: str
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        error = _failure(Unreachable, ask, DEFAULT_BASE)
        assert "HTTPS_PROXY" in str(error)
        assert "secret" not in str(error)

    def test_certificates_that_are_not_there(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", "no-such-file.pem")
        error = _failure(Unreachable, ask, f"https://127.0.0.1:{closed_port()}")
        assert "SSL_CERT_FILE" in str(error)


class TestRefusals:
    def test_what_is_not_there(self, ask: Ask) -> None:
        with server(lambda _, line: line.problem(404, "No such\x1b[2J format")) as up:
            error = _failure(NotFound, ask, up.base)
        assert P2 in str(error)
        assert "No such" in str(error)
        assert (error.url, error.status) == (f"{up.base}/schemas/formats/{P2}", 404)

    def test_a_parameter_that_is_not_allowed(self, ask: Ask) -> None:
        """The service's errors of validation name the parameter."""
        validation = {"keys": ["format"], "source": "params"}
        with server(lambda _, line: line.problem(400, "no", validation=validation)) as up:
            assert _failure(NotFound, ask, up.base).status == 400
        with server(lambda _, line: line.problem(400, "no", validation=["format"])) as up:
            assert _failure(BadAnswer, ask, up.base).status == 400

    def test_too_often_and_then_well(self, ask: Ask) -> None:
        times = []

        def busy(_: Asked, line: Line) -> None:
            times.append(time.monotonic())
            line.reply(429, Retry_After=1)

        def good(asked: Asked, line: Line) -> None:
            times.append(time.monotonic())
            GOOD(asked, line)

        with server(each_in_turn(busy, good)) as up:
            assert ask(up.base)[0].data == DOCUMENT
        assert 0.9 < times[1] - times[0] < 3

    def test_too_often_for_ever(self, ask: Ask) -> None:
        with server(replying(429, b'{"message": "slow down"}')) as up:
            error = _failure(RateLimited, ask, up.base, attempts=3)
        assert isinstance(error, RateLimited)
        assert "slow down" in str(error)
        assert (error.retry_after, len(up.asked)) == (None, 3)

    @pytest.mark.parametrize("form", ["seconds", "date"])
    @pytest.mark.parametrize("status", [429, 503])
    def test_nobody_waits_for_an_hour(self, ask: Ask, status: int, form: str) -> None:
        later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        when = email.utils.format_datetime(later, usegmt=True) if form == "date" else 3600
        with (
            server(replying(status, Retry_After=when)) as up,
            pytest.raises(ServiceError) as caught,
        ):
            ask(up.base)
        assert len(up.asked) == 1
        if isinstance(caught.value, RateLimited):
            assert caught.value.retry_after is not None
            assert 3500 < caught.value.retry_after <= 3600
        assert "try again after 3" in str(caught.value)

    @pytest.mark.parametrize(
        "when", ["soon", "-1", "1, 2", "0", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"]
    )
    def test_waits_that_cannot_be_read_are_left_out(self, ask: Ask, when: str) -> None:
        with server(each_in_turn(replying(429, Retry_After=when), GOOD)) as up:
            assert ask(up.base)[0].data == DOCUMENT

    def test_a_wait_without_end(self, ask: Ask) -> None:
        with server(replying(429, Retry_After="9" * 400)) as up:
            error = _failure(RateLimited, ask, up.base)
        assert isinstance(error, RateLimited)
        assert error.retry_after == 10**9

    @pytest.mark.parametrize("status", [502, 503])
    def test_a_failure_that_passes(self, ask: Ask, status: int) -> None:
        failing = replying(status, b"<html>Bad Gateway</html>")
        with server(each_in_turn(failing, failing, GOOD)) as up:
            assert ask(up.base)[0].data == DOCUMENT
        assert len(up.asked) == 3

    def test_a_failure_that_stays(self, ask: Ask) -> None:
        with server(replying(502, b"<html>\x1b[31mBad Gateway</html>")) as up:
            error = _failure(BadAnswer, ask, up.base, attempts=2)
        assert "html" not in str(error)
        assert (error.status, len(up.asked)) == (502, 2)

    def test_a_failure_that_another_attempt_does_not_mend(self, ask: Ask) -> None:
        with server(lambda _, line: line.problem(500, "a" * 1000)) as up:
            error = _failure(BadAnswer, ask, up.base)
        assert len(str(error)) < 400
        assert (error.status, len(up.asked)) == (500, 1)

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"message": 1}', b'{"message": " "}', b"\xff"])
    def test_errors_without_a_message(self, ask: Ask, body: bytes) -> None:
        with server(replying(404, body)) as up:
            assert str(_failure(NotFound, ask, up.base)).endswith("(404)")

    def test_the_message_of_an_error_may_be_packed(self, ask: Ask) -> None:
        body = gzip.compress(b'{"message": "gone"}')
        with server(replying(404, body, Content_Encoding="gzip")) as up:
            assert "gone" in str(_failure(NotFound, ask, up.base))

    @pytest.mark.parametrize("encoding", ["gzip", "br"])
    def test_an_error_that_cannot_be_unpacked_is_still_one(self, ask: Ask, encoding: str) -> None:
        with server(replying(404, b"not packed", Content_Encoding=encoding)) as up:
            _failure(NotFound, ask, up.base)

    def test_an_error_that_breaks_off_is_still_one(self, ask: Ask) -> None:
        def answer(_: Asked, line: Line) -> None:
            line.head(404, Content_Length=100)
            raise ConnectionResetError

        with server(answer) as up:
            _failure(NotFound, ask, up.base)
        assert len(up.asked) == 1

    def test_an_error_without_end_is_still_one(self, ask: Ask) -> None:
        with server(_endless(404)) as up:
            _failure(NotFound, ask, up.base)
        assert sum(line.sent for line in up.lines) < GIB // 16

    def test_other_answers(self, ask: Ask) -> None:
        with server(lambda _, line: line.head(204)) as up:
            assert "base URL" in str(_failure(BadAnswer, ask, up.base))


def _endless(status: int = 200) -> Behaviour:
    """A body of 1 GiB, in pieces, so that nobody knows before how long it is."""

    def answer(_: Asked, line: Line) -> None:
        line.head(status, Transfer_Encoding="chunked")
        piece = b"%x\r\n%s\r\n" % (1 << 16, bytes(1 << 16))
        while line.sent < GIB:
            line.send(piece)

    return answer


class TestFailures:
    def test_a_connection_that_breaks_once(self, ask: Ask) -> None:
        with server(each_in_turn(hanging_up, _reset, GOOD)) as up:
            assert ask(up.base)[0].data == DOCUMENT
        assert len(up.asked) == 3

    def test_a_connection_that_always_breaks(self, ask: Ask) -> None:
        for behaviour in (hanging_up, _reset):
            with server(behaviour) as up:
                error = _failure(Unreachable, ask, up.base, attempts=2)
            assert "2 times in a row" in str(error)
            assert len(up.asked) == 2

    def test_one_attempt(self, ask: Ask) -> None:
        with server(hanging_up) as up:
            assert "in a row" not in str(_failure(Unreachable, ask, up.base, attempts=1))
        assert len(up.asked) == 1

    def test_what_is_no_http(self, ask: Ask) -> None:
        def mail(_: Asked, line: Line) -> None:
            line.send(b"220 mail.test ESMTP\r\n")
            raise ConnectionResetError

        with server(mail) as up:
            _failure(Unreachable, ask, up.base, attempts=1)

    def test_a_body_that_breaks_off_once(self, ask: Ask) -> None:
        with server(each_in_turn(_truncated, GOOD)) as up:
            assert ask(up.base)[0].data == DOCUMENT

    def test_a_body_that_always_breaks_off(self, ask: Ask) -> None:
        with server(_truncated) as up:
            error = _failure(BadAnswer, ask, up.base, attempts=2)
        assert "breaks off after 44 bytes, 2 times in a row" in str(error)
        assert len(up.asked) == 2

    def test_a_packed_body_that_breaks_off(self, ask: Ask) -> None:
        half = replying(200, gzip.compress(DOCUMENT, mtime=0)[:-4], Content_Encoding="gzip")
        with server(half) as up:
            error = _failure(BadAnswer, ask, up.base, attempts=2)
        assert "breaks off" in str(error)
        assert len(up.asked) == 2

    @pytest.mark.parametrize(
        ("encoding", "body"),
        [
            ("gzip", b"not packed"),
            ("gzip", gzip.compress(DOCUMENT, mtime=0) + b"more"),
            ("br", b"?"),
            ("gzip, gzip", gzip.compress(gzip.compress(DOCUMENT, mtime=0), mtime=0)),
        ],
    )
    def test_a_body_that_cannot_be_unpacked(self, ask: Ask, encoding: str, body: bytes) -> None:
        with server(replying(200, body, Content_Encoding=encoding)) as up:
            _failure(BadAnswer, ask, up.base)
        assert len(up.asked) == 1

    def test_silence(self, ask: Ask) -> None:
        for behaviour in (_silent, _silent_in_the_body):
            with server(behaviour) as up:
                error = _failure(Unreachable, ask, up.base, timeout=0.2)
            assert "silent for 0.2 s" in str(error)
            assert len(up.asked) == 1

    @pytest.mark.parametrize("part", ["head", "body", "body-without-length", "error"])
    @pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
    def test_a_byte_now_and_then(
        self, ask: Ask, authority: trustme.CA, trusted: None, part: str, secure: bool
    ) -> None:
        def drip(_: Asked, line: Line) -> None:
            if part == "head":
                line.send(b"HTTP/1.1 200 OK\r\nX: ")
            elif part == "body-without-length":
                line.head(200)
            else:
                line.head(200 if part == "body" else 404, Content_Length=GIB)
            while line.wait(0.02):
                line.send(b"a")

        tls = certified(authority, "127.0.0.1") if secure else None
        with server(drip, tls) as up:
            start = time.monotonic()
            error = _failure(Unreachable, ask, up.base, timeout=0.1, max_bytes=2 * GIB)
        assert "too slowly" in str(error)
        assert time.monotonic() - start < 2
        assert len(up.asked) == 1

    def test_a_long_answer_that_keeps_coming_has_time(self, ask: Ask) -> None:
        def steady(_: Asked, line: Line) -> None:
            line.head(200, Content_Length=20 * 4096)
            for _each in range(20):
                line.send(bytes(4096))
                line.wait(0.03)

        with server(steady) as up:
            assert len(ask(up.base, timeout=0.25)[0].data) == 20 * 4096

    def test_a_service_goes_on_after_a_failure(self, ask: Ask) -> None:
        def failing(service: Any) -> Any:
            if isinstance(service, Service):
                with pytest.raises(Unreachable):
                    service.schema(P2)
                return None

            async def fail() -> None:
                with pytest.raises(Unreachable):
                    await service.schema(P2)

            return fail()

        with server(each_in_turn(_silent_in_the_body, GOOD)) as up:
            assert ask(up.base, failing, schema, timeout=0.5)[1].data == DOCUMENT

    @pytest.mark.parametrize("length", ["known", "unknown", "packed", "empty-blocks"])
    def test_more_than_anyone_asked_for(self, ask: Ask, length: str) -> None:
        def known(_: Asked, line: Line) -> None:
            line.head(200, Content_Length=GIB)
            while line.sent < GIB:
                line.send(bytes(1 << 16))

        def packed(_: Asked, line: Line) -> None:
            line.head(200, Content_Encoding="gzip")
            packer = zlib.compressobj(wbits=31)
            for _each in range(GIB >> 20):
                flush = zlib.Z_SYNC_FLUSH if length == "empty-blocks" else zlib.Z_NO_FLUSH
                content = b"" if length == "empty-blocks" else bytes(1 << 20)
                line.send(packer.compress(content) + packer.flush(flush) * 1000)

        behaviour = {"known": known, "unknown": _endless()}.get(length, packed)
        with server(behaviour) as up:
            error = _failure(BadAnswer, ask, up.base, max_bytes=1 << 20)
        assert "larger than the limit of 1,048,576 bytes" in str(error)
        assert len(up.asked) == 1
        assert up.lines[0].sent < GIB // 16

    def test_the_limit_itself_is_allowed(self, ask: Ask) -> None:
        for behaviour in (
            GOOD,
            replying(200, gzip.compress(DOCUMENT, 0), Content_Encoding="gzip"),
        ):
            with server(behaviour) as up:
                if behaviour is GOOD:
                    assert ask(up.base, max_bytes=len(DOCUMENT))[0].data == DOCUMENT
                _failure(BadAnswer, ask, up.base, max_bytes=len(DOCUMENT) - 1)

    def test_nobody_there(self, ask: Ask) -> None:
        error = _failure(Unreachable, ask, f"http://127.0.0.1:{closed_port()}")
        assert "refuses the connection" in str(error)
        assert error.status is None

    def test_no_such_name(self, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
        def resolve(host: Any, *_: object, **__: object) -> Any:
            # No question about a name leaves this machine, not even of a test.
            assert host in {"api.ionq.co", b"api.ionq.co"}
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert "offline" in str(_failure(Unreachable, ask, DEFAULT_BASE))

    def test_nobody_there_at_any_address(self, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
        port = closed_port()
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))
            for host in ("127.0.0.1", "127.0.0.1")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        error = _failure(Unreachable, ask, f"http://mirror.test:{port}")
        assert "refuses the connection" in str(error)

    def test_a_name_that_takes_for_ever(self, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
        resolve = socket.getaddrinfo

        def slowly(*arguments: Any, **more: Any) -> Any:
            time.sleep(0.5)
            return resolve(*arguments, **more)

        with server(_silent) as up:
            monkeypatch.setattr(socket, "getaddrinfo", slowly)
            _failure(Unreachable, ask, up.base, timeout=0.1)

    def test_nobody_answers_the_knock(self, ask: Ask) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            port = full.getsockname()[1]
            waiting = [socket.socket() for _ in range(4)]
            try:
                for each in waiting:
                    each.setblocking(False)
                    each.connect_ex(("127.0.0.1", port))
                error = _failure(Unreachable, ask, f"http://127.0.0.1:{port}", timeout=0.2)
            finally:
                for each in waiting:
                    each.close()
        assert "cannot be reached within 0.2 s" in str(error)

    def test_a_certificate_that_nobody_vouches_for(self, ask: Ask, authority: trustme.CA) -> None:
        with server(GOOD, certified(authority, "127.0.0.1")) as up:
            error = _failure(Unreachable, ask, up.base)
        assert "SSL_CERT_FILE" in str(error)
        assert up.asked == []

    def test_a_certificate_of_another_name(
        self, ask: Ask, authority: trustme.CA, trusted: None
    ) -> None:
        with server(GOOD, certified(authority, "mirror.test")) as up:
            assert "not trusted" in str(_failure(Unreachable, ask, up.base))

    def test_a_certificate_that_is_vouched_for(
        self, ask: Ask, authority: trustme.CA, trusted: None
    ) -> None:
        with server(GOOD, certified(authority, "127.0.0.1")) as up:
            assert ask(up.base)[0].data == DOCUMENT

    def test_no_https_at_all(self, ask: Ask) -> None:
        def plain(connection: socket.socket) -> None:
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(4096)

        with socket.create_server(("127.0.0.1", 0)) as listener:
            answering = threading.Thread(target=lambda: plain(listener.accept()[0]), daemon=True)
            answering.start()
            base = f"https://127.0.0.1:{listener.getsockname()[1]}"
            assert "https as it should" in str(_failure(Unreachable, ask, base))
            answering.join()

    def test_tls_that_is_reset_in_the_greeting(self, ask: Ask) -> None:
        def reset(connection: socket.socket) -> None:
            connection.recv(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

        with socket.create_server(("127.0.0.1", 0)) as listener:
            answering = threading.Thread(target=lambda: reset(listener.accept()[0]), daemon=True)
            answering.start()
            base = f"https://127.0.0.1:{listener.getsockname()[1]}"
            assert "cannot be reached" in str(_failure(Unreachable, ask, base))
            answering.join()

    def test_tls_that_breaks_in_the_middle(
        self, ask: Ask, authority: trustme.CA, trusted: None
    ) -> None:
        def garble(_: Asked, line: Line) -> None:
            line.head(200, Content_Length=100)
            os.write(line.socket.fileno(), b"this is no record of TLS")
            line.wait(0.1)

        with server(garble, certified(authority, "127.0.0.1")) as up, pytest.raises(ServiceError):
            ask(up.base, attempts=1)


def _reset(_: Asked, line: Line) -> None:
    """End a connection not in peace but by a reset."""
    line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.socket.close()
    raise ConnectionResetError


def _truncated(_: Asked, line: Line) -> None:
    line.head(200, Content_Length=len(DOCUMENT) + 1)
    line.send(DOCUMENT)
    raise ConnectionResetError


def _silent(_: Asked, line: Line) -> None:
    line.wait()


def _silent_in_the_body(_: Asked, line: Line) -> None:
    line.head(200, Content_Length=100)
    line.send(b"a")
    line.wait()


class TestManyAtOnce:
    @pytest.mark.parametrize(("threads", "connections"), [(1, 1), (20, 8)])
    def test_threads_go_together_but_not_all_of_them(
        self, key: None, threads: int, connections: int
    ) -> None:
        now = 0
        most = 0
        counting = threading.Lock()

        def answer(asked: Asked, line: Line) -> None:
            nonlocal now, most
            with counting:
                now += 1
                most = max(most, now)
            line.wait(0.02)
            with counting:
                now -= 1
            _locked(asked, line)

        with (
            server(answer) as up,
            Service(up.base) as service,
            ThreadPoolExecutor(threads) as pool,
        ):
            answers = list(pool.map(service.schema, [P2] * 40))
        assert {answer.data for answer in answers} == {DOCUMENT}
        assert most <= len(up.lines) <= connections
        assert most == 1 if threads == 1 else most >= 2

    def test_tasks_go_together_but_not_all_of_them(self, key: None) -> None:
        now = 0
        most = 0
        counting = threading.Lock()

        def answer(asked: Asked, line: Line) -> None:
            nonlocal now, most
            with counting:
                now += 1
                most = max(most, now)
            line.wait(0.02)
            with counting:
                now -= 1
            _locked(asked, line)

        async def ask(base: str) -> list[Answer]:
            async with AsyncService(base) as service:
                return await asyncio.gather(*(service.schema(P2) for _ in range(40)))

        with server(answer) as up:
            answers = asyncio.run(ask(up.base))
        assert {each.data for each in answers} == {DOCUMENT}
        assert 2 <= most <= 8

    def test_a_task_that_is_cancelled_leaves_the_others_alone(self) -> None:
        async def ask(base: str) -> Answer:
            async with AsyncService(base) as service:
                first = asyncio.create_task(service.schema(P2))
                await asyncio.sleep(0.1)
                first.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await first
                return await service.schema(P2)

        with server(each_in_turn(_silent, GOOD)) as up:
            assert asyncio.run(ask(up.base)).data == DOCUMENT
