"""Options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TextIO, TypeVar

import click

__all__ = ["format_option", "on_terminal", "registry_option"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def on_terminal() -> bool:
    """Whether standard output is there, and is a terminal."""
    # Closed streams are None, which their types do not say.
    stdout: TextIO | None = sys.stdout
    return stdout is not None and stdout.isatty()


def registry_option(function: _Function) -> _Function:
    """``--registry DIR``."""
    return click.option(
        "--registry",
        metavar="DIR",
        help="Directory of pinned schemas, instead of those that come with qartifacts.",
    )(function)


def format_option(function: _Function) -> _Function:
    """``--format ID``."""
    return click.option(
        "--format",
        metavar="ID",
        help="Format identifier of the input. If omitted, it is taken from the job record beside "
        "the file, from the file's name, or from the content.",
    )(function)
