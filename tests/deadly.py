"""Terms of a check that end the process that asks for them, or keep it waiting."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from qartifacts.config import DEFAULTS, Settings

__all__ = ["Deadly", "Slow", "ends_at_once"]


class Deadly(NamedTuple):
    """Files that are deadly by their names, to other processes than the one that made this.

    Attributes:
        spared: The process that is not killed.
        deadly: What such a name holds.
        once: Where it is noted that a file has killed; empty if it always does.
    """

    spared: int
    deadly: str
    once: str = ""

    @property
    def are_alike(self) -> bool:
        return False

    def settings_for(self, path: str | None, /) -> Settings:
        if path is not None and self.deadly in path and os.getpid() != self.spared:
            note = Path(self.once, os.path.basename(path)) if self.once else None
            if note is None or not note.exists():
                if note is not None:
                    note.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return DEFAULTS

    def format_for(self, path: str | None, /) -> str | None:
        return None

    def is_excluded(self, path: str, /) -> bool:
        return False


def ends_at_once(connection: object) -> None:
    """What a worker does that does not get to work."""


class Slow(NamedTuple):
    """Files that take so many seconds each, in whatever process."""

    seconds: float

    @property
    def are_alike(self) -> bool:
        return False

    def settings_for(self, path: str | None, /) -> Settings:
        time.sleep(self.seconds)
        return DEFAULTS

    def format_for(self, path: str | None, /) -> str | None:
        return None

    def is_excluded(self, path: str, /) -> bool:
        return False
