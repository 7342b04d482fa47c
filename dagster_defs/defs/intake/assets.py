"""Intake: landing files and journal rows become raw tables."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_defs import facts
from dagster_defs.resources import WRITER_POOL, BatonResource, in_dagster_words
from dagster_defs.sources import JOURNAL, LANDING, labels, raw_tables

origins = [LANDING, JOURNAL]
_LABELS = labels()


@dg.multi_asset(name="intake", specs=raw_tables(), pool=WRITER_POOL)
def intake(
    context: dg.AssetExecutionContext, baton: BatonResource
) -> Iterator[dg.MaterializeResult[Any]]:
    """Take in what has arrived as one window, and leave it open for the build."""
    with in_dagster_words(), baton.journal() as journal:
        window = baton.micro_batch().open_window(journal, now=journal.now())
    for one in (*window.waiting, *window.held):
        context.log.warning("not taken in: %s: %s", one.path, one.reason)
    for key in sorted(context.selected_asset_keys):
        yield dg.MaterializeResult(asset_key=key, metadata=facts.of_table(window, _LABELS.get(key)))
