"""Write the pinned schemas of device documents and job records from schemas/openapi.

The OpenAPI documents there are transcriptions of published ones; see schemas/openapi/README.md.

python scripts/pin_openapi.py            write them; then run scripts/lock_schemas.py
python scripts/pin_openapi.py --check    exit 1 if they are not up to date
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qartifacts.registry.lockfile import document_path, read_sources
from qartifacts.registry.openapi import translated
from qartifacts.registry.syncing import check_document

SCHEMAS = Path(__file__).parent.parent / "schemas"
FOLDER = SCHEMAS / "qartifacts_schemas"

#: The transcription that holds the operations of a format, by the last part of its identifier or,
#: where nothing is served, by its vendor.
TRANSCRIPTIONS = {
    "v0.3": "ionq-v0.3.json",
    "v0.4": "ionq-v0.4.json",
    "": "ibm-backends-v1.json",
}


def documents() -> Iterator[tuple[Path, bytes]]:
    """The pinned documents as they should be, with the files that hold them."""
    for format, source in read_sources(str(FOLDER)).items():
        if source.operation:
            name = TRANSCRIPTIONS[source.openapi]
            openapi: Any = json.loads((SCHEMAS / "openapi" / name).read_text(encoding="utf-8"))
            document = translated(openapi, source.operation, format, source.component)
            data = (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
            check_document(data, format)
            yield Path(document_path(str(FOLDER), format)), data


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    stale = [
        (path, data)
        for path, data in documents()
        if not path.is_file() or path.read_bytes() != data
    ]
    for path, data in stale:
        if arguments:
            print(f"{path} is not up to date; run scripts/pin_openapi.py")
        else:
            path.write_bytes(data)
            print(f"wrote {path}")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
