"""A small batch gets the memory that such need, and all there is where that is too little."""

import duckdb
import pytest

from baton import memory
from baton.memory import Room

_GREEDY = "select length(list(n order by n desc)::text) from range(1_000_000) as r(n)"


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("set threads = 1; set max_temp_directory_size = '0KB'")
        con.execute("set memory_limit = '8GB'")
        yield con


@pytest.fixture
def file(tmp_path):
    """A file of 10 GB that takes no room."""
    file = tmp_path / "warehouse.duckdb"
    with file.open("wb") as opened:
        opened.truncate(10 << 30)
    return file


def limit_of(con):
    asked = "select parse_formatted_bytes(current_setting('memory_limit'))"
    return con.execute(asked).fetchone()[0]


@pytest.fixture
def room(file):
    return Room(file)


def test_a_small_batch_may_use_a_gigabyte_and_a_tenth_of_the_file(con, room):
    room.give_little(con)
    assert limit_of(con) == 2 << 30


def test_never_more_than_was_said(con, room, monkeypatch):
    monkeypatch.setenv("BATON_MEMORY", "500MiB")
    memory.bound(con)
    room.give_little(con)
    assert limit_of(con) == 500 << 20


def test_all_is_what_it_was_before(con, room):
    before = limit_of(con)
    for _ in range(5):
        room.give_little(con)
        assert limit_of(con) == 2 << 30
        room.give_all(con)
        assert limit_of(con) == pytest.approx(before, abs=0.11 * 2**30)  # it is told rounded


def test_what_was_given_stays_until_the_file_has_grown_by_much(con, room, file):
    room.give_little(con)
    con.execute("set memory_limit = '77MiB'")
    room.give_little(con)
    assert limit_of(con) == 77 << 20
    with file.open("r+b") as opened:
        opened.truncate(20 << 30)
    room.give_little(con)
    assert limit_of(con) == 3 << 30


def test_another_connection_has_been_given_nothing(con, room):
    room.give_little(con)
    with duckdb.connect() as other:
        other.execute("set memory_limit = '8GB'")
        room.give_little(other)
        assert limit_of(other) == 2 << 30


def test_all_that_was_said_is_given_in_the_words_it_was_said_in(con, room, monkeypatch):
    for said in ("3456 MiB", "none"):
        monkeypatch.setenv("BATON_MEMORY", said)
        memory.bound(con)
        before = con.execute("select current_setting('memory_limit')").fetchone()
        other = Room(room._warehouse)
        other.give_little(con)
        assert limit_of(con) == 2 << 30
        other.give_all(con)
        assert con.execute("select current_setting('memory_limit')").fetchone() == before


def needs_more(con, limits):
    """Work that notes the limit, and needs more than 20 MB."""

    def work():
        limits.append(limit_of(con))
        return con.execute(_GREEDY).fetchone()

    return work


def test_what_needs_more_is_done_once_more_with_all_and_little_is_more_from_then_on(
    con, room, monkeypatch
):
    monkeypatch.setattr(memory, "_OF_PLANS", 20 << 20)
    monkeypatch.setattr(memory, "_PART_OF_FILE", 1 << 40)
    limits = []
    room.give_little(con)
    assert room.with_enough(con, needs_more(con, limits))[0] > 0
    assert room.with_enough(con, needs_more(con, limits))[0] > 0
    little, all_, again = limits
    assert little == 20 << 20 < all_ == again
    room.give_little(con)
    assert limit_of(con) == 40 << 20


def test_what_needs_more_than_all_fails_as_it_did_and_is_tried_once(con, room, monkeypatch):
    monkeypatch.setenv("BATON_MEMORY", "20MB")
    memory.bound(con)
    limits = []
    room.give_little(con)
    with pytest.raises(duckdb.OutOfMemoryException):
        room.with_enough(con, needs_more(con, limits))
    assert len(limits) == 1
