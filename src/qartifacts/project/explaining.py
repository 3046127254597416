"""What is in force, value by value, and where that is said."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from qartifacts.project.globs import Glob
from qartifacts.project.keys import KEYS
from qartifacts.project.places import Place
from qartifacts.project.project import SETTINGS, Project, Table
from qartifacts.project.reading import lines_in

__all__ = ["COMMAND_LINE", "CONFIGURATION", "DEFAULT", "Explanation", "InForce", "explain"]

#: Where a value comes from.
COMMAND_LINE: Final = "command line"
CONFIGURATION: Final = "configuration"
DEFAULT: Final = "default"

#: Keys of single values, as opposed to those that hold tables.
_SINGLE: Final = tuple(name for name in KEYS if name not in ("formats", "overrides"))


class InForce(NamedTuple):
    """A value that is in force.

    Attributes:
        name: Its key; in a table of formats, the glob.
        value: The value as in TOML; None where there is none.
        origin: ``COMMAND_LINE``, ``CONFIGURATION`` or ``DEFAULT``.
        line: Its line in the configuration, from 1, if it comes from there.
    """

    name: str
    value: Any
    origin: str = DEFAULT
    line: int | None = None


class Explanation(NamedTuple):
    """What is in force for all files, or for one.

    Attributes:
        values: By key.
        formats: Formats by globs, for all files.
        overrides: What holds for some files instead, each with the globs of these files first.
        excluded: The glob by which one file is left out.
    """

    values: tuple[InForce, ...]
    formats: tuple[InForce, ...] = ()
    overrides: tuple[tuple[InForce, ...], ...] = ()
    excluded: InForce | None = None


def explain(project: Project, path: str | None = None) -> Explanation:
    """What is in force for a file; without one, for all, with what may hold for some."""
    lines = {} if project.file is None else lines_in(project.file)
    values = list(_values(project, project.tables_for(path), lines, path))
    if path is not None:
        values.insert(0, _format(project, path, lines))
        glob = project.excluded_by(path)
        excluded = None
        if glob is not None:
            place: Place = ("exclude", project.top.values["exclude"].index(glob))
            excluded = InForce("exclude", glob.text, CONFIGURATION, lines.get(place))
        return Explanation(tuple(values), excluded=excluded)
    formats: list[InForce] = []
    if "format" in project.given:
        values.insert(0, InForce("format", project.given["format"], COMMAND_LINE))
    else:
        for glob, format in project.top.values.get("formats", ()):
            line = lines.get(("formats", glob.text))
            formats.append(InForce(glob.text, format, CONFIGURATION, line))
    overrides = tuple(tuple(_of_override(each, project, lines)) for each in project.overrides)
    return Explanation(tuple(values), tuple(formats), overrides)


def _of_override(table: Table, project: Project, lines: Mapping[Place, int]) -> Iterator[InForce]:
    """What an override says that the command line does not say otherwise, its files first."""
    opposite = {"ignore": "raise", "raise": "ignore"}
    for name in sorted(table.values, key=lambda name: name != "files"):
        value = table.values[name]
        if name in opposite:
            value -= project.given.get(opposite[name], frozenset())
        if name not in project.given:
            line = lines.get((*table.place, name))
            yield InForce(name, _plain(value), CONFIGURATION, line)


def _values(
    project: Project, tables: tuple[Table, ...], lines: Mapping[Place, int], path: str | None
) -> Iterator[InForce]:
    settings = project.settings_for(path)
    for name in _SINGLE:
        said = _said(name, tables, project, lines)
        if name in SETTINGS:  # Of ignored and raised codes, a later table may take some away.
            said = said._replace(value=_plain(getattr(settings, SETTINGS[name])))
        elif project.registry is not None and name == "registry":
            said = said._replace(value=os.path.abspath(project.registry))
        yield said


def _format(project: Project, path: str, lines: Mapping[Place, int]) -> InForce:
    said = project.said_format(path)
    if said is None:
        return InForce("format", None)
    format, place = said
    if place is None:
        return InForce("format", format, COMMAND_LINE)
    return InForce("format", format, CONFIGURATION, lines.get(place))


def _said(
    name: str, tables: tuple[Table, ...], project: Project, lines: Mapping[Place, int]
) -> InForce:
    """A value from the last table that has it."""
    for table in reversed(tables):
        if name not in table.values:
            continue
        value = _plain(table.values[name])
        if table.values is project.given:
            return InForce(name, value, COMMAND_LINE)
        return InForce(name, value, CONFIGURATION, lines.get((*table.place, name)))
    return InForce(name, KEYS[name].default)


def _plain(value: Any) -> Any:
    """A value of a table as TOML has it."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [each.text if isinstance(each, Glob) else each for each in value]
    return value
