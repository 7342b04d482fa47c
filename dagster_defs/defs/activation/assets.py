"""Activation: messages go to the journal, then messages and syncs go to the tools."""

from typing import Any

import dagster as dg

from activation import DestinationsConfig, send
from activation.syncs import run_syncs
from activation.syncs.wiring import declared_syncs, ground_of
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
    deps=[
        "audience_lapsed_shoppers",
        "marketing_opt_outs",
        "reachable_contact_points",
        "suppression_list",
        handed_over,
    ],
    group_name="activation",
    kinds={"python"},
    pool=WRITER_POOL,
    description="Profiles, audiences and suppressions as the tools should hold them.",
)
def tools_synced(
    context: dg.AssetExecutionContext, baton: BatonResource
) -> dg.MaterializeResult[Any]:
    """Run every sync, suppressions first; fails when one was held back or a tool did not answer."""
    batches, config = baton.micro_batch(), DestinationsConfig.load()
    with in_dagster_words(), baton.journal() as journal:
        syncs, problems = declared_syncs(batches.project, batches.dbt, config)
        reports = run_syncs(syncs, ground_of(batches.project, batches.dbt, journal, config))
    for problem in problems:
        context.log.warning("%s", problem.message)
    broken = [one for one in reports if one.state in ("blocked", "halted", "failed")]
    if broken:
        told = "; ".join(f"{one.sync} {one.state}: {one.reason}" for one in broken)
        raise dg.Failure(told, metadata=facts.of_syncs(reports), allow_retries=False)
    return dg.MaterializeResult(metadata=facts.of_syncs(reports))
