"""Packed states against Python's integers: bit k of a state has the value ``2**k``, at any width."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qartifacts.payloads import states as packed
from qartifacts.payloads.states import Words
from strategies import bitstring

#: Below, at and beyond the borders of words of 64 bits.
WIDTHS = [1, 3, 5, 63, 64, 65, 100, 128, 130]

at_any_width = pytest.mark.parametrize("width", WIDTHS)
#: For every width anew.
few = settings(max_examples=15, deadline=None)


def integers(width: int, at_least: int = 0) -> st.SearchStrategy[list[int]]:
    largest = (1 << width) - 1
    some = st.integers(0, largest) | st.sampled_from([0, 1, largest, 1 << (width - 1)])
    return st.lists(some, min_size=at_least, max_size=8)


def bits_of(states: list[int], width: int) -> list[list[int]]:
    return [[state >> k & 1 for k in range(width)] for state in states]


def packed_of(states: list[int], width: int) -> Words:
    """Packed by way of a matrix of bits, in as many words as the width asks for."""
    return packed.pack(np.array(bits_of(states, width), np.uint8).reshape(len(states), width))


@at_any_width
@given(data=st.data())
@few
def test_packing_keeps_every_bit(width: int, data: st.DataObject) -> None:
    """``unpack(pack(bits)) == bits``, and bit k is bit k % 64 of word k // 64."""
    states = data.draw(integers(width))
    words = packed_of(states, width)
    assert words.shape == (len(states), (width + 63) // 64)
    assert words.dtype == np.uint64
    for row, state in zip(words.tolist(), states, strict=True):
        assert row == [state >> at & (2**64 - 1) for at in range(0, 64 * len(row), 64)]
    unpacked = packed.unpack(words, width)
    assert unpacked.shape == (len(states), width)
    assert unpacked.tolist() == bits_of(states, width)


@at_any_width
@given(data=st.data())
@few
def test_bits_beyond_the_words_are_zero(width: int, data: st.DataObject) -> None:
    """Reading more bits than are stored reads zeros; reading fewer reads the first."""
    states = data.draw(integers(width))
    words = packed_of(states, width)
    assert packed.unpack(words, width + 70).tolist() == bits_of(states, width + 70)
    assert packed.unpack(words, 1).tolist() == bits_of(states, 1)
    assert packed.unpack(words, 0).shape == (len(states), 0)


@at_any_width
@given(data=st.data())
@few
def test_integers_there_and_back(width: int, data: st.DataObject) -> None:
    states = data.draw(integers(width))
    for given_as in (states, list(map(str, states))):
        assert packed.to_integers(packed.from_integers(given_as)) == states
    assert packed.to_integers(packed_of(states, width)) == states
    # As few words as the largest of them needs, and one at least.
    needed = max(1, -(-max(states, default=0).bit_length() // 64))
    assert packed.from_integers(states).shape == (len(states), needed)


@at_any_width
@given(data=st.data())
@few
def test_bitstrings_from_either_end(width: int, data: st.DataObject) -> None:
    """Bit 0 is the first character in wire order, and the last one with ``last_first``."""
    states = data.draw(integers(width))
    words = packed_of(states, width)
    first = [bitstring(state, width) for state in states]
    last = [f"{state:0{width}b}" for state in states]
    assert packed.to_bitstrings(words, width) == first
    assert packed.to_bitstrings(words, width, last_first=True) == last
    for texts, last_first in ((first, False), (last, True)):
        read = packed.from_bitstrings(texts, last_first=last_first)
        assert packed.to_integers(read) == states


def test_no_bits_are_empty_texts() -> None:
    assert packed.to_bitstrings(np.zeros((2, 1), np.uint64), 0) == ["", ""]
    assert packed.to_bitstrings(np.zeros((0, 1), np.uint64), 3) == []
    assert packed.pack(np.zeros((2, 0), np.uint8)).tolist() == [[0], [0]]
    assert packed.from_bitstrings([]).shape == (0, 1)
    assert packed.from_integers([]).shape == (0, 1)
    assert packed.to_integers(packed.from_integers([])) == []


@at_any_width
@given(data=st.data())
@few
def test_reversal_is_that_of_the_text(width: int, data: st.DataObject) -> None:
    """Bit k becomes bit ``width - 1 - k``, and twice is not at all."""
    states = data.draw(integers(width))
    words = packed_of(states, width)
    turned = packed.reverse(words, width)
    assert packed.to_integers(turned) == [int(bitstring(state, width), 2) for state in states]
    assert packed.to_integers(packed.reverse(turned, width)) == states
    # As well where the last words, being zero, are not there.
    narrow = packed.reverse(packed.from_integers(states), width)
    assert packed.to_integers(narrow) == packed.to_integers(turned)


@at_any_width
@given(data=st.data())
@few
def test_picked_bits(width: int, data: st.DataObject) -> None:
    """Bit ``positions[k]`` becomes bit k; a bit that is not there reads as 0."""
    states = data.draw(integers(width))
    positions = data.draw(st.lists(st.integers(0, width + 3), max_size=2 * width))
    picked = packed.pick_bits(packed_of(states, width), positions)
    expected = [sum((state >> at & 1) << k for k, at in enumerate(positions)) for state in states]
    assert packed.to_integers(picked) == expected


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_joined_states_have_the_first_part_first(data: st.DataObject) -> None:
    widths = data.draw(st.lists(st.sampled_from([0, *WIDTHS]), min_size=1, max_size=4))
    rows = data.draw(st.integers(0, 4))
    parts = [data.draw(st.lists(st.integers(0, (1 << w) - 1), min_size=rows, max_size=rows)) for w in widths]  # fmt: skip
    whole = packed.joined(
        [(packed_of(part, width), width) for part, width in zip(parts, widths, strict=True)]
    )
    texts = [
        "".join(bitstring(part[row], w) if w else "" for part, w in zip(parts, widths, strict=True))
        for row in range(rows)
    ]
    assert packed.to_bitstrings(whole, sum(widths)) == texts


@at_any_width
@given(data=st.data())
@few
def test_counting_is_that_of_counter(width: int, data: st.DataObject) -> None:
    """The different states ascend, and each is counted as often as it occurs."""
    states = data.draw(integers(width))
    different, counts = packed.count_equal(packed_of(states, width))
    expected = sorted(Counter(states).items())
    assert list(zip(packed.to_integers(different), counts.tolist(), strict=True)) == expected
    assert counts.dtype == np.int64


@at_any_width
@pytest.mark.parametrize("dtype", [np.int64, np.float64])
@given(data=st.data())
@few
def test_adding_up_is_that_of_a_dict(width: int, dtype: Any, data: st.DataObject) -> None:
    """Values of equal states are added; each state is there once, ascending."""
    states = data.draw(integers(width, at_least=1))
    values = data.draw(st.lists(st.integers(0, 100), min_size=len(states), max_size=len(states)))
    expected: Counter[int] = Counter()
    for state, value in zip(states, values, strict=True):
        expected[state] += value
    different, sums = packed.add_equal(packed_of(states, width), np.array(values, dtype))
    assert dict(zip(packed.to_integers(different), sums.tolist(), strict=True)) == expected
    assert packed.to_integers(different) == sorted(expected)
    assert sums.dtype == dtype


@at_any_width
@given(data=st.data())
@few
def test_ascending_is_the_order_of_integers(width: int, data: st.DataObject) -> None:
    """The order is stable: equal states stay as they come."""
    states = data.draw(integers(width))
    order = packed.ascending(packed_of(states, width))
    assert order.tolist() == sorted(range(len(states)), key=states.__getitem__)
    states.sort()
    new = [at == states.index(state) for at, state in enumerate(states)]
    assert packed.is_new(packed_of(states, width)).tolist() == new


@at_any_width
@given(data=st.data())
@few
def test_the_largest_and_its_length(width: int, data: st.DataObject) -> None:
    states = data.draw(integers(width, at_least=1))
    words = packed_of(states, width)
    assert packed.largest(words) == max(states)
    assert packed.bit_length(words) == max(states).bit_length()
    assert packed.bit_length(words[:0]) == 0


@given(st.sampled_from(WIDTHS), st.sampled_from(WIDTHS), st.data())
def test_stacking_states_of_different_widths(one: int, other: int, data: st.DataObject) -> None:
    above, below = data.draw(integers(one)), data.draw(integers(other))
    whole = packed.stacked(packed_of(above, one), packed_of(below, other))
    assert packed.to_integers(whole) == above + below


@pytest.mark.parametrize("width", [3, 65])
def test_what_is_done_in_pieces_is_the_same_as_at_once(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large matrices are worked on in pieces of rows, the last of which is shorter."""
    rng = np.random.default_rng(7)
    bits = rng.integers(0, 2, (10, width), np.uint8)
    at_once = packed.pack(bits)
    picked = packed.pick_bits(at_once, [2, 0])
    both = packed.joined([(at_once, width), (picked, 2)])
    monkeypatch.setattr(packed, "_CHUNK", 4)
    assert packed.pack(bits).tolist() == at_once.tolist()
    assert packed.pick_bits(at_once, [2, 0]).tolist() == picked.tolist()
    assert packed.joined([(at_once, width), (picked, 2)]).tolist() == both.tolist()
    assert packed.unpack(both, width + 2).tolist() == np.hstack([bits, bits[:, [2, 0]]]).tolist()
