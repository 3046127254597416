"""What to show of a device: from its view to plain rows, which renderers draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from statistics import median
from typing import Final

from qartifacts.findings import counted
from qartifacts.hardware.view import Device, Gate, Statistic
from qartifacts.jsontext.fault import printable
from qartifacts.render.chart import Head, Sheet, Table
from qartifacts.source import display_name

__all__ = ["list_devices", "summarize"]

_LONGEST: Final = 200
#: Prefixes of seconds and hertz, in ASCII as the documents write them, the largest first.
_OF_SECONDS: Final = ((1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"), (1e-12, "ps"))
_OF_HERTZ: Final = ((1e9, "GHz"), (1e6, "MHz"), (1e3, "kHz"), (1, "Hz"))

_UNKNOWN: Final = "-"


def _prefixed(value: float, prefixes: Sequence[tuple[float, str]]) -> str:
    if not value:
        return f"0 {prefixes[-1][1] if prefixes is _OF_HERTZ else prefixes[0][1]}"
    fits = (each for each in prefixes if abs(value) >= each[0] * (1 - 1e-12))
    factor, unit = next(fits, prefixes[-1])
    return f"{value / factor:.4g} {unit}"


def _seconds(value: float) -> str:
    return _prefixed(value, _OF_SECONDS)


def _hertz(value: float) -> str:
    return _prefixed(value, _OF_HERTZ)


def _share(value: float) -> str:
    return f"{value:.4g}"


#: Columns of qubits: attribute, heading, and how values are written.
_COLUMNS: Final[Sequence[tuple[str, str, Callable[[float], str]]]] = (
    ("t1", "T1", _seconds),
    ("t2", "T2", _seconds),
    ("readout_error", "readout error", _share),
    ("prob_meas0_prep1", "0 for 1", _share),
    ("prob_meas1_prep0", "1 for 0", _share),
    ("readout_length", "readout", _seconds),
    ("frequency", "frequency", _hertz),
    ("anharmonicity", "anharmonicity", _hertz),
)

#: What is said of the device as a whole: attribute, words, and how values are written.
_OVERALL: Final[Sequence[tuple[str, str, Callable[[float], str]]]] = (
    ("fidelity_1q", "1-qubit fidelity", _share),
    ("fidelity_2q", "2-qubit fidelity", _share),
    ("fidelity_spam", "SPAM fidelity", _share),
    ("t1", "T1", _seconds),
    ("t2", "T2", _seconds),
    ("length_1q", "1-qubit gate", _seconds),
    ("length_2q", "2-qubit gate", _seconds),
    ("readout_length", "readout", _seconds),
    ("reset_length", "reset", _seconds),
    ("error_2q_best", "best 2-qubit error", _share),
    ("error_2q_median", "median 2-qubit error", _share),
    ("error_2q_layered", "layered 2-qubit error", _share),
    ("readout_error_median", "median readout error", _share),
)


def summarize(device: Device, top: int) -> Sheet:
    """What there is to show of one device.

    Args:
        device: The device.
        top: How many qubits are listed, the first ones. Medians are of all.
    """
    name = "a device without a name" if device.name is None else device.name
    facts = [("vendor", device.vendor)]
    facts += [("from", f"{each.source} ({each.format})") for each in device.documents]
    if device.status is not None:
        facts.append(("status", device.status))
    facts.append(("measured", _when(device)))
    facts.append(("qubits", "not known" if device.qubits is None else f"{device.qubits:,}"))
    facts.append(("connectivity", _connectivity(device)))
    if device.native_gates is not None:
        facts.append(("native gates", ", ".join(device.native_gates) or "none"))
    if device.max_shots is not None:
        facts.append(("shots", f"at most {device.max_shots:,}"))
    for attribute, words, write in _OVERALL:
        value = getattr(device.overall, attribute)
        if isinstance(value, Statistic):
            facts.append((words, _statistic(value)))
        elif value is not None:
            facts.append((words, write(value)))
    head = Head(_plain(name), tuple((what, _plain(said)) for what, said in facts))
    tables = [*_table_of_qubits(device, top), *_table_of_gates(device)]
    return Sheet((head,), tables=tuple(tables))


def list_devices(devices: Sequence[Device], name: str, top: int) -> Sheet:
    """What there is to show of a document that is about several devices, or one at several times.

    Args:
        devices: What it is about.
        name: What the document is called.
        top: How many are listed, the first ones.
    """
    rows = tuple(
        (
            _plain(each.name or _UNKNOWN),
            _UNKNOWN if each.qubits is None else f"{each.qubits:,}",
            _plain(each.status or _UNKNOWN),
            _UNKNOWN if each.measured_at is None else _utc(each.measured_at),
        )
        for each in devices[:top]
    )
    left = len(devices) - len(rows)
    below = f"and {left:,} more" if left else ""
    table = Table("devices", ("name", "qubits", "status", "measured"), rows, below)
    facts = tuple(
        ("format", document.format) for each in devices[:1] for document in each.documents
    )
    return Sheet((Head(display_name(name), facts),), tables=(table,) if rows else ())


def _plain(text: str) -> str:
    # Documents are hostile, too.
    return printable(text, _LONGEST)


def _when(device: Device) -> str:
    at = "not known" if device.measured_at is None else _utc(device.measured_at)
    first, last = device.measured_from, device.measured_to
    if first is None or last is None:
        return at
    values = _utc(first) if first == last else f"{_utc(first)} to {_utc(last)}"
    return f"updated {at}; values of {values}"


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _connectivity(device: Device) -> str:
    if device.connectivity is None:
        return "not known"
    number = counted(len(device.connectivity), "pair")
    ordered = f"{number}, {'each in its order' if device.directed else 'in either order'}"
    neighbours = Counter[int]()
    for one, other in {(min(pair), max(pair)) for pair in device.connectivity}:
        neighbours.update((one, other))
    if not neighbours:
        return ordered
    few, many = min(neighbours.values()), max(neighbours.values())
    shown = f"{few:,}" if few == many else f"{few:,} to {many:,}"
    alone = 0 if device.qubits is None else device.qubits - len(neighbours)
    apart = f"; {counted(alone, 'qubit')} without any" if alone > 0 else ""
    return f"{ordered}; {shown} neighbour{'' if many == 1 else 's'} each{apart}"


def _statistic(value: Statistic) -> str:
    parts = [f"{name} {_share(each)}" for name, each in value._asdict().items() if each is not None]
    return ", ".join(parts)


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _table_of_qubits(device: Device, top: int) -> list[Table]:
    columns = []
    for attribute, heading, write in _COLUMNS:
        values = [getattr(qubit, attribute) for qubit in device.per_qubit]
        if known := _known(values):
            shown = [_UNKNOWN if value is None else write(value) for value in values[:top]]
            least, middle, most = min(known), median(known), max(known)
            columns.append([heading, write(middle), write(least), write(most), *shown])
    if not columns:
        return []
    numbers = [f"{qubit.index:,}" for qubit in device.per_qubit[:top]]
    first = ["qubit", "median", "least", "most", *numbers]
    headings, *rows = zip(first, *columns, strict=True)
    left = len(device.per_qubit) - len(numbers)
    below = f"and {counted(left, 'more qubit')}" if left else ""
    return [Table("qubits", headings, tuple(rows), below)]


def _table_of_gates(device: Device) -> list[Table]:
    by_name: dict[str, list[Gate]] = {}
    for gate in device.gates:
        by_name.setdefault(gate.name, []).append(gate)
    rows = []
    for name, gates in by_name.items():
        errors, lengths = (
            _known(each.error for each in gates),
            _known(each.length for each in gates),
        )
        rows.append(
            (
                _plain(name),
                f"{len(gates):,}",
                _share(median(errors)) if errors else _UNKNOWN,
                _share(max(errors)) if errors else _UNKNOWN,
                f"{len(gates) - len(errors):,}",
                _seconds(median(lengths)) if lengths else _UNKNOWN,
            )
        )
    rows.sort(key=lambda row: row[0])
    heading = ("gate", "places", "median error", "most", "not known", "median length")
    left = len(rows) - _MOST_GATES
    below = f"and {counted(left, 'more gate')}" if left > 0 else ""
    return [Table("gates", heading, tuple(rows[:_MOST_GATES]), below)] if rows else []


#: Gates that are listed; devices have about ten.
_MOST_GATES: Final = 32
