"""Open and read every file below a directory, and do one thing with each; print what was read.

    python bare_loop.py parse|hash|read DIRECTORY

It is what one writes without further thought: no checks, no order, nothing remembered.
"""

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any


def paths(root: str) -> Iterator[str]:
    for folder, _, names in os.walk(root):
        for name in names:
            yield os.path.join(folder, name)


def main(doing: str, root: str) -> None:
    do: Callable[[bytes], Any] = len
    if doing == "parse":
        import orjson

        do = orjson.loads
    elif doing == "hash":
        import hashlib

        def do(data: bytes) -> Any:
            return hashlib.sha256(data).digest()

    files = amount = 0
    for path in paths(root):
        with open(path, "rb") as file:
            data = file.read()
        do(data)
        files += 1
        amount += len(data)
    print(files, amount)


if __name__ == "__main__":
    main(*sys.argv[1:])
