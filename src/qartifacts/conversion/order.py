"""Which bit order a payload of version 2 was written in, proven by one of version 1."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import numpy as np

from qartifacts.conversion.measures import aligned
from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Distribution

__all__ = ["BitOrderProof", "prove"]

#: Shares that differ by less than this part of them are the same: what is rounded to ten digits,
#: or to single precision. Counts of as many shots must be equal.
SAME = 1e-7


class BitOrderProof(StrEnum):
    """What two payloads of one job say about the bit order of version 2."""

    WIRE = "wire"
    REVERSED = "reversed"
    UNDECIDABLE = "undecidable"
    INCONSISTENT = "inconsistent"


def prove(v1: Distribution, v2: Distribution) -> BitOrderProof:
    """Compare the states of version 1, whose order is certain, with those of version 2 both ways.

    Args:
        v1: A distribution of version 1.
        v2: The same of version 2, read in wire order.
    """
    width = v2.width or 0
    if packed.bit_length(v1.states) > width:
        return BitOrderProof.INCONSISTENT
    turned = packed.reverse(v2.states, width)
    order = packed.ascending(turned)
    as_wire = _same(v1, v2)
    as_reversed = _same(v1, replace(v2, states=turned[order], values=v2.values[order]))
    if as_wire and as_reversed:
        return BitOrderProof.UNDECIDABLE
    if as_wire:
        return BitOrderProof.WIRE
    return BitOrderProof.REVERSED if as_reversed else BitOrderProof.INCONSISTENT


def _same(one: Distribution, other: Distribution) -> bool:
    first, second = aligned(one, other)
    difference = np.abs(first - second)
    if one.counted and other.counted and one.total == other.total:
        return bool((difference * one.total < 0.5).all())
    return bool((difference <= SAME * np.maximum(first, second)).all())
