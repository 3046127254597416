"""From text straight into columns, without an object for every value.

A decoder here proves what it decodes: a text that it reads is JSON as RFC 8259 has it, has no key
twice, and satisfies the schema that ``PROVEN`` holds for its format. Whatever it cannot prove it
leaves alone: it answers "don't know" and never that a text is bad.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

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

if TYPE_CHECKING:
    from qartifacts.payloads.direct.aggregate import ChildrenRead
    from qartifacts.payloads.direct.maps import OutcomesRead
    from qartifacts.payloads.direct.shots import ShotsRead

__all__ = ["PROVEN", "ColumnsRead", "read_columns"]

ColumnsRead: TypeAlias = "OutcomesRead | ShotsRead | ChildrenRead"


def read_columns(format: FormatId, data: bytes) -> ColumnsRead | None:
    """The columns of a large payload without white space; None is "don't know".

    Args:
        format: A key of ``PROVEN``.
        data: JSON text. White space behind it is let pass, and shots of version 2 may have any
            that is the same in every shot.
    """
    from qartifacts.payloads.direct.window import DontKnow

    try:
        return _READERS[format](data)
    except DontKnow:
        return None


def _histogram_v1(data: bytes) -> ColumnsRead:
    from qartifacts.payloads.direct.maps import decimal_outcomes

    return decimal_outcomes(data, counts=True)


def _histogram_v2(data: bytes) -> ColumnsRead:
    from qartifacts.payloads.direct.maps import register_outcomes

    return register_outcomes(data, "histogram", counts=True)


def _probabilities_v1(data: bytes) -> ColumnsRead:
    from qartifacts.payloads.direct.maps import decimal_outcomes

    return decimal_outcomes(data, counts=False)


def _probabilities_v2(data: bytes) -> ColumnsRead:
    from qartifacts.payloads.direct.maps import register_outcomes

    return register_outcomes(data, "probabilities", counts=False)


def _shots_v1(data: bytes) -> ColumnsRead:
    from qartifacts.payloads.direct.shots import decimal_shots

    return decimal_shots(data)


def _shots_v2(data: bytes) -> ColumnsRead:
    from qartifacts.payloads.direct.shots import register_shots

    return register_shots(data)


def _aggregate(data: bytes) -> ColumnsRead:
    from qartifacts.payloads.direct.aggregate import aggregate

    return aggregate(data)


_READERS: Final[Mapping[FormatId, Callable[[bytes], ColumnsRead]]] = {
    PROBABILITIES_V1: _probabilities_v1,
    PROBABILITIES_V2: _probabilities_v2,
    HISTOGRAM_V1: _histogram_v1,
    HISTOGRAM_V2: _histogram_v2,
    SHOTS_V1: _shots_v1,
    SHOTS_V2: _shots_v2,
    AGGREGATE_V1: _aggregate,
}

# ----------------------------------------------------------------------------------------------
# What is proven, as schemas of draft 7. Patterns are listed in the spellings that a published
# schema may choose, for one pattern is not seen to imply another.

_DECIMAL: Final = {
    "allOf": [
        {"type": "string", "minLength": 1},
        {"pattern": "^(0|[1-9][0-9]*)$"},
        {"pattern": "^(?:0|[1-9][0-9]*)$"},
        {"pattern": "^(0|[1-9]\\d*)$"},
        {"pattern": "^[0-9]+$"},
        {"pattern": "^\\d+$"},
        {"pattern": "[0-9]+"},
    ]
}
_BITSTRING: Final = {
    "allOf": [
        {"type": "string", "minLength": 1},
        {"pattern": "^[01]+$"},
        {"pattern": "^[01]*$"},
        {"pattern": "^[0-1]+$"},
        {"pattern": "^(0|1)+$"},
    ]
}
_UUID: Final = {"type": "string", "minLength": 36, "maxLength": 36}
_COUNT: Final = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_PROBABILITY: Final = {"type": "number", "minimum": 0, "maximum": 1}
_BITS: Final = {"type": "array", "items": {"type": "integer", "enum": [0, 1]}}


def _map_of(names: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": names,
        "additionalProperties": values,
    }


def _only(**members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(members),
        "properties": members,
        "additionalProperties": False,
    }


def _registers(member: str, values: Mapping[str, Any]) -> dict[str, Any]:
    registers = _map_of({"type": "string"}, _map_of(_BITSTRING, values))
    return _only(**{member: _only(registers=registers)})


_SHOT: Final = {
    "type": "object",
    "required": ["registers"],
    "properties": {
        "registers": _map_of({"type": "string"}, {**_BITS, "minItems": 1}),
        "leakage_bits": {**_BITS, "type": ["array", "null"]},
    },
    "additionalProperties": False,
}

#: For each format, a schema that every payload satisfies that is read here.
PROVEN: Final[Mapping[FormatId, dict[str, Any]]] = {
    PROBABILITIES_V1: _map_of(_DECIMAL, _PROBABILITY),
    PROBABILITIES_V2: _registers("probabilities", _PROBABILITY),
    HISTOGRAM_V1: _map_of(_DECIMAL, _COUNT),
    HISTOGRAM_V2: _registers("histogram", _COUNT),
    SHOTS_V1: {"type": "array", "minItems": 1, "items": _DECIMAL},
    SHOTS_V2: _only(shots={"type": "array", "minItems": 1, "items": _SHOT}),
    AGGREGATE_V1: _map_of(_UUID, _map_of(_DECIMAL, _PROBABILITY)),
}
