"""Results as other clouds hand them out: read, converted, and held against their own readers."""

from __future__ import annotations

import copy
import importlib
import json
import os
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.conversion import CONVERSIONS, Kind
from qartifacts.hardware import Limits, crosschecks
from qartifacts.identifiers import VENDOR_FORMATS
from strategies import AZURE, BRAKET, H1, H2, MICROSOFT, P1, P2, PAYLOADS, S1, S2
from support import DRAFT_7, Run

CASES = Path(__file__).parent / "cases"
TARGETS = (P1, P2, H1, H2, S1, S2)


def good(format: str, name: str) -> qa.Artifact:
    return qa.load(CASES / format / "good" / f"{name}.json", format=format)


def microsoft(*results: dict[str, Any]) -> dict[str, Any]:
    return {"DataFormat": MICROSOFT, "Results": list(results)}


def outcome(bits: Any, count: int) -> dict[str, Any]:
    if isinstance(bits, dict):
        return {
            "Outcome": bits,
            "Display": f"({', '.join(map(str, bits.values()))})",
            "Count": count,
        }
    return {"Outcome": bits, "Display": str(bits), "Count": count}


def task(shots: int = 4, **members: Any) -> dict[str, Any]:
    metadata = {"id": "a", "shots": shots, "deviceId": "b"}
    return {**members, "taskMetadata": metadata, "additionalMetadata": {}}


def kinds(artifact: qa.Artifact) -> set[str]:
    return {str(change.kind) for change in artifact.lost}


# ----------------------------------------------------------------------------------------------
# Reading


class TestReading:
    def test_azure_holds_probabilities_with_qubit_0_least_significant(self) -> None:
        artifact = good(AZURE, "asymmetric")
        assert artifact.format == AZURE
        assert artifact.register_names == ("output_all",)
        assert (artifact.shots, artifact.leaked, artifact.width()) == (None, None, None)
        assert artifact.probabilities(width=3) == {"100": 0.75, "011": 0.25}
        assert artifact.probabilities(width=3, order="qiskit") == {"001": 0.75, "110": 0.25}
        with pytest.raises(qa.ConversionError) as refused:
            artifact.counts(width=3)
        assert refused.value.reason == "no-counts"

    @pytest.mark.parametrize("name", ["shots", "histogram-only"])
    def test_microsoft_has_what_was_recorded_first_leftmost(self, name: str) -> None:
        artifact = good(MICROSOFT, name)
        assert artifact.register_names == ("output_all",)
        assert (artifact.shots, artifact.leaked, artifact.width()) == (4, None, 3)
        assert artifact.counts() == {"011": 1, "100": 3}
        assert artifact.distribution().counted

    def test_microsoft_lists_shots_in_their_order(self) -> None:
        bits = good(MICROSOFT, "shots").bits()
        assert bits.tolist() == [[1, 0, 0], [0, 1, 1], [1, 0, 0], [1, 0, 0]]
        with pytest.raises(qa.ConversionError):
            good(MICROSOFT, "histogram-only").bits()

    def test_a_tuple_holds_registers_by_the_names_of_its_items(self) -> None:
        artifact = good(MICROSOFT, "tuple")
        assert artifact.register_names == ("Item1", "Item2")
        assert (artifact.width("Item1"), artifact.width("Item2")) == (2, 1)
        assert artifact.counts("Item1") == {"10": 3}
        assert artifact.counts("Item2") == {"0": 2, "1": 1}
        # The order of the items is that of their numbers, wherever they stand.
        assert artifact.counts(order="qiskit") == {"0 01": 2, "1 01": 1}
        with pytest.raises(qa.MissingParameter):
            artifact.counts()

    def test_outcomes_that_differ_elsewhere_are_one_of_a_register(self) -> None:
        payload = microsoft(
            {
                "Histogram": [
                    outcome({"Item1": [1, 0], "Item2": [0]}, 2),
                    outcome({"Item1": [0, 1], "Item2": [0]}, 4),
                    outcome({"Item1": [1, 0], "Item2": [1]}, 3),
                ]
            }
        )
        artifact = qa.load(payload)
        assert artifact.counts("Item1") == {"01": 4, "10": 5}
        assert artifact.counts("Item2") == {"0": 6, "1": 3}
        assert artifact.shots == 9

    def test_single_bits(self) -> None:
        assert good(MICROSOFT, "one-bit").counts() == {"0": 2, "1": 1}
        artifact = good(MICROSOFT, "tuple-of-bits")
        assert (artifact.counts("Item1"), artifact.counts("Item2")) == ({"1": 5}, {"0": 5})

    @pytest.mark.parametrize("name", ["failed-shots", "failed-outcomes"])
    def test_shots_that_failed_are_left_out_and_said_to_be(self, name: str) -> None:
        artifact = good(MICROSOFT, name)
        assert (artifact.shots, artifact.leaked) == (2, None)
        assert artifact.counts() == {"10": 2}
        made = artifact.convert(H2)
        (change,) = (each for each in made.lost if each.kind == Kind.FAILED_SHOTS)
        assert change.number == 1

    def test_an_error_within_an_outcome_fails_the_whole_shot(self) -> None:
        broken = {"Item1": [0, {"Error": {"Name": "a"}}], "Item2": [1]}
        entries = [
            outcome({"Item1": [0, 1], "Item2": [1]}, 2),
            {"Outcome": broken, "Display": "Error", "Count": 3},
        ]
        artifact = qa.load(microsoft({"Histogram": entries}))
        assert artifact.shots == 2
        assert json.loads(artifact.to_bytes())["Results"][0]["Histogram"][1]["Outcome"] == broken

    def test_braket_follows_the_measured_qubits(self) -> None:
        assert good(BRAKET, "probabilities").probabilities() == {"011": 0.25, "100": 0.75}
        # Character 0 is qubit 2.
        assert good(BRAKET, "qubits-reversed").probabilities() == {"001": 0.75, "110": 0.25}
        # Of the qubits 7, 0 and 5, in their order 0, 5, 7.
        artifact = good(BRAKET, "some-qubits")
        assert artifact.bits().tolist() == [[0, 0, 1], [1, 1, 0], [0, 0, 1], [0, 0, 1]]
        assert artifact.counts() == {"001": 3, "110": 1}

    def test_what_braket_records(self) -> None:
        for name, shots, width in [
            ("probabilities", 4, 3),
            ("measurements", 4, 3),
            ("both", 4, 3),
            ("fewer-measurements", 4, 3),
            ("exact", None, 2),
            ("no-shot", 0, None),
        ]:
            artifact = good(BRAKET, name)
            assert artifact.register_names == ("output_all",)
            assert (artifact.shots, artifact.leaked, artifact.width()) == (shots, None, width), name

    @pytest.mark.parametrize(
        ("format", "name"), [(AZURE, "asymmetric"), (BRAKET, "some-qubits"), (BRAKET, "nulls")]
    )
    def test_the_order_of_bits_is_the_format_s_own(self, format: str, name: str) -> None:
        path = CASES / format / "good" / f"{name}.json"
        one = qa.load(path, format=format)
        other = qa.load(path, format=format, bit_order="reversed")
        width = one.width() or 3
        assert one.probabilities(width=width) == other.probabilities(width=width)

    def test_programs_may_record_the_last_bit_first(self) -> None:
        """Programs made of Qiskit's circuits do; no file tells."""
        path = CASES / MICROSOFT / "good" / "tuple.json"
        artifact = qa.load(path, bit_order="reversed")
        assert artifact.counts("Item1") == {"01": 3}
        made = artifact.convert(S2, output_bit_order="wire")
        assert json.loads(made.to_bytes())["shots"][0]["registers"]["Item1"] == [0, 1]


class TestBatches:
    def test_each_result_is_given_by_its_index(self) -> None:
        batch = good(MICROSOFT, "batch")
        assert (batch.register_names, batch.shots, batch.width()) == ((), None, None)
        parts = batch.split()
        assert list(parts) == ["0", "1"]
        assert parts["0"].counts() == {"011": 1, "100": 3}
        assert parts["1"].counts() == {"1": 2}
        assert {part.format for part in parts.values()} == {MICROSOFT}
        (alone,) = good(MICROSOFT, "shots").split().values()
        assert alone.payload == good(MICROSOFT, "shots").payload

    def test_a_batch_is_no_one_result(self, run: Run) -> None:
        batch = good(MICROSOFT, "batch")
        for ask in (batch.counts, batch.bits, lambda: batch.convert(H2)):
            with pytest.raises(qa.ConversionError) as refused:
                ask()
            assert refused.value.reason == "batch"
        path = CASES / MICROSOFT / "good" / "batch.json"
        shown = run("show", path)
        assert shown.exit_code == 0
        assert "2, of as many circuits" in shown.stdout
        assert "2, of as many circuits" in batch._repr_html_()
        done = run("convert", path, "--to", H2)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "split()" in done.stderr


# ----------------------------------------------------------------------------------------------
# Detection


class TestDetection:
    @pytest.mark.parametrize(
        ("payload", "format"),
        [
            ({"histogram": {"0": 0.5, "7": 0.5}, "duration": 1}, AZURE),
            ({"histogram": {"0": 0.5, "7": 0.5}}, AZURE),
            ({"histogram": {}, "duration": 1}, AZURE),
            ({"histogram": {"registers": {"output_all": {"01": 3}}}}, H2),
            ({"histogram": {"registers": {}}, "duration": 1}, H2),
            ({"histogram": {}}, None),
            ({"histogram": {"x": 1}}, None),
            ({"histogram": {"0": 1}, "id": "a", "status": "completed"}, None),
            ({"data": {"histogram": {"0": 1}}, "id": "a"}, None),
            (microsoft({"Histogram": [outcome([0, 1], 1)]}), MICROSOFT),
            ({"DataFormat": MICROSOFT}, MICROSOFT),
            ({"Results": [{"Histogram": []}]}, MICROSOFT),
            ({"Results": []}, None),
            ({"Results": [1]}, None),
            (task(measurements=[[1]], measuredQubits=[0]), BRAKET),
            (task(measurementProbabilities={"1": 1}), BRAKET),
            ({"braketSchemaHeader": {"name": "braket.task_result.gate_model_task_result"}}, BRAKET),
            (
                {
                    **task(measurements=[[1]]),
                    "braketSchemaHeader": {"name": "braket.task_result.annealing_task_result"},
                },
                None,
            ),
            ({"measurements": [[1]]}, None),
            ({"shots": [], "measurements": [], "measuredQubits": []}, "several"),
        ],
        ids=str,
    )
    def test_by_content(self, payload: Any, format: str | None) -> None:
        report = qa.check(payload)
        codes = {each.code for each in report.findings}
        if format == "several":
            assert "QA021" in codes
        elif format is None:
            assert "QA020" in codes
        else:
            assert report.format == format

    @pytest.mark.parametrize("format", VENDOR_FORMATS)
    def test_every_good_case_by_its_content(self, format: str) -> None:
        for path in sorted((CASES / format / "good").glob("*.json")):
            assert qa.check(path.read_bytes()).format == format, path.name

    def test_by_name(self, tmp_path: Path) -> None:
        for format in VENDOR_FORMATS:
            path = tmp_path / f"job.{format}.json"
            path.write_bytes(b"{}")
            report = qa.check(path)
            assert report.format == format
            assert not report.ok
        unknown = tmp_path / "job.microsoft.quantum-results.v1.json"
        unknown.write_bytes(b"{}")
        assert [each.code for each in qa.check(unknown).findings] == ["QA022"]

    def test_neither_is_good_as_the_other(self) -> None:
        azure, histogram = {"histogram": {"0": 1}}, {"histogram": {"registers": {"c": {"0": 1}}}}
        assert not qa.check(azure, format=H2).ok
        assert not qa.check(histogram, format=AZURE).ok


# ----------------------------------------------------------------------------------------------
# Converting


def _first_qubit(format: str, width: int) -> Any:
    """Three of four shots have qubit 0 alone in 1; the fourth has all but that."""
    one, other = [1] + [0] * (width - 1), [0] + [1] * (width - 1)
    if format == AZURE:
        return {"histogram": {"1": 0.75, str(2**width - 2): 0.25}}
    if format == MICROSOFT:
        return microsoft({"Histogram": [outcome(one, 3), outcome(other, 1)]})
    # From the last qubit to the first.
    keys = {"".join(map(str, one[::-1])): 0.75, "".join(map(str, other[::-1])): 0.25}
    return task(measurementProbabilities=keys, measuredQubits=list(range(width))[::-1])


class TestConverting:
    @pytest.mark.parametrize("width", [2, 3, 5, 20, 64, 65])
    @pytest.mark.parametrize("target", TARGETS)
    @pytest.mark.parametrize("format", VENDOR_FORMATS)
    def test_qubit_0_stays_qubit_0(self, format: str, target: str, width: int) -> None:
        artifact = qa.load(_first_qubit(format, width), format=format)
        shots = 4 if format == AZURE else None
        made = artifact.convert(target, qubits=width, shots=shots, shot_order="sorted")
        again = qa.load(made.to_bytes(), format=target)
        one, other = "1" + "0" * (width - 1), "0" + "1" * (width - 1)
        assert again.probabilities(width=width) == {one: 0.75, other: 0.25}
        if target in (H1, H2, S1, S2):
            assert again.counts(width=width) == {one: 3, other: 1}

    def test_single_shots_keep_their_order(self) -> None:
        for artifact in (good(MICROSOFT, "shots"), good(BRAKET, "measurements")):
            made = artifact.convert(S1)
            assert made.payload == ["1", "6", "1", "1"]
            assert "shot-order" not in kinds(made)

    def test_what_is_recorded_is_not_asked_for(self) -> None:
        assert good(BRAKET, "probabilities").convert(H1).payload == {"1": 3, "6": 1}
        assert good(BRAKET, "measurements").convert(H1).payload == {"1": 3, "6": 1}
        assert good(MICROSOFT, "histogram-only").convert(H1).payload == {"1": 3, "6": 1}

    @pytest.mark.parametrize(
        ("format", "name", "target", "given", "missing"),
        [
            (AZURE, "asymmetric", P2, {}, "qubits"),
            (AZURE, "asymmetric", H1, {}, "shots"),
            (AZURE, "asymmetric", S1, {"shots": 4}, "shot_order"),
            (BRAKET, "exact", H2, {}, "shots"),
            (BRAKET, "exact", S2, {"shots": 4}, "shot_order"),
            (BRAKET, "probabilities", S1, {}, "shot_order"),
            (MICROSOFT, "histogram-only", S2, {}, "shot_order"),
            (MICROSOFT, "tuple", H1, {}, "register"),
        ],
    )
    def test_what_is_not_recorded_has_to_be_given(
        self, format: str, name: str, target: str, given: dict[str, Any], missing: str
    ) -> None:
        with pytest.raises(qa.MissingParameter) as refused:
            good(format, name).convert(target, **given)
        assert refused.value.parameter == missing

    def test_another_number_of_shots_than_is_recorded(self) -> None:
        artifact = good(BRAKET, "probabilities")
        assert artifact.convert(H1, shots=4).payload == {"1": 3, "6": 1}
        for shots in (0, 5):
            with pytest.raises(qa.ConversionError) as refused:
                artifact.convert(H1, shots=shots)
            assert refused.value.reason == "shots"
        with pytest.raises(ValueError, match="shots"):
            good(BRAKET, "exact").convert(H1, shots=0)

    def test_more_shots_than_are_ever_counted(self) -> None:
        artifact = qa.load(task(shots=10**13, measurementProbabilities={"1": 1}))
        with pytest.raises(qa.ConversionError) as refused:
            artifact.convert(H1)
        assert refused.value.reason == "too-many-shots"

    def test_fractions_of_shots_are_refused_in_the_words_of_the_file(self) -> None:
        payload = task(measurementProbabilities={"100": 0.7, "011": 0.3}, measuredQubits=[0, 1, 2])
        for bit_order in ("wire", "reversed"):
            artifact = qa.load(payload, bit_order=bit_order)
            with pytest.raises(qa.ConversionError, match='the state "011"') as refused:
                artifact.convert(H2)
            assert refused.value.reason == "not-exact"
            made = artifact.convert(H2, method="round", output_bit_order="wire")
            assert made.counts() == {"011": 1, "100": 3}
        with pytest.raises(qa.ConversionError, match='the state "6"'):
            qa.load({"histogram": {"1": 0.7, "6": 0.3}}).convert(H1, shots=4)

    @pytest.mark.parametrize(
        ("format", "name", "lost"),
        [
            (AZURE, "bell", {"members"}),
            (AZURE, "no-duration", set()),
            (MICROSOFT, "histogram-only", set()),
            (MICROSOFT, "shots", {"shot-order"}),
            (MICROSOFT, "more-members", {"members"}),
            (BRAKET, "probabilities", {"members"}),
            (BRAKET, "some-qubits", {"members", "qubits", "shot-order"}),
            (BRAKET, "qubits-reversed", {"members"}),
        ],
    )
    def test_what_is_lost(self, format: str, name: str, lost: set[str]) -> None:
        qubits = 3 if format == AZURE else None
        assert kinds(good(format, name).convert(H2, qubits=qubits, shots=_shots(format))) == lost

    def test_marginals_of_a_histogram_of_tuples(self) -> None:
        entries = [
            outcome({"Item1": [1], "Item2": [0]}, 2),
            outcome({"Item1": [0], "Item2": [1]}, 1),
        ]
        made = qa.load(microsoft({"Histogram": entries})).convert(H2)
        assert kinds(made) == {"correlations"}
        assert (made.counts("Item1"), made.counts("Item2")) == ({"0": 1, "1": 2}, {"0": 2, "1": 1})

    def test_members_are_named(self) -> None:
        (change,) = good(BRAKET, "nulls").convert(P2).lost
        for name in ("braketSchemaHeader", "taskMetadata", "additionalMetadata"):
            assert name in change.message
        assert (change.number, "outputs" in change.message) == (3, False)  # Which is null.

    @pytest.mark.parametrize("name", ["no-shots", "all-failed"])
    def test_nothing_to_convert(self, name: str) -> None:
        artifact = good(MICROSOFT, name)
        assert (artifact.shots, artifact.register_names) == (0, ())
        with pytest.raises(qa.ConversionError):
            artifact.convert(H2)
        with pytest.raises(qa.ConversionError) as refused:
            good(BRAKET, "no-shot").convert(H2)
        assert refused.value.reason == "no-shots"

    @pytest.mark.parametrize("target", VENDOR_FORMATS)
    def test_they_are_read_and_not_written(self, target: str) -> None:
        sources = [qa.load({"0": 0.5, "1": 0.5}), *(good(f, n) for f, n in ONE_OF_EACH)]
        for source in sources:
            with pytest.raises(qa.UnsupportedConversion, match="read, and not written"):
                source.convert(target)
        for source in sources[1:]:
            with pytest.raises(qa.UnsupportedConversion):
                source.select("output_all")

    def test_the_table_lists_every_pair(self, run: Run) -> None:
        listed = json.loads(run("formats", "--conversions", "--json").stdout)["conversions"]
        routes = {(each["from"], each["to"]): each for each in listed}
        for format in VENDOR_FORMATS:
            for target in TARGETS:
                assert routes[format, target]["lossless"] is False
                assert "aggregate" not in target
        assert routes[BRAKET, S2]["may_need"] == ["shots", "shot_order"]
        assert routes[BRAKET, S2]["may_invent"] == ["shot-order"]
        assert routes[H1, S1]["may_need"] == routes[H1, S1]["may_invent"] == []
        assert (
            "may need shots, shot_order"
            in CONVERSIONS[qa.FormatId(BRAKET), qa.FormatId(S2)].summary
        )


ONE_OF_EACH = [(AZURE, "asymmetric"), (MICROSOFT, "shots"), (BRAKET, "probabilities")]


def _shots(format: str) -> int | None:
    return 4 if format == AZURE else None


class TestDerived:
    """What is made of another cloud's result is one of IonQ's formats."""

    @pytest.mark.parametrize(
        ("format", "name", "made"),
        [
            (AZURE, "asymmetric", P2),
            (MICROSOFT, "shots", S2),
            (MICROSOFT, "histogram-only", H2),
            (BRAKET, "probabilities", P2),
            (BRAKET, "measurements", S2),
        ],
    )
    def test_marginals(self, format: str, name: str, made: str) -> None:
        marginal = good(format, name).marginal([2, 0])
        assert marginal.format == made
        assert marginal.report.ok
        assert marginal.probabilities() == {"01": 0.75, "10": 0.25}
        assert marginal.history[-1].source == format
        assert {"members"} & kinds(marginal) == ({"members"} if format != MICROSOFT else set())

    def test_pooled(self) -> None:
        azure = good(AZURE, "asymmetric")
        pooled = qa.pool([azure, azure], shots=[4, 4])
        assert (pooled.format, pooled.payload) == (P1, {"1": 0.75, "6": 0.25})
        histogram = good(MICROSOFT, "histogram-only")
        assert qa.pool([histogram, histogram]).counts() == {"011": 2, "100": 6}
        assert qa.pool([histogram, histogram]).format == H2

    def test_joined_and_postselected(self) -> None:
        artifact = good(MICROSOFT, "tuple")
        assert artifact.join("Item2", "Item1").counts() == {"010": 2, "110": 1}
        kept = artifact.postselect("Item2", "1")
        assert (kept.format, kept.counts("Item1")) == (S2, {"10": 1})

    def test_counts_without_a_width(self) -> None:
        from qartifacts.artifact.outcomes import written_as
        from qartifacts.payloads.decode import columns_of

        histogram = columns_of(qa.FormatId(H1), {"1": 3})
        assert histogram is not None
        assert written_as(qa.FormatId(MICROSOFT), histogram) == H1

    def test_bit_orders_are_proven_of_ionq_s_formats_only(self, run: Run) -> None:
        p2 = qa.load({"probabilities": {"registers": {"output_all": {"100": 1}}}})
        for format, name in ONE_OF_EACH:
            one, two = (
                (good(format, name), p2)
                if format != MICROSOFT
                else (qa.load({"1": 1}, format=P1), good(format, name))
            )
            with pytest.raises(ValueError, match="is needed"):
                qa.prove_bit_order(one, two)

    def test_models(self) -> None:
        artifact = good(MICROSOFT, "more-members")
        assert qa.from_model(artifact.model("pydantic")).payload == artifact.payload
        with pytest.warns(qa.MembersDropped, match="Version"):
            model = artifact.model("msgspec")
        assert model.Results[0].Histogram[0].Outcome == [1]
        task_result = good(BRAKET, "nulls").model("pydantic")
        assert task_result.measurementProbabilities == {"100": 0.75, "011": 0.25}

    def test_held_against_a_device(self) -> None:
        limits = Limits(2, frozenset(), frozenset(), 3)
        found: dict[str, list[tuple[str, str]]] = {}
        for format, name in ONE_OF_EACH:
            report = crosschecks.check_source(
                good(format, name), limits, format=None, registry=None, settings=None
            )
            found[format] = [(each.code, each.pointer) for each in report.findings]
        assert found == {
            AZURE: [("QA350", "/histogram/6")],
            MICROSOFT: [("QA353", "/Results/0/Histogram")],
            BRAKET: [("QA350", ""), ("QA353", "/taskMetadata/shots")],
        }


# ----------------------------------------------------------------------------------------------
# Rules, whatever the schema says


@pytest.fixture(scope="module")
def open_schemas(tmp_path_factory: pytest.TempPathFactory) -> qa.Registry:
    """Schemas that let everything through."""
    from conftest import _registry_in

    documents: dict[str, Any] = {format: {"$schema": DRAFT_7} for format in VENDOR_FORMATS}
    return _registry_in(tmp_path_factory.mktemp("open"), documents)


#: What may stand anywhere.
VALUES: list[Any] = [
    *(None, True, False, 0, 1, 2, -1, 0.5, 1e300, 10**30, "", "0", "01\n", "[0, 1]", "\u0660"),
    *([], {}, [0], [[0]], [True], [0, {"Error": {}}], {"Item1": [0]}, {"Item1": 0, "Item3": 1}),
    *({"Error": {}}, {"00\n": 1}, {"0": 1}, {"registers": {}}),
]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(place for name, each in inner for place in _places(each, (*path, name)))]


@pytest.mark.parametrize("format", VENDOR_FORMATS)
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_what_passes_the_rules_can_be_read(
    open_schemas: qa.Registry, format: str, data: st.DataObject
) -> None:
    """No payload makes a rule raise, and of what no rule refuses all questions have answers."""
    payload = copy.deepcopy(data.draw(PAYLOADS[format]))
    for _ in range(data.draw(st.integers(0, 2))):
        path = data.draw(st.sampled_from(_places(payload)))
        if not path:
            continue
        container = payload
        for step in path[:-1]:
            container = container[step]
        if data.draw(st.booleans()):
            container[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(VALUES)))
        else:
            del container[path[-1]]
    report = qa.check(payload, format=format, registry=open_schemas)
    assert qa.check(payload, format=format).ok <= report.ok
    if not report.ok:
        return
    artifact = qa.load(payload, format=format, registry=open_schemas)
    again = qa.load(artifact.to_bytes(), format=format, registry=open_schemas)
    assert again.to_bytes() == artifact.to_bytes()
    assert artifact.leaked is None
    for name in artifact.register_names:
        artifact.width(name)
        assert artifact.distribution(name).values.sum() == pytest.approx(
            artifact.shots if artifact.distribution(name).counted else 1, abs=1e-3
        )


# ----------------------------------------------------------------------------------------------
# What their own readers say


@pytest.fixture(scope="session")
def schemas() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("braket.task_result")


#: What Amazon's schema refuses, and we warn of.
EMPTY = {"no-shot", "no-bits"}
#: What Amazon's schema takes, and a reader of it cannot: see docs/vendors.md.
TAKEN_WRONGLY = {
    *("bit-true", "true", "probability-text", "qubit-half", "shots-half"),
    *("key-with-newline", "mixed-widths", "sum", "empty-distribution"),
    *("width", "qubit-twice", "qubits-too-few", "both-differ", "both-other-state"),
    *("duplicate", "nothing-measured", "shots-huge", "both-text"),
}


class TestAmazon:
    def test_its_schema_takes_what_is_good(self, schemas: ModuleType) -> None:
        for path in sorted((CASES / BRAKET / "good").glob("*.json")):
            if path.stem in EMPTY:
                with pytest.raises(ValueError, match="at least 1 item"):
                    schemas.GateModelTaskResult.parse_raw(path.read_bytes())
            else:
                assert schemas.GateModelTaskResult.parse_raw(path.read_bytes())

    def test_what_it_takes_wrongly(self, schemas: ModuleType) -> None:
        taken = set()
        for path in sorted((CASES / BRAKET / "bad").glob("*.json")):
            try:
                schemas.GateModelTaskResult.parse_raw(path.read_bytes())
            except ValueError:
                continue
            taken.add(path.stem)
        assert taken == TAKEN_WRONGLY

    @pytest.mark.parametrize("width", [1, 3, 5, 20, 64])
    def test_what_it_writes_is_read(self, schemas: ModuleType, width: int) -> None:
        one = "1" + "0" * (width - 1)
        made = schemas.GateModelTaskResult(
            measurementProbabilities={one: 0.75, one[::-1] if width > 1 else "0": 0.25},
            measuredQubits=list(range(width)),
            taskMetadata={"id": "a", "shots": 400, "deviceId": "b"},
            additionalMetadata={
                "action": {
                    "braketSchemaHeader": {"name": "braket.ir.openqasm.program", "version": "1"},
                    "source": "OPENQASM 3;",
                }
            },
        )
        artifact = qa.load(made.json().encode())
        assert (artifact.format, artifact.report.findings) == (BRAKET, ())
        assert artifact.convert(H2).counts()[one] == 300

    def test_its_sdk_counts_the_same(self) -> None:
        """Its keys are in the order of the measured qubits, ours in that of their numbers."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tasks = importlib.import_module("braket.tasks")
            for name in ("probabilities", "measurements", "some-qubits", "qubits-reversed", "both"):
                path = CASES / BRAKET / "good" / f"{name}.json"
                theirs = tasks.GateModelQuantumTaskResult.from_string(path.read_text())
                qubits = list(theirs.measured_qubits)
                order = [qubits.index(qubit) for qubit in sorted(qubits)]
                counts = {
                    "".join(key[at] for at in order): count
                    for key, count in theirs.measurement_counts.items()
                }
                assert good(BRAKET, name).convert(H2).counts() == counts


#: What azure-quantum 3.13.0 read of our cases on 2026-11-21, by ``Job.get_results_histogram``.
AZURE_HISTOGRAMS: dict[str, dict[str, tuple[Any, int]]] = {
    "shots": {"[1, 0, 0]": ([1, 0, 0], 3), "[0, 1, 1]": ([0, 1, 1], 1)},
    "histogram-only": {"[1, 0, 0]": ([1, 0, 0], 3), "[0, 1, 1]": ([0, 1, 1], 1)},
    "tuple": {"([1, 0], [0])": (([1, 0], [0]), 2), "([1, 0], [1])": (([1, 0], [1]), 1)},
}


class TestMicrosoft:
    @pytest.mark.parametrize("name", AZURE_HISTOGRAMS)
    def test_its_client_counts_the_same(self, name: str) -> None:
        artifact = good(MICROSOFT, name)
        for at, register in enumerate(artifact.register_names):
            counts: dict[str, int] = {}
            for bits, count in AZURE_HISTOGRAMS[name].values():
                part = bits[at] if isinstance(bits, tuple) else bits
                key = "".join(map(str, part))
                counts[key] = counts.get(key, 0) + count
            assert artifact.counts(register) == counts

    def test_its_labels_decide_there_and_are_held_against_the_outcomes_here(self) -> None:
        """Of ``label``, that client reads ``[1, 0]`` twice; of ``twice``, 1 of the 3 shots."""
        for name, code in [
            ("label", "QA274"),
            ("twice", "QA275"),
            ("histogram-and-shots", "QA276"),
        ]:
            report = qa.check(CASES / MICROSOFT / "bad" / f"{name}.json")
            assert [each.code for each in report.findings] == [code]

    def test_settings_may_ignore_what_leaves_it_readable(self) -> None:
        path = CASES / MICROSOFT / "bad" / "histogram-and-shots.json"
        artifact = qa.load(path, settings=qa.Settings(ignore=frozenset({"QA276"})))
        assert artifact.shots == 3  # Those that are listed.
        with pytest.raises(qa.InvalidSettings):
            qa.check(path, settings=qa.Settings(ignore=frozenset({"QA272"})))


# ----------------------------------------------------------------------------------------------
# On the command line


def test_from_a_file_to_a_histogram(run: Run) -> None:
    data = (CASES / BRAKET / "good" / "probabilities.json").read_bytes()
    Path("results.json").write_bytes(data)
    checked = run("check", "results.json")
    assert (checked.exit_code, "1 good" in checked.output) == (0, True)
    done = run("convert", "results.json", "--to", H2, "-o", "h.json", "--provenance", "p.json")
    assert done.exit_code == 0, done.output
    assert json.loads(Path("h.json").read_bytes()) == {
        "histogram": {"registers": {"output_all": {"011": 1, "100": 3}}}
    }
    assert "taskMetadata" in done.stderr
    (step,) = json.loads(Path("p.json").read_bytes())["steps"]
    assert (step["from"], step["parameters"]["shots"]) == (BRAKET, 4)
    refused = run("convert", "h.json", "--to", BRAKET)
    assert (refused.exit_code, os.path.exists("out.json")) == (2, False)
    assert "read, and not written" in refused.stderr
