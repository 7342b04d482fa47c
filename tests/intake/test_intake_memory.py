"""What a window holds in memory, and what is told of where there is too little of it."""

from datetime import timedelta

import duckdb
import pyarrow as pa
import pytest
from landing_yard import NOON, ORDERS, Yard

from baton.intake import loader
from baton.intake.cursors import UnreadableTableError, readable
from baton.intake.readers import parquet
from baton.intake.stage import Arrival, open_stage, put


def orders(count):
    """So many orders: one in ten is told again, one in ten of those with other content."""
    for number in range(count):
        is_told_again = number % 10 == 9
        yield {
            "order_id": f"o{number - 7 if is_told_again else number}",
            "items": number if number % 100 == 99 else 1,
            "ordered_at": NOON - timedelta(days=1),
        }


@pytest.fixture
def in_small_parts(monkeypatch):
    """Let 2,000 rows be a large file, of which 300 are staged at once."""
    monkeypatch.setattr(parquet, "_LARGE", 2_000)
    monkeypatch.setattr(parquet, "_ROWS", 100)
    monkeypatch.setattr(loader, "_MOST_STAGED", 300)


def test_rows_are_let_go_of_as_they_are_staged_not_when_the_transaction_ends(yard: Yard):
    file = yard.parquet("shop/orders.parquet", list(orders(20_000)))
    yard.con.execute("begin")
    open_stage(yard.con, ORDERS)
    arrival = Arrival("d", 1, NOON, NOON)
    before = pa.total_allocated_bytes()
    for _ in range(3):
        for chunk in parquet.read_parquet(file):
            assert put(yard.con, ORDERS, chunk, arrival) == 20_000
        del chunk
        assert pa.total_allocated_bytes() - before < 100_000
    yard.con.execute("rollback")


@pytest.mark.usefixtures("in_small_parts")
def test_a_large_parquet_file_is_stored_part_by_part(yard: Yard, monkeypatch):
    parts = []
    store = loader.load
    monkeypatch.setattr(loader, "load", lambda *args, **more: parts.append(store(*args, **more)))
    yard.parquet("shop/orders.parquet", list(orders(2_000)))
    yard.take()
    assert len(parts) >= 6


def test_what_is_told_again_is_found_in_other_parts_as_in_the_same(tmp_path, request):
    found = []
    for name in ("whole", "in_parts"):
        if name == "in_parts":
            request.getfixturevalue("in_small_parts")
        yard = Yard(tmp_path / name)
        yard.parquet("shop/orders.parquet", list(orders(2_000)))
        window = yard.take()
        raw = "select order_id, items, ordered_at from raw.shop_orders order by all"
        bad = "select source, reason from raw.quarantine order by all"
        rows = [yard.con.execute(one).fetchall() for one in (raw, bad)]
        found.append((window.counts, *rows))
        yard.con.close()
    assert found[0] == found[1]
    assert found[0][0].rows_duplicate > 0
    assert found[0][0].rows_quarantined > 0


@pytest.mark.usefixtures("in_small_parts")
def test_a_large_parquet_file_damaged_behind_its_first_parts_waits_and_loads_nothing(yard: Yard):
    file = yard.parquet("shop/orders.parquet", list(orders(2_000)), row_group_size=100)
    damaged = bytearray(file.read_bytes())
    behind = pa.parquet.read_metadata(file).row_group(18).column(0).data_page_offset
    damaged[behind : behind + 200] = bytes(200)
    file.write_bytes(damaged)
    window = yard.take()
    assert [one.state for one in window.waiting] == ["waiting"]
    assert yard.one("select count(*) from raw.shop_orders") == 0


def test_too_little_memory_is_not_the_fault_of_the_table():
    with pytest.raises(duckdb.OutOfMemoryException), readable():
        raise duckdb.OutOfMemoryException("Out of Memory Error: no block")


def test_what_else_fails_is_told_of_the_table_without_its_text():
    with pytest.raises(UnreadableTableError, match="ConversionException") as told, readable():
        raise duckdb.ConversionException("ada@example.com is no number")
    assert "ada" not in str(told.value)
