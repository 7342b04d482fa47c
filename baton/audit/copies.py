"""Rows of the journal that are ledgers only by their copies in the warehouse.

The journal lets go of them when they are old (`retention.yml`); the copies stay, and are what
digests are over. As long as both are there they must say the same.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import duckdb

from baton.audit.findings import NAMED, Finding
from baton.intake.sql import scalar
from baton.journal import Journal

_LEAST_AGE = timedelta(days=30)  # of what a tidying may remove
_PART = 20_000
_COMPARED = {
    "message_events": (
        "message_id",
        "state",
        "reason",
        "attempt_id",
        "occurred_at",
        "set_by",
        "note",
    ),
    "sync_outcomes": ("request_id", "outcomes", "occurred_at"),
}
_Values = tuple[str | None, ...]


def copies_that_differ(con: duckdb.DuckDBPyConnection, journal: Journal) -> Iterator[Finding]:
    """Yield a finding per stream whose rows in the journal are not those in the warehouse."""
    for stream, columns in _COMPARED.items():
        last = scalar(con, f"select max(t.seq) from raw.journal_{stream} as t")
        differing: list[str] = []
        gone: list[int] = []
        after = 0
        while after < last:
            rows = journal.feed(stream, after, limit=_PART)
            own = {int(str(row["seq"])): _values(row[name] for name in columns) for row in rows}
            upto = max(own, default=last)
            copies = _copies(con, stream, columns, after, upto)
            differing += [str(seq) for seq in own if seq <= last and copies.get(seq) != own[seq]]
            gone += copies.keys() - own.keys()
            after = upto
        yield from _told(f"journal.{stream}", "not as the warehouse has them", differing)
        young = _too_young_to_go(con, stream, gone)
        yield from _told(f"journal.{stream}", "gone that no tidying has removed", young)


def _told(ledger: str, what: str, rows: Sequence[str]) -> Iterator[Finding]:
    if rows:
        yield Finding(ledger, None, f"{len(rows)} rows {what}", rows=tuple(rows[:NAMED]))


def _copies(
    con: duckdb.DuckDBPyConnection, stream: str, columns: Sequence[str], after: int, upto: int
) -> dict[int, _Values]:
    rows = con.execute(
        f"select t.seq, {', '.join(f't.{name}' for name in columns)} "
        f"from raw.journal_{stream} as t where t.seq > ? and t.seq <= ?",
        [after, upto],
    ).fetchall()
    return {seq: _values(values) for seq, *values in rows}


def _too_young_to_go(con: duckdb.DuckDBPyConnection, stream: str, seqs: Sequence[int]) -> list[str]:
    if not seqs:
        return []
    rows = con.execute(
        f"""select t.seq from raw.journal_{stream} as t
        where t.seq in (select unnest(?::bigint[])) and t.occurred_at >= coalesce(
            (select max(d.tidied_at) from raw.tidyings as d) - ?::interval, timestamp '-infinity'
        ) order by 1""",
        [list(seqs), _LEAST_AGE],
    ).fetchall()
    return [str(seq) for (seq,) in rows]


def _values(given: Iterator[object] | Sequence[object]) -> _Values:
    return tuple(None if one is None else str(one) for one in given)
