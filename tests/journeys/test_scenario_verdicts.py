"""What a scenario expected beside what happened, and why windows may be shared."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from baton.journeys.scenarios import lines_of
from baton.journeys.scenarios.records import Story, candidate, windows_of
from baton.journeys.scenarios.shape import Scenario
from baton.journeys.scenarios.verdict import Verdict, expected_gone, gone_of, instances_of

NOON = datetime(2026, 3, 2, 12)


def story(name="story", **parts):
    loads = parts.pop("loads", [{"at": NOON}])
    path = parts.pop("path", [])
    whole = {"name": name, "loads": loads, "path": path, **parts}
    return Story("quote_stalled", Scenario.model_validate(whole))


def row(who, step_no, step, hours=0.0, **parts):
    return {
        "instance_id": f"instance {who}",
        "journey": "quote_stalled",
        "person_id": f"quote_stalled/story/{who}",
        "entry_node_id": f"quote_stalled/story/{who}",
        "entry_event_id": f"event {who}",
        "correlation_key": "q1",
        "step_id": f"{who} {step_no}",
        "step_no": step_no,
        "step": step,
        "reached_at": NOON + timedelta(hours=hours),
        "action": None,
        **parts,
    }


def told(one, steps, changes=()):
    return Verdict(
        path=Path("dbt_project/scenarios/quote_stalled.yml"),
        line=7,
        journey=one.journey,
        name=one.scenario.name,
        instances=tuple(instances_of(one, steps)),
        expected_gone=expected_gone(one),
        gone=gone_of(one, changes),
        complaints=(),
    )


WAITING = {"who": "anna", "key": "q1", "steps": ["waiting"]}


def test_names_alone_compare_neither_times_nor_actions():
    assert told(story(path=[WAITING]), [row("anna", 1, "waiting", action="mail")]).passed


@pytest.mark.parametrize(
    ("step", "passes"),
    [
        ({"step": "waiting", "reached": NOON}, True),
        ({"step": "waiting", "reached": NOON + timedelta(minutes=1)}, False),
        ({"step": "waiting", "do": "mail"}, True),
        ({"step": "waiting", "do": "call"}, False),
        ({"step": "waiting", "do": None}, False),
        ({"step": "reminded"}, False),
    ],
)
def test_what_is_said_of_a_step_is_compared(step, passes):
    one = story(path=[{"who": "anna", "key": "q1", "steps": [step]}])
    assert told(one, [row("anna", 1, "waiting", action="mail")]).passed is passes


def test_an_instance_that_nobody_expected_is_a_failure():
    verdict = told(story(path=[WAITING]), [row("anna", 1, "waiting"), row("ben", 1, "waiting")])
    assert not verdict.passed
    assert [one.who for one in verdict.instances if not one.is_as_expected] == ["ben"]


def test_an_expected_instance_that_did_not_happen_is_a_failure():
    assert not told(story(path=[WAITING]), []).passed


def test_nobody_enters_is_an_empty_path():
    assert told(story(path=[]), []).passed


def test_what_is_reached_after_the_last_load_is_not_looked_at():
    steps = [row("anna", 1, "waiting"), row("anna", 2, "reminded", hours=2)]
    assert told(story(path=[WAITING]), steps).passed


def test_other_stories_and_journeys_are_not_looked_at():
    other_story = row("anna", 1, "waiting", instance_id="x", entry_node_id="quote_stalled/no/anna")
    other_journey = row("anna", 1, "waiting", instance_id="y", journey="win_back")
    steps = [row("anna", 1, "waiting"), other_story, other_journey]
    assert told(story(path=[WAITING]), steps).passed


def test_instances_of_one_person_and_key_are_expected_in_the_order_of_their_entries():
    again = {"who": "anna", "key": "q1", "steps": ["waiting", "won"]}
    later = row("anna", 1, "waiting", instance_id="later")
    earlier = [row("anna", 1, "waiting", hours=-2), row("anna", 2, "won", hours=-1)]
    assert told(story(path=[again, WAITING]), [later, *earlier]).passed
    assert not told(story(path=[WAITING, again]), [later, *earlier]).passed


def test_a_path_is_found_through_the_person_that_its_identifier_belongs_to_at_the_end():
    loads = [{"at": NOON, "people": {"phone": "anna"}}]
    phone = {"who": "phone", "key": "q1", "steps": ["waiting"]}
    assert told(story(loads=loads, path=[phone]), [row("anna", 1, "waiting")]).passed


def test_what_is_gone_is_compared_only_when_the_scenario_says_so():
    change = {
        "journey": "quote_stalled",
        "entry_node_id": "quote_stalled/story/phone",
        "correlation_key": "q1",
        "change": "merged_into",
    }
    gone = {"who": "phone", "key": "q1", "change": "merged_into"}
    assert told(story(), [], [change]).passed
    assert told(story(gone=[gone]), [], [change]).passed
    assert not told(story(gone=[]), [], [change]).passed
    assert not told(story(gone=[gone]), [], []).passed


def test_a_failure_shows_both_paths_side_by_side_with_the_place_in_the_file():
    expected = {"who": "anna", "key": "q1", "steps": ["waiting", {"step": "won", "reached": NOON}]}
    happened = [row("anna", 1, "waiting"), row("anna", 2, "reminded", action="mail")]
    assert list(lines_of([told(story(path=[expected]), happened)])) == [
        "FAILED  quote_stalled  story",
        "        dbt_project/scenarios/quote_stalled.yml:7",
        "        anna, q1",
        "          expected                 happened",
        "          waiting                  waiting  2026-03-02 12:00",
        "        ! won  2026-03-02 12:00    reminded  2026-03-02 12:00  mail",
        "1 scenarios, 1 failed",
    ]


def test_loads_of_the_same_rank_share_a_window_and_keep_their_own_times():
    day = timedelta(days=1)
    signal = {"signal": "quote_started", "who": "anna", "key": "q1"}
    early = story("early", loads=[{"at": NOON, "signals": [signal]}, {"at": NOON + day}])
    late = story("late", loads=[{"at": NOON + 9 * day, "signals": [signal]}])
    first, second = windows_of([early, late])
    assert [one.loaded_at for one in first["signals"]] == [NOON, NOON + 9 * day]
    assert len({one.event_id for one in first["signals"]}) == 2
    assert first["batch_time"] == second["batch_time"] == NOON + 9 * day


def test_who_is_whom_follows_from_load_to_load():
    joined = {"at": NOON, "people": {"phone": "browser", "browser": "anna"}}
    parted = {"at": NOON, "people": {"browser": "browser"}}
    zoned = {"at": NOON, "zones": {"phone": "Asia/Tokyo"}}
    one = story(loads=[joined, zoned, parted])
    assert one.people(0) == {"phone": "anna", "browser": "anna"}
    assert one.people(2) == {"phone": "browser", "browser": "browser"}
    assert one.zones(1) == {"quote_stalled/story/anna": "Asia/Tokyo"}


def test_a_decision_is_about_the_step_that_was_reached_last():
    load = {"at": NOON, "decided": [{"who": "anna", "step": "reminded", "outcome": "suppress"}]}
    one = story(loads=[load])
    decision = one.scenario.loads[0].decided[0]
    steps = [row("anna", 2, "reminded", hours=-2), row("anna", 4, "reminded", hours=-1)]
    found = candidate(one, decision, NOON, steps)
    assert found["step_id"] == "anna 4"
    assert (found["outcome"], found["is_decided"]) == ("suppress", True)
    assert candidate(one, decision, NOON, []) is None
