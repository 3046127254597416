"""What other clouds write for results of IonQ's devices: registers, widths and shots.

``ionq.quantum-results.v1`` and ``microsoft.quantum-results.v2`` are Azure Quantum's, the task
result is Amazon Braket's. What is read here is what azure-quantum 3.13.0 and amazon-braket-schemas
1.32.1 read; docs/vendors.md says what supports it.

Each has an order of bits of its own. Azure's decimal states have qubit 0 as their least
significant bit. Entry k of an outcome in Microsoft's format is the k-th bit that the program
recorded. Character or column j of a task result is qubit ``measuredQubits[j]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qartifacts.identifiers import AZURE_V1, AZURE_V2, BRAKET_V1, FormatId
from qartifacts.payloads.families import SYSTEM_REGISTER, Family, normal_decimal, shortest

__all__ = ["VENDORS", "Registers", "has_failed", "qubits_of", "registers_of"]

#: The bits of each register of one outcome. Whole floats are bits, too.
Registers = Mapping[str, list[float]]


# ----------------------------------------------------------------------------------------------
# Microsoft: outcomes


def has_failed(outcome: Any, depth: int = 2) -> bool:
    """Whether an outcome, or a part of it, says that its shot failed.

    That is ``{"Error": {"Code": ..., "Name": ...}}``, in place of what was measured.
    """
    if isinstance(outcome, dict) and "Error" in outcome:
        return True
    if not depth or not isinstance(outcome, (dict, list)):
        return False
    parts = outcome.values() if isinstance(outcome, dict) else outcome
    return any(has_failed(part, depth - 1) for part in parts)


def registers_of(outcome: Any) -> Registers | None:
    """The registers of an outcome; None where it is not made of measured bits.

    An array is one register, and so is a single bit. A tuple is an object with the members
    ``Item1``, ``Item2``, ...; each is a register of that name.
    """
    if isinstance(outcome, dict):
        if not outcome or outcome.keys() != {f"Item{at}" for at in range(1, len(outcome) + 1)}:
            return None
        registers = {}
        for at in range(1, len(outcome) + 1):  # In the order of the tuple, however it is written.
            bits = _bits(outcome[f"Item{at}"])
            if bits is None:
                return None
            registers[f"Item{at}"] = bits
        return registers
    bits = _bits(outcome)
    return None if bits is None else {SYSTEM_REGISTER: bits}


def _bits(value: Any) -> list[float] | None:
    bits: list[Any] = value if isinstance(value, list) else [value]
    if not bits or not all(type(bit) in (int, float) and bit in (0, 1) for bit in bits):
        return None  # True is the value of a Boolean, not a measured bit.
    return bits


# ----------------------------------------------------------------------------------------------
# Braket: qubits


def qubits_of(payload: Mapping[str, Any], width: int) -> list[int]:
    """The qubit of each character and column of a task result, of a register of some width.

    Where it does not say, they are taken to be qubits 0, 1, ...
    """
    measured = payload.get("measuredQubits")
    return list(range(width)) if measured is None else [int(qubit) for qubit in measured]


# ----------------------------------------------------------------------------------------------
# Families


class _AzureProbabilities:
    """``{"histogram": {"0": 0.5, "7": 0.5}, "duration": 1}``: probabilities, for all its name."""

    def register_names(self, payload: Any) -> tuple[str, ...]:
        return (SYSTEM_REGISTER,)

    def width(self, payload: Any, register: str) -> int | None:
        return None

    def shots(self, payload: Any) -> int | None:
        return None

    def leaked(self, payload: Any) -> int | None:
        return None

    def normal(self, payload: Any) -> Any:
        normal = {**payload, "histogram": normal_decimal(payload["histogram"], shortest)}
        if "duration" in payload:
            normal["duration"] = shortest(payload["duration"])
        return normal


class _MicrosoftResults:
    """``{"DataFormat": ..., "Results": [{"Histogram": [...], "Shots": [...]}]}``.

    Of a batch, which holds the results of several circuits, nothing can be said as of one.
    """

    def register_names(self, payload: Any) -> tuple[str, ...]:
        return tuple(self._first(payload))

    def width(self, payload: Any, register: str) -> int | None:
        bits = self._first(payload).get(register)
        return None if bits is None else len(bits)

    def shots(self, payload: Any) -> int | None:
        if len(payload["Results"]) != 1:
            return None
        (result,) = payload["Results"]
        if "Shots" in result:
            return sum(not has_failed(shot) for shot in result["Shots"])
        return sum(
            int(each["Count"]) for each in result["Histogram"] if not has_failed(each["Outcome"])
        )

    def leaked(self, payload: Any) -> int | None:
        return None

    def normal(self, payload: Any) -> Any:
        return {**payload, "Results": [self._normal(result) for result in payload["Results"]]}

    def _first(self, payload: Any) -> Registers:
        """The registers of an outcome: they are the same in all of them."""
        if len(payload["Results"]) != 1:
            return {}
        (result,) = payload["Results"]
        outcomes = result.get("Shots", [each["Outcome"] for each in result["Histogram"]])
        found = (registers_of(outcome) for outcome in outcomes if not has_failed(outcome))
        return next(found, None) or {}

    def _normal(self, result: Mapping[str, Any]) -> Any:
        # In the order in which they stand: beside it there is none that a file would tell.
        histogram = [
            {**each, "Outcome": _whole(each["Outcome"]), "Count": int(each["Count"])}
            for each in result["Histogram"]
        ]
        normal = {**result, "Histogram": histogram}
        if "Shots" in result:
            normal["Shots"] = [_whole(shot) for shot in result["Shots"]]
        return normal


def _whole(outcome: Any) -> Any:
    """An outcome with its bits as integers."""
    if has_failed(outcome):
        return outcome  # Of which nothing is known.
    if isinstance(outcome, dict):
        return {name: shortest(bits) for name, bits in outcome.items()}
    return shortest(outcome)


class _BraketTaskResult:
    """``{"measurements": [[0, 1]], "measuredQubits": [0, 1], "taskMetadata": {...}}``.

    Or ``measurementProbabilities``, by bitstring, in place of the measurements; of both, the
    measurements tell more.
    """

    def register_names(self, payload: Any) -> tuple[str, ...]:
        return (SYSTEM_REGISTER,)

    def width(self, payload: Any, register: str) -> int | None:
        outcomes = payload.get("measurements") or payload.get("measurementProbabilities") or ()
        first = next(iter(outcomes), None)
        return None if first is None else len(first)

    def shots(self, payload: Any) -> int | None:
        if payload.get("measurements") is not None:
            return len(payload["measurements"])
        # Simulations of no shots give exact probabilities.
        return int(payload["taskMetadata"]["shots"]) or None

    def leaked(self, payload: Any) -> int | None:
        return None

    def normal(self, payload: Any) -> Any:
        normal = {**payload}
        for name in ("measurements", "measuredQubits"):
            if payload.get(name) is not None:
                normal[name] = shortest(payload[name])
        outcomes = payload.get("measurementProbabilities")
        if outcomes is not None:
            normal["measurementProbabilities"] = {
                state: shortest(outcomes[state]) for state in sorted(outcomes)
            }
        metadata = payload["taskMetadata"]
        normal["taskMetadata"] = {**metadata, "shots": int(metadata["shots"])}
        return normal


VENDORS: Final[Mapping[FormatId, Family]] = {
    AZURE_V1: _AzureProbabilities(),
    AZURE_V2: _MicrosoftResults(),
    BRAKET_V1: _BraketTaskResult(),
}
