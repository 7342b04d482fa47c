"""The warehouse file: one writer, all or nothing, clear words when it is not to be had."""

import subprocess
import sys

import duckdb
import pytest

from baton.errors import BatonError, Busy, UsageError
from baton.warehouse import reader, transaction, writer

HOLD = """
import sys, duckdb
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def warehouse(tmp_path):
    path = tmp_path / "baton.duckdb"
    with writer(path) as con:
        con.execute("create table facts (number integer)")
    return path


@pytest.fixture
def held(warehouse):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout and holder.stdout.readline() == b"held\n"
    yield warehouse
    holder.communicate()


def test_a_second_writer_is_told_to_wait(warehouse):
    with writer(warehouse), pytest.raises(Busy, match="a batch is running"), writer(warehouse):
        pass


def test_a_file_that_another_tool_has_open_is_busy_with_the_mend(held):
    with pytest.raises(Busy, match="in use by another process") as refused, writer(held):
        pass
    assert "close the tool" in refused.value.mend
    assert refused.value.exit_code == 4


def test_a_reader_is_told_that_there_is_no_warehouse_yet(tmp_path):
    with pytest.raises(BatonError, match="no warehouse yet"), reader(tmp_path / "none.duckdb"):
        pass


def test_a_file_that_is_no_database_is_named_with_the_mend(tmp_path):
    path = tmp_path / "baton.duckdb"
    path.write_bytes(b"this is a letter, not a database" * 500)
    with pytest.raises(BatonError, match=r"baton\.duckdb") as refused, reader(path):
        pass
    assert "BATON_WAREHOUSE" in refused.value.mend


def test_what_fails_half_way_leaves_nothing_behind(warehouse):
    with writer(warehouse) as con:
        with pytest.raises(duckdb.Error), transaction(con):
            con.execute("insert into facts values (1)")
            con.execute("insert into no_such_table values (1)")
        assert con.execute("select count(*) from facts").fetchone() == (0,)


def test_what_succeeds_is_there_for_the_next_reader(warehouse):
    with writer(warehouse) as con, transaction(con):
        con.execute("insert into facts values (1)")
    with reader(warehouse) as con:
        assert con.execute("select number from facts").fetchone() == (1,)


def test_the_engine_may_use_as_much_memory_as_is_said(warehouse, monkeypatch):
    monkeypatch.setenv("BATON_MEMORY", "500MiB")
    with writer(warehouse) as con:
        assert con.execute("select current_setting('memory_limit')").fetchone() == ("500.0 MiB",)


def test_what_is_no_amount_of_memory_is_refused_with_the_mend(warehouse, monkeypatch):
    monkeypatch.setenv("BATON_MEMORY", "plenty")
    with pytest.raises(UsageError, match="plenty is no amount") as refused, writer(warehouse):
        pass
    assert "4GB" in refused.value.mend


@pytest.mark.parametrize(
    ("query", "said", "mend"),
    [
        ("select list(n order by n desc) from many", "more memory than it may use", "BATON_MEMORY"),
        ("select md5(n), count(*) from many group by all", "the disk is full", "free some space"),
    ],
)
def test_no_room_in_memory_or_for_what_is_laid_aside_is_told_with_its_mend(
    warehouse, monkeypatch, query, said, mend
):
    monkeypatch.setenv("BATON_MEMORY", "50MB")
    with (
        pytest.raises(BatonError, match=said) as refused,
        writer(warehouse) as con,
        transaction(con),
    ):
        con.execute("insert into facts values (1)")
        con.execute("set max_temp_directory_size = '1MB'")
        con.execute(f"with many as (select n::text as n from range(3_000_000) as r(n)) {query}")
    assert mend in refused.value.mend
    with reader(warehouse) as con:
        assert con.execute("select count(*) from facts").fetchone() == (0,)


@pytest.mark.parametrize("name", ["main", "memory", "system", "temp"])
def test_a_name_that_the_engine_keeps_for_itself_is_refused(tmp_path, name):
    with pytest.raises(UsageError) as refused, writer(tmp_path / f"{name}.duckdb"):
        pass
    assert "another name" in refused.value.mend
