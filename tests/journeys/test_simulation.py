"""History under a changed card: who would have gone where, and nothing is touched."""

from datetime import datetime, timedelta

import pytest

from baton.errors import BatonError, UsageError
from baton.journeys.replay import Span
from baton.journeys.simulate import simulate
from baton.project import Project

MONDAY = datetime(2026, 3, 2, 10)
TWO_DAYS = Span(MONDAY, MONDAY + timedelta(days=2))


@pytest.fixture(scope="module")
def slower(lived, dbt, card):
    """What the same card with a wait of three hours instead of two would have done."""
    before = lived.warehouse.read_bytes()
    done = simulate(lived, dbt, TWO_DAYS, changed=card({"2 hours, do": "3 hours, do"}), live=card())
    assert lived.warehouse.read_bytes() == before
    return done


def test_every_way_is_counted_under_both_cards(slower):
    ways = {(way.source, way.target): (way.live, way.changed) for way in slower.ways}
    # Two of forty are one person, but have a quote each; an open case holds one reminder back.
    assert ways[None, "waiting"] == (40, 40)
    assert ways["waiting", "reminded"] == (39, 19)
    assert ways["reminded", "won"] == (20, 0)
    assert ways["waiting", "won"] == (0, 20)


def test_a_trigger_that_changed_is_said_in_both_words(slower):
    triggers = {way.target: way.trigger for way in slower.ways if way.source == "waiting"}
    assert triggers["reminded"] == "after 2 hours, now after 3 hours"
    assert triggers["won"] == "when quote_submitted"


def test_persons_are_counted_who_would_get_another_action_or_the_same_at_another_time(slower):
    (mail,) = slower.actions
    assert (mail.action, mail.live, mail.changed) == ("email_quote_reminder", 39, 19)
    assert (mail.persons_more, mail.persons_fewer) == (0, 20)
    assert slower.other_action == 20
    # 19 keep their reminder at a later time; one of them is the person who also loses one.
    assert slower.other_time == 18


def test_only_what_happened_in_the_time_is_replayed(slower):
    assert slower.signals == 60
    assert slower.people == 39


def test_facts_for_programs_name_the_time_and_both_cards(slower, card):
    facts = slower.facts()
    assert (facts["from"], facts["to"]) == (TWO_DAYS.start, TWO_DAYS.end)
    assert facts["live_card"] == card().card_hash != facts["changed_card"]


def test_a_journey_that_is_not_live_is_replayed_alone(lived, dbt, card):
    done = simulate(lived, dbt, TWO_DAYS, changed=card(), live=None)
    assert {(way.live > 0, way.changed > 0) for way in done.ways} == {(False, True)}
    assert "there is nothing to compare with" in " ".join(done.notes)
    assert "the warehouse has no case_opened in this time" in done.notes


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (Span(MONDAY, MONDAY), "nothing lies between"),
        (Span(MONDAY, MONDAY + timedelta(days=3)), "the input is not known up to 2026-03-05"),
    ],
)
def test_a_time_that_cannot_be_replayed_is_refused(lived, dbt, card, span, words):
    with pytest.raises(UsageError, match=words):
        simulate(lived, dbt, span, changed=card(), live=None)


def test_without_a_warehouse_it_says_what_to_run_first(project, dbt, card, tmp_path):
    empty = Project(project.root, tmp_path / "shop.duckdb", tmp_path / "j.db", tmp_path)
    with pytest.raises(BatonError, match="there is no warehouse yet"):
        simulate(empty, dbt, TWO_DAYS, changed=card(), live=None)
