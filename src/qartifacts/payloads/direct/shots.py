"""Shots from text straight into columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Leakage, Measured, Shots
from qartifacts.payloads.direct.window import (
    CHUNK,
    COMMA,
    QUOTE,
    Numbers,
    Octets,
    Window,
    at_commas,
    decoded,
    demand,
)
from qartifacts.payloads.families import SYSTEM_REGISTER
from qartifacts.payloads.states import WORD, Words

__all__ = ["ShotsRead", "decimal_shots", "register_shots"]


@dataclass(frozen=True, slots=True, eq=False)
class ShotsRead:
    """Shots in the order of the text.

    Attributes:
        shots: The columns, bit 0 first in the text.
        first_leaked: The index of the first shot with leakage, and where its leakage bits stand in
            the text; None if there is none.
    """

    shots: Shots
    first_leaked: tuple[int, int] | None = None

    def columns(self, last_first: bool) -> Shots:
        """The columns; ``last_first`` if the text has the last bit of registers first."""
        if not last_first:
            return self.shots
        registers = {
            name: each if each.width is None else _reversed(each, each.width)
            for name, each in self.shots.registers.items()
        }
        return replace(self.shots, registers=registers)


def _reversed(measured: Measured, width: int) -> Measured:
    return Measured(width, packed.reverse(measured.states, width))


# ----------------------------------------------------------------------------------------------
# Version 2

_WS: Final = rb"[ \t\n\r]*+"
_BITS: Final = rb"\[" + _WS + rb"[01](?:" + _WS + rb"," + _WS + rb"[01])*+" + _WS + rb"\]"
_NAME: Final = rb'"([^"\\\x00-\x1f]*+)"' + _WS + rb":" + _WS
_REGISTER: Final = _NAME + rb"(" + _BITS + rb")"
_REGISTERS: Final = (
    rb'"registers"' + _WS + rb":" + _WS + rb"\{" + _WS + _REGISTER
    + rb"(?:" + _WS + rb"," + _WS + _REGISTER + rb")*+" + _WS + rb"\}"
)  # fmt: skip
_LEAKAGE: Final = (
    rb'"leakage_bits"' + _WS + rb":" + _WS
    + rb"(?P<leakage>null|\[" + _WS + rb"\]|" + _BITS + rb")"
)  # fmt: skip
_SHOT: Final = re.compile(
    rb"\{" + _WS
    + rb"(?:" + _LEAKAGE + _WS + rb"," + _WS + rb")?+"
    + rb"(?P<registers>" + _REGISTERS + rb")"
    + rb"(?:" + _WS + rb"," + _WS + _LEAKAGE.replace(b"leakage>", b"last_leakage>") + rb")?+"
    + _WS + rb"\}"
)  # fmt: skip
_HEAD: Final = re.compile(_WS + rb"\{" + _WS + rb'"shots"' + _WS + rb":" + _WS + rb"\[" + _WS)
_BETWEEN: Final = re.compile(_WS + rb"," + _WS)
_TAIL: Final = re.compile(_WS + rb"\]" + _WS + rb"\}" + _WS + rb"\Z")
_BIT: Final = re.compile(rb"[01]")

#: Bytes of shots that are compared at a time.
_PIECE: Final = 1 << 19
#: Bytes of a shot; the places of its bits are kept, one by one.
_LONGEST_SHOT: Final = 1 << 20
#: White space behind the last shot that is looked through for the end of the text.
_LONGEST_TAIL: Final = 4096


@dataclass(frozen=True, slots=True)
class _Template:
    """Where the first shot has its bits.

    Attributes:
        registers: Offsets of the bits within the shot, by name.
        leakage: Offsets of the leakage bits; None where they are null or absent.
        leakage_width: As in ``Leakage.widths``.
        leakage_at: The offset of the value of ``leakage_bits``.
    """

    registers: dict[str, list[int]]
    leakage: list[int] | None
    leakage_width: int
    leakage_at: int


def register_shots(data: bytes) -> ShotsRead:
    """The shots of ``{"shots": [{"registers": {name: [bit, ...]}, "leakage_bits": ...}, ...]}``.

    The first shot is proven by a regular expression. Every other one must then be the same text
    but for its bits, spaces and separators included; so one comparison of the whole text with
    itself, shot by shot, proves them all. Any spacing will do if it is always the same.

    What is proven: the text is that JSON and nothing else; there is at least one shot; names of
    registers differ, each has at least one bit, and all shots have the same; bits are 0 or 1;
    leakage bits are absent, null, or equally many, in all shots alike.

    Raises:
        DontKnow: The text is laid out in another way, or is not good.
    """
    head = _HEAD.match(data)
    demand(head)
    assert head is not None
    start = head.end()
    first = _SHOT.match(data, start, start + _LONGEST_SHOT)
    demand(first)
    assert first is not None
    template = _template(first)
    between = _BETWEEN.match(data, first.end())
    separator = b"," if between is None else between[0]
    end = data.rfind(b"}", 0, data.rfind(b"}", max(start, len(data) - _LONGEST_TAIL))) + 1
    demand(end >= first.end() and _TAIL.match(data, end))
    pattern = first[0] + separator
    number, rest = divmod(end - start + len(separator), len(pattern))
    demand(not rest)
    at_a_time = min(number, max(1, _PIECE // len(pattern)))
    bits = _Bits(pattern, template, at_a_time, number)
    text = np.frombuffer(data, np.uint8, end - start, start)
    step = at_a_time * len(pattern)
    for begin in range(0, len(text), step):
        bits.add(text[begin : begin + step])
    registers = {
        name: Measured(len(places), bits.states(places))
        for name, places in template.registers.items()
    }
    if template.leakage_width == Leakage.ABSENT:
        return ShotsRead(Shots(number, registers))
    words = np.zeros((number, 1), np.uint64)
    if template.leakage:
        words = bits.states(template.leakage)
    widths = np.full(number, template.leakage_width, np.int64)
    leakage = Leakage(widths, words)
    first_leaked = None
    leaked = leakage.leaked
    if leaked.any():
        index = int(np.argmax(leaked))
        first_leaked = index, start + index * len(pattern) + template.leakage_at
    return ShotsRead(Shots(number, registers, leakage), first_leaked)


def _template(shot: re.Match[bytes]) -> _Template:
    """The places of the bits in a shot that ``_SHOT`` has matched."""
    origin = shot.start()
    registers: dict[str, list[int]] = {}
    for match in re.finditer(_REGISTER, shot["registers"]):
        name = decoded(match[1])
        demand(name not in registers)
        registers[name] = _places(match[2], shot.start("registers") - origin + match.start(2))
    demand(shot["leakage"] is None or shot["last_leakage"] is None)
    group = "leakage" if shot["leakage"] is not None else "last_leakage"
    value = shot[group]
    if value is None:
        return _Template(registers, None, Leakage.ABSENT, 0)
    at = shot.start(group) - origin
    if value == b"null":
        return _Template(registers, None, Leakage.NULL, at)
    places = _places(value, at)
    return _Template(registers, places, len(places), at)


def _places(bits: bytes, offset: int) -> list[int]:
    return [offset + match.start() for match in _BIT.finditer(bits)]


class _Bits:
    """The bits of shots that are all alike, piece by piece.

    Args:
        pattern: The first shot and the separator behind it.
        template: Where it has its bits.
        most: The number of shots in a piece.
        number: The number of all shots.
    """

    def __init__(self, pattern: bytes, template: _Template, most: int, number: int) -> None:
        size = len(pattern)
        every = [*template.registers.values(), template.leakage or []]
        forbidden = np.full(size, 0xFF, np.uint8)
        expected = np.frombuffer(pattern, np.uint8).copy()
        for places in every:
            forbidden[places] = 0xFE
            expected[places] = ord("0")
        self._size = size
        self._expected = np.tile(expected, most)
        self._forbidden = np.tile(forbidden, most)
        self._difference = np.empty(size * most, np.uint8)
        self._wrong = np.empty(size * most, np.uint8)
        self._columns = {
            tuple(places): _Column(places, size, most, number) for places in every if places
        }

    def add(self, piece: Octets) -> None:
        """Take the bits of some shots, of which the last one of all lacks its separator.

        Raises:
            DontKnow: One of them differs from the first in more than its bits.
        """
        taken = len(piece)
        difference = self._difference
        np.bitwise_xor(piece, self._expected[:taken], out=difference[:taken])
        wrong = self._wrong[:taken]
        np.bitwise_and(difference[:taken], self._forbidden[:taken], out=wrong)
        demand(not wrong.max())
        shots = -(-taken // self._size)
        for column in self._columns.values():
            column.add(difference, shots)

    def states(self, places: list[int]) -> Words:
        """The states of all shots, of the bits at these places, of shape ``(shots, words)``."""
        return self._columns[tuple(places)].states


class _Column:
    """The states of one register.

    Attributes:
        states: Packed states, of shape ``(shots, words)``; as many as have been taken.
    """

    def __init__(self, places: list[int], size: int, most: int, number: int) -> None:
        self._places = places
        self._size = size
        distances = set(np.diff(places).tolist()) or {1}
        self._distance = distances.pop() if len(distances) == 1 else None
        # Rows of whole words, of which bits beyond the width stay zero.
        words = -(-len(places) // WORD)
        self._rows = np.zeros((most, words * WORD), np.uint8)
        self.states: Final[Words] = np.empty((number, words), np.uint64)
        self._taken = 0

    def add(self, bits: Octets, shots: int) -> None:
        """Take the bits of some shots: the bytes of all their text, 1 where a bit is set."""
        rows = self._rows[:shots]
        width = len(self._places)
        if self._distance is None:
            whole = bits[: shots * self._size].reshape(shots, self._size)
            rows[:, :width] = whole[:, self._places]
        else:
            # Each bit with the byte behind it, which the conversion to bytes drops: NumPy converts
            # what is spread out faster than it copies it.
            strides = (self._size, self._distance)
            spread = np.ndarray((shots, width), "<u2", bits, self._places[0], strides)
            np.copyto(rows[:, :width], spread, casting="unsafe")
        words = np.packbits(rows.reshape(-1), bitorder="little").view("<u8")
        self.states[self._taken : self._taken + shots] = words.reshape(shots, -1)
        self._taken += shots


# ----------------------------------------------------------------------------------------------
# Version 1


def decimal_shots(data: bytes) -> ShotsRead:
    """The shots of ``["2", "1", ...]`` without spaces.

    What is proven: the text is that JSON and nothing else; there is at least one shot; states are
    whole numbers below 2**64 without leading zeros.

    Raises:
        DontKnow: The text is laid out in another way, or is not good.
    """
    demand(data.startswith(b'["') and data.endswith(b"]") and data.find(b"[", 1) < 0)
    # Blanks would be skipped by the parser within strings, too, and minus zero be read as zero.
    demand(not any(each in data for each in (b" ", b"\t", b"\n", b"\r", b"-")))
    text = np.frombuffer(data, np.uint8)
    window = Window(CHUNK)
    numbers = Numbers("u")
    states: list[Words] = []
    for begin, stop in at_commas(data, 1, len(data) - 1, CHUNK):
        taken = window.fill(text[begin:stop])
        octets = window.octets[taken]
        octets[-1] = COMMA
        quotes = octets == QUOTE
        commas = octets == COMMA
        # Each string is opened behind a comma and closed before one, and a comma within a string
        # would be in want of quotes on both sides. So two quotes for each comma leave none within
        # strings. If a single quote stood between two commas, there would be no number.
        demand(quotes[0] and not (commas[1:] & ~quotes[:-1]).any())
        demand(not (commas[:-1] & ~quotes[1:]).any())
        demand(np.count_nonzero(quotes) == 2 * np.count_nonzero(commas))
        octets ^= quotes.view(np.uint8) * np.uint8(QUOTE ^ ord(" "))
        some = numbers.between(window, taken)
        demand(len(some) == np.count_nonzero(commas))
        states.append(some.reshape(-1, 1).copy())
    every = np.concatenate(states)
    return ShotsRead(Shots(len(every), {SYSTEM_REGISTER: Measured(None, every)}))
