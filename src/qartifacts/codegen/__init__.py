"""Typed models generated from pinned schemas, for this project and in other people's builds."""

from qartifacts.codegen.generate import GENERATOR, generated_files
from qartifacts.codegen.naming import module_name, root_name
from qartifacts.codegen.reference import reference_files
from qartifacts.codegen.styles import STYLES, Style

__all__ = [
    "GENERATOR",
    "STYLES",
    "Style",
    "generated_files",
    "module_name",
    "reference_files",
    "root_name",
]
