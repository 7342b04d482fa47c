"""What is known of each landed file, and what each window made of it.

`raw.deliveries` is the ledger and grows with every window. `raw.latest_deliveries` holds those of
its rows that a next window asks for: per path the latest, and the last reading to go on from. What
is asked of every window is asked of these; the ledger is only reached by `window_id`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime

import duckdb
import pyarrow as pa

from baton.intake.content import Mark
from baton.intake.extents import Resume
from baton.intake.feeds import path_of
from baton.intake.landing import Landed
from baton.intake.migrations import OVERTAKEN
from baton.intake.source import Source
from baton.intake.sql import scalar
from baton.intake.store import Counts

DELIVERIES = ("raw.deliveries", "raw.latest_deliveries")
"""The ledger and the latest of it: who changes a row of one changes it in the other as well."""

_ENTRIES = "baton_entries"
_TAKEN = ("loaded", "partial", "duplicate")
_PASSING = ("waiting", "held", "unfinished")
_SEEN = """
select d.path, d.window_id, d.state, d.unread_from, d.size_bytes, d.modified_ns, d.declaration
from raw.latest_deliveries as d
"""
_DROP_OVERTAKEN = f"delete from raw.latest_deliveries as d where {OVERTAKEN}"


@dataclass(frozen=True)
class Known:
    """What `raw.deliveries` says of a path that was seen before.

    `delivery` and `resume` name its last reading and where that stopped; `unread_from` is the
    earliest `occurred_at` of what was not read, as far as `is_unread_known`.
    """

    delivery: str | None
    resume: Resume | None
    is_unread_known: bool
    unread_from: datetime | None


@dataclass(frozen=True)
class _Seen:
    """A row of the latest deliveries, as far as a listing is compared with it."""

    path: str
    window_id: int
    state: str
    unread_from: datetime | None
    size_bytes: int | None
    modified_ns: int | None
    declaration: str | None

    def is_same_file(self, landed: Landed) -> bool:
        """Whether it lies there as it did."""
        return (self.size_bytes, self.modified_ns) == (landed.size, landed.modified_ns)

    def is_to_judge(self, landed: Landed) -> bool:
        """Whether the file is news, was cut, or might be judged otherwise by now."""
        if not self.is_same_file(landed) or self.state in ("partial", "unfinished"):
            return True
        is_other = self.declaration not in (None, _declaration(landed))
        return is_other and self.state in ("waiting", "held", "refused")


@dataclass(frozen=True)
class Entry:
    """One row of `raw.deliveries`."""

    delivery: str
    window_id: int
    source: str | None
    path: str
    state: str
    loaded_at: datetime
    declaration: str = ""
    reason: str | None = None
    duplicate_of: str | None = None
    size_bytes: int | None = None
    modified_ns: int | None = None
    content_hash: str | None = None
    content_chain: str | None = None
    from_byte: int = 0
    to_byte: int = 0
    to_line: int = 0
    counts: Counts = field(default_factory=Counts)
    unread_from: datetime | None = None

    def row(self) -> dict[str, object]:
        """The values by column."""
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**own, **asdict(self.counts)}


def to_judge(
    con: duckdb.DuckDBPyConnection, files: Sequence[Landed]
) -> list[tuple[Landed, Known | None]]:
    """Return the files that are new, changed, cut by a limit, or refused under other rules.

    A file with the size and modification time it had when it was read is passed over unopened.
    Passing states of files that are gone are forgotten.
    """
    seen = [_Seen(*row) for row in con.execute(_SEEN).fetchall()]
    there = {one.path for one in files}
    if gone := {one.path for one in seen if one.state in _PASSING} - there:
        _forget_passing(con, "list_contains(?, path)", [sorted(gone)])
    latest = {one.path: one for one in sorted(seen, key=lambda one: one.window_id)}
    known = [(one, latest.get(one.path)) for one in files]
    return [
        (landed, _known(con, landed, last) if last else None)
        for landed, last in known
        if last is None or last.is_to_judge(landed)
    ]


def same_content(
    con: duckdb.DuckDBPyConnection, source: Source, content_hash: str
) -> tuple[str, int] | None:
    """Return the delivery that brought this content before, and its number of records.

    For a snapshot only the last one loaded counts: an older export that comes back is news.
    What was refused counts under the same declaration only.
    """
    if source.mode == "snapshot":
        return _if_last_snapshot(con, source.label, content_hash)
    row = con.execute(
        """select d.delivery, d.to_byte from raw.deliveries as d
        where d.source = ? and ? in (d.content_hash, d.delivered_hash)
            and (d.state in ('loaded', 'partial') or d.state = 'refused' and d.declaration = ?)
        order by d.window_id limit 1""",
        [source.label, content_hash, source.declaration],
    ).fetchone()
    return (str(row[0]), records_of(con, row[0], up_to=row[1])) if row else None


def records_of(con: duckdb.DuckDBPyConnection, delivery: str, *, up_to: int | None = None) -> int:
    """Return how many records of the delivery were read, of its first `up_to` bytes."""
    return scalar(
        con,
        "select sum(d.rows_read) from raw.deliveries as d "
        "where d.delivery = ? and (? is null or d.to_byte <= ?)",
        [delivery, up_to, up_to],
    )


def restat(con: duckdb.DuckDBPyConnection, landed: Landed, delivery: str, tail: str | None) -> None:
    """Remember the new size and time of a file that holds just what was read of it."""
    _forget_passing(con, "path = ?", [landed.path])
    last = scalar(
        con,
        "select max(d.window_id) from raw.latest_deliveries as d where d.delivery = ?",
        [delivery],
    )
    for table in DELIVERIES:
        con.execute(
            f"""update {table} set size_bytes = ?, modified_ns = ?, reason = ?,
                state = case when state = 'partial' then 'loaded' else state end
            where window_id = ? and delivery = ?""",
            [landed.size, landed.modified_ns, tail, last, delivery],
        )


def record(con: duckdb.DuckDBPyConnection, entries: Sequence[Entry]) -> None:
    """Write the entries of a window down; they replace passing states of the same paths."""
    if not entries:
        return
    paths = [entry.path for entry in entries]
    _forget_passing(con, "list_contains(?, path)", [paths])
    con.register(_ENTRIES, pa.Table.from_pylist([one.row() for one in entries], schema=_SCHEMA))
    try:
        con.execute(f"insert into raw.deliveries by name select * from {_ENTRIES}")
    finally:
        con.unregister(_ENTRIES)
    con.execute(
        "insert into raw.latest_deliveries by name "
        "select d.* from raw.deliveries as d where d.window_id = ?",
        [entries[0].window_id],
    )
    con.execute(f"{_DROP_OVERTAKEN} and list_contains(?, d.path)", [paths])


def _forget_passing(
    con: duckdb.DuckDBPyConnection, which: str, parameters: Sequence[object] = ()
) -> None:
    found = con.execute(
        f"delete from raw.latest_deliveries where state in {_PASSING} and {which} "
        "returning window_id, path",
        list(parameters),
    ).fetchall()
    for window_id, path in found:
        con.execute(
            f"delete from raw.deliveries where window_id = ? and path = ? and state in {_PASSING}",
            [window_id, path],
        )


def supersede_held(con: duckdb.DuckDBPyConnection, source: str) -> None:
    """Close the held exports of `source`: a later one was loaded."""
    held = "source = ? and state = 'held'"
    since = scalar(
        con, f"select min(d.window_id) from raw.latest_deliveries as d where {held}", [source]
    )
    if since:
        for table in DELIVERIES:
            con.execute(
                f"update {table} set state = 'superseded' where window_id >= ? and {held}",
                [since, source],
            )


def last_of_feeds(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the same of all feeds that have brought a row, by their tables."""
    start = path_of("")
    rows = con.execute(
        "select d.path, max(d.to_line) from raw.latest_deliveries as d "
        "where starts_with(d.path, ?) group by d.path",
        [start],
    ).fetchall()
    return {path.removeprefix(start): int(last or 0) for path, last in rows}


def last_of_feed(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Return the number of the last row that a feed brought into its table, 0 before the first."""
    sql = "select max(d.to_line) from raw.latest_deliveries as d where d.path = ?"
    return scalar(con, sql, [path_of(relation)])


def _if_last_snapshot(
    con: duckdb.DuckDBPyConnection, source: str, content_hash: str
) -> tuple[str, int] | None:
    row = con.execute(
        """select d.delivery, d.rows_read, coalesce(d.delivered_hash, d.content_hash)
        from raw.deliveries as d
        where d.source = ? and d.state = 'loaded'
        order by d.window_id desc, d.path desc limit 1""",
        [source],
    ).fetchone()
    return (str(row[0]), int(row[1])) if row and row[2] == content_hash else None


def _declaration(landed: Landed) -> str:
    return landed.source.declaration if landed.source else ""


_READINGS = """
select d.state, d.declaration, d.window_id, d.delivery, d.size_bytes,
    d.to_byte, d.to_line, d.content_hash, d.content_chain
from raw.latest_deliveries as d
where d.path = ? and d.content_hash is not null
"""


def _known(con: duckdb.DuckDBPyConnection, landed: Landed, last: _Seen) -> Known:
    is_same_file = last.is_same_file(landed)
    is_unread_known = is_same_file and last.state in {"partial", "unfinished"}
    readings = [
        reading
        for state, declaration, *reading in con.execute(_READINGS, [landed.path]).fetchall()
        if state in _TAKEN or (state == "refused" and declaration == _declaration(landed))
    ]
    if not readings:
        return Known(None, None, is_unread_known, last.unread_from)
    _, delivery, size, *place = max(readings)
    resume = Resume(Mark(*place), size, is_same_file and last.state == "partial")
    return Known(delivery, resume, is_unread_known, last.unread_from)


_TEXTS = ("delivery", "source", "path", "state", "reason", "duplicate_of", "declaration")
_TIMES = ("loaded_at", "unread_from", "first_occurred_at", "last_occurred_at")
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (*_TEXTS, "content_hash", "content_chain")),
        *((name, pa.timestamp("us")) for name in _TIMES),
        *((name, pa.int64()) for name in ("window_id", "size_bytes", "modified_ns")),
        *((name, pa.int64()) for name in ("from_byte", "to_byte", "to_line")),
        *((one.name, pa.int64()) for one in fields(Counts) if one.name.startswith("rows_")),
    ]
)
