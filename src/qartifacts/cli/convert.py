"""``qartifacts convert``: a result in another format."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from qartifacts.cli.options import (
    Misuse,
    bit_order_option,
    chosen_project,
    job_option,
    loaded,
    registry_option,
)
from qartifacts.errors import QartifactsError
from qartifacts.identifiers import AGGREGATE_V1, CHILD_ID
from qartifacts.source import display_name, write_whole

if TYPE_CHECKING:
    from qartifacts.artifact import Artifact

__all__ = ["command"]


@click.command("convert", short_help="Write a result in another format.")
@click.argument("source", metavar="IN")
@click.option("--to", metavar="ID", required=True, help="Format identifier of the output.")
@click.option(
    "--from",
    "--format",
    "format",
    metavar="ID",
    help="Format identifier of the input. If omitted, it is told as 'qartifacts check' tells it.",
)
@registry_option
@click.option(
    "-o",
    "--out",
    metavar="OUT",
    help="File to write, or for all children of an aggregate a directory, with a slash at its "
    "end. If omitted, or -, the result goes to standard output.",
)
@click.option(
    "--qubits",
    metavar="[ID=]N",
    multiple=True,
    help="Width of a result of version 1, which does not record it; ID= for a child job of that "
    "id only.",
)
@click.option(
    "--register",
    metavar="NAME",
    multiple=True,
    help="The register to take; can be repeated. Version 1 takes output_all if none is named.",
)
@click.option(
    "--join",
    metavar="NAME",
    help="Join the named registers of shots into one of this name, the bits of the first first.",
)
@click.option(
    "--marginal", metavar="BIT,...", help="Keep these bits of one register only, in this order."
)
@click.option(
    "--postselect",
    metavar="NAME=BITS",
    multiple=True,
    help="Keep the shots only in which a register has this value, its bit 0 first.",
)
@click.option("--child", metavar="ID", help="Child job to take out of an aggregate, or to name.")
@click.option("--shots", type=int, metavar="N", help="Shots to make of probabilities.")
@click.option(
    "--method",
    type=click.Choice(["exact", "round", "sample"]),
    help="How probabilities become counts: exact (the default) refuses what is not a count, round "
    "gives the largest remainders one more, sample draws with --seed.",
)
@click.option("--seed", type=int, metavar="N", help="What determines random draws.")
@click.option(
    "--shot-order",
    type=click.Choice(["sorted", "shuffled"]),
    help="The order to invent for shots that are made of counts.",
)
@click.option("--keep-leaked", is_flag=True, help="Keep shots with leakage.")
@bit_order_option
@job_option
@click.option(
    "--output-bit-order",
    type=click.Choice(["wire", "reversed"]),
    help="How to write version 2, if not as --bit-order says.",
)
@click.option(
    "--provenance", metavar="FILE", help="Write what was done and lost as JSON to this file."
)
def command(
    source: str,
    to: str,
    format: str | None,
    registry: str | None,
    out: str | None,
    qubits: tuple[str, ...],
    register: tuple[str, ...],
    join: str | None,
    marginal: str | None,
    postselect: tuple[str, ...],
    provenance: str | None,
    bit_order: Any,
    job: str | None,
    **parameters: Any,
) -> None:
    """Write a result in another format, and say what was lost.

    IN is a file, or - for standard input. It is checked before, and the output is checked before
    it is written; an output file is whole or not there. What a conversion needs and loses is
    listed by 'qartifacts formats --conversions'.

    \b
    Exit status:
      0  written
      1  the input is invalid, or does not allow the conversion
      2  misuse: an unknown format, a missing parameter, no such conversion

    \b
    Examples:
      qartifacts convert shots.json --to ionq.result.histogram.json.v2 -o histogram.json
      qartifacts convert ideal.json --to ionq.result.histogram.json.v1 --shots 1000 --method round
      qartifacts convert v1.json --to ionq.result.probabilities.json.v2 --qubits 3 -o v2.json
      qartifacts convert v1.json --to ionq.result.histogram.json.v2 --job job.json
      qartifacts convert aggregate.json --to ionq.result.probabilities.json.v1 -o children/
    """
    project, pins = chosen_project({"format": format, "registry": registry})
    target = pins[to].format
    _reject_overwriting(source, out, provenance)
    try:
        widths = _widths(qubits)
        artifact = loaded(source, project, pins, bit_order=bit_order, job=job)
        width = widths.get("")
        artifact = _narrowed(artifact, register, join, marginal, postselect, width)
        if marginal is not None:
            widths = {}  # It was the width before; now it is known.
        if register and not join:
            parameters["register"] = register[0] if len(register) == 1 else register
        every = artifact.format == AGGREGATE_V1 != target and parameters["child"] is None
        if every and out is not None and _is_directory(out):
            _write_children(artifact, source, target, out, provenance, widths, parameters)
            return
        child = parameters["child"] or ""
        made = artifact.convert(
            target, qubits=widths.get(child.lower(), widths.get("")), **parameters
        )
        data = made.to_bytes()
        made.report  # noqa: B018  # It is checked now, before anything is written.
    except QartifactsError:
        raise
    except (TypeError, ValueError) as error:  # A parameter out of its range.
        raise Misuse(str(error)) from error
    record = {"source": display_name(source), **made.provenance()}
    with _recorded(provenance, record):
        if out is None or out == "-":
            _print(data)
        else:
            _save(made, out)
    _tell(made, "")


def _narrowed(
    artifact: Artifact,
    register: tuple[str, ...],
    join: str | None,
    marginal: str | None,
    postselect: tuple[str, ...],
    width: int | None,
) -> Artifact:
    """What is left of a result before it is converted, from the shots down to the bits."""
    for each in postselect:
        name, _, value = each.rpartition("=")
        if not name:
            raise Misuse(f"--postselect takes NAME=BITS, not {each!r}")
        artifact = artifact.postselect(name, value)
    if join is not None:
        names = register or tuple(n for n in artifact.register_names if n != "output_all")
        artifact = artifact.join(*names, name=join)
    if marginal is not None:
        if not all(bit.strip().isdecimal() for bit in marginal.split(",")):
            raise Misuse(f"--marginal takes numbers of bits, not {marginal!r}")
        of = register[0] if len(register) == 1 and join is None else None
        bits = [int(bit) for bit in marginal.split(",") if len(bit) < 10]
        if len(bits) < marginal.count(",") + 1 or any(bit >= (width or bit + 1) for bit in bits):
            raise Misuse(f"--marginal names a bit that is not there: {marginal}")
        artifact = artifact.marginal(bits, of)
    return artifact


def _widths(qubits: Iterable[str]) -> dict[str, int]:
    """Widths by id of a child job in lower case; that of all others by the empty text."""
    widths = {}
    for each in qubits:
        child, _, number = each.rpartition("=")
        if not (number.isdecimal() and number.isascii() and len(number) < 10) or (
            child and not CHILD_ID.fullmatch(child)
        ):
            raise Misuse(f"--qubits takes a number, or ID=NUMBER, not {each!r}")
        widths[child.lower()] = int(number)
    return widths


def _write_children(
    aggregate: Artifact,
    source: str,
    target: str,
    folder: str,
    provenance: str | None,
    widths: dict[str, int],
    parameters: dict[str, Any],
) -> None:
    """Every child in a file of its own; none is written before all can be."""
    children = {}
    for child in aggregate.split():
        width = widths.get(child.lower(), widths.get(""))
        made = aggregate.convert(target, **{**parameters, "child": child, "qubits": width})
        made.report  # noqa: B018
        children[child] = made
    if not children:
        raise Misuse("the aggregate has no children; nothing is written")
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    paths = {child: os.path.join(folder, f"{child}.{target}.json") for child in children}
    for path in paths.values():
        _reject_overwriting(source, path, provenance)
    record = {child: made.provenance() for child, made in children.items()}
    with _recorded(provenance, record):
        for child, made in children.items():
            _save(made, paths[child])
            _tell(made, f"{child}: ")


def _is_directory(path: str) -> bool:
    return path.endswith(("/", os.sep)) or os.path.isdir(path)


def _reject_overwriting(source: str, out: str | None, provenance: str | None) -> None:
    """No output may take the place of the input, or of the other output."""
    if out == "" or provenance in ("", "-"):
        raise Misuse("name a file for -o, and for --provenance; -o - is standard output")
    named = [("IN", source), ("-o", out), ("--provenance", provenance)]
    files = [(option, path) for option, path in named if path not in (None, "-")]
    for index, (option, path) in enumerate(files):
        for other, same in files[:index]:
            if os.path.realpath(str(path)) == os.path.realpath(str(same)):
                raise Misuse(f"{other} and {option} are the same file: {same}")


def _save(made: Artifact, path: str) -> None:
    try:
        made.write(path)
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def _recorded(path: str | None, record: dict[str, Any]) -> Iterator[None]:
    """Write a record first, so that no result is left without it; and none of what then fails."""
    if path is None:
        yield
        return
    new = not os.path.exists(path)
    try:
        write_whole(path, (json.dumps(record, indent=2) + "\n").encode())
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield
    except BaseException:
        if new:
            os.unlink(path)
        raise


def _unwritable(path: str, error: OSError) -> Misuse:
    name = display_name(path)
    return Misuse(f"{name} cannot be written: {error.strerror or error}")


def _print(data: bytes) -> None:
    sys.stdout.buffer.write(data + b"\n")
    sys.stdout.buffer.flush()


def _tell(made: Artifact, prefix: str) -> None:
    """Say on standard error what the conversion changed, and what the check noted."""
    for change in made.lost:
        click.echo(display_name(f"{prefix}{change}"), err=True)
    for finding in made.report.findings:
        click.echo(
            display_name(f"{prefix}{finding.severity} {finding.code}: {finding.message}"), err=True
        )
