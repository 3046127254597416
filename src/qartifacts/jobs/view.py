"""A job with its artifacts, from the directory that it is stored in or as it was fetched."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from qartifacts.artifact import Artifact, Recorded
from qartifacts.config import Settings
from qartifacts.errors import ConversionError, InvalidArtifact, MissingParameter, UnknownArtifact
from qartifacts.findings import Report
from qartifacts.identifiers import (
    AGGREGATE_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.jobs.crosschecks import Payloads, crosschecked
from qartifacts.jobs.files import Directory, JobFiles
from qartifacts.jobs.loading import checked_record, examiners_of, recorded_by
from qartifacts.jsontext import quoted
from qartifacts.payloads.records import Descriptor, Role
from qartifacts.registry import Registry
from qartifacts.source import Source, display_name
from qartifacts.stored import JOB_RECORD
from qartifacts.validate import Examiners

if TYPE_CHECKING:
    from qartifacts.artifact.outcomes import TextOrder
    from qartifacts.conversion import Method

__all__ = ["Job", "job"]

#: Results that counts are taken from, the first that is there.
_COUNTED: Final = (SHOTS_V2, HISTOGRAM_V2, HISTOGRAM_V1, SHOTS_V1)
#: The same of probabilities; what has counts comes last.
_PROBABLE: Final = (PROBABILITIES_V2, PROBABILITIES_V1, *_COUNTED)


class Job:
    """A job with its artifacts, all of them checked.

    Attributes:
        record: What its record says.
        report: The report on the record, with what the files of the job say of each other.
        reports: That report, and those on every artifact and every child.
    """

    def __init__(self, files: JobFiles, examiners: Examiners, met: set[str] | None = None) -> None:
        """Read and check the record.

        Args:
            files: The files of the job.
            examiners: What examines them.
            met: Ids of jobs that have been read as children, or whose children these are: links
                can lead in circles, and each is read once.

        Raises:
            InvalidArtifact: It does not pass its check, or is no record of a job.
            OSError: It cannot be read.
        """
        self._examiners: Final = examiners
        self._files: Final = files
        source = files.source(JOB_RECORD, examiners.settings)
        self._source: Final = source._replace(name=os.path.join(files.place, JOB_RECORD))
        self._examined, self.record = checked_record(self._source, examiners)
        self._payloads: Final = Payloads(self.record, files, examiners)
        self._met: Final[set[str]] = set() if met is None else met
        if self.record.id is not None:
            self._met.add(self.record.id.lower())

    # ------------------------------------------------------------------------------------------
    # What it is

    @property
    def id(self) -> str | None:
        """The job's id."""
        return self.record.id

    @property
    def status(self) -> str | None:
        """How far the job is, such as ``completed``."""
        return self.record.status

    @property
    def registry(self) -> Registry:
        """Pinned schemas that everything in it is checked against."""
        return self._examiners.registry

    @property
    def format(self) -> FormatId | None:
        """The format of its record; None for a job of a type that is not known."""
        return self._examined.report.format

    @property
    def ok(self) -> bool:
        """Whether nothing in the job, or in one of its children, fails."""
        return all(report.ok for report in self.reports)

    @cached_property
    def children(self) -> Mapping[str, Job]:
        """The children that are there, by id, in the order of ``child_job_ids``.

        Children that cannot be read, or whose records do not pass, are left out; ``reports`` tells
        of them.
        """
        return {id: child for id, child in self._family.items() if isinstance(child, Job)}

    @cached_property
    def report(self) -> Report:
        settings = self._examiners.settings
        return crosschecked(self._examined, self._source, self._payloads, settings)

    @cached_property
    def reports(self) -> tuple[Report, ...]:
        every = [self.report]
        every += [
            self._payloads.examined(descriptor).report
            for descriptor in self._payloads.names
            if self._payloads.is_checked(descriptor)
        ]
        for child in self._family.values():
            every += child.reports if isinstance(child, Job) else (child,)
        return tuple(every)

    @property
    def descriptors(self) -> tuple[Descriptor, ...]:
        """What the record says of each artifact."""
        return self.record.descriptors

    # ------------------------------------------------------------------------------------------
    # What it holds

    def artifact(self, of: str | Descriptor) -> Artifact:
        """One artifact, with the shots and the width that the record gives it.

        Args:
            of: Its format, if the job has one result, or one compiled circuit, of it; or one of
                ``descriptors``.

        Raises:
            UnknownArtifact: The record names no such artifact, or no file holds it.
            MissingParameter: It names several of that format.
            InvalidArtifact: It does not pass its check.
        """
        descriptor = self._meant(of) if isinstance(of, str) else of
        if descriptor not in self._payloads.names:
            raise UnknownArtifact(descriptor.id, "is not among the files of the job")
        examined = self._payloads.examined(descriptor)
        return Artifact.of_examined(
            examined,
            registry=self._examiners.registry,
            settings=self._examiners.settings,
            recorded=recorded_by(self.record, descriptor),
        )

    def results(self) -> dict[FormatId, Artifact]:
        """The results of the job by their formats, as far as they are there and known.

        Raises:
            InvalidArtifact: One of them does not pass its check.
        """
        found: dict[FormatId, Artifact] = {}
        for descriptor in self.record.of_role(Role.RESULT):
            if self._payloads.is_checked(descriptor):
                artifact = self.artifact(descriptor)
                found.setdefault(artifact.format, artifact)
        inline = self._inline()
        if inline is not None:
            found.setdefault(inline.format, inline)
        return found

    def counts(
        self,
        register: str | None = None,
        *,
        order: TextOrder = "wire",
        width: int | None = None,
        shots: int | None = None,
        method: Method | None = None,
        seed: int | None = None,
    ) -> dict[str, Any]:
        """Counts by bitstring; of a job of several circuits, those of each child by its id.

        They are taken from shots, or a histogram, or else made of probabilities, which takes the
        shots of the record and refuses what is no whole number of them, unless a method is named.
        Children come in the order of ``child_job_ids``; one that failed is left out.

        Args:
            register: As for ``Artifact.counts``.
            order: As for ``Artifact.counts``.
            width: As for ``Artifact.counts``; the record gives it, as a rule.
            shots: To make counts of probabilities: how many, if the record does not say.
            method: How, as for ``Artifact.convert``.
            seed: For the method ``sample``.

        Raises:
            InvalidArtifact: Something in the job does not pass, so that no result can be trusted.
            ConversionError: The job has no results, or they hold no counts.
            MissingParameter, UnknownRegister: As for ``Artifact.counts``.
        """

        def counted(artifact: Artifact) -> dict[str, int]:
            if artifact.format in _COUNTED:
                return artifact.counts(register, order=order, width=width)
            histogram = artifact.convert(
                HISTOGRAM_V1 if artifact.format == PROBABILITIES_V1 else HISTOGRAM_V2,
                shots=shots,
                method=method,
                seed=seed,
            )
            known = width or artifact.width() if artifact.format == PROBABILITIES_V1 else width
            return histogram.counts(register, order=order, width=known)

        return self._of_circuits(counted, (*_COUNTED, PROBABILITIES_V2, PROBABILITIES_V1))

    def probabilities(
        self,
        register: str | None = None,
        *,
        order: TextOrder = "wire",
        width: int | None = None,
    ) -> dict[str, Any]:
        """Probabilities by bitstring; of a job of several circuits, those of each child by its id.

        The arguments are those of ``Artifact.probabilities``.

        Raises:
            InvalidArtifact, ConversionError, MissingParameter, UnknownRegister: As for ``counts``.
        """

        def probable(artifact: Artifact) -> dict[str, float]:
            return artifact.probabilities(register, order=order, width=width)

        return self._of_circuits(probable, _PROBABLE)

    def __reduce__(self) -> Any:
        raise TypeError("a job does not pickle; hand on its directory, and open it with job()")

    def __repr__(self) -> str:
        return f"<Job {self.id}, {self.status}: {len(self.descriptors)} artifacts>"

    # ------------------------------------------------------------------------------------------

    def _of_circuits(
        self, read: Callable[[Artifact], Any], formats: Iterable[FormatId]
    ) -> dict[str, Any]:
        if not self.ok:
            raise InvalidArtifact(next(report for report in self.reports if not report.ok))
        formats = tuple(formats)
        results = self.results()
        best = next((results[each] for each in formats if each in results), None)
        if best is not None:
            read_one: dict[str, Any] = read(best)
            return read_one
        aggregate = results.get(AGGREGATE_V1)
        pieces = {} if aggregate is None else aggregate.split()
        by_id = {id.lower(): piece for id, piece in pieces.items()}
        found: dict[str, Any] = {}
        for id in self.record.child_ids or tuple(pieces):
            child = self.children.get(id.lower())
            if child is not None and any(each in child.results() for each in formats):
                found[id] = child._of_circuits(read, formats)
            elif id.lower() in by_id:
                piece = by_id[id.lower()]
                shots, qubits = piece.shots, None
                if child is not None:
                    shots, qubits = child.record.shots or shots, child.record.qubits
                try:
                    found[id] = read(piece.with_recorded(Recorded(shots, qubits)))
                except MissingParameter as error:
                    if child is not None or error.parameter != "width":
                        raise
                    why = f"the child {id} is not stored, so that no record tells its width"
                    raise MissingParameter("width", why) from error
        if found:
            return found
        raise ConversionError("no-results", self._why_empty())

    def _why_empty(self) -> str:
        """Why there is no result to be read."""
        called = display_name(f"the job {self.id}")
        if self.status not in (None, "completed"):
            return f"{called} has no results: its status is {quoted(str(self.status), 30)}"
        if self.record.value.get("dry_run") is True:
            return f"{called} was a dry run, which has no results"
        listed = [each.format for each in self.record.of_role(Role.RESULT)]
        if listed:
            shown = ", ".join(quoted(each, 60) for each in dict.fromkeys(listed))
            return f"{called} has results of {shown}, none of which is here and holds counts"
        return f"{called} has no artifact of results"

    def _meant(self, format: str) -> Descriptor:
        wanted = [
            each
            for each in self.descriptors
            if each.format == format and each.role in (Role.RESULT, Role.CIRCUIT)
        ] or [each for each in self.descriptors if each.format == format]
        if not wanted:
            has = ", ".join(dict.fromkeys(each.format for each in self.descriptors)) or "none"
            raise UnknownArtifact(format, f"is in no descriptor of the record, which has {has}")
        if len(wanted) > 1:
            why = f"the record names {len(wanted)} artifacts of {format}; take one of descriptors"
            raise MissingParameter("of", why)
        return wanted[0]

    def _inline(self) -> Artifact | None:
        """The probabilities that an old record holds itself."""
        held = self.record.inline
        if held is None:
            return None
        source = Source(f"{self._source.name}#/data/histogram", value=held)
        examined = self._examiners.examine(source, format=PROBABILITIES_V1)
        return Artifact.of_examined(
            examined,
            registry=self._examiners.registry,
            settings=self._examiners.settings,
            recorded=Recorded(self.record.shots, self.record.qubits),
        )

    @cached_property
    def _family(self) -> Mapping[str, Job | Report]:
        """Each child that is there, or the report on it."""
        stored = self._files.children()
        listed = [id.lower() for id in self.record.child_ids]
        order = [*(id for id in listed if id in stored), *(id for id in stored if id not in listed)]
        order = [id for id in dict.fromkeys(order) if id not in self._met]
        self._met.update(order)
        family: dict[str, Job | Report] = {}
        for id in order:
            try:
                family[id] = Job(stored[id], self._examiners, self._met)
            except InvalidArtifact as error:
                family[id] = error.report
            except (OSError, KeyError):
                continue  # Without a record, there is nothing to say of it.
        return family


def job(
    source: str | os.PathLike[str],
    *,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Job:
    """A job that is stored in a directory, with its artifacts and children.

    Args:
        source: The directory, or the ``job.json`` in it.
        registry: As for ``check``.
        settings: As for ``check``.

    Raises:
        InvalidArtifact: The record does not pass its check, or is none; the exception carries the
            report. What is wrong with an artifact is told by ``reports`` of the job.
        OSError: There is no such directory, or no record in it.
        RegistryError: A pinned document is missing, modified or unusable.
    """
    folder = os.fspath(source)
    if os.path.basename(folder) == JOB_RECORD and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    files = Directory(folder)
    if JOB_RECORD not in files.names():
        message = f"there is no {JOB_RECORD}; to fetch a job by its id, call fetch_job"
        raise FileNotFoundError(errno.ENOENT, message, os.path.join(folder, JOB_RECORD))
    return Job(files, examiners_of(registry, settings))
