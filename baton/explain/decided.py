"""Decisions with their checks and with what stood against them, put together from rows. Pure."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from baton.words import DONE

Row = dict[str, Any]

CHECKS = {
    "is_before_activation": "before activation",
    "is_superseded": "superseded",
    "is_already_done": "already done",
    "is_expired": "expired",
    "is_switched_off": "1 switched off",
    "is_suppressed": "2 suppressed",
    "has_no_consent": "3 no consent",
    "has_no_address": "4 no address",
    "has_open_case": "5 open case",
    "is_input_stale_or_behind": "6 stale or late input",
    "is_quiet_hours": "7 quiet hours",
    "is_held_out": "8 holdout",
    "is_outranked": "9 outranked",
    "is_capped": "10 capped",
}
_INPUT = frozenset({"stale_input", "input_behind"})


def decisions(rows: Iterable[Row], *, rivals: Iterable[Row], caps: Iterable[Row]) -> list[Row]:
    """Return the decisions, each with `checks`, `value`, `outranker` and `cap`.

    A check is true where it failed and null where it was not made. `outranker` is the message or
    candidate that had the slot, with its rank if it was evaluated in the same pass; `cap` is the
    cap as the release of the decision had it. Both are null where nothing was in the way.
    """
    holders = {(one["rival_id"], one["decided_at"]): one for one in rivals}
    policies = {(one["release_id"], cap["cap"]): cap for one, cap in map(_cap, caps)}
    return [
        _with_checks(row)
        | {
            "value": _value(row),
            "outranker": _outranker(holders.get((row["outranked_by"], row["decided_at"]))),
            "cap": policies.get((row["release_id"], row["capped_by"])),
        }
        for row in rows
    ]


def deciding(decision: Row) -> str | None:
    """Return the check that gave the reason; None where none of them did."""
    if decision["reason"] in _INPUT:
        return CHECKS["is_input_stale_or_behind"]
    return next((label for label in decision["checks"] if _code(label) == decision["reason"]), None)


def latest_of(message_id: str, decided: Sequence[Row]) -> Row | None:
    """Return what was decided last about a message; None if nothing is on record."""
    return next((one for one in reversed(decided) if one["message_id"] == message_id), None)


def held_back(decided: Sequence[Row]) -> list[Row]:
    """Return the latest decision about each candidate that is not to go out, oldest first."""
    latest = {one["candidate_id"]: one for one in decided}
    return [one for one in decided if latest[one["candidate_id"]] is one and _is_held(one)]


def _is_held(decision: Row) -> bool:
    return decision["outcome"] not in DONE and decision["reason"] != "already_done"


def _code(label: str) -> str:
    return label.lstrip("0123456789 ").replace(" ", "_")


def _with_checks(row: Row) -> Row:
    others = {name: value for name, value in row.items() if name not in CHECKS}
    return others | {"checks": {label: row[column] for column, label in CHECKS.items()}}


def _value(row: Row) -> float | None:
    """The value of the action at that time: a decision has the rank and its other factors."""
    if row["rank"] is None:
        return None
    others = row["propensity"] * row["context_weight"] * row["lever"]
    return row["rank"] / others if others else None


def _outranker(rival: Row | None) -> Row | None:
    shown = ("candidate_id", "message_id", "action", "journey", "correlation_key", "rank")
    return rival and {name: rival[name] for name in shown}


def _cap(policy: Row) -> tuple[Row, dict[str, str]]:
    row = json.loads(policy["row"])
    return policy, {name: str(value) for name, value in row.items() if value not in (None, "")}
