"""Settled rows into `raw.*`, faulty ones into `raw.quarantine`, and what was counted."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from baton.intake import faults
from baton.intake.source import Source
from baton.intake.sql import ident, idents, text
from baton.intake.stage import STAGE

_TARGET = "_extra, _loaded_seq, _loaded_at, _received_at, _delivery, _line, _deleted, _provenance"


@dataclass(frozen=True)
class Counts:
    """Source records by where they ended; `rows_read` is the sum of all but `rows_deleted`.

    `rows_deleted` are the deletions that a snapshot adds. Times are the earliest and latest
    `occurred_at` of the sound records, naive UTC.
    """

    rows_read: int = 0
    rows_loaded: int = 0
    rows_unchanged: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    rows_deleted: int = 0
    rows_erased: int = 0
    first_occurred_at: datetime | None = None
    last_occurred_at: datetime | None = None

    def __add__(self, other: "Counts") -> "Counts":
        first = [at for at in (self.first_occurred_at, other.first_occurred_at) if at]
        last = [at for at in (self.last_occurred_at, other.last_occurred_at) if at]
        return Counts(
            self.rows_read + other.rows_read,
            self.rows_loaded + other.rows_loaded,
            self.rows_unchanged + other.rows_unchanged,
            self.rows_duplicate + other.rows_duplicate,
            self.rows_quarantined + other.rows_quarantined,
            self.rows_deleted + other.rows_deleted,
            self.rows_erased + other.rows_erased,
            min(first, default=None),
            max(last, default=None),
        )


def count(con: duckdb.DuckDBPyConnection, source: Source) -> dict[str, Counts]:
    """Return the counts of the staged rows per delivery."""
    at = "null::timestamp" if source.occurred_at is None else ident(source.occurred_at)
    rows = con.execute(
        f"""select _delivery, count(*),
            count(*) filter (_fault is null and _verdict = 'loaded'),
            count(*) filter (_fault is null and _verdict = 'unchanged'),
            count(*) filter (_fault is null and _verdict = 'duplicate'),
            count(*) filter (_fault is not null), 0,
            count(*) filter (_fault is null and _verdict = 'erased'),
            cast(min({at}) filter (_fault is null) as timestamp),
            cast(max({at}) filter (_fault is null) as timestamp)
        from {STAGE} group by _delivery"""
    ).fetchall()
    return {str(delivery): Counts(*counts) for delivery, *counts in rows}


def load(
    con: duckdb.DuckDBPyConnection, source: Source, *, after_seq: int, batch_time: datetime
) -> None:
    """Append the rows that are news, numbered gaplessly from `after_seq` + 1 in arrival order."""
    names = idents((*source.names, *(one.name for one in source.spellings)))
    con.execute(
        f"""insert into {source.relation} ({names}, {_TARGET})
        with numbered as (
            select _ordinal, $after + row_number() over (order by _ordinal) as _seq
            from {STAGE} where _fault is null and _verdict = 'loaded'
        )
        select {names}, _extra, _seq, $at, _received_at, _delivery, _line, false, _provenance
        from {STAGE} inner join numbered using (_ordinal)""",
        {"after": after_seq, "at": batch_time},
    )


def quarantine(
    con: duckdb.DuckDBPyConnection, source: Source, *, window_id: int, batch_time: datetime
) -> None:
    """Keep the faulty rows with code, sentence and text (as JSON where the format is binary)."""
    found = con.execute(f"select distinct _fault from {STAGE} where _fault is not null").fetchall()
    sentences = ", ".join(
        f"({text(fault)}, {text(describe)})"
        for fault, describe in sorted((one, faults.describe(one, source)) for (one,) in found)
    )
    row = f"to_json(struct_pack({', '.join(f'{ident(n)} := s.{ident(n)}' for n in source.names)}))"
    con.execute(
        f"""insert into raw.quarantine
        select md5(concat_ws(chr(31), 'quarantine', s._delivery, s._line)), $source, s._delivery,
            s._line, split_part(s._fault, ':', 1), d.detail,
            coalesce(rtrim(s._text, E'\\r\\n'), cast({row} as varchar)), $at, $window
        from {STAGE} as s inner join (values {sentences}) as d (fault, detail)
            on s._fault = d.fault
        order by s._ordinal""",
        {"source": source.label, "at": batch_time, "window": window_id},
    )
