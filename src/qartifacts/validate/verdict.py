"""The one verdict: read a source, tell its format, hold it against schema and rules, report.

Two paths lead to it. ``accept`` decodes straight into columns, and answers "accepted" or "don't
know". ``explain`` is the exact path, and it alone refuses: it reads strictly, asks the reference
implementation about the pinned schema, then the rules, and gives every finding its place in the
text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from qartifacts.codes import CODES, Severity
from qartifacts.config import DEFAULTS, Settings
from qartifacts.errors import InvalidSettings
from qartifacts.findings import Finding, Report
from qartifacts.identifiers import JOB_FORMATS, FormatId
from qartifacts.jsontext import Fault, Path, Reading, inspect, pointer, read
from qartifacts.registry import Registry
from qartifacts.remote import open_source
from qartifacts.source import Source, SourceLike
from qartifacts.validate.detect import (
    ALIKE,
    FileFormats,
    format_of_content,
    format_of_record,
    formats_of_start,
    is_job_record,
    is_unmistakable,
)
from qartifacts.validate.rules import INTEGER_SHOTS, MISSHAPEN, rules_of
from qartifacts.validate.schema import schema_validator, schema_violations
from qartifacts.validate.violation import Violation

if TYPE_CHECKING:
    from qartifacts.payloads.columns import Columns
    from qartifacts.validate.accept import Accepted, Acceptor

__all__ = [
    "Examined",
    "Examiner",
    "Examiners",
    "check",
    "examine",
    "examiner",
    "with_violations",
]


class Examined:
    """A report, and what it is about.

    Attributes:
        report: What was found.
    """

    __slots__ = ("_accepted", "_payload", "_settings", "report")

    def __init__(
        self,
        report: Report,
        payload: Any = None,
        *,
        accepted: Accepted | None = None,
        settings: Settings = DEFAULTS,
    ) -> None:
        self.report: Final = report
        self._payload = payload
        self._accepted = accepted
        self._settings = settings

    @property
    def payload(self) -> Any:
        """The parsed payload; None if it could not be read."""
        if self._payload is None and self._accepted is not None:
            self._payload = read(self._accepted.data, self._settings).value
        return self._payload

    @property
    def in_columns(self) -> bool:
        """Whether it was read straight into columns, which hold everything that the text said."""
        return self._accepted is not None and self._accepted.read is not None

    def columns(self, *, last_first: bool = False) -> Columns | None:
        """What the payload holds, as columns; None for a format that holds no results.

        Args:
            last_first: Whether version 2 was written with the last bit first.
        """
        if self._accepted is not None and self._accepted.read is not None:
            return self._accepted.read.columns(last_first)
        from qartifacts.payloads.decode import columns_of

        format = self.report.format
        return None if format is None else columns_of(format, self.payload, last_first=last_first)


def check(
    source: SourceLike,
    *,
    format: str | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Report:
    """Check one payload against its pinned schema and the rules of its format.

    Args:
        source: A path (``"-"`` is standard input, ``.gz`` is unpacked), JSON text as ``bytes``, a
            binary file object, or a parsed ``dict`` or ``list``. A parsed object has no lines and
            columns, and duplicate keys cannot be seen in it. A ``str`` may be a URL, too: of
            ``s3://``, ``gs://``, ``https://`` or ``memory://``, with the extra ``remote``.
        format: The format identifier. Without it, the job record beside the file, the file's
            name, and then the content are asked; what stays ambiguous is a finding.
        registry: Pinned schemas; those that come with the package by default.
        settings: Limits, tolerances and ignored rules.

    Returns:
        A report. Bad content never raises.

    Raises:
        OSError: A path or URL cannot be opened.
        MissingExtra: It is a URL, and what opens it is not installed.
        TypeError: The source is none of the above.
        ValueError: A ``str`` is JSON text rather than a path.
        UnknownFormat: ``format`` is not in the registry.
        InvalidSettings: The settings ignore a rule that cannot be ignored, or name a code that
            does not exist.
        RegistryError: The pinned document is missing, modified or unusable.
    """
    settings = DEFAULTS if settings is None else settings
    return examine(
        open_source(source, settings), format=format, registry=registry, settings=settings
    ).report


def examine(
    source: Source,
    *,
    format: str | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    found: bool = False,
) -> Examined:
    """``check`` for a source that has been opened; its payload comes along with the report.

    ``found`` says that the file was met in a walk, not named: if its format cannot be told it is
    perhaps no result at all, which is then a note.
    """
    registry = Registry.bundled() if registry is None else registry
    settings = DEFAULTS if settings is None else settings
    return Examiners(registry, settings).examine(source, format=format, found=found)


class Examiners:
    """Examines many sources, of whatever formats: what is the same for all is done once.

    So pinned documents are verified when they are first needed, and not again.

    Attributes:
        registry: Pinned schemas.
        settings: Limits, tolerances and ignored rules.

    Raises:
        InvalidSettings: The settings ignore a rule that cannot be ignored, or name a code that
            does not exist.
    """

    def __init__(self, registry: Registry, settings: Settings) -> None:
        _reject_unusable_codes(settings)
        self.registry: Final = registry
        self.settings: Final = settings
        self._files: Final = FileFormats(registry, settings)
        self._by_format: Final[dict[str, Examiner]] = {}

    def examine(
        self, source: Source, *, format: str | None = None, found: bool = False
    ) -> Examined:
        """As ``examine`` does.

        Raises:
            UnknownFormat: The registry does not hold the format.
            RegistryError: A pinned document is missing, modified or unusable.
        """
        return self._examine(source, self._named(source, format), found)

    def report(self, source: Source, format: str | None = None, *, found: bool = False) -> Report:
        """The report that ``examine`` makes, faster where there is nothing to say.

        Raises:
            UnknownFormat, RegistryError: As for ``examine``.
        """
        named = self._named(source, format)
        examiner = self._by_format.get(named) if isinstance(named, FormatId) else None
        data = None if _is_record(source, found) else source.data
        if examiner is not None and data is not None and examiner.has_nothing_to_say(data):
            return Report(source.name, examiner.format)
        return self._examine(source, named, found).report

    def _named(self, source: Source, format: str | None) -> FormatId | Violation | None:
        """What the caller, a job record or a name says of the format."""
        if format is not None:
            return self.registry[format].format
        if source.path is not None:
            return self._files.of_file(source.path)
        if source.member:
            return self._files.of_name(source.member.rpartition("/")[2])
        return None

    def _examine(self, source: Source, named: FormatId | Violation | None, found: bool) -> Examined:
        settings = self.settings
        told = named if isinstance(named, FormatId) else None
        record = _is_record(source, found) and told not in JOB_FORMATS
        if source.data is not None and not record and not isinstance(named, Violation):
            if told is not None:
                return self.of(told).examine(source)
            surely = self._surely_told(source.name, source.data)
            if surely is not None:
                return surely
        reading = _read(source, settings)
        if reading.faults:
            return Examined(_fault_report(source, told, reading.faults, settings), None)
        if record:
            # It is read for what it says of its neighbours, and is no result, whatever is said of
            # the files around it.
            message = "this is no record of a job that is known, although its name says so"
            note = Violation("QA020", message, severity_override=Severity.NOTE)
            named = format_of_record(reading.value, self.registry) or note
        if named is None:
            named = format_of_content(reading.value, self.registry)
        if isinstance(named, Violation):
            if found and named.code == "QA020" and named.code not in settings.raised:
                named = named._replace(severity_override=Severity.NOTE)
            report = _report(source.name, None, [named], _places(reading.text, [named]), settings)
            return Examined(report, reading.value)
        return self.of(named).judge(source.name, reading, source.data)

    def of(self, format: str) -> Examiner:
        """The examiner of one format; its pinned document is verified for the first payload.

        Raises:
            UnknownFormat: The registry does not hold the format.
            RegistryError: The pinned document is missing, modified or unusable.
        """
        known = self._by_format.get(format)
        if known is None:
            named = self.registry[format].format
            known = self._by_format[named] = _examiner(named, self.registry, self.settings)
        return known

    def _surely_told(self, name: str, data: bytes) -> Examined | None:
        """A text that is surely good in one format, and in no other; None is "don't know".

        It must be large, or one of many.
        """
        for format in formats_of_start(data):
            if len(data) < _LARGE and format not in self._by_format:
                continue
            if format in self.registry:
                examined = self.of(format).accept(data, name)
                if examined is not None and self._is_unmistakable(format, examined):
                    return examined
        return None

    def _is_unmistakable(self, format: FormatId, examined: Examined) -> bool:
        if format not in ALIKE:
            return True
        if examined.in_columns:
            return is_unmistakable(format, examined.columns())
        return format_of_content(examined.payload, self.registry) == format


def _is_record(source: Source, found: bool) -> bool:
    """Whether a walk met it under the name of a stored job's record: it is that, or nothing."""
    return found and is_job_record(source.path or source.member)


def with_violations(
    report: Report, violations: Iterable[Violation], data: bytes | None, settings: Settings
) -> Report:
    """A report without errors, and what else is to be said of its source.

    Args:
        report: The report.
        violations: What else there is; ignored codes are left out, and raised ones are errors.
        data: The text of the source, if it was one.
        settings: Limits and ignored rules.
    """
    found = _bounded(
        (
            each._replace(severity_override=Severity.ERROR)
            if each.code in settings.raised
            else each
            for each in violations
            if each.code not in settings.ignore
        ),
        settings.max_violations,
    )
    if not found:
        return report
    text = None if data is None else data.decode("utf-8")
    added = _report(report.source, report.format, found, _places(text, found), settings)
    findings = sorted(
        (*added.findings, *report.findings), key=lambda each: _SEVERITIES.index(each.severity)
    )
    return replace(
        report,
        findings=tuple(findings[: settings.max_findings]),
        errors=report.errors + added.errors,
        warnings=report.warnings + added.warnings,
        notes=report.notes + added.notes,
        at_least=report.at_least or added.at_least,
    )


def examiner(
    format: str, *, registry: Registry | None = None, settings: Settings | None = None
) -> Examiner:
    """What checks payloads of one format, ready for a loop.

    Raises:
        UnknownFormat: The registry does not hold the format.
        RegistryError: The pinned document is missing, modified or unusable.
    """
    registry = Registry.bundled() if registry is None else registry
    settings = DEFAULTS if settings is None else settings
    _reject_unusable_codes(settings)
    return _examiner(registry[format].format, registry, settings)


def _examiner(format: FormatId, registry: Registry, settings: Settings) -> Examiner:
    registry[format].read_bytes()  # Verified again, although the examiner may be ready.
    return _ready_examiner(format, registry, settings)


class Examiner:
    """Schema and rules of one format, ready for use."""

    def __init__(self, format: FormatId, registry: Registry, settings: Settings) -> None:
        self.format: Final = format
        self.registry: Final = registry
        self.settings: Final = settings
        self._schema: Final = schema_validator(registry, format)
        self._rules: Final = rules_of(format)
        self._ready = False

    def examine(self, source: Source) -> Examined:
        """Read and judge a source, on the fastest way that leads to the verdict."""
        if source.data is not None and self._fast_path_pays(source.data):
            accepted = self.accept(source.data, source.name)
            if accepted is not None:
                return accepted
        return self.explain(source)

    def accept(self, data: bytes, name: str = "<bytes>") -> Examined | None:
        """The verdict on JSON text if it is surely good; None is "don't know", never a refusal."""
        if self._acceptor is None:
            return None
        accepted = self._acceptor.accept(data)
        if accepted is None:
            return None
        if not accepted.notes:
            report = Report(name, self.format, ())
            return Examined(report, accepted=accepted, settings=self.settings)
        notes = [note for note, _ in accepted.notes]
        offsets = [at for _, at in accepted.notes if at is not None]
        if len(offsets) == len(notes) and data.isascii():
            from qartifacts.jsontext import line_columns

            places: list[tuple[int, int] | None] = [*line_columns(data, offsets)]
        else:
            places = _places(data.decode("utf-8"), notes)
        report = _report(name, self.format, notes, places, self.settings)
        return Examined(report, accepted=accepted, settings=self.settings)

    def has_nothing_to_say(self, data: bytes) -> bool:
        """Whether JSON text is surely good, without so much as a note; False is "don't know"."""
        acceptor = self._acceptor if self._ready else None
        return acceptor is not None and len(data) < acceptor.small and acceptor.surely(data)

    def prepare(self) -> Examiner:
        """Make everything ready that the fast path needs; itself."""
        self._ready = self._acceptor is not None
        return self

    @cached_property
    def _acceptor(self) -> Acceptor | None:
        from qartifacts.validate.accept import acceptor_for

        schema = self._schema
        return acceptor_for(self.format, schema.document, schema.dialect, self.settings)

    def _fast_path_pays(self, data: bytes) -> bool:
        """Whether it is worth to import what the fast path needs: not for one small payload."""
        if not self._ready and len(data) < _LARGE:
            self._ready = True
            return False
        return True

    def explain(self, source: Source) -> Examined:
        """The verdict by the exact path, which alone refuses."""
        reading = _read(source, self.settings)
        if reading.faults:
            return Examined(_fault_report(source, self.format, reading.faults, self.settings), None)
        return self.judge(source.name, reading, source.data)

    def judge(self, name: str, reading: Reading, data: bytes | None) -> Examined:
        """Judge what was read without a fault of a source that reports call ``name``.

        Args:
            name: What reports call the source.
            reading: What was read.
            data: The text that it was read from, if it was one.
        """
        violations = self._violations(reading.value, data)
        places = _places(reading.text, violations)
        report = _report(name, self.format, violations, places, self.settings)
        return Examined(report, reading.value)

    @cached_property
    def surely(self) -> Callable[[bytes], bool]:
        """What answers whether JSON text is surely good; False is "don't know"."""
        return _never if self._acceptor is None else self._acceptor.surely

    def is_valid(self, source: Source) -> bool:
        """Whether a source passes without an error; stops at the first one."""
        if source.data is not None and self.surely(source.data):
            return True
        reading = _read(source, self.settings)
        if reading.faults:
            return False
        value = reading.value
        surely = self._schema.surely_accepts(value, source.data)
        if not surely and next(schema_violations(self._schema, value), None) is not None:
            return False
        broken = self._rule_violations(value)
        return not any(each.severity is Severity.ERROR for each in broken)

    def _violations(self, payload: Any, data: bytes | None) -> list[Violation]:
        """Breaches of schema and rules, each fault once."""
        limit = self.settings.max_violations
        of_schema: list[Violation] = []
        if not self._schema.surely_accepts(payload, data):
            of_schema = _bounded(schema_violations(self._schema, payload), limit)
        of_rules = _bounded(self._rule_violations(payload), limit)
        violations = _reconciled(of_schema, of_rules) if of_schema else of_rules
        if of_schema:
            self._add_likeness(violations, payload)
        return _bounded(violations, limit)

    def _add_likeness(self, violations: list[Violation], payload: Any) -> None:
        """Say of what another format the payload looks like, where its structure is wrong."""
        like = format_of_content(payload, self.registry)
        first = min(violations, key=lambda each: (each.code[:3], len(each.path)))
        if isinstance(like, FormatId) and like != self.format and first.keyword is not None:
            message = f"{first.message}; this looks like {like}"
            violations[violations.index(first)] = first._replace(message=message)

    def _rule_violations(self, payload: Any) -> Iterator[Violation]:
        if self._rules is None:
            return iter(())
        ignored, raised = self.settings.ignore, self.settings.raised
        return (
            each._replace(severity_override=Severity.ERROR) if each.code in raised else each
            for each in self._rules(payload, self.settings)
            if each.code not in ignored
        )


#: Texts of at least so many bytes are worth what the fast path imports.
_LARGE: Final = 1 << 18

_ready_examiner = lru_cache(maxsize=256)(Examiner)


def _never(data: bytes) -> bool:
    return False


def _reconciled(of_schema: list[Violation], of_rules: list[Violation]) -> list[Violation]:
    """Breaches of schema and rules with each fault told once, by its most telling code.

    A rule that says the same as a failing keyword is told instead of it, so that codes stay when
    the service publishes a stricter schema. What the schema refuses stays an error, whatever the
    rule by itself would be.
    """
    keywords: dict[tuple[Path, bool], set[str | None]] = {}
    for each in of_schema:
        keywords.setdefault((each.path, each.at_key), set()).add(each.keyword)
    told: set[tuple[Path, bool, str | None]] = set()
    kept = []
    for each in of_rules:
        here = (each.path, each.at_key)
        if each.code in (MISSHAPEN, INTEGER_SHOTS) and here in keywords:
            continue  # The schema has said what the value should be, and more exactly.
        same = CODES[each.code].restates & keywords.get(here, set())
        told |= {(*here, keyword) for keyword in same}
        kept.append(each._replace(severity_override=Severity.ERROR) if same else each)
    return kept + [each for each in of_schema if (each.path, each.at_key, each.keyword) not in told]


def _bounded(violations: Iterable[Violation], limit: int) -> list[Violation]:
    """At most ``limit`` errors, and as many others; others never take the place of an error."""
    errors = 0
    others = 0
    kept = []
    for violation in violations:
        if violation.severity is Severity.ERROR:
            errors += 1
            kept.append(violation)
            if errors == limit:
                break
        elif others < limit:
            others += 1
            kept.append(violation)
    return kept


def _reject_unusable_codes(settings: Settings) -> None:
    for code in sorted(settings.raised - CODES.keys()):
        raise InvalidSettings(f"there is no code {code!r} to raise")
    for code in sorted(settings.ignore):
        if code not in CODES:
            raise InvalidSettings(f"there is no code {code!r} to ignore")
        if not CODES[code].ignorable:
            raise InvalidSettings(
                f"{code} ({CODES[code].title}) cannot be ignored: "
                "what passed without it could not be read with any certainty"
            )


def _read(source: Source, settings: Settings) -> Reading:
    if source.faults:
        return Reading(None, None, source.faults)
    if source.data is not None:
        return read(source.data, settings)
    return Reading(None, source.value, inspect(source.value, settings))


def _fault_report(
    source: Source, format: FormatId | None, faults: tuple[Fault, ...], settings: Settings
) -> Report:
    """A report of what kept a source from being read; it comes in the order of the text."""
    findings = (
        Finding(
            fault.code,
            CODES[fault.code].severity,
            fault.message,
            pointer(fault.path),
            fault.line,
            fault.column,
        )
        for fault in faults
    )
    return Report(
        source.name,
        format,
        tuple(islice(findings, settings.max_findings)),
        errors=len(faults),
        at_least=len(faults) >= settings.max_violations,
    )


_SEVERITIES: Final = tuple(Severity)


def _report(
    name: str,
    format: FormatId | None,
    violations: list[Violation],
    places: list[tuple[int, int] | None],
    settings: Settings,
) -> Report:
    """Put violations in order, the most telling first, and leave the excess out."""
    unplaced = (0, 0)
    order = sorted(
        range(len(violations)),
        key=lambda at: (
            _SEVERITIES.index(violations[at].severity),
            violations[at].code[:3],  # Reading before schema before rules.
            len(violations[at].path),
            places[at] or unplaced,
            at,
        ),
    )
    findings = []
    for at in order[: settings.max_findings]:
        violation, place = violations[at], places[at]
        line, column = place or (None, None)
        findings.append(
            Finding(
                violation.code,
                violation.severity,
                violation.message,
                pointer(violation.path),
                line,
                column,
            )
        )
    severities = [violation.severity for violation in violations]
    return Report(
        name,
        format,
        tuple(findings),
        errors=severities.count(Severity.ERROR),
        warnings=severities.count(Severity.WARNING),
        notes=severities.count(Severity.NOTE),
        at_least=any(severities.count(each) >= settings.max_violations for each in Severity),
    )


def _places(text: str | None, violations: Iterable[Violation]) -> list[tuple[int, int] | None]:
    """Line and column of each violation; None of all where there is no text."""
    violations = list(violations)
    if text is None or not violations:
        return [None] * len(violations)

    from qartifacts.jsontext import locate

    located = locate(text, {(), *(violation.path for violation in violations)})
    places: list[tuple[int, int] | None] = []
    for violation in violations:
        path = violation.path
        while path not in located:
            path = path[:-1]  # Of a path that leads nowhere, the nearest value that is there.
        place = located[path]
        places.append(place.key if violation.at_key and place.key else place.value)
    return places
