"""Results against the device that they are said to be of: what is found, where, by every way in."""

from __future__ import annotations

import gzip
import json
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from device_documents import (
    backends,
    characterization,
    configuration,
    defaults,
    properties,
    status,
)
from qartifacts.bulk import check_paths
from qartifacts.bulk.items import Against, Alike
from qartifacts.config import DEFAULTS
from qartifacts.project import find_project
from support import DRAFT_7, ROOT, MakeRegistry, Run

P1, P2 = "ionq.result.probabilities.json.v1", "ionq.result.probabilities.json.v2"
H1, H2 = "ionq.result.histogram.json.v1", "ionq.result.histogram.json.v2"
S1, S2 = "ionq.result.shots.json.v1", "ionq.result.shots.json.v2"
AGGREGATE = "ionq.result.probabilities-aggregate.json.v1"
NATIVE = "ionq.native.v1"
ONE, TWO = "06a2099c-f845-7208-8000-8111ee2dccbc", "06a2099c-f846-7d32-8000-5726853513db"


@pytest.fixture
def device(lenient: qa.Registry) -> qa.Device:
    """Three qubits, 0 with 1 and 1 with 2, of which IonQ and IBM tell together what they do."""
    # A document of IBM tells how many shots a job has.
    ionq = qa.device(backends(), characterization(), registry=lenient)
    ibm = qa.device(configuration(), registry=lenient)
    return ionq.with_(qa.Device(vendor="ionq", max_shots=ibm.max_shots, origins=ibm.origins))


def nested(member: str, **registers: dict[str, float]) -> dict[str, Any]:
    return {member: {"registers": registers}}


def shots(number: int, *bits: int, leaked: int = 0) -> dict[str, Any]:
    shot = {"registers": {"output_all": list(bits)}, "leakage_bits": [0]}
    return {"shots": [shot] * number + [{**shot, "leakage_bits": [1]}] * leaked}


def circuit(*gates: dict[str, Any], qubits: int = 3) -> dict[str, Any]:
    return {"qubits": qubits, "circuit": list(gates)}


def gate(name: str, *targets: int, **members: Any) -> dict[str, Any]:
    return {"gate": name, "targets": list(targets), **members}


#: Format, a result, and what is found of it beside a device of three qubits and 100 shots.
FOUND: list[tuple[str, Any, list[tuple[str, str]]]] = [
    (P1, {"7": 1}, []),
    (P1, {"0": 0.5, "8": 0.25, "15": 0.25}, [("QA350", "/15")]),
    (P2, nested("probabilities", output_all={"111": 1}), []),
    (P2, nested("probabilities", c={"0000": 1}, output_all={"000": 1}), []),
    (P2, nested("probabilities", c={"00": 1}, output_all={"0000": 1}), [("QA350", "/probabilities/registers/output_all")]),
    (H1, {"0": 60, "7": 40}, []),
    (H1, {"0": 60, "9": 41}, [("QA353", ""), ("QA350", "/9")]),
    (H1, {}, [("QA214", "")]),
    (H2, nested("histogram", output_all={"000": 100}, c={"0": 100}), []),
    (H2, nested("histogram", output_all={"000": 101}, c={"0": 101}), [("QA353", "/histogram/registers")]),
    (H2, nested("histogram", output_all={"0000": 1}), [("QA350", "/histogram/registers/output_all")]),
    (S1, ["7", "1"], []),
    (S1, ["1", "8", "12", "9"], [("QA350", "/2")]),
    (S1, ["0"] * 101, [("QA353", "")]),
    (S1, [], [("QA220", "")]),
    (S2, shots(100, 0, 1, 0, leaked=5), [("QA226", "/shots/100/leakage_bits")]),
    (S2, shots(101, 0, 1), [("QA353", "/shots")]),
    (S2, shots(2, 0, 1, 0, 1), [("QA350", "/shots/0/registers/output_all")]),
    (AGGREGATE, {ONE: {"7": 1}, TWO: {"0": 1}}, []),
    (AGGREGATE, {ONE: {"0": 1}, TWO: {"0": 0.5, "8": 0.5}}, [("QA350", f"/{TWO}/8")]),
    (NATIVE, circuit(gate("zz", 0, 1), gate("zz", 2, 1), gate("gpi", 2)), []),
    (NATIVE, circuit(qubits=4), [("QA350", "/qubits")]),
    (NATIVE, circuit(gate("gpi", 0), gate("ms", 0, 1)), [("QA351", "/circuit/1/gate")]),
    (NATIVE, circuit(gate("zz", 0, 1), gate("zz", 2, 0)), [("QA352", "/circuit/1/targets")]),
    (NATIVE, circuit({"gate": "gpi", "target": 0, "controls": [2]}), [("QA352", "/circuit/0")]),
    (NATIVE, circuit(gate("ms", 0, 2)), [("QA352", "/circuit/0/targets"), ("QA351", "/circuit/0/gate")]),
    (NATIVE, circuit(gate("zz", 0, 3), qubits=4), [("QA350", "/qubits")]),
    (NATIVE, circuit(gate("nop", 0, 2)), []),
]  # fmt: skip


def found(report: qa.Report) -> list[tuple[str, str]]:
    return [(each.code, each.pointer) for each in report.findings]


class TestWhatIsFound:
    @pytest.mark.parametrize(("format", "result", "expected"), FOUND)
    @pytest.mark.parametrize("spaces", [0, 1 << 18], ids=["small", "large"])
    def test_on_both_paths(
        self,
        device: qa.Device,
        format: str,
        result: Any,
        expected: list[tuple[str, str]],
        spaces: int,
    ) -> None:
        # Large texts are read straight into columns.
        text = json.dumps(result).encode() + b" " * spaces
        report = device.check(text, format=format)
        assert sorted(found(report)) == sorted(expected)
        assert report.ok is not any(code.startswith("QA35") for code, _ in expected)
        assert all(each.line == 1 for each in report.findings)

    def test_messages_name_the_other_place(self, lenient: qa.Registry, tmp_path: Path) -> None:
        path = tmp_path / "device.json"
        path.write_text(json.dumps(characterization()))
        device = qa.device(path, registry=lenient)
        (finding,) = device.check(b'{\n "7": 1,\n "8": 1}', format=H1).findings
        assert (finding.line, finding.column) == (3, 2)
        assert f"{path}: /qubits" in finding.message

    @pytest.mark.parametrize(("format", "result", "expected"), FOUND)
    def test_what_a_device_does_not_say_is_not_checked(
        self, lenient: qa.Registry, format: str, result: Any, expected: Any
    ) -> None:
        silent = qa.Device(vendor="ionq", name="qpu.silent")
        report = silent.check(json.dumps(result).encode(), format=format)
        assert found(report) == found(qa.check(result, format=format))

    def test_a_bad_result_is_told_for_itself(self, device: qa.Device) -> None:
        assert found(device.check({"9": 0.5}, format=P1)) == [("QA201", "")]
        assert found(device.check({"0": 1})) == [("QA021", "")]
        assert found(device.check(b"{")) == [("QA004", "")]

    def test_documents_of_devices_are_no_results(
        self, device: qa.Device, lenient: qa.Registry
    ) -> None:
        assert found(device.check(backends(), registry=lenient)) == []

    def test_formats_that_are_not_known_here_are_let_be(
        self, device: qa.Device, make_registry: MakeRegistry
    ) -> None:
        registry = make_registry({"ionq.result.new.json.v3": {"$schema": DRAFT_7}})
        report = device.check({"9": 9}, format="ionq.result.new.json.v3", registry=registry)
        assert found(report) == []

    def test_artifacts(self, device: qa.Device) -> None:
        loaded = qa.load({"0": 60, "9": 41}, format=H1)
        assert sorted(found(device.check(loaded))) == [("QA350", "/9"), ("QA353", "")]
        made = qa.from_counts({"0000": 3}, format=H2, order="wire")
        (finding,) = device.check(made).findings
        assert (finding.code, finding.line) == ("QA350", None)

    def test_settings(self, device: qa.Device) -> None:
        settings = qa.Settings(ignore={"QA353"})
        assert found(device.check({"0": 60, "9": 41}, format=H1, settings=settings)) == [
            ("QA350", "/9")
        ]
        settings = qa.Settings(max_findings=1, max_violations=2)
        many = circuit(*[gate("ms", 0, 1)] * 5)
        report = device.check(many, settings=settings)
        assert (len(report.findings), report.errors, report.at_least) == (1, 2, True)

    def test_notes_come_after(self, device: qa.Device) -> None:
        report = device.check({"8": 1, "0": 0}, format=H1)
        assert [each.code for each in report.findings] == ["QA350", "QA205"]
        assert (report.errors, report.notes) == (1, 1)
        settings = qa.Settings(max_findings=1)
        report = device.check({"8": 1, "0": 0}, format=H1, settings=settings)
        assert (len(report.findings), report.omitted) == (1, 1)

    def test_wide_states(self, device: qa.Device) -> None:
        assert found(device.check({str(2**4000): 1, "1": 1}, format=H1)) == [
            ("QA350", f"/{qa.check({str(2**4000): 'x'}, format=H1).findings[0].pointer[1:]}")
        ]

    def test_gates_in_capitals(self) -> None:
        device = qa.Device(vendor="ionq", native_gates=("GPI", "ZZ"))
        assert device.check(circuit(gate("zz", 0, 1))).ok
        assert not device.check(circuit(gate("ms", 0, 1))).ok
        assert not qa.Device(vendor="ionq", native_gates=()).check(circuit(gate("ms", 0, 1))).ok

    def test_a_pair_of_ibm_is_one_in_either_order(self, lenient: qa.Registry) -> None:
        device = qa.device({**configuration(), "basis_gates": None}, registry=lenient)
        assert device.connects(2, 1) is False
        assert device.check(circuit(gate("zz", 2, 1))).ok


class TestMany:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Path:
        folder = tmp_path / "store"
        folder.mkdir()
        for index, (format, result, _) in enumerate(FOUND):
            (folder / f"{index:02}.{format}.json").write_text(json.dumps(result))
        wide = json.dumps(shots(3000, 0, 1, 0, 1), separators=(",", ":")).encode()
        (folder / f"packed.{S2}.json.gz").write_bytes(gzip.compress(wide))
        lines = [b'{"0": 5}', b'{"9": 5}']
        (folder / f"lines.{H1}.ndjson").write_bytes(b"\n".join(lines))
        return folder

    def expected(self) -> list[list[tuple[str, str]]]:
        wide = [("QA350", "/shots/0/registers/output_all"), ("QA353", "/shots")]
        return [*(sorted(each) for _, _, each in FOUND), [], [("QA350", "/9")], sorted(wide)]

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_a_walk(
        self, store: Path, device: qa.Device, monkeypatch: pytest.MonkeyPatch, jobs: int
    ) -> None:
        monkeypatch.setattr("qartifacts.bulk._WORTH_WORKERS", 0.0)
        paths = [str(store)]
        registry = qa.Registry.bundled()
        checked = list(check_paths(paths, registry=registry, jobs=jobs, limits=device.limits))
        assert [sorted(found(each.report)) for each in checked] == self.expected()
        assert checked[-2].report.findings[0].line == 2

    def test_many_and_executors(self, store: Path, device: qa.Device) -> None:
        alone = list(qa.check_many([store], device=device))
        assert [sorted(found(each)) for each in alone] == self.expected()
        with ProcessPoolExecutor(1) as executor:
            assert list(qa.check_many([store], device=device, executor=executor)) == alone

    def test_terms_are_what_they_were(self, device: qa.Device) -> None:
        for terms in (Alike(DEFAULTS, H1), find_project()):
            against = pickle.loads(pickle.dumps(Against(terms, device.limits)))
            assert against.limits == device.limits
            assert against.are_alike == terms.are_alike
            assert against.settings_for("a.json") == terms.settings_for("a.json")
            assert against.format_for("a.json") == terms.format_for("a.json")
            assert against.is_excluded("a/") == terms.is_excluded("a/")

    def test_limits_are_small(self, device: qa.Device) -> None:
        """They go to other processes with every batch."""
        pairs = tuple((one, other) for one in range(36) for other in range(one))
        forte = qa.Device(vendor="ionq", qubits=36, connectivity=pairs)
        assert len(pickle.dumps(forte.limits)) < 10_000

    def test_without_a_device_nothing_of_it_is_imported(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text('{"0": 0.5, "3": 0.5}')
        code = (
            "import sys\nfrom qartifacts.cli import main\n"
            "try:\n    main()\nfinally:\n"
            "    assert not any('hardware' in name for name in sys.modules)\n"
        )
        command = [sys.executable, "-c", code, "check", "a.json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


class TestCommand:
    @pytest.fixture(autouse=True)
    def files(self, run: Run, lenient: qa.Registry) -> None:
        documents = {
            "device": characterization(),
            "list": backends(),
            "conf": configuration(),
            "props": properties(),
            "bad": {**characterization(), "qubits": 2},
            f"wide.{H1}": {"0": 3, "9": 4},
            f"good.{H1}": {"0": 3, "7": 4},
            f"circuit.{NATIVE}": circuit(gate("ms", 0, 2)),
        }
        for name, document in documents.items():
            Path(f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        Path("qartifacts.toml").write_text(f"registry = '{lenient.folder}'\n", encoding="utf-8")

    def test_good(self, run: Run) -> None:
        done = run("check", f"good.{H1}.json", "--device", "device.json")
        assert done.exit_code == 0, done.output

    def test_bad(self, run: Run) -> None:
        done = run("check", f"wide.{H1}.json", "--device", "device.json")
        assert done.exit_code == 1
        assert f"wide.{H1}.json:1:10: error QA350" in done.stdout
        assert "(device.json: /qubits)" in done.stdout

    def test_several_documents(self, run: Run) -> None:
        arguments = ["--device", "device.json", "--device", "list.json"]
        done = run("check", f"circuit.{NATIVE}.json", *arguments, "--output", "json")
        assert done.exit_code == 1
        (source,) = json.loads(done.stdout)["reports"]
        assert [each["code"] for each in source["findings"]] == ["QA351", "QA352"]
        messages = " ".join(each["message"] for each in source["findings"])
        assert "list.json: /0/supported_native_gates" in messages
        assert "device.json: /connectivity" in messages

    def test_a_walk_takes_the_document_of_the_device_too(self, run: Run) -> None:
        Path("bad.json").unlink()
        done = run("check", ".", "--device", "device.json", "--verbose", "--jobs", 2)
        assert done.exit_code == 1
        assert "./device.json: ok (ionq.characterization.v0.4)" in done.stdout
        assert done.stdout.count("QA35") == 2
        assert run("check", ".").exit_code == 0

    def test_the_format_of_results_is_not_that_of_the_device(self, run: Run) -> None:
        Path("x.json").write_text('{"9": 1}')
        done = run("check", "x.json", "--format", H1, "--device", "device.json")
        assert done.stdout.count("QA350") == 1

    def test_configuration_is_in_force(self, run: Run, lenient: qa.Registry) -> None:
        Path("qartifacts.toml").write_text(
            f"registry = '{lenient.folder}'\nignore = ['QA350']\n"
            "[[overrides]]\nfiles = ['circuit.*']\nignore = ['QA352']\n"
        )
        for jobs in (1, 2):
            arguments = ["--device", "device.json", "--jobs", jobs]
            done = run("check", f"wide.{H1}.json", f"circuit.{NATIVE}.json", *arguments)
            assert done.exit_code == 0, done.output

    def test_exclusions(self, run: Run, lenient: qa.Registry) -> None:
        Path("qartifacts.toml").write_text(
            f"registry = '{lenient.folder}'\nexclude = ['circuit.*', 'device.json', 'bad.json']\n"
        )
        done = run("check", ".", "--device", "device.json", "--output", "json")
        assert done.exit_code == 1
        reports = {each["source"]: each for each in json.loads(done.stdout)["reports"]}
        assert not any("circuit" in name or "device" in name for name in reports)
        assert [finding["code"] for each in reports.values() for finding in each["findings"]] == [
            "QA350"
        ]

    @pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
    def test_a_hostile_name_is_escaped(self, run: Run) -> None:
        name = "\x1b[31m\u202e.json"
        Path(name).write_bytes(Path("device.json").read_bytes())
        done = run("check", f"wide.{H1}.json", "--device", name)
        assert done.exit_code == 1
        assert "QA350" in done.stdout
        Path(name).write_text("{}")
        refused = run("check", f"wide.{H1}.json", "--device", name)
        Path(name).write_text(json.dumps(status()))
        nothing = run("check", f"wide.{H1}.json", "--device", name)
        assert refused.exit_code == nothing.exit_code == 2
        for each in (done, refused, nothing):
            assert (each.stdout + each.stderr).replace("\n", "").isprintable()

    @pytest.mark.parametrize("document", [status(), defaults()])
    def test_a_device_of_which_nothing_is_said(self, run: Run, document: object) -> None:
        Path("nothing.json").write_text(json.dumps(document))
        done = run("check", f"good.{H1}.json", "--device", "nothing.json")
        assert done.exit_code == 2
        assert "nothing.json says nothing that a result could be held against" in done.stderr
        assert "checked" not in done.output
        both = ["--device", "nothing.json", "--device", "conf.json"]
        assert run("check", f"good.{H1}.json", *both).exit_code == 0

    def test_a_name(self, run: Run) -> None:
        arguments = [f"wide.{H1}.json", "--device", "list.json"]
        assert run("check", *arguments, "--device-name", "simulator").exit_code == 0
        assert run("check", *arguments, "--device-name", "qpu.trio-1").exit_code == 1

    def test_as_published_is_about_results(self, run: Run) -> None:
        done = run("check", f"good.{H1}.json", "--device", "device.json", "--as-published")
        assert done.exit_code == 0

    def test_standard_input(self, run: Run) -> None:
        text = Path("device.json").read_bytes()
        done = run("check", f"wide.{H1}.json", "--device", "-", stdin=text)
        assert done.exit_code == 1
        assert "<stdin>: /qubits" in done.stdout

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--device", "nix.json"], "nix.json cannot be read"),
            (["--device", "bad.json"], "QA250"),
            (["--device", f"good.{H1}.json"], "no document of a device"),
            (["--device", "conf.json", "--device", "device.json"], "vendor"),
            (["--device", "list.json"], "--device-name is needed"),
            (["--device", "list.json", "--device-name", "nix"], "nix"),
            (["--device-name", "nix"], "--device"),
            (["--device", "-", "--files-from", "-"], "only once"),
        ],
    )
    def test_misuse(self, run: Run, arguments: list[str], words: str) -> None:
        done = run("check", f"good.{H1}.json", *arguments)
        assert done.exit_code == 2
        assert words in done.stderr
        assert "checked" not in done.output


def test_results_of_the_examples_fit_a_device_of_many_qubits() -> None:
    device = qa.Device(
        vendor="ionq", qubits=100, native_gates=("gpi", "gpi2", "ms"), max_shots=10**6
    )
    for path in sorted((ROOT / "examples" / "results" / "good").glob("*.json*")):
        assert device.check(path).ok, path
