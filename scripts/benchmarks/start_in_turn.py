"""Start commands in turn, and print of every start: which command, exit status, seconds, bytes.

    python -I -S start_in_turn.py ROUNDS -- COMMAND... [-- COMMAND...]

Bytes are the most that were resident, 0 where the system does not tell. Until a new process runs
its own program it is, to the system, as large as the one that started it; so this one is as small
as can be, and imports nothing that Python has not imported anyway.
"""

import os
import sys
import time


def start(command: list[str]) -> tuple[int, float, int]:
    """Run a command without input and output; its exit status, seconds and resident bytes."""
    began = time.perf_counter()
    if sys.platform == "win32":
        import subprocess

        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode, time.perf_counter() - began, 0
    nowhere = [(os.POSIX_SPAWN_OPEN, each, os.devnull, os.O_RDWR, 0) for each in (0, 1, 2)]
    child = os.posix_spawn(command[0], command, os.environ, file_actions=nowhere)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    resident = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return os.waitstatus_to_exitcode(status), seconds, resident


def main(rounds: int, commands: list[list[str]]) -> None:
    for _ in range(rounds):
        for number, command in enumerate(commands):
            print(number, *start(command))


def separated(arguments: list[str]) -> list[list[str]]:
    """Command lines, each of which follows a ``--``."""
    commands: list[list[str]] = []
    for argument in arguments:
        if argument == "--":
            commands.append([])
        else:
            commands[-1].append(argument)
    return commands


if __name__ == "__main__":
    main(int(sys.argv[1]), separated(sys.argv[2:]))
