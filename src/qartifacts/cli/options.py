"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar

import click

from qartifacts.config import DEFAULTS
from qartifacts.errors import LockfileError
from qartifacts.source import display_name

if TYPE_CHECKING:
    from qartifacts.artifact import Artifact
    from qartifacts.conversion import BitOrder
    from qartifacts.hardware import Limits
    from qartifacts.project import Project
    from qartifacts.registry import Registry

__all__ = [
    "Misuse",
    "bit_order_option",
    "chosen_device",
    "chosen_project",
    "chosen_registry",
    "device_name_option",
    "format_option",
    "input_file",
    "job_option",
    "loaded",
    "on_terminal",
    "registry_option",
    "settings_options",
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
        InvalidConfiguration: The project's configuration is not understood.
    """
    from qartifacts.project import find_project

    project = find_project()
    return _registry_of(project.with_given({"registry": option}) if option else project)


def _registry_of(project: Project) -> Registry:
    """The registry that the command line names, or the configuration.

    Raises:
        LockfileError: The directory is no registry.
        InvalidConfiguration: It is the configuration that names one.
    """
    from qartifacts.registry import Registry

    folder = project.registry
    if folder is None:
        return Registry.bundled()
    try:
        return Registry.open(folder)
    except LockfileError as error:
        if "registry" in project.given:
            raise
        from qartifacts.project.reading import misconfigured

        raise misconfigured(str(project.file), ("registry",), str(error)) from error


def chosen_project(options: Mapping[str, Any]) -> tuple[Project, Registry]:
    """What is in force by the project's configuration and the command line, and the registry.

    Args:
        options: What the command line says, by the names of keys of a configuration, or of the
            parameters that stand for them. None is what it does not say.

    Raises:
        UsageError: The command line makes settings that cannot be.
        UnknownFormat: The registry does not hold the format that the command line names.
        LockfileError: The directory is no registry.
        InvalidConfiguration: The configuration is not understood, or names a format that the
            registry does not hold.
    """
    from qartifacts.project import find_project

    given = {name.replace("_", "-"): value for name, value in options.items() if value is not None}
    project = find_project()
    try:
        project = project.with_given(given)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    registry = _registry_of(project)
    project.check_formats(registry)
    if "format" in given:
        registry[given["format"]]  # Misuse comes before any work.
    return project, registry


def chosen_device(
    documents: Sequence[str], name: str | None, project: Project, registry: Registry
) -> Limits:
    """What the device of ``--device`` and ``--device-name`` allows.

    Raises:
        Misuse: A document cannot be read or used, they are not of one device, or they say nothing
            that a result could break.
    """
    from qartifacts.errors import (
        ConversionError,
        InvalidArtifact,
        MissingParameter,
        UnknownDevice,
    )
    from qartifacts.hardware.limits import Limits
    from qartifacts.hardware.loading import combined, views

    # --format is that of the results.
    project = project.with_given(
        {key: project.given[key] for key in project.given if key != "format"}
    )
    listed = []
    try:
        for path in documents:
            artifact = loaded(path, project, registry)
            listed.append(views(artifact, artifact.report.source))
        limits = combined(listed, name).limits
    except MissingParameter as error:
        raise Misuse(f"--device-name is needed: {error.why}") from error
    except (ConversionError, InvalidArtifact, UnknownDevice) as error:
        raise Misuse(display_name(f"--device: {error}")) from error
    if limits == Limits(origins=limits.origins):
        # Every result would be good, and none held against anything.
        named = ", ".join(map(display_name, documents))
        raise Misuse(f"--device: {named} says nothing that a result could be held against")
    return limits


def registry_option(function: _Function) -> _Function:
    """``--registry DIR``."""
    return click.option(
        "--registry",
        metavar="DIR",
        help="Directory of pinned schemas. If omitted, the one that the configuration names, or "
        "else those that come with qartifacts.",
    )(function)


def device_name_option(function: _Function) -> _Function:
    """``--device-name NAME``."""
    return click.option(
        "--device-name",
        metavar="NAME",
        help="Which device is meant, of a document that lists several.",
    )(function)


def format_option(function: _Function) -> _Function:
    """``--format ID``."""
    return click.option(
        "--format",
        metavar="ID",
        help="Format identifier of the input. If omitted, it is taken from the configuration, from "
        "the job record beside the file, from the file's name, or from the content.",
    )(function)


def _codes(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> Any:
    """The codes of an option that may be repeated, and lists several; none if they are empty."""
    codes = (code.strip().upper() for each in value for code in each.split(","))
    return frozenset(filter(None, codes)) if value else None


#: Options that a configuration has keys for. They have no defaults: what is not given is not said.
_SETTINGS: Final = (
    click.option(
        "--strict/--no-strict", default=None, help="Whether warnings fail, too; by default not."
    ),
    click.option(
        "--ignore",
        metavar="CODE,...",
        multiple=True,
        callback=_codes,
        help="Do not report these rules. 'qartifacts rule CODE' tells whether one can be ignored.",
    ),
    click.option(
        "--sum-fine",
        type=float,
        help=f"Sums of probabilities may be off by this without a word; by default "
        f"{DEFAULTS.sum_fine:g}.",
    ),
    click.option(
        "--sum-limit",
        type=float,
        help="Sums that are off by more are errors, by less warnings; by default "
        f"{DEFAULTS.sum_limit:g}.",
    ),
    click.option(
        "--max-findings",
        type=int,
        metavar="N",
        help="Findings to show for one file; the others are counted. By default "
        f"{DEFAULTS.max_findings}.",
    ),
    click.option(
        "--max-bytes",
        type=int,
        metavar="N",
        help=f"Largest file, unpacked; by default {DEFAULTS.max_bytes}.",
    ),
    click.option(
        "--max-depth",
        type=int,
        metavar="N",
        help=f"Deepest nesting of arrays and objects; by default {DEFAULTS.max_depth}.",
    ),
    click.option(
        "--max-values",
        type=int,
        metavar="N",
        help=f"Most JSON values in one file; by default {DEFAULTS.max_values}.",
    ),
    click.option(
        "--max-members",
        type=int,
        metavar="N",
        help=f"Most members of one archive; by default {DEFAULTS.max_members}.",
    ),
    click.option(
        "--max-unpacked",
        type=int,
        metavar="N",
        help=f"Most bytes that one archive unpacks to; by default {DEFAULTS.max_unpacked}.",
    ),
)


def settings_options(function: _Function) -> _Function:
    """``--strict``, ``--ignore``, tolerances and limits, as ``chosen_project`` takes them."""
    for option in reversed(_SETTINGS):
        function = option(function)
    return function


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


#: The record of the job that a result is of.
job_option: Final = click.option(
    "--job",
    metavar="FILE",
    help="The record of its job, or the directory that holds it: it says how wide version 1 is, "
    "and how many shots there were.",
)


def loaded(
    path: str,
    project: Project,
    registry: Registry,
    *,
    format: str | None = None,
    bit_order: BitOrder = "wire",
    job: str | None = None,
) -> Artifact:
    """The artifact in a file, whatever its name; ``-`` is standard input.

    Args:
        path: The file.
        project: What is in force for it.
        registry: Pinned schemas.
        format: Its format; else the one that the project has for it, or as ``check`` tells it.
        bit_order: As ``qartifacts.load`` takes it.
        job: The record of its job, or the directory that holds it; none by default.

    Raises:
        Misuse: It cannot be opened, or is a URL, which might hold a password: ``check`` alone reads
            those.
        InvalidArtifact, UnknownFormat, RegistryError: As for ``qartifacts.load``.
    """
    from pathlib import Path

    from qartifacts.jobs import load
    from qartifacts.remote import is_url

    if is_url(path):
        raise Misuse("URLs are read by 'qartifacts check' only; fetch the file, and name it here")
    with input_file(path):
        return load(
            path if path == "-" else Path(path),
            format=format or project.format_for(path),
            job=None if job is None else Path(job),
            registry=registry,
            settings=project.settings_for(path),
            bit_order=bit_order,
        )


@contextmanager
def input_file(path: str) -> Iterator[None]:
    """While a file is read: what keeps it from being opened is misuse, told in one line."""
    try:
        yield
    except OSError as error:
        name = "standard input" if path == "-" else display_name(os.fsdecode(path))
        raise Misuse(f"{name} cannot be read: {error.strerror or error}") from error
