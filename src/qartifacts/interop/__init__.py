"""Objects of other libraries, made of columns and read as plain values.

Each module knows one library. None of them converts: what they are given has the kind, registers
and widths that the library wants, and what they give back is made an artifact on the floor above.
A library is imported when an object of it is made; reading one needs only its attributes.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from qartifacts.errors import MissingExtra

if TYPE_CHECKING:
    from qartifacts.payloads.states import Bits

__all__ = ["Taken", "library"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an object of another library says, as plain values.

    Attributes:
        kind: What it holds.
        widths: Bits of each register, the first declared first; None where they are not known.
        names: Names of the registers, as many; None where the object has no names.
        outcomes: Counts or probabilities by state. A state is a text that has the bits of the first
            register first, bit 0 of each leftmost; or, without widths, an integer that has bit 0
            least significant.
        bits: Of shots: a matrix of shape ``(shots, sum(widths))``, with columns in that order.
        shots: How many shots there were, where that is said beside probabilities.
        lost: What the object says and no format of results holds.
    """

    kind: Literal["histogram", "probabilities", "shots"]
    widths: tuple[int, ...] | None
    names: tuple[str, ...] | None = None
    outcomes: Mapping[str, Any] | Mapping[int, Any] | None = None
    bits: Bits | None = None
    shots: int | None = None
    lost: tuple[str, ...] = ()


def library(module: str, extra: str) -> Any:
    """A module of another library.

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(extra, _PACKAGES.get(extra, extra)) from error


#: What is to be installed, where its name is not that of the extra.
_PACKAGES = {"arrow": "pyarrow", "braket": "amazon-braket-schemas", "cirq": "cirq-core"}
