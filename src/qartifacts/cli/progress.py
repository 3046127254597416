"""How far a command has come: a bar on a terminal, and Ctrl-C between two reports."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TextIO

from qartifacts.cli.options import on_terminal
from qartifacts.findings import Report

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["Bar", "Interrupts", "Terminated", "asking"]

#: Seconds after which a run is long enough for a bar, and between two looks of it.
_LONG: Final = 1.0
_BETWEEN: Final = 0.1


class Bar:
    """Files that have been checked, how many of how many, how fast, and how long it will take.

    There is a bar if standard error is a terminal, and not before a while has passed. Files are
    counted beside the check, so the time left is told once that is done.

    Args:
        count: Counts all files; None if they cannot be counted.
        verbose: Whether there is something to write about every report.
    """

    def __init__(self, count: Callable[[], int] | None, *, verbose: bool) -> None:
        stderr: TextIO | None = sys.stderr
        self._wanted: Final = stderr is not None and stderr.isatty()
        self._count: Final = count
        self._verbose: Final = verbose
        self._shared: Final = on_terminal()
        self._start: Final = time.monotonic()
        self._next = self._start + _LONG
        self._source: str | None = None
        self._files = 0
        self._total: int | None = None
        self._shown: tuple[Progress, TaskID] | None = None
        self._visible = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hide()

    def step(self, report: Report) -> None:
        """Take note of the next report. Those on payloads of one file follow on each other."""
        if not self._wanted:
            return
        if report.source != self._source:
            self._source = report.source
            self._files += 1
        if time.monotonic() >= self._next:
            self._show()

    def hide(self) -> None:
        """Make room for what is written to the same terminal."""
        if self._visible and self._shown is not None:
            self._visible = False
            self._shown[0].stop()

    def make_room(self, report: Report) -> None:
        """Hide the bar if a report may be written where it stands."""
        if self._visible and self._shared and (self._verbose or not report.says_nothing):
            self.hide()

    def _show(self) -> None:
        if self._shown is None:
            self._shown = _rich_bar()
            if self._count is not None:
                threading.Thread(target=self._count_all, daemon=True).start()
        progress, task = self._shown
        now = time.monotonic()
        per_second = self._files / max(now - self._start, _BETWEEN)
        pace = f"{per_second:,.0f} files/s"
        total = self._total
        if total is not None and total <= self._files:
            total = self._files  # The store may grow while it is checked.
        elif total is not None:
            left = timedelta(seconds=round((total - self._files) / per_second))
            pace = f"{pace}, {left} left"
        progress.update(task, completed=self._files, total=total, pace=pace)
        if self._visible:
            progress.refresh()
        else:
            self._visible = True
            progress.start()
        self._next = now + _BETWEEN

    def _count_all(self) -> None:
        assert self._count is not None  # noqa: S101
        try:
            self._total = self._count()
        except Exception:  # noqa: BLE001, S110  # The check says what is wrong.
            pass


def _rich_bar() -> tuple[Progress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    progress = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    return progress, progress.add_task("", total=None, pace="")


@contextmanager
def asking() -> Iterator[Callable[[int, int | None], None] | None]:
    """A bar while a service is asked, on a terminal, and nothing elsewhere.

    It is told how many requests have been answered, and of how many, if that is known.
    """
    stderr: TextIO | None = sys.stderr
    if stderr is None or not stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Shown

    with Shown(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("asking the service", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class Terminated(KeyboardInterrupt):
    """The process was asked to end by SIGTERM, as build servers do."""


class Interrupts:
    """Lets Ctrl-C, and SIGTERM, interrupt the check, but not the writing of a report.

    So what is written stays whole.
    """

    def __init__(self) -> None:
        self._held = False
        self._pending: type[KeyboardInterrupt] | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                # A process in the background ignores Ctrl-C.
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._interrupted)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        kind = Terminated if number == signal.SIGTERM else KeyboardInterrupt
        if self._held and self._pending is None:
            self._pending = kind
            return
        self._held = True  # From here on, what has been found so far is written.
        raise kind

    def hold(self) -> None:
        """Keep an interrupt back; somebody who insists with a second one gets through."""
        self._held = True

    def release(self) -> None:
        """Let the interrupt through that was kept back, if there was one."""
        self._held = self._pending is not None
        if self._pending is not None:
            kind, self._pending = self._pending, None
            raise kind
