"""Intake: landing files and journal rows become raw tables."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import yaml

from dagster_defs.definitions import ROOT
from dagster_defs.resources import WRITER_POOL, BatonResource


def _raw_tables() -> list[dg.AssetKey]:
    keys: list[dg.AssetKey] = []
    for path in sorted((ROOT / "dbt_project" / "models" / "staging").rglob("*__sources.yml")):
        for source in yaml.safe_load(path.read_text())["sources"]:
            keys += [dg.AssetKey([source["name"], table["name"]]) for table in source["tables"]]
    return keys


@dg.multi_asset(
    name="intake",
    specs=[dg.AssetSpec(key, group_name="intake", kinds={"duckdb"}) for key in _raw_tables()],
    pool=WRITER_POOL,
)
def intake(
    context: dg.AssetExecutionContext, baton: BatonResource
) -> Iterator[dg.MaterializeResult[Any]]:
    """Take in what has arrived as one window, and leave it open for the build."""
    with baton.journal() as journal:
        window = baton.micro_batch().open_window(journal, now=journal.now())
    context.log.info("window %s: %s rows", window.window_id, window.counts.rows_loaded)
    for key in context.selected_asset_keys:
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={"window_id": window.window_id, "rows_in_window": window.counts.rows_loaded},
        )
