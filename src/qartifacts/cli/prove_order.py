"""``qartifacts prove-order``: which bit order was version 2 written in?"""

from __future__ import annotations

import click

from qartifacts.cli.options import Misuse, chosen_project, loaded, registry_option

__all__ = ["command"]

_MEANING = {
    "wire": "bit 0 is the leftmost character: read the file as it is",
    "reversed": "bit 0 is the rightmost character: read the file with --bit-order reversed",
    "undecidable": "the result is the same from both ends; try a job with an asymmetric state",
    "inconsistent": "the files do not agree either way; are they of the same job?",
}


@click.command("prove-order", short_help="Prove the bit order of version 2 by version 1.")
@click.argument("v1", metavar="V1")
@click.argument("v2", metavar="V2")
@click.option("--format-v1", metavar="ID", help="Format identifier of V1, if it must be said.")
@click.option("--format-v2", metavar="ID", help="Format identifier of V2, if it must be said.")
@click.option(
    "--register",
    metavar="NAME",
    default="output_all",
    show_default=True,
    help="The register of V2 that V1 is about.",
)
@registry_option
def command(
    v1: str,
    v2: str,
    format_v1: str | None,
    format_v2: str | None,
    register: str,
    registry: str | None,
) -> None:
    """Compare two results of one job, and say which bit order version 2 was written in.

    V1 is a result of version 1, in which the order is certain, and V2 one of version 2 of the same
    job. The answer is wire, reversed, undecidable or inconsistent.

    \b
    Exit status:
      0  wire, reversed or undecidable
      1  inconsistent, or a file is invalid
      2  misuse

    \b
    Example:
      qartifacts prove-order a.ionq.result.probabilities.json.v1.json \\
                             b.ionq.result.probabilities.json.v2.json
    """
    from qartifacts.artifact import prove_bit_order
    from qartifacts.conversion import KINDS

    project, pins = chosen_project({"registry": registry})
    first, second = (
        loaded(path, project, pins, format=format)
        for path, format in ((v1, format_v1), (v2, format_v2))
    )
    for artifact, version in ((first, "v1"), (second, "v2")):
        if artifact.format.version != version or KINDS.get(artifact.format) in (None, "aggregate"):
            raise Misuse(
                f"{version.upper()} must be shots, a histogram or probabilities of version "
                f"{version[1:]}, not {artifact.format}"
            )
    answer = prove_bit_order(first, second, register=register)
    click.echo(f"{answer}: {_MEANING[answer]}")
    click.get_current_context().exit(1 if answer == "inconsistent" else 0)
