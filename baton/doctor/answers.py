"""A question, what is asked of the stores, and the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.warehouse import rows_of

State = Literal["ok", "attention", "missing"]
OK: State = "ok"
ATTENTION: State = "attention"
MISSING: State = "missing"
LIVE_RULES = (
    "select r.* from raw.release_rules as r"
    " inner join {stg_release__live} as l on r.release_id = l.release_id"
)
"""The rules of all live cards, as a query for `Ground.rows`."""


@dataclass(frozen=True)
class Ground:
    """What answers are taken from: both stores, open for reading."""

    con: duckdb.DuckDBPyConnection
    journal: Journal
    dbt: DbtProject

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a query in which `{model}` stands for the model's table."""
        return list(rows_of(self.con, self._resolved(sql)))

    def row(self, sql: str) -> dict[str, Any]:
        """Return the one row of such a query."""
        return self.rows(sql)[0]

    def count(self, sql: str) -> int:
        """Return the one number of such a query, 0 for null."""
        return int(next(iter(self.row(sql).values())) or 0)

    def _resolved(self, sql: str) -> str:
        return sql.format_map(_Relations(self.dbt))


class _Relations(dict[str, str]):
    def __init__(self, dbt: DbtProject) -> None:
        super().__init__()
        self._dbt = dbt

    def __missing__(self, name: str) -> str:
        return self._dbt.relation(name)


@dataclass(frozen=True)
class Said:
    """How a question stands, in a sentence; `mend` is what to do, blank where all is well."""

    state: State
    answer: str
    mend: str = ""


@dataclass(frozen=True)
class Question:
    """One question: its number, its words, where the answer comes from, and how it is found."""

    number: str
    text: str
    where: str
    ask: Callable[[Ground], Said]


@dataclass(frozen=True)
class Answer:
    """A question and how it stands."""

    number: str
    question: str
    state: State
    answer: str
    where: str
    mend: str | None


def judged(answer: str, *checks: tuple[bool, State, str]) -> Said:
    """Return the answer with the state and mend of the first check that holds, else `ok`."""
    for is_so, state, mend in checks:
        if is_so:
            return Said(state, answer, mend)
    return Said(OK, answer)
