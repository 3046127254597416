"""Generated models: the same bytes everywhere, classes with names, only what has passed in them."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import qartifacts as qa
import qartifacts_models.msgspec
import qartifacts_models.pydantic
import qartifacts_models.typeddicts
from qartifacts.codegen import STYLES, generated_files, module_name, reference_files, root_name
from qartifacts.codegen.naming import named
from qartifacts.validate import RULE_CODES
from support import DEVICE_FORMATS, DRAFT_7, LOCAL_FORMATS, ROOT, MakeRegistry, Run

CASES = ROOT / "tests" / "cases"
SHIPPED = {
    "pydantic": qartifacts_models.pydantic,
    "msgspec": qartifacts_models.msgspec,
    "typeddict": qartifacts_models.typeddicts,
}
GOOD = sorted(CASES.glob("*/good/*.json"))
#: It has the members 1q and 2q, which no plain dataclass can have, and needs them.
NO_NAME_IN_PYTHON = ("ionq.characterizations.v0.3", "good", "page.json")
P1, P2 = "ionq.result.probabilities.json.v1", "ionq.result.probabilities.json.v2"
S2 = "ionq.result.shots.json.v2"
FORMAT = qa.FormatId("test.some-thing.v2")
#: A module a format, and their index.
FILES = len(qa.formats()) + 1


@pytest.fixture(scope="module")
def dataclasses_package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The style that is not shipped, generated and imported as a user would."""
    folder = tmp_path_factory.mktemp("generated") / "made_of_dataclasses"
    folder.mkdir()
    for name, text in generated_files(qa.Registry.bundled(), "dataclass").items():
        (folder / name).write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(folder.name, folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[folder.name] = package
    spec.loader.exec_module(package)
    return package


@pytest.mark.parametrize("style", SHIPPED)
def test_what_is_shipped_is_what_is_generated(style: str) -> None:
    path = SHIPPED[style].__file__
    assert path is not None
    folder = Path(path).parent
    files = generated_files(qa.Registry.bundled(), style)
    assert {each.name for each in folder.glob("*.py")} == set(files)
    for name, text in files.items():
        assert (folder / name).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("style", SHIPPED)
def test_each_format_has_a_model_with_a_name(style: str) -> None:
    assert set(SHIPPED[style].MODELS) == set(qa.Registry.bundled())
    for format, model in SHIPPED[style].MODELS.items():
        assert getattr(SHIPPED[style], root_name(format)) is model
        text = (Path(str(SHIPPED[style].__file__)).parent / f"{module_name(format)}.py").read_text()
        assert f"# Format: {format}\n" in text
        assert f"# Schema: sha256 {qa.Registry.bundled()[format].sha256}\n" in text
        assert "AdditionalProperty" not in text


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_good_cases_become_models_and_come_back(
    path: Path, dataclasses_package: ModuleType
) -> None:
    artifact = qa.load(path, format=path.parts[-3])
    for package in (*SHIPPED.values(), dataclasses_package):
        if package is dataclasses_package and path.parts[-3:] == NO_NAME_IN_PYTHON:
            with pytest.raises(qa.ConversionError):
                qa.decode(path, package.MODELS[artifact.format], format=artifact.format)
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", qa.MembersDropped)
            model = qa.decode(path, package.MODELS[artifact.format], format=artifact.format)
        again = qa.from_model(model, format=artifact.format)
        if artifact.format in LOCAL_FORMATS:
            # Members come in the order of the schema, and only some styles carry undeclared ones
            # and tell null from absent.
            whole = package is SHIPPED["pydantic"]
            assert _is_part(again.payload, artifact.payload), package.__name__
            assert not whole or again.payload == artifact.payload, package.__name__
            continue
        columns = artifact.format != "ionq.native.v1"
        # A dataclass cannot tell null from absent, which is the same to readers of leakage bits.
        told = package is not dataclasses_package or path.name != "leakage-null.json"
        if columns and told and not _undeclared(artifact):
            assert again.to_bytes() == artifact.to_bytes(), package.__name__


def _is_part(part: Any, whole: Any) -> bool:
    """Whether a value is another one without some of its members."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and _is_part(each, whole[name]) for name, each in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(_is_part, part, whole))
    return bool(part == whole)


def _undeclared(artifact: qa.Artifact) -> bool:
    from qartifacts.payloads.decode import undeclared

    return bool(undeclared(artifact.format, artifact.payload))


class TestDecode:
    def test_a_generated_class_knows_its_format(self) -> None:
        model = qa.decode(b'{"0": 1}', qartifacts_models.pydantic.ProbabilitiesV1)
        assert model.root == {"0": 1}
        counts = qa.decode(
            b'{"histogram":{"registers":{"c":{"01":3}}}}', qartifacts_models.msgspec.HistogramV2
        )
        assert counts.histogram.registers["c"]["01"] == 3

    def test_leniency_lets_nothing_through(self) -> None:
        for payload in (b'{"0": true}', b'{"0": "1"}', b'{"00": 1}', b'{"0": 0.5}'):
            with pytest.raises(qa.InvalidArtifact):
                qa.decode(payload, qartifacts_models.pydantic.ProbabilitiesV1)

    def test_an_alias_needs_the_format(self) -> None:
        with pytest.raises(qa.InvalidArtifact) as refused:
            qa.decode(b'{"0": 1}', dict[str, float])
        assert [each.code for each in refused.value.report.findings] == ["QA021"]
        assert qa.decode(b'{"0": 1}', dict[str, float], format=P1) == {"0": 1.0}

    def test_another_type(self) -> None:
        with pytest.raises(qa.ConversionError) as refused:
            qa.decode(b'{"0": 1}', qartifacts_models.msgspec.HistogramV2, format=P1)
        assert refused.value.reason == "no-model"
        with pytest.raises(qa.ConversionError):
            qa.decode(b'{"0": 1}', qartifacts_models.pydantic.HistogramV2, format=P1)

    def test_members_are_kept_or_said_to_be_dropped(self) -> None:
        payload = b'{"shots":[{"registers":{"c":[1]},"leakage_bits":[0],"x":1}]}'
        artifact = qa.load(payload)
        assert qa.from_model(artifact.model("pydantic")).to_bytes() == payload
        assert artifact.model("typeddict") == json.loads(payload)
        with pytest.warns(qa.MembersDropped, match="x"):
            model = artifact.model("msgspec")
        assert model.shots[0].leakage_bits == [0]

    def test_what_was_never_set_is_not_written(self) -> None:
        payload = b'{"qubits":1,"circuit":[{"gate":"gpi","target":0,"phase":0.5}]}'
        artifact = qa.load(payload)
        for style in SHIPPED:
            assert (
                qa.from_model(artifact.model(style), format=artifact.format).to_bytes() == payload
            )

    def test_a_model_that_breaks_a_rule(self) -> None:
        model = qartifacts_models.pydantic.ProbabilitiesV1({"0": 0.5})
        with pytest.raises(qa.InvalidArtifact) as refused:
            qa.from_model(model)
        assert [each.code for each in refused.value.report.findings] == ["QA201"]

    def test_misuse(self, make_registry: MakeRegistry) -> None:
        artifact = qa.load(b'{"0": 1}', format=P1)
        with pytest.raises(ValueError, match="style"):
            artifact.model("attrs")
        registry = make_registry({FORMAT: {"$schema": DRAFT_7, "$id": FORMAT}})
        with pytest.raises(qa.ConversionError, match="no pydantic model"):
            qa.load({}, format=FORMAT, registry=registry).model("pydantic")

    def test_schema_level_faults_are_refused_by_the_models_too(self) -> None:
        import msgspec
        import pydantic

        bad = {"probabilities": {"registers": {"c": {"0": 1.5}}}}
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(bad, qartifacts_models.msgspec.ProbabilitiesV2)
        with pytest.raises(pydantic.ValidationError):
            qartifacts_models.pydantic.ProbabilitiesV2.model_validate(bad)


#: Bad cases that the schema refuses by ``if``: which members an entry of a job's results must have.
BY_CASE_DISTINCTION = {
    "descriptor-without-media-type.json",
    "empty-descriptor.json",
    "results-inline.json",
    "results-of-children-inline.json",
}
#: Bad cases whose structure the schema refuses; closed objects are what no style carries, nor ``if``.
STRUCTURAL = [
    path
    for path in sorted(CASES.glob("*/bad/*.json"))
    if path.name not in BY_CASE_DISTINCTION
    and {"QA101", "QA102", "QA105"}
    & {line.partition("@")[0] for line in path.with_suffix(".expected").read_text().split()}
]


@pytest.mark.parametrize("path", STRUCTURAL, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_what_the_schema_refuses_the_models_refuse(path: Path) -> None:
    import msgspec
    import pydantic

    payload, format = json.loads(path.read_bytes()), path.parts[-3]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(payload, qartifacts_models.msgspec.MODELS[format])
    adapter = pydantic.TypeAdapter(qartifacts_models.pydantic.MODELS[format])
    # Members that may be absent may be null there.
    if path.name in ("angle-null.json", "null-dt.json", "null-message.json"):
        adapter.validate_python(payload, strict=True)
        return
    with pytest.raises(pydantic.ValidationError):
        adapter.validate_python(payload, strict=True)


class TestCommand:
    def test_write_check_and_change(self, run: Run) -> None:
        done = run("codegen", "--style", "msgspec", "--out", "models")
        assert (done.exit_code, done.stdout) == (0, f"models: {FILES} files, {FILES} written\n")
        assert run("codegen", "--style", "msgspec", "--out", "models", "--check").exit_code == 0
        path = Path("models", f"{module_name(qa.FormatId(P2))}.py")
        path.write_bytes(path.read_bytes().replace(b"ge=0.0", b"ge=0.1"))
        found = run("codegen", "--style", "msgspec", "--out", "models", "--check")
        assert found.exit_code == 1
        assert "-Probability: TypeAlias = Annotated[float, Meta(ge=0.1, le=1.0)]" in found.stdout
        assert "+Probability: TypeAlias = Annotated[float, Meta(ge=0.0, le=1.0)]" in found.stdout
        assert run("codegen", "--style", "msgspec", "--out", "models").stdout.endswith(
            " 1 written\n"
        )

    def test_only_the_version_of_the_generator(self, run: Run) -> None:
        run("codegen", "--style", "typeddict", "--out", "models", "--format", P1)
        path = Path("models", f"{module_name(qa.FormatId(P1))}.py")
        text = path.read_text(encoding="utf-8").replace(
            "datamodel-code-generator 0", "datamodel-code-generator 9"
        )
        path.write_text(text, encoding="utf-8")
        found = run("codegen", "--style", "typeddict", "--out", "models", "--format", P1, "--check")
        assert found.exit_code == 1
        assert "only the version" in found.stderr

    def test_some_formats_and_stale_files(self, run: Run) -> None:
        run("codegen", "--style", "pydantic", "--out", "models")
        done = run("codegen", "--style", "pydantic", "--out", "models", "--format", S2)
        assert f"{FILES - 2} files removed" in done.stdout
        assert {path.name for path in Path("models").iterdir()} == {
            "__init__.py",
            f"{module_name(qa.FormatId(S2))}.py",
        }

    def test_files_of_others_are_left_alone(self, run: Run) -> None:
        Path("models").mkdir()
        Path("models", "mine.py").write_text("x = 1\n")
        assert run("codegen", "--style", "dataclass", "--out", "models").exit_code == 0
        assert Path("models", "mine.py").read_text() == "x = 1\n"
        Path("models", "__init__.py").write_text("y = 2\n")
        done = run("codegen", "--style", "dataclass", "--out", "models")
        assert (done.exit_code, "was not generated" in done.stderr) == (2, True)

    def test_misuse(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        assert run("codegen", "--style", "attrs", "--out", "m").exit_code == 2
        assert (
            run("codegen", "--style", "msgspec", "--out", "m", "--format", "no.v1").exit_code == 2
        )
        Path("file").touch()
        assert run("codegen", "--style", "msgspec", "--out", "file/m").exit_code == 2
        monkeypatch.setitem(sys.modules, "datamodel_code_generator", None)
        done = run("codegen", "--style", "msgspec", "--out", "m")
        assert (done.exit_code, "qartifacts[codegen]" in done.stderr) == (2, True)

    def test_a_changed_schema_changes_the_models(
        self, run: Run, make_registry: MakeRegistry
    ) -> None:
        thing = {
            "$schema": DRAFT_7,
            "$id": FORMAT,
            "type": "object",
            "properties": {"a": {"type": "string"}},
        }
        old = make_registry({FORMAT: thing})
        new = make_registry({FORMAT: {**thing, "properties": {"a": {"type": "integer"}}}})
        arguments = ("codegen", "--style", "pydantic", "--out", "models", "--registry")
        assert run(*arguments, old.folder).exit_code == 0
        assert "class SomeThingV2(BaseModel)" in Path("models", "test_some_thing_v2.py").read_text()
        found = run(*arguments, new.folder, "--check")
        assert found.exit_code == 1
        assert "+    a: int | None = None" in found.stdout


@pytest.mark.parametrize("style", STYLES)
def test_the_same_bytes_wherever(style: str, tmp_path: Path) -> None:
    """Whatever the hash seed, and whatever lies near."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.datamodel-codegen]\nsnake-case-field = true\n[tool.black]\nline-length = 40\n"
        "[tool.ruff]\nline-length = 40\n"
    )
    code = (
        "import json, sys, qartifacts\nfrom qartifacts.codegen import generated_files\n"
        f"print(json.dumps(generated_files(qartifacts.Registry.bundled(), {style!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == generated_files(qa.Registry.bundled(), style)


def test_importing_a_style_needs_its_own_library_only() -> None:
    for style, others in (("typeddicts", ("pydantic", "msgspec")), ("msgspec", ("pydantic",)),
                          ("pydantic", ("msgspec",))):  # fmt: skip
        code = f"import sys, qartifacts_models.{style}\nprint(*sys.modules)"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert not {*others, "qartifacts", "datamodel_code_generator"} & set(done.stdout.split())


class TestNames:
    def test_of_modules_and_roots(self) -> None:
        assert module_name(qa.FormatId(P2)) == "ionq_result_probabilities_json_v2"
        assert root_name(qa.FormatId("ionq.result.new-counts.json.v3")) == "NewCountsV3"
        assert root_name(qa.FormatId("x.1.v1")) == "Format1V1"

    def test_a_pointer_that_leads_nowhere_is_passed_over(self) -> None:
        document: dict[str, Any] = {"$schema": DRAFT_7, "type": "array", "title": "T"}
        assert named(qa.FormatId(P2), document) == {"$schema": DRAFT_7, "type": "array"}


class TestReference:
    def test_the_pages_are_those_of_the_documentation(self) -> None:
        files = reference_files(qa.Registry.bundled())
        folder = ROOT / "docs" / "formats"
        assert {path.name for path in folder.iterdir()} == set(files)
        for name, text in files.items():
            assert (folder / name).read_text(encoding="utf-8") == text

    def test_what_a_page_holds(self) -> None:
        page = reference_files(qa.Registry.bundled(), [P2])[f"{P2}.md"]
        assert (
            "| `/probabilities/registers/{name}/{name}` | number | no | minimum 0; maximum 1 |  |"
            in page
        )
        assert "| QA201 | error |" in page
        assert qa.Registry.bundled()[P2].sha256 in page

    def test_the_codes_of_a_format_are_those_that_its_cases_reach(self) -> None:
        # Those of documents of devices are reached by tests/test_device_rules.py.
        results = {each: RULE_CODES[each] for each in RULE_CODES if each not in DEVICE_FORMATS}
        for format, codes in results.items():
            reached = set()
            for path in (CASES / format).glob("*/*.expected"):
                reached |= {line.partition("@")[0] for line in path.read_text().split()}
            assert {code for code in reached if code.startswith("QA2")} - {"QA200"} == set(codes)

    def test_examples_are_valid(self) -> None:
        for page in reference_files(qa.Registry.bundled()).values():
            for example in re.findall(r"```json\n(.*)\n```", page):
                format = re.search(r"# `(.*)`", page)
                assert format is not None
                assert qa.check(example.encode(), format=format[1])

    def test_hostile_words(self, make_registry: MakeRegistry) -> None:
        member = {"type": "string", "description": "a|b\n<script>\x1b[31m"}
        schema = {"$schema": DRAFT_7, "$id": FORMAT, "type": "object", "properties": {"x": member}}
        page = reference_files(make_registry({FORMAT: schema}))[f"{FORMAT}.md"]
        assert "a\\|b &lt;script>\\x1b[31m" in page

    def test_the_command(self, run: Run) -> None:
        assert run("codegen", "--style", "markdown", "--out", "docs").exit_code == 0
        assert run("codegen", "--style", "markdown", "--out", "docs", "--check").exit_code == 0
        assert Path("docs", "README.md").read_text().count("](") == len(qa.formats())


def test_a_style_whose_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("qartifacts_models.pydantic")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pydantic", None)
    with pytest.raises(qa.MissingExtra) as missing:
        qa.load(b'{"0": 1}', format=P1).model("pydantic")
    assert missing.value.extra == "pydantic"


def test_a_schema_that_the_generator_cannot_read(make_registry: MakeRegistry) -> None:
    schema = {"$schema": DRAFT_7, "$id": FORMAT, "properties": {"a": {"$ref": "#/nowhere"}}}
    with pytest.raises(
        qa.RegistryError, match=r"no pydantic models can be made of test\.some-thing"
    ):
        generated_files(make_registry({FORMAT: schema}), "pydantic")


def test_a_schema_of_many_keywords_in_markdown(make_registry: MakeRegistry) -> None:
    schema = {
        "$schema": DRAFT_7,
        "$id": FORMAT,
        "definitions": {"n": {"type": "number", "minimum": 1}},
        "properties": {
            "a": {"$ref": "#/definitions/n"},
            "b": {"enum": ["x", "y"], "not": {"const": "z"}},
            "c": True,
        },
        "patternProperties": {"^p": {"type": ["string", "null"]}},
    }
    page = reference_files(make_registry({FORMAT: schema}))[f"{FORMAT}.md"]
    assert "| `/a` | number | no | minimum 1 |  |" in page
    assert '| `/b` | any | no | not (see the schema); one of "x", "y" |  |' in page
    assert "| `/^p` | string or null | no |  |  |" in page
