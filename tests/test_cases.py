"""Every case is a file: ``cases/<format>/{good,bad}/<name>.json``.

Beside it, ``<name>.expected`` holds what the check must find, one ``code@line:column`` a line, in
order. Good cases without such a file have no finding at all; bad cases always have one.
A new case is a new file.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import qartifacts as qa
from qartifacts.config import DEFAULTS
from qartifacts.identifiers import VENDOR_FORMATS
from qartifacts.jsontext import read
from support import DEVICE_FORMATS, JOB_FORMATS, RESULT_FORMATS

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*/*/*.json"))


def _name(path: Path) -> str:
    return path.relative_to(CASES).as_posix()


def _expected(path: Path) -> list[str]:
    beside = path.with_suffix(".expected")
    return beside.read_text(encoding="utf-8").split() if beside.exists() else []


def _found(report: qa.Report) -> list[str]:
    return [f"{each.code}@{each.line}:{each.column}" for each in report.findings]


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_case(path: Path) -> None:
    format, kind = path.parts[-3], path.parts[-2]
    report = qa.check(path, format=format)
    assert _found(report) == _expected(path)
    assert report.ok is (kind == "good")
    assert report.format == format


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_every_door_gives_the_same_verdict(path: Path) -> None:
    format, kind = path.parts[-3], path.parts[-2]
    validator = qa.validator(format)
    assert validator.is_valid(path) is (kind == "good")
    assert validator.check(path.read_bytes()).findings == qa.check(path, format=format).findings
    if kind == "good":
        artifact = validator.load(path)
        assert artifact.format == format
        assert artifact.report.ok
    else:
        with pytest.raises(qa.InvalidArtifact) as caught:
            qa.load(path, format=format)
        assert _found(caught.value.report) == _expected(path)


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_parsed_payload_gives_the_same_findings_without_places(path: Path) -> None:
    reading = read(path.read_bytes(), DEFAULTS)
    if reading.faults or not isinstance(reading.value, (dict, list)):
        return  # There is no parsed payload to check.
    from_text = qa.check(path, format=path.parts[-3])
    from_object = qa.check(reading.value, format=path.parts[-3])
    assert Counter((each.code, each.pointer) for each in from_object.findings) == Counter(
        (each.code, each.pointer) for each in from_text.findings
    )
    assert all(each.line is each.column is None for each in from_object.findings)


@pytest.mark.parametrize("path", [p for p in FILES if p.parts[-2] == "good"], ids=_name)
def test_a_good_case_survives_writing(path: Path, tmp_path: Path) -> None:
    artifact = qa.load(path, format=path.parts[-3])
    artifact.write(tmp_path / "written.json")
    again = qa.load(tmp_path / "written.json", format=artifact.format)
    # Integers that an erratum lets pass are written as the strings that are published.
    published = path.name != "integers.json"
    assert again.payload == (artifact.payload if published else list(map(str, artifact.payload)))
    assert (again.shots, again.leaked) == (artifact.shots, artifact.leaked)
    assert again.register_names == artifact.register_names
    assert again.to_bytes() == artifact.to_bytes()


FAMILIES = {
    "probabilities": ("ionq.result.probabilities.json.v1", "ionq.result.probabilities.json.v2"),
    "histogram": ("ionq.result.histogram.json.v1", "ionq.result.histogram.json.v2"),
    "shots": ("ionq.result.shots.json.v1", "ionq.result.shots.json.v2"),
    "aggregate": ("ionq.result.probabilities-aggregate.json.v1",),
    "native": ("ionq.native.v1",),
}
#: How many good and bad cases there are at least, by format.
LEAST: dict[str, tuple[int, int]] = {
    **dict.fromkeys(RESULT_FORMATS, (8, 25)),
    **dict.fromkeys(VENDOR_FORMATS, (5, 14)),
    **dict.fromkeys(DEVICE_FORMATS, (2, 3)),
    **dict.fromkeys(JOB_FORMATS, (4, 5)),
}


def test_the_cases_cover_every_format() -> None:
    counts = Counter((path.parts[-3], path.parts[-2]) for path in FILES)
    assert {format for format, _ in counts} == set(qa.formats())
    assert {format for formats in FAMILIES.values() for format in formats} == set(RESULT_FORMATS)
    for format, (good, bad) in LEAST.items():
        assert counts[format, "good"] >= good, format
        assert counts[format, "bad"] >= bad, format


def test_expectations_belong_to_cases() -> None:
    for path in CASES.glob("*/*/*.expected"):
        assert path.with_suffix(".json").exists(), f"{path} expects something of no file"
    for path in CASES.glob("*/bad/*.json"):
        assert _expected(path), f"{path} expects nothing"
