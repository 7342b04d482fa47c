"""Histories are put in the order of their nodes, and nothing else about them changes."""

from datetime import datetime, timedelta

import duckdb
import pytest

from baton.histories import tidy
from baton.scratch import ScratchFold, SignalRow

MONDAY = datetime(2026, 3, 2, 10)
ORDER = {
    "signals": "node_short",
    "guards": "node_short",
    "int_journeys__steps": "entry_node_short",
}


def at(hours: int) -> datetime:
    return MONDAY + timedelta(hours=hours)


def started(who: str, key: str, hours: int) -> SignalRow:
    return SignalRow("quote_started", f"started {who} {key}", who, key, at(hours), at(hours))


def order_of(fold: ScratchFold, model: str) -> list[int]:
    sql = f"select t.{ORDER[model]} from {fold.dbt.relation(model)} as t order by t.rowid"
    return [row[0] for row in fold.con.execute(sql).fetchall()]


@pytest.fixture
def grown(fold, card):
    """A fold in which the same people did something in three windows."""
    people = [f"person {number}" for number in range(20)]
    for hour in (1, 2, 3):
        fold.window(
            activations=[("activate", fold.release([card()]))] if hour == 1 else [],
            batch_time=at(hour),
            signals=[started(who, f"q{hour}", hour) for who in people],
        )
    return fold


def test_a_history_that_batches_appended_to_lies_by_node_again(grown):
    assert order_of(grown, "signals") != sorted(order_of(grown, "signals"))
    tidied = tidy(grown.con, grown.dbt)
    assert tidied == {"signals": 60, "guards": 0, "int_journeys__steps": 80}
    for model in ORDER:
        assert order_of(grown, model) == sorted(order_of(grown, model))


def test_tidying_changes_no_row(grown):
    before = {model: grown.rows(model) for model in ORDER}
    tidy(grown.con, grown.dbt)
    for model, rows in before.items():
        assert sorted(map(repr, grown.rows(model))) == sorted(map(repr, rows))


def test_batches_go_on_after_tidying_as_if_nothing_had_happened(grown, tmp_path):
    with grown.fork(tmp_path / "untidied") as untidied:
        tidy(grown.con, grown.dbt)
        for one in (grown, untidied):
            one.window(batch_time=at(30), signals=[started("person 3", "q4", 29)])
        assert sorted(map(repr, grown.steps())) == sorted(map(repr, untidied.steps()))
        assert sorted(map(repr, grown.states())) == sorted(map(repr, untidied.states()))


def test_a_tidying_that_fails_leaves_the_history_as_it_was(grown):
    before = order_of(grown, "int_journeys__steps")
    grown.con.execute('create view "journeys"."int_journeys__steps__tidy" as select 1 as taken')
    with pytest.raises(duckdb.Error):
        tidy(grown.con, grown.dbt)
    assert order_of(grown, "int_journeys__steps") == before
