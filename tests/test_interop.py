"""To and from other libraries, each held against the library itself.

States are never symmetric: what is read from the wrong end is another state, and fails.
"""

from __future__ import annotations

import doctest
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import cirq
import numpy as np
import pennylane as qml
import pytest
from braket.circuits import Circuit
from braket.devices import LocalSimulator
from braket.ir.openqasm import Program as OpenQASMProgram
from braket.task_result import GateModelTaskResult
from braket.tasks import GateModelQuantumTaskResult
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.primitives import BitArray, DataBin, StatevectorSampler
from qiskit.result import Counts, ProbDistribution, QuasiDistribution

import qartifacts as qa
from results import FORMATS, MARGINALS, OPENQASM_3, WIDTHS, artifact_of, states_of
from strategies import AGGREGATE, H1, H2, NATIVE, P1, P2, S1, S2, bitstring
from support import ROOT

#: ``x q[0]`` on three qubits, in every format.
PROBES: dict[str, Any] = {
    S1: ["1"] * 4,
    S2: {"shots": [{"registers": {"output_all": [1, 0, 0]}}] * 4},
    H1: {"1": 4},
    H2: {"histogram": {"registers": {"output_all": {"100": 4}}}},
    P1: {"1": 1},
    P2: {"probabilities": {"registers": {"output_all": {"100": 1}}}},
}
PROGRAM = "OPENQASM 3.0; qubit[3] q; x q[0];"
TASK: dict[str, Any] = {"task_id": "task/1", "device_id": "device/1", "program": PROGRAM}


def said(format: str, width: int) -> dict[str, Any]:
    """What has to be said of a format to have counts of it."""
    given: dict[str, Any] = {"qubits": width} if format.endswith("v1") else {}
    if format in (P1, P2):
        given["shots"] = 16
    return given


def said_for_shots(format: str, width: int) -> dict[str, Any]:
    given = said(format, width)
    return given if format in (S1, S2) else {**given, "shot_order": "sorted"}


def expected(width: int, order: str) -> dict[str, int]:
    counts = Counter(bitstring(state, width) for state in states_of(width))
    return {text[::-1] if order == "qiskit" else text: n for text, n in counts.items()}


def same(made: qa.Artifact, format: str, width: int) -> bool:
    return made.format == format and made.to_bytes() == artifact_of(format, width).to_bytes()


every_format = pytest.mark.parametrize("format", FORMATS)
every_width = pytest.mark.parametrize("width", WIDTHS)


class TestQiskit:
    @every_format
    def test_x_on_qubit_0(self, format: str) -> None:
        """Against the sampler that comes with Qiskit."""
        circuit = QuantumCircuit(3)
        circuit.x(0)
        circuit.measure_all()
        itself = StatevectorSampler().run([circuit], shots=4).result()[0].data.meas
        artifact = qa.load(PROBES[format], format=format)
        given = {"qubits": 3} if format.endswith("v1") else {}
        counted: Any = given | ({"shots": 4} if format in (P1, P2) else {})
        counts = artifact.to_qiskit(**counted)
        assert isinstance(counts, Counts)
        assert counts == itself.get_counts() == {"001": 4}
        assert counts.int_outcomes() == {1: 4}
        assert counts.shots() == 4
        listed: Any = counted | ({} if format in (S1, S2) else {"shot_order": "sorted"})
        assert artifact.to_qiskit_pub_result(**listed).data.output_all == itself

    @every_width
    @every_format
    def test_there_and_back(self, format: str, width: int) -> None:
        artifact = artifact_of(format, width)
        counts = artifact.to_qiskit(**said(format, width))
        assert counts == expected(width, "qiskit")
        assert counts.int_outcomes() == Counter(states_of(width))
        pub = artifact.to_qiskit_pub_result(**said_for_shots(format, width))
        assert pub.data.output_all.get_counts() == expected(width, "qiskit")
        assert pub.data.output_all.get_int_counts() == Counter(states_of(width))
        if format in (S1, S2):
            assert pub.data.output_all.get_bitstrings() == [
                bitstring(state, width)[::-1] for state in states_of(width)
            ]
            for given in (pub, pub.data, pub.data.output_all):
                assert same(qa.from_qiskit(given, format=format), format, width)
            assert same(
                qa.from_qiskit(pub.data.output_all.get_bitstrings(), format=format), format, width
            )
        else:
            assert same(qa.from_qiskit(counts, format=format), format, width)
            assert same(qa.from_qiskit(dict(counts), format=format), format, width)

    @every_width
    def test_integers_and_hexadecimals_need_a_width_for_version_2(self, width: int) -> None:
        integers = dict(Counter(states_of(width)))
        hexadecimal = {hex(state): count for state, count in integers.items()}
        binary = {bin(state): count for state, count in integers.items()}
        for outcomes in (
            integers, hexadecimal, binary, Counts(integers), Counts(hexadecimal)
        ):  # fmt: skip
            assert same(qa.from_qiskit(outcomes, format=H1), H1, width)
            assert same(qa.from_qiskit(outcomes, format=H2, qubits=width), H2, width)
            assert same(qa.from_qiskit(outcomes, format=P1), P1, width)
            with pytest.raises(qa.MissingParameter) as missing:
                qa.from_qiskit(outcomes, format=H2)
            assert missing.value.parameter == "qubits"
        told = Counts(hexadecimal, memory_slots=width)
        assert same(qa.from_qiskit(told, format=H2), H2, width)

    def test_distributions(self) -> None:
        made = qa.from_qiskit(ProbDistribution({1: 0.75, 4: 0.25}), format=P2, qubits=3)
        assert made.probabilities() == {"100": 0.75, "001": 0.25}
        counted = qa.from_qiskit({"001": 0.75, "100": 0.25}, format=H1, shots=8)
        assert counted.counts_int() == {1: 6, 4: 2}
        with pytest.raises(qa.InvalidArtifact) as negative:
            qa.from_qiskit(QuasiDistribution({0: 1.25, 1: -0.25}), format=P1)
        assert {each.code for each in negative.value.report.findings} == {"QA203"}

    def test_declared_registers_are_joined_and_the_system_s_is_left_out(self) -> None:
        artifact = qa.load(OPENQASM_3, format=S2)
        counts = artifact.to_qiskit()
        assert counts == artifact.counts(order="qiskit") == {"00 0": 3, "01 1": 1}
        assert counts.int_outcomes() == {0: 3, 3: 1}
        assert artifact.to_qiskit(register="output_all") == {"0": 2, "1": 2}
        assert artifact.to_qiskit(register=["result", "output_all"]) == {
            "0 00": 1, "1 00": 2, "0 01": 1,
        }  # fmt: skip
        pub = artifact.to_qiskit_pub_result()
        assert list(pub.data) == ["mid", "result"]
        assert pub.data.result.get_counts() == {"00": 3, "01": 1}
        back = qa.from_qiskit(pub, format=S2)
        assert back.to_bytes() == artifact.select("mid", "result").to_bytes()
        one = qa.from_qiskit(pub, format=H2, register="result")
        assert one.counts() == {"00": 3, "10": 1}

    def test_registers_as_qiskit_itself_has_them(self) -> None:
        """A circuit with two registers, run by Qiskit, and the same from a payload."""
        qubits, mid, result = (
            QuantumRegister(3), ClassicalRegister(1, "mid"), ClassicalRegister(2, "result"),
        )  # fmt: skip
        circuit = QuantumCircuit(qubits, mid, result)
        circuit.x([0, 1])
        circuit.measure(qubits, [*mid, *result])
        itself = StatevectorSampler().run([circuit], shots=2).result()[0]
        shot = {"registers": {"mid": [1], "result": [1, 0]}}
        ours = qa.load({"shots": [shot, shot]}, format=S2)
        assert dict(ours.to_qiskit_pub_result().data.items()) == dict(itself.data.items())
        assert ours.to_qiskit() == {"01 1": 2}
        joined = ours.to_qiskit_pub_result().join_data().get_counts()
        assert joined == itself.join_data().get_counts() == {"011": 2}
        assert qa.from_qiskit(itself, format=S2).to_bytes() == ours.to_bytes()

    def test_joint_counts_as_marginals_or_as_shots(self) -> None:
        counts = Counts({"00 0": 3, "01 1": 1}, creg_sizes=[("mid", 1), ("result", 2)])
        marginals = qa.from_qiskit(counts, format=H2)
        assert marginals.register_names == ("mid", "result")
        assert marginals.counts("mid") == {"0": 3, "1": 1}
        assert marginals.counts("result") == {"00": 3, "10": 1}
        assert [str(each.kind) for each in marginals.lost] == ["correlations"]
        shots = qa.from_qiskit(counts, format=S2, shot_order="sorted")
        assert shots.to_qiskit() == {"00 0": 3, "01 1": 1}
        assert [(str(each.effect), str(each.kind)) for each in shots.lost] == [
            ("invented", "shot-order")
        ]
        assert qa.from_qiskit(counts, format=H1, register="result").counts_int() == {0: 3, 1: 1}
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_qiskit(counts, format=S2)
        assert missing.value.parameter == "shot_order"
        shares = qa.from_qiskit({"00 0": 0.75, "01 1": 0.25}, format=P2, register=["m", "r"])
        assert shares.probabilities("r") == {"00": 0.75, "10": 0.25}

    def test_names_that_keys_do_not_tell(self) -> None:
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_qiskit({"00 0": 3, "01 1": 1}, format=H2)
        assert missing.value.parameter == "register"
        made = qa.from_qiskit(["00 0", "01 1"], format=S2, register=["mid", "result"])
        assert made.bits("result").tolist() == [[0, 0], [1, 0]]
        for names in (["mid"], ["mid", "mid"], "mid"):
            with pytest.raises(ValueError, match="names"):
                qa.from_qiskit({"00 0": 3}, format=H2, register=names)
        assert qa.from_qiskit({"01": 3}, format=H2, register="c").counts("c") == {"10": 3}

    def test_a_register_that_a_data_bin_cannot_have(self) -> None:
        for name in ("shape", "self", "keys"):
            artifact = qa.load({"shots": [{"registers": {name: [1, 0]}}]}, format=S2)
            with pytest.raises(qa.ConversionError) as refused:
                artifact.to_qiskit_pub_result()
            assert refused.value.reason == "register-name"
            assert artifact.to_qiskit() == {"01": 1}

    @pytest.mark.parametrize(
        ("result", "reason"),
        [
            ({"0a": 1}, "state"),
            ({"00": 1, "000": 1}, "width"),
            ({"0 1": 1, "01 ": 1}, "width"),
            ({"0 1": 1, "11 0": 1}, "width"),
            ({" ": 1}, "no-bits"),
            ({"": 1}, "no-bits"),
            ({"0x1": 1, "0x01": 1}, "twice"),
            ({"0xg": 1}, "state"),
            ({1.5: 1}, "state"),
            ({True: 1}, "state"),
            ({}, "no-shots"),
            ([], "no-shots"),
            (DataBin(), "no-register"),
            (BitArray(np.zeros((2, 4, 1), np.uint8), 3), "several"),
            (
                DataBin(
                    a=BitArray(np.zeros((4, 1), np.uint8), 1),
                    b=BitArray(np.zeros((5, 1), np.uint8), 1),
                ),
                "shots",
            ),
        ],
        ids=str,
    )
    def test_what_is_no_result(self, result: Any, reason: str) -> None:
        with pytest.raises(qa.ConversionError) as refused:
            qa.from_qiskit(result, format=H1)
        assert refused.value.reason == reason

    @pytest.mark.parametrize("result", [None, 3, "0101", DataBin(evs=np.zeros(2)), [1, 0]], ids=str)
    def test_of_another_type(self, result: Any) -> None:
        with pytest.raises(TypeError):
            qa.from_qiskit(result, format=H1)


class TestCirq:
    @every_format
    def test_x_on_qubit_0(self, format: str) -> None:
        """Against the simulator that comes with Cirq."""
        qubits = cirq.LineQubit.range(3)
        circuit = cirq.Circuit(cirq.X(qubits[0]), cirq.measure(*qubits, key="output_all"))
        itself = cirq.Simulator().run(circuit, repetitions=4)
        given: Any = {} if format in (S1, S2) else {"shot_order": "sorted"}
        given |= {"qubits": 3} if format.endswith("v1") else {}
        given |= {"shots": 4} if format in (P1, P2) else {}
        ours = qa.load(PROBES[format], format=format).to_cirq(**given)
        assert isinstance(ours, cirq.ResultDict)
        assert ours == itself
        assert ours.repetitions == 4
        assert ours.measurements["output_all"][:, 0].tolist() == [1] * 4
        assert ours.histogram(key="output_all") == {4: 4}

    @every_width
    @every_format
    def test_there_and_back(self, format: str, width: int) -> None:
        artifact = artifact_of(format, width)
        result = artifact.to_cirq(**said_for_shots(format, width))
        shots = artifact.convert(S2, **said_for_shots(format, width))
        assert result.histogram(key="output_all") == shots.counts_int(order="cirq")
        assert result.measurements["output_all"].tolist() == shots.bits().tolist()
        assert same(qa.from_cirq(result, format=format), format, width)

    def test_registers_are_keys(self) -> None:
        artifact = qa.load(OPENQASM_3, format=S2)
        result = artifact.to_cirq()
        assert list(result.measurements) == ["mid", "result", "output_all"]
        assert result.multi_measurement_histogram(keys=["mid", "result"]) == {(0, 0): 3, (1, 2): 1}
        assert qa.from_cirq(result, format=S2).to_bytes() == artifact.to_bytes()
        assert qa.from_cirq(result, format=S1).to_bytes() == b'["1","0","1","0"]'
        assert list(artifact.to_cirq(register="result").measurements) == ["result"]
        picked = qa.from_cirq(result, format=H2, register=["result", "mid"])
        assert picked.register_names == ("result", "mid")
        other = artifact.select("mid", "result").to_cirq()
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_cirq(other, format=H1)
        assert missing.value.parameter == "register"

    def test_parameters_are_said_to_be_lost(self) -> None:
        made = cirq.ResultDict(
            params=cirq.ParamResolver({"t": 0.5}), measurements={"m": np.array([[1, 0]])}
        )
        (change,) = qa.from_cirq(made, format=S2).lost
        assert (str(change.effect), str(change.kind)) == ("lost", "members")

    def test_what_no_register_holds(self) -> None:
        qubits = cirq.LineQubit.range(2)
        twice = cirq.Circuit(cirq.measure(qubits[0], key="m"), cirq.measure(qubits[1], key="m"))
        with pytest.raises(qa.ConversionError) as several:
            qa.from_cirq(cirq.Simulator().run(twice), format=S2)
        assert several.value.reason == "several"
        with pytest.raises(qa.ConversionError) as nothing:
            qa.from_cirq(cirq.ResultDict(params=None, measurements={}), format=S2)
        assert nothing.value.reason == "no-register"
        qutrit = cirq.ResultDict(params=None, measurements={"m": np.array([[2]])})
        with pytest.raises(ValueError, match="bits"):
            qa.from_cirq(qutrit, format=S2)
        for other in (None, {"m": [[0, 1]]}):
            with pytest.raises(TypeError):
                qa.from_cirq(other, format=S2)

    def test_a_result_of_cirq_ionq_says_how_to_go_on(self) -> None:
        from cirq_ionq import QPUResult  # type: ignore[import-untyped]

        theirs = QPUResult({1: 3, 4: 1}, num_qubits=3, measurement_dict={"m": [0, 1, 2]})
        with pytest.raises(TypeError, match="to_cirq_result"):
            qa.from_cirq(theirs, format=S2)
        made = qa.from_cirq(theirs.to_cirq_result(), format=H2)
        assert made.counts("m") == {"001": 3, "100": 1}


class TestPennyLane:
    @every_format
    def test_x_on_qubit_0(self, format: str) -> None:
        """Against the default device."""

        def circuit() -> Any:
            qml.X(0)
            return qml.sample(), qml.counts(), qml.probs(wires=[0, 1, 2])

        node = qml.set_shots(qml.QNode(circuit, qml.device("default.qubit", wires=3)), 4)
        sample, counts, probs = node()
        artifact = qa.load(PROBES[format], format=format)
        given: Any = {"qubits": 3} if format.endswith("v1") else {}
        assert artifact.to_pennylane("probs", **given).tolist() == probs.tolist()
        given |= {"shots": 4} if format in (P1, P2) else {}
        assert artifact.to_pennylane("counts", **given) == counts
        given |= {} if format in (S1, S2) else {"shot_order": "sorted"}
        ours = artifact.to_pennylane(**given)
        assert ours.dtype == sample.dtype
        assert ours.tolist() == sample.tolist()
        assert ours[:, 0].tolist() == [1] * 4

    @every_width
    @every_format
    def test_there_and_back(self, format: str, width: int) -> None:
        artifact = artifact_of(format, width)
        samples = artifact.to_pennylane(**said_for_shots(format, width))
        wires = qml.wires.Wires(range(width))
        itself = qml.measurements.CountsMP(wires=wires).process_samples(samples, wire_order=wires)
        assert itself == expected(width, "wire")
        counts = artifact.to_pennylane("counts", **said(format, width))
        assert counts == expected(width, "wire")
        if format in (S1, S2):
            assert same(qa.from_pennylane(samples, format=format), format, width)
        else:
            assert same(qa.from_pennylane(counts, format=format), format, width)
            assert same(qa.from_pennylane(itself, format=format), format, width)
        if width < 21:
            given: Any = {"qubits": width} if format.endswith("v1") else {}
            probs = artifact.to_pennylane("probs", **given)
            measurement = qml.measurements.ProbabilityMP(wires=wires)
            if width < 6:
                theirs = measurement.process_samples(samples, wire_order=wires)
                assert np.allclose(theirs, probs, atol=1e-15)
            if format in (P1, P2):
                assert same(qa.from_pennylane(probs, format=format), format, width)

    def test_one_register(self) -> None:
        artifact = qa.load(OPENQASM_3, format=S2)
        with pytest.raises(qa.MissingParameter) as missing:
            artifact.to_pennylane()
        assert missing.value.parameter == "register"
        assert artifact.to_pennylane(register="result").tolist() == [[0, 0]] * 3 + [[1, 0]]
        assert artifact.to_pennylane("counts", register="result") == {"00": 3, "10": 1}
        with pytest.raises(ValueError, match="one register"):
            artifact.to_pennylane(register=["mid", "result"])
        with pytest.raises(qa.UnknownRegister):
            artifact.to_pennylane(register="nobody")

    def test_zeros_of_all_outcomes_stay(self) -> None:
        made = qa.from_pennylane({"00": np.int64(0), "10": np.int64(3)}, format=H2, register="c")
        assert made.counts("c") == {"00": 0, "10": 3}

    def test_too_many_probabilities(self) -> None:
        with pytest.raises(qa.ConversionError) as wide:
            artifact_of(P2, 64).to_pennylane("probs")
        assert wide.value.reason == "too-wide"

    def test_another_measurement(self) -> None:
        artifact: Any = artifact_of(P2, 3)
        with pytest.raises(ValueError, match="expval"):
            artifact.to_pennylane("expval")

    @pytest.mark.parametrize(
        ("result", "reason"),
        [
            ({-1.0: 3, 1.0: 1}, "state"),
            ({"0": 1, "00": 1}, "state"),
            ({"0a": 1}, "state"),
            ({}, "state"),
            (np.zeros((2, 4, 3), np.int64), "shape"),
            (np.zeros(4, np.int64), "shape"),
            (np.zeros((0, 3), np.int64), "no-shots"),
            (np.full(3, 1 / 3), "shape"),
            (np.ones(1), "shape"),
            (0.5, "shape"),
            (["01", "10"], "shape"),
            ((np.zeros((2, 3)), np.zeros(8)), "several"),
        ],
        ids=[
            "eigenvalues", "widths", "letters", "nothing", "a batch", "one wire", "no shots",
            "three", "one", "a number", "texts", "two measurements",
        ],
    )  # fmt: skip
    def test_what_is_no_result(self, result: Any, reason: str) -> None:
        with pytest.raises(qa.ConversionError) as refused:
            qa.from_pennylane(result, format=H1)
        assert refused.value.reason == reason

    def test_eigenvalues_of_a_sample(self) -> None:
        with pytest.raises(ValueError, match="bits"):
            qa.from_pennylane(np.array([[1.0, -1.0]]), format=S2)


class TestBraket:
    @every_format
    def test_x_on_qubit_0(self, format: str) -> None:
        """Against the simulator that comes with the SDK."""
        circuit = Circuit().x(0).i(1).i(2)
        itself = LocalSimulator().run(circuit, shots=4).result()
        given: Any = {"qubits": 3} if format.endswith("v1") else {}
        given |= {"shots": 4} if format in (P1, P2) else {}
        payload = qa.load(PROBES[format], format=format).to_braket(**TASK, **given)
        assert isinstance(payload, GateModelTaskResult)
        ours = GateModelQuantumTaskResult.from_object(payload)
        assert ours.measurement_counts == itself.measurement_counts == {"100": 4}
        assert ours.measured_qubits == itself.measured_qubits == [0, 1, 2]
        assert ours.measurements.tolist() == itself.measurements.tolist()

    @every_width
    @every_format
    def test_there_and_back(self, format: str, width: int) -> None:
        artifact = artifact_of(format, width)
        payload = artifact.to_braket(**TASK, **said(format, width))
        result = GateModelQuantumTaskResult.from_string(payload.json())
        assert result.measurement_counts == expected(width, "wire")
        assert result.task_metadata.shots == 16
        for given in (payload, payload.dict(), result):
            assert same(qa.from_braket(given, format=format), format, width)

    def test_measured_qubits_are_followed(self) -> None:
        """Whatever the order in which the circuit measures: bit k is qubit k."""
        circuit = Circuit().x(0).x(1).i(2).measure([2, 0, 1])
        itself = LocalSimulator().run(circuit, shots=4).result()
        assert itself.measured_qubits == [2, 0, 1]
        assert itself.measurement_counts == {"011": 4}
        made = qa.from_braket(itself, format=H2)
        assert made.counts() == {"110": 4}
        shares = {
            "measurementProbabilities": {"011": 0.75, "100": 0.25},
            "measuredQubits": [2, 0, 1],
            "taskMetadata": {"shots": 8},
        }
        assert qa.from_braket(shares, format=P2).probabilities() == {"110": 0.75, "001": 0.25}
        assert qa.from_braket(shares, format=H1).counts_int() == {3: 6, 4: 2}
        assert qa.from_braket(shares, format=H1, shots=16).counts_int() == {3: 12, 4: 4}

    def test_some_qubits_only(self) -> None:
        some = {"measurements": [[1, 0], [1, 1], [1, 0]], "measuredQubits": [7, 2]}
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_braket(some, format=S2)
        assert missing.value.parameter == "register"
        made = qa.from_braket(some, format=S2, register="c")
        assert made.bits("c").tolist() == [[0, 1], [1, 1], [0, 1]]
        assert [str(each.kind) for each in made.lost] == ["members"]

    def test_qubits_that_the_result_does_not_tell(self) -> None:
        nameless = {"measurements": [[1, 0], [1, 0]]}
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_braket(nameless, format=H2)
        assert missing.value.parameter == "measured_qubits"
        made = qa.from_braket(nameless, format=H2, measured_qubits=[1, 0])
        assert made.counts() == {"01": 2}
        with pytest.raises(qa.ConversionError) as different:
            qa.from_braket(
                {**nameless, "measuredQubits": [0, 1]}, format=H2, measured_qubits=[1, 0]
            )
        assert different.value.reason == "measured-qubits"

    def test_measurements_that_the_sdk_has_rounded_are_not_taken(self) -> None:
        """A GHZ state at 1233 shots: the SDK makes 1232 of them, two outcomes of 616.5."""
        artifact = qa.load({"0": 0.5, "6": 0.5}, format=P1)
        payload = artifact.to_braket(**TASK, qubits=3, shots=1233)
        result = GateModelQuantumTaskResult.from_object(payload)
        assert sum(result.measurement_counts.values()) == 1232
        assert qa.from_braket(result, format=P1).to_bytes() == artifact.to_bytes()
        with pytest.raises(qa.ConversionError) as inexact:
            qa.from_braket(result, format=H1)
        assert inexact.value.reason == "not-exact"
        assert qa.from_braket(result, format=H1, method="round").shots == 1233

    def test_what_cannot_be_known_has_to_be_said(self) -> None:
        artifact: Any = artifact_of(P2, 3)
        with pytest.raises(TypeError, match="device_id"):
            artifact.to_braket(task_id="t")
        with pytest.raises(qa.MissingParameter) as missing:
            artifact.to_braket(**TASK)
        assert missing.value.parameter == "shots"
        with pytest.raises(qa.ConversionError) as different:
            artifact_of(H2, 3).to_braket(**TASK, shots=15)
        assert different.value.reason == "shots"
        with pytest.raises(ValueError, match="characters"):
            artifact.to_braket(task_id="", device_id="d", shots=16)
        program = OpenQASMProgram(source=PROGRAM)
        given = artifact.to_braket(task_id="t", device_id="d", program=program, shots=16)
        assert given.additionalMetadata.action == program
        alone = artifact.to_braket(task_id="t", device_id="d", shots=16)
        assert alone.additionalMetadata.action is None

    @pytest.mark.parametrize(
        ("result", "reason"),
        [
            ({"measurements": [[0, 1], [0]], "measuredQubits": [0, 1]}, "width"),
            ({"measurements": [], "measuredQubits": [0]}, "no-shots"),
            ({"measurements": "01", "measuredQubits": [0]}, "width"),
            ({"measurements": [0, 1], "measuredQubits": [0, 1]}, "width"),
            ({"measurements": [[0]], "measuredQubits": 0}, "measured-qubits"),
            ({"measurements": [[0]], "measuredQubits": []}, "measured-qubits"),
            ({"measurements": [[0, 1]], "measuredQubits": [1, 1]}, "measured-qubits"),
            ({"measurements": [[0]], "measuredQubits": [-1]}, "measured-qubits"),
            ({"measurements": [[0]], "measuredQubits": [0.5]}, "measured-qubits"),
            ({"measurementProbabilities": {"00\n": 1.0}, "measuredQubits": [0, 1]}, "width"),
            ({"measurementProbabilities": {"0": 0.5, "11": 0.5}, "measuredQubits": [0]}, "width"),
        ],
        ids=str,
    )
    def test_what_contradicts_itself(self, result: Any, reason: str) -> None:
        with pytest.raises(qa.ConversionError) as refused:
            qa.from_braket(result, format=H1)
        assert refused.value.reason == reason

    def test_what_braket_s_schema_lets_through_is_refused(self) -> None:
        """A sum of 1.1."""
        with pytest.raises(qa.InvalidArtifact) as invalid:
            qa.from_braket(
                {"measurementProbabilities": {"0": 0.6, "1": 0.5}, "measuredQubits": [0]}, format=P2
            )
        assert "QA201" in {each.code for each in invalid.value.report.findings}
        others: list[Any] = [{"taskMetadata": {}}, {"measurementProbabilities": [1]}, None, []]
        for other in others:
            with pytest.raises(TypeError):
                qa.from_braket(other, format=P2)
        with pytest.raises(qa.InvalidArtifact) as empty:
            qa.from_braket({"measurementProbabilities": {}, "measuredQubits": [0]}, format=P2)
        assert {each.code for each in empty.value.report.findings} == {"QA204"}
        with pytest.raises(ValueError, match="bits"):
            qa.from_braket({"measurements": [[2]], "measuredQubits": [0]}, format=S2)


WAYS: dict[str, Any] = {
    "qiskit": lambda artifact, **said: artifact.to_qiskit(**said),
    "qiskit shots": lambda artifact, **said: artifact.to_qiskit_pub_result(**said),
    "cirq": lambda artifact, **said: artifact.to_cirq(**said),
    "pennylane": lambda artifact, **said: artifact.to_pennylane(**said),
    "braket": lambda artifact, **said: artifact.to_braket(**TASK, **said),
}


#: How many shots each of these is of.
COUNTED: dict[str, Any] = {
    "qiskit": lambda given: given.shots(),
    "qiskit shots": lambda given: given.data.output_all.num_shots,
    "cirq": lambda given: given.repetitions,
    "pennylane": len,
    "braket": lambda given: given.taskMetadata.shots,
}


class TestAllOfThem:
    @pytest.mark.parametrize("way", WAYS)
    def test_a_circuit_holds_no_results(self, way: str) -> None:
        circuit = qa.load({"qubits": 1, "circuit": []}, format=NATIVE)
        with pytest.raises(qa.ConversionError) as refused:
            WAYS[way](circuit)
        assert refused.value.reason == "unsupported"

    @pytest.mark.parametrize("way", WAYS)
    def test_a_child_of_an_aggregate_has_to_be_named(self, way: str) -> None:
        child = "06a2099c-f845-7208-8000-8111ee2dccbc"
        aggregate = qa.load({child: {"2": 1}}, format=AGGREGATE)
        with pytest.raises(qa.MissingParameter) as missing:
            WAYS[way](aggregate)
        assert missing.value.parameter == "child"
        counts = aggregate.to_qiskit(child=child, qubits=3, shots=2)
        assert counts == {"010": 2}

    @pytest.mark.parametrize("way", [way for way in WAYS if way not in ("pennylane", "braket")])
    def test_marginals_are_not_joined(self, way: str) -> None:
        artifact = qa.load(MARGINALS, format=H2)
        with pytest.raises(qa.ConversionError) as refused:
            WAYS[way](artifact)
        assert refused.value.reason == "marginals"
        said = {} if way == "qiskit" else {"shot_order": "sorted"}
        assert WAYS[way](artifact, register="b", **said) is not None

    @pytest.mark.parametrize("way", WAYS)
    def test_the_width_of_version_1_has_to_be_said(self, way: str) -> None:
        with pytest.raises(qa.MissingParameter) as missing:
            WAYS[way](artifact_of(S1, 3))
        assert missing.value.parameter == "qubits"
        with pytest.raises(qa.ConversionError) as narrow:
            WAYS[way](artifact_of(S1, 5), qubits=1)
        assert narrow.value.reason == "too-wide"
        with pytest.raises(qa.ConversionError) as other:
            WAYS[way](artifact_of(S2, 5), qubits=4)
        assert other.value.reason == "width"

    @pytest.mark.parametrize("way", ["qiskit", "qiskit shots", "cirq", "pennylane"])
    def test_counts_of_probabilities_need_shots(self, way: str) -> None:
        said = {} if way == "qiskit" else {"shot_order": "sorted"}
        with pytest.raises(qa.MissingParameter) as missing:
            WAYS[way](artifact_of(P2, 3), **said)
        assert missing.value.parameter == "shots"

    @pytest.mark.parametrize("way", ["qiskit shots", "cirq", "pennylane"])
    def test_the_order_of_shots_is_not_invented_unasked(self, way: str) -> None:
        with pytest.raises(qa.MissingParameter) as missing:
            WAYS[way](artifact_of(H2, 3))
        assert missing.value.parameter == "shot_order"

    @pytest.mark.parametrize("way", WAYS)
    def test_leaked_shots_are_left_out(self, way: str) -> None:
        shots = [
            {"registers": {"output_all": [1, 0]}, "leakage_bits": [0, 0]},
            {"registers": {"output_all": [0, 1]}, "leakage_bits": [0, 1]},
        ]
        artifact = qa.load({"shots": shots}, format=S2)
        for keep, number in ((False, 1), (True, 2)):
            result = WAYS[way](artifact, keep_leaked=keep)
            assert COUNTED[way](result) == number

    @pytest.mark.parametrize("way", WAYS)
    def test_nothing_was_measured(self, way: str) -> None:
        artifact = qa.load({"shots": []}, format=S2)
        with pytest.raises(qa.QartifactsError) as refused:
            WAYS[way](artifact)
        if way in ("pennylane", "braket"):
            assert isinstance(refused.value, qa.UnknownRegister)
        else:
            assert getattr(refused.value, "reason", None) == "no-shots"

    @pytest.mark.parametrize("way", WAYS)
    def test_reversed_payloads_are_told_alike(self, way: str) -> None:
        forth = qa.load({"shots": [{"registers": {"c": [1, 0, 0]}}]}, format=S2)
        back = qa.load(
            {"shots": [{"registers": {"c": [0, 0, 1]}}]}, format=S2, bit_order="reversed"
        )
        one, other = WAYS[way](forth), WAYS[way](back)
        if way == "qiskit shots":
            one, other = one.data.c, other.data.c
        assert np.array_equal(one, other) if way == "pennylane" else one == other

    @pytest.mark.parametrize(
        ("way", "module", "extra"),
        [
            ("qiskit", "qiskit.result", "qiskit"),
            ("qiskit shots", "qiskit.primitives", "qiskit"),
            ("cirq", "cirq", "cirq"),
            ("braket", "braket.task_result", "braket"),
        ],
    )
    def test_a_library_that_is_not_installed(
        self, way: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(qa.MissingExtra) as missing:
            WAYS[way](artifact_of(S2, 3))
        assert missing.value.extra == extra
        assert f"qartifacts[{extra}]" in str(missing.value)

    @pytest.mark.parametrize(
        "make", [qa.from_qiskit, qa.from_pennylane], ids=["qiskit", "pennylane"]
    )
    def test_a_format_that_is_not_there(self, make: Any) -> None:
        with pytest.raises(qa.UnknownFormat):
            make({"01": 1}, format="ionq.result.histogram.json.v9")


@pytest.mark.parametrize("page", ["interop", "qiskit", "cirq", "pennylane", "braket", "pandas"])
def test_what_the_pages_show_is_true(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"```pycon\n(.*?)```", text, re.DOTALL))
    examples = doctest.DocTestParser().get_doctest(blocks, {}, page, f"{page}.md", 0)
    outcome = doctest.DocTestRunner().run(examples, clear_globs=False)
    assert outcome.attempted > 3
    assert outcome.failed == 0


class TestNames:
    """Parameters that a method does not have are told in the method's own name."""

    def test_of_methods(self) -> None:
        artifact = qa.load(b'{"1": 20}', format=H1)
        for method in ("to_qiskit", "to_qiskit_pub_result", "to_cirq", "to_pennylane"):
            with pytest.raises(TypeError, match=rf"{method}\(\).*'reg'.*register"):
                getattr(artifact, method)(reg="a")
        with pytest.raises(TypeError, match=r"to_braket\(\).*'shot'.*shots"):
            artifact.to_braket(task_id="a", device_id="b", shot=1)  # type: ignore[call-arg]

    def test_of_functions(self) -> None:
        with pytest.raises(TypeError, match=r"from_qiskit\(\).*'qubit'.*qubits"):
            qa.from_qiskit({"001": 20}, format=H1, qubit=3)  # type: ignore[call-arg]


def test_shots_that_a_task_of_braket_records_are_taken() -> None:
    task = {
        "measurementProbabilities": {"100": 0.75, "011": 0.25},
        "measuredQubits": [0, 1, 2],
        "taskMetadata": {"id": "a", "shots": 4, "deviceId": "b"},
        "additionalMetadata": {},
    }
    artifact = qa.load(task, format="braket.gate-model-task-result.v1")
    assert artifact.to_qiskit() == {"001": 3, "110": 1}
    with pytest.raises(qa.ConversionError) as caught:
        artifact.counts()
    assert "shots" not in str(caught.value)
