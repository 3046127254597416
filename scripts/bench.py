"""Measure conversions against what other packages, and plain Python, take for the same.

    python scripts/bench.py                      measure everything, and print tables
    python scripts/bench.py --only NAME          only tasks whose name contains NAME
    python scripts/bench.py --size small         little data: whether it works, not how fast it is
    python scripts/bench.py --list               names of the tasks and their contenders
    python scripts/bench.py --json FILE          write everything that was measured
    python scripts/bench.py --markdown FILE      write the page docs/performance.md

A task is one thing to do; its contenders are ways to do it. Every contender runs in a process of
its own, which makes the data from a seed before the clock starts. What all of them give is
compared: the exit status is 1 if they do not agree, or if one fails.

Another task is another ``Task`` in ``TASKS``, another contender another ``Contender`` in its task.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import hashlib
import json
import os
import platform
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from math import floor, fsum
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import orjson

import qartifacts as qa
from qartifacts.config import DEFAULTS
from qartifacts.conversion import counting
from qartifacts.identifiers import HISTOGRAM_V2, PROBABILITIES_V1, SHOTS_V2
from qartifacts.payloads import SYSTEM_REGISTER, states
from qartifacts.payloads.columns import Distribution, Measured, Shots
from qartifacts.payloads.decode import columns_of
from qartifacts.payloads.encode import encode_columns
from qartifacts.payloads.states import Words

ROOT = Path(__file__).parent.parent

SEED = 20_261_120
OURS = "qartifacts"
#: A contender is run so often at least, and then until so many seconds, or runs, are over.
LEAST_RUNS, MOST_RUNS, ENOUGH_SECONDS = 3, 25, 3.0
#: Of its shortest time, a contender computes that share at least, unless others are in its way.
#: Clocks are too coarse to tell that of shorter times than the second.
UNDISTURBED, LONG = 0.97, 0.2


def itself(data: Any) -> Any:
    return data


def as_it_is(data: Any, result: Any) -> Any:
    return result


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do a task.

    Attributes:
        name: What it calls, or does.
        package: The installed package that does the work; ``python`` for plain Python.
        run: What is measured: from what ``given`` gives to a result.
        given: From the data of the task to what this contender starts from; not measured.
        normal: From data and result to bytes, or to what JSON can hold, in a form that is the same
            for all contenders; not measured.
    """

    name: str
    package: str
    run: Callable[[Any], Any]
    given: Callable[[Any], Any] = itself
    normal: Callable[[Any, Any], Any] = as_it_is


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do.

    Attributes:
        name: What ``--only`` takes.
        description: What is done, and what is left out, in sentences.
        data: Makes the data for a number of entries, always the same.
        contenders: The first one is ours.
        reference: The name of the contender that all others are compared with.
        target: How many times as fast as the reference ours is meant to be.
        full: The number of entries, to measure.
        small: That number, to see whether it works.
    """

    name: str
    description: str
    data: Callable[[int], Any]
    contenders: tuple[Contender, ...]
    reference: str
    target: float | None = None
    full: int = 1_000_000
    small: int = 2_000


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
        target=300,
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
        target=150,
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
        target=30,
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


# ----------------------------------------------------------------------------------------------
# One contender, in a process of its own


def work(task: Task, contender: Contender, small: bool) -> dict[str, Any]:
    """Everything that is measured of one contender."""
    # What is imported or read once is not of interest.
    contender.run(contender.given(task.data(task.small)))
    data = task.data(task.small if small else task.full)
    given = contender.given(data)
    before = _peak_from_here()
    result = contender.run(given)
    peak = _peak()
    # Where bytes are read or written, that is the amount.
    amount = next((len(each) for each in (given, result) if isinstance(each, bytes)), None)
    digest = _digest(contender.normal(data, result))
    del result
    seconds, disturbed = _least(contender.run, given, small)
    seconds_without_gc, disturbed_without_gc = _least(contender.run, given, small, collecting=False)
    return {
        "seconds": seconds,
        "seconds_without_gc": seconds_without_gc,
        "disturbed": disturbed or disturbed_without_gc,
        "peak_bytes": None if peak is None or before is None else peak - before,
        "bytes": amount,
        "digest": digest,
    }


def _least(
    run: Callable[[Any], Any], given: Any, small: bool, *, collecting: bool = True
) -> tuple[float, bool]:
    """The shortest of several times, in seconds, and whether others were computing meanwhile."""
    times: list[tuple[float, float]] = []
    spent = 0.0
    while len(times) < LEAST_RUNS or (spent < ENOUGH_SECONDS and len(times) < MOST_RUNS):
        gc.collect()
        if not collecting:
            gc.disable()
        start, computing = time.perf_counter(), time.process_time()
        result = run(given)
        times.append((time.perf_counter() - start, time.process_time() - computing))
        gc.enable()
        del result
        spent += times[-1][0]
        if small:
            break
    seconds, computed = min(times)
    return seconds, seconds > LONG and computed < UNDISTURBED * seconds


def _digest(normal: Any) -> str:
    if not isinstance(normal, bytes):
        normal = orjson.dumps(normal, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY)
    return hashlib.sha256(normal).hexdigest()


def _peak_from_here() -> int | None:
    """Bytes of memory in use; where the system can do that, peaks before are forgotten."""
    gc.collect()
    with suppress(OSError, AttributeError):
        forget = Path("/proc/self/clear_refs").open("w")  # noqa: SIM115
        with forget:
            # Memory that was freed would be used again and not be seen.
            ctypes.CDLL(None).malloc_trim(0)
            forget.write("5")
    return _peak()


def _peak() -> int | None:
    """The most bytes of memory that this process has had, as far as the system tells."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text("ascii"))
        if found:
            return int(found[1]) * 1024
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # Bytes on macOS.


# ----------------------------------------------------------------------------------------------
# All contenders


class Failure(Exception):
    """A contender could not be measured."""


def measure(tasks: Sequence[Task], size: str) -> dict[str, Any]:
    """Everything that ``--json`` writes."""
    pairs = [(task, contender) for task in tasks for contender in task.contenders]
    # Times mean nothing where data is small, so that contenders need not wait for each other.
    at_once = os.cpu_count() or 1 if size == "small" else 1
    began, load = datetime.now(UTC), _load()
    with ThreadPoolExecutor(at_once) as pool:
        rows = pool.map(partial(_in_new_process, size), pairs)
        measured = dict(zip(pairs, _with_progress(pairs, rows), strict=True))
    return {
        "version": 1,
        "date": began.isoformat(timespec="seconds"),
        "seconds": (datetime.now(UTC) - began).total_seconds(),
        "size": size,
        "seed": SEED,
        "machine": {
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.release()}",
            "load": [load, _load()],
        },
        "versions": {"python": platform.python_version(), **_versions(tasks)},
        "tasks": [
            _compared(task, size, [measured[task, contender] for contender in task.contenders])
            for task in tasks
        ],
    }


def _in_new_process(size: str, pair: tuple[Task, Contender]) -> dict[str, Any] | None:
    """What was measured; None if the contender is not installed."""
    task, contender = pair
    if contender.package not in _versions((task,)) and contender.package != "python":
        return None
    done = subprocess.run(
        [sys.executable, __file__, "--size", size, "--work", task.name, contender.name],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    if done.returncode:
        raise Failure(f"{task.name}: {contender.name} failed\n{done.stderr}")
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def _compared(task: Task, size: str, rows: list[dict[str, Any] | None]) -> dict[str, Any]:
    """The rows of a task with their ratios, and whether their results agree."""
    names = [contender.name for contender in task.contenders]
    reference, ours = rows[names.index(task.reference)], rows[0]
    contenders = []
    for contender, row in zip(task.contenders, rows, strict=True):
        shown: dict[str, Any] = {"name": contender.name, "package": contender.package}
        if row is None or reference is None or ours is None:
            contenders.append({**shown, "installed": row is not None})
            continue
        shown |= {"installed": True, **row, "agrees": row["digest"] == ours["digest"]}
        for kind in ("", "_without_gc"):
            shown[f"ratio{kind}"] = reference[f"seconds{kind}"] / row[f"seconds{kind}"]
        amount = row["bytes"]
        shown["bytes_per_second"] = None if amount is None else amount / row["seconds"]
        contenders.append(shown)
    return {
        "name": task.name,
        "description": task.description,
        "entries": task.small if size == "small" else task.full,
        "reference": task.reference,
        "target": task.target,
        "contenders": contenders,
    }


def _with_progress(
    pairs: Sequence[tuple[Task, Contender]], rows: Iterable[dict[str, Any] | None]
) -> Iterator[dict[str, Any] | None]:
    if not sys.stderr.isatty():
        yield from rows
        return
    every = iter(rows)
    for number, (task, contender) in enumerate(pairs, start=1):
        line = f"{number}/{len(pairs)}  {task.name}: {contender.name}"
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        yield next(every)
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _versions(tasks: Iterable[Task]) -> dict[str, str]:
    """Versions of the packages of all contenders, of those that are installed."""
    packages = {contender.package for task in tasks for contender in task.contenders}
    versions = {}
    for package in sorted({OURS, "numpy", "orjson"} | packages - {"python"}):
        with suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    return versions


def _cpu() -> str:
    with suppress(OSError):
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
        if found:
            return found[1]
    return platform.processor() or platform.machine()


def _load() -> float | None:
    """Processes that were running in the last minute, on average."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


# ----------------------------------------------------------------------------------------------
# Tables

COLUMNS: Final = ("", "of", "time", "ratio", "without GC", "ratio", "memory", "MB/s")


def cells(task: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of a table, as texts."""
    rows = []
    for each in task["contenders"]:
        if "seconds" not in each:
            missing = "not installed" if not each["installed"] else "nothing to compare with"
            rows.append((each["name"], each["package"], missing, *[""] * 5))
            continue
        peak, rate = each["peak_bytes"], each["bytes_per_second"]
        remarks = "" if each["agrees"] else " (DOES NOT AGREE)"
        remarks += " (disturbed)" if each["disturbed"] else ""
        rows.append(
            (
                each["name"] + remarks,
                each["package"],
                _duration(each["seconds"]),
                _ratio(each["ratio"]) if each["name"] != task["reference"] else "reference",
                _duration(each["seconds_without_gc"]),
                _ratio(each["ratio_without_gc"]) if each["name"] != task["reference"] else "",
                "" if peak is None else f"{peak / 1e6:,.0f} MB",
                "" if rate is None else f"{rate / 1e6:,.0f}",
            )
        )
    return rows


def verdict(task: dict[str, Any]) -> list[str]:
    """Whether the target is met; nothing if there is none."""
    rows, target = {each["name"]: each for each in task["contenders"]}, task["target"]
    ours, reference = task["contenders"][0], rows[task["reference"]]
    if target is None or "ratio" not in ours:
        return []
    met = "met" if ours["ratio"] >= target else "missed"
    if ours["disturbed"] or reference["disturbed"]:
        met = "not to be told, since other processes were in the way"
    return [f"The target is {target:g} times as fast as the reference: {met}."]


def text_report(report: dict[str, Any]) -> str:
    lines = [circumstances(report)]
    for task in report["tasks"]:
        lines += ["", f"{task['name']} ({task['entries']:,} entries)"]
        rows = [COLUMNS, *cells(task)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            padded = [
                cell.ljust(width) if index < 2 else cell.rjust(width)
                for index, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            lines.append("  " + "  ".join(padded).rstrip())
        lines += [f"  {line}" for line in verdict(task)]
    return "\n".join(lines)


PAGE: Final = """\
# Performance

<!-- Generated by scripts/bench.py --markdown docs/performance.md. -->

`make bench` measures everything again, which takes about {minutes} minutes, and writes this page.
`python scripts/bench.py --help` tells how to measure less.

Ratios matter here, times do not: times change with the machine, ratios hardly do. A ratio says how
many times as fast as the reference of its table something is, both measured in one run. Between two
runs, ratios may differ by a third.

Everything runs in a process of its own, which makes the data from a seed before the clock starts.
The shortest of several runs counts. Each time is taken twice: with Python as it is, and with its
cyclic garbage collection (GC) turned off, since that takes long where there are many lists and
dictionaries. Memory is the most in use, less what was in use before. MB/s are given where bytes are
read or written. What all rows of a table give is compared, outside of the time that is taken; they
agree.

Leave the machine alone meanwhile. What takes seconds suffers more from other processes than what
takes milliseconds, of which some run always has the processor for itself; so a ratio comes out too
large. A row is marked as disturbed if it did not have the processor for itself. The load counts the
benchmark as 1.

{circumstances}
"""


def markdown_report(report: dict[str, Any]) -> str:
    minutes = max(1, round(report["seconds"] / 60))
    lines = [PAGE.format(minutes=minutes, circumstances=circumstances(report)).rstrip()]
    for task in report["tasks"]:
        lines += ["", f"## {task['name']}", ""]
        lines += [f"{task['description']} {task['entries']:,} entries.", ""]
        lines += [f"| {' | '.join(COLUMNS)} |", "|---|---|" + "--:|" * (len(COLUMNS) - 2)]
        lines += [f"| {' | '.join(row)} |" for row in cells(task)]
        lines += ["", *verdict(task)] if verdict(task) else []
    return "\n".join(lines) + "\n"


def circumstances(report: dict[str, Any]) -> str:
    machine = report["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    load = " and ".join(str(each) for each in machine["load"] if each is not None)
    small = (
        " The data is small: times and ratios mean nothing." if report["size"] == "small" else ""
    )
    return (
        f"Measured on {report['date'][:10]}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['system']}, load {load or 'unknown'} before and after.\nVersions: {versions}."
        f"{small}"
    )


def _duration(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} us"


def _ratio(ratio: float) -> str:
    return f"{ratio:.0f} x" if ratio >= 10 else f"{ratio:.2g} x"


# ----------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--size", choices=("small", "full"), default="full")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    # What a process does that measures one contender.
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)

    if chosen.work:
        task = next(task for task in TASKS if task.name == chosen.work[0])
        contender = next(each for each in task.contenders if each.name == chosen.work[1])
        print(json.dumps(work(task, contender, chosen.size == "small")))
        return 0
    tasks = [
        task for task in TASKS if not chosen.only or any(part in task.name for part in chosen.only)
    ]
    if not tasks:
        parser.error(f"no task is named like {' or '.join(chosen.only)}; --list names all")
    if chosen.list:
        for task in tasks:
            print(f"{task.name}: {', '.join(each.name for each in task.contenders)}")
        return 0
    try:
        report = measure(tasks, chosen.size)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    print(text_report(report))
    if chosen.json:
        chosen.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if chosen.markdown:
        chosen.markdown.write_text(markdown_report(report), encoding="utf-8", newline="\n")
    rows = [row for task in report["tasks"] for row in task["contenders"]]
    return 0 if all(row.get("agrees", True) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
