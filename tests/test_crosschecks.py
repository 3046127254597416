"""What the files of one job say of each other: what is found, where, and that it is found once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.bulk import check_paths
from qartifacts.config import DEFAULTS
from qartifacts.jobs import crosschecks
from qartifacts.jobs.crosschecks import agree
from qartifacts.payloads.columns import Distribution
from qartifacts.payloads.states import from_integers
from served_jobs import (
    AGGREGATE,
    COMPILED,
    DEBIASED,
    H1,
    H2,
    JOBS,
    MULTI,
    NATIVE,
    OLDER,
    OPENQASM,
    P1,
    P2,
    S1,
    S2,
    SINGLE,
    STATES,
    Artifact,
    Job,
    payloads,
    put,
    record,
)
from support import ROOT, Run

EXAMPLES = ROOT / "examples" / "jobs"


@pytest.fixture
def single(tmp_path: Path) -> Path:
    put(tmp_path / "job", SINGLE)
    return tmp_path / "job"


@pytest.fixture
def multi(tmp_path: Path) -> Path:
    put(tmp_path / "job", MULTI)
    return tmp_path / "job"


def file_of(job: Job, format: str) -> str:
    return next(each.name for each in job.artifacts if each.format == format)


def edit(path: Path, change: Callable[[Any], Any]) -> None:
    """Change what a file of JSON holds; the change gives the new value, or works in place."""
    value = json.loads(path.read_bytes())
    changed = change(value)
    path.write_text(json.dumps(value if changed is None else changed), encoding="utf-8")


def findings(folder: Path, **settings: Any) -> list[qa.Finding]:
    """What a check of a directory finds, in all its files."""
    reports = qa.check_many([folder], settings=qa.Settings(**settings) if settings else None)
    return [finding for report in reports for finding in report.findings]


def failing(folder: Path) -> list[tuple[str, str]]:
    """Codes and places of errors."""
    return [(each.code, each.pointer) for each in findings(folder) if each.severity == "error"]


def told(folder: Path) -> list[tuple[str, str, str]]:
    return [(each.code, each.severity.value, each.pointer) for each in findings(folder)]


def descriptor(format: str) -> str:
    return f"/results/{format}"


class TestGoodJobs:
    @pytest.mark.parametrize("job", JOBS, ids=lambda job: job.record["id"][9:13])
    def test_nothing_fails(self, job: Job, tmp_path: Path) -> None:
        put(tmp_path / "job", job)
        assert failing(tmp_path / "job") == []
        assert qa.job(tmp_path / "job").ok

    @pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir()))
    def test_nothing_at_all_is_said_of_the_examples(self, name: str) -> None:
        assert findings(EXAMPLES / name) == []

    def test_a_directory_without_a_record_is_not_held_against_anything(self, single: Path) -> None:
        (single / "job.json").unlink()
        edit(single / file_of(SINGLE, H1), lambda counts: {**counts, "1": 99})
        assert findings(single) == []


class TestShots:
    @pytest.mark.parametrize("format", [H1, H2, S1, S2])
    def test_one_short_is_one_finding(self, single: Path, format: str) -> None:
        def shorten(payload: Any) -> None:
            held = payload if format in (H1, S1) else payload[format.split(".")[2]]
            if isinstance(held, list):
                held.pop()
            else:
                outcomes = held if format == H1 else held["registers"]["output_all"]
                outcomes[max(outcomes, key=outcomes.get)] -= 1

        edit(single / file_of(SINGLE, format), shorten)
        assert failing(single) == [("QA302", "/shots")]
        (finding,) = findings(single)
        assert finding.line is not None
        assert file_of(SINGLE, format) in finding.message

    def test_leaked_shots_do_not_count(self, single: Path) -> None:
        path = single / file_of(SINGLE, S2)
        leaked = {"registers": {"output_all": [1, 1, 1]}, "leakage_bits": [0, 1, 0]}
        edit(path, lambda payload: payload["shots"].append(leaked))
        assert failing(single) == []
        edit(path, lambda payload: payload["shots"].pop(0) and None)
        assert failing(single) == [("QA302", "/shots")]

    def test_without_shots_in_the_record_nothing_is_checked(self, single: Path) -> None:
        edit(single / "job.json", lambda record: record.pop("shots") and None)
        assert findings(single) == []

    def test_of_a_mitigated_job_it_is_a_note(self, tmp_path: Path) -> None:
        put(tmp_path, DEBIASED)
        edit(tmp_path / file_of(DEBIASED, H2), _one_more)
        assert told(tmp_path) == [("QA302", "note", "/shots")]

    def test_where_the_settings_alone_tell_of_mitigation(self, single: Path) -> None:
        mitigated = {"error_mitigation": {"symmetry_verification": True}}
        edit(single / "job.json", lambda record: {**record, "settings": mitigated})
        edit(single / file_of(SINGLE, H1), lambda counts: {**counts, "1": 99})
        assert told(single) == [("QA302", "note", "/shots")]


def _one_more(payload: Any) -> None:
    outcomes = payload["histogram"]["registers"]["output_all"]
    outcomes[next(iter(outcomes))] += 1


class TestWidths:
    def test_output_all_has_a_bit_for_each_qubit(self, single: Path) -> None:
        edit(single / "job.json", lambda record: record["stats"].update(qubits=4))
        # Of version 1, which has no width, nothing can be said.
        assert failing(single) == [("QA303", "/stats/qubits")] * 3

    def test_a_state_of_version_1_needs_its_bits(self, single: Path) -> None:
        edit(single / "job.json", lambda record: record["stats"].update(qubits=2))
        assert failing(single) == [("QA303", "/stats/qubits")] * 6

    def test_declared_registers_may_be_wider(self, tmp_path: Path) -> None:
        put(tmp_path, OPENQASM)
        assert findings(tmp_path) == []

    def test_without_qubits_in_the_record_nothing_is_checked(self, single: Path) -> None:
        edit(single / "job.json", lambda record: {**record, "stats": {}})
        assert findings(single) == []


class TestAgreement:
    @pytest.mark.parametrize("format", [P1, P2, H1, H2, S1, S2])
    def test_the_one_that_differs_is_told_once(self, single: Path, format: str) -> None:
        other = payloads([2] * 13 + [3] * 4 + [5] * 2 + [0], 3)
        (single / file_of(SINGLE, format)).write_bytes(other[format])
        assert failing(single) == [("QA306", descriptor(format))]

    @pytest.mark.parametrize("format", [P2, H2, S2])
    def test_reversed_bits_are_told_as_such(self, single: Path, format: str) -> None:
        turned = [int(f"{state:03b}"[::-1], 2) for state in STATES]
        (single / file_of(SINGLE, format)).write_bytes(payloads(turned, 3)[format])
        assert failing(single) == [("QA308", descriptor(format))]

    @pytest.mark.parametrize("format", [P1, H1, S1])
    def test_reversed_bits_of_version_1(self, single: Path, format: str) -> None:
        turned = [int(f"{state:03b}"[::-1], 2) for state in STATES]
        (single / file_of(SINGLE, format)).write_bytes(payloads(turned, 3)[format])
        assert failing(single) == [("QA308", descriptor(format))]

    def test_a_palindrome_tells_nothing(self, tmp_path: Path) -> None:
        given = payloads([0] * 10 + [7] * 10, 3)
        artifacts = [Artifact(f"a{at}", format, given[format]) for at, format in enumerate(given)]
        results = {each.format: each.descriptor for each in artifacts}
        id = SINGLE.id
        put(tmp_path, Job(record(id, 3, 20, results), artifacts))
        assert findings(tmp_path) == []

    def test_a_declared_register_in_reversed_order(self, tmp_path: Path) -> None:
        put(tmp_path, OPENQASM)

        def reverse(payload: Any) -> None:
            registers = payload["histogram"]["registers"]
            registers["result"] = {key[::-1]: n for key, n in registers["result"].items()}

        edit(tmp_path / file_of(OPENQASM, H2), reverse)
        assert failing(tmp_path) == [("QA308", descriptor(H2))]

    def test_of_two_the_firmer_one_is_right(self, tmp_path: Path) -> None:
        right, wrong = payloads([1] * 20, 3), payloads([4] * 20, 3)
        artifacts = [Artifact("one", P1, right[P1]), Artifact("two", P2, wrong[P2])]
        results = {each.format: each.descriptor for each in artifacts}
        put(tmp_path, Job(record(SINGLE.id, 3, 20, results), artifacts))
        assert failing(tmp_path) == [("QA308", descriptor(P2))]

    def test_probabilities_of_a_simulator_may_be_computed(self, single: Path) -> None:
        edit(single / "job.json", lambda record: {**record, "backend": "simulator"})
        for format in (P1, P2):
            other = payloads([1, 1, 3, 0], 3)
            (single / file_of(SINGLE, format)).write_bytes(other[format])
        assert [each[:2] for each in told(single)] == [("QA306", "note")] * 2

    @pytest.mark.parametrize("format", [P1, P2, H1, H2, S1, S2])
    def test_of_a_simulator_one_that_differs_from_its_like(self, single: Path, format: str) -> None:
        edit(single / "job.json", lambda record: {**record, "backend": "simulator"})
        other = payloads([2] * 13 + [3] * 4 + [5] * 2 + [0], 3)
        (single / file_of(SINGLE, format)).write_bytes(other[format])
        assert failing(single) == [("QA306", descriptor(format))]

    def test_of_a_simulator_what_was_computed_may_contradict_itself(self, single: Path) -> None:
        edit(single / "job.json", lambda record: {**record, "backend": "simulator"})
        (single / file_of(SINGLE, P1)).write_bytes(payloads([1, 1, 3, 0], 3)[P1])
        (single / file_of(SINGLE, P2)).write_bytes(payloads([4, 4, 6, 0], 3)[P2])
        assert failing(single) == [("QA308", descriptor(P2))]

    def test_what_does_not_pass_by_itself_is_not_held_against_others(self, single: Path) -> None:
        (single / file_of(SINGLE, H1)).write_bytes(b'{"1": -3}')
        codes = {code for code, _ in failing(single)}
        assert codes
        assert not any(code.startswith("QA3") for code in codes)

    def test_another_format_than_the_record_says(self, single: Path) -> None:
        (single / file_of(SINGLE, H2)).write_bytes(payloads(STATES, 3)[P2])
        codes = failing(single)
        assert ("QA300", f"{descriptor(H2)}/format") in codes
        # The file itself fails, too.
        assert {code[:3] for code, _ in codes} == {"QA1", "QA3"}


class TestAgree:
    """Which numbers can be of the same shots."""

    def test_counts_to_the_last_shot(self) -> None:
        assert agree(_counts(3, 2), _counts(3, 2), DEFAULTS)
        assert not agree(_counts(300_000, 2), _counts(299_999, 3), DEFAULTS)
        assert not agree(_counts(3, 2), _counts(6, 4), DEFAULTS)

    def test_rounded_probabilities(self) -> None:
        assert agree(_counts(1, 2), _shares(0.333333, 0.666667), DEFAULTS)
        assert agree(_counts(1, 2), _shares(0.3333333333, 0.6666666667), DEFAULTS)
        assert not agree(_counts(1, 2), _shares(0.34, 0.66), DEFAULTS)
        # A single shot of ten thousand.
        assert not agree(_counts(5_000, 5_000), _shares(0.4999, 0.5001), DEFAULTS)

    def test_a_sum_that_is_off_is_told_elsewhere(self) -> None:
        counts, shares = _counts(500_000, 500_000), _shares(0.499995, 0.499995)
        assert agree(counts, shares, DEFAULTS)
        assert not agree(_counts(500_000, 500_000), _shares(0.499995, 0.500005), DEFAULTS)

    def test_probabilities(self) -> None:
        assert agree(_shares(0.25, 0.75), _shares(0.2500004, 0.7499996), DEFAULTS)
        assert not agree(_shares(0.25, 0.75), _shares(0.2501, 0.7499), DEFAULTS)

    def test_a_zero_entry_makes_no_difference(self) -> None:
        more = Distribution("output_all", 3, from_integers([1, 2, 3]), _counts(3, 2, 0).values)
        assert agree(_counts(3, 2), more, DEFAULTS)


def _counts(*counts: int) -> Distribution:
    import numpy as np

    states = from_integers(range(1, len(counts) + 1))
    return Distribution("output_all", 3, states, np.array(counts, np.int64))


def _shares(*shares: float) -> Distribution:
    import numpy as np

    states = from_integers(range(1, len(shares) + 1))
    return Distribution("output_all", 3, states, np.array(shares, np.float64))


def test_sketches_of_results_that_agree_lie_side_by_side() -> None:
    wide = from_integers([1, 1 << 70])
    narrow = from_integers([1])
    import numpy as np

    one = Distribution("output_all", None, wide, np.array([3, 0], np.int64))
    other = Distribution("output_all", None, narrow, np.array([1.0], np.float64))
    assert agree(one, other, DEFAULTS)
    assert abs(crosschecks._sketch(one) - crosschecks._sketch(other)) <= 1
    assert abs(crosschecks._sketch(_counts(3, 2)) - crosschecks._sketch(_counts(2, 3))) > 1


class TestPresence:
    def test_an_artifact_that_is_not_there_is_a_warning(self, single: Path) -> None:
        (single / file_of(SINGLE, S2)).unlink()
        assert told(single) == [("QA301", "warning", descriptor(S2))]
        assert findings(single, ignore=frozenset({"QA301"})) == []
        raised = findings(single, raised=frozenset({"QA301"}))
        assert [each.severity for each in raised] == ["error"]

    def test_other_names_will_do(self, single: Path) -> None:
        by_format = {each.format: each for each in SINGLE.artifacts}
        for format in (H1, S2):
            each = by_format[format]
            (single / each.name).rename(single / f"{each.id}.json")
        assert findings(single) == []

    def test_ids_that_would_be_trouble(self, tmp_path: Path) -> None:
        put(tmp_path, COMPILED)
        assert {code for code, severity, _ in told(tmp_path) if severity != "note"} == set()
        for path in tmp_path.iterdir():
            if path.name != "job.json":
                path.unlink()
        # A record that is kept alone is not half of a job.
        assert ("QA301", "note", "") in told(tmp_path)

    def test_what_was_rejected_is_not_there(self, single: Path) -> None:
        name = file_of(SINGLE, S2)
        (single / name).rename(single / name.replace(".json", ".rejected.json"))
        assert ("QA301", "warning", descriptor(S2)) in told(single)

    def test_legacy_results_are_held_against_the_record(self, tmp_path: Path) -> None:
        put(tmp_path, OLDER)
        assert failing(tmp_path) == []
        counts = payloads([*STATES, 1], 3)[H1]
        (tmp_path / f"histogram.{H1}.json").write_bytes(counts)
        assert failing(tmp_path) == [("QA302", "/shots")]

    def test_a_child_that_is_not_there(self, multi: Path) -> None:
        child = MULTI.children[1]
        shutil.rmtree(multi / "children" / child.id)
        assert told(multi) == [("QA301", "warning", "/child_job_ids/1")]
        with pytest.raises(qa.MissingParameter, match=child.id):
            qa.job(multi).counts()
        assert qa.job(multi).counts(width=3)[child.id] == {"010": 15, "101": 5}

    def test_files_that_the_record_does_not_name(self, single: Path) -> None:
        (single / "mine.json").write_bytes(payloads([1], 3)[P1])
        (single / f"other.{H1}.json.gz").write_bytes(b"")
        (single / "notes.txt").write_bytes(b"")
        assert ("QA311", "note", "") in told(single)


class TestVariants:
    def test_each_against_its_own_shots(self, tmp_path: Path) -> None:
        put(tmp_path, DEBIASED)
        variant = "/output/error_mitigation/debiasing/variants/1"
        results = json.loads((tmp_path / "job.json").read_bytes())["output"]["error_mitigation"][
            "debiasing"
        ]["variants"][1]["results"]
        edit(tmp_path / f"{results[H2]['id']}.{H2}.json", _one_more)
        assert told(tmp_path) == [("QA302", "note", f"{variant}/shots")]

    def test_bits_in_reversed_order_are_no_matter_of_totals(self, tmp_path: Path) -> None:
        def reverse(payload: Any) -> None:
            registers = payload["histogram"]["registers"]
            outcomes = registers["output_all"].items()
            registers["output_all"] = {key[::-1]: n for key, n in outcomes}

        mitigation = DEBIASED.record["output"]["error_mitigation"]
        variant = mitigation["debiasing"]["variants"][0]["results"][H2]["id"]
        average = mitigation["aggregations"]["average"]["id"]
        for id, place in (
            (variant, f"debiasing/variants/0/results/{H2}"),
            (average, "aggregations/average"),
        ):
            folder = tmp_path / id
            put(folder, DEBIASED)
            edit(folder / f"{id}.{H2}.json", reverse)
            assert failing(folder) == [("QA308", f"/output/error_mitigation/{place}")]

    def test_their_sum_against_that_of_the_job(self, tmp_path: Path) -> None:
        put(tmp_path, DEBIASED)

        def fewer(record: Any) -> None:
            record["shots"] += 1

        edit(tmp_path / "job.json", fewer)
        assert ("QA307", "note", "/shots") in told(tmp_path)
        assert failing(tmp_path) == []


class TestCircuits:
    def _job(self, gates: list[dict[str, Any]], **stats: Any) -> Job:
        circuit = json.dumps({"qubits": 5, "circuit": gates}).encode()
        artifact = Artifact("circuit", NATIVE, circuit)
        compiled = {"compilation": {"compiled_circuits": {NATIVE: artifact.descriptor}}}
        more = {"output": compiled, "stats": stats, "dry_run": True}
        return Job(record(SINGLE.id, 2, 20, None, **more), [artifact])

    def test_more_qubits_than_the_job_has(self, tmp_path: Path) -> None:
        gates = [{"gate": "ms", "targets": [at, at + 1], "phases": [0, 0]} for at in range(2)]
        put(tmp_path, self._job(gates, qubits=2))
        assert told(tmp_path) == [("QA309", "warning", "/stats/qubits")]
        put(tmp_path, self._job(gates[:1], qubits=2))
        assert told(tmp_path) == []

    def test_other_numbers_of_gates(self, tmp_path: Path) -> None:
        gates: list[dict[str, Any]] = [
            {"gate": "gpi", "target": 0, "phase": 0.5},
            {"gate": "nop"},
        ]
        put(tmp_path, self._job(gates, qubits=1, gate_counts={"1q": 2, "2q": 0}))
        assert told(tmp_path) == [("QA309", "note", "/stats/gate_counts/1q")]


class TestChildren:
    def _aggregate(self, folder: Path) -> Path:
        return folder / file_of(MULTI, AGGREGATE)

    def test_two_that_changed_places_are_one_finding(self, multi: Path) -> None:
        one, other, _ = (child.id for child in MULTI.children)

        def exchange(payload: Any) -> None:
            payload[one], payload[other] = payload[other], payload[one]

        edit(self._aggregate(multi), exchange)
        assert failing(multi) == [("QA305", descriptor(AGGREGATE))]

    def test_one_that_got_the_result_of_another(self, multi: Path) -> None:
        one, other, _ = (child.id for child in MULTI.children)
        edit(self._aggregate(multi), lambda payload: {**payload, one: payload[other]})
        assert failing(multi) == [("QA305", descriptor(AGGREGATE))]

    def test_three_in_a_circle_are_three_findings(self, multi: Path) -> None:
        def turn(payload: Any) -> dict[str, Any]:
            ids = list(payload)
            return {id: payload[ids[at - 1]] for at, id in enumerate(ids)}

        edit(self._aggregate(multi), turn)
        assert failing(multi) == [("QA305", descriptor(AGGREGATE))] * 3

    def test_case_makes_no_difference(self, multi: Path) -> None:
        edit(self._aggregate(multi), lambda payload: {k.upper(): v for k, v in payload.items()})
        assert failing(multi) == []

    def test_a_failed_child_may_be_missing(self, multi: Path) -> None:
        edit(self._aggregate(multi), lambda payload: payload.pop(MULTI.children[1].id) and None)
        assert findings(multi) == []

    def test_a_stranger_in_the_aggregate(self, multi: Path) -> None:
        stranger = "06b27432-ffff-7a0f-8000-1b9e2d6a4f01"
        edit(self._aggregate(multi), lambda payload: {**payload, stranger: {"1": 1}})
        assert failing(multi) == [("QA304", "/child_job_ids")]

    def test_children_that_are_not_stored_are_not_checked(self, multi: Path) -> None:
        shutil.rmtree(multi / "children")
        assert findings(multi) == []

    def test_directories_that_changed_places(self, multi: Path) -> None:
        one, other, _ = (multi / "children" / child.id for child in MULTI.children)
        one.rename(multi / "aside")
        other.rename(one)
        (multi / "aside").rename(other)
        assert failing(multi) == [("QA310", "/child_job_ids/0")]

    def test_a_child_of_another_job(self, multi: Path) -> None:
        path = multi / "children" / MULTI.children[1].id / "job.json"
        edit(path, lambda record: {**record, "parent_job_id": SINGLE.id})
        assert failing(multi) == [("QA310", "/child_job_ids/1")]

    def test_a_child_that_the_job_does_not_list(self, multi: Path) -> None:
        edit(multi / "job.json", lambda record: record["child_job_ids"].pop() and None)
        # The aggregate holds it, too.
        assert failing(multi) == [("QA304", "/child_job_ids"), ("QA310", "/child_job_ids")]

    def test_a_child_with_its_bits_reversed(self, multi: Path) -> None:
        child = MULTI.children[0]
        folder = multi / "children" / child.id
        given = payloads([4] * 20, 3)
        (folder / file_of(child, P1)).unlink()
        for format in (P2, H2):
            (folder / file_of(child, format)).write_bytes(given[format])
        assert failing(multi) == [("QA308", descriptor(AGGREGATE))]

    def test_a_child_of_another_width_is_told_once(self, multi: Path) -> None:
        child = MULTI.children[1]
        path = multi / "children" / child.id / file_of(child, P1)
        path.write_bytes(b'{"8":1}')
        assert failing(multi) == [("QA303", "/stats/qubits")]

    def test_one_wrong_file_of_a_child_is_told_once(self, multi: Path) -> None:
        child = MULTI.children[1]
        path = multi / "children" / child.id / file_of(child, P1)
        path.write_bytes(payloads([6] * 20, 3)[P1])
        assert failing(multi) == [("QA306", descriptor(P1))]

    @pytest.mark.parametrize(
        "said",
        [
            {"backend": "simulator"},
            {"settings": {"error_mitigation": {"symmetry_verification": True}}},
        ],
        ids=["simulated", "mitigated"],
    )
    def test_counts_of_a_child_need_not_be_what_was_computed(
        self, multi: Path, said: dict[str, Any]
    ) -> None:
        child = MULTI.children[0]
        folder = multi / "children" / child.id
        for format in (P1, P2):
            (folder / file_of(child, format)).unlink()
        (folder / file_of(child, H2)).write_bytes(payloads([1] * 19 + [2], 3)[H2])
        assert failing(multi) == [("QA305", descriptor(AGGREGATE))]
        edit(folder / "job.json", lambda record: {**record, **said})
        assert ("QA305", "note", descriptor(AGGREGATE)) in told(multi)
        assert failing(multi) == []

    def test_many_that_are_wrong_are_not_all_held_against_each_other(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = 80
        ids = [f"06b27432-1{at:03x}-7a0f-8000-1b9e2d6a4f01" for at in range(number)]
        shares = [{"1": (at + 1) / 500, "2": 1 - (at + 1) / 500} for at in range(number)]
        children = []
        for id, own in zip(ids, shares, strict=True):
            artifact = Artifact("one", P1, json.dumps(own).encode())
            results = {P1: artifact.descriptor}
            children.append(Job(record(id, 3, 20, results, parent_job_id=MULTI.id), [artifact]))
        # The first two have changed places, the others are turned by one.
        turned = [shares[1], shares[0], *shares[3:], shares[2]]
        data = json.dumps(dict(zip(ids, turned, strict=True))).encode()
        aggregate = Artifact("probabilities-aggregate", AGGREGATE, data)
        said = {**MULTI.record, "child_job_ids": ids}
        put(tmp_path, Job(said, [aggregate], children))
        calls = 0

        def counted(*given: Any) -> bool:
            nonlocal calls
            calls += 1
            return agree(*given)

        monkeypatch.setattr(crosschecks, "agree", counted)
        assert len(failing(tmp_path)) == number - 1
        assert calls < 8 * number


class TestWaysIn:
    def test_exactly_what_is_wrong_fails(self, tmp_path: Path, run: Run) -> None:
        """One swapped child, one histogram short of a shot, one reversed register."""
        store = shutil.copytree(EXAMPLES, tmp_path / "store")

        def exchange(payload: Any) -> None:
            one, *_, last = payload
            payload[one], payload[last] = payload[last], payload[one]

        def shorten(payload: Any) -> None:
            payload[max(payload, key=payload.get)] -= 1

        def reverse(payload: Any) -> None:
            registers = payload["histogram"]["registers"]
            registers["mid"] = {key[::-1]: n for key, n in registers["mid"].items()}

        for job, format, change in (
            ("ramsey", AGGREGATE, exchange),
            ("staircase", H1, shorten),
            ("teleportation", H2, reverse),
        ):
            (path,) = (store / job).glob(f"*.{format}.json")
            edit(path, change)
        result = run("check", store, "--output", "json")
        assert result.exit_code == 1
        document = json.loads(result.stdout)
        found = [each["code"] for source in document["reports"] for each in source["findings"]]
        assert sorted(found) == ["QA302", "QA305", "QA308"]
        assert document["summary"]["errors"] == 3

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_in_processes_alike(self, single: Path, jobs: int) -> None:
        edit(single / file_of(SINGLE, H1), lambda counts: {**counts, "1": 99})
        reports = [
            checked.report
            for checked in check_paths([str(single)], registry=qa.Registry.bundled(), jobs=jobs)
        ]
        assert [each.code for report in reports for each in report.findings] == ["QA302"]

    def test_a_record_that_is_named(self, single: Path, run: Run) -> None:
        edit(single / file_of(SINGLE, H1), lambda counts: {**counts, "1": 99})
        result = run("check", single / "job.json")
        assert (result.exit_code, result.stdout.count("QA302")) == (1, 1)

    def test_a_baseline_takes_them(self, single: Path, run: Run) -> None:
        edit(single / file_of(SINGLE, H1), lambda counts: {**counts, "1": 99})
        assert run("check", single, "--write-baseline", "known.json").exit_code == 0
        assert run("check", single, "--baseline", "known.json").exit_code == 0
