"""Every violation of a pinned schema, as the reference implementation sees it.

``jsonschema`` says whether, where and why; this module gives its errors codes and short messages.
Its own messages quote whole values, which may be whole files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

from qartifacts.errors import RegistryError, UnusableSchema
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import Path, pointer, quoted
from qartifacts.jsontext.fault import printable
from qartifacts.registry import Dialect, Registry, dialect_of
from qartifacts.registry.dialects import is_ordinary
from qartifacts.validate.proofs import Proof, Proofs, typed_decoder
from qartifacts.validate.violation import Violation

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

__all__ = ["SchemaValidator", "schema_validator", "schema_violations"]

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
#: Bytes of text from which decoding it with types is worth the import of what does that.
_LONG: Final = 1 << 18


class SchemaValidator:
    """A pinned schema, ready to judge values. Nothing that it does fetches anything.

    Attributes:
        format: The format.
        document: The schema.
        dialect: Its dialect.
        surely: Whether the schema surely accepts a value; False is "don't know".
    """

    def __init__(self, registry: Registry, format: FormatId) -> None:
        self.format: Final = format
        self.document: Final = registry[format].document
        self.dialect: Final = dialect_of(self.document, format)
        self._registry: Final = registry
        self._proofs: Final = Proofs(self.document, self.dialect)
        if not is_ordinary(self.document):
            # Proofs rely on a schema that is one, which only the reference implementation can tell.
            self.reference  # noqa: B018
        self.surely: Final[Proof] = self._proofs.of(self.document)

    @cached_property
    def reference(self) -> Validator:
        """The reference implementation, which alone refuses.

        Raises:
            RegistryError: The pinned document cannot be used.
        """
        import referencing
        import referencing.exceptions

        registry, format = self._registry, self.format
        _check(self.document, self.dialect, format)

        def retrieve(uri: str) -> referencing.Resource[Any]:
            """Another pinned document that this one refers to."""
            if uri not in registry:
                raise referencing.exceptions.NoSuchResource(uri)
            other = registry[uri].document
            dialect = dialect_of(other, uri)
            _check(other, dialect, uri)
            # The library would apply it under the dialect of the document that refers to it.
            if dialect != self.dialect:
                raise UnusableSchema(
                    f"the schema of {format}, in {self.dialect.name}, refers to {uri}, "
                    f"which is in {dialect.name}"
                )
            return dialect.specification().create_resource(_without_dialect(other))

        # An attrs alias that type checkers do not know.
        pinned = referencing.Registry(retrieve=retrieve)  # type: ignore[call-arg]
        adapted = _adapted(self.dialect.validator_class(), self._proofs)
        return adapted(_without_dialect(self.document), registry=pinned)

    @cached_property
    def _typed(self) -> Callable[[bytes], bool] | None:
        return typed_decoder(self.document, self.dialect)

    def surely_accepts(self, value: Any, data: bytes | None = None) -> bool:
        """Whether a value is surely valid; False is "don't know".

        Args:
            value: The value.
            data: The text that it was read from, if there is one. Where it is long and the schema
                can be expressed as a type, decoding the text again is the faster proof.
        """
        long = data is not None and len(data) >= _LONG
        if long and self._typed is not None and self._typed(cast("bytes", data)):
            return True
        return self.surely(value)


@lru_cache(maxsize=256)
def schema_validator(registry: Registry, format: FormatId) -> SchemaValidator:
    """The pinned schema of a format.

    Raises:
        RegistryError: The pinned document cannot be used.
    """
    return SchemaValidator(registry, format)


def _without_dialect(document: dict[str, Any]) -> dict[str, Any]:
    """A document without ``$schema``, at which the libraries, which do not know all names of
    dialects, would look again.
    """
    return {keyword: value for keyword, value in document.items() if keyword != "$schema"}


def _check(document: dict[str, Any], dialect: Dialect, name: str) -> None:
    """Make sure that a document is a valid schema.

    Raises:
        UnusableSchema: It is not.
    """
    import jsonschema

    try:
        dialect.validator_class().check_schema(_without_dialect(document))
        return
    except jsonschema.SchemaError as error:
        where = "/".join(map(str, error.absolute_path)) or "its root"
        reason = f"at {where}: {error.message}"
    except re.error as error:
        reason = f"a pattern in it cannot be read: {error}"
    raise UnusableSchema(f"the schema of {name} is no valid schema {printable(reason, 200)}")


class _Name(str):
    """At the end of an error's path: a member's name that is at fault itself."""

    __slots__ = ()


class _Doubtful:
    """Keywords about items, members and names, asked of those alone that are not proven right.

    The reference implementation takes microseconds for every bit of every shot. Of what is left it
    says what it always says: about members in the order of the payload, where by itself it goes
    through them in the order of a set; and where a name fails ``propertyNames``, which one that is.

    Args:
        validator_class: The reference implementation of a dialect.
        proofs: Of the document that it is used with.
    """

    def __init__(self, validator_class: type[Validator], proofs: Proofs) -> None:
        self._proofs: Final = proofs
        self._of_items: Final = validator_class.VALIDATORS["items"]
        self._of_members: Final = validator_class.VALIDATORS["additionalProperties"]
        #: Whether ``prefixItems`` can take the first items away from ``items``.
        self._has_prefix: Final = "prefixItems" in validator_class.VALIDATORS

    def items(self, validator: Any, subschema: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not isinstance(instance, list) or not isinstance(subschema, dict):
            yield from self._of_items(validator, subschema, instance, schema) or ()
            return
        surely = self._proofs.of(subschema)
        if surely.every(instance):
            return
        first = len(schema.get("prefixItems", ())) if self._has_prefix else 0
        for index, item in enumerate(islice(instance, first, None), first):
            if not surely(item):
                yield from validator.descend(item, subschema, path=index)

    def members(self, validator: Any, subschema: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not isinstance(instance, dict) or not isinstance(subschema, dict):
            yield from self._of_members(validator, subschema, instance, schema) or ()
            return
        surely = self._proofs.of(subschema)
        if surely.every(instance.values()):
            return
        for name, value in instance.items():
            if not surely(value):
                # Whether it is an additional one, and what is wrong with it.
                yield from self._of_members(validator, subschema, {name: value}, schema)

    def names(self, validator: Any, subschema: Any, instance: Any, schema: Any) -> Iterator[Any]:
        surely = self._proofs.of(subschema)
        for name in instance if isinstance(instance, dict) else ():
            if not surely(name):
                for error in validator.descend(name, subschema):
                    error.path.appendleft(_Name(name))
                    yield error


def _adapted(validator_class: type[Validator], proofs: Proofs) -> type[Validator]:
    """The reference implementation, asked of what is doubtful alone."""
    from jsonschema.validators import extend

    doubtful = _Doubtful(validator_class, proofs)
    keywords = {"items": doubtful.items, "additionalProperties": doubtful.members}
    if "propertyNames" in validator_class.VALIDATORS:
        keywords["propertyNames"] = doubtful.names
    adapted: type[Validator] = extend(validator_class, keywords)  # type: ignore[no-untyped-call]
    return adapted


def schema_violations(schema: SchemaValidator, value: Any) -> Iterator[Violation]:
    """What the schema refuses, in the order in which the reference implementation meets it.

    Raises:
        UnusableSchema: A reference inside the schema leads to nothing that is pinned.
        RegistryError: A reference leads to a document that cannot be used.
    """
    import referencing.exceptions

    format = schema.format
    try:
        for error in schema.reference.iter_errors(value):
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
