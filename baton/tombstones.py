"""Tombstones of erased persons: keyed hashes of their identifiers, by which old facts stay out.

What somebody does after the erasure (a record of a source that `brings_back`) comes in, as that of
a new person. What other sources say of them counts only from then on, and if it is newer than that.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from baton.errors import UsageError

VARIABLE = "BATON_ERASURE_KEY"
_SHORTEST_KEY = 32


@dataclass(frozen=True)
class Identifier:
    """A value of a node type, spelt as `nodes` has it. Personal: never to be printed."""

    node_type: str
    value: str

    def __repr__(self) -> str:
        return f"Identifier({self.node_type})"


@dataclass(frozen=True)
class Tombstone:
    """One erased value. `returned_at` is when its person first did something anew (UTC)."""

    erasure_id: str
    erased_at: datetime
    returned_at: datetime | None = None

    def bars(self, *, brings_back: bool) -> datetime | None:
        """Up to when what happened stays out; null: whenever it happened."""
        return self.erased_at if brings_back else self.returned_at


class ErasureKey:
    """The secret under which erased values are hashed; without it none can be recognised."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """The key. Raises UsageError when there is none, or one too short to be a secret."""
        if text is None or len(text.strip()) < _SHORTEST_KEY:
            raise UsageError(
                f"the key of erasures is {'too short' if text else 'not set'}",
                where=VARIABLE,
                mend="set it to a secret of at least 32 characters and keep it for good, wherever "
                "`baton run` and `baton identity` work: without it erased people would come back "
                'with the next file. One: python -c "import secrets; '
                'print(secrets.token_urlsafe(32))"',
            )
        return cls(text.strip())

    @property
    def fingerprint(self) -> str:
        """By which a journal knows its key."""
        return self._hash("fingerprint of the key")

    def hash(self, one: Identifier) -> str:
        """The keyed hash of a value."""
        return self._hash(f"tombstone\x1f{one.node_type}\x1f{one.value}")

    def _hash(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()


class Tombstones:
    """All tombstones of a journal, asked by value."""

    def __init__(self, key: ErasureKey, by_hash: Mapping[str, Tombstone]) -> None:
        self._key = key
        self._by_hash = by_hash

    def met(self, node_type: str, values: Iterable[str]) -> dict[str, Tombstone]:
        """Those of the values that were erased."""
        found = ((one, self._of(node_type, one)) for one in values)
        return {value: stone for value, stone in found if stone is not None}

    def of(self, erasure_id: str) -> "Tombstones":
        """Those of one erasure."""
        mine = {k: one for k, one in self._by_hash.items() if one.erasure_id == erasure_id}
        return Tombstones(self._key, mine)

    def with_returns(self, returned: Mapping[str, datetime]) -> "Tombstones":
        """The same when these persons, by their erasures, have come back; what was known stays."""
        if not returned:
            return self
        stones = {
            k: replace(one, returned_at=one.returned_at or returned.get(one.erasure_id))
            for k, one in self._by_hash.items()
        }
        return Tombstones(self._key, stones)

    def _of(self, node_type: str, value: str) -> Tombstone | None:
        return self._by_hash.get(self._key.hash(Identifier(node_type, value)))
