"""What a generator calls valid is accepted; a mutation that breaks a rule is refused by its code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.codes import CODES
from strategies import MUTATIONS, PAYLOADS, Mutation
from support import length


@pytest.mark.parametrize("format", PAYLOADS)
@given(data=st.data())
def test_what_is_valid_is_accepted(format: str, data: st.DataObject) -> None:
    payload = data.draw(PAYLOADS[format])
    text = json.dumps(payload, ensure_ascii=data.draw(st.booleans())).encode()
    report = qa.check(text, format=format)
    assert report.errors == report.warnings == 0, report.findings
    assert qa.validator(format).is_valid(text)
    assert qa.validator(format).is_valid(payload)


@pytest.mark.parametrize(
    "mutation", MUTATIONS, ids=lambda each: f"{each.format.removeprefix('ionq.')}-{each.name}"
)
@given(data=st.data())
@settings(max_examples=length(10, 100))
def test_a_broken_rule_is_told_by_its_code(mutation: Mutation, data: st.DataObject) -> None:
    payload = mutation.change(data.draw(PAYLOADS[mutation.format]))
    assume(payload is not None)
    text = json.dumps(payload).encode()
    report = qa.check(text, format=mutation.format)
    assert mutation.code in {finding.code for finding in report.findings}
    # One broken rule is told once, by its own code, and nothing else is an error.
    others = {finding.code for finding in report.findings if finding.code != mutation.code}
    assert {code for code in others if CODES[code].severity == "error"} == set()
    fails = CODES[mutation.code].severity == "error"
    assert report.ok is not fails
    assert qa.validator(mutation.format).is_valid(text) is not fails
    for finding in report.findings:
        assert finding.severity == CODES[finding.code].severity
        assert _resolve(payload, finding.pointer) is not _NOWHERE


_NOWHERE: Any = object()


def _resolve(value: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(token)] if isinstance(value, list) else value[token]
        except (KeyError, IndexError, ValueError):
            return _NOWHERE
    return value


@pytest.mark.parametrize("format", PAYLOADS)
@given(data=st.data())
def test_writing_and_reading_again_is_the_identity(format: str, data: st.DataObject) -> None:
    """``load(to_bytes(load(x))) == load(x)``, and the bytes are the same from then on."""
    artifact = qa.load(json.dumps(data.draw(PAYLOADS[format])).encode(), format=format)
    written = artifact.to_bytes()
    again = qa.load(written, format=format)
    assert again.payload == artifact.payload
    assert again.to_bytes() == written
    assert b" " not in written or any(" " in name for name in artifact.register_names)


@pytest.mark.parametrize("format", PAYLOADS)
@given(data=st.data())
def test_a_cut_text_is_never_accepted(format: str, data: st.DataObject) -> None:
    text = json.dumps(data.draw(PAYLOADS[format])).encode()
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    report = qa.check(cut, format=format)
    assert {finding.code for finding in report.findings} <= {"QA002", "QA004"}
    assert not report.ok
