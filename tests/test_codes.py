"""The catalogue: every code is documented, its example gives it, and every code can be reached."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

import qartifacts as qa
from qartifacts.bulk import check_paths
from qartifacts.codes import CODES, Code
from qartifacts.config import DEFAULTS
from qartifacts.hardware import Limits, crosschecks, loading
from qartifacts.identifiers import VENDOR_FORMATS
from qartifacts.jsontext import fault
from qartifacts.payloads import families, vendors
from qartifacts.validate import detect, rules
from qartifacts.validate.rules import jobs
from qartifacts.validate.schema import _CODES
from served_jobs import AGGREGATE, COMPILED, DEBIASED, H1, H2, MULTI, SINGLE, Job, put
from support import (
    DEVICE_FORMATS,
    DRAFT_7,
    JOB_FORMATS,
    LOCAL_FORMATS,
    RESULT_FORMATS,
    ROOT,
    MakeRegistry,
)

P1 = "ionq.result.probabilities.json.v1"


def codes(report: qa.Report) -> set[str]:
    return {finding.code for finding in report.findings}


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.id)
def test_every_code_is_documented(code: Code) -> None:
    assert re.fullmatch(r"QA[0-3][0-9]{2}", code.id)
    assert code.title
    assert code.why
    assert code.remedy
    assert code.example
    assert not (code.ignorable and code.id < "QA200")


def test_codes_are_in_order() -> None:
    assert list(CODES) == sorted(CODES)


@pytest.mark.parametrize(
    "code", [code for code in CODES.values() if code.format], ids=lambda code: code.id
)
def test_an_example_gives_its_code(code: Code, lenient: qa.Registry) -> None:
    # A document of a device, or the record of a job, gives it whatever its schema asks.
    local = code.format in LOCAL_FORMATS
    for registry in (qa.Registry.bundled(), lenient) if local else (qa.Registry.bundled(),):
        if code.format in registry:
            _gives_its_code(code, registry)


def _gives_its_code(code: Code, registry: qa.Registry) -> None:
    report = qa.check(code.example.encode(), format=code.format, registry=registry)
    assert code.id in codes(report)
    (first,) = {each.severity for each in report.findings if each.code == code.id}
    assert first == code.severity
    # An example shows one thing.
    assert {each.code[:3] for each in report.findings} == {code.id[:3]}


def _unreadable(tmp_path: Path) -> set[str]:
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    (checked,) = check_paths(
        [str(tmp_path)], format=None, registry=qa.Registry.bundled(), settings=DEFAULTS
    )
    assert not checked.named
    return codes(checked.report)


def _linked(tmp_path: Path) -> set[str]:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        member = tarfile.TarInfo("a.json")
        member.type = tarfile.SYMTYPE
        archive.addfile(member)
    (report,) = qa.check_many([tmp_path])
    return codes(report)


class _Fatal(Executor):
    """Nothing that it is given survives."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(ConnectionError())
        return future


def _killed(_: Path) -> set[str]:
    (report,) = qa.check_many([b"[]"], executor=_Fatal())
    return codes(report)


def _misnamed(tmp_path: Path) -> set[str]:
    with tarfile.open(tmp_path / "a.tar", "w", errors="surrogateescape") as archive:
        archive.addfile(tarfile.TarInfo("\udce9.json"))
    (report,) = qa.check_many([tmp_path])
    return codes(report)


def _packed(tmp_path: Path) -> set[str]:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b"{}")[:-1])
    return codes(qa.check(path, format=P1))


def _named(tmp_path: Path) -> set[str]:
    path = tmp_path / "a.ionq.native.v9.json"
    path.write_bytes(b"{}")
    return codes(qa.check(path))


def _against_a_device(result: Any) -> set[str]:
    """Of a result and a device of two qubits, which are not connected."""
    limits = Limits(2, frozenset(), frozenset({"zz"}), 5)
    report = crosschecks.check_source(result, limits, format=None, registry=None, settings=None)
    return codes(report)


def _circuit(gate: str) -> dict[str, Any]:
    return {"qubits": 2, "circuit": [{"gate": gate, "targets": [0, 1]}]}


def _of_a_job(job: Job, name: str, change: Callable[[Any], Any]) -> Callable[[Path], set[str]]:
    """Of a stored job, one of whose files has been changed, or removed."""

    def check(folder: Path) -> set[str]:
        put(folder, job)
        (path,) = folder.glob(f"**/{name}")
        changed = change(json.loads(path.read_bytes()))
        if changed is None:
            path.unlink()
        else:
            path.write_text(json.dumps(changed), encoding="utf-8")
        return {code for report in qa.check_many([folder]) for code in codes(report)}

    return check


def _with(**members: Any) -> Callable[[Any], Any]:
    return lambda value: {**value, **members}


def _exchanged(aggregate: Any) -> Any:
    one, other, third = aggregate
    return {one: aggregate[other], other: aggregate[one], third: aggregate[third]}


def _beside_a_record(folder: Path) -> set[str]:
    put(folder, SINGLE)
    (folder / "mine.json").write_bytes(b'{"0": 0.5, "1": 0.5}')
    return {code for report in qa.check_many([folder]) for code in codes(report)}


def _turned(histogram: Any) -> Any:
    outcomes = histogram["histogram"]["registers"]["output_all"]
    turned = {bits[::-1]: count for bits, count in outcomes.items()}
    return {"histogram": {"registers": {"output_all": turned}}}


_HISTOGRAM = f"*.{H1}.json"
_STRANGER = "00000000-0000-0000-0000-000000000000"

#: How to reach codes whose examples are told in words.
REACHED: dict[str, Callable[[Path], set[str]]] = {
    "QA001": _unreadable,
    "QA006": lambda _: codes(qa.check(b"\xff\xfe{\0}\0", format=P1)),
    "QA011": lambda _: codes(qa.check(b'{"0": 1' + b"0" * 4999 + b"}", format=P1)),
    "QA013": lambda _: codes(qa.check(b"{}  ", format=P1, settings=qa.Settings(max_bytes=3))),
    "QA015": lambda _: codes(qa.check(b'{"0": 1}', format=P1, settings=qa.Settings(max_values=1))),
    "QA016": _packed,
    "QA017": lambda _: codes(qa.check({0: 0.5, 3: 0.5}, format=P1)),  # type: ignore[dict-item]
    "QA018": _linked,
    "QA019": _killed,
    "QA020": lambda _: codes(qa.check(CODES["QA020"].example.encode())),
    "QA021": lambda _: codes(qa.check(CODES["QA021"].example.encode())),
    "QA022": _named,
    "QA023": _misnamed,
    "QA209": lambda _: codes(qa.check({"1" * 5000: 1}, format="ionq.result.histogram.json.v1")),
    "QA300": _of_a_job(SINGLE, f"*.{H2}.json", lambda _: {"0": 0.5, "1": 0.5}),
    "QA301": _of_a_job(SINGLE, _HISTOGRAM, lambda _: None),
    "QA302": _of_a_job(SINGLE, _HISTOGRAM, lambda _: {"1": 19}),
    "QA303": _of_a_job(SINGLE, _HISTOGRAM, lambda _: {"8": 20}),
    "QA304": _of_a_job(MULTI, f"*.{AGGREGATE}.json", _with(**{_STRANGER: {"0": 1}})),
    "QA305": _of_a_job(MULTI, f"*.{AGGREGATE}.json", _exchanged),
    "QA306": _of_a_job(SINGLE, _HISTOGRAM, lambda _: {"1": 10, "2": 10}),
    "QA307": _of_a_job(DEBIASED, "job.json", _with(shots=21)),
    "QA308": _of_a_job(SINGLE, f"*.{H2}.json", _turned),
    "QA309": _of_a_job(COMPILED, "job.json", _with(stats={"gate_counts": {"1q": 7}})),
    "QA310": _of_a_job(MULTI, f"{MULTI.children[0].id}/job.json", _with(id=_STRANGER)),
    "QA311": _beside_a_record,
    "QA350": lambda _: _against_a_device(["4"]),
    "QA351": lambda _: _against_a_device(_circuit("ms")),
    "QA352": lambda _: _against_a_device(_circuit("zz")),
    "QA353": lambda _: _against_a_device({"0": 6}),
}

#: Codes of keywords that no bundled schema uses, with a schema and a payload that it refuses.
BY_SCHEMA: dict[str, tuple[dict[str, Any], Any]] = {
    "QA104": ({"items": {"enum": [1]}}, [2]),
    "QA105": ({"items": {"minimum": 1}}, [0]),
    "QA106": ({"propertyNames": {"pattern": "^a"}}, {"b": 1}),
    "QA107": ({"minItems": 1}, []),
    "QA108": ({"anyOf": [{"type": "string"}]}, []),
    "QA109": ({"dependencies": {"a": ["b"]}}, {"a": 1}),
    "QA199": ({"items": False}, [1]),
}


@pytest.mark.parametrize("code", CODES)
def test_every_code_can_be_reached(code: str, tmp_path: Path, make_registry: MakeRegistry) -> None:
    if code in REACHED:
        assert code in REACHED[code](tmp_path)
    elif code in BY_SCHEMA:
        schema, payload = BY_SCHEMA[code]
        registry = make_registry({"a.v1": {"$schema": DRAFT_7, **schema}})
        assert codes(qa.check(payload, format="a.v1", registry=registry)) == {code}
    elif code == "QA200":
        registry = make_registry({P1: {"$schema": DRAFT_7}})
        assert codes(qa.check({"0": "1"}, format=P1, registry=registry)) == {code}
    else:
        assert CODES[code].format is not None, f"nothing shows how {code} is reached"


def test_every_format_is_known_everywhere() -> None:
    """Rules, shapes and families are tables by format; none of them may lack one."""
    results = {*RESULT_FORMATS, *VENDOR_FORMATS}
    assert set(families._FAMILIES) == set(RESULT_FORMATS)
    assert set(vendors.VENDORS) == set(VENDOR_FORMATS)
    assert set(detect._SHAPES) == results
    assert set(detect._DEVICES) == set(DEVICE_FORMATS) == set(loading._READERS)
    assert set(detect._JOBS) == set(JOB_FORMATS) == set(jobs.JOBS)
    # Of a status and of defaults, the schema says all there is to say.
    assert (
        set(rules._RULES)
        == set(rules.RULE_CODES)
        == set(qa.formats())
        - {
            "ibm.backend-status.v1",
            "ibm.backend-defaults.v1",
        }
    )


def test_codes_that_are_used_are_in_the_catalogue() -> None:
    used = {
        value
        for name, value in vars(fault).items()
        if name.isupper() and str(value).startswith("QA")
    }
    used |= set(_CODES.values())
    for path in (ROOT / "src" / "qartifacts").rglob("*.py"):
        if path.name != "codes.py":
            used |= set(re.findall(r'"(QA[0-9]{3})"', path.read_text(encoding="utf-8")))
    assert used == set(CODES)


def test_the_generated_pages_are_up_to_date() -> None:
    script = ROOT / "scripts" / "generate_docs.py"
    run = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout
