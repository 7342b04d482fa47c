"""Governance as data: what the `ops_` tables find, as counts and samples. No personal data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.warehouse import rows_of, tables_of_a_batch

SAMPLES = 5
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Watch:
    """What counts as a finding in a table: `where` it holds, `worst` first, and the mend."""

    table: str
    means: str
    where: str
    worst: str
    says: str
    mend: str


@dataclass(frozen=True)
class Finding:
    """How many rows of a table are findings, and the worst of them in words."""

    watch: Watch
    count: int
    samples: tuple[str, ...]

    def line(self) -> str:
        """Say in a line how many, and of what."""
        return f"{self.watch.means}: {f'{self.count:,}' if self.count else 'none'}"


WATCHES = (
    Watch(
        "ops_reviews",
        "overdue reviews",
        "state = 'overdue'",
        "due_at, kind, name",
        "{kind} {name}, of {owner}: since {due_at:%Y-%m-%d}",
        "let the owner look, then say so: `baton review NAME --by WHO`",
    ),
    Watch(
        "ops_unowned",
        "things without an owner or a trusted source",
        "true",
        "kind, name, lacks",
        "{kind} {name}: no {lacks}",
        "name an owner in the card or in policies/owners.csv; trust a source in field_trust.csv",
    ),
    Watch(
        "ops_contracts",
        "broken data contracts",
        "is_broken",
        "journey, kind, name",
        "{journey} needs {kind} {name} within {fresh_within_s:g} s",
        "ask the owner of the source why it is late (`baton status` shows deliveries)",
    ),
    Watch(
        "ops_journey_overlap",
        "pairs of journeys that share most people, or want the same ones in a week",
        "jaccard >= 0.5 or wanted_by_both > 0",
        "jaccard desc, journey_a, journey_b",
        "{journey_a} and {journey_b}: {people_both:,} in both (Jaccard {jaccard:.2f}), "
        "{wanted_by_both:,} wanted by both",
        "merge them, or give both a conflict group and a cap",
    ),
    Watch(
        "ops_dead_rules",
        "rules that never did anything",
        "true",
        "kind, journey, name",
        "{kind} {name}{of_journey}: {reason}",
        "take it out, or mend what it listens to",
    ),
    Watch(
        "ops_starved_actions",
        "actions that never came about",
        "true",
        "candidates desc, journey, action",
        "{journey} {action}: {candidates:,} candidates, mostly {reason}",
        "where others win, turn a lever or loosen the cap; where consent or an address lacks, "
        "collect it; or take the action out",
    ),
    Watch(
        "ops_drift",
        "inputs or mixes that have drifted",
        "state = 'drifted'",
        "score desc, measure, subject",
        "{measure} of {subject}: {score:.2f} (drift from {drifts_above:.2f}){of_mover}",
        "look whether the source or the world changed; stop the journey while you do",
    ),
)


def findings(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> list[Finding]:
    """Return what each watched table finds at the time of the last batch, in a fixed order."""
    return [find(con, dbt, watch) for watch in WATCHES]


def find(con: duckdb.DuckDBPyConnection, dbt: DbtProject, watch: Watch) -> Finding:
    """Return what one table finds. Raises `TablesMissing` before the first batch."""
    query = (
        f"select *, count(*) over () as found from {dbt.relation(watch.table)} "
        f"where {watch.where} order by {watch.worst} limit {SAMPLES}"
    )
    with tables_of_a_batch():
        rows = list(rows_of(con, query))
    count = int(rows[0]["found"]) if rows else 0
    return Finding(watch, count, tuple(_said(watch, row) for row in rows))


def _said(watch: Watch, row: Row) -> str:
    journey, mover = row.get("journey"), row.get("mover")
    return watch.says.format(
        **row,
        of_journey=f" of {journey}" if journey else "",
        of_mover=f", most by {mover}" if mover else "",
    )
