"""Releases as rows of the warehouse, written once and kept for good."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import duckdb

from baton.cards import CompiledCard, Condition, Rule, SqlFact
from baton.cards.words import condition_id
from baton.errors import UsageError
from baton.releases.compile import PolicyRow, Release
from baton.releases.uses import edge_guard

_ROWS_PER_INSERT = 200
_PARTS = {"rules", "conditions"}
Row = dict[str, Any]


@dataclass(frozen=True)
class KnownRelease:
    """A release that was written, and when it was first compiled (naive UTC)."""

    release_id: str
    compiled_at: datetime
    journeys: tuple[str, ...]


def write_release(con: duckdb.DuckDBPyConnection, release: Release) -> bool:
    """Write the release's rows in one transaction; False when it was there already.

    `con` must not be in a transaction of its own.
    """
    con.begin()
    try:
        is_new = not is_written(con, release.release_id)
        if is_new:
            for table, rows in _tables(release, _next_number(con)):
                _insert(con, table, rows)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return is_new


def is_written(con: duckdb.DuckDBPyConnection, release_id: str) -> bool:
    """Tell whether the warehouse has the release."""
    query = "select 1 from raw.releases as r where r.release_id = ?"
    return con.execute(query, [release_id]).fetchone() is not None


def known_releases(con: duckdb.DuckDBPyConnection) -> list[KnownRelease]:
    """Return all releases, as first compiled, oldest first."""
    rows = con.execute(
        "select r.release_id, r.compiled_at, list(c.journey order by c.journey)"
        " filter (c.journey is not null) from raw.releases as r"
        " left join raw.release_cards as c on r.release_id = c.release_id"
        " group by r.release_id, r.compiled_at order by r.compiled_at, r.release_id"
    ).fetchall()
    return [KnownRelease(id_, at, tuple(journeys or ())) for id_, at, journeys in rows]


def read_release(con: duckdb.DuckDBPyConnection, release_id: str) -> Release:
    """Return the release as it was written. Raises UsageError for one that was not."""
    heads = _select(con, "releases", ("compiled_at",), release_id)
    if not heads:
        raise UsageError(
            f"the warehouse has no release {release_id}",
            where="raw.releases",
            mend="`baton release list` shows those it has",
        )
    policies = _select(con, "release_policies", _names(PolicyRow), release_id, "policy, row_no")
    sql = _select(con, "release_sql", _names(SqlFact), release_id, "kind, name")
    return Release(
        release_id,
        heads[0]["compiled_at"],
        tuple(_cards(con, release_id)),
        tuple(PolicyRow(**{**row, "row": json.loads(row["row"])}) for row in policies),
        tuple(SqlFact(**row) for row in sql),
    )


def _cards(con: duckdb.DuckDBPyConnection, release_id: str) -> Iterator[CompiledCard]:
    heads = _select(con, "release_cards", _names(CompiledCard), release_id, "journey")
    rules = _select(con, "release_rules", ("journey", *_names(Rule)), release_id, "rule_no")
    conditions = [
        Condition(**row)
        for row in _select(con, "release_conditions", _names(Condition), release_id)
    ]
    for head in heads:
        own = [row for row in rules if row["journey"] == head["journey"]]
        named = {id_ for row in own for id_ in _conditions_of(row)}
        yield CompiledCard(
            **head,
            rules=tuple(Rule(**{k: v for k, v in row.items() if k != "journey"}) for row in own),
            conditions=tuple(sorted(one for one in conditions if one.condition_id in named)),
        )


def _conditions_of(rule: Row) -> Iterator[str]:
    yield rule["condition_id"]
    guard = edge_guard(rule["signal"])
    if guard is not None:
        yield condition_id((guard,), ())


def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name not in _PARTS)


def _select(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    release_id: str,
    order: str = "all",
) -> list[Row]:
    listed = ", ".join(f't."{name}"' for name in columns)
    query = f"select {listed} from raw.{table} as t where t.release_id = ? order by {order}"
    rows = con.execute(query, [release_id]).fetchall()
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _next_number(con: duckdb.DuckDBPyConnection) -> int:
    row = con.execute("select coalesce(max(r.release_no), 0) + 1 from raw.releases as r").fetchone()
    return int(row[0]) if row else 1


def _tables(release: Release, number: int) -> Iterator[tuple[str, list[Row]]]:
    own: Row = {"release_id": release.release_id}
    head: Row = {"compiled_at": release.compiled_at, "summary": json.dumps(release.summary)}
    head["release_no"] = number
    yield "releases", [{**own, **head}]
    yield "release_cards", [{**own, **_card_row(card)} for card in release.cards]
    yield (
        "release_rules",
        [
            {**own, "journey": card.journey, "card_hash": card.card_hash, **asdict(rule)}
            for card in release.cards
            for rule in card.rules
        ],
    )
    conditions = sorted({one for card in release.cards for one in card.conditions})
    yield "release_conditions", [{**own, **asdict(one)} for one in conditions]
    yield (
        "release_policies",
        [{**own, **asdict(row), "row": json.dumps(row.row)} for row in release.policies],
    )
    yield "release_sql", [{**own, **asdict(one)} for one in release.sql]


def _card_row(card: CompiledCard) -> Row:
    return {name: getattr(card, name) for name in _names(CompiledCard)}


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    for start in range(0, len(rows), _ROWS_PER_INSERT):
        part = rows[start : start + _ROWS_PER_INSERT]
        names = list(part[0])
        columns = ", ".join(f'"{name}"' for name in names)
        places = ", ".join(f"({', '.join('?' for _ in names)})" for _ in part)
        values = [row[name] for row in part for name in names]
        con.execute(f"insert into raw.{table} ({columns}) values {places}", values)
