"""What people say themselves, by a link in a message: a yes or a no for one address.

A no blocks the address in the transaction that records it; a yes is newer than every no before it,
and lifts them once the warehouse has taken it in.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from baton.ids import make_id
from baton.journal import points
from baton.journal.blocks import add_rows, block_row, blocks_of, is_suppressed
from baton.journal.clock import wall_clock
from baton.journal.records import Act, ContactPoint, Standing, Stated, Statement
from baton.journal.schema import messages, statements
from baton.journal.tools import chunks

_CHUNK = 500
_TICK = timedelta(microseconds=1)
_CLOCKS_MAY_DIFFER = timedelta(days=1)  # intake takes no time that is further ahead
_SUPPRESSED = Standing("suppressed")
_UNKNOWN = Standing("unknown")


def record(connection: Connection, act: Act, now: datetime) -> Stated:
    """Append the statements of an act, and block the addresses of each no.

    All are stated at one time: `now`, or just after what was said of the same addresses before,
    should the clock not have moved since, or have been set back. An address that no message was
    handed over for has no hash to block: it is blocked when the first one is (`block_known`).
    """
    stated_at = _after_all_before(connection, act.statements, now)
    act_id = make_id("act", act.origin, act.proof, stated_at)
    rows = [_row(one, act, act_id, stated_at) for one in act.statements]
    if rows:
        connection.execute(statements.insert(), rows)
    noes = [row for row in rows if not row["granted"]]
    hashes = points.hashes_of(connection, list({row["contact_point_id"] for row in noes}))
    _block(connection, noes, hashes, now)
    return Stated(act_id, stated_at, act.statements)


def block_known(connection: Connection, hashes: Mapping[str, str], now: datetime) -> None:
    """Block addresses, by contact point, that are known from now on, for noes said before."""
    for ids in chunks(list(hashes), _CHUNK):
        query = select(statements).where(
            statements.c.contact_point_id.in_(ids), statements.c.granted.is_(False)
        )
        noes = [dict(row) for row in connection.execute(query).mappings()]
        _block(connection, noes, hashes, now)


def stated(connection: Connection, act_id: str, proof: str) -> Stated | None:
    """An act as it was recorded, null unless its proof begins with the one given."""
    query = select(statements).where(
        statements.c.act_id == act_id, statements.c.proof.startswith(proof, autoescape=True)
    )
    rows = connection.execute(query.order_by(statements.c.seq)).all()
    if not rows:
        return None
    return Stated(act_id, rows[0].stated_at, tuple(_statement(row) for row in rows))


def standing(
    connection: Connection, point: ContactPoint, brand: str, purposes: Collection[str]
) -> dict[str, Standing]:
    """What the journal knows of a contact point of a brand, by purpose."""
    known = points.hashes_of(connection, [point.contact_point_id])
    blocks = [
        block
        for found in blocks_of(connection, list(known.values())).values()
        for block in found
        if block.channel == point.channel
    ]
    if is_suppressed(blocks):
        return dict.fromkeys(purposes, _SUPPRESSED)
    said = _said(connection, point, brand)
    relied = _relied_on(connection, point, brand)
    noes = [(b.brand, b.purpose, b.stated_at) for b in blocks if b.kind == "opt_out"]
    return {purpose: _standing(purpose, brand, said, relied, noes) for purpose in purposes}


def _standing(
    purpose: str,
    brand: str,
    said: Iterable[Row[Any]],
    relied: dict[str, datetime],
    noes: Iterable[tuple[str | None, str | None, datetime]],
) -> Standing:
    about = [(r.stated_at, r.granted) for r in said if r.purpose in (None, purpose)]
    about += [(at, False) for b, p, at in noes if b in (None, brand) and p in (None, purpose)]
    about += [(relied[purpose], True)] if purpose in relied else []
    if not about:
        return _UNKNOWN
    at, granted = max(about, key=lambda one: (one[0], not one[1]))
    return Standing("yes" if granted else "no", at)


def _said(connection: Connection, point: ContactPoint, brand: str) -> Sequence[Row[Any]]:
    query = select(statements.c.purpose, statements.c.granted, statements.c.stated_at).where(
        statements.c.contact_point_id == point.contact_point_id, statements.c.brand == brand
    )
    return connection.execute(query).all()


def _relied_on(connection: Connection, point: ContactPoint, brand: str) -> dict[str, datetime]:
    """The times of the yes that messages relied on, by purpose."""
    query = select(messages.c.message_class, func.max(messages.c.consent_at)).where(
        messages.c.contact_point_id == point.contact_point_id,
        messages.c.brand == brand,
        messages.c.blocked_by.is_(None),
        messages.c.consent_at.is_not(None),
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(messages.c.message_class))}


def _after_all_before(connection: Connection, said: Sequence[Statement], now: datetime) -> datetime:
    ids = {one.contact_point_id for one in said}
    hashes = points.hashes_of(connection, list(ids))
    last_said = select(func.max(statements.c.stated_at)).where(
        statements.c.contact_point_id.in_(ids)
    )
    last_relied = select(func.max(messages.c.consent_at)).where(
        messages.c.contact_point_id.in_(ids), messages.c.blocked_by.is_(None)
    )
    before = [connection.execute(query).scalar() for query in (last_said, last_relied)]
    found = blocks_of(connection, list(hashes.values())).values()
    before += [block.stated_at for blocks in found for block in blocks]
    latest = now + _CLOCKS_MAY_DIFFER
    return max([now, *(at + _TICK for at in before if at is not None and at < latest)])


def _block(
    connection: Connection,
    noes: Sequence[Mapping[str, Any]],
    hashes: Mapping[str, str],
    now: datetime,
) -> None:
    rows = [
        block_row(
            channel=one["channel"],
            address_hash=hashes[one["contact_point_id"]],
            brand=one["brand"],
            purpose=one["purpose"],
            kind="opt_out",
            stated_at=one["stated_at"],
            source=one["origin"],
            at=now,
        )
        for one in noes
        if one["contact_point_id"] in hashes
    ]
    add_rows(connection, rows)


def _row(one: Statement, act: Act, act_id: str, stated_at: datetime) -> dict[str, Any]:
    about = (one.contact_point_id, one.purpose, one.brand, int(one.granted))
    return {
        "statement_id": make_id("statement", "journal.statements", *about, stated_at),
        "act_id": act_id,
        "contact_point_id": one.contact_point_id,
        "node_id": one.node_id,
        "channel": one.channel,
        "purpose": one.purpose,
        "brand": one.brand,
        "granted": one.granted,
        "stated_at": stated_at,
        "origin": act.origin,
        "proof": act.proof,
        "message_id": act.message_id,
        "recorded_wall_at": wall_clock(),
    }


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        row.contact_point_id, row.node_id, row.channel, row.purpose, row.brand, row.granted
    )
