"""``qartifacts check``: are these results what they claim to be?"""

from __future__ import annotations

import dataclasses
import os
import sys

import click

from qartifacts import __version__
from qartifacts.bulk import Unopened, check_paths
from qartifacts.cli.options import format_option, registry_option
from qartifacts.config import DEFAULTS, Settings
from qartifacts.findings import Summary
from qartifacts.registry import Registry
from qartifacts.render import Renderer
from qartifacts.render.json import JsonRenderer
from qartifacts.render.text import TextRenderer

__all__ = ["command"]

_POSITIVE = click.IntRange(min=1)


@click.command("check", short_help="Check stored results against their pinned schemas.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@format_option
@registry_option
@click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to print: lines for people, or one JSON document.",
)
@click.option("--strict", is_flag=True, help="Let warnings fail, too.")
@click.option("--verbose", "-v", is_flag=True, help="Name the files that pass, too.")
@click.option("--ignore", metavar="CODE", multiple=True, help="Do not report a rule; repeatable.")
@click.option(
    "--max-findings",
    type=_POSITIVE,
    default=DEFAULTS.max_findings,
    show_default=True,
    help="Findings to show for one file; the others are counted.",
)
@click.option(
    "--max-bytes",
    type=_POSITIVE,
    default=DEFAULTS.max_bytes,
    show_default=True,
    help="Largest file, unpacked.",
)
@click.option(
    "--max-depth",
    type=_POSITIVE,
    default=DEFAULTS.max_depth,
    show_default=True,
    help="Deepest nesting of arrays and objects.",
)
@click.option(
    "--max-values",
    type=_POSITIVE,
    default=DEFAULTS.max_values,
    show_default=True,
    help="Most JSON values in one file.",
)
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    format: str | None,
    registry: str | None,
    output: str,
    strict: bool,
    verbose: bool,
    ignore: tuple[str, ...],
    max_findings: int,
    max_bytes: int,
    max_depth: int,
    max_values: int,
) -> None:
    """Check stored results against their pinned schemas, and the rules that no schema says.

    PATH is a file, a directory (its *.json and *.json.gz files are checked), or - for standard
    input. A name that ends in .gz is unpacked.

    \b
    Exit status:
      0  every file is good (warnings and notes are fine without --strict)
      1  there are findings that fail
      2  misuse: an unknown format, or a named path that cannot be opened

    \b
    Examples:
      qartifacts check results/
      qartifacts check result.json --format ionq.result.probabilities.json.v1
      curl ... | qartifacts check - --format ionq.result.shots.json.v2 --output json
    """
    if paths.count("-") > 1:
        raise click.UsageError("standard input can be checked only once")
    try:
        settings = dataclasses.replace(
            DEFAULTS,
            max_findings=max_findings,
            max_bytes=max_bytes,
            max_depth=max_depth,
            max_values=max_values,
            ignore=frozenset(ignore),
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    pins = Registry.bundled() if registry is None else Registry.open(registry)
    renderer: Renderer
    if output == "json":
        renderer = JsonRenderer(_write, __version__)
    else:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        renderer = TextRenderer(_write, colour=colour, verbose=verbose, strict=strict)
    summary = _check(paths, format, pins, settings, renderer, strict)
    renderer.end(summary)
    if summary.unopened:
        context.exit(2)
    context.exit(1 if summary.bad else 0)


def _check(
    paths: tuple[str, ...],
    format: str | None,
    registry: Registry,
    settings: Settings,
    renderer: Renderer,
    strict: bool,
) -> Summary:
    summary = Summary()
    for outcome in check_paths(paths, format=format, registry=registry, settings=settings):
        if isinstance(outcome, Unopened):
            summary.unopened += 1
            renderer.unopened(outcome.source, outcome.message)
        else:
            summary.add(outcome, strict=strict)
            renderer.report(outcome)
    return summary


def _write(text: str) -> None:
    click.echo(text, nl=False)
