"""What dbt has said twice is said again without dbt: equal tables, and dbt when in doubt."""

import json
from copy import copy
from dataclasses import replace

import duckdb
import pytest

from baton.contexts import publish_contexts
from baton.errors import BatonError
from baton.hot_path import HotPath
from baton.warehouse import holder, writer

from .commands import start
from .learned import run
from .records import after


def test_each_table_of_the_day_is_equal_by_plan_and_by_dbt(day):
    proofs = [batch.differing for batch in day.batches.values() if batch.differing is not None]
    assert proofs and all(differing == [] for differing in proofs)


def test_what_two_builds_have_said_the_next_process_says_from_its_first_batch(learned, knowing):
    before = learned.batches
    (batch,) = run(knowing, 130)
    assert [one.is_by_plan for one in (*before, batch)] == [False, False, False, True]
    assert batch.outcomes == {"send": 1}
    assert {node.name for node in batch.nodes} == {node.name for node in before[-1].nodes}
    assert run(knowing, 135, is_proof=True)[0].differing == []
    assert kept(knowing) > 0


def prepared(knowing):
    """The hot path of an installation, with its plan."""
    with holder(knowing.project.warehouse) as con:
        knowing.batches.hot.prepare(con, knowing.batches.dbt.checksum())
    return knowing.batches.hot


def read_anew(knowing):
    """The hot path of a process that has asked nothing yet."""
    return HotPath(copy(knowing.batches.dbt), knowing.batches.hot._select)


def the_same(_knowing, _monkeypatch):
    """Nothing is another: the control."""


def other_versions(_knowing, monkeypatch):
    monkeypatch.setattr("baton.dbt_runner.version", lambda _: "0.0.1")


def other_environment(_knowing, monkeypatch):
    monkeypatch.setenv("DBT_INDIRECT_SELECTION", "cautious")


def other_columns(knowing, _monkeypatch):
    with writer(knowing.project.warehouse) as con:
        con.execute("alter table raw.builds add column note varchar")


def other_name(knowing, _monkeypatch):
    knowing.project.warehouse.rename(knowing.project.warehouse.with_name("other.duckdb"))


def other_models(knowing, monkeypatch):
    monkeypatch.setattr(knowing.batches.hot, "_select", knowing.batches.hot._select[:1])


@pytest.mark.parametrize(
    "differs",
    [the_same, other_versions, other_environment, other_columns, other_name, other_models],
)
def test_what_was_said_holds_while_all_is_the_same_that_decides_what_dbt_says(
    knowing, monkeypatch, differs
):
    differs(knowing, monkeypatch)
    hot = read_anew(knowing)
    (warehouse,) = knowing.project.warehouse.parent.glob("*.duckdb")
    with holder(warehouse) as con:
        hot.prepare(con, knowing.batches.dbt.checksum())
    assert hot.has_plan is (differs is the_same)


def test_what_was_said_of_one_text_does_not_hold_for_another(knowing):
    hot = read_anew(knowing)
    with holder(knowing.project.warehouse) as con:
        hot.prepare(con, "of another text")
    assert not hot.has_plan


def test_views_over_releases_and_more_are_asked_as_twins_and_dbt_says_them_once(
    knowing, monkeypatch
):
    twins = prepared(knowing)._at_hand._twins
    assert "activation.int_activation__hand_over" in twins
    assert "staging.stg_release__stale_cards" in twins
    later = read_anew(knowing)
    monkeypatch.setattr(later._dbt, "texts", None)
    with holder(knowing.project.warehouse) as con:
        later.prepare(con, knowing.batches.dbt.checksum())
    assert later._at_hand._twins == twins


def kept(installation):
    with writer(installation.project.warehouse) as con:
        return con.execute("select count(*) from raw.recorded_statements").fetchone()[0]


@pytest.mark.parametrize(
    "wrong",
    ["delete from no_table", 'create temporary table "a__dbt_tmp" as (select x from no_table)'],
)
def test_what_was_kept_and_fails_is_undone_and_dbt_builds_and_says_it_anew(knowing, wrong):
    with writer(knowing.project.warehouse) as con:
        con.execute("update raw.recorded_statements set sql = ? where place = 3", [wrong])
    (batch,) = run(knowing, 130)
    assert batch.is_by_plan is False
    assert batch.outcomes == {"send": 1}
    assert "failed" in knowing.batches.hot.fell_back
    with writer(knowing.project.warehouse) as con:
        said = con.execute("select sql from raw.recorded_statements").fetchall()
    assert said and (wrong,) not in said


def test_a_plan_that_fails_in_a_proof_is_given_up(knowing):
    hot = prepared(knowing)
    wrong = replace(hot._plan.statements[0], sql="delete from no_table")
    hot._plan = replace(hot._plan, statements=(wrong, *hot._plan.statements))
    (batch,) = run(knowing, 130, is_proof=True)
    assert (batch.is_by_plan, batch.differing, batch.outcomes) == (False, None, {"send": 1})
    assert "failed" in hot.fell_back


def test_what_fails_beside_a_plan_leaves_none_behind(knowing, monkeypatch):
    def fails(*_, **__):
        raise duckdb.BinderException

    monkeypatch.setattr("baton.micro_batch.publish_contexts", fails)
    with pytest.raises(duckdb.BinderException):
        run(knowing, 130)
    assert kept(knowing) == 0


def test_processes_of_one_batch_each_learn_from_one_another_whatever_their_hashes(knowing):
    with writer(knowing.project.warehouse) as con:
        con.execute("delete from raw.recorded_statements")
    knowing.journal.set_simulated_time(after(130))
    runners = []
    for seed in "123":  # of sets of text: dbt goes through some
        environment = {**knowing.environment(), "PYTHONHASHSEED": seed}
        process = start(knowing.project.root, environment, "run", "--json")
        out, _ = process.communicate(timeout=120)
        runners.append(json.loads(out)["runner"])
    assert runners == ["plain", "plain", "plan"]


def test_beside_a_new_table_dbt_builds_until_it_has_said_the_same_again(knowing):
    with writer(knowing.project.warehouse) as con:
        con.execute("create table raw.notes_of_an_analyst (x integer)")
    assert [batch.is_by_plan for batch in run(knowing, 130, 135, 140)] == [False, False, True]


def test_a_plan_that_leaves_other_rows_is_found_and_dropped(knowing):
    hot = prepared(knowing)
    others = tuple(one for one in hot._plan.statements if one.model != "candidates")
    hot._plan = replace(hot._plan, statements=others)
    (batch,) = run(knowing, 130, is_proof=True)
    assert "decisions.candidates" in batch.differing
    assert batch.outcomes == {"send": 1}
    assert "candidates" in hot.refused
    assert kept(knowing) == 0
    assert [later.is_by_plan for later in run(knowing, 135)] == [False]


def threads_of(con):
    (threads,) = con.execute("select current_setting('threads')").fetchone()
    return threads


def test_small_batches_go_on_one_thread_and_share_all_where_a_table_is_long(knowing, monkeypatch):
    checksum, hot = knowing.batches.dbt.checksum(), knowing.batches.hot
    with holder(knowing.project.warehouse) as con:
        copy(hot).prepare(con, checksum)
        assert threads_of(con) == 1
        monkeypatch.setattr("baton.hot_path._LONG", 1)
        copy(hot).prepare(con, checksum)
        assert threads_of(con) == threads_of(duckdb.connect())


def test_a_project_read_anew_finds_no_thread_missing(knowing):
    checksum = knowing.batches.dbt.checksum()
    with holder(knowing.project.warehouse) as con:
        knowing.batches.hot.prepare(con, checksum)
        assert threads_of(con) == 1
        HotPath(knowing.batches.dbt, []).prepare(con, checksum)
        assert threads_of(con) == threads_of(duckdb.connect())


@pytest.fixture
def allowed(knowing, monkeypatch):
    """How much memory the engine may use whenever hot models are built, in bytes."""
    monkeypatch.setenv("BATON_MEMORY", "8GB")
    hot, found = prepared(knowing), []
    build = hot.build

    def noting(con, *arguments, **more):
        asked = "select parse_formatted_bytes(current_setting('memory_limit'))"
        found.append(con.execute(asked).fetchone()[0])
        return build(con, *arguments, **more)

    monkeypatch.setattr(hot, "build", noting)
    return found


_LITTLE = 2 << 30


def test_a_small_batch_is_decided_in_little_memory_and_a_large_one_in_all(
    knowing, allowed, monkeypatch
):
    run(knowing, 130)
    monkeypatch.setattr("baton.micro_batch._LARGE_ROWS", -1)
    run(knowing, 135)
    assert [most < _LITTLE for most in allowed] == [True, False]


def test_what_dbt_builds_beside_a_plan_is_built_in_all(knowing, allowed):
    with writer(knowing.project.warehouse) as con:
        con.execute("create table raw.notes_of_an_analyst (x integer)")
    assert [batch.is_by_plan for batch in run(knowing, 130, 135, 140)] == [False, False, True]
    assert [most < _LITTLE for most in allowed] == [False, False, True]


def test_a_small_batch_that_needs_more_memory_than_such_do_is_decided_again_in_all(
    knowing, allowed, monkeypatch
):
    monkeypatch.setattr("baton.memory._OF_PLANS", 24 << 20)
    monkeypatch.setattr("baton.memory._PART_OF_FILE", 1 << 40)
    (batch,) = run(knowing, 130)
    assert (batch.is_by_plan, batch.outcomes) == (True, {"send": 1})
    assert allowed[-1] > _LITTLE


def test_what_was_stopped_is_told_though_memory_lacked_behind_it(knowing, allowed, monkeypatch):
    fails, stops = iter([True]), iter([["a journey"]])

    def publish(*arguments, **more):
        if next(fails, False):
            raise duckdb.OutOfMemoryException
        return publish_contexts(*arguments, **more)

    monkeypatch.setattr("baton.micro_batch.stop_runaways", lambda *_: next(stops, []))
    monkeypatch.setattr("baton.micro_batch.publish_contexts", publish)
    (batch,) = run(knowing, 130)
    assert (batch.stopped, batch.handed_over.new) == (["a journey"], 1)
    assert len(allowed) == 1


def test_a_commit_that_fails_is_not_tried_again_on_the_same_engine(knowing, monkeypatch):
    prepared(knowing)
    tried = []

    def fails(*_, **__):
        tried.append(1)
        raise duckdb.TransactionException("Failed to commit: could not allocate block of 256 KB")

    monkeypatch.setattr("baton.micro_batch.commit_window", fails)
    with pytest.raises(BatonError, match="more memory than it may use"):
        run(knowing, 130)
    assert len(tried) == 1
