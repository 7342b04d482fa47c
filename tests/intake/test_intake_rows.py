"""What one record may look like: faults, types, times, and the fields nobody declared."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pytest
from landing_yard import CONTACTS, NOON, ORDERS, Yard, columns, event

ORDER = {"order_id": "o1", "items": 1, "amount": 2.5, "day": NOON.date(), "ordered_at": NOON}


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        ("{bad", "bad_json", "the line is not valid JSON"),
        ('{"event_id": "e1"} trailing', "bad_json", "the line is not valid JSON"),
        ("[1, 2]", "not_object", "the line is JSON, but not an object"),
        ("17", "not_object", "the line is JSON, but not an object"),
        ('{"event": "x"}', "missing_value", "event_id is required and has no value"),
        ('{"event_id": null, "event": "x"}', "missing_value", "event_id is required"),
        ('{"event_id": "  ", "event": "x"}', "missing_value", "event_id is required"),
        ('{"event_id": "e1"}', "missing_value", "event is required and has no value"),
        (
            '{"event_id": "e1", "event": "x", "occurred_at": "yesterday"}',
            "bad_time",
            "occurred_at is not an ISO 8601 time",
        ),
        (
            '{"event_id": "e1", "event": "x", "occurred_at": 1772366400}',
            "bad_time",
            "occurred_at is not an ISO 8601 time",
        ),
        (
            '{"event_id": "e1", "event": "x", "occurred_at": "2026-03-02T12:00:01Z"}',
            "future",
            "occurred_at is more than 24 hours after the batch time",
        ),
    ],
)
def test_a_faulty_line_is_quarantined_with_reason_and_text_and_the_rest_goes_on(
    yard: Yard, line: str, reason: str, detail: str
) -> None:
    yard.jsonl("web/events.jsonl", [event(7), line, event(8)])
    window = yard.take()
    assert (window.counts.rows_loaded, window.counts.rows_quarantined) == (2, 1)
    [row] = yard.ask(
        "select source, line, reason, detail, raw_text, window_id, loaded_at from raw.quarantine"
    )
    assert row[:3] == ("web.events", 2, reason)
    assert row[3].startswith(detail)
    assert row[4:] == (line, window.window_id, window.batch_time)


def test_a_quarantined_record_is_found_by_its_delivery(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", ["{"])
    [one] = yard.take().own
    assert yard.ask("select delivery from raw.quarantine") == [(one.delivery,)]


def test_a_line_that_is_not_utf8_is_quarantined(yard: Yard) -> None:
    good = b'{"event_id": "e1", "event": "caf\xc3\xa9"}\n'
    yard.text("web/events.jsonl", good + b'{"event_id": "e2", "event": "caf\xe9"}\n' + good)
    counts = yard.take().counts
    assert (counts.rows_loaded, counts.rows_duplicate, counts.rows_quarantined) == (1, 1, 1)
    assert yard.one("select event from raw.web_events") == "café"
    assert yard.quarantine()[0][:2] == (2, "bad_encoding")


def test_blank_lines_are_no_records_and_keep_the_line_numbers(yard: Yard) -> None:
    yard.text("web/events.jsonl", '\n  \n{"event_id": "e1", "event": "x"}\r\n\n')
    assert yard.take().counts.rows_read == 1
    assert yard.one("select _line from raw.web_events") == 3


def test_a_byte_order_mark_is_no_fault(yard: Yard) -> None:
    yard.text("web/events.jsonl", '\ufeff{"event_id": "e1", "event": "x"}\n')
    yard.text("crm/contacts.csv", "\ufeffcontact_id\nc1\n")
    assert yard.take().counts.rows_loaded == 2


def test_a_time_exactly_24_hours_ahead_is_accepted(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1, occurred_at="2026-03-02T12:00:00Z")])
    assert yard.take().counts.rows_loaded == 1


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-01T10:00:00", datetime(2026, 3, 1, 10)),
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10)),
        ("2026-03-01 10:00:00", datetime(2026, 3, 1, 10)),
        ("2026-03-01T10:00", datetime(2026, 3, 1, 10)),
        ("2026-03-01T10:00Z", datetime(2026, 3, 1, 10)),
        ("2026-03-01T10:00:00.25Z", datetime(2026, 3, 1, 10, 0, 0, 250_000)),
        ("2026-03-01T10:00:00.123456789Z", datetime(2026, 3, 1, 10, 0, 0, 123_456)),
        ("2026-03-01T10:00:00+02:00", datetime(2026, 3, 1, 8)),
        ("2026-03-01T10:00:00+0200", datetime(2026, 3, 1, 8)),
        ("2026-03-01T10:00:00+02", datetime(2026, 3, 1, 8)),
        ("2026-03-01T10:00+02:00", datetime(2026, 3, 1, 8)),
        ("2026-03-01T10:00:00.5-05:30", datetime(2026, 3, 1, 15, 30, 0, 500_000)),
        ("2026-03-01T00:30:00+01:00", datetime(2026, 2, 28, 23, 30)),
        ("2026-03-01", datetime(2026, 3, 1)),
    ],
)
def test_a_time_with_or_without_a_zone_becomes_naive_utc(
    yard: Yard, text: str, utc: datetime
) -> None:
    yard.con.execute("set timezone = 'America/New_York'")
    yard.jsonl("web/events.jsonl", [event(1, occurred_at=text)])
    yard.take()
    assert yard.one("select occurred_at from raw.web_events") == utc


@pytest.mark.parametrize(
    "text",
    ["epoch", "infinity", "2026-02-30", "2026-3-1", "20260301", "1772366400", "10:00", "now",
     "2026-03-01T10:00:00 Europe/Paris", "2026-03-01T25:00:00Z", "01.03.2026", ""],
)  # fmt: skip
def test_what_is_no_iso_time_is_quarantined(yard: Yard, text: str) -> None:
    yard.jsonl("web/events.jsonl", [event(1, occurred_at=text)])
    yard.take()
    assert [reason for _, reason, _ in yard.quarantine()] == ["bad_time"]


@pytest.mark.parametrize(
    ("given", "stored"),
    [("7", 7), (7, 7), ("-7", -7), ("7.0", 7), (7.0, 7), (None, None)],
)
def test_a_whole_number_may_come_as_text(yard: Yard, given: object, stored: int | None) -> None:
    yard.jsonl("shop/orders.jsonl", [{"order_id": "o", "ordered_at": "2026-03-01", "items": given}])
    yard.take()
    assert yard.ask("select items from raw.shop_orders") == [(stored,)]


@pytest.mark.parametrize("given", ["7.5", 7.5, "0x10", "1_000", "many", True, [1], "1e400"])
def test_what_is_no_whole_number_is_quarantined(yard: Yard, given: object) -> None:
    yard.jsonl("shop/orders.jsonl", [{"order_id": "o", "ordered_at": "2026-03-01", "items": given}])
    yard.take()
    [row] = yard.ask("select reason, detail from raw.quarantine")
    assert row == ("bad_type", "items is not of the declared type bigint")


@pytest.mark.parametrize(
    ("given", "stored"), [("2.5", 2.5), (2, 2.0), ("1e3", 1000.0), (".5", 0.5), ("-0.25", -0.25)]
)
def test_a_number_may_come_as_text(yard: Yard, given: object, stored: float) -> None:
    row = {"order_id": "o", "ordered_at": "2026-03-01", "amount": given}
    yard.jsonl("shop/orders.jsonl", [row])
    yard.take()
    assert yard.one("select amount from raw.shop_orders") == stored


@pytest.mark.parametrize("given", ["nan", "inf", "1e999", "2,50", "free"])
def test_what_is_no_finite_number_is_quarantined(yard: Yard, given: object) -> None:
    row = {"order_id": "o", "ordered_at": "2026-03-01", "amount": given}
    yard.jsonl("shop/orders.jsonl", [row])
    yard.take()
    assert [reason for _, reason, _ in yard.quarantine()] == ["bad_type"]


@pytest.mark.parametrize(
    ("given", "stored"), [("true", True), ("FALSE", False), ("1", True), ("no", False)]
)
def test_a_boolean_may_come_as_text(yard: Yard, given: str, stored: bool) -> None:
    yard.text("crm/contacts.csv", f"contact_id,stopped\nc1,{given}\n")
    yard.take()
    assert yard.one("select stopped from raw.crm_contacts") is stored


def test_other_text_is_no_boolean(yard: Yard) -> None:
    yard.text("crm/contacts.csv", "contact_id,stopped\nc1,perhaps\nc2,true\n")
    assert yard.take().counts.rows_quarantined == 1


def test_numbers_and_objects_are_text_in_a_text_column(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1, event_id=12, event={"kind": "x"})])
    yard.take()
    assert yard.one("select event_id, event from raw.web_events") == ("12", '{"kind":"x"}')


def test_undeclared_fields_are_kept_beside(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1, browser="lynx", size={"w": 1}), event(2)])
    yard.text("crm/contacts.csv", "contact_id,shoe,note\nc1,44,\nc2,,\n")
    order = {**ORDER, "till": 3, "tags": ["a"], "nothing": None}
    yard.parquet("shop/orders.parquet", [order])
    yard.take()
    assert yard.ask("select _extra from raw.web_events order by event_id") == [
        ('{"browser":"lynx","size":{"w":1}}',),
        (None,),
    ]
    assert yard.ask("select _extra from raw.crm_contacts order by 1 nulls last") == [
        ('{"shoe":"44"}',),
        (None,),
    ]
    assert yard.one("select _extra from raw.shop_orders") == '{"till":3,"tags":["a"]}'


def test_provenance_and_time_of_receipt_have_columns_of_their_own(yard: Yard) -> None:
    more = {"_provenance": "recorded", "_received_at": "2026-03-01T11:30:00+01:00"}
    yard.jsonl("web/events.jsonl", [event(1, **more), event(2)])
    file = yard.landing / "web/events.jsonl"
    yard.take(NOON)
    modified = datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(tzinfo=None)
    rows = yard.ask(
        "select _provenance, _received_at, _extra from raw.web_events order by event_id"
    )
    assert rows == [
        ("recorded", datetime(2026, 3, 1, 10, 30), None),
        (None, min(modified, NOON), None),
    ]


def test_every_row_says_where_it_came_from(yard: Yard) -> None:
    yard.jsonl("web/events.jsonl", [event(1)])
    window = yard.take()
    stored = "select _loaded_seq, _loaded_at, _delivery, _line, _deleted from raw.web_events"
    assert yard.one(stored) == (1, NOON, window.own[0].delivery, 1, False)


def test_typed_columns_of_a_parquet_file_are_taken_as_they_are(yard: Yard) -> None:
    berlin = timezone(timedelta(hours=1))
    schema = pa.schema(
        [
            ("order_id", pa.dictionary(pa.int32(), pa.string())),
            ("items", pa.int32()),
            ("amount", pa.decimal128(10, 2)),
            ("day", pa.timestamp("ms")),
            ("ordered_at", pa.timestamp("ns", tz="Europe/Berlin")),
        ]
    )
    row = {
        "order_id": "o1",
        "items": 3,
        "amount": Decimal("2.50"),
        "day": datetime(2026, 2, 28),
        "ordered_at": datetime(2026, 3, 1, 10, tzinfo=berlin),
    }
    yard.parquet("shop/orders.parquet", [row], schema)
    yard.take()
    assert yard.one("select order_id, items, amount, day, ordered_at from raw.shop_orders") == (
        "o1", 3, 2.5, date(2026, 2, 28), datetime(2026, 3, 1, 9),
    )  # fmt: skip


def test_a_parquet_value_of_another_type_is_cast_or_quarantined_as_it_stood(yard: Yard) -> None:
    rows = [
        {"order_id": 1, "items": 2.0, "amount": 3, "day": "2026-02-28", "ordered_at": "2026-03-01"},
        {"order_id": 2, "items": 2.5, "amount": 3, "day": "2026-02-28", "ordered_at": "2026-03-01"},
    ]
    yard.parquet("shop/orders.parquet", rows)
    yard.take()
    assert yard.ask("select order_id, items, amount, day from raw.shop_orders") == [
        ("1", 2, 3.0, date(2026, 2, 28))
    ]
    assert yard.quarantine() == [
        (
            2,
            "bad_type",
            '{"order_id":2,"items":2.5,"amount":3,"day":"2026-02-28","ordered_at":"2026-03-01"}',
        )
    ]


def test_epoch_numbers_in_a_parquet_file_are_no_times(yard: Yard) -> None:
    yard.parquet("shop/orders.parquet", [{"order_id": "o1", "ordered_at": 1_772_366_400}])
    yard.take()
    assert [reason for _, reason, _ in yard.quarantine()] == ["bad_time"]


def test_json_in_a_text_file_must_be_json(yard: Yard) -> None:
    source = replace(CONTACTS, columns=columns(contact_id="varchar", more="json"))
    other = Yard(yard.folder / "other", [source])
    other.text("crm/contacts.csv", 'contact_id,more\nc1,"{""a"": 1}"\nc2,{a}\n')
    other.take()
    assert other.ask("select more from raw.crm_contacts") == [('{"a": 1}',)]
    assert [reason for _, reason, _ in other.quarantine()] == ["bad_type"]


def csv_text(rows: list[list[str]]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(rows)
    return made.getvalue()


def test_csv_fields_may_hold_commas_quotes_and_newlines(yard: Yard) -> None:
    values = ["plain", "a,b", 'say "hi"', "two\nlines", "ünï"]
    rows = [[f"c{number}", value] for number, value in enumerate(values)]
    yard.text("crm/contacts.csv", csv_text([["contact_id", "email"], *rows]))
    yard.take()
    stored = yard.ask("select email, _line from raw.crm_contacts order by contact_id")
    assert stored == list(zip(values, (2, 3, 4, 5, 7), strict=True))


def test_windows_line_ends_are_read(yard: Yard) -> None:
    yard.text("crm/contacts.csv", "contact_id,email\r\nc1,a\r\n\r\nc2,b\r\n")
    yard.take()
    assert yard.ask("select contact_id, email, _line from raw.crm_contacts order by 1") == [
        ("c1", "a", 2),
        ("c2", "b", 4),
    ]


def test_an_empty_csv_field_is_null(yard: Yard) -> None:
    yard.text("crm/contacts.csv", 'contact_id,email,stopped\nc1,,\nc2,"",\n')
    yard.take()
    assert yard.ask("select email, stopped from raw.crm_contacts") == [(None, None), (None, None)]


def test_a_record_with_too_few_or_too_many_fields_is_quarantined_alone(yard: Yard) -> None:
    yard.text("crm/contacts.csv", "contact_id,email\nc1,a\nc2\nc3,a,b\nc4,d\n")
    assert yard.take().counts.rows_loaded == 2
    assert yard.quarantine() == [(3, "bad_csv", "c2"), (4, "bad_csv", "c3,a,b")]


def test_an_open_quote_costs_its_line_not_the_rest_of_the_file(yard: Yard) -> None:
    rest = "".join(f"c{number},x\n" for number in range(2, 50))
    yard.text("crm/contacts.csv", f'contact_id,email\nc0,a\nc1,"open\n{rest}')
    counts = yard.take().counts
    assert (counts.rows_loaded, counts.rows_quarantined) == (49, 1)
    assert yard.quarantine() == [(3, "bad_csv", 'c1,"open')]


@pytest.mark.parametrize("line", ['c1,"open', 'c1,"a"b', 'c1,"a" '])
def test_a_quote_out_of_place_costs_its_line(yard: Yard, line: str) -> None:
    yard.text("crm/contacts.csv", f"contact_id,email\nc0,a\n{line}\n")
    yard.take()
    assert yard.ask("select contact_id from raw.crm_contacts") == [("c0",)]
    assert yard.quarantine() == [(3, "bad_csv", line)]


def test_a_csv_line_that_is_not_utf8_is_quarantined_alone(yard: Yard) -> None:
    yard.text("crm/contacts.csv", b"contact_id,email\nc1,caf\xe9\nc2,caf\xc3\xa9\n")
    yard.take()
    assert yard.ask("select contact_id, email from raw.crm_contacts") == [("c2", "café")]
    assert yard.quarantine()[0][:2] == (2, "bad_encoding")


def test_many_sound_and_some_broken_rows_keep_their_line_numbers(yard: Yard) -> None:
    source = replace(ORDERS, required=())
    yard.sources = [source]
    lines = [f"o{number},{number}" for number in range(3_000)]
    lines[1_000], lines[2_000] = "o1000,many", '"o2\n000",7'
    yard.text("shop/orders.csv", "order_id,items\n" + "".join(line + "\n" for line in lines))
    assert yard.take().counts.rows_loaded == 2_999
    assert yard.quarantine() == [(1_002, "bad_type", "o1000,many")]
    assert yard.ask("select _line from raw.shop_orders where order_id in ('o1999', 'o2001')"
                    " order by 1") == [(2_001,), (2_004,)]  # fmt: skip
