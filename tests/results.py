"""Results of every format and of several widths; those of two bits and more are not symmetric."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import qartifacts as qa
from strategies import H1, H2, P1, P2, S1, S2, bitstring

WIDTHS = (1, 3, 5, 20, 64)
FORMATS = (S1, S2, H1, H2, P1, P2)

#: The OpenQASM 3 job of qiskit-ionq's tests.
OPENQASM_3 = {
    "shots": [
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [1]}},
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [0]}},
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [1]}},
        {"registers": {"mid": [1], "result": [1, 0], "output_all": [0]}},
    ]
}
#: A histogram of two registers, which are marginals.
MARGINALS = {"histogram": {"registers": {"a": {"0": 3, "1": 1}, "b": {"01": 4}}}}


def states_of(width: int) -> list[int]:
    """States of 16 shots, which are others, and as often, if read from the other end."""
    if width == 1:
        return [1, 0, 1, 1] * 4
    rng = random.Random(width)
    known = [1, 3 % (1 << width), rng.getrandbits(width) | 1, rng.getrandbits(width) >> 1]
    return [known[index] for index in (0, 0, 1, 0, 2, 3, 1, 0, 2, 1, 0, 0, 3, 0, 2, 1)]


def payload_of(format: str, width: int) -> Any:
    states = states_of(width)
    counts = Counter(states)
    if format == S1:
        return [str(state) for state in states]
    if format == S2:
        rows = [[int(bit) for bit in bitstring(state, width)] for state in states]
        return {"shots": [{"registers": {"output_all": row}} for row in rows]}
    values: dict[int, Any] = dict(counts)
    if format in (P1, P2):
        values = {state: count / len(states) for state, count in counts.items()}
    if format in (H1, P1):
        return {str(state): value for state, value in values.items()}
    member = "histogram" if format == H2 else "probabilities"
    named = {bitstring(state, width): value for state, value in values.items()}
    return {member: {"registers": {"output_all": named}}}


def artifact_of(format: str, width: int) -> qa.Artifact:
    return qa.load(payload_of(format, width), format=format)
