"""A project's configuration: ``qartifacts.toml``, or ``[tool.qartifacts]`` in pyproject.toml.

Without one, nothing of this is imported but ``project``.
"""

from qartifacts.project.project import OWN_FILE, SHARED_FILE, Project, find_project

__all__ = ["OWN_FILE", "SHARED_FILE", "Project", "find_project"]
