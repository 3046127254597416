"""Whether a schema surely accepts parsed values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

from qartifacts.registry.dialects import Dialect
from qartifacts.validate.proofs.scope import Bounded, Schema, Scope, is_number, names_of

__all__ = ["Proof", "Proofs", "surely_valid"]

Predicate = Callable[[Any], bool]

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
        self._scope: Final = Scope(document, dialect)
        #: Where references lead from a schema of elsewhere is not known here.
        self._elsewhere: Final = Scope(None, dialect)
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


# ----------------------------------------------------------------------------------------------
# From schemas to proofs


class _Writer(Bounded):
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
        names = [value] if isinstance(value, str) else names_of(value)
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
        if names_of(value) is None:
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
            tuple(names_of(asked.get("required")) or ()),
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
    if not is_number(bound):
        return _NOTHING_KNOWN
    holds, outermost = _BOUNDS[keyword]
    # Of a NaN nothing is known. Among others it may pass unseen, which no bound refuses, either.
    test = _Test(
        lambda number: holds(number, bound), lambda numbers: holds(outermost(numbers), bound)
    )
    return {**_ANYTHING, int: (test,), float: (test,)}


def _size(keyword: str, bound: Any) -> _Tests:
    if not is_number(bound):
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
