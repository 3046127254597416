"""From payloads to columns.

Payloads come here after they have passed their schema and rules; nothing is checked again. The bit
order is that of the file: of bitstrings, and of arrays of bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, Final

import numpy as np

from qartifacts.identifiers import (
    AGGREGATE_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import (
    Children,
    Columns,
    Distribution,
    Leakage,
    Measured,
    Shots,
    Values,
)
from qartifacts.payloads.families import SYSTEM_REGISTER
from qartifacts.payloads.states import Words

__all__ = ["columns_of", "undeclared"]


def columns_of(format: FormatId, payload: Any, *, last_first: bool = False) -> Columns | None:
    """What a payload holds, as columns; None for a format that holds no results.

    Args:
        format: The format that the payload has been checked against.
        payload: The parsed payload.
        last_first: Whether version 2 was written with the last bit first. Version 1 has no such
            order: its states are integers.
    """
    decode = _DECODERS.get(format)
    return None if decode is None else decode(payload, last_first)


def undeclared(format: FormatId, payload: Any) -> list[str]:
    """Names of members that the format does not declare, and that no column holds."""
    member = _MEMBERS.get(format)
    if member is None:
        return []
    names = [name for name in payload if name != member]
    if format == SHOTS_V2:
        others = set().union(*(shot.keys() - _OF_A_SHOT for shot in payload["shots"]))
        return names + sorted(others)
    return names + [name for name in payload[member] if name != "registers"]


def _decimal_map(counts: bool) -> Callable[[Any, bool], tuple[Distribution, ...]]:
    def decode(payload: Any, last_first: bool) -> tuple[Distribution, ...]:
        return (_decimal_distribution(payload, counts=counts),)

    return decode


def _decimal_distribution(outcomes: Mapping[str, Any], *, counts: bool) -> Distribution:
    states = packed.from_integers(outcomes)
    return _distribution(SYSTEM_REGISTER, None, states, outcomes.values(), counts=counts)


def _register_map(member: str, counts: bool) -> Callable[[Any, bool], tuple[Distribution, ...]]:
    def decode(payload: Any, last_first: bool) -> tuple[Distribution, ...]:
        distributions = []
        for name, outcomes in payload[member]["registers"].items():
            states = packed.from_bitstrings(list(outcomes), last_first=last_first)
            width = len(next(iter(outcomes))) if outcomes else None
            distributions.append(
                _distribution(name, width, states, outcomes.values(), counts=counts)
            )
        return tuple(distributions)

    return decode


def _distribution(
    register: str, width: int | None, states: Words, values: Iterable[Any], *, counts: bool
) -> Distribution:
    numbers: Values
    if counts:
        numbers = np.array(list(map(int, values)), np.int64)
    else:
        numbers = np.array(list(values), np.float64)
    order = packed.ascending(states)
    return Distribution(register, width, states[order], numbers[order])


def _decimal_shots(payload: Any, last_first: bool) -> Shots:
    states = packed.from_integers(payload)
    return Shots(len(payload), {SYSTEM_REGISTER: Measured(None, states)})


def _register_shots(payload: Any, last_first: bool) -> Shots:
    shots = payload["shots"]
    rows = [shot["registers"] for shot in shots]
    registers = {}
    for name in rows[0] if rows else ():
        bits = [row[name] for row in rows]
        width = len(bits[0])
        registers[name] = Measured(width, _pack_lists(bits, width, last_first=last_first))
    return Shots(len(shots), registers, _leakage(shots))


def _pack_lists(rows: list[list[Any]], width: int, *, last_first: bool = False) -> Words:
    try:
        flat = np.frombuffer(bytes(chain.from_iterable(rows)), np.uint8)
    except TypeError:  # Bits may be written as 1.0.
        flat = np.array(list(chain.from_iterable(rows)), np.uint8)
    bits = flat.reshape(len(rows), width)
    return packed.pack(bits[:, ::-1] if last_first else bits)


def _leakage(shots: list[Any]) -> Leakage | None:
    absent = Leakage.ABSENT
    widths = [
        absent if "leakage_bits" not in shot else _length(shot["leakage_bits"]) for shot in shots
    ]
    widest = max(widths, default=absent)
    if widest == absent:
        return None
    rows = [
        (shot.get("leakage_bits") or []) + [0] * (widest - max(width, 0))
        for shot, width in zip(shots, widths, strict=True)
    ]
    return Leakage(np.array(widths, np.int64), _pack_lists(rows, max(widest, 0)))


def _length(leakage: list[Any] | None) -> int:
    return Leakage.NULL if leakage is None else len(leakage)


def _children(payload: Any, last_first: bool) -> Children:
    return {
        child: _decimal_distribution(outcomes, counts=False) for child, outcomes in payload.items()
    }


#: The one declared member of the payloads of version 2.
_MEMBERS: Final[Mapping[FormatId, str]] = {
    PROBABILITIES_V2: "probabilities",
    HISTOGRAM_V2: "histogram",
    SHOTS_V2: "shots",
}
_OF_A_SHOT: Final = {"registers", "leakage_bits"}

_DECODERS: Final[Mapping[FormatId, Callable[[Any, bool], Columns]]] = {
    PROBABILITIES_V1: _decimal_map(counts=False),
    PROBABILITIES_V2: _register_map("probabilities", counts=False),
    HISTOGRAM_V1: _decimal_map(counts=True),
    HISTOGRAM_V2: _register_map("histogram", counts=True),
    SHOTS_V1: _decimal_shots,
    SHOTS_V2: _register_shots,
    AGGREGATE_V1: _children,
}
