"""Checks items, many of them: what is the same for all is made ready once."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from qartifacts.bulk.items import Against, Item, Terms, unreadable
from qartifacts.codes import CODES, Severity
from qartifacts.config import Settings
from qartifacts.findings import Finding, Report
from qartifacts.registry import Registry
from qartifacts.source import Source, open_found, open_path
from qartifacts.validate import Examiners

__all__ = ["Checker"]


class Checker:
    """Checks items on the terms of a run.

    A pinned document is verified when its format is met for the first time, and not again.

    Args:
        registry: Pinned schemas.
        terms: What is in force for each file.
    """

    def __init__(self, registry: Registry, terms: Terms) -> None:
        self.registry: Final = registry
        self.terms: Final = terms
        self._limits: Final = terms.limits if isinstance(terms, Against) else None
        self._by_settings: Final[dict[Settings, Examiners]] = {}
        self._last: tuple[Settings | None, Examiners | None] = (None, None)
        #: What checks all files, and their format, where neither depends on the file.
        self._for_all: tuple[Examiners, str | None] | None = None
        if terms.are_alike:
            self._for_all = self._for(None)

    def prepare(self) -> None:
        """Refuse terms that are the same for all files and cannot be used.

        Raises:
            UnknownFormat: The format is not in the registry.
            InvalidSettings: The settings ignore a rule that cannot be ignored.
            RegistryError: The format's pinned document is missing, modified or unusable.
        """
        examiners, format = self._for(None)
        if format is not None:
            examiners.of(format)

    def check(self, item: Item) -> Report:
        """The report on one item.

        Raises:
            UnknownFormat, InvalidSettings, RegistryError: As for ``prepare``.
        """
        examiners, format = self._for_all or self._for(item.file)
        settings = examiners.settings
        path, named, source, _, member, code, _, _ = item
        if code:
            report = report_of(item, settings)
        else:
            try:
                if source is None:
                    source = open_path(path, settings) if named else open_found(path, settings)
            except (OSError, ValueError) as error:
                report = report_of(item.unchecked("QA001", unreadable(error)), settings)
            else:
                report = self._report(examiners, source, format, found=not named)
                if member:
                    report = _as_member(report, item)
        if path.isascii() and member.isascii():
            return report
        return _with_name_noted(report, settings)

    def _report(
        self, examiners: Examiners, source: Source, format: str | None, *, found: bool
    ) -> Report:
        if self._limits is None:
            return examiners.report(source, format, found=found)
        from qartifacts.hardware.crosschecks import crosschecked

        examined = examiners.examine(source, format=format, found=found)
        return crosschecked(examined, source, self._limits, examiners.settings)

    def _for(self, file: str | None) -> tuple[Examiners, str | None]:
        """What checks a file, and its format, if that is known beforehand."""
        settings = self.terms.settings_for(file)
        last, examiners = self._last
        if last is not settings or examiners is None:
            known = self._by_settings.get(settings)
            if known is None:
                known = self._by_settings[settings] = Examiners(self.registry, settings)
            examiners = known
            self._last = settings, examiners
        return examiners, self.terms.format_for(file)


def report_of(item: Item, settings: Settings) -> Report:
    """The report on an item that is a finding already."""
    severity = Severity.ERROR if item.code in settings.raised else CODES[item.code].severity
    return Report(
        item.path,
        None,
        (Finding(item.code, severity, item.why),),
        errors=int(severity is Severity.ERROR),
        warnings=int(severity is Severity.WARNING),
        notes=int(severity is Severity.NOTE),
        member=item.member,
    )


def _as_member(report: Report, item: Item) -> Report:
    """A report on one of several payloads: which, and on which lines of the file."""
    findings = report.findings
    if item.line > 1:
        findings = tuple(
            replace(each, line=each.line + item.line - 1) if each.line is not None else each
            for each in findings
        )
    return replace(report, findings=findings, member=item.member)


def _with_name_noted(report: Report, settings: Settings) -> Report:
    """The report, and a finding if the name is not UTF-8."""
    try:
        report.name.encode()
    except UnicodeEncodeError:
        pass
    else:
        return report
    severity = Severity.ERROR if "QA023" in settings.raised else Severity.WARNING
    finding = Finding("QA023", severity, "the name of the file is not UTF-8")
    findings = report.findings
    if len(findings) < settings.max_findings:
        errors = [each for each in findings if each.severity is Severity.ERROR]
        findings = (*errors, finding, *findings[len(errors) :])
    return replace(
        report,
        findings=findings,
        errors=report.errors + (severity is Severity.ERROR),
        warnings=report.warnings + (severity is Severity.WARNING),
    )
