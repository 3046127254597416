"""Rules: tolerances, what may be ignored, and that they hold whatever the schema lets through."""

from __future__ import annotations

import functools
import json
import math
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.codes import CODES
from qartifacts.validate.rules import rules_of
from support import DRAFT_7, RESULT_FORMATS, MakeRegistry

P1 = "ionq.result.probabilities.json.v1"
P2 = "ionq.result.probabilities.json.v2"
H1 = "ionq.result.histogram.json.v1"
H2 = "ionq.result.histogram.json.v2"
S1 = "ionq.result.shots.json.v1"
S2 = "ionq.result.shots.json.v2"


NATIVE = "ionq.native.v1"
AGGREGATE = "ionq.result.probabilities-aggregate.json.v1"


def _values(**keywords: Any) -> dict[str, Any]:
    return {"additionalProperties": keywords}


def _names(**keywords: Any) -> dict[str, Any]:
    return {"propertyNames": keywords}


def _nested(member: str, registers: dict[str, Any]) -> dict[str, Any]:
    inner = {"properties": {"registers": {"additionalProperties": registers}}}
    return {"properties": {member: inner}}


def _shots(**keywords: Any) -> dict[str, Any]:
    return {"properties": {"shots": {"items": {"properties": keywords}}}}


def _bits(**keywords: Any) -> dict[str, Any]:
    return _shots(registers={"additionalProperties": {"items": keywords}})


def _leakage(**keywords: Any) -> dict[str, Any]:
    return _shots(leakage_bits={"items": keywords})


def _gates(**keywords: Any) -> dict[str, Any]:
    return {"properties": {"circuit": {"items": {"properties": keywords}}}}


def _closed(pattern: str) -> dict[str, Any]:
    return {"patternProperties": {pattern: {}}, "additionalProperties": False}


def _shot(*bits: float) -> dict[str, Any]:
    return {"registers": {"c": list(bits)}}


def _leaky(bit: float) -> dict[str, Any]:
    return {"shots": [{"registers": {"c": [0]}, "leakage_bits": [bit]}]}


def _two(first: dict[str, Any], second: dict[str, Any], member: str) -> dict[str, Any]:
    return {member: {"registers": {"a": first, "b": second}}}


def _gate(**members: Any) -> dict[str, Any]:
    return {"qubits": 2, "circuit": [members]}


#: Code, keyword, format, what a schema may ask one day, and a payload that breaks it and the rule.
BRAKET = "braket.gate-model-task-result.v1"


def _qubits(**keywords: Any) -> dict[str, Any]:
    return {"properties": {"measuredQubits": {"items": keywords}}}


def _task(qubits: list[Any]) -> dict[str, Any]:
    metadata = {"id": "a", "shots": 1, "deviceId": "b"}
    more = {"measurements": [[1]], "taskMetadata": metadata, "additionalMetadata": {}}
    return {**more, "measuredQubits": qubits}


STRICTER: list[tuple[str, str, str, dict[str, Any], Any]] = [
    ("QA203", "minimum", P1, _values(minimum=0), {"0": -0.5, "1": 0.5}),
    ("QA203", "maximum", P1, _values(maximum=1), {"0": 1.5}),
    ("QA203", "exclusiveMinimum", P1, _values(exclusiveMinimum=-0.1), {"0": -0.5, "1": 0.5}),
    ("QA203", "exclusiveMaximum", P1, _values(exclusiveMaximum=1.1), {"0": 1.5}),
    ("QA204", "minProperties", P1, {"minProperties": 1}, {}),
    ("QA206", "propertyNames", P1, _names(pattern="^(0|[1-9][0-9]*)$"), {"x": 1}),
    ("QA206", "additionalProperties", P1, _closed("^[0-9]+$"), {"x": 1}),
    ("QA207", "propertyNames", P2, _nested("probabilities", _names(pattern="^[01]+$")), _two({"0": 1}, {"2": 1}, "probabilities")),
    ("QA207", "additionalProperties", P2, _nested("probabilities", _closed("^[01]+$")), _two({"0": 1}, {"2": 1}, "probabilities")),
    ("QA208", "propertyNames", P2, _nested("probabilities", _names(maxLength=1)), _two({"0": 1}, {"0": 0.5, "11": 0.5}, "probabilities")),
    ("QA208", "additionalProperties", P2, _nested("probabilities", _closed("^[01]$")), _two({"0": 1}, {"0": 0.5, "11": 0.5}, "probabilities")),
    ("QA209", "propertyNames", P1, _names(maxLength=30), {"1" * 5000: 1}),
    ("QA209", "additionalProperties", P1, _closed("^[0-9]{1,30}$"), {"1" * 5000: 1}),
    ("QA210", "type", H1, _values(type="integer"), {"0": 0.5}),
    ("QA210", "multipleOf", H1, _values(multipleOf=1), {"0": 0.5}),
    ("QA211", "minimum", H1, _values(minimum=0), {"0": -1}),
    ("QA211", "exclusiveMinimum", H1, _values(exclusiveMinimum=-1), {"0": -1}),
    ("QA212", "maximum", H1, _values(maximum=1_000_000), {"0": 2**53}),
    ("QA212", "exclusiveMaximum", H1, _values(exclusiveMaximum=1_000_001), {"0": 2**53}),
    ("QA214", "minProperties", H1, {"minProperties": 1}, {}),
    ("QA214", "minProperties", H2, _nested("histogram", {"minProperties": 1}), _two({}, {}, "histogram")),
    ("QA220", "minItems", S1, {"minItems": 1}, []),
    ("QA220", "minItems", S2, {"properties": {"shots": {"minItems": 1}}}, {"shots": []}),
    ("QA278", "minimum", BRAKET, _qubits(minimum=0), _task([-1])),
    ("QA278", "exclusiveMinimum", BRAKET, _qubits(exclusiveMinimum=-1), _task([-1])),
    ("QA278", "type", BRAKET, _qubits(type="integer"), _task([0.5])),
    ("QA278", "multipleOf", BRAKET, _qubits(multipleOf=1), _task([0.5])),
    ("QA221", "minimum", S2, _bits(minimum=0), {"shots": [_shot(-1)]}),
    ("QA221", "maximum", S2, _bits(maximum=1), {"shots": [_shot(0, 2)]}),
    ("QA221", "exclusiveMinimum", S2, _bits(exclusiveMinimum=-1), {"shots": [_shot(-1)]}),
    ("QA221", "exclusiveMaximum", S2, _bits(exclusiveMaximum=2), {"shots": [_shot(2)]}),
    ("QA221", "type", S2, _bits(type="integer"), {"shots": [_shot(0.5)]}),
    ("QA221", "multipleOf", S2, _bits(multipleOf=1), {"shots": [_shot(0.5)]}),
    ("QA221", "enum", S2, _bits(enum=[0, 1]), {"shots": [_shot(2)]}),
    ("QA222", "minItems", S2, _shots(registers={"additionalProperties": {"minItems": 2}}), {"shots": [_shot(0, 1), _shot(0)]}),
    ("QA222", "maxItems", S2, _shots(registers={"additionalProperties": {"maxItems": 1}}), {"shots": [_shot(0), _shot(0, 1)]}),
    ("QA224", "pattern", S1, {"items": {"pattern": "^(0|[1-9][0-9]*)$"}}, ["01"]),
    ("QA225", "minimum", S2, _leakage(minimum=0), _leaky(-1)),
    ("QA225", "maximum", S2, _leakage(maximum=1), _leaky(2)),
    ("QA225", "exclusiveMinimum", S2, _leakage(exclusiveMinimum=-1), _leaky(-1)),
    ("QA225", "exclusiveMaximum", S2, _leakage(exclusiveMaximum=2), _leaky(2)),
    ("QA225", "type", S2, _leakage(type="integer"), _leaky(0.5)),
    ("QA225", "multipleOf", S2, _leakage(multipleOf=1), _leaky(0.5)),
    ("QA225", "enum", S2, _leakage(enum=[0, 1]), _leaky(2)),
    ("QA227", "minItems", S2, _shots(registers={"additionalProperties": {"minItems": 1}}), {"shots": [_shot()]}),
    ("QA227", "minProperties", S2, _shots(registers={"minProperties": 1}), {"shots": [{"registers": {}}]}),
    ("QA230", "propertyNames", AGGREGATE, _names(minLength=36), {"first": {"0": 1}}),
    ("QA230", "additionalProperties", AGGREGATE, _closed("^[0-9a-f-]{36}$"), {"first": {"0": 1}}),
    ("QA232", "minProperties", AGGREGATE, {"minProperties": 1}, {}),
    ("QA240", "minimum", NATIVE, {"properties": {"qubits": {"minimum": 1}}}, {"qubits": 0, "circuit": []}),
    ("QA240", "exclusiveMinimum", NATIVE, {"properties": {"qubits": {"exclusiveMinimum": 0}}}, {"qubits": 0, "circuit": []}),
    ("QA240", "type", NATIVE, {"properties": {"qubits": {"type": "integer"}}}, {"qubits": 1.5, "circuit": []}),
    ("QA240", "multipleOf", NATIVE, {"properties": {"qubits": {"multipleOf": 1}}}, {"qubits": 1.5, "circuit": []}),
    ("QA241", "enum", NATIVE, _gates(gate={"enum": ["ms", "zz"]}), _gate(gate="h", target=0)),
    ("QA242", "type", NATIVE, _gates(target={"type": "integer"}), _gate(gate="gpi", target=0.5)),
    ("QA242", "multipleOf", NATIVE, _gates(target={"multipleOf": 1}), _gate(gate="gpi", target=0.5)),
    ("QA243", "minimum", NATIVE, _gates(target={"minimum": 0}), _gate(gate="gpi", target=-1)),
    ("QA243", "maximum", NATIVE, _gates(target={"maximum": 1}), _gate(gate="gpi", target=2)),
    ("QA243", "exclusiveMinimum", NATIVE, _gates(target={"exclusiveMinimum": -1}), _gate(gate="gpi", target=-1)),
    ("QA243", "exclusiveMaximum", NATIVE, _gates(target={"exclusiveMaximum": 2}), _gate(gate="gpi", target=2)),
    ("QA244", "minItems", NATIVE, _gates(targets={"minItems": 2}), _gate(gate="ms", targets=[0])),
    ("QA244", "maxItems", NATIVE, _gates(targets={"maxItems": 1}), _gate(gate="gpi", targets=[0, 1])),
    ("QA245", "uniqueItems", NATIVE, _gates(targets={"uniqueItems": True}), _gate(gate="zz", targets=[1, 1])),
]  # fmt: skip


def codes(report: qa.Report) -> list[str]:
    return [finding.code for finding in report.findings]


def check(payload: Any, format: str, **settings: Any) -> list[str]:
    return codes(
        qa.check(json.dumps(payload).encode(), format=format, settings=qa.Settings(**settings))
    )


class TestSums:
    @pytest.mark.parametrize(
        ("off", "expected"),
        [
            (0, []),
            (4.5e-11, []),
            (1e-6, []),
            (1.0009e-6, []),
            (1.1e-6, ["QA202"]),
            (1e-3, ["QA202"]),
            (1e-3 + 9e-10, ["QA202"]),
            (1e-3 + 2e-9, ["QA201"]),
            (0.059, ["QA201"]),
        ],
    )
    def test_bounds_are_inclusive_and_alike_on_both_sides(
        self, off: float, expected: list[str]
    ) -> None:
        for sign in (1, -1):
            assert check({"0": 0.5, "1": 0.5 + sign * off}, P1) == expected
            nested = {"probabilities": {"registers": {"c": {"0": 0.5, "1": 0.5 + sign * off}}}}
            assert check(nested, P2) == expected

    def test_sums_are_exact(self) -> None:
        values = [0.1] * 10
        assert functools.reduce(float.__add__, values) != 1.0
        payload = {str(state): value for state, value in enumerate(values)}
        assert check(payload, P1, sum_fine=0, sum_limit=0) == []

    def test_tolerances_are_settings(self) -> None:
        payload = {"0": 0.5, "1": 0.44}
        assert check(payload, P1) == ["QA201"]
        assert check(payload, P1, sum_limit=0.1) == ["QA202"]
        assert check(payload, P1, sum_limit=0.1, sum_fine=0.1) == []
        assert check({"0": 0.5, "1": 0.4999999}, P1, sum_fine=0) == ["QA202"]

    def test_registers_and_children_sum_each_by_itself(self) -> None:
        registers = {"a": {"0": 0.5}, "b": {"0": 0.5}, "c": {"0": 1}}
        assert check({"probabilities": {"registers": registers}}, P2) == ["QA201", "QA201"]

    def test_a_wrong_number_is_told_instead_of_the_sum(self) -> None:
        assert check({"0": 1.5}, P1) == ["QA203"]
        assert check({"0": "1"}, P1) == ["QA101"]


class TestIgnoring:
    def test_a_waivable_rule_is_left_out(self) -> None:
        assert check({"0": 0.5}, P1, ignore=frozenset({"QA201"})) == []
        assert check({"0": 1, "1": 0}, P1, ignore=frozenset({"QA205"})) == []
        data = b'{"0": 0.5}'
        settings = qa.Settings(ignore=frozenset({"QA201"}))
        assert qa.validator(P1, settings=settings).is_valid(data)
        assert qa.load(data, format=P1, settings=settings).report.ok

    @pytest.mark.parametrize("code", ["QA008", "QA101", "QA206", "QA210", "QA221", "QA222"])
    def test_what_would_leave_the_payload_unreadable_stays(self, code: str) -> None:
        with pytest.raises(qa.InvalidSettings, match=code):
            check({"0": 1}, P1, ignore=frozenset({code}))

    def test_an_unknown_code_is_refused(self) -> None:
        settings = qa.Settings(ignore={"QA999"})
        for use in (
            lambda: qa.check({"0": 1}, format=P1, settings=settings),
            lambda: qa.load({"0": 1}, format=P1, settings=settings),
            lambda: qa.validator(P1, settings=settings),
        ):
            with pytest.raises(qa.InvalidSettings, match="QA999"):
                use()


class TestSettings:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"max_bytes": 0},
            {"max_depth": -1},
            {"max_values": 1.5},
            {"max_findings": True},
            {"max_violations": 2**70},
            {"max_bytes": "1"},
            {"max_depth": 100_000},
            {"sum_fine": -1e-9},
            {"sum_fine": 1e-2},
            {"sum_limit": math.nan},
            {"sum_limit": math.inf},
        ],
    )
    def test_values_out_of_range_are_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=next(iter(wrong))):
            qa.Settings(**wrong)

    def test_any_set_of_codes_will_do(self) -> None:
        assert qa.Settings(ignore={"QA205"}) == qa.Settings(ignore=frozenset({"QA205"}))

    @pytest.mark.parametrize("wrong", ["QA205", ["QA205"], {1, "QA205"}, None])
    def test_what_is_no_set_of_codes_is_refused(self, wrong: Any) -> None:
        with pytest.raises(TypeError, match="set of codes"):
            qa.Settings(ignore=wrong)

    @pytest.mark.parametrize("wrong", ["x", None, True])
    def test_what_is_no_number_is_refused(self, wrong: Any) -> None:
        with pytest.raises(TypeError, match="sum_fine"):
            qa.Settings(sum_fine=wrong)


class TestWhateverTheSchemaSays:
    """A sync may bring a schema that asks less, or more; the findings of rules stay the same."""

    @pytest.mark.parametrize("format", RESULT_FORMATS)
    @given(
        payload=st.recursive(
            st.sampled_from([None, True, 0, 1, 2, -1, 0.5, 1e300, "0", "01", "x", "registers"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            "0",
                            "01",
                            "x",
                            "registers",
                            "shots",
                            "probabilities",
                            "histogram",
                            "circuit",
                        ]
                        + ["qubits", "gate", "target", "targets", "controls", "leakage_bits"]
                    ),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=10,
        )
    )
    def test_rules_take_any_shape(self, format: str, payload: Any) -> None:
        """No payload makes a rule raise, and what rules accept, the pinned schema accepts."""
        rules = rules_of(qa.FormatId(format))
        assert rules is not None
        errors = [each for each in rules(payload, qa.Settings()) if each.severity == "error"]
        if not errors and isinstance(payload, (dict, list)):
            report = qa.check(payload, format=format)
            # The schema of circuits closes its objects and bounds no angles; rules do neither.
            assert set(codes(report)) <= {
                "QA101",
                "QA103",
                "QA205",
                "QA214",
                "QA220",
                "QA226",
                "QA227",
                "QA228",
                "QA232",
            }
            if format != "ionq.native.v1":
                assert report.ok

    @pytest.mark.parametrize(
        ("format", "payload", "pointer"),
        [
            (P1, [], ""),
            (P1, {"0": "1"}, "/0"),
            (P2, [], ""),
            (P2, {"probabilities": None}, "/probabilities"),
            (P2, {"probabilities": {}}, "/probabilities"),
            (P2, {"probabilities": {"registers": []}}, "/probabilities/registers"),
            (P2, {"probabilities": {"registers": {"c": 1}}}, "/probabilities/registers/c"),
            (H1, [], ""),
            (H1, {"0": None}, "/0"),
            (H2, {"histogram": {"registers": {"c": {"0": "1"}}}}, "/histogram/registers/c/0"),
            (S1, {}, ""),
            (S1, [0.5], "/0"),
            (S2, {}, ""),
            (S2, {"shots": {}}, "/shots"),
            (S2, {"shots": [None]}, "/shots/0"),
            (S2, {"shots": [{"registers": None}]}, "/shots/0/registers"),
            (S2, {"shots": [{"registers": {"c": None}}]}, "/shots/0/registers/c"),
            (S2, {"shots": [{"registers": {"c": [True]}}]}, "/shots/0/registers/c/0"),
            (S2, {"shots": [{"registers": {"c": [1]}, "leakage_bits": 0}]}, "/shots/0/leakage_bits"),
            ("ionq.result.probabilities-aggregate.json.v1", [], ""),
            ("ionq.native.v1", [], ""),
            ("ionq.native.v1", {"qubits": 1, "circuit": {}}, "/circuit"),
            ("ionq.native.v1", {"circuit": []}, ""),
            ("ionq.native.v1", {"qubits": "1", "circuit": []}, "/qubits"),
            ("ionq.native.v1", {"qubits": 1, "circuit": [None]}, "/circuit/0"),
            ("ionq.native.v1", {"qubits": 1, "circuit": [{}]}, "/circuit/0"),
            ("ionq.native.v1", {"qubits": 1, "circuit": [{"gate": 1}]}, "/circuit/0/gate"),
            ("ionq.native.v1", {"qubits": 1, "circuit": [{"gate": "nop", "targets": 0}]}, "/circuit/0/targets"),
            ("ionq.native.v1", {"qubits": 1, "circuit": [{"gate": "gpi", "target": None}]}, "/circuit/0/target"),
        ],
    )  # fmt: skip
    def test_a_schema_that_asks_nothing_lets_no_shape_through(
        self, make_registry: MakeRegistry, format: str, payload: Any, pointer: str
    ) -> None:
        registry = make_registry({format: {"$schema": DRAFT_7, "$id": format}})
        report = qa.check(payload, format=format, registry=registry)
        assert [(each.code, each.pointer) for each in report.findings] == [("QA200", pointer)]

    @pytest.mark.parametrize(("code", "keyword", "format", "stricter", "payload"), STRICTER)
    def test_a_stricter_schema_does_not_rename_findings(
        self,
        make_registry: MakeRegistry,
        code: str,
        keyword: str,
        format: str,
        stricter: dict[str, Any],
        payload: Any,
    ) -> None:
        assert keyword in CODES[code].restates
        document = {"$schema": DRAFT_7, "$id": format, **stricter}
        registry = make_registry({format: document})
        data = json.dumps(payload).encode()
        assert not jsonschema.Draft7Validator(stricter).is_valid(payload)
        now = qa.check(data, format=format)
        then = qa.check(data, format=format, registry=registry)
        # Whatever bit says that a shot leaked, it is noted besides.
        found = [each for each in now.findings if each.code != "QA226"]
        stricter_found = [each for each in then.findings if each.code != "QA226"]
        assert {each.code for each in found} == {code}
        assert [(each.code, each.line, each.column) for each in stricter_found] == [
            (each.code, each.line, each.column) for each in found
        ]
        # What the schema refuses is refused, even where the rule by itself only warns.
        assert then.findings[0].severity == "error"
        assert not then.ok
        assert not qa.validator(format, registry=registry).is_valid(data)

    def test_every_keyword_that_a_rule_restates_is_tried(self) -> None:
        tried = {(code, keyword) for code, keyword, *_ in STRICTER}
        # Those of documents of devices are tried by tests/test_device_rules.py, and those of records
        # of jobs by tests/test_job_records.py.
        declared = {
            (code.id, keyword)
            for code in CODES.values()
            for keyword in code.restates
            if not code.id.startswith(("QA25", "QA26"))
        }
        assert tried == declared

    def test_what_only_the_schema_asks_is_told_as_such(self, make_registry: MakeRegistry) -> None:
        document = {"$schema": DRAFT_7, "$id": P1, "required": ["0"], "maxProperties": 1}
        registry = make_registry({P1: document})
        report = qa.check(b'{"1": 0.5, "2": 0.5}', format=P1, registry=registry)
        assert sorted(codes(report)) == ["QA102", "QA107"]

    def test_another_format_is_named_where_the_structure_is_wrong(self) -> None:
        wrong: list[tuple[Any, str, str]] = [
            ({"0": 0.5, "3": 0.5}, P2, P1),
            ({"probabilities": {"registers": {"c": {"0": 1}}}}, P1, P2),
            (["0"], H1, S1),
            ({"shots": [{"registers": {"c": [0]}}]}, S1, S2),
        ]
        for payload, format, like in wrong:
            first = qa.check(payload, format=format).findings[0]
            assert first.code in ("QA101", "QA102")
            assert like in first.message
        assert "looks like" not in qa.check({"0": "1"}, format=P1).findings[0].message


class TestMostTellingFirst:
    def test_errors_before_warnings_before_notes(self) -> None:
        payload = {"histogram": {"registers": {"a": {"0": 0, "1": 5}, "b": {}, "c": {"2": 5}}}}
        assert check(payload, H2) == ["QA213", "QA207", "QA214", "QA205"]

    def test_the_number_shown_is_bounded_and_the_rest_told(self) -> None:
        payload = {f"x{index}": 0.001 for index in range(1000)}
        report = qa.check(payload, format=P1)
        assert len(report.findings) == 100
        assert (report.errors, report.omitted, report.at_least) == (1000, 900, False)
        few = qa.check(payload, format=P1, settings=qa.Settings(max_findings=3))
        assert few.findings == report.findings[:3]
        assert (few.errors, few.omitted) == (1000, 997)

    @pytest.mark.parametrize(
        ("number", "told", "at_least"), [(199, 199, False), (200, 200, True), (300, 200, True)]
    )
    def test_the_number_collected_is_bounded(self, number: int, told: int, at_least: bool) -> None:
        settings = qa.Settings(max_violations=200)
        payload = {f"x{index}": 1 / number for index in range(number)}
        report = qa.check(json.dumps(payload).encode(), format=P1, settings=settings)
        assert (report.errors, report.at_least) == (told, at_least)
        unread = b"[" + b",".join([b"NaN"] * number) + b"]"
        report = qa.check(unread, format=S1, settings=settings)
        assert (report.errors, report.at_least) == (told, at_least)


def test_whole_floats_are_integers_everywhere() -> None:
    assert check({"0": 500.0, "3": 5e2}, H1) == []
    assert check({"shots": [{"registers": {"c": [1.0, 0.0]}}]}, S2) == []
    gate = {"gate": "gpi", "target": 0.0, "phase": 0.5}
    assert check({"qubits": 1.0, "circuit": [gate]}, "ionq.native.v1") == []
