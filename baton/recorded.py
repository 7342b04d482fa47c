"""What dbt says in a build, noted, and put into words that can be said again and again.

dbt makes a table for what a model selects, anew in every build. A table that is made changes the
shape of the warehouse, and no plan of a statement outlives that. So the same is said in place:
rows go into a table that is there, and out of it again.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

_COMMENT = re.compile(r"\A\s*/\*\s*(?P<facts>\{.*?\})\s*\*/\s*", re.DOTALL)
_CLOCK = re.compile(r"(?<=__dbt_tmp)\d{20}")
_CREATES_TEMPORARY = re.compile(r"\Acreate temporary table", re.IGNORECASE)
_MAKES_PLACE = re.compile(r"\Acreate schema if not exists\s", re.IGNORECASE)
"""Said of each schema, in another order by another process; they are there in a warm run."""
_WRITES = re.compile(r"\b(insert|update|delete|merge)\b", re.IGNORECASE)
_READS = frozenset({"select", "describe", "show", "with"})
_MAKES = re.compile(
    r"\A\s*create\s+(or replace\s+)?(?P<temporary>temporary\s+)?table\s+(?P<name>\S+)\s+"
    r"as\s*\((?P<query>.*)\)\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_FROM_SCRATCH = re.compile(
    r"""\A(delete\ from\ \S+\s+where\s*\(\s*\w+\s*\)\s*in\s*\(\s*select\s*\(\s*\w+\s*\)
        |insert\ into\ \S+\s*\([^()]*\)\s*\(\s*select\s[^()]*?)
    \s+from\s+(?P<name>\S+)\s*\)(?P<more>.*)\Z""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_DELETES_KEYS = re.compile(
    r"""\A(?P<start>delete\ from\ \S+\s+where\s*\(\s*\w+\s*\)\s*in\s*
        \(\s*select\s*\(\s*(?P<key>\w+)\s*\)\s+from\s+\S+?)\s*\)""",
    re.IGNORECASE | re.VERBOSE,
)
_OR = re.compile(r"\bor\b", re.IGNORECASE)
_SWAPS = re.compile(r"\A\s*(alter table|drop table if exists)\s+(?P<name>\S+)", re.IGNORECASE)
_SUFFIX = re.compile(r'__dbt_(tmp|backup)(?="?\Z)')


@dataclass(frozen=True)
class Statement:
    """One statement of a build, and the model it belongs to.

    `fills` names the scratch table it puts rows into; where the one that `needs` names has got
    none, the statement does nothing and may be left out.
    """

    model: str
    sql: str
    fills: str | None = None
    needs: str | None = None


@dataclass(frozen=True)
class Plan:
    """Statements that build the same tables again, on a connection that has the `scratch` tables.

    `scratch` is what makes each of these, temporary ones that are empty between two builds.
    """

    scratch: tuple[str, ...]
    statements: tuple[Statement, ...]


class Recording:
    """The statements of one plain build that change something; `refused` says why none of use."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.refused: str | None = None

    def __call__(self, sql: str, bindings: Any) -> None:
        """Note one statement as dbt sends it."""
        found = _COMMENT.match(sql)
        text = sql[found.end() :] if found else sql
        first = text.split(maxsplit=1)[0].lower()
        if first in _READS and not (first == "with" and _WRITES.search(text)):
            return
        if _MAKES_PLACE.match(text.lstrip()):
            return
        node = json.loads(found["facts"]).get("node_id", "") if found else ""
        model = str(node).rpartition(".")[2]
        if bindings is not None:
            self.refused = f"{model or 'dbt'} sends a statement with parameters"
        self.statements.append(Statement(model, _repeatable(text)))


@cache
def noted_as() -> str:
    """Return a hash of this module: another version of it may note the same in other words."""
    return hashlib.md5(Path(__file__).read_bytes(), usedforsecurity=False).hexdigest()


def in_place(con: duckdb.DuckDBPyConnection, said: Sequence[Statement]) -> Plan:
    """Say the same without making tables, for tables that are there.

    What dbt says in other words than it did when this was written stays as it is.
    """
    scratch: dict[str, str] = {}
    statements: list[Statement] = []
    swapped: set[str] = set()
    for one in _singly(con, said):
        made, swap = _MAKES.match(one.sql), _SWAPS.match(one.sql)
        if made is None:
            if swap is None or _SUFFIX.sub("", swap["name"]) not in swapped:
                sql = _sifting(one.sql)
                statements.append(replace(one, sql=sql, needs=_needed(one.sql, scratch)))
            continue
        name, query = made["name"], made["query"]
        place = _SUFFIX.sub("", name)
        if made["temporary"]:
            scratch[name] = f"create or replace temporary table {name} ({_columns(con, query)})"
            statements.append(replace(one, sql=f"insert into {name} {query}", fills=name))
        elif place == name or place in query:
            statements.append(one)
        else:
            swapped.add(place)
            statements.append(replace(one, sql=f"delete from {place}"))
            statements.append(replace(one, sql=f"insert into {place} {query}"))
    emptied = (Statement("", f"delete from {name}", needs=name) for name in scratch)
    return Plan(tuple(scratch.values()), (*statements, *emptied))


def _sifting(sql: str) -> str:
    """Say the same of the keys that are not null: with a condition of their own they become a
    filter of the table's scan, see macro few_of."""
    return _DELETES_KEYS.sub(r"\g<start> where \g<key> is not null)", sql)


def _needed(sql: str, scratch: Collection[str]) -> str | None:
    """The scratch table without whose rows the statement neither removes nor adds any."""
    found = _FROM_SCRATCH.match(sql)
    if found is None or found["name"] not in scratch or _OR.search(found["more"]):
        return None
    return found["name"]


def _singly(con: duckdb.DuckDBPyConnection, said: Sequence[Statement]) -> Iterator[Statement]:
    for several in said:
        for one in con.extract_statements(several.sql):
            yield replace(several, sql=one.query.strip().rstrip(";"))


def _columns(con: duckdb.DuckDBPyConnection, query: str) -> str:
    found = con.execute(f"describe from ({query})").fetchall()
    return ", ".join(f'"{name}" {data_type}' for name, data_type, *_ in found)


def _repeatable(sql: str) -> str:
    """The text under names that stay: dbt's temporary tables are called by the clock."""
    text = _CLOCK.sub("_of_plan", sql)
    return _CREATES_TEMPORARY.sub("create or replace temporary table", text)
