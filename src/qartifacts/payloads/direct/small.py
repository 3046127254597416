"""Small payloads: typed decoding, and what types cannot say.

NumPy gains nothing on a few outcomes or shots. ``msgspec`` proves that a text is JSON of the right
types and within their bounds while it decodes it; what it does not see is checked afterwards.
Functions here answer whether a text is surely good and gives no reason for a note.

msgspec lets the last of equal keys win. But every string of these texts is a key, or is counted
besides; so if there are twice as many quotes as strings, and no quote is escaped, no key is lost.

Decimal states are decoded as integers, which msgspec reads of keys as JSON has numbers: without
leading zeros, plus signs, fractions or blanks. Only a minus sign has to be looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from math import fsum
from typing import Annotated, Final

import msgspec

from qartifacts.identifiers import (
    AGGREGATE_V1,
    CHILD_ID,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)

__all__ = ["UNDECODED", "small_acceptor"]

#: Whether a text is surely good; False is "don't know".
Acceptor = Callable[[bytes], bool]

#: Zeros are good, too, but are noted.
_Probability = Annotated[float, msgspec.Meta(gt=0, le=1)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
_Bit = Annotated[int, msgspec.Meta(ge=0, le=1)]


class _Registers(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    registers: dict[str, dict[str, _Probability]]


class _Probabilities(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    probabilities: _Registers


class _CountedRegisters(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    registers: dict[str, dict[str, _Count]]


class _Histogram(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    histogram: _CountedRegisters


class _Shot(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    registers: dict[str, list[_Bit]]
    leakage_bits: list[_Bit] | msgspec.UnsetType | None = msgspec.UNSET


class _Shots(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    shots: list[_Shot]


#: How a key with a minus sign starts; of ids, which are strings, that is no matter.
_NEGATIVE: Final = b'"-'
#: One on each line; at most as many digits as are read (QA209), which are 4,300.
_are_decimals = re.compile(
    r"(?:(?:0|[1-9][0-9]{0,4299}+)\n)*+(?:0|[1-9][0-9]{0,4299}+)", re.ASCII
).fullmatch

#: The first of several shots whose text differs in their bits alone, once all bits are zeros; and
#: what is quoted in it. Names hold no digits, which could be taken for bits.
_first_shot = re.compile(
    rb'\{"shots":\[(\{"registers":\{"[A-Za-z_]++":\[0(?:,0)*+\]'
    rb'(?:,"[A-Za-z_]++":\[0(?:,0)*+\])*+\}\})'
).match
_quoted = re.compile(rb'"([^"]*)"').findall
_AROUND_SHOTS: Final = (b'{"shots":[', b"]}")
_AS_ZEROS: Final = bytes.maketrans(b"1", b"0")


def _all_bitstrings(keys: Collection[str]) -> bool:
    """Whether keys are zeros and ones of one width, of at least 1; False of none."""
    bits = "".join(keys)
    return bits != "" and not bits.strip("01") and len({*map(len, keys)}) == 1


def _probabilities_v1(fine: float) -> Acceptor:
    decode = msgspec.json.Decoder(dict[int, _Probability]).decode

    def accepts(data: bytes) -> bool:
        outcomes = decode(data)
        return (
            data.count(b'"') == 2 * len(outcomes)
            and _NEGATIVE not in data
            and abs(fsum(outcomes.values()) - 1) <= fine
        )

    return accepts


def _probabilities_v2(fine: float) -> Acceptor:
    decode = msgspec.json.Decoder(_Probabilities).decode

    def accepts(data: bytes) -> bool:
        registers = decode(data).probabilities.registers
        strings = 2 + len(registers)
        for outcomes in registers.values():
            strings += len(outcomes)
            if not (-fine <= fsum(outcomes.values()) - 1 <= fine and _all_bitstrings(outcomes)):
                return False
        return strings > 2 and data.count(b'"') == 2 * strings

    return accepts


def _histogram_v1(fine: float) -> Acceptor:
    decode = msgspec.json.Decoder(dict[int, _Count]).decode

    def accepts(data: bytes) -> bool:
        outcomes = decode(data)
        return bool(outcomes) and data.count(b'"') == 2 * len(outcomes) and _NEGATIVE not in data

    return accepts


def _histogram_v2(fine: float) -> Acceptor:
    decode = msgspec.json.Decoder(_Histogram).decode

    def accepts(data: bytes) -> bool:
        registers = decode(data).histogram.registers
        strings = 2 + len(registers) + sum(map(len, registers.values()))
        totals = {sum(outcomes.values()) for outcomes in registers.values()}
        return (
            len(totals) == 1
            and data.count(b'"') == 2 * strings
            and all(map(_all_bitstrings, registers.values()))
        )

    return accepts


def _shots_v1(fine: float) -> Acceptor:
    decode = msgspec.json.Decoder(list[str]).decode

    def accepts(data: bytes) -> bool:
        states = decode(data)
        lines = "\n".join(states)
        return _are_decimals(lines) is not None and lines.count("\n") == len(states) - 1

    return accepts


def _are_like_the_first(data: bytes) -> bool:
    """Whether a text is shots that differ in their bits alone, as services write them."""
    zeros = data.translate(_AS_ZEROS)
    first = _first_shot(zeros)
    if first is None:
        return False
    shot = first[1]
    names = _quoted(shot)
    start, end = _AROUND_SHOTS
    number = (len(zeros) - len(start) - len(end) + 1) // (len(shot) + 1)
    alike = zeros == start + b",".join([shot] * number) + end
    return alike and len(set(names)) == len(names)


def _shots_v2(fine: float) -> Acceptor:
    decode = msgspec.json.Decoder(_Shots).decode

    def accepts(data: bytes) -> bool:
        if _are_like_the_first(data):
            return True
        shots = decode(data).shots
        if not shots:
            return False
        names, widths = [*shots[0].registers], [*map(len, shots[0].registers.values())]
        strings = 1 + len(shots) * (1 + len(widths))
        for shot in shots:
            registers = shot.registers
            # Registers in another order are not looked into: no service writes them so.
            if [*registers] != names or [*map(len, registers.values())] != widths:
                return False
            if shot.leakage_bits is not msgspec.UNSET:
                strings += 1
                if shot.leakage_bits and any(shot.leakage_bits):
                    return False  # A leaked shot is noted.
        return bool(widths) and all(widths) and data.count(b'"') == 2 * strings

    return accepts


def _aggregate(fine: float) -> Acceptor:
    decode = msgspec.json.Decoder(dict[str, dict[int, _Probability]]).decode

    def accepts(data: bytes) -> bool:
        children = decode(data)
        strings = len(children) + sum(map(len, children.values()))
        return (
            bool(children)
            and data.count(b'"') == 2 * strings
            and _NEGATIVE not in data
            and len(set(map(str.lower, children))) == len(children)
            and all(map(CHILD_ID.fullmatch, children))
            and all(abs(fsum(each.values()) - 1) <= fine for each in children.values())
        )

    return accepts


_ACCEPTORS: Final[Mapping[FormatId, Callable[[float], Acceptor]]] = {
    PROBABILITIES_V1: _probabilities_v1,
    PROBABILITIES_V2: _probabilities_v2,
    HISTOGRAM_V1: _histogram_v1,
    HISTOGRAM_V2: _histogram_v2,
    SHOTS_V1: _shots_v1,
    SHOTS_V2: _shots_v2,
    AGGREGATE_V1: _aggregate,
}


#: What keeps a text from being decoded.
UNDECODED: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def small_acceptor(format: FormatId, fine: float) -> Acceptor:
    """What answers whether a text without a backslash is a surely good payload of a format.

    It raises one of ``UNDECODED`` where it does not know.

    Args:
        format: One that holds results.
        fine: How far a sum of probabilities may be off 1.
    """
    return _ACCEPTORS[format](fine)
