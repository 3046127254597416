"""Artifacts: payloads that have passed, where they come from, and what can be made of them."""

from qartifacts.artifact.artifact import Artifact
from qartifacts.artifact.loading import Validator, convert, load, validator
from qartifacts.artifact.making import (
    from_counts,
    from_probabilities,
    from_shots,
    hellinger_fidelity,
    merge,
    pool,
    prove_bit_order,
    total_variation_distance,
)

__all__ = [
    "Artifact",
    "Validator",
    "convert",
    "from_counts",
    "from_probabilities",
    "from_shots",
    "hellinger_fidelity",
    "load",
    "merge",
    "pool",
    "prove_bit_order",
    "total_variation_distance",
    "validator",
]
