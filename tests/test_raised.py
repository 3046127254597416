"""Codes whose warnings and notes are raised to errors: one verdict, on both paths, at every door."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.codes import CODES
from qartifacts.source import Source
from qartifacts.validate import examine, examiner
from strategies import AGGREGATE, H2, P1, P2, PAYLOADS, S1, S2
from support import length

#: Codes that are not errors by themselves and that a rule gives.
LOWER = sorted(code for code, entry in CODES.items() if entry.severity != "error" and code > "QA2")


def test_a_raised_code_is_an_error() -> None:
    payload = {"0": 0.5, "3": 0.5, "5": 0.0}
    plain = qa.check(payload, format=P1)
    raised = qa.check(payload, format=P1, settings=qa.Settings(raised={"QA205"}))
    assert (plain.errors, plain.notes) == (0, 1)
    assert (raised.errors, raised.notes) == (1, 0)
    assert [(each.code, each.severity) for each in raised.findings] == [("QA205", "error")]
    assert raised.findings[0].pointer == plain.findings[0].pointer


def test_what_is_not_shown_is_counted_as_an_error_too() -> None:
    payload = {"0": 0.9999, "1": 0.0, "00": 0}
    lifting = qa.Settings(raised={"QA202", "QA205"}, max_findings=1)
    report = qa.check(payload, format=P1, settings=lifting)
    assert (report.errors, report.warnings, report.notes, report.omitted) == (3, 0, 0, 2)


def test_raised_codes_are_bounded_as_errors_are() -> None:
    shots = [{"registers": {"a": [0]}, "leakage_bits": [1]}]
    children = {f"00000000-0000-0000-0000-{index:012}": {"0": 1, "1": 0} for index in range(40)}
    assert qa.check({"shots": shots}, settings=qa.Settings(raised={"QA226"})).errors == 1
    lifting = qa.Settings(raised={"QA205"}, max_violations=10)
    report = qa.check(children, format=AGGREGATE, settings=lifting)
    assert (report.errors, report.notes, report.at_least) == (10, 0, True)


@pytest.mark.parametrize("format", PAYLOADS)
@given(data=st.data())
@settings(max_examples=length(30, 300))
def test_only_the_severity_changes(format: str, data: st.DataObject) -> None:
    """What is found, and where, is the same; of other codes the severity, too."""
    code = data.draw(st.sampled_from([*LOWER, "QA201"]))
    text = json.dumps(data.draw(PAYLOADS[format])).encode()
    plain = qa.check(text, format=format)
    lifting = qa.Settings(raised={code})
    raised = qa.check(text, format=format, settings=lifting)
    places = {(each.code, each.pointer, each.line, each.column) for each in plain.findings}
    assert {(each.code, each.pointer, each.line, each.column) for each in raised.findings} == places
    for finding in raised.findings:
        lifted = finding.code == code
        assert finding.severity == ("error" if lifted else CODES[finding.code].severity)
    assert raised.ok is (code not in {each.code for each in plain.findings})
    validator = qa.validator(format, settings=lifting)
    for _ in range(2):  # The second small text goes another way than the first.
        assert validator.is_valid(text) is raised.ok
        assert validator.check(text).findings == raised.findings


def _large(format: str, *, zeros: bool) -> bytes:
    """A good payload that is read into columns, with something to note or without."""
    draw = random.Random(5)
    rest = {"1": 0} if zeros else {}
    number = length(10_000, 30_000)
    keys = [f"{state:020b}" for state in draw.sample(range(2, 1 << 20), number)]
    payload: Any
    if format == P1:
        payload = {str(int(key, 2)): 1 / number for key in keys} | rest
    elif format == H2:
        zero = {"0" * 19 + "1": 0} if zeros else {}
        payload = {"histogram": {"registers": {"r": dict.fromkeys(keys, 7) | zero}}}
    elif format == P2:
        zero = {"0" * 19 + "1": 0} if zeros else {}
        payload = {"probabilities": {"registers": {"r": dict.fromkeys(keys, 1 / number) | zero}}}
    elif format == S2:
        leaked = {"leakage_bits": [1]} if zeros else {"leakage_bits": [0]}
        shot = {"registers": {"output_all": [0, 1, 1]}, "leakage_bits": [0]}
        payload = {"shots": [shot] * number + [{**shot, **leaked}]}
    else:
        child = {str(state): 1 / 64 for state in range(64)} | ({"99": 0} if zeros else {})
        payload = {f"00000000-0000-0000-0000-{index:012}": child for index in range(400)}
    return json.dumps(payload, separators=(",", ":")).encode()


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("format", [P1, P2, H2, S2, AGGREGATE])
def test_both_paths_give_one_verdict(format: str, zeros: bool) -> None:
    noted = "QA226" if format == S2 else "QA205"
    source = Source("<bytes>", data=_large(format, zeros=zeros))
    for raised in (frozenset[str](), {noted}, {"QA202"}):
        ready = examiner(format, settings=qa.Settings(raised=raised)).prepare()
        exact = ready.explain(source).report
        assert ready.examine(source).report == exact
        assert exact.ok is not (zeros and noted in raised)
        assert source.data is not None
        accepted = ready.accept(source.data)
        assert (accepted is not None) is exact.ok
        assert accepted is None or accepted.report == exact


def test_what_a_walk_passes_over_can_be_raised(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"name": "something else"}')
    lifting = qa.Settings(raised={"QA020"})

    def found(name: str, terms: qa.Settings) -> qa.Report:
        path = str(tmp_path / name)
        source = Source(path, path, (tmp_path / name).read_bytes())
        return examine(source, settings=terms, found=True).report

    assert found("other.json", qa.Settings()).skipped
    report = found("other.json", lifting)
    assert [(each.code, each.severity) for each in report.findings] == [("QA020", "error")]
    assert not report.skipped
    (tmp_path / "job.json").write_text("{}")
    assert found("job.json", lifting).skipped  # It is no payload, and known to be none.


def test_an_artifact_under_raised_codes_is_refused() -> None:
    lifting = qa.Settings(raised={"QA220"})
    assert qa.load([], format=S1).report.warnings
    with pytest.raises(qa.InvalidArtifact) as caught:
        qa.load([], format=S1, settings=lifting)
    assert [each.code for each in caught.value.report.findings] == ["QA220"]


@pytest.mark.parametrize("raised", [["QA205"], "QA205", {1}])
def test_raised_takes_a_set_of_codes(raised: Any) -> None:
    with pytest.raises(TypeError):
        qa.Settings(raised=raised)


def test_codes_that_cannot_be_raised() -> None:
    with pytest.raises(ValueError, match="QA205"):
        qa.Settings(raised={"QA205"}, ignore={"QA205"})
    for attempt in (qa.check, qa.load):
        with pytest.raises(qa.InvalidSettings):
            attempt(b"[]", format=S1, settings=qa.Settings(raised={"QA999"}))


def test_settings_with_raised_codes_are_values() -> None:
    assert qa.Settings(raised={"QA205"}) == qa.Settings(raised=frozenset({"QA205"}))
    assert len({qa.Settings(raised={"QA205"}), qa.Settings(raised={"QA205"}), qa.Settings()}) == 2
