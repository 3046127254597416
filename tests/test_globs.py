"""Globs of a configuration, held against git's own matching and against a plain reference."""

from __future__ import annotations

import fnmatch
import pickle
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qartifacts.project.globs import Glob

# --------------------------------------------------------------------------------------------------
# A plain reference: one directory after the other


def _matches_names(globs: list[str], names: list[str]) -> bool:
    if not globs:
        return not names
    first, *rest = globs
    if first == "**":
        if not rest:
            return bool(names)  # What is inside, not the directory itself.
        return any(_matches_names(rest, names[at:]) for at in range(len(names) + 1))
    if not names or not fnmatch.fnmatchcase(names[0], first.replace("[^", "[!")):
        return False
    return _matches_names(rest, names[1:])


def reference(glob: str, path: str) -> bool:
    """Whether a glob is true of a path to a file, or of a directory on the way to it."""
    segments = glob.strip("/").split("/")
    if "/" not in glob[:-1]:
        segments = ["**", *segments]
    names = path.split("/")
    ends = range(1, len(names) + (not glob.endswith("/")))
    return any(_matches_names(segments, names[:end]) for end in ends)


#: Few letters, so that globs and names meet.
NAMES = st.text("ab.-x]", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)
PIECES = st.sampled_from(
    ["a", "b", ".", "x", "-", "*", "?", "[ab]", "[!a]", "[^b]", "[a-x]", "[]a]", "[-a]", "[!]]"]
)
SEGMENTS = (
    st.lists(PIECES, min_size=1, max_size=5)
    .map("".join)
    .filter(lambda text: "**" not in text and text not in (".", ".."))
)


@st.composite
def globs(draw: st.DrawFn) -> str:
    segments = draw(st.lists(SEGMENTS | st.just("**"), min_size=1, max_size=5))
    start, end = draw(st.sampled_from(["", "/"])), draw(st.sampled_from(["", "", "/"]))
    return start + "/".join(segments) + end


@given(glob=globs(), path=PATHS)
@settings(max_examples=1000)
@example(glob="**/a/**/b/**/a", path="a/b/b/a/b/a")
@example(glob="*a*b*a", path="xabxaba")
@example(glob="a/**", path="a")
@example(glob="**/", path="a")
def test_globs_match_what_the_reference_matches(glob: str, path: str) -> None:
    assert Glob.of(glob).matches(path) is reference(glob, path)


@given(glob=globs(), path=PATHS, below=PATHS)
def test_what_is_true_of_a_directory_is_true_of_all_in_it(glob: str, path: str, below: str) -> None:
    """A walk need not look into a directory of which a glob is true."""
    if Glob.of(glob).matches(f"{path}/"):
        assert Glob.of(glob).matches(f"{path}/{below}")
    if Glob.of(glob).matches(path):
        assert Glob.of(glob).matches(f"{path}/")


GITS = [
    "*", "*.json", "old", "old/", "/old", "/old/", "a/**", "a/**/", "**", "**/", "**/old", "a/**/b",
    "a/*", "a/*/", "a*b", "*a*b*c", "x?y", "[a-c]x", "[!a-c]x", "[^a]", "[]a]x", "[a-]x", "[+-9]x",
    "a/**/b/**/c", "**/a/**/b", "**/a/*.json", "a/b/", "*.j*n", "**/**/a", "a/**/**/b", "[[]x",
    "[*]", "?", "-[a-]-", ".json", "a/[b]/c", "a/**/c/", "a/?/c", "old/*.json", "**/*.json",
]  # fmt: skip


def test_globs_mean_what_they_mean_in_a_gitignore(tmp_path: Path) -> None:
    names = ["a", "b", "c", "old", "x", "ax", "dx", "]x", "-x", "axb", "aXXbYYc", "a.json", ".json",
             "xay", "+x", "5x", "[x", "*", "-a-", "x.jon"]  # fmt: skip
    paths = [*names, *(f"{one}/{two}" for one in names for two in names)]
    few = ["a", "b", "c", "old", "a.json"]
    paths += [f"{one}/{two}/{three}" for one in few for two in few for three in few]
    paths += [f"a/b/{one}/c/{two}" for one in few for two in few]
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    for glob in GITS:
        (tmp_path / ".gitignore").write_text(f"{glob}\n")
        command = ["git", "-C", str(tmp_path), "check-ignore", "--no-index", "--stdin", "-z"]
        done = subprocess.run(
            command, input="\0".join(paths), capture_output=True, text=True, check=False
        )
        matching = set(done.stdout.split("\0")) - {""}
        assert done.returncode == (0 if matching else 1), done.stderr
        assert {path for path in paths if Glob.of(glob).matches(path)} == matching, glob


@pytest.mark.parametrize(
    "text",
    ["", " ", "/", "//", "!a", "a\\b", "a//b", "./a", "a/./b", "../a", "a/..", "**a", "a**/b", "***",
     "a[", "[]", "[!]", "[[:alpha:]]", "[z-a]", "a{b,c}", "}"],
)  # fmt: skip
def test_what_is_no_glob(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Glob.of(text)


def test_any_name_can_be_written() -> None:
    for character in "*?[]{}":
        glob = Glob.of(f"a[{character}]b")
        assert glob.matches(f"a{character}b")
        assert not glob.matches("acb")
    for character in "()|^$.+-#~& !\n\x85é\udc80":
        glob = Glob.of(f"a{character}b")
        assert glob.matches(f"a{character}b")
        assert not glob.matches("acb")
    assert Glob.of("[!a]").matches("\n")


def test_sets_never_match_what_parts_directories() -> None:
    for text in ("a[+-9]b", "a[!x]b", "a?b", "a*b"):
        assert not Glob.of(f"/{text}").matches("a/b")


def test_hostile_globs_take_no_time() -> None:
    """A glob takes time in proportion to the path, whatever its stars."""
    name = "a" * 5000
    assert not Glob.of(f"{'*a' * 40}*b").matches(name)
    assert not Glob.of(f"{'**/a/' * 40}b").matches("a/" * 2000 + "c")
    assert not Glob.of(f"{'**/*a*/' * 20}b").matches(f"{'a' * 50}/" * 200 + "c")


def test_a_glob_survives_pickling() -> None:
    glob = Glob.of("a/**/*.json")
    assert pickle.loads(pickle.dumps(glob)) == glob
