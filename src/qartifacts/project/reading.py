"""Reading a configuration: what is not understood is an error that says where and what instead."""

from __future__ import annotations

import os
import re
import tomllib
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from typing import Any, Final

from qartifacts.errors import InvalidConfiguration
from qartifacts.jsontext import quoted
from qartifacts.project.keys import KEYS, OVERRIDE_KEYS, Key, Unfit, closest, why_unknown
from qartifacts.project.places import Place, lines_of_keys
from qartifacts.project.project import OWN_FILE, SHARED_FILE, Project, Table, settings_of

__all__ = ["lines_in", "misconfigured", "read_project", "shadowed_by", "unknown_format"]

#: Where the configuration stands in pyproject.toml.
_TABLE: Final = ("tool", "qartifacts")


def read_project(file: str) -> Project | None:
    """What a file configures; None for a pyproject.toml without a table ``[tool.qartifacts]``.

    Raises:
        InvalidConfiguration: It cannot be read, or says something that is not understood.
    """
    table = _table_of(file)
    if table is None:
        return None
    top = Table(_read(file, (), table, KEYS))
    overrides = []
    for index, each in enumerate(top.values.get("overrides", ())):
        place: Place = ("overrides", index)
        values = _read(file, place, each, OVERRIDE_KEYS)
        if "files" not in values:
            raise misconfigured(file, place, "it does not say which files it is about")
        overrides.append(Table(values, values["files"], place))
    for table_of_file in (top, *overrides):
        _check_settings(file, top, table_of_file)
    return Project(file, top, tuple(overrides))


def _table_of(file: str) -> dict[str, Any] | None:
    """The table that is the configuration, as TOML has it."""
    own = os.path.basename(file) == OWN_FILE
    try:
        with open(file, "rb") as opened:
            table: Any = tomllib.load(opened)
    except OSError as error:
        raise InvalidConfiguration(f"it cannot be read: {error.strerror or error}", file) from error
    except (ValueError, RecursionError) as error:
        if _starts_with_mark(file):
            what = "it starts with a byte-order mark, which TOML forbids; save it without one"
            raise InvalidConfiguration(what, file, line=1) from error
        where = re.search(r"at line (\d+)", str(error))
        line = int(where[1]) if where else None
        raise InvalidConfiguration(f"this is not TOML: {error}", file, line=line) from error
    for name in () if own else _TABLE:
        if not isinstance(table, dict) or name not in table:
            return None
        table = table[name]
    if not isinstance(table, dict):
        raise misconfigured(file, (), "it is not a table")
    return table


def _starts_with_mark(file: str) -> bool:
    try:
        with open(file, "rb") as opened:
            return opened.read(len(BOM_UTF8)) == BOM_UTF8
    except OSError:
        return False


def _read(
    file: str, place: Place, table: Mapping[str, Any], keys: Mapping[str, Key]
) -> dict[str, Any]:
    values = {}
    for name, value in table.items():
        try:
            if name not in keys:
                raise why_unknown(name, keys)
            values[name] = keys[name].kind.read(value)
        except Unfit as unfit:
            at = (*place, name, *unfit.at)
            raise misconfigured(file, at, unfit.what, unfit.suggestion) from unfit
    return values


def _check_settings(file: str, top: Table, table: Table) -> None:
    """Hold what a table says against itself, and against what holds where it says nothing."""
    both = table.values.get("ignore", frozenset()) & table.values.get("raise", frozenset())
    if both:
        place = (*table.place, "raise")
        raise misconfigured(file, place, f"{min(both)} cannot be ignored and raised at once")
    try:
        settings_of([top] if table is top else [top, table])
    except ValueError as error:
        key = "sum-fine" if "sum-fine" in table.values else "sum-limit"
        raise misconfigured(file, (*table.place, key), str(error)) from error


def misconfigured(
    file: str, place: Place, what: str, suggestion: str | None = None
) -> InvalidConfiguration:
    """The error that something at a place of a configuration is not understood."""
    lines = lines_in(file)
    around = (place[:end] for end in range(len(place), -1, -1))
    line = next((lines[each] for each in around if each in lines), None)
    return InvalidConfiguration(what, file, _written(place), line, suggestion)


def unknown_format(
    file: str, place: Place, format: str, known: Iterable[str]
) -> InvalidConfiguration:
    """The error that a configuration names a format that the registry does not hold."""
    what = f"the format {quoted(format)} is not in the registry"
    return misconfigured(file, place, what, closest(format, known))


def lines_in(file: str) -> Mapping[Place, int]:
    """The lines of a configuration on which its keys and tables are given; none if it is gone."""
    try:
        with open(file, encoding="utf-8") as opened:
            lines = lines_of_keys(opened.read())
    except (OSError, ValueError):  # It was there a moment ago.
        return {}
    root = () if os.path.basename(file) == OWN_FILE else _TABLE
    depth = len(root)
    return {place[depth:]: line for place, line in lines.items() if place[:depth] == root}


def shadowed_by(project: Project) -> str | None:
    """The pyproject.toml whose table is not used, as a file of its own lies beside it."""
    if project.file is None or os.path.basename(project.file) != OWN_FILE:
        return None
    beside = os.path.join(os.path.dirname(project.file), SHARED_FILE)
    try:
        return beside if os.path.isfile(beside) and _table_of(beside) is not None else None
    except InvalidConfiguration:
        return None


def _written(place: Place) -> str:
    """A place as one would write it: ``overrides[0].sum-fine``, ``formats."*.json"``."""
    words: list[str] = []
    for part in place:
        if isinstance(part, int):
            words[-1] += f"[{part}]"
        else:
            bare = re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part)
            words.append(part if bare else f'"{part[:60]}"')
    return ".".join(words)
