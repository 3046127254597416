"""Errata: corrections of published schemas that are data, locked, and told when they are obsolete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.registry.errata import CONFIDENCES, read_errata
from qartifacts.registry.lockfile import LOCKFILE, build_lock
from support import DRAFT_7, MakeRegistry, Run

S1 = "ionq.result.shots.json.v1"
FORMAT = qa.FormatId("test.thing.v1")
SCHEMA = {"$schema": DRAFT_7, "$id": FORMAT, "type": "object", "maxProperties": 1}
WIDER = """
[[erratum]]
id = "wider"
reason = "Things have two members, too."
evidence = ["a thing with two members"]
confidence = "observed"
patch = [
    { op = "test", path = "/maxProperties", value = 1 },
    { op = "replace", path = "/maxProperties", value = 2 },
]
"""


def with_errata(registry: qa.Registry, text: str) -> Path:
    folder = Path(registry.folder)
    (folder / "errata").mkdir(exist_ok=True)
    (folder / "errata" / f"{FORMAT}.toml").write_text(text, encoding="utf-8")
    return folder


def locked(folder: Path) -> qa.Registry:
    (folder / LOCKFILE).write_bytes(build_lock(str(folder)))
    return qa.Registry.open(folder)


class TestTheBundledOne:
    """States of shots v1 as integers, which clients and their tests accept."""

    def test_it_lets_integers_pass_with_a_note(self) -> None:
        report = qa.check(b'["2", 1, 0]', format=S1)
        assert report.ok
        assert [(each.code, each.pointer) for each in report.findings] == [("QA228", "/1")]

    def test_as_published_it_does_not(self) -> None:
        published = qa.Registry.bundled().as_published()
        report = qa.check(b'["2", 1, 0]', format=S1, registry=published)
        assert [each.code for each in report.findings] == ["QA101", "QA101"]

    def test_only_what_the_evidence_forces(self) -> None:
        for payload in ("[-1]", "[0.5]", "[1.0]", "[true]", "[null]", '["x"]', "[[1]]"):
            assert not qa.check(payload.encode(), format=S1), payload

    def test_what_is_written_is_as_published(self) -> None:
        artifact = qa.load(b'["2", 1]', format=S1)
        assert artifact.to_bytes() == b'["2","1"]'
        assert artifact.counts(width=2) == {"01": 1, "10": 1}

    def test_both_digests_are_locked(self) -> None:
        pin = qa.Registry.bundled()[S1]
        assert pin.errata == ("integer-states",)
        assert pin.effective_sha256 not in ("", pin.canonical_sha256)
        assert pin.published["items"] == {"type": "string"}
        assert pin.document["items"] == {"type": ["string", "integer"]}
        (erratum,) = read_errata(qa.Registry.bundled().folder, pin.format)
        assert erratum.confidence == "client"
        assert erratum.reason
        assert erratum.evidence

    def test_commands(self, run: Run) -> None:
        Path("shots.json").write_text("[2, 1]", encoding="utf-8")
        assert run("check", "shots.json", "--format", S1).exit_code == 0
        assert run("check", "shots.json", "--format", S1, "--as-published").exit_code == 1
        listed = run("formats", "--errata").stdout
        assert f"{S1}  integer-states  applied  client\n" in listed
        listing = json.loads(run("formats", "--errata", "--json").stdout)["errata"]
        (erratum,) = (each for each in listing if each["format"] == S1)
        assert (erratum["id"], erratum["confidence"]) == ("integer-states", "client")
        assert erratum["needed_by"] is None
        assert run("formats", "--errata", "--verify").exit_code == 2


def test_the_effective_schema_is_what_payloads_are_held_against(
    make_registry: MakeRegistry,
) -> None:
    registry = locked(with_errata(make_registry({FORMAT: SCHEMA}), WIDER))
    both = {"a": 1, "b": 2}
    assert qa.check(both, format=FORMAT, registry=registry)
    assert not qa.check(both, format=FORMAT, registry=registry.as_published())
    assert registry != registry.as_published()
    assert registry.as_published().as_published() == registry.as_published()


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text(WIDER.replace("value = 2", "value = 3"), encoding="utf-8"),
        lambda path: path.write_text(WIDER.replace('"wider"', '"other"'), encoding="utf-8"),
        lambda path: path.unlink(),
    ],
    ids=["another-patch", "another-id", "no-file"],
)
def test_errata_that_are_not_the_locked_ones_are_refused(
    make_registry: MakeRegistry, change: Any
) -> None:
    folder = with_errata(make_registry({FORMAT: SCHEMA}), WIDER)
    registry = locked(folder)
    change(folder / "errata" / f"{FORMAT}.toml")
    with pytest.raises(qa.ModifiedDocument) as refused:
        qa.check({}, format=FORMAT, registry=registry)
    assert refused.value.expected == registry[FORMAT].effective_sha256
    assert refused.value.actual != refused.value.expected
    assert registry[FORMAT].published == SCHEMA


def test_errata_beside_a_lockfile_without_them_are_refused(make_registry: MakeRegistry) -> None:
    registry = make_registry({FORMAT: SCHEMA})
    with_errata(registry, WIDER)
    with pytest.raises(qa.ModifiedDocument):
        qa.check({}, format=FORMAT, registry=registry)


@pytest.mark.parametrize("limit", [2, 3, None], ids=["mended", "other", "member-gone"])
def test_an_erratum_that_no_longer_applies_is_left_out(
    make_registry: MakeRegistry, limit: int | None
) -> None:
    schema = {key: value for key, value in SCHEMA.items() if key != "maxProperties"}
    if limit is not None:
        schema["maxProperties"] = limit
    registry = locked(with_errata(make_registry({FORMAT: schema}), WIDER))
    pin = registry[FORMAT]
    assert (pin.errata, pin.obsolete, pin.effective_sha256) == ((), ("wider",), "")
    assert pin.document == schema


@pytest.mark.parametrize(
    "text",
    [
        "",
        "erratum = 1",
        "[[erratum]]\nid = 'x'",
        WIDER.replace('"observed"', '"guess"'),
        WIDER.replace('["a thing with two members"]', "[]"),
        WIDER + WIDER,
        WIDER.replace('op = "test"', 'op = "no-such"'),
        "not toml",
        'erratum = ["x"]',
        WIDER.replace('path = "/maxProperties", value = 2', 'path = "", value = 2'),
    ],
    ids=[
        "empty",
        "number",
        "incomplete",
        "confidence",
        "evidence",
        "twice",
        "operation",
        "toml",
        "no-table",
        "no-schema",
    ],
)
def test_errata_that_are_not_understood(make_registry: MakeRegistry, text: str) -> None:
    folder = with_errata(make_registry({FORMAT: SCHEMA}), text)
    with pytest.raises(qa.UnusableErratum, match=FORMAT):
        build_lock(str(folder))


def test_confidences_are_those_of_the_documentation() -> None:
    assert CONFIDENCES == ("observed", "wire", "client", "sdk", "documentation")
