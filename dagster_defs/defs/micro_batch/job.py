"""The micro-batch as a job: decide in one transaction, then send."""

from collections.abc import Iterator

import dagster as dg

from activation import send
from dagster_defs import facts, speed
from dagster_defs.resources import (
    WRITER_POOL,
    BatonResource,
    DestinationsResource,
    in_dagster_words,
)
from dagster_defs.sources import labels

_LABELS = labels()


@dg.op(
    pool=WRITER_POOL,
    out=dg.Out(dg.Nothing),
    description="Takes in, decides, commits and hands over: all of it or nothing.",
)
def decide(
    context: dg.OpExecutionContext, baton: BatonResource
) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation | dg.Output[None]]:
    """Run one batch and report what it wrote as materialisations of the same assets."""
    with in_dagster_words(), baton.journal() as journal:
        batch = baton.micro_batch().run(journal, now=journal.now(), is_measured=True)
    for one in (*batch.window.waiting, *batch.window.held):
        context.log.warning("not taken in: %s: %s", one.path, one.reason)
    context.log.info("window %s decided: %s", batch.window.window_id, batch.outcomes or "nothing")
    yield from facts.of_batch(batch, _LABELS)
    if batch.speed is not None:
        yield speed.stages(batch.speed)
        yield from speed.evaluations(batch.speed)
    yield dg.Output(None)


@dg.op(
    ins={"decided": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Sends what may go out now, from the journal alone; the warehouse is free.",
)
def deliver(
    context: dg.OpExecutionContext, baton: BatonResource, destinations: DestinationsResource
) -> Iterator[dg.AssetMaterialization | dg.Output[None]]:
    """Send, and say which destinations were left with messages waiting."""
    with in_dagster_words(), baton.journal() as journal:
        report = send(journal, destinations.config(), now=journal.now)
        metadata = facts.of_sending(report, journal.backlog())
    for name, why in report.halted.items():
        context.log.warning("%s was left: %s", name, why)
    yield dg.AssetMaterialization("messages_sent", metadata=metadata)
    yield dg.Output(None)


@dg.job(description="One micro-batch: intake, decisions, hand-over, then sending.")
def micro_batch() -> None:
    """Decide, then deliver."""
    deliver(decide())
