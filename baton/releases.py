"""Releases: cards, policies and the checksums of signal and guard SQL under a content hash."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb

from baton.cards import CompiledCard, Policy, compile_card, read_project, render, sql_checksums
from baton.errors import CheckFailed, UsageError
from baton.ids import make_id
from baton.intake import prepare
from baton.journal import Activation, Journal
from baton.project import Project
from baton.warehouse import writer

_ROWS_PER_INSERT = 200
Row = dict[str, object]


@dataclass(frozen=True)
class PolicyRow:
    """One row of a policy seed; `row_no` counts from 1, empty cells are None."""

    policy: str
    row_no: int
    row: Mapping[str, str | None]


@dataclass(frozen=True)
class Release:
    """What a release is made of. Equal content has the equal `release_id`; times are naive UTC."""

    release_id: str
    compiled_at: datetime
    cards: tuple[CompiledCard, ...]
    policies: tuple[PolicyRow, ...]
    sql_checksums: Mapping[str, str]

    @property
    def summary(self) -> dict[str, object]:
        """Card hash by journey, rows by policy, checksum by signal and guard file."""
        return {
            "journeys": {card.journey: card.card_hash for card in self.cards},
            "policies": dict(Counter(row.policy for row in self.policies)),
            "sql": dict(self.sql_checksums),
        }


class ActivationLog(Protocol):
    """The part of the journal that activations need."""

    def record_activation(
        self,
        release_id: str,
        *,
        kind: str,
        active_from: datetime,
        by: str,
        approved_by: str | None,
        reason: str,
    ) -> int:
        """Append `activate` or `withdraw` of a release and return its sequence number."""
        ...


def compile_release(dbt_project: Path, *, now: datetime) -> Release:
    """Return the release of the working tree, compiled at `now` (naive UTC).

    The id covers everything a customer's history may quote: cards with owner and `why`, policy
    rows in their order, signal and guard SQL without comments and layout. A card's own text is
    kept but not covered, so a comment makes no new release.

    Raises CheckFailed with every problem when the check finds something.
    """
    project = read_project(dbt_project)
    if project.problems:
        raise CheckFailed(
            f"the release is refused: {len(project.problems)} to mend\n{render(project.problems)}",
            where=str(dbt_project),
            mend="mend these, then run `baton check` again",
        )
    checked = ((one.checked.card, one.text) for one in project.cards)
    cards = tuple(compile_card(card, text) for card, text in checked if card)
    policies = tuple(row for policy in project.policies for row in _policy_rows(policy))
    checksums = dict(sql_checksums(project.folder))
    release_id = _content_id(cards, policies, checksums)
    return Release(release_id, now, cards, policies, checksums)


def write_release(con: duckdb.DuckDBPyConnection, release: Release) -> bool:
    """Write the release's rows in one transaction; False when it was there already.

    `con` must not be in a transaction of its own.
    """
    con.begin()
    try:
        known = con.execute(
            "select 1 from raw.releases as r where r.release_id = ?", [release.release_id]
        ).fetchone()
        if known is None:
            for table, rows in _tables(release):
                _insert(con, table, rows)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return known is None


def activate(
    journal: ActivationLog,
    release_id: str,
    *,
    active_from: datetime,
    by: str,
    approved_by: str | None,
    reason: str,
) -> int:
    """Record that the release is live from `active_from` (naive UTC); return the log's sequence.

    Raises UsageError when it is not said who activates it, or why.
    """
    if not by.strip() or not reason.strip():
        mend = "say who activates it and why; both stay on record"
        raise UsageError("an activation without a name or a reason", where=release_id, mend=mend)
    return journal.record_activation(
        release_id,
        kind="activate",
        active_from=active_from,
        by=by,
        approved_by=approved_by,
        reason=reason,
    )


def live_release(activations: Iterable[Activation]) -> str | None:
    """Return the release whose activation is the latest that stands, None when none does."""
    standing: list[str] = []
    for entry in sorted(activations, key=lambda one: one.seq):
        if entry.kind == "withdraw":
            standing = [one for one in standing if one != entry.release_id]
        else:
            standing.append(entry.release_id)
    return standing[-1] if standing else None


def compile_and_activate(
    project: Project, journal: Journal, *, by: str, approved_by: str | None, reason: str
) -> dict[str, Any]:
    """Compile the working tree, write it into the warehouse and make it live from now on.

    Raises `CheckFailed` when a card or policy is wrong and `Busy` while a batch runs.
    """
    now = journal.now()
    release = compile_release(project.dbt_project, now=now)
    with writer(project.warehouse) as con:
        prepare(con, [])
        is_new = write_release(con, release)
    activate(
        journal,
        release.release_id,
        active_from=now,
        by=by,
        approved_by=approved_by,
        reason=reason,
    )
    facts = {"release_id": release.release_id, "is_new": is_new, "active_from": now}
    return facts | {"journeys": [card.journey for card in release.cards]}


def describe(release: Release) -> str:
    """Return the release in a few lines for people."""
    lines = [f"release {release.release_id}, compiled {release.compiled_at:%Y-%m-%d %H:%M} UTC"]
    for card in release.cards:
        facts = f"{len(card.rules)} rules, {card.purpose}, owner {card.owner}"
        lines.append(f"  journey {card.journey}  card {card.card_hash[:12]}  {facts}")
    counted = Counter(row.policy for row in release.policies)
    lines += [f"  policy {policy}  {rows} rows" for policy, rows in counted.items()]
    lines += [f"  {name}  {checksum[:12]}" for name, checksum in release.sql_checksums.items()]
    return "\n".join(lines)


def _policy_rows(policy: Policy) -> Iterator[PolicyRow]:
    for number, line in enumerate(policy.lines, start=1):
        cells = {column: cell or None for column, cell in line.cells.items()}
        yield PolicyRow(policy.name, number, cells)


def _content_id(
    cards: Sequence[CompiledCard], policies: Sequence[PolicyRow], checksums: Mapping[str, str]
) -> str:
    content = {
        "cards": [{**asdict(card), "card_text": None} for card in cards],
        "policies": [asdict(row) for row in policies],
        "sql": checksums,
    }
    return make_id("release", json.dumps(content, sort_keys=True, separators=(",", ":")))


def _tables(release: Release) -> Iterator[tuple[str, list[Row]]]:
    own: Row = {"release_id": release.release_id}
    head = {"compiled_at": release.compiled_at, "summary": json.dumps(release.summary)}
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


def _card_row(card: CompiledCard) -> Row:
    return {
        name: value for name, value in vars(card).items() if name not in {"rules", "conditions"}
    }


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    for start in range(0, len(rows), _ROWS_PER_INSERT):
        part = rows[start : start + _ROWS_PER_INSERT]
        columns = ", ".join(f'"{name}"' for name in part[0])
        places = ", ".join(f"({', '.join('?' for _ in row)})" for row in part)
        values = [value for row in part for value in row.values()]
        con.execute(f"insert into raw.{table} ({columns}) values {places}", values)
