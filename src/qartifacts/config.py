"""Settings of one check: limits that bound the work, tolerances, and codes that a user waives.

Everything here is plain data with a checked range. Where settings come from is the business of the
rooms above; this one only says what a setting may be.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields

__all__ = ["Settings"]

MIB = 1024 * 1024

#: Nesting beyond this needs more of Python's own stack than a library may count on.
DEEPEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a check may cost, and how strict its sums are.

    Limits guard the reader against hostile input; each is a refusal with a code of its own, never
    a truncated answer.

    Attributes:
        max_bytes: Size of one source in bytes, after unpacking where it is compressed.
        max_depth: Levels of nested arrays and objects; a payload of level 1 is ``[]``.
        max_values: JSON values in one document, containers included, member names not. The
            default leaves room for a million shots of 130 qubits.
        max_findings: Findings shown for one source; the others are counted.
        max_violations: Findings collected for one source; beyond it a count is "at least".
        max_members: Members of one archive.
        max_unpacked: Bytes that one archive, or one packed file of many lines, unpacks to.
        sum_fine: Largest ``abs(sum - 1)`` of a distribution that passes silently.
        sum_limit: Largest ``abs(sum - 1)`` that is a warning; beyond it is an error.
        ignore: Codes of rules that are not reported, such as ``{"QA205"}``. Only rules that
            leave the meaning of a payload intact can be ignored.
        raised: Codes whose findings are errors, where they would be warnings or notes.

    Raises:
        ValueError: A value is out of its range.
        TypeError: A value is of the wrong type.
    """

    max_bytes: int = 512 * MIB
    max_depth: int = 64
    max_values: int = 1 << 27
    max_findings: int = 100
    max_violations: int = 10_000
    max_members: int = 1_000_000
    max_unpacked: int = 16 * 1024 * MIB
    sum_fine: float = 1e-6
    sum_limit: float = 1e-3
    ignore: AbstractSet[str] = frozenset()
    raised: AbstractSet[str] = frozenset()

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("ignore", "raised"):
                # A text would be taken for a set of letters.
                if not isinstance(value, AbstractSet) or not all(type(c) is str for c in value):
                    raise TypeError(f"{field.name} takes a set of codes, not {value!r}")
                object.__setattr__(self, field.name, frozenset(value))
                continue
            if field.name.startswith("sum_"):
                if type(value) not in (int, float):
                    raise TypeError(f"{field.name} takes a number, not {value!r}")
                continue
            if type(value) is not int or not 1 <= value <= sys.maxsize:
                raise ValueError(
                    f"{field.name} must be a whole number from 1 to {sys.maxsize}, not {value!r}"
                )
        if self.max_depth > DEEPEST:
            raise ValueError(f"max_depth must be at most {DEEPEST}, not {self.max_depth}")
        if not (0 <= self.sum_fine <= self.sum_limit and math.isfinite(self.sum_limit)):
            raise ValueError(
                "tolerances must satisfy 0 <= sum_fine <= sum_limit, "
                f"not sum_fine={self.sum_fine!r}, sum_limit={self.sum_limit!r}"
            )
        both = self.ignore & self.raised
        if both:
            raise ValueError(f"{min(both)} cannot be ignored and raised at once")


DEFAULTS = Settings()
