"""``qartifacts check``: are these results what they claim to be?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from qartifacts import __version__
from qartifacts.bulk import check_paths
from qartifacts.cli.options import chosen_registry, format_option, on_terminal, registry_option
from qartifacts.config import DEFAULTS, Settings
from qartifacts.errors import QartifactsError
from qartifacts.findings import Summary

if TYPE_CHECKING:
    from qartifacts.render import Renderer

__all__ = ["command"]


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
@click.option(
    "--as-published",
    is_flag=True,
    help="Leave errata out: hold files against the schemas as published.",
)
@click.option("--strict", is_flag=True, help="Let warnings fail, too.")
@click.option("--verbose", "-v", is_flag=True, help="Name every file, with verdict and format.")
@click.option(
    "--ignore",
    metavar="CODE,...",
    multiple=True,
    help="Do not report these rules. 'qartifacts rule CODE' tells whether one can be ignored.",
)
@click.option(
    "--sum-fine",
    type=float,
    default=DEFAULTS.sum_fine,
    show_default=True,
    help="Sums of probabilities may be off by this without a word.",
)
@click.option(
    "--sum-limit",
    type=float,
    default=DEFAULTS.sum_limit,
    show_default=True,
    help="Sums that are off by more are errors, by less warnings.",
)
@click.option(
    "--max-findings",
    type=int,
    metavar="N",
    default=DEFAULTS.max_findings,
    show_default=True,
    help="Findings to show for one file; the others are counted.",
)
@click.option(
    "--max-bytes",
    type=int,
    metavar="N",
    default=DEFAULTS.max_bytes,
    show_default=True,
    help="Largest file, unpacked.",
)
@click.option(
    "--max-depth",
    type=int,
    metavar="N",
    default=DEFAULTS.max_depth,
    show_default=True,
    help="Deepest nesting of arrays and objects.",
)
@click.option(
    "--max-values",
    type=int,
    metavar="N",
    default=DEFAULTS.max_values,
    show_default=True,
    help="Most JSON values in one file.",
)
def command(
    paths: tuple[str, ...],
    format: str | None,
    registry: str | None,
    output: str,
    as_published: bool,
    strict: bool,
    verbose: bool,
    ignore: tuple[str, ...],
    **limits: Any,
) -> None:
    """Check stored results against their pinned schemas, and the rules that no schema says.

    PATH is a file, a directory (its *.json and *.json.gz files are checked), or - for standard
    input. What is packed by gzip is unpacked: files whose name ends in .gz, and standard input.
    Files in a directory that look like no known format are skipped, with a note.

    \b
    Exit status:
      0  every file is good (warnings fail under --strict only)
      1  there are findings that fail
      2  misuse: an unknown format, a named path that cannot be opened

    \b
    Examples:
      qartifacts check results/
      qartifacts check bell.json --format ionq.result.shots.json.v2
      qartifacts check - --output json < bell.json
    """
    if paths.count("-") > 1:
        raise click.UsageError("standard input can be checked only once")
    if "-" in paths and sys.stdin is not None and sys.stdin.isatty():
        click.echo("reading from the terminal; end the input with Ctrl-D", err=True)
    codes = {code.strip().upper() for each in ignore for code in each.split(",")}
    try:
        settings = Settings(ignore=codes, **limits)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    pins = chosen_registry(registry)
    if as_published:
        pins = pins.as_published()
    renderer = _renderer(output, verbose=verbose, strict=strict)
    summary = Summary()
    unopened = False
    try:
        for checked in check_paths(paths, format=format, registry=pins, settings=settings):
            summary.add(checked.report, strict=strict)
            unopened |= checked.unopened
            renderer.report(checked.report)
    except (QartifactsError, KeyboardInterrupt) as error:
        renderer.end(summary, error=str(error) or "interrupted")
        raise
    renderer.end(summary)
    if not any((summary.good, summary.bad, summary.skipped)):
        click.echo("there is no *.json or *.json.gz file in what was named", err=True)
    click.get_current_context().exit(2 if unopened else 1 if summary.bad else 0)


def _renderer(output: str, *, verbose: bool, strict: bool) -> Renderer:
    """What writes reports to standard output in the form that was asked for."""
    if output == "json":
        from qartifacts.render.json import JsonRenderer

        return JsonRenderer(_write, __version__)
    from qartifacts.render.text import TextRenderer

    colour = on_terminal() and not os.environ.get("NO_COLOR")
    return TextRenderer(_write, colour=colour, verbose=verbose, strict=strict)


def _write(text: str) -> None:
    click.echo(text, nl=False)
