"""What is known of a device, whoever made it and whichever document says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, overload

from qartifacts.errors import DeviceConflict
from qartifacts.findings import counted
from qartifacts.hardware.limits import Limits, Origin
from qartifacts.jsontext import quoted
from qartifacts.source import display_name

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from qartifacts.artifact import Artifact
    from qartifacts.config import Settings
    from qartifacts.findings import Report
    from qartifacts.hardware.tables import Columns
    from qartifacts.identifiers import FormatId
    from qartifacts.registry import Registry
    from qartifacts.source import SourceLike

__all__ = ["Device", "Document", "Gate", "Overall", "Pair", "Qubit", "Statistic"]

#: Two qubits.
Pair: TypeAlias = tuple[int, int]


class Document(NamedTuple):
    """What a view was made of.

    Attributes:
        source: The document, as reports call it.
        format: Its format.
    """

    source: str
    format: FormatId


class Statistic(NamedTuple):
    """What is said of a value that was measured on many qubits or pairs.

    Attributes:
        mean: Their mean; None if it is not told. The others likewise.
        median: Their median.
        stderr: The standard error.
    """

    mean: float | None = None
    median: float | None = None
    stderr: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Qubit:
    """What was measured of one qubit; None is what is not known.

    Attributes:
        index: Its number, from 0.
        t1: Relaxation time, in seconds.
        t2: Coherence time, in seconds.
        readout_error: Probability that it is read wrongly, from 0 to 1.
        prob_meas0_prep1: Probability to read 0 where 1 was prepared.
        prob_meas1_prep0: Probability to read 1 where 0 was prepared.
        readout_length: Duration of a readout, in seconds.
        frequency: Its frequency, in hertz.
        anharmonicity: Its anharmonicity, in hertz; mostly negative.
    """

    index: int
    t1: float | None = None
    t2: float | None = None
    readout_error: float | None = None
    prob_meas0_prep1: float | None = None
    prob_meas1_prep0: float | None = None
    readout_length: float | None = None
    frequency: float | None = None
    anharmonicity: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What was measured of one gate on certain qubits; None is what is not known.

    Attributes:
        name: The gate, as the vendor calls it.
        qubits: On which it acts, in their order.
        error: Its error, from 0 to 1. IBM's 1, which stands for "not measured", is None.
        length: Its duration, in seconds; 0 where it takes none, as that of a virtual rotation.
    """

    name: str
    qubits: tuple[int, ...]
    error: float | None = None
    length: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overall:
    """What is said of the device as a whole, apart from that of each qubit; None is not known.

    Attributes:
        fidelity_1q: Fidelity of gates on one qubit, from 0 to 1.
        fidelity_2q: Fidelity of gates on two.
        fidelity_spam: Fidelity of preparing a state and measuring it, which is no readout error.
        t1: Relaxation time, in seconds.
        t2: Coherence time, in seconds.
        length_1q: Duration of a gate on one qubit, in seconds.
        length_2q: Duration of a gate on two, in seconds.
        readout_length: Duration of a readout, in seconds.
        reset_length: Duration of a reset, in seconds.
        error_2q_best: The least error of a gate on two qubits.
        error_2q_median: The median of these errors.
        error_2q_layered: The error of a layer of such gates, for each of them.
        readout_error_median: The median of the readout errors.
    """

    fidelity_1q: Statistic | None = None
    fidelity_2q: Statistic | None = None
    fidelity_spam: Statistic | None = None
    t1: float | None = None
    t2: float | None = None
    length_1q: float | None = None
    length_2q: float | None = None
    readout_length: float | None = None
    reset_length: float | None = None
    error_2q_best: float | None = None
    error_2q_median: float | None = None
    error_2q_layered: float | None = None
    readout_error_median: float | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Device:
    """One view of a device, whichever documents it was made of. Made by ``qartifacts.device``.

    What the documents do not say is None, or empty where there would be many. Durations are in
    seconds, frequencies in hertz, errors and fidelities are shares of 1.

    Attributes:
        vendor: ``ionq`` or ``ibm``.
        name: What the vendor calls it (``qpu.forte-1``, ``ibm_fez``).
        qubits: Number of qubits.
        connectivity: Pairs of qubits on which a gate on two can act, in the document's order.
        directed: Whether a pair is meant in its order, as in IBM's coupling maps; IonQ's are not.
        measured_at: When its values were measured, in UTC; of IBM's properties, when the document
            was last updated, while its parameters have dates of their own. The dates of a
            configuration, or of the last change of a status, are none of this.
        measured_from: The oldest date of IBM's parameters, in UTC; None of other documents.
        measured_to: The newest of them, which may be later than ``measured_at``.
        per_qubit: What was measured of each qubit, in the order of the qubits.
        gates: What was measured of each gate on each of its qubits.
        overall: What is said of the device as a whole.
        native_gates: Names of the gates that circuits are compiled to.
        max_shots: Shots that a job can have, at most.
        status: What the vendor calls its state, of the first document that tells.
        documents: What the view was made of.
        origins: Where ``qubits``, ``connectivity``, ``native_gates`` and ``max_shots`` are said.
    """

    vendor: str
    name: str | None = None
    qubits: int | None = None
    connectivity: tuple[Pair, ...] | None = None
    directed: bool | None = None
    measured_at: datetime | None = None
    measured_from: datetime | None = None
    measured_to: datetime | None = None
    per_qubit: tuple[Qubit, ...] = ()
    gates: tuple[Gate, ...] = ()
    overall: Overall = Overall()
    native_gates: tuple[str, ...] | None = None
    max_shots: int | None = None
    status: str | None = None
    documents: tuple[Document, ...] = field(default=(), compare=False)
    origins: Mapping[str, Origin] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        size = "" if self.qubits is None else f": {counted(self.qubits, 'qubit')}"
        word = "measured" if self.measured_from is None else "updated"
        when = "" if self.measured_at is None else f", {word} {self.measured_at.isoformat()}"
        name = "without a name" if self.name is None else display_name(self.name)
        return f"<Device {name}{size}{when}>"

    def _repr_html_(self) -> str:
        from qartifacts.hardware.summary import summarize
        from qartifacts.render.html import to_html

        return to_html(summarize(self, 10))

    # ------------------------------------------------------------------------------------------
    # What it says

    def gate(self, name: str, *qubits: int) -> Gate | None:
        """What was measured of a gate on these qubits, in this order; None if nothing was."""
        return self._by_gate.get((name, qubits))

    @cached_property
    def _by_gate(self) -> Mapping[tuple[str, tuple[int, ...]], Gate]:
        return {(gate.name, gate.qubits): gate for gate in self.gates}

    def connects(self, one: int, other: int) -> bool | None:
        """Whether a gate on two can act on these, in this order; None if that is not known.

        Where pairs have no order, either will do.
        """
        if self._pairs is None:
            return None
        return (one, other) in self._pairs or (not self.directed and (other, one) in self._pairs)

    @cached_property
    def _pairs(self) -> frozenset[Pair] | None:
        return None if self.connectivity is None else frozenset(self.connectivity)

    def qubit_columns(self) -> Columns:
        """``per_qubit`` as NumPy arrays by attribute, each of shape ``(len(per_qubit),)``.

        ``index`` is ``int64``, all others are ``float64``; NaN is what is not known.
        """
        from qartifacts.hardware.tables import qubit_columns

        return qubit_columns(self.per_qubit)

    def gate_columns(self) -> Columns:
        """``gates`` as NumPy arrays by attribute, each of shape ``(len(gates),)``.

        ``name`` is of texts, ``qubits`` of tuples, both as objects; ``error`` and ``length`` are
        ``float64``, and NaN is what is not known.
        """
        from qartifacts.hardware.tables import gate_columns

        return gate_columns(self.gates)

    @overload
    def qubit_table(self, library: Literal["pandas"]) -> pd.DataFrame: ...
    @overload
    def qubit_table(self, library: Literal["arrow"]) -> pa.Table: ...
    def qubit_table(self, library: Literal["pandas", "arrow"]) -> Any:
        """``per_qubit`` as a table of pandas (unknown is NaN) or of Arrow (unknown is null).

        Raises:
            MissingExtra: The library is not installed.
            ValueError: It is another library.
        """
        from qartifacts.hardware.tables import as_table

        return as_table(self.qubit_columns(), library)

    @overload
    def gate_table(self, library: Literal["pandas"]) -> pd.DataFrame: ...
    @overload
    def gate_table(self, library: Literal["arrow"]) -> pa.Table: ...
    def gate_table(self, library: Literal["pandas", "arrow"]) -> Any:
        """``gates`` as a table of pandas (unknown is NaN) or of Arrow (unknown is null).

        Raises:
            MissingExtra: The library is not installed.
            ValueError: It is another library.
        """
        from qartifacts.hardware.tables import as_table

        return as_table(self.gate_columns(), library)

    # ------------------------------------------------------------------------------------------
    # With other documents, and against results

    def with_(self, other: Device) -> Device:
        """One view of what two say of the same device.

        What only one of them says is taken from that one; what both say must be the same, but for
        the status, which is that of this one.

        Raises:
            DeviceConflict: They differ in what both say, such as the name or the number of qubits.
        """
        merged: dict[str, Any] = {}
        for name in _FACTS:
            merged[name] = _one_of(name, getattr(self, name), getattr(other, name))
        overall = {
            each.name: _one_of(
                f"overall.{each.name}",
                getattr(self.overall, each.name),
                getattr(other.overall, each.name),
            )
            for each in fields(Overall)
        }
        return replace(
            self,
            **merged,
            overall=Overall(**overall),
            status=other.status if self.status is None else self.status,
            documents=(*self.documents, *other.documents),
            origins={**other.origins, **self.origins},
        )

    @cached_property
    def limits(self) -> Limits:
        """What a result of the device is held against."""
        pairs = None
        if self.connectivity is not None:
            pairs = frozenset((min(pair), max(pair)) for pair in self.connectivity)
        gates = self.native_gates
        return Limits(
            self.qubits,
            pairs,
            None if gates is None else frozenset(gate.lower() for gate in gates),
            self.max_shots,
            self.origins,
        )

    def check(
        self,
        source: SourceLike | Artifact,
        *,
        format: str | None = None,
        registry: Registry | None = None,
        settings: Settings | None = None,
    ) -> Report:
        """Check a result, as ``qartifacts.check`` does, and whether it can be of this device.

        What the documents of the device do not say is not checked, nor is a result that does not
        pass by itself.

        Args:
            source: As for ``qartifacts.check``; or an artifact, whose findings have no places in a
                text.
            format: As for ``qartifacts.check``.
            registry: As for ``qartifacts.check``.
            settings: As for ``qartifacts.check``.

        Returns:
            A report: findings from QA350 on tell where the result says what the device does not
            allow, and in their words which document of the device says so, and where.

        Raises:
            OSError, TypeError, ValueError, UnknownFormat, InvalidSettings, RegistryError: As for
                ``qartifacts.check``.
        """
        from qartifacts.hardware.crosschecks import check_source

        return check_source(
            source, self.limits, format=format, registry=registry, settings=settings
        )

    def __getstate__(self) -> dict[str, Any]:
        # What was worked out of the rest is worked out again.
        return {each.name: getattr(self, each.name) for each in fields(self)}


#: What two documents of one device must agree on, if both say it.
_FACTS: Final = (
    "vendor",
    "name",
    "qubits",
    "measured_at",
    "measured_from",
    "measured_to",
    "connectivity",
    "directed",
    "per_qubit",
    "gates",
    "native_gates",
    "max_shots",
)


def _one_of(name: str, one: Any, other: Any) -> Any:
    """What one of two says, or both.

    Raises:
        DeviceConflict: They say different things.
    """
    if one is None or one == ():
        return other
    if other is None or other == () or one == other:
        return one
    raise DeviceConflict(name, (_shown(one), _shown(other)))


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return counted(len(value), "item")
    return quoted(value) if isinstance(value, str) else f"{value:,}"


def merged(devices: Iterable[Device]) -> Device:
    """One view of several of the same device, of which there is at least one.

    Raises:
        DeviceConflict: They differ in what two of them say.
    """
    first, *others = devices
    for each in others:
        first = first.with_(each)
    return first
