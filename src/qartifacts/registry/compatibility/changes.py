"""What has changed between two versions of a schema, and who breaks.

* READER: a new payload may be one that readers of the old schema refuse or misread.
* ARCHIVE: a stored payload may be one that the new schema refuses.
* CODE: generated names or types change.

"Safe" is always a proof, and "breaks" always comes with a payload that shows it, valid under one
schema and not under the other. Whatever is neither is said to be undecided.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from qartifacts.findings import counted
from qartifacts.jsontext import pointer, quoted
from qartifacts.registry.compatibility.inclusion import (
    DRAFTS,
    Inclusion,
    alike,
    is_plain,
    without_annotations,
)
from qartifacts.registry.compatibility.rules import (
    DIFF_RULES,
    RULE_OF_KEYWORD,
    Audience,
    Effect,
)
from qartifacts.registry.compatibility.witnesses import candidates
from qartifacts.registry.dialects import Dialect, dialect_of
from qartifacts.registry.patterns import is_harmless, patterns
from qartifacts.registry.references import is_endless

__all__ = ["SchemaChange", "compare", "document_added", "document_gone"]

_ABSENT: Final = object()
#: Changes that are told one by one; of more, a schema is another one.
_MOST: Final = 200
_DEEPEST: Final = 60
#: Values in both schemas, containers included, beyond which they are not compared.
_LARGEST: Final = 20_000

#: Keywords whose value maps names to schemas, lists schemas, or is one.
_MAPS: Final = ("properties", "patternProperties", "definitions", "$defs", "dependentSchemas")
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_ONES: Final = (
    "additionalProperties", "propertyNames", "items", "additionalItems", "contains", "not", "if",
    "then", "else", "unevaluatedProperties", "unevaluatedItems",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One change of a schema.

    Attributes:
        rule: Its code in the catalogue of changes.
        pointer: JSON pointer of the place in the schema.
        message: What was there, and what is there now.
        reader: Whether readers of the old schema break.
        archive: Whether stored payloads break.
        code: Whether generated code changes.
        witness: A payload that shows the first of what breaks; None if nothing is shown to.
    """

    rule: str
    pointer: str
    message: str
    reader: Effect
    archive: Effect
    code: Effect
    witness: Any = None

    def effect(self, audience: Audience) -> Effect:
        """Whether somebody breaks."""
        effects = {
            Audience.READER: self.reader,
            Audience.ARCHIVE: self.archive,
            Audience.CODE: self.code,
        }
        return effects[audience]

    def __str__(self) -> str:
        said = [
            f"{effect} {audience.upper()}"
            for effect in (Effect.YES, Effect.UNDECIDED)
            for audience in Audience
            if self.effect(audience) is effect
        ]
        who = ", ".join(said) or "breaks nobody"
        shown = ""
        if Effect.YES in (self.reader, self.archive):
            text = json.dumps(self.witness, ensure_ascii=False)
            shown = f" (as {text[:100]}{'...' if len(text) > 100 else ''} shows)"
        return f"{self.pointer or '/'}: {self.rule} {self.message}: {who}{shown}"

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON values."""
        breaks = Effect.YES in (self.reader, self.archive)
        return {
            "rule": self.rule,
            "pointer": self.pointer,
            "message": self.message,
            **{str(audience): str(self.effect(audience)) for audience in Audience},
            **({"witness": self.witness} if breaks else {}),
        }


def document_added(format: str) -> SchemaChange:
    """The change that a format is new: nobody has read or stored anything of it."""
    return SchemaChange("QD001", "", f"{format} is new", Effect.NO, Effect.NO, Effect.NO)


def document_gone(format: str) -> SchemaChange:
    """The change that a format is gone: what is stored of it can no longer be checked."""
    maybe = Effect.UNDECIDED
    return SchemaChange("QD002", "", f"{format} is gone", Effect.NO, maybe, Effect.YES)


def compare(
    old: Mapping[str, Any], new: Mapping[str, Any], *, name: str
) -> tuple[SchemaChange, ...]:
    """All changes between two versions of a schema, in the order of the old one.

    Args:
        old: The schema as it was.
        new: The schema as it is.
        name: How messages call it.

    Raises:
        UnusableSchema: One of them states no dialect that is known.
    """
    if alike(old, new):
        return ()
    dialect_of(dict(old), name)
    dialect_of(dict(new), name)
    why = None
    if _size(old) + _size(new) > _LARGEST:
        why = "is too large"
    elif is_endless(old) or is_endless(new):
        why = "has a reference that goes in a circle"
    elif not all(map(is_harmless, (*patterns(old), *patterns(new)))):
        why = "has a pattern that could take unbounded time"
    if why is not None:
        maybe = Effect.UNDECIDED
        message = f"a schema {why}, and cannot be compared"
        return (SchemaChange("QD100", "", message, maybe, maybe, maybe),)
    return _Comparison(dict(old), dict(new), name).changes()


class _Comparison:
    """Two schemas, what tells their values apart, and proofs that nothing does."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any], name: str) -> None:
        self._old: Final = old
        self._new: Final = new
        self._dialect: Final = dialect_of(old, name)
        self._same_dialect: Final = dialect_of(new, name) == self._dialect
        old_judge, new_judge = _judge(old, self._dialect), _judge(new, dialect_of(new, name))
        #: Payloads that only one of both accepts, the shortest first.
        self._stored: Final[list[Any]] = []
        self._future: Final[list[Any]] = []
        for value in candidates(old, new):
            before, after = old_judge(value), new_judge(value)
            if before and not after:
                self._stored.append(value)
            elif after and not before:
                self._future.append(value)
        for found in (self._stored, self._future):
            found.sort(key=lambda value: len(json.dumps(value)))

    def changes(self) -> tuple[SchemaChange, ...]:
        reader = self._overall(self._future, self._new, self._old)
        archive = self._overall(self._stored, self._old, self._new)
        found = []
        differences = _differences(self._old, self._new)
        for path, keyword, before, after in islice(differences, _MOST):
            found.append(self._change(path, keyword, before, after, reader, archive))
        others = [RULE_OF_KEYWORD.get(each[1] or "", "QD100") for each in differences]
        if others:
            effects = [DIFF_RULES[rule].code for rule in others]
            code = min(effects, key=list(Effect).index)
            message = f"{counted(len(others), 'more change')}"
            undecided = [
                Effect.NO if e is Effect.NO else Effect.UNDECIDED for e in (reader, archive)
            ]
            found.append(SchemaChange("QD100", "", message, undecided[0], undecided[1], code))
        # A value may break only because of several changes; then it is said of all together.
        seen = {
            audience: any(each.effect(audience) is not Effect.NO for each in found)
            for audience in (Audience.READER, Audience.ARCHIVE)
        }
        shown = {
            audience: any(each.effect(audience) is Effect.YES for each in found)
            for audience in (Audience.READER, Audience.ARCHIVE)
        }
        together = {
            audience: overall
            if overall is not Effect.NO and not (shown if overall is Effect.YES else seen)[audience]
            else Effect.NO
            for audience, overall in ((Audience.READER, reader), (Audience.ARCHIVE, archive))
        }
        if any(each is not Effect.NO for each in together.values()):
            yes = [a for a, effect in together.items() if effect is Effect.YES]
            witness = None
            if yes:
                witness = (self._future if yes[0] is Audience.READER else self._stored)[0]
            found.append(
                SchemaChange(
                    "QD003",
                    "",
                    "all changes together",
                    together[Audience.READER],
                    together[Audience.ARCHIVE],
                    Effect.NO,
                    witness,
                )
            )
        return tuple(found)

    def _overall(self, witnesses: list[Any], inner: Any, outer: Any) -> Effect:
        if witnesses:
            return Effect.YES
        return Effect.NO if self._proven(inner, outer) else Effect.UNDECIDED

    def _proven(self, inner: Any, outer: Any) -> bool:
        if not self._same_dialect:
            return False
        if alike(without_annotations(inner), without_annotations(outer)):
            return True
        plain = self._dialect.name in DRAFTS and is_plain(inner) and is_plain(outer)
        return plain and Inclusion(inner, outer, self._judge_part).proven()

    def _judge_part(self, value: Any, schema: Any) -> bool:
        accepted: bool = _judge(schema, self._dialect)(value)
        return accepted

    def _change(
        self,
        path: tuple[Any, ...],
        keyword: str | None,
        before: Any,
        after: Any,
        reader: Effect,
        archive: Effect,
    ) -> SchemaChange:
        rule = "QD100" if keyword is None else RULE_OF_KEYWORD.get(keyword, "QD190")
        alone = self._with_only(path, before, after)
        effects = {Audience.READER: Effect.NO, Audience.ARCHIVE: Effect.NO}
        witness = None
        if rule not in ("QD180", "QD181", "QD182", "QD122") or alone is None:
            judge = None if alone is None else _judge(alone, self._dialect)
            for audience, overall, values, inner, outer in (
                (Audience.READER, reader, self._future, alone, self._old),
                (Audience.ARCHIVE, archive, self._stored, self._old, alone),
            ):
                if overall is Effect.NO:
                    continue
                mine = [
                    value
                    for value in values
                    if judge is not None and judge(value) is (audience is Audience.READER)
                ]
                if mine:
                    effects[audience] = Effect.YES
                    witness = mine[0] if witness is None else witness
                elif alone is None or not self._proven(inner, outer):
                    effects[audience] = Effect.UNDECIDED
        return SchemaChange(
            rule,
            pointer(path),
            _message(path, before, after),
            effects[Audience.READER],
            effects[Audience.ARCHIVE],
            DIFF_RULES[rule].code,
            witness,
        )

    def _with_only(self, path: tuple[Any, ...], before: Any, after: Any) -> dict[str, Any] | None:
        """The old schema with one change; None where it cannot be made by itself."""
        if not path:
            return None
        changed = copy.deepcopy(self._old)
        place: Any = changed
        try:
            for step in path[:-1]:
                place = place[step]
            if after is _ABSENT:
                del place[path[-1]]
            else:
                place[path[-1]] = after
        except (KeyError, IndexError, TypeError):
            return None
        return changed


def _judge(schema: Any, dialect: Dialect) -> Any:
    """What answers whether a value is valid under a schema; what cannot be told is not."""
    import referencing

    def refuse(uri: str) -> Any:
        raise referencing.exceptions.NoSuchResource(uri)

    registry: Any = referencing.Registry(retrieve=refuse)  # type: ignore[call-arg]
    contents = (
        {k: v for k, v in schema.items() if k != "$schema"} if isinstance(schema, dict) else schema
    )
    validator = dialect.validator_class()(contents, registry=registry)

    def judge(value: Any) -> bool:
        try:
            return bool(validator.is_valid(value))
        except Exception:  # noqa: BLE001  # A reference to nowhere, a wrong pattern, a circle.
            return False

    return judge


def _differences(
    old: Any, new: Any, path: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], str | None, Any, Any]]:
    """Places in a schema that differ: path, keyword, and what was and is there."""
    if alike(old, new):
        return
    if not isinstance(old, dict) or not isinstance(new, dict) or len(path) > _DEEPEST:
        yield path, None, old, new
        return
    for keyword in dict.fromkeys((*old, *new)):
        before, after = old.get(keyword, _ABSENT), new.get(keyword, _ABSENT)
        if alike(before, after):
            continue
        here = (*path, keyword)
        if keyword in _MAPS and isinstance(before, dict) and isinstance(after, dict):
            for name in dict.fromkeys((*before, *after)):
                one, other = before.get(name, _ABSENT), after.get(name, _ABSENT)
                if one is _ABSENT or other is _ABSENT:
                    yield (*here, name), keyword, one, other
                else:
                    yield from _differences(one, other, (*here, name))
        elif keyword in _LISTS and _as_long(before, after):
            for at, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from _differences(one, other, (*here, at))
        elif keyword in _ONES and isinstance(before, dict) and isinstance(after, dict):
            yield from _differences(before, after, here)
        else:
            yield here, keyword, before, after


def _size(value: Any) -> int:
    size, left = 0, [value]
    while left and size <= _LARGEST:
        each = left.pop()
        size += 1
        left += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return size


def _as_long(one: Any, other: Any) -> bool:
    return isinstance(one, list) and isinstance(other, list) and len(one) == len(other)


def _message(path: tuple[Any, ...], before: Any, after: Any) -> str:
    name = quoted(str(path[-1])) if path else "the schema"
    if before is _ABSENT:
        return f"{name} is new: {_short(after)}"
    if after is _ABSENT:
        return f"{name} is gone: {_short(before)}"
    if isinstance(before, list) and isinstance(after, list):
        gone = [_short(each) for each in before if each not in after]
        new = [_short(each) for each in after if each not in before]
        parts = [
            f"{verb} {', '.join(some[:5])}{' and more' if len(some) > 5 else ''}"
            for verb, some in (("without", gone), ("with", new))
            if some
        ]
        return f"{name} is now {' and '.join(parts) or counted(len(after), 'item')}"
    return f"{name} was {_short(before)} and is {_short(after)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:56]}..."
