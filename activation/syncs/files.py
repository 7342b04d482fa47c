"""Syncs to a file drop: the whole table, by rename, when a row of it has changed."""

# pyright: reportUnknownParameterType=false
# pyarrow brings no types.

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from activation.config import Destination
from activation.destinations.file_drop import FileSettings, drop
from activation.syncs.carrier import Tally
from activation.syncs.declared import Sync
from activation.syncs.desk import SyncDesk
from activation.syncs.plan import Plan, key_values
from baton.journal.clock import wall_clock
from baton.journal.sync_records import HeldRow, Judged, Op, SyncAnswer, SyncRequest, Told


async def drop_plan(plan: Plan, destination: Destination, desk: SyncDesk, tally: Tally) -> None:
    """Write what the tool may have, and what a breaker or a missing yes keeps in its file.

    Held back, the file only loses the rows that a no in the journal asks for.
    """
    settings = destination.settings
    if not isinstance(settings, FileSettings):
        return
    sync = plan.sync
    file = settings.directory / f"{sync.model}.parquet"
    before = pq.read_table(file) if file.exists() else None
    table = _table(plan, before)
    if table is None:
        return
    requests = [SyncRequest(uuid4().hex, op, told) for op, told in _told(plan) if told]
    await desk.open(requests)
    at = wall_clock()
    drop(table, settings.directory, sync.model, list(sync.key_fields))
    for request in requests:
        judged = [Judged("accepted", "written", request.rows)]
        await desk.settle(SyncAnswer(request, judged, at, wall_clock()))
        done = "told" if request.op == "upsert" else "taken_back"
        tally.counts[done] += len(request.rows)
    tally.requests += 1


def _table(plan: Plan, before: pa.Table | None) -> pa.Table | None:
    sync = plan.sync
    if not plan.may_tell:
        return _without(before, sync, plan.urgent) if before is not None and plan.urgent else None
    rows = plan.whole.table() if plan.whole else None
    table = _as_named(rows, sync) if rows is not None else None
    stays = [*plan.kept_rows, *([] if plan.may_remove else plan.removals)]
    if before is None or not stays:
        return table if table is not None else _without(before, sync, None)
    old = _only(before, sync, stays)
    return old if table is None else pa.concat_tables([table, old.cast(table.schema)])


def _as_named(rows: pa.Table, sync: Sync) -> pa.Table:
    table = rows.select([one.column for one in sync.fields])
    return table.rename_columns([one.field for one in sync.fields])


def _without(before: pa.Table | None, sync: Sync, rows: Sequence[HeldRow] | None) -> Any:
    if before is None:
        return None
    return (
        before.slice(0, 0) if rows is None else before.filter(_has_key(before, sync, rows, False))
    )


def _only(before: pa.Table, sync: Sync, rows: Sequence[HeldRow]) -> pa.Table:
    return before.filter(_has_key(before, sync, rows, True))


def _has_key(table: pa.Table, sync: Sync, rows: Sequence[HeldRow], wanted: bool) -> pa.Array:
    keys = {tuple(key_values(row)) for row in rows}
    columns = [table.column(name).to_pylist() for name in sync.key_fields]
    return pa.array([(key in keys) == wanted for key in zip(*columns, strict=True)], pa.bool_())


def _told(plan: Plan) -> list[tuple[Op, list[Told]]]:
    rows = plan.upserts.table() if plan.may_tell else None
    names = ("_key", "_handle", "_print", "_since")
    columns = [rows.column(name).to_pylist() for name in names] if rows is not None else []
    back = [*plan.urgent, *(plan.removals if plan.may_remove else [])]
    return [
        ("remove", [Told(row.row_key, row.handle, None, row.since) for row in back]),
        ("upsert", list(map(Told, *columns)) if columns else []),
    ]
