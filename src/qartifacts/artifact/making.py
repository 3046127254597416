"""Artifacts made of something else than a file: of dictionaries, of arrays, of other artifacts.

Everything here is checked before it is returned.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from qartifacts.artifact.artifact import Artifact
from qartifacts.artifact.history import Step
from qartifacts.artifact.outcomes import WIDEST, TextOrder, written_as
from qartifacts.config import DEFAULTS, Settings
from qartifacts.errors import ConversionError, MissingParameter
from qartifacts.findings import counted
from qartifacts.identifiers import (
    AGGREGATE_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V2,
    VENDOR_FORMATS,
    FormatId,
)
from qartifacts.jsontext import quoted
from qartifacts.payloads import SYSTEM_REGISTER
from qartifacts.registry import Registry
from qartifacts.source import Source
from qartifacts.validate import examine

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from qartifacts.conversion import BitOrder, BitOrderProof
    from qartifacts.payloads.columns import Columns, Distribution, Shots, Values
    from qartifacts.payloads.states import Bits, Words

__all__ = [
    "from_counts",
    "from_probabilities",
    "from_shots",
    "hellinger_fidelity",
    "merge",
    "pool",
    "prove_bit_order",
    "total_variation_distance",
]

Order: TypeAlias = TextOrder

#: Up to here, counts are exact in readers that hold numbers as doubles.
MOST_COUNTED: Final = 2**53 - 1
_Kind: TypeAlias = Literal["histogram", "probabilities"]


def from_counts(
    counts: Mapping[str, int] | Mapping[int, int] | Mapping[str, Mapping[str, int]],
    *,
    format: str,
    order: Order | None = None,
    qubits: int | None = None,
    register: str = SYSTEM_REGISTER,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Artifact:
    """An artifact of counts by state.

    Args:
        counts: By bitstring, as ``{"00": 3, "10": 1}``; by integer; or a mapping of register names
            to one of these.
        format: The format to make; what needs more parameters is made by ``Artifact.convert``.
        order: Which end of a bitstring is bit 0: ``wire`` and ``cirq`` have it leftmost,
            ``qiskit`` rightmost. For integers: least significant in ``qiskit``, most significant
            in ``cirq``. It can be left out only where it makes no difference.
        qubits: Width of integers, where version 2 is made.
        register: Name of the register, where no name is given with the counts.
        registry: As for ``check``.
        settings: As for ``check``.

    Raises:
        MissingParameter: The order, or something else, has to be said.
        InvalidArtifact: It breaks a rule, such as that of whole counts.
        ValueError, TypeError: A key is not what it should be.
    """
    return _from_outcomes(counts, "histogram", format, order, qubits, register, registry, settings)


def from_probabilities(
    probabilities: Mapping[str, float]
    | Mapping[int, float]
    | Mapping[str, Mapping[str, float]]
    | npt.NDArray[np.float64],
    *,
    format: str,
    order: Order | None = None,
    qubits: int | None = None,
    register: str = SYSTEM_REGISTER,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Artifact:
    """An artifact of probabilities by state.

    The arguments are those of ``from_counts``. An array of ``2**n`` probabilities is taken, too:
    its index is the state as an integer, and states of probability 0 are left out.

    Raises:
        MissingParameter: The order, or something else, has to be said.
        InvalidArtifact: It breaks a rule, such as that of sums.
        ValueError, TypeError: A key is not what it should be.
    """
    outcomes: Any = probabilities
    if not isinstance(probabilities, Mapping):
        import numpy as np

        array = np.asarray(probabilities, np.float64)
        if array.ndim != 1 or array.size & (array.size - 1) or array.size < 2:
            raise ValueError(f"an array of 2**n probabilities is needed, not one of {array.shape}")
        here = np.flatnonzero(array)
        outcomes = dict(zip(here.tolist(), array[here].tolist(), strict=True))
        width = array.size.bit_length() - 1
        if qubits not in (None, width):
            raise ValueError(f"an array of {array.size:,} is one of {width} qubits, not {qubits:,}")
        qubits = width
    return _from_outcomes(
        outcomes, "probabilities", format, order, qubits, register, registry, settings
    )


def from_shots(
    shots: npt.NDArray[Any] | Sequence[str] | Mapping[str, Any],
    *,
    format: str,
    order: Order | None = None,
    register: str = SYSTEM_REGISTER,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Artifact:
    """An artifact of single shots.

    Args:
        shots: A matrix of bits of shape ``(shots, width)``, a sequence of bitstrings, or a mapping
            of register names to one of these.
        format: The format to make; what needs more parameters is made by ``Artifact.convert``.
        order: ``wire`` and ``cirq`` have bit 0 in the first column or character, ``qiskit`` in the
            last. It can be left out only where it makes no difference.
        register: Name of the register, where no name is given with the shots.
        registry: As for ``check``.
        settings: As for ``check``.

    Raises:
        MissingParameter: The order, or something else, has to be said.
        InvalidArtifact: It breaks a rule.
        ValueError, TypeError: It is not made of bits, or registers differ in their shots.
    """
    from qartifacts.payloads.columns import Measured, Shots

    _check_order(order)
    by_register = shots if isinstance(shots, Mapping) else {register: shots}
    registers = {}
    for name, rows in by_register.items():
        bits = _bit_matrix(rows)
        registers[name] = Measured(bits.shape[1], _in_order(bits, order))
    numbers = {len(measured.states) for measured in registers.values()}
    if len(numbers) != 1 or numbers == {0}:
        raise ValueError("every register must have the same number of shots, and one at least")
    columns = Shots(numbers.pop(), registers)
    step = Step("make", None, SHOTS_V2, {} if order is None else {"order": order})
    made = _checked(SHOTS_V2, columns, step, registry, settings)
    if format != SHOTS_V2:
        made = made.convert(format)
        made._checked()
    return made


def merge(
    children: Mapping[str, Artifact],
    *,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Artifact:
    """The aggregate of a multi-circuit job, made of its children's results.

    Args:
        children: Results by the id of the child job. What is not probabilities of version 1 is
            converted to them.
        registry: As for ``check``.
        settings: As for ``check``.

    Raises:
        InvalidArtifact: An id is not a UUID.
        ConversionError, MissingParameter: A child cannot become probabilities of version 1.
    """
    distributions = {}
    changes: list[Any] = []
    for child, artifact in children.items():
        alike = artifact.convert(PROBABILITIES_V1)
        distributions[child] = alike.distribution()
        changes += alike.lost[len(artifact.lost) :]
    columns = {child: replace(each, width=None) for child, each in distributions.items()}
    step = Step("merge", None, AGGREGATE_V1, {"children": list(children)}, tuple(changes))
    return _checked(AGGREGATE_V1, columns, step, registry, settings)


def pool(artifacts: Iterable[Artifact], *, shots: Sequence[int] | None = None) -> Artifact:
    """The results of repeated jobs as those of one: counts add up, probabilities are averaged.

    Args:
        artifacts: Histograms, shots or probabilities, all of one format, with the same registers.
        shots: How many shots each had: the weights of probabilities, which do not record them.

    Raises:
        MissingParameter: Probabilities have no weights.
        ConversionError: They differ in registers or widths, or are of a format that has no counts.
        ValueError: There are none, they differ in format, or not each of them has a weight.
    """
    every = list(artifacts)
    if not every:
        raise ValueError("there is nothing to pool")
    first = every[0]
    if len({each.format for each in every}) > 1:
        raise ValueError("convert all to one format first")
    names = first.register_names
    if any(set(each.register_names) != set(names) for each in every):
        raise ConversionError("registers", "the results have different registers")
    if isinstance(first.columns, Mapping):
        raise ConversionError("children", "an aggregate holds several results; split it first")
    columns: Columns
    if isinstance(first.columns, tuple):
        weights = _weights(every, shots)
        columns = tuple(_pooled(name, every, weights) for name in names)
    else:
        columns = _listed(every)
    changes = tuple(change for each in every for change in (*each.lost, *each._left_out()))
    given = {"number": len(every)} if shots is None else {"shots": _weights(every, shots)}
    target = written_as(first.format, columns)
    step = Step("pool", first.format, target, given, changes)
    return _checked(target, columns, step, first._registry, first._settings, first.bit_order)


def prove_bit_order(
    v1: Artifact, v2: Artifact, *, register: str = SYSTEM_REGISTER
) -> BitOrderProof:
    """Which bit order version 2 was written in, by comparison with version 1 of the same job.

    Args:
        v1: Probabilities, a histogram or shots of version 1, whose order is certain.
        v2: The same job's result of version 2, of whatever kind.
        register: The register that version 1 is about.

    Returns:
        ``wire`` or ``reversed`` where that is proven; ``undecidable`` where the state is the same
        both ways; ``inconsistent`` where it fits neither way, so that these are not results of
        one job.

    Raises:
        ValueError: They are not of version 1 and version 2, in this order.
        UnknownRegister: There is no such register.
    """
    from qartifacts.conversion import prove

    for artifact, version in ((v1, "v1"), (v2, "v2")):
        others = artifact.format == AGGREGATE_V1 or artifact.format in VENDOR_FORMATS
        if artifact.format.version != version or others:
            raise ValueError(f"a result of version {version[1:]} is needed, not {artifact.format}")
    return prove(v1._not_empty(None), v2._read_as("wire")._not_empty(register))


def total_variation_distance(
    one: Artifact, other: Artifact, *, register: str | None = None
) -> float:
    """Half the sum of absolute differences of probabilities, from 0 (alike) to 1.

    Raises:
        MissingParameter, UnknownRegister, ConversionError: As for ``Artifact.distribution``.
    """
    from qartifacts.conversion import variation

    return variation(one._not_empty(register), other._not_empty(register))


def hellinger_fidelity(one: Artifact, other: Artifact, *, register: str | None = None) -> float:
    """The square of the sum of ``sqrt(p * q)``, from 0 to 1 (alike), as Qiskit defines it.

    Raises:
        MissingParameter, UnknownRegister, ConversionError: As for ``Artifact.distribution``.
    """
    from qartifacts.conversion import fidelity

    return fidelity(one._not_empty(register), other._not_empty(register))


# ----------------------------------------------------------------------------------------------


def _from_outcomes(
    outcomes: Mapping[Any, Any],
    kind: _Kind,
    format: str,
    order: Order | None,
    qubits: int | None,
    register: str,
    registry: Registry | None,
    settings: Settings | None,
) -> Artifact:
    """Write the outcomes down in a format that holds them as they are, then convert."""
    _check_order(order)
    if not isinstance(outcomes, Mapping):
        raise TypeError(f"a mapping of states is needed, not {type(outcomes).__name__}")
    if qubits is not None and not 1 <= operator.index(qubits) <= WIDEST:
        raise ValueError(f"qubits must be within 1 and {WIDEST:,}, not {qubits:,}")
    nested = bool(outcomes) and all(isinstance(each, Mapping) for each in outcomes.values())
    by_register = dict(outcomes) if nested else {register: outcomes}
    source: FormatId
    payload: dict[str, Any]
    if qubits is None and list(by_register) == [SYSTEM_REGISTER] and _has_integers(outcomes):
        source = HISTOGRAM_V1 if kind == "histogram" else PROBABILITIES_V1
        keys = [(str(key), value) for key, value in _decimal(outcomes, order)]
        payload = _unique(keys)
    else:
        source = HISTOGRAM_V2 if kind == "histogram" else PROBABILITIES_V2
        registers = {
            name: _unique((_bitstring(key, order, qubits), value) for key, value in each.items())
            for name, each in by_register.items()
        }
        payload = {kind: {"registers": registers}}
    examined = examine(
        Source(f"<{kind}>", value=payload), format=source, registry=registry, settings=settings
    )
    loaded = Artifact.of_examined(
        examined, registry=registry, settings=DEFAULTS if settings is None else settings
    )
    columns = cast("tuple[Distribution, ...]", loaded.columns)
    if not all(each.values.any() for each in columns):
        raise ConversionError("no-shots", "nothing was counted, and nothing has a probability")
    given = {"order": order, "qubits": qubits, "register": register}
    step = Step("make", None, source, {k: v for k, v in given.items() if v is not None})
    made = loaded._derived(source, columns, step)
    if format != source:
        made = made.convert(format, qubits=qubits)
    made._checked()
    return made


def _unique(outcomes: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Outcomes by state, each of them once."""
    unique: dict[str, Any] = {}
    for state, value in outcomes:
        if state in unique:
            raise ValueError(f"two keys are the same state, {quoted(state)}")
        unique[state] = _number(value)
    return unique


def _check_order(order: str | None) -> None:
    if order not in (None, "wire", "cirq", "qiskit"):
        raise ValueError(f"order takes wire, qiskit or cirq, not {order!r}")


def _has_integers(outcomes: Mapping[Any, Any]) -> bool:
    return bool(outcomes) and not any(isinstance(key, str) for key in outcomes)


def _decimal(outcomes: Mapping[Any, Any], order: Order | None) -> list[tuple[int, Any]]:
    decimal = [(_index(key), value) for key, value in outcomes.items()]
    states = [state for state, _ in decimal]
    if order == "qiskit" or not any(states):
        return decimal
    if order == "cirq":
        raise MissingParameter("qubits", "in Cirq's order, the last qubit is least significant")
    raise _no_order(next(filter(None, states)), order)


def _bitstring(key: Any, order: Order | None, qubits: int | None) -> str:
    """A key as bitstring in wire order."""
    if isinstance(key, str):
        if qubits is not None and len(key) != qubits:
            bits = counted(len(key), "bit")
            raise ConversionError("width", f"the key {quoted(key)} has {bits}, not {qubits:,}")
        if order is None and key != key[::-1]:
            raise _no_order(key, order)
        return key[::-1] if order == "qiskit" else key
    state = _index(key)
    if qubits is None:
        raise MissingParameter("qubits", "integers do not tell the width of the register")
    if state >> qubits:
        needed = counted(state.bit_length(), "qubit")
        raise ConversionError("too-wide", f"the state {state} needs {needed}, not {qubits:,}")
    text = f"{state:0{qubits}b}"
    if order in (None, "wire") and text != text[::-1]:
        raise _no_order(state, order)
    return text[::-1] if order == "qiskit" else text


def _no_order(key: str | int, order: Order | None) -> Exception:
    if order is None:
        return MissingParameter(
            "order", f"the state {quoted(str(key))} is another one if read from the other end"
        )
    return ValueError(
        "integers are read in the order qiskit, bit 0 least significant, or cirq, bit 0 most "
        "significant; wire is an order of texts"
    )


def _index(key: Any) -> int:
    if isinstance(key, bool) or not hasattr(key, "__index__"):
        raise TypeError(f"a state is a bitstring or an integer, not {key!r}")
    state = int(key.__index__())
    if state < 0:
        raise ValueError(f"a state is not negative, as {state} is")
    return state


def _number(value: Any) -> Any:
    """A number of Python's own, where NumPy's stands."""
    return value.item() if hasattr(value, "item") else value


def _bit_matrix(rows: Any) -> Bits:
    """A matrix of bits, of an array or of bitstrings."""
    import numpy as np

    if isinstance(rows, (str, bytes)):
        raise TypeError("shots are a matrix of bits, or a sequence of bitstrings, not one text")
    listed = list(rows) if not isinstance(rows, np.ndarray) else rows
    if len(listed) and isinstance(listed[0], str):
        if len(set(map(len, listed))) > 1 or set().union(*listed) - {"0", "1"}:
            raise ValueError("shots as texts are bitstrings of one width")
        listed = [list(map(int, text)) for text in listed]
    matrix = np.asarray(listed)
    if matrix.ndim != 2 or matrix.dtype.kind not in "biuf" or not np.isin(matrix, (0, 1)).all():
        raise ValueError(
            f"a matrix of bits, of shape (shots, width), is needed, not {matrix.dtype} of shape "
            f"{matrix.shape}"
        )
    return matrix.astype(np.uint8)


def _in_order(bits: Bits, order: Order | None) -> Words:
    from qartifacts.payloads.states import pack

    if order is None and (bits != bits[:, ::-1]).any():
        raise MissingParameter("order", "shots are other ones if read from the other end")
    return pack(bits[:, ::-1] if order == "qiskit" else bits)


def _checked(
    format: FormatId,
    columns: Columns,
    step: Step,
    registry: Registry | None,
    settings: Settings | None,
    bit_order: BitOrder = "wire",
) -> Artifact:
    """An artifact of columns, which has passed its check."""
    made = Artifact(
        format,
        columns=columns,
        registry=registry,
        settings=DEFAULTS if settings is None else settings,
        bit_order=bit_order,
        history=(step,),
    )
    made._checked()
    return made


def _weights(every: list[Artifact], shots: Sequence[int] | None) -> list[int]:
    """What counts are multiplied by, which is 1, or the weights of probabilities."""
    counts = [each.shots for each in every]
    if None not in counts:
        return [1] * len(every)
    if shots is None:
        raise MissingParameter(
            "shots", "probabilities are weighted by the number of shots, which they do not record"
        )
    weights = [operator.index(number) for number in shots]
    if len(weights) != len(every) or any(number < 1 for number in weights):
        raise ValueError(f"give {len(every)} numbers of shots, one for each result")
    return weights


def _pooled(name: str, every: list[Artifact], weights: list[int]) -> Distribution:
    """The distributions of one register, added up."""
    import numpy as np

    from qartifacts.payloads import states as packed
    from qartifacts.payloads.columns import at_most_one

    parts = [each.distribution(name) for each in every]
    if len({part.width for part in parts}) > 1:
        raise ConversionError("width", f"the register {quoted(name)} has different widths")
    states = functools.reduce(packed.stacked, (part.states for part in parts))
    values: Values
    if parts[0].counted:
        total = sum(part.total for part in parts)
        if total > MOST_COUNTED:
            raise ConversionError("too-many-shots", f"{total:,} shots cannot be counted exactly")
        values = np.concatenate([part.values for part in parts])
    else:
        share = [weight / sum(weights) for weight in weights]
        values = np.concatenate([p.values * s for p, s in zip(parts, share, strict=True)])
    states, values = packed.add_equal(states, values)
    return replace(parts[0], states=states, values=at_most_one(values))


def _listed(every: list[Artifact]) -> Shots:
    """The shots of all, one after the other."""
    import numpy as np

    from qartifacts.payloads import states as packed
    from qartifacts.payloads.columns import Leakage, Measured, Shots

    parts = [cast("Shots", each.columns) for each in every]
    registers = {}
    for name in parts[0].registers:
        columns = [part.registers[name] for part in parts]
        if len({column.width for column in columns}) > 1:
            raise ConversionError("width", f"the register {quoted(name)} has different widths")
        states = functools.reduce(packed.stacked, (column.states for column in columns))
        registers[name] = Measured(columns[0].width, states)
    number = sum(part.number for part in parts)
    leakage = None
    if any(part.leakage for part in parts):
        filled = [part.leakage or Leakage.absent(part.number) for part in parts]
        widths = np.concatenate([each.widths for each in filled])
        leakage = Leakage(widths, functools.reduce(packed.stacked, (e.states for e in filled)))
    return Shots(number, registers, leakage)
