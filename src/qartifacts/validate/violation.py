"""One breach of a schema or rule, before its place in the text is known."""

from __future__ import annotations

from typing import NamedTuple

from qartifacts.codes import CODES, Severity
from qartifacts.jsontext import Path

__all__ = ["Violation"]


class Violation(NamedTuple):
    """What ``Finding`` will say, with a path instead of a line and column.

    Attributes:
        code: Its entry in the catalogue.
        message: One line for people.
        path: Member names and indices that lead to the value.
        at_key: Whether the name of the member is at fault, rather than its value.
        keyword: The schema keyword that failed; None for a rule.
        severity_override: A severity that circumstances give instead of the catalogue's.
    """

    code: str
    message: str
    path: Path = ()
    at_key: bool = False
    keyword: str | None = None
    severity_override: Severity | None = None

    @property
    def severity(self) -> Severity:
        return self.severity_override or CODES[self.code].severity
