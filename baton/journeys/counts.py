"""How many instances stand where, and which way they took, from the warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from baton.dbt_runner import DbtProject
from baton.releases.reading import read_if_free

_Numbers = Mapping[str, int]
_NONE: _Numbers = {}


@dataclass(frozen=True)
class Counts:
    """Instances of one journey. `missing` says why there are no counts, None when there are.

    `here` and `reached` are by step, `taken` by transition and target, `status` by what became of
    the instances; `as_of` is the time of the last batch, naive UTC.
    """

    here: Mapping[str, int] = field(default_factory=dict[str, int])
    reached: Mapping[str, int] = field(default_factory=dict[str, int])
    taken: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    status: Mapping[str, int] = field(default_factory=dict[str, int])
    as_of: datetime | None = None
    missing: str | None = None

    @property
    def open(self) -> int:
        """Instances that are under way."""
        return self.status.get("open", 0)

    @property
    def ended(self) -> int:
        """Instances that have ended, however they did."""
        return sum(self.status.values()) - self.open


def read_counts(warehouse: Path, dbt: DbtProject, journey: str) -> Counts:
    """Return the counts of a journey, or none and why they cannot be read now."""
    found, missing = read_if_free(warehouse, lambda con: _counts(con, dbt, journey))
    return found or Counts(missing=missing)


def _counts(con: duckdb.DuckDBPyConnection, dbt: DbtProject, journey: str) -> Counts:
    states = con.execute(
        f"""select s.step, s.status, count(*) from {dbt.relation("journey_states")} as s
        where s.journey = ? group by all""",
        [journey],
    ).fetchall()
    steps = con.execute(
        f"""select t.transition_id, t.step, count(distinct t.instance_id), count(*)
        from {dbt.relation("transitions")} as t where t.journey = ? group by all""",
        [journey],
    ).fetchall()
    reached = con.execute(
        f"""select t.step, count(distinct t.instance_id)
        from {dbt.relation("transitions")} as t where t.journey = ? group by all""",
        [journey],
    ).fetchall()
    last = con.execute(
        "select max(w.batch_time) from raw.windows as w where w.state = 'committed'"
    ).fetchone()
    status: dict[str, int] = {}
    for _, one, count in states:
        status[one] = status.get(one, 0) + count
    return Counts(
        here={step: count for step, one, count in states if one == "open"},
        reached=dict(reached),
        taken={(transition, step): count for transition, step, _, count in steps},
        status=status,
        as_of=last[0] if last else None,
    )
