"""A sheet as HTML, for notebooks: small, self-contained, everything in it escaped."""

from __future__ import annotations

from html import escape
from typing import Final

from qartifacts.render.chart import Chart, Row, Sheet, Table, percentage, rest

__all__ = ["to_html"]

_CELL: Final = "text-align:left;padding:0 0.6em;vertical-align:middle"
_NUMBER: Final = "text-align:right;padding:0 0.6em;vertical-align:middle;white-space:nowrap"
_STATE: Final = "max-width:32em;white-space:normal;overflow-wrap:anywhere"


def to_html(sheet: Sheet) -> str:
    """The heads, charts and tables of a sheet, each chart a table with bars in it."""
    parts = ["<div>"]
    for head in sheet.heads:
        facts = "; ".join(f"{escape(key)}: {escape(text)}" for key, text in head.facts)
        parts.append(f"<div><b>{escape(head.name)}</b><br/>{facts}</div>")
    parts += map(_table, sheet.charts)
    parts += map(_plain_table, sheet.tables)
    if sheet.more:
        parts.append(f"<div>and {sheet.more:,} more</div>")
    return "".join([*parts, "</div>"])


def _table(chart: Chart) -> str:
    longest = max((share for row in chart.rows for share in row.shares), default=0.0)
    caption = f"<b>{escape(chart.title)}</b>: {escape(chart.details[0])}<br/>{escape(chart.order)}"
    rows = "".join(_row(row, longest) for row in chart.rows)
    below = f"<div>{escape(rest(chart))}</div>" if rest(chart) else ""
    style = "text-align:left;caption-side:top"
    return f'<table><caption style="{style}">{caption}</caption>{rows}</table>{below}'


def _plain_table(table: Table) -> str:
    heading = "".join(f'<th style="{_NUMBER}">{escape(text)}</th>' for text in table.heading)
    rows = "".join(f"<tr>{_cells(row)}</tr>" for row in table.rows)
    below = f"<div>{escape(table.below)}</div>" if table.below else ""
    style = "text-align:left;caption-side:top"
    caption = f'<caption style="{style}"><b>{escape(table.title)}</b></caption>'
    return f"<table>{caption}<tr>{heading}</tr>{rows}</table>{below}"


def _cells(row: tuple[str, ...]) -> str:
    return "".join(f'<td style="{_NUMBER}">{escape(text)}</td>' for text in row)


def _row(row: Row, longest: float) -> str:
    (share,), (count,) = row.shares, row.counts
    bar = f"width:{12 * share / longest:.2f}em;height:0.8em;background:#0072B2"
    cells = [
        f'<td style="{_CELL};{_STATE}"><code>{escape(row.label)}</code></td>',
        f'<td style="{_CELL}"><div style="{bar}"></div></td>',
        "" if count is None else f'<td style="{_NUMBER}">{count:,}</td>',
        f'<td style="{_NUMBER}">{percentage(share)}</td>',
    ]
    return f"<tr>{''.join(cells)}</tr>"
