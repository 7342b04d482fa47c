"""Proposals to identity: pairs of identifiers whose profiles are alike, as a landed file.

Identifiers are compared, never persons: a proposal that identity follows must not change what the
next run compares. Only what changed lands. Values stay in memory, or spill beside the warehouse
while the run lasts; the file has ids.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from baton.dbt_runner import DbtProject
from baton.errors import Refused
from baton.intake.arrow import Table
from baton.linkage.kinds import kinds_of
from baton.linkage.likeness import Likeness, find_alike, require_splink
from baton.linkage.records import PAIRS
from baton.project import Project
from baton.warehouse import reader

_FOLDER, _STEM = "linkage", "pairs"
SETTING = "likeness-1"
"""Part of the model's name: which kinds, comparisons and thresholds there are."""
MAX_WITHDRAWN_SHARE = 0.5
MEMORY = "2GB"
_MIN_STANDING = 10
_SAME_WITHIN = 0.05
_VALUES = """
select v.node_id, v.field, v.value
from (
    select a.*, row_number() over (
        partition by a.node_id, a.field order by a.observed_at desc, a.loaded_seq desc
    ) as recency
    from {values} as a
) as v
where v.recency = 1 and not v.is_deleted and v.value is not null
"""
_STANDING = """
select p.node_a_id, p.node_b_id, p.confidence
from {pairs} as p
qualify row_number() over (partition by p.node_a_id, p.node_b_id order by p.loaded_seq desc) = 1
"""
_ALIKE = f"""
create table alike as
select least(m.node_id, n.node_id) as node_a_id, greatest(m.node_id, n.node_id) as node_b_id,
    least(round(1 / (1 + pow(2.0, -p.weight)), 4), 0.9999) as confidence
from {PAIRS} as p
inner join clusters as x on p.a = x.id
inner join clusters as y on p.b = y.id
inner join given as m on p.a = m.record_number
inner join given as n on p.b = n.record_number
where x.cluster = y.cluster and p.weight > 0
"""
_CHANGES = """
select coalesce(a.node_a_id, s.node_a_id) as node_a_id,
    coalesce(a.node_b_id, s.node_b_id) as node_b_id, a.confidence
from alike as a
full join standing as s using (node_a_id, node_b_id)
where (a.confidence is null) <> (s.confidence is null)
    or abs(a.confidence - s.confidence) > $same_within
order by all
"""


@dataclass(frozen=True)
class Proposal:
    """What a run found. `pairs` stand after it, `changed` are new or differ, `withdrawn` gone."""

    likeness: Likeness
    pairs: int
    changed: int
    withdrawn: int
    file: Path | None

    def facts(self) -> dict[str, Any]:
        """Return what a person or a program wants to know of it."""
        return {
            "records": self.likeness.records,
            "kinds": list(self.likeness.kinds),
            "scored_pairs": self.likeness.pairs,
            "proposed_pairs": self.pairs,
            "changed": self.changed,
            "withdrawn": self.withdrawn,
            "file": self.file.name if self.file else None,
        }


def propose(
    project: Project,
    dbt: DbtProject,
    *,
    now: datetime,
    run_id: str,
    max_withdrawn_share: float = MAX_WITHDRAWN_SHARE,
    is_dry: bool = False,
    is_end: bool = False,
) -> Proposal:
    """Compare the profiles as the last batch left them; land what changed for the next one.

    With `is_end` nothing is compared, so that every standing pair is withdrawn. `now` is naive UTC.
    Raises `UsageError` without Splink, `Busy` when the warehouse is in use, and `Refused` when more
    than `max_withdrawn_share` of ten standing pairs or more would be withdrawn.
    """
    require_splink()
    values, standing = _read(project, dbt)
    values = values.slice(0, 0) if is_end else values
    spill = project.warehouse.with_name(f"{project.warehouse.name}.linkage.tmp")
    try:
        with duckdb.connect() as con:
            con.execute(f"set memory_limit = '{MEMORY}'")
            con.execute("set temp_directory = $spill", {"spill": str(spill)})
            con.register("standing_pairs", standing)
            con.execute("create table standing as from standing_pairs where confidence is not null")
            likeness = _compare(con, values)
            changes = con.execute(_CHANGES, {"same_within": _SAME_WITHIN}).fetchall()
            (pairs,) = con.execute("select count(*) from alike").fetchall()[0]
            (stood,) = con.execute("select count(*) from standing").fetchall()[0]
    finally:
        shutil.rmtree(spill, ignore_errors=True)
    withdrawn = sum(confidence is None for *_, confidence in changes)
    _require_few(withdrawn, stood, max_withdrawn_share)
    file = None
    if changes and not is_dry:
        said = {"model": model_name(), "run_id": run_id, "proposed_at": now.isoformat()}
        file = _land(project, changes, said, now)
    return Proposal(likeness, pairs, len(changes) - withdrawn, withdrawn, file)


def model_name() -> str:
    """What scores the pairs: our setting, and Splink with its version."""
    return f"{SETTING} splink-{version('splink')}"


def _read(project: Project, dbt: DbtProject) -> tuple[Table, Table]:
    with reader(project.warehouse) as con:
        values = con.execute(_VALUES.format(values=dbt.relation("stg_linkage__values")))
        read = values.to_arrow_table()
        pairs = con.execute(_STANDING.format(pairs=dbt.relation("stg_linkage__pairs")))
        return read, pairs.to_arrow_table()


def _compare(con: duckdb.DuckDBPyConnection, values: Table) -> Likeness:
    """Fill the table `alike` from values by identifier and field."""
    con.register("field_values", values)
    fields = [str(name) for name in sorted(set(values.column("field").to_pylist()))]
    kinds = kinds_of(fields)
    columns = "".join(f", max(value) filter (field = '{field}') as \"{field}\"" for field in fields)
    con.execute(
        f"""create table given as
        select row_number() over (order by node_id) as record_number, node_id{columns}
        from field_values group by node_id"""
    )
    con.unregister("field_values")
    likeness = find_alike(con, "given", kinds)
    con.execute(_ALIKE)
    return likeness


def _require_few(withdrawn: int, standing: int, share: float) -> None:
    if standing < _MIN_STANDING or withdrawn <= share * standing:
        return
    raise Refused(
        f"the run would withdraw {withdrawn} of {standing} proposed pairs and part their persons",
        where="likeness of profiles",
        mend="see whether a source has lost its values; if it is meant, call again with a larger "
        "share: `baton likeness --max-withdrawn-share 1`",
    )


def _land(
    project: Project,
    changes: list[tuple[str, str, float | None]],
    said: dict[str, str],
    now: datetime,
) -> Path:
    """Write the pairs as JSON lines and rename the file into place."""
    project.ensure_landing()
    folder = project.landing / _FOLDER
    folder.mkdir(exist_ok=True)
    file = folder / f"{_STEM}-{now:%Y%m%dT%H%M%S%f}-{said['run_id']}.jsonl"
    part = file.with_suffix(".part")
    with part.open("w", encoding="utf-8") as lines:
        for node_a_id, node_b_id, confidence in changes:
            pair = {"node_a_id": node_a_id, "node_b_id": node_b_id, "confidence": confidence}
            lines.write(json.dumps(pair | said) + "\n")
    part.rename(file)
    return file
