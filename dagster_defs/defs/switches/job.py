"""Stopping and resuming as a job: the same switch as `baton stop` and `baton resume` write."""

from enum import StrEnum

import dagster as dg

from baton.journal.lifting import HELD
from dagster_defs.resources import BatonResource, in_dagster_words


class Verb(StrEnum):
    """What a switch does."""

    stop = "stop"
    resume = "resume"


class Fate(StrEnum):
    """What becomes of what waits when a stop is lifted."""

    release = "release"
    cancel = "cancel"
    keep = "keep"


class SwitchConfig(dg.Config):
    """Which switch is set, by whom and why.

    `scope` is global, brand, journey, action, channel, destination or person, `value` which one;
    null for global.
    """

    verb: Verb
    scope: str
    value: str | None = None
    reason: str
    by: str
    held: Fate | None = None
    """What becomes of what waits when a stop is lifted; must be said where something does."""


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Writes the switch into the journal; in force at once, also while a batch runs.",
)
def set_switch(context: dg.OpExecutionContext, baton: BatonResource, config: SwitchConfig) -> None:
    """Stop, or resume, and tell how many messages wait."""
    with in_dagster_words(), baton.journal() as journal:
        waiting = journal.waiting_of(config.scope, config.value)
        if config.verb is Verb.stop:
            journal.stop(config.scope, config.value, reason=config.reason, by=config.by)
        elif waiting and config.held is None:
            count = sum(waiting.values())
            what = f"{count} messages wait, and it is not said what becomes of them"
            mend = f"set held to {', '.join(HELD)}"
            raise dg.Failure(f"{what}; {mend}", allow_retries=False)
        else:
            journal.resume(
                config.scope,
                config.value,
                reason=config.reason,
                by=config.by,
                held=config.held.value if config.held else "release",
            )
    context.log.info(
        "%s %s %s by %s: %s; waiting: %s",
        config.verb,
        config.scope,
        config.value or "",
        config.by,
        config.reason,
        waiting or "nothing",
    )


@dg.job(description="Stops a scope, or lets it go again; who and why stand in the run's config.")
def switch() -> None:
    """Set one switch."""
    set_switch()
