"""Whose keys there are, where they may go, and the headers in which they travel.

Facts about the headers: ``Authorization: apiKey <key>`` is IonQ's (API reference, v0.4). IBM's
backends API names three schemes, of which the service instance is one: an IBM Cloud API key, which
its own client sends as ``Authorization: apikey <key>``; an IAM token, as ``Authorization: Bearer``;
and the instance, as ``Service-CRN``. Variables are those of IBM's client, qiskit-ibm-runtime, where
it has one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

__all__ = [
    "IBM_BASE",
    "IBM_EU_BASE",
    "IBM_INSTANCE_VARIABLE",
    "IBM_KEY_VARIABLE",
    "IBM_TOKEN_VARIABLE",
    "KEY_VARIABLE",
    "Credentials",
    "IBMCredentials",
    "IonQCredentials",
    "NoKey",
    "Secrets",
    "ibm_base",
]

#: The environment variable in which users keep their key for IonQ.
KEY_VARIABLE: Final = "IONQ_API_KEY"
#: Those in which users of IBM's own client keep their key, and the instance that they use.
IBM_KEY_VARIABLE: Final = "QISKIT_IBM_TOKEN"
IBM_INSTANCE_VARIABLE: Final = "QISKIT_IBM_INSTANCE"
#: For an IAM token, which holds for an hour; the name is ours, since IBM's client has none.
IBM_TOKEN_VARIABLE: Final = "IBM_QUANTUM_BEARER_TOKEN"  # noqa: S105

IBM_BASE: Final = "https://quantum.cloud.ibm.com/api"
IBM_EU_BASE: Final = "https://eu-de.quantum.cloud.ibm.com/api"

#: What can stand in a header, so that nobody puts a second header behind it.
_KEY = re.compile(r"[\x21-\x7e]+")
_CRN = re.compile(r"crn:v1(?::[\x21-\x39\x3b-\x7e]*){8}")
_LOCATION: Final = 5  # The place of the region in a CRN, which colons divide.


class NoKey(Exception):
    """There is no key that can be sent; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is sent, once it is.

    Attributes:
        headers: The headers that hold it.
        key: The key or token itself.
        words: All secrets in them, which no message may hold.
        source: Where they are from, as messages call it.
    """

    headers: Mapping[str, str] = field(repr=False)
    key: str = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    source: str


class Credentials(Protocol):
    """The key for the services of one vendor."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The vendor's own hosts."""

    @property
    def variable(self) -> str:
        """The environment variable in which users keep the key."""

    @property
    def at_once(self) -> bool:
        """Whether the vendor's own hosts get it with the first request, if there is one."""

    def find(self) -> Secrets:
        """The key: what was given, or else what the environment holds.

        Raises:
            NoKey: There is none, or it cannot stand in a header.
        """


class IonQCredentials:
    """IonQ's API key, which is sent once it is asked for: some operations need none."""

    hosts = ("api.ionq.co",)
    variable = KEY_VARIABLE
    at_once = False

    def __init__(self, key: str | None) -> None:
        self._key = _checked(key, "key")

    def find(self) -> Secrets:
        key, source = _given_or_kept(self._key, KEY_VARIABLE)
        if not key:
            raise NoKey(f"set the environment variable {KEY_VARIABLE} to yours")
        return Secrets({"Authorization": f"apiKey {key}"}, key, (key,), source)


class IBMCredentials:
    """An IBM Cloud API key or an IAM token, and the instance. Every operation asks for them.

    Of the environment, a token goes before a key: it is the one that was made for today.
    """

    hosts = ("quantum.cloud.ibm.com", "eu-de.quantum.cloud.ibm.com")
    variable = IBM_KEY_VARIABLE
    at_once = True

    def __init__(self, key: str | None, token: str | None, crn: str | None) -> None:
        if key is not None and token is not None:
            raise ValueError("pass a key or a token, not both")
        self._key = _checked(key, "key")
        self._token = _checked(None if token is None else _bare(token), "token")
        if crn is not None and not _CRN.fullmatch(crn):
            raise ValueError("the CRN is none: one starts with crn:v1: and has nine colons")
        self._crn = crn

    def find(self) -> Secrets:
        authorization, key, source = self._authorization()
        headers = {"Authorization": authorization}
        crn = self._crn or os.environ.get(IBM_INSTANCE_VARIABLE, "").strip()
        if crn:
            if not _CRN.fullmatch(crn):
                # IBM's own client takes names of instances, too, and looks them up.
                raise NoKey(
                    f"and {IBM_INSTANCE_VARIABLE} holds no CRN, which starts with crn:v1:; set it "
                    "to the one of your instance"
                )
            headers["Service-CRN"] = crn
            return Secrets(headers, key, (key, crn), source)
        source += f", sent without an instance ({IBM_INSTANCE_VARIABLE} is not set)"
        return Secrets(headers, key, (key,), source)

    def _authorization(self) -> tuple[str, str, str]:
        """The header, the secret in it, and where that is from."""
        if self._key is None:
            token, source = _given_or_kept(self._token, IBM_TOKEN_VARIABLE, bare=True)
            if token:
                return f"Bearer {token}", token, source
        key, source = _given_or_kept(self._key, IBM_KEY_VARIABLE)
        if not key:
            raise NoKey(
                f"set the environment variable {IBM_KEY_VARIABLE} to your API key, and "
                f"{IBM_INSTANCE_VARIABLE} to the CRN of your instance"
            )
        return f"apikey {key}", key, source


def ibm_base(crn: str | None) -> str:
    """The base URL of the region that an instance is in; the global one where that is not told.

    Args:
        crn: The instance; by default the one in ``QISKIT_IBM_INSTANCE``.
    """
    parts = (crn or os.environ.get(IBM_INSTANCE_VARIABLE, "")).split(":")
    return IBM_EU_BASE if parts[_LOCATION : _LOCATION + 1] == ["eu-de"] else IBM_BASE


def _checked(given: str | None, name: str) -> str | None:
    if given is not None and not _KEY.fullmatch(given):
        raise ValueError(f"the {name} is empty, or holds characters that no {name} has")
    return given


def _given_or_kept(given: str | None, variable: str, *, bare: bool = False) -> tuple[str, str]:
    """A key and where it is from; empty if there is none.

    Raises:
        NoKey: The variable holds none that could be sent.
    """
    if given is not None:
        return given, "that was given"
    # A key that was read from a file often ends in a line feed.
    kept = os.environ.get(variable, "").strip()
    kept = _bare(kept) if bare else kept
    if kept and not _KEY.fullmatch(kept):
        raise NoKey(f"and {variable} holds characters that no key has; set it anew")
    return kept, f"in {variable}"


def _bare(token: str) -> str:
    """A token without the word that IBM's command line puts before it."""
    scheme, space, rest = token.partition(" ")
    return rest if space and scheme.lower() == "bearer" else token
