"""Artifacts as objects of other libraries, and as tables.

``convert`` makes what a library wants of what there is, so that what has to be said is said as to
``convert``, and what cannot be had is refused alike. Leaked shots are left out, but for tables,
which have a column that tells them.

The methods of ``Artifact`` say what each of these functions does.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from qartifacts.artifact.artifact import Artifact, ConvertParameters, Recorded
from qartifacts.artifact.history import Step
from qartifacts.artifact.outcomes import width_of, written_as
from qartifacts.errors import ConversionError, MissingParameter
from qartifacts.identifiers import HISTOGRAM_V2, PROBABILITIES_V2, SHOTS_V2, VENDOR_FORMATS
from qartifacts.jsontext import quoted
from qartifacts.source import write_whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from braket.task_result import GateModelTaskResult
    from cirq import ResultDict
    from qiskit.primitives import SamplerPubResult
    from qiskit.result import Counts

    from qartifacts.interop import tables
    from qartifacts.payloads.columns import Distribution, Measured, Shots

__all__ = [
    "check_names",
    "to_arrow",
    "to_braket",
    "to_cirq",
    "to_pandas",
    "to_parquet",
    "to_pennylane",
    "to_qiskit",
    "to_qiskit_pub_result",
]

#: What QNodes of PennyLane return.
Returned: TypeAlias = Literal["sample", "counts", "probs"]


def to_qiskit(artifact: Artifact, parameters: ConvertParameters) -> Counts:
    check_names("to_qiskit", parameters, ConvertParameters.__annotations__)
    from qartifacts.interop import qiskit

    artifact, kind = _ready(artifact)
    chosen = _chosen(artifact, parameters) or qiskit.declared(artifact.register_names)
    if kind == "shots":
        return qiskit.counts(_shots(artifact, parameters, chosen))
    _refuse_marginals(chosen)
    made = artifact.convert(HISTOGRAM_V2, **_with(artifact, parameters, chosen))
    return qiskit.counts(made.distribution())


def to_qiskit_pub_result(artifact: Artifact, parameters: ConvertParameters) -> SamplerPubResult:
    check_names("to_qiskit_pub_result", parameters, ConvertParameters.__annotations__)
    from qartifacts.interop import qiskit

    artifact, _ = _ready(artifact)
    chosen = _chosen(artifact, parameters) or qiskit.declared(artifact.register_names)
    return qiskit.pub_result(_shots(artifact, parameters, chosen))


def to_cirq(artifact: Artifact, parameters: ConvertParameters) -> ResultDict:
    check_names("to_cirq", parameters, ConvertParameters.__annotations__)
    from qartifacts.interop import cirq

    artifact, _ = _ready(artifact)
    chosen = _chosen(artifact, parameters) or artifact.register_names
    return cirq.result_dict(_shots(artifact, parameters, chosen))


def to_pennylane(artifact: Artifact, returned: Returned, parameters: ConvertParameters) -> Any:
    check_names("to_pennylane", parameters, ConvertParameters.__annotations__)
    from qartifacts.interop import pennylane

    if returned not in ("sample", "counts", "probs"):
        raise ValueError(f"returned takes sample, counts or probs, not {returned!r}")
    artifact, _ = _ready(artifact)
    chosen = _only(artifact, parameters)
    if returned == "sample":
        (measured,) = _shots(artifact, parameters, chosen).registers.values()
        return pennylane.sample(measured)
    target = HISTOGRAM_V2 if returned == "counts" else PROBABILITIES_V2
    made = artifact.convert(target, **_with(artifact, parameters, chosen))
    return made.counts() if returned == "counts" else pennylane.probs(made.distribution())


def to_braket(
    artifact: Artifact, task_id: str, device_id: str, program: Any, parameters: ConvertParameters
) -> GateModelTaskResult:
    check_names("to_braket", parameters, ConvertParameters.__annotations__)
    from qartifacts.interop import braket

    artifact, kind = _ready(artifact)
    chosen = _only(artifact, parameters)
    parameters = _with(artifact, parameters, chosen)
    given = parameters.pop("shots", None)
    column: Measured | Distribution
    if kind == "shots":
        (column,) = _shots(artifact, parameters, chosen).registers.values()
        shots: int | None = len(column.states)
    elif kind == "histogram":
        column = artifact.convert(HISTOGRAM_V2, **parameters).distribution()
        shots = column.total
    else:
        column = artifact.convert(PROBABILITIES_V2, **parameters).distribution()
        shots = given
    if shots is None:
        raise MissingParameter("shots", "a task of Braket has a number of shots")
    if given not in (None, shots):
        raise ConversionError("shots", f"there are {shots:,} shots, not {given:,}")
    return braket.task_result(
        column, shots=shots, task_id=task_id, device_id=device_id, program=program
    )


def to_pandas(artifact: Artifact, qubits: int | None) -> pd.DataFrame:
    from qartifacts.interop import tables

    return tables.as_pandas(*_table(artifact, qubits))


def to_arrow(artifact: Artifact, qubits: int | None) -> pa.Table:
    from qartifacts.interop import tables

    return tables.as_arrow(*_table(artifact, qubits))


def to_parquet(artifact: Artifact, path: str | os.PathLike[str], qubits: int | None) -> None:
    from qartifacts.interop import tables

    if os.fsdecode(path).endswith(".gz"):
        raise ValueError("a Parquet file is packed already; leave out .gz")
    write_whole(path, tables.as_parquet(to_arrow(artifact, qubits)))


def check_names(method: str, given: Iterable[str], names: Iterable[str]) -> None:
    """Refuse parameters of a method that it does not have, in its own name.

    Raises:
        TypeError: There is such a parameter.
    """
    known = sorted(names)
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            meant = f"; did you mean {close[0]}?" if close else f"; it takes {', '.join(known)}"
            raise TypeError(f"{method}() takes no parameter {name!r}{meant}")


def _ready(artifact: Artifact) -> tuple[Artifact, str]:
    """The artifact, in a format of IonQ's, and what it holds.

    That is ``shots``, a ``histogram``, ``probabilities`` or an ``aggregate``.

    Raises:
        ConversionError: It holds no results, or several of Azure's.
    """
    from qartifacts.conversion import KINDS

    if artifact.format in VENDOR_FORMATS:
        made = artifact.convert(written_as(artifact.format, artifact.columns))
        known = artifact.shots if KINDS[made.format] == "probabilities" else None
        artifact = made if known is None else made.with_recorded(Recorded(shots=known))
    if artifact.format not in KINDS:
        raise ConversionError("unsupported", f"{artifact.format} holds no results")
    return artifact, KINDS[artifact.format]


def _chosen(artifact: Artifact, parameters: ConvertParameters) -> tuple[str, ...]:
    """The registers that are asked for, if any are."""
    register = parameters.get("register")
    if register is None:
        return ()
    chosen = (register,) if isinstance(register, str) else tuple(register)
    for name in chosen:
        artifact._one(name)
    return chosen


def _only(artifact: Artifact, parameters: ConvertParameters) -> tuple[str, ...]:
    """The one register of what can hold only one."""
    chosen = _chosen(artifact, parameters)
    if len(chosen) > 1:
        raise ValueError(f"one register can be taken, not {', '.join(map(quoted, chosen))}")
    return chosen or (artifact._one(None),)


def _refuse_marginals(registers: Sequence[str]) -> None:
    if len(registers) > 1:
        raise ConversionError(
            "marginals",
            "which outcomes of several registers came together: only shots record that; choose "
            f"one register: {', '.join(map(quoted, registers))}",
        )


def _with(
    artifact: Artifact, parameters: ConvertParameters, registers: Sequence[str]
) -> ConvertParameters:
    """Parameters with the registers to take, and the width where the artifact knows it."""
    qubits = parameters.get("qubits")
    if qubits is None and len(registers) == 1:
        qubits = artifact.width(registers[0]) or None
    # Of what has no register at all, convert says why.
    return {**parameters, "register": tuple(registers) or None, "qubits": qubits}


def _shots(artifact: Artifact, parameters: ConvertParameters, registers: Sequence[str]) -> Shots:
    """Shots of some registers, whose widths are known."""
    from qartifacts.conversion import KINDS

    if KINDS[artifact.format] != "shots":
        _refuse_marginals(registers)
    made = artifact.convert(SHOTS_V2, **_with(artifact, parameters, registers))
    return cast("Shots", made.columns)


def _table(artifact: Artifact, qubits: int | None) -> tuple[tables.Rows, dict[str, Any]]:
    """Rows, and what has to be known beside them to have the same artifact again."""
    from qartifacts import __version__
    from qartifacts.interop import tables
    from qartifacts.payloads.columns import Shots

    artifact, _ = _ready(artifact)
    columns = artifact.columns
    widths: dict[str, int | None]
    if isinstance(columns, Shots):
        registers = columns.registers.items()
        widths = {name: _told(artifact, name, each, qubits) for name, each in registers}
        total: int | None = columns.number
    elif isinstance(columns, Mapping):
        widths = {}
        for each in columns.values():
            widths[each.register] = _told(artifact, each.register, each, qubits)
        total = None
    else:
        widths = {each.register: _told(artifact, each.register, each, qubits) for each in columns}
        total = columns[0].total if columns and columns[0].counted else None
    history = artifact.history
    members = artifact._left_out()
    if members:
        history = (*history, Step("tabulate", artifact.format, artifact.format, {}, members))
    description = {
        "version": 1,
        "tool": f"qartifacts {__version__}",
        "format": str(artifact.format),
        # Of the bitstrings in the table; then how the payload is written.
        "bitstrings": "wire",
        "bit_order": artifact.bit_order,
        "shots": total,
        "leaked": artifact.leaked,
        "registers": [{"name": name, "width": width} for name, width in widths.items()],
        "steps": [step.to_dict() for step in history],
    }
    return tables.rows_of(columns, widths), description


def _told(artifact: Artifact, register: str, column: Any, qubits: int | None) -> int | None:
    """The width of a register, as far as it is known or given."""
    if qubits is None or not len(column.states):
        return artifact.width(register) if column.width is None else int(column.width)
    return width_of(column, qubits)
