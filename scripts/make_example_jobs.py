"""Make examples/jobs: stored jobs whose results are really simulated, all of them good.

    python scripts/make_example_jobs.py            write the files
    python scripts/make_example_jobs.py --check    exit 1 if they are not what would be written

The directories are as ``qartifacts fetch job`` writes them. Records have the shape that IonQ's API
of version 0.4 documents, and say that a simulator ran the job; results come from Cirq's simulators,
as those of ``make_examples.py`` do. Every seed, id and date is fixed.
"""

from __future__ import annotations

import sys
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cirq
import numpy as np

from make_examples import (
    AGGREGATE_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    NATIVE_V1,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    Bits,
    dumps,
    flat,
    native_bell,
    nested,
    noisy_shots,
    rounded,
    rows,
    shares,
    shots_v2,
    staircase,
    state_of,
    teleportation,
)

FOLDER = Path(__file__).parent.parent / "examples" / "jobs"

QASM3 = "ionq.qasm3.v1"
JSON = "application/json"

Measured = Mapping[str, np.ndarray]


# ----------------------------------------------------------------------------------------------
# Records


def job_id(job: int, child: int = 0) -> str:
    """The UUID of a job, or of its child: they grow with time, as those of the service do."""
    return str(uuid.UUID(int=(0x06A2099CF84E7208_8000 << 48) + (job << 16) + child))


def artifact_id(job: str, number: int) -> str:
    """The UUID of an artifact of a job."""
    return str(uuid.UUID(int=uuid.UUID(job).int + (0xA << 96) + (number << 32)))


class Stored:
    """A job that is being put together: its record, and its files.

    Args:
        id: The job's id.
        type: What kind of job it is.
        qubits: Qubits of its circuit.
        shots: Shots that it had; None for the ideal simulator, which takes no notice of them.
        noise: The noise model of the simulator.
        **more: Other members of the record.
    """

    def __init__(
        self, id: str, type: str, qubits: int, shots: int | None, noise: str, **more: Any
    ) -> None:
        self.files: dict[str, bytes] = {}
        self.record: dict[str, Any] = {
            "id": id,
            "status": "completed",
            "type": type,
            "backend": "simulator",
            "dry_run": False,
            "submitter_id": "63b7cfcd3b1ef2a7c8d10a11",
            "project_id": None,
            "parent_job_id": None,
            "session_id": None,
            "metadata": None,
            "name": None,
            "submitted_at": "2026-10-01T09:00:00.000Z",
            "started_at": "2026-10-01T09:00:01.500Z",
            "completed_at": "2026-10-01T09:00:02.250Z",
            "predicted_wait_time_ms": None,
            "predicted_execution_duration_ms": None,
            "execution_duration_ms": 750,
            "failure": None,
            "output": {},
            "settings": {},
            "stats": {"qubits": qubits},
            "results": {},
            "child_job_ids": None,
            "noise": {"model": noise},
        }
        if shots is not None:
            self.record["shots"] = shots
        self.record |= more
        self._number = 0

    def artifact(self, format: str, payload: Any, media_type: str = JSON) -> dict[str, str]:
        """Add an artifact, and give its descriptor."""
        id = artifact_id(self.record["id"], self._number)
        self._number += 1
        if media_type == JSON:
            self.files[f"{id}.{format}.json"] = dumps(payload)
        else:
            self.files[f"{id}.{format}.txt"] = payload.encode()
        return {"id": id, "format": format, "media_type": media_type}

    def result(self, format: str, payload: Any) -> None:
        """Add a result."""
        self.record["results"][format] = self.artifact(format, payload)

    def all_files(self) -> dict[str, bytes]:
        """The record and all artifacts, by their names."""
        return {"job.json": dumps(self.record, indent=2, separators=(",", ": ")), **self.files}


# ----------------------------------------------------------------------------------------------
# Jobs


def one_circuit() -> dict[str, bytes]:
    """A state without symmetry, with all results that there are."""
    qubits = cirq.LineQubit.range(3)
    circuit = staircase(qubits) + cirq.Circuit(cirq.measure(*qubits, key="output_all"))
    measured = noisy_shots(circuit, shots=1000, seed=21)
    shots = rows(measured["output_all"])
    counts = Counter(shots)
    job = Stored(job_id(1), "ionq.circuit.v1", 3, 1000, "aria-1", name="staircase")
    job.record["stats"]["gate_counts"] = {"1q": 3, "2q": 2}
    job.result(PROBABILITIES_V1, flat(shares(counts)))
    job.result(PROBABILITIES_V2, nested("probabilities", {"output_all": shares(counts)}))
    job.result(HISTOGRAM_V1, flat(counts))
    job.result(HISTOGRAM_V2, nested("histogram", {"output_all": counts}))
    job.result(SHOTS_V1, [state_of(bits) for bits in shots])
    job.result(SHOTS_V2, shots_v2(dict(measured)))
    return job.all_files()


def ideal_circuit() -> dict[str, bytes]:
    """What the ideal simulator leaves: probabilities and no shots; and the compiled circuit."""
    circuit, distribution = native_bell()
    ideal = {bits: rounded(probability) for bits, probability in distribution.items()}
    job = Stored(job_id(2), "ionq.circuit.v1", 2, None, "ideal", name="bell")
    job.record["stats"]["gate_counts"] = {"1q": 5, "2q": 1}
    compiled = {NATIVE_V1: job.artifact(NATIVE_V1, circuit)}
    job.record["output"] = {"compilation": {"compiled_circuits": compiled}}
    job.result(PROBABILITIES_V1, flat(ideal))
    job.result(PROBABILITIES_V2, nested("probabilities", {"output_all": ideal}))
    return job.all_files()


def many_circuits() -> dict[str, bytes]:
    """A Ramsey fringe: a circuit for each of five angles, each a child."""
    qubit = cirq.LineQubit(0)
    parent = Stored(
        job_id(3), "ionq.multi-circuit.v1", 1, 400, "aria-1", name="ramsey", child_job_ids=[]
    )
    parent.record["stats"]["circuits"] = 5
    aggregate: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for index, angle in enumerate(np.linspace(0, np.pi, 5)):
        circuit = cirq.Circuit(
            cirq.ry(np.pi / 2)(qubit),
            cirq.rz(angle)(qubit),
            cirq.ry(np.pi / 2)(qubit),
            cirq.Moment(cirq.measure(qubit, key="output_all")),
        )
        measured = noisy_shots(circuit, shots=400, seed=31 + index)
        distribution = flat(shares(Counter(rows(measured["output_all"]))))
        id = job_id(3, index + 1)
        child = Stored(id, "ionq.circuit.v1", 1, 400, "aria-1", parent_job_id=parent.record["id"])
        child.result(PROBABILITIES_V1, distribution)
        parent.record["child_job_ids"].append(id)
        aggregate[id] = distribution
        files |= {f"children/{id}/{name}": data for name, data in child.all_files().items()}
    parent.result(AGGREGATE_V1, aggregate)
    return {**parent.all_files(), **files}


#: The circuit of ``teleportation``, as a program.
_TELEPORTATION = """\
OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[2] mid;
bit[1] result;
ry(1.1) q[0];
h q[1];
cx q[1], q[2];
cx q[0], q[1];
h q[0];
mid[0] = measure q[1];
mid[1] = measure q[0];
if (mid[0]) x q[2];
if (mid[1]) z q[2];
result[0] = measure q[2];
"""


def program() -> dict[str, bytes]:
    """An OpenQASM 3 job: two declared registers beside the system's own."""
    measured = noisy_shots(teleportation(), shots=300, seed=41)
    counts = {name: Counter(rows(array)) for name, array in measured.items()}
    job = Stored(job_id(4), QASM3, 3, 300, "aria-1", name="teleportation")
    compiled = {QASM3: job.artifact(QASM3, _TELEPORTATION, "text/plain")}
    job.record["output"] = {"compilation": {"compiled_circuits": compiled}}
    distributions = {name: shares(each) for name, each in counts.items()}
    job.result(PROBABILITIES_V2, nested("probabilities", distributions))
    job.result(HISTOGRAM_V2, nested("histogram", counts))
    job.result(SHOTS_V2, shots_v2(dict(measured)))
    return job.all_files()


def debiased() -> dict[str, bytes]:
    """Four variants of one circuit, on qubits in other places, and what was made of them."""
    qubits = cirq.LineQubit.range(3)
    job = Stored(job_id(5), "ionq.circuit.v1", 3, 600, "aria-1", name="debiased")
    job.record["settings"] = {"error_mitigation": {"debiasing": True}}
    variants: list[dict[str, Any]] = []
    total: Counter[Bits] = Counter()
    for index, places in enumerate(((0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))):
        ordered = [qubits[place] for place in places]
        circuit = staircase(ordered) + cirq.Circuit(cirq.measure(*ordered, key="output_all"))
        measured = noisy_shots(circuit, shots=150, seed=51 + index)
        counts = Counter(rows(measured["output_all"]))
        total += counts
        results = {
            HISTOGRAM_V2: job.artifact(HISTOGRAM_V2, nested("histogram", {"output_all": counts})),
            SHOTS_V2: job.artifact(SHOTS_V2, shots_v2(dict(measured))),
        }
        variants.append(
            {
                "variant_id": artifact_id(job.record["id"], 100 + index),
                "qubit_map": list(places),
                "shots": 150,
                "results": results,
            }
        )
    pooled = nested("histogram", {"output_all": total})
    job.record["output"] = {
        "error_mitigation": {
            "debiasing": {"variants": variants, "aggregation_method": "average"},
            "aggregations": {"average": job.artifact(HISTOGRAM_V2, pooled)},
        }
    }
    job.result(PROBABILITIES_V1, flat(shares(total)))
    job.result(PROBABILITIES_V2, nested("probabilities", {"output_all": shares(total)}))
    job.result(HISTOGRAM_V1, flat(total))
    return job.all_files()


# ----------------------------------------------------------------------------------------------
# The store

JOBS = {
    "bell-ideal": ideal_circuit,
    "debiased": debiased,
    "ramsey": many_circuits,
    "staircase": one_circuit,
    "teleportation": program,
}


def files() -> Iterator[tuple[str, bytes]]:
    """All files, by their paths below the folder."""
    for name, make in JOBS.items():
        for file, data in make().items():
            yield f"{name}/{file}", data


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    wanted = dict(files())
    existing = {
        path.relative_to(FOLDER).as_posix(): path
        for path in FOLDER.glob("*/**/*")
        if path.is_file()
    }
    if arguments:
        different = sorted(
            name
            for name in wanted.keys() | existing.keys()
            if name not in existing or existing[name].read_bytes() != wanted.get(name)
        )
        for name in different:
            print(f"{FOLDER / name} is not what the simulation gives")
        return 1 if different else 0
    for name in existing.keys() - wanted.keys():
        existing[name].unlink()
    for name, data in wanted.items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_bytes(data)
    print(f"wrote {len(wanted)} files to {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
