"""The fast path: payloads that are surely good, decoded straight into columns.

It accepts, or it does not know; the exact path alone refuses. A text is accepted if

* the decoders of its format prove all that the pinned schema asks. That is decided once, keyword
  by keyword: what they prove is a schema, too, and must be included in the pinned one;
* it is within the limits of the settings;
* it gives no reason for an error or a warning. Reasons for notes are told with their places;
* sums, which are computed in another order here, are not so near to a bound that this could count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from qartifacts.config import Settings
from qartifacts.identifiers import (
    AGGREGATE_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.jsontext import Path
from qartifacts.payloads.direct import PROVEN, ColumnsRead, read_columns
from qartifacts.registry import Dialect
from qartifacts.registry.compatibility.inclusion import DRAFTS, Inclusion, is_plain
from qartifacts.validate.proofs import surely_valid
from qartifacts.validate.rules import SLACK, never_occurred, shots_leaked
from qartifacts.validate.violation import Violation

if TYPE_CHECKING:
    from qartifacts.payloads.direct.aggregate import ChildrenRead
    from qartifacts.payloads.direct.maps import OutcomesRead
    from qartifacts.payloads.direct.shots import ShotsRead

__all__ = ["Accepted", "Acceptor", "acceptor_for"]

#: Levels of arrays and objects that any payload has, at most.
_DEEPEST: Final = 5
#: Bytes from which NumPy gains more than it costs; shots of version 2 are long.
_SMALL: Final = 1 << 16
_SMALL_SHOTS: Final = 1 << 13
#: A sum of more doubles, in whatever order, may be off by more than the slack.
_MOST_ADDED: Final = 1 << 22
_BACKSLASH: Final = ord("\\")
_WHITE_SPACE: Final = b" \t\n\r"


@dataclass(frozen=True, slots=True, eq=False)
class Accepted:
    """A payload that is good.

    Attributes:
        data: Its text.
        notes: What there is to note, and where it stands in the text: an offset in bytes, or None
            if that is not known.
        read: Its columns, as the decoder gives them; None where it was too small for that.
    """

    data: bytes
    notes: tuple[tuple[Violation, int | None], ...] = ()
    read: ColumnsRead | None = None


class Acceptor:
    """Accepts payloads of one format, or does not know.

    Attributes:
        surely: Whether a text is surely good; False is "don't know".
        small: Texts of fewer bytes that are surely good give no reason for a note, either.
    """

    def __init__(self, format: FormatId, settings: Settings) -> None:
        from qartifacts.payloads.direct.small import UNDECODED, small_acceptor

        self._undecoded: Final = UNDECODED
        self._format: Final = format
        self._settings: Final = settings
        self._as_types: Final = small_acceptor(format, settings.sum_fine + SLACK)
        self._small: Final = _SMALL_SHOTS if format == SHOTS_V2 else _SMALL
        self.small: Final = min(self._small, settings.max_bytes, settings.max_values)
        self.surely: Final = self._surely()

    def _surely(self) -> Callable[[bytes], bool]:
        # A function with nothing to look up: it is called in loops over small payloads.
        as_types, accept, undecoded, small = (
            self._as_types,
            self.accept,
            self._undecoded,
            self.small,
        )

        def surely(data: bytes) -> bool:
            if len(data) >= small:
                return accept(data) is not None
            try:
                return _BACKSLASH not in data and as_types(data)
            except undecoded:
                return False

        return surely

    def accept(self, data: bytes) -> Accepted | None:
        """What there is to say of a text that is surely good; None is "don't know"."""
        if not _within_limits(data, self._settings):
            return None
        if len(data) < self._small:
            return self._decoded(data)
        text = data.rstrip(_WHITE_SPACE) if data[-1:] in _WHITE_SPACE else data
        columns = read_columns(self._format, text)
        if columns is not None:
            return self._accepted(data, columns, spaced=False)
        compact = _without_spaces(data)
        respaced = compact is not None and len(compact) < len(text)
        columns = read_columns(self._format, compact) if compact and respaced else None
        if columns is not None:
            return self._accepted(data, columns, spaced=True)
        return self._decoded(data)

    def _decoded(self, data: bytes) -> Accepted | None:
        try:
            return Accepted(data) if _BACKSLASH not in data and self._as_types(data) else None
        except self._undecoded:
            return None

    def _accepted(self, data: bytes, read: ColumnsRead, *, spaced: bool) -> Accepted | None:
        if not self._sums_are_fine(read):
            return None
        ignored, raised = self._settings.ignore, self._settings.raised
        notes: list[tuple[Violation, int | None]] = []
        for note, at in _notes(self._format, read):
            if note.code in raised:
                return None  # It is an error.
            if note.code not in ignored and len(notes) < self._settings.max_violations:
                notes.append((note, None if spaced else at))
        return Accepted(data, tuple(notes), read)

    def _sums_are_fine(self, read: ColumnsRead) -> bool:
        """Whether sums are surely as they should be.

        The exact path allows for the slack besides, which is more than what the order in which
        doubles are added can make out.
        """
        if self._format in (SHOTS_V1, SHOTS_V2):
            return True
        if self._format == AGGREGATE_V1:
            children = cast("ChildrenRead", read)
            few = len(children.values) <= _MOST_ADDED
            off = abs(children.sums - 1)
            return few and bool((off <= self._settings.sum_fine).all())
        registers = cast("OutcomesRead", read).outcomes
        if self._format in (HISTOGRAM_V1, HISTOGRAM_V2):
            return len({each.total for each in registers}) == 1
        return all(
            len(each.values) <= _MOST_ADDED and abs(each.total - 1) <= self._settings.sum_fine
            for each in registers
        )


def acceptor_for(
    format: FormatId, document: dict[str, Any], dialect: Dialect, settings: Settings
) -> Acceptor | None:
    """What accepts payloads of a format, if its decoders prove all that a schema asks.

    Args:
        format: The format.
        document: The schema that its payloads are held against.
        dialect: The schema's draft.
        settings: Limits, tolerances and ignored rules.
    """
    proven = PROVEN.get(format)
    if proven is None or settings.max_depth < _DEEPEST:
        return None
    if dialect.name not in DRAFTS or not is_plain(document):
        return None

    def judge(value: Any, schema: Any) -> bool:
        return surely_valid(schema, dialect)(value)

    included = Inclusion(proven, document, judge).proven()
    return Acceptor(format, settings) if included else None


def _within_limits(data: bytes, settings: Settings) -> bool:
    """Whether a text is surely not too large and has not too many values."""
    if len(data) > settings.max_bytes:
        return False
    # A scalar has a byte, a container two. Every value but the first of its container follows a
    # comma. So there are at least twice as many bytes as values, less one.
    if (len(data) + 1) // 2 <= settings.max_values:
        return True
    opened = data.count(b"[") + data.count(b"{")
    return data.count(b",") + opened + 1 <= settings.max_values


def _without_spaces(data: bytes) -> bytes | None:
    """The same JSON without white space; None if it is none."""
    import msgspec

    try:
        return msgspec.json.format(data, indent=-1)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _notes(format: FormatId, read: ColumnsRead) -> Iterator[tuple[Violation, int | None]]:
    """What there is to note of columns, and where it stands in the text that they were read of."""
    if format == SHOTS_V2:
        shots = cast("ShotsRead", read)
        if shots.first_leaked is not None:
            index, at = shots.first_leaked
            first: Path = ("shots", index, "leakage_bits")
            yield shots_leaked(shots.shots.leaked, shots.shots.number, first), at
    elif format == AGGREGATE_V1:
        for child, zeros, outcomes, key, at in cast("ChildrenRead", read).never_occurred():
            yield never_occurred(zeros, outcomes, (child, key)), at
    elif format != SHOTS_V1:
        member = _MEMBERS.get(format)
        for each in cast("OutcomesRead", read).outcomes:
            if each.first_zero is not None:
                at, key = each.first_zero
                path: Path = (member, "registers", each.register) if member else ()
                zeros = int((each.values == 0).sum())
                yield never_occurred(zeros, len(each.values), (*path, key)), at


_MEMBERS: Final = {HISTOGRAM_V2: "histogram", PROBABILITIES_V2: "probabilities"}
