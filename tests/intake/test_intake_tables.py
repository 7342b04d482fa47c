"""Tables that exist already, read by a cursor: what is news, and what is never lost or doubled."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_yard import NOON, Yard, columns

from baton.intake import Reading, Source, Window, commit_window
from baton.retention import Retention
from baton.retention.ledgers import shrink

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ORDERS = Source(
    name="shop",
    table="orders",
    relation="raw.shop_orders",
    columns=columns(id="bigint", order_id="varchar", amount="double", ordered_at="timestamp"),
    mode="append",
    key=("order_id",),
    occurred_at="ordered_at",
    reading=Reading("app.orders", cursor="id"),
)
CASES = Source(
    name="desk",
    table="cases",
    relation="raw.desk_cases",
    columns=columns(case_id="varchar", status="varchar", updated_at="timestamp"),
    mode="upsert",
    key=("case_id",),
    occurred_at="updated_at",
    reading=Reading("app.cases", cursor="updated_at", lateness=600),
)


class Tables(Yard):
    """A warehouse in which an application keeps two tables of its own."""

    def __init__(self, folder: Path, *sources: Source) -> None:
        super().__init__(folder, sources or (ORDERS, CASES))
        self.con.execute(
            """create schema app;
            create table app.orders (
                id bigint, order_id varchar, amount double, ordered_at timestamp, note varchar
            );
            create table app.cases (case_id varchar, status varchar, updated_at timestamptz)"""
        )
        self.con.execute("set timezone = 'UTC'")

    def order(self, number: int | None, order_id: str | None = None, amount: float = 1.0) -> None:
        at = NOON - 60 * MINUTE + (number or 0) * SECOND
        values = [number, order_id or f"o{number}", amount, at]
        self.con.execute("insert into app.orders values (?, ?, ?, ?, 'hello')", values)

    def case(self, case_id: str, status: str, updated_at: datetime | None) -> None:
        self.con.execute("insert into app.cases values (?, ?, ?)", [case_id, status, updated_at])

    def orders(self) -> list[str]:
        rows = self.ask("select order_id from raw.shop_orders order by _loaded_seq")
        return [order_id for (order_id,) in rows]

    def cases(self) -> list[tuple[str, str]]:
        return self.ask("select case_id, status from raw.desk_cases order by _loaded_seq")


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Tables]:
    made = Tables(tmp_path)
    yield made
    made.con.close()


def reason_of(window: Window, state: str) -> str:
    """Return why the one table was not read."""
    (one,) = (delivery for delivery in window.own if delivery.state == state)
    return one.reason or ""


class TestSequence:
    def test_rows_are_read_once_in_the_order_of_the_cursor(self, tables: Tables) -> None:
        for number in (3, 1, 2):
            tables.order(number)
        window = tables.take()
        assert tables.orders() == ["o1", "o2", "o3"]
        (delivery,) = window.own
        assert (delivery.path, delivery.state) == ("table:app.orders", "loaded")
        assert tables.one("select _extra from raw.shop_orders limit 1") == '{"note":"hello"}'
        assert tables.take().own == ()
        tables.order(4)
        assert tables.take().by_source["shop.orders"].rows_loaded == 1
        assert tables.orders() == ["o1", "o2", "o3", "o4"]

    def test_old_readings_of_a_day_become_one_row_and_reading_goes_on(self, tables: Tables) -> None:
        for number in (1, 2, 3):
            tables.order(number)
            tables.take()
        later = NOON + timedelta(days=30)
        tables.take(later)
        assert shrink(tables.con, Retention(), [], later)["delivery rows folded"] == 2
        assert tables.ask("select path, rows_loaded from raw.deliveries") == [
            ("table:app.orders", 3)
        ]
        tables.order(4)
        tables.take(later)
        assert tables.orders() == ["o1", "o2", "o3", "o4"]

    def test_rows_that_share_the_highest_value_are_not_lost(self, tables: Tables) -> None:
        tables.order(1)
        tables.order(2, "a")
        tables.take()
        tables.order(2, "b")
        assert tables.take().counts.rows_read == 1
        assert tables.orders() == ["o1", "a", "b"]

    def test_a_limit_cuts_anywhere_and_what_is_left_holds_the_watermark(
        self, tables: Tables
    ) -> None:
        for number in range(5):
            tables.order(7, f"o{number}")
        tables.order(9)
        windows = [tables.take(limit=2) for _ in range(4)]
        assert [one.counts.rows_read for one in windows] == [2, 2, 2, 0]
        assert [one.has_more(2) for one in windows] == [True, True, True, False]
        at_seven = NOON - 60 * MINUTE + 7 * SECOND
        assert [one.watermark for one in windows[:2]] == [at_seven, at_seven]
        assert windows[2].watermark > NOON - MINUTE
        assert tables.orders() == ["o0", "o1", "o2", "o3", "o4", "o9"]

    def test_a_limit_that_cuts_rows_without_a_place_holds_the_watermark_at_all_that_is_left(
        self, tables: Tables
    ) -> None:
        tables.order(None, "a")
        tables.order(None, "b")
        tables.con.execute("update app.orders set ordered_at = ?", [NOON - SECOND])
        tables.order(5)
        windows = [tables.take(limit=1) for _ in range(3)]
        at_five = NOON - 60 * MINUTE + 5 * SECOND
        assert [one.watermark for one in windows[:2]] == [at_five, at_five]
        assert tables.orders() == ["o5"]

    def test_a_table_that_files_left_no_room_for_holds_the_watermark_too(
        self, tmp_path: Path
    ) -> None:
        files = replace(ORDERS, name="web", relation="raw.web_orders", reading=None)
        yard = Tables(tmp_path, files, ORDERS)
        yard.jsonl("web/orders.jsonl", [{"id": 1, "order_id": "x", "ordered_at": str(NOON)}])
        yard.order(5)
        first = yard.take(limit=1)
        assert {one.state for one in first.own} == {"loaded", "unfinished"}
        assert first.watermark == NOON - 60 * MINUTE + 5 * SECOND
        yard.take(limit=1)
        assert yard.orders() == ["o5"]
        yard.con.close()


class TestTimes:
    def test_a_row_that_became_visible_late_is_read_within_the_lateness(
        self, tables: Tables
    ) -> None:
        tables.case("c1", "open", NOON - MINUTE)
        tables.take()
        tables.case("c2", "open", NOON - 5 * MINUTE)
        tables.case("c3", "open", NOON - 15 * MINUTE)
        tables.take()
        assert tables.cases() == [("c1", "open"), ("c2", "open")]

    def test_a_changed_row_is_a_new_version_and_an_unchanged_one_is_none(
        self, tables: Tables
    ) -> None:
        tables.case("c1", "open", NOON - 2 * MINUTE)
        tables.take()
        tables.con.execute("update app.cases set status = 'closed', updated_at = ?", [NOON])
        assert tables.take(NOON + MINUTE).counts.rows_loaded == 1
        assert tables.take(NOON + 2 * MINUTE).own == ()
        assert tables.cases() == [("c1", "open"), ("c1", "closed")]

    def test_a_change_that_left_the_cursor_where_it_was_is_seen_too(self, tables: Tables) -> None:
        tables.case("c1", "open", NOON - MINUTE)
        tables.take()
        tables.con.execute("update app.cases set status = 'closed'")
        tables.take()
        assert tables.cases() == [("c1", "open"), ("c1", "closed")]

    def test_a_clock_that_ran_ahead_hides_nothing_that_comes_later(self, tables: Tables) -> None:
        tables.case("c1", "open", NOON + timedelta(hours=5))
        tables.take()
        tables.case("c2", "open", NOON + MINUTE)
        tables.take(NOON + 2 * MINUTE)
        assert tables.take(NOON + 3 * MINUTE).own == ()
        assert tables.cases() == [("c1", "open"), ("c2", "open")]

    def test_a_time_without_end_is_set_aside_once_and_hides_nothing(self, tables: Tables) -> None:
        tables.con.execute("insert into app.cases values ('c1', 'open', 'infinity')")
        tables.take()
        tables.case("c2", "open", NOON)
        tables.take()
        assert tables.take().own == ()
        assert tables.cases() == [("c2", "open")]
        assert [reason for _, reason, _ in tables.quarantine()] == ["future"]

    def test_what_was_read_is_remembered_only_as_far_back_as_rows_may_be_late(
        self, tables: Tables
    ) -> None:
        for minute in range(30):
            tables.case(f"c{minute}", "open", NOON - minute * MINUTE)
        tables.take()
        assert tables.one("select count(*) from raw.cursor_rows") == 11


class TestQuarantine:
    def test_a_row_without_a_cursor_is_set_aside_once_and_read_when_it_has_one(
        self, tables: Tables
    ) -> None:
        tables.order(None, "lost")
        tables.order(1)
        tables.take()
        tables.take()
        ((_, reason, text),) = tables.quarantine()
        assert reason == "missing_value"
        assert '"order_id":"lost"' in text
        tables.con.execute("update app.orders set id = 2 where id is null")
        tables.take()
        assert tables.orders() == ["o1", "lost"]

    def test_a_contradiction_is_set_aside_once_and_stops_nothing(self, tables: Tables) -> None:
        tables.order(1, "a")
        tables.order(2, "a", amount=9.0)
        tables.order(3, "b")
        counts = tables.take().counts
        assert (counts.rows_loaded, counts.rows_quarantined) == (2, 1)
        assert tables.take().own == ()
        assert tables.one("select count(*) from raw.quarantine") == 1


class TestCrash:
    def test_a_redo_reads_what_the_window_read_and_the_next_one_the_rest(
        self, tables: Tables
    ) -> None:
        tables.order(1)
        first = tables.open()
        tables.order(2)
        again = tables.open(NOON + MINUTE)
        assert (again.is_redo, again.to_seq, again.deliveries) == (
            True,
            first.to_seq,
            first.deliveries,
        )
        assert tables.orders() == ["o1"]
        commit_window(tables.con, again, at=NOON)
        tables.take()
        assert tables.orders() == ["o1", "o2"]

    def test_what_was_not_committed_is_read_again_just_so(self, tables: Tables) -> None:
        for number in (1, 2, 2):
            tables.order(number, f"o{number}{tables.one('select count(*) from app.orders')}")
        tables.con.execute("drop table raw.deliveries")
        with pytest.raises(duckdb.CatalogException):
            tables.open()
        assert tables.one("select count(*) from raw.cursors") == 0
        assert tables.one("select count(*) from raw.cursor_rows") == 0
        assert tables.orders() == []


class TestFaults:
    def test_a_missing_table_waits_and_says_so_while_others_are_read(self, tables: Tables) -> None:
        tables.order(1)
        tables.con.execute("alter table app.cases rename to kept")
        window = tables.take()
        assert reason_of(window, "waiting") == "there is no table app.cases"
        assert tables.orders() == ["o1"]
        tables.con.execute("alter table app.kept rename to cases")
        assert tables.take().waiting == ()

    def test_a_missing_cursor_column_waits_and_is_named(self, tables: Tables) -> None:
        tables.con.execute("alter table app.orders drop column id")
        assert reason_of(tables.take(), "waiting") == "the table has no column id"

    def test_a_view_that_fails_when_read_waits_with_no_value_of_it_and_others_are_read(
        self, tables: Tables
    ) -> None:
        tables.order(1)
        tables.con.execute("alter table app.cases rename to kept")
        tables.con.execute(
            "create view app.cases as select k.* replace (cast(k.status as int) as status) "
            "from app.kept as k"
        )
        tables.con.execute("insert into app.kept values ('c1', 'ann@example.com', ?)", [NOON])
        window = tables.take()
        reason = "the table cannot be read: ConversionException"
        assert reason_of(window, "waiting") == reason
        assert tables.orders() == ["o1"]
        tables.con.execute("drop table app.kept")
        tables.order(2)
        reason = "the table cannot be read: CatalogException"
        assert reason_of(tables.take(), "waiting") == reason
        assert tables.orders() == ["o1", "o2"]

    def test_a_cursor_that_went_back_is_held_until_the_declaration_begins_anew(
        self, tmp_path: Path
    ) -> None:
        yard = Tables(tmp_path)
        yard.order(100)
        yard.take()
        yard.con.execute("delete from app.orders")
        assert yard.take().own == (), "an empty table says nothing"
        yard.order(5)
        window = yard.take()
        assert [one.path for one in window.held] == ["table:app.orders"]
        assert "ends at 5 and was read up to 100" in reason_of(window, "held")
        anew = replace(ORDERS, reading=Reading("app.orders", cursor="id", epoch=2))
        yard.sources = [anew]
        yard.take()
        assert yard.orders() == ["o100", "o5"]
        yard.con.close()


class TestAnotherFile:
    def test_a_table_of_another_database_is_read_and_the_file_let_go(self, tmp_path: Path) -> None:
        file = tmp_path / "shop.duckdb"
        there = replace(ORDERS, reading=Reading("main.orders", cursor="id", database=str(file)))
        yard = Tables(tmp_path, there)
        assert reason_of(yard.take(), "waiting") == "there is no database shop.duckdb"
        for number in (1, 2):
            with duckdb.connect(str(file)) as con:
                con.execute("create table if not exists orders (id int, order_id text, amount int)")
                con.execute("insert into orders values (?, ?, 3)", [number, f"o{number}"])
            yard.take()
        assert yard.orders() == ["o1", "o2"]
        file.write_text("no database at all")
        assert "is in use by another process, or is no" in reason_of(yard.take(), "waiting")
        yard.con.close()


Arrivals = list[list[tuple[int, int]]]
ARRIVALS = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6)), max_size=6), max_size=6
)
LIMITS = st.one_of(st.none(), st.integers(1, 4))


class TestAnyOrder:
    """However rows come, up to nine numbers behind the highest, each is loaded exactly once."""

    @settings(max_examples=5, deadline=None)
    @given(arrivals=ARRIVALS, limit=LIMITS)
    def test_every_row_is_loaded_exactly_once(
        self, tmp_path_factory: pytest.TempPathFactory, arrivals: Arrivals, limit: int | None
    ) -> None:
        loaded_once(tmp_path_factory.mktemp("any"), arrivals, limit)

    @pytest.mark.long
    @pytest.mark.more
    @settings(max_examples=100, deadline=None)
    @given(arrivals=ARRIVALS, limit=LIMITS)
    def test_every_row_is_loaded_exactly_once_many_times(
        self, tmp_path_factory: pytest.TempPathFactory, arrivals: Arrivals, limit: int | None
    ) -> None:
        loaded_once(tmp_path_factory.mktemp("any"), arrivals, limit)


def loaded_once(folder: Path, arrivals: Arrivals, limit: int | None) -> None:
    """Let rows arrive, a window after each lot, and compare what was loaded with what came."""
    yard = Tables(folder, replace(ORDERS, reading=Reading("app.orders", cursor="id", lateness=9)))
    count, highest = 0, 0
    for rows in arrivals:
        base = highest
        for behind, ahead in rows:
            number = max(base - behind, 0) + ahead
            highest = max(highest, number)
            yard.order(number, f"r{count}")
            count += 1
        yard.take(limit=limit)
    while yard.take(limit=limit).counts.rows_read:
        pass
    found = yard.orders()
    yard.con.close()
    assert sorted(found) == sorted(f"r{number}" for number in range(count))


class TestSeveralTables:
    EVENTS = replace(
        ORDERS,
        reading=Reading("app.orders", cursor="id", beside=("app.returns",), is_optional=True),
    )

    def test_each_is_read_from_where_it_was_left_into_the_same_rows(self, tmp_path: Path) -> None:
        tables = Tables(tmp_path, self.EVENTS)
        tables.con.execute("create table app.returns as from app.orders limit 0")
        tables.order(5)
        tables.con.execute("insert into app.returns values (2, 'r2', 1.0, ?, null)", [NOON])
        tables.take()
        assert sorted(tables.orders()) == ["o5", "r2"]
        tables.con.execute("insert into app.returns values (3, 'r3', 1.0, ?, null)", [NOON])
        assert [one.path for one in tables.take().own] == ["table:app.returns"]
        assert sorted(tables.orders()) == ["o5", "r2", "r3"]
        assert tables.take().own == ()
        tables.con.close()

    def test_columns_that_are_not_declared_can_be_left_where_they_are(self, tmp_path: Path) -> None:
        narrow = replace(ORDERS, reading=replace(self.EVENTS.reading, only_declared=True))
        tables = Tables(tmp_path, narrow)
        tables.order(1)
        tables.take()
        assert tables.one("select _extra from raw.shop_orders") is None
        assert tables.orders() == ["o1"]
        tables.con.close()

    def test_one_that_is_optional_and_not_there_is_nothing_to_read(self, tmp_path: Path) -> None:
        tables = Tables(tmp_path, self.EVENTS)
        tables.order(1)
        assert [one.path for one in tables.take().own] == ["table:app.orders"]
        tables.con.execute("create table app.returns as from app.orders limit 0")
        tables.con.execute("insert into app.returns values (2, 'r2', 1.0, ?, null)", [NOON])
        tables.take()
        assert tables.orders() == ["o1", "r2"]
        tables.con.close()
