"""Reading ahead: small files behind URLs are on their way while others are checked.

Nearly all of the time that such a file takes is waiting for an answer, so a few are asked for at
once. They are handed on in their order, and memory is bounded by their number and size.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from qartifacts.bulk.items import Item, Terms

if TYPE_CHECKING:
    from qartifacts.remote.files import Ahead

__all__ = ["read_ahead"]

#: Items that wait for their turn.
_AHEAD: Final = 16


def read_ahead(items: Iterable[Item], terms: Terms) -> Iterator[Item]:
    """The same items in their order; small ones behind URLs have been read when they come.

    Raises:
        MissingExtra: What opens the URLs of a scheme is not installed.
    """
    waiting: deque[tuple[Item, Ahead | None]] = deque()
    try:
        for item in items:
            if not item.url and not waiting:
                yield item
                continue
            waiting.append(_begun(item))
            if len(waiting) > _AHEAD:
                yield _arrived(*waiting.popleft(), terms)
        while waiting:
            yield _arrived(*waiting.popleft(), terms)
    finally:
        for _, ahead in waiting:
            if ahead is not None:
                ahead.cancel()


def _begun(item: Item) -> tuple[Item, Ahead | None]:
    """An item, and what of it is on its way."""
    if not item.url or item.code or item.source is not None:
        return item, None
    from qartifacts.remote import located
    from qartifacts.remote.files import begin

    try:
        return item, begin(located(item.url))
    except OSError as error:
        return item.unreadable(error), None


def _arrived(item: Item, ahead: Ahead | None, terms: Terms) -> Item:
    if ahead is None:
        return item
    try:
        return item._replace(source=ahead.source(terms.settings_for(item.path)))
    except OSError as error:
        return item.unreadable(error)
