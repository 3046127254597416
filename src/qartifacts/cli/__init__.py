"""The command ``qartifacts``: arguments, exit statuses, and nothing that the library could do.

Exit status: 0 good, 1 findings that fail, 2 misuse, 130 interrupted, 143 ended by
SIGTERM.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import Any, Final

import click

from qartifacts import __version__
from qartifacts.cli.options import Misuse
from qartifacts.errors import (
    ConversionError,
    InvalidArtifact,
    MissingParameter,
    QartifactsError,
    UnsupportedConversion,
)
from qartifacts.source import display_name

__all__ = ["main"]

_COMMANDS: Final = (
    "check",
    "codegen",
    "config",
    "convert",
    "diff",
    "fetch",
    "formats",
    "prove-order",
    "rule",
    "serve",
    "show",
    "sync",
)


class _Refusal(click.ClickException):
    """The input does not allow what was asked for."""

    exit_code = 1


def _failure(error: QartifactsError) -> click.ClickException:
    """The end of a command that could not do what it should."""
    message = str(error)
    if isinstance(error, MissingParameter):
        message = f"--{error.parameter.replace('_', '-')} is needed: {error.why}"
    # The message may quote files, which are hostile.
    message = display_name(message)
    if isinstance(error, UnsupportedConversion):
        return Misuse(message)
    refused = isinstance(error, (InvalidArtifact, ConversionError))
    return _Refusal(message) if refused else Misuse(message)


class _Commands(click.Group):
    """Commands by name, each in a module that is imported when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"qartifacts.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            close = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            if not close and os.path.exists(args[0]):
                hint = f" Did you mean 'check {args[0]}'?"
            raise click.UsageError(error.message + hint, ctx) from error

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except QartifactsError as error:
            raise _failure(error) from error
        except KeyboardInterrupt as interrupt:
            click.echo("qartifacts: interrupted", err=True)
            ctx.exit(130 if type(interrupt) is KeyboardInterrupt else 143)


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="qartifacts", message="%(prog)s %(version)s")
def _program() -> None:
    """Check the files that quantum jobs leave behind, and convert them.

    \b
    Examples:
      qartifacts check results/                      check a directory of stored results
      qartifacts convert shots.json --to ID -o OUT   write a result in another format
      qartifacts formats                             list the formats and their provenance
      qartifacts rule QA201                          explain a code
    """


def main() -> None:
    """Run the command with the arguments of the process, and end the process."""
    gc.freeze()  # Modules stay to the end: no collection need look through them, the last included.
    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot show is escaped; a report must never end in an encoding error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        _program(prog_name="qartifacts")
    except OSError as error:
        # Sources that cannot be read are told apart before; this is the output: a full disk.
        click.echo(f"qartifacts: the output cannot be written: {error.strerror}", err=True)
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())  # Or Python tries again at its end.
        sys.exit(2)
