"""Pinned schemas: which there are, where they come from, and that they are what they were."""

from qartifacts.registry.pins import Pin, Registry

__all__ = ["Pin", "Registry"]
