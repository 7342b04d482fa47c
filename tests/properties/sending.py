"""A sender without tools: claims from the journal and makes up what became of each message."""

from datetime import datetime

from baton.journal import Answer, Claimed, Journal, Receipt, Verdict

_DESTINATIONS = ("shop_mail", "sms_gateway", "crm_tasks")
_MUCH_LATER = datetime(2099, 1, 1)
_FATES = ("accepted", "accepted", "accepted", "rejected", "bounced later", "retry")


def send(journal: Journal, at: datetime) -> None:
    """Send what may be sent at `at`. A message's fate follows from its id."""
    for destination in _DESTINATIONS:
        while claimed := journal.claim(destination, 1000, at, "test"):
            journal.record([_answer(one, at) for one in claimed], at)
            journal.record_receipts(
                Receipt(one.message_id, "bounced", at, "test")
                for one in claimed
                if _fate(one) == "bounced later"
            )


def _fate(message: Claimed) -> str:
    return _FATES[int(message.message_id[:6], 16) % len(_FATES)]


def _answer(message: Claimed, at: datetime) -> Answer:
    fate = _fate(message)
    if fate == "retry":
        verdict = Verdict(message.message_id, "retry", "busy", _MUCH_LATER, costs_try=False)
    elif fate == "rejected":
        verdict = Verdict(message.message_id, "rejected", "refused")
    else:
        verdict = Verdict(message.message_id, "accepted")
    return Answer(message.attempt_id, fate, (verdict,), at, at)
