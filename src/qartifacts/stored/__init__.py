"""What services have sent and somebody has kept: device documents, and jobs with their artifacts.

How files are called that hold them is said once, in ``names.py``: ``fetching`` writes them,
``validate`` tells their formats, and ``DeviceStore`` (``devices.py``) and ``JobStore``
(``jobs.py``) find them for ``serve``, which offers them.

A stored job is a directory. ``job.json`` is the record, byte for byte as a service sent it; each
artifact is a file ``<id>.<format>.json`` (``.txt`` where its media type is text, ``.bin`` where it
is neither); and the jobs that are its children lie in ``children/<id>/`` and are stored alike. Ids
are written so that they can stand in any file name (``artifact_name``).
"""

from qartifacts.stored.names import (
    CHILDREN,
    IBM_PARTS,
    JOB_RECORD,
    LEGACY,
    Descriptor,
    artifact_name,
    checked_device,
    child_name,
    descriptors,
    document_name,
    findings_name,
    ids_by_name,
    is_rejected,
    legacy_name,
    media_type_of,
    owner,
    rejected_name,
)

__all__ = [
    "CHILDREN",
    "IBM_PARTS",
    "JOB_RECORD",
    "LEGACY",
    "Descriptor",
    "artifact_name",
    "checked_device",
    "child_name",
    "descriptors",
    "document_name",
    "findings_name",
    "ids_by_name",
    "is_rejected",
    "legacy_name",
    "media_type_of",
    "owner",
    "rejected_name",
]
