"""Make examples/results: results of circuits that are really simulated, and damaged copies of them.

    python scripts/make_examples.py            write the files
    python scripts/make_examples.py --check    exit 1 if they are not what would be written

Circuits run on Cirq's simulators: a state vector for what IonQ's ideal simulator would publish, a
density matrix with depolarising and readout noise for what hardware would, a stabiliser simulator
for 100 qubits, and qutrits for leakage. Only the payloads are IonQ's: every seed is fixed.

The damage in the bad files is what happens to results in practice: downloads that stop, merges by
hand, keys in another client's form, percentages, rounding.
"""

from __future__ import annotations

import gzip
import itertools
import json
import math
import sys
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cirq
import numpy as np

FOLDER = Path(__file__).parent.parent / "examples" / "results"

PROBABILITIES_V1 = "ionq.result.probabilities.json.v1"
PROBABILITIES_V2 = "ionq.result.probabilities.json.v2"
HISTOGRAM_V1 = "ionq.result.histogram.json.v1"
HISTOGRAM_V2 = "ionq.result.histogram.json.v2"
SHOTS_V1 = "ionq.result.shots.json.v1"
SHOTS_V2 = "ionq.result.shots.json.v2"
AGGREGATE_V1 = "ionq.result.probabilities-aggregate.json.v1"
NATIVE_V1 = "ionq.native.v1"

Bits = tuple[int, ...]  # bit k belongs to qubit k, or is bit k of a register


# ----------------------------------------------------------------------------------------------
# Simulation


def ideal_distribution(circuit: cirq.Circuit, qubits: Sequence[cirq.Qid]) -> dict[Bits, float]:
    """Probabilities of the measured bits of a circuit without noise, most of them rounded off."""
    simulator = cirq.Simulator(dtype=np.complex128)
    state = simulator.simulate(circuit, qubit_order=qubits).final_state_vector
    probabilities = (np.abs(state) ** 2).reshape((2,) * len(qubits))
    return {
        bits: float(probability)
        for bits, probability in np.ndenumerate(probabilities)
        if probability > 1e-12
    }


def noisy_shots(circuit: cirq.Circuit, shots: int, seed: int) -> dict[str, np.ndarray]:
    """Bits of every shot by measurement key, with 1 % depolarisation and 0.5 % readout error."""
    noise = cirq.depolarize(0.01)
    noisy: list[cirq.Moment] = []
    for moment in circuit:
        if cirq.is_measurement(moment):
            measured = sorted(moment.qubits)
            noisy += [cirq.Moment(cirq.bit_flip(0.005).on_each(*measured)), moment]
        else:
            noisy += [moment, cirq.Moment(noise.on_each(*sorted(circuit.all_qubits())))]
    simulator = cirq.DensityMatrixSimulator(seed=seed, dtype=np.complex128)
    return dict(simulator.run(cirq.Circuit(noisy), repetitions=shots).measurements)


def leaking_shots(shots: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Readout and leakage of two qutrits: a Bell pair whose |1> leaks to |2> with 4 %."""
    first, second = cirq.LineQid.range(2, dimension=3)
    hadamard = np.eye(3, dtype=complex)
    hadamard[:2, :2] = np.array([[1, 1], [1, -1]]) / math.sqrt(2)
    controlled_flip = np.eye(9)
    controlled_flip[[3, 4]] = controlled_flip[[4, 3]]  # |10> and |11>, counted in threes
    circuit = cirq.Circuit(
        cirq.MatrixGate(hadamard, qid_shape=(3,)).on(first),
        cirq.MatrixGate(controlled_flip, qid_shape=(3, 3)).on(first, second),
        _Leak(0.04).on_each(first, second),
        cirq.measure(first, second, key="levels"),
    )
    simulator = cirq.DensityMatrixSimulator(seed=seed, dtype=np.complex128)
    levels = simulator.run(circuit, repetitions=shots).measurements["levels"]
    # A leaked ion stays dark in fluorescence, as one in |0> does.
    return (levels == 1).astype(int), (levels == 2).astype(int)


class _Leak(cirq.Gate):
    """A qutrit leaves |1> for |2> with some probability."""

    def __init__(self, probability: float) -> None:
        self._probability = probability

    def _qid_shape_(self) -> tuple[int, ...]:
        return (3,)

    def _kraus_(self) -> Iterable[np.ndarray]:
        leak = np.zeros((3, 3))
        leak[2, 1] = math.sqrt(self._probability)
        return [np.diag([1, math.sqrt(1 - self._probability), 1]), leak]


def staircase(qubits: Sequence[cirq.Qid]) -> cirq.Circuit:
    """A state without symmetry: every qubit turned further than the one before, and entangled."""
    circuit = cirq.Circuit(
        cirq.ry(0.4 + 0.5 * index).on(qubit) for index, qubit in enumerate(qubits)
    )
    circuit.append(cirq.CNOT(a, b) for a, b in itertools.pairwise(qubits))
    return circuit


def teleportation() -> cirq.Circuit:
    """Teleport a turned qubit; two declared registers, and the system's own at the end."""
    message, here, there = cirq.LineQubit.range(3)
    return cirq.Circuit(
        cirq.ry(1.1).on(message),
        cirq.H(here),
        cirq.CNOT(here, there),
        cirq.CNOT(message, here),
        cirq.H(message),
        cirq.Moment(cirq.measure(here, message, key="mid")),
        # The two qubits are classical now: gates that they control are corrections by outcomes.
        cirq.CNOT(here, there),
        cirq.CZ(message, there),
        cirq.Moment(cirq.measure(there, key="result")),
        cirq.Moment(cirq.measure(message, here, there, key="output_all")),
    )


def native_bell() -> tuple[dict[str, Any], dict[Bits, float]]:
    """A Bell pair in IonQ's native gates, and the distribution that its matrices give."""
    gates: list[dict[str, Any]] = [
        {"gate": "gpi2", "target": 0, "phase": 0.25},
        # From here on: CNOT of qubit 0 on qubit 1.
        {"gate": "gpi2", "target": 0, "phase": 0.25},
        {"gate": "ms", "targets": [0, 1], "phases": [0, 0], "angle": 0.25},
        {"gate": "gpi2", "target": 0, "phase": 0.5},
        {"gate": "gpi2", "target": 1, "phase": 0.5},
        {"gate": "gpi2", "target": 0, "phase": 0.75},
    ]
    qubits = cirq.LineQubit.range(2)
    circuit = cirq.Circuit()
    for gate in gates:
        if gate["gate"] == "ms":
            # exp(-i pi/4 XX), with both phases zero
            matrix = (np.eye(4) - 1j * np.fliplr(np.eye(4))) / math.sqrt(2)
            circuit.append(cirq.MatrixGate(matrix).on(*(qubits[t] for t in gate["targets"])))
        else:
            turn = np.exp(2j * np.pi * gate["phase"])
            matrix = np.array([[1, -1j / turn], [-1j * turn, 1]]) / math.sqrt(2)
            circuit.append(cirq.MatrixGate(matrix).on(qubits[gate["target"]]))
    return {"qubits": 2, "circuit": gates}, ideal_distribution(circuit, qubits)


def wide_shots(qubits: int, shots: int, seed: int) -> list[Bits]:
    """Shots of a GHZ state with every third qubit flipped, on a stabiliser simulator."""
    line = cirq.LineQubit.range(qubits)
    circuit = cirq.Circuit(
        cirq.H(line[0]),
        (cirq.CNOT(a, b) for a, b in itertools.pairwise(line)),
        cirq.X.on_each(*line[::3]),
        cirq.measure(*line, key="m"),
    )
    result = cirq.CliffordSimulator(seed=seed).run(circuit, repetitions=shots)
    return [tuple(map(int, row)) for row in result.measurements["m"]]


# ----------------------------------------------------------------------------------------------
# Payloads


def state_of(bits: Bits) -> str:
    """The decimal state of version 1: qubit 0 is the least significant bit."""
    return str(sum(bit << k for k, bit in enumerate(bits)))


def bitstring_of(bits: Bits) -> str:
    """The bitstring of version 2 in wire order: qubit 0 is the leftmost character."""
    return "".join(map(str, bits))


def rounded(probability: float) -> float:
    """Ten significant digits, as the service writes them."""
    return float(f"{probability:.10g}")


def flat(values: dict[Bits, Any]) -> dict[str, Any]:
    return {state_of(bits): values[bits] for bits in sorted(values, key=lambda b: int(state_of(b)))}


def nested(member: str, registers: Mapping[str, Mapping[Bits, Any]]) -> dict[str, Any]:
    return {
        member: {
            "registers": {
                name: {bitstring_of(bits): values[bits] for bits in sorted(values)}
                for name, values in registers.items()
            }
        }
    }


def shots_v2(registers: dict[str, np.ndarray], leakage: np.ndarray | None = None) -> dict[str, Any]:
    shots = []
    for index in range(len(next(iter(registers.values())))):
        bits = {name: rows[index].astype(int).tolist() for name, rows in registers.items()}
        shot: dict[str, Any] = {"registers": bits}
        if leakage is not None:
            shot["leakage_bits"] = leakage[index].tolist()
        shots.append(shot)
    return {"shots": shots}


def rows(array: np.ndarray) -> list[Bits]:
    return [tuple(map(int, row)) for row in array]


def shares(counts: Counter[Bits]) -> dict[Bits, float]:
    total = sum(counts.values())
    return {bits: rounded(count / total) for bits, count in counts.items()}


def dumps(payload: Any, **options: Any) -> bytes:
    return (json.dumps(payload, **{"separators": (",", ":"), **options}) + "\n").encode()


# ----------------------------------------------------------------------------------------------
# The store


def good_files() -> dict[str, bytes]:
    files: dict[str, bytes] = {}

    def add(name: str, format: str, payload: Any, **options: Any) -> None:
        files[f"good/{name}.{format}.json"] = dumps(payload, **options)

    # What the ideal simulator publishes: probabilities of a state without symmetry.
    qubits = cirq.LineQubit.range(3)
    ideal = {bits: rounded(p) for bits, p in ideal_distribution(staircase(qubits), qubits).items()}
    add("staircase-ideal", PROBABILITIES_V1, flat(ideal), separators=(", ", ": "))
    add(
        "staircase-ideal",
        PROBABILITIES_V2,
        nested("probabilities", {"output_all": ideal}),
        indent=2,
    )

    # What hardware publishes for the same circuit: shots, and everything counted from them.
    noisy = staircase(qubits) + cirq.Circuit(cirq.measure(*qubits, key="output_all"))
    measured = noisy_shots(noisy, shots=1000, seed=7)
    counts = Counter(rows(measured["output_all"]))
    add("staircase-noisy", SHOTS_V1, [state_of(bits) for bits in rows(measured["output_all"])])
    add("staircase-noisy", SHOTS_V2, shots_v2(measured))
    add("staircase-noisy", HISTOGRAM_V1, flat(counts))
    add("staircase-noisy", HISTOGRAM_V2, nested("histogram", {"output_all": counts}))
    add("staircase-noisy", PROBABILITIES_V1, flat(shares(counts)))

    # The probe of bit order: X on qubit 0 of three.
    flipped = ideal_distribution(cirq.Circuit(cirq.X(qubits[0]), cirq.I(qubits[1])), qubits)
    probe = {bits: round(p) for bits, p in flipped.items()}
    add("x-on-qubit-0", PROBABILITIES_V1, flat(probe))
    add("x-on-qubit-0", PROBABILITIES_V2, nested("probabilities", {"output_all": probe}))

    # A dynamic circuit: declared registers beside the system's own, of other widths.
    teleported = noisy_shots(teleportation(), shots=200, seed=11)
    registers = {name: Counter(rows(array)) for name, array in teleported.items()}
    add("teleportation", SHOTS_V2, shots_v2(teleported))
    add("teleportation", HISTOGRAM_V2, nested("histogram", registers))
    distributions = {name: shares(counts) for name, counts in registers.items()}
    add("teleportation", PROBABILITIES_V2, nested("probabilities", distributions))

    # Leakage: shots v2 keeps the invalid readouts, everything else leaves them out.
    bits, leakage = leaking_shots(shots=120, seed=5)
    add("leaking-bell", SHOTS_V2, shots_v2({"output_all": bits}, leakage))
    kept = Counter(rows(bits[~leakage.any(axis=1)]))
    add("leaking-bell", HISTOGRAM_V1, flat(kept))

    # One hundred qubits: states beyond every machine integer.
    wide = wide_shots(100, shots=20, seed=3)
    add("ghz-100", SHOTS_V1, [state_of(bits) for bits in wide])
    add("ghz-100", HISTOGRAM_V1, flat(Counter(wide)))
    packed = dumps(shots_v2({"output_all": np.array(wide)}))
    files[f"good/ghz-100.{SHOTS_V2}.json.gz"] = gzip.compress(packed, mtime=0)

    # A multi-circuit job: a Ramsey fringe, one child an angle.
    children = {}
    for index, angle in enumerate(np.linspace(0, np.pi, 6)):
        qubit = qubits[0]
        fringe = cirq.Circuit(
            cirq.ry(np.pi / 2)(qubit), cirq.rz(angle)(qubit), cirq.ry(np.pi / 2)(qubit)
        )
        child = str(uuid.UUID(int=0x06A2099CF845720880008111EE2DCC00 + index))
        distribution = ideal_distribution(fringe, [qubit])
        children[child] = flat({bits: rounded(p) for bits, p in distribution.items()})
    add("ramsey", AGGREGATE_V1, children, indent=1)

    # A compiled circuit, and the result that shows that it does what it says.
    circuit, bell = native_bell()
    add("bell-compiled", NATIVE_V1, circuit, indent=2)
    add("bell-compiled", PROBABILITIES_V1, flat({bits: rounded(p) for bits, p in bell.items()}))

    # Names that say nothing; their content is unmistakable.
    files["good/unnamed-counts.json"] = dumps(flat(counts))
    files["good/unnamed-shots.json"] = dumps(shots_v2({"c": measured["output_all"][:3]}))

    # Cut to four digits by somebody: a warning, and no error.
    coarse = {bits: math.floor(probability * 1e4) / 1e4 for bits, probability in ideal.items()}
    add("staircase-four-digits", PROBABILITIES_V1, flat(coarse))
    return files


def bad_files(good: dict[str, bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}

    def damage(name: str, source: str, format: str, change: Callable[[bytes], bytes]) -> None:
        original = good[f"good/{source}.{format}.json"]
        damaged = change(original)
        if damaged == original:
            raise ValueError(f"{name}: the change changed nothing")
        files[f"bad/{name}.{format}.json"] = damaged

    def edit(change: Callable[[Any], Any], **options: Any) -> Callable[[bytes], bytes]:
        return lambda data: dumps(change(json.loads(data)), **options)

    damage(
        "merged-by-hand", "staircase-noisy", HISTOGRAM_V1, lambda d: d.replace(b'"2":', b'"1":', 1)
    )
    damage("interrupted-download", "staircase-noisy", SHOTS_V2, lambda d: d[: len(d) // 2])
    damage("two-in-one", "x-on-qubit-0", PROBABILITIES_V1, lambda d: d + d)
    damage("saved-by-an-editor", "staircase-ideal", PROBABILITIES_V2, lambda d: b"\xef\xbb\xbf" + d)
    damage(
        "latin-1",
        "teleportation",
        HISTOGRAM_V2,
        lambda d: d.replace(b"mid", "mitte-ä".encode("latin-1")),
    )
    damage(
        "divided-by-zero",
        "staircase-ideal",
        PROBABILITIES_V1,
        edit(lambda p: dict.fromkeys(p, math.nan)),
    )
    damage(
        "sharpened",
        "staircase-ideal",
        PROBABILITIES_V1,
        edit(lambda p: {k: rounded(v * 1.059) for k, v in p.items()}),
    )
    damage("percent", "x-on-qubit-0", PROBABILITIES_V2, lambda d: d.replace(b":1}", b":100}"))
    damage(
        "bitstrings-as-keys",
        "staircase-ideal",
        PROBABILITIES_V1,
        edit(lambda p: {f"{int(k):03b}": v for k, v in p.items()}, indent=2),
    )
    damage(
        "numbers-as-text",
        "staircase-noisy",
        HISTOGRAM_V1,
        edit(lambda p: {k: str(v) for k, v in p.items()}),
    )
    damage("probabilities-in-it", "staircase-noisy", HISTOGRAM_V2, edit(_divided))
    damage("a-shot-lost", "teleportation", HISTOGRAM_V2, edit(_one_shot_less))
    damage("zeros-cut-off", "staircase-noisy", HISTOGRAM_V2, edit(_zeros_cut_off))
    damage(
        "shots-as-floats",
        "staircase-noisy",
        SHOTS_V1,
        edit(lambda p: [float(s) for s in p[:4]] + p[4:]),
    )
    damage("bits-as-booleans", "leaking-bell", SHOTS_V2, edit(_booleans))
    damage("a-register-lost", "teleportation", SHOTS_V2, edit(_register_lost))
    damage(
        "by-name",
        "ramsey",
        AGGREGATE_V1,
        edit(lambda p: {f"angle-{i}": v for i, v in enumerate(p.values())}, indent=1),
    )
    damage("not-compiled", "bell-compiled", NATIVE_V1, edit(_not_compiled, indent=2))
    damage("off-by-one", "bell-compiled", NATIVE_V1, edit(_off_by_one, indent=2))
    files[f"bad/error-page.{PROBABILITIES_V1}.json"] = (
        b"<html>\n<head><title>503 Service Unavailable</title></head>\n</html>\n"
    )
    files[f"bad/nothing.{SHOTS_V1}.json"] = b""
    files["bad/ambiguous.json"] = dumps({"1": 1})
    packed = good[f"good/ghz-100.{SHOTS_V2}.json.gz"]
    files[f"bad/interrupted-download.{SHOTS_V2}.json.gz"] = packed[:-8]  # without its checksum
    return files


def _divided(payload: Any) -> Any:
    outcomes = payload["histogram"]["registers"]["output_all"]
    total = sum(outcomes.values())
    return {"histogram": {"registers": {"output_all": {k: v / total for k, v in outcomes.items()}}}}


def _one_shot_less(payload: Any) -> Any:
    result = payload["histogram"]["registers"]["result"]
    result[max(result)] -= 1
    return payload


def _zeros_cut_off(payload: Any) -> Any:
    outcomes = payload["histogram"]["registers"]["output_all"]
    cut = {bits.lstrip("0") or "0": count for bits, count in outcomes.items()}
    return {"histogram": {"registers": {"output_all": cut}}}


def _booleans(payload: Any) -> Any:
    first = payload["shots"][0]["registers"]
    first["output_all"] = [bool(bit) for bit in first["output_all"]]
    return payload


def _register_lost(payload: Any) -> Any:
    del payload["shots"][17]["registers"]["result"]
    return payload


def _not_compiled(payload: Any) -> Any:
    return {
        "qubits": 2,
        "circuit": [{"gate": "h", "target": 0}, {"gate": "cnot", "targets": [0, 1]}],
    }


def _off_by_one(payload: Any) -> Any:
    for gate in payload["circuit"]:
        if "target" in gate:
            gate["target"] += 1
    return payload


def _content(name: str, data: bytes | None) -> bytes | None:
    """What a file says; implementations of gzip may pack the same content in different bytes."""
    if data is None or not name.endswith(".gz"):
        return data
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    good = good_files()
    files = {**good, **bad_files(good)}
    existing = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in FOLDER.glob("*/*")
        if path.is_file()
    }
    if arguments:
        different = sorted(
            name
            for name in files.keys() | existing.keys()
            if _content(name, files.get(name)) != _content(name, existing.get(name))
        )
        for name in different:
            print(f"{FOLDER / name} is not what the simulation gives")
        return 1 if different else 0
    for name in existing.keys() - files.keys():
        (FOLDER / name).unlink()
    for name, data in files.items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_bytes(data)
    print(f"wrote {len(files)} files to {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
