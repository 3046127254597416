"""An artifact: a payload that has passed its check, and what one can ask of it."""

from __future__ import annotations

import operator
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Literal,
    NamedTuple,
    TypedDict,
    Unpack,
    cast,
    overload,
)

from qartifacts.artifact.history import Step
from qartifacts.artifact.outcomes import (
    IntegerOrder,
    TextOrder,
    agreed_shots,
    bitstrings,
    by_bitstring,
    check_order,
    positions_of,
    width_of,
    written_as,
)
from qartifacts.config import Settings
from qartifacts.errors import ConversionError, InvalidArtifact, MissingParameter, UnknownRegister
from qartifacts.findings import Report, counted
from qartifacts.identifiers import (
    AGGREGATE_V1,
    AZURE_V2,
    HISTOGRAM_V1,
    PROBABILITIES_V1,
    SHOTS_V1,
    FormatId,
)
from qartifacts.jsontext import quoted
from qartifacts.payloads import SYSTEM_REGISTER, family_of, to_json
from qartifacts.registry import Registry
from qartifacts.source import Source, write_whole
from qartifacts.validate import Examined, examine

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa
    from braket.task_result import GateModelTaskResult
    from cirq import ResultDict
    from qiskit.primitives import SamplerPubResult
    from qiskit.result import Counts

    from qartifacts.conversion import BitOrder, Change, Expectation, Method, ShotOrder
    from qartifacts.payloads.columns import Columns, Distribution, Shots

__all__ = [
    "Artifact",
    "ConvertParameters",
    "Recorded",
]


class ConvertParameters(TypedDict, total=False):
    """The parameters of ``Artifact.convert``, which says what they mean."""

    shots: int | None
    method: Method | None
    seed: int | None
    qubits: int | None
    register: str | Sequence[str] | None
    child: str | None
    shot_order: ShotOrder | None
    keep_leaked: bool
    bit_order: BitOrder | None
    output_bit_order: BitOrder | None


class Recorded(NamedTuple):
    """What the record of a job says of a result, which the result itself may leave out.

    Attributes:
        shots: Shots that the job was to have.
        qubits: Qubits of its circuit, which is the width of ``output_all``.
    """

    shots: int | None = None
    qubits: int | None = None


_NOTHING_RECORDED: Final = Recorded()


class Artifact:
    """A checked payload.

    ``load`` and validators make one of what has passed. Conversions and ``from_counts`` and its
    like make one of columns; what they make is written, and checked, when it is asked for.

    Attributes:
        format: The format of the payload.
        bit_order: How bits are ordered where version 2 was written, or will be: ``wire``, bit 0
            first, or ``reversed``.
        history: What was done to come from what was loaded to this; empty for what was loaded.
    """

    __slots__ = (
        "_columns",
        "_examined",
        "_in_columns",
        "_made",
        "_recorded",
        "_registry",
        "_settings",
        "bit_order",
        "format",
        "history",
    )

    def __init__(
        self,
        format: FormatId,
        *,
        examined: Examined | None = None,
        columns: Columns | None = None,
        registry: Registry | None,
        settings: Settings,
        bit_order: BitOrder = "wire",
        history: tuple[Step, ...] = (),
        recorded: Recorded = _NOTHING_RECORDED,
    ) -> None:
        self.format: Final = format
        self.bit_order: Final[BitOrder] = bit_order
        self.history: Final = history
        self._examined = examined
        self._columns = columns
        # What is at hand answers: columns that it was made of, which may know more than a payload
        # would record, such as a width in version 1, or was read into; else the parsed payload.
        self._made: Final = columns is not None
        self._in_columns: Final = self._made or (examined is not None and examined.in_columns)
        self._registry: Final = registry
        self._settings: Final = settings
        self._recorded: Final = recorded

    @classmethod
    def of_examined(
        cls,
        examined: Examined,
        *,
        registry: Registry | None,
        settings: Settings,
        bit_order: BitOrder = "wire",
        recorded: Recorded = _NOTHING_RECORDED,
    ) -> Artifact:
        """What has been read and examined.

        Raises:
            InvalidArtifact: It did not pass.
        """
        report = examined.report
        if not report.ok or report.format is None:
            raise InvalidArtifact(report)
        return cls(
            report.format,
            examined=examined,
            registry=registry,
            settings=settings,
            bit_order=bit_order,
            recorded=recorded,
        )

    def with_recorded(self, recorded: Recorded) -> Artifact:
        """The same payload, with what the record of its job says of it."""
        return Artifact(
            self.format,
            examined=self._checked(),
            registry=self._registry,
            settings=self._settings,
            bit_order=self.bit_order,
            history=self.history,
            recorded=recorded,
        )

    # ------------------------------------------------------------------------------------------
    # What it is

    @property
    def payload(self) -> Any:
        """The parsed JSON payload, to be read only: what changes in it is not checked again.

        A parsed object that was loaded is this very object, not a copy.
        """
        return self._checked().payload

    @property
    def report(self) -> Report:
        """The report of its check, with warnings and notes."""
        return self._checked().report

    @property
    def columns(self) -> Columns:
        """What the payload holds, as immutable NumPy columns in one order of bits.

        ``Shots`` of shots; a tuple of ``Distribution``, one a register, of a histogram or of
        probabilities; and a mapping from ids to ``Distribution`` of an aggregate.

        Raises:
            ConversionError: It is a format that holds no results, such as a circuit, or a batch of
                Azure's, which holds several; or the record of its job says fewer qubits than a
                state has.
        """
        if self._columns is None:
            last_first = self.bit_order == "reversed"
            columns = self._checked().columns(last_first=last_first)
            self._columns = None if columns is None else self._widened(columns)
        if self._columns is None and self.format == AZURE_V2:
            number = counted(len(self.payload["Results"]), "result")
            raise ConversionError(
                "batch",
                f"the file holds {number}, of as many circuits; "
                "Artifact.split() gives each of them",
            )
        if self._columns is None:
            raise ConversionError("unsupported", f"{self.format} holds no results")
        return self._columns

    @property
    def in_columns(self) -> bool:
        """Whether its columns are at hand, and the payload would have to be parsed or made."""
        return self._in_columns

    @property
    def register_names(self) -> tuple[str, ...]:
        """Registers that the payload is about, in its order.

        Version 1 has no names and is about the system's own register, ``output_all``. Circuits
        have none.
        """
        if self._in_columns:
            columns = self.columns
            if isinstance(columns, tuple):
                return tuple(each.register for each in columns)
            return (SYSTEM_REGISTER,) if isinstance(columns, Mapping) else tuple(columns.registers)
        family = family_of(self.format)
        return () if family is None else family.register_names(self.payload)

    def width(self, register: str | None = None) -> int | None:
        """Bits of a register, or qubits of a circuit; None where the payload does not record it.

        Version 1 does not: its decimal states have no leading zeros. What was loaded with the
        record of its job has the width that the record says.

        Args:
            register: Its name. It can be left out where there is only one.

        Raises:
            MissingParameter: There are several registers, and none was named.
            UnknownRegister: There is no register of that name.
        """
        family = family_of(self.format)
        if register is not None or len(self.register_names) > 1:
            register = self._one(register)
        if family is None:
            return None
        if register is None:
            register = next(iter(self.register_names), "")
        if self._in_columns:
            columns = self.columns
            if isinstance(columns, tuple):
                return next(each.width for each in columns if each.register == register)
            return None if isinstance(columns, Mapping) else columns.registers[register].width
        width = family.width(self.payload, register)
        return self._recorded_width if width is None else width

    @property
    def shots(self) -> int | None:
        """Number of kept shots; None where the payload does not record it, as probabilities do not.

        Shots with leakage are not kept: they count in ``leaked``. Probabilities that were loaded
        with the record of their job have the shots that the record says.
        """
        if self._in_columns:
            columns = self.columns
            if isinstance(columns, tuple):
                return columns[0].total if columns[0].counted else self._recorded.shots
            if isinstance(columns, Mapping):
                return self._recorded.shots
            return columns.number - columns.leaked
        family = family_of(self.format)
        shots = None if family is None else family.shots(self.payload)
        return self._recorded.shots if shots is None else shots

    @property
    def leaked(self) -> int | None:
        """Number of shots with leakage; None where the payload does not record it.

        Only shots of version 2 do. Every other format leaves leaked shots out.
        """
        if self._in_columns:
            columns = self.columns
            records = not isinstance(columns, (tuple, Mapping)) and self.format.version != "v1"
            return cast("Shots", columns).leaked if records else None
        family = family_of(self.format)
        return None if family is None else family.leaked(self.payload)

    # ------------------------------------------------------------------------------------------
    # What it says

    def distribution(
        self, register: str | None = None, *, keep_leaked: bool = False
    ) -> Distribution:
        """Counts or probabilities of the states of one register, as columns.

        Shots are counted; leaked ones are left out unless ``keep_leaked``.

        Raises:
            MissingParameter: There are several registers, and none was named.
            UnknownRegister: There is no register of that name.
            ConversionError: It is an aggregate, or no result at all.
        """
        columns = self.columns
        if isinstance(columns, Mapping):
            raise ConversionError(
                "children", "an aggregate holds several distributions; split() gives each of them"
            )
        register = self._one(register)
        if isinstance(columns, tuple):
            return next(each for each in columns if each.register == register)
        from qartifacts.payloads.columns import Distribution
        from qartifacts.payloads.states import count_equal

        shots = columns if keep_leaked else columns.kept()
        measured = shots.registers[register]
        return Distribution(register, measured.width, *count_equal(measured.states))

    def counts(
        self,
        register: str | None = None,
        *,
        order: TextOrder = "wire",
        width: int | None = None,
        keep_leaked: bool = False,
    ) -> dict[str, int]:
        """Counts by bitstring, ascending.

        Args:
            register: Which one. It can be left out where there is only one, and in Qiskit's order:
                that joins the declared registers with spaces, the last one leftmost, and leaves
                ``output_all`` out if others are declared. Several can be joined from shots only.
            order: ``wire`` and ``cirq`` have bit 0 leftmost, ``qiskit`` has it rightmost.
            width: Bits of the register, where version 1 does not record them.
            keep_leaked: Whether shots with leakage are counted.

        Raises:
            ConversionError: Probabilities hold no counts, or several registers hold marginals.
            MissingParameter: A register, or a width, has to be named.
            UnknownRegister: There is no register of that name.
        """
        check_order(order, ("wire", "qiskit", "cirq"))
        if register is None and order == "qiskit":
            declared = tuple(name for name in self.register_names if name != SYSTEM_REGISTER)
            if len(declared) > 1:
                return self._joined_counts(declared, keep_leaked)
            register = declared[0] if declared else None
        distribution = self.distribution(register, keep_leaked=keep_leaked)
        if not distribution.counted:
            raise self._without_counts()
        return cast("dict[str, int]", by_bitstring(distribution, order, width))

    def counts_int(
        self,
        register: str | None = None,
        *,
        order: IntegerOrder = "qiskit",
        width: int | None = None,
        keep_leaked: bool = False,
    ) -> dict[int, int]:
        """Counts by state as an integer, ascending.

        Args:
            register: As for ``counts``.
            order: ``qiskit`` has bit 0 as the least significant, as version 1 has; ``cirq`` has it
                as the most significant, and needs the width.
            width: Bits of the register, where version 1 does not record them.
            keep_leaked: Whether shots with leakage are counted.

        Raises:
            ConversionError, MissingParameter, UnknownRegister: As for ``counts``.
        """
        from qartifacts.payloads import states as packed

        check_order(order, ("qiskit", "cirq"))
        distribution = self.distribution(register, keep_leaked=keep_leaked)
        if not distribution.counted:
            raise self._without_counts()
        states, values = distribution.states, distribution.values
        if order == "cirq":
            states = packed.reverse(states, width_of(distribution, width))
            ascending = packed.ascending(states)
            states, values = states[ascending], values[ascending]
        return dict(zip(packed.to_integers(states), values.tolist(), strict=True))

    def probabilities(
        self,
        register: str | None = None,
        *,
        order: TextOrder = "wire",
        width: int | None = None,
        keep_leaked: bool = False,
    ) -> dict[str, float]:
        """Probabilities by bitstring, ascending; of counts, their shares.

        The arguments are those of ``counts``; a register has to be named where there are several.

        Raises:
            ConversionError, MissingParameter, UnknownRegister: As for ``counts``.
        """
        check_order(order, ("wire", "qiskit", "cirq"))
        distribution = self.distribution(register, keep_leaked=keep_leaked)
        if distribution.counted:
            if not distribution.total:
                raise ConversionError("no-shots", "there are no shots to divide by")
            distribution = replace(distribution, values=distribution.shares())
        return by_bitstring(distribution, order, width)

    def bits(
        self,
        register: str | None = None,
        *,
        width: int | None = None,
        keep_leaked: bool = False,
    ) -> npt.NDArray[np.uint8]:
        """Measured bits of every shot, of shape ``(shots, width)``; column k is bit k.

        Raises:
            ConversionError: Only shots hold them.
            MissingParameter, UnknownRegister: As for ``counts``.
        """
        from qartifacts.payloads.states import unpack

        shots = self._shots("bits of single shots", keep_leaked=keep_leaked)
        measured = shots.registers[self._one(register)]
        return unpack(measured.states, width_of(measured, width))

    def top(
        self,
        number: int = 10,
        register: str | None = None,
        *,
        order: TextOrder = "wire",
        width: int | None = None,
    ) -> list[tuple[str, float]]:
        """The outcomes with the largest counts or probabilities, the largest first.

        Of equal ones, the smaller state comes first (bit 0 is least significant).
        """
        from qartifacts.conversion.measures import largest

        check_order(order, ("wire", "qiskit", "cirq"))
        whole = self.distribution(register)
        some = largest(whole, number)
        texts = bitstrings(whole, some, order, width)
        return list(zip(texts, whole.values[some].tolist(), strict=True))

    def expectation_z(self, qubits: Sequence[int], register: str | None = None) -> Expectation:
        """The expectation of the product of Z on some bits, with its standard error.

        ``expectation_z([i, j])`` is that of Z_i Z_j: the probability that an even number of them
        are 1, less that of an odd number.

        Raises:
            ValueError: A bit is listed twice, or is not there.
            MissingParameter, UnknownRegister, ConversionError: As for ``distribution``.
        """
        from qartifacts.conversion.measures import expectation_z

        distribution = self._not_empty(register)
        return expectation_z(distribution, positions_of(qubits, distribution.width))

    def parity(self, register: str | None = None, *, width: int | None = None) -> Expectation:
        """The expectation of the product of Z on all bits of a register.

        It is the probability of even parity less that of odd parity.
        """
        distribution = self._not_empty(register)
        from qartifacts.conversion.measures import expectation_z
        from qartifacts.payloads.states import bit_length

        # Bits beyond the largest state are zero and do not count.
        known = distribution.width if width is None else width_of(distribution, width)
        return expectation_z(distribution, range(known or bit_length(distribution.states)))

    # ------------------------------------------------------------------------------------------
    # What can be made of it

    def convert(
        self,
        to: str,
        *,
        shots: int | None = None,
        method: Method | None = None,
        seed: int | None = None,
        qubits: int | None = None,
        register: str | Sequence[str] | None = None,
        child: str | None = None,
        shot_order: ShotOrder | None = None,
        keep_leaked: bool = False,
        bit_order: BitOrder | None = None,
        output_bit_order: BitOrder | None = None,
    ) -> Artifact:
        """The same result in another format.

        What that needs, and what it loses, is the table of conversions (``qartifacts formats
        --conversions``); what it lost here is in ``lost`` of the new artifact.

        Args:
            to: The identifier of the format to make.
            shots: Number of shots, to make counts of probabilities that do not record it; that of
                the job's record, if the artifact was loaded with it.
            method: How: ``exact`` (the default) refuses what is no count, ``round`` gives the
                largest remainders a shot more, ``sample`` draws at random.
            seed: A whole number that determines what is drawn or shuffled.
            qubits: Width of the register, to make version 2 of version 1.
            register: The register to take, or several; ``output_all`` by default where version 1
                is made of several.
            child: Id of the child job, to take it out of an aggregate or to make one.
            shot_order: ``sorted`` or ``shuffled``, to make shots of counts.
            keep_leaked: Keep shots with leakage, which are left out otherwise.
            bit_order: How version 2 is written on either side, if not as ``self.bit_order`` says.
            output_bit_order: How version 2 is written, if that differs from how it was read.

        Raises:
            UnsupportedConversion: There is no conversion between the two.
            MissingParameter: A parameter is needed; the exception says which, and why.
            ConversionError: This data does not allow it.
            UnknownFormat, UnknownRegister: There is no such format, or register.
            ValueError, TypeError: A parameter is out of its range, or of the wrong type.
        """
        from qartifacts.conversion import Parameters, convert_columns, route

        registry = Registry.bundled() if self._registry is None else self._registry
        target = registry[to].format
        way = route(self.format, target)
        read_order = self.bit_order if bit_order is None else bit_order
        if output_bit_order not in (None, "wire", "reversed"):
            raise ValueError(f"output_bit_order takes wire or reversed, not {output_bit_order!r}")
        if "shots" in way.may_need:
            shots = agreed_shots(shots, self.shots)
        elif "shots" in way.needs and shots is None:
            shots = self._recorded.shots
        if method is None and "shots" in (*way.needs, *way.may_need):
            method = "exact"
        parameters = Parameters(
            shots=shots,
            method=method,
            seed=seed,
            qubits=qubits,
            register=register if register is None or type(register) is str else tuple(register),
            child=child,
            shot_order=shot_order,
            keep_leaked=keep_leaked,
            bit_order=read_order,
        )
        source = self._read_as(read_order)
        columns, changes = convert_columns(way, source.columns, parameters)
        step = Step.of("convert", self.format, target, parameters, (*self._left_out(), *changes))
        # Of probabilities, it is still of as many shots; whatever else knows its own number.
        recorded = Recorded(shots=self._recorded.shots)
        return self._derived(target, columns, step, output_bit_order or read_order, recorded)

    @property
    def lost(self) -> tuple[Change, ...]:
        """What was lost, or invented, on the way from what was loaded to this."""
        return tuple(change for step in self.history for change in step.changes)

    def select(self, *registers: str) -> Artifact:
        """The same of some registers only, in the order given."""
        return self.convert(self.format, register=registers, keep_leaked=True)

    def kept(self) -> Artifact:
        """The same without leaked shots."""
        return self.convert(self.format)

    def join(self, *registers: str, name: str | None = None) -> Artifact:
        """Shots with several registers as one, which has the bits of the first first.

        Args:
            registers: Names of the registers.
            name: Name of the new register; by default the names with ``+`` between them.

        Raises:
            ConversionError: It does not hold shots. Histograms and probabilities of several
                registers are marginals: which outcomes came together is lost in them.
            UnknownRegister: There is no register of that name.
        """
        from qartifacts.payloads import states as packed
        from qartifacts.payloads.columns import Measured

        if len(registers) < 2:
            raise ValueError("name at least two registers to join")
        if len(set(registers)) < len(registers):
            raise ValueError("a register can be joined only once")
        shots = self._shots("which outcomes of several registers came together", keep_leaked=True)
        parts = [shots.registers[self._one(register)] for register in registers]
        widths = [width_of(part, None) for part in parts]
        joined = packed.joined([(part.states, w) for part, w in zip(parts, widths, strict=True)])
        label = "+".join(registers) if name is None else name
        columns = replace(shots, registers={label: Measured(sum(widths), joined)})
        parameters = {"registers": list(registers), "name": label}
        others = [each for each in self.register_names if each not in registers]
        lost = self._loses("registers", f"the registers {', '.join(others)}") if others else ()
        return self._done("join", columns, parameters, lost)

    def marginal(self, qubits: Sequence[int], register: str | None = None) -> Artifact:
        """The same of some bits of one register only, which become bits 0, 1, ... as listed.

        Raises:
            ValueError: A bit is listed twice, or is not there.
            MissingParameter, UnknownRegister: As for ``counts``.
            ConversionError: It is an aggregate, or no result at all.
        """
        from qartifacts.payloads import states as packed
        from qartifacts.payloads.columns import Measured, Shots

        columns = self.columns
        made: Columns
        if isinstance(columns, Shots):
            name = self._one(register)
            measured = columns.registers[name]
            positions = positions_of(qubits, measured.width)
            # These bits are known, whatever the width of the whole was.
            picked = Measured(len(positions), packed.pick_bits(measured.states, positions))
            made = replace(columns, registers={name: picked})
        else:
            whole = self.distribution(register)
            positions = positions_of(qubits, whole.width)
            made = (whole.pick_bits(positions),)
            name = whole.register
        lost = self._loses("bits", f"all bits of {quoted(name)} but {positions}")
        others = [each for each in self.register_names if each != name]
        if others:
            lost += self._loses("registers", f"the registers {', '.join(map(quoted, others))}")
        return self._done("marginal", made, {"register": name, "qubits": positions}, lost)

    def postselect(self, register: str, value: str | Sequence[int]) -> Artifact:
        """The shots in which a register has some value.

        Args:
            register: The register.
            value: Its bits, bit 0 first: a text such as ``"01"``, or a sequence.

        Raises:
            ConversionError: It does not hold shots, or no shot has that value.
            ValueError: The value is not made of as many bits as the register.
            UnknownRegister: There is no register of that name.
        """
        import numpy as np

        from qartifacts.payloads import states as packed

        shots = self._shots("what else was measured in the shots", keep_leaked=True)
        measured = shots.registers[self._one(register)]
        bits = ["01".find(b) if isinstance(b, str) else operator.index(b) for b in value]
        if set(bits) - {0, 1} or (measured.width is not None and len(bits) != measured.width):
            width = "bits" if measured.width is None else counted(measured.width, "bit")
            raise ValueError(f"the register {quoted(register)} has {width}, not {value!r}")
        wanted = packed.pack(np.array([bits], np.uint8))
        both = packed.stacked(measured.states, wanted)
        columns = shots.pick((both[:-1] == both[-1]).all(axis=1))
        if not columns.number:
            raise ConversionError("no-shots", f"no shot has {value!r} in {quoted(register)}")
        gone = shots.number - columns.number
        lost = self._loses("shots", f"{gone:,} of {counted(shots.number, 'shot')}", gone)
        parameters = {"register": register, "value": "".join(map(str, bits))}
        return self._done("postselect", columns, parameters, lost)

    def split(self) -> dict[str, Artifact]:
        """The children of an aggregate, as probabilities of version 1 by the id of their job.

        Of a result of Microsoft's format, each result of the batch that it may be, in the same
        format, by its index: ``"0"``, ``"1"``, ...

        Raises:
            ConversionError: It is neither.
        """
        if self.format == AZURE_V2:
            return {str(at): self._one_of_batch(at) for at in range(len(self.payload["Results"]))}
        if self.format != AGGREGATE_V1:
            raise ConversionError("unsupported", f"{self.format} has no children to split into")
        return {
            child: self.convert(PROBABILITIES_V1, child=child)
            for child in cast("Mapping[str, Any]", self.columns)
        }

    # ------------------------------------------------------------------------------------------
    # For other libraries. What they need said is said as to ``convert``, and raises what that
    # raises: ``qubits`` for version 1, ``shot_order`` where shots are made of counts, ...

    def to_qiskit(self, **parameters: Unpack[ConvertParameters]) -> Counts:
        """Counts of Qiskit: bit 0 rightmost, of several registers the last declared leftmost.

        ``output_all`` is left out where others are declared, unless ``register`` names it. Several
        registers can be told from shots only.

        Args:
            **parameters: As for ``convert``.

        Raises:
            MissingExtra: Qiskit is not installed.
            QartifactsError, TypeError, ValueError: As for ``convert``.
        """
        from qartifacts.artifact.handing import to_qiskit

        return to_qiskit(self, parameters)

    def to_qiskit_pub_result(self, **parameters: Unpack[ConvertParameters]) -> SamplerPubResult:
        """Single shots as a sampler of Qiskit gives them for one circuit.

        ``.data`` has a ``BitArray`` for each register; which ones, is said at ``to_qiskit``.

        Args:
            **parameters: As for ``convert``.

        Raises:
            MissingExtra: Qiskit is not installed.
            QartifactsError, TypeError, ValueError: As for ``convert``.
        """
        from qartifacts.artifact.handing import to_qiskit_pub_result

        return to_qiskit_pub_result(self, parameters)

    def to_cirq(self, **parameters: Unpack[ConvertParameters]) -> ResultDict:
        """A result of Cirq: a matrix of bits for each register; column k is bit k.

        Args:
            **parameters: As for ``convert``.

        Raises:
            MissingExtra: Cirq is not installed.
            QartifactsError, TypeError, ValueError: As for ``convert``.
        """
        from qartifacts.artifact.handing import to_cirq

        return to_cirq(self, parameters)

    @overload
    def to_pennylane(
        self, returned: Literal["sample"] = "sample", **parameters: Unpack[ConvertParameters]
    ) -> npt.NDArray[np.int64]: ...
    @overload
    def to_pennylane(
        self, returned: Literal["counts"], **parameters: Unpack[ConvertParameters]
    ) -> dict[str, int]: ...
    @overload
    def to_pennylane(
        self, returned: Literal["probs"], **parameters: Unpack[ConvertParameters]
    ) -> npt.NDArray[np.float64]: ...
    def to_pennylane(
        self,
        returned: Literal["sample", "counts", "probs"] = "sample",
        **parameters: Unpack[ConvertParameters],
    ) -> Any:
        """What a QNode of PennyLane would return; wire k is bit k of the register.

        Args:
            returned: ``sample`` for a matrix of shape ``(shots, wires)``, ``counts`` for counts by
                bitstring with wire 0 leftmost, ``probs`` for an array of ``2**wires``
                probabilities, with wire 0 as the most significant bit of the index.
            **parameters: As for ``convert``.

        Raises:
            QartifactsError, TypeError, ValueError: As for ``convert``.
        """
        from qartifacts.artifact.handing import to_pennylane

        return to_pennylane(self, returned, parameters)

    def to_braket(
        self,
        *,
        task_id: str,
        device_id: str,
        program: Any = None,
        **parameters: Unpack[ConvertParameters],
    ) -> GateModelTaskResult:
        """The payload of a task of Amazon Braket: measurements of shots, else probabilities.

        Args:
            task_id: Id, or ARN, of the task.
            device_id: Id, or ARN, of the device.
            program: The circuit as OpenQASM text, or as an action of Braket's. The schema does
                without; Braket's SDK reads no result that has none.
            **parameters: As for ``convert``; ``shots`` is needed for probabilities.

        Raises:
            MissingExtra: Braket's schemas are not installed.
            QartifactsError, TypeError, ValueError: As for ``convert``.
        """
        from qartifacts.artifact.handing import to_braket

        return to_braket(self, task_id, device_id, program, parameters)

    def to_pandas(self, *, qubits: int | None = None) -> pd.DataFrame:
        """A frame of one row an outcome, or a register of a shot; docs/pandas.md has its columns.

        Nothing is left out: leaked shots have ``leaked``, and ``from_pandas`` makes the same
        artifact again.

        Args:
            qubits: Width of the register, where version 1 does not record it; without it, states
                are told as integers only.

        Raises:
            MissingExtra: pandas is not installed.
            ConversionError: It holds no results.
        """
        from qartifacts.artifact.handing import to_pandas

        return to_pandas(self, qubits)

    def to_arrow(self, *, qubits: int | None = None) -> pa.Table:
        """The same as ``to_pandas`` as a table of Arrow; ``from_arrow`` is the way back.

        Raises:
            MissingExtra: PyArrow is not installed.
            ConversionError: It holds no results.
        """
        from qartifacts.artifact.handing import to_arrow

        return to_arrow(self, qubits)

    def to_parquet(self, path: str | os.PathLike[str], *, qubits: int | None = None) -> None:
        """Write the table of ``to_arrow`` to a Parquet file, which is whole or not there.

        ``from_parquet`` is the way back.

        Raises:
            MissingExtra: PyArrow is not installed.
            ConversionError: It holds no results.
            OSError: The file cannot be written.
            ValueError: The name ends in ``.gz``.
        """
        from qartifacts.artifact.handing import to_parquet

        to_parquet(self, path, qubits)

    # ------------------------------------------------------------------------------------------
    # Writing

    def to_bytes(self) -> bytes:
        """The payload as JSON: states ascending, no spaces, of each number the fewest digits.

        Decimal states ascend as integers and bitstrings as text, whatever their bit order. Counts,
        probabilities and bits that are whole are written as integers; members that the format does
        not declare keep their value and place.
        """
        if self._in_columns:
            from qartifacts.payloads.encode import encode_columns

            last_first = self.bit_order == "reversed"
            return encode_columns(self.format, self.columns, last_first=last_first)
        family = family_of(self.format)
        return to_json(self.payload if family is None else family.normal(self.payload))

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the payload to a file, which is whole or not there; ``.gz`` is packed.

        What is written has passed the check before.

        Raises:
            InvalidArtifact: The payload was changed, against the rules, and does not pass.
            OSError: The file cannot be written.
        """
        data = self.to_bytes()
        report = self._examine(os.fsdecode(path), data).report
        if not report.ok:
            raise InvalidArtifact(report)
        write_whole(path, data)

    def model(self, style: str) -> Any:
        """The payload as a typed model of those that come with this package.

        Args:
            style: ``pydantic``, ``msgspec`` or ``typeddict``.

        Raises:
            ValueError: There is no such style.
            MissingExtra: The style's library is not installed.
            ConversionError: There is no model of this format.

        Warns:
            MembersDropped: The style cannot hold members that the format does not declare.
        """
        from qartifacts.artifact.modelling import model_of

        return model_of(self, style)

    def provenance(self) -> dict[str, Any]:
        """How it came about, as JSON values: every step, its parameters, what it lost."""
        from qartifacts import __version__

        return {
            "version": 1,
            "tool": f"qartifacts {__version__}",
            "format": str(self.format),
            "bit_order": self.bit_order,
            "steps": [step.to_dict() for step in self.history],
        }

    def __repr__(self) -> str:
        if self._made:
            return f"<Artifact {self.format}, made by {self.history[-1].operation}>"
        return f"<Artifact {self.format} of {self.report.source}>"

    def _repr_html_(self) -> str:
        """What notebooks show: the most frequent outcomes of the first registers, as a table."""
        from qartifacts.artifact.summary import as_html

        return as_html(self)

    # ------------------------------------------------------------------------------------------

    def _checked(self) -> Examined:
        """The payload with its report; of what was made, as it would be read again."""
        if self._examined is None:
            examined = self._examine("<made>", self.to_bytes())
            if not examined.report.ok:
                raise InvalidArtifact(examined.report)
            self._examined = examined
        return self._examined

    def _examine(self, name: str, data: bytes) -> Examined:
        return examine(
            Source(name, data=data),
            format=self.format,
            registry=self._registry,
            settings=self._settings,
        )

    def _one(self, register: str | None) -> str:
        """The one register that is asked for."""
        names = self.register_names
        if register is None and len(names) > 1:
            raise MissingParameter("register", f"the payload has {', '.join(map(quoted, names))}")
        if register is None and names:
            return names[0]
        if register not in names:
            raise UnknownRegister(register or "", names)
        return register

    def _shots(self, what: str, *, keep_leaked: bool) -> Shots:
        columns = self.columns
        if isinstance(columns, (tuple, Mapping)):
            raise ConversionError("marginals", f"{what}: only shots record that")
        return columns if keep_leaked else columns.kept()

    def _joined_counts(self, registers: tuple[str, ...], keep_leaked: bool) -> dict[str, int]:
        from qartifacts.payloads import states as packed

        joined = self.join(*registers).distribution(keep_leaked=keep_leaked)
        shots = cast("Shots", self.columns)
        widths = [width_of(shots.registers[name], None) for name in registers]
        texts = packed.to_bitstrings(joined.states, sum(widths), last_first=True)
        keys = []
        for text in texts:
            end, parts = len(text), []
            for width in widths:
                parts.append(text[end - width : end])
                end -= width
            keys.append(" ".join(reversed(parts)))
        return dict(sorted(zip(keys, joined.values.tolist(), strict=True)))

    def _without_counts(self) -> ConversionError:
        advice = "" if self.shots is not None else ", giving shots"
        return ConversionError(
            "no-counts", f"probabilities hold no counts; convert them to a histogram{advice}"
        )

    def _not_empty(self, register: str | None) -> Distribution:
        distribution = self.distribution(register)
        if not distribution.values.any():
            raise ConversionError("no-shots", "nothing was counted, and nothing has a probability")
        return distribution

    def _read_as(self, bit_order: BitOrder) -> Artifact:
        """The same payload, read in another order of bits."""
        if bit_order == self.bit_order:
            return self
        return Artifact(
            self.format,
            examined=self._checked(),
            registry=self._registry,
            settings=self._settings,
            bit_order=bit_order,
            history=self.history,
            recorded=self._recorded,
        )

    def _left_out(self) -> tuple[Change, ...]:
        """What no column holds, and so no format made of columns either: members, for the most."""
        if self._in_columns:
            return ()
        from qartifacts.conversion import Change, Effect, Kind
        from qartifacts.payloads.decode import left_out

        return tuple(
            Change(Effect.LOST, Kind(kind), message, number)
            for kind, message, number in left_out(self.format, self.payload)
        )

    def _loses(self, kind: str, message: str, number: int | None = None) -> tuple[Change, ...]:
        from qartifacts.conversion import Change, Effect, Kind

        return (Change(Effect.LOST, Kind(kind), message, number),)

    def _done(
        self,
        operation: str,
        columns: Columns,
        parameters: dict[str, Any],
        changes: tuple[Change, ...],
    ) -> Artifact:
        """What an operation made, in the same format; of another cloud's, in one of IonQ's."""
        target = written_as(self.format, columns)
        step = Step(operation, self.format, target, parameters, (*self._left_out(), *changes))
        return self._derived(target, columns, step)

    def _one_of_batch(self, at: int) -> Artifact:
        payload = self.payload
        part = to_json({**payload, "Results": [payload["Results"][at]]})
        return Artifact.of_examined(
            self._examine(f"{self.report.source} (result {at})", part),
            registry=self._registry,
            settings=self._settings,
            bit_order=self.bit_order,
        )

    def _derived(
        self,
        format: FormatId,
        columns: Columns,
        step: Step,
        bit_order: BitOrder | None = None,
        recorded: Recorded = _NOTHING_RECORDED,
    ) -> Artifact:
        return Artifact(
            format,
            columns=columns,
            registry=self._registry,
            settings=self._settings,
            bit_order=bit_order or self.bit_order,
            history=(*self.history, step),
            recorded=recorded,
        )

    @property
    def _recorded_width(self) -> int | None:
        """The width that the job's record gives a result of version 1 that is of one circuit."""
        one_circuit = self.format in (PROBABILITIES_V1, HISTOGRAM_V1, SHOTS_V1)
        return self._recorded.qubits if one_circuit else None

    def _widened(self, columns: Columns) -> Columns:
        """The columns, with the width that the job's record gives them.

        Raises:
            ConversionError: A state does not fit into it.
        """
        width = self._recorded_width
        if width is None or isinstance(columns, Mapping):
            return columns
        if isinstance(columns, tuple):
            return tuple(replace(each, width=width_of(each, width)) for each in columns)
        registers = {
            name: replace(each, width=width_of(each, width))
            for name, each in columns.registers.items()
        }
        return replace(columns, registers=registers)
