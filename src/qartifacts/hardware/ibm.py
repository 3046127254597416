"""IBM's documents of devices, each as views of the devices that it is about.

What they hold has passed its check. Of what the rules say nothing, a pinned schema may ask little:
what is not of the shape that its place calls for is taken as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from qartifacts.hardware.readings import member, origins, pairs, text, texts, whole
from qartifacts.hardware.view import Device, Document, Gate, Overall, Qubit
from qartifacts.identifiers import (
    IBM_BACKENDS,
    IBM_CONFIGURATION,
    IBM_DEFAULTS,
    IBM_PROPERTIES,
    IBM_STATUS,
)
from qartifacts.payloads.quantities import dimension_of, instant, measured, share

__all__ = ["backends", "configuration", "defaults", "properties", "status"]

_VENDOR: Final = "ibm"

#: Attributes of ``Qubit`` by the names of IBM's parameters.
_OF_A_QUBIT: Final[Mapping[str, str]] = {
    "T1": "t1",
    "T2": "t2",
    "readout_error": "readout_error",
    "prob_meas0_prep1": "prob_meas0_prep1",
    "prob_meas1_prep0": "prob_meas1_prep0",
    "readout_length": "readout_length",
    "frequency": "frequency",
    "anharmonicity": "anharmonicity",
}
#: The error of gates that were not measured, or are broken.
_UNKNOWN_ERROR: Final = 1


def backends(payload: Any, source: str) -> list[Device]:
    """The devices of a list."""
    devices = []
    for index, each in enumerate(payload["devices"]):
        qubits = whole(each.get("qubits"))
        metrics = each.get("performance_metrics")
        devices.append(
            Device(
                vendor=_VENDOR,
                name=text(each.get("name")),
                qubits=qubits,
                overall=Overall(
                    error_2q_best=_metric(metrics, "two_q_error_best"),
                    error_2q_median=_metric(metrics, "two_q_error_median"),
                    error_2q_layered=_metric(metrics, "two_q_error_layered"),
                    readout_error_median=_metric(metrics, "readout_error_median"),
                ),
                status=text(member(each.get("status"), "name")),
                documents=(Document(source, IBM_BACKENDS),),
                origins=origins(source, ("devices", index), {"qubits": ("qubits", qubits)}),
            )
        )
    return devices


def _metric(metrics: Any, name: str) -> float | None:
    metric = member(metrics, name)
    unit = member(metric, "unit")
    return share(member(metric, "value"), "" if unit is None else unit)


def configuration(payload: Any, source: str) -> list[Device]:
    """The one device that is configured so."""
    qubits = whole(payload.get("n_qubits"))
    connectivity = pairs(payload.get("coupling_map"))
    gates = texts(payload.get("basis_gates"))
    shots = whole(payload.get("max_shots"))
    said = {
        "qubits": ("n_qubits", qubits),
        "connectivity": ("coupling_map", connectivity),
        "native_gates": ("basis_gates", gates),
        "max_shots": ("max_shots", shots),
    }
    return [
        Device(
            vendor=_VENDOR,
            name=text(payload.get("backend_name")),
            qubits=qubits,
            connectivity=connectivity,
            directed=None if connectivity is None else True,
            native_gates=gates,
            max_shots=shots,
            documents=(Document(source, IBM_CONFIGURATION),),
            origins=origins(source, (), said),
        )
    ]


def properties(payload: Any, source: str) -> list[Device]:
    """The one device whose properties these are."""
    sets = payload.get("qubits")
    per_qubit = tuple(_qubit(index, each) for index, each in enumerate(sets or ()))
    gates = tuple(map(_gate, payload.get("gates") or ()))
    qubits = len(per_qubit) if isinstance(sets, list) else None
    dates = _dates(payload)
    return [
        Device(
            vendor=_VENDOR,
            name=text(payload.get("backend_name")),
            qubits=qubits,
            measured_at=instant(payload.get("last_update_date")),
            measured_from=min(dates, default=None),
            measured_to=max(dates, default=None),
            per_qubit=per_qubit,
            gates=gates,
            documents=(Document(source, IBM_PROPERTIES),),
            origins=origins(source, (), {"qubits": ("qubits", qubits)}),
        )
    ]


def _qubit(index: int, parameters: Any) -> Qubit:
    values = _values(parameters)
    return Qubit(index=index, **{_OF_A_QUBIT[name]: values.get(name) for name in _OF_A_QUBIT})


def _gate(gate: Mapping[str, Any]) -> Gate:
    values = _values(gate.get("parameters"))
    error = values.get("gate_error")
    return Gate(
        name=gate["gate"],
        qubits=tuple(map(int, gate["qubits"])),
        error=None if error == _UNKNOWN_ERROR else error,
        length=values.get("gate_length"),
    )


def _dates(payload: Any) -> list[datetime]:
    """The dates of all parameters; many have the same one, which is read once."""
    lists = [payload.get("general"), *(payload.get("qubits") or ())]
    lists += [gate.get("parameters") for gate in payload.get("gates") or ()]
    written = {
        each["date"]
        for parameters in lists
        for each in parameters or ()
        # In "general" there may be texts.
        if isinstance(each, dict) and isinstance(each.get("date"), (str, int, float))
    }
    return [date for date in map(instant, written) if date is not None]


def _values(parameters: Any) -> dict[str, float | None]:
    """Parameters by name, in SI units; None of those whose unit is not known."""
    values = {}
    for each in parameters or ():
        name = each.get("name")
        dimension = dimension_of(name) if isinstance(name, str) else None
        if dimension is not None:
            values[name] = measured(each.get("value"), each.get("unit"), dimension)
    return values


def status(payload: Any, source: str) -> list[Device]:
    """Some device, which the document does not name, in this state."""
    return [
        Device(
            vendor=_VENDOR,
            status=text(member(payload, "status")),
            documents=(Document(source, IBM_STATUS),),
        )
    ]


def defaults(payload: Any, source: str) -> list[Device]:
    """Some device; of its defaults, whose schema is open, nothing is in this view."""
    return [Device(vendor=_VENDOR, documents=(Document(source, IBM_DEFAULTS),))]
