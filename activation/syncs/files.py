"""Syncs to a file drop: the whole table at once, when a row of it has changed."""

# pyright: reportUnknownParameterType=false
# pyarrow brings no types.

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import starmap
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from activation.config import Destination
from activation.destinations.file_drop import FileSettings, drop
from activation.syncs.blocked import Blocks
from activation.syncs.carrier import Tally
from activation.syncs.declared import Sync
from activation.syncs.desk import SyncDesk
from activation.syncs.plan import Plan, key_values
from baton.journal import Journal
from baton.journal.clock import wall_clock
from baton.journal.sync_records import HeldRow, Judged, Op, SyncAnswer, SyncRequest, Told


@dataclass(frozen=True)
class _Drop:
    """What a file may get of a plan: no addition unless `may_add`, no row that is `stopped`."""

    plan: Plan
    may_add: bool
    stopped: frozenset[str]

    @property
    def _may_tell(self) -> bool:
        return self.may_add and self.plan.may_tell

    def table(self, before: pa.Table | None) -> pa.Table | None:
        """The file's rows, null when it stays as it is."""
        plan, sync = self.plan, self.plan.sync
        if not self._may_tell:
            back = self._back()
            return _without(before, sync, back) if before is not None and back else None
        rows = plan.whole.table() if plan.whole else None
        table = _as_named(_outside(rows, self.stopped), sync) if rows is not None else None
        stays = [*plan.kept_rows, *([] if plan.may_remove else plan.removals)]
        if before is None or not stays:
            return table if table is not None else _without(before, sync, None)
        old = _only(before, sync, stays)
        return old if table is None else pa.concat_tables([table, old.cast(table.schema)])

    def requests(self) -> list[SyncRequest]:
        """What goes on record before the file is written."""
        rows = self.plan.upserts.table() if self._may_tell else None
        names = ("_key", "_handle", "_print", "_since")
        told = _rows(_outside(rows, self.stopped), names) if rows is not None else []
        gone = [Told(row.row_key, row.handle, None, row.since) for row in self._back()]
        found: list[tuple[Op, list[Told]]] = [
            ("remove", gone),
            ("upsert", list(starmap(Told, told))),
        ]
        return [SyncRequest(uuid4().hex, op, some) for op, some in found if some]

    def untold(self) -> int:
        """How many rows of the plan are not told as they have said no since it was made."""
        rows = self.plan.upserts.table() if self.stopped else None
        return rows.num_rows - _outside(rows, self.stopped).num_rows if rows is not None else 0

    def _back(self) -> list[HeldRow]:
        plan = self.plan
        return [*plan.urgent, *(plan.removals if plan.may_remove else []), *self._said_no()]

    def _said_no(self) -> list[HeldRow]:
        """Rows that the file holds, and that have said no since the plan was made."""
        rows = self.plan.whole.table() if self.plan.whole and self.stopped else None
        if rows is None:
            return []
        upserts = self.plan.upserts.table()
        pairs = _rows(upserts, ("_key", "_held")) if upserts is not None else []
        new = {key for key, is_held in pairs if not is_held}
        return [
            HeldRow(key, handle, None, True, since, None)
            for key, handle, since in _rows(rows, ("_key", "_handle", "_since"))
            if key in self.stopped and key not in new
        ]


async def drop_plan(
    plan: Plan,
    destination: Destination,
    desk: SyncDesk,
    tally: Tally,
    *,
    blocks: Blocks,
    may_add: bool,
    journal: Journal | None,
) -> None:
    """Write what the tool may have, and what a breaker or a missing yes keeps in its file.

    Held back, the file only loses the rows that a no in the journal asks for; without `may_add`
    it loses what must be taken back, and gets nothing. The journal keeps a record of the drop.
    """
    settings = destination.settings
    if not isinstance(settings, FileSettings):
        return
    sync = plan.sync
    folder = await desk.do(settings.folder)
    held = await desk.do(partial(folder.read, f"{sync.model}.parquet"))
    before = pq.read_table(io.BytesIO(held)) if held is not None else None
    await desk.do(blocks.refresh)
    making = _Drop(plan, may_add, _stopped(plan, blocks))
    requests = await _opened(making, before, desk)
    while (
        requests is not None
        and await desk.do(blocks.refresh)
        and _stopped(plan, blocks) != making.stopped
    ):
        await _settle(requests, Judged("not_sent", "blocked", ()), desk)
        making = _Drop(plan, may_add, _stopped(plan, blocks))
        requests = await _opened(making, before, desk)
    table = making.table(before)
    if requests is None:
        tally.halted = "erased_meanwhile"
        return
    if table is None:
        return
    write = partial(drop, table, folder, sync.model, list(sync.key_fields))
    await desk.do(partial(write, journal=journal))
    await _settle(requests, Judged("accepted", "written", ()), desk)
    for request in requests:
        done = "told" if request.op == "upsert" else "taken_back"
        tally.counts[done] += len(request.rows)
        tally.answered += len(request.rows) if request.op == "upsert" else 0
    tally.counts["blocked"] += making.untold()
    tally.requests += 1


async def _opened(
    making: _Drop, before: pa.Table | None, desk: SyncDesk
) -> list[SyncRequest] | None:
    """The requests on record, null when somebody in the file was erased since the plan was made."""
    requests = making.requests() if making.table(before) is not None else []
    return None if await desk.open(requests) else requests


async def _settle(requests: Sequence[SyncRequest], judged: Judged, desk: SyncDesk) -> None:
    at = wall_clock()
    for request in requests:
        rows = replace(judged, rows=request.rows)
        await desk.settle(SyncAnswer(request, [rows], at, wall_clock()))


def _stopped(plan: Plan, blocks: Blocks) -> frozenset[str]:
    """The keys of the rows whose addresses have said no since the plan was made."""
    rows = plan.whole.table() if plan.whole and plan.sync.consent else None
    if rows is None:
        return frozenset()
    columns = [rows.column(name).to_pylist() for name in ("_key", "_address", "_consent_at")]
    stops = blocks.stopped(columns[1], columns[2])
    return frozenset(key for key, no in zip(columns[0], stops, strict=True) if no)


def _outside(rows: pa.Table, keys: frozenset[str]) -> pa.Table:
    if not keys:
        return rows
    return rows.filter(pa.array([one not in keys for one in rows.column("_key").to_pylist()]))


def _rows(table: pa.Table, names: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))


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
