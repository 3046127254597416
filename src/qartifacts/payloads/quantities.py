"""Times and measured values, as documents of devices write them, in one unit each.

Nothing here raises: what cannot be read is None.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

__all__ = ["UNITS", "Dimension", "dimension_of", "instant", "measured", "seconds", "share"]


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


def share(value: Any, unit: Any = "") -> float | None:
    """A fidelity, an error rate or a probability, which has no unit."""
    return measured(value, unit, _SHARE)


def instant(value: Any) -> datetime | None:
    """A moment in UTC.

    Args:
        value: Text as in RFC 3339, which without an offset is taken as UTC; or seconds since 1970.
            A date alone will do, and a time without seconds.
    """
    try:
        if isinstance(value, str):
            return _read(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):  # Years before 1 or after 9999, too.
        pass
    return None


# datetime.fromisoformat takes more with each version of Python, and any letter between date and
# time; what a document says must not depend on who reads it.
_MOMENT: Final = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r"(?P<offset>[Zz]|(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?)?)?"
)


def _read(text: str) -> datetime | None:
    """A moment that is written in RFC 3339.

    Raises:
        ValueError, OverflowError: There is no such moment.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    microsecond = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    hours, minutes = int(found["hours"] or 0), int(found["minutes"] or 0)
    # 24:00:00 is the end of the day, and a leap second is second 60.
    is_end = hour == 24 and not (minute or second or microsecond)
    if (hour > 23 and not is_end) or minute > 59 or second > 60 or hours > 23 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return (
        datetime(int(found["year"]), int(found["month"]), int(found["day"]), tzinfo=UTC)
        + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microsecond)
        - (-offset if found["sign"] == "-" else offset)
    )
