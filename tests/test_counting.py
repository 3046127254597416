"""Probabilities to counts and counts to shots, and the numbers that people want next."""

from __future__ import annotations

import bisect
import itertools
import json
import math
from collections import Counter
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.conversion import counting
from strategies import H1, H2, P1, P2, S1, S2, bitstring, tallies


def load(payload: Any, format: str = P1, **parameters: Any) -> qa.Artifact:
    return qa.load(json.dumps(payload).encode(), format=format, **parameters)


def in_register(outcomes: dict[str, Any], kind: str = "probabilities") -> Any:
    return {kind: {"registers": {"c": outcomes}}}


def kinds(artifact: qa.Artifact) -> set[str]:
    return {change.kind for change in artifact.lost}


class TestExact:
    @pytest.mark.parametrize(
        ("payload", "shots", "counts"),
        [
            ({"0": 0.5, "3": 0.5}, 2, {"0": 1, "3": 1}),
            ({"0": 1}, 1233, {"0": 1233}),
            # Ten digits of thirds, as some clients write them.
            ({"0": 0.3333333333, "1": 0.6666666667}, 3, {"0": 1, "1": 2}),
            # What has no shot stays if it was said to have none, and goes if it was said to have one.
            ({"0": 1.0, "2": 0.0}, 5, {"0": 5, "2": 0}),
            ({"0": 0.9999999999, "2": 1e-10}, 5, {"0": 5}),
            # Within 1e-6 + 1e-9 of the count: 500.0000014 and 499.9999986 of 1,000 are 500.
            ({"0": 0.5000000014, "1": 0.4999999986}, 1000, {"0": 500, "1": 500}),
            # Never further than a quarter, however many there are.
            ({"0": 0.5 + 2e-13, "1": 0.5 - 2e-13}, 10**12, {"0": 5 * 10**11, "1": 5 * 10**11}),
        ],
    )
    def test_counts_of_which_the_probabilities_were_made(
        self, payload: dict[str, float], shots: int, counts: dict[str, int]
    ) -> None:
        made = load(payload).convert(H1, shots=shots)
        assert made.payload == counts
        assert made.shots == shots
        assert kinds(made) == ({"outcomes"} if len(counts) < len(payload) else set())

    @pytest.mark.parametrize(
        ("payload", "shots"),
        [
            ({"0": 0.5, "3": 0.5}, 1233),
            ({"0": 0.5000000016, "1": 0.4999999984}, 1000),
            ({"0": 0.5 + 3e-13, "1": 0.5 - 3e-13}, 10**12),
            ({str(state): 1 / 4096 for state in range(4096)}, 1000),
            # Whole counts, which add up to 1,999.
            ({"0": 0.5, "1": 0.4995}, 2000),
            ({"0": 0.5, "1": 0.5005}, 2000),
        ],
    )
    def test_anything_else_is_refused(self, payload: dict[str, float], shots: int) -> None:
        with pytest.raises(qa.ConversionError) as refused:
            load(payload).convert(H1, shots=shots)
        assert refused.value.reason == "not-exact"

    @pytest.mark.parametrize(
        ("format", "bit_order", "worst"),
        [(P1, "wire", '"6"'), (P2, "wire", '"011"'), (P2, "reversed", '"110"')],
    )
    def test_the_worst_state_is_named_as_the_file_writes_it(
        self, format: str, bit_order: Any, worst: str
    ) -> None:
        """Of 1,000 shots 500.1, 249.6 and 250.3: the second is the furthest from whole."""
        values = {"0": 0.5001, "6": 0.2496, "1": 0.2503}
        payload: Any = values
        if format == P2:
            width = 3
            keys = {state: bitstring(int(state), width) for state in values}
            turn = -1 if bit_order == "reversed" else 1
            payload = in_register({keys[state][::turn]: values[state] for state in values})
        artifact = load(payload, format, bit_order=bit_order)
        with pytest.raises(qa.ConversionError, match=f"the state {worst} ") as refused:
            artifact.convert(H2 if format == P2 else H1, shots=1000, method="exact")
        assert refused.value.reason == "not-exact"


# ----------------------------------------------------------------------------------------------


def largest_remainders(weights: list[int], shots: int) -> list[int]:
    """The method as a textbook has it, in exact fractions; of equal remainders, the first."""
    shares = [Fraction(weight * shots, sum(weights)) for weight in weights]
    counts = [math.floor(share) for share in shares]
    order = sorted(range(len(weights)), key=lambda at: (counts[at] - shares[at], at))
    for at in order[: shots - sum(counts)]:
        counts[at] += 1
    return counts


class TestRound:
    def test_a_ghz_state_keeps_its_odd_shot(self) -> None:
        made = load({"0": 0.5, "3": 0.5}).convert(H1, shots=1233, method="round")
        assert made.payload == {"0": 617, "3": 616}
        assert kinds(made) == {"rounding"}

    def test_many_equal_outcomes_keep_all_shots(self) -> None:
        payload = {str(state): 1 / 4096 for state in range(4096)}
        made = load(payload).convert(H1, shots=1000, method="round")
        assert made.shots == 1000
        # Ties go to the smaller states; the others have no shot, and that is said.
        assert made.payload == {str(state): 1 for state in range(1000)}
        (gone,) = (change.number for change in made.lost if change.kind == "outcomes")
        assert gone == 3096

    def test_a_sum_slightly_above_1(self) -> None:
        made = load({"0": 0.50001, "1": 0.5}).convert(H1, shots=100_000, method="round")
        assert made.payload == {"0": 50_000, "1": 50_000}
        assert kinds(made) == {"rounding", "sum"}
        with pytest.raises(qa.InvalidArtifact) as refused:
            load({"0": 0.559, "1": 0.5})
        assert [each.code for each in refused.value.report.findings] == ["QA201"]

    @pytest.mark.parametrize("probability", [0.999, 1.0])
    def test_a_single_outcome_has_all_shots(self, probability: float) -> None:
        for shots in (1, 3, 7, 1233, 10**6 + 3, 10**12 - 1, 10**12):
            made = load({"5": probability}).convert(H1, shots=shots, method="round")
            assert made.payload == {"5": shots}

    @given(data=st.data())
    @settings(max_examples=150, deadline=None)
    def test_it_is_the_method_of_the_textbook(self, data: st.DataObject) -> None:
        """The whole part each, then one each by remainder; of equal ones the smaller state."""
        # Few different weights make for many ties.
        most = data.draw(st.sampled_from([3, 50, 1000]))
        weights = data.draw(st.lists(st.integers(0, most), min_size=1, max_size=40).filter(any))
        shots = data.draw(st.integers(1, 100) | st.integers(1, 10**6))
        payload = {str(at): weight / sum(weights) for at, weight in enumerate(weights)}
        made = load(payload).convert(H1, shots=shots, method="round")
        assert made.shots == shots
        expected = {
            at: count
            for at, count in enumerate(largest_remainders(weights, shots))
            if count or not weights[at]
        }
        assert made.counts_int() == expected

    @given(data=st.data())
    @settings(max_examples=150, deadline=None)
    def test_no_count_is_off_by_a_whole_shot(self, data: st.DataObject) -> None:
        """``round`` always sums to the shots, and each count is its share rounded up or down."""
        some = st.lists(st.floats(0, 1, allow_nan=False), min_size=1, max_size=30)
        weights = data.draw(some.filter(lambda each: sum(each) > 1e-6))
        # The sum may be off by up to a thousandth, and the shares are those of the sum there is.
        scale = data.draw(st.floats(0.9991, 1.0009)) / math.fsum(weights)
        payload = {str(at): min(weight * scale, 1.0) for at, weight in enumerate(weights)}
        shots = data.draw(st.integers(1, 10**9))
        made = load(payload).convert(H1, shots=shots, method="round")
        counts = made.counts_int()
        assert sum(counts.values()) == shots
        total = sum(map(Fraction, payload.values()))
        for state, probability in payload.items():
            off = counts.get(int(state), 0) - Fraction(probability) * shots / total
            assert abs(off) < 1

    @given(data=st.data())
    @settings(max_examples=40, deadline=None)
    def test_up_to_a_million_million_shots(self, data: st.DataObject) -> None:
        """Beyond 1e9 shots, doubles do not tell the last digits of a share; the sum is exact."""
        weights = data.draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
        payload = {str(at): weight / sum(weights) for at, weight in enumerate(weights)}
        shots = data.draw(st.integers(10**9, 10**12))
        made = load(payload).convert(H1, shots=shots, method="round")
        assert made.shots == shots
        for at, weight in enumerate(weights):
            off = made.counts_int().get(at, 0) - Fraction(weight * shots, sum(weights))
            assert abs(off) < 1.001

    def test_every_register_by_itself(self) -> None:
        payload = {"probabilities": {"registers": {"a": {"0": 0.5, "1": 0.5}, "b": {"11": 1}}}}
        made = load(payload, P2).convert(H2, shots=3, method="round")
        assert made.payload == {"histogram": {"registers": {"a": {"0": 2, "1": 1}, "b": {"11": 3}}}}

    def test_ties_go_by_the_state_and_not_by_its_text(self) -> None:
        """In wire order "10" is state 1 and "01" state 2: of equal remainders state 1 has it."""
        payload = in_register({"01": 0.5, "10": 0.5})
        for bit_order, expected in (("wire", {"10": 1}), ("reversed", {"01": 1})):
            order: Any = bit_order
            made = load(payload, P2, bit_order=order).convert(H2, shots=1, method="round")
            assert made.payload == in_register(expected, "histogram")

    def test_long_distributions(self) -> None:
        """They are summed in pieces; each outcome still gets its share."""
        weights = [1 + at % 7 for at in range(10_000)]
        array = np.array(weights) / sum(weights)
        counts = counting.largest_remainder(array, 123_457)
        assert counts.tolist() == largest_remainders(weights, 123_457)


# ----------------------------------------------------------------------------------------------


def draws(seed: int, register: str, number: int) -> list[float]:
    """What the documentation says: 53 bits of PCG64, seeded by the seed and the register's name."""
    raw = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=tuple(register.encode())))
    return [(int(raw.random_raw()) >> 11) / 2**53 for _ in range(number)]


class TestSample:
    PAYLOAD: ClassVar = {"0": 0.5, "1": 0.25, "6": 0.125, "7": 0.0, "18446744073709551616": 0.125}

    def test_a_seed_gives_these_counts_for_ever(self) -> None:
        """Literal: if it fails, seeds do not mean any more what they meant to those who kept them."""
        made = load(self.PAYLOAD).convert(H1, shots=1000, method="sample", seed=2026)
        assert made.payload == {"0": 467, "1": 266, "6": 138, "7": 0, "18446744073709551616": 129}
        few = load(self.PAYLOAD).convert(H1, shots=3, method="sample", seed=0)
        assert few.payload == {"0": 3, "7": 0}

    def test_shuffled_shots_of_a_seed_come_in_this_order_for_ever(self) -> None:
        histogram = load({"0": 5, "1": 2, "6": 3}, H1)
        made = histogram.convert(S1, shot_order="shuffled", seed=2026)
        assert made.payload == ["6", "0", "0", "0", "6", "6", "0", "1", "0", "1"]

    @given(data=st.data())
    @settings(max_examples=40, deadline=None)
    def test_it_is_a_draw_for_every_shot(self, data: st.DataObject) -> None:
        """A draw falls to the first state, ascending, whose cumulated probability is beyond it."""
        weights = data.draw(tallies(data.draw(st.sampled_from([3, 64, 65])), 50, zeros=True))
        total = sum(weights.values())
        scale = data.draw(st.sampled_from([1.0, 0.9995]))  # They are divided by their sum.
        payload = {str(state): weight / total * scale for state, weight in weights.items()}
        shots, seed = data.draw(st.integers(1, 60)), data.draw(st.integers(0, 2**128 - 1))
        made = load(payload).convert(H1, shots=shots, method="sample", seed=seed)
        states = sorted(weights)
        bounds = list(itertools.accumulate(weights[state] / total for state in states))
        drawn = Counter(
            states[bisect.bisect_right(bounds, draw * bounds[-1])]
            for draw in draws(seed, "output_all", shots)
        )
        expected = {state: drawn[state] for state in states if drawn[state] or not weights[state]}
        assert made.counts_int() == expected
        assert made.shots == shots
        assert "sampling" in kinds(made)

    def test_drawing_in_pieces_is_drawing_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def counts() -> Any:
            return load(self.PAYLOAD).convert(H1, shots=100, method="sample", seed=1).payload

        at_once = counts()
        monkeypatch.setattr(counting, "_DRAWN_AT_ONCE", 7)
        assert counts() == at_once

    def test_other_seeds_draw_others(self) -> None:
        def sample(seed: int) -> bytes:
            return load(self.PAYLOAD).convert(H1, shots=500, method="sample", seed=seed).to_bytes()

        samples = [sample(seed) for seed in (0, 1, 2, 3, 2**64, 2**128 - 1)]
        assert len(set(samples)) == len(samples)
        assert sample(2**64) == samples[4]

    def test_the_impossible_gets_no_shot(self) -> None:
        """Neither first, nor last, nor between."""
        payload = {"0": 0, "1": 0.5, "2": 0, "3": 0.5, "4": 0.0}
        for seed in range(50):
            made = load(payload).convert(H1, shots=200, method="sample", seed=seed)
            assert [made.payload[state] for state in ("0", "2", "4")] == [0, 0, 0]
            assert made.shots == 200

    def test_the_distribution(self) -> None:
        """Chi-square with 5 degrees of freedom; its mean over many seeds would be 5."""
        weights = [1, 2, 3, 4, 30, 60]
        payload = {str(at): weight / 100 for at, weight in enumerate(weights)}
        statistics = []
        for seed in range(400):
            made = load(payload).convert(H1, shots=10_000, method="sample", seed=seed)
            counts = made.counts_int()
            statistics.append(
                sum((counts[at] - 100 * w) ** 2 / (100 * w) for at, w in enumerate(weights))
            )
        assert max(statistics) < 25  # Of 7,000 samples, one would be beyond it.
        assert 4.5 < sum(statistics) / len(statistics) < 5.5

    def test_every_order_of_shots_is_as_likely(self) -> None:
        """Chi-square with 23 degrees of freedom: the 24 orders of four different shots."""
        orders = Counter(
            tuple(counting.expand(np.ones(4, np.int64), shuffled_by=seed)) for seed in range(2400)
        )
        assert len(orders) == 24
        assert sum((number - 100) ** 2 / 100 for number in orders.values()) < 49.7

    def test_registers_are_drawn_apart(self) -> None:
        """By name: another register, or another place, does not change what is drawn of one."""
        half = {format(state, "06b"): 1 / 64 for state in range(64)}
        payload = {"probabilities": {"registers": {"a": half, "b": half}}}
        made = load(payload, P2).convert(H2, shots=100, method="sample", seed=7)
        assert made.counts("a") != made.counts("b")
        for registers in (("b",), ("b", "a")):
            some = load(payload, P2).convert(
                H2, shots=100, method="sample", seed=7, register=registers
            )
            assert some.counts("b") == made.counts("b")

    @given(data=st.data())
    @settings(max_examples=20, deadline=None)
    def test_neither_version_nor_bit_order_changes_what_is_drawn(self, data: st.DataObject) -> None:
        weights = data.draw(tallies(5, 50))
        total = sum(weights.values())
        given: dict[str, Any] = {"shots": 50, "method": "sample", "seed": data.draw(st.integers(0))}
        given["seed"] %= 2**128
        one = load({str(state): weight / total for state, weight in weights.items()})
        expected = one.convert(H1, **given).counts_int()
        for bit_order in ("wire", "reversed"):
            two = load(
                one.convert(P2, qubits=5, bit_order=bit_order).payload, P2, bit_order=bit_order
            )
            assert two.convert(H2, **given).counts_int() == expected
            assert two.convert(H1, **given).counts_int() == expected


class TestWhatIsAskedFor:
    def test_random_things_want_a_seed(self) -> None:
        for artifact, parameters in (
            (load({"0": 1}), {"method": "sample", "shots": 3}),
            (load({"0": 3}, H1), {"shot_order": "shuffled"}),
            (load({"0": 1}), {"shot_order": "shuffled", "shots": 3}),
        ):
            to = S1 if "shot_order" in parameters else H1
            with pytest.raises(qa.MissingParameter) as missing:
                artifact.convert(to, **parameters)
            assert missing.value.parameter == "seed"
            assert artifact.convert(to, seed=0, **parameters).shots == 3

    def test_too_many_to_draw_or_list(self) -> None:
        for artifact, to, parameters in (
            (load({"0": 1}), H1, {"method": "sample", "shots": 10**9 + 1, "seed": 1}),
            (load({"0": 2**27 + 1}, H1), S1, {"shot_order": "sorted"}),
            (load({"0": 1}), S1, {"shots": 2**27 + 1, "shot_order": "shuffled", "seed": 1}),
        ):
            with pytest.raises(qa.ConversionError) as refused:
                artifact.convert(to, **parameters)
            assert refused.value.reason == "too-many-shots"

    @pytest.mark.parametrize(
        "given",
        [
            {"shots": 0},
            {"shots": -1},
            {"shots": 10**12 + 1},
            {"shots": 1, "seed": -1},
            {"shots": 1, "seed": 2**128},
            {"shots": 1, "qubits": 0},
            {"shots": 1, "qubits": 2**16 + 1},
            {"shots": 1, "method": "truncate"},
            {"shots": 1, "shot_order": "random"},
            {"shots": 1, "bit_order": "qiskit"},
            {"shots": 1, "register": ()},
            {"shots": 1, "child": "first"},
        ],
    )
    def test_parameters_out_of_range(self, given: Any) -> None:
        with pytest.raises(ValueError, match=next(reversed(given))):
            load({"0": 1}).convert(H1, **given)

    @pytest.mark.parametrize(
        "given",
        [{"shots": 1.0}, {"shots": "1"}, {"shots": True}, {"shots": 1, "seed": 0.5}],
    )
    def test_parameters_of_other_types(self, given: Any) -> None:
        with pytest.raises(TypeError, match=next(reversed(given))):
            load({"0": 1}).convert(H1, **given)


# ----------------------------------------------------------------------------------------------


def shares_of(tally: dict[int, int]) -> dict[int, float]:
    return {state: count / sum(tally.values()) for state, count in tally.items()}


def histogram(tally: dict[int, int], width: int) -> qa.Artifact:
    outcomes = {bitstring(state, width): count for state, count in tally.items()}
    return load(in_register(outcomes, "histogram"), H2)


class TestExpectation:
    @pytest.mark.parametrize("width", [1, 3, 65, 100])
    @given(data=st.data())
    @settings(max_examples=20, deadline=None)
    def test_of_products_of_z(self, width: int, data: st.DataObject) -> None:
        """The mean of (-1)**(number of ones), and sqrt((1 - mean**2) / shots)."""
        tally = data.draw(tallies(width, 1000, zeros=True))
        some = st.lists(st.integers(0, width - 1), min_size=1, max_size=4, unique=True)
        for qubits in (data.draw(some), list(range(width))):
            mean = sum(
                share * math.prod(1 - 2 * (state >> qubit & 1) for qubit in qubits)
                for state, share in shares_of(tally).items()
            )
            error = math.sqrt(max(0, 1 - mean**2) / sum(tally.values()))
            counted = histogram(tally, width)
            of_counts = counted.expectation_z(qubits)
            assert of_counts.value == pytest.approx(mean, abs=1e-12)
            assert of_counts.error == pytest.approx(error, abs=1e-7)
            of_shares = counted.convert(P2).expectation_z(qubits)
            assert of_shares.value == pytest.approx(mean, abs=1e-12)
            assert of_shares.error is None
            if len(qubits) == width:
                assert counted.parity() == of_counts
                assert counted.convert(H1).parity() == of_counts

    def test_by_hand(self) -> None:
        """Three of four shots have qubits 0 and 1 alike; qubit 2 is 1 in one of them."""
        artifact = load(in_register({"000": 2, "110": 1, "011": 1}, "histogram"), H2)
        assert artifact.expectation_z([0, 1]) == (0.5, math.sqrt(0.75 / 4))
        assert artifact.expectation_z([2]) == (0.5, math.sqrt(0.75 / 4))
        assert artifact.expectation_z([0]) == (0.5, math.sqrt(0.75 / 4))
        assert artifact.parity() == (1, 0)
        assert load({"1": 0.5, "2": 0.5}).expectation_z([0, 1]) == (-1, None)

    def test_shots_that_leaked_do_not_count(self) -> None:
        shots = [
            {"registers": {"c": [0]}},
            {"registers": {"c": [1]}, "leakage_bits": [1]},
        ]
        assert load({"shots": shots}, S2).expectation_z([0]) == (1, 0)

    def test_version_1_has_bits_as_far_as_one_looks(self) -> None:
        """Its width is not recorded: what is beyond the largest state is zero."""
        assert load({"1": 3}, H1).expectation_z([0, 40]) == (-1, 0)
        assert load({"0": 3}, H1).parity() == (1, 0)
        assert load(["1", "3", "0"], S1).parity().value == pytest.approx(1 / 3)

    @pytest.mark.parametrize("qubits", [[], [0, 0], [2], [-1]])
    def test_bits_that_are_not_there(self, qubits: list[int]) -> None:
        artifact = load(in_register({"01": 1}, "histogram"), H2)
        for ask in (artifact.expectation_z, artifact.marginal):
            question: Any = ask
            with pytest.raises(ValueError, match="bit"):
                question(qubits)

    def test_of_nothing(self) -> None:
        for empty in ({}, {"0": 0}):
            for ask in ("parity", "top"):
                artifact = load(empty, H1)
                if ask == "top":
                    assert artifact.top(width=1) == [("0", 0)][: len(empty)]
                    continue
                with pytest.raises(qa.ConversionError) as refused:
                    artifact.parity()
                assert refused.value.reason == "no-shots"


class TestTop:
    ARTIFACT: ClassVar = in_register(
        {"000": 5, "100": 9, "001": 5, "010": 0, "011": 9}, "histogram"
    )

    def test_the_largest_first(self) -> None:
        """Of equal ones, the smaller state: "100" is state 1, "001" is state 4."""
        top = load(self.ARTIFACT, H2).top
        assert top(3) == [("100", 9), ("011", 9), ("000", 5)]
        assert top() == [("100", 9), ("011", 9), ("000", 5), ("001", 5), ("010", 0)]
        assert top(2, order="qiskit") == [("001", 9), ("110", 9)]
        assert top(2, "c", order="cirq") == [("100", 9), ("011", 9)]
        assert load({"2": 0.25, "1": 0.75}).top(1, width=2) == [("10", 0.75)]
        assert load(["2", "2", "1"], S1).top(width=2) == [("01", 2), ("10", 1)]

    def test_what_has_to_be_said(self) -> None:
        with pytest.raises(qa.MissingParameter) as missing:
            load({"0": 1}).top(1)
        assert missing.value.parameter == "width"
        order: Any = "big"
        with pytest.raises(ValueError, match="order"):
            load(self.ARTIFACT, H2).top(order=order)


class TestDistances:
    @pytest.mark.parametrize("width", [1, 3, 64, 65])
    @given(data=st.data())
    @settings(max_examples=20, deadline=None)
    def test_against_their_formulas(self, width: int, data: st.DataObject) -> None:
        """Half the sum of |p - q|; and (sum of sqrt(p q))**2, Bhattacharyya's coefficient squared."""
        some = tallies(width, 1000, zeros=True)
        one, two = data.draw(some), data.draw(some)
        p, q = shares_of(one), shares_of(two)
        distance = sum(abs(p.get(at, 0) - q.get(at, 0)) for at in {*p, *q}) / 2
        fidelity = sum(math.sqrt(p.get(at, 0) * q.get(at, 0)) for at in {*p, *q}) ** 2
        first, second = histogram(one, width), histogram(two, width)
        for a, b in itertools.product(
            (first, first.convert(P2), first.convert(H1)),
            (second, second.convert(P1), second.convert(H1).convert(P1)),
        ):
            assert qa.total_variation_distance(a, b) == pytest.approx(distance, abs=1e-12)
            assert qa.hellinger_fidelity(a, b) == pytest.approx(fidelity, abs=1e-12)
            assert qa.total_variation_distance(b, a) == pytest.approx(distance, abs=1e-12)
            assert qa.hellinger_fidelity(b, a) == pytest.approx(fidelity, abs=1e-12)

    def test_by_hand(self) -> None:
        """As in Qiskit's documentation: {"00": 0.5, "11": 0.5} against three quarters and one."""
        ideal, noisy = load({"0": 0.5, "3": 0.5}), load({"0": 75, "3": 25}, H1)
        assert qa.total_variation_distance(ideal, noisy) == 0.25
        expected = (math.sqrt(0.375) + math.sqrt(0.125)) ** 2
        assert qa.hellinger_fidelity(ideal, noisy) == pytest.approx(expected, rel=1e-15)
        assert qa.total_variation_distance(ideal, ideal) == 0
        assert qa.hellinger_fidelity(ideal, ideal) == pytest.approx(1, rel=1e-15)
        assert qa.total_variation_distance(ideal, load({"1": 1})) == 1
        assert qa.hellinger_fidelity(ideal, load({"1": 1})) == 0

    def test_they_stay_within_0_and_1(self) -> None:
        third = load({"0": 1 / 3, "1": 1 / 3, "2": 1 / 3})
        tenths = load({str(state): 0.1 for state in range(10)})
        for artifact in (third, tenths):
            assert 0 <= qa.total_variation_distance(artifact, artifact) <= 1
            assert 0 <= qa.hellinger_fidelity(artifact, artifact) <= 1

    def test_what_cannot_be_compared(self) -> None:
        two, three = histogram({0: 1}, 2), histogram({0: 1}, 3)
        both = load({"histogram": {"registers": {"c": {"00": 1}, "d": {"0": 1}}}}, H2)
        for compare in (qa.total_variation_distance, qa.hellinger_fidelity):
            with pytest.raises(qa.ConversionError) as refused:
                compare(two, three)
            assert refused.value.reason == "width"
            with pytest.raises(qa.ConversionError) as empty:
                compare(load({}, H1), load({"0": 1}, H1))
            assert empty.value.reason == "no-shots"
            with pytest.raises(qa.MissingParameter) as missing:
                compare(both, both)
            assert missing.value.parameter == "register"
            with pytest.raises(qa.UnknownRegister):
                compare(both, two, register="d")
            assert compare(both, two, register="c") == compare(two, two)
