from datetime import timedelta

import pytest
from handed import MINUTE, NOON, block, claim, message

from baton.errors import UsageError
from baton.journal import Answer, Verdict

EVENT_COLUMNS = [
    "seq",
    "message_id",
    "candidate_id",
    "node_id",
    "contact_point_id",
    "journey",
    "action",
    "channel",
    "destination",
    "class",
    "state",
    "reason",
    "attempt_id",
    "occurred_at",
    "set_by",
    "note",
]
SWITCH_COLUMNS = ["seq", "scope", "value", "is_stopped", "reason", "set_by", "set_at"]
ACTIVATION_COLUMNS = [
    "seq",
    "release_id",
    "kind",
    "active_from",
    "set_by",
    "approved_by",
    "reason",
    "recorded_at",
]


def activate(journal, release="r1", kind="activate", reason="launch"):
    return journal.record_activation(
        release, kind=kind, active_from=NOON, by="ann", approved_by="bob", reason=reason
    )


def test_each_stream_has_exactly_the_columns_agreed(journal):
    journal.hand_over([message()], checked_at=NOON)
    journal.stop("global", None, reason="test", by="ann")
    activate(journal)
    assert list(journal.feed("message_events", 0)[0]) == EVENT_COLUMNS
    assert list(journal.feed("switches", 0)[0]) == SWITCH_COLUMNS
    assert list(journal.feed("activations", 0)[0]) == ACTIVATION_COLUMNS


def test_a_cursor_reads_every_row_once_in_pages(journal):
    journal.hand_over([message(number) for number in range(7)], checked_at=NOON)
    seen, after = [], 0
    while page := journal.feed("message_events", after, limit=3):
        seen += [row["message_id"] for row in page]
        after = page[-1]["seq"]
    assert sorted(seen) == [f"m{number}" for number in range(7)]
    assert journal.feed("message_events", after) == []


def test_what_happens_after_a_cursor_comes_with_a_higher_seq(journal):
    journal.hand_over([message()], checked_at=NOON)
    last = journal.feed("message_events", 0)[-1]["seq"]
    (one,) = claim(journal, at=NOON + MINUTE)
    journal.record([Answer(one.attempt_id, "ok", (Verdict("m1", "accepted"),))], NOON + MINUTE)
    news = journal.feed("message_events", last)
    assert [(row["state"], row["attempt_id"]) for row in news] == [
        ("claimed", one.attempt_id),
        ("accepted", one.attempt_id),
    ]
    assert news[0]["occurred_at"] == NOON + MINUTE


def test_the_streams_with_more_than_is_known_are_told(journal):
    journal.hand_over([message()], checked_at=NOON)
    journal.stop("global", None, reason="test", by="ann")
    last = journal.feed("message_events", 0)[-1]["seq"]
    assert journal.streams_beyond({}) == {"message_events", "switches"}
    assert journal.streams_beyond({"message_events": last - 1, "switches": 1}) == {"message_events"}
    assert journal.streams_beyond({"message_events": last, "switches": 1}) == set()


def test_an_unknown_stream_is_refused(journal):
    with pytest.raises(UsageError, match="message_events, switches, activations"):
        journal.feed("payloads", 0)


def test_no_stream_and_no_reading_shows_a_personal_value(journal):
    journal.hand_over([message()], checked_at=NOON)
    journal.block_addresses([block()])
    claim(journal)
    seen = [journal.feed(name, 0) for name in ("message_events", "switches", "activations")]
    seen += [journal.message("m1"), journal.attempts("m1"), journal.messages_of(["n1"])]
    assert "ann1" not in str(seen)
    assert "Sophie" not in str(seen)


def test_switches_lists_what_is_stopped_now_and_the_log_keeps_all(journal):
    journal.stop("journey", "quote_stalled", reason="wrong price", by="ann")
    journal.stop("person", "p1", reason="asked", by="bob")
    journal.resume("journey", "quote_stalled", reason="price mended", by="ann")
    (only,) = journal.switches()
    assert (only.scope, only.value, only.reason, only.set_by) == ("person", "p1", "asked", "bob")
    assert [row["is_stopped"] for row in journal.feed("switches", 0)] == [True, True, False]


@pytest.mark.parametrize(
    ("scope", "value", "reason"),
    [
        ("journey", "quote_stalled", " "),
        ("journey", None, "why"),
        ("global", "all", "why"),
        ("planet", "earth", "why"),
    ],
)
def test_a_switch_without_reason_or_with_a_wrong_scope_is_refused(journal, scope, value, reason):
    with pytest.raises(UsageError):
        journal.stop(scope, value, reason=reason, by="ann")
    assert journal.switches() == []


def test_activations_are_a_log_in_order(journal):
    first = activate(journal)
    second = activate(journal, kind="withdraw", reason="harm")
    assert second > first
    assert [(a.kind, a.reason, a.recorded_at) for a in journal.activations()] == [
        ("activate", "launch", NOON),
        ("withdraw", "harm", NOON),
    ]


@pytest.mark.parametrize(("kind", "reason"), [("pause", "why"), ("activate", "")])
def test_an_activation_of_another_kind_or_without_reason_is_refused(journal, kind, reason):
    with pytest.raises(UsageError):
        activate(journal, kind=kind, reason=reason)


def test_the_simulated_clock_moves_forward_only(journal):
    journal.set_simulated_time(NOON + MINUTE)
    with pytest.raises(UsageError, match="never goes back"):
        journal.set_simulated_time(NOON)
    assert journal.now() == journal.simulated_time() == NOON + MINUTE


def test_address_blocks_are_idempotent(journal):
    blocks = [block(), block(brand="shop"), block(), block(stated_at=NOON + timedelta(hours=1))]
    assert journal.block_addresses(blocks) == 3
    assert journal.block_addresses(blocks) == 0


def test_messages_of_nodes_come_oldest_first(journal):
    journal.hand_over([message(2, node_id="n1")], checked_at=NOON)
    journal.set_simulated_time(NOON + MINUTE)
    journal.hand_over([message(1), message(3)], checked_at=NOON)
    found = journal.messages_of({"n1", "n3", "unknown"})
    assert [row["message_id"] for row in found] == ["m2", "m1", "m3"]


def test_a_drop_with_the_same_content_is_recorded_once(journal):
    recorded = [journal.record_drop("audience", text, row_count=1) for text in "aab"]
    assert recorded == [True, False, True]
