"""Arrivals as the files that sources would land, window by window."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

from .arrivals import Arrival

_SNAPSHOT = "crm.contacts"
_COLUMNS: Mapping[str, Sequence[str]] = {
    "crm.contacts": (
        "contact_id", "first_name", "last_name", "email", "phone", "household_id",
        "address_line", "postal_code", "city", "country", "timezone", "language",
        "do_not_contact", "deceased", "email_opt_out", "sms_opt_out", "created_at", "updated_at",
    ),
    "consent.statements": (
        "statement_id", "contact_id", "email", "phone", "channel", "purpose", "brand",
        "granted", "stated_at", "origin", "proof", "valid_until", "confirmed",
    ),
}  # fmt: skip


class Landing:
    """The landing folder of one warehouse. Contacts land as full exports, the rest as news.

    Rows stand in files as `shuffle` has them, without it as they arrive.
    """

    def __init__(self, folder: Path, shuffle: Random | None) -> None:
        self._folder = folder
        self._shuffle = shuffle
        self._contacts: dict[str, Mapping[str, object]] = {}
        self._window = 0

    def land(self, arrivals: Iterable[Arrival]) -> None:
        """Write one window's files."""
        self._window += 1
        by_table: dict[str, list[Arrival]] = {}
        for arrival in sorted(arrivals, key=lambda one: (one.arrives_at, one.table, one.key)):
            by_table.setdefault(arrival.table, []).append(arrival)
        for table, rows in by_table.items():
            if table == _SNAPSHOT:
                self._write(table, self._export(rows))
            else:
                self._write(table, [row.values for row in rows])

    def _export(self, changes: Iterable[Arrival]) -> list[Mapping[str, object]]:
        for change in changes:
            if change.is_deletion:
                self._contacts.pop(change.key, None)
            else:
                self._contacts[change.key] = change.values
        return list(self._contacts.values())

    def _write(self, table: str, rows: list[Mapping[str, object]]) -> None:
        if self._shuffle:
            self._shuffle.shuffle(rows)
        source, name = table.split(".")
        folder = self._folder / source
        folder.mkdir(parents=True, exist_ok=True)
        columns = _COLUMNS.get(table)
        suffix = "csv" if columns else "jsonl"
        part = folder / f"{name}-{self._window:03d}.{suffix}.part"
        with part.open("w", encoding="utf-8", newline="") as file:
            if columns:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
            else:
                file.writelines(json.dumps(row, default=_time) + "\n" for row in rows)
        part.rename(part.with_suffix(""))


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else value


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a record")
