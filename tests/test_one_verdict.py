"""One verdict: what the fast path accepts, the exact path accepts, with the same notes and columns.

Every text here goes both ways, and to a reference reader that shares nothing with either. The fast
path may always say that it does not know; where speed is promised, tests ask that it does not.
"""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from comparison import Outcome, examiner_of, judged, pieces_of
from fuzzing import FORMATS, LAYOUTS, ODD_NAMES, TokenizedText, example, mutated
from qartifacts import Registry, Settings
from qartifacts.config import DEFAULTS
from qartifacts.jsontext import read
from qartifacts.source import Source
from qartifacts.validate import examiner
from strategies import AGGREGATE, H1, H2, MUTATIONS, NATIVE, P1, P2, PAYLOADS, S1, S2, Mutation
from support import THOROUGH, MakeRegistry, length

RESULTS = tuple(format for format in FORMATS if format != NATIVE)
CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*/*/*.json"))
#: Bytes of the pieces that texts are cut into; None for decoders as they are shipped.
PIECES = [None, 64, 1000]


def outcome(
    format: str, data: bytes, settings: Settings = DEFAULTS, pieces: int | None = None
) -> Outcome:
    with pieces_of(pieces):
        return judged(examiner_of(format, settings, pieces), data)


def outcomes(format: str, data: bytes, settings: Settings = DEFAULTS) -> set[Outcome]:
    """What comes of a text, for decoders as they are shipped and for others."""
    return {outcome(format, data, settings, pieces) for pieces in PIECES}


# ----------------------------------------------------------------------------------------------
# Cases


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CASES).as_posix())
def test_case(path: Path) -> None:
    format, good, data = path.parts[-3], path.parts[-2] == "good", path.read_bytes()
    assert (Outcome.REFUSED in outcomes(format, data)) is not good
    reading = read(data, DEFAULTS)
    for at, layout in enumerate(LAYOUTS.values() if not reading.faults else ()):
        # One size of pieces a layout, another one for the next.
        pieces = PIECES if THOROUGH else [PIECES[(at + len(data)) % len(PIECES)]]
        found = {outcome(format, layout(reading.value), pieces=each) for each in pieces}
        assert (Outcome.REFUSED in found) is not good


# ----------------------------------------------------------------------------------------------
# Properties


@pytest.mark.parametrize("format", PAYLOADS)
@given(data=st.data())
@example_settings(max_examples=length(30, 500))
def test_valid_payloads_in_every_layout(format: str, data: st.DataObject) -> None:
    payload = data.draw(PAYLOADS[format])
    layout = data.draw(st.sampled_from(sorted(LAYOUTS)))
    assert Outcome.REFUSED not in outcomes(format, LAYOUTS[layout](payload))


@pytest.mark.parametrize(
    "mutation", MUTATIONS, ids=lambda each: f"{each.format.removeprefix('ionq.')}-{each.name}"
)
@given(data=st.data())
@example_settings(max_examples=length(5, 100))
def test_broken_rules_in_every_layout(mutation: Mutation, data: st.DataObject) -> None:
    payload = mutation.change(data.draw(PAYLOADS[mutation.format]))
    if payload is None:
        return
    layout = data.draw(st.sampled_from(sorted(LAYOUTS)))
    assert Outcome.ACCEPTED not in outcomes(mutation.format, LAYOUTS[layout](payload))


# ----------------------------------------------------------------------------------------------
# What is promised to be fast


def without_zeros(payload: Any) -> Any:
    """The payload without outcomes that never occurred."""
    if not isinstance(payload, dict):
        return payload
    return {key: without_zeros(value) for key, value in payload.items() if value != 0}


PLAIN: dict[str, dict[str, Any]] = {
    P1: {"0": 0.5, "3": 0.5},
    P2: {"probabilities": {"registers": {"output_all": {"00": 0.5, "11": 0.5}}}},
    H1: {"0": 500, "1": 250, "3": 250},
    H2: {"histogram": {"registers": {"output_all": {"00": 500, "11": 500}}}},
    S2: {"shots": [{"registers": {"output_all": [1, 0]}}, {"registers": {"output_all": [0, 1]}}]},
    AGGREGATE: {
        "06a2099c-f845-7208-8000-8111ee2dccbc": {"2": 1},
        "06a2099c-f846-7d32-8000-5726853513db": {"0": 0.5, "1": 0.5},
    },
}
PLAIN_TEXTS = [(format, json.dumps(payload)) for format, payload in PLAIN.items()]
PLAIN_TEXTS.append((S1, '["2", "1", "3", "0"]'))


@pytest.mark.parametrize(("format", "text"), PLAIN_TEXTS)
def test_plain_small_payloads_are_accepted_at_once(format: str, text: str) -> None:
    for data in (text.encode(), text.replace(" ", "").encode(), f"{text}\n".encode()):
        assert outcomes(format, data) == {Outcome.ACCEPTED}


@pytest.mark.parametrize("format", RESULTS)
@pytest.mark.parametrize("bits", [1, 2, 5, 36, 63, 64])
def test_small_payloads_are_accepted_at_once(format: str, bits: int) -> None:
    rng = Random(bits)
    for entries in (1, 2, 3, 8, 30):
        payload = without_zeros(example(format, rng, entries, bits=bits))
        for layout in ("compact", "default", "indent-2"):
            assert outcome(format, LAYOUTS[layout](payload)) is Outcome.ACCEPTED


THREE = ("mid", "result", "output_all")

#: By name: format, entries, and what else ``example`` takes.
LARGE: dict[str, tuple[str, int, dict[str, Any]]] = {
    "shots-v2-5": (S2, 3000, {"bits": 5}),
    "shots-v2-36": (S2, 3000, {"bits": 36}),
    "shots-v2-70": (S2, 3000, {"bits": 70}),
    "shots-v2-three": (S2, 3000, {"bits": 4, "registers": THREE}),
    "shots-v2-leakage": (S2, 3000, {"bits": 5, "leakage": True}),
    "shots-v1-5": (S1, 20_000, {"bits": 5}),
    "shots-v1-36": (S1, 20_000, {"bits": 36}),
    "histogram-v1": (H1, 20_000, {"bits": 36}),
    "histogram-v2": (H2, 20_000, {"bits": 36}),
    "histogram-v2-70": (H2, 20_000, {"bits": 70}),
    "histogram-v2-three": (H2, 7000, {"bits": 20, "registers": THREE}),
    "probabilities-v1": (P1, 20_000, {"bits": 36}),
    "probabilities-v2": (P2, 20_000, {"bits": 36}),
    "probabilities-v2-70": (P2, 20_000, {"bits": 70}),
    "probabilities-v2-three": (P2, 7000, {"bits": 20, "registers": THREE}),
    "aggregate-64": (AGGREGATE, 300, {"bits": 29, "outcomes": 64}),
    "aggregate-2": (AGGREGATE, 2000, {"bits": 29, "outcomes": 2}),
}


def large(name: str, rng: Random, part: int = 1) -> tuple[str, Any]:
    """The format and payload of that name, or of an n-th part of its size."""
    format, entries, options = LARGE[name]
    return format, example(format, rng, entries // part, **options)


@pytest.mark.parametrize("name", LARGE)
def test_large_payloads_are_accepted_at_once(name: str) -> None:
    format, payload = large(name, Random(7))
    assert outcome(format, LAYOUTS["compact"](payload)) is Outcome.ACCEPTED
    assert outcome(format, LAYOUTS["default"](without_zeros(payload))) is Outcome.ACCEPTED


@pytest.mark.parametrize("name", LARGE)
def test_large_payloads_in_every_layout(name: str) -> None:
    format, payload = large(name, Random(8), part=length(12, 5))
    for layout in LAYOUTS.values():
        assert outcome(format, layout(payload)) is not Outcome.REFUSED


@pytest.mark.parametrize("name", LARGE)
def test_mutants_of_large_payloads(name: str) -> None:
    rng = Random(9)
    format, payload = large(name, rng, part=length(12, 5))
    base = TokenizedText(LAYOUTS["compact"](payload))
    for _ in range(length(10, 100)):
        outcome(format, mutated(base, rng))


@pytest.mark.parametrize("format", [P2, H2, S2])
@pytest.mark.parametrize("name", ODD_NAMES)
def test_registers_with_odd_names(format: str, name: str) -> None:
    for registers in ((name,), ("a", name, "b")):
        payload = without_zeros(example(format, Random(3), 40, registers=registers, bits=9))
        for layout in ("compact", "default", "escaped"):
            text = LAYOUTS[layout](payload)
            found = outcomes(format, text)
            assert Outcome.REFUSED not in found
            assert b"\\" in text or found == {Outcome.ACCEPTED}


# ----------------------------------------------------------------------------------------------
# Near misses

ONE = "06a2099c-f845-7208-8000-8111ee2dccbc"
OTHER = "06a2099c-f846-7d32-8000-5726853513db"

#: Bad texts, most of which a decoder would accept if one of its proofs were left out.
NEAR_MISSES = {
    P1: [
        '{"0":0.5,"1":[0.5]}', '{"0":0.5,"1":{0.5}}', '{"0":0.5,"1":0.5]', '["0":0.5,"1":0.5}', '{"0":1,}',
        '{"0":0.5"1":0.5}', '{"0",0.5,"1",0.5}', '{"0":0.5:"1":0.5}', '{"0":0.5,:"1"0.5}', '{"0"{0.5,"1":0.5}',
        '{"3":0.5",2":0.5}', '{"3:"0.5,"2":0.5}', '{"5":0.5,"81":0.1,0.4}', '{"5":0.5,0.1,"81":0.4}',
        '{"0":-0.25,"1":1.25}', '{"7353810995}', '{"7353810995":}', '{"":1}', '{"-0":1}', '{"+1":1}', '{"1 ":1}',
        '{" 1":1}', '{"1.0":1}', '{"1e0":1}', '{"00":1}', '{"0":1,"0":0}', '{"0":0.5,"1":0.5,"0":0}', '{"0":01}',
        '{"0":1.}', '{"0":.5,"1":.5}', '{"0":+1}', '{"0":1e}', '{"0":true}', '{"0":"1"}', '{"0":1}}', '{"0":1},', "{}",
        '1"86055":1}', '{"0":0.5,"1":0.25,"2":0.25,}', '{,"0":1}', '{"0":1,"1"}', '{"0":1 0}', '{"0":NaN}',
    ],
    P2: [
        '{"probabilities"]{"registers":{"c":{"0":1}}}}', '{"probabilities":{"registers":{"c":{"0":1}}}', '{"probabilities":{"registers":{"c":{"0":1}}}}}',
        '{"probabilities":{"registers":{"c":{"0":1},"c":{"1":1}}}}', '{"probabilities":{"registers":{"c":{"0":1},}}}',
        '{"probabilities":{"registers":{"c":{"0":0.5,"1":[0.5]}}}}', '{"probabilities":{"registers":{"c":{"0":0.5,"0":0.5}}}}',
        '{"probabilities":{"registers":{"c":{"00":0.5,"1":0.5}}}}', '{"probabilities":{"registers":{"c":{"00";0.5,"11":0.5}}}}',
        '{"probabilities":{"registers":{"c":{"00":0.5,"11#:0.5}}}}', '{"probabilities":{"registers":{"c":{#00":0.5,"11":0.5}}}}',
        '{"probabilities":{"registers":{"c":{"02":0.5,"11":0.5}}}}', '{"probabilities":{"registers":{"c":{"":1}}}}', '{"probabilities":{"registers":{"c":{}}}}',
        '{"probabilities":{"registers":{}}}', '{"probabilities":{"registers":{"c":{"00":0.5"11":0.5}}}}', '{"probabilities":{"registers":{"c":{"00":-0.5,"11":1.5}}}}',
        '{"probabilities":{"registers":{"\\ud800":{"0":1}}}}', '{"probabilities":{"registers":{"\x1f":{"0":1}}}}',
    ],
    H1: [
        '{"-0":1}', '{"":,"":,"}', '{"0":,"3":}', '{"3":10",2":1}', '{"0":-1}', '{"0":9007199254740992}', '{"0":18446744073709551616}', '{"0":0.5}',
        '{"0":01}', '{"0":5{5}}', '{"0":{5}}', '{"0":[5]}', '{"0":5,"0":5}', '{"2037424402005338834":1,"2037424402005338834":0}', '{"01":5}', '{"0 ":5}',
    ],
    H2: [
        '{"histogram":{"registers":{"c":{"00":5,"00":5}}}}', '{"histogram":{"registers":{"c":{"00":5},"c":{"11":5}}}}', '{"histogram":{"registers":{"c":{"00":5},"d":{"11":6}}}}',
        '{"histogram":{"registers":{"c":{"00":5,"1":5}}}}', '{"histogram":{"registers":{"c":{"00":5,"11":5}}}', '{"histogram":{"registers":{"c":{"0:5,"11":5}}}}',
        '{"histogram":{"registers":{"c":{"00":,"11":5}}}}', '{"histogram":{"registers":{"c":{"00":5,,"11":5}}}}', '{"histogram":{"registers":{"c":{"00":-0,"11":-5}}}}',
    ],
    S1: [
        '["3"}', '[""0"]', '["[1]"]', '["{1}"]', '["1",["2"]]', '[["1"],"2"]', '["1"",2"]', '["1",2"","3"]', '["1","2",]', '[,"1"]', '["1""2"]', '["1,2"]',
        '["-0"]', '["+1"]', '["01"]', '["1 "]', '["1e0"]', '["1.0"]', '["tru"]', '[""]', '["1"', '"1"]', '["1"]]', '["1",-1]', '["1",1.0]', '["1","2"]x', '["1":"2"]',
    ],
    S2: [
        '{"shots":[{"registers":{"c":[0]}},{"registers":{"c":[0]}]}', '{"shots":[{"registers":{"c":[0]}},{"registers":{"c":[0]}}}]}', '{"shots":[{"registers":{"c":[0]}},]}',
        '{"shots":[{"registers":{"c":[0],"c":[1]}},{"registers":{"c":[0],"c":[1]}}]}', '{"shots":[{"leakage_bits":[0],"registers":{"c":[0]},"leakage_bits":[0]}]}',
        '{"shots":[{"registers":{"c":[0]},"leakage_bits":[0],"leakage_bits":[0]}]}', '{"shots":[{"registers":{"c":[0]},"registers":{"c":[0]}}]}',
        '{"shots":[{"registers":{"c":[2]}}]}', '{"shots":[{"registers":{"c":[0,1]}},{"registers":{"c":[0;1]}}]}', '{"shots":[{"registers":{"c":[0,1]}},{"registers":{"d":[0,1]}}]}',
        '{"shots":[{"registers":{"c":[0,1]}},{"registers":{"c":[0]}}]}', '{"shots":[{"registers":{"c":[0,1]}},{"registers":{"c":[01]}}]}', '{"shots":[{"registers":{"c":[-0,-1]}}]}',
        '{"shots":[{"registers":{"c":[0],"m":[1,1]}},{"registers":{"m":[0],"c":[0,1]}}]}',
        '{"shots":[{"registers":{"c":[0]}}],"shots":[{"registers":{"c":[0]}}]}', '{"shots":[{"registers":{"c":[0]}}]', '{"shots":[{"registers":{"c":[0]},"leakage_bits":0}]}', '{"shots":[,{"registers":{"c":[0]}}]}',
    ],
    AGGREGATE: [
        f'{{"{ONE}":{{"2":1}},"{ONE.upper()}":{{"2":1}}}}', f'{{"{ONE}":{{"2":1}},"{ONE}":{{"2":1}}}}', f'{{"{ONE}":{{"2":1}},"{OTHER}":{{}}}}', f'{{"{ONE}":{{"2":1}},"{OTHER}":{{"0":1}}]',
        f'{{"{ONE}":{{"-0":1}}}}', f'{{"{ONE}":{{"01":1}}}}', f'{{"{ONE}":{{"":1}}}}', f'{{"{ONE}":{{"0":0.5,"0":0.5}}}}', f'{{"{ONE[:-1]}":{{"2":1}}}}', f'{{"{ONE[:-1]}g":{{"2":1}}}}',
        f'{{"{ONE}":{{"0":-0.5,"1":1.5}}}}', f'{{"{ONE}":{{"0":1}},"{OTHER}":1}}', f'{{"{ONE}":{{"0":0.5}},"1":{{"1":0.5}}}}', f'{{"{ONE}":{{"0":0.5}},"1":0.5}}', f'{{"{ONE}":{{"0":1}}"{OTHER}":{{"0":1}}}}',
        f'{{"{ONE}":{{"0":1}},"{OTHER}":{{"0":1}},}}', f'{{"{ONE}":{{"0":1}},"{OTHER}":"0":1}}}}', f'{{"{ONE}":{{"0":[1]}}}}', f'{{"{ONE}":{{"0":{{1}}}}', f'{{"{ONE}"{{:"0":1}}}}', f'{{"{ONE}":{{"0",1}}}}', f'{{"{ONE}":{{"0":1',
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("format", "text"), [(format, text) for format, every in NEAR_MISSES.items() for text in every]
)
def test_near_misses(format: str, text: str) -> None:
    for pieces in (None, 1, 8, 64, 1000):
        assert outcome(format, text.encode(), DEFAULTS, pieces) is Outcome.REFUSED


#: What the fuzzer has found: good texts of which the two paths did not say the same.
PAST_FINDS = [
    # The place of a note was that of the blank before the zero.
    (H2, '{"histogram":{"registers":{"":{"1":1,"0":\r0}}}}'),
    (H2, '{"histogram":{"registers":{"a":{"0":  0,"1":7},"b":{"00":7,"01":\n\t0}}}}'),
    (P2, '{"probabilities":{"registers":{"a":{"0":\r\n0,"1":1}}}}'),
]


@pytest.mark.parametrize(("format", "text"), PAST_FINDS)
def test_past_finds(format: str, text: str) -> None:
    for pieces in (None, 1, 8, 64, 1000):
        assert outcome(format, text.encode(), DEFAULTS, pieces) is not Outcome.REFUSED


# ----------------------------------------------------------------------------------------------
# Settings

OTHER_SETTINGS = {
    "one finding": Settings(max_findings=1),
    "one violation": Settings(max_violations=1),
    "no notes": Settings(ignore={"QA205", "QA226", "QA228"}),
    "any sum": Settings(ignore={"QA201", "QA202"}),
    "empty": Settings(ignore={"QA204", "QA214", "QA220", "QA227", "QA232"}),
    "exact sums": Settings(sum_fine=0),
    "exact sums or none": Settings(sum_fine=0, sum_limit=0),
    "lax sums": Settings(sum_fine=0.2, sum_limit=0.4),
}


@pytest.mark.parametrize("name", OTHER_SETTINGS)
@pytest.mark.parametrize("format", FORMATS)
def test_settings(format: str, name: str) -> None:
    settings, rng = OTHER_SETTINGS[name], Random(name)
    payloads = [example(format, rng, entries, leakage=True) for entries in (1, 3, 30, 30, 300)]
    payloads += [
        mutation.change(payloads[2]) for mutation in MUTATIONS if mutation.format == format
    ]
    for payload in payloads:
        if payload is not None:
            outcomes(format, LAYOUTS["compact"](payload), settings)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("entries", [2, 40])
def test_limits_that_just_suffice(format: str, entries: int) -> None:
    payload = without_zeros(example(format, Random(1), entries, registers=("a", "b")))
    compact = LAYOUTS["compact"](payload)
    for text in (compact, LAYOUTS["default"](payload), compact + b"\n"):
        limits = {
            "max_bytes": len(text),
            "max_values": values(payload),
            "max_depth": depth(payload),
        }
        for name, limit in limits.items():
            least: dict[str, Any] = {name: limit}
            enough = replace(DEFAULTS, **least)
            assert Outcome.REFUSED not in outcomes(format, text, enough)
            if limit > 1:
                too_little = replace(DEFAULTS, **{**least, name: limit - 1})
                assert outcomes(format, text, too_little) == {Outcome.REFUSED}


def values(payload: Any) -> int:
    inner = payload.values() if isinstance(payload, dict) else payload
    return 1 + sum(map(values, inner)) if isinstance(payload, (dict, list)) else 1


def depth(payload: Any) -> int:
    if not isinstance(payload, (dict, list)):
        return 0
    inner = payload.values() if isinstance(payload, dict) else payload
    return 1 + max(map(depth, inner), default=0)


SUMS = [1e-6, 1e-6 + 5e-10, 1e-6 + 1.5e-9, 1e-3, 1e-3 + 5e-10, 1e-3 + 1.5e-9]


@pytest.mark.parametrize("off", [sign * off for off in SUMS for sign in (1, -1)])
@pytest.mark.parametrize("number", [2, 3, 1000])
def test_sums_near_a_bound(off: float, number: int) -> None:
    rng = Random(number)
    weights = [rng.random() for _ in range(number)]
    shares = [weight / sum(weights) for weight in weights]
    shares[0] += off
    flat = {str(state): share for state, share in enumerate(shares)}
    bitstrings = {f"{state:010b}": share for state, share in enumerate(shares)}
    good = {"0": 0.5, "1": 0.5}
    for format, payload in {
        P1: flat,
        P2: {"probabilities": {"registers": {"a": {"0": 1}, "b": bitstrings}}},
        AGGREGATE: {
            f"06a2099c-f845-7208-8000-8111ee2dccb{n}": [good, flat][n == 7] for n in range(9)
        },
    }.items():
        outcomes(format, LAYOUTS["compact"](payload))


# ----------------------------------------------------------------------------------------------
# Schemas


def within(document: dict[str, Any], place: str) -> dict[str, Any]:
    """The schema at a place within a document, such as ``properties/shots/items``."""
    for name in place.split("/") if place else ():
        document = document[name]
    return document


#: Where the schemas of outcomes, of their maps, of shots and of bits stand.
OF_OUTCOMES = {
    P1: "",
    P2: "properties/probabilities/properties/registers/additionalProperties",
    H1: "",
    H2: "properties/histogram/properties/registers/additionalProperties",
    AGGREGATE: "additionalProperties",
}
OF_BITS = "properties/shots/items/properties/registers/additionalProperties"

#: Of each format: where in its schema, what is asked there besides, and a payload without it.
Asked = tuple[str, dict[str, Any], Any]


def asked_of_outcomes(format: str) -> list[Asked]:
    place = OF_OUTCOMES[format]
    plain = PLAIN[format]
    few, many = (0.4, 1) if format in (P1, P2, AGGREGATE) else (300, 10**9)
    return [
        (place, {"minProperties": 5}, plain),
        (place, {"maxProperties": 1}, plain),
        (place, {"required": ["7"]}, plain),
        (place, {"propertyNames": {"maxLength": 0}}, plain),
        (place, {"propertyNames": {"pattern": "^7"}}, plain),
        (place, {"properties": {"00": {"type": "string"}, "0": {"type": "string"}}}, plain),
        (f"{place}/additionalProperties".lstrip("/"), {"maximum": few}, plain),
        (f"{place}/additionalProperties".lstrip("/"), {"minimum": many}, plain),
        (f"{place}/additionalProperties".lstrip("/"), {"exclusiveMinimum": many}, plain),
        (f"{place}/additionalProperties".lstrip("/"), {"enum": [7]}, plain),
        (f"{place}/additionalProperties".lstrip("/"), {"multipleOf": 7}, plain),
        (f"{place}/additionalProperties".lstrip("/"), {"not": {"type": "number"}}, plain),
        ("", {"minProperties": 7}, plain),
        ("", {"required": ["version"]}, plain),
    ]


STRICTER: dict[str, list[Asked]] = {
    **{format: asked_of_outcomes(format) for format in OF_OUTCOMES},
    S1: [
        ("", {"minItems": 100}, ["1", "0"]),
        ("", {"maxItems": 1}, ["1", "0"]),
        ("", {"uniqueItems": True}, ["1", "1"]),
        ("", {"contains": {"const": "7"}}, ["1", "0"]),
        ("items", {"pattern": "^7"}, ["1", "0"]),
        ("items", {"minLength": 2}, ["1", "0"]),
        ("items", {"enum": ["7"]}, ["1", "0"]),
    ],
    S2: [
        ("properties/shots", {"minItems": 100}, PLAIN[S2]),
        ("properties/shots", {"uniqueItems": True}, {"shots": PLAIN[S2]["shots"] * 2}),
        ("properties/shots/items", {"required": ["leakage_bits"]}, PLAIN[S2]),
        ("properties/shots/items/properties/registers", {"required": ["c"]}, PLAIN[S2]),
        ("properties/shots/items/properties/registers", {"minProperties": 2}, PLAIN[S2]),
        (OF_BITS, {"minItems": 3}, PLAIN[S2]),
        (OF_BITS, {"maxItems": 1}, PLAIN[S2]),
        (OF_BITS, {"contains": {"const": 7}}, PLAIN[S2]),
        (f"{OF_BITS}/items", {"maximum": 0}, PLAIN[S2]),
        (f"{OF_BITS}/items", {"const": 0}, PLAIN[S2]),
        ("", {"required": ["shots", "qubits"]}, PLAIN[S2]),
    ],
}


@pytest.mark.parametrize(
    ("format", "asked"),
    [(format, asked) for format, every in STRICTER.items() for asked in every],
    ids=lambda each: each if isinstance(each, str) else next(iter(each[1])),
)
def test_a_schema_that_asks_one_thing_more_is_not_asked_of_decoders(
    make_registry: MakeRegistry, format: str, asked: Asked
) -> None:
    place, more, payload = asked
    document = copy.deepcopy(Registry.bundled()[format].document)
    within(document, place).update(more)
    of_new = examiner(format, registry=make_registry({format: document}))
    of_old = examiner(format)
    for repeated in (payload, longer(format, payload)):
        data = LAYOUTS["compact"](repeated)
        assert of_old.accept(data) is not None
        assert of_new.accept(data) is None
    data = LAYOUTS["compact"](payload)
    report = of_new.explain(Source("<bytes>", data=data)).report
    assert [finding.code[:3] for finding in report.findings][:1] == ["QA1"]
    assert of_new.is_valid(Source("<bytes>", data=data)) is False
    assert judged(of_new, data) is Outcome.REFUSED
    assert judged(of_old, data) is Outcome.ACCEPTED


def longer(format: str, payload: Any) -> Any:
    """A long payload of the same format."""
    if format == S1:
        return payload * 20_000
    if format == S2:
        return {"shots": payload["shots"] * 1000}
    return without_zeros(example(format, Random(1), 4000, bits=14))


ANNOTATED = {
    "$comment": "Fetched in November.",
    "$id": "https://example.org/another",
    "title": "A title",
    "description": "Other words.",
    "examples": [{"0": "not even an example"}],
    "default": 0,
}


@pytest.mark.parametrize("keyword", ANNOTATED)
@pytest.mark.parametrize("format", RESULTS)
def test_annotations_of_a_schema_cost_no_speed(
    make_registry: MakeRegistry, format: str, keyword: str
) -> None:
    document = copy.deepcopy(Registry.bundled()[format].document)
    document[keyword] = ANNOTATED[keyword]
    for inner in schemas_in(document):
        inner.update({keyword: ANNOTATED[keyword]} if keyword != "$id" else {})
    assert_as_fast(make_registry({format: document}), format)


def schemas_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas within a document that stands for one of the bundled kind, itself left out."""
    inner = [document[name] for name in ("items", "additionalProperties") if name in document]
    inner += document.get("properties", {}).values()
    found = [each for each in inner if isinstance(each, dict)]
    return found + [below for each in found for below in schemas_in(each)]


def assert_as_fast(registry: Registry, format: str) -> None:
    of_new = examiner(format, registry=registry)
    payload = PLAIN.get(format, ["1", "0"])
    for repeated in (payload, longer(format, payload)):
        assert judged(of_new, LAYOUTS["compact"](repeated)) is Outcome.ACCEPTED


#: Where in a schema something may be asked that the rules ask anyway.
IMPLIED: dict[str, list[tuple[str, dict[str, Any]]]] = {
    P1: [("additionalProperties", {"minimum": 0, "maximum": 1}), ("", {"minProperties": 1})],
    P2: [(OF_OUTCOMES[P2], {"minProperties": 1}), (OF_OUTCOMES[P2], {"propertyNames": {"pattern": "^[01]+$"}})],
    H1: [("additionalProperties", {"minimum": 0}), ("", {"propertyNames": {"minLength": 1}})],
    H2: [(f"{OF_OUTCOMES[H2]}/additionalProperties", {"minimum": 0}), (OF_OUTCOMES[H2], {"propertyNames": {"pattern": "^[01]+$"}})],
    S1: [("", {"minItems": 1}), ("items", {"pattern": "^(0|[1-9][0-9]*)$"})],
    S2: [(f"{OF_BITS}/items", {"minimum": 0, "maximum": 1}), (f"{OF_BITS}/items", {"enum": [0, 1]})],
    AGGREGATE: [("additionalProperties/additionalProperties", {"minimum": 0, "maximum": 1}), ("", {"minProperties": 1})],
}  # fmt: skip


@pytest.mark.parametrize("format", RESULTS)
def test_a_schema_that_asks_what_rules_ask_anyway_costs_no_speed(
    make_registry: MakeRegistry, format: str
) -> None:
    for place, asked in IMPLIED[format]:
        document = copy.deepcopy(Registry.bundled()[format].document)
        within(document, place).update(asked)
        assert_as_fast(make_registry({format: document}), format)


def test_a_schema_of_another_shape_is_not_asked_of_decoders(make_registry: MakeRegistry) -> None:
    """What a newer draft says, and what nobody can say, goes to the reference implementation."""
    for document in (
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "unevaluatedProperties": False,
        },
        {
            "$schema": "https://json-schema.org/draft-07/schema",
            "$ref": "#/definitions/a",
            "definitions": {"a": {"type": "array"}},
        },
        {
            "$schema": "https://json-schema.org/draft-07/schema",
            "if": {"type": "object"},
            "then": {"minProperties": 9},
        },
    ):
        of_new = examiner(P1, registry=make_registry({P1: document}))
        assert judged(of_new, b'{"0":0.5,"3":0.5}') is Outcome.REFUSED
