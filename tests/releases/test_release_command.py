"""`baton release list`, `show`, `activate` and `withdraw`, as a person or a program calls them."""

import json
from contextlib import chdir
from typing import Any

import pytest
from click.testing import CliRunner, Result
from installations import Installation, held_elsewhere

from baton.cli import main

CARD = "models/journeys/cards/quote_stalled.sql"
GUARD = "models/journeys/guards/high_value.sql"


@pytest.fixture
def two(shop: Installation) -> tuple[str, str]:
    """A release, and a live one with a longer wait."""
    first = shop.activate()
    shop.edit(CARD, "after: 1 day,", "after: 2 days,")
    return first, shop.activate()


def call(shop: Installation, *arguments: str) -> Result:
    with chdir(shop.project.root):
        return CliRunner().invoke(main, ["release", *arguments])


def facts(shop: Installation, *arguments: str) -> dict[str, Any]:
    result = call(shop, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_list_says_which_release_is_live_and_who_did_what(
    shop: Installation, two: tuple[str, str]
) -> None:
    listed = facts(shop, "list")
    assert listed["live"] == two[1]
    assert {one["release_id"]: one["state"] for one in listed["releases"]} == {
        two[0]: "stands",
        two[1]: "live",
    }
    assert all(one["journeys"] == ["quote_stalled"] for one in listed["releases"])
    assert [(one["release_id"], one["reason"]) for one in listed["log"]] == [
        (two[0], "test"),
        (two[1], "test"),
    ]
    shown = call(shop, "list").output
    assert f"{two[1][:12]}  2026-03-02 12:00  live    quote_stalled" in shown
    assert "ada  grace        test" in shown


def test_the_list_is_told_from_the_journal_while_a_batch_runs(
    shop: Installation, two: tuple[str, str]
) -> None:
    with held_elsewhere(shop.project.warehouse):
        listed = facts(shop, "list")
        shown = call(shop, "list").output
    assert [one["release_id"] for one in listed["releases"]] == list(two)
    assert listed["not_read"] == "the warehouse is in use by another process"
    assert "from the journal alone: the warehouse is in use by another process" in shown


def test_before_anything_was_activated_the_list_is_empty(shop: Installation) -> None:
    assert facts(shop, "list")["releases"] == []
    assert call(shop, "show").exit_code == 2


def test_the_live_release_is_shown_with_its_rules(shop: Installation, two: tuple[str, str]) -> None:
    shown = facts(shop, "show")
    (card,) = shown["cards"]
    assert (shown["release_id"], shown["state"]) == (two[1], "live")
    assert (card["card_hash"], card["owner"], card["purpose"]) == (
        *(shop.card(two[1]), "sales", "marketing"),
    )
    timer = card["rules"][1]
    assert (timer["from"], timer["to"], timer["trigger"]) == ("waiting", "called", "after 2 days")
    assert (timer["condition"], timer["action"]) == ("if high_value", "task_call")
    assert shown["policies"] == {"actions": 1, "channels": 1}
    assert {(one["kind"], one["name"]) for one in shown["sql"]} == {
        ("signal", "quote_started"),
        ("guard", "high_value"),
    }
    assert shown["working_tree"] == {}
    lines = call(shop, "show").output
    assert "2  waiting  called   after 2 days   if high_value  task_call  it's late" in lines
    assert "the working tree is the same" in lines


def test_an_earlier_release_is_compared_with_the_working_tree(
    shop: Installation, two: tuple[str, str]
) -> None:
    shop.edit(GUARD, "1 as", "2 as")
    shop.edit("seeds/policies/channels.csv", "crm_task,\n", "crm_task,\nsms,\n")
    (shop.project.dbt_project / "seeds/policies/wishes.csv").write_text("lever,weight\nsales,2\n")
    assert facts(shop, "show", two[0][:9])["working_tree"] == {
        "cards": {"changed": ["quote_stalled"], "added": [], "removed": []},
        "policies": {"changed": ["channels"], "added": ["wishes"], "removed": []},
        "guards": {"changed": ["high_value"], "added": [], "removed": []},
    }
    assert "policies: changed channels; added wishes" in call(shop, "show", two[0]).output


def test_a_working_tree_with_faults_is_not_compared(
    shop: Installation, two: tuple[str, str]
) -> None:
    shop.edit(CARD, "high_value", "high_valu")
    shown = facts(shop, "show")
    assert shown["working_tree"] is None
    assert shown["working_tree_not_read"] == "the release is refused: 1 to mend"


def test_while_a_batch_runs_the_release_is_shown_from_a_tree_that_is_the_same(
    shop: Installation, two: tuple[str, str]
) -> None:
    with held_elsewhere(shop.project.warehouse):
        assert facts(shop, "show")["cards"][0]["card_hash"]
        earlier = facts(shop, "show", two[0])
    assert "cards" not in earlier
    assert [one["kind"] for one in earlier["log"]] == ["activate"]
    assert earlier["not_read"] == "the warehouse is in use by another process"


def test_a_release_is_withdrawn_and_made_live_again(
    shop: Installation, two: tuple[str, str]
) -> None:
    shop.open_in(two[1], "waiting")
    withdrawn = call(shop, "withdraw", "--reason", "too slow", "--by", "bob")
    assert withdrawn.exit_code == 0, withdrawn.output
    card = shop.card(two[0])[:12]
    assert f"1 open in waiting of quote_stalled: move to card {card}" in withdrawn.output
    assert "0 messages not yet sent: none of them goes out" in withdrawn.output
    assert f"`baton release activate {two[1][:12]} --reason '...'`" in withdrawn.output
    assert facts(shop, "show", two[1])["state"] == "withdrawn"
    forward = facts(shop, "activate", two[1][:12], "--reason", "it was right")
    assert (forward["release_id"], shop.live()) == (two[1], two[1])
    log = [(one.kind, one.set_by, one.reason) for one in shop.journal.activations()[2:]]
    assert log[0] == ("withdraw", "bob", "too slow")
    assert log[1][0::2] == ("activate", "it was right")


def test_an_activation_says_what_is_other_than_before(
    shop: Installation, two: tuple[str, str]
) -> None:
    shop.edit(GUARD, "1 as", "2 as")
    said = call(shop, "activate", "--reason", "two").output
    assert f"live       {shop.live()}, from 2026-03-02 12:00 UTC on" in said
    assert "guards: changed high_value" in said
    assert "read from history again" in said
    assert "the same as the release before" in call(shop, "activate", "--reason", "x").output


def test_refusals_leave_with_their_codes(shop: Installation) -> None:
    shop.activate()
    assert call(shop, "withdraw", "--reason", "x").exit_code == 5
    assert call(shop, "withdraw", "0123", "--reason", "x").exit_code == 2
    assert call(shop, "withdraw").exit_code == 2
    assert call(shop, "activate").exit_code == 2
    shop.edit(CARD, "high_value", "high_valu")
    assert call(shop, "activate", "--reason", "x").exit_code == 1
    with held_elsewhere(shop.project.warehouse):
        assert call(shop, "activate", "0", "--reason", "x").exit_code == 4


@pytest.mark.parametrize("command", ["activate", "withdraw", "list", "show"])
def test_every_command_says_what_it_does(shop: Installation, command: str) -> None:
    helped = call(shop, command, "--help")
    assert helped.exit_code == 0
    assert "--json" in helped.output
