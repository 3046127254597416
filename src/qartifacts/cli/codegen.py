"""``qartifacts codegen``: typed models from pinned schemas."""

from __future__ import annotations

import click

from qartifacts.cli.options import Misuse, chosen_registry, on_terminal, registry_option
from qartifacts.codegen import GENERATOR, STYLES, generated_files, reference_files
from qartifacts.codegen.writing import Comparison, compare_files, write_files
from qartifacts.findings import counted
from qartifacts.source import display_name

__all__ = ["command"]


@click.command("codegen", short_help="Generate typed models from the pinned schemas.")
@click.option(
    "--style",
    type=click.Choice([*sorted(STYLES), "markdown"]),
    required=True,
    help="How models are written.",
)
@click.option("--out", metavar="DIR", required=True, help="The package to write.")
@click.option(
    "--format",
    "formats",
    metavar="ID",
    multiple=True,
    help="A format to generate; can be repeated. All of the registry by default.",
)
@registry_option
@click.option(
    "--check", is_flag=True, help="Write nothing; print what differs, and exit with 1 if it does."
)
def command(
    style: str, out: str, formats: tuple[str, ...], registry: str | None, check: bool
) -> None:
    """Generate typed models from the pinned schemas: one module a format, and an index.

    The same schemas give the same bytes on every machine. Modules of formats that are no longer
    pinned are removed; files that were not generated are left alone. The style markdown writes a
    readable reference of each format instead.

    \b
    Exit status:
      0  written, or with --check: up to date
      1  with --check: something differs
      2  misuse, or the generator is missing: install qartifacts[codegen]

    \b
    Examples:
      qartifacts codegen --style pydantic --out src/my_project/models
      qartifacts codegen --style msgspec --out models --registry schemas/ --check
    """
    pins = chosen_registry(registry)
    if style == "markdown":
        files, suffix = reference_files(pins, formats or None), ".md"
    else:
        files, suffix = generated_files(pins, style, formats or None), ".py"
    try:
        comparison = compare_files(out, files, suffix)
        if check:
            _tell(comparison)
            return
        write_files(comparison)
    except OSError as error:
        name = display_name(error.filename or out)
        raise Misuse(f"{name} cannot be used: {error.strerror or error}") from error
    stale = comparison.stale
    gone = f", {counted(len(stale), 'file')} removed" if stale else ""
    written = len(comparison.differing)
    click.echo(f"{display_name(out)}: {counted(len(files), 'file')}, {written} written{gone}")


def _tell(comparison: Comparison) -> None:
    """Print what differs, and end the command."""
    for line in comparison.diff():
        click.echo(_coloured(display_name(line)))
    if comparison.by_version_only:
        click.echo(f"only the version of {GENERATOR} differs; the models are the same", err=True)
    number = len(comparison.differing) + len(comparison.stale)
    if number:
        click.echo(f"{counted(number, 'file')} not up to date", err=True)
    click.get_current_context().exit(0 if comparison.up_to_date else 1)


def _coloured(line: str) -> str:
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    return click.style(line, fg=colour) if colour and on_terminal() else line
