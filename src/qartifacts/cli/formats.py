"""``qartifacts formats``: which formats are known, and where their schemas come from."""

from __future__ import annotations

import json
import shutil

import click

from qartifacts.cli.options import on_terminal, registry_option
from qartifacts.registry import Pin, Registry
from qartifacts.source import display_name

__all__ = ["command"]


@click.command("formats", short_help="List the formats and where their schemas come from.")
@registry_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, with digests.")
@click.option(
    "--conversions", is_flag=True, help="List what can be converted, what it needs and loses."
)
def command(registry: str | None, as_json: bool, conversions: bool) -> None:
    """List the pinned formats, and where each schema comes from.

    \b
    Sources:
      endpoint          fetched from the schemas endpoint of the service
      mirror            fetched from another server
      endpoint-example  printed verbatim in the endpoint's reference page
      documentation     transcribed from the documentation

    \b
    Examples:
      qartifacts formats
      qartifacts formats --json --registry my-schemas/
      qartifacts formats --conversions
    """
    if conversions:
        _list_conversions(as_json)
        return
    pins = list((Registry.bundled() if registry is None else Registry.open(registry)).values())
    if as_json:
        described = [_described(pin) for pin in pins]
        click.echo(json.dumps({"version": 1, "formats": described}, indent=2))
        return
    rows = [
        ("format", "source", "retrieved", "title"),
        # A registry may come from anywhere; nothing in it may drive the terminal.
        *((pin.format, pin.source, *map(display_name, (pin.retrieved, pin.title))) for pin in pins),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    # What is piped keeps one line a format; on a narrow terminal the title goes below.
    beside = sum(widths) + 6 <= shutil.get_terminal_size().columns or not on_terminal()
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        line = "  ".join(cells if beside else cells[:-1]).rstrip()
        click.echo(click.style(line, bold=row is rows[0] and on_terminal()))
        if not beside and row is not rows[0]:
            click.echo(f"    {row[-1]}")


def _list_conversions(as_json: bool) -> None:
    from qartifacts.conversion import CONVERSIONS

    routes = list(CONVERSIONS.values())
    if as_json:
        listed = [
            {
                "from": route.source,
                "to": route.target,
                "lossless": route.lossless,
                "needs": route.needs,
                "loses": route.loses,
                "may_lose": route.may_lose,
                "invents": route.invents,
            }
            for route in routes
        ]
        click.echo(json.dumps({"version": 1, "conversions": listed}, indent=2))
        return
    source = None
    width = max(len(route.target) for route in routes)
    for route in routes:
        if route.source != source:
            source = route.source
            click.echo(click.style(f"from {source} to", bold=on_terminal()))
        click.echo(f"  {route.target:<{width}}  {route.summary}")
    click.echo("What is not listed cannot be converted.")


def _described(pin: Pin) -> dict[str, str]:
    return {
        "format": pin.format,
        "title": pin.title,
        "source": pin.source,
        "where": pin.where,
        "retrieved": pin.retrieved,
        "sha256": pin.sha256,
        "canonical_sha256": pin.canonical_sha256,
    }
