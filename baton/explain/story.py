"""A customer's story, gathered from public tables and the journal."""

from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.explain import paths, queries
from baton.explain.subject import find
from baton.journal import Journal

CHECKS = {
    "is_before_activation": "before activation",
    "is_superseded": "superseded",
    "is_already_done": "already done",
    "is_expired": "expired",
    "is_switched_off": "1 switched off",
    "is_suppressed": "2 suppressed",
    "has_no_consent": "3 no consent",
    "has_no_address": "4 no address",
    "has_open_case": "5 open case",
    "is_input_stale_or_behind": "6 stale or late input",
    "is_quiet_hours": "7 quiet hours",
    "is_held_out": "8 holdout",
    "is_outranked": "9 outranked",
    "is_capped": "10 capped",
}


def story(
    con: duckdb.DuckDBPyConnection, journal: Journal, dbt: DbtProject, asked: str
) -> dict[str, Any]:
    """Return who it is and why, what is allowed, where they stand, what was decided and sent.

    `about` is the message that was asked about with the step it comes from, null for a person.
    `instances` have their steps, each with what became of its action; `gone` are those that a
    merge or a late record took away. How far messages have come is what the journal says now.
    Times are naive UTC. Raises `BatonError` when the subject is unknown.
    """
    subject = find(con, dbt, asked)
    query = queries.Query(con, dbt, subject.person_id)
    messages = [_in_journal(row, journal) for row in query.rows(queries.MESSAGES)]
    steps = paths.with_messages(query.rows(queries.STEPS), messages)
    states = query.rows(queries.INSTANCES)
    return {
        "asked": asked,
        "message_id": subject.message_id,
        "person_id": subject.person_id,
        "about": paths.about(subject.message_id, messages, steps),
        "fields": query.rows(queries.FIELDS),
        "identifiers": query.rows(queries.IDENTIFIERS),
        "evidence": query.rows(queries.EVIDENCE),
        "identity_changes": query.rows(queries.CHANGES),
        "permissions": query.rows(queries.PERMISSIONS),
        "suppressions": query.rows(queries.SUPPRESSIONS),
        "instances": paths.instances(states, steps, now=journal.now()),
        "gone": paths.gone(query.rows(queries.GONE), messages),
        "decisions": [_with_checks(row) for row in query.rows(queries.DECISIONS)],
        "messages": messages,
    }


def _with_checks(row: dict[str, Any]) -> dict[str, Any]:
    checks = {label: row.pop(column) for column, label in CHECKS.items()}
    return row | {"checks": checks}


def _in_journal(row: dict[str, Any], journal: Journal) -> dict[str, Any]:
    message_id = row["message_id"]
    return row | {"message": journal.message(message_id), "attempts": journal.attempts(message_id)}
