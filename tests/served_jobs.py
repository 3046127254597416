"""Stored jobs, and a service that gives them over a real socket, well or badly, for tests.

``store(folder)`` writes ``JOBS``, each of another kind, as a fetch would store them. ``service``
serves such a folder as the service does, with faults on chosen paths, and keeps a log of what was
asked for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from qartifacts.stored import CHILDREN, JOB_RECORD, artifact_name, child_name
from qartifacts.stored.jobs import JobStore
from servers import Asked, Line, Server, server

P1 = "ionq.result.probabilities.json.v1"
P2 = "ionq.result.probabilities.json.v2"
H1 = "ionq.result.histogram.json.v1"
H2 = "ionq.result.histogram.json.v2"
S1 = "ionq.result.shots.json.v1"
S2 = "ionq.result.shots.json.v2"
AGGREGATE = "ionq.result.probabilities-aggregate.json.v1"
QASM = "ionq.qasm3.v1"
NATIVE = "ionq.native.v1"

JSON = "application/json"
TEXT = "text/plain"


@dataclass(frozen=True)
class Artifact:
    """One artifact, with what a record says of it."""

    id: str
    format: str
    data: bytes
    media_type: str = JSON

    @property
    def descriptor(self) -> dict[str, str]:
        return {"id": self.id, "format": self.format, "media_type": self.media_type}

    @property
    def name(self) -> str:
        return artifact_name(self.id, self.format, self.media_type)


@dataclass(frozen=True)
class Job:
    """A job, with its artifacts and children; and what stands behind its URLs, by their words."""

    record: Mapping[str, Any]
    artifacts: Sequence[Artifact] = ()
    children: Sequence[Job] = ()
    legacy: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        id: str = self.record["id"]
        return id

    @property
    def data(self) -> bytes:
        """The record as a service spells it: with spaces, and a line feed at its end."""
        return json.dumps(self.record, indent=1).encode() + b"\n"

    @property
    def files(self) -> dict[str, bytes]:
        """What its directory holds, by paths within it."""
        files = {JOB_RECORD: self.data}
        files |= {each.name: each.data for each in self.artifacts}
        files |= {artifact_name(word, format): data for word, (format, data) in self.legacy.items()}
        for child in self.children:
            for path, data in child.files.items():
                files[f"{CHILDREN}/{child_name(child.id)}/{path}"] = data
        return files

    @property
    def paths(self) -> list[str]:
        """All that a whole fetch of it asks for, as paths behind the base."""
        own = [f"/jobs/{self.id}"]
        own += [f"/jobs/{self.id}/artifacts/{each.id}" for each in self.artifacts]
        own += [f"/jobs/{self.id}/results/{word}" for word in self.legacy]
        return own + [path for child in self.children for path in child.paths]


def _id(number: int) -> str:
    return f"06b27432-{number:04x}-7a0f-8000-1b9e2d6a4f01"


def _text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _wire(state: int, qubits: int) -> str:
    return "".join(str(state >> qubit & 1) for qubit in range(qubits))


def payloads(states: Sequence[int], qubits: int) -> dict[str, bytes]:
    """What shots leave behind in all six formats of results, by their formats."""
    counts = dict(sorted(Counter(states).items()))
    shares = {state: count / len(states) for state, count in counts.items()}

    def flat(numbers: Mapping[int, float]) -> bytes:
        return _text({str(state): number for state, number in numbers.items()})

    def nested(member: str, numbers: Mapping[int, float]) -> bytes:
        bits = {_wire(state, qubits): number for state, number in numbers.items()}
        return _text({member: {"registers": {"output_all": bits}}})

    shots = [
        {"registers": {"output_all": [int(bit) for bit in _wire(state, qubits)]}}
        for state in states
    ]
    return {
        P1: flat(shares),
        P2: nested("probabilities", shares),
        H1: flat(counts),
        H2: nested("histogram", counts),
        S1: _text([str(state) for state in states]),
        S2: _text({"shots": shots}),
    }


def _results(first: int, given: Mapping[str, bytes]) -> list[Artifact]:
    return [
        Artifact(_id(first + at), format, data) for at, (format, data) in enumerate(given.items())
    ]


def _by_format(artifacts: Sequence[Artifact]) -> dict[str, dict[str, str]]:
    return {each.format: each.descriptor for each in artifacts}


def record(id: str, qubits: int, shots: int, results: Any, **more: Any) -> dict[str, Any]:
    """The record of a job of one circuit that has completed, in version 0.4."""
    return {
        "id": id,
        "status": "completed",
        "type": "ionq.circuit.v1",
        "backend": "qpu.forte-1",
        "dry_run": False,
        "submitter_id": "64b03577072d45001c85e9c4",
        "project_id": None,
        "parent_job_id": None,
        "child_job_ids": None,
        "session_id": None,
        "metadata": {"shots": str(shots)},
        "name": None,
        "submitted_at": "2026-06-11T20:47:05.440Z",
        "started_at": "2026-06-11T20:47:10.000Z",
        "completed_at": "2026-06-11T20:47:15.000Z",
        "predicted_execution_duration_ms": None,
        "predicted_wait_time_ms": None,
        "execution_duration_ms": 4200,
        "shots": shots,
        "failure": None,
        "settings": {},
        "stats": {"qubits": qubits, "circuits": 1, "gate_counts": {"1q": 4, "2q": 1}},
        "output": {},
        "results": results,
        **more,
    }


#: Shots on three qubits, mostly with qubit 0 up: in another order of bits they are another result.
STATES = [1] * 13 + [3] * 4 + [6] * 2 + [0]


def _single() -> Job:
    artifacts = _results(0x10, payloads(STATES, 3))
    return Job(record(_id(1), 3, len(STATES), _by_format(artifacts)), artifacts)


def _multi() -> Job:
    parent = _id(2)
    runs = ([1] * 20, [2] * 15 + [5] * 5, [4] * 19 + [1])
    children = []
    for at, states in enumerate(runs):
        given = payloads(states, 3)
        artifacts = _results(0x30 + 8 * at, {format: given[format] for format in (P1, P2, H2)})
        more = {"parent_job_id": parent, "name": f"circuit {at}"}
        said = record(_id(0x20 + at), 3, 20, _by_format(artifacts), **more)
        children.append(Job(said, artifacts))
    shares = {child.id: json.loads(child.artifacts[0].data) for child in children}
    aggregate = Artifact("probabilities-aggregate", AGGREGATE, _text(shares))
    said = record(
        parent,
        3,
        20,
        _by_format([aggregate]),
        type="ionq.multi-circuit.v1",
        child_job_ids=[child.id for child in children],
        stats={"qubits": 3, "circuits": 3, "gate_counts": {"1q": 12, "2q": 3}},
    )
    return Job(said, [aggregate], children)


def _debiased() -> Job:
    halves = STATES[::2], STATES[1::2]
    own = _results(0x60, {format: payloads(STATES, 3)[format] for format in (P2, H2)})
    variants = []
    artifacts = list(own)
    for at, states in enumerate(halves):
        given = payloads(states, 3)
        results = _results(0x70 + 8 * at, {format: given[format] for format in (P1, P2, H2, S2)})
        artifacts += results
        variants.append(
            {
                "variant_id": _id(0x90 + at),
                "qubit_map": [4, 12, 7] if at == 0 else None,
                "shots": len(states),
                "results": _by_format(results),
            }
        )
    whole = payloads(STATES, 3)[H2]
    aggregations = {
        name: Artifact(_id(0x98 + at), H2, whole) for at, name in enumerate(("average", "voting"))
    }
    artifacts += aggregations.values()
    mitigation = {
        "debiasing": {"variants": variants},
        "aggregations": {name: each.descriptor for name, each in aggregations.items()},
    }
    said = record(
        _id(3),
        3,
        len(STATES),
        _by_format(own),
        settings={"error_mitigation": {"debiasing": True}},
        output={"error_mitigation": mitigation},
    )
    return Job(said, artifacts)


def _openqasm() -> Job:
    """The job of OpenQASM 3 with a measurement in the middle of the circuit."""
    shots = [((0,), (0, 0), 1), ((0,), (0, 0), 0), ((0,), (0, 0), 1), ((1,), (1, 0), 0)]
    registers = [{"mid": mid, "result": end, "output_all": (bit,)} for mid, end, bit in shots]
    counts: dict[str, Counter[str]] = {
        "mid": Counter(),
        "result": Counter(),
        "output_all": Counter(),
    }
    for each in registers:
        for name, bits in each.items():
            counts[name]["".join(map(str, bits))] += 1
    shares = {name: {key: n / len(shots) for key, n in of.items()} for name, of in counts.items()}
    given = {
        P2: _text({"probabilities": {"registers": shares}}),
        H2: _text({"histogram": {"registers": counts}}),
        S2: _text({"shots": [{"registers": each, "leakage_bits": None} for each in registers]}),
    }
    artifacts = _results(0xA0, given)
    said = record(_id(4), 1, len(shots), _by_format(artifacts), type="ionq.qasm3.v1")
    return Job(said, artifacts)


#: Ends without a line feed, and holds what is not ASCII: a text, not JSON.
PROGRAM = "OPENQASM 3.0;\nqubit[1] q; // für q[0]\nx q[0];".encode()


def _compiled() -> Job:
    """Circuits, and results whose ids would be trouble as names of files."""
    own = [Artifact(f"../{_id(0xB0)}", P1, b'{"1":1}')]
    circuits = [
        Artifact("compiled.a/b c%2f", QASM, PROGRAM, TEXT),
        Artifact(
            "Compiled.A", NATIVE, b'{"qubits":1,"circuit":[{"gate":"gpi","target":0,"phase":0}]}'
        ),
        Artifact("x" * 300, "vendor's own", b"\x00\xff\n", "application/octet-stream"),
    ]
    compilation = {"compiled_circuits": {each.format: each.descriptor for each in circuits}}
    said = record(_id(5), 1, 20, _by_format(own), output={"compilation": compilation})
    return Job(said, [*own, *circuits])


def _older() -> Job:
    """A job whose record names its results by URLs."""
    given = payloads(STATES, 3)
    legacy = {
        "probabilities": (P1, given[P1]),
        "histogram": (H1, given[H1]),
        "shots": (S1, given[S1]),
    }
    id = _id(6)
    urls = {word: {"url": f"/v0.4/jobs/{id}/results/{word}"} for word in legacy}
    return Job(record(id, 3, len(STATES), urls), legacy=legacy)


SINGLE = _single()
MULTI = _multi()
DEBIASED = _debiased()
OPENQASM = _openqasm()
COMPILED = _compiled()
OLDER = _older()
JOBS = (SINGLE, MULTI, DEBIASED, OPENQASM, COMPILED, OLDER)
BY_NAME = {
    "single": SINGLE,
    "multi": MULTI,
    "debiased": DEBIASED,
    "openqasm": OPENQASM,
    "compiled": COMPILED,
    "older": OLDER,
}


def put(folder: Path, job: Job) -> None:
    """Write a job into a directory, which becomes the job's."""
    for name, data in job.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def store(folder: Path, jobs: Sequence[Job] = JOBS) -> Path:
    """Write jobs into a folder, each in a directory of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for job in jobs:
        put(folder / job.id, job)
    return folder


# ----------------------------------------------------------------------------------------------
# A service of jobs, and what goes wrong with it


@dataclass(frozen=True)
class Good:
    """What would be answered if nothing went wrong."""

    status: int
    body: bytes
    media_type: str = JSON


class Fault:
    """Answers a request badly; what it is given is the good answer."""

    def __call__(self, asked: Asked, line: Line, good: Good) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Saying(Fault):
    """Another status, with an error in the form of the service's."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, asked: Asked, line: Line, good: Good) -> None:
        body = {"statusCode": self.status, "error": "Some Error", "message": "not now"}
        line.reply(self.status, _text(body), Content_Type=JSON, **self.headers)


#: The service wants a key, or another one.
UNAUTHORIZED = Saying(401)
#: It fails for a while.
UNAVAILABLE = Saying(503)


def limited(seconds: int = 1) -> Fault:
    """The service wants to be left alone for so long."""
    return Saying(429, {"Retry_After": str(seconds)})


class Stalling(Fault):
    """Half of the body comes, and then nothing, until the test ends."""

    def __call__(self, asked: Asked, line: Line, good: Good) -> None:
        half = good.body[: len(good.body) // 2]
        line.head(good.status, half, Content_Length=len(good.body), Content_Type=good.media_type)
        line.wait()


class Truncated(Fault):
    """Half of the body comes, and then the connection ends."""

    def __call__(self, asked: Asked, line: Line, good: Good) -> None:
        half = good.body[: len(good.body) // 2]
        line.head(good.status, half, Content_Length=len(good.body), Content_Type=good.media_type)
        raise ConnectionResetError


@dataclass(frozen=True)
class Instead(Fault):
    """Another body comes, as if nothing were wrong."""

    body: bytes
    media_type: str = JSON

    def __call__(self, asked: Asked, line: Line, good: Good) -> None:
        line.reply(200, self.body, Content_Type=self.media_type)


STALLING = Stalling()
TRUNCATED = Truncated()
#: No JSON, although it says so: it ends too early, and the length agrees.
WRONG_JSON = Instead(b'{"0": 0.5, "1"')
#: The page of somebody who stands on the way.
HTML = Instead(b"<!DOCTYPE html><title>Sign in</title>", "text/html; charset=utf-8")


@dataclass
class JobService:
    """A service of jobs that runs.

    Attributes:
        server: The server.
        base: What a client takes for the base.
        faults: The faults that are left, by paths behind the base, each for one request; the
            last of them stays for ever if it stands in ``lasting``, too.
        key: The key that every request needs; None if they need none.
    """

    server: Server
    folder: Path
    faults: dict[str, list[Fault]]
    lasting: set[str]
    key: str | None = None

    @property
    def base(self) -> str:
        return f"{self.server.base}/v0.4"

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, behind the base, in order; nothing in them is quoted."""
        return [_behind_base(each.path) for each in self.server.asked]

    def forget(self) -> None:
        """Begin a new log."""
        self.server.asked.clear()

    def answer(self, asked: Asked, line: Line) -> None:
        path = _behind_base(asked.path)
        good = self._good(path)
        left = self.faults.get(path, [])
        if left:
            fault = left[0] if len(left) == 1 and path in self.lasting else left.pop(0)
            fault(asked, line, good)
        elif self.key is not None and asked.headers.get("authorization") != f"apiKey {self.key}":
            UNAUTHORIZED(asked, line, good)
        else:
            line.reply(good.status, good.body, Content_Type=good.media_type)

    def _good(self, path: str) -> Good:
        jobs = JobStore(self.folder)
        found: tuple[bytes, str] | None = None
        match path.removeprefix("/").split("/", 3):
            case ["jobs", id]:
                data = jobs.record(id)
                found = None if data is None else (data, JSON)
            case ["jobs", id, "artifacts", artifact]:
                found = jobs.artifact(id, artifact)
            case ["jobs", id, "results", word]:
                found = jobs.legacy(id, word)
        if found is None:
            body = {"statusCode": 404, "error": "Not Found Error", "message": "there is none"}
            return Good(404, _text(body))
        return Good(200, *found)


def _behind_base(path: str) -> str:
    return unquote(path.partition("?")[0]).removeprefix("/v0.4")


@contextmanager
def service(
    folder: Path,
    faults: Mapping[str, Sequence[Fault]] | None = None,
    *,
    lasting: Mapping[str, Fault] | None = None,
    key: str | None = None,
) -> Iterator[JobService]:
    """A service of the jobs in a folder, with faults.

    Args:
        folder: The jobs. What is stored meanwhile is served, too.
        faults: By paths behind the base: what comes of the first requests, one after the other.
            Then the answers are good.
        lasting: By paths: what comes of all requests, or of those behind ``faults``.
        key: The key that every request needs; none by default.
    """
    planned = {path: list(each) for path, each in (faults or {}).items()}
    for path, fault in (lasting or {}).items():
        planned.setdefault(path, []).append(fault)

    def answer(asked: Asked, line: Line) -> None:
        made.answer(asked, line)

    with server(answer) as up:
        made = JobService(up, folder, planned, set(lasting or {}), key)
        yield made
