"""``qartifacts serve``: a mirror of the schemas endpoint, and of stored documents and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qartifacts.cli.options import Misuse, chosen_registry, registry_option
from qartifacts.source import display_name

if TYPE_CHECKING:
    from qartifacts.stored.devices import DeviceStore
    from qartifacts.stored.jobs import JobStore

__all__ = ["command"]


@click.command("serve", short_help="Serve pinned schemas, stored documents and jobs.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=8765,
    show_default=True,
    help="Port to listen at; 0 takes any that is free.",
)
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at. By default only this machine can ask.",
)
@click.option(
    "--store",
    metavar="DIR",
    help="Serve the device documents and the jobs in this directory, too, as 'qartifacts fetch' "
    "stores them.",
)
@registry_option
def command(port: int, host: str, store: str | None, registry: str | None) -> None:
    """Serve pinned schemas as the service does, read-only, until Ctrl-C.

    The base URL is printed once connections are accepted. Below it, with or without /v0.4, are
    /schemas/formats/{format} and /api-docs; /health says whether every document is the one that
    was pinned. The lockfile is read once, at the start.

    With --store, the paths of the services are there for what the directory holds. Of jobs, each
    in a directory of its own (or the directory is one itself): /jobs/{UUID},
    /jobs/{UUID}/artifacts/{artifactId} and, for older records,
    /jobs/{UUID}/results/probabilities, histogram and shots. Of devices: IonQ's /backends,
    /backends/{backend}/characterizations/{UUID} and
    /v0.3/characterizations/backends/{backend}; IBM's /v1/backends and
    /v1/backends/{id}/configuration, properties, status and defaults, with or without /api in
    front. What is stored meanwhile is served, too.

    \b
    Exit status:
      0  ended by Ctrl-C or SIGTERM
      2  misuse: no such registry or store, a port that is taken, or the extra is not installed

    \b
    Examples:
      qartifacts serve
      qartifacts serve --registry my-schemas/ --port 9000
      qartifacts serve --store devices/
      qartifacts serve --store examples/jobs
    """
    pins = chosen_registry(registry)
    devices, jobs = (None, None) if store is None else _opened(store)
    try:
        from qartifacts.serve import serve
    except ModuleNotFoundError as error:
        if error.name not in {"starlette", "uvicorn"}:
            raise
        raise Misuse("this needs more packages: pip install 'qartifacts[serve]'") from error
    try:
        serve(pins, host, port, ready=_announce, store=devices, jobs=jobs)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # Behind it, Python says the address again.
        raise Misuse(f"cannot serve at {host}, port {port}: {why}") from error


def _opened(folder: str) -> tuple[DeviceStore, JobStore]:
    from qartifacts.stored.devices import DeviceStore
    from qartifacts.stored.jobs import JobStore

    try:
        return DeviceStore(folder), JobStore(folder)
    except OSError as error:
        name = display_name(folder)
        raise Misuse(f"{name} cannot be served: {error.strerror or error}") from error


def _announce(base_url: str) -> None:
    click.echo(base_url)  # Flushed by click, so that who waits for it can go on.
