"""A build hook for hatchling: typed models generated while a project is built.

In the project's pyproject.toml::

    [build-system]
    requires = ["hatchling", "qartifacts[codegen]"]
    build-backend = "hatchling.build"

    [tool.hatch.build.hooks.qartifacts]
    style = "msgspec"                  # as for qartifacts codegen
    out = "src/my_project/models"      # the package to write
    registry = "schemas"               # the bundled one by default
    check = false                      # true: fail if the files are not up to date, write nothing
"""

from __future__ import annotations

import os
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin import hookimpl

from qartifacts.codegen import STYLES, generated_files
from qartifacts.codegen.writing import compare_files, write_files
from qartifacts.errors import InvalidSettings, QartifactsError
from qartifacts.registry import Registry

__all__ = ["ModelsHook", "hatch_register_build_hook"]

_SETTINGS = {"style": str, "out": str, "registry": str, "check": bool, "formats": list}
#: What every hook of hatchling may have.
_OF_HATCHLING = {"dependencies", "require-runtime-dependencies", "require-runtime-features",
                 "enable-by-default"}  # fmt: skip


class ModelsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Generates models before a wheel or a source distribution is built."""

    PLUGIN_NAME = "qartifacts"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the models, and have them packed even where git ignores them.

        Raises:
            InvalidSettings: A setting is missing, unknown or of the wrong type.
            QartifactsError: The models cannot be generated, or with ``check`` are not up to date.
        """
        settings = self._settings()
        folder = os.path.join(self.root, settings["out"])
        named = settings.get("registry")
        registry = (
            Registry.bundled() if named is None else Registry.open(os.path.join(self.root, named))
        )
        files = generated_files(registry, settings["style"], settings.get("formats"))
        comparison = compare_files(folder, files)
        if settings.get("check", False):
            if not comparison.up_to_date:
                raise QartifactsError(
                    f"the models in {settings['out']} are not up to date; run qartifacts codegen"
                )
        else:
            write_files(comparison)
        # Hatchling leaves out what git ignores, silently, unless it is named here.
        build_data.setdefault("artifacts", []).extend(
            f"/{settings['out'].strip('/')}/{name}" for name in files
        )

    def _settings(self) -> dict[str, Any]:
        where = "[tool.hatch.build.hooks.qartifacts]"
        given = {k: v for k, v in self.config.items() if k not in _OF_HATCHLING}
        for name, value in given.items():
            if name not in _SETTINGS:
                raise InvalidSettings(
                    f"{where} has no setting {name!r}; it has {sorted(_SETTINGS)}"
                )
            if not isinstance(value, _SETTINGS[name]):
                raise InvalidSettings(f"{where}: {name} is a {_SETTINGS[name].__name__}")
        if given.get("style") not in STYLES:
            raise InvalidSettings(f"{where}: style is one of {', '.join(STYLES)}")
        if "out" not in given:
            raise InvalidSettings(f"{where}: out names the package to write")
        return given


@hookimpl
def hatch_register_build_hook() -> type[ModelsHook]:
    """Tell hatchling about the hook."""
    return ModelsHook
