"""Load a result together with the record of the job that it is of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from qartifacts import artifact as artifacts
from qartifacts.artifact import Artifact, Recorded, check_bit_order
from qartifacts.codes import Severity
from qartifacts.config import DEFAULTS, Settings
from qartifacts.errors import InvalidArtifact
from qartifacts.findings import Report
from qartifacts.identifiers import JOB_FORMATS
from qartifacts.jobs.crosschecks import against_record
from qartifacts.jobs.files import payload_names
from qartifacts.payloads.records import Descriptor, Record, Role
from qartifacts.registry import Registry
from qartifacts.remote import open_source
from qartifacts.source import Source, SourceLike
from qartifacts.stored import JOB_RECORD
from qartifacts.validate import Examined, Examiners, Violation, with_violations
from qartifacts.validate.detect import format_of_record

if TYPE_CHECKING:
    from qartifacts.conversion import BitOrder
    from qartifacts.jobs.view import Job

__all__ = ["checked_record", "examiners_of", "load", "recorded_by"]


def load(
    source: SourceLike,
    *,
    format: str | None = None,
    job: SourceLike | Job | None = None,
    bit_order: BitOrder = "wire",
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Artifact:
    """Check a payload and return it as an artifact. The arguments are those of ``check``, and:

    Args:
        source: As for ``check``.
        format: As for ``check``.
        job: The record of the job that it is a result of, as ``check`` takes a source, or a
            directory that holds one; or a job from ``qartifacts.job``. It says how many shots there
            were and how wide version 1 is, and is held against the result.
        bit_order: How version 2 was written: ``wire``, which is bit 0 first, or ``reversed``. What
            supports the default, and how to prove it for a job, is said in docs/bit-order.md.
        registry: As for ``check``.
        settings: As for ``check``.

    Raises:
        InvalidArtifact: It does not pass, or cannot be a result of that job, or the record does
            not pass; the exception carries the report.
        OSError, MissingExtra, TypeError, ValueError, UnknownFormat, InvalidSettings, RegistryError:
            As for ``check``.
    """
    if job is None:
        return artifacts.load(
            source, format=format, bit_order=bit_order, registry=registry, settings=settings
        )
    check_bit_order(bit_order)
    examiners = examiners_of(registry, settings)
    settings = examiners.settings
    record = _record(job, examiners)
    opened = open_source(source, settings)
    descriptor = _descriptor_of(opened, record)
    if format is None and descriptor is not None:
        format = descriptor.format
    examined = examiners.examine(opened, format=format)
    artifact = Artifact.of_examined(
        examined, registry=registry, settings=settings, bit_order=bit_order
    )
    # As it is, before it takes from the record what it does not say itself.
    told = against_record(artifact, record, descriptor)
    report = with_violations(examined.report, told, opened.data, settings)
    if not report.ok:
        raise InvalidArtifact(report)
    return artifact.with_recorded(recorded_by(record, descriptor))


def recorded_by(record: Record, descriptor: Descriptor | None) -> Recorded:
    """What a record says of an artifact of the job; without its descriptor, of a result."""
    role = Role.RESULT if descriptor is None else descriptor.role
    if role is Role.RESULT:
        # Counts of what nobody drew would be invented.
        return Recorded(None if record.ideal else record.shots, record.qubits)
    if role is Role.VARIANT and descriptor is not None and descriptor.variant is not None:
        return Recorded(record.variants[descriptor.variant].shots, record.qubits)
    return Recorded(None, record.qubits) if role is Role.AGGREGATION else Recorded()


def _record(job: SourceLike | Job, examiners: Examiners) -> Record:
    """The record of a job.

    Raises:
        InvalidArtifact: It does not pass its check, or is none.
        OSError: It cannot be read.
    """
    record = getattr(job, "record", None)
    if isinstance(record, Record):
        return record
    given: Any = job
    if isinstance(given, (str, os.PathLike)) and os.path.isdir(given):
        given = os.path.join(given, JOB_RECORD)
    return checked_record(open_source(given, examiners.settings), examiners)[1]


def examiners_of(registry: Registry | None, settings: Settings | None) -> Examiners:
    """What examines the files of a job; what comes with the package is the default.

    Raises:
        InvalidSettings: The settings ignore a rule that cannot be ignored.
    """
    return Examiners(
        Registry.bundled() if registry is None else registry,
        DEFAULTS if settings is None else settings,
    )


def checked_record(source: Source, examiners: Examiners) -> tuple[Examined, Record]:
    """What the text of a record holds. Its content alone tells which kind of record it is.

    That may be one that is not known, if it is the record of a job all the same.

    Raises:
        InvalidArtifact: It does not pass its check, or is none.
    """
    examined = examiners.examine(source._replace(path=None))
    report = examined.report
    if report.format is None:
        unknown = format_of_record(examined.payload, examiners.registry)
        if isinstance(unknown, Violation):
            # Services add types of jobs; where artifacts stand in their records stays the same.
            note = unknown._replace(severity_override=Severity.NOTE)
            none = Report(report.source, None)
            report = with_violations(none, [note], source.data, examiners.settings)
            examined = Examined(report, examined.payload)
    elif report.ok and report.format not in JOB_FORMATS:
        violation = Violation("QA020", f"this is {report.format}, and no record of a job")
        report = with_violations(report, [violation], source.data, examiners.settings)
    if not report.ok:
        raise InvalidArtifact(report)
    return examined, Record.of(examined.payload)


def _descriptor_of(source: Source, record: Record) -> Descriptor | None:
    """What a record says of a file, by the file's name."""
    if source.path is None:
        return None
    name = os.path.basename(source.path)
    found = payload_names(record.descriptors, frozenset({name}))
    return next(iter(found), None)
