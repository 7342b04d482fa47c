"""Whom records are about, as sources declare it, is whom the models see in them."""

import duckdb
from conftest import Built

from baton.ids import make_id
from baton.intake import sources_from_manifest
from baton.intake.identifiers import spelt
from baton.warehouse import reader


def test_what_sources_declare_as_identifiers_are_the_nodes_that_are_observed(built: Built) -> None:
    observed = built.dbt.relation("observations")
    with reader(built.project.warehouse) as con:
        seen = set(con.execute(f"select node_type, node_value, node_id from {observed}").fetchall())
        declared = _declared(con, built)
    assert {kind for kind, _, _ in seen} >= {"email", "phone", "crm_contact", "user", "anonymous"}
    assert {one for one in seen if one not in declared} == set()


def _declared(con: duckdb.DuckDBPyConnection, built: Built) -> set[tuple[str, str, str]]:
    found: set[tuple[str, str, str]] = set()
    for source in sources_from_manifest(built.dbt.source_nodes):
        for column, node_types in source.identifiers:
            for node_type in node_types:
                sql = f"select distinct {spelt(node_type, column)} as v from {source.relation}"
                for (value,) in con.execute(f"{sql} where v is not null").fetchall():
                    found.add((node_type, value, make_id("node", node_type, value)))
    return found
