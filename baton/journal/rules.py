"""The rules of a message's life in the journal, as data and pure functions.

pending → claimed → accepted → delivered (or bounced after either) · held · cancelled · retry ·
unknown · rejected → dead (can be replayed until it expires).
"""

from typing import Literal

State = Literal[
    "pending",
    "held",
    "retry",
    "claimed",
    "accepted",
    "delivered",
    "bounced",
    "cancelled",
    "unknown",
    "rejected",
    "dead",
]
MessageClass = Literal["marketing", "sales", "service", "transactional"]
Lane = Literal["opt_out", "transactional", "service", "marketing", "backfill"]
RetryClass = Literal["N", "U", "X"]
Scope = Literal["global", "brand", "journey", "action", "channel", "destination", "person"]
BlockKind = Literal[
    "opt_out",
    "bounce",
    "complaint",
    "stop",
    "legal",
    "deceased",
    "end_of_stop",
    "end_of_legal",
    "end_of_deceased",
]

END_OF_BLOCK = "end_of_"
OPTED_OUT = "opted_out"

CLAIMABLE: tuple[State, ...] = ("pending", "retry")
UNSENT: tuple[State, ...] = ("pending", "held", "retry")
BY_RECEIPT: tuple[State, ...] = ("delivered", "bounced")
BEYOND_RECALL: tuple[State, ...] = ("claimed", "accepted", "delivered", "unknown")
PAYLOAD_ENDS: tuple[State, ...] = ("accepted", "delivered", "bounced", "cancelled", "unknown")

SCOPES: tuple[Scope, ...] = (
    "global",
    "brand",
    "journey",
    "action",
    "channel",
    "destination",
    "person",
)
KEPT = "kept"  # when a stop was lifted
CANCELLING = frozenset(
    {
        "superseded",
        "left_journey",
        "suppressed",
        "no_consent",
        "expired",
        "merged",
        "no_address",
        "over_cap",
        "erased",
    }
)
HOLDING = frozenset(
    {
        "switched_off",
        "open_case",
        "release_withdrawn",
        "stale_input",
        "input_behind",
        "card_withdrawn",
        "already_done",
        "quiet_hours",
        "outranked",
        "capped",
        "runaway",
        KEPT,
    }
)
LANES: dict[Lane, int] = {
    "opt_out": 0,
    "transactional": 1,
    "service": 2,
    "marketing": 3,
    "backfill": 4,
}
LANE_OF_CLASS: dict[MessageClass, Lane] = {
    "transactional": "transactional",
    "service": "service",
    "marketing": "marketing",
    "sales": "marketing",
}
SPLIT = ", in parts"
AT_LEAST_ONCE: frozenset[MessageClass] = frozenset({"service", "transactional"})


def cancelled(*, may_be_sent: bool) -> State:
    """Where a message ends that must not go any more.

    One that an earlier, ambiguous attempt may have sent is `unknown`: "cancelled" would claim
    that nobody has received it, and caps would not count it.
    """
    return "unknown" if may_be_sent else "cancelled"


def unsent_state(current: State, blocked_by: str | None, *, may_be_sent: bool) -> State:
    """The state of an unsent message after a hand-over has restated what blocks it."""
    if blocked_by is None:
        return "pending" if current == "held" else current
    if blocked_by in CANCELLING:
        return cancelled(may_be_sent=may_be_sent)
    return "held"


def after_ambiguous(
    retry_class: RetryClass, message_class: MessageClass, *, has_lookup: bool = False
) -> State:
    """The state after an attempt whose outcome nobody knows.

    N and U are repeated under the same key. X could send twice: marketing and sales at most
    once, service and transactional at least once. Where the tool can be asked, it is, before the
    message goes again.
    """
    repeatable = retry_class in ("N", "U") or has_lookup or message_class in AT_LEAST_ONCE
    return "retry" if repeatable else "unknown"
