"""How decisions are put together with what stood against them."""

import json

import pytest
from story_rows import at, capped, contested, decision, held_out, outranked, quiet

from baton.explain import decided
from baton.explain.decided import CHECKS


def row(**changes):
    """A decision as the table has it: the checks as columns."""
    own = contested(**changes)
    columns = {column: own["checks"][label] for column, label in CHECKS.items()}
    derived = {"checks", "value", "outranker", "cap"}
    return {name: value for name, value in own.items() if name not in derived} | columns


def rival(**changes):
    return {
        "rival_id": "m2",
        "message_id": "m2",
        "candidate_id": "c2",
        "action": "email_comparison",
        "journey": "comparison_dropout",
        "correlation_key": "q2",
        "channel": "email",
        "decided_at": at(11, 30),
        "rank": 20,
    } | changes


def cap(release_id="0d245b467b551f", **changes):
    terms = {"cap": "email_weekly", "channel": "email", "class": "", "period": "7 days",
             "most": "3", "when_full": "drop"}  # fmt: skip
    return {"release_id": release_id, "row": json.dumps(terms | changes)}


def only(given, rivals=(), caps=()):
    (one,) = decided.decisions([given], rivals=rivals, caps=caps)
    return one


def test_the_fourteen_checks_stand_in_their_order():
    shown = only(row(failed=["9 outranked"], unmade=["10 capped"]))["checks"]
    assert list(shown) == list(CHECKS.values())
    assert (shown["8 holdout"], shown["9 outranked"], shown["10 capped"]) == (False, True, None)


def test_what_outranked_it_is_the_one_that_had_the_slot_in_that_pass():
    rivals = [rival(decided_at=at(10), rank=7), rival(), rival(rival_id="m3")]
    found = only(row(outranked_by="m2"), rivals)["outranker"]
    assert (found["action"], found["correlation_key"], found["rank"]) == (
        "email_comparison", "q2", 20,
    )  # fmt: skip


def test_nothing_outranked_it_where_nothing_is_named():
    assert only(row(), [rival()])["outranker"] is None


def test_the_cap_is_the_one_of_the_release_that_decided_without_what_it_leaves_open():
    caps = [cap("another", most="9"), cap()]
    found = only(row(capped_by="email_weekly"), caps=caps)["cap"]
    assert found == {
        "cap": "email_weekly", "channel": "email", "period": "7 days", "most": "3",
        "when_full": "drop",
    }  # fmt: skip


def test_the_value_is_what_the_rank_leaves_for_it():
    assert only(row())["value"] == 10
    assert only(row(lever=0, rank=0))["value"] is None
    assert only(row(rank=None))["value"] is None


@pytest.mark.parametrize(
    ("decision_", "label"),
    [
        (quiet(), "7 quiet hours"),
        (held_out(), "8 holdout"),
        (outranked(), "9 outranked"),
        (capped(), "10 capped"),
        (decision(reason="stale_input"), "6 stale or late input"),
        (decision(reason="input_behind"), "6 stale or late input"),
        (decision(reason="before_activation"), "before activation"),
        (decision(reason="message_ended"), None),
        (decision(), None),
    ],
)
def test_the_reason_names_the_check_that_decided(decision_, label):
    assert decided.deciding(decision_) == label


def test_held_back_is_what_the_latest_decision_of_a_candidate_does_not_let_out():
    first, later = quiet(), contested(decided_at=at(13))
    other = capped(candidate_id="c2")
    assert decided.held_back([first, other, later]) == [other]
    assert decided.held_back([later, first]) == [first]


def test_what_an_earlier_message_has_done_is_not_held_back():
    assert decided.held_back([decision(outcome="nothing", reason="already_done")]) == []


def test_of_a_message_the_latest_decision_counts():
    sent, lost = contested(message_id="m1"), outranked(message_id="m1")
    assert decided.latest_of("m1", [sent, lost, contested()]) is lost
    assert decided.latest_of("m1", [contested()]) is None
