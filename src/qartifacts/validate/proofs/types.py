"""From schemas to types, which prove long texts while ``msgspec`` decodes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, Union

from qartifacts.registry.dialects import Dialect
from qartifacts.validate.proofs.scope import Bounded, Schema, Scope, is_number, names_of

__all__ = ["typed_decoder"]


def typed_decoder(document: Schema, dialect: Dialect) -> Callable[[bytes], bool] | None:
    """A function that says of JSON text whether it surely holds a value that a schema accepts.

    The text must be one that ``jsontext.read`` accepts: duplicate names are not seen here.

    Returns:
        The function; or None if what the schema asks cannot be told by types, bounds, sizes and
        lists of strings.
    """
    import msgspec

    try:
        type_of_document = _TypeWriter(Scope(document, dialect)).type_of(document)
        decode = msgspec.json.Decoder(type_of_document).decode
    except (_Inexpressible, TypeError, ValueError, OverflowError):
        return None  # Some types, and some bounds, are more than the library takes.

    def surely(data: bytes) -> bool:
        try:
            decode(data)
        except (msgspec.DecodeError, RecursionError):
            return False
        return True

    return surely


class _Inexpressible(Exception):
    """A schema asks for what no type says."""


_META_BOUNDS: Final = {
    "minimum": "ge",
    "exclusiveMinimum": "gt",
    "maximum": "le",
    "exclusiveMaximum": "lt",
}
_LENGTHS: Final = (
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
)
#: Below it, whole numbers and doubles are the same. From there on the bounds of ``number`` and the
#: numbers that are held against them would be rounded first.
_EXACT: Final = 2**53
_TYPED: Final = frozenset(
    {
        "type",
        "enum",
        "items",
        "properties",
        "required",
        "additionalProperties",
        *_META_BOUNDS,
        *_LENGTHS,
    }
)
# The type checker is not to read types that are made at run time.
_annotated: Any = Annotated
_dict_type: Any = dict
_list_type: Any = list
_literal: Any = Literal
_union: Any = Union


class _TypeWriter(Bounded):
    """Writes types that ``msgspec`` decodes only from values that a schema accepts.

    Each may be narrower than its schema: 1.0 is no ``int``, and where a schema names no type but
    asks for something, there is none.
    """

    def type_of(self, schema: Schema, depth: int = 0) -> Any:
        """The type of a schema.

        Raises:
            _Inexpressible: There is none.
            TypeError, ValueError, OverflowError: The library takes no such bound.
        """
        import msgspec

        if schema is True:
            return msgspec.Raw
        if not isinstance(schema, dict) or self.exhausted(depth):
            raise _Inexpressible
        asked = {keyword: schema[keyword] for keyword in self.scope.asked(schema)}
        if not asked:
            return msgspec.Raw
        if asked.keys() == {"$ref"}:
            return self.type_of(self.scope.resolve(asked["$ref"]), depth + 1)
        if not asked.keys() <= _TYPED:
            raise _Inexpressible
        stated = asked.get("type", "string" if "enum" in asked else None)
        names = set(names_of([stated] if isinstance(stated, str) else stated) or ())
        if "enum" in asked:
            return _strings(asked, names)
        if "number" in names:
            names.discard("integer")
        if not names:
            raise _Inexpressible
        return _union[tuple(self._named(name, asked, depth + 1) for name in sorted(names))]

    def _named(self, name: str, asked: Mapping[str, Any], depth: int) -> Any:
        match name:
            case "null":
                return None
            case "boolean":
                return bool
            case "integer":
                return self._bounded(int, asked)
            case "number":
                return self._bounded(float, asked)
            case "string":
                return _sized(str, asked, "Length")
            case "array":
                of_items = self.type_of(asked.get("items", True), depth)
                return _sized(_list_type[of_items], asked, "Items")
            case "object":
                return self._object(asked, depth)
        raise _Inexpressible

    def _bounded(self, number: Any, asked: Mapping[str, Any]) -> Any:
        import msgspec

        bounds = {
            name: asked[keyword] for keyword, name in _META_BOUNDS.items() if keyword in asked
        }
        if not all(is_number(bound) and abs(bound) < _EXACT for bound in bounds.values()):
            raise _Inexpressible  # Booleans of draft 4 among them.
        return _annotated[number, msgspec.Meta(**bounds)] if bounds else number

    def _object(self, asked: Mapping[str, Any], depth: int) -> Any:
        additional = asked.get("additionalProperties", True)
        properties, required = asked.get("properties", {}), names_of(asked.get("required", []))
        if not isinstance(properties, dict) or required is None:
            raise _Inexpressible
        if not properties and not required and additional is not False:
            of_members = self.type_of(additional, depth)
            return _sized(_dict_type[str, of_members], asked, "Properties")
        if not isinstance(additional, bool) or asked.keys() & {"minProperties", "maxProperties"}:
            raise _Inexpressible
        # A name that is required and not declared falls under what is additional.
        members = {**dict.fromkeys(required, additional), **properties}
        return self._struct(members, required, additional, depth)

    def _struct(
        self, members: Mapping[str, Schema], required: list[str], additional: bool, depth: int
    ) -> Any:
        import msgspec

        fields = []
        for at, (name, schema) in enumerate(members.items()):
            default = msgspec.NODEFAULT if name in required else None
            field = msgspec.field(default=default, name=name)
            fields.append((f"member_{at}", self.type_of(schema, depth), field))
        return msgspec.defstruct(
            "Object", fields, kw_only=True, gc=False, forbid_unknown_fields=not additional
        )


def _strings(asked: Mapping[str, Any], names: set[str]) -> Any:
    values = names_of(asked["enum"])
    if values is None or "string" not in names or asked.keys() - {"type", "enum"}:
        raise _Inexpressible
    return _literal[tuple(values)]


def _sized(container: Any, asked: Mapping[str, Any], of: str) -> Any:
    import msgspec

    bounds = {
        bound: asked[keyword]
        for keyword, bound in ((f"min{of}", "min_length"), (f"max{of}", "max_length"))
        if keyword in asked
    }
    return _annotated[container, msgspec.Meta(**bounds)] if bounds else container
