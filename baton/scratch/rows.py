"""What is given to a scratch fold, and how it becomes Arrow tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import pyarrow as pa

from baton.intake.arrow import Table

END_OF_TIME = datetime(9999, 12, 31)


@dataclass(frozen=True)
class SignalRow:
    """One signal; times are naive UTC."""

    signal: str
    event_id: str
    node_id: str
    correlation_key: str | None
    occurred_at: datetime
    loaded_at: datetime


@dataclass(frozen=True)
class GuardRow:
    """One version of a guard's interval `[since, until)`; the latest one given of a subject holds.

    Times are naive UTC.
    """

    guard: str
    subject_key: str
    node_id: str
    since: datetime
    until: datetime
    loaded_at: datetime


def table(kind: type[SignalRow | GuardRow], rows: Iterable[Any] | Table) -> Table:
    """Return rows of `kind` as a table; one that is a table already is returned as it is."""
    if isinstance(rows, pa.Table):
        return rows
    listed = list(rows)
    types = {one.name: _type(one.type) for one in fields(kind)}
    columns = {name: [getattr(row, name) for row in listed] for name in types}
    return pa.table(columns, schema=pa.schema(list(types.items())))


def pairs(mapping: Mapping[str, str | None] | Table, key: str, value: str) -> Table:
    """Return a mapping as a table of two text columns; a table is returned as it is."""
    if isinstance(mapping, pa.Table):
        return mapping
    return _texts({key: list(mapping), value: list(mapping.values())})


def acts(activations: Iterable[tuple[str, str]]) -> Table:
    """Return pairs of `activate` or `withdraw` and a release id as a table."""
    listed = list(activations)
    return _texts({"kind": [one for one, _ in listed], "release_id": [one for _, one in listed]})


def any_columns(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return rows of any columns as a table; a column that a row does not name is null."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def _texts(columns: Mapping[str, Sequence[str | None]]) -> Table:
    return pa.table(dict(columns), schema=pa.schema([(name, pa.string()) for name in columns]))


def _type(annotation: object) -> Any:
    return pa.timestamp("us") if annotation is datetime else pa.string()
