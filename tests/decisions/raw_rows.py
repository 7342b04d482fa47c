"""What passes are told, as rows of the raw tables: releases, switches, messages, scores."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from reference.decisions.candidates import Candidate
from reference.decisions.records import Event

from .plots import Plot
from .rules import policy_rows
from .words import LONG_AGO
from .worlds import FRESH_WITHIN, World

Row = dict[str, Any]
SEQ = 10**6
"""Numbers of a window: those after its own times this."""


def release_rows(world: World) -> dict[str, list[Row]]:
    """Return the rows of all releases; a first one has the cards that were withdrawn."""
    found: dict[str, list[Row]] = {
        name: [] for name in ("release_policies", "release_cards", "release_rules", "release_sql")
    }
    for number, rules in enumerate(world.releases):
        release_id = f"release {number}"
        for policy, rows in policy_rows(rules).items():
            found["release_policies"] += [
                {
                    "release_id": release_id,
                    "policy": policy,
                    "row_no": row_no,
                    "row": json.dumps({name: _cell(value) for name, value in row.items()}),
                }
                for row_no, row in enumerate(rows)
            ]
        promise = {"source": "shop.orders", "fresh_within_s": FRESH_WITHIN.seconds}
        found["release_sql"].append(
            {"release_id": release_id, "kind": "signal", "name": "quote_started", **promise}
        )
        found["release_cards"] += _cards(world, release_id, is_old=False)
    found["release_cards"] += _cards(world, "withdrawn", is_old=True)
    found["release_rules"] = [
        {
            "release_id": row["release_id"],
            "journey": row["journey"],
            "card_hash": row["card_hash"],
            "rule_no": 1,
            "signal": "quote_started" if row["require_fresh"] else "case_opened",
        }
        for row in found["release_cards"]
    ]
    return found


def activation_rows(world: World, window: int) -> list[Row]:
    """Return the acts that a window learns of."""
    now, live = world.batch_times[window], world.live
    names = [("activate", "withdrawn"), ("withdraw", "withdrawn")] if window == 0 else []
    if window == 0 or live[window] != live[window - 1]:
        names.append(("activate", f"release {live[window]}"))
    return [
        {
            "seq": SEQ * window + number,
            "release_id": release_id,
            "kind": kind,
            "active_from": now,
            "_loaded_seq": SEQ * window + number,
            "_loaded_at": now,
        }
        for number, (kind, release_id) in enumerate(names, 1)
    ]


def switch_rows(world: World, window: int) -> list[Row]:
    """Return the switches that a window learns of."""
    return [
        {
            "seq": SEQ * window + number,
            "scope": one.scope,
            "value": one.value,
            "is_stopped": one.is_stopped,
            "set_at": world.batch_times[window],
            "_loaded_seq": SEQ * window + number,
            "_loaded_at": world.batch_times[window],
        }
        for number, one in enumerate(world.switches, 1)
        if one.window == window
    ]


def event_rows(told: Sequence[tuple[Candidate, Event]], window: int, world: World) -> list[Row]:
    """Return the events that a window learns of."""
    return [
        {
            "seq": SEQ * window + number,
            "message_id": event.message_id,
            "candidate_id": one.candidate_id,
            "node_id": one.node_id,
            "journey": one.journey,
            "action": one.action.name,
            "channel": one.action.channel,
            "destination": one.action.destination,
            "class": one.action.class_,
            "state": event.state,
            "occurred_at": event.occurred_at,
            "_loaded_seq": SEQ * window + number,
            "_loaded_at": world.batch_times[window],
        }
        for number, (one, event) in enumerate(told, 1)
    ]


def chorus_rows(world: World) -> tuple[list[Row], list[Row]]:
    """Return candidates of nobody in the cast, and the events of their messages: all were sent."""
    candidates, events = list[Row](), list[Row]()
    for number, (journey, at) in enumerate(world.chorus):
        message_id = f"chorus {number}"
        candidates.append(
            {
                "candidate_id": message_id,
                "journey": journey,
                "entry_node_id": message_id,
                "class": "transactional",
                "outcome": "send",
                "is_decided": True,
                "message_id": message_id,
                "message_decided_at": at,
                "evaluated_window_id": 0,
                "evaluated_at": at,
                "expires_at": at,
                "open_until": at,
            }
        )
        events.append(
            {
                "seq": 0,
                "message_id": message_id,
                "journey": journey,
                "state": "accepted",
                "occurred_at": at,
                "_loaded_seq": 0,
                "_loaded_at": at,
            }
        )
    return candidates, events


def score_rows(plots: Sequence[Plot]) -> Iterator[Row]:
    """Yield all scores."""
    for plot in plots:
        contact_of = dict(zip(plot.nodes, plot.contacts, strict=True))
        for number, one in enumerate(plot.scores):
            yield {
                "contact_id": contact_of[one.node_id],
                "action": one.action,
                "score": one.score,
                "model": "m",
                "version": str(number),
                "valid_until": one.valid_until,
                "stated_at": one.stated_at,
                "_loaded_seq": 1,
                "_loaded_at": LONG_AGO,
            }


def delivery_rows(world: World, window: int) -> list[Row]:
    """Return the deliveries of a window."""
    now = world.batch_times[window]
    known = {"delivery": str(window), "window_id": window + 1, "source": "shop.orders"}
    return [known | {"state": "loaded", "loaded_at": now}] if now in world.deliveries else []


def _cards(world: World, release_id: str, *, is_old: bool) -> Iterator[Row]:
    for journey, card in world.cards(0).items():
        if card.is_standing != is_old:
            yield {
                "release_id": release_id,
                "journey": journey,
                "card_hash": f"card of {journey}",
                "purpose": "sales",
                "brand": card.brand,
                "require_fresh": card.requires_fresh,
                "timezone": card.timezone,
            }


def _cell(value: object) -> str:
    """Return a cell of a seed: a release keeps them as text."""
    return "" if value is None else str(value)
