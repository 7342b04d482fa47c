"""The raw tables as assets: what dbt declares as sources, and who writes it."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from dagster_defs.project import manifest

LANDING = dg.AssetSpec(
    "landing_folder",
    group_name="intake",
    kinds={"csv", "json", "parquet"},
    description="Files as they arrive from the sources, one folder per source.",
)
JOURNAL = dg.AssetSpec(
    "journal",
    group_name="intake",
    kinds={"sqlite"},
    description=(
        "Switches, messages and releases. What `handed_over`, sending and `baton stop` write"
        " there comes back as a source of the next window."
    ),
)
_CONTROL = "control"


def key_of(node: Mapping[str, Any]) -> dg.AssetKey:
    """Return the key of a declared source table: schema and table as in the warehouse."""
    return dg.AssetKey([node["schema"], node["identifier"]])


def raw_tables() -> list[dg.AssetSpec]:
    """Return the tables that intake writes, with where their rows come from."""
    return [_table(node, "intake", _origin(node)) for node in _sources(is_of_release=False)]


def release_tables() -> list[dg.AssetSpec]:
    """Return the tables that `baton release` writes, with the cards and policies it compiles."""
    rules = [
        dg.AssetKey(node["name"])
        for node in manifest()["nodes"].values()
        if "card" in node["tags"] or node["resource_type"] == "seed"
    ]
    return [_table(node, "release", rules) for node in _sources(is_of_release=True)]


def labels() -> dict[dg.AssetKey, str]:
    """Return `<source>.<table>`, as windows count, of the tables that files and feeds fill."""
    return {
        key_of(node): f"{node['source_name']}.{node['name']}"
        for node in _sources(is_of_release=False)
        if node["source_name"] != _CONTROL
    }


def _sources(*, is_of_release: bool) -> Iterator[Mapping[str, Any]]:
    for node in manifest()["sources"].values():
        is_release = node["source_name"] == _CONTROL and node["name"].startswith("release")
        if is_release == is_of_release:
            yield node


def _origin(node: Mapping[str, Any]) -> list[dg.AssetKey]:
    if node["source_name"] == _CONTROL:
        return [LANDING.key, JOURNAL.key]
    declared = node["config"]["meta"]["baton"]
    if "from" in declared:
        given = declared["from"]
        return [dg.AssetKey(one.split(".")) for one in given.get("tables", [given.get("table")])]
    return [JOURNAL.key if declared["mode"] == "feed" else LANDING.key]


def _table(node: Mapping[str, Any], group: str, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(name, column["data_type"], column["description"])
        for name, column in node["columns"].items()
    ]
    return dg.AssetSpec(
        key_of(node),
        deps=deps,
        group_name=group,
        kinds={"duckdb"},
        description=node["description"],
        metadata={
            "dagster/table_name": f"{node['schema']}.{node['identifier']}",
            "dagster/column_schema": dg.TableSchema(columns),
        },
    )
