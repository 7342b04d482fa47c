"""What releases say is read once; statements find in it what the views would tell them."""

from pathlib import Path

import duckdb
import pytest

from baton.at_hand import _ZONES, AtHand, View
from baton.prepared import Prepared

_VIEWS = [
    View("staging.live", ("raw.journal_activations",)),
    View("staging.caps", ("raw.release_policies", "staging.live")),
    View("staging.fresh", ("raw.release_policies", "raw.this_window")),
    View("staging.above", ("staging.caps", "staging.fresh")),
]
_CAPS = 'select cap from "w"."staging"."caps" order by cap'


@pytest.fixture
def con():
    """A connection to releases 1 and 2, of which 1 is live."""
    with duckdb.connect() as opened:
        opened.execute("attach ':memory:' as w")
        opened.execute("use w")
        for said in (
            "create schema raw",
            "create schema staging",
            "create table raw.journal_activations as select 1 as release_id, 1 as seq",
            "create table raw.release_policies as select * from (values (1, 'a'), (2, 'b'), "
            "(2, 'c')) as t (release_id, cap)",
            "create table raw.this_window as select 1 as window_id",
            "create view staging.live as select arg_max(release_id, seq) as release_id "
            "from raw.journal_activations",
            "create view staging.caps as select p.cap from raw.release_policies as p "
            "inner join staging.live as l on p.release_id = l.release_id",
            "create view staging.fresh as select count(*) as n from raw.release_policies, "
            "raw.this_window",
            "create view staging.above as select * from staging.caps, staging.fresh",
        ):
            opened.execute(said)
        yield opened


@pytest.fixture
def at_hand(con):
    """What is at hand on that connection, not read yet."""
    return AtHand(con, _VIEWS)


@pytest.fixture
def keeping(con, at_hand):
    """What executes on it."""
    return Prepared(con, at_hand.instead)


def test_a_statement_finds_what_the_view_selects(con, at_hand, keeping):
    at_hand.refresh(keeping)
    assert keeping.execute(_CAPS).fetchall() == con.execute(_CAPS).fetchall() == [("a",)]


def test_a_release_that_is_activated_later_is_found_by_the_plan_that_was_kept(
    con, at_hand, keeping
):
    at_hand.refresh(keeping)
    assert keeping.execute(_CAPS).fetchall() == [("a",)]
    con.execute("insert into raw.journal_activations values (2, 2)")
    assert keeping.execute(_CAPS).fetchall() == [("a",)]
    at_hand.refresh(keeping)
    assert keeping.execute(_CAPS).fetchall() == [("b",), ("c",)]


def test_a_row_of_a_release_that_changes_is_found(con, at_hand, keeping):
    at_hand.refresh(keeping)
    con.execute("update raw.release_policies set cap = 'z' where cap = 'a'")
    at_hand.refresh(keeping)
    assert keeping.execute(_CAPS).fetchall() == [("z",)]


@pytest.mark.parametrize("name", ["staging.fresh", "staging.above", "raw.release_policies"])
def test_what_reads_more_than_releases_is_asked_as_it_is(at_hand, name):
    assert at_hand.instead(f"select * from {name}") == f"select * from {name}"


@pytest.mark.parametrize(
    "said",
    [
        '"w"."staging"."live"',
        '"staging"."live"',
        "w.staging.live",
        '"my-shop 1.2"."staging"."live"',
    ],
)
def test_a_view_is_known_in_each_spelling_of_its_name(at_hand, said):
    assert at_hand.instead(f"from {said} as l") == 'from temp."staging__live_at_hand" as l'


def test_names_that_only_begin_alike_stay(at_hand):
    said = 'from "staging"."live_ones", other_staging.live, staging.live_'
    assert at_hand.instead(said) == said


def test_a_view_that_also_reads_other_things_has_a_twin_that_asks_what_is_at_hand(con):
    texts = {
        "staging.fresh": "select count(*) as n from raw.release_policies, raw.this_window",
        "staging.above": "select * from staging.caps, staging.fresh",
    }
    asked: list[str] = []

    def texts_of(names):
        asked.extend(names)
        return texts

    at_hand = AtHand(con, _VIEWS, texts_of)
    assert asked == ["staging.above"]
    keeping = Prepared(con, at_hand.instead)
    at_hand.refresh(keeping)
    above = "select cap, n from staging.above order by cap"
    assert keeping.execute(above).fetchall() == con.execute(above).fetchall() == [("a", 3)]
    con.execute("delete from raw.this_window")
    assert keeping.execute(above).fetchall() == [("a", 0)]
    con.execute("insert into raw.journal_activations values (2, 2)")
    at_hand.refresh(keeping)
    assert keeping.execute(above).fetchall() == [("b", 0), ("c", 0)]


def test_names_of_time_zones_are_asked_where_they_are_at_hand(con, at_hand, keeping):
    asked = "select 'Asia/Tokyo' in (select z.name from pg_timezone_names() as z)"
    assert "pg_timezone_names" not in at_hand.instead(asked)
    assert keeping.execute(asked).fetchall() == con.execute(asked).fetchall() == [(True,)]


def test_macro_is_time_zone_asks_in_the_words_that_are_looked_for():
    macro = Path(__file__).parents[2] / "dbt_project/macros/local_time.sql"
    assert f"({_ZONES})" in macro.read_text()
