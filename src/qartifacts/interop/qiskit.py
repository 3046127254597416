"""Qiskit: ``Counts``, and the result of one pub of a sampler.

Bit 0 is the rightmost character of a bitstring. Of several registers the last declared one is
leftmost, with spaces between them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qartifacts.errors import ConversionError
from qartifacts.interop import Taken, library
from qartifacts.jsontext import quoted
from qartifacts.payloads import SYSTEM_REGISTER
from qartifacts.payloads import states as packed
from qartifacts.payloads.columns import Distribution, Shots

if TYPE_CHECKING:
    from qiskit.primitives import SamplerPubResult
    from qiskit.result import Counts

__all__ = ["counts", "declared", "pub_result", "taken"]


def declared(names: Sequence[str]) -> tuple[str, ...]:
    """The registers that Qiskit would know of: those of the circuit, not that of the service."""
    return tuple(name for name in names if name != SYSTEM_REGISTER) or tuple(names)


def counts(columns: Shots | Distribution) -> Counts:
    """Counts of all registers together, with their names and widths in ``creg_sizes``.

    Raises:
        MissingExtra: Qiskit is not installed.
    """
    result = library("qiskit.result", "qiskit")
    if isinstance(columns, Shots):
        sizes = [(name, each.width or 0) for name, each in columns.registers.items()]
        parts = [(each.states, each.width or 0) for each in columns.registers.values()]
        states, values = packed.count_equal(packed.joined(parts))
    else:
        sizes = [(columns.register, columns.width or 0)]
        states, values = columns.states, columns.values  # type: ignore[assignment]
    width = sum(size for _, size in sizes)
    texts = packed.to_bitstrings(states, width, last_first=True)
    # Qiskit itself puts the spaces between registers, since it is told their sizes.
    ascending = dict(sorted(zip(texts, values.tolist(), strict=True)))
    return result.Counts(ascending, creg_sizes=sizes, memory_slots=width)


def pub_result(shots: Shots) -> SamplerPubResult:
    """What a sampler gives for one circuit: a ``BitArray`` for each register.

    Raises:
        MissingExtra: Qiskit is not installed.
        ConversionError: A register has a name that a ``DataBin`` uses itself.
    """
    primitives = library("qiskit.primitives", "qiskit")
    arrays = {}
    for name, each in shots.registers.items():
        if name == "self" or hasattr(primitives.DataBin(), name):
            raise ConversionError(
                "register-name", f"Qiskit's DataBin can have no register {quoted(name)}"
            )
        bits = packed.unpack(each.states, each.width or 0).astype(bool)
        arrays[name] = primitives.BitArray.from_bool_array(bits, order="little")
    return primitives.SamplerPubResult(primitives.DataBin(**arrays), {"shots": shots.number})


def taken(result: Any) -> Taken:
    """What is in counts, in a distribution, in a memory, in a ``BitArray`` or a pub's result.

    Raises:
        TypeError: It is something else.
        ConversionError: It holds results of several circuits, or keys that are no states.
    """
    if isinstance(result, Mapping):
        return _outcomes(result)
    if isinstance(result, (list, tuple)) and all(isinstance(each, str) for each in result):
        texts, widths = _in_wire_order(result)
        rows = packed.unpack(packed.from_bitstrings(texts), sum(widths))
        return Taken(kind="shots", widths=widths, bits=rows)
    if hasattr(result, "to_bool_array"):
        return _shots({None: result})
    data = getattr(result, "data", result)
    if hasattr(data, "items") and hasattr(data, "shape"):
        return _shots(dict(data.items()))
    raise TypeError(
        "counts, a memory, a BitArray or the result of one pub, as result[0], is needed, not "
        f"{type(result).__name__}"
    )


def _shots(arrays: Mapping[str | None, Any]) -> Taken:
    import numpy as np

    columns = []
    for name, array in arrays.items():
        if not hasattr(array, "to_bool_array"):
            raise TypeError(f"{quoted(name or '')} holds no bits, but {type(array).__name__}")
        if array.shape:
            raise ConversionError(
                "several", f"a BitArray of shape {array.shape} holds several results; take one"
            )
        columns.append(array.to_bool_array(order="little").astype(np.uint8))
    if not columns:
        raise ConversionError("no-register", "there is no register to take")
    if len({len(column) for column in columns}) > 1:
        raise ConversionError("shots", "the registers differ in their number of shots")
    names = [name for name in arrays if name is not None]
    return Taken(
        kind="shots",
        widths=tuple(column.shape[1] for column in columns),
        names=tuple(names) or None,
        bits=np.hstack(columns),
    )


def _outcomes(outcomes: Mapping[Any, Any]) -> Taken:
    """Counts or probabilities; integers, and what Qiskit made of them, do not tell their width."""
    values = [each.item() if hasattr(each, "item") else each for each in outcomes.values()]
    kind: Any = "probabilities" if any(type(each) is float for each in values) else "histogram"
    keys = list(outcomes)
    integers = getattr(outcomes, "int_raw", None)
    sizes = getattr(outcomes, "creg_sizes", None) or ()
    slots = getattr(outcomes, "memory_slots", None) or sum(size for _, size in sizes)
    if integers and not slots:
        return Taken(kind=kind, widths=None, outcomes=dict(zip(integers, values, strict=True)))
    if integers and sizes:
        # Without memory slots, Qiskit does not pad its own keys.
        keys = [_spaced(format(state, f"0{slots}b"), sizes) for state in integers]
    if any(not isinstance(key, str) or key[:2] in ("0x", "0b") for key in keys):
        states = [_integer(key) for key in keys]
        return Taken(kind=kind, widths=None, outcomes=_unique(states, values))
    texts, widths = _in_wire_order(keys)
    names = None
    if tuple(size for _, size in sizes) == widths:
        names = tuple(str(name) for name, _ in sizes)
    return Taken(kind=kind, widths=widths, names=names, outcomes=_unique(texts, values))


def _spaced(key: str, sizes: Sequence[tuple[str, int]]) -> str:
    """A key with spaces between registers, the last declared leftmost."""
    parts, end = [], len(key)
    for _, size in sizes[:-1]:
        parts.append(key[max(0, end - size) : end])
        end -= size
    return " ".join([key[: max(0, end)], *reversed(parts)])


def _unique(states: Iterable[Any], values: Iterable[Any]) -> dict[Any, Any]:
    unique: dict[Any, Any] = {}
    for state, value in zip(states, values, strict=True):
        if state in unique:
            raise ConversionError("twice", f"two keys are the same state, {quoted(str(state))}")
        unique[state] = value
    return unique


def _integer(key: Any) -> int:
    if hasattr(key, "__index__") and not isinstance(key, bool):
        return int(key.__index__())
    try:
        return int(key, 0)
    except (TypeError, ValueError):
        raise ConversionError("state", f"the key {quoted(str(key))} is no state") from None


def _in_wire_order(keys: Sequence[str]) -> tuple[list[str], tuple[int, ...]]:
    """Texts read from their other end, without spaces, and the widths of what was between these."""
    if not keys:
        raise ConversionError("no-shots", "there are no shots to take")
    first = [len(part) for part in reversed(keys[0].split(" "))]
    ends = list(itertools.accumulate(first, lambda before, size: before + 1 + size))
    spaces = ends[:-1]
    texts = []
    for key in keys:
        text = key[::-1]
        there = [index for index, character in enumerate(text) if character == " "]
        if set(text) - {"0", "1", " "}:
            raise ConversionError("state", f"the key {quoted(key)} is no bitstring")
        if there != spaces or len(text) != ends[-1]:
            raise ConversionError(
                "width", f"{quoted(keys[0])} and {quoted(key)} have registers of different widths"
            )
        texts.append(text.replace(" ", ""))
    if not all(first):
        raise ConversionError("no-bits", f"the key {quoted(keys[0])} has a register without bits")
    return texts, tuple(first)
