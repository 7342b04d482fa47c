"""The journal on a real PostgreSQL server: what SQLite cannot get wrong."""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from handed import NOON, block, message, state_of
from postgres_server import await_somebody_waiting

from baton.errors import Busy, UsageError
from baton.journal import Journal

NEW_SWITCH = (
    "insert into switches (scope, value, is_stopped, reason, set_by, set_at) "
    "values ('person', %s, true, 'test', 'ann', '2026-03-02 12:00')"
)
A_MOMENT = "&options=-c lock_timeout%3D100"


@pytest.fixture
def name(database):
    """The name of the database."""
    return database.partition("@/")[2].partition("?")[0]


@pytest.fixture
def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def strangers(postgres, name):
    """Two open transactions that take no lock of ours."""
    with postgres.connect(name) as first, postgres.connect(name) as second:
        yield first, second


def number_of(connection):
    """Give the transaction its place in the order of transactions."""
    connection.execute("select pg_current_xact_id()")


def persons(journal, after=0):
    return [row["value"] for row in journal.feed("switches", after)]


@pytest.mark.long
@pytest.mark.parametrize("begins", ["first", "second"])
def test_no_row_is_read_before_one_with_a_lower_seq_that_may_still_come(
    database, strangers, begins
):
    first, second = strangers
    number_of(first if begins == "first" else second)
    first.execute(NEW_SWITCH, ["p1"])
    second.execute(NEW_SWITCH, ["p2"])
    second.commit()
    with Journal.open(database + A_MOMENT) as journal:
        with pytest.raises(Busy):
            journal.feed("switches", 0)
        first.commit()
        assert persons(journal) == ["p1", "p2"]


@pytest.mark.long
def test_a_reader_waits_for_the_transaction_that_holds_the_gap(database, strangers):
    first, second = strangers
    first.execute(NEW_SWITCH, ["p1"])
    second.execute(NEW_SWITCH, ["p2"])
    second.commit()
    with Journal.open(database) as journal, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(persons, journal)
        await_somebody_waiting(second.execute)
        first.commit()
        assert waiting.result(20) == ["p1", "p2"]


@pytest.mark.long
def test_a_gap_that_nobody_can_fill_any_more_is_passed(database, strangers):
    first, second = strangers
    first.execute(NEW_SWITCH, ["p1"])
    second.execute(NEW_SWITCH, ["p2"])
    second.commit()
    first.rollback()
    with Journal.open(database) as journal:
        assert persons(journal) == ["p2"]


@pytest.mark.long
def test_our_own_writers_follow_one_another_so_that_seq_is_the_order_of_commits(database):
    with Journal.open(database) as journal, ThreadPoolExecutor(4) as pool:
        done = [pool.submit(stop_some, database, number) for number in range(4)]
        seen = []
        while not all(one.done() for one in done):
            seen += persons(journal, len(seen))
        seen += persons(journal, len(seen))
        assert [one.result() for one in done] == [None] * 4
        assert seen == persons(journal)
    assert len(seen) == 100


def stop_some(database, number):
    with Journal.open(database) as journal:
        for one in range(25):
            journal.stop("person", f"{number} {one}", reason="test", by="ann")


@pytest.mark.long
def test_a_lock_that_is_not_had_in_time_is_busy(database):
    with (
        Journal.open(database) as holder,
        Journal.open(database + A_MOMENT) as journal,
        holder._store.write(),
        pytest.raises(Busy, match="locked by another process"),
    ):
        journal.stop("global", None, reason="test", by="ann")


@pytest.mark.long
def test_defaults_of_the_server_weaken_nothing(postgres, name, database):
    postgres.run(f"alter database {name} set default_transaction_isolation = 'serializable'")
    postgres.run(f"alter database {name} set synchronous_commit = off")
    postgres.run(f"alter database {name} set lock_timeout = '1ms'")
    with Journal.open(database) as journal, journal._store.write() as connection:
        settings = ("transaction_isolation", "synchronous_commit", "lock_timeout")
        shown = [connection.exec_driver_sql(f"show {one}").scalar() for one in settings]
    assert shown == ["read committed", "on", "10s"]


@pytest.mark.long
def test_a_stricter_commit_of_the_server_is_kept(postgres, name, database):
    postgres.run(f"alter database {name} set synchronous_commit = 'remote_apply'")
    with Journal.open(database) as journal, journal._store.write() as connection:
        assert connection.exec_driver_sql("show synchronous_commit").scalar() == "remote_apply"


@pytest.mark.long
def test_a_lost_connection_is_busy_once_and_then_made_again(postgres, name, database):
    with Journal.open(database) as journal:
        journal.hand_over([message()], checked_at=NOON)
        postgres.run(
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        )
        with pytest.raises(Busy, match="server is not reached"):
            journal.message("m1")
        assert state_of(journal) == "pending"


@pytest.mark.long
def test_a_user_who_may_make_no_tables_is_told_so(postgres):
    postgres.run("create role clerk login")
    with postgres.database() as url, pytest.raises(UsageError, match="own the database"):
        Journal.open(url.replace("baton@", "clerk@"))


@pytest.mark.long
def test_a_server_that_lets_nobody_in_is_a_usage_error_without_the_password(postgres):
    url = postgres.url("no_such_database").replace("baton@", "baton:planted@")
    with pytest.raises(UsageError, match="no_such_database") as raised:
        Journal.open(url)
    assert "planted" not in str(raised.value)


@pytest.mark.long
def test_other_names_of_the_driver_are_understood(database):
    for scheme in ("postgres", "postgresql"):
        with Journal.open(database.replace("postgresql+psycopg", scheme)) as journal:
            journal.block_addresses([block()])


def test_a_server_that_is_not_there_is_a_usage_error(unused_port):
    with pytest.raises(UsageError, match=f"127.0.0.1:{unused_port}/baton"):
        Journal.open(f"postgresql+psycopg://baton:planted@127.0.0.1:{unused_port}/baton")


def test_a_missing_driver_is_told_with_the_mend(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError, match=r"baton-journeys\[postgres\]"):
        Journal.open("postgresql+psycopg://localhost/baton")
