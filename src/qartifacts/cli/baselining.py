"""The baseline of a check: opened before, written or told of afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from qartifacts.cli.options import Misuse
from qartifacts.findings import counted
from qartifacts.source import display_name, starting_name

if TYPE_CHECKING:
    from qartifacts.baseline import Baseline, NewBaseline

__all__ = ["baseline_options", "chosen_baseline", "end_baseline", "telling_if_unwritten"]

#: Entries that are listed where they have gone; --verbose lists all.
_GONE_LISTED: Final = 20

_Function = TypeVar("_Function", bound=Callable[..., Any])


def baseline_options(function: _Function) -> _Function:
    """``--baseline`` and ``--write-baseline``, which are ``known`` and ``new_baseline``."""
    for option in (
        click.option(
            "--write-baseline",
            "new_baseline",
            metavar="F",
            help="Record in this file what fails today, for --baseline.",
        ),
        click.option(
            "--baseline",
            "known",
            metavar="F",
            help="Let only what this file does not hold fail, and tell what of it has gone.",
        ),
    ):
        function = option(function)
    return function


def chosen_baseline(
    known: str | None,
    new: str | None,
    sources: Sequence[str],
    *,
    changed: bool,
    strict: bool,
    shown: int,
    verbose: bool,
) -> Baseline | NewBaseline | None:
    """The baseline that is used or made, if either is wanted.

    Args:
        known: The one to use.
        new: The one to make.
        sources: What is checked.
        changed: Whether only what has changed is checked.
        strict: Whether warnings fail.
        shown: Findings to show for one file.
        verbose: Whether to show what is known.

    Raises:
        UsageError: Both are wanted, or standard input is checked, which has no path.
        Misuse: The file cannot be read, or cannot be written.
        InvalidSettings: The file is not a baseline, or not one that is understood.
    """
    if known is None and new is None:
        return None
    if known is not None and new is not None:
        raise click.UsageError("choose one of --baseline and --write-baseline")
    if changed and new is not None:
        raise click.UsageError(
            "--write-baseline is for a whole store, and --changed for a part of it"
        )
    if "-" in sources:
        raise click.UsageError("a baseline is about files; standard input has no path")
    from qartifacts.baseline import Baseline, NewBaseline

    if new is not None:
        try:
            return NewBaseline(new, strict=strict, shown=shown, keep_known=verbose)
        except OSError as error:
            raise _not_written(new, error) from error
    name = known or ""
    try:
        return Baseline(name, shown=shown, keep_known=verbose)
    except OSError as error:
        raise Misuse(
            f"{display_name(name)!r} cannot be read: {error.strerror or error}; a baseline is "
            "written with --write-baseline"
        ) from error


@contextmanager
def telling_if_unwritten(baseline: Baseline | NewBaseline | None) -> Iterator[None]:
    """Say that there is no new baseline, if the check is stopped."""
    from qartifacts.baseline import NewBaseline

    try:
        yield
    except BaseException:
        if isinstance(baseline, NewBaseline):
            click.echo(f"{starting_name(baseline.path)} was not written", err=True)
        raise


def end_baseline(
    baseline: Baseline | NewBaseline,
    folders: Sequence[str],
    *,
    held_against_device: bool,
    verbose: bool,
    unopened: bool,
) -> None:
    """Write the baseline, unless something could not be opened, or tell what of it has gone.

    Args:
        baseline: The one that was used or made.
        folders: Directories that were checked as a whole.
        held_against_device: Whether results were held against a device.
        verbose: Whether to list all that has gone.
        unopened: Whether something that was named could not be opened.

    Raises:
        Misuse: It cannot be written.
    """
    from qartifacts.baseline import NewBaseline

    name = starting_name(baseline.path)
    if isinstance(baseline, NewBaseline):
        if unopened:
            click.echo(f"{name} was not written: a path that was named is missing in it", err=True)
            return
        if baseline.unseen:
            folder = display_name(baseline.unseen[0])
            click.echo(f"{name} was not written: what is in {folder} is missing in it", err=True)
            return
        try:
            baseline.write()
        except OSError as error:
            raise _not_written(baseline.path, error) from error
        findings, files = counted(baseline.findings, "finding"), counted(baseline.files, "file")
        click.echo(f"{name} holds {findings} in {files}", err=True)
        return
    gone = list(baseline.gone(folders, held_against_device=held_against_device))
    if not gone:
        return
    number = counted(sum(entry.number for entry in gone), "finding")
    renew = f"renew it for the whole store, with --write-baseline {name}"
    click.echo(f"{name} still holds what has gone: {number}; {renew}", err=True)
    listed = gone if verbose else gone[:_GONE_LISTED]
    for entry in listed:
        click.echo(f"  {entry}", err=True)
    if len(gone) > len(listed):
        click.echo(f"  and {len(gone) - len(listed):,} more (--verbose)", err=True)


def _not_written(path: str, error: OSError) -> Misuse:
    return Misuse(f"{display_name(path)!r} cannot be written: {error.strerror or error}")
