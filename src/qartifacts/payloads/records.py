"""What the record of a job says, in as much as its results depend on it.

Records are those of IonQ's API: of version 0.4, and the older ones that hold a histogram inline.
What a record does not say is None here, and nothing is held against it: the ideal simulator ignores
the number of shots, dry runs have no results, and a child that failed is in no aggregate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from qartifacts import stored
from qartifacts.jsontext import Path

__all__ = ["Descriptor", "Legacy", "Record", "Role", "Variant", "legacy_urls"]


class Role(StrEnum):
    """What an artifact is to its job."""

    RESULT = "result"
    VARIANT = "variant"
    AGGREGATION = "aggregation"
    CIRCUIT = "circuit"
    OTHER = "other"


class Descriptor(NamedTuple):
    """What a record says of one artifact.

    Attributes:
        id: By which the service gives it out.
        format: Its format, which need not be one that is known.
        media_type: How its bytes are to be read.
        path: Where in the record it is said.
        role: What it is to the job.
        variant: Which of the variants it belongs to, from 0; None if to none.
    """

    id: str
    format: str
    media_type: str
    path: Path
    role: Role
    variant: int | None = None


class Legacy(NamedTuple):
    """An older entry of ``results``, which says where a result is, and not what it is.

    Attributes:
        name: The name of the entry, such as ``probabilities``.
        url: Where the result is; relative to the service.
        path: Where in the record it is said.
    """

    name: str
    url: str
    path: Path


class Variant(NamedTuple):
    """One of the circuits that a job with debiasing ran.

    Attributes:
        shots: How many shots it had.
        path: Where in the record it is said.
    """

    shots: int | None
    path: Path


@dataclass(frozen=True, slots=True)
class Record:
    """The record of a job.

    Attributes:
        value: The record itself, to be read only.
        id: The job's id.
        type: What kind of job it is, such as ``ionq.circuit.v1``.
        status: How far it is, such as ``completed``.
        backend: What it ran on.
        shots: How many shots it was to have.
        qubits: How many qubits its circuit has.
        gate_counts: How many gates of each kind its circuit has.
        child_ids: Ids of its children, in the order of the circuits that were submitted.
        parent: Id of the job that it is a child of.
        mitigated: Whether its errors were mitigated, so that shots may have been dropped or
            combined, and totals need not be what was asked for.
        descriptors: Its artifacts, in the order of the record; after them those that older entries
            give the URL of, if their format is known, and no other result has it.
        legacy: Older entries of its results.
        variants: What a job with debiasing ran.
    """

    value: Mapping[str, Any]
    id: str | None
    type: str | None
    status: str | None
    backend: str | None
    shots: int | None
    qubits: int | None
    gate_counts: Mapping[str, int]
    child_ids: tuple[str, ...]
    parent: str | None
    mitigated: bool
    descriptors: tuple[Descriptor, ...]
    legacy: tuple[Legacy, ...]
    variants: tuple[Variant, ...]

    @classmethod
    def of(cls, value: Any) -> Record:
        """What a parsed record says; of what is no record, nothing is said."""
        value = value if isinstance(value, dict) else {}
        stats = _object(value, "stats")
        counts = _object(stats, "gate_counts")
        legacy = tuple(_legacy(value))
        children = value.get("child_job_ids")
        qubits = _whole(stats.get("qubits"))
        return cls(
            value,
            id=_text(value.get("id")),
            type=_text(value.get("type")),
            status=_text(value.get("status")),
            # Older records call the one a target, and have the other at their top.
            backend=_text(value.get("backend")) or _text(value.get("target")),
            shots=_whole(value.get("shots")),
            qubits=_whole(value.get("qubits")) if qubits is None else qubits,
            gate_counts={
                name: count
                for name, given in counts.items()
                if (count := _whole(given)) is not None
            },
            child_ids=tuple(filter(None, map(_text, children)))
            if isinstance(children, list)
            else (),
            parent=_text(value.get("parent_job_id")),
            mitigated=_is_mitigated(value),
            descriptors=_with_legacy(_descriptors(value), legacy),
            legacy=legacy,
            variants=tuple(_variants(value)),
        )

    @property
    def ended(self) -> bool:
        """Whether the job will not change any more."""
        return self.status in ("completed", "failed", "canceled")

    @property
    def simulated(self) -> bool:
        """Whether it ran on a simulator, whose probabilities need not be those of its shots."""
        return self.backend is not None and self.backend.startswith("simulator")

    @property
    def ideal(self) -> bool:
        """Whether it was simulated without noise, which computes probabilities and draws nothing.

        The ideal simulator takes no notice of shots, even if its record repeats them.
        """
        model = _object(self.value, "noise").get("model", "ideal")
        return self.simulated and model == "ideal"

    @property
    def inline(self) -> Mapping[str, Any] | None:
        """The probabilities that records of version 0.2 hold as ``data.histogram``."""
        histogram = _object(self.value, "data").get("histogram")
        return histogram if isinstance(histogram, dict) else None

    def of_role(self, role: Role) -> Iterator[Descriptor]:
        """The artifacts of a role, in the order of the record."""
        return (each for each in self.descriptors if each.role is role)


def _object(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The object under some names; an empty one if there is none."""
    inner: Any = value
    for name in names:
        inner = inner.get(name) if isinstance(inner, dict) else None
    return inner if isinstance(inner, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: Any) -> int | None:
    """A whole number from 0, also as text, as older records have it."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 16:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if value >= 0 and math.isfinite(value) and value == int(value) else None


_MITIGATION: Final = ("output", "error_mitigation")
_VARIANTS: Final = (*_MITIGATION, "debiasing", "variants")


def _is_mitigated(value: Mapping[str, Any]) -> bool:
    """Whether the output tells of a mitigation; without output, the settings do."""
    told = _object(value, *_MITIGATION) or _object(value, "settings", "error_mitigation")
    return any(
        each not in (None, False, {})
        for name, each in told.items()
        if name in ("debiasing", "symmetry_verification", "aggregations")
    )


def _descriptors(record: Mapping[str, Any]) -> tuple[Descriptor, ...]:
    return tuple(Descriptor(*each, *_role(each.path)) for each in stored.descriptors(record))


def _role(path: Path) -> tuple[Role, int | None]:
    if path[:1] == ("results",):
        return Role.RESULT, None
    if path[:2] == _MITIGATION:
        if path[:4] == _VARIANTS and len(path) > 4 and isinstance(path[4], int):
            return Role.VARIANT, path[4]
        return Role.AGGREGATION, None
    if path[:3] == ("output", "compilation", "compiled_circuits"):
        return Role.CIRCUIT, None
    return Role.OTHER, None


def _legacy(record: Mapping[str, Any]) -> Iterator[Legacy]:
    for name, entry in _object(record, "results").items():
        url = entry.get("url") if isinstance(entry, dict) else None
        if isinstance(url, str):
            yield Legacy(name, url, ("results", name, "url"))


def _with_legacy(
    descriptors: tuple[Descriptor, ...], legacy: tuple[Legacy, ...]
) -> tuple[Descriptor, ...]:
    """Descriptors, and what older entries amount to where there are none of their formats."""
    formats = {each.format for each in descriptors if each.role is Role.RESULT}
    return descriptors + tuple(
        Descriptor(
            each.name, stored.LEGACY[each.name], "application/json", each.path[:-1], Role.RESULT
        )
        for each in legacy
        if each.name in stored.LEGACY and stored.LEGACY[each.name] not in formats
    )


def legacy_urls(record: Record) -> dict[Path, str]:
    """Where artifacts are that the record has no descriptor of, but an older entry, by its path."""
    return {each.path[:-1]: each.url for each in record.legacy}


def _variants(record: Mapping[str, Any]) -> Iterator[Variant]:
    listed = _object(record, *_VARIANTS[:-1]).get("variants")
    for index, each in enumerate(listed if isinstance(listed, list) else ()):
        shots = _whole(each.get("shots")) if isinstance(each, dict) else None
        yield Variant(shots, (*_VARIANTS, index))
