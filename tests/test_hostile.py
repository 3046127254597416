"""Files made to hurt: the work stays bounded, and every answer is a finding."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc

import pytest

import qartifacts as qa
from qartifacts.source import Source
from qartifacts.validate import examiner

P1 = "ionq.result.probabilities.json.v1"
H1 = "ionq.result.histogram.json.v1"
H2 = "ionq.result.histogram.json.v2"
S1 = "ionq.result.shots.json.v1"
S2 = "ionq.result.shots.json.v2"
AGGREGATE = "ionq.result.probabilities-aggregate.json.v1"


def codes(report: qa.Report) -> set[str]:
    return {finding.code for finding in report.findings}


def size(report: qa.Report) -> int:
    return sum(len(each.message) + len(each.pointer) for each in report.findings)


def test_many_violations_are_counted_up_to_a_number() -> None:
    data = ("{" + ",".join(f'"x{index}":"y"' for index in range(30_000)) + "}").encode()
    report = qa.check(data, format=P1)
    assert len(report.findings) == 100
    assert report.errors == 10_000
    assert report.at_least


def test_a_long_name_above_many_findings_is_not_repeated_whole() -> None:
    long = "n" * 2_000_000
    inner = ",".join(f'"x{index}":"y"' for index in range(5_000))
    report = qa.check(f'{{"{long}":{{{inner}}}}}'.encode(), format=AGGREGATE)
    assert report.errors == 10_000
    assert size(report) < 100_000


def test_a_shot_of_a_million_registers_before_many_of_one() -> None:
    """The registers of a shot are never compared name by name with all those of another."""
    large = ",".join(f'"r{index}":[0]' for index in range(100_000))
    shots = [f'{{"registers":{{{large}}}}}']
    shots += [f'{{"registers":{{"s{index}":[0]}}}}' for index in range(9_000)]
    report = qa.check(f'{{"shots":[{",".join(shots)}]}}'.encode(), format=S2)
    assert codes(report) == {"QA223"}
    assert report.errors == 9_000
    assert size(report) < 100_000


@pytest.mark.parametrize(
    "piece", ["[],", "{},", '{"":', "[", '"",', "0,", "[[", ',"', "\\", '"\\u']
)
def test_repetitions_of_anything(piece: str) -> None:
    data = (piece * 200_000).encode()
    for text in (data, b"[" + data + b"0]", b'{"shots":[' + data + b"0]}"):
        report = qa.check(text, format=S2)
        assert not report.ok
        assert size(report) < 100_000


def test_notes_do_not_take_the_place_of_errors() -> None:
    """However many notes come before it, an error is found."""
    noted = ",".join(f'"r{index}":{{"0":1,"1":0}}' for index in range(12_000))
    data = f'{{"histogram":{{"registers":{{{noted},"bad":{{"zz":1}}}}}}}}'.encode()
    report = qa.check(data, format=H2)
    assert not report.ok
    assert report.findings[0].code == "QA207"
    assert (report.errors, report.notes, report.at_least) == (1, 10_000, True)
    assert not qa.validator(H2).is_valid(data)
    few = qa.Settings(max_violations=1)
    assert qa.check(data, format=H2, settings=few).findings[0].code == "QA207"


def test_an_unclosed_string_is_searched_once() -> None:
    """Ten seconds for 80 KB before, and the square of that for more."""
    report = qa.check(b"[" * 65 + b'"' + b'\\"' * 500_000, format=S1)
    assert codes(report) == {"QA014"}
    report = qa.check(b"[" * 60 + b'"' + b'\\"' * 500_000, format=S1)
    assert codes(report) == {"QA004"}


def test_integers_that_collide_in_hash_tables() -> None:
    prime = 2**61 - 1
    targets = ",".join(str(prime * index) for index in range(1, 20_000))
    payload = f'{{"qubits":1e300,"circuit":[{{"gate":"nop","targets":[{targets}]}}]}}'
    assert qa.check(payload.encode()).ok


def test_huge_integers_as_keys_of_objects() -> None:
    report = qa.check({10**5000: 1, (10**5000,): 2}, format=P1)  # type: ignore[dict-item]
    assert [finding.code for finding in report.findings] == ["QA017", "QA017"]
    assert size(report) < 1_000


def test_values_are_counted_before_objects_are_built() -> None:
    data = b"[" + b"[]," * 300_000 + b"[]]"
    report = qa.check(data, format=S1, settings=qa.Settings(max_values=100_000))
    assert codes(report) == {"QA015"}
    assert (report.findings[0].line, report.findings[0].column) == (1, 2 + 3 * (100_000 - 1))


def test_long_strings_and_numbers() -> None:
    digits = "9" * 1_000_000
    for text, code in [
        (f'{{"{digits}": 1}}', "QA209"),
        (f'{{"0": {digits}}}', "QA011"),
        (f'{{"0": 0.5{digits}}}', "QA210"),
        (f'{{"0": 1e{digits}}}', "QA010"),
        (f'{{"0": "{digits}"}}', "QA101"),
        (f'{{"{digits}x": 1}}', "QA206"),
    ]:
        report = qa.check(text.encode(), format=H1)
        assert codes(report) == {code}
        assert size(report) < 1_000


def test_python_refusing_long_integers_sooner_changes_nothing() -> None:
    """The limit on digits is a setting of the process; ours does not depend on it."""
    program = (
        "import sys, qartifacts as qa\n"
        "sys.set_int_max_str_digits(640)\n"
        f"report = qa.check(b'{{\"0\": 1' + b'0' * 1000 + b'}}', format={H1!r})\n"
        "print([finding.code for finding in report.findings])\n"
        f"report = qa.check(b'{{\"1' + b'0' * 1000 + b'\": 1}}', format={H1!r})\n"
        "print(report.ok)\n"
        f"artifact = qa.load(b'{{\"1' + b'0' * 1000 + b'\": 1, \"2\": 1}}', format={H1!r})\n"
        "print(len(artifact.to_bytes()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["['QA010']", "True", "1013"]


def test_wide_states_are_written_in_order() -> None:
    payload = {"1" + "0" * 4299: 1, "9" * 4299: 2, "10": 3, "7": 3}
    written = qa.load(payload, format=H1).to_bytes()
    assert list(json.loads(written)) == ["7", "10", "9" * 4299, "1" + "0" * 4299]


WIDE = "0" * 20_000_000
ODD_LAYOUTS = {
    "one key of twenty million bits": (
        H2,
        f'{{"histogram":{{"registers":{{"r":{{"{WIDE}":1}}}}}}}}',
    ),
    "one shot of ten million bits": (
        S2,
        f'{{"shots":[{{"registers":{{"r":[{",".join(WIDE[:10_000_000])}]}}}}]}}',
    ),
    "a hundred thousand registers": (
        H2,
        '{"histogram":{"registers":{'
        + ",".join(f'"r{index}":{{"0":1}}' for index in range(100_000))
        + "}}}",
    ),
}


@pytest.mark.parametrize("name", ODD_LAYOUTS)
def test_odd_layouts_take_no_more_room_than_they_are_long(name: str) -> None:
    """Of a key or a shot that is all of the text, nothing is made ready a thousand times."""
    format, text = ODD_LAYOUTS[name]
    data = text.encode()
    ready = examiner(format)
    ready.accept(data[:100])
    tracemalloc.start()
    try:
        accepted = ready.accept(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * len(data) + 40_000_000
    assert accepted is None or accepted.report == ready.explain(Source("<bytes>", data=data)).report
