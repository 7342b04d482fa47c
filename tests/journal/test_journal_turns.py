"""Verdicts and claims by one commit, and what a sender or its keeper asks of the journal."""

from contextlib import closing
from datetime import timedelta

import pytest
from handed import DESTINATION, MINUTE, NOON, block, claim, message, state_of
from sqlalchemy import event

from baton.errors import Busy
from baton.journal import Answer, ClaimOrder, Untold, Verdict, Wanted, health
from baton.journal.store import open_store


def accepted(one):
    return Answer(one.attempt_id, "ok", (Verdict(one.message_id, "accepted"),))


def test_a_verdict_makes_room_for_the_claim_that_is_written_with_it(journal):
    journal.hand_over([message(1, node_id="n"), message(2, node_id="n")], checked_at=NOON)
    wanted = [Wanted(DESTINATION, 9)]
    with journal.working() as worker:
        none, ((one,),) = journal.record_and_claim([], wanted, NOON, worker)
        states, ((other,),) = journal.record_and_claim([accepted(one)], wanted, NOON, worker)
    assert (none, states) == ({}, {"m1": "accepted"})
    assert (one.message_id, other.message_id) == ("m1", "m2")


def test_each_destination_gets_what_it_wants_as_it_wants_it(journal):
    sms = [message(n, destination="sms", address=f"+15550100{n}") for n in (3, 4)]
    journal.hand_over([message(1), message(2), *sms], checked_at=NOON)
    wanted = [Wanted(DESTINATION, 1), Wanted("sms", 9, ClaimOrder("N", per_request=2))]
    with journal.working() as worker:
        _, (mails, texts) = journal.record_and_claim([], wanted, NOON, worker)
    assert [one.message_id for one in mails] == ["m1"]
    assert len({one.attempt_id for one in texts}) == 1
    assert journal.attempts("m3")[0]["retry_class"] == "N"


def test_without_a_lease_neither_is_written_and_verdicts_go_alone(journal):
    journal.hand_over([message(1), message(2)], checked_at=NOON)
    with journal.working() as worker:
        (one,) = journal.claim(DESTINATION, 1, NOON, worker)
    with pytest.raises(Busy, match=worker):
        journal.record_and_claim([accepted(one)], [Wanted(DESTINATION, 9)], NOON, worker)
    assert (state_of(journal, "m1"), state_of(journal, "m2")) == ("claimed", "pending")
    assert journal.record_and_claim([accepted(one)], [], NOON, worker) == ({"m1": "accepted"}, [])


def test_the_destinations_with_something_ready_or_over_are_due(journal):
    over = NOON - MINUTE
    journal.hand_over(
        [
            message(1, destination="a_ready"),
            message(2, destination="b_blocked", blocked_by="quiet_hours"),
            message(3, destination="c_over", expires_at=over, blocked_by="quiet_hours"),
            message(4, destination="d_stopped"),
            message(5, destination="e_withdrawn", release_id="r9"),
            message(6, destination="f_ready"),
        ],
        checked_at=NOON,
    )
    journal.stop("destination", "d_stopped", reason="slow", by="ann")
    journal.record_activation(
        "r9", kind="withdraw", active_from=NOON, by="a", approved_by="b", reason="wrong"
    )
    assert journal.due(NOON, 15) == {"a_ready", "c_over", "f_ready"}
    assert [journal.is_due(name, NOON, 15) for name in ("a_ready", "b_blocked")] == [True, False]
    assert journal.due(NOON + 16 * MINUTE, 15) == {"c_over"}


def test_what_ended_of_late_is_counted_with_its_wait(journal):
    journal.hand_over([message(1), message(2), message(3)], checked_at=NOON)
    with journal.working() as worker:
        ones = journal.claim(DESTINATION, 2, NOON + MINUTE, worker)
        later = NOON + 2 * MINUTE
        journal.record([accepted(ones[0])], later)
        journal.record([Answer(ones[1].attempt_id, "no", (Verdict("m2", "unknown"),))], later)
    assert journal.ended_since(NOON) == {DESTINATION: {"accepted": 1, "unknown": 1}}
    assert journal.waits_since(NOON) == [60.0]
    assert (journal.ended_since(later + MINUTE), journal.waits_since(later + MINUTE)) == ({}, [])


def test_what_ended_of_late_is_found_by_its_events_and_not_among_all_messages(path):
    asked = []

    def ask(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    with closing(open_store(path, {}, polls=False)) as store, store.read() as connection:
        event.listen(connection.engine, "before_cursor_execute", ask)
        health.ended_since(connection, NOON)
        health.waits_since(connection, NOON)
        plans = [
            row[-1]
            for statement, parameters in tuple(asked)
            for row in connection.exec_driver_sql(f"explain query plan {statement}", parameters)
        ]
    assert sum(one.startswith("SEARCH messages USING INDEX") for one in plans) == 2
    assert not any(one.startswith("SCAN messages") for one in plans)


def test_noes_are_untold_until_a_run_of_the_suppressions_that_began_after_them(journal):
    syncs = [("suppressions", "crm")]
    run = journal.syncs.begin(*syncs[0], "hash", NOON - MINUTE)
    journal.syncs.end(run, "done", None, {})
    journal.block_addresses([block(1), block(2), block(3, kind="end_of_stop")])
    untold = journal.untold(syncs)
    for state, reason in (("halted", "switched_off"), ("partly", "rows_left")):
        run = journal.syncs.begin(*syncs[0], "hash", NOON + MINUTE)
        journal.syncs.end(run, state, reason, {})
    still = journal.untold(syncs)
    run = journal.syncs.begin(*syncs[0], "hash", NOON + MINUTE)
    journal.syncs.end(run, "partly", "rows_refused", {})
    assert untold == still == [Untold("crm", "suppressions", 2, NOON)]
    assert journal.untold(syncs) == []


def test_a_message_that_tells_of_a_no_is_untold_until_it_is_claimed(journal):
    journal.hand_over([message(1, lane="opt_out"), message(2)], checked_at=NOON)
    assert journal.untold([]) == [Untold(DESTINATION, "messages", 1, NOON)]
    claim(journal, at=NOON + timedelta(seconds=1))
    assert journal.untold([]) == []
