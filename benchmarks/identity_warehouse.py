"""A scratch warehouse in which the identity models run, on what an invented graph lets be seen."""

import resource
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from baton import releases
from baton.dbt_runner import DbtProject
from baton.hot_path import HotPath
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project
from baton.warehouse import transaction, writer

START = datetime(2026, 6, 1, 12)
THREADS = 2
LARGE = 30_000
"""Records from which on a window is built on all threads, as `baton.micro_batch` has it."""
SPILL = "20GB"
"""Room on the disk for what does not fit into memory: a build that needs more is wrong."""
Facts = dict[str, Any]

_OF_PROFILES = "touched_persons"
_FIRST = 1_000_000
"""Load sequence of the first record: far above what the empty first batch has used."""
_SPAN = 10
"""Load sequences kept for one link: the first half for its records, the others for windows that
bring none.
"""
_OBSERVE = """
insert into {observations} by name
with seen as (
    select
        md5('record' || l.place || '-' || r.n) as record_id,
        {first} + l.place * {span} + r.n as loaded_seq,
        l.*
    from read_parquet($links) as l
    cross join range(1, {span}) as r(n)
    where r.n <= l.evidence and l.place > $after and l.place <= $up_to
),
ends as (
    select s.record_id, s.loaded_seq, s.b_type as hub_type, s.b_value as hub_value,
        unnest([s.a_type, s.b_type]) as node_type, unnest([s.a_value, s.b_value]) as node_value
    from seen as s
)
select
    record_id, 'benchmark' as source_model, node_type, node_value,
    md5(concat_ws(chr(31), 'node', node_type, node_value)) as node_id,
    md5(concat_ws(chr(31), 'node', hub_type, hub_value)) as hub_node_id,
    $at::timestamp as observed_at, loaded_seq
from ends
order by loaded_seq
"""

_UNGUARDED = """
update raw.release_policies
set row = json_merge_patch(
    row, '{"fanout_cap": "", "cardinality_to": "", "max_per_person": ""}'
)
where policy = 'identity_rules'
"""
_BLOCKING = """
insert into raw.release_policies (release_id, policy, row_no, row)
select 'blocking', p.policy, p.row_no, p.row from raw.release_policies as p
union all
select
    'blocking', 'identity_blocked_values', 100000 + row_number() over (),
    json_object('node_type', n.node_type, 'kind', 'exact', 'value', n.node_value, 'reason', 'dummy')
from (
    select * from {nodes} as n where n.node_type = 'email' order by md5(n.node_id) limit $mails
) as n
"""
_ACTIVATION = """
insert into raw.journal_activations
    (seq, release_id, kind, active_from, recorded_at, _loaded_seq, _loaded_at)
select max(a.seq) + 1, 'blocking', 'activate', $at, $at, any_value(w.to_seq), $at
from raw.journal_activations as a cross join raw.this_window as w
"""
_FORGET = """
with ends as (
    select unnest([e.node_a_id, e.node_b_id]) as node_id, e.node_a_id, e.node_b_id
    from {edges} as e where e.status = 'accepted'
),
held as (
    select min(node_a_id) as one, min(node_b_id) as other
    from ends group by node_id having count(*) = 1
    order by node_id limit 1
)
delete from {observations} as o
using held as h
where
    (o.node_id = h.one and o.hub_node_id = h.other)
    or (o.node_id = h.other and o.hub_node_id = h.one)
"""


class IdentityWarehouse:
    """The warehouse in `folder`, held open.

    A table stands where the view `stg_observations` joins the sources: one record per time that a
    link of the graph was seen, with two identifiers, the second being the hub, as staging has it.
    Everything from there on is the project's own, by the policies of its release.
    """

    def __init__(self, folder: Path, dbt: DbtProject, *, memory: str = "1GB") -> None:
        self.project = project_in(folder)
        self.dbt = dbt
        self._open = ExitStack()
        self.con = self._open.enter_context(writer(self.project.warehouse))
        self.con.execute(f"set threads = {THREADS}")
        self.con.execute(f"set memory_limit = '{memory}'")
        self.con.execute("set checkpoint_threshold = '1 GB'")
        self.con.execute(f"set max_temp_directory_size = '{SPILL}'")

    @classmethod
    def start(cls, folder: Path, dbt: DbtProject) -> None:
        """Make the warehouse: an empty first window builds every table of identity."""
        project = project_in(folder)
        project.landing.mkdir(parents=True)
        with Journal.open(project.journal) as journal:
            journal.set_simulated_time(START)
            releases.compile_and_activate(
                project, journal, by="benchmark", approved_by="benchmark", reason="measure"
            )
            MicroBatch(project, dbt).open_window(journal, now=START)
        with cls(folder, dbt) as made:
            made.build(["+path:models/identity"], exclude=[_OF_PROFILES])
            view = dbt.relation("stg_observations")
            made.con.execute(f"create temp table given as from {view} limit 0")
            made.con.execute(f"drop view {view}")
            made.con.execute(f"create table {view} as from given")

    def __enter__(self) -> Self:
        """Return the warehouse; leaving closes its file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._open.close()

    @property
    def models(self) -> list[str]:
        """The tables between staging and the changes of identity."""
        return [
            node.name
            for node in self.dbt.manifest.nodes.values()
            if node.resource_type == "model"
            and node.fqn[1] == "identity"
            and node.config.materialized != "view"
            and node.name != _OF_PROFILES
        ]

    def observe(self, links: Path, *, after: int, up_to: int) -> int:
        """Open a window and let it bring the records of the links after one place up to another.

        Returns how many records those are. Places lie in one stream: those of the next window are
        above `up_to`.
        """
        at = self.open_window(_FIRST + up_to * _SPAN + _SPAN // 2)
        written = self.con.execute(
            _OBSERVE.format(
                observations=self.dbt.relation("stg_observations"),
                first=_FIRST,
                span=_SPAN,
            ),
            {"links": str(links), "after": after, "up_to": up_to, "at": at},
        ).fetchall()[0][0]
        return written // 2

    def open_window(self, to_seq: int | None = None) -> datetime:
        """Open the next window, up to this load sequence; return its time."""
        window_id, before, at = self.con.execute(
            "select w.window_id + 1, w.to_seq, w.batch_time from raw.this_window as w"
        ).fetchall()[0]
        at += timedelta(seconds=1)
        self.con.execute("delete from raw.this_window")
        self.con.execute("update raw.windows set state = 'committed'")
        for table in ("windows", "this_window"):
            self.con.execute(
                f"insert into raw.{table} (window_id, batch_time, from_seq, to_seq, watermark, "
                "state) values (?, ?, ?, ?, ?, 'open')",
                [window_id, at, before, to_seq or before + 1, at],
            )
        return at

    def build(
        self,
        models: Sequence[str] = (),
        *,
        exclude: Sequence[str] = (),
        full_refresh: bool = False,
    ) -> Facts:
        """Build these models, or all of identity; return what it took, seconds a model as well."""
        since, computed = time.perf_counter(), cpu_seconds()
        with transaction(self.con):
            timings = self.dbt.build(
                self.con,
                select=list(models) or self.models,
                exclude=exclude,
                full_refresh=full_refresh,
            )
        return {
            "sql_s": round(self.dbt.sql_seconds, 3),
            "wall_s": round(time.perf_counter() - since, 3),
            "cpu_s": round(cpu_seconds() - computed, 2),
            "models": {one.name: round(one.seconds, 3) for one in timings},
        }

    def warm_up(self) -> HotPath:
        """Build empty windows until the engine has a plan of each statement, as a run does."""
        hot = HotPath(self.dbt, self.models)
        for _ in range(2):
            self.open_window()
            hot.prepare(self.con, self.dbt.checksum())
            with transaction(self.con):
                hot.build(self.con, self.dbt.checksum())
        if not hot.has_plan:
            raise SystemExit(f"the hot path has no plan: {hot.refused}")
        self.open_window()
        self.replay(hot)
        return hot

    def replay(self, hot: HotPath, *, records: int = 0) -> Facts:
        """Build a window of so many records by the plan; return what it took, also by model."""
        is_large = records > LARGE
        hot.prepare(self.con, self.dbt.checksum(), is_large=is_large)
        computed = cpu_seconds()
        with transaction(self.con):
            timings = hot.build(self.con, self.dbt.checksum(), is_large=is_large)
        return {
            "sql_s": round(self.dbt.sql_seconds, 3),
            "cpu_s": round(cpu_seconds() - computed, 2),
            "models": {one.name: round(one.seconds, 3) for one in timings},
        }

    def take_guards_away(self) -> None:
        """Strip the live release of caps, cardinality, limits and blocked values."""
        self.con.execute(_UNGUARDED)
        self.con.execute(
            "delete from raw.release_policies where policy = 'identity_blocked_values'"
        )

    def block(self, mails: int) -> None:
        """Open a window and let it learn of a release that blocks so many mails more."""
        at = self.open_window()
        self.con.execute(_BLOCKING.format(nodes=self.relation("nodes")), {"mails": mails})
        self.con.execute(_ACTIVATION, {"at": at})

    def take_link_away(self) -> None:
        """Forget all records of one accepted edge that alone holds an identifier to its person."""
        self.con.execute(
            _FORGET.format(observations=self.relation("observations"), edges=self.relation("edges"))
        )

    def above(self, model: str) -> set[str]:
        """Return the names of the models that this one is made of, directly or not."""
        parents = self.dbt.manifest.parent_map
        found: set[str] = set()
        asked = [one for one in parents if one.startswith("model.") and _name(one) == model]
        while asked:
            above = [one for one in parents[asked.pop()] if one.startswith("model.")]
            asked += [one for one in above if _name(one) not in found]
            found |= {_name(one) for one in above}
        return found

    def relation(self, name: str) -> str:
        """Return `schema.table` of a model."""
        return self.dbt.relation(name)

    def pairs(self, sql: str) -> dict[str, int]:
        """Return names and numbers of a query."""
        return dict(self.con.execute(sql).fetchall())

    def count(self, sql: str) -> int:
        """Return the one number of a query."""
        return self.con.execute(sql).fetchall()[0][0]


def project_in(folder: Path) -> Project:
    """Return this project with its warehouse, journal and landing place in `folder`."""
    found = Project.find()
    return Project(
        found.root, folder / found.warehouse.name, folder / "journal.db", folder / "landing"
    )


def _name(unique_id: str) -> str:
    return unique_id.rpartition(".")[2]


def copied(folder: Path, to: Path) -> Path:
    """Copy a warehouse that nobody holds open into another folder; return that."""
    to.mkdir(parents=True, exist_ok=True)
    shutil.copy(project_in(folder).warehouse, to)
    return to


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
