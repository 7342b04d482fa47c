"""`baton outbox`: what waits or is dead is shown without personal values, replayed, dropped."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from claiming import claim_once
from click.testing import CliRunner

from baton.cli import main
from baton.journal import AddressBlock, Answer, HandedMessage, Journal, Verdict
from baton.journal.clock import wall_clock

NOON = datetime(2026, 3, 2, 12, 0)
ADDRESS = "ann{}@mail.example"


def message(number, **changes):
    own = {
        "message_id": f"m{number}",
        "candidate_id": f"c{number}",
        "node_id": f"n{number}",
        "person_id": f"p{number}",
        "address": ADDRESS.format(number),
    }
    typical = {
        "instance_id": "i1",
        "journey": "quote_stalled",
        "action": "remind",
        "release_id": "r1",
        "card_hash": "h1",
        "contact_point_id": "cp1",
        "channel": "email",
        "destination": "shop_mail",
        "message_class": "marketing",
        "brand": "shop",
        "template": None,
        "priority": 1,
        "expires_at": NOON + timedelta(days=2),
        "consent_at": NOON,
        "variables": {"first_name": "Ann-Sophie"},
    }
    return HandedMessage(**(typical | own | changes))


@pytest.fixture
def journal(tmp_path):
    """m1 and m2 are dead, m3 of another destination waits, m4 is accepted."""
    with Journal.open(tmp_path / "j.db") as opened:
        opened.set_simulated_time(NOON)
        other = {"destination": "crm_tasks", "journey": "win_back"}
        opened.hand_over([message(1), message(2), message(4)], checked_at=NOON)
        states = {"m1": "rejected", "m2": "rejected", "m4": "accepted"}
        for one in claim_once(opened, "shop_mail", 9, NOON):
            verdict = Verdict(one.message_id, states[one.message_id], "http 400")
            opened.record([Answer(one.attempt_id, "http 400", (verdict,))], NOON)
        opened.hand_over([message(3, **other)], checked_at=NOON)
        yield opened


@pytest.fixture
def outbox(journal, tmp_path, monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    monkeypatch.setenv("BATON_JOURNAL", str(tmp_path / "j.db"))

    def call(*arguments):
        result = CliRunner().invoke(main, ["outbox", *arguments])
        assert "Ann-Sophie" not in result.output
        assert "mail.example" not in result.output
        return result

    return call


def listed(outbox, *arguments):
    facts = json.loads(outbox("list", *arguments, "--json").stdout)
    return [row["message_id"] for row in facts["messages"]]


def test_the_list_names_what_needs_somebody_and_what_waits(outbox):
    facts = json.loads(outbox("list", "--json").stdout)
    assert {row["message_id"] for row in facts["messages"]} == {"m1", "m2"}
    waits = {row["destination"]: (row["pending"], row["dead"]) for row in facts["backlog"]}
    assert waits == {"crm_tasks": (1, 0), "shop_mail": (0, 2)}
    assert "http 400" in outbox("list").stdout


def test_the_list_is_filtered_by_destination_state_and_journey(outbox):
    assert listed(outbox, "--state", "pending") == ["m3"]
    assert listed(outbox, "--state", "accepted", "--destination", "shop_mail") == ["m4"]
    assert listed(outbox, "--journey", "win_back") == []
    assert outbox("list", "--state", "gone").exit_code == 2


def test_a_message_is_shown_with_its_requests_and_its_way(outbox):
    facts = json.loads(outbox("show", "m1", "--json").stdout)
    assert facts["message"]["state"] == "dead"
    assert [one["status"] for one in facts["attempts"]] == ["http 400"]
    states = [one["state"] for one in facts["events"]]
    assert states == ["pending", "claimed", "rejected", "dead"]
    assert outbox("show", "m9").exit_code == 2


def test_a_dead_message_is_let_go_again_and_the_rest_is_named(outbox, journal):
    assert outbox("replay", "m1", "--by", "ann").exit_code == 0
    assert journal.message("m1")["state"] == "pending"
    refused = outbox("replay", "m2", "m4", "--by", "ann", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["left"] == ["m4"]
    assert outbox("replay").exit_code == 2


def test_dropping_is_on_record_with_author_and_reason(outbox, journal):
    assert outbox("drop", "m1", "--reason", "sent by hand", "--by", "ann").exit_code == 0
    assert journal.message("m1")["state"] == "cancelled"
    *_, last = journal.message_events("m1")
    assert (last["reason"], last["set_by"], last["note"]) == ("dropped", "ann", "sent by hand")
    assert outbox("drop", "m2").exit_code == 2
    assert outbox("drop", "m2", "--reason", " ", "--by", "ann").exit_code == 2
    assert outbox("drop", "m4", "--reason", "late", "--by", "ann").exit_code == 1


def test_all_dead_ones_of_a_destination_are_dropped_at_once_and_nothing_else(outbox, journal):
    assert outbox("drop", "--destination", "shop_mail", "--reason", "old").exit_code == 0
    assert journal.message_counts() == {"accepted": 1, "cancelled": 2, "pending": 1}


def test_what_may_have_been_sent_is_not_called_cancelled_when_it_is_dropped(outbox, journal):
    (one,) = claim_once(journal, "crm_tasks", 9, NOON)
    again = Verdict("m3", "retry", "http 500", NOON, may_be_sent=True)
    journal.record([Answer(one.attempt_id, "http 500", (again,))], NOON)
    assert outbox("drop", "m3", "--reason", "old", "--by", "ann").exit_code == 0
    assert journal.message("m3")["state"] == "unknown"


def test_what_was_sent_while_an_opt_out_came_is_listed_with_the_times(outbox, journal):
    journal.hand_over([message(5), message(6)], checked_at=NOON)
    claimed = claim_once(journal, "shop_mail", 9, NOON)
    no = AddressBlock("email", ADDRESS.format(5), None, None, "opt_out", NOON, "preference_page")
    journal.block_addresses([no])
    for one in claimed:
        verdict = Verdict(one.message_id, "unknown", "smtp timeout", may_be_sent=True)
        answer = Answer(one.attempt_id, "smtp timeout", (verdict,), answered_at=wall_clock())
        journal.record([answer], NOON)
    assert listed(outbox, "--sent-before-optout") == ["m5"]
    assert listed(outbox, "--sent-before-optout", "--destination", "crm_tasks") == []
    (late,) = json.loads(outbox("list", "--sent-before-optout", "--json").stdout)["messages"]
    assert late["claimed_wall_at"] <= late["blocked_wall_at"] <= late["answered_wall_at"]
