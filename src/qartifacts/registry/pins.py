"""The registry: an immutable view of a directory of pinned documents."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from qartifacts.config import DEFAULTS
from qartifacts.errors import MissingDocument, ModifiedDocument, UnknownFormat, UnusableSchema
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import read
from qartifacts.registry.dialects import Dialect, dialect_of
from qartifacts.registry.lockfile import Entry, document_path, read_lock

if TYPE_CHECKING:
    import referencing

__all__ = ["Pin", "Registry"]


@dataclass(frozen=True, slots=True)
class Pin:
    """One pinned document.

    Attributes:
        format: Its format identifier.
        title: What the format holds, in a few words.
        source: Where the document comes from: ``endpoint``, ``mirror``, ``endpoint-example``
            (printed verbatim in the reference) or ``documentation`` (transcribed).
        where: The place it was read at.
        retrieved: The day it was read, ``YYYY-MM-DD``.
        sha256: Digest of its bytes, in hexadecimal.
        canonical_sha256: Digest of its canonical form (RFC 8785), in hexadecimal.
        path: The file that holds it.
    """

    format: FormatId
    title: str
    source: str
    where: str
    retrieved: str
    sha256: str
    canonical_sha256: str
    path: str

    def read_bytes(self) -> bytes:
        """The document's bytes, verified to be those that were pinned.

        Raises:
            MissingDocument: The file is not there, or cannot be read.
            ModifiedDocument: The file holds other bytes.
        """
        try:
            with open(self.path, "rb") as file:
                data = file.read(DEFAULTS.max_bytes + 1)
        except OSError as error:
            raise MissingDocument(self.path, error.strerror or str(error)) from error
        actual = hashlib.sha256(data).hexdigest()
        if actual != self.sha256:
            raise ModifiedDocument(self.path, self.sha256, actual)
        return data

    @property
    def document(self) -> dict[str, Any]:
        """The schema, read and verified anew each time: what a caller does to it stays there.

        Raises:
            MissingDocument, ModifiedDocument: As for ``read_bytes``.
            UnusableSchema: The document is not a JSON object.
        """
        reading = read(self.read_bytes(), DEFAULTS)
        if reading.faults or not isinstance(reading.value, dict):
            raise UnusableSchema(f"the schema of {self.format} is not a JSON object")
        return reading.value

    @property
    def dialect(self) -> Dialect:
        """The draft of JSON Schema that the document states.

        Raises:
            MissingDocument, ModifiedDocument: As for ``read_bytes``.
            UnusableSchema: The draft is not stated, or not known.
        """
        return dialect_of(self.document, self.format)


class Registry(Mapping[str, Pin]):
    """Pinned documents by format identifier.

    A registry never changes: it is what the lockfile said when it was opened, and a document that
    has changed since is refused when it is read. Nothing is ever fetched. Registries are equal if
    they pin the same documents in the same directory, so that one that comes pickled into another
    process is as good as the one there.
    """

    __slots__ = ("_entries", "_folder", "_hash", "_pins")

    def __init__(self, folder: str, entries: Mapping[FormatId, Entry]) -> None:
        self._folder: Final = folder
        self._entries: Final = dict(entries)
        self._hash: Final = hash((folder, tuple(self._entries.items())))
        self._pins: Final[dict[str, Pin]] = {
            format: Pin(format=format, path=document_path(folder, format), **entry._asdict())
            for format, entry in entries.items()
        }

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Registry:
        """The registry in a directory.

        Raises:
            LockfileError: The directory has no lockfile that can be used.
        """
        folder = os.path.abspath(path)
        return cls(folder, read_lock(folder))

    @classmethod
    def bundled(cls) -> Registry:
        """The registry that comes with this package; the same object at every call."""
        return _bundled()

    @property
    def folder(self) -> str:
        """The directory it was opened from."""
        return self._folder

    def __getitem__(self, format: str) -> Pin:
        """The pin of a format.

        Raises:
            UnknownFormat: The registry does not hold it. It is a ``KeyError`` too.
        """
        try:
            return self._pins[format]
        except KeyError:
            raise UnknownFormat(str(format), tuple(self._pins)) from None

    def __contains__(self, format: object) -> bool:
        return format in self._pins

    def __iter__(self) -> Iterator[FormatId]:
        return (pin.format for pin in self._pins.values())

    def __len__(self) -> int:
        return len(self._pins)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Registry):
            return NotImplemented
        return self._folder == other._folder and self._entries == other._entries

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return Registry, (self._folder, self._entries)

    def __repr__(self) -> str:
        return f"<Registry of {len(self)} formats in {self._folder}>"

    @property
    def referencing(self) -> referencing.Registry[Any]:
        """The pinned documents for the library ``referencing``, each under its identifier.

        Documents are loaded, and verified, when a reference asks for them. References to anything
        else cannot be resolved.
        """
        import referencing
        import referencing.exceptions

        def retrieve(uri: str) -> referencing.Resource[Any]:
            pin = self._pins.get(uri)
            if pin is None:
                raise referencing.exceptions.NoSuchResource(uri)
            document = pin.document
            return dialect_of(document, uri).specification().create_resource(document)

        return referencing.Registry(retrieve=retrieve)  # type: ignore[call-arg]  # An attrs alias.


@cache
def _bundled() -> Registry:
    import qartifacts_schemas

    return Registry.open(os.path.dirname(os.path.abspath(qartifacts_schemas.__file__)))
