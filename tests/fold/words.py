"""The words that random cards are made of, and chance."""

from collections.abc import Mapping
from random import Random

from baton.cards import Vocabulary

SIGNALS = ("quote_started", "quote_submitted", "case_opened", "message_failed", "message_accepted")
GUARDS = ("open_case", "high_value", "recent_buyer")
ACTIONS: Mapping[str, Mapping[str, str]] = {
    "mail": {"outcome": "send"},
    "text": {"outcome": "send"},
    "call": {"outcome": "route"},
}
ZONES = (
    "UTC",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Auckland",
)


def chance(name: str) -> Random:
    """Return random numbers that are the same for the same name, everywhere."""
    return Random(name)  # noqa: S311


def vocabulary() -> Vocabulary:
    """Return what the random cards may name. Signals may come with any key, or without."""
    return Vocabulary(
        signals=frozenset(SIGNALS),
        listed_signals=SIGNALS,
        guards=frozenset(GUARDS),
        listed_guards=GUARDS,
        actions=ACTIONS,
        groups=frozenset({"sales"}),
    )
