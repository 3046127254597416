"""From payloads to columns.

Payloads come here after they have passed their schema and rules; nothing is checked again. The bit
order is that of the file: of bitstrings, and of arrays of bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, Final

import numpy as np

from qartifacts.findings import counted
from qartifacts.identifiers import (
    AGGREGATE_V1,
    AZURE_V1,
    AZURE_V2,
    BRAKET_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.jsontext import quoted
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
from qartifacts.payloads.vendors import Registers, has_failed, qubits_of, registers_of

__all__ = ["columns_of", "left_out", "undeclared"]


def columns_of(format: FormatId, payload: Any, *, last_first: bool = False) -> Columns | None:
    """What a payload holds, as columns; None for what holds no result, or those of a batch.

    Args:
        format: The format that the payload has been checked against.
        payload: The parsed payload.
        last_first: Whether version 2 was written with the last bit first, or a program recorded its
            last bit first in Microsoft's format. All others have no such order: states of version 1
            are integers, and a task result names its qubits.
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


def left_out(format: FormatId, payload: Any) -> list[tuple[str, str, int | None]]:
    """What a payload says that no column holds: kind of loss, words, and number if it is counted.

    The kinds are those of the table of conversions.
    """
    tell = _LEFT_OUT.get(format)
    if tell is not None:
        return tell(payload)
    names = undeclared(format, payload)
    return _named("members", "members that the format does not declare", names)


def _named(kind: str, words: str, names: list[str]) -> list[tuple[str, str, int | None]]:
    if not names:
        return []
    shown = ", ".join(map(quoted, names[:4])) + (" and more" if len(names) > 4 else "")
    return [(kind, f"{words}: {shown}", len(names))]


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


# ----------------------------------------------------------------------------------------------
# Formats of other clouds


def _azure_probabilities(payload: Any, last_first: bool) -> tuple[Distribution, ...]:
    return (_decimal_distribution(payload["histogram"], counts=False),)


def _microsoft_results(payload: Any, last_first: bool) -> Columns | None:
    if len(payload["Results"]) != 1:
        return None  # A batch: results of several circuits.
    (result,) = payload["Results"]
    if "Shots" in result:
        shots = _measured(result["Shots"])
        names = shots[0] if shots else {}
        registers = {
            name: _packed([shot[name] for shot in shots], last_first=last_first) for name in names
        }
        return Shots(len(shots), registers)
    histogram = [each for each in result["Histogram"] if not has_failed(each["Outcome"])]
    outcomes = _measured([each["Outcome"] for each in histogram])
    counts = np.array([int(each["Count"]) for each in histogram], np.int64)
    distributions = []
    for name in outcomes[0] if outcomes else ():
        column = _packed([outcome[name] for outcome in outcomes], last_first=last_first)
        # Outcomes that differ in other registers only are one of this register.
        states, values = packed.add_equal(column.states, counts)
        distributions.append(Distribution(name, column.width, states, values))
    return tuple(distributions)


def _measured(outcomes: Iterable[Any]) -> list[Registers]:
    """The registers of outcomes, without those of shots that failed."""
    return [
        registers
        for outcome in outcomes
        if not has_failed(outcome) and (registers := registers_of(outcome)) is not None
    ]


def _packed(rows: list[list[Any]], *, last_first: bool) -> Measured:
    width = len(rows[0])
    return Measured(width, _pack_lists(rows, width, last_first=last_first))


def _braket_task_result(payload: Any, last_first: bool) -> Columns:
    measurements = payload.get("measurements")
    if measurements is not None:
        rows = [list(row) for row in measurements]
        width = len(rows[0]) if rows else 0
        states = _by_qubit(_pack_lists(rows, width), payload, width)
        return Shots(len(rows), {SYSTEM_REGISTER: Measured(width, states)})
    outcomes = payload["measurementProbabilities"]
    width = len(next(iter(outcomes), ""))
    states = _by_qubit(packed.from_bitstrings(list(outcomes)), payload, width)
    values = outcomes.values()
    return (_distribution(SYSTEM_REGISTER, width or None, states, values, counts=False),)


def _by_qubit(states: Words, payload: Any, width: int) -> Words:
    """States as they are measured, with their bits in the order of the qubits' numbers."""
    qubits = qubits_of(payload, width)
    return packed.pick_bits(states, sorted(range(width), key=qubits.__getitem__))


def _azure_left_out(payload: Any) -> list[tuple[str, str, int | None]]:
    names = [name for name in payload if name != "histogram"]
    return _named("members", "members that results of IonQ do not have", names)


def _microsoft_left_out(payload: Any) -> list[tuple[str, str, int | None]]:
    (result,) = payload["Results"]  # A batch has no columns that anything could be left out of.
    names = [name for name in payload if name not in ("DataFormat", "Results")]
    names += [name for name in result if name not in ("Histogram", "Shots")]
    others = set().union(*(each.keys() - _OF_AN_OUTCOME for each in result["Histogram"]))
    said = _named("members", "members that results of IonQ do not have", [*names, *sorted(others)])
    if "Shots" in result:
        failed = sum(map(has_failed, result["Shots"]))
        whole = len(result["Shots"])
    else:
        counts = [(has_failed(each["Outcome"]), int(each["Count"])) for each in result["Histogram"]]
        failed = sum(count for fault, count in counts if fault)
        whole = sum(count for _, count in counts)
        registers = next(
            (found for each in result["Histogram"] if (found := registers_of(each["Outcome"]))), {}
        )
        if len(registers) > 1:
            together = f"which outcomes of the {len(registers)} registers came together"
            said.append(("correlations", together, None))
    if failed:
        said.append(
            ("failed-shots", f"{failed:,} of {counted(whole, 'shot')}, which failed", failed)
        )
    return said


def _braket_left_out(payload: Any) -> list[tuple[str, str, int | None]]:
    read = "measurements"
    if payload.get(read) is None:
        read = "measurementProbabilities"
    names = [name for name, value in payload.items() if value is not None]
    names = [name for name in names if name not in (read, "measuredQubits")]
    said = _named("members", "members that results of IonQ do not have", names)
    outcomes = payload[read]
    width = len(next(iter(outcomes), ""))
    qubits = sorted(qubits_of(payload, width))
    if qubits != list(range(width)):
        shown = ", ".join(map(str, qubits[:8])) + (" and more" if len(qubits) > 8 else "")
        said.append(("qubits", f"that the bits are those of the qubits {shown}", width))
    return said


_OF_AN_OUTCOME: Final = {"Outcome", "Display", "Count"}

_LEFT_OUT: Final[Mapping[FormatId, Callable[[Any], list[tuple[str, str, int | None]]]]] = {
    AZURE_V1: _azure_left_out,
    AZURE_V2: _microsoft_left_out,
    BRAKET_V1: _braket_left_out,
}


#: The one declared member of the payloads of version 2.
_MEMBERS: Final[Mapping[FormatId, str]] = {
    PROBABILITIES_V2: "probabilities",
    HISTOGRAM_V2: "histogram",
    SHOTS_V2: "shots",
}
_OF_A_SHOT: Final = {"registers", "leakage_bits"}

_DECODERS: Final[Mapping[FormatId, Callable[[Any, bool], Columns | None]]] = {
    PROBABILITIES_V1: _decimal_map(counts=False),
    PROBABILITIES_V2: _register_map("probabilities", counts=False),
    HISTOGRAM_V1: _decimal_map(counts=True),
    HISTOGRAM_V2: _register_map("histogram", counts=True),
    SHOTS_V1: _decimal_shots,
    SHOTS_V2: _register_shots,
    AGGREGATE_V1: _children,
    AZURE_V1: _azure_probabilities,
    AZURE_V2: _microsoft_results,
    BRAKET_V1: _braket_task_result,
}
