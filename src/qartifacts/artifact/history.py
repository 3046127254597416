"""What was done to an artifact, as data."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from qartifacts.identifiers import FormatId

if TYPE_CHECKING:
    from qartifacts.conversion import Change, Parameters

__all__ = ["Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done to an artifact.

    Attributes:
        operation: Its name: ``convert``, ``marginal``, ``join``, ...
        source: The format before.
        target: The format after.
        parameters: What it was told.
        changes: What it lost or invented.
    """

    operation: str
    source: FormatId | None
    target: FormatId
    parameters: dict[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()

    @classmethod
    def of(
        cls,
        operation: str,
        source: FormatId,
        target: FormatId,
        parameters: Parameters,
        changes: tuple[Change, ...],
    ) -> Step:
        """A step with those parameters that were given, or matter without being given."""
        given = {each.name: getattr(parameters, each.name) for each in fields(parameters)}
        return cls(
            operation,
            source,
            target,
            {name: value for name, value in given.items() if value is not None},
            changes,
        )

    def to_dict(self) -> dict[str, Any]:
        """The step as JSON values."""
        return {
            "operation": self.operation,
            "from": None if self.source is None else str(self.source),
            "to": str(self.target),
            "parameters": self.parameters,
            "changes": [
                {
                    "effect": str(change.effect),
                    "kind": str(change.kind),
                    "message": change.message,
                    "number": change.number,
                }
                for change in self.changes
            ],
        }
