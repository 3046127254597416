"""Reading strict JSON: held against the standard library, and the scanner against the decoder."""

from __future__ import annotations

import json
import math
import random
import re
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qartifacts import Settings
from qartifacts.config import DEFAULTS
from qartifacts.jsontext import inspect, locate, pointer, quoted, read
from qartifacts.jsontext.fault import printable
from qartifacts.jsontext.reading import _DECODER, _surely_within_limits
from qartifacts.jsontext.scanner import scan

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def codes(data: bytes, limits: Settings = DEFAULTS) -> list[str]:
    return [fault.code for fault in read(data, limits).faults]


def places(data: bytes, limits: Settings = DEFAULTS) -> list[tuple[str, int | None, int | None]]:
    return [(fault.code, fault.line, fault.column) for fault in read(data, limits).faults]


# ----------------------------------------------------------------------------------------------
# What is JSON, and what is not (RFC 8259)

ACCEPTED: dict[str, Any] = {
    "null": None,
    " true\n": True,
    "false": False,
    "0": 0,
    "-0": 0,
    "-0.0": -0.0,
    "0e1": 0.0,
    "0e+1": 0.0,
    "1E-2": 0.01,
    "123.456e78": 123.456e78,
    "1e-400": 0.0,
    "1.7976931348623157e308": 1.7976931348623157e308,
    "20": 20,
    "9" * 308: int("9" * 308),
    '""': "",
    '"\\u0000"': "\0",
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"': '"\\/\b\f\n\r\t',
    '"\\uD834\\uDD1E"': "\U0001d11e",
    '"\u007f\u0080\u2028\u2029\uffff\U0010ffff"': "\u007f\u0080\u2028\u2029\uffff\U0010ffff",
    '"\\u2028"': "\u2028",
    '"\\\\ud800"': "\\ud800",
    '"[1,{\\"]}"': '[1,{"]}',
    "[]": [],
    "[ ]": [],
    "{}": {},
    "[[],[[]]]": [[], [[]]],
    '{"a":[{"b":{}}]}': {"a": [{"b": {}}]},
    '{"":0,"a":1,"A":2,"\\u0000":3}': {"": 0, "a": 1, "A": 2, "\0": 3},
    "\t\r\n [1 , 2]\t\r\n ": [1, 2],
}


@pytest.mark.parametrize("text", ACCEPTED, ids=lambda text: ascii(text)[:40])
def test_accepts(text: str) -> None:
    reading = read(text.encode(), DEFAULTS)
    assert reading.faults == ()
    assert reading.value == ACCEPTED[text]
    assert type(reading.value) is type(ACCEPTED[text])
    assert scan(text, DEFAULTS) == ()


REFUSED = {
    # Structure.
    "[": "QA004 1:2",
    "]": "QA003 1:1",
    "{": "QA004 1:2",
    "}": "QA003 1:1",
    "[1": "QA004 1:3",
    "[1,": "QA004 1:4",
    "[,1]": "QA003 1:2",
    "[1,,2]": "QA003 1:4",
    "[1,]": "QA003 1:3",
    "[1 true]": "QA003 1:4",
    '["a" "b"]': "QA003 1:6",
    "[1:2]": "QA003 1:3",
    "[1}": "QA003 1:3",
    '{"a":1]': "QA003 1:7",
    '{"a":1,}': "QA003 1:7",
    "{,}": "QA003 1:2",
    '{"a"}': "QA003 1:5",
    '{"a",1}': "QA003 1:5",
    '{"a":}': "QA003 1:6",
    '{"a":,}': "QA003 1:6",
    '{"a"::1}': "QA003 1:6",
    "{1:1}": "QA003 1:2",
    "{null:1}": "QA003 1:2",
    "{'a':1}": "QA003 1:2",
    "{a:1}": "QA003 1:2",
    '{"a":1 "b":2}': "QA003 1:8",
    "[][]": "QA005 1:3",
    "1 2": "QA005 1:3",
    "{}}": "QA005 1:3",
    "[1]x": "QA005 1:4",
    "[1]\0": "QA005 1:4",
    "": "QA002 1:1",
    " \n": "QA002 1:1",
    "[\n1\n": "QA004 2:2",
    # Numbers.
    "01": "QA003 1:1",
    "-01": "QA003 1:1",
    "00": "QA003 1:1",
    "1.": "QA004 1:3",
    "[1.]": "QA003 1:2",
    ".1": "QA003 1:1",
    "-.1": "QA003 1:1",
    "+1": "QA003 1:1",
    "--1": "QA003 1:1",
    "1e": "QA004 1:3",
    "[1e]": "QA003 1:2",
    "1e+": "QA004 1:4",
    "[1e+]": "QA003 1:2",
    "1.2.3": "QA003 1:1",
    "1e2.5": "QA003 1:1",
    "0x10": "QA003 1:1",
    "1_000": "QA003 1:1",
    "1,5": "QA005 1:2",
    "[-]": "QA003 1:2",
    "-": "QA004 1:2",
    "[\uff11]": "QA003 1:2",
    "[1\u0660]": "QA003 1:3",
    "NaN": "QA009 1:1",
    "[-NaN]": "QA009 1:2",
    "Infinity": "QA009 1:1",
    "[-inf]": "QA009 1:2",
    "1e400": "QA010 1:1",
    "-1.8e308": "QA010 1:1",
    "1" + "0" * 309: "QA010 1:1",
    "1" + "0" * 4300: "QA011 1:1",
    # Words.
    "tru": "QA004 1:4",
    "[tru]": "QA003 1:2",
    "True": "QA003 1:1",
    "nul": "QA004 1:4",
    "None": "QA003 1:1",
    "undefined": "QA003 1:1",
    "truefalse": "QA003 1:1",
    "// a\n1": "QA003 1:1",
    "/* a */ 1": "QA003 1:1",
    "[1] # a": "QA005 1:5",
    # Strings.
    '"': "QA004 1:2",
    '"a': "QA004 1:3",
    '"\\': "QA004 1:3",
    '"\\"': "QA004 1:4",
    '"\\u12': "QA004 1:6",
    '"\\u12"': "QA004 1:7",
    '["\\u12", "abc"]': "QA003 1:3",
    '["\\uD83G"]': "QA003 1:3",
    '["\\x41"]': "QA003 1:3",
    '["\\a"]': "QA003 1:3",
    '["\\\n"]': "QA003 1:3",
    '["a\tb"]': "QA003 1:4",
    '["a\nb"]': "QA003 1:4",
    '["a\0b"]': "QA003 1:4",
    "'a'": "QA003 1:1",
    '["\\ud800"]': "QA012 1:3",
    '["\\udc00"]': "QA012 1:3",
    '["\\udbff\\ud83d\\ude00"]': "QA012 1:3",
    '["\\ud83d \\ude00"]': "QA012 1:3 QA012 1:10",
    '["\\ud83d\\n"]': "QA012 1:3",
    '{"\\ud800": 1}': "QA012 1:3",
    # White space that is none.
    "\u00a01": "QA003 1:1",
    "[\x0b1]": "QA003 1:2",
    "[1\x0c]": "QA003 1:3",
    "\ufeff1": "QA007 1:1",
    "[\ufeff]": "QA003 1:2",
    # What can be gone on after is all told.
    '{"a":1,"a":NaN,"b":[1e999],"a":"\\udead"}': (
        "QA008 1:8 QA009 1:12 QA010 1:21 QA008 1:28 QA012 1:33"
    ),
    '{"a":{"b":1,"b":2},\n "a":[{"c":1,\n"c":2}]}': "QA008 1:13 QA008 2:2 QA008 3:1",
    '{"a":NaN,\n01}': "QA009 1:6 QA003 2:1",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text)[:40])
def test_refuses(text: str) -> None:
    told = " ".join(f"{code} {line}:{column}" for code, line, column in places(text.encode()))
    assert told == REFUSED[text]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xff", (1, 1)),
        (b"\xff\xfe[\x00]\x00", (1, 1)),
        (b'["\xc3"]', (1, 3)),
        (b'["\xc0\xaf"]', (1, 3)),
        (b'["\xed\xa0\x80"]', (1, 3)),
        (b'["\xf4\x90\x80\x80"]', (1, 3)),
        (b'[\n"\xc3\xa9\xf0\x9f\x98\x80\x80"]', (2, 4)),
    ],
)
def test_refuses_what_is_not_utf_8(data: bytes, place: tuple[int, int]) -> None:
    assert places(data) == [("QA006", *place)]


def test_a_text_that_ends_in_a_character_is_truncated() -> None:
    assert places(b'["\n\xe2\x82') == [("QA004", 2, 1)]


def test_says_what_other_data_looks_like() -> None:
    assert "UTF-16" in read("[]".encode("utf-16"), DEFAULTS).faults[0].message
    assert "xz" in read(b"\xfd7zXZ\0\0", DEFAULTS).faults[0].message
    assert "gzip" in read(b"\x1f\x8b\x08\0", DEFAULTS).faults[0].message.lower()


def test_a_byte_order_mark_hides_nothing_and_takes_no_column() -> None:
    assert places(b"\xef\xbb\xbf[NaN]") == [("QA007", 1, 1), ("QA009", 1, 2)]


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        (b'{"a": [0, {"b": NaN, "c": 1, "c": 2}]}', [("a", 1, "b"), ("a", 1, "c")]),
        # A fault of a key is one of its object.
        (b'{"\\ud800": 1}', [()]),
        (b'{"a": 1, "\\ud800": 2}', [()]),
        (b'{"a": {"b": 1, \'c\': 2}}', [("a",)]),
        (b'[{}, {"a": 1 "b"}]', [(1, "a")]),
        (b"[1, 2,]", [(1,)]),
    ],
)
def test_paths_of_faults(data: bytes, paths: list[Any]) -> None:
    assert [fault.path for fault in read(data, DEFAULTS).faults] == paths


# ----------------------------------------------------------------------------------------------
# Limits


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_depth(opening: str) -> None:
    closing = "".join({"[": "]", "{": "}"}[c] for c in reversed(opening) if c in "[{")
    levels = len(closing)
    deep = (opening * 12 + "1" + closing * 12).encode()
    exact = Settings(max_depth=12 * levels)
    assert codes(deep, exact) == []
    assert codes(deep, Settings(max_depth=12 * levels - 1)) == ["QA014"]
    value = read(deep, exact).value
    assert inspect(value, exact) == ()
    assert [f.code for f in inspect(value, Settings(max_depth=12 * levels - 1))] == ["QA014"]


def test_depth_is_counted_without_brackets_in_strings() -> None:
    text = json.dumps([["[[[[", "]]", '"[{\\'] for _ in range(9)]).encode()
    assert codes(text, Settings(max_depth=2)) == []
    assert codes(text, Settings(max_depth=1)) == ["QA014"]


def test_the_place_of_what_is_too_deep() -> None:
    assert places(b'[1,\n {"a": [[]]}]', Settings(max_depth=3)) == [("QA014", 2, 9)]


@pytest.mark.parametrize(
    ("text", "values"),
    [("1", 1), ("[]", 1), ("[1,2]", 3), ('{"a":[],"b":{}}', 3), ('["a,b,c,d"]', 2)],
)
def test_number_of_values(text: str, values: int) -> None:
    assert codes(text.encode(), Settings(max_values=values)) == []
    value = read(text.encode(), DEFAULTS).value
    assert inspect(value, Settings(max_values=values)) == ()
    if values > 1:
        assert codes(text.encode(), Settings(max_values=values - 1)) == ["QA015"]
        assert [f.code for f in inspect(value, Settings(max_values=values - 1))] == ["QA015"]


def test_size() -> None:
    assert codes(b"[1]", Settings(max_bytes=3)) == []
    assert codes(b"[1]", Settings(max_bytes=2)) == ["QA013"]


def test_a_deep_document_does_not_overflow_the_stack() -> None:
    assert codes(b"[" * 200_000 + b"]" * 200_000) == ["QA014"]
    assert codes(b"[" * 150 + b"]" * 150, Settings(max_depth=200)) == []


def test_the_number_of_faults_is_bounded() -> None:
    data = b"[" + b",".join([b"NaN"] * 50) + b"]"
    assert len(read(data, Settings(max_violations=7)).faults) == 7
    assert len(inspect([math.nan] * 50, Settings(max_violations=7))) == 7


# ----------------------------------------------------------------------------------------------
# Properties


@given(VALUES, st.booleans(), st.sampled_from([None, 0, 3]))
def test_reads_what_the_standard_library_writes(
    value: Any, ascii: bool, indent: int | None
) -> None:
    data = json.dumps(value, ensure_ascii=ascii, indent=indent).encode()
    reading = read(data, DEFAULTS)
    assert reading.faults == ()
    assert reading.value == value
    assert inspect(value, DEFAULTS) == ()


MUTATIONS = ['"', "\\", ",", ":", "[", "]", "{", "}", "0", "-", ".", "e9", "NaN", " ", "\n", "\t"]
MUTATIONS += [
    "\\u",
    "\\ud800",
    "\x00",
    "null",
    "1e999",
    "'",
    "/",
    "\ufeff",
    '"a":1,',
    "\u0661",
    "tr",
]


@given(VALUES, st.integers(0, 2**32))
@settings(max_examples=400)
def test_the_decoder_accepts_exactly_what_the_scanner_finds_faultless(
    value: Any, seed: int
) -> None:
    """The two ways of reading are one verdict: neither knows better than the other."""
    chance = random.Random(seed)
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(text) + 1)
        until = at + chance.choice([0, 0, 1, 2])
        text = text[:at] + chance.choice([*MUTATIONS, ""]) + text[until:]
    faults = scan(text, DEFAULTS)
    try:
        decoded = _DECODER.decode(text)
    except ValueError:
        assert faults
    else:
        # The decoder of the standard library lets lone surrogates pass; the reader sends every
        # text that may hold one to the scanner.
        assert {fault.code for fault in faults} <= {"QA012"}
        assert decoded == json.loads(text)
    reading = read(text.encode("utf-8"), DEFAULTS)
    if not text.startswith("\ufeff"):
        assert reading.faults == faults
    if not reading.faults and not re.search("[0-9]{19}", text):
        # Another reader's opinion, where no integer may exceed its 64 bits.
        assert orjson.loads(text) == reading.value


def _write(
    value: Any, chance: random.Random, out: list[str], path: Any, found: dict[Any, Any]
) -> None:
    """Write JSON with random white space, noting the offset of every value and key."""

    def blank() -> None:
        out.append("".join(chance.choices([" ", "\n", "\t", "\r", "é"[:0]], k=chance.randrange(3))))

    def here() -> int:
        return sum(map(len, out))

    blank()
    found[path] = (here(), found.get(path, (0, None))[1])
    if isinstance(value, (dict, list)) and value:
        pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
        out.append("{" if isinstance(value, dict) else "[")
        for index, (token, item) in enumerate(pairs):
            blank()
            if isinstance(value, dict):
                found[(*path, token)] = (0, here())
                out.append(json.dumps(token, ensure_ascii=chance.random() < 0.5))
                blank()
                out.append(":")
            _write(item, chance, out, (*path, token), found)
            blank()
            out.append("," if index < len(pairs) - 1 else "")
        out.append("}" if isinstance(value, dict) else "]")
    else:
        out.append(json.dumps(value, ensure_ascii=False))
    blank()


@given(VALUES, st.booleans(), st.integers(1, 6), st.integers(1, 12))
def test_what_is_surely_within_the_limits_is_within_them(
    value: Any, escape: bool, depth: int, values: int
) -> None:
    """The shortcut that spares most texts the scanner never lets one pass that it would refuse."""
    text = json.dumps([value, '"[{\\'], ensure_ascii=escape)
    limits = Settings(max_depth=depth, max_values=values)
    faults = {fault.code for fault in scan(text, limits)}
    if _surely_within_limits(text.encode(), limits):
        assert not faults
    assert {fault.code for fault in read(text.encode(), limits).faults} == faults
    assert {fault.code for fault in inspect(json.loads(text), limits)} == faults


def test_the_shortcut_does_spare_texts_the_scanner() -> None:
    shots = json.dumps({"shots": [{"registers": {"c": [0, 1]}}] * 100}).encode()
    assert _surely_within_limits(shots, DEFAULTS)
    assert _surely_within_limits(shots.replace(b'"c"', b'"\\"["'), DEFAULTS)
    assert not _surely_within_limits(shots, Settings(max_depth=4))
    assert not _surely_within_limits(shots, Settings(max_values=100))


@given(VALUES, st.integers(0, 2**32), st.integers(1, 5))
def test_locates_every_value(value: Any, seed: int, share: int) -> None:
    chance = random.Random(seed)
    out: list[str] = []
    found: dict[Any, tuple[int, int | None]] = {}
    _write(value, chance, out, (), found)
    text = "".join(out)

    def place(offset: int) -> tuple[int, int]:
        return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1

    wanted = [path for path in found if chance.randrange(share) == 0]
    located = locate(text, [*wanted, ("no", "such", 7)])
    assert set(located) - {("no", "such", 7)} == set(wanted)
    for path in wanted:
        offset, key = found[path]
        assert located[path].value == place(offset)
        assert located[path].key == (None if key is None else place(key))


# ----------------------------------------------------------------------------------------------
# Parsed objects


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [1, 2.5, None, True, "x"]}, []),
        ({1: "a"}, [("QA017", ())]),
        ({"a": {None: 1, "b": 2, (1, 2): 3}}, [("QA017", ("a",))] * 2),
        ({"a": (1, 2)}, [("QA017", ("a",))]),
        ([{1, 2}], [("QA017", (0,))]),
        ([b"bytes", object(), 1j], [("QA017", (0,)), ("QA017", (1,)), ("QA017", (2,))]),
        ([math.nan, [math.inf]], [("QA009", (0,)), ("QA009", (1, 0))]),
        ([10**308, 10**309, -(10**309)], [("QA010", (1,)), ("QA010", (2,))]),
        ([10**5000], [("QA011", (0,))]),
        ({"\ud800": "\udfff"}, [("QA012", ()), ("QA012", ("\ud800",))]),
    ],
)
def test_inspects_parsed_objects(value: Any, expected: list[Any]) -> None:
    faults = inspect(value, DEFAULTS)
    assert [(fault.code, fault.path) for fault in faults] == expected
    assert all(fault.line is fault.column is None for fault in faults)


def test_an_object_that_holds_itself_is_too_deep() -> None:
    endless: list[Any] = [1]
    endless.append(endless)
    assert [fault.code for fault in inspect(endless, DEFAULTS)] == ["QA014"]


# ----------------------------------------------------------------------------------------------
# Showing JSON


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ""),
        (("a", 0, "b"), "/a/0/b"),
        (("a/b", "~", ""), "/a~1b/~0/"),
        (("é",), "/é"),
    ],
)
def test_pointers(path: tuple[str | int, ...], expected: str) -> None:
    assert pointer(path) == expected


def test_pointers_of_long_names_are_cut() -> None:
    assert len(pointer(("x" * 10**6, 3))) < 210


def test_hostile_text_is_shown_harmlessly() -> None:
    assert pointer(("a\ud800", "\ud83d\ude00")) == "/a\ufffd/\U0001f600"
    assert quoted("\U000e0041") == '"\\ue0041"'
    shown = quoted('a"b\\c\x1b[31m\u202e\n' + "y" * 100)
    assert shown.startswith('"a\\"b\\\\c\\u001b[31m\\u202e\\u000a')
    assert len(shown) < 90
    assert shown.isprintable()
    for control in "\x00\x7f\x9b\xad\u061c\u200e\u200f\u2028\u202a\u2066\u2069\ufeff\ud800":
        assert quoted(control) == f'"\\u{ord(control):04x}"'
    assert printable("\x9b\ud800", 10) == "\\u009b\\ud800"
