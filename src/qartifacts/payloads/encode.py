"""From a payload to the bytes of a file."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["encode"]


def encode(payload: Any) -> bytes:
    """``payload`` as JSON without spaces, numbers in the shortest form that reads back to them."""
    import orjson

    try:
        return orjson.dumps(payload)
    except orjson.JSONEncodeError:
        # Integers of more than 64 bits, in members that no format declares.
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
