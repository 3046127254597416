"""Rules of documents about devices: what each finds and where, and that they take any shape.

The schemas here let everything through, but where a test says what a schema asks: the rules must
hold whatever that is. Real documents are of IBM, by way of qiskit-ibm-runtime.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

import qartifacts as qa
from device_documents import (
    CHARACTERIZATION,
    CHARACTERIZATIONS,
    CONFIGURATION,
    DEFAULTS,
    DOCUMENTS,
    IBM_BACKENDS,
    IONQ_BACKENDS,
    PROPERTIES,
    REAL_CONFIGURATIONS,
    REAL_PROPERTIES,
    STATUS,
    parameter,
)
from qartifacts.codes import CODES
from qartifacts.identifiers import DEVICE_FORMATS
from qartifacts.payloads.quantities import dimension_of, instant, measured, seconds, share
from qartifacts.validate import RULE_CODES
from qartifacts.validate.rules import rules_of
from support import DRAFT_7, MakeRegistry

Change = Callable[[Any], Any]


def found(report: qa.Report) -> list[tuple[str, str]]:
    return [(each.code, each.pointer) for each in report.findings]


def put(*path: str | int, value: Any) -> Change:
    """What puts a value into a document."""

    def change(document: Any) -> Any:
        inner = document
        for step in path[:-1]:
            inner = inner[step]
        if isinstance(inner, list) and path[-1] == len(inner):
            inner.append(value)
        else:
            inner[path[-1]] = value
        return document

    return change


def once_more(*path: str | int) -> Change:
    """What repeats the first item of an array at its end."""

    def change(document: Any) -> Any:
        inner = document
        for step in path:
            inner = inner[step]
        inner.append(copy.deepcopy(inner[0]))
        return document

    return change


IN_PAGE = ("characterizations", 1)
METRICS = ("devices", 0, "performance_metrics")
LATER = "2026-01-01T13:00:00.001+01:00"

#: Format, what makes a document bad, and what is found.
BROKEN: list[tuple[str, Change, list[tuple[str, str]]]] = [
    (IONQ_BACKENDS, put(0, "qubits", value=-1), [("QA255", "/0/qubits")]),
    (IONQ_BACKENDS, put(1, "qubits", value=1.5), [("QA255", "/1/qubits")]),
    (IONQ_BACKENDS, put(1, "qubits", value="29"), [("QA200", "/1/qubits")]),
    (IONQ_BACKENDS, put(0, "last_updated", value="yesterday"), [("QA254", "/0/last_updated")]),
    (IONQ_BACKENDS, put(1, "last_updated", value=1490932820000), [("QA254", "/1/last_updated")]),
    (IONQ_BACKENDS, put(1, "last_updated", value=[]), [("QA200", "/1/last_updated")]),
    (IONQ_BACKENDS, once_more(), [("QA259", "/2/backend")]),
    (IONQ_BACKENDS, put(1, value=None), [("QA200", "/1")]),
    (IONQ_BACKENDS, lambda _: {}, [("QA200", "")]),
    (CHARACTERIZATION, put("connectivity", 1, value=[2, 3]), [("QA250", "/connectivity/1/1")]),
    (CHARACTERIZATION, put("connectivity", 1, value=[-1, 2]), [("QA250", "/connectivity/1/0")]),
    (CHARACTERIZATION, put("connectivity", 1, value=[0.5, 2]), [("QA250", "/connectivity/1/0")]),
    (CHARACTERIZATION, put("connectivity", 1, value=["0", 2]), [("QA200", "/connectivity/1/0")]),
    (CHARACTERIZATION, put("connectivity", 1, value=[1, 1.0]), [("QA251", "/connectivity/1")]),
    (CHARACTERIZATION, put("connectivity", 1, value=[0, 1, 2]), [("QA251", "/connectivity/1")]),
    (CHARACTERIZATION, put("connectivity", 1, value=[]), [("QA251", "/connectivity/1")]),
    (CHARACTERIZATION, put("connectivity", 1, value="..."), [("QA200", "/connectivity/1")]),
    (CHARACTERIZATION, put("connectivity", value={}), [("QA200", "/connectivity")]),
    (CHARACTERIZATION, put("fidelity", "1q", "median", value=99.98), [("QA252", "/fidelity/1q/median")]),
    (CHARACTERIZATION, put("fidelity", "spam", "mean", value=-0.1), [("QA252", "/fidelity/spam/mean")]),
    (CHARACTERIZATION, put("fidelity", "2q", "median", value="1"), [("QA200", "/fidelity/2q/median")]),
    (CHARACTERIZATION, put("fidelity", "2q", value=0.99), [("QA200", "/fidelity/2q")]),
    (CHARACTERIZATION, put("fidelity", value=0.99), [("QA200", "/fidelity")]),
    (CHARACTERIZATION, put("timing", "t1", value=-1), [("QA252", "/timing/t1")]),
    (CHARACTERIZATION, put("timing", "readout", value="1"), [("QA200", "/timing/readout")]),
    (CHARACTERIZATION, put("timing", value=[]), [("QA200", "/timing")]),
    (CHARACTERIZATION, put("timing", "t2", value=201), [("QA256", "/timing/t2")]),
    (CHARACTERIZATION, put("date", value="2026-02-30T00:00:00Z"), [("QA254", "/date")]),
    (CHARACTERIZATION, put("qubits", value=-3), [("QA255", "/qubits")]),
    (CHARACTERIZATION, lambda _: [], [("QA200", "")]),
    (CHARACTERIZATIONS, put(*IN_PAGE, "connectivity", value=[[0, 2]]), [("QA250", "/characterizations/1/connectivity/0/1")]),
    (CHARACTERIZATIONS, put(*IN_PAGE, "connectivity", value=[[0, 0]]), [("QA251", "/characterizations/1/connectivity/0")]),
    (CHARACTERIZATIONS, put(*IN_PAGE, "fidelity", "2q", "mean", value=2), [("QA252", "/characterizations/1/fidelity/2q/mean")]),
    (CHARACTERIZATIONS, put(*IN_PAGE, "date", value=10**300), [("QA254", "/characterizations/1/date")]),
    (CHARACTERIZATIONS, put(*IN_PAGE, "qubits", value=-1), [("QA255", "/characterizations/1/qubits")]),
    (CHARACTERIZATIONS, put(*IN_PAGE, "timing", "t2", value=20001), [("QA256", "/characterizations/1/timing/t2")]),
    (CHARACTERIZATIONS, put("characterizations", value={}), [("QA200", "/characterizations")]),
    (CHARACTERIZATIONS, lambda _: [], [("QA200", "")]),
    (IBM_BACKENDS, put("devices", 0, "qubits", value=-1), [("QA255", "/devices/0/qubits")]),
    (IBM_BACKENDS, put("devices", 0, "performance_metrics", "two_q_error_best", "value", value=3), [("QA252", "/devices/0/performance_metrics/two_q_error_best/value")]),
    (IBM_BACKENDS, put("devices", 1, "name", value="ibm_trio"), [("QA259", "/devices/1/name")]),
    (IBM_BACKENDS, put("devices", value=None), [("QA200", "/devices")]),
    (IBM_BACKENDS, lambda _: {}, [("QA200", "")]),
    (IBM_BACKENDS, lambda _: [], [("QA200", "")]),
    (CONFIGURATION, put("coupling_map", 0, value=[0, 3]), [("QA250", "/coupling_map/0/1")]),
    (CONFIGURATION, put("coupling_map", 0, value=[0, 0]), [("QA251", "/coupling_map/0")]),
    (CONFIGURATION, put("coupling_map", 0, value=[0]), [("QA251", "/coupling_map/0")]),
    (CONFIGURATION, put("gates", 1, "coupling_map", 0, value=[3]), [("QA250", "/gates/1/coupling_map/0/0")]),
    (CONFIGURATION, put("gates", 0, "coupling_map", 0, value=[1, 1]), [("QA251", "/gates/0/coupling_map/0")]),
    (CONFIGURATION, put("gates", 0, value="cx"), [("QA200", "/gates/0")]),
    (CONFIGURATION, put("coords", 3, value=[1, 1]), [("QA253", "/coords")]),
    (CONFIGURATION, put("qubit_lo_range", value=[[4, 5]]), [("QA253", "/qubit_lo_range")]),
    (CONFIGURATION, put("meas_lo_range", value=[[4, 5]]), [("QA253", "/meas_lo_range")]),
    (CONFIGURATION, put("online_date", value="12 November"), [("QA254", "/online_date")]),
    (CONFIGURATION, put("n_qubits", value=3.5), [("QA255", "/n_qubits")]),
    (CONFIGURATION, lambda _: [], [("QA200", "")]),
    (PROPERTIES, put("gates", 0, "qubits", value=[0, 3]), [("QA250", "/gates/0/qubits/1")]),
    (PROPERTIES, put("qubits", value=[]), [("QA250", "/qubits")]),
    (PROPERTIES, put("gates", 0, "qubits", value=["0", "1"]), [("QA200", "/gates/0/qubits/0"), ("QA200", "/gates/0/qubits/1")]),
    (PROPERTIES, put("gates", 0, "qubits", value=[2, 2]), [("QA251", "/gates/0/qubits")]),
    (PROPERTIES, put("gates", 0, "qubits", value=[]), [("QA251", "/gates/0/qubits")]),
    (PROPERTIES, put("gates", 0, "gate", value=None), [("QA200", "/gates/0/gate")]),
    (PROPERTIES, put("gates", 0, value=None), [("QA200", "/gates/0")]),
    (PROPERTIES, put("gates", 0, "parameters", 0, "value", value=1.1), [("QA252", "/gates/0/parameters/0/value")]),
    (PROPERTIES, put("gates", 0, "parameters", 1, "value", value=-84), [("QA252", "/gates/0/parameters/1/value")]),
    (PROPERTIES, put("qubits", 0, 2, "value", value=-0.1), [("QA252", "/qubits/0/2/value")]),
    (PROPERTIES, put("qubits", 0, 0, "value", value="120"), [("QA200", "/qubits/0/0/value")]),
    (PROPERTIES, put("qubits", 1, 2, "value", value="1"), [("QA200", "/qubits/1/2/value")]),
    (PROPERTIES, put("qubits", 1, value={}), [("QA200", "/qubits/1")]),
    (PROPERTIES, put("qubits", 0, 0, value=[]), [("QA200", "/qubits/0/0")]),
    (PROPERTIES, put("qubits", 0, 0, "name", value=1), [("QA200", "/qubits/0/0/name")]),
    (PROPERTIES, put("qubits", 0, 0, "unit", value=1), [("QA200", "/qubits/0/0/unit")]),
    (PROPERTIES, put("qubits", 0, 0, "date", value="soon"), [("QA254", "/qubits/0/0/date")]),
    (PROPERTIES, put("last_update_date", value="soon"), [("QA254", "/last_update_date")]),
    (PROPERTIES, put("qubits", 0, 1, "value", value=0.2411), [("QA256", "/qubits/0/1/value")]),
    (PROPERTIES, put("qubits", 0, 1, "date", value=LATER), [("QA257", "/qubits/0/1/date")]),
    (PROPERTIES, put("general", 0, value=parameter("jq_01", 0, "GHz", LATER)), [("QA257", "/general/0/date")]),
    (PROPERTIES, put("qubits", 0, 0, "unit", value="min"), [("QA258", "/qubits/0/0/unit")]),
    (PROPERTIES, put("qubits", 0, 0, "unit", value="GHz"), [("QA258", "/qubits/0/0/unit")]),
    (PROPERTIES, put("qubits", 1, 2, "unit", value="rad"), [("QA258", "/qubits/1/2/unit")]),
    (PROPERTIES, once_more("qubits", 1), [("QA259", "/qubits/1/3")]),
    (PROPERTIES, once_more("gates"), [("QA259", "/gates/3")]),
    (PROPERTIES, lambda _: [], [("QA200", "")]),
]  # fmt: skip

#: Format, what changes a document, which stays good without a word.
FINE: list[tuple[str, Change]] = [
    (IONQ_BACKENDS, put(0, "last_updated", value=None)),
    (CHARACTERIZATION, put("connectivity", value=None)),
    (CHARACTERIZATION, put("date", value="2026-04-20")),
    (CHARACTERIZATION, put("fidelity", "2q", value=None)),
    (CHARACTERIZATION, put("timing", "t2", value=200)),
    (CHARACTERIZATION, put("timing", "t1", value=0)),
    (CHARACTERIZATIONS, put("characterizations", value=None)),
    (CHARACTERIZATIONS, put("characterizations", 0, "date", value=1725102011.5)),
    (IBM_BACKENDS, put("devices", 0, "performance_metrics", value=None)),
    (IBM_BACKENDS, put(*METRICS, "two_q_error_best", value={"value": 40, "unit": "%"})),
    (IBM_BACKENDS, put(*METRICS, "two_q_error_best", value={"value": 40, "unit": None})),
    (IBM_BACKENDS, put(*METRICS, "clops_h", value={"value": 250000, "unit": ""})),
    (IBM_BACKENDS, put(*METRICS, "clops_h", value="many")),
    (CONFIGURATION, put("coords", value=[])),
    (CONFIGURATION, put("meas_lo_range", value=[])),
    (CONFIGURATION, put("coupling_map", value=None)),
    (CONFIGURATION, put("coords", value=None)),
    (PROPERTIES, put("last_update_date", value="2026-01-01T06:00:00.5-06:00")),
    (PROPERTIES, put("qubits", 0, 1, "date", value="2026-01-01T13:00:00+01:00")),
    (PROPERTIES, put("general", 0, value="as it is published")),
    (PROPERTIES, put("qubits", 1, 2, "unit", value=None)),
    (PROPERTIES, put("qubits", 0, 0, "value", value=None)),
    (PROPERTIES, lambda document: {**document, "qubits": [], "gates": []}),
    (PROPERTIES, lambda document: {"gates": document["gates"]}),
]


class TestEachRule:
    @pytest.mark.parametrize("format", DOCUMENTS)
    def test_documents_as_services_answer_are_good(self, lenient: qa.Registry, format: str) -> None:
        assert found(qa.check(DOCUMENTS[format](), format=format, registry=lenient)) == []

    @pytest.mark.parametrize(("format", "change", "expected"), BROKEN)
    def test_what_is_wrong(
        self,
        lenient: qa.Registry,
        format: str,
        change: Change,
        expected: list[tuple[str, str]],
    ) -> None:
        text = json.dumps(change(DOCUMENTS[format]())).encode()
        report = qa.check(text, format=format, registry=lenient)
        assert found(report) == expected
        assert report.ok is (CODES[expected[0][0]].severity == "note")

    @pytest.mark.parametrize(("format", "change"), FINE)
    def test_what_is_not_wrong(self, lenient: qa.Registry, format: str, change: Change) -> None:
        text = json.dumps(change(DOCUMENTS[format]())).encode()
        assert found(qa.check(text, format=format, registry=lenient)) == []

    def test_the_table_of_codes_is_true(self) -> None:
        reached: dict[str, set[str]] = {}
        for format, _, expected in BROKEN:
            reached.setdefault(format, set()).update(code for code, _ in expected)
        for format in set(DEVICE_FORMATS) - {STATUS, DEFAULTS}:
            assert reached[format] - {"QA200"} == set(RULE_CODES[format]), format

    def test_parameters_are_noted_once(self, lenient: qa.Registry) -> None:
        document = DOCUMENTS[PROPERTIES]()
        document["last_update_date"] = "2026-01-01T10:00:00Z"
        for index in range(2):
            document["qubits"][index][0]["unit"] = "min"
        report = qa.check(document, format=PROPERTIES, registry=lenient)
        assert sorted(found(report)) == [
            ("QA257", "/qubits/0/0/date"),
            ("QA258", "/qubits/0/0/unit"),
        ]

    def test_items_for_other_qubits_can_be_ignored(self, lenient: qa.Registry) -> None:
        report = qa.check(
            {"n_qubits": 2, "coords": [[0, 0]]},
            format=CONFIGURATION,
            registry=lenient,
            settings=qa.Settings(ignore={"QA253"}),
        )
        assert (report.ok, found(report)) == (True, [])

    def test_notes_can_be_ignored_and_raised(self, lenient: qa.Registry) -> None:
        document = DOCUMENTS[CHARACTERIZATION]()
        document["timing"]["t2"] = 500
        for settings, ok, codes in (
            (qa.Settings(ignore={"QA256"}), True, []),
            (qa.Settings(raised={"QA256"}), False, ["QA256"]),
        ):
            report = qa.check(
                document, format=CHARACTERIZATION, registry=lenient, settings=settings
            )
            assert (report.ok, [code for code, _ in found(report)]) == (ok, codes)


#: Code, keyword, format, what a schema may ask one day, and what breaks it and the rule.
STRICTER: list[tuple[str, str, str, dict[str, Any], Any]] = [
    *(
        ("QA250", keyword, CHARACTERIZATION, {"properties": {"connectivity": {"items": {"items": {keyword: limit}}}}}, {"qubits": 2, "connectivity": [[0, wrong]]})
        for keyword, limit, wrong in [
            ("minimum", 0, -1), ("exclusiveMinimum", -1, -1), ("maximum", 1, 2),
            ("exclusiveMaximum", 2, 2), ("type", "integer", 0.5), ("multipleOf", 1, 0.5),
        ]
    ),
    *(
        ("QA251", keyword, CHARACTERIZATION, {"properties": {"connectivity": {"items": {keyword: limit}}}}, {"connectivity": [wrong]})
        for keyword, limit, wrong in [("minItems", 2, [0]), ("maxItems", 2, [0, 1, 2]), ("uniqueItems", True, [1, 1])]
    ),
    *(
        ("QA252", keyword, CHARACTERIZATION, {"properties": {"fidelity": {"properties": {"1q": {"properties": {"mean": {keyword: limit}}}}}}}, {"fidelity": {"1q": {"mean": wrong}}})
        for keyword, limit, wrong in [
            ("minimum", 0, -1), ("exclusiveMinimum", -0.1, -1), ("maximum", 1, 2), ("exclusiveMaximum", 1.1, 2),
        ]
    ),
    ("QA253", "minItems", CONFIGURATION, {"properties": {"coords": {"minItems": 2}}}, {"n_qubits": 2, "coords": [[0, 0]]}),
    ("QA253", "maxItems", CONFIGURATION, {"properties": {"coords": {"maxItems": 1}}}, {"n_qubits": 1, "coords": [[0, 0], [0, 1]]}),
    ("QA254", "pattern", CHARACTERIZATION, {"properties": {"date": {"pattern": "^[0-9]{4}-"}}}, {"date": "June"}),
    *(
        ("QA255", keyword, CHARACTERIZATION, {"properties": {"qubits": {keyword: limit}}}, {"qubits": wrong})
        for keyword, limit, wrong in [
            ("minimum", 1, -1), ("exclusiveMinimum", -1, -1), ("type", "integer", 0.5), ("multipleOf", 1, 0.5),
        ]
    ),
    ("QA258", "enum", PROPERTIES, {"properties": {"general": {"items": {"properties": {"unit": {"enum": ["GHz"]}}}}}}, {"general": [parameter("a", 1, "x")]}),
]  # fmt: skip


class TestWhateverTheSchemaSays:
    @pytest.mark.parametrize(("code", "keyword", "format", "stricter", "payload"), STRICTER)
    def test_a_stricter_schema_does_not_rename_findings(
        self,
        make_registry: MakeRegistry,
        lenient: qa.Registry,
        code: str,
        keyword: str,
        format: str,
        stricter: dict[str, Any],
        payload: Any,
    ) -> None:
        assert keyword in CODES[code].restates
        assert not jsonschema.Draft7Validator(stricter).is_valid(payload)
        registry = make_registry({format: {"$schema": DRAFT_7, "$id": format, **stricter}})
        data = json.dumps(payload).encode()
        now = qa.check(data, format=format, registry=lenient)
        then = qa.check(data, format=format, registry=registry)
        assert [each.code for each in now.findings] == [code]
        assert [(each.code, each.pointer) for each in then.findings] == found(now)
        assert not then.ok

    def test_every_keyword_that_a_rule_restates_is_tried(self) -> None:
        tried = {(code, keyword) for code, keyword, *_ in STRICTER}
        ours = [code for code in CODES.values() if code.id.startswith("QA25")]
        assert tried == {(code.id, keyword) for code in ours for keyword in code.restates}

    @pytest.mark.parametrize("format", [each for each in DEVICE_FORMATS if rules_of(each)])
    @given(
        payload=st.recursive(
            st.sampled_from(
                [None, True, 0, 1, 2, -1, 0.5, 1e300, 10**30, "", "us", "T1", "T2", "2026-01-01"]
            ),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["qubits", "connectivity", "fidelity", "timing", "1q", "median", "date"]
                        + ["characterizations", "backend", "last_updated", "n_qubits", "gates"]
                        + ["devices", "performance_metrics", "value", "unit", "name", "coords"]
                        + ["coupling_map", "gate", "parameters", "general", "t1", "t2", "readout"]
                        + ["last_update_date", "online_date", "status", "max_shots"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        )
    )
    def test_rules_take_any_shape(self, format: str, payload: Any) -> None:
        rules = rules_of(qa.FormatId(format))
        assert rules is not None
        for each in rules(payload, qa.Settings()):
            assert each.code == "QA200" or each.code in RULE_CODES[qa.FormatId(format)]

    @pytest.mark.parametrize("format", DOCUMENTS)
    @given(data=st.data())
    @example_settings(max_examples=60)
    def test_what_passes_can_be_viewed(
        self, lenient: qa.Registry, format: str, data: st.DataObject
    ) -> None:
        """Whatever takes the place of some value: what passes makes a device, and never raises."""
        document = DOCUMENTS[format]()
        for _ in range(data.draw(st.integers(1, 3))):
            containers = [each for each in _containers(document) if each]
            if not containers:
                break
            inner = data.draw(st.sampled_from(containers))
            places = sorted(inner) if isinstance(inner, dict) else list(range(len(inner)))
            inner[data.draw(st.sampled_from(places))] = data.draw(
                st.sampled_from(
                    [None, True, -1, 0, 1, 7, 0.5, 1e308, 10**300, "", "x", "2026-01-01", [], {}]
                    + [[0], [0, 1], [1, 1], ["..."], [None], {"value": 1}, {"name": "T1"}]
                )
            )
        text = json.dumps(document).encode()
        report = qa.check(text, format=format, registry=lenient)
        if report.ok:
            for device in qa.devices(text, format=format, registry=lenient):
                repr(device)
                device.qubit_columns()
                device.gate_columns()
                assert device.limits is not None
                assert device._repr_html_()
        else:
            with pytest.raises(qa.InvalidArtifact):
                qa.devices(text, format=format, registry=lenient)


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)


class TestHostile:
    def test_findings_are_bounded(self, lenient: qa.Registry) -> None:
        document = {"qubits": 2, "connectivity": [[5, 5]] * 30_000}
        report = qa.check(document, format=CHARACTERIZATION, registry=lenient)
        assert report.errors == 10_000
        assert report.at_least
        assert len(report.findings) == 100

    def test_so_are_notes(self, lenient: qa.Registry) -> None:
        units = [parameter(f"p{index}", 1, f"u{index}") for index in range(1000)]
        document = {"qubits": [units]}
        report = qa.check(document, format=PROPERTIES, registry=lenient)
        assert report.notes == 20

    def test_long_and_odd_texts_are_shown_safely(self, lenient: qa.Registry) -> None:
        document = {"date": "\x1b[31m" * 100_000, "backend": "\u202e"}
        (finding,) = qa.check(document, format=CHARACTERIZATION, registry=lenient).findings
        assert len(finding.message) < 500
        assert finding.message.isprintable()


class TestRealDocuments:
    def test_there_are_as_many_as_were_counted(self) -> None:
        assert (len(REAL_CONFIGURATIONS), len(REAL_PROPERTIES)) == (68, 69)

    def test_none_of_them_breaks_a_rule_and_notes_are_those_that_were_counted(self) -> None:
        documents: Counter[str] = Counter()
        findings: Counter[str] = Counter()
        for format, paths in (
            (CONFIGURATION, REAL_CONFIGURATIONS),
            (PROPERTIES, REAL_PROPERTIES),
        ):
            rules = rules_of(qa.FormatId(format))
            assert rules is not None
            for path in paths:
                payload = json.loads(path.read_bytes())
                codes = [each.code for each in rules(payload, qa.Settings())]
                documents.update(set(codes))
                findings.update(codes)
        assert documents == {"QA256": 26, "QA257": 26}
        assert findings == {"QA256": 58, "QA257": 26}

    @pytest.mark.parametrize(
        "path", [*REAL_CONFIGURATIONS, *REAL_PROPERTIES], ids=lambda path: path.name
    )
    def test_they_are_told_by_their_content(self, lenient: qa.Registry, path: Path) -> None:
        report = qa.check(path, registry=lenient)
        assert report.ok
        assert report.format == (CONFIGURATION if path.name.startswith("conf") else PROPERTIES)


class TestContent:
    @pytest.mark.parametrize("format", DOCUMENTS)
    def test_a_document_is_told_by_its_content(self, lenient: qa.Registry, format: str) -> None:
        assert qa.check(DOCUMENTS[format](), registry=lenient).format == format

    @pytest.mark.parametrize(
        "payload",
        [
            {"backend": "qpu.a", "qubits": 3, "status": "available"},  # One of a list.
            [{"backend": "qpu.a"}],
            {"backend": "qpu.a", "fidelity": {}},
            {"backend": "qpu.a", "fidelity": {}, "timing": {}, "date": 1725102011},  # Version 0.3.
            {"characterizations": [1]},
            {"characterizations": [], "other": 1},
            {"characterizations": None},
            {"characterizations": []},
            {"characterizations": [{"backend": "qpu.a"}]},
            [{"backend": "qpu.a", "status": "available", "qubits": 3}],
            {"backend_name": "ibm_fez", "n_qubits": 5, "basis_gates": []},
            {"backend_name": "ibm_fez", "n_qubits": 5, "basis_gates": [], "gates": []},
            {"backend_name": "ibm_fez", "n_qubits": 5, "basis_gates": [], "coupling_map": []},
            {"length_queue": 5},
            {"devices": ["ibm_fez"]},
            {"devices": []},
            {"backend_name": "ibm_fez", "qubits": []},
            {"backend_name": "ibm_fez", "n_qubits": 5},
            {"length_queue": 5, "id": 1},
            {"status": "active"},
        ],
    )
    def test_what_could_be_anything_is_not(self, lenient: qa.Registry, payload: Any) -> None:
        assert [code for code, _ in found(qa.check(payload, registry=lenient))] == ["QA020"]

    @pytest.mark.parametrize(
        "payload",
        [
            {"characterizations": None, "pages": 0},
            {"characterizations": [], "pages": 1},
            {"characterizations": [{"backend": "qpu.a", "timing": {}}]},
        ],
    )
    def test_pages(self, lenient: qa.Registry, payload: Any) -> None:
        assert qa.check(payload, registry=lenient).format == CHARACTERIZATIONS

    @pytest.mark.parametrize(
        ("format", "payload"),
        [
            ("ionq.result.shots.json.v2", {"shots": [{"registers": {"output_all": [0, 1]}}]}),
            ("ionq.result.histogram.json.v2", {"histogram": {"registers": {"c": {"01": 3}}}}),
            ("ionq.native.v1", {"qubits": 1, "circuit": []}),
        ],
    )
    def test_a_result_with_members_of_a_device_is_a_result(
        self, lenient: qa.Registry, format: str, payload: Any
    ) -> None:
        assert (
            qa.check({**DOCUMENTS[CONFIGURATION](), **payload}, registry=lenient).format == format
        )
        assert (
            qa.check({**DOCUMENTS[CHARACTERIZATION](), **payload}, registry=lenient).format
            == format
        )

    def test_results_are_told_as_before(self, lenient: qa.Registry) -> None:
        assert qa.check(["2", "1"], registry=lenient).format == "ionq.result.shots.json.v1"
        assert qa.check({"qubits": 1, "circuit": []}, registry=lenient).format == "ionq.native.v1"


class TestQuantities:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+00:00"),
            ("2026-01-31T12:00:00-05:00", "2026-01-31T17:00:00+00:00"),
            ("2026-01-31T12:00:00.123456+01:00", "2026-01-31T11:00:00.123456+00:00"),
            ("2026-01-31T12:00:00", "2026-01-31T12:00:00+00:00"),
            ("2026-01-31", "2026-01-31T00:00:00+00:00"),
            ("2026-01-31t12:00:00z", "2026-01-31T12:00:00+00:00"),
            ("2026-01-31 12:00", "2026-01-31T12:00:00+00:00"),
            ("2026-01-31 12:00:00-0530", "2026-01-31T17:30:00+00:00"),
            ("2026-01-31T12:00:00.5+01", "2026-01-31T11:00:00.500000+00:00"),
            ("2026-01-31T12:00:00.1234569Z", "2026-01-31T12:00:00.123456+00:00"),
            ("2026-01-31T24:00:00Z", "2026-02-01T00:00:00+00:00"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
            ("2017-01-01T00:59:60.25+01:00", "2017-01-01T00:00:00.250000+00:00"),
            (1725102011, "2024-08-31T11:00:11+00:00"),
            (0.5, "1970-01-01T00:00:00.500000+00:00"),
        ],
    )
    def test_moments(self, value: Any, expected: str) -> None:
        moment = instant(value)
        assert moment is not None
        assert moment.isoformat() == expected

    @pytest.mark.parametrize(
        "value",
        ["", "x", "2026-13-01", "0001-01-01T00:00:00+23:59", "\ud800", "2026-01-01T00:00:00+99:00"]
        + ["2026-04-20x00:00:00", "2026-04-20T", "2026-04-20T24:00:01Z", "2026-04-20T12:60:00Z"]
        + ["2026-04-20T12:00:61Z", "2026-04-20T25:00:00Z", "2026-04-20T12:00:00Z ", "20260420"]
        + ["2026-W05-6", "9999-12-31T24:00:00Z", "2026-04-20T12:00:00+01:60", "٢٠٢٦-04-20"]
        + [10**400, 1e300, -1e300, 1725102011000, None, True, [], {}],
    )
    def test_what_is_no_moment(self, value: Any) -> None:
        assert instant(value) is None

    def test_units(self) -> None:
        assert [seconds(1560, unit) for unit in ("s", "ms", "us", "µs", "μs", "ns", "ps")] == [
            1560, 1.56, 1.56e-3, 1.56e-3, 1.56e-3, 1.56e-6, 1.56e-9,
        ]  # fmt: skip
        frequency = dimension_of("frequency")
        assert frequency is not None
        assert [measured(4.9, unit, frequency) for unit in ("Hz", "kHz", "MHz", "GHz")] == [
            4.9, 4.9e3, 4.9e6, 4.9e9,
        ]  # fmt: skip
        assert measured(1e305, "GHz", frequency) is None  # No double holds it.
        assert share(0.5) == 0.5

    @pytest.mark.parametrize(
        ("value", "unit"),
        [(1, "GHz"), (1, "min"), (1, None), (True, "s"), ("1", "s"), (None, "s"), (10**400, "s")],
    )
    def test_what_is_no_time(self, value: Any, unit: Any) -> None:
        assert seconds(value, unit) is None
