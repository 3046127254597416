"""Tables of pandas and of Arrow: one row an outcome, or a register of a shot; and back.

A table has a description beside its rows, as JSON values: under ``DESCRIPTION`` in the metadata of
an Arrow schema, and so of a Parquet file, and in the ``attrs`` of a frame. With it, nothing is
lost on the way there and back. Columns:

====================  ==========================================================================
``child``             id of the child job; of aggregates only
``shot``              number of the shot, from 0; of shots only
``register``          name of the register
``bitstring``         the state, bit 0 leftmost; null where the width is not known
``integer``           the state with bit 0 least significant; null from 2**64 on
``count``             of histograms
``probability``       of probabilities and aggregates
``leaked``            whether the shot leaked; this and the next two only where shots tell
``leakage_bits``      leakage bits, bit 0 leftmost; null where there are none
``leakage_stated``    whether the shot mentions leakage bits, if only as null
====================  ==========================================================================
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from qartifacts.errors import ConversionError, MissingParameter
from qartifacts.findings import counted
from qartifacts.interop import library
from qartifacts.jsontext import quoted
from qartifacts.payloads import SYSTEM_REGISTER
from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Columns, Distribution, Leakage, Measured, Shots

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from qartifacts.payloads.columns import Values
    from qartifacts.payloads.states import Words

__all__ = [
    "DESCRIPTION",
    "Rows",
    "Table",
    "as_arrow",
    "as_pandas",
    "as_parquet",
    "columns_of",
    "of_arrow",
    "of_pandas",
    "of_parquet",
    "rows_of",
]

#: Where the description stands.
DESCRIPTION: Final = "qartifacts"
#: Where ``attrs`` are left: by pandas, in a Parquet file; by PyArrow, in a table.
_OF_PANDAS: Final = ((b"PANDAS_ATTRS", None), (b"pandas", "attributes"))

_Type: TypeAlias = Literal["text", "uint64", "int64", "float64", "bool"]
_TYPES: Final[Mapping[str, _Type]] = {
    "child": "text",
    "shot": "int64",
    "register": "text",
    "bitstring": "text",
    "integer": "uint64",
    "count": "int64",
    "probability": "float64",
    "leaked": "bool",
    "leakage_bits": "text",
    "leakage_stated": "bool",
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table, column by column.

    Attributes:
        number: How many there are.
        columns: Values by name, all of that length; texts are a list, in which None is null.
        missing: Of some columns, which values are null.
    """

    number: int
    columns: Mapping[str, Any]
    missing: Mapping[str, npt.NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read of a table: values by column, where None is null, and its description."""

    number: int
    columns: Mapping[str, list[Any]]
    description: Mapping[str, Any] | None


# ----------------------------------------------------------------------------------------------
# To tables


def rows_of(columns: Columns, widths: Mapping[str, int | None]) -> Rows:
    """The rows of a table.

    Args:
        columns: What is to be told.
        widths: Bits of each register; None where they are not known.

    Raises:
        MissingParameter: A state is too large for an integer, and its width is not known.
    """
    if isinstance(columns, Shots):
        return _rows_of_shots(columns, widths)
    named: list[tuple[str | None, Distribution]]
    if isinstance(columns, Mapping):
        named = list(columns.items())
    else:
        named = [(None, each) for each in columns]
    parts = [_states(each.states, widths[each.register]) for _, each in named]
    lengths = [len(each) for _, each in named]
    made: dict[str, Any] = {}
    if isinstance(columns, Mapping):
        made["child"] = [name for name, each in named for _ in range(len(each))]
    made["register"] = [each.register for _, each in named for _ in range(len(each))]
    made["bitstring"] = [text for texts, _, _ in parts for text in texts]
    made["integer"] = _concatenated([integers for _, integers, _ in parts], np.uint64)
    large = _concatenated([large for _, _, large in parts], np.bool_)
    # Without any outcome of any register, counts are as good as probabilities.
    counts = all(each.counted for _, each in named) and not isinstance(columns, Mapping)
    values = _concatenated([each.values for _, each in named], np.int64 if counts else np.float64)
    made["count" if counts else "probability"] = values
    return Rows(sum(lengths), made, {"integer": large})


def _rows_of_shots(shots: Shots, widths: Mapping[str, int | None]) -> Rows:
    names = list(shots.registers)
    number = shots.number * len(names)
    # Rows of a shot stand together: registers are taken in turn.
    turns = np.arange(number).reshape(len(names), shots.number).T.ravel()
    parts = [_states(each.states, widths[name]) for name, each in shots.registers.items()]
    texts = [text for some, _, _ in parts for text in some]
    made: dict[str, Any] = {
        "shot": np.repeat(np.arange(shots.number), len(names)),
        "register": names * shots.number,
        "bitstring": [texts[turn] for turn in turns.tolist()],
        "integer": _concatenated([integers for _, integers, _ in parts], np.uint64)[turns],
    }
    missing = {"integer": _concatenated([large for _, _, large in parts], np.bool_)[turns]}
    if shots.leakage is not None:
        leakage = [_leakage_text(*each) for each in _of_leakage(shots.leakage)]
        made["leaked"] = np.repeat(shots.leakage.leaked, len(names))
        made["leakage_bits"] = [text for text in leakage for _ in names]
        made["leakage_stated"] = np.repeat(shots.leakage.widths != Leakage.ABSENT, len(names))
    return Rows(number, made, missing)


def _of_leakage(leakage: Leakage) -> Iterator[tuple[int, int]]:
    return zip(packed.to_integers(leakage.states), leakage.widths.tolist(), strict=True)


def _leakage_text(state: int, width: int) -> str | None:
    if width < 0:
        return None
    return format(state, f"0{width}b")[::-1] if width else ""


def _states(
    states: Words, width: int | None
) -> tuple[Sequence[str | None], npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """States as texts and as integers, and which of them are too large for that."""
    large: npt.NDArray[np.bool_] = (states[:, 1:] != 0).any(axis=1)
    if width is None:
        if large.any():
            raise MissingParameter(
                "qubits", "a state has more than 64 bits, and is told as a bitstring only"
            )
        return [None] * len(states), states[:, 0], large
    return packed.to_bitstrings(states, width), np.where(large, 0, states[:, 0]), large


def _concatenated(parts: Sequence[npt.NDArray[Any]], type: Any) -> npt.NDArray[Any]:
    return np.concatenate([np.zeros(0, type), *(part.astype(type, copy=False) for part in parts)])


def as_pandas(rows: Rows, description: Mapping[str, Any]) -> pd.DataFrame:
    """The rows as a frame, with the description in its ``attrs``.

    Texts are of pandas' ``string``, integers of ``uint64``, or ``UInt64`` where one is missing.

    Raises:
        MissingExtra: pandas is not installed.
    """
    pandas = library("pandas", "pandas")
    made = {}
    for name, values in rows.columns.items():
        missing = rows.missing.get(name)
        if _TYPES[name] == "text":
            made[name] = pandas.array(values, dtype="string")
        elif missing is not None and missing.any():
            made[name] = pandas.arrays.IntegerArray(values, missing)
        else:
            made[name] = values
    frame: pd.DataFrame = pandas.DataFrame(made)
    frame.attrs[DESCRIPTION] = dict(description)
    return frame


def as_arrow(rows: Rows, description: Mapping[str, Any]) -> pa.Table:
    """The rows as a table, with the description in the metadata of its schema, as JSON.

    Raises:
        MissingExtra: PyArrow is not installed.
    """
    arrow = library("pyarrow", "arrow")
    types = {name: arrow.string() if type == "text" else type for name, type in _TYPES.items()}
    arrays = {
        name: arrow.array(values, types[name], mask=rows.missing.get(name))
        for name, values in rows.columns.items()
    }
    made: pa.Table = arrow.table(arrays)
    return made.replace_schema_metadata({DESCRIPTION: json.dumps(dict(description))})


def as_parquet(table: pa.Table) -> bytes:
    """The table as a Parquet file, the description in its metadata.

    Raises:
        MissingExtra: PyArrow is not installed.
    """
    import io

    buffer = io.BytesIO()
    library("pyarrow.parquet", "arrow").write_table(table, buffer, write_page_checksum=True)
    return buffer.getvalue()


# ----------------------------------------------------------------------------------------------
# From tables


def of_pandas(frame: Any) -> Table:
    """A frame as it is.

    Raises:
        TypeError: It is no frame.
    """
    if not hasattr(frame, "attrs") or not hasattr(frame, "columns"):
        raise TypeError(f"a pandas.DataFrame is needed, not {type(frame).__name__}")
    columns = {}
    _check_names(list(map(str, frame.columns)))
    for index, name in enumerate(frame.columns):
        column = frame.iloc[:, index]
        nulls = column.isna().tolist()
        values = column.tolist()
        columns[str(name)] = [
            None if null else value for null, value in zip(nulls, values, strict=True)
        ]
    return Table(len(frame), columns, _described(frame.attrs.get(DESCRIPTION)))


def of_arrow(table: Any) -> Table:
    """A table as it is; whatever PyArrow takes for one.

    Raises:
        MissingExtra: PyArrow is not installed.
        TypeError: It is no table.
    """
    arrow = library("pyarrow", "arrow")
    if not isinstance(table, arrow.Table):
        if not hasattr(table, "__arrow_c_stream__"):
            raise TypeError(f"a pyarrow.Table is needed, not {type(table).__name__}")
        table = arrow.table(table)
    try:
        return _of_arrow(table)
    except UnicodeDecodeError as error:
        raise ConversionError("table", "a text of the table is not UTF-8") from error


def _of_arrow(table: pa.Table) -> Table:
    metadata = table.schema.metadata or {}
    description = _json(metadata.get(DESCRIPTION.encode()))
    for key, member in _OF_PANDAS:
        if description is None:
            attributes: Any = _json(metadata.get(key)) or {}
            attributes = attributes if member is None else attributes.get(member)
            description = attributes.get(DESCRIPTION) if isinstance(attributes, dict) else None
    columns = {}
    _check_names(table.column_names)
    for name in table.column_names:
        if not name.startswith("__index_level_"):  # The index of a frame of pandas.
            columns[name] = table.column(name).to_pylist()
    return Table(table.num_rows, columns, _described(description))


def _check_names(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise ConversionError("table", "two columns have one name")


def of_parquet(source: str | bytes, most: int) -> Table:
    """A Parquet file as it is.

    Args:
        source: A path.
        most: How many values it may hold.

    Raises:
        MissingExtra: PyArrow is not installed.
        ConversionError: It is no Parquet file, or too large.
        OSError: It cannot be opened.
    """
    parquet = library("pyarrow.parquet", "arrow")
    try:
        with (
            open(source, "rb") as opened,
            parquet.ParquetFile(opened, page_checksum_verification=True) as file,
        ):
            number = file.metadata.num_rows * file.metadata.num_columns
            if number > most:
                raise ConversionError(
                    "too-large", f"the table holds {number:,} values; max_values is {most:,}"
                )
            return of_arrow(file.read())
    except (library("pyarrow", "arrow").ArrowException, UnicodeDecodeError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # Of the file system, not of what is in the file.
        what = next(iter(str(error).splitlines()), "")[:120]
        raise ConversionError("table", f"this is no Parquet file that can be read: {what}") from (
            error
        )


def _json(text: bytes | None) -> dict[str, Any] | None:
    try:
        read = None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        raise _unknown_description() from None
    return read if isinstance(read, dict) else None


def _described(description: Any) -> Mapping[str, Any] | None:
    if description is not None and (
        not isinstance(description, Mapping) or description.get("version") != 1
    ):
        raise _unknown_description()
    return description


def _unknown_description() -> ConversionError:
    return ConversionError("table", "the description of the table is not understood")


def columns_of(
    table: Table, *, register: str | None, last_first: bool | None, as_v1: bool | None
) -> tuple[Columns, tuple[str, ...]]:
    """What a table holds, and the names of the columns that are not known here.

    Args:
        table: What was read.
        register: The name of the register, where no column tells it.
        last_first: Whether bitstrings have bit 0 rightmost; None if nobody said so.
        as_v1: Whether states are those of version 1, which have no width; None for what the table
            tells: bitstrings have one.

    Raises:
        MissingParameter: The order of bitstrings has to be said.
        ConversionError: Rows contradict each other, or a value is not what it should be.
    """
    return _Reader(table, register, last_first, as_v1).read()


class _Reader:
    """One table on its way to columns."""

    def __init__(
        self, table: Table, register: str | None, last_first: bool | None, as_v1: bool | None
    ) -> None:
        self._columns: Final = table.columns
        self._number: Final = table.number
        self._register: Final = register
        self._last_first: Final = last_first
        self._as_v1: Final = as_v1
        self._description: Final = table.description or {}

    def read(self) -> tuple[Columns, tuple[str, ...]]:
        unknown = tuple(name for name in self._columns if name not in _TYPES)
        kinds = [name for name in ("count", "probability") if name in self._columns]
        if len(kinds) == 2:
            raise ConversionError("table", "a table has counts or probabilities, not both")
        if "bitstring" not in self._columns and "integer" not in self._columns:
            raise ConversionError("table", "the table has neither bitstrings nor integers")
        if not kinds:
            return self._shots(), unknown
        if "child" in self._columns:
            children: dict[str, Distribution] = {}
            for child, rows in self._grouped("child").items():
                distributions = self._distributions(rows, kinds[0])
                if len(distributions) > 1:
                    raise ConversionError("table", f"the child {quoted(child)} has two registers")
                children[child] = distributions[0]
            return children, unknown
        return self._distributions(range(self._number), kinds[0]), unknown

    # ------------------------------------------------------------------------------------------

    def _listed(self) -> dict[str, int | None]:
        """Registers, with their widths, that the description lists."""
        try:
            return {
                str(each["name"]): each["width"] for each in self._description.get("registers", ())
            }
        except (KeyError, TypeError):
            raise _unknown_description() from None

    def _grouped(self, name: str, rows: Sequence[int] | None = None) -> dict[str, list[int]]:
        """Rows by a text that each of them has."""
        groups: dict[str, list[int]] = {}
        values = self._columns[name]
        for row in range(self._number) if rows is None else rows:
            if not isinstance(values[row], str):
                raise _bad(row, name, values[row])
            groups.setdefault(values[row], []).append(row)
        return groups

    def _by_register(self, rows: Sequence[int]) -> dict[str, list[int]]:
        listed: dict[str, list[int]] = {name: [] for name in self._listed()}
        if "register" in self._columns:
            if self._register is not None:
                raise ConversionError("register", "the table names its registers itself")
            return listed | self._grouped("register", rows)
        name = self._register or next(iter(listed), SYSTEM_REGISTER)
        return {name: list(rows)}

    def _distributions(self, rows: Sequence[int], name: str) -> tuple[Distribution, ...]:
        made = []
        for register, some in self._by_register(rows).items():
            width, states = self._states(register, some)
            values = [self._value(name, row) for row in some]
            array: Values
            array = np.array(values, np.int64) if name == "count" else np.array(values, np.float64)
            ordered, order = packed.in_order(states)
            if not packed.is_new(ordered).all():
                row = some[int(order[np.flatnonzero(~packed.is_new(ordered))[0]])]
                raise ConversionError("twice", f"row {row:,} has a state that another one has")
            made.append(Distribution(register, width, ordered, array[order]))
        return tuple(made)

    def _value(self, name: str, row: int) -> float:
        value = self._columns[name][row]
        if type(value) is bool or not isinstance(value, (int, float)):
            raise _bad(row, name, value)
        if not math.isfinite(value) or (name == "count" and not _is_count(value)):
            raise _bad(row, name, value)
        return int(value) if name == "count" else value

    def _shots(self) -> Shots:
        registers = {}
        numbers: list[Any] | None = None
        first: list[int] = []
        for register, rows in self._by_register(range(self._number)).items():
            if "shot" in self._columns:
                shots = self._columns["shot"]
                for row in rows:
                    if type(shots[row]) is bool or not isinstance(shots[row], (int, float)):
                        raise _bad(row, "shot", shots[row])
                rows = sorted(rows, key=shots.__getitem__)
                these = [shots[row] for row in rows]
            else:
                these = list(range(len(rows)))
            if len(set(these)) < len(these):
                raise ConversionError("twice", f"a shot has the register {quoted(register)} twice")
            if numbers is not None and these != numbers:
                raise ConversionError("shots", "not every shot has every register")
            numbers, first = these, first or rows
            width, states = self._states(register, rows)
            registers[register] = Measured(width, states)
        return Shots(len(numbers or ()), registers, self._leakage(first))

    def _leakage(self, rows: list[int]) -> Leakage | None:
        if "leakage_bits" not in self._columns:
            if "leaked" in self._columns:
                raise ConversionError("table", "leaked shots are told by their leakage_bits")
            return None
        texts = self._columns["leakage_bits"]
        stated = self._columns.get("leakage_stated")
        widths, integers = [], []
        for row in rows:
            text = texts[row]
            if text is not None and (type(text) is not str or set(text) - {"0", "1"}):
                raise _bad(row, "leakage_bits", text)
            absent = Leakage.NULL if stated is not None and stated[row] else Leakage.ABSENT
            widths.append(absent if text is None else len(text))
            integers.append(int(text[::-1] or "0", 2) if text is not None else 0)
        leakage = Leakage(np.array(widths, np.int64), packed.from_integers(integers))
        leaked = self._columns.get("leaked")
        if leaked is not None and [bool(leaked[row]) for row in rows] != leakage.leaked.tolist():
            raise ConversionError("table", "the columns leaked and leakage_bits disagree")
        return leakage

    # ------------------------------------------------------------------------------------------

    def _states(self, register: str, rows: Sequence[int]) -> tuple[int | None, Words]:
        """States of one register, and its width where it has one."""
        listed = self._listed().get(register)
        texts = [self._columns["bitstring"][row] for row in rows if "bitstring" in self._columns]
        if not any(text is not None for text in texts):
            integers = [self._integer(row) for row in rows]
            return (None if self._as_v1 else listed), packed.from_integers(integers)
        for row, text in zip(rows, texts, strict=True):
            if not isinstance(text, str) or not set(text) <= {"0", "1"}:
                raise _bad(row, "bitstring", text)
            if len(text) != len(texts[0]) or (listed is not None and len(text) != listed):
                bits = counted(len(texts[0]) if listed is None else listed, "bit")
                raise ConversionError("width", f"row {row:,}: {quoted(text)} is no state of {bits}")
            if self._last_first is None and text != text[::-1]:
                raise MissingParameter(
                    "order", f"the state {quoted(text)} is another one if read from the other end"
                )
        if not texts[0]:
            return 0, np.zeros((len(texts), 1), np.uint64)
        states = packed.from_bitstrings(texts, last_first=bool(self._last_first))
        self._compare(rows, states)
        return (None if self._as_v1 else len(texts[0])), states

    def _integer(self, row: int) -> int:
        values = self._columns.get("integer")
        value = None if values is None else values[row]
        # pandas makes floats of integers where one is missing.
        if type(value) is bool or not isinstance(value, (int, float)) or value != value // 1:
            raise _bad(row, "integer", value)
        if value < 0 or (type(value) is float and value >= 1 << 53):
            raise _bad(row, "integer", value)
        return int(value)

    def _compare(self, rows: Sequence[int], states: Words) -> None:
        """Refuse integers that are not those of the bitstrings."""
        values = self._columns.get("integer")
        if values is None:
            return
        for row, state in zip(rows, packed.to_integers(states), strict=True):
            if values[row] is not None and self._integer(row) != state:
                text = quoted(str(self._columns["bitstring"][row]))
                raise ConversionError(
                    "table", f"row {row:,}: the integer {values[row]} is not the bitstring {text}"
                )


def _is_count(value: float) -> bool:
    return value == value // 1 and 0 <= value < 1 << 63


def _bad(row: int, name: str, value: Any) -> ConversionError:
    shown = "null" if value is None else quoted(str(value))
    return ConversionError("table", f"row {row:,}: {shown} in the column {name}")
