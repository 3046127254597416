"""Write registry.lock of the bundled schemas from their documents and sources.toml.

python scripts/lock_schemas.py            write it
python scripts/lock_schemas.py --check    exit 1 if it is not up to date
"""

from __future__ import annotations

import sys
from pathlib import Path

from qartifacts.registry.lockfile import LOCKFILE, build_lock

FOLDER = Path(__file__).parent.parent / "schemas" / "qartifacts_schemas"


def main(arguments: list[str]) -> int:
    lock = build_lock(str(FOLDER))
    path = FOLDER / LOCKFILE
    if arguments == ["--check"]:
        if not path.is_file() or path.read_bytes() != lock:
            print(f"{path} is not up to date; run scripts/lock_schemas.py")
            return 1
        return 0
    if arguments:
        print(__doc__)
        return 2
    path.write_bytes(lock)
    print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
