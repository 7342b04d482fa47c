"""What holds for every pack, read from the parsed project."""

from typing import Any

from pack_yard import PACKS, ROOT

from baton.intake import sources_from_manifest

KINDS = (
    "observations",
    "field_values",
    "flags",
    "receipts",
    "cases",
    "messages",
    "events",
    "merges",
)


def models_of_packs(staged: Any) -> list[Any]:
    nodes = staged.dbt.manifest.nodes.values()
    return [
        one for one in nodes if one.resource_type == "model" and "/packs/" in one.original_file_path
    ]


def test_there_is_a_pack_for_each_folder(staged: Any) -> None:
    folders = {one.name for one in (ROOT / "dbt_project/models/staging/packs").iterdir()}
    assert folders == set(PACKS) == {one.fqn[3] for one in models_of_packs(staged)}


def test_every_model_of_a_pack_is_described_by_a_file_of_its_name_beside_it(staged: Any) -> None:
    for one in models_of_packs(staged):
        assert one.patch_path == f"baton://{one.original_file_path.removesuffix('.sql')}.yml"
        assert "Grain:" in one.description


def test_every_kind_of_rows_that_a_pack_has_a_model_for_reaches_the_core(staged: Any) -> None:
    read = {
        unique_id
        for one in staged.dbt.manifest.nodes.values()
        if one.resource_type == "model" and "/packs/" not in one.original_file_path
        for unique_id in one.depends_on.nodes
    }
    given = {
        one.unique_id
        for one in models_of_packs(staged)
        if one.name.split("__")[1] in set(KINDS) - {"flags"}
    }
    assert given - read == set()


def test_events_of_a_pack_are_loaded_once(staged: Any) -> None:
    """Macro loaded_once says so of the events of the web, which have theirs among them."""
    mode_of = {one.label: one.mode for one in sources_from_manifest(staged.dbt.source_nodes)}
    sources = staged.dbt.manifest.sources
    events = [one for one in models_of_packs(staged) if one.name.endswith("__events")]
    assert len(events) > 1
    for one in events:
        read = [sources[name] for name in one.depends_on.nodes if name in sources]
        assert {mode_of[f"{each.source_name}.{each.name}"] for each in read} == {"append"}, one.name


def test_every_table_of_a_pack_is_read_by_a_cursor_and_names_whom_it_is_about(staged: Any) -> None:
    sources = [one for one in sources_from_manifest(staged.dbt.source_nodes) if one.name in PACKS]
    assert len(sources) > len(PACKS)
    for one in sources:
        assert one.reading is not None or one.label == "rudderstack.events"
        about_nobody = {"hubspot.email_event_bounce", "hubspot.email_event_status_change"}
        assert one.identifiers or one.label in {*about_nobody, "hubspot.ticket"}


def test_every_type_of_identifier_that_a_pack_brings_has_a_rule(staged: Any) -> None:
    rules = (ROOT / "dbt_project/seeds/policies/identity_rules.csv").read_text("utf-8")
    ruled = {line.split(",")[0] for line in rules.splitlines()[1:]}
    sources = sources_from_manifest(staged.dbt.source_nodes)
    brought = {kind for one in sources for _, kinds in one.identifiers for kind in kinds}
    assert brought - ruled == set()
