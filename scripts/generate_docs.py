"""Write what follows from catalogues: docs/rules.md, tables of other pages, a schema for editors.

python scripts/generate_docs.py            write them
python scripts/generate_docs.py --check    exit 1 if they are not up to date
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import qartifacts as qa
from qartifacts import Registry
from qartifacts.codes import CODES, Code
from qartifacts.conversion import CONVERSIONS, KINDS, NEEDS, Route
from qartifacts.identifiers import VENDOR_FORMATS
from qartifacts.project.keys import KEYS, OVERRIDE_KEYS, Key
from qartifacts.project.schema import configuration_schema

ROOT = Path(__file__).parent.parent

GROUPS = {
    "QA0": "Reading and recognising a source",
    "QA1": "The pinned schema",
    "QA2": "Rules that no schema states",
    "QA3": "What two files say of each other",
}


def rules_page() -> str:
    lines = [
        "# Codes",
        "",
        "<!-- Generated from src/qartifacts/codes.py by scripts/generate_docs.py. -->",
        "",
        "Every finding carries one of these codes. They are stable within a major version.",
        "`qartifacts rule CODE` prints the same on the terminal. *Can be ignored* means that",
        "`--ignore CODE`, or `ignore` of the settings, leaves it out.",
        "",
    ]
    for start, title in GROUPS.items():
        codes = [code for code in CODES.values() if code.id.startswith(start)]
        if codes:
            lines += [f"## {start}xx: {title}", ""]
            for code in codes:
                lines += described(code)
    return "\n".join(lines).rstrip() + "\n"


def described(code: Code) -> list[str]:
    ignored = ", can be ignored" if code.ignorable else ""
    lines = [f"### {code.id}: {code.title}", "", f"*{code.severity}{ignored}*", "", code.why, ""]
    lines += [f"**How to fix it.** {code.remedy}", ""]
    if code.format is None:
        lines += [f"**Example.** {code.example}", ""]
    else:
        shown = code.example.replace("\ufeff", "\\ufeff").strip() or "(a blank file)"
        lines += [f"**Example** (`{code.format}`):", "", "```", shown, "```", ""]
    return lines


def formats_table() -> str:
    rows = [
        "| format | identifier | what it holds | schema from | retrieved |",
        "|---|---|---|---|---|",
    ]
    for format, pin in Registry.bundled().items():
        whose = pin.identifier or "service"
        rows.append(f"| `{format}` | {whose} | {pin.title} | {pin.source} | {pin.retrieved} |")
    return "\n".join(rows)


def conversions_table() -> str:
    """Every route between formats of IonQ's, one a row."""
    rows = ["| from | to | needs | loses | may lose | invents |", "|---|---|---|---|---|---|"]
    for route in CONVERSIONS.values():
        if route.source in VENDOR_FORMATS:
            continue
        cells = (route.needs, route.loses, route.may_lose, route.invents)
        shown = " | ".join(", ".join(map(str, cell)) for cell in cells)
        rows.append(f"| {short(route.source)} | {short(route.target)} | {shown} |")
    return "\n".join(rows)


def vendor_conversions_table() -> str:
    """Every route from a format of another cloud, one a row."""
    columns = ("from", "to", "needs", "may need", "loses", "may lose", "invents", "may invent")
    rows = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for route in CONVERSIONS.values():
        if route.source not in VENDOR_FORMATS:
            continue
        cells = (
            *(route.needs, route.may_need, route.loses, route.may_lose),
            *(route.invents, route.may_invent),
        )
        shown = " | ".join(", ".join(map(str, cell)) for cell in cells)
        rows.append(f"| `{route.source}` | {short(route.target)} | {shown} |")
    return "\n".join(rows)


def short(format: str) -> str:
    """``probabilities v2`` of ``ionq.result.probabilities.json.v2``."""
    return f"{format.split('.')[2]} {format.rpartition('.')[2]}"


def kinds_table() -> str:
    """What becomes of each kind of result in version 2, and of a version in the other."""
    kinds = list(dict.fromkeys(KINDS.values()))
    rows = [f"| from \\ to | {' | '.join(kinds)} |", "|---" * (len(kinds) + 1) + "|"]
    newest = {kind: format for format, kind in KINDS.items()}
    for source in kinds:
        cells = [
            "the same" if source == target else cell(CONVERSIONS[newest[source], newest[target]])
            for target in kinds
        ]
        rows.append(f"| {source} | {' | '.join(cells)} |")
    return "\n".join(rows)


def cell(route: Route) -> str:
    parts = [("needs", route.needs), ("loses", route.loses), ("invents", route.invents)]
    return "; ".join(f"{verb} {', '.join(what)}" for verb, what in parts if what) or "lossless"


def needs_list() -> str:
    return "\n".join(f"* `{name}`: {why}." for name, why in NEEDS.items())


def keys_table(keys: Iterable[Key]) -> str:
    """Keys of a configuration, one a row."""
    rows = ["| key | holds | default | |", "|---|---|---|---|"]
    for key in keys:
        default = "" if key.default is None else f"`{json.dumps(key.default)}`"
        rows.append(f"| `{key.name}` | {key.kind.words} | {default} | {key.says} |")
    return "\n".join(rows)


def override_keys_table(keys: Iterable[Key]) -> str:
    """Keys of an override, one a row; by default, what is said elsewhere holds."""
    rows = ["| key | holds | |", "|---|---|---|"]
    rows += [f"| `{key.name}` | {key.kind.words} | {key.says} |" for key in keys]
    return "\n".join(rows)


#: ``x q[0]`` on three qubits, and the OpenQASM 3 job of qiskit-ionq's tests, as shots.
PROBE = {"shots": [{"registers": {"output_all": [1, 0, 0]}}] * 2}
REGISTERS = {
    "shots": [
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [1]}},
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [0]}},
        {"registers": {"mid": [0], "result": [0, 0], "output_all": [1]}},
        {"registers": {"mid": [1], "result": [1, 0], "output_all": [0]}},
    ]
}


def interop_table() -> str:
    """How each library shows one state and one job: what it printed when this was run."""
    shots = "ionq.result.shots.json.v2"
    probe, several = qa.load(PROBE, format=shots), qa.load(REGISTERS, format=shots)
    registers = "registers `mid`, `result`, `output_all`"
    rows = [
        ("", "bit 0 is", "`x q[0]` on three qubits", registers, "lost"),
        *in_qiskit(probe, several),
        in_cirq(probe, several),
        in_pennylane(probe, several),
        in_braket(probe, several),
        in_tables(probe, several),
    ]
    head, *others = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|---" * len(rows[0]) + "|", *others])


def in_qiskit(probe: qa.Artifact, several: qa.Artifact) -> list[tuple[str, ...]]:
    array = probe.to_qiskit_pub_result().data.output_all
    data = several.to_qiskit_pub_result().data
    each = ", ".join(f"`{name}` {code(data[name].get_counts())}" for name in data)
    return [
        (
            "Qiskit, `to_qiskit()`",
            end_of(*probe.to_qiskit()),
            code(dict(probe.to_qiskit())),
            f"joined, `output_all` left out: {code(dict(several.to_qiskit()))}",
            "the order of shots",
        ),
        (
            "Qiskit, `to_qiskit_pub_result()`",
            end_of(*array.get_counts()),
            code(array.get_bitstrings()),
            f"`output_all` left out: {each}",
            "leakage bits",
        ),
    ]


def in_cirq(probe: qa.Artifact, several: qa.Artifact) -> tuple[str, ...]:
    (rows,) = probe.to_cirq().measurements.values()
    integers = dict(probe.to_cirq().histogram(key="output_all"))
    keys = ", ".join(map(code, several.to_cirq().measurements))
    joint = dict(several.to_cirq().multi_measurement_histogram(keys=["mid", "result"]))
    return (
        "Cirq, `to_cirq()`",
        f"column {column_of(rows)}; the {bit_of(*integers)} of an integer",
        f"{code(rows.tolist())}, {code(integers)}",
        f"keys {keys}; `mid` and `result` together {code(joint)}",
        "leakage bits",
    )


def in_pennylane(probe: qa.Artifact, several: qa.Artifact) -> tuple[str, ...]:
    samples = probe.to_pennylane()
    one = several.to_pennylane("counts", register="result")
    return (
        "PennyLane, `to_pennylane()`",
        f"wire {column_of(samples)}",
        f"{code(samples.tolist())}, {code(probe.to_pennylane('counts'))}",
        f"one, by name: `result` {code(one)}",
        "the register's name, leakage bits; in counts, the order of shots",
    )


def in_braket(probe: qa.Artifact, several: qa.Artifact) -> tuple[str, ...]:
    task: dict[str, Any] = {"task_id": "task", "device_id": "device"}
    rows = probe.to_braket(**task).measurements
    shares = probe.convert("ionq.result.histogram.json.v2").to_braket(**task)
    one = several.to_braket(**task, register="result").measurements
    return (
        "Amazon Braket, `to_braket()`",
        f"column {column_of(rows)}; {end_of(*shares.measurementProbabilities)}",
        f"{code(rows)}, {code(shares.measurementProbabilities)}",
        f"one, by name: `result` {code(one)}",
        "the register's name, leakage bits; of counts, all but their shares and total",
    )


def in_tables(probe: qa.Artifact, several: qa.Artifact) -> tuple[str, ...]:
    frame = probe.to_pandas()
    texts, integers = frame["bitstring"].tolist(), frame["integer"].tolist()
    last = several.to_arrow().to_pylist()[-3:]
    rows = [(each["register"], each["bitstring"]) for each in last]
    return (
        "pandas, Arrow and Parquet, `to_pandas()`, `to_arrow()`, `to_parquet()`",
        f"{end_of(*texts)}; the {bit_of(*integers)} of `integer`",
        f"`bitstring` {code(texts)}, `integer` {code(integers)}",
        f"all, a row each: the last shot is {code(rows)}",
        "members that the format does not declare",
    )


def column_of(rows: Iterable[Iterable[int]]) -> int:
    """Which of three columns has the ones."""
    (row,) = {"".join(map(str, row)) for row in rows}
    return {"100": 0, "001": 2}[row]


def code(value: object) -> str:
    return f"`{value}`"


def end_of(*texts: str) -> str:
    """Where the one 1 of a bitstring is."""
    (text,) = set(texts)
    return {"001": "rightmost", "100": "leftmost"}[text]


def bit_of(*integers: int) -> str:
    """Which of three bits of an integer is the one that is set."""
    (integer,) = set(integers)
    return {1: "least significant bit", 4: "most significant bit"}[integer]


def with_table(text: str, name: str, table: str) -> str:
    """``text`` with the lines between the markers of a table replaced."""
    begin, end = f"<!-- {name}: generated -->", f"<!-- {name}: end -->"
    before, rest = text.split(begin)
    return f"{before}{begin}\n{table}\n{end}{rest.split(end)[1]}"


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    readme, routes = ROOT / "README.md", ROOT / "docs" / "conversions.md"
    vendors = ROOT / "docs" / "vendors.md"
    configuration = ROOT / "docs" / "configuration.md"
    interop = ROOT / "docs" / "interop.md"
    pages = {
        ROOT / "docs" / "rules.md": rules_page(),
        readme: with_table(
            with_table(readme.read_text(encoding="utf-8"), "formats", formats_table()),
            "conversions",
            kinds_table(),
        ),
        routes: with_table(
            with_table(routes.read_text(encoding="utf-8"), "conversions", conversions_table()),
            "needs",
            needs_list(),
        ),
        vendors: with_table(
            vendors.read_text(encoding="utf-8"), "conversions", vendor_conversions_table()
        ),
        interop: with_table(interop.read_text(encoding="utf-8"), "libraries", interop_table()),
        configuration: with_table(
            with_table(
                configuration.read_text(encoding="utf-8"), "keys", keys_table(KEYS.values())
            ),
            "override keys",
            override_keys_table(OVERRIDE_KEYS.values()),
        ),
        ROOT / "src" / "qartifacts" / "project" / "qartifacts.schema.json": (
            json.dumps(configuration_schema(), indent=2) + "\n"
        ),
    }
    stale = [path for path, text in pages.items() if not _holds(path, text)]
    for path in stale:
        if arguments:
            print(f"{path} is not up to date; run scripts/generate_docs.py")
        else:
            path.write_text(pages[path], encoding="utf-8", newline="\n")
            print(f"wrote {path}")
    return 1 if stale and arguments else 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
