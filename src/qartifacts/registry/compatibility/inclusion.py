"""Whether every value that one schema accepts is accepted by another: proven, or not proven.

A proof goes keyword by keyword: each keyword of the wider schema must be implied by what the
narrower one asks. What no rule here proves counts as not proven, however true it may be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeGuard

from qartifacts.registry.references import (
    has_inner_identifiers,
    reference_of,
    references,
    resolve,
)

__all__ = ["DRAFTS", "Inclusion", "alike", "is_plain", "without_annotations"]

Schema = Any
#: Answers whether a value is valid under a schema.
Judge = Callable[[Any, Schema], bool]

TYPES: Final = frozenset({"null", "boolean", "number", "string", "array", "object", "integer"})

#: Keywords that ask nothing of a value.
ANNOTATIONS: Final = frozenset(
    {"$schema", "$id", "id", "$comment", "title", "description", "default", "examples", "format",
     "definitions", "$defs", "readOnly", "writeOnly", "deprecated", "contentMediaType",
     "contentEncoding", "$anchor"}
)  # fmt: skip

#: The JSON types that a keyword is about; values of others satisfy it.
CONCERNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"
    ),
    **dict.fromkeys(("minLength", "maxLength", "pattern"), "string"),
    **dict.fromkeys(
        ("items", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains"), "array"
    ),
    **dict.fromkeys(
        ("properties", "patternProperties", "additionalProperties", "propertyNames", "required",
         "minProperties", "maxProperties", "dependencies"),
        "object",
    ),
}  # fmt: skip

_LOWER: Final = ("minLength", "minItems", "minProperties")
_UPPER: Final = ("maxLength", "maxItems", "maxProperties")
#: A proof that needs more steps is given up.
_STEPS: Final = 20_000
_DEEPEST: Final = 60


#: Drafts whose keywords the proofs below know; in others, some mean something else.
DRAFTS: Final = ("draft-06", "draft-07")
#: Keywords that reach beyond what is written beside them.
_REACHING: Final = (
    "$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$anchor", "unevaluatedProperties",
    "unevaluatedItems", "prefixItems", "dependentSchemas", "dependentRequired", "minContains",
    "maxContains",
)  # fmt: skip


def is_plain(document: Any) -> bool:
    """Whether a document is of the kind that can be reasoned about keyword by keyword."""
    left = [document]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            if any(keyword in each for keyword in _REACHING):
                return False
            left += each.values()
        elif isinstance(each, list):
            left += each
    return not has_inner_identifiers(document)


def without_annotations(schema: Any) -> Any:
    """A schema without what asks nothing of a value, as far as it is known where schemas are."""
    if not isinstance(schema, dict):
        return schema
    bare: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in ANNOTATIONS - {"definitions", "$defs", "$schema", "$id", "id", "$anchor"}:
            continue
        if keyword in ("properties", "patternProperties", "definitions", "$defs") and isinstance(
            value, dict
        ):
            bare[keyword] = {name: without_annotations(each) for name, each in value.items()}
        elif keyword in ("items", "additionalProperties", "not", "contains", "propertyNames"):
            bare[keyword] = without_annotations(value)
        elif keyword in ("allOf", "anyOf", "oneOf") and isinstance(value, list):
            bare[keyword] = [without_annotations(each) for each in value]
        else:
            bare[keyword] = value
    return bare


class Inclusion:
    """Proofs between two documents of one draft, one of ``DRAFTS``, both of them plain.

    Args:
        inner: The document whose values are to be accepted.
        outer: The document that is to accept them.
        judge: Answers whether a value is valid under a schema of the outer document.
    """

    def __init__(self, inner: Schema, outer: Schema, judge: Judge) -> None:
        self._inner: Final = inner
        self._outer: Final = outer
        self._judge: Final = judge
        self._steps = 0
        #: References that are being followed, so that a circle ends.
        self._open: set[tuple[int, int]] = set()

    def proven(self) -> bool:
        """Whether the inner document's values are all accepted by the outer one."""
        return self._within(self._inner, self._outer, 0)

    def _within(self, inner: Schema, outer: Schema, depth: int) -> bool:
        self._steps += 1
        if self._steps > _STEPS or depth > _DEEPEST:
            return False
        inner = {} if inner is True else {"not": {}} if inner is False else inner
        if outer is True:
            return True
        if outer is False:
            return self._impossible(inner, depth)
        if not isinstance(inner, dict) or not isinstance(outer, dict):
            return False
        if self._impossible(inner, depth):
            return True
        values = self._listed(inner)
        if values is not None:
            # A part that refers to others cannot be judged by itself.
            alone = not any(references(outer)) or outer is self._outer
            own = not any(references(inner))
            return alone and all(
                self._judge(value, outer)
                for value in values
                if not own or self._judge(value, inner)  # Else it is listed in vain.
            )
        outer_reference = reference_of(outer)
        if outer_reference is not None:
            target = resolve(self._outer, outer_reference)
            pair = (id(inner), id(target))
            if target is None or pair in self._open:
                return False
            self._open.add(pair)
            try:
                if not self._within(inner, target, depth + 1):
                    return False
            finally:
                self._open.discard(pair)
        # In older drafts, what stands beside a reference asks nothing; to prove it does no harm.
        return all(
            self._implies(inner, outer, keyword, depth)
            for keyword in outer
            if keyword not in ANNOTATIONS and keyword != "$ref"
        )

    def _impossible(self, inner: Schema, depth: int) -> bool:
        """Whether no value fits, as far as that is plain to see."""
        if isinstance(inner, dict) and "$ref" in inner:
            return False  # What stands beside a reference asks nothing.
        if inner is False or (isinstance(inner, dict) and inner.get("not") in ({}, True)):
            return True
        return isinstance(inner, dict) and inner.get("enum") == []

    def _listed(self, inner: Mapping[str, Any]) -> list[Any] | None:
        """A finite list that holds all values, if there is one."""
        if "$ref" in inner:
            return None
        if "const" in inner:
            return [inner["const"]]
        enum = inner.get("enum")
        return enum if isinstance(enum, list) else None

    def _implies(
        self, inner: Mapping[str, Any], outer: Mapping[str, Any], keyword: str, depth: int
    ) -> bool:
        """Whether what the inner schema asks implies one keyword of the outer one."""
        facts = list(self._facts(inner, depth))
        concern = CONCERNS.get(keyword)
        if concern is not None and any(not _may_be(fact, concern) for fact in facts):
            return True
        if any(self._implied(fact, outer, keyword, depth) for fact in facts):
            return True
        one = {keyword: outer[keyword], **_companions(outer, keyword)}
        for fact in facts:
            for branches in (fact.get("anyOf"), fact.get("oneOf")):
                every = branches if isinstance(branches, list) else []
                if every and all(self._within(branch, one, depth + 1) for branch in every):
                    return True
        return False

    def _facts(self, inner: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
        """Schemas that all hold for an inner value: itself, its references, its allOf."""
        seen: set[int] = set()
        left: list[Any] = [inner]
        while left and len(seen) < 100:
            each = left.pop()
            if not isinstance(each, dict) or id(each) in seen:
                continue
            seen.add(id(each))
            reference = reference_of(each)
            if reference is not None:
                left.append(resolve(self._inner, reference))
                continue
            yield each
            allof = each.get("allOf")
            left += allof if isinstance(allof, list) else []

    def _implied(
        self, fact: Mapping[str, Any], outer: Mapping[str, Any], keyword: str, depth: int
    ) -> bool:
        value = outer[keyword]
        if keyword in fact and _same(fact, outer, keyword):
            whole = [value, *_companions(outer, keyword).values()]
            if alike(self._inner, self._outer) or not any(references(whole)):
                return True
        if keyword in ("type", "enum", "const", "$ref"):
            return keyword == "type" and _types(fact) <= _allowed(value)
        if keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            return _bounded(fact, keyword, value)
        if keyword in _LOWER:
            return _number(value) and _least(fact, keyword) >= value
        if keyword in _UPPER:
            return _number(value) and _number(fact.get(keyword)) and fact[keyword] <= value
        if keyword == "multipleOf":
            mine = fact.get(keyword)
            # Of other numbers than integers, validators tell multiples by rounded arithmetic.
            return type(mine) is int and type(value) is int and value > 0 and not mine % value
        if keyword == "uniqueItems":
            few = _number(fact.get("maxItems")) and fact["maxItems"] <= 1
            return value is False or few
        if keyword == "required":
            return isinstance(value, list) and set(value) <= set(_texts(fact.get("required")))
        structural = {
            "properties": self._properties,
            "patternProperties": self._pattern_properties,
            "additionalProperties": self._additional,
            "propertyNames": self._one_schema,
            "items": self._items,
            "additionalItems": self._additional_items,
            "contains": self._contains,
            "allOf": self._all_of,
            "anyOf": self._any_of,
        }.get(keyword)
        return structural is not None and structural(fact, outer, keyword, depth)

    # ------------------------------------------------------------------------------------------
    # Keywords that hold schemas

    def _one_schema(self, fact: Any, outer: Any, keyword: str, depth: int) -> bool:
        return self._within(fact.get(keyword, True), outer[keyword], depth + 1)

    def _properties(self, fact: Any, outer: Any, keyword: str, depth: int) -> bool:
        value = outer[keyword]
        return isinstance(value, dict) and all(
            self._member_within(fact, name, schema, depth) for name, schema in value.items()
        )

    def _member_within(self, fact: Any, name: str, schema: Schema, depth: int) -> bool:
        """Whether a member of this name, if it is there, fits a schema."""
        mine = [_object(fact.get("properties")).get(name)]
        for pattern, each in _object(fact.get("patternProperties")).items():
            matches = _matches(pattern, name)
            if matches is None:
                return False
            mine += [each] if matches else []
        applying = [each for each in mine if each is not None]
        if not applying:
            applying = [fact.get("additionalProperties", True)]
        names = fact.get("propertyNames", True)
        if names is False:
            return True
        return any(self._within(each, schema, depth + 1) for each in applying)

    def _pattern_properties(self, fact: Any, outer: Any, keyword: str, depth: int) -> bool:
        value = outer[keyword]
        if not isinstance(value, dict):
            return False
        mine = _object(fact.get("patternProperties"))
        for pattern, schema in value.items():
            if pattern in mine:
                # Whatever name matches here matches there.
                if not self._within(mine[pattern], schema, depth + 1):
                    return False
                continue
            others = [
                *_object(fact.get("properties")).values(),
                *mine.values(),
                fact.get("additionalProperties", True),
            ]
            if not all(self._within(each, schema, depth + 1) for each in others):
                return False
        return True

    def _additional(self, fact: Any, outer: Any, keyword: str, depth: int) -> bool:
        value = outer[keyword]
        declared = _object(outer.get("properties"))
        patterns = _object(outer.get("patternProperties"))
        for name, schema in _object(fact.get("properties")).items():
            known = name in declared or any(_matches(p, name) for p in patterns)
            if not known and not self._within(schema, value, depth + 1):
                return False
        for pattern, schema in _object(fact.get("patternProperties")).items():
            if pattern not in patterns and not self._within(schema, value, depth + 1):
                return False
        if fact.get("propertyNames", True) is False:
            return True
        # A name that is declared there and not here falls under what is additional here.
        return self._within(fact.get("additionalProperties", True), value, depth + 1)

    def _items(self, fact: Any, outer: Any, keyword: str, depth: int) -> bool:
        mine, value = fact.get("items", True), outer[keyword]
        if "prefixItems" in fact or "prefixItems" in outer:
            return False
        if isinstance(value, list):
            return all(
                self._within(_item(fact, at), schema, depth + 1) for at, schema in enumerate(value)
            )
        if isinstance(mine, list):
            rest = fact.get("additionalItems", True)
            return all(self._within(each, value, depth + 1) for each in (*mine, rest))
        return self._within(mine, value, depth + 1)

    def _additional_items(self, fact: Any, outer: Any, keyword: str, depth: int) -> bool:
        first = outer.get("items")
        if "prefixItems" in fact:
            return False
        if not isinstance(first, list):
            return True  # It has no effect beside a single schema.
        mine = fact.get("items")
        longer = range(len(first), len(mine)) if isinstance(mine, list) else ()
        rest = _item(fact, max(len(first), len(mine) if isinstance(mine, list) else 0))
        most = fact.get("maxItems")
        if _number(most) and most <= len(first):
            return True
        every = [*(_item(fact, at) for at in longer), rest]
        return all(self._within(each, outer["additionalItems"], depth + 1) for each in every)

    def _contains(self, fact: Any, outer: Any, keyword: str, depth: int) -> bool:
        if "minContains" in outer or "maxContains" in outer or "contains" not in fact:
            return False
        if "minContains" in fact:
            return False
        return self._within(fact["contains"], outer[keyword], depth + 1)

    def _all_of(self, fact: Any, outer: Any, keyword: str, depth: int) -> bool:
        value = outer[keyword]
        return isinstance(value, list) and all(
            self._within(fact, each, depth + 1) for each in value
        )

    def _any_of(self, fact: Any, outer: Any, keyword: str, depth: int) -> bool:
        value = outer[keyword]
        return isinstance(value, list) and any(
            self._within(fact, each, depth + 1) for each in value
        )


# ----------------------------------------------------------------------------------------------


def _same(fact: Mapping[str, Any], outer: Mapping[str, Any], keyword: str) -> bool:
    """Whether a keyword says the same in both, with what it depends on."""
    if not alike(fact[keyword], outer[keyword]):
        return False
    mine, theirs = _companions(fact, keyword), _companions(outer, keyword)
    return mine.keys() == theirs.keys() and all(alike(mine[k], theirs[k]) for k in mine)


def alike(one: Any, other: Any) -> bool:
    """Equality that tells true from 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


#: Keywords whose meaning depends on others beside them.
_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "additionalProperties": ("properties", "patternProperties"),
    "unevaluatedProperties": ("*",),
    "unevaluatedItems": ("*",),
    "additionalItems": ("items",),
    "items": ("prefixItems",),
    "contains": ("minContains", "maxContains"),
    "minContains": ("contains",),
    "maxContains": ("contains",),
    "if": ("then", "else"),
    "then": ("if",),
    "else": ("if",),
    "minimum": ("exclusiveMinimum",),
    "maximum": ("exclusiveMaximum",),
    "exclusiveMinimum": ("minimum",),
    "exclusiveMaximum": ("maximum",),
}


def _companions(schema: Mapping[str, Any], keyword: str) -> dict[str, Any]:
    beside = _BESIDE.get(keyword, ())
    if beside == ("*",):
        return {k: v for k, v in schema.items() if k != keyword and k not in ANNOTATIONS}
    return {name: schema[name] for name in beside if name in schema}


def _allowed(value: Any) -> frozenset[str]:
    """Types that a ``type`` allows; ``number`` allows integers, too."""
    listed = frozenset(value if isinstance(value, list) else [value]) & TYPES
    return listed | {"integer"} if "number" in listed else listed


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    value = schema.get("type")
    return TYPES if value is None else _allowed(value)


def _may_be(schema: Mapping[str, Any], type: str) -> bool:
    types = _types(schema)
    return type in types or (type == "number" and "integer" in types)


def _number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _bounded(fact: Mapping[str, Any], keyword: str, value: Any) -> bool:
    if not _number(value):
        return False
    below = "inimum" in keyword
    inclusive, exclusive = (
        ("minimum", "exclusiveMinimum") if below else ("maximum", "exclusiveMaximum")
    )
    mine, strict = fact.get(inclusive), fact.get(exclusive)  # Draft 4 has booleans here, too.
    sign = 1 if below else -1
    strictly = keyword == exclusive
    if _number(strict) and sign * strict >= sign * value:
        return True
    return _number(mine) and (sign * mine > sign * value or (not strictly and mine == value))


def _least(fact: Mapping[str, Any], keyword: str) -> float:
    mine = fact.get(keyword)
    least: float = mine if _number(mine) else 0
    if keyword == "minProperties":
        least = max(least, len(set(_texts(fact.get("required")))))
    return float(least)


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _item(fact: Mapping[str, Any], at: int) -> Schema:
    items = fact.get("items", True)
    if isinstance(items, list):
        return items[at] if at < len(items) else fact.get("additionalItems", True)
    return items


def _matches(pattern: str, name: str) -> bool | None:
    """Whether a pattern is found in a name; None if the pattern cannot be read."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return None
