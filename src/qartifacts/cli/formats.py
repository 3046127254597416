"""``qartifacts formats``: which formats are known, and where their schemas come from."""

from __future__ import annotations

import json
import shutil

import click

from qartifacts.cli.options import chosen_registry, on_terminal, registry_option
from qartifacts.registry import Pin, Registry
from qartifacts.source import display_name

__all__ = ["command"]


@click.command("formats", short_help="List the formats and where their schemas come from.")
@registry_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, with digests.")
@click.option(
    "--conversions", is_flag=True, help="List what can be converted, what it needs and loses."
)
@click.option(
    "--verify",
    is_flag=True,
    help="Hold the files against the lockfile; exit with 1 if any is not what was pinned.",
)
@click.option("--errata", is_flag=True, help="List corrections of published schemas.")
def command(
    registry: str | None, as_json: bool, conversions: bool, verify: bool, errata: bool
) -> None:
    """List the pinned formats, and where each schema comes from.

    \b
    Sources:
      endpoint          fetched from the schemas endpoint of the service
      mirror            fetched from another server
      openapi           translated from the OpenAPI document of the service
      endpoint-example  printed verbatim in the endpoint's reference page
      documentation     transcribed from the documentation

    Identifiers are the service's, or local: made up here, for documents that have none.

    \b
    Examples:
      qartifacts formats
      qartifacts formats --json --registry my-schemas/
      qartifacts formats --conversions
      qartifacts formats --verify --registry my-schemas/
    """
    if conversions + verify + errata > 1:
        raise click.UsageError("choose one of --conversions, --verify and --errata")
    if conversions:
        _list_conversions(as_json)
        return
    known = chosen_registry(registry)
    if verify:
        _verify(known, as_json)
        return
    if errata:
        _list_errata(known, as_json)
        return
    pins = list(known.values())
    if as_json:
        described = [_described(pin) for pin in pins]
        click.echo(json.dumps({"version": 1, "formats": described}, indent=2))
        return
    rows = [
        ("format", "identifier", "source", "retrieved", "title"),
        # A registry may come from anywhere; nothing in it may drive the terminal.
        *(
            (pin.format, _whose(pin), pin.source, *map(display_name, (pin.retrieved, pin.title)))
            for pin in pins
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    # What is piped keeps one line a format; on a narrow terminal the title goes below.
    beside = sum(widths) + 8 <= shutil.get_terminal_size().columns or not on_terminal()
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
                "may_need": route.may_need,
                "may_invent": route.may_invent,
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


def _verify(registry: Registry, as_json: bool) -> None:
    from qartifacts.registry.states import State, verify

    states = verify(registry)
    if as_json:
        listed = [{"name": s.name, "state": s.state, "message": s.message} for s in states]
        click.echo(json.dumps({"version": 1, "files": listed}, indent=2))
    for each in () if as_json else states:
        says = f"  {each.message}" if each.message else ""
        click.echo(display_name(f"{each.state:<9}  {each.name}{says}"))
    bad = any(each.state is not State.PINNED for each in states)
    click.get_current_context().exit(1 if bad else 0)


def _list_errata(registry: Registry, as_json: bool) -> None:
    from qartifacts.registry.errata import read_errata

    found = [
        (erratum, "obsolete" if erratum.id in registry[format].obsolete else "applied")
        for format in registry
        for erratum in read_errata(registry.folder, format)
    ]
    if as_json:
        listed = [
            {
                "format": erratum.format,
                "id": erratum.id,
                "state": state,
                "reason": erratum.reason,
                "evidence": erratum.evidence,
                "confidence": erratum.confidence,
                "needed_by": erratum.needed_by or None,
                "patch": erratum.patch,
            }
            for erratum, state in found
        ]
        click.echo(json.dumps({"version": 1, "errata": listed}, indent=2))
        return
    for erratum, state in found:
        click.echo(f"{erratum.format}  {display_name(erratum.id)}  {state}  {erratum.confidence}")
        click.echo(f"    {display_name(erratum.reason)}")
        if erratum.needed_by:
            click.echo(f"    needed by: {display_name(erratum.needed_by)}")
        for each in erratum.evidence:
            click.echo(f"    seen: {display_name(each)}")
    if not found:
        click.echo("there are no errata")


def _whose(pin: Pin) -> str:
    return pin.identifier or "service"


def _described(pin: Pin) -> dict[str, str]:
    return {
        "format": pin.format,
        "title": pin.title,
        "identifier": _whose(pin),
        "source": pin.source,
        "where": pin.where,
        "retrieved": pin.retrieved,
        "sha256": pin.sha256,
        "canonical_sha256": pin.canonical_sha256,
    }
