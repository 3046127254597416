"""Numbers that people want of a distribution next, computed on columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qartifacts.errors import ConversionError
from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Distribution

__all__ = ["Expectation", "aligned", "expectation_z", "fidelity", "largest", "variation"]


class Expectation(NamedTuple):
    """An expectation value.

    Attributes:
        value: The mean, within -1 and 1.
        error: Its standard error, ``sqrt((1 - value**2) / shots)``; None where the number of shots
            is not recorded.
    """

    value: float
    error: float | None


def expectation_z(distribution: Distribution, positions: Sequence[int]) -> Expectation:
    """The expectation of the product of Z on the listed bits: even parity less odd parity."""
    bits = packed.unpack(packed.pick_bits(distribution.states, positions), len(positions))
    odd = bits.sum(axis=1, dtype=np.int64) & 1
    value = float((distribution.shares() * (1 - 2 * odd)).sum())
    value = min(max(value, -1.0), 1.0)
    if not distribution.counted:
        return Expectation(value, None)
    return Expectation(value, math.sqrt((1 - value * value) / distribution.total))


def largest(distribution: Distribution, number: int) -> npt.NDArray[np.intp]:
    """Indices of the largest values, the largest first; of equal ones, the smaller state."""
    return np.argsort(-distribution.values, kind="stable")[:number]


def aligned(
    one: Distribution, other: Distribution
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Shares of both over the states that either has, in one order.

    Raises:
        ConversionError: They are not of the same width.
    """
    if None not in (one.width, other.width) and one.width != other.width:
        raise ConversionError(
            "width", f"a register of {one.width} bits cannot be compared with one of {other.width}"
        )
    number = len(one) + len(other)
    states = packed.stacked(one.states, other.states)
    order = packed.ascending(states)
    place = np.empty(number, np.intp)
    place[order] = np.cumsum(packed.is_new(states[order])) - 1
    shares = np.zeros((2, number), np.float64)
    shares[0, place[: len(one)]] = one.shares()
    shares[1, place[len(one) :]] = other.shares()
    return shares[0], shares[1]


def variation(one: Distribution, other: Distribution) -> float:
    """Total variation distance: half the sum of absolute differences of the shares."""
    first, second = aligned(one, other)
    return min(float(np.abs(first - second).sum()) / 2, 1.0)


def fidelity(one: Distribution, other: Distribution) -> float:
    """Hellinger fidelity: the square of the sum of ``sqrt(p * q)``, as Qiskit defines it."""
    first, second = aligned(one, other)
    return min(float(np.sqrt(first * second).sum()) ** 2, 1.0)
