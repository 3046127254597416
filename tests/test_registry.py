"""The registry: what is pinned, that it is what it was, and that nothing is fetched."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing.exceptions
import rfc8785

import qartifacts as qa
from qartifacts.registry.lockfile import DOCUMENT_SOURCES, LOCKFILE, build_lock
from qartifacts.validate.schema import schema_validator
from support import DRAFT_7, ROOT, MakeRegistry

SCHEMAS = ROOT / "schemas" / "qartifacts_schemas"

#: The enum of the endpoint's path parameter, as the service's reference lists it.
PUBLISHED = [
    "ionq.result.probabilities.json.v1",
    "ionq.result.probabilities.json.v2",
    "ionq.result.histogram.json.v1",
    "ionq.result.histogram.json.v2",
    "ionq.result.shots.json.v1",
    "ionq.result.shots.json.v2",
    "ionq.result.probabilities-aggregate.json.v1",
    "ionq.native.v1",
]

#: Results as other clouds hand them out; the service that gives the schemas does not know them.
VENDORS = [
    "ionq.quantum-results.v1",
    "microsoft.quantum-results.v2",
    "braket.gate-model-task-result.v1",
]

#: Those, device documents, and records of jobs, which have no identifiers but ours.
LOCAL = [
    *VENDORS,
    "ionq.backends.v0.4",
    "ionq.characterization.v0.4",
    "ionq.characterizations.v0.3",
    "ibm.backends.v1",
    "ibm.backend-configuration.v1",
    "ibm.backend-properties.v1",
    "ibm.backend-status.v1",
    "ibm.backend-defaults.v1",
    "ionq.single-circuit-job.v0.4",
    "ionq.multi-circuit-job.v0.4",
    "ionq.qaoa-job.v0.4",
    "ionq.quantum-function-job.v0.4",
    "ionq.job.v0.2",
]
ALL = [*PUBLISHED, *LOCAL]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "schemas"
    shutil.copytree(SCHEMAS, folder)
    return folder


class TestBundled:
    def test_holds_every_published_format(self) -> None:
        assert list(qa.Registry.bundled()) == ALL
        assert list(qa.formats()) == ALL

    def test_local_identifiers_are_marked(self) -> None:
        whose = {str(format): pin.identifier for format, pin in qa.Registry.bundled().items()}
        assert whose == {**dict.fromkeys(PUBLISHED, ""), **dict.fromkeys(LOCAL, "local")}

    def test_is_one_object(self) -> None:
        assert qa.Registry.bundled() is qa.Registry.bundled()

    def test_the_lockfile_follows_from_documents_and_sources(self) -> None:
        assert (SCHEMAS / LOCKFILE).read_bytes() == build_lock(str(SCHEMAS))

    def test_provenance_is_honest(self) -> None:
        sources = {str(format): pin.source for format, pin in qa.Registry.bundled().items()}
        assert sources.pop("ionq.result.probabilities.json.v2") == "endpoint-example"
        assert set(sources.values()) == {"documentation"}

    @pytest.mark.parametrize("format", ALL)
    def test_digests(self, format: str) -> None:
        pin = qa.Registry.bundled()[format]
        data = (SCHEMAS / f"{format}.json").read_bytes()
        assert pin.sha256 == hashlib.sha256(data).hexdigest()
        canonical = rfc8785.dumps(json.loads(data))
        assert pin.canonical_sha256 == hashlib.sha256(canonical).hexdigest()
        assert pin.read_bytes() == data

    @pytest.mark.parametrize("format", ALL)
    def test_documents_are_schemas_of_their_format(self, format: str) -> None:
        document = qa.Registry.bundled()[format].document
        assert document["$id"] == format
        assert document["$schema"] == DRAFT_7
        jsonschema.Draft7Validator.check_schema(document)

    @pytest.mark.parametrize("format", [*PUBLISHED, *VENDORS])
    def test_transcriptions_state_containers_and_types_only(self, format: str) -> None:
        pin = qa.Registry.bundled()[format]
        if pin.source != "documentation":
            return
        keywords: set[str] = set()
        waiting: list[Any] = [pin.document]
        while waiting:
            schema = waiting.pop()
            if isinstance(schema, dict):
                keywords |= schema.keys()
                waiting += schema.get("properties", {}).values()
                waiting += [schema.get("items"), schema.get("additionalProperties")]
        assert keywords <= {
            "$schema", "$id", "$comment", "description", "type", "properties", "required",
            "additionalProperties", "items",
        }  # fmt: skip

    def test_only_documents_of_the_lock_are_there(self) -> None:
        documents = {path.stem for path in SCHEMAS.glob("*.json")}
        assert documents == set(ALL)


class TestOpen:
    def test_reads_a_directory(self, copy: Path) -> None:
        registry = qa.Registry.open(copy)
        assert list(registry) == ALL
        assert registry.folder == str(copy)
        assert qa.check(b'{"1": 1}', format=PUBLISHED[0], registry=registry).ok

    def test_one_without_formats_is_not_the_bundled_one(self, tmp_path: Path) -> None:
        (tmp_path / LOCKFILE).write_bytes(b'{"version": 1, "formats": {}}')
        empty = qa.Registry.open(tmp_path)
        assert [each.code for each in qa.check(b'["0"]', registry=empty).findings] == ["QA020"]
        assert qa.formats(empty) == ()
        for use in (qa.check, qa.load):
            with pytest.raises(qa.UnknownFormat):
                use(b'["0"]', format=PUBLISHED[4], registry=empty)
        with pytest.raises(qa.UnknownFormat):
            qa.validator(PUBLISHED[4], registry=empty)

    def test_is_immutable(self, copy: Path) -> None:
        registry = qa.Registry.open(copy)
        (copy / LOCKFILE).unlink()
        assert len(registry) == len(ALL)
        document = registry[PUBLISHED[0]].document
        document["type"] = "array"
        assert registry[PUBLISHED[0]].document["type"] == "object"
        for attack in ("registry[PUBLISHED[0]] = None", "del registry[PUBLISHED[0]]"):
            with pytest.raises(TypeError):
                exec(attack, {"registry": registry, "PUBLISHED": PUBLISHED})
        with pytest.raises(AttributeError):
            registry[PUBLISHED[0]].sha256 = ""  # type: ignore[misc]

    def test_is_a_mapping(self) -> None:
        registry = qa.Registry.bundled()
        assert "ionq.native.v1" in registry
        assert "ionq.native.v2" not in registry
        assert registry.get("ionq.native.v2") is None
        assert f"{len(ALL)} formats" in repr(registry)
        with pytest.raises(TypeError):
            registry[[]]  # type: ignore[index]

    def test_is_the_same_wherever_it_comes_from(self, copy: Path) -> None:
        """What is built for a registry is found again after it came pickled from a process."""
        registry = qa.Registry.bundled()
        for same in (qa.Registry.open(SCHEMAS), pickle.loads(pickle.dumps(registry))):
            assert same == registry
            assert hash(same) == hash(registry)
            assert schema_validator(same, PUBLISHED[0]) is schema_validator(registry, PUBLISHED[0])
        assert qa.Registry.open(copy) != registry
        before = qa.Registry.open(copy)
        lock = copy / LOCKFILE
        lock.write_bytes(lock.read_bytes().replace(b"Circuit", b"circuit"))
        assert qa.Registry.open(copy) != before
        assert registry != 1

    def test_the_bundled_one_is_that_of_the_process_that_unpickles_it(
        self, copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Which may be on another machine, where the package is installed elsewhere."""
        sent = pickle.dumps((qa.Registry.bundled(), qa.Registry.bundled().as_published()))
        monkeypatch.setattr("qartifacts.registry.pins._bundled_folder", lambda: str(copy))
        here, published = pickle.loads(sent)
        assert here == qa.Registry.open(copy)
        assert published == here.as_published()
        path = copy / f"{PUBLISHED[0]}.json"
        assert here[PUBLISHED[0]].path == str(path)
        path.write_bytes(path.read_bytes() + b" ")
        with pytest.raises(qa.ModifiedDocument):
            here[PUBLISHED[0]].read_bytes()

    def test_an_unknown_format_suggests_the_nearest(self) -> None:
        with pytest.raises(qa.UnknownFormat, match=r"did you mean ionq\.result\.shots\.json\.v2"):
            qa.Registry.bundled()["ionq.result.shot.json.v2"]
        with pytest.raises(qa.UnknownFormat, match=r"probabilities\.json\.v1 or .*\.v2"):
            qa.Registry.bundled()["probabilities"]
        with pytest.raises(qa.UnknownFormat, match="qartifacts formats"):
            qa.Registry.bundled()["?"]
        with pytest.raises(KeyError):
            qa.Registry.bundled()["ionq.qasm3.v1"]


class TestDigestsAreVerified:
    @pytest.mark.parametrize("format", PUBLISHED)
    def test_one_changed_byte_is_refused_everywhere(self, copy: Path, format: str) -> None:
        path = copy / f"{format}.json"
        data = bytearray(path.read_bytes())
        expected = hashlib.sha256(data).hexdigest()
        data[-2] ^= 1
        path.write_bytes(data)
        actual = hashlib.sha256(data).hexdigest()
        registry = qa.Registry.open(copy)
        uses: list[Callable[[], object]] = [
            lambda: registry[format].document,
            registry[format].read_bytes,
            lambda: registry[format].dialect,
            lambda: qa.check(b"{}", format=format, registry=registry),
            lambda: qa.load(b"{}", format=format, registry=registry),
            lambda: qa.validator(format, registry=registry),
            lambda: registry.referencing.get_or_retrieve(format),
        ]
        for use in uses:
            with pytest.raises(
                (qa.ModifiedDocument, referencing.exceptions.Unretrievable)
            ) as caught:
                use()
            error: BaseException | None = caught.value
            if isinstance(error, referencing.exceptions.Unretrievable):
                error = error.__cause__
            assert isinstance(error, qa.ModifiedDocument)
            assert (error.expected, error.actual) == (expected, actual)
            assert expected in str(error)
            assert actual in str(error)
        other = next(each for each in PUBLISHED if each != format)
        assert registry[other].document["$id"] == other

    def test_every_digit_of_the_digest_counts(self, copy: Path) -> None:
        lock = copy / LOCKFILE
        digest = qa.Registry.open(copy)["ionq.native.v1"].sha256
        other = digest[:-1] + ("0" if digest[-1] != "0" else "1")
        lock.write_bytes(lock.read_bytes().replace(digest.encode(), other.encode()))
        with pytest.raises(qa.ModifiedDocument):
            qa.Registry.open(copy)["ionq.native.v1"].read_bytes()

    def test_even_another_spacing_is_refused(self, copy: Path) -> None:
        path = copy / "ionq.native.v1.json"
        path.write_bytes(path.read_bytes() + b"\n")
        with pytest.raises(qa.ModifiedDocument):
            qa.validator("ionq.native.v1", registry=qa.Registry.open(copy))

    def test_a_change_is_noticed_by_the_next_check(self, copy: Path) -> None:
        """Even where a validator for the document stands ready."""
        registry = qa.Registry.open(copy)
        format = "ionq.native.v1"
        payload = b'{"qubits": 1, "circuit": []}'
        assert qa.check(payload, format=format, registry=registry).ok
        (copy / f"{format}.json").write_bytes(b"{}")
        with pytest.raises(qa.ModifiedDocument):
            qa.check(payload, format=format, registry=registry)

    def test_a_document_that_cannot_be_read_is_told(self, copy: Path) -> None:
        (copy / "ionq.native.v1.json").unlink()
        (copy / "ionq.native.v1.json").mkdir()
        with pytest.raises(qa.MissingDocument, match=r"ionq\.native\.v1\.json"):
            qa.validator("ionq.native.v1", registry=qa.Registry.open(copy))

    def test_a_missing_document_is_told(self, copy: Path) -> None:
        (copy / "ionq.native.v1.json").unlink()
        with pytest.raises(qa.MissingDocument, match=r"ionq\.native\.v1\.json"):
            qa.validator("ionq.native.v1", registry=qa.Registry.open(copy))


class TestLockfile:
    def test_a_directory_without_one_is_no_registry(self, tmp_path: Path) -> None:
        with pytest.raises(qa.LockfileError, match=LOCKFILE):
            qa.Registry.open(tmp_path)

    @pytest.mark.parametrize(
        ("lock", "says"),
        [
            (b"", "1:1"),
            (b'{"version": 1, "version": 1}', "1:16"),
            (b"[]", "version 1"),
            (b'{"version": 2, "formats": {}}', "version 1"),
            (b'{"version": true, "formats": {}}', "version 1"),
            (b'{"version": 1.0, "formats": {}}', "version 1"),
            (b'{"version": 1}', "formats"),
            (
                b'{"version": 1, "formats": {"a.v1": {"sha256": "'
                + b"0" * 64
                + b'", "canonical_sha256": "'
                + b"0" * 64
                + b'", "title": "", "source": "hearsay", "where": "", "retrieved": ""}}}',
                "source must be one of",
            ),
            (
                b'{"version": 1, "formats": {"a.v1": {"sha256": "'
                + b"0" * 64
                + b'", "canonical_sha256": "'
                + b"0" * 64
                + b'", "title": "", "source": "mirror", "where": "", "retrieved": "", '
                + b'"identifier": "mine"}}}',
                "identifier can only be local",
            ),
            (b'{"version": 1, "formats": {"../../x": {}}}', "not a format identifier"),
            (b'{"version": 1, "formats": {"a.v1": {}}}', "must have the texts"),
            (b'{"version": 1, "formats": {"a.v1": []}}', "must have the texts"),
        ],
    )
    def test_what_is_not_understood_is_refused(
        self, tmp_path: Path, lock: bytes, says: str
    ) -> None:
        (tmp_path / LOCKFILE).write_bytes(lock)
        with pytest.raises(qa.LockfileError, match=says):
            qa.Registry.open(tmp_path)

    def test_building_needs_sources_and_documents(self, copy: Path) -> None:
        sources = copy / "sources.toml"
        text = sources.read_text(encoding="utf-8")
        sources.write_text(text.replace('"endpoint-example"', '"hearsay"'), encoding="utf-8")
        with pytest.raises(qa.LockfileError, match="source must be one of"):
            build_lock(str(copy))
        for wrong in (
            b"[formats",
            b"\xff = 1",
            b"formats = 3",
            b"x = 1",
            b'[formats]\n"a.v1" = 3',
            b"[formats.x]",
            text.encode().replace(b"title", b"name"),
            text.encode().replace(b'"documentation"', b"7"),
            text.encode().replace(b'"local"', b'"mine"'),
            text.encode().replace(b'"GET /backends"', b'"the backends"'),
            text.encode().replace(b'openapi = "v0.4"', b'openapi = "../v0.4"'),
            text.encode().replace(
                b'"SingleCircuitJob"', b'"#/components/schemas/SingleCircuitJob"'
            ),
            text.encode().replace(b'operation = "GET /jobs/{UUID}"\n', b""),
            text.encode().replace(b'operation = "GET /backends"\n', b""),
        ):
            sources.write_bytes(wrong)
            with pytest.raises(qa.LockfileError):
                build_lock(str(copy))
        sources.write_text(text, encoding="utf-8")
        (copy / "ionq.native.v1.json").write_bytes(b'{"a": 1, "a": 2}')
        with pytest.raises(qa.LockfileError, match=r"native\.v1"):
            build_lock(str(copy))
        (copy / "ionq.native.v1.json").write_bytes(b'{"maximum": 9007199254740993}')
        with pytest.raises(qa.LockfileError, match="canonical"):
            build_lock(str(copy))
        (copy / "ionq.native.v1.json").unlink()
        with pytest.raises(qa.MissingDocument):
            build_lock(str(copy))

    def test_sources_are_of_known_kinds(self) -> None:
        assert {pin.source for pin in qa.Registry.bundled().values()} <= set(DOCUMENT_SOURCES)


class TestDialects:
    @pytest.mark.parametrize(
        "uri",
        [
            "http://json-schema.org/draft-07/schema#",
            "http://json-schema.org/draft-07/schema",
            "https://json-schema.org/draft-07/schema#",
            "https://json-schema.org/draft-07/schema",
        ],
    )
    def test_draft_7_by_any_of_its_names(self, make_registry: MakeRegistry, uri: str) -> None:
        registry = make_registry({"a.v1": {"$schema": uri, "$id": "a.v1"}})
        assert registry["a.v1"].dialect.name == "draft-07"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert qa.check(b"{}", format="a.v1", registry=registry).ok

    def test_draft_7_is_not_read_as_another_draft(self, make_registry: MakeRegistry) -> None:
        """Beside $ref draft 7 ignores every keyword; since 2019-09 they count."""
        document = {
            "$id": "a.v1",
            "definitions": {"any": {}},
            "properties": {"x": {"$ref": "#/definitions/any", "type": "string"}},
        }
        old = make_registry({"a.v1": {**document, "$schema": DRAFT_7}})
        new = make_registry(
            {"a.v1": {**document, "$schema": "https://json-schema.org/draft/2020-12/schema"}}
        )
        assert qa.check(b'{"x": 1}', format="a.v1", registry=old).ok
        assert not qa.check(b'{"x": 1}', format="a.v1", registry=new).ok

    @pytest.mark.parametrize(
        "document", [{}, {"$schema": "https://example.org/x"}, {"$schema": 7}, []]
    )
    def test_an_unknown_dialect_is_refused(
        self, make_registry: MakeRegistry, document: Any
    ) -> None:
        registry = make_registry({"a.v1": document})
        with pytest.raises(qa.UnusableSchema):
            qa.validator("a.v1", registry=registry)

    def test_what_is_no_schema_is_refused(self, make_registry: MakeRegistry) -> None:
        registry = make_registry({"a.v1": {"$schema": DRAFT_7, "type": "objekt"}})
        with pytest.raises(qa.UnusableSchema, match="type"):
            qa.validator("a.v1", registry=registry)


class TestReferences:
    def test_a_relative_id_resolves(self, make_registry: MakeRegistry) -> None:
        """The service's ids are relative, and references may go through them."""
        part = {"$schema": DRAFT_7, "$id": "part.v1", "definitions": {"n": {"type": "number"}}}
        whole = {
            "$schema": DRAFT_7,
            "$id": "whole.v1",
            "definitions": {"s": {"type": "string"}},
            "properties": {
                "local": {"$ref": "#/definitions/s"},
                "own": {"$ref": "whole.v1#/definitions/s"},
                "other": {"$ref": "part.v1#/definitions/n"},
            },
        }
        registry = make_registry({"part.v1": part, "whole.v1": whole})
        check = qa.validator("whole.v1", registry=registry).check
        assert check(b'{"local": "a", "own": "b", "other": 1}').ok
        report = check(b'{"local": 1, "own": 2, "other": "c"}')
        assert [finding.pointer for finding in report.findings] == ["/local", "/own", "/other"]
        resource = registry.referencing.get_or_retrieve("part.v1").value
        assert resource.id() == "part.v1"

    def test_a_reference_into_another_draft_is_refused(self, make_registry: MakeRegistry) -> None:
        """It would be read under the draft of the document that refers to it."""
        newer = "https://json-schema.org/draft/2020-12/schema"
        registry = make_registry(
            {
                "part.v1": {"$schema": DRAFT_7, "$id": "part.v1", "maxItems": 0},
                "whole.v1": {"$schema": newer, "$id": "whole.v1", "$ref": "part.v1"},
            }
        )
        with pytest.raises(qa.UnusableSchema, match=r"part\.v1, which is in draft-07"):
            qa.check(b"[1]", format="whole.v1", registry=registry)

    @pytest.mark.parametrize(
        "part", [{"type": 5}, {"pattern": "("}, {"patternProperties": {"(": {}}}]
    )
    def test_a_referred_document_is_a_valid_schema(
        self, make_registry: MakeRegistry, part: dict[str, Any]
    ) -> None:
        for draft in (DRAFT_7, "http://json-schema.org/draft-04/schema#"):
            registry = make_registry(
                {
                    "part.v1": {"$schema": draft, **part},
                    "whole.v1": {"$schema": draft, "items": {"$ref": "part.v1"}},
                }
            )
            with pytest.raises(qa.UnusableSchema):
                qa.check(b'["a", {"b": 1}]', format="whole.v1", registry=registry)

    def test_a_referred_document_is_verified_too(self, make_registry: MakeRegistry) -> None:
        part = {"$schema": DRAFT_7, "$id": "part.v1"}
        whole = {"$schema": DRAFT_7, "$id": "whole.v1", "items": {"$ref": "part.v1"}}
        registry = make_registry({"part.v1": part, "whole.v1": whole})
        validator = qa.validator("whole.v1", registry=registry)
        Path(registry["part.v1"].path).write_bytes(b"{}")
        with pytest.raises(qa.ModifiedDocument) as caught:
            validator.check(b"[1]")
        assert caught.value.expected == registry["part.v1"].sha256

    @pytest.mark.parametrize(
        "reference",
        ["http://127.0.0.1:9/schema.json", "file:///etc/hostname", "other.v1", "#/definitions/no"],
    )
    def test_nothing_is_ever_fetched(self, make_registry: MakeRegistry, reference: str) -> None:
        document = {"$schema": DRAFT_7, "properties": {"x": {"$ref": reference}}}
        validator = qa.validator("a.v1", registry=make_registry({"a.v1": document}))
        assert validator.is_valid(b"{}")
        with pytest.raises(qa.UnusableSchema, match="nothing that is pinned"):
            validator.check(b'{"x": 1}')
