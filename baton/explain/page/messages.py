"""What was sent, and what was held back and why."""

from typing import Any

from baton.explain import decided, grounds, paths, say
from baton.explain.page import decision
from baton.explain.page.masks import Mask
from baton.explain.page.parts import Cell, Section, Table, Tone, cells, moment, when
from baton.words import message_state, reason

Row = dict[str, Any]

_NOT_GONE = frozenset({"held", "cancelled", "rejected", "dead"})
_TONES: dict[str, Tone] = {"accepted": "yes", "delivered": "yes", "bounced": "no"}


def sent(story: Row, mask: Mask) -> Section:
    """Return the messages that went out or are about to."""
    rows = [_sent(one, mask) for one in story["messages"] if state(one) not in _NOT_GONE]
    heads = ("decided", "message", "by", "state", "came through")
    table = Table("Messages and hand-overs", heads, rows, "Nothing was sent.")
    return Section("sent", "What was sent", tables=[table])


def held(story: Row, mask: Mask) -> Section:
    """Return what was not to go out, and the messages that were decided and did not go."""
    decisions = decided.held_back(story["decisions"])
    shown = {one["message_id"] for one in decisions}
    messages = [
        one
        for one in story["messages"]
        if state(one) in _NOT_GONE and one["message_id"] not in shown
    ]
    rows = sorted(
        [
            *((one["decided_at"], _decision(one)) for one in decisions),
            *((one["message"]["changed_at"], _message(one, story, mask)) for one in messages),
        ],
        key=lambda one: one[0],
    )
    heads = ("since", "what", "became", "why", "until")
    table = Table("Held back", heads, [row for _, row in rows], "Nothing was held back.")
    return Section("held", "What was held back, and why", tables=[table])


def state(message: Row) -> str:
    """Return how far a message has come."""
    return message["message"]["state"] if message["message"] else "not_handed_over"


def _sent(message: Row, mask: Mask) -> list[Cell]:
    events = [
        f"{when(one['occurred_at'])} {message_state(one['state'], message['outcome'])}"
        for one in message["events"]
    ]
    own = state(message)
    why = message["message"]["reason"] if message["message"] and own == "bounced" else None
    return cells(
        moment(message["decided_at"]),
        Cell(message["action"], notes=[f"for {say.name_of(message)}", message["message_id"]]),
        Cell(message["channel"], notes=[f"through {message['destination']}"]),
        Cell(
            message_state(own, message["outcome"]),
            _TONES.get(own, "wait"),
            [mask.text(reason(why))] if why else [],
        ),
        Cell("", notes=[*events, *(_attempt(one, mask) for one in message["attempts"])]),
    )


def _attempt(attempt: Row, mask: Mask) -> str:
    answers = [attempt[name] for name in ("status", "verdict", "reason") if attempt.get(name)]
    said = mask.text(", ".join(dict.fromkeys(answers)))
    return f"{when(attempt['claimed_at'])} tried: {said}"


def _decision(row: Row) -> list[Cell]:
    return cells(
        moment(row["decided_at"]),
        Cell(row["action"], notes=[f"for {say.name_of(row)}", f"by {row['channel']}"]),
        Cell(decision.outcome(row), decision.tone(row)),
        Cell(reason(row["reason"]), notes=grounds.grounds(row)),
        moment(row["decide_after"]),
    )


def _message(row: Row, story: Row, mask: Mask) -> list[Cell]:
    latest = decided.latest_of(row["message_id"], story["decisions"])
    is_held = state(row) == "held"
    why = row["message"]["reason"]
    return cells(
        moment(row["message"]["changed_at"]),
        Cell(row["action"], notes=[f"for {say.name_of(row)}", row["message_id"]]),
        Cell(message_state(state(row), row["outcome"]), "wait" if is_held else "no"),
        Cell(
            mask.text(reason(why)) if why else say.message(paths.told(row)),
            notes=grounds.of_message(row, latest),
        ),
        moment(row["message"]["expires_at"]) if is_held else "",
    )
