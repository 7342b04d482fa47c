"""Take in what has landed: one window, one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from baton.errors import UsageError
from baton.intake.feeds import Feed, source_of
from baton.intake.landing import Landed, listed
from baton.intake.ledger import Known, to_judge
from baton.intake.prepare import or_unprepared
from baton.intake.source import Source
from baton.intake.turn import Turn
from baton.intake.watermark import watermark
from baton.intake.window import Window, deliveries_of, latest_window, record_window
from baton.tombstones import Tombstones
from baton.warehouse import transaction

_TICK = timedelta(microseconds=1)  # every window has an instant of its own


def take_in(
    con: duckdb.DuckDBPyConnection,
    *,
    landing: Path,
    sources: Sequence[Source],
    feeds: Sequence[Feed],
    now: datetime,
    limit: int | None = None,
    tombstones: Tombstones | None = None,
) -> Window:
    """Open a window over what has arrived and load it, all or nothing; `now` is naive UTC.

    A window that is still open is returned as it is, to be redone. `limit` bounds the records read
    from files and tables: JSON lines are cut at a line, tables at a row, other files are taken
    whole (the first one even if it is larger); a source that `says_no` has such a limit of its own.
    What is left holds the watermark. Broken files and
    rows stop nothing: they are in `Window.deliveries` and `raw.quarantine`. Of records that
    `tombstones` bar nothing is kept; what brings erased persons back is read before the others.

    Raises `UsageError` for a wrong call, an undeclared feed, or a feed row that does not fit its
    declaration; the warehouse is then as before.
    """
    _require_sense(now, limit)
    with transaction(con), or_unprepared(con, sources):
        previous = latest_window(con)
        if previous is not None and previous.state == "open":
            return previous
        turn = _turn(con, previous, now, limit, tombstones)
        files = to_judge(con, listed(landing, sources))
        first = [one for one in sources if one.brings_back and tombstones is not None]
        if first:
            _take(turn, [one for one in files if one[0].source in first], first)
            turn.heed_returns(sources)
        rest = [one for one in sources if one not in first]
        _take(turn, [one for one in files if one[0].source not in first], rest)
        for feed in sorted(feeds, key=lambda one: one.relation):
            turn.take_feed(feed, source_of(feed, sources))
        turn.close()
        return _opened(con, turn, previous, now)


def _take(
    turn: Turn, files: Sequence[tuple[Landed, Known | None]], sources: Iterable[Source]
) -> None:
    for landed, known in files:
        turn.take_file(landed, known)
    for source in sources:
        for one in source.each_table:
            turn.take_table(one)


def _turn(
    con: duckdb.DuckDBPyConnection,
    previous: Window | None,
    now: datetime,
    limit: int | None,
    tombstones: Tombstones | None,
) -> Turn:
    return Turn(
        con,
        window_id=previous.window_id + 1 if previous else 1,
        batch_time=max(previous.batch_time + _TICK, now) if previous else now,
        from_seq=previous.to_seq if previous else 0,
        limit=limit,
        tombstones=tombstones,
    )


def _opened(
    con: duckdb.DuckDBPyConnection, turn: Turn, previous: Window | None, now: datetime
) -> Window:
    window = Window(
        window_id=turn.window_id,
        batch_time=turn.batch_time,
        from_seq=previous.to_seq if previous else 0,
        to_seq=turn.to_seq,
        watermark=watermark(
            turn.batch_time, previous.watermark if previous else None, turn.unread_from
        ),
        state="open",
        is_redo=False,
        deliveries=deliveries_of(con, turn.window_id),
    )
    record_window(con, window, opened_at=now)
    return window


def _require_sense(now: datetime, limit: int | None) -> None:
    if now.tzinfo is not None:
        raise UsageError(
            "now has a time zone", where="take_in", mend="pass UTC without one (naive)"
        )
    if limit is not None and limit < 1:
        raise UsageError(
            f"limit is {limit}", where="take_in", mend="pass at least 1, or None for no limit"
        )
