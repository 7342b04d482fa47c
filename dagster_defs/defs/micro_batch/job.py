"""The micro-batch as a job: decide in one transaction, then send."""

from collections.abc import Iterator

import dagster as dg

from activation import DestinationsConfig, send
from dagster_defs.resources import WRITER_POOL, BatonResource


@dg.op(
    pool=WRITER_POOL,
    out=dg.Out(dg.Nothing),
    description="Takes in, decides and hands over, all or nothing.",
)
def decide(context: dg.OpExecutionContext, baton: BatonResource) -> Iterator[dg.OutputOrEvent]:
    """Run one batch and report each built model as a materialisation of its asset."""
    with baton.journal() as journal:
        batch = baton.micro_batch().run(journal, now=journal.now())
    context.log.info("window %s: %s", batch.window.window_id, batch.outcomes)
    for node in batch.nodes:
        yield dg.AssetMaterialization(
            asset_key=node.name,
            metadata={"seconds": node.seconds, "window_id": batch.window.window_id},
        )
    yield dg.Output(None)


@dg.op(ins={"after": dg.In(dg.Nothing)}, description="Sends what may go out now.")
def deliver(context: dg.OpExecutionContext, baton: BatonResource) -> None:
    """Send from the journal alone; the warehouse is free meanwhile."""
    with baton.journal() as journal:
        report = send(journal, DestinationsConfig.load(), now=journal.now)
    context.log.info("sent: %s", report.states)


@dg.job(description="One micro-batch: intake, decisions, hand-over, sending.")
def micro_batch() -> None:
    """Decide, then deliver."""
    deliver(decide())


every_minute = dg.ScheduleDefinition(
    name="micro_batch_every_minute",
    job=micro_batch,
    cron_schedule="* * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
