"""What several test modules name: places of this checkout, and the types of fixtures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from click.testing import Result

from qartifacts import Registry

ROOT = Path(__file__).parent.parent

#: The fixture ``make_registry``: a registry of documents by format identifier.
MakeRegistry = Callable[[Mapping[str, Any]], Registry]

#: The fixture ``run``: run the command in an empty directory.
Run = Callable[..., Result]

#: Formats of results, whose identifiers are the service's, and those of device documents, whose
#: identifiers are our own.
RESULT_FORMATS = tuple(format for format, pin in Registry.bundled().items() if not pin.identifier)
DEVICE_FORMATS = tuple(format for format, pin in Registry.bundled().items() if pin.identifier)

#: The URI by which the service states draft 7.
DRAFT_7 = "https://json-schema.org/draft-07/schema"
