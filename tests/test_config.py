"""Configuration: what it says holds, what comes first, and what is not understood is said."""

from __future__ import annotations

import json
import os
import pickle
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import qartifacts as qa
from qartifacts.cli import config
from qartifacts.codes import CODES
from qartifacts.project import Project, find_project
from qartifacts.project.keys import KEYS, OVERRIDE_KEYS
from qartifacts.project.places import lines_of_keys
from qartifacts.project.reading import lines_in
from qartifacts.project.schema import configuration_schema, pyproject_schema
from support import ROOT, MakeRegistry, Run, unmeasured

P1 = "ionq.result.probabilities.json.v1"
H1 = "ionq.result.histogram.json.v1"
S1 = "ionq.result.shots.json.v1"

SHORT = '{"0": 0.5, "3": 0.4999}'  # A warning: QA202.
ZERO = '{"0": 0.5, "3": 0.5, "5": 0.0}'  # A note: QA205.
EITHER = '{"0": 1}'  # Probabilities or a histogram.


def write(name: str, text: str = "") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def configure(text: str) -> None:
    write("qartifacts.toml", text)


def found(run: Run, *arguments: object) -> dict[str, list[str]]:
    """The findings of a check, as ``severity code``, by source."""
    result = run("check", *arguments, "--output", "json")
    assert result.exit_code in (0, 1), result.output
    return {
        report["source"].replace(os.sep, "/"): [
            f"{each['severity']} {each['code']}" for each in report["findings"]
        ]
        for report in json.loads(result.stdout)["reports"]
    }


def in_force(run: Run, *arguments: object) -> dict[str, tuple[Any, str, int | None]]:
    """Value, origin and line of each key, as ``config --json`` tells them."""
    result = run("config", *arguments, "--json")
    assert result.exit_code == 0, result.output
    keys = json.loads(result.stdout)["keys"]
    return {each["key"]: (each["value"], each["origin"], each["line"]) for each in keys}


@pytest.fixture
def here(run: Run) -> Path:
    """The empty directory in which commands run."""
    return Path.cwd()


class TestWhichFile:
    def test_without_one_the_defaults_hold(self, run: Run) -> None:
        write("short.json", SHORT)
        assert run("check", "short.json").exit_code == 0
        assert find_project().file is None
        assert {origin for _, origin, _ in in_force(run).values()} == {"default"}

    @pytest.mark.parametrize(
        ("name", "table"), [("qartifacts.toml", ""), ("pyproject.toml", "[tool.qartifacts]\n")]
    )
    def test_either_file_holds_in_its_directory_and_below(
        self, run: Run, here: Path, name: str, table: str
    ) -> None:
        write(name, f"{table}strict = true\n")
        write("runs/deep/short.json", SHORT)
        assert run("check", "runs").exit_code == 1
        os.chdir("runs/deep")
        assert run("check", "short.json").exit_code == 1
        assert find_project().file == str(here.resolve() / name)

    def test_the_nearest_one_holds(self, run: Run) -> None:
        configure("strict = true\n")
        write("inner/pyproject.toml", "[tool.qartifacts]\n")
        write("inner/short.json", SHORT)
        assert run("check", "inner").exit_code == 1
        os.chdir("inner")
        assert run("check", ".").exit_code == 0

    def test_a_pyproject_that_says_nothing_of_it_is_passed_over(self, run: Run) -> None:
        configure("strict = true\n")
        for text in ("[project]\nname = 'x'\n", "[tool.other]\nx = '\\d'\n", "no TOML at all ["):
            write("inner/pyproject.toml", text)
            os.chdir("inner")
            assert find_project().strict
            os.chdir("..")

    @pytest.mark.parametrize("mark", [".git", ".hg"])
    def test_it_is_not_looked_for_above_a_repository(self, here: Path, mark: str) -> None:
        configure("strict = true\n")
        write(f"repository/{mark}/HEAD")
        write("repository/runs/x")
        assert not find_project("repository/runs").strict
        write("worktree/.git", "gitdir: elsewhere\n")
        assert not find_project("worktree").strict
        write("repository/qartifacts.toml", "strict = true\n")
        assert find_project("repository/runs").strict

    def test_of_both_the_own_file_holds_and_that_is_said(self, run: Run, here: Path) -> None:
        write("pyproject.toml", "[tool.qartifacts]\nstrict = true\n")
        assert find_project().strict
        configure("")
        assert not find_project().strict
        told = json.loads(run("config", "--json").stdout)
        assert told["file"] == str(here.resolve() / "qartifacts.toml")
        assert told["shadowed"] == str(here.resolve() / "pyproject.toml")
        assert "pyproject.toml" in run("config").stdout
        for other in ("[tool.other]\n", "[tool.qartifacts"):
            write("pyproject.toml", other)
            assert json.loads(run("config", "--json").stdout)["shadowed"] is None

    def test_a_current_directory_that_is_gone_has_none(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone() -> str:
            raise FileNotFoundError(2, "No such file or directory")

        configure("strict = true\n")
        monkeypatch.setattr(os, "getcwd", gone)
        assert find_project().file is None

    def test_python_functions_do_not_read_it(self, here: Path) -> None:
        configure('strict = true\nignore = ["QA202"]\n[formats]\n"*" = "ionq.native.v1"\n')
        report = qa.check(write("short.json", SHORT))
        assert (report.format, report.warnings) == (P1, 1)


class TestWhatHolds:
    def test_strict(self, run: Run) -> None:
        configure("strict = true\n")
        write("short.json", SHORT)
        assert run("check", "short.json").exit_code == 1
        assert run("check", "short.json", "--no-strict").exit_code == 0

    def test_tolerances(self, run: Run) -> None:
        write("half.json", '{"0": 0.5, "3": 0.44}')
        assert found(run, "half.json") == {"half.json": ["error QA201"]}
        configure("sum-limit = 0.1\n")
        assert found(run, "half.json") == {"half.json": ["warning QA202"]}
        configure("sum-limit = 0.1\nsum-fine = 0.1\n")
        assert found(run, "half.json") == {"half.json": []}
        assert found(run, "half.json", "--sum-fine", 0.01) == {"half.json": ["warning QA202"]}

    def test_ignored_codes(self, run: Run) -> None:
        write("a.json", SHORT)
        write("b.json", ZERO)
        configure('ignore = ["QA202"]\n')
        assert found(run, ".") == {"./a.json": [], "./b.json": ["note QA205"]}
        # The command line takes the place of what is configured.
        both = {"./a.json": ["warning QA202"], "./b.json": []}
        assert found(run, ".", "--ignore", "qa205") == both
        none = {"./a.json": ["warning QA202"], "./b.json": ["note QA205"]}
        assert found(run, ".", "--ignore", "") == none

    def test_raised_codes(self, run: Run) -> None:
        write("b.json", ZERO)
        configure('raise = ["QA205"]\n')
        assert found(run, "b.json") == {"b.json": ["error QA205"]}
        assert found(run, "b.json", "--ignore", "QA205") == {"b.json": []}
        assert run("check", "b.json").exit_code == 1

    def test_limits(self, run: Run) -> None:
        write("shots.json", '{"shots": [{"registers": {"c": [0, 1]}}]}')
        for name, code in [("bytes", "QA013"), ("depth", "QA014"), ("values", "QA015")]:
            configure(f"max-{name} = 4\n")
            assert found(run, "shots.json") == {"shots.json": [f"error {code}"]}
            assert found(run, "shots.json", f"--max-{name}", 50) == {"shots.json": []}
        write("many.json", '["x", "y", "z"]')
        configure("max-findings = 2\n")
        assert len(found(run, "many.json")["many.json"]) == 2
        assert len(found(run, "many.json", "--max-findings", 9)["many.json"]) == 3

    def test_the_registry(self, run: Run, make_registry: MakeRegistry) -> None:
        pins = make_registry({"ionq.native.v1": {"type": "object"}})
        write("inner/x")
        configure(f'registry = "{Path(pins.folder).name}"\n')
        os.chdir("inner")  # It is meant from the directory of the file.
        listed = json.loads(run("formats", "--json").stdout)["formats"]
        assert [each["format"] for each in listed] == ["ionq.native.v1"]
        bundled = run("formats", "--json", "--registry", qa.Registry.bundled().folder)
        assert len(json.loads(bundled.stdout)["formats"]) == len(qa.formats())

    def test_excluded_files(self, run: Run) -> None:
        for name in ("a.json", "old/b.json", "new/old/c.json", "new/d.part.json"):
            write(name, SHORT)
        configure('exclude = ["/old/", "*.part.json"]\n')
        assert set(found(run, ".")) == {"./a.json", "./new/old/c.json"}
        assert set(found(run, "new")) == {"new/old/c.json"}
        assert set(found(run, "old", "new/old")) == {"new/old/c.json"}
        # What is named is checked.
        assert set(found(run, "old/b.json")) == {"old/b.json"}

    def test_formats(self, run: Run) -> None:
        for name in ("a.json", "runs/b.json", "runs/1/c.json"):
            write(name, EITHER)
        configure(f'[formats]\n"runs/**" = "{P1}"\n"runs/1/*.json" = "{H1}"\n')
        result = json.loads(run("check", ".", "--output", "json").stdout)
        told = [report["format"] for report in result["reports"]]
        assert told == [None, P1, H1]
        shown = run("show", "runs/1/c.json")
        assert (shown.exit_code, H1 in shown.stdout) == (0, True)
        assert run("check", "runs", "--format", S1).exit_code == 1

    def test_a_configured_format_comes_before_the_job_record_and_the_name(self, run: Run) -> None:
        record = {"id": "a1", "format": H1, "media_type": "application/json"}
        write("job/job.json", json.dumps({"results": {H1: record}}))
        write("job/a1.json", EITHER)
        write(f"x.{H1}.json", EITHER)

        def told(*arguments: object) -> list[str]:
            printed = run("check", "job/a1.json", f"x.{H1}.json", "--output", "json", *arguments)
            return [report["format"] for report in json.loads(printed.stdout)["reports"]]

        assert told() == [H1, H1]
        configure(f'[formats]\n"*.json" = "{P1}"\n')
        assert told() == [P1, P1]
        assert told("--format", H1) == [H1, H1]
        # A record stays what it is.
        assert found(run, "job")["job/job.json"] == ["note QA020"]

    def test_every_command_that_reads_goes_by_it(self, run: Run) -> None:
        write("a.json", '{"1": 1}')
        write("v2.json", '{"probabilities": {"registers": {"output_all": {"10": 1}}}}')
        write("short.json", SHORT)
        assert run("convert", "a.json", "--to", P1).exit_code == 1
        assert run("show", "a.json").exit_code == 1
        assert run("prove-order", "a.json", "v2.json").exit_code == 1
        configure(f'raise = ["QA202"]\n[formats]\n"a.json" = "{P1}"\n')
        assert run("convert", "a.json", "--to", P1).exit_code == 0
        assert run("show", "a.json", "v2.json", "--qubits", 2).exit_code == 0
        assert run("prove-order", "a.json", "v2.json").exit_code == 0
        for command in (["convert", "short.json", "--to", P1], ["show", "short.json"]):
            refused = run(*command)
            assert (refused.exit_code, "QA202" in refused.stderr) == (1, True)

    def test_standard_input_is_no_file(self, run: Run) -> None:
        configure(
            f'raise = ["QA205"]\n[[overrides]]\nfiles = ["**"]\nformat = "{H1}"\nraise = []\n'
        )
        result = run("check", "-", "--output", "json", stdin=ZERO.encode())
        (report,) = json.loads(result.stdout)["reports"]
        assert (report["format"], report["errors"]) == (P1, 1)


class TestWhatComesFirst:
    def test_the_last_override_that_has_a_key_holds(self, run: Run) -> None:
        for name in ("a.json", "x/b.json", "x/y/c.json"):
            write(name, '{"0": 0.5, "3": 0.44, "5": 0}')
        configure(
            'sum-limit = 0.1\nignore = ["QA205"]\n'
            '[[overrides]]\nfiles = ["x/"]\nignore = []\nsum-limit = 0.01\n'
            '[[overrides]]\nfiles = ["/nowhere", "x/y/*"]\nraise = ["QA205"]\nsum-limit = 0.2\n'
        )
        assert found(run, ".") == {
            "./a.json": ["warning QA202"],
            "./x/b.json": ["error QA201", "note QA205"],
            "./x/y/c.json": ["error QA205", "warning QA202"],
        }
        assert found(run, "x", "--sum-limit", 0.3, "--ignore", "QA205") == {
            "x/b.json": ["warning QA202"],
            "x/y/c.json": ["warning QA202"],
        }

    def test_what_is_said_later_of_a_code_holds(self, here: Path) -> None:
        configure(
            'ignore = ["QA202", "QA205"]\n[[overrides]]\nfiles = ["a"]\nraise = ["QA205"]\n'
            '[[overrides]]\nfiles = ["a/b"]\nignore = ["QA205", "QA201"]\n'
        )
        project = find_project()
        assert project.settings_for("a/x").raised == {"QA205"}
        assert project.settings_for("a/x").ignore == {"QA202"}
        assert project.settings_for("a/b").raised == set()
        assert project.settings_for("a/b").ignore == {"QA205", "QA201"}
        given = project.with_given({"ignore": frozenset({"QA205"})})
        assert given.settings_for("a/x") == qa.Settings(ignore={"QA205"})

    def test_the_format_of_an_override_comes_before_formats(self, here: Path) -> None:
        configure(
            f'[formats]\n"*.json" = "{P1}"\n"b.json" = "{S1}"\n'
            f'[[overrides]]\nfiles = ["x/"]\nformat = "{H1}"\n'
            '[[overrides]]\nfiles = ["x/"]\nignore = []\n'
        )
        project = find_project()
        told = [project.format_for(path) for path in ("a.json", "b.json", "x/b.json", "b.txt")]
        assert told == [P1, S1, H1, None]

    def test_overrides_that_contradict_each_other_are_refused_where_they_meet(
        self, run: Run
    ) -> None:
        configure(
            '[[overrides]]\nfiles = ["a*"]\nsum-fine = 1e-4\n'
            '[[overrides]]\nfiles = ["*b"]\nsum-limit = 1e-5\n'
        )
        project = find_project()
        assert project.settings_for("a").sum_fine == 1e-4
        assert project.settings_for("b").sum_limit == 1e-5
        with pytest.raises(qa.InvalidConfiguration) as caught:
            project.settings_for("ab")
        assert (caught.value.key, caught.value.line) == ("overrides[1]", 4)
        assert run("config", "ab").exit_code == 2

    @pytest.mark.parametrize(
        "arguments", [["--sum-limit", -1], ["--sum-fine", 1], ["--max-depth", 0],
                      ["--sum-limit", 1e-5]]
    )  # fmt: skip
    def test_a_command_line_that_cannot_be(self, run: Run, arguments: list[object]) -> None:
        write("a.json", ZERO)
        configure('[[overrides]]\nfiles = ["x"]\nsum-fine = 1e-4\n')
        for command in ("check", "config"):
            refused = run(command, "a.json", *arguments)
            assert (refused.exit_code, "Traceback" in refused.output) == (2, False)


class TestPaths:
    @pytest.fixture
    def project(self, here: Path) -> Project:
        write("store/runs/a.json")
        write("store/qartifacts.toml", f'exclude = ["/runs"]\n[formats]\n"runs/*.json" = "{P1}"\n')
        return find_project("store")

    def test_it_is_one_file_however_it_is_named(self, project: Project, here: Path) -> None:
        names = ["store/runs/a.json", "./store//runs/../runs/./a.json", here / "store/runs/a.json"]
        for name in names:
            assert project.format_for(str(name)) == P1
            assert project.is_excluded(str(name))
        os.chdir("store/runs")
        again = find_project()
        for name in ("a.json", "./a.json", "../runs/a.json", "../../store/runs/a.json"):
            assert again.format_for(name) == P1

    def test_a_directory_ends_in_a_separator(self, project: Project) -> None:
        for name in ("store/runs/", "store/runs/.", "store/runs/../runs/"):
            assert project.is_excluded(name)
        assert not project.is_excluded("store/")
        assert not project.is_excluded("store/run/")

    @pytest.mark.skipif(os.name == "nt", reason="links need rights there")
    def test_links_to_directories_are_resolved_and_those_to_files_are_not(
        self, project: Project, here: Path
    ) -> None:
        Path("linked").symlink_to("store", target_is_directory=True)
        Path("store/link.json").symlink_to("runs/a.json")
        Path("store/runs/other.json").symlink_to(here / "elsewhere.json")
        assert project.format_for("linked/runs/a.json") == P1
        assert project.format_for("store/link.json") is None
        assert project.format_for("store/runs/other.json") == P1
        assert find_project("linked").format_for("store/runs/a.json") == P1

    def test_what_lies_elsewhere_or_nowhere(self, project: Project) -> None:
        for name in ("runs/a.json", "store-2/runs/a.json", "../runs/a.json", "-",
                     "s3://store/runs/a.json", "store/runs\0/a.json"):  # fmt: skip
            assert project.format_for(name) is None
            assert not project.is_excluded(name)
        assert project.format_for(None) is None

    def test_memory_does_not_grow_with_directories(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import qartifacts.project.project as module

        monkeypatch.setattr(module, "_REMEMBERED", 3)
        for index in range(10):
            assert project.format_for(f"store/{index}/a.json") is None
            assert len(project._folders) <= 3
        assert project.format_for("store/runs/a.json") == P1

    def test_it_can_be_sent_to_other_processes(self, project: Project) -> None:
        given = project.with_given({"sum-limit": 0.5, "strict": True})
        again = pickle.loads(pickle.dumps(given))
        assert again.settings_for("store/runs/a.json") == qa.Settings(sum_limit=0.5)
        assert again.format_for("store/runs/a.json") == P1
        assert (again.file, again.strict, again.registry) == (given.file, True, None)


#: A text that is not understood, the key that is at fault, its line, and what is suggested.
Wrong = tuple[str, str, int | None, str | None]

#: What a schema can say, too.
WRONG_IN_FORM: list[Wrong] = [
    ("\nsum-fin = 1", "sum-fin", 2, "sum-fine"),
    ("max_findings = 3", "max_findings", 1, "max-findings"),
    ("Strict = true", "Strict", 1, "strict"),
    ("xyzzy = 1", "xyzzy", 1, None),
    ("format = 'x'", "format", 1, None),
    ("files = []", "files", 1, None),
    ("strict = 'yes'", "strict", 1, None),
    ("strict = 1", "strict", 1, None),
    ("registry = 1", "registry", 1, None),
    ("registry = ''", "registry", 1, None),
    ("registry = 'https://example.org/schemas'", "registry", 1, None),
    ("max-bytes = true", "max-bytes", 1, None),
    ("max-bytes = 0", "max-bytes", 1, None),
    ("max-depth = 201", "max-depth", 1, None),
    ("max-findings = 1.5", "max-findings", 1, None),
    ("sum-fine = -1", "sum-fine", 1, None),
    ("sum-limit = '1'", "sum-limit", 1, None),
    ("sum-fine = 2026-11-20", "sum-fine", 1, None),
    ("ignore = 'QA202'", "ignore", 1, None),
    ("ignore = {}", "ignore", 1, None),
    ("ignore = [202]", "ignore[0]", 1, None),
    ("ignore = ['QA202',\n 'qa205']", "ignore[1]", 1, "QA205"),
    ("ignore = ['QA008']", "ignore[0]", 1, None),
    ("raise = ['QA2005']", "raise[0]", 1, "QA205"),
    ("exclude = 'old'", "exclude", 1, None),
    ("exclude = ['ok', '']", "exclude[1]", 1, None),
    ("formats = []", "formats", 1, None),
    ("[formats]\n'a.json' = 1", 'formats."a.json"', 2, None),
    ("[formats]\nx = 'shots'", "formats.x", 2, None),
    ("overrides = 1", "overrides", 1, None),
    ("[overrides]\nfiles = ['x']", "overrides", 1, None),
    ("overrides = [1]", "overrides", 1, None),
    ("[[overrides]]\nignore = []", "overrides[0]", 1, None),
    ("[[overrides]]\nfiles = []", "overrides[0].files", 2, None),
    ("[[overrides]]\nfiles = ['x']\n[[overrides]]\nfile = ['x']", "overrides[1].file", 4, "files"),
    ("[[overrides]]\nfiles = ['x', '!y']", "overrides[0].files[1]", 2, None),
    ("[[overrides]]\nfiles = ['x']\nstrict = true", "overrides[0].strict", 3, None),
    ("[[overrides]]\nfiles = ['x']\nformat = 1", "overrides[0].format", 3, None),
]

#: What no schema says: how values compare, what a glob is, which formats are pinned.
WRONG_IN_MEANING: list[Wrong] = [
    ("max-values = 99999999999999999999", "max-values", 1, None),
    ("sum-limit = inf", "sum-limit", 1, None),
    ("sum-limit = nan", "sum-limit", 1, None),
    ("sum-limit = 1\nsum-fine = 2", "sum-fine", 2, None),
    ("sum-fine = 0.1", "sum-fine", 1, None),
    ("sum-limit = 1e-9", "sum-limit", 1, None),
    ("ignore = ['QA202']\nraise = ['QA202']", "raise", 2, None),
    ("exclude = ['ok', 'a[']", "exclude[1]", 1, None),
    ("exclude = ['../x']", "exclude[0]", 1, None),
    (f"[formats]\n'a.json' = '{P1}'\n'b{{1,2}}' = '{P1}'", 'formats."b{1,2}"', 3, None),
    ("[formats]\nx = 'ionq.result.shots.json.v3'", "formats.x", 2, "ionq.result.shots.json.v2"),
    ("[[overrides]]\nfiles = ['x']\nformat = 'ionq.native.v2'", "overrides[0].format", 3,
     "ionq.native.v1"),
    ("[[overrides]]\nfiles = ['x']\nsum-fine = 1", "overrides[0].sum-fine", 3, None),
    ("[[overrides]]\nfiles = ['x']\nignore = ['QA202']\nraise = ['QA202']", "overrides[0].raise", 4,
     None),
]  # fmt: skip

NO_TOML: list[Wrong] = [
    ("strict = \n", "", 1, None),
    ("strict = true\nstrict = false\n", "", 2, None),
    ("x = [1,", "", None, None),
]


class TestWhatIsNotUnderstood:
    @pytest.mark.parametrize("own", [True, False])
    @pytest.mark.parametrize(
        ("text", "key", "line", "suggestion"), [*WRONG_IN_FORM, *WRONG_IN_MEANING, *NO_TOML]
    )
    def test_it_says_where_and_what_instead(
        self, run: Run, here: Path, own: bool, text: str, key: str, line: int | None,
        suggestion: str | None,
    ) -> None:  # fmt: skip
        name = "qartifacts.toml" if own else "pyproject.toml"
        if not own:
            text = re.sub(r"^(\[+)(?=\w)", r"\1tool.qartifacts.", text, flags=re.MULTILINE)
            text = text if text.startswith("[") else f"[tool.qartifacts]\n{text}"
            line = line + 1 if line is not None and not text.startswith("[[") else line
            line = line - 1 if line is not None and text.startswith("[tool.qartifacts.") else line
        write(name, text)
        with pytest.raises(qa.InvalidConfiguration) as caught:
            find_project().check_formats(qa.Registry.bundled())
        error = caught.value
        assert (error.file, error.key) == (str(here.resolve() / name), key)
        assert (error.line, error.suggestion) == (line, suggestion)
        place = name if line is None else f"{name}:{line}"
        for command in (["check", "."], ["config"], ["show", "x"]):
            refused = run(*command)
            assert (refused.exit_code, place in refused.stderr) == (2, True)
            assert key in refused.stderr
            assert suggestion is None or suggestion in refused.stderr

    @pytest.mark.parametrize(
        "name",
        ["key", "api-key", "apiKey", "IONQ_API_KEY", "send-key", "token", "password", "headers",
         "base-url", "base_url", "baseUrl", "url", "endpoint", "proxy", "host", "server"],
    )  # fmt: skip
    def test_no_key_and_no_service_is_configured(self, run: Run, name: str) -> None:
        texts = [f"{name} = 'x'", f"[[overrides]]\nfiles = ['x']\n{name} = 'x'"]
        for text in texts:
            configure(text)
            refused = run("config")
            assert refused.exit_code == 2
            # It says why, and suggests nothing.
            assert "comes along with files of others" in refused.stderr
            assert "did you mean" not in refused.stderr
        write("pyproject.toml", f"[tool.qartifacts]\n{texts[0]}\n")
        Path("qartifacts.toml").unlink()
        assert run("sync", "--check").exit_code == 2

    def test_there_is_no_key_for_what_is_not_configured(self) -> None:
        words = re.compile("key|token|secret|url|host|proxy|base|send")
        assert not [name for name in (*KEYS, *OVERRIDE_KEYS) if words.search(name)]

    def test_what_is_no_table(self, here: Path) -> None:
        write("pyproject.toml", "[tool]\nqartifacts = 1\n")
        with pytest.raises(qa.InvalidConfiguration) as caught:
            find_project()
        assert (caught.value.key, caught.value.line) == ("", 2)

    def test_of_a_file_that_has_gone_no_lines_are_told(self, here: Path) -> None:
        assert lines_in("qartifacts.toml") == {}

    def test_a_table_in_a_file_of_its_own(self, run: Run) -> None:
        configure("[tool.qartifacts]\nstrict = true\n")
        with pytest.raises(qa.InvalidConfiguration) as caught:
            find_project()
        assert (caught.value.key, caught.value.line) == ("tool", 1)

    @pytest.mark.parametrize("data", [b"\xff\xfe", b"strict = '\xe9'"])
    def test_what_is_no_text(self, run: Run, data: bytes) -> None:
        Path("qartifacts.toml").write_bytes(data)
        refused = run("check", ".")
        assert (refused.exit_code, "Traceback" in refused.output) == (2, False)
        assert "qartifacts.toml" in refused.stderr

    @pytest.mark.parametrize("name", ["qartifacts.toml", "pyproject.toml"])
    def test_what_cannot_be_read(
        self, here: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import builtins

        write(name, "strict = true")
        opened = builtins.open

        def guarded(file: Any, *arguments: Any, **options: Any) -> Any:
            if str(file).endswith(name):
                raise PermissionError(13, "Permission denied", str(file))
            return opened(file, *arguments, **options)

        monkeypatch.setattr(builtins, "open", guarded)
        with pytest.raises(qa.InvalidConfiguration) as caught:
            find_project()
        assert (caught.value.line, caught.value.key) == (None, "")

    def test_hostile_names_do_not_drive_the_terminal(self, run: Run) -> None:
        for text in (
            '"\\u001b[2J" = 1',
            'ignore = ["\\u001b[2J"]',
            '[formats]\n"\\u001b[2J" = "x"',
        ):
            configure(text)
            refused = run("config")
            assert (refused.exit_code, "\x1b" in refused.output) == (2, False)
        configure(f'exclude = ["\\u001b[[]2J\\u202e"]\n[formats]\n"\\u009b31m" = "{P1}"\n')
        for arguments in ([], ["\x1b[2J.json"], ["--json"]):
            printed = run("config", *arguments).output
            assert not {"\x1b", "\x9b", "\u202e"} & set(printed)

    @pytest.mark.parametrize(
        "text",
        ["x = " + "[" * 5000 + "]" * 5000, ".".join("a" * 5000) + " = 1", "max-bytes = " + "9" * 5000,
         "max-bytes = 0x" + "f" * 5000, "sum-limit = 1" + "0" * 400, "sum-limit = 0x1" + "0" * 5000,
         "a = 1\n" * 5000, "[" + ".".join("a" * 5000) + "]"],
        ids=range(8),
    )  # fmt: skip
    def test_hostile_files_end_in_one_line(self, run: Run, text: str) -> None:
        configure(text)
        refused = run("config")
        assert refused.exit_code == 2
        assert isinstance(refused.exception, SystemExit)
        assert len(refused.stderr) < 1000

    def test_the_error_survives_pickling(self, here: Path) -> None:
        configure("strict = 1")
        with pytest.raises(qa.InvalidConfiguration) as caught:
            find_project()
        again = pickle.loads(pickle.dumps(caught.value))
        assert str(again) == str(caught.value)
        assert (again.file, again.key, again.line) == (caught.value.file, "strict", 1)


FULL = f"""\
registry = "pins"
strict = true
exclude = [
  "old/**",  # from before,
  "*.part.json",
]
max-findings = 7
max-bytes = 100_000
max-depth = 9
max-values = 1000
sum-fine = 1e-5
sum-limit = 0.01
ignore = ["QA205", "QA201"]
raise = ["QA202"]
[formats]
"runs/**" = "{P1}"
'we"ird' = "{H1}"
[[overrides]]
files = ["legacy/", "x.json"]
format = "{S1}"
ignore = []
raise = ["QA205"]
sum-fine = 1e-4
sum-limit = 1
"""


class TestTheCommand:
    @pytest.fixture
    def full(self, here: Path, make_registry: MakeRegistry) -> None:
        documents = {format: {"type": "object"} for format in (P1, H1, S1)}
        Path(make_registry(documents).folder).rename("pins")
        configure(FULL)

    def test_every_value_has_its_origin(self, run: Run, full: None, here: Path) -> None:
        told = in_force(run, "--max-depth", 8, "--no-strict")
        assert list(told) == [name for name in KEYS if name not in ("formats", "overrides")]
        assert told["registry"] == (str(here.resolve() / "pins"), "configuration", 1)
        assert told["strict"] == (False, "command line", None)
        assert told["exclude"] == (["old/**", "*.part.json"], "configuration", 3)
        assert told["max-depth"] == (8, "command line", None)
        assert told["sum-fine"] == (1e-5, "configuration", 11)
        assert told["raise"] == (["QA202"], "configuration", 14)
        document = json.loads(run("config", "--json").stdout)
        assert [each["line"] for each in document["formats"]] == [16, 17]
        (override,) = document["overrides"]
        assert [(each["key"], each["line"]) for each in override] == [
            ("files", 19), ("format", 20), ("ignore", 21), ("raise", 22), ("sum-fine", 23),
            ("sum-limit", 24),
        ]  # fmt: skip
        configure("")
        assert in_force(run)["max-bytes"] == (512 * 1024 * 1024, "default", None)

    def test_what_holds_for_one_file(self, run: Run, full: None) -> None:
        told = in_force(run, "legacy/a.json")
        assert told["format"] == (S1, "configuration", 20)
        assert told["ignore"] == ([], "configuration", 21)
        assert told["raise"] == (["QA205"], "configuration", 22)
        assert told["max-bytes"] == (100_000, "configuration", 8)
        assert in_force(run, "runs/a.json")["format"] == (P1, "configuration", 16)
        assert in_force(run, "other.json")["format"] == (None, "default", None)
        given = in_force(run, "runs/a.json", "--format", H1, "--ignore", "QA202")
        assert given["format"] == (H1, "command line", None)
        assert given["ignore"] == (["QA202"], "command line", None)
        assert given["raise"] == ([], "configuration", 14)  # The command line took it away.

        def excluded(path: str) -> Any:
            return json.loads(run("config", path, "--json").stdout)["excluded"]

        assert excluded("old/a.json") == {"glob": "old/**", "line": 3}
        assert excluded("new/a.json") is None
        assert "old/**" in run("config", "old/a.json").stdout.splitlines()[2]

    def test_lines_of_pyproject(self, run: Run, here: Path) -> None:
        write(
            "pyproject.toml",
            'x = """\n[tool.qartifacts]\nstrict = 1\n"""\n[tool]\nqartifacts.strict = true\n'
            f'[[tool.qartifacts.overrides]]\nfiles = ["a"]\n[tool.qartifacts.formats]\nb = "{P1}"\n',
        )
        assert in_force(run)["strict"] == (True, "configuration", 6)
        assert in_force(run, "b")["format"] == (P1, "configuration", 10)
        (override,) = json.loads(run("config", "--json").stdout)["overrides"]
        assert override[0]["line"] == 8

    @pytest.mark.parametrize(
        "arguments",
        [[], ["--sum-limit", 0.5], ["--ignore", "QA205"], ["--ignore", "QA202,QA205"],
         ["--strict", "--max-bytes", 12]],
    )  # fmt: skip
    def test_what_it_prints_is_a_configuration(
        self, run: Run, full: None, arguments: list[object]
    ) -> None:
        """It configures what was in force."""
        project = find_project()
        given = dict(zip(arguments[::2], arguments[1::2], strict=False)) if arguments else {}
        printed = run("config", *arguments)
        assert printed.exit_code == 0
        paths = ["a.json", "legacy/b.json", "x.json", "runs/1/a", 'we"ird', "old/x", None]

        def holds(project: Project) -> list[Any]:
            return [(project.settings_for(path), project.format_for(path)) for path in paths] + [
                project.strict,
                project.registry,
                project.is_excluded("old/x"),
            ]

        options = {
            str(name).removeprefix("--"): frozenset(str(value).split(","))
            if name == "--ignore"
            else value
            for name, value in given.items()
            if name != "--strict"
        }
        if "--strict" in arguments:
            options = {"strict": True, "max-bytes": 12}
        expected = holds(project.with_given(options))
        configure(printed.stdout)
        assert holds(find_project()) == expected

    def test_text_names_the_lines(self, run: Run, full: None) -> None:
        lines = run("config", "--strict").stdout.splitlines()
        assert re.search(r"qartifacts\.toml$", lines[0])
        assert re.fullmatch(r"strict = true +# command line", lines[2])
        assert re.fullmatch(r"max-findings = 7 +# qartifacts\.toml:7", lines[8])

    def test_what_the_command_line_says_of_all_files(
        self, run: Run, full: None, here: Path
    ) -> None:
        document = json.loads(run("config", "--format", P1, "--json").stdout)
        assert document["keys"][0]["value"] == P1
        assert document["formats"] == []
        assert [each["key"] for each in document["overrides"][0]] == [
            "files", "ignore", "raise", "sum-fine", "sum-limit",
        ]  # fmt: skip
        registry = in_force(run, "--registry", "pins")["registry"]
        assert registry == (str(here.resolve() / "pins"), "command line", None)

    def test_on_a_terminal_it_is_a_configuration_too(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plain = run("config").stdout
        monkeypatch.setattr(config, "on_terminal", lambda: True)
        assert run("config").stdout == plain

    def test_it_says_where_there_is_none(self, run: Run) -> None:
        told = json.loads(run("config", "--json").stdout)
        assert (told["file"], told["shadowed"], told["formats"]) == (None, None, [])
        assert tomllib.loads(run("config").stdout)["max-findings"] == 100

    def test_misuse(self, run: Run) -> None:
        for arguments in (["--schema", "x.json"], ["--json", "--schema"], ["x", "--schema"]):
            assert run("config", *arguments).exit_code == 2
        assert run("config", "--format", "ionq.result.shots.json.v9").exit_code == 2
        assert run("config", "--registry", "nowhere").exit_code == 2


class TestTheSchema:
    @pytest.fixture
    def schema(self) -> jsonschema.Draft7Validator:
        jsonschema.Draft7Validator.check_schema(configuration_schema())
        return jsonschema.Draft7Validator(configuration_schema())

    def test_it_ships_as_it_is_generated(self, run: Run) -> None:
        shipped = ROOT / "src" / "qartifacts" / "project" / "qartifacts.schema.json"
        assert json.loads(shipped.read_text(encoding="utf-8")) == configuration_schema()
        assert run("config", "--schema").stdout == shipped.read_text(encoding="utf-8")
        printed = json.loads(run("config", "--schema", "pyproject.toml").stdout)
        assert printed == pyproject_schema()

    def test_it_takes_what_is_right(self, schema: jsonschema.Draft7Validator) -> None:
        schema.validate(tomllib.loads(FULL))
        schema.validate({})
        whole = jsonschema.Draft7Validator(pyproject_schema())
        whole.validate({"project": {"name": "x"}, "tool": {"qartifacts": tomllib.loads(FULL)}})
        assert not whole.is_valid({"tool": {"qartifacts": {"strict": 1}}})

    @pytest.mark.parametrize("text", [text for text, *_ in WRONG_IN_FORM])
    def test_it_refuses_what_is_wrong(self, schema: jsonschema.Draft7Validator, text: str) -> None:
        assert not schema.is_valid(tomllib.loads(text))

    @pytest.mark.parametrize("text", [text for text, *_ in WRONG_IN_MEANING])
    def test_it_says_no_more_than_it_can(
        self, schema: jsonschema.Draft7Validator, text: str
    ) -> None:
        schema.validate(tomllib.loads(text))

    def test_it_knows_the_codes(self) -> None:
        properties = configuration_schema()["properties"]
        assert properties["raise"]["items"]["enum"] == sorted(CODES)
        ignorable = [code for code in sorted(CODES) if CODES[code].ignorable]
        assert properties["ignore"]["items"]["enum"] == ignorable


def test_the_page_is_true(run: Run) -> None:
    """Every configuration that it shows is one, and the keys are all of it."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        name = "pyproject.toml" if "[tool.qartifacts]" in block else "qartifacts.toml"
        path = write(name, block)
        project = find_project()
        project.check_formats(qa.Registry.bundled())
        assert project.file is not None
        assert project.strict
        path.unlink()
    for key in KEYS:
        assert f"| `{key}` |" in text


class TestLinesOfKeys:
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_keys_and_tables(self, end: str) -> None:
        text = end.join(
            [
                "# a comment",
                "a = 1 # another",
                'b.c = """',
                "[no]",
                'table = 1"""',
                "[d]",
                "e = [",
                "  1, # ]",
                "  {f = 2},",
                "]",
                "g = {h = {i = 1}}",
                "[[j.k]]",
                "l = 1",
                "[j.k.m]",
                "n = 1",
                "[[j.k]]",
                "l = 2",
                '"o p" = 3',
                "",
                "[ d . q ] # here",
                "r = '''#",
                "'''",
                "s = 1",
            ]
        )
        assert lines_of_keys(text) == {
            ("a",): 2, ("b",): 3, ("b", "c"): 3, ("d",): 6, ("d", "e"): 7, ("d", "e", 0): 7,
            ("d", "e", 1): 7, ("d", "e", 1, "f"): 7, ("d", "g"): 11, ("d", "g", "h"): 11,
            ("d", "g", "h", "i"): 11, ("j",): 12, ("j", "k"): 12, ("j", "k", 0): 12,
            ("j", "k", 0, "l"): 13, ("j", "k", 0, "m"): 14, ("j", "k", 0, "m", "n"): 15,
            ("j", "k", 1): 16, ("j", "k", 1, "l"): 17, ("j", "k", 1, "o p"): 18, ("d", "q"): 20,
            ("d", "q", "r"): 21, ("d", "q", "s"): 23,
        }  # fmt: skip

    def test_what_cannot_be_parsed_has_no_line(self) -> None:
        assert lines_of_keys("a = 1\nb = [\nc = 1\n") == {("a",): 1}
        assert lines_of_keys("") == {}

    def test_a_long_array_is_parsed_once(self) -> None:
        text = "a = [\n" + '  "x",\n' * 20_000 + "]\nb = 1\n"
        assert lines_of_keys(text)["b",] == 20_003

    def test_every_key_has_a_line(self) -> None:
        """Lines are found of whatever TOML parses: here, of this project's own file."""
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        lines = lines_of_keys(text)
        listed = text.split("\n")
        waiting: list[tuple[tuple[str | int, ...], Any]] = [((), tomllib.loads(text))]
        seen = 0
        while waiting:
            place, value = waiting.pop()
            if isinstance(value, dict):
                waiting += [((*place, name), member) for name, member in value.items()]
            if place and place != ("tool",):
                assert str(place[-1]) in listed[lines[place] - 1], place
                seen += 1
        assert seen > 40


_BRACKETS = (
    'a = "[" # "\n'
    "b = '{' # [\n"
    "c = ''' ' '' [\n"
    "'''\n"
    'd = """ \\""" " [\n'
    '"""""\n'
    "e = { f = [1, # ]\n"
    "2] }\n"
    "[g]\n"
    'h = "\\\\" # [\n'
    'i = ["""\n'
    ']""", # ]\n'
    "]\n"
    "j = 1\n"
)


class TestOddFiles:
    @pytest.mark.parametrize(
        "text",
        [
            "exclude = [\n{}]\n".format("  'a/',  # why\n" * 20_000),
            "exclude = [\n{}]\n".format("  'a/'\n  ,\n" * 20_000),
            'text = """\n{}"""\n'.format('some "quoted" words, [and] more\n' * 20_000),
        ],
        ids=["comments", "commas", "text"],
    )
    def test_lines_are_told_in_one_pass(self, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
        parsed = 0
        loads = tomllib.loads

        def counting(text: str) -> dict[str, Any]:
            nonlocal parsed
            parsed += len(text)
            return loads(text)

        monkeypatch.setattr(tomllib, "loads", counting)
        whole = f"{text}typo = 1\n"
        assert lines_of_keys(whole)["typo",] == whole.count("\n")
        assert parsed <= len(whole)

    def test_brackets_in_strings_and_comments_are_none(self) -> None:
        lines = lines_of_keys(_BRACKETS)
        names: list[tuple[str, ...]] = [*[(each,) for each in "abcdeg"], ("g", "h"), ("g", "i")]
        assert [lines[name] for name in [*names, ("g", "j")]] == [1, 2, 3, 5, 7, 9, 10, 11, 14]

    @pytest.mark.parametrize("host", ["//evil/share", r"\\evil\share", r"/\evil/share"])
    def test_no_other_host_is_asked_for_a_registry(self, here: Path, host: str) -> None:
        write("qartifacts.toml", f"registry = {json.dumps(host)}\n")
        with pytest.raises(qa.InvalidConfiguration) as caught:
            find_project()
        assert caught.value.line == 1

    def test_a_registry_that_is_not_there_is_told_with_its_place(self, run: Run) -> None:
        write("qartifacts.toml", 'strict = true\nregistry = "nope"\n')
        result = run("check", ".")
        assert (result.exit_code, "qartifacts.toml:2" in result.stderr) == (2, True)

    def test_a_mark_of_the_byte_order_is_named(self, here: Path) -> None:
        Path("qartifacts.toml").write_bytes(b"\xef\xbb\xbfstrict = true\n")
        with pytest.raises(qa.InvalidConfiguration, match="byte-order mark"):
            find_project()

    @pytest.mark.parametrize("kind", ["directory", "dangling", "circle"])
    def test_what_is_no_file_is_an_error(self, here: Path, kind: str) -> None:
        if kind == "directory":
            Path("qartifacts.toml").mkdir()
        else:
            target = "nowhere" if kind == "dangling" else "qartifacts.toml"
            Path("qartifacts.toml").symlink_to(target)
        with pytest.raises(qa.InvalidConfiguration):
            find_project()


class TestStarting:
    @pytest.mark.parametrize(
        ("name", "text", "parses"),
        [
            ("x", "", False),
            ("pyproject.toml", "[project]\nname = 'x'\n", False),
            ("pyproject.toml", "[tool.qartifacts]\n", True),
        ],
    )
    def test_toml_is_parsed_where_there_is_something_to_parse(
        self, here: Path, name: str, text: str, parses: bool
    ) -> None:
        import subprocess
        import sys

        write(name, text)
        code = (
            "import sys, qartifacts.project as p; p.find_project(); print('tomllib' in sys.modules)"
        )
        # Coverage, where it is measured, parses TOML itself.
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=unmeasured(),
        )
        assert done.stdout.strip() == str(parses)
