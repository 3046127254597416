"""Proofs that one schema's values are within another's: each rule of them, both ways."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from qartifacts.registry.compatibility.inclusion import Inclusion, without_annotations
from qartifacts.registry.references import has_inner_identifiers, is_endless, references, resolve


def judge(value: Any, schema: Any) -> bool:
    return bool(jsonschema.Draft7Validator(schema).is_valid(value))


def within(inner: Any, outer: Any) -> bool:
    return Inclusion(inner, outer, judge).proven()


#: The inner one is proven to be within the outer one, and not the other way round.
PROVEN: list[tuple[Any, Any]] = [
    (False, {"type": "string"}),
    ({"not": {}}, False),
    ({"enum": []}, False),
    ({"type": "string"}, True),
    ({"type": "integer"}, {"type": ["number", "null"]}),
    ({"const": 3}, {"minimum": 2}),
    ({"enum": [1, 2]}, {"type": "integer"}),
    ({"exclusiveMinimum": 1}, {"minimum": 1}),
    ({"minimum": 2}, {"exclusiveMinimum": 1}),
    ({"maximum": 2}, {"exclusiveMaximum": 3}),
    ({"exclusiveMaximum": 2}, {"maximum": 2}),
    ({"multipleOf": 6}, {"multipleOf": 3}),
    ({"maxItems": 1}, {"uniqueItems": True}),
    ({"uniqueItems": True}, {"uniqueItems": False}),
    ({"required": ["a", "b"]}, {"required": ["a"]}),
    ({"required": ["a", "b"]}, {"minProperties": 2}),
    ({"type": "string"}, {"minimum": 5}),
    ({"minLength": 2}, {"minLength": 1}),
    ({"maxLength": 2}, {"maxLength": 3}),
    ({"properties": {"a": {"type": "integer"}}}, {"properties": {"a": {"type": "number"}}}),
    ({"additionalProperties": False}, {"properties": {"a": {"type": "string"}}}),
    ({"patternProperties": {"^a": {"type": "integer"}}}, {"properties": {"ab": {"type": "number"}}}),
    ({"propertyNames": False}, {"properties": {"a": {"type": "string"}}}),
    ({"propertyNames": False}, {"additionalProperties": {"type": "string"}}),
    ({"propertyNames": {"maxLength": 2}}, {"propertyNames": {"maxLength": 3}}),
    ({"patternProperties": {"a": {"type": "integer"}}}, {"patternProperties": {"a": {"type": "number"}}}),
    ({"additionalProperties": {"type": "integer"}}, {"patternProperties": {"a": {"type": "number"}}}),
    ({"additionalProperties": {"type": "integer"}}, {"additionalProperties": {"type": "number"}}),
    ({"properties": {"a": True}, "additionalProperties": False},
     {"properties": {"a": True, "b": True}, "additionalProperties": False}),
    ({"patternProperties": {"^a": True}, "additionalProperties": False},
     {"patternProperties": {"^a": True, "^b": True}, "additionalProperties": False}),
    ({"items": {"type": "integer"}}, {"items": {"type": "number"}}),
    ({"items": [{"type": "integer"}], "additionalItems": {"type": "integer"}}, {"items": {"type": "number"}}),
    ({"items": {"type": "integer"}}, {"items": [{"type": "number"}, {"type": "number"}]}),
    ({"items": [{"type": "integer"}]}, {"items": [{"type": "number"}]}),
    ({"items": [True, {"type": "integer"}], "additionalItems": False},
     {"items": [True], "additionalItems": {"type": "number"}}),
    ({"items": [True], "maxItems": 1}, {"items": [True], "additionalItems": {"type": "number"}}),
    ({"items": {"type": "integer"}}, {"items": {"type": "number"}, "additionalItems": False}),
    ({"contains": {"const": 1}}, {"contains": {"type": "integer"}}),
    ({"type": "integer", "minimum": 1}, {"allOf": [{"type": "number"}, {"minimum": 0}]}),
    ({"allOf": [{"type": "integer"}, {"minimum": 1}]}, {"type": "number", "minimum": 0}),
    ({"type": "string"}, {"anyOf": [{"type": "null"}, {"type": "string"}]}),
    ({"anyOf": [{"type": "integer"}, {"const": 0.5}]}, {"type": "number"}),
    ({"oneOf": [{"type": "integer"}, {"type": "null"}]}, {"type": ["integer", "null"]}),
    ({"$ref": "#/definitions/a", "definitions": {"a": {"type": "integer"}}}, {"type": "number"}),
    ({"type": "integer"}, {"$ref": "#/definitions/a", "definitions": {"a": {"type": "number"}}}),
]  # fmt: skip

#: Not proven, whether true or not.
UNPROVEN: list[tuple[Any, Any]] = [
    ({}, False),
    ("no schema", {"type": "string"}),
    ({"pattern": "^a$"}, {"pattern": "^[ab]$"}),
    ({"multipleOf": 0.5}, {"multipleOf": 0.25}),
    ({"minimum": True}, {"minimum": 0}),
    ({"patternProperties": {"(": True}}, {"properties": {"a": {"type": "string"}}}),
    ({"patternProperties": {"a": True}}, {"additionalProperties": {"type": "string"}}),
    ({"properties": {"a": True}}, {"additionalProperties": {"type": "string"}}),
    ({"properties": {"a": True}}, {"patternProperties": {"a": {"type": "string"}}}),
    ({"patternProperties": {"a": True}}, {"patternProperties": {"a": {"type": "string"}}}),
    ({}, {"patternProperties": "wrong"}),
    ({"prefixItems": [True]}, {"items": {"type": "string"}}),
    ({"prefixItems": [True]}, {"items": [True], "additionalItems": {"type": "string"}}),
    ({"contains": {}, "minContains": 0}, {"contains": {}, "maxItems": 3}),
    ({}, {"contains": {}}),
    ({"type": "integer"}, {"$ref": "http://elsewhere"}),
    ({"type": "integer"}, {"$ref": "#/definitions/none"}),
    ({"$ref": "#"}, {"$ref": "#", "minimum": 1}),
    ({"oneOf": [{}]}, {"oneOf": [True]}),
]


@pytest.mark.parametrize(("inner", "outer"), PROVEN)
def test_proven(inner: Any, outer: Any) -> None:
    assert within(inner, outer)


@pytest.mark.parametrize(("inner", "outer"), UNPROVEN)
def test_not_proven(inner: Any, outer: Any) -> None:
    assert not within(inner, outer)


def test_a_proof_that_is_too_long_is_given_up() -> None:
    deep: Any = {"type": "string"}
    for _ in range(100):
        deep = {"items": deep}
    assert not within({"items": {}}, deep)
    wide = {"anyOf": [{"minimum": number} for number in range(300)]}
    assert not within({"allOf": [wide, wide]}, {"allOf": [{"anyOf": [{"maximum": 1}] * 300}] * 300})


def test_annotations_ask_nothing() -> None:
    one = {
        "title": "A",
        "properties": {"title": {"description": "x", "type": "string"}},
        "anyOf": [{"default": 1}],
    }
    other = {"properties": {"title": {"type": "string"}}, "anyOf": [{}]}
    assert without_annotations(one) == other
    assert without_annotations(True) is True


class TestReferences:
    def test_where_they_are(self) -> None:
        document = {"a": [{"$ref": "#/x"}], "b": {"$dynamicRef": "#y", "$ref": 1}}
        assert sorted(references(document)) == ["#/x", "#y"]

    def test_where_they_lead(self) -> None:
        document = {"a/b": [1, {"~": 2}], "": 3}
        assert resolve(document, "#") is document
        assert resolve(document, "#/a~1b/1/~0") == 2
        assert resolve(document, "#/") == 3
        for nowhere in ("#a", "#/a", "#/a~1b/7", "#/a~1b/x", "x#/a", "#/%20"):
            assert resolve(document, nowhere) is None

    def test_circles(self) -> None:
        assert is_endless({"$ref": "#"})
        assert is_endless(
            {"if": {"$ref": "#/definitions/a"}, "definitions": {"a": {"not": {"$ref": "#"}}}}
        )
        assert is_endless({"dependencies": {"a": {"$ref": "#"}, "b": ["a"]}})
        assert not is_endless({"items": {"$ref": "#"}, "properties": {"a": {"$ref": "#"}}})

    def test_identifiers_within(self) -> None:
        assert has_inner_identifiers({"items": {"$id": "x"}})
        assert not has_inner_identifiers({"$id": "x", "properties": {"$id": {"type": "string"}}})
