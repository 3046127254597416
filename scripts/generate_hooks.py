"""Write the hooks for pre-commit: .pre-commit-hooks.yaml, and their table in docs/pre-commit.md.

Which files a hook is for follows from the catalogue of formats.

python scripts/generate_hooks.py            write them
python scripts/generate_hooks.py --check    exit 1 if they are not up to date
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

from generate_docs import with_table
from qartifacts import Registry
from qartifacts.bulk.sources import ARCHIVES, LINES

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
PAGE = ROOT / "docs" / "pre-commit.md"


class Hook(NamedTuple):
    """One entry of the manifest.

    Attributes:
        id: By which a configuration names it.
        name: What pre-commit prints when it runs.
        description: What it is for, in a sentence.
        entry: The command.
        files: Which changed files it is run for, as a regular expression that is searched for.
        subject: Those files in words.
        options: Further lines of the manifest.
    """

    id: str
    name: str
    description: str
    entry: str
    files: str
    subject: str
    options: tuple[str, ...]


def hooks() -> list[Hook]:
    """The hooks, for the formats that come with the package."""
    vendors = sorted({pin.format.vendor for pin in Registry.bundled().values()})
    vendor = vendors[0] if len(vendors) == 1 else f"(?:{'|'.join(map(re.escape, vendors))})"
    # Versions that are not pinned count, too: a check says so of them.
    identifier = rf"{vendor}\.(?:[a-z0-9-]+\.)+v[0-9]+(?:\.[0-9]+)*"
    module = rf"{vendor}_(?:[a-z0-9]+_)+v[0-9]+(?:_[0-9]+)*"
    suffixes = "|".join(re.escape(each) for each in (".json", ".json.gz", *LINES, *ARCHIVES))
    pinned = rf"registry\.lock|sources\.toml|{identifier}\.json|errata/{identifier}\.toml"
    return [
        Hook(
            "qartifacts-check",
            "check results of quantum jobs",
            "Holds changed results against their pinned schemas, with the job they belong to.",
            "qartifacts check --changed",
            rf"(?:^|/)job\.json$|(?<![a-z0-9]){identifier}(?![a-z0-9])[^/]*(?:{suffixes})$",
            "names that hold a format's identifier, and job records",
            ("require_serial: true",),  # One report, and each job once.
        ),
        Hook(
            "qartifacts-codegen-check",
            "typed models are up to date",
            "Compares generated models with what the pinned schemas give; takes --style and --out.",
            "qartifacts codegen --check",
            rf"(?:^|/)(?:{pinned}|{module}\.py|{identifier}\.md)$",
            "files of registries, and generated modules",
            ("pass_filenames: false", 'additional_dependencies: [".[codegen]"]'),
        ),
        Hook(
            "qartifacts-registry-verify",
            "pinned schemas are what was pinned",
            "Holds the files of a registry against its lockfile.",
            "qartifacts formats --verify",
            rf"(?:^|/)(?:{pinned})$",
            "files of registries",
            ("pass_filenames: false",),
        ),
    ]


def manifest() -> str:
    lines = [
        "# Hooks for pre-commit; docs/pre-commit.md explains them.",
        "# Generated from the catalogue of formats by scripts/generate_hooks.py.",
    ]
    for hook in hooks():
        lines += [
            f"- id: {hook.id}",
            f"  name: {hook.name}",
            f"  description: {hook.description}",
            f"  entry: {hook.entry}",
            "  language: python",
            f"  files: '{hook.files}'",
            *(f"  {option}" for option in hook.options),
        ]
    return "\n".join(lines) + "\n"


def table() -> str:
    rows = ["| hook | runs | for |", "|---|---|---|"]
    rows += [f"| `{hook.id}` | `{hook.entry}` | {hook.subject} |" for hook in hooks()]
    return "\n".join(rows)


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    page = PAGE.read_text(encoding="utf-8")
    texts = {MANIFEST: manifest(), PAGE: with_table(page, "hooks", table())}
    stale = [
        path
        for path, text in texts.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        if arguments:
            print(f"{path} is not up to date; run scripts/generate_hooks.py")
        else:
            path.write_text(texts[path], encoding="utf-8", newline="\n")
            print(f"wrote {path}")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
