"""Cirq: ``ResultDict``, which has a matrix of bits for each measurement key.

Column k is bit k. What Cirq itself makes of a row, as in ``histogram``, is an integer with bit 0
most significant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qartifacts.errors import ConversionError
from qartifacts.interop import Taken, library
from qartifacts.jsontext import quoted
from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Shots

if TYPE_CHECKING:
    from cirq import ResultDict

__all__ = ["result_dict", "taken"]


def result_dict(shots: Shots) -> ResultDict:
    """Measurements by register, each of shape ``(shots, width)`` and of ``uint8``.

    Raises:
        MissingExtra: Cirq is not installed.
    """
    cirq = library("cirq", "cirq")
    measurements = {
        name: packed.unpack(each.states, each.width or 0) for name, each in shots.registers.items()
    }
    made: ResultDict = cirq.ResultDict(params=cirq.ParamResolver({}), measurements=measurements)
    return made


def taken(result: Any) -> Taken:
    """What was measured, by key.

    Raises:
        TypeError: It is no result of Cirq.
        ConversionError: A key was measured several times in a shot, or nothing was measured.
    """
    import numpy as np

    records = getattr(result, "records", None)
    if records is None:
        if hasattr(result, "to_cirq_result"):
            raise TypeError("a result of Cirq is needed; that of cirq-ionq has to_cirq_result()")
        raise TypeError(f"a result of Cirq is needed, not {type(result).__name__}")
    if not records:
        raise ConversionError("no-register", "nothing was measured")
    columns = []
    for key, record in records.items():
        record = np.asarray(record)
        if record.shape[1] != 1:
            raise ConversionError(
                "several",
                f"the key {quoted(key)} was measured {record.shape[1]} times in a shot; a register "
                "holds one value",
            )
        columns.append(record[:, 0, :])
    values = sorted(getattr(getattr(result, "params", None), "param_dict", None) or {}, key=str)
    lost = f"values of the parameters {', '.join(quoted(str(each)) for each in values)}"
    return Taken(
        kind="shots",
        widths=tuple(column.shape[1] for column in columns),
        names=tuple(map(str, records)),
        bits=np.hstack(columns),
        lost=(lost,) if values else (),
    )
