"""Checks of activation: backlog, failures, and opt-outs that tools have not been told."""

from collections.abc import Iterator

import dagster as dg

from activation import health
from dagster_defs.defs.activation.assets import messages_sent
from dagster_defs.project import manifest
from dagster_defs.resources import BatonResource, DestinationsResource, in_dagster_words

_SPECS = [
    dg.AssetCheckSpec(name, asset=messages_sent, description=judged.__doc__)
    for name, judged in (
        ("backlog_age", health.backlog_age),
        ("failure_share", health.failure_share),
        ("opt_out_delay", health.opt_out_delay),
    )
]


@dg.multi_asset_check(name="activation_checks", specs=_SPECS, can_subset=True)
def activation_checks(
    context: dg.AssetCheckExecutionContext, baton: BatonResource, destinations: DestinationsResource
) -> Iterator[dg.AssetCheckResult]:
    """Judge what the journal says by the bounds of destinations.yml."""
    bounds = destinations.config().checks
    with in_dagster_words(), baton.journal() as journal:
        ways = {
            "backlog_age": lambda: health.backlog_age(journal, bounds),
            "failure_share": lambda: health.failure_share(journal, bounds),
            "opt_out_delay": lambda: health.opt_out_delay(journal, bounds, _suppressions()),
        }
        for key in sorted(context.selected_asset_check_keys):
            yield _result(key, ways[key.name]())


def _result(key: dg.AssetCheckKey, found: health.Finding) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=found.level == "fine",
        severity=severity.ERROR if found.level == "error" else severity.WARN,
        metadata=found.facts,
    )


def _suppressions() -> list[tuple[str, str]]:
    """The syncs that tell tools of opt-outs, and the destination of each."""
    declared = [
        (one["name"], one["config"]["meta"].get("baton_sync"))
        for one in manifest()["exposures"].values()
    ]
    return [
        (name, sync["destination"])
        for name, sync in declared
        if sync and sync["purpose"] == "suppressions"
    ]


activation_watched = dg.define_asset_job(
    "activation_watched",
    selection=dg.AssetSelection.checks(*(spec.key for spec in _SPECS)),
    description="The checks of activation alone; sends nothing, needs no warehouse.",
)
every_five_minutes = dg.ScheduleDefinition(
    name="activation_watched_every_five_minutes",
    job=activation_watched,
    cron_schedule="*/5 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="The checks of activation every five minutes; off until started.",
)
