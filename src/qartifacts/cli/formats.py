"""``qartifacts formats``: which formats are known, and where their schemas come from."""

from __future__ import annotations

import json
import sys

import click

from qartifacts.cli.options import registry_option
from qartifacts.registry import Pin, Registry

__all__ = ["command"]

_COLUMNS = ("format", "source", "read", "title")


@click.command("formats", short_help="List the formats and where their schemas come from.")
@registry_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, with digests.")
def command(registry: str | None, as_json: bool) -> None:
    """List the pinned formats, and say honestly where each schema comes from.

    \b
    Sources:
      endpoint          fetched from the schemas endpoint of the service
      mirror            fetched from another server
      endpoint-example  printed verbatim in the endpoint's reference page
      documentation     transcribed from the documentation

    \b
    Examples:
      qartifacts formats
      qartifacts formats --json --registry schemas/
    """
    pins = list((Registry.bundled() if registry is None else Registry.open(registry)).values())
    if as_json:
        described = [_described(pin) for pin in pins]
        click.echo(json.dumps({"version": 1, "formats": described}, indent=2))
    elif sys.stdout.isatty():
        _print_table(pins)
    else:
        rows = [_COLUMNS, *(_row(pin) for pin in pins)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            click.echo("  ".join(cells).rstrip())


def _described(pin: Pin) -> dict[str, str]:
    return {
        "format": pin.format,
        "title": pin.title,
        "source": pin.source,
        "where": pin.where,
        "read": pin.read,
        "sha256": pin.sha256,
        "canonical_sha256": pin.canonical_sha256,
    }


def _row(pin: Pin) -> tuple[str, ...]:
    described = _described(pin)
    return tuple(described[column] for column in _COLUMNS)


def _print_table(pins: list[Pin]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*_COLUMNS)
    for pin in pins:
        # Text, so that brackets in a title are no markup.
        table.add_row(*map(Text, _row(pin)))
    Console().print(table)
