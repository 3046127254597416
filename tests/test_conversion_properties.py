"""Conversions of whatever payload: each property quotes the rule that it holds."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import qartifacts as qa
from qartifacts.conversion import CONVERSIONS, KINDS, NEEDS, Route
from qartifacts.identifiers import VENDOR_FORMATS, FormatId
from qartifacts.payloads.states import to_integers
from strategies import (
    AGGREGATE,
    AZURE,
    BRAKET,
    H1,
    H2,
    MICROSOFT,
    P1,
    P2,
    PAYLOADS,
    S1,
    S2,
    bitstring,
    counts,
    histogram_v2,
    states,
    tallies,
)
from support import RESULT_FORMATS

CHILD = "06a2099c-f845-7208-8000-8111ee2dccbc"
WIDEST = 100  #: Of what the generators make.
VERSION_2 = (P2, H2, S2)


FEW_SHOTS: dict[str, st.SearchStrategy[Any]] = {
    H1: st.sampled_from([1, 5, 65]).flatmap(lambda width: counts(width, 30, bitstrings=False)),
    H2: histogram_v2(30),
}


def short(value: Any) -> str | None:
    if isinstance(value, Route):
        return f"{short(value.source)}-{short(value.target)}"
    return value.removeprefix("ionq.result.") if isinstance(value, str) else None


def load(payload: Any, format: str, **parameters: Any) -> qa.Artifact:
    return qa.load(json.dumps(payload).encode(), format=format, **parameters)


def kinds(artifact: qa.Artifact, effect: str) -> set[str]:
    return {change.kind for change in artifact.lost if change.effect == effect}


def content(distribution: qa.Distribution) -> tuple[Any, Any]:
    """What a distribution holds, to be compared."""
    states = to_integers(distribution.states)
    # Version 1 does not record a width, which is known before it is written nevertheless.
    return states, distribution.values.tolist()


def enough(route: Route, artifact: qa.Artifact, data: st.DataObject) -> dict[str, Any]:
    """All that a route needs, and the register where only one can be taken."""
    child = CHILD if route.source != AGGREGATE else data.draw(st.sampled_from([*artifact.payload]))
    given: dict[str, Any] = {
        "qubits": WIDEST,
        "shots": data.draw(st.integers(1, 60)),
        "shot_order": data.draw(st.sampled_from(["sorted", "shuffled"])),
        "child": child,
    }
    wanted = {*route.needs, *route.may_need}
    if "shots" in route.may_need:
        wanted.remove("shots")  # A task result records how many there were.
    given = {name: given[name] for name in given if name in wanted}
    if "shots" in (*route.needs, *route.may_need):
        given["method"] = data.draw(st.sampled_from(["round", "sample"]))
    if {"sample", "shuffled"} & set(given.values()):
        given["seed"] = data.draw(st.integers(0, 2**128 - 1))
    if takes_one_register(route) and len(artifact.register_names) > 1:
        given["register"] = data.draw(st.sampled_from(artifact.register_names))
    if route.source == S2:
        given["keep_leaked"] = not artifact.shots or data.draw(st.booleans())
    return given


def payloads(route: Route) -> st.SearchStrategy[Any]:
    """Payloads of the source; where each of their shots is listed, not too many."""
    if KINDS[route.target] == "shots" and route.source in FEW_SHOTS:
        return FEW_SHOTS[route.source]
    return PAYLOADS[route.source]


def takes_one_register(route: Route) -> bool:
    return route.target.version == "v1" or (KINDS[route.target] == "shots" and route.source != S2)


all_routes = pytest.mark.parametrize("route", CONVERSIONS.values(), ids=short)
lossless = pytest.mark.parametrize(
    "route", [route for route in CONVERSIONS.values() if route.lossless], ids=short
)
both_orders = pytest.mark.parametrize("bit_order", ["wire", "reversed"])


@all_routes
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_every_conversion_keeps_its_entry_of_the_table(route: Route, data: st.DataObject) -> None:
    """It works given its needs; it loses what it loses, at most what it may, and it is valid.

    Register names are single here: what is lost where one of several is picked follows below.
    """
    artifact = load(data.draw(payloads(route)), route.source)
    given = enough(route, artifact, data)
    made = artifact.convert(route.target, **given)
    assert made.format == route.target
    lost, invented = kinds(made, "lost"), kinds(made, "invented")
    picked = set()
    if "register" in given and route.target in VERSION_2:
        picked = {"registers"}  # See test_the_table_tells_of_registers_that_are_not_picked.
    assert set(route.loses) <= lost <= {*route.loses, *route.may_lose} | picked
    assert set(route.invents) <= invented <= {*route.invents, *route.may_invent}
    report = qa.check(made.to_bytes(), format=route.target)
    assert report.errors == report.warnings == 0, report.findings


@all_routes
@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_every_conversion_answers_as_what_it_writes(route: Route, data: st.DataObject) -> None:
    """Columns, and what is loaded of the bytes written from them, say the same."""
    artifact = load(data.draw(payloads(route)), route.source)
    made = artifact.convert(route.target, **enough(route, artifact, data))
    again = qa.load(made.to_bytes(), format=route.target)
    for first, second in ((made, again), (again, made)):  # The second time, it has been checked.
        assert first.register_names == second.register_names
        assert (first.shots, first.leaked) == (second.shots, second.leaked)
        for name in first.register_names:
            assert first.width(name) == second.width(name)
            if first.format != AGGREGATE:
                for keep in (True, False):
                    one = first.distribution(name, keep_leaked=keep)
                    assert content(one) == content(second.distribution(name, keep_leaked=keep))
        assert made.payload == again.payload
        assert made.to_bytes() == again.to_bytes()


@pytest.mark.parametrize("route", [r for r in CONVERSIONS.values() if r.needs], ids=short)
@given(data=st.data())
@settings(max_examples=2, deadline=None)
def test_what_is_missing_is_named(route: Route, data: st.DataObject) -> None:
    """Of what is missing, the first is named; a width last, for it may turn out to be recorded."""
    artifact = load(data.draw(payloads(route)), route.source)
    given = enough(route, artifact, data)
    order = sorted(route.needs, key=lambda name: name == "qubits")
    for number in range(1, len(order) + 1):
        for missing in itertools.combinations(order, number):
            with pytest.raises(qa.MissingParameter) as caught:
                artifact.convert(
                    route.target, **{name: given[name] for name in given if name not in missing}
                )
            assert caught.value.parameter == missing[0]
            assert caught.value.why == NEEDS[missing[0]]


def test_all_other_pairs_are_unsupported() -> None:
    """What is not in the table cannot be converted, and the error says which pair it is."""
    examples: dict[str, Any] = {
        P1: {"0": 1},
        P2: {"probabilities": {"registers": {"c": {"0": 1}}}},
        H1: {"0": 1},
        H2: {"histogram": {"registers": {"c": {"0": 1}}}},
        S1: ["0"],
        S2: {"shots": [{"registers": {"c": [0]}}]},
        AGGREGATE: {CHILD: {"0": 1}},
        "ionq.native.v1": {"qubits": 1, "circuit": []},
        AZURE: {"histogram": {"0": 1}},
        MICROSOFT: {
            "DataFormat": MICROSOFT,
            "Results": [{"Histogram": [{"Outcome": [0], "Display": "[0]", "Count": 1}]}],
        },
        BRAKET: {
            "measurements": [[0]],
            "taskMetadata": {"id": "a", "shots": 1, "deviceId": "b"},
            "additionalMetadata": {},
        },
    }
    assert set(examples) == {*RESULT_FORMATS, *VENDOR_FORMATS}
    unsupported = 0
    for source, target in itertools.product(examples, repeat=2):
        if (source, target) in CONVERSIONS:
            continue
        unsupported += 1
        with pytest.raises(qa.UnsupportedConversion) as caught:
            qa.load(examples[source], format=source).convert(
                target, shots=1, qubits=1, child=CHILD, shot_order="sorted"
            )
        assert (caught.value.source, caught.value.target) == (source, target)
        assert caught.value.reason == "unsupported"
    # Circuits: to and from each of the others, and to themselves. To formats of other clouds, from
    # each of the others; from them, to each other, to themselves and to aggregates.
    assert unsupported == 15 + 3 * 8 + 3 * 3 + 3 * 2
    from_vendors = itertools.product(VENDOR_FORMATS, set(KINDS) - {AGGREGATE})
    assert set(CONVERSIONS) == {*itertools.product(KINDS, repeat=2), *from_vendors}


# ----------------------------------------------------------------------------------------------
# There and back


@lossless
@both_orders
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_lossless_conversions_can_be_undone(
    route: Route, bit_order: Any, data: st.DataObject
) -> None:
    """``source -> target -> source`` gives the same bytes, where the table says lossless.

    That is with one register picked, leaked shots kept, and counts behind the probabilities.
    """
    shots, payload = None, data.draw(payloads(route))
    if "shots" in route.needs:
        shots, payload = data.draw(probabilities_of_counts(route.source))
    artifact = load(payload, route.source, bit_order=bit_order)
    given: dict[str, Any] = {"qubits": WIDEST, "shots": shots, "child": CHILD, "keep_leaked": True}
    if takes_one_register(route) and len(artifact.register_names) > 1:
        artifact = artifact.select(data.draw(st.sampled_from(artifact.register_names)))
    there = artifact.convert(route.target, **given)
    assert there.lost == artifact.lost
    back = there.convert(route.source, **given)
    assert back.payload == artifact.payload
    if route.source != S2:  # Whose shots each may name their registers in an order of their own.
        assert back.to_bytes() == artifact.to_bytes()
    assert (there.bit_order, back.bit_order) == (bit_order, bit_order)


@st.composite
def probabilities_of_counts(draw: st.DrawFn, format: str) -> tuple[int, Any]:
    """A number of shots, and probabilities that each are a whole count divided by it."""
    width = draw(st.sampled_from([1, 3, 64, 65, 100]))
    tally = draw(tallies(width, zeros=True))
    total = sum(tally.values())
    if format == P1:
        return total, {str(state): count / total for state, count in tally.items()}
    outcomes = {bitstring(state, width): count / total for state, count in tally.items()}
    return total, {"probabilities": {"registers": {"c": outcomes}}}


@pytest.mark.parametrize(("one", "two"), [(P1, P2), (H1, H2), (S1, S2)], ids=short)
@pytest.mark.parametrize("width", [1, 2, 63, 64, 65, 127, 128])
@both_orders
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_version_1_to_version_2_and_back(
    one: str, two: str, width: int, bit_order: Any, data: st.DataObject
) -> None:
    """v1 -> v2 -> v1 is the identity at any width up to 128."""
    keys = data.draw(states(width))
    payload: Any = {str(state): 1 / len(keys) for state in keys}
    if one == H1:
        payload = {str(state): at + 1 for at, state in enumerate(keys)}
    if one == S1:
        payload = [str(state) for state in keys]
    artifact = load(payload, one)
    there = artifact.convert(two, qubits=width, bit_order=bit_order)
    assert there.width() == width
    text = json.loads(there.to_bytes())
    assert qa.load(text, format=two, bit_order=bit_order).convert(one).to_bytes() == (
        artifact.to_bytes()
    )


@both_orders
@pytest.mark.parametrize("format", VERSION_2, ids=short)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_changing_the_bit_order_twice_is_not_changing_it(
    format: str, bit_order: Any, data: st.DataObject
) -> None:
    """Written the other way and read the other way, a file says the same."""
    artifact = load(data.draw(PAYLOADS[format]), format, bit_order=bit_order)
    other: Any = "wire" if bit_order == "reversed" else "reversed"
    turned = artifact.convert(format, keep_leaked=True, output_bit_order=other)
    assert turned.bit_order == other
    again = qa.load(turned.to_bytes(), format=format, bit_order=other)
    for name in artifact.register_names:
        assert content(again.distribution(name)) == content(artifact.distribution(name))
    back = again.convert(format, keep_leaked=True, output_bit_order=bit_order)
    assert back.payload == artifact.payload


@pytest.mark.parametrize("format", VERSION_2, ids=short)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_order_never_changes_a_marginal(format: str, data: st.DataObject) -> None:
    """Bit k of a file read in wire order is bit ``width - 1 - k`` of the same file reversed."""
    payload = data.draw(PAYLOADS[format])
    wire, reverse = load(payload, format), load(payload, format, bit_order="reversed")
    assume(wire.shots != 0)
    name = data.draw(st.sampled_from(wire.register_names))
    width = wire.width(name)
    assert width is not None
    some = st.lists(st.integers(0, width - 1), min_size=1, max_size=4, unique=True)
    positions = data.draw(some)
    one = wire.marginal(positions, name)
    other = reverse.marginal([width - 1 - at for at in positions], name)
    assert one.width() == other.width() == len(positions)
    assert one.probabilities() == pytest.approx(other.probabilities(), abs=1e-12)
    # And by counting characters, without any columns.
    shares: dict[str, float] = {}
    for state, share in wire.probabilities(name).items():
        picked = "".join(state[at] for at in positions)
        shares[picked] = shares.get(picked, 0.0) + share
    assert one.probabilities() == pytest.approx(shares, abs=1e-9)


# ----------------------------------------------------------------------------------------------
# Shots and counts


@pytest.mark.parametrize("target", [H1, H2], ids=short)
@both_orders
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_counts_of_shots_are_those_of_counter(
    target: str, bit_order: Any, data: st.DataObject
) -> None:
    """Each register by itself; leaked shots are left out, or in, and it is said how many."""
    payload = data.draw(PAYLOADS[S2])
    artifact = load(payload, S2, bit_order=bit_order)
    keep = data.draw(st.booleans()) or not artifact.shots
    shots = [shot for shot in payload["shots"] if keep or not any(shot.get("leakage_bits") or ())]
    names = artifact.register_names if target == H2 else (data.draw(st.sampled_from(artifact.register_names)),)  # fmt: skip
    made = artifact.convert(target, register=names, keep_leaked=keep)
    for name in names:
        naive = Counter("".join(map(str, shot["registers"][name])) for shot in shots)
        if target == H2:
            assert made.payload["histogram"]["registers"][name] == naive
        else:
            wire = {key if bit_order == "wire" else key[::-1]: naive[key] for key in naive}
            assert made.payload == {str(int(key[::-1], 2)): wire[key] for key in wire}
            assert made.counts(width=artifact.width(name)) == wire
    dropped = [change.number for change in made.lost if change.kind == "leaked-shots"]
    gone = len(payload["shots"]) - len(shots)
    assert dropped == ([gone] if gone else [])
    assert (made.shots, made.leaked) == (len(shots), None)


@pytest.mark.parametrize("target", [S1, S2], ids=short)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_shots_made_of_counts_count_the_same(target: str, data: st.DataObject) -> None:
    """Sorted shots ascend; shuffled ones are those shots in another order; both count the same."""
    tally = data.draw(tallies(data.draw(st.sampled_from([1, 5, 65])), 20, zeros=True))
    histogram = load({str(state): count for state, count in tally.items()}, H1)
    seed = data.draw(st.integers(0, 100))
    made = {
        order: histogram.convert(target, qubits=65, shot_order=order, seed=seed)
        for order in ("sorted", "shuffled")
    }
    # Kept in the file, zero entries cannot be told by shots.
    expected = {state: count for state, count in sorted(tally.items()) if count}
    listed = [state for state, count in expected.items() for _ in range(count)]
    integers = {}
    for order, shots in made.items():
        rows = shots.bits(width=65)
        integers[order] = [sum(bit << k for k, bit in enumerate(row)) for row in rows.tolist()]
        assert shots.counts_int() == expected
    assert integers["sorted"] == listed
    assert sorted(integers["shuffled"]) == listed


@pytest.mark.parametrize(("histogram", "probabilities"), [(H1, P1), (H2, P2), (H1, P2), (H2, P1)], ids=short)  # fmt: skip
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_counts_to_probabilities_to_exact_is_the_identity(
    histogram: str, probabilities: str, data: st.DataObject
) -> None:
    """Zero entries stay, and totals may go up to 1e9 and beyond."""
    width = data.draw(st.sampled_from([1, 3, 64, 65, 100]))
    tally = data.draw(tallies(width, data.draw(st.sampled_from([5, 10**4, 10**9])), zeros=True))
    payload: Any = {str(state): count for state, count in tally.items()}
    if histogram == H2:
        outcomes = {bitstring(state, width): count for state, count in tally.items()}
        payload = {"histogram": {"registers": {"output_all": outcomes}}}
    artifact = load(payload, histogram)
    divided = artifact.convert(probabilities, qubits=width)
    (count,) = (change for change in divided.lost if change.kind == "shot-count")
    assert count.number == artifact.shots == sum(tally.values())
    written = qa.load(divided.to_bytes(), format=probabilities)
    again = written.convert(histogram, shots=artifact.shots, qubits=width)
    assert again.to_bytes() == artifact.to_bytes()


# ----------------------------------------------------------------------------------------------
# Marginals


@pytest.mark.parametrize(
    "route",
    [CONVERSIONS[FormatId(one), FormatId(two)] for one, two in [
        (S2, S2), (S2, S1), (S2, H2), (S2, H1), (H2, H2), (H2, H1), (P2, P2), (P2, P1),
        (S1, S2), (S1, H1), (S1, H2), (H1, H2), (P1, P2),
        (S2, P2), (S2, P1), (H2, P2), (H2, P1), (H1, P1), (H1, P2), (S1, P1),
    ]],
    ids=short,
)  # fmt: skip
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_conversions_commute_with_marginalising(route: Route, data: st.DataObject) -> None:
    """Exact ones and counts -> probabilities: marginal and convert in either order is the same."""
    artifact = load(data.draw(payloads(route)), route.source)
    name = data.draw(st.sampled_from(artifact.register_names))
    width = artifact.width(name) or WIDEST
    positions = data.draw(st.lists(st.integers(0, width - 1), min_size=1, max_size=5, unique=True))
    keep = not artifact.shots

    def convert(one: qa.Artifact, qubits: int) -> qa.Artifact:
        return one.convert(route.target, register=name, qubits=qubits, keep_leaked=keep)

    first = convert(artifact.marginal(positions, name), len(positions)).distribution()
    last = convert(artifact, width).marginal(positions).distribution()
    assert first.states.tolist() == last.states.tolist()
    assert first.values.tolist() == pytest.approx(last.values.tolist(), abs=1e-12)
    if first.counted:
        assert first.values.tolist() == last.values.tolist()


@pytest.mark.parametrize(("source", "target"), [(P1, H1), (P2, H2), (P2, H1)], ids=short)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_exact_counts_commute_with_marginalising(
    source: str, target: str, data: st.DataObject
) -> None:
    shots, payload = data.draw(probabilities_of_counts(source))
    artifact = load(payload, source)
    width = artifact.width() or WIDEST
    positions = data.draw(st.lists(st.integers(0, width - 1), min_size=1, max_size=5, unique=True))
    first = artifact.marginal(positions).convert(target, shots=shots)
    last = artifact.convert(target, shots=shots).marginal(positions)
    assert content(first.distribution()) == content(last.distribution())


def test_rounding_does_not_commute_with_marginalising() -> None:
    """Two shots of four equal outcomes: rounded first, the marginal of bit 1 is all zeros."""
    outcomes = {"00": 0.25, "10": 0.25, "01": 0.25, "11": 0.25}
    artifact = load({"probabilities": {"registers": {"c": outcomes}}}, P2)
    rounded = artifact.convert(H2, shots=2, method="round")
    assert rounded.counts() == {"00": 1, "10": 1}
    assert rounded.marginal([1]).counts() == {"0": 2}
    assert artifact.marginal([1]).convert(H2, shots=2, method="round").counts() == {"0": 1, "1": 1}
