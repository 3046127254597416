"""What other packages make of the same payload: they agree with us where they lose nothing.

Where they lose or misread something, a test says so, with what comes out here instead. These are
facts about the pinned versions; when one of them changes, its test should be rewritten.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
import qartifacts as qa

P1 = "ionq.result.probabilities.json.v1"
P2 = "ionq.result.probabilities.json.v2"
H1 = "ionq.result.histogram.json.v1"
S2 = "ionq.result.shots.json.v2"

#: Asymmetric states whose shares are whole counts, so that rounding loses nothing.
CASES = [
    (1, 10, {"1": 1.0}),
    (3, 100, {"1": 0.75, "6": 0.25}),
    (5, 100, {"1": 0.5, "2": 0.25, "20": 0.25}),
    (12, 1000, {"1": 0.5, "2050": 0.3, "3": 0.2}),
]
WIDE = [
    (width, 10, {"1": 0.5, str(2 ** (width - 1) + 2): 0.3, "3": 0.2}) for width in (64, 65, 100)
]


def histogram(payload: dict[str, float], shots: int, method: Any = "exact") -> qa.Artifact:
    loaded = qa.load(json.dumps(payload).encode(), format=P1)
    return loaded.convert(H1, shots=shots, method=method)


@pytest.mark.parametrize(("width", "shots", "payload"), CASES + WIDE)
def test_qiskit_counts_are_ours(width: int, shots: int, payload: dict[str, float]) -> None:
    ours = histogram(payload, shots).counts(order="qiskit", width=width)
    assert oracles.qiskit_counts(payload, width=width, shots=shots) == ours


@pytest.mark.parametrize(("width", "shots", "payload"), CASES + WIDE)
def test_cirq_counts_are_ours(width: int, shots: int, payload: dict[str, float]) -> None:
    ours = histogram(payload, shots).counts_int(order="cirq", width=width)
    assert oracles.cirq_counts(payload, width=width, shots=shots) == ours


@pytest.mark.parametrize(("width", "shots", "payload"), CASES)
def test_cirq_measurements_are_our_bits(width: int, shots: int, payload: dict[str, float]) -> None:
    theirs = oracles.cirq_measurements(payload, width=width, shots=shots, keys={"m": range(width)})[
        "m"
    ]
    ours = histogram(payload, shots).convert(S2, qubits=width, shot_order="sorted").bits()
    assert Counter(map(tuple, theirs.tolist())) == Counter(map(tuple, ours.tolist()))


@pytest.mark.parametrize(("width", "shots", "payload"), CASES)
def test_pennylane_probabilities_are_ours_in_its_wire_order(
    width: int, shots: int, payload: dict[str, float]
) -> None:
    dense = oracles.pennylane_probabilities(payload, width=width)
    ours = qa.load(json.dumps(payload).encode(), format=P1).probabilities(width=width)
    assert {f"{at:0{width}b}": dense[at] for at in np.flatnonzero(dense)} == pytest.approx(ours)
    # An array of theirs is read by the order that is called Cirq's, bit 0 most significant.
    again = qa.from_probabilities(dense, order="cirq", format=P1)
    assert again.probabilities(width=width) == pytest.approx(ours)


@pytest.mark.parametrize(("width", "shots", "payload"), CASES)
def test_pennylane_samples_are_our_bits(width: int, shots: int, payload: dict[str, float]) -> None:
    samples = oracles.pennylane_samples(payload, width=width, shots=shots)
    counted = qa.from_shots(samples, order="wire", format=S2).counts()
    assert counted == histogram(payload, shots).counts(width=width)


def test_qiskit_reads_declared_registers_of_shots_as_we_do() -> None:
    shot: list[Any] = [
        {"registers": {"a": [1, 0], "b": [1, 1, 0], "output_all": [0]}},
        {"registers": {"a": [0, 0], "b": [0, 1, 0], "output_all": [1]}},
        {"registers": {"a": [1, 0], "b": [1, 1, 0], "output_all": [1]}},
    ]
    theirs = oracles.qiskit_shots_counts({"shots": shot}, registers={"a": 2, "b": 3})
    assert theirs == qa.load({"shots": shot}, format=S2).counts(order="qiskit")
    assert theirs == {"011 01": 2, "010 00": 1}


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_all_of_them_agree_where_shares_are_whole(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 8))
    counts = data.draw(
        st.dictionaries(st.integers(0, 2**width - 1), st.integers(1, 50), min_size=1, max_size=6)
    )
    shots = sum(counts.values())
    payload = {str(state): count / shots for state, count in counts.items()}
    ours = histogram(payload, shots)
    assert oracles.qiskit_counts(payload, width=width, shots=shots) == ours.counts(
        order="qiskit", width=width
    )
    assert oracles.cirq_counts(payload, width=width, shots=shots) == ours.counts_int(
        order="cirq", width=width
    )
    dense = oracles.pennylane_probabilities(payload, width=width)
    for state, share in ours.probabilities(width=width).items():
        assert math.isclose(dense[int(state, 2)], share, rel_tol=1e-12)


class TestWhatTheyLose:
    """Shots, outcomes and states that go missing elsewhere, and what comes of them here."""

    def test_a_shot_of_a_ghz_state(self) -> None:
        payload = {"0": 0.5, "3": 0.5}
        assert sum(oracles.qiskit_counts(payload, width=2, shots=1233).values()) == 1232
        assert sum(oracles.cirq_counts(payload, width=2, shots=1233).values()) == 1232
        assert len(oracles.pennylane_samples(payload, width=2, shots=1233)) == 1232
        assert histogram(payload, 1233, "round").counts(width=2) == {"00": 617, "11": 616}

    def test_or_one_too_many(self) -> None:
        payload = {"0": 0.5, "1": 0.5}
        assert oracles.qiskit_counts(payload, width=1, shots=3) == {"0": 2, "1": 2}
        assert histogram(payload, 3, "round").counts(width=1) == {"0": 2, "1": 1}

    def test_every_shot_of_many_outcomes(self) -> None:
        payload = {str(state): 1 / 4096 for state in range(4096)}
        assert oracles.qiskit_counts(payload, width=12, shots=1000) == {}
        assert set(oracles.cirq_counts(payload, width=12, shots=1000).values()) == {0}
        assert histogram(payload, 1000, "round").shots == 1000

    def test_a_state_that_is_too_wide(self) -> None:
        payload = {"9": 1.0}
        assert oracles.qiskit_counts(payload, width=3, shots=10) == {"001": 10}
        assert oracles.cirq_counts(payload, width=3, shots=10) == {4: 10}
        with pytest.raises(IndexError):
            oracles.pennylane_probabilities(payload, width=3)
        # Where its reversal has zeros at the end, it escapes there, too.
        assert oracles.pennylane_probabilities({"8": 1.0}, width=3)[1] == 1
        with pytest.raises(qa.ConversionError) as refused:
            qa.load(payload, format=P1).convert(P2, qubits=3)
        assert refused.value.reason == "too-wide"

    def test_a_leaked_shot_is_counted(self) -> None:
        shots: list[Any] = [
            {"registers": {"c": [1, 0]}, "leakage_bits": [0, 0]},
            {"registers": {"c": [1, 1]}, "leakage_bits": [0, 1]},
        ]
        theirs = oracles.qiskit_shots_counts({"shots": shots}, registers={"c": 2})
        assert theirs == {"01": 1, "11": 1}
        ours = qa.load({"shots": shots}, format=S2)
        assert ours.counts(order="qiskit") == {"01": 1}
        assert ours.counts(order="qiskit", keep_leaked=True) == theirs

    @pytest.mark.parametrize("payload", [{"0": 0.5, "1": 0.4999}])
    def test_a_sum_that_is_not_quite_one(self, payload: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="sum to 1"):
            oracles.cirq_measurements(payload, width=1, shots=10_000, keys={"m": [0]}, sampled=True)
        assert sum(oracles.qiskit_counts(payload, width=1, shots=10_000).values()) == 9_999
        rounded = histogram(payload, 10_000, "round")
        assert rounded.shots == 10_000
        assert "sum" in {change.kind for change in rounded.lost}

    def test_a_sum_above_one(self) -> None:
        payload = {"1": 0.6, "6": 0.5}
        assert sum(oracles.qiskit_counts(payload, width=3, shots=1000).values()) == 1100
        with pytest.raises(qa.InvalidArtifact) as refused:
            histogram(payload, 1000, "round")
        assert [each.code for each in refused.value.report.findings] == ["QA201"]

    @pytest.mark.parametrize(
        ("ask", "error"),
        [
            (lambda: oracles.qiskit_counts({}, width=1, shots=1), IndexError),
            (lambda: oracles.cirq_counts({}, width=1, shots=1), StopIteration),
            (lambda: oracles.pennylane_probabilities({}, width=1), StopIteration),
        ],
    )
    def test_an_empty_payload(self, ask: Any, error: type[Exception]) -> None:
        with pytest.raises(error):
            ask()
        report = qa.check(b"{}", format=P1)
        assert [each.code for each in report.findings] == ["QA204"]

    def test_typed_models_that_accept_anything(self) -> None:
        accepted = oracles.ionq_core_from_dict(P1, {"abc": "banana"})
        assert accepted.to_dict() == {"abc": "banana"}
        assert not qa.check({"abc": "banana"}, format=P1)

    def test_typed_models_that_lose_leakage_bits(self) -> None:
        payload = {"shots": [{"registers": {"c": [1]}, "leakage_bits": [0]}]}
        assert oracles.ionq_core_from_dict(S2, payload).to_dict() != payload
        assert json.loads(qa.load(payload, format=S2).convert(S2).to_bytes()) == payload
