"""What dbt says by making tables is said again without making any."""

import duckdb
import pytest

from baton.recorded import Recording, in_place

_SAID = (
    "create temporary table \"kept__dbt_tmp20261126070545860059\" as (select n, ';' as s from t)",
    'delete from kept where n in (select n from "kept__dbt_tmp20261126070545860059");\n'
    'insert into kept (select n, s from "kept__dbt_tmp20261126070545860059")',
    'create table "seen__dbt_tmp" as (select max(n) as n from t) ;',
    'alter table "seen" rename to "seen__dbt_backup"',
    'alter table "seen__dbt_tmp" rename to "seen"',
    'drop table if exists "seen__dbt_backup" cascade',
)


@pytest.fixture
def con():
    """A connection to tables as the builds before left them."""
    with duckdb.connect() as opened:
        opened.execute("create table t as select 1 as n")
        opened.execute("create table kept (n integer, s varchar)")
        opened.execute("create table seen as select 7 as n")
        yield opened


def plan_of(con, *said):
    """The plan of a build in which dbt said this."""
    recording = Recording()
    for sql in said:
        recording(f'/* {{"node_id": "model.baton.some"}} */ {sql}', None)
    return in_place(con, recording.statements)


def run(con, plan):
    """Build once by the plan."""
    con.execute("begin transaction")
    for one in plan.statements:
        con.execute(one.sql)
    con.execute("commit")


def test_it_leaves_the_same_rows_each_time(con):
    plan = plan_of(con, *_SAID)
    for table in plan.scratch:
        con.execute(table)
    run(con, plan)
    con.execute("insert into t values (2)")
    run(con, plan)
    assert con.execute("select * from kept order by n").fetchall() == [(1, ";"), (2, ";")]
    assert con.execute("select * from seen").fetchall() == [(2,)]


def test_it_makes_no_table_and_leaves_scratch_tables_empty(con):
    plan = plan_of(con, *_SAID)
    assert all(one.sql.startswith(("insert", "delete")) for one in plan.statements)
    (table,) = plan.scratch
    con.execute(table)
    run(con, plan)
    assert con.execute('select count(*) from "kept__dbt_tmp_of_plan"').fetchone() == (0,)


def test_a_table_that_is_made_from_itself_is_made_as_dbt_says(con):
    said = ('create table "seen__dbt_tmp" as (select n + 1 as n from "seen")', *_SAID[3:])
    plan = plan_of(con, *said)
    assert [one.sql.split()[0] for one in plan.statements] == ["create", "alter", "alter", "drop"]
    run(con, plan)
    assert con.execute("select * from seen").fetchall() == [(8,)]


def test_the_statement_that_fills_a_scratch_table_and_the_one_that_empties_it_are_known(con):
    plan = plan_of(con, *_SAID)
    scratch = '"kept__dbt_tmp_of_plan"'
    assert [one.fills for one in plan.statements if one.fills] == [scratch]
    assert [one.sql for one in plan.statements if one.needs] == [f"delete from {scratch}"]


@pytest.mark.parametrize(
    ("said", "is_known"),
    [
        ("delete from kept where (n) in (select (n) from {scratch})", True),
        ("delete from kept where (n) in (select (n) from {scratch}) and n > 0", True),
        ("delete from kept where (n) in (select (n) from {scratch}) or n > 0", False),
        ("delete from kept where (n) not in (select (n) from {scratch})", False),
        ("insert into kept (n, s) (select n, s from {scratch})", True),
        ("insert into kept (n, s) (select max(n), 's' from {scratch})", False),
        ("insert into kept (n, s) (select n, s from t)", False),
    ],
)
def test_only_what_can_do_nothing_without_them_is_left_out(con, said, is_known):
    scratch = '"kept__dbt_tmp20261126070545860059"'
    plan = plan_of(con, _SAID[0], said.format(scratch=scratch))
    other = next(one for one in plan.statements if " kept" in one.sql and not one.fills)
    assert (other.needs is not None) is is_known


def test_what_goes_by_a_key_is_sifted_by_the_keys_that_there_are(con):
    scratch = '"kept__dbt_tmp20261126070545860059"'
    said = f"delete from kept where (\n n) in (\n select (n)\n from {scratch}\n ) and n > 0"
    plan = plan_of(con, _SAID[0], said)
    (told,) = (" ".join(one.sql.split()) for one in plan.statements if " kept" in one.sql)
    assert told.endswith('from "kept__dbt_tmp_of_plan" where n is not null) and n > 0')


@pytest.mark.parametrize("names", ["ab", "ba", ""])
def test_schemas_that_are_made_are_not_noted_lest_their_order_counts(names):
    recording = Recording()
    for name in names:
        recording(f"\n    create schema if not exists {name}\n", None)
    recording("create schema c", None)
    assert [one.sql for one in recording.statements] == ["create schema c"]
