"""What type checkers say of programs that use models: mypy and pyright, on a small one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
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


def _mypy(*paths: Path) -> list[str]:
    return _checker("mypy", "--strict", "--no-error-summary", *paths)


def _pyright(*paths: Path) -> list[str]:
    return _checker("pyright", "--pythonpath", sys.executable, *paths)


def _checker(name: str, *arguments: str | Path) -> list[str]:
    """The lines with errors that a type checker prints."""
    done = subprocess.run(
        [sys.executable, "-m", name, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=unmeasured(),
    )
    wrong = [line for line in done.stdout.splitlines() if "error: " in line]
    assert done.returncode == bool(wrong), done.stdout + done.stderr
    return wrong


@pytest.mark.parametrize("check", [_mypy, _pyright])
def test_what_comes_back_is_what_was_asked_for(
    check: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # Where no configuration lies.
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text(GOOD)
    bad.write_text(BAD)
    wrong = check(good, bad)
    assert len(wrong) == 2, wrong
    assert all("bad.py:" in line for line in wrong)


def test_the_shipped_models_are_clean() -> None:
    assert _pyright(ROOT / "generated") == []
