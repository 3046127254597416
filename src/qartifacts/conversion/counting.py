"""From probabilities to counts, and from counts to shots.

None of it has a default that invents data: the number of shots is always given, ``exact`` refuses
what is not a count, and what draws at random wants a seed.

Random numbers are the raw output of NumPy's PCG64, whose stream is promised to stay as it is, which
that of its distributions is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from qartifacts.errors import ConversionError
from qartifacts.findings import counted

__all__ = ["METHODS", "MOST_SHOTS", "Method", "exact", "expand", "largest_remainder", "sample"]

Method: TypeAlias = Literal["exact", "round", "sample"]
METHODS: Final[tuple[Method, ...]] = ("exact", "round", "sample")

Counts: TypeAlias = npt.NDArray[np.int64]
Probabilities: TypeAlias = npt.NDArray[np.float64]

#: Beyond it, errors of doubles would come near to whole counts.
MOST_SHOTS: Final = 10**12
#: Beyond it, drawing one by one takes minutes.
MOST_DRAWN: Final = 1_000_000_000
#: Random numbers that are drawn at a time.
_DRAWN_AT_ONCE: Final = 1 << 20
#: No tolerance may be so wide that every number is near a whole one.
_WIDEST: Final = 0.25


def exact(probabilities: Probabilities, shots: int, state: Callable[[int], str]) -> Counts:
    """The counts that the probabilities were made from.

    Each product with ``shots`` lies within 1e-6 + 1e-9 of itself of a whole number, and those
    numbers add up to ``shots``.

    Args:
        probabilities: One for each state.
        shots: How many shots there were.
        state: How to call the state of an index, for messages.

    Raises:
        ConversionError: The probabilities are not those of that many shots.
    """
    products = probabilities * shots
    counts = np.rint(products)
    excess = np.abs(products - counts) - np.minimum(1e-6 + 1e-9 * counts, _WIDEST)
    worst = int(excess.argmax())
    if excess[worst] > 0:
        raise ConversionError(
            "not-exact",
            f"{state(worst)} would have {products[worst]:.10g} of {counted(shots, 'shot')}, which "
            "is no whole number; give the true number of shots, or choose the method round or "
            "sample",
        )
    total = int(counts.sum())
    if total != shots:
        raise ConversionError(
            "not-exact",
            f"the counts would add up to {total:,} instead of {shots:,}; give the true number of "
            "shots, or choose the method round or sample",
        )
    return counts.astype(np.int64)


def largest_remainder(probabilities: Probabilities, shots: int) -> Counts:
    """Counts that add up to ``shots`` and differ from the shares by less than one each.

    Every state gets the whole part of its share, and the states with the largest remainders one
    more each, until there are no more; of equal remainders, the first in order. The probabilities
    are divided by their sum first.
    """
    # Sums of pieces can be added exactly in no time.
    pieces = np.add.reduceat(probabilities, np.arange(0, len(probabilities), 4096))
    shares = probabilities * (shots / math.fsum(pieces.tolist()))
    whole = np.floor(shares)
    counts = whole.astype(np.int64)
    # Not negative: of shares that rounding lifts to a whole number, the fractions add up to nearly
    # as many, and all fractions together to a whole number that is no less.
    left = shots - int(counts.sum())
    if not left:
        return counts
    remainders = np.subtract(shares, whole, out=shares)
    least = np.partition(remainders, -left)[-left]
    # What is as near as doubles can tell is equal, whatever the last bit says.
    near = max(1e-9, shots * 2.0**-50)
    clear = remainders > least + near
    equal = (remainders >= max(least - near, 2.0**-1074)) ^ clear
    counts += clear
    counts[np.flatnonzero(equal)[: left - int(clear.sum())]] += 1
    return counts


def sample(probabilities: Probabilities, shots: int, seed: int, stream: str) -> Counts:
    """Counts of ``shots`` random draws.

    The probabilities are divided by their sum. Draws are compared with cumulated sums in the order
    of the states; each is the upper 53 bits of a raw output of PCG64, as a fraction of 1.

    Args:
        probabilities: One for each state.
        shots: How many draws.
        seed: What determines all draws, together with ``stream``.
        stream: A name that keeps draws for several registers apart.

    Raises:
        ConversionError: More draws than ``MOST_DRAWN``.
    """
    if shots > MOST_DRAWN:
        raise ConversionError(
            "too-many-shots", f"at most {MOST_DRAWN:,} shots are drawn, not {shots:,}"
        )
    cumulated = np.cumsum(probabilities)
    cumulated /= cumulated[-1]
    raw = _generator(seed, stream)
    counts = np.zeros(len(probabilities), np.int64)
    for start in range(0, shots, _DRAWN_AT_ONCE):
        draws = (raw.random_raw(min(_DRAWN_AT_ONCE, shots - start)) >> np.uint64(11)) * 2.0**-53
        draws.sort()  # Neighbouring draws then find their states near to each other.
        # How many draws lie below each cumulated sum: the state of index k owns those between
        # sums k - 1 and k, its upper end not included.
        below = np.searchsorted(draws, cumulated, side="left")
        counts += np.diff(below, prepend=0)
    return counts


def expand(counts: Counts, *, shuffled_by: int | None = None) -> npt.NDArray[np.intp]:
    """For every shot, the index of its state: ascending, or in an order drawn by a seed."""
    indices = np.repeat(np.arange(len(counts)), counts)
    if shuffled_by is not None:
        keys = _generator(shuffled_by, "shot order").random_raw(len(indices))
        indices = indices[np.argsort(keys, kind="stable")]
    return indices


def _generator(seed: int, stream: str) -> np.random.PCG64:
    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=tuple(stream.encode())))
