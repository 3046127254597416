"""Schemas of OpenAPI 3.0 translated to draft 7, with a validator of OpenAPI as the judge.

The judge, openapi-schema-validator, and the translation say the same of every instance, but where
``DIFFERENT`` lists that they do not, and why.
"""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pin_openapi
import qartifacts as qa
from qartifacts.identifiers import OLD_JOB
from qartifacts.registry.openapi import is_component, is_operation, translated
from qartifacts.registry.syncing import check_document
from support import DEVICE_FORMATS, DRAFT_7, JOB_FORMATS, ROOT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Of its settings, at import.
    from openapi_schema_validator import OAS30ReadValidator

TRANSCRIBED = ROOT / "schemas" / "openapi"
FORMAT = qa.FormatId("test.thing.v1")
#: Components that schemas of these tests refer to.
COMPONENTS: dict[str, Any] = {
    "Number": {"type": "number", "minimum": 0},
    "Text": {"type": "string", "maxLength": 2, "nullable": True},
    "Tree": {
        "type": "object",
        "required": ["n"],
        "properties": {
            "n": {"type": "integer"},
            "sub": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    },
}


def openapi(schema: Any, components: dict[str, Any] | None = None) -> dict[str, Any]:
    """The smallest document whose one operation answers with a schema."""
    content = {"application/json": {"schema": schema}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "test", "version": "1"},
        "paths": {"/thing": {"get": {"responses": {"200": {"content": content}}}}},
        "components": {"schemas": COMPONENTS if components is None else components},
    }


def translation(schema: Any, components: dict[str, Any] | None = None) -> dict[str, Any]:
    document = translated(openapi(schema, components), "GET /thing", FORMAT)
    assert document is not None
    return document


def keywords(schema: Any) -> dict[str, Any]:
    """The translation of a schema, without what every document has."""
    document = translation(schema)
    assert document.pop("$schema") == DRAFT_7
    assert document.pop("$id") == FORMAT
    assert document.pop("$comment").startswith("Translated by qartifacts")
    return document


def by_oas(schema: Any) -> Callable[[Any], bool]:
    """The judge's verdicts: of the source itself, with the components that it refers to."""
    whole = {**schema, "components": {"schemas": COMPONENTS}}
    verdict: Callable[[Any], bool] = OAS30ReadValidator(whole, format_checker=None).is_valid
    return verdict


def by_translation(schema: Any) -> Callable[[Any], bool]:
    document = translation(schema)
    del document["$schema"]  # The library would look it up, and does not know this name.
    verdict: Callable[[Any], bool] = jsonschema.Draft7Validator(document).is_valid
    return verdict


#: Every keyword of OpenAPI 3.0 in a schema, and what becomes of it.
BECOMES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "type": ({"type": "string"}, {"type": "string"}),
    "nullable": ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    "not-nullable": ({"type": "string", "nullable": False}, {"type": "string"}),
    "nullable-without-type": ({"minimum": 1, "nullable": True}, {"minimum": 1}),
    "nullable-enum": (
        {"type": "string", "nullable": True, "enum": ["a", None]},
        {"type": ["string", "null"], "enum": ["a", None]},
    ),
    "nullable-enum-without-null": (
        {"type": "string", "nullable": True, "enum": ["a"]},
        {"type": ["string", "null"], "enum": ["a"]},
    ),
    "nullable-all-of": (
        {"nullable": True, "allOf": [{"type": "string"}]},
        {"allOf": [{"type": "string"}]},
    ),
    "example": ({"example": 1}, {"examples": [1]}),
    "example-null": ({"example": None}, {"examples": [None]}),
    "minimum": ({"minimum": 1}, {"minimum": 1}),
    "exclusive-minimum": ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
    "inclusive-minimum": ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
    "exclusive-of-nothing": ({"exclusiveMinimum": True}, {}),
    "exclusive-maximum": ({"exclusiveMaximum": True, "maximum": 1}, {"exclusiveMaximum": 1}),
    "limits": (
        {"maxLength": 1, "minLength": 0, "pattern": "^a$", "maxItems": 2, "minItems": 1,
         "uniqueItems": True, "maxProperties": 3, "minProperties": 1, "multipleOf": 2},
        {"maxLength": 1, "minLength": 0, "pattern": "^a$", "maxItems": 2, "minItems": 1,
         "uniqueItems": True, "maxProperties": 3, "minProperties": 1, "multipleOf": 2},
    ),
    "formats": ({"type": "integer", "format": "int32"}, {"type": "integer", "format": "int32"}),
    "format-of-their-own": ({"format": "unix-timestamp"}, {"format": "unix-timestamp"}),
    "words": (
        {"title": "A", "description": "b", "default": None},
        {"title": "A", "description": "b", "default": None},
    ),
    "left-out": (
        {"xml": {"name": "x"}, "externalDocs": {"url": "x"}, "readOnly": True, "x-more": 1,
         "discriminator": {"propertyName": "kind"}},
        {},
    ),
    "deprecated": (
        {"items": {"deprecated": True, "type": "string"}},
        {"items": {"$comment": "Deprecated.", "type": "string"}},
    ),
    "comment": ({"items": {"x-comment": "cut off"}}, {"items": {"$comment": "cut off"}}),
    "members": (
        {"properties": {"nullable": {"type": "string", "nullable": True}, "x-y": {}}, "required": ["x-y"]},
        {"properties": {"nullable": {"type": ["string", "null"]}, "x-y": {}}, "required": ["x-y"]},
    ),
    "sent-only": (
        {"required": ["key", "id"], "properties": {"key": {"writeOnly": True}, "id": {}}},
        {"required": ["id"], "properties": {"key": {}, "id": {}}},
    ),
    "sent-only-alone": (
        {"required": ["key"], "properties": {"key": {"writeOnly": True}}},
        {"properties": {"key": {}}},
    ),
    "closed": ({"additionalProperties": False}, {"additionalProperties": False}),
    "others": (
        {"additionalProperties": {"type": "number", "nullable": True}},
        {"additionalProperties": {"type": ["number", "null"]}},
    ),
    "variants": (
        {"oneOf": [{"type": "integer"}, {"example": "a"}], "anyOf": [{}], "not": {"enum": [1]}},
        {"oneOf": [{"type": "integer"}, {"examples": ["a"]}], "anyOf": [{}], "not": {"enum": [1]}},
    ),
    "reference-beside-words": (
        {"items": {"$ref": "#/components/schemas/Number", "description": "ignored", "nullable": True}},
        {
            "items": {"$ref": "#/definitions/Number"},
            "definitions": {"Number": COMPONENTS["Number"]},
        },
    ),
    "all-of-beside-words": (
        {"description": "kept", "allOf": [{"$ref": "#/components/schemas/Number"}]},
        {
            "description": "kept",
            "allOf": [{"$ref": "#/definitions/Number"}],
            "definitions": {"Number": COMPONENTS["Number"]},
        },
    ),
    "into-a-component": (
        {"items": {"$ref": "#/components/schemas/Tree/properties/n"}},
        {
            "items": {"$ref": "#/definitions/Tree/properties/n"},
            "definitions": {"Tree": json.loads(json.dumps(COMPONENTS["Tree"]).replace("components/schemas", "definitions"))},
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BECOMES)
def test_keyword(name: str) -> None:
    source, made = BECOMES[name]
    before = copy.deepcopy(source)
    assert keywords(source) == made
    assert source == before
    jsonschema.Draft7Validator.check_schema(translation(source))


class TestTheWhole:
    def test_a_reference_is_the_schema_itself(self) -> None:
        assert keywords({"$ref": "#/components/schemas/Number"}) == COMPONENTS["Number"]

    def test_circles_stay_references(self) -> None:
        document = translation({"$ref": "#/components/schemas/Tree"})
        assert document["properties"]["sub"]["items"] == {"$ref": "#/definitions/Tree"}
        assert list(document["definitions"]) == ["Tree"]
        validator = jsonschema.Draft7Validator(document)
        assert validator.is_valid({"n": 1, "sub": [{"n": 2, "sub": []}]})
        assert not validator.is_valid({"n": 1, "sub": [{"n": 2, "sub": [{}]}]})
        check_document(json.dumps(document).encode(), FORMAT)

    def test_only_what_is_reached_comes_along_in_the_order_of_the_source(self) -> None:
        components = {
            name: {"items": {"$ref": f"#/components/schemas/{to}"}}
            for name, to in {"D": "A", "B": "D", "A": "A", "C": "C"}.items()
        }
        document = translation({"items": {"$ref": "#/components/schemas/B"}}, components)
        assert list(document["definitions"]) == ["D", "B", "A"]

    def test_parameters_of_a_path_have_any_name(self) -> None:
        document = openapi({"type": "string"})
        document["paths"]["/a/{b}/c/"] = document["paths"].pop("/thing")
        made = translated(document, "GET /a/{id}/c", FORMAT)
        assert made is not None
        assert made["type"] == "string"
        for other in ("GET /a/b/c", "GET /a/{b}", "GET /thing"):
            assert translated(document, other, FORMAT) is None
        with pytest.raises(ValueError, match="no operation"):
            translated(document, "/thing", FORMAT)

    def test_responses_are_components_too(self) -> None:
        document = openapi({})
        responses = document["paths"]["/thing"]["get"]["responses"]
        document["components"]["responses"] = {"Answer": responses["200"]}
        responses["200"] = {"$ref": "#/components/responses/Answer"}
        assert translated(document, "GET /thing", FORMAT) == translation({})

    def test_media_types_have_parameters(self) -> None:
        document = openapi({})
        content = document["paths"]["/thing"]["get"]["responses"]["200"]["content"]
        content["Application/JSON; charset=utf-8"] = content.pop("application/json")
        assert translated(document, "GET /thing", FORMAT) == translation({})

    @pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
    def test_one_of_several_answers(self, keyword: str) -> None:
        either = [{"$ref": f"#/components/schemas/{name}", "title": name} for name in COMPONENTS]
        for schema, components in (
            ({keyword: either}, COMPONENTS),
            ({"$ref": "#/components/schemas/Either"}, {**COMPONENTS, "Either": {keyword: either}}),
        ):
            document = openapi(schema, components)
            for name in COMPONENTS:
                made = translated(document, "GET /thing", FORMAT, name)
                assert made == translation({"$ref": f"#/components/schemas/{name}"})
            for other in ("None", "number", "Number/minimum"):
                assert translated(document, "GET /thing", FORMAT, other) is None
        only = openapi({"$ref": "#/components/schemas/Number"})
        assert translated(only, "GET /thing", FORMAT, "Number") == translation(
            {"$ref": "#/components/schemas/Number"}
        )
        assert translated(only, "GET /thing", FORMAT, "Text") is None

    def test_answers_that_go_in_a_circle_or_are_none(self) -> None:
        circle = {
            "A": {
                "anyOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]
            },
            "B": {"type": "string"},
        }
        document = openapi({"$ref": "#/components/schemas/A"}, circle)
        assert translated(document, "GET /thing", FORMAT, "C") is None
        assert translated(document, "GET /thing", FORMAT, "B") is not None
        others: list[Any] = [
            None,
            [],
            {"anyOf": 1},
            {"$ref": 1},
            {"oneOf": [1, {"$ref": "#/nowhere"}]},
        ]
        for schema in others:
            assert translated(openapi(schema), "GET /thing", FORMAT, "Number") is None

    def test_components(self) -> None:
        assert is_component("ResultFormat.HistogramV2")
        for no in ("", "a b", "#/components/schemas/A", "é", "A\n"):
            assert not is_component(no)

    def test_operations(self) -> None:
        assert is_operation("GET /backends/{backend}")
        for no in ("get /x", "POST /x", "GET x", "GET /x y", "GET /é", ""):
            assert not is_operation(no)


def without(*path: str) -> Callable[[dict[str, Any]], object]:
    def change(document: dict[str, Any]) -> None:
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return change


ANSWER = ("paths", "/thing", "get", "responses")


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(openapi="3.1.0"),
        lambda document: document.update(openapi=3.0),
        without("openapi"),
        without(*ANSWER),
        without(*ANSWER, "200"),
        without(*ANSWER, "200", "content"),
        without(*ANSWER, "200", "content", "application/json"),
        without(*ANSWER, "200", "content", "application/json", "schema"),
    ],
)
def test_documents_that_do_not_say_it_are_refused(change: Any) -> None:
    document = openapi({"type": "string"})
    change(document)
    with pytest.raises(qa.UnusableSchema):
        translated(document, "GET /thing", FORMAT)


def test_what_is_no_document_is_refused() -> None:
    values: list[Any] = [None, [], "3.0.3", {"swagger": "2.0"}]
    for value in values:
        with pytest.raises(qa.UnusableSchema):
            translated(value, "GET /thing", FORMAT)
    assert translated({"openapi": "3.0.3"}, "GET /thing", FORMAT) is None
    assert translated({"openapi": "3.0.3", "paths": {"/thing": 1}}, "GET /thing", FORMAT) is None


@pytest.mark.parametrize(
    "schema",
    [
        None,
        [],
        {"type": ["string", "null"]},
        {"type": "null"},
        {"type": "file"},
        {"const": 1},
        {"patternProperties": {}},
        {"examples": [1]},
        {"$id": "x"},
        {"exclusiveMinimum": 1},
        {"minimum": 0, "exclusiveMinimum": 1},
        {"nullable": "yes"},
        {"deprecated": 1},
        {"items": [{}]},
        {"items": True},
        {"not": 1},
        {"additionalProperties": 1},
        {"properties": []},
        {"properties": {"a": True}},
        {"allOf": {}},
        {"oneOf": []},
        {"anyOf": [1]},
        {"required": "a"},
        {"required": [1]},
        {"$ref": "#/components/schemas/None"},
        {"$ref": "#/components/responses/Number"},
        {"$ref": "other.json#/components/schemas/Number"},
        {"$ref": 1},
        {"items": {"$ref": "#/components/schemas/Number/minimum"}},
    ],
    ids=repr,
)
def test_schemas_that_are_not_understood_are_refused(schema: Any) -> None:
    """It may be a demand, and none is lost in silence."""
    with pytest.raises(qa.UnusableSchema):
        translation(schema)


def test_circles_of_references_alone_are_refused() -> None:
    components = {
        "A": {"$ref": "#/components/schemas/B"},
        "B": {"$ref": "#/components/schemas/A"},
    }
    with pytest.raises(qa.UnusableSchema):
        translation({"$ref": "#/components/schemas/A"}, components)
    # Deeper ones are told when it is to be pinned.
    document = translation({"items": {"$ref": "#/components/schemas/A"}}, components)
    with pytest.raises(qa.UnusableSchema, match="circle"):
        check_document(json.dumps(document).encode(), FORMAT)


def test_depth_is_an_error_and_no_crash() -> None:
    schema: dict[str, Any] = {}
    for _ in range(20_000):
        schema = {"not": schema}
    with pytest.raises(qa.UnusableSchema):
        translation(schema)


# ----------------------------------------------------------------------------------------------
# The judge

#: Where the judge and the translation differ, a schema and an instance of each: the judge's
#: verdict, and the translation's.
DIFFERENT = {
    # In draft 7, and in the JSON of the services' own clients, 1.0 is 1.
    "whole-floats": ({"type": "integer"}, 1.0, False, True),
    # What is beside a reference is ignored, says OpenAPI 3.0.3; the judge applies it.
    "beside-a-reference": ({"$ref": "#/components/schemas/Number", "maximum": 1}, 2, False, True),
    # OpenAPI only says that such members should not be sent.
    "sent-only-members": ({"properties": {"a": {"writeOnly": True}}}, {"a": 1}, False, True),
    # A hint that saves work, says OpenAPI; the judge decides by it.
    "discriminators": (
        {"oneOf": [{"type": "object"}], "discriminator": {"propertyName": "kind"}},
        {},
        False,
        True,
    ),
    # ECMA's $ matches at the end alone. The registry's reference is Python's, where a line feed may
    # follow, as for every other pinned schema.
    "dollar": ({"pattern": "^a$"}, "a\n", False, True),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_known_differences(name: str) -> None:
    schema, instance, oas, ours = DIFFERENT[name]
    assert (by_oas(schema)(instance), by_translation(schema)(instance)) == (oas, ours)


_names = st.sampled_from(["a", "b", "nullable", "example"])
_numbers = st.integers(-3, 3) | st.sampled_from([-1.5, 0.5, 2.5])
_plain = st.none() | st.booleans() | _numbers | st.sampled_from(["", "a", "ab", "abc"])
#: Without whole floats, of which the two say different things.
_instances = st.recursive(
    _plain,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_names | st.just("n"), inner, max_size=3)
    ),
    max_leaves=8,
)
_annotations = st.fixed_dictionaries(
    {},
    optional={
        "title": st.just("T"),
        "description": st.just("d"),
        "default": _plain,
        "example": _instances,
        "deprecated": st.booleans(),
        "readOnly": st.booleans(),
        "xml": st.just({"name": "x"}),
        "externalDocs": st.just({"url": "https://example.invalid"}),
        "format": st.sampled_from(["int32", "int64", "double", "date-time", "uuid", "unix-timestamp"]),
        "x-anything": _plain,
    },
)  # fmt: skip
_types = st.sampled_from(["boolean", "number", "string", "array", "object", "integer"])
_bounds = st.fixed_dictionaries(
    {},
    optional={
        "nullable": st.booleans(),
        "minimum": _numbers,
        "exclusiveMinimum": st.booleans(),
        "maximum": _numbers,
        "exclusiveMaximum": st.booleans(),
        "multipleOf": st.sampled_from([1, 2, 0.5]),
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 3),
        "pattern": st.sampled_from(["^a", "b", "^[a-z]*$"]),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
        "uniqueItems": st.booleans(),
        "minProperties": st.integers(0, 2),
        "maxProperties": st.integers(0, 2),
        "required": st.lists(_names, min_size=1, max_size=2, unique=True),
        "enum": st.lists(_plain, min_size=1, max_size=4),
    },
)
_references = st.sampled_from(sorted(COMPONENTS)).map(
    lambda name: {"$ref": f"#/components/schemas/{name}"}
)


def _larger(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    lists = st.lists(inner, min_size=1, max_size=2)
    structure = st.fixed_dictionaries(
        {},
        optional={
            "type": _types,
            "items": inner,
            "properties": st.dictionaries(_names, inner, max_size=2),
            "additionalProperties": st.booleans() | inner,
            "allOf": lists,
            "anyOf": lists,
            "oneOf": lists,
            "not": inner,
        },
    )
    return st.builds(lambda *parts: {k: v for part in parts for k, v in part.items()},
                     _annotations, _bounds, structure)  # fmt: skip


_schemas = st.recursive(
    _references | st.builds(lambda t, b, a: {**t, **b, **a},
                            st.fixed_dictionaries({}, optional={"type": _types}),
                            _bounds, _annotations),
    _larger,
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(_schemas, st.lists(_instances, min_size=1, max_size=6))
def test_a_translation_says_what_the_source_says(schema: Any, instances: list[Any]) -> None:
    """An instance is valid under OpenAPI 3.0 if, and only if, it is under the translation."""
    oas, ours = by_oas(schema), by_translation(schema)
    for instance in instances:
        assert oas(instance) is ours(instance), instance


# ----------------------------------------------------------------------------------------------
# What is pinned


class TestThePinnedOnes:
    def test_they_follow_from_the_transcriptions(self) -> None:
        made = dict(pin_openapi.documents())
        # The record of an old job is of before there was an OpenAPI document of it; of results
        # that other clouds hand out there is none.
        local = [
            qa.Registry.bundled()[each]
            for each in (*DEVICE_FORMATS, *JOB_FORMATS)
            if each != OLD_JOB
        ]
        assert {str(path) for path in made} == {pin.path for pin in local}
        assert len(local) == 12
        for path, data in made.items():
            assert path.read_bytes() == data

    def test_the_script_tells_what_is_stale(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "sources.toml").write_bytes((pin_openapi.FOLDER / "sources.toml").read_bytes())
        monkeypatch.setattr(pin_openapi, "FOLDER", tmp_path)
        assert pin_openapi.main(["--check"]) == 1
        assert "ibm.backends.v1.json is not up to date" in capsys.readouterr().out
        assert pin_openapi.main([]) == 0
        assert pin_openapi.main(["--check"]) == 0
        assert pin_openapi.main(["--other"]) == 2
        assert len(list(tmp_path.glob("*.json"))) == 12

    @pytest.mark.parametrize("path", sorted(TRANSCRIBED.glob("*.json")), ids=lambda path: path.name)
    def test_transcriptions_say_what_was_cut_off(self, path: Path) -> None:
        """An empty component is one that was cut off, and says so."""
        schemas = json.loads(path.read_bytes())["components"]["schemas"]
        cut = [name for name, schema in schemas.items() if not schema.keys() - {"x-comment"}]
        assert all("Cut off" in schemas[name]["x-comment"] for name in cut)
        assert len(cut) == (5 if path.name.startswith("ibm") else 0)

    def test_cut_parts_say_so_where_they_are_pinned(self) -> None:
        for format, names in {
            "ibm.backend-configuration.v1": ["TimingConstraints", "UChannelLOItem"],
            "ibm.backends.v1": ["TwoQErrorBest", "TwoQErrorLayered", "TwoQErrorMedian"],
        }.items():
            pin = qa.Registry.bundled()[format]
            assert "cut" in pin.where
            for name in names:
                part = pin.document["definitions"][name]
                assert part.keys() == {"$comment"}
                assert "Cut off" in part["$comment"]
