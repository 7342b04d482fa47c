"""Plans that the engine keeps from batch to batch leave what dbt leaves, whatever comes later."""

import duckdb
import pytest

from baton.prepared import Prepared
from baton.warehouse import digests, holder

from .records import after
from .slices import slice_folder, write_slices
from .stories import arrivals, customers

_TABLE = "create table numbers as select range as n, 'n' || range as name from range(100000)"
_CLOSES = (0, 2, 4, 6, 40, 62, 120, 130, 133, 150, 170)
_FOLDS_EVERY = 3


@pytest.fixture
def con():
    """A connection that has a table of a hundred thousand numbers."""
    with duckdb.connect() as opened:
        opened.execute(_TABLE)
        yield opened


@pytest.mark.parametrize(
    ("query", "before", "later"),
    [
        ("select count(*) from numbers where n > 500000", (0,), (1,)),
        ("select count(*) from numbers where n is null", (0,), (1,)),
        ("select max(n), count(*) from numbers", (99_999, 100_000), (600_000, 100_002)),
        ("select count(*) from (select n from numbers group by n)", (100_000,), (100_002,)),
    ],
)
def test_a_kept_plan_sees_rows_beyond_what_there_was_when_it_was_made(con, query, before, later):
    prepared = Prepared(con)
    assert prepared.execute(query).fetchone() == before
    con.execute("insert into numbers values (600000, 'more'), (null, 'none')")
    assert prepared.execute(query).fetchone() == later


def test_a_kept_plan_sees_a_table_that_was_made_anew(con):
    prepared = Prepared(con)
    assert prepared.execute("select count(*) from numbers").fetchone() == (100_000,)
    con.execute("create or replace table numbers as select 1 as n, 2 as m")
    assert prepared.execute("select count(*) from numbers").fetchone() == (1,)
    prepared.forget()
    assert prepared.execute("select * from numbers").fetchall() == [(1, 2)]


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_day_by_kept_plans_leaves_the_tables_that_dbt_leaves(shop, tmp_path):
    write_slices(tmp_path / "slices", arrivals(), [after(minute) for minute in _CLOSES])
    by_plan, kept = _played(shop, tmp_path, "kept", is_plain=False)
    plain, built = _played(shop, tmp_path, "plain", is_plain=True)
    assert by_plan == [False] * 3 + [True] * (len(_CLOSES) - 3)
    assert not any(plain)
    assert [name for name in built if built[name] != kept.get(name)] == []


def _played(shop, tmp_path, name, *, is_plain):
    """Which batches went by plan, and what the tables hold after each.

    Plans outlive that the log is folded into the file.
    """
    by_plan, found = [], {}
    with shop.open(tmp_path / name, customers()) as opened:
        opened.batches.hot._is_plain = is_plain
        with holder(opened.project.warehouse) as con:
            for number, minute in enumerate(_CLOSES):
                opened.land(slice_folder(tmp_path / "slices", number))
                opened.journal.set_simulated_time(after(minute))
                batch = opened.batches.run_on(con, opened.journal, now=after(minute))
                by_plan.append(batch.is_by_plan)
                found |= {(minute, table): rows for table, rows in digests(con).items()}
                if number % _FOLDS_EVERY == 0:
                    con.execute("checkpoint")
    return by_plan, found
