"""Times and measured values, as documents of devices write them, in one unit each.

Nothing here raises: what cannot be read is None.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

__all__ = ["UNITS", "Dimension", "dimension_of", "hertz", "instant", "measured", "seconds", "share"]


class Dimension(NamedTuple):
    """What a parameter is measured in, for messages, and its units.

    Attributes:
        words: The units in words.
        units: By how each is written, what to multiply with and what to divide by for the SI unit.
            Dividing by a power of ten is exact to the last digit; multiplying with 1e-6 is not.
    """

    words: str
    units: Mapping[str, tuple[float, float]]


_TIME: Final = Dimension(
    "a time",
    {
        "s": (1, 1),
        "ms": (1, 1e3),
        "us": (1, 1e6),
        "µs": (1, 1e6),  # With the micro sign, U+00B5.
        "μs": (1, 1e6),  # With the Greek letter, U+03BC.
        "ns": (1, 1e9),
        "ps": (1, 1e12),
    },
)
_FREQUENCY: Final = Dimension(
    "a frequency", {"Hz": (1, 1), "kHz": (1e3, 1), "MHz": (1e6, 1), "GHz": (1e9, 1)}
)
_SHARE: Final = Dimension("a share, which has no unit", {"": (1, 1)})

#: Every unit that is known.
UNITS: Final = frozenset(unit for each in (_TIME, _FREQUENCY, _SHARE) for unit in each.units)

#: What IBM's parameters of qubits and gates are measured in, by their names.
_DIMENSIONS: Final[Mapping[str, Dimension]] = {
    "T1": _TIME,
    "T2": _TIME,
    "readout_length": _TIME,
    "gate_length": _TIME,
    "frequency": _FREQUENCY,
    "anharmonicity": _FREQUENCY,
    "readout_error": _SHARE,
    "prob_meas0_prep1": _SHARE,
    "prob_meas1_prep0": _SHARE,
    "gate_error": _SHARE,
}


def dimension_of(parameter: str) -> Dimension | None:
    """What a parameter is measured in; None for one that is not known here."""
    return _DIMENSIONS.get(parameter)


def measured(value: Any, unit: Any, dimension: Dimension) -> float | None:
    """A value in the SI unit of its dimension: seconds, hertz, or a share of 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isinstance(unit, str):
        return None
    factors = dimension.units.get(unit)
    if factors is None:
        return None
    multiplier, divisor = factors
    try:
        in_si = float(value) * multiplier / divisor
    except OverflowError:  # An integer that no double holds.
        return None
    return in_si if math.isfinite(in_si) else None


def seconds(value: Any, unit: Any = "s") -> float | None:
    """A duration in seconds."""
    return measured(value, unit, _TIME)


def hertz(value: Any, unit: Any = "Hz") -> float | None:
    """A frequency in hertz."""
    return measured(value, unit, _FREQUENCY)


def share(value: Any, unit: Any = "") -> float | None:
    """A fidelity, an error rate or a probability, which has no unit."""
    return measured(value, unit, _SHARE)


def instant(value: Any) -> datetime | None:
    """A moment in UTC.

    Args:
        value: Text in ISO 8601, which without an offset is taken as UTC, or seconds since 1970.
    """
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):  # Years before 1 or after 9999, too.
        pass
    return None
