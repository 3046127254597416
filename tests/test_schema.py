"""Violations of a pinned schema: every keyword has a code, a place, and few words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.registry import dialect_of
from qartifacts.validate.proofs import Proofs
from qartifacts.validate.schema import _adapted
from support import DRAFT_7, MakeRegistry

NEWEST = "https://json-schema.org/draft/2020-12/schema"
RECURSIVE = {"$ref": "#"}

KEYWORDS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"type": "object"}, "[]", ["QA101@1:1"]),
    ({"type": ["object", "null"]}, "[1]", ["QA101@1:1"]),
    ({"items": {"type": "integer"}}, '[1, "a", 1.5, true, 2.0]', ["QA101@1:5", "QA101@1:10", "QA101@1:15"]),
    ({"items": {"type": "null"}}, "[null, 0]", ["QA101@1:8"]),
    ({"required": ["a", "b", "c"]}, '{"b": 1}', ["QA102@1:1", "QA102@1:1"]),
    ({"additionalProperties": False, "properties": {"a": {}}}, '{"a": 1, "b": 2, "c": 3}', ["QA103@1:10", "QA103@1:18"]),
    ({"additionalProperties": False, "patternProperties": {"^x": {}}}, '{"xa": 1, "b": 2}', ["QA103@1:11"]),
    ({"additionalProperties": {"minimum": 2}}, '{"a": 1}', ["QA105@1:7"]),
    ({"enum": [1, "a", None]}, "2", ["QA104@1:1"]),
    ({"const": {"a": 1}}, "{}", ["QA104@1:1"]),
    ({"minimum": 1}, "0", ["QA105@1:1"]),
    ({"maximum": 1}, "1e300", ["QA105@1:1"]),
    ({"exclusiveMinimum": 1}, "1", ["QA105@1:1"]),
    ({"exclusiveMaximum": 1}, "1" + "0" * 40, ["QA105@1:1"]),
    ({"multipleOf": 2}, "3", ["QA105@1:1"]),
    ({"pattern": "^a"}, '"b"', ["QA106@1:1"]),
    ({"propertyNames": {"pattern": "^[01]+$"}}, '{"01": 1, "2": 2}', ["QA106@1:11"]),
    ({"propertyNames": {"maxLength": 1}}, '{"ab": {}}', ["QA106@1:2"]),
    ({"properties": {"propertyNames": {"type": "integer"}}}, '{"propertyNames": "x"}', ["QA101@1:19"]),
    ({"properties": {"a": {"propertyNames": {"enum": ["b"]}}}}, '{"a": {"b": 1, "c": 2}}', ["QA106@1:16"]),
    ({"minLength": 2}, '"a"', ["QA107@1:1"]),
    ({"maxLength": 2}, '"abc"', ["QA107@1:1"]),
    ({"minItems": 1}, "[]", ["QA107@1:1"]),
    ({"maxItems": 1}, "[1, 2]", ["QA107@1:1"]),
    ({"uniqueItems": True}, "[1, 1]", ["QA107@1:1"]),
    ({"minProperties": 1}, "{}", ["QA107@1:1"]),
    ({"maxProperties": 0}, '{"a": 1}', ["QA107@1:1"]),
    ({"contains": {"const": 1}}, "[2]", ["QA107@1:1"]),
    ({"$schema": NEWEST, "contains": {"const": 1}, "maxContains": 1}, "[1, 1]", ["QA107@1:1"]),
    ({"items": [{}], "additionalItems": False}, "[1, 2]", ["QA107@1:1"]),
    ({"$schema": NEWEST, "unevaluatedItems": False}, "[1]", ["QA107@1:1"]),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "1", ["QA108@1:1"]),
    ({"oneOf": [{"type": "object", "required": ["a"]}, {"type": "null"}]}, "{}", ["QA108@1:1"]),
    ({"oneOf": [{}, {}]}, "1", ["QA108@1:1"]),
    ({"not": {"type": "string"}}, '"a"', ["QA108@1:1"]),
    ({"if": {"type": "string"}, "then": {"minLength": 1}}, '""', ["QA107@1:1"]),
    ({"dependencies": {"a": ["b"]}}, '{"a": 1}', ["QA109@1:1"]),
    ({"$schema": NEWEST, "dependentRequired": {"a": ["b"]}}, '{"a": 1}', ["QA109@1:1"]),
    ({"$schema": NEWEST, "unevaluatedProperties": False}, '{"a": 1}', ["QA103@1:1"]),
    # The reference implementation tells no path of what the schema false refuses.
    ({"properties": {"a": False}}, '{"a": 1}', ["QA199@1:1"]),
    ({"properties": {"a": {"items": {"type": "string"}}}}, '{"a":\n ["x",\n  3]}', ["QA101@3:3"]),
    # The most telling first: outer before inner, then in the order of the text.
    (
        {"required": ["z"], "properties": {"a": {"items": {"type": "null"}}, "b": {"type": "null"}}},
        '{"a": [1, 2], "b": 3}',
        ["QA102@1:1", "QA101@1:20", "QA101@1:8", "QA101@1:11"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "text", "expected"), KEYWORDS)
def test_keywords(
    make_registry: MakeRegistry, schema: dict[str, Any], text: str, expected: list[str]
) -> None:
    registry = make_registry({"a.v1": {"$schema": DRAFT_7, **schema}})
    report = qa.check(text.encode(), format="a.v1", registry=registry)
    assert [f"{each.code}@{each.line}:{each.column}" for each in report.findings] == expected
    assert not qa.validator("a.v1", registry=registry).is_valid(text.encode())
    for finding in report.findings:
        assert len(finding.message) < 250
        assert finding.message.isprintable()


def test_words_say_what_was_asked_and_what_is_there(make_registry: MakeRegistry) -> None:
    def message(schema: dict[str, Any], text: str) -> str:
        registry = make_registry({"a.v1": {"$schema": DRAFT_7, **schema}})
        return qa.check(text.encode(), format="a.v1", registry=registry).findings[0].message

    assert message({"type": "object"}, '["a"]') == "expected an object, found an array"
    assert message({"required": ["a", "b"]}, '{"a": 1}') == 'the member "b" is missing'
    assert message({"dependencies": {"a": ["b"]}}, '{"a": 1}') == 'the member "b" is missing'
    assert message({"enum": ["ms", "zz"]}, '"h"') == '"h" is not one of "ms", "zz"'
    assert message({"minimum": 0}, "-1") == "-1 does not satisfy minimum 0"
    variants = [{"type": "null"}, {"properties": {"a": {"items": {"type": "integer"}}}}]
    assert message({"anyOf": variants}, '{"a": ["x"]}') == (
        'no variant fits; the closest asks: expected an integer, found the string "x" (at /a/0)'
    )
    variants = [{"type": "null"}, {"type": "object", "required": ["a"]}]
    assert message({"oneOf": variants}, "{}") == (
        'no variant fits; the closest asks: the member "a" is missing'
    )


def test_messages_do_not_quote_whole_files(make_registry: MakeRegistry) -> None:
    registry = make_registry(
        {"a.v1": {"$schema": DRAFT_7, "additionalProperties": {"type": "null"}}}
    )
    long = "x" * 1_000_000
    report = qa.check(f'{{"{long}": "{long}"}}'.encode(), format="a.v1", registry=registry)
    assert len(report.findings[0].message) < 120
    assert len(report.findings[0].pointer) < 220


def test_a_schema_that_refers_to_itself_is_followed_or_told(make_registry: MakeRegistry) -> None:
    schema = {
        "$schema": DRAFT_7,
        "type": "array",
        "items": {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]},
    }
    validator = qa.validator("a.v1", registry=make_registry({"a.v1": schema}))
    assert validator.check(b"[[[]]]").ok
    settings = qa.Settings(max_depth=200)
    deep = qa.validator("a.v1", registry=make_registry({"a.v1": schema}), settings=settings)
    assert deep.check(b"[" * 30 + b"]" * 30).ok
    report = deep.check(b"[" * 200 + b"]" * 200)
    assert [finding.code for finding in report.findings] == ["QA014"]


def test_the_dialect_is_not_looked_up_again(make_registry: MakeRegistry) -> None:
    """Through a reference to itself a schema is still adapted, by whichever name it states draft 7."""
    for uri in (DRAFT_7, "http://json-schema.org/draft-07/schema#"):
        schema = {
            "$schema": uri,
            "propertyNames": {"pattern": "^[ab]$"},
            "additionalProperties": {"$ref": "#"},
        }
        registry = make_registry({"a.v1": schema})
        report = qa.check(b'{"a": {"b": {"c": {}}}}', format="a.v1", registry=registry)
        assert [(each.code, each.pointer, each.column) for each in report.findings] == [
            ("QA106", "/a/b/c", 14)
        ]


SCHEMAS = [
    {"items": {"type": "integer"}},
    {"items": {"type": "number", "description": "x"}},
    {"items": {"type": "string"}},
    {"items": {"type": ["integer", "null"]}},
    {"items": {"type": "integer", "maximum": 1}},
    {"items": {"type": "boolean"}},
    {"items": [{"type": "integer"}]},
    {"items": True},
    {"additionalProperties": {"type": "number"}},
    {"additionalProperties": {"type": "string"}, "properties": {"a": {"type": "null"}}},
    {"additionalProperties": False},
]
SCALARS: st.SearchStrategy[Any] = st.sampled_from(
    [0, 1, 7, 1.0, 1.5, True, False, None, "", "a", [], {}]
)
PAYLOADS = st.lists(SCALARS) | st.dictionaries(st.sampled_from("abc"), SCALARS) | SCALARS


@given(st.sampled_from(SCHEMAS), PAYLOADS)
def test_glances_never_change_the_verdict(schema: dict[str, Any], payload: Any) -> None:
    """What is accepted at a glance is what the reference implementation accepts."""
    for uri in ("http://json-schema.org/draft-04/schema#", DRAFT_7, NEWEST):
        dialect = dialect_of({"$schema": uri}, "this test")
        reference = dialect.validator_class()
        if not reference(reference.META_SCHEMA).is_valid(schema):
            continue
        adapted = _adapted(reference, Proofs(schema, dialect))
        theirs = [
            (e.message, list(e.absolute_path)) for e in reference(schema).iter_errors(payload)
        ]
        ours = [(e.message, list(e.absolute_path)) for e in adapted(schema).iter_errors(payload)]
        # Members come in the order of a set from there, and in their own from here.
        assert sorted(ours, key=repr) == sorted(theirs, key=repr)


def test_members_are_told_of_in_the_order_of_the_payload(make_registry: MakeRegistry) -> None:
    """By itself, the reference implementation goes through them in an order of its own."""
    schema = {"$schema": DRAFT_7, "additionalProperties": {"type": "string"}}
    registry = make_registry({"a.v1": schema})
    names = [f"{number:x}" for number in range(100, 0, -1)]
    settings = qa.Settings(max_violations=30)
    report = qa.check(dict.fromkeys(names, 1), format="a.v1", registry=registry, settings=settings)
    assert [finding.pointer for finding in report.findings] == [f"/{name}" for name in names[:30]]
