"""The keys of a configuration: what each may hold, said once for the reader, editors and pages."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from qartifacts.codes import CODES
from qartifacts.config import DEEPEST, DEFAULTS
from qartifacts.jsontext import quoted
from qartifacts.project.globs import Glob
from qartifacts.project.places import Place

__all__ = ["KEYS", "OVERRIDE_KEYS", "Key", "Unfit", "closest", "why_unknown"]


class Unfit(ValueError):
    """A value that a key cannot hold.

    Attributes:
        what: What is wrong with it.
        at: Where within the value.
        suggestion: What is perhaps meant.
    """

    def __init__(self, what: str, at: Place = (), suggestion: str | None = None) -> None:
        super().__init__(what, at, suggestion)
        self.what = what
        self.at = at
        self.suggestion = suggestion


class _Kind(NamedTuple):
    """What a key may hold: in words, as a JSON Schema, and how it is read.

    ``read`` raises ``Unfit``.
    """

    words: str
    schema: Mapping[str, Any]
    read: Callable[[Any], Any]


class Key(NamedTuple):
    """One key.

    Attributes:
        name: How it is written.
        kind: What it may hold.
        says: What it is for, in a sentence.
        default: What holds without it, as in the file; None where there is nothing to write.
    """

    name: str
    kind: _Kind
    says: str
    default: Any = None


def closest(name: str, known: Iterable[str]) -> str | None:
    """What is perhaps meant by a name that is not known."""
    import difflib

    names = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name[:120].lower().replace("_", "-"), names, n=1)
    return names[found[0]] if found else None


def _unlike(words: str, value: Any) -> Unfit:
    return Unfit(f"it takes {words}, not {_shown(value)}")


def _shown(value: Any) -> str:
    match value:
        case str():
            return quoted(value)
        case bool():
            return str(value).lower()
        case int() if abs(value) > sys.maxsize:
            return "so large a number"
        case int() | float():
            return repr(value)
        case dict():
            return "a table"
        case list():
            return "an array"
    return "a date or a time"


# --------------------------------------------------------------------------------------------------
# Kinds


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _unlike(_FLAG.words, value)
    return value


def _directory(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _unlike(_DIRECTORY.words, value)
    if "://" in value:
        raise Unfit("it takes a directory: schemas are fetched by 'qartifacts sync' alone")
    if value[:2].replace("\\", "/") == "//":
        # Opening one would send a password's hash to whoever wrote the configuration.
        raise Unfit("it takes a directory of this machine, not one of another host")
    return value


def _tolerance(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= sys.float_info.max:
        raise _unlike(_TOLERANCE.words, value)
    return float(value)


def _whole(most: int) -> _Kind:
    words = f"a whole number from 1 to {most}" if most < sys.maxsize else "a whole number from 1"

    def read(value: Any) -> int:
        if type(value) is not int or not 1 <= value <= most:
            raise _unlike(words, value)
        return value

    schema = {"type": "integer", "minimum": 1}
    return _Kind(words, schema | ({"maximum": most} if most < sys.maxsize else {}), read)


def _texts(value: Any, words: str) -> list[str]:
    if not isinstance(value, list):
        raise _unlike(words, value)
    for at, each in enumerate(value):
        if not isinstance(each, str):
            raise Unfit(f"it takes {words}, not {_shown(each)} in one", (at,))
    return value


def _glob(text: str, at: Place) -> Glob:
    try:
        return Glob.of(text)
    except ValueError as error:
        raise Unfit(f"{quoted(text)}: {error}", at) from error


def _globs(value: Any) -> tuple[Glob, ...]:
    return tuple(_glob(each, (at,)) for at, each in enumerate(_texts(value, _GLOBS.words)))


def _some_globs(value: Any) -> tuple[Glob, ...]:
    if value == []:
        raise Unfit('there is no glob: "**" is about all files')
    return _globs(value)


def _codes(value: Any) -> frozenset[str]:
    for at, code in enumerate(_texts(value, _CODES.words)):
        if code not in CODES:
            raise Unfit(f"there is no code {quoted(code)}", (at,), closest(code, CODES))
    return frozenset(value)


def _ignorable_codes(value: Any) -> frozenset[str]:
    codes = _codes(value)
    for at, code in enumerate(value):
        if not CODES[code].ignorable:
            raise Unfit(
                f"{code} ({CODES[code].title}) cannot be ignored: what passed without it could "
                "not be read with any certainty",
                (at,),
            )
    return codes


def _format(value: Any) -> str:
    if not isinstance(value, str):
        raise _unlike(_FORMAT.words, value)
    return value


def _formats(value: Any) -> tuple[tuple[Glob, str], ...]:
    if not isinstance(value, dict):
        raise _unlike(_FORMATS.words, value)
    read = []
    for text, format in value.items():
        if not isinstance(format, str):
            raise Unfit(f"it takes {_FORMAT.words}, not {_shown(format)}", (text,))
        read.append((_glob(text, (text,)), format))
    return tuple(read)


def _tables(value: Any) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise _unlike(_OVERRIDES.words, value)
    return value


_A_GLOB: Final = {"type": "string", "minLength": 1, "pattern": r"^[^!\\]"}
_A_FORMAT: Final = {
    "type": "string",
    "maxLength": 120,
    "pattern": r"^[a-z0-9]+([.-][a-z0-9]+)*\.v[0-9]+(\.[0-9]+)*$",
}


def _array(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _listed(codes: Iterable[str]) -> dict[str, Any]:
    return _array({"type": "string", "enum": sorted(codes)})


_FLAG: Final = _Kind("true or false", {"type": "boolean"}, _flag)
_DIRECTORY: Final = _Kind(
    "the path of a directory",
    {"type": "string", "minLength": 1, "not": {"pattern": "://"}},
    _directory,
)
_TOLERANCE: Final = _Kind("a number from 0", {"type": "number", "minimum": 0}, _tolerance)
_GLOBS: Final = _Kind("an array of globs", _array(_A_GLOB), _globs)
_SOME_GLOBS: Final = _Kind(_GLOBS.words, _array(_A_GLOB) | {"minItems": 1}, _some_globs)
_CODES: Final = _Kind("an array of codes", _listed(CODES), _codes)
_IGNORABLE: Final = _Kind(
    _CODES.words, _listed(code for code in CODES if CODES[code].ignorable), _ignorable_codes
)
_FORMAT: Final = _Kind("a format identifier", _A_FORMAT, _format)
_FORMATS: Final = _Kind(
    "a table of globs and format identifiers",
    {"type": "object", "propertyNames": _A_GLOB, "additionalProperties": _A_FORMAT},
    _formats,
)
_OVERRIDES: Final = _Kind("an array of tables", {}, _tables)


# --------------------------------------------------------------------------------------------------
# Keys

_SUM_FINE: Final = Key(
    "sum-fine",
    _TOLERANCE,
    "Sums of probabilities may be off by this without a word.",
    DEFAULTS.sum_fine,
)
_SUM_LIMIT: Final = Key(
    "sum-limit",
    _TOLERANCE,
    "Sums of probabilities that are off by more are errors, by less warnings.",
    DEFAULTS.sum_limit,
)
_IGNORE: Final = Key("ignore", _IGNORABLE, "Codes of rules that are not reported.", [])
_RAISE: Final = Key("raise", _CODES, "Codes whose warnings and notes are errors.", [])


def _by_name(*keys: Key) -> Mapping[str, Key]:
    return {key.name: key for key in keys}


#: What a table of ``overrides`` may hold.
OVERRIDE_KEYS: Final = _by_name(
    Key("files", _SOME_GLOBS, "The files that the table is about; it must be there."),
    Key("format", _FORMAT, "The format of these files."),
    _IGNORE,
    _RAISE,
    _SUM_FINE,
    _SUM_LIMIT,
)

#: What stands at the top.
KEYS: Final = _by_name(
    Key("registry", _DIRECTORY, "Directory of pinned schemas, from the directory of this file."),
    Key("strict", _FLAG, "Whether warnings fail, too.", default=False),
    Key("exclude", _GLOBS, "Files that are left out where directories are checked.", []),
    Key(
        "formats", _FORMATS, "The formats of files, by globs; the last one that matches holds.", {}
    ),
    _IGNORE,
    _RAISE,
    _SUM_FINE,
    _SUM_LIMIT,
    Key(
        "max-findings",
        _whole(sys.maxsize),
        "Findings to show for one file; the others are counted.",
        DEFAULTS.max_findings,
    ),
    Key("max-bytes", _whole(sys.maxsize), "Largest file in bytes, unpacked.", DEFAULTS.max_bytes),
    Key("max-depth", _whole(DEEPEST), "Deepest nesting of arrays and objects.", DEFAULTS.max_depth),
    Key("max-values", _whole(sys.maxsize), "Most JSON values in one file.", DEFAULTS.max_values),
    Key("max-members", _whole(sys.maxsize), "Most members of one archive.", DEFAULTS.max_members),
    Key(
        "max-unpacked",
        _whole(sys.maxsize),
        "Most bytes that one archive unpacks to.",
        DEFAULTS.max_unpacked,
    ),
    Key("overrides", _OVERRIDES, "What holds for some files instead; the last that matches.", []),
)

#: Words in names of what no configuration may say.
_OF_KEYS: Final = frozenset(
    {"apikey", "auth", "authorization", "credential", "credentials", "header", "headers", "key",
     "keys", "password", "secret", "token"}
)  # fmt: skip
_OF_SERVICES: Final = frozenset(
    {"baseurl", "endpoint", "host", "proxy", "server", "service", "uri", "url", "urls"}
)


def why_unknown(name: str, known: Mapping[str, Key]) -> Unfit:
    """What to say of a key that is not known."""
    words = set(name.lower().replace("_", "-").split("-"))
    if words & _OF_KEYS:
        return Unfit(
            "no configuration holds a key, or says where one is sent: it comes along with files of "
            "others. The key for the service is read from the environment variable IONQ_API_KEY"
        )
    if words & _OF_SERVICES:
        return Unfit(
            "no configuration names a service: it comes along with files of others, and your key "
            "would go where they want. Name one on the command line, with --base-url"
        )
    if name == "tool":
        return Unfit("in a file of its own, keys stand at the top, without [tool.qartifacts]")
    if name in KEYS and known is OVERRIDE_KEYS:
        return Unfit("it is for all files, and cannot stand in overrides")
    if name in OVERRIDE_KEYS and known is KEYS:
        return Unfit("it is for some files, and stands in overrides")
    return Unfit("there is no such key", suggestion=closest(name, known))
