"""The exceptions of this package.

::

    QartifactsError
    ├── InvalidArtifact                  a payload did not pass; carries its report
    ├── UnknownFormat                    a format identifier that the registry does not hold
    ├── UnknownRegister                  a register that the payload does not have
    ├── UnknownDevice                    a device that a document does not list
    ├── UnknownArtifact                  an artifact that a job does not have
    ├── InvalidSettings                  settings that cannot be used
    │   └── InvalidConfiguration         a project's configuration is not understood
    ├── MissingParameter                 a question that needs one more answer from the caller
    ├── ForeignFile                      a file that somebody wrote, where one would be generated
    ├── MissingExtra                     a library that an extra of this package installs
    ├── ClusterError                     a Dask cluster that cannot do the work, or cannot go on
    ├── ConversionError                  a conversion, or a question, that the data does not allow
    │   ├── UnsupportedConversion        a pair of formats between which there is no conversion
    │   └── DeviceConflict               documents that are not of one device, or not of one time
    ├── ServiceError                     a service did not give what it was asked for
    │   ├── Unreachable                  no answer: offline, no such name, refused, too slow, ...
    │   ├── KeyNeeded                    it asks for a key, and there is none to send
    │   ├── KeyRefused                   it does not accept the key
    │   ├── NotFound                     it does not have what was asked for
    │   ├── RateLimited                  it has been asked too often
    │   └── BadAnswer                    any other answer that cannot be used
    └── RegistryError                    a registry that cannot be used
        ├── LockfileError                its lockfile is missing or not understood
        ├── MissingDocument              a pinned document is not there
        ├── ModifiedDocument             a pinned document is not the one that was pinned
        ├── UnusableErratum              errata of a registry are not understood
        └── UnusableSchema               a pinned document cannot be applied as a schema

A path that cannot be opened raises Python's own ``OSError``; an argument of the wrong type or form
raises ``TypeError`` or ``ValueError``.
"""

from __future__ import annotations

from qartifacts.findings import Report, counted
from qartifacts.identifiers import VENDOR_FORMATS
from qartifacts.jsontext import quoted
from qartifacts.source import display_name

__all__ = [
    "BadAnswer",
    "ClusterError",
    "ConversionError",
    "DeviceConflict",
    "ForeignFile",
    "InvalidArtifact",
    "InvalidConfiguration",
    "InvalidSettings",
    "KeyNeeded",
    "KeyRefused",
    "LockfileError",
    "MissingDocument",
    "MissingExtra",
    "MissingParameter",
    "ModifiedDocument",
    "NotFound",
    "QartifactsError",
    "RateLimited",
    "RegistryError",
    "ServiceError",
    "UnknownArtifact",
    "UnknownDevice",
    "UnknownFormat",
    "UnknownRegister",
    "Unreachable",
    "UnsupportedConversion",
    "UnusableErratum",
    "UnusableSchema",
]


class QartifactsError(Exception):
    """Root of everything that this package raises on purpose."""


class InvalidArtifact(QartifactsError):
    """A payload did not pass its check.

    Attributes:
        report: What is wrong with it.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        first = next(iter(self.report.findings), "no finding is shown")
        more = ""
        if self.report.errors > 1:
            more = f" (and {counted(self.report.errors - 1, 'more error')})"
        return f"{display_name(self.report.source)}: {first}{more}"


class UnknownFormat(QartifactsError, KeyError):
    """A format identifier that the registry does not hold.

    Attributes:
        format: The identifier that was asked for.
        known: The identifiers that are there.
    """

    def __init__(self, format: str, known: tuple[str, ...]) -> None:
        super().__init__(format, known)
        self.format = format
        self.known = known

    def __str__(self) -> str:
        return f"the format {self.format[:120]!r} is not in the registry; {self.hint}"

    @property
    def hint(self) -> str:
        """What to try instead."""
        import difflib

        shown = self.format[:120]
        close = [each for each in self.known if shown in each][:4]
        close = close or difflib.get_close_matches(shown, self.known, n=2, cutoff=0.6)
        return f"did you mean {' or '.join(close)}?" if close else "see: qartifacts formats"


class UnknownRegister(QartifactsError, KeyError):
    """A register that the payload does not have.

    Attributes:
        register: The name that was asked for.
        known: The names of the registers that there are.
    """

    def __init__(self, register: str, known: tuple[str, ...]) -> None:
        super().__init__(register, known)
        self.register = register
        self.known = known

    def __str__(self) -> str:
        known = f"those are {', '.join(map(quoted, self.known))}" if self.known else "it has none"
        return f"the payload has no register {quoted(self.register)}; {known}"


class UnknownArtifact(QartifactsError, KeyError):
    """An artifact that a job does not have.

    Attributes:
        artifact: What was asked for: its id, or its format.
        why: Why it cannot be given.
    """

    def __init__(self, artifact: str, why: str) -> None:
        super().__init__(artifact, why)
        self.artifact = artifact
        self.why = why

    def __str__(self) -> str:
        return display_name(f"the artifact {quoted(self.artifact)} {self.why}")


class UnknownDevice(QartifactsError, KeyError):
    """A device that a document does not list.

    Attributes:
        device: The name that was asked for.
        known: The names of the devices that there are.
    """

    def __init__(self, device: str, known: tuple[str, ...]) -> None:
        super().__init__(device, known)
        self.device = device
        self.known = known

    def __str__(self) -> str:
        shown = ", ".join(map(quoted, self.known[:12]))
        more = f" and {len(self.known) - 12:,} more" if len(self.known) > 12 else ""
        known = f"those are {shown}{more}" if self.known else "there is none"
        return f"there is no device {quoted(self.device)}; {known}"


class InvalidSettings(QartifactsError, ValueError):
    """Settings that cannot be used, such as ignoring a rule that cannot be ignored."""


class InvalidConfiguration(InvalidSettings):
    """A project's configuration cannot be read, or says something that is not understood.

    Attributes:
        what: What is wrong.
        file: The qartifacts.toml or pyproject.toml.
        key: Where in it, as in ``overrides[0].files``; empty if the file as a whole is meant.
        line: On which line that stands, from 1, if it can be told.
        suggestion: What is perhaps meant.
    """

    def __init__(
        self,
        what: str,
        file: str,
        key: str = "",
        line: int | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(what, file, key, line, suggestion)
        self.what = what
        self.file = file
        self.key = key
        self.line = line
        self.suggestion = suggestion

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        key = f"{self.key}: " if self.key else ""
        hint = "" if self.suggestion is None else f"; did you mean {self.suggestion}?"
        return f"{self.file}{line}: {key}{self.what}{hint}"


class MissingParameter(QartifactsError, ValueError):
    """A question that has no single answer until the caller adds something.

    Attributes:
        parameter: What is missing.
    """

    def __init__(self, parameter: str, why: str) -> None:
        super().__init__(parameter, why)
        self.parameter = parameter
        self.why = why

    def __str__(self) -> str:
        return f"{self.parameter} is needed: {self.why}"


class ForeignFile(QartifactsError):
    """A file that somebody wrote stands where one would be generated.

    Attributes:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} was not generated; name another directory, or move it"


class MissingExtra(QartifactsError, ImportError):
    """A library is not installed, which an extra of this package brings.

    Attributes:
        extra: The extra.
    """

    def __init__(self, extra: str, library: str) -> None:
        super().__init__(extra, library)
        self.extra = extra
        self.library = library

    def __str__(self) -> str:
        return f"{self.library} is needed; install qartifacts[{self.extra}]"


class ClusterError(QartifactsError):
    """A Dask cluster cannot do the work, or cannot go on with it.

    Attributes:
        message: What is wrong, and what to do.
        address: The scheduler's address.
    """

    def __init__(self, message: str, address: str) -> None:
        super().__init__(message, address)
        self.message = message
        self.address = address

    def __str__(self) -> str:
        return f"{self.address}: {self.message}"


class ConversionError(QartifactsError, ValueError):
    """A conversion, or a question, that this data does not allow.

    Attributes:
        reason: Why, in one word for programs, such as ``marginals`` or ``not-exact``.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class UnsupportedConversion(ConversionError):
    """A pair of formats between which there is no conversion.

    Attributes:
        source: The format that was to be converted.
        target: The format that was asked for.
    """

    def __init__(self, source: str, target: str) -> None:
        why = ""
        if target in VENDOR_FORMATS:
            why = ": formats of other clouds are read, and not written"
        message = (
            f"there is no conversion from {source} to {target}{why}; "
            "see: qartifacts formats --conversions"
        )
        super().__init__("unsupported", message)
        self.source = source
        self.target = target

    def __reduce__(self) -> tuple[type[UnsupportedConversion], tuple[str, str]]:
        return UnsupportedConversion, (self.source, self.target)


class DeviceConflict(ConversionError):
    """Documents that are not of one device, or not of one time, and so make no one view.

    Attributes:
        fact: What they differ in, by its name in ``Device``.
        values: What each of the two says, as a person can read it.
    """

    def __init__(self, fact: str, values: tuple[str, str]) -> None:
        one, other = values
        super().__init__("devices", f"the documents differ in {fact}: {one}, and {other}")
        self.fact = fact
        self.values = values

    def __reduce__(self) -> tuple[type[DeviceConflict], tuple[str, tuple[str, str]]]:
        return DeviceConflict, (self.fact, self.values)


class ServiceError(QartifactsError):
    """A service that is reached over HTTP did not give what it was asked for.

    Attributes:
        message: What happened and what to do, in one line; never with a key in it.
        url: What was asked for.
        status: The status of the answer, if there was one.
    """

    def __init__(self, message: str, url: str, status: int | None = None) -> None:
        super().__init__(message, url, status)
        self.message = message
        self.url = url
        self.status = status

    def __str__(self) -> str:
        return self.message


class Unreachable(ServiceError):
    """There is no answer: no network, no such name, nobody there, no trust, or no end."""


class KeyNeeded(ServiceError):
    """The service asks for a key, and there is none, or none that may be sent there."""


class KeyRefused(ServiceError):
    """The service does not accept the key, or not for this."""


class NotFound(ServiceError):
    """The service does not have what was asked for."""


class RateLimited(ServiceError):
    """The service has been asked too often.

    Attributes:
        retry_after: The seconds after which it may be asked again, if it says so.
    """

    def __init__(
        self, message: str, url: str, status: int | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message, url, status)
        self.args = (message, url, status, retry_after)  # What it is pickled by.
        self.retry_after = retry_after


class BadAnswer(ServiceError):
    """The service failed, or its answer cannot be used: cut off, too large, led elsewhere."""


class RegistryError(QartifactsError):
    """A registry, or one of its documents, cannot be used."""


class LockfileError(RegistryError):
    """The lockfile of a registry is missing or not understood."""


class MissingDocument(RegistryError):
    """A document that the lockfile pins is not there, or cannot be read.

    Attributes:
        path: Where it was looked for.
        why: What the system answered.
    """

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return (
            f"the pinned document {self.path} cannot be read ({self.why}); restore it from version "
            "control, or install qartifacts again if it came with the package"
        )


class ModifiedDocument(RegistryError):
    """A document is not, byte for byte, the one that was pinned.

    Attributes:
        path: The document.
        expected: SHA-256 of the pinned bytes, in hexadecimal.
        actual: SHA-256 of the bytes that are there.
    """

    def __init__(self, path: str, expected: str, actual: str) -> None:
        super().__init__(path, expected, actual)
        self.path = path
        self.expected = expected
        self.actual = actual

    def __str__(self) -> str:
        return (
            f"{self.path} is not the document that was pinned: expected sha256 {self.expected}, "
            f"actual {self.actual}; restore it from version control, install qartifacts again if "
            "it came with the package, or pin it anew if the change is meant"
        )


class UnusableErratum(RegistryError):
    """Errata of a registry are not understood."""


class UnusableSchema(RegistryError):
    """A pinned document cannot be applied as a schema: its dialect, a reference, or its form."""
