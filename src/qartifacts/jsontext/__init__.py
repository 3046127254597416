"""Strict JSON: what RFC 8259 calls JSON and a double can hold, read with a place for every fault.

* ``read`` turns bytes into a value, or says what keeps it from one.
* ``inspect`` holds parsed objects to the same rules.
* ``locate`` finds the line and column of values in text that was read without a fault.
* ``quoted`` and ``pointer`` show JSON to people, safely.

Lines end with a line feed; lines and columns count from 1, columns in characters.
"""

from typing import TYPE_CHECKING

from qartifacts.jsontext.fault import Fault, Path, pointer, quoted
from qartifacts.jsontext.reading import Reading, inspect, read

if TYPE_CHECKING:
    from qartifacts.jsontext.places import Place, line_columns, locate

__all__ = [
    "Fault",
    "Path",
    "Place",
    "Reading",
    "inspect",
    "line_columns",
    "locate",
    "pointer",
    "quoted",
    "read",
]


def __getattr__(name: str) -> object:
    # Places are wanted only for findings, and most files have none.
    if name in ("Place", "line_columns", "locate"):
        from qartifacts.jsontext import places

        return getattr(places, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
