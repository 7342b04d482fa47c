import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from handed import NOON, block, claimed_ids, everything_stored, message, state_of, url_of
from sqlalchemy import MetaData, Table, create_engine
from sqlalchemy.exc import IntegrityError

import baton.journal
from baton.errors import Busy, UsageError
from baton.journal import Journal
from baton.journal.migrate import HEAD
from baton.journal.points import hashes_of
from baton.journal.schema import messages, metadata, payloads

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MIGRATIONS = Path(baton.journal.__file__).parent / "migrations"


def test_migrations_and_tables_say_the_same(target):
    with create_engine(url_of(target)).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_head_is_the_last_migration():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


@pytest.fixture
def old(request, tmp_path, store):
    """A place for a journal, with nothing in it yet."""
    if store == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


def test_a_journal_of_the_first_version_learns_the_contact_points_of_its_messages(old):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with create_engine(old).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        table = Table("messages", MetaData(), autoload_with=connection)
        row = dict.fromkeys(table.c.keys(), "x")
        row |= dict.fromkeys(("expires_at", "checked_at", "handed_at", "changed_at"), NOON)
        row |= dict.fromkeys(("lane", "priority", "tries", "requests"), 0)
        row |= dict.fromkeys(("is_claimable", "may_be_sent"), False)
        row |= dict.fromkeys(("consent_at", "next_try_at"), None)
        for number, point in enumerate(["cp1", "cp1", "cp2", None]):
            own = {"message_id": f"m{number}", "contact_point_id": point, "address_hash": "h"}
            connection.execute(table.insert().values(row | own))
    with Journal.open(old) as journal, journal._store.read() as connection:
        assert set(hashes_of(connection, ["cp1", "cp2"])) == {"cp1", "cp2"}


def test_an_error_of_the_database_tells_no_values(journal):
    with pytest.raises(IntegrityError) as raised, journal._store.write() as connection:
        connection.execute(payloads.insert().values(message_id="m1", address="planted"))
    assert "planted" not in str(raised.value)
    with pytest.raises(IntegrityError) as raised, journal._store.write() as connection:
        connection.execute(messages.insert().values(message_id="m1", node_id="planted"))
    assert "null" in str(raised.value).lower()
    assert "planted" not in f"{raised.value}{raised.value.orig}"


def test_opening_again_changes_nothing(path):
    before = path.read_bytes()
    Journal.open(path).close()
    assert path.read_bytes() == before


def test_a_journal_of_a_newer_version_is_refused(target):
    with create_engine(url_of(target)).begin() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    with pytest.raises(UsageError, match="9999"):
        Journal.open(target)


def test_the_journal_is_found_by_environment_by_path_and_by_url(path, monkeypatch):
    with Journal.open(path) as journal:
        journal.stop("global", None, reason="test", by="ann")
    monkeypatch.setenv("BATON_JOURNAL", str(path))
    for target in (None, str(path), f"sqlite:///{path}"):
        with Journal.open(target) as journal:
            assert len(journal.switches()) == 1


@pytest.mark.parametrize(
    "place", ["sqlite://", "mysql://localhost/baton", "postgresql+asyncpg://localhost/baton", "://"]
)
def test_what_can_be_no_journal_is_refused_with_what_could(place):
    with pytest.raises(UsageError, match=r"SQLite file|name a file"):
        Journal.open(place)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("this is no database, only a text of some length" * 99)
    with pytest.raises(UsageError, match="cannot be opened"):
        Journal.open(tmp_path / "notes.txt")


def test_commits_are_durable(path):
    with Journal.open(path) as journal, journal._store.write() as connection:
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2


def test_a_lock_that_another_process_holds_too_long_is_busy(path):
    with Journal.open(f"sqlite:///{path}?timeout=0.05") as journal:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(Busy):
            journal.stop("global", None, reason="test", by="ann")
        other.close()


WRITER = """
import sys
from handed import NOON, message
from baton.journal import Journal
path, first = sys.argv[1], int(sys.argv[2])
with Journal.open(path) as journal:
    for number in range(first, first + 60):
        journal.hand_over([message(number)], checked_at=NOON)
        journal.stop("person", f"p{number}", reason="test", by="writer")
"""


def test_two_processes_write_at_once_and_nothing_is_lost(target):
    command = [sys.executable, "-c", WRITER, str(target)]
    environment = {"PYTHONPATH": f"{HERE}:{HERE.parent}:{ROOT}"}
    writers = [subprocess.Popen([*command, first], env=environment) for first in ("0", "100")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    with Journal.open(target) as journal:
        assert journal.message_counts() == {"pending": 120}
        assert len(journal.switches()) == 120
        seqs = [row["seq"] for row in journal.feed("message_events", 0)]
    assert seqs == sorted(set(seqs))
    assert len(seqs) == 120


def test_two_processes_may_create_the_journal_at_once(old):
    command = [sys.executable, "-c", WRITER, old]
    environment = {"PYTHONPATH": f"{HERE}:{HERE.parent}:{ROOT}"}
    writers = [subprocess.Popen([*command, first], env=environment) for first in ("0", "100")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]


def test_addresses_of_blocks_are_stored_as_keyed_hashes_only(target, journal):
    journal.block_addresses([block(), block(2, channel="sms", address="+1 555 010 0200")])
    journal.close()
    content = everything_stored(target)
    assert b"mail.example" not in content
    assert b"5550100200" not in content


def test_a_generated_hash_key_outlives_the_process(target):
    with Journal.open(target) as journal:
        journal.block_addresses([block(kind="stop")])
    with Journal.open(target) as journal:
        journal.hand_over([message()], checked_at=NOON)
        assert claimed_ids(journal) == []
        assert state_of(journal) == "cancelled: suppressed"


@pytest.mark.parametrize(("first", "then"), [("secret", "other"), ("secret", None), (None, "new")])
def test_another_hash_key_than_the_first_is_refused(path, monkeypatch, first, then):
    for key in (first, then):
        monkeypatch.delenv("BATON_HASH_KEY", raising=False)
        if key:
            monkeypatch.setenv("BATON_HASH_KEY", key)
        with Journal.open(path) as journal:
            if key == first:
                journal.block_addresses([block()])
                continue
            with pytest.raises(UsageError, match="BATON_HASH_KEY"):
                journal.block_addresses([block(2)])
