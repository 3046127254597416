"""``qartifacts config``: what is in force, and where that is said."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from qartifacts.cli.options import (
    chosen_project,
    format_option,
    on_terminal,
    registry_option,
    settings_options,
)
from qartifacts.project import OWN_FILE, SHARED_FILE
from qartifacts.source import display_name

if TYPE_CHECKING:
    from qartifacts.project import Project
    from qartifacts.project.explaining import Explanation, InForce

__all__ = ["command"]


@click.command("config", short_help="Tell what is configured, and where.")
@click.argument("path", metavar="[PATH]", required=False)
@format_option
@registry_option
@settings_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--schema",
    is_flag=False,
    flag_value=OWN_FILE,
    type=click.Choice([OWN_FILE, SHARED_FILE]),
    help=f"Print a JSON Schema for editors: of {OWN_FILE}, or of the other file.",
)
def command(path: str | None, as_json: bool, schema: str | None, **options: Any) -> None:
    """Tell what is in force here, and where each value comes from.

    The configuration is the file qartifacts.toml, or the table [tool.qartifacts] of pyproject.toml,
    in the current directory or the nearest one above it within the repository. The command line
    comes before it: give the options here that you give to 'qartifacts check'. With PATH, the
    values are those for that file, which need not be there.

    \b
    Exit status:
      0  told
      2  misuse, or the configuration is not understood

    \b
    Examples:
      qartifacts config
      qartifacts config results/bell.json
      qartifacts config --strict --json
      qartifacts config --schema > qartifacts.schema.json
    """
    if schema is not None:
        if path is not None or as_json:
            raise click.UsageError("--schema prints the schema alone")
        from qartifacts.project.schema import configuration_schema, pyproject_schema

        made = configuration_schema() if schema == OWN_FILE else pyproject_schema()
        click.echo(json.dumps(made, indent=2))
        return
    from qartifacts.project.explaining import explain

    project, _ = chosen_project(options)
    explanation = explain(project, path)
    if as_json:
        click.echo(json.dumps(_as_json(project, path, explanation), indent=2))
        return
    for text, origin in _lines(project, path, explanation):
        shown = f"# {origin}" if origin else ""
        if on_terminal() and not os.environ.get("NO_COLOR"):
            shown = click.style(shown, dim=True)
        click.echo(f"{text:<46}  {shown}" if text and shown else text or shown)


def _as_json(project: Project, path: str | None, explanation: Explanation) -> dict[str, Any]:
    from qartifacts.project.reading import shadowed_by

    names = (project.file, shadowed_by(project), path)
    # Names that are no text to the system would not be strict JSON.
    file, shadowed, shown = (name and display_name(name) for name in names)
    document: dict[str, Any] = {
        "version": 1,
        "file": file,
        "shadowed": shadowed,
        "path": shown,
        "keys": [_value(each) for each in explanation.values],
    }
    if path is None:
        document["formats"] = [
            {"glob": each.name, "format": each.value, "line": each.line}
            for each in explanation.formats
        ]
        document["overrides"] = [
            [_value(each) for each in override] for override in explanation.overrides
        ]
    else:
        excluded = explanation.excluded
        document["excluded"] = excluded and {"glob": excluded.value, "line": excluded.line}
    return document


def _value(each: InForce) -> dict[str, Any]:
    return {"key": each.name, "value": each.value, "origin": each.origin, "line": each.line}


def _lines(
    project: Project, path: str | None, explanation: Explanation
) -> Iterator[tuple[str, str]]:
    """Lines of TOML, each with where it comes from."""
    from qartifacts.project.reading import shadowed_by

    name = os.path.basename(project.file or "")
    yield "", display_name(project.file or "there is no configuration; these are the defaults")
    shadowed = shadowed_by(project)
    if shadowed is not None:
        beside = display_name(shadowed)
        yield "", f"it comes before [tool.qartifacts] of {beside}, which is not used"
    if path is not None:
        yield "", f"for {display_name(path)}"
    excluded = explanation.excluded
    if excluded is not None:
        where = _origin(excluded, name)
        yield "", f"left out where its directory is checked, by {_toml(excluded.value)} ({where})"
    for each in explanation.values:
        yield _assigned(each, name)
    if explanation.formats:
        yield "", ""
        yield "[formats]", ""
    for each in explanation.formats:
        yield f"{_toml(each.name)} = {_toml(each.value)}", _origin(each, name)
    for override in explanation.overrides:
        yield "", ""
        yield "[[overrides]]", ""
        for each in override:
            yield _assigned(each, name)


#: What holds where a key has no value.
_INSTEAD = {
    "registry": "the schemas that come with qartifacts",
    "format": "by the job record, the file's name, or the content",
}


def _assigned(each: InForce, file: str) -> tuple[str, str]:
    if each.value is None:
        return f"# {each.name}: {_INSTEAD[each.name]}", _origin(each, file)
    return f"{each.name} = {_toml(each.value)}", _origin(each, file)


def _origin(each: InForce, file: str) -> str:
    from qartifacts.project.explaining import CONFIGURATION

    if each.origin != CONFIGURATION:
        return each.origin
    return file if each.line is None else f"{file}:{each.line}"


def _toml(value: Any) -> str:
    """A value as TOML, in printable characters."""
    if isinstance(value, str):
        escaped = json.dumps(value, ensure_ascii=False)
        return "".join(map(_printable, escaped))
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _printable(character: str) -> str:
    return character if character.isprintable() else f"\\U{ord(character):08x}"
