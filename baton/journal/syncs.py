"""The journal of the syncs: what each tool has accepted, row by row, and who approved what.

A fingerprint is kept only after acceptance. A request's rows are on record before its bytes leave;
those of a request that was never answered, or whose fate nobody knows, are in doubt: held, without
a fingerprint, so that the next plan tells the tool again.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from baton.errors import UsageError
from baton.ids import make_id
from baton.journal import blocks, switches, sync_writes
from baton.journal.clock import wall_clock
from baton.journal.erased_keys import erased_since
from baton.journal.hashing import AddressHasher
from baton.journal.records import AddressBlock
from baton.journal.schema import (
    address_blocks,
    destination_identities,
    sync_approvals,
    sync_requests,
    sync_rows,
    sync_runs,
)
from baton.journal.store import Store
from baton.journal.sync_records import Approval, HeldRow, SyncAnswer, SyncRequest, SyncRun
from baton.journal.tools import chunks

_PAGE = 10_000
_CHUNK = 500
_RUN = [one.name for one in fields(SyncRun)]
_HELD = [sync_rows.c[name] for name in HeldRow._fields]


class SyncLedger:
    """State and history of the syncs in one journal. Every method but `held` is one transaction."""

    def __init__(self, store: Store, hasher: AddressHasher) -> None:
        self._store = store
        self._hasher = hasher
        self._planned_at: datetime | None = None

    @property
    def hasher(self) -> AddressHasher:
        """Keyed hashes of addresses, keys and contents."""
        return self._hasher

    @contextmanager
    def alone(self) -> Generator[None]:
        """Be the only one that runs syncs on this journal. Raises Busy when another one does.

        Plans are made in here: who is erased from now on may still be in them.
        """
        with self._store.database.exclusive("syncs"):
            self._planned_at = wall_clock()
            yield

    def held(self, sync: str, destination: str) -> Iterator[HeldRow]:
        """What a tool holds or has refused, in the order of the bytes of `row_key`.

        One short read per page: a reader that is slow between rows holds no transaction open.
        """
        query = select(*_HELD).where(*_of(sync, destination)).order_by(sync_rows.c.row_key)
        last, is_more = "", True
        while is_more:
            with self._store.read() as connection:
                page = connection.execute(query.where(sync_rows.c.row_key > last).limit(_PAGE))
                rows = list(map(HeldRow._make, page))
            yield from rows
            is_more = len(rows) == _PAGE
            last = rows[-1].row_key if rows else last

    def held_count(self, sync: str, destination: str) -> int:
        """How many rows a tool holds or may hold."""
        held = (*_of(sync, destination), sync_rows.c.is_held)
        return self._count(select(func.count()).select_from(sync_rows).where(*held))

    def refused_count(self, sync: str, destination: str) -> int:
        """Dead letters: rows whose present values were refused when last told."""
        refused = (*_of(sync, destination), sync_rows.c.refused.is_not(None))
        return self._count(select(func.count()).select_from(sync_rows).where(*refused))

    def begin(self, sync: str, destination: str, plan_hash: str, now: datetime) -> str:
        """Put a run on record; returns its id."""
        started = wall_clock()
        run_id = make_id("sync_run", sync, destination, plan_hash, started)
        row: dict[str, Any] = {"run_id": run_id, "sync": sync, "destination": destination}
        row |= {"state": "open", "plan_hash": plan_hash}
        row |= {"started_at": now, "started_wall_at": started}
        with self._store.write() as connection:
            connection.execute(sync_runs.insert().values(**row))
        return run_id

    def end(self, run_id: str, state: str, reason: str | None, counts: dict[str, int]) -> None:
        """Close a run."""
        change = update(sync_runs).where(sync_runs.c.run_id == run_id)
        values = {"state": state, "reason": reason, "counts": counts}
        with self._store.write() as connection:
            connection.execute(change.values(**values, ended_wall_at=wall_clock()))

    def open_requests(
        self, run_id: str, requests: Sequence[SyncRequest], now: datetime
    ) -> set[str]:
        """Put requests on record with their rows: do this before any byte leaves.

        Returns the keys of rows to tell whose people were erased since the plan was made; if there
        are any, no request is on record.
        """
        with self._store.write() as connection:
            since = self._planned_at or _run(connection, run_id).started_wall_at
            erased = erased_since(connection, self._hasher, since)
            told = [one for request in requests if request.op == "upsert" for one in request.rows]
            gone = erased.keys_in(told)
            if not gone:
                sync_writes.open_requests(connection, run_id, requests, now)
        return gone

    def settle(self, run_id: str, answers: Sequence[SyncAnswer], now: datetime) -> None:
        """Record what became of requests, and of every row in them; block who has opted out.

        Of who was erased since the plan was made only rows that the sync takes back are known.
        """
        with self._store.write() as connection:
            run = _run(connection, run_id)
            since = self._planned_at or run.started_wall_at
            by = (run.sync, run.destination)
            erased = erased_since(connection, self._hasher, since)
            unknown = erased_since(connection, self._hasher, since, taken_back_by=by)
            sync_writes.settle(connection, run, answers, now, erased=erased, unknown=unknown)
            stops = [
                AddressBlock(channel, address, None, None, "stop", now, run.destination)
                for answer in answers
                for channel, address in answer.opted_out
                if self._hasher.address(channel, address) is not None
            ]
            blocks.add_blocks(connection, stops, self._hasher, now)

    def is_stopped(self, destination: str) -> bool:
        """Whether a switch stops this destination, or everything."""
        with self._store.read() as connection:
            return any(
                one.scope == "global" or (one.scope, one.value) == ("destination", destination)
                for one in switches.stopped(connection)
            )

    def stop_destination(self, destination: str, reason: str, now: datetime) -> None:
        """Switch a destination off that asks for it; `reason` is a code."""
        with self._store.write() as connection:
            switches.set_switch(
                connection,
                "destination",
                destination,
                is_stopped=True,
                reason=reason,
                by="sync",
                at=now,
            )

    def recover(self, sync: str, now: datetime) -> int:
        """Put the rows of requests that were never answered in doubt; returns how many."""
        with self._store.write() as connection:
            return sync_writes.recover(connection, sync, now)

    def retry_refused(self, sync: str, destination: str) -> int:
        """Forget refusals, so that the same values are told again; returns how many."""
        refused = (*_of(sync, destination), sync_rows.c.refused.is_not(None))
        with self._store.write() as connection:
            unheld = delete(sync_rows).where(*refused, sync_rows.c.is_held.is_(False))
            again = update(sync_rows).where(*refused).values(refused=None, reason=None)
            return connection.execute(unheld).rowcount + connection.execute(again).rowcount

    def approve(self, sync: str, plan_hash: str, *, reason: str, by: str, now: datetime) -> None:
        """Answer for one plan. Raises UsageError without a reason."""
        if not reason.strip():
            raise UsageError("an approval needs a reason", where=sync, mend="say why")
        row = {"sync": sync, "plan_hash": plan_hash, "reason": reason, "approved_by": by}
        with self._store.write() as connection:
            connection.execute(sync_approvals.insert().values(**row, approved_at=now))

    def approval(self, sync: str, plan_hash: str) -> Approval | None:
        """The latest approval of exactly this plan."""
        names = [one.name for one in fields(Approval)]
        query = select(*[sync_approvals.c[name] for name in names]).where(
            sync_approvals.c.sync == sync, sync_approvals.c.plan_hash == plan_hash
        )
        with self._store.read() as connection:
            latest = connection.execute(query.order_by(sync_approvals.c.seq.desc()).limit(1))
            row = latest.mappings().first()
        return Approval(**row) if row else None

    def last_run(self, sync: str) -> SyncRun | None:
        """The latest run of a sync."""
        query = select(*[sync_runs.c[name] for name in _RUN]).where(sync_runs.c.sync == sync)
        latest = query.order_by(sync_runs.c.started_wall_at.desc()).limit(1)
        with self._store.read() as connection:
            row = connection.execute(latest).mappings().first()
        return SyncRun(**row) if row else None

    def requests_of(self, run_id: str) -> list[dict[str, Any]]:
        """The requests of a run, oldest first, without rows."""
        columns = [column for column in sync_requests.c if column.name != "rows"]
        query = select(*columns).where(sync_requests.c.run_id == run_id)
        with self._store.read() as connection:
            rows = connection.execute(query.order_by(sync_requests.c.opened_wall_at))
            return [dict(row) for row in rows.mappings()]

    def external_ids(self, destination: str, row_keys: Sequence[str]) -> dict[str, str]:
        """What the tool calls these rows, where it has said so."""
        found: dict[str, str] = {}
        with self._store.read() as connection:
            for part in chunks(row_keys, _CHUNK):
                known = destination_identities.c
                query = select(known.row_key, known.external_id).where(
                    known.destination == destination, known.row_key.in_(part)
                )
                found |= {row.row_key: row.external_id for row in connection.execute(query)}
        return found

    def knows_ids(self, destination: str) -> bool:
        """Whether a tool has ever told an id of its own."""
        query = select(destination_identities.c.row_key).where(
            destination_identities.c.destination == destination
        )
        with self._store.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def blocks(self, channel: str, after: int = 0) -> tuple[int, list[Any]]:
        """Blocks of a channel's addresses recorded after a position, and the new position."""
        query = select(address_blocks).where(
            address_blocks.c.channel == channel, address_blocks.c.seq > after
        )
        with self._store.read_settled(address_blocks) as connection:
            rows = connection.execute(query.order_by(address_blocks.c.seq)).all()
        return (rows[-1].seq if rows else after), list(rows)

    def _count(self, query: Any) -> int:
        with self._store.read() as connection:
            return int(connection.execute(query).scalar_one())


def _of(sync: str, destination: str) -> tuple[Any, Any]:
    return sync_rows.c.sync == sync, sync_rows.c.destination == destination


def _run(connection: Connection, run_id: str) -> SyncRun:
    query = select(*[sync_runs.c[name] for name in _RUN]).where(sync_runs.c.run_id == run_id)
    return SyncRun(**connection.execute(query).mappings().one())
