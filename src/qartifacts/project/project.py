"""What is in force for a file: the command line, the configuration, and the defaults."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, final

from qartifacts.config import Settings

if TYPE_CHECKING:
    from qartifacts.project.globs import Glob
    from qartifacts.project.places import Place

__all__ = ["OWN_FILE", "SETTINGS", "SHARED_FILE", "Project", "Table", "find_project"]

#: The file that is a configuration, and the one that may hold one besides other things.
OWN_FILE: Final = "qartifacts.toml"
SHARED_FILE: Final = "pyproject.toml"

#: What a repository is known by; a configuration is not looked for above it.
_REPOSITORIES: Final = (".git", ".hg")

#: Keys that are settings of a check, and their names there.
SETTINGS: Final[Mapping[str, str]] = {
    "ignore": "ignore",
    "raise": "raised",
    "sum-fine": "sum_fine",
    "sum-limit": "sum_limit",
    "max-findings": "max_findings",
    "max-bytes": "max_bytes",
    "max-depth": "max_depth",
    "max-values": "max_values",
    "max-members": "max_members",
    "max-unpacked": "max_unpacked",
}

#: Directories whose place is remembered; there may be many more than memory is for.
_REMEMBERED: Final = 4096

_NOTHING: Final[Mapping[str, Any]] = {}


class Table(NamedTuple):
    """Keys that are given together: on the command line, at the top of a file, in an override.

    Attributes:
        values: By key. Codes are sets, globs are ``Glob``, formats are pairs of glob and format.
        files: The files that it is about; None if about all.
        place: Where it stands in the configuration, whose top is ``()``.
    """

    values: Mapping[str, Any] = _NOTHING
    files: tuple[Glob, ...] | None = None
    place: Place = ()


@final
class Project:
    """What a project has configured; without a configuration, the defaults.

    Of the tables that hold for a file, each key is taken from the last one that has it: first the
    top of the configuration, then the overrides in their order, then the command line. A code that
    a later table ignores is not raised by an earlier one, nor the other way round.

    Paths are those under which files are opened. They are resolved, but for a link to a file, which
    goes by its own name. Of files outside of the configuration's directory, of standard input and
    of URLs no glob is true.

    Attributes:
        file: The configuration's absolute path; None if there is none.
        top: What holds for all files.
        overrides: What holds for some.
        given: What the command line says.
    """

    __slots__ = ("_folders", "_last", "_settings", "file", "given", "overrides", "top")

    def __init__(
        self,
        file: str | None = None,
        top: Table | None = None,
        overrides: tuple[Table, ...] = (),
        given: Mapping[str, Any] = _NOTHING,
    ) -> None:
        self.file: Final = file
        self.top: Final = top or Table()
        self.overrides: Final = overrides
        self.given: Final = given
        self._folders: dict[str, str | None] = {}
        self._settings: dict[tuple[int, ...], Settings] = {}
        self._last: tuple[str | None, tuple[int, ...]] = (None, ())

    def __reduce__(self) -> tuple[Any, ...]:
        return Project, (self.file, self.top, self.overrides, dict(self.given))

    def with_given(self, given: Mapping[str, Any]) -> Project:
        """The same with what the command line says, by key, in the place of what it said.

        Raises:
            ValueError: The command line makes settings that cannot be, such as tolerances in the
                wrong order.
        """
        project = Project(self.file, self.top, self.overrides, given)
        project._settings_of(())
        for index in range(len(self.overrides)):
            try:
                project._settings_of((index,))
            except ValueError as error:
                raise ValueError(f"with overrides[{index}] of {self.file}: {error}") from error
        return project

    @property
    def registry(self) -> str | None:
        """The directory of pinned schemas; None for those that come with the package."""
        if "registry" in self.given:
            return str(self.given["registry"])
        registry: str | None = self.top.values.get("registry")
        return None if registry is None else os.path.join(self._root, registry)

    @property
    def strict(self) -> bool:
        """Whether warnings fail."""
        return bool(self.given.get("strict", self.top.values.get("strict", False)))

    @property
    def are_alike(self) -> bool:
        """Whether settings and format are the same for all files."""
        return not self.overrides and ("format" in self.given or "formats" not in self.top.values)

    def settings_for(self, path: str | None) -> Settings:
        """Limits, tolerances, and ignored and raised codes for a file; None is no file.

        Raises:
            InvalidConfiguration: Two overrides, of which each alone can be, contradict each other.
        """
        try:
            return self._settings_of(self._matching(path))
        except ValueError as error:
            from qartifacts.project.reading import misconfigured

            place = self.overrides[self._matching(path)[-1]].place
            what = f"with those before it: {error}"
            raise misconfigured(str(self.file), place, what) from error

    def format_for(self, path: str | None) -> str | None:
        """The format of a file by the command line or the configuration; None if neither says."""
        said = self.said_format(path)
        return None if said is None else said[0]

    def said_format(self, path: str | None) -> tuple[str, Place | None] | None:
        """``format_for``, and where the configuration says it; None there is the command line."""
        if "format" in self.given:
            return self.given["format"], None
        for index in reversed(self._matching(path)):
            override = self.overrides[index]
            if "format" in override.values:
                return override.values["format"], (*override.place, "format")
        formats: tuple[tuple[Glob, str], ...] = self.top.values.get("formats", ())
        inside = self._inside(path) if formats else None
        if inside is None:
            return None
        for glob, format in reversed(formats):
            if glob.matches(inside):
                return format, ("formats", glob.text)
        return None

    def is_excluded(self, path: str) -> bool:
        """Whether a file is left out where directories are walked.

        Of a directory, whose path ends in a separator: whether everything in it is.
        """
        return self.excluded_by(path) is not None

    def excluded_by(self, path: str) -> Glob | None:
        """The first glob of ``exclude`` that is true of a file or directory."""
        globs: tuple[Glob, ...] = self.top.values.get("exclude", ())
        inside = self._inside(path) if globs else None
        if inside is None:
            return None
        return next((glob for glob in globs if glob.matches(inside)), None)

    def check_formats(self, known: Iterable[str]) -> None:
        """Hold the formats that the configuration names against those of a registry.

        Raises:
            InvalidConfiguration: One is not among them.
        """
        named: list[tuple[Place, str]] = [
            (("formats", glob.text), format) for glob, format in self.top.values.get("formats", ())
        ]
        named += [
            ((*each.place, "format"), each.values["format"])
            for each in self.overrides
            if "format" in each.values
        ]
        known = frozenset(known) if named else frozenset()
        for place, format in named:
            if format not in known:
                from qartifacts.project.reading import unknown_format

                raise unknown_format(str(self.file), place, format, known)

    def tables_for(self, path: str | None) -> tuple[Table, ...]:
        """The tables that hold for a file, the command line last."""
        some = tuple(self.overrides[index] for index in self._matching(path))
        return (self.top, *some, Table(self.given))

    @property
    def _root(self) -> str:
        return os.path.dirname(self.file or "")

    def _settings_of(self, matching: tuple[int, ...]) -> Settings:
        settings = self._settings.get(matching)
        if settings is None:
            tables = [self.top, *(self.overrides[index] for index in matching), Table(self.given)]
            settings = self._settings[matching] = settings_of(tables)
        return settings

    def _matching(self, path: str | None) -> tuple[int, ...]:
        """Which overrides hold for a file."""
        if path is None or not self.overrides:
            return ()
        known, matching = self._last
        if known != path:  # Settings and format of a file are asked for one after the other.
            matching = tuple(self._find_matching(path))
            self._last = path, matching
        return matching

    def _find_matching(self, path: str) -> Iterator[int]:
        inside = self._inside(path)
        if inside is not None:
            for index, override in enumerate(self.overrides):
                if any(glob.matches(inside) for glob in override.files or ()):
                    yield index

    def _inside(self, path: str | None) -> str | None:
        """A path as globs see it; None if it does not lie in the configuration's directory."""
        if path is None or path == "-" or "://" in path or self.file is None:
            return None
        folder, name = os.path.split(path)
        end = ""
        if not name:  # It ends in a separator.
            folder, name = os.path.split(folder)
            end = "/"
        if name in ("", os.curdir, os.pardir):
            folder, name, end = path, "", ""
        try:
            inside = self._folders[folder]
        except KeyError:
            if len(self._folders) >= _REMEMBERED:
                self._folders.clear()
            inside = self._folders[folder] = _below(self._root, folder)
        return None if inside is None else inside + name + end


def settings_of(tables: Iterable[Table]) -> Settings:
    """Settings of which each is taken from the last table that has it.

    Raises:
        ValueError: They cannot be.
    """
    values: dict[str, Any] = {}
    for table in tables:
        for key, other in (("ignore", "raise"), ("raise", "ignore")):
            if key in table.values and other in values:
                values[other] -= table.values[key]
        values |= {key: value for key, value in table.values.items() if key in SETTINGS}
    return Settings(**{SETTINGS[key]: value for key, value in values.items()})


def _below(root: str, folder: str) -> str | None:
    """The path from one directory to another one within it, parted by and ending in ``/``."""
    try:
        resolved = os.path.realpath(folder or os.curdir)
    except ValueError:  # No path has a NUL in it; opening it will say so.
        return None
    if resolved == root:
        return ""
    start = os.path.join(root, "")
    if not resolved.startswith(start):
        return None
    return resolved[len(start) :].replace(os.sep, "/") + "/"


def find_project(start: str = os.curdir) -> Project:
    """The project that a directory belongs to, by the nearest configuration.

    It is looked for in the directory and those above it, up to the root of a repository: a file
    qartifacts.toml, or else a table ``[tool.qartifacts]`` in pyproject.toml.

    Raises:
        InvalidConfiguration: It cannot be read, or says something that is not understood.
    """
    try:
        folder = os.path.realpath(start)
    except OSError:  # The current directory is gone.
        return Project()
    while True:
        for name in (OWN_FILE, SHARED_FILE):
            file = os.path.join(folder, name)
            if name == OWN_FILE and os.path.lexists(file) and not os.path.isfile(file):
                from qartifacts.errors import InvalidConfiguration

                what = "it is not a file, or it is a link that leads nowhere"
                raise InvalidConfiguration(what, file)
            if os.path.isfile(file) and (name == OWN_FILE or _is_mentioned_in(file)):
                from qartifacts.project.reading import read_project

                project = read_project(file)
                if project is not None:
                    return project
        parent = os.path.dirname(folder)
        marks = (os.path.join(folder, mark) for mark in _REPOSITORIES)
        if parent == folder or any(map(os.path.lexists, marks)):
            return Project()
        folder = parent


def _is_mentioned_in(file: str) -> bool:
    """Whether a TOML file may have a table of this name.

    Most projects say nothing here, and their file need not be parsed for it. Only a backslash can
    hide a name.
    """
    try:
        with open(file, "rb") as opened:
            data = opened.read()
    except OSError:
        return True  # Reading it again says why.
    return b"qartifacts" in data or b"\\" in data
