"""Ids made in SQL and in Python are the same."""

from datetime import datetime

import duckdb
import pytest
from conftest import Built
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from baton.ids import Part, make_id

AT = datetime(2017, 12, 29, 12, 30, 0, 123456)
BEFORE_1970 = datetime(1969, 12, 31, 23, 59, 59, 999999)
VECTORS: list[tuple[str, tuple[Part, ...], str]] = [
    ("node", ("email", "ada@example.com"), "[\"'email'\", \"'ada@example.com'\"]"),
    ("node", ("user", "Zoë Ångström"), "[\"'user'\", \"'Zoë Ångström'\"]"),
    ("lane", ("ada", None, "q1"), "[\"'ada'\", 'null', \"'q1'\"]"),
    ("lane", (None, None), "['null', 'null']"),
    ("lane", ("", None), "[\"''\", 'null']"),
    ("evaluation", ("c1", 12), "[\"'c1'\", '12']"),
    ("seq", (-9223372036854775807,), "['-9223372036854775807']"),
    ("alone", (), "[]"),
    ("at", (AT,), f"[epoch_microseconds(\"timestamp '{AT}'\")]"),
    ("at", (BEFORE_1970,), f"[epoch_microseconds(\"timestamp '{BEFORE_1970}'\")]"),
    ("at", (None,), "[epoch_microseconds('cast(null as timestamp)')]"),
]


@pytest.fixture(scope="module")
def in_sql(parsed: Built) -> list[str]:
    """The ids of the vectors, as the macro's SQL makes them."""
    calls = (f"{{{{ baton_id('{kind}', {parts}) }}}}" for kind, _, parts in VECTORS)
    inline = "select " + ", ".join(f"{call} as id_{n}" for n, call in enumerate(calls))
    folders = [
        "--project-dir",
        str(parsed.project.dbt_project),
        "--profiles-dir",
        str(parsed.project.root),
    ]
    quiet = ["--log-level", "none", "--log-level-file", "none", "--no-introspect", "--quiet"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BATON_WAREHOUSE", str(parsed.project.warehouse))
        result = dbtRunner(manifest=parsed.dbt.manifest).invoke(
            ["compile", "--inline", inline, *folders, *quiet]
        )
    DuckDBConnectionManager.close_all_connections()
    assert result.success, result.exception
    compiled = result.result.results[0].node.compiled_code
    with duckdb.connect() as con:
        row = con.execute(compiled).fetchone()
    assert row is not None
    return [str(one) for one in row]


@pytest.mark.parametrize("number", range(len(VECTORS)))
def test_the_macro_and_python_make_the_same_id(in_sql: list[str], number: int) -> None:
    kind, parts, _ = VECTORS[number]
    assert in_sql[number] == make_id(kind, *parts)


def test_null_and_empty_text_and_order_make_different_ids(in_sql: list[str]) -> None:
    assert len(set(in_sql)) == len(VECTORS)
