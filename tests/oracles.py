"""How the packages in use today decode one IonQ result, asked offline.

Nothing of theirs is replaced: the whole of each client runs, and only the wire is ours. While a
package is asked, ``requests`` is given an adapter that answers for one finished job, so a request
for the job gives its record and a request for its results gives the payload. Every package is
imported where it is used, since each takes from a half to three seconds.

qiskit-ionq 1.1.1
    ``qiskit_counts`` and ``qiskit_probabilities`` retrieve a job of a QPU backend, whose record
    carries the header that a circuit measured in full leaves there, and call ``get_counts`` and
    ``get_probabilities`` of the result. The decoder is ``IonQJob._format_result``, and in it
    ``map_output`` and ``_build_counts``. ``qiskit_shots_counts`` does so for an OpenQASM 3 job:
    there it is ``IonQJob._format_result_qasm3``. The keys are spaced by Qiskit's ``Counts``.

cirq-ionq 1.7.0
    ``cirq_counts``, ``cirq_probabilities`` and ``cirq_measurements`` fetch a job by
    ``Service.get_job`` and decode it by ``Job.results``: a ``QPUResult`` for a QPU, a
    ``SimulatorResult`` for the simulator. They then call its ``counts``, ``probabilities`` and
    ``to_cirq_result``.

pennylane-ionq 0.45.0 (with pennylane 0.45)
    ``pennylane_probabilities`` and ``pennylane_samples`` have a ``QPUDevice`` submit a circuit of
    one gate by ``apply`` and take the answer; then the first reads the device's ``prob`` and the
    second calls its ``generate_samples``.

ionq-core 0.2.0
    ``ionq_core_from_dict`` calls ``from_dict`` of the generated model of a format.
"""

from __future__ import annotations

import functools
import importlib
import io
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import requests

_URL = "https://api.ionq.co/v0.4"
_JOB = "617a1f8b-59d4-435d-aa33-695433d7155e"
_SHOTS_V2 = "ionq.result.shots.json.v2"

#: The formats of which ionq-core has a model, and its name. There is none of shots v1.
IONQ_CORE_MODELS = {
    "ionq.result.probabilities.json.v1": "IonqResultProbabilitiesJsonV1",
    "ionq.result.probabilities.json.v2": "IonqResultProbabilitiesJsonV2",
    "ionq.result.histogram.json.v1": "IonqResultHistogramJsonV1",
    "ionq.result.histogram.json.v2": "IonqResultHistogramJsonV2",
    "ionq.result.shots.json.v2": "IonqResultShotsJsonV2",
    "ionq.result.probabilities-aggregate.json.v1": "IonqResultProbabilitiesAggregateJsonV1",
    "ionq.native.v1": "IonqNativeV1",
}


def qiskit_counts(payload: Mapping[str, float], *, width: int, shots: int) -> dict[str, int]:
    """Counts by bitstring, qubit 0 rightmost, in the order of the payload's keys."""
    return dict(_qiskit_result(payload, {"c": width}, shots=shots).get_counts())


def qiskit_probabilities(
    payload: Mapping[str, float], *, width: int, shots: int
) -> dict[str, float]:
    """Probabilities by bitstring, qubit 0 rightmost: of the keys to which ``shots`` gave counts."""
    return dict(_qiskit_result(payload, {"c": width}, shots=shots).get_probabilities())


def qiskit_shots_counts(
    payload: Mapping[str, Any], *, registers: Mapping[str, int]
) -> dict[str, int]:
    """Counts of shots v2; ``registers`` are the circuit's, by width, in the order declared."""
    return dict(_qiskit_result(payload, registers, type="ionq.qasm3.v1").get_counts())


def cirq_counts(payload: Mapping[str, float], *, width: int, shots: int) -> dict[int, int]:
    """Counts by big-endian integer (qubit 0 most significant), in ascending order of the keys."""
    return dict(_cirq_result(payload, width, shots, backend="qpu.aria-1").counts())


def cirq_probabilities(payload: Mapping[str, float], *, width: int) -> dict[int, float]:
    """Probabilities by big-endian integer, in the order of the payload's keys."""
    return dict(_cirq_result(payload, width, 1, backend="simulator").probabilities())


def cirq_measurements(
    payload: Mapping[str, float],
    *,
    width: int,
    shots: int,
    keys: Mapping[str, Sequence[int]],
    sampled: bool = False,
) -> dict[str, npt.NDArray[np.int64]]:
    """Bits by measurement key, a row per shot and a column per qubit of ``keys[key]``.

    The rows are the counts unrolled, or with ``sampled`` drawn at random as for the simulator.
    """
    backend = "simulator" if sampled else "qpu.aria-1"
    result = _cirq_result(payload, width, shots, backend=backend, keys=keys)
    return dict(result.to_cirq_result().measurements)


def pennylane_probabilities(payload: Mapping[str, float], *, width: int) -> npt.NDArray[np.float64]:
    """The 2**width probabilities, qubit 0 the most significant bit of the index."""
    probabilities: npt.NDArray[np.float64] = _pennylane_device(payload, width, 1).prob
    return probabilities


def pennylane_samples(
    payload: Mapping[str, float], *, width: int, shots: int
) -> npt.NDArray[np.int64]:
    """Bits, a row per shot and a column per qubit; the rows in an order from numpy's global seed."""
    samples: npt.NDArray[np.int64] = _pennylane_device(payload, width, shots).generate_samples()
    return samples


def ionq_core_from_dict(format: str, payload: Any) -> Any:
    """The typed model of ``format`` (one of ``IONQ_CORE_MODELS``), made from its payload."""
    models = importlib.import_module("ionq_core.models")
    return getattr(models, IONQ_CORE_MODELS[format]).from_dict(payload)


@contextmanager
def _service(job: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterator[None]:
    """Answer every HTTP request as the service does that holds this one finished job."""
    import requests

    record = {
        "id": _JOB,
        "status": "completed",
        "results": {
            "probabilities": {"url": f"/v0.4/jobs/{_JOB}/results/probabilities"},
            _SHOTS_V2: {"id": "shots", "format": _SHOTS_V2, "media_type": "application/json"},
        },
        **job,
    }
    prefix = urlsplit(_URL).path
    answers: dict[str, Any] = {
        f"{prefix}/jobs": record,
        f"{prefix}/jobs/{_JOB}": record,
        f"{prefix}/jobs/{_JOB}/results/probabilities": payload,
        f"{prefix}/jobs/{_JOB}/artifacts/shots": payload,
    }

    def send(
        adapter: object, request: requests.PreparedRequest, **options: object
    ) -> requests.Response:
        path = urlsplit(str(request.url)).path
        # A qiskit-ionq backend asks for its size when it is made.
        answer = {"qubits": 36} if "/backends/" in path else answers[path]
        response = requests.Response()
        response.status_code = 200
        response.request = request
        response.raw = io.BytesIO(json.dumps(answer).encode())
        return response

    with mock.patch.object(requests.adapters.HTTPAdapter, "send", send):
        yield


def _qiskit_result(
    payload: Mapping[str, Any],
    registers: Mapping[str, int],
    *,
    shots: int = 1,
    type: str = "ionq.circuit.v1",
) -> Any:
    from qiskit_ionq.helpers import compress_to_metadata_string

    width = sum(registers.values())
    header = {
        "n_qubits": width,
        "memory_slots": width,
        "creg_sizes": [[name, size] for name, size in registers.items()],
        "clbit_labels": [[name, bit] for name, size in registers.items() for bit in range(size)],
        "meas_mapped": list(range(width)),
    }
    job = {
        "type": type,
        "backend": "qpu.aria-1",
        "stats": {"qubits": width},
        "metadata": {"shots": str(shots), "qiskit_header": compress_to_metadata_string(header)},
    }
    with _service(job, payload):
        return _qiskit_backend().retrieve_job(_JOB).result()


@functools.cache
def _qiskit_backend() -> Any:
    from qiskit_ionq import IonQProvider
    from qiskit_ionq.exceptions import IonQTranspileLevelWarning

    with warnings.catch_warnings():
        # Of use to those who transpile: every backend says it when it is made.
        warnings.simplefilter("ignore", IonQTranspileLevelWarning)
        return IonQProvider("no key", _URL).get_backend("qpu.aria-1")


def _cirq_result(
    payload: Mapping[str, float],
    width: int,
    shots: int,
    *,
    backend: str,
    keys: Mapping[str, Sequence[int]] | None = None,
) -> Any:
    from cirq_ionq import Service  # type: ignore[import-untyped]

    # Measurement keys travel in the metadata, with the ASCII separators of records and units.
    fields = (f"{key}\x1f{','.join(map(str, qubits))}" for key, qubits in (keys or {}).items())
    job = {
        "backend": backend,
        "stats": {"qubits": width},
        "metadata": {
            "shots": str(shots),
            "measurements": json.dumps([{"measurement0": "\x1e".join(fields)}]),
        },
    }
    with _service(job, payload):
        return Service(remote_host=_URL, api_key="no key").get_job(_JOB).results()


def _pennylane_device(payload: Mapping[str, float], width: int, shots: int) -> Any:
    from pennylane import PauliX
    from pennylane_ionq import QPUDevice  # type: ignore[import-untyped]

    device = QPUDevice(wires=width, shots=shots, api_key="no key")
    with _service({}, payload):
        device.apply([PauliX(0)])
    return device
