"""Which format a source has, where the caller does not say.

In this order: the job record beside the file, an identifier in the file's name, and the content
where it is unmistakable. What fits several formats is a finding that names them, never a guess.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from stat import S_ISREG
from typing import Any, Final

from qartifacts.config import Settings
from qartifacts.errors import UnknownFormat
from qartifacts.identifiers import (
    AGGREGATE_V1,
    CHILD_ID,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    NATIVE_V1,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.jsontext import read
from qartifacts.registry import Registry
from qartifacts.source import open_path
from qartifacts.validate.violation import Violation

__all__ = [
    "format_of_content",
    "format_of_file",
    "formats_of_start",
    "is_job_record",
    "is_unmistakable",
]

#: The record of a stored job, as the service sent it, beside the job's payloads.
_JOB_RECORD: Final = "job.json"

_SAY: Final = "say which with --format, or in the file's name"


def format_of_file(
    path: str, registry: Registry, settings: Settings
) -> FormatId | Violation | None:
    """What a job record, or the name, says of a file; a violation where that is no one format."""
    folder, name = os.path.split(os.path.abspath(path))
    recorded = _recorded_formats(folder, name, settings)
    if len(recorded) > 1:
        return Violation("QA021", f"the job record gives it {len(recorded)} formats; {_SAY}")
    if recorded:
        return _pinned(recorded[0], "the job record names", registry)
    identifiers = list(dict.fromkeys(_identifiers_in(name, registry)))
    if len(identifiers) > 1:
        return Violation("QA021", f"the file's name holds {' and '.join(identifiers)}")
    if identifiers:
        return _pinned(identifiers[0], "the file's name holds", registry)
    return None


def _pinned(identifier: str, words: str, registry: Registry) -> FormatId | Violation:
    if identifier in registry:
        return registry[identifier].format
    unknown = UnknownFormat(identifier, tuple(registry))
    message = f"{words} the format {identifier[:120]!r}, which is not pinned; {unknown.hint}"
    return Violation("QA022", message)


def _identifiers_in(name: str, registry: Registry) -> Iterator[str]:
    """Identifiers that stand in a file name between dots, hyphens, underscores or its ends.

    Unknown ones of a known vendor count too: a result in a format that is not pinned must not be
    taken for another one by its content.
    """
    vendors = {pin.format.vendor for pin in registry.values()}
    if not any(f"{vendor}." in name for vendor in vendors):
        return  # Making the pattern takes longer than checking a small file.
    either = "|".join(sorted(map(re.escape, vendors)))
    pattern = rf"(?<![a-z0-9])(?:{either})\.(?:[a-z0-9-]+\.)+?v[0-9]+(?:\.[0-9]+)*(?![a-z0-9])"
    for match in re.finditer(pattern, name):
        # Copies are numbered and dated: what follows a pinned version may be no part of it.
        pinned = [each for each in registry if f"{match[0]}.".startswith(f"{each}.")]
        yield max(pinned, key=len, default=match[0])


def _recorded_formats(folder: str, name: str, settings: Settings) -> tuple[str, ...]:
    """Formats that the job record beside a file gives it, if there is a record that knows it."""
    record = os.path.join(folder, _JOB_RECORD)
    try:
        status = os.stat(record)
    except OSError:
        return ()
    if name == _JOB_RECORD or not S_ISREG(status.st_mode):
        return ()
    formats = _artifact_formats(record, status.st_mtime_ns, status.st_size, settings)
    # A payload is named <artifact-id>.<format>.json, or <artifact-id> and a suffix of its media
    # type. Ids may hold dots, so the longest that fits is meant.
    while name:
        if name in formats:
            return formats[name]
        name = name.rpartition(".")[0]
    return ()


@lru_cache(maxsize=64)
def _artifact_formats(
    record: str, modified: int, size: int, settings: Settings
) -> Mapping[str, tuple[str, ...]]:
    """Formats by artifact id in a job record; none where the record cannot be read.

    Time and size of the file only tell its versions apart.
    """
    try:
        source = open_path(record, settings)
    except OSError:
        return {}
    if source.data is None:
        return {}
    reading = read(source.data, settings)
    formats: dict[str, tuple[str, ...]] = {}
    waiting = [reading.value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
            identifier, format = value.get("id"), value.get("format")
            if isinstance(identifier, str) and isinstance(format, str) and "media_type" in value:
                known = formats.get(identifier, ())
                formats[identifier] = known if format in known else (*known, format)
    return formats


def is_job_record(path: str) -> bool:
    """Whether a file is, by its name, the record of a stored job."""
    return os.path.basename(path) == _JOB_RECORD


def format_of_content(value: Any, registry: Registry) -> FormatId | Violation:
    """The one pinned format whose payloads look like ``value``."""
    candidates = [format for format, fits in _SHAPES.items() if format in registry and fits(value)]
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        return Violation("QA021", f"this may be {' or '.join(candidates)}; {_SAY}")
    return Violation("QA020", f"no pinned format looks like this; {_SAY}")


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
    """The formats that a large text may have, by its first bytes."""
    start = data[:_LONGEST_START].decode("latin-1").lstrip()
    return next((formats for pattern, formats in _STARTS if re.match(pattern, start)), ())


def is_unmistakable(format: FormatId, columns: Any) -> bool:
    """Whether a payload that is good in one format could have no other one.

    Only histograms and probabilities of version 1 are alike, if all values are 0 or 1.
    """
    if format not in (HISTOGRAM_V1, PROBABILITIES_V1):
        return True
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


#: What payloads of a format look like. Wider than the verdict: a wrong payload has a format, too.
_SHAPES: Final[Mapping[FormatId, Callable[[Any], bool]]] = {
    PROBABILITIES_V1: _maybe_probabilities_v1,
    PROBABILITIES_V2: _nested("probabilities"),
    HISTOGRAM_V1: _maybe_histogram_v1,
    HISTOGRAM_V2: _nested("histogram"),
    SHOTS_V1: _maybe_shots_v1,
    SHOTS_V2: _maybe_shots_v2,
    AGGREGATE_V1: _maybe_aggregate,
    NATIVE_V1: _maybe_native,
}
