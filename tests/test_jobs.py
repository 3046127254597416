"""Jobs as a program reads them: from a directory, or one result with the record of its job."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from served_jobs import (
    AGGREGATE,
    COMPILED,
    DEBIASED,
    H1,
    H2,
    MULTI,
    NATIVE,
    OLDER,
    OPENQASM,
    P1,
    P2,
    QASM,
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

#: What ``STATES`` are, in wire order.
COUNTS = {"000": 1, "011": 2, "100": 13, "110": 4}


def stored(folder: Path, job: Job) -> qa.Job:
    put(folder, job)
    return qa.job(folder)


def of(format: str, *, shots: int | None = 20, qubits: int | None = 3, **more: Any) -> Job:
    """A job with one result."""
    artifact = Artifact("one", format, payloads(STATES, 3)[format])
    said = record(SINGLE.id, 3, 20, {format: artifact.descriptor}, **more)
    said["stats"] = {} if qubits is None else {"qubits": qubits}
    if shots is None:
        del said["shots"]
    return Job(said, [artifact])


class TestCounts:
    @pytest.mark.parametrize("format", [P1, P2, H1, H2, S1, S2])
    def test_from_whatever_result_there_is(self, tmp_path: Path, format: str) -> None:
        assert stored(tmp_path, of(format)).counts() == COUNTS

    def test_orders(self, tmp_path: Path) -> None:
        job = stored(tmp_path, SINGLE)
        assert job.counts(order="qiskit") == {"000": 1, "110": 2, "001": 13, "011": 4}
        assert job.probabilities()["100"] == 0.65

    def test_of_several_circuits_by_child_in_the_order_of_the_record(self, tmp_path: Path) -> None:
        put(tmp_path, MULTI)
        path = tmp_path / "job.json"
        said = json.loads(path.read_bytes())
        said["child_job_ids"].reverse()
        path.write_text(json.dumps(said), encoding="utf-8")
        counts = qa.job(tmp_path).counts()
        one, two, three = (child.id for child in MULTI.children)
        assert list(counts.items()) == [
            (three, {"001": 19, "100": 1}),
            (two, {"010": 15, "101": 5}),
            (one, {"100": 20}),
        ]

    def test_of_an_aggregate_alone(self, tmp_path: Path) -> None:
        put(tmp_path, Job(MULTI.record, MULTI.artifacts))
        job = qa.job(tmp_path)
        first = MULTI.children[0].id
        with pytest.raises(qa.MissingParameter, match="width"):
            job.counts()
        assert job.counts(width=3)[first] == {"100": 20}
        assert job.probabilities(width=3)[first] == {"100": 1.0}

    def test_of_an_aggregate_with_the_shots_of_each_child(self, tmp_path: Path) -> None:
        parent = {name: each for name, each in MULTI.record.items() if name != "shots"}
        put(tmp_path, Job(parent, MULTI.artifacts))
        for at, child in enumerate(MULTI.children):
            said = {**child.record, "results": None, "dry_run": True, "shots": 20 * (at + 1)}
            put(tmp_path / "children" / child.id, Job(said))
        assert list(qa.job(tmp_path).counts().values()) == [
            {"100": 20},
            {"010": 30, "101": 10},
            {"001": 57, "100": 3},
        ]

    def test_a_failed_child_is_left_out(self, tmp_path: Path) -> None:
        put(tmp_path, MULTI)
        failed = MULTI.children[1].id
        for path in (tmp_path / "children" / failed).iterdir():
            path.unlink()
        aggregate = tmp_path / MULTI.artifacts[0].name
        payload = json.loads(aggregate.read_bytes())
        del payload[failed]
        aggregate.write_text(json.dumps(payload), encoding="utf-8")
        assert list(qa.job(tmp_path).counts()) == [MULTI.children[0].id, MULTI.children[2].id]

    def test_probabilities_without_shots_need_them(self, tmp_path: Path) -> None:
        job = stored(tmp_path, of(P2, shots=None))
        with pytest.raises(qa.MissingParameter, match="shots"):
            job.counts()
        assert job.counts(shots=20) == COUNTS
        with pytest.raises(qa.ConversionError):
            job.counts(shots=7)
        assert sum(job.counts(shots=7, method="round").values()) == 7

    @pytest.mark.parametrize("more", [{}, {"noise": {"model": "ideal"}}], ids=["none", "ideal"])
    def test_an_ideal_simulation_has_drawn_nothing(
        self, tmp_path: Path, more: dict[str, Any]
    ) -> None:
        job = stored(tmp_path, of(P2, backend="simulator", **more))
        assert job.record.shots == 20
        with pytest.raises(qa.MissingParameter, match="shots"):
            job.counts()
        assert job.artifact(P2).shots is None
        assert job.probabilities()["100"] == 0.65

    def test_a_noisy_simulation_has(self, tmp_path: Path) -> None:
        job = stored(tmp_path, of(P2, backend="simulator", noise={"model": "aria-1"}))
        assert job.counts() == COUNTS

    def test_declared_registers(self, tmp_path: Path) -> None:
        job = stored(tmp_path, OPENQASM)
        assert job.counts(order="qiskit") == {"00 0": 3, "01 1": 1}
        assert job.counts("mid") == {"0": 3, "1": 1}
        with pytest.raises(qa.MissingParameter, match="register"):
            job.counts()

    def test_older_results_behind_urls(self, tmp_path: Path) -> None:
        assert stored(tmp_path, OLDER).counts() == COUNTS

    def test_an_old_record_holds_its_result(self, tmp_path: Path) -> None:
        old = {
            "id": SINGLE.id,
            "status": "completed",
            "target": "qpu.s11",
            "qubits": 3,
            "shots": 20,
            "data": {"histogram": {"1": 0.65, "3": 0.2, "6": 0.1, "0": 0.05}},
        }
        (tmp_path / "job.json").write_text(json.dumps(old), encoding="utf-8")
        job = qa.job(tmp_path)
        assert job.format == "ionq.job.v0.2"
        assert job.counts() == COUNTS
        assert job.record.backend == "qpu.s11"

    def test_a_mitigated_job(self, tmp_path: Path) -> None:
        assert stored(tmp_path, DEBIASED).counts() == COUNTS

    def test_nothing_is_read_of_what_contradicts_itself(self, tmp_path: Path) -> None:
        put(tmp_path, SINGLE)
        name = next(each.name for each in SINGLE.artifacts if each.format == H1)
        (tmp_path / name).write_bytes(b'{"1":19}')
        job = qa.job(tmp_path)
        with pytest.raises(qa.InvalidArtifact) as caught:
            job.counts()
        assert [each.code for each in caught.value.report.findings] == ["QA302"]
        # Who knows better can still take a result.
        assert job.artifact(S2).counts() == COUNTS

    @pytest.mark.parametrize(
        "more",
        [{"status": "running"}, {"dry_run": True}, {"status": "failed"}, {}],
        ids=["running", "dry run", "failed", "empty"],
    )
    def test_a_job_without_results(self, tmp_path: Path, more: dict[str, Any]) -> None:
        status = {"running": "started"}.get(more.get("status", ""), more.get("status", "completed"))
        said = record(SINGLE.id, 3, 20, None, **{**more, "status": status})
        job = stored(tmp_path, Job(said))
        with pytest.raises(qa.ConversionError) as caught:
            job.counts()
        assert caught.value.reason == "no-results"


class TestArtifacts:
    def test_by_format(self, tmp_path: Path) -> None:
        job = stored(tmp_path, SINGLE)
        for format in (P1, H1, S1):
            artifact = job.artifact(format)
            assert (artifact.width(), artifact.shots) == (3, 20)
        assert list(job.results()) == [P1, P2, H1, H2, S1, S2]

    def test_by_descriptor(self, tmp_path: Path) -> None:
        job = stored(tmp_path, DEBIASED)
        variants = [each for each in job.descriptors if each.variant is not None]
        artifact = job.artifact(next(each for each in variants if each.format == P1))
        assert artifact.shots == 10
        assert {each.role.value for each in job.descriptors} == {"result", "variant", "aggregation"}

    def test_the_same_format_in_several_places(self, tmp_path: Path) -> None:
        job = stored(tmp_path, DEBIASED)
        assert job.artifact(H2).shots == 20  # Of the job itself.
        with pytest.raises(qa.MissingParameter):
            job.artifact(P1)

    def test_a_compiled_circuit(self, tmp_path: Path) -> None:
        job = stored(tmp_path, COMPILED)
        circuit = job.artifact(NATIVE)
        assert (circuit.width(), circuit.shots) == (1, None)

    def test_a_state_that_does_not_fit_is_never_cut(self, tmp_path: Path) -> None:
        job = stored(tmp_path, of(P1, qubits=2))
        with pytest.raises(qa.ConversionError) as caught:
            job.artifact(P1).probabilities()
        assert caught.value.reason == "too-wide"

    def test_what_the_record_does_not_name(self, tmp_path: Path) -> None:
        job = stored(tmp_path, of(P1))
        with pytest.raises(qa.UnknownArtifact):
            job.artifact(S2)

    def test_what_is_not_there(self, tmp_path: Path) -> None:
        put(tmp_path, SINGLE)
        (tmp_path / SINGLE.artifacts[0].name).unlink()
        with pytest.raises(qa.UnknownArtifact):
            qa.job(tmp_path).artifact(SINGLE.artifacts[0].format)

    def test_a_format_that_is_not_pinned(self, tmp_path: Path) -> None:
        job = stored(tmp_path, COMPILED)
        with pytest.raises(qa.UnknownFormat):
            job.artifact(QASM)


class TestReports:
    def test_of_all_files_and_children(self, tmp_path: Path) -> None:
        job = stored(tmp_path, MULTI)
        assert job.ok
        files = len(MULTI.artifacts) + 1 + sum(len(each.artifacts) + 1 for each in MULTI.children)
        assert len(job.reports) == files
        assert list(job.children) == [child.id for child in MULTI.children]

    def test_a_child_whose_record_is_wrong(self, tmp_path: Path) -> None:
        put(tmp_path, MULTI)
        (tmp_path / "children" / MULTI.children[1].id / "job.json").write_bytes(b"[")
        job = qa.job(tmp_path)
        assert not job.ok
        assert len(job.children) == 2

    def test_a_file_that_has_gone_since_the_directory_was_listed(self, tmp_path: Path) -> None:
        put(tmp_path, SINGLE)
        job = qa.job(tmp_path)
        (tmp_path / SINGLE.artifacts[0].name).unlink()
        assert job.report.ok
        failing = [report for report in job.reports if not report.ok]
        assert [each.code for report in failing for each in report.findings] == ["QA001"]
        with pytest.raises(qa.InvalidArtifact):
            job.counts()

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
    def test_links_that_lead_in_circles(self, tmp_path: Path) -> None:
        put(tmp_path, MULTI)
        for at in range(4):
            link = tmp_path / "children" / f"06b27432-f{at:03x}-7a0f-8000-1b9e2d6a4f01"
            link.symlink_to(tmp_path, target_is_directory=True)
        job = qa.job(tmp_path)
        # Each child once, and each link as the job that it leads to.
        own = sum(1 + len(each.artifacts) for each in MULTI.children)
        assert len(job.reports) == own + 5 * (1 + len(MULTI.artifacts))
        assert {each.code for each in job.report.findings} == {"QA310"}

    def test_a_record_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "job.json").write_bytes(b'{"0": 0.5, "1": 0.5}')
        with pytest.raises(qa.InvalidArtifact) as caught:
            qa.job(tmp_path)
        assert [each.code for each in caught.value.report.findings] == ["QA020"]

    def test_a_type_that_is_not_known(self, tmp_path: Path) -> None:
        new = Job({**SINGLE.record, "type": "ionq.something-new.v1"}, SINGLE.artifacts)
        job = stored(tmp_path, new)
        assert job.format is None
        assert [(each.code, each.severity) for each in job.report.findings] == [("QA020", "note")]
        assert job.counts() == COUNTS

    def test_no_directory(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            qa.job(tmp_path / "nowhere")

    def test_what_is_no_directory_of_a_job(self, tmp_path: Path) -> None:
        for name in (".", SINGLE.id):
            with pytest.raises(FileNotFoundError, match="fetch_job"):
                qa.job(tmp_path / name)

    def test_a_job_does_not_pickle(self, tmp_path: Path) -> None:
        with pytest.raises(TypeError, match="directory"):
            pickle.dumps(stored(tmp_path, SINGLE))

    def test_the_record_may_be_named(self, tmp_path: Path) -> None:
        put(tmp_path, SINGLE)
        assert qa.job(tmp_path / "job.json").id == SINGLE.id


class TestLoad:
    """``qa.load`` with the record of the job."""

    @pytest.mark.parametrize("format", [P1, H1, S1])
    def test_width_and_shots(self, tmp_path: Path, format: str) -> None:
        put(tmp_path, SINGLE)
        path = tmp_path / next(each.name for each in SINGLE.artifacts if each.format == format)
        artifact = qa.load(path, job=tmp_path / "job.json")
        assert (artifact.width(), artifact.shots) == (3, 20)
        second = artifact.convert(H2).counts()
        assert second == COUNTS
        assert qa.load(path).width() is None

    @pytest.mark.parametrize("given", ["directory", "path", "bytes", "dict", "job"])
    def test_ways_to_name_the_record(self, tmp_path: Path, given: str) -> None:
        put(tmp_path, SINGLE)
        job: Any = {
            "directory": tmp_path,
            "path": str(tmp_path / "job.json"),
            "bytes": SINGLE.data,
            "dict": dict(SINGLE.record),
            "job": qa.job(tmp_path),
        }[given]
        assert qa.load(b'{"1":20}', format=H1, job=job).counts() == {"100": 20}

    def test_the_record_tells_the_format(self, tmp_path: Path) -> None:
        put(tmp_path, of(P1))
        (tmp_path / f"one.{P1}.json").rename(tmp_path / "one.json")
        (tmp_path / "one.json").write_bytes(b'{"1":1}')
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (tmp_path / "one.json").rename(elsewhere / "one.json")
        assert qa.load(elsewhere / "one.json", job=tmp_path).format == P1

    def test_what_cannot_be_of_that_job(self) -> None:
        for data, format, code in (
            (b'{"1":19}', H1, "QA302"),
            (b'{"8":20}', H1, "QA303"),
            (b'{"histogram":{"registers":{"output_all":{"1000":20}}}}', H2, "QA303"),
            (b'{"06b27432-0020-7a0f-8000-1b9e2d6a4f01":{"1":1}}', AGGREGATE, ""),
        ):
            if not code:
                assert qa.load(data, format=format, job=dict(MULTI.record)).shots == 20
                continue
            with pytest.raises(qa.InvalidArtifact) as caught:
                qa.load(data, format=format, job=dict(SINGLE.record))
            assert [each.code for each in caught.value.report.findings] == [code]

    def test_a_stranger_in_an_aggregate(self) -> None:
        data = json.dumps({SINGLE.id: {"1": 1}}).encode()
        with pytest.raises(qa.InvalidArtifact) as caught:
            qa.load(data, format=AGGREGATE, job=dict(MULTI.record))
        assert [each.code for each in caught.value.report.findings] == ["QA304"]

    def test_a_mitigated_job_gives_notes(self) -> None:
        artifact = qa.load(b'{"1":19}', format=H1, job=dict(DEBIASED.record))
        assert artifact.shots == 19

    def test_a_record_that_is_wrong(self) -> None:
        with pytest.raises(qa.InvalidArtifact):
            qa.load(b'{"1":20}', format=H1, job={"0": 0.5, "1": 0.5})

    def test_a_circuit_has_no_shots(self) -> None:
        data = b'{"qubits":1,"circuit":[]}'
        artifact = qa.load(data, format=NATIVE, job=dict(SINGLE.record))
        assert artifact.width() == 1

    def test_bit_order(self) -> None:
        data = payloads([4] * 20, 3)[H2]
        artifact = qa.load(data, format=H2, job=dict(SINGLE.record), bit_order="reversed")
        assert artifact.counts() == {"100": 20}
        with pytest.raises(ValueError, match="bit_order"):
            qa.load(data, format=H2, job=dict(SINGLE.record), bit_order="other")  # type: ignore[arg-type]

    def test_what_is_made_of_it_keeps_what_is_known(self) -> None:
        artifact = qa.load(b'{"1":0.25,"3":0.75}', format=P1, job=dict(SINGLE.record))
        second = artifact.convert(P2)
        assert (second.width(), second.shots) == (3, 20)
        assert second.convert(S2, shot_order="sorted").shots == 20
        assert artifact.marginal([0]).width() == 1
        assert second.select("output_all").shots == 20
