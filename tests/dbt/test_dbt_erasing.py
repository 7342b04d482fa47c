"""Of every table and every source it is said what becomes of a person in it who is erased."""

import duckdb
from conftest import Built

import baton.journal.schema as journal_schema
from baton.erasing.places import (
    IDS_ALONE,
    JOURNAL,
    JOURNAL_OF_NOBODY,
    MODELS,
    NOBODY,
    QUARANTINE,
    STREAMS,
)
from baton.intake import sources_from_manifest


def test_every_table_says_what_becomes_of_a_person_in_it(built: Built) -> None:
    dbt = built.dbt
    sources = sources_from_manifest(dbt.source_nodes)
    named = {one.table for one in (*MODELS, *STREAMS)} | IDS_ALONE
    relations = {one if "." in one else dbt.find_relation(one) for one in named}
    known = {one.replace('"', "") for one in relations if one is not None}
    known |= NOBODY | {QUARANTINE}
    known |= {one.relation for one in sources if one.mode != "feed"}
    with duckdb.connect(str(built.project.warehouse), read_only=True) as con:
        rows = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not temporary"
        ).fetchall()
    assert len(rows) > len(MODELS)
    assert {name for (name,) in rows} - known == set()


def test_every_table_of_the_journal_does() -> None:
    stored = {*journal_schema.metadata.tables, "alembic_version"}
    assert stored == set(JOURNAL) | JOURNAL_OF_NOBODY


def test_every_source_says_whom_its_records_are_about(parsed: Built) -> None:
    for node in parsed.dbt.source_nodes:
        meta = node["config"].get("meta", {}).get("baton")
        if meta and meta["mode"] != "feed":
            assert "identifiers" in meta, f"{node['source_name']}.{node['name']}"
