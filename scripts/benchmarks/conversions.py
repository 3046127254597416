"""Conversions, counting and writing, against what other packages, and plain Python, take."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from math import floor, fsum
from typing import Any, Final, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import orjson

import qartifacts as qa
from benchmarks.harness import OURS, ROOT, SEED, Contender, Task, faster
from qartifacts.config import DEFAULTS
from qartifacts.conversion import counting
from qartifacts.identifiers import HISTOGRAM_V2, PROBABILITIES_V1, SHOTS_V2
from qartifacts.payloads import SYSTEM_REGISTER, states
from qartifacts.payloads.columns import Distribution, Measured, Shots
from qartifacts.payloads.decode import columns_of
from qartifacts.payloads.encode import encode_columns
from qartifacts.payloads.states import Words

# ----------------------------------------------------------------------------------------------
# Data


def measured(width: int, repeated: bool, number: int) -> Shots:
    """Shots of one register: hardly a state twice, or every state about 50 times.

    Repeated states are distributed geometrically: the first ones are the most frequent by far.
    """
    rng = np.random.default_rng(SEED)
    words = _random_states(rng, width, number)
    if repeated:
        words = words[np.minimum(rng.geometric(min(1.0, 320 / number), number), number) - 1]
    return Shots(number, {SYSTEM_REGISTER: Measured(width, words)})


def counted(width: int, number: int) -> Distribution:
    """A histogram of different states, in which small counts are more frequent than large ones."""
    rng = np.random.default_rng(SEED)
    some = _random_states(rng, width, number + number // 50)
    different = np.sort(rng.permutation(np.unique(some))[:number]).reshape(-1, 1)
    return Distribution(SYSTEM_REGISTER, width, different, rng.geometric(0.1, number))


def weighted(width: int, number: int) -> Distribution:
    """Probabilities of different states that are not those of any number of shots."""
    rng = np.random.default_rng(SEED)
    values = rng.dirichlet(np.full(number, 0.5))
    return Distribution(SYSTEM_REGISTER, width, counted(width, number).states, values)


class Job(NamedTuple):
    """Probabilities of version 1, as a client gets them, and what the job record says."""

    payload: dict[str, float]
    width: int
    shots: int


def finished_job(number: int) -> Job:
    """A job in which every state of a register was counted, and divided by the shots."""
    counts = np.random.default_rng(SEED).geometric(0.02, number).tolist()
    shots = sum(counts)
    payload = {str(state): count / shots for state, count in enumerate(counts)}
    return Job(payload, (number - 1).bit_length(), shots)


def _random_states(rng: np.random.Generator, width: int, number: int) -> Words:
    words = rng.integers(0, 1 << 64, (number, -(-width // 64)), dtype=np.uint64)
    words[:, -1] &= np.uint64((1 << (width % 64 or 64)) - 1)
    return words


# What contenders start from.


def system(shots: Shots) -> Words:
    return shots.registers[SYSTEM_REGISTER].states


def matrix(shots: Shots) -> npt.NDArray[np.uint8]:
    return states.unpack(system(shots), shots.registers[SYSTEM_REGISTER].width or 0)


def lists_of_bits(shots: Shots) -> list[list[int]]:
    lists: list[list[int]] = matrix(shots).tolist()
    return lists


def artifact_of(shots: Shots) -> qa.Artifact:
    return qa.Artifact(SHOTS_V2, columns=shots, registry=None, settings=DEFAULTS)


def dictionary(distribution: Distribution) -> dict[str, Any]:
    """Values by bitstring, as clients hold them."""
    texts = _texts(distribution.states, distribution.width)
    return dict(zip(texts, distribution.values.tolist(), strict=True))


def keys(distribution: Distribution) -> list[str]:
    return list(dictionary(distribution))


def _texts(words: Words, width: int | None) -> list[str]:
    """Bitstrings, bit 0 first, made without the code that is measured."""
    return [format(state, f"0{width}b")[::-1] for state in states.to_integers(words)]


# Results in one form for all.


def counts_by_bitstring(data: Shots, result: tuple[Words, npt.NDArray[np.int64]]) -> dict[str, int]:
    words, counts = result
    texts = _texts(words, data.registers[SYSTEM_REGISTER].width)
    return dict(zip(texts, counts.tolist(), strict=True))


def in_order(data: Any, result: Any) -> Any:
    return list(result.values()) if isinstance(result, dict) else result


def parsed(data: Any, result: bytes) -> Any:
    return orjson.loads(result)


def by_joined_bits(data: Any, counts: dict[tuple[int, ...], int]) -> dict[str, int]:
    return {"".join(map(str, bits)): count for bits, count in counts.items()}


def by_reversed_key(data: Any, counts: dict[str, int]) -> dict[str, int]:
    return {key[::-1]: count for key, count in counts.items()}


def by_formatted_state(job: Job, counts: dict[int, int]) -> dict[str, int]:
    return {f"{state:0{job.width}b}": count for state, count in counts.items()}


def plausible(distribution: Distribution, counts: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Draws differ from one generator to the next, but not in what is expected of them."""
    groups = np.linspace(0, len(counts), 16, endpoint=False).astype(np.intp)
    total = counts.sum()
    expected = np.add.reduceat(distribution.values, groups) * total
    drawn = np.add.reduceat(counts, groups)
    # The sum of 15 squares of about 1: beyond 60 once in four million times.
    return {"shots": int(total), "near": bool(((drawn - expected) ** 2 / expected).sum() < 60)}


# ----------------------------------------------------------------------------------------------
# Contenders


def spread(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """The same function of one tuple of arguments."""
    return lambda given: function(*given)


def converted(artifact: qa.Artifact) -> Any:
    (histogram,) = cast("tuple[Distribution]", artifact.convert(HISTOGRAM_V2).columns)
    return histogram.states, histogram.values


def joined_and_counted(rows: list[list[int]]) -> Counter[str]:
    return Counter("".join(map(str, bits)) for bits in rows)


def tuples_counted(rows: list[list[int]]) -> Counter[tuple[int, ...]]:
    return Counter(map(tuple, rows))


def different(words: Words) -> Any:
    if words.shape[1] > 1:
        return np.unique(words, axis=0, return_counts=True)
    some, counts = np.unique(words[:, 0], return_counts=True)
    return some.reshape(-1, 1), counts


def apportioned(probabilities: dict[str, float], shots: int) -> dict[str, int]:
    """Largest remainders, written as one would without arrays."""
    factor = shots / fsum(probabilities.values())
    shares = {state: probability * factor for state, probability in probabilities.items()}
    counts = {state: floor(share) for state, share in shares.items()}
    left = shots - sum(counts.values())
    for state in sorted(shares, key=lambda state: counts[state] - shares[state])[:left]:
        counts[state] += 1
    return counts


def rounded(probabilities: dict[str, float], shots: int) -> dict[str, int]:
    return {state: round(probability * shots) for state, probability in probabilities.items()}


def drawn(population: list[int], weights: list[float]) -> Counter[int]:
    return Counter(random.Random(SEED).choices(population, weights, k=len(population)))


def divided(counts: dict[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {state: count / total for state, count in counts.items()}


def shot_dicts(bits: npt.NDArray[np.uint8]) -> dict[str, Any]:
    return {"shots": [{"registers": {SYSTEM_REGISTER: row}} for row in bits.tolist()]}


def histogram_written(distribution: Distribution) -> bytes:
    return encode_columns(HISTOGRAM_V2, (distribution,))


def histogram_dict(distribution: Distribution) -> dict[str, Any]:
    width = distribution.width
    rows = zip(distribution.states[:, 0].tolist(), distribution.values.tolist(), strict=True)
    outcomes = {format(state, f"0{width}b")[::-1]: count for state, count in rows}
    return {"histogram": {"registers": {SYSTEM_REGISTER: outcomes}}}


def compact_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def loaded_and_converted(job: Job) -> dict[str, int]:
    artifact = qa.load(job.payload, format=PROBABILITIES_V1)
    return artifact.convert(HISTOGRAM_V2, qubits=job.width, shots=job.shots).counts()


def only_converted(job: Job) -> dict[str, int]:
    columns = columns_of(PROBABILITIES_V1, job.payload)
    artifact = qa.Artifact(PROBABILITIES_V1, columns=columns, registry=None, settings=DEFAULTS)
    return artifact.convert(HISTOGRAM_V2, qubits=job.width, shots=job.shots).counts()


def decoded_by_hand(job: Job) -> dict[str, int]:
    return {
        format(int(state), f"0{job.width}b")[::-1]: round(probability * job.shots)
        for state, probability in job.payload.items()
    }


def _peers() -> Any:
    """The adapters of the tests, which import a package when it is asked."""
    sys.path.append(str(ROOT / "tests"))
    import oracles

    return oracles


def decoded_by_qiskit(job: Job) -> dict[str, int]:
    counts: dict[str, int] = _peers().qiskit_counts(job.payload, width=job.width, shots=job.shots)
    return counts


def decoded_by_cirq(job: Job) -> dict[int, int]:
    counts: dict[int, int] = _peers().cirq_counts(job.payload, width=job.width, shots=job.shots)
    return counts


def decoded_by_pennylane(job: Job) -> Counter[tuple[int, ...]]:
    rows = _peers().pennylane_samples(job.payload, width=job.width, shots=job.shots)
    return Counter(map(tuple, rows.tolist()))


# ----------------------------------------------------------------------------------------------
# Tasks


def counting_task(width: int, repeated: bool) -> Task:
    """Shots to counts. With more than 64 qubits, a state is more than one word."""
    how_often = "every state about 50 times" if repeated else "hardly any state twice"
    return Task(
        f"shots-to-counts-{width}-{'repeated' if repeated else 'distinct'}",
        f"Count shots of {width} qubits, {how_often}. Ours and NumPy start from packed columns, "
        "plain Python from lists of bits, as parsed JSON has them.",
        partial(measured, width, repeated),
        (
            Contender("count_equal", OURS, states.count_equal, system, counts_by_bitstring),
            Contender("Artifact.convert", OURS, converted, artifact_of, counts_by_bitstring),
            Contender("Counter of joined bits", "python", joined_and_counted, lists_of_bits),
            Contender("Counter of tuples", "python", tuples_counted, lists_of_bits, by_joined_bits),
            Contender("unique", "numpy", different, system, counts_by_bitstring),
        ),
        reference="Counter of joined bits",
        targets=(faster(300),),
    )


TASKS: Final = (
    *(counting_task(width, repeated) for width in (36, 100) for repeated in (False, True)),
    Task(
        "largest-remainder",
        "Make counts of probabilities that are those of no number of shots, ten shots a state on "
        "average: the states with the largest remainders get a shot more.",
        partial(weighted, 36),
        (
            Contender(
                "largest_remainder",
                OURS,
                spread(counting.largest_remainder),
                lambda data: (data.values, 10 * len(data)),
            ),
            Contender(
                "the same over a dict",
                "python",
                spread(apportioned),
                lambda data: (dictionary(data), 10 * len(data)),
                in_order,
            ),
        ),
        reference="the same over a dict",
        targets=(faster(150),),
    ),
    Task(
        "round-per-state",
        "Make counts of probabilities that were made of counts, so that each can be rounded alone. "
        "Ours makes sure of that, too.",
        partial(counted, 36),
        (
            Contender(
                "exact",
                OURS,
                spread(partial(counting.exact, state=str)),
                lambda data: (data.shares(), data.total),
            ),
            Contender(
                "largest_remainder",
                OURS,
                spread(counting.largest_remainder),
                lambda data: (data.shares(), data.total),
            ),
            Contender(
                "round for every key",
                "python",
                spread(rounded),
                lambda data: (divided(dictionary(data)), data.total),
                in_order,
            ),
        ),
        reference="round for every key",
    ),
    Task(
        "decode-probabilities",
        "Make counts by bitstring of a parsed payload of probabilities, 12 qubits. Clients answer "
        "for a whole job, as in tests/oracles.py: they also write and read the payload as JSON "
        "once, and PennyLane lists single shots.",
        finished_job,
        (
            Contender("load, convert, counts", OURS, loaded_and_converted),
            Contender("convert, counts; no check", OURS, only_converted),
            Contender("format and round by key", "python", decoded_by_hand),
            Contender("get_counts", "qiskit-ionq", decoded_by_qiskit, normal=by_reversed_key),
            Contender("counts", "cirq-ionq", decoded_by_cirq, normal=by_formatted_state),
            Contender(
                "generate_samples, counted",
                "pennylane-ionq",
                decoded_by_pennylane,
                normal=by_joined_bits,
            ),
        ),
        reference="format and round by key",
        full=4_096,
        small=64,
    ),
    Task(
        "sample",
        "Draw as many shots as there are states, and count them. Draws differ from one generator "
        "to the next: each is compared with what is expected.",
        partial(weighted, 36),
        (
            Contender(
                "sample",
                OURS,
                lambda values: counting.sample(values, len(values), SEED, SYSTEM_REGISTER),
                lambda data: data.values,
                plausible,
            ),
            Contender(
                "choices and Counter",
                "python",
                spread(drawn),
                lambda data: (list(range(len(data))), data.values.tolist()),
                lambda data, result: plausible(
                    data, np.array([result[k] for k in range(len(data))])
                ),
            ),
            Contender(
                "Generator.multinomial",
                "numpy",
                lambda values: np.random.default_rng(SEED).multinomial(len(values), values),
                lambda data: data.values,
                plausible,
            ),
        ),
        reference="choices and Counter",
    ),
    Task(
        "histogram-to-probabilities",
        "Divide counts by their sum.",
        partial(counted, 36),
        (
            Contender("Distribution.shares", OURS, Distribution.shares),
            Contender("division for every key", "python", divided, dictionary, in_order),
        ),
        reference="division for every key",
    ),
    Task(
        "write-shots",
        "Write shots of version 2, 36 qubits. Others make dictionaries of a matrix of bits first, "
        "but for one that has them ready.",
        partial(measured, 36, False),
        (
            Contender("encode_columns", OURS, partial(encode_columns, SHOTS_V2)),
            Contender(
                "dicts and orjson.dumps", "orjson", lambda m: orjson.dumps(shot_dicts(m)), matrix
            ),
            Contender(
                "orjson.dumps alone", "orjson", orjson.dumps, lambda data: shot_dicts(matrix(data))
            ),
            Contender(
                "dicts and json.dumps", "python", lambda m: compact_json(shot_dicts(m)), matrix
            ),
        ),
        reference="dicts and orjson.dumps",
        targets=(faster(30),),
    ),
    Task(
        "write-histogram",
        "Write a histogram of version 2, 36 qubits. Ours puts bitstrings in order, which the "
        "others do not.",
        partial(counted, 36),
        (
            Contender("encode_columns", OURS, histogram_written, normal=parsed),
            Contender(
                "dict and orjson.dumps",
                "orjson",
                lambda data: orjson.dumps(histogram_dict(data)),
                normal=parsed,
            ),
            Contender("orjson.dumps alone", "orjson", orjson.dumps, histogram_dict, parsed),
            Contender(
                "dict and json.dumps",
                "python",
                lambda data: compact_json(histogram_dict(data)),
                normal=parsed,
            ),
        ),
        reference="dict and orjson.dumps",
    ),
    Task(
        "read-bitstrings",
        "Make states of the keys of version 2, 36 qubits.",
        partial(counted, 36),
        (
            Contender(
                "from_bitstrings",
                OURS,
                states.from_bitstrings,
                keys,
                lambda data, result: result[:, 0],
            ),
            Contender(
                "int for every key",
                "python",
                lambda texts: [int(key[::-1], 2) for key in texts],
                keys,
            ),
        ),
        reference="int for every key",
    ),
)
