"""What dbt has said twice is said again without dbt: equal tables, and dbt when in doubt."""

from copy import copy
from dataclasses import replace

import duckdb

from baton.hot_path import HotPath
from baton.warehouse import holder, writer

from .learned import run
from .records import after


def test_each_table_of_the_day_is_equal_by_plan_and_by_dbt(day):
    proofs = [batch.differing for batch in day.batches.values() if batch.differing is not None]
    assert proofs and all(differing == [] for differing in proofs)


def test_the_plan_takes_over_once_two_builds_have_said_the_same(learned, knowing):
    before = learned.batches
    (batch,) = run(knowing, 130)
    assert [one.is_by_plan for one in (*before, batch)] == [False, False, False, True]
    assert batch.outcomes == {"send": 1}
    assert {node.name for node in batch.nodes} == {node.name for node in before[-1].nodes}


def test_a_statement_that_fails_is_undone_and_dbt_builds(knowing):
    with writer(knowing.project.warehouse) as con:
        con.execute('create temporary view "candidates__dbt_tmp_of_plan" as select 1 as x')
        batch = knowing.batches.run_on(con, knowing.journal, now=after(130))
    assert batch.is_by_plan is False
    assert batch.outcomes == {"send": 1}
    assert "failed" in knowing.batches.hot.fell_back


def test_beside_a_new_table_dbt_builds_until_it_has_said_the_same_again(knowing):
    with writer(knowing.project.warehouse) as con:
        con.execute("create table raw.notes_of_an_analyst (x integer)")
    assert [batch.is_by_plan for batch in run(knowing, 130, 135, 140)] == [False, False, True]


def test_a_plan_that_leaves_other_rows_is_found_and_dropped(knowing):
    hot = knowing.batches.hot
    others = tuple(one for one in hot._plan.statements if one.model != "candidates")
    hot._plan = replace(hot._plan, statements=others)
    (batch,) = run(knowing, 130, is_proof=True)
    assert "decisions.candidates" in batch.differing
    assert batch.outcomes == {"send": 1}
    assert "candidates" in hot.refused
    assert [later.is_by_plan for later in run(knowing, 135)] == [False]


def threads_of(con):
    (threads,) = con.execute("select current_setting('threads')").fetchone()
    return threads


def test_small_batches_go_on_one_thread_and_share_all_where_a_table_is_long(
    knowing, learned, monkeypatch
):
    with holder(knowing.project.warehouse) as con:
        copy(learned.hot).prepare(con)
        assert threads_of(con) == 1
        monkeypatch.setattr("baton.hot_path._LONG", 1)
        copy(learned.hot).prepare(con)
        assert threads_of(con) == threads_of(duckdb.connect())


def test_a_project_read_anew_finds_no_thread_missing(knowing, learned):
    with holder(knowing.project.warehouse) as con:
        copy(learned.hot).prepare(con)
        assert threads_of(con) == 1
        HotPath(knowing.batches.dbt, []).prepare(con)
        assert threads_of(con) == threads_of(duckdb.connect())
