"""Deterministic ids, the same in SQL (`macros/baton_id.sql`) and in Python."""

import hashlib
from datetime import UTC, datetime

_SEPARATOR = chr(31)
_NULL = chr(30)

Part = str | int | datetime | None


def make_id(kind: str, *parts: Part) -> str:
    """Return the md5 (32 hex digits) of what the id stands for.

    Parts are joined by `chr(31)`, null is `chr(30)`, naive UTC times are epoch microseconds.
    """
    text = _SEPARATOR.join([kind, *(_as_text(part) for part in parts)])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def short_id(long_id: str) -> int:
    """Return a 60-bit join key for an id, the same as `macros/short_id.sql`; it may collide."""
    return int(hashlib.md5(long_id.encode(), usedforsecurity=False).hexdigest()[:15], 16)


def _as_text(part: Part) -> str:
    if part is None:
        return _NULL
    if isinstance(part, datetime):
        return str(_epoch_microseconds(part))
    return str(part)


def _epoch_microseconds(at: datetime) -> int:
    delta = at.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
