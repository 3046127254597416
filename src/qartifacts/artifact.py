"""An artifact: a payload that has passed its check, and what one can ask of it."""

from __future__ import annotations

import os
from typing import Any, Final

from qartifacts.config import DEFAULTS, Settings
from qartifacts.errors import InvalidArtifact, MissingParameter, UnknownRegister
from qartifacts.findings import Report
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import quoted
from qartifacts.payloads import encode, family_of
from qartifacts.registry import Registry
from qartifacts.source import Source, SourceLike, open_source, write_whole
from qartifacts.validate import Examined, examine, examiner

__all__ = ["Artifact", "Validator", "load", "validator"]


class Artifact:
    """A checked payload.

    Only ``load`` and validators make one, so its payload has passed: it can be read as what its
    format says.

    Attributes:
        format: The format it was checked against.
        report: The report of its check, with warnings and notes.
    """

    __slots__ = ("_payload", "_registry", "_settings", "format", "report")

    def __init__(self, examined: Examined, registry: Registry | None, settings: Settings) -> None:
        report = examined.report
        if not report.ok or report.format is None:
            raise InvalidArtifact(report)
        self.format: Final[FormatId] = report.format
        self.report: Final[Report] = report
        self._payload = examined.payload
        self._registry = registry
        self._settings = settings

    @property
    def payload(self) -> Any:
        """The parsed JSON payload, to be read only: what changes in it is not checked again.

        A parsed object that was loaded is this very object, not a copy.
        """
        return self._payload

    @property
    def register_names(self) -> tuple[str, ...]:
        """Registers that the payload is about, in its order.

        Version 1 has no names and is about the system's own register, ``output_all``. Circuits
        have none.
        """
        family = family_of(self.format)
        return () if family is None else family.register_names(self.payload)

    def width(self, register: str | None = None) -> int | None:
        """Bits of a register, or qubits of a circuit; None where the payload does not record it.

        Version 1 does not: its decimal states have no leading zeros.

        Args:
            register: Its name. It can be left out where there is only one.

        Raises:
            MissingParameter: There are several registers, and none was named.
            UnknownRegister: There is no register of that name.
        """
        family = family_of(self.format)
        names = self.register_names
        if register is None and len(names) > 1:
            raise MissingParameter("register", f"the payload has {', '.join(map(quoted, names))}")
        if register is not None and register not in names:
            raise UnknownRegister(register, names)
        if family is None:
            return None
        if register is None:
            register = next(iter(names), "")
        return family.width(self.payload, register)

    @property
    def shots(self) -> int | None:
        """Number of kept shots; None where the payload does not record it, as probabilities do not.

        Shots with leakage are not kept: they count in ``leaked``.
        """
        family = family_of(self.format)
        return None if family is None else family.shots(self.payload)

    @property
    def leaked(self) -> int | None:
        """Number of shots with leakage; None where the payload does not record it.

        Only shots of version 2 do. Every other format leaves leaked shots out.
        """
        family = family_of(self.format)
        return None if family is None else family.leaked(self.payload)

    def to_bytes(self) -> bytes:
        """The payload as JSON: states ascending, no spaces, of each number the fewest digits.

        Decimal states ascend as integers and bitstrings as text, whatever their bit order. Counts,
        probabilities and bits that are whole are written as integers; members that the format does
        not declare keep their value and place.
        """
        family = family_of(self.format)
        return encode(self.payload if family is None else family.normal(self.payload))

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the payload to a file, which is whole or not there; ``.gz`` is packed.

        What is written has passed the check before.

        Raises:
            InvalidArtifact: The payload was changed, against the rules, and does not pass.
            OSError: The file cannot be written.
        """
        data = self.to_bytes()
        report = examine(
            Source(os.fsdecode(path), data=data),
            format=self.format,
            registry=self._registry,
            settings=self._settings,
        ).report
        if not report.ok:
            raise InvalidArtifact(report)
        write_whole(path, data)

    def __repr__(self) -> str:
        return f"<Artifact {self.format} of {self.report.source}>"


class Validator:
    """Checks payloads of one format; made once, used in a loop. It can be pickled.

    Its methods take what ``check`` takes as a source, and raise what it raises for one.

    Attributes:
        format: The format it checks.
    """

    __slots__ = ("_examiner", "format")

    def __init__(
        self, format: str, *, registry: Registry | None = None, settings: Settings | None = None
    ) -> None:
        self._examiner = examiner(format, registry=registry, settings=settings)
        self.format: Final[FormatId] = self._examiner.format

    def is_valid(self, source: SourceLike) -> bool:
        """Whether a payload passes without an error; the fastest way to know only that.

        Raises:
            OSError: A path cannot be opened.
        """
        return self._examiner.is_valid(open_source(source, self._examiner.settings))

    def check(self, source: SourceLike) -> Report:
        """Check a payload; see ``qartifacts.check``."""
        return self._examiner.examine(open_source(source, self._examiner.settings)).report

    def load(self, source: SourceLike) -> Artifact:
        """Check a payload and return it; see ``qartifacts.load``."""
        settings = self._examiner.settings
        examined = self._examiner.examine(open_source(source, settings))
        return Artifact(examined, self._examiner.registry, settings)

    def __reduce__(self) -> tuple[Any, ...]:
        # What it is built on does not pickle; worker processes build it anew.
        examiner = self._examiner
        return _validator_again, (self.format, examiner.registry, examiner.settings)

    def __repr__(self) -> str:
        return f"<Validator of {self.format}>"


def _validator_again(format: str, registry: Registry, settings: Settings) -> Validator:
    return Validator(format, registry=registry, settings=settings)


def load(
    source: SourceLike,
    *,
    format: str | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Artifact:
    """Check a payload and return it as an artifact. The arguments are those of ``check``.

    Raises:
        InvalidArtifact: It does not pass; the exception carries the report.
        OSError, TypeError, ValueError, UnknownFormat, InvalidSettings, RegistryError: As for
            ``check``.
    """
    settings = DEFAULTS if settings is None else settings
    opened = open_source(source, settings)
    examined = examine(opened, format=format, registry=registry, settings=settings)
    return Artifact(examined, registry, settings)


def validator(
    format: str, *, registry: Registry | None = None, settings: Settings | None = None
) -> Validator:
    """A validator for one format, ready for a loop.

    Raises:
        UnknownFormat: ``format`` is not in the registry.
        InvalidSettings: The settings ignore a rule that cannot be ignored.
        RegistryError: The pinned document is missing, modified or unusable.
    """
    return Validator(format, registry=registry, settings=settings)
