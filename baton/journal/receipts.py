"""Receipts: what a provider reports later about a message that was sent."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from baton.journal import moves
from baton.journal.blocks import add_rows, block_row
from baton.journal.reading import rows_of
from baton.journal.records import Move, Receipt
from baton.journal.rules import State

_RECEIPT_STATE: dict[str, State] = {"delivered": "delivered", "bounced": "bounced"}
_RECEIPT_BLOCK = {"bounced": "bounce", "complained": "complaint", "stopped": "stop"}
_ON_ITS_WAY: tuple[State, ...] = ("claimed", "accepted", "unknown")
_MAYBE_SENT: tuple[State, ...] = ("pending", "retry", "held", "dead")


def record_receipts(connection: Connection, receipts: Iterable[Receipt], now: datetime) -> int:
    """Apply providers' reports to sent messages and their addresses; returns states changed.

    Reports may come in any order, and again.
    """
    given = list(receipts)
    rows = rows_of(connection, [receipt.message_id for receipt in given])
    known = [receipt for receipt in given if receipt.message_id in rows]
    changes = {r.message_id: m for r in known if (m := _receipt_move(r, rows[r.message_id]))}
    moves.apply(connection, list(changes.values()), now)
    add_rows(connection, [b for r in known if (b := _receipt_block(r, rows[r.message_id], now))])
    return len(changes)


def _receipt_move(receipt: Receipt, row: Row[Any]) -> Move | None:
    if receipt.status not in _RECEIPT_STATE or not _may_follow(receipt.status, row):
        return None
    return Move(receipt.message_id, _RECEIPT_STATE[receipt.status], receipt.source, row.attempt_id)


def _may_follow(status: str, row: Row[Any]) -> bool:
    """A receipt may overtake the answer, and tells the truth about an attempt that was in doubt."""
    is_later = status == "bounced" and row.state == "delivered"
    is_doubtful = row.may_be_sent and row.state in _MAYBE_SENT
    return is_later or is_doubtful or row.state in _ON_ITS_WAY


def _receipt_block(receipt: Receipt, row: Row[Any], now: datetime) -> dict[str, Any] | None:
    if receipt.status not in _RECEIPT_BLOCK or not row.address_hash:
        return None
    return block_row(
        channel=row.channel,
        address_hash=row.address_hash,
        kind=_RECEIPT_BLOCK[receipt.status],
        stated_at=receipt.occurred_at,
        source=receipt.source,
        at=now,
    )
