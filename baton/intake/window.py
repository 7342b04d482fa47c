"""Windows: what one micro-batch takes, opened before work, committed by the caller."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

import duckdb

from baton.errors import UsageError
from baton.intake.sql import scalar
from baton.intake.store import Counts

_COLUMNS = "window_id, batch_time, from_seq, to_seq, watermark, state"
_COUNTS = ", ".join(field.name for field in fields(Counts))
_STANDING = "('waiting', 'held', 'unfinished')"


@dataclass(frozen=True)
class Delivery:
    """One landed file or feed in one window: its state, and where its records ended.

    `state`: loaded | partial (the limit cut it) | duplicate (its content was known) | refused (all
    in quarantine) | held (the breaker) | superseded (held, and a later export came) | waiting
    (cannot be read now) | unfinished (the limit left it out).
    """

    delivery: str
    window_id: int
    source: str | None
    path: str
    state: str
    reason: str | None
    counts: Counts


@dataclass(frozen=True)
class Window:
    """The records with `from_seq` < `_loaded_seq` <= `to_seq`; times are naive UTC.

    `deliveries` are those of this window, by path, and older ones that still wait or are held.
    """

    window_id: int
    batch_time: datetime
    from_seq: int
    to_seq: int
    watermark: datetime
    state: str
    is_redo: bool
    deliveries: tuple[Delivery, ...]

    @property
    def own(self) -> tuple[Delivery, ...]:
        """The deliveries first seen or read in this window."""
        return tuple(one for one in self.deliveries if one.window_id == self.window_id)

    @property
    def held(self) -> tuple[Delivery, ...]:
        """The exports that the breaker held in this window."""
        return tuple(one for one in self.own if one.state == "held")

    @property
    def waiting(self) -> tuple[Delivery, ...]:
        """The files that cannot be read now, of this window and earlier ones."""
        return tuple(one for one in self.deliveries if one.state == "waiting")

    def has_more(self, limit: int) -> bool:
        """Whether something has arrived that a window of `limit` rows had no room for."""
        is_cut = any(one.state in ("partial", "unfinished") for one in self.own)
        return is_cut or self.counts.rows_read >= limit

    @property
    def by_source(self) -> Mapping[str, Counts]:
        """The counts of this window per `<source>.<table>`."""
        totals: dict[str, Counts] = {}
        for one in self.own:
            if one.source is not None:
                totals[one.source] = totals.get(one.source, Counts()) + one.counts
        return totals

    @property
    def counts(self) -> Counts:
        """The counts of this window over all sources."""
        return sum((one.counts for one in self.own), Counts())


def deliveries_of(con: duckdb.DuckDBPyConnection, window_id: int) -> tuple[Delivery, ...]:
    """Return the deliveries of the window, and older ones that wait, are held or unfinished."""
    columns = f"d.delivery, d.window_id, d.source, d.path, d.state, d.reason, {_COUNTS}"
    rows = con.execute(
        f"""select {columns} from raw.deliveries as d where d.window_id = $1
        union all
        select {columns} from raw.latest_deliveries as d
        where d.window_id <> $1 and d.state in {_STANDING}
        order by path, window_id""",
        [window_id],
    ).fetchall()
    return tuple(Delivery(*row[:6], counts=Counts(*row[6:])) for row in rows)


def latest_window(con: duckdb.DuckDBPyConnection) -> Window | None:
    """Return the latest window, None before the first; `deliveries` only if it is to be redone."""
    row = con.execute(f"select {_COLUMNS} from raw.this_window as w").fetchone()
    if row is None:
        return None
    is_open = row[5] == "open"
    return Window(*row, is_redo=is_open, deliveries=deliveries_of(con, row[0]) if is_open else ())


def record_window(con: duckdb.DuckDBPyConnection, window: Window, *, opened_at: datetime) -> None:
    """Write the window down as the latest one."""
    values = [getattr(window, name) for name in _COLUMNS.split(", ")]
    row = "(?, ?, ?, ?, ?, ?, ?, null)"
    con.execute(f"insert into raw.windows values {row}", [*values, opened_at])
    con.execute("delete from raw.this_window")
    con.execute(f"insert into raw.this_window values {row}", [*values, opened_at])


def commit_window(con: duckdb.DuckDBPyConnection, window: Window, *, at: datetime) -> None:
    """Mark the window committed; again without effect. The caller owns the transaction.

    Raises `UsageError` when `window` is not the latest one.
    """
    latest = scalar(con, "select max(w.window_id) from raw.this_window as w")
    if latest != window.window_id:
        raise UsageError(
            f"window {window.window_id} is not the latest one",
            where="raw.windows",
            mend="commit the window that take_in returned last",
        )
    for table in ("raw.windows", "raw.this_window"):
        con.execute(
            f"update {table} set state = 'committed', committed_at = ? "
            "where window_id = ? and state = 'open'",
            [at, window.window_id],
        )
