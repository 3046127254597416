"""Values that show what a change of a schema breaks: tried out, and bounded in number."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from qartifacts.registry.compatibility.inclusion import CONCERNS
from qartifacts.registry.references import reference_of, resolve

__all__ = ["candidates"]

_DEEPEST: Final = 12
#: Values tried for one place, and for a whole document.
_OF_A_PLACE: Final = 40
_OF_A_DOCUMENT: Final = 600

#: One value of every type, and those at which bounds often lie.
_COMMON: Final[tuple[Any, ...]] = (
    0, 1, 0.5, "1", "a", True, None, -1, 2, 1.5, "", "0", "01", "00", [], {}, [0], ["0"], [0, 0],
    {"a": 0}, {"0": 0}, 0.25, "a" * 40, 10**6,
    "06a2099c-f845-7208-8000-8111ee2dccbc",
)  # fmt: skip


def candidates(old: Any, new: Any) -> Iterator[Any]:
    """Documents that may be valid under one of two schemas and not under the other."""
    pool = _pool(old, new)
    seen = 0
    for schema in (old, new):
        maker = _Maker(schema, pool)
        for value in maker.values(schema, 0):
            yield value
            seen += 1
            if seen >= _OF_A_DOCUMENT:
                return
        seen //= 2  # The other schema has its share, too.


def _pool(*schemas: Any) -> list[Any]:
    """Values at and beside all bounds, listed values and names that the schemas mention."""
    found: list[Any] = []
    for keyword, value in itertools.chain.from_iterable(map(_keywords, schemas)):
        if keyword in ("enum", "examples") and isinstance(value, list):
            found += value
        elif keyword in ("const", "default"):
            found.append(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found += [value, value + 1, value - 1, value + 0.5]
            if keyword.endswith("Length") and 0 <= value <= 1000:
                found += ["a" * int(value), "a" * (int(value) + 1), "a" * max(int(value) - 1, 0)]
        elif keyword == "pattern" and isinstance(value, str):
            found += [value, value.strip("^$")]
    unique: list[Any] = []
    for value in (*found, *_COMMON):
        if not any(value == other and type(value) is type(other) for other in unique):
            unique.append(value)
        if len(unique) >= 80:
            break
    return unique


def _keywords(schema: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if depth > _DEEPEST * 2:
        return
    if isinstance(schema, dict):
        for keyword, value in schema.items():
            yield keyword, value
            yield from _keywords(value, depth + 1)
    elif isinstance(schema, list):
        for each in schema:
            yield from _keywords(each, depth + 1)


class _Maker:
    """Makes values for the places of one document's schema."""

    def __init__(self, document: Any, pool: list[Any]) -> None:
        self._document: Final = document
        self._pool: Final = pool

    def values(self, schema: Any, depth: int) -> Iterator[Any]:
        """Values for a place, the plainest first; not all of them are valid there."""
        limit = _OF_A_PLACE if depth else _OF_A_DOCUMENT
        yield from itertools.islice(self._all(schema, depth), limit)

    def _all(self, schema: Any, depth: int) -> Iterator[Any]:
        for _ in range(10):
            reference = reference_of(schema) if isinstance(schema, dict) else None
            if reference is None:
                break
            schema = resolve(self._document, reference)
        if not isinstance(schema, dict) or depth > _DEEPEST:
            yield from self._pool
            return
        if isinstance(schema.get("enum"), list):
            yield from schema["enum"]
        if "const" in schema:
            yield schema["const"]
        parts = [schema]
        for keyword in ("allOf", "anyOf", "oneOf"):
            branches = schema.get(keyword)
            if isinstance(branches, list):
                rest = {k: v for k, v in schema.items() if k != keyword}
                # A branch with what stands beside it, as far as that can be put into one.
                parts += [{**each, **rest} for each in branches if isinstance(each, dict)]
        for keyword in ("then", "else", "if"):
            if isinstance(schema.get(keyword), dict):
                parts.append({**schema, **schema[keyword]})
        for part in parts:
            yield from self._of_kinds(part, depth)
        yield from self._pool

    def _of_kinds(self, schema: Mapping[str, Any], depth: int) -> Iterator[Any]:
        types = schema.get("type", [])
        types = types if isinstance(types, list) else [types]
        about = {CONCERNS.get(keyword) for keyword in schema}
        if "object" in types or (not types and "object" in about):
            yield from self._objects(schema, depth)
        if "array" in types or (not types and "array" in about):
            yield from self._arrays(schema, depth)
        for type, kinds in (
            ("number", (int, float)),
            ("integer", (int,)),
            ("string", (str,)),
        ):
            if type in types:
                yield from (
                    each
                    for each in self._pool
                    if isinstance(each, kinds) and not isinstance(each, bool)
                )

    def _objects(self, schema: Mapping[str, Any], depth: int) -> Iterator[Any]:
        declared = schema.get("properties")
        declared = declared if isinstance(declared, dict) else {}
        required = schema.get("required")
        required = [n for n in required if isinstance(n, str)] if isinstance(required, list) else []
        rest = schema.get("additionalProperties", True)
        base = {name: self._first(declared.get(name, rest), depth) for name in required}
        yield base
        full = {name: self._first(each, depth) for name, each in declared.items()}
        yield {**full, **base}
        for name in [*declared, *required]:
            for value in self.values(declared.get(name, rest), depth + 1):
                yield {**base, name: value}
        for name in required:
            yield {k: v for k, v in base.items() if k != name}
        names = [each for each in self._pool if isinstance(each, str) and each not in declared]
        patterns = schema.get("patternProperties")
        others = [rest, *(patterns.values() if isinstance(patterns, dict) else ())]
        for other in others:
            for value in self.values(other, depth + 1):
                yield {**base, names[0] if names else "a": value}
            value = self._first(other, depth)
            for name in names[:12]:
                yield {**base, name: value}
            for number in (2, 3, 4, 6, 11):
                yield {**base, **{str(each): value for each in range(number)}}
        if len(declared) > 1:
            for name in declared:
                yield {k: v for k, v in {**full, **base}.items() if k != name}

    def _arrays(self, schema: Mapping[str, Any], depth: int) -> Iterator[Any]:
        items = schema.get("prefixItems", schema.get("items", True))
        if isinstance(items, list):
            first = [self._first(each, depth) for each in items]
            yield from (first[:length] for length in range(len(first) + 1))
            for at, each in enumerate(items):
                for value in self.values(each, depth + 1):
                    yield [*first[:at], value, *first[at + 1 :]]
            rest = schema.get("additionalItems", schema.get("items", True))
            rest = True if isinstance(rest, list) else rest
            for value in self.values(rest, depth + 1):
                yield [*first, value]
            return
        value = self._first(items, depth)
        least = schema.get("minItems", 0)
        least = least if isinstance(least, int) and 0 <= least <= 50 else 0
        yield [value] * least
        some = list(itertools.islice(self.values(items, depth + 1), _OF_A_PLACE))
        yield from ([each] * max(least, 1) for each in some)
        distinct = _distinct(some)
        for length in (2, 3, least + 1, least - 1, 5, 11):
            if length >= 0:
                yield [value] * length
                yield distinct[:length]

    def _first(self, schema: Any, depth: int) -> Any:
        return next(iter(self.values(schema, depth + 1)), None)


def _distinct(values: Iterable[Any]) -> list[Any]:
    distinct: list[Any] = []
    for value in values:
        if value not in distinct:
            distinct.append(value)
    return distinct
