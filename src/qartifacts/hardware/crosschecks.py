"""A result against the device that it is said to be of: what cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from qartifacts.artifact import Artifact
from qartifacts.config import DEFAULTS, Settings
from qartifacts.findings import Report, counted
from qartifacts.hardware.limits import Limits
from qartifacts.identifiers import (
    AGGREGATE_V1,
    AZURE_V1,
    AZURE_V2,
    BRAKET_V1,
    DEVICE_FORMATS,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    JOB_FORMATS,
    NATIVE_V1,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.jsontext import Path, quoted
from qartifacts.payloads import SYSTEM_REGISTER
from qartifacts.registry import Registry
from qartifacts.source import Source, SourceLike, open_source
from qartifacts.validate import Examined, Violation, examine, with_violations

if TYPE_CHECKING:
    from qartifacts.payloads.columns import Distribution, Shots

__all__ = ["check_source", "crosschecked", "violations"]

#: A gate that does nothing, whether or not a device lists it.
_NOTHING: Final = "nop"

#: Where the system's own register stands in version 2.
_SYSTEM: Final[Mapping[FormatId, Path]] = {
    PROBABILITIES_V2: ("probabilities", "registers", SYSTEM_REGISTER),
    HISTOGRAM_V2: ("histogram", "registers", SYSTEM_REGISTER),
    SHOTS_V2: ("shots", 0, "registers", SYSTEM_REGISTER),
    # Microsoft's registers are the program's own.
    BRAKET_V1: (),
}
#: Where the shots stand that are counted.
_SHOTS: Final[Mapping[FormatId, Path]] = {
    HISTOGRAM_V1: (),
    HISTOGRAM_V2: ("histogram", "registers"),
    SHOTS_V1: (),
    SHOTS_V2: ("shots",),
    AZURE_V2: ("Results", 0, "Histogram"),
    BRAKET_V1: ("taskMetadata", "shots"),
}


def check_source(
    source: SourceLike | Artifact,
    limits: Limits,
    *,
    format: str | None,
    registry: Registry | None,
    settings: Settings | None,
) -> Report:
    """Check a source, or take an artifact as checked, and hold it against a device."""
    settings = DEFAULTS if settings is None else settings
    if isinstance(source, Artifact):
        return with_violations(source.report, violations(source, limits), None, settings)
    opened = open_source(source, settings)
    examined = examine(opened, format=format, registry=registry, settings=settings)
    return crosschecked(examined, opened, limits, settings)


def crosschecked(examined: Examined, source: Source, limits: Limits, settings: Settings) -> Report:
    """The report on a source, and what in it the device does not allow, if it is good."""
    report = examined.report
    if not report.ok or report.format is None or report.format in (*DEVICE_FORMATS, *JOB_FORMATS):
        return report
    artifact = Artifact.of_examined(examined, registry=None, settings=settings)
    return with_violations(report, violations(artifact, limits), source.data, settings)


def violations(artifact: Artifact, limits: Limits) -> Iterator[Violation]:
    """What a device does not allow in an artifact."""
    if artifact.format == NATIVE_V1:
        yield from _circuit(artifact, limits)
        return
    if limits.qubits is not None:
        yield from _width(artifact, limits.qubits, limits)
    shots = artifact.shots if artifact.format in _SHOTS and limits.max_shots is not None else None
    if shots is not None and limits.max_shots is not None and shots > limits.max_shots:
        message = f"there are {counted(shots, 'shot')}, the device takes {limits.max_shots:,}"
        message += _origin(limits, "max_shots")
        yield Violation("QA353", message, _SHOTS[artifact.format])


def _origin(limits: Limits, fact: str) -> str:
    return f" ({limits.origins[fact]})" if fact in limits.origins else ""


# ----------------------------------------------------------------------------------------------
# Widths


def _width(artifact: Artifact, qubits: int, limits: Limits) -> Iterator[Violation]:
    device = f"the device {counted(qubits, 'qubit')}{_origin(limits, 'qubits')}"
    place = _SYSTEM.get(artifact.format)
    if place is not None:
        # Registers of the program's own are classical, and may be of any width.
        named = SYSTEM_REGISTER in artifact.register_names
        width = artifact.width(SYSTEM_REGISTER) if named else None
        if width is not None and width > qubits:
            message = f"{SYSTEM_REGISTER} has {counted(width, 'bit')}, {device}"
            yield Violation("QA350", message, place)
        return
    for path, bits in _LARGEST.get(artifact.format, _none)(artifact, qubits):
        message = f"this state needs {counted(bits, 'bit')}, {device}"
        yield Violation("QA350", message, path, at_key=artifact.format != SHOTS_V1)


def _of_map(artifact: Artifact, qubits: int) -> Iterator[tuple[Path, int]]:
    if artifact.in_columns and _bits_of(artifact.distribution()) <= qubits:
        return
    yield from _largest_key((), artifact.payload, qubits)


def _of_children(artifact: Artifact, qubits: int) -> Iterator[tuple[Path, int]]:
    if artifact.in_columns:
        children = cast("Mapping[str, Distribution]", artifact.columns)
        if all(_bits_of(each) <= qubits for each in children.values()):
            return
    for child, outcomes in artifact.payload.items():
        yield from _largest_key((child,), outcomes, qubits)


def _of_shots(artifact: Artifact, qubits: int) -> Iterator[tuple[Path, int]]:
    if artifact.in_columns:
        from qartifacts.payloads.states import bit_length

        columns = cast("Shots", artifact.columns)
        if all(bit_length(each.states) <= qubits for each in columns.registers.values()):
            return
    shots = list(map(str, artifact.payload))  # An erratum lets integers pass.
    if shots:
        at = max(range(len(shots)), key=lambda index: _magnitude(shots[index]))
        bits = int(shots[at]).bit_length()
        if bits > qubits:
            yield (at,), bits


def _none(artifact: Artifact, qubits: int) -> Iterable[tuple[Path, int]]:
    return ()


#: What gives the largest state of a payload of version 1, and its bits, if they are too many.
_LARGEST: Final[Mapping[FormatId, Callable[[Artifact, int], Iterable[tuple[Path, int]]]]] = {
    PROBABILITIES_V1: _of_map,
    HISTOGRAM_V1: _of_map,
    AZURE_V1: lambda artifact, qubits: _largest_key(
        ("histogram",), artifact.payload["histogram"], qubits
    ),
    AGGREGATE_V1: _of_children,
    SHOTS_V1: _of_shots,
}


def _bits_of(distribution: Distribution) -> int:
    from qartifacts.payloads.states import bit_length

    return bit_length(distribution.states)


def _largest_key(
    path: Path, outcomes: Mapping[str, Any], qubits: int
) -> Iterator[tuple[Path, int]]:
    largest = max(outcomes, key=_magnitude, default="0")
    bits = int(largest).bit_length()
    if bits > qubits:
        yield (*path, largest), bits


def _magnitude(state: str) -> tuple[int, str]:
    """What orders decimal states as integers, without the cost of converting long ones."""
    return len(state), state


# ----------------------------------------------------------------------------------------------
# Circuits


def _circuit(artifact: Artifact, limits: Limits) -> Iterator[Violation]:
    width = artifact.width()
    qubits = limits.qubits
    if qubits is not None and width is not None and width > qubits:
        message = f"the circuit has {counted(width, 'qubit')}, the device {qubits:,}"
        yield Violation("QA350", message + _origin(limits, "qubits"), ("qubits",))
    if limits.gates is None and limits.pairs is None:
        return
    names = [quoted(gate, 30) for gate in sorted(limits.gates or ())[:_MOST_NAMED]]
    native = ", ".join(names) or "none"
    for index, gate in enumerate(artifact.payload["circuit"]):
        name = gate["gate"]
        if name == _NOTHING:
            continue
        if limits.gates is not None and name not in limits.gates:
            message = f"the device does not support {quoted(name)}; its gates are {native}"
            message += _origin(limits, "native_gates")
            yield Violation("QA351", message, ("circuit", index, "gate"))
        on = _qubits_of(gate) if limits.pairs is not None else ()
        if limits.pairs is not None and len(on) == 2:
            one, other = sorted(on)
            # Of qubits that the device does not have, QA350 has been told.
            if (one, other) not in limits.pairs and (qubits is None or other < qubits):
                message = f"the device does not connect the qubits {one:,} and {other:,}"
                message += _origin(limits, "connectivity")
                place = ("targets",) if "targets" in gate else ()
                yield Violation("QA352", message, ("circuit", index, *place))


def _qubits_of(gate: Mapping[str, Any]) -> frozenset[int]:
    """On which a gate acts."""
    target = (gate["target"],) if "target" in gate else ()
    return frozenset(map(int, (*target, *gate.get("targets", ()), *gate.get("controls", ()))))


#: Gates that are named in a message.
_MOST_NAMED: Final = 12
