"""Parts: the rows of one request, as the tool and as the journal should know them."""

# pyright: reportUnknownParameterType=false
# pyarrow brings no types.

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import pyarrow as pa

from activation.exchange import Change
from activation.syncs.declared import Sync
from activation.syncs.plan import Plan, key_values
from baton.journal.sync_records import HeldRow, Op, SyncRequest, Told
from baton.journal.syncs import SyncLedger
from baton.journal.tools import chunks


@dataclass(frozen=True)
class Part:
    """Rows for one request: changes, what the journal keeps of each, and the address of each.

    `tries` counts the requests that carried them already in this run.
    """

    op: Op
    changes: Sequence[Change] = field(repr=False)
    told: Sequence[Told] = field(repr=False)
    addresses: Sequence[str | None] = field(default=(), repr=False)
    consent_at: Sequence[datetime | None] = field(default=(), repr=False)
    held: Sequence[bool] = ()
    tries: int = 0
    request_id: str = field(default_factory=lambda: uuid4().hex)

    def request(self) -> SyncRequest:
        """What goes on record before the bytes."""
        return SyncRequest(self.request_id, self.op, self.told)

    def only(self, rows: Sequence[int], *, tries: int = 0) -> "Part":
        """The same with some of its rows, as a request of its own."""
        return replace(
            self,
            changes=[self.changes[n] for n in rows],
            told=[self.told[n] for n in rows],
            addresses=[self.addresses[n] for n in rows] if self.addresses else (),
            consent_at=[self.consent_at[n] for n in rows] if self.consent_at else (),
            held=[self.held[n] for n in rows] if self.held else (),
            tries=tries,
            request_id=uuid4().hex,
        )

    def again(self) -> "Part":
        """All of it, as a request of its own."""
        return self.only(range(len(self.told)), tries=self.tries)

    def halves(self) -> tuple["Part", "Part"]:
        """The same rows in two parts."""
        middle, count = len(self.told) // 2, len(self.told)
        return self.only(range(middle)), self.only(range(middle, count))


_KEPT = ("_key", "_handle", "_print", "_since")


class Parts:
    """Makes the parts of one plan, removals first."""

    def __init__(self, sync: Sync, ledger: SyncLedger, size: int) -> None:
        self._sync = sync
        self._ledger = ledger
        self._size = size
        self._knows_ids = ledger.knows_ids(sync.destination)
        self._names = [one.field for one in sync.fields]
        self._cleared = {one.field for one in sync.fields if one.nulls != "skip"}

    def of(self, plan: Plan, *, only_removals: bool = False) -> Iterator[Part]:
        """What may be told of a plan: urgent removals, removals, then rows."""
        yield from self.removals(plan.urgent)
        if plan.may_remove:
            yield from self.removals(plan.removals)
        if plan.may_tell and not only_removals:
            yield from (self._upserts(rows) for rows in plan.upserts.slices(self._size))

    def removals(self, rows: Sequence[HeldRow]) -> Iterator[Part]:
        """Parts that take rows back; they name the fields of the key."""
        for some in chunks(rows, self._size):
            told = [Told(row.row_key, row.handle, None, row.since) for row in some]
            named = [dict(zip(self._sync.key_fields, key_values(row), strict=True)) for row in some]
            yield Part("remove", self._changes("remove", told, named), told)

    def removal_of(self, part: Part, rows: Sequence[int]) -> Iterator[Part]:
        """Parts that take back rows of a part that was about to tell them."""
        told = [part.told[number] for number in rows]
        yield from self.removals([HeldRow(*one[:3], True, one.since, None) for one in told])

    def _upserts(self, rows: pa.RecordBatch) -> Part:
        columns = [_values(rows, one.column) for one in self._sync.fields]
        told = list(map(Told, *[_values(rows, name) for name in _KEPT]))
        has_address = self._sync.consent is not None
        return Part(
            "upsert",
            self._changes("upsert", told, self._fields(columns)),
            told,
            addresses=_values(rows, "_address") if has_address else (),
            consent_at=_values(rows, "_consent_at") if has_address else (),
            held=_values(rows, "_held") if has_address else (),
        )

    def _fields(self, columns: Sequence[Sequence[object]]) -> Iterator[dict[str, object]]:
        names, cleared = self._names, self._cleared
        if not any(None in column for column in columns):
            yield from (
                dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)
            )
            return
        for values in zip(*columns, strict=True):
            pairs = zip(names, values, strict=True)
            yield {name: one for name, one in pairs if one is not None or name in cleared}

    def _changes(
        self, op: Op, told: Sequence[Told], fields: Iterable[Mapping[str, object]]
    ) -> list[Change]:
        ids: dict[str, str] = {}
        if self._knows_ids:
            ids = self._ledger.external_ids(self._sync.destination, [one.row_key for one in told])
        return [
            Change(one.row_key, op, some, ids.get(one.row_key))
            for one, some in zip(told, fields, strict=True)
        ]


def _values(rows: pa.RecordBatch, name: str) -> list[Any]:
    column = rows.column(name)
    return [None] * len(column) if column.null_count == len(column) else column.to_pylist()
