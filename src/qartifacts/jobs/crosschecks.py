"""What the files of one job say of each other: whether they can be results of it, all of them.

Every check is between what is there; what is absent is not checked. A file that does not pass its
own check is not held against others, since that has been told where it stands. And one cause gives
one finding: a histogram that is short of a shot is not compared with the probabilities, too, and
one result that differs from three that agree is told once.

Findings are on the record, whose line they point to, and name the other place: a file of the job
with a JSON pointer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

from qartifacts.artifact import Artifact
from qartifacts.codes import Severity
from qartifacts.config import Settings
from qartifacts.findings import Report, counted
from qartifacts.identifiers import (
    AGGREGATE_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    JOB_FORMATS,
    NATIVE_V1,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.jobs.files import JobFiles, payload_names
from qartifacts.jsontext import Fault, Path, fault, pointer, quoted, read
from qartifacts.payloads import SYSTEM_REGISTER
from qartifacts.payloads.records import Descriptor, Record, Role
from qartifacts.source import Source, display_name
from qartifacts.stored import CHILDREN, JOB_RECORD, is_rejected
from qartifacts.validate import Examined, Examiners, Violation, with_violations
from qartifacts.validate.detect import is_unknown_job

if TYPE_CHECKING:
    from qartifacts.payloads.columns import Distribution

__all__ = ["Payload", "Payloads", "against_record", "crosschecked"]

#: Formats of results, those first whose bits and counts are the firmest: the order of bits of
#: version 1 and of shots is certain, and shots tell what histograms and probabilities are made of.
_FIRM: Final = (
    SHOTS_V2,
    HISTOGRAM_V1,
    SHOTS_V1,
    PROBABILITIES_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V2,
)

#: The member that holds the results in version 2.
_MEMBER: Final[Mapping[FormatId, str]] = {
    PROBABILITIES_V2: "probabilities",
    HISTOGRAM_V2: "histogram",
    SHOTS_V2: "shots",
}


@dataclass(frozen=True, slots=True)
class Payload:
    """An artifact of the job that is there, and good by itself.

    Attributes:
        descriptor: What the record says of it.
        name: Its file.
        artifact: What it holds.
    """

    descriptor: Descriptor
    name: str
    artifact: Artifact

    def at(self, *path: str | int) -> str:
        """A place in it, as findings name it."""
        name, place = display_name(self.name) or "it", display_name(pointer(path))
        return f"{name}: {place}" if place else name

    def register_place(self, register: str) -> str:
        """The place of one of its registers."""
        member = _MEMBER.get(self.artifact.format)
        if member is None:
            return self.at()
        if self.artifact.format == SHOTS_V2:
            return self.at(member)
        return self.at(member, "registers", register)


class Payloads:
    """What there is of a job, each read once, when it is asked for.

    Attributes:
        record: The job's record.
        files: Its files.
        names: Which of them hold its artifacts.
    """

    def __init__(self, record: Record, files: JobFiles, examiners: Examiners) -> None:
        self.record: Final = record
        self.files: Final = files
        self.names: Final = payload_names(record.descriptors, files.names())
        self._examiners: Final = examiners
        self._examined: Final[dict[Descriptor, Examined]] = {}

    def of(self, descriptors: Iterable[Descriptor]) -> list[Payload]:
        """Those of the artifacts that are there, of a known format, and good."""
        return [found for each in descriptors if (found := self._load(each)) is not None]

    def is_checked(self, descriptor: Descriptor) -> bool:
        """Whether an artifact is there, and of a known format."""
        return descriptor in self.names and descriptor.format in self._examiners.registry

    def examined(self, descriptor: Descriptor) -> Examined:
        """An artifact that is there, examined as one of the format that it should have."""
        examined = self._examined.get(descriptor)
        if examined is None:
            name = self.names[descriptor]
            try:
                source = self.files.source(name, self._examiners.settings)
            except OSError as error:  # It was there when the directory was listed.
                why = f"it cannot be read: {error.strerror or error}"
                unreadable = Fault(fault.UNREADABLE, why, (), None, None)
                source = Source(name, faults=(unreadable,))
            examined = self._examined[descriptor] = self._examiners.examine(
                source._replace(name=os.path.join(self.files.place, name)),
                format=descriptor.format,
            )
        return examined

    def other_format(self, descriptor: Descriptor) -> FormatId | None:
        """The format of which an artifact is a good one, if that is not the one it should have."""
        if not self.is_checked(descriptor) or self._load(descriptor):
            return None
        try:
            source = self.files.source(self.names[descriptor], self._examiners.settings)
        except OSError:
            return None
        # By its content alone: the name may say what the record does.
        nameless = source._replace(name="<content>", path=None)
        report = self._examiners.report(nameless)
        return report.format if report.ok else None

    def child(self, files: JobFiles) -> Payloads | None:
        """The same of a child; None if its record cannot be read."""
        record = read_record(files, self._examiners.settings)
        return None if record is None else Payloads(record, files, self._examiners)

    def _load(self, descriptor: Descriptor) -> Payload | None:
        if not self.is_checked(descriptor):
            return None
        examined = self.examined(descriptor)
        if not examined.report.ok:
            return None
        artifact = Artifact.of_examined(
            examined, registry=self._examiners.registry, settings=self._examiners.settings
        )
        return Payload(descriptor, self.names[descriptor], artifact)


def read_record(files: JobFiles, settings: Settings) -> Record | None:
    """The record among the files of a job; None if there is none that can be read."""
    if JOB_RECORD not in files.names():
        return None
    try:
        source = files.source(JOB_RECORD, settings)
    except OSError:
        return None
    if source.data is None:
        return None
    value = read(source.data, settings).value
    return Record.of(value) if isinstance(value, dict) else None


def crosschecked(
    examined: Examined, source: Source, payloads: Payloads, settings: Settings
) -> Report:
    """The report on the record of a job, and what its files say of each other, if it is good.

    Args:
        examined: The record, examined.
        source: Its text.
        payloads: What there is of the job.
        settings: Tolerances, and rules to ignore or to raise.
    """
    report = examined.report
    known = report.format in JOB_FORMATS
    if not report.ok or not (known or is_unknown_job(examined.payload)):
        return report
    return with_violations(report, violations(payloads, settings), source.data, settings)


def violations(payloads: Payloads, settings: Settings) -> Iterator[Violation]:
    """What the files of a job, and of its children, say of each other that cannot be."""
    record = payloads.record
    yield from _presence(payloads)
    for descriptor in record.descriptors:
        other = payloads.other_format(descriptor)
        if other is not None:
            message = (
                f"the record says {descriptor.format}, "
                f"{display_name(payloads.names[descriptor])} is {other}"
            )
            yield Violation("QA300", message, (*descriptor.path, "format"))
    results = payloads.of(record.of_role(Role.RESULT))
    yield from _results(results, record, record.shots, settings)
    of_variants: dict[int | None, list[Descriptor]] = {}
    for descriptor in record.of_role(Role.VARIANT):
        of_variants.setdefault(descriptor.variant, []).append(descriptor)
    for index, variant in enumerate(record.variants):
        found = payloads.of(of_variants.get(index, ()))
        yield from _noted(_results(found, record, variant.shots, settings, (*variant.path,)))
    yield from _variants(record)
    for payload in payloads.of(record.of_role(Role.AGGREGATION)):
        # Their totals are not promised by anybody; each stands for itself.
        yield from _noted(_results([payload], record, record.shots, settings))
        yield from _turned(payload, results, settings)
    for payload in payloads.of(record.of_role(Role.CIRCUIT)):
        yield from _circuit(payload, record)
    aggregates = [each for each in results if each.artifact.format == AGGREGATE_V1]
    yield from _children(payloads, aggregates, settings)


def against_record(
    artifact: Artifact, record: Record, descriptor: Descriptor | None
) -> Iterator[Violation]:
    """What the record of its job says of one artifact that cannot be, told of the artifact.

    Args:
        artifact: The artifact.
        record: The record.
        descriptor: What the record says of it, if that is known; else it is taken for a result.
    """
    role = Role.RESULT if descriptor is None else descriptor.role
    if role not in (Role.RESULT, Role.VARIANT, Role.AGGREGATION):
        return
    shots = record.shots
    said: Path = ("shots",)
    if descriptor is not None and descriptor.variant is not None:
        variant = record.variants[descriptor.variant]
        shots, said = variant.shots, (*variant.path, "shots")
    meant = descriptor or Descriptor("", artifact.format, "", (), Role.RESULT)
    payload = Payload(meant, "", artifact)
    told = [*_shots(payload, shots, said), *_width(payload, record), *_keys(payload, record)]
    for each in told:
        if role is not Role.RESULT or (record.mitigated and each.code == "QA302"):
            each = each._replace(severity_override=Severity.NOTE)
        where = f"{JOB_RECORD}: {display_name(pointer(each.path))}"
        yield each._replace(message=f"{each.message} ({where})", path=())


def _noted(violations: Iterable[Violation]) -> Iterator[Violation]:
    """The same as notes: what mitigation does to totals, nobody promises; bits it leaves alone."""
    return (
        each if each.code == "QA308" else each._replace(severity_override=Severity.NOTE)
        for each in violations
    )


# ----------------------------------------------------------------------------------------------
# What is there


def _presence(payloads: Payloads) -> Iterator[Violation]:
    descriptors = payloads.record.descriptors
    if descriptors and not payloads.names:
        # A record that is kept alone is not half of a job.
        number = counted(len(descriptors), "artifact")
        message = f"the record names {number}, none of which is in this directory"
        yield Violation("QA301", message, severity_override=Severity.NOTE)
    else:
        for descriptor in descriptors:
            if descriptor not in payloads.names:
                message = f"the artifact {quoted(descriptor.id, 60)} is not in this directory"
                yield Violation("QA301", message, descriptor.path)
    yield from _strangers(payloads)
    there = payloads.files.children()
    if there:  # Who has kept none of the children did not mean to.
        for index, id in enumerate(payloads.record.child_ids):
            if id.lower() not in there:
                message = f"the child {quoted(id, 40)} is not in {CHILDREN}/"
                yield Violation("QA301", message, ("child_job_ids", index))


def _strangers(payloads: Payloads) -> Iterator[Violation]:
    """Files that look like artifacts, and that the record does not name."""
    named = {JOB_RECORD, *payloads.names.values()}
    strangers = sorted(
        name
        for name in payloads.files.names()
        if name.endswith((".json", ".json.gz")) and name not in named and not is_rejected(name)
    )
    if strangers and payloads.record.descriptors:
        more = f" and {len(strangers) - 1:,} more" if len(strangers) > 1 else ""
        message = f"the record does not name {display_name(strangers[0])}{more}"
        yield Violation("QA311", f"{message}; nothing was held against it")


# ----------------------------------------------------------------------------------------------
# Results against the record, and against each other


def _results(
    payloads: list[Payload],
    record: Record,
    shots: int | None,
    settings: Settings,
    said: Path = (),
) -> Iterator[Violation]:
    """Results that are of the same shots.

    Args:
        payloads: The results.
        record: The record of their job.
        shots: How many shots they should be of.
        settings: How strict sums are.
        said: Where in the record ``shots`` is said, but for its last name.
    """
    comparable = []
    for payload in payloads:
        wrong = [*_shots(payload, shots, (*said, "shots")), *_width(payload, record)]
        for violation in wrong:
            of_total = violation.code == "QA302"
            noted = Severity.NOTE if record.mitigated and of_total else None
            yield violation._replace(severity_override=noted)
        if not wrong and payload.artifact.format in _FIRM:
            comparable.append(payload)
    registers = dict.fromkeys(name for each in comparable for name in each.artifact.register_names)
    told: set[tuple[str, str]] = set()
    for register in registers:
        of_register = [each for each in comparable if register in each.artifact.register_names]
        for violation, name in _agreement(of_register, register, record, settings):
            if (violation.code, name) not in told:  # Once a file, not once a register.
                told.add((violation.code, name))
                yield violation


def _turned(
    payload: Payload, results: Sequence[Payload], settings: Settings
) -> Iterator[Violation]:
    """An aggregation that is the job's own result with its bits turned around.

    Otherwise it may differ from that: there are several ways to combine variants.
    """
    firm = [each for each in results if each.artifact.format in _FIRM]
    if not firm:
        return
    result = min(firm, key=_softness)
    for register in payload.artifact.register_names:
        if register not in result.artifact.register_names:
            continue
        one, other = (each.artifact.distribution(register) for each in (result, payload))
        if not (one.values.any() and other.values.any()) or agree(one, other, settings):
            continue
        if agree(one, reversed_bits(other), settings):
            yield _reversed(payload, result, register)


def _softness(payload: Payload) -> int:
    """How little firm a result is, from 0."""
    return _FIRM.index(payload.artifact.format)


def _reversed(payload: Payload, reference: Payload, register: str) -> Violation:
    """That a register of one result has its bits the other way around than another result."""
    places = f"{payload.register_place(register)} and {reference.register_place(register)}"
    message = f"the bits of {quoted(register, 40)} are in reversed order: compare {places}"
    return Violation("QA308", message, payload.descriptor.path)


def _shots(payload: Payload, shots: int | None, said: Path) -> Iterator[Violation]:
    """The number of shots that a result holds against that of its job."""
    artifact = payload.artifact
    held = artifact.shots if artifact.format in _COUNTED else None
    if shots is None or held is None or held == shots:
        return
    kept = " without leakage" if artifact.leaked else ""
    message = (
        f"the record says {counted(shots, 'shot')}, there are {held:,}{kept} in {payload.at()}"
    )
    yield Violation("QA302", message, said)


_COUNTED: Final = frozenset({HISTOGRAM_V1, HISTOGRAM_V2, SHOTS_V1, SHOTS_V2})


def _width(payload: Payload, record: Record) -> Iterator[Violation]:
    """The system's own register against the number of qubits."""
    artifact, qubits = payload.artifact, record.qubits
    if qubits is None or artifact.format not in _FIRM:
        return
    if SYSTEM_REGISTER not in artifact.register_names:
        return
    said = ("stats", "qubits") if "stats" in record.value else ("qubits",)
    width = artifact.width(SYSTEM_REGISTER)
    if width is None:
        needed = _bits(artifact.distribution(SYSTEM_REGISTER, keep_leaked=True))
        if needed > qubits:
            message = f"there is a state of {counted(needed, 'bit')} in {payload.at()}"
            yield Violation("QA303", f"the record says {counted(qubits, 'qubit')}, {message}", said)
    elif width != qubits:
        place = payload.register_place(SYSTEM_REGISTER)
        message = f"{SYSTEM_REGISTER} has {counted(width, 'bit')} in {place}"
        yield Violation("QA303", f"the record says {counted(qubits, 'qubit')}, {message}", said)


def _bits(distribution: Distribution) -> int:
    from qartifacts.payloads.states import bit_length

    return bit_length(distribution.states)


def _agreement(
    payloads: list[Payload], register: str, record: Record, settings: Settings
) -> Iterator[tuple[Violation, str]]:
    """Results of one register that differ from the one that most agree with."""
    held = [
        (payload, distribution)
        for payload in sorted(payloads, key=_softness)
        if (distribution := payload.artifact.distribution(register)).values.any()
    ]
    if len(held) < 2:
        return
    firmest = held[0]
    if all(agree(firmest[1], each[1], settings) for each in held[1:]):
        return
    # Which one is wrong, if one is: where two differ, the firmer is taken for right.
    votes = [sum(agree(one[1], each[1], settings) for each in held) for one in held]
    chosen = held[votes.index(max(votes))]
    for other, distribution in held:
        if agree(chosen[1], distribution, settings):
            continue
        payload, reference = chosen
        if record.simulated and reference.counted != distribution.counted:
            # What it says of probabilities may be what it computed, not what it drew. But all that
            # it computed is one result, and so is all that it drew.
            kin = [at for at, each in enumerate(held) if each[1].counted == distribution.counted]
            alike = held[max(kin, key=votes.__getitem__)]
            if not agree(alike[1], distribution, settings):
                payload, reference = alike
        if agree(reference, reversed_bits(distribution, reference.width), settings):
            yield _reversed(other, payload, register), other.name
            continue
        places = f"{other.register_place(register)} and {payload.register_place(register)}"
        sampled = record.simulated and reference.counted != distribution.counted
        severity = Severity.NOTE if sampled or record.mitigated else None
        message = f"results of one job differ: {places}"
        violation = Violation("QA306", message, other.descriptor.path, severity_override=severity)
        yield violation, other.name


def agree(one: Distribution, other: Distribution, settings: Settings) -> bool:
    """Whether two distributions can be of the same shots.

    Counts agree if they are equal. Probabilities agree with counts if each is nearer to that count
    than to another one, or off by no more than their sum is; with each other, up to the tolerance
    of sums.
    """
    import numpy as np

    from qartifacts.conversion.measures import aligned

    if None not in (one.width, other.width) and one.width != other.width:
        return False
    if one.counted and other.counted and one.total != other.total:
        return False
    first, second = aligned(one, other)
    difference = float(np.abs(first - second).max(initial=0.0))
    if one.counted or other.counted:
        total = one.total if one.counted else other.total
        if one.counted and other.counted:
            return difference * total < 0.5
        probabilities = other if one.counted else one
        off = abs(float(probabilities.values.sum()) - 1)
        return difference <= settings.sum_limit and (difference * total < 0.5 or difference <= off)
    return difference <= settings.sum_fine


def reversed_bits(distribution: Distribution, width: int | None = None) -> Distribution:
    """The same with the bits of its states in the opposite order.

    Args:
        distribution: The outcomes.
        width: Their bits, where they do not tell. If nobody knows, or they need more, the outcomes
            stay as they are.
    """
    from qartifacts.payloads import states as packed

    width = distribution.width if distribution.width is not None else width
    if width is None or packed.bit_length(distribution.states) > width:
        return distribution
    turned = packed.reverse(distribution.states, width)
    order = packed.ascending(turned)
    return replace(distribution, states=turned[order], values=distribution.values[order])


# ----------------------------------------------------------------------------------------------
# Variants and circuits


def _variants(record: Record) -> Iterator[Violation]:
    """The shots of all variants against those of the job."""
    each = [variant.shots for variant in record.variants]
    if not each or record.shots is None or None in each:
        return
    total = sum(shots for shots in each if shots is not None)
    if total != record.shots:
        message = (
            f"the record says {counted(record.shots, 'shot')}, its variants have {total:,}: "
            f"{display_name(pointer(record.variants[0].path[:-1]))}"
        )
        yield Violation("QA307", message, ("shots",))


#: Gates on one and on two qubits, by the names of their numbers in the record.
_GATES: Final[Mapping[str, frozenset[str]]] = {
    "1q": frozenset({"gpi", "gpi2"}),
    "2q": frozenset({"ms", "zz"}),
}


def _circuit(payload: Payload, record: Record) -> Iterator[Violation]:
    """A compiled circuit against what the record counts."""
    if payload.artifact.format != NATIVE_V1:
        return
    gates: list[dict[str, Any]] = payload.artifact.payload["circuit"]
    used = {
        int(qubit)
        for gate in gates
        for qubit in (
            *((gate["target"],) if "target" in gate else ()),
            *gate.get("targets", ()),
            *gate.get("controls", ()),
        )
    }
    if record.qubits is not None and len(used) > record.qubits:
        message = (
            f"the record says {counted(record.qubits, 'qubit')}, the gates act on {len(used):,}: "
            f"{payload.at('circuit')}"
        )
        yield Violation("QA309", message, ("stats", "qubits"))
    for name, kinds in _GATES.items():
        said = record.gate_counts.get(name)
        number = sum(gate["gate"] in kinds for gate in gates)
        if said is not None and said != number:
            message = (
                f"the record counts {counted(said, 'gate')} of the kind {name}, there are "
                f"{number:,} in {payload.at('circuit')}"
            )
            path = ("stats", "gate_counts", name)
            # It does not say whether it counts before compiling or after.
            yield Violation("QA309", message, path, severity_override=Severity.NOTE)


# ----------------------------------------------------------------------------------------------
# Children


def _keys(payload: Payload, record: Record) -> Iterator[Violation]:
    """Children of an aggregate that the record does not list."""
    if payload.artifact.format != AGGREGATE_V1 or "child_job_ids" not in record.value:
        return
    listed = {each.lower() for each in record.child_ids}
    strangers = [each for each in _held(payload) if each.lower() not in listed]
    if strangers:
        place = payload.at(strangers[0])
        number = counted(len(strangers), "key")
        verb = "is" if len(strangers) == 1 else "are"
        message = f"{number} of the aggregate {verb} no child that the record lists: {place}"
        yield Violation("QA304", message, ("child_job_ids",))


def _held(aggregate: Payload) -> Mapping[str, Distribution]:
    """The results that an aggregate holds, by the ids of the children as it writes them."""
    return cast("Mapping[str, Distribution]", aggregate.artifact.columns)


def _children(
    payloads: Payloads, aggregates: list[Payload], settings: Settings
) -> Iterator[Violation]:
    record = payloads.record
    for aggregate in aggregates:
        yield from _keys(aggregate, record)
    stored = payloads.files.children()
    if not stored:
        return
    children: dict[str, tuple[str, Payloads]] = {}
    for id, files in stored.items():
        child = payloads.child(files)
        if child is not None:
            children[id] = f"{CHILDREN}/{id}", child
    yield from _family(record, {id: child.record for id, (_, child) in children.items()})
    for aggregate in aggregates:
        yield from _against_children(aggregate, record, children, settings)


def _family(record: Record, children: Mapping[str, Record]) -> Iterator[Violation]:
    """What records say of who is whose child."""
    listed = {each.lower(): index for index, each in enumerate(record.child_ids)}
    told: set[str] = set()
    for id, child in children.items():
        place = f"{CHILDREN}/{id}/{JOB_RECORD}"
        at: Path = ("child_job_ids", listed[id]) if id in listed else ("child_job_ids",)
        if id in told:
            continue
        stated = (child.id or id).lower()
        if stated != id:
            message = f"{place}: /id is {quoted(stated, 40)}"
            other = children.get(stated)
            if other is not None and (other.id or "").lower() == id:
                told.add(stated)  # The two have changed places, which is one fault.
                message += f", and {CHILDREN}/{stated}/{JOB_RECORD}: /id is this one"
            yield Violation("QA310", message, at)
        elif id not in listed and "child_job_ids" in record.value:
            yield Violation("QA310", f"the record does not list {place}: /id", at)
        elif record.id and child.parent and child.parent.lower() != record.id.lower():
            message = f"{place}: /parent_job_id is {quoted(child.parent, 40)}, not this job"
            yield Violation("QA310", message, at)


def _against_children(
    aggregate: Payload,
    record: Record,
    children: Mapping[str, tuple[str, Payloads]],
    settings: Settings,
) -> Iterator[Violation]:
    """The results of children in an aggregate against those that are stored with the children."""
    held = {key.lower(): each for key, each in _held(aggregate).items()}
    keys = {key.lower(): key for key in _held(aggregate)}
    #: Of the children that are wrong, what they have themselves.
    own: dict[str, tuple[str, Distribution]] = {}
    for id, (place, child) in children.items():
        # Records that have changed places have been told of.
        if id in held and (child.record.id or id).lower() == id:
            best = _differing(held[id], child, settings)
            if best is not None:
                own[id] = f"{place}/{best[0].register_place(SYSTEM_REGISTER)}", best[1]
    exchanges = _Exchanges({id: (each, held[id]) for id, (_, each) in own.items()}, settings)
    told: set[str] = set()
    for id, (place, distribution) in own.items():
        if id in told:
            continue
        where = aggregate.at(keys[id])
        if agree(held[id], reversed_bits(distribution), settings):
            message = f"the bits of the child are in reversed order: compare {place} and {where}"
            yield Violation("QA308", message, aggregate.descriptor.path)
            continue
        exchanged = exchanges.of(id)
        of_child = children[id][1].record
        # A simulator may have computed what the aggregate holds, and drawn what the child has.
        drawn = distribution.counted and (record.simulated or of_child.simulated)
        noted = drawn or record.mitigated or of_child.mitigated
        message = f"the result of the child is another one: compare {where} and {place}"
        if exchanged is not None:
            told.add(exchanged)
            message = (
                f"the results of two children have changed places: compare {where} and {place}; "
                f"the other one is {keys[exchanged]}"
            )
        severity = Severity.NOTE if noted else None
        yield Violation("QA305", message, aggregate.descriptor.path, severity_override=severity)


class _Exchanges:
    """Finds children that have each other's results, without holding each against all others.

    Args:
        given: What each child has itself, and what the aggregate has of it, by id.
        settings: How strict sums are.
    """

    def __init__(
        self, given: Mapping[str, tuple[Distribution, Distribution]], settings: Settings
    ) -> None:
        self._given: Final = given
        self._settings: Final = settings
        self._sketches: Final = {
            id: (_sketch(own), _sketch(held)) for id, (own, held) in given.items()
        }
        self._by_sketches: Final[dict[tuple[int, int], list[str]]] = {}
        for id, sketches in self._sketches.items():
            self._by_sketches.setdefault(sketches, []).append(id)

    def of(self, id: str) -> str | None:
        """The child that has changed places with another one."""
        own, held = self._given[id]
        mine, other_one = self._sketches[id]
        near = (
            each
            for left in range(other_one - 1, other_one + 2)
            for right in range(mine - 1, mine + 2)
            for each in self._by_sketches.get((left, right), ())
            if each != id
        )
        return next(
            (
                each
                for each in islice(near, _TRIED)
                if agree(held, self._given[each][0], self._settings)
                and agree(self._given[each][1], own, self._settings)
            ),
            None,
        )


#: How many children that look alike are held against one.
_TRIED: Final = 16
#: Sketches of results that agree differ by less than one of so many parts.
_PARTS: Final = 1 << 16


def _sketch(distribution: Distribution) -> int:
    """A number that is the same, or next to it, for results that agree; others rarely have it."""
    import numpy as np

    mixed = np.zeros(len(distribution), np.uint64)
    for at in range(distribution.states.shape[1]):
        # What has no bits beyond a word may have the word, or not.
        mixed += distribution.states[:, at] * np.uint64(0x9E3779B97F4A7C15 + 2 * at)
    weights = (mixed >> np.uint64(11)) / float(1 << 53)
    return round(float((distribution.shares() * weights).sum()) * _PARTS)


def _differing(
    held: Distribution, child: Payloads, settings: Settings
) -> tuple[Payload, Distribution] | None:
    """What a child itself has, its probabilities before its counts, unless it is what is held.

    What cannot be of the child has been told with its record. So has what differs from its other
    results: one of them that agrees is enough.
    """
    order = (PROBABILITIES_V1, PROBABILITIES_V2, HISTOGRAM_V1, SHOTS_V2, SHOTS_V1, HISTOGRAM_V2)
    record = child.record
    listed = [each for each in record.of_role(Role.RESULT) if each.format in order]
    best: tuple[Payload, Distribution] | None = None
    for descriptor in sorted(listed, key=lambda each: order.index(cast("FormatId", each.format))):
        for payload in child.of([descriptor]):
            wrong = (*_shots(payload, record.shots, ()), *_width(payload, record))
            if wrong or SYSTEM_REGISTER not in payload.artifact.register_names:
                continue
            distribution = payload.artifact.distribution(SYSTEM_REGISTER)
            if not distribution.values.any():
                continue
            if agree(held, distribution, settings):
                return None
            best = best or (payload, distribution)
    return best
