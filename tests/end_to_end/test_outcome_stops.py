"""Bounces that tools report stop a journey, once, until somebody answers for it."""

from datetime import timedelta

import pytest

from baton.journal import Journal
from baton.limits import stop_by_outcomes

from .records import after
from .tampering import opened

AMOUNT, BAD = 120, 30
NOW = after(160)


@pytest.fixture(scope="module")
def bounced(day, tmp_path_factory):
    """The stores of a day, in which 30 of 120 more mails of win_back have bounced."""
    folder = tmp_path_factory.mktemp("bounced") / "stores"
    day.installation.copy_stores(folder)
    with opened(folder, day.installation.batches.dbt) as stores:
        for state, count in (("claimed", AMOUNT), ("accepted", AMOUNT), ("bounced", BAD)):
            stores.con.execute(
                """insert into raw.journal_message_events (seq, message_id, journey, action,
                    channel, destination, class, state, occurred_at, _loaded_seq, _loaded_at)
                select 100000 + t.i, 'bad' || t.i, 'win_back', 'email_we_miss_you', 'email',
                    'shop_mail', 'marketing', $1, $2, 1, $2 from range($3) as t (i)""",
                [state, NOW - timedelta(minutes=5), count],
            )
        with Journal.open(stores.journal_file) as journal:
            yield stores, journal


def stopped(bounced):
    stores, journal = bounced
    names = stop_by_outcomes(stores.con, journal, stores.dbt)
    return names, [(one.scope, one.value, one.set_by, one.reason) for one in journal.switches()]


def test_a_journey_whose_mails_bounce_is_stopped_once_with_the_numbers(bounced):
    reason = "bounce_percent: 30 of 120 messages in 24 h bounced (25 %), at most 10 %"
    switch = ("journey", "win_back", "limits", reason)
    assert stopped(bounced) == (["win_back"], [switch])
    assert stopped(bounced) == ([], [switch])


def test_after_a_resume_the_same_facts_stop_nothing(bounced):
    stores, journal = bounced
    journal.resume("journey", "win_back", reason="the list was cleaned", by="kim")
    stores.con.execute(
        "insert into raw.journal_switches (seq, scope, value, is_stopped, reason, set_by, set_at) "
        "values (100000, 'journey', 'win_back', false, 'the list was cleaned', 'kim', ?)",
        [NOW],
    )
    assert stopped(bounced) == ([], [])
