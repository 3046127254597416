"""Device documents: errata that the evidence forces and no more, models, and checks of real ones.

The real ones are those that qiskit-ibm-runtime ships for its fake backends.
"""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

import count_errata
import qartifacts as qa
import qartifacts_models.msgspec
import qartifacts_models.pydantic
import qartifacts_models.typeddicts
from qartifacts.codegen import module_name
from qartifacts.registry.errata import read_errata
from support import DEVICE_FORMATS, Run

CONFIGURATION, PROPERTIES = "ibm.backend-configuration.v1", "ibm.backend-properties.v1"
CHARACTERIZATION = "ionq.characterization.v0.4"
REAL = [
    (str(format), path)
    for format, (prefix, _) in count_errata.KINDS.items()
    for path in count_errata.documents(prefix)
]
#: Small ones, of every generation.
SOME = [each for each in REAL if each[1].stat().st_size < 60_000][::5]


def short(each: tuple[str, Path]) -> str:
    return each[1].stem


def found(report: qa.Report) -> list[tuple[str, str]]:
    return [(each.code, each.pointer) for each in report.findings]


class TestErrata:
    def test_they_are_counted(self) -> None:
        """As published none of the 137 passes, with errata all do, and each erratum is needed."""
        counted = {str(each.format): each for each in map(count_errata.counted, count_errata.KINDS)}
        for format, total in ((CONFIGURATION, 68), (PROPERTIES, 69)):
            count = counted[format]
            assert (count.total, count.published, count.effective) == (total, 0, total)
            for each in count.counts:
                assert each.fails == each.needs > 0, each.erratum.id
                assert each.erratum.needed_by == each.needed_by, each.erratum.id

    def test_the_script_prints_it(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Of one format, and of a few documents: the numbers are tested above.
        format = qa.FormatId(PROPERTIES)
        few = list(count_errata.documents("props"))[:3]
        monkeypatch.setattr(count_errata, "KINDS", {format: count_errata.KINDS[format]})
        monkeypatch.setattr(count_errata, "documents", lambda prefix: iter(few))
        assert count_errata.main([]) == 0
        printed = capsys.readouterr().out
        assert f"{PROPERTIES}: as published 0 of 3 of qiskit-ibm-runtime" in printed
        assert "with errata 3 of 3" in printed
        assert "qubit-numbers (wire)" in printed
        assert count_errata.main(["--check"]) == 1  # It is needed by more.
        assert "it states '69 of 69 properties" in capsys.readouterr().out
        assert count_errata.main(["--other"]) == 2

    def test_what_the_sdk_may_have_caused_is_told_from_the_rest(self) -> None:
        """Lengths of dates, and null: an SDK that writes documents anew may be why."""
        registry = qa.Registry.bundled()
        for format in (CONFIGURATION, PROPERTIES):
            for erratum in read_errata(registry.folder, registry[format].format):
                dates = erratum.id.endswith("-offset")
                null = erratum.id.startswith("null-")
                assert erratum.confidence == ("sdk" if dates or null else "wire"), erratum.id

    def test_all_of_them_apply(self) -> None:
        for format in DEVICE_FORMATS:
            pin = qa.Registry.bundled()[format]
            assert pin.obsolete == ()
            assert bool(pin.errata) is bool(pin.effective_sha256)

    def test_the_command_shows_who_needs_them(self, run: Run) -> None:
        listed = run("formats", "--errata").stdout
        assert "    needed by: 69 of 69 properties of qiskit-ibm-runtime " in listed
        errata = json.loads(run("formats", "--errata", "--json").stdout)["errata"]
        needed = {each["id"]: each["needed_by"] for each in errata}
        assert needed["fractional-dt"].startswith("51 of 68 configurations of")
        assert needed["integer-states"] is None


class TestRealOnes:
    def test_all_pass_in_reasonable_time(self) -> None:
        started = time.perf_counter()
        validators = {str(format): qa.validator(format) for format in count_errata.KINDS}
        for format, path in REAL:
            assert validators[format].check(path).ok, path.name
        # 14 MB, a second or two when this was written.
        assert time.perf_counter() - started < 60

    @pytest.mark.parametrize("each", SOME, ids=short)
    def test_as_published_they_fail_with_places(self, each: tuple[str, Path]) -> None:
        format, path = each
        report = qa.check(path, format=format, registry=qa.Registry.bundled().as_published())
        assert not report.ok
        assert all(each.code.startswith("QA1") and each.line for each in report.findings)

    def test_on_the_command_line(self, run: Run) -> None:
        _, path = next(each for each in REAL if each[0] == PROPERTIES)
        payload = json.loads(path.read_bytes())
        payload["gates"][1]["qubits"][0] = "0"
        del payload["qubits"][0][0]["unit"]
        bad = Path("bad.json")
        bad.write_text(json.dumps(payload, indent=1), encoding="utf-8")
        assert run("check", path, "--format", PROPERTIES).exit_code == 0
        done = run("check", bad, "--format", PROPERTIES, "--output", "json")
        assert done.exit_code == 1
        findings = json.loads(done.stdout)["reports"][0]["findings"]
        told = {each["pointer"]: (each["code"], each["line"]) for each in findings}
        lines = [line.strip(" ,") for line in bad.read_text(encoding="utf-8").splitlines()]
        assert told["/gates/1/qubits/0"] == ("QA101", lines.index('"0"') + 1)
        assert told["/qubits/0/0"] == ("QA102", lines.index('"qubits": [') + 3)

    def test_they_are_told_by_their_names(self, run: Run) -> None:
        _, path = next(each for each in REAL if each[0] == CONFIGURATION)
        stored = Path(f"ibm_device.{CONFIGURATION}.json")
        stored.write_bytes(path.read_bytes())
        assert f"ok ({CONFIGURATION})" in run("check", "-v", ".").stdout

    @pytest.mark.parametrize("each", SOME, ids=short)
    def test_they_become_models(self, each: tuple[str, Path]) -> None:
        format, path = each
        payload = json.loads(path.read_bytes())
        model = qa.decode(path, qartifacts_models.pydantic.MODELS[format])
        assert qa.from_model(model).payload == payload
        with pytest.warns(qa.MembersDropped):  # Both kinds have members that nobody declares.
            struct = qa.decode(path, qartifacts_models.msgspec.MODELS[format])
        assert struct.backend_name == payload["backend_name"]


class TestModels:
    def test_they_have_names_that_a_person_would_choose(self) -> None:
        for package in (
            qartifacts_models.pydantic,
            qartifacts_models.msgspec,
            qartifacts_models.typeddicts,
        ):
            names = {format: package.MODELS[format] for format in DEVICE_FORMATS}
            for format, name in {
                "ionq.backends.v0.4": "Backends",
                CHARACTERIZATION: "Characterization",
                "ionq.characterizations.v0.3": "Characterizations",
                "ibm.backends.v1": "IBMBackends",
                CONFIGURATION: "BackendConfiguration",
                PROPERTIES: "BackendProperties",
                "ibm.backend-status.v1": "BackendStatus",
                "ibm.backend-defaults.v1": "BackendDefaults",
            }.items():
                assert getattr(package, name) is names[qa.FormatId(format)]

    def test_parts_have_such_names_too(self) -> None:
        from qartifacts_models.msgspec.ibm_backend_configuration_v1 import Gate, Hamiltonian
        from qartifacts_models.msgspec.ibm_backend_properties_v1 import GateProperties, Parameter

        properties = qa.decode(
            Path(__file__).parent / "cases" / PROPERTIES / "good" / "as-published.json",
            qartifacts_models.msgspec.BackendProperties,
        )
        assert isinstance(properties.qubits[0][0], Parameter)
        assert GateProperties.__struct_fields__ == ("gate", "parameters", "qubits")
        assert Gate.__struct_fields__[:3] == ("name", "parameters", "qasm_def")
        assert "h_latex" in Hamiltonian.__struct_fields__

    def test_no_name_is_made_up_by_the_generator(self) -> None:
        """Numbered ones are: the generator had two parts of one name."""
        for format in DEVICE_FORMATS:
            folder = Path(str(qartifacts_models.pydantic.__file__)).parent
            path = folder / f"{module_name(qa.FormatId(format))}.py"
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.startswith("class "):
                    assert not line.partition("(")[0][-1].isdigit(), line


class TestIonQ:
    def test_the_published_example(self) -> None:
        """What the v0.4 characterization's schema gives as examples of its own members."""
        pin = qa.Registry.bundled()[CHARACTERIZATION]
        example = example_of(pin.published)
        assert example["fidelity"]["spam"] == {"median": 0.9962, "stderr": None}
        example["timing"].update(readout=0, reset=0)  # They are required, and have no example.
        assert qa.check(example, format=CHARACTERIZATION).ok
        published = qa.Registry.bundled().as_published()
        report = qa.check(example, format=CHARACTERIZATION, registry=published)
        assert found(report) == [("QA101", "/fidelity/spam/stderr")]
        assert report.findings[0].message == "expected an integer, found null"

    def test_the_published_example_with_an_ellipsis_stays_wrong(self) -> None:
        """It stands for what the documentation leaves out, and no device sends it."""
        format = "ionq.characterizations.v0.3"
        document = qa.Registry.bundled()[format].document
        example = example_of(document["definitions"]["Characterization"])
        report = qa.check({"characterizations": [example]}, format=format)
        assert found(report) == [("QA101", "/characterizations/0/connectivity/2")]


def example_of(schema: dict[str, Any]) -> Any:
    """An instance made of a schema's examples; members that have none are left out."""
    if "examples" in schema:
        return schema["examples"][0]
    if schema.get("type") != "object":
        return None
    members = {name: (each, example_of(each)) for name, each in schema["properties"].items()}
    return {
        name: value
        for name, (each, value) in members.items()
        if "examples" in each or (each.get("type") == "object" and value)
    }


# ----------------------------------------------------------------------------------------------
# Wrong documents still fail


def mutants(document: Any, number: int, seed: int) -> Iterator[Any]:
    """Copies of a document with one thing changed: gone, of another type, or out of range."""
    rng = random.Random(seed)
    wrong: list[Any] = [None, True, -1, 1.5, 2**40, "", "? !", "x" * 5000, [], [[]], {}, {"x": 1}]
    for _ in range(number):
        mutant = copy.deepcopy(document)
        place: Any = mutant
        while True:
            key = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
            inner = place[key]
            if not isinstance(inner, (dict, list)) or not inner or rng.random() < 0.25:
                break
            place = inner
        if rng.random() < 0.25:
            del place[key]
        else:
            place[key] = rng.choice(wrong)
        yield mutant


def places(validator: Any, document: Any) -> set[tuple[str, str]]:
    """Where a document is wrong; of a member that is missing, also which."""
    return {
        (
            str(error.instance_path),
            error.message if error.schema_path[-1] == "required" else "",
        )
        for error in validator.iter_errors(document)
    }


def small(document: Any) -> Any:
    """A document with no more than three items of each list, so that mutants differ."""
    if isinstance(document, dict):
        return {name: small(each) for name, each in document.items()}
    if isinstance(document, list):
        return [small(each) for each in document[:3]]
    return document


def test_wrong_documents_still_fail() -> None:
    """Of what the published schema would newly refuse, nearly all is refused with errata, too.

    What is not is what errata are about: null where there may be null, a member that may be absent.
    """
    registry = qa.Registry.bundled()
    tried = refused = 0
    passed: dict[str, int] = {}
    for number, (format, path) in enumerate(REAL[::12]):
        published = jsonschema_rs.Draft7Validator(registry[format].published)
        effective = jsonschema_rs.Draft7Validator(registry[format].document)
        document = small(json.loads(path.read_bytes()))
        before = places(published, document)
        assert effective.is_valid(document)
        for mutant in mutants(document, 250, seed=number):
            new = places(published, mutant) - before
            if new:
                tried += 1
                if effective.is_valid(mutant):
                    for place, message in new:
                        passed[f"{place} {message}"] = passed.get(f"{place} {message}", 0) + 1
                else:
                    refused += 1
    assert tried > 700
    assert refused / tried > 0.985, passed


@pytest.mark.parametrize(
    ("format", "place", "wrong"),
    [
        (CONFIGURATION, ("dt",), [-0.1, "0.2", None, [], 2**31]),
        (CONFIGURATION, ("meas_levels", 0), [3, -1, 0.5, "1", [1], None]),
        (CONFIGURATION, ("discriminators", 0), ["a b", "", "x" * 65, 1, None]),
        (CONFIGURATION, ("parametric_pulses", 0), [["drag"], 1, None]),
        (CONFIGURATION, ("quantum_volume",), [0, "32", True]),
        (CONFIGURATION, ("clops",), [-1, 0.5, "2645", {}, {"type": "virtual"}, [2645]]),
        (CONFIGURATION, ("clops_h",), [-1, 0.5, [], {}]),
        (CONFIGURATION, ("clops_v",), [-1, 0.5, [], {}]),
        (CONFIGURATION, ("meas_levels",), ["x", {}, 1]),
        (CONFIGURATION, ("discriminators",), ["x", {}, 1]),
        (CONFIGURATION, ("default_rep_delay",), [-1, "3", []]),
        (CONFIGURATION, ("sample_name",), ["a;b", "", None, 5]),
        (CONFIGURATION, ("online_date",), ["2020", "2020-01-01T00:00:00.000000+00:00", None, 0]),
        (CONFIGURATION, ("coupling_map",), [[], [[0]], [[0, -1]], [[0, "1"]], {}, 0]),
        (CONFIGURATION, ("gates", 0, "name"), ["c-x", "", None]),
        (CONFIGURATION, ("gates", 0, "parameters"), ["theta", [1], [""], {}]),
        (CONFIGURATION, ("gates", 0, "qasm_def"), ["", 1, "x" * 1025]),
        (CONFIGURATION, ("processor_type", "revision"), ["x", "", -1, None, True, [1]]),
        (CONFIGURATION, ("hamiltonian", "h_latex"), ["x" * 32769, None, 1]),
        (PROPERTIES, ("last_update_date",), ["2020", "x" * 26, None, 0]),
        (PROPERTIES, ("gates", 0, "qubits", 0), ["0", -1, 0.5, None, [0]]),
        (PROPERTIES, ("general", 0), ["jq_01", {}, None, 1, []]),
        (PROPERTIES, ("qubits", 0, 0, "date"), ["2020", "x" * 33, None, 0]),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_what_an_erratum_lets_pass_is_no_more_than_was_seen(
    format: str, place: tuple[str | int, ...], wrong: list[Any]
) -> None:
    cases = Path(__file__).parent / "cases" / format / "good" / "as-they-are.json"
    good = json.loads(cases.read_bytes())
    validator = qa.validator(format)
    assert validator.is_valid(good)
    for value in wrong:
        document = copy.deepcopy(good)
        inner = document
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = value
        assert not validator.is_valid(document), value


@pytest.mark.parametrize("format", DEVICE_FORMATS)
def test_the_verdict_is_that_of_the_library(format: str) -> None:
    """Proofs and places are ours; the verdict is that of jsonschema on the effective schema.

    Rules ask for more, and where one says the same as the schema, its finding stays.
    """
    document = qa.Registry.bundled()[format].document
    del document["$schema"]  # The library would look it up, and does not know this name.
    library = jsonschema.Draft7Validator(document)
    validator = qa.validator(format)
    for path in sorted((Path(__file__).parent / "cases" / format / "good").glob("*.json")):
        payload = json.loads(path.read_bytes())
        for mutant in mutants(payload, 60, seed=1) if payload else [payload]:
            report = validator.check(mutant)
            if library.is_valid(mutant):
                assert not [each for each in report.findings if each.code < "QA200"], mutant
            else:
                assert not report.ok, mutant
