"""A plugin for pytest: artifacts and stored jobs in tests, checked against a registry that is held.

pytest loads it wherever qartifacts is installed, so it imports nothing heavy: what a function or a
fixture needs is imported when it is used. It has two functions, fixtures of the same names, and the
fixture ``qartifacts_registry``. The functions do what their arguments say; the fixtures are the
functions with the registry of the session.

A check that fails is an ``AssertionError`` whose text is the report, shown at the line of the test.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import pytest

if TYPE_CHECKING:
    from qartifacts.artifact import Artifact
    from qartifacts.config import Settings
    from qartifacts.errors import QartifactsError
    from qartifacts.findings import Report
    from qartifacts.jobs import Job
    from qartifacts.registry import Registry
    from qartifacts.source import SourceLike

__all__ = ["assert_valid_artifact", "assert_valid_job", "qartifacts_registry"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

#: The option of the command line, and the key of pytest's own configuration.
_OPTION: Final = "--qartifacts-registry"
_KEY: Final = "qartifacts_registry"

#: Findings that a failing test shows; the others are counted.
_SHOWN: Final = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--qartifacts-registry`` and the key ``qartifacts_registry``."""
    parser.getgroup("qartifacts", "files that quantum jobs leave behind").addoption(
        _OPTION,
        metavar="DIR",
        help="Directory of pinned schemas. If omitted, the one that the key qartifacts_registry "
        "names, or the configuration of qartifacts, or else those that come with it.",
    )
    parser.addini(
        _KEY, "Directory of pinned schemas, from the directory of this file.", type="string"
    )


def assert_valid_artifact(
    source: SourceLike,
    format: str | None = None,
    *,
    strict: bool = False,
    job: SourceLike | Job | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Artifact:
    """Check a payload, fail the test if it does not pass, and return it as an artifact.

    Args:
        source: As for ``qartifacts.check``: a path, bytes, a binary file, or a parsed payload.
        format: The identifier of its format, where it has to be said.
        strict: Whether warnings fail, too.
        job: The record of its job, or the job, as for ``qartifacts.load``; the result is held
            against it.
        registry: As for ``qartifacts.check``. The fixture takes that of the session instead.
        settings: As for ``qartifacts.check``.

    Raises:
        AssertionError: It does not pass. The text is the report.
        OSError, UnknownFormat, RegistryError, TypeError, ValueError: As for ``qartifacts.load``.
    """
    __tracebackhide__ = True
    from qartifacts.errors import InvalidArtifact, QartifactsError
    from qartifacts.jobs import load

    try:
        artifact = load(source, format=format, job=job, registry=registry, settings=settings)
    except InvalidArtifact as error:
        report = error.report
    except (OSError, QartifactsError, TypeError, ValueError) as error:
        # They say what is wrong with the arguments; where that was noticed is of no use to a test.
        raise error.with_traceback(None) from None
    else:
        report = artifact.report
        if report.passes(strict=strict):
            return artifact
    raise AssertionError(_message([report]))


def assert_valid_job(
    directory: str | os.PathLike[str],
    *,
    strict: bool = False,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Job:
    """Check a stored job, fail the test if anything in it does not pass, and return the job.

    Its record, its artifacts and its children are checked, each by itself and against each other.

    Args:
        directory: The directory, or the ``job.json`` in it.
        strict: Whether warnings fail, too, such as that of an artifact that is not there.
        registry: As for ``qartifacts.check``. The fixture takes that of the session instead.
        settings: As for ``qartifacts.check``.

    Raises:
        AssertionError: Something does not pass. The text is the reports on what does not.
        OSError: There is no such directory, or no record in it.
        RegistryError: A pinned document is missing, modified or unusable.
    """
    __tracebackhide__ = True
    from qartifacts import jobs
    from qartifacts.errors import InvalidArtifact, QartifactsError

    try:
        found = jobs.job(directory, registry=registry, settings=settings)
        failing = [report for report in found.reports if not report.passes(strict=strict)]
    except InvalidArtifact as error:
        failing = [error.report]
    except (OSError, QartifactsError, TypeError, ValueError) as error:
        raise error.with_traceback(None) from None
    else:
        if not failing:
            return found
    raise AssertionError(_message(failing))


@pytest.fixture(scope="session")
def qartifacts_registry(pytestconfig: pytest.Config) -> Registry:
    """The pinned schemas of the session: every document verified once, and nothing ever fetched.

    It is the registry of ``--qartifacts-registry``, or of the key ``qartifacts_registry`` in the
    configuration of pytest, or of the project's configuration of qartifacts, or else the one that
    comes with the package. A document that is missing or not the one that was pinned is an error.
    """
    from qartifacts.errors import QartifactsError

    try:
        registry, named_by = _chosen_registry(pytestconfig)
        problems = [str(problem) for problem in _problems(registry)]
    except QartifactsError as error:
        problems = [str(error)]
    else:
        if not problems:
            return registry
        problems.insert(0, f"{registry.folder} ({named_by}) is not what its lockfile pins")
    # Not an exception of ours: this one is shown without the way that it took.
    what = "\n".join(["the fixture qartifacts_registry has no registry:", *problems])
    pytest.fail(what, pytrace=False)


@pytest.fixture(name="assert_valid_artifact", scope="session")
def _assert_valid_artifact(qartifacts_registry: Registry) -> Callable[..., Artifact]:
    """``qartifacts.pytest_plugin.assert_valid_artifact`` with the registry of the session."""
    return _with_registry(assert_valid_artifact, qartifacts_registry)


@pytest.fixture(name="assert_valid_job", scope="session")
def _assert_valid_job(qartifacts_registry: Registry) -> Callable[..., Job]:
    """``qartifacts.pytest_plugin.assert_valid_job`` with the registry of the session."""
    return _with_registry(assert_valid_job, qartifacts_registry)


def _with_registry(function: Callable[_P, _R], registry: Registry) -> Callable[_P, _R]:
    @wraps(function)
    def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        __tracebackhide__ = True
        if kwargs.get("registry") is None:
            kwargs["registry"] = registry
        return function(*args, **kwargs)

    return checked


def _message(failing: Sequence[Report]) -> str:
    """What a failing test says: how much is wrong, and then the findings, each with its place."""
    from dataclasses import replace

    from qartifacts.findings import counted
    from qartifacts.source import display_name

    totals = {
        "error": sum(report.errors for report in failing),
        "warning": sum(report.warnings for report in failing),
    }
    what = ", ".join(counted(number, noun) for noun, number in totals.items() if number)
    some = "at least " if any(report.at_least for report in failing) else ""
    where = display_name(failing[0].name) if len(failing) == 1 else counted(len(failing), "file")
    # Without an error, it is here because warnings fail.
    lines = [f"{some}{what} in {where}{'' if totals['error'] else ' (strict)'}"]
    left = _SHOWN
    for number, report in enumerate(failing):
        if not left:
            lines.append(f"{counted(len(failing) - number, 'more file')} not shown")
            break
        shown = report.findings[:left]
        left -= len(shown)
        lines += str(replace(report, findings=shown)).splitlines()
    # Findings stand in the order of their severity: the first one fails.
    code = failing[0].findings[0].code
    lines.append(f"qartifacts rule {code} tells what the code means and how to fix it")
    return "\n".join(lines)


def _chosen_registry(config: pytest.Config) -> tuple[Registry, str]:
    """The registry that a session is to use, and what names it.

    Raises:
        LockfileError: The directory is no registry.
        InvalidConfiguration: The project's configuration of qartifacts is not understood.
    """
    from qartifacts.errors import LockfileError
    from qartifacts.project import find_project
    from qartifacts.registry import Registry

    option: str | None = config.getoption(_OPTION)
    key: str = config.getini(_KEY)
    if option is not None:
        folder, named_by = os.path.join(config.invocation_params.dir, option), _OPTION
    elif key:
        file = config.inipath
        # Without a file, the key was said by -o.
        beside = config.rootpath if file is None else file.parent
        folder, named_by = os.path.join(beside, key), f"{_KEY} of {file or 'pytest'}"
    else:
        project = find_project(os.fspath(config.rootpath))
        if project.registry is None:
            return Registry.bundled(), "the one that comes with qartifacts"
        folder, named_by = project.registry, f"registry in {project.file}"
    try:
        return Registry.open(folder), named_by
    except LockfileError as error:
        raise LockfileError(f"{named_by} names no registry: {error}") from error


def _problems(registry: Registry) -> list[QartifactsError]:
    """Why documents cannot be used: each is read, with its errata, and held against the lock."""
    from qartifacts.errors import RegistryError

    found: list[QartifactsError] = []
    for pin in registry.values():
        try:
            pin.document  # noqa: B018  # Verified where it is read.
        except RegistryError as error:
            found.append(error)
    return found
