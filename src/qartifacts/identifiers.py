"""Format identifiers: the names under which the service publishes what a job leaves behind."""

from __future__ import annotations

import re
from typing import Final, Self

__all__ = ["CHILD_ID", "DEVICE_FORMATS", "JOB_FORMATS", "VENDOR_FORMATS", "FormatId"]

_IDENTIFIER = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*\.v[0-9]+(?:\.[0-9]+)*", re.ASCII)
_LONGEST = 120


#: The syntax of ids of child jobs: UUIDs in their plain form.
CHILD_ID: Final = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE
)


class FormatId(str):
    """A format identifier, such as ``ionq.result.probabilities.json.v2``.

    It is a string and compares as one. Its syntax is checked when it is made, so that an
    identifier can stand in a file name or a URL without surprises: lower-case words of ASCII
    letters and digits, joined by dots and hyphens, and a version at the end.

    Raises:
        ValueError: The text does not have that syntax.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if len(text) > _LONGEST or not _IDENTIFIER.fullmatch(text):
            raise ValueError(
                f"{text[:_LONGEST]!r} is not a format identifier; "
                "one looks like 'ionq.result.probabilities.json.v2'"
            )
        return super().__new__(cls, text)

    @property
    def vendor(self) -> str:
        """The first word: whose format it is (``ionq``)."""
        return self.split(".", 1)[0]

    @property
    def name(self) -> str:
        """The identifier without its version (``ionq.result.probabilities.json``)."""
        return self.rpartition(".v")[0]

    @property
    def version(self) -> str:
        """The version with its letter (``v2``)."""
        return "v" + self.rpartition(".v")[2]

    def __repr__(self) -> str:
        return f"FormatId({str(self)!r})"


PROBABILITIES_V1 = FormatId("ionq.result.probabilities.json.v1")
PROBABILITIES_V2 = FormatId("ionq.result.probabilities.json.v2")
HISTOGRAM_V1 = FormatId("ionq.result.histogram.json.v1")
HISTOGRAM_V2 = FormatId("ionq.result.histogram.json.v2")
SHOTS_V1 = FormatId("ionq.result.shots.json.v1")
SHOTS_V2 = FormatId("ionq.result.shots.json.v2")
AGGREGATE_V1 = FormatId("ionq.result.probabilities-aggregate.json.v1")
NATIVE_V1 = FormatId("ionq.native.v1")

# Results of IonQ's devices as other clouds hand them out. The first two names are those that Azure
# Quantum calls its output formats by; Amazon Braket has none of this syntax, so the third is this
# project's own.
AZURE_V1 = FormatId("ionq.quantum-results.v1")
AZURE_V2 = FormatId("microsoft.quantum-results.v2")
BRAKET_V1 = FormatId("braket.gate-model-task-result.v1")

#: Formats of other clouds, which are read and converted, and not written.
VENDOR_FORMATS: Final = (AZURE_V1, AZURE_V2, BRAKET_V1)

# What a result ran on. These documents have no official identifier: the names are this project's.
IONQ_BACKENDS = FormatId("ionq.backends.v0.4")
IONQ_CHARACTERIZATION = FormatId("ionq.characterization.v0.4")
IONQ_CHARACTERIZATIONS = FormatId("ionq.characterizations.v0.3")
IBM_BACKENDS = FormatId("ibm.backends.v1")
IBM_CONFIGURATION = FormatId("ibm.backend-configuration.v1")
IBM_PROPERTIES = FormatId("ibm.backend-properties.v1")
IBM_STATUS = FormatId("ibm.backend-status.v1")
IBM_DEFAULTS = FormatId("ibm.backend-defaults.v1")

#: Formats of documents about devices.
DEVICE_FORMATS: Final = (
    IONQ_BACKENDS,
    IONQ_CHARACTERIZATION,
    IONQ_CHARACTERIZATIONS,
    IBM_BACKENDS,
    IBM_CONFIGURATION,
    IBM_PROPERTIES,
    IBM_STATUS,
    IBM_DEFAULTS,
)

# What a service says of a job. No official identifier either.
SINGLE_CIRCUIT_JOB = FormatId("ionq.single-circuit-job.v0.4")
MULTI_CIRCUIT_JOB = FormatId("ionq.multi-circuit-job.v0.4")
QAOA_JOB = FormatId("ionq.qaoa-job.v0.4")
QUANTUM_FUNCTION_JOB = FormatId("ionq.quantum-function-job.v0.4")
OLD_JOB = FormatId("ionq.job.v0.2")

#: Formats of the records of jobs.
JOB_FORMATS: Final = (
    SINGLE_CIRCUIT_JOB,
    MULTI_CIRCUIT_JOB,
    QAOA_JOB,
    QUANTUM_FUNCTION_JOB,
    OLD_JOB,
)
