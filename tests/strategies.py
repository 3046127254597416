"""Valid payloads of every format, and single mutations that each break one rule."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

P1 = "ionq.result.probabilities.json.v1"
P2 = "ionq.result.probabilities.json.v2"
H1 = "ionq.result.histogram.json.v1"
H2 = "ionq.result.histogram.json.v2"
S1 = "ionq.result.shots.json.v1"
S2 = "ionq.result.shots.json.v2"
AGGREGATE = "ionq.result.probabilities-aggregate.json.v1"
NATIVE = "ionq.native.v1"
AZURE = "ionq.quantum-results.v1"
MICROSOFT = "microsoft.quantum-results.v2"
BRAKET = "braket.gate-model-task-result.v1"

WIDTHS = st.sampled_from([1, 2, 3, 5, 36, 64, 65, 100])
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@st.composite
def states(draw: st.DrawFn, width: int, at_least: int = 1) -> list[int]:
    largest = (1 << width) - 1
    return draw(
        st.lists(
            st.integers(0, largest), min_size=min(at_least, largest + 1), max_size=5, unique=True
        )
    )


def bitstring(state: int, width: int) -> str:
    """Wire order: bit 0 of the state is the leftmost character."""
    return format(state, f"0{width}b")[::-1]


@st.composite
def shares(draw: st.DrawFn, number: int) -> list[float]:
    """Probabilities that sum to 1 as nearly as doubles allow, zeros and whole numbers among them."""
    weights = draw(st.lists(st.integers(0, 1000), min_size=number, max_size=number))
    weights[0] += 1
    return [
        weight / sum(weights) if weight % 7 else round(weight / sum(weights), 10)
        for weight in weights
    ]


@st.composite
def distribution(draw: st.DrawFn, width: int, *, bitstrings: bool) -> dict[str, float]:
    keys = draw(states(width))
    values = draw(shares(len(keys)))
    return {
        bitstring(key, width) if bitstrings else str(key): value
        for key, value in zip(keys, values, strict=True)
    }


@st.composite
def counts(draw: st.DrawFn, width: int, total: int, *, bitstrings: bool) -> dict[str, Any]:
    keys = draw(states(width))
    rest, values = total, []
    for _ in keys[1:]:
        values.append(draw(st.integers(0, rest)))
        rest -= values[-1]
    values.append(rest)
    as_float = draw(st.booleans())
    return {
        bitstring(key, width) if bitstrings else str(key): float(value) if as_float else value
        for key, value in zip(keys, values, strict=True)
    }


@st.composite
def tallies(
    draw: st.DrawFn, width: int, most: int = 10**6, *, zeros: bool = False
) -> dict[int, int]:
    """Counts by state as an integer, at least one of them not zero."""
    keys = draw(states(width))
    number = st.integers(0 if zeros else 1, most)
    values = draw(st.lists(number, min_size=len(keys), max_size=len(keys)).filter(any))
    return dict(zip(keys, values, strict=True))


@st.composite
def registers(draw: st.DrawFn) -> dict[str, int]:
    """Widths by register name."""
    return draw(st.dictionaries(NAMES, WIDTHS, min_size=1, max_size=3))


@st.composite
def probabilities_v2(draw: st.DrawFn) -> Any:
    widths = draw(registers())
    return {
        "probabilities": {
            "registers": {
                name: draw(distribution(width, bitstrings=True)) for name, width in widths.items()
            }
        }
    }


@st.composite
def histogram_v2(draw: st.DrawFn, most: int = 10**6) -> Any:
    widths, total = draw(registers()), draw(st.integers(1, most))
    return {
        "histogram": {
            "registers": {
                name: draw(counts(width, total, bitstrings=True)) for name, width in widths.items()
            }
        }
    }


@st.composite
def shots_v2(draw: st.DrawFn) -> Any:
    widths = draw(registers())
    bits = st.sampled_from([0, 1])
    shot = st.fixed_dictionaries(
        {
            "registers": st.fixed_dictionaries(
                {name: st.lists(bits, min_size=w, max_size=w) for name, w in widths.items()}
            )
        },
        optional={"leakage_bits": st.none() | st.lists(bits, max_size=4)},
    )
    return {"shots": draw(st.lists(shot, min_size=1, max_size=4))}


@st.composite
def aggregate(draw: st.DrawFn) -> Any:
    children = draw(st.lists(st.integers(0, 2**128 - 1), min_size=1, max_size=3, unique=True))
    return {
        str(uuid.UUID(int=child)): draw(distribution(draw(WIDTHS), bitstrings=False))
        for child in children
    }


@st.composite
def native(draw: st.DrawFn) -> Any:
    qubits = draw(st.integers(2, 100))
    turns = st.floats(-1, 1, allow_nan=False)
    qubit = st.integers(0, qubits - 1)
    two = st.lists(qubit, min_size=2, max_size=2, unique=True)
    gate = st.one_of(
        st.fixed_dictionaries({"gate": st.sampled_from(["gpi", "gpi2"]), "target": qubit, "phase": turns}),
        st.fixed_dictionaries({"gate": st.just("ms"), "targets": two, "phases": st.lists(turns, min_size=2, max_size=2)}),
        st.fixed_dictionaries({"gate": st.just("zz"), "targets": two}, optional={"angle": turns}),
        st.fixed_dictionaries({"gate": st.just("nop")}, optional={"target": qubit}),
    )  # fmt: skip
    return {"qubits": qubits, "circuit": draw(st.lists(gate, max_size=4))}


@st.composite
def azure(draw: st.DrawFn) -> Any:
    payload: dict[str, Any] = {"histogram": draw(distribution(draw(WIDTHS), bitstrings=False))}
    if draw(st.booleans()):
        payload["duration"] = draw(st.integers(0, 10**9))
    return payload


@st.composite
def microsoft(draw: st.DrawFn) -> Any:
    """One register or a tuple of several; with single shots, or without."""
    widths = draw(st.lists(WIDTHS, min_size=1, max_size=3))
    bits = st.sampled_from([0, 1])
    several = draw(st.booleans()) or len(widths) > 1
    shots = draw(
        st.lists(
            st.tuples(*(st.lists(bits, min_size=each, max_size=each) for each in widths)),
            min_size=1,
            max_size=6,
        )
    )

    def written(shot: tuple[list[int], ...]) -> Any:
        if not several:
            return shot[0]
        return {f"Item{at}": each for at, each in enumerate(shot, 1)}

    histogram = []
    for shot in [each for at, each in enumerate(shots) if each not in shots[:at]]:
        label = ",".join(map(str, shot)).replace(" ", "")
        histogram.append(
            {
                "Outcome": written(shot),
                "Display": f"({label})" if several else label,
                "Count": shots.count(shot),
            }
        )
    result: dict[str, Any] = {"Histogram": histogram}
    if draw(st.booleans()):
        result["Shots"] = list(map(written, shots))
    return {"DataFormat": MICROSOFT, "Results": [result]}


@st.composite
def braket(draw: st.DrawFn) -> Any:
    """Measurements, or probabilities, of some qubits in some order."""
    width = draw(WIDTHS)
    shots = draw(st.integers(1, 60))
    payload: dict[str, Any] = {"additionalMetadata": {}}
    if draw(st.booleans()):
        row = st.lists(st.sampled_from([0, 1]), min_size=width, max_size=width)
        payload["measurements"] = draw(st.lists(row, min_size=1, max_size=6))
        shots = len(payload["measurements"])
        if draw(st.booleans()):
            keys = ["".join(map(str, bits)) for bits in payload["measurements"]]
            payload["measurementProbabilities"] = {key: keys.count(key) / shots for key in keys}
    else:
        payload["measurementProbabilities"] = draw(distribution(width, bitstrings=True))
    if draw(st.booleans()):
        payload["measuredQubits"] = draw(st.permutations(range(width)))
    payload["taskMetadata"] = {"id": "a", "shots": shots, "deviceId": "b"}
    return payload


PAYLOADS: dict[str, st.SearchStrategy[Any]] = {
    P1: WIDTHS.flatmap(lambda width: distribution(width, bitstrings=False)),
    P2: probabilities_v2(),
    H1: WIDTHS.flatmap(
        lambda width: st.integers(1, 10**6).flatmap(
            lambda total: counts(width, total, bitstrings=False)
        )
    ),
    H2: histogram_v2(),
    S1: WIDTHS.flatmap(lambda width: st.lists(st.integers(0, (1 << width) - 1).map(str), min_size=1, max_size=6)),
    S2: shots_v2(),
    AGGREGATE: aggregate(),
    NATIVE: native(),
    AZURE: azure(),
    MICROSOFT: microsoft(),
    BRAKET: braket(),
}  # fmt: skip


class Mutation(NamedTuple):
    """A change to a valid payload that breaks one rule; ``change`` gives None where it cannot."""

    format: str
    name: str
    code: str
    change: Callable[[Any], Any]


def _first(mapping: dict[str, Any]) -> str:
    return next(iter(mapping))


def _registers(payload: Any) -> dict[str, Any]:
    (member,) = payload
    inner: dict[str, Any] = payload[member]["registers"]
    return inner


def _first_register(payload: Any) -> dict[str, Any]:
    found: dict[str, Any] = next(iter(_registers(payload).values()))
    return found


def _rekey(outcomes: dict[str, Any], key: str) -> None:
    outcomes[key] = outcomes.pop(_first(outcomes))


def _on(select: Callable[[Any], Any], change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Change a part of a copy; a change that answers False could not be made."""

    def mutate(payload: Any) -> Any:
        payload = copy.deepcopy(payload)
        return None if change(select(payload)) is False else payload

    return mutate


def _itself(payload: Any) -> Any:
    return payload


def _first_child(payload: Any) -> Any:
    return payload[_first(payload)]


def _set_first(value: Any) -> Callable[[Any], None]:
    def change(container: Any) -> None:
        container[_first(container) if isinstance(container, dict) else 0] = value

    return change


def _on_distributions() -> list[Mutation]:
    found = []
    for format, select in ((P1, _itself), (P2, _first_register), (AGGREGATE, _first_child)):
        key_code = "QA207" if format == P2 else "QA206"
        found += [
            Mutation(format, "sum", "QA201", _on(select, _halve)),
            Mutation(format, "sum-slightly", "QA202", _on(select, _shave)),
            Mutation(format, "above-1", "QA203", _on(select, _set_first(1.0000001))),
            Mutation(format, "below-0", "QA203", _on(select, _set_first(-1e-12))),
            Mutation(format, "empty", "QA204", _on(select, dict.clear)),
            Mutation(format, "text", "QA101", _on(select, _set_first("0.5"))),
            Mutation(format, "true", "QA101", _on(select, _set_first(True))),
            Mutation(format, "null", "QA101", _on(select, _set_first(None))),
            Mutation(format, "word", key_code, _on(select, lambda each: _rekey(each, "x"))),
            Mutation(format, "blank", key_code, _on(select, lambda each: _rekey(each, " 1"))),
            Mutation(format, "digit", key_code, _on(select, lambda each: _rekey(each, "\u0661"))),
        ]
        if format != P2:
            found.append(
                Mutation(format, "pad", "QA206", _on(select, lambda o: _rekey(o, "0" + _first(o))))
            )
    return found


def _halve(outcomes: dict[str, Any]) -> None:
    for key in outcomes:
        outcomes[key] /= 2


def _shave(outcomes: dict[str, Any]) -> None:
    largest = max(outcomes, key=lambda key: outcomes[key])
    outcomes[largest] -= 5e-4


def _on_histograms() -> list[Mutation]:
    found = []
    for format, select in ((H1, _itself), (H2, _first_register)):
        key_code = "QA207" if format == H2 else "QA206"
        found += [
            Mutation(format, "fraction", "QA210", _on(select, _set_first(0.5))),
            Mutation(format, "negative", "QA211", _on(select, _set_first(-1))),
            Mutation(format, "huge", "QA212", _on(select, _set_first(2**53))),
            Mutation(format, "text", "QA101", _on(select, _set_first("5"))),
            Mutation(format, "true", "QA101", _on(select, _set_first(True))),
            Mutation(format, "word", key_code, _on(select, lambda each: _rekey(each, "0x1"))),
        ]
    return found


def _shorten(payload: Any) -> bool | None:
    """Cut the first bit off one of several keys of a register."""
    for outcomes in _registers(payload).values():
        if len(outcomes) > 1 and len(_first(outcomes)) > 1:
            key = list(outcomes)[-1]
            outcomes[key[1:]] = outcomes.pop(key)
            return None
    return False


def _lose_a_shot(payload: Any) -> bool | None:
    if len(_registers(payload)) < 2:
        return False
    outcomes = _first_register(payload)
    key = max(outcomes, key=lambda each: outcomes[each])
    outcomes[key] += 1
    return None


def _first_bits(payload: Any) -> list[Any]:
    bits: list[Any] = next(iter(payload["shots"][0]["registers"].values()))
    return bits


def _narrow_last(payload: Any) -> bool | None:
    if len(payload["shots"]) < 2:
        return False
    next(iter(payload["shots"][-1]["registers"].values())).append(0)
    return None


def _rename_register(payload: Any) -> bool | None:
    if len(payload["shots"]) < 2:
        return False
    _rekey(payload["shots"][-1]["registers"], "another name")
    return None


def _first_gate(change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], Any]:
    def on_first(payload: Any) -> Any:
        return change(payload["circuit"][0]) if payload["circuit"] else False

    return _on(_itself, on_first)


def _first_gate_on_two(targets: Callable[[int], list[Any]]) -> Callable[[Any], Any]:
    def change(payload: Any) -> bool | None:
        for gate in payload["circuit"]:
            if "targets" in gate:
                gate["targets"] = targets(payload["qubits"])
                return None
        return False

    return _on(_itself, change)


MUTATIONS = [
    *_on_distributions(),
    *_on_histograms(),
    Mutation(H1, "empty", "QA214", lambda payload: {}),
    Mutation(H2, "no-register", "QA214", _on(_registers, dict.clear)),
    Mutation(P2, "width", "QA208", _on(_itself, _shorten)),
    Mutation(P2, "no-register", "QA204", _on(_registers, dict.clear)),
    Mutation(P2, "no-registers", "QA102", lambda payload: {"probabilities": {}}),
    Mutation(H2, "width", "QA208", _on(_itself, _shorten)),
    Mutation(H2, "totals", "QA213", _on(_itself, _lose_a_shot)),
    Mutation(H2, "no-registers", "QA102", lambda payload: {"histogram": {}}),
    Mutation(S1, "pad", "QA224", lambda payload: ["0" + payload[0], *payload[1:]]),
    Mutation(S1, "sign", "QA224", lambda payload: [*payload, "-1"]),
    Mutation(S1, "float", "QA101", lambda payload: [*payload, 0.5]),
    Mutation(S1, "negative", "QA224", lambda payload: [*payload, -1]),
    Mutation(S1, "empty", "QA220", lambda payload: []),
    Mutation(S2, "bit", "QA221", _on(_first_bits, _set_first(2))),
    Mutation(S2, "half", "QA221", _on(_first_bits, _set_first(0.5))),
    Mutation(S2, "true", "QA101", _on(_first_bits, _set_first(True))),
    Mutation(S2, "width", "QA222", _on(_itself, _narrow_last)),
    Mutation(S2, "register", "QA223", _on(_itself, _rename_register)),
    Mutation(
        S2, "leakage", "QA225", _on(lambda p: p["shots"][0], lambda s: s.update(leakage_bits=[2]))
    ),
    Mutation(S2, "empty", "QA220", lambda payload: {"shots": []}),
    Mutation(S2, "no-shots", "QA102", lambda payload: {}),
    Mutation(AGGREGATE, "name", "QA230", _on(_itself, lambda p: _rekey(p, "first"))),
    Mutation(AGGREGATE, "plain", "QA230", _on(_itself, lambda p: _rekey(p, _first(p).replace("-", "")))),
    Mutation(AGGREGATE, "empty", "QA232", lambda payload: {}),
    Mutation(NATIVE, "qubits", "QA240", lambda payload: {**payload, "qubits": 0}),
    Mutation(NATIVE, "gate", "QA241", _first_gate(lambda gate: gate.update(gate="h"))),
    Mutation(NATIVE, "member", "QA103", _first_gate(lambda gate: gate.update(target_=0))),
    Mutation(NATIVE, "control", "QA243", _first_gate(lambda gate: gate.update(controls=[100]))),
    Mutation(NATIVE, "half", "QA242", _first_gate_on_two(lambda qubits: [0, 0.5])),
    Mutation(NATIVE, "range", "QA243", _first_gate_on_two(lambda qubits: [0, qubits])),
    Mutation(NATIVE, "one", "QA244", _first_gate_on_two(lambda qubits: [0])),
    Mutation(NATIVE, "twice", "QA245", _first_gate_on_two(lambda qubits: [1, 1.0])),
]  # fmt: skip
