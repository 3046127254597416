"""A job with its artifacts: what its record says, what its files hold, and whether both agree."""

from qartifacts.jobs.crosschecks import Payloads, crosschecked
from qartifacts.jobs.files import Directory, JobFiles, Memory
from qartifacts.jobs.loading import load
from qartifacts.jobs.view import Job, job
from qartifacts.payloads.records import Descriptor, Legacy, Record, Role

__all__ = [
    "Descriptor",
    "Directory",
    "Job",
    "JobFiles",
    "Legacy",
    "Memory",
    "Payloads",
    "Record",
    "Role",
    "crosschecked",
    "job",
    "load",
]
