"""Outcomes as people read and name them: texts in an order, widths, bits, numbers of shots."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from qartifacts.errors import ConversionError, MissingParameter
from qartifacts.findings import counted
from qartifacts.identifiers import (
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V2,
    VENDOR_FORMATS,
    FormatId,
)
from qartifacts.jsontext import quoted

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from qartifacts.payloads.columns import Columns, Distribution

__all__ = [
    "WIDEST",
    "IntegerOrder",
    "TextOrder",
    "agreed_shots",
    "bitstrings",
    "by_bitstring",
    "check_order",
    "positions_of",
    "width_of",
    "written_as",
]

#: Orders of bitstrings that are given to people: bit 0 first in ``wire`` and ``cirq``, last in
#: ``qiskit``.
TextOrder: TypeAlias = Literal["wire", "qiskit", "cirq"]
#: Orders of integers: bit 0 is least significant in ``qiskit``, most significant in ``cirq``.
IntegerOrder: TypeAlias = Literal["qiskit", "cirq"]
#: Registers are never wider; a larger index is taken for a mistake.
WIDEST: Final = 1 << 16


def written_as(format: FormatId, columns: Columns) -> FormatId:
    """The format that columns made of a payload are written in: its own, if that is ever written.

    What is made of another cloud's result is written in the format of IonQ's that holds the same.
    """
    if format not in VENDOR_FORMATS:
        return format
    if not isinstance(columns, tuple):
        return SHOTS_V2
    known = all(each.width is not None for each in columns)
    if all(each.counted for each in columns):
        return HISTOGRAM_V2 if known else HISTOGRAM_V1
    return PROBABILITIES_V2 if known else PROBABILITIES_V1


def agreed_shots(given: int | None, recorded: int | None) -> int | None:
    """A number of shots that is given, or recorded, or both alike."""
    if given is not None and recorded is not None and given != recorded:
        shots = counted(recorded, "shot")
        raise ConversionError("shots", f"the payload records {shots}, not {given:,}")
    from qartifacts.conversion.counting import MOST_SHOTS

    if recorded is not None and recorded > MOST_SHOTS:
        raise ConversionError(
            "too-many-shots", f"at most {MOST_SHOTS:,} shots are counted, not {recorded:,}"
        )
    # Of no shots, it is said later that there are none.
    return (recorded or None) if given is None else given


def check_order(order: str, orders: tuple[str, ...]) -> None:
    """Refuse an order that is none of those.

    Raises:
        ValueError: It is none of them.
    """
    if order not in orders:
        raise ValueError(f"order takes {' or '.join(orders)}, not {order!r}")


def width_of(column: Any, width: int | None) -> int:
    """The width of a column, or the one given where it is not recorded.

    Raises:
        MissingParameter: It is not recorded, and none is given.
        ConversionError: Another one is recorded, or a state does not fit.
    """
    from qartifacts.payloads.states import bit_length, largest

    if column.width is not None:
        if width is not None and width != column.width:
            raise ConversionError(
                "width", f"the register has {counted(column.width, 'bit')}, not {width:,}"
            )
        return int(column.width)
    if width is None:
        raise MissingParameter(
            "width",
            "version 1 does not record it; the job record gives it as stats.qubits: load the "
            "result with job=, or name it",
        )
    if bit_length(column.states) > width:
        state = quoted(str(largest(column.states)))
        needed = counted(bit_length(column.states), "bit")
        raise ConversionError("too-wide", f"the state {state} needs {needed}, not {width:,}")
    return width


def bitstrings(
    distribution: Distribution,
    rows: npt.NDArray[np.intp] | slice,
    order: TextOrder,
    width: int | None,
) -> list[str]:
    """The states of some rows as texts, as people read them."""
    from qartifacts.payloads.states import to_bitstrings

    known = width_of(distribution, width)
    return to_bitstrings(distribution.states[rows], known, last_first=order == "qiskit")


def by_bitstring(distribution: Distribution, order: TextOrder, width: int | None) -> dict[str, Any]:
    """Values by the texts of their states, ascending."""
    texts = bitstrings(distribution, slice(None), order, width)
    return dict(sorted(zip(texts, distribution.values.tolist(), strict=True)))


def positions_of(qubits: Sequence[int], width: int | None) -> list[int]:
    """Bits of a register that somebody lists, in that order.

    Raises:
        ValueError: One is listed twice, or is not there, or there is none.
    """
    positions = [operator.index(qubit) for qubit in qubits]
    if not positions:
        raise ValueError("name at least one bit")
    if len(set(positions)) < len(positions):
        raise ValueError(f"a bit is listed twice in {positions}")
    for position in positions:
        if position >= WIDEST:
            raise ValueError(f"there is no bit {position:,}; registers have at most {WIDEST:,}")
        if position < 0 or (width is not None and position >= width):
            there = "bits" if width is None else f"bits 0 to {width - 1:,}"
            raise ValueError(f"there is no bit {position}; the register has {there}")
    return positions
