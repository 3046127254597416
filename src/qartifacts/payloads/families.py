"""The families of formats: how a checked payload names registers, widths and shots.

Every class answers the same questions about one shape of payload. They rely on the verdict: a
payload has passed its schema and the rules of its format before it comes here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from qartifacts.identifiers import (
    AGGREGATE_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    NATIVE_V1,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    VENDOR_FORMATS,
    FormatId,
)

__all__ = [
    "SYSTEM_REGISTER",
    "Family",
    "family_of",
    "normal_decimal",
    "shortest",
    "to_json",
]

#: The register that the service adds beside the declared ones; version 1 is about it alone.
SYSTEM_REGISTER: Final = "output_all"

#: The largest integer up to which every integer is a double.
_EXACT = 2**53


class Family(Protocol):
    """What can be asked of a payload, whatever its format."""

    def register_names(self, payload: Any) -> tuple[str, ...]:
        """The registers that the payload is about, in its own order."""

    def width(self, payload: Any, register: str) -> int | None:
        """Bits of a register; None where the payload does not record it."""

    def shots(self, payload: Any) -> int | None:
        """Kept shots; None where the payload does not record them."""

    def leaked(self, payload: Any) -> int | None:
        """Shots with leakage, which are not kept; None where the payload does not record them."""

    def normal(self, payload: Any) -> Any:
        """The payload as it is written: states ascending, whole numbers as integers."""


class _DecimalMap:
    """``{"0": 0.5, "3": 0.5}``: probabilities and histograms of version 1."""

    def __init__(self, *, counts: bool) -> None:
        self._counts = counts

    def register_names(self, payload: Any) -> tuple[str, ...]:
        return (SYSTEM_REGISTER,)

    def width(self, payload: Any, register: str) -> int | None:
        return None

    def shots(self, payload: Any) -> int | None:
        return _total(payload) if self._counts else None

    def leaked(self, payload: Any) -> int | None:
        return None

    def normal(self, payload: Any) -> Any:
        return normal_decimal(payload, int if self._counts else shortest)


class _RegisterMap:
    """``{member: {"registers": {name: {"00": 0.5, "11": 0.5}}}}``: the same of version 2."""

    def __init__(self, member: str, *, counts: bool) -> None:
        self._member = member
        self._counts = counts
        self._value: Callable[[Any], Any] = int if counts else shortest

    def _registers(self, payload: Any) -> dict[str, dict[str, float]]:
        registers: dict[str, dict[str, float]] = payload[self._member]["registers"]
        return registers

    def register_names(self, payload: Any) -> tuple[str, ...]:
        return tuple(self._registers(payload))

    def width(self, payload: Any, register: str) -> int | None:
        first = next(iter(self._registers(payload).get(register, ())), None)
        return None if first is None else len(first)

    def shots(self, payload: Any) -> int | None:
        if not self._counts:
            return None
        # Every register is measured once a shot, so that any of them tells.
        return _total(next(iter(self._registers(payload).values()), {}))

    def leaked(self, payload: Any) -> int | None:
        return None

    def normal(self, payload: Any) -> Any:
        registers = {
            # As text: their order as states would depend on the bit order, which no file tells.
            name: {state: self._value(outcomes[state]) for state in sorted(outcomes)}
            for name, outcomes in self._registers(payload).items()
        }
        return {**payload, self._member: {**payload[self._member], "registers": registers}}


class _DecimalShots:
    """``["2", "1"]``: shots of version 1."""

    def register_names(self, payload: Any) -> tuple[str, ...]:
        return (SYSTEM_REGISTER,)

    def width(self, payload: Any, register: str) -> int | None:
        return None

    def shots(self, payload: Any) -> int | None:
        return len(payload)

    def leaked(self, payload: Any) -> int | None:
        return None

    def normal(self, payload: Any) -> Any:
        return [str(state) for state in payload]  # An erratum lets integers pass.


class _RegisterShots:
    """``{"shots": [{"registers": {name: [0, 1]}, "leakage_bits": [0, 0]}]}``: version 2."""

    def register_names(self, payload: Any) -> tuple[str, ...]:
        return tuple(next((shot["registers"] for shot in payload["shots"]), ()))

    def width(self, payload: Any, register: str) -> int | None:
        first = next(iter(payload["shots"]), None)
        bits = None if first is None else first["registers"].get(register)
        return None if bits is None else len(bits)

    def shots(self, payload: Any) -> int | None:
        leaked = self.leaked(payload)
        assert leaked is not None
        return len(payload["shots"]) - leaked

    def leaked(self, payload: Any) -> int | None:
        return sum(any(shot.get("leakage_bits") or ()) for shot in payload["shots"])

    def normal(self, payload: Any) -> Any:
        return {**payload, "shots": [_normal_shot(shot) for shot in payload["shots"]]}


class _Aggregate:
    """``{child: {"0": 0.5, "1": 0.5}}``: probabilities of the children of a multi-circuit job."""

    def register_names(self, payload: Any) -> tuple[str, ...]:
        return (SYSTEM_REGISTER,)

    def width(self, payload: Any, register: str) -> int | None:
        return None

    def shots(self, payload: Any) -> int | None:
        return None

    def leaked(self, payload: Any) -> int | None:
        return None

    def normal(self, payload: Any) -> Any:
        return {child: normal_decimal(each, shortest) for child, each in payload.items()}


class _NativeCircuit:
    """``{"qubits": 2, "circuit": [{"gate": "ms", "targets": [0, 1]}]}``: a compiled circuit."""

    def register_names(self, payload: Any) -> tuple[str, ...]:
        return ()

    def width(self, payload: Any, register: str) -> int | None:
        return int(payload["qubits"])

    def shots(self, payload: Any) -> int | None:
        return None

    def leaked(self, payload: Any) -> int | None:
        return None

    def normal(self, payload: Any) -> Any:
        gates = [
            {name: shortest(value) for name, value in gate.items()} for gate in payload["circuit"]
        ]
        return {**payload, "qubits": shortest(payload["qubits"]), "circuit": gates}


def to_json(payload: Any) -> bytes:
    """A payload as JSON without spaces; of each double the fewest digits that read back to it."""
    import orjson

    try:
        return orjson.dumps(payload)
    except TypeError:  # Integers beyond 64 bits, which members of unknown meaning may hold.
        text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()


def _total(counts: Mapping[str, float]) -> int:
    return sum(int(count) for count in counts.values())


def _magnitude(state: str) -> tuple[int, str]:
    """What orders decimal states as integers, without the cost of converting long ones."""
    return len(state), state


def normal_decimal(outcomes: Mapping[str, Any], value: Callable[[Any], Any]) -> dict[str, Any]:
    """Outcomes by decimal state, ascending; each of their values as ``value`` gives it."""
    return {state: value(outcomes[state]) for state in sorted(outcomes, key=_magnitude)}


def _normal_shot(shot: Mapping[str, Any]) -> dict[str, Any]:
    registers = {name: shortest(bits) for name, bits in shot["registers"].items()}
    normal = {**shot, "registers": registers}
    if "leakage_bits" in shot:
        normal["leakage_bits"] = shortest(shot["leakage_bits"])
    return normal


def shortest(value: Any) -> Any:
    """``value`` with whole floats as integers, which is their shortest form.

    Minus zero stays as it is: no integer has its sign.
    """
    if isinstance(value, list):
        return [shortest(item) for item in value]
    if (
        isinstance(value, float)
        and value.is_integer()
        and abs(value) <= _EXACT
        and str(value) != "-0.0"
    ):
        return int(value)
    return value


_FAMILIES: Final[Mapping[FormatId, Family]] = {
    PROBABILITIES_V1: _DecimalMap(counts=False),
    PROBABILITIES_V2: _RegisterMap("probabilities", counts=False),
    HISTOGRAM_V1: _DecimalMap(counts=True),
    HISTOGRAM_V2: _RegisterMap("histogram", counts=True),
    SHOTS_V1: _DecimalShots(),
    SHOTS_V2: _RegisterShots(),
    AGGREGATE_V1: _Aggregate(),
    NATIVE_V1: _NativeCircuit(),
}


def family_of(format: FormatId) -> Family | None:
    """The family of a format; None for one that is pinned but not known here."""
    if format in VENDOR_FORMATS:
        from qartifacts.payloads.vendors import VENDORS  # Few runs meet them.

        return VENDORS[format]
    return _FAMILIES.get(format)
