"""Stretches of text as NumPy arrays, and the numbers in them.

What is written here works on a few hundred kilobytes at a time: as much as stays in a processor's
cache from one step to the next. Nothing is copied whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from qartifacts.payloads import states as packed
from qartifacts.payloads.states import Words

__all__ = [
    "CHUNK",
    "COMMA",
    "QUOTE",
    "DontKnow",
    "Numbers",
    "Octets",
    "Positions",
    "Window",
    "at_commas",
    "decimals",
    "decoded",
    "demand",
    "order_of_different",
    "without_names",
]

Octets = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.intp]

#: Bytes of text that are worked on at a time.
CHUNK: Final = 1 << 19

COMMA: Final = ord(",")
QUOTE: Final = ord('"')
OPENED: Final = ord("[")
CLOSED: Final = ord("]")
_BLANK: Final = ord(" ")


class DontKnow(Exception):
    """The text is not laid out as the decoder could prove. It may be good or bad."""


def demand(proven: Any) -> None:
    """End the decoding unless something has been proven.

    Demands overlap: what is shown by counting, the parser of numbers would often refuse as well.
    They cost little, and so each step of a proof can be understood by itself.

    Raises:
        DontKnow: It has not.
    """
    if not proven:
        raise DontKnow


def decoded(name: bytes) -> str:
    """The name of a member, which holds no escape.

    Raises:
        DontKnow: It is not UTF-8.
    """
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DontKnow from error


def at_commas(data: bytes, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut ``data[start:end]`` into pieces of at most ``size`` bytes, each behind a comma.

    The last piece ends one byte later: what closes the array or object stands for a comma.

    Raises:
        DontKnow: There is no comma for longer than that.
    """
    while end - start >= size:
        cut = data.rfind(b",", start, start + size) + 1
        demand(cut > start)
        yield start, cut
        start = cut
    yield start, end + 1


class Window:
    """Room for a piece of text, which is seen as bytes and as what starts at every single byte.

    The text begins at ``Window.FIRST``. Before and behind it there is room, so that what starts
    or ends at a byte of the text can be read without asking whether it leaves the text.

    Attributes:
        octets: The bytes, of shape ``(bytes,)``.
    """

    FIRST: Final = 32

    def __init__(self, size: int, behind: int = 64) -> None:
        self._size = self.FIRST + size + behind
        self.octets: Final[Octets] = np.zeros(self._size, np.uint8)
        self._found = np.empty(self._size, np.bool_)

    def every(self, dtype: str) -> npt.NDArray[Any]:
        """What starts at every byte, read as ``dtype``; element k begins at byte k."""
        size = np.dtype(dtype).itemsize
        return np.ndarray((self._size - size + 1,), dtype, self.octets, 0, (1,))

    def fill(self, text: Octets) -> slice:
        """Put a piece of text into the window; the slice of ``octets`` that it takes."""
        taken = slice(self.FIRST, self.FIRST + len(text))
        self.octets[taken] = text
        return taken

    def find(self, octet: int, taken: slice) -> Positions:
        """Where a byte stands within a slice of the window, ascending."""
        found = np.equal(self.octets[taken], octet, out=self._found[taken])
        positions = np.flatnonzero(found)
        positions += taken.start
        return positions


class Numbers:
    """Numbers between commas, read by simdjson.

    It reads by RFC 8259, rounds doubles correctly, and refuses whole numbers beyond 64 bits.
    """

    _DTYPES: Final = {"u": np.uint64, "d": np.float64}

    def __init__(self, kind: Literal["u", "d"]) -> None:
        import simdjson

        self._kind = kind
        self._dtype = self._DTYPES[kind]
        self._parser = simdjson.Parser()

    def between(self, window: Window, taken: slice) -> npt.NDArray[Any]:
        """The numbers of a slice that holds nothing but numbers, commas and blanks.

        The slice must hold no bracket: arrays within the array would be flattened without a word.
        It ends with what stands for a comma. That and the byte before the slice are overwritten.

        Raises:
            DontKnow: Something else is there, or a number is of another kind.
        """
        octets = window.octets
        octets[taken.start - 1] = OPENED
        octets[taken.stop - 1] = CLOSED
        try:
            numbers: Any = self._parser.parse(octets[taken.start - 1 : taken.stop].data)
            buffer = numbers.as_buffer(of_type=self._kind)
        except (ValueError, TypeError, AttributeError, RuntimeError) as error:
            raise DontKnow from error
        return np.frombuffer(buffer, self._dtype)


def without_names(octets: Octets, quotes: Positions) -> None:
    """Overwrite quotes with blanks, and colons with commas: keys become numbers like values.

    Args:
        octets: The text.
        quotes: Where its quotes stand; every second one closes a key, and has a colon behind it.
    """
    octets[quotes] = _BLANK
    octets[quotes[1::2] + 1] = COMMA


def order_of_different(states: Words) -> Positions:
    """The permutation that puts states in ascending order.

    Raises:
        DontKnow: Two of them are equal: a key occurs twice.
    """
    ordered, order = packed.in_order(states)
    demand(packed.is_new(ordered).all())
    return order


_ZEROS: Final = np.uint64(0x3030303030303030)
_SIXES: Final = np.uint64(0x0606060606060606)
_HIGH_HALVES: Final = np.uint64(0xF0F0F0F0F0F0F0F0)
_PAIRS: Final = np.uint64(0x000000FF000000FF)
#: Weights of the first and third, and of the second and fourth pair of digits.
_ODD: Final = np.uint64(100 + (1_000_000 << 32))
_EVEN: Final = np.uint64(1 + (10_000 << 32))
#: Most digits of a whole number that surely fits 64 bits.
MOST_DIGITS: Final = 19


def decimals(
    words: npt.NDArray[np.uint64], ends: Positions, lengths: Positions
) -> npt.NDArray[np.uint64]:
    """Values of decimal digits, eight at a time in one word.

    Args:
        words: What ``Window.every("<u8")`` gives.
        ends: Positions behind the last digits.
        lengths: Numbers of digits.

    Returns:
        The values, of the shape of ``ends``. Leading zeros are let pass.

    Raises:
        DontKnow: There is something else than digits, or there are none or too many of them.
    """
    longest = int(lengths.max())
    demand(int(lengths.min()) >= 1 and longest <= MOST_DIGITS)
    values = np.zeros(len(ends), np.uint64)
    weight = 1
    for last in range(0, longest, 8):
        # The first digit is in the lowest byte. Shifting up what starts at the first digit drops
        # what follows the last one, and zeros come in from below, where digits are missing.
        some = lengths if longest <= 8 else np.clip(lengths - last, 0, 8)
        digits = words[ends - last - some] ^ _ZEROS
        digits <<= (64 - 8 * some).astype(np.uint64)
        # Of what is no digit, the byte exceeds 9, and 9 + 6 is all that fits half a byte.
        beyond = digits + _SIXES
        beyond |= digits
        beyond &= _HIGH_HALVES
        demand(not beyond.any())
        digits = digits * np.uint64(10) + (digits >> np.uint64(8))
        pairs = (digits & _PAIRS) * _ODD
        pairs += ((digits >> np.uint64(16)) & _PAIRS) * _EVEN
        pairs >>= np.uint64(32)
        values += pairs * np.uint64(weight)
        weight *= 10**8
    return values
