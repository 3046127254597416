"""Where findings are, for tools that annotate the files of a project.

Such tools know files by their path from the top of the project, with slashes, and lines of files;
they know nothing of the members of archives.
"""

from __future__ import annotations

import os
import re
from typing import Final, NamedTuple

from qartifacts.findings import Finding, Report
from qartifacts.source import display_name

__all__ = ["Annotation", "ProjectPaths"]

#: What is no path: a URL, and names in brackets such as ``<stdin>``.
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_UNNAMED: Final = re.compile(r"<[^/]*>")
#: What a URI may hold as it is: RFC 3986, reserved and unreserved.
_URI_CHARACTERS: Final = "/:?#[]@!$&'()*+,;="
_BARE_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")


class Annotation(NamedTuple):
    """What to say at a line of a file.

    Attributes:
        message: One line of printable text. Where the finding is in a member of an archive, it
            says in which, and where.
        line: Line in the file, from 1; None where the finding has none there.
        column: Column in characters, from 1; None where ``line`` is.
    """

    message: str
    line: int | None
    column: int | None

    @classmethod
    def of(cls, report: Report, finding: Finding) -> Annotation:
        """What to say of ``finding``, which is one of those of ``report``."""
        if not report.archived:
            return cls(display_name(finding.message), finding.line, finding.column)
        return cls(display_name(f"{report.archived}:{finding.place} {finding.message}"), None, None)


class ProjectPaths:
    """Sources by their path from the top of a project.

    Args:
        top: Directory that paths are relative to.
    """

    def __init__(self, top: str) -> None:
        self._top = os.path.join(os.path.realpath(top), "")
        #: The last directory, as it was given and resolved: files come directory by directory.
        self._last: tuple[str | None, str] = (None, "")

    def path(self, source: str) -> str:
        """``source`` relative to the top, with slashes; an absolute path if it is not below it.

        What is no path stays as it is: URLs, ``<stdin>``.
        """
        if _URL.match(source) or _UNNAMED.fullmatch(source):
            return source
        folder, name = os.path.split(source)
        last, resolved = self._last
        if folder != last:
            # A link to a file is what is annotated; links to directories make no difference.
            resolved = os.path.join(os.path.realpath(folder), "")
            self._last = folder, resolved
        path = resolved + name
        return path.removeprefix(self._top).replace(os.sep, "/")

    def uri(self, source: str) -> str:
        """The path as a URI, relative or absolute, whatever bytes the name holds (RFC 3986)."""
        from urllib.parse import quote

        if _URL.match(source):
            kept = _BARE_PERCENT.sub("%25", source)
            return quote(os.fsencode(kept), safe=_URI_CHARACTERS + "%")
        path = self.path(source)
        if os.path.isabs(path):
            from pathlib import PurePath

            return PurePath(path).as_uri()
        return quote(os.fsencode(path))
