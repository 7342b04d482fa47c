"""Edge case (d): the bot hands over to an agent, who knows what was said and opens a case."""

import csv
import json
import time
from pathlib import Path

import pytest

from baton.journal import Accessor, Journal

from .commands import call
from .records import after
from .serving import Service
from .stories.handoffs import (
    CASE_AFTER_THE_DECISION,
    CASE_CAME_FIRST,
    CASE_STAYS_OPEN,
    HANDED_OVER,
    PASSED_ON,
)

REMINDER = "email_quote_reminder"


def test_the_journey_ends_when_the_agent_opens_a_case(day):
    (journey,) = day.journeys(HANDED_OVER.quote_id, 130)
    assert (journey["step"], journey["status"]) == ("exited", "exit")
    assert day.decisions(HANDED_OVER) == []
    assert day.received(HANDED_OVER) == []


def test_a_reminder_waits_while_an_older_case_is_open_and_goes_out_when_it_closes(day):
    (waiting,) = day.journeys(CASE_CAME_FIRST.quote_id, 133)
    assert waiting["step"] == "waiting"
    (mail,) = day.messages(CASE_CAME_FIRST)
    assert day.received(CASE_CAME_FIRST) == ["email"]
    assert mail["handed_at"] == day.batches[160].window.batch_time


def test_nothing_is_sent_while_the_case_stays_open(day):
    assert day.decisions(CASE_STAYS_OPEN) == []
    assert day.received(CASE_STAYS_OPEN) == []


def test_a_case_opened_after_the_decision_cancels_what_is_not_sent_yet(day):
    assert day.decisions(CASE_AFTER_THE_DECISION) == [(REMINDER, "send", "all_checks_passed")]
    (mail,) = day.messages(CASE_AFTER_THE_DECISION)
    assert (mail["state"], mail["reason"]) == ("cancelled", "left_journey")
    assert day.received(CASE_AFTER_THE_DECISION) == []


@pytest.fixture(scope="module")
def journal(day, tmp_path_factory):
    """Where a copy of the journal lies, as it is when the day has ended."""
    stores = tmp_path_factory.mktemp("evening") / "stores"
    day.installation.copy_stores(stores)
    return stores / "baton.journal.db"


@pytest.fixture(scope="module")
def service(journal):
    """The service over that copy."""
    with Service(journal) as running:
        yield running


def hand_over(day):
    """The message that gave the customer to the service desk, as the journal has it."""
    (message,) = day.messages(PASSED_ON)
    return message


def test_the_bot_gives_the_customer_to_the_service_desk_once(day):
    message = hand_over(day)
    assert (message["action"], message["state"]) == ("escalate_with_history", "accepted")
    events = day.installation.receivers.log.events()
    carried = [event for event in events if event.get("message_id") == message["message_id"]]
    assert [event["kind"] for event in carried] == ["service_desk"]


def test_the_context_is_there_while_the_message_waits_for_being_sent(day, waiting):
    by = Accessor("test", "contexts/search", is_masked=True)
    with Journal.open(Path(waiting["BATON_JOURNAL"])) as journal:
        found = journal.read_context("email", PASSED_ON.email, by)
    assert found is not None
    assert found.context["handoff_id"] == hand_over(day)["message_id"]
    assert found.context["carried_at"] is None
    assert found.as_of == after(132)


@pytest.mark.parametrize(
    "asked",
    [
        {"email": PASSED_ON.email},
        {"phone": PASSED_ON.phone},
        {"id": PASSED_ON.contact_id},
        {"id": PASSED_ON.node_id},
        {"id": f"anonymous:a-{PASSED_ON.name}"},
    ],
    ids=["email", "phone", "contact", "node", "browser"],
)
def test_the_agent_asks_by_whatever_is_at_hand_and_has_the_answer_within_a_second(
    day, service, asked
):
    started = time.perf_counter()
    status, answer = service.search(asked)
    assert time.perf_counter() - started < 1
    assert (status, answer["masked"]) == (200, True)
    assert answer["context"]["handoff_id"] == hand_over(day)["message_id"]


def test_the_context_says_what_was_wanted_done_told_allowed_and_decided(day, service):
    _, answer = service.search({"email": PASSED_ON.email})
    context = answer["context"]
    assert (context["kind"], context["owner"]) == ("bot_to_agent", "service_desk")
    assert context["wanted"] == {"topic": "late_delivery", "product": None, "quote_id": None}
    assert [one["signal"] for one in context["did_lately"]] == [
        "chat_asked", "agent_answered", "bot_handed_over", "chat_asked",
    ]  # fmt: skip
    assert context["last_decisions"][0]["action"] == "escalate_with_history"
    assert {(one["channel"], one["is_granted"]) for one in context["consent"]} == {("email", True)}
    assert (context["respond_by"], context["accepted_at"]) == (_at(143), _at(135))
    assert context["carried_at"] is not None
    assert context["summary_source"] == "rule"
    assert context["summary"].startswith("Wants: late_delivery. Handed over because: the bot ")


def test_neither_the_context_nor_its_record_holds_a_personal_value(day, service):
    _, answer = service.search({"email": PASSED_ON.email}, unmask=True)
    (record,) = day.rows("select * from {handoff_contexts} where journey = 'self_service_to_human'")
    for told in (json.dumps(answer), str(record)):
        assert not any(
            value in told for value in (PASSED_ON.email, PASSED_ON.phone, PASSED_ON.name.title())
        )
    assert answer["masked"] is False


def test_the_syncs_drop_the_note_of_the_hand_over_and_what_was_decided(
    day, at_the_root, waiting, tmp_path
):
    drops = tmp_path / "drops"
    environment = {**waiting, "RETAIL_DROP_DIRECTORY": str(drops)}
    names = ("handoff_contexts_for_the_shop", "decided_actions_for_the_shop")
    told = []
    for _ in range(2):
        ran = call(at_the_root, environment, "sync", "run", *names, "--json")
        assert ran.exit_code == 0, ran.output
        reports = json.loads(ran.stdout)["syncs"]
        told.append({one["sync"]: one["counts"]["told"] for one in reports})
    notes, actions = (
        _by_first(drops / f"{name.removesuffix('_for_the_shop')}.csv") for name in names
    )
    assert (told[0][names[0]], told[0][names[1]]) == (len(notes), len(actions))
    assert (told[1][names[0]], told[1][names[1]]) == (0, 0)
    message = hand_over(day)["message_id"]
    assert notes[message]["summary"].startswith(
        "Wants: late_delivery. Handed over because: the bot "
    )
    decided = actions[message]
    assert (decided["action"], decided["outcome"]) == ("escalate_with_history", "escalate")
    assert not any(one in str((notes, actions)) for one in (PASSED_ON.email, PASSED_ON.phone))


def _by_first(file):
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {next(iter(row.values())): row for row in rows}


def test_each_reading_is_on_record(journal, service):
    _, answer = service.search({"phone": PASSED_ON.phone})
    with Journal.open(journal) as read:
        *_, last = read.accesses(answer["person_id"])
    assert (last["accessor"], last["route"], last["is_masked"], last["outcome"]) == (
        "desk", "contexts/search", True, "found",
    )  # fmt: skip


def test_the_hand_over_is_measured(day):
    (measured,) = day.rows("select * from {handoffs_daily} where kind = 'bot_to_agent'")
    named = {name: measured[name] for name in ("handed", "carried", "in_time", "question_repeated")}
    assert named == {"handed": 1, "carried": 1, "in_time": 1, "question_repeated": 1}


def _at(minute):
    return after(minute).isoformat() + "Z"
