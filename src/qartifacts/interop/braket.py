"""Amazon Braket: ``GateModelTaskResult``, the payload that its service stores for a task.

Column j of its measurements, and character j of a bitstring, is the qubit ``measuredQubits[j]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qartifacts.errors import ConversionError, MissingParameter
from qartifacts.findings import counted
from qartifacts.interop import Taken, library
from qartifacts.jsontext import quoted
from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Distribution, Measured

if TYPE_CHECKING:
    from braket.task_result import GateModelTaskResult

__all__ = ["taken", "task_result"]


def task_result(
    column: Measured | Distribution, *, shots: int, task_id: str, device_id: str, program: Any
) -> GateModelTaskResult:
    """Measurements of shots; probabilities of anything else.

    Args:
        column: One register of a known width. Of counts, the shares are written.
        shots: How many shots there were.
        task_id: Id, or ARN, of the task.
        device_id: Id, or ARN, of the device.
        program: OpenQASM text, or an action of Braket's; None leaves it out.

    Raises:
        MissingExtra: Braket's schemas are not installed.
        ValueError: Braket does not accept an id, or the program.
    """
    results = library("braket.task_result", "braket")
    if isinstance(program, str):
        program = library("braket.ir.openqasm", "braket").Program(source=program)
    width = column.width or 0
    held: dict[str, Any]
    if isinstance(column, Measured):
        held = {"measurements": packed.unpack(column.states, width).tolist()}
    else:
        texts = packed.to_bitstrings(column.states, width)
        shares = (column.shares() if column.counted else column.values).tolist()
        held = {"measurementProbabilities": dict(sorted(zip(texts, shares, strict=True)))}
    return results.GateModelTaskResult(
        **held,
        measuredQubits=list(range(width)),
        taskMetadata=results.TaskMetadata(id=task_id, shots=shots, deviceId=device_id),
        additionalMetadata=results.AdditionalMetadata(action=program),
    )


def taken(result: Any, measured_qubits: Sequence[int] | None, *, named: bool) -> Taken:
    """What was measured, with qubits in ascending order.

    Args:
        result: A ``GateModelTaskResult``, the same as parsed JSON, or a result of Braket's SDK.
        measured_qubits: The qubits of the columns, where the result does not tell them.
        named: Whether the caller names a register. That is needed where the qubits are not 0 to
            n - 1, since then the bits are not those of the whole register of qubits.

    Raises:
        TypeError: It is something else.
        ConversionError: It contradicts itself.
        MissingParameter: The qubits, or a name, have to be said.
    """
    measurements = _of(result, "measurements")
    probabilities = _of(result, "measurementProbabilities", "measurement_probabilities")
    if getattr(result, "measurements_copied_from_device", True) is False:
        measurements = None  # The SDK has rounded them from probabilities.
    if measurements is None and not isinstance(probabilities, Mapping):
        raise TypeError(
            "measurements or measurementProbabilities of Amazon Braket are needed; there are none "
            f"in {type(result).__name__}"
        )
    metadata = _of(result, "taskMetadata", "task_metadata")
    shots = _of(metadata, "shots")
    order = _order(_of(result, "measuredQubits", "measured_qubits"), measured_qubits)
    positions = sorted(range(len(order)), key=order.__getitem__)
    lost: tuple[str, ...] = ()
    qubits = sorted(order)
    if qubits != list(range(len(order))):
        where = ", ".join(map(str, qubits))
        if not named:
            raise MissingParameter(
                "register", f"only the qubits {where} were measured; name a register of these bits"
            )
        lost = (f"that bits 0 to {len(order) - 1} are the qubits {where}",)
    if measurements is not None:
        return Taken(
            kind="shots",
            widths=(len(order),),
            bits=_matrix(measurements, len(order))[:, positions],
            lost=lost,
        )
    outcomes = {}
    for text, probability in probabilities.items():
        if not isinstance(text, str) or len(text) != len(order) or set(text) - {"0", "1"}:
            raise ConversionError(
                "width", f"the key {quoted(str(text))} is no bitstring of {len(order)} bits"
            )
        outcomes["".join(text[position] for position in positions)] = probability
    return Taken(
        kind="probabilities",
        widths=(len(order),),
        outcomes=outcomes,
        shots=shots if isinstance(shots, int) and shots > 0 else None,
        lost=lost,
    )


def _of(result: Any, *names: str) -> Any:
    """A member of parsed JSON, or an attribute under one of its names; None if it is not there."""
    if isinstance(result, Mapping):
        return result.get(names[0])
    return next((getattr(result, name) for name in names if hasattr(result, name)), None)


def _order(stated: Any, given: Sequence[int] | None) -> list[int]:
    if stated is None and given is None:
        raise MissingParameter("measured_qubits", "the result does not tell which qubits it is of")
    told: Any = given if stated is None else stated
    if not hasattr(told, "__iter__"):
        raise ConversionError("measured-qubits", f"{told!r} is no list of qubits")
    order = list(told)
    if given is not None and order != list(given):
        raise ConversionError(
            "measured-qubits", f"the result is of the qubits {order}, not {list(given)}"
        )
    whole = all(hasattr(each, "__index__") and type(each) is not bool for each in order)
    if not order or not whole or min(order) < 0 or len(set(order)) < len(order):
        raise ConversionError("measured-qubits", f"{order} are no different qubits")
    return [int(each) for each in order]


def _matrix(measurements: Any, width: int) -> Any:
    import numpy as np

    try:
        matrix = np.asarray(measurements)
    except ValueError:
        raise ConversionError("width", "the shots differ in their number of bits") from None
    if not matrix.size:
        raise ConversionError("no-shots", "there are no shots to take")
    if matrix.ndim != 2 or matrix.shape[1] != width:
        raise ConversionError(
            "width",
            f"measurements of {counted(width, 'qubit')} are needed, not of shape {matrix.shape}",
        )
    return matrix
