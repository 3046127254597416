"""From sources to artifacts: load one, validate many, convert in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Unpack

from qartifacts.artifact.artifact import Artifact, ConvertParameters
from qartifacts.config import DEFAULTS, Settings
from qartifacts.findings import Report
from qartifacts.identifiers import FormatId
from qartifacts.registry import Registry
from qartifacts.remote import open_source
from qartifacts.source import SourceLike
from qartifacts.validate import examine, examiner

if TYPE_CHECKING:
    from qartifacts.conversion import BitOrder

__all__ = ["Validator", "check_bit_order", "convert", "load", "validator"]


class Validator:
    """Checks payloads of one format; made once, used in a loop. It can be pickled.

    Its methods take what ``check`` takes as a source, and raise what it raises for one.

    Attributes:
        format: The format it checks.
    """

    __slots__ = ("_examiner", "_surely", "format")

    def __init__(
        self, format: str, *, registry: Registry | None = None, settings: Settings | None = None
    ) -> None:
        self._examiner = examiner(format, registry=registry, settings=settings).prepare()
        self._surely = self._examiner.surely
        self.format: Final[FormatId] = self._examiner.format

    def is_valid(self, source: SourceLike) -> bool:
        """Whether a payload passes without an error; the fastest way to know only that.

        Raises:
            OSError: A path or URL cannot be opened.
        """
        if type(source) is bytes and self._surely(source):
            return True
        return self._examiner.is_valid(open_source(source, self._examiner.settings))

    def check(self, source: SourceLike) -> Report:
        """Check a payload; see ``qartifacts.check``."""
        return self._examiner.examine(open_source(source, self._examiner.settings)).report

    def load(self, source: SourceLike) -> Artifact:
        """Check a payload and return it; see ``qartifacts.load``."""
        settings = self._examiner.settings
        examined = self._examiner.examine(open_source(source, settings))
        return Artifact.of_examined(examined, registry=self._examiner.registry, settings=settings)

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
    bit_order: BitOrder = "wire",
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Artifact:
    """Check a payload and return it as an artifact. The arguments are those of ``check``, and:

    Args:
        source: As for ``check``.
        format: As for ``check``.
        bit_order: How version 2 was written: ``wire``, which is bit 0 first, or ``reversed``. What
            supports the default, and how to prove it for a job, is said in docs/bit-order.md.
        registry: As for ``check``.
        settings: As for ``check``.

    Raises:
        InvalidArtifact: It does not pass; the exception carries the report.
        OSError, MissingExtra, TypeError, ValueError, UnknownFormat, InvalidSettings, RegistryError:
            As for ``check``.
    """
    settings = DEFAULTS if settings is None else settings
    check_bit_order(bit_order)
    opened = open_source(source, settings)
    examined = examine(opened, format=format, registry=registry, settings=settings)
    return Artifact.of_examined(examined, registry=registry, settings=settings, bit_order=bit_order)


def check_bit_order(bit_order: str) -> None:
    """Refuse what is no order of bits.

    Raises:
        ValueError: It is none.
    """
    if bit_order not in ("wire", "reversed"):
        raise ValueError(f"bit_order takes wire or reversed, not {bit_order!r}")


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


def convert(
    source: SourceLike | Artifact,
    to: str,
    *,
    format: str | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
    **parameters: Unpack[ConvertParameters],
) -> Artifact:
    """Check a payload and convert it; ``load`` and ``Artifact.convert`` in one.

    Args:
        source: As for ``check``, or an artifact.
        to: The identifier of the format to make.
        format: The identifier of the source's format, where it has to be said.
        registry: As for ``check``.
        settings: As for ``check``.
        **parameters: As for ``Artifact.convert``.

    Raises:
        InvalidArtifact: The source does not pass.
        QartifactsError, OSError, TypeError, ValueError: As for ``load`` and ``Artifact.convert``.
    """
    if not isinstance(source, Artifact):
        source = load(source, format=format, registry=registry, settings=settings)
    return source.convert(to, **parameters)
