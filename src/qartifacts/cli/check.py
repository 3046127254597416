"""``qartifacts check``: are these results what they claim to be?"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import click

from qartifacts.bulk import check_paths, count_files, listed_paths
from qartifacts.cli.baselining import baseline_options, chosen_baseline, end_baseline
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from qartifacts.config import Settings
    from qartifacts.project import Project
    from qartifacts.registry import Registry

__all__ = ["command"]


def _jobs(ctx: click.Context, option: click.Parameter, value: str) -> int:
    """A number of processes."""
    if value in ("0", "auto"):
        from qartifacts.bulk.workers import processors

        return processors()
    if not value.isascii() or not value.isdecimal() or len(value) > 4:
        raise click.BadParameter(f"{value!r} is not a number of processes")
    return int(value)


@click.command("check", short_help="Check stored results against their pinned schemas.")
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option(
    "--files-from",
    metavar="F",
    help="Check the paths that this file lists, too: one a line, or parted by NULs. - is standard "
    "input.",
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
    are skipped, with a note. What is not said here is taken from the project's configuration;
    'qartifacts config' tells which that is.

    \b
    Exit status:
      0  every file is good (warnings fail under --strict only)
      1  there are findings that fail
      2  misuse: an unknown format, a named path that cannot be opened, a --device that is none
      130  interrupted

    \b
    Examples:
      qartifacts check results/
      qartifacts check bell.json --format ionq.result.shots.json.v2
      qartifacts check - --output json < bell.json
      qartifacts check store/ --jobs auto
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
    unopened = False
    form = Form(output, output_file, statistics, verbose)
    with Interrupts() as interrupts, reporting(form, paths) as reporter, ExitStack() as stack:
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
            strict=project.strict,
            shown=project.settings_for(None).max_findings,
            verbose=verbose or output == "sarif",  # There they are suppressed results.
        )
        if baseline is not None:
            from qartifacts.baseline import collecting_all

            most = collecting_all(project.settings_for(None)).max_findings
            project = project.with_given({**project.given, "max-findings": most})
        if changed:
            results = _with_their_jobs((*paths, *listed), pins, project.settings_for(None))
            paths = tuple(path for path in results if not project.is_excluded(path))
        count = _counter(paths, None if changed else files_from, project)
        bar = stack.enter_context(Bar(count, verbose=verbose or output != "text"))
        checks = check_paths(
            paths, listed=listed, registry=pins, project=project, jobs=jobs, limits=limits
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
    summary = reporter.summary
    if not summary.sources and not changed:
        click.echo("there is no *.json file, or other result, in what was named", err=True)
    if baseline is not None:
        end_baseline(baseline, verbose=verbose, unopened=unopened)
    click.get_current_context().exit(2 if unopened else 1 if summary.bad else 0)


def _argument(name: str) -> click.Parameter:
    return next(each for each in click.get_current_context().command.params if each.name == name)


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
        yield listed_paths(stdin.buffer)
    else:
        with ExitStack() as stack:
            with input_file(files_from):
                file = stack.enter_context(open(files_from, "rb"))
            yield listed_paths(file)


def _counter(
    paths: Sequence[str], files_from: str | None, project: Project
) -> Callable[[], int] | None:
    """What counts the files to check; None if their list can be read only once."""
    if files_from == "-":
        return None

    def count() -> int:
        with _listed(files_from) as listed:
            return count_files(paths, listed, project=project)

    return count


def _with_their_jobs(
    changed: Iterable[str], registry: Registry, settings: Settings
) -> Iterator[str]:
    """Those of changed files that are results, each with the other results of its stored job.

    What lies in a registry is no result. A stored job is a directory with a job record, which says
    what the formats of the files beside it are.
    """
    from qartifacts.bulk.sources import is_result
    from qartifacts.registry import LOCKFILE
    from qartifacts.validate.detect import FileFormats, is_job_record

    formats = FileFormats(registry, settings)
    folders: dict[str, list[str]] = {}
    for path in changed:
        folders.setdefault(os.path.dirname(path), []).append(path)
    for folder, paths in folders.items():
        here = folder or os.curdir
        names = sorted(os.listdir(here)) if os.path.isdir(here) else []
        if LOCKFILE in names:
            continue
        yield from (path for path in paths if not is_job_record(path))
        if not any(map(is_job_record, names)):
            continue
        for name in names:
            other = os.path.join(folder, name)
            if other in paths or is_job_record(name) or not is_result(name):
                continue
            if formats.of_file(other) is not None:
                yield other
