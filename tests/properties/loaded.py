"""Rows of the schema raw as records of the reference, with the load order that intake gave."""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb
from reference import (
    Case,
    ChatMessage,
    Contact,
    Load,
    MessageEvent,
    Receipt,
    Record,
    Statement,
    WebEvent,
)

from .arrivals import Arrival

Row = Mapping[str, Any]
_KEYS = {
    "web_events": "event_id",
    "chat_messages": "message_id",
    "service_cases": "case_id",
    "consent_statements": "statement_id",
    "messaging_receipts": "receipt_id",
}


def records(con: duckdb.DuckDBPyConnection) -> list[Record]:
    """Return everything that has been loaded."""
    return [
        read(row, Load(row["_loaded_seq"], row["_window"], row["_loaded_at"]))
        for table, read in _READERS.items()
        for row in _rows(con, table)
    ]


def lost(con: duckdb.DuckDBPyConnection, arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Return what has arrived and is not loaded; full exports hide versions and are left out."""
    known = {
        table: {key for (key,) in con.execute(f"select {column} from raw.{table}").fetchall()}
        for table, column in _KEYS.items()
    }
    named = ((one, one.table.replace(".", "_")) for one in arrivals)
    return [one for one, table in named if table in known and one.key not in known[table]]


def as_intake_would(arrivals: Iterable[Arrival], batch_times: Sequence[datetime]) -> list[Record]:
    """Return the records of a history as loaded: repeats dropped, one number after the other.

    Full exports are not imitated: contacts must have one version each.
    """
    found: list[Record] = []
    contents: dict[tuple[str, str], Mapping[str, object]] = {}
    for arrival in sorted(arrivals, key=lambda one: one.arrives_at):
        key = arrival.table, arrival.key
        if contents.get(key) == arrival.values:
            continue
        contents[key] = arrival.values
        window = bisect_left(batch_times, arrival.arrives_at)
        load = Load(len(found) + 1, window + 1, batch_times[window])
        row = defaultdict[str, Any](lambda: None, arrival.values)
        row["properties"] = json.dumps(row["properties"] or {})
        found.append(_READERS[arrival.table.replace(".", "_")](row, load))
    return found


def batch_times(con: duckdb.DuckDBPyConnection) -> dict[int, datetime]:
    """Return the batch time of each window."""
    return dict(con.execute("select window_id, batch_time from raw.windows").fetchall())


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> Iterator[Row]:
    result = con.execute(
        f"""select r.*, w.window_id as _window from raw.{table} as r
        join raw.windows as w on w.from_seq < r._loaded_seq and r._loaded_seq <= w.to_seq"""
    )
    names = [column[0] for column in result.description or []]
    for row in result.fetchall():
        yield dict(zip(names, row, strict=True))


def _contact(row: Row, load: Load) -> Contact:
    return Contact(
        contact_id=row["contact_id"],
        updated_at=row["updated_at"],
        load=load,
        email=row["email"],
        phone=row["phone"],
        is_deleted=bool(row["_deleted"]),
        is_deceased=bool(row["deceased"]),
        do_not_contact=bool(row["do_not_contact"]),
        email_opt_out=bool(row["email_opt_out"]),
        sms_opt_out=bool(row["sms_opt_out"]),
        country=row["country"],
    )


def _web_event(row: Row, load: Load) -> WebEvent:
    return WebEvent(
        event_id=row["event_id"],
        event=row["event"],
        occurred_at=row["occurred_at"],
        load=load,
        anonymous_id=row["anonymous_id"],
        user_id=row["user_id"],
        email=row["email"],
        properties=json.loads(row["properties"] or "{}"),
    )


def _chat_message(row: Row, load: Load) -> ChatMessage:
    return ChatMessage(
        message_id=row["message_id"],
        occurred_at=row["occurred_at"],
        load=load,
        contact_id=row["contact_id"],
        email=row["email"],
        anonymous_id=row["anonymous_id"],
        author=row["author"],
        intent=row["intent"],
        properties=json.loads(row["properties"] or "{}"),
    )


def _case(row: Row, load: Load) -> Case:
    return Case(
        case_id=row["case_id"],
        status=row["status"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        updated_at=row["updated_at"],
        load=load,
        contact_id=row["contact_id"],
        email=row["email"],
        phone=row["phone"],
        is_deleted=bool(row["_deleted"]),
        topic=row["topic"],
    )


def _statement(row: Row, load: Load) -> Statement:
    return Statement(
        statement_id=row["statement_id"],
        channel=row["channel"],
        purpose=row["purpose"],
        is_granted=row["granted"],
        stated_at=row["stated_at"],
        load=load,
        contact_id=row["contact_id"],
        email=row["email"],
        phone=row["phone"],
        brand=row["brand"],
        valid_until=row["valid_until"],
        is_confirmed=row["confirmed"],
    )


def _receipt(row: Row, load: Load) -> Receipt:
    return Receipt(
        receipt_id=row["receipt_id"],
        channel=row["channel"],
        address=row["address"],
        status=row["status"],
        occurred_at=row["occurred_at"],
        load=load,
        suppressed_until=row["suppressed_until"],
    )


def _message_event(row: Row, load: Load) -> MessageEvent:
    return MessageEvent(
        seq=row["seq"],
        message_id=row["message_id"],
        state=row["state"],
        node_id=row["node_id"],
        occurred_at=row["occurred_at"],
        load=load,
        contact_point_id=row["contact_point_id"],
    )


_READERS: Mapping[str, Callable[[Row, Load], Record]] = {
    "crm_contacts": _contact,
    "web_events": _web_event,
    "chat_messages": _chat_message,
    "service_cases": _case,
    "consent_statements": _statement,
    "messaging_receipts": _receipt,
    "journal_message_events": _message_event,
}
