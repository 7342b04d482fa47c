"""The identifier that somebody means."""

import re
from dataclasses import dataclass, field

import duckdb

from baton.addresses import email, phone
from baton.dbt_runner import DbtProject
from baton.errors import UsageError


@dataclass(frozen=True)
class End:
    """An identifier and its person now; `gives_id` tells that the person id is its own."""

    node_id: str
    node_type: str
    value: str = field(repr=False)
    person_id: str


def find_end(con: duckdb.DuckDBPyConnection, dbt: DbtProject, text: str) -> End:
    """Resolve an identifier, written in any way, `type:value`, or a person id ever issued.

    A person id names the identifier that gave it, so that two ids which a merge has brought
    together can still be told apart. Raises UsageError when nobody is known by that name.
    """
    asked = text.strip()
    node_type, _, value = asked.partition(":")
    sql = (
        f"select n.node_id, n.node_type, n.node_value, m.person_id from {dbt.relation('nodes')} "
        f"as n join {dbt.relation('identity_map')} as m on n.node_id = m.node_id where "
    )
    tries = (
        ("n.minted_person_id = ?", [asked]),
        ("n.node_value in (select unnest(?))", [spellings(asked)]),
        ("n.node_type = ? and n.node_value in (select unnest(?))", [node_type, spellings(value)]),
    )
    for condition, parameters in tries:
        query = f"{sql} {condition} order by n.node_seq limit 1"
        row = con.execute(query, parameters).fetchone()
        if row:
            return End(*row)
    raise UsageError(
        "nobody is known by that name",
        where="baton identity",
        mend="give an e-mail, a phone number with country code, a CRM, user or person id; where "
        "a value is of several types, type:value",
    )


def spellings(asked: str) -> list[str]:
    """The ways in which `nodes` may have a value that somebody writes like that."""
    digits = re.sub(r"\D", "", asked)
    spelt = (asked, asked.lower(), email(asked), phone(asked), f"+{digits}", f"+1{digits}")
    return list(dict.fromkeys(one for one in spelt if one))
