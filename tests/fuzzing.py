"""Good payloads, their layouts, and mutants of them, to hold one way to a verdict against another.

``scripts/fuzz.py`` and tests share this. Everything that is drawn comes from a ``random.Random``: the
same seed gives the same texts.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any, Final

from strategies import AGGREGATE, H1, H2, NATIVE, P1, P2, S1, S2, bitstring

__all__ = [
    "FORMATS",
    "LAYOUTS",
    "TokenizedText",
    "example",
    "good_text",
    "mutants",
    "mutated",
    "respaced",
    "tokens_of",
]

FORMATS: Final = (P1, P2, H1, H2, S1, S2, AGGREGATE, NATIVE)


# ----------------------------------------------------------------------------------------------
# Payloads

#: Names that a register may have, and that a decoder may stumble over.
ODD_NAMES: Final = (
    "output_all", "c", "mid", "", " ", "registers", "shots", "histogram", "leakage_bits", "0", "00",
    "é", "\U0001f600", "\u2028", 'q"', "\\", "\\u0041", "\n", "\x00", "a,b", "a:b", "{", "}]", "[0]",
    '":{"', "x" * 70,
)  # fmt: skip


def example(
    format: str,
    rng: Random,
    entries: int,
    *,
    bits: int = 5,
    registers: Sequence[str] = ("output_all",),
    leakage: bool = False,
    outcomes: int | None = None,
) -> Any:
    """A good payload without a warning.

    Args:
        format: Its format.
        rng: Where it is drawn from.
        entries: Outcomes, shots, children or gates, at least 1; fewer if there are fewer states.
        bits: Width of the states; in version 2 each further register is one bit wider.
        registers: Names of the registers, in version 2.
        leakage: Whether shots of version 2 have leakage bits.
        outcomes: Of each child of an aggregate; None for a few, more or less.
    """
    match format:
        case _ if format in (P1, H1):
            return _outcomes(rng, entries, bits, _VALUES[format], str)
        case _ if format in (P2, H2):
            maps = {}
            for width, name in enumerate(registers, bits):
                key = partial(bitstring, width=width)
                maps[name] = _outcomes(rng, entries, width, _VALUES[format], key)
            member = "probabilities" if format == P2 else "histogram"
            return {member: {"registers": maps}}
        case _ if format == S1:
            return [str(rng.getrandbits(bits)) for _ in range(entries)]
        case _ if format == S2:
            return {"shots": [_shot(rng, bits, registers, leakage) for _ in range(entries)]}
        case _ if format == AGGREGATE:
            return {
                str(uuid.UUID(int=rng.getrandbits(128))): _outcomes(
                    rng, outcomes or rng.choice((1, 2, 3, 8)), bits, _probabilities, str
                )
                for _ in range(entries)
            }
        case _:
            return {"qubits": bits + 1, "circuit": [_gate(rng, bits + 1) for _ in range(entries)]}


def _outcomes(
    rng: Random,
    entries: int,
    bits: int,
    values: Callable[[Random, int], list[Any]],
    key: Callable[[int], str],
) -> dict[str, Any]:
    states: dict[int, None] = {}
    while len(states) < min(entries, 1 << bits):
        states[rng.getrandbits(bits)] = None
    return dict(zip(map(key, states), values(rng, len(states)), strict=True))


def _probabilities(rng: Random, number: int) -> list[Any]:
    weights = [rng.randrange(1000) for _ in range(number)]
    weights[rng.randrange(number)] += 1
    total = sum(weights)
    # Powers of two have short literals, and often stand for whole distributions.
    if number > 1 and rng.random() < 0.3:
        halves = [0.5**power for power in range(1, min(number, 20))]
        return [*halves, halves[-1], *[0] * (number - len(halves) - 1)]
    return [weight / total if 0 < weight < total else weight // total for weight in weights]


def _whole_counts(rng: Random, number: int) -> list[Any]:
    """Counts that always have the same total, so that registers agree."""
    total = 2**40 + 12_345
    values = [rng.choice((0, 1, 7, 10, 999, 123_456, rng.getrandbits(16))) for _ in range(number)]
    values[rng.randrange(number)] = 0
    values[values.index(0)] = total - sum(values)
    return values


_VALUES: Final = {P1: _probabilities, P2: _probabilities, H1: _whole_counts, H2: _whole_counts}


def _shot(rng: Random, bits: int, registers: Sequence[str], leakage: bool) -> dict[str, Any]:
    shot: dict[str, Any] = {
        "registers": {
            name: list(map(int, format(rng.getrandbits(width), f"0{width}b")))
            for width, name in enumerate(registers, bits)
        }
    }
    if leakage:
        shot["leakage_bits"] = [int(rng.random() < 0.05) for _ in range(bits)]
    return shot


def _gate(rng: Random, qubits: int) -> dict[str, Any]:
    turns = round(rng.uniform(-1, 1), rng.choice((0, 2, 17)))
    name = rng.choice(("gpi", "gpi2", "ms", "zz", "nop"))
    match name:
        case "gpi" | "gpi2":
            return {"gate": name, "target": rng.randrange(qubits), "phase": turns}
        case "ms" | "zz":
            angle = {"phases": [turns, 0]} if name == "ms" else {"angle": turns}
            return {"gate": name, "targets": rng.sample(range(qubits), 2), **angle}
        case _:
            return {"gate": name}


# ----------------------------------------------------------------------------------------------
# Layouts


def _dumps(**options: Any) -> Callable[[Any], bytes]:
    options = {"ensure_ascii": False, **options}
    return lambda payload: json.dumps(payload, **options).encode()


_compact: Final = _dumps(separators=(",", ":"))

#: Ways to write a payload down that do not change it.
LAYOUTS: Final[Mapping[str, Callable[[Any], bytes]]] = {
    "compact": _compact,
    "default": _dumps(),
    "newline": lambda payload: _compact(payload) + b"\n",
    "around": lambda payload: b" \t\r\n" + _compact(payload) + b"\r\n",
    "indent-0": _dumps(indent=0),
    "indent-1": _dumps(indent=1),
    "indent-2": _dumps(indent=2),
    "indent-tab": _dumps(indent="\t"),
    "before": _dumps(separators=(" ,", " :")),
    "lines": _dumps(separators=(",\n", ":")),
    "crlf": lambda payload: _dumps(indent=2)(payload).replace(b"\n", b"\r\n"),
    "escaped": _dumps(ensure_ascii=True),
    "odd": lambda payload: respaced(tokens_of(_compact(payload)), Random(0)),
}

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[^\s\[\]{}:,"]++|\s++|.', re.DOTALL)
_BLANKS: Final = (b" ", b"\n", b"\t", b"\r", b"  ", b"\r\n", b"\n    ", b" \t\n\r")


def tokens_of(text: bytes) -> list[bytes]:
    """The tokens of a JSON text, white space among them; of another text, pieces of the kind."""
    return _TOKEN.findall(text)


def respaced(tokens: Sequence[bytes], rng: Random, share: float = 0.3) -> bytes:
    """A text with white space in some of the places where it means nothing."""
    return b"".join(
        rng.choice(_BLANKS) + token if rng.random() < share else token for token in (*tokens, b"")
    )


# ----------------------------------------------------------------------------------------------
# Mutants

_NUMBERS: Final = (
    b"0", b"1", b"2", b"7", b"10", b"-0", b"-0.0", b"0.0", b"1.0", b"0.5", b"0.25", b"1e0", b"1E-2",
    b"5e-1", b"0e9", b"1e400", b"-1e400", b"1e-400", b"4.9e-324", b"2e-324", b"1e308", b"1.8e308",
    b"9007199254740991", b"9007199254740992", b"9007199254740993", b"9223372036854775807",
    b"9223372036854775808", b"18446744073709551615", b"18446744073709551616", b"1" + b"0" * 30,
    b"9" * 309, b"9" * 4301, b"0.1" + b"0" * 40, b"1.0000000000000000000001", b"0." + b"3" * 400,
    b"1e99999999999999999999", b"1e-99999999999999999999", b"0.30000000000000004", b"-1", b"-5e-324",
    b"1.0000000001", b"00", b"01", b"-01", b"0x1", b"1_0", b"+1", b".5", b"5.", b"1e", b"1e+", b"1.e1",
    b"--1", b"1-", b"NaN", b"Infinity", b"-Infinity", b"nan", b"0b1", b"1f", "١".encode(), "１".encode(),
    b"true", b"false", b"null", b'"0"', b'"1"', b"[]", b"{}", b"[5]", b"{5}", b"[[0]]",
    b'{"0":1}', b"1,1", b"0 1", b"1:1", b"",
)  # fmt: skip
_STRINGS: Final = (
    b'"0"', b'"1"', b'"00"', b'"01"', b'"10"', b'"2"', b'"-0"', b'"-1"', b'"+1"', b'" 1"', b'"1 "',
    b'"1\\n"', b'"1\n"', b'"\\u0031"', b'"1\\u0000"', b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\\x41"',
    b'"\xff"', b'"\xc0\xb1"', b'"\xed\xa0\x80"', '"é"'.encode(), '"１"'.encode(), '"١"'.encode(),
    b'""', b'""', b'""',
    b'"1e0"', b'"1.0"', b'"0x1"', b'"[1]"', b'"{1}"', b'"1,2"', b'"1:2"', b'"1" ', b'"tru"', b'"1}"', b'"1]"', b'"18446744073709551615"', b'"18446744073709551616"',
    b'"' + b"9" * 40 + b'"', b'"' + b"9" * 4301 + b'"', b'"' + b"01" * 40 + b'"',
    b'"registers"', b'"shots"', b'"leakage_bits"', b'"histogram"', b'"probabilities"', b'"output_all"',
    b'"gate"', b'"target"', b'"qubits"', b"'0'", b"0", b"null", b'"', b'"0', b'0"', b'"0""1"',
    b'"06a2099c-f845-7208-8000-8111ee2dccbc"', b'"06A2099C-F845-7208-8000-8111EE2DCCBC"',
    b'"06a2099cf84572088000-8111ee2dccbc"', b'"06a2099g-f845-7208-8000-8111ee2dccbc"',
)  # fmt: skip
_JUNK: Final = (
    b",", b":", b"[", b"]", b"{", b"}", b'"', b"\\", b"/", b"//", b"/**/", b"#", b"\x00", b"\x0b", b"\x0c",
    b"\x1f", b"\x7f", b"\xa0", b"\xc2\xa0", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b" ", b"\n", b"\t", b"\r",
    b"-", b".", b"e", b"0", b"1", b"+", b'"0":1,', b',"1":2', b',"', b'":', b'"1,"2":3:4', b",,", b"[]", b"{}",
    b"}{", b"][", b"{5}", b"[5]",
)  # fmt: skip
_BEFORE: Final = (b"\xef\xbb\xbf", b" ", b"\n", b"\x00", b"\xff\xfe", b"[", b"0")
_BEHIND: Final = (b"\n", b" ", b"\x00", b"\x0c", b"}", b"]", b",", b"0", b"{}")
_UNDECLARED: Final = (
    b'"x":0', b'"x":"}]"', b'"x":{"registers":{}}', b'"x":[[[[]]]]', b'"shots":1', b'"registers":{}',
    b'"leakage_bits":null', b'"leakage_bits":[0]', b'"leakage_bits":[1,0]', b'"x":null', b'"metadata":{"a":[1]}',
)  # fmt: skip
_OPENERS: Final = (b"[", b"{")
_CLOSERS: Final = (b"]", b"}")
_MARKS: Final = (b",", b":", *_OPENERS, *_CLOSERS)
_IS_NUMBER: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_IS_SHORT_NUMBER: Final = re.compile(rb"-?(?:0|[1-9][0-9]{0,20})(?:\.[0-9]{1,25})?")
_BRACKETS: Final = bytes.maketrans(b"[]{}", b"{}[]")
_STRUCTURE: Final = re.compile(rb'[,:{}\[\]"]')


class TokenizedText:
    """The tokens of a text, and the places among them of those of each kind."""

    def __init__(self, text: bytes) -> None:
        self.tokens: Final = tokens_of(text)
        self.all: Final = range(len(self.tokens))
        self.numbers: Final = [at for at in self.all if _IS_NUMBER.fullmatch(self.tokens[at])]
        self.strings: Final = self._starting(b'"')
        self.commas: Final = self._starting(b",")
        self.braces: Final = self._starting(b"{")
        self.structure: Final = [at for at in self.all if self.tokens[at] in _MARKS]
        self.openers: Final = [at for at in self.structure if self.tokens[at] in _OPENERS]
        self.brackets: Final = [at for at in self.structure if self.tokens[at] not in b",:"]
        self.different: Final = sorted(set(self.tokens))

    def _starting(self, start: bytes) -> list[int]:
        return [at for at in self.all if self.tokens[at].startswith(start)]


#: Changes tokens, without moving them: what is put in is joined to a neighbour.
_Mutation = Callable[[TokenizedText, list[bytes], Random], None]


def _respell_number(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    """Write a number in another way that means the same, or nearly so."""
    for at in _some(base.numbers, rng):
        if not _IS_SHORT_NUMBER.fullmatch(tokens[at]):
            continue
        number = Decimal(tokens[at].decode())
        plain = tokens[at].lstrip(b"-").isdigit()
        shift = rng.choice((-3, -1, 1, 2, 20))
        spelling = rng.choice(
            (
                tokens[at] + (b".0" if plain else b""),
                tokens[at] + (b".000" if plain else b""),
                f"{number.scaleb(shift):f}e{-shift}".encode(),
                f"{number.scaleb(shift):f}E{-shift:+03}".encode(),
                f"{number:e}".encode(),
                f"{number:.25f}".encode(),
                f"{float(number):.17g}".encode(),
                tokens[at] + b"e0" if number else b"-" + tokens[at],
            )
        )
        tokens[at] = spelling


def _escape_string(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    """Write characters of a string as escapes."""
    for at in _some(base.strings, rng):
        inner = tokens[at][1:-1].decode("utf-8", "replace")
        if not inner or "\\" in inner:
            continue
        place = rng.randrange(len(inner))
        units = inner[place].encode("utf-16-be").hex(" ", 2).split()
        escape = "".join(f"\\u{unit.upper() if rng.random() < 0.5 else unit}" for unit in units)
        tokens[at] = f'"{inner[:place]}{escape}{inner[place + 1 :]}"'.encode()


def _put(places: str, pool: Sequence[bytes]) -> _Mutation:
    """Put something of a pool in the place of a token of a kind."""

    def mutate(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
        if found := getattr(base, places):
            tokens[rng.choice(found)] = rng.choice(pool)

    return mutate


def _insert(pool: Sequence[bytes]) -> _Mutation:
    def mutate(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
        at = rng.choice(base.all)
        tokens[at] = rng.choice(pool) + tokens[at]

    return mutate


def _delete(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    at = rng.choice(base.all)
    for each in range(at, min(len(tokens), at + rng.choice((1, 1, 2, 4)))):
        tokens[each] = b""


def _swap(places: str) -> _Mutation:
    """Swap two tokens of a kind: of two values, that changes no sum."""

    def mutate(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
        found = getattr(base, places)
        if len(found) > 1:
            one, other = rng.sample(found, 2)
            tokens[one], tokens[other] = tokens[other], tokens[one]

    return mutate


def _copy_token(places: str) -> _Mutation:
    """Put a token in the place of another of its kind: of two keys, that makes a duplicate."""

    def mutate(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
        if found := getattr(base, places):
            tokens[rng.choice(found)] = tokens[rng.choice(found)]

    return mutate


def _recase(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    """Put a string, in other letters, in the place of another."""
    if base.strings:
        string = tokens[rng.choice(base.strings)]
        tokens[rng.choice(base.strings)] = rng.choice((string.upper(), string.lower()))


def _shift_values(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    """Add to a number what is taken from another: their sum stays as it is."""
    if len(base.numbers) < 2:
        return
    one, other = rng.sample(base.numbers, 2)
    if not (_IS_SHORT_NUMBER.fullmatch(tokens[one]) and _IS_SHORT_NUMBER.fullmatch(tokens[other])):
        return
    least, shifted = Decimal(tokens[one].decode()), Decimal(tokens[other].decode())
    by = rng.choice((least, 2 * least, least + 1, Decimal(1), Decimal("0.5"), Decimal(2**53)))
    tokens[one] = f"{least - by:f}".encode()
    tokens[other] = f"{shifted + by:f}".encode()


def _everywhere(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    """Do the same to all tokens that are alike: what all shots have in common, say."""
    old = rng.choice(base.different)
    new = rng.choice(
        (
            rng.choice(base.different),
            rng.choice(_JUNK),
            rng.choice(_JUNK) + old,
            rng.choice(_BLANKS) + old,
            rng.choice(_UNDECLARED) + b"," + old,
            rng.choice(_NUMBERS if _IS_NUMBER.fullmatch(old) else _STRINGS),
        )
    )
    tokens[:] = [new if token == old else token for token in tokens]


def _members(base: TokenizedText, rng: Random) -> range | None:
    """The tokens from one comma up to another: members or elements, or a part of the nesting."""
    if len(base.commas) < 2:
        return None
    one = rng.randrange(len(base.commas) - 1)
    other = min(one + rng.choice((1, 1, 1, 2, 5)), len(base.commas) - 1)
    return range(base.commas[one], base.commas[other])


def _copy_members(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    """Have members twice, elsewhere or where they are."""
    if members := _members(base, rng):
        at = members.stop if rng.random() < 0.5 else rng.choice(base.commas)
        tokens[at] = b"".join(tokens[members.start : members.stop]) + tokens[at]


def _drop_members(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    for at in _members(base, rng) or ():
        tokens[at] = b""


def _swap_members(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    """Swap two neighbours: the order of members is free, and that of shots means something."""
    if len(base.commas) > 2:
        at = rng.randrange(len(base.commas) - 2)
        start, middle, stop = base.commas[at : at + 3]
        tokens[start:stop] = tokens[middle:stop] + tokens[start:middle]


def _add_undeclared(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    if base.braces:
        at = rng.choice(base.braces)
        tokens[at] += rng.choice(_UNDECLARED) + b","


def _nest(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    """Put a value, or two, into brackets of its own."""
    at = rng.choice(base.all)
    end = min(len(tokens) - 1, at + rng.choice((0, 0, 2)))
    opener, closer = rng.choice(((b"[", b"]"), (b"{", b"}"), (b"[[", b"]]"), (b'{"0":', b"}")))
    tokens[at] = opener + tokens[at]
    tokens[end] += closer


def _empty(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    """Take out all that an array or object holds."""
    if not base.openers:
        return
    start = rng.choice(base.openers)
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at] in _OPENERS) - (tokens[at] in _CLOSERS)
        if depth < 1:
            break
        if at > start:
            tokens[at] = b""


def _other_bracket(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    for at in _some(base.brackets, rng):
        tokens[at] = tokens[at].translate(_BRACKETS)


def _respace(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    share = rng.choice((0.02, 0.1, 0.5))
    tokens[:] = [rng.choice(_BLANKS) + t if rng.random() < share else t for t in tokens]


def _space_once(base: TokenizedText, tokens: list[bytes], rng: Random) -> None:
    at = rng.choice(base.all)
    tokens[at] = rng.choice(_BLANKS) + tokens[at]


def _some(places: Sequence[int], rng: Random) -> list[int]:
    """One place, or many of them."""
    if not places:
        return []
    if rng.random() < 0.7:
        return [rng.choice(places)]
    return rng.sample(places, rng.randint(1, min(len(places), 20)))


_MUTATIONS: Final[Sequence[_Mutation]] = (
    _respell_number, _respell_number, _respell_number,
    _escape_string, _escape_string,
    _put("numbers", _NUMBERS), _put("numbers", _NUMBERS), _put("strings", _STRINGS), _put("all", _JUNK),
    _put("structure", _MARKS), _put("structure", _MARKS),
    _insert(_JUNK), _insert(_NUMBERS), _insert(_STRINGS),
    _delete,
    _swap("numbers"), _swap("strings"), _swap("all"), _swap("structure"), _swap("structure"),
    _shift_values, _shift_values, _recase, _everywhere, _everywhere, _everywhere,
    _copy_token("numbers"), _copy_token("strings"),
    _copy_members, _copy_members, _drop_members, _swap_members, _swap_members, _swap_members,
    _add_undeclared, _add_undeclared, _nest, _empty, _other_bracket,
    _respace, _space_once, _space_once,
)  # fmt: skip


def _scratched(text: bytes, rng: Random) -> bytes:
    """The text with bytes of it changed, wherever they stand."""
    at = rng.randrange(len(text) + 1)
    if rng.random() < 0.5 and (mark := _STRUCTURE.search(text, at)):
        at = mark.start()
    end = min(len(text), at + rng.choice((1, 1, 2, 5, 30)))
    match rng.randrange(13):
        case 0:
            return text[:at]
        case 8 | 9:  # Neighbours are swapped.
            return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
        case 1:
            return text[:at] + text[end:]
        case 2:
            return text[:at] + rng.choice(_JUNK) + text[end:]
        case 3:
            return text[:at] + rng.choice(_JUNK) + text[at:]
        case 4:
            return text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :]
        case 5:
            flipped = bytes(
                byte ^ 1 << rng.choice((0, 0, 1, 4, 5, 7)) for byte in text[at : at + 1]
            )
            return text[:at] + flipped + text[at + 1 :]
        case 6:
            return rng.choice(_BEFORE) + text
        case 7:
            return text + rng.choice((*_BEHIND, text[at:end]))
    marks = [mark.start() for mark in _STRUCTURE.finditer(text, max(0, at - 200), at + 200)]
    if len(marks) < 3:
        return text
    one, other, to = sorted(rng.sample(marks, 3))
    match rng.randrange(3):
        case 0:  # What stands between two marks is put before another one, too.
            return text[:to] + text[one:other] + text[to:]
        case 1:  # Marks are swapped. Whoever only counts them does not see it.
            swapped = bytearray(text)
            swapped[one], swapped[to] = swapped[to], swapped[one]
            return bytes(swapped)
        case _:  # A mark is moved to another place.
            rest = text[:one] + text[one + 1 :]
            return rest[:at] + text[one : one + 1] + rest[at:]


def mutated(base: TokenizedText, rng: Random) -> bytes:
    """A mutant of a text, which may be the text itself."""
    tokens = base.tokens.copy()
    for _ in range(rng.choice((0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3)) if tokens else 0):
        rng.choice(_MUTATIONS)(base, tokens, rng)
    text = b"".join(tokens)
    while rng.random() < 0.15:
        text = _scratched(text, rng)
    return text


def good_text(format: str, rng: Random, most: int) -> bytes:
    """A good payload of at most so many entries, in some layout."""
    payload = example(
        format,
        rng,
        rng.choice((1, 2, 3, rng.randint(1, most), rng.randint(1, most))),
        bits=rng.choice((1, 2, 5, 8, 17, 36, 63, 64, 65, 70)),
        registers=rng.choice((("output_all",), rng.sample(ODD_NAMES, rng.choice((1, 2, 3))))),
        leakage=rng.random() < 0.3,
    )
    return LAYOUTS["compact" if rng.random() < 0.6 else rng.choice(tuple(LAYOUTS))](payload)


#: How many mutants are made of one text.
_OF_ONE_TEXT: Final = 25


def mutants(format: str, rng: Random, most: int) -> Iterator[bytes]:
    """Texts without end, good ones and others, made from payloads of at most so many entries."""
    while True:
        base = TokenizedText(good_text(format, rng, most))
        for _ in range(_OF_ONE_TEXT):
            yield mutated(base, rng)
