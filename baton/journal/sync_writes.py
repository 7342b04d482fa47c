"""Writes of the syncs inside one transaction: requests, verdicts and the state of each row."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    DateTime,
    String,
    TextClause,
    bindparam,
    delete,
    select,
    text,
    update,
)

from baton.journal.clock import wall_clock
from baton.journal.schema import (
    sync_outcomes,
    sync_requests,
    sync_rows,
    sync_runs,
)
from baton.journal.sync_records import Judged, SyncAnswer, SyncRequest, SyncRun, Told

_REFUSALS = ("rejected", "bounced")


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
    connection: Connection, run: SyncRun, answers: Sequence[SyncAnswer], now: datetime
) -> None:
    """Close requests; write outcomes and the state of the rows."""
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
    same: dict[str, Any] = {"sync": run.sync, "destination": run.destination, "at": now}
    for answer in answers:
        for one in answer.judged:
            _write_rows(connection, answer.request.op, one, same)
    _learn(connection, run.destination, [one for a in answers for one in a.judged], now)


def recover(connection: Connection, sync: str, now: datetime) -> int:
    """Put rows of unanswered requests in doubt, close those requests and their runs."""
    query = select(
        sync_requests.c.request_id, sync_requests.c["rows"], sync_runs.c.destination
    ).join_from(sync_requests, sync_runs)
    open_ = query.where(sync_requests.c.status == "open", sync_runs.c.sync == sync)
    count = 0
    for request in connection.execute(open_).all():
        told = [Told(key, handle, None, None) for key, handle in request.rows]
        same = {"sync": sync, "destination": request.destination, "at": now}
        _doubt(connection, told, same)
        connection.execute(_CLOSE, _lost(request.request_id))
        count += len(told)
    cut_off = update(sync_runs).where(sync_runs.c.sync == sync, sync_runs.c.state == "open")
    connection.execute(cut_off.values(state="cut_off", ended_wall_at=wall_clock()))
    return count


def _write_rows(connection: Connection, op: str, one: Judged, same: dict[str, Any]) -> None:
    if not one.rows:
        return
    if one.outcome == "accepted" and op == "upsert":
        rows = [same | row._asdict() for row in one.rows]
        connection.execute(_ACCEPT, rows)
    elif one.outcome == "accepted":
        connection.execute(_REMOVE, [_name(same, row) for row in one.rows])
    elif one.outcome == "ambiguous":
        _doubt(connection, one.rows, same)
    elif one.outcome in _REFUSALS:
        rows = [
            same | row._asdict() | {"fingerprint": row.fingerprint or op, "reason": one.reason}
            for row in one.rows
        ]
        connection.execute(_REFUSE, rows)


def _doubt(connection: Connection, rows: Iterable[Told], same: dict[str, Any]) -> None:
    doubtful = [same | {"row_key": row.row_key, "handle": row.handle} for row in rows]
    if doubtful:
        connection.execute(_DOUBT, doubtful)


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


def _keys(rows: Sequence[Told]) -> list[list[str | None]]:
    return [[row.row_key, row.handle] for row in rows]


def _outcome(one: Judged) -> dict[str, Any]:
    facts: dict[str, Any] = {"outcome": one.outcome, "reason": one.reason}
    return facts | {
        "row_keys": [row.row_key for row in one.rows],
        "external_ids": dict(one.external_ids),
    }


def _name(same: dict[str, Any], row: Told) -> dict[str, Any]:
    return {"s": same["sync"], "d": same["destination"], "k": row.row_key}


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


def _typed(sql: str) -> TextClause:
    kinds: dict[str, Any] = defaultdict(String, at=DateTime(), since=DateTime(), held=Boolean())
    statement = text(sql)
    names = statement.compile().params
    return statement.bindparams(*[bindparam(name, type_=kinds[name]) for name in names])


_COLUMNS = "sync, destination, row_key, handle, fingerprint, is_held, since, refused, reason"
_ON_ROW = "on conflict (sync, destination, row_key) do update set"
_ACCEPT = _typed(
    f"insert into sync_rows ({_COLUMNS}, changed_at) values (:sync, :destination, :row_key, "
    f":handle, :fingerprint, true, :since, null, null, :at) {_ON_ROW} handle = excluded.handle, "
    "fingerprint = excluded.fingerprint, is_held = true, since = excluded.since, refused = null, "
    "reason = null, changed_at = excluded.changed_at"
)
_DOUBT = _typed(
    f"insert into sync_rows ({_COLUMNS}, changed_at) values (:sync, :destination, :row_key, "
    f":handle, null, true, null, null, null, :at) {_ON_ROW} fingerprint = null, is_held = true, "
    "changed_at = excluded.changed_at"
)
_REFUSE = _typed(
    f"insert into sync_rows ({_COLUMNS}, changed_at) values (:sync, :destination, :row_key, "
    f":handle, null, false, :since, :fingerprint, :reason, :at) {_ON_ROW} "
    "refused = excluded.refused, reason = excluded.reason, changed_at = excluded.changed_at"
)
_LEARN = _typed(
    "insert into destination_identities (destination, row_key, external_id, learned_at) "
    "values (:destination, :row_key, :external_id, :at) on conflict (destination, row_key) "
    "do update set external_id = excluded.external_id, learned_at = excluded.learned_at"
)
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
