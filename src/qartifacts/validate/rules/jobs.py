"""The rules of the records of jobs.

They follow from what IonQ's OpenAPI document of 2026-09-02 says in words, from its example answers,
and from recorded jobs. What is normal is no error: the ideal simulator says nothing of shots, dry
runs and jobs that have not ended have no results, and older entries of results are URLs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from qartifacts.config import Settings
from qartifacts.identifiers import (
    CHILD_ID,
    MULTI_CIRCUIT_JOB,
    OLD_JOB,
    PROBABILITIES_V1,
    QAOA_JOB,
    QUANTUM_FUNCTION_JOB,
    SINGLE_CIRCUIT_JOB,
    FormatId,
)
from qartifacts.jsontext import Path, quoted
from qartifacts.payloads.quantities import instant
from qartifacts.validate.rules.results import RESULTS
from qartifacts.validate.rules.shapes import (
    RuleSet,
    Violations,
    in_digits,
    is_number,
    is_whole,
    misshapen,
)
from qartifacts.validate.violation import Violation

__all__ = ["JOBS"]

#: The most shots that a job can have (OpenAPI document, the creation of jobs).
_MOST_SHOTS: Final = 1_000_000
#: When a job was submitted, was started and ended, in that order; of version 0.2 in seconds.
_TIMES: Final = ("submitted_at", "started_at", "completed_at")
_OLD_TIMES: Final = ("request", "start", "response")

#: What is told of each artifact.
_OF_AN_ARTIFACT: Final = ("id", "format", "media_type")
#: Where artifacts are described, by the keys of a map.
_RESULTS: Final = ("results",)
_COMPILED: Final = ("output", "compilation", "compiled_circuits")
_VARIANTS: Final = ("output", "error_mitigation", "debiasing", "variants")
_AGGREGATIONS: Final = ("output", "error_mitigation", "aggregations")


def _circuit_job(payload: Any, settings: Settings) -> Violations:
    if not isinstance(payload, dict):
        yield misshapen((), "the record of a job")
        return
    yield from _job(payload)
    yield from _variants(payload)
    yield from _artifacts(payload)


def _qaoa_job(payload: Any, settings: Settings) -> Violations:
    if not isinstance(payload, dict):
        yield misshapen((), "the record of a job")
        return
    yield from _job(payload)
    path = ("results", "qaoa_results")
    found = _at(payload, path)
    if found is None:
        return
    if not isinstance(found, dict):
        yield misshapen(path, "an object of what was found")
        return
    bits = found.get("optimal_bitstring")
    if not isinstance(bits, str):
        yield misshapen(_as_far(path, found, "optimal_bitstring"), "a bitstring")
    elif bits.strip("01") or (not bits and found.get("processing_status") != "running"):
        # As long as nothing was found, there are no bits.
        message = f"{quoted(bits)} is no bitstring, which has the characters 0 and 1"
        yield Violation("QA267", message, (*path, "optimal_bitstring"))


def _quantum_function_job(payload: Any, settings: Settings) -> Violations:
    if isinstance(payload, dict):
        yield from _job(payload)
    else:
        yield misshapen((), "the record of a job")


def _old_job(payload: Any, settings: Settings) -> Violations:
    if not isinstance(payload, dict):
        yield misshapen((), "the record of a job")
        return
    yield from _id((), payload, "id")
    yield from _times(payload, _OLD_TIMES)
    data = payload.get("data")
    if data is not None and not isinstance(data, dict):
        yield misshapen(("data",), "an object")
        return
    outcomes = None if data is None else data.get("histogram")
    if outcomes:
        # They are called a histogram, and are what was to become probabilities of version 1.
        for each in RESULTS[PROBABILITIES_V1](outcomes, settings):
            yield each._replace(path=("data", "histogram", *each.path))
    elif outcomes is not None and not isinstance(outcomes, dict):
        yield misshapen(("data", "histogram"), "an object of states and probabilities")
    elif payload.get("status") == "completed":
        yield _without_results(_as_far((), payload, "data", "histogram"))


# ----------------------------------------------------------------------------------------------
# Every job of version 0.4


def _job(record: Mapping[str, Any]) -> Violations:
    yield from _id((), record, "id")
    yield from _id((), record, "parent_job_id")
    yield from _children(record)
    yield from _times(record, _TIMES)
    yield from _shots((), record, least=1)
    results = record.get("results")
    if results is not None and not isinstance(results, dict):
        yield misshapen(_RESULTS, "an object of results")
    elif not results and "results" in record and _should_have_results(record):
        yield _without_results(_RESULTS)


def _should_have_results(record: Mapping[str, Any]) -> bool:
    return record.get("status") == "completed" and record.get("dry_run") is not True


def _without_results(path: Path) -> Violation:
    return Violation("QA264", "the job is completed, and has no results", path)


def _id(path: Path, value: Mapping[str, Any], name: str) -> Violations:
    id = value.get(name)
    if id is None:
        return  # A job need not have a parent; of its own id, the schema says that it is there.
    if not isinstance(id, str):
        yield misshapen((*path, name), "the id of a job")
    elif not CHILD_ID.fullmatch(id):
        yield _no_uuid((*path, name), id)


def _no_uuid(path: Path, id: str) -> Violation:
    return Violation("QA262", f"{quoted(id)} is not a UUID of the form 8-4-4-4-12", path)


def _children(record: Mapping[str, Any]) -> Violations:
    children = record.get("child_job_ids")
    if children is None:
        return
    if not isinstance(children, list):
        yield misshapen(("child_job_ids",), "an array of ids of jobs")
        return
    seen: dict[str, int] = {}
    for index, child in enumerate(children):
        here = ("child_job_ids", index)
        if not isinstance(child, str):
            yield misshapen(here, "the id of a job")
            continue
        if not CHILD_ID.fullmatch(child):
            yield _no_uuid(here, child)
        first = seen.setdefault(child.lower(), index)
        if first != index:
            yield Violation("QA263", f"the child job {quoted(child)} is item {first}, too", here)


def _times(record: Mapping[str, Any], names: tuple[str, ...]) -> Violations:
    """The times of a job, each of which may be missing or null."""
    last: tuple[str, datetime] | None = None
    for name in names:
        said = record.get(name)
        if said is None:
            continue
        if not isinstance(said, str) and not is_number(said):
            yield misshapen((name,), "a time")
            continue
        time = instant(said)
        if time is None:
            shown = quoted(said) if isinstance(said, str) else in_digits(said)
            yield Violation("QA260", f"{shown} is not read as a time", (name,))
            continue
        if last is not None and time < last[1]:
            yield Violation("QA261", f"{name} is before {last[0]}", (name,))
        last = name, time


def _shots(path: Path, value: Mapping[str, Any], *, least: int) -> Violations:
    shots = value.get("shots")
    if shots is None:
        return
    if not is_number(shots):
        yield misshapen((*path, "shots"), "a number of shots")
    elif not is_whole(shots) or not least <= shots <= _MOST_SHOTS:
        message = f"{in_digits(shots)} is no number of shots from {least} to {_MOST_SHOTS:,}"
        yield Violation("QA266", message, (*path, "shots"))


# ----------------------------------------------------------------------------------------------
# Artifacts


def _variants(record: Mapping[str, Any]) -> Violations:
    """The variants of a debiased job, any of which may have had no shots."""
    for path, variant in _each_variant(record):
        if isinstance(variant, dict):
            yield from _shots(path, variant, least=0)
        else:
            yield misshapen(path, "a variant of the circuit")


def _each_variant(record: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    variants = _at(record, _VARIANTS)
    for index, variant in enumerate(variants if isinstance(variants, list) else ()):
        yield (*_VARIANTS, index), variant


def _artifacts(record: Mapping[str, Any]) -> Violations:
    """Everything that describes an artifact, against its key and all others."""
    formats: dict[str, str] = {}
    for path, key, entry in _entries(record):
        if not isinstance(entry, dict):
            yield misshapen(path, "what describes an artifact")
            continue
        if "url" in entry and "format" not in entry:
            if not isinstance(entry["url"], str):
                yield misshapen((*path, "url"), "the path of an endpoint")
            continue
        missing = [name for name in _OF_AN_ARTIFACT if not isinstance(entry.get(name), str)]
        for name in missing:
            yield misshapen(_as_far(path, entry, name), f"an artifact with the text {name}")
        if missing:
            continue
        id, format = entry["id"], entry["format"]
        if key is not None and key != format:
            message = f"the artifact under {quoted(key)} says that its format is {quoted(format)}"
            yield Violation("QA265", message, (*path, "format"))
        first = formats.setdefault(id, format)
        if first != format:
            message = f"the artifact {quoted(id)} has the format {quoted(first)} elsewhere"
            yield Violation("QA268", message, (*path, "format"))


def _entries(record: Mapping[str, Any]) -> Iterator[tuple[Path, str | None, Any]]:
    """What describes artifacts, with its place and the format that it is under, if there is one."""
    yield from _of_map(record, _RESULTS)
    yield from _of_map(record, _COMPILED)
    for path, variant in _each_variant(record):
        yield from _of_map(record, (*path, "results")) if isinstance(variant, dict) else ()
    for path, _, entry in _of_map(record, _AGGREGATIONS):
        yield path, None, entry


def _of_map(record: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str | None, Any]]:
    entries = _at(record, path)
    for key, entry in entries.items() if isinstance(entries, dict) else ():
        yield (*path, key), key, entry


def _at(value: Any, path: Path) -> Any:
    """What stands at a path; None where nothing does."""
    for step in path:
        if isinstance(step, int):
            value = value[step]  # Of a list that was gone through to come here.
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _as_far(path: Path, value: Any, *names: str) -> Path:
    """The path of as many of the members, one in the other, as there are."""
    for name in names:
        if not isinstance(value, dict) or name not in value:
            break
        path, value = (*path, name), value[name]
    return path


JOBS: Final[Mapping[FormatId, RuleSet]] = {
    SINGLE_CIRCUIT_JOB: _circuit_job,
    MULTI_CIRCUIT_JOB: _circuit_job,
    QAOA_JOB: _qaoa_job,
    QUANTUM_FUNCTION_JOB: _quantum_function_job,
    OLD_JOB: _old_job,
}
