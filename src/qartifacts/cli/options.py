"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from qartifacts.source import display_name

if TYPE_CHECKING:
    from pathlib import Path

    from qartifacts.registry import Registry

__all__ = [
    "Misuse",
    "bit_order_option",
    "chosen_registry",
    "format_option",
    "input_file",
    "named_file",
    "on_terminal",
    "registry_option",
]


class Misuse(click.ClickException):
    """What was asked for cannot be done; the message says what to do instead."""

    exit_code = 2


_Function = TypeVar("_Function", bound=Callable[..., Any])


def on_terminal() -> bool:
    """Whether standard output is there, and is a terminal."""
    # Closed streams are None, which their types do not say.
    stdout: TextIO | None = sys.stdout
    return stdout is not None and stdout.isatty()


def chosen_registry(option: str | None) -> Registry:
    """The registry of ``--registry``, or of the project, or the one that comes along.

    Raises:
        LockfileError: The directory is no registry.
        InvalidSettings: The project's pyproject.toml is not understood.
    """
    from qartifacts.project import configured_registry
    from qartifacts.registry import Registry

    folder = option or configured_registry()
    return Registry.bundled() if folder is None else Registry.open(folder)


def registry_option(function: _Function) -> _Function:
    """``--registry DIR``."""
    return click.option(
        "--registry",
        metavar="DIR",
        help="Directory of pinned schemas. If omitted, the one of [tool.qartifacts] in "
        "pyproject.toml, or else those that come with qartifacts.",
    )(function)


def format_option(function: _Function) -> _Function:
    """``--format ID``."""
    return click.option(
        "--format",
        metavar="ID",
        help="Format identifier of the input. If omitted, it is taken from the job record beside "
        "the file, from the file's name, or from the content.",
    )(function)


def bit_order_option(function: _Function) -> _Function:
    """``--bit-order wire|reversed``."""
    return click.option(
        "--bit-order",
        type=click.Choice(["wire", "reversed"]),
        default="wire",
        show_default=True,
        help="How version 2 is written: bit 0 first, or bit 0 last. 'qartifacts prove-order' tells "
        "it from the files of a job.",
    )(function)


def named_file(path: str) -> str | Path:
    """What the library takes for a file, whatever its name; ``-`` stays standard input."""
    from pathlib import Path

    return path if path == "-" else Path(path)


@contextmanager
def input_file(path: str) -> Iterator[None]:
    """While a file is read: what keeps it from being opened is misuse, told in one line."""
    try:
        yield
    except OSError as error:
        name = "standard input" if path == "-" else display_name(os.fsdecode(path))
        raise Misuse(f"{name} cannot be read: {error.strerror or error}") from error
