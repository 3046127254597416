"""Rules: tolerances, what may be ignored, and that they hold whatever the schema lets through."""

from __future__ import annotations

import functools
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.validate.rules import rules_of
from support import DRAFT_7, MakeRegistry

P1 = "ionq.result.probabilities.json.v1"
P2 = "ionq.result.probabilities.json.v2"
H1 = "ionq.result.histogram.json.v1"
H2 = "ionq.result.histogram.json.v2"
S1 = "ionq.result.shots.json.v1"
S2 = "ionq.result.shots.json.v2"


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
        with pytest.raises(qa.InvalidSettings, match="QA999"):
            check({"0": 1}, P1, ignore=frozenset({"QA999"}))


class TestSettings:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"max_bytes": 0},
            {"max_depth": -1},
            {"max_values": 1.5},
            {"max_findings": True},
            {"max_violations": 2**70},
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

    def test_a_text_is_no_set_of_codes(self) -> None:
        with pytest.raises(TypeError, match="set of codes"):
            qa.Settings(ignore="QA205")  # type: ignore[arg-type]


class TestWhateverTheSchemaSays:
    """A sync may bring a schema that asks less, or more; the findings of rules stay the same."""

    @pytest.mark.parametrize("format", qa.formats())
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
            (S1, [0], "/0"),
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

    @pytest.mark.parametrize(
        ("format", "stricter", "payload", "code"),
        [
            (P1, {"additionalProperties": {"type": "number", "maximum": 1}}, {"0": 1.5}, "QA203"),
            (P1, {"minProperties": 1}, {}, "QA204"),
            (P1, {"propertyNames": {"pattern": "^[0-9]$"}}, {"ab": 1}, "QA206"),
            (P1, {"patternProperties": {"^[0-9]$": {}}, "additionalProperties": False}, {"a": 1}, "QA206"),
            (H1, {"additionalProperties": {"type": "integer"}}, {"0": 0.5}, "QA210"),
            (H1, {"additionalProperties": {"type": "integer", "minimum": 0}}, {"0": -1}, "QA211"),
            (S1, {"items": {"type": "string", "pattern": "^[1-9][0-9]*$|^0$"}}, ["01"], "QA224"),
            (S1, {"minItems": 1}, [], "QA220"),
        ],
    )  # fmt: skip
    def test_a_stricter_schema_does_not_rename_findings(
        self, make_registry: MakeRegistry, format: str, stricter: Any, payload: Any, code: str
    ) -> None:
        registry = make_registry({format: {"$schema": DRAFT_7, "$id": format, **stricter}})
        now = qa.check(json.dumps(payload).encode(), format=format)
        then = qa.check(json.dumps(payload).encode(), format=format, registry=registry)
        assert codes(now) == codes(then) == [code]
        assert then.findings == now.findings

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

    def test_the_number_collected_is_bounded(self) -> None:
        payload = json.dumps({f"x{index}": True for index in range(500)}).encode()
        report = qa.check(payload, format=P1, settings=qa.Settings(max_violations=200))
        assert report.errors == 200
        assert report.at_least


def test_whole_floats_are_integers_everywhere() -> None:
    assert check({"0": 500.0, "3": 5e2}, H1) == []
    assert check({"shots": [{"registers": {"c": [1.0, 0.0]}}]}, S2) == []
    gate = {"gate": "gpi", "target": 0.0, "phase": 0.5}
    assert check({"qubits": 1.0, "circuit": [gate]}, "ionq.native.v1") == []
