"""``qartifacts rule``: what a code means and how to mend what it found."""

from __future__ import annotations

import difflib
import textwrap

import click

from qartifacts.codes import CODES, Code

__all__ = ["command"]


@click.command("rule", short_help="Explain a code, or list all of them.")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a code: what it means, why it matters, an example, and how to mend it.

    Without CODE, all codes are listed.

    \b
    Examples:
      qartifacts rule QA201
      qartifacts rule
    """
    if code is None:
        for entry in CODES.values():
            click.echo(f"{entry.id}  {entry.severity:<7}  {entry.title}")
        return
    found = CODES.get(code.upper())
    if found is None:
        close = difflib.get_close_matches(code.upper(), CODES, n=3)
        hint = f"did you mean {', '.join(close)}?" if close else "qartifacts rule lists all"
        raise click.UsageError(f"there is no code {code!r}; {hint}")
    click.echo(_explained(found))


def _explained(code: Code) -> str:
    parts = [
        click.style(f"{code.id} ({code.severity}): {code.title}", bold=True),
        textwrap.fill(code.why, 88),
        "How to mend it: " + textwrap.fill(code.remedy, 88, initial_indent=" " * 16).lstrip(),
    ]
    if code.format is None:
        parts.append(f"Example: {code.example}.")
    else:
        example = (
            code.example.encode("unicode_escape").decode() if code.example.strip() else "(blank)"
        )
        # Backslashes of JSON are shown as they stand in the file.
        example = example.replace("\\\\", "\\")
        parts.append(f"Example ({code.format}):\n\n    {example}")
    if code.waivable:
        parts.append(f"It can be left out with --ignore {code.id}.")
    return "\n\n".join(parts)
