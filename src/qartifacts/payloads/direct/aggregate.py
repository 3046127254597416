"""Probabilities of the children of a multi-circuit job, from text straight into columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Children, Distribution
from qartifacts.payloads.direct.window import (
    CHUNK,
    COMMA,
    QUOTE,
    Numbers,
    Octets,
    Positions,
    Window,
    decimals,
    demand,
    order_of_different,
    without_names,
)
from qartifacts.payloads.families import SYSTEM_REGISTER
from qartifacts.payloads.states import WORD, Words

__all__ = ["ChildrenRead", "aggregate"]

_COLON: Final = ord(":")
_BLANK: Final = ord(" ")
_OPENED: Final = ord("{")
_CLOSED: Final = ord("}")

_UUID: Final = b"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
#: Hexadecimal digits become x, hyphens stay, and everything else becomes a blank.
_KINDS: Final = bytes(
    ord("x") if chr(byte) in "0123456789abcdefABCDEF" else byte if byte == ord("-") else _BLANK
    for byte in range(256)
)


@dataclass(frozen=True, slots=True, eq=False)
class ChildrenRead:
    """Probabilities of all children, one after the other in the order of the text.

    Attributes:
        ids: Ids of the children.
        starts: Where the outcomes of each child start, of shape ``(children,)``.
        states: Packed states, of shape ``(outcomes, 1)``.
        values: Probabilities, of shape ``(outcomes,)``.
        order: The permutation that puts the states of each child in ascending order.
        zeros: Indices of the outcomes that never occurred, ascending.
        zeros_at: Where their values stand in the text.
    """

    ids: list[str]
    starts: Positions
    states: Words
    values: npt.NDArray[np.float64]
    order: Positions
    zeros: Positions
    zeros_at: Positions

    @property
    def sums(self) -> npt.NDArray[np.float64]:
        """The sum of the probabilities of each child."""
        return np.add.reduceat(self.values, self.starts)

    def never_occurred(self) -> Iterator[tuple[str, int, int, str, int]]:
        """Children with outcomes that never occurred, in the order of the text.

        Id, number of zeros and of outcomes, and the key and the place of the first zero.
        """
        child = np.searchsorted(self.starts, self.zeros, side="right") - 1
        ends = np.append(self.starts[1:], len(self.values))
        for each, first, zeros in zip(
            *np.unique(child, return_index=True, return_counts=True), strict=True
        ):
            key = str(self.states[self.zeros[first], 0])
            outcomes = int(ends[each] - self.starts[each])
            yield self.ids[each], int(zeros), outcomes, key, int(self.zeros_at[first])

    def columns(self, last_first: bool) -> Children:
        """The columns; decimal states have no order of bits."""
        states, values = self.states[self.order], self.values[self.order]
        ends = np.append(self.starts[1:], len(values))
        return {
            child: Distribution(SYSTEM_REGISTER, None, states[start:end], values[start:end])
            for child, start, end in zip(self.ids, self.starts.tolist(), ends.tolist(), strict=True)
        }


def aggregate(data: bytes) -> ChildrenRead:
    """The children of ``{id: {state: probability}}`` without spaces.

    What is proven: the text is that JSON and nothing else; ids are UUIDs in their plain form and
    differ, whatever their case; every child has at least one outcome; its states are different
    whole numbers below 2**64 without leading zeros; values are numbers from 0 to 1. Sums are left
    to the caller.

    Raises:
        DontKnow: The text is laid out in another way, or is not good.
    """
    demand(data.startswith(b'{"') and data.endswith(b"}}"))
    # Blanks would be skipped by the parser within keys, too, and arrays be flattened.
    demand(not any(each in data for each in (b" ", b"\t", b"\n", b"\r", b"[")))
    parts = [_Part(data, *piece) for piece in _whole_children(data)]
    ids = [child for part in parts for child in part.ids]
    demand(len({child.lower() for child in ids}) == len(ids))
    lengths = np.concatenate([part.lengths for part in parts])
    starts = np.cumsum(lengths) - lengths
    states = np.concatenate([part.states for part in parts])
    values = np.concatenate([part.values for part in parts])
    demand(bool(values.min() >= 0 and values.max() <= 1))
    order = _order(states, lengths)
    zeros = np.flatnonzero(values == 0)
    zeros_at = np.concatenate([part.zeros_at for part in parts])
    return ChildrenRead(ids, starts, states.reshape(-1, 1), values, order, zeros, zeros_at)


def _whole_children(data: bytes) -> list[tuple[int, int]]:
    """Cut the text into pieces that end behind the comma behind a child.

    The last piece ends behind the brace that closes everything, which stands for a comma.
    """
    pieces = []
    start, end = 1, len(data) - 1
    while end - start >= CHUNK:
        cut = data.rfind(b"},", start, start + CHUNK) + 2
        demand(cut > start + 1)
        pieces.append((start, cut))
        start = cut
    demand(start < end)
    return [*pieces, (start, end + 1)]


def _order(states: npt.NDArray[np.uint64], lengths: npt.NDArray[np.intp]) -> Positions:
    """The permutation that puts states in ascending order, child by child; all must differ."""
    child = np.repeat(np.arange(len(lengths), dtype=np.uint64), lengths)
    width = packed.bit_length(states.reshape(-1, 1))
    if width + len(lengths).bit_length() <= WORD:
        return order_of_different((child << np.uint64(width) | states).reshape(-1, 1))
    return order_of_different(np.stack((states, child), axis=1))


class _Part:
    """Some whole children of the text.

    Quotes tell the keys, of which those of children are followed by a brace. Of every comma,
    colon and brace it is then shown that it belongs to a key, by its place, and that there are no
    more of them; so what is left between them must be numbers, one for each state.

    Attributes:
        ids: Ids of the children.
        lengths: How many outcomes each child has, of shape ``(children,)``.
        states: Decimal states, of shape ``(outcomes,)``.
        values: Their values, of shape ``(outcomes,)``.
        zeros_at: Where values of zero stand in the text.
    """

    def __init__(self, data: bytes, begin: int, stop: int) -> None:
        window = Window(stop - begin)
        taken = window.fill(np.frombuffer(data, np.uint8, stop - begin, begin))
        octets = window.octets
        octets[taken.stop - 1] = COMMA
        quotes = window.find(QUOTE, taken)
        demand(len(quotes) and len(quotes) % 2 == 0)
        opened, closed = quotes[0::2], quotes[1::2]
        is_child = octets[closed + 2] == _OPENED
        children = np.flatnonzero(is_child)
        demand(opened[0] == taken.start and len(children) and children[0] == 0)
        demand((octets[closed + 1] == _COLON).all())
        self.lengths = np.diff(children, append=len(opened)) - 1
        demand(int(self.lengths.min()) >= 1)
        self._check_places(octets[taken], taken.start, opened, closed, children)
        self.ids = _ids(window, opened[children])
        opened, closed = opened[~is_child], closed[~is_child]
        self.states = decimals(window.every("<u8"), closed, closed - opened - 1)
        self._blank(window, taken, children, quotes)
        both = Numbers("d").between(window, taken)
        demand(len(both) == 2 * len(opened))
        self.values = both[1::2].copy()
        self.zeros_at = closed[self.values == 0] + (2 + begin - taken.start)

    @staticmethod
    def _check_places(
        octets: Octets, first: int, opened: Positions, closed: Positions, children: Positions
    ) -> None:
        """Prove that commas, colons and braces are where keys need them, and nowhere else."""
        opened, closed = opened - first, closed - first
        before = octets[opened - 1]
        # The first state of a child follows its brace, all others follow a comma.
        demand((opened[children] + 37 == closed[children]).all())
        demand((closed[children] + 3 == opened[children + 1]).all())
        before[children[0]] = COMMA  # In the piece before.
        before[children + 1] = COMMA
        demand((before == COMMA).all())
        # A child but the first follows a brace and a comma, and so does the end.
        demand((octets[opened[children[1:]] - 2] == _CLOSED).all() and octets[-2] == _CLOSED)
        demand(np.count_nonzero(octets == _COLON) == len(opened))
        demand(np.count_nonzero(octets == COMMA) == len(opened) - len(children))
        for brace in (_OPENED, _CLOSED):
            demand(np.count_nonzero(octets == brace) == len(children))

    @staticmethod
    def _blank(window: Window, taken: slice, children: Positions, quotes: Positions) -> None:
        """Leave nothing but states and values, with commas between them."""
        octets = window.octets
        without_names(octets, quotes)
        octets[window.find(_CLOSED, taken)] = _BLANK
        size = len(_UUID) + len(b'"":{')
        head = np.full(size, _BLANK, np.uint8).view(f"V{size}")[0]
        window.every(f"V{size}")[quotes[2 * children]] = head


def _ids(window: Window, opened: Positions) -> list[str]:
    """Ids behind opening quotes; they must be UUIDs."""
    size = len(_UUID)
    text = window.every(f"V{size}")[opened + 1].tobytes()
    demand(text.translate(_KINDS) == _UUID * len(opened))
    ids = text.decode("ascii")
    return [ids[at : at + size] for at in range(0, len(ids), size)]
