"""``qartifacts fetch``: store what services have, checked."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from qartifacts.cli.options import Misuse, chosen_registry, on_terminal, registry_option
from qartifacts.cli.progress import asking
from qartifacts.findings import counted
from qartifacts.source import display_name

if TYPE_CHECKING:
    from qartifacts.client import IBMService, Service
    from qartifacts.fetching import FetchedDevice, FetchedJob
    from qartifacts.findings import Report

__all__ = ["command"]


def _time(ctx: click.Context, option: click.Parameter, value: str | None) -> dt.datetime | None:
    """A day, which starts at midnight UTC, or a time with its zone."""
    if value is None:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(value), dt.time(), dt.UTC)
    except ValueError:
        pass
    try:
        when = dt.datetime.fromisoformat(value)
    except ValueError:
        message = f"{value!r} is no time; write 2026-01-31 or 2026-01-31T12:00:00Z"
        raise click.BadParameter(message) from None
    if when.utcoffset() is None:
        message = f"{value!r} has no time zone; put Z behind it for UTC, or one such as +02:00"
        raise click.BadParameter(message)
    return when


_send_key_option: Final = click.option(
    "--send-key",
    is_flag=True,
    help="Send the key to a host other than the vendor's own and this machine, too.",
)


@click.group("fetch", short_help="Fetch what services have, check it, and store it.")
def command() -> None:
    """Fetch what services have, check it against its pinned schema, and store it.

    \b
    Examples:
      qartifacts fetch job 06a2099c-f84e-7208-8000-000000030000 -o ramsey/
      qartifacts fetch device ionq:qpu.forte-1 -o devices/
      qartifacts fetch device ibm:ibm_fez -o devices/
    """


@command.command("job", short_help="Fetch a job with its results.")
@click.argument("job_id", metavar="ID")
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    help="The directory of the job; it is created if need be. By default it is called ID.",
)
@click.option(
    "--base-url",
    metavar="URL",
    help="What stands before /jobs/{id}, by default https://api.ionq.co/v0.4.",
)
@click.option("--again", is_flag=True, help="Fetch everything anew, also what is there and good.")
@click.option("-v", "--verbose", is_flag=True, help="Name every file, good ones too.")
@_send_key_option
@registry_option
def job(
    job_id: str,
    folder: str | None,
    base_url: str | None,
    again: bool,
    verbose: bool,
    send_key: bool,
    registry: str | None,
) -> None:
    """Fetch a job with its artifacts and children, check everything, and store it in a directory.

    The directory holds job.json, the record as the service sent it; the results, variants,
    aggregations and compiled circuits as <artifact-id>.<format>.json; and children alike, in
    children/<id>/. Its files are checked one by one, and against each other; qartifacts check DIR
    does that again, at any time, without a service. The key is read from IONQ_API_KEY.

    What is there already, and good, is not fetched again, unless --again is given: repeat a fetch
    that was stopped. An artifact that does not pass is kept as <name>.rejected.json, with the
    reasons in .rejected.txt.

    \b
    Exit status:
      0  everything is there, and good
      1  something is wrong, contradicts another, or was not to be had; the rest is stored
      2  misuse, no such job, or the service cannot be asked (any more); or a file cannot be
         written

    \b
    Examples:
      qartifacts fetch job 06a2099c-f84e-7208-8000-000000030000 -o ramsey/
      qartifacts fetch job 06a2099c-f84e-7208-8000-000000030000 --base-url http://127.0.0.1:8765
    """
    from qartifacts.errors import InvalidArtifact
    from qartifacts.fetching import fetch_job

    pins = chosen_registry(registry)
    folder = job_id.lower() if folder is None else folder
    try:
        with (
            _refusals(folder),
            _ionq(base_url, send_key) as service,
            asking() as progress,
        ):
            found = fetch_job(
                job_id,
                folder,
                service=service,
                again=again,
                registry=pins,
                progress=progress,
            )
    except InvalidArtifact as error:
        click.echo(str(error.report))
        click.echo(f"{job_id}: the record was rejected")
        click.get_current_context().exit(1)
    _tell_job(found, folder, verbose=verbose)
    click.get_current_context().exit(0 if found.ok else 1)


def _tell_job(found: FetchedJob, folder: str, *, verbose: bool) -> None:
    for note in found.notes:
        click.echo(f"note: {display_name(note)}")
    # What the files of the job say of each other is known now, and was not when they came.
    known = {report.source: report for report in found.reports}
    for file in found.files:
        report = known.pop(file.path, file.report)
        if verbose or not file.ok or (report is not None and not report.says_nothing):
            _tell_file(file.path, file.fate, file.problem, report)
    for report in known.values():
        if not report.says_nothing:
            click.echo(str(report))
    fates = Counter(file.fate for file in found.files)
    shown = ", ".join(f"{fates[fate]:,} {fate}" for fate in fates)
    click.echo(
        f"{display_name(str(found.id))}: {counted(len(found.files), 'file')} in "
        f"{display_name(folder)} ({shown}), {'all good' if found.ok else 'not all good'}"
    )
    if not found.ok and all(file.ok for file in found.files):
        click.echo("with --again, everything is fetched anew")


@command.command("device", short_help="Fetch the documents about a device.")
@click.argument("device", metavar="VENDOR:NAME")
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    default=".",
    show_default=True,
    help="Directory to store them in; it is created if need be.",
)
@click.option(
    "--base-url",
    metavar="URL",
    help="What stands before /backends at IonQ, by default https://api.ionq.co/v0.4, or before "
    "/v1/backends at IBM, by default https://quantum.cloud.ibm.com/api or the base of the region "
    "that the instance is in.",
)
@click.option(
    "--at",
    callback=_time,
    metavar="TIME",
    help="IBM: take the properties that were updated last before this time.",
)
@click.option("--history", is_flag=True, help="IonQ: fetch the list of all characterizations, too.")
@click.option("--since", callback=_time, metavar="TIME", help="With --history: not what is older.")
@click.option("--until", callback=_time, metavar="TIME", help="With --history: not what is newer.")
@_send_key_option
@registry_option
def device(
    device: str,
    folder: str,
    base_url: str | None,
    at: dt.datetime | None,
    history: bool,
    since: dt.datetime | None,
    until: dt.datetime | None,
    send_key: bool,
    registry: str | None,
) -> None:
    """Fetch the documents about a device, check each, and store them as <name>.<format>.json.

    Of IonQ's devices these are the list of backends and the newest characterization, which need no
    key; --history does (IONQ_API_KEY). Of IBM's they are the list, configuration, properties,
    status and defaults, which need QISKIT_IBM_TOKEN, an API key, or IBM_QUANTUM_BEARER_TOKEN, an
    IAM token; and QISKIT_IBM_INSTANCE, the CRN of the instance. TIME is a day, as in 2026-01-31, or
    a time with its zone, as in 2026-01-31T12:00:00Z.

    A document that does not pass its check, or is about something else, is kept as
    <name>.<format>.rejected.json, with the reasons in .rejected.txt; what was stored before stays
    in its place.

    \b
    Exit status:
      0  every document is good, and stored
      1  a document was rejected; the others are stored
      2  misuse, no such device, or the service cannot be asked, and nothing is written; or a
         file cannot be written

    \b
    Examples:
      qartifacts fetch device ionq:qpu.forte-1 -o devices/
      qartifacts fetch device ionq:qpu.forte-1 --history --since 2026-01-01
      qartifacts fetch device ibm:ibm_fez --at 2026-01-31T12:00:00Z
      qartifacts fetch device ibm:ibm_fez --base-url http://127.0.0.1:8765
    """
    from qartifacts.fetching import fetch_device
    from qartifacts.fetching.devices import parsed

    pins = chosen_registry(registry)
    with _refusals(folder):
        vendor, _ = parsed(device)
        with _service(vendor, base_url, send_key) as service, asking() as progress:
            found = fetch_device(
                device,
                folder,
                service=service,
                at=at,
                history=history,
                since=since,
                until=until,
                registry=pins,
                progress=progress,
            )
    _tell(found)
    click.get_current_context().exit(0 if found.ok else 1)


@contextmanager
def _refusals(folder: str) -> Iterator[None]:
    """Tell what cannot be asked for, or written, as misuse of the command.

    Raises:
        Misuse: A value is wrong, or a file cannot be written.
    """
    try:
        yield
    except ValueError as error:
        raise Misuse(display_name(str(error))) from error
    except OSError as error:
        name = display_name(error.filename or folder)
        raise Misuse(f"{name} cannot be written: {error.strerror or error}") from error


def _ionq(base_url: str | None, send_key: bool) -> Service:
    from qartifacts.client import DEFAULT_BASE, Service

    return Service(DEFAULT_BASE if base_url is None else base_url, send_key=send_key)


def _service(vendor: str, base_url: str | None, send_key: bool) -> Service | IBMService:
    from qartifacts.client import IBMService

    if vendor == "ibm":
        return IBMService(base_url, send_key=send_key)
    return _ionq(base_url, send_key)


def _tell(found: FetchedDevice) -> None:
    for note in found.notes:
        click.echo(f"note: {display_name(note)}")
    for document in found.documents:
        _tell_file(document.path, document.outcome, document.problem, document.report)
    total = len(found.documents)
    rejected = sum(each.outcome == "rejected" for each in found.documents)
    documents = "1 document" if total == 1 else f"{total} documents"
    end = f"{rejected} rejected" if rejected else "all good"
    click.echo(f"{found.device}: {documents} in {display_name(found.folder)}, {end}")


def _tell_file(path: str, outcome: str, problem: str, report: Report | None) -> None:
    colours = {"rejected": "red", "failed": "red", "changed": "yellow", "new": "green"}
    if on_terminal():
        outcome = click.style(outcome, fg=colours.get(outcome, "cyan"), bold=True)
    click.echo(f"{display_name(path)} {outcome}")
    if problem:
        click.echo(f"  {display_name(problem)}")
    if report is not None and not report.says_nothing:
        for line in str(report).splitlines():
            click.echo(f"  {line}")
