"""Which format a source has, where the caller does not say.

In this order: the job record beside the file, an identifier in the file's name, and the content
where it is unmistakable. What fits several formats is a finding that names them, never a guess.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from stat import S_ISREG
from typing import Any, Final, NamedTuple

from qartifacts.config import Settings
from qartifacts.errors import UnknownFormat
from qartifacts.identifiers import (
    AGGREGATE_V1,
    AZURE_V1,
    AZURE_V2,
    BRAKET_V1,
    CHILD_ID,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    IBM_BACKENDS,
    IBM_CONFIGURATION,
    IBM_DEFAULTS,
    IBM_PROPERTIES,
    IBM_STATUS,
    IONQ_BACKENDS,
    IONQ_CHARACTERIZATION,
    IONQ_CHARACTERIZATIONS,
    MULTI_CIRCUIT_JOB,
    NATIVE_V1,
    OLD_JOB,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    QAOA_JOB,
    QUANTUM_FUNCTION_JOB,
    SHOTS_V1,
    SHOTS_V2,
    SINGLE_CIRCUIT_JOB,
    FormatId,
)
from qartifacts.jsontext import quoted, read
from qartifacts.registry import Registry
from qartifacts.remote import is_url, located, open_url
from qartifacts.source import Source, open_path
from qartifacts.stored.names import JOB_RECORD, descriptors, ids_by_name, owner
from qartifacts.validate.violation import Violation

__all__ = [
    "ALIKE",
    "FileFormats",
    "format_of_content",
    "format_of_record",
    "formats_of_start",
    "is_job_record",
    "is_unknown_job",
    "is_unmistakable",
]

_SAY: Final = "say which with --format, or in the file's name"


class FileFormats:
    """What job records, and names, say of files, for many of them.

    Files are best asked for directory by directory: whether there is a job record is looked up
    when the directory is another one than before.

    Args:
        registry: The formats that there are.
        settings: What limits the reading of a job record.
    """

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry: Final = registry
        self._settings: Final = settings
        self._names: Final = _names_of(registry)
        self._last: tuple[str | None, _Recorded] = (None, _NOTHING)

    def of_file(self, path: str) -> FormatId | Violation | None:
        """What a job record, or the name, says; a violation where that is no one format."""
        folder, name = _split(path)
        last, record = self._last
        if folder != last:
            record = _recorded_formats(folder, self._settings)
            self._last = folder, record
        if record.formats and name != JOB_RECORD:
            recorded = record.of(name)
            if len(recorded) > 1:
                message = f"the job record gives it {len(recorded)} formats; {_SAY}"
                return Violation("QA021", message)
            if recorded:
                return _pinned(recorded[0], "the job record names", self._registry)
        return self._names.format_in(name)

    def of_name(self, name: str) -> FormatId | Violation | None:
        """What a name says; a violation where that is no one format."""
        return self._names.format_in(name)


def _split(path: str) -> tuple[str, str]:
    if os.altsep:
        return os.path.split(path)
    folder, separator, name = path.rpartition(os.sep)
    return folder + separator, name


def _pinned(identifier: str, words: str, registry: Registry) -> FormatId | Violation:
    if identifier in registry:
        return registry[identifier].format
    unknown = UnknownFormat(identifier, tuple(registry))
    message = f"{words} the format {identifier[:120]!r}, which is not pinned; {unknown.hint}"
    return Violation("QA022", message)


class _Names:
    """Identifiers that stand in file names between dots, hyphens, underscores or the ends.

    Unknown ones of a known vendor count too: a result in a format that is not pinned must not be
    taken for another one by its content.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry: Final = registry
        self._vendors: Final = sorted({f"{pin.format.vendor}." for pin in registry.values()})
        self._known: Final[dict[str, FormatId | Violation | None]] = {}

    def format_in(self, name: str) -> FormatId | Violation | None:
        """The format that a name holds; a violation where that is no one format."""
        starts = [at for vendor in self._vendors if (at := name.find(vendor)) >= 0]
        if not starts:
            return None  # Making the pattern takes longer than checking a small file.
        # In a store, names differ in front of the identifier.
        end = name[max(min(starts) - 1, 0) :]
        try:
            return self._known[end]
        except KeyError:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            said = self._known[end] = self._format_in(end)
            return said

    def _format_in(self, name: str) -> FormatId | Violation | None:
        found = map(self._longest_pinned, self._pattern.findall(name))
        identifiers = list(dict.fromkeys(found))
        if len(identifiers) > 1:
            return Violation("QA021", f"the file's name holds {' and '.join(identifiers)}")
        if identifiers:
            return _pinned(identifiers[0], "the file's name holds", self._registry)
        return None

    def _longest_pinned(self, identifier: str) -> str:
        # Copies are numbered and dated: what follows a pinned version may be no part of it.
        pinned = [each for each in self._registry if f"{identifier}.".startswith(f"{each}.")]
        return max(pinned, key=len, default=identifier)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        either = "|".join(map(re.escape, self._vendors))
        return re.compile(
            rf"(?<![a-z0-9])(?:{either})(?:[a-z0-9-]+\.)+?v[0-9]+(?:\.[0-9]+)*(?![a-z0-9])"
        )


_REMEMBERED: Final = 4096

_names_of = lru_cache(maxsize=8)(_Names)


class _Recorded(NamedTuple):
    """What a job record says of the formats of artifacts."""

    #: Formats by the artifact's id.
    formats: Mapping[str, tuple[str, ...]]
    #: The ids by what the names of their files may start with.
    ids: Mapping[str, str]

    def of(self, name: str) -> tuple[str, ...]:
        """The formats of a payload by the name of its file, which starts with the artifact's id."""
        id = owner(name, self.ids)
        return () if id is None else self.formats[id]


_NOTHING: Final = _Recorded({}, {})


def _recorded_formats(folder: str, settings: Settings) -> _Recorded:
    """What the job record of a directory says, if it has one."""
    if is_url(folder):
        return _remotely_recorded_formats(folder + JOB_RECORD, settings)
    record = os.path.join(folder, JOB_RECORD)
    try:
        status = os.stat(record)
    except (OSError, ValueError):
        return _NOTHING
    if not S_ISREG(status.st_mode):
        return _NOTHING
    record = os.path.abspath(record)
    try:
        return _artifact_formats(record, status.st_mtime_ns, status.st_size, settings)
    except OSError:
        return _NOTHING  # Which is not remembered: it may be open to be read a moment later.


def _remotely_recorded_formats(record: str, settings: Settings) -> _Recorded:
    """The same of a directory in an object store.

    Of a web server nothing is asked that nobody named; and what is in the memory of one process
    would tell formats to that process alone.
    """
    if not located(record).is_in_store:
        return _NOTHING
    try:
        return _formats_said_by(open_url(record, settings), settings)
    except OSError:
        return _NOTHING


@lru_cache(maxsize=64)
def _artifact_formats(record: str, modified: int, size: int, settings: Settings) -> _Recorded:
    """What a job record says of formats; nothing where it is no JSON.

    Time and size of the file only tell its versions apart.

    Raises:
        OSError: It cannot be opened or read.
    """
    return _formats_said_by(open_path(record, settings), settings)


def _formats_said_by(source: Source, settings: Settings) -> _Recorded:
    if source.data is None:
        return _NOTHING
    formats: dict[str, dict[str, None]] = {}
    for id, format, *_ in descriptors(read(source.data, settings).value):
        formats.setdefault(id, {})[format] = None
    return _Recorded({id: tuple(said) for id, said in formats.items()}, ids_by_name(formats))


def is_job_record(path: str) -> bool:
    """Whether a file is, by its name, the record of a stored job."""
    return path.endswith(JOB_RECORD) and os.path.basename(path) == JOB_RECORD


def format_of_content(value: Any, registry: Registry) -> FormatId | Violation:
    """The one pinned format whose payloads look like ``value``."""
    # Members may be added to a result, and then it is still one: devices are looked at last.
    candidates = _fitting(_SHAPES, value, registry)
    record = None if candidates else format_of_record(value, registry)
    if record is not None:
        return record
    candidates = candidates or _fitting(_DEVICES, value, registry)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        return Violation("QA021", f"this may be {' or '.join(candidates)}; {_SAY}")
    return Violation("QA020", f"no pinned format looks like this; {_SAY}")


def format_of_record(value: Any, registry: Registry) -> FormatId | Violation | None:
    """The one pinned format of a job's record; None for what is no such record.

    A violation for the record of a job whose type is not known: services add types, and what holds
    such a record against the schema of another type says nothing.
    """
    formats = _fitting(_JOBS, value, registry)
    if formats:
        return formats[0]  # Their types tell them apart.
    if not is_unknown_job(value):
        return None
    message = f"this is a job of the type {quoted(value['type'])}, of which no format is pinned"
    return Violation("QA020", f"{message}; {_SAY}")


def _fitting(
    shapes: Mapping[FormatId, Callable[[Any], bool]], value: Any, registry: Registry
) -> list[FormatId]:
    return [format for format, fits in shapes.items() if format in registry and fits(value)]


#: How payloads of a format start that can be told at their start.
_STARTS: Final[Sequence[tuple[str, tuple[FormatId, ...]]]] = (
    (r'\{\s*"histogram"', (HISTOGRAM_V2,)),
    (r'\{\s*"probabilities"', (PROBABILITIES_V2,)),
    (r'\{\s*"shots"', (SHOTS_V2,)),
    (r'\[\s*"\d', (SHOTS_V1,)),
    (r'\{\s*"[0-9a-fA-F]{8}-', (AGGREGATE_V1,)),
    (r'\{\s*"\d', (HISTOGRAM_V1, PROBABILITIES_V1)),
)
_LONGEST_START: Final = 200


def formats_of_start(data: bytes) -> tuple[FormatId, ...]:
    """The formats that a good text may have, by its first bytes."""
    start = data[:_LONGEST_START].decode("latin-1").lstrip()
    return next((formats for pattern, formats in _STARTS if re.match(pattern, start)), ())


#: Formats whose good payloads are alike, if all values are 0 or 1.
ALIKE: Final = frozenset({HISTOGRAM_V1, PROBABILITIES_V1})


def is_unmistakable(format: FormatId, columns: Any) -> bool:
    """Whether a payload that is good in one of the formats that are alike could not have the other.

    Args:
        format: The one that it is good in.
        columns: What it holds.
    """
    values = columns[0].values
    return bool((values > 1).any() if format == HISTOGRAM_V1 else (values % 1 != 0).any())


def _nested(member: str) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        inner = value.get(member) if isinstance(value, dict) else None
        return isinstance(inner, dict) and "registers" in inner

    return fits


_STATE = re.compile(r"[0-9]+", re.ASCII)


def _flat(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(map(_STATE.fullmatch, value))
        and not any(isinstance(item, (dict, list)) for item in value.values())
    )


def _numbers(value: dict[str, Any]) -> list[float]:
    return [n for n in value.values() if isinstance(n, (int, float)) and not isinstance(n, bool)]


def _maybe_probabilities_v1(value: Any) -> bool:
    """Flat, and not certainly counts: whole numbers of which one is larger than 1."""
    if not _flat(value):
        return False
    numbers = _numbers(value)
    return any(n != int(n) for n in numbers) or not any(n > 1 for n in numbers)


def _maybe_histogram_v1(value: Any) -> bool:
    """Flat, and not certainly probabilities: within 0 to 1, and one of them a fraction."""
    if not _flat(value):
        return False
    numbers = _numbers(value)
    return any(not 0 <= n <= 1 for n in numbers) or all(n == int(n) for n in numbers)


def _maybe_shots_v1(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value)


def _maybe_shots_v2(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("shots"), list)


def _maybe_aggregate(value: Any) -> bool:
    return isinstance(value, dict) and all(map(CHILD_ID.fullmatch, value))


def _maybe_native(value: Any) -> bool:
    return isinstance(value, dict) and "qubits" in value and "circuit" in value


# Results as other clouds hand them out.


def _maybe_azure(value: Any) -> bool:
    """A histogram of decimal states, which IonQ's own formats do not nest, and no job record."""
    inner = value.get("histogram") if isinstance(value, dict) else None
    if not isinstance(inner, dict) or "registers" in inner or _OF_A_RECORD & value.keys():
        return False
    return "duration" in value or (bool(inner) and _flat(inner))


_OF_A_RECORD: Final = frozenset({"id", "status"})


def _maybe_microsoft(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    if value.get("DataFormat") == AZURE_V2:
        return True
    return _list_of(_has("Histogram"))(value.get("Results"))


def _maybe_braket(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    header = value.get("braketSchemaHeader")
    if isinstance(header, dict):
        return header.get("name") == TASK_RESULT
    return any(each in value for each in ("measurements", "measurementProbabilities")) and any(
        each in value for each in ("measuredQubits", "taskMetadata")
    )


#: By which Braket's documents name the schema of this one.
TASK_RESULT: Final = "braket.task_result.gate_model_task_result"


# Documents about devices are common words in any JSON: only what names several of theirs is one.


def _has(*members: str, any_of: Sequence[str] = ()) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and all(member in value for member in members)
            and (not any_of or any(member in value for member in any_of))
        )

    return fits


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def all_fit(value: Any) -> bool:
        return isinstance(value, list) and value != [] and all(map(fits, value))

    return all_fit


def _maybe_characterization(value: Any) -> bool:
    """With a date in text: version 0.3 counts seconds, and comes in a list only."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("backend"), str)
        and isinstance(value.get("date", ""), str)
        and isinstance(value.get("fidelity"), dict)
        and "timing" in value
    )


def _maybe_characterizations(value: Any) -> bool:
    if not isinstance(value, dict) or not {"characterizations"} <= value.keys() <= _OF_A_PAGE:
        return False
    listed = value["characterizations"]
    if listed is None or listed == []:
        return "pages" in value
    return _list_of(_has("backend", any_of=("fidelity", "timing", "connectivity")))(listed)


_OF_A_PAGE: Final = frozenset({"characterizations", "pages"})


def _maybe_ibm_backends(value: Any) -> bool:
    return isinstance(value, dict) and _list_of(_has("name", "queue_length"))(value.get("devices"))


def _maybe_ibm_properties(value: Any) -> bool:
    return _has("backend_name", "last_update_date", "gates")(value) and isinstance(
        value.get("qubits"), list
    )


def _maybe_ibm_status(value: Any) -> bool:
    return _has("length_queue")(value) and len(value) >= 2 and value.keys() <= _OF_A_STATUS


_OF_A_STATUS: Final = frozenset({"state", "status", "message", "length_queue", "backend_version"})


#: The types of jobs of version 0.4, by the format of their records. Children of multi-circuit jobs
#: have the last one of the first, which is not published.
_TYPES: Final[Mapping[FormatId, frozenset[str]]] = {
    SINGLE_CIRCUIT_JOB: frozenset(
        {
            "ionq.circuit.v1",
            "ionq.qasm3.v1",
            "ionq.qir.v1",
            "qctrl.qaoa-circuit.v1",
            "ionq.ore.v1",
        }
    ),
    MULTI_CIRCUIT_JOB: frozenset({"ionq.multi-circuit.v1"}),
    QAOA_JOB: frozenset({"qctrl.qaoa.v1"}),
    QUANTUM_FUNCTION_JOB: frozenset({"quantum-function"}),
}
#: What types of jobs look like that name whose they are.
_TYPE: Final = re.compile(r"(?:ionq|qctrl)\.[a-z0-9.-]+\.v[0-9]+", re.ASCII)


#: What records of jobs have, and what is sent to create one has not.
_MEMBERS_OF_A_JOB: Final = frozenset({"id", "status", "submitter_id", "submitted_at", "results"})


def _type_of_job(value: Any) -> str | None:
    """The type of a job by its record; None of what is no such record, even with a type."""
    if not isinstance(value, dict) or len(_MEMBERS_OF_A_JOB & value.keys()) < 2:
        return None
    type = value.get("type")
    # A type that does not say whose it is could be that of anything.
    told = isinstance(type, str) and (_TYPE.fullmatch(type) is not None or "backend" in value)
    return type if told else None


def is_unknown_job(value: Any) -> bool:
    type = _type_of_job(value)
    return (
        type is not None
        and _TYPE.fullmatch(type) is not None
        and not any(type in types for types in _TYPES.values())
    )


def _of_type(types: frozenset[str]) -> Callable[[Any], bool]:
    return lambda value: _type_of_job(value) in types


def _maybe_old_job(value: Any) -> bool:
    """Of version 0.2: with its results in it, or of its type and asked for in seconds."""
    if not isinstance(value, dict) or not {"id", "status"} <= value.keys():
        return False
    if value.get("type", "circuit") != "circuit":
        return False
    data = value.get("data")
    if isinstance(data, dict) and "histogram" in data:
        return True
    return "type" in value and {"target", "request"} <= value.keys()


#: What results of a format look like. Wider than the verdict: a wrong payload has a format, too.
_SHAPES: Final[Mapping[FormatId, Callable[[Any], bool]]] = {
    PROBABILITIES_V1: _maybe_probabilities_v1,
    PROBABILITIES_V2: _nested("probabilities"),
    HISTOGRAM_V1: _maybe_histogram_v1,
    HISTOGRAM_V2: _nested("histogram"),
    SHOTS_V1: _maybe_shots_v1,
    SHOTS_V2: _maybe_shots_v2,
    AGGREGATE_V1: _maybe_aggregate,
    NATIVE_V1: _maybe_native,
    AZURE_V1: _maybe_azure,
    AZURE_V2: _maybe_microsoft,
    BRAKET_V1: _maybe_braket,
}

#: The same of documents about devices, as far as that is unmistakable.
_DEVICES: Final[Mapping[FormatId, Callable[[Any], bool]]] = {
    IONQ_BACKENDS: _list_of(
        _has("backend", "status", "qubits", any_of=("average_queue_time", "last_updated"))
    ),
    IONQ_CHARACTERIZATION: _maybe_characterization,
    IONQ_CHARACTERIZATIONS: _maybe_characterizations,
    IBM_BACKENDS: _maybe_ibm_backends,
    IBM_CONFIGURATION: _has(
        "backend_name",
        "n_qubits",
        "basis_gates",
        "gates",
        any_of=("coupling_map", "backend_version"),
    ),
    IBM_PROPERTIES: _maybe_ibm_properties,
    IBM_STATUS: _maybe_ibm_status,
    IBM_DEFAULTS: _has("qubit_freq_est", "meas_freq_est", "pulse_library"),
}

#: The same of the records of jobs, which their types tell apart.
_JOBS: Final[Mapping[FormatId, Callable[[Any], bool]]] = {
    **{format: _of_type(types) for format, types in _TYPES.items()},
    OLD_JOB: _maybe_old_job,
}
