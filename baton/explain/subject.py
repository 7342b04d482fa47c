"""Finding whom or what a question is about."""

import re
from dataclasses import dataclass

import duckdb

from baton.dbt_runner import DbtProject
from baton.errors import BatonError


@dataclass(frozen=True)
class Subject:
    """A person, and the message that was asked about, if one was."""

    person_id: str
    message_id: str | None = None


def find(con: duckdb.DuckDBPyConnection, dbt: DbtProject, text: str) -> Subject:
    """Resolve a message id, a person id ever issued, or any identifier of a person.

    Raises `BatonError` when nothing is known by that name.
    """
    asked = text.strip()
    finders = (_by_message, _by_person, _by_identifier)
    for finder in finders:
        subject = finder(con, dbt, asked)
        if subject:
            return subject
    raise BatonError(
        "nobody and no message is known by that name",
        where="explain",
        mend="give an e-mail, a phone number with country code, a CRM, user or person id, "
        "or a message id",
    )


def _by_message(con: duckdb.DuckDBPyConnection, dbt: DbtProject, asked: str) -> Subject | None:
    row = con.execute(
        f"select m.person_id, o.message_id from {dbt.relation('outbox')} as o "
        f"join {dbt.relation('identity_map')} as m on o.entry_node_id = m.node_id "
        "where o.message_id = ?",
        [asked],
    ).fetchone()
    return Subject(row[0], row[1]) if row else None


def _by_person(con: duckdb.DuckDBPyConnection, dbt: DbtProject, asked: str) -> Subject | None:
    row = con.execute(
        f"select person_id from {dbt.relation('identity_aliases')} where alias_id = ?", [asked]
    ).fetchone()
    return Subject(row[0]) if row else None


def _by_identifier(con: duckdb.DuckDBPyConnection, dbt: DbtProject, asked: str) -> Subject | None:
    digits = re.sub(r"\D", "", asked)
    spellings = [asked, asked.lower(), f"+{digits}", f"+1{digits}"]
    row = con.execute(
        f"select m.person_id from {dbt.relation('nodes')} as n "
        f"join {dbt.relation('identity_map')} as m on n.node_id = m.node_id "
        "where n.node_value in (select unnest(?)) order by n.node_seq limit 1",
        [spellings],
    ).fetchone()
    return Subject(row[0]) if row else None
