"""The rules that no schema states, format by format.

Each rule set takes a payload of any shape, for a pinned schema may ask less than is needed: where
a value cannot be what its place calls for, that is QA200 unless the schema has already said so.
What passes can be read, as states, counts and bits or as what a device is, by everything above.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qartifacts.config import Settings
from qartifacts.identifiers import (
    AZURE_V1,
    AZURE_V2,
    BRAKET_V1,
    IBM_BACKENDS,
    IBM_CONFIGURATION,
    IBM_PROPERTIES,
    IONQ_BACKENDS,
    IONQ_CHARACTERIZATION,
    IONQ_CHARACTERIZATIONS,
    VENDOR_FORMATS,
    FormatId,
)
from qartifacts.validate.rules.results import (
    CODES_OF_RESULTS,
    INTEGER_SHOTS,
    RESULTS,
    SLACK,
    never_occurred,
    shots_leaked,
)
from qartifacts.validate.rules.shapes import MISSHAPEN, RuleSet, Violations

__all__ = [
    "INTEGER_SHOTS",
    "MISSHAPEN",
    "RULE_CODES",
    "SLACK",
    "never_occurred",
    "rules_of",
    "shots_leaked",
]

_CHARACTERIZED: Final = ("QA250", "QA251", "QA252", "QA254", "QA255", "QA256")

#: The codes that the rules of each format can give; QA200 besides, where a schema asks for less.
RULE_CODES: Final[Mapping[FormatId, tuple[str, ...]]] = {
    **CODES_OF_RESULTS,
    AZURE_V1: ("QA201", "QA202", "QA203", "QA204", "QA205", "QA206", "QA209"),
    AZURE_V2: (
        *("QA205", "QA210", "QA211", "QA212", "QA214", "QA220"),
        *("QA270", "QA271", "QA272", "QA273", "QA274", "QA275", "QA276", "QA277"),
    ),
    BRAKET_V1: (
        *("QA201", "QA202", "QA203", "QA204", "QA205", "QA207", "QA208"),
        *("QA210", "QA211", "QA212", "QA220", "QA221", "QA222", "QA227"),
        *("QA270", "QA271", "QA276", "QA278", "QA279"),
    ),
    IONQ_BACKENDS: ("QA254", "QA255", "QA259"),
    IONQ_CHARACTERIZATION: _CHARACTERIZED,
    IONQ_CHARACTERIZATIONS: _CHARACTERIZED,
    IBM_BACKENDS: ("QA252", "QA255", "QA259"),
    IBM_CONFIGURATION: ("QA250", "QA251", "QA253", "QA254", "QA255"),
    IBM_PROPERTIES: ("QA250", "QA251", "QA252", "QA254", "QA256", "QA257", "QA258", "QA259"),
}


def _of_devices(format: FormatId) -> RuleSet:
    """Rules of a document about devices, which few runs meet: they are imported when they do."""

    def rules(payload: Any, settings: Settings) -> Violations:
        from qartifacts.validate.rules.devices import DEVICES

        return DEVICES[format](payload, settings)

    return rules


def _of_vendors(format: FormatId) -> RuleSet:
    """Rules of another cloud's result; few runs meet those, too."""

    def rules(payload: Any, settings: Settings) -> Violations:
        from qartifacts.validate.rules.vendors import VENDORS

        return VENDORS[format](payload, settings)

    return rules


def _rules(format: FormatId) -> RuleSet:
    if format in RESULTS:
        return RESULTS[format]
    return _of_vendors(format) if format in VENDOR_FORMATS else _of_devices(format)


_RULES: Final[Mapping[FormatId, RuleSet]] = {format: _rules(format) for format in RULE_CODES}


def rules_of(format: FormatId) -> RuleSet | None:
    """The rules of a format; None for one that has none beside its schema."""
    return _RULES.get(format)
