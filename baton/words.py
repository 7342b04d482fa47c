"""Outcomes, reasons and states of messages in plain words, for those who do not read tables."""

REASONS = {
    "all_checks_passed": "all checks passed",
    "before_activation": "it was due before the journey was live",
    "superseded": "its step or journey was over by then",
    "card_withdrawn": "its card was withdrawn",
    "already_done": "an earlier message had done it",
    "expired": "it came too late",
    "switched_off": "it was stopped",
    "suppressed": "the address or person must not be contacted",
    "no_consent": "no consent to it",
    "no_address": "no address to reach them",
    "open_case": "a service case is open",
    "stale_input": "an input is stale",
    "input_behind": "not all input is read yet",
    "quiet_hours": "it is night or a quiet hour there",
    "holdout": "the customer is in a control group",
    "outranked": "something else had more weight",
    "capped": "the customer had enough messages",
    "left_journey": "the journey was left",
    "merged": "its journey went into another one",
    "release_withdrawn": "its release was withdrawn",
    "recalled_too_late": "it was to be called back, but had gone by then",
    "message_ended": "its message had come to an end before",
    "over_cap": "the customer had enough messages",
    "erased": "the person was erased",
    "runaway": "its journey was stopped, it sent too much",
    "kept": "it was kept back when a stop was lifted",
    "let_go": "it is kept back no longer",
}
_STATES = {
    "not_handed_over": "decided, not yet passed on",
    "pending": "to be {verb}",
    "held": "held back",
    "retry": "to be {verb} again, the last try failed",
    "claimed": "being {verb}",
    "accepted": "{verb}",
    "delivered": "{verb} and delivered",
    "bounced": "{verb}, but it bounced",
    "cancelled": "not {verb}, cancelled before",
    "unknown": "perhaps {verb}, the tool gave no clear answer",
    "rejected": "not {verb}, the tool refused it",
    "dead": "not {verb}, the tool refused it for good",
}
_HANDING_OVER = frozenset({"route", "escalate"})
DONE = frozenset({"send", *_HANDING_OVER})
REACHED = frozenset({"accepted", "delivered"})


def reason(code: str) -> str:
    """Return a reason as people say it; one that is not known here reads as it is."""
    return REASONS.get(code, code.replace("_", " "))


def message_state(state: str, outcome: str = "send") -> str:
    """Return how far a message has come, `sent` or `handed over` by what was decided."""
    verb = "handed over" if outcome in _HANDING_OVER else "sent"
    return _STATES.get(state, state.replace("_", " ")).format(verb=verb)
