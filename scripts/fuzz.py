"""Look for texts on which the ways to a verdict do not agree.

    python scripts/fuzz.py                        mutants of payloads of every format, for a minute
    python scripts/fuzz.py --format ID ...        of these formats only
    python scripts/fuzz.py --seconds N            for so long, all formats together
    python scripts/fuzz.py --mutants N            so many of each format
    python scripts/fuzz.py --seed N               other mutants
    python scripts/fuzz.py --jobs N               in so many processes
    python scripts/fuzz.py --save DIR             keep what disagrees there, not in build/fuzz
    python scripts/fuzz.py --atheris --format ID  let atheris make the mutants, guided by coverage

Every text goes both ways, the fast and the exact one, and to the reference reader of the tests;
what they have to agree in, ``tests/comparison.py`` says. Where the fast path does not know, the
exact one, which is slow, is asked only about every twentieth text. The exit status is 1 if there
was a disagreement, and its text, made as short as may be, is saved.

Mutants come in blocks. A block is made from the seed, its format and its number alone, so the same
seed gives the same mutants, in however many processes.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import itertools
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FunctionType
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from comparison import Disagreement, Outcome, examiner_of, judged, pieces_of
from fuzzing import FORMATS, TokenizedText, good_text, mutants, mutated
from qartifacts import Settings
from qartifacts.config import DEFAULTS
from qartifacts.identifiers import NATIVE_V1
from qartifacts.validate.verdict import Examiner
from support import ROOT

BLOCK: Final = 200
#: Of the texts that the fast path does not accept, the exact one is asked about one of so many. For
#: circuits there is no fast path: they are read to hold the exact one against the reference.
SAMPLE: Final = 20

_OTHER_SETTINGS: Final = (
    Settings(ignore={"QA205"}),
    Settings(ignore={"QA201", "QA202"}),
    Settings(ignore={"QA204", "QA214", "QA220", "QA226", "QA227", "QA228", "QA232"}),
    Settings(sum_fine=0),
    Settings(sum_fine=0.01, sum_limit=0.02),
    Settings(max_findings=1),
    Settings(max_violations=1),
    Settings(max_values=20),
    Settings(max_depth=4),
    Settings(max_bytes=150),
)


class Plan(NamedTuple):
    """How the texts of a block are made and judged.

    Attributes:
        format: Their format.
        settings: Settings of the check.
        pieces: Bytes of the pieces of long texts; None for decoders as they are shipped.
        entries: Most entries of the payloads that mutants are made of.
    """

    format: str
    settings: Settings
    pieces: int | None
    entries: int


def drawn_plan(format: str, rng: Random) -> Plan:
    """Mostly short texts for decoders of long ones; they reach the borders of pieces there."""
    settings = DEFAULTS if rng.random() < 0.75 else rng.choice(_OTHER_SETTINGS)
    way = rng.random()
    if way < 0.003:
        return Plan(format, settings, None, 3000)
    if way < 0.25:
        return Plan(format, settings, None, 12)
    pieces = rng.choice((1, 16, 64, 100, 128, 256, 1000))
    return Plan(format, settings, pieces, rng.choice((5, 20, 60)))


class Find(NamedTuple):
    """A text on which the ways do not agree.

    Attributes:
        plan: How it was judged.
        kind: In what they do not agree.
        detail: The same in more words.
        data: The text.
    """

    plan: Plan
    kind: str
    detail: str
    data: bytes

    @property
    def file_name(self) -> str:
        digest = hashlib.sha256(self.data).hexdigest()[:12]
        return f"{self.plan.format}-{self.kind}-{digest}.json"


@dataclass
class Tally:
    """What came of the texts of a format."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    finds: int = 0
    #: The shortest find of each kind.
    shortest: dict[str, Find] = field(default_factory=dict)

    def add(self, find: Find, number: int = 1) -> None:
        self.finds += number
        known = self.shortest.get(find.kind)
        if known is None or len(find.data) < len(known.data):
            self.shortest[find.kind] = find

    def merge(self, other: Tally) -> None:
        self.outcomes += other.outcomes
        for find in other.shortest.values():
            self.add(find, 0)
        self.finds += other.finds

    @property
    def mutants(self) -> int:
        return self.outcomes.total() + self.finds


class Block(NamedTuple):
    """Mutants that are made one after the other."""

    format: str
    seed: int
    number: int
    size: int


def run_block(block: Block) -> tuple[str, Tally]:
    """Make the mutants of a block, and judge them."""
    rng = Random(f"{block.seed} {block.format} {block.number}")
    plan = drawn_plan(block.format, rng)
    examiner = examiner_of(plan.format, plan.settings, plan.pieces)
    sample = 1 if block.format == NATIVE_V1 else SAMPLE
    tally = Tally()
    with pieces_of(plan.pieces):
        texts = mutants(plan.format, rng, plan.entries)
        for number, data in enumerate(itertools.islice(texts, block.size)):
            try:
                outcome = judged(examiner, data, always=number % sample == 0)
            except Disagreement as found:
                shorter = shortened(examiner, found) if found.kind not in tally.shortest else found
                tally.add(Find(plan, found.kind, shorter.detail, shorter.data))
            else:
                tally.outcomes[outcome] += 1
    return block.format, tally


def shortened(examiner: Examiner, found: Disagreement, budget: int = 3_000_000) -> Disagreement:
    """The same disagreement on a text from which nothing more can be cut.

    ``budget`` is the number of bytes that may be judged on the way.
    """
    size = len(found.data) // 2
    while size:
        at = 0
        while at < len(found.data) and budget > 0:
            shorter_text = found.data[:at] + found.data[at + size :]
            budget -= len(shorter_text)
            try:
                judged(examiner, shorter_text)
            except Disagreement as shorter:
                if shorter.kind == found.kind:
                    found = shorter
                    continue
            at += size
        size //= 2
    return found


# ----------------------------------------------------------------------------------------------
# Blocks, in one process or in several


def blocks(formats: Sequence[str], seed: int, number: int | None, end: float) -> Iterator[Block]:
    """Blocks of all formats in turn, until there are so many mutants, or until the end."""
    for at in itertools.count():
        size = BLOCK if number is None else min(BLOCK, number - at * BLOCK)
        for format in formats:
            if size <= 0 or time.monotonic() > end:
                return
            yield Block(format, seed, at, size)


def tallies(todo: Iterator[Block], jobs: int) -> Iterator[tuple[str, Tally]]:
    """What came of blocks, as it comes."""
    if jobs == 1:
        yield from map(run_block, todo)
        return
    with ProcessPoolExecutor(jobs) as pool:
        running: set[Future[tuple[str, Tally]]] = set()
        while True:
            # One more than there are processes: none of them waits, and the end is near.
            wanted = jobs + 1 - len(running)
            running |= {pool.submit(run_block, block) for block in itertools.islice(todo, wanted)}
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (each.result() for each in done)


def fuzz(options: argparse.Namespace) -> dict[str, Tally]:
    """Run blocks, and show how far that is on a terminal."""
    start = time.monotonic()
    end = start + options.seconds if options.mutants is None else float("inf")
    results = {format: Tally() for format in options.format}
    shown = start
    todo = blocks(options.format, options.seed, options.mutants, end)
    for format, tally in tallies(todo, options.jobs):
        results[format].merge(tally)
        now = time.monotonic()
        if sys.stderr.isatty() and now > shown + 0.5:
            shown = now
            show_progress(results.values(), now - start)
    return results


def show_progress(results: Iterable[Tally], seconds: float) -> None:
    results = list(results)
    number = sum(tally.mutants for tally in results)
    finds = sum(tally.finds for tally in results)
    line = f"{seconds:.0f} s: {number:,} mutants, {number / seconds:,.0f} a second, "
    print(f"\r\x1b[K{line}{finds:,} disagreements", end="", file=sys.stderr, flush=True)


# ----------------------------------------------------------------------------------------------
# atheris


def fuzz_by_coverage(options: argparse.Namespace) -> None:
    """Hand over to atheris, which does not return; its exit status is 77 if there is a find.

    Each text is judged with pieces as they are shipped, and with small ones. Half of the mutations
    are those of this script. Texts that reach something new are kept, for the next time.
    """
    import atheris  # type: ignore[import-untyped]

    (format,) = options.format
    rng = Random(f"{options.seed} {format}")
    corpus = options.save / f"{format}-corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number in range(100):
        (corpus / f"good-{number}.json").write_bytes(good_text(format, rng, 12))

    def judge(data: bytes) -> None:
        for pieces in (None, 100):
            with pieces_of(pieces):
                judged(examiner_of(format, DEFAULTS, pieces), data)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        rng = Random(seed)
        if rng.random() < 0.5:
            return mutated(TokenizedText(data), rng)[:most]
        changed: bytes = atheris.Mutate(data, most)
        return changed

    judge(good_text(format, rng, 12))  # What is imported late is there by now, to be instrumented.
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and (each.__module__ or "").startswith("qartifacts"):
            atheris.instrument_func(each)
    limit = f"-max_total_time={options.seconds}"
    if options.mutants is not None:
        limit = f"-runs={options.mutants}"
    arguments = [
        sys.argv[0],
        limit,
        f"-seed={options.seed + 1}",  # Zero would be a seed of its own choosing.
        "-max_len=4096",
        f"-artifact_prefix={options.save}/{format}-",
        str(corpus),
    ]
    atheris.Setup(arguments, judge, custom_mutator=mutate)
    atheris.Fuzz()


# ----------------------------------------------------------------------------------------------
# The command


def main(arguments: Sequence[str] | None = None) -> int:
    options = parsed(arguments)
    if options.atheris:
        fuzz_by_coverage(options)
    start = time.monotonic()
    results = fuzz(options)
    seconds = time.monotonic() - start
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    print(f"seed {options.seed}, {options.jobs} processes, {seconds:.0f} s")
    print_table(results)
    for tally in results.values():
        for find in tally.shortest.values():
            save(find, options.save)
    return int(any(tally.finds for tally in results.values()))


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--format", nargs="+", choices=FORMATS, default=FORMATS, metavar="ID")
    parser.add_argument("--seconds", type=positive, default=60, metavar="N")
    parser.add_argument("--mutants", type=positive, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--jobs", type=positive, default=1, metavar="N")
    parser.add_argument("--save", type=Path, default=ROOT / "build" / "fuzz", metavar="DIR")
    parser.add_argument("--atheris", action="store_true")
    options = parser.parse_args(arguments)
    if options.atheris:
        if len(options.format) > 1:
            parser.error("--atheris takes one --format")
        try:
            import atheris  # noqa: F401  # Only to say so if it is missing.
        except ModuleNotFoundError:
            parser.error("atheris is not installed; pip install atheris, or leave --atheris out")
    return options


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_COLUMNS: Final[Sequence[tuple[str, Callable[[Tally], int]]]] = (
    ("mutants", lambda tally: tally.mutants),
    ("accepted", lambda tally: tally.outcomes[Outcome.ACCEPTED]),
    ("not asked", lambda tally: tally.outcomes[Outcome.NOT_KNOWN]),
    ("exact only", lambda tally: tally.outcomes[Outcome.EXACT_ONLY]),
    ("refused", lambda tally: tally.outcomes[Outcome.REFUSED]),
    ("disagreements", lambda tally: tally.finds),
)


def print_table(results: dict[str, Tally]) -> None:
    width = max(map(len, results))
    print(" " * width, *(title for title, _ in _COLUMNS), sep="  ")
    for format, tally in results.items():
        cells = (f"{value(tally):>{len(title)},}" for title, value in _COLUMNS)
        print(f"{format:<{width}}", *cells, sep="  ")
    print(
        f"Where the fast path does not know, the exact one is asked about one of {SAMPLE}: "
        "of those, exact only and refused."
    )


def save(find: Find, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / find.file_name
    path.write_bytes(find.data)
    print(f"\n{find.plan.format}: {find.kind}: {find.detail}")
    print(f"  {len(find.data):,} bytes in {path}; {find.plan.settings}, pieces {find.plan.pieces}")
    if len(find.data) <= 1000:
        print(f"  {find.data!r}")


if __name__ == "__main__":
    sys.exit(main())
