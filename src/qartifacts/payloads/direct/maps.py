"""Histograms and probabilities from text straight into columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Distribution, Values
from qartifacts.payloads.direct.window import (
    CHUNK,
    COMMA,
    QUOTE,
    Numbers,
    Positions,
    Window,
    at_commas,
    decimals,
    decoded,
    demand,
    order_of_different,
    without_names,
)
from qartifacts.payloads.families import SYSTEM_REGISTER
from qartifacts.payloads.states import WORD, Words

__all__ = [
    "Outcomes",
    "OutcomesRead",
    "decimal_outcomes",
    "register_outcomes",
]

#: Counts beyond it are not exact in readers that hold numbers as doubles.
LARGEST_COUNT: Final = 2**53 - 1
#: Room is made for several keys, and for each register anew. Wider registers, and more of them, are
#: no results of quantum computers but made to take memory and time.
_WIDEST: Final = 1 << 16
_MOST_REGISTERS: Final = 256

_BLANK: Final = ord(" ")
_COLON: Final = ord(":")


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Outcomes of one register in the order of the text; the states are different.

    Attributes:
        register: The register's name.
        width: Its bits; None where the text does not record them.
        states: Packed states, bit 0 first in the text, of shape ``(n, words)``.
        values: Counts as ``int64`` or probabilities as ``float64``, of shape ``(n,)``.
        order: The permutation that puts the states in ascending order.
        first_zero: Where the value of the first outcome that never occurred stands in the text,
            and its key; None if all occurred.
    """

    register: str
    width: int | None
    states: Words
    values: Values
    order: npt.NDArray[np.intp]
    first_zero: tuple[int, str] | None

    @property
    def total(self) -> float:
        """The sum of the values; of counts it is exact."""
        if self.values.dtype.kind == "f":
            return float(self.values.sum())
        # Each count is below 2**53: a few of them could overflow 64 bits, their halves cannot.
        high, low = self.values >> 32, self.values & 0xFFFFFFFF  # type: ignore[operator]
        return (int(high.sum()) << 32) + int(low.sum())

    def distribution(self, last_first: bool) -> Distribution:
        """The outcomes as a column; ``last_first`` if the text has the last bit first."""
        states, order = self.states, self.order
        if last_first and self.width is not None:
            states = packed.reverse(states, self.width)
            order = packed.ascending(states)
        return Distribution(self.register, self.width, states[order], self.values[order])


@dataclass(frozen=True, slots=True, eq=False)
class OutcomesRead:
    """Outcomes of registers in the order of the text.

    Attributes:
        outcomes: One for each register.
    """

    outcomes: tuple[Outcomes, ...]

    def columns(self, last_first: bool) -> tuple[Distribution, ...]:
        """The columns; ``last_first`` if the text has the last bit first."""
        return tuple(each.distribution(last_first) for each in self.outcomes)


# ----------------------------------------------------------------------------------------------
# Version 2


_NAME: Final = re.compile(rb'"([^"\\\x00-\x1f]*)":\{')


def register_outcomes(data: bytes, member: str, *, counts: bool) -> OutcomesRead:
    """The registers of ``{member: {"registers": {name: {bitstring: value}}}}`` without spaces.

    What is proven: the text is that JSON and nothing else; names of registers differ, and within
    each of them the states; a register has at least one outcome, and one width of at least 1;
    values are whole numbers from 0 to ``LARGEST_COUNT``, or numbers from 0 to 1. Sums are left to
    the caller.

    Raises:
        DontKnow: The text is laid out in another way, or is not good.
    """
    head = f'{{"{member}":{{"registers":{{'.encode()
    demand(data.startswith(head))
    found: list[Outcomes] = []
    at = len(head)
    while True:
        name = _NAME.match(data, at)
        demand(name is not None and len(found) < _MOST_REGISTERS)
        assert name is not None
        # Were there a brace within keys or values, these would not be proven below.
        end = data.find(b"}", name.end())
        demand(end >= 0)
        found.append(_bitstrings(data, decoded(name[1]), name.end(), end, counts=counts))
        at = end + 1
        if data[at : at + 1] != b",":
            break
        at += 1
    demand(data[at:] == b"}}}")
    demand(len({each.register for each in found}) == len(found))
    return OutcomesRead(tuple(found))


def _bitstrings(data: bytes, register: str, start: int, end: int, *, counts: bool) -> Outcomes:
    """Outcomes that ``data[start:end]`` holds as ``"00":1,"11":2``.

    Every outcome has the same length up to its value, so that the commas between outcomes tell
    where all of it has to be. The keys are then overwritten with blanks, and what is left must be
    nothing but numbers and as many as there are commas.
    """
    width = data.find(b'"', start + 1, end) - start - 1
    demand(1 <= width <= _WIDEST)
    # Arrays within the array of numbers, below, would be flattened without a word.
    demand(data.find(b"[", start, end) < 0)
    step = CHUNK + 2 * width
    rows = _Rows(width, b'":', step // (width + 5) + 1)
    window = Window(step, behind=rows.size + 8)
    row_at = window.every(f"V{rows.size}")
    key_at = window.every(f"V{width + 3}")
    blank = np.full(width + 3, _BLANK, np.uint8).view(f"V{width + 3}")[0]
    numbers = Numbers("u" if counts else "d")
    text = np.frombuffer(data, np.uint8)
    states: list[Words] = []
    values: list[Values] = []
    first_zero: tuple[int, str] | None = None
    for begin, stop in at_commas(data, start, end, step):
        taken = window.fill(text[begin:stop])
        octets = window.octets
        octets[taken.stop - 1] = COMMA
        ends = window.find(COMMA, taken)
        starts = np.empty_like(ends)
        starts[0] = taken.start
        np.add(ends[:-1], 1, out=starts[1:])
        # A quote, the bits, a quote and a colon, and then a value of at least one character.
        demand(int((ends - starts).min()) >= width + 4)
        demand((octets[starts] == QUOTE).all())
        states.append(rows.packed(row_at[starts + 1]))
        key_at[starts] = blank
        some = _checked(numbers.between(window, taken), counts=counts)
        demand(len(some) == len(ends))
        if first_zero is None and not some.all():
            at = int(starts[int(np.argmin(some))]) - taken.start + begin
            value_at = at + width + 3
            while data[value_at] in b" \t\n\r":  # The parser skips them.
                value_at += 1
            first_zero = value_at, data[at + 1 : at + 1 + width].decode("ascii")
        values.append(some)
    every = np.concatenate(states)
    order = order_of_different(every)
    together = cast("Values", np.concatenate(values))
    return Outcomes(register, width, every, together, order, first_zero)


class _Rows:
    """Turns rows of text into packed states, proving that they are what they should be.

    A row begins with ``width`` zeros and ones. A known text follows, and then anything.

    Attributes:
        size: Bytes of a row.
    """

    def __init__(self, width: int, text: bytes, most: int) -> None:
        self.size: Final = -(-(width + len(text)) // WORD) * WORD
        self._width = width
        expected = np.zeros(self.size, np.uint8)
        expected[:width] = ord("0")
        expected[width : width + len(text)] = list(text)
        self._expected = np.tile(expected, most)
        self._counts = np.tile(np.where(expected, np.uint8(0xFF), np.uint8(0)), most)

    def packed(self, rows: npt.NDArray[np.void]) -> Words:
        """States of shape ``(n, words)``; the rows are overwritten.

        Raises:
            DontKnow: There are other characters.
        """
        bits = rows.view(np.uint8)
        bits ^= self._expected[: len(bits)]
        bits &= self._counts[: len(bits)]
        demand(int(bits.max()) <= 1)
        words = np.packbits(bits, bitorder="little").view("<u8").reshape(len(rows), -1)
        # What differs from the known text has become a bit beyond the width.
        demand(packed.bit_length(words) <= self._width)
        return words[:, : -(-self._width // WORD)]


def _checked(numbers: npt.NDArray[Any], *, counts: bool) -> Values:
    """Numbers that may be counts, or probabilities; a copy, for the parser reuses its memory."""
    if counts:
        demand(int(numbers.max(initial=0)) <= LARGEST_COUNT)
        return numbers.astype(np.int64)
    demand(bool(numbers.min(initial=0) >= 0 and numbers.max(initial=0) <= 1))
    return numbers.astype(np.float64)


# ----------------------------------------------------------------------------------------------
# Version 1


def decimal_outcomes(data: bytes, *, counts: bool) -> OutcomesRead:
    """The one distribution of ``{state: value}``, without spaces, with decimal states.

    What is proven: the text is that JSON and nothing else; states are different whole numbers
    below 2**64 without leading zeros; there is at least one; values are as for
    ``register_outcomes``.

    Raises:
        DontKnow: The text is laid out in another way, or is not good.
    """
    demand(data.startswith(b'{"') and data.endswith(b"}"))
    demand(b"[" not in data)
    # Blanks would be skipped by the parser within keys, too.
    demand(not any(each in data for each in (b" ", b"\t", b"\n", b"\r")))
    demand(not counts or b"-" not in data)  # Minus zero would be read as zero, in keys, too.
    window = Window(CHUNK)
    outcomes = _CountsByState() if counts else _ProbabilitiesByState(window)
    text = np.frombuffer(data, np.uint8)
    states: list[Words] = []
    values: list[Values] = []
    first_zero: tuple[int, str] | None = None
    for begin, stop in at_commas(data, 1, len(data) - 1, CHUNK):
        taken = window.fill(text[begin:stop])
        octets = window.octets
        octets[taken.stop - 1] = COMMA
        quotes = window.find(QUOTE, taken)
        demand(len(quotes) and len(quotes) % 2 == 0)
        opened, closed = quotes[0::2], quotes[1::2]
        # Every comma stands before a key, or at the end; so between keys there is one value each.
        demand(opened[0] == taken.start and (octets[opened[1:] - 1] == COMMA).all())
        demand((octets[closed + 1] == _COLON).all())
        demand(np.count_nonzero(octets[taken] == COMMA) == len(opened))
        keys, some = outcomes.read(window, taken, quotes)
        some = _checked(some, counts=counts)
        if first_zero is None and not some.all():
            index = int(np.argmin(some))
            at, behind = (int(each[index]) - taken.start + begin for each in (opened, closed))
            first_zero = behind + 2, data[at + 1 : behind].decode("ascii")
        states.append(keys.reshape(-1, 1))
        values.append(some)
    every = np.concatenate(states)
    order = order_of_different(every)
    together = cast("Values", np.concatenate(values))
    found = Outcomes(SYSTEM_REGISTER, None, every, together, order, first_zero)
    return OutcomesRead((found,))


class _CountsByState:
    """Keys and values alike are whole numbers, and read as such."""

    def __init__(self) -> None:
        self._numbers = Numbers("u")

    def read(
        self, window: Window, taken: slice, quotes: Positions
    ) -> tuple[Words, npt.NDArray[Any]]:
        without_names(window.octets, quotes)
        both = self._numbers.between(window, taken)
        demand(len(both) == len(quotes))
        return both[0::2].copy(), both[1::2]


class _ProbabilitiesByState:
    """Keys are read for themselves: as doubles, large ones would not be exact."""

    def __init__(self, window: Window) -> None:
        self._numbers = Numbers("d")
        self._words = window.every("<u8")

    def read(
        self, window: Window, taken: slice, quotes: Positions
    ) -> tuple[Words, npt.NDArray[Any]]:
        opened, closed = quotes[0::2], quotes[1::2]
        keys = decimals(self._words, closed, closed - opened - 1)
        without_names(window.octets, quotes)
        both = self._numbers.between(window, taken)  # Refuses leading zeros of keys, too.
        demand(len(both) == len(quotes))
        return keys, both[1::2]
