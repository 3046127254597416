"""``qartifacts rule``: what a code means and how to fix what it found."""

from __future__ import annotations

import shutil
import textwrap

import click

from qartifacts.codes import CODES, Code

__all__ = ["command"]


@click.command("rule", short_help="Explain a code, or list all of them.")
@click.argument("code", required=False, default="QA")
def command(code: str) -> None:
    """Explain a code: what it means, why it matters, an example, and how to fix it.

    The start of a code, such as QA2, lists the codes that begin so; without CODE all are listed.

    \b
    Examples:
      qartifacts rule QA201
      qartifacts rule QA2
      qartifacts rule
    """
    found = [entry for entry in CODES.values() if entry.id.startswith(code.upper())]
    if not found:
        raise click.UsageError(f"there is no code {code!r}; 'qartifacts rule' lists all")
    if code.upper() in CODES:
        click.echo(_explained(found[0]))
        return
    for entry in found:
        click.echo(f"{entry.id}  {entry.severity:<7}  {entry.title}")


def _explained(code: Code) -> str:
    width = min(shutil.get_terminal_size().columns, 88)
    parts = [
        click.style(f"{code.id} ({code.severity}): {code.title}", bold=True),
        textwrap.fill(code.why, width),
        textwrap.fill(f"How to fix it: {code.remedy}", width),
    ]
    example = code.example.replace("\ufeff", "\\ufeff").strip() or "(a blank file)"
    about = "" if code.format is None else f" ({code.format})"
    wrapped = textwrap.fill(example, width - 4, break_on_hyphens=False)
    parts.append(f"Example{about}:\n\n{textwrap.indent(wrapped, '    ')}")
    if code.ignorable:
        parts.append(f"It can be left out with --ignore {code.id}.")
    return "\n\n".join(parts)
