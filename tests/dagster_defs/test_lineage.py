"""One lineage from what lands to what is sent."""

from collections.abc import Iterable, Mapping

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from dagster_defs.project import manifest
from dagster_defs.sources import JOURNAL, LANDING, key_of, release_tables

HANDED_OVER = dg.AssetKey("handed_over")
STAGES = {
    "intake",
    "policies",
    "release",
    "staging",
    "identity",
    "profiles",
    "consent",
    "journeys",
    "decisions",
    "activation",
    "metrics",
    "ops",
}


def reached(start: object, edges: Mapping[object, Iterable[object]]) -> set[object]:
    """Return everything that can be reached from `start` along the edges."""
    seen: set[object] = set()
    ahead = [start]
    while ahead:
        fresh = set(edges[ahead.pop()]) - seen
        seen |= fresh
        ahead += fresh
    return seen


def children(assets: AssetGraph) -> dict[object, set[object]]:
    """Return the assets that are made from each asset."""
    return {key: set(assets.get(key).child_keys) for key in assets.get_all_asset_keys()}


def test_all_assets_are_in_one_connected_graph(assets: AssetGraph) -> None:
    neighbours: dict[object, set[object]] = {
        key: set(assets.get(key).child_keys | assets.get(key).parent_keys)
        for key in assets.get_all_asset_keys()
    }

    assert reached(LANDING.key, neighbours) == set(neighbours)


def test_a_raw_table_leads_to_the_hand_over_just_where_the_models_say_so(
    assets: AssetGraph,
) -> None:
    lineage = children(assets)
    in_dagster = {
        key_of(node)
        for node in manifest()["sources"].values()
        if HANDED_OVER in reached(key_of(node), lineage)
    }
    in_dbt = {
        key_of(node)
        for unique_id, node in manifest()["sources"].items()
        if "model.baton.int_activation__hand_over" in reached(unique_id, manifest()["child_map"])
    }
    window = dg.AssetKey(["raw", "this_window"])

    assert in_dagster == in_dbt - {window}
    assert dg.AssetKey(["raw", "crm_contacts"]) in in_dagster
    assert dg.AssetKey(["raw", "journal_message_events"]) in in_dagster


def test_what_is_sent_and_synced_lies_downstream_of_the_hand_over(assets: AssetGraph) -> None:
    syncs = {
        dg.AssetKey(one["name"])
        for one in manifest()["exposures"].values()
        if "baton_sync" in one["config"]["meta"]
    }

    assert len(syncs) == 5
    assert reached(HANDED_OVER, children(assets)) == {dg.AssetKey("messages_sent"), *syncs}


def test_nothing_is_left_outside_but_what_others_write(assets: AssetGraph) -> None:
    outside = {key for key in assets.get_all_asset_keys() if not assets.get(key).is_executable}

    assert outside == {LANDING.key, JOURNAL.key, *(table.key for table in release_tables())}


def test_every_asset_is_described_and_in_the_group_of_its_stage(assets: AssetGraph) -> None:
    nodes = [assets.get(key) for key in assets.get_all_asset_keys()]

    assert {node.group_name for node in nodes} == STAGES
    assert [node.key for node in nodes if not node.description] == []
