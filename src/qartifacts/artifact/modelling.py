"""Between artifacts and typed models, which are only ever made of what has passed.

So no style's leniency can let anything through: a payload is checked before it becomes a model, and
a model is checked as a payload before it becomes an artifact.
"""

from __future__ import annotations

import copy
import dataclasses
import importlib
import sys
import typing
import warnings
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from qartifacts.artifact.artifact import Artifact
from qartifacts.artifact.loading import load
from qartifacts.config import Settings
from qartifacts.errors import ConversionError, MissingExtra
from qartifacts.identifiers import VENDOR_FORMATS, FormatId
from qartifacts.jsontext import quoted
from qartifacts.payloads import family_of
from qartifacts.registry import Registry
from qartifacts.source import SourceLike

__all__ = ["MembersDropped", "decode", "from_model", "model_of"]

Model = TypeVar("Model")

#: Subpackages of the models that come with this package, by style, and what they need.
_SHIPPED: Final = {"pydantic": "pydantic", "msgspec": "msgspec", "typeddict": "typeddicts"}


class MembersDropped(UserWarning):
    """A payload has members that its format does not declare, and the style cannot hold them."""


def decode(
    source: SourceLike,
    model: type[Model],
    *,
    format: str | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Model:
    """Check a payload and return it as a typed model.

    Args:
        source: As for ``check``.
        model: The type of a whole payload: a generated class, or an alias such as
            ``dict[str, float]``.
        format: The format identifier. A generated class knows its own, by the index of its package.
        registry: As for ``check``.
        settings: As for ``check``.

    Raises:
        InvalidArtifact: The payload does not pass.
        ConversionError: The payload is not of that type.
        OSError, TypeError, ValueError, UnknownFormat, RegistryError: As for ``load``.

    Warns:
        MembersDropped: The style cannot hold members that the format does not declare.
    """
    known = _format_of(model) if format is None else format
    artifact = load(source, format=known, registry=registry, settings=settings)
    made: Model = _made(artifact, model)
    return made


def model_of(artifact: Artifact, style: str) -> Any:
    """An artifact as a model of the shipped ones.

    Raises:
        ValueError: There is no such style.
        MissingExtra: The style's library is not installed.
        ConversionError: There is no model of the artifact's format.
    """
    if style not in _SHIPPED:
        raise ValueError(f"style takes {' or '.join(_SHIPPED)}, not {style!r}")
    try:
        package = importlib.import_module(f"qartifacts_models.{_SHIPPED[style]}")
    except ImportError as error:
        raise MissingExtra(style, style) from error
    model = package.MODELS.get(artifact.format)
    if model is None:
        raise ConversionError("no-model", f"there is no {style} model of {artifact.format}")
    return _made(artifact, model)


def from_model(
    model: Any,
    *,
    format: str | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Artifact:
    """A typed model as an artifact, checked as any other payload.

    Args:
        model: An instance of a generated class, or plain values.
        format: The format identifier; needed where the model does not tell it.
        registry: As for ``check``.
        settings: As for ``check``.

    Raises:
        InvalidArtifact: It does not pass.
        UnknownFormat, RegistryError: As for ``load``.
    """
    known = _format_of(type(model)) if format is None else format
    return load(_plain(model), format=known, registry=registry, settings=settings)


def _made(artifact: Artifact, model: Any) -> Any:
    import msgspec

    family = family_of(artifact.format)
    payload = artifact.payload if family is None else family.normal(artifact.payload)
    if hasattr(model, "model_validate"):
        # Pydantic's own class of errors is a ValueError.
        try:
            return model.model_validate(payload)
        except ValueError as error:
            raise _not_of(artifact, model) from error
    if typing.is_typeddict(model):
        return copy.deepcopy(payload)
    try:
        made = msgspec.convert(payload, model)
    except (msgspec.ValidationError, TypeError) as error:
        raise _not_of(artifact, model) from error
    _tell_dropped(artifact, made)
    return made


def _not_of(artifact: Artifact, model: Any) -> ConversionError:
    name = getattr(model, "__name__", str(model))
    return ConversionError("no-model", f"a payload of {artifact.format} is no {name}")


def _tell_dropped(artifact: Artifact, made: Any) -> None:
    from qartifacts.payloads.decode import undeclared

    if family_of(artifact.format) is None or artifact.format in VENDOR_FORMATS:
        names = list(dict.fromkeys(_dropped(artifact.payload, _plain(made))))
    else:
        names = undeclared(artifact.format, artifact.payload)
    if names:
        shown = ", ".join(map(quoted, names[:4]))
        message = f"this style drops members that the format does not declare: {shown}"
        warnings.warn(message, MembersDropped, stacklevel=4)


def _dropped(payload: Any, plain: Any) -> Iterator[str]:
    """Names of members, at any depth, that a model made of a payload does not hold."""
    waiting = [(payload, plain)]
    while waiting:
        whole, part = waiting.pop()
        if isinstance(whole, dict) and isinstance(part, dict):
            yield from (name for name in whole if name not in part and whole[name] is not None)
            waiting += [(each, part[name]) for name, each in whole.items() if name in part]
        elif isinstance(whole, list) and isinstance(part, list):
            waiting += zip(whole, part, strict=False)


def _format_of(model: Any) -> FormatId | None:
    """The format of a generated class: its package's index says so."""
    module = getattr(model, "__module__", "")
    package = sys.modules.get(module.rpartition(".")[0])
    models = getattr(package, "MODELS", None)
    if isinstance(models, dict):
        for format, each in models.items():
            if each is model:
                return FormatId(format)
    return None


def _plain(model: Any) -> Any:
    """A model as plain values, without what was never set."""
    if hasattr(model, "model_dump"):
        return model.model_dump(exclude_unset=True, by_alias=True)
    if dataclasses.is_dataclass(model) and not isinstance(model, type):
        return {
            field.name: _plain(value)
            for field in dataclasses.fields(model)
            if (value := getattr(model, field.name)) is not None or field.default is not None
        }
    if isinstance(model, dict):
        return {name: _plain(value) for name, value in model.items()}
    if isinstance(model, list):
        return [_plain(value) for value in model]
    import msgspec

    return msgspec.to_builtins(model)
