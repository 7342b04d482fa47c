"""Read a generated example: its files record by record, and its answers."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from examples.retail.generate import Summary
from examples.retail.tables import TABLES


@dataclass(frozen=True)
class Landed:
    """One readable record as a file holds it; slice 0 is the history."""

    table: str
    slice_number: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Example:
    """A generated example."""

    path: Path
    summary: Summary

    @cached_property
    def landed(self) -> tuple[Landed, ...]:
        """Every record that can be parsed; the one line of bad JSON cannot."""
        return tuple(
            Landed(table, number, values)
            for table in TABLES
            for number, path in self.files(table)
            for values in read_file(path)
        )

    @cached_property
    def key(self) -> dict[str, Any]:
        """The answer key."""
        return json.loads((self.path / "answer_key.json").read_text())

    @cached_property
    def mailboxes(self) -> dict[str, Any]:
        """What the mail server of the demo does."""
        return json.loads((self.path / "mailboxes.json").read_text())

    @cached_property
    def slices(self) -> list[dict[str, str]]:
        """The slices of the live part."""
        return json.loads((self.path / "slices.json").read_text())

    def of(self, table: str) -> list[Landed]:
        """The records of one table, by arrival."""
        return self._by_table.get(table, [])

    @cached_property
    def _by_table(self) -> dict[str, list[Landed]]:
        found: dict[str, list[Landed]] = {}
        for record in self.landed:
            found.setdefault(record.table, []).append(record)
        return found

    def files(self, table: str) -> Iterator[tuple[int, Path]]:
        """The files of a table with their slice number, by arrival."""
        source, name = table.split(".")
        for path in sorted((self.path / "history" / source).glob(f"{name}.*")):
            yield 0, path
        for path in sorted(self.path.glob(f"live/*/{source}/{name}-*.*")):
            yield int(path.parts[-3]), path


def read_file(path: Path) -> list[dict[str, Any]]:
    """Return the records of a landed file."""
    if path.suffix == ".parquet":
        return pq.ParquetFile(path).read().to_pylist()
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            return list(csv.DictReader(file))
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
