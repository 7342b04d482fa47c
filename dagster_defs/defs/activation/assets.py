"""Activation: messages go to the journal, then messages and syncs go to the tools."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from activation import send
from activation.syncs import run_syncs
from activation.syncs.wiring import declared_syncs, ground_of
from dagster_defs import facts
from dagster_defs.project import manifest
from dagster_defs.resources import (
    WRITER_POOL,
    BatonResource,
    DestinationsResource,
    in_dagster_words,
)


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
    context: dg.AssetExecutionContext, baton: BatonResource, destinations: DestinationsResource
) -> dg.MaterializeResult[Any]:
    """Send what is due; a destination that lacks a setting fails only if messages wait for it."""
    with in_dagster_words(), baton.journal() as journal:
        report = send(journal, destinations.config(), now=journal.now)
        metadata = facts.of_sending(report, journal.backlog())
    for name, why in report.halted.items():
        context.log.warning("%s was left: %s", name, why)
    return dg.MaterializeResult(metadata=metadata)


def _specs() -> list[dg.AssetSpec]:
    """One asset per sync, below its model and what filters it."""
    syncs = [
        one for one in manifest()["exposures"].values() if "baton_sync" in one["config"]["meta"]
    ]
    return [
        dg.AssetSpec(
            one["name"],
            deps=[*(ref["name"] for ref in one["refs"]), "reachable_contact_points", handed_over],
            group_name="activation",
            kinds={"python"},
            description=one["description"] or one["label"],
            skippable=True,
        )
        for one in syncs
    ]


@dg.multi_asset(name="tools_synced", specs=_specs(), can_subset=True, pool=WRITER_POOL)
def tools_synced(
    context: dg.AssetExecutionContext, baton: BatonResource, destinations: DestinationsResource
) -> Iterator[dg.MaterializeResult[Any]]:
    """Run the syncs, suppressions first; fails when one was held back or a tool did not answer."""
    batches, config = baton.micro_batch(), destinations.config()
    with in_dagster_words(), baton.journal() as journal:
        syncs, problems = declared_syncs(batches.project, batches.dbt, config)
        wanted = [one for one in syncs if dg.AssetKey(one.name) in context.selected_asset_keys]
        reports = run_syncs(wanted, ground_of(batches.project, batches.dbt, journal, config))
        metadata = {one.sync: facts.of_sync(one, journal.syncs) for one in reports}
    broken = [f"{one.sync} {one.state}: {one.reason}" for one in reports if not one.went]
    broken += [problem.message for problem in problems]
    for one in reports:
        if one.went and dg.AssetKey(one.sync) in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=one.sync, metadata=metadata[one.sync])
    if broken:
        raise dg.Failure("; ".join(broken), allow_retries=False)
