"""A scratch fold: given signals, guards, people and releases, the real models fold."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from baton.errors import BatonError, Busy
from baton.scratch import GuardRow, ScratchFold, SignalRow

MONDAY = datetime(2026, 3, 2, 10)
END = datetime(9999, 12, 31)


def at(hours):
    return MONDAY + timedelta(hours=hours)


def started(who, key, hours, loaded=None, event=None):
    event = event or f"started {who} {key}"
    return SignalRow("quote_started", event, who, key, at(hours), at(loaded or hours))


def submitted(who, key, hours, loaded=None):
    loaded_at = at(hours if loaded is None else loaded)
    return SignalRow("quote_submitted", f"submitted {who} {key}", who, key, at(hours), loaded_at)


def high_value(who, since, until=END, subject=None):
    return GuardRow("high_value", subject or who, who, since, until, MONDAY)


def paths(fold):
    """Steps of all instances, by person and key."""
    found = {}
    for row in sorted(fold.steps(), key=lambda row: (row["instance_id"], row["step_no"])):
        found.setdefault((row["person_id"], row["correlation_key"]), []).append(row["step"])
    return found


def live(fold, card):
    return [("activate", fold.release([card]))]


def test_signals_enter_and_then_time_alone_moves_on(fold, card):
    fold.window(
        activations=live(fold, card()),
        batch_time=at(1),
        signals=[started("anna", "q1", 1), started("ben", "q2", 1)],
        guards=[high_value("anna", MONDAY)],
    )
    assert paths(fold) == {("anna", "q1"): ["waiting"], ("ben", "q2"): ["waiting"]}
    fold.window(batch_time=at(30))
    assert paths(fold) == {
        ("anna", "q1"): ["waiting", "reminded", "called"],
        ("ben", "q2"): ["waiting", "reminded"],
    }
    assert {row["status"] for row in fold.states()} == {"open"}


def test_no_timer_runs_beyond_the_watermark(fold, card):
    fold.window(
        activations=live(fold, card()),
        batch_time=at(30),
        watermark=at(1),
        signals=[started("anna", "q1", 1)],
    )
    assert paths(fold) == {("anna", "q1"): ["waiting"]}


def test_an_event_counts_once_as_it_was_first_loaded(fold, card):
    twice = [started("anna", "q1", 1, event="e"), started("anna", "q2", 1, event="e")]
    fold.window(activations=live(fold, card()), batch_time=at(1), signals=twice)
    fold.window(batch_time=at(1), signals=[started("ben", "q3", 1, event="e")])
    assert paths(fold) == {("anna", "q1"): ["waiting"]}


def test_a_later_version_of_a_guard_takes_the_place_of_the_earlier_one(fold, card):
    fold.window(
        activations=live(fold, card()),
        batch_time=at(1),
        signals=[started("anna", "q1", 1), started("ben", "q2", 1)],
        guards=[high_value("anna", MONDAY, subject="quote")],
    )
    fold.window(batch_time=at(30), guards=[high_value("ben", MONDAY, subject="quote")])
    assert paths(fold)["ben", "q2"] == ["waiting", "reminded", "called"]
    assert paths(fold)["anna", "q1"] == ["waiting", "reminded"]


def test_two_persons_merge_and_part_again(fold, card):
    both = [started("browser", "q1", 1), started("phone", "q1", 1.5, loaded=1.5)]
    fold.window(activations=live(fold, card()), batch_time=at(2), signals=both)
    assert set(paths(fold)) == {("browser", "q1"), ("phone", "q1")}
    fold.window(batch_time=at(2), people={"phone": "browser"})
    assert paths(fold) == {("browser", "q1"): ["waiting"]}
    assert [row["change"] for row in fold.changes()] == ["merged_into"]
    fold.window(batch_time=at(2), people={})
    assert set(paths(fold)) == {("browser", "q1"), ("phone", "q1")}


def test_people_stay_as_they_are_in_a_window_that_says_nothing_of_them(fold, card):
    fold.window(
        activations=live(fold, card()),
        batch_time=at(1),
        signals=[started("phone", "q1", 1)],
        people={"phone": "anna"},
    )
    fold.window(batch_time=at(4), signals=[started("stranger", "q2", 4)])
    assert set(paths(fold)) == {("anna", "q1"), ("stranger", "q2")}


def test_local_times_go_by_the_zone_of_the_person(fold, card):
    fold.window(
        activations=live(fold, card({"after: 2 hours": 'at: "18:00"'})),
        batch_time=at(30),
        signals=[started("anna", "q1", 1), started("ben", "q2", 1)],
        zones={"anna": "Asia/Tokyo"},
    )
    reached = {row["person_id"]: row["reached_at"] for row in fold.steps() if row["step_no"] == 2}
    assert reached == {"anna": datetime(2026, 3, 3, 9), "ben": datetime(2026, 3, 2, 18)}


def test_an_instance_keeps_its_card_until_that_is_withdrawn(fold, card):
    fold.window(
        batch_time=at(1), signals=[started("anna", "q1", 1)], activations=live(fold, card())
    )
    fast = fold.release([card({"after: 2 hours": "after: 1 hour"})])
    fold.window(
        batch_time=at(2.5), signals=[started("ben", "q2", 2.5)], activations=[("activate", fast)]
    )
    fold.window(batch_time=at(5), activations=[("withdraw", fast)])
    reached = {(row["person_id"], row["step_no"]): row["reached_at"] for row in fold.steps()}
    assert reached["anna", 2] == at(3)
    assert reached["ben", 2] == at(3.5)
    assert reached["ben", 3] == at(5)


def test_equal_releases_have_the_equal_id(fold, card):
    checksums = {"signals/quote_started": "abc"}
    first = fold.release([card()], checksums)
    assert fold.release([card()], checksums) == first
    assert fold.release([card()]) != first


def test_what_was_decided_is_known_to_the_next_window(fold, card):
    ending = card({"do: email_quote_reminder,": "do: email_quote_reminder, on_block: exit,"})
    fold.window(
        activations=live(fold, ending),
        batch_time=at(4),
        signals=[started("anna", "q1", 1), started("ben", "q2", 1)],
    )
    ids = {row["person_id"]: row["step_id"] for row in fold.steps() if row["step"] == "reminded"}
    fold.window(
        batch_time=at(5),
        decided=[
            {"step_id": ids["anna"], "outcome": "suppress"},
            {"step_id": ids["ben"], "outcome": "send", "message_id": "m1"},
        ],
    )
    assert paths(fold) == {
        ("anna", "q1"): ["waiting", "reminded", "blocked"],
        ("ben", "q2"): ["waiting", "reminded"],
    }
    bounced = {"message_id": "m1", "node_id": "ben", "state": "bounced", "occurred_at": at(6)}
    fold.window(batch_time=at(7), message_events=[bounced])
    assert paths(fold)["ben", "q2"] == ["waiting", "reminded", "blocked"]
    in_windows = paths(fold)
    fold.window(batch_time=at(7), is_whole=True)
    assert paths(fold) == in_windows


def test_a_whole_rebuild_tells_the_same_as_windows_did(fold, card):
    fold.window(
        activations=live(fold, card()),
        batch_time=at(1),
        signals=[started("anna", "q1", 1), started("ben", "q2", 1)],
    )
    fold.window(batch_time=at(4), signals=[submitted("anna", "q1", 2, loaded=4)])
    in_windows = sorted(map(repr, fold.steps()))
    fold.window(batch_time=at(4), is_whole=True)
    assert sorted(map(repr, fold.steps())) == in_windows


def test_a_fork_goes_its_own_way(fold, card, tmp_path):
    fold.window(
        activations=live(fold, card()), batch_time=at(1), signals=[started("anna", "q1", 1)]
    )
    with fold.fork(tmp_path / "fork") as forked:
        forked.window(batch_time=at(2), signals=[submitted("anna", "q1", 2)])
        assert paths(forked) == {("anna", "q1"): ["waiting", "won"]}
    assert paths(fold) == {("anna", "q1"): ["waiting"]}


def test_tables_of_arrow_are_taken_as_rows_are(fold, card):
    rows = [vars(started(f"person {number}", f"q{number}", 1)) for number in range(3000)]
    fold.window(
        activations=live(fold, card()), batch_time=at(4), signals=pa.Table.from_pylist(rows)
    )
    assert len(fold.states()) == len(rows)
    assert {row["step"] for row in fold.states()} == {"reminded"}


def test_a_window_that_fails_leaves_nothing_behind(fold, card):
    fold.con.execute("drop table raw.release_cards")
    with pytest.raises(BatonError, match="release_cards"):
        fold.window(batch_time=at(1), signals=[started("anna", "q1", 1)])
    assert fold.rows("signals") == []
    assert fold.rows("identity_map") == []


def test_a_folder_holds_one_scratch_fold_at_a_time(fold, tmp_path):
    with pytest.raises(Busy):
        ScratchFold(fold.project, tmp_path / "own", fold.dbt)
