"""What follows from a failure: pure, from kind of failure, retry class and message class."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from activation.exchange import ItemVerdict
from activation.quotas import LONGEST_WAIT
from baton.journal import Claimed, Verdict
from baton.journal.rules import OPTED_OUT, RetryClass, after_ambiguous


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long: waits double from `base_seconds` to `cap_seconds`, plus jitter."""

    max_tries: int = 8
    base_seconds: float = 60
    cap_seconds: float = 6 * 3600
    jitter: float = 0.2


DEFAULT_POLICY = RetryPolicy()


def decide(
    item: ItemVerdict,
    message: Claimed,
    *,
    retry_class: RetryClass,
    now: datetime,
    policy: RetryPolicy = DEFAULT_POLICY,
    has_lookup: bool = False,
) -> Verdict:
    """The journal's verdict for a destination's verdict.

    accepted, bounced, rejected and opted out stand. Throttled (429) waits and costs no try. Not
    sent is tried again, ambiguous by `after_ambiguous`; both are dead after `max_tries`. With a
    look-up the tool is asked when the retry is due, and the message goes only if it has not
    arrived.
    """
    match item.outcome:
        case "accepted" | "bounced" | "rejected":
            return Verdict(item.item_id, item.outcome, item.reason, provider_id=item.provider_id)
        case "opted_out":
            return Verdict(item.item_id, "rejected", OPTED_OUT)
        case "throttled":
            told = item.retry_after
            wait = policy.base_seconds if told is None else min(told, LONGEST_WAIT)
            return _again(item, now, wait, costs_try=False, may_be_sent=False)
        case "not_sent":
            return _after_try(item, message, now, policy, may_be_sent=False)
        case "ambiguous":
            after = after_ambiguous(retry_class, message.message_class, has_lookup=has_lookup)
            if after == "unknown":
                return Verdict(item.item_id, "unknown", item.reason, may_be_sent=True)
            return _after_try(item, message, now, policy, may_be_sent=True)


def backoff_seconds(tries: int, policy: RetryPolicy, jitter: float) -> float:
    """The wait after the n-th failed try (from 1); `jitter` in [0, 1)."""
    wait = min(policy.base_seconds * 2 ** (tries - 1), policy.cap_seconds)
    return wait * (1 + policy.jitter * jitter)


def jitter_of(message_id: str, tries: int) -> float:
    """A number in [0, 1) that spreads messages, and is the same for the same try."""
    digest = hashlib.sha256(f"{message_id}:{tries}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32


def _after_try(
    item: ItemVerdict, message: Claimed, now: datetime, policy: RetryPolicy, *, may_be_sent: bool
) -> Verdict:
    tries = message.tries + 1
    if tries >= policy.max_tries:
        return Verdict(item.item_id, "dead", item.reason, may_be_sent=may_be_sent)
    wait = backoff_seconds(tries, policy, jitter_of(item.item_id, tries))
    longest = max(wait, min(item.retry_after or 0, LONGEST_WAIT))
    return _again(item, now, longest, costs_try=True, may_be_sent=may_be_sent)


def _again(
    item: ItemVerdict, now: datetime, wait: float, *, costs_try: bool, may_be_sent: bool
) -> Verdict:
    state: Literal["retry"] = "retry"
    due = now + timedelta(seconds=wait)
    return Verdict(item.item_id, state, item.reason, due, costs_try, may_be_sent)
