"""Outcomes as bars, and tables: on a terminal, and bars in a PNG or SVG file.

What is drawn is plain data, a ``Sheet``. Whoever makes one has escaped every text in it: it holds
printable characters only. rich and matplotlib are imported where they draw.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, Literal

from qartifacts.findings import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from rich.console import Console, RenderableType

__all__ = [
    "MOST_BARS",
    "Chart",
    "Head",
    "Row",
    "Sheet",
    "Table",
    "draw",
    "percentage",
    "rest",
    "to_text",
]

#: Bars that a figure has room for; a PNG cannot be of any height.
MOST_BARS: Final = 600

#: Names of two series, which tell them apart without colours.
_LETTERS: Final = ("A", "B")


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome.

    Attributes:
        label: Its state.
        shares: Its share in each series, from 0 to 1.
        counts: Its count in each series; None where that is of probabilities.
    """

    label: str
    shares: tuple[float, ...]
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The outcomes of one register, in one series or in two that are compared.

    Attributes:
        title: Which register, with its width.
        order: In words, which end of a label is bit 0; empty if there are none.
        details: What is said about each series.
        rows: Outcomes, as they are to be listed.
        totals: Shots of each series; None where it is of probabilities.
        left: Number of outcomes that are not listed.
        left_shares: Their share in each series.
        notes: What is said about the series together.
    """

    title: str
    order: str
    details: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: tuple[int | None, ...]
    left: int
    left_shares: tuple[float, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """What is said before the charts: a name, and facts as pairs of what and how much."""

    name: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values, such as those of qubits.

    Attributes:
        title: What the rows are.
        heading: What is in each column.
        rows: The rows, each as long as the heading.
        below: What is said of rows that are not listed; empty if all are.
    """

    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All there is to show.

    Attributes:
        heads: One for each source, and possibly a listing.
        charts: One for each register.
        more: Number of registers, or children, without a chart.
        tables: What is no outcome.
    """

    heads: tuple[Head, ...]
    charts: tuple[Chart, ...] = ()
    more: int = 0
    tables: tuple[Table, ...] = ()


def percentage(share: float) -> str:
    """``share`` in percent, with more digits where one would tell 0 or 1 of what is neither."""
    percent = 100 * share
    if percent in (0, 100):
        return f"{percent:.1f} %"
    for digits in range(1, 7):
        text = f"{percent:.{digits}f}"
        if float(text) not in (0, 100):
            return f"{text} %"
    return f"{percent:.0e} %" if percent < 1 else "100.0 %"


def rest(chart: Chart) -> str:
    """What is not listed, in one line; empty if everything is."""
    if not chart.left:
        return "" if chart.rows else "no outcomes"
    shares = ", ".join(map(" ".join, _lettered(list(map(percentage, chart.left_shares)))))
    if not chart.rows:
        return f"{counted(chart.left, 'outcome')}, none of which was seen"
    return f"and {counted(chart.left, 'more outcome')}, {shares}"


def _lettered(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Texts with the letters of their series, where there are two."""
    return (
        [(text,) for text in texts] if len(texts) == 1 else list(zip(_LETTERS, texts, strict=True))
    )


# ----------------------------------------------------------------------------------------------
# On a terminal

#: Narrower terminals get lines that they have to break.
_NARROWEST: Final = 40
#: Longer bars tell no more.
_LONGEST_BAR: Final = 60
_SHORTEST_BAR: Final = 10
#: Length of bars where there is no terminal whose width would matter.
_PIPED_BAR: Final = 32
#: What keeps lines whole where there is no terminal.
_UNBOUNDED: Final = 1_000_000

_COLOURS: Final = ("cyan", "magenta")
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_ELLIPSIS: Final = "…"


def to_text(
    sheet: Sheet, *, width: int | None = None, colour: bool = False, encoding: str = "utf-8"
) -> str:
    """A sheet as lines of text.

    Args:
        sheet: What to show.
        width: Columns of the terminal; None if there is none, and so nothing needs to fit.
        colour: Whether to use colours.
        encoding: What the text will be encoded in. What that does not have is escaped, and bars
            are drawn in ASCII.
    """
    from rich.console import Console
    from rich.text import Text

    file = io.StringIO()
    console = Console(
        file=file,
        width=_UNBOUNDED if width is None else max(width, _NARROWEST),
        height=25,  # Given, or a terminal that calls itself dumb would be taken as 80 wide.
        force_terminal=colour,
        force_jupyter=False,
        color_system="auto" if colour else None,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    blocks = _encodable(_EIGHTHS + _ELLIPSIS, encoding) == _EIGHTHS + _ELLIPSIS
    letters = _LETTERS if any(len(chart.totals) > 1 for chart in sheet.charts) else ()
    for number, head in enumerate(sheet.heads):
        name = Text(head.name, style="bold", overflow="fold")
        if letters:
            name = Text(f"{letters[number]}  ", style=_COLOURS[number]) + name
        console.print(*([""] if number else []), name, sep="\n")
        console.print(_grid([(Text(key, "dim"), Text(text)) for key, text in head.facts]))
    for chart in sheet.charts:
        console.print()
        _print_chart(console, chart, width, blocks=blocks)
    for table in sheet.tables:
        console.print()
        _print_table(console, table)
    text = "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())
    return _encodable(text, encoding)


def _encodable(text: str, encoding: str) -> str:
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _grid(rows: Sequence[Sequence[RenderableType]]) -> RenderableType:
    """Rows whose first columns are as wide as they need to be, and whose last one is folded."""
    from rich.padding import Padding
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    for column in range(len(rows[0]) if rows else 0):
        grid.add_column(no_wrap=column < len(rows[0]) - 1, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return Padding(grid, (0, 0, 0, 2), expand=False)


def _print_table(console: Console, table: Table) -> None:
    from rich.cells import cell_len
    from rich.padding import Padding
    from rich.table import Table as Grid
    from rich.text import Text

    console.print(Text(table.title, style="bold", overflow="fold"))
    # A number that is broken into two lines is read as another one: names alone are folded, and
    # columns that do not fit are left out.
    widths = [max(map(cell_len, column)) for column in zip(table.heading, *table.rows, strict=True)]
    room = console.width - 2
    widths[0] = min(widths[0], room // 2)
    ends = [end - 2 for end in accumulate(width + 2 for width in widths)]
    shown = max(sum(end <= room for end in ends), 1)
    grid = Grid.grid(padding=(0, 2))
    grid.add_column(width=widths[0], overflow="fold")
    for _ in range(1, shown):
        grid.add_column(justify="right", no_wrap=True)
    grid.add_row(*(Text(text, style="dim") for text in table.heading[:shown]))
    for row in table.rows:
        grid.add_row(*map(Text, row[:shown]))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))
    left = len(widths) - shown
    for line in (table.below, f"and {counted(left, 'more column')}" if left else ""):
        if line:
            console.print(Padding(Text(line, overflow="fold"), (0, 0, 0, 2), expand=False))


def _print_chart(console: Console, chart: Chart, width: int | None, *, blocks: bool) -> None:
    from rich.padding import Padding
    from rich.text import Text

    def indented(text: str, style: str = "") -> Padding:
        return Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, 2), expand=False)

    title = Text(chart.title, style="bold", overflow="fold")
    console.print(title + (f": {chart.details[0]}" if len(chart.details) == 1 else ""))
    if len(chart.details) > 1:
        console.print(_grid([list(map(Text, pair)) for pair in _lettered(chart.details)]))
    for note in chart.notes:
        console.print(indented(note))
    if chart.rows:
        console.print(indented(chart.order, "italic"))
        if _print_bars(console, chart, width, blocks=blocks):
            console.print(indented("(states are cut in the middle; a pipe gets them whole)", "dim"))
    if rest(chart):
        console.print(indented(rest(chart)))


def _print_bars(console: Console, chart: Chart, width: int | None, *, blocks: bool) -> bool:
    """Print the bars; whether labels had to be cut."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    series = len(chart.totals)
    values = [
        ("" if count is None else f"{count:,}", percentage(share))
        for row in chart.rows
        for count, share in zip(row.counts, row.shares, strict=True)
    ]
    count_width, share_width = (max(map(len, column)) for column in zip(*values, strict=True))
    # The indent, a letter, the values, and two spaces before each of them but the first.
    taken = 2 + 3 * (series > 1) + (2 + count_width if count_width else 0) + 2 + share_width + 2
    labels = [row.label for row in chart.rows]
    label_width, shortened = max(map(len, labels)), False
    if width is None:
        bar_width = _PIPED_BAR
    else:
        room = max(width, _NARROWEST) - taken
        budget = max(room - _SHORTEST_BAR, 8)
        if label_width > budget:
            labels, shortened = _fitted(labels, max(room // 2, 8), _ELLIPSIS if blocks else "...")
            label_width = max(map(len, labels))
            if not shortened:  # Folded evenly, at tens of bits if there is room.
                label_width = -(-label_width // -(-label_width // budget))
                tens = -(-label_width // 10) * 10
                label_width = tens if tens <= budget else label_width
        bar_width = min(max(room - label_width, _SHORTEST_BAR), _LONGEST_BAR)
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(width=label_width, overflow="fold")
    if series > 1:
        table.add_column(width=1)
    table.add_column(width=bar_width, no_wrap=True)
    if count_width:
        table.add_column(width=count_width, justify="right", no_wrap=True)
    table.add_column(width=share_width, justify="right", no_wrap=True)
    longest = max(max(row.shares) for row in chart.rows)
    for index, row in enumerate(chart.rows):
        for number, share in enumerate(row.shares):
            count, percent = values[index * series + number]
            style = _COLOURS[number]
            bar = Text(_bar(share / longest, bar_width, blocks=blocks), style=style)
            cells = [Text(labels[index] if number == 0 else "", style="bold")]
            cells += [Text(_LETTERS[number], style=style)] if series > 1 else []
            cells += [bar, *([Text(count)] if count_width else []), Text(percent)]
            table.add_row(*cells)
    console.print(Padding(table, (0, 0, 0, 2), expand=False))
    return shortened


def _fitted(labels: list[str], budget: int, ellipsis: str) -> tuple[list[str], bool]:
    """Labels without their middle, if that still tells them apart; or else as they are."""
    head = (budget - len(ellipsis) + 1) // 2
    tail = budget - len(ellipsis) - head
    cut = [
        label if len(label) <= budget else label[:head] + ellipsis + label[len(label) - tail :]
        for label in labels
    ]
    return (cut, True) if len(set(cut)) == len(set(labels)) else (labels, False)


def _bar(share: float, width: int, *, blocks: bool) -> str:
    """A bar of ``share`` of the width; what is not zero can be seen."""
    if not blocks:
        return "#" * round(share * width) or ("." if share else "")
    eighths = max(round(share * width * 8), 1 if share else 0)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


# ----------------------------------------------------------------------------------------------
# In a file

#: Colours that the colour-blind can tell apart (Okabe and Ito).
_FILLS: Final = ("#0072B2", "#E69F00")
#: Characters of a state that a figure shows; longer ones are cut in the middle.
_LONGEST_LABEL: Final = 128


def draw(sheet: Sheet, kind: Literal["png", "svg"]) -> bytes:
    """The charts of a sheet as an image file; the same sheet makes the same bytes.

    Text in an SVG is text. Bars of counts have error bars of one standard error, which is
    ``sqrt(p * (1 - p) / shots)``.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: There are more than ``MOST_BARS`` bars.
    """
    from matplotlib import style
    from matplotlib.figure import Figure

    bars = [max(len(chart.rows) * len(chart.totals), 1) for chart in sheet.charts]
    if sum(bars) > MOST_BARS:
        raise ValueError(f"a figure has room for {MOST_BARS} bars, not {sum(bars):,}")
    labels = [len(row.label) for chart in sheet.charts for row in chart.rows]
    # Inches: a character of a state takes 0.075, a bar 0.2 with what is between outcomes.
    width = 6.5 + 0.075 * min(max(labels, default=0), _LONGEST_LABEL)
    heights = [1.25 + 0.22 * number for number in bars]
    file = io.BytesIO()
    # The settings of matplotlib's own users play no part, and a $ in a name is a dollar.
    settings: dict[str, Any] = {
        "font.size": 9,
        "axes.titlesize": 9,
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "qartifacts",
        "text.parse_math": False,
    }
    with style.context(["default", settings]), warnings.catch_warnings():
        # A name may have characters that the font has not; then there are boxes in their place.
        warnings.filterwarnings("ignore", message="Glyph")
        figure = Figure(figsize=(width, sum(heights) + 0.4), dpi=150, layout="constrained")
        names = [head.name for head in sheet.heads]
        names = [_cut(name, int(width * 11)) for name in names]
        figure.suptitle("\n".join(map("  ".join, _lettered(names))), x=0.02, ha="left")
        every = figure.subplots(len(sheet.charts), squeeze=False, height_ratios=heights)
        for axes, chart in zip(every[:, 0], sheet.charts, strict=True):
            _draw_chart(axes, chart)
        # No date and no version of matplotlib.
        metadata = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
        figure.savefig(file, format=kind, metadata=metadata)
    return file.getvalue()


def _cut(text: str, limit: int) -> str:
    return _fitted([text], limit, _ELLIPSIS)[0][0] if len(text) > limit else text


def _draw_chart(axes: Axes, chart: Chart) -> None:
    series = len(chart.totals)
    details = [": ".join(pair) for pair in _lettered(chart.details)]
    title = f"{_cut(chart.title, 100)}: {details[0]}" if series == 1 else _cut(chart.title, 100)
    lines = [title, *(details if series > 1 else []), *chart.notes, chart.order]
    axes.set_title("\n".join(filter(None, lines)))
    places = range(len(chart.rows))
    thickness = 0.8 / series
    longest = 0.0
    for number, total in enumerate(chart.totals):
        shares = [row.shares[number] for row in chart.rows]
        errors = [math.sqrt(share * (1 - share) / total) if total else 0.0 for share in shares]
        longest = max(longest, *map(sum, zip(shares, errors, strict=True)), 0.0)
        drawn = axes.barh(
            [place + (number - (series - 1) / 2) * thickness for place in places],
            [100 * share for share in shares],
            thickness * 0.9,
            color=_FILLS[number],
            label=_LETTERS[number],
            xerr=[100 * error for error in errors] if total else None,
            error_kw={"elinewidth": 0.8, "capsize": 1.5, "ecolor": "#333333"},
        )
        axes.bar_label(drawn, [_value(row, number) for row in chart.rows], padding=4, fontsize=7)
    axes.set_yticks(places, [_cut(row.label, _LONGEST_LABEL) for row in chart.rows])
    for label in axes.get_yticklabels():
        label.set_fontfamily("monospace")
    axes.set_ylim(len(chart.rows) - 0.5 if chart.rows else 0.5, -0.5)
    axes.set_xlim(0, 120 * longest or 100)  # With room for the values.
    axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= min(120 * longest, 100)])
    unit = "probability (%)" if None in chart.totals else "share of the shots (%)"
    below = [rest(chart), "error bars: one standard error" if any(chart.totals) else ""]
    axes.set_xlabel("\n".join([unit, "; ".join(filter(None, below))]).rstrip(), loc="left")
    if series > 1 and chart.rows:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=series, frameon=False)


def _value(row: Row, number: int) -> str:
    count, share = row.counts[number], percentage(row.shares[number])
    return share if count is None else f"{count:,}  {share}"
