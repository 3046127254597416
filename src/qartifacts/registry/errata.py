"""Errata: what evidence shows to be wrong in a published schema, as JSON Patch beside the registry.

``errata/<format>.toml`` of a registry directory holds them, each with an id, the reason, the
evidence and how strong that is. The effective schema is the published one with its errata applied
in order. Documents are never changed: an erratum that no longer applies, because the service has
mended it, can so be told and left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from qartifacts.errors import UnusableErratum
from qartifacts.identifiers import FormatId

__all__ = ["CONFIDENCES", "ERRATA", "Erratum", "amended", "apply", "errata_path", "read_errata"]

ERRATA: Final = "errata"

#: What an erratum rests on, the strongest first: documents that were kept as the service sent them;
#: documents that came through an SDK, which cannot have caused what is seen in them; what clients
#: and their tests accept; documents that came through an SDK, which may have caused it by writing
#: them anew; or the documentation alone.
CONFIDENCES: Final = ("observed", "wire", "client", "sdk", "documentation")

_TEXTS: Final = ("id", "reason", "confidence")


class Erratum(NamedTuple):
    """One correction of a published schema.

    Attributes:
        format: The format whose schema it corrects.
        id: Its name, one of its format's.
        reason: What is wrong as published.
        evidence: Where that was seen.
        confidence: How strong the evidence is; one of ``CONFIDENCES``.
        patch: Operations of JSON Patch (RFC 6902).
        needed_by: How many of which documents fail without it, in words; empty if nobody counted.
    """

    format: FormatId
    id: str
    reason: str
    evidence: tuple[str, ...]
    confidence: str
    patch: tuple[dict[str, Any], ...]
    needed_by: str = ""


def errata_path(folder: str, format: FormatId) -> str:
    """The file that holds a format's errata, if there is one."""
    return os.path.join(folder, ERRATA, f"{format}.toml")


def read_errata(folder: str, format: FormatId) -> tuple[Erratum, ...]:
    """The errata of a format, in the order in which they are applied; often none.

    Raises:
        UnusableErratum: The file is not understood.
    """
    path = errata_path(folder, format)
    if not os.path.exists(path):
        return ()
    import tomllib

    try:
        with open(path, "rb") as file:
            tables = tomllib.load(file).get("erratum")
    except (OSError, ValueError) as error:
        raise UnusableErratum(f"{path} cannot be used: {error}") from error
    if not isinstance(tables, list) or not tables:
        raise UnusableErratum(f"{path} has no [[erratum]]")
    found = tuple(_erratum(path, format, table) for table in tables)
    if len({each.id for each in found}) < len(found):
        raise UnusableErratum(f"{path}: two errata have the same id")
    return found


def _erratum(path: str, format: FormatId, table: Any) -> Erratum:
    table = table if isinstance(table, dict) else {}
    evidence, patch = table.get("evidence"), table.get("patch")
    texts = [table.get(name) for name in _TEXTS]
    needed_by = table.get("needed_by", "")
    understood = (
        all(isinstance(text, str) and text for text in texts)
        and isinstance(needed_by, str)
        and isinstance(evidence, list)
        and evidence
        and all(isinstance(each, str) for each in evidence)
        and isinstance(patch, list)
        and patch
        and all(isinstance(each, dict) for each in patch)
    )
    if not understood:
        raise UnusableErratum(
            f"{path}: an erratum has the texts {', '.join(_TEXTS)}, evidence (a list of texts), "
            "patch (a list of operations) and perhaps the text needed_by"
        )
    identifier, reason, confidence = texts
    if confidence not in CONFIDENCES:
        raise UnusableErratum(f"{path}: confidence must be one of {', '.join(CONFIDENCES)}")
    return Erratum(format, identifier, reason, tuple(evidence), confidence, tuple(patch), needed_by)


def apply(document: dict[str, Any], erratum: Erratum) -> dict[str, Any] | None:
    """A document with an erratum applied; None where the erratum no longer applies.

    It does not if an operation fails, such as a ``test`` of what stood there, or if it changes
    nothing.
    """
    import jsonpatch
    import jsonpointer

    try:
        amended: Any = jsonpatch.apply_patch(document, list(erratum.patch))
    except jsonpatch.InvalidJsonPatch as error:
        where = f"{erratum.format}, erratum {erratum.id}"
        raise UnusableErratum(f"{where}: the patch is no JSON Patch: {error}") from error
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError):
        return None
    if not isinstance(amended, dict):
        where = f"{erratum.format}, erratum {erratum.id}"
        raise UnusableErratum(f"{where}: what the patch makes is no schema")
    if amended == document:
        return None
    whole: dict[str, Any] = amended
    return whole


def amended(
    document: dict[str, Any], errata: Iterable[Erratum]
) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
    """A document with errata, the ids of those that apply, and of those that no longer do."""
    applied, obsolete = [], []
    for erratum in errata:
        after = apply(document, erratum)
        if after is None:
            obsolete.append(erratum.id)
        else:
            applied.append(erratum.id)
            document = after
    return document, tuple(applied), tuple(obsolete)
