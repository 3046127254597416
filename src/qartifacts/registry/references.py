"""References within a schema document: where they are, where they lead, whether they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["has_inner_identifiers", "is_endless", "reference_of", "references", "resolve"]

_KEYWORDS: Final = ("$ref", "$dynamicRef", "$recursiveRef")
#: Keywords that apply further schemas to the same value: to lists of schemas, to one, to maps.
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_ONES: Final = ("not", "if", "then", "else")
_MAPS: Final = ("dependencies", "dependentSchemas")


def references(value: Any) -> Iterator[str]:
    """Every reference in a document, also where it may be none: better one too many."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            yield from (
                each[name] for name in _KEYWORDS if name in each and isinstance(each[name], str)
            )
            left += each.values()
        elif isinstance(each, list):
            left += each


def reference_of(schema: Mapping[str, Any]) -> str | None:
    """The reference that a schema is, if it is one."""
    reference = schema.get("$ref")
    return reference if isinstance(reference, str) else None


def resolve(document: Any, reference: str) -> Any:
    """What a local reference leads to; None if it leads elsewhere or nowhere."""
    if reference == "#":
        return document
    if not reference.startswith("#/") or "%" in reference:
        return None  # An anchor, or a spelling that is not followed here.
    value = document
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def has_inner_identifiers(document: Any) -> bool:
    """Whether a part of a document has an identifier, which references within it start from."""
    return any(each is not document and _is_text(each.get("$id")) for each in _schemas(document))


def is_endless(document: Any) -> bool:
    """Whether judging some value would follow references in a circle, and never end.

    That is so where a schema leads to itself without going into a member or an item of the value.
    Recursion that goes into the value ends with it.
    """
    done: set[int] = set()
    for start in _schemas(document):
        # In depth first; what is on the way, and what has been left for good.
        on_the_way: set[int] = set()
        path: list[tuple[int, Iterator[Any]]] = [(id(start), _applied(document, start))]
        on_the_way.add(id(start))
        while path:
            here, rest = path[-1]
            following = next(rest, None)
            if following is None:
                path.pop()
                on_the_way.discard(here)
                done.add(here)
            elif id(following) in on_the_way:
                return True
            elif id(following) not in done:
                on_the_way.add(id(following))
                path.append((id(following), _applied(document, following)))
    return False


def _schemas(document: Any) -> Iterator[dict[str, Any]]:
    left = [document]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            yield each
            left += each.values()
        elif isinstance(each, list):
            left += each


def _applied(document: Any, schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Schemas that a schema applies to the very value that it is applied to."""
    found = [resolve(document, schema[name]) for name in _KEYWORDS if _is_text(schema.get(name))]
    for name in _LISTS:
        found += schema[name] if isinstance(schema.get(name), list) else []
    found += [schema.get(name) for name in _ONES]
    for name in _MAPS:
        found += schema[name].values() if isinstance(schema.get(name), dict) else []
    return (each for each in found if isinstance(each, dict))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
