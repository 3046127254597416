"""What services have, fetched, checked and stored: whole files, and nothing wrong among them."""

from qartifacts.fetching.devices import Document, FetchedDevice, Outcome, fetch_device
from qartifacts.fetching.jobs import FetchedFile, FetchedJob, fetch_job, fetch_job_async

__all__ = [
    "Document",
    "FetchedDevice",
    "FetchedFile",
    "FetchedJob",
    "Outcome",
    "fetch_device",
    "fetch_job",
    "fetch_job_async",
]
