"""The lines of the time line that come from the warehouse, as SQL with its filters inside."""

from collections.abc import Iterator
from dataclasses import dataclass

from baton.dbt_runner import DbtProject

ACTS = "baton_acts"
TAIL = "baton_tail"


@dataclass(frozen=True)
class Filters:
    """Which parameters are given: since, until, journey, release, nodes, persons."""

    given: frozenset[str]

    def where(self, **columns: str) -> str:
        """The condition over the columns by which each filter is told."""
        parts = [
            condition.format(column=columns[name])
            for name, condition in _CONDITIONS.items()
            if name in self.given and name in columns
        ]
        return " and ".join(parts) or "true"


def entries(dbt: DbtProject, filters: Filters) -> str:
    """The SQL of all lines, unordered; `node_id` says whom those without `person_id` are about."""
    return "\nunion all by name\n".join(_parts(dbt, filters))


def _parts(dbt: DbtProject, filters: Filters) -> Iterator[str]:
    yield f"select * from {ACTS}"
    yield f"""
        select d.decided_at as "at", 4 as rank, 'decision' as kind, d.evaluation_id as id,
            d.outcome as what, d.candidate_id as subject, d.reason, d.journey, d.action, d.channel,
            d.destination, d.release_id, d.message_id, d.entry_node_id as node_id
        from {dbt.relation("decisions")} as d
        where {
        filters.where(
            since="d.decided_at",
            until="d.decided_at",
            journey="d.journey",
            release="d.release_id",
            nodes="d.entry_node_id",
        )
    }"""
    outbox = dbt.relation("outbox")
    of_release = f"(select o.release_id from {outbox} as o where o.message_id = e.message_id)"
    for table in ("raw.journal_message_events", TAIL):
        yield f"""
        select e.occurred_at as "at", 5 as rank, 'message' as kind,
            format('{{:012d}}', e.seq) as id, e.state as what, e.set_by as "by",
            nullif(concat_ws(': ', e.reason, e.note), '') as reason, e.journey, e.action, e.channel,
            e.destination, e.message_id, e.attempt_id, e.node_id
        from {table} as e
        where e.journey <> 'erasure' and {
            filters.where(
                since="e.occurred_at",
                until="e.occurred_at",
                journey="e.journey",
                release=of_release,
                nodes="e.node_id",
            )
        }"""
    if not {"journey", "release"} & filters.given:
        yield f"""
        select c.changed_at as "at", 3 as rank, 'identity' as kind, c.change_id as id,
            c.kind as what, concat_ws(' ', c.from_person_id, c.to_person_id) as subject,
            coalesce(c.to_person_id, c.from_person_id) as person_id
        from {dbt.relation("identity_changes")} as c
        where c.kind <> 'erase' and {
            filters.where(since="c.changed_at", until="c.changed_at", persons="c.to_person_id")
        }"""


_CONDITIONS = {
    "since": "{column} >= $since",
    "until": "{column} < $until",
    "journey": "{column} = $journey",
    "release": "{column} = $release",
    "nodes": "{column} in (select unnest($nodes::varchar[]))",
    "persons": "{column} in (select unnest($persons::varchar[]))",
}
