"""What a project says of itself: ``[tool.qartifacts]`` in its pyproject.toml."""

from __future__ import annotations

import os

from qartifacts.errors import InvalidSettings

__all__ = ["configured_registry"]

_FILE = "pyproject.toml"
#: What may be configured.
_KNOWN = {"registry"}


def configured_registry(start: str | None = None) -> str | None:
    """The directory that a project names as its registry of schemas, if it does.

    The nearest pyproject.toml with a table ``[tool.qartifacts]`` decides, from ``start`` upwards,
    which by default is the current directory. Its ``registry`` is relative to that file.

    Raises:
        InvalidSettings: The file cannot be read, or says something that is not understood.
    """
    folder = os.path.abspath(start or os.curdir)
    while True:
        path = os.path.join(folder, _FILE)
        if os.path.isfile(path) and (table := _table(path)) is not None:
            registry = table.get("registry")
            return None if registry is None else os.path.join(folder, registry)
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _table(path: str) -> dict[str, str] | None:
    import tomllib

    try:
        with open(path, "rb") as file:
            table = tomllib.load(file).get("tool", {}).get("qartifacts")
    except (OSError, ValueError, AttributeError) as error:
        raise InvalidSettings(f"{path} cannot be used: {error}") from error
    if table is None:
        return None
    if not isinstance(table, dict):
        raise InvalidSettings(f"{path}: [tool.qartifacts] is not a table")
    for name in table:
        if name not in _KNOWN:
            raise InvalidSettings(
                f"{path}: [tool.qartifacts] has no setting {name[:60]!r}; it may have "
                f"{', '.join(sorted(_KNOWN))}"
            )
    if not isinstance(table.get("registry", ""), str):
        raise InvalidSettings(f"{path}: registry in [tool.qartifacts] is the path of a directory")
    return table
