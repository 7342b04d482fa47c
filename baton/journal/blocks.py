"""Address blocks: an opt-out holds from the moment it is recorded."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Connection, Row, select

from baton.errors import UsageError
from baton.ids import make_id
from baton.journal.clock import require_naive, wall_clock
from baton.journal.hashing import AddressHasher
from baton.journal.records import AddressBlock
from baton.journal.rules import END_OF_BLOCK, BlockKind
from baton.journal.schema import address_blocks
from baton.journal.tools import chunks

_KINDS: frozenset[str] = frozenset(get_args(BlockKind))
_CHUNK = 500


def add_blocks(
    connection: Connection, blocks: Iterable[AddressBlock], hasher: AddressHasher, at: datetime
) -> int:
    """Record blocks that are not yet known; returns how many were new.

    Raises UsageError for an unknown kind or an empty address.
    """
    rows = [_row(block, hasher, at) for block in blocks]
    return add_rows(connection, rows)


def block_row(
    *,
    channel: str,
    address_hash: str,
    kind: str,
    stated_at: datetime,
    source: str,
    at: datetime,
    brand: str | None = None,
    purpose: str | None = None,
) -> dict[str, Any]:
    """A block, by default for all brands and purposes, of an address whose hash is known."""
    parts = (channel, address_hash, brand, purpose, kind, stated_at)
    return _as_row(parts, source, at)


def add_rows(connection: Connection, rows: Collection[dict[str, Any]]) -> int:
    """Record block rows, those already known left out; returns how many were new."""
    by_id = {row["block_id"]: row for row in rows}
    for ids in chunks(list(by_id), _CHUNK):
        query = select(address_blocks.c.block_id).where(address_blocks.c.block_id.in_(ids))
        for known in connection.execute(query).scalars().all():
            del by_id[known]
    if by_id:
        connection.execute(address_blocks.insert(), list(by_id.values()))
    return len(by_id)


def blocks_of(connection: Connection, address_hashes: Collection[str]) -> dict[str, list[Row[Any]]]:
    """All blocks by address hash."""
    found: dict[str, list[Row[Any]]] = {}
    for part in chunks(list(address_hashes), _CHUNK):
        query = select(address_blocks).where(address_blocks.c.address_hash.in_(part))
        for row in connection.execute(query):
            found.setdefault(row.address_hash, []).append(row)
    return found


def blocking_reason(message: Any, blocks: Iterable[Row[Any]]) -> str | None:
    """Why a message may not go to its address: `suppressed`, `opted_out`, or null.

    Bounce and complaint always count, STOP and what else can be taken back until a newer end of
    it; a tie is a no. An opt-out counts for its brand and purpose (null: all), and only if it is
    not older than the yes that was used; a tie is a no.
    """
    mine = [block for block in blocks if block.channel == message.channel]
    if is_suppressed(mine):
        return "suppressed"
    return "opted_out" if any(_opts_out(block, message) for block in mine) else None


def is_suppressed(blocks: Collection[Row[Any]]) -> bool:
    """Whether one of the blocks of an address on a channel suppresses it, with no newer end."""
    return any(_suppresses(block, blocks) for block in blocks)


def _suppresses(block: Row[Any], all_of_it: Iterable[Row[Any]]) -> bool:
    if block.kind == "opt_out" or block.kind.startswith(END_OF_BLOCK):
        return False
    end = END_OF_BLOCK + block.kind
    return not any(one.kind == end and one.stated_at > block.stated_at for one in all_of_it)


def _opts_out(block: Row[Any], message: Any) -> bool:
    return (
        block.kind == "opt_out"
        and block.brand in (None, message.brand)
        and block.purpose in (None, message.message_class)
        and (message.consent_at is None or block.stated_at >= message.consent_at)
    )


def _row(block: AddressBlock, hasher: AddressHasher, at: datetime) -> dict[str, Any]:
    address_hash = hasher.address(block.channel, block.address)
    if address_hash is None or block.kind not in _KINDS:
        raise UsageError(
            f"a block of kind {block.kind!r} without a usable address or kind",
            where=f"{block.source}, channel {block.channel}",
            mend=f"give an address, and one of {', '.join(sorted(_KINDS))}",
        )
    require_naive(block.stated_at, "stated_at of a block")
    parts = (block.channel, address_hash, block.brand, block.purpose, block.kind, block.stated_at)
    return _as_row(parts, block.source, at)


def _as_row(
    parts: tuple[str, str, str | None, str | None, str, datetime], source: str, at: datetime
) -> dict[str, Any]:
    channel, address_hash, brand, purpose, kind, stated_at = parts
    return {
        "block_id": make_id("address_block", *parts),
        "channel": channel,
        "address_hash": address_hash,
        "brand": brand,
        "purpose": purpose,
        "kind": kind,
        "stated_at": stated_at,
        "source": source,
        "recorded_at": at,
        "recorded_wall_at": wall_clock(),
    }
