"""What holds for every model, read from the parsed project."""

from dataclasses import replace

import duckdb
import pytest
from conftest import Built
from manifest_rules import (
    PERSONAL_NAMES,
    Model,
    incremental_without_key,
    ledgers_that_could_be_rewritten,
    loaded_once,
    models_of,
    noes_come_from,
    personal_where_it_may_not_stand,
    personal_without_tag,
    read_out_of_order,
    sql_of,
    unaliased_this,
    without_own_yml,
)

from baton.intake import sources_from_manifest

FINE = Model(
    name="fine",
    stage="journeys",
    path="models/journeys/fine.sql",
    patch_path="baton://models/journeys/fine.yml",
    materialized="incremental",
    strategy="delete+insert",
    unique_key="id",
)


@pytest.fixture(scope="module")
def models(parsed: Built) -> list[Model]:
    return models_of(parsed.dbt.manifest)


def test_every_use_of_this_has_an_alias(parsed: Built) -> None:
    assert unaliased_this(sql_of(parsed.dbt.manifest)) == []


def test_a_ledger_can_neither_be_merged_nor_dropped(models: list[Model]) -> None:
    assert ledgers_that_could_be_rewritten(models) == []


def test_an_incremental_model_has_a_key_or_appends(models: list[Model]) -> None:
    assert incremental_without_key(models) == []


def test_every_model_is_described_by_a_file_of_its_name_beside_it(models: list[Model]) -> None:
    assert without_own_yml(models) == []


def test_a_model_reads_its_own_stage_or_an_earlier_one(models: list[Model]) -> None:
    assert read_out_of_order(models) == []


def test_what_a_no_is_read_from_has_a_limit_of_its_own(parsed: Built, models: list[Model]) -> None:
    sources = sources_from_manifest(parsed.dbt.source_nodes)
    declared = {one.name for one in sources if one.mode != "feed"}
    may_say_no = noes_come_from(models) & declared
    assert may_say_no == {one.name for one in sources if one.says_no}
    assert "consent" in may_say_no
    assert "web" not in may_say_no


def test_what_is_said_to_be_loaded_once_is_loaded_with_mode_append(parsed: Built) -> None:
    modes = loaded_once(parsed.dbt.manifest)
    assert modes["stg_web__events"] == {"append"}
    assert [name for name, found in modes.items() if found != {"append"}] == []


def test_personal_values_are_stored_only_where_they_may_stand(models: list[Model]) -> None:
    assert personal_where_it_may_not_stand(models) == []


def test_a_column_with_a_personal_name_is_tagged(models: list[Model]) -> None:
    assert personal_without_tag(models) == []


def test_no_other_table_of_the_warehouse_has_a_personal_column(
    built: Built, models: list[Model]
) -> None:
    columns = "select table_schema, table_name, column_name from information_schema.columns"
    with duckdb.connect(str(built.project.warehouse), read_only=True) as con:
        rows = con.execute(columns).fetchall()
    stands: dict[tuple[str, str], dict[str, frozenset[str]]] = {}
    for schema, table, column in rows:
        stands.setdefault((schema, table), {})[column] = frozenset()
    found = [replace(m, columns=stands.get((m.schema, m.name), {})) for m in models]
    assert any(model.columns.keys() & PERSONAL_NAMES for model in found)
    assert personal_where_it_may_not_stand(found) == []


def test_every_model_that_a_batch_builds_has_a_unit_test(
    parsed: Built, models: list[Model]
) -> None:
    tested = {test.model for test in parsed.dbt.manifest.unit_tests.values()}
    built = {model.name for model in models if "hot" in model.tags and model.is_stored}
    assert built - tested == set()


def test_the_name_of_a_unit_test_is_a_sentence(parsed: Built) -> None:
    names = [test.name for test in parsed.dbt.manifest.unit_tests.values()]
    assert [name for name in names if len(name.split("_")) < 4 or name != name.lower()] == []


@pytest.mark.parametrize(
    "sql",
    [
        "select * from a where n > (select max(n) from {{ this }})",
        "select * from a left join {{ this }} on a.id = this.id",
        "select * from a where n > (select max(n) from {{ this }} as t)",
    ],
)
def test_a_use_of_this_without_alias_is_found(sql: str) -> None:
    assert len(unaliased_this({"model": sql})) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "select * from a where n > (select max(t.n) from {{ this }} as t)",
        "with known as (select * from {{ this }}) select * from known",
        "select a.* from a left join {{ this }} as known on a.id = known.id",
    ],
)
def test_a_use_of_this_with_alias_is_fine(sql: str) -> None:
    assert unaliased_this({"model": sql}) == []


def test_each_rule_finds_the_model_that_breaks_it() -> None:
    ledger = replace(FINE, strategy="append", unique_key=None, full_refresh=False)
    later = Model(name="later", stage="ops")
    mail = {"email": frozenset({"personal"})}
    assert (
        len(ledgers_that_could_be_rewritten([FINE, ledger, replace(ledger, unique_key="id")])) == 1
    )
    assert len(ledgers_that_could_be_rewritten([replace(ledger, full_refresh=None)])) == 1
    assert len(incremental_without_key([FINE, ledger, replace(FINE, unique_key=None)])) == 1
    assert len(without_own_yml([FINE, replace(FINE, patch_path="baton://models/all.yml")])) == 1
    assert len(read_out_of_order([replace(FINE, reads=("fine", "later")), later])) == 1
    assert len(read_out_of_order([replace(FINE, reads=("source:control", "source:web"))])) == 1
    assert len(personal_where_it_may_not_stand([FINE, replace(FINE, columns=mail)])) == 1
    assert personal_where_it_may_not_stand([replace(FINE, name="nodes", columns=mail)]) == []
    assert len(personal_without_tag([replace(FINE, columns={"email": frozenset()})])) == 1


def test_a_pack_that_is_off_is_no_part_of_the_project(parsed: Built) -> None:
    nodes = [*parsed.dbt.manifest.nodes.values(), *parsed.dbt.manifest.sources.values()]
    assert [one.name for one in nodes if "/staging/packs/" in one.original_file_path] == []
