"""``qartifacts diff``: what has changed between two versions of schemas, and who breaks."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

import click

from qartifacts.cli.options import Misuse, on_terminal
from qartifacts.config import DEFAULTS
from qartifacts.errors import UnusableSchema
from qartifacts.findings import counted
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import read
from qartifacts.registry.compatibility import Audience, Effect, SchemaChange, compare
from qartifacts.registry.dialects import check_schema
from qartifacts.source import display_name

__all__ = ["command"]

#: Schemas by the name of their format; one that was named alone stands under the empty name.
Documents = dict[str, dict[str, Any]]


@click.command("diff", short_help="Tell what has changed between schemas, and who breaks.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--fail-on",
    type=click.Choice([str(each) for each in Audience]),
    multiple=True,
    help="Exit with 1 if these break or may break; can be repeated.",
)
@click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to print: lines for people, or one JSON document.",
)
def command(old: str, new: str, fail_on: tuple[str, ...], output: str) -> None:
    """Compare two versions of schemas: files, directories, or REVISION:PATH of a git repository.

    \b
    Who may break:
      READER    new payloads may be such that readers of the old schema refuse or misread them
      ARCHIVE   stored payloads may be refused by the new schema
      CODE      generated names or types change
    What neither is proven safe nor shown to break by a payload "may break".

    \b
    Exit status:
      0  compared
      1  what --fail-on names breaks or may break
      2  misuse: something cannot be read, or is no schema

    \b
    Examples:
      qartifacts diff schemas/ fetched/
      qartifacts diff HEAD~1:schemas schemas --fail-on archive --fail-on reader
      qartifacts diff old.json new.json --output json
    """
    before, after = _documents(old), _documents(new)
    if len(before) == len(after) == 1 and "" in {*before, *after}:
        before, after = ({"": next(iter(each.values()))} for each in (before, after))
    elif "" in {*before, *after}:
        raise Misuse("compare two files, or two directories")
    try:
        changes = _changes(before, after)
    except UnusableSchema as error:
        raise Misuse(display_name(str(error))) from error
    if output == "json":
        listed = [{"format": format, **change.to_dict()} for format, change in changes]
        click.echo(json.dumps({"version": 1, "changes": listed}, indent=2))
    else:
        _print(changes)
    named = [Audience(each) for each in fail_on]
    failed = any(change.effect(each) is not Effect.NO for _, change in changes for each in named)
    click.get_current_context().exit(1 if failed else 0)


def _changes(before: Documents, after: Documents) -> list[tuple[str, SchemaChange]]:
    from qartifacts.registry.compatibility.changes import document_added, document_gone

    changes = []
    for name in sorted({*before, *after}):
        if name not in after:
            changes.append((name, document_gone(name)))
        elif name not in before:
            changes.append((name, document_added(name)))
        else:
            shown = name or "the schema"
            changes += [(name, each) for each in compare(before[name], after[name], name=shown)]
    return changes


_COLOURS = {Effect.YES: "red", Effect.UNDECIDED: "yellow", Effect.NO: "green"}


def _print(changes: list[tuple[str, SchemaChange]]) -> None:
    for name, change in changes:
        text = display_name(f"{name}#{change}")
        worst = min(list(Effect).index(change.effect(each)) for each in Audience)
        click.echo(click.style(text, fg=_COLOURS[list(Effect)[worst]]) if on_terminal() else text)
    parts: list[str] = []
    for audience in Audience:
        effects = [change.effect(audience) for _, change in changes]
        parts += [
            f"{effects.count(effect)} {effect} {audience.upper()}"
            for effect in (Effect.YES, Effect.UNDECIDED)
            if effect in effects
        ]
    end = "; ".join(parts) or "nobody breaks"
    click.echo(f"{counted(len(changes), 'change')}" + (f": {end}" if changes else ""))


# ----------------------------------------------------------------------------------------------
# Reading


def _documents(named: str) -> Documents:
    """The schemas of a file, a directory, or a git revision of one of these."""
    if os.path.isdir(named):
        return _of_files(
            {
                path: _file(os.path.join(named, path))
                for path in os.listdir(named)
                if _is_document(path)
            },
            named,
        )
    if os.path.exists(named):
        return _of_one(_file(named), named)
    revision, colon, path = named.partition(":")
    if not colon or not revision:
        raise Misuse(f"{display_name(named)} is no file, no directory, and no REVISION:PATH")
    if revision.startswith("-"):
        raise Misuse(f"{display_name(revision)} is no revision")
    return _of_revision(revision, path, named)


def _is_document(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def _file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(DEFAULTS.max_bytes + 1)
    except OSError as error:
        raise Misuse(f"{display_name(path)} cannot be read: {error.strerror}") from error


def _of_revision(revision: str, path: str, named: str) -> Documents:
    """Documents that git holds; a path is relative to the current directory, as elsewhere."""
    there = f"{revision}:{path if path.startswith(('./', '../')) else f'./{path}'}"
    kind = _git("cat-file", "-t", there).strip()
    if kind == b"blob":
        return _of_one(_git("cat-file", "blob", there), named)
    if kind != b"tree":
        raise Misuse(f"{display_name(named)} is no file and no directory")
    names = _git("ls-tree", "--full-tree", "--name-only", "-z", there).decode(
        "utf-8", "surrogateescape"
    )
    base = there.rstrip("/")
    files = {
        name: _git("cat-file", "blob", f"{base}/{name}")
        for name in names.split("\0")
        if _is_document(name)
    }
    return _of_files(files, named)


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S603, S607
    except OSError as error:
        raise Misuse(f"git cannot be run: {error.strerror}") from error
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Misuse(display_name(f"git: {words[0] if words else 'failed'}"))
    return done.stdout


def _of_one(data: bytes, named: str) -> Documents:
    return {"": _parsed(data, named)}


def _of_files(files: Mapping[str, bytes], named: str) -> Documents:
    """The files of a directory that are named after formats."""
    documents = {}
    for name, data in sorted(files.items()):
        format = name.removesuffix(".json")
        try:
            FormatId(format)
        except ValueError:
            continue
        documents[format] = _parsed(data, os.path.join(named, name))
    if not documents:
        raise Misuse(f"{display_name(named)} holds no schema named <identifier>.json")
    return documents


def _parsed(data: bytes, named: str) -> dict[str, Any]:
    reading = read(data, DEFAULTS)
    if reading.faults:
        fault = reading.faults[0]
        place = f"{display_name(named)}:{fault.line}:{fault.column}"
        raise Misuse(display_name(f"{place}: {fault.message}"))
    try:
        return check_schema(reading.value, named)
    except UnusableSchema as error:
        raise Misuse(display_name(str(error))) from error
