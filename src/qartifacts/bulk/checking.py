"""Checks items, many of them: what is the same for all is made ready once."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from qartifacts.bulk.items import Against, Item, Terms
from qartifacts.codes import Severity, severity_of
from qartifacts.config import Settings
from qartifacts.findings import Finding, Report
from qartifacts.jsontext import fault
from qartifacts.registry import Registry
from qartifacts.remote import open_url
from qartifacts.source import Source, open_found, open_path
from qartifacts.validate import Examiners
from qartifacts.validate.detect import is_job_record

__all__ = ["Checker"]


class Checker:
    """Checks items on the terms of a run.

    A pinned document is verified when its format is met for the first time, and not again. Several
    threads may check at a time: what they share is replaced and never changed, or made twice.

    Args:
        registry: Pinned schemas.
        terms: What is in force for each file.
        folder: Where relative paths begin, if not in the current directory. Reports call files as
            the items do.
    """

    def __init__(self, registry: Registry, terms: Terms, folder: str = "") -> None:
        self.registry: Final = registry
        self.terms: Final = terms
        self._folder: Final = folder
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
        folder = self._folder
        if self._for_all is not None:
            examiners, format = self._for_all
        else:
            file = item.file
            examiners, format = self._for(item.below(folder) if folder and file else file)
        settings = examiners.settings
        path, named, source, _, member, code, _, _, url = item
        if code:
            report = report_of(item, settings)
        else:
            try:
                if url and source is None:
                    source = open_url(url, settings)
                elif folder:
                    source = _opened(item, item.below(folder), settings)
                elif source is None:
                    source = open_path(path, settings) if named else open_found(path, settings)
                report = self._report(examiners, source, format, found=not named)
                if member:
                    report = _as_member(report, item)
            except (OSError, ValueError) as error:
                report = report_of(item.unreadable(error), settings)
            except MemoryError:
                why = "there is not enough memory to check it"
                report = report_of(item.unchecked(fault.TOO_LARGE, why), settings)
        if path.isascii() and member.isascii():
            return report
        return _with_name_noted(report, settings)

    def _report(
        self, examiners: Examiners, source: Source, format: str | None, *, found: bool
    ) -> Report:
        if source.path is not None and is_job_record(source.path):
            return self._record_report(examiners, source, format, found=found)
        if self._limits is None:
            return examiners.report(source, format, found=found)
        from qartifacts.hardware.crosschecks import crosschecked

        examined = examiners.examine(source, format=format, found=found)
        return crosschecked(examined, source, self._limits, examiners.settings)

    def _record_report(
        self, examiners: Examiners, source: Source, format: str | None, *, found: bool
    ) -> Report:
        """The report on the record of a job, with what its files say of each other."""
        from qartifacts.jobs import Directory, Payloads, Record, crosschecked

        examined = examiners.examine(source, format=format, found=found)
        files = Directory(os.path.dirname(source.path or ""))
        payloads = Payloads(Record.of(examined.payload), files, examiners)
        return crosschecked(examined, source, payloads, examiners.settings)

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


def _opened(item: Item, path: str, settings: Settings) -> Source:
    """What an item holds, whose file is ``path``; its own name stays.

    Raises:
        OSError: It cannot be opened or read.
    """
    source = item.source
    if source is None:
        source = open_path(path, settings) if item.named else open_found(path, settings)
        return source._replace(name=item.path)
    return source if source.path is None else source._replace(path=path)


def report_of(item: Item, settings: Settings) -> Report:
    """The report on an item that is a finding already."""
    severity = severity_of(item.code, settings.raised)
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
    severity = severity_of("QA023", settings.raised)
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
