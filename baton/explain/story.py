"""A customer's story, gathered from public tables and the journal."""

from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.explain import decided, paths, queries
from baton.explain.subject import find
from baton.journal import Journal


def story(
    con: duckdb.DuckDBPyConnection, journal: Journal, dbt: DbtProject, asked: str
) -> dict[str, Any]:
    """Return who it is and why, what is allowed, where they stand, what was decided and sent.

    `about` is the message that was asked about with the step it comes from, null for a person.
    `instances` have their steps, each with what became of its action; `gone` are those that a
    merge or a late record took away. `decisions` have their checks, what outranked them and the
    cap that was full. How far messages have come is what the journal says now, at `told_at`.
    Times are naive UTC. Raises `BatonError` when the subject is unknown.
    """
    subject = find(con, dbt, asked)
    query = queries.Query(con, dbt, subject.person_id)
    messages = [_in_journal(row, journal) for row in query.rows(queries.MESSAGES)]
    steps = paths.with_messages(query.rows(queries.STEPS), messages)
    states = query.rows(queries.INSTANCES)
    return {
        "asked": asked,
        "told_at": journal.now(),
        "message_id": subject.message_id,
        "person_id": subject.person_id,
        "about": paths.about(subject.message_id, messages, steps),
        "fields": query.rows(queries.FIELDS),
        "identifiers": query.rows(queries.IDENTIFIERS),
        "evidence": query.rows(queries.EVIDENCE),
        "identity_changes": query.rows(queries.CHANGES),
        "permissions": query.rows(queries.PERMISSIONS),
        "suppressions": query.rows(queries.SUPPRESSIONS),
        "heard": query.rows(queries.HEARD),
        "experiments": query.rows(queries.EXPERIMENTS),
        "instances": paths.instances(states, steps, query.rows(queries.AHEAD), now=journal.now()),
        "gone": paths.gone(query.rows(queries.GONE), messages),
        "decisions": decided.decisions(
            query.rows(queries.DECISIONS),
            rivals=query.rows(queries.RIVALS),
            caps=query.rows(queries.CAPS),
        ),
        "messages": messages,
    }


def _in_journal(row: dict[str, Any], journal: Journal) -> dict[str, Any]:
    message_id = row["message_id"]
    return row | {
        "message": journal.message(message_id),
        "events": journal.message_events(message_id),
        "attempts": journal.attempts(message_id),
    }
