"""Tables that hold records already, read by a cursor column from where the last window stopped.

Rows at the highest value that was read may get neighbours, and with `lateness` rows below it too:
they are looked at again, and those that were read are known by a fingerprint of their content.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from baton.intake.cursors import (
    Cursor,
    UnreadableTableError,
    absent,
    lateness_of,
    microseconds,
    place_of,
    readable,
    reading_id,
    reading_of,
    relation_of,
    said,
)
from baton.intake.readers import Chunk
from baton.intake.readers.chunk import numbers
from baton.intake.readers.columns import plain
from baton.intake.source import Reading, Source
from baton.intake.sql import ident, idents, scalar

_NEWS = "baton_table_news"
_SEEN = "baton_table_seen"
_ROWS = 131_072


@dataclass(frozen=True)
class News:
    """What a table holds beyond what was read: `count` rows, one above what the limit allows.

    `con` holds them in a temporary table, in the order of the cursor.
    """

    con: duckdb.DuckDBPyConnection
    source: Source
    cursor: Cursor
    position: int | None
    count: int
    columns: tuple[str, ...]

    def chunks(self, most: int) -> Iterator[Chunk]:
        """Yield the first `most` rows; `line` counts them from 1."""
        for first in range(1, most + 1, _ROWS):
            last = min(first + _ROWS - 1, most)
            found = self.con.execute(
                f"select {idents(self.columns)} from {_NEWS} "
                "where _baton_line between ? and ? order by _baton_line",
                [first, last],
            ).to_arrow_table()
            columns = {
                f"f{number}": plain(found.column(number).combine_chunks())
                for number in range(len(self.columns))
            }
            nothing = pa.nulls(found.num_rows, pa.string())
            lines = {"line": numbers(first, found.num_rows), "text": nothing, "fault": nothing}
            yield Chunk(pa.table({**lines, **columns}), self.columns, 0, last)

    def unread_from(self, behind: int) -> datetime | None:
        """Return the earliest `occurred_at` of what is left when `behind` rows are taken.

        Rows at the same place of the cursor as the first of these count as left, all when it has
        none: such come first.
        """
        source = self.source
        if source.occurred_at is None:
            return None
        with readable():
            row = self.con.execute(
                f"""select min(try_cast(t.{ident(source.occurred_at)} as timestamp))
                from {relation_of(source)} as t
                cross join {_NEWS} as n
                where n._baton_line = ? and (
                    n._baton_place is null
                    or {self.cursor.number(self.cursor.value)} >= n._baton_place
                )""",
                [behind + 1],
            ).fetchone()
        return row[0] if row else None

    def remember(
        self, con: duckdb.DuckDBPyConnection, most: int, *, window_id: int, batch_time: datetime
    ) -> None:
        """Write down that the first `most` rows are read.

        A time ahead of the batch does not count: what comes later would lie behind it.
        """
        label, latest = place_of(self.source), microseconds(batch_time)
        (reached,) = self.con.execute(
            f"select greatest(?, max(least(n._baton_place, ?))) from {_NEWS} as n "
            "where n._baton_line <= ?",
            [self.position, latest if self.cursor.is_time else None, most],
        ).fetchall()[0]
        since = None if reached is None else reached - lateness_of(self.source)
        rows = self.con.execute(
            f"select n._baton_place, n._baton_fingerprint from {_NEWS} as n "
            "where n._baton_line <= ? and (n._baton_place >= ? or n._baton_place is null)",
            [most, since],
        ).to_arrow_table()
        con.register(_SEEN, rows)
        con.execute("delete from raw.cursor_rows where source = ? and place < ?", [label, since])
        con.execute(f"insert into raw.cursor_rows select ?, s.* from {_SEEN} as s", [label])
        con.unregister(_SEEN)
        con.execute("delete from raw.cursors where source = ?", [label])
        con.execute(
            "insert into raw.cursors values (?, ?, ?, ?)",
            [label, reading_id(self.source), reached, window_id],
        )


@contextmanager
def news_of(con: duckdb.DuckDBPyConnection, source: Source, left: int | None) -> Generator[News]:
    """Find what is new in the source's table, `left` + 1 rows at most.

    Raises `UnreadableTableError` where the table is not there, not as it was, or fails when read.
    """
    with _holding(con, reading_of(source)) as there:
        columns = _columns(there, source)
        cursor = Cursor.of(source, columns[reading_of(source).cursor])
        position = _position(con, source)
        with readable():
            _require_forward(there, source, cursor, position)
        seen = con.execute(
            "select c.fingerprint from raw.cursor_rows as c where c.source = ?", [place_of(source)]
        ).to_arrow_table()
        there.register(_SEEN, seen)
        try:
            with readable():
                there.execute(_select(source, cursor, position, left))
            there.unregister(_SEEN)
            count = scalar(there, f"select count(*) from {_NEWS}")
            yield News(there, source, cursor, position, count, _read_columns(source, columns))
        finally:
            there.execute(f"drop table if exists temp.{_NEWS}")


def _select(source: Source, cursor: Cursor, position: int | None, left: int | None) -> str:
    since = "true"
    if position is not None:
        bound = cursor.from_number.format(position - lateness_of(source))
        since = f"{cursor.value} >= {bound} or {cursor.value} is null"
    order = f"_baton_place nulls first, {idents(source.key)}"
    limit = "" if left is None else f"limit {left + 1}"
    return f"""
    create or replace temp table {_NEWS} as
    with candidates as (
        select t.*, {cursor.number(cursor.value)} as _baton_place, hash(t) as _baton_fingerprint
        from {relation_of(source)} as t where {since}
    ),
    news as (
        select c.* from candidates as c
        anti join {_SEEN} as s on c._baton_fingerprint = s.fingerprint
        order by {order} {limit}
    )
    select *, row_number() over (order by {order}) as _baton_line from news
    """


def _columns(there: duckdb.DuckDBPyConnection, source: Source) -> dict[str, str]:
    """The table's columns in order, with their types."""
    schema, _, table = reading_of(source).table.rpartition(".")
    rows = there.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and lower(schema_name) = lower(?) "
        "and lower(table_name) = lower(?) order by column_index",
        [schema, table],
    ).fetchall()
    if not rows:
        raise UnreadableTableError(absent(source), f"there is no table {reading_of(source).table}")
    found = {str(name): str(data_type) for name, data_type in rows}
    missing = [name for name in source.needed if name not in found]
    if missing:
        reason = f"the table has no column {', '.join(missing)}"
        raise UnreadableTableError("waiting", reason)
    return found


def _read_columns(source: Source, columns: Iterable[str]) -> tuple[str, ...]:
    is_narrow = reading_of(source).only_declared
    return tuple(one for one in columns if not is_narrow or one in source.names)


def _position(con: duckdb.DuckDBPyConnection, source: Source) -> int | None:
    """The highest place that was read; what is known of another reading is forgotten."""
    row = con.execute(
        "select c.position from raw.cursors as c where c.source = ? and c.reading = ?",
        [place_of(source), reading_id(source)],
    ).fetchone()
    if row is None:
        con.execute("delete from raw.cursor_rows where source = ?", [place_of(source)])
    return row[0] if row else None


def _require_forward(
    there: duckdb.DuckDBPyConnection, source: Source, cursor: Cursor, position: int | None
) -> None:
    end_of = cursor.number(f"max({cursor.value})")
    row = there.execute(f"select {end_of} from {relation_of(source)} as t").fetchone()
    end = row[0] if row else None
    if position is not None and end is not None and end < position - lateness_of(source):
        raise UnreadableTableError(
            "held",
            f"its cursor went back: the table ends at {said(source, end)} and was read up to "
            f"{said(source, position)}; if it was filled anew, raise `epoch` in its declaration",
        )


@contextmanager
def _holding(
    con: duckdb.DuckDBPyConnection, reading: Reading
) -> Generator[duckdb.DuckDBPyConnection]:
    """A connection that sees the table, in transactions of its own: a view that fails ends none
    of `con`. Another file is open only while it is read.
    """
    if reading.database is None:
        (name,) = con.execute("select current_database()").fetchall()[0]
        with con.cursor() as there:
            there.execute(f"use {ident(name)}")
            there.execute("set timezone = 'UTC'")
            yield there
        return
    file = Path(reading.database)
    if not file.is_file():
        raise UnreadableTableError("waiting", f"there is no database {file.name}")
    try:
        there = duckdb.connect(str(file), read_only=True)
    except duckdb.Error:
        reason = f"{file.name} is in use by another process, or is no DuckDB database"
        raise UnreadableTableError("waiting", reason) from None
    with there:
        there.execute("set timezone = 'UTC'")
        yield there
