"""What goes wrong on the way: records that come late, come twice, or come broken."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from examples.retail.tables import TABLES, Row
from examples.retail.timeline import Timeline

LATE = {"web.events": 6, "shop.orders": 1, "messaging.receipts": 1, "service.cases": 1}
REPEATED = {"web.events": 4, "chat.messages": 1, "messaging.receipts": 1}


@dataclass(frozen=True)
class Mishap:
    """One disturbed record: which table, its key (None if it has none), the slice it comes in."""

    kind: str
    table: str
    key: str | None
    slice_number: int


@dataclass(frozen=True)
class Disturbed:
    """All rows, disturbed ones included, and the list of what was done to them."""

    rows: tuple[Row, ...]
    mishaps: tuple[Mishap, ...]


def disturb(rows: Sequence[Row], timeline: Timeline, rng: random.Random) -> Disturbed:
    """Delay a few rows of the first half of the live part, repeat a few, add five broken ones.

    Planned rows are never delayed; a repeated row is the same content again.
    """
    half = max(1, len(timeline.slices) // 2)
    early = [n for n, row in enumerate(rows) if 1 <= timeline.slice_of(row.arrives_at) <= half]
    late = _late(rows, early, timeline, rng)
    repeated = _repeated(rows, [n for n in early if n not in late], timeline, rng)
    broken = _broken(rows, timeline)
    mishaps = (
        *(_mishap("late", row, timeline) for row in late.values()),
        *(_mishap("repeated", row, timeline) for row in repeated),
        *(_mishap(kind, row, timeline) for kind, row in broken),
    )
    kept = [late.get(n, row) for n, row in enumerate(rows)]
    return Disturbed((*kept, *repeated, *(row for _, row in broken)), mishaps)


def _late(
    rows: Sequence[Row], early: Sequence[int], timeline: Timeline, rng: random.Random
) -> dict[int, Row]:
    late: dict[int, Row] = {}
    for table, count in LATE.items():
        found = [n for n in early if rows[n].table == table and not rows[n].is_planned]
        for n in rng.sample(found, min(count, len(found))):
            arrives_at = rows[n].arrives_at + rng.randint(1, 3) * timeline.every
            late[n] = _sent_late(replace(rows[n], arrives_at=arrives_at))
    return late


def _sent_late(row: Row) -> Row:
    if "sent_at" not in row.values:
        return row
    return row.with_values(sent_at=row.arrives_at - timedelta(seconds=2))


def _repeated(
    rows: Sequence[Row], early: Sequence[int], timeline: Timeline, rng: random.Random
) -> list[Row]:
    repeated: list[Row] = []
    for table, count in REPEATED.items():
        found = [rows[n] for n in early if rows[n].table == table]
        starts = [row for row in found if row.values.get("event") == "quote_started"]
        chosen = [*starts[:1], *rng.sample(found, min(count, len(found)))][:count]
        repeated += [replace(r, arrives_at=r.arrives_at + timeline.every) for r in chosen]
    return repeated


def _broken(rows: Sequence[Row], timeline: Timeline) -> list[tuple[str, Row]]:
    event = _template(rows, "web.events", timeline)
    statement = _template(rows, "consent.statements", timeline)
    receipt = _template(rows, "messaging.receipts", timeline)
    cut_off = replace(event, values={}, raw='{"event_id": "evt-broken-1", "anonymous_id": "a-0')
    timeless = event.with_values(event_id="evt-broken-2", occurred_at=None)
    vague = statement.with_values(statement_id="st-broken-1", stated_at="some time yesterday")
    ahead = receipt.with_values(
        receipt_id="rc-broken-1", occurred_at=timeline.go_live + timedelta(days=3)
    )
    return [
        ("bad_json", _at(cut_off, timeline, 0.1)),
        ("missing_key", _at(event.with_values(event_id=None), timeline, 0.3)),
        ("unparseable_time", _at(vague, timeline, 0.45)),
        ("missing_time", _at(timeless, timeline, 0.6)),
        ("far_ahead", _at(ahead, timeline, 0.7)),
    ]


def _template(rows: Sequence[Row], table: str, timeline: Timeline) -> Row:
    return next(
        row
        for row in rows
        if row.table == table and row.arrives_at < timeline.go_live and not row.is_planned
    )


def _at(row: Row, timeline: Timeline, share: float) -> Row:
    at: datetime = timeline.at(share)
    return replace(row, occurred_at=at, arrives_at=at)


def _mishap(kind: str, row: Row, timeline: Timeline) -> Mishap:
    key = row.values.get(TABLES[row.table].key[0])
    return Mishap(kind, row.table, str(key) if key else None, timeline.slice_of(row.arrives_at))
