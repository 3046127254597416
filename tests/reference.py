"""Every format read a second time, by the standard library alone and with exact arithmetic.

It shares no line with the library: what RFC 8259, the pages of the formats and ``docs/rules.md`` say
is written here once more, plainly and slowly. Both paths of the library are held against it, so that
a fault that they have in common is seen, too.

Numbers are read as fractions of whole numbers, and only then rounded to doubles; sums of
probabilities are exact before they are rounded. States are whole numbers: bit k has the value 2**k.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NoReturn

from qartifacts import Settings
from strategies import AGGREGATE, H1, H2, NATIVE, P1, P2, S1, S2

__all__ = ["ABSENT", "NULL", "Content", "Outcomes", "Refused", "Shots", "read", "read_text"]


class Refused(Exception):
    """The text is no payload of its format; the argument says why."""


@dataclass(frozen=True)
class Outcomes:
    """Values by state of one register, or of one child.

    Attributes:
        name: The register or child.
        width: Bits; None where the payload does not tell.
        values: Counts or probabilities by state, with the first bit of a bitstring as bit 0.
        reversed: The same with the last bit of a bitstring as bit 0.
    """

    name: str
    width: int | None
    values: dict[int, float]
    reversed: dict[int, float]


NULL, ABSENT = "null", "absent"


@dataclass(frozen=True)
class Shots:
    """Bits of every shot.

    Attributes:
        registers: Lists of bits, one a shot, by register; states instead where the payload tells
            no width, as version 1 does not.
        leakage: Leakage bits of each shot, ``NULL`` or ``ABSENT``.
    """

    registers: dict[str, list[list[int]] | list[int]]
    leakage: list[list[int] | str]


@dataclass
class Content:
    """What a payload holds, and what is to be said of it.

    Attributes:
        held: What the columns hold; None for a circuit.
        codes: Codes of warnings and notes, and how often each is given.
    """

    held: list[Outcomes] | Shots | None = None
    codes: Counter[str] = field(default_factory=Counter)


def knows(format: str) -> bool:
    """Whether payloads of a format can be read here: results can, and documents of devices not."""
    return format in _READERS


def read(format: str, data: bytes, settings: Settings) -> Content:
    """What a payload holds.

    Raises:
        Refused: It has an error.
    """
    payload = read_text(data, settings)
    content = Content()
    tell = _Telling(content.codes, settings)
    content.held = _READERS[format](payload, tell)
    return content


# ----------------------------------------------------------------------------------------------
# JSON


def read_text(data: bytes, settings: Settings) -> Any:
    """The value of a JSON text; numbers are ``int`` where they are written as such, else doubles.

    Raises:
        Refused: The text is not JSON, or exceeds a limit.
    """
    if len(data) > settings.max_bytes:
        raise Refused("bytes")
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(f"text: {error}") from None
    if sum(1 for _ in _values(value, settings.max_depth)) > settings.max_values:
        raise Refused("values")
    return value


def _values(value: Any, depth: int) -> Iterator[Any]:
    """A value and all values in it."""
    yield value
    if isinstance(value, str):
        _demand(_is_text(value), "half a character")
    elif isinstance(value, (dict, list)):
        _demand(depth > 0, "depth")
        if isinstance(value, dict):
            _demand(all(map(_is_text, value)), "half a character")
            value = value.values()
        for item in value:
            yield from _values(item, depth - 1)


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        _demand(name not in members, "duplicate key")
        members[name] = value
    return members


def _integer(literal: str) -> int:
    _demand(len(literal.lstrip("-")) <= 4300, "an integer too long")
    integer = int(literal)
    if len(literal) > 300:
        _rounded(Fraction(integer))
    return integer


def _double(literal: str) -> float:
    mantissa = re.split("[eE]", literal)[0]
    zero = not mantissa.strip("-0.")
    try:
        number = Decimal(literal)
        magnitude = number.adjusted()
    except InvalidOperation:  # Exponents of twenty digits.
        magnitude = -1000 if re.search("[eE]-", literal) else 1000
    if zero or magnitude < -400:
        return -0.0 if literal.startswith("-") else 0.0
    _demand(magnitude < 400, "beyond a double")
    return _rounded(Fraction(number))


def _rounded(number: Fraction) -> float:
    """The nearest double: Python rounds the quotient of two integers correctly."""
    try:
        return number.numerator / number.denominator
    except OverflowError:
        raise Refused("beyond a double") from None


def _constant(literal: str) -> NoReturn:
    raise Refused(f"{literal} is no number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_double,
    parse_constant=_constant,
)


# ----------------------------------------------------------------------------------------------
# Rules


def _demand(satisfied: bool, what: str) -> None:
    if not satisfied:
        raise Refused(what)


class _Telling:
    """Codes that are told unless the settings ignore them; errors end the reading."""

    def __init__(self, codes: Counter[str], settings: Settings) -> None:
        self._codes = codes
        self.settings = settings

    def __call__(self, code: str, *, error: bool = False) -> None:
        if code in self.settings.ignore:
            return
        if error:
            raise Refused(code)
        self._codes[code] += 1


def _member(value: Any, name: str, kind: type) -> Any:
    _demand(isinstance(value, dict) and isinstance(value.get(name), kind), name)
    return value[name]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_whole(value: Any) -> bool:
    return type(value) is int or (type(value) is float and value.is_integer())


def _decimal(text: str) -> int:
    _demand(re.fullmatch("0|[1-9][0-9]{0,4299}", text) is not None, "a decimal state")
    return int(text)


def _decimal_states(outcomes: Mapping[str, Any]) -> list[int]:
    return [_decimal(key) for key in outcomes]


def _distribution(outcomes: Mapping[str, Any], tell: _Telling) -> None:
    if not outcomes:
        tell("QA204", error=True)
        return
    for value in outcomes.values():
        _demand(_is_number(value) and 0 <= value <= 1, "a probability")
    total = float(sum(map(Fraction, outcomes.values()), Fraction(0)))
    off, slack = abs(total - 1), 1e-9
    if off > tell.settings.sum_limit + slack:
        tell("QA201", error=True)
    elif off > tell.settings.sum_fine + slack:
        tell("QA202")
    if not all(outcomes.values()):
        tell("QA205")


def _counts(outcomes: Mapping[str, Any], tell: _Telling) -> None:
    if not outcomes:
        tell("QA214")
    for value in outcomes.values():
        _demand(_is_whole(value) and 0 <= value < 2**53, "a count")
    if not all(outcomes.values()):
        tell("QA205")


_Judge = Callable[[Mapping[str, Any], _Telling], None]


def _flat(name: str, outcomes: Any, judge: _Judge, tell: _Telling) -> Outcomes:
    """``{"0": 0.5, "3": 0.5}``."""
    _demand(isinstance(outcomes, dict), "an object")
    states = _decimal_states(outcomes)
    judge(outcomes, tell)
    values = dict(zip(states, outcomes.values(), strict=True))
    return Outcomes(name, None, values, values)


def _read_flat(judge: _Judge) -> Callable[[Any, _Telling], list[Outcomes]]:
    return lambda payload, tell: [_flat("output_all", payload, judge, tell)]


def _state(bits: Iterable[int]) -> int:
    return sum(bit << place for place, bit in enumerate(bits))


def _read_registers(
    member: str, judge: _Judge, code_of_none: str, *, none_is_error: bool
) -> Callable[[Any, _Telling], list[Outcomes]]:
    """``{member: {"registers": {name: {"00": 0.5, "11": 0.5}}}}``."""

    def reader(payload: Any, tell: _Telling) -> list[Outcomes]:
        registers = _member(_member(payload, member, dict), "registers", dict)
        if not registers:
            tell(code_of_none, error=none_is_error)
        held = []
        totals = set()
        for name, outcomes in registers.items():
            _demand(isinstance(outcomes, dict), "an object of outcomes")
            _demand(all(re.fullmatch("[01]+", key) for key in outcomes), "a bitstring")
            _demand(len(set(map(len, outcomes))) <= 1, "one width")
            judge(outcomes, tell)
            totals.add(int(sum(map(int, outcomes.values()))))
            keys = [list(map(int, key)) for key in outcomes]
            held.append(
                Outcomes(
                    name,
                    len(keys[0]) if keys else None,
                    dict(zip(map(_state, keys), outcomes.values(), strict=True)),
                    {_state(key[::-1]): outcomes["".join(map(str, key))] for key in keys},
                )
            )
        if member == "histogram":
            _demand(len(totals) <= 1, "one total")
        return held

    return reader


_UUID = re.compile("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def _read_aggregate(payload: Any, tell: _Telling) -> list[Outcomes]:
    _demand(isinstance(payload, dict), "an object")
    if not payload:
        tell("QA232")
    _demand(all(map(_UUID.fullmatch, payload)), "a UUID")
    _demand(len({child.lower() for child in payload}) == len(payload), "a child twice")
    return [_flat(child, outcomes, _distribution, tell) for child, outcomes in payload.items()]


def _read_decimal_shots(payload: Any, tell: _Telling) -> Shots:
    _demand(isinstance(payload, list), "an array")
    if not payload:
        tell("QA220")
    states = []
    for item in payload:
        _demand(type(item) in (str, int), "a state")
        states.append(_decimal(item) if isinstance(item, str) else item)
        _demand(states[-1] >= 0, "a state")
    if any(type(item) is int for item in payload):
        tell("QA228")
    return Shots({"output_all": states}, [ABSENT] * len(states))


def _read_register_shots(payload: Any, tell: _Telling) -> Shots:
    shots = _member(payload, "shots", list)
    if not shots:
        tell("QA220")
    bits = [
        {name: _bits(row) for name, row in _member(shot, "registers", dict).items()}
        for shot in shots
    ]
    leakage = [_leakage(shot) for shot in shots]
    usual = {name: len(row) for name, row in bits[0].items()} if bits else {}
    for registers in bits:
        _demand({name: len(row) for name, row in registers.items()} == usual, "one layout")
    if bits and not all(usual.values() or [0]):
        tell("QA227")
    if any(1 in row for row in leakage if isinstance(row, list)):
        tell("QA226")
    return Shots({name: [registers[name] for registers in bits] for name in usual}, leakage)


def _leakage(shot: Mapping[str, Any]) -> list[int] | str:
    if "leakage_bits" not in shot:
        return ABSENT
    return NULL if shot["leakage_bits"] is None else _bits(shot["leakage_bits"])


def _bits(row: Any) -> list[int]:
    _demand(isinstance(row, list), "an array of bits")
    for bit in row:
        _demand(_is_whole(bit) and bit in (0, 1), "a bit")
    return list(map(int, row))


_QUBITS_OF_A_GATE = {"zz": 2, "ms": 2, "gpi": 1, "gpi2": 1, "nop": None}
_NUMBERS = ("phase", "angle", "rotation")
_ARRAYS = ("targets", "controls", "phases")


def _read_circuit(payload: Any, tell: _Telling) -> None:
    _demand(isinstance(payload, dict) and payload.keys() == {"qubits", "circuit"}, "members")
    qubits, circuit = payload["qubits"], payload["circuit"]
    _demand(_is_whole(qubits) and qubits >= 1, "qubits")
    _demand(isinstance(circuit, list), "circuit")
    for gate in circuit:
        _demand(isinstance(gate, dict), "a gate")
        _demand(gate.keys() <= {"gate", "target", *_NUMBERS, *_ARRAYS}, "members of a gate")
        for name in _NUMBERS:
            _demand(_is_number(gate.get(name, 0)), name)
        for name in _ARRAYS:
            numbers = gate.get(name, [])
            _demand(isinstance(numbers, list) and all(map(_is_number, numbers)), name)
        name = gate.get("gate")
        _demand(isinstance(name, str) and name in _QUBITS_OF_A_GATE, "a native gate")
        targets = [gate[name] for name in ("target",) if name in gate] + gate.get("targets", [])
        for qubit in targets + gate.get("controls", []):
            _demand(_is_whole(qubit) and 0 <= qubit < qubits, "a qubit")
        wanted = _QUBITS_OF_A_GATE[name]
        _demand(wanted is None or len(targets) == wanted, "targets")
        _demand(wanted != 2 or targets[0] != targets[1], "two qubits")


_READERS: Mapping[str, Callable[[Any, _Telling], list[Outcomes] | Shots | None]] = {
    P1: _read_flat(_distribution),
    P2: _read_registers("probabilities", _distribution, "QA204", none_is_error=True),
    H1: _read_flat(_counts),
    H2: _read_registers("histogram", _counts, "QA214", none_is_error=False),
    S1: _read_decimal_shots,
    S2: _read_register_shots,
    AGGREGATE: _read_aggregate,
    NATIVE: _read_circuit,
}
