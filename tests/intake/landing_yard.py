"""A landing folder, a warehouse file and some declared sources, for the intake tests."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from baton.intake import Column, Feed, Source, Window, commit_window, prepare, take_in

NOON = datetime(2026, 3, 1, 12)
Row = Mapping[str, object]


def columns(**types: str) -> tuple[Column, ...]:
    return tuple(Column(name, data_type) for name, data_type in types.items())


EVENTS = Source(
    name="web",
    table="events",
    relation="raw.web_events",
    columns=columns(
        event_id="varchar", event="varchar", properties="json", occurred_at="timestamp"
    ),
    mode="append",
    key=("event_id",),
    occurred_at="occurred_at",
    required=("event",),
)
CASES = Source(
    name="service",
    table="cases",
    relation="raw.service_cases",
    columns=columns(case_id="varchar", status="varchar", updated_at="timestamp"),
    mode="upsert",
    key=("case_id",),
    occurred_at="updated_at",
)
CONTACTS = Source(
    name="crm",
    table="contacts",
    relation="raw.crm_contacts",
    columns=columns(contact_id="varchar", email="varchar", stopped="boolean"),
    mode="snapshot",
    key=("contact_id",),
)
ORDERS = Source(
    name="shop",
    table="orders",
    relation="raw.shop_orders",
    columns=columns(
        order_id="varchar", items="bigint", amount="double", day="date", ordered_at="timestamp"
    ),
    mode="append",
    key=("order_id",),
    occurred_at="ordered_at",
    required=("ordered_at",),
)
SWITCHES = Source(
    name="journal",
    table="switches",
    relation="raw.journal_switches",
    columns=columns(
        seq="bigint", scope="varchar", value="varchar", is_stopped="boolean", set_at="timestamp"
    ),
    mode="feed",
    key=("seq",),
)
SOURCES = (EVENTS, CASES, CONTACTS, ORDERS, SWITCHES)


def event(number: int, **more: object) -> dict[str, object]:
    at = NOON - timedelta(hours=1) + timedelta(seconds=number)
    return {
        "event_id": f"e{number}",
        "event": "page_view",
        "properties": {"page": number},
        "occurred_at": f"{at.isoformat()}Z",
        **more,
    }


class Yard:
    """What one test lands, takes in and asks."""

    def __init__(self, folder: Path, sources: Sequence[Source] = SOURCES) -> None:
        self.folder = folder
        self.landing = folder / "landing"
        self.landing.mkdir(parents=True, exist_ok=True)
        self.sources = list(sources)
        self.con = duckdb.connect(str(folder / "warehouse.duckdb"))
        prepare(self.con, self.sources)

    def jsonl(self, name: str, rows: Iterable[Row | str]) -> Path:
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        return self.text(name, "".join(line + "\n" for line in lines))

    def text(self, name: str, content: str | bytes) -> Path:
        file = self.landing / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def append(self, name: str, content: str) -> None:
        with (self.landing / name).open("a", encoding="utf-8") as handle:
            handle.write(content)

    def parquet(
        self,
        name: str,
        rows: Sequence[Row],
        schema: Any = None,
        *,
        row_group_size: int | None = None,
    ) -> Path:
        file = self.landing / name
        file.parent.mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
        pq.write_table(table, file, row_group_size=row_group_size)
        return file

    def touch(self, file: Path) -> None:
        stat = file.stat()
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000_000))

    def open(
        self, now: datetime = NOON, *, limit: int | None = None, feeds: Sequence[Feed] = ()
    ) -> Window:
        return take_in(
            self.con,
            landing=self.landing,
            sources=self.sources,
            feeds=feeds,
            now=now,
            limit=limit,
        )

    def take(
        self, now: datetime = NOON, *, limit: int | None = None, feeds: Sequence[Feed] = ()
    ) -> Window:
        window = self.open(now, limit=limit, feeds=feeds)
        commit_window(self.con, window, at=now)
        return window

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        row = self.con.execute(sql).fetchone()
        return row[0] if row and len(row) == 1 else row

    def quarantine(self) -> list[tuple[Any, ...]]:
        return self.ask(
            "select line, reason, raw_text from raw.quarantine order by source, delivery, line"
        )

    def states(self) -> dict[str, str]:
        return dict(
            self.ask("select path, arg_max(state, window_id) from raw.deliveries group by path")
        )


class ListFeed:
    """A feed over a list of rows, as the journal's streams are."""

    relation = SWITCHES.relation

    def __init__(self, rows: Sequence[dict[str, object]]) -> None:
        self.rows = rows

    def read(self, after: int) -> list[dict[str, object]]:
        return [row for row in self.rows if int(str(row["seq"])) > after]
