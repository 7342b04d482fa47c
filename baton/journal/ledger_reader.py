"""The journal's append-only tables, as an audit reads them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from baton.journal import acts, ledgers
from baton.journal.hashing import AddressHasher
from baton.journal.ledgers import LedgerRow
from baton.journal.store import Store


class LedgerReader:
    """Ledgers of one journal. Every method is one transaction, or one per part."""

    def __init__(self, store: Store, hasher: Callable[[], AddressHasher]) -> None:
        self._store = store
        self._hasher = hasher

    def key(self) -> bytes:
        """The key of the leaves: 32 bytes, of which nothing about other keys follows."""
        return self._hasher().derived("ledgers")

    def rows_after(self, after: Mapping[str, int]) -> dict[str, list[LedgerRow]]:
        """The rows of each ledger with `seq` above the one given; ledgers without left out."""
        return ledgers.rows_after(self._store, after)

    def rows_between(
        self, name: str, after: int, upto: int, kept: Sequence[str]
    ) -> list[LedgerRow]:
        """The rows of a ledger with `after` < `seq` <= `upto`, by these of its columns."""
        with self._store.read() as connection:
            return ledgers.rows_between(connection, name, after, upto, kept)

    def rows_of_nodes(
        self, name: str, node_ids: Collection[str], kept: Sequence[str]
    ) -> list[LedgerRow]:
        """The rows of a ledger that are about these nodes, by these of its columns."""
        with self._store.read() as connection:
            return list(ledgers.rows_of_nodes(connection, name, node_ids, kept))

    def acts(self, since: datetime | None, until: datetime | None) -> list[dict[str, Any]]:
        """What people and limits have done in `since` <= time < `until`, oldest first."""
        with self._store.read() as connection:
            return acts.acts(connection, since, until)

    def anchor(self, *, link: int, digest: str, release_id: str | None, at: datetime) -> None:
        """Keep the last digest of the warehouse's chain, as it was at `at` (naive UTC)."""
        with self._store.write() as connection:
            ledgers.anchor(connection, link=link, digest=digest, release_id=release_id, at=at)

    def anchors(self) -> list[tuple[int, str]]:
        """Links of the chain that were kept, with their digests, oldest first."""
        with self._store.read() as connection:
            return ledgers.anchors(connection)
