"""``show`` and what notebooks show: the right outcomes in the right order, on any output, safely."""

from __future__ import annotations

import ast
import json
import os
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.artifact.summary import View, compare, summarize
from qartifacts.render import chart
from qartifacts.render.chart import MOST_BARS, draw, percentage, to_text
from support import DRAFT_7, ROOT, MakeRegistry, Run

P1, P2 = "ionq.result.probabilities.json.v1", "ionq.result.probabilities.json.v2"
H1, H2 = "ionq.result.histogram.json.v1", "ionq.result.histogram.json.v2"
S1, S2 = "ionq.result.shots.json.v1", "ionq.result.shots.json.v2"
AGGREGATE = "ionq.result.probabilities-aggregate.json.v1"
ONE, TWO = "06a2099c-f845-7208-8000-8111ee2dccbc", "06a2099c-f846-7d32-8000-5726853513db"
GOOD = ROOT / "examples" / "results" / "good"
HOSTILE = "\x1b]0;owned\x07<script>$\\frac{1}$</script>&[red]\u202e"

#: 100 qubits, bit 0 first: only bit 0 is 1; all are 0; only bit 50 is 1.
FIRST, NONE, MIDDLE = "1" + "0" * 99, "0" * 100, "0" * 50 + "1" + "0" * 49


def write(name: str, payload: Any) -> str:
    Path(name).write_text(json.dumps(payload), encoding="utf-8")
    return name


def histogram(**registers: dict[str, int]) -> dict[str, Any]:
    return {"histogram": {"registers": registers}}


def probabilities(**registers: dict[str, float]) -> dict[str, Any]:
    return {"probabilities": {"registers": registers}}


def bars(output: str) -> list[list[str]]:
    """The rows of a chart: their words, each bar as its character."""
    rows = [
        re.sub(r"[▏▎▍▌▋▊▉█#.]{2,}|[▏▎▍▌▋▊▉█#]", "#", line).split() for line in output.splitlines()
    ]
    return [row for row in rows if row and row[-1] == "%" and "and" not in row]


class TestOne:
    def test_a_histogram(self, run: Run) -> None:
        write("h.json", histogram(c={"100": 6, "001": 3, "110": 1, "000": 0}))
        done = run("show", "h.json")
        assert done.exit_code == 0, done.stderr
        assert done.stdout == (
            "h.json\n"
            "  format     ionq.result.histogram.json.v2\n"
            "  shots      10\n"
            '  registers  "c" (3 bits)\n'
            "\n"
            '"c" (3 bits): 4 outcomes (1 of them zero), entropy 1.30 bits\n'
            "  bit 0 is the leftmost character\n"
            "  100  ████████████████████████████████  6  60.0 %\n"
            "  001  ████████████████                  3  30.0 %\n"
            "  110  █████▍                            1  10.0 %\n"
            "  and 1 more outcome, 0.0 %\n"
        )

    def test_orders(self, run: Run) -> None:
        write("h.json", histogram(c={"100": 7, "110": 3}))
        for arguments, words, states in [
            ([], "leftmost", ["100", "110"]),
            (["--order", "qiskit"], "rightmost", ["001", "011"]),
            (["--bit-order", "reversed"], "leftmost", ["001", "011"]),
            (["--bit-order", "reversed", "--order", "qiskit"], "rightmost", ["100", "110"]),
        ]:
            done = run("show", "h.json", *arguments)
            assert f"bit 0 is the {words} character" in done.stdout
            assert [row[0] for row in bars(done.stdout)] == states
            assert ("reversed: bit 0 is the last" in done.stdout) is ("reversed" in arguments)

    def test_the_largest_come_first_and_the_rest_is_told(self, run: Run) -> None:
        counts = {f"{n:012b}": n % 7 + 1 for n in range(4096)}
        counts["000000000011"] = 5000
        write("h.json", histogram(c=counts))
        total = sum(counts.values())
        done = run("show", "h.json", "--top", 3, "--order", "qiskit")
        rows = bars(done.stdout)
        # Of equal ones, the smaller state comes first, and bit 0 is the least significant.
        sevens = sorted(int(s[::-1], 2) for s, n in counts.items() if n == 7)[:2]
        assert [row[0] for row in rows] == ["110000000000", *(f"{n:012b}" for n in sevens)]
        assert rows[0][2:] == ["5,000", f"{5000 / total:.1%}"[:-1], "%"]
        share = 1 - 5014 / total
        assert done.stdout.splitlines()[-1] == f"  and 4,093 more outcomes, {100 * share:.1f} %"
        assert len(bars(run("show", "h.json").stdout)) == 16

    def test_version_1_without_and_with_a_width(self, run: Run) -> None:
        write("p.json", {"1": 0.75, "4": 0.2499})
        plain = run("show", "p.json").stdout
        assert "decimal integers, bit 0 is the least significant bit" in plain
        assert '"output_all" (width not recorded): 2 outcomes' in plain
        assert "  shots      not recorded\n" in plain
        assert "sum 0.9999\n" in plain
        assert bars(plain) == [["1", "#", "75.0", "%"], ["4", "#", "25.0", "%"]]
        wide = run("show", "p.json", "--qubits", 3).stdout
        assert '"output_all" (3 bits)' in wide
        assert [row[0] for row in bars(wide)] == ["100", "001"]
        turned = run("show", "p.json", "--qubits", 3, "--order", "qiskit").stdout
        assert [row[0] for row in bars(turned)] == ["001", "100"]
        narrow = run("show", "p.json", "--qubits", 2)
        assert narrow.exit_code == 1
        assert 'the state "4" needs 3 bits' in narrow.stderr

    def test_shots_with_leakage(self, run: Run) -> None:
        shots = [{"registers": {"c": [1, 0]}, "leakage_bits": [0, 0]}] * 3
        shots += [{"registers": {"c": [0, 1]}, "leakage_bits": [0, 1]}]
        write("s.json", {"shots": shots})
        kept = run("show", "s.json").stdout
        assert "shots      3 kept, 1 leaked (left out)" in kept
        assert bars(kept) == [["10", "#", "3", "100.0", "%"]]
        whole = run("show", "s.json", "--keep-leaked").stdout
        assert "shots      3 kept, 1 leaked (counted, too)" in whole
        assert bars(whole) == [["10", "#", "3", "75.0", "%"], ["01", "#", "1", "25.0", "%"]]

    def test_shots_of_version_1(self, run: Run) -> None:
        done = run("show", "-", "--format", S1, stdin=b'["2", "1", "2"]')
        assert done.stdout.startswith("<stdin>\n")
        assert [row[0] + row[2] for row in bars(done.stdout)] == ["22", "11"]

    @pytest.mark.parametrize(
        ("format", "payload", "says"),
        [
            (H1, {}, "0 outcomes\n  no outcomes\n"),
            (H1, {"5": 0}, "1 outcome (1 of them zero)\n  1 outcome, none of which was seen\n"),
            (H2, histogram(c={}), "0 outcomes\n  no outcomes\n"),
            (S1, [], "0 outcomes\n  no outcomes\n"),
            (S2, {"shots": []}, "  registers  none\n"),
            (
                S2,
                {"shots": [{"registers": {"c": [0]}, "leakage_bits": [1]}]},
                '"c" (1 bit): 0 outcomes\n  no outcomes\n',
            ),
        ],
    )
    def test_nothing_to_see(self, run: Run, format: str, payload: Any, says: str) -> None:
        done = run("show", write(f"x.{format}.json", payload))
        assert done.exit_code == 0, done.stderr
        assert done.stdout.endswith(says)
        assert "bit 0" not in done.stdout

    def test_images_of_nothing(self, run: Run) -> None:
        write("empty.json", histogram(c={}))
        assert run("show", "empty.json", "--png", "x.png").exit_code == 0
        assert Path("x.png").read_bytes().startswith(b"\x89PNG")
        write("none.json", {"shots": []})
        done = run("show", "none.json", "--png", "none.png")
        assert (done.exit_code, done.stdout) == (2, "")
        assert "nothing to draw" in done.stderr

    def test_a_register_without_bits(self, run: Run) -> None:
        write("x.json", {"shots": [{"registers": {"c": []}}]})
        done = run("show", "x.json")
        assert '"c" (0 bits): 1 outcome' in done.stdout
        assert done.stdout.splitlines()[-1].startswith("  (no bits)  █")
        assert done.stdout.endswith("█  1  100.0 %\n")

    def test_registers(self, run: Run) -> None:
        names = ["mid", "result", "output_all", "d", "e"]
        counts = [{"1": 4}, {"10": 4}, {"100": 3, "010": 1}, {"0": 4}, {"0": 4}]
        write("h.json", histogram(**dict(zip(names, counts, strict=True))))
        done = run("show", "h.json")
        assert [row[0] for row in bars(done.stdout)] == ["1", "10", "100", "010"]
        assert done.stdout.endswith(
            "\n2 more registers without a chart; --register NAME shows one\n"
        )
        assert '"mid" (1 bit), "result" (2 bits), "output_all" (3 bits), "d"' in done.stdout
        one = run("show", "h.json", "--register", "e", "--qubits", 1)
        assert one.stdout.count("outcome") == 1
        assert "without a chart" not in one.stdout
        # A width is about the system's own register, unless another one is named.
        assert run("show", "h.json", "--qubits", 3).exit_code == 0
        wrong = run("show", "h.json", "--register", "e", "--qubits", 3)
        assert (wrong.exit_code, wrong.stderr) == (1, "Error: the register has 1 bit, not 3\n")
        unknown = run("show", "h.json", "--register", "f")
        assert unknown.exit_code == 2
        assert 'no register "f"' in unknown.stderr

    def test_any_number_of_registers(self, run: Run) -> None:
        write("h.json", histogram(**{f"r{n}": {"1": 1} for n in range(500)}))
        done = run("show", "h.json")
        assert '"r11" (1 bit) and 488 more\n' in done.stdout
        assert "497 more registers" in done.stdout
        assert len(done.stdout.splitlines()) < 30

    def test_an_aggregate(self, run: Run) -> None:
        write("a.json", {ONE: {"1": 0.25, "2": 0.75}, TWO: {"0": 1}})
        listed = run("show", "a.json")
        assert listed.exit_code == 0
        assert listed.stdout == (
            "a.json\n"
            f"  format    {AGGREGATE}\n"
            "  children  2\n"
            "\n"
            "children\n"
            f"  {ONE}  2 outcomes, most likely 2 (75.0 %)\n"
            f"  {TWO}  1 outcome, most likely 0 (100.0 %)\n"
            "\n"
            "--child ID shows one of them as a chart\n"
        )
        child = run("show", "a.json", "--child", ONE.upper(), "--qubits", 3)
        assert f"  children  {ONE}, one of 2\n" in child.stdout
        assert [row[0] for row in bars(child.stdout)] == ["010", "100"]
        absent = run("show", "a.json", "--child", ONE.replace("0", "1"))
        assert absent.exit_code == 1
        needed = run("show", "a.json", "--svg", "a.svg")
        assert needed.exit_code == 2
        assert "--child is needed" in needed.stderr
        assert not Path("a.svg").exists()
        assert run("show", "a.json", "--child", ONE, "--register", "c").exit_code == 2
        empty = run("show", "-", "--format", AGGREGATE, stdin=b"{}")
        assert (empty.exit_code, empty.stdout.splitlines()[-1]) == (0, "children")

    def test_a_circuit(self, run: Run) -> None:
        name = GOOD / "bell-compiled.ionq.native.v1.json"
        done = run("show", name)
        assert done.exit_code == 0, done.stderr
        assert done.stdout.splitlines()[1:] == [
            "  format  ionq.native.v1",
            "  qubits  2",
            "  gates   6: gpi2 5, ms 1",
        ]
        write("empty.json", {"qubits": 3, "circuit": []})
        assert run("show", "empty.json").stdout.endswith("  qubits  3\n  gates   0\n")
        drawn = run("show", name, "--png", "c.png")
        assert (drawn.exit_code, drawn.stdout) == (2, "")
        assert "nothing to draw" in drawn.stderr
        assert run("show", name, "--register", "c").exit_code == 2

    def test_a_format_that_is_not_known_here(self, run: Run, make_registry: MakeRegistry) -> None:
        registry = make_registry({"acme.counts.v1": {"$schema": DRAFT_7, "type": "object"}})
        write("x.json", {"00": 1})
        done = run("show", "x.json", "--format", "acme.counts.v1", "--registry", registry.folder)
        assert done.exit_code == 0, done.stderr
        assert done.stdout.endswith("  shots      not recorded\n  registers  none\n")


class TestTwo:
    IDEAL = probabilities(output_all={"000": 0.5, "110": 0.5})
    NOISY = histogram(output_all={"000": 40, "110": 30, "100": 20, "010": 10})

    def test_side_by_side(self, run: Run) -> None:
        write("ideal.json", self.IDEAL)
        write("noisy.json", self.NOISY)
        done = run("show", "ideal.json", "noisy.json", "--top", 2)
        assert done.exit_code == 0, done.stderr
        lines = done.stdout.splitlines()
        assert lines[0] == "A  ideal.json"
        assert "B  noisy.json" in lines
        assert bars(done.stdout) == [
            ["000", "A", "#", "50.0", "%"],
            ["B", "#", "40", "40.0", "%"],
            ["110", "A", "#", "50.0", "%"],
            ["B", "#", "30", "30.0", "%"],
        ]
        assert lines[-1] == "  and 2 more outcomes, A 0.0 %, B 30.0 %"
        a, b = qa.load("ideal.json"), qa.load("noisy.json")
        distance, fidelity = qa.total_variation_distance(a, b), qa.hellinger_fidelity(a, b)
        assert distance == pytest.approx(0.3)
        assert f"total variation distance {distance:.6g}, Hellinger fidelity {fidelity:.6g}" in (
            done.stdout
        )

    def test_the_union_of_the_most_frequent_ones(self, run: Run) -> None:
        write("a.json", histogram(c={"10": 8, "01": 2}))
        write("b.json", histogram(c={"11": 9, "01": 1}))
        done = run("show", "a.json", "b.json", "--top", 1)
        assert bars(done.stdout) == [
            ["11", "A", "0", "0.0", "%"],
            ["B", "#", "9", "90.0", "%"],
            ["10", "A", "#", "8", "80.0", "%"],
            ["B", "0", "0.0", "%"],
        ]

    def test_versions_1_and_2(self, run: Run) -> None:
        write("v1.json", {"1": 0.25, "4": 0.75})
        write("v2.json", histogram(c={"111": 100}, output_all={"100": 25, "001": 75}))
        done = run("show", "v1.json", "v2.json", "--order", "qiskit")
        assert "distance 0, Hellinger fidelity 1\n" in done.stdout
        assert '"output_all" (3 bits)\n' in done.stdout
        assert [row[0] for row in bars(done.stdout)][::2] == ["100", "001"]
        turned = run("show", "v1.json", "v2.json", "--bit-order", "reversed")
        assert "distance 0.5," in turned.stdout
        decimal = run("show", "v1.json", "v1.json")
        assert "least significant" in decimal.stdout
        assert run("show", "v1.json", "v1.json", "--qubits", 3).stdout.count("(3 bits)") == 1

    def test_one_register_each(self, run: Run) -> None:
        write("a.json", histogram(c={"10": 8}))
        write("b.json", histogram(d={"10": 8}))
        assert '"c" and "d" (2 bits)' in run("show", "a.json", "b.json").stdout

    def test_several_registers(self, run: Run) -> None:
        write("a.json", histogram(**{f"r{n}": {"1": 1} for n in range(9)}))
        write("b.json", histogram(**{f"r{n}": {"1": 1} for n in range(8, 2, -1)}))
        done = run("show", "a.json", "b.json")
        assert re.findall(r'^"(r\d)"', done.stdout, re.MULTILINE) == ["r3", "r4", "r5"]
        assert "3 more registers without a chart" in done.stdout
        chosen = run("show", "a.json", "b.json", "--register", "r7")
        assert re.findall(r'^"(r\d)"', chosen.stdout, re.MULTILINE) == ["r7"]
        assert run("show", "a.json", "b.json", "--register", "r0").exit_code == 2

    def test_leaked_shots_count_in_the_distance_where_they_are_shown(self, run: Run) -> None:
        shots = [{"registers": {"c": [0, 1]}, "leakage_bits": [leaked, 0]} for leaked in (0, 1)]
        shots[1]["registers"] = {"c": [1, 1]}
        write("s.json", {"shots": shots})
        write("h.json", histogram(c={"01": 1}))
        assert "distance 0," in run("show", "s.json", "h.json").stdout
        assert "distance 0.5," in run("show", "s.json", "h.json", "--keep-leaked").stdout

    def test_children(self, run: Run) -> None:
        write("a.json", {ONE: {"1": 0.25, "2": 0.75}})
        write("b.json", probabilities(output_all={"10": 0.25, "01": 0.75}))
        needed = run("show", "a.json", "b.json")
        assert needed.exit_code == 2
        assert "--child is needed" in needed.stderr
        assert "distance 0," in run("show", "a.json", "b.json", "--child", ONE).stdout

    def test_what_has_no_shots_has_no_distance(self, run: Run) -> None:
        write("a.json", histogram(c={}))
        write("b.json", histogram(c={"01": 1}))
        for names in (["a.json", "b.json"], ["b.json", "a.json"], ["a.json", "a.json"]):
            done = run("show", *names, "--svg", "x.svg")
            assert done.exit_code == 0, done.stderr
            assert "no distance: one of the two has no shots" in done.stdout

    @pytest.mark.parametrize(
        ("one", "other", "says"),
        [
            (histogram(c={"10": 1}), histogram(c={"100": 1}), "cannot be compared with one of 3"),
            ({"4": 0.5, "0": 0.5}, histogram(output_all={"10": 1}), "needs 3 bits"),
            (histogram(a={"1": 1}, b={"1": 1}), {"1": 0.5, "0": 0.5}, "no register in common"),
            ({"qubits": 1, "circuit": []}, {"1": 0.5, "0": 0.5}, "holds no results"),
        ],
    )
    def test_what_cannot_be_compared(self, run: Run, one: Any, other: Any, says: str) -> None:
        write("a.json", one)
        write("b.json", other)
        for names in (["a.json", "b.json"], ["b.json", "a.json"]):
            done = run("show", *names)
            assert (done.exit_code, done.stdout) == (1, "")
            assert says in done.stderr


class TestMisuse:
    @pytest.mark.parametrize(
        ("arguments", "status", "says"),
        [
            (["bad.json"], 1, 'bad.json: 1:2: error QA206: the key "00"'),
            (["good.json", "bad.json"], 1, "bad.json: 1:2: error QA206"),
            (["missing.json"], 2, "missing.json cannot be read: No such file"),
            (["good.json", "missing.json"], 2, "missing.json cannot be read"),
            (["."], 2, ". cannot be read"),
            (["-", "-"], 2, "only once"),
            (["good.json", "--format", "no.such.v1"], 2, "not in the registry"),
            (["good.json", "--registry", "nowhere"], 2, "registry.lock"),
            (["good.json", "--top", "0"], 2, "--top"),
            (["good.json", "--qubits", "65537"], 2, "--qubits"),
            (["good.json", "--child", "x"], 2, "UUID"),
            (["good.json", "--child", ONE], 2, "for aggregates"),
            (["good.json", "--png", "-"], 2, "takes the name of a file"),
            (["good.json", "--png", "good.json"], 2, "--png and an input are the same file"),
            (["-", "--svg", "linked.json", "--png", "good.json"], 2, "are the same file"),
            (["missing.json", "good.json", "--svg", "./good.json"], 2, "are the same file"),
            (["good.json", "--svg", "linked.json"], 2, "are the same file"),
            (["good.json", "--svg", "hard.json"], 2, "are the same file"),
            (["good.json", "--svg", "x", "--png", "x"], 2, "--png are the same file"),
            (["good.json", "--svg", "no/x.svg"], 2, "no/x.svg cannot be written: No such file"),
            ([], 2, "Missing argument"),
        ],
    )
    def test_says_what(self, run: Run, arguments: list[str], status: int, says: str) -> None:
        write("bad.json", {"00": 0.5, "11": 0.5})
        before = Path(write("good.json", {"0": 0.5, "3": 0.5})).read_bytes()
        Path("linked.json").symlink_to("good.json")
        Path("hard.json").hardlink_to("good.json")
        done = run("show", *arguments, stdin=b'{"0": 0.5, "3": 0.5}')
        assert (done.exit_code, done.stdout) == (status, "")
        assert says in done.stderr
        assert "Traceback" not in done.stderr
        assert Path("good.json").read_bytes() == before
        assert {path.name for path in Path().iterdir()} == {
            "bad.json", "good.json", "linked.json", "hard.json",
        }  # fmt: skip

    def test_paths_that_look_like_json_are_paths(self, run: Run) -> None:
        write("[1] counts.json", histogram(c={"1": 1}))
        assert run("show", "[1] counts.json").stdout.startswith("[1] counts.json\n")

    def test_has_examples(self, run: Run) -> None:
        done = run("show", "--help")
        assert done.exit_code == 0, done.stderr
        lines = done.stdout.split("Examples:")[1].split("\n\n")[0].strip().splitlines()
        assert len(lines) == 5
        assert all(line.strip().startswith("qartifacts show ") for line in lines)


class TestOutputs:
    COUNTS = histogram(c={FIRST: 5, MIDDLE: 3, NONE: 2})

    def test_what_is_piped_is_whole(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
            monkeypatch.setenv(name, "1")
        monkeypatch.setenv("COLUMNS", "20")
        write("h.json", self.COUNTS)
        done = run("show", "h.json")
        assert [row[0] for row in bars(done.stdout)] == [FIRST, MIDDLE, NONE]
        assert done.stdout.replace("\n", "").isprintable()
        assert not any(line.endswith(" ") for line in done.stdout.splitlines())
        sheet = summarize(qa.load("h.json"), "h.json", View())
        assert to_text(sheet) == done.stdout  # Which CliRunner would have stripped of colours.

    @pytest.mark.parametrize("columns", [20, 60, 80, 120, 300])
    def test_no_line_is_wider_than_the_terminal(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, columns: int
    ) -> None:
        monkeypatch.setattr("qartifacts.cli.show.on_terminal", lambda: True)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("TERM", "dumb")
        write(f"{'long' * 30}.json", self.COUNTS)
        write("h.json", histogram(c={NONE: 1}))
        for names in (["h.json"], [f"{'long' * 30}.json", "h.json"]):
            shown = run("show", *names).stdout
            assert max(map(len, shown.splitlines())) <= max(columns, 40)

    def test_states_are_folded_where_cutting_them_would_mix_them_up(self) -> None:
        sheet = summarize(qa.load(self.COUNTS), "h.json", View())
        lines = to_text(sheet, width=80).splitlines()
        start = next(n for n, line in enumerate(lines) if line.startswith("  10"))
        found = [re.findall("[01]+", line[:56])[0] for line in lines[start : start + 6]]
        assert [a + b for a, b in zip(found[::2], found[1::2], strict=True)] == [
            FIRST, MIDDLE, NONE,
        ]  # fmt: skip
        assert not any("…" in line for line in lines)

    def test_states_are_cut_where_they_stay_apart(self) -> None:
        counts = histogram(c={FIRST: 5, NONE: 3})
        sheet = summarize(qa.load(counts), "h.json", View())
        lines = to_text(sheet, width=80).splitlines()
        shown = [line.split()[0] for line in lines if "…" in line]
        assert [each[0] for each in shown] == ["1", "0"]
        assert {len(each) for each in shown} == {32}
        assert lines[-1] == "  (states are cut in the middle; a pipe gets them whole)"
        assert to_text(sheet, width=80, encoding="ascii").count("...") == 2
        wide = to_text(sheet, width=200)
        assert FIRST in wide
        assert "cut" not in wide

    def test_bars_are_to_scale(self) -> None:
        sheet = summarize(
            qa.load(histogram(c={"00": 8000, "10": 4000, "01": 500, "11": 1})), "h", View()
        )
        lines = to_text(sheet, width=60).splitlines()[-4:]
        assert max(map(len, lines)) == 60
        drawn = [re.sub("[^▏▎▍▌▋▊▉█]", "", line) for line in lines]
        full = len(drawn[0])
        assert drawn[0] == "█" * full
        assert len(drawn[1]) == -(-full // 2)
        assert drawn[3] == "▏"  # What was seen can be seen.
        in_ascii = to_text(sheet, width=60, encoding="latin-1").splitlines()[-4:]
        assert [line.split()[1] for line in in_ascii][::3] == ["#" * full, "."]
        assert "\n".join(in_ascii).isascii()

    def test_hostile_names_do_not_drive_the_terminal(self, run: Run) -> None:
        name = "\x1b]0;owned\x07.json"
        write(name, histogram(**{HOSTILE: {"10": 1}, "x" * 10_000: {"1": 1}}))
        for arguments in ([name], [name, name], [name, "--register", "\x1b[2J"]):
            done = run("show", *arguments)
            assert not set("\x1b\x07\u202e") & set(done.output)
        shown = run("show", name).stdout
        assert "\\u001b]0;owned\\u0007<script>" in shown
        assert "&[red]\\u202e" in shown
        assert shown.startswith("\\x1b]0;owned\\x07.json\n")
        assert max(map(len, shown.splitlines())) < 250

    def test_what_the_output_cannot_encode_is_escaped(self, tmp_path: Path) -> None:
        path = tmp_path / "h.json"
        path.write_text(json.dumps(histogram(结={"10": 1})), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "qartifacts", "show", str(path)],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        )
        assert b'"\\u7ed3" (2 bits): 1 outcome' in done.stdout
        assert b"  10  ################################  1  100.0 %\n" in done.stdout
        assert done.stderr == b""

    @pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
    def test_colours_on_a_terminal_alone(self, tmp_path: Path) -> None:
        import fcntl
        import pty
        import termios

        path = tmp_path / "h.json"
        path.write_text(json.dumps(histogram(c={"10": 3, "01": 1})), encoding="utf-8")

        def on_a_terminal(**environment: str) -> str:
            ours, theirs = pty.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 70, 0, 0))
            env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
            command = [sys.executable, "-m", "qartifacts", "show", str(path)]
            with subprocess.Popen(
                command, stdout=theirs, stderr=theirs, env={**env, "TERM": "xterm", **environment}
            ):
                os.close(theirs)
                shown = b""
                try:
                    while piece := os.read(ours, 4096):
                        shown += piece
                except OSError:
                    pass  # The other end is closed.
            os.close(ours)
            return shown.decode()

        coloured = on_a_terminal()
        assert "\x1b[36m█" in coloured
        plain = on_a_terminal(NO_COLOR="1")
        assert "\x1b" not in plain
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == plain.split()
        # All 70 columns: indent, state, bar, count and percentage with two spaces between them.
        assert "  10  " + "█" * 53 + "  3  75.0 %" in plain

    @pytest.mark.parametrize(
        ("share", "text"),
        [
            (0, "0.0 %"),
            (1, "100.0 %"),
            (0.123, "12.3 %"),
            (0.0004, "0.04 %"),
            (0.9997, "99.97 %"),
            (1e-12, "1e-10 %"),
            (1 - 1e-12, "100.0 %"),
            (1.0005, "100.05 %"),
        ],
    )
    def test_percentages_never_say_none_or_all_of_what_is_neither(
        self, share: float, text: str
    ) -> None:
        assert percentage(share) == text


class TestImages:
    COUNTS = histogram(c={FIRST: 5, NONE: 3}, d={"10": 7, "01": 1})

    def texts(self, image: bytes) -> list[str]:
        root = ET.fromstring(image)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]

    def test_both(self, run: Run) -> None:
        write("h.json", self.COUNTS)
        done = run("show", "h.json", "--png", "h.png", "--svg", "h.svg", "--order", "qiskit")
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout == run("show", "h.json", "--order", "qiskit").stdout
        png = Path("h.png").read_bytes()
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", png[16:24])
        assert 1500 < width < 2500
        assert 500 < height < 1500
        texts = self.texts(Path("h.svg").read_bytes())
        # From top to bottom.
        assert [each for each in texts if re.fullmatch("[01]{2}|[01]{100}", each)] == [
            FIRST[::-1], NONE, "01", "10",
        ]  # fmt: skip
        for text in (
            "5  62.5 %",
            "7  87.5 %",
            "h.json",
            '"d" (2 bits): 2 outcomes, entropy 0.54 bits',
        ):
            assert text in texts
        assert texts.count("bit 0 is the rightmost character") == 2
        assert texts.count("error bars: one standard error") == 2
        assert {path.name for path in Path().iterdir()} == {"h.json", "h.png", "h.svg"}

    def test_error_bars_are_standard_errors(self) -> None:
        sheet = summarize(qa.load(histogram(c={"1": 80, "0": 20})), "h", View())
        from matplotlib.figure import Figure

        axes = Figure().subplots()
        chart._draw_chart(axes, sheet.charts[0])
        (segments,) = axes.containers[0].lines[2]  # type: ignore[attr-defined]
        (low, _), (high, _) = segments.get_segments()[0]
        assert (high - low) / 2 == pytest.approx(100 * (0.8 * 0.2 / 100) ** 0.5)

    def test_the_scale_ends_where_probabilities_do(self) -> None:
        from matplotlib.figure import Figure

        axes = Figure().subplots()
        sheet = summarize(qa.load(probabilities(c={"1": 1})), "h", View())
        chart._draw_chart(axes, sheet.charts[0])
        assert max(axes.get_xticks()) == 100
        assert axes.get_xlabel() == "probability (%)"

    def test_two(self, run: Run) -> None:
        write("a.json", {"1": 0.75, "2": 0.25})
        write("b.json", histogram(output_all={"10": 6, "11": 2}))
        run("show", "a.json", "b.json", "--svg", "x.svg", "--top", 1)
        texts = self.texts(Path("x.svg").read_bytes())
        assert {"A  a.json", "B  b.json", "A", "B", "10", "75.0 %", "6  75.0 %"} <= set(texts)
        assert "and 2 more outcomes, A 25.0 %, B 25.0 %; error bars: one standard error" in texts
        distance = [each for each in texts if each.startswith("total variation distance 0.25,")]
        assert len(distance) == 1

    def test_the_same_makes_the_same_bytes(self, run: Run) -> None:
        write("h.json", self.COUNTS)
        run("show", "h.json", "--svg", "one.svg", "--png", "one.png")
        command = [sys.executable, "-m", "qartifacts", "show", "h.json"]
        environment = {**os.environ, "PYTHONHASHSEED": "3", "SOURCE_DATE_EPOCH": "0"}
        subprocess.run(
            [*command, "--svg", "two.svg", "--png", "two.png"],
            check=True,
            capture_output=True,
            env=environment,
        )
        for kind in ("svg", "png"):
            assert Path(f"one.{kind}").read_bytes() == Path(f"two.{kind}").read_bytes()
        svg = Path("one.svg").read_text(encoding="utf-8")
        assert "date" not in svg
        assert "Matplotlib v" not in svg

    def test_settings_of_matplotlib_play_no_part_and_stay(self) -> None:
        import matplotlib as mpl

        # Oracles of other tests may have imported it; drawing must not.
        there = "matplotlib.pyplot" in sys.modules
        sheet = summarize(qa.load(histogram(c={"10": 1})), "h", View())
        before = draw(sheet, "svg")
        with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "text.usetex": True}):
            assert draw(sheet, "svg") == before
            assert mpl.rcParams["font.size"] == 30
        assert ("matplotlib.pyplot" in sys.modules) is there

    def test_hostile_names_are_text(self, run: Run) -> None:
        write("$x$ <b>.json", histogram(**{HOSTILE: {"10": 1}, "结": {"1": 1}}))
        done = run("show", "$x$ <b>.json", "--svg", "x.svg", "--png", "x.png")
        assert (done.exit_code, done.stderr) == (0, "")
        texts = self.texts(Path("x.svg").read_bytes())
        assert "$x$ <b>.json" in texts
        assert any("<script>$\\\\frac{1}$</script>&[red]" in each for each in texts)

    def test_a_figure_has_its_limits(self, run: Run) -> None:
        write("h.json", histogram(c={f"{n:010b}": 1 for n in range(1000)}))
        done = run("show", "h.json", "--top", MOST_BARS + 1, "--png", "h.png")
        assert done.exit_code == 2
        assert f"room for {MOST_BARS} bars, not {MOST_BARS + 1}; a smaller --top" in done.stderr
        assert not Path("h.png").exists()

    def test_states_of_thousands_of_bits_are_cut(self) -> None:
        sheet = summarize(qa.load(histogram(c={"1" + "0" * 5000: 1})), "h", View())
        (state,) = [each for each in self.texts(draw(sheet, "svg")) if re.match("10+…0+$", each)]
        assert len(state) == 128

    def test_a_large_result_has_room_for_its_tallest_figure(self) -> None:
        counts = {f"{n:010b}": 1 for n in range(MOST_BARS)}
        image = draw(summarize(qa.load(histogram(c=counts)), "h", View(top=MOST_BARS)), "png")
        assert struct.unpack(">II", image[16:24])[1] < 1 << 16

    def test_without_matplotlib(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        write("h.json", self.COUNTS)
        assert run("show", "h.json").exit_code == 0
        for kind in ("png", "svg"):
            done = run("show", "h.json", f"--{kind}", "x")
            assert (done.exit_code, done.stdout) == (2, "")
            assert "install qartifacts[plot]" in done.stderr

    def test_drawing_libraries_are_imported_where_they_draw(self) -> None:
        code = (
            "import sys, qartifacts as qa; import qartifacts.artifact.summary, qartifacts.cli.show\n"
            "qa.load(b'[\"0\"]', format='ionq.result.shots.json.v1')._repr_html_()\n"
            "print(sorted({'rich', 'matplotlib'} & set(sys.modules)))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        assert ast.literal_eval(done.stdout.decode()) == []


class TestNotebook:
    def rows(self, artifact: qa.Artifact) -> list[list[str]]:
        root = ET.fromstring(artifact._repr_html_())
        return [
            [text for cell in row.iter("td") if (text := "".join(cell.itertext()))]
            for row in root.iter("tr")
        ]

    def text(self, artifact: qa.Artifact) -> str:
        return "".join(ET.fromstring(artifact._repr_html_()).itertext())

    def test_counts(self) -> None:
        counts = {f"{n:04b}": 2 * n for n in range(1, 16)}
        artifact = qa.load(histogram(c=counts))
        rows = self.rows(artifact)
        assert len(rows) == 10
        assert rows[0] == ["1111", "30", "12.5 %"]
        assert rows[1] == ["1110", "28", "11.7 %"]
        text = self.text(artifact)
        assert "shots: 240" in text
        assert H2 in text
        assert '"c" (4 bits)' in text
        assert "bit 0 is the leftmost character" in text
        assert "and 5 more outcomes" in text
        widths = re.findall(r"<div style=\"width:([0-9.]+)em", artifact._repr_html_())
        assert [float(each) for each in widths[:2]] == [12, 11.2]

    def test_version_1(self) -> None:
        artifact = qa.load({"1": 0.75, "4": 0.25})
        assert self.rows(artifact) == [["1", "75.0 %"], ["4", "25.0 %"]]
        assert "bit 0 is the least significant bit" in self.text(artifact)

    def test_three_registers_or_children(self) -> None:
        many = qa.load(histogram(**{f"r{n}": {"10": 1} for n in range(5)}))
        assert len(self.rows(many)) == 3
        assert self.text(many).endswith("and 2 more")
        aggregate = qa.load({f"{ONE[:-1]}{n}": {"1": 1} for n in range(5)}, format=AGGREGATE)
        assert len(self.rows(aggregate)) == 3
        assert self.text(aggregate).count("child 06a2099c") == 3
        assert self.text(aggregate).endswith("and 2 more")

    def test_empty(self) -> None:
        assert self.text(qa.load([], format=S1)).endswith("no outcomes")
        assert self.text(qa.load({"shots": []})).endswith("registers: none")

    def test_hostile_names_are_escaped(self) -> None:
        artifact = qa.load(histogram(**{HOSTILE: {"10": 1}}))
        html = artifact._repr_html_()
        assert "<script" not in html
        assert "\x1b" not in html
        assert "<script>$\\\\frac{1}$</script>&[red]" in self.text(artifact)

    def test_hostile_sources_are_escaped(self, tmp_path: Path) -> None:
        path = tmp_path / "<img src=x>.json"
        path.write_text(json.dumps(histogram(c={"1": 1})), encoding="utf-8")
        assert "<img" not in qa.load(path)._repr_html_()
        assert "<img src=x>.json" in self.text(qa.load(path))

    def test_a_circuit_has_no_outcomes(self) -> None:
        artifact = qa.load({"qubits": 1, "circuit": []})
        assert self.rows(artifact) == []
        assert repr(artifact)[1:-1] in self.text(artifact)

    def test_what_was_changed_after_its_check_is_named_alone(self) -> None:
        payload = histogram(c={"1": 1})
        artifact = qa.load(payload)
        payload.clear()
        assert self.text(artifact) == "Artifact ionq.result.histogram.json.v2 of <object>"

    def test_what_was_made_is_not_written_for_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = qa.load(histogram(c={"10": 3, "01": 1})).convert(P2)

        def refuse(self: qa.Artifact) -> Any:
            raise AssertionError("the artifact was encoded and examined")

        monkeypatch.setattr(qa.Artifact, "_checked", refuse)
        assert self.rows(made) == [["10", "75.0 %"], ["01", "25.0 %"]]
        assert "made by convert" in self.text(made)


def test_every_good_example_can_be_shown(run: Run) -> None:
    for path in sorted(GOOD.iterdir()):
        done = run("show", path, *(["--format", H1] if path.name == "unnamed-counts.json" else []))
        assert done.exit_code == 0, (path, done.stderr)
        assert done.stdout.startswith(f"{path}\n")
        assert done.stdout.replace("\n", "").isprintable()


def test_a_sheet_is_plain_data() -> None:
    one = qa.load(histogram(c={"10": 3, "01": 1}))
    sheet = compare(one, one, ("a", "b"), View(top=1))
    (only,) = sheet.charts
    (row,) = only.rows
    assert (row.label, row.shares, row.counts) == ("10", (0.75, 0.75), (3, 3))
    assert (only.totals, only.left, only.left_shares) == ((4, 4), 1, (0.25, 0.25))


def test_the_record_of_its_job_gives_the_width(run: Run) -> None:
    (histogram,) = (ROOT / "examples" / "jobs" / "staircase").glob("*.histogram.json.v1.json")
    assert "(3 bits)" not in run("show", histogram).stdout
    done = run("show", histogram, "--job", histogram.parent)
    assert done.exit_code == 0
    assert "(3 bits)" in done.stdout
