"""One view of a device: what it says of each document, of several, in tables and on a terminal."""

from __future__ import annotations

import builtins
import doctest
import json
import math
import pickle
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit_ibm_runtime.models import BackendProperties
from qiskit_ibm_runtime.models.exceptions import BackendPropertyError

import qartifacts as qa
from device_documents import (
    CHARACTERIZATION,
    DEFAULTS,
    DOCUMENTS,
    REAL_CONFIGURATIONS,
    REAL_PROPERTIES,
    STATUS,
    backends,
    characterization,
    characterizations,
    configuration,
    defaults,
    ibm_backends,
    parameter,
    properties,
    status,
)
from qartifacts.hardware.summary import list_devices, summarize
from qartifacts.render.chart import to_text
from support import DRAFT_7, ROOT, MakeRegistry, Run

HOSTILE = "\x1b]0;owned\x07<script>\u202e"


class TestEachDocument:
    def test_a_characterization(self, lenient: qa.Registry) -> None:
        device = qa.device(characterization(), registry=lenient)
        assert (device.vendor, device.name, device.qubits) == ("ionq", "qpu.trio-1", 3)
        assert device.connectivity == ((0, 1), (2, 1))
        assert device.directed is False
        assert [device.connects(*pair) for pair in ((1, 0), (1, 2), (0, 2))] == [True, True, False]
        assert device.measured_at == datetime(2026, 4, 20, tzinfo=UTC)
        assert device.overall == qa.Overall(
            fidelity_1q=qa.Statistic(None, 0.9998, 0),
            fidelity_2q=qa.Statistic(None, 0.9952, 0),
            fidelity_spam=qa.Statistic(None, 0.9942, None),
            t1=100,
            t2=1,
        )
        assert (device.per_qubit, device.gates) == ((), ())
        assert (device.native_gates, device.max_shots, device.status) == (None, None, None)

    def test_characterizations_at_two_times(self, lenient: qa.Registry) -> None:
        earlier_last = qa.devices(characterizations(), registry=lenient)
        assert [device.qubits for device in earlier_last] == [3, 2]
        latest = qa.device(characterizations(), registry=lenient)
        assert latest == earlier_last[0]
        assert latest.measured_at == datetime(2024, 8, 31, 11, 0, 11, tzinfo=UTC)
        assert latest.measured_from is latest.measured_to is None
        earlier_first = characterizations()
        earlier_first["characterizations"].reverse()
        assert qa.device(earlier_first, registry=lenient) == latest
        assert latest.overall.fidelity_spam == qa.Statistic(0.993)
        assert latest.overall.length_2q == 0.0002
        assert latest.overall.reset_length == 2e-5

    def test_a_list_of_ionq(self, lenient: qa.Registry) -> None:
        one, simulator = qa.devices(backends(), registry=lenient)
        assert (one.name, one.qubits, one.status) == ("qpu.trio-1", 3, "available")
        assert one.native_gates == ("gpi", "gpi2", "zz")
        assert one.measured_at is None  # When the status was updated is another matter.
        assert (simulator.name, simulator.native_gates) == ("simulator", None)
        assert one.connects(0, 1) is None

    def test_a_list_of_ibm(self, lenient: qa.Registry) -> None:
        trio, none = qa.devices(ibm_backends(), registry=lenient)
        assert (trio.vendor, trio.name, trio.qubits, trio.status) == (
            "ibm",
            "ibm_trio",
            3,
            "online",
        )
        assert trio.overall.error_2q_best == 0.001
        assert trio.overall.error_2q_median == 0.004
        assert trio.overall.error_2q_layered is None  # In percent, which is not known here.
        assert trio.overall.readout_error_median == 0.01
        assert (none.qubits, none.overall) == (None, qa.Overall())

    def test_a_configuration(self, lenient: qa.Registry) -> None:
        device = qa.device(configuration(), registry=lenient)
        assert (device.name, device.qubits, device.max_shots) == ("ibm_trio", 3, 100)
        assert device.connectivity == ((0, 1), (1, 0), (1, 2))
        assert device.directed is True
        assert [device.connects(*pair) for pair in ((0, 1), (1, 2), (2, 1))] == [True, True, False]
        assert device.native_gates == ("cx", "rz", "sx")
        assert device.measured_at is None

    def test_properties(self, lenient: qa.Registry) -> None:
        device = qa.device(properties(), registry=lenient)
        assert (device.name, device.qubits) == ("ibm_trio", 3)
        assert device.measured_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
        assert device.per_qubit == (
            qa.Qubit(
                index=0,
                t1=120.5e-6,
                t2=80e-6,
                readout_error=0.01,
                prob_meas0_prep1=0.015,
                prob_meas1_prep0=0.005,
                readout_length=1.56e-6,
                frequency=4.9e9,
                anharmonicity=-310e6,
            ),
            qa.Qubit(index=1, t1=90e-6, t2=95e-6),
            qa.Qubit(index=2, t1=1.5e-6, readout_error=0.03),
        )
        assert device.gates == (
            qa.Gate(name="cx", qubits=(0, 1), error=0.004, length=84e-9),
            qa.Gate(name="cx", qubits=(1, 0), error=None, length=84e-9),
            qa.Gate(name="rz", qubits=(2,), error=0, length=0),
        )
        assert device.gate("cx", 1, 0) == device.gates[1]
        assert device.gate("cx", 0, 2) is None
        assert device.connectivity is None

    @pytest.mark.parametrize(("document", "expected"), [(status(), "active"), (defaults(), None)])
    def test_what_names_no_device(
        self, lenient: qa.Registry, document: Any, expected: str | None
    ) -> None:
        device = qa.device(document, registry=lenient)
        assert (device.vendor, device.name, device.status) == ("ibm", None, expected)
        assert (device.qubits, device.per_qubit, device.overall) == (None, (), qa.Overall())

    def test_a_unit_that_is_not_known_is_no_value(self, lenient: qa.Registry) -> None:
        document = properties()
        document["qubits"][0][0]["unit"] = "min"
        assert qa.device(document, registry=lenient).per_qubit[0].t1 is None

    def test_an_empty_list_says_nothing(self, lenient: qa.Registry) -> None:
        device = qa.device({**characterization(), "connectivity": []}, registry=lenient)
        assert (device.connectivity, device.directed) == (None, None)
        none = [{**backends()[0], "supported_native_gates": []}]
        assert qa.device(none, registry=lenient).native_gates is None

    @pytest.mark.parametrize("kind", ["path", "bytes", "dict", "artifact"])
    def test_sources(self, lenient: qa.Registry, tmp_path: Path, kind: str) -> None:
        path = tmp_path / "device.json"
        path.write_text(json.dumps(characterization()))
        source: Any = {
            "path": path,
            "bytes": path.read_bytes(),
            "dict": characterization(),
            "artifact": qa.load(path, registry=lenient),
        }[kind]
        device = qa.device(source, registry=lenient)
        assert device == qa.device(characterization(), registry=lenient)
        assert device.documents[0].format == CHARACTERIZATION
        expected = (
            str(path) if kind in ("path", "artifact") else f"<{kind.replace('dict', 'object')}>"
        )
        assert device.documents[0].source == device.origins["qubits"].source == expected

    @pytest.mark.parametrize("format", DOCUMENTS)
    def test_it_can_be_pickled_and_has_a_short_repr(
        self, lenient: qa.Registry, format: str
    ) -> None:
        for device in qa.devices(DOCUMENTS[format](), registry=lenient):
            device.gate("x", 0)
            again = pickle.loads(pickle.dumps(device))
            assert again == device
            assert hash(again) == hash(device)
            assert (again.origins, again.limits) == (device.origins, device.limits)
            assert len(repr(device)) < 120


class TestWhichDevice:
    def test_of_several_one_has_to_be_named(self, lenient: qa.Registry) -> None:
        with pytest.raises(qa.MissingParameter) as missing:
            qa.device(backends(), registry=lenient)
        assert missing.value.parameter == "name"
        assert qa.device(backends(), name="simulator", registry=lenient).qubits == 29

    def test_a_name_that_is_not_there(self, lenient: qa.Registry) -> None:
        with pytest.raises(qa.UnknownDevice) as unknown:
            qa.device(backends(), name="qpu.nix", registry=lenient)
        assert unknown.value.known == ("qpu.trio-1", "simulator")
        assert "qpu.nix" in str(unknown.value)
        with pytest.raises(qa.UnknownDevice):
            qa.device(characterization(), name="qpu.nix", registry=lenient)

    def test_another_document_tells_which(self, lenient: qa.Registry) -> None:
        device = qa.device(backends(), characterization(), registry=lenient)
        assert (device.name, device.native_gates) == ("qpu.trio-1", ("gpi", "gpi2", "zz"))
        assert device.connectivity is not None
        assert device.overall.t1 == 100
        assert len(device.documents) == 2

    def test_a_page_of_one_device_tells_which(self, lenient: qa.Registry) -> None:
        page = characterizations()
        for each in page["characterizations"]:
            each["backend"] = "qpu.trio-1"
        for documents in ((backends(), page), (page, backends())):
            device = qa.device(*documents, registry=lenient)
            assert (device.name, device.native_gates) == ("qpu.trio-1", ("gpi", "gpi2", "zz"))
            assert device.overall.length_2q == 0.0002
        with pytest.raises(qa.DeviceConflict) as conflict:
            qa.device(characterization(), characterizations(), registry=lenient)
        assert conflict.value.fact == "name"

    def test_a_document_without_a_name_is_of_the_one_that_is_meant(
        self, lenient: qa.Registry
    ) -> None:
        device = qa.device(status(), ibm_backends(), name="ibm_trio", registry=lenient)
        assert (device.name, device.status, device.qubits) == ("ibm_trio", "active", 3)

    def test_no_device_at_all(self, lenient: qa.Registry) -> None:
        empty = {"characterizations": None, "pages": 0}
        assert qa.devices(empty, registry=lenient) == ()
        with pytest.raises(qa.ConversionError) as none:
            qa.device(empty, registry=lenient)
        assert none.value.reason == "no-device"
        with pytest.raises(TypeError):
            qa.device()

    def test_a_result_is_no_device(self, lenient: qa.Registry) -> None:
        with pytest.raises(qa.ConversionError) as none:
            qa.device(["1", "2"], registry=lenient)
        assert none.value.reason == "no-device"

    def test_a_bad_document_is_refused_with_its_report(self, lenient: qa.Registry) -> None:
        with pytest.raises(qa.InvalidArtifact) as invalid:
            qa.device({**characterization(), "qubits": 2}, registry=lenient)
        assert [each.code for each in invalid.value.report.findings] == ["QA250"]

    def test_a_format_is_that_of_one_document(self, lenient: qa.Registry) -> None:
        assert qa.device({"qubits": 3}, format=CHARACTERIZATION, registry=lenient).qubits == 3
        with pytest.raises(ValueError, match="one document"):
            qa.device({}, {}, format=CHARACTERIZATION, registry=lenient)


class TestSeveralDocuments:
    def test_configuration_and_properties(self, lenient: qa.Registry) -> None:
        one = qa.device(configuration(), registry=lenient)
        other = qa.device(properties(), registry=lenient)
        both = one.with_(other)
        assert (
            both == other.with_(one) == qa.device(configuration(), properties(), registry=lenient)
        )
        assert (both.connectivity, both.max_shots) == (one.connectivity, 100)
        assert (both.per_qubit, both.gates) == (other.per_qubit, other.gates)
        assert both.measured_at == other.measured_at
        assert both.measured_from == other.measured_from is not None
        assert both.origins["qubits"] == one.origins["qubits"]
        assert other.with_(one).origins["qubits"] == other.origins["qubits"]
        assert both.documents == (*one.documents, *other.documents)

    @pytest.mark.parametrize(
        ("changes", "fact"),
        [
            ({"backend_name": "ibm_other"}, "name"),
            ({"qubits": [[]]}, "qubits"),
        ],
    )
    def test_documents_of_two_devices(
        self, lenient: qa.Registry, changes: dict[str, Any], fact: str
    ) -> None:
        document = {**properties(), "gates": [], **changes}
        with pytest.raises(qa.DeviceConflict) as conflict:
            qa.device(configuration(), document, registry=lenient)
        assert (conflict.value.fact, conflict.value.reason) == (fact, "devices")
        again = pickle.loads(pickle.dumps(conflict.value))
        assert (str(again), again.fact) == (str(conflict.value), fact)

    def test_documents_of_two_vendors_and_of_two_times(self, lenient: qa.Registry) -> None:
        with pytest.raises(qa.DeviceConflict) as conflict:
            qa.device({**characterization(), "backend": "ibm_trio"}, properties(), registry=lenient)
        assert conflict.value.fact == "vendor"
        later = {**properties(), "last_update_date": "2026-01-02T12:00:00Z"}
        with pytest.raises(qa.DeviceConflict) as conflict:
            qa.device(properties(), later, registry=lenient)
        assert conflict.value.fact == "measured_at"
        newer = properties()
        newer["qubits"][0][0]["date"] = "2026-01-01T11:30:00Z"
        with pytest.raises(qa.DeviceConflict) as conflict:
            qa.device(properties(), newer, registry=lenient)
        assert conflict.value.fact == "measured_to"
        other = {**configuration(), "coupling_map": [[0, 1]]}
        with pytest.raises(qa.DeviceConflict) as conflict:
            qa.device(configuration(), other, registry=lenient)
        assert conflict.value.fact == "connectivity"
        assert conflict.value.values == ("3 items", "1 item")
        other = {**configuration(), "max_shots": 2}
        with pytest.raises(qa.DeviceConflict) as conflict:
            qa.device(configuration(), other, registry=lenient)
        assert conflict.value.fact == "max_shots"
        metrics = {"two_q_error_best": {"value": 0.5, "unit": ""}}
        both = [{"name": "a", "queue_length": 0, "qubits": 1}] * 2
        lists = [
            {"devices": [{**both[0], "performance_metrics": metrics}]},
            {"devices": [{**both[1], "performance_metrics": ibm_backends()["devices"][0]["performance_metrics"]}]},
        ]  # fmt: skip
        with pytest.raises(qa.DeviceConflict) as conflict:
            qa.device(*lists, registry=lenient)
        assert conflict.value.fact == "overall.error_2q_best"

    def test_the_first_status_stays(self, lenient: qa.Registry) -> None:
        both = qa.device(ibm_backends(), status(), name="ibm_trio", registry=lenient)
        assert both.status == "online"


NAMES = [
    "armonk", "athens", "brisbane", "fez", "guadalupe", "kingston", "kyiv", "lima", "manila",
    "mumbai", "rome", "sherbrooke", "torino",
]  # fmt: skip


class TestRealDocuments:
    @pytest.mark.parametrize("name", NAMES)
    def test_it_agrees_with_the_sdk_on_every_qubit_and_gate(
        self, lenient: qa.Registry, name: str
    ) -> None:
        conf, props = (
            next(path for path in paths if path.parent.name == name)
            for paths in (REAL_CONFIGURATIONS, REAL_PROPERTIES)
        )
        device = qa.device(conf, props, registry=lenient)
        document = json.loads(props.read_bytes())
        theirs = BackendProperties.from_dict(json.loads(props.read_bytes()))
        assert device.name == theirs.backend_name
        assert device.measured_at == theirs.last_update_date
        assert device.qubits == len(device.per_qubit) == len(theirs.qubits)
        for qubit in device.per_qubit:
            for ours, accessor in (
                (qubit.t1, theirs.t1),
                (qubit.t2, theirs.t2),
                (qubit.readout_error, theirs.readout_error),
                (qubit.readout_length, theirs.readout_length),
                (qubit.frequency, theirs.frequency),
            ):
                assert ours == (_approx(accessor, qubit.index))
        assert len(device.gates) == len(document["gates"])
        for gate in device.gates:
            error = _approx(theirs.gate_error, gate.name, gate.qubits)
            assert gate.error == (None if error == 1 else error)
            assert gate.length == _approx(theirs.gate_length, gate.name, gate.qubits)

    def test_what_is_known_to_be_odd(self, lenient: qa.Registry) -> None:
        views = {
            path.parent.name: qa.device(path, registry=lenient)
            for path in (*REAL_CONFIGURATIONS, *REAL_PROPERTIES)
            if path.name in ("conf_armonk.json", "props_kingston.json")
        }
        assert views["armonk"].connectivity is None
        assert views["kingston"].per_qubit[146].t1 is None
        assert views["kingston"].per_qubit[146].t2 is None

    def test_all_gates_of_error_one_are_unknown(self, lenient: qa.Registry) -> None:
        """1,059 gates of 69 devices."""
        ones = 0
        for path in REAL_PROPERTIES:
            given = json.loads(path.read_bytes())["gates"]
            (device,) = qa.devices(path, registry=lenient)
            for gate, ours in zip(given, device.gates, strict=True):
                errors = [
                    each["value"] for each in gate["parameters"] if each["name"] == "gate_error"
                ]
                ones += errors == [1]
                assert ours.error == (None if errors in ([], [1]) else errors[0])
        assert ones == 1059


def _approx(accessor: Any, *arguments: Any) -> Any:
    """What the SDK says, about; None where it has nothing to say."""
    try:
        value = accessor(*arguments)
    except BackendPropertyError:
        return None
    return value if value == 1 else pytest.approx(value, rel=1e-13, abs=0)


class TestTables:
    def test_columns(self, lenient: qa.Registry) -> None:
        device = qa.device(properties(), registry=lenient)
        columns = device.qubit_columns()
        assert list(columns) == list(qa.Qubit.__dataclass_fields__)
        assert columns["index"].dtype == np.int64
        assert columns["t1"].tolist() == [120.5e-6, 90e-6, 1.5e-6]
        assert np.isnan(columns["readout_error"]).tolist() == [False, True, False]
        gates = device.gate_columns()
        assert gates["qubits"].tolist() == [(0, 1), (1, 0), (2,)]
        assert gates["name"].tolist() == ["cx", "cx", "rz"]
        assert math.isnan(gates["error"][1])
        assert gates["length"].dtype == np.float64
        assert {
            len(column) for column in qa.device(status(), registry=lenient).gate_columns().values()
        } == {0}

    def test_pairs_alone_stay_tuples(self, lenient: qa.Registry) -> None:
        document = {**properties(), "gates": properties()["gates"][:2]}
        column = qa.device(document, registry=lenient).gate_columns()["qubits"]
        assert column.shape == (2,)
        assert column[0] == (0, 1)

    def test_pandas(self, lenient: qa.Registry) -> None:
        device = qa.device(properties(), registry=lenient)
        qubits, gates = device.qubit_table("pandas"), device.gate_table("pandas")
        assert qubits.shape == (3, 9)
        assert qubits["t2"].isna().tolist() == [False, False, True]
        assert gates.groupby("name")["error"].max().to_dict() == {"cx": 0.004, "rz": 0.0}
        assert gates["qubits"][1] == (1, 0)

    def test_arrow(self, lenient: qa.Registry) -> None:
        device = qa.device(properties(), registry=lenient)
        qubits, gates = device.qubit_table("arrow"), device.gate_table("arrow")
        assert qubits.column("t2").to_pylist() == [80e-6, 95e-6, None]
        assert gates.column("qubits").to_pylist() == [[0, 1], [1, 0], [2]]
        assert gates.column("error").null_count == 1
        assert [str(each) for each in gates.schema.types] == [
            "string", "list<item: int64>", "double", "double",
        ]  # fmt: skip
        nothing = qa.device(status(), registry=lenient).gate_table("arrow")
        assert nothing.schema == gates.schema

    @pytest.mark.parametrize(("library", "module"), [("pandas", "pandas"), ("arrow", "pyarrow")])
    def test_a_library_that_is_not_there(
        self, lenient: qa.Registry, monkeypatch: pytest.MonkeyPatch, library: Any, module: str
    ) -> None:
        device = qa.device(properties(), registry=lenient)
        really = builtins.__import__

        def without(name: str, *rest: Any, **more: Any) -> Any:
            if name == module:
                raise ModuleNotFoundError(name)
            return really(name, *rest, **more)

        monkeypatch.setattr(builtins, "__import__", without)
        with pytest.raises(qa.MissingExtra) as missing:
            device.qubit_table(library)
        assert missing.value.extra == library

    def test_another_library(self, lenient: qa.Registry) -> None:
        device: Any = qa.device(properties(), registry=lenient)
        with pytest.raises(ValueError, match="polars"):
            device.gate_table("polars")


class TestShow:
    def write(self, **documents: Any) -> None:
        for name, document in documents.items():
            Path(f"{name}.json").write_text(json.dumps(document), encoding="utf-8")

    def test_a_device(self, run: Run, lenient: qa.Registry) -> None:
        self.write(conf=configuration(), props=properties())
        done = run("show", "conf.json", "props.json", "--registry", lenient.folder, "--top", 2)
        assert done.exit_code == 0, done.output
        assert done.stdout == (
            "ibm_trio\n"
            "  vendor        ibm\n"
            "  from          conf.json (ibm.backend-configuration.v1)\n"
            "  from          props.json (ibm.backend-properties.v1)\n"
            "  measured      updated 2026-01-01 12:00:00 UTC; values of 2026-01-01 11:00:00 UTC\n"
            "  qubits        3\n"
            "  connectivity  3 pairs, each in its order; 1 to 2 neighbours each\n"
            "  native gates  cx, rz, sx\n"
            "  shots         at most 100\n"
            "\n"
            "qubits\n"
            "  qubit         T1       T2  readout error  0 for 1  1 for 0  readout  frequency  "
            "anharmonicity\n"
            "  median     90 us  87.5 us           0.02    0.015    0.005  1.56 us    4.9 GHz  "
            "     -310 MHz\n"
            "  least     1.5 us    80 us           0.01    0.015    0.005  1.56 us    4.9 GHz  "
            "     -310 MHz\n"
            "  most    120.5 us    95 us           0.03    0.015    0.005  1.56 us    4.9 GHz  "
            "     -310 MHz\n"
            "  0       120.5 us    80 us           0.01    0.015    0.005  1.56 us    4.9 GHz  "
            "     -310 MHz\n"
            "  1          90 us    95 us              -        -        -        -          -  "
            "            -\n"
            "  and 1 more qubit\n"
            "\n"
            "gates\n"
            "  gate  places  median error   most  not known  median length\n"
            "  cx         2         0.004  0.004          1          84 ns\n"
            "  rz         1             0      0          0            0 s\n"
        )

    def test_a_characterization(self, run: Run, lenient: qa.Registry) -> None:
        self.write(device=characterization())
        done = run("show", "device.json", "--registry", lenient.folder)
        assert done.exit_code == 0, done.output
        lines = dict(line.strip().split("  ", 1) for line in done.stdout.splitlines()[1:])
        assert {name: said.strip() for name, said in lines.items()} == {
            "vendor": "ionq",
            "from": "device.json (ionq.characterization.v0.4)",
            "measured": "2026-04-20 00:00:00 UTC",
            "qubits": "3",
            "connectivity": "2 pairs, in either order; 1 to 2 neighbours each",
            "1-qubit fidelity": "median 0.9998, stderr 0",
            "2-qubit fidelity": "median 0.9952, stderr 0",
            "SPAM fidelity": "median 0.9942",
            "T1": "100 s",
            "T2": "1 s",
        }

    def test_a_list(self, run: Run, lenient: qa.Registry) -> None:
        self.write(devices=backends())
        done = run("show", "devices.json", "--registry", lenient.folder, "--top", 1)
        assert done.exit_code == 0, done.output
        assert done.stdout == (
            "devices.json\n"
            "  format  ionq.backends.v0.4\n"
            "\n"
            "devices\n"
            "  name        qubits     status  measured\n"
            "  qpu.trio-1       3  available         -\n"
            "  and 1 more\n"
        )
        one = run(
            "show", "devices.json", "--registry", lenient.folder, "--device-name", "simulator"
        )
        assert one.exit_code == 0
        assert one.stdout.startswith("simulator\n")

    def test_an_empty_list(self, run: Run, lenient: qa.Registry) -> None:
        self.write(none={"characterizations": None, "pages": 0})
        done = run("show", "none.json", "--registry", lenient.folder)
        assert (done.exit_code, done.stdout) == (0, "none.json\n")

    @pytest.mark.parametrize(
        ("arguments", "exit_code", "words"),
        [
            (["conf.json", "shots.json"], 2, "--device"),
            (["conf.json", "--register", "c"], 2, "--register"),
            (["conf.json", "--device-name", "nix"], 2, "nix"),
            (["shots.json", "--device-name", "nix"], 2, "--device-name"),
            (["list.json", "list.json"], 2, "--device-name"),
            (["conf.json", "other.json"], 1, "name"),
            (["conf.json", "--svg", "a.svg"], 2, "nothing to draw"),
            (["bad.json"], 1, "QA255"),
        ],
    )
    def test_what_cannot_be_shown(
        self, run: Run, lenient: qa.Registry, arguments: list[str], exit_code: int, words: str
    ) -> None:
        self.write(
            conf=configuration(),
            shots=["1"],
            list=backends(),
            other={**properties(), "backend_name": "ibm_other"},
            bad={**configuration(), "n_qubits": -1},
        )
        done = run("show", *arguments, "--registry", lenient.folder)
        assert done.exit_code == exit_code, done.output
        assert words in done.stderr

    def test_parameters_have_dates_of_their_own(self, lenient: qa.Registry) -> None:
        document = properties()
        document["qubits"][2][0]["date"] = "2025-12-30T10:00:00+01:00"
        document["gates"][0]["parameters"][0]["date"] = "2026-01-02T00:00:00Z"
        document["general"] = ["a text", parameter("jq_01", 0, "GHz", "2025-12-31T00:00:00Z")]
        device = qa.device(document, registry=lenient)
        assert device.measured_from == datetime(2025, 12, 30, 9, tzinfo=UTC)
        assert device.measured_to == datetime(2026, 1, 2, tzinfo=UTC)
        assert (
            "updated 2026-01-01 12:00:00 UTC; "
            "values of 2025-12-30 09:00:00 UTC to 2026-01-02 00:00:00 UTC\n"
        ) in to_text(summarize(device, 3))

    @pytest.mark.parametrize(("width", "last"), [(60, "1 for 0"), (80, "frequency")])
    def test_columns_that_do_not_fit_are_left_out(
        self, lenient: qa.Registry, width: int, last: str
    ) -> None:
        sheet = summarize(qa.device(properties(), registry=lenient), 3)
        lines = to_text(sheet, width=width).splitlines()
        assert max(map(len, lines)) <= width
        whole = to_text(sheet).splitlines()
        at = lines.index("qubits")
        heading = whole[whole.index("qubits") + 1]
        end = heading.index(last) + len(last)
        # No row takes two lines, and each is the start of what there is without a terminal.
        assert lines[at + 1 : at + 8] == [
            line[:end] for line in whole[whole.index("qubits") + 1 :][:7]
        ]
        left = {60: "and 3 more columns", 80: "and 1 more column"}[width]
        assert lines[at + 8] == f"  {left}"

    def test_names_are_folded(self, lenient: qa.Registry) -> None:
        document = backends()
        document[0]["backend"] = "q" * 150
        text = to_text(list_devices(qa.devices(document, registry=lenient), "a", 5), width=60)
        assert text.count("q") == 150 + len("qq")  # Of "ionq" and "qubits".
        assert max(map(len, text.splitlines())) <= 60
        assert "available" in text

    def test_hostile_words(self, lenient: qa.Registry) -> None:
        document = {**properties(), "backend_name": HOSTILE * 100}
        document["gates"][0]["gate"] = HOSTILE
        document["gates"] += [
            {"gate": f"g{index:02}", "qubits": [0], "parameters": []} for index in range(40)
        ]
        device = qa.device(document, registry=lenient)
        text = to_text(summarize(device, 3))
        assert text.replace("\n", "").isprintable()
        assert "and 11 more gates" in text
        assert "<script>" not in device._repr_html_()
        assert len(text) < 10_000
        listed = list_devices([device] * 3, HOSTILE, 2)
        assert to_text(listed).replace("\n", "").isprintable()
        assert "\x1b" not in repr(device)

    def test_qubits_that_are_not_connected(self, lenient: qa.Registry) -> None:
        document = {**configuration(), "n_qubits": 5, "coords": None, "coupling_map": [[0, 1]]}
        text = to_text(summarize(qa.device(document, registry=lenient), 3))
        assert "1 pair, each in its order; 1 neighbour each; 3 qubits without any" in text
        document = {
            **configuration(),
            "n_qubits": 1,
            "gates": [],
            "coords": None,
            "coupling_map": [],
        }
        text = to_text(summarize(qa.device(document, registry=lenient), 3))
        assert "0 pairs, each in its order" in text


def test_a_device_of_nothing_can_be_shown(make_registry: MakeRegistry) -> None:
    registry = make_registry({STATUS: {"$schema": DRAFT_7}, DEFAULTS: {"$schema": DRAFT_7}})
    for document, format in ((status(), STATUS), (defaults(), DEFAULTS), ([], STATUS)):
        text = to_text(summarize(qa.device(document, format=format, registry=registry), 3))
        assert text.startswith("a device without a name\n")


def test_names_of_parameters_are_those_of_ibm(lenient: qa.Registry) -> None:
    """A parameter of another name, or none of the view's, is left alone."""
    document = properties()
    document["qubits"][0] = [parameter("t1", 1, "s"), parameter("x", 1)]
    assert qa.device(document, registry=lenient).per_qubit[0] == qa.Qubit(index=0)


EXAMPLES = ROOT / "examples" / "devices"


class TestDocumentation:
    """docs/devices.md is true: what it shows is run on the documents that it names."""

    PAGE = (ROOT / "docs" / "devices.md").read_text(encoding="utf-8")

    @pytest.fixture(autouse=True)
    def files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        for path in EXAMPLES.iterdir():
            shutil.copy(path, tmp_path)

    def test_the_examples_are_the_documents_of_these_tests(self) -> None:
        documents = {
            "conf.json": configuration(),
            "props.json": properties(),
            "backends.json": backends(),
            "characterization.json": characterization(),
        }
        assert {path.name for path in EXAMPLES.iterdir()} == set(documents)
        for name, document in documents.items():
            text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
            assert (EXAMPLES / name).read_text(encoding="utf-8") == text
            assert qa.check(EXAMPLES / name).findings == ()

    def test_python(self) -> None:
        blocks = re.findall(r"```pycon\n(.*?)```", self.PAGE, re.DOTALL)
        examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "page", None, 0)
        outcome = doctest.DocTestRunner().run(examples)
        assert outcome.failed == 0
        assert outcome.attempted >= 10

    @pytest.mark.skipif(sys.platform == "win32", reason="the page is written for a POSIX shell")
    def test_commands(self) -> None:
        blocks = re.findall(r"```console\n(.*?)```", self.PAGE, re.DOTALL)
        run_command = "import sys; from qartifacts.cli import main; main()"
        shown = 0
        for block in blocks:
            parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
            for command, output in zip(parts[1::2], parts[2::2], strict=True):
                words = f"{sys.executable} -c '{run_command}'"
                done = subprocess.run(
                    ["sh", "-c", re.sub(r"^qartifacts\b", words, command)],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.stdout + done.stderr == output, command
                shown += 1
        assert shown == 4
