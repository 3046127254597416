"""Documents about devices as services send them, and stand-ins for their schemas, for tests."""

from __future__ import annotations

import json
from typing import Any

from support import DRAFT_7

FORTE = "qpu.forte-1"
ARIA = "qpu.aria-1"
FEZ = "ibm_fez"
FORTE_ID = "617a1f8b-59d4-435d-aa33-695433d7155e"
ARIA_ID = "aa54e783-0a9b-4f73-ad2f-63983b6aa4a8"

BACKENDS = "ionq.backends.v0.4"
CHARACTERIZATION = "ionq.characterization.v0.4"
CHARACTERIZATIONS = "ionq.characterizations.v0.3"
IBM_BACKENDS = "ibm.backends.v1"
CONFIGURATION = "ibm.backend-configuration.v1"
PROPERTIES = "ibm.backend-properties.v1"
STATUS = "ibm.backend-status.v1"
DEFAULTS = "ibm.backend-defaults.v1"


def _schema(format: str, **keywords: Any) -> dict[str, Any]:
    return {"$schema": DRAFT_7, "$id": format, **keywords}


def _objects(*required: str) -> dict[str, Any]:
    return {"type": "object", "required": list(required)}


#: Wide, and yet narrow enough to refuse what is not meant.
SCHEMAS = {
    each["$id"]: each
    for each in (
        _schema(BACKENDS, type="array", items=_objects("backend", "status", "qubits")),
        _schema(
            CHARACTERIZATION,
            type="object",
            properties={"qubits": {"type": "integer", "minimum": 1}, "date": {"type": "string"}},
        ),
        _schema(
            CHARACTERIZATIONS,
            type="object",
            required=["characterizations"],
            properties={"characterizations": {"type": ["array", "null"], "items": _objects("id")}},
        ),
        _schema(
            IBM_BACKENDS,
            type="object",
            required=["devices"],
            properties={"devices": {"type": "array", "items": _objects("name", "status")}},
        ),
        _schema(CONFIGURATION, type="object", required=["backend_name", "n_qubits"]),
        _schema(PROPERTIES, type="object", required=["backend_name", "qubits"]),
        _schema(STATUS, type="object", required=["length_queue"]),
        _schema(DEFAULTS, type="object"),
    )
}


def text(value: Any) -> bytes:
    """A document as somebody else spells it: with spaces, and a line feed at its end."""
    return json.dumps(value, indent=1).encode() + b"\n"


def backend(name: str, id: str | None, **more: Any) -> dict[str, Any]:
    entry = {"backend": name, "status": "available", "qubits": 36, "last_updated": "2026-11-20"}
    return {**entry, **({} if id is None else {"characterization_id": id}), **more}


def measured(number: int, name: str = FORTE, **more: Any) -> dict[str, Any]:
    """A characterization of version 0.3; the larger its number, the later it was measured."""
    id = f"{number:08x}-0000-4000-8000-000000000000"
    return {"id": id, "date": 1_700_000_000 + 3600 * number, "backend": name, **more}


IONQ_LIST = text([backend(FORTE, FORTE_ID), backend(ARIA, ARIA_ID), backend("simulator", None)])
FORTE_NOW = text(
    {
        "id": FORTE_ID,
        "backend": FORTE,
        "date": "2026-11-20T00:00:00Z",
        "qubits": 36,
        "fidelity": {"spam": {"median": 0.9962, "stderr": None}},
    }
)
IBM_LIST = text(
    {
        "devices": [
            {"name": FEZ, "status": {"name": "online"}, "queue_length": 3},
            {"name": "ibm_kingston", "status": {"name": "paused"}, "queue_length": 0},
        ]
    }
)
FEZ_DOCUMENTS = {
    CONFIGURATION: text({"backend_name": FEZ, "backend_version": "1.3.37", "n_qubits": 156}),
    PROPERTIES: text({"backend_name": FEZ, "qubits": [[]], "gates": [], "general": []}),
    STATUS: text({"state": True, "status": "active", "length_queue": 3}),
    DEFAULTS: text({"buffer": 0, "pulse_library": []}),
}

#: A store of one device of each vendor, by file names.
FORTE_FILES = {
    f"{FORTE}.{BACKENDS}.json": IONQ_LIST,
    f"{FORTE}.{CHARACTERIZATION}.json": FORTE_NOW,
}
FEZ_FILES = {
    f"{FEZ}.{IBM_BACKENDS}.json": IBM_LIST,
    **{f"{FEZ}.{format}.json": data for format, data in FEZ_DOCUMENTS.items()},
}
