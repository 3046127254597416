"""Packed states: of any number of bits each, a row of 64-bit words a state.

Bit k of a state, which is qubit k or bit k of a register, is bit ``k % 64`` of word ``k // 64``. So
a state of up to 64 bits is one word, and that word is the decimal state of version 1. This is the
one order in memory; the orders of files are undone where they are read and redone where they are
written.

Arrays of states have shape ``(n, words)`` and type ``uint64``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "Bits",
    "Words",
    "add_equal",
    "ascending",
    "bit_length",
    "count_equal",
    "from_bitstrings",
    "from_integers",
    "in_order",
    "is_new",
    "joined",
    "largest",
    "pack",
    "pick_bits",
    "reverse",
    "stacked",
    "to_bitstrings",
    "to_integers",
    "unpack",
]

Words: TypeAlias = npt.NDArray[np.uint64]
Bits: TypeAlias = npt.NDArray[np.uint8]

WORD: Final = 64
#: Rows that are worked on at a time where a whole matrix of bits would take much memory.
_CHUNK: Final = 1 << 16


def pack(bits: Bits) -> Words:
    """States from a matrix of bits of shape ``(n, width)``; column k is bit k."""
    rows, width = bits.shape
    words = _words(width)
    packed = np.zeros((rows, words * 8), np.uint8)
    for start in range(0, rows, _CHUNK):
        some = np.packbits(bits[start : start + _CHUNK], axis=1, bitorder="little")
        packed[start : start + _CHUNK, : some.shape[1]] = some
    return packed.view("<u8").astype(np.uint64, copy=False)


def unpack(states: Words, width: int) -> Bits:
    """The matrix of bits, of shape ``(n, width)``; column k is bit k."""
    if width > states.shape[1] * WORD:
        states = _widened(states, _words(width))
    octets = np.ascontiguousarray(states, "<u8").view(np.uint8)
    return np.unpackbits(octets, axis=1, count=width, bitorder="little")


def from_integers(texts: Iterable[str | int]) -> Words:
    """States from decimal texts or integers, none of them negative."""
    numbers = list(map(int, texts))
    largest = max(numbers, default=0)
    if largest < 1 << WORD:
        return np.array(numbers, np.uint64).reshape(-1, 1)
    words = _words(largest.bit_length())
    octets = b"".join(number.to_bytes(words * 8, "little") for number in numbers)
    return np.frombuffer(octets, "<u8").reshape(-1, words).astype(np.uint64)


def to_integers(states: Words) -> list[int]:
    """States as integers: bit k has the value ``2**k``."""
    if states.shape[1] == 1:
        integers: list[int] = states[:, 0].tolist()
        return integers
    size = states.shape[1] * 8
    octets = np.ascontiguousarray(states, "<u8").tobytes()
    return [
        int.from_bytes(octets[start : start + size], "little")
        for start in range(0, len(octets), size)
    ]


def from_bitstrings(texts: Sequence[str], *, last_first: bool = False) -> Words:
    """States from texts of zeros and ones, all of one length.

    The first character is bit 0, or the last bit with ``last_first``.
    """
    if not texts:
        return np.zeros((0, 1), np.uint64)
    characters = np.frombuffer("".join(texts).encode("ascii"), np.uint8)
    bits = characters.reshape(len(texts), -1) & np.uint8(1)
    return pack(bits[:, ::-1] if last_first else bits)


def to_bitstrings(states: Words, width: int, *, last_first: bool = False) -> list[str]:
    """States as texts of ``width`` zeros and ones.

    The first character is bit 0, or the last bit with ``last_first``.
    """
    if not width:
        return [""] * len(states)
    bits = unpack(states, width)
    text = ((bits[:, ::-1] if last_first else bits) | ord("0")).tobytes().decode("ascii")
    return [text[start : start + width] for start in range(0, len(text), width)]


def reverse(states: Words, width: int) -> Words:
    """States with their bits in the opposite order: bit k becomes bit ``width - 1 - k``."""
    return pick_bits(states, range(width - 1, -1, -1))


def pick_bits(states: Words, positions: Sequence[int]) -> Words:
    """States of the listed bits alone: bit ``positions[k]`` becomes bit k. Others read as 0."""
    picked = np.zeros((len(states), _words(len(positions))), np.uint64)
    stored = states.shape[1] * WORD
    # Bits that are not stored are zero, and one more column stands for all of them.
    columns = [min(position, stored) for position in positions]
    for start in range(0, len(states), _CHUNK):
        some = unpack(states[start : start + _CHUNK], stored)
        some = np.pad(some, ((0, 0), (0, 1)))[:, columns] if stored in columns else some[:, columns]
        picked[start : start + _CHUNK] = pack(some)
    return picked


def joined(parts: Sequence[tuple[Words, int]]) -> Words:
    """States that have the bits of the first part first, then those of the next, ...

    Args:
        parts: States and their width; as many states in each part.
    """
    rows = len(parts[0][0])
    whole = np.zeros((rows, _words(sum(width for _, width in parts))), np.uint64)
    for start in range(0, rows, _CHUNK):
        some = [unpack(states[start : start + _CHUNK], width) for states, width in parts]
        whole[start : start + _CHUNK] = pack(np.hstack(some))
    return whole


def bit_length(states: Words) -> int:
    """Bits that the largest state needs; 0 if all are zero."""
    for word in range(states.shape[1] - 1, -1, -1):
        largest = int(states[:, word].max(initial=0))
        if largest:
            return word * WORD + largest.bit_length()
    return 0


def largest(states: Words) -> int:
    """The largest state, as an integer; of at least one."""
    for word in range(states.shape[1] - 1, -1, -1):
        states = states[states[:, word] == states[:, word].max()]
    return to_integers(states[:1])[0]


def ascending(states: Words) -> npt.NDArray[np.intp]:
    """The permutation that puts states in ascending order, equal ones as they come."""
    return in_order(states)[1]


def in_order(states: Words) -> tuple[Words, npt.NDArray[np.intp]]:
    """States in ascending order, equal ones as they come, and the permutation that put them so."""
    number = len(states)
    if states.shape[1] > 1:
        order = np.lexsort(states.T)  # The last key, which is the most significant word, is first.
        return states[order], order
    column = states[:, 0]
    if (column[1:] >= column[:-1]).all():
        return states, np.arange(number)
    index_bits = (number - 1).bit_length()
    if bit_length(states) + index_bits > WORD:
        order = np.argsort(column, kind="stable")
        return states[order], order
    # Sorting numbers is much faster than finding the permutation that sorts them. So each state
    # takes its index along, in the bits below its own.
    both = column << np.uint64(index_bits)
    both |= np.arange(number, dtype=np.uint64)
    both.sort()
    order = (both & np.uint64((1 << index_bits) - 1)).astype(np.intp)
    both >>= np.uint64(index_bits)
    return both.reshape(-1, 1), order


def count_equal(states: Words) -> tuple[Words, npt.NDArray[np.int64]]:
    """The different states, ascending, and how often each occurs."""
    if states.shape[1] == 1:
        # Sorting values is much faster than sorting rows, and than numpy.unique.
        ordered = np.sort(states[:, 0]).reshape(-1, 1)
    else:
        ordered = states[ascending(states)]
    new = is_new(ordered)
    starts = np.flatnonzero(new)
    counts = np.empty(len(starts), np.int64)
    np.subtract(starts[1:], starts[:-1], out=counts[:-1])
    counts[-1:] = len(ordered) - starts[-1:]
    # Picking from one column is faster than picking rows.
    return ordered[:, 0][new].reshape(-1, 1) if ordered.shape[1] == 1 else ordered[new], counts


def add_equal(
    states: Words, values: npt.NDArray[np.int64] | npt.NDArray[np.float64]
) -> tuple[Words, npt.NDArray[np.int64] | npt.NDArray[np.float64]]:
    """The different states, ascending, and the sum of the values of each."""
    ordered, order = in_order(states)
    starts = np.flatnonzero(is_new(ordered))
    if len(starts) == len(states):
        return ordered, values[order]
    return ordered[starts], np.add.reduceat(values[order], starts)


def is_new(ordered: Words) -> npt.NDArray[np.bool_]:
    """Which of some states in order differ from the one before."""
    new = np.ones(len(ordered), np.bool_)
    if ordered.shape[1] == 1:
        np.not_equal(ordered[1:, 0], ordered[:-1, 0], out=new[1:])
    else:
        new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return new


def stacked(one: Words, other: Words) -> Words:
    """The states of both, one after the other."""
    words = max(one.shape[1], other.shape[1])
    return np.concatenate([_widened(one, words), _widened(other, words)])


def _words(width: int) -> int:
    return max(1, -(-width // WORD))


def _widened(states: Words, words: int) -> Words:
    if states.shape[1] == words:
        return states
    wide = np.zeros((len(states), words), np.uint64)
    wide[:, : states.shape[1]] = states
    return wide
