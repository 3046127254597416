"""``qartifacts show``: a result as a bar chart, or two side by side; or a device."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any, Literal, TextIO

import click

from qartifacts.cli.options import (
    Misuse,
    bit_order_option,
    chosen_project,
    device_name_option,
    format_option,
    job_option,
    loaded,
    on_terminal,
    registry_option,
)
from qartifacts.errors import MissingParameter
from qartifacts.findings import counted
from qartifacts.identifiers import AGGREGATE_V1, CHILD_ID, DEVICE_FORMATS
from qartifacts.source import display_name, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qartifacts.artifact import Artifact
    from qartifacts.render.chart import Sheet

__all__ = ["command"]

#: The widest register of version 1 that a width can be given for, as in conversions.
_WIDEST = 1 << 16


@click.command("show", short_help="Show a result as a bar chart, or compare two.")
@click.argument("source", metavar="IN")
@click.argument("other", metavar="[OTHER]", required=False)
@format_option
@registry_option
@click.option(
    "--register",
    metavar="NAME",
    help="The register to show. If omitted, the first three are shown.",
)
@click.option("--child", metavar="ID", help="Child job to take out of an aggregate.")
@click.option(
    "--qubits",
    type=click.IntRange(1, _WIDEST),
    metavar="N",
    help="Width of a result of version 1, which does not record it. If omitted, its states are "
    "shown as the decimal integers they are.",
)
@click.option(
    "--order",
    type=click.Choice(["wire", "qiskit"]),
    default="wire",
    show_default=True,
    help="How to show bitstrings: bit 0 leftmost, or bit 0 rightmost.",
)
@bit_order_option
@job_option
@click.option(
    "--top",
    type=click.IntRange(min=1),
    metavar="N",
    default=16,
    show_default=True,
    help="Outcomes to list, the most frequent ones; of a device, qubits, the first ones.",
)
@device_name_option
@click.option("--keep-leaked", is_flag=True, help="Count shots with leakage, too.")
@click.option("--png", metavar="FILE", help="Draw the chart to this file, too.")
@click.option("--svg", metavar="FILE", help="Draw the chart to this file, too.")
def command(
    source: str,
    other: str | None,
    format: str | None,
    registry: str | None,
    bit_order: Literal["wire", "reversed"],
    device_name: str | None,
    job: str | None,
    png: str | None,
    svg: str | None,
    **view: Any,
) -> None:
    """Show a result: what it is, and its most frequent outcomes as a bar chart.

    IN is a file, or - for standard input; it is checked before. With OTHER, the two are shown side
    by side, with their total variation distance and Hellinger fidelity. Of an aggregate, the child
    jobs are listed; of a circuit, the gates are counted; of the record of a job, its facts are
    told. Of a document of a device, its qubits and gates are shown; two of them, such as
    configuration and properties, are shown as one. What is piped has neither colours nor lines that
    are cut to fit.

    \b
    Exit status:
      0  shown
      1  an input is invalid, or the two cannot be compared, or are not of one device
      2  misuse: an unknown format or register, a file that cannot be opened

    \b
    Examples:
      qartifacts show histogram.json
      qartifacts show noisy.json ideal.json --qubits 3 --order qiskit
      qartifacts show histogram-v1.json --job job.json
      qartifacts show shots.json --register result --svg result.svg
      qartifacts show aggregate.json --child 06a2099c-f845-7208-8000-8111ee2dccbc
    """
    from qartifacts.artifact.summary import View, compare, summarize

    inputs = [source] if other is None else [source, other]
    if inputs.count("-") > 1:
        raise Misuse("standard input can be shown only once")
    child = view["child"]
    if child is not None and not CHILD_ID.fullmatch(child):
        raise Misuse(f"--child takes the UUID of a child job, not {child!r}")
    images = [("--png", png), ("--svg", svg)]
    _reject_overwriting(inputs, [(option, path) for option, path in images if path is not None])
    project, pins = chosen_project({"format": format, "registry": registry})
    artifacts = [loaded(path, project, pins, bit_order=bit_order, job=job) for path in inputs]
    if child is not None and not any(each.format == AGGREGATE_V1 for each in artifacts):
        raise Misuse("--child is for aggregates, which hold the results of several jobs")
    names = ["<stdin>" if path == "-" else path for path in inputs]
    about_devices = [each.format in DEVICE_FORMATS for each in artifacts]
    if all(about_devices):
        if view["register"] is not None:
            raise Misuse("--register is for results; a device has none")
        sheet = _of_devices(artifacts, names, device_name, view["top"])
    elif any(about_devices):
        raise Misuse("a result and a device are not shown as one; 'check --device' compares them")
    elif device_name is not None:
        raise Misuse("--device-name is for documents of devices")
    elif other is None:
        sheet = summarize(artifacts[0], names[0], View(**view))
    else:
        sheet = compare(artifacts[0], artifacts[1], (names[0], names[1]), View(**view))
    _draw_all(sheet, {"png": png, "svg": svg})
    _print(sheet)
    if sheet.more and sheet.charts:
        more = counted(sheet.more, "more register")
        click.echo(f"\n{more} without a chart; --register NAME shows one")
    elif sheet.more:
        click.echo("\n--child ID shows one of them as a chart")


def _of_devices(
    artifacts: Sequence[Artifact], names: Sequence[str], name: str | None, top: int
) -> Sheet:
    """One device, of whatever documents; or the devices that one document lists."""
    from qartifacts.hardware.loading import combined, views
    from qartifacts.hardware.summary import list_devices, summarize

    listed = [views(artifact, each) for artifact, each in zip(artifacts, names, strict=True)]
    if name is None and len(listed) == 1 and len(listed[0]) != 1:
        return list_devices(listed[0], names[0], top)
    try:
        return summarize(combined(listed, name), top)
    except MissingParameter as error:
        raise Misuse(f"--device-name is needed: {error.why}") from error


def _reject_overwriting(inputs: list[str], outputs: list[tuple[str, str]]) -> None:
    """No image may take the place of an input, or of the other image."""
    taken = [("an input", path) for path in inputs if path != "-"]
    for option, path in outputs:
        if path in ("", "-"):
            raise Misuse(f"{option} takes the name of a file")
        for what, same in taken:
            if _is_same(path, same):
                raise Misuse(f"{option} and {what} are the same file: {display_name(path)}")
        taken.append((option, path))


def _is_same(path: str, other: str) -> bool:
    if os.path.realpath(path) == os.path.realpath(other):
        return True
    return os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other)


def _draw_all(sheet: Sheet, paths: dict[Literal["png", "svg"], str | None]) -> None:
    """Draw all images, then write them."""
    from qartifacts.render.chart import draw

    wanted = {kind: path for kind, path in paths.items() if path is not None}
    if wanted and not sheet.charts:
        if sheet.more:
            raise MissingParameter("child", "an aggregate holds the results of several jobs")
        raise Misuse("there is nothing to draw: the file holds no outcomes")
    try:
        images = [(path, draw(sheet, kind)) for kind, path in wanted.items()]
    except ImportError as error:
        raise Misuse("images are drawn by matplotlib: install qartifacts[plot]") from error
    except ValueError as error:
        raise Misuse(f"{error}; a smaller --top helps") from error
    for path, image in images:
        try:
            write_whole(path, image)
        except OSError as error:
            name = display_name(path)
            raise Misuse(f"{name} cannot be written: {error.strerror or error}") from error


def _print(sheet: Sheet) -> None:
    from qartifacts.render.chart import to_text

    terminal = on_terminal()
    stdout: TextIO | None = sys.stdout
    text = to_text(
        sheet,
        width=shutil.get_terminal_size().columns if terminal else None,
        colour=terminal and not os.environ.get("NO_COLOR"),
        encoding=getattr(stdout, "encoding", None) or "ascii",
    )
    click.echo(text, nl=False)
