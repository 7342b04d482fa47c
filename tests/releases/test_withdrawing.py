"""Withdrawing a release: what it refuses, what it stops at once, what it says will become."""

import json

import pytest
from installations import Installation, held_elsewhere

from baton.errors import Refused

CARD = "models/journeys/cards/quote_stalled.sql"
SIGNAL = "models/journeys/signals/quote_started.sql"


def two_releases(
    shop: Installation, old: str = "after: 1 day,", new: str = "after: 2 days,"
) -> tuple[str, str]:
    """Activate the project, edit its card, and activate it again."""
    first = shop.activate()
    shop.edit(CARD, old, new)
    return first, shop.activate()


def test_the_release_before_is_live_again_and_the_log_says_who_and_why(shop: Installation) -> None:
    first, second = two_releases(shop)
    facts = shop.withdraw()
    assert (facts["withdrawn"], facts["live"]) == (second, first)
    assert shop.live() == first
    entry = shop.journal.activations()[-1]
    assert (entry.kind, entry.release_id, entry.active_from) == ("withdraw", second, facts["at"])
    assert (entry.set_by, entry.approved_by, entry.reason) == ("ada", "grace", "test")


def test_an_earlier_release_can_be_withdrawn_while_another_is_live(shop: Installation) -> None:
    first, second = two_releases(shop)
    assert shop.withdraw(first[:10])["live"] == second


def test_what_does_not_stand_is_not_withdrawn(shop: Installation) -> None:
    _, second = two_releases(shop)
    shop.withdraw(second)
    with pytest.raises(Refused, match="does not stand") as refused:
        shop.withdraw(second)
    assert refused.value.exit_code == 5
    assert [one.kind for one in shop.journal.activations()] == ["activate", "activate", "withdraw"]


def test_the_last_that_stands_is_withdrawn_only_by_force(shop: Installation) -> None:
    only = shop.activate()
    with pytest.raises(Refused, match="the last release that stands"):
        shop.withdraw()
    assert shop.live() == only
    facts = shop.withdraw(is_forced=True)
    assert facts["live"] is None
    assert facts["next"][0].startswith("no release is live and no batch runs")


def test_nothing_of_a_withdrawn_release_is_claimed_until_it_is_live_again(
    shop: Installation,
) -> None:
    first, second = two_releases(shop)
    shop.hand_over(first, "earlier")
    shop.hand_over(second, "one", "two")
    assert shop.withdraw()["messages"] == {"unsent": 2, "claimed": 0}
    shop.hand_over(second, "from a batch that had begun before")
    assert shop.claim() == ["earlier"]
    shop.activate_compiled(second)
    assert shop.claim() == ["from a batch that had begun before", "one", "two"]


def test_messages_on_their_way_are_counted(shop: Installation) -> None:
    _, second = two_releases(shop)
    shop.hand_over(second, "one")
    shop.claim()
    assert shop.withdraw()["messages"] == {"unsent": 0, "claimed": 1}


def test_open_instances_move_to_the_step_of_the_same_name_or_end(shop: Installation) -> None:
    first, second = two_releases(shop, "to: called", "to: phoned")
    shop.open_in(first, "waiting")
    shop.open_in(second, "waiting", "waiting", "phoned")
    own = {"journey": "quote_stalled", "card_hash": shop.card(second)}
    ends = {"step": "phoned", "open": 1, "becomes": "withdrawn", "to_card": None}
    moves = {"step": "waiting", "open": 2, "becomes": "moves", "to_card": shop.card(first)}
    assert shop.withdraw()["instances"] == [own | ends, own | moves]


def test_a_goal_of_the_same_name_is_no_step_to_move_to(shop: Installation) -> None:
    goal = "why: it's late}\n  - {from: any, to: phoned, when: quote_started, kind: goal, why: g}"
    shop.edit(CARD, "why: it's late}", goal)
    _, second = two_releases(shop, goal, "why: it's late}")
    shop.edit(CARD, "to: called", "to: phoned")
    third = shop.activate()
    shop.withdraw(second)
    shop.open_in(third, "phoned")
    assert [one["becomes"] for one in shop.withdraw()["instances"]] == ["withdrawn"]


def test_instances_stay_on_a_card_that_a_standing_release_has(shop: Installation) -> None:
    first, second = two_releases(shop, "it's late", "time to call")
    shop.open_in(second, "waiting")
    (fate,) = shop.withdraw()["instances"]
    assert (fate["becomes"], fate["to_card"]) == ("stays", shop.card(first))


def test_sql_that_the_live_release_then_knows_otherwise_is_to_be_put_back(
    shop: Installation,
) -> None:
    first = shop.activate()
    shop.edit(SIGNAL, "quote_id", "offer_id")
    shop.edit(CARD, "key: quote_id", "key: offer_id")
    shop.activate()
    said = shop.withdraw()["next"][0]
    assert said.startswith(f"put back the SQL of signal quote_started as release {first[:12]}")


def test_while_a_batch_runs_a_release_is_withdrawn_all_the_same(shop: Installation) -> None:
    first, second = two_releases(shop)
    shop.hand_over(second, "one")
    with held_elsewhere(shop.project.warehouse):
        facts = shop.withdraw()
    assert shop.live() == first
    assert facts["messages"] == {"unsent": 1, "claimed": 0}
    assert facts["instances"] is None
    assert facts["not_read"] == "the warehouse is in use by another process"


@pytest.mark.parametrize("written", ["{}", "not json", None])
def test_instances_are_counted_whatever_manifest_dbt_left(
    shop: Installation, written: str | None
) -> None:
    first = shop.activate()
    shop.open_in(first, "waiting")
    manifest = shop.project.dbt_project / "target/manifest.json"
    if written is not None:
        manifest.parent.mkdir()
        manifest.write_text(written)
    facts = shop.withdraw(first, is_forced=True)
    assert [one["open"] for one in facts["instances"]] == [1]


def test_a_manifest_of_another_place_is_not_believed(shop: Installation) -> None:
    first = shop.activate()
    shop.open_in(first, "waiting")
    elsewhere = {
        "resource_type": "model",
        "name": "journey_states",
        "schema": "dev",
        "alias": "journey_states",
    }
    manifest = shop.project.dbt_project / "target/manifest.json"
    manifest.parent.mkdir()
    manifest.write_text(json.dumps({"nodes": {"model.shop.journey_states": elsewhere}}))
    facts = shop.withdraw(first, is_forced=True)
    assert [one["open"] for one in facts["instances"]] == [1]
