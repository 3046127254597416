"""Schemas of OpenAPI 3.0 documents, translated to the dialect of the registry, draft 7.

Documents of devices and records of jobs have no schema of their own at the services: an OpenAPI
document says what the answer of an operation holds. Its schemas look like JSON Schema and are not.
This module makes one draft 7 document of the schema of an answer, or of one of several that an
operation may give; docs/registry.md has the table of what becomes of each keyword.

* What both dialects know with the same meaning stays as it is: limits, ``enum``, ``required``,
  ``properties``, ``allOf``, ``title``, ``default``, ``format`` and so on. Formats are annotations
  there and here: ``int32`` adds no bounds, and ``date-time`` refuses no text.
* ``nullable: true`` beside a ``type`` allows ``null`` as a further type. Without a ``type`` it says
  nothing (OpenAPI 3.0.3); and where there is an ``enum``, that has to hold ``null``, too.
* ``exclusiveMinimum: true`` turns ``minimum`` into a number that is excluded; likewise maxima.
* ``$ref`` stands alone: what is beside it is ignored in both dialects, and is left out.
  Descriptions that belong to a reference stand beside ``allOf``, which stays as it is.
* ``example`` becomes ``examples`` with one item, ``null`` too; ``deprecated`` becomes a comment.
* ``discriminator``, ``xml``, ``externalDocs``, ``readOnly``, ``writeOnly`` and ``x-...`` are left
  out. None of them says which answers are good, but one: a member that is ``writeOnly`` is required
  in requests only. ``x-comment`` becomes ``$comment``; transcriptions have it where they say what
  they could not copy.
* A keyword that OpenAPI 3.0 does not have is refused: it may be a demand.

Schemas that are referred to become ``definitions``; those that nothing leads to are left out.
References that go in a circle stay references.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from qartifacts.errors import UnusableSchema
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import quoted
from qartifacts.registry.references import resolve

__all__ = ["is_component", "is_operation", "translated"]

#: As the schemas endpoint of the service states it.
_DIALECT: Final = "https://json-schema.org/draft-07/schema"
_COMMENT: Final = (
    "Translated by qartifacts from the service's OpenAPI 3.0 document. The identifier is "
    "qartifacts' own."
)
_DEPRECATED: Final = "Deprecated."

_OPERATION: Final = re.compile(r"(GET) (/[\x21-\x7e]*)")
_VERSION: Final = re.compile(r"3\.0\.[0-9]+")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_COMPONENT: Final = re.compile(rf"#/components/schemas/({_NAME.pattern})((?:/[^/]+)*)")
_TYPES: Final = frozenset({"boolean", "number", "string", "array", "object", "integer"})

#: What stays as it is.
_SAME: Final = frozenset(
    {"title", "description", "default", "format", "enum", "multipleOf", "maxLength", "minLength",
     "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties"}
)  # fmt: skip
_LEFT_OUT: Final = frozenset({"discriminator", "xml", "externalDocs", "readOnly", "writeOnly"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf"})
_BOUNDS: Final[Mapping[str, str]] = {
    "minimum": "exclusiveMinimum",
    "maximum": "exclusiveMaximum",
}
#: Keywords that are true or false, and told together with another one.
_FLAGS: Final = (*_BOUNDS.values(), "nullable", "deprecated")


def is_operation(text: str) -> bool:
    """Whether a text names an operation: ``GET /backends/{backend}``."""
    return _OPERATION.fullmatch(text) is not None


def is_component(text: str) -> bool:
    """Whether a text can name a component: ``SingleCircuitJob``."""
    return _NAME.fullmatch(text) is not None


def translated(
    openapi: Any, operation: str, format: FormatId, component: str = ""
) -> dict[str, Any] | None:
    """The schema of an operation's answer, as a document that can be pinned.

    Args:
        openapi: An OpenAPI document, parsed.
        operation: The method and the path, as in ``GET /backends/{backend}``; parameters of the
            path may have other names in the document.
        format: The identifier of the format that the answers have.
        component: The name of the component schema that is meant, where the operation answers
            with one of several; empty where it answers with one.

    Returns:
        The document; None if there is no such operation, or it has no such answer.

    Raises:
        ValueError: ``operation`` is no operation.
        UnusableSchema: It is no OpenAPI document of version 3.0, does not say what the answer
            holds, or says it in a way that is not understood.
    """
    version = openapi.get("openapi") if isinstance(openapi, dict) else None
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        stated = f"states version {quoted(str(version))}" if version else "states no version"
        raise UnusableSchema(f"the OpenAPI document {stated}; only 3.0 is translated")
    method = _method(openapi, operation)
    if method is None:
        return None
    try:
        schema = _answer(openapi, method, operation)
        if component:
            reference = f"#/components/schemas/{component}"
            if reference not in _offered(openapi, schema):
                return None
            schema = {"$ref": reference}
        return _Translation(openapi).document(schema, f"the answer of {operation}", format)
    except RecursionError as error:
        raise UnusableSchema("the OpenAPI document is nested too deep") from error


def _method(openapi: dict[str, Any], operation: str) -> dict[str, Any] | None:
    """What an OpenAPI document says of an operation, if it has it."""
    named = _OPERATION.fullmatch(operation)
    if named is None:
        raise ValueError(f"this is no operation: {operation[:120]!r}")
    paths = openapi.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if _template(path) == _template(named[2]):
            method = _member(item, named[1].lower())
            return method if isinstance(method, dict) else None
    return None


def _answer(openapi: dict[str, Any], method: dict[str, Any], operation: str) -> Any:
    """The schema of the answer with status 200."""
    response = _member(_member(method, "responses"), "200")
    reference = _member(response, "$ref")
    if isinstance(reference, str):
        response = resolve(openapi, reference)
    content = _member(response, "content")
    for media_type, each in content.items() if isinstance(content, dict) else ():
        if media_type.partition(";")[0].strip().lower() == "application/json":
            return _member(each, "schema")
    raise UnusableSchema(f"the OpenAPI document does not say what the answer of {operation} holds")


def _offered(openapi: dict[str, Any], schema: Any) -> list[str]:
    """References to the schemas of which an answer has one, and to what has them."""
    found: list[str] = []
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        reference = _member(each, "$ref")
        if isinstance(reference, str) and reference not in found:
            found.append(reference)
            waiting.append(resolve(openapi, reference))
        for keyword in ("anyOf", "oneOf"):
            offered = _member(each, keyword)
            waiting.extend(offered if isinstance(offered, list) else ())
    return found


def _template(path: str) -> str:
    """A path without the names of its parameters, and without a slash at its end."""
    return re.sub(r"\{[^{}/]*\}", "{}", path).rstrip("/")


class _Translation:
    """One translation: what is referred to on the way has to be translated, too."""

    def __init__(self, openapi: dict[str, Any]) -> None:
        self._openapi: Final = openapi
        self._components: Final = _member(_member(openapi, "components"), "schemas")
        #: Names of components that something translated refers to.
        self._wanted: Final[list[str]] = []

    def document(self, schema: Any, place: str, format: FormatId) -> dict[str, Any]:
        """The whole document, of a schema that stands at a place of the source."""
        passed: set[str] = set()
        # The whole is the schema itself: beside a reference, nothing else would count.
        while isinstance(reference := _member(schema, "$ref"), str):
            place = reference
            if place in passed:
                raise UnusableSchema(f"the reference {quoted(place)} goes in a circle")
            passed.add(place)
            self._definition(place)
            self._wanted.clear()
            schema = resolve(self._openapi, place)
        root = self._schema(schema, place)
        definitions: dict[str, Any] = {}
        while missing := [name for name in self._wanted if name not in definitions]:
            for name in missing:
                where = f"#/components/schemas/{name}"
                definitions[name] = self._schema(self._components[name], where)
        comment = " ".join(filter(None, (_COMMENT, root.pop("$comment", ""))))
        document = {"$schema": _DIALECT, "$id": str(format), "$comment": comment, **root}
        if definitions:
            # In the order of the source, whatever refers to them first.
            named = [name for name in self._components if name in definitions]
            document["definitions"] = {name: definitions[name] for name in named}
        return document

    def _schema(self, schema: Any, place: str) -> dict[str, Any]:
        if not isinstance(schema, dict):
            raise UnusableSchema(f"{place} is no schema")
        if "$ref" in schema:
            return {"$ref": self._definition(schema["$ref"])}
        for flag in _FLAGS:
            if not isinstance(schema.get(flag, False), bool):
                raise UnusableSchema(f"{place}/{flag} is neither true nor false")
        made: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword in _SAME:
                made[keyword] = value
            elif keyword in _BOUNDS:
                made[_BOUNDS[keyword] if schema.get(_BOUNDS[keyword]) else keyword] = value
            elif keyword == "example":
                made["examples"] = [value]
            elif not (keyword in _LEFT_OUT or keyword in _FLAGS or keyword.startswith("x-")):
                made |= self._structure(keyword, value, schema, f"{place}/{keyword}")
        said = schema.get("x-comment")
        comments = [said] if isinstance(said, str) else []
        comments += [_DEPRECATED] if schema.get("deprecated") else []
        return {"$comment": " ".join(comments), **made} if comments else made

    def _structure(
        self, keyword: str, value: Any, schema: dict[str, Any], place: str
    ) -> dict[str, Any]:
        """A keyword that says of which type a value is, or what is in it; none if it says nothing.

        Raises:
            UnusableSchema: OpenAPI 3.0 does not have it, or not so.
        """
        if keyword == "type":
            return {"type": _type(value, schema, place)}
        if keyword == "required":
            return self._required(value, schema, place)
        if keyword == "properties":
            return {"properties": self._properties(value, place)}
        if keyword in _LISTS:
            return {keyword: self._variants(value, place)}
        if keyword == "additionalProperties" and isinstance(value, bool):
            return {keyword: value}
        if keyword in ("items", "not", "additionalProperties"):
            return {keyword: self._schema(value, place)}
        raise UnusableSchema(f"{place}: OpenAPI 3.0 has no such keyword")

    def _definition(self, reference: Any) -> str:
        """Where what is referred to stands in the document that is made."""
        local = _COMPONENT.fullmatch(reference) if isinstance(reference, str) else None
        if local is None or not isinstance(resolve(self._openapi, local[0]), dict):
            raise UnusableSchema(
                f"the reference {quoted(str(reference))} leads to no schema of the OpenAPI document"
            )
        if local[1] not in self._wanted:
            self._wanted.append(local[1])
        return f"#/definitions/{local[1]}{local[2]}"

    def _properties(self, value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise UnusableSchema(f"{place} is no object")
        return {name: self._schema(each, f"{place}/{name}") for name, each in value.items()}

    def _variants(self, value: Any, place: str) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not value:
            raise UnusableSchema(f"{place} is no list of schemas")
        return [self._schema(each, f"{place}/{index}") for index, each in enumerate(value)]

    def _required(self, names: Any, schema: dict[str, Any], place: str) -> dict[str, Any]:
        """What an answer has to hold, which is not what only requests do."""
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise UnusableSchema(f"{place} is no list of names")
        properties = schema.get("properties")
        kept = [name for name in names if not self._is_sent_only(_member(properties, name))]
        return {"required": kept} if kept else {}

    def _is_sent_only(self, schema: Any) -> bool:
        reference = _member(schema, "$ref")
        if isinstance(reference, str):
            schema = resolve(self._openapi, reference)
        return _member(schema, "writeOnly") is True


def _type(value: Any, schema: Mapping[str, Any], place: str) -> Any:
    if not isinstance(value, str) or value not in _TYPES:
        raise UnusableSchema(f"{place} is no type of OpenAPI 3.0: {quoted(str(value))}")
    return [value, "null"] if schema.get("nullable") else value


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
