"""The door: what it offers, what it costs, and that walls stand where the floors say."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
import typing

import pytest

import qartifacts as qa

HEAVY = ("jsonschema", "referencing", "numpy", "httpx", "rich", "click", "rfc8785", "json")


def test_all_is_what_there_is() -> None:
    assert sorted(qa.__all__) == qa.__all__
    assert dir(qa) == qa.__all__
    for name in qa.__all__:
        assert getattr(qa, name) is not None


def test_the_promised_names_are_there() -> None:
    promised = {
        "check", "validator", "load", "formats", "Registry", "FormatId", "Settings", "Artifact",
        "QartifactsError", "InvalidArtifact", "Finding", "Report",
    }  # fmt: skip
    assert promised <= set(qa.__all__)


def test_other_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="qartifacts"):
        _ = qa.no_such_name


def test_no_public_name_is_that_of_a_module() -> None:
    """Importing a module of that name would put it in the name's place, depending on the order."""
    packages = [
        each.name for each in pkgutil.walk_packages(qa.__path__, "qartifacts.") if each.ispkg
    ]
    for name in ("qartifacts", *packages):
        package = importlib.import_module(name)
        modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
        assert not modules & set(getattr(package, "__all__", ())), name


def test_every_public_function_and_class_has_a_docstring() -> None:
    for name in qa.__all__:
        if name != "__version__":
            assert typing.cast("str", getattr(qa, name).__doc__).strip()


def test_every_exception_has_one_root_and_stands_in_the_tree() -> None:
    from qartifacts import errors

    for name in errors.__all__:
        assert issubclass(getattr(errors, name), qa.QartifactsError)
        assert name in errors.__doc__
        assert name in qa.__all__


def _modules_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    # Where coverage is measured, it would import modules of its own in the new process.
    environment = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    run = subprocess.run(
        [sys.executable, "-I", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return set(run.stdout.split())


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert not _modules_after("import qartifacts") & set(HEAVY)


def test_importing_the_command_imports_no_validator() -> None:
    loaded = _modules_after("import qartifacts.cli")
    assert not loaded & {"jsonschema", "referencing", "numpy", "httpx", "rich", "rfc8785"}


def test_unreadable_files_need_no_validator() -> None:
    """A file that is no JSON is refused by the reader alone."""
    loaded = _modules_after("import qartifacts; qartifacts.check(b'{')")
    assert not loaded & {"jsonschema", "referencing", "numpy", "httpx", "rich", "rfc8785"}
