"""``convert``, ``prove-order`` and ``formats --conversions``: outputs, exit statuses, no leftovers."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.conversion import CONVERSIONS
from support import ROOT, Run

P1, P2 = "ionq.result.probabilities.json.v1", "ionq.result.probabilities.json.v2"
H1, H2 = "ionq.result.histogram.json.v1", "ionq.result.histogram.json.v2"
S1, S2 = "ionq.result.shots.json.v1", "ionq.result.shots.json.v2"
AGGREGATE = "ionq.result.probabilities-aggregate.json.v1"
NATIVE = "ionq.native.v1"
ONE, TWO = "06a2099c-f845-7208-8000-8111ee2dccbc", "06a2099c-f846-7d32-8000-5726853513db"
GOOD = ROOT / "examples" / "results" / "good"

#: The shots of an OpenQASM 3 job in qiskit-ionq's tests: a register measured in the middle.
QASM3 = {
    "shots": [
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [1]}},
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [0]}},
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [1]}},
        {"registers": {"mid": [1], "result": [1, 0], "output_all": [0]}},
    ]
}


def write(name: str, payload: Any) -> str:
    Path(name).write_text(json.dumps(payload), encoding="utf-8")
    return name


def files() -> set[str]:
    return {path.name for path in Path().iterdir()}


class TestConvert:
    def test_ghz_by_largest_remainder(self, run: Run) -> None:
        write("ghz.json", {"0": 0.5, "3": 0.5})
        done = run("convert", "ghz.json", "--to", H1, "--shots", 1233, "--method", "round")
        assert done.exit_code == 0
        assert done.stdout == '{"0":617,"3":616}\n'
        assert "rounding" in done.stderr

    def test_there_and_back(self, run: Run) -> None:
        write("x.json", {"1": 1})
        there = run("convert", "x.json", "--from", P1, "--to", P2, "--qubits", 3, "-o", "v2.json")
        assert (there.exit_code, there.stdout, there.stderr) == (0, "", "")
        written = Path("v2.json").read_text(encoding="utf-8")
        assert written == '{"probabilities":{"registers":{"output_all":{"100":1}}}}'
        back = run("convert", "v2.json", "--to", P1)
        assert back.stdout == '{"1":1}\n'
        assert back.stderr.startswith("lost width: ")

    def test_standard_input_and_output(self, run: Run) -> None:
        done = run("convert", "-", "--format", S1, "--to", H1, "-o", "-", stdin=b'["2","1","2"]')
        assert (done.exit_code, done.stdout) == (0, '{"1":1,"2":2}\n')

    def test_reversed_files(self, run: Run) -> None:
        payload = {"probabilities": {"registers": {"output_all": {"001": 1}}}}
        write("r.json", payload)
        assert run("convert", "r.json", "--to", P1).stdout == '{"4":1}\n'
        turned = run("convert", "r.json", "--to", P1, "--bit-order", "reversed")
        assert turned.stdout == '{"1":1}\n'
        as_before = run("convert", "r.json", "--to", P2, "--bit-order", "reversed")
        assert json.loads(as_before.stdout) == payload
        mended = run(
            "convert", "r.json", "--to", P2, "--bit-order", "reversed", "--output-bit-order", "wire"
        )
        assert '"100"' in mended.stdout
        assert '"001"' in run(
            "convert", "-", "--from", P1, "--to", P2, "--qubits", 3, "--bit-order", "reversed",
            stdin=b'{"1":1}',
        ).stdout  # fmt: skip

    def test_registers_of_shots(self, run: Run) -> None:
        write("s.json", QASM3)
        joined = run("convert", "s.json", "--to", H2, "--join", "all")
        assert json.loads(joined.stdout) == {
            "histogram": {"registers": {"all": {"000": 3, "110": 1}}}
        }
        some = run("convert", "s.json", "--to", H2, "--register", "result", "--register", "mid")
        assert list(json.loads(some.stdout)["histogram"]["registers"]) == ["result", "mid"]
        named = run(
            "convert", "s.json", "--to", H2, "--register", "mid", "--register", "output_all",
            "--join", "both",
        )  # fmt: skip
        assert json.loads(named.stdout)["histogram"]["registers"] == {
            "both": {"00": 1, "01": 2, "10": 1}
        }
        selected = run(
            "convert", "s.json", "--to", H1, "--postselect", "mid=1", "--register", "result"
        )
        assert selected.stdout == '{"1":1}\n'
        one = run(
            "convert",
            "-",
            "--from",
            H1,
            "--to",
            H2,
            "--marginal",
            "2",
            "--qubits",
            3,
            stdin=b'{"5":3}',
        )
        assert json.loads(one.stdout) == {"histogram": {"registers": {"output_all": {"1": 3}}}}
        marginal = run("convert", "s.json", "--to", H2, "--register", "result", "--marginal", "1,0")
        assert json.loads(marginal.stdout)["histogram"]["registers"] == {
            "result": {"00": 3, "01": 1}
        }

    def test_marginals_are_not_joined(self, run: Run) -> None:
        write("s.json", QASM3)
        run("convert", "s.json", "--to", H2, "-o", "h.json")
        refused = run("convert", "h.json", "--to", H2, "--join", "all", "-o", "x.json")
        assert refused.exit_code == 1
        assert "only shots record that" in refused.stderr
        assert "x.json" not in files()

    def test_leaked_shots(self, run: Run) -> None:
        shots = [
            {"registers": {"c": [1, 0]}, "leakage_bits": [0, 0]},
            {"registers": {"c": [1, 1]}, "leakage_bits": [0, 1]},
        ]
        write("s.json", {"shots": shots})
        dropped = run("convert", "s.json", "--to", H2)
        assert json.loads(dropped.stdout) == {"histogram": {"registers": {"c": {"10": 1}}}}
        assert "lost leaked-shots: 1 of 2 shots" in dropped.stderr
        kept = run("convert", "s.json", "--to", H2, "--keep-leaked")
        assert '"11":1' in kept.stdout

    def test_made_shots(self, run: Run) -> None:
        write("h.json", {"0": 2, "2": 1})
        ordered = run("convert", "h.json", "--from", H1, "--to", S1, "--shot-order", "sorted")
        assert ordered.stdout == '["0","0","2"]\n'
        assert "invented shot-order" in ordered.stderr
        missing = run("convert", "h.json", "--from", H1, "--to", S1)
        assert (missing.exit_code, missing.stdout) == (2, "")
        assert "--shot-order is needed" in missing.stderr

    def test_provenance(self, run: Run) -> None:
        write("p.json", {"0": 0.3, "1": 0.7})
        done = run(
            "convert", "p.json", "--to", H1, "--shots", 7, "--method", "sample", "--seed", 3,
            "-o", "h.json", "--provenance", "how.json",
        )  # fmt: skip
        assert done.exit_code == 0
        record = json.loads(Path("how.json").read_text(encoding="utf-8"))
        assert record["source"] == "p.json"
        (step,) = record["steps"]
        assert step["parameters"] == {
            "shots": 7, "method": "sample", "seed": 3, "keep_leaked": False, "bit_order": "wire",
        }  # fmt: skip
        assert [change["kind"] for change in step["changes"]] == ["sampling", "outcomes"]

    def test_packed_output(self, run: Run) -> None:
        write("h.json", {"0": 2, "2": 1})
        assert run("convert", "h.json", "--from", H1, "--to", P1, "-o", "p.json.gz").exit_code == 0
        assert qa.load("p.json.gz", format=P1).probabilities(width=2) == {"00": 2 / 3, "01": 1 / 3}

    @pytest.mark.parametrize("path", sorted(GOOD.glob("*v[12].json")), ids=lambda p: p.name)
    def test_every_example_converts_to_itself(self, run: Run, path: Path) -> None:
        format = qa.load(path).format
        if format == NATIVE:
            assert run("convert", path, "--to", format).exit_code == 2
            return
        done = run("convert", path, "--to", format, "--keep-leaked", "-o", f"a.{format}.json")
        assert done.exit_code == 0
        assert Path(f"a.{format}.json").read_bytes() == qa.load(path).to_bytes()


class TestAggregates:
    def test_one_child(self, run: Run) -> None:
        write("a.json", {ONE: {"2": 1}, TWO: {"0": 0.5, "1": 0.5}})
        one = run("convert", "a.json", "--to", P1, "--child", TWO.upper())
        assert one.stdout == '{"0":0.5,"1":0.5}\n'
        assert TWO in one.stderr
        assert run("convert", "a.json", "--to", P1).exit_code == 2
        assert run("convert", "a.json", "--to", P1, "--child", TWO[:-1] + "0").exit_code == 1
        assert run("convert", "a.json", "--to", P1, "--child", "first").exit_code == 2

    def test_all_children(self, run: Run) -> None:
        write("a.json", {ONE: {"2": 1}, TWO: {"0": 0.5, "1": 0.5}})
        done = run(
            "convert", "a.json", "--to", P2, "-o", "children/", "--qubits", 1,
            "--qubits", f"{ONE}=2", "--provenance", "how.json",
        )  # fmt: skip
        assert done.exit_code == 0, done.stderr
        made = {path.name: qa.load(path) for path in Path("children").iterdir()}
        assert {name: each.width() for name, each in made.items()} == {
            f"{ONE}.{P2}.json": 2,
            f"{TWO}.{P2}.json": 1,
        }
        assert set(json.loads(Path("how.json").read_text(encoding="utf-8"))) == {ONE, TWO}

    def test_all_children_or_none(self, run: Run) -> None:
        write("a.json", {ONE: {"0": 1}, TWO: {"9": 1}})
        done = run("convert", "a.json", "--to", P2, "-o", "children/", "--qubits", 3)
        assert done.exit_code == 1
        assert files() == {"a.json"}

    def test_into_an_aggregate(self, run: Run) -> None:
        write("p.json", {"0": 0.25, "1": 0.75})
        done = run("convert", "p.json", "--to", AGGREGATE, "--child", ONE)
        assert json.loads(done.stdout) == {ONE: {"0": 0.25, "1": 0.75}}

    def test_without_children(self, run: Run) -> None:
        write("a.json", {})
        done = run("convert", "a.json", "--from", AGGREGATE, "--to", P1, "-o", "c/")
        assert done.exit_code == 2
        assert files() == {"a.json"}


BAD: dict[str, tuple[bytes, list[Any], int]] = {
    "not-json": (b"{", [], 1),
    "duplicate": (b'{"0":0.5,"0":0.5}', ["--from", P1, "--qubits", 1], 1),
    "ambiguous": (b'{"0":1}', ["--qubits", 1], 1),
    "sum": (b'{"0":0.5,"1":0.559}', ["--qubits", 1], 1),
    "too-wide": (b'{"9":1}', ["--from", P1, "--qubits", 3], 1),
    "no-shots": (b"{}", ["--from", H1, "--qubits", 1], 1),
    "no-shots-v1": (b"[]", ["--from", S1, "--qubits", 1], 1),
    "all-leaked": (b'{"shots":[{"registers":{"c":[1]},"leakage_bits":[1]}]}', [], 1),
    "no-bits": (b'{"shots":[{"registers":{"c":[]}}]}', [], 1),
    "no-registers": (b'{"shots":[{"registers":{}}]}', [], 1),
    "not-the-width": (b'{"shots":[{"registers":{"output_all":[1]}}]}', ["--qubits", 2], 1),
    "empty": (b"", [], 1),
    "no-qubits": (b'{"0":0.5,"1":0.5}', [], 2),
    "unknown-register": (b'{"0":0.5,"1":0.5}', ["--qubits", 1, "--register", "c"], 2),
    "unknown-format": (b"{}", ["--from", "ionq.no.such.v1"], 2),
    "qubits-no-number": (b'{"0":0.5,"1":0.5}', ["--qubits", "two"], 2),
    "qubits-zero": (b'{"0":0.5,"1":0.5}', ["--qubits", 0], 2),
    "qubits-too-many": (b'{"0":0.5,"1":0.5}', ["--qubits", 10**9], 2),
    "marginal": (b'{"0":0.5,"1":0.5}', ["--qubits", 1, "--marginal", "a"], 2),
    "marginal-twice": (b'{"0":0.5,"1":0.5}', ["--qubits", 1, "--marginal", "0,0"], 2),
    "postselect": (b'{"shots":[{"registers":{"c":[1]}}]}', ["--postselect", "c"], 2),
    "postselect-width": (b'{"shots":[{"registers":{"c":[1]}}]}', ["--postselect", "c=11"], 2),
    "postselect-none": (b'{"shots":[{"registers":{"c":[1]}}]}', ["--postselect", "c=0"], 1),
    "marginal-beyond": (b'{"0":0.5,"1":0.5}', ["--qubits", 1, "--marginal", "1"], 2),
    "marginal-far-beyond": (b'{"0":0.5,"1":0.5}', ["--marginal", "9999999999"], 2),
    "marginal-too-wide": (b'{"0":0.5,"1":0.5}', ["--marginal", "99999"], 2),
    "qubits-of-many-digits": (b'{"0":0.5,"1":0.5}', ["--qubits", "9" * 5000], 2),
    "join-one": (b'{"shots":[{"registers":{"c":[1]}}]}', ["--join", "x"], 2),
}  # fmt: skip


class TestRefusals:
    @pytest.mark.parametrize("name", BAD)
    def test_a_bad_input_leaves_no_output(self, run: Run, name: str) -> None:
        data, options, status = BAD[name]
        Path("in.json").write_bytes(data)
        done = run("convert", "in.json", "--to", P2, *options, "-o", "out.json")
        assert done.exit_code == status, done.output
        assert files() == {"in.json"}
        reason = done.stderr.splitlines()[-1]
        assert reason.startswith("Error: ")
        assert len(done.stderr.splitlines()) == 1
        assert done.stdout == ""

    @pytest.mark.parametrize(
        ("options", "status", "word"),
        [
            ((), 2, "--shots"),
            (("--shots", 2000), 1, "1,999"),
            (("--shots", 3), 1, "whole number"),
            (("--shots", 10, "--method", "sample"), 2, "--seed"),
            (("--shots", 0), 2, "shots"),
            (("--shots", 10, "--method", "guess"), 2, "guess"),
        ],
    )
    def test_counts_that_would_be_invented(
        self, run: Run, options: tuple[Any, ...], status: int, word: str
    ) -> None:
        write("p.json", {"0": 0.5, "1": 0.4995})
        done = run("convert", "p.json", "--to", H1, *options, "-o", "out.json")
        assert (done.exit_code, files()) == (status, {"p.json"})
        assert word in done.stderr

    def test_a_pair_that_is_not_in_the_table(self, run: Run) -> None:
        done = run("convert", "-", "--from", P1, "--to", NATIVE, stdin=b'{"0":1}')
        assert done.exit_code == 2
        assert "--conversions" in done.stderr

    def test_what_cannot_be_opened(self, run: Run) -> None:
        done = run("convert", "nowhere.json", "--to", P1)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert "nowhere.json" in done.stderr

    def test_never_over_the_input(self, run: Run) -> None:
        write("p.json", {"0": 0.5, "1": 0.5})
        os.makedirs("sub")
        for same in ("p.json", "./p.json", "sub/../p.json"):
            done = run("convert", "p.json", "--to", P2, "--qubits", 1, "-o", same)
            assert done.exit_code == 2
        record = run(
            "convert", "p.json", "--to", P2, "--qubits", 1, "-o", "x.json", "--provenance", "x.json"
        )
        assert record.exit_code == 2
        assert json.loads(Path("p.json").read_text(encoding="utf-8")) == {"0": 0.5, "1": 0.5}
        assert files() == {"p.json", "sub"}

    @pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
    def test_nor_by_a_link(self, run: Run) -> None:
        write("p.json", {"0": 0.5, "1": 0.5})
        os.symlink("p.json", "link.json")
        done = run("convert", "p.json", "--to", P2, "--qubits", 1, "-o", "link.json")
        assert done.exit_code == 2

    def test_a_place_that_cannot_be_written(self, run: Run) -> None:
        write("p.json", {"0": 0.5, "1": 0.5})
        for option in ("-o", "--provenance"):
            done = run("convert", "p.json", "--to", P2, "--qubits", 1, option, "no/such/x.json")
            assert done.exit_code == 2
            assert "no/such/x.json" in done.stderr

    def test_a_record_that_cannot_be_written_leaves_no_result(self, run: Run) -> None:
        write("p.json", {"0": 0.5, "1": 0.5})
        options = ("--to", P2, "--qubits", 1, "-o", "x.json", "--provenance")
        assert run("convert", "p.json", *options, "no/such.json").exit_code == 2
        assert run("convert", "p.json", *options, "-").exit_code == 2
        assert files() == {"p.json"}
        done = run(
            "convert",
            "p.json",
            "--to",
            P2,
            "--qubits",
            1,
            "-o",
            "no/x.json",
            "--provenance",
            "r.json",
        )
        assert (done.exit_code, files()) == (2, {"p.json"})
        assert run("convert", "p.json", "--to", P2, "--qubits", 1, "-o", "").exit_code == 2

    def test_no_child_takes_the_place_of_the_input(self, run: Run) -> None:
        name = f"{ONE}.{P1}.json"
        write(name, {ONE: {"2": 1}})
        before = Path(name).read_bytes()
        assert run("convert", name, "--from", AGGREGATE, "--to", P1, "-o", "./").exit_code == 2
        assert (Path(name).read_bytes(), files()) == (before, {name})

    def test_a_name_that_begins_like_json(self, run: Run) -> None:
        write("{x}.json", {"0": 0.5, "1": 0.5})
        assert run("convert", "{x}.json", "--to", P2, "--qubits", 1).exit_code == 0

    def test_a_file_is_not_a_directory_of_children(self, run: Run) -> None:
        write("a.json", {ONE: {"2": 1}})
        write("file", {})
        done = run("convert", "a.json", "--to", P1, "-o", "file/")
        assert done.exit_code == 2
        assert done.stderr.startswith("Error: ")


class TestProveOrder:
    @pytest.mark.parametrize(
        ("v1", "v2", "answer", "status"),
        [
            ("1", "100", "wire", 0),
            ("1", "001", "reversed", 0),
            ("2", "010", "undecidable", 0),
            ("4", "010", "inconsistent", 1),
            ("9", "100", "inconsistent", 1),
        ],
    )
    def test_the_four_answers(self, run: Run, v1: str, v2: str, answer: str, status: int) -> None:
        write(f"a.{P1}.json", {v1: 1})
        write(f"b.{H2}.json", {"histogram": {"registers": {"output_all": {v2: 7}}}})
        done = run("prove-order", f"a.{P1}.json", f"b.{H2}.json")
        assert (done.exit_code, done.stdout.split(":")[0]) == (status, answer)

    def test_shots_and_other_registers(self, run: Run) -> None:
        write("v1.json", ["1", "1", "0"])
        shots = [{"registers": {"c": bits, "output_all": [0, 1]}} for bits in ([1, 0], [0, 0])]
        write("v2.json", {"shots": [shots[0], shots[0], shots[1]]})
        done = run("prove-order", "v1.json", "v2.json", "--register", "c")
        assert done.stdout.startswith("wire: ")
        assert run("prove-order", "v1.json", "v2.json").exit_code == 1
        assert run("prove-order", "v1.json", "v2.json", "--register", "d").exit_code == 2

    def test_misuse(self, run: Run) -> None:
        write(f"a.{P1}.json", {"1": 1})
        write(f"a.{AGGREGATE}.json", {ONE: {"1": 1}})
        assert run("prove-order", f"a.{AGGREGATE}.json", f"a.{P1}.json").exit_code == 2
        assert run("prove-order", f"a.{P1}.json", f"a.{P1}.json").exit_code == 2
        assert run("prove-order", f"a.{P1}.json", "nowhere").exit_code == 2
        done = run("prove-order", "-", f"a.{P1}.json", "--format-v1", P1, stdin=b"{")
        assert done.exit_code == 1


class TestTheTable:
    def test_it_is_printed(self, run: Run) -> None:
        done = run("formats", "--conversions")
        assert done.exit_code == 0
        for (source, target), route in CONVERSIONS.items():
            section = done.stdout.split(f"from {source} to\n")[1]
            line = next(line for line in section.splitlines() if line.split()[0] == target)
            assert line.endswith(route.summary)

    def test_as_json(self, run: Run) -> None:
        listed = json.loads(run("formats", "--conversions", "--json").stdout)["conversions"]
        assert {(each["from"], each["to"]) for each in listed} == set(CONVERSIONS)


def test_errata_and_states_are_listed_as_json(run: Run) -> None:
    assert json.loads(run("formats", "--verify", "--json").stdout)["files"][0]["state"] == "pinned"
    run_dir = Path("mine")
    run_dir.mkdir()
    for name in ("registry.lock", "sources.toml", f"{P2}.json"):
        source = ROOT / "schemas" / "qartifacts_schemas" / name
        (run_dir / name).write_bytes(source.read_bytes())
    assert run("formats", "--verify", "--registry", "mine").exit_code == 1
    lock = json.loads((run_dir / "registry.lock").read_text())
    lock["formats"] = {P2: lock["formats"][P2]}
    (run_dir / "registry.lock").write_text(json.dumps(lock))
    assert run("formats", "--errata", "--registry", "mine").stdout == "there are no errata\n"
    assert run("check", "-", "--as-published", "--format", S1, stdin=b"[1]").exit_code == 1


def test_the_record_of_its_job_gives_width_and_shots(run: Run) -> None:
    folder = ROOT / "examples" / "jobs" / "staircase"
    (probabilities,) = folder.glob("*.probabilities.json.v1.json")
    (histogram,) = folder.glob("*.histogram.json.v2.json")
    arguments = ("convert", probabilities, "--to", "ionq.result.histogram.json.v2")
    assert run(*arguments).exit_code == 2
    done = run(*arguments, "--job", folder / "job.json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == json.loads(histogram.read_bytes())
    other = ROOT / "examples" / "jobs" / "bell-ideal"
    wrong = run(*arguments, "--job", other)
    assert wrong.exit_code == 1
    assert "QA303" in wrong.stdout + wrong.stderr
