"""What goes wrong is stopped by a switch that says what was seen: numbers, nobody's data.

Journeys that run away are stopped before anything of them is handed over; what bounces or is
complained of too often, and journeys that drift from their past, when outcomes are looked at.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.prepared import Executes
from baton.warehouse import rows_of

BY = "limits"
_SCOPES = ("journey", "action", "destination", "channel")
_RATES = (("complained", "complaint_percent"), ("bounced", "bounce_percent"))
Scoped = tuple[str, str]


@dataclass(frozen=True)
class OutcomeCount:
    """Messages of one scope that went out of late, and what became of them."""

    scope: str
    value: str
    journey: str
    action: str
    destination: str
    messages: int
    bounced: int
    complained: int


@dataclass(frozen=True)
class Stop:
    """What is to be stopped, and the numbers that say why."""

    scope: str
    value: str
    reason: str

    @property
    def name(self) -> str:
        """A journey's name, or scope and value."""
        return self.value if self.scope == "journey" else f"{self.scope} {self.value}"


def stop_runaways(con: Executes, journal: Journal, dbt: DbtProject) -> list[str]:
    """Stop the journeys that have passed a limit; return the names of those newly stopped.

    Their messages are held like those of any stopped journey, until `baton resume`.
    """
    found = rows_of(
        con,
        "select journey, limit_name, number, most "
        f"from {dbt.relation('ops_runaway_journeys')} order by journey, limit_name",
    )
    return _write(journal, [_runaway(**row) for row in found])


def stop_by_outcomes(con: Executes, journal: Journal, dbt: DbtProject) -> list[str]:
    """Stop what bounces, is complained of or drifts beyond the live policy; return the names."""
    limits = dict(
        con.execute(f"select name, most from {dbt.relation('stg_release__limits')}").fetchall()
    )
    counts = [
        OutcomeCount(**row)
        for row in rows_of(con, f"select * from {dbt.relation('outcome_counts')}")
    ]
    stopped = {(one.scope, one.value) for one in journal.switches() if one.value is not None}
    drifting = rows_of(
        con,
        f"select * from {dbt.relation('ops_drifting_journeys')} "
        "order by journey, limit_name, signal",
    )
    stops = [*excessive(counts, limits, stopped), *(_drifting(**row) for row in drifting)]
    return _write(journal, stops)


def excessive(
    counts: Sequence[OutcomeCount], limits: Mapping[str, float], stopped: Collection[Scoped]
) -> list[Stop]:
    """Return what to stop of what passes a rate, the narrowest first.

    What is stopped already, or for a narrower reason now, no longer counts against a wider scope:
    one bad journey stops neither its channel nor its destination. A limit that the policy does not
    name holds nobody.
    """
    gone, stops = set(stopped), list[Stop]()
    least = limits.get("outcome_least", 1)
    for scope in _SCOPES:
        for value in sorted({one.value for one in counts if one.scope == scope}):
            mine = [one for one in counts if (one.scope, one.value) == (scope, value)]
            left = [one for one in mine if not _is_stopped(one, gone)]
            reason = _reason(left, limits, least)
            if reason is not None:
                stops.append(Stop(scope, value, reason))
        gone |= {(one.scope, one.value) for one in stops}
    return stops


def _is_stopped(one: OutcomeCount, gone: Collection[Scoped]) -> bool:
    scopes = {
        ("journey", one.journey),
        ("action", one.action),
        ("destination", one.destination),
        (one.scope, one.value),
    }
    return not scopes.isdisjoint(gone)


def _reason(
    counts: Sequence[OutcomeCount], limits: Mapping[str, float], least: float
) -> str | None:
    messages = sum(one.messages for one in counts)
    for what, limit in _RATES:
        number = sum(getattr(one, what) for one in counts)
        if limit in limits and messages >= least and 100 * number > limits[limit] * messages:
            share = 100 * number / messages
            hours = limits.get("outcome_hours", 0)
            return (
                f"{limit}: {number} of {messages} messages in {hours:g} h {what} "
                f"({share:.3g} %), at most {limits[limit]:g} %"
            )
    return None


def _runaway(*, journey: str, limit_name: str, number: float, most: float) -> Stop:
    return Stop("journey", journey, f"{limit_name}: {number:g} messages, at most {most:g}")


def _drifting(*, journey: str, limit_name: str, signal: str | None, **numbers: Any) -> Stop:
    number, most = float(numbers["number"]), float(numbers["most"])
    if signal is not None:
        seen = f"{number:g} of the signal {signal} in a day, {most:g} on the nearest of 7 before"
    else:
        messages = float(numbers["messages"])
        seen = (
            f"the actions of {messages:g} messages of a day differ by {number:.3g} % "
            f"from 7 days before, at most {most:g} %"
        )
    return Stop("journey", journey, f"{limit_name}: {seen}")


def _write(journal: Journal, stops: Sequence[Stop]) -> list[str]:
    if not stops:
        return []
    stopped = {(one.scope, one.value) for one in journal.switches()}
    names: list[str] = []
    for one in stops:
        if (one.scope, one.value) not in stopped:
            journal.stop(one.scope, one.value, reason=one.reason, by=BY)
            stopped.add((one.scope, one.value))
            names.append(one.name)
    return names
