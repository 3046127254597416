"""Artifacts made of objects of other libraries, and of tables.

What an object says is written down as it is, in the format that holds it, and then converted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, Unpack, cast

from qartifacts.artifact.artifact import Artifact, ConvertParameters
from qartifacts.artifact.handing import check_names
from qartifacts.artifact.history import Step
from qartifacts.artifact.making import from_counts, from_probabilities, from_shots
from qartifacts.config import DEFAULTS, Settings
from qartifacts.errors import ConversionError, MissingParameter
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
from qartifacts.jsontext import quoted
from qartifacts.payloads import SYSTEM_REGISTER
from qartifacts.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from qartifacts.conversion import Change, Kind, Method, ShotOrder
    from qartifacts.interop import Taken, tables
    from qartifacts.payloads.columns import Columns

__all__ = [
    "MakeParameters",
    "from_arrow",
    "from_braket",
    "from_cirq",
    "from_pandas",
    "from_parquet",
    "from_pennylane",
    "from_qiskit",
]

#: Orders of bitstrings in tables that others made.
_ORDERS: Final = ("wire", "cirq", "qiskit")


class MakeParameters(TypedDict, total=False):
    """What may have to be said to make a format; ``Artifact.convert`` says what they mean."""

    shots: int | None
    method: Method | None
    seed: int | None
    qubits: int | None
    shot_order: ShotOrder | None


def from_qiskit(
    result: Any,
    *,
    format: str,
    register: str | Sequence[str] | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    **parameters: Unpack[MakeParameters],
) -> Artifact:
    """An artifact of a result of Qiskit.

    Args:
        result: ``Counts``, or a mapping with keys like theirs; a distribution, as a mapping of
            floats; a memory, as a list of bitstrings; a ``BitArray``; or the result of one pub of a
            sampler, as ``job.result()[0]``, or its ``data``.
        format: The format to make.
        register: Names of the registers, the first declared (which is rightmost) first, where the
            result has none; else the registers to take. One without a name is ``output_all``.
        registry: As for ``check``.
        settings: As for ``check``.
        **parameters: As for ``Artifact.convert``. ``qubits`` is needed for version 2 of integer and
            hexadecimal keys, and ``shot_order`` for shots of counts.

    Raises:
        TypeError: It is something else.
        MissingParameter: Something has to be said.
        ConversionError: It holds several results, or keys that are no states.
        InvalidArtifact: It breaks a rule, such as that of sums.
    """
    from qartifacts.interop import qiskit

    taken = qiskit.taken(result)
    return _made("from_qiskit", taken, format, register, parameters, registry, settings)


def from_cirq(
    result: Any,
    *,
    format: str,
    register: str | Sequence[str] | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    **parameters: Unpack[MakeParameters],
) -> Artifact:
    """An artifact of a result of Cirq: its measurement keys are the registers.

    Args:
        result: A ``cirq.Result``.
        format: The format to make.
        register: The measurement keys to take; all of them, if the format holds several.
        registry: As for ``check``.
        settings: As for ``check``.
        **parameters: As for ``Artifact.convert``.

    Raises:
        TypeError, ValueError: It is something else, or was not measured in bits.
        MissingParameter: Version 1 holds one register, and there are several.
        ConversionError: A key was measured several times in a shot, or nothing was measured.
    """
    from qartifacts.interop import cirq

    taken = cirq.taken(result)
    return _made("from_cirq", taken, format, register, parameters, registry, settings)


def from_pennylane(
    result: Any,
    *,
    format: str,
    register: str | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    **parameters: Unpack[MakeParameters],
) -> Artifact:
    """An artifact of what a QNode returned.

    Args:
        result: Of ``qml.sample()``, a matrix of shape ``(shots, wires)``; of ``qml.counts()``, by
            bitstring; or of ``qml.probs()``, an array of ``2**n`` probabilities. The first wire
            that was measured becomes bit 0.
        format: The format to make.
        register: Name of the register; ``output_all`` by default.
        registry: As for ``check``.
        settings: As for ``check``.
        **parameters: As for ``Artifact.convert``.

    Raises:
        MissingParameter: Something has to be said.
        ConversionError: It is of another measurement, or several in one.
        InvalidArtifact: It breaks a rule, such as that of sums.
    """
    from qartifacts.interop import pennylane

    taken = pennylane.taken(result)
    return _made("from_pennylane", taken, format, register, parameters, registry, settings)


def from_braket(
    result: Any,
    *,
    format: str,
    register: str | None = None,
    measured_qubits: Sequence[int] | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    **parameters: Unpack[MakeParameters],
) -> Artifact:
    """An artifact of a result of Amazon Braket.

    Column j of its measurements is the qubit ``measuredQubits[j]``, whatever their order; bits of
    the artifact have their qubits in ascending order.

    Args:
        result: A ``GateModelTaskResult`` of Braket's schemas, the same as parsed JSON, or a
            ``GateModelQuantumTaskResult`` of its SDK. Measurements go before probabilities.
        format: The format to make.
        register: Name of the register; ``output_all`` by default. It has to be given where the
            qubits are not 0 to n - 1.
        measured_qubits: The qubits of the columns, where the result does not tell them.
        registry: As for ``check``.
        settings: As for ``check``.
        **parameters: As for ``Artifact.convert``. ``shots``, to make counts of probabilities, are
            those of the task by default.

    Raises:
        TypeError: It is something else.
        MissingParameter: Something has to be said.
        ConversionError: It contradicts itself.
        InvalidArtifact: It breaks a rule, such as that of sums.
    """
    from qartifacts.interop import braket

    taken = braket.taken(result, measured_qubits, named=register is not None)
    return _made("from_braket", taken, format, register, parameters, registry, settings)


def from_pandas(
    frame: pd.DataFrame,
    *,
    format: str | None = None,
    register: str | None = None,
    order: Literal["wire", "qiskit", "cirq"] | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    **parameters: Unpack[MakeParameters],
) -> Artifact:
    """An artifact of a frame, such as ``Artifact.to_pandas`` makes.

    Args:
        frame: Columns are those of docs/pandas.md. Its ``attrs`` say what format it was, how wide
            its registers are, and what was done before.
        format: The format to make; needed for a frame without that description.
        register: Name of the register, where no column has it; ``output_all`` by default.
        order: Which end of a bitstring is bit 0, in a frame without that description, as for
            ``from_counts``.
        registry: As for ``check``.
        settings: As for ``check``.
        **parameters: As for ``Artifact.convert``.

    Raises:
        TypeError: It is no frame.
        MissingParameter: Something has to be said.
        ConversionError: Rows are missing, contradict each other, or hold what they should not.
        InvalidArtifact: It breaks a rule, such as that of sums.
    """
    from qartifacts.interop import tables

    table = tables.of_pandas(frame)
    return _read("from_pandas", table, format, register, order, parameters, registry, settings)


def from_arrow(
    table: pa.Table,
    *,
    format: str | None = None,
    register: str | None = None,
    order: Literal["wire", "qiskit", "cirq"] | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    **parameters: Unpack[MakeParameters],
) -> Artifact:
    """An artifact of a table of Arrow, such as ``Artifact.to_arrow`` makes.

    The arguments are those of ``from_pandas``; the description is in the metadata of the schema.

    Raises:
        MissingExtra: PyArrow is not installed.
        TypeError, MissingParameter, ConversionError, InvalidArtifact: As for ``from_pandas``.
    """
    from qartifacts.interop import tables

    read = tables.of_arrow(table)
    return _read("from_arrow", read, format, register, order, parameters, registry, settings)


def from_parquet(
    source: str | os.PathLike[str],
    *,
    format: str | None = None,
    register: str | None = None,
    order: Literal["wire", "qiskit", "cirq"] | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    **parameters: Unpack[MakeParameters],
) -> Artifact:
    """An artifact of a Parquet file, such as ``Artifact.to_parquet`` writes.

    ``source`` is a path; the other arguments are those of ``from_pandas``.

    Raises:
        MissingExtra: PyArrow is not installed.
        OSError: The file cannot be opened.
        MissingParameter, ConversionError, InvalidArtifact: As for ``from_pandas``.
    """
    from qartifacts.interop import tables

    limit = (DEFAULTS if settings is None else settings).max_values
    read = tables.of_parquet(os.fspath(source), limit)
    return _read("from_parquet", read, format, register, order, parameters, registry, settings)


# ----------------------------------------------------------------------------------------------


def _made(
    operation: str,
    taken: Taken,
    format: str,
    register: str | Sequence[str] | None,
    parameters: MakeParameters,
    registry: Registry | None,
    settings: Settings | None,
) -> Artifact:
    """Write down as it is what was taken, then convert it."""
    check_names(operation, parameters, MakeParameters.__annotations__)
    from qartifacts.conversion import KINDS, Kind

    given = () if register is None else (register,) if isinstance(register, str) else (*register,)
    whose: dict[str, Any] = {"registry": registry, "settings": settings}
    make = from_counts if taken.kind == "histogram" else from_probabilities
    if taken.widths is None:
        # Integers, of which version 1 needs no width.
        target = (Registry.bundled() if registry is None else registry)[format].format
        base = _of_kind(taken.kind, "v1" if parameters.get("qubits") is None else "v2")
        if base.version == "v1" and target.version == "v2":
            raise MissingParameter("qubits", "integers do not tell the width of the register")
        name = _names(given, 1)[0]
        made = make(
            cast("Mapping[int, int]", taken.outcomes),
            format=base,
            order="qiskit",
            qubits=parameters.get("qubits"),
            register=name if base.version == "v2" else SYSTEM_REGISTER,
            **whose,
        )
        # The width is known now.
        rest = cast("MakeParameters", {**parameters, "qubits": None})
        return _finished(operation, made, format, (), rest, ())
    names = taken.names or _names(given, len(taken.widths))
    if len(set(names)) < len(names) or len(names) != len(taken.widths):
        raise ValueError(f"{len(taken.widths)} different names are needed, not {names}")
    wanted = given if taken.names else ()
    changes: list[Change] = [_lost(Kind.MEMBERS, each) for each in taken.lost]
    spans = _spans(names, taken.widths)
    if taken.kind == "shots":
        bits = cast("npt.NDArray[np.uint8]", taken.bits)
        parts = {name: bits[:, span.start : span.stop] for name, span in spans.items()}
        made = from_shots(parts, format=SHOTS_V2, order="wire", **whose)
    else:
        outcomes = cast("Mapping[str, Any]", taken.outcomes)
        made = make(
            {"+".join(names): outcomes}, format=_of_kind(taken.kind, "v2"), order="wire", **whose
        )
        if len(names) > 1:
            if KINDS.get(cast("FormatId", format)) == "shots":
                made = made.convert(SHOTS_V2, **cast("ConvertParameters", parameters))
                parameters = {}
            else:
                changes.append(
                    _lost(
                        Kind.CORRELATIONS, f"which outcomes of {len(names)} registers came together"
                    )
                )
            made = _apart(made, spans)
    if taken.shots is not None and KINDS.get(cast("FormatId", format)) in ("histogram", "shots"):
        parameters = {"shots": taken.shots, **parameters}
    return _finished(operation, made, format, wanted, parameters, tuple(changes))


def _of_kind(kind: str, version: str) -> FormatId:
    formats = {
        "shots": (SHOTS_V1, SHOTS_V2),
        "histogram": (HISTOGRAM_V1, HISTOGRAM_V2),
        "probabilities": (PROBABILITIES_V1, PROBABILITIES_V2),
    }
    return formats[kind][version == "v2"]


def _names(given: Sequence[str], number: int) -> tuple[str, ...]:
    """Names of registers that have none themselves."""
    if not given and number == 1:
        return (SYSTEM_REGISTER,)
    if not given:
        raise MissingParameter(
            "register", f"there are {number} registers without names; the first declared is first"
        )
    if len(given) != number:
        raise ValueError(f"{number} names of registers are needed, not {len(given)}")
    return tuple(given)


def _spans(names: Sequence[str], widths: Sequence[int]) -> dict[str, range]:
    """Positions of the bits of each register where all stand side by side."""
    spans, start = {}, 0
    for name, width in zip(names, widths, strict=True):
        spans[name] = range(start, start + width)
        start += width
    return spans


def _apart(joined: Artifact, spans: Mapping[str, range]) -> Artifact:
    """Several registers of what was made as one."""
    from qartifacts.payloads import states as packed
    from qartifacts.payloads.columns import Measured, Shots

    columns = joined.columns
    made: Columns
    if isinstance(columns, Shots):
        (whole,) = columns.registers.values()
        made = Shots(
            columns.number,
            {
                name: Measured(len(span), packed.pick_bits(whole.states, span))
                for name, span in spans.items()
            },
        )
    else:
        distribution = joined.distribution()
        made = tuple(
            replace(distribution.pick_bits(span), register=name) for name, span in spans.items()
        )
    return _again(joined, joined.history, made)


def _lost(kind: Kind, message: str) -> Change:
    from qartifacts.conversion import Change, Effect

    return Change(Effect.LOST, kind, message)


def _finished(
    operation: str,
    made: Artifact,
    format: str,
    registers: Sequence[str],
    parameters: MakeParameters,
    changes: tuple[Change, ...],
) -> Artifact:
    """The artifact in the format that is asked for, with how it came about."""
    before = tuple(change for step in made.history for change in step.changes)
    step = Step(operation, None, made.format, {}, (*changes, *before))
    made = _again(made, (step,))
    given = {name: value for name, value in parameters.items() if value is not None}
    if format != made.format or registers or given:
        chosen: Any = given | ({"register": tuple(registers)} if registers else {})
        made = made.convert(format, **chosen)
    made._checked()
    return made


def _again(made: Artifact, history: tuple[Step, ...], columns: Columns | None = None) -> Artifact:
    """The same artifact with another history, and perhaps other columns."""
    return Artifact(
        made.format,
        columns=made.columns if columns is None else columns,
        registry=made._registry,
        settings=made._settings,
        bit_order=made.bit_order,
        history=history,
    )


def _read(
    operation: str,
    table: tables.Table,
    format: str | None,
    register: str | None,
    order: str | None,
    parameters: MakeParameters,
    registry: Registry | None,
    settings: Settings | None,
) -> Artifact:
    from qartifacts.conversion import KINDS, Kind
    from qartifacts.interop import tables

    known = (Registry.bundled() if registry is None else registry) if format else None
    target = None if known is None or format is None else known[format].format
    if order not in (None, *_ORDERS):
        raise ValueError(f"order takes wire, qiskit or cirq, not {order!r}")
    description = table.description
    history: tuple[Step, ...] = ()
    bit_order: Any = "wire"
    if description is None:
        if target is None:
            raise MissingParameter("format", "the table does not tell which format it was")
        last_first, as_v1 = (None if order is None else order == "qiskit"), None
        columns, unknown = tables.columns_of(
            table, register=register, last_first=last_first, as_v1=as_v1
        )
        source = _format_of(columns)
    else:
        if order == "qiskit":
            raise ValueError("the table says itself that its bitstrings are in wire order")
        source, bit_order, history = _described(description, KINDS)
        columns, unknown = tables.columns_of(
            table, register=register, last_first=False, as_v1=source.version == "v1"
        )
        if columns != () and _format_of(columns).name != source.name:
            raise ConversionError("table", f"the columns are not those of {source}")
        _count(columns, description)
    changes = (_lost(Kind.MEMBERS, f"the columns {', '.join(map(quoted, unknown))}"),)
    step = Step(operation, None, source, {}, changes if unknown else ())
    made = Artifact(
        source,
        columns=columns,
        registry=registry,
        settings=DEFAULTS if settings is None else settings,
        bit_order=bit_order,
        history=(*history, step),
    )
    given: Any = {name: value for name, value in parameters.items() if value is not None}
    # Registers that version 1 does not have, convert drops or refuses.
    strange = source.version == "v1" and made.register_names not in ((), (SYSTEM_REGISTER,))
    if target not in (None, source) or given or strange:
        made = made.convert(target or source, **given)
    made._checked()
    return made


def _format_of(columns: Columns) -> FormatId:
    """The format that holds columns of a table as they are."""
    from qartifacts.payloads.columns import Shots

    if isinstance(columns, Shots):
        wide = all(each.width is not None for each in columns.registers.values())
        return SHOTS_V2 if wide else SHOTS_V1
    if isinstance(columns, Mapping):
        return AGGREGATE_V1
    wide = all(each.width is not None for each in columns)
    kind = "histogram" if columns and columns[0].counted else "probabilities"
    return _of_kind(kind, "v2" if wide else "v1")


def _described(
    description: Mapping[str, Any], kinds: Mapping[FormatId, str]
) -> tuple[FormatId, Any, tuple[Step, ...]]:
    """The format, the bit order and the history that a table tells."""
    from qartifacts.conversion import Change, Effect, Kind

    try:
        source, bit_order = FormatId(description["format"]), description["bit_order"]
        steps = tuple(
            Step(
                str(step["operation"]),
                None if step["from"] is None else FormatId(step["from"]),
                FormatId(step["to"]),
                dict(step["parameters"]),
                tuple(
                    Change(
                        Effect(each["effect"]), Kind(each["kind"]), each["message"], each["number"]
                    )
                    for each in step["changes"]
                ),
            )
            for step in description["steps"]
        )
    except (KeyError, TypeError, ValueError):
        raise _not_understood() from None
    if source not in kinds or bit_order not in ("wire", "reversed"):
        raise _not_understood()
    return source, bit_order, steps


def _not_understood() -> ConversionError:
    return ConversionError("table", "the description of the table is not understood")


def _count(columns: Columns, description: Mapping[str, Any]) -> None:
    """Refuse a table of which rows are gone."""
    from qartifacts.payloads.columns import Shots

    if isinstance(columns, Shots):
        total: int | None = columns.number
    elif isinstance(columns, Mapping):
        return
    else:
        total = columns[0].total if columns and columns[0].counted else None
    if total != description.get("shots"):
        raise ConversionError(
            "shots",
            f"the table has {total} shots, and says that it had {description.get('shots')}; if "
            "that is meant, clear its description and name the format",
        )
