"""``qartifacts check``: are these results what they claim to be?"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TextIO

import click

from qartifacts.bulk import check_paths, count_files, listed_paths
from qartifacts.cli.baselining import (
    baseline_options,
    chosen_baseline,
    end_baseline,
    telling_if_unwritten,
)
from qartifacts.cli.options import (
    Misuse,
    chosen_device,
    chosen_project,
    device_name_option,
    format_option,
    input_file,
    registry_option,
    settings_options,
)
from qartifacts.cli.progress import Bar, Interrupts
from qartifacts.cli.reporting import Form, report_options, reporting
from qartifacts.errors import QartifactsError
from qartifacts.remote import is_url
from qartifacts.source import display_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from qartifacts.bulk.cluster import Cluster
    from qartifacts.project import Project

__all__ = ["command"]


#: For each processor: more are never faster.
_MOST_JOBS: Final = 16


def _jobs(ctx: click.Context, option: click.Parameter, value: str) -> int:
    """A number of processes."""
    if value == "1":
        return 1
    from qartifacts.bulk.workers import processors

    if value in ("0", "auto"):
        return processors()
    most = _MOST_JOBS * processors()
    if not value.isascii() or not value.isdecimal() or not 0 < int(value[:9]) <= most:
        raise click.BadParameter(f"{value!r} is not a number of processes from 1 to {most}")
    return int(value)


@click.command("check", short_help="Check stored results against their pinned schemas.")
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option(
    "--files-from",
    metavar="F",
    help="Check the paths and URLs that this file lists, too: one a line, or parted by NULs. - is "
    "standard input.",
)
@click.option(
    "--jobs",
    "-j",
    metavar="N",
    default="1",
    show_default=True,
    callback=_jobs,
    help="Processes that check at a time; 0 or auto for as many as there are processors.",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Let the workers of a Dask cluster check, whose scheduler listens there. They must see "
    "the same files under the same paths. It can run code here: name one that you trust.",
)
@format_option
@registry_option
@report_options
@click.option(
    "--as-published",
    is_flag=True,
    help="Leave errata out: hold files against the schemas as published.",
)
@click.option(
    "--device",
    "documents",
    metavar="FILE",
    multiple=True,
    help="Hold results against the device of this document, too; of several, such as a "
    "configuration and properties, against what all of them say.",
)
@device_name_option
@baseline_options
@click.option(
    "--changed",
    is_flag=True,
    help="PATHs are files that have changed, whatever they are: check those that are results, "
    "and with a file of a stored job the others beside it.",
)
@click.option("--verbose", "-v", is_flag=True, help="Name every file, with verdict and format.")
@settings_options
def command(
    paths: tuple[str, ...],
    files_from: str | None,
    jobs: int,
    dask: str | None,
    output: str,
    output_file: str | None,
    statistics: bool,
    as_published: bool,
    documents: tuple[str, ...],
    device_name: str | None,
    known: str | None,
    new_baseline: str | None,
    changed: bool,
    verbose: bool,
    **options: Any,
) -> None:
    """Check stored results against their pinned schemas, and the rules that no schema says.

    PATH is a file, a directory, a glob in quotes ('store/**/*.json'), or - for standard input. Of
    directories, results are checked: *.json, *.ndjson and *.jsonl, each of which may be packed
    (.gz), and those in archives (.tar, .tar.gz, .tgz, .zip). Those that look like no known format
    are skipped, with a note. A directory with a job.json is that of a job: what its files say of
    each other is checked, too. What is not said here is taken from the project's configuration;
    'qartifacts config' tells which that is.

    PATH may also be a URL, with the extra 'remote': s3://bucket/..., gs://bucket/..., with
    directories and globs, too, or https://host/... of a single file. Credentials are those of the
    environment; none may stand in a URL.

    \b
    Exit status:
      0  every file is good (warnings fail under --strict only)
      1  there are findings that fail
      2  misuse: an unknown format, a named path that cannot be opened, a --device that is none; a
         cluster that is gone
      130  interrupted (143 by SIGTERM)

    \b
    Examples:
      qartifacts check results/
      qartifacts check bell.json --format ionq.result.shots.json.v2
      qartifacts check - --output json < bell.json
      qartifacts check store/ --jobs auto
      qartifacts check 's3://bucket/runs/**/*.json'
      qartifacts check store/ --dask tcp://10.0.0.1:8786
      qartifacts check --files-from list-of-paths.txt
      qartifacts check results/ --output sarif --output-file results.sarif
      qartifacts check results/ --device forte-1.json
    """
    if not paths and files_from is None:
        raise click.MissingParameter(param=_argument("paths"))
    if [*paths, files_from, *documents].count("-") > 1:
        raise click.UsageError("standard input can be read only once")
    if device_name is not None and not documents:
        raise click.UsageError("--device-name tells which of the devices of --device is meant")
    if "-" in (*paths, files_from, *documents) and sys.stdin is not None and sys.stdin.isatty():
        click.echo("reading from the terminal; end the input with Ctrl-D", err=True)
    if dask is not None and _is_given("jobs"):
        raise click.UsageError("--jobs is for processes here; the workers of --dask are elsewhere")
    unopened = False
    form = Form(output, output_file, statistics, verbose)
    used = [*paths, *filter(None, (files_from, known, new_baseline))]
    with Interrupts() as interrupts, reporting(form, used) as reporter, ExitStack() as stack:
        listed = stack.enter_context(_listed(files_from))
        project, pins = chosen_project(options)
        reporter.strict = project.strict
        limits = chosen_device(documents, device_name, project, pins) if documents else None
        if as_published:
            pins = pins.as_published()
        baseline = chosen_baseline(
            known,
            new_baseline,
            paths,
            changed=changed,
            strict=project.strict,
            shown=project.settings_for(None).max_findings,
            verbose=verbose or output == "sarif",  # There they are suppressed results.
        )
        if baseline is not None:
            from qartifacts.baseline import collecting_all

            stack.enter_context(telling_if_unwritten(baseline))
            most = collecting_all(project.settings_for(None)).max_findings
            project = project.with_given({**project.given, "max-findings": most})
        cluster = None if dask is None else stack.enter_context(_cluster(dask))
        count = _counter(paths, files_from, project, changed=changed)
        bar = stack.enter_context(Bar(count, verbose=verbose or output != "text"))
        checks = check_paths(
            paths,
            listed=listed,
            registry=pins,
            project=project,
            changed=changed,
            jobs=jobs,
            cluster=cluster,
            limits=limits,
        )
        for checked in stack.enter_context(closing(checks)):
            interrupts.hold()
            report = checked.report
            unopened |= checked.unopened
            if baseline is not None and not checked.unopened:
                report = baseline.filter(report)
            bar.make_room(report)
            reporter.report(report)
            bar.step(report)
            interrupts.release()
        interrupts.hold()  # Until what comes last is written, too.
    summary = reporter.summary
    if not summary.sources and not changed:
        click.echo(
            "there is no *.json file, or other result, in what was named; or it is excluded",
            err=True,
        )
    if baseline is not None:
        folders = [] if changed else [path for path in paths if os.path.isdir(path)]
        end_baseline(
            baseline,
            folders,
            held_against_device=limits is not None,
            verbose=verbose,
            unopened=unopened,
        )
    click.get_current_context().exit(2 if unopened else 1 if summary.bad else 0)


def _is_given(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is not click.core.ParameterSource.DEFAULT


def _argument(name: str) -> click.Parameter:
    return next(each for each in click.get_current_context().command.params if each.name == name)


@contextmanager
def _cluster(address: str) -> Iterator[Cluster]:
    """The Dask cluster whose scheduler listens at an address.

    What goes wrong with it is told by errors, so what Dask logs of it is kept back.

    Raises:
        Misuse: Dask is not installed, nobody answers there, or with another version.
    """
    import logging

    from qartifacts.bulk.cluster import Cluster

    disabled = logging.root.manager.disable
    logging.disable()
    try:
        cluster = Cluster(address)
    except QartifactsError as error:
        raise Misuse(f"--dask {display_name(str(error))}") from error
    else:
        with cluster:
            yield cluster
    finally:
        logging.disable(disabled)


@contextmanager
def _listed(files_from: str | None) -> Iterator[Iterable[str]]:
    """The paths that a file lists.

    Raises:
        Misuse: It cannot be opened.
    """
    if files_from is None:
        yield ()
    elif files_from == "-":
        stdin: TextIO | None = sys.stdin
        if stdin is None:
            raise Misuse("standard input is closed")
        yield _paths_in(stdin.buffer)
    else:
        with ExitStack() as stack:
            with input_file(files_from):
                file = stack.enter_context(open(files_from, "rb"))
            yield _paths_in(file)


def _paths_in(stream: BinaryIO) -> Iterator[str]:
    try:
        yield from listed_paths(stream)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise Misuse(f"the list of files cannot be read: {why or error}") from error


def _counter(
    paths: Sequence[str], files_from: str | None, project: Project, *, changed: bool
) -> Callable[[], int] | None:
    """What counts the files to check; None if that is not possible or takes as long as checking."""
    if files_from is not None and not os.path.isfile(files_from):
        return None  # Their list can be read only once.
    if any(map(is_url, paths)):
        return None

    def count() -> int:
        with _listed(files_from) as listed:
            return count_files(paths, listed, project=project, changed=changed)

    return count
