"""What was measured of a device, as columns and as tables of other libraries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from qartifacts.errors import MissingExtra

if TYPE_CHECKING:
    from qartifacts.hardware.view import Gate, Qubit

__all__ = ["Columns", "as_table", "gate_columns", "qubit_columns"]

#: Arrays of the same length, by name.
Columns: TypeAlias = dict[str, npt.NDArray[Any]]


def qubit_columns(qubits: Sequence[Qubit]) -> Columns:
    """What was measured of qubits, an array for each attribute; NaN is what is not known."""
    from qartifacts.hardware.view import Qubit

    columns: Columns = {"index": np.array([qubit.index for qubit in qubits], np.int64)}
    for name in (each.name for each in fields(Qubit) if each.name != "index"):
        columns[name] = _floats([getattr(qubit, name) for qubit in qubits])
    return columns


def gate_columns(gates: Sequence[Gate]) -> Columns:
    """What was measured of gates, an array for each attribute; NaN is what is not known."""
    on = np.empty(len(gates), object)
    on[:] = [gate.qubits for gate in gates]  # Of tuples, whatever their lengths.
    return {
        "name": np.array([gate.name for gate in gates], object),
        "qubits": on,
        "error": _floats([gate.error for gate in gates]),
        "length": _floats([gate.length for gate in gates]),
    }


def _floats(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def as_table(columns: Mapping[str, npt.NDArray[Any]], library: Literal["pandas", "arrow"]) -> Any:
    """Columns as a table of pandas, where NaN is what is not known, or of Arrow, where it is null.

    Raises:
        MissingExtra: The library is not installed.
        ValueError: It is another library.
    """
    if library == "pandas":
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtra("pandas", "pandas") from error
        return pd.DataFrame(columns)
    if library == "arrow":
        try:
            import pyarrow as pa
        except ImportError as error:
            raise MissingExtra("arrow", "pyarrow") from error
        types = {"index": pa.int64(), "name": pa.string(), "qubits": pa.list_(pa.int64())}
        return pa.table(
            {
                # From pandas' point of view NaN is null, which is what is meant.
                name: pa.array(column.tolist(), types.get(name, pa.float64()), from_pandas=True)
                for name, column in columns.items()
            }
        )
    raise ValueError(f"library takes pandas or arrow, not {library!r}")
