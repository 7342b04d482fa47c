"""Activation: messages go to the journal, then messages and lists go to the tools."""

from typing import Any

import dagster as dg

from activation import DestinationsConfig, drop_lists, send
from baton.warehouse import reader
from dagster_defs import facts
from dagster_defs.resources import WRITER_POOL, BatonResource, in_dagster_words


@dg.asset(
    deps=["int_activation__contexts_to_publish", "int_activation__hand_over"],
    group_name="activation",
    kinds={"sqlite"},
    pool=WRITER_POOL,
    description=(
        "Messages that may go out, and what blocks the others, as the journal knows them."
        " Ends the batch: decides what the build has left, commits the window, hands over."
    ),
)
def handed_over(baton: BatonResource) -> dg.MaterializeResult[Any]:
    """Run the batch to its end: whatever was built before, no window is committed undecided."""
    with in_dagster_words(), baton.journal() as journal:
        batch = baton.micro_batch().run(journal, now=journal.now())
    return dg.MaterializeResult(metadata=facts.of_hand_over(batch))


@dg.asset(
    deps=[handed_over],
    group_name="activation",
    kinds={"python"},
    description="Messages that may go out now, sent once each, from the journal alone.",
)
def messages_sent(
    context: dg.AssetExecutionContext, baton: BatonResource
) -> dg.MaterializeResult[Any]:
    """Send what is due; a destination that lacks a setting fails only if messages wait for it."""
    with in_dagster_words(), baton.journal() as journal:
        report = send(journal, DestinationsConfig.load(), now=journal.now)
    for name, why in report.halted.items():
        context.log.warning("%s was left: %s", name, why)
    return dg.MaterializeResult(metadata=facts.of_sending(report))


@dg.asset(
    deps=["audience_lapsed_shoppers", "suppression_list", handed_over],
    group_name="activation",
    kinds={"csv", "parquet"},
    pool=WRITER_POOL,
    description="The audience and the suppression list as files, where tools pick them up.",
)
def lists_dropped(baton: BatonResource) -> dg.MaterializeResult[Any]:
    """Write the lists that changed; the metadata names them."""
    batches = baton.micro_batch()
    with (
        in_dagster_words(),
        baton.journal() as journal,
        reader(batches.project.warehouse) as con,
    ):
        paths = drop_lists(con, batches.dbt, journal, DestinationsConfig.load())
    return dg.MaterializeResult(
        metadata={"changed_files": ", ".join(path.name for path in paths) or "none"}
    )
