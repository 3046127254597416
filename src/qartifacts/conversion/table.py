"""The table of conversions: for every pair of formats, what it needs, loses and invents.

What is not in the table cannot be converted. Prose and checks are made from it: the pages of the
documentation, ``qartifacts formats --conversions``, and the tests, which hold every conversion
against its entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from qartifacts.errors import UnsupportedConversion
from qartifacts.identifiers import (
    AGGREGATE_V1,
    AZURE_V1,
    AZURE_V2,
    BRAKET_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    VENDOR_FORMATS,
    FormatId,
)

__all__ = ["CONVERSIONS", "KINDS", "NEEDS", "Effect", "Kind", "Route", "route"]


class Effect(StrEnum):
    """What a conversion does to what there was."""

    LOST = "lost"
    INVENTED = "invented"


class Kind(StrEnum):
    """What can be lost or invented, in the words of the provenance record."""

    BITS = "bits"
    CHILD_ID = "child-id"
    CORRELATIONS = "correlations"
    FAILED_SHOTS = "failed-shots"
    LEAKAGE_BITS = "leakage-bits"
    LEAKED_SHOTS = "leaked-shots"
    MEMBERS = "members"
    OUTCOMES = "outcomes"
    QUBITS = "qubits"
    REGISTER_NAME = "register-name"
    REGISTERS = "registers"
    ROUNDING = "rounding"
    SAMPLING = "sampling"
    SHOT_COUNT = "shot-count"
    SHOT_ORDER = "shot-order"
    SHOTS = "shots"
    SUM = "sum"
    WIDTH = "width"


#: What a format of IonQ's holds, apart from its version. What a result of another cloud holds
#: differs from file to file.
KINDS: Final[Mapping[FormatId, str]] = MappingProxyType(
    {
        SHOTS_V1: "shots",
        SHOTS_V2: "shots",
        HISTOGRAM_V1: "histogram",
        HISTOGRAM_V2: "histogram",
        PROBABILITIES_V1: "probabilities",
        PROBABILITIES_V2: "probabilities",
        AGGREGATE_V1: "aggregate",
    }
)

#: Parameters that a conversion can need, and why there is no default.
NEEDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "qubits": "version 1 does not record the width; the job record gives it as stats.qubits",
        "shots": "probabilities do not record how many shots there were",
        "shot_order": "a histogram does not record the order of its shots, so that one has to be "
        "invented: sorted or shuffled",
        "child": "an aggregate holds results by the id of their child jobs; name one",
    }
)


@dataclass(frozen=True, slots=True)
class Route:
    """How one format becomes another.

    Attributes:
        source: The format that is read.
        target: The format that is written.
        needs: Parameters without which it has no single answer; keys of ``NEEDS``.
        loses: What the target cannot hold, always.
        may_lose: What is lost where the payload has it.
        invents: What the target holds and the source does not.
        may_need: Parameters that it needs where the payload does not hold what they say.
        may_invent: What is invented where the payload does not hold it.
    """

    source: FormatId
    target: FormatId
    needs: tuple[str, ...] = ()
    loses: tuple[Kind, ...] = ()
    may_lose: tuple[Kind, ...] = ()
    invents: tuple[Kind, ...] = ()
    may_need: tuple[str, ...] = ()
    may_invent: tuple[Kind, ...] = ()

    @property
    def summary(self) -> str:
        """What it needs, loses and invents, in one line."""
        parts = [
            f"{verb} {', '.join(map(str, what))}"
            for verb, what in (
                ("needs", self.needs),
                ("loses", self.loses),
                ("invents", self.invents),
                ("may need", self.may_need),
                ("may lose", self.may_lose),
                ("may invent", self.may_invent),
            )
            if what
        ]
        if self.lossless:
            parts.insert(0, "lossless")
        return "; ".join(parts)

    @property
    def lossless(self) -> bool:
        """Whether the way back gives the same again (registers picked, and nothing leaked)."""
        back = (self.target, self.source) in CONVERSIONS
        return back and not (self.loses or self.invents)


_P1, _P2 = PROBABILITIES_V1, PROBABILITIES_V2
_H1, _H2 = HISTOGRAM_V1, HISTOGRAM_V2
_S1, _S2 = SHOTS_V1, SHOTS_V2
_A1, _A2, _B1 = AZURE_V1, AZURE_V2, BRAKET_V1
_ROUND = (Kind.OUTCOMES, Kind.ROUNDING, Kind.SAMPLING, Kind.SUM)
_PICK = (Kind.REGISTERS, Kind.REGISTER_NAME)
_LEAK = (Kind.LEAKED_SHOTS, Kind.LEAKAGE_BITS)
_SHOTS = (Kind.SHOT_ORDER,)

_ROUTES: Final = (
    # Shots are written again, or counted.
    Route(_S1, _S1),
    Route(_S1, _S2, needs=("qubits",)),
    Route(_S1, _H1, loses=(Kind.SHOT_ORDER,)),
    Route(_S1, _H2, needs=("qubits",), loses=(Kind.SHOT_ORDER,)),
    Route(_S1, _P1, loses=(Kind.SHOT_ORDER, Kind.SHOT_COUNT)),
    Route(_S1, _P2, needs=("qubits",), loses=(Kind.SHOT_ORDER, Kind.SHOT_COUNT)),
    Route(_S2, _S1, loses=(Kind.WIDTH,), may_lose=(*_PICK, *_LEAK)),
    Route(_S2, _S2, may_lose=(Kind.REGISTERS, Kind.LEAKED_SHOTS)),
    Route(_S2, _H1, loses=(Kind.SHOT_ORDER, Kind.WIDTH), may_lose=(*_PICK, *_LEAK)),
    Route(_S2, _H2, loses=(Kind.SHOT_ORDER,), may_lose=(Kind.REGISTERS, Kind.CORRELATIONS, *_LEAK)),
    Route(
        _S2,
        _P1,
        loses=(Kind.SHOT_ORDER, Kind.SHOT_COUNT, Kind.WIDTH),
        may_lose=(*_PICK, *_LEAK),
    ),
    Route(
        _S2,
        _P2,
        loses=(Kind.SHOT_ORDER, Kind.SHOT_COUNT),
        may_lose=(Kind.REGISTERS, Kind.CORRELATIONS, *_LEAK),
    ),
    # Histograms are written again, divided, or told apart into shots.
    Route(_H1, _S1, needs=("shot_order",), invents=_SHOTS),
    Route(_H1, _S2, needs=("qubits", "shot_order"), invents=_SHOTS),
    Route(_H1, _H1),
    Route(_H1, _H2, needs=("qubits",)),
    Route(_H1, _P1, loses=(Kind.SHOT_COUNT,)),
    Route(_H1, _P2, needs=("qubits",), loses=(Kind.SHOT_COUNT,)),
    Route(_H2, _S1, needs=("shot_order",), loses=(Kind.WIDTH,), may_lose=_PICK, invents=_SHOTS),
    Route(_H2, _S2, needs=("shot_order",), may_lose=(Kind.REGISTERS,), invents=_SHOTS),
    Route(_H2, _H1, loses=(Kind.WIDTH,), may_lose=_PICK),
    Route(_H2, _H2, may_lose=(Kind.REGISTERS,)),
    Route(_H2, _P1, loses=(Kind.SHOT_COUNT, Kind.WIDTH), may_lose=_PICK),
    Route(_H2, _P2, loses=(Kind.SHOT_COUNT,), may_lose=(Kind.REGISTERS,)),
    # Probabilities are written again, or become counts.
    Route(_P1, _S1, needs=("shots", "shot_order"), may_lose=_ROUND, invents=_SHOTS),
    Route(_P1, _S2, needs=("qubits", "shots", "shot_order"), may_lose=_ROUND, invents=_SHOTS),
    Route(_P1, _H1, needs=("shots",), may_lose=_ROUND),
    Route(_P1, _H2, needs=("qubits", "shots"), may_lose=_ROUND),
    Route(_P1, _P1),
    Route(_P1, _P2, needs=("qubits",)),
    Route(
        _P2,
        _S1,
        needs=("shots", "shot_order"),
        loses=(Kind.WIDTH,),
        may_lose=(*_PICK, *_ROUND),
        invents=_SHOTS,
    ),
    Route(
        _P2,
        _S2,
        needs=("shots", "shot_order"),
        may_lose=(Kind.REGISTERS, *_ROUND),
        invents=_SHOTS,
    ),
    Route(_P2, _H1, needs=("shots",), loses=(Kind.WIDTH,), may_lose=(*_PICK, *_ROUND)),
    Route(_P2, _H2, needs=("shots",), may_lose=(Kind.REGISTERS, *_ROUND)),
    Route(_P2, _P1, loses=(Kind.WIDTH,), may_lose=_PICK),
    Route(_P2, _P2, may_lose=(Kind.REGISTERS,)),
    # An aggregate is written again; its children follow below.
    Route(AGGREGATE_V1, AGGREGATE_V1),
)


_SAID = (Kind.MEMBERS,)
_REGISTERS = (*_SAID, Kind.REGISTERS, Kind.FAILED_SHOTS)
_TASK = (Kind.QUBITS, *_ROUND)

#: What other clouds hand out is read and converted, and not written.
_OF_OTHER_CLOUDS: Final = (
    # Azure's probabilities of IonQ's devices: those of version 1 under another roof.
    Route(_A1, _S1, needs=("shots", "shot_order"), may_lose=(*_SAID, *_ROUND), invents=_SHOTS),
    Route(
        _A1,
        _S2,
        needs=("qubits", "shots", "shot_order"),
        may_lose=(*_SAID, *_ROUND),
        invents=_SHOTS,
    ),
    Route(_A1, _H1, needs=("shots",), may_lose=(*_SAID, *_ROUND)),
    Route(_A1, _H2, needs=("qubits", "shots"), may_lose=(*_SAID, *_ROUND)),
    Route(_A1, _P1, may_lose=_SAID),
    Route(_A1, _P2, needs=("qubits",), may_lose=_SAID),
    # Microsoft's: shots where the file lists them, else a histogram.
    Route(
        _A2,
        _S1,
        loses=(Kind.WIDTH,),
        may_lose=(*_REGISTERS, Kind.REGISTER_NAME, Kind.CORRELATIONS),
        may_need=("shot_order",),
        may_invent=_SHOTS,
    ),
    Route(
        _A2,
        _S2,
        may_lose=(*_REGISTERS, Kind.CORRELATIONS),
        may_need=("shot_order",),
        may_invent=_SHOTS,
    ),
    Route(
        _A2,
        _H1,
        loses=(Kind.WIDTH,),
        may_lose=(*_REGISTERS, Kind.REGISTER_NAME, Kind.CORRELATIONS, Kind.SHOT_ORDER),
    ),
    Route(_A2, _H2, may_lose=(*_REGISTERS, Kind.CORRELATIONS, Kind.SHOT_ORDER)),
    Route(
        _A2,
        _P1,
        loses=(Kind.SHOT_COUNT, Kind.WIDTH),
        may_lose=(*_REGISTERS, Kind.REGISTER_NAME, Kind.CORRELATIONS, Kind.SHOT_ORDER),
    ),
    Route(
        _A2,
        _P2,
        loses=(Kind.SHOT_COUNT,),
        may_lose=(*_REGISTERS, Kind.CORRELATIONS, Kind.SHOT_ORDER),
    ),
    # Braket's: shots where the file lists them, else probabilities and how many shots there were.
    Route(
        _B1,
        _S1,
        loses=(Kind.MEMBERS, Kind.WIDTH),
        may_lose=_TASK,
        may_need=("shots", "shot_order"),
        may_invent=_SHOTS,
    ),
    Route(
        _B1,
        _S2,
        loses=_SAID,
        may_lose=_TASK,
        may_need=("shots", "shot_order"),
        may_invent=_SHOTS,
    ),
    Route(
        _B1,
        _H1,
        loses=(Kind.MEMBERS, Kind.WIDTH),
        may_lose=(*_TASK, Kind.SHOT_ORDER),
        may_need=("shots",),
    ),
    Route(_B1, _H2, loses=_SAID, may_lose=(*_TASK, Kind.SHOT_ORDER), may_need=("shots",)),
    Route(
        _B1,
        _P1,
        loses=(Kind.MEMBERS, Kind.WIDTH),
        may_lose=(Kind.QUBITS, Kind.SHOT_ORDER, Kind.SHOT_COUNT),
    ),
    Route(_B1, _P2, loses=_SAID, may_lose=(Kind.QUBITS, Kind.SHOT_ORDER, Kind.SHOT_COUNT)),
)


def _with_children(routes: tuple[Route, ...]) -> dict[tuple[FormatId, FormatId], Route]:
    """All routes: of a child what there is of its probabilities, and the same the other way."""
    table = {(each.source, each.target): each for each in routes}
    for kind in (_S1, _S2, _H1, _H2, _P1, _P2):
        into = table[_P1, kind]
        table[AGGREGATE_V1, kind] = Route(
            AGGREGATE_V1,
            kind,
            needs=("child", *into.needs),
            loses=(Kind.CHILD_ID,),
            may_lose=into.may_lose,
            invents=into.invents,
        )
        onto = table[kind, _P1]
        table[kind, AGGREGATE_V1] = Route(
            kind,
            AGGREGATE_V1,
            needs=("child", *onto.needs),
            loses=onto.loses,
            may_lose=onto.may_lose,
            invents=onto.invents,
        )
    table |= {(each.source, each.target): each for each in _OF_OTHER_CLOUDS}
    order = [*KINDS, *VENDOR_FORMATS]
    return dict(sorted(table.items(), key=lambda each: tuple(map(order.index, each[0]))))


#: Every conversion that there is, by source and target.
CONVERSIONS: Final[Mapping[tuple[FormatId, FormatId], Route]] = MappingProxyType(
    _with_children(_ROUTES)
)


def route(source: FormatId, target: FormatId) -> Route:
    """The route from one format to another.

    Raises:
        UnsupportedConversion: There is none.
    """
    found = CONVERSIONS.get((source, target))
    if found is None:
        raise UnsupportedConversion(source, target)
    return found
