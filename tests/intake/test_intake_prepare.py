from dataclasses import replace

import pytest
from landing_yard import EVENTS, SOURCES, Yard, columns, event

from baton.errors import UsageError
from baton.intake import prepare
from baton.intake.migrations import MIGRATIONS


def test_preparing_again_changes_nothing(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1)])
    yard.take()
    before = yard.ask("select table_name, sql from duckdb_tables() order by 1")
    prepare(yard.con, SOURCES)
    assert yard.ask("select table_name, sql from duckdb_tables() order by 1") == before
    assert yard.one("select count(*) from raw.web_events") == 1
    versions = [(number,) for number, _, _ in MIGRATIONS]
    assert yard.ask("select version from raw.schema_versions order by 1") == versions


def test_the_tables_of_releases_are_there_and_empty(yard: Yard) -> None:
    for table in ("releases", "cards", "rules", "conditions", "policies"):
        name = "releases" if table == "releases" else f"release_{table}"
        assert yard.one(f"select count(*) from raw.{name}") == 0


def test_a_column_declared_later_is_added_and_empty_in_older_rows(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1)])
    yard.take()
    wider = replace(EVENTS, columns=(*EVENTS.columns, *columns(browser="varchar")))
    prepare(yard.con, [wider])
    yard.sources = [wider]
    yard.jsonl("web/events_2.jsonl", [event(2, browser="lynx")])
    yard.take()
    assert yard.ask("select event_id, browser from raw.web_events order by 1") == [
        ("e1", None),
        ("e2", "lynx"),
    ]


def test_a_record_sent_again_after_its_field_was_declared_is_no_conflict(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1, browser="lynx")])
    yard.take()
    wider = replace(EVENTS, columns=(*EVENTS.columns, *columns(browser="varchar")))
    prepare(yard.con, [wider])
    yard.sources = [wider]
    yard.jsonl("web/events_2.jsonl", [event(1, browser="lynx"), event(2)])
    counts = yard.take().counts
    assert (counts.rows_loaded, counts.rows_duplicate, counts.rows_quarantined) == (1, 1, 0)


def test_a_changed_type_is_refused_with_the_mend(yard: Yard) -> None:
    other = replace(EVENTS, columns=(*columns(event_id="bigint"), *EVENTS.columns[1:]))
    with pytest.raises(UsageError, match="event_id") as caught:
        prepare(yard.con, [other])
    assert "declare varchar again" in caught.value.mend


def test_taking_in_before_preparing_is_refused_with_the_mend(yard: Yard) -> None:
    yard.con.execute("drop schema raw cascade")
    with pytest.raises(UsageError) as caught:
        yard.open()
    assert "prepare" in caught.value.mend
