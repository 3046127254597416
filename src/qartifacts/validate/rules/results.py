"""The rules of results and circuits.

What they are is said in words by IonQ's OpenAPI document of 2026-09-02 (its catalogues of result
and circuit formats) and its reference of OpenQASM 3; tolerances are this project's own.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Generator, Mapping
from itertools import islice
from typing import Any, Final

from qartifacts.config import Settings
from qartifacts.findings import counted
from qartifacts.identifiers import (
    AGGREGATE_V1,
    CHILD_ID,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    NATIVE_V1,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.jsontext import Path, quoted
from qartifacts.validate.rules.shapes import (
    RuleSet,
    Violations,
    in_digits,
    is_number,
    is_whole,
    member_of,
    misshapen,
)
from qartifacts.validate.violation import Violation

__all__ = [
    "CODES_OF_RESULTS",
    "INTEGER_SHOTS",
    "RESULTS",
    "SLACK",
    "bits_of",
    "bitstring_keys",
    "count_of",
    "decimal_keys",
    "distribution",
    "most_common",
    "never_occurred",
    "shots_leaked",
]

#: What an erratum allows; left unsaid where the schema does not.
INTEGER_SHOTS: Final = "QA228"
#: Beyond it, decimal strings take quadratic time to convert, and Python refuses to.
LONGEST_STATE: Final = 4300
#: Up to here integers are exact in readers that hold numbers as doubles (RFC 8259, section 6).
LARGEST_COUNT: Final = 2**53 - 1
#: Sums are compared with their bounds up to this, so that 0.999 and 1.001 are alike.
SLACK: Final = 1e-9

_DECIMAL = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_BITSTRING = re.compile(r"[01]+", re.ASCII)

#: Qubits that each native gate acts on; None where the documentation leaves it open.
_GATES: Final[Mapping[str, int | None]] = {"zz": 2, "ms": 2, "gpi": 1, "gpi2": 1, "nop": None}


# ----------------------------------------------------------------------------------------------
# Probabilities and histograms


def _probabilities_v1(payload: Any, settings: Settings) -> Violations:
    if not isinstance(payload, dict):
        yield misshapen((), "an object of states and probabilities")
        return
    yield from decimal_keys((), payload)
    yield from distribution((), payload, settings)


def _probabilities_v2(payload: Any, settings: Settings) -> Violations:
    for path, outcomes in (yield from _register_maps(payload, "probabilities", "QA204")):
        yield from bitstring_keys(path, outcomes)
        yield from distribution(path, outcomes, settings)


def _histogram_v1(payload: Any, settings: Settings) -> Violations:
    if not isinstance(payload, dict):
        yield misshapen((), "an object of states and counts")
        return
    yield from decimal_keys((), payload)
    yield from _counts((), payload)


def _histogram_v2(payload: Any, settings: Settings) -> Violations:
    totals: dict[Path, int] = {}
    for path, outcomes in (yield from _register_maps(payload, "histogram", "QA214")):
        yield from bitstring_keys(path, outcomes)
        total = yield from _counts(path, outcomes)
        if total is not None:
            totals[path] = total
    usual = most_common(totals.values())
    for path, total in totals.items():
        if total != usual:
            name = quoted(str(path[-1]))
            shots = counted(total, "shot")
            message = f"the register {name} counts {shots}, another one {usual:,}"
            yield Violation("QA213", message, path)


def _aggregate_v1(payload: Any, settings: Settings) -> Violations:
    if not isinstance(payload, dict):
        yield misshapen((), "an object of child jobs and their probabilities")
        return
    if not payload:
        yield Violation("QA232", "there is no child job")
    seen: set[str] = set()
    for child, outcomes in payload.items():
        if not CHILD_ID.fullmatch(child):
            message = f"the key {quoted(child)} is not a UUID of the form 8-4-4-4-12"
            yield Violation("QA230", message, (child,), at_key=True)
        elif child.lower() in seen:
            message = f"the child job {child} occurs before, in other letters"
            yield Violation("QA231", message, (child,), at_key=True)
        seen.add(child.lower())
        if isinstance(outcomes, dict):
            yield from decimal_keys((child,), outcomes)
            yield from distribution((child,), outcomes, settings)
        else:
            yield misshapen((child,), "an object of states and probabilities")


def _register_maps(
    payload: Any, member: str, code_of_none: str
) -> Generator[Violation, None, list[tuple[Path, dict[str, Any]]]]:
    """The outcomes of each register with the register's path, as far as the nesting is right."""
    inner = yield from member_of((), payload, member, dict)
    if inner is None:
        return []
    registers = yield from member_of((member,), inner, "registers", dict)
    if registers is None:
        return []
    path: Path = (member, "registers")
    if not registers:
        yield Violation(code_of_none, "there is no register", path)
    maps: list[tuple[Path, dict[str, Any]]] = []
    for name, outcomes in registers.items():
        if isinstance(outcomes, dict):
            maps.append(((*path, name), outcomes))
        else:
            yield misshapen((*path, name), "an object of bitstrings")
    return maps


def decimal_keys(path: Path, outcomes: Mapping[str, Any]) -> Violations:
    """Keys that are decimal states."""
    for key in outcomes:
        if problem := _not_decimal(key):
            code, words = problem
            yield Violation(code or "QA206", f"the key {words}", (*path, key), at_key=True)


def _not_decimal(text: str) -> tuple[str | None, str] | None:
    """What keeps ``text`` from being a decimal state: a code of its own or None, and words."""
    if not _DECIMAL.fullmatch(text):
        hint = "; a bitstring?" if len(text) > 1 and _BITSTRING.fullmatch(text) else ""
        return None, f"{quoted(text)} is not a decimal state{hint}"
    if len(text) > LONGEST_STATE:
        message = f"{quoted(text)} has {len(text):,} digits; at most {LONGEST_STATE:,} are read"
        return "QA209", message
    return None


def bitstring_keys(path: Path, outcomes: Mapping[str, Any]) -> Violations:
    """Keys that are bitstrings, all of one width."""
    bitstrings = []
    for key in outcomes:
        if _BITSTRING.fullmatch(key):
            bitstrings.append(key)
        else:
            message = f"the key {quoted(key)} is not a bitstring"
            yield Violation("QA207", message, (*path, key), at_key=True)
    width = most_common(map(len, bitstrings))
    for key in bitstrings:
        if len(key) != width:
            message = f"the key {quoted(key)} has {counted(len(key), 'bit')}, another one {width:,}"
            yield Violation("QA208", message, (*path, key), at_key=True)


def distribution(path: Path, outcomes: Mapping[str, Any], settings: Settings) -> Violations:
    """Probabilities that are each within 0..1 and sum to 1."""
    if not outcomes:
        yield Violation("QA204", "there is no outcome, so that nothing can sum to 1", path)
        return
    faultless = True
    for state, probability in outcomes.items():
        if not is_number(probability):
            yield misshapen((*path, state), "a number")
            faultless = False
        elif not 0 <= probability <= 1:
            message = f"the probability {in_digits(probability)} is not within 0 to 1"
            yield Violation("QA203", message, (*path, state))
            faultless = False
    if not faultless:
        return  # A sum over wrong numbers says nothing more.
    total = math.fsum(outcomes.values())
    off = abs(total - 1)
    if off > settings.sum_fine + SLACK:
        code = "QA201" if off > settings.sum_limit + SLACK else "QA202"
        number = counted(len(outcomes), "outcome")
        yield Violation(code, f"the probabilities of {number} sum to {total:.12g}, not 1", path)
    yield from _zeros(path, outcomes)


def _counts(path: Path, outcomes: Mapping[str, Any]) -> Generator[Violation, None, int | None]:
    """Whole counts; their total, or None where it cannot be told."""
    if not outcomes:
        yield Violation("QA214", "there is no outcome", path)
    faultless = True
    for state, count in outcomes.items():
        violation = count_of((*path, state), count)
        if violation:
            yield violation
            faultless = False
    if not faultless:
        return None
    yield from _zeros(path, outcomes)
    return sum(map(int, outcomes.values()))


def count_of(path: Path, count: Any) -> Violation | None:
    """What keeps a value from being a count."""
    if not is_number(count):
        return misshapen(path, "a number")
    if not is_whole(count):
        return Violation("QA210", f"the count {in_digits(count)} is not whole", path)
    if count < 0:
        return Violation("QA211", f"the count {in_digits(count)} is negative", path)
    if count > LARGEST_COUNT:
        message = f"the count {in_digits(count)} is larger than {LARGEST_COUNT:,}"
        return Violation("QA212", message, path)
    return None


def _zeros(path: Path, outcomes: Mapping[str, Any]) -> Violations:
    zeros = sum(not value for value in outcomes.values())
    if zeros:
        first = next(state for state, value in outcomes.items() if not value)
        yield never_occurred(zeros, len(outcomes), (*path, first))


def never_occurred(zeros: int, outcomes: int, first: Path) -> Violation:
    """The note on outcomes of a register that never occurred, of which the first is shown."""
    message = f"{zeros:,} of {counted(outcomes, 'outcome')} never occurred; the first"
    return Violation("QA205", message, first)


# ----------------------------------------------------------------------------------------------
# Shots


def _shots_v1(payload: Any, settings: Settings) -> Violations:
    if not isinstance(payload, list):
        yield misshapen((), "an array of states")
        return
    if not payload:
        yield Violation("QA220", "there is no shot")
    integers: list[int] = []
    for index, state in enumerate(payload):
        if type(state) is int:
            if state < 0:
                yield Violation("QA224", f"the shot {in_digits(state)} is negative", (index,))
            integers.append(index)
        elif not isinstance(state, str):
            yield misshapen((index,), "a state in a string")
        elif problem := _not_decimal(state):
            code, words = problem
            yield Violation(code or "QA224", f"the shot {words}", (index,))
    if integers:
        number = counted(len(payload), "shot")
        message = f"{len(integers):,} of {number} are integers, not strings; this is the first"
        yield Violation(INTEGER_SHOTS, message, (integers[0],))


def _shots_v2(payload: Any, settings: Settings) -> Violations:
    shots = yield from member_of((), payload, "shots", list)
    if shots is None:
        return
    if not shots:
        yield Violation("QA220", "there is no shot", ("shots",))
    whole: list[tuple[Path, dict[str, Any]]] = []
    leaked: list[Path] = []
    for index, shot in enumerate(shots):
        path: Path = ("shots", index)
        registers = yield from member_of(path, shot, "registers", dict)
        if registers is None:
            continue
        whole.append(((*path, "registers"), registers))
        for name, bits in registers.items():
            yield from bits_of((*path, "registers", name), bits, "QA221", "bit")
        leakage = shot.get("leakage_bits")
        if leakage is not None:
            yield from bits_of((*path, "leakage_bits"), leakage, "QA225", "leakage bit")
            if isinstance(leakage, list) and any(leakage):
                leaked.append((*path, "leakage_bits"))
    yield from _alike(whole)
    if leaked:
        yield shots_leaked(len(leaked), len(shots), leaked[0])


def shots_leaked(leaked: int, shots: int, first: Path) -> Violation:
    """The note on shots with leakage, of which the first is shown."""
    message = f"{leaked:,} of {shots:,} shots leaked; this is the first"
    return Violation("QA226", message, first)


def bits_of(path: Path, bits: Any, code: str, name: str) -> Violations:
    """An array of bits, each of them 0 or 1."""
    if not isinstance(bits, list):
        yield misshapen(path, "an array of bits")
        return
    if set(map(type, bits)) <= {int} and bits.count(0) + bits.count(1) == len(bits):
        return  # Nearly always, and soon told.
    for index, bit in enumerate(bits):
        if not is_number(bit):
            yield misshapen((*path, index), "a bit")
        elif bit not in (0, 1):
            message = f"the {name} {in_digits(bit)} is neither 0 nor 1"
            yield Violation(code, message, (*path, index))


def _alike(shots: list[tuple[Path, dict[str, Any]]]) -> Violations:
    """Every shot has the same registers, and each of them the same width throughout."""
    usual = _usual_registers([registers for _, registers in shots])
    widths: dict[str, Counter[int]] = {}
    first_without_bits: Path | None = None
    for path, registers in shots:
        if registers.keys() != usual.keys():
            yield Violation("QA223", _different_registers(registers, usual), path)
        if not registers and first_without_bits is None:
            first_without_bits = path
        for name, bits in registers.items():
            if isinstance(bits, list):
                widths.setdefault(name, Counter())[len(bits)] += 1
                if not bits and first_without_bits is None:
                    first_without_bits = (*path, name)
    changing = {name: seen.most_common(1)[0][0] for name, seen in widths.items() if len(seen) > 1}
    for path, registers in shots if changing else ():
        for name, bits in registers.items():
            width = changing.get(name)
            if width is not None and isinstance(bits, list) and len(bits) != width:
                here = counted(len(bits), "bit")
                message = f"the register {quoted(name)} has {here} here, usually {width:,}"
                yield Violation("QA222", message, (*path, name))
    if first_without_bits is not None:
        message = "there are no bits; this is the first such place"
        yield Violation("QA227", message, first_without_bits)


def _usual_registers(shots: list[dict[str, Any]]) -> dict[str, Any]:
    """The registers of a shot that has the same as most others."""
    usual = most_common(map(frozenset, shots))
    return next((registers for registers in shots if registers.keys() == usual), {})


def _different_registers(registers: dict[str, Any], usual: dict[str, Any]) -> str:
    # At most a few names are looked for: a hostile payload may have a million, in every shot.
    missing = list(islice((name for name in usual if name not in registers), 4))
    added = list(islice((name for name in registers if name not in usual), 4))
    parts = [
        f"{verb} {_listed(names)}" for verb, names in (("lacks", missing), ("has", added)) if names
    ]
    return f"this shot {' and '.join(parts)}, unlike most others"


def _listed(names: list[str]) -> str:
    shown = ", ".join(quoted(name, 30) for name in names[:3])
    return shown + (" and more" if len(names) > 3 else "")


# ----------------------------------------------------------------------------------------------
# Native circuits


def _native_v1(payload: Any, settings: Settings) -> Violations:
    gates = yield from member_of((), payload, "circuit", list)
    if gates is None:
        return
    qubits = payload.get("qubits")
    if not is_number(qubits):
        yield misshapen(("qubits",) if "qubits" in payload else (), "a number of qubits")
        qubits = None
    elif not is_whole(qubits) or qubits < 1:
        message = f"the number of qubits is {in_digits(qubits)}, not a whole number of at least 1"
        yield Violation("QA240", message, ("qubits",))
        qubits = None
    else:
        qubits = int(qubits)
    for index, gate in enumerate(gates):
        if isinstance(gate, dict):
            yield from _gate(("circuit", index), gate, qubits)
        else:
            yield misshapen(("circuit", index), "a gate")


def _gate(path: Path, gate: Mapping[str, Any], qubits: int | None) -> Violations:
    name = gate.get("gate")
    if not isinstance(name, str):
        yield misshapen((*path, "gate") if "gate" in gate else path, "the name of a gate")
    elif name not in _GATES:
        message = f"{quoted(name)} is not a native gate; those are {', '.join(_GATES)}"
        yield Violation("QA241", message, (*path, "gate"))
    targets: list[tuple[Path, Any]] = []
    if "target" in gate:
        targets.append(((*path, "target"), gate["target"]))
    controls: list[tuple[Path, Any]] = []
    for member, places in (("targets", targets), ("controls", controls)):
        listed = gate.get(member, [])
        if isinstance(listed, list):
            places.extend(((*path, member, at), qubit) for at, qubit in enumerate(listed))
        else:
            yield misshapen((*path, member), "an array of qubits")
    for place, qubit in (*targets, *controls):
        yield from _qubit(place, qubit, qubits)
    wanted = _GATES.get(name) if isinstance(name, str) else None
    of_targets = (*path, "targets") if "targets" in gate else path
    if wanted is not None and len(targets) != wanted:
        message = f"the gate {name} acts on {counted(wanted, 'qubit')}, not on {len(targets):,}"
        yield Violation("QA244", message, of_targets)
    if wanted == 2 and len(targets) == 2:
        (_, first), (_, second) = targets
        if is_number(first) and is_number(second) and first == second:
            message = f"the gate acts on qubit {in_digits(second)} twice"
            yield Violation("QA245", message, of_targets)


def _qubit(path: Path, qubit: Any, qubits: int | None) -> Violations:
    if not is_number(qubit):
        yield misshapen(path, "a qubit")
    elif not is_whole(qubit):
        yield Violation("QA242", f"the qubit {in_digits(qubit)} is not a whole number", path)
    elif qubit < 0 or (qubits is not None and qubit >= qubits):
        among = "" if qubits is None else f"; there are 0 to {in_digits(qubits - 1)}"
        yield Violation("QA243", f"the circuit has no qubit {in_digits(qubit)}{among}", path)


def most_common(values: Any) -> Any:
    """The value that occurs most often, the first of them where several do; None of none."""
    return next((value for value, _ in Counter(values).most_common(1)), None)


RESULTS: Final[Mapping[FormatId, RuleSet]] = {
    PROBABILITIES_V1: _probabilities_v1,
    PROBABILITIES_V2: _probabilities_v2,
    HISTOGRAM_V1: _histogram_v1,
    HISTOGRAM_V2: _histogram_v2,
    SHOTS_V1: _shots_v1,
    SHOTS_V2: _shots_v2,
    AGGREGATE_V1: _aggregate_v1,
    NATIVE_V1: _native_v1,
}


_SUMS: Final = ("QA201", "QA202", "QA203", "QA204", "QA205")
_COUNTS: Final = ("QA210", "QA211", "QA212", "QA214")
_DECIMALS: Final = ("QA206", "QA209")

#: The codes that the rules of each format can give; QA200 besides, where a schema asks for less.
CODES_OF_RESULTS: Final[Mapping[FormatId, tuple[str, ...]]] = {
    PROBABILITIES_V1: (*_SUMS, *_DECIMALS),
    PROBABILITIES_V2: (*_SUMS, "QA207", "QA208"),
    HISTOGRAM_V1: ("QA205", *_DECIMALS, *_COUNTS),
    HISTOGRAM_V2: ("QA205", "QA207", "QA208", *_COUNTS, "QA213"),
    SHOTS_V1: ("QA209", "QA220", "QA224", INTEGER_SHOTS),
    SHOTS_V2: ("QA220", "QA221", "QA222", "QA223", "QA225", "QA226", "QA227"),
    AGGREGATE_V1: (*_SUMS, *_DECIMALS, "QA230", "QA231", "QA232"),
    NATIVE_V1: ("QA240", "QA241", "QA242", "QA243", "QA244", "QA245"),
}
