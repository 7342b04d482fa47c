"""What stands for a row of a ledger once somebody in it is erased: keyed hashes, made before.

Of a row that stays without the person the hidden part of its leaf is kept, of one that is removed
the leaf. Nobody without the journal's key can test by them whose row it was.
"""

from collections.abc import Collection, Sequence

import duckdb

from baton.audit.chain import hidden, leaves_of
from baton.audit.ledgers import JOURNAL, Ledger, Shape
from baton.journal.ledger_reader import LedgerReader
from baton.journal.ledgers import JOURNAL_LEDGERS

_BURY = """
insert into raw.ledger_tombstones select * from (values ($1, $2, $3::blob, $4::blob, $5::blob, $6))
    as t (ledger, position, leaf, kept, hidden, erasure_id)
where not exists (
    select 1 from raw.ledger_tombstones as s where s.ledger = t.ledger and s.position = t.position
        and s.kept is not distinct from t.kept and s.hidden is not distinct from t.hidden
        and s.leaf is not distinct from t.leaf and s.erasure_id = t.erasure_id
)
"""


class Burial:
    """Writes tombstones of rows, in the transaction that changes or removes them."""

    def __init__(self, ledgers: Sequence[Ledger], journal: LedgerReader) -> None:
        self._ledgers = {one.name: one for one in ledgers}
        self._journal = journal

    def __call__(
        self, con: duckdb.DuckDBPyConnection, table: str, condition: str, erasure_id: str
    ) -> None:
        """Note the rows of a table for which a condition holds, if it is a ledger."""
        one = self._ledgers.get(table)
        if one is None:
            return
        for shape in shapes_of(con, one.name).values():
            self._bury(con, one, shape, condition, erasure_id)

    def of_journal(
        self, con: duckdb.DuckDBPyConnection, node_ids: Collection[str], erasure_id: str
    ) -> None:
        """Note the rows of the journal's own ledgers that are about these nodes."""
        erasable_ones = [name for name, one in JOURNAL_LEDGERS.items() if one.erasable]
        for name in erasable_ones:
            for shape in shapes_of(con, f"{JOURNAL}{name}").values():
                rows = self._journal.rows_of_nodes(name, node_ids, shape.kept)
                for row in rows:
                    kept, erasable = row.hashes
                    part = hidden(self._journal.key(), erasable or b"")
                    con.execute(_BURY, [f"{JOURNAL}{name}", row.seq, None, kept, part, erasure_id])

    def _bury(
        self,
        con: duckdb.DuckDBPyConnection,
        one: Ledger,
        shape: Shape,
        condition: str,
        erasure_id: str,
    ) -> None:
        key = self._journal.key()
        rows = con.execute(
            f"select t.{one.position}, {shape.hashes('t')} from {one.relation} as t "
            f"where {condition}"
        ).fetchall()
        for position, kept, erasable in rows:
            if one.is_removed:
                (whole,) = leaves_of(key, [(kept, erasable)])
                con.execute(_BURY, [one.name, position, whole, None, None, erasure_id])
            elif erasable is not None:
                part = hidden(key, erasable)
                con.execute(_BURY, [one.name, position, None, kept, part, erasure_id])


def shapes_of(con: duckdb.DuckDBPyConnection, ledger: str) -> dict[str, Shape]:
    """Return the lists of columns that digests of a ledger are over, by name."""
    rows = con.execute(
        "select s.shape, s.kept, s.erasable from raw.ledger_shapes as s where s.ledger = ?",
        [ledger],
    ).fetchall()
    return {name: Shape(tuple(kept), tuple(erasable)) for name, kept, erasable in rows}
