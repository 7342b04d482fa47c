"""What materialisations tell of windows, batches and sending; the functions compute nothing."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import dagster as dg

from activation import SendReport
from baton.intake import Counts, Window
from baton.micro_batch import Batch

Facts = dict[str, Any]


def of_table(window: Window, key: dg.AssetKey) -> Facts:
    """Return the window and where the records of this raw table ended in it."""
    counts = window.by_source.get(".".join(key.path), Counts())
    return {"window_id": window.window_id, **_shown(vars(counts))}


def of_hand_over(batch: Batch) -> Facts:
    """Return the window, its decisions by outcome, and what the journal was told in messages."""
    decided = {f"decided_{outcome}": count for outcome, count in batch.outcomes.items()}
    return {"window_id": batch.window.window_id, **decided, **vars(batch.handed_over)}


def of_sending(report: SendReport) -> Facts:
    """Return requests, messages by new state, and why destinations were left."""
    halted = {f"halted_{name}": why for name, why in report.halted.items()}
    return {"requests": report.requests, **report.states, **halted}


def of_batch(batch: Batch, raw_tables: list[dg.AssetKey]) -> Iterator[dg.AssetMaterialization]:
    """Yield one per raw table that received records, per model built, and for the hand-over."""
    for key in raw_tables:
        if ".".join(key.path) in batch.window.by_source:
            yield dg.AssetMaterialization(key, metadata=of_table(batch.window, key))
    for node in batch.nodes:
        facts = {"window_id": batch.window.window_id, "seconds": round(node.seconds, 3)}
        yield dg.AssetMaterialization(node.name, metadata=facts)
    yield dg.AssetMaterialization("handed_over", metadata=of_hand_over(batch))


def _shown(facts: Facts) -> Facts:
    return {
        name: value.isoformat(sep=" ") if isinstance(value, datetime) else value
        for name, value in facts.items()
        if value is not None
    }
