"""Limits of an account, shared by every sender that works on the journal.

A holder is granted a part of each limit and keeps to it by itself: a permit costs no transaction.
What it has used counts until it can no longer fall into one window with a new request, also after
the holder has left or died. So the parts never add up to more than the limit. Where holders
know a limit by different totals, all keep to the smallest: the tighter one is not starved.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from baton.journal.records import Share, Stake
from baton.journal.schema import permits

_REST = "rest"
_GONE = "gone"
_TURN_SECONDS = 10


def share(
    connection: Connection,
    account: str,
    holder: str,
    stakes: Sequence[Stake],
    at: datetime,
    *,
    lease: timedelta,
    is_alive: Callable[[str], bool],
    rests_until: datetime | None = None,
) -> Share:
    """Grant a holder that wants to send its fair part of what is free, until the lease ends.

    `at` and the ends are wall-clock times. An amount below what it occupies takes effect as its
    requests stop counting.
    """
    _end_leases_of_the_dead(connection, account, stakes, at, is_alive)
    rows = _standing(connection, account, at)
    amounts: dict[str, int] = {}
    for stake in stakes:
        others = [row for row in rows if row.name == stake.name and row.holder != holder]
        totals = [row.amount for row in rows if row.name == _total(stake.name)]
        tightest = replace(stake, total=min([stake.total, *totals]))
        amounts[stake.name] = _part(tightest, others, holder, at, lease)
        kept = max(amounts[stake.name], stake.occupied)
        key = {"account": account, "name": stake.name, "holder": holder}
        _put(connection, key, kept, at + lease, stake.seconds, wants=True)
        _put_total(connection, key, stake.total, at + lease)
    if rests_until is not None and rests_until > at:
        _put_rest(connection, account, holder, rests_until)
    ends = [row.counts_until for row in rows if row.name == _REST]
    ends += [rests_until] if rests_until else []
    return Share(amounts, max(ends, default=None))


def leave(
    connection: Connection, account: str, holder: str, stakes: Sequence[Stake], at: datetime
) -> None:
    """Give back everything but what still counts."""
    rows = _standing(connection, account, at)
    _forget(connection, account, holder)
    for stake in stakes:
        if stake.seconds is None:
            before = [row for row in rows if row.name == stake.name and row.holder == _GONE]
            used = stake.occupied + sum(row.amount for row in before)
            key = {"account": account, "name": stake.name, "holder": _GONE}
            _put(connection, key, used, at, None, wants=False)
        elif stake.occupied:
            key = {"account": account, "name": stake.name, "holder": holder}
            _put(connection, key, stake.occupied, at, stake.seconds, wants=False)


def _standing(connection: Connection, account: str, at: datetime) -> Sequence[Row[Any]]:
    mine = permits.c.account == account
    connection.execute(delete(permits).where(mine, permits.c.counts_until <= at))
    return connection.execute(select(permits).where(mine)).all()


def _end_leases_of_the_dead(
    connection: Connection,
    account: str,
    stakes: Sequence[Stake],
    at: datetime,
    is_alive: Callable[[str], bool],
) -> None:
    """What a dead holder has open is no longer; what it may have used counts from now."""
    seconds = {stake.name: stake.seconds for stake in stakes if stake.seconds is not None}
    leased = select(permits).where(permits.c.account == account, permits.c.lease_until > at)
    rows = [row for row in connection.execute(leased).all() if row.name in seconds]
    dead = {holder for holder in {row.holder for row in rows} if not is_alive(holder)}
    for row in rows:
        if row.holder in dead:
            key = {"account": account, "name": row.name, "holder": row.holder}
            _put(connection, key, row.amount, at, seconds[row.name], wants=False)


def _part(
    stake: Stake, others: Sequence[Row[Any]], holder: str, at: datetime, lease: timedelta
) -> int:
    """A fair part of what is free, and of long windows no more than soon needed.

    What a holder has not used is lost for the window when it dies.
    """
    free = max(stake.total - sum(row.amount for row in others), 0)
    rivals = {row.holder for row in others if row.wants and row.lease_until > at}
    if stake.seconds is None:
        room = max(free - stake.occupied, 0)
        return stake.occupied + -(-room // (2 * (len(rivals) + 1)))
    fair = _fair(stake.total, sorted(rivals | {holder}), holder, at)
    if stake.seconds <= lease.total_seconds():
        return min(fair, free)
    soon = math.ceil(stake.total * lease.total_seconds() / stake.seconds)
    return min(fair, free, stake.occupied + soon)


def _fair(total: int, holders: Sequence[str], holder: str, at: datetime) -> int:
    """An equal part; where there are more holders than permits, they take turns."""
    part, rest = divmod(total, len(holders))
    shift = int(at.timestamp() // _TURN_SECONDS) if part == 0 else 0
    place = (holders.index(holder) + shift) % len(holders)
    return part + (place < rest)


def _put(
    connection: Connection,
    key: dict[str, str],
    amount: int,
    lease_until: datetime,
    seconds: float | None,
    *,
    wants: bool,
) -> None:
    counts = _end_of_day(lease_until) if seconds is None else lease_until + timedelta(0, seconds)
    values = {"amount": amount, "wants": wants, "lease_until": lease_until, "counts_until": counts}
    _upsert(connection, key, values)


def _put_total(
    connection: Connection, key: dict[str, str], total: int, lease_until: datetime
) -> None:
    values = {"amount": total, "wants": False}
    ends = {"lease_until": lease_until, "counts_until": lease_until}
    _upsert(connection, {**key, "name": _total(key["name"])}, values | ends)


def _total(name: str) -> str:
    """What holders take a limit to be, while they have a lease: the tightest is kept to by all."""
    return f"{name} total"


def _put_rest(connection: Connection, account: str, holder: str, until: datetime) -> None:
    values = {"amount": 0, "wants": False, "lease_until": until, "counts_until": until}
    _upsert(connection, {"account": account, "name": _REST, "holder": holder}, values)


def _upsert(connection: Connection, key: dict[str, str], values: dict[str, Any]) -> None:
    same = [permits.c[name] == value for name, value in key.items()]
    if not connection.execute(update(permits).where(*same).values(**values)).rowcount:
        connection.execute(permits.insert().values(**key, **values))


def _forget(connection: Connection, account: str, holder: str) -> None:
    """All rows of a holder but its wish to rest."""
    mine = (permits.c.account == account, permits.c.holder == holder, permits.c.name != _REST)
    connection.execute(delete(permits).where(*mine))


def _end_of_day(at: datetime) -> datetime:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
