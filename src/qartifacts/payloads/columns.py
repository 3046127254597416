"""Columns: what a payload holds, as NumPy arrays, apart from how its format writes it down.

Everything here is immutable: arrays are views that cannot be written to. States are packed as
``qartifacts.payloads.states`` says. The order of bits is always the same, bit k first to last; the
order in which a file writes them is the business of whoever reads or writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from qartifacts.payloads import states as packed
from qartifacts.payloads.states import Words

__all__ = ["Children", "Columns", "Distribution", "Leakage", "Measured", "Shots", "at_most_one"]

#: Values of a histogram or of a distribution of probabilities.
Values: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.float64]


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A view of an array that cannot be written to."""
    view = array.view()
    view.flags.writeable = False
    return view


def at_most_one(values: Values) -> Values:
    """Sums of probabilities, of which rounding may have lifted one above 1."""
    return np.minimum(values, 1.0) if values.dtype.kind == "f" else values


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """How often, or how likely, each state of one register is.

    Attributes:
        register: The register's name.
        width: Its bits; None where the payload does not record them, as version 1 does not.
        states: Different states in ascending order, packed, of shape ``(n, words)``.
        values: What belongs to each state, of shape ``(n,)``: counts as ``int64``, probabilities
            as ``float64``.
    """

    register: str
    width: int | None
    states: Words
    values: Values

    def __post_init__(self) -> None:
        object.__setattr__(self, "states", frozen(self.states))
        object.__setattr__(self, "values", frozen(self.values))

    @property
    def counted(self) -> bool:
        """Whether the values are counts."""
        return self.values.dtype.kind == "i"

    @property
    def total(self) -> int:
        """The sum of the counts, whatever its size."""
        # In two halves: a sum of 64-bit numbers may overflow, which NumPy would not tell.
        high, low = self.values >> 32, self.values & 0xFFFFFFFF  # type: ignore[operator]
        return (int(high.sum()) << 32) + int(low.sum())

    def shares(self) -> npt.NDArray[np.float64]:
        """Values divided by their sum."""
        if self.counted:
            return np.true_divide(self.values, float(self.total))
        shares: npt.NDArray[np.float64] = self.values / self.values.sum()
        return shares

    def __len__(self) -> int:
        return len(self.values)

    def pick_bits(self, positions: Sequence[int]) -> Distribution:
        """The marginal distribution of the listed bits, which become bits 0, 1, ..."""
        states, values = packed.add_equal(packed.pick_bits(self.states, positions), self.values)
        return replace(self, width=len(positions), states=states, values=at_most_one(values))


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The bits of one register in every shot.

    Attributes:
        width: Bits of the register; None where the payload does not record them.
        states: A packed state a shot, in the order of the shots, of shape ``(shots, words)``.
    """

    width: int | None
    states: Words

    def __post_init__(self) -> None:
        object.__setattr__(self, "states", frozen(self.states))

    def pick(self, shots: npt.NDArray[np.bool_]) -> Measured:
        """The same of some shots only."""
        return Measured(self.width, self.states[shots])


@dataclass(frozen=True, slots=True, eq=False)
class Leakage:
    """Leakage bits of every shot.

    Attributes:
        widths: How many bits each shot has; -1 where they are null, -2 where they are absent.
        states: The bits, packed, of shape ``(shots, words)``.
    """

    NULL: ClassVar = -1
    ABSENT: ClassVar = -2

    widths: npt.NDArray[np.int64]
    states: Words

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", frozen(self.widths))
        object.__setattr__(self, "states", frozen(self.states))

    @classmethod
    def absent(cls, shots: int) -> Leakage:
        """What shots have that do not mention any."""
        return cls(np.full(shots, cls.ABSENT, np.int64), np.zeros((shots, 1), np.uint64))

    @property
    def leaked(self) -> npt.NDArray[np.bool_]:
        """Which shots leaked."""
        return cast("npt.NDArray[np.bool_]", self.states.any(axis=1))

    def pick(self, shots: npt.NDArray[np.bool_]) -> Leakage:
        """The same of some shots only."""
        return Leakage(self.widths[shots], self.states[shots])


@dataclass(frozen=True, slots=True, eq=False)
class Shots:
    """What every shot measured.

    Attributes:
        number: How many shots there are, leaked ones among them.
        registers: Measured bits by register, in the payload's order.
        leakage: Leakage bits; None if no shot mentions any.
    """

    number: int
    registers: Mapping[str, Measured]
    leakage: Leakage | None = None

    @property
    def leaked(self) -> int:
        """How many shots leaked."""
        return 0 if self.leakage is None else int(self.leakage.leaked.sum())

    def pick(self, shots: npt.NDArray[np.bool_]) -> Shots:
        """Some of the shots, in their order."""
        return Shots(
            int(shots.sum()),
            {name: measured.pick(shots) for name, measured in self.registers.items()},
            None if self.leakage is None else self.leakage.pick(shots),
        )

    def kept(self) -> Shots:
        """The shots without leakage."""
        if self.leakage is None or not self.leaked:
            return self
        return self.pick(~self.leakage.leaked)


#: Distributions of the children of a multi-circuit job, by the id of the child.
Children: TypeAlias = Mapping[str, Distribution]

#: What a payload holds: registers of shots, distributions of registers, or children.
Columns: TypeAlias = Shots | tuple[Distribution, ...] | Children
