"""What tells our own people of a broken promise: when it breaks, and when it is kept again."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import dagster as dg
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

from activation import DestinationsConfig
from activation.alerts import send_alerts
from activation.config import Alerts
from baton.promises import Breach, followed, told
from dagster_defs.resources import in_dagster_words
from dagster_defs.speed import check_specs

_SILENT = "promises"
_DONE = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}
_KEYS = [spec.key for spec in check_specs()]


@dg.sensor(
    name="promise_alerts",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="One alert per broken promise, and one when it is kept again.",
)
def promise_alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Tell of what the latest checks found, by the destination that `alerts` names.

    A new breach is stored first and told at the next tick: the cursor of a tick that does not end
    is lost, and with it the message's id. What could not be told is tried again.
    """
    config = DestinationsConfig.load()
    with in_dagster_words():
        alerts = config.require_alerts()
        now = datetime.now(UTC).replace(tzinfo=None)
        broken = _broken(context.instance, alerts, now)
        stored = _read(context.cursor)
        breaches = followed(stored, broken, now)
        known = {key: one for key, one in breaches.items() if key in stored}
        for key, why in send_alerts(known, config):
            if why is None:
                breaches = told(breaches, [key])
            else:
                context.log.warning("%s could not be told: %s", key, why)
    context.update_cursor(_written(breaches))
    return dg.SkipReason(f"{len(broken)} of {len(_KEYS)} promises are broken")


def _broken(instance: dg.DagsterInstance, alerts: Alerts, now: datetime) -> dict[str, str]:
    latest = {key: _latest(instance, key) for key in _KEYS}
    found: dict[str, str] = {}
    for key, record in latest.items():
        evaluation = record.evaluation if record else None
        if evaluation is not None and not evaluation.passed:
            found[key.to_user_string()] = evaluation.description or key.name
    seen = max((one.create_timestamp for one in latest.values() if one), default=None)
    most = alerts.silent_after_minutes
    if most is not None and seen is not None:
        minutes = (now.replace(tzinfo=UTC).timestamp() - seen) / 60
        if minutes > most:
            found[_SILENT] = f"nobody has looked at the promises for over {most:g} minutes"
    return found


def _latest(
    instance: dg.DagsterInstance, key: dg.AssetCheckKey
) -> AssetCheckExecutionRecord | None:
    """The latest evaluation; one that a run has only planned says nothing."""
    records = instance.event_log_storage.get_asset_check_execution_history(
        key, limit=1, status=_DONE
    )
    return next(iter(records), None)


def _read(cursor: str | None) -> dict[str, Breach]:
    found = json.loads(cursor) if cursor else {}
    return {
        key: Breach(datetime.fromisoformat(since), what, is_told, is_over)
        for key, (since, what, is_told, is_over) in found.items()
    }


def _written(breaches: Mapping[str, Breach]) -> str:
    return json.dumps(
        {
            key: [one.since.isoformat(), one.what, one.is_told, one.is_over]
            for key, one in breaches.items()
        }
    )
