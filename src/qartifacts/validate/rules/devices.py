"""The rules of documents about devices.

They follow from what the documents' schemas say in words (IonQ's OpenAPI documents of 2026-04-30
and 2026-05-06, IBM's of version 0.45.3). What 137 real documents of IBM do is no error.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from qartifacts.config import Settings
from qartifacts.findings import counted
from qartifacts.identifiers import (
    IBM_BACKENDS,
    IBM_CONFIGURATION,
    IBM_PROPERTIES,
    IONQ_BACKENDS,
    IONQ_CHARACTERIZATION,
    IONQ_CHARACTERIZATIONS,
    FormatId,
)
from qartifacts.jsontext import Path, quoted
from qartifacts.payloads.quantities import UNITS, dimension_of, instant, seconds
from qartifacts.validate.rules.shapes import (
    RuleSet,
    Violations,
    in_digits,
    is_number,
    is_whole,
    member_of,
    misshapen,
)
from qartifacts.validate.violation import Violation

__all__ = ["DEVICES"]

#: IBM's parameters that are shares of 1, and those that cannot be negative.
_SHARES: Final = frozenset({"readout_error", "prob_meas0_prep1", "prob_meas1_prep0", "gate_error"})
_NEVER_NEGATIVE: Final = frozenset({"T1", "T2", "readout_length", "gate_length", "frequency"})
#: IBM's metrics of a device that are shares of 1.
_ERRORS: Final = (
    "two_q_error_best",
    "two_q_error_layered",
    "two_q_error_median",
    "readout_error_median",
)
#: Arrays of a configuration that have one item a qubit.
_ONE_A_QUBIT: Final = ("coords", "qubit_lo_range", "meas_lo_range")
_TIMINGS: Final = ("1q", "2q", "readout", "reset", "t1", "t2")


# ----------------------------------------------------------------------------------------------
# IonQ


def _ionq_backends(payload: Any, settings: Settings) -> Violations:
    backends = yield from _items((), payload, "of backends")
    for path, backend in backends:
        yield from _number_of_qubits(path, backend, "qubits")
        yield from _date(path, backend, "last_updated")
    yield from _named_once(backends, "backend")


def _characterization(payload: Any, settings: Settings) -> Violations:
    if isinstance(payload, dict):
        yield from _measurement((), payload)
    else:
        yield misshapen((), "an object that characterizes a device")


def _characterizations(payload: Any, settings: Settings) -> Violations:
    if not isinstance(payload, dict):
        yield misshapen((), "an object of characterizations")
        return
    listed = payload.get("characterizations")  # Which is null where there are none.
    if listed is not None:
        for path, each in (yield from _items(("characterizations",), listed, "of objects")):
            yield from _measurement(path, each)


def _measurement(path: Path, value: dict[str, Any]) -> Violations:
    qubits = yield from _number_of_qubits(path, value, "qubits")
    pairs = yield from _list(path, value, "connectivity")
    for place, pair in pairs:
        yield from _connection(place, pair, qubits, pair=True)
    for kind, each in (yield from _object(path, value, "fidelity")).items():
        if isinstance(each, dict):
            for statistic in ("mean", "median"):
                place = (*path, "fidelity", kind, statistic)
                yield from _share(place, each.get(statistic), f"{statistic} fidelity")
        elif each is not None:
            yield misshapen((*path, "fidelity", kind), "an object")
    timing = yield from _object(path, value, "timing")
    for name in _TIMINGS:
        yield from _never_negative((*path, "timing", name), timing.get(name), name)
    t1, t2 = seconds(timing.get("t1")), seconds(timing.get("t2"))
    yield from _coherence((*path, "timing", "t2"), t1, t2)
    yield from _date(path, value, "date")


# ----------------------------------------------------------------------------------------------
# IBM


def _ibm_backends(payload: Any, settings: Settings) -> Violations:
    listed = yield from member_of((), payload, "devices", list)
    devices = yield from _items(("devices",), listed or [], "of devices")
    for path, device in devices:
        yield from _number_of_qubits(path, device, "qubits")
        metrics = yield from _object(path, device, "performance_metrics")
        for name in _ERRORS:
            metric = metrics.get(name)
            # What has another unit, such as percent, is left alone, and so are other metrics.
            if isinstance(metric, dict) and metric.get("unit", "") == "":
                place = (*path, "performance_metrics", name, "value")
                yield from _share(place, metric.get("value"), "error")
    yield from _named_once(devices, "name")


def _ibm_configuration(payload: Any, settings: Settings) -> Violations:
    if not isinstance(payload, dict):
        yield misshapen((), "an object that describes a device")
        return
    qubits = yield from _number_of_qubits((), payload, "n_qubits")
    for place, pair in (yield from _list((), payload, "coupling_map")):
        yield from _connection(place, pair, qubits, pair=True)
    for path, gate in (yield from _list((), payload, "gates")):
        if not isinstance(gate, dict):
            yield misshapen(path, "a gate")
            continue
        for place, group in (yield from _list(path, gate, "coupling_map")):
            yield from _connection(place, group, qubits)
    for name in _ONE_A_QUBIT:
        values = payload.get(name)
        # An empty list says nothing rather than that there are none.
        if isinstance(values, list) and values and qubits is not None and len(values) != qubits:
            message = f"{name} has {counted(len(values), 'item')} for {counted(qubits, 'qubit')}"
            yield Violation("QA253", message, (name,))
    yield from _date((), payload, "online_date")


def _ibm_properties(payload: Any, settings: Settings) -> Violations:
    if not isinstance(payload, dict):
        yield misshapen((), "an object of properties of qubits and gates")
        return
    yield from _date((), payload, "last_update_date")
    parameters = _Parameters(instant(payload.get("last_update_date")))
    sets = yield from _list((), payload, "qubits")
    for path, given in sets:
        if not isinstance(given, list):
            yield misshapen(path, "an array of parameters")
            continue
        by_name = yield from parameters.of(path, given)
        if "T1" in by_name and "T2" in by_name:
            (_, t1), (place, t2) = by_name["T1"], by_name["T2"]
            yield from _coherence((*place, "value"), _in_seconds(t1), _in_seconds(t2))
    gates = yield from _list((), payload, "gates")
    qubits = len(sets) or None
    if payload.get("qubits") == [] and any(
        isinstance(gate, dict) and gate.get("qubits") for _, gate in gates
    ):
        # Said once, instead of each qubit of each gate.
        yield Violation("QA250", "no qubit is listed, but gates act on some", ("qubits",))
    seen: dict[tuple[str, tuple[Any, ...]], Path] = {}
    for path, gate in gates:
        if not isinstance(gate, dict):
            yield misshapen(path, "a gate")
            continue
        name, on = gate.get("gate"), gate.get("qubits")
        if not isinstance(name, str):
            yield misshapen((*path, "gate") if "gate" in gate else path, "the name of a gate")
        yield from _connection((*path, "qubits") if "qubits" in gate else path, on, qubits)
        given = yield from _list(path, gate, "parameters")
        yield from parameters.of((*path, "parameters"), [each for _, each in given])
        if isinstance(name, str) and isinstance(on, list) and all(map(is_number, on)):
            key = (name, tuple(on))
            if key in seen:
                message = f"the gate {quoted(name)} on these qubits is item {seen[key][-1]}, too"
                yield Violation("QA259", message, path)
            seen.setdefault(key, path)
    for path, each in (yield from _list((), payload, "general")):
        if isinstance(each, dict):  # As published it is a text, which says nothing.
            yield from parameters.one(path, each)
    yield from parameters.notes()


def _in_seconds(parameter: Mapping[str, Any]) -> float | None:
    return seconds(parameter.get("value"), parameter.get("unit"))


class _Parameters:
    """Goes through the parameters of a document, and remembers what is noted once for all.

    Args:
        date: The document's own date; None if it has none that can be read.
    """

    def __init__(self, date: datetime | None) -> None:
        self._date: Final = date
        self._number = 0
        self._later = 0
        self._first_later: Path = ()
        #: What is said of units that are not known, and the first place of each.
        self._units: dict[str, Path] = {}

    def of(
        self, path: Path, given: list[Any]
    ) -> Generator[Violation, None, dict[str, tuple[Path, Any]]]:
        """Look at the parameters of one qubit or gate; of each its place, and it."""
        by_name: dict[str, tuple[Path, Any]] = {}
        for index, each in enumerate(given):
            here = (*path, index)
            if not isinstance(each, dict):
                yield misshapen(here, "a parameter")
                continue
            yield from self.one(here, each)
            name = each.get("name")
            if not isinstance(name, str):
                continue
            if name in by_name:
                message = f"the parameter {quoted(name)} is item {by_name[name][0][-1]}, too"
                yield Violation("QA259", message, here)
            else:
                by_name[name] = here, each
        return by_name

    def one(self, path: Path, parameter: Mapping[str, Any]) -> Violations:
        """Look at one parameter."""
        self._number += 1
        name, value, unit = (parameter.get(member) for member in ("name", "value", "unit"))
        if not isinstance(name, str):
            yield misshapen((*path, "name") if "name" in parameter else path, "a name")
            name = ""
        if name in _SHARES:
            yield from _share((*path, "value"), value, name)
        elif name in _NEVER_NEGATIVE:
            yield from _never_negative((*path, "value"), value, name)
        elif value is not None and not is_number(value):
            yield misshapen((*path, "value"), "a number")
        if isinstance(unit, str):
            self._look_at_unit((*path, "unit"), name, unit)
        elif unit is not None:
            yield misshapen((*path, "unit"), "a unit")
        date = yield from _date(path, parameter, "date")
        if date is not None and self._date is not None and date > self._date:
            self._later += 1
            self._first_later = self._first_later or (*path, "date")

    def _look_at_unit(self, path: Path, name: str, unit: str) -> None:
        dimension = dimension_of(name)
        if unit in (UNITS if dimension is None else dimension.units):
            return
        wanted = "" if dimension is None else f": {name} is {dimension.words}"
        message = f"the unit {quoted(unit)} is not known here{wanted}; the first such place"
        if len(self._units) < _MOST_UNITS:
            self._units.setdefault(message, path)

    def notes(self) -> Violations:
        """What there is to note of all of them."""
        if self._later:
            number = counted(self._number, "parameter")
            message = f"{self._later:,} of {number} are dated later than the document; the first"
            yield Violation("QA257", message, self._first_later)
        for message, path in self._units.items():
            yield Violation("QA258", message, path)


#: Units that are noted in one document.
_MOST_UNITS: Final = 20


# ----------------------------------------------------------------------------------------------
# Of all of them


def _items(
    path: Path, value: Any, words: str
) -> Generator[Violation, None, list[tuple[Path, dict[str, Any]]]]:
    """The objects of the array at ``path`` with their places."""
    if not isinstance(value, list):
        yield misshapen(path, f"an array {words}")
        return []
    for index, each in enumerate(value):
        if not isinstance(each, dict):
            yield misshapen((*path, index), "an object")
    return [((*path, index), each) for index, each in enumerate(value) if isinstance(each, dict)]


def _list(
    path: Path, value: Mapping[str, Any], name: str
) -> Generator[Violation, None, list[tuple[Path, Any]]]:
    """The items of a member with their places; none where it is missing or null."""
    items = value.get(name)
    if items is None:
        return []
    if not isinstance(items, list):
        yield misshapen((*path, name), "an array")
        return []
    return [((*path, name, index), each) for index, each in enumerate(items)]


def _object(
    path: Path, value: Mapping[str, Any], name: str
) -> Generator[Violation, None, Mapping[str, Any]]:
    """A member; an empty object where it is missing or null."""
    inner = value.get(name)
    if isinstance(inner, dict):
        return inner
    if inner is not None:
        yield misshapen((*path, name), "an object")
    return {}


def _number_of_qubits(
    path: Path, value: Mapping[str, Any], name: str
) -> Generator[Violation, None, int | None]:
    qubits = value.get(name)
    if qubits is None:
        return None
    if not is_number(qubits):
        yield misshapen((*path, name), "a number of qubits")
        return None
    if not is_whole(qubits) or qubits < 0:
        message = f"the number of qubits is {in_digits(qubits)}, not a whole number of at least 0"
        yield Violation("QA255", message, (*path, name))
        return None
    return int(qubits)


def _connection(path: Path, value: Any, qubits: int | None, *, pair: bool = False) -> Violations:
    """Qubits on which one gate acts: different ones, and of the device.

    Args:
        path: Where they stand.
        value: The array of them.
        qubits: How many the device has, if it is known.
        pair: Whether there must be two.
    """
    if not isinstance(value, list):
        yield misshapen(path, "an array of qubits")
        return
    for index, qubit in enumerate(value):
        if not is_number(qubit):
            yield misshapen((*path, index), "a qubit")
        elif not is_whole(qubit) or qubit < 0 or (qubits is not None and qubit >= qubits):
            among = "" if qubits is None else f" among {counted(qubits, 'qubit')}"
            message = f"there is no qubit {in_digits(qubit)}{among}"
            yield Violation("QA250", message, (*path, index))
    numbers = list(filter(is_number, value))
    if (pair and len(value) != 2) or not value:
        message = f"{counted(len(value), 'qubit')}, where {'two' if pair else 'some'} are connected"
        yield Violation("QA251", message, path)
    elif len(set(numbers)) < len(numbers):
        yield Violation("QA251", "a qubit is connected with itself", path)


def _share(path: Path, value: Any, words: str) -> Violations:
    if value is None:
        return
    if not is_number(value):
        yield misshapen(path, "a number")
    elif not 0 <= value <= 1:
        message = f"the {words} {in_digits(value)} is not within 0 to 1"
        yield Violation("QA252", message, path)


def _never_negative(path: Path, value: Any, words: str) -> Violations:
    if value is None:
        return
    if not is_number(value):
        yield misshapen(path, "a number")
    elif value < 0:
        yield Violation("QA252", f"{words} is {in_digits(value)}, and never negative", path)


def _date(
    path: Path, value: Mapping[str, Any], name: str
) -> Generator[Violation, None, datetime | None]:
    """A date; None where it is missing or null, or cannot be read."""
    date = value.get(name)
    if date is None:
        return None
    if not isinstance(date, str) and not is_number(date):
        yield misshapen((*path, name), "a date")
        return None
    read = instant(date)
    if read is None:
        shown = quoted(date) if isinstance(date, str) else in_digits(date)
        yield Violation("QA254", f"{shown} is not read as a date", (*path, name))
    return read


def _coherence(path: Path, t1: float | None, t2: float | None) -> Violations:
    """T2 against T1, in seconds; zeros say that a time is not known."""
    if t1 is not None and t2 is not None and t2 > 2 * t1 > 0:
        yield Violation("QA256", f"T2 is {t2 / t1:.3g} times T1, which cannot be beyond 2", path)


def _named_once(items: Sequence[tuple[Path, Mapping[str, Any]]], member: str) -> Violations:
    seen: dict[str, Path] = {}
    for path, each in items:
        name = each.get(member)
        if not isinstance(name, str):
            continue
        if name in seen:
            message = f"the device {quoted(name)} is item {seen[name][-1]}, too"
            yield Violation("QA259", message, (*path, member))
        seen.setdefault(name, path)


DEVICES: Final[Mapping[FormatId, RuleSet]] = {
    IONQ_BACKENDS: _ionq_backends,
    IONQ_CHARACTERIZATION: _characterization,
    IONQ_CHARACTERIZATIONS: _characterizations,
    IBM_BACKENDS: _ibm_backends,
    IBM_CONFIGURATION: _ibm_configuration,
    IBM_PROPERTIES: _ibm_properties,
}
