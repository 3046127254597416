"""Records of jobs: how they are told, what their rules find, and errata that evidence forces."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import ionq_core.models
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qartifacts as qa
import qartifacts_models.msgspec
import qartifacts_models.pydantic
import qartifacts_models.typeddicts
from job_records import (
    FUNCTION,
    MULTI,
    OLD,
    QAOA,
    RECORDS,
    SINGLE,
    child,
    debiased,
    function,
    multi,
    old,
    qaoa,
    single,
)
from qartifacts.codegen import module_name
from qartifacts.codes import CODES
from qartifacts.registry.errata import amended, read_errata
from qartifacts.validate import RULE_CODES
from qartifacts.validate.rules import rules_of
from support import DRAFT_7, JOB_FORMATS, ROOT, MakeRegistry, Run

H1, H2, S2 = (
    f"ionq.result.{each}" for each in ("histogram.json.v1", "histogram.json.v2", "shots.json.v2")
)
P1, P2 = "ionq.result.probabilities.json.v1", "ionq.result.probabilities.json.v2"

Change = Callable[[dict[str, Any]], object]


def found(report: qa.Report) -> list[tuple[str, str]]:
    return [(each.code, each.pointer) for each in report.findings]


def changed(record: dict[str, Any], path: str, value: Any = ...) -> dict[str, Any]:
    """A record with another value at a path of names and indices; without it, if none is given."""
    *way, last = path.split("/")
    at: Any = record
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if value is ...:
        del at[last]
    else:
        at[int(last) if isinstance(at, list) else last] = value
    return record


def descriptor(id: str, format: str) -> dict[str, str]:
    return {"id": id, "format": format, "media_type": "application/json"}


# ----------------------------------------------------------------------------------------------
# How they are told


class TestDetection:
    @pytest.mark.parametrize("format", RECORDS)
    def test_by_its_content(self, format: str) -> None:
        report = qa.check(json.dumps(RECORDS[format]()).encode())
        assert (report.format, report.findings) == (format, ())
        assert qa.check(RECORDS[format]()).format == format

    @pytest.mark.parametrize(
        "record",
        [
            child(),
            changed(single(), "type", "ionq.qir.v1"),
            changed(single(), "type", "qctrl.qaoa-circuit.v1"),
            changed(single(), "status"),
            changed(single(), "id"),
            {"id": 1, "status": None, "type": "ionq.qasm3.v1"},
        ],
        ids=["child", "qir", "of-qaoa", "no-status", "no-id", "nothing-but-these"],
    )
    def test_damaged_ones_and_all_types(self, record: Any) -> None:
        assert qa.check(record).format == SINGLE

    @pytest.mark.parametrize(
        "payload",
        [
            {"type": "ionq.circuit.v1"},
            # What is sent to create a job, and what comes back.
            {
                "type": "ionq.circuit.v1",
                "backend": "simulator",
                "shots": 1,
                "name": "x",
                "input": {},
            },
            {"id": "06b24d10-7a11-74c2-8000-4b1d6e0f9a01", "status": "ready", "session_id": None},
            {"id": 1, "status": "ok", "type": "backup"},
            {"id": 1, "status": "ok", "type": "quantum-function"},
            {"id": 1, "status": "ok", "type": ["ionq.circuit.v1"]},
            {"id": 1, "status": "ok", "type": "circuit"},
            {"id": 1, "status": "ok", "data": {}},
            {"id": 1, "status": "ok", "data": [{"histogram": {}}]},
            {"id": 1, "status": "ok", "type": "other", "data": {"histogram": {"0": 1}}},
            # Version 0.3 has its results elsewhere.
            {
                "id": 1,
                "status": "completed",
                "target": "simulator",
                "request": 1,
                "results_url": "/x",
            },
            [single()],
            {"jobs": [single()], "next": None},
        ],
        ids=str,
    )
    def test_of_what_is_no_record(self, payload: Any) -> None:
        report = qa.check(payload)
        assert (report.format, found(report)) == (None, [("QA020", "")])

    def test_old_ones_without_results(self) -> None:
        told = {"id": "x", "status": "ready", "type": "circuit", "target": "qpu", "request": 1}
        assert qa.check(told).format == OLD
        for name in ("type", "target", "request"):
            assert qa.check(changed(dict(told), name)).format is None

    def test_a_type_that_is_not_known_is_not_guessed(self) -> None:
        record = changed(single(), "type", "ionq.circuit.v2")
        report = qa.check(record)
        assert (report.format, found(report), report.ok) == (None, [("QA020", "")], False)
        assert '"ionq.circuit.v2"' in report.findings[0].message
        assert found(qa.check(record, format=SINGLE)) == [("QA104", "/type")]

    def test_a_registry_without_them(self, make_registry: MakeRegistry) -> None:
        registry = make_registry({H2: {"$schema": DRAFT_7, "$id": H2}})
        assert found(qa.check(single(), registry=registry)) == [("QA020", "")]

    def test_another_format_says_what_it_looks_like(self) -> None:
        report = qa.check(multi(), format=H2)
        assert f"this looks like {MULTI}" in report.findings[0].message


class TestInAWalk:
    """``job.json`` is a record that is checked, or it is passed over."""

    def write(self, name: str, value: Any) -> None:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, indent=2), encoding="utf-8")

    def checked(self, run: Run, *arguments: str) -> dict[str, list[str]]:
        done = run("check", *arguments, "--output", "json")
        reports = json.loads(done.stdout)["reports"]
        return {
            Path(each["source"]).as_posix(): [
                f"{one['severity']} {one['code']}@{one['line']}:{one['column']}"
                for one in each["findings"]
            ]
            for each in reports
        }

    def test_records_are_checked_with_places(self, run: Run) -> None:
        self.write("a/job.json", single())
        self.write("b/job.json", changed(multi(), "shots", "2000"))
        self.write("c/job.json", {"id": 1, "status": "ok", "type": "backup"})
        self.write("d/job.json", changed(single(), "type", "ionq.circuit.v2"))
        self.write("e/job.json", {"0": 0.5, "3": 0.5})
        assert self.checked(run, ".") == {
            "a/job.json": ["note QA301@1:1"],
            "b/job.json": ["error QA101@19:12"],
            "c/job.json": ["note QA020@1:1"],
            "d/job.json": ["note QA301@1:1", "note QA020@1:1"],
            "e/job.json": ["note QA020@1:1"],
        }
        assert run("check", "c/job.json").exit_code == run("check", "d/job.json").exit_code == 1
        assert run("check", "e/job.json").exit_code == 0  # Named, it is what it looks like.

    def test_a_format_for_the_results_is_not_that_of_the_record(self, run: Run) -> None:
        self.write("a/job.json", single())
        self.write("a/x.json", {"0": 500})
        alone = ["note QA301@1:1", "note QA311@1:1"]
        assert self.checked(run, "a", "--format", H1) == {"a/job.json": alone, "a/x.json": []}

    def test_a_format_for_the_record_is_its_own(self, run: Run) -> None:
        self.write("a/job.json", changed(single(), "type", "ionq.circuit.v2"))
        assert self.checked(run, "a", "--format", SINGLE) == {"a/job.json": ["error QA104@3:11"]}

    def test_a_record_that_is_no_record_cannot_be_raised(self, tmp_path: Path) -> None:
        for name, value, ok in (
            ("a", {"x": 1}, True),
            ("b", changed(single(), "type", "ionq.circuit.v2"), False),
        ):
            (tmp_path / name).mkdir()
            (tmp_path / name / "job.json").write_text(json.dumps(value), encoding="utf-8")
            raised = qa.Settings(raised={"QA020"})
            (report,) = qa.check_many([tmp_path / name], settings=raised)
            assert (found(report), report.ok) == ([("QA020", "")], ok)

    def test_what_it_says_of_its_neighbours_still_counts(self, run: Run) -> None:
        record = single()
        self.write("a/job.json", record)
        self.write(
            f"a/{record['results'][H2]['id']}.json", {"histogram": {"registers": {"c": {"0": 500}}}}
        )
        self.write(
            f"a/{record['results'][P2]['id']}.json", {"histogram": {"registers": {"c": {"0": 500}}}}
        )
        found = [
            [each for each in findings if "QA3" not in each]
            for findings in self.checked(run, "a").values()
        ]
        assert [len(each) for each in found] == [0, 1, 0]

    def test_a_device_says_nothing_of_a_record(self, run: Run) -> None:
        self.write("a/job.json", single())
        devices = str(ROOT / "examples" / "devices" / "backends.json")
        assert self.checked(run, "a", "--device", devices, "--device-name", "qpu.trio-1") == {
            "a/job.json": ["note QA301@1:1"]
        }


# ----------------------------------------------------------------------------------------------
# Rules

_VARIANT = "output/error_mitigation/debiasing/variants/0"

#: What is changed of which record, to what, and what the rules find; under a schema that asks for
#: nothing.
BROKEN: list[tuple[str, Any, str, Any, list[tuple[str, str]]]] = [
    (SINGLE, single, "submitted_at", "25 August 2026", [("QA260", "/submitted_at")]),
    (SINGLE, single, "started_at", "2026-08-25T25:00:00Z", [("QA260", "/started_at")]),
    (SINGLE, single, "completed_at", "", [("QA260", "/completed_at")]),
    (SINGLE, single, "completed_at", 1e300, [("QA260", "/completed_at")]),
    (SINGLE, single, "completed_at", True, [("QA200", "/completed_at")]),
    (SINGLE, single, "started_at", "2026-08-25T22:17:41.900Z", [("QA261", "/started_at")]),
    (SINGLE, single, "started_at", "2026-08-25T22:27:25.862Z", [("QA261", "/completed_at")]),
    (SINGLE, single, "completed_at", "2026-08-26T00:27:05+02:00", [("QA261", "/completed_at")]),
    (SINGLE, single, "id", "my-job", [("QA262", "/id")]),
    (SINGLE, single, "id", "{01b24d10-5c11-7a03-8f42-0d6c2b7e9a51}", [("QA262", "/id")]),
    (SINGLE, single, "id", 7, [("QA200", "/id")]),
    (SINGLE, single, "parent_job_id", "", [("QA262", "/parent_job_id")]),
    (SINGLE, single, "results", None, [("QA264", "/results")]),
    (SINGLE, single, "results", {}, [("QA264", "/results")]),
    (SINGLE, single, "results", [], [("QA200", "/results")]),
    (SINGLE, single, f"results/{H2}/format", S2, [("QA265", f"/results/{H2}/format")]),
    (SINGLE, single, f"results/{H2}/id", 1, [("QA200", f"/results/{H2}/id")]),
    (SINGLE, single, f"results/{H2}/media_type", ..., [("QA200", f"/results/{H2}")]),
    (SINGLE, single, f"results/{H2}", {}, [("QA200", f"/results/{H2}")] * 3),
    (SINGLE, single, f"results/{H2}", None, [("QA200", f"/results/{H2}")]),
    (SINGLE, single, "results/shots/url", 1, [("QA200", "/results/shots/url")]),
    (SINGLE, single, "output/compilation/compiled_circuits/ionq.native.v1/format", "ionq.qasm3.v1",
     [("QA265", "/output/compilation/compiled_circuits/ionq.native.v1/format")]),
    (SINGLE, debiased, f"{_VARIANT}/results/{H2}/format", P2, [("QA265", f"/{_VARIANT}/results/{H2}/format")]),
    (SINGLE, debiased, _VARIANT, "x", [("QA200", f"/{_VARIANT}")]),
    (SINGLE, debiased, f"{_VARIANT}/shots", "many", [("QA200", f"/{_VARIANT}/shots")]),
    (SINGLE, debiased, f"{_VARIANT}/shots", -1, [("QA266", f"/{_VARIANT}/shots")]),
    (SINGLE, single, "shots", 0, [("QA266", "/shots")]),
    (SINGLE, single, "shots", 1_000_001, [("QA266", "/shots")]),
    (SINGLE, single, "shots", 10**30, [("QA266", "/shots")]),
    (SINGLE, single, "shots", 1.5, [("QA266", "/shots")]),
    (SINGLE, single, "shots", "500", [("QA200", "/shots")]),
    (SINGLE, single, f"results/{H2}", descriptor("0a6f2f6e-1b7c-4d30-9b57-30f2b1c9d811", H2),
     [("QA268", f"/results/{H2}/format")]),
    (SINGLE, debiased, "output/error_mitigation/aggregations/dnl", descriptor("0a6f2f6e-1b7c-4d30-9b57-30f2b1c9d813", H2),
     [("QA268", "/output/error_mitigation/aggregations/dnl/format")]),
    (SINGLE, single, "child_job_ids", ["06b24d10-7a11-74c2-8000-4b1d6e0f9a01"] * 3,
     [("QA263", "/child_job_ids/1"), ("QA263", "/child_job_ids/2")]),
    (MULTI, multi, "child_job_ids/2", "06B24D10-7A11-74C2-8000-4B1D6E0F9A01", [("QA263", "/child_job_ids/2")]),
    (MULTI, multi, "child_job_ids/1", "second", [("QA262", "/child_job_ids/1")]),
    (MULTI, multi, "child_job_ids/1", 2, [("QA200", "/child_job_ids/1")]),
    (MULTI, multi, "child_job_ids", {"a": 1}, [("QA200", "/child_job_ids")]),
    (QAOA, qaoa, "results/qaoa_results/optimal_bitstring", "01 01", [("QA267", "/results/qaoa_results/optimal_bitstring")]),
    (QAOA, qaoa, "results/qaoa_results/optimal_bitstring", "", [("QA267", "/results/qaoa_results/optimal_bitstring")]),
    (QAOA, qaoa, "results/qaoa_results/optimal_bitstring", 101, [("QA200", "/results/qaoa_results/optimal_bitstring")]),
    (QAOA, qaoa, "results/qaoa_results/optimal_bitstring", ..., [("QA200", "/results/qaoa_results")]),
    (QAOA, qaoa, "results/qaoa_results", "0101", [("QA200", "/results/qaoa_results")]),
    (QAOA, qaoa, "results", None, [("QA264", "/results")]),
    (FUNCTION, function, "results", {}, [("QA264", "/results")]),
    (OLD, old, "id", "mine", [("QA262", "/id")]),
    (OLD, old, "request", "then", [("QA260", "/request")]),
    (OLD, old, "response", 1490932820, [("QA261", "/response")]),
    (OLD, old, "data", ..., [("QA264", "")]),
    (OLD, old, "data", {}, [("QA264", "/data")]),
    (OLD, old, "data/histogram", {}, [("QA264", "/data/histogram")]),
    (OLD, old, "data", [0.5], [("QA200", "/data")]),
    (OLD, old, "data/histogram", [], [("QA200", "/data/histogram")]),
    (OLD, old, "data/histogram", [0.5], [("QA200", "/data/histogram")]),
    (OLD, old, "data/histogram/2", 0.001, [("QA202", "/data/histogram")]),
    (OLD, old, "data/histogram/2", 0.5, [("QA201", "/data/histogram")]),
    (OLD, old, "data/histogram", {"0": 60, "3": 63}, [("QA203", "/data/histogram/0"), ("QA203", "/data/histogram/3")]),
    (OLD, old, "data/histogram", {"00": 0.5, "11": 0.5}, [("QA206", "/data/histogram/00")]),
]  # fmt: skip

#: What is no finding at all: the facts of what is normal.
FINE: list[tuple[str, Any, str, Any]] = [
    (SINGLE, single, "shots", ...),
    (SINGLE, single, "shots", 1_000_000),
    (SINGLE, single, "shots", 1),
    (SINGLE, single, "started_at", None),
    (SINGLE, single, "completed_at", "2026-08-25T22:27:05.257Z"),  # When it was started.
    (SINGLE, single, "submitted_at", "2026-08-25 22:17"),
    (SINGLE, single, "submitter_id", "64b03577072d45001c85e9c4"),
    (SINGLE, single, "id", "01B24D10-5C11-7A03-8F42-0D6C2B7E9A51"),
    (SINGLE, debiased, f"{_VARIANT}/shots", 0),
    (SINGLE, debiased, f"{_VARIANT}/qubit_map", [4]),
    (SINGLE, debiased, f"{_VARIANT}/results", ...),
    (SINGLE, single, f"results/{S2}", ...),
    # One artifact, told of twice alike.
    (SINGLE, debiased, "output/error_mitigation/aggregations/dnl", descriptor("0a6f2f6e-1b7c-4d30-9b57-30f2b1c9d812", H2)),
    (MULTI, multi, "child_job_ids", None),
    (MULTI, multi, "child_job_ids", []),
    (QAOA, qaoa, "results/qaoa_results/processing_status", "max_iteration"),
    (QAOA, qaoa, "status", "failed"),
    (FUNCTION, function, "results/variance", -1),  # Nobody says what it is computed by.
    (OLD, old, "shots", 10**9),
    (OLD, old, "data/histogram/2", 0),
]  # fmt: skip


def _ids(cases: list[Any]) -> list[str]:
    return [f"{case[0].removeprefix('ionq.')}-{case[2]}-{at}" for at, case in enumerate(cases)]


class TestRules:
    @pytest.mark.parametrize(
        ("format", "record", "path", "value", "expected"), BROKEN, ids=_ids(BROKEN)
    )
    def test_what_is_wrong(
        self,
        lenient: qa.Registry,
        format: str,
        record: Callable[[], dict[str, Any]],
        path: str,
        value: Any,
        expected: list[tuple[str, str]],
    ) -> None:
        text = json.dumps(changed(record(), path, value)).encode()
        report = qa.check(text, format=format, registry=lenient)
        assert sorted(found(report)) == sorted(expected)
        assert all(each.line for each in report.findings)
        assert report.ok is all(CODES[code].severity != "error" for code, _ in expected)

    @pytest.mark.parametrize(("format", "record", "path", "value"), FINE, ids=_ids(FINE))
    def test_what_is_normal(
        self,
        lenient: qa.Registry,
        format: str,
        record: Callable[[], dict[str, Any]],
        path: str,
        value: Any,
    ) -> None:
        text = json.dumps(changed(record(), path, value)).encode()
        expected = [("QA205", "/data/histogram/2")] if format == OLD and value == 0 else []
        assert found(qa.check(text, format=format, registry=lenient)) == expected

    @pytest.mark.parametrize("format", RECORDS)
    def test_what_is_no_object(self, lenient: qa.Registry, format: str) -> None:
        for value in (b"[]", b"1", b"null", b'"x"'):
            assert found(qa.check(value, format=format, registry=lenient)) == [("QA200", "")]

    def test_jobs_that_need_no_results(self) -> None:
        for changes in (
            {"dry_run": True},
            {"status": "ready", "completed_at": None},
            {"status": "failed", "failure": {"code": "QuotaExhaustedError", "message": ""}},
            {"status": "canceled"},
        ):
            assert qa.check({**single(), "results": None, **changes}, format=SINGLE).findings == ()
        # Only true is a dry run.
        (one, two) = qa.check({**single(), "results": None, "dry_run": 1}, format=SINGLE).findings
        assert (one.code, two.code) == ("QA101", "QA264")

    def test_tolerances_are_those_of_probabilities(self) -> None:
        record = changed(old(), "data/histogram", {"0": 0.5, "3": 0.49})
        assert found(qa.check(record)) == [("QA201", "/data/histogram")]
        wide = qa.Settings(sum_fine=0.1, sum_limit=0.2)
        assert qa.check(record, settings=wide).findings == ()

    def test_severities(self) -> None:
        ours = {code: str(CODES[code].severity) for code in CODES if code.startswith("QA26")}
        assert ours == {
            **dict.fromkeys(("QA260", "QA261", "QA262", "QA266"), "warning"),
            "QA264": "note",
            **dict.fromkeys(("QA263", "QA265", "QA267", "QA268"), "error"),
        }

    @pytest.mark.parametrize("format", RECORDS)
    @given(
        payload=st.recursive(
            st.sampled_from(
                [
                    None,
                    True,
                    0,
                    1,
                    -1,
                    0.5,
                    1e300,
                    10**30,
                    "",
                    "0101",
                    "completed",
                    H2,
                    "2026-01-01",
                ]
            ),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["id", "status", "submitted_at", "started_at", "child_job_ids", "results"]
                        + ["output", "compilation", "compiled_circuits", "error_mitigation", "url"]
                        + [
                            "debiasing",
                            "variants",
                            "aggregations",
                            "format",
                            "media_type",
                            H2,
                            "shots",
                        ]
                        + ["qaoa_results", "optimal_bitstring", "data", "histogram", "request", "0"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        )
    )
    def test_they_take_any_shape(self, format: str, payload: Any) -> None:
        rules = rules_of(qa.FormatId(format))
        assert rules is not None
        for each in rules(payload, qa.Settings()):
            assert each.code == "QA200" or each.code in RULE_CODES[qa.FormatId(format)]


#: Code, keyword, format, what a schema may ask one day, and what breaks it and the rule.
STRICTER: list[tuple[str, str, str, dict[str, Any], Any]] = [
    ("QA260", "pattern", FUNCTION, {"properties": {"submitted_at": {"pattern": "^[0-9]{4}-"}}}, {"submitted_at": "June"}),
    *(
        ("QA260", keyword, OLD, {"properties": {"request": {keyword: limit}}}, {"request": wrong})
        for keyword, limit, wrong in [
            ("minimum", 0, -1e300), ("exclusiveMinimum", 0, -1e300), ("maximum", 1e10, 1e300), ("exclusiveMaximum", 1e10, 1e300),
        ]
    ),
    *(
        ("QA262", keyword, OLD, {"properties": {"id": {keyword: limit}}}, {"id": wrong})
        for keyword, limit, wrong in [("pattern", "^[0-9a-f-]{36}$", "a"), ("minLength", 36, "a"), ("maxLength", 36, "a" * 37)]
    ),
    ("QA264", "minProperties", MULTI, {"properties": {"results": {"minProperties": 1}}}, {"status": "completed", "results": {}}),
    *(
        ("QA266", keyword, QAOA, {"properties": {"shots": {keyword: limit}}}, {"shots": wrong})
        for keyword, limit, wrong in [
            ("minimum", 1, 0), ("exclusiveMinimum", 0, 0), ("maximum", 10**6, 10**6 + 1), ("exclusiveMaximum", 10**6 + 1, 10**6 + 1),
            ("type", "integer", 1.5), ("multipleOf", 1, 1.5),
        ]
    ),
    *(
        ("QA267", keyword, QAOA, {"properties": {"results": {"properties": {"qaoa_results": {"properties": {"optimal_bitstring": {keyword: limit}}}}}}},
         {"results": {"qaoa_results": {"optimal_bitstring": ""}}})
        for keyword, limit in [("pattern", "^[01]+$"), ("minLength", 1)]
    ),
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
        assert {each.code for each in then.findings} == {code}
        assert not then.ok

    def test_every_keyword_that_a_rule_restates_is_tried(self) -> None:
        tried = {(code, keyword) for code, keyword, *_ in STRICTER}
        ours = [code for code in CODES.values() if code.id.startswith("QA26")]
        assert tried == {(code.id, keyword) for code in ours for keyword in code.restates}


# ----------------------------------------------------------------------------------------------
# Where they come from


def _components() -> dict[str, Any]:
    path = ROOT / "schemas" / "openapi" / "ionq-v0.4.json"
    components: dict[str, Any] = json.loads(path.read_bytes())["components"]["schemas"]
    return components


def _examples() -> dict[str, Any]:
    path = ROOT / "schemas" / "openapi" / "ionq-v0.4.json"
    answer = json.loads(path.read_bytes())["paths"]["/jobs/{UUID}"]["get"]["responses"]["200"]
    return {
        name: each["value"]
        for name, each in answer["content"]["application/json"]["examples"].items()
    }


def _model(name: str) -> Any:
    model = getattr(ionq_core.models, name, None)
    return model if model is not None and attrs.has(model) else None


class TestTheTranscription:
    """Against ionq-core, whose models were generated from the same document."""

    @pytest.mark.parametrize("name", [name for name in _components() if _model(name)])
    def test_members_are_those_of_the_models(self, name: str) -> None:
        if name == "Backend":
            return  # It is of an older edition, and has fewer.
        schema, model = _components()[name], _model(name)
        fields = {field.name.rstrip("_"): field for field in attrs.fields(model)}
        is_open = fields.pop("additional_properties", None) is not None
        assert set(fields) == set(schema.get("properties", {}))
        required = {name for name, field in fields.items() if field.default is attrs.NOTHING}
        assert required == set(schema.get("required", ()))
        assert is_open is (schema.get("additionalProperties", True) is not False)

    def test_enumerations_are_those_of_the_models(self) -> None:
        components = _components()
        for module, asked in (
            ("job_status.JOB_STATUS", components["JobStatus"]),
            ("failure_code.FAILURE_CODE", components["Failure"]["properties"]["code"]),
            ("api_cost_model.API_COST_MODEL", components["ApiCostModel"]),
            (
                "single_circuit_job_type.SINGLE_CIRCUIT_JOB_TYPE",
                components["SingleCircuitJob"]["properties"]["type"],
            ),
        ):
            name, _, constant = module.partition(".")
            values = getattr(
                __import__(f"ionq_core.models.{name}", fromlist=["x"]), f"{constant}_VALUES"
            )
            assert set(asked["enum"]) == values

    def test_enough_of_them_are_compared(self) -> None:
        assert sum(_model(name) is not None for name in _components()) >= 30

    def test_the_published_examples_need_the_errata(self) -> None:
        published = qa.Registry.bundled().as_published()
        assert len(_examples()) == 4
        for format, record in zip(JOB_FORMATS, _examples().values(), strict=False):
            assert qa.check(record, format=format).findings == ()
            assert found(qa.check(record, format=format, registry=published)) == [
                ("QA101", "/metadata"),
                ("QA101", "/failure"),
            ]

    def test_provenance_is_honest(self) -> None:
        for format in JOB_FORMATS:
            pin = qa.Registry.bundled()[format]
            assert (pin.source, pin.identifier, pin.obsolete) == ("documentation", "local", ())
            assert ("ionq-core" in pin.where) is (format != OLD)


#: What each erratum lets pass, of a record that passes without.
ERRATA: list[tuple[str, str, Any, dict[str, Any], list[str]]] = [
    (SINGLE, "null-members", _examples()["Single Circuit"], {}, ["/metadata", "/failure"]),
    (SINGLE, "legacy-results", single(), {}, ["/results/shots", "/results/histogram", "/results/probabilities"]),
    (SINGLE, "ore-type", child(), {}, ["/type"]),
    (SINGLE, "compilation-details", single(), {}, [f"/output/compilation/{each}" for each in ("precision", "gate_basis", "service_version")]),
    (SINGLE, "debiasing-flag", single(), {}, ["/output/error_mitigation/debiasing"]),
    (SINGLE, "null-allowed-states", single(), {}, ["/output/error_mitigation/symmetry_verification/num_allowed_states"]),
    (SINGLE, "warning", single(), {"warning": {"messages": ["x"]}}, ["/warning"]),
    (MULTI, "null-members", multi(), {"metadata": None}, ["/metadata", "/failure"]),
    (MULTI, "legacy-results", multi(), {}, ["/results/probabilities"]),
    (MULTI, "warning", multi(), {"warning": {}}, ["/warning"]),
    (QAOA, "null-members", qaoa(), {"results": None, "status": "ready", "started_at": None, "completed_at": None},
     ["/metadata", "/started_at", "/completed_at", "/failure", "/results"]),
    (FUNCTION, "null-members", function(), {}, ["/metadata", "/failure"]),
]  # fmt: skip


class TestErrata:
    @pytest.mark.parametrize(("format", "erratum", "record", "more", "places"), ERRATA)
    def test_each_lets_pass_what_its_evidence_shows(
        self,
        make_registry: MakeRegistry,
        format: str,
        erratum: str,
        record: dict[str, Any],
        more: dict[str, Any],
        places: list[str],
    ) -> None:
        """Without it, and with all others, the record fails in these places."""
        pin = qa.Registry.bundled()[format]
        errata = read_errata(qa.Registry.bundled().folder, pin.format)
        others = [each for each in errata if each.id != erratum]
        assert len(others) == len(errata) - 1
        document, _, _ = amended(pin.published, others)
        registry = make_registry({format: document})
        record = {**record, **more}
        assert qa.check(record, format=format).ok
        refused = qa.check(record, format=format, registry=registry)
        wrong = [each.pointer for each in refused.findings if each.severity == "error"]
        assert {pointer.removesuffix("/url") for pointer in wrong} == set(places)

    def test_every_one_is_tried(self) -> None:
        tried = {(format, erratum) for format, erratum, *_ in ERRATA}
        pins = qa.Registry.bundled()
        assert tried == {(format, each) for format in JOB_FORMATS for each in pins[format].errata}

    @pytest.mark.parametrize("format", RECORDS)
    def test_mutants_are_refused(self, format: str) -> None:
        """A record with one value of another kind: what an erratum lets pass is nothing else."""
        rng = random.Random(20261121)
        validator = qa.validator(format)
        schema = qa.Registry.bundled()[format].document
        fine = 0
        for path in _places(RECORDS[format]()):
            record = RECORDS[format]()
            value = _at(record, path)
            kinds = [each for each in _KINDS if type(each) is not type(value)]
            mutant = _with(record, path, rng.choice(kinds))
            # The judge shares nothing with the fast ways of the validator.
            expected = jsonschema.Draft7Validator(
                {**schema, "$schema": "http://json-schema.org/draft-07/schema#"}
            ).is_valid(mutant)
            passes = validator.is_valid(mutant)
            assert not (passes and not expected), (path, mutant)
            fine += passes
        assert fine < sum(1 for _ in _places(RECORDS[format]())) * (0.35 if format != OLD else 0.6)

    @pytest.mark.parametrize(
        "entry",
        [
            {"url": "/x", "id": "a"},
            {"url": "/x", "format": H2},
            {"url": None},
            {"uri": "/x"},
            {},
            {**descriptor("a", H2), "url": "/x"},
            {**descriptor("a", H2), "size": 1},
            "url",
            None,
            ["/x"],
        ],
        ids=str,
    )
    def test_entries_of_results_are_one_or_the_other(self, entry: Any) -> None:
        for format, record in ((SINGLE, single()), (MULTI, multi())):
            record["results"][H2] = entry
            report = qa.check(record, format=format)
            assert not report.ok
            assert all(each.pointer.startswith(f"/results/{H2}") for each in report.findings)

    def test_only_results_may_be_urls(self) -> None:
        url = {"url": "/v0.4/jobs/x/results/shots"}
        for path in (
            "output/compilation/compiled_circuits/ionq.native.v1",
            f"{_VARIANT}/results/{H2}",
        ):
            assert not qa.check(changed(debiased(), path, url), format=SINGLE)


#: A value of each kind.
_KINDS: tuple[Any, ...] = ({}, [], "x", -7, 0.25, True, None)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, each in inner:
        yield (*path, step)
        yield from _places(each, (*path, step))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    value = copy.deepcopy(value)
    _at(value, path[:-1])[path[-1]] = new
    return value


# ----------------------------------------------------------------------------------------------
# Models and views


class TestModels:
    @pytest.mark.parametrize(
        "package",
        [qartifacts_models.pydantic, qartifacts_models.msgspec, qartifacts_models.typeddicts],
        ids=lambda package: package.__name__.rpartition(".")[2],
    )
    def test_they_have_names_that_a_person_would_choose(self, package: Any) -> None:
        for format, name in {
            SINGLE: "SingleCircuitJob",
            MULTI: "MultiCircuitJob",
            QAOA: "QaoaJob",
            FUNCTION: "QuantumFunctionJob",
            OLD: "OldJob",
        }.items():
            assert getattr(package, name) is package.MODELS[format]
            module = Path(str(package.__file__)).parent / f"{module_name(qa.FormatId(format))}.py"
            for line in module.read_text(encoding="utf-8").splitlines():
                # Numbered ones are made up by the generator.
                assert not (line.startswith("class ") and line.partition("(")[0][-1].isdigit()), (
                    line
                )

    def test_what_they_hold(self) -> None:
        record = debiased()
        for package in (qartifacts_models.pydantic, qartifacts_models.msgspec):
            job = qa.decode(record, package.SingleCircuitJob)
            assert job.output.error_mitigation.debiasing.variants[1].qubit_map is None
            assert job.results[H2].format == H2
            assert job.results["shots"].url.endswith("/results/shots")
            assert (
                qa.decode(single(), package.SingleCircuitJob).output.error_mitigation.debiasing
                is False
            )
            assert (
                qa.decode({**single(), "metadata": None}, package.SingleCircuitJob).metadata is None
            )
            assert qa.decode(old(), package.OldJob).data.histogram["2"] == 1e-7
            assert (
                qa.decode(qaoa(), package.QaoaJob).results.qaoa_results.optimal_bitstring == "0101"
            )
            assert qa.decode(changed(qaoa(), "results", None), package.QaoaJob).results is None

    @pytest.mark.parametrize("format", RECORDS)
    def test_they_come_back_whole(self, format: str) -> None:
        model = qa.decode(RECORDS[format](), qartifacts_models.pydantic.MODELS[format])
        assert qa.from_model(model, format=format).payload == RECORDS[format]()


class TestAsArtifacts:
    @pytest.mark.parametrize("format", RECORDS)
    def test_a_record_holds_no_results(self, format: str) -> None:
        artifact = qa.load(RECORDS[format]())
        assert (artifact.format, artifact.payload) == (format, RECORDS[format]())
        assert (artifact.shots, artifact.leaked, artifact.register_names) == (None, None, ())
        assert artifact.width() is None
        for ask in (
            artifact.counts,
            artifact.probabilities,
            artifact.bits,
            artifact.split,
            lambda: artifact.convert(H2),
            lambda: qa.device(artifact),
        ):
            with pytest.raises(qa.ConversionError):
                ask()

    def test_commands_refuse_it_in_words(self, run: Run) -> None:
        Path("job.json").write_text(json.dumps(single()), encoding="utf-8")
        Path("h.json").write_text('{"0": 5}', encoding="utf-8")
        for command, status in (
            (["convert", "job.json", "--to", H2], 2),
            (["prove-order", "job.json", "h.json"], 2),
            (["show", "job.json", "h.json"], 1),
            (["show", "job.json", "--register", "c"], 2),
            (["show", "job.json", "--png", "x.png"], 2),
        ):
            done = run(*command)
            assert done.exit_code == status, command
            assert done.stderr.startswith("Error: ")
            assert done.stderr.count("\n") == 1

    def test_it_is_shown(self, run: Run) -> None:
        for format, record in RECORDS.items():
            Path("job.json").write_text(json.dumps(record()), encoding="utf-8")
            lines = run("show", "job.json").stdout.splitlines()
            facts = dict(line.split(maxsplit=1) for line in lines[1:])
            assert facts["format"] == format
            assert facts["id"] == record()["id"]
            assert facts["status"] == "completed"
            assert facts["shots"] == str(record()["shots"])
            assert facts.get("children") == ({MULTI: "3", QAOA: "1"}.get(format))
        assert (facts["device"], facts["results"]) == ("qpu.harmony", "histogram")

    def test_what_a_record_says_does_not_drive_the_terminal(self, run: Run) -> None:
        record = {**single(), "name": "x", "id": "\x1b]0;owned\x07", "backend": "a\nb" * 100}
        record["results"] = {
            f"ionq.result.x{n}.v1\x1b": descriptor(str(n), f"ionq.result.x{n}.v1\x1b")
            for n in range(40)
        }
        Path("job.json").write_text(json.dumps(record), encoding="utf-8")
        shown = run("show", "job.json").stdout
        assert "\x1b" not in shown
        assert "and 28 more" in shown
        Path("job.json").write_text(json.dumps({**single(), "results": {}}), encoding="utf-8")
        assert "results    none" in run("show", "job.json").stdout
        assert qa.load(Path("job.json"))._repr_html_().startswith("<div>")
