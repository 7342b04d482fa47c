"""What materialisations tell of windows, batches and sending: counts, never personal values."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import dagster as dg

from activation import SendReport
from activation.syncs import Report
from baton.intake import Counts, Window
from baton.micro_batch import Batch

Facts = dict[str, Any]


def of_table(window: Window, label: str | None) -> Facts:
    """Return the window and, for a table with a label, where its records ended in it."""
    facts: Facts = {"window_id": window.window_id, "batch_time": window.batch_time}
    counts = asdict(window.by_source.get(label, Counts())) if label else {}
    return _shown(facts | counts)


def of_hand_over(batch: Batch) -> Facts:
    """Return the window, its decisions by outcome, and what the journal was told in messages."""
    return {
        "window_id": batch.window.window_id,
        **_named("decided", batch.outcomes),
        **_named("messages", asdict(batch.handed_over)),
    }


def of_sending(report: SendReport) -> Facts:
    """Return requests, messages by new state, why destinations were left, and what was missing."""
    states, halted = _named("messages", report.states), _named("halted", report.halted)
    return {"requests": report.requests, **states, **halted, **_named("note", report.notes)}


def of_sync(report: Report, dead_letters: int) -> Facts:
    """Return state, requests, rows by what became of them, and those the tool refuses as they are.

    `dead_letters` counts all that stand, those of earlier runs too.
    """
    facts = {"state": report.state, "requests": report.requests, "dead_letters": dead_letters}
    return facts | _named("rows", report.counts)


def of_batch(batch: Batch, labels: Mapping[dg.AssetKey, str]) -> Iterator[dg.AssetMaterialization]:
    """Yield one per raw table that received records, per model built, and for the hand-over."""
    for key, label in labels.items():
        if label in batch.window.by_source:
            yield dg.AssetMaterialization(key, metadata=of_table(batch.window, label))
    for node in batch.nodes:
        facts = {"window_id": batch.window.window_id, "seconds": round(node.seconds, 3)}
        yield dg.AssetMaterialization(node.name, metadata=facts)
    yield dg.AssetMaterialization("handed_over", metadata=of_hand_over(batch))


def _named(prefix: str, facts: Mapping[str, Any]) -> Facts:
    return {f"{prefix}_{name}": value for name, value in facts.items()}


def _shown(facts: Facts) -> Facts:
    return {
        name: value.isoformat(sep=" ") if isinstance(value, datetime) else value
        for name, value in facts.items()
        if value is not None
    }
