"""Results as tables of pandas and of Arrow, and as Parquet files, and back without a loss."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

import qartifacts as qa
from qartifacts.identifiers import VENDOR_FORMATS
from qartifacts.payloads.states import to_integers
from results import FORMATS, MARGINALS, OPENQASM_3, WIDTHS, artifact_of, states_of
from strategies import AGGREGATE, H1, H2, NATIVE, P1, P2, PAYLOADS, S1, S2

CHILDREN = {
    "06a2099c-f846-7d32-8000-5726853513db": {"0": 0.5, "1": 0.5},
    "06a2099c-f845-7208-8000-8111ee2dccbc": {"2": 1},
}
#: Leakage bits that are absent, null, empty, zero and not.
LEAKAGE = {
    "shots": [
        {"registers": {"c": [1, 0, 0]}},
        {"registers": {"c": [1, 0, 0]}, "leakage_bits": None},
        {"registers": {"c": [1, 1, 0]}, "leakage_bits": []},
        {"registers": {"c": [1, 0, 0]}, "leakage_bits": [0, 0]},
        {"registers": {"c": [0, 0, 1]}, "leakage_bits": [1, 0]},
    ]
}

Way = Callable[..., qa.Artifact]


def _by_pandas(artifact: qa.Artifact, **said: Any) -> qa.Artifact:
    return qa.from_pandas(artifact.to_pandas(**said))


def _by_arrow(artifact: qa.Artifact, **said: Any) -> qa.Artifact:
    return qa.from_arrow(artifact.to_arrow(**said))


WAYS: dict[str, Way] = {"pandas": _by_pandas, "arrow": _by_arrow}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@contextmanager
def refused(reason: str) -> Iterator[None]:
    """Expect a ``ConversionError`` of some reason."""
    with pytest.raises(qa.ConversionError) as error:
        yield
    assert error.value.reason == reason


class TestThereAndBack:
    @every_way
    @pytest.mark.parametrize("width", WIDTHS)
    @pytest.mark.parametrize("format", FORMATS)
    def test_every_format_and_width(self, format: str, width: int, way: Way) -> None:
        artifact = artifact_of(format, width)
        back = way(artifact)
        assert back.format == format
        assert back.to_bytes() == artifact.to_bytes()
        assert (back.shots, back.width()) == (artifact.shots, artifact.width())
        if format.endswith("v1"):
            assert way(artifact, qubits=width).to_bytes() == artifact.to_bytes()

    @pytest.mark.parametrize(
        "format", [format for format in PAYLOADS if format not in (NATIVE, *VENDOR_FORMATS)]
    )
    def test_any_payload(self, format: str) -> None:
        qubits = 100 if format.endswith("v1") else None

        @settings(max_examples=12, deadline=None)
        @given(PAYLOADS[format])
        def holds(payload: Any) -> None:
            artifact = qa.load(payload, format=format)
            for way in WAYS.values():
                # Parsed: a payload that is loaded keeps the order of its members.
                back = way(artifact, qubits=qubits)
                assert json.loads(back.to_bytes()) == json.loads(artifact.to_bytes())

        holds()

    @pytest.mark.parametrize("format", VENDOR_FORMATS)
    def test_results_of_other_clouds_are_those_of_ionq_that_they_hold(self, format: str) -> None:
        @settings(max_examples=12, deadline=None)
        @given(PAYLOADS[format])
        def holds(payload: Any) -> None:
            artifact = qa.load(payload, format=format)
            if len(payload.get("Results", [1])) > 1:  # A batch, which split() divides.
                with pytest.raises(qa.ConversionError):
                    artifact.to_arrow()
                return
            for way in WAYS.values():
                back = way(artifact, qubits=None if format != VENDOR_FORMATS[0] else 200)
                assert back.format.vendor == "ionq"
                assert ".result." in back.format
                assert back.register_names == artifact.register_names
                for name in back.register_names:
                    one, other = back.distribution(name), artifact.distribution(name)
                    assert to_integers(one.states) == to_integers(other.states)
                    assert (one.values == other.values).all()

        holds()

    @every_way
    @pytest.mark.parametrize(
        ("payload", "format"),
        [
            (OPENQASM_3, S2),
            (MARGINALS, H2),
            (LEAKAGE, S2),
            (CHILDREN, AGGREGATE),
            ({"shots": []}, S2),
            ([], S1),
            ({}, H1),
            ({"histogram": {"registers": {"b": {}, "a": {}}}}, H2),
            ({"histogram": {"registers": {}}}, H2),
            ({"shots": [{"registers": {"b": [], "a": [1]}}]}, S2),
            ({"5": 9007199254740991, "18446744073709551615": 1}, H1),
        ],
        ids=[
            "several registers", "marginals", "leakage", "children", "no shots", "no shots v1",
            "no counts v1", "empty registers", "no register", "no bits", "large",
        ],
    )  # fmt: skip
    def test_corners(self, payload: Any, format: str, way: Way) -> None:
        artifact = qa.load(payload, format=format)
        back = way(artifact)
        assert back.format == format
        assert back.to_bytes() == artifact.to_bytes()
        assert back.leaked == artifact.leaked

    def test_a_parquet_file(self, tmp_path: Path) -> None:
        artifact = qa.load(LEAKAGE, format=S2)
        artifact.to_parquet(tmp_path / "shots.parquet")
        assert qa.from_parquet(tmp_path / "shots.parquet").to_bytes() == artifact.to_bytes()
        counts = qa.from_parquet(str(tmp_path / "shots.parquet"), format=H2)
        assert counts.counts() == {"100": 3, "110": 1}
        assert "leaked-shots" in {str(each.kind) for each in counts.lost}
        with pytest.raises(ValueError, match="gz"):
            artifact.to_parquet(tmp_path / "shots.parquet.gz")
        assert [each.name for each in tmp_path.iterdir()] == ["shots.parquet"]

    def test_history_and_bit_order_come_along(self, tmp_path: Path) -> None:
        payload = {"histogram": {"registers": {"a": {"001": 3, "011": 1}, "b": {"1": 4}}}}
        first = qa.load(payload, format=H2, bit_order="reversed")
        artifact = first.marginal([0, 2], "a").convert(P2)
        artifact.to_parquet(tmp_path / "p.parquet")
        for back in (
            *(way(artifact) for way in WAYS.values()),
            qa.from_parquet(tmp_path / "p.parquet"),
        ):
            assert back.bit_order == "reversed"
            assert back.history[:-1] == artifact.history
            assert back.lost == artifact.lost
            assert back.to_bytes() == artifact.to_bytes() == (
                b'{"probabilities":{"registers":{"a":{"01":1}}}}'
            )  # fmt: skip

    @every_way
    def test_members_that_no_column_holds_are_said_to_be_lost(self, way: Way) -> None:
        payload = {"histogram": {"registers": {"c": {"10": 4}}}, "more": 1}
        back = way(qa.load(payload, format=H2))
        assert [str(each.kind) for each in back.lost] == ["members"]
        assert b"more" not in back.to_bytes()

    def test_what_pandas_and_pyarrow_make_of_them(self, tmp_path: Path) -> None:
        """A frame keeps its description where these libraries take it along."""
        artifact = artifact_of(H2, 5)
        frame = artifact.to_pandas()
        frame.to_parquet(tmp_path / "frame.parquet")
        others = [
            qa.from_parquet(tmp_path / "frame.parquet"),
            qa.from_pandas(pd.read_parquet(tmp_path / "frame.parquet")),
            qa.from_arrow(pa.Table.from_pandas(frame)),
            qa.from_arrow(pa.Table.from_pandas(frame.set_index("count").reset_index())),
            qa.from_pandas(frame.sample(frac=1, random_state=3)),
            qa.from_arrow(pa.Table.from_pandas(frame.sample(frac=1, random_state=3))),
        ]
        for other in others:
            assert other.to_bytes() == artifact.to_bytes()
        batches = pa.RecordBatchReader.from_batches(
            artifact.to_arrow().schema, artifact.to_arrow().to_batches()
        )
        assert qa.from_arrow(batches).to_bytes() == artifact.to_bytes()

    def test_floats_and_objects_of_other_programs(self) -> None:
        frame = artifact_of(S2, 5).to_pandas()
        loose = frame.astype({"integer": float, "shot": float, "bitstring": object})
        assert loose.attrs
        assert qa.from_pandas(loose).to_bytes() == artifact_of(S2, 5).to_bytes()


class TestColumns:
    def test_of_a_histogram(self) -> None:
        frame = qa.load({"histogram": {"registers": {"c": {"100": 7, "011": 2}}}}).to_pandas()
        assert frame.to_dict("list") == {
            "register": ["c", "c"],
            "bitstring": ["100", "011"],
            "integer": [1, 6],
            "count": [7, 2],
        }
        assert [str(each) for each in frame.dtypes] == ["string", "string", "uint64", "int64"]
        description = frame.attrs["qartifacts"]
        assert description["format"] == H2
        assert (description["bitstrings"], description["bit_order"]) == ("wire", "wire")
        assert (description["shots"], description["leaked"]) == (9, None)
        assert description["registers"] == [{"name": "c", "width": 3}]
        assert description["steps"] == []

    def test_of_probabilities_of_version_1(self) -> None:
        artifact = qa.load({"1": 0.75, "6": 0.25}, format=P1)
        assert artifact.to_arrow().to_pydict() == {
            "register": ["output_all"] * 2,
            "bitstring": [None, None],
            "integer": [1, 6],
            "probability": [0.75, 0.25],
        }
        assert artifact.to_arrow(qubits=3).to_pydict()["bitstring"] == ["100", "011"]
        assert [str(each) for each in artifact.to_arrow().schema.types] == [
            "string", "string", "uint64", "double",
        ]  # fmt: skip
        with refused("too-wide"):
            artifact.to_arrow(qubits=2)

    def test_of_shots(self) -> None:
        table = qa.load(OPENQASM_3, format=S2).to_arrow()
        assert table.num_rows == 12
        assert table.slice(9).to_pydict() == {
            "shot": [3, 3, 3],
            "register": ["mid", "result", "output_all"],
            "bitstring": ["1", "10", "0"],
            "integer": [1, 1, 0],
        }

    def test_of_leakage(self) -> None:
        frame = qa.load(LEAKAGE, format=S2).to_pandas()
        assert frame["leaked"].tolist() == [False, False, False, False, True]
        assert frame["leakage_stated"].tolist() == [False, True, True, True, True]
        assert [None if pd.isna(each) else each for each in frame["leakage_bits"]] == [
            None, None, "", "00", "10",
        ]  # fmt: skip
        assert frame.attrs["qartifacts"]["shots"] == 5
        assert frame.attrs["qartifacts"]["leaked"] == 1

    def test_of_an_aggregate(self) -> None:
        table = qa.load(CHILDREN, format=AGGREGATE).to_arrow()
        first, second = CHILDREN
        assert table.to_pydict() == {
            "child": [first, first, second],
            "register": ["output_all"] * 3,
            "bitstring": [None] * 3,
            "integer": [0, 1, 2],
            "probability": [0.5, 0.5, 1.0],
        }

    def test_integers_end_at_64_bits(self) -> None:
        texts = {"1" + "0" * 64: 3, "0" * 64 + "1": 1}
        artifact = qa.load({"histogram": {"registers": {"c": texts}}}, format=H2)
        assert artifact.to_arrow()["integer"].to_pylist() == [1, None]
        frame = artifact.to_pandas()
        assert str(frame.dtypes["integer"]) == "UInt64"
        assert frame["integer"].isna().tolist() == [False, True]
        wide = qa.load({str(1 << 64): 1.0}, format=P1)
        with pytest.raises(qa.MissingParameter) as missing:
            wide.to_arrow()
        assert missing.value.parameter == "qubits"
        assert wide.to_arrow(qubits=65)["bitstring"].to_pylist() == ["0" * 64 + "1"]

    def test_counts_as_each_library_shows_them(self) -> None:
        for width in WIDTHS:
            frame = artifact_of(S2, width).to_pandas()
            ours = artifact_of(S2, width).counts()
            assert frame["bitstring"].value_counts().to_dict() == ours
            assert frame["integer"].value_counts().to_dict() == Counter(states_of(width))
            counted = artifact_of(S2, width).to_arrow()["bitstring"].value_counts().to_pylist()
            assert {each["values"]: each["counts"] for each in counted} == ours

    def test_a_circuit_holds_no_results(self) -> None:
        with refused("unsupported"):
            qa.load({"qubits": 1, "circuit": []}, format=NATIVE).to_pandas()


class TestTablesOfOthers:
    """Tables without a description: what they do not tell has to be said."""

    def test_counts(self) -> None:
        frame = pd.DataFrame({"bitstring": ["100", "011"], "count": [7, 2]})
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_pandas(frame)
        assert missing.value.parameter == "format"
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_pandas(frame, format=H2)
        assert missing.value.parameter == "order"
        assert qa.from_pandas(frame, format=H1, order="wire").counts_int() == {1: 7, 6: 2}
        assert qa.from_pandas(frame, format=H1, order="qiskit").counts_int() == {4: 7, 3: 2}
        named = qa.from_pandas(frame, format=P2, order="wire", register="c")
        assert named.probabilities("c") == {"100": 7 / 9, "011": 2 / 9}
        symmetric = pd.DataFrame({"bitstring": ["101"], "count": [7]})
        assert qa.from_pandas(symmetric, format=H2).counts() == {"101": 7}

    def test_integers(self) -> None:
        table = pa.table({"integer": [1, 6], "probability": [0.75, 0.25]})
        assert qa.from_arrow(table, format=P1).to_bytes() == b'{"1":0.75,"6":0.25}'
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_arrow(table, format=P2)
        assert missing.value.parameter == "qubits"
        made = qa.from_arrow(table, format=H2, qubits=3, shots=8)
        assert made.counts() == {"100": 6, "011": 2}

    def test_registers_that_version_1_does_not_have(self) -> None:
        table = pa.table({"register": ["a", "b"], "integer": [2, 1], "count": [3, 3]})
        with pytest.raises(qa.MissingParameter) as missing:
            qa.from_arrow(table, format=H1)
        assert missing.value.parameter == "register"
        both = qa.from_arrow(table, format=H2, qubits=2)
        assert (both.counts("a"), both.counts("b")) == ({"01": 3}, {"10": 3})
        one = qa.from_arrow(table.slice(0, 1), format=H1)
        assert one.register_names == ("output_all",)
        assert [str(each.kind) for each in one.lost] == ["register-name"]

    def test_shots(self) -> None:
        frame = pd.DataFrame(
            {
                "shot": [7, 7, 3, 3],
                "register": ["b", "a", "a", "b"],
                "bitstring": ["1", "10", "00", "0"],
                "operator": ["x"] * 4,
            }
        )
        made = qa.from_pandas(frame, format=S2, order="wire")
        assert made.to_bytes() == (
            b'{"shots":[{"registers":{"b":[0],"a":[0,0]}},{"registers":{"b":[1],"a":[1,0]}}]}'
        )
        assert [str(each.kind) for each in made.lost] == ["members"]
        in_turn = qa.from_arrow(pa.table({"integer": [2, 1]}), format=S1)
        assert in_turn.to_bytes() == b'["2","1"]'

    def test_rules_hold(self) -> None:
        table = pa.table({"integer": [1, 6], "probability": [0.75, 0.5]})
        with pytest.raises(qa.InvalidArtifact) as invalid:
            qa.from_arrow(table, format=P1)
        assert {each.code for each in invalid.value.report.findings} == {"QA201"}

    @pytest.mark.parametrize(
        ("columns", "reason"),
        [
            ({"count": [1]}, "table"),
            ({"integer": [1], "count": [1], "probability": [1.0]}, "table"),
            ({"integer": [1], "count": [None]}, "table"),
            ({"integer": [1], "count": [1.5]}, "table"),
            ({"integer": [1], "count": [-1]}, "table"),
            ({"integer": [1], "count": [2.0**63]}, "table"),
            ({"integer": [1], "count": [True]}, "table"),
            ({"integer": [1], "count": ["1"]}, "table"),
            ({"integer": [1], "probability": [float("inf")]}, "table"),
            ({"integer": [-1], "count": [1]}, "table"),
            ({"integer": [0.5], "count": [1]}, "table"),
            ({"integer": [2.0**60], "count": [1]}, "table"),
            ({"integer": [None], "count": [1]}, "table"),
            ({"integer": ["1"], "count": [1]}, "table"),
            ({"integer": [1, 1], "count": [1, 2]}, "twice"),
            ({"bitstring": ["11", "11"], "count": [1, 2]}, "twice"),
            ({"bitstring": ["11", "1"], "count": [1, 2]}, "width"),
            ({"bitstring": ["1x"], "count": [1]}, "table"),
            ({"bitstring": ["11", None], "count": [1, 2]}, "table"),
            ({"bitstring": ["11"], "integer": [1], "count": [1]}, "table"),
            ({"bitstring": ["11"], "count": [1], "register": [None]}, "table"),
            ({"child": ["a", "a"], "register": ["b", "c"], "integer": [1, 1], "probability": [1.0, 1.0]}, "table"),
            ({"shot": [0, 0], "integer": [1, 1]}, "twice"),
            ({"shot": ["0"], "integer": [1]}, "table"),
            ({"shot": [0, 1, 0], "register": ["a", "a", "b"], "integer": [1, 1, 1]}, "shots"),
            ({"bitstring": ["11"], "leaked": [True]}, "table"),
            ({"bitstring": ["11"], "leakage_bits": ["0"], "leaked": [True]}, "table"),
            ({"bitstring": ["11"], "leakage_bits": ["x"]}, "table"),
        ],
        ids=lambda value: None if isinstance(value, str) else repr(value),
    )  # fmt: skip
    @pytest.mark.parametrize("library", ["pandas", "arrow"])
    def test_what_rows_cannot_say(
        self, columns: dict[str, list[Any]], reason: str, library: str
    ) -> None:
        with refused(reason):
            if library == "pandas":
                frame = pd.DataFrame({n: pd.Series(v, dtype=object) for n, v in columns.items()})
                qa.from_pandas(frame, format=H1, order="wire")
            else:
                qa.from_arrow(pa.table(columns), format=H1, order="wire")

    def test_what_is_no_table(self) -> None:
        for make in (qa.from_pandas, qa.from_arrow):
            with pytest.raises(TypeError):
                make({"integer": [1]}, format=H1)
        with pytest.raises(ValueError, match="backwards"):
            qa.from_pandas(pd.DataFrame({"integer": [1]}), format=S1, order="backwards")  # type: ignore[arg-type]
        with pytest.raises(qa.UnknownFormat):
            qa.from_pandas(pd.DataFrame({"integer": [1]}), format="ionq.result.shots.json.v9")
        with refused("register"):
            qa.from_pandas(artifact_of(H2, 3).to_pandas(), register="c")
        with refused("table"):
            qa.from_pandas(pd.DataFrame([[1, 2]], columns=["count", "count"]), format=H1)


class TestDescriptions:
    def test_rows_that_are_gone(self) -> None:
        frame = qa.load(OPENQASM_3, format=S2).to_pandas()
        some = frame[frame["shot"] != 2]
        with refused("shots"):
            qa.from_pandas(some)
        counts = artifact_of(H2, 5).to_arrow()
        with refused("shots"):
            qa.from_arrow(counts.slice(1))
        some = some.copy()
        some.attrs.clear()
        assert qa.from_pandas(some, format=S2, order="wire").shots == 3

    def test_columns_that_are_gone(self) -> None:
        with refused("table"):
            qa.from_arrow(artifact_of(H2, 5).to_arrow().drop_columns(["count"]))
        without = artifact_of(H2, 5).to_arrow().drop_columns(["bitstring"])
        assert qa.from_arrow(without).to_bytes() == artifact_of(H2, 5).to_bytes()

    def test_another_order_is_not_taken(self) -> None:
        frame = artifact_of(H2, 5).to_pandas()
        with pytest.raises(ValueError, match="wire"):
            qa.from_pandas(frame, order="qiskit")
        assert qa.from_pandas(frame, order="wire").to_bytes() == artifact_of(H2, 5).to_bytes()

    @pytest.mark.parametrize(
        "change",
        [
            {"version": 2},
            {"format": "ionq.native.v1"},
            {"format": "nonsense"},
            {"format": None},
            {"bit_order": "inside out"},
            {"registers": [{"name": "output_all"}]},
            {"registers": 3},
            {"steps": [{"operation": "convert"}]},
            {"steps": None},
        ],
        ids=str,
    )
    def test_that_are_not_understood(self, change: dict[str, Any]) -> None:
        frame = artifact_of(H2, 5).to_pandas()
        frame.attrs["qartifacts"] |= change
        with refused("table"):
            qa.from_pandas(frame)

    @pytest.mark.parametrize(
        "text", [b"{", b"[" * 100_000, b'{"version": 7}'], ids=["cut", "deep", "7"]
    )
    def test_in_metadata_that_are_not_understood(self, text: bytes) -> None:
        table = artifact_of(H2, 5).to_arrow().replace_schema_metadata({"qartifacts": text})
        with refused("table"):
            qa.from_arrow(table)

    def test_texts_that_are_none(self) -> None:
        ends, text = pa.py_buffer(np.array([0, 1], np.int32)), pa.py_buffer(b"\xff")
        table = pa.table({"bitstring": pa.StringArray.from_buffers(1, ends, text), "count": [1]})
        with refused("table"):
            qa.from_arrow(table, format=H1)

    def test_metadata_of_others_are_no_description(self) -> None:
        table = pa.table({"integer": [1], "count": [3]})
        for metadata in ({"pandas": '{"attributes": 3}'}, {"pandas": "[]"}, {"PANDAS_ATTRS": "{}"}):
            others = table.replace_schema_metadata(metadata)
            assert qa.from_arrow(others, format=H1).to_bytes() == b'{"1":3}'

    def test_a_width_that_is_not_that_of_the_rows(self) -> None:
        table = artifact_of(H2, 5).to_arrow()
        description = json.loads(table.schema.metadata[b"qartifacts"])
        description["registers"][0]["width"] = 6
        changed = table.replace_schema_metadata({"qartifacts": json.dumps(description)})
        with refused("width"):
            qa.from_arrow(changed)

    def test_other_attributes_of_a_frame_are_nobody_s_business(self, tmp_path: Path) -> None:
        frame = pd.DataFrame({"integer": np.array([1, 6], np.uint64), "count": [3, 1]})
        frame.attrs["by"] = "me"
        frame.to_parquet(tmp_path / "mine.parquet")
        assert qa.from_parquet(tmp_path / "mine.parquet", format=H1).to_bytes() == b'{"1":3,"6":1}'


class TestParquet:
    def test_what_is_no_parquet_file(self, tmp_path: Path) -> None:
        (tmp_path / "no.parquet").write_bytes(b"PAR1 and nothing else")
        (tmp_path / "empty.parquet").touch()
        whole = tmp_path / "whole.parquet"
        artifact_of(H2, 5).to_parquet(whole)
        (tmp_path / "cut.parquet").write_bytes(whole.read_bytes()[:-20])
        for name in ("no", "empty", "cut"):
            with refused("table"):
                qa.from_parquet(tmp_path / f"{name}.parquet")
        with pytest.raises(FileNotFoundError):
            qa.from_parquet(tmp_path / "nothing.parquet")
        with pytest.raises((IsADirectoryError, PermissionError)):
            qa.from_parquet(tmp_path)

    def test_damage_is_told(self, tmp_path: Path) -> None:
        """Wherever a byte is changed: nothing but what this package raises, or the same artifact."""
        whole = tmp_path / "whole.parquet"
        artifact_of(H2, 3).to_parquet(whole)
        data = whole.read_bytes()
        for place in range(4, len(data), 11):
            damaged = bytearray(data)
            damaged[place] ^= 0x15
            whole.write_bytes(damaged)
            try:
                qa.from_parquet(whole)
            except qa.QartifactsError:
                pass

    def test_more_than_is_read(self, tmp_path: Path) -> None:
        few = qa.Settings(max_values=1_000)
        many = pa.table(
            {"integer": pa.array(np.zeros(501, np.int64)), "count": pa.array([1] * 501)}
        )
        pq.write_table(many, tmp_path / "many.parquet")
        with refused("too-large"):
            qa.from_parquet(tmp_path / "many.parquet", format=H1, settings=few)

    @pytest.mark.parametrize(
        ("call", "module", "extra"),
        [
            (lambda a: a.to_pandas(), "pandas", "pandas"),
            (lambda a: a.to_arrow(), "pyarrow", "arrow"),
            (lambda a: a.to_parquet("never"), "pyarrow.parquet", "arrow"),
            (lambda a: qa.from_parquet("never"), "pyarrow.parquet", "arrow"),
            (lambda a: qa.from_arrow(None), "pyarrow", "arrow"),
        ],
        ids=["pandas", "arrow", "to parquet", "from parquet", "from arrow"],
    )
    def test_a_library_that_is_not_installed(
        self, call: Any, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(qa.MissingExtra) as missing:
            call(artifact_of(H2, 3))
        assert missing.value.extra == extra
