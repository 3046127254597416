"""What has become of a registry's files since they were pinned; told offline."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum

from qartifacts.errors import MissingDocument, ModifiedDocument, RegistryError
from qartifacts.registry.errata import ERRATA
from qartifacts.registry.lockfile import LOCKFILE, STAGED, read_sources
from qartifacts.registry.pins import Registry

__all__ = ["PinState", "State", "verify"]


class State(StrEnum):
    """What a file is to its registry."""

    PINNED = "pinned"
    MISSING = "missing"
    MODIFIED = "modified"
    UNTRACKED = "untracked"
    UNFETCHED = "unfetched"


@dataclass(frozen=True, slots=True)
class PinState:
    """The state of one file of a registry.

    Attributes:
        name: The format, or the file where it belongs to none.
        state: What it is to the registry.
        message: One line more, where there is something to say.
    """

    name: str
    state: State
    message: str = ""


def verify(registry: Registry) -> list[PinState]:
    """The state of every document, pinned ones first.

    Raises:
        LockfileError: ``sources.toml`` is not understood.
    """
    states = [_state(registry, format) for format in registry]
    folder = registry.folder
    for format in read_sources(folder):
        if format not in registry:
            message = "named in sources.toml, and never fetched: sync"
            states.append(PinState(format, State.UNFETCHED, message))
    states += [
        PinState(name, State.UNTRACKED, f"not in {LOCKFILE}")
        for name in sorted(os.listdir(folder))
        if name.endswith(".json") and name.removesuffix(".json") not in registry
    ]
    errata = os.path.join(folder, ERRATA)
    for name in sorted(os.listdir(errata)) if os.path.isdir(errata) else ():
        if name.endswith(".toml") and name.removesuffix(".toml") not in registry:
            message = "errata of a format that is not pinned"
            states.append(PinState(f"{ERRATA}/{name}", State.UNTRACKED, message))
    return states


def _state(registry: Registry, format: str) -> PinState:
    pin = registry[format]
    try:
        pin.document  # noqa: B018  # Verified with its errata.
    except MissingDocument as error:
        return PinState(format, State.MISSING, error.why)
    except ModifiedDocument as error:
        message = f"{error.path}: expected sha256 {error.expected}, actual {error.actual}"
        return PinState(format, State.MODIFIED, message)
    except RegistryError as error:
        return PinState(format, State.MODIFIED, str(error))
    notes = []
    if os.path.isdir(os.path.join(registry.folder, STAGED)):
        notes.append("an interrupted sync has not put all files in place: sync again")
    if pin.obsolete:
        notes.append(f"errata that no longer apply: {', '.join(pin.obsolete)}")
    return PinState(format, State.PINNED, "; ".join(notes))
