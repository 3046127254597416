"""What several test modules name: places of this checkout, and the types of fixtures."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from click.testing import Result

from qartifacts import Registry
from qartifacts.identifiers import JOB_FORMATS, VENDOR_FORMATS

ROOT = Path(__file__).parent.parent

#: The fixture ``make_registry``: a registry of documents by format identifier.
MakeRegistry = Callable[[Mapping[str, Any]], Registry]

#: The fixture ``run``: run the command in an empty directory.
Run = Callable[..., Result]

__all__ = [
    "DEVICE_FORMATS",
    "DRAFT_7",
    "JOB_FORMATS",
    "LOCAL_FORMATS",
    "RESULT_FORMATS",
    "ROOT",
    "THOROUGH",
    "MakeRegistry",
    "Run",
    "length",
    "unmeasured",
]

#: Whether proofs are as long as they can be: `make test THOROUGH=1`.
THOROUGH = "THOROUGH" in os.environ

#: Formats of results, whose identifiers are the service's, and those whose identifiers it does not
#: know: of results as other clouds hand them out, of device documents, and of records of jobs.
RESULT_FORMATS = tuple(format for format, pin in Registry.bundled().items() if not pin.identifier)
LOCAL_FORMATS = tuple(format for format, pin in Registry.bundled().items() if pin.identifier)
DEVICE_FORMATS = tuple(
    format for format in LOCAL_FORMATS if format not in (*JOB_FORMATS, *VENDOR_FORMATS)
)

#: The URI by which the service states draft 7.
DRAFT_7 = "https://json-schema.org/draft-07/schema"


def length(short: int, full: int) -> int:
    """How many examples, processes or findings a proof takes: a few always, all where it is asked."""
    return full if THOROUGH else short


def unmeasured() -> dict[str, str]:
    """The environment for a process that gets a signal, or that measures or checks something else.

    Its coverage is not measured. Coverage takes a lock by code of Python's, and never gives it back
    if a signal's exception is raised there: the process would wait for that lock when it ends. And
    to measure what does not count takes several times as long.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
