"""What type checkers say of programs that use models: mypy and pyright, on a small one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT, unmeasured

GOOD = """
from typing import assert_type

import qartifacts as qa
from qartifacts_models.msgspec import HistogramV2
from qartifacts_models.pydantic import ProbabilitiesV1
from qartifacts_models.typeddicts import ShotsV2

counts = qa.decode("counts.json", HistogramV2)
assert_type(counts, HistogramV2)
total: float = sum(counts.histogram.registers["c"].values())
share: float = qa.decode(b"{}", ProbabilitiesV1).root["0"]
bit: int = qa.decode(b"{}", ShotsV2)["shots"][0]["registers"]["c"][0]
again: qa.Artifact = qa.from_model(counts)
"""

BAD = """
import qartifacts as qa
from qartifacts_models.msgspec import HistogramV2

counts = qa.decode("counts.json", HistogramV2)
counts.probabilities
wrong: str = counts.histogram.registers["c"]["0"]
"""


def _mypy(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(path)]
    return subprocess.run(
        command,
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
        env=unmeasured(),
    )


def _pyright(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
    return subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=unmeasured(),
    )


@pytest.mark.parametrize("check", [_mypy, _pyright])
def test_what_comes_back_is_what_was_asked_for(check: object, tmp_path: Path) -> None:
    assert callable(check)
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "bad.py").write_text(BAD)
    good, bad = check(tmp_path / "good.py"), check(tmp_path / "bad.py")
    assert good.returncode == 0, good.stdout
    assert bad.returncode == 1
    wrong = [line for line in bad.stdout.splitlines() if "error" in line and "bad.py:" in line]
    assert len(wrong) == 2, bad.stdout


def test_the_shipped_models_are_clean() -> None:
    done = _pyright(ROOT / "generated")
    assert done.returncode == 0, done.stdout
