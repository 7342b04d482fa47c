"""How tools are told to forget a person: by calls that are messages, by a sync, or by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from baton.ids import make_id
from baton.journal import erasing, moves
from baton.journal.records import Move
from baton.journal.rules import LANES
from baton.journal.schema import erasure_tools, messages, payloads
from baton.tombstones import ErasureKey, Identifier

CALLS = "/erasures"
_NEVER = datetime(9999, 12, 31)
Way = Literal["call", "sync", "by_hand"]


@dataclass(frozen=True)
class ToolOrder:
    """How a tool is to forget: by calls, one per identifier; by its next sync run; or by hand."""

    tool: str
    way: Way
    identifiers: Sequence[Identifier] = field(default=(), repr=False)


def call_tools(
    connection: Connection,
    erasure_id: str,
    tools: Sequence[ToolOrder],
    key: ErasureKey,
    now: datetime,
) -> None:
    """Put on record how each tool is told, with a message for each call."""
    rows = [{"erasure_id": erasure_id, "tool": one.tool, "way": one.way} for one in tools]
    calls = {
        make_id("erasure_call", erasure_id, one.tool, key.hash(value)): (one.tool, value)
        for one in tools
        for value in one.identifiers
    }
    if rows:
        connection.execute(erasure_tools.insert(), rows)
    if calls:
        told = [_message(id_, erasure_id, tool, now) for id_, (tool, _) in calls.items()]
        connection.execute(messages.insert(), told)
        connection.execute(payloads.insert(), [_payload(id_, v) for id_, (_, v) in calls.items()])
        moves.append_events(connection, [Move(id_, "pending", None) for id_ in calls], now)


def _message(message_id: str, erasure_id: str, tool: str, now: datetime) -> dict[str, Any]:
    """A call as a message, so that it is sent, tried again and shown like any other.

    It never expires, and needs no hand-over to state it anew.
    """
    texts = dict.fromkeys(("release_id", "card_hash", "node_id", "person_id"), erasing.NOBODY)
    return {
        **texts,
        "message_id": message_id,
        "candidate_id": erasure_id,
        "instance_id": erasure_id,
        "journey": erasing.JOURNEY,
        "action": "erase",
        "channel": "erasure",
        "destination": f"{tool}{CALLS}",
        "message_class": "transactional",
        "brand": "all",
        "lane": LANES["opt_out"],
        "priority": 0,
        "expires_at": _NEVER,
        "checked_at": _NEVER,
        "state": "pending",
        "is_claimable": True,
        "may_be_sent": False,
        "tries": 0,
        "requests": 0,
        "handed_at": now,
        "changed_at": now,
    }


def _payload(message_id: str, one: Identifier) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "address": one.value,
        "variables": {"identifier": one.node_type},
    }


def told(connection: Connection, erasure_id: str) -> list[dict[str, Any]]:
    """What each tool has been told: `state` is done, waiting, failed, or to be done by hand.

    `calls` counts the calls by state of their messages.
    """
    mine = select(erasure_tools).where(erasure_tools.c.erasure_id == erasure_id)
    rows = connection.execute(mine.order_by(erasure_tools.c.tool)).all()
    calls = erasing.states_of_calls(connection, erasure_id)
    return [_tool(row, calls.get(f"{row.tool}{CALLS}", {})) for row in rows]


def _tool(row: Any, calls: Mapping[str, int]) -> dict[str, Any]:
    told = {"tool": row.tool, "way": row.way, "settled_at": row.settled_at}
    told |= {"settled_by": row.settled_by, "calls": dict(calls)}
    return {**told, "state": "done" if row.settled_at else _state(row.way, calls)}


def _state(way: str, calls: Mapping[str, int]) -> str:
    if way == "by_hand":
        return "to_be_done_by_hand"
    if way == "sync":
        return "next_sync_run"
    if any(calls.get(state) for state in ("dead", "rejected", "bounced", "unknown", "cancelled")):
        return "failed"
    return "done" if set(calls) <= {"accepted", "delivered"} else "waiting"
