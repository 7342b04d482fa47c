"""Stopping and resuming as a job: the same switch as `baton stop` and `baton resume` write."""

from collections.abc import Iterator
from enum import StrEnum

import dagster as dg
from pydantic import Field

from baton import switching
from dagster_defs.facts import of_report
from dagster_defs.resources import BatonResource, in_dagster_words
from dagster_defs.sources import JOURNAL


class Verb(StrEnum):
    """What a switch does."""

    stop = "stop"
    resume = "resume"


class Fate(StrEnum):
    """What becomes of what waits when a stop is lifted."""

    release = "release"
    cancel = "cancel"
    keep = "keep"


Scope = StrEnum(
    "Scope", ["global", "brand", "journey", "action", "channel", "destination", "person"]
)


class SwitchConfig(dg.Config):
    """Which switch is set, by whom and why."""

    verb: Verb = Field(description="stop, or resume: lift a stop.")
    scope: Scope = Field(description="What is meant; global is everything.")
    value: str | None = Field(
        default=None, description="Which one, as `quote_stalled` for a journey; none for global."
    )
    reason: str = Field(description="Why; it stays on record.")
    by: str = Field(description="Who says so, as an address; it stays on record.")
    held: Fate | None = Field(
        default=None,
        description="What becomes of what waits when a stop is lifted: release it to be decided"
        " again, cancel it, or keep it held. Must be said where something waits.",
    )


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Writes the switch into the journal; in force at once, also while a batch runs.",
)
def set_switch(
    baton: BatonResource, config: SwitchConfig
) -> Iterator[dg.AssetObservation | dg.Output[None]]:
    """Stop, or resume, and tell what waits and what is stopped."""
    meant = config.scope.name, config.value
    with in_dagster_words(), baton.journal() as journal:
        if config.verb is Verb.stop:
            facts = switching.stop(journal, meant, reason=config.reason, by=config.by)
        else:
            fate = config.held.value if config.held else None
            facts = switching.resume(journal, meant, reason=config.reason, by=config.by, held=fate)
    signed = {"verb": config.verb.value, "by": config.by, "reason": config.reason}
    yield dg.AssetObservation(JOURNAL.key, metadata=of_report(signed | facts))
    yield dg.Output(None)


@dg.job(
    description="Stops a scope, or lets it go again, as `baton stop` and `baton resume` do."
    " Who, what and why stand in the run's config; what waits is told on the asset `journal`."
)
def switch() -> None:
    """Set one switch."""
    set_switch()
