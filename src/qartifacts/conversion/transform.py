"""Columns of one format into columns of another, and what that does to what there was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt

from qartifacts.conversion import counting
from qartifacts.conversion.counting import METHODS, MOST_SHOTS, Method
from qartifacts.conversion.table import KINDS, NEEDS, Effect, Kind, Route
from qartifacts.errors import ConversionError, MissingParameter, UnknownRegister
from qartifacts.findings import counted
from qartifacts.identifiers import AGGREGATE_V1, AZURE_V1, BRAKET_V1, CHILD_ID, PROBABILITIES_V1
from qartifacts.jsontext import quoted
from qartifacts.payloads import SYSTEM_REGISTER
from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Children, Columns, Distribution, Measured, Shots

__all__ = [
    "BIT_ORDERS",
    "SHOT_ORDERS",
    "BitOrder",
    "Change",
    "Parameters",
    "ShotOrder",
    "choose_child",
    "convert_columns",
]

BitOrder: TypeAlias = Literal["wire", "reversed"]
BIT_ORDERS: Final[tuple[BitOrder, ...]] = ("wire", "reversed")
ShotOrder: TypeAlias = Literal["sorted", "shuffled"]
SHOT_ORDERS: Final[tuple[ShotOrder, ...]] = ("sorted", "shuffled")

#: A width beyond it is taken for a mistake before memory is spent on it.
WIDEST: Final = 1 << 16

#: Decimal states of more bits would have more than the 4,300 digits that are read.
WIDEST_V1: Final = 14_284
#: More shots than this are not listed one by one: no reader here takes so many values.
MOST_LISTED: Final = 1 << 27
#: How far sums and counts may be off without a word.
SUM_FINE: Final = 1e-6

#: Formats of probabilities that write states as decimal integers.
_DECIMAL: Final = frozenset({PROBABILITIES_V1, AGGREGATE_V1, AZURE_V1})

_Column = TypeVar("_Column", Measured, Distribution)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a conversion lost or invented.

    Attributes:
        effect: Whether it was lost or invented.
        kind: What it was.
        message: One line for people.
        number: How many of it, where it can be counted.
    """

    effect: Effect
    kind: Kind
    message: str
    number: int | None = None

    def __str__(self) -> str:
        return f"{self.effect} {self.kind}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a conversion may need to be told.

    Attributes:
        shots: Number of shots to make of probabilities.
        method: How: ``exact`` refuses what is no count, ``round`` is largest remainder, and
            ``sample`` draws with ``seed``.
        seed: What determines random draws and shuffled shots.
        qubits: Width of the register, where version 1 does not record it; checked where it is
            recorded.
        register: The register to take, or several in their order.
        child: Id of the child job to take out of an aggregate, or to put into one.
        shot_order: Order of shots that are made of counts.
        keep_leaked: Whether shots with leakage are kept.
        bit_order: How version 2 is written on both sides: ``wire`` is bit 0 first, ``reversed``
            bit 0 last.

    Raises:
        ValueError: A value is out of its range.
        TypeError: A value is of the wrong type.
    """

    shots: int | None = None
    method: Method | None = None
    seed: int | None = None
    qubits: int | None = None
    register: str | tuple[str, ...] | None = None
    child: str | None = None
    shot_order: ShotOrder | None = None
    keep_leaked: bool = False
    bit_order: BitOrder = "wire"

    def __post_init__(self) -> None:
        _check_integer("shots", self.shots, 1, MOST_SHOTS)
        _check_integer("seed", self.seed, 0, (1 << 128) - 1)
        _check_integer("qubits", self.qubits, 1, WIDEST)
        _check_choice("method", self.method, METHODS)
        _check_choice("shot_order", self.shot_order, SHOT_ORDERS)
        _check_choice("bit_order", self.bit_order, BIT_ORDERS)
        if self.registers is not None and not self.registers:
            raise ValueError("register takes at least one name")
        if self.child is not None and not CHILD_ID.fullmatch(self.child):
            raise ValueError(f"child takes the UUID of a child job, not {quoted(self.child)}")

    @property
    def registers(self) -> tuple[str, ...] | None:
        """The registers to take; None if none was named."""
        return (self.register,) if isinstance(self.register, str) else self.register

    @property
    def last_first(self) -> bool:
        """Whether version 2 has its last bit first."""
        return self.bit_order == "reversed"


def _check_integer(name: str, value: Any, least: int, most: int) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} takes a whole number, not {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name} must be within {least:,} and {most:,}, not {value:,}")


def _check_choice(name: str, value: Any, choices: Sequence[str]) -> None:
    if value is not None and value not in choices:
        raise ValueError(f"{name} takes {' or '.join(choices)}, not {value!r}")


def convert_columns(
    route: Route, columns: Columns, parameters: Parameters
) -> tuple[Columns, list[Change]]:
    """Columns of the route's source as columns of its target, and what changed on the way.

    Raises:
        MissingParameter: The route needs one that is not given.
        UnknownRegister: There is no such register.
        ConversionError: The data does not allow it.
    """
    conversion = _Conversion(route, parameters)
    return conversion.run(columns), conversion.changes


def choose_child(children: Children, child: str) -> tuple[str, Distribution]:
    """The result of one child job, and its id as the aggregate writes it.

    Raises:
        ConversionError: The aggregate does not hold that child.
    """
    for each, distribution in children.items():
        if each.lower() == child.lower():
            return each, distribution
    raise ConversionError(
        "no-child", f"there is no child {child}; there are {counted(len(children), 'other')}"
    )


class _Conversion:
    """One conversion on its way; every step records what it changes."""

    def __init__(self, route: Route, parameters: Parameters) -> None:
        self.route: Final = route
        self.parameters: Final = parameters
        self.changes: Final[list[Change]] = []
        self.target: Final = KINDS[route.target]
        self.to_v1: Final = route.target.version == "v1"

    def run(self, columns: Columns) -> Columns:
        """Pick, drop, and then change what kind of thing it is."""
        for name in self._needed(columns):
            # A width is asked for when it turns out not to be recorded.
            if name != "qubits" and getattr(self.parameters, name) is None:
                raise MissingParameter(name, NEEDS[name])
        if isinstance(columns, Shots):
            shots = self._kept(columns)
            registers = self._picked(shots.registers)
            if shots.leakage is not None and (self.to_v1 or self.target != "shots"):
                self._lost(Kind.LEAKAGE_BITS, "leakage bits")
                shots = replace(shots, leakage=None)
            if self.target == "shots":
                return replace(shots, registers=registers)
            return self._distributions(self._counted(registers))
        if isinstance(columns, tuple):
            return self._distributions(self._picked({each.register: each for each in columns}))
        if self.target == "aggregate":
            return columns
        child, distribution = choose_child(columns, cast("str", self.parameters.child))
        self._lost(Kind.CHILD_ID, f"that this is the result of {child}")
        return self._distributions(self._picked({distribution.register: distribution}))

    def _needed(self, columns: Columns) -> tuple[str, ...]:
        """The parameters without which these columns have no single answer."""
        if not self.route.may_need:
            return self.route.needs
        needed = set(self.route.needs)
        if not isinstance(columns, Shots):
            counts = isinstance(columns, tuple) and all(each.counted for each in columns)
            needed |= {"shot_order"} if counts else {"shots", "shot_order"}
        return tuple(
            name for name in NEEDS if name in needed & {*self.route.needs, *self.route.may_need}
        )

    def _lost(self, kind: Kind, message: str, number: int | None = None) -> None:
        self.changes.append(Change(Effect.LOST, kind, message, number))

    # ------------------------------------------------------------------------------------------
    # Which shots and registers

    def _kept(self, shots: Shots) -> Shots:
        leaked = shots.leaked
        if leaked and not self.parameters.keep_leaked:
            self._lost(
                Kind.LEAKED_SHOTS,
                f"{leaked:,} of {counted(shots.number, 'shot')}, which leaked",
                leaked,
            )
            shots = shots.kept()
        if not shots.number:
            why = "all of them leaked" if leaked else "the payload holds none"
            raise ConversionError("no-shots", f"there are no shots to convert: {why}")
        return shots

    def _picked(self, registers: Mapping[str, _Column]) -> dict[str, _Column]:
        """The registers that are wanted, with their widths known as far as can be."""
        names = self._names(tuple(registers))
        dropped = [name for name in registers if name not in names]
        if dropped:
            named = ", ".join(map(quoted, dropped))
            self._lost(Kind.REGISTERS, f"the registers {named}", len(dropped))
        if not self.to_v1:
            return {name: self._widened(name, registers[name]) for name in names}
        (name,) = names
        picked = self._widened(name, registers[name])
        if name != SYSTEM_REGISTER:
            self._lost(Kind.REGISTER_NAME, f"the name of the register {quoted(name)}")
        recorded = registers[name].width
        if recorded is not None:
            bits = counted(recorded, "bit")
            self._lost(Kind.WIDTH, f"that the register has {bits}")
        if packed.bit_length(picked.states) > WIDEST_V1:
            raise ConversionError(
                "too-wide", f"version 1 holds states of at most {WIDEST_V1:,} bits"
            )
        return {SYSTEM_REGISTER: replace(picked, width=None)}

    def _names(self, known: tuple[str, ...]) -> tuple[str, ...]:
        if not known:
            raise ConversionError("no-register", "there is no register to convert")
        chosen = self.parameters.registers
        if chosen is None and self.to_v1 and len(known) > 1:
            # Version 1 is about the system's own register.
            chosen = (SYSTEM_REGISTER,) if SYSTEM_REGISTER in known else None
        chosen = known if chosen is None else chosen
        for name in chosen:
            if name not in known:
                raise UnknownRegister(name, known)
        if self.to_v1 and len(chosen) > 1:
            names = ", ".join(map(quoted, chosen))
            raise MissingParameter("register", f"version 1 holds one register, not {names}")
        return chosen

    def _widened(self, name: str, column: _Column) -> _Column:
        """A column with its width, if that is recorded or given."""
        width, qubits = column.width, self.parameters.qubits
        if width == 0:
            raise ConversionError("no-bits", f"the register {quoted(name)} has no bits")
        if width is not None:
            single = self.parameters.registers is not None or name == SYSTEM_REGISTER
            if qubits is not None and single and qubits != width:
                bits = counted(width, "bit")
                raise ConversionError(
                    "width", f"the register {quoted(name)} has {bits}, not {qubits:,}"
                )
            return column
        if qubits is None:
            if not self.to_v1:
                raise MissingParameter("qubits", NEEDS["qubits"])
            return column
        needed = packed.bit_length(column.states)
        if needed > qubits:
            largest = quoted(str(packed.largest(column.states)))
            raise ConversionError(
                "too-wide",
                f"the state {largest} needs {counted(needed, 'qubit')}, and {qubits:,} are given",
            )
        return replace(column, width=qubits)

    # ------------------------------------------------------------------------------------------
    # From one kind to another

    def _counted(self, registers: dict[str, Measured]) -> dict[str, Distribution]:
        self._lost(Kind.SHOT_ORDER, "the order of the shots")
        if len(registers) > 1:
            together = f"which outcomes of the {len(registers)} registers came together"
            self._lost(Kind.CORRELATIONS, together)
        return {
            name: Distribution(name, measured.width, *packed.count_equal(measured.states))
            for name, measured in registers.items()
        }

    def _distributions(self, registers: dict[str, Distribution]) -> Columns:
        counts = next(iter(registers.values())).counted
        if self.target == "shots" and len(registers) > 1:
            raise ConversionError(
                "marginals",
                "which outcomes of several registers came together is not recorded here; choose "
                f"one register: {', '.join(map(quoted, registers))}",
            )
        for each in registers.values():
            if not len(each) or not each.values.any():
                what = "nothing was counted" if counts else "nothing has a probability"
                raise ConversionError("no-shots", f"there are no shots to convert: {what}")
        wanted = self.target in ("histogram", "shots")
        if wanted and not counts:
            registers = {name: self._apportioned(each) for name, each in registers.items()}
        elif counts and not wanted:
            total = next(iter(registers.values())).total
            self._lost(Kind.SHOT_COUNT, f"that there were {counted(total, 'shot')}", total)
            registers = {
                name: replace(each, values=each.shares()) for name, each in registers.items()
            }
        if self.target == "shots":
            return self._told_apart(registers)
        distributions = tuple(
            replace(each, register=name, width=None if self.to_v1 else each.width)
            for name, each in registers.items()
        )
        if self.target == "aggregate":
            return {cast("str", self.parameters.child): distributions[0]}
        return distributions

    def _apportioned(self, distribution: Distribution) -> Distribution:
        """Counts from probabilities, by the method that was asked for."""
        method = self.parameters.method or "exact"
        shots = cast("int", self.parameters.shots)
        probabilities = cast("npt.NDArray[np.float64]", distribution.values)
        if method == "exact":
            counts = counting.exact(
                probabilities, shots, lambda index: self._state(distribution, index)
            )
        elif method == "round":
            counts = counting.largest_remainder(probabilities, shots)
        elif self.parameters.seed is None:
            raise MissingParameter("seed", "without it, nobody could draw the same sample again")
        else:
            counts = counting.sample(
                probabilities, shots, self.parameters.seed, distribution.register
            )
        if method != "exact":
            self._tell_apportioned(method, distribution, counts)
        # Entries of zero that were there stay; possible outcomes without a shot go.
        stay = (counts > 0) | (probabilities == 0)
        gone = len(counts) - int(stay.sum())
        if gone:
            what = counted(gone, "possible outcome")
            self._lost(Kind.OUTCOMES, f"{what} of {len(counts):,}, without a shot", gone)
        return replace(distribution, states=distribution.states[stay], values=counts[stay])

    def _tell_apportioned(
        self, method: Method, distribution: Distribution, counts: npt.NDArray[np.int64]
    ) -> None:
        total = float(distribution.values.sum())
        if abs(total - 1) > SUM_FINE:
            self._lost(Kind.SUM, f"that the probabilities sum to {total:.10g}")
        if method == "sample":
            self._lost(Kind.SAMPLING, "the probabilities: counts were drawn from them at random")
            return
        off = float(np.abs(distribution.shares() * counts.sum() - counts).max())
        if off > SUM_FINE:
            self._lost(Kind.ROUNDING, f"fractions of shots, up to {off:.3g} for an outcome")

    def _state(self, distribution: Distribution, index: int) -> str:
        """A state as the file writes it, for a message."""
        state = distribution.states[index : index + 1]
        if distribution.width is None or self.route.source in _DECIMAL:
            return f"the state {quoted(str(packed.to_integers(state)[0]))}"
        last_first = self.parameters.last_first and self.route.source != BRAKET_V1
        text = packed.to_bitstrings(state, distribution.width, last_first=last_first)[0]
        return f"the state {quoted(text)}"

    def _told_apart(self, registers: dict[str, Distribution]) -> Shots:
        ((name, distribution),) = registers.items()
        order, seed = self.parameters.shot_order, self.parameters.seed
        total = distribution.total
        if total > MOST_LISTED:
            raise ConversionError(
                "too-many-shots", f"at most {MOST_LISTED:,} shots are listed, not {total:,}"
            )
        if order == "shuffled" and seed is None:
            raise MissingParameter("seed", "without it, nobody could shuffle the same way again")
        indices = counting.expand(
            cast("npt.NDArray[np.int64]", distribution.values),
            shuffled_by=seed if order == "shuffled" else None,
        )
        self.changes.append(
            Change(Effect.INVENTED, Kind.SHOT_ORDER, f"an order of the shots: {order}")
        )
        measured = Measured(distribution.width, distribution.states[indices])
        return Shots(total, {name: measured})
