"""Rows of syncs about people who were erased while a plan was made or carried out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, or_, select

from baton.journal.hashing import AddressHasher
from baton.journal.schema import erasures
from baton.journal.sync_records import SEPARATOR, Judged, Told


class KeyHashes:
    """Keyed hashes of the keys and values by which syncs may know a person."""

    def __init__(self, hasher: AddressHasher) -> None:
        self._hasher = AddressHasher(hasher.derived("keys of erased people"))

    def of(self, texts: Iterable[str]) -> set[str]:
        """The hashes of texts, in lower or upper case."""
        return {self._hasher.text(one.casefold()) for one in texts}

    def of_row(self, row: Told) -> set[str]:
        """The hashes by which a row is known: of its key, and of each part of that."""
        text = row.row_key if row.handle is None else row.handle
        return self.of([row.row_key, *text.split(SEPARATOR)])


@dataclass(frozen=True)
class ErasedRows:
    """Which rows are about people who were erased since a plan was made."""

    hashes: KeyHashes
    erased: frozenset[str] = field(default=frozenset(), repr=False)

    def keys_in(self, rows: Iterable[Told]) -> set[str]:
        """The keys of those rows."""
        if not self.erased:
            return set()
        return {row.row_key for row in rows if not self.erased.isdisjoint(self.hashes.of_row(row))}

    def without(self, judged: Judged) -> Judged:
        """An outcome without them."""
        gone = self.keys_in(judged.rows)
        if not gone:
            return judged
        ids = {key: id_ for key, id_ in judged.external_ids.items() if key not in gone}
        rows = [row for row in judged.rows if row.row_key not in gone]
        return replace(judged, rows=rows, external_ids=ids)


def erased_since(
    connection: Connection,
    hasher: AddressHasher,
    planned_at: datetime,
    taken_back_by: Sequence[str] | None = None,
) -> ErasedRows:
    """Those of erasures of which the warehouse was not clean at a time of the wall clock.

    Left out are erasures whose rows `taken_back_by` (sync, destination) takes back itself.
    """
    query = select(erasures.c.sync_keys, erasures.c.kept_syncs).where(
        or_(erasures.c.cleaned_wall_at.is_(None), erasures.c.cleaned_wall_at >= planned_at)
    )
    found = {
        key
        for row in connection.execute(query)
        if taken_back_by is None or list(taken_back_by) not in row.kept_syncs
        for key in row.sync_keys
    }
    return ErasedRows(KeyHashes(hasher), frozenset(found))
