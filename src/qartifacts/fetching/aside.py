"""What is kept aside: why it was rejected, and what an earlier fetch has left."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from qartifacts.findings import Report
from qartifacts.source import display_name
from qartifacts.stored import rejected_name

__all__ = ["leftovers", "reasons"]


def reasons(url: str, problem: str, report: Report | None) -> bytes:
    """Why something was rejected, as the file beside it says it.

    Args:
        url: Where it was fetched.
        problem: What is wrong with it, if that is not in the report; else empty.
        report: What a check of it has found; None if it was not checked.
    """
    lines = [f"fetched from {url}, and rejected:"]
    lines += [problem] if problem else []
    lines += [str(report)] if report is not None else []
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def leftovers(paths: Iterable[str]) -> Iterator[str]:
    """Notes about what an earlier fetch has kept aside, where this one has found nothing wrong.

    Args:
        paths: What is good now.
    """
    for path in paths:
        aside = rejected_name(path)
        if os.path.exists(aside):
            yield f"{display_name(aside)} is there from an earlier fetch"
