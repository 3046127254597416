"""From columns to payloads, as bytes of JSON.

What is written has no spaces, states ascending, of each number the fewest digits that read back to
it. Decimal states ascend as integers and bitstrings as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from qartifacts.payloads.columns import Children, Distribution, Leakage, Shots, Values
from qartifacts.payloads.families import to_json
from qartifacts.payloads.states import Bits

__all__ = ["encode_columns"]

#: Shots that are written at a time: as much as a processor's cache holds.
_CHUNK: Final = 4096


def encode_columns(format: FormatId, columns: Any, *, last_first: bool = False) -> bytes:
    """Columns in a format that holds such.

    Args:
        format: The format to write.
        columns: What that format holds. Version 1 takes one distribution or one register;
            version 2 needs widths.
        last_first: Whether version 2 shall be written with the last bit first.
    """
    return _ENCODERS[format](columns, last_first)


def _decimal_map(columns: tuple[Distribution], last_first: bool) -> bytes:
    (distribution,) = columns
    return to_json(_decimal_outcomes(distribution))


def _decimal_outcomes(distribution: Distribution) -> dict[str, Any]:
    keys = map(str, packed.to_integers(distribution.states))
    return dict(zip(keys, _numbers(distribution.values), strict=True))


def _register_map(member: str) -> Callable[[tuple[Distribution, ...], bool], bytes]:
    def encoded(columns: tuple[Distribution, ...], last_first: bool) -> bytes:
        registers = {each.register: _bitstring_outcomes(each, last_first) for each in columns}
        return to_json({member: {"registers": registers}})

    return encoded


def _bitstring_outcomes(distribution: Distribution, last_first: bool) -> dict[str, Any]:
    states, values, width = distribution.states, distribution.values, distribution.width
    if not len(states):
        return {}  # Nor is there a width: no outcome tells it.
    assert width is not None
    if not last_first:
        # States are in ascending order of their last bits, and texts of their first characters.
        order = packed.ascending(packed.reverse(states, width))
        states, values = states[order], values[order]
    keys = packed.to_bitstrings(states, width, last_first=last_first)
    return dict(zip(keys, _numbers(values), strict=True))


def _numbers(values: Values) -> list[Any]:
    numbers: list[Any] = values.tolist()
    if values.dtype.kind == "f":
        # Zero and one are the only whole probabilities.
        return [int(number) if number in (0.0, 1.0) else number for number in numbers]
    return numbers


def _decimal_shots(shots: Shots, last_first: bool) -> bytes:
    (measured,) = shots.registers.values()
    return to_json(list(map(str, packed.to_integers(measured.states))))


def _register_shots(shots: Shots, last_first: bool) -> bytes:
    if shots.leakage is not None:
        return _leaking_shots(shots, shots.leakage, last_first)
    template, places = _template(shots)
    start, end = b'{"shots":[', b"]}"
    if not shots.number:
        return start + end
    size = len(template)
    # One buffer for everything: each shot is the template with its bits set. The comma behind the
    # last one gives way to the end.
    written = np.empty(len(start) + shots.number * size - 1 + len(end), np.uint8)
    written[: len(start)] = np.frombuffer(start, np.uint8)
    body = written[len(start) : len(start) + shots.number * size].reshape(-1, size)
    for first in range(0, shots.number, _CHUNK):
        chunk = body[first : first + _CHUNK]
        chunk[:] = template
        for name, place in places.items():
            width = shots.registers[name].width or 0
            bits = packed.unpack(shots.registers[name].states[first : first + _CHUNK], width)
            chunk[:, place : place + 2 * width : 2] |= _in_file_order(bits, last_first)
    written[-len(end) :] = np.frombuffer(end, np.uint8)
    return written.tobytes()


def _template(shots: Shots) -> tuple[Bits, dict[str, int]]:
    """A shot of zeros with a comma behind it, and where the bits of each register begin in it."""
    text = b'{"registers":{'
    places = {}
    for name, measured in shots.registers.items():
        text += to_json(name) + b":["
        places[name] = len(text)
        text += b",".join([b"0"] * (measured.width or 0)) + b"],"
    if shots.registers:
        text = text[:-1]
    return np.frombuffer(text + b"}},", np.uint8), places


def _leaking_shots(shots: Shots, leakage: Leakage, last_first: bool) -> bytes:
    columns = {
        name: _in_file_order(
            packed.unpack(measured.states, measured.width or 0), last_first
        ).tolist()
        for name, measured in shots.registers.items()
    }
    widest = max(int(leakage.widths.max(initial=0)), 0)
    leaked = packed.unpack(leakage.states, widest).tolist()
    written = []
    for index, width in enumerate(leakage.widths.tolist()):
        shot: dict[str, Any] = {"registers": {name: bits[index] for name, bits in columns.items()}}
        if width == Leakage.NULL:
            shot["leakage_bits"] = None
        elif width != Leakage.ABSENT:
            shot["leakage_bits"] = leaked[index][:width]
        written.append(shot)
    return to_json({"shots": written})


def _in_file_order(bits: Bits, last_first: bool) -> Bits:
    return bits[:, ::-1] if last_first else bits


def _children(children: Children, last_first: bool) -> bytes:
    return to_json({child: _decimal_outcomes(each) for child, each in children.items()})


_ENCODERS: Final[Mapping[FormatId, Callable[[Any, bool], bytes]]] = {
    PROBABILITIES_V1: _decimal_map,
    PROBABILITIES_V2: _register_map("probabilities"),
    HISTOGRAM_V1: _decimal_map,
    HISTOGRAM_V2: _register_map("histogram"),
    SHOTS_V1: _decimal_shots,
    SHOTS_V2: _register_shots,
    AGGREGATE_V1: _children,
}
