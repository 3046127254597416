"""What to show of an artifact: from results to plain rows, which renderers draw."""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import numpy as np
import numpy.typing as npt

from qartifacts.artifact.artifact import Artifact
from qartifacts.artifact.outcomes import width_of
from qartifacts.conversion import fidelity, variation
from qartifacts.conversion.measures import largest
from qartifacts.conversion.transform import choose_child
from qartifacts.errors import ConversionError, MissingParameter, UnknownRegister
from qartifacts.findings import counted
from qartifacts.identifiers import AGGREGATE_V1, AZURE_V2, JOB_FORMATS, NATIVE_V1
from qartifacts.jsontext import quoted
from qartifacts.jsontext.fault import printable
from qartifacts.payloads import SYSTEM_REGISTER
from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Distribution
from qartifacts.payloads.states import Words
from qartifacts.render.chart import Chart, Head, Row, Sheet, percentage
from qartifacts.render.html import to_html
from qartifacts.source import display_name

if TYPE_CHECKING:
    from qartifacts.payloads.columns import Values

__all__ = ["MOST_CHARTS", "View", "as_html", "compare", "summarize"]

#: Charts on one sheet; a payload may have any number of registers.
MOST_CHARTS: Final = 3
#: Registers that are named in one line.
_MOST_NAMED: Final = 12
#: Sums of probabilities that are further from 1 are told.
_SUM_EXACT: Final = 1e-9

_ORDERS: Final[Mapping[str, str]] = {
    "wire": "bit 0 is the leftmost character",
    "qiskit": "bit 0 is the rightmost character",
    "decimal": "states are decimal integers, bit 0 is the least significant bit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of an artifact to show, and how.

    Attributes:
        register: The register; by default the first ``MOST_CHARTS`` of them.
        child: Id of the child job, for aggregates.
        qubits: Width of the register, where version 1 does not record it. Without it, its states
            are shown as decimal integers.
        order: Which end of a bitstring is bit 0: ``wire`` has it leftmost, ``qiskit`` rightmost.
        top: Number of outcomes to list; of two artifacts, the union of that many of each.
        keep_leaked: Whether shots with leakage are counted.
    """

    register: str | None = None
    child: str | None = None
    qubits: int | None = None
    order: Literal["wire", "qiskit"] = "wire"
    top: int = 16
    keep_leaked: bool = False


def summarize(artifact: Artifact, name: str, view: View) -> Sheet:
    """What there is to show of one artifact. An aggregate without a child is listed.

    Raises:
        UnknownRegister: There is no register of that name.
        ConversionError: There is no such child, or the width does not fit.
    """
    head = _head(artifact, name, view)
    if artifact.format == NATIVE_V1 or artifact.format in JOB_FORMATS:
        if view.register is not None:
            raise UnknownRegister(view.register, ())
        return Sheet((head,))
    if artifact.format == AGGREGATE_V1 and view.child is None:
        children = cast("Mapping[str, Distribution]", artifact.columns)
        facts = tuple((child, _in_short(each)) for child, each in children.items())
        return Sheet((head, Head("children", facts)), more=len(children))
    registers = artifact.register_names if view.register is None else (view.register,)
    charts = [
        _chart([_distribution(artifact, register, view)], view)
        for register in registers[:MOST_CHARTS]
    ]
    return Sheet((head,), tuple(charts), len(registers) - len(charts))


def compare(one: Artifact, other: Artifact, names: tuple[str, str], view: View) -> Sheet:
    """What there is to show of two artifacts side by side, and how far apart they are.

    Compared are the registers that both have; where each has one only, those two.

    Raises:
        MissingParameter: A child of an aggregate has to be named.
        UnknownRegister: There is no register of that name.
        ConversionError: They have no register in common, or their widths differ; or there is no
            such child, or no result at all.
    """
    both = (one, other)
    if view.child is None and any(each.format == AGGREGATE_V1 for each in both):
        raise MissingParameter("child", "an aggregate holds the results of several jobs")
    for each in both:
        each.columns  # noqa: B018  # A circuit has none, and says so.
    heads = [_head(each, name, view) for each, name in zip(both, names, strict=True)]
    pairs = _pairs(one, other, view.register)
    charts = [
        _chart(
            [_distribution(each, name, view) for each, name in zip(both, pair, strict=True)], view
        )
        for pair in pairs[:MOST_CHARTS]
    ]
    return Sheet(tuple(heads), tuple(charts), len(pairs) - len(charts))


def as_html(artifact: Artifact) -> str:
    """The most frequent outcomes of an artifact as HTML; its ``repr`` where it has none."""
    name = display_name(repr(artifact)[1:-1])
    view = View(top=10)
    # A notebook shows what it can: a payload may have been changed after its check.
    try:
        if artifact.format == AGGREGATE_V1:
            children = cast("Mapping[str, Distribution]", artifact.columns)
            shown = dict(itertools.islice(children.items(), MOST_CHARTS))
            charts = tuple(_chart([each], view, f"child {id}: ") for id, each in shown.items())
            sheet = Sheet((_head(artifact, name, view),), charts, len(children) - len(charts))
        else:
            sheet = summarize(artifact, name, view)
    except Exception:  # noqa: BLE001
        sheet = Sheet((Head(name, ()),))
    return to_html(sheet)


# ----------------------------------------------------------------------------------------------
# Facts


def _head(artifact: Artifact, name: str, view: View) -> Head:
    facts = [("format", str(artifact.format))]
    if artifact.format in JOB_FORMATS:
        return Head(display_name(name), (*facts, *_of_job(artifact.payload)))
    if artifact.format == NATIVE_V1:
        gates = Counter(gate["gate"] for gate in artifact.payload["circuit"])
        by_name = ", ".join(f"{gate} {number:,}" for gate, number in gates.most_common())
        facts.append(("qubits", f"{artifact.width():,}"))
        facts.append(("gates", f"{gates.total():,}" + (f": {by_name}" if by_name else "")))
        return Head(display_name(name), tuple(facts))
    if artifact.bit_order == "reversed" and artifact.format.version != "v1":
        facts.append(("read as", "reversed: bit 0 is the last one in the file"))
    if artifact.format == AZURE_V2 and len(artifact.payload["Results"]) != 1:
        facts.append(("results", f"{len(artifact.payload['Results']):,}, of as many circuits"))
    elif artifact.format == AGGREGATE_V1:
        children = cast("Mapping[str, Distribution]", artifact.columns)
        chosen = "" if view.child is None else f"{choose_child(children, view.child)[0]}, one of "
        facts.append(("children", f"{chosen}{len(children):,}"))
    else:
        facts.append(("shots", _shots(artifact, view)))
        facts.append(("registers", _registers(artifact)))
    return Head(display_name(name), tuple(facts))


#: What is told of a job by its record, as far as the record says it; of version 0.2, too.
_OF_A_JOB: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id",),
    "type": ("type",),
    "status": ("status",),
    "device": ("backend", "target"),
    "shots": ("shots",),
    "submitted": ("submitted_at", "request"),
    "completed": ("completed_at", "response"),
    "children": ("child_job_ids",),
    "results": ("results", "data"),
}


def _of_job(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The facts that a record states."""
    for what, names in _OF_A_JOB.items():
        said = next((record[name] for name in names if record.get(name) is not None), None)
        if isinstance(said, list):
            yield what, f"{len(said):,}"
        elif isinstance(said, dict):
            shown = ", ".join(printable(name, 80) for name in itertools.islice(said, _MOST_NAMED))
            more = f" and {len(said) - _MOST_NAMED:,} more" if len(said) > _MOST_NAMED else ""
            yield what, (shown or "none") + more
        elif said is not None:
            yield what, printable(str(said), 80)


def _shots(artifact: Artifact, view: View) -> str:
    shots, leaked = artifact.shots, artifact.leaked
    if shots is None:
        return "not recorded"
    if not leaked:
        return f"{shots:,}"
    counted_too = "counted, too" if view.keep_leaked else "left out"
    return f"{shots:,} kept, {leaked:,} leaked ({counted_too})"


def _registers(artifact: Artifact) -> str:
    names = artifact.register_names
    shown = [f"{quoted(each)} ({_bits(artifact.width(each))})" for each in names[:_MOST_NAMED]]
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return (", ".join(shown) or "none") + more


def _bits(width: int | None) -> str:
    return "width not recorded" if width is None else counted(width, "bit")


def _in_short(distribution: Distribution) -> str:
    """One line about a child."""
    (index,) = largest(distribution, 1)  # Children without outcomes have not passed.
    state = packed.to_integers(distribution.states[index : index + 1])[0]
    share = percentage(float(distribution.values[index]))
    outcomes = counted(len(distribution), "outcome")
    return f"{outcomes}, most likely {printable(str(state), 40)} ({share})"


def _details(distribution: Distribution) -> str:
    """What is said about the distribution of a register."""
    values = distribution.values
    zeros = int((values == 0).sum())
    parts = [counted(len(values), "outcome") + (f" ({zeros:,} of them zero)" if zeros else "")]
    present = values[values > 0]
    if len(present):
        normal = present / present.sum(dtype=np.float64)
        entropy = abs(float((normal * np.log2(normal)).sum()))
        parts.append(f"entropy {entropy:.2f} bits")
    if not distribution.counted and abs(math.fsum(values) - 1) > _SUM_EXACT:
        parts.append(f"sum {math.fsum(values):.10g}")
    return ", ".join(parts)


# ----------------------------------------------------------------------------------------------
# Outcomes


def _pairs(one: Artifact, other: Artifact, register: str | None) -> list[tuple[str, str]]:
    """The registers to compare."""
    if register is not None:
        return [(one._one(register), other._one(register))]
    first, second = one.register_names, other.register_names
    theirs = set(second)
    pairs = [(name, name) for name in first if name in theirs]
    if not pairs and len(first) == len(second) == 1:
        pairs = [(first[0], second[0])]
    if not pairs:
        raise ConversionError(
            "no-register",
            f"there is no register in common: one has {_registers(one)}, the other "
            f"{_registers(other)}",
        )
    return pairs


def _distribution(artifact: Artifact, register: str, view: View) -> Distribution:
    register = artifact._one(register)
    columns = artifact.columns
    if isinstance(columns, Mapping):
        return choose_child(columns, cast("str", view.child))[1]
    return artifact.distribution(register, keep_leaked=view.keep_leaked)


def _chart(series: Sequence[Distribution], view: View, prefix: str = "") -> Chart:
    """The outcomes of one register, of one artifact or of two."""
    width = _width(series, view)
    states, columns = _side_by_side(series)
    totals = [each.total if each.counted else None for each in series]
    shares = [_shares(values, total) for values, total in zip(columns, totals, strict=True)]
    most = np.max(shares, axis=0)
    listed = np.zeros(len(states), np.bool_)
    for each in shares:
        listed[np.argsort(-each, kind="stable")[: view.top]] = True
    rows = np.flatnonzero(listed & (most > 0))
    rows = rows[np.argsort(-most[rows], kind="stable")]
    labels = _labels(states[rows], width, view)
    names = " and ".join(dict.fromkeys(quoted(each.register) for each in series))
    return Chart(
        title=f"{prefix}{names} ({_bits(width)})",
        order=_ORDERS["decimal" if width is None else view.order] if len(rows) else "",
        details=tuple(map(_details, series)),
        rows=tuple(
            Row(
                label,
                tuple(float(each[row]) for each in shares),
                tuple(
                    None if total is None else int(values[row])
                    for values, total in zip(columns, totals, strict=True)
                ),
            )
            for label, row in zip(labels, rows, strict=True)
        ),
        totals=tuple(totals),
        left=len(states) - len(rows),
        left_shares=tuple(float(np.delete(each, rows).sum()) for each in shares),
        notes=(_distance(series),) if len(series) == 2 else (),
    )


def _width(series: Sequence[Distribution], view: View) -> int | None:
    """The width of a register: recorded in any of its files, or given, and never in conflict."""
    widths = set()
    for each in series:
        # As in conversions, a width is about the register that is named, or the system's own.
        meant = view.register is not None or each.register == SYSTEM_REGISTER
        given = view.qubits if meant or each.width is None else None
        if (each.width, given) != (None, None):
            widths.add(width_of(each, given))
    if len(widths) > 1:
        one, other = sorted(widths)
        raise ConversionError(
            "width", f"a register of {counted(one, 'bit')} cannot be compared with one of {other:,}"
        )
    width = next(iter(widths), None)
    if width is not None:
        for each in series:
            width_of(each, width)  # The states of both must fit.
    return width


def _side_by_side(series: Sequence[Distribution]) -> tuple[Words, list[Values]]:
    """The states that any of the series has, ascending, and the values of each series."""
    states = functools.reduce(packed.stacked, (each.states for each in series))
    columns, start = [], 0
    for each in series:
        values = cast("Values", np.zeros_like(each.values, shape=len(states)))
        values[start : start + len(each)] = each.values
        distinct, column = packed.add_equal(states, values)
        columns.append(column)
        start += len(each)
    return distinct, columns


def _shares(values: Values, total: int | None) -> npt.NDArray[np.float64]:
    """Shares of counts; probabilities as they are, whatever their sum."""
    if total is None:
        return cast("npt.NDArray[np.float64]", values)
    return np.true_divide(values, float(total or 1))


def _labels(states: Words, width: int | None, view: View) -> list[str]:
    if width is None:
        return list(map(str, packed.to_integers(states)))
    texts = packed.to_bitstrings(states, width, last_first=view.order == "qiskit")
    return [text or "(no bits)" for text in texts]


def _distance(series: Sequence[Distribution]) -> str:
    if not all((each.values > 0).any() for each in series):
        return "no distance: one of the two has no shots"
    one, other = series
    return (
        f"total variation distance {variation(one, other):.6g}, "
        f"Hellinger fidelity {fidelity(one, other):.6g}"
    )
