"""What a change of a schema breaks: proven by a payload, disproven, or said to be undecided."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import jsonschema
import pytest

import qartifacts as qa
from qartifacts.registry.compatibility import DIFF_RULES, Audience, Effect, SchemaChange, compare
from qartifacts.registry.compatibility.changes import document_added, document_gone
from qartifacts.registry.references import is_endless
from support import DRAFT_7, ROOT

YES, MAYBE, NO = Effect.YES, Effect.UNDECIDED, Effect.NO


def schema(**keywords: Any) -> dict[str, Any]:
    return {"$schema": DRAFT_7, "$id": "test.v1", **keywords}


def valid(document: dict[str, Any], payload: Any) -> bool:
    contents = {key: value for key, value in document.items() if key != "$schema"}
    return bool(jsonschema.Draft7Validator(contents).is_valid(payload))


#: For each rule: old, new, and who breaks (reader, archive, code).
CASES: list[tuple[str, dict[str, Any], dict[str, Any], Effect, Effect, Effect]] = [
    ("QD101", {"type": "integer"}, {"type": "number"}, YES, NO, YES),
    ("QD101", {"type": ["string", "null"]}, {"type": "string"}, NO, YES, YES),
    ("QD101", {"type": "string"}, {"type": "integer"}, YES, YES, YES),
    ("QD102", {"enum": ["a", "b"]}, {"enum": ["a"]}, NO, YES, YES),
    ("QD102", {"enum": ["a"]}, {"enum": ["a", "b"]}, YES, NO, YES),
    ("QD102", {"const": 1}, {}, YES, NO, YES),
    ("QD102", {"enum": [1, 2]}, {"enum": [2, 1]}, NO, NO, YES),
    ("QD110", {"minimum": 0}, {"minimum": 1}, NO, YES, NO),
    ("QD110", {"minimum": 1}, {"exclusiveMinimum": 0}, YES, NO, NO),
    ("QD111", {"maximum": 1}, {"maximum": 2}, YES, NO, NO),
    ("QD111", {"exclusiveMaximum": 5}, {"maximum": 5}, YES, NO, NO),
    ("QD112", {"type": "integer", "multipleOf": 4}, {"type": "integer", "multipleOf": 2}, YES, NO, NO),
    ("QD120", {"maxLength": 5}, {"maxLength": 4}, NO, YES, NO),
    ("QD120", {}, {"minLength": 1}, NO, YES, NO),
    ("QD121", {"pattern": "^[01]+$"}, {"pattern": "^[0-9]+$"}, MAYBE, MAYBE, NO),
    ("QD121", {"pattern": "^[01]+$"}, {}, YES, NO, NO),
    ("QD122", {"format": "uuid"}, {}, NO, NO, YES),
    ("QD130", {"items": {"type": "string"}}, {}, YES, NO, YES),
    ("QD130", {"items": [True, {"type": "string"}]}, {"items": [True]}, YES, NO, YES),
    ("QD131", {"minItems": 1}, {"minItems": 2}, NO, YES, NO),
    ("QD131", {"maxItems": 2}, {}, YES, NO, NO),
    ("QD132", {"uniqueItems": True}, {}, YES, NO, MAYBE),
    ("QD133", {"contains": {"const": 1}}, {}, YES, NO, NO),
    ("QD140", {"properties": {"a": {"type": "string"}}}, {"properties": {}}, YES, NO, YES),
    ("QD140", {}, {"properties": {"a": {"type": "string"}}}, NO, YES, YES),
    ("QD141", {"required": ["a"]}, {"required": ["a", "b"]}, NO, YES, YES),
    ("QD142", {"additionalProperties": False}, {}, YES, NO, YES),
    ("QD142", {"patternProperties": {"^a": {"type": "string"}}}, {}, YES, NO, YES),
    ("QD143", {}, {"propertyNames": {"maxLength": 1}}, NO, YES, NO),
    ("QD144", {"minProperties": 1}, {"minProperties": 2}, NO, YES, NO),
    ("QD145", {"dependencies": {"a": ["b"]}}, {}, YES, NO, MAYBE),
    ("QD150", {"allOf": [{"type": "string"}, {"minLength": 1}]}, {"allOf": [{"type": "string"}]}, YES, NO, YES),
    ("QD151", {"anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, YES, NO, YES),
    ("QD151", {"oneOf": [{"type": "string"}]}, {}, YES, NO, YES),
    ("QD152", {"not": {"type": "string"}}, {}, YES, NO, MAYBE),
    ("QD153", {"if": {"type": "string"}, "then": {"minLength": 1}}, {}, YES, NO, MAYBE),
    ("QD160", {"$ref": "#/definitions/a", "definitions": {"a": {"type": "string"}}},
     {"definitions": {"a": {"type": "string"}}}, YES, NO, YES),
    ("QD180", {"description": "a"}, {"description": "b"}, NO, NO, NO),
    ("QD181", {"title": "A"}, {"title": "B"}, NO, NO, YES),
    ("QD182", {"default": 1}, {}, NO, NO, YES),
    ("QD190", {}, {"x-unknown": 1}, NO, MAYBE, MAYBE),
]  # fmt: skip


def worst(changes: tuple[SchemaChange, ...], audience: Audience) -> Effect:
    effects = [change.effect(audience) for change in changes]
    return min(effects, key=list(Effect).index)


@pytest.mark.parametrize(("rule", "old", "new", "reader", "archive", "code"), CASES)
def test_every_rule_and_its_witness(
    rule: str,
    old: dict[str, Any],
    new: dict[str, Any],
    reader: Effect,
    archive: Effect,
    code: Effect,
) -> None:
    before, after = schema(**old), schema(**new)
    changes = compare(before, after, name="test")
    assert rule in {change.rule for change in changes}
    for audience, expected in (
        (Audience.READER, reader),
        (Audience.ARCHIVE, archive),
        (Audience.CODE, code),
    ):
        if expected is MAYBE:
            assert worst(changes, audience) is not NO
        else:
            assert worst(changes, audience) is expected, audience
    for change in changes:
        if YES in (change.reader, change.archive):
            assert valid(before, change.witness) is not valid(after, change.witness)


def test_every_code_is_reached_and_documented() -> None:
    reached = {rule for rule, *_ in CASES}
    reached |= {document_added("a").rule, document_gone("a").rule}
    assert set(DIFF_RULES) - reached == {"QD003", "QD100", "QD170", "QD171"}
    page = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
    for rule in DIFF_RULES.values():
        assert f"| {rule.id} | {rule.title} |" in page


def test_the_same_is_no_change() -> None:
    assert compare(schema(type="string"), schema(type="string"), name="test") == ()
    (change,) = compare(schema(const=1), schema(const=True), name="test")
    assert (change.reader, change.archive) == (YES, YES)


def test_changes_that_break_only_together() -> None:
    old = schema(type="integer", maximum=5, enum=[1, 2])
    new = schema(type="integer", maximum=10, enum=[1, 2, 7])
    changes = compare(old, new, name="test")
    together = changes[-1]
    assert (together.rule, together.reader, together.witness) == ("QD003", YES, 7)
    assert all(each.reader is NO for each in changes[:-1])


#: A schema that refuses what no generated candidate holds, so that only a proof could say "safe".
NEVER = {"not": {"type": "string", "pattern": "x{7}"}}
#: Pairs that look alike and are not.
TRAPS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("2020-12",
     {"allOf": [{"$ref": "#/$defs/x"}], "unevaluatedProperties": False,
      "$defs": {"x": {"properties": {"a": True, "bb": True}}}},
     {"allOf": [{"$ref": "#/$defs/x"}], "unevaluatedProperties": False,
      "$defs": {"x": {"properties": {"a": True}}}}),
    ("2020-12",
     {"properties": {"a": {"$dynamicRef": "#n"}}, "$defs": {"n": {"$dynamicAnchor": "n", "type": "string"}}},
     {"properties": {"a": {"$dynamicRef": "#n"}}, "$defs": {"n": {"$dynamicAnchor": "n", "type": "string", **NEVER}}}),
    ("draft-07",
     {"patternProperties": {"^qq[0-9]{4}$": {"$ref": "#/definitions/x"}}, "definitions": {"x": {"const": 1}}},
     {"patternProperties": {"^qq[0-9]{4}$": {"$ref": "#/definitions/x"}}, "definitions": {"x": {"const": True}}}),
    ("draft-04", {"properties": {"a": {"enum": [1]}}}, {"properties": {"a": {"enum": [1], "type": "integer"}}}),
    ("draft-04", {"properties": {"a": {"const": 1}}}, {"properties": {"a": {"const": 1, **NEVER}}}),
    ("draft-04", {"propertyNames": False}, {"propertyNames": False, "additionalProperties": NEVER}),
    ("draft-07",
     {"properties": {"a": {"$ref": "#/definitions/x", "not": {}}}, "definitions": {"x": {}}},
     {"properties": {"a": NEVER}, "definitions": {"x": {}}}),
    ("draft-07",
     {"properties": {"a": {"$id": "http://e/s", "definitions": {"x": {}}, "allOf": [{"$ref": "#/definitions/x"}]}},
      "definitions": {"x": {"type": "integer"}}},
     {"properties": {"a": {"anyOf": [{"type": "integer"}, NEVER]}}, "definitions": {"x": {"type": "integer"}}}),
    ("draft-07",
     {"properties": {"a": {"$ref": "#/definitions/a%62"}}, "definitions": {"ab": {}, "a%62": {"type": "integer"}}},
     {"properties": {"a": {"anyOf": [{"type": "integer"}, NEVER]}}, "definitions": {"ab": {}}}),
    ("draft-07",
     {"properties": {"a": {"$ref": "#/definitions/"}}, "definitions": {"": {}, "type": {"type": "integer"}}},
     {"properties": {"a": NEVER}, "definitions": {"": {}}}),
]  # fmt: skip
URIS = {
    "draft-04": "http://json-schema.org/draft-04/schema#",
    "draft-07": DRAFT_7,
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}


@pytest.mark.parametrize(("draft", "old", "new"), TRAPS)
def test_what_only_looks_safe_is_not_called_so(
    draft: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    changes = compare({"$schema": URIS[draft], **old}, {"$schema": URIS[draft], **new}, name="test")
    assert worst(changes, Audience.ARCHIVE) is not NO


def test_more_changes_than_are_told_one_by_one() -> None:
    def documents(text: str) -> dict[str, Any]:
        return {f"p{number}": {"description": text} for number in range(250)}

    old = schema(properties=documents("a"), title="A")
    changes = compare(old, schema(properties=documents("b"), title="B"), name="test")
    assert (changes[-1].message, changes[-1].code) == ("51 more changes", YES)
    assert worst(changes, Audience.ARCHIVE) is NO


def test_patterns_that_would_hang_are_not_tried() -> None:
    old = schema(pattern="^(a+)+$", enum=["a" * 35 + "b"])
    changes = compare(old, schema(pattern="^(a+)+$"), name="test")
    assert worst(changes, Audience.READER) is MAYBE


def test_a_schema_of_another_kind() -> None:
    old, new = schema(properties={"a": True}), schema(properties={"a": {"type": "string"}})
    (change,) = compare(old, new, name="test")
    assert (change.rule, change.archive, change.pointer) == ("QD100", YES, "/properties/a")


def test_another_draft_is_undecided() -> None:
    old = schema(type="string")
    new = {**old, "$schema": "http://json-schema.org/draft-06/schema#"}
    (change,) = compare(old, new, name="test")
    assert (change.rule, change.reader, change.archive) == ("QD170", MAYBE, MAYBE)
    with pytest.raises(qa.UnusableSchema):
        compare(old, {**old, "$schema": "urn:other"}, name="test")


def test_an_identifier_breaks_no_payload() -> None:
    (change,) = compare(schema(), {**schema(), "$id": "test.v2"}, name="test")
    assert (change.rule, change.reader, change.archive) == ("QD171", NO, NO)


def test_references_are_followed_and_circles_end() -> None:
    tree = {"type": "object", "properties": {"next": {"$ref": "#/definitions/tree"}}}
    old = schema(**{"$ref": "#/definitions/tree"}, definitions={"tree": tree})
    closed = copy.deepcopy(old)
    closed["definitions"]["tree"]["additionalProperties"] = False
    changes = compare(old, closed, name="test")
    assert worst(changes, Audience.ARCHIVE) is YES
    assert worst(changes, Audience.READER) is not YES


def test_hostile_schemas_are_bounded() -> None:
    deep: dict[str, Any] = {}
    for _ in range(150):
        deep = {"properties": {"a": deep}}
    assert compare(schema(**deep), schema(), name="test")
    wide = schema(properties={f"p{number}": {"type": "string"} for number in range(400)})
    changed = schema(properties={f"p{number}": {"type": "number"} for number in range(400)})
    assert 0 < len(compare(wide, changed, name="test")) <= 201
    huge = schema(enum=list(range(30_000)))
    (change,) = compare(huge, schema(enum=[1]), name="test")
    assert change.archive is MAYBE
    endless = schema(allOf=[{"$ref": "#"}])
    (change,) = compare(endless, schema(), name="test")
    assert (change.reader, change.archive) == (MAYBE, MAYBE)
    broken = schema(pattern="(")
    assert worst(compare(broken, schema(), name="test"), Audience.READER) is not NO


def test_a_change_prints_itself() -> None:
    (change,) = compare(schema(minimum=0), schema(minimum=1), name="test")
    assert str(change).startswith('/minimum: QD110 "minimum" was 0 and is 1: breaks ARCHIVE (as ')
    assert change.to_dict()["witness"] == change.witness
    assert json.dumps(change.to_dict())


# ----------------------------------------------------------------------------------------------
# The hunt: is there a payload against a "safe"?

NAMES = ["a", "b", "01", "1"]


def random_value(rng: random.Random, depth: int = 0) -> Any:
    kinds = 9 if depth < 3 else 7
    kind = rng.randrange(kinds)
    if kind == 7:
        return [random_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 8:
        return {name: random_value(rng, depth + 1) for name in rng.sample(NAMES, rng.randrange(4))}
    return [None, rng.random() < 0.5, rng.randrange(-2, 6), rng.choice([0.5, 1.0, 2.5, -0.5]),
            rng.choice(["", "a", "b", "01", "1", "aaaa"]), 0, 1][kind]  # fmt: skip


FIXED: dict[str, list[Any]] = {
    "type": ["integer", "number", "string", "array", "object", "null", "boolean",
             ["integer", "null"], ["string", "array"], ["number", "object"]],
    "multipleOf": [1, 2, 3, 4, 0.5],
    "pattern": ["^a", "^[01]+$", "1", "^$"],
    "uniqueItems": [True, False],
    "title": ["T"],
    "required": [["a"], ["b"], ["a", "b"], ["01"]],
    "$ref": ["#/definitions/d"],
    **{each: [0, 1, 2, 3] for each in (
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
        "minItems", "maxItems", "minProperties", "maxProperties")},
}  # fmt: skip
LISTS = ("allOf", "anyOf", "oneOf")
ONES = ("additionalProperties", "propertyNames", "additionalItems", "contains", "not", "if")
MAPS = ("properties", "patternProperties", "items", "dependencies")


def random_schema(rng: random.Random, depth: int = 0) -> Any:
    if rng.random() < 0.08:
        return rng.random() < 0.7
    keywords = [*FIXED, "enum", "const"]
    if depth < 3:
        keywords += [*LISTS, *ONES, *MAPS, "$ref"] * 2
    chosen = rng.sample(keywords, rng.randrange(4))
    made = {keyword: random_keyword(rng, keyword, depth + 1) for keyword in chosen}
    if "if" in made:
        made["then"], made["else"] = random_schema(rng, depth + 1), random_schema(rng, depth + 1)
    return made


def random_keyword(rng: random.Random, keyword: str, depth: int) -> Any:
    if keyword in FIXED:
        return rng.choice(FIXED[keyword])
    if keyword == "enum":
        return [random_value(rng, 2) for _ in range(rng.randrange(1, 4))]
    if keyword == "const":
        return random_value(rng, 2)
    some = [random_schema(rng, depth) for _ in range(rng.randrange(1, 3))]
    if keyword in LISTS or (keyword == "items" and rng.random() < 0.4):
        return some
    if keyword == "properties":
        return dict(zip(rng.sample(NAMES, len(some)), some, strict=True))
    if keyword == "patternProperties":
        return {rng.choice(["^a", "1", "^0"]): some[0]}
    if keyword == "dependencies":
        return {"a": rng.choice([["b"], some[0]])}
    return some[0]


def mutated(rng: random.Random, document: Any, depth: int = 0) -> Any:
    """A schema with one place changed, which is how schemas really change."""
    if not isinstance(document, dict) or not document or rng.random() < 0.2:
        if isinstance(document, dict) and rng.random() < 0.7:
            extra = random_schema(rng, depth)
            return {**document, **extra} if isinstance(extra, dict) else document
        return random_schema(rng, depth)
    keyword = rng.choice(list(document))
    value = document[keyword]
    changed = dict(document)
    if rng.random() < 0.25:
        del changed[keyword]
    elif (
        isinstance(value, dict)
        and keyword in ("properties", "patternProperties", "definitions")
        and value
    ):
        name = rng.choice(list(value))
        changed[keyword] = {**value, name: mutated(rng, value[name], depth + 1)}
    elif isinstance(value, dict):
        changed[keyword] = mutated(rng, value, depth + 1)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        at = rng.randrange(len(value))
        changed[keyword] = [*value[:at], mutated(rng, value[at], depth + 1), *value[at + 1 :]]
    elif type(value) is int:
        changed[keyword] = max(value + rng.choice([-1, 1]), 1 if keyword == "multipleOf" else 0)
    else:
        extra = random_schema(rng, 3)
        changed.update(extra if isinstance(extra, dict) else {})
    return changed


def hunt(pairs: int, seed: int) -> list[tuple[Any, Any, Any, str]]:
    """Payloads that contradict a "safe"; there should be none."""
    rng = random.Random(seed)
    found = []
    for _ in range(pairs):
        old = random_schema(rng)
        old = {
            **(old if isinstance(old, dict) else {"not": old}),
            "definitions": {"d": random_schema(rng, 2)},
        }
        new = mutated(rng, old)
        new = new if isinstance(new, dict) else {"allOf": [new]}
        if is_endless(old) or is_endless(new):
            continue
        before, after = schema(**old), schema(**new)
        try:
            jsonschema.Draft7Validator.check_schema(after)
            changes = compare(before, after, name="test")
        except jsonschema.SchemaError:
            continue
        reader, archive = (
            [change.effect(audience) for change in changes]
            for audience in (Audience.READER, Audience.ARCHIVE)
        )
        for _ in range(60):
            payload = random_value(rng)
            try:
                was, is_ = valid(before, payload), valid(after, payload)
            except Exception:  # noqa: BLE001  # References to nowhere, circles.
                continue
            if was and not is_ and set(archive) <= {NO}:
                found.append((old, new, payload, "archive"))
            if is_ and not was and set(reader) <= {NO}:
                found.append((old, new, payload, "reader"))
    return found


def test_no_payload_contradicts_a_safe() -> None:
    assert hunt(150, seed=20261121) == []
