"""Every violation of a pinned schema, as the reference implementation sees it.

``jsonschema`` says whether, where and why; this module gives its errors codes and short messages.
Its own messages quote whole values, which may be whole files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from qartifacts.errors import RegistryError, UnusableSchema
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import Path, pointer, quoted
from qartifacts.jsontext.fault import printable
from qartifacts.registry import Dialect, Pin, Registry, dialect_of
from qartifacts.validate.violation import Violation

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

__all__ = ["schema_validator", "schema_violations"]

_CODES: Final[Mapping[str, str]] = {
    "type": "QA101",
    "required": "QA102",
    "additionalProperties": "QA103",
    "unevaluatedProperties": "QA103",
    "enum": "QA104",
    "const": "QA104",
    "minimum": "QA105",
    "maximum": "QA105",
    "exclusiveMinimum": "QA105",
    "exclusiveMaximum": "QA105",
    "multipleOf": "QA105",
    "pattern": "QA106",
    "propertyNames": "QA106",
    "minLength": "QA107",
    "maxLength": "QA107",
    "minItems": "QA107",
    "maxItems": "QA107",
    "uniqueItems": "QA107",
    "minProperties": "QA107",
    "maxProperties": "QA107",
    "contains": "QA107",
    "minContains": "QA107",
    "maxContains": "QA107",
    "additionalItems": "QA107",
    "unevaluatedItems": "QA107",
    "anyOf": "QA108",
    "oneOf": "QA108",
    "not": "QA108",
    "if": "QA108",
    "dependencies": "QA109",
    "dependentRequired": "QA109",
}
_OTHER_KEYWORD: Final = "QA199"


@lru_cache(maxsize=256)
def schema_validator(registry: Registry, format: FormatId) -> Validator:
    """The reference implementation, ready for one format. Nothing it does fetches anything.

    Raises:
        RegistryError: The pinned document cannot be used.
    """
    import referencing
    import referencing.exceptions

    document, dialect = _usable(registry[format])

    def retrieve(uri: str) -> referencing.Resource[Any]:
        """Another pinned document that this one refers to."""
        if uri not in registry:
            raise referencing.exceptions.NoSuchResource(uri)
        other, other_dialect = _usable(registry[uri])
        # The library would apply it under the dialect of the document that refers to it.
        if other_dialect != dialect:
            raise UnusableSchema(
                f"the schema of {format}, in {dialect.name}, refers to {uri}, "
                f"which is in {other_dialect.name}"
            )
        return dialect.specification().create_resource(other)

    # An attrs alias that type checkers do not know.
    pinned = referencing.Registry(retrieve=retrieve)  # type: ignore[call-arg]
    return _adapted(dialect.validator_class())(document, registry=pinned)


def _usable(pin: Pin) -> tuple[dict[str, Any], Dialect]:
    """The document of a pin, if it is a valid schema, and its dialect.

    The document comes without ``$schema``: the dialect is known by now, and the libraries, which do
    not know all of its names, would look at it again.
    """
    import jsonschema

    document = pin.document
    dialect = dialect_of(document, pin.format)
    del document["$schema"]
    try:
        dialect.validator_class().check_schema(document)
    except jsonschema.SchemaError as error:
        where = "/".join(map(str, error.absolute_path)) or "its root"
        reason = f"at {where}: {error.message}"
    except re.error as error:
        reason = f"a pattern in it cannot be read: {error}"
    else:
        return document, dialect
    raise UnusableSchema(f"the schema of {pin.format} is no valid schema {printable(reason, 200)}")


#: Python types whose every value has a JSON type; bool is none of them, for ``type`` is exact.
_PYTHON_TYPES: Final[Mapping[str, frozenset[type]]] = {
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "string": frozenset({str}),
}
_ANNOTATIONS: Final = frozenset({"$comment", "default", "description", "examples", "title"})


def _surely_all(schema: Any, values: Iterable[Any]) -> bool:
    """Whether ``schema`` asks for nothing but a JSON type that all ``values`` surely have."""
    if not isinstance(schema, dict) or schema.keys() - _ANNOTATIONS != {"type"}:
        return False
    types = _PYTHON_TYPES.get(schema["type"]) if isinstance(schema["type"], str) else None
    return types is not None and set(map(type, values)) <= types


class _Name(str):
    """At the end of an error's path: a member's name that is at fault itself."""

    __slots__ = ()


@cache
def _adapted(validator_class: type[Validator]) -> type[Validator]:
    """The reference implementation, hastened in one point and made to say more in another.

    It takes microseconds for every bit of every shot. Where a glance at a long array or object of
    plain scalars proves that it would accept all of them it is not asked; everything else it
    judges itself. And where a name fails ``propertyNames``, it says which name that is.
    """
    from jsonschema.validators import extend

    of_items = validator_class.VALIDATORS["items"]
    of_members = validator_class.VALIDATORS["additionalProperties"]

    def items(validator: Any, subschema: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not (isinstance(instance, list) and _surely_all(subschema, instance)):
            yield from of_items(validator, subschema, instance, schema) or ()

    def members(validator: Any, subschema: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not (isinstance(instance, dict) and _surely_all(subschema, instance.values())):
            yield from of_members(validator, subschema, instance, schema) or ()

    def names(validator: Any, subschema: Any, instance: Any, schema: Any) -> Iterator[Any]:
        for name in instance if isinstance(instance, dict) else ():
            for error in validator.descend(name, subschema):
                error.path.appendleft(_Name(name))
                yield error

    keywords = {"items": items, "additionalProperties": members}
    if "propertyNames" in validator_class.VALIDATORS:
        keywords["propertyNames"] = names
    adapted: type[Validator] = extend(validator_class, keywords)  # type: ignore[no-untyped-call]
    return adapted


def schema_violations(validator: Validator, value: Any, format: FormatId) -> Iterator[Violation]:
    """What the schema refuses, in the order in which the reference implementation meets it.

    Raises:
        UnusableSchema: A reference inside the schema leads to nothing that is pinned.
        RegistryError: A reference leads to a document that cannot be used.
    """
    import referencing.exceptions

    try:
        for error in validator.iter_errors(value):
            yield from _violations(error)
    except RecursionError:
        # Only a schema that refers to itself, on a payload nested as deep as settings allow.
        message = "nested more deeply than the schema can be followed"
        yield Violation("QA014", message)
    except re.error as error:
        raise UnusableSchema(
            f"a pattern in the schema of {format} cannot be read: {error}"
        ) from error
    except referencing.exceptions.Unresolvable as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, RegistryError):
                raise cause from None  # The document is pinned, and is not what was pinned.
            cause = cause.__cause__
        reference = printable(str(error.ref), 200)
        raise UnusableSchema(
            f"the schema of {format} refers to {reference}, which leads to nothing that is pinned; "
            "references are never fetched"
        ) from error


def _violations(error: ValidationError) -> Iterator[Violation]:
    keyword = str(error.validator)
    path: Path = tuple(error.absolute_path)
    if path and isinstance(path[-1], _Name):
        message = f"the name {quoted(path[-1])} is not allowed: {_reason(keyword, error)}"
        yield Violation(_CODES["propertyNames"], message, path, True, "propertyNames")
        return
    if keyword == "additionalProperties" and error.validator_value is False:
        for name in _extra_names(error.instance, error.schema):  # type: ignore[arg-type]  # Both set.
            message = f"the member {quoted(name)} is not allowed here"
            yield Violation(_CODES[keyword], message, (*path, name), True, keyword)
        return
    code = _CODES.get(keyword, _OTHER_KEYWORD)
    yield Violation(code, _reason(keyword, error), path, False, keyword)


def _extra_names(instance: Mapping[str, Any], schema: Any) -> Iterator[str]:
    declared = schema.get("properties", {})
    patterns = [re.compile(pattern) for pattern in schema.get("patternProperties", {})]
    for name in instance:
        if name not in declared and not any(pattern.search(name) for pattern in patterns):
            yield name


def _reason(keyword: str, error: ValidationError) -> str:
    asked: Any = error.validator_value
    instance: Any = error.instance
    match keyword:
        case "type":
            return f"expected {_types(asked)}, found {_found(instance)}"
        case "required" | "dependentRequired" | "dependencies":
            missing = [name for name in _names(asked) if name not in instance]
            # The library reports each missing name by itself, and says which in its message alone.
            named = next((name for name in missing if error.message.startswith(repr(name))), None)
            return f"the member {quoted(named)} is missing" if named else "a member is missing"
        case "enum":
            shown = ", ".join(_found_value(value) for value in asked[:10])
            return f"{_found_value(instance)} is not one of {shown}"
        case "const":
            return f"{_found_value(instance)} is not {_found_value(asked)}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum" | "multipleOf":
            return f"{_found_value(instance)} does not satisfy {keyword} {_found_value(asked)}"
        case "pattern":
            return f"{_found_value(instance)} does not match {printable(str(asked), 80)}"
        case _ if keyword.startswith(("minL", "maxL", "minI", "maxI", "minP", "maxP")):
            return f"there are {len(instance):,}, which does not satisfy {keyword} {asked}"
        case "uniqueItems":
            return "the items of the array are not unique"
        case "contains" | "minContains" | "maxContains":
            return "the array holds too few or too many items of a kind that the schema names"
        case "additionalItems" | "unevaluatedItems":
            return "the array holds more items than the schema allows"
        case "anyOf" | "oneOf" if error.context:
            closest = max(error.context, key=_closeness)
            inner = _reason(str(closest.validator), closest)
            where = printable(pointer(tuple(closest.relative_path)), 80)
            return f"no variant fits; the closest asks: {inner}" + (where and f" (at {where})")
        case "not":
            return "the schema excludes this value"
        case "None":
            return "the schema allows no value here"
        case _:
            return f"the keyword {printable(keyword, 60)} of the schema is not satisfied"


def _closeness(error: ValidationError) -> tuple[int, bool]:
    """How far a variant got before it failed: deeper, or at least past the type."""
    return len(error.relative_path), error.validator != "type"


def _names(asked: Any) -> list[str]:
    if isinstance(asked, Mapping):  # Names that need the company of others.
        return [name for names in asked.values() if isinstance(names, list) for name in names]
    return list(asked)


_JSON_TYPES: Final = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "null": "null",
}


def _types(asked: str | list[str]) -> str:
    names = [asked] if isinstance(asked, str) else asked
    return " or ".join(_JSON_TYPES.get(name, name) for name in names)


def _found(value: Any) -> str:
    """What stands in the payload, in few words however large it is."""
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list):
        return "an array" if value else "an empty array"
    if isinstance(value, str):
        return f"the string {quoted(value, 40)}"
    return _found_value(value)


def _found_value(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value, 40)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (dict, list)):
        return _found(value)
    if isinstance(value, int) and abs(value) >= 10**20:
        return f"{float(value):.6g}"
    return str(value)
