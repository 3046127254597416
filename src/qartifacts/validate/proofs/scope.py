"""A schema document in its dialect: what its schemas ask, and where references lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from qartifacts.registry.dialects import Dialect
from qartifacts.registry.patterns import patterns
from qartifacts.registry.references import is_endless, references, resolve

__all__ = ["ANNOTATIONS", "Bounded", "Schema", "Scope", "is_number", "names_of"]

Schema = Any

#: Keywords that ask nothing of a value, wherever they stand. Identifiers within a document are not
#: among them: references beside and below them start from another place.
ANNOTATIONS: Final = frozenset(
    {"$comment", "title", "description", "default", "examples", "format", "definitions", "$defs",
     "readOnly", "writeOnly", "deprecated", "contentMediaType", "contentEncoding", "$anchor"}
)  # fmt: skip
_ROOT_ANNOTATIONS: Final = ANNOTATIONS | {"$schema", "$id", "id"}

#: Schemas that stand within each other, references written out: proofs recurse as deep, and what a
#: schema that refers to itself says of deeper values is not known.
_DEEPEST: Final = 32
#: Schemas that one proof is made of, references written out.
_MOST: Final = 2_000


class Scope:
    """A document in its dialect: what its schemas ask, and where its references lead."""

    def __init__(self, document: Schema, dialect: Dialect) -> None:
        self.document: Final = document
        self.draft_4: Final = dialect.name == "draft-04"
        self._ref_stands_alone: Final = dialect.name in ("draft-04", "draft-06", "draft-07")
        self._identifier: Final = "id" if self.draft_4 else "$id"

    @cached_property
    def identities(self) -> frozenset[int]:
        """Of the objects in the document, which live as long as it does."""
        return frozenset(map(id, _objects(self.document)))

    @cached_property
    def _resolves(self) -> bool:
        """Whether references start from the document itself, all of them."""
        return not any(
            isinstance(each.get(self._identifier), str)
            for each in _objects(self.document)
            if each is not self.document
        )

    @cached_property
    def never_fails(self) -> bool:
        """Whether the reference implementation can judge any value by any schema of the document.

        It raises on references that lead nowhere or in circles, and on patterns that are none. As
        long as there are some, a branch that is surely valid does not help if it comes to others
        before.
        """
        import re

        if self.document is None or not self._resolves or is_endless(self.document):
            return False
        try:
            for pattern in patterns(self.document):
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            return False
        return all(self.resolve(each) is not None for each in references(self.document))

    def resolve(self, reference: object) -> Schema | None:
        """The schema of the document that a reference leads to; None if it is not known."""
        if not isinstance(reference, str) or not self._resolves:
            return None
        target = resolve(self.document, reference)
        return target if isinstance(target, (dict, bool)) else None

    def asked(self, schema: Mapping[str, Any]) -> list[str]:
        """Keywords of a schema that ask something of a value."""
        if self._ref_stands_alone and schema.get("$ref") is not None:
            return ["$ref"]
        silent = _ROOT_ANNOTATIONS if schema is self.document else ANNOTATIONS
        return [keyword for keyword in schema if keyword not in silent]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            yield each
            left += each.values()
        elif isinstance(each, list):
            left += each


class Bounded:
    """What writes schemas out, references included, up to a depth and to a number of them."""

    def __init__(self, scope: Scope) -> None:
        self.scope: Final = scope
        self._left = _MOST

    def exhausted(self, depth: int) -> bool:
        """Whether one more schema, ``depth`` levels down, is one too many."""
        self._left -= 1
        return self._left < 0 or depth > _DEEPEST


def is_number(value: Any) -> bool:
    return type(value) in (int, float)


def names_of(value: Any) -> list[str] | None:
    """A list of texts; None of anything else."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    return None
