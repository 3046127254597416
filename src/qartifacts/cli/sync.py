"""``qartifacts sync``: pin the schemas that a service has, or tell what has changed there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qartifacts.cli.options import Misuse, on_terminal
from qartifacts.cli.progress import asking
from qartifacts.project import find_project
from qartifacts.source import display_name

if TYPE_CHECKING:
    from qartifacts.registry.syncing import Sync, Update

__all__ = ["command"]

DEFAULT_BASE = "https://api.ionq.co/v0.4"


@click.command("sync", short_help="Fetch the schemas from a service, and pin them.")
@click.option("--init", metavar="DIR", help="Create a registry in this new directory.")
@click.option(
    "--registry",
    metavar="DIR",
    help="The registry to sync. If omitted, the one that the configuration names.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if anything has changed.")
@click.option(
    "--base-url",
    metavar="URL",
    default=DEFAULT_BASE,
    show_default=True,
    help="What stands before /schemas/formats/{format}; a mirror is one that 'qartifacts serve' "
    "gives.",
)
@click.option(
    "--send-key",
    is_flag=True,
    help="Send the key to a host other than api.ionq.co and this machine, too.",
)
def command(
    init: str | None, registry: str | None, check: bool, base_url: str, send_key: bool
) -> None:
    """Fetch the schemas of all formats from the service, and pin them in a directory of yours.

    Schemas of documents about devices are translated from its OpenAPI documents; those that it does
    not have stay as they are.

    Every answer is checked before anything is written, and everything is written together or
    nothing. A service that asks for a key gets the one of the environment variable IONQ_API_KEY, if
    it is api.ionq.co or this machine.

    \b
    Exit status:
      0  the registry holds what the service has
      1  with --check: something has changed; otherwise: an answer was refused, a format is gone,
         or an erratum no longer applies
      2  misuse, or the service cannot be asked; nothing is written

    \b
    Examples:
      qartifacts sync --init schemas/
      qartifacts sync --check --registry schemas/
      qartifacts sync --registry schemas/ --base-url http://127.0.0.1:8765
    """
    if init is not None and (check or registry is not None):
        raise click.UsageError("--init creates a registry; leave --check and --registry out")
    folder = init or registry or find_project().registry
    if folder is None:
        raise Misuse(
            "name a registry: --registry DIR, --init DIR to create one, or registry in "
            "qartifacts.toml or [tool.qartifacts] of pyproject.toml; the one that comes with "
            "qartifacts stays as it is"
        )
    from qartifacts.client import Service
    from qartifacts.registry.syncing import initialise, sync

    try:
        with Service(base_url, send_key=send_key) as service, asking() as progress:
            if init is not None:
                found = initialise(folder, service, progress=progress)
            else:
                found = sync(folder, service, write=not check, progress=progress)
    except ValueError as error:
        raise Misuse(display_name(str(error))) from error
    except OSError as error:
        name = display_name(error.filename or folder)
        raise Misuse(f"{name} cannot be written: {error.strerror or error}") from error
    _tell(found, check=check)
    failed = found.drifted if check else found.troubled
    click.get_current_context().exit(1 if failed else 0)


def _tell(found: Sync, *, check: bool) -> None:
    for note in found.notes:
        click.echo(f"note: {display_name(note)}")
    for update in found.updates:
        _tell_update(update)
    still = ("unchanged", "confirmed", "kept")
    changed = sum(each.outcome not in still for each in found.updates)
    if found.refused:
        end = "nothing was written: an answer was refused"
    elif check:
        end = "nothing was written"
    else:
        end = "written" if found.written else "nothing to write"
    name = display_name(found.folder)
    total = len(found.updates)
    click.echo(f"{name}: {total} formats, {changed} of them changed; {end}")


def _tell_update(update: Update) -> None:
    colour = {"refused": "red", "gone": "red", "changed": "yellow", "new": "green"}
    if update.outcome != "unchanged":
        outcome: str = update.outcome
        if on_terminal():
            outcome = click.style(outcome, fg=colour.get(outcome, "cyan"), bold=True)
        says = f": {display_name(update.message)}" if update.message else ""
        click.echo(f"{update.format} {outcome}{says}")
    for change in update.changes:
        click.echo(f"  {display_name(str(change))}")
    for each in update.obsolete:
        text = f"ERRATUM NO LONGER APPLIES: {each} of {update.format}; the service has mended it"
        click.echo(click.style(text, fg="red", bold=True) if on_terminal() else text)
