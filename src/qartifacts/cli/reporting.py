"""Where the reports of a check go, and in which form."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import click

from qartifacts import __version__
from qartifacts.cli.options import Misuse, on_terminal
from qartifacts.errors import QartifactsError
from qartifacts.findings import Report, Summary
from qartifacts.source import display_name, starting_name, whole_file

if TYPE_CHECKING:
    from qartifacts.render import Renderer, Write
    from qartifacts.render.locations import ProjectPaths

__all__ = ["Form", "Reporter", "report_options", "reporting"]

_FORMS: Final = ("text", "json", "jsonl", "sarif", "github", "junit")

_Function = TypeVar("_Function", bound=Callable[..., Any])


def report_options(function: _Function) -> _Function:
    """``--output``, ``--output-file`` and ``--statistics``, the members of a ``Form``."""
    for option in (
        click.option(
            "--statistics", is_flag=True, help="Count findings by code, before the totals."
        ),
        click.option(
            "--output-file",
            metavar="F",
            help="Write it to this file, whole or not at all, instead of standard output.",
        ),
        click.option(
            "--output",
            type=click.Choice(_FORMS),
            default="text",
            show_default=True,
            help="What to write: lines for people, one JSON document, one JSON document a line, "
            "SARIF for code scanning, annotations for GitHub's workflows, JUnit XML.",
        ),
    ):
        function = option(function)
    return function


class Form(NamedTuple):
    """What was asked for.

    Attributes:
        output: One of the forms of ``--output``.
        file: The file to write; None for standard output.
        statistics: Whether to count findings by code.
        verbose: Whether to name every source with its verdict, in text.
    """

    output: str
    file: str | None
    statistics: bool
    verbose: bool


class Reporter:
    """Counts reports and writes them.

    Attributes:
        summary: Totals over the reports so far.
        strict: Whether warnings fail. It is set before the first report.
    """

    def __init__(self, form: Form, write: Write, kept: _Kept | None) -> None:
        self._kept = kept
        self.summary = Summary()
        self.strict = False
        self._form = form
        self._write = write
        self._renderer: Renderer | None = None

    def report(self, report: Report) -> None:
        """Take the next report.

        Raises:
            Misuse: It is on the file that the output would replace.
        """
        if self._kept is not None:
            self._kept.check(report)
        self.summary.add(report, strict=self.strict)
        self._begun().report(report)

    def end(self, error: str | None) -> None:
        """Write what comes last; ``error`` says why checking stopped before the end."""
        self._begun().end(self.summary, error)

    def _begun(self) -> Renderer:
        """The renderer, which writes the head of its document when it is made."""
        if self._renderer is None:
            self._renderer = _renderer(self._form, self._write, strict=self.strict)
        return self._renderer


@contextmanager
def reporting(form: Form, used: Sequence[str]) -> Iterator[Reporter]:
    """Write reports in a form, and the totals at the end of the block.

    What stops a check is told in the document, which is whole nevertheless, and raised again. But
    misuse of the command's options leaves nothing, and a file that is there and is no report is not
    replaced then, since it may be one that was still to be checked. Totals go to standard error
    unless they are part of what standard output shows.

    Args:
        form: What was asked for.
        used: Files that the command line names for something else.

    Raises:
        Misuse: The file cannot be written, or is one of those, or one that is checked.
    """
    if form.file == "-":
        form = form._replace(file=None)
    kept = None if form.file is None else _Kept(form.file, used)
    stopped: BaseException | None = None
    error: str | None = None
    try:
        with _destination(form.file) as write:
            reporter = Reporter(form, write, kept)
            try:
                yield reporter
            except (QartifactsError, KeyboardInterrupt) as raised:
                stopped, error = raised, display_name(str(raised)) or "interrupted"
            reporter.end(error)
            if stopped is not None and kept is not None:
                kept.check_unseen()
    except _Unreplaced:
        name = starting_name(form.file or "")
        click.echo(f"{name} is what it was: it is no report, and might have been checked", err=True)
    if form.output != "text" or form.file is not None:
        _tell_totals(form, reporter.summary, stopped=stopped is not None)
    if stopped is not None:
        raise stopped


def _tell_totals(form: Form, summary: Summary, *, stopped: bool) -> None:
    from qartifacts.render.text import statistics, summary_line

    if form.statistics:
        click.echo(statistics(summary), nl=False, err=True)
    if summary.sources or not stopped:
        click.echo(summary_line(summary, stopped=stopped), err=True)


class _Kept:
    """What the file of the output must not replace: anything that the command reads or writes.

    Args:
        file: The file of the output.
        used: Files that the command line names for something else; they need not be there.
    """

    def __init__(self, file: str, used: Iterable[str]) -> None:
        if not file:
            raise Misuse("name a file for --output-file; --output-file - is standard output")
        self._file: Final = file
        #: Where the file is, if it is there: links and spelling make no difference.
        self._there: Final = _identity(file)
        self._last = ""
        target = os.path.realpath(file)
        for path in used:
            if os.path.realpath(path) == target or self._is(path):
                raise _would_replace(path)

    def _is(self, path: str) -> bool:
        return self._there is not None and _identity(path) == self._there

    def check(self, report: Report) -> None:
        """Refuse a source that would be replaced, unless it is no result, as an old report is."""
        if self._there is None or report.skipped or report.source == self._last:
            return
        self._last = report.source
        if self._is(report.source):
            raise _would_replace(report.source)

    def check_unseen(self) -> None:
        """Refuse to replace a file that may have been among those that were not seen.

        Raises:
            _Unreplaced: It is there, and is neither empty nor a report.
        """
        if self._there is not None and not self._is_report():
            raise _Unreplaced

    def _is_report(self) -> bool:
        import zlib

        try:
            with open(self._file, "rb") as file:
                start = file.read(_LONGEST_START)
                if start[:2] == b"\x1f\x8b":
                    start = zlib.decompressobj(wbits=31).decompress(start, _LONGEST_START)
        except (OSError, ValueError, zlib.error):
            return False
        return not start or start.startswith(_STARTS)


class _Unreplaced(Exception):
    """The report is not to be put in place."""


#: How reports start, in all forms but text. No result starts so.
_STARTS: Final = (
    b'{"version": 1, "tool": {"name": "qartifacts"',
    b'{"source": ',
    b'{"error": ',
    b'{"$schema": "https://docs.oasis-open.org/sarif/',
    b"<?xml",
    b"::",
)
_LONGEST_START: Final = 64


def _identity(path: str) -> tuple[int, int] | None:
    """What tells a regular file that is there from all others."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if S_ISREG(status.st_mode) else None


def _would_replace(path: str) -> Misuse:
    return Misuse(f"--output-file would replace what is used: {display_name(path)}")


@contextmanager
def _destination(file: str | None) -> Iterator[Write]:
    """What writes to standard output, or to a file that is whole when the block ends."""
    if file is None:
        yield lambda text: click.echo(text, nl=False)
        return
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(whole_file(file))
        except OSError as error:
            name = display_name(file)
            raise Misuse(f"{name} cannot be written: {error.strerror or error}") from error

        def write(text: str) -> None:
            opened.write(text.encode("utf-8", "backslashreplace"))

        yield write


def _renderer(form: Form, write: Write, *, strict: bool) -> Renderer:
    """What writes reports in the form that was asked for."""
    match form.output:
        case "json":
            from qartifacts.render.json import JsonRenderer

            return JsonRenderer(write, __version__, statistics=form.statistics)
        case "jsonl":
            from qartifacts.render.jsonl import JsonLinesRenderer

            return JsonLinesRenderer(write)
        case "sarif":
            from qartifacts.render.sarif import SarifRenderer

            return SarifRenderer(write, __version__, _project_paths())
        case "github":
            from qartifacts.render.github import GithubRenderer

            return GithubRenderer(write, _project_paths())
        case "junit":
            from qartifacts.render.junit import JunitRenderer

            return JunitRenderer(write, strict=strict)
        case _:
            from qartifacts.render.text import TextRenderer

            colour = form.file is None and on_terminal() and not os.environ.get("NO_COLOR")
            return TextRenderer(
                write,
                colour=colour,
                verbose=form.verbose,
                strict=strict,
                by_code=form.statistics,
            )


def _project_paths() -> ProjectPaths:
    """Paths from the top of the checkout in a workflow of GitHub's, else from here."""
    from qartifacts.render.locations import ProjectPaths

    here = os.getcwd()
    workspace = os.path.realpath(os.environ.get("GITHUB_WORKSPACE") or here)
    return ProjectPaths(workspace if here.startswith(os.path.join(workspace, "")) else here)
