"""A card, its vocabulary, and a dbt project of its own for each test."""

from pathlib import Path

import pytest
from card_projects import GUARDS, QUOTE_STALLED, SIGNAL_KEYS, TinyProject, tiny_project

from baton.cards import Vocabulary


@pytest.fixture
def card_text() -> str:
    return QUOTE_STALLED


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(
        signals=frozenset(SIGNAL_KEYS),
        listed_signals=tuple(SIGNAL_KEYS),
        guards=frozenset(GUARDS),
        listed_guards=GUARDS,
        actions={
            "email_reminder": {"outcome": "send"},
            "sms_reminder": {"outcome": "send"},
            "task_call": {"outcome": "route"},
        },
        groups=frozenset({"sales", "service"}),
        channels=frozenset({"email", "sms", "crm_task"}),
        signal_keys={
            "quote_started": "quote_id",
            "quote_submitted": "quote_id",
            "case_opened": None,
            "message_failed": "message_id",
        },
        promised=dict.fromkeys(SIGNAL_KEYS, 7200),
    )


@pytest.fixture
def project(tmp_path: Path) -> TinyProject:
    return tiny_project(tmp_path / "shop")
