"""A sender without tools: claims from the journal and makes up what became of each message."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from claiming import claim_once

from baton.journal import Answer, Claimed, Journal, Receipt, Verdict

Sender: TypeAlias = Callable[[Journal, datetime], None]

_DESTINATIONS = ("shop_mail", "sms_gateway", "crm_tasks")
_MUCH_LATER = datetime(2099, 1, 1)
_FATES = ("accepted", "accepted", "accepted", "rejected", "bounced later", "retry")


def to_all_kinds_of_ends(journal: Journal, at: datetime) -> None:
    """Send what may be sent at `at`. What becomes of a message follows from its id."""
    _send(journal, at, _FATES)


def to_everybody(journal: Journal, at: datetime) -> None:
    """Send what may be sent at `at`; all of it is accepted."""
    _send(journal, at, ("accepted",))


def _send(journal: Journal, at: datetime, fates: Sequence[str]) -> None:
    for destination in _DESTINATIONS:
        while claimed := claim_once(journal, destination, 1000, at):
            ends = [(one, fates[int(one.message_id[:6], 16) % len(fates)]) for one in claimed]
            journal.record([_answer(one, fate, at) for one, fate in ends], at)
            journal.record_receipts(
                Receipt(one.message_id, "bounced", at, "test")
                for one, fate in ends
                if fate == "bounced later"
            )


def _answer(message: Claimed, fate: str, at: datetime) -> Answer:
    if fate == "retry":
        verdict = Verdict(message.message_id, "retry", "busy", _MUCH_LATER, costs_try=False)
    elif fate == "rejected":
        verdict = Verdict(message.message_id, "rejected", "refused")
    else:
        verdict = Verdict(message.message_id, "accepted")
    return Answer(message.attempt_id, fate, (verdict,), at, at)
