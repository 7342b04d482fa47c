"""The first build of all: the engine knows no sizes of what the same transaction has written."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb

from .recorded import Recorded
from .told import Identifier, Record, Window
from .warehouse import Installation

_MULTIPLYING = {"CROSS_PRODUCT", "NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN"}
_WRITES = re.compile(r"(insert into|create (or replace )?(temporary )?table) .*\bselect\b")
_NOBODY_MOVED = 'insert into "shop"."identity"."identity_changes"'
"""What compares those who moved with all: nobody has, in a first build."""
_ONE_ROW = "UNGROUPED_AGGREGATE"

Plan = dict[str, Any]


def tables_of(plan: Plan) -> set[str]:
    """Tables of identity of which many rows may come out here."""
    if plan["name"].strip() == _ONE_ROW:
        return set()
    own = str(plan.get("extra_info", {}).get("Table", ""))
    found = {own} if "identity" in own else set[str]()
    return found.union(*map(tables_of, plan["children"]))


def multiplied(plan: Plan) -> Iterator[tuple[set[str], set[str]]]:
    """Yield the tables on both sides of each join that compares all with all."""
    if plan["name"].strip() in _MULTIPLYING:
        one, other = map(tables_of, plan["children"])
        if one and other:
            yield one, other
    for child in plan["children"]:
        yield from multiplied(child)


class Explaining:
    """A connection that has each writing statement explained before it runs."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self.explained = 0
        self.faults: list[str] = []

    def execute(self, sql: str, *arguments: Any) -> duckdb.DuckDBPyConnection:
        for one in duckdb.extract_statements(sql):
            text = re.sub(r"\s+", " ", one.query).strip()
            if _WRITES.match(text) and not text.startswith(_NOBODY_MOVED):
                ((_, plans),) = self._con.execute(f"explain (format json) {one.query}").fetchall()
                self.explained += 1
                (plan,) = json.loads(plans)
                self.faults += [f"{text[:90]}: {sides}" for sides in multiplied(plan)]
            done = self._con.execute(one.query, *arguments)
        return done


def first_build(recorded: Recorded) -> Explaining:
    """Build identity from a few records, all in one transaction."""
    at = datetime(2025, 1, 1)
    installation = Installation(recorded)
    installation.con.execute("begin")
    explaining = Explaining(installation.con)
    installation.con = explaining  # pyright: ignore[reportAttributeAccessIssue]
    shown = [
        (Identifier("user", f"user {number}"), Identifier("email", f"{number % 7}@example.com"))
        for number in range(20)
    ]
    records = (Record(f"record {n}", pair, at) for n, pair in enumerate(shown))
    installation.hear(Window(records=tuple(records)))
    return explaining


def test_no_statement_of_it_compares_all_identifiers_with_all(recorded: Recorded) -> None:
    built = first_build(recorded)
    assert built.explained > 10
    assert built.faults == []


def test_a_map_whose_joins_the_engine_may_order_would_be_found(recorded: Recorded) -> None:
    def freely(sql: str) -> str:
        return sql.replace("left join owners as p", "inner join owners as p").replace(
            'left join "shop"."identity"."nodes" as n', 'inner join "shop"."identity"."nodes" as n'
        )

    changed = recorded.changed(freely)
    assert changed != recorded, "the map is written otherwise now"
    (fault,) = first_build(changed).faults
    assert fault.startswith('insert into "shop"."identity"."identity_map"')
