"""What a device allows, in as much as a result can break it: little, so that it travels well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from qartifacts.source import display_name

__all__ = ["Limits", "Origin"]


class Origin(NamedTuple):
    """Where something is said of a device.

    Attributes:
        source: The document, as reports call it.
        pointer: JSON pointer of the value in it.
    """

    source: str
    pointer: str

    def __str__(self) -> str:
        return f"{display_name(self.source)}: {display_name(self.pointer)}"


class Limits(NamedTuple):
    """What a result is held against; None is what no document of the device says.

    Attributes:
        qubits: Number of qubits.
        pairs: Pairs of qubits on which a gate on two can act, each in ascending order.
        gates: Names of the native gates, in lower case.
        max_shots: Shots of a job, at most.
        origins: Where each of them is said, by its name in ``Device``.
    """

    qubits: int | None = None
    pairs: frozenset[tuple[int, int]] | None = None
    gates: frozenset[str] | None = None
    max_shots: int | None = None
    origins: Mapping[str, Origin] = {}  # It is never written to.
