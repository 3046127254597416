"""From documents to views of devices: read, check, tell which device is meant, combine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from qartifacts.artifact import Artifact, load
from qartifacts.config import Settings
from qartifacts.errors import ConversionError, MissingParameter, UnknownDevice
from qartifacts.findings import counted
from qartifacts.hardware import ibm, ionq
from qartifacts.hardware.view import Device, merged
from qartifacts.identifiers import (
    IBM_BACKENDS,
    IBM_CONFIGURATION,
    IBM_DEFAULTS,
    IBM_PROPERTIES,
    IBM_STATUS,
    IONQ_BACKENDS,
    IONQ_CHARACTERIZATION,
    IONQ_CHARACTERIZATIONS,
    FormatId,
)
from qartifacts.registry import Registry
from qartifacts.source import SourceLike, display_name

__all__ = ["combined", "device", "devices", "views"]

_READERS: Final[Mapping[FormatId, Callable[[Any, str], list[Device]]]] = {
    IONQ_BACKENDS: ionq.backends,
    IONQ_CHARACTERIZATION: ionq.characterization,
    IONQ_CHARACTERIZATIONS: ionq.characterizations,
    IBM_BACKENDS: ibm.backends,
    IBM_CONFIGURATION: ibm.configuration,
    IBM_PROPERTIES: ibm.properties,
    IBM_STATUS: ibm.status,
    IBM_DEFAULTS: ibm.defaults,
}


def device(
    *sources: SourceLike | Artifact,
    name: str | None = None,
    format: str | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> Device:
    """One view of a device, from one document about it or from several.

    Documents of any of these formats will do: IonQ's list of backends and characterizations, IBM's
    list of backends, configuration, properties, status and defaults.

    Args:
        *sources: Documents, each as ``check`` takes it, or loaded. Several are of one device, such
            as a configuration and the properties.
        name: Which device, for lists of several. It can be left out where another document tells.
            Of several characterizations of it, the latest is taken.
        format: The format, if there is one document; else each is told as ``check`` does.
        registry: As for ``check``.
        settings: As for ``check``.

    Raises:
        InvalidArtifact: A document does not pass its check; the exception carries the report.
        ConversionError: A document is none of a device, or lists none.
        DeviceConflict: The documents are not of one device, or say different things of it.
        MissingParameter: A document lists several devices, and nothing tells which is meant.
        UnknownDevice: A document has no device of that name.
        OSError, TypeError, ValueError, UnknownFormat, InvalidSettings, RegistryError: As for
            ``check``.
    """
    if not sources:
        raise TypeError("device takes at least one document")
    if format is not None and len(sources) > 1:
        raise ValueError("a format is that of one document; load the others with load()")
    listed = [
        devices(source, format=format, registry=registry, settings=settings) for source in sources
    ]
    return combined(listed, name)


def devices(
    source: SourceLike | Artifact,
    *,
    format: str | None = None,
    registry: Registry | None = None,
    settings: Settings | None = None,
) -> tuple[Device, ...]:
    """A view of each device that a document lists, in its order; of each characterization, too.

    Args:
        source: A document as ``check`` takes it, or loaded.
        format: As for ``check``.
        registry: As for ``check``.
        settings: As for ``check``.

    Raises:
        InvalidArtifact: It does not pass its check; the exception carries the report.
        ConversionError: It is no document of a device.
        OSError, TypeError, ValueError, UnknownFormat, InvalidSettings, RegistryError: As for
            ``check``.
    """
    if not isinstance(source, Artifact):
        source = load(source, format=format, registry=registry, settings=settings)
    return views(source, source.report.source)


def views(artifact: Artifact, name: str) -> tuple[Device, ...]:
    """A view of each device that a checked document is about.

    Args:
        artifact: The document.
        name: What it is called where it is told who says something.

    Raises:
        ConversionError: It is no document of a device.
    """
    reader = _READERS.get(artifact.format)
    if reader is None:
        message = f"{display_name(name)} is {artifact.format}, which is no document of a device"
        raise ConversionError("no-device", message)
    return tuple(reader(artifact.payload, name))


def combined(listed: Sequence[Sequence[Device]], name: str | None = None) -> Device:
    """One view of a device from those of several documents.

    Args:
        listed: For each document, the devices that it is about; at least one document.
        name: Which device is meant.

    Raises:
        ConversionError, DeviceConflict, MissingParameter, UnknownDevice: As for ``device``.
    """
    if name is None:
        # A page of characterizations, all of one device, tells which is meant, too.
        of_one = [len({device.name for device in each}) == 1 for each in listed]
        alone = [each[0].name for each, is_one in zip(listed, of_one, strict=True) if is_one]
        name = next((known for known in alone if known is not None), None)
        return merged(
            _of_name(each, None if is_one else name)
            for each, is_one in zip(listed, of_one, strict=True)
        )
    return merged(_of_name(each, name) for each in listed)


def _of_name(views: Sequence[Device], name: str | None) -> Device:
    """The device of a name; of several views of it, the latest."""
    if not views:
        raise ConversionError("no-device", "the document lists no device")
    # A document of one device need not name it.
    meant = [each for each in views if each.name == name]
    if name is None or (not meant and len(views) == 1 and views[0].name is None):
        meant = list(views)
    names = tuple(dict.fromkeys(each.name for each in meant))
    if not meant:
        raise UnknownDevice(str(name), _names(views))
    if len(names) > 1:
        shown = ", ".join(_names(views)[:_MOST_NAMED])
        why = f"the document lists {counted(len(names), 'device')}, such as {shown}"
        raise MissingParameter("name", display_name(why))
    return max(meant, key=lambda each: each.measured_at or _LONG_AGO)


def _names(views: Sequence[Device]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for each in views if each.name is not None))


#: Names that are told in an error.
_MOST_NAMED: Final = 4
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
