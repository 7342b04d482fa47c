"""What every window adds to the schema raw, made small again; all in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta

import duckdb

from baton.intake import Counts
from baton.intake.ledger import DELIVERIES
from baton.intake.sql import scalar
from baton.retention.policy import Retention

_SUMS = [one.name for one in fields(Counts) if one.name.startswith("rows_")]
# Readings of one feed or table go into one row a day; those of a file into one.
_FOLD_OF = """case
        when starts_with(d.path, 'feed:') or starts_with(d.path, 'table:')
        then coalesce(d.source, '') || ' ' || d.path || date_trunc('day', d.loaded_at)
        else d.delivery
    end"""
_FOLD = f"""
create or replace temp table baton_folds as
select
    {_FOLD_OF} as fold,
    max(d.window_id) as window_id, min(d.from_byte) as from_byte,
    min(d.first_occurred_at) as first_occurred_at, max(d.last_occurred_at) as last_occurred_at,
    {", ".join(f"sum(d.{name})::bigint as {name}" for name in _SUMS)}
from raw.deliveries as d
where d.state in ('loaded', 'partial') and d.path is not null
group by 1 having count(*) > 1 and max(d.loaded_at) < $before
    and max(d.window_id) < (select min(w.window_id) from raw.this_window as w)
"""
_FOLDED = f"""
create or replace table raw.deliveries as
with placed as (
    select d.*, case
        when d.state not in ('loaded', 'partial') then null
        else {_FOLD_OF} end as fold
    from raw.deliveries as d
)
select p.* exclude (fold) from placed as p
where p.fold is null or p.fold not in (select f.fold from baton_folds as f)
union all
select p.* exclude (fold) replace (
    f.from_byte as from_byte, f.first_occurred_at as first_occurred_at,
    f.last_occurred_at as last_occurred_at,
    {", ".join(f"f.{name} as {name}" for name in _SUMS)}
) from placed as p
inner join baton_folds as f on p.fold = f.fold and p.window_id = f.window_id
order by window_id
"""
_GONE = """
delete from raw.latest_deliveries as d
where d.loaded_at < $before and not starts_with(d.path, 'feed:')
    and not list_contains($there, d.path) and d.state not in ('waiting', 'held', 'unfinished')
    and exists (
        select 1 from raw.latest_deliveries as n
        where n.source = d.source and n.loaded_at > d.loaded_at
            and n.state in ('loaded', 'partial', 'duplicate')
    )
"""


def shrink(
    con: duckdb.DuckDBPyConnection, policy: Retention, there: list[str], now: datetime
) -> dict[str, int]:
    """Fold, blank and drop what is older than the policy; return how many rows of what.

    `there` are the paths that will lie in the landing folder. Sums over a delivery, the last row of
    each source and the numbering of windows stay as they are.
    """
    counts = {"delivery rows folded": 0, "paths forgotten": 0}
    before = _before(now, policy.deliveries_days)
    if before is not None:
        counts["delivery rows folded"] = _fold(con, before)
        forgotten: Mapping[str, object] = {"before": before, "there": there}
        counts["paths forgotten"] = scalar(con, _GONE, forgotten)
    counts["window rows"] = _changed(
        con,
        "delete from raw.windows where committed_at < $before "
        "and window_id < (select min(w.window_id) - 1 from raw.this_window as w)",
        _before(now, policy.windows_days),
    )
    counts["quarantined texts"] = _changed(
        con,
        "update raw.quarantine set raw_text = null "
        "where loaded_at < $before and raw_text is not null",
        _before(now, policy.quarantine_text_days),
    )
    return counts


def note(con: duckdb.DuckDBPyConnection, counts: Mapping[str, int], now: datetime) -> None:
    """Write into `raw.tidyings` what goes away."""
    rows = [(now, what, amount) for what, amount in counts.items() if amount]
    if rows:
        con.executemany("insert into raw.tidyings values (?, ?, ?)", rows)


def note_removed(con: duckdb.DuckDBPyConnection, paths: list[str], now: datetime) -> None:
    """Write into the deliveries of these files that the file is removed."""
    for table in DELIVERIES:
        con.execute(
            f"update {table} set removed_at = ? where path in (select unnest(?::varchar[]))",
            [now, paths],
        )


def _fold(con: duckdb.DuckDBPyConnection, before: datetime) -> int:
    con.execute(_FOLD, {"before": before})
    if not scalar(con, "select count(*) from baton_folds"):
        return 0
    was = scalar(con, "select count(*) from raw.deliveries")
    con.execute(_FOLDED)
    con.execute("drop table baton_folds")
    return was - scalar(con, "select count(*) from raw.deliveries")


def _changed(con: duckdb.DuckDBPyConnection, sql: str, before: datetime | None) -> int:
    return 0 if before is None else scalar(con, sql, {"before": before})


def _before(now: datetime, days: float | None) -> datetime | None:
    return None if days is None else now - timedelta(days=days)
