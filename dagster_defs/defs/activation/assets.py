"""Activation: the outbox goes to the journal, messages and lists go to the tools."""

from typing import Any

import dagster as dg

from activation import DestinationsConfig, drop_lists, send
from baton.warehouse import reader
from dagster_defs.resources import WRITER_POOL, BatonResource


@dg.asset(deps=["outbox"], group_name="activation", kinds={"sqlite"}, pool=WRITER_POOL)
def handed_over(baton: BatonResource) -> dg.MaterializeResult[Any]:
    """The window is committed and the journal knows every message that may be unsent."""
    with baton.journal() as journal:
        handed = baton.micro_batch().close_window(journal, now=journal.now())
    return dg.MaterializeResult(metadata=dict(vars(handed)))


@dg.asset(deps=[handed_over], group_name="activation", kinds={"python"})
def messages_sent(baton: BatonResource) -> dg.MaterializeResult[Any]:
    """Messages that may go out now are sent, once each."""
    with baton.journal() as journal:
        report = send(journal, DestinationsConfig.load(), now=journal.now)
    return dg.MaterializeResult(metadata=dict(report.states))


@dg.asset(
    deps=["audience_lapsed_shoppers", "suppression_list", handed_over],
    group_name="activation",
    kinds={"csv", "parquet"},
    pool=WRITER_POOL,
)
def lists_dropped(baton: BatonResource) -> dg.MaterializeResult[Any]:
    """The audience and the suppression list lie as files where tools pick them up."""
    batches = baton.micro_batch()
    with baton.journal() as journal, reader(batches.project.warehouse) as con:
        paths = drop_lists(con, batches.dbt, journal, DestinationsConfig.load())
    return dg.MaterializeResult(metadata={"files": [path.name for path in paths]})
