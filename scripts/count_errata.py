"""Count how many real documents each erratum of IBM's device documents is needed for.

The documents are those that qiskit-ibm-runtime ships for its fake backends. `fails` is how many of
them fail if the erratum alone is left out, and `needs` how many fail, as published, at a place
where this erratum alone lets them pass.

python scripts/count_errata.py            print the numbers
python scripts/count_errata.py --check    and exit 1 if the errata state others in needed_by
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs

from qartifacts import FormatId, Registry
from qartifacts.registry.errata import Erratum, amended, read_errata

PACKAGE = "qiskit-ibm-runtime"

#: How the package's files of a format start, and what to call them.
KINDS = {
    FormatId("ibm.backend-configuration.v1"): ("conf", "configurations"),
    FormatId("ibm.backend-properties.v1"): ("props", "properties"),
}


class Count(NamedTuple):
    """What an erratum is needed for.

    Attributes:
        erratum: The erratum.
        fails: Documents that fail if it alone is left out.
        needs: Documents with a violation, as published, that it alone removes.
        needed_by: What it should state.
    """

    erratum: Erratum
    fails: int
    needs: int
    needed_by: str


class Counted(NamedTuple):
    """What the errata of a format are needed for.

    Attributes:
        format: The format.
        total: How many documents there are.
        published: How many of them pass as published.
        effective: How many of them pass with all errata.
        counts: Erratum by erratum.
    """

    format: FormatId
    total: int
    published: int
    effective: int
    counts: tuple[Count, ...]


def documents(prefix: str) -> Iterator[Path]:
    """The package's files of one kind; the package itself is not imported, which takes seconds."""
    found = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{PACKAGE} is not installed; it belongs to the group test")
    folder = Path(found.submodule_search_locations[0]) / "fake_provider" / "backends"
    yield from sorted(folder.glob(f"*/{prefix}_*.json"))


def counted(format: FormatId) -> Counted:
    """Count for one format of KINDS."""
    prefix, words = KINDS[format]
    payloads = [json.loads(path.read_bytes()) for path in documents(prefix)]
    registry = Registry.bundled()
    published = registry[format].published
    errata = read_errata(registry.folder, format)
    without_errata = _validator(published, ())
    as_published = [_places(without_errata, payload) for payload in payloads]
    version = importlib.metadata.version(PACKAGE)
    counts = []
    for erratum in errata:
        without = _validator(published, (each for each in errata if each is not erratum))
        fails = sum(not without.is_valid(payload) for payload in payloads)
        alone = _validator(published, (erratum,))
        both = zip(payloads, as_published, strict=True)
        needs = sum(bool(places - _places(alone, payload)) for payload, places in both)
        needed_by = f"{fails} of {len(payloads)} {words} of {PACKAGE} {version}"
        counts.append(Count(erratum, fails, needs, needed_by))
    return Counted(
        format,
        len(payloads),
        sum(not places for places in as_published),
        sum(map(_validator(published, errata).is_valid, payloads)),
        tuple(counts),
    )


def _validator(published: dict[str, Any], errata: Iterable[Erratum]) -> Any:
    document, _, obsolete = amended(published, errata)
    if obsolete:
        raise SystemExit(f"{published['$id']}: errata that do not apply: {', '.join(obsolete)}")
    # Without the values, which may be most of a document, and take long to write down.
    return jsonschema_rs.Draft7Validator(document, mask="...")


def _places(validator: Any, payload: Any) -> set[str]:
    """Where a document is wrong; of a member that is missing, also which."""
    return {
        f"{error.instance_path} {error.message if error.schema_path[-1] == 'required' else ''}"
        for error in validator.iter_errors(payload)
    }


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    wrong = 0
    for found in map(counted, KINDS):
        total = f"{found.total} of {PACKAGE} {importlib.metadata.version(PACKAGE)}"
        print(f"{found.format}: as published {found.published} of {total},")
        print(f"    with errata {found.effective} of {found.total}")
        wrong += found.effective != found.total
        for each in found.counts:
            name = f"{each.erratum.id} ({each.erratum.confidence})"
            print(f"    {name:<34} fails {each.fails:>2}, needs {each.needs:>2}")
            if arguments and each.erratum.needed_by != each.needed_by:
                print(f"      it states {each.erratum.needed_by!r}, not {each.needed_by!r}")
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
