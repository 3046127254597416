"""Which draft of JSON Schema a document is written in.

The schemas endpoint states ``https://json-schema.org/draft-07/schema``; the URI that draft 7
registered is ``http://json-schema.org/draft-07/schema#``. Libraries that look it up do not find
the former and fall back to the newest draft, silently. Here a dialect is known by name, or the
document is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qartifacts.errors import UnusableSchema

if TYPE_CHECKING:
    from jsonschema.protocols import Validator
    from referencing import Specification

__all__ = ["Dialect", "check_schema", "dialect_of"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A draft of JSON Schema, by the names that the libraries give it."""

    name: str
    validator_name: str
    specification_name: str

    def validator_class(self) -> type[Validator]:
        """The class of ``jsonschema`` that validates under this dialect."""
        import jsonschema

        validator: type[Validator] = getattr(jsonschema, self.validator_name)
        return validator

    def specification(self) -> Specification[Any]:
        """What ``referencing`` calls this dialect."""
        import referencing.jsonschema

        specification: Specification[Any] = getattr(referencing.jsonschema, self.specification_name)
        return specification


def _table() -> dict[str, Dialect]:
    drafts = (
        ("draft-04/schema", "draft-04", "Draft4Validator", "DRAFT4"),
        ("draft-06/schema", "draft-06", "Draft6Validator", "DRAFT6"),
        ("draft-07/schema", "draft-07", "Draft7Validator", "DRAFT7"),
        ("draft/2019-09/schema", "2019-09", "Draft201909Validator", "DRAFT201909"),
        ("draft/2020-12/schema", "2020-12", "Draft202012Validator", "DRAFT202012"),
    )
    return {
        f"{scheme}://json-schema.org/{path}{fragment}": Dialect(*names)
        for path, *names in drafts
        for scheme in ("http", "https")
        for fragment in ("", "#")
    }


_DIALECTS = _table()


def dialect_of(document: dict[str, Any], name: str) -> Dialect:
    """The dialect that a schema document states.

    Raises:
        UnusableSchema: It states no dialect, or one that is not known here.
    """
    uri = document.get("$schema")
    dialect = _DIALECTS.get(uri) if isinstance(uri, str) else None
    if dialect is None:
        stated = "no dialect" if uri is None else f"the dialect {str(uri)[:120]!r}"
        known = ", ".join(dict.fromkeys(each.name for each in _DIALECTS.values()))
        raise UnusableSchema(
            f"the schema of {name} states {stated} in $schema; it is never read as another one, "
            f"and known are {known}"
        )
    return dialect


def check_schema(document: Any, name: str) -> dict[str, Any]:
    """A document that is a JSON Schema of a known draft.

    Raises:
        UnusableSchema: It is no JSON object, states no known dialect, or is no schema of it.
    """
    import jsonschema

    if not isinstance(document, dict):
        raise UnusableSchema(f"{name} is not a JSON object")
    try:
        dialect_of(document, name).validator_class().check_schema(document)
    except jsonschema.SchemaError as error:
        where = "/".join(map(str, error.absolute_path))
        raise UnusableSchema(f"{name} is no JSON Schema: /{where[:120]} is wrong") from error
    except RecursionError as error:
        raise UnusableSchema(f"{name} is nested too deep") from error
    return document
