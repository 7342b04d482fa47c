import asyncio
import json
import logging
import sqlite3
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.smtp import AuthResult
from loopback import (
    MINUTE,
    NOON,
    PLANTED,
    MailServer,
    WebServer,
    closed_port,
    config,
    mail,
    mail_environment,
    task,
    text,
    web_environment,
)

from activation import send
from activation.desk import Desk
from activation.exchange import ItemVerdict
from baton.errors import Busy, UsageError
from baton.journal import AddressBlock, Answer, ClaimOrder, Journal, Verdict
from examples.retail.receivers import Receivers

SILENCE = {"timeout_seconds": 0.5}


@pytest.fixture
def hand_over(journal):
    return lambda *messages: journal.hand_over(messages, checked_at=journal.now())


@pytest.fixture
def send_by_web(journal, tmp_path):
    """Send against a web server that answers in time, unless the test is about silence."""

    def send_to(server, **changes):
        fast = {"timeout_seconds": 2.0} | changes
        environment = web_environment(server.port)
        configured = config(tmp_path, environment, sms_gateway=fast, crm_tasks=fast)
        return send(journal, configured, now=journal.now)

    return send_to


@pytest.fixture
def send_by_mail(journal, tmp_path):
    def send_to(port, **changes):
        configured = config(
            tmp_path, mail_environment(port), shop_mail={"timeout_seconds": 2.0} | changes
        )
        return send(journal, configured, now=journal.now)

    return send_to


def state(journal, message_id):
    return journal.message(message_id)["state"]


def our_logs(caplog):
    """All that was logged, but for what the mail server, the outside world, says."""
    return [one.getMessage() for one in caplog.records if one.name != "mail.log"]


def test_every_destination_gets_its_messages_once(journal, tmp_path, hand_over):
    hand_over(*[make(n) for make in (mail, text, task) for n in range(1, 8)])
    with Receivers(tmp_path / "out") as receivers:
        configured = config(tmp_path, receivers.environment)
        report = send(journal, configured, now=journal.now)
        again = send(journal, configured, now=journal.now)
        events = receivers.log.events()
    assert report.by_destination == {
        "crm_tasks": {"accepted": 7},
        "shop_mail": {"accepted": 7},
        "sms_gateway": {"accepted": 7},
    }
    assert report.states == {"accepted": 21}
    assert again.requests == 0
    received = sorted(event["message_id"] for event in events)
    assert received == sorted(f"{kind}{n}" for kind in "mst" for n in range(1, 8))


def test_only_the_named_destinations_are_sent_to(journal, tmp_path, hand_over):
    hand_over(mail(), text())
    with WebServer(200) as server:
        configured = config(tmp_path, web_environment(server.port))
        report = send(journal, configured, now=journal.now, only=["sms_gateway"])
    assert report.by_destination == {"sms_gateway": {"accepted": 1}}
    assert state(journal, "m1") == "pending"


def test_progress_is_told_while_sending(journal, tmp_path, hand_over):
    hand_over(text(1), text(2))
    told = []
    with WebServer(200) as server:
        configured = config(tmp_path, web_environment(server.port))
        report = send(journal, configured, now=journal.now, on_progress=told.append)
    assert [one.requests for one in told] == [1, 2]
    assert replace(told[-1], waiting={}) == report


def test_the_time_from_claim_to_first_byte_is_reported(journal, hand_over, send_by_web):
    hand_over(text())
    with WebServer(200) as server:
        median, p99 = send_by_web(server).claim_to_first_byte_ms
    assert 0 < median <= p99 < 1000
    (attempt,) = journal.attempts("s1")
    assert attempt["claimed_wall_at"] <= attempt["sent_wall_at"] <= attempt["answered_wall_at"]


def test_an_unknown_mailbox_bounces_and_its_address_is_blocked_at_once(
    journal, tmp_path, hand_over
):
    mailboxes = tmp_path / "mailboxes.json"
    mailboxes.write_text(json.dumps({"reject": ["Ann1@mail.example"]}))
    hand_over(mail(1), mail(2))
    with Receivers(tmp_path / "out", mailboxes) as receivers:
        configured = config(tmp_path, receivers.environment)
        report = send(journal, configured, now=journal.now)
        hand_over(mail(1, message_id="m9"))
        send(journal, configured, now=journal.now)
    assert report.states == {"bounced": 1, "accepted": 1}
    assert state(journal, "m9") == "cancelled"


def test_a_deferred_mail_goes_when_its_retry_is_due(journal, tmp_path, hand_over):
    mailboxes = tmp_path / "mailboxes.json"
    mailboxes.write_text(json.dumps({"defer_once": ["ann1@mail.example"]}))
    hand_over(mail())
    with Receivers(tmp_path / "out", mailboxes) as receivers:
        configured = config(tmp_path, receivers.environment)
        assert send(journal, configured, now=journal.now).states == {"retry": 1}
        assert send(journal, configured, now=journal.now).requests == 0
        journal.set_simulated_time(NOON + 5 * MINUTE)
        assert send(journal, configured, now=journal.now).states == {"accepted": 1}
        statuses = [event["status"] for event in receivers.log.events()]
    assert statuses == ["deferred", "accepted"]


def test_a_policy_rejection_is_dead_blocks_no_address_and_spoils_no_connection(
    journal, hand_over, send_by_mail
):
    one_by_one = {"rate": 2000, "per_seconds": 1, "concurrency": 1}
    hand_over(mail(1), mail(2))
    with MailServer(rcpt=["550 5.7.1 ann1@mail.example: not allowed", "250 OK"]) as server:
        send_by_mail(server.port, limit=one_by_one)
        hand_over(mail(1, message_id="m9"))
        send_by_mail(server.port)
    states = [state(journal, message_id) for message_id in ("m1", "m2", "m9")]
    assert states == ["dead", "accepted", "accepted"]


def test_a_refused_login_switches_off_and_keeps_the_queue(journal, hand_over, send_by_mail):
    hand_over(*[mail(n) for n in range(10)])
    refusing = {"username": "shop", "password": "wrong"}
    with MailServer(login=lambda *_: AuthResult(success=False, handled=False)) as server:
        send_by_mail(server.port, **refusing, limit={"concurrency": 1})
        assert server.seen.requests == []
    (switch,) = journal.switches()
    assert (switch.value, switch.reason) == ("shop_mail", "smtp mail 535 5.7.8")
    assert set(journal.message_counts()) <= {"pending", "retry"}


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refused_credential_switches_a_webhook_off_and_keeps_the_queue(
    journal, hand_over, send_by_web, status
):
    hand_over(*[text(n) for n in range(10)])
    with WebServer(status) as server:
        send_by_web(server)
    (switch,) = journal.switches()
    assert (switch.value, switch.reason) == ("sms_gateway", f"http {status}")
    assert set(journal.message_counts()) <= {"pending", "retry"}


def test_a_refused_connection_has_sent_nothing_and_is_tried_again(journal, tmp_path, hand_over):
    hand_over(mail(), text())
    environment = web_environment(closed_port())
    report = send(journal, config(tmp_path, environment), now=journal.now)
    assert report.states == {"retry": 2}
    for message_id in ("m1", "s1"):
        row = journal.message(message_id)
        assert (row["may_be_sent"], row["tries"]) == (False, 1)


@pytest.mark.parametrize("failure", ["hang", "reset"])
def test_a_mail_lost_after_data_is_unknown_and_a_service_mail_goes_again(
    journal, hand_over, send_by_mail, failure
):
    hand_over(mail(1), mail(2, message_class="service"))
    with MailServer(data=[failure]) as server:
        send_by_mail(server.port, **(SILENCE if failure == "hang" else {}))
    assert (state(journal, "m1"), state(journal, "m2")) == ("unknown", "retry")
    assert journal.message("m1")["may_be_sent"]
    assert journal.message("m2")["may_be_sent"]


def test_a_mail_server_that_hangs_before_data_has_got_nothing(journal, hand_over, send_by_mail):
    hand_over(mail())
    with MailServer(rcpt=["hang"]) as server:
        send_by_mail(server.port, **SILENCE)
    assert (state(journal, "m1"), journal.message("m1")["may_be_sent"]) == ("retry", False)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (204, ("accepted", False)),
        (400, ("dead", False)),
        ((301, {"Location": "/elsewhere"}), ("dead", False)),
        (500, ("retry", True)),
        ("hang", ("retry", True)),
        ("reset", ("retry", True)),
    ],
)
def test_a_webhook_answer_decides_the_state_and_whether_it_may_be_sent(
    journal, hand_over, send_by_web, answer, expected
):
    hand_over(text())
    with WebServer(answer) as server:
        send_by_web(server, **(SILENCE if answer == "hang" else {}))
        assert len(server.seen.requests) == 1
    row = journal.message("s1")
    assert (row["state"], row["may_be_sent"]) == expected


def test_a_retry_carries_the_same_webhook_id_and_body(journal, hand_over, send_by_web):
    hand_over(text())
    with WebServer(503, 204) as server:
        send_by_web(server)
        journal.set_simulated_time(NOON + 5 * MINUTE)
        send_by_web(server)
        first, second = server.seen.requests
    assert first[1]["webhook-id"] == second[1]["webhook-id"] == "s1"
    assert first[2] == second[2]
    assert state(journal, "s1") == "accepted"


def test_a_429_costs_no_try_and_waits_as_told(journal, hand_over, send_by_web):
    hand_over(text())
    with WebServer((429, {"Retry-After": "120"}), 204) as server:
        report = send_by_web(server)
        row = journal.message("s1")
    assert report.states == {"retry": 1}
    assert (row["tries"], row["next_try_at"]) == (0, NOON + 2 * MINUTE)


def test_a_long_retry_after_leaves_the_rest_of_the_queue_alone(journal, hand_over, send_by_web):
    hand_over(*[text(n) for n in range(10)])
    with WebServer((429, {"Retry-After": "120"})) as server:
        report = send_by_web(server, limit={"rate": 1, "per_seconds": 0.05, "concurrency": 1})
    assert report.requests == 1
    assert report.halted == {"sms_gateway": "the account asks to wait"}
    assert journal.message_counts() == {"pending": 9, "retry": 1}


def test_410_switches_the_destination_off_on_record(journal, hand_over, send_by_web):
    hand_over(*[text(n) for n in range(10)])
    with WebServer(410) as server:
        report = send_by_web(server, limit={"rate": 1, "per_seconds": 0.05, "concurrency": 1})
        assert send_by_web(server).requests == 0
    (switch,) = journal.switches()
    assert (switch.scope, switch.value, switch.reason) == ("destination", "sms_gateway", "http 410")
    assert report.halted == {"sms_gateway": "switched off: http 410"}
    assert journal.message_counts() == {"pending": 9, "retry": 1}


def test_a_destination_that_does_not_answer_is_left_and_others_are_served(
    journal, tmp_path, hand_over
):
    hand_over(*[mail(n) for n in range(30)], *[text(n) for n in range(9)])
    with WebServer(204) as server:
        configured = config(tmp_path, web_environment(server.port))
        report = send(journal, configured, now=journal.now)
    assert report.by_destination["sms_gateway"] == {"accepted": 9}
    assert report.by_destination["shop_mail"]["retry"] < 20
    assert "does not answer" in report.halted["shop_mail"]


def test_a_message_that_cannot_be_rendered_is_dead_and_the_rest_goes(
    journal, hand_over, send_by_web
):
    hand_over(text(1, variables={"first_name": "Ann"}), text(2))
    with WebServer(204) as server:
        send_by_web(server)
    assert (state(journal, "s1"), state(journal, "s2")) == ("dead", "accepted")
    assert journal.message("s1")["reason"] == "missing_variable product"


def test_a_missing_template_is_a_usage_error_its_message_waits_and_the_rest_goes(
    journal, hand_over, send_by_web
):
    hand_over(text(1, template="no_such_template"), text(2))
    with WebServer(204) as server, pytest.raises(UsageError, match="no_such_template"):
        send_by_web(server)
    row = journal.message("s1")
    assert (row["state"], row["tries"], row["may_be_sent"]) == ("retry", 0, False)
    assert state(journal, "s2") == "accepted"


def test_a_missing_secret_stops_the_call_before_anything_is_sent(journal, tmp_path, hand_over):
    hand_over(text(), task())
    with WebServer(204) as server:
        environment = web_environment(server.port) | {"CRM_TASKS_SECRET": ""}
        with pytest.raises(UsageError, match="CRM_TASKS_SECRET is not set"):
            send(journal, config(tmp_path, environment), now=journal.now)
        assert server.seen.requests == []


@pytest.mark.parametrize("destination", ["fax", "retail_drop"])
def test_messages_for_what_takes_none_are_a_usage_error(journal, tmp_path, hand_over, destination):
    hand_over(task(destination=destination))
    environment = {"RETAIL_DROP_DIRECTORY": str(tmp_path)}
    with pytest.raises(UsageError, match=destination):
        send(journal, config(tmp_path, environment), now=journal.now)


def test_a_second_sender_sends_what_the_first_has_not_claimed_and_recovers_nothing_of_it(
    journal, hand_over, send_by_web
):
    hand_over(text(1), text(2))
    with journal.working() as first, WebServer(204) as server:
        (claimed,) = journal.claim("sms_gateway", 1, journal.now(), first)
        report = send_by_web(server)
        sent = [request[1]["webhook-id"] for request in server.seen.requests]
    assert (report.recovered, report.states) == ({}, {"accepted": 1})
    assert [claimed.message_id, *sent] == ["s1", "s2"]
    assert state(journal, "s1") == "claimed"


def test_stop_and_opt_out_hold_from_the_moment_they_are_committed(journal, hand_over, send_by_web):
    hand_over(text(1), text(2), text(3))
    journal.stop("person", "p1", reason="asked", by="ann")
    stop = AddressBlock("sms", "+1 555 010 0202", None, None, "stop", NOON, "gateway")
    journal.block_addresses([stop])
    with WebServer(204) as server:
        send_by_web(server)
        assert [request[1]["webhook-id"] for request in server.seen.requests] == ["s3"]


def test_lanes_go_in_order_within_a_destination(journal, hand_over, send_by_web):
    hand_over(text(1), text(2, message_class="service"), text(3, message_class="transactional"))
    hand_over(text(4, lane="opt_out"), text(5, lane="backfill", message_class="transactional"))
    with WebServer(204) as server:
        send_by_web(server, limit={"rate": 100, "per_seconds": 1, "concurrency": 1})
        assert [request[1]["webhook-id"] for request in server.seen.requests] == [
            *("s4", "s3", "s2", "s1", "s5")
        ]


def test_no_personal_value_stands_in_journal_logs_or_report_after_sending(
    journal, tmp_path, hand_over, caplog
):
    caplog.set_level(logging.DEBUG)
    hand_over(mail(1), text(1), task(1), mail(2))
    refused = ["550 5.1.1 <ann1@mail.example>: unknown", "250 OK"]
    with MailServer(rcpt=refused) as mails, WebServer(204) as hooks:
        environment = web_environment(hooks.port) | mail_environment(mails.port)
        report = send(journal, config(tmp_path, environment), now=journal.now)
    seen = [report, journal.attempts("m1"), journal.message("m1"), our_logs(caplog)]
    seen += [journal.feed("message_events", 0), journal.feed("switches", 0)]
    journal.close()
    content = b"".join(file.read_bytes() for file in tmp_path.glob("baton.journal.db*"))
    for planted in PLANTED:
        assert planted not in str(seen)
        assert planted.encode() not in content
    assert report.states == {"accepted": 3, "bounced": 1}


def test_an_expired_retry_dies_and_is_not_sent(journal, hand_over, send_by_web):
    hand_over(text(expires_at=NOON + timedelta(minutes=2)))
    with WebServer(503, 204) as server:
        send_by_web(server)
        journal.set_simulated_time(NOON + 3 * MINUTE)
        assert send_by_web(server).requests == 0
    assert state(journal, "s1") == "unknown"


def hold(path, seconds):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    asyncio.get_running_loop().call_later(seconds, other.close)


def test_a_verdict_waits_for_a_locked_journal_and_is_not_lost(tmp_path):
    path = tmp_path / "locked.db"

    def lock_for_a_while():
        hold(path, 1.2)
        return 204

    with (
        Journal.open(f"sqlite:///{path}?timeout=0.5") as journal,
        WebServer(lock_for_a_while) as server,
    ):
        journal.set_simulated_time(NOON)
        journal.hand_over([text()], checked_at=NOON)
        report = send(journal, config(tmp_path, web_environment(server.port)), now=journal.now)
        assert report.states == {"accepted": 1}
        assert state(journal, "s1") == "accepted"


class LostFor:
    """A journal whose server refuses at once for some seconds, as one that restarts does."""

    def __init__(self, journal, seconds):
        self._journal = journal
        self._until = time.monotonic() + seconds

    def __getattr__(self, name):
        return getattr(self._journal, name)

    def due(self, *_):
        if time.monotonic() < self._until:
            raise Busy("the journal's server is not reached", where="j", mend="try again")
        return {"sms_gateway"}


def due_from(journal, worker):
    async def ask(desk):
        return await desk.due(60)

    desk = Desk(journal, journal.now, worker)
    try:
        return asyncio.run(ask(desk))
    finally:
        desk.close()


def test_a_restart_of_the_journals_server_is_waited_for(journal):
    with journal.working() as worker:
        assert due_from(LostFor(journal, 1.0), worker) == {"sms_gateway"}


def test_a_journal_that_stays_away_is_told_after_patience(journal, monkeypatch):
    monkeypatch.setattr("activation.patience._SECONDS", 0.2)
    with journal.working() as worker, pytest.raises(Busy):
        due_from(LostFor(journal, 600), worker)


def test_a_claim_waits_for_a_locked_journal(tmp_path):
    path = tmp_path / "locked.db"

    async def claim_while_locked(desk):
        hold(path, 1.2)
        return await desk.claim("sms_gateway", 10, ClaimOrder())

    with (
        Journal.open(f"sqlite:///{path}?timeout=0.5") as journal,
        journal.working() as worker,
    ):
        journal.set_simulated_time(NOON)
        journal.hand_over([text()], checked_at=NOON)
        desk = Desk(journal, journal.now, worker)
        try:
            claimed = asyncio.run(claim_while_locked(desk))
        finally:
            desk.close()
    assert [one.message_id for one in claimed] == ["s1"]


def test_a_verdict_is_written_though_what_waits_beside_it_cannot_be_claimed(
    journal, hand_over, monkeypatch
):
    monkeypatch.setattr("activation.patience._SECONDS", 0.2)
    hand_over(text(1), text(2))
    with journal.working() as worker:
        (one,) = journal.claim("sms_gateway", 1, journal.now(), worker)

    async def settle_and_claim(desk):
        settled = desk.settle(Answer(one.attempt_id, "ok", (Verdict("s1", "accepted"),)))
        claimed = desk.claim("sms_gateway", 10, ClaimOrder())
        return await asyncio.gather(settled, claimed, return_exceptions=True)

    desk = Desk(journal, journal.now, worker)  # its lease is over
    try:
        states, refusal = asyncio.run(settle_and_claim(desk))
    finally:
        desk.close()
    assert states == {"s1": "accepted"}
    assert isinstance(refusal, Busy)
    assert (state(journal, "s1"), state(journal, "s2")) == ("accepted", "pending")


class Ended(BaseException):
    """The process is about to end."""


async def settled_together(desk, *answers):
    """What each came to, as outcomes or errors."""
    async with asyncio.timeout(10):
        return await asyncio.gather(*map(desk.settle, answers), return_exceptions=True)


@pytest.fixture
def answers_of_two(journal, hand_over):
    """A worker, and its two answers; what the first calls its message cannot be written."""
    hand_over(text(1), text(2))
    with journal.working() as worker:
        one, two = journal.claim("sms_gateway", 2, journal.now(), worker)
        odd = Verdict(one.message_id, "accepted", provider_id="\ud800")
        first = Answer(one.attempt_id, "ok", (odd,))
        yield worker, first, Answer(two.attempt_id, "ok", (Verdict(two.message_id, "accepted"),))


def test_an_answer_that_cannot_be_written_spoils_no_other(journal, answers_of_two):
    worker, *answers = answers_of_two
    desk = Desk(journal, journal.now, worker)
    try:
        error, states = asyncio.run(settled_together(desk, *answers))
    finally:
        desk.close()
    assert isinstance(error, UnicodeEncodeError)
    assert states == {"s2": "accepted"}


def test_nobody_waits_for_a_journal_that_has_ended(journal, answers_of_two, monkeypatch):
    worker, *answers = answers_of_two

    def end(*_):
        raise Ended

    monkeypatch.setattr(journal, "record_and_claim", end)
    desk = Desk(journal, journal.now, worker)
    try:
        errors = asyncio.run(settled_together(desk, *answers))
    finally:
        desk.close()
    assert [type(error) for error in errors] == [Ended, Ended]


@pytest.mark.parametrize("given", ["id\ud800", "id\0", "i" * 9999])
def test_what_a_tool_calls_a_message_can_always_be_written(journal, answers_of_two, given):
    _, first, second = answers_of_two
    own = ItemVerdict("s1", "accepted", "ok", provider_id=given).provider_id
    verdict = Verdict("s1", "accepted", provider_id=own)
    states = journal.record([replace(first, verdicts=(verdict,)), second], journal.now())
    assert states == {"s1": "accepted", "s2": "accepted"}
    assert own in ("id?", "i" * 500)


class Unheard:
    """A journal whose commits of claims stand, while the first of each kind is told as lost."""

    def __init__(self, journal):
        self._journal = journal
        self._heard = set()

    def __getattr__(self, name):
        real = getattr(self._journal, name)

        def call(*given):
            result = real(*given)
            if name not in self._heard:
                self._heard.add(name)
                raise Busy("the journal's server is not reached", where="j", mend="try again")
            return result

        return call if name in ("record_and_claim", "claim", "reclaim") else real


def test_what_a_commit_claimed_unheard_is_claimed_again_and_nothing_else(journal, hand_over):
    hand_over(text(1))

    async def claim_twice(heard, unheard):
        (first,) = await heard.claim("sms_gateway", 10, ClaimOrder())
        hand_over(text(2))
        unheard._carried = heard._carried
        (second,) = await unheard.claim("sms_gateway", 10, ClaimOrder())
        refused = Answer(second.attempt_id, "split", (Verdict("s2", "retry", costs_try=False),))
        (again,) = await unheard.reclaim(refused, ClaimOrder())
        return first, again

    with journal.working() as worker:
        heard = Desk(journal, journal.now, worker)
        unheard = Desk(Unheard(journal), journal.now, worker)
        try:
            first, again = asyncio.run(claim_twice(heard, unheard))
        finally:
            heard.close()
            unheard.close()
    held = {id_: journal.message(id_)["attempt_id"] for id_ in ("s1", "s2")}
    assert held == {"s1": first.attempt_id, "s2": again.attempt_id}
    assert len(journal.attempts("s1")) == 1
    assert journal.message_counts() == {"claimed": 2}
    assert journal.message("s2")["tries"] == 0
