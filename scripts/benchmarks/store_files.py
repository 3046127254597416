"""A store of results, made from a seed without the code that is measured.

Files are named as a stored job names them, ``<artifact-id>.<format>.json``, in a directory for each
day. There are no job records. The store has these parts:

========== =========================================================================================
small      files of about 60 bytes to 4 KB, of six formats; two in three as compact as can be, the
           others spaced as ``json.dumps`` writes them
damaged    the same files, of which one in a hundred is cut off or holds a value that may not be
alike      a tenth as many, all of one format, so that one call of a schema checker takes them all
large      files of about 1 MB, of the six formats, 36 qubits
========== =========================================================================================
"""

from __future__ import annotations

import json
import os
import random
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from math import fsum
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from benchmarks.harness import SEED
from qartifacts.identifiers import (
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.payloads import SYSTEM_REGISTER

SMALL, DAMAGED, ALIKE, LARGE = "small", "damaged", "alike", "large"
#: The format of the files that are alike.
ALIKE_FORMAT: Final = PROBABILITIES_V2

#: How many in a hundred files have a format.
MIX: Final[Mapping[FormatId, int]] = {
    HISTOGRAM_V2: 25,
    PROBABILITIES_V2: 25,
    PROBABILITIES_V1: 20,
    SHOTS_V2: 15,
    HISTOGRAM_V1: 10,
    SHOTS_V1: 5,
}
#: One in so many files is damaged, and these are spaced: one in so many.
DAMAGED_EVERY, SPACED_EVERY = 100, 3
_MONTHS, _DAYS = 12, 30
_WIDTHS: Final = (2, 2, 3, 4, 5, 6, 8, 10, 11, 12, 16, 20, 25, 29, 36)
_SMALLEST, _LARGEST, _LARGE_BYTES = 100, 4_000, 1_000_000
#: So many shots are counted for each state, on average.
_SHOTS_EACH: Final = 20
_LARGE_WIDTH: Final = 36
#: What tells whether a store that is there is the one that would be made.
_MANIFEST, _VERSION = "store.json", 1


class Part(NamedTuple):
    """One part of a store.

    Attributes:
        folder: Where it is.
        files: How many files it has.
        bytes: How many bytes they have.
        formats: How many files each format has.
        damaged: How many of them are not good.
    """

    folder: Path
    files: int
    bytes: int
    formats: Mapping[str, int]
    damaged: int

    def paths(self) -> Iterator[Path]:
        """The files, in the order of their names."""
        for folder, folders, names in os.walk(self.folder):
            folders.sort()
            yield from (Path(folder, name) for name in sorted(names))


def first_month(part: Part) -> Part:
    """The files of the first month, none of which is damaged."""
    month = part._replace(folder=min(part.folder.iterdir()))
    sizes = [path.stat().st_size for path in month.paths()]
    return month._replace(files=len(sizes), bytes=sum(sizes), formats={})


def stored(root: Path, files: int, large: int) -> dict[str, Part]:
    """The parts of a store, by name; made if it is not there, or not whole.

    Args:
        root: An empty directory, one that is not there yet, or one that this function has filled.
        files: How many small files there are.
        large: How many large files there are.

    Raises:
        FileExistsError: The directory holds something else, or a store of other numbers.
    """
    asked = {"version": _VERSION, "seed": SEED, "files": files, "large": large}
    manifest = root / _MANIFEST
    if manifest.is_file():
        known = json.loads(manifest.read_text("utf-8"))
        if {name: known.get(name) for name in asked} != asked:
            raise FileExistsError(f"{root} holds another store: {known}")
        parts = {name: Part(root / name, **part) for name, part in known["parts"].items()}
        if all(_is_whole(part) for part in parts.values()):
            return parts
        raise FileExistsError(f"files of the store in {root} have changed; remove it")
    if root.is_dir() and any(root.iterdir()):
        raise FileExistsError(f"{root} is not empty, and holds no whole store")
    parts = _made(root, files, large)
    told = {name: {**part._asdict(), "folder": None} for name, part in parts.items()}
    for part in told.values():
        del part["folder"]
    manifest.write_text(json.dumps(asked | {"parts": told}, indent=2) + "\n", encoding="utf-8")
    return parts


def _is_whole(part: Part) -> bool:
    sizes = [path.stat().st_size for path in part.paths()]
    return (len(sizes), sum(sizes)) == (part.files, part.bytes)


def _made(root: Path, files: int, large: int) -> dict[str, Part]:
    small = _Writer(root / SMALL, files)
    damaged = _Writer(root / DAMAGED, files)
    rng = random.Random(SEED)
    formats = _formats(rng, files)
    for number, format in enumerate(formats):
        width = rng.choice(_WIDTHS)
        size = round(_SMALLEST * (_LARGEST / _SMALLEST) ** rng.random())
        data = payload(rng, format, width, size)
        name = _name(rng, format)
        small.write(name, format, data)
        is_damaged = number % DAMAGED_EVERY == DAMAGED_EVERY // 3
        damaged.write(name, format, broken(rng, data) if is_damaged else data, damaged=is_damaged)
    alike = _Writer(root / ALIKE, max(1, files // 10))
    for _ in range(alike.files):
        size = round(_SMALLEST * (_LARGEST / _SMALLEST) ** rng.random())
        data = payload(rng, ALIKE_FORMAT, rng.choice(_WIDTHS), size)
        alike.write(_name(rng, ALIKE_FORMAT), ALIKE_FORMAT, data)
    huge = _Writer(root / LARGE, large)
    for format in _formats(rng, large):
        data = payload(rng, format, _LARGE_WIDTH, _LARGE_BYTES)
        huge.write(_name(rng, format), format, data)
    return {writer.folder.name: writer.part() for writer in (small, damaged, alike, huge)}


def _formats(rng: random.Random, number: int) -> list[FormatId]:
    """Formats in the shares of the mix, in no order."""
    formats = [format for format, share in MIX.items() for _ in range(share)]
    rng.shuffle(formats)
    return [formats[each % len(formats)] for each in range(number)]


def _name(rng: random.Random, format: FormatId) -> str:
    return f"{uuid.UUID(int=rng.getrandbits(128), version=4)}.{format}.json"


class _Writer:
    """Writes the files of a part, as many each day."""

    def __init__(self, folder: Path, files: int) -> None:
        self.folder: Final = folder
        self.files: Final = files
        self._each_day: Final = max(1, -(-files // (_MONTHS * _DAYS)))
        self._written = self._bytes = self._damaged = 0
        self._formats: Final[Counter[str]] = Counter()
        self._here = ""

    def write(self, name: str, format: FormatId, data: bytes, *, damaged: bool = False) -> None:
        month, day = divmod(self._written // self._each_day, _DAYS)
        if self._written % self._each_day == 0:
            self._here = str(self.folder / f"2026-{month + 1:02}" / f"{day + 1:02}")
            os.makedirs(self._here)
        with open(os.path.join(self._here, name), "wb") as file:
            file.write(data)
        self._written += 1
        self._bytes += len(data)
        self._damaged += damaged
        self._formats[str(format)] += 1

    def part(self) -> Part:
        formats = dict(sorted(self._formats.items()))
        return Part(self.folder, self._written, self._bytes, formats, self._damaged)


# ----------------------------------------------------------------------------------------------
# Payloads


def payload(rng: random.Random, format: FormatId, width: int, size: int) -> bytes:
    """A good payload of about so many bytes: fewer, if that would be more states than there are."""
    spaced = rng.randrange(SPACED_EVERY) == 0
    number = max(1, round(size / _BYTES_EACH[format](width)))
    if format in (SHOTS_V1, SHOTS_V2):
        value = _shots(rng, format, width, number)
    else:
        value = _distribution(rng, format, width, number)
    return json.dumps(value).encode() if spaced else orjson.dumps(value)


#: About how many bytes an entry takes, by the number of qubits.
_BYTES_EACH: Final[Mapping[FormatId, Callable[[int], float]]] = {
    HISTOGRAM_V2: lambda width: width + 6,
    PROBABILITIES_V2: lambda width: width + 24,
    PROBABILITIES_V1: lambda width: 0.3 * width + 24,
    HISTOGRAM_V1: lambda width: 0.3 * width + 6,
    SHOTS_V2: lambda width: 2 * width + 33,
    SHOTS_V1: lambda width: 0.3 * width + 3,
}


def _shots(rng: random.Random, format: FormatId, width: int, number: int) -> Any:
    states = [rng.getrandbits(width) for _ in range(number)]
    if format == SHOTS_V1:
        return list(map(str, states))
    return {"shots": [{"registers": {SYSTEM_REGISTER: _bits(each, width)}} for each in states]}


def _distribution(rng: random.Random, format: FormatId, width: int, number: int) -> Any:
    """Different states; probabilities are what was counted, or those of an ideal simulator."""
    states = rng.sample(range(1 << width), min(number, 1 << width))
    values: list[Any] = [1 + int(rng.expovariate(1 / _SHOTS_EACH)) for _ in states]
    if format in (PROBABILITIES_V1, PROBABILITIES_V2):
        if rng.random() < 0.5:
            values = [rng.random() for _ in states]
        total = fsum(values)
        values = [value / total for value in values]
    if format in (HISTOGRAM_V1, PROBABILITIES_V1):
        return dict(zip(map(str, states), values, strict=True))
    keys = [f"{state:0{width}b}"[::-1] for state in states]
    kind = "histogram" if format == HISTOGRAM_V2 else "probabilities"
    return {kind: {"registers": {SYSTEM_REGISTER: dict(zip(keys, values, strict=True))}}}


def _bits(state: int, width: int) -> list[int]:
    return [state >> bit & 1 for bit in range(width)]


def broken(rng: random.Random, data: bytes) -> bytes:
    """A payload cut off in the middle, or with a value that is null or negative."""
    kind = rng.randrange(3)
    if kind == 0:
        return data[: len(data) // 2]
    return _FIRST_VALUE.sub(b"null" if kind == 1 else rb"-1", data, count=1)


#: The first number that is a value, or the first state of shots of version 1, with its quotes.
_FIRST_VALUE: Final = re.compile(rb'(?<=[\[ :])[0-9][0-9.e-]*(?=[,\]}])|(?<=\[)"[0-9]+"')
