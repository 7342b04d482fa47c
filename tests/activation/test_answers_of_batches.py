"""Answers of tools that take many messages at once: per item, whole, later, in doubt."""

import pytest
import yaml
from faults import FaultServer
from loopback import MINUTE, NOON, text
from vendor import WITH_VENDOR

from activation import DestinationsConfig, send
from baton.journal import AddressBlock

HOUR = 60 * MINUTE


@pytest.fixture
def vendor(journal, tmp_path):
    """Hand messages over for a server and send; settings by keyword."""

    def send_to(server, messages=(), **settings):
        settings = {"type": "vendor", "url": server.url(), "timeout_seconds": 1.0} | settings
        file = tmp_path / "destinations.yml"
        content = {"templates": str(tmp_path), "destinations": {"vendor": settings}}
        file.write_text(yaml.safe_dump(content))
        configured = DestinationsConfig.load(file, {}, WITH_VENDOR)
        journal.hand_over(messages, checked_at=journal.now())
        return send(journal, configured, now=journal.now)

    return send_to


def messages(count, **changes):
    same = {"destination": "vendor", "template": None}
    return [text(n, address=f"+1555010{n:04}", **(same | changes)) for n in range(count)]


def its_time_has_come(journal):
    """Jobs are asked for now."""
    with journal._store.write() as connection:
        connection.exec_driver_sql("update attempts set job_due_wall_at = '2026-01-01 00:00:00'")


def states(journal, count):
    return {f"s{n}": journal.message(f"s{n}")["state"] for n in range(count)}


def test_each_item_of_a_207_has_its_own_verdict(journal, vendor):
    answer = {"s0": 200, "s1": 400, "s2": 410, "s3": 429, "s4": 500}
    with FaultServer(lambda ids: answer) as server:
        vendor(server, messages(5), batch=10)
        assert server.sizes == [5]
    assert states(journal, 5) == {
        "s0": "accepted",
        "s1": "dead",
        "s2": "bounced",
        "s3": "retry",
        "s4": "retry",
    }
    assert [journal.message(f"s{n}")["may_be_sent"] for n in (3, 4)] == [False, True]


def test_ids_that_the_tool_gives_are_kept(journal, vendor):
    with FaultServer() as server:
        vendor(server, messages(3), batch=10)
    assert journal.attempts("s1")[0]["provider_id"] == "v-s1"


@pytest.mark.parametrize("fault", ["no_json", "half", "reset", "hang"])
def test_an_answer_that_cannot_be_read_leaves_all_items_in_doubt(journal, vendor, fault):
    with FaultServer(lambda ids: fault) as server:
        vendor(server, messages(3), batch=10, retry_class="X")
        assert server.sizes == [3]
    assert set(states(journal, 3).values()) == {"unknown"}


def test_a_slow_answer_is_waited_for(journal, vendor):
    with FaultServer(lambda ids: "slow") as server:
        vendor(server, messages(3), batch=10, retry_class="X")
    assert set(states(journal, 3).values()) == {"accepted"}


def test_a_reset_before_the_body_was_read_is_in_doubt_all_the_same(journal, vendor):
    with FaultServer(lambda ids: "reset_before") as server:
        vendor(server, messages(2), batch=10, retry_class="X")
        assert server.log == []
    assert set(states(journal, 2).values()) == {"unknown"}


@pytest.mark.parametrize("culprits", [{"s0"}, {"s5", "s6"}, {"s0", "s9", "s15"}, set()])
def test_a_refused_batch_is_halved_until_those_that_spoil_it_are_alone(journal, vendor, culprits):
    with FaultServer(lambda ids: 400 if culprits & set(ids) else 200) as server:
        report = vendor(server, messages(16), batch=16, retry_class="X")
        accepted = {id_ for id_, times in server.kept.items() if times == 1}
    got = states(journal, 16)
    assert {id_ for id_, state in got.items() if state == "dead"} == culprits
    assert accepted == set(got) - culprits == {i for i, state in got.items() if state == "accepted"}
    assert report.states == {"accepted": 16 - len(culprits)} | (
        {"dead": len(culprits)} if culprits else {}
    )
    assert journal.message_counts() == report.states
    assert len(server.log) <= 1 + 2 * 4 * max(len(culprits), 1)


def test_a_batch_refused_as_unauthorised_is_not_halved(journal, vendor):
    with FaultServer(lambda ids: 401) as server:
        vendor(server, messages(8), batch=8)
        assert server.sizes == [8]


def test_an_opt_out_that_comes_between_the_halves_holds(journal, vendor):
    def refuse_and_opt_out(ids):
        if len(ids) == 4:
            block = AddressBlock("sms", "+15550100003", None, None, "stop", NOON, "gateway")
            journal.block_addresses([block])
        return 400 if len(ids) > 1 else 200

    with FaultServer(refuse_and_opt_out) as server:
        vendor(server, messages(4), batch=4)
        assert server.ids["s3"] == 1
    assert states(journal, 4)["s3"] == "cancelled"


@pytest.mark.parametrize("message_class", ["marketing", "service"])
def test_what_a_look_up_finds_is_accepted_and_not_sent_again(journal, vendor, message_class):
    batch = messages(1, message_class=message_class)
    with FaultServer(lambda ids: "reset") as server:
        vendor(server, batch, retry_class="X", has_lookup=True)
        assert states(journal, 1) == {"s0": "retry"}
        journal.set_simulated_time(NOON + 10 * MINUTE)
        vendor(server, batch, retry_class="X", has_lookup=True)
        assert (server.ids["s0"], server.lookups) == (1, ["s0"])
    assert states(journal, 1) == {"s0": "accepted"}
    assert [one["status"] for one in journal.attempts("s0")][-1] == "found_by_lookup"


def test_what_a_look_up_does_not_find_is_sent_again(journal, vendor):
    answers = ["reset_before", 200]
    with FaultServer(lambda ids: answers[0] if ids == () else answers[-1]) as server:
        vendor(server, messages(1), retry_class="X", has_lookup=True)
        answers.reverse()
        answers[:] = [200, 200]
        journal.set_simulated_time(NOON + 10 * MINUTE)
        vendor(server, messages(1), retry_class="X", has_lookup=True)
        assert (server.kept["s0"], server.lookups) == (1, ["s0"])
    assert states(journal, 1) == {"s0": "accepted"}


@pytest.mark.parametrize(
    ("message_class", "state"), [("sales", "unknown"), ("service", "accepted")]
)
def test_where_a_look_up_leaves_it_open_the_class_decides(journal, vendor, message_class, state):
    batch = messages(1, message_class=message_class)
    answers = ["reset", 200]
    with FaultServer(
        lambda ids: answers[0] if not ids or len(answers) == 1 else answers.pop(0)
    ) as s:
        vendor(s, batch, retry_class="X", has_lookup=True)
        s.lookup_status = 400
        journal.set_simulated_time(NOON + 10 * MINUTE)
        vendor(s, batch, retry_class="X", has_lookup=True)
    assert states(journal, 1) == {"s0": state}


def test_a_job_is_asked_for_until_it_has_an_outcome_by_whichever_sender_comes(
    journal, vendor, monkeypatch
):
    later = {"batch": 5, "has_jobs": True}
    with FaultServer(lambda ids: "job") as server:
        vendor(server, messages(3), **later)
        assert set(states(journal, 3).values()) == {"accepted"}
        assert journal.running_jobs() == {"vendor": 1}
        assert journal.attempts("s0")[0]["job_id"] == "j1"
        server.jobs["j1"] = {"s0": 200, "s1": 400, "s2": 410}
        its_time_has_come(journal)
        report = vendor(server, **later)
        assert server.sizes == [3]
    assert report.states == {"dead": 1, "bounced": 1}
    assert states(journal, 3) == {"s0": "accepted", "s1": "dead", "s2": "bounced"}
    assert journal.running_jobs() == {}
    assert journal.replay(["s1"], by="ann", reason="mended") == ["s1"]
    with FaultServer() as server:
        vendor(server, messages(3), **later)
        assert server.ids == {"s1": 1}


@pytest.mark.parametrize("message_class", ["sales", "service"])
@pytest.mark.parametrize("fault", ["reset", 401, 403, 408, 429, 503])
def test_a_look_up_that_fails_decides_nothing_and_costs_no_try(
    journal, vendor, message_class, fault
):
    batch = messages(1, message_class=message_class)
    with FaultServer(lambda ids: "reset") as server:
        vendor(server, batch, retry_class="X", has_lookup=True)
        before = journal.message("s0")
        server.lookup_status = fault
        journal.set_simulated_time(NOON + 10 * MINUTE)
        report = vendor(server, batch, retry_class="X", has_lookup=True)
        assert (server.ids["s0"], server.lookups) == (1, ["s0"])
    after = journal.message("s0")
    assert report.states == {"retry": 1}
    assert (after["state"], after["may_be_sent"]) == ("retry", True)
    assert after["tries"] == before["tries"]
    assert [one.value for one in journal.switches()] == (["vendor"] if fault in (401, 403) else [])


def test_after_a_look_up_that_switches_off_the_rest_is_kept_too(journal, vendor):
    batch = messages(8, message_class="service")
    with FaultServer(lambda ids: "reset") as server:
        vendor(server, batch, retry_class="X", has_lookup=True, batch=8)
        server.lookup_status = 401
        journal.set_simulated_time(NOON + 10 * MINUTE)
        vendor(server, batch, retry_class="X", has_lookup=True, batch=8)
        assert (server.sizes, len(server.lookups)) == ([8], 1)
    assert set(states(journal, 8).values()) == {"retry"}


@pytest.fixture
def polled(journal, vendor):
    """Start a job, let the tool answer to its poll, with ten more messages waiting."""

    def poll(answer, age=""):
        later = {"batch": 5, "has_jobs": True}
        with FaultServer(lambda ids: "job") as server:
            vendor(server, messages(2), **later)
            if age:
                with journal._store.write() as connection:
                    connection.exec_driver_sql(
                        f"update attempts set answered_wall_at = datetime('now', '{age}')"
                    )
            its_time_has_come(journal)
            server.job_answer = answer
            return vendor(server, messages(12)[2:], **later)

    return poll


def test_a_poll_that_is_refused_switches_the_destination_off(journal, polled):
    report = polled((401, {}))
    assert report.halted == {"vendor": "switched off: http 401"}
    assert journal.running_jobs() == {"vendor": 1}
    assert journal.message_counts() == {"accepted": 2, "pending": 10}


def test_a_poll_that_is_throttled_lets_the_account_rest(journal, polled):
    report = polled((429, {"Retry-After": "120"}))
    assert report.halted == {"vendor": "the account asks to wait"}
    assert journal.running_jobs() == {"vendor": 1}
    assert journal.message_counts() == {"accepted": 2, "pending": 10}


def test_a_job_that_is_gone_is_judged_by_its_destination(journal, polled):
    polled((404, {}))
    assert journal.attempts("s0")[0]["reason"] == "answer_not_readable"


@pytest.mark.parametrize("answer", [(503, {}), (202, {})])
def test_a_job_is_given_up_after_a_day_and_keeps_no_address(journal, polled, answer):
    polled(answer, age="-25 hours")
    item = journal.attempts("s0")[0]
    assert (item["verdict"], item["reason"]) == ("accepted", "job_outcome_unknown")
    with journal._store.read() as connection:
        rows = connection.exec_driver_sql(
            "select address, variables from payloads where message_id in ('s0', 's1')"
        ).all()
    assert rows == [(None, None)] * 2
