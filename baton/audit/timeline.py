"""Who changed which rule when, decided what and sent what: one time line, page by page."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import duckdb

from baton.audit.entries import ACTS, TAIL, Filters, entries
from baton.audit.rule_changes import Changes, names_of, rule_changes
from baton.dbt_runner import DbtProject
from baton.errors import UsageError
from baton.explain import find
from baton.intake import last_of_feed
from baton.intake.sql import text
from baton.journal import Journal

KINDS = ("release", "approval", "switch", "identity", "decision", "message", "review")
_FEED = 100_000


@dataclass(frozen=True)
class Entry:
    """One line: who did what when and why. Times are naive UTC; `by` is null where rules did it.

    `what` is activate, withdraw, approve, stop, resume, force, never, lifted, erase, merge, split,
    review, the outcome of a decision, or the state that a message came to.
    """

    at: datetime
    kind: str
    id: str
    what: str
    scope: str | None = None
    subject: str | None = None
    by: str | None = None
    approved_by: str | None = None
    reason: str | None = None
    journey: str | None = None
    action: str | None = None
    channel: str | None = None
    destination: str | None = None
    release_id: str | None = None
    person_id: str | None = None
    message_id: str | None = None
    attempt_id: str | None = None
    changes: str | None = None

    @property
    def cursor(self) -> str:
        """The place of this line, from which a next page goes on."""
        return f"{self.at.isoformat()}|{KINDS.index(self.kind)}|{self.id}"


@dataclass(frozen=True)
class Asked:
    """What the time line is to tell: `since` <= time < `until`; null asks for all.

    `after` is the cursor of the last line of the page before.
    """

    since: datetime | None = None
    until: datetime | None = None
    customer: str | None = None
    journey: str | None = None
    release_id: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class Page:
    """Lines, oldest first; `after` asks for the next ones, null at the end."""

    entries: Sequence[Entry]
    after: str | None


_NAMES = tuple(one.name for one in fields(Entry))
_ORDER = 'q."at", q.rank, q.id'
_TYPES = {"at": "timestamp", "rank": "integer"}


def page(
    con: duckdb.DuckDBPyConnection, journal: Journal, dbt: DbtProject, asked: Asked, limit: int
) -> Page:
    """Return the first `limit` lines that are asked for.

    Raises BatonError for a customer whom nobody knows, UsageError for a cursor that is none.
    """
    query, given = _query(con, journal, dbt, asked)
    first = f"select * from ({query}) as q {_beyond(asked, given)} order by {_ORDER}"
    told = _joined(dbt, f"{first} limit {limit + 1}")
    rows = con.execute(f"select * from ({told}) as q order by {_ORDER}", given).fetchall()
    found = [Entry(**dict(zip(_NAMES, row, strict=False))) for row in rows[:limit]]
    return Page(found, found[-1].cursor if len(rows) > limit else None)


def export(
    con: duckdb.DuckDBPyConnection, journal: Journal, dbt: DbtProject, asked: Asked, file: str
) -> int:
    """Write all lines that are asked for into a Parquet file; return how many."""
    query, given = _query(con, journal, dbt, asked)
    told = f"select q.* exclude (rank) from ({_joined(dbt, query)}) as q order by {_ORDER}"
    row = con.execute(f"copy ({told}) to {text(file)} (format parquet)", given).fetchone()
    return int(row[0]) if row else 0


def _query(
    con: duckdb.DuckDBPyConnection, journal: Journal, dbt: DbtProject, asked: Asked
) -> tuple[str, dict[str, Any]]:
    """The SQL of all lines that are asked for, unordered, and its parameters."""
    after = _cursor(asked)
    since = max(filter(None, (asked.since, after and after[0])), default=None)
    given: dict[str, Any] = {"since": since, "until": asked.until, "journey": asked.journey}
    given |= {"release": asked.release_id}
    if asked.customer is not None:
        given |= _known_as(con, dbt, find(con, dbt, asked.customer).person_id)
    given = {name: value for name, value in given.items() if value is not None}
    _put(con, ACTS, _acts(con, journal, given))
    _put_tail(con, journal)
    query = entries(dbt, Filters(frozenset(given)))
    return query, {name: value for name, value in given.items() if f"${name}" in query}


def _cursor(asked: Asked) -> tuple[datetime, int, str] | None:
    if asked.after is None:
        return None
    try:
        at, rank, id_ = asked.after.split("|", 2)
        return datetime.fromisoformat(at), int(rank), id_
    except ValueError as error:
        raise UsageError(
            "this is no place on the time line",
            where="--after",
            mend="give what the page before has told as `after`",
        ) from error


def _beyond(asked: Asked, given: dict[str, Any]) -> str:
    after = _cursor(asked)
    if after is None:
        return ""
    given |= dict(zip(("at", "rank", "id"), after, strict=True))
    return 'where (q."at", q.rank, q.id) > ($at, $rank, $id)'


def _joined(dbt: DbtProject, query: str) -> str:
    """The lines with the person that they are about now, and the release of their message."""
    own = {
        "person_id": "coalesce(e.person_id, m.person_id) as person_id",
        "release_id": "coalesce(e.release_id, o.release_id) as release_id",
    }
    columns = ", ".join(own.get(name, f'e."{name}"') for name in _NAMES)
    return (
        f"select {columns}, e.rank from ({query}) as e "
        f"left join {dbt.relation('identity_map')} as m on e.node_id = m.node_id "
        f"left join {dbt.relation('outbox')} as o on e.message_id = o.message_id"
    )


def _known_as(
    con: duckdb.DuckDBPyConnection, dbt: DbtProject, person_id: str
) -> dict[str, list[str]]:
    queries = {
        "nodes": f"select node_id from {dbt.relation('identity_map')} where person_id = ?",
        "persons": f"select alias_id from {dbt.relation('identity_aliases')} where person_id = ?",
    }
    return {
        name: [row[0] for row in con.execute(sql, [person_id]).fetchall()]
        for name, sql in queries.items()
    }


def _acts(
    con: duckdb.DuckDBPyConnection, journal: Journal, given: dict[str, Any]
) -> list[dict[str, Any]]:
    changes = rule_changes(con, journal.activations())
    rows = journal.ledgers.acts(given.get("since"), given.get("until"))
    return [
        {**row, "rank": KINDS.index(row["kind"]), "changes": _told(changes, row)}
        for row in rows
        if _is_asked(row, changes.get(row["seq"], {}), given)
    ]


def _is_asked(row: dict[str, Any], changes: Changes, given: dict[str, Any]) -> bool:
    """Whether an act is about what is asked: of a journey, its rules and what may stop it."""
    if "persons" in given:
        return row["person_id"] in given["persons"]
    if "release" in given:
        return bool(row["release_id"] == given["release"])
    if "journey" not in given:
        return True
    if row["kind"] == "release":
        touched = names_of(changes, "cards")
        return given["journey"] in touched or not touched or bool(names_of(changes, "policies"))
    if row["kind"] == "switch":
        return row["scope"] != "person" and row["journey"] in (None, given["journey"])
    return row["kind"] == "approval" and row["scope"] != "sync"


def _told(changes: dict[int, Changes], row: dict[str, Any]) -> str | None:
    is_told = row["kind"] == "release" and row["seq"] in changes
    return json.dumps(changes[row["seq"]]) if is_told else None


def _put(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    names = (*_NAMES, "rank", "node_id")
    columns = ", ".join(f'"{name}" {_TYPES.get(name, "varchar")}' for name in names)
    con.execute(f"create or replace temp table {table} ({columns})")
    if rows:
        values = [[row.get(name) for name in names] for row in rows]
        con.executemany(f"insert into {table} values ({', '.join('?' * len(names))})", values)


def _put_tail(con: duckdb.DuckDBPyConnection, journal: Journal) -> None:
    """What the journal has of messages that no batch has taken in."""
    con.execute(
        f"create or replace temp table {TAIL} as "
        "select * from raw.journal_message_events as e where false"
    )
    columns = [row[0] for row in con.execute(f"describe {TAIL}").fetchall()]
    after = last_of_feed(con, "raw.journal_message_events")
    while rows := journal.feed("message_events", after, limit=_FEED):
        values = [[row.get(name) for name in columns] for row in rows]
        marks = ", ".join("?" * len(columns))
        con.executemany(f"insert into {TAIL} values ({marks})", values)
        after = int(str(rows[-1]["seq"]))


def told(entry: Entry) -> dict[str, Any]:
    """An entry as facts, without what it does not say."""
    return {name: value for name, value in asdict(entry).items() if value is not None}
