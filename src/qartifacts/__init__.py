"""Check the files that quantum jobs leave behind against pinned schemas.

>>> import qartifacts as qa
>>> report = qa.check(b'{"0": 0.5, "3": 0.4}', format="ionq.result.probabilities.json.v1")
>>> print(*report.findings)
1:1: error QA201: the probabilities of 2 outcomes sum to 0.9, not 1

Importing this package is cheap: what a name needs is imported when the name is used.
(PYTEST_DONT_REWRITE: pytest, whose plugin is here, would warn where this is imported before it.)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qartifacts.artifact import (
        Artifact,
        MembersDropped,
        Validator,
        convert,
        decode,
        from_arrow,
        from_braket,
        from_cirq,
        from_counts,
        from_model,
        from_pandas,
        from_parquet,
        from_pennylane,
        from_probabilities,
        from_qiskit,
        from_shots,
        hellinger_fidelity,
        merge,
        pool,
        prove_bit_order,
        total_variation_distance,
        validator,
    )
    from qartifacts.bulk import check_many
    from qartifacts.config import Settings
    from qartifacts.conversion import BitOrderProof, Change, Expectation
    from qartifacts.errors import (
        BadAnswer,
        ClusterError,
        ConversionError,
        DeviceConflict,
        ForeignFile,
        InvalidArtifact,
        InvalidConfiguration,
        InvalidSettings,
        KeyNeeded,
        KeyRefused,
        LockfileError,
        MissingDocument,
        MissingExtra,
        MissingParameter,
        ModifiedDocument,
        NotFound,
        QartifactsError,
        RateLimited,
        RegistryError,
        ServiceError,
        UnknownArtifact,
        UnknownDevice,
        UnknownFormat,
        UnknownRegister,
        Unreachable,
        UnsupportedConversion,
        UnusableErratum,
        UnusableSchema,
    )
    from qartifacts.fetching import (
        FetchedDevice,
        FetchedJob,
        fetch_device,
        fetch_job,
        fetch_job_async,
    )
    from qartifacts.findings import Finding, Report, Severity
    from qartifacts.hardware import (
        Device,
        Gate,
        Overall,
        Qubit,
        Statistic,
        device,
        devices,
    )
    from qartifacts.identifiers import FormatId
    from qartifacts.jobs import Job, job, load
    from qartifacts.payloads.columns import Distribution, Leakage, Measured, Shots
    from qartifacts.registry import Pin, Registry
    from qartifacts.validate import check

__version__ = "0.1.0"

__all__ = [
    "Artifact",
    "BadAnswer",
    "BitOrderProof",
    "Change",
    "ClusterError",
    "ConversionError",
    "Device",
    "DeviceConflict",
    "Distribution",
    "Expectation",
    "FetchedDevice",
    "FetchedJob",
    "Finding",
    "ForeignFile",
    "FormatId",
    "Gate",
    "InvalidArtifact",
    "InvalidConfiguration",
    "InvalidSettings",
    "Job",
    "KeyNeeded",
    "KeyRefused",
    "Leakage",
    "LockfileError",
    "Measured",
    "MembersDropped",
    "MissingDocument",
    "MissingExtra",
    "MissingParameter",
    "ModifiedDocument",
    "NotFound",
    "Overall",
    "Pin",
    "QartifactsError",
    "Qubit",
    "RateLimited",
    "Registry",
    "RegistryError",
    "Report",
    "ServiceError",
    "Settings",
    "Severity",
    "Shots",
    "Statistic",
    "UnknownArtifact",
    "UnknownDevice",
    "UnknownFormat",
    "UnknownRegister",
    "Unreachable",
    "UnsupportedConversion",
    "UnusableErratum",
    "UnusableSchema",
    "Validator",
    "__version__",
    "check",
    "check_many",
    "convert",
    "decode",
    "device",
    "devices",
    "fetch_device",
    "fetch_job",
    "fetch_job_async",
    "formats",
    "from_arrow",
    "from_braket",
    "from_cirq",
    "from_counts",
    "from_model",
    "from_pandas",
    "from_parquet",
    "from_pennylane",
    "from_probabilities",
    "from_qiskit",
    "from_shots",
    "hellinger_fidelity",
    "job",
    "load",
    "merge",
    "pool",
    "prove_bit_order",
    "total_variation_distance",
    "validator",
]

_ROOMS = {
    "artifact": (
        "Artifact",
        "MembersDropped",
        "Validator",
        "convert",
        "decode",
        "from_arrow",
        "from_braket",
        "from_cirq",
        "from_counts",
        "from_model",
        "from_pandas",
        "from_parquet",
        "from_pennylane",
        "from_probabilities",
        "from_qiskit",
        "from_shots",
        "hellinger_fidelity",
        "merge",
        "pool",
        "prove_bit_order",
        "total_variation_distance",
        "validator",
    ),
    "bulk": ("check_many",),
    "config": ("Settings",),
    "conversion": ("BitOrderProof", "Change", "Expectation"),
    "errors": (
        "BadAnswer",
        "ClusterError",
        "ConversionError",
        "DeviceConflict",
        "ForeignFile",
        "InvalidArtifact",
        "InvalidConfiguration",
        "InvalidSettings",
        "KeyNeeded",
        "KeyRefused",
        "LockfileError",
        "MissingDocument",
        "MissingExtra",
        "MissingParameter",
        "ModifiedDocument",
        "NotFound",
        "QartifactsError",
        "RateLimited",
        "RegistryError",
        "ServiceError",
        "UnknownArtifact",
        "UnknownDevice",
        "UnknownFormat",
        "UnknownRegister",
        "Unreachable",
        "UnsupportedConversion",
        "UnusableErratum",
        "UnusableSchema",
    ),
    "fetching": (
        "FetchedDevice",
        "FetchedJob",
        "fetch_device",
        "fetch_job",
        "fetch_job_async",
    ),
    "findings": ("Finding", "Report", "Severity"),
    "hardware": ("Device", "Gate", "Overall", "Qubit", "Statistic", "device", "devices"),
    "identifiers": ("FormatId",),
    "jobs": ("Job", "job", "load"),
    "payloads.columns": ("Distribution", "Leakage", "Measured", "Shots"),
    "registry": ("Pin", "Registry"),
    "validate": ("check",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def formats(registry: Registry | None = None) -> tuple[FormatId, ...]:
    """The format identifiers that a registry holds; by default those that come with the package."""
    from qartifacts.registry import Registry

    pins = registry if registry is not None else Registry.bundled()
    return tuple(pin.format for pin in pins.values())


def __getattr__(name: str) -> object:
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    globals()[name] = value  # Asked once.
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
