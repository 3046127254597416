"""The hooks for pre-commit: what they are run for, and that they stop at a commit what they should.

The commits are made by git and pre-commit themselves, in repositories whose configuration names a
clone of this one. Its environments are built once, without a network: what pip installs there are
wheels of what is installed here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from qartifacts import Registry, Settings
from qartifacts.validate.detect import FileFormats
from support import ROOT, Run

P1 = "ionq.result.probabilities.json.v1"
H1 = "ionq.result.histogram.json.v1"
GOOD = '{"0": 0.5, "3": 0.5}'
BAD = '{"00": 0.5, "11": 0.5}'  # QA206
README = (ROOT / "README.md").read_text(encoding="utf-8")
MANIFEST = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")


# ----------------------------------------------------------------------------------------------
# What the hooks are run for


def _pattern(hook: str) -> re.Pattern[str]:
    """The pattern of a hook's files, as pre-commit searches for it."""
    entry = MANIFEST.split(f"- id: {hook}\n")[1].partition("\n- id: ")[0]
    (pattern,) = re.findall(r"^  files: '(.*)'$", entry, re.MULTILINE)
    return re.compile(pattern)


def test_the_manifest_and_its_page_are_up_to_date() -> None:
    script = ROOT / "scripts" / "generate_hooks.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_pre_commit_understands_the_manifest() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest"]
    subprocess.run([*command, ROOT / ".pre-commit-hooks.yaml"], check=True)


@pytest.mark.parametrize("format", Registry.bundled())
@pytest.mark.parametrize(
    "name",
    ["{}.json", "a/bell.{}.json", "b_{}-2026.json", "{}.json.gz", "{}.ndjson", "run-7.{}.tar.gz"],
)
def test_results_are_known_by_the_identifier_in_their_name(format: str, name: str) -> None:
    assert _pattern("qartifacts-check").search(name.format(format))


@given(
    st.lists(
        st.sampled_from(
            [
                "ionq",
                "ionq.native.v1",
                P1,
                "result",
                "json",
                "v1",
                "v",
                "2",
                ".",
                "-",
                "_",
                "x",
                "A",
            ]
        ),
        max_size=9,
    ).map("".join)
)
def test_a_name_is_for_the_hook_if_a_check_reads_a_format_in_it(name: str) -> None:
    read = FileFormats(Registry.bundled(), Settings()).of_name(f"{name}.json")
    assert bool(_pattern("qartifacts-check").search(f"store/{name}.json")) == (read is not None)


@pytest.mark.parametrize(
    "path",
    [
        f"{P1}/a.json",
        f"{P1}.txt",
        "package.json",
        "a/myjob.json",
        f"job.json/{P1}.csv",
        f"x{P1}.json",
    ],
)
def test_other_files_are_left_alone(path: str) -> None:
    assert not _pattern("qartifacts-check").search(path)


def test_what_belongs_to_a_registry_or_is_generated_is_known_by_its_name() -> None:
    verify, codegen = _pattern("qartifacts-registry-verify"), _pattern("qartifacts-codegen-check")
    for path in (ROOT / "schemas" / "qartifacts_schemas").rglob("*.*"):
        if path.suffix not in (".py", ".pyc"):
            assert verify.search(path.relative_to(ROOT).as_posix()), path
            assert codegen.search(path.relative_to(ROOT).as_posix()), path
    for folder in ("generated/qartifacts_models/pydantic", "docs/formats"):
        for path in (ROOT / folder).glob("ionq*.*"):
            assert not verify.search(path.relative_to(ROOT).as_posix()), path
            assert codegen.search(path.relative_to(ROOT).as_posix()), path


# ----------------------------------------------------------------------------------------------
# What of changed files is checked


def _put(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def _checked(result: Result) -> list[str]:
    return [each["source"].replace(os.sep, "/") for each in json.loads(result.stdout)["reports"]]


def _codes(result: Result) -> dict[str, list[str]]:
    return {
        each["source"].replace(os.sep, "/"): [finding["code"] for finding in each["findings"]]
        for each in json.loads(result.stdout)["reports"]
    }


def _job_record(**formats: str) -> str:
    descriptors = [
        {"id": id, "format": format, "media_type": "application/json"}
        for id, format in formats.items()
    ]
    return json.dumps({"id": "7", "results": descriptors})


class TestChanged:
    def test_a_job_is_checked_with_its_other_results(self, run: Run) -> None:
        _put("7/job.json", _job_record(a=P1, b=P1))
        for name in ("a.json", "b.json.gz", f"c.{P1}.json", "notes.json", "a.txt", ".a.json"):
            _put(f"7/{name}", GOOD)
        _put(f"8/d.{P1}.json", GOOD)
        _put(f"8/e.{P1}.json", GOOD)
        whole = ["7/a.json", "7/b.json.gz", f"7/c.{P1}.json", "7/job.json", "7/notes.json"]
        for changed in (["7/job.json"], ["7/a.json"], ["7/notes.json", "7/job.json"]):
            result = run("check", "--changed", *changed, "--output", "json")
            assert _checked(result) == whole
        changed = [f"7/c.{P1}.json", f"8/d.{P1}.json", "7/job.json"]
        result = run("check", "--changed", *changed, "--output", "json")
        assert _checked(result) == [*whole, f"8/d.{P1}.json"]

    @pytest.mark.parametrize("record", ['{"id": "7", "results": [{"id": "a", "forma', "[]", "{}"])
    def test_a_broken_record_hides_nothing(self, run: Run, record: str) -> None:
        _put("7/job.json", record)
        _put(f"7/a.{P1}.json", BAD)
        result = run("check", "--changed", "7/job.json", "--output", "json")
        assert result.exit_code == 1
        codes = _codes(result)
        assert codes[f"7/a.{P1}.json"] == ["QA206"]
        assert codes["7/job.json"] == (["QA020"] if record[-1] in "]}" else ["QA004"])

    def test_a_directory_and_what_changed_in_it_are_checked_alike(self, run: Run) -> None:
        _put("qartifacts.toml", f'[formats]\n"7/x.json" = "{P1}"\n"7/y.txt" = "{P1}"\n')
        _put("7/job.json", _job_record(a=P1))
        for name in ("a.json", "x.json", "y.txt"):
            _put(f"7/{name}", BAD)
        with zipfile.ZipFile("7/old.zip", "w") as archive:
            archive.writestr(f"b.{P1}.json", BAD)
        whole = _codes(run("check", "7", "--output", "json"))
        assert whole["7/x.json"] == whole["7/old.zip"] == ["QA206"]
        assert _codes(run("check", "--changed", "7/a.json", "--output", "json")) == whole
        changed = _codes(run("check", "--changed", "7/y.txt", "--output", "json"))
        assert changed == whole | {"7/y.txt": ["QA206"]}

    def test_what_is_no_result_is_passed_over(self, run: Run) -> None:
        _put("README.md", "# Store")
        _put("package.json", '{"name": "store"}')
        _put(f"a.{P1}.json", GOOD)
        changed = ["README.md", "package.json", f"a.{P1}.json", "."]
        result = run("check", "--changed", *changed, "--output", "json")
        assert (result.exit_code, _codes(result)) == (
            0,
            {"package.json": ["QA020"], f"a.{P1}.json": []},
        )

    def test_what_changed_may_stand_in_a_list(self, run: Run) -> None:
        _put("list", f"README.md\0a.{P1}.json\0")
        _put(f"a.{P1}.json", BAD)
        result = run("check", "--changed", "--files-from", "list", "--output", "json")
        assert (result.exit_code, _codes(result)) == (1, {f"a.{P1}.json": ["QA206"]})

    def test_a_job_may_be_where_the_command_runs(self, run: Run) -> None:
        _put("job.json", _job_record(a=P1))
        _put("a.json", BAD)
        assert run("check", "--changed", "job.json").exit_code == 1

    def test_a_registry_holds_no_results(self, run: Run) -> None:
        schemas = ROOT / "schemas" / "qartifacts_schemas"
        result = run("check", "--changed", *schemas.glob("*.json"), "--output", "json")
        assert (result.exit_code, _checked(result)) == (0, [])

    def test_what_is_excluded_is_left_out(self, run: Run) -> None:
        _put("pyproject.toml", '[tool.qartifacts]\nexclude = ["old/"]\n')
        _put(f"old/a.{P1}.json", BAD)
        _put(f"new/a.{P1}.json", GOOD)
        changed = [f"old/a.{P1}.json", f"new/a.{P1}.json"]
        result = run("check", "--changed", *changed, "--output", "json")
        assert (result.exit_code, _checked(result)) == (0, changed[1:])

    def test_what_is_missing_is_misuse(self, run: Run) -> None:
        assert run("check", "--changed", f"missing/a.{P1}.json").exit_code == 2


# ----------------------------------------------------------------------------------------------
# Commits


class Workshop(NamedTuple):
    """What repositories are tried with.

    Attributes:
        clone: A repository of the files of this one, as they are.
        environment: The environment of git and pre-commit, in which they touch nothing else.
    """

    clone: Path
    environment: dict[str, str]

    def run(self, folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def pre_commit(self, folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return self.run(folder, sys.executable, "-m", "pre_commit", *arguments)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    home = tmp_path_factory.mktemp("home")
    wheels = tmp_path_factory.mktemp("wheels")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["codegen"],
    ]
    for each in _installed(needed):
        _repack(each, wheels)
    own = ("COVERAGE", "GIT_", "PIP_", "PRE_COMMIT", "PYTHON", "SKIP", "VIRTUAL", "XDG_")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(own)},
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "VIRTUALENV_OVERRIDE_APP_DATA": str(home / "virtualenv"),
        "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": wheels.as_uri(),
        "PIP_NO_CACHE_DIR": "1",
        "PIP_NO_COMPILE": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "test@example.org" for who in ("AUTHOR", "COMMITTER")},
    }
    clone = tmp_path_factory.mktemp("origin") / "qartifacts"
    for path in _files():
        copy = clone / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    shop = Workshop(clone, environment)
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "all"]):
        assert shop.run(clone, "git", *command).returncode == 0
    return shop


def _files() -> Iterator[Path]:
    """The files of this repository, with changes that are not committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:  # Unpacked from a source distribution.
        paths = [each for each in ROOT.rglob("*") if ".venv" not in each.parts]
    return (path for path in paths if path.is_file())


def _installed(requirements: list[str]) -> list[Distribution]:
    """The installed distributions that meet requirements, with those that they require."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name in found and not requirement.extras:
            continue
        found[name] = distribution(name)
        for text in found[name].requires or ():
            waiting += [(Requirement(text), each) for each in ("", *requirement.extras)]
    return list(found.values())


def _repack(installed: Distribution, into: Path) -> None:
    """Make a wheel again of a distribution that was installed from one."""
    told = installed.read_text("WHEEL") or ""
    tag = re.findall(r"^Tag: (\S+)", told, re.MULTILINE)[0]
    name = canonicalize_name(installed.name).replace("-", "_")
    wheel = into / f"{name}-{installed.version}-{tag}.whl"
    written_by_pip = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}
    record = []
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in installed.files or ():
            inside = not {"..", "__pycache__"} & set(file.parts)
            if inside and not (file.parent.suffix == ".dist-info" and file.name in written_by_pip):
                archive.write(str(file.locate()), file.as_posix())
                record.append(f"{file.as_posix()},,\n")
                if file.name == "WHEEL":
                    folder = file.parent.as_posix()
        archive.writestr(f"{folder}/RECORD", "".join([*record, f"{folder}/RECORD,,\n"]))


class Project(NamedTuple):
    """A repository that pre-commit watches over."""

    folder: Path
    workshop: Workshop

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")

    def commit(self, *paths: str) -> subprocess.CompletedProcess[str]:
        """Commit everything, or only what is named; the output of the hooks is in ``stderr``."""
        self.workshop.run(self.folder, "git", "add", *(paths or ["--all"]))
        return self.workshop.run(self.folder, "git", "commit", "-m", "a change")

    @property
    def commits(self) -> int:
        done = self.workshop.run(self.folder, "git", "rev-list", "--all", "--count")
        return int(done.stdout)


@pytest.fixture
def project(workshop: Workshop, tmp_path: Path) -> Project:
    """A repository in which the README's stanza was pasted, and its commands were run."""
    (stanza,) = re.findall(r"<!-- pre-commit -->\n```yaml\n(.*?)```", README, re.DOTALL)
    assert "path/to/the/clone" in stanza
    stanza = stanza.replace("path/to/the/clone", workshop.clone.as_posix())
    made = Project(tmp_path, workshop)
    assert workshop.run(tmp_path, "git", "init", "--quiet").returncode == 0
    made.write(".pre-commit-config.yaml", stanza)
    for command in ("autoupdate", "install"):
        done = workshop.pre_commit(tmp_path, command)
        assert done.returncode == 0, done.stdout + done.stderr
    return made


def _with_hook(project: Project, hook: str, *arguments: str) -> None:
    """Let the project use another hook."""
    text = (project.folder / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (kept,) = re.findall(r".*?    hooks:\n", text, re.DOTALL)
    project.write(
        ".pre-commit-config.yaml",
        f"{kept}      - id: {hook}\n        args: {json.dumps(arguments)}\n",
    )


def _copy_registry(project: Project) -> None:
    shutil.copytree(
        ROOT / "schemas" / "qartifacts_schemas",
        project.folder / "schemas",
        ignore=shutil.ignore_patterns("*.py", "__pycache__"),
    )


def test_a_good_result_is_committed_and_a_bad_one_is_not(project: Project) -> None:
    project.write(f"store/good.{P1}.json", GOOD)
    project.write("package.json", "{}")
    done = project.commit()
    assert done.returncode == 0, done.stderr
    assert project.commits == 1
    project.write(f"store/bad.{P1}.json", BAD)
    done = project.commit()
    assert done.returncode == 1
    assert f"store/bad.{P1}.json:1:2: error QA206" in done.stderr
    assert project.commits == 1
    project.write(f"store/bad.{P1}.json", GOOD)
    assert project.commit().returncode == 0
    assert project.commits == 2


def test_a_changed_job_record_is_held_against_its_unchanged_results(project: Project) -> None:
    project.write("jobs/7/job.json", _job_record(a1=P1))
    project.write("jobs/7/a1.json", GOOD)
    project.write("jobs/7/notes.json", '{"text": ""}')
    assert project.commit().returncode == 0
    project.write("jobs/7/job.json", _job_record(a1=H1))
    done = project.commit()
    assert done.returncode == 1
    assert "jobs/7/a1.json:1:7: error QA210" in done.stderr
    assert project.commits == 1


def test_a_registry_may_be_committed_beside_results(project: Project) -> None:
    _copy_registry(project)
    done = project.commit()
    assert done.returncode == 0, done.stderr


def test_a_baseline_lets_an_old_fault_be_committed_and_no_new_one(project: Project) -> None:
    _with_hook(project, "qartifacts-check", "--baseline", "known.json")
    old = {"path": f"store/old.{P1}.json", "code": "QA206", "pointer": "/00", "count": 1}
    project.write("known.json", json.dumps({"version": 1, "findings": [old]}))
    project.write(f"store/old.{P1}.json", '{"00": 0.5, "3": 0.5}')
    done = project.commit()
    assert done.returncode == 0, done.stderr
    project.write(f"store/old.{P1}.json", '{"00": 0.5, "03": 0.5}')
    done = project.commit()
    assert done.returncode == 1
    assert done.stderr.count("error QA206") == 1


def test_a_changed_schema_is_not_committed(project: Project) -> None:
    _with_hook(project, "qartifacts-registry-verify", "--registry", "schemas")
    _copy_registry(project)
    done = project.commit()
    assert done.returncode == 0, done.stderr
    document = project.folder / "schemas" / f"{P1}.json"
    document.write_bytes(document.read_bytes() + b"\n")
    done = project.commit()
    assert done.returncode == 1
    assert re.search(rf"^modified +{re.escape(P1)} ", done.stderr, re.MULTILINE)
    assert project.commits == 1


def test_a_stale_model_is_not_committed(project: Project) -> None:
    arguments = ("--style", "msgspec", "--out", "models", "--registry", "schemas")
    _with_hook(project, "qartifacts-codegen-check", *arguments)
    _copy_registry(project)
    shutil.copytree(
        ROOT / "generated" / "qartifacts_models" / "msgspec",
        project.folder / "models",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    done = project.commit()
    assert done.returncode == 0, done.stderr
    assert project.commits == 1
    model = project.folder / "models" / "ionq_native_v1.py"
    model.write_bytes(model.read_bytes().replace(b"class ", b"class Our", 1))
    done = project.commit()
    assert done.returncode == 1
    assert "models/ionq_native_v1.py" in done.stderr
    assert project.commits == 1


def test_try_repo_runs_the_hook_without_any_configuration(
    workshop: Workshop, tmp_path: Path
) -> None:
    project = Project(tmp_path, workshop)
    assert workshop.run(tmp_path, "git", "init", "--quiet").returncode == 0
    project.write(f"good.{P1}.json", GOOD)
    project.write(f"bad.{P1}.json", BAD)
    assert workshop.run(tmp_path, "git", "add", "--all").returncode == 0
    done = workshop.pre_commit(
        tmp_path, "try-repo", workshop.clone, "qartifacts-check", "--all-files"
    )
    assert done.returncode == 1
    assert f"bad.{P1}.json:1:2: error QA206" in done.stdout
    assert "2 files checked: 1 good, 1 bad" in done.stdout
