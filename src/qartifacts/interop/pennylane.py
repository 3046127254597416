"""PennyLane: samples, counts and probabilities as QNodes return them, which are plain values.

Wire 0 is the first column of samples, the leftmost character of counts, and the most significant
bit of the index of probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from qartifacts.errors import ConversionError
from qartifacts.interop import Taken
from qartifacts.jsontext import quoted
from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Distribution, Measured

__all__ = ["probs", "sample", "taken"]

#: An array of 2**n doubles for more wires would take gigabytes.
WIDEST: Final = 26


def sample(measured: Measured) -> npt.NDArray[np.int64]:
    """Samples of shape ``(shots, wires)``; column k is wire k."""
    return packed.unpack(measured.states, measured.width or 0).astype(np.int64)


def probs(distribution: Distribution) -> npt.NDArray[np.float64]:
    """Probabilities of all ``2**n`` states, by an index in which wire 0 is most significant.

    Raises:
        ConversionError: There are too many of them.
    """
    width = distribution.width or 0
    if width > WIDEST:
        raise ConversionError(
            "too-wide", f"2**{width:,} probabilities are too many for an array; {WIDEST} wires are "
            "the most",
        )  # fmt: skip
    array = np.zeros(1 << width)
    array[packed.to_integers(packed.reverse(distribution.states, width))] = distribution.values
    return array


def taken(result: Any) -> Taken:
    """What a QNode returned: ``qml.sample()``, ``qml.counts()`` or ``qml.probs()``.

    Raises:
        ConversionError: It is something else, such as eigenvalues of an observable, or a batch.
    """
    if isinstance(result, Mapping):
        widths = {len(key) if isinstance(key, str) else 0 for key in result}
        if len(widths) != 1 or 0 in widths or set().union(*result) - {"0", "1"}:
            some = ", ".join(quoted(str(key)) for key in list(result)[:2]) or "none"
            raise ConversionError(
                "state", f"counts by bitstrings of one width are needed; the keys are {some}"
            )
        outcomes = {
            str(key): each.item() if hasattr(each, "item") else each for key, each in result.items()
        }
        return Taken(kind="histogram", widths=(widths.pop(),), outcomes=outcomes)
    try:
        array = np.asarray(result)
    except ValueError as error:
        raise ConversionError("several", "the measurements differ in shape; take one") from error
    if array.ndim == 2 and array.dtype.kind in "biuf":
        if not array.size:
            raise ConversionError("no-shots", "there are no samples to take")
        return Taken(kind="shots", widths=(array.shape[1],), bits=array)
    if array.ndim == 1 and array.dtype.kind == "f":
        return _probabilities(array)
    raise ConversionError(
        "shape",
        "samples of shape (shots, wires), probabilities of all states, or counts are needed, not "
        f"{array.dtype} of shape {array.shape}",
    )


def _probabilities(array: npt.NDArray[Any]) -> Taken:
    width = array.size.bit_length() - 1
    if array.size < 2 or array.size != 1 << width:
        raise ConversionError(
            "shape", f"probabilities of all 2**n states are needed, not {array.size:,} numbers"
        )
    here = np.flatnonzero(array)
    states = [format(index, f"0{width}b") for index in here.tolist()]
    outcomes = dict(zip(states, array[here].tolist(), strict=True))
    return Taken(kind="probabilities", widths=(width,), outcomes=outcomes)
