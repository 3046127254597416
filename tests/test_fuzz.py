"""The fuzzer: it finds what is wrong, comes back to it, and at present finds nothing."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from comparison import Disagreement, Outcome, examiner_of, judged
from fuzzing import FORMATS
from qartifacts.config import DEFAULTS
from qartifacts.source import Source
from qartifacts.validate.verdict import Examined, Examiner
from strategies import AGGREGATE, H1, H2, NATIVE, P1, P2, S1, S2
from support import ROOT, length, unmeasured

SCRIPT = ROOT / "scripts" / "fuzz.py"
#: Of each format. These take ten seconds on two cores, or ten minutes.
MUTANTS = length(2_000, 200_000)


def _run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**unmeasured(), **environment},
    )


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module
    spec.loader.exec_module(module)
    return module


def table(output: str) -> dict[str, list[int]]:
    """The numbers that are printed of each format."""
    rows = [line.replace(",", "").split() for line in output.splitlines()]
    return {row[0]: list(map(int, row[1:])) for row in rows if row and row[0] in FORMATS}


def test_no_disagreement_is_found(tmp_path: Path) -> None:
    run = _run("--mutants", str(MUTANTS), "--jobs", "2", "--save", tmp_path / "finds")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""  # There is no terminal to show progress on.
    assert not (tmp_path / "finds").exists()
    rows = table(run.stdout)
    assert list(rows) == list(FORMATS)
    for format, (mutants, accepted, not_asked, exact_only, refused, disagreements) in rows.items():
        assert mutants == MUTANTS
        assert mutants == accepted + not_asked + exact_only + refused
        assert disagreements == 0
        # Or it would prove little.
        assert refused > MUTANTS / 100
        assert (exact_only if format == NATIVE else accepted) > MUTANTS / 10


def test_the_same_seed_gives_the_same_mutants(fuzz: ModuleType) -> None:
    for format in FORMATS:
        one, again, other, next_one = (
            fuzz.run_block(fuzz.Block(format, seed, number, 100))[1].outcomes
            for seed, number in ((1, 0), (1, 0), (2, 0), (1, 1))
        )
        assert one == again
        assert one != other or one != next_one


def test_blocks_come_until_there_are_enough(fuzz: ModuleType) -> None:
    blocks = list(fuzz.blocks([P1, H1], 0, 2 * fuzz.BLOCK + 1, float("inf")))
    assert [(block.format, block.number, block.size) for block in blocks] == [
        (format, number, size)
        for number, size in enumerate((fuzz.BLOCK, fuzz.BLOCK, 1))
        for format in (P1, H1)
    ]
    assert list(fuzz.blocks([P1], 0, None, 0.0)) == []


#: Good payloads, each with a change that makes it bad.
HARM = {
    P1: (b'{"0":0.5,"3":0.5}', b'{"0":0.5,"3":0.6}'),
    P2: (b'{"probabilities":{"registers":{"c":{"0":1}}}}', b'{"probabilities":{"registers":{"c":{"2":1}}}}'),
    H1: (b'{"0":500}', b'{"00":500}'),
    H2: (b'{"histogram":{"registers":{"c":{"0":1}}}}', b'{"histogram":{"registers":{"c":{"0":1,"0":1}}}}'),
    S1: (b'["0","1"]', b'["0","01"]'),
    S2: (b'{"shots":[{"registers":{"c":[0]}}]}', b'{"shots":[{"registers":{"c":[2]}}]}'),
    AGGREGATE: (b'{"06a2099c-f845-7208-8000-8111ee2dccbc":{"2":1}}', b'{"06a2099c-f845-7208-8000-8111ee2dccb":{"2":1}}'),
    NATIVE: (b'{"qubits":1,"circuit":[]}', b'{"qubits":0,"circuit":[]}'),
}  # fmt: skip


@pytest.fixture
def accepting(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any, bytes], Any]], None]:
    """Put something else in the place of the fast path."""

    def replace(accept: Callable[[Any, bytes], Any]) -> None:
        monkeypatch.setattr(Examiner, "accept", lambda self, data, name="": accept(self, data))

    return replace


def as_if(self: Examiner, data: bytes, good: bytes) -> Examined:
    """What the exact path says of another text."""
    return self.explain(Source("<bytes>", data=good))


@pytest.mark.parametrize("format", FORMATS)
def test_an_unsound_accept_is_a_disagreement(accepting: Callable[..., None], format: str) -> None:
    good, bad = HARM[format]
    examiner = examiner_of(format, DEFAULTS, None)
    accepting(lambda self, data: as_if(self, data, good))
    assert judged(examiner, good) is Outcome.ACCEPTED
    with pytest.raises(Disagreement) as caught:
        judged(examiner, bad)
    assert (caught.value.kind, caught.value.data) == ("verdict", bad)


@pytest.mark.parametrize(
    ("format", "text", "instead", "kind"),
    [
        (P1, b'{"0":1,"1":0}', b'{"0":1}', "report"),
        (P1, b'{"0":1,"1":0}', b'{"0":1, "1":0}', "report"),
        (P1, b'{"0":1,"1":0}', b'{"0":1,"2":0}', "report"),
        (P1, b'{"0":0.5,"1":0.5}', b'{"1":0.5,"0":0.5}', "payload"),
        (P1, b'{"0":1}', b'{"0":1.0}', "payload"),
        (H1, b'{"0":-0.0,"1":2}', b'{"0":0.0,"1":2}', "payload"),
        (H1, b'{"0":7}', b'{"0":8}', "columns"),
        (H1, b'{"0":7}', b'{"1":7}', "columns"),
        (P1, b'{"0":0.5,"1":0.5}', b'{"0":0.5,"1":0.5000000000000001}', "columns"),
        (S2, b'{"shots":[{"registers":{"a":[0]}}]}', b'{"shots":[{"registers":{"b":[0]}}]}', "columns"),
        (S2, b'{"shots":[{"registers":{"a":[0,1]}}]}', b'{"shots":[{"registers":{"a":[1,0]}}]}', "columns"),
        (S2, b'{"shots":[{"registers":{"a":[0]}}]}', b'{"shots":[{"registers":{"a":[0]},"leakage_bits":[0]}]}', "columns"),
        (S2, b'{"shots":[{"registers":{"a":[0]}}]}', b'{"shots":[{"registers":{"a":[0]}}],"x":0}', "payload"),
        (AGGREGATE, b'{"06a2099c-f845-7208-8000-8111ee2dccbc":{"2":1}}', b'{"06a2099c-f845-7208-8000-8111ee2dccbd":{"2":1}}', "columns"),
        (NATIVE, b'{"qubits":1,"circuit":[]}', b'{"qubits":2,"circuit":[]}', "payload"),
    ],
)  # fmt: skip
def test_what_is_not_the_same_is_a_disagreement(
    accepting: Callable[..., None], format: str, text: bytes, instead: bytes, kind: str
) -> None:
    accepting(lambda self, data: as_if(self, data, instead))
    with pytest.raises(Disagreement) as caught:
        judged(examiner_of(format, DEFAULTS, None), text)
    assert caught.value.kind == kind


def test_a_fault_of_both_ways_is_a_disagreement(
    monkeypatch: pytest.MonkeyPatch, accepting: Callable[..., None]
) -> None:
    """The reference reader sees it."""
    explain = Examiner.explain

    def astray(self: Examiner, source: Source) -> Examined:
        assert source.data is not None
        return explain(self, Source(source.name, data=source.data.replace(b"7", b"8")))

    monkeypatch.setattr(Examiner, "explain", astray)
    accepting(lambda self, data: self.explain(Source("<bytes>", data=data)))
    examiner = examiner_of(H1, DEFAULTS, None)
    assert judged(examiner, b'{"0":6}') is Outcome.ACCEPTED
    for text in (b'{"0":7}', b'{"7":6}', b'{"7":1,"8":1}'):
        with pytest.raises(Disagreement) as caught:
            judged(examiner, text)
        assert caught.value.kind == "reference"


def test_what_raises_is_a_disagreement(accepting: Callable[..., None]) -> None:
    def fail(self: Examiner, data: bytes) -> None:
        raise IndexError(len(data))

    accepting(fail)
    with pytest.raises(Disagreement) as caught:
        judged(examiner_of(H1, DEFAULTS, None), b"{}")
    assert caught.value.kind == "raised"


def test_finds_are_shortened_and_saved(
    fuzz: ModuleType,
    accepting: Callable[..., None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A fast path that takes any number for a probability if the text ends in a newline."""
    accept = Examiner.accept

    def careless(self: Examiner, data: bytes) -> Examined | None:
        if data.endswith(b"\n") and b"-" in data:
            return as_if(self, data, b'{"0":1}')
        return accept(self, data)

    accepting(careless)
    arguments = ["--format", P1, "--mutants", "4000", "--save", str(tmp_path)]
    assert fuzz.main(arguments) == 1
    output = capsys.readouterr().out
    ((*_, disagreements),) = table(output).values()
    assert disagreements > 0
    saved = sorted(tmp_path.iterdir())
    kinds = [path.name.removeprefix(f"{P1}-").split("-")[0] for path in saved]
    assert len(set(kinds)) == len(kinds)  # The shortest of each kind.
    assert "verdict" in kinds
    assert saved[kinds.index("verdict")].read_bytes() == b"-\n"
    assert all(str(path) in output for path in saved)
    # The same again.
    assert fuzz.main(arguments) == 1
    assert capsys.readouterr().out.splitlines()[1:] == output.splitlines()[1:]


def test_misuse(tmp_path: Path) -> None:
    for arguments in (
        ["--format", "ionq.unknown.v1"],
        ["--mutants", "0"],
        ["--jobs", "two"],
        ["--atheris"],  # It needs a format.
    ):
        run = _run(*arguments)
        assert run.returncode == 2
        assert "usage" in run.stderr
    # As if it were not installed.
    (tmp_path / "atheris.py").write_text("raise ModuleNotFoundError('atheris')\n", "utf-8")
    run = _run("--atheris", "--format", P1, PYTHONPATH=str(tmp_path))
    assert run.returncode == 2
    assert "pip install atheris" in run.stderr
