"""The verdict: which format a source has, whether it is valid, and every reason why not."""

from qartifacts.validate.rules import RULE_CODES
from qartifacts.validate.verdict import (
    Examined,
    Examiners,
    check,
    examine,
    examiner,
    with_violations,
)
from qartifacts.validate.violation import Violation

__all__ = [
    "RULE_CODES",
    "Examined",
    "Examiners",
    "Violation",
    "check",
    "examine",
    "examiner",
    "with_violations",
]
