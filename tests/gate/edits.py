"""Edits of cards, policies and SQL: what somebody may change in a working tree."""

import random
from collections import Counter
from dataclasses import dataclass

from store_run import Edit

_CARDS = "models/journeys/cards"
_SIGNALS = "models/journeys/signals"
_GUARDS = "models/journeys/guards"
_POLICIES = "seeds/policies"


@dataclass(frozen=True)
class Kind:
    """A place that can be edited, and what may be written there instead."""

    file: str
    old: str
    choices: tuple[str, ...]


CARDS = (
    Kind(f"{_CARDS}/quote_stalled.sql", "after: 2 hours", ("after: 10 minutes", "after: 5 hours")),
    Kind(f"{_CARDS}/quote_stalled.sql", ", unless: open_case", ("", ", if: high_value")),
    Kind(f"{_CARDS}/quote_stalled.sql", "purpose: sales", ("purpose: marketing",)),
    Kind(f"{_CARDS}/quote_stalled.sql", "reentry: never", ("reentry: always\nmigrate: in_flight",)),
    Kind(
        f"{_CARDS}/comparison_dropout.sql",
        "after: 45 minutes",
        ("after: 5 minutes", "after: 2 hours"),
    ),
    Kind(f"{_CARDS}/comparison_dropout.sql", "require_fresh: true ", ("require_fresh: false ",)),
    Kind(f"{_CARDS}/self_service_to_human.sql", "after: 15 minutes", ("after: 1 hour",)),
    Kind(f"{_CARDS}/onboarding.sql", "50, welcomed_fully: 50", ("90, welcomed_fully: 10",)),
    Kind(f"{_CARDS}/onboarding.sql", "after: 1 hour\n", ("after: 20 minutes\n",)),
    Kind(f"{_CARDS}/channel_bouncing.sql", "when: bot_failed", ("when: chat_asked",)),
)
POLICIES = (
    Kind(f"{_POLICIES}/caps.csv", "calendar day,2,wait", ("calendar day,0,drop",)),
    Kind(f"{_POLICIES}/caps.csv", "7 days,4,wait", ("7 days,1,wait", "7 days,0,drop")),
    Kind(f"{_POLICIES}/caps.csv", "calendar day,1,drop", ("calendar day,0,next_channel",)),
    Kind(f"{_POLICIES}/quiet_hours.csv", "21:00,07:00", ("09:00,20:00", "15:00,16:00")),
    Kind(f"{_POLICIES}/slots.csv", "group,sales,30 minutes", ("group,sales,4 hours",)),
    Kind(f"{_POLICIES}/holdouts.csv", "everything,,marketing,5", ("everything,,sales,50",)),
    Kind(
        f"{_POLICIES}/actions.csv", "quote_reminder,10,12 hours", ("quote_reminder,1,10 minutes",)
    ),
    Kind(f"{_POLICIES}/consent_basis.csv", "sales,,,consent", ("sales,,,contract",)),
)
SQL = (
    Kind(
        f"{_SIGNALS}/quote_started.sql",
        "'quote_started'",
        ("'quote_started' and event_id < '8'", "'comparison_started'"),
    ),
    Kind(f"{_GUARDS}/high_value.sql", ">= 500", (">= 50", ">= 5000")),
    Kind(f"{_GUARDS}/recent_buyer.sql", "interval '60 days'", ("interval '20 days'",)),
)


def drawn(count: int) -> list[Edit]:
    """Return so many different edits, by chance but the same ones each time.

    Cards, policies and SQL take turns.
    """
    written = {
        Edit(kind.file, kind.old, choice): group
        for group, kinds in enumerate((CARDS, POLICIES, SQL))
        for kind in kinds
        for choice in kind.choices
    }
    found = random.Random(8).sample(list(written), count)  # noqa: S311  # which edits is no secret
    before = Counter[int]()
    turns: dict[Edit, int] = {}
    for edit in found:
        turns[edit] = before[written[edit]]
        before[written[edit]] += 1
    return sorted(found, key=lambda edit: (turns[edit], written[edit]))


def is_sql(edit: Edit) -> bool:
    """Whether dbt builds other text after the edit."""
    return edit.file.startswith((_SIGNALS, _GUARDS))
