"""dbt and SQLMesh read one project: what they would not build alike is not written."""

from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Built
from manifest_rules import sql_of
from sqlmesh_rules import (
    keys_not_tested,
    nodes_it_takes_otherwise,
    predicates_it_cannot_parse,
    sources_it_cannot_find,
    texts_it_cannot_render,
)


def test_no_text_calls_what_sqlmesh_lacks(parsed: Built) -> None:
    assert texts_it_cannot_render(sql_of(parsed.dbt.manifest)) == []


def test_predicates_of_dbt_stay_away_from_sqlmesh(parsed: Built) -> None:
    assert predicates_it_cannot_parse(sql_of(parsed.dbt.manifest)) == []


def test_there_is_no_hook_no_python_and_no_strategy_that_sqlmesh_does_not_know(
    parsed: Built,
) -> None:
    assert nodes_it_takes_otherwise(parsed.dbt.manifest) == []


def test_every_key_that_sqlmesh_merges_by_is_tested_to_be_unique(parsed: Built) -> None:
    assert keys_not_tested(parsed.dbt.manifest) == []


def test_every_source_is_known_before_any_table_exists(parsed: Built) -> None:
    assert sources_it_cannot_find(parsed.dbt.manifest) == []


@pytest.mark.parametrize(
    "sql",
    [
        "select {{ local_md5('a') }}",
        "{% set rows = run_query('select 1') %}",
        "{% call statement('rows') %}select 1{% endcall %}",
    ],
)
def test_a_call_that_sqlmesh_lacks_is_found(sql: str) -> None:
    assert len(texts_it_cannot_render({"model": sql})) == 1


def test_predicates_count_as_guarded_only_by_the_variable() -> None:
    bare = "{{ config(incremental_predicates=[is_of_open()]) }}"
    guarded = (
        "{{ config(incremental_predicates=(\n"
        "    none if var('under_sqlmesh', false) else [is_of_open()]\n)) }}"
    )
    assert len(predicates_it_cannot_parse({"bare": bare, "guarded": guarded})) == 1


@pytest.mark.parametrize(
    "breach",
    [
        {"language": "python"},
        {"pre_hook": ["delete from a"]},
        {"post_hook": ["delete from a"]},
        {"incremental_strategy": "insert_overwrite"},
    ],
)
def test_a_node_that_sqlmesh_takes_otherwise_is_found(breach: dict[str, Any]) -> None:
    assert nodes_it_takes_otherwise(_manifest(_model())) == []
    assert len(nodes_it_takes_otherwise(_manifest(_model(**breach)))) == 1


def test_a_key_without_a_test_is_found() -> None:
    test = SimpleNamespace(
        resource_type="test",
        attached_node="model.a",
        column_name="id",
        test_metadata=SimpleNamespace(name="unique"),
    )
    assert keys_not_tested(_manifest(_model(), test)) == []
    assert len(keys_not_tested(_manifest(_model(unique_key=["id", "other"]), test))) == 1
    assert len(keys_not_tested(_manifest(_model()))) == 1


def test_a_source_of_a_later_branch_is_found_through_macros_too() -> None:
    model = _model()
    model.raw_code, model.sources = "{% if before %} {{ window() }} {% endif %}", []
    macro = SimpleNamespace(name="window", macro_sql="select {{ source('control', 'windows') }}")
    manifest = _manifest(model)
    manifest.macros = {"window": macro}
    assert len(sources_it_cannot_find(manifest)) == 1
    model.sources = [["control", "windows"]]
    assert sources_it_cannot_find(manifest) == []


def _model(**config: Any) -> Any:
    language = config.pop("language", "sql")
    given = {
        "materialized": "incremental",
        "incremental_strategy": "delete+insert",
        "unique_key": "id",
        "pre_hook": [],
        "post_hook": [],
        **config,
    }
    return SimpleNamespace(
        resource_type="model",
        name="a",
        unique_id="model.a",
        language=language,
        config=SimpleNamespace(**given),
    )


def _manifest(*nodes: Any) -> Any:
    return SimpleNamespace(nodes=dict(enumerate(nodes)))
