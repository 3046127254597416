"""Start commands in turn, and print what each start took.

    python -I -S start_in_turn.py ROUNDS OUTPUT ERRORS < COMMANDS

On standard input, each argument of a command ends with a NUL, and each command with one more. A
line that is printed has: which command, exit status, seconds, seconds of computing, the most bytes
that one process had resident, and the most that all its processes had, added up. Bytes are 0 where
the system does not tell. What commands write goes to the files OUTPUT and ERRORS, the last start's
alone.

Until a new process runs its own program it is, to the system, as large as the one that started it;
so this one is as small as can be, and imports nothing that Python has not imported anyway.
"""

import _thread
import os
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple

#: Seconds between two looks at the processes of a command.
PAUSE = 0.2


class Start(NamedTuple):
    status: int
    seconds: float
    computing: float
    resident: int
    together: int


class Onlooker:
    """Adds up the most bytes that a process and each of its descendants had resident.

    Pages that they share count for each of them, and they need not have had them at one time; so
    it is at least as much as was in use. The processes of one that takes less than a moment are not
    seen.
    """

    def __init__(self, process: int) -> None:
        self._process = process
        self._peaks: dict[int, int] = {}
        self._ending = _thread.allocate_lock()
        self._ended = _thread.allocate_lock()
        self._ending.acquire()
        self._ended.acquire()
        _thread.start_new_thread(self._look, ())

    def _look(self) -> None:
        while not self._ending.acquire(timeout=PAUSE):
            for process in tree(self._process):
                peak = most_resident(process)
                if peak:  # The last of a process is nothing.
                    self._peaks[process] = peak
        self._ended.release()

    def end(self) -> int:
        self._ending.release()
        self._ended.acquire()
        return sum(self._peaks.values())


def tree(process: int) -> list[int]:
    """A process and its descendants; it alone where the system does not tell."""
    found = [process]
    for each in found:
        try:
            for thread in os.listdir(f"/proc/{each}/task"):
                with open(f"/proc/{each}/task/{thread}/children", encoding="ascii") as children:
                    found += map(int, children.read().split())
        except OSError:
            continue
    return found


def most_resident(process: int) -> int:
    try:
        with open(f"/proc/{process}/status", encoding="utf-8", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def start(command: list[str], output: str, errors: str) -> Start:
    """Run a command without input."""
    began = time.perf_counter()
    if sys.platform == "win32":
        import subprocess

        with open(output, "wb") as out, open(errors, "wb") as err:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, check=False
            )
        return Start(done.returncode, time.perf_counter() - began, 0, 0, 0)
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, write, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, errors, write, 0o600),
    ]
    child = os.posix_spawn(command[0], command, os.environ, file_actions=files)
    onlooker = Onlooker(child)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    resident = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Start(
        os.waitstatus_to_exitcode(status),
        seconds,
        usage.ru_utime + usage.ru_stime,
        resident,
        onlooker.end(),
    )


def main(rounds: int, output: str, errors: str, commands: list[list[str]]) -> None:
    for _ in range(rounds):
        for number, command in enumerate(commands):
            print(number, *start(command, output, errors))


def joined(commands: Iterable[Iterable[str]]) -> bytes:
    """What ``separated`` takes apart."""
    return b"".join(
        b"".join(os.fsencode(part) + b"\0" for part in command) + b"\0" for command in commands
    )


def separated(commands: bytes) -> list[list[str]]:
    """Command lines, none of which has an empty argument."""
    *every, _ = commands.split(b"\0\0")
    return [[os.fsdecode(part) for part in command.split(b"\0")] for command in every]


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], separated(sys.stdin.buffer.read()))
