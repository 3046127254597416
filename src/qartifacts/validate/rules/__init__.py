"""The rules that no schema states, format by format.

Each rule set takes a payload of any shape, for a pinned schema may ask less than is needed: where
a value cannot be what its place calls for, that is QA200 unless the schema has already said so.
What passes can be read, as states, counts and bits, or as what a device or a job is, by everything
above.
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
    JOB_FORMATS,
    MULTI_CIRCUIT_JOB,
    OLD_JOB,
    PROBABILITIES_V1,
    QAOA_JOB,
    QUANTUM_FUNCTION_JOB,
    SINGLE_CIRCUIT_JOB,
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
_OF_JOBS: Final = ("QA260", "QA261", "QA262", "QA263", "QA264", "QA266")
_OF_CIRCUITS: Final = (*_OF_JOBS, "QA265", "QA268")
#: Of the probabilities that an old job holds, none at all is no result rather than an empty one.
_OF_OLD_JOBS: Final = ("QA260", "QA261", "QA262", "QA264")
_OF_OLD_RESULTS: Final = tuple(
    code for code in CODES_OF_RESULTS[PROBABILITIES_V1] if code != "QA204"
)

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
    SINGLE_CIRCUIT_JOB: _OF_CIRCUITS,
    MULTI_CIRCUIT_JOB: _OF_CIRCUITS,
    QAOA_JOB: (*_OF_JOBS, "QA267"),
    QUANTUM_FUNCTION_JOB: _OF_JOBS,
    OLD_JOB: (*_OF_OLD_RESULTS, *_OF_OLD_JOBS),
}


def _of_others(format: FormatId) -> RuleSet:
    """Rules of what is no result of the service: few runs meet it, and then they are imported."""

    def rules(payload: Any, settings: Settings) -> Violations:
        if format in JOB_FORMATS:
            from qartifacts.validate.rules.jobs import JOBS

            return JOBS[format](payload, settings)
        if format in VENDOR_FORMATS:
            from qartifacts.validate.rules.vendors import VENDORS

            return VENDORS[format](payload, settings)
        from qartifacts.validate.rules.devices import DEVICES

        return DEVICES[format](payload, settings)

    return rules


_RULES: Final[Mapping[FormatId, RuleSet]] = {
    format: RESULTS[format] if format in RESULTS else _of_others(format) for format in RULE_CODES
}


def rules_of(format: FormatId) -> RuleSet | None:
    """The rules of a format; None for one that has none beside its schema."""
    return _RULES.get(format)
