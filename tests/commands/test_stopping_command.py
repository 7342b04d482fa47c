"""`baton stop` and `baton resume`: one scope, and what becomes of what waits under it."""

import json
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

from baton.cli import main
from baton.journal import HandedMessage, Journal

NOON = datetime(2026, 3, 2, 12, 0)


def message(number, **changes):
    typical = {
        "message_id": f"m{number}",
        "candidate_id": f"c{number}",
        "node_id": f"n{number}",
        "person_id": f"p{number}",
        "address": f"ann{number}@mail.example",
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
        "variables": {},
    }
    return HandedMessage(**(typical | changes))


def both(**changes):
    return [message(1, **changes), message(2, journey="win_back", **changes)]


@pytest.fixture
def journal(tmp_path):
    """m1 of quote_stalled waits under a stop; m2 of win_back waits."""
    with Journal.open(tmp_path / "j.db") as opened:
        opened.set_simulated_time(NOON)
        opened.hand_over(both(), checked_at=NOON)
        opened.stop("journey", "quote_stalled", reason="person_per_day: 7, at most 6", by="limits")
        yield opened


@pytest.fixture
def baton(tmp_path, journal):
    """Call the command beside the journal; it sits at no terminal."""
    environment = {"BATON_JOURNAL": str(tmp_path / "j.db")}

    def call(*words):
        return CliRunner().invoke(main, [*words, "--reason", "mended"], env=environment)

    return call


@pytest.mark.parametrize(
    "scope", ["brand", "journey", "action", "channel", "destination", "person"]
)
def test_every_scope_is_an_option(baton, journal, scope):
    assert baton("stop", f"--{scope}", "one").exit_code == 0
    assert (scope, "one") in {(one.scope, one.value) for one in journal.switches()}


@pytest.mark.parametrize("words", [["--all"], [], ["global"]])
def test_everything_is_stopped_by_all_or_by_no_scope(baton, journal, words):
    assert baton("stop", *words).exit_code == 0
    assert ("global", None) in {(one.scope, one.value) for one in journal.switches()}


def test_two_scopes_at_once_are_refused(baton):
    refused = baton("stop", "journey", "quote_stalled", "--channel", "email")
    assert refused.exit_code == 2
    assert "mend:" in refused.output


def test_a_resume_does_not_guess_what_becomes_of_what_waits(baton, journal):
    refused = baton("resume", "--journey", "quote_stalled")
    assert refused.exit_code == 2
    assert "--held release" in refused.output
    assert [one.value for one in journal.switches()] == ["quote_stalled"]


def test_a_resume_says_what_the_limit_had_seen_and_counts_anew(baton):
    facts = json.loads(
        baton("resume", "journey", "quote_stalled", "--held", "release", "--json").output
    )
    assert facts["lifted"] == [{"reason": "person_per_day: 7, at most 6", "by": "limits"}]
    assert facts["counts_anew"]
    assert facts["messages"] == {"release": 1}


def test_what_is_cancelled_ends_with_author_and_reason_and_the_rest_waits(baton, journal):
    assert baton("resume", "journey", "quote_stalled", "--held", "cancel").exit_code == 0
    assert journal.message_counts() == {"cancelled": 1, "pending": 1}
    last = journal.message_events("m1")[-1]
    assert (last["reason"], last["note"]) == ("dropped", "mended")
    journal.hand_over(both(), checked_at=NOON)
    assert journal.message("m1")["state"] == "cancelled"


def test_what_is_kept_stays_held_through_hand_overs_until_it_is_let_go(baton, journal):
    assert baton("resume", "journey", "quote_stalled", "--held", "keep").exit_code == 0
    for minute in (1, 2):
        journal.hand_over(both(), checked_at=NOON + timedelta(minutes=minute))
        assert (journal.message("m1")["state"], journal.message("m1")["reason"]) == ("held", "kept")
    assert baton("outbox", "release", "--journey", "quote_stalled").exit_code == 0
    assert journal.message("m1")["state"] == "held"
    journal.hand_over(both(), checked_at=NOON + timedelta(minutes=3))
    assert journal.message("m1")["state"] == "pending"


def test_what_is_kept_ends_like_any_message(baton, journal):
    assert baton("resume", "journey", "quote_stalled", "--held", "keep").exit_code == 0
    journal.hand_over(both(blocked_by="expired"), checked_at=NOON + timedelta(minutes=1))
    assert journal.message("m1")["state"] == "cancelled"


def test_what_was_never_kept_cannot_be_let_go(baton):
    assert baton("outbox", "release", "m2").exit_code == 1


def test_calls_that_tell_a_tool_of_an_opt_out_are_neither_cancelled_nor_kept(baton, journal):
    journal.hand_over([message(3, lane="opt_out")], checked_at=NOON)
    for fate in ("cancel", "keep"):
        assert baton("stop", "--all").exit_code == 0
        assert baton("resume", "--all", "--held", fate).exit_code == 0
    assert journal.message("m3")["state"] == "pending"
