"""The verdict on payloads, against what others take to validate, or only to parse, the same.

Payloads are made here without the code that is measured, and columns beside them, which ours are
compared with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from operator import attrgetter, getitem
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

import qartifacts as qa
from benchmarks.harness import (
    OURS,
    PAYLOAD,
    SEED,
    Contender,
    Made,
    Task,
    faster,
    memory_at_most,
    memory_multiple_at_most,
    time_at_most,
)
from qartifacts.identifiers import (
    AGGREGATE_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    SHOTS_V1,
    SHOTS_V2,
    FormatId,
)
from qartifacts.payloads import SYSTEM_REGISTER
from qartifacts.payloads.columns import Columns, Distribution, Measured, Shots
from qartifacts.payloads.states import Bits, Words
from qartifacts.source import Source
from qartifacts.validate import Examined, examiner

#: Qubits, where a task does not say another number.
WIDTH: Final = 36
BELL: Final = b'{"probabilities":{"registers":{"output_all":{"00":0.5,"11":0.5}}}}'


class Payload(NamedTuple):
    """JSON text, and what it holds.

    Attributes:
        data: The text.
        columns: What ours has to read from it.
    """

    data: bytes
    columns: Columns


class Broken(NamedTuple):
    """JSON text with one fault.

    Attributes:
        data: The text.
        path: Names of members that lead to the value at fault.
        fault: That value.
    """

    data: bytes
    path: tuple[str, ...]
    fault: Any


# ----------------------------------------------------------------------------------------------
# Payloads


def shots_v2(registers: Mapping[str, int], spaced: bool, number: int) -> Payload:
    """Random shots of registers of so many bits, compact or spaced as ``json.dumps`` does.

    All records are of one length, so that they are copies of one with other bits.
    """
    rng = np.random.default_rng(SEED)
    widths = list(registers.values())
    bits = rng.integers(0, 2, (number, sum(widths)), dtype=np.uint8)
    record = {"registers": {name: [0] * width for name, width in registers.items()}}
    comma, colon = (", ", ": ") if spaced else (",", ":")
    text = (json.dumps(record, separators=(comma, colon)) + comma).encode()
    template = np.frombuffer(text, np.uint8)
    records = np.tile(template, (number, 1))
    records[:, template == ord("0")] += bits
    shots = records.tobytes()[: -len(comma)]
    data = b'{"shots"%s[%s]}' % (colon.encode(), shots)
    by_register = np.split(bits, np.cumsum(widths)[:-1], axis=1)
    measured = {
        name: Measured(width, _packed(some))
        for (name, width), some in zip(registers.items(), by_register, strict=True)
    }
    return Payload(data, Shots(number, measured))


def _packed(bits: Bits) -> Words:
    """States of a matrix of bits, as words."""
    octets = np.packbits(bits, axis=1, bitorder="little")
    missing = -octets.shape[1] % 8
    return np.pad(octets, ((0, 0), (0, missing))).view("<u8").astype(np.uint64)


def shots_v1(number: int) -> Payload:
    states = np.random.default_rng(SEED).integers(0, 1 << WIDTH, number, dtype=np.uint64)
    data = orjson.dumps(list(map(str, states.tolist())))
    return Payload(data, Shots(number, {SYSTEM_REGISTER: Measured(None, states.reshape(-1, 1))}))


def outcomes(format: FormatId, number: int) -> Payload:
    """A histogram or probabilities: different states, shuffled.

    Small counts are more frequent than large ones; probabilities are those of no number of shots.
    """
    rng = np.random.default_rng(SEED)
    states = _different(rng, number)
    counted = format in (HISTOGRAM_V1, HISTOGRAM_V2)
    values = rng.geometric(0.1, number) if counted else rng.dirichlet(np.ones(number))
    decimal = format in (HISTOGRAM_V1, PROBABILITIES_V1)
    keys = map(str if decimal else _bitstring, states.tolist())
    payload: Any = dict(zip(keys, values.tolist(), strict=True))
    for name in reversed(MEMBERS[format]):
        payload = {name: payload}
    columns = _ascending(None if decimal else WIDTH, states, values)
    return Payload(orjson.dumps(payload), (columns,))


def _different(rng: np.random.Generator, number: int) -> npt.NDArray[np.uint64]:
    """Different states in no order."""
    some = np.unique(rng.integers(0, 1 << WIDTH, number + number // 50 + 10, dtype=np.uint64))
    return rng.permutation(some)[:number]


def _bitstring(state: int) -> str:
    """A bitstring of version 2, bit 0 first."""
    return f"{state:0{WIDTH}b}"[::-1]


def _ascending(
    width: int | None, states: npt.NDArray[np.uint64], values: npt.NDArray[Any]
) -> Distribution:
    order = np.argsort(states)
    return Distribution(SYSTEM_REGISTER, width, states[order].reshape(-1, 1), values[order])


def aggregate(states_each: int, children: int) -> Payload:
    """Probabilities of so many children with so many states each, shuffled."""
    rng = np.random.default_rng(SEED)
    states = rng.permuted(_different(rng, children * states_each)).reshape(children, -1)
    values = rng.dirichlet(np.ones(states_each), children)
    ids = [_identifier(rng.bytes(16).hex()) for _ in range(children)]
    payload = {
        child: dict(zip(map(str, keys), some, strict=True))
        for child, keys, some in zip(ids, states.tolist(), values.tolist(), strict=True)
    }
    rows = zip(ids, states, values, strict=True)
    columns = {child: _ascending(None, keys, some) for child, keys, some in rows}
    return Payload(orjson.dumps(payload), columns)


def _identifier(digits: str) -> str:
    """A UUID of 32 hexadecimal digits."""
    return "-".join(
        (digits[:8], digits[8:12], f"4{digits[13:16]}", f"8{digits[17:20]}", digits[20:])
    )


def broken_histogram(fault: Any, number: int) -> Broken:
    """A histogram of version 2 with a fault in place of the count in its middle."""
    payload = orjson.loads(outcomes(HISTOGRAM_V2, number).data)
    counts = _held(MEMBERS[HISTOGRAM_V2], payload)
    at_fault = list(counts)[number // 2]
    counts[at_fault] = fault
    return Broken(orjson.dumps(payload), (*MEMBERS[HISTOGRAM_V2], at_fault), fault)


def bell(number: int) -> Payload:
    """The smallest result there is, whatever the number."""
    states = np.array([[0b00], [0b11]], np.uint64)
    return Payload(BELL, (Distribution(SYSTEM_REGISTER, 2, states, np.array([0.5, 0.5])),))


# What contenders find.

#: Members that lead to what a payload lists.
MEMBERS: Final[Mapping[FormatId, tuple[str, ...]]] = {
    PROBABILITIES_V1: (),
    PROBABILITIES_V2: ("probabilities", "registers", SYSTEM_REGISTER),
    HISTOGRAM_V1: (),
    HISTOGRAM_V2: ("histogram", "registers", SYSTEM_REGISTER),
    SHOTS_V1: (),
    SHOTS_V2: ("shots",),
    AGGREGATE_V1: (),
}


def _held(members: Sequence[str], parsed: Any) -> Any:
    return reduce(getitem, members, parsed)


def holds_all(format: FormatId, payload: Payload, parsed: Any) -> bool:
    """Whether what was parsed has as many entries as there are."""
    columns = payload.columns
    entries = len(columns[0]) if isinstance(columns, tuple) else _entries(columns)
    return len(_held(MEMBERS[format], parsed)) == entries


def _entries(columns: Shots | Mapping[str, Distribution]) -> int:
    return columns.number if isinstance(columns, Shots) else len(columns)


def has_passed(payload: Payload, result: Any) -> bool:
    """For contenders that raise if they refuse."""
    return True


def is_right(payload: Payload, examined: Examined) -> bool:
    """Whether a verdict is good, and its columns are those that were written down."""
    return examined.report.ok and same_columns(examined.columns(), payload.columns)


def same_columns(one: Columns | None, other: Columns) -> bool:
    """Whether columns hold the same; leakage is not compared, since no payload here has any."""
    if isinstance(one, Shots) and isinstance(other, Shots):
        return (
            one.number == other.number
            and one.leakage is None
            and list(one.registers) == list(other.registers)
            and all(
                some.width == other.registers[name].width
                and np.array_equal(some.states, other.registers[name].states)
                for name, some in one.registers.items()
            )
        )
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same_distribution, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(
            _same_distribution(one[child], other[child]) for child in one
        )
    return False


def _same_distribution(one: Distribution, other: Distribution) -> bool:
    return (
        (one.register, one.width) == (other.register, other.width)
        and np.array_equal(one.states, other.states)
        and one.values.dtype == other.values.dtype
        and np.array_equal(one.values, other.values)
    )


def is_at_fault(broken: Broken, paths: Sequence[Sequence[Any]]) -> bool:
    """Whether nothing else was found than the one fault."""
    return [tuple(path) for path in paths] == [broken.path]


def is_reported(broken: Broken, report: qa.Report) -> bool:
    return not report.ok and [each.pointer for each in report.findings] == [
        "/" + "/".join(broken.path)
    ]


def is_parsed(broken: Broken, parsed: Any) -> bool:
    """Whether the entry at fault was read; parsers find no fault with it."""
    return bool(_held(broken.path, parsed) == broken.fault)


# ----------------------------------------------------------------------------------------------
# Contenders: functions of bytes, with what they need made before


class Undecided(Exception):
    """The fast path did not accept a good payload."""


def _accepting(format: FormatId, in_order: bool) -> Callable[[bytes], Examined]:
    accept = examiner(format).accept

    def accepted(data: bytes) -> Examined:
        examined = accept(data)
        if examined is None:
            raise Undecided("accept answers None to a good payload, which means: don't know")
        if in_order:
            examined.columns()
        return examined

    return accepted


def _valid_for_us(format: FormatId) -> Callable[[bytes], bool]:
    return qa.validator(format).is_valid


def _parsed_by_simdjson() -> Callable[[bytes], Any]:
    from simdjson import Parser

    return lambda data: Parser().parse(data)


def _decoded_by_msgspec(format: FormatId) -> Callable[[bytes], Any]:
    from msgspec.json import Decoder

    from qartifacts_models.msgspec import MODELS

    decode: Callable[[bytes], Any] = Decoder(MODELS[format]).decode
    return decode


def _validated_by_pydantic(format: FormatId) -> Callable[[bytes], Any]:
    from qartifacts_models.pydantic import MODELS

    validate: Callable[[bytes], Any] = MODELS[format].model_validate_json
    return validate


def _document(format: FormatId) -> dict[str, Any]:
    return qa.Registry.bundled()[format].document


def _valid_for_jsonschema(format: FormatId) -> Callable[[bytes], bool]:
    from jsonschema import Draft7Validator

    is_valid = Draft7Validator(_document(format)).is_valid
    return lambda data: is_valid(json.loads(data))


def _valid_for_jsonschema_rs(format: FormatId) -> Callable[[bytes], bool]:
    from jsonschema_rs import validator_for

    is_valid = validator_for(_document(format)).is_valid
    return lambda data: is_valid(orjson.loads(data))


def _compiled_by_fastjsonschema(format: FormatId) -> Callable[[bytes], Any]:
    import fastjsonschema

    validate = fastjsonschema.compile(_document(format))
    return lambda data: validate(orjson.loads(data))


#: Classes of ionq_core.models. It has none for shots of version 1.
_IONQ_CORE: Final[Mapping[FormatId, str]] = {
    PROBABILITIES_V1: "IonqResultProbabilitiesJsonV1",
    PROBABILITIES_V2: "IonqResultProbabilitiesJsonV2",
    HISTOGRAM_V1: "IonqResultHistogramJsonV1",
    HISTOGRAM_V2: "IonqResultHistogramJsonV2",
    SHOTS_V2: "IonqResultShotsJsonV2",
    AGGREGATE_V1: "IonqResultProbabilitiesAggregateJsonV1",
}


def _made_by_ionq_core(format: FormatId) -> Callable[[bytes], Any]:
    from ionq_core import models

    from_dict = getattr(models, _IONQ_CORE[format]).from_dict
    return lambda data: from_dict(orjson.loads(data))


TEXT: Final = attrgetter("data")


def ours(format: FormatId) -> tuple[Contender, ...]:
    return tuple(
        Contender(name, OURS, Made(partial(_accepting, format, in_order)), TEXT, is_right)
        for name, in_order in (("accept", False), ("accept, columns", True))
    )


def parsers(format: FormatId) -> tuple[Contender, ...]:
    """Contenders that only read; the first one is the reference."""
    counted = partial(holds_all, format)
    return (
        Contender("orjson.loads", "orjson", orjson.loads, TEXT, counted),
        Contender("json.loads", "python", json.loads, TEXT, counted),
        Contender("Parser.parse", "pysimdjson", Made(_parsed_by_simdjson), TEXT, counted),
    )


def validators(format: FormatId, *, share: int = 1, slowest: int = 1) -> tuple[Contender, ...]:
    """Contenders that make objects of a type, or apply a schema.

    Args:
        format: What they validate.
        share: The share of those that take several times as long as a parser.
        slowest: The share of jsonschema, which takes minutes for a million entries.
    """

    def contender(
        name: str,
        package: str,
        make: Callable[[FormatId], Callable[[bytes], Any]],
        share: int,
        *,
        raises: bool = False,
    ) -> Contender:
        made = Contender(name, package, Made(partial(make, format)), TEXT, share=share)
        return replace(made, normal=has_passed) if raises else made

    found = (
        contender("typed decode", "msgspec", _decoded_by_msgspec, 1, raises=True),
        contender("model_validate_json", "pydantic", _validated_by_pydantic, share, raises=True),
        contender("json.loads, is_valid", "jsonschema", _valid_for_jsonschema, slowest),
        contender("orjson.loads, is_valid", "jsonschema-rs", _valid_for_jsonschema_rs, share),
        contender(
            "orjson.loads, compiled",
            "fastjsonschema",
            _compiled_by_fastjsonschema,
            share,
            raises=True,
        ),
    )
    if format not in _IONQ_CORE:
        return found
    made = contender("orjson.loads, from_dict", "ionq-core", _made_by_ionq_core, share, raises=True)
    return (*found, made)


# Contenders that say what is wrong.


def _explaining(format: FormatId) -> Callable[[bytes], qa.Report]:
    ready = examiner(format)
    return lambda data: ready.explain(Source("payload", data=data)).report


def _errors_of_jsonschema(format: FormatId) -> Callable[[bytes], Any]:
    from jsonschema import Draft7Validator

    iter_errors = Draft7Validator(_document(format)).iter_errors
    return lambda data: [each.absolute_path for each in iter_errors(json.loads(data))]


def _errors_of_jsonschema_rs(format: FormatId) -> Callable[[bytes], Any]:
    from jsonschema_rs import validator_for

    iter_errors = validator_for(_document(format)).iter_errors
    return lambda data: [
        list(map(str, each.instance_path)) for each in iter_errors(orjson.loads(data))
    ]


def _errors_of_pydantic(format: FormatId) -> Callable[[bytes], Any]:
    from pydantic import ValidationError

    validate = _validated_by_pydantic(format)

    def errors(data: bytes) -> Any:
        try:
            validate(data)
        except ValidationError as error:
            return [each["loc"] for each in error.errors()]
        return []

    return errors


def _error_of_fastjsonschema(format: FormatId) -> Callable[[bytes], Any]:
    from fastjsonschema import JsonSchemaValueException

    validate = _compiled_by_fastjsonschema(format)

    def errors(data: bytes) -> Any:
        try:
            validate(data)
        except JsonSchemaValueException as error:
            return [error.path[1:]]  # The first part is "data".
        return []

    return errors


def findings(format: FormatId) -> tuple[Contender, ...]:
    check = partial(qa.check, format=format)
    return (
        Contender("check", OURS, check, TEXT, is_reported),
        Contender("explain", OURS, Made(partial(_explaining, format)), TEXT, is_reported),
        Contender("orjson.loads", "orjson", orjson.loads, TEXT, is_parsed),
        Contender("json.loads", "python", json.loads, TEXT, is_parsed),
    )


def errors(format: FormatId) -> tuple[Contender, ...]:
    """Contenders that tell where a payload breaks its schema."""
    return tuple(
        Contender(name, package, Made(partial(make, format)), TEXT, is_at_fault, share)
        for name, package, make, share in (
            ("json.loads, iter_errors", "jsonschema", _errors_of_jsonschema, 100),
            ("orjson.loads, iter_errors", "jsonschema-rs", _errors_of_jsonschema_rs, 1),
            ("orjson.loads, compiled", "fastjsonschema", _error_of_fastjsonschema, 1),
            ("model_validate_json", "pydantic", _errors_of_pydantic, 1),
        )
    )


# ----------------------------------------------------------------------------------------------
# Tasks


def shots_v2_task(
    name: str, what: str, registers: Mapping[str, int], *, spaced: bool = False, share: int = 10
) -> Task:
    return Task(
        f"validate-shots-v2-{name}",
        f"Shots of version 2, {what}.",
        partial(shots_v2, registers, spaced),
        (
            *ours(SHOTS_V2),
            *parsers(SHOTS_V2),
            *validators(SHOTS_V2, share=share, slowest=100),
        ),
        reference="orjson.loads",
        targets=(faster(200), faster(60, without_gc=True), memory_at_most(45)),
    )


def outcomes_task(format: FormatId, name: str, what: str, speed: float) -> Task:
    return Task(
        f"validate-{name}",
        f"{what} of {WIDTH} qubits, no state twice, in no order.",
        partial(outcomes, format),
        (*ours(format), *parsers(format), *validators(format, slowest=100)),
        reference="orjson.loads",
        targets=(faster(speed), memory_at_most(80)),
        small=8_000,
    )


def aggregate_task(states_each: int, speed: float, small: int, slowest: int) -> Task:
    return Task(
        f"validate-aggregate-{states_each}",
        f"Probabilities of the children of a multi-circuit job: an entry is a child, which has "
        f"{states_each} states of {WIDTH} qubits.",
        partial(aggregate, states_each),
        (
            *ours(AGGREGATE_V1),
            *parsers(AGGREGATE_V1),
            *validators(AGGREGATE_V1, slowest=slowest),
        ),
        reference="orjson.loads",
        targets=(faster(speed), memory_multiple_at_most(2, of=PAYLOAD)),
        full=5_000,
        small=small,
    )


def refusal_task(name: str, what: str, fault: Any, others: tuple[Contender, ...]) -> Task:
    return Task(
        f"refuse-histogram-{name}",
        f"Tell what is wrong with a histogram of version 2, {WIDTH} qubits, in which {what}.",
        partial(broken_histogram, fault),
        (*findings(HISTOGRAM_V2), *others),
        reference="orjson.loads",
        targets=(time_at_most(40), memory_multiple_at_most(4)),
    )


TASKS: Final = (
    shots_v2_task(
        "compact",
        f"{WIDTH} qubits. Others make objects of every bit, which ours does not",
        {SYSTEM_REGISTER: WIDTH},
        share=1,
    ),
    shots_v2_task(
        "spaced",
        f"{WIDTH} qubits, with spaces as json.dumps writes them",
        {SYSTEM_REGISTER: WIDTH},
        spaced=True,
    ),
    shots_v2_task(
        "registers",
        f"three registers, of {WIDTH}, 24 and 12 bits",
        {SYSTEM_REGISTER: WIDTH, "data": 24, "syndrome": 12},
    ),
    shots_v2_task("wide", "100 qubits", {SYSTEM_REGISTER: 100}),
    Task(
        "validate-shots-v1",
        f"Shots of version 1, {WIDTH} qubits. ionq-core has no model of them.",
        shots_v1,
        (*ours(SHOTS_V1), *parsers(SHOTS_V1), *validators(SHOTS_V1, slowest=100)),
        reference="orjson.loads",
        targets=(faster(2.5), memory_at_most(40)),
        small=8_000,
    ),
    outcomes_task(HISTOGRAM_V2, "histogram-v2", "A histogram of version 2", 6),
    outcomes_task(HISTOGRAM_V1, "histogram-v1", "A histogram of version 1", 5),
    outcomes_task(PROBABILITIES_V2, "probabilities-v2", "Probabilities of version 2", 4.5),
    outcomes_task(PROBABILITIES_V1, "probabilities-v1", "Probabilities of version 1", 3),
    aggregate_task(64, 1.8, small=150, slowest=100),
    aggregate_task(2, 0.9, small=2_000, slowest=1),
    Task(
        "validate-bell",
        f"A Bell state as probabilities of version 2, {len(BELL)} bytes, by what is ready for it.",
        bell,
        (
            Contender("is_valid", OURS, Made(partial(_valid_for_us, PROBABILITIES_V2)), TEXT),
            *ours(PROBABILITIES_V2),
            *parsers(PROBABILITIES_V2),
            *validators(PROBABILITIES_V2),
        ),
        reference="orjson.loads",
        targets=(time_at_most(5), faster(20, of="json.loads, is_valid")),
        full=2,
        small=2,
        repeats=20_000,
    ),
    refusal_task("null", "one count is null", None, errors(HISTOGRAM_V2)),
    refusal_task("negative", "one count is negative, of which the schema says nothing", -12, ()),
)
