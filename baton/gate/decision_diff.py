"""Two replays of the same history held against each other, person by person."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

SAMPLES = 5
MEASURES = {
    "other_action": "customers who would get another action, more or fewer",
    "newly_contacted": "customers who would get something, and get nothing now",
    "no_longer_contacted": "customers who would get nothing, and get something now",
    "no_longer_suppressed": "customers who are suppressed now and would get it",
    "newly_suppressed": "customers who get it now and would be suppressed",
    "repeated": "customers who would get the same once more than now",
    "other_time": "customers who would get the same at another time",
}


@dataclass(frozen=True)
class Change:
    """How often an action goes out, and how many persons get it more and less often."""

    journey: str
    channel: str
    action: str
    now: int
    planned: int
    persons_more: int
    persons_fewer: int


@dataclass(frozen=True)
class Reason:
    """How many candidates end with an outcome for a reason."""

    journey: str
    outcome: str
    reason: str
    now: int
    planned: int


@dataclass(frozen=True)
class Sample:
    """One person whose decision differs; what was not decided at all is null."""

    person_id: str
    journey: str
    action: str
    channel: str
    now: str | None
    planned: str | None
    now_at: datetime | None
    planned_at: datetime | None


@dataclass(frozen=True)
class DecisionDiff:
    """What a change does to decisions. `counts` are persons by measure, see `MEASURES`."""

    persons: int
    counts: dict[str, int]
    changes: tuple[Change, ...]
    reasons: tuple[Reason, ...]
    samples: dict[str, tuple[Sample, ...]]

    def facts(self) -> dict[str, Any]:
        """Return all of it as plain facts."""
        return asdict(self)


def decision_diff(now: Path, planned: Path) -> DecisionDiff:
    """Compare what `write_effects` wrote into two folders; persons are those of `now`."""
    with duckdb.connect() as con:
        for name, folder in (("now", now), ("planned", planned)):
            con.execute(_DECIDED.format(name=name, file=_quoted(folder / "decided.parquet")))
        con.execute(_PERSONS.format(file=_quoted(now / "persons.parquet")))
        con.execute(_EARLIER.format(file=_quoted(now / "earlier.parquet")))
        con.execute(_COMPARED)
        for measure, query in _OF_MEASURE.items():
            con.execute(f"create temporary table {measure} as {query}")
        counts = {
            measure: int(_one(con, f"select count(distinct person_id) from {measure}"))
            for measure in MEASURES
        }
        samples = {
            measure: tuple(Sample(*row) for row in con.execute(_sample(measure)).fetchall())
            for measure in MEASURES
            if counts[measure]
        }
        return DecisionDiff(
            persons=int(_one(con, "select count(distinct person_id) from persons")),
            counts=counts,
            changes=tuple(Change(*row) for row in con.execute(_CHANGES).fetchall()),
            reasons=tuple(Reason(*row) for row in con.execute(_REASONS).fetchall()),
            samples=samples,
        )


def _one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = con.execute(query).fetchone()
    return row[0] if row else 0


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")


def _sample(measure: str) -> str:
    return f"""
    select s.person_id, s.journey, s.action, s.channel, s.now_said, s.planned_said,
        s.now_at, s.planned_at
    from said as s
    where s.person_id in (select m.person_id from {measure} as m)
        and (
            s.now_told is distinct from s.planned_told
            or s.now_times is distinct from s.planned_times
        )
    qualify row_number() over (
        partition by s.person_id order by s.planned_sent <> s.now_sent desc, s.journey, s.action
    ) = 1
    order by hash(s.person_id) limit {SAMPLES}"""


_DECIDED = "create temporary table {name} as select * from read_parquet('{file}')"
_PERSONS = "create temporary table persons as select * from read_parquet('{file}')"
_EARLIER = """
create temporary table earlier as
select p.person_id, e.journey, e.correlation_key, e.action, e.channel, count(*) as sent
from read_parquet('{file}') as e inner join persons as p on e.node_id = p.node_id
group by all
"""
# By person and what is decided of them; a step's id differs from card to card, what it does to a
# person may not.
_COMPARED = """
create temporary table both_sides as
select coalesce(p.person_id, b.node_id) as person_id, b.*
from (
    select *, true as is_planned from planned union all by name
    select *, false as is_planned from now
) as b left join persons as p on b.node_id = p.node_id;

create temporary table said as
select
    person_id, journey, correlation_key, action, channel,
    count(*) filter (not is_planned and is_sent) as now_sent,
    count(*) filter (is_planned and is_sent) as planned_sent,
    bool_or(outcome = 'suppress') filter (not is_planned) as is_suppressed_now,
    bool_or(outcome = 'suppress') filter (is_planned) as is_suppressed_planned,
    list(decided_at order by decided_at) filter (not is_planned and is_sent) as now_times,
    list(decided_at order by decided_at) filter (is_planned and is_sent) as planned_times,
    list(outcome || reason order by outcome, reason) filter (not is_planned) as now_told,
    list(outcome || reason order by outcome, reason) filter (is_planned) as planned_told,
    arg_max(outcome || ': ' || reason, decided_at) filter (not is_planned) as now_said,
    arg_max(outcome || ': ' || reason, decided_at) filter (is_planned) as planned_said,
    max(decided_at) filter (not is_planned) as now_at,
    max(decided_at) filter (is_planned) as planned_at
from both_sides group by all;

create temporary table actions as
select person_id, journey, action, channel,
    sum(now_sent) as now_sent, sum(planned_sent) as planned_sent
from said group by all;

create temporary table contacts as
select person_id, sum(now_sent) as now_sent, sum(planned_sent) as planned_sent
from said group by all;
"""
_OF_MEASURE = {
    "other_action": "select distinct person_id from actions where now_sent <> planned_sent",
    "newly_contacted": "select person_id from contacts where now_sent = 0 and planned_sent > 0",
    "no_longer_contacted": "select person_id from contacts where now_sent > 0 and planned_sent = 0",
    "no_longer_suppressed": """select person_id from said
        where is_suppressed_now and now_sent = 0 and planned_sent > 0""",
    "newly_suppressed": """select person_id from said
        where is_suppressed_planned and planned_sent = 0 and now_sent > 0""",
    "repeated": """select s.person_id from said as s
        left join earlier as e
            on s.person_id = e.person_id and s.journey = e.journey and s.action = e.action
            and s.channel = e.channel
            and s.correlation_key is not distinct from e.correlation_key
        where s.planned_sent > s.now_sent and coalesce(e.sent, 0) + s.planned_sent > 1""",
    "other_time": """select person_id from said
        where now_sent = planned_sent and now_times is distinct from planned_times
            and person_id not in (select o.person_id from other_action as o)""",
}
_CHANGES = """
select journey, channel, action, sum(now_sent)::bigint, sum(planned_sent)::bigint,
    count(*) filter (planned_sent > now_sent), count(*) filter (planned_sent < now_sent)
from actions group by all
having sum(now_sent) + sum(planned_sent) > 0 order by all
"""
_REASONS = """
select journey, outcome, reason, count(*) filter (not is_planned) as now,
    count(*) filter (is_planned) as planned
from both_sides group by all having now <> planned order by all
"""
