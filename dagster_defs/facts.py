"""What materialisations tell of windows, batches and sending: counts, never personal values."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

import dagster as dg

from activation import SendReport
from activation.syncs import Report
from baton.dbt_runner import NodeTiming
from baton.intake import Counts, Window
from baton.journal.syncs import SyncLedger
from baton.micro_batch import Batch

Facts = dict[str, Any]
_EMPTY = (None, [], {})


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


def of_sending(report: SendReport, backlog: Sequence[Mapping[str, Any]]) -> Facts:
    """Return requests, messages by new state, latency, what was left or missing, dead letters.

    `dead_letters` counts all that stand, those of earlier calls too.
    """
    states, halted = _named("messages", report.states), _named("halted", report.halted)
    waits = report.claim_to_first_byte_ms
    latency = _named(
        "claim_to_first_byte_ms", dict(zip(("p50", "p99"), waits, strict=True)) if waits else {}
    )
    counts = {"requests": report.requests, "dead_letters": sum(one["dead"] for one in backlog)}
    waiting = _named("waiting", report.waiting or {})
    return {**counts, **states, **latency, **waiting, **halted, **_named("note", report.notes)}


def of_sync(report: Report, ledger: SyncLedger) -> Facts:
    """Return state, requests, rows by what became of them, latency, and what the tool refuses.

    `dead_letters` counts all rows that stand refused, those of earlier runs too.
    """
    dead = ledger.refused_count(report.sync, report.destination)
    facts = {"state": report.state, "requests": report.requests, "dead_letters": dead}
    return facts | _named("rows", report.counts) | _pace(report.sync, ledger)


def _pace(sync: str, ledger: SyncLedger) -> Facts:
    """The seconds that the last run took, and its requests from first byte to answer."""
    run = ledger.last_run(sync)
    if run is None or run.ended_wall_at is None:
        return {}
    took = sorted(
        (one["answered_wall_at"] - one["sent_wall_at"]).total_seconds()
        for one in ledger.requests_of(run.run_id)
        if one["sent_wall_at"] and one["answered_wall_at"]
    )
    seconds = (run.ended_wall_at - run.started_wall_at).total_seconds()
    shown = {"run": round(seconds, 3)}
    if took:
        shown |= {
            f"request_p{share}": round(took[min(len(took) - 1, len(took) * share // 100)], 3)
            for share in (50, 95)
        }
    return _named("seconds", shown)


def by_asset(
    batch: Batch, labels: Mapping[dg.AssetKey, str]
) -> dict[str, Callable[[], dg.AssetMaterialization]]:
    """Return what makes the materialisation of each asset that the batch changed, by its name.

    Those are the raw tables that received records, the models built, and the hand-over.
    """
    window = batch.window
    tables = {
        key.to_user_string(): partial(_materialised, key, of_table, window, label)
        for key, label in labels.items()
        if label in window.by_source
    }
    models = {
        one.name: partial(_materialised, one.name, _of_model, window, one) for one in batch.nodes
    }
    handed_over = {"handed_over": partial(_materialised, "handed_over", of_hand_over, batch)}
    return {**tables, **models, **handed_over}


def of_batch(batch: Batch, labels: Mapping[dg.AssetKey, str]) -> Iterator[dg.AssetMaterialization]:
    """Yield the materialisations of a batch."""
    for made in by_asset(batch, labels).values():
        yield made()


def _materialised(
    key: dg.AssetKey | str, facts_of: Callable[..., Facts], *of: object
) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(key, metadata=facts_of(*of))


def _of_model(window: Window, node: NodeTiming) -> Facts:
    return {"window_id": window.window_id, "seconds": round(node.seconds, 3)}


def of_report(facts: Facts, lines: Iterable[str] = ()) -> Facts:
    """Return what a command tells: the lines it prints as a page, and its facts one by one.

    What has parts is told by the page, where there is one.
    """
    page = "  \n".join(lines)
    if page:
        facts = {name: one for name, one in facts.items() if not isinstance(one, dict | list)}
    told = {name: _plain(one) for name, one in facts.items() if one not in _EMPTY}
    return ({"report": dg.MetadataValue.md(page)} if page else {}) | told


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items() if one is not None)
    if isinstance(value, list):
        return "; ".join(str(_plain(one)) for one in value)
    return value


def _named(prefix: str, facts: Mapping[str, Any]) -> Facts:
    return {f"{prefix}_{name}": value for name, value in facts.items()}


def _shown(facts: Facts) -> Facts:
    return {
        name: value.isoformat(sep=" ") if isinstance(value, datetime) else value
        for name, value in facts.items()
        if value is not None
    }
