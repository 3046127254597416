"""The comparison of all ways to a verdict: fast, exact, and that of the reference reader."""

from __future__ import annotations

import importlib
import marshal
import pkgutil
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import ModuleType
from typing import Any, Final

import numpy as np

import reference
from qartifacts import Registry, Report, Settings
from qartifacts.payloads import direct, states
from qartifacts.payloads.columns import Columns, Leakage, Shots
from qartifacts.payloads.states import Words
from qartifacts.source import Source
from qartifacts.validate import accept
from qartifacts.validate.verdict import Examiner

__all__ = ["Disagreement", "Outcome", "examiner_of", "judged", "pieces_of"]


class Outcome(Enum):
    """What came of a text."""

    ACCEPTED = "accepted by the fast path"
    EXACT_ONLY = "accepted by the exact path only"
    REFUSED = "refused"
    NOT_KNOWN = "not accepted by the fast path, and the exact path was not asked"


class Disagreement(AssertionError):
    """The ways to a verdict do not agree.

    Attributes:
        kind: In what, in one word or two.
        data: The text.
    """

    def __init__(self, kind: str, data: bytes, detail: str) -> None:
        super().__init__(kind, data, detail)
        self.kind = kind
        self.data = data
        self.detail = detail

    def __str__(self) -> str:
        shown = self.data if len(self.data) < 500 else self.data[:400] + b" ... " + self.data[-80:]
        return f"{self.kind}: {self.detail}\n  {len(self.data):,} bytes: {shown!r}"


#: Sizes from which on a text is a long one, and sizes of the pieces that long ones are cut into.
_LONG: Final = frozenset({"_SMALL", "_SMALL_SHOTS"})
_PIECES: Final = frozenset({"CHUNK", "_CHUNK", "_PIECE"})


@contextmanager
def pieces_of(size: int | None) -> Iterator[None]:
    """Have decoders take every text for a long one, and cut it into pieces of so many bytes.

    None leaves everything as it is shipped. Examiners remember from which size on a text is long;
    ``examiner_of`` makes others.
    """
    shipped = [(module, name, getattr(module, name)) for module, name in _sizes()]
    if size is not None:
        for module, name, _ in shipped:
            setattr(module, name, size if name in _PIECES else 0)
    try:
        yield
    finally:
        for module, name, value in shipped:
            setattr(module, name, value)


@cache
def _sizes() -> list[tuple[ModuleType, str]]:
    decoders = [
        importlib.import_module(found.name)
        for found in pkgutil.iter_modules(direct.__path__, f"{direct.__name__}.")
    ]
    found = [
        (module, name)
        for module in (*decoders, states, accept)
        for name in sorted(_LONG | _PIECES)
        if hasattr(module, name)
    ]
    assert {name for _, name in found} == _LONG | _PIECES  # Or nothing would be cut here.
    return found


@cache
def examiner_of(format: str, settings: Settings, pieces: int | None) -> Examiner:
    """An examiner of the bundled schema for texts that are judged within ``pieces_of(pieces)``."""
    registry = Registry.bundled()
    with pieces_of(pieces):
        return Examiner(registry[format].format, registry, settings).prepare()


def judged(examiner: Examiner, data: bytes, *, always: bool = True) -> Outcome:
    """Judge a text in every way, and compare.

    Where the schema is the bundled one of a result, the reference reader is asked, too.

    Args:
        examiner: Format, schema and settings.
        data: The text.
        always: Whether the exact path is asked where the fast path does not know, and ``is_valid``.

    Raises:
        Disagreement: The ways do not agree, or one of them fails.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _judged(examiner, data, always)
    except Disagreement:
        raise
    except Exception as error:
        raise Disagreement("raised", data, f"{type(error).__name__}: {error}") from error


def _judged(examiner: Examiner, data: bytes, always: bool) -> Outcome:
    fast = examiner.accept(data)
    if fast is None and not always:
        return Outcome.NOT_KNOWN
    source = Source("<bytes>", data=data)
    exact = examiner.explain(source)
    content = None
    if examiner.registry is Registry.bundled() and reference.knows(examiner.format):
        content = _compared_with_reference(examiner, data, exact.report)
    if always and examiner.is_valid(source) is not exact.report.ok:
        raise Disagreement("is_valid", data, f"it says the opposite of {exact.report!r}")
    if fast is not None and (exact.report.errors or exact.report.warnings):
        raise Disagreement("verdict", data, f"the exact path reports {exact.report!r}")
    if fast is not None and fast.report != exact.report:
        raise Disagreement("report", data, f"fast {fast.report!r}, exact {exact.report!r}")
    if not exact.report.ok:
        return Outcome.REFUSED
    for last_first in (False, True):
        columns = exact.columns(last_first=last_first)
        held = None if content is None else content.held
        if held is not None and (found := _misread(columns, held, last_first)):
            raise Disagreement("reference", data, f"the columns have other {found}, {last_first=}")
        if fast is not None:
            found = _difference(fast.columns(last_first=last_first), columns, "columns")
            if found:
                raise Disagreement("columns", data, f"fast and exact, {last_first=}: {found}")
    if fast is None:
        return Outcome.EXACT_ONLY
    # It has to be there even if columns have been asked for before.
    if _exactly(fast.payload) != _exactly(exact.payload):
        shown = f"fast {fast.payload!r:.200}, exact {exact.payload!r:.200}"
        raise Disagreement("payload", data, shown)
    return Outcome.ACCEPTED


def _compared_with_reference(
    examiner: Examiner, data: bytes, report: Report
) -> reference.Content | None:
    """What the reference reader reads; None if it refuses the text, too."""
    try:
        content = reference.read(examiner.format, data, examiner.settings)
    except reference.Refused as why:
        if report.ok:
            raise Disagreement("reference", data, f"the reference refuses it: {why}") from None
        return None
    told = Counter(finding.code for finding in report.findings)
    same = content.codes == told if not report.omitted else content.codes >= told
    if not report.ok or not (same or report.at_least):
        raise Disagreement("reference", data, f"it gives {content.codes}, not {report!r}")
    return content


def _exactly(payload: Any) -> bytes:
    """Bytes that are the same only for the same types, bits of doubles, and order of members."""
    return marshal.dumps(payload, 2)  # Version 2 knows no references from one value to another.


def _difference(one: Any, other: Any, where: str) -> str | None:
    """In what two columns, or parts of them, differ; None if in nothing."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if list(one) != list(other):
            return f"{where}: names {list(one)} and {list(other)}"
        pairs = [(f"{where}[{name!r}]", one[name], other[name]) for name in one]
    elif type(one) is not type(other):
        return f"{where}: {type(one).__name__} and {type(other).__name__}"
    elif isinstance(one, np.ndarray):
        same = one.dtype == other.dtype and one.shape == other.shape
        if same and one.tobytes() == other.tobytes() and not one.flags.writeable:
            return None
        return f"{where}: {one.dtype} {one.shape} {one!r:.200} and {other.dtype} {other.shape} {other!r:.200}"
    elif is_dataclass(one):
        pairs = [
            (f"{where}.{each.name}", getattr(one, each.name), getattr(other, each.name))
            for each in fields(one)
        ]
    elif isinstance(one, tuple):
        if len(one) != len(other):
            return f"{where}: {len(one)} and {len(other)}"
        pairs = [(f"{where}[{at}]", *pair) for at, pair in enumerate(zip(one, other, strict=True))]
    else:
        return None if one == other else f"{where}: {one!r} and {other!r}"
    return next(filter(None, (_difference(a, b, inner) for inner, a, b in pairs)), None)


def _misread(
    columns: Columns | None, held: list[reference.Outcomes] | reference.Shots, last_first: bool
) -> str | None:
    """What columns and the reference reader do not agree in; None if they agree."""
    assert columns is not None
    if isinstance(columns, Shots):
        assert isinstance(held, reference.Shots)
        return _shots_misread(columns, held, last_first)
    assert isinstance(held, list)
    names = list(columns) if isinstance(columns, Mapping) else [each.register for each in columns]
    if names != [each.name for each in held]:
        return "names"
    distributions = columns.values() if isinstance(columns, Mapping) else columns
    for column, expected in zip(distributions, held, strict=True):
        states = _integers(column.states)
        if states != sorted(states):
            return "order"
        if column.width != expected.width:
            return "width"
        values = dict(zip(states, column.values.tolist(), strict=True))
        if values != (expected.reversed if last_first else expected.values):
            return "values"
    return None


def _shots_misread(columns: Shots, held: reference.Shots, last_first: bool) -> str | None:
    if list(columns.registers) != list(held.registers):
        return "names"
    if columns.number != len(held.leakage):
        return "number of shots"
    step = -1 if last_first else 1
    for name, rows in held.registers.items():
        measured = columns.registers[name]
        if any({measured.width} != {_width(row)} for row in rows):
            return "width"
        if _integers(measured.states) != [
            row if isinstance(row, int) else _integer(row[::step]) for row in rows
        ]:
            return "states"
    if columns.leakage is None:
        return "leakage" if any(each != reference.ABSENT for each in held.leakage) else None
    named = {reference.NULL: Leakage.NULL, reference.ABSENT: Leakage.ABSENT}
    widths = [named[each] if isinstance(each, str) else len(each) for each in held.leakage]
    leaked = [0 if isinstance(each, str) else _integer(each) for each in held.leakage]
    same = columns.leakage.widths.tolist() == widths and _integers(columns.leakage.states) == leaked
    return None if same else "leakage"


def _width(row: int | list[int]) -> int | None:
    return None if isinstance(row, int) else len(row)


def _integers(states: Words) -> list[int]:
    return [sum(word << 64 * place for place, word in enumerate(row)) for row in states.tolist()]


def _integer(bits: Sequence[int]) -> int:
    return sum(bit << place for place, bit in enumerate(bits))
