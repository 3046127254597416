"""Artifacts: payloads that have passed, where they come from, and what can be made of them."""

from qartifacts.artifact.artifact import Artifact, Recorded
from qartifacts.artifact.loading import Validator, check_bit_order, convert, load, validator
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
from qartifacts.artifact.modelling import MembersDropped, decode, from_model
from qartifacts.artifact.taking import (
    from_arrow,
    from_braket,
    from_cirq,
    from_pandas,
    from_parquet,
    from_pennylane,
    from_qiskit,
)

__all__ = [
    "Artifact",
    "MembersDropped",
    "Recorded",
    "Validator",
    "check_bit_order",
    "convert",
    "decode",
    "from_arrow",
    "from_braket",
    "from_cirq",
    "from_counts",
    "from_model",
    "from_pandas",
    "from_parquet",
    "from_pennylane",
    "from_probabilities",
    "from_qiskit",
    "from_shots",
    "hellinger_fidelity",
    "load",
    "merge",
    "pool",
    "prove_bit_order",
    "total_variation_distance",
    "validator",
]
