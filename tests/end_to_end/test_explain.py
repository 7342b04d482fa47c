"""What `baton explain` tells of the people of the day."""

from xml.etree import ElementTree

import pytest

from baton.explain import Mask, page, story
from baton.journal import Journal
from baton.warehouse import reader

from .commands import call
from .stories.changed_minds import CONTENT, REFUSED
from .stories.handoffs import CASE_AFTER_THE_DECISION
from .stories.lost_mail import TEXTED
from .stories.other_fates import HEARD_TOO_LATE, SUBMITTED, WORTH_A_CALL
from .stories.switched_channels import ANN, ANNE, SHARED_QUOTE

REMINDER, TEXT = "email_quote_reminder", "sms_quote_reminder"


@pytest.fixture
def explain(day):
    """Tell the story of a customer, or of a message, after the day."""
    installation = day.installation

    def tell(asked):
        with reader(installation.project.warehouse) as con:
            return story(con, installation.journal, installation.batches.dbt, asked)

    return tell


def path(told, journey, key):
    """Step, action, outcome, reason and state of the message, of the one instance."""
    (instance,) = (
        one
        for one in told["instances"]
        if (one["journey"], one["correlation_key"]) == (journey, key)
    )
    shown = ("step", "decided_action", "outcome", "reason", "message_state")
    return [tuple(step[name] for name in shown) for step in instance["steps"]]


NOTHING_TO_DO = (None, None, None, None)


def test_each_step_tells_what_was_sent_there(explain):
    assert path(explain(CONTENT.email), "quote_stalled", CONTENT.quote_id) == [
        ("waiting", *NOTHING_TO_DO),
        ("reminded", REMINDER, "send", "all_checks_passed", "accepted"),
    ]


def test_a_step_whose_action_was_not_allowed_is_entered_all_the_same_and_says_why(explain):
    assert path(explain(REFUSED.email), "quote_stalled", REFUSED.quote_id) == [
        ("waiting", *NOTHING_TO_DO),
        ("reminded", REMINDER, "suppress", "no_consent", None),
    ]


def test_a_journey_without_an_action_tells_its_steps(explain):
    told = path(explain(SUBMITTED.email), "quote_stalled", SUBMITTED.quote_id)
    assert [step for step, *_ in told] == ["waiting", "won"]


def test_a_mail_that_bounced_and_the_text_that_followed_are_told_where_they_happened(explain):
    told = explain(TEXTED.email)
    mail = next(one for one in told["messages"] if one["action"] == REMINDER)
    assert path(told, "quote_stalled", TEXTED.quote_id)[-1] == (
        "reminded", REMINDER, "send", "all_checks_passed", "bounced",
    )  # fmt: skip
    assert path(told, "delivery_recovery", mail["message_id"]) == [
        ("recovering", TEXT, "send", "all_checks_passed", "accepted")
    ]


def test_a_hand_over_tells_its_owner_and_until_when_it_is_to_be_answered(explain):
    told = explain(WORTH_A_CALL.email)
    called = next(
        step for one in told["instances"] for step in one["steps"] if step["step"] == "called"
    )
    assert (called["outcome"], called["owner"]) == ("route", "sales_lifecycle")
    assert (called["respond_by"] - called["reached_at"]).days == 1


def test_a_message_that_was_cancelled_says_why(explain):
    told = explain(CASE_AFTER_THE_DECISION.email)
    reminded = next(
        step for one in told["instances"] for step in one["steps"] if step["step"] == "reminded"
    )
    assert (reminded["message_state"], reminded["message_reason"]) == ("cancelled", "left_journey")


def test_an_instance_that_was_merged_away_names_the_one_that_stays(explain):
    told = explain(ANN.email)
    (stays,) = (one for one in told["instances"] if one["correlation_key"] == SHARED_QUOTE)
    (gone,) = (one for one in told["gone"] if one["correlation_key"] == SHARED_QUOTE)
    assert told["person_id"] == explain(ANNE.email)["person_id"]
    assert (gone["change"], gone["into_instance_id"]) == ("merged_into", stays["instance_id"])
    assert gone["into_entered_at"] == stays["entered_at"]


def test_a_message_is_told_with_the_step_that_it_comes_from(explain, day):
    (message,) = day.messages(CONTENT)
    about = explain(message["message_id"])["about"]
    assert (about["action"], about["message_state"]) == (REMINDER, "accepted")
    assert (about["step"]["step"], about["step"]["why"]) == ("reminded", "not submitted in 2 hours")


def test_a_message_that_should_not_have_gone_has_no_step_any_more(explain, day):
    (message,) = day.messages(HEARD_TOO_LATE)
    about = explain(message["message_id"])["about"]
    assert (about["message_id"], about["step"]) == (message["message_id"], None)


def test_the_view_tells_every_step_once_and_all_that_was_decided_of_it(day):
    steps = day.rows("select step_id from {transitions}")
    told = day.rows("select * from {journey_steps}")
    decided = day.rows(
        "select distinct c.step_id from {candidates} as c "
        "join {transitions} as t on c.step_id = t.step_id"
    )
    assert sorted(one["step_id"] for one in told) == sorted(one["step_id"] for one in steps)
    assert {one["step_id"] for one in told if one["outcome"]} == {one["step_id"] for one in decided}


def test_the_command_prints_the_path_and_as_json_the_same_facts(at_the_root, waiting):
    with Journal.open(waiting["BATON_JOURNAL"]) as journal:
        unsent = journal.message_counts()
    shown = call(at_the_root, waiting, "explain", CONTENT.email)
    assert shown.exit_code == 0, shown.output
    assert f"quote_stalled {CONTENT.quote_id}: under way, at reminded since" in shown.output
    assert f"-> {REMINDER}: to be sent" in shown.output
    facts = call(at_the_root, waiting, "explain", CONTENT.email, "--json")
    assert '"message_state": "pending"' in facts.output
    assert unsent["pending"] > 0


def test_every_decision_is_told_with_the_checks_that_are_on_record(explain, day):
    told = explain(TEXTED.email)
    on_record = day.rows(
        "select evaluation_id, has_failed from {decision_checks} order by position"
    )
    for decision in told["decisions"]:
        own = [
            one["has_failed"] for one in on_record
            if one["evaluation_id"] == decision["evaluation_id"]
        ]  # fmt: skip
        assert list(decision["checks"].values()) == own
        assert len(own) == 14


def test_what_was_heard_what_came_of_a_message_and_the_experiments_are_told(explain):
    told = explain(TEXTED.email)
    mail = next(one for one in told["messages"] if one["action"] == REMINDER)
    assert [one["state"] for one in mail["events"]] == ["pending", "claimed", "bounced"]
    assert [one["signal"] for one in told["heard"]][-1] == "message_failed"
    assert {one["holdout"] for one in told["experiments"]} <= {"everything", "win_back"}
    sent = next(one for one in told["decisions"] if one["message_id"] == mail["message_id"])
    assert (sent["value"], sent["rank"]) == (10, 10)


def test_the_page_tells_the_same_story_with_values_masked(explain):
    told = explain(TEXTED.email)
    page = explain_page(told)
    captions = {caption.text for caption in page.iter("caption")}
    assert {"The record", "Permissions", "Suppressions", "Journeys", "Held back"} <= captions
    titles = [" ".join(one.itertext()) for one in page.iter("summary")]
    assert sum("all checks passed" in title for title in titles) == 2
    everything = " ".join(page.itertext())
    assert TEXTED.email not in everything
    assert TEXTED.phone not in everything
    assert f"***{TEXTED.phone[-2:]}" in everything


def explain_page(told):
    document = page(told, Mask()).removeprefix("<!doctype html>")
    return ElementTree.fromstring(document)  # noqa: S314  # our own


def test_the_command_writes_the_page_and_shows_values_only_when_asked_to(
    at_the_root, waiting, tmp_path
):
    file = tmp_path / "story.html"
    written = call(at_the_root, waiting, "explain", CONTENT.email, "--html", str(file))
    assert (written.exit_code, written.output) == (0, f"wrote {file}\n")
    assert CONTENT.email not in file.read_text(encoding="utf-8")
    call(at_the_root, waiting, "explain", CONTENT.email, "--html", str(file), "--unmask")
    assert CONTENT.email in file.read_text(encoding="utf-8")


def test_what_cannot_be_written_or_makes_no_sense_is_refused(at_the_root, waiting, tmp_path):
    nowhere = str(tmp_path / "no such folder" / "story.html")
    refused = call(at_the_root, waiting, "explain", CONTENT.email, "--html", nowhere)
    assert refused.exit_code == 2
    assert "the page cannot be written" in refused.output
    assert call(at_the_root, waiting, "explain", CONTENT.email, "--unmask").exit_code == 2
