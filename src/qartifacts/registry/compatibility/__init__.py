"""Two versions of a schema: what has changed, and who breaks."""

from qartifacts.registry.compatibility.changes import SchemaChange, compare
from qartifacts.registry.compatibility.rules import DIFF_RULES, Audience, DiffRule, Effect

__all__ = ["DIFF_RULES", "Audience", "DiffRule", "Effect", "SchemaChange", "compare"]
