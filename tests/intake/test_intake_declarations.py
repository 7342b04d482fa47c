from typing import Any

import pytest

from baton.errors import UsageError
from baton.intake import Column, Reading, sources_from_manifest


def node(**changes: Any) -> dict[str, Any]:
    columns = {"event_id": "varchar", "occurred_at": "timestamp", "properties": "json"}
    baton = {"mode": "append", "key": ["event_id"], "occurred_at": "occurred_at"}
    made: dict[str, Any] = {
        "source_name": "web",
        "name": "events",
        "schema": "raw",
        "identifier": "web_events",
        "columns": {name: {"name": name, "data_type": one} for name, one in columns.items()},
        "config": {"meta": {"baton": baton}},
        "meta": {},
    }
    for name, value in changes.items():
        (made if name in made else baton)[name] = value
    return made


def test_a_declared_table_is_a_source() -> None:
    [source] = sources_from_manifest([node(required="occurred_at", max_deleted_share=0.2)])
    assert (source.name, source.table, source.relation) == ("web", "events", "raw.web_events")
    assert source.columns[1] == Column("occurred_at", "timestamp")
    assert (source.mode, source.key, source.required) == ("append", ("event_id",), ("occurred_at",))
    assert source.max_deleted_share == 0.2


def test_a_declaration_under_the_older_meta_counts_as_well() -> None:
    old = node(config={}, meta={"baton": {"mode": "append", "key": ["event_id"]}})
    assert [one.mode for one in sources_from_manifest([old])] == ["append"]


def test_a_source_without_a_declaration_is_left_alone() -> None:
    assert sources_from_manifest([node(config={"meta": {"owner": "web team"}})]) == []


def test_types_may_be_written_as_other_warehouses_name_them() -> None:
    columns = {"event_id": {"data_type": "STRING"}, "occurred_at": {"data_type": "datetime"}}
    [source] = sources_from_manifest([node(columns=columns)])
    assert [one.data_type for one in source.columns] == ["varchar", "timestamp"]


def test_a_table_that_exists_is_declared_by_from() -> None:
    given = {"table": "shop.events", "cursor": "occurred_at", "lateness": "1 minute"}
    [source] = sources_from_manifest([node(**{"from": given})])
    assert source.reading == Reading("shop.events", "occurred_at", lateness=60)
    assert source.needed == ("event_id", "occurred_at")
    [source] = sources_from_manifest(
        [node(**{"from": {"table": "events", "cursor": "occurred_at", "database": "a.duckdb"}})]
    )
    assert source.reading == Reading("main.events", "occurred_at", 600, "a.duckdb")


def test_several_tables_of_one_shape_are_one_source() -> None:
    given = {"tables": ["shop.b", "a"], "cursor": "occurred_at", "optional": True, "database": ""}
    [source] = sources_from_manifest([node(**{"from": given})])
    first, second = (one.reading for one in source.each_table)
    assert (first, second) == (
        Reading("main.a", "occurred_at", 600, beside=("main.a",), is_optional=True),
        Reading("shop.b", "occurred_at", 600, beside=("main.a",), is_optional=True),
    )
    [source] = sources_from_manifest([node(**{"from": given | {"tables": []}})])
    assert source.each_table == ()


def test_the_columns_that_a_loader_adds_can_be_declared() -> None:
    columns = {"event_id": {"data_type": "varchar"}, "_fivetran_synced": {"data_type": "timestamp"}}
    [source] = sources_from_manifest([node(columns=columns, occurred_at="_fivetran_synced")])
    assert source.names == ("event_id", "_fivetran_synced")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mode": "merge"}, "mode"),
        ({"phone_region": "Nowhere"}, "phone_region.otherwise"),
        ({"phone_region": {"column": "nobody"}}, "phone_region.column"),
        ({"from": {"table": "shop.events"}}, "from.cursor"),
        ({"from": {"cursor": "occurred_at"}}, "from"),
        ({"from": {"table": "a", "tables": ["b"], "cursor": "occurred_at"}}, "from"),
        ({"from": {"table": "a.b.c", "cursor": "occurred_at"}}, "from.table"),
        ({"from": {"table": "shop.events", "cursor": "nobody"}}, "from.cursor"),
        ({"from": {"table": "shop.events", "cursor": "event_id"}}, "from.cursor"),
        ({"from": {"table": "e", "cursor": "occurred_at", "lateness": "long"}}, "from.lateness"),
        ({"from": {"table": "e", "cursor": "occurred_at", "lateness": 5}}, "from.lateness"),
        ({"mode": "snapshot", "from": {"table": "e", "cursor": "occurred_at"}}, "from"),
        ({"key": []}, "key"),
        ({"key": ["nobody"]}, "key"),
        ({"key": ["properties"]}, "key"),
        ({"occurred_at": "event_id"}, "occurred_at"),
        ({"occurred_at": "nobody"}, "occurred_at"),
        ({"required": ["nobody"]}, "required"),
        ({"max_deleted_share": 0}, "max_deleted_share"),
        ({"keys": ["event_id"]}, "keys"),
        ({"schema": "main"}, "schema"),
        ({"columns": {}}, "columns"),
        ({"columns": {"event_id": {"data_type": "blob"}}}, "columns.event_id.data_type"),
        ({"columns": {"event_id": {}}}, "columns.event_id.data_type"),
        ({"columns": {"event_id": {"data_type": "varchar"}, "_line": {"data_type": "bigint"}},
          "occurred_at": None}, "columns._line"),
        ({"source_name": "Web Shop"}, "name"),
        ({"mode": "feed"}, "key"),
        ({"identifiers": {"nobody": "email"}}, "identifiers"),
        ({"brings_back": True, "occurred_at": None}, "brings_back"),
        ({"brings_back": True, "mode": "upsert"}, "brings_back"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_names_source_field_and_mend(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(UsageError) as caught:
        sources_from_manifest([node(**changes)])
    assert "events" in caught.value.what
    assert f": {field}: " in caught.value.what
    assert caught.value.mend


def test_two_tables_cannot_share_a_relation() -> None:
    with pytest.raises(UsageError, match="declared twice"):
        sources_from_manifest([node(), node(name="clicks")])
