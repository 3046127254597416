"""Artifacts: what can be asked of a payload, and how it is written."""

from __future__ import annotations

import concurrent.futures
import json
import multiprocessing
import pickle
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

OPENQASM = {
    "shots": [
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [1]}},
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [0]}},
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [1]}},
        {"registers": {"mid": [1], "result": [1, 0], "output_all": [0]}},
    ]
}

LEAKY = {
    "shots": [
        {"registers": {"q": [0, 1]}, "leakage_bits": [0, 0]},
        {"registers": {"q": [1, 1]}, "leakage_bits": [0, 1]},
        {"registers": {"q": [1, 0]}, "leakage_bits": None},
        {"registers": {"q": [1, 0]}},
    ]
}

#: Format, payload, register names, width of the first, kept shots, leaked shots.
QUESTIONS: list[tuple[str, Any, tuple[str, ...], int | None, int | None, int | None]] = [
    (P1, {"0": 0.5, "3": 0.5}, ("output_all",), None, None, None),
    (P2, {"probabilities": {"registers": {"c": {"100": 1}}}}, ("c",), 3, None, None),
    (H1, {"0": 500, "3": 500.0}, ("output_all",), None, 1000, None),
    (H1, {}, ("output_all",), None, 0, None),
    (H2, {"histogram": {"registers": {"c": {"01": 3, "10": 4}}}}, ("c",), 2, 7, None),
    (H2, {"histogram": {"registers": {}}}, (), None, 0, None),
    (H2, {"histogram": {"registers": {"c": {}}}}, ("c",), None, 0, None),
    (S1, ["2", "1", "3"], ("output_all",), None, 3, None),
    (S2, LEAKY, ("q",), 2, 3, 1),
    (S2, {"shots": []}, (), None, 0, 0),
    (S2, {"shots": [{"registers": {"c": []}}]}, ("c",), 0, 1, 0),
    (AGGREGATE, {CHILD: {"2": 1}}, ("output_all",), None, None, None),
    (NATIVE, {"qubits": 2, "circuit": []}, (), 2, None, None),
    (NATIVE, {"qubits": 3.0, "circuit": []}, (), 3, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("format", "payload", "names", "width", "shots", "leaked"), QUESTIONS)
def test_questions(
    format: str,
    payload: Any,
    names: tuple[str, ...],
    width: int | None,
    shots: int | None,
    leaked: int | None,
) -> None:
    for source in (payload, json.dumps(payload).encode()):
        artifact = qa.load(source, format=format)
        assert artifact.format == format
        assert artifact.payload == payload
        assert artifact.register_names == names
        assert artifact.width() == width
        assert type(artifact.width()) is type(width)
        assert (artifact.shots, artifact.leaked) == (shots, leaked)
        assert type(artifact.shots) is type(shots)
        assert format in repr(artifact)


def test_several_registers_have_to_be_named() -> None:
    artifact = qa.load(OPENQASM, format=S2)
    assert artifact.register_names == ("mid", "result", "output_all")
    assert [artifact.width(name) for name in artifact.register_names] == [1, 2, 1]
    assert (artifact.shots, artifact.leaked) == (4, 0)
    with pytest.raises(qa.MissingParameter, match='"mid", "result", "output_all"') as caught:
        artifact.width()
    assert caught.value.parameter == "register"
    with pytest.raises(qa.UnknownRegister) as unknown:
        artifact.width("c")
    assert isinstance(unknown.value, KeyError)
    assert (unknown.value.register, unknown.value.known) == ("c", artifact.register_names)
    with pytest.raises(qa.UnknownRegister):
        qa.load({"qubits": 1, "circuit": []}).width("c")
    two = qa.load({"histogram": {"registers": {"a": {"0": 1}, "\x1b": {"1": 1}}}}, format=H2)
    with pytest.raises(qa.MissingParameter) as missing:
        two.width()
    assert "\x1b" not in str(missing.value)


def test_a_register_without_a_name_is_one_like_others() -> None:
    registers = {"a": {"000": 1}, "": {"0": 1}}
    artifact = qa.load({"histogram": {"registers": registers}}, format=H2)
    assert (artifact.width("a"), artifact.width("")) == (3, 1)


def test_a_bad_payload_raises_with_its_report() -> None:
    with pytest.raises(qa.InvalidArtifact) as caught:
        qa.load(b'{"0": 0.5,\n "03": 0.5, "x": 0}', format=P1)
    report = caught.value.report
    assert [(each.code, each.line, each.column) for each in report.findings] == [
        ("QA206", 2, 2),
        ("QA206", 2, 13),
        ("QA205", 2, 18),
    ]
    assert str(report.findings[0]) in str(caught.value)
    assert isinstance(caught.value, qa.QartifactsError)


def test_errors_survive_pickling() -> None:
    """Checks run in worker processes, whose errors come back pickled."""
    report = qa.check(b"{}", format=P1)
    for error in (
        qa.InvalidArtifact(report),
        qa.UnknownFormat("x", ("a.v1",)),
        qa.UnknownRegister("x", ("a", "b")),
        qa.MissingParameter("register", "there are several"),
        qa.ModifiedDocument("path", "a", "b"),
        qa.MissingDocument("path", "why"),
        qa.LockfileError("what"),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert str(again) == str(error)
    assert pickle.loads(pickle.dumps(report)) == report
    assert type(pickle.loads(pickle.dumps(report)).format) is qa.FormatId


class TestWriting:
    @pytest.mark.parametrize(
        ("format", "text", "written"),
        [
            (P1, '{"10": 0.25, "2": 0.5, "0": 0.25}', '{"0":0.25,"2":0.5,"10":0.25}'),
            (P1, '{"0": 1.0, "1": 0.0}', '{"0":1,"1":0}'),
            (P1, '{"0": 1, "1": -0.0}', '{"0":1,"1":-0.0}'),
            (P1, '{"0": 0.99999, "1": 0.00001}', '{"0":0.99999,"1":0.00001}'),
            (P1, '{"0": 0.1000000000000000055511151231257827, "1": 0.9}', '{"0":0.1,"1":0.9}'),
            # Bitstrings ascend as text, for their order as states would depend on the bit order.
            (
                P2,
                '{"probabilities": {"registers": {"c": {"10": 0.25, "01": 0.25, "00": 0.5}}}}',
                '{"probabilities":{"registers":{"c":{"00":0.5,"01":0.25,"10":0.25}}}}',
            ),
            (H1, '{"0": -0.0, "1": 2}', '{"0":0,"1":2}'),
            (H1, '{"3": 5e2, "0": 500.0}', '{"0":500,"3":500}'),
            (
                H2,
                '{"note": 1.0, "histogram": {"unit": "shots", "registers": {"b": {"1": 2.0}, "a": {"0": 2}}}}',
                '{"note":1.0,"histogram":{"unit":"shots","registers":{"b":{"1":2},"a":{"0":2}}}}',
            ),
            (S1, ' [ "2" , "10" ] ', '["2","10"]'),
            (
                S2,
                '{"shots": [{"time": 0.5, "leakage_bits": [0.0], "registers": {"c": [1.0, 0]}}]}',
                '{"shots":[{"time":0.5,"leakage_bits":[0],"registers":{"c":[1,0]}}]}',
            ),
            (S2, '{"shots": [{"registers": {"c": [1]}, "leakage_bits": null}]}', '{"shots":[{"registers":{"c":[1]},"leakage_bits":null}]}'),
            (AGGREGATE, f'{{"{CHILD}": {{"12": 0.5, "3": 0.5}}}}', f'{{"{CHILD}":{{"3":0.5,"12":0.5}}}}'),
            (
                NATIVE,
                '{"qubits": 2.0, "circuit": [{"gate": "ms", "targets": [0.0, 1], "phases": [0, 0.25]}]}',
                '{"qubits":2,"circuit":[{"gate":"ms","targets":[0,1],"phases":[0,0.25]}]}',
            ),
            # Integers of any size in members that no format declares.
            (S2, '{"shots": [{"registers": {"é": [1]}}], "big": 123456789012345678901}', '{"shots":[{"registers":{"é":[1]}}],"big":123456789012345678901}'),
        ],
    )  # fmt: skip
    def test_the_form(self, format: str, text: str, written: str) -> None:
        artifact = qa.load(text.encode(), format=format)
        assert artifact.to_bytes().decode() == written
        again = qa.load(artifact.to_bytes(), format=format)
        assert again.payload == artifact.payload
        assert again.to_bytes() == artifact.to_bytes()

    def test_the_payload_stays_as_it_was(self) -> None:
        artifact = qa.load(b'{"3": 1.0, "0": 0.0}', format=P1)
        artifact.to_bytes()
        assert list(artifact.payload.items()) == [("3", 1.0), ("0", 0.0)]

    def test_a_payload_that_was_spoilt_is_not_written(self, tmp_path: Path) -> None:
        artifact = qa.load({"0": 1}, format=P1)
        artifact.payload["00"] = 0.5
        path = tmp_path / "out.json"
        with pytest.raises(qa.InvalidArtifact) as caught:
            artifact.write(path)
        assert caught.value.report.source == str(path)
        assert not path.exists()

    def test_settings_and_registry_stay_with_it(
        self, tmp_path: Path, make_registry: MakeRegistry
    ) -> None:
        settings = qa.Settings(ignore=frozenset({"QA201"}))
        half = qa.load({"0": 0.5}, format=P1, settings=settings)
        half.write(tmp_path / "half.json")
        registry = make_registry({"other.v1": {"$schema": DRAFT_7, "type": "object"}})
        other = qa.load({"a": 1.0}, format="other.v1", registry=registry)
        other.write(tmp_path / "other.json")
        assert (tmp_path / "other.json").read_bytes() == b'{"a":1.0}'
        assert qa.validator("other.v1", registry=registry).load({"a": 1}).payload == {"a": 1}


def test_a_format_without_a_family_answers_nothing(make_registry: MakeRegistry) -> None:
    registry = make_registry({"other.v1": {"$schema": DRAFT_7, "required": ["a"]}})
    artifact = qa.load({"a": 1}, format="other.v1", registry=registry)
    assert artifact.register_names == ()
    assert artifact.width() is artifact.shots is artifact.leaked is None
    assert not qa.check({}, format="other.v1", registry=registry).ok


def test_validators_say_what_they_are() -> None:
    assert qa.validator(P1).format == P1
    assert P1 in repr(qa.validator(P1))
    with pytest.raises(qa.UnknownFormat):
        qa.validator("ionq.result.shots.json.v9")


def test_validators_go_to_other_processes() -> None:
    settings = qa.Settings(ignore={"QA201"})
    validator = qa.validator(P1, settings=settings)
    with concurrent.futures.ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        assert list(pool.map(validator.is_valid, [b'{"0": 0.5}', b'{"x": 1}'])) == [True, False]
        report = pool.submit(validator.check, b'{"x": 1}').result()
    assert report == validator.check(b'{"x": 1}')


def test_report() -> None:
    report = qa.check(b'{"0": 0.5, "3": 0.4999}', format=P1)
    assert report.ok
    assert report.passes()
    assert not report.passes(strict=True)
    assert bool(report) is True
    message = "warning QA202: the probabilities of 2 outcomes sum to 0.9999, not 1"
    assert str(report.findings[0]) == f"1:1: {message}"
    assert str(report) == f"<bytes>:1:1: {message}"
    from_object = qa.check({"0": 2}, format=P1)
    assert bool(from_object) is False
    assert str(from_object) == "<object>: /0: error QA203: the probability 2 is not within 0 to 1"
    assert str(qa.check({"0": 1}, format=P1)) == f"<object>: ok ({P1})"
    many = qa.check({"x": 1, "y": 1}, format=P1, settings=qa.Settings(max_findings=1))
    assert str(many).splitlines()[1] == "<object>: 2 more findings not shown"
    with pytest.raises(AttributeError):
        report.errors = 1  # type: ignore[misc]
