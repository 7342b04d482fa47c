"""Several workers on one journal: nothing twice, and only the dead are recovered."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from handed import DESTINATION, NOON, block, claim, message, open_at_once, state_of
from postgres_server import await_somebody_waiting

from baton.errors import Busy
from baton.journal import Answer, ClaimOrder, Journal, Verdict, blocks
from baton.journal.hashing import open_hasher

HERE = Path(__file__).parent
ENVIRONMENT = {"PYTHONPATH": f"{HERE}:{HERE.parent}:{HERE.parents[1]}"}
CLAIMER = """
import sys
from handed import DESTINATION, NOON
from baton.journal import Journal
with Journal.open(sys.argv[1]) as journal, journal.working() as worker:
    print("ready", flush=True)
    sys.stdin.readline()
    while claimed := journal.claim(DESTINATION, 7, NOON, worker):
        print(*[one.message_id for one in claimed], flush=True)
    print("done", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def claimers(target, count):
    """Processes that claim all there is when told to, and then hold their leases."""
    command = [sys.executable, "-c", CLAIMER, str(target)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, env=ENVIRONMENT, **pipes) for _ in range(count)]
    try:
        for one in processes:
            assert one.stdout.readline() == "ready\n"
        yield processes
    finally:
        for one in processes:
            one.kill()
            one.communicate()


def let_claim(process):
    process.stdin.write("\n")
    process.stdin.flush()


def claimed_by(process):
    claimed = []
    while (line := process.stdout.readline()) != "done\n":
        assert line, "the process ended early"
        claimed += line.split()
    return claimed


def test_processes_that_claim_at_once_share_out_all_messages(target, journal):
    journal.hand_over([message(number) for number in range(300)], checked_at=NOON)
    with claimers(target, 3) as processes:
        for one in processes:
            let_claim(one)
        claimed = [message_id for one in processes for message_id in claimed_by(one)]
    assert sorted(claimed) == sorted(f"m{number}" for number in range(300))


def test_only_the_claims_of_a_killed_process_are_settled(target, journal):
    with claimers(target, 2) as (doomed, other):
        claims = []
        for number, one in enumerate((doomed, other)):
            journal.hand_over([message(number)], checked_at=NOON)
            let_claim(one)
            claims.append(claimed_by(one))
        assert claims == [["m0"], ["m1"]]
        assert journal.recover(NOON) == {}
        doomed.kill()
        doomed.wait()
        assert settle(journal) == {"unknown": 1}
        assert (state_of(journal, "m0"), state_of(journal, "m1")) == (
            "unknown: sender_died",
            "claimed",
        )


def settle(journal):
    """Recover until a lease is seen gone: a server needs a moment to learn of a death."""
    for _ in range(1000):
        if settled := journal.recover(NOON):
            return settled
        threading.Event().wait(0.01)
    return {}


def test_a_living_worker_records_its_verdict_after_others_have_recovered(journal):
    journal.hand_over([message()], checked_at=NOON)
    with journal.working() as worker:
        (one,) = journal.claim(DESTINATION, 1, NOON, worker)
        assert journal.recover(NOON) == {}
        journal.record([Answer(one.attempt_id, "ok", (Verdict("m1", "accepted"),))], NOON)
    assert state_of(journal) == "accepted"
    assert journal.attempts("m1")[0]["worker"] == worker


def test_what_a_worker_leaves_claimed_at_its_end_is_settled(journal):
    journal.hand_over([message()], checked_at=NOON)
    with journal.working() as worker:
        journal.claim(DESTINATION, 1, NOON, worker, ClaimOrder("N"))
    assert settle(journal) == {"retry": 1}


def test_one_message_is_in_flight_per_person_whoever_sends_it(journal):
    journal.hand_over([message(1, node_id="n"), message(2, node_id="n")], checked_at=NOON)
    with journal.working() as first, journal.working() as second:
        assert first != second
        (one,) = journal.claim(DESTINATION, 9, NOON, first)
        assert journal.claim(DESTINATION, 9, NOON, second) == []
        journal.record([Answer(one.attempt_id, "ok", (Verdict("m1", "accepted"),))], NOON)
        assert len(journal.claim(DESTINATION, 9, NOON, second)) == 1


def test_who_holds_no_lease_claims_nothing(journal):
    journal.hand_over([message()], checked_at=NOON)
    with journal.working() as worker:
        pass
    for name in (worker, "nobody"):
        with pytest.raises(Busy, match=name):
            journal.claim(DESTINATION, 1, NOON, name)
    assert state_of(journal) == "pending"


def test_a_claim_waits_for_an_opt_out_that_is_being_written_and_heeds_it(store, target, journal):
    journal.hand_over([message()], checked_at=NOON)
    began = threading.Event()

    def claim_meanwhile():
        with Journal.open(target) as other:
            began.set()
            return claim(other)

    with ThreadPoolExecutor(1) as pool:
        with journal._store.write() as connection:
            waiting = pool.submit(claim_meanwhile)
            assert began.wait(20)
            write_block(journal, connection)
            if store == "postgres":  # SQLite does not tell who waits
                await_somebody_waiting(connection.exec_driver_sql)
            assert not waiting.done()
        assert waiting.result(20) == []
    assert state_of(journal) == "cancelled: opted_out"


def write_block(journal, connection):
    blocks.add_blocks(connection, [block()], open_hasher(connection, None), NOON)


def lease_files(path):
    return list(path.parent.glob("*.worker.*"))


def test_a_lease_on_sqlite_is_a_file_of_its_owner_that_goes_with_it(path):
    with Journal.open(path) as journal:
        with journal.working(), journal.working():
            assert [oct(file.stat().st_mode)[-3:] for file in lease_files(path)] == ["600"] * 2
        assert lease_files(path) == []


def test_the_file_of_a_dead_worker_is_removed_when_another_begins(path):
    with Journal.open(path) as journal, claimers(path, 2) as (dead, _):
        dead.kill()
        dead.wait()
        assert len(lease_files(path)) == 2
        with journal.working():
            assert len(lease_files(path)) == 2


@pytest.mark.long
def test_a_worker_that_the_server_has_lost_claims_nothing_more(postgres, database):
    with open_at_once(database) as journal, journal.working() as worker:
        journal.hand_over([message(1), message(2)], checked_at=NOON)
        assert len(journal.claim(DESTINATION, 1, NOON, worker)) == 1
        cut_off_leases(postgres, database)
        with pytest.raises(Busy, match="lease"):
            journal.claim(DESTINATION, 1, NOON, worker)
        assert settle(journal) == {"unknown": 1}


@pytest.mark.long
def test_a_claim_on_postgres_is_settled_only_when_it_is_older_than_the_grace(database):
    with Journal.open(database) as journal:
        journal.hand_over([message()], checked_at=NOON)
        claim(journal)
        assert journal.recover(NOON) == {}
    with Journal.open(database, grace=timedelta(hours=1)) as journal:
        assert journal.recover(NOON) == {}
    with open_at_once(database) as journal:
        assert settle(journal) == {"unknown": 1}


def cut_off_leases(postgres, database):
    name = database.partition("@/")[2].partition("?")[0]
    postgres.run(
        "select pg_terminate_backend(l.pid) from pg_locks as l join pg_database as d "
        f"on d.oid = l.database where l.locktype = 'advisory' and d.datname = '{name}'"
    )
