"""Promises of speed as asset checks: channels on `latency_hourly`, sources on their tables."""

from collections.abc import Iterator
from functools import cache

import dagster as dg

from baton.cards import load_vocabulary
from baton.promises import Promise, Speed
from dagster_defs.project import ROOT, manifest
from dagster_defs.sources import labels

LATENCY = dg.AssetKey("latency_hourly")


def check_specs() -> list[dg.AssetCheckSpec]:
    """Return a check for each channel that an action names and each source that promises."""
    return [
        dg.AssetCheckSpec(key.name, asset=key.asset_key, description=_DESCRIBED[promise])
        for (promise, _), key in sorted(_keys().items())
    ]


def evaluations(speed: Speed) -> Iterator[dg.AssetCheckEvaluation]:
    """Yield how each promise stands, under the key of its check; unknown ones are left out."""
    for one in speed.promises:
        key = _keys().get((one.promise, one.subject))
        if key is not None:
            yield dg.AssetCheckEvaluation(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=not one.is_broken,
                severity=dg.AssetCheckSeverity.WARN,
                description=one.line(),
                metadata=_facts(one),
            )


def results(speed: Speed) -> Iterator[dg.AssetCheckResult]:
    """Yield the same for a step that runs the checks."""
    for one in evaluations(speed):
        yield dg.AssetCheckResult(
            asset_key=one.asset_key,
            check_name=one.check_name,
            passed=one.passed,
            severity=one.severity,
            description=one.description,
            metadata=one.metadata,
        )


def stages(speed: Speed) -> dg.AssetMaterialization:
    """Return the seconds of each stage by channel, as of the latest hour that had messages."""
    facts = {
        f"{channel}_{stage}": seconds
        for channel, found in speed.stages.items()
        for stage, seconds in found.items()
    }
    return dg.AssetMaterialization(LATENCY, metadata=facts)


_DESCRIBED = {
    "claimed": "19 of 20 messages of the last hour claimed as soon after their event as promised.",
    "delivered": "Something delivered as lately as those who rely on it were promised.",
}


@cache
def _keys() -> dict[tuple[str, str], dg.AssetCheckKey]:
    """The checks by promise and subject."""
    actions = load_vocabulary(ROOT / "dbt_project").actions.values()
    channels = {cells["channel"] for cells in actions}
    tables = {label: key for key, label in labels().items()}
    claimed = {
        ("claimed", one): dg.AssetCheckKey(LATENCY, f"{one}_claimed_in_time") for one in channels
    }
    return claimed | {
        ("delivered", label): dg.AssetCheckKey(tables[label], "delivers_in_time")
        for label in _promising()
    }


def _promising() -> set[str]:
    """The sources of which a signal or guard says how fresh they are."""
    metas = [
        node["config"]["meta"].get("baton", {})
        for node in manifest()["nodes"].values()
        if {"signal", "guard"} & set(node["tags"])
    ]
    return {meta["source"] for meta in metas if "fresh_within" in meta}


def _facts(one: Promise) -> dict[str, float | int]:
    facts = {
        "promised_s": one.promised_s,
        "measured_s": one.measured_s,
        "messages": one.messages,
    }
    return {name: value for name, value in facts.items() if value is not None}
