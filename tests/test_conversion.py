"""Conversions: states written out by hand, and the facts that they were built for."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pytest

import qartifacts as qa
from qartifacts.conversion import CONVERSIONS
from strategies import AGGREGATE, H1, H2, NATIVE, P1, P2, S1, S2
from support import DRAFT_7, MakeRegistry

ONE, TWO = "06a2099c-f845-7208-8000-8111ee2dccbc", "06a2099c-f846-7d32-8000-5726853513db"


def load(payload: Any, format: str, **parameters: Any) -> qa.Artifact:
    return qa.load(json.dumps(payload).encode(), format=format, **parameters)


def in_registers(kind: str, **registers: dict[str, Any]) -> Any:
    return {kind: {"registers": registers}}


def kinds(artifact: qa.Artifact) -> list[str]:
    return [change.kind for change in artifact.lost]


class State(NamedTuple):
    """One state, as each format and each SDK writes it."""

    width: int
    decimal: int  #: Version 1: bit 0 is least significant.
    wire: str  #: Version 2: bit 0 is leftmost.
    reversed: str  #: Version 2, written the other way.
    qiskit: str  #: Bit 0 is rightmost.
    cirq: int  #: Bit 0 is most significant.
    array: str  #: Shots of version 2: bit 0 is first.


#: Worked out by hand. Nothing here is computed, so that no mistake is made twice.
STATES = [
    State(
        1,
        1,
        "1",
        "1",
        "1",
        1,
        "[1]",
    ),
    State(
        1,
        0,
        "0",
        "0",
        "0",
        0,
        "[0]",
    ),
    State(
        3,
        1,
        "100",
        "001",
        "001",
        4,
        "[1,0,0]",
    ),
    State(
        3,
        6,
        "011",
        "110",
        "110",
        3,
        "[0,1,1]",
    ),
    State(
        5,
        11,
        "11010",
        "01011",
        "01011",
        26,
        "[1,1,0,1,0]",
    ),
    State(
        5,
        2,
        "01000",
        "00010",
        "00010",
        8,
        "[0,1,0,0,0]",
    ),
    State(
        64,
        3,
        "1100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000011",
        "0000000000000000000000000000000000000000000000000000000000000011",
        13835058055282163712,
        "[1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
    ),
    State(
        64,
        9223372036854775810,
        "0100000000000000000000000000000000000000000000000000000000000001",
        "1000000000000000000000000000000000000000000000000000000000000010",
        "1000000000000000000000000000000000000000000000000000000000000010",
        4611686018427387905,
        "[0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]",
    ),
    State(
        65,
        18446744073709551616,
        "00000000000000000000000000000000000000000000000000000000000000001",
        "10000000000000000000000000000000000000000000000000000000000000000",
        "10000000000000000000000000000000000000000000000000000000000000000",
        1,
        "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]",
    ),
    State(
        65,
        18446744073709551618,
        "01000000000000000000000000000000000000000000000000000000000000001",
        "10000000000000000000000000000000000000000000000000000000000000010",
        "10000000000000000000000000000000000000000000000000000000000000010",
        9223372036854775809,
        "[0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]",
    ),
    State(
        100,
        6,
        "0110000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000110",
        "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000110",
        475368975085586025561263702016,
        "[0,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
    ),
    State(
        100,
        1180591620717411303425,
        "1000000000000000000000000000000000000000000000000000000000000000000000100000000000000000000000000000",
        "0000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000000000001",
        "0000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000000000001",
        633825300114114700748888473600,
        "[1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
    ),
]  # fmt: skip


def texts_of(state: State, bit_order: str) -> dict[str, str]:
    """Two shots of one state in every format, put together of what is written above."""
    key, array = state.wire, state.array
    if bit_order == "reversed":
        key, array = state.reversed, f"[{','.join(state.reversed)}]"
    shot = f'{{"registers":{{"output_all":{array}}}}}'
    return {
        P1: f'{{"{state.decimal}":1}}',
        P2: f'{{"probabilities":{{"registers":{{"output_all":{{"{key}":1}}}}}}}}',
        H1: f'{{"{state.decimal}":2}}',
        H2: f'{{"histogram":{{"registers":{{"output_all":{{"{key}":2}}}}}}}}',
        S1: f'["{state.decimal}","{state.decimal}"]',
        S2: f'{{"shots":[{shot},{shot}]}}',
    }


every_state = pytest.mark.parametrize("state", STATES, ids=lambda each: f"{each.width}-{each.decimal}")  # fmt: skip


class TestStates:
    @every_state
    @pytest.mark.parametrize("bit_order", ["wire", "reversed"])
    def test_every_format_to_every_other(self, state: State, bit_order: Any) -> None:
        texts = texts_of(state, bit_order)
        for source, text in texts.items():
            for target, expected in texts.items():
                made = qa.convert(
                    text.encode(),
                    target,
                    format=source,
                    bit_order=bit_order,
                    qubits=state.width,
                    shots=2,
                    shot_order="sorted",
                )
                assert made.to_bytes().decode() == expected, (source, target)
                # Read the other way, version 2 says another state, unless it is a palindrome.
                other: Any = "wire" if bit_order == "reversed" else "reversed"
                if source in (P2, H2, S2) and target in (P1, H1, S1):
                    turned = qa.load(text.encode(), format=source, bit_order=other)
                    turned = turned.convert(target, shots=2, shot_order="sorted")
                    same = turned.to_bytes().decode() == expected
                    assert same is (state.wire == state.reversed)

    @every_state
    def test_from_one_bit_order_to_the_other(self, state: State) -> None:
        wire, other = texts_of(state, "wire"), texts_of(state, "reversed")
        for format in (P2, H2, S2):
            loaded = qa.load(wire[format].encode(), format=format)
            turned = loaded.convert(format, output_bit_order="reversed")
            assert turned.to_bytes().decode() == other[format]
            assert turned.bit_order == "reversed"
            loaded = qa.load(other[format].encode(), format=format, bit_order="reversed")
            assert loaded.convert(format, output_bit_order="wire").to_bytes().decode() == wire[format]  # fmt: skip

    @every_state
    @pytest.mark.parametrize("bit_order", ["wire", "reversed"])
    def test_counts_and_bits(self, state: State, bit_order: Any) -> None:
        for format, text in texts_of(state, bit_order).items():
            artifact = qa.load(text.encode(), format=format, bit_order=bit_order)
            width = state.width if format.endswith("v1") else None
            expected = {"wire": state.wire, "cirq": state.wire, "qiskit": state.qiskit}
            for name, key in expected.items():
                order: Any = name
                assert artifact.probabilities(order=order, width=width) == {key: 1.0}
                assert artifact.top(1, order=order, width=width) == [(key, 2 - (format in (P1, P2)))]  # fmt: skip
                if format not in (P1, P2):
                    assert artifact.counts(order=order, width=width) == {key: 2}
                    # The true width may always be given.
                    assert artifact.counts(order=order, width=state.width) == {key: 2}
            if format not in (P1, P2):
                assert artifact.counts_int() == {state.decimal: 2}
                assert artifact.counts_int(order="qiskit") == {state.decimal: 2}
                assert artifact.counts_int(order="cirq", width=width) == {state.cirq: 2}
            if format in (S1, S2):
                row = json.loads(state.array)
                assert artifact.bits(width=width).tolist() == [row, row]

    @every_state
    def test_made_of_what_sdks_hold(self, state: State) -> None:
        texts = texts_of(state, "wire")
        width = state.width
        some: list[tuple[Any, Any]] = [
            (state.wire, "wire"),
            (state.wire, "cirq"),
            (state.qiskit, "qiskit"),
            (state.decimal, "qiskit"),
            (state.cirq, "cirq"),
        ]
        for key, order in some:
            qubits = width if isinstance(key, int) else None
            for format in (H1, H2, P1, P2):
                made = qa.from_counts({key: 2}, format=format, order=order, qubits=qubits)
                assert made.to_bytes().decode() == texts[format]
            for format in (P1, P2):
                made = qa.from_probabilities({key: 1.0}, format=format, order=order, qubits=qubits)
                assert made.to_bytes().decode() == texts[format]
        rows: list[tuple[Any, Any]] = [
            ([state.wire] * 2, "wire"),
            ([state.qiskit] * 2, "qiskit"),
            (np.array([json.loads(state.array)] * 2), "cirq"),
        ]
        for shots, order in rows:
            for format, text in texts.items():
                assert qa.from_shots(shots, format=format, order=order).to_bytes().decode() == text
        made = qa.from_counts({state.decimal: 2}, format=H1, order="qiskit")
        assert made.to_bytes().decode() == texts[H1]


class TestWidths:
    def test_one_qubit_of_three_there_and_back(self) -> None:
        there = load({"1": 1}, P1).convert(P2, qubits=3)
        assert there.to_bytes() == b'{"probabilities":{"registers":{"output_all":{"100":1}}}}'
        assert there.lost == ()
        back = qa.load(there.to_bytes(), format=P2).convert(P1)
        assert back.to_bytes() == b'{"1":1}'
        assert kinds(back) == ["width"]
        assert str(back.lost[0]).startswith("lost width: ")

    @pytest.mark.parametrize("target", [P2, H2, S2, P1, H1, S1])
    def test_a_state_that_does_not_fit_is_refused(self, target: str) -> None:
        """Key 9 has four bits: with three qubits it must not become another state."""
        artifact = load({"9": 1, "0": 0}, P1)
        given: dict[str, Any] = {"shots": 2, "shot_order": "sorted"}
        with pytest.raises(qa.ConversionError) as refused:
            artifact.convert(target, qubits=3, **given)
        assert refused.value.reason == "too-wide"
        assert artifact.convert(target, qubits=4, **given).width() in (4, None)

    def test_a_width_that_is_not_that_of_the_file(self) -> None:
        artifact = load(in_registers("histogram", output_all={"100": 2}), H2)
        for ask in (
            lambda: artifact.convert(H1, qubits=4),
            lambda: artifact.convert(P2, qubits=2),
            lambda: artifact.counts(width=2),
            lambda: artifact.probabilities(width=4),
            lambda: artifact.counts_int(order="cirq", width=4),
            lambda: artifact.parity(width=2),
        ):
            question: Any = ask
            with pytest.raises(qa.ConversionError) as refused:
                question()
            assert refused.value.reason == "width"
        assert artifact.convert(H1, qubits=3).payload == {"1": 2}
        named = load(in_registers("histogram", c={"100": 2}), H2)
        with pytest.raises(qa.ConversionError) as of_named:
            named.convert(H1, qubits=4, register="c")
        assert of_named.value.reason == "width"

    def test_version_1_asks_for_a_width_only_where_it_matters(self) -> None:
        for artifact in (load({"4": 2}, H1), load(["4", "4"], S1)):
            assert artifact.counts_int() == {4: 2}
            for ask in (
                artifact.counts,
                artifact.probabilities,
                artifact.top,
                lambda each=artifact: each.counts_int(order="cirq"),
            ):
                question: Any = ask
                with pytest.raises(qa.MissingParameter) as missing:
                    question()
                assert missing.value.parameter == "width"
            for narrow in (
                lambda each=artifact: each.counts(width=2),
                lambda each=artifact: each.parity(width=2),
            ):
                question = narrow
                with pytest.raises(qa.ConversionError) as refused:
                    question()
                assert refused.value.reason == "too-wide"
            assert artifact.counts(width=4) == {"0010": 2}
            assert artifact.parity(width=4) == artifact.parity() == (-1, 0)

    def test_given_but_not_recorded_is_not_lost(self) -> None:
        """Version 1 to version 1 loses no width, for there was none."""
        assert load({"1": 1}, P1).convert(P1, qubits=3).lost == ()
        assert kinds(load({"1": 2}, H1).convert(P1, qubits=3)) == ["shot-count"]

    def test_wider_than_version_1_can_say(self) -> None:
        """Decimal states have at most 4,300 digits, which 14,284 bits fill."""
        rows = np.zeros((1, 14_285), np.uint8)
        rows[0, -2] = 1
        made = qa.from_shots(rows, format=S1, order="wire")
        assert len(made.payload[0]) == 4300
        assert made.convert(S2, qubits=14_285).bits().tolist() == rows.tolist()
        rows[0, -1] = 1
        with pytest.raises(qa.ConversionError) as refused:
            qa.from_shots(rows, format=S2, order="wire").convert(S1)
        assert refused.value.reason == "too-wide"


#: From the test data of qiskit-ionq: a register measured in the middle of a circuit of one qubit.
OPENQASM = {
    "shots": [
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [1]}},
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [0]}},
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [1]}},
        {"registers": {"mid": [1], "result": [1, 0], "output_all": [0]}},
    ]
}


class TestRegisters:
    def test_qiskit_joins_the_declared_ones(self) -> None:
        artifact = load(OPENQASM, S2)
        assert artifact.counts(order="qiskit") == {"00 0": 3, "01 1": 1}
        assert artifact.counts("result", order="qiskit") == {"00": 3, "01": 1}
        assert artifact.counts("output_all") == {"0": 2, "1": 2}
        assert artifact.select("mid", "output_all").counts(order="qiskit") == {"0": 3, "1": 1}

    def test_several_are_kept_as_marginals(self) -> None:
        histogram = load(OPENQASM, S2).convert(H2)
        assert histogram.payload == in_registers(
            "histogram",
            mid={"0": 3, "1": 1},
            result={"00": 3, "10": 1},
            output_all={"0": 2, "1": 2},
        )
        assert kinds(histogram) == ["shot-order", "correlations"]
        probabilities = histogram.convert(P2)
        assert probabilities.payload == in_registers(
            "probabilities",
            mid={"0": 0.75, "1": 0.25},
            result={"00": 0.75, "10": 0.25},
            output_all={"0": 0.5, "1": 0.5},
        )
        assert kinds(probabilities) == ["shot-order", "correlations", "shot-count"]
        assert probabilities.register_names == ("mid", "result", "output_all")
        assert load(OPENQASM, S2).convert(P2).payload == probabilities.payload

    def test_marginals_cannot_be_joined(self) -> None:
        histogram = load(OPENQASM, S2).convert(H2)
        for artifact in (histogram, histogram.convert(P2), load(histogram.payload, H2)):
            for ask in (
                lambda each=artifact: each.join("mid", "result"),
                lambda each=artifact: each.convert(S2, shots=4, shot_order="sorted"),
                lambda each=artifact: each.postselect("mid", "1"),
                lambda each=artifact: each.bits("mid"),
            ):
                question: Any = ask
                with pytest.raises(qa.ConversionError) as refused:
                    question()
                assert refused.value.reason == "marginals"
        with pytest.raises(qa.ConversionError) as refused:
            histogram.counts(order="qiskit")
        assert refused.value.reason == "marginals"
        one = histogram.convert(S2, register="result", shot_order="sorted")
        assert one.bits().tolist() == [[0, 0]] * 3 + [[1, 0]]

    def test_joined_shots(self) -> None:
        """The bits of the first register come first."""
        joined = load(OPENQASM, S2).join("result", "mid")
        assert joined.register_names == ("result+mid",)
        assert joined.width() == 3
        assert joined.bits().tolist() == [[0, 0, 0]] * 3 + [[1, 0, 1]]
        assert kinds(joined) == ["registers"]
        named = load(OPENQASM, S2).join("mid", "output_all", "result", name="all")
        assert named.counts("all") == {"0100": 2, "0000": 1, "1010": 1}
        assert kinds(named) == []
        assert named.payload["shots"][3] == {"registers": {"all": [1, 0, 1, 0]}}

    @pytest.mark.parametrize("names", [(), ("mid",), ("mid", "mid")])
    def test_what_cannot_be_joined(self, names: tuple[str, ...]) -> None:
        with pytest.raises(ValueError, match="register"):
            load(OPENQASM, S2).join(*names)
        with pytest.raises(qa.UnknownRegister):
            load(OPENQASM, S2).join("mid", "c")

    def test_some_can_be_picked_in_any_order(self) -> None:
        artifact = load(OPENQASM, S2)
        picked = artifact.select("output_all", "mid")
        assert picked.register_names == ("output_all", "mid")
        assert picked.payload["shots"][0] == {"registers": {"output_all": [1], "mid": [0]}}
        assert [(change.kind, change.number) for change in picked.lost] == [("registers", 1)]
        assert artifact.convert(H2, register=["mid"]).payload == in_registers(
            "histogram", mid={"0": 3, "1": 1}
        )

    def test_version_1_takes_the_registers_of_the_system(self) -> None:
        made = load(OPENQASM, S2).convert(H1)
        assert made.payload == {"0": 2, "1": 2}
        assert sorted(kinds(made)) == ["registers", "shot-order", "width"]
        declared = load(OPENQASM, S2).convert(H1, register="result")
        assert declared.payload == {"0": 3, "1": 1}
        assert sorted(kinds(declared)) == ["register-name", "registers", "shot-order", "width"]
        assert declared.register_names == ("output_all",)

    def test_version_1_takes_one_register(self) -> None:
        artifact = load(OPENQASM, S2)
        for given in (artifact.select("mid", "result"), artifact):
            with pytest.raises(qa.MissingParameter) as missing:
                given.convert(P1, register=None if given is not artifact else ("mid", "result"))
            assert missing.value.parameter == "register"
        with pytest.raises(qa.UnknownRegister) as unknown:
            artifact.convert(P1, register="c")
        assert unknown.value.known == ("mid", "result", "output_all")

    def test_names_may_be_anything(self) -> None:
        """A quote, a line feed, a backslash, nothing, a letter beyond ASCII, and one beyond 16 bits."""
        names = ('"', "\n", "\\", "", "é", "\U0001f600", " ")
        shot = {"registers": {name: [at % 2] for at, name in enumerate(names)}}
        artifact = load({"shots": [shot, shot]}, S2)
        assert artifact.convert(S2).to_bytes() == artifact.to_bytes()
        histogram = artifact.convert(H2)
        assert histogram.register_names == names
        assert histogram.convert(P2).convert(H2, shots=2).payload == histogram.payload
        assert histogram.convert(P2).convert(
            H2, shots=2, method="sample", seed=1
        ).register_names == names  # fmt: skip

    def test_registers_of_no_bits(self) -> None:
        """No bitstring has no bits, and so no histogram; what else was measured can be picked."""
        shot = {"registers": {"c": [0, 1], "none": []}}
        artifact = load({"shots": [shot, shot]}, S2)
        assert (artifact.width("c"), artifact.width("none")) == (2, 0)
        assert artifact.bits("none").shape == (2, 0)
        for target in (H1, H2, P1, P2, S1):
            with pytest.raises(qa.ConversionError) as refused:
                artifact.convert(target, register="none")
            assert refused.value.reason == "no-bits"
        assert artifact.convert(H2, register="c").payload == in_registers("histogram", c={"01": 2})
        assert artifact.join("none", "c").counts() == {"01": 2}

    def test_shots_without_registers(self) -> None:
        artifact = load({"shots": [{"registers": {}}]}, S2)
        assert artifact.register_names == ()
        for target in (S1, S2, H1, H2, P1, P2):
            with pytest.raises(qa.ConversionError) as refused:
                artifact.convert(target)
            assert refused.value.reason == "no-register"
        with pytest.raises(qa.UnknownRegister):
            artifact.counts()

    def test_marginals_keep_the_listed_order(self) -> None:
        artifact = load(in_registers("histogram", c={"0001": 5, "1000": 3, "1010": 1}), H2)
        marginal = artifact.marginal([3, 0])
        assert marginal.counts() == {"10": 5, "01": 4}
        assert (marginal.width(), marginal.shots) == (2, 9)
        assert kinds(marginal) == ["bits"]
        assert marginal.payload == in_registers("histogram", c={"10": 5, "01": 4})
        version_1 = artifact.convert(H1).marginal([3, 0])
        assert version_1.payload == {"1": 5, "2": 4}
        assert version_1.width() == 2  # These two bits are known, though the payload does not say.
        shots = load(["8", "1", "5"], S1).marginal([3, 0])
        assert shots.payload == ["1", "2", "2"]
        of_shots = load(OPENQASM, S2).marginal([1, 0], "result")
        assert of_shots.bits().tolist() == [[0, 0]] * 3 + [[0, 1]]
        assert of_shots.payload["shots"][3] == {"registers": {"result": [0, 1]}}

    def test_a_marginal_may_have_a_bit_beyond_the_largest_state_of_version_1(self) -> None:
        assert load({"1": 3}, H1).marginal([70, 0]).payload == {"2": 3}

    @pytest.mark.parametrize("qubits", ["0", [0.0], ["0"], 0, None])
    def test_bits_are_listed_by_whole_numbers(self, qubits: Any) -> None:
        artifact = load(in_registers("histogram", c={"01": 1}), H2)
        for ask in (artifact.marginal, artifact.expectation_z):
            with pytest.raises(TypeError):
                ask(qubits)
        assert artifact.marginal(np.arange(1)).counts() == {"0": 1}  # type: ignore[arg-type]

    def test_postselected_shots(self) -> None:
        artifact = load(OPENQASM, S2)
        for value in ("10", [1, 0], np.array([1, 0])):
            some: Any = value
            chosen = artifact.postselect("result", some)
            assert chosen.payload == {"shots": OPENQASM["shots"][3:]}
            assert [(change.kind, change.number) for change in chosen.lost] == [("shots", 3)]
        assert load(["5", "4", "5"], S1).postselect("output_all", "101").payload == ["5", "5"]
        wide = "0" * 69 + "1"
        shots = qa.from_shots({"a": [wide, "1" * 70], "b": ["0", "1"]}, format=S2, order="wire")
        assert shots.postselect("a", wide).counts("b") == {"0": 1}

    def test_what_cannot_be_postselected(self) -> None:
        artifact = load(OPENQASM, S2)
        for value in ("1", "012", "0x", [2, 0], ""):
            with pytest.raises(ValueError):  # noqa: PT011
                artifact.postselect("result", value)
        with pytest.raises(qa.ConversionError) as refused:
            artifact.postselect("result", "11")
        assert refused.value.reason == "no-shots"
        with pytest.raises(qa.UnknownRegister):
            artifact.postselect("c", "1")

    def test_postselecting_half_a_bit(self) -> None:
        # int(0.9) is 0: a value that is no bit must not be taken for one.
        with pytest.raises((ValueError, TypeError)):
            load(OPENQASM, S2).postselect("mid", [0.9])  # type: ignore[list-item]

    def test_registers_that_a_marginal_leaves_out_are_told(self) -> None:
        for artifact in (load(OPENQASM, S2), load(OPENQASM, S2).convert(H2)):
            before = len(artifact.lost)
            assert "registers" in kinds(artifact.marginal([0], "result"))[before:]

    @pytest.mark.parametrize(("source", "target"), [(S2, S2), (S2, H2), (H2, H2), (H2, S2), (P2, P2)])  # fmt: skip
    def test_the_table_tells_of_registers_that_are_not_picked(
        self, source: str, target: str
    ) -> None:
        # register= picks some of version 2 for version 2, too.
        artifact = load(OPENQASM, S2).convert(source)
        made = artifact.convert(target, register="mid", shot_order="sorted")
        assert "registers" in kinds(made)[len(artifact.lost) :]
        (route,) = (r for r in CONVERSIONS.values() if (r.source, r.target) == (source, target))
        assert "registers" in route.may_lose


LEAKY = {
    "shots": [
        {"registers": {"output_all": [0, 1]}, "leakage_bits": [0, 0]},
        {"registers": {"output_all": [1, 1]}, "leakage_bits": [0, 1]},
        {"registers": {"output_all": [1, 0]}, "leakage_bits": None},
        {"registers": {"output_all": [1, 0]}},
        {"registers": {"output_all": [0, 0]}, "leakage_bits": []},
        {"registers": {"output_all": [0, 0]}, "leakage_bits": [1]},
    ]
}


class TestLeakage:
    @pytest.mark.parametrize(
        ("target", "dropped", "kept"),
        [
            (S1, ["2", "1", "1", "0"], ["2", "3", "1", "1", "0", "0"]),
            (H1, {"0": 1, "1": 2, "2": 1}, {"0": 2, "1": 2, "2": 1, "3": 1}),
            (
                P1,
                {"0": 0.25, "1": 0.5, "2": 0.25},
                {"0": 1 / 3, "1": 1 / 3, "2": 1 / 6, "3": 1 / 6},
            ),
        ],
    )
    def test_leaked_shots_are_dropped_unless_kept(
        self, target: str, dropped: Any, kept: Any
    ) -> None:
        artifact = load(LEAKY, S2)
        made = artifact.convert(target)
        assert made.payload == dropped
        said = {str(change.kind): change.number for change in made.lost}
        assert said["leaked-shots"] == 2
        assert "leakage-bits" in said
        whole = artifact.convert(target, keep_leaked=True)
        assert whole.payload == kept
        assert "leaked-shots" not in kinds(whole)
        assert "leakage-bits" in kinds(whole)

    def test_leakage_bits_are_kept_as_they_are(self) -> None:
        """Null, absent, empty and of different lengths."""
        artifact = load(LEAKY, S2)
        whole = artifact.convert(S2, keep_leaked=True)
        assert whole.to_bytes() == artifact.to_bytes()
        assert whole.lost == ()
        assert (whole.shots, whole.leaked) == (4, 2)
        for kept in (artifact.kept(), artifact.convert(S2)):
            assert kept.payload == {"shots": [LEAKY["shots"][at] for at in (0, 2, 3, 4)]}
            assert (kept.shots, kept.leaked) == (4, 0)
            assert [(change.kind, change.number) for change in kept.lost] == [("leaked-shots", 2)]
        turned = artifact.convert(S2, keep_leaked=True, output_bit_order="reversed")
        assert [shot["registers"]["output_all"] for shot in turned.payload["shots"]] == [
            [1, 0], [1, 1], [0, 1], [0, 1], [0, 0], [0, 0]
        ]  # fmt: skip
        assert [shot.get("leakage_bits", 0) for shot in turned.payload["shots"]] == [
            [0, 0], [0, 1], None, 0, [], [1]
        ]  # fmt: skip

    @pytest.mark.parametrize("leakage", [None, [], [0, 0]])
    def test_what_did_not_leak(self, leakage: Any) -> None:
        shot = {"registers": {"c": [1]}, "leakage_bits": leakage}
        artifact = load({"shots": [shot, shot]}, S2)
        assert artifact.convert(S2).payload == artifact.payload
        assert kinds(artifact.convert(S2)) == []
        assert kinds(artifact.convert(H2)) == ["leakage-bits", "shot-order"]
        assert artifact.kept().payload == artifact.payload

    def test_questions_leave_leaked_shots_out(self) -> None:
        artifact = load(LEAKY, S2)
        for each in (artifact, artifact.convert(S2, keep_leaked=True)):
            assert each.counts() == {"00": 1, "01": 1, "10": 2}
            assert each.counts(keep_leaked=True) == {"00": 2, "01": 1, "10": 2, "11": 1}
            assert each.counts_int() == {0: 1, 1: 2, 2: 1}
            assert each.counts_int(keep_leaked=True) == {0: 2, 1: 2, 2: 1, 3: 1}
            assert each.probabilities() == {"00": 0.25, "01": 0.25, "10": 0.5}
            assert sum(each.probabilities(keep_leaked=True).values()) == pytest.approx(1)
            assert each.bits().tolist() == [[0, 1], [1, 0], [1, 0], [0, 0]]
            assert len(each.bits(keep_leaked=True)) == 6
            assert each.top(1) == [("10", 2)]

    def test_they_stay_through_marginal_join_and_postselect(self) -> None:
        shots: Any = [
            {"registers": {"a": [0, 1], "b": [1]}, "leakage_bits": [1]},
            {"registers": {"a": [1, 1], "b": [1]}, "leakage_bits": [0]},
            {"registers": {"a": [1, 0], "b": [0]}},
        ]
        artifact = load({"shots": shots}, S2)
        marginal = artifact.marginal([1], "a")
        assert marginal.payload["shots"][0] == {"registers": {"a": [1]}, "leakage_bits": [1]}
        assert (marginal.shots, marginal.leaked) == (2, 1)
        joined = artifact.join("b", "a")
        assert joined.payload["shots"][0] == {"registers": {"b+a": [1, 0, 1]}, "leakage_bits": [1]}
        assert artifact.postselect("b", "1").payload == {"shots": shots[:2]}
        assert artifact.counts(order="qiskit") == {"0 01": 1, "1 11": 1}
        assert artifact.counts(order="qiskit", keep_leaked=True) == {"0 01": 1, "1 10": 1, "1 11": 1}  # fmt: skip
        assert artifact.select("a").leaked == 1

    def test_all_of_them_leaked(self) -> None:
        artifact = load({"shots": [{"registers": {"c": [1]}, "leakage_bits": [1]}]}, S2)
        for target in (S1, S2, H1, H2, P1, P2):
            with pytest.raises(qa.ConversionError) as refused:
                artifact.convert(target)
            assert refused.value.reason == "no-shots"
            assert artifact.convert(target, keep_leaked=True).to_bytes()
        assert artifact.counts() == {}
        with pytest.raises(qa.ConversionError) as empty:
            artifact.probabilities()
        assert empty.value.reason == "no-shots"


class TestNothing:
    @pytest.mark.parametrize(
        ("format", "payload"),
        [
            (S1, []),
            (S2, {"shots": []}),
            (H1, {}),
            (H1, {"0": 0, "3": 0}),
            (H2, in_registers("histogram", c={})),
            (H2, in_registers("histogram", c={"00": 0})),
            (H2, in_registers("histogram", c={}, d={})),
        ],
    )
    def test_zero_shots_are_not_converted(self, format: str, payload: Any) -> None:
        artifact = load(payload, format)
        for target in (S1, S2, H1, H2, P1, P2, AGGREGATE):
            if len(artifact.register_names) > 1 and target not in (H2, P2):
                continue  # One register has to be chosen first.
            with pytest.raises(qa.ConversionError) as refused:
                artifact.convert(target, qubits=2, shot_order="sorted", child=ONE)
            assert refused.value.reason == "no-shots"

    def test_no_registers(self) -> None:
        with pytest.raises(qa.ConversionError) as refused:
            load(in_registers("histogram"), H2).convert(P2)
        assert refused.value.reason == "no-register"

    def test_probabilities_have_no_counts(self) -> None:
        artifact = load({"1": 1}, P1)
        for ask in (lambda: artifact.counts(width=1), artifact.counts_int):
            question: Any = ask
            with pytest.raises(qa.ConversionError) as refused:
                question()
            assert refused.value.reason == "no-counts"

    @pytest.mark.parametrize("method", ["round", "sample"])
    def test_probabilities_that_are_all_zero(self, method: Any) -> None:
        # Where settings let such a sum pass, nothing may divide by it.
        settings = qa.Settings(ignore={"QA201"})
        artifact = qa.load({"0": 0.0, "1": 0}, format=P1, settings=settings)
        with pytest.raises(qa.ConversionError):
            artifact.convert(H1, shots=10, method=method, seed=1)

    def test_the_mean_of_probabilities_that_are_all_zero(self) -> None:
        settings = qa.Settings(sum_limit=1.0)
        artifact = qa.load({"0": 0.0, "1": 0}, format=P1, settings=settings)
        with pytest.raises(qa.ConversionError):
            artifact.parity()


class TestAggregates:
    PAYLOAD: ClassVar[Any] = {ONE: {"2": 1}, TWO: {"0": 0.5, "5": 0.5}}

    def test_split_and_merge(self) -> None:
        artifact = load(self.PAYLOAD, AGGREGATE)
        children = artifact.split()
        assert list(children) == [ONE, TWO]
        assert {each.format for each in children.values()} == {P1}
        assert children[TWO].payload == {"0": 0.5, "5": 0.5}
        assert kinds(children[TWO]) == ["child-id"]
        merged = qa.merge(children)
        assert merged.to_bytes() == artifact.to_bytes()
        assert merged.format == AGGREGATE
        # By id, and not by place.
        assert qa.merge(dict(reversed(children.items()))).payload == artifact.payload

    def test_a_child_is_found_in_letters_of_either_case(self) -> None:
        artifact = load({ONE.upper(): {"2": 1}, TWO: {"0": 1}}, AGGREGATE)
        assert list(artifact.split()) == [ONE.upper(), TWO]
        for child in (ONE, ONE.upper()):
            assert artifact.convert(P1, child=child).payload == {"2": 1}
            assert artifact.convert(P2, child=child, qubits=2).payload == in_registers(
                "probabilities", output_all={"01": 1}
            )
        assert artifact.convert(P1, child=TWO.upper()).payload == {"0": 1}

    def test_a_child_to_whatever_probabilities_can_become(self) -> None:
        artifact = load(self.PAYLOAD, AGGREGATE)
        assert artifact.convert(H1, child=TWO, shots=4).payload == {"0": 2, "5": 2}
        shots = artifact.convert(S1, child=TWO, shots=3, method="round", shot_order="sorted")
        assert shots.payload == ["0", "0", "5"]

    def test_results_as_those_of_a_child(self) -> None:
        for format, payload in (
            (S1, ["0", "5"]),
            (H1, {"0": 2, "5": 2}),
            (H2, in_registers("histogram", c={"000": 1, "101": 1})),
            (P1, self.PAYLOAD[TWO]),
        ):
            made = load(payload, format).convert(AGGREGATE, child=TWO)
            assert made.payload == {TWO: {"0": 0.5, "5": 0.5}}

    def test_children_that_are_not_there(self) -> None:
        artifact = load(self.PAYLOAD, AGGREGATE)
        with pytest.raises(qa.ConversionError) as refused:
            artifact.convert(P1, child="00000000-0000-0000-0000-000000000000")
        assert refused.value.reason == "no-child"
        with pytest.raises(qa.ConversionError) as empty:
            load({}, AGGREGATE).convert(P1, child=ONE)
        assert empty.value.reason == "no-child"
        assert load({}, AGGREGATE).split() == {}

    def test_several_distributions_are_not_one(self) -> None:
        artifact = load(self.PAYLOAD, AGGREGATE)
        assert artifact.width() is artifact.shots is artifact.leaked is None
        for ask in (
            artifact.distribution,
            artifact.counts,
            artifact.probabilities,
            artifact.top,
            artifact.parity,
            lambda: artifact.marginal([0]),
        ):
            question: Any = ask
            with pytest.raises(qa.ConversionError) as refused:
                question()
            assert refused.value.reason == "children"
        for only_shots in (artifact.bits, lambda: artifact.join("a", "b")):
            question = only_shots
            with pytest.raises(qa.ConversionError) as refused:
                question()
            assert refused.value.reason == "marginals"

    def test_merging_converts(self) -> None:
        merged = qa.merge(
            {
                ONE: load(in_registers("probabilities", output_all={"01": 1}), P2),
                TWO: load(LEAKY, S2),
            }
        )
        assert merged.payload == {ONE: {"2": 1}, TWO: {"0": 0.25, "1": 0.5, "2": 0.25}}
        assert sorted(kinds(merged)) == ["leakage-bits", "leaked-shots", "shot-count", "shot-order", "width", "width"]  # fmt: skip
        # What was lost before is not lost again.
        there = load({"5": 4, "0": 4}, H1).convert(P1)
        assert kinds(qa.merge({ONE: there})) == []

    def test_what_cannot_be_merged(self) -> None:
        one = load({"0": 1}, P1)
        for ids, code in ((["first"], "QA230"), ([ONE, ONE.upper()], "QA231")):
            with pytest.raises(qa.InvalidArtifact) as refused:
                qa.merge(dict.fromkeys(ids, one))
            assert code in {each.code for each in refused.value.report.findings}
        several = load(in_registers("probabilities", a={"0": 1}, b={"1": 1}), P2)
        with pytest.raises(qa.MissingParameter) as missing:
            qa.merge({ONE: several})
        assert missing.value.parameter == "register"
        with pytest.raises(qa.ConversionError) as refused_empty:
            qa.merge({ONE: load({}, H1)})
        assert refused_empty.value.reason == "no-shots"

    def test_only_aggregates_are_split(self) -> None:
        with pytest.raises(qa.ConversionError) as refused:
            load({"0": 1}, P1).split()
        assert refused.value.reason == "unsupported"


class TestCircuits:
    def test_they_hold_no_results(self) -> None:
        artifact = load({"qubits": 1, "circuit": []}, NATIVE)
        for ask in (
            lambda: artifact.columns,
            artifact.counts,
            lambda: artifact.counts(order="qiskit"),
            artifact.probabilities,
            artifact.bits,
            artifact.split,
            artifact.kept,
            lambda: artifact.marginal([0]),
        ):
            question: Any = ask
            with pytest.raises(qa.ConversionError) as refused:
                question()
            assert refused.value.reason == "unsupported"


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        ("format", "payload", "names"),
        [
            (P2, {"probabilities": {"registers": {"c": {"0": 1}}, "x": 1}, "y": 2}, 2),
            (H2, {"histogram": {"registers": {"c": {"0": 1}}}, "y": 2}, 1),
            (S2, {"shots": [{"registers": {"c": [0]}, "time": 1}, {"registers": {"c": [1]}, "x": 1}], "y": 2}, 3),
        ],
    )  # fmt: skip
    def test_members_that_no_format_declares_are_lost(
        self, format: str, payload: Any, names: int
    ) -> None:
        artifact = load(payload, format)
        once = artifact.convert(format)
        assert [(change.kind, change.number) for change in once.lost] == [("members", names)]
        assert once.convert(format).lost == once.lost
        assert "members" in kinds(artifact.marginal([0]))
        assert "members" in kinds(qa.pool([artifact, artifact], shots=[1, 1]))
        assert "members" in kinds(qa.merge({ONE: artifact}))

    def test_bits_written_as_floats(self) -> None:
        shots = [{"registers": {"c": [1.0, 0]}, "leakage_bits": [0.0]}, {"registers": {"c": [0, 0.0]}}]  # fmt: skip
        artifact = load({"shots": shots}, S2)
        assert artifact.counts() == {"00": 1, "10": 1}
        assert artifact.convert(S2).to_bytes() == (
            b'{"shots":[{"registers":{"c":[1,0]},"leakage_bits":[0]},{"registers":{"c":[0,0]}}]}'
        )
        leaked = load({"shots": [{"registers": {"c": [1]}, "leakage_bits": [1.0]}]}, S2)
        assert leaked.convert(S2, keep_leaked=True).leaked == leaked.leaked == 1

    def test_provenance_is_json_and_tells_all_that_was_asked_for(self) -> None:
        made = (
            load(LEAKY, S2)
            .marginal(np.array([1, 0]))  # type: ignore[arg-type]
            .postselect("output_all", [0, 1])
            .convert(P2, register=("output_all",))
            .convert(S1, shots=5, method="sample", seed=3, shot_order="shuffled")
        )
        told = json.loads(json.dumps(made.provenance()))
        assert told["version"] == 1
        assert told["tool"] == f"qartifacts {qa.__version__}"
        assert told["format"] == S1
        assert [step["operation"] for step in told["steps"]] == [
            "marginal", "postselect", "convert", "convert"
        ]  # fmt: skip
        assert [(step["from"], step["to"]) for step in told["steps"]] == [
            (S2, S2), (S2, S2), (S2, P2), (P2, S1)
        ]  # fmt: skip
        assert told["steps"][0]["parameters"] == {"register": "output_all", "qubits": [1, 0]}
        assert told["steps"][1]["parameters"] == {"register": "output_all", "value": "01"}
        assert told["steps"][2]["parameters"] == {
            "register": ["output_all"],
            "keep_leaked": False,
            "bit_order": "wire",
        }
        assert told["steps"][3]["parameters"] == {
            "shots": 5,
            "method": "sample",
            "seed": 3,
            "shot_order": "shuffled",
            "keep_leaked": False,
            "bit_order": "wire",
        }
        changes = [change for step in told["steps"] for change in step["changes"]]
        assert len(changes) == len(made.lost)
        for change, lost in zip(changes, made.lost, strict=True):
            assert change == {
                "effect": lost.effect,
                "kind": lost.kind,
                "message": lost.message,
                "number": lost.number,
            }
        assert {change["effect"] for change in changes} == {"lost", "invented"}

    def test_the_method_and_the_bit_order_are_told_without_being_given(self) -> None:
        made = load({"1": 1}, P1).convert(H2, shots=3, qubits=2, output_bit_order="reversed")
        told = made.provenance()
        assert told["steps"][0]["parameters"]["method"] == "exact"
        assert told["steps"][0]["parameters"]["bit_order"] == "wire"
        assert told["bit_order"] == "reversed"
        assert load({"1": 1}, P1).provenance()["steps"] == []
        assert "method" not in load({"1": 1}, H1).convert(P1).provenance()["steps"][0]["parameters"]

    def test_what_it_is(self) -> None:
        artifact = load({"1": 1}, P1)
        assert P1 in repr(artifact)
        assert H1 in repr(artifact.convert(H1, shots=1))

    def test_columns_cannot_be_written_to(self) -> None:
        shots = load(LEAKY, S2).columns
        assert isinstance(shots, qa.Shots)
        assert shots.leakage is not None
        histogram = load({"1": 2}, H1).distribution()
        arrays: list[Any] = [
            shots.registers["output_all"].states,
            shots.leakage.states,
            shots.leakage.widths,
            histogram.states,
            histogram.values,
            load({"1": 2}, H1).convert(P1).distribution().values,
        ]
        for array in arrays:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
        columns: list[tuple[Any, str]] = [
            (shots, "number"),
            (shots.leakage, "states"),
            (shots.registers["output_all"], "states"),
            (histogram, "values"),
        ]
        for column, name in columns:
            with pytest.raises(AttributeError):
                setattr(column, name, None)
        bits = load(["1"], S1).bits(width=1)
        bits[0, 0] = 0  # What is made for the caller is the caller's.


class TestTheDoor:
    def test_convert_reads_and_converts(self, tmp_path: Path) -> None:
        path = tmp_path / "result.json"
        path.write_bytes(b'{"1":3}')
        made = qa.convert(path, H2, format=H1, qubits=2)
        assert made.payload == in_registers("histogram", output_all={"10": 3})
        assert qa.convert(made, P2).payload == in_registers("probabilities", output_all={"10": 1})
        assert qa.convert({"1": 3}, P1, format=H1).payload == {"1": 1}
        out = tmp_path / "out.json.gz"
        made.write(out)
        assert qa.load(out, format=H2).payload == made.payload
        with pytest.raises(qa.InvalidArtifact):
            qa.convert({"1": 0.5}, P2, format=P1, qubits=1)

    def test_formats_that_are_not_there(self) -> None:
        with pytest.raises(qa.UnknownFormat):
            load({"1": 1}, P1).convert("ionq.result.probabilities.json.v3")

    def test_a_format_that_is_pinned_and_not_known(self, make_registry: MakeRegistry) -> None:
        registry = make_registry({"other.v1": {"$schema": DRAFT_7, "type": "object"}})
        artifact = qa.load({"a": 1}, format="other.v1", registry=registry)
        assert artifact.width() is None
        with pytest.raises(qa.UnsupportedConversion):
            artifact.convert("other.v1")
        with pytest.raises(qa.UnknownFormat):
            artifact.convert(P1)
        with pytest.raises(qa.ConversionError) as refused:
            artifact.counts()
        assert refused.value.reason == "unsupported"

    @pytest.mark.parametrize("order", ["wire", "big", "", None])
    def test_integers_have_no_wire_order(self, order: Any) -> None:
        artifact = load({"1": 3}, H1)
        with pytest.raises(ValueError, match="order"):
            artifact.counts_int(order=order)
        if order != "wire":
            for ask in (artifact.counts, artifact.probabilities, artifact.top):
                question: Any = ask
                with pytest.raises(ValueError, match="order"):
                    question(order=order, width=1)

    def test_bit_orders_have_two_names(self) -> None:
        artifact = load({"1": 3}, H1)
        order: Any = "qiskit"
        for ask in (
            lambda: load({"1": 3}, H1, bit_order=order),
            lambda: artifact.convert(H1, bit_order=order),
            lambda: artifact.convert(H2, qubits=1, output_bit_order=order),
            lambda: qa.convert({"1": 3}, H1, format=H1, bit_order=order),
        ):
            question: Any = ask
            with pytest.raises(ValueError, match="bit_order"):
                question()

    def test_errors_survive_pickling(self) -> None:
        for error in (
            qa.ConversionError("marginals", "why"),
            qa.UnsupportedConversion(P1, NATIVE),
            qa.MissingParameter("shots", "why"),
        ):
            again = pickle.loads(pickle.dumps(error))
            assert type(again) is type(error)
            assert str(again) == str(error)
            assert vars(again) == vars(error)

    def test_artifacts_survive_pickling(self) -> None:
        made = load(LEAKY, S2).convert(H2)
        again = pickle.loads(pickle.dumps(made))
        assert again.to_bytes() == made.to_bytes()
        assert again.lost == made.lost
