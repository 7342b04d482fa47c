"""What a full export leaves out: deletions, and the breaker before them."""

from datetime import datetime

import duckdb

from baton.intake.history import CURRENT
from baton.intake.source import Source
from baton.intake.sql import ident, idents, scalar
from baton.intake.stage import STAGE

VANISHED = "baton_vanished"
_MIN_KEYS = 10


def find_vanished(con: duckdb.DuckDBPyConnection, source: Source) -> int:
    """Return how many current keys the staged export does not have.

    A row in quarantine still shows that its key exists.
    """
    keys = idents(source.key)
    con.execute(
        f"""create or replace temp table {VANISHED} as
        select _seq from {CURRENT} anti join (select {keys} from {STAGE}) as s using ({keys})"""
    )
    return scalar(con, f"select count(*) from {VANISHED}")


def objection(con: duckdb.DuckDBPyConnection, source: Source, vanished: int) -> str | None:
    """Return why the export must not be loaded, with the mend; None if it may.

    It must not when it has no sound row, or would delete more than `max_deleted_share` of the
    current keys, where there are ten of them or more.
    """
    current = scalar(con, f"select count(*) from {CURRENT}")
    if not scalar(con, f"select count(*) from {STAGE} where _fault is null"):
        return (
            f"the export has no usable row and would delete all {current} keys of {source.label}; "
            "land a complete export"
        )
    if current < _MIN_KEYS or vanished <= source.max_deleted_share * current:
        return None
    return (
        f"the export would delete {vanished} of {current} keys of {source.label}, more than "
        f"max_deleted_share {source.max_deleted_share:g} allows; land a complete export, or, if "
        "the deletions are meant, raise max_deleted_share in its declaration"
    )


def delete_vanished(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    *,
    delivery: str,
    after_seq: int,
    batch_time: datetime,
) -> None:
    """Append a version with `_deleted` per vanished key, with its last values, in key order."""
    names = (*source.names, *(one.name for one in source.spellings))
    con.execute(
        f"""insert into {source.relation} ({idents(names)}, _extra, _loaded_seq,
            _loaded_at, _received_at, _delivery, _line, _deleted, _provenance)
        select {idents(names, of="h")}, h._extra,
            $after + row_number() over (order by {_keys(source)}), $at, $at, $delivery, null,
            true, h._provenance
        from {source.relation} as h
        where h._loaded_seq in (select v._seq from {VANISHED} as v)
        order by {_keys(source)}""",
        {"after": after_seq, "at": batch_time, "delivery": delivery},
    )


def _keys(source: Source) -> str:
    return ", ".join(f"h.{ident(name)}" for name in source.key)
