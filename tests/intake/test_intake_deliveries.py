import os
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from landing_yard import CONTACTS, NOON, ORDERS, Yard, event

from baton.errors import UsageError

ORDER = {"order_id": "o1", "items": 1, "amount": 2.5, "day": NOON.date(), "ordered_at": NOON}
STATEMENT = "contact_id,email,stopped\n"


def loaded(yard: Yard) -> int:
    return yard.one("select count(*) from raw.web_events")


def test_a_delivery_seen_again_changes_nothing(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1), event(2)])
    first = yard.take()
    again = yard.take()
    assert first.counts.rows_loaded == 2
    assert again.own == ()
    assert (again.from_seq, again.to_seq) == (2, 2)


def test_a_known_file_is_not_opened_again(yard: Yard) -> None:
    file = yard.jsonl("web/events.jsonl", [event(1)])
    yard.take()
    stat = file.stat()
    file.write_bytes(b"x" * stat.st_size)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert yard.take().own == ()


def test_a_touched_file_changes_nothing_and_is_hashed_once(yard: Yard) -> None:
    file = yard.jsonl("web/events.jsonl", [event(1)])
    yard.take()
    yard.touch(file)
    assert yard.take().own == ()
    assert yard.one("select modified_ns from raw.deliveries") == file.stat().st_mtime_ns


@pytest.mark.parametrize("name", ["events_copy.jsonl", "events-0.jsonl"])
def test_a_copy_under_another_name_is_a_duplicate(yard: Yard, name: str) -> None:
    file = yard.jsonl("web/events.jsonl", [event(1), event(2), "broken"])
    yard.take()
    shutil.copy(file, yard.landing / "web" / name)
    window = yard.take()
    [copy] = window.own
    assert (copy.state, copy.counts.rows_read, copy.counts.rows_duplicate) == ("duplicate", 3, 3)
    assert (loaded(yard), len(yard.quarantine())) == (2, 1)
    assert yard.take().own == ()


def test_two_copies_in_one_window_load_once(yard: Yard) -> None:
    for name in ("a", "b", "c"):
        yard.jsonl(f"web/events_{name}.jsonl", [event(1), event(2)])
    window = yard.take()
    assert [one.state for one in window.own] == ["loaded", "duplicate", "duplicate"]
    assert (window.counts.rows_read, window.counts.rows_loaded) == (6, 2)


def test_the_same_records_in_different_files_load_once(yard: Yard) -> None:
    yard.jsonl("web/events_a.jsonl", [event(1), event(2)])
    yard.jsonl("web/events_b.jsonl", [event(2), event(3), event(1)])
    window = yard.take()
    assert (window.counts.rows_loaded, window.counts.rows_duplicate) == (3, 2)


def test_a_part_file_is_ignored_until_it_is_renamed(yard: Yard) -> None:
    file = yard.jsonl("web/events.jsonl.part", [event(1)])
    assert yard.take().own == ()
    file.rename(yard.landing / "web/events.jsonl")
    assert yard.take().counts.rows_loaded == 1


@pytest.mark.parametrize("name", [".events.jsonl", "_SUCCESS"])
def test_hidden_files_are_ignored(yard: Yard, name: str) -> None:
    yard.text(f"web/{name}", "anything\n")
    assert yard.take().own == ()


def test_a_file_is_read_to_its_last_newline_and_goes_on_from_there(yard: Yard) -> None:
    yard.text("web/events.jsonl", '{"event_id": "a", "event": "x"}\n{"event_id": "b", "ev')
    first = yard.take()
    assert (first.counts.rows_loaded, first.counts.rows_quarantined) == (1, 0)
    assert "no complete record yet" in (first.own[0].reason or "")
    yard.append("web/events.jsonl", 'ent": "x"}\n{"event_id": "c", "event": "x"}\n')
    second = yard.take()
    assert second.counts.rows_read == 2
    assert second.own[0].delivery == first.own[0].delivery
    assert yard.ask("select event_id, _line from raw.web_events order by 1") == [
        ("a", 1),
        ("b", 2),
        ("c", 3),
    ]


def test_a_csv_file_goes_on_behind_its_last_record(yard: Yard) -> None:
    source = replace(CONTACTS, mode="append")
    yard.sources = [source]
    yard.text("crm/contacts.csv", STATEMENT + 'c1,"two\nlines",true\nc2,"half\nof')
    yard.take()
    assert yard.ask("select contact_id, email, _line from raw.crm_contacts") == [
        ("c1", "two\nlines", 2)
    ]
    yard.append("crm/contacts.csv", ' it",false\nc3,x,\n')
    yard.take()
    assert yard.ask("select contact_id, email, _line from raw.crm_contacts order by 1")[1:] == [
        ("c2", "half\nof it", 4),
        ("c3", "x", 6),
    ]


def test_a_file_whose_beginning_changed_is_new_content(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1), event(2)])
    first = yard.take()
    yard.jsonl("web/events.jsonl", [event(9), event(2), event(3)])
    second = yard.take()
    assert second.own[0].delivery != first.own[0].delivery
    assert (second.counts.rows_loaded, second.counts.rows_duplicate) == (2, 1)
    assert loaded(yard) == 4


def test_a_copy_that_grows_goes_on_behind_what_is_known(yard: Yard) -> None:
    yard.jsonl("web/events_a.jsonl", [event(1)])
    yard.jsonl("web/events_b.jsonl", [event(1)])
    yard.take()
    yard.jsonl("web/events_b.jsonl", [event(1), event(2)])
    counts = yard.take().counts
    assert (counts.rows_read, counts.rows_loaded) == (1, 1)


def big(first: int, last: int) -> str:
    filler = "x" * 400
    rows = [f'{{"event_id": "e{n}", "event": "{filler}"}}\n' for n in range(first, last)]
    return "".join(rows)


def test_a_large_file_that_grows_is_read_from_where_reading_stopped(yard: Yard) -> None:
    """It is larger than the blocks in which files are hashed."""
    yard.text("web/events.jsonl", big(0, 6_000))
    yard.take()
    for last in (6_001, 9_000):
        before = yard.one("select max(_loaded_seq) from raw.web_events")
        yard.append("web/events.jsonl", big(before, last))
        assert yard.take().counts.rows_read == last - before
    assert yard.one("select bool_and(_line = _loaded_seq) from raw.web_events")


def test_a_copy_of_a_file_that_was_read_in_parts_is_a_duplicate(yard: Yard) -> None:
    yard.text("web/events.jsonl", big(0, 5_000))
    yard.take()
    yard.append("web/events.jsonl", big(5_000, 5_010))
    yard.take(limit=3)
    yard.take()
    shutil.copy(yard.landing / "web/events.jsonl", yard.landing / "web/events_copy.jsonl")
    [copy] = yard.take().own
    assert (copy.state, copy.counts.rows_duplicate) == ("duplicate", 5_010)


def test_a_large_file_changed_anywhere_without_growing_is_new_content(yard: Yard) -> None:
    text = big(0, 6_000)
    yard.text("web/events.jsonl", text)
    yard.take()
    changed = yard.text("web/events.jsonl", text.replace('"e7"', '"E7"'))
    yard.touch(changed)
    counts = yard.take().counts
    assert (counts.rows_read, counts.rows_loaded, counts.rows_duplicate) == (6_000, 1, 5_999)


def test_a_file_emptied_and_filled_further_than_before_is_new_content(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1)])
    yard.take()
    yard.jsonl("web/events.jsonl", [event(2), event(3)])
    assert yard.take().counts.rows_loaded == 2


def test_half_a_line_more_is_no_news(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1)])
    yard.take()
    yard.append("web/events.jsonl", '{"event_id"')
    assert yard.take().own == ()
    yard.append("web/events.jsonl", ': "e2", "event": "x"}\n')
    assert yard.take().counts.rows_read == 1


def test_a_truncated_parquet_file_waits_until_it_is_whole(yard: Yard) -> None:
    file = yard.parquet("shop/orders.parquet", [ORDER])
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    first = yard.take()
    assert [one.state for one in first.waiting] == ["waiting"]
    assert "Parquet" in (first.waiting[0].reason or "")
    assert [one.state for one in yard.take().waiting] == ["waiting"]
    file.write_bytes(whole)
    second = yard.take()
    assert second.counts.rows_loaded == 1
    assert second.waiting == ()


def test_a_parquet_file_damaged_inside_waits_and_loads_nothing(yard: Yard) -> None:
    rows = [{**ORDER, "order_id": f"o{number}"} for number in range(2_000)]
    file = yard.parquet("shop/orders.parquet", rows)
    damaged = bytearray(file.read_bytes())
    damaged[4:400] = bytes(396)
    file.write_bytes(damaged)
    yard.parquet("shop/orders_2.parquet", [ORDER])
    window = yard.take()
    assert yard.states() == {"shop/orders.parquet": "waiting", "shop/orders_2.parquet": "loaded"}
    assert window.counts.rows_loaded == yard.one("select count(*) from raw.shop_orders") == 1


def test_an_empty_file_waits(yard: Yard) -> None:
    yard.text("web/events.jsonl", "")
    assert [(one.state, one.reason) for one in yard.take().waiting] == [
        ("waiting", "the file is empty; land a complete file")
    ]


def test_what_is_not_a_file_is_passed_over(yard: Yard) -> None:
    (yard.landing / "web" / "events.jsonl").mkdir(parents=True)
    os.mkfifo(yard.landing / "web" / "events_2.jsonl")
    assert yard.take().own == ()


def test_a_waiting_file_that_is_gone_is_forgotten(yard: Yard) -> None:
    file = yard.text("web/events.jsonl", "no newline")
    assert len(yard.take().waiting) == 1
    file.unlink()
    assert yard.take().waiting == ()


@pytest.mark.parametrize("name", ["web/clicks.jsonl", "till/events.jsonl", "web/events.xlsx"])
def test_a_file_that_no_source_takes_is_reported(yard: Yard, name: str) -> None:
    yard.text(name, "x\n")
    [one] = yard.take().waiting
    assert (one.path, one.source) == (name, None)
    assert "land" in (one.reason or "") or "name it" in (one.reason or "")


def test_an_undeclared_file_is_taken_once_it_is_declared(yard: Yard) -> None:
    sources = yard.sources
    yard.sources = [one for one in sources if one.name != "web"]
    yard.jsonl("web/events.jsonl", [event(1)])
    assert len(yard.take().waiting) == 1
    yard.sources = sources
    window = yard.take()
    assert (window.counts.rows_loaded, window.waiting) == (1, ())


def test_the_longest_table_name_takes_the_file(tmp_path: Path) -> None:
    orders = replace(ORDERS, mode="append")
    lines = replace(ORDERS, table="orders_open", relation="raw.shop_orders_open")
    yard = Yard(tmp_path, [orders, lines])
    yard.parquet("shop/orders_open_1.parquet", [ORDER])
    yard.parquet("shop/orders-open.parquet", [{**ORDER, "order_id": "o2"}])
    yard.take()
    assert yard.ask("select order_id from raw.shop_orders_open") == [("o1",)]
    assert yard.ask("select order_id from raw.shop_orders") == [("o2",)]


def test_a_csv_file_without_a_required_column_is_refused_as_one(yard: Yard) -> None:
    yard.text("crm/contacts.csv", "email,stopped\na@x,true\nb@x,false\n")
    window = yard.take()
    [one] = window.own
    assert (one.state, one.reason) == (
        "refused",
        "the file has no column contact_id, which is required",
    )
    assert (one.counts.rows_read, one.counts.rows_quarantined) == (2, 2)
    assert yard.quarantine() == [
        (2, "missing_column", "a@x,true"),
        (3, "missing_column", "b@x,false"),
    ]
    assert yard.take().own == ()


def test_a_parquet_file_without_a_required_column_is_refused_as_one(yard: Yard) -> None:
    yard.parquet("shop/orders.parquet", [{"order_id": "o1", "items": 1}])
    [one] = yard.take().own
    assert (one.state, one.counts.rows_quarantined) == ("refused", 1)
    assert yard.quarantine() == [(1, "missing_column", '{"order_id":"o1","items":1}')]


def test_a_header_that_names_a_column_twice_is_refused(yard: Yard) -> None:
    yard.text("crm/contacts.csv", "contact_id,email,email\nc1,a,b\n")
    assert [one.state for one in yard.take().own] == ["refused"]
    assert [reason for _, reason, _ in yard.quarantine()] == ["repeated_column"]


def test_a_refused_file_is_judged_again_under_another_declaration(yard: Yard) -> None:
    yard.parquet("shop/orders.parquet", [{"order_id": "o1", "items": 1}])
    refused = yard.take().own[0].delivery
    yard.sources = [replace(ORDERS, required=())]
    [one] = yard.take().own
    assert (one.state, one.counts.rows_loaded) == ("loaded", 1)
    assert one.delivery != refused


def test_a_missing_column_that_is_not_required_is_null(yard: Yard) -> None:
    yard.text("crm/contacts.csv", "contact_id\nc1\n")
    assert yard.take().own[0].state == "loaded"
    assert yard.ask("select contact_id, email, stopped from raw.crm_contacts") == [
        ("c1", None, None)
    ]


def test_an_empty_parquet_file_is_loaded_with_no_rows(yard: Yard) -> None:
    schema = pa.schema([("order_id", pa.string()), ("ordered_at", pa.timestamp("us"))])
    yard.parquet("shop/orders.parquet", [], schema)
    [one] = yard.take().own
    assert (one.state, one.counts.rows_read) == ("loaded", 0)


def test_one_broken_delivery_does_not_stop_the_others(yard: Yard) -> None:
    yard.text("crm/contacts.csv", "nothing\nat all\n")
    yard.text("shop/orders.parquet", "not parquet")
    yard.text("service/cases.jsonl", "{\n[]\n")
    yard.jsonl("web/events.jsonl", [event(1)])
    window = yard.take()
    assert window.counts.rows_loaded == 1
    assert yard.states() == {
        "crm/contacts.csv": "refused",
        "shop/orders.parquet": "waiting",
        "service/cases.jsonl": "loaded",
        "web/events.jsonl": "loaded",
    }


def test_a_missing_landing_folder_is_refused_with_the_mend(yard: Yard) -> None:
    yard.landing = yard.folder / "elsewhere"
    with pytest.raises(UsageError, match="landing folder") as caught:
        yard.open()
    assert "create it" in caught.value.mend


def test_every_line_of_the_ledger_adds_up(yard: Yard) -> None:
    yard.jsonl("web/events_1.jsonl", [event(1), event(1), event(1, event="other"), "{", event(2)])
    yard.jsonl("service/cases.jsonl", [{"case_id": "k"}, {"case_id": "k"}, {"status": "open"}])
    yard.text("crm/contacts.csv", STATEMENT + "c1,,\nc1,,\nc2,,maybe\n")
    counts = yard.take().counts
    assert counts.rows_read == 11
    assert (
        yard.one(
            "select count(*) from raw.deliveries where rows_read <> "
            "rows_loaded + rows_unchanged + rows_duplicate + rows_quarantined"
        )
        == 0
    )
