"""Artifacts made of dictionaries, arrays and other artifacts, and proofs of bit orders."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qartifacts as qa
from strategies import AGGREGATE, H1, H2, NATIVE, P1, P2, S1, S2, bitstring, tallies
from support import DRAFT_7, MakeRegistry

CHILD = "06a2099c-f845-7208-8000-8111ee2dccbc"


def load(payload: Any, format: str, **parameters: Any) -> qa.Artifact:
    return qa.load(json.dumps(payload).encode(), format=format, **parameters)


def in_registers(kind: str, **registers: dict[str, Any]) -> Any:
    return {kind: {"registers": registers}}


def kinds(artifact: qa.Artifact) -> list[str]:
    return [change.kind for change in artifact.lost]


def codes(refused: pytest.ExceptionInfo[qa.InvalidArtifact]) -> set[str]:
    return {finding.code for finding in refused.value.report.findings}


#: Two states by every kind of key: qubit 0 alone three times, qubits 1 and 2 once.
KEYS: list[tuple[Any, Any, int | None]] = [
    ({"100": 3, "011": 1}, "wire", None),
    ({"100": 3, "011": 1}, "cirq", None),
    ({"001": 3, "110": 1}, "qiskit", None),
    ({1: 3, 6: 1}, "qiskit", 3),
    ({4: 3, 3: 1}, "cirq", 3),
    ({np.int64(4): np.int64(3), np.uint8(3): np.int32(1)}, "cirq", 3),
]


class TestFromCounts:
    @pytest.mark.parametrize(("counts", "order", "qubits"), KEYS)
    def test_every_kind_of_key(self, counts: Any, order: Any, qubits: int | None) -> None:
        def made(format: str) -> Any:
            artifact = qa.from_counts(counts, format=format, order=order, qubits=qubits)
            assert artifact.format == format
            assert qa.check(artifact.to_bytes(), format=format).passes(strict=True)
            return artifact.payload

        assert made(H2) == in_registers("histogram", output_all={"100": 3, "011": 1})
        assert made(H1) == {"1": 3, "6": 1}
        assert made(P2) == in_registers("probabilities", output_all={"100": 0.75, "011": 0.25})
        assert made(P1) == {"1": 0.75, "6": 0.25}

    @given(data=st.data())
    @settings(max_examples=40, deadline=None)
    def test_all_say_the_same(self, data: st.DataObject) -> None:
        """What is made of a key in any order is what version 1 says of it."""
        width = data.draw(st.sampled_from([1, 2, 5, 64, 65, 100]))
        tally = data.draw(tallies(width, 100))
        expected = {str(state): count for state, count in sorted(tally.items())}
        for order in ("wire", "cirq", "qiskit"):
            named: Any = order
            turn = -1 if order == "qiskit" else 1
            texts = {bitstring(state, width)[::turn]: count for state, count in tally.items()}
            assert qa.from_counts(texts, format=H1, order=named).payload == expected
            if order == "wire":
                continue
            integers = {int(bitstring(state, width)[:: -1 if order == "qiskit" else 1], 2): count for state, count in tally.items()}  # fmt: skip
            by_integer = qa.from_counts(integers, format=H2, order=named, qubits=width)
            assert by_integer.convert(H1).payload == expected

    def test_integers_for_version_1_need_no_width(self) -> None:
        made = qa.from_counts({1: 3, 6: 1}, format=H1, order="qiskit")
        assert made.payload == {"1": 3, "6": 1}
        assert made.lost == ()
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_counts({1: 3, 6: 1}, format=H2, order="qiskit")
        assert missing.value.parameter == "qubits"
        with pytest.raises(qa.MissingParameter) as of_cirq:
            qa.from_counts({1: 3, 6: 1}, format=H1, order="cirq")
        assert of_cirq.value.parameter == "qubits"
        nested: Any = {"a": {1: 3}, "b": {0: 3}}
        for counts, register in ((nested, "output_all"), ({1: 3}, "c")):
            with pytest.raises(qa.MissingParameter) as of_named:
                qa.from_counts(counts, format=H2, order="qiskit", register=register)
            assert of_named.value.parameter == "qubits"

    def test_an_order_is_asked_for_where_it_makes_a_difference(self) -> None:
        for counts, qubits in (({"01": 1}, None), ({"00": 1, "100": 1}, None), ({1: 1}, 2), ({6: 1}, None)):  # fmt: skip
            with pytest.raises(qa.MissingParameter) as missing:
                qa.from_counts(counts, format=H1, qubits=qubits)
            assert missing.value.parameter == "order"
        ghz = in_registers("histogram", output_all={"000": 3, "111": 1})
        symmetric: list[Any] = [{"000": 3, "111": 1}, {0: 3, 7: 1}]
        for counts, order in itertools.product(symmetric, (None, "qiskit", "cirq")):
            named: Any = order
            assert qa.from_counts(counts, format=H2, order=named, qubits=3).payload == ghz
        assert qa.from_counts({0: 3}, format=H1).payload == {"0": 3}

    def test_integers_have_no_wire_order(self) -> None:
        for qubits in (None, 3):
            with pytest.raises(ValueError, match="integers") as refused:
                qa.from_counts({1: 3}, format=H1, order="wire", qubits=qubits)
            assert not isinstance(refused.value, qa.MissingParameter)

    def test_several_registers(self) -> None:
        nested = {"a": {"01": 2, "11": 1}, "b": {"1": 3}}
        expected = in_registers("histogram", a={"10": 2, "11": 1}, b={"1": 3})
        assert qa.from_counts(nested, format=H2, order="qiskit").payload == expected
        by_integer: Any = {"a": {1: 2, 3: 1}, "b": {1: 3}}
        with pytest.raises(qa.ConversionError) as refused:
            qa.from_counts(by_integer, format=H2, order="qiskit", qubits=1)
        assert refused.value.reason == "too-wide"
        wide = qa.from_counts(by_integer, format=H2, order="qiskit", qubits=2)
        assert wide.payload == in_registers("histogram", a={"10": 2, "11": 1}, b={"10": 3})
        named = qa.from_counts({"01": 3}, format=H2, order="wire", register="c")
        assert named.register_names == ("c",)
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_counts(nested, format=H1, order="wire")
        assert missing.value.parameter == "register"

    def test_what_it_says_is_checked(self) -> None:
        broken: list[tuple[Any, str]] = [
            ({"00": 0.5}, "QA210"),
            ({"00": -1}, "QA211"),
            ({"00": 2**53}, "QA212"),
            ({"00": 1, "0": 1}, "QA208"),
            ({"0x1": 1}, "QA207"),
            ({"0 1": 1}, "QA207"),
            ({"00": "1"}, "QA101"),
            ({"00": True}, "QA101"),
            ({"a": {"00": 1}, "b": {"0": 2}}, "QA213"),
        ]
        for counts, code in broken:
            with pytest.raises(qa.InvalidArtifact) as refused:
                qa.from_counts(counts, format=H2, order="wire")
            assert codes(refused) == {code}
        floats: Any = {"00": 2.0, "11": 0}
        assert qa.from_counts(floats, format=H1).payload == {"0": 2, "3": 0}

    def test_nothing_was_counted(self) -> None:
        for counts in ({}, {"00": 0}, {0: 0}):
            for format in (H1, H2, P1, P2):
                with pytest.raises(qa.ConversionError) as refused:
                    qa.from_counts(counts, format=format, qubits=2)
                assert refused.value.reason == "no-shots"

    def test_wrong_keys(self) -> None:
        for key, error in ((1.0, TypeError), (True, TypeError), (None, TypeError), (-1, ValueError)):  # fmt: skip
            counts: Any = {key: 1}
            for qubits in (None, 3):
                with pytest.raises(error):
                    qa.from_counts(counts, format=H1, order="qiskit", qubits=qubits)
        for qubits in (0, -1, 2**16 + 1):
            with pytest.raises(ValueError):  # noqa: PT011
                qa.from_counts({0: 1}, format=H2, qubits=qubits)

    def test_a_state_that_does_not_fit(self) -> None:
        for order in ("qiskit", "cirq"):
            named: Any = order
            with pytest.raises(qa.ConversionError) as refused:
                qa.from_counts({9: 1}, format=H2, order=named, qubits=3)
            assert refused.value.reason == "too-wide"
        with pytest.raises(qa.ConversionError) as of_text:
            qa.from_counts({"0110": 1}, format=H2, qubits=3)
        assert of_text.value.reason == "width"

    def test_other_orders_and_formats(self) -> None:
        order: Any = "qiskt"
        for counts in ({"01": 1}, {1: 1}):
            with pytest.raises(ValueError, match="order"):
                qa.from_counts(counts, format=H1, order=order)
        with pytest.raises(qa.UnknownFormat):
            qa.from_counts({"0": 1}, format="ionq.result.histogram.json.v9")
        with pytest.raises(qa.UnsupportedConversion):
            qa.from_counts({"0": 1}, format=NATIVE)
        for format, parameter in ((S1, "shot_order"), (S2, "shot_order"), (AGGREGATE, "child")):
            with pytest.raises(qa.MissingParameter) as missing:
                qa.from_counts({"0": 1}, format=format)
            assert missing.value.parameter == parameter

    def test_keys_of_both_kinds(self) -> None:
        counts: Any = {"01": 3, 1: 4}
        with pytest.raises((ValueError, TypeError)):
            qa.from_counts(counts, format=H2, order="qiskit", qubits=2)

    def test_a_list_is_no_mapping(self) -> None:
        counts: Any = [3, 1]
        with pytest.raises(TypeError):
            qa.from_counts(counts, format=H1)

    def test_a_width_that_is_not_that_of_the_keys(self) -> None:
        with pytest.raises(qa.ConversionError) as refused:
            qa.from_counts({"00": 1}, format=H2, register="c", qubits=3)
        assert refused.value.reason == "width"

    def test_the_order_is_told(self) -> None:
        made = qa.from_counts({"01": 3}, format=H2, order="qiskit")
        assert made.provenance()["steps"][0]["operation"] == "make"
        assert made.provenance()["steps"][0]["parameters"]["order"] == "qiskit"


class TestFromProbabilities:
    @pytest.mark.parametrize(("counts", "order", "qubits"), KEYS)
    def test_every_kind_of_key(self, counts: Any, order: Any, qubits: int | None) -> None:
        shares = {key: count / 4 for key, count in counts.items()}

        def made(format: str) -> Any:
            return qa.from_probabilities(
                shares, format=format, order=order, qubits=qubits
            ).payload  # fmt: skip

        assert made(P2) == in_registers("probabilities", output_all={"100": 0.75, "011": 0.25})
        assert made(P1) == {"1": 0.75, "6": 0.25}

    def test_arrays(self) -> None:
        """The index is the state; what is impossible is left out."""
        array = np.array([0, 0.75, 0, 0, 0, 0, 0.25, 0])
        for format, payload in (
            (P1, {"1": 0.75, "6": 0.25}),
            (P2, in_registers("probabilities", output_all={"100": 0.75, "011": 0.25})),
        ):
            for given_as in (array, array.tolist(), array.astype(np.float32)):
                some: Any = given_as
                made = qa.from_probabilities(some, format=format, order="qiskit")
                assert made.payload == payload
        cirq = qa.from_probabilities(array, format=P1, order="cirq")
        assert cirq.payload == {"4": 0.75, "3": 0.25}
        ghz = np.array([0.5, 0, 0, 0.5])
        assert qa.from_probabilities(ghz, format=P1).payload == {"0": 0.5, "3": 0.5}
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_probabilities(array, format=P1)
        assert missing.value.parameter == "order"
        for qubits in (2, 4):
            with pytest.raises(ValueError, match="is one of 3 qubits"):
                qa.from_probabilities(array, format=P1, qubits=qubits, order="qiskit")

    @pytest.mark.parametrize("shape", [(0,), (1,), (3,), (6,), (2, 2), ()])
    def test_arrays_of_other_shapes(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match="2"):
            qa.from_probabilities(np.full(shape, 0.5), format=P1)

    def test_what_it_says_is_checked(self) -> None:
        broken: list[tuple[Any, str]] = [
            ({"0": 0.5}, "QA201"),
            ({"0": 0.6, "1": 0.459}, "QA201"),
            ({"0": 1.5, "1": -0.5}, "QA203"),
            ({}, "QA204"),
            ({"0": Fraction(1)}, "QA017"),
            ({"0": float("nan")}, "QA009"),
            (np.zeros(4), "QA204"),
            (np.array([0.5, 0.4]), "QA201"),
            (np.array([np.nan, 1]), "QA009"),
        ]
        for probabilities, code in broken:
            with pytest.raises(qa.InvalidArtifact) as refused:
                qa.from_probabilities(probabilities, format=P1, order="qiskit")
            assert codes(refused) == {code}

    def test_settings_and_registry_go_along(self, make_registry: MakeRegistry) -> None:
        lenient = qa.Settings(ignore={"QA201"})
        made = qa.from_probabilities({"0": 0.5}, format=P1, settings=lenient)
        assert made.payload == {"0": 0.5}
        registry = make_registry({P2: {"$schema": DRAFT_7, "required": ["note"]}, P1: {"$schema": DRAFT_7}})  # fmt: skip
        with pytest.raises(qa.InvalidArtifact) as refused:
            qa.from_probabilities({"0": 1}, format=P1, registry=registry)
        assert codes(refused) == {"QA102"}


class TestFromShots:
    BITS = ((1, 0, 0), (1, 0, 0), (0, 1, 1), (1, 0, 0))

    def every_kind(self) -> list[tuple[Any, Any]]:
        wire = np.array(self.BITS)
        return [
            (wire, "wire"),
            (wire.tolist(), "cirq"),
            (wire[:, ::-1], "qiskit"),
            (wire.astype(bool), "wire"),
            (wire.astype(float), "wire"),
            (["100", "100", "011", "100"], "wire"),
            (("001", "001", "110", "001"), "qiskit"),
            ({"output_all": ["100", "100", "011", "100"]}, "cirq"),
        ]

    def test_every_kind(self) -> None:
        for shots, order in self.every_kind():
            made = qa.from_shots(shots, format=S2, order=order)
            assert [shot["registers"]["output_all"] for shot in made.payload["shots"]] == [
                list(bits) for bits in self.BITS
            ]
            assert made.lost == ()
            assert made.provenance()["steps"][0] == {
                "operation": "make",
                "from": None,
                "to": S2,
                "parameters": {"order": order},
                "changes": [],
            }
            for format, payload in (
                (S1, ["1", "1", "6", "1"]),
                (H1, {"1": 3, "6": 1}),
                (H2, in_registers("histogram", output_all={"100": 3, "011": 1})),
                (P1, {"1": 0.75, "6": 0.25}),
                (P2, in_registers("probabilities", output_all={"100": 0.75, "011": 0.25})),
            ):
                assert qa.from_shots(shots, format=format, order=order).payload == payload

    def test_an_order_is_asked_for_where_it_makes_a_difference(self) -> None:
        asymmetric: list[Any] = [np.array(self.BITS), ["01"], {"a": ["0"], "b": ["01"]}]
        for shots in asymmetric:
            with pytest.raises(qa.MissingParameter) as missing:
                qa.from_shots(shots, format=S2)
            assert missing.value.parameter == "order"
        made = qa.from_shots(["000", "101"], format=S1)
        assert made.payload == ["0", "5"]
        assert made.provenance()["steps"][0]["parameters"] == {}

    def test_several_registers(self) -> None:
        shots = {"a": np.array([[0, 1], [1, 1]]), "b": ["1", "0"]}
        made = qa.from_shots(shots, format=S2, order="wire")
        assert made.register_names == ("a", "b")
        assert made.counts(order="qiskit") == {"1 10": 1, "0 11": 1}
        assert qa.from_shots(["1"], format=S2, register="c").register_names == ("c",)
        assert kinds(qa.from_shots(shots, format=H2, order="wire")) == ["shot-order", "correlations"]  # fmt: skip

    @pytest.mark.parametrize(
        "shots",
        [
            [],
            {},
            ["01", "1"],
            ["01", "0x"],
            ["01", "0 "],
            [1, 0],
            [[0, 2]],
            [[0, 0.5]],
            [[0, float("nan")]],
            [["0", "1"]],
            [[0, 1], [1]],
            [[[0]]],
            {"a": ["0"], "b": ["0", "1"]},
            np.array([0, 1]),
        ],
    )
    def test_what_is_not_made_of_bits(self, shots: Any) -> None:
        with pytest.raises(ValueError):  # noqa: PT011
            qa.from_shots(shots, format=S2, order="wire")

    def test_other_things(self) -> None:
        for shots in (None, 3):
            some: Any = shots
            with pytest.raises(TypeError):
                qa.from_shots(some, format=S2, order="wire")
        order: Any = "last"
        with pytest.raises(ValueError, match="order"):
            qa.from_shots(["01"], format=S2, order=order)
        with pytest.raises(qa.UnknownFormat):
            qa.from_shots(["0"], format="ionq.result.shots.json.v9")

    def test_one_text_is_not_a_sequence_of_them(self) -> None:
        with pytest.raises((ValueError, TypeError)):
            qa.from_shots("0110", format=S2)

    def test_no_shots_at_all(self) -> None:
        with pytest.raises(ValueError, match="one at least"):
            qa.from_shots(np.zeros((0, 3)), format=S2)


class TestPool:
    def test_histograms_add_up(self) -> None:
        parts = [{"0": 3, "5": 1}, {"5": 2, "18446744073709551616": 4}, {"0": 0}]
        pooled = qa.pool(load(each, H1) for each in parts)
        assert pooled.payload == {"0": 3, "5": 3, "18446744073709551616": 4}
        assert pooled.shots == 10
        assert pooled.format == H1
        two = [
            in_registers("histogram", a={"01": 3}, b={"0": 1, "1": 2}),
            in_registers("histogram", b={"1": 5}, a={"11": 1, "01": 4}),
        ]
        assert qa.pool([load(each, H2) for each in two]).payload == in_registers(
            "histogram", a={"01": 7, "11": 1}, b={"0": 1, "1": 7}
        )
        assert qa.pool([load({}, H1), load({"1": 2}, H1)]).payload == {"1": 2}

    def test_probabilities_are_weighted_by_their_shots(self) -> None:
        one, two = load({"0": 0.5, "3": 0.5}, P1), load({"0": 1}, P1)
        assert qa.pool([one, two], shots=[300, 100]).payload == {"0": 0.625, "3": 0.375}
        assert qa.pool([one, two], shots=(1, 1)).payload == {"0": 0.75, "3": 0.25}
        with pytest.raises(qa.MissingParameter) as missing:
            qa.pool([one, two])
        assert missing.value.parameter == "shots"
        for weights in ([1], [1, 2, 3], [0, 1], [1, -1], []):
            with pytest.raises(ValueError, match="shots"):
                qa.pool([one, two], shots=weights)

    @given(data=st.data())
    @settings(max_examples=30, deadline=None)
    def test_pooled_probabilities_are_those_of_pooled_counts(self, data: st.DataObject) -> None:
        """Divide then pool, or pool then divide: the same."""
        width = data.draw(st.sampled_from([1, 5, 65]))
        tally = data.draw(st.lists(tallies(width, 1000), min_size=1, max_size=4))
        counted = [
            qa.from_counts({bitstring(state, width): count for state, count in each.items()}, format=H2, order="wire")
            for each in tally
        ]  # fmt: skip
        divided = [each.convert(P2) for each in counted]
        shots = [sum(each.values()) for each in tally]
        pooled = qa.pool(divided, shots=shots)
        expected = qa.pool(counted).convert(P2)
        assert pooled.probabilities() == pytest.approx(expected.probabilities(), abs=1e-12)
        assert list(pooled.probabilities()) == list(expected.probabilities())
        # However often the same is pooled, nothing is more than certain.
        assert qa.pool(divided * 7, shots=shots * 7).report.ok

    def test_shots_follow_each_other(self) -> None:
        assert qa.pool([load(["1", "0"], S1), load(["5"], S1)]).payload == ["1", "0", "5"]
        plain = {"registers": {"c": [0, 1], "d": [1]}}
        other = {"registers": {"d": [0], "c": [1, 1]}}
        leaked = {"registers": {"c": [1, 1], "d": [0]}, "leakage_bits": [1]}
        pooled = qa.pool([load({"shots": [plain]}, S2), load({"shots": [leaked, other]}, S2)])
        assert pooled.payload == {"shots": [plain, leaked, other]}
        assert (pooled.shots, pooled.leaked) == (2, 1)
        one = load({"shots": [plain]}, S2)
        assert qa.pool([one, one]).leaked == 0
        shots: list[Any] = [{"registers": {}}]
        for listed in ([], shots):
            nothing = load({"shots": listed}, S2)
            assert qa.pool([nothing, nothing]).payload == {"shots": listed * 2}

    def test_bits_of_wide_registers(self) -> None:
        """States of other numbers of words are added up and listed alike."""
        small, large = load({"1": 1}, H1), load({str(2**70): 2}, H1)
        assert qa.pool([small, large]).payload == {"1": 1, str(2**70): 2}
        shots = [load(["1"], S1), load([str(2**70)], S1)]
        assert qa.pool(shots).payload == ["1", str(2**70)]

    def test_a_bit_order_goes_along(self) -> None:
        reverse = load(in_registers("histogram", c={"01": 1}), H2, bit_order="reversed")
        wire = load(in_registers("histogram", c={"10": 2}), H2)
        assert qa.pool([reverse, wire]).payload == in_registers("histogram", c={"01": 3})
        assert qa.pool([wire, reverse]).payload == in_registers("histogram", c={"10": 3})
        assert qa.pool([reverse, wire]).bit_order == "reversed"

    def test_what_was_lost_before_is_still_told(self) -> None:
        parts = [load(each, S1).convert(H1) for each in (["1"], ["0", "1"])]
        pooled = qa.pool(parts)
        assert kinds(pooled) == ["shot-order", "shot-order"]
        (step,) = pooled.provenance()["steps"]
        assert (step["operation"], step["parameters"]["number"]) == ("pool", 2)

    def test_what_cannot_be_pooled(self) -> None:
        with pytest.raises(ValueError, match="nothing"):
            qa.pool([])
        with pytest.raises(ValueError, match="format"):
            qa.pool([load({"0": 1}, H1), load({"0": 1}, P1)])
        a, b, wide = (
            load(in_registers("histogram", **each), H2)
            for each in ({"a": {"0": 1}}, {"b": {"0": 1}}, {"a": {"00": 1}})
        )
        shots = [
            load({"shots": [{"registers": each}]}, S2)
            for each in ({"a": [0]}, {"b": [0]}, {"a": [0, 0]})
        ]
        aggregate = load({CHILD: {"0": 1}}, AGGREGATE)
        for parts, reason in (
            ([a, b], "registers"),
            ([a, wide], "width"),
            (shots[:2], "registers"),
            (shots[::2], "width"),
            ([aggregate, aggregate], "children"),
        ):
            with pytest.raises(qa.ConversionError) as refused:
                qa.pool(parts)
            assert refused.value.reason == reason

    def test_weights_of_numpy(self) -> None:
        one = load({"0": 1}, P1)
        weights: Any = np.array([1, 2])
        pooled = qa.pool([one, one], shots=weights)
        assert json.loads(json.dumps(pooled.provenance()))

    @pytest.mark.parametrize("weight", [float("nan"), float("inf")])
    def test_weights_are_finite(self, weight: Any) -> None:
        one = load({"0": 1}, P1)
        with pytest.raises((ValueError, TypeError)):
            qa.pool([one, one], shots=[weight, 2])


class TestBitOrder:
    #: Version 1, and version 2 in wire order, of one state that is not symmetric.
    V1 = ((P1, {"1": 0.75, "6": 0.25}), (H1, {"1": 3, "6": 1}), (S1, ["1", "6", "1", "1"]))
    V2 = (
        (P2, in_registers("probabilities", output_all={"100": 0.75, "011": 0.25})),
        (H2, in_registers("histogram", output_all={"100": 3, "011": 1})),
        (
            S2,
            {
                "shots": [
                    {"registers": {"output_all": [0, 1, 1]}},
                    {"registers": {"output_all": [1, 0, 0]}},
                    {"registers": {"output_all": [1, 0, 0]}},
                    {"registers": {"output_all": [0, 0, 0]}, "leakage_bits": [1]},
                    {"registers": {"output_all": [1, 0, 0]}},
                ]
            },
        ),
    )

    @pytest.mark.parametrize("one", V1, ids=lambda each: each[0][12:])
    @pytest.mark.parametrize("two", V2, ids=lambda each: each[0][12:])
    def test_all_answers_of_all_kinds(self, one: Any, two: Any) -> None:
        v1, v2 = load(one[1], one[0]), load(two[1], two[0])
        assert qa.prove_bit_order(v1, v2) is qa.BitOrderProof.WIRE
        other = v2.convert(two[0], output_bit_order="reversed")
        assert qa.prove_bit_order(v1, load(other.payload, two[0])) == "reversed"
        # How it is said to have been written is what is to be proven, and makes no difference.
        assert qa.prove_bit_order(v1, other) == "reversed"
        assert qa.prove_bit_order(v1, load(two[1], two[0], bit_order="reversed")) == "wire"
        # A palindrome proves nothing.
        ghz = load({"0": 0.5, "7": 0.5}, P1)
        for format in (P2, H2, S2):
            made = ghz.convert(format, qubits=3, shots=2, shot_order="sorted")
            symmetric = ghz.convert(one[0], shots=2, shot_order="sorted")
            assert qa.prove_bit_order(symmetric, made) == "undecidable"
            assert qa.prove_bit_order(v1, made) == "inconsistent"
            assert qa.prove_bit_order(symmetric, v2) == "inconsistent"

    def test_symmetric_without_palindromes(self) -> None:
        """Where "10" and "01" are as likely, both orders say the same."""
        v1 = load({"1": 0.5, "2": 0.5}, P1)
        v2 = load(in_registers("probabilities", output_all={"10": 0.5, "01": 0.5}), P2)
        assert qa.prove_bit_order(v1, v2) == "undecidable"

    def test_a_state_wider_than_the_register(self) -> None:
        v2 = load(in_registers("histogram", output_all={"01": 1}), H2)
        assert qa.prove_bit_order(load({"4": 1}, H1), v2) == "inconsistent"

    @pytest.mark.parametrize("width", [65, 100, 128])
    def test_wide_registers(self, width: int) -> None:
        v1 = load({"1": 0.5, str(2 ** (width - 2)): 0.5}, P1)
        for order in ("wire", "reversed"):
            bit_order: Any = order
            v2 = v1.convert(P2, qubits=width, output_bit_order=bit_order)
            assert qa.prove_bit_order(v1, load(v2.payload, P2)) == order

    @pytest.mark.parametrize(("off", "answer"), [(0.2e-7, "wire"), (0.5e-7, "inconsistent")])
    def test_shares_are_the_same_within_a_ten_millionth_of_them(
        self, off: float, answer: str
    ) -> None:
        v1 = load({"1": 0.75 + off, "6": 0.25 - off}, P1)
        assert qa.prove_bit_order(v1, load(self.V2[0][1], P2)) == answer

    def test_one_shot_in_a_million_tells(self) -> None:
        v1 = load({"1": 500_001, "2": 500_000}, H1)
        for wire, answer in (("10", "wire"), ("01", "reversed")):
            other = "01" if wire == "10" else "10"
            v2 = load(in_registers("histogram", output_all={wire: 500_001, other: 500_000}), H2)
            assert qa.prove_bit_order(v1, v2) == answer
            assert qa.prove_bit_order(v1.convert(P1), v2) == answer

    def test_other_registers(self) -> None:
        v1 = load({"1": 1}, P1)
        v2 = load(in_registers("probabilities", c={"10": 1}, output_all={"01": 1}), P2)
        assert qa.prove_bit_order(v1, v2) == "reversed"
        assert qa.prove_bit_order(v1, v2, register="c") == "wire"
        with pytest.raises(qa.UnknownRegister):
            qa.prove_bit_order(v1, v2, register="d")

    def test_what_cannot_be_compared(self) -> None:
        v1, v2 = load({"1": 1}, P1), load(self.V2[0][1], P2)
        aggregate = load({CHILD: {"1": 1}}, AGGREGATE)
        for one, two in ((v2, v1), (v1, v1), (v2, v2), (aggregate, v2)):
            with pytest.raises(ValueError, match="version"):
                qa.prove_bit_order(one, two)
        with pytest.raises(qa.ConversionError) as refused:
            qa.prove_bit_order(load({"qubits": 1, "circuit": []}, NATIVE), v2)
        assert refused.value.reason == "unsupported"

    @pytest.mark.parametrize("counts", [{}, {"0": 0}])
    def test_nothing_was_counted(self, counts: dict[str, int]) -> None:
        empty = load(in_registers("histogram", output_all={"00": 0}), H2)
        for v1, v2 in (
            (load(counts, H1), load(self.V2[0][1], P2)),
            (load({"1": 1}, P1), empty),
            (load(counts, H1), empty),
        ):
            with pytest.raises(qa.ConversionError) as refused:
                qa.prove_bit_order(v1, v2)
            assert refused.value.reason == "no-shots"
