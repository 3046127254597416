"""Pinned schemas: which there are, where they come from, and that they are what they were."""

from qartifacts.registry.dialects import Dialect, dialect_of
from qartifacts.registry.lockfile import LOCKFILE
from qartifacts.registry.pins import Pin, Registry

__all__ = ["LOCKFILE", "Dialect", "Pin", "Registry", "dialect_of"]
