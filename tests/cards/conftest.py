"""A card, its vocabulary, and a dbt project of its own for each test."""

from pathlib import Path

import pytest
from card_projects import QUOTE_STALLED, SIGNAL_KEYS, TinyProject, tiny_project

from baton.cards import Vocabulary


@pytest.fixture
def card_text() -> str:
    return QUOTE_STALLED


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(
        signals=frozenset({*SIGNAL_KEYS, "quote_viewed", "order_paid"}),
        listed_signals=(*SIGNAL_KEYS, "order_paid"),
        guards=frozenset({"open_case", "high_value", "on_holiday"}),
        listed_guards=("open_case", "high_value"),
        actions={"email_reminder": {}, "sms_reminder": {}, "task_call": {}},
        groups=frozenset({"sales", "service"}),
        channels=frozenset({"email", "sms", "crm_task"}),
        signal_keys={
            "quote_started": "quote_id",
            "quote_submitted": "quote_id",
            "case_opened": None,
            "message_failed": "message_id",
        },
    )


@pytest.fixture
def project(tmp_path: Path) -> TinyProject:
    return tiny_project(tmp_path / "shop")
