"""What the fast path accepts is an artifact like any other, and asks for nothing that it can spare."""

from __future__ import annotations

import gzip
import json
import random
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.validate import verdict
from strategies import AGGREGATE, H1, H2, P1, P2, S1, S2, bitstring

#: Outcomes and shots that make texts beyond a quarter of a megabyte, which are read into columns.
MANY = 30_000
WIDTH = 20


def _states(random: random.Random) -> list[int]:
    return random.sample(range(1 << WIDTH), MANY)


def _shares(number: int) -> list[float]:
    weights = [index % 97 for index in range(1, number + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


def _outcomes(random: random.Random, *, counts: bool, bitstrings: bool) -> dict[str, Any]:
    states = _states(random)
    values: list[Any] = [random.randrange(50) for _ in states] if counts else _shares(MANY)
    keys = [bitstring(state, WIDTH) if bitstrings else str(state) for state in states]
    return dict(zip(keys, values, strict=True))


def _shots(random: random.Random) -> Any:
    def bits(width: int) -> list[int]:
        return [random.getrandbits(1) for _ in range(width)]

    return {
        "shots": [
            {
                "registers": {"mid": bits(2), "output_all": bits(7)},
                "leakage_bits": [int(not random.randrange(9)), 0],
            }
            for _ in range(MANY)
        ]
    }


def _aggregate(random: random.Random) -> Any:
    return {
        str(uuid.UUID(int=random.getrandbits(128))): dict(
            zip(map(str, random.sample(range(1 << WIDTH), 100)), _shares(100), strict=True)
        )
        for _ in range(MANY // 100)
    }


LARGE: dict[str, Callable[[random.Random], Any]] = {
    P1: lambda random: _outcomes(random, counts=False, bitstrings=False),
    P2: lambda random: {
        "probabilities": {"registers": {"r": _outcomes(random, counts=False, bitstrings=True)}}
    },
    H1: lambda random: _outcomes(random, counts=True, bitstrings=False),
    H2: lambda random: {
        "histogram": {"registers": {"r": _outcomes(random, counts=True, bitstrings=True)}}
    },
    S1: lambda random: [str(random.getrandbits(WIDTH)) for _ in range(MANY)],
    S2: _shots,
    AGGREGATE: _aggregate,
}


@pytest.fixture(scope="module", params=LARGE)
def format(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def payload(format: str) -> Any:
    return LARGE[format](random.Random(11))


def _text(payload: Any) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()


def _unread(*_: Any) -> Any:
    raise AssertionError("the text was read into objects")


@pytest.mark.parametrize("bit_order", ["wire", "reversed"])
def test_an_artifact_of_columns_is_one_of_the_payload(
    format: str, payload: Any, bit_order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = qa.load(payload, format=format, bit_order=bit_order)
    with monkeypatch.context() as patched:
        patched.setattr(verdict, "read", _unread)
        loaded = qa.load(_text(payload), format=format, bit_order=bit_order)
        assert loaded.register_names == parsed.register_names
        assert (loaded.shots, loaded.leaked) == (parsed.shots, parsed.leaked)
        for name in loaded.register_names:
            assert loaded.width(name) == parsed.width(name)
        assert loaded.to_bytes() == parsed.to_bytes()
        if format != AGGREGATE:
            name = loaded.register_names[-1]
            mine, theirs = loaded.distribution(name), parsed.distribution(name)
            assert (mine.states == theirs.states).all()
            assert (mine.values == theirs.values).all()
        same = loaded.convert(format)
        assert same.lost == parsed.convert(format).lost
    assert loaded.payload == payload
    # A parsed object has no places; but for these, the same is said of both.
    said = [(each.code, each.message, each.pointer) for each in loaded.report.findings]
    assert said == [(each.code, each.message, each.pointer) for each in parsed.report.findings]


def test_a_large_text_is_told_by_its_start_and_not_read_twice(
    format: str, payload: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "result.json.gz"
    path.write_bytes(gzip.compress(_text(payload)))
    monkeypatch.setattr(verdict, "read", _unread)
    assert qa.check(path).format == format
    assert qa.check(b" " + _text(payload) + b"\n").format == format


@pytest.mark.parametrize(
    "values",
    [
        dict.fromkeys(map(str, range(40_000)), 1),
        {**dict.fromkeys(map(str, range(40_000)), 0), "1": 1},
    ],
)
def test_what_may_have_two_formats_is_not_told_by_its_start(values: dict[str, int]) -> None:
    data = _text(values)
    assert len(data) > 1 << 18
    for format in (P1, H1):
        told = qa.check(data)
        assert [each.code for each in told.findings] == ["QA021"], format
    assert qa.check(data, format=H1).ok


def test_members_that_are_not_declared_keep_a_payload_whole() -> None:
    payload = LARGE[H2](random.Random(3))
    payload["more"] = {"than": "columns hold"}
    artifact = qa.load(_text(payload), format=H2)
    assert json.loads(artifact.to_bytes())["more"] == payload["more"]
    assert [change.kind for change in artifact.convert(H2).lost] == ["members"]


def test_notes_of_children_have_their_places() -> None:
    """Of every child, the first outcome that never occurred."""
    child = {str(state): 1 / 64 for state in range(64)} | {"70": 0, "71": 0}
    payload = {str(uuid.UUID(int=index)): dict(child) for index in range(300)}
    data = json.dumps(payload, separators=(",", ":")).encode()
    report = qa.check(data, format=AGGREGATE)
    assert (report.errors, report.notes) == (0, 300)
    lines = data.decode()
    for finding in report.findings:
        assert finding.code == "QA205"
        assert finding.pointer.endswith("/70")
        assert finding.column is not None
        assert lines[finding.column - 1 :].startswith('0,"71"')
    assert len(report.findings) == 100  # As many as are shown.


def test_the_second_small_text_is_decoded_with_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """One alone is not worth what that imports."""
    data = b'{"0":0.5,"3":0.5}'
    settings = qa.Settings(max_findings=77)  # Of which no other test has an examiner.
    assert qa.check(data, format=P1, settings=settings).ok
    monkeypatch.setattr(verdict, "read", _unread)
    assert qa.check(data, format=P1, settings=settings).ok
    assert qa.validator(P1).check(data).ok
