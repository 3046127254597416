"""The rules of results as other clouds hand them out.

What they are follows from how those clouds' own readers go on: azure-quantum 3.13.0, and
amazon-braket-schemas 1.32.1 with Amazon's SDK. docs/vendors.md says which of them refuse what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from typing import Any, Final

from qartifacts.codes import Severity
from qartifacts.config import Settings
from qartifacts.findings import counted
from qartifacts.identifiers import AZURE_V1, AZURE_V2, BRAKET_V1, FormatId
from qartifacts.jsontext import Path, quoted
from qartifacts.payloads import SYSTEM_REGISTER
from qartifacts.payloads.vendors import Registers, has_failed, registers_of
from qartifacts.validate.detect import TASK_RESULT
from qartifacts.validate.rules.results import (
    LARGEST_COUNT,
    SLACK,
    bits_of,
    bitstring_keys,
    count_of,
    decimal_keys,
    distribution,
    most_common,
    never_occurred,
)
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

__all__ = ["VENDORS"]

#: What a document says of its own format, where it says so.
_BRAKET_VERSION: Final = "1"

#: The registers of an outcome and their bits, to be compared and counted.
_Key = tuple[tuple[str, tuple[int, ...]], ...]


# ----------------------------------------------------------------------------------------------
# Azure: probabilities


def _azure_v1(payload: Any, settings: Settings) -> Violations:
    histogram = yield from member_of((), payload, "histogram", dict)
    if histogram is None:
        return
    yield from decimal_keys(("histogram",), histogram)
    yield from distribution(("histogram",), histogram, settings)
    if "duration" in payload and not is_number(payload["duration"]):
        yield misshapen(("duration",), "a number of nanoseconds")


# ----------------------------------------------------------------------------------------------
# Microsoft: histogram and shots


def _microsoft_v2(payload: Any, settings: Settings) -> Violations:
    results = yield from member_of((), payload, "Results", list)
    if results is None:
        return
    if "DataFormat" in payload:
        yield from _named_format(("DataFormat",), payload["DataFormat"], AZURE_V2)
    else:
        yield misshapen((), 'an object with the member "DataFormat", a string')
    if not results:
        yield Violation("QA271", "there is no result", ("Results",))
    for index, result in enumerate(results):
        yield from _microsoft_result(("Results", index), result)


def _named_format(path: Path, name: Any, expected: str) -> Violations:
    if not isinstance(name, str):
        yield misshapen(path, "the name of the format")
    elif name != expected:
        message = f"the document names {quoted(name)}, and not {quoted(expected)}"
        yield Violation("QA270", message, path)


def _microsoft_result(path: Path, result: Any) -> Violations:
    histogram = yield from member_of(path, result, "Histogram", list)
    if histogram is None:
        return
    shots: list[Any] | None = None
    if "Shots" in result:
        shots = yield from member_of(path, result, "Shots", list)
        if shots is None:
            return
    tally = yield from _histogram((*path, "Histogram"), histogram)
    if shots is None:
        yield from _failed_in_histogram((*path, "Histogram"), histogram)
        return
    measured = yield from _shots((*path, "Shots"), shots)
    if tally is not None and measured is not None:
        yield from _same(path, tally, measured, histogram, shots)


def _histogram(
    path: Path, histogram: list[Any]
) -> Generator[Violation, None, dict[_Key, tuple[int, int]] | None]:
    """Index and count by outcome; None where some of it cannot be told."""
    if not histogram:
        yield Violation("QA214", "there is no outcome", path)
    tally: dict[_Key, tuple[int, int]] = {}
    labels: dict[str, int] = {}
    places: dict[Path, _Key] = {}
    faultless = True
    zeros: list[int] = []
    for index, entry in enumerate(histogram):
        here: Path = (*path, index)
        if not isinstance(entry, dict) or "Outcome" not in entry:
            yield misshapen(here, 'an object with the member "Outcome"')
            faultless = False
            continue
        count = yield from _count(here, entry)
        key = yield from _key((*here, "Outcome"), entry["Outcome"])
        if count == 0:
            zeros.append(index)
        if isinstance(entry.get("Display"), str):
            yield from _label((*here, "Display"), entry["Display"], entry["Outcome"], key)
            first = labels.setdefault(entry["Display"], index)
            if first != index and (key is None or key not in tally):
                message = f"the label {quoted(entry['Display'])} occurs before"
                yield Violation("QA275", message, (*here, "Display"))
        elif "Display" in entry:
            yield misshapen((*here, "Display"), "a label in a string")
        else:
            yield misshapen(here, 'an object with the member "Display", a string')
        if key is not None:
            places[*here, "Outcome"] = key
        if key is not None and key in tally:
            yield Violation("QA275", "the same outcome occurs before", (*here, "Outcome"))
        elif key is not None and count is not None:
            tally[key] = index, count
        faultless &= count is not None and (key is not None or has_failed(entry["Outcome"]))
    yield from _alike(places)
    if zeros and faultless:
        yield never_occurred(len(zeros), len(histogram), (*path, zeros[0], "Count"))
    return tally if faultless else None


def _count(path: Path, entry: Mapping[str, Any]) -> Generator[Violation, None, int | None]:
    if "Count" not in entry:
        yield misshapen(path, 'an object with the member "Count", a number')
        return None
    violation = count_of((*path, "Count"), entry["Count"])
    if violation is not None:
        yield violation
        return None
    return int(entry["Count"])


def _key(path: Path, outcome: Any) -> Generator[Violation, None, _Key | None]:
    """What an outcome holds, to be compared; None of a failed shot, and of what is no outcome."""
    registers = registers_of(outcome)
    if registers is not None:
        return _as_key(registers)
    if not has_failed(outcome):
        message = "this is no bit, no array of bits, and no tuple (Item1, Item2, ...) of such"
        yield Violation("QA272", message, path)
    return None


def _as_key(registers: Registers) -> _Key:
    return tuple((name, tuple(map(int, bits))) for name, bits in registers.items())


def _label(path: Path, label: str, outcome: Any, key: _Key | None) -> Violations:
    """A label is what some readers tell outcomes by, so it has to name its own."""
    if key is None:
        return
    text = "".join(label.split())
    if not text or set(text) - set("01[](),"):
        message = f"the label {quoted(label)} does not show the bits of its outcome"
        yield Violation("QA274", message, path, severity_override=Severity.WARNING)
    elif [int(bit) for bit in text if bit in "01"] != [bit for _, bits in key for bit in bits]:
        bits = _shown(key)
        yield Violation("QA274", f"the label {quoted(label)} is not that of {bits}", path)


def _shown(key: _Key) -> str:
    parts = ["".join(map(str, bits)) for _, bits in key]
    return quoted(" ".join(parts))


def _shots(
    path: Path, shots: list[Any]
) -> Generator[Violation, None, tuple[Counter[_Key], dict[_Key, int]] | None]:
    """How often each outcome was measured, and where first; None where that cannot be told."""
    if not shots:
        yield Violation("QA220", "there is no shot", path)
    counts: Counter[_Key] = Counter()
    first: dict[_Key, int] = {}
    places: dict[Path, _Key] = {}
    faultless = True
    failed: list[int] = []
    for index, shot in enumerate(shots):
        key = yield from _key((*path, index), shot)
        if key is not None:
            counts[key] += 1
            first.setdefault(key, index)
            places[*path, index] = key
        elif has_failed(shot):
            failed.append(index)
        else:
            faultless = False
    yield from _alike(places)
    if failed:
        message = f"{len(failed):,} of {counted(len(shots), 'shot')} failed; this is the first"
        yield Violation("QA277", message, (*path, failed[0]))
    return (counts, first) if faultless else None


def _failed_in_histogram(path: Path, histogram: list[Any]) -> Violations:
    at = next(
        (
            index
            for index, entry in enumerate(histogram)
            if isinstance(entry, dict) and has_failed(entry.get("Outcome"))
        ),
        None,
    )
    if at is not None:
        message = "shots failed, and were counted as an outcome; this is the first"
        yield Violation("QA277", message, (*path, at, "Outcome"))


def _alike(outcomes: Mapping[Path, _Key]) -> Violations:
    """Every outcome has the same registers, and each of them the same width throughout."""
    layouts = {
        path: tuple((name, len(bits)) for name, bits in key) for path, key in outcomes.items()
    }
    usual = most_common(layouts.values())
    for path, layout in layouts.items():
        if layout != usual:
            message = f"this outcome has {_widths(layout)}, most others {_widths(usual)}"
            yield Violation("QA273", message, path)


def _widths(layout: tuple[tuple[str, int], ...]) -> str:
    if len(layout) == 1 and layout[0][0] == SYSTEM_REGISTER:
        return counted(layout[0][1], "bit")
    shown = ", ".join(str(width) for _, width in layout[:4]) + (", ..." if len(layout) > 4 else "")
    return f"a tuple of registers of {shown} bits"


def _same(
    path: Path,
    tally: Mapping[_Key, tuple[int, int]],
    measured: tuple[Counter[_Key], dict[_Key, int]],
    histogram: list[Any],
    shots: list[Any],
) -> Violations:
    """The histogram counts the shots that are listed."""
    counts, first = measured
    for key, (at, count) in tally.items():
        if count != counts[key]:
            here = counted(counts[key], "shot")
            message = f"{_shown(key)} is counted {count:,} times, and {here} measured it"
            yield Violation("QA276", message, (*path, "Histogram", at, "Count"))
    for key, at in first.items():
        if key not in tally:
            message = f"{_shown(key)} was measured, and the histogram does not list it"
            yield Violation("QA276", message, (*path, "Shots", at))
    failed = sum(int(each["Count"]) for each in histogram if has_failed(each["Outcome"]))
    listed = sum(map(has_failed, shots))
    if failed != listed:
        message = f"{counted(failed, 'failed shot')} counted, and {listed:,} listed"
        yield Violation("QA276", message, (*path, "Histogram"))


# ----------------------------------------------------------------------------------------------
# Braket: a task result


def _braket_v1(payload: Any, settings: Settings) -> Violations:
    metadata = yield from member_of((), payload, "taskMetadata", dict)
    if not isinstance(payload, dict):
        return
    if payload.get("braketSchemaHeader") is not None:
        yield from _header(payload["braketSchemaHeader"])
    shots: int | None = None
    if metadata is not None:
        shots = yield from _number_of_shots(metadata)
    measurements, outcomes = payload.get("measurements"), payload.get("measurementProbabilities")
    if measurements is None and outcomes is None:
        message = "there are neither measurements nor measurementProbabilities"
        yield Violation("QA271", message)
    width: int | None = None
    if outcomes is not None:
        width = yield from _outcomes(outcomes, settings)
    if measurements is not None:
        width = yield from _measurements(measurements, shots)
    yield from _measured_qubits(payload.get("measuredQubits"), width)
    if outcomes is not None and measurements is not None:
        yield from _shares(outcomes, measurements, settings)


def _header(header: Any) -> Violations:
    path: Path = ("braketSchemaHeader",)
    for name, expected in (("name", TASK_RESULT), ("version", _BRAKET_VERSION)):
        if isinstance(header, dict) and name in header:
            yield from _named_format((*path, name), header[name], expected)
        else:
            yield misshapen(path, f"an object with the member {quoted(name)}, a string")


def _number_of_shots(metadata: Mapping[str, Any]) -> Generator[Violation, None, int | None]:
    path: Path = ("taskMetadata",)
    if "shots" not in metadata:
        yield misshapen(path, 'an object with the member "shots", a number')
        return None
    violation = count_of((*path, "shots"), metadata["shots"])
    if violation is not None:
        yield violation
        return None
    return int(metadata["shots"])


def _outcomes(outcomes: Any, settings: Settings) -> Generator[Violation, None, int | None]:
    """The width of the bitstrings."""
    path: Path = ("measurementProbabilities",)
    if not isinstance(outcomes, dict):
        yield misshapen(path, "an object of bitstrings and probabilities")
        return None
    yield from bitstring_keys(path, outcomes)
    yield from distribution(path, outcomes, settings)
    width: int | None = most_common(map(len, outcomes))
    return width


def _measurements(rows: Any, shots: int | None) -> Generator[Violation, None, int | None]:
    """The width of the measurements."""
    path: Path = ("measurements",)
    if not isinstance(rows, list):
        yield misshapen(path, "an array of measurements")
        return None
    if not rows:
        yield Violation("QA220", "there is no shot", path)
    lists = {index: row for index, row in enumerate(rows) if isinstance(row, list)}
    width: int | None = most_common(map(len, lists.values()))
    first_without_bits: Path | None = None
    for index, row in enumerate(rows):
        here: Path = (*path, index)
        yield from bits_of(here, row, "QA221", "bit")
        if index in lists and len(row) != width:
            message = f"this measurement has {counted(len(row), 'bit')}, most others {width:,}"
            yield Violation("QA222", message, here)
        if index in lists and not row and first_without_bits is None:
            first_without_bits = here
    if first_without_bits is not None:
        yield Violation(
            "QA227", "there are no bits; this is the first such place", first_without_bits
        )
    if rows and shots is not None and shots != len(rows):
        message = f"the task asked for {counted(shots, 'shot')}, and lists {len(rows):,}"
        yield Violation("QA279", message, path)
    return width


def _measured_qubits(qubits: Any, width: int | None) -> Violations:
    path: Path = ("measuredQubits",)
    if qubits is None:
        return
    if not isinstance(qubits, list):
        yield misshapen(path, "an array of qubits")
        return
    seen: set[int] = set()
    for index, qubit in enumerate(qubits):
        here: Path = (*path, index)
        if not is_number(qubit):
            yield misshapen(here, "a qubit")
        elif not is_whole(qubit) or not 0 <= qubit <= LARGEST_COUNT:
            yield Violation("QA278", f"{in_digits(qubit)} is no number of a qubit", here)
        elif qubit in seen:
            yield Violation("QA278", f"the qubit {in_digits(qubit)} is listed twice", here)
        else:
            seen.add(int(qubit))
    if width is not None and len(qubits) != width:
        bits = counted(width, "bit")
        message = f"{counted(len(qubits), 'qubit')} listed, and outcomes have {bits}"
        yield Violation("QA278", message, path)


def _shares(outcomes: Any, rows: Any, settings: Settings) -> Violations:
    """Probabilities beside measurements are the shares that those have."""
    if not isinstance(outcomes, dict) or not isinstance(rows, list) or not rows:
        return
    if not all(map(is_number, outcomes.values())):
        return
    shares: Counter[str] = Counter()
    for row in rows:
        registers = registers_of(row) if isinstance(row, list) else None
        if registers is None:
            return  # Which has been said.
        shares["".join(str(int(bit)) for bit in registers[SYSTEM_REGISTER])] += 1
    for state in sorted(outcomes.keys() | shares.keys()):
        share, probability = shares[state] / len(rows), outcomes.get(state, 0)
        if abs(share - probability) > settings.sum_fine + SLACK:
            message = (
                f"{quoted(state)} has the probability {in_digits(probability)}, "
                f"and {shares[state]:,} of {counted(len(rows), 'measurement')}"
            )
            path: Path = ("measurementProbabilities",)
            yield Violation("QA276", message, (*path, state) if state in outcomes else path)
            return  # One that is off puts others off.


VENDORS: Final[Mapping[FormatId, RuleSet]] = {
    AZURE_V1: _azure_v1,
    AZURE_V2: _microsoft_v2,
    BRAKET_V1: _braket_v1,
}
