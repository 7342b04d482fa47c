"""Writes of the syncs inside one transaction: requests, verdicts and the state of each row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    bindparam,
    delete,
    select,
    text,
    update,
)

from baton.journal.clock import wall_clock
from baton.journal.erased_keys import ErasedRows
from baton.journal.schema import (
    sync_outcomes,
    sync_requests,
    sync_rows,
    sync_runs,
)
from baton.journal.sync_records import Judged, SyncAnswer, SyncRequest, SyncRun, Told

REFUSALS = ("rejected", "bounced", "opted_out")


def open_requests(
    connection: Connection, run_id: str, requests: Sequence[SyncRequest], now: datetime
) -> None:
    """Write requests with the keys of their rows."""
    clocks = {"opened_at": now, "opened_wall_at": wall_clock()}
    rows = [
        {
            "request_id": one.request_id,
            "run_id": run_id,
            "op": one.op,
            "items": len(one.rows),
            "status": "open",
            "rows": _keys(one.rows),
            **clocks,
        }
        for one in requests
    ]
    if rows:
        connection.execute(sync_requests.insert(), rows)


def settle(
    connection: Connection,
    run: SyncRun,
    answers: Sequence[SyncAnswer],
    now: datetime,
    *,
    erased: ErasedRows,
    unknown: ErasedRows,
) -> None:
    """Close requests; write outcomes, the state of rows but `unknown`, and what tools call them.

    What is `erased` has no name any more.
    """
    connection.execute(_CLOSE, [_closed(answer) for answer in answers])
    connection.execute(
        sync_outcomes.insert(),
        [
            {
                "request_id": answer.request.request_id,
                "outcomes": [_outcome(one) for one in answer.judged],
                "occurred_at": now,
            }
            for answer in answers
        ],
    )
    at = _At(run.sync, run.destination, now)
    for answer in answers:
        for one in answer.judged:
            _write_rows(connection, answer.request.op, unknown.without(one), at)
    named = [erased.without(one) for answer in answers for one in answer.judged]
    _learn(connection, run.destination, named, now)


def recover(connection: Connection, sync: str, now: datetime) -> int:
    """Put rows of unanswered requests in doubt, close those requests and their runs."""
    query = select(
        sync_requests.c.request_id, sync_requests.c["rows"], sync_runs.c.destination
    ).join_from(sync_requests, sync_runs)
    open_ = query.where(sync_requests.c.status == "open", sync_runs.c.sync == sync)
    count = 0
    for request in connection.execute(open_).all():
        told = _told(request.rows)
        _doubt(connection, told, _At(sync, request.destination, now))
        connection.execute(_CLOSE, _lost(request.request_id))
        count += len(told)
    cut_off = update(sync_runs).where(sync_runs.c.sync == sync, sync_runs.c.state == "open")
    connection.execute(cut_off.values(state="cut_off", ended_wall_at=wall_clock()))
    return count


def _write_rows(connection: Connection, op: str, one: Judged, at: "_At") -> None:
    if not one.rows:
        return
    if one.outcome == "accepted" and op == "upsert":
        rows: list[_Row] = [(row[0], row[1], row[2], row[3], None, None) for row in one.rows]
        _many(connection, _ACCEPT, at, rows, is_held=True)
    elif one.outcome == "accepted":
        names = [{"s": at.sync, "d": at.destination, "k": row.row_key} for row in one.rows]
        connection.execute(_REMOVE, names)
    elif one.outcome == "ambiguous":
        _doubt(connection, one.rows, at)
    elif one.outcome in REFUSALS:
        rows = [
            (row.row_key, row.handle, None, row.since, row.fingerprint or op, one.reason)
            for row in one.rows
        ]
        _many(connection, _REFUSE, at, rows, is_held=False)


def _doubt(connection: Connection, told: Iterable[Told], at: "_At") -> None:
    rows: list[_Row] = [(row.row_key, row.handle, None, None, None, None) for row in told]
    _many(connection, _DOUBT, at, rows, is_held=True)


_Row = tuple[str, str | None, str | None, datetime | None, str | None, str | None]


@dataclass(frozen=True)
class _At:
    sync: str
    destination: str
    now: datetime


def _many(
    connection: Connection, on_row: str, at: _At, rows: Sequence[_Row], *, is_held: bool
) -> None:
    """Write rows past SQLAlchemy's handling of each value: there are millions of them."""
    if not rows:
        return
    dialect = connection.dialect
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    as_time = DateTime().dialect_impl(dialect).bind_processor(dialect) or _as_it_is
    before, after = (at.sync, at.destination), (is_held, as_time(at.now))
    connection.exec_driver_sql(
        f"insert into sync_rows ({_COLUMNS}) values ({', '.join([mark] * 10)}) "
        f"on conflict (sync, destination, row_key) do update set {on_row}",
        [
            (*before, key, handle, print_, since and as_time(since), refused, reason, *after)
            for key, handle, print_, since, refused, reason in rows
        ],
    )


def _as_it_is(value: datetime) -> datetime:
    return value


def _learn(
    connection: Connection, destination: str, judged: Iterable[Judged], now: datetime
) -> None:
    named = {key: id_ for one in judged for key, id_ in one.external_ids.items()}
    rows = [
        {"destination": destination, "row_key": key, "external_id": id_, "at": now}
        for key, id_ in named.items()
    ]
    if rows:
        connection.execute(_LEARN, rows)


def _keys(rows: Sequence[Told]) -> dict[str, list[str] | list[str | None] | None]:
    has_handles = any(row.handle is not None for row in rows)
    return {
        "row_keys": [row.row_key for row in rows],
        "handles": [row.handle for row in rows] if has_handles else None,
    }


def _told(rows: dict[str, Any]) -> list[Told]:
    keys, handles = rows["row_keys"], rows["handles"]
    pairs = zip(keys, handles or [None] * len(keys), strict=True)
    return [Told(key, handle, None, None) for key, handle in pairs]


def _outcome(one: Judged) -> dict[str, Any]:
    keys = [row.row_key for row in one.rows]
    ids = [one.external_ids.get(key) for key in keys] if one.external_ids else None
    facts: dict[str, Any] = {"outcome": one.outcome, "reason": one.reason}
    return facts | {"row_keys": keys, "external_ids": ids}


def _closed(answer: SyncAnswer) -> dict[str, Any]:
    return {
        "id": answer.request.request_id,
        "new_status": answer.status,
        "hash": answer.request_hash,
        "sent": answer.sent_at,
        "answered": answer.answered_at,
    }


def _lost(request_id: str) -> dict[str, Any]:
    return {"id": request_id, "new_status": "lost", "hash": None, "sent": None, "answered": None}


_COLUMNS = (
    "sync, destination, row_key, handle, fingerprint, since, refused, reason, is_held, changed_at"
)
_ACCEPT = (
    "handle = excluded.handle, fingerprint = excluded.fingerprint, is_held = excluded.is_held, "
    "since = excluded.since, refused = null, reason = null, changed_at = excluded.changed_at"
)
_DOUBT = "fingerprint = null, is_held = excluded.is_held, changed_at = excluded.changed_at"
_REFUSE = "refused = excluded.refused, reason = excluded.reason, changed_at = excluded.changed_at"
_LEARN = text(
    "insert into destination_identities (destination, row_key, external_id, learned_at) "
    "values (:destination, :row_key, :external_id, :at) on conflict (destination, row_key) "
    "do update set external_id = excluded.external_id, learned_at = excluded.learned_at"
).bindparams(bindparam("at", type_=DateTime()))
_REMOVE = delete(sync_rows).where(
    sync_rows.c.sync == bindparam("s"),
    sync_rows.c.destination == bindparam("d"),
    sync_rows.c.row_key == bindparam("k"),
)
_CLOSE = (
    update(sync_requests)
    .where(sync_requests.c.request_id == bindparam("id"))
    .values(
        status=bindparam("new_status"),
        rows=None,
        request_hash=bindparam("hash"),
        sent_wall_at=bindparam("sent"),
        answered_wall_at=bindparam("answered"),
    )
)
