"""The query for lift in the docs runs on a built warehouse, and counts exposed people alone."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import Built
from project_copies import REPOSITORY

PAGE = REPOSITORY / "docs" / "how-to" / "measure_lift.md"
QUERY = PAGE.read_text().partition("```sql\n")[2].partition("```")[0]
TABLES = ("decisions.exposures", "decisions.journey_steps", "raw.this_window")


@pytest.fixture
def con(built: Built, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty file with the tables that the query reads, as the warehouse has them."""
    with duckdb.connect(str(tmp_path / "lift.duckdb")) as con:
        con.execute(f"attach '{built.project.warehouse}' as shop (read_only)")
        for table in TABLES:
            con.execute(f"create schema if not exists {table.split('.')[0]}")
            con.execute(f"create table {table} as from shop.{table} limit 0")
        con.execute("insert into raw.this_window (batch_time) values ('2024-06-01 12:00')")
        yield con


def expose(con: duckdb.DuckDBPyConnection, arm: str, *reached: str | None, **facts: object) -> None:
    """Let people be exposed on 1 May at noon; each reaches the goal on its day, or never."""
    row = {"holdout": "h", "arm": arm, "is_contaminated": False, "exposed_at": "2024-05-01 12:00"}
    for number, day in enumerate(reached):
        person = {"person_id": f"{arm} {number} {facts}", "journey": "quote"}
        _insert(con, "decisions.exposures", row | person | facts)
        if day:
            goal = {"step_id": "s", "kind": "goal", "reached_at": day}
            _insert(con, "decisions.journey_steps", person | goal)


def _insert(con: duckdb.DuckDBPyConnection, table: str, row: dict[str, object]) -> None:
    marks = ", ".join("?" * len(row))
    con.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


def test_the_query_for_lift_runs_on_a_built_warehouse(built: Built) -> None:
    with duckdb.connect(str(built.project.warehouse), read_only=True) as con:
        con.execute(QUERY)
        assert [one[0] for one in con.description or []][:3] == ["holdout", "treated", "held_back"]


def test_lift_is_the_difference_between_exposed_people_of_the_two_arms(
    con: duckdb.DuckDBPyConnection,
) -> None:
    late, early, last = "2024-05-15 12:00", "2024-05-01 11:59", "2024-05-15 11:59"
    expose(con, "treatment", "2024-05-01 12:00", last, "2024-05-03 09:00", late)
    expose(con, "control", "2024-05-02 09:00", early, None, None)
    expose(con, "control", last, last, is_contaminated=True)
    expose(con, "control", "2024-05-25 09:00", exposed_at="2024-05-20 12:00")
    expose(con, "treatment", last, holdout="no control")
    ((*said, give_or_take),) = con.execute(QUERY).fetchall()
    assert said == ["h", 4, 4, 0.75, 0.25, 0.5]
    assert give_or_take == pytest.approx(1.96 * (2 * 0.75 * 0.25 / 4) ** 0.5)
