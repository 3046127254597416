"""Stored jobs under test: all of them are good, and hold what their circuits should give.

pytest examples/pipelines

The fixtures come with qartifacts, and check against the schemas that the project has pinned.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path

import pytest

import qartifacts as qa

JOBS = Path(__file__).parent.parent / "jobs"

#: Qubits of the staircase, each turned further than the one before, in radians.
ANGLES = (0.4, 0.9, 1.4)


@pytest.mark.parametrize("name", sorted(path.name for path in JOBS.iterdir()))
def test_a_job_is_whole_and_good(name: str, assert_valid_job: Callable[..., qa.Job]) -> None:
    """Record, results and children; strict, so that none may be missing."""
    assert assert_valid_job(JOBS / name, strict=True).status == "completed"


def test_the_staircase_is_near_its_ideal(
    assert_valid_artifact: Callable[..., qa.Artifact],
) -> None:
    """One result, held against the record of its job; what passes can be computed with."""
    job = JOBS / "staircase"
    (file,) = job.glob("*.ionq.result.shots.json.v2.json")
    shots = assert_valid_artifact(file, job=job)
    ideal = qa.from_probabilities(
        staircase(), format="ionq.result.probabilities.json.v2", order="wire"
    )
    assert shots.shots == 1000
    assert qa.hellinger_fidelity(shots, ideal) > 0.95


def test_the_fringe_falls_with_the_angle(assert_valid_job: Callable[..., qa.Job]) -> None:
    """A job of several circuits: the counts of each, in the order in which they were sent."""
    counts = assert_valid_job(JOBS / "ramsey").counts()
    ones = [each["1"] for each in counts.values()]
    assert len(ones) == 5
    assert ones == sorted(ones, reverse=True)


def staircase() -> dict[str, float]:
    """The ideal probabilities by bitstring, bit 0 first.

    Turned qubits are independent, and each flips the next one where it is 1, which moves
    probabilities and mixes none.
    """
    ideal = {}
    for turned in itertools.product((0, 1), repeat=len(ANGLES)):
        probability = 1.0
        for bit, angle in zip(turned, ANGLES, strict=True):
            probability *= math.sin(angle / 2) ** 2 if bit else math.cos(angle / 2) ** 2
        state = itertools.accumulate(turned, lambda flipping, bit: flipping ^ bit)
        ideal["".join(map(str, state))] = probability
    return ideal
