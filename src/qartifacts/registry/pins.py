"""The registry: an immutable view of a directory of pinned documents."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from qartifacts.config import DEFAULTS
from qartifacts.errors import MissingDocument, ModifiedDocument, UnknownFormat, UnusableSchema
from qartifacts.identifiers import FormatId
from qartifacts.jsontext import read
from qartifacts.registry.dialects import Dialect, dialect_of
from qartifacts.registry.errata import amended, errata_path, read_errata
from qartifacts.registry.lockfile import (
    PREVIOUS,
    STAGED,
    Entry,
    canonical_sha256,
    document_path,
    read_lock,
)

if TYPE_CHECKING:
    import referencing

__all__ = ["Pin", "Registry"]


class Pin(NamedTuple):
    """One pinned document.

    Attributes:
        format: Its format identifier.
        title: What the format holds, in a few words.
        source: Where the document comes from: ``endpoint``, ``mirror``, ``openapi`` (translated
            from the service's OpenAPI document), ``endpoint-example`` (printed verbatim in the
            reference) or ``documentation`` (transcribed).
        where: The place it was read at.
        retrieved: The day it was read, ``YYYY-MM-DD``.
        sha256: Digest of its bytes, in hexadecimal.
        canonical_sha256: Digest of its canonical form (RFC 8785), in hexadecimal.
        path: The file that holds it.
        stated: The source that a mirror stated; empty for all others.
        etag: What the server calls this version of the document; empty if nothing.
        effective_sha256: Canonical digest with errata applied; empty where there are none.
        errata: Ids of the errata that are applied, in their order.
        obsolete: Ids of errata that no longer apply, and so are not.
        identifier: ``local`` if the identifier is one that qartifacts made up, not the service's;
            else empty.
        as_published: Whether errata are left out of ``document``.
    """

    format: FormatId
    title: str
    source: str
    where: str
    retrieved: str
    sha256: str
    canonical_sha256: str
    path: str
    stated: str = ""
    etag: str = ""
    effective_sha256: str = ""
    errata: tuple[str, ...] = ()
    obsolete: tuple[str, ...] = ()
    identifier: str = ""
    as_published: bool = False

    def read_bytes(self) -> bytes:
        """The document's bytes, verified to be those that were pinned.

        Raises:
            MissingDocument: The file is not there, or cannot be read.
            ModifiedDocument: The file holds other bytes.
        """
        # A sync that was interrupted after its lockfile took effect has left documents here.
        staged = os.path.join(os.path.dirname(self.path), STAGED, self.sha256)
        problem: MissingDocument | ModifiedDocument | None = None
        # It may go to its place, and vanish here, between two looks; so look there again.
        previous = os.path.join(os.path.dirname(self.path), PREVIOUS, self.sha256)
        for path in (self.path, staged, previous, self.path):
            try:
                if not os.path.isfile(path):  # A pipe would be waited for.
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
                with open(path, "rb") as file:
                    data = file.read(DEFAULTS.max_bytes + 1)
            except OSError as error:
                problem = problem or MissingDocument(path, error.strerror or str(error))
                continue
            actual = hashlib.sha256(data).hexdigest()
            if actual == self.sha256:
                return data
            problem = problem or ModifiedDocument(path, self.sha256, actual)
        raise cast("MissingDocument", problem)

    @property
    def document(self) -> dict[str, Any]:
        """The schema with its errata, which is what payloads are held against.

        It is read and verified anew each time: what a caller does to it stays there.

        Raises:
            MissingDocument, ModifiedDocument: As for ``read_bytes``; an erratum that is not the one
                that was locked is a modified document, too.
            UnusableErratum: The errata are not understood.
            UnusableSchema: The document is not a JSON object.
        """
        document = self.published
        if self.as_published:
            return document
        folder = os.path.dirname(self.path)
        errata = {each.id: each for each in read_errata(folder, self.format)}
        # Another set of errata than the locked one is a modification, too.
        if errata.keys() == {*self.errata, *self.obsolete}:
            document, _, _ = amended(document, [errata[each] for each in self.errata])
            actual = canonical_sha256(document, self.path) if errata else ""
        else:
            actual = f"that with the errata {', '.join(errata) or 'left out'}"
        expected = self.effective_sha256 or (self.canonical_sha256 if errata else "")
        if actual != expected:
            raise ModifiedDocument(errata_path(folder, self.format), expected, actual)
        return document

    @property
    def published(self) -> dict[str, Any]:
        """The schema as published, without errata.

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
    process is as good as the one there. The one that comes with the package is, in the other
    process, that of the package there, wherever it is installed.
    """

    __slots__ = ("_as_published", "_entries", "_folder", "_hash", "_pins")

    def __init__(
        self, folder: str, entries: Mapping[FormatId, Entry], as_published: bool = False
    ) -> None:
        self._folder: Final = folder
        self._as_published: Final = as_published
        self._entries: Final = dict(entries)
        self._hash: Final = hash((folder, as_published, tuple(self._entries.items())))
        self._pins: Final[dict[str, Pin]] = {
            format: Pin(
                format=format,
                path=document_path(folder, format),
                as_published=as_published,
                **entry._asdict(),
            )
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

    def as_published(self) -> Registry:
        """The same documents without errata: what the service says, and not what it does."""
        return Registry(self._folder, self._entries, as_published=True)

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
        return (self._folder, self._as_published, self._entries) == (
            other._folder,
            other._as_published,
            other._entries,
        )

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        if self._folder == _bundled_folder():
            return _from_bundled, (self._entries, self._as_published)
        return Registry, (self._folder, self._entries, self._as_published)

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
    return Registry.open(_bundled_folder())


@cache
def _bundled_folder() -> str:
    import qartifacts_schemas

    return os.path.dirname(os.path.abspath(qartifacts_schemas.__file__))


def _from_bundled(entries: Mapping[FormatId, Entry], as_published: bool) -> Registry:
    """What another process means by its bundled registry.

    If other documents are bundled here, they are not those that were pinned there, and are refused.
    """
    return Registry(_bundled_folder(), entries, as_published)
