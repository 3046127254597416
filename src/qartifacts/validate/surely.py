"""Proofs that a schema accepts a value, at a fraction of what the reference implementation takes.

A proof says "surely" or "don't know", never "no". It covers the keywords that are simple and whose
meaning no draft of JSON Schema has changed; any other keyword makes its place one of which nothing
is known. What remains doubtful is asked of ``jsonschema``.

* ``Proofs`` and ``surely_valid`` look at parsed values.
* ``typed_decoder`` looks at JSON text, by way of a type of ``msgspec`` made from the schema.

Both take documents that are valid schemas of their dialect.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Literal, NamedTuple, Union

from qartifacts.registry.dialects import Dialect
from qartifacts.registry.patterns import patterns
from qartifacts.registry.references import is_endless, references, resolve

__all__ = ["Proof", "Proofs", "surely_valid", "typed_decoder"]

Schema = Any
Predicate = Callable[[Any], bool]

#: Keywords that ask nothing of a value, wherever they stand. Identifiers within a document are not
#: among them: references beside and below them start from another place.
_ANNOTATIONS: Final = frozenset(
    {"$comment", "title", "description", "default", "examples", "format", "definitions", "$defs",
     "readOnly", "writeOnly", "deprecated", "contentMediaType", "contentEncoding", "$anchor"}
)  # fmt: skip
_ROOT_ANNOTATIONS: Final = _ANNOTATIONS | {"$schema", "$id", "id"}

#: Schemas that stand within each other, references written out: proofs recurse as deep, and what a
#: schema that refers to itself says of deeper values is not known.
_DEEPEST: Final = 32
#: Schemas that one proof is made of, references written out.
_MOST: Final = 2_000

#: The Python types of each JSON type. They are compared exactly: ``bool`` is not among the numbers,
#: and of a subclass, which may compare and count as it likes, nothing is known.
_PYTHON_TYPES: Final[Mapping[str, frozenset[type]]] = {
    "null": frozenset({type(None)}),
    "boolean": frozenset({bool}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "string": frozenset({str}),
    "array": frozenset({list}),
    "object": frozenset({dict}),
}
_TYPES: Final = frozenset[type]().union(*_PYTHON_TYPES.values())

#: What scalars are compared as: ``True`` is not 1, but 1.0 is.
_KINDS: Final[Mapping[type, str]] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
}

#: How a bound is held against a number, and which of many numbers tells for all of them.
_BOUNDS: Final[Mapping[str, tuple[Callable[[Any, Any], bool], Callable[[Any], Any]]]] = {
    "minimum": (operator.ge, min),
    "exclusiveMinimum": (operator.gt, min),
    "maximum": (operator.le, max),
    "exclusiveMaximum": (operator.lt, max),
}
#: The same of sizes, with the type whose size it is.
_SIZES: Final[Mapping[str, tuple[type, Callable[[Any, Any], bool], Callable[[Any], Any]]]] = {
    "minLength": (str, operator.ge, min),
    "maxLength": (str, operator.le, max),
    "minItems": (list, operator.ge, min),
    "maxItems": (list, operator.le, max),
    "minProperties": (dict, operator.ge, min),
    "maxProperties": (dict, operator.le, max),
}


class _Test(NamedTuple):
    """What is asked of values whose Python type has been told.

    Attributes:
        one: Whether one value passes.
        every: Whether all values of a collection that is not empty pass; at the speed of C where
            that can be.
    """

    one: Predicate
    every: Callable[[Collection[Any]], bool]


#: What is asked of a value of each type; of a type that is missing, nothing is known.
_Tests = Mapping[type, tuple[_Test, ...]]

_ANYTHING: Final[_Tests] = dict.fromkeys(_TYPES, ())
_NOTHING_KNOWN: Final[_Tests] = {}


def _one_by_one(one: Predicate) -> _Test:
    return _Test(one, lambda values: all(map(one, values)))


_WHOLE: Final = _one_by_one(float.is_integer)


class Proof:
    """Says of values whether a schema surely accepts them. Calls answer for one value."""

    __slots__ = ("_groups", "_one", "tests")

    def __init__(self, tests: _Tests) -> None:
        self.tests: Final = tests
        self._one: Final = {kind: _whole(asked) for kind, asked in tests.items()}
        groups: dict[_Test, set[type]] = {}
        for kind, asked in tests.items():
            for test in asked:
                groups.setdefault(test, set()).add(kind)
        self._groups: Final = tuple(groups.items())

    def __call__(self, value: Any) -> bool:
        one = self._one.get(type(value))
        try:
            return one is not None and one(value)
        except RecursionError:  # The caller has used up the stack.
            return False

    def every(self, values: Collection[Any]) -> bool:
        """Whether each of ``values`` is surely accepted; of many scalars in few steps."""
        found = set(map(type, values))
        if not found <= self._one.keys():
            return False
        try:
            for test, kinds in self._groups:
                concerned = len(found & kinds)
                if concerned:
                    of_kinds = values
                    if concerned < len(found):
                        of_kinds = [each for each in values if type(each) in kinds]
                    if not test.every(of_kinds):
                        return False
        except RecursionError:
            return False
        return True


def _whole(tests: tuple[_Test, ...]) -> Predicate:
    """All that is asked of one value."""
    ones = [test.one for test in tests]
    if len(ones) == 1:
        return ones[0]

    def one(value: Any) -> bool:
        for each in ones:  # noqa: SIM110  # Of few tests, a generator is the larger part.
            if not each(value):
                return False
        return True

    return one


class Proofs:
    """Proofs of the schemas in a document, each made when it is first asked for."""

    def __init__(self, document: Schema, dialect: Dialect) -> None:
        self._scope: Final = _Scope(document, dialect)
        #: Where references lead from a schema of elsewhere is not known here.
        self._elsewhere: Final = _Scope(None, dialect)
        self._made: Final[dict[int, Proof]] = {}

    def of(self, schema: Schema) -> Proof:
        """The proof of a schema, by identity one within the document or one from elsewhere."""
        made = self._made.get(id(schema))
        if made is not None:
            return made
        if id(schema) not in self._scope.identities:
            # It is not kept: another one may have its identity as soon as it is gone.
            return Proof(_Writer(self._elsewhere).tests(schema))
        return self._made.setdefault(id(schema), Proof(_Writer(self._scope).tests(schema)))


def surely_valid(document: Schema, dialect: Dialect) -> Proof:
    """Answers whether a document surely accepts a value, one as ``json.loads`` makes them.

    True says that the reference implementation finds no error; False says nothing.
    """
    return Proofs(document, dialect).of(document)


class _Scope:
    """A document in its dialect: what its schemas ask, and where its references lead."""

    def __init__(self, document: Schema, dialect: Dialect) -> None:
        self.document: Final = document
        self.draft_4: Final = dialect.name == "draft-04"
        self._ref_stands_alone: Final = dialect.name in ("draft-04", "draft-06", "draft-07")
        self._identifier: Final = "id" if self.draft_4 else "$id"

    @cached_property
    def identities(self) -> frozenset[int]:
        """Of the objects in the document, which live as long as it does."""
        return frozenset(map(id, _objects(self.document)))

    @cached_property
    def _resolves(self) -> bool:
        """Whether references start from the document itself, all of them."""
        return not any(
            isinstance(each.get(self._identifier), str)
            for each in _objects(self.document)
            if each is not self.document
        )

    @cached_property
    def never_fails(self) -> bool:
        """Whether the reference implementation can judge any value by any schema of the document.

        It raises on references that lead nowhere or in circles, and on patterns that are none. As
        long as there are some, a branch that is surely valid does not help if it comes to others
        before.
        """
        import re

        if self.document is None or not self._resolves or is_endless(self.document):
            return False
        try:
            for pattern in patterns(self.document):
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            return False
        return all(self.resolve(each) is not None for each in references(self.document))

    def resolve(self, reference: object) -> Schema | None:
        """The schema of the document that a reference leads to; None if it is not known."""
        if not isinstance(reference, str) or not self._resolves:
            return None
        target = resolve(self.document, reference)
        return target if isinstance(target, (dict, bool)) else None

    def asked(self, schema: Mapping[str, Any]) -> list[str]:
        """Keywords of a schema that ask something of a value."""
        if self._ref_stands_alone and schema.get("$ref") is not None:
            return ["$ref"]
        silent = _ROOT_ANNOTATIONS if schema is self.document else _ANNOTATIONS
        return [keyword for keyword in schema if keyword not in silent]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            yield each
            left += each.values()
        elif isinstance(each, list):
            left += each


class _Bounded:
    """What writes schemas out, references included, up to a depth and to a number of them."""

    def __init__(self, scope: _Scope) -> None:
        self.scope: Final = scope
        self._left = _MOST

    def exhausted(self, depth: int) -> bool:
        """Whether one more schema, ``depth`` levels down, is one too many."""
        self._left -= 1
        return self._left < 0 or depth > _DEEPEST


# ----------------------------------------------------------------------------------------------
# From schemas to proofs


class _Writer(_Bounded):
    """Writes the tests of one proof. What it does not understand, nothing is known of."""

    def tests(self, schema: Schema, depth: int = 0) -> _Tests:
        if schema is True:
            return _ANYTHING
        if not isinstance(schema, dict) or self.exhausted(depth):
            return _NOTHING_KNOWN
        tests = _ANYTHING
        for keyword in self.scope.asked(schema):
            more = self._asked_by(keyword, schema, depth + 1)
            tests = {kind: tests[kind] + more[kind] for kind in tests if kind in more}
        return tests

    def _proof(self, schema: Schema, depth: int) -> Proof:
        return Proof(self.tests(schema, depth))

    def _asked_by(self, keyword: str, schema: Mapping[str, Any], depth: int) -> _Tests:
        value = schema[keyword]
        if self.scope.draft_4 and keyword in _SINCE_DRAFT_6:
            return _NOTHING_KNOWN
        if keyword in _BOUNDS:
            return _bound(keyword, value)
        if keyword in _SIZES:
            return _size(keyword, value)
        if keyword == "additionalProperties":
            return self._additional(value, schema.get("properties", {}), depth)
        write = _WRITERS.get(keyword)
        return _NOTHING_KNOWN if write is None else write(self, value, depth)

    def _type(self, value: Any, depth: int) -> _Tests:
        tests: dict[type, tuple[_Test, ...]] = {}
        names = [value] if isinstance(value, str) else _names(value)
        if names is None or not all(name in _PYTHON_TYPES for name in names):
            return _NOTHING_KNOWN
        for name in names:
            tests |= dict.fromkeys(_PYTHON_TYPES[name], ())
        if "integer" in names and not self.scope.draft_4:
            tests.setdefault(float, (_WHOLE,))
        return tests

    def _enum(self, value: Any, depth: int) -> _Tests:
        tests: dict[type, tuple[_Test, ...]] = {}
        for kind, scalars in _scalars(value).items():
            # Of one kind, membership is what ``jsonschema`` calls equal.
            test = _Test(scalars.__contains__, scalars.issuperset)
            tests |= {each: (test,) for each, name in _KINDS.items() if name == kind}
        return tests

    def _const(self, value: Any, depth: int) -> _Tests:
        return self._enum([value], depth)

    def _pattern(self, value: Any, depth: int) -> _Tests:
        import re

        try:
            search = re.compile(value).search  # As the reference implementation does.
        except (re.error, TypeError, OverflowError, RecursionError):
            return _NOTHING_KNOWN
        test = _Test(lambda text: search(text) is not None, lambda texts: all(map(search, texts)))
        return {**_ANYTHING, str: (test,)}

    def _items(self, value: Any, depth: int) -> _Tests:
        if not isinstance(value, dict if self.scope.draft_4 else (dict, bool)):
            return _NOTHING_KNOWN
        proof = self._proof(value, depth)
        if proof.tests == _ANYTHING:
            return _ANYTHING
        return {**_ANYTHING, list: (_one_by_one(proof.every),)}

    def _property_names(self, value: Any, depth: int) -> _Tests:
        return {**_ANYTHING, dict: (_one_by_one(self._proof(value, depth).every),)}

    def _required(self, value: Any, depth: int) -> _Tests:
        if _names(value) is None:
            return _NOTHING_KNOWN
        names = frozenset(value)
        return {**_ANYTHING, dict: (_one_by_one(lambda members: members.keys() >= names),)}

    def _properties(self, value: Any, depth: int) -> _Tests:
        if not isinstance(value, dict):
            return _NOTHING_KNOWN
        written = [(name, self._proof(schema, depth)) for name, schema in value.items()]
        proofs = [(name, proof) for name, proof in written if proof.tests != _ANYTHING]

        def one(members: dict[str, Any]) -> bool:
            for name, proof in proofs:  # noqa: SIM110  # Here, too, a generator takes longer.
                if name in members and not proof(members[name]):
                    return False
            return True

        return {**_ANYTHING, dict: (_one_by_one(one),)}

    def _additional(self, value: Any, declared: Any, depth: int) -> _Tests:
        if not isinstance(value, (dict, bool)) or not isinstance(declared, dict):
            return _NOTHING_KNOWN
        names = frozenset(declared)
        if value is False:
            return {**_ANYTHING, dict: (_one_by_one(lambda members: members.keys() <= names),)}
        proof = self._proof(value, depth)
        if proof.tests == _ANYTHING:
            return _ANYTHING

        def one(members: dict[str, Any]) -> bool:
            if names.isdisjoint(members):
                return proof.every(members.values())
            return proof.every([each for name, each in members.items() if name not in names])

        return {**_ANYTHING, dict: (_one_by_one(one),)}

    def _ref(self, value: Any, depth: int) -> _Tests:
        return self.tests(self.scope.resolve(value), depth)

    def _all_of(self, value: Any, depth: int) -> _Tests:
        if not isinstance(value, list):
            return _NOTHING_KNOWN
        tests = _ANYTHING
        for schema in value:
            more = self.tests(schema, depth)
            tests = {kind: tests[kind] + more[kind] for kind in tests if kind in more}
        return tests

    def _any_of(self, value: Any, depth: int) -> _Tests:
        if not isinstance(value, list) or not self.scope.never_fails:
            return _NOTHING_KNOWN
        branches = [self._proof(schema, depth) for schema in value]
        tests: dict[type, tuple[_Test, ...]] = {}
        for kind in _TYPES:
            open_to = [branch for branch in branches if kind in branch.tests]
            if any(not branch.tests[kind] for branch in open_to):
                tests[kind] = ()
            elif len(open_to) == 1:
                tests[kind] = open_to[0].tests[kind]
            elif open_to:
                tests[kind] = (_one_by_one(_some(open_to)),)
        return tests

    def _one_of(self, value: Any, depth: int) -> _Tests:
        if not isinstance(value, list) or not self.scope.never_fails:
            return _NOTHING_KNOWN
        branches = [(self._proof(each, depth), self._refusal(each, depth)) for each in value]
        exactly_one = (_one_by_one(_exactly_one(branches)),)
        tests: dict[type, tuple[_Test, ...]] = {}
        for kind in _TYPES:
            possible = [proof for proof, refusal in branches if kind in refusal.types]
            if len(possible) == 1 and kind in possible[0].tests:
                tests[kind] = possible[0].tests[kind]
            elif any(kind in proof.tests for proof in possible):
                tests[kind] = exactly_one
        return tests

    def _refusal(self, schema: Schema, depth: int) -> _Refusal:
        """What a schema surely refuses. What else it asks can only make it refuse more."""
        if schema is False:
            return _Refusal(types=frozenset())
        if not isinstance(schema, dict) or self.exhausted(depth):
            return _Refusal()
        asked = {keyword: schema[keyword] for keyword in self.scope.asked(schema)}
        parts = [self._refusal(each, depth + 1) for each in _list(asked.get("allOf"))]
        if "$ref" in asked:
            parts.append(self._refusal(self.scope.resolve(asked["$ref"]), depth + 1))
        properties = asked.get("properties")
        members = properties if isinstance(properties, dict) else {}
        types = frozenset(self._type(asked["type"], depth) or _TYPES) if "type" in asked else _TYPES
        listed = [_list(asked["enum"])] if "enum" in asked else []
        if "const" in asked and not self.scope.draft_4:
            listed.append([asked["const"]])
        return _Refusal(
            types.intersection(*(part.types for part in parts)),
            tuple(_scalars(each) for each in listed),
            tuple(_names(asked.get("required")) or ()),
            {name: self._refusal(each, depth + 1) for name, each in members.items()},
            tuple(parts),
        )


_WRITERS: Final[Mapping[str, Callable[[_Writer, Any, int], _Tests]]] = {
    "$ref": _Writer._ref,
    "allOf": _Writer._all_of,
    "anyOf": _Writer._any_of,
    "const": _Writer._const,
    "enum": _Writer._enum,
    "items": _Writer._items,
    "oneOf": _Writer._one_of,
    "pattern": _Writer._pattern,
    "properties": _Writer._properties,
    "propertyNames": _Writer._property_names,
    "required": _Writer._required,
    "type": _Writer._type,
}
#: Draft 4 does not know them, or means something else.
_SINCE_DRAFT_6: Final = ("const", "propertyNames", "exclusiveMinimum", "exclusiveMaximum")


class _Refusal(NamedTuple):
    """What a schema is known to refuse.

    Attributes:
        types: The Python types of values that it may accept; it refuses values of other JSON types.
        listed: The scalars that it may accept, by their kind; once for each list that it has.
        required: Names that an object must have.
        members: What it refuses of members, by name.
        parts: Other schemas that it asks to be satisfied.
    """

    types: frozenset[type] = _TYPES
    listed: tuple[Mapping[str, frozenset[Any]], ...] = ()
    required: tuple[str, ...] = ()
    members: Mapping[str, _Refusal] = {}
    parts: tuple[_Refusal, ...] = ()

    def refuses(self, value: Any) -> bool:
        """Whether the schema surely refuses a value."""
        kind = type(value)
        if kind not in _TYPES:
            return False
        if kind not in self.types or any(part.refuses(value) for part in self.parts):
            return True
        if kind is not dict:
            return kind in _KINDS and any(
                value not in scalars.get(_KINDS[kind], ()) for scalars in self.listed
            )
        return any(name not in value for name in self.required) or any(
            name in value and member.refuses(value[name]) for name, member in self.members.items()
        )


def _some(branches: list[Proof]) -> Predicate:
    return lambda value: any(branch(value) for branch in branches)


def _exactly_one(branches: list[tuple[Proof, _Refusal]]) -> Predicate:
    def one(value: Any) -> bool:
        for at, (proof, _) in enumerate(branches):
            if proof(value):
                others = branches[:at] + branches[at + 1 :]
                return all(refusal.refuses(value) for _, refusal in others)
        return False

    return one


def _bound(keyword: str, bound: Any) -> _Tests:
    if not _is_number(bound):
        return _NOTHING_KNOWN
    holds, outermost = _BOUNDS[keyword]
    # Of a NaN nothing is known. Among others it may pass unseen, which no bound refuses, either.
    test = _Test(
        lambda number: holds(number, bound), lambda numbers: holds(outermost(numbers), bound)
    )
    return {**_ANYTHING, int: (test,), float: (test,)}


def _size(keyword: str, bound: Any) -> _Tests:
    if not _is_number(bound):
        return _NOTHING_KNOWN
    kind, holds, outermost = _SIZES[keyword]
    test = _Test(
        lambda value: holds(len(value), bound),
        lambda values: holds(outermost(map(len, values)), bound),
    )
    return {**_ANYTHING, kind: (test,)}


def _scalars(values: Any) -> dict[str, frozenset[Any]]:
    """The scalars of a list by the kind that they are compared as."""
    found: dict[str, set[Any]] = {}
    for each in _list(values):
        if type(each) in _KINDS:
            found.setdefault(_KINDS[type(each)], set()).add(each)
    return {kind: frozenset(scalars) for kind, scalars in found.items()}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _names(value: Any) -> list[str] | None:
    """A list of texts; None of anything else."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    return None


# ----------------------------------------------------------------------------------------------
# From schemas to types


def typed_decoder(document: Schema, dialect: Dialect) -> Callable[[bytes], bool] | None:
    """A function that says of JSON text whether it surely holds a value that a schema accepts.

    The text must be one that ``jsontext.read`` accepts: duplicate names are not seen here.

    Returns:
        The function; or None if what the schema asks cannot be told by types, bounds, sizes and
        lists of strings.
    """
    import msgspec

    try:
        type_of_document = _TypeWriter(_Scope(document, dialect)).type_of(document)
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
#: Below it, whole numbers and doubles are the same. From there on the bounds of ``number`` and the
#: numbers that are held against them would be rounded first.
_EXACT: Final = 2**53
_TYPED: Final = frozenset(
    {"type", "enum", "items", "properties", "required", "additionalProperties", *_BOUNDS, *_SIZES}
)
# The type checker is not to read types that are made at run time.
_annotated: Any = Annotated
_dict_type: Any = dict
_list_type: Any = list
_literal: Any = Literal
_union: Any = Union


class _TypeWriter(_Bounded):
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
        names = set(_names([stated] if isinstance(stated, str) else stated) or ())
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
        if not all(_is_number(bound) and abs(bound) < _EXACT for bound in bounds.values()):
            raise _Inexpressible  # Booleans of draft 4 among them.
        return _annotated[number, msgspec.Meta(**bounds)] if bounds else number

    def _object(self, asked: Mapping[str, Any], depth: int) -> Any:
        additional = asked.get("additionalProperties", True)
        properties, required = asked.get("properties", {}), _names(asked.get("required", []))
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
    values = _names(asked["enum"])
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
