"""Proofs that a schema accepts a value: they may never say so wrongly, and say so where they should."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
import referencing
import referencing.exceptions
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.registry import Dialect, dialect_of
from qartifacts.registry.compatibility.inclusion import ANNOTATIONS
from qartifacts.validate.proofs import Proofs, surely_valid, typed_decoder
from qartifacts.validate.proofs.scope import ANNOTATIONS as SILENT
from qartifacts.validate.schema import _adapted, _Name
from strategies import H1, H2, MUTATIONS, NATIVE, P2, PAYLOADS, S1, S2, Mutation
from support import DRAFT_7

DIALECTS = {
    dialect.name: dialect
    for uri in (
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        DRAFT_7,
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    )
    for dialect in (dialect_of({"$schema": uri}, "this test"),)
}
DRAFT_4, NEWEST = DIALECTS["draft-04"], DIALECTS["2020-12"]
BOTH_ENDS = pytest.mark.parametrize("dialect", [DIALECTS["draft-07"], NEWEST], ids=lambda d: d.name)
EVERY_DIALECT = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda d: d.name)

# ----------------------------------------------------------------------------------------------
# Schemas, and values that are near to what they accept

TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]
NUMBERS = st.sampled_from(
    [0, 1, -1, 2, 3, 0.0, -0.0, 1.0, 0.5, 1.5, 1e300, 2**53, 2**53 + 1, 2**64]
)
TEXTS = st.sampled_from(["", "a", "b", "ab", "ba", "é😀", "\n"])
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
MEMBERS = st.sampled_from(["a", "b", "ab", "é"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=3),
    max_leaves=5,
)
BOUNDS = st.sampled_from([0, 1, -1, 0.5, 1.0, 2**53, 2**53 + 1])
SIZES = st.integers(0, 2)


def _keywords(dialect: Dialect, inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """What the proofs know all of."""
    several = st.lists(inner, min_size=1, max_size=3)
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, unique=True),
        "enum": st.lists(SCALARS, min_size=1, max_size=4, unique_by=lambda each: (str(type(each)), each)),
        "items": inner,
        "properties": st.dictionaries(MEMBERS, inner, max_size=3),
        "required": st.lists(MEMBERS, min_size=1, max_size=2, unique=True),
        "additionalProperties": st.booleans() | inner,
        "pattern": st.sampled_from(["^a", "b$", "^[ab]*$", "^.$"]),
        "allOf": several,
        "anyOf": several,
        "title": st.just("a title"),
        **dict.fromkeys(("minimum", "maximum"), BOUNDS),
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), SIZES),
        **dict.fromkeys(("minProperties", "maxProperties"), SIZES),
    }  # fmt: skip
    if dialect is not DRAFT_4:
        keywords |= {
            "const": SCALARS,
            "propertyNames": inner,
            "exclusiveMinimum": BOUNDS,
            "exclusiveMaximum": BOUNDS,
        }
    return keywords


def _other_keywords(inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """What the proofs know in part, or not at all; some of it has no meaning in some drafts."""
    several = st.lists(inner, min_size=1, max_size=3)
    return {
        "$id": st.just("elsewhere"),
        "$ref": st.sampled_from(["#", "#/definitions/a", "#/definitions/b", "#/definitions/none"]),
        "additionalItems": inner,
        "const": VALUES,
        "contains": inner,
        "dependencies": st.dictionaries(MEMBERS, inner, max_size=2),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "exclusiveMinimum": st.booleans(),
        "if": inner,
        "items": several,
        "multipleOf": st.sampled_from([2, 0.5]),
        "not": inner,
        "oneOf": several,
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), inner, max_size=2),
        "prefixItems": several,
        "then": inner,
        "unevaluatedItems": inner,
        "unevaluatedProperties": inner,
        "uniqueItems": st.booleans(),
    }


@st.composite
def schemas(draw: st.DrawFn, dialect: Dialect, *, wild: bool, depth: int = 0) -> Any:
    # Draft 4 has no schemas that are true or false.
    if dialect is not DRAFT_4 and draw(st.integers(0, 9)) == 9:
        return draw(st.booleans())
    if depth > 2:
        return {"type": draw(st.sampled_from(TYPES))}
    inner = st.deferred(lambda: schemas(dialect, wild=wild, depth=depth + 1))
    keywords = _keywords(dialect, inner)
    if wild:
        for keyword, values in _other_keywords(inner).items():
            keywords[keyword] = keywords[keyword] | values if keyword in keywords else values
    chosen = draw(st.lists(st.sampled_from(sorted(keywords)), max_size=3, unique=True))
    return {keyword: draw(keywords[keyword]) for keyword in chosen}


@st.composite
def documents(draw: st.DrawFn, dialect: Dialect, *, wild: bool) -> Any:
    document = draw(schemas(dialect, wild=wild).filter(lambda each: isinstance(each, dict)))
    if wild:
        each = schemas(dialect, wild=True, depth=1)
        document["definitions"] = {"a": draw(each), "b": draw(each)}
    return document


@st.composite
def near(draw: st.DrawFn, schema: Any, document: Any, depth: int = 0) -> Any:
    """A value that the schema may well accept."""
    if not isinstance(schema, dict) or depth > 6 or draw(st.integers(0, 9)) == 9:
        return draw(VALUES)

    def within(part: Any) -> Any:
        return draw(near(part, document, depth + 1))

    if isinstance(schema.get("$ref"), str):
        name = schema["$ref"].rpartition("/")[2]
        return within(document.get("definitions", {}).get(name, document))
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    branches = [each for name in ("allOf", "anyOf", "oneOf") for each in schema.get(name, [])]
    if draw(st.booleans()) and branches:
        return within(draw(st.sampled_from(branches)))
    of_object = {"properties", "required", "additionalProperties", "propertyNames"} & schema.keys()
    of_array = {"items", "minItems", "maxItems"} & schema.keys()
    types = schema.get("type", "object" if of_object else "array" if of_array else TYPES)
    match draw(st.sampled_from([types] if isinstance(types, str) else types)):
        case "null":
            return None
        case "boolean":
            return draw(st.booleans())
        case "integer" | "number":
            bounds = [schema[name] for name in schema if name.endswith("imum")]
            bound = draw(st.sampled_from([0, *bounds]))
            return draw(st.sampled_from([bound, bound - 1, bound + 1, bound + 0.5, float(bound)]))
        case "string":
            return draw(TEXTS)
        case "array":
            items = schema.get("items", True)
            return [
                within(items[at % len(items)] if isinstance(items, list) and items else items)
                for at in range(draw(st.integers(0, 3)))
            ]
    properties = schema.get("properties", {})
    names = [*schema.get("required", []), *draw(st.lists(MEMBERS, max_size=2)), *properties]
    others = schema.get("additionalProperties", True)
    return {name: within(properties.get(name, others)) for name in dict.fromkeys(names)}


def reference(document: Any, dialect: Dialect) -> Any:
    pinned: referencing.Registry[Any] = referencing.Registry()  # Without anything to look up.
    return dialect.validator_class()(document, registry=pinned)


def accepted(document: Any, dialect: Dialect, value: Any) -> bool:
    try:
        return bool(reference(document, dialect).is_valid(value))
    except (RecursionError, referencing.exceptions.Unresolvable):
        return False


def _is_schema(document: Any, dialect: Dialect) -> bool:
    return bool(dialect.validator_class()(dialect.validator_class().META_SCHEMA).is_valid(document))


# ----------------------------------------------------------------------------------------------
# Proofs of values


@EVERY_DIALECT
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_proven_is_accepted(dialect: Dialect, data: st.DataObject) -> None:
    document = data.draw(documents(dialect, wild=True))
    assume(_is_schema(document, dialect))
    surely = surely_valid(document, dialect)
    for value in data.draw(st.lists(near(document, document), min_size=3, max_size=6)):
        assert not surely(value) or accepted(document, dialect, value)


@EVERY_DIALECT
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_of_simple_keywords_everything_is_proven(dialect: Dialect, data: st.DataObject) -> None:
    document = data.draw(documents(dialect, wild=False))
    assert _is_schema(document, dialect)
    surely = surely_valid(document, dialect)
    values = data.draw(st.lists(near(document, document), min_size=3, max_size=6))
    for value in values:
        assert surely(value) == accepted(document, dialect, value)
    assert surely.every(values) == all(map(surely, values))


@EVERY_DIALECT
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_asked_of_the_reference_alone_changes_no_error(
    dialect: Dialect, data: st.DataObject
) -> None:
    document = data.draw(documents(dialect, wild=True))
    assume(_is_schema(document, dialect))
    adapted = _adapted(dialect.validator_class(), Proofs(document, dialect))
    ours = adapted(document, registry=referencing.Registry())
    for value in data.draw(st.lists(near(document, document), min_size=2, max_size=4)):
        try:
            expected = told(reference(document, dialect).iter_errors(value))
        except (RecursionError, referencing.exceptions.Unresolvable):
            continue
        assert told(ours.iter_errors(value)) == expected


def told(errors: Iterator[Any]) -> list[Any]:
    """What errors say, in their order; but members of one object, which come in that of a set."""
    found = [
        (
            [each for each in error.absolute_path if not isinstance(each, _Name)],
            error.message,
            list(error.absolute_schema_path),
            told(error.context),
        )
        for error in errors
    ]
    return sorted(found, key=lambda each: [str(token) for token in each[0]])


#: Schemas with values that are proven, and values that are not, be it that nothing is known.
PROVEN: list[tuple[Any, list[Any], list[Any]]] = [
    # True is not 1, and 1.0 is.
    ({"enum": [1, "a"]}, [1, 1.0, "a"], [True, "1", 0]),
    ({"enum": [True]}, [True], [1, 1.0, False]),
    ({"enum": [0]}, [0, 0.0, -0.0], [False, None]),
    ({"enum": [None]}, [None], [False, 0, ""]),
    ({"const": False}, [False], [0, None]),
    ({"enum": [1.0]}, [1, 1.0], [True]),
    ({"enum": [2**53 + 1]}, [2**53 + 1], [2**53, float(2**53)]),
    # Of containers nothing is known, and of others in the list it is.
    ({"enum": [[1], "a"]}, ["a"], [[1], [True], [2]]),
    ({"const": {"a": 1}}, [], [{"a": 1}, {}]),
    # Whole numbers that are written as doubles, and booleans, which are no numbers.
    ({"type": "integer"}, [1, 1.0, -0.0, 2**70], [1.5, True, "1", float("inf"), float("nan")]),
    ({"type": "number"}, [1, 1.5], [True, None]),
    ({"type": ["integer", "null"]}, [None, 3.0], [0.5, False]),
    ({"type": ["integer", "number"]}, [0.5], ["a"]),
    ({"items": {"type": "integer", "minimum": 1}}, [[1, 2.0], []], [[1, 0], [1.5], [1, True], [0.0]]),
    # Bounds, also where numbers of two Python types come together.
    ({"minimum": 2**53 + 1}, [2**53 + 1, "a", None], [2**53, float(2**53)]),
    ({"exclusiveMaximum": 1}, [0.9999, -5], [1, 1.0, 2]),
    ({"items": {"minimum": 0}}, [[0, 0.5, "a", None], [-0.0]], [[1, -0.5], [1.0, -1, "a"]]),
    ({"minimum": 0}, [], [float("nan")]),
    ({"items": {"minimum": 0}}, [], [[float("nan"), 1.0], [float("nan"), -1]]),
    ({"additionalProperties": {"maximum": 1}}, [{"a": 1, "b": 0.5}], [{"a": 1, "b": 1.5}]),
    # Sizes count characters, and names.
    ({"minLength": 2}, ["ab", "é😀", 1], ["😀", ""]),
    ({"items": {"maxLength": 1}}, [["a", "😀", ""], [1]], [["a", "ab"]]),
    ({"minItems": 1, "maxItems": 1}, [[1], {}], [[], [1, 2]]),
    ({"minProperties": 1, "maxProperties": 1}, [{"a": 1}, []], [{}, {"a": 1, "b": 2}]),
    ({"maxLength": 2.0}, ["ab"], ["abc"]),
    # Objects.
    ({"required": ["a"]}, [{"a": None}, {"a": 1, "b": 2}, []], [{}, {"b": 1}]),
    ({"properties": {"a": False}}, [{}, {"b": 1}], [{"a": 1}]),
    ({"properties": {"a": {}}, "additionalProperties": False}, [{"a": 1}, {}], [{"b": 1}]),
    (
        {"properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "integer"}},
        [{"a": "x", "b": 1}, {"b": 2}],
        [{"a": 1}, {"a": "x", "b": "x"}],
    ),
    ({"propertyNames": {"maxLength": 1}}, [{"a": 1}, {}, "ab"], [{"ab": 1}]),
    ({"propertyNames": False}, [{}], [{"a": 1}]),
    ({"propertyNames": {"pattern": "^[01]+$"}}, [{"01": 1}, {"1\n": 1}], [{"2": 1}]),
    ({"pattern": "b"}, ["abc", 1], ["a"]),
    ({"items": False}, [[], {}], [[1]]),
    # What stands beside an unknown keyword is not known, and what stands elsewhere is.
    ({"type": "string", "unknown": 1}, [], ["a"]),
    ({"properties": {"a": {"unknown": 1}}}, [{}, {"b": 1}, 3], [{"a": 1}]),
    ({"patternProperties": {"a": {}}, "additionalProperties": False}, [], [{"a": 1}]),
    ({"type": "string", "format": "uuid", "description": "x", "default": 7}, ["x"], [7]),
    # Combinations.
    ({"allOf": [{"type": "integer"}, {"minimum": 1}]}, [1], [0, 1.5, "a"]),
    ({"anyOf": [{"type": "string"}, {"minimum": 1}]}, ["a", 1, None], [0]),
    ({"items": {"anyOf": [{"maximum": 1}, {"minimum": 3}]}}, [[0, 3, 5, 0.5]], [[0, 2], [2.5]]),
    ({"anyOf": [{"unknown": 1}, {"type": "string"}]}, ["a"], [1]),
    ({"oneOf": [{"type": "string"}, {"type": "number", "minimum": 1}]}, ["a", 1], [0, None]),
    ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, [], [1, 1.0, "a"]),
    ({"oneOf": [{"const": "a"}, {"enum": ["b", 1]}]}, ["a", "b", 1.0], [True, "c"]),
    ({"oneOf": [{"enum": [True]}, {"enum": [1]}]}, [True, 1, 1.0], [0]),
    ({"oneOf": [{"type": "string"}, {"unknown": 1}]}, [], ["a"]),
    (
        {
            "definitions": {"a": {"required": ["a"]}, "b": {"allOf": [{"required": ["b"]}]}},
            "oneOf": [{"$ref": "#/definitions/a"}, {"$ref": "#/definitions/b"}],
        },
        [{"a": 1}, {"b": 1}],
        [{"a": 1, "b": 1}, {}, 1],
    ),
    ({"oneOf": [{"type": "string"}, {"type": "string"}]}, [], ["a"]),
    ({"oneOf": [{"type": "string"}, False]}, ["a"], [1]),
    ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, [{"a": 1}], [{"a": 1, "b": 1}, {}]),
    (
        {
            "oneOf": [
                {"properties": {"gate": {"const": "ms"}}, "required": ["gate", "phases"]},
                {"properties": {"gate": {"enum": ["gpi", 1]}}, "required": ["gate", "phase"]},
            ]
        },
        [{"gate": "ms", "phases": []}, {"gate": "gpi", "phase": 1}, {"gate": 1.0, "phase": 1}],
        [{"gate": "ms"}, {"gate": True, "phase": 1}, {"phase": 1, "phases": []}, 1],
    ),
]  # fmt: skip


@BOTH_ENDS
@pytest.mark.parametrize(("schema", "proven", "unproven"), PROVEN)
def test_proven(dialect: Dialect, schema: Any, proven: list[Any], unproven: list[Any]) -> None:
    surely = surely_valid(schema, dialect)
    for value in proven:
        assert surely(value), value
        assert surely.every([value, value])
        assert accepted(schema, dialect, value), value
    for value in unproven:
        assert not surely(value), value
        assert not surely.every([*proven, value])
    assert surely.every(proven)
    assert surely.every([])


def test_draft_4() -> None:
    """It has no 1.0 among its integers, and other keywords."""
    integer = surely_valid({"type": "integer"}, DRAFT_4)
    assert integer(1)
    assert not integer(1.0)
    assert not integer.every([1, 1.0])
    for schema in (
        {"minimum": 0, "exclusiveMinimum": True},
        {"minimum": 0, "exclusiveMinimum": False},
        {"const": 1},
        {"propertyNames": {"maxLength": 1}},
        {"items": True},
    ):
        assert not surely_valid(schema, DRAFT_4)(1)
    # What it does not know asks nothing of what does not have it.
    assert surely_valid({"properties": {"a": {"const": 1}}}, DRAFT_4)({})
    # It does not refuse by a keyword that it does not know, either.
    both = {"oneOf": [{"type": "string"}, {"allOf": [{"type": "string"}, {"const": "a"}]}]}
    assert not surely_valid(both, DRAFT_4)("b")


class TestReferences:
    def test_what_stands_beside_them(self) -> None:
        document = {
            "definitions": {"text": {"type": "string"}},
            "items": {"$ref": "#/definitions/text", "maxLength": 1},
        }
        for name, dialect in DIALECTS.items():
            assert surely_valid(document, dialect)(["a"])
            old = name.startswith("draft-")
            assert surely_valid(document, dialect)(["ab"]) is old
            assert accepted(document, dialect, ["ab"]) is old

    @BOTH_ENDS
    def test_that_lead_elsewhere(self, dialect: Dialect) -> None:
        for there in ("b.v1", "#text", "#/definitions/none", "#/title", "#/definitions/a%20b", 7):
            document = {
                "title": "A",
                "definitions": {"a b": {}},
                "properties": {"a": {"$ref": there}},
            }
            assert surely_valid(document, dialect)({})
            assert not surely_valid(document, dialect)({"a": 1})

    def test_that_start_from_another_identifier(self) -> None:
        text = {"definitions": {"a": {"type": "string"}}}
        part = {
            "$id": "part",
            "definitions": {"a": {"type": "null"}},
            "items": {"$ref": "#/definitions/a"},
        }
        document = {**text, "properties": {"b": part}, "items": {"$ref": "#/definitions/a"}}
        surely = surely_valid(document, NEWEST)
        assert not surely({"b": [None]})
        assert not surely({"b": ["x"]})
        assert not surely(["x"])
        # Where references start from anything else, none is followed.
        old = {"definitions": {"a": {}, "b": {"id": "part"}}, "items": {"$ref": "#/definitions/a"}}
        assert surely_valid(old, NEWEST)([1])
        assert not surely_valid(old, DRAFT_4)([1])

    @BOTH_ENDS
    def test_to_the_whole_document(self, dialect: Dialect) -> None:
        document = {"$schema": "said", "$id": "a.v1", "type": "array", "items": {"$ref": "#"}}
        surely = surely_valid(document, dialect)
        assert surely([[], [[]]])
        assert not surely([[], [1]])

    def test_of_other_dialects_within(self) -> None:
        """``jsonschema`` goes on in the dialect that a part states."""
        part = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer"}
        assert not surely_valid({"properties": {"a": part}}, NEWEST)({"a": 1.0})

    def test_that_go_in_circles(self) -> None:
        assert not surely_valid({"$ref": "#"}, NEWEST)(1)
        # The reference implementation does not come to the second branch.
        assert not surely_valid({"anyOf": [{"$ref": "#"}, {}]}, NEWEST)(1)
        nowhere = {"$ref": "#/definitions/none"}
        assert not surely_valid({"anyOf": [nowhere, {}]}, NEWEST)(1)
        assert not surely_valid({"oneOf": [nowhere, {"type": "string"}]}, NEWEST)("a")

    def test_into_deep_values(self) -> None:
        surely = surely_valid({"type": "array", "items": {"$ref": "#"}}, NEWEST)
        deep: Any = []
        for _ in range(10):
            deep = [deep, []]
        assert surely(deep)
        for _ in range(190):
            deep = [deep]
        assert surely(deep) is False

        def at_the_end_of_the_stack(ask: Callable[[Any], bool], value: Any) -> bool:
            try:
                return at_the_end_of_the_stack(ask, value)
            except RecursionError:
                return ask(value)

        assert at_the_end_of_the_stack(surely, [[[[1]]]]) is False
        assert at_the_end_of_the_stack(surely.every, [[[[1]]]]) is False

    def test_to_more_than_can_be_written_out(self) -> None:
        """Sixty levels of two branches each: nobody waits for all of them."""
        definitions: dict[str, Any] = {"60": {"type": "string"}}
        for level in range(60):
            below = {"$ref": f"#/definitions/{level + 1}"}
            definitions[str(level)] = {"properties": {"a": below, "b": below}}
        document = {"definitions": definitions, "$ref": "#/definitions/0"}
        assert surely_valid(document, NEWEST)({})
        assert surely_valid(document, NEWEST)({"b": {"b": {"b": {}}}}) is False
        assert typed_decoder(document, NEWEST) is None


def test_of_a_value_that_is_no_json_nothing_is_known() -> None:
    class Text(str):
        __slots__ = ()

    surely = surely_valid({"properties": {"a": {}}}, NEWEST)
    for value in ((), Text("a"), b"", object(), {1}):
        assert not surely(value)
    assert not surely.every([1, ()])


def test_schemas_of_other_documents() -> None:
    document = {"definitions": {"a": {"type": "string"}}, "items": {"$ref": "#/definitions/a"}}
    proofs = Proofs(document, NEWEST)
    assert proofs.of(document["items"])("x")
    assert proofs.of(document["items"]) is proofs.of(document["items"])
    elsewhere = {"$ref": "#/definitions/a"}  # It leads to a part of another document.
    assert not proofs.of(elsewhere)("x")
    for name, value in (("integer", 1), ("string", "a"), ("null", None)):
        assert proofs.of({"type": name})(value)  # One after the other, at the same address.


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "text"},
        {"type": 7},
        {"required": "a"},
        {"properties": []},
        {"additionalProperties": 1},
        {"additionalProperties": False, "properties": []},
        {"items": 1},
        {"minimum": "1"},
        {"minLength": "1"},
        {"pattern": "("},
        {"allOf": {}},
        {"anyOf": {}},
        {"oneOf": {}},
        {"anyOf": [{"pattern": "("}, {}]},
        {"oneOf": [{"type": 7}, {"type": "null"}]},
        7,
    ],
)
def test_of_what_is_no_schema_nothing_is_known(schema: Any) -> None:
    surely = surely_valid(schema, NEWEST)
    assert not any(surely(value) for value in ({}, {"a": 1}, ["a"], "a", 1, None))
    assert typed_decoder(schema, NEWEST) is None


def test_what_asks_nothing() -> None:
    """Nothing that the reference implementation looks at is passed over."""
    assert SILENT < ANNOTATIONS
    for dialect in DIALECTS.values():
        looked_at = SILENT & dialect.validator_class().VALIDATORS.keys()
        assert looked_at == {"format"}  # For which it is given no checker.


# ----------------------------------------------------------------------------------------------
# Typed decoders


@EVERY_DIALECT
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_a_type_takes_is_accepted(dialect: Dialect, data: st.DataObject) -> None:
    document = data.draw(typed_documents())
    assume(_is_schema(document, dialect))
    surely = typed_decoder(document, dialect)
    for value in data.draw(st.lists(near(document, document), min_size=3, max_size=6)):
        text = json.dumps(value, ensure_ascii=data.draw(st.booleans())).encode()
        if surely is not None and surely(text):
            assert accepted(document, dialect, value)
            assert surely_valid(document, dialect)(value)


@st.composite
def typed_documents(draw: st.DrawFn, depth: int = 0) -> Any:
    kind = draw(st.sampled_from(TYPES if depth < 3 else TYPES[:5]))
    inner = st.deferred(lambda: typed_documents(depth=depth + 1))
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.fixed_dictionaries({}, optional=dict.fromkeys(["minimum", "maximum"], BOUNDS)),
        "number": st.fixed_dictionaries({}, optional=dict.fromkeys(["minimum", "exclusiveMaximum"], BOUNDS)),
        "string": st.fixed_dictionaries({}, optional=dict.fromkeys(["minLength", "maxLength"], SIZES))
        | st.fixed_dictionaries({"enum": st.lists(TEXTS, min_size=1, unique=True)}),
        "array": st.fixed_dictionaries({}, optional={"items": inner, "minItems": SIZES, "maxItems": SIZES}),
        "object": st.fixed_dictionaries(
            {},
            optional={
                "properties": st.dictionaries(MEMBERS, inner, max_size=3),
                "required": st.lists(MEMBERS, min_size=1, max_size=2, unique=True),
                "additionalProperties": st.booleans() | inner,
                "minProperties": SIZES,
            },
        ),
    }  # fmt: skip
    schema = draw(keywords[kind]) if kind in keywords else {}
    types = draw(st.sampled_from([kind, [kind], [kind, "null"], [kind, "number"], [kind, "array"]]))
    return {"type": types if isinstance(types, str) else list(dict.fromkeys(types)), **schema}


#: Schemas with texts that their types take, and texts that they do not take.
TYPED: list[tuple[Any, list[str], list[str]]] = [
    ({"type": "integer"}, ["1", "-0", "123456789012345678901234567890"], ["1.0", "1e2", "true", '"1"']),
    ({"type": "integer", "minimum": 1, "maximum": 9}, ["1", "9"], ["0", "10", "1" * 30, "-" + "1" * 30]),
    ({"type": "number"}, ["1", "-0.0", "1e2", "1" * 40], ["true", "null"]),
    ({"type": "number", "minimum": 0, "maximum": 1}, ["0", "1", "-0.0", "1e-400"], ["-5e-324", "1.1", "9" * 30]),
    ({"type": "number", "exclusiveMinimum": 0.5}, ["0.51"], ["0.5", "5e-1"]),
    ({"type": ["number", "integer"]}, ["1", "0.5"], ["null"]),
    ({"type": "boolean"}, ["true", "false"], ["1", "0", "null"]),
    ({"type": "null"}, ["null"], ["0", "false"]),
    ({"type": ["string", "null", "array"]}, ['"a"', "null", "[]", '[1, {"a": 2}]'], ["1", "{}"]),
    ({"type": "string", "minLength": 2, "maxLength": 2}, ['"é😀"', r'"\u00e9\ud83d\ude00"'], ['"😀"', '"abc"']),
    ({"type": "string", "enum": ["a", "é"]}, ['"a"', r'"\u00e9"'], ['"b"', "1"]),
    ({"enum": ["a"]}, ['"a"'], ['"b"']),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, ["[1]"], ["[]", "[1.0]", "[true]", "[[1]]"]),
    ({"type": "object", "additionalProperties": {"type": "number"}}, ['{"a": 1}', "{}"], ['{"a": "1"}', "[]"]),
    ({"type": "object", "maxProperties": 1}, ['{"a": []}'], ['{"a": 1, "b": 2}']),
    ({"type": "object", "additionalProperties": False}, ["{}"], ['{"a": 1}']),
    (
        {"type": "object", "required": ["a b"], "properties": {"a b": {"type": "integer"}, "é": {"type": "null"}}},
        ['{"a b": 1}', r'{"\u0061 b": 1, "\u00e9": null}', '{"x": {"y": [1]}, "a b": 1}'],
        ["{}", '{"a b": null}', '{"a b": 1, "é": 1}', r'{"a b": 1, "\u00e9": 1}'],
    ),
    ({"type": "object", "properties": {"a": {"type": "integer"}}}, ["{}", '{"b": 1}'], ['{"a": null}']),
    ({"type": "object", "required": ["a"]}, ['{"a": [1, "x"]}'], ['{"b": 1}']),
    (
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
        ['{"a": {"b": 1}}', "{}"],
        ['{"a": 1, "b": 1}'],
    ),
    ({"$ref": "#/definitions/a", "definitions": {"a": {"type": "integer"}}}, ["1"], ['"a"']),
    ({"description": "Anything."}, ["1", '{"a": [1]}'], []),
]  # fmt: skip


@BOTH_ENDS
@pytest.mark.parametrize(("schema", "taken", "refused"), TYPED)
def test_types(dialect: Dialect, schema: Any, taken: list[str], refused: list[str]) -> None:
    surely = typed_decoder(schema, dialect)
    assert surely is not None
    for text in taken:
        assert surely(text.encode()), text
        assert accepted(schema, dialect, json.loads(text))
    for text in refused:
        assert not surely(text.encode()), text


def test_deep_text_is_not_known() -> None:
    surely = typed_decoder({"type": "object"}, NEWEST)
    assert surely is not None
    assert not surely(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"minimum": 1},
        {"type": "integer", "minimum": 0.5},
        {"type": "integer", "maximum": 2**53},
        # A double nearby would be taken for it.
        {"type": "number", "minimum": 2**53 + 1},
        {"type": "number", "minimum": 1, "exclusiveMinimum": 1},
        {"type": "string", "pattern": "a"},
        {"type": "string", "enum": ["a"], "minLength": 2},
        {"type": "string", "minLength": 2**80},
        {"type": "integer", "enum": [1]},
        {"enum": ["a", 1]},
        {"type": "array", "items": [{}]},
        {"type": "array", "uniqueItems": True},
        {"type": "array", "items": False},
        {"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "null"}},
        {"type": "object", "properties": {"a": {}}, "minProperties": 1},
        {"type": "object", "required": ["a"], "additionalProperties": False},
        {"type": "object", "patternProperties": {"a": {}}},
        {"anyOf": [{"type": "string"}]},
        {"type": "array", "items": {"$ref": "#"}},
        {"$ref": "#/definitions/none"},
        {"type": []},
        {"type": "text"},
        {"type": "object", "required": "a"},
    ],
)
def test_what_no_type_says(schema: Any) -> None:
    assert typed_decoder(schema, DIALECTS["draft-07"]) is None


def test_what_no_type_says_in_some_drafts() -> None:
    exclusive = {"type": "number", "minimum": 0, "exclusiveMinimum": True}
    assert typed_decoder(exclusive, DRAFT_4) is None
    beside = {"$ref": "#/definitions/a", "type": "null", "definitions": {"a": {"type": "integer"}}}
    assert typed_decoder(beside, NEWEST) is None
    surely = typed_decoder(beside, DIALECTS["draft-07"])
    assert surely is not None
    assert surely(b"1")


NUMERALS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,2})?", fullmatch=True
)


@given(
    st.sampled_from([0, 1, 0.1, 0.3, -2.5, 2**53 - 1, 1 - 2**53]),
    NUMERALS | st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-3, 3),
)
@settings(max_examples=60, deadline=None)
def test_numbers_are_read_alike(bound: float, numeral: str, steps: int) -> None:
    """Digits far behind the point decide nothing else than where Python reads them."""
    keywords = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    beside = f"{bound + steps * 2**-53:.60f}".rstrip(".0") or "0"
    for keyword in keywords:
        schema = {"type": "number", keyword: bound}
        surely, proof = typed_decoder(schema, NEWEST), surely_valid(schema, NEWEST)
        assert surely is not None
        for text in (numeral, beside):
            assert surely(text.encode()) == proof(json.loads(text))


# ----------------------------------------------------------------------------------------------
# Pinned schemas


@pytest.mark.parametrize("format", PAYLOADS)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_pinned_schemas_are_proven(format: str, data: st.DataObject) -> None:
    pin = qa.Registry.bundled()[format]
    surely = surely_valid(pin.document, pin.dialect)
    typed = typed_decoder(pin.document, pin.dialect)
    assert typed is not None
    payload = data.draw(PAYLOADS[format])
    assert surely(payload)
    text = json.dumps(payload, ensure_ascii=data.draw(st.booleans())).encode()
    assert typed(text)


@pytest.mark.parametrize(
    "mutation",
    [each for each in MUTATIONS if each.code in ("QA101", "QA102", "QA103") or each.format == P2],
    ids=lambda each: f"{each.format.removeprefix('ionq.')}-{each.name}",
)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_what_a_pinned_schema_refuses_is_not_proven(
    mutation: Mutation, data: st.DataObject
) -> None:
    pin = qa.Registry.bundled()[mutation.format]
    payload = mutation.change(data.draw(PAYLOADS[mutation.format]))
    assume(payload is not None)
    valid = jsonschema.Draft7Validator(pin.document).is_valid(payload)
    assert surely_valid(pin.document, pin.dialect)(payload) == valid
    typed = typed_decoder(pin.document, pin.dialect)
    assert typed is not None
    assert valid or not typed(json.dumps(payload).encode())


@pytest.mark.parametrize(
    ("format", "text"),
    [
        (H1, b'{"0": true}'),
        (H2, b'{"histogram": {"registers": {"a": {"0": "1"}}}}'),
        (S1, b"[1.5]"),
        (S2, b'{"shots": [{"registers": {"a": [0, null]}}]}'),
        (S2, b'{"shots": [{"registers": {}, "leakage_bits": [0.5]}]}'),
        (NATIVE, b'{"qubits": 1, "circuit": [{"gate": "gpi", "targte": 0}]}'),
    ],
)
def test_one_bad_place_is_enough(format: str, text: bytes) -> None:
    pin = qa.Registry.bundled()[format]
    typed = typed_decoder(pin.document, pin.dialect)
    assert typed is not None
    assert not typed(text)
    assert not surely_valid(pin.document, pin.dialect)(json.loads(text))


def test_it_takes_no_heavy_import_to_prove() -> None:
    script = """
import sys
from qartifacts.registry import dialect_of
from qartifacts.validate.proofs import surely_valid
document = {"$schema": "https://json-schema.org/draft-07/schema", "type": "integer"}
assert surely_valid(document, dialect_of(document, "a.v1"))(1)
print(*{"jsonschema", "msgspec", "numpy", "referencing"}.intersection(sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
