"""Releases: what their id covers, how they are written once, and how they become live."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from release_projects import ACTIONS, CARD, FILES, SIGNAL, write

from baton.errors import CheckFailed, UsageError
from baton.releases import (
    SqlFact,
    compile_release,
    known_releases,
    read_release,
    write_release,
)
from baton.releases.compile import content_id

NOW = datetime(2026, 3, 2, 9, 0)
CARD_PATH = "models/journeys/cards/quote_stalled.sql"
SIGNAL_PATH = "models/journeys/signals/quote_started.sql"
GUARD_PATH = "models/journeys/guards/high_value.sql"
ACTIONS_PATH = "seeds/policies/actions.csv"
PARTS = ("cards", "rules", "conditions", "policies", "sql")


def counts(con: duckdb.DuckDBPyConnection) -> list[int]:
    tables = ("releases", *(f"release_{name}" for name in PARTS))
    queries = (f"select count(*) from raw.{name}" for name in tables)
    return [row[0] for query in queries if (row := con.execute(query).fetchone())]


def high_value(dbt_project: Path) -> SqlFact:
    return next(one for one in compile_release(dbt_project, now=NOW).sql if one.kind == "guard")


def test_the_same_content_gives_the_same_release_at_any_time(dbt_project: Path) -> None:
    first = compile_release(dbt_project, now=NOW)
    later = compile_release(dbt_project, now=datetime(2027, 1, 1))
    assert later == replace(first, compiled_at=datetime(2027, 1, 1))


SAME = {
    "a comment in the card": (CARD_PATH, CARD, CARD.replace("30 days", "30 days  # a month")),
    "another way to write a wait": (CARD_PATH, CARD, CARD.replace("1 day,", "24 hours,")),
    "layout and comments of a signal": (
        SIGNAL_PATH,
        SIGNAL,
        "-- started\nselect quote_id as correlation_key /* x */ from {{ref('stg_events')}}",
    ),
    "quotes in a policy": (ACTIONS_PATH, ACTIONS, ACTIONS.replace("call,25.5", '"call","25.5"')),
}


@pytest.mark.parametrize(("path", "old", "new"), SAME.values(), ids=SAME)
def test_what_no_history_quotes_makes_no_new_release(
    dbt_project: Path, path: str, old: str, new: str
) -> None:
    before = compile_release(dbt_project, now=NOW)
    assert old != new
    write(dbt_project, path, new)
    assert compile_release(dbt_project, now=NOW).release_id == before.release_id


OTHER = {
    "a wait": (CARD_PATH, CARD.replace("1 day,", "2 days,")),
    "a reason": (CARD_PATH, CARD.replace("it's late", "still open")),
    "a value of a policy": (ACTIONS_PATH, ACTIONS.replace("25.5", "26")),
    "the order of a policy": (
        "seeds/policies/channels.csv",
        "channel,node_type\nemail,email\ncrm_task,\n",
    ),
    "a new policy": ("seeds/policies/wishes.csv", "lever,weight\nsales,2\n"),
    "a signal": (SIGNAL_PATH, SIGNAL.replace("stg_events", "stg_web__events")),
    "a text in a guard": ("models/journeys/guards/high_value.sql", "select '1  x' as node_id"),
}


@pytest.mark.parametrize(("path", "text"), OTHER.values(), ids=OTHER)
def test_what_a_history_may_quote_makes_a_new_release(
    dbt_project: Path, path: str, text: str
) -> None:
    before = compile_release(dbt_project, now=NOW)
    assert FILES.get(path) != text
    write(dbt_project, path, text)
    assert compile_release(dbt_project, now=NOW).release_id != before.release_id


def test_spaces_inside_a_text_of_sql_count(dbt_project: Path) -> None:
    path = "models/journeys/guards/high_value.sql"
    write(dbt_project, path, "select 'a b' as node_id")
    one = high_value(dbt_project)
    write(dbt_project, path, "select 'a  b' as node_id")
    assert high_value(dbt_project).checksum != one.checksum


def test_a_new_reason_is_a_new_release_of_the_same_card(dbt_project: Path) -> None:
    before = compile_release(dbt_project, now=NOW)
    write(dbt_project, CARD_PATH, CARD.replace("it's late", "still open"))
    after = compile_release(dbt_project, now=NOW)
    assert after.release_id != before.release_id
    assert after.cards[0].card_hash == before.cards[0].card_hash


def test_a_project_with_faults_is_not_released_and_all_are_listed(dbt_project: Path) -> None:
    faulty = CARD.replace("task_call", "task_cal").replace("quote_started", "quote_start")
    write(dbt_project, CARD_PATH, faulty)
    with pytest.raises(CheckFailed) as refused:
        compile_release(dbt_project, now=NOW)
    message = str(refused.value)
    assert "the release is refused: 2 to mend" in message
    assert "quote_stalled.sql:8  no signal is called `quote_start`" in message
    assert "quote_stalled.sql:9  no action is called `task_cal`" in message
    assert refused.value.exit_code == 1


def test_a_release_is_written_as_rows(dbt_project: Path, con: duckdb.DuckDBPyConnection) -> None:
    release = compile_release(dbt_project, now=NOW)
    assert write_release(con, release)
    (head,) = con.execute("select * from raw.releases").fetchall()
    assert head[:2] == (release.release_id, NOW)
    assert json.loads(head[2])["journeys"] == {"quote_stalled": release.cards[0].card_hash}
    (card,) = con.execute(
        "select journey, owner, purpose, brand, key, reentry, cooldown_s, horizon_s, grace_s,"
        " max_steps, require_fresh, timezone, migrates, card_text from raw.release_cards"
    ).fetchall()
    assert card == (
        *("quote_stalled", "sales", "marketing", "main", "quote_id", "never"),
        *(None, 2_592_000, 604_800, 50, False, "UTC", False, CARD),
    )
    rules = con.execute(
        "select rule_no, kind, from_step, to_step, trigger, signal, after_s, action, why"
        " from raw.release_rules order by rule_no"
    ).fetchall()
    assert rules == [
        (1, "enter", None, "waiting", "event", "quote_started", None, None, "a quote was started"),
        (2, "step", "waiting", "called", "timer", None, 86_400, "task_call", "it's late"),
    ]


def test_a_rule_finds_its_condition_and_a_policy_its_cells(
    dbt_project: Path, con: duckdb.DuckDBPyConnection
) -> None:
    write_release(con, compile_release(dbt_project, now=NOW))
    guards = con.execute(
        "select r.rule_no, c.guard, c.is_wanted from raw.release_rules as r"
        " inner join raw.release_conditions as c"
        " on r.release_id = c.release_id and r.condition_id = c.condition_id"
    ).fetchall()
    cells = con.execute(
        "select p.row_no, p.row ->> 'value', p.row ->> 'fallback' from raw.release_policies as p"
        " where p.policy = 'actions'"
    ).fetchall()
    assert guards == [(2, "high_value", True)]
    assert cells == [(1, "25.5", None)]


def test_a_release_is_written_once(dbt_project: Path, con: duckdb.DuckDBPyConnection) -> None:
    release = compile_release(dbt_project, now=NOW)
    assert write_release(con, release)
    before = counts(con)
    assert not write_release(con, replace(release, compiled_at=datetime(2027, 1, 1)))
    assert counts(con) == before == [1, 1, 2, 1, 2, 2]
    assert con.execute("select compiled_at from raw.releases").fetchall() == [(NOW,)]


def test_a_release_that_cannot_be_written_leaves_nothing_behind(
    dbt_project: Path, con: duckdb.DuckDBPyConnection
) -> None:
    con.execute("drop table raw.release_policies")
    with pytest.raises(duckdb.CatalogException):
        write_release(con, compile_release(dbt_project, now=NOW))
    con.execute("create table raw.release_policies (release_id varchar)")
    assert counts(con) == [0, 0, 0, 0, 0, 0]


def test_a_policy_of_thousands_of_rows_is_kept_whole_and_in_order(
    dbt_project: Path, con: duckdb.DuckDBPyConnection
) -> None:
    values = [f"value_{number}" for number in range(2001)]
    rows = ["node_type,kind,value,reason", *(f",exact,{value},nobody" for value in values)]
    write(dbt_project, "seeds/policies/identity_blocked_values.csv", "\n".join(rows))
    write_release(con, compile_release(dbt_project, now=NOW))
    stored = con.execute(
        "select p.row ->> 'value' from raw.release_policies as p"
        " where p.policy = 'identity_blocked_values' order by p.row_no"
    ).fetchall()
    assert [row[0] for row in stored] == values


FULL = CARD.replace(
    "horizon: 30 days",
    "reentry: after_exit\ncooldown: 1 day\nrequire_fresh: true\nmigrate: in_flight\n"
    "timezone: Europe/Vienna\nhorizon: 30 days",
).replace(
    "if: high_value, why: it's late}",
    """at: "09:00", days: weekdays, owner: sales, on_block: wait, if: high_value, why: it's late}
  - {from: called, split: {a: 50, b: 50}, enters: high_value, why: worth a try}""",
)
PROMISE = """\
models:
  - name: {name}
    config: {{meta: {{baton: {{source: web.events, fresh_within: 2 hours}}}}}}
"""
SOURCES = "sources:\n  - {name: web, schema: raw, tables: [{name: events}]}\n"


def write_full(dbt_project: Path) -> None:
    """A card with every key, and the promises it asks for."""
    write(dbt_project, CARD_PATH, FULL)
    write(dbt_project, "models/_web__sources.yml", SOURCES)
    for path, name in ((SIGNAL_PATH, "quote_started"), (GUARD_PATH, "high_value")):
        write(dbt_project, path.replace(".sql", ".yml"), PROMISE.format(name=name))


@pytest.mark.parametrize("part", PARTS)
def test_every_column_of_its_tables_is_written(
    dbt_project: Path, con: duckdb.DuckDBPyConnection, part: str
) -> None:
    write_full(dbt_project)
    write_release(con, compile_release(dbt_project, now=NOW))
    rows = con.execute(f"select * from raw.release_{part}").fetchall()
    columns = [name for name, *_ in con.description or []]
    cells = [(name, cell) for row in rows for name, cell in zip(columns, row, strict=True)]
    assert {name for name, cell in cells if cell is not None} == set(columns)


def test_a_release_is_read_as_it_was_written(
    dbt_project: Path, con: duckdb.DuckDBPyConnection
) -> None:
    write_full(dbt_project)
    release = compile_release(dbt_project, now=NOW)
    write_release(con, release)
    found = read_release(con, release.release_id)
    assert found == release
    assert content_id(found.cards, found.policies, found.sql) == release.release_id


def test_a_release_that_was_not_written_cannot_be_read(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UsageError, match="the warehouse has no release r9"):
        read_release(con, "r9")


def test_known_releases_are_listed_with_their_journeys_oldest_first(
    dbt_project: Path, con: duckdb.DuckDBPyConnection
) -> None:
    later = compile_release(dbt_project, now=NOW)
    write_release(con, later)
    write(dbt_project, CARD_PATH, CARD.replace("1 day,", "2 days,"))
    earlier = compile_release(dbt_project, now=datetime(2026, 1, 1))
    write_release(con, earlier)
    listed = [(one.release_id, one.journeys) for one in known_releases(con)]
    assert listed == [
        (earlier.release_id, ("quote_stalled",)),
        (later.release_id, ("quote_stalled",)),
    ]
