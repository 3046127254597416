"""Documents of devices that several test modules use: small ones of each format, and real ones.

The small ones are made for the tests, in the shape of what the services publish and answer. The
real ones are those of IBM that qiskit-ibm-runtime has for its simulated backends.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import qiskit_ibm_runtime

IONQ_BACKENDS: Final = "ionq.backends.v0.4"
CHARACTERIZATION: Final = "ionq.characterization.v0.4"
CHARACTERIZATIONS: Final = "ionq.characterizations.v0.3"
IBM_BACKENDS: Final = "ibm.backends.v1"
CONFIGURATION: Final = "ibm.backend-configuration.v1"
PROPERTIES: Final = "ibm.backend-properties.v1"
STATUS: Final = "ibm.backend-status.v1"
DEFAULTS: Final = "ibm.backend-defaults.v1"

_BACKENDS = Path(qiskit_ibm_runtime.__file__).parent / "fake_provider" / "backends"
REAL_CONFIGURATIONS: Final = sorted(_BACKENDS.glob("*/conf_*.json"))
REAL_PROPERTIES: Final = sorted(_BACKENDS.glob("*/props_*.json"))


def backends() -> list[dict[str, Any]]:
    """As of IonQ: a device with its native gates, and a simulator as it was told of long ago."""
    return [
        {
            "backend": "qpu.trio-1",
            "status": "available",
            "qubits": 3,
            "average_queue_time": 1181215,
            "last_updated": "2026-06-16T00:00:00Z",
            "supported_native_gates": ["gpi", "gpi2", "zz"],
            "noise_models": ["ideal"],
        },
        {
            "backend": "simulator",
            "status": "available",
            "qubits": 29,
            "average_queue_time": 0,
            "last_updated": 1490932820,
        },
    ]


def characterization() -> dict[str, Any]:
    """As of IonQ's version 0.4, where 0 seconds are not known."""
    return {
        "id": "ffbc9da9-96cc-4f39-8715-ec6f038327d3",
        "backend": "qpu.trio-1",
        "date": "2026-04-20T00:00:00Z",
        "qubits": 3,
        "connectivity": [[0, 1], [2, 1]],
        "fidelity": {
            "spam": {"median": 0.9942, "stderr": None},
            "1q": {"median": 0.9998, "stderr": 0},
            "2q": {"median": 0.9952, "stderr": 0},
        },
        "timing": {"readout": 0, "reset": 0, "1q": 0, "2q": 0, "t1": 100, "t2": 1},
    }


def characterizations() -> dict[str, Any]:
    """As of IonQ's version 0.3: the same device at two times, the later one first."""
    first = {
        "id": "f518d0c9-34c6-4854-890e-a0e4f339bd64",
        "backend": "qpu.harmony",
        "date": 1725102011,
        "qubits": 3,
        "connectivity": [[0, 1], [0, 2], [1, 2]],
        "fidelity": {"spam": {"mean": 0.993}, "1q": {"mean": 0.9973}, "2q": {"mean": 0.9002}},
        "timing": {
            "1q": 1e-05,
            "2q": 0.0002,
            "readout": 0.00013,
            "reset": 2e-05,
            "t1": 10000,
            "t2": 0.2,
        },
    }
    second = copy.deepcopy(first) | {"date": 1685102011, "qubits": 2, "connectivity": [[0, 1]]}
    return {"characterizations": [first, second], "pages": 0}


def ibm_backends() -> dict[str, Any]:
    """As of IBM's list."""
    return {
        "devices": [
            {
                "name": "ibm_trio",
                "status": {"name": "online", "reason": "available"},
                "is_simulator": False,
                "qubits": 3,
                "clops": {"type": "hardware", "value": 250000},
                "queue_length": 5,
                "performance_metrics": {
                    "two_q_error_best": {"value": 0.001, "unit": ""},
                    "two_q_error_median": {"value": 0.004, "unit": ""},
                    "two_q_error_layered": {"value": 0.4, "unit": "%"},
                    "readout_error_median": {"value": 0.01},
                },
            },
            {"name": "ibm_none", "status": {"name": "offline"}, "qubits": None, "queue_length": 0},
        ]
    }


def configuration() -> dict[str, Any]:
    """As of IBM's device in that list."""
    return {
        "backend_name": "ibm_trio",
        "backend_version": "1.0.0",
        "basis_gates": ["cx", "rz", "sx"],
        "conditional": False,
        "coords": [[0, 0], [0, 1], [0, 2]],
        "coupling_map": [[0, 1], [1, 0], [1, 2]],
        "gates": [
            {
                "name": "cx",
                "parameters": [],
                "qasm_def": "gate cx q0,q1 { CX q0,q1; }",
                "coupling_map": [[0, 1], [1, 0], [1, 2]],
            },
            {"name": "sx", "parameters": [], "qasm_def": "gate sx q { }", "coupling_map": [[0]]},
        ],
        "local": False,
        "max_shots": 100,
        "memory": True,
        "n_qubits": 3,
        "online_date": "2025-11-12T15:30:00.000Z",
        "u_channel_lo": [],
    }


def parameter(
    name: str, value: float, unit: str = "", date: str = "2026-01-01T11:00:00.000Z"
) -> dict[str, Any]:
    """One of IBM's parameters."""
    return {"name": name, "value": value, "unit": unit, "date": date}


def properties() -> dict[str, Any]:
    """As of IBM's device in that list; of qubit 2 and of a gate something is not known."""
    return {
        "backend_name": "ibm_trio",
        "backend_version": "1.0.0",
        "last_update_date": "2026-01-01T12:00:00Z",
        "general": [],
        "qubits": [
            [
                parameter("T1", 120.5, "us"),
                parameter("T2", 0.08, "ms"),
                parameter("readout_error", 0.01),
                parameter("prob_meas0_prep1", 0.015),
                parameter("prob_meas1_prep0", 0.005),
                parameter("readout_length", 1560, "ns"),
                parameter("frequency", 4.9, "GHz"),
                parameter("anharmonicity", -310, "MHz"),
            ],
            [parameter("T1", 90, "µs"), parameter("T2", 95, "μs"), parameter("iq_angle", 1)],
            [parameter("readout_error", 0.03), parameter("T1", 1.5, "us")],
        ],
        "gates": [
            {
                "gate": "cx",
                "qubits": [0, 1],
                "parameters": [
                    parameter("gate_error", 0.004),
                    parameter("gate_length", 84, "ns"),
                ],
            },
            {
                "gate": "cx",
                "qubits": [1, 0],
                "parameters": [parameter("gate_error", 1), parameter("gate_length", 84, "ns")],
            },
            {
                "gate": "rz",
                "qubits": [2],
                "parameters": [parameter("gate_error", 0), parameter("gate_length", 0, "ns")],
            },
        ],
    }


def status() -> dict[str, Any]:
    """As of some device of IBM."""
    return {
        "state": True,
        "status": "active",
        "message": "",
        "length_queue": 5,
        "backend_version": "1",
    }


def defaults() -> dict[str, Any]:
    """As of some device of IBM."""
    return {
        "qubit_freq_est": [4.9],
        "meas_freq_est": [7.1],
        "buffer": 0,
        "pulse_library": [],
        "cmd_def": [],
    }


#: A small document of each format.
DOCUMENTS: Final[Mapping[str, Callable[[], Any]]] = {
    IONQ_BACKENDS: backends,
    CHARACTERIZATION: characterization,
    CHARACTERIZATIONS: characterizations,
    IBM_BACKENDS: ibm_backends,
    CONFIGURATION: configuration,
    PROPERTIES: properties,
    STATUS: status,
    DEFAULTS: defaults,
}
