"""The catalogue of changes between two versions of a schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

__all__ = ["DIFF_RULES", "RULE_OF_KEYWORD", "Audience", "DiffRule", "Effect"]


class Audience(StrEnum):
    """Who may break by a change of a schema."""

    READER = "reader"
    ARCHIVE = "archive"
    CODE = "code"


class Effect(StrEnum):
    """Whether somebody breaks: proven, disproven, or neither."""

    YES = "breaks"
    UNDECIDED = "may break"
    NO = "safe"


@dataclass(frozen=True, slots=True)
class DiffRule:
    """A kind of change.

    Attributes:
        id: Its stable code.
        title: What changes, in one line.
        keywords: The keywords of JSON Schema that it is about.
        code: Whether generated names or types change with it.
    """

    id: str
    title: str
    keywords: tuple[str, ...] = ()
    code: Effect = Effect.NO


_YES, _MAYBE = Effect.YES, Effect.UNDECIDED

_CATALOGUE: Final = (
    DiffRule("QD001", "a format is new"),
    DiffRule("QD002", "a format is gone", code=_YES),
    DiffRule("QD003", "changes that break only together"),
    DiffRule("QD100", "a schema is replaced by one of another kind", code=_YES),
    DiffRule("QD101", "the JSON types that are allowed", ("type",), _YES),
    DiffRule("QD102", "the values that are listed", ("enum", "const"), _YES),
    DiffRule("QD110", "a lower bound of numbers", ("minimum", "exclusiveMinimum")),
    DiffRule("QD111", "an upper bound of numbers", ("maximum", "exclusiveMaximum")),
    DiffRule("QD112", "what numbers must be multiples of", ("multipleOf",)),
    DiffRule("QD120", "the length of texts", ("minLength", "maxLength")),
    DiffRule("QD121", "the pattern of texts", ("pattern",)),
    DiffRule("QD122", "the format of texts, which is an annotation here", ("format",), _YES),
    DiffRule(
        "QD130",
        "the schema of items",
        ("items", "additionalItems", "prefixItems", "unevaluatedItems"),
        _YES,
    ),
    DiffRule("QD131", "the number of items", ("minItems", "maxItems")),
    DiffRule("QD132", "whether items are unique", ("uniqueItems",), _MAYBE),
    DiffRule("QD133", "what an array must contain", ("contains", "minContains", "maxContains")),
    DiffRule("QD140", "a member is declared, or no longer", ("properties",), _YES),
    DiffRule("QD141", "a member is required, or no longer", ("required",), _YES),
    DiffRule(
        "QD142",
        "members that are not declared",
        ("additionalProperties", "patternProperties", "unevaluatedProperties"),
        _YES,
    ),
    DiffRule("QD143", "the names of members", ("propertyNames",)),
    DiffRule("QD144", "the number of members", ("minProperties", "maxProperties")),
    DiffRule(
        "QD145",
        "members that depend on others",
        ("dependencies", "dependentRequired", "dependentSchemas"),
        _MAYBE,
    ),
    DiffRule("QD150", "schemas that all have to fit", ("allOf",), _YES),
    DiffRule("QD151", "schemas of which some have to fit", ("anyOf", "oneOf"), _YES),
    DiffRule("QD152", "a schema that must not fit", ("not",), _MAYBE),
    DiffRule("QD153", "a schema under a condition", ("if", "then", "else"), _MAYBE),
    DiffRule(
        "QD160",
        "references and definitions",
        ("$ref", "definitions", "$defs", "$dynamicRef", "$recursiveRef", "$anchor"),
        _YES,
    ),
    DiffRule("QD170", "the draft of JSON Schema", ("$schema",), _MAYBE),
    DiffRule("QD171", "the identifier of the schema", ("$id", "id"), _MAYBE),
    DiffRule("QD180", "an annotation", ("description", "examples", "$comment", "deprecated")),
    DiffRule("QD181", "a title, which names generated classes", ("title",), _YES),
    DiffRule(
        "QD182", "a default, or who writes a value", ("default", "readOnly", "writeOnly"), _YES
    ),
    DiffRule("QD190", "a keyword that is not known here", (), _MAYBE),
)

#: Every rule by its code.
DIFF_RULES: Final[Mapping[str, DiffRule]] = MappingProxyType({each.id: each for each in _CATALOGUE})

#: The rule that a change of a keyword falls under.
RULE_OF_KEYWORD: Final[Mapping[str, str]] = MappingProxyType(
    {keyword: each.id for each in _CATALOGUE for keyword in each.keywords}
)
