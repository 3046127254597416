"""Which format a source has: what is told by name, by a job record, by content, and what is not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from support import DRAFT_7, MakeRegistry

P1 = "ionq.result.probabilities.json.v1"
P2 = "ionq.result.probabilities.json.v2"
H1 = "ionq.result.histogram.json.v1"
H2 = "ionq.result.histogram.json.v2"
S1 = "ionq.result.shots.json.v1"
S2 = "ionq.result.shots.json.v2"
AGGREGATE = "ionq.result.probabilities-aggregate.json.v1"
NATIVE = "ionq.native.v1"
CHILD = "06a2099c-f845-7208-8000-8111ee2dccbc"


def codes(report: qa.Report) -> list[str]:
    return [finding.code for finding in report.findings]


UNMISTAKABLE: list[tuple[Any, str]] = [
    ({"probabilities": {"registers": {"output_all": {"00": 0.5, "11": 0.5}}}}, P2),
    ({"histogram": {"registers": {"output_all": {"11": 500, "00": 500}}}}, H2),
    ({"shots": [{"registers": {"output_all": [1, 0]}}]}, S2),
    ({"shots": []}, S2),
    (["2", "1", "3", "0"], S1),
    ([], S1),
    ([2, 1], S1),
    ({CHILD: {"2": 1}}, AGGREGATE),
    ({"qubits": 1, "circuit": []}, NATIVE),
    ({"0": 0.5, "1": 0.25, "3": 0.25}, P1),
    ({"0": 0.5, "1": 0}, P1),
    ({"000": 0.5, "111": 0.5}, P1),
    ({"0": 500, "1": 250}, H1),
    ({"0": 2, "1": 0, "3": 1}, H1),
    ({"0": -1, "1": 3}, H1),
]


@pytest.mark.parametrize(("payload", "format"), UNMISTAKABLE)
def test_content_that_is_unmistakable(payload: Any, format: str) -> None:
    assert qa.check(payload).format == format
    assert qa.check(json.dumps(payload).encode()).format == format


AMBIGUOUS: list[tuple[Any, list[str]]] = [
    ({"0": 1}, [P1, H1]),
    ({"0": 1, "3": 0}, [P1, H1]),
    ({"0": 1.0}, [P1, H1]),
    ({"0": 0.5, "1": 500}, [P1, H1]),
    ({"0": 500.5, "3": 499.5}, [P1, H1]),
    ({"0": "1"}, [P1, H1]),
    ({}, [P1, H1, AGGREGATE]),
]


@pytest.mark.parametrize(("payload", "candidates"), AMBIGUOUS)
def test_what_may_be_several_formats_names_them(payload: Any, candidates: list[str]) -> None:
    report = qa.check(json.dumps(payload).encode())
    assert codes(report) == ["QA021"]
    assert report.format is None
    assert (report.findings[0].line, report.findings[0].column) == (1, 1)
    from_object = qa.check(payload)
    assert codes(from_object) == ["QA021"]
    assert from_object.findings[0].line is from_object.findings[0].column is None
    assert not report.ok
    for candidate in candidates:
        assert candidate in report.findings[0].message
    assert report.findings[0].message.count(".json.v") == len(candidates)


@pytest.mark.parametrize(
    "payload",
    [
        {"hello": "world"},
        [{"id": 1}],
        [[1]],
        {"probabilities": {"0": 1}},
        {"qubits": 3},
        {"shots": 100},
        {"0": {"0": 1}},
        {"a": 0.5, "b": 0.5},
    ],
)
def test_what_looks_like_nothing_known(payload: Any) -> None:
    report = qa.check(payload)
    assert codes(report) == ["QA020"]
    assert not report.ok


def test_only_pinned_formats_are_candidates(make_registry: MakeRegistry) -> None:
    registry = make_registry({P1: {"$schema": DRAFT_7, "$id": P1}})
    assert qa.check(b'{"0": 1}', registry=registry).format == P1
    assert codes(qa.check(b'["0"]', registry=registry)) == ["QA020"]


class TestNames:
    @pytest.mark.parametrize("format", qa.formats())
    @pytest.mark.parametrize("pattern", ["{}.json", "id-1.{}.json", "{}", "2026_{}_bell.json"])
    def test_an_identifier_in_the_name(self, tmp_path: Path, format: str, pattern: str) -> None:
        path = tmp_path / pattern.format(format)
        path.write_bytes(b"null")
        report = qa.check(path)
        assert report.format == format
        assert codes(report) == ["QA101"]

    def test_it_goes_before_the_content(self, tmp_path: Path) -> None:
        path = tmp_path / f"counts.{H1}.json"
        path.write_bytes(b'{"0": 1}')
        assert qa.check(path).ok
        path.write_bytes(b'["0"]')
        assert codes(qa.check(path)) == ["QA101"]

    def test_the_caller_goes_before_it(self, tmp_path: Path) -> None:
        path = tmp_path / f"counts.{H1}.json"
        path.write_bytes(b'["0"]')
        assert qa.check(path, format=S1).ok

    @pytest.mark.parametrize(
        "name",
        [
            "x.ionq.result.shots.json.v3.json",
            "ionq.result.shots.json.v10.json",
            "ionq.qasm3.v1.json",
            "ibm.pulses.v0.4.json",
        ],
    )
    def test_an_unpinned_format_is_not_taken_for_another(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.write_bytes(b'["0"]')
        report = qa.check(path)
        assert codes(report) == ["QA022"]
        assert name.removesuffix(".json").removeprefix("x.") in report.findings[0].message
        assert ("did you mean" in report.findings[0].message) == ("pulses" not in name)

    @pytest.mark.parametrize("ending", ["1", "2026-01-01", "copy.2"])
    def test_numbered_and_dated_copies(self, tmp_path: Path, ending: str) -> None:
        path = tmp_path / f"run.{S1}.{ending}.json"
        path.write_bytes(b"[0]")
        assert qa.check(path).format == S1

    def test_two_identifiers_are_ambiguous(self, tmp_path: Path) -> None:
        path = tmp_path / f"{H1}-to-{S1}.json"
        path.write_bytes(b'["0"]')
        assert codes(qa.check(path)) == ["QA021"]

    @pytest.mark.parametrize("name", ["run.v2.json", "my.results.v1.json", "bionq.native.v1.json"])
    def test_other_names_say_nothing(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.write_bytes(b'["0"]')
        assert qa.check(path).format == S1

    def test_a_broken_file_keeps_the_format_of_its_name(self, tmp_path: Path) -> None:
        path = tmp_path / f"{H1}.json"
        path.write_bytes(b'{"0"')
        report = qa.check(path)
        assert (report.format, codes(report)) == (H1, ["QA004"])
        other = tmp_path / "result.json"
        other.write_bytes(b'{"0"')
        report = qa.check(other)
        assert (report.format, codes(report)) == (None, ["QA004"])


class TestJobRecords:
    @pytest.fixture
    def job(self, tmp_path: Path) -> Path:
        def artifact(identifier: str, format: str) -> dict[str, str]:
            return {"id": identifier, "format": format, "media_type": "application/json"}

        record = {
            "id": "some-job",
            "shots": 1,
            "results": {
                H1: artifact("first", H1),
                P1: artifact("prob.abilities", P1),
                "probabilities": {"url": "/v0.4/jobs/some-job/results/probabilities"},
            },
            "output": {"variants": [{"results": {"x": artifact("later", "ionq.future.v7")}}]},
        }
        (tmp_path / "job.json").write_text(json.dumps(record), encoding="utf-8")
        return tmp_path

    def test_the_record_tells(self, job: Path) -> None:
        for name, format in [
            ("first.json", H1),
            (f"first.{H1}.json", H1),
            ("first.json.gz", H1),
            ("prob.abilities.json", P1),
            ("first", H1),
        ]:
            path = job / name
            path.write_bytes(b"" if name.endswith(".gz") else b'{"0": 1}')
            assert qa.check(path).format == format, name

    def test_the_record_goes_before_the_name(self, job: Path) -> None:
        path = job / f"first.{P1}.json"
        path.write_bytes(b'{"0": 500}')
        assert qa.check(path).format == H1

    def test_an_unpinned_format_is_told(self, job: Path) -> None:
        (job / "later.json").write_bytes(b"[]")
        report = qa.check(job / "later.json")
        assert codes(report) == ["QA022"]
        assert "ionq.future.v7" in report.findings[0].message

    def test_two_formats_for_one_artifact_are_ambiguous(self, job: Path) -> None:
        record = json.loads((job / "job.json").read_text(encoding="utf-8"))
        record["more"] = {"id": "first", "format": P1, "media_type": "application/json"}
        (job / "job.json").write_text(json.dumps(record), encoding="utf-8")
        (job / "first.json").write_bytes(b'{"0": 1}')
        assert codes(qa.check(job / "first.json")) == ["QA021"]

    def test_files_that_it_does_not_name(self, job: Path) -> None:
        (job / "other.json").write_bytes(b'["0"]')
        assert qa.check(job / "other.json").format == S1

    def test_only_descriptors_count(self, job: Path) -> None:
        """An object with an id and a format, but without a media type, is no artifact."""
        record = {"id": "other", "format": H1, "results": {}}
        (job / "job.json").write_text(json.dumps(record), encoding="utf-8")
        (job / "other.json").write_bytes(b'["0"]')
        assert qa.check(job / "other.json").format == S1

    def test_it_is_read_within_the_limits(self, job: Path) -> None:
        (job / "first.json").write_bytes(b'{"0": 1}')
        for limits in (
            qa.Settings(max_bytes=50),
            qa.Settings(max_values=5),
            qa.Settings(max_depth=2),
        ):
            assert codes(qa.check(job / "first.json", settings=limits)) == ["QA021"]

    def test_a_changed_record_is_read_again(self, job: Path) -> None:
        path = job / "first.json"
        path.write_bytes(b'{"0": 1}')
        assert qa.check(path).format == H1
        record = (job / "job.json").read_text(encoding="utf-8")
        record = record.replace(f'"format": "{H1}"', f'"format": "{P1}"')
        (job / "job.json").write_text(record, encoding="utf-8")
        os.utime(job / "job.json", (1, 1))
        assert qa.check(path).format == P1

    @pytest.mark.parametrize(
        "record", [b"", b"[1", b'{"id": 1, "format": 2, "media_type": 3}', b"5"]
    )
    def test_a_record_that_says_nothing_is_passed_over(self, tmp_path: Path, record: bytes) -> None:
        (tmp_path / "job.json").write_bytes(record)
        (tmp_path / "first.json").write_bytes(b'["0"]')
        assert qa.check(tmp_path / "first.json").format == S1

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
    def test_a_record_that_is_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "job.json")
        (tmp_path / "first.json").write_bytes(b'["0"]')
        assert qa.check(tmp_path / "first.json").format == S1

    def test_a_record_that_cannot_be_read_is_passed_over(self, tmp_path: Path) -> None:
        (tmp_path / "job.json").mkdir()
        (tmp_path / "first.json").write_bytes(b'["0"]')
        assert qa.check(tmp_path / "first.json").format == S1

    def test_the_record_itself_is_no_result(self, job: Path) -> None:
        assert codes(qa.check(job / "job.json")) == ["QA020"]


class TestFormatId:
    def test_its_parts(self) -> None:
        format = qa.FormatId("ionq.result.probabilities-aggregate.json.v1")
        assert format == "ionq.result.probabilities-aggregate.json.v1"
        assert hash(format) == hash(str(format))
        assert (format.vendor, format.version) == ("ionq", "v1")
        assert format.name == "ionq.result.probabilities-aggregate.json"
        assert qa.FormatId("ionq.backends.v0.4").version == "v0.4"
        assert repr(format) == "FormatId('ionq.result.probabilities-aggregate.json.v1')"

    @pytest.mark.parametrize(
        "text",
        ["", "x", "v1", "ionq", "ionq.v", "IONQ.native.v1", "ionq/native.v1", "../x.v1", "a..b.v1"]
        + ["ionq.native.v1\n", "ionq.native.v\u0661", "a.v1/", "x" * 200 + ".v1", " a.v1"],
    )
    def test_other_texts_are_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a format identifier"):
            qa.FormatId(text)
