import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from landing_yard import CASES, EVENTS, NOON, SOURCES, SWITCHES, ListFeed, Yard, event

from baton.errors import UsageError
from baton.intake import commit_window

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def switch(seq: int, **more: object) -> dict[str, object]:
    made = {"seq": seq, "scope": "global", "value": None, "is_stopped": True, "set_at": NOON}
    return {**made, **more}


def numbers(yard: Yard) -> list[tuple[str, int]]:
    tables = " union all ".join(
        f"select '{one.label}' as source, _loaded_seq from {one.relation}" for one in SOURCES
    )
    return [(name, seq) for name, seq in yard.ask(f"select * from ({tables}) order by 2")]


def early(number: int, hours_ago: int) -> dict[str, object]:
    return event(number, occurred_at=(NOON - hours_ago * HOUR).isoformat())


class TestWindow:
    def test_the_batch_time_always_moves_on_even_where_the_clock_does_not(self, yard: Yard) -> None:
        times = [yard.take(now).batch_time for now in (NOON, NOON - HOUR, NOON, NOON + HOUR)]
        assert times == [NOON, NOON + TICK, NOON + 2 * TICK, NOON + HOUR]

    def test_a_window_without_news_still_moves_time_on(self, yard: Yard) -> None:
        window = yard.take()
        assert (window.window_id, window.from_seq, window.to_seq) == (1, 0, 0)
        assert window.watermark == NOON

    def test_an_open_window_is_returned_as_it_was_to_be_redone(self, yard: Yard) -> None:
        yard.jsonl("web/events.jsonl", [event(1), "{"])
        first = yard.open()
        yard.jsonl("web/events_2.jsonl", [event(2)])
        again = yard.open(NOON + HOUR, feeds=[ListFeed([switch(1)])])
        assert (first.is_redo, again.is_redo) == (False, True)
        assert again.deliveries == first.deliveries
        assert (again.batch_time, again.to_seq) == (first.batch_time, first.to_seq)
        assert yard.one("select count(*) from raw.web_events") == 1

    def test_after_the_commit_the_next_window_begins_where_the_last_ended(self, yard: Yard) -> None:
        yard.jsonl("web/events.jsonl", [event(1)])
        first = yard.take()
        yard.jsonl("web/events_2.jsonl", [event(2), event(3)])
        second = yard.take()
        assert (second.from_seq, second.to_seq) == (first.to_seq, first.to_seq + 2)

    def test_the_commit_is_part_of_the_callers_transaction(self, yard: Yard) -> None:
        window = yard.open()
        yard.con.begin()
        commit_window(yard.con, window, at=NOON)
        yard.con.rollback()
        assert yard.one("select state from raw.this_window") == "open"
        commit_window(yard.con, window, at=NOON + HOUR)
        assert yard.one("select state, committed_at from raw.this_window") == (
            "committed",
            NOON + HOUR,
        )

    def test_committing_twice_keeps_the_first_time(self, yard: Yard) -> None:
        window = yard.take(NOON)
        commit_window(yard.con, window, at=NOON + HOUR)
        assert yard.one("select committed_at from raw.windows") == NOON

    def test_only_the_latest_window_can_be_committed(self, yard: Yard) -> None:
        old = yard.take()
        yard.take()
        with pytest.raises(UsageError, match="not the latest"):
            commit_window(yard.con, old, at=NOON)

    def test_this_window_is_one_row_with_the_latest_window(self, yard: Yard) -> None:
        for hours in range(3):
            yard.take(NOON + hours * HOUR)
        assert yard.ask("select * from raw.this_window") == yard.ask(
            "select * from raw.windows where window_id = 3"
        )

    def test_numbers_are_gapless_and_follow_path_then_line(self, yard: Yard) -> None:
        yard.jsonl("web/events_b.jsonl", [event(3), "{", event(4)])
        yard.jsonl("web/events_a.jsonl", [event(1), event(1), event(2)])
        yard.jsonl("service/cases.jsonl", [{"case_id": "k1"}, {"case_id": "k1"}, {"case_id": "k2"}])
        yard.take(feeds=[ListFeed([switch(1)])])
        assert numbers(yard) == [
            ("service.cases", 1),
            ("service.cases", 2),
            *((("web.events"), seq) for seq in (3, 4, 5, 6)),
            ("journal.switches", 7),
        ]
        assert yard.ask("select event_id from raw.web_events order by _loaded_seq") == [
            ("e1",),
            ("e2",),
            ("e3",),
            ("e4",),
        ]

    def test_a_time_with_a_zone_is_refused(self, yard: Yard) -> None:
        with pytest.raises(UsageError, match="time zone"):
            yard.open(datetime(2026, 3, 1, tzinfo=UTC))

    def test_counts_are_there_per_source(self, yard: Yard) -> None:
        yard.jsonl("web/events.jsonl", [event(1), "{"])
        yard.jsonl("service/cases.jsonl", [{"case_id": "k1"}])
        by_source = yard.take().by_source
        assert {name: one.rows_loaded for name, one in by_source.items()} == {
            "service.cases": 1,
            "web.events": 1,
        }
        assert by_source["web.events"].rows_quarantined == 1

    def test_a_large_file_is_numbered_like_a_small_one(self, yard: Yard) -> None:
        """Staging is emptied after a quarter of a million rows."""
        rows = [f'{{"event_id": "e{n % 255_000}", "event": "x"}}' for n in range(260_000)]
        yard.jsonl("web/events.jsonl", rows)
        counts = yard.take().counts
        assert (counts.rows_loaded, counts.rows_duplicate) == (255_000, 5_000)
        assert yard.one(
            "select bool_and(_loaded_seq = _line) and count(*) = 255000 from raw.web_events"
        )


class TestLimit:
    def test_json_lines_are_cut_at_a_line_and_go_on(self, yard: Yard) -> None:
        yard.jsonl("web/events.jsonl", [event(number) for number in range(5)])
        sizes: list[int] = []
        states: list[str] = []
        for _ in range(3):
            window = yard.take(limit=2)
            sizes.append(window.counts.rows_loaded)
            states += [one.state for one in window.own]
        assert (sizes, states) == ([2, 2, 1], ["partial", "partial", "loaded"])
        assert yard.take(limit=2).own == ()

    def test_other_files_are_taken_whole_and_in_order(self, yard: Yard) -> None:
        for name in "abc":
            rows = [{"order_id": f"{name}{n}", "ordered_at": NOON} for n in range(3)]
            yard.parquet(f"shop/orders_{name}.parquet", rows)
        taken = [yard.take(limit=4).counts.rows_loaded for _ in range(4)]
        assert taken == [3, 3, 3, 0]

    def test_a_file_larger_than_the_limit_is_taken_alone(self, yard: Yard) -> None:
        rows = [{"order_id": f"o{n}", "ordered_at": NOON} for n in range(9)]
        yard.parquet("shop/orders.parquet", rows)
        yard.jsonl("web/events.jsonl", [event(1)])
        window = yard.take(limit=4)
        assert window.counts.rows_loaded == 9
        assert yard.states()["web/events.jsonl"] == "unfinished"

    def test_the_limit_does_not_change_what_is_loaded_in_the_end(self, yard: Yard) -> None:
        for name in "ab":
            yard.jsonl(f"web/events_{name}.jsonl", [event(n) for n in range(7)] + [event(9)])
        while yard.take(limit=3).own:
            pass
        assert yard.one("select count(*), max(_loaded_seq) from raw.web_events") == (8, 8)

    def test_a_copy_of_what_is_known_is_no_backlog(self, yard: Yard) -> None:
        yard.jsonl("web/events_z.jsonl", [early(1, 5)])
        yard.take()
        yard.jsonl("web/events_a.jsonl", [early(2, 3), early(3, 2)])
        yard.jsonl("web/events_zz.jsonl", [early(1, 5)])
        window = yard.take(limit=2)
        assert window.watermark == NOON + TICK

    def test_a_file_cut_by_the_limit_and_then_written_anew_is_read_from_its_beginning(
        self, yard: Yard
    ) -> None:
        rows = [event(n) for n in range(1, 6)]
        yard.jsonl("web/events.jsonl", rows)
        yard.take(limit=2)
        yard.touch(yard.jsonl("web/events.jsonl", reversed(rows)))
        yard.jsonl("service/cases.jsonl", [{"case_id": "k1"}])
        yard.take(limit=1)
        assert yard.states()["web/events.jsonl"] == "unfinished"
        while yard.take(limit=2).own:
            pass
        assert yard.one("select count(*), count(distinct event_id) from raw.web_events") == (5, 5)

    def test_a_file_cut_by_the_limit_that_grows_is_read_to_its_end(self, yard: Yard) -> None:
        yard.jsonl("web/events.jsonl", [event(n) for n in range(5)])
        for first in (5, 7):
            yard.take(limit=2)
            yard.append(
                "web/events.jsonl", "".join(f"{json.dumps(event(first + n))}\n" for n in (0, 1))
            )
        while yard.take(limit=2).own:
            pass
        assert yard.one("select count(*), max(_line) from raw.web_events") == (9, 9)
        assert yard.one("select sum(rows_read) from raw.deliveries") == 9

    def test_what_may_say_no_waits_behind_no_backlog_of_something_else(
        self, tmp_path: Path
    ) -> None:
        yard = Yard(tmp_path, [CASES, replace(EVENTS, says_no=True)])
        yard.jsonl("service/cases.jsonl", [{"case_id": f"k{n}"} for n in range(5)])
        yard.jsonl("web/events.jsonl", [event(n) for n in range(3)])
        taken = [
            {label: one.rows_loaded for label, one in yard.take(limit=2).by_source.items()}
            for _ in range(3)
        ]
        assert taken == [
            {"service.cases": 2, "web.events": 2},
            {"service.cases": 2, "web.events": 1},
            {"service.cases": 1},
        ]
        yard.con.close()

    def test_a_limit_below_one_is_refused(self, yard: Yard) -> None:
        with pytest.raises(UsageError, match="limit"):
            yard.open(limit=0)


class TestWatermark:
    def test_it_is_the_batch_time_when_all_is_read(self, yard: Yard) -> None:
        yard.jsonl("web/events.jsonl", [early(1, 9)])
        assert yard.take().watermark == NOON

    def test_it_stops_before_what_is_not_read_yet(self, yard: Yard) -> None:
        yard.jsonl("web/events.jsonl", [early(1, 9), early(2, 3), early(3, 5), early(4, 2)])
        assert yard.take(limit=1).watermark == NOON - 5 * HOUR
        assert yard.take(limit=9).watermark == NOON + TICK

    def test_a_file_left_out_holds_it(self, yard: Yard) -> None:
        yard.jsonl("service/cases.jsonl", [{"case_id": "k1"}])
        yard.jsonl("web/events.jsonl", [early(1, 4), early(2, 6)])
        assert yard.take(limit=1).watermark == NOON - 6 * HOUR

    def test_it_never_goes_back(self, yard: Yard) -> None:
        yard.take(NOON)
        yard.jsonl("web/events.jsonl", [early(1, 1), early(2, 9)])
        assert yard.take(NOON + HOUR, limit=1).watermark == NOON

    def test_an_export_left_out_holds_it_until_it_is_taken(self, yard: Yard) -> None:
        yard.jsonl("service/cases.jsonl", [{"case_id": "k1"}])
        rows = [{"order_id": f"o{n}", "ordered_at": NOON - n * HOUR} for n in range(3)]
        yard.parquet("shop/orders.parquet", rows)
        assert yard.take(limit=1).watermark == NOON - 2 * HOUR
        assert yard.take(limit=1).watermark == NOON + TICK

    def test_files_that_wait_do_not_hold_it(self, yard: Yard) -> None:
        yard.text("web/events.jsonl", '{"event_id": "e1", "occurred_at": "2020-01-01"')
        yard.text("shop/orders.parquet", "half")
        assert yard.take().watermark == NOON

    def test_a_file_that_was_taken_away_no_longer_holds_it(self, yard: Yard) -> None:
        file = yard.jsonl("web/events.jsonl", [early(1, 9), early(2, 8)])
        assert yard.take(limit=1).watermark == NOON - 8 * HOUR
        file.unlink()
        assert yard.take(limit=1).watermark == NOON + TICK


class TestFeed:
    def test_it_goes_on_behind_the_last_row(self, yard: Yard) -> None:
        rows = [switch(1), switch(2, scope="journey", value="quote_stalled", is_stopped=False)]
        feed = ListFeed(rows[:1])
        yard.take(feeds=[feed])
        assert yard.take(feeds=[feed]).own == ()
        feed.rows = rows
        window = yard.take(feeds=[feed])
        assert window.by_source["journal.switches"].rows_loaded == 1
        stored = "select seq, scope, value, is_stopped, set_at, _line from raw.journal_switches"
        assert yard.ask(f"{stored} order by seq") == [
            (1, "global", None, True, NOON, 1),
            (2, "journey", "quote_stalled", False, NOON, 2),
        ]

    def test_rows_that_were_loaded_are_not_loaded_again(self, yard: Yard) -> None:
        class Forgetful(ListFeed):
            def read(self, after: int) -> list[dict[str, object]]:
                return super().read(after - 1)

        feed = Forgetful([switch(1)])
        yard.take(feeds=[feed])
        feed.rows = [switch(1), switch(2)]
        counts = yard.take(feeds=[feed]).counts
        assert (counts.rows_loaded, counts.rows_duplicate) == (1, 1)

    def test_its_times_may_lie_ahead(self, yard: Yard) -> None:
        yard.take(feeds=[ListFeed([switch(1, set_at=NOON + timedelta(days=9))])])
        assert yard.one("select count(*) from raw.journal_switches") == 1

    @pytest.mark.parametrize(
        "rows", [[switch(1, set_at="soon")], [switch(1), switch(2, is_stopped="perhaps")]]
    )
    def test_a_row_that_does_not_fit_stops_the_window_rather_than_being_lost(
        self, yard: Yard, rows: Sequence[dict[str, object]]
    ) -> None:
        yard.jsonl("web/events.jsonl", [event(1)])
        with pytest.raises(UsageError, match=r"journal_switches does not fit"):
            yard.open(feeds=[ListFeed(rows)])
        assert yard.one("select count(*) from raw.web_events") == 0
        assert yard.take(feeds=[]).window_id == 1

    def test_an_undeclared_feed_is_refused_with_the_mend(self, yard: Yard) -> None:
        yard.sources = [one for one in yard.sources if one != SWITCHES]
        with pytest.raises(UsageError, match="not declared") as caught:
            yard.open(feeds=[ListFeed([])])
        assert "journal_switches" in caught.value.mend
