"""One micro-batch: window, decide, commit, hand over. Called alike by the command and Dagster."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from baton.audit.sealing import Head, Sealer
from baton.cards.places import PROJECT_FILE
from baton.cards.variables import variables_checksum
from baton.contexts import publish_contexts
from baton.dbt_runner import DbtProject, NodeTiming
from baton.erasing import all_sources, blank_landed, finish, note_returns
from baton.errors import Refused
from baton.gate.folder import remove_leftovers
from baton.hand_over import hand_over, pass_on
from baton.hot_path import HotPath, or_plain
from baton.intake import (
    Source,
    Window,
    commit_window,
    prepare,
    sources_from_manifest,
    take_in,
)
from baton.journal import HandOver, Journal
from baton.journal_feeds import feeds_of, known_of
from baton.limits import stop_by_outcomes, stop_runaways
from baton.memory import Room
from baton.prepared import Executes
from baton.project import Project
from baton.promises import Speed, measure
from baton.rebuilding import concerned, keep_parts, kept_parts, parts_of
from baton.releases import TreeSql, standing_releases
from baton.releases.project_text import keep_texts, read_texts
from baton.warehouse import beside, transaction, writer

Progress = Callable[[str], None]
_CLOCK_FAULT = timedelta(minutes=1)
_LARGE_ROWS = 30_000

_READ = ("models", "macros", "seeds", "tests")
_FOLD = ["signals", "guards", "tag:fold"]
_HOT = ["tag:hot,config.materialized:incremental", "tag:hot,config.materialized:table"]


@dataclass(frozen=True)
class Batch:
    """What one micro-batch did. `seconds` are wall time per stage, `nodes` per model.

    `stopped` names what went wrong and was stopped; `is_by_plan` tells which runner
    built the models. `differing` names the tables that a proof found unequal, null without proof.
    `speed` is null where it was not measured. `clock_lag` is how far the clock was behind the time
    of the batch, which never goes back: it stands still until a clock that was set back is there.
    `ledgers` is the last link of the chain of digests.
    """

    window: Window
    outcomes: dict[str, int]
    handed_over: HandOver
    seconds: dict[str, float]
    nodes: list[NodeTiming]
    stopped: list[str]
    is_by_plan: bool = False
    differing: list[str] | None = None
    speed: Speed | None = None
    clock_lag: timedelta = timedelta(0)
    ledgers: Head | None = None

    @property
    def clock_fault(self) -> str | None:
        """What is to be told of a clock that was set back, null when it was not."""
        if self.clock_lag < _CLOCK_FAULT:
            return None
        return (
            f"the clock is {self.clock_lag} behind the last batch: times stand still until it has "
            "caught up; events are taken in and decided, timers wait"
        )

    @property
    def is_news(self) -> bool:
        """Whether it took in, decided, handed over or stopped anything."""
        changed = self.handed_over.new or self.handed_over.released or self.handed_over.cancelled
        return bool(self.window.counts.rows_read or self.outcomes or changed or self.stopped)

    def line(self) -> str:
        """Return one line for whoever watches."""
        decided = ", ".join(
            f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items())
        )
        spent = sum(self.seconds.values())
        return (
            f"{self.window.batch_time:%H:%M:%S}  {self.window.counts.rows_loaded:>7,} rows  "
            f"{self.handed_over.new:>5,} messages  {spent:6.2f} s  {decided or 'nothing to decide'}"
        )

    def facts(self) -> dict[str, Any]:
        """Return what a person or a program wants to know of it."""
        return {
            "window_id": self.window.window_id,
            "batch_time": str(self.window.batch_time),
            "watermark": str(self.window.watermark),
            "is_redo": self.window.is_redo,
            "rows_loaded": self.window.counts.rows_loaded,
            "quarantined": self.window.counts.rows_quarantined,
            "decisions": self.outcomes,
            "messages": vars(self.handed_over),
            "stopped": self.stopped,
            "runner": "plan" if self.is_by_plan else "plain",
            "differing": self.differing,
            "ledgers": vars(self.ledgers) if self.ledgers else None,
            "seconds": self.seconds,
        }


class MicroBatch:
    """Runs batches over one project, parsed once."""

    def __init__(
        self,
        project: Project,
        dbt: DbtProject | None = None,
        *,
        is_plain: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`clock` is what the seconds of stages, and of models by plan, are counted by."""
        self.project = project
        self._is_plain = is_plain
        self._clock = clock
        self.room = Room(project.warehouse)
        """The memory of the engine that batches are run on."""
        self._standing: tuple[str, ...] = ()
        remove_leftovers(project.root)
        self._read(dbt)

    def run(
        self,
        journal: Journal,
        *,
        now: datetime,
        limit: int | None = None,
        full_refresh: bool = False,
        is_proof: bool = False,
        is_measured: bool = False,
        progress: Progress = lambda _: None,
    ) -> Batch:
        """Take in what has arrived, decide, commit and hand over; at `now`, naive UTC.

        `is_proof` builds by plan and by dbt from the same state and keeps what dbt built; where
        they differ the plan is dropped, and the batch names the tables. `is_measured` looks at
        promises of speed when all is done.
        A batch that a crash left open is redone with its own time. Raises `Busy` when another
        batch holds the warehouse and `Refused` when no release is live, or when signals or guards
        have other SQL than the live release recorded.
        """
        _require_live_release(journal)
        watch = _Stopwatch(self._clock)
        self.dbt.checksum()
        watch.lap("parse")
        with writer(self.project.warehouse) as con:
            watch.lap("open")
            batch = self.run_on(
                con,
                journal,
                now=now,
                limit=limit,
                full_refresh=full_refresh,
                is_proof=is_proof,
                is_measured=is_measured,
                is_judged=True,
                progress=progress,
            )
            watch.lap("batch")
        watch.lap("close")
        around = {name: watch.seconds[name] for name in ("parse", "open", "close")}
        return replace(batch, seconds=batch.seconds | around)

    def run_on(
        self,
        con: duckdb.DuckDBPyConnection,
        journal: Journal,
        *,
        now: datetime,
        limit: int | None = None,
        full_refresh: bool = False,
        is_proof: bool = False,
        is_measured: bool = False,
        is_judged: bool = False,
        progress: Progress = lambda _: None,
    ) -> Batch:
        """The same as `run` on a warehouse that is held open already.

        `run` always looks at what became of messages and stops what goes wrong, this only if
        `is_judged`.
        """
        self._follow(con, journal)
        with self.hot.healing(con):
            watch = _Stopwatch(self._clock)
            checksum = self.dbt.checksum()
            watch.lap("parse")
            progress("taking in")
            window = self.room.with_enough(
                con, lambda: self._open(con, journal, now=now, limit=limit)
            )
            watch.lap("intake")
            progress("deciding")

            differing: list[str] | None = None
            if is_proof:
                self.room.give_all(con)
            rehearsed = self.hot.rehearse(con, checksum) if is_proof and not full_refresh else None
            is_large = window.counts.rows_read > _LARGE_ROWS

            unsealed = self._sealer.look(con, journal)
            head: Head | None = None

            def decide() -> list[NodeTiming]:
                nonlocal head
                self.hot.prepare(con, checksum, is_large=is_large or full_refresh)
                with transaction(con):
                    nodes = self.decide(con, checksum, full_refresh=full_refresh, is_large=is_large)
                    head = self._sealer.seal(con, window, unsealed)
                    commit_window(con, window, at=now)
                    return nodes

            def decide_in_due_room() -> list[NodeTiming]:
                if is_large or not self.hot.goes_by_plan(con, checksum):
                    self.room.give_all(con)
                else:
                    self.room.give_little(con)
                return self.room.with_enough(con, decide)

            if rehearsed is None:
                nodes = or_plain(self.hot, decide_in_due_room)
            else:
                with self.hot.plainly():
                    nodes = decide()
                differing = self.hot.judge(con, rehearsed)
            watch.lap("decide")
            progress("handing over")
            enough = partial(self.room.with_enough, con)
            executing = self.hot.executing(con)
            stopped = enough(lambda: stop_runaways(executing, journal, self.dbt))
            if is_judged:
                stopped += enough(lambda: stop_by_outcomes(con, journal, self.dbt))
            watch.lap("limits")
            at = window.batch_time
            enough(lambda: publish_contexts(executing, journal, self.dbt, at=at))
            watch.lap("contexts")
            handed = enough(lambda: hand_over(executing, journal, self.dbt, at=at))
            outcomes = enough(lambda: _outcomes(executing, self.dbt))
            watch.lap("hand_over")
            speed = enough(lambda: measure(con, self.dbt)) if is_measured else None
            return Batch(
                window,
                outcomes,
                handed,
                watch.seconds,
                nodes,
                stopped,
                is_by_plan=self.hot.went_by_plan,
                differing=differing,
                speed=speed,
                clock_lag=window.batch_time - now,
                ledgers=head,
            )

    def _follow(self, con: duckdb.DuckDBPyConnection, journal: Journal) -> None:
        """Read changed files anew for a release that stands now and did not.

        After a withdrawal only where what was read is not what is left on record: drafts in the
        working tree wait for their own release.
        """
        standing = _require_live_release(journal)
        if standing == self._standing:
            return
        if not self._standing or set(standing) - set(self._standing):
            self.read_again_if_changed()
        else:
            try:
                self._sql.require_recorded(con, journal.activations())
            except Refused:
                self.read_again_if_changed()
        self._standing = standing

    def read_again_if_changed(self) -> None:
        """Parse the project anew when its files are not those that were read."""
        if self._stamp != _stamp_of(self.project.dbt_project):
            self._read()

    def _read(self, dbt: DbtProject | None = None) -> None:
        self._stamp = _stamp_of(self.project.dbt_project)
        self.dbt = dbt or DbtProject(self.project)
        self.hot = HotPath(self.dbt, _HOT, is_plain=self._is_plain, clock=self._clock)
        self._sql = TreeSql(self.project.dbt_project)
        self._sealer = Sealer(self.dbt)
        self._sources: list[Source] = []
        self._prepared_on: duckdb.DuckDBPyConnection | None = None

    def next_due(self, con: duckdb.DuckDBPyConnection) -> datetime | None:
        """When the next timer fires or a waiting candidate is looked at again, null if never."""
        steps, candidates = map(self.dbt.relation, ("int_journeys__steps", "candidates"))
        row = con.execute("select w.batch_time from raw.this_window as w").fetchone()
        if row is None:
            return None
        # Told as a value, and the least of a sorted list: two long columns are sifted, no more.
        soonest = con.execute(
            f"""(
                select s.next_due_at as due_at from {steps} as s
                where s.next_due_at > $now and s.is_current and s.is_last and s.kind = 'step'
                order by due_at limit 1
            ) union all (
                select c.decide_after as due_at from {candidates} as c
                where c.decide_after > $now and not c.is_decided
                order by due_at limit 1
            ) order by due_at limit 1""",
            {"now": row[0]},
        ).fetchone()
        return soonest[0] if soonest else None

    def open_window(self, journal: Journal, *, now: datetime, limit: int | None = None) -> Window:
        """Only take in what has arrived; the window stays open for a build by dbt itself."""
        _require_live_release(journal)
        with writer(self.project.warehouse) as con:
            return self._open(con, journal, now=now, limit=limit)

    def _open(
        self, con: duckdb.DuckDBPyConnection, journal: Journal, *, now: datetime, limit: int | None
    ) -> Window:
        self.project.ensure_landing()
        with beside(con) as own:  # its temporary tables would end the plans kept on `con`
            if self._prepared_on is not con:
                self._sources = sources_from_manifest(self.dbt.source_nodes)
                prepare(own, self._sources)
                self._prepared_on = con
            window = self._take_in(own, journal, now=now, limit=limit)
        pass_on(self.hot.executing(con), journal, self.dbt)
        return window

    def _take_in(
        self, con: duckdb.DuckDBPyConnection, journal: Journal, *, now: datetime, limit: int | None
    ) -> Window:
        sources = self._sources
        self._sql.require_recorded(con, journal.activations())
        tombstones = finish(
            con,
            journal,
            self.dbt,
            sources,
            self.project.landing,
            burial=self._sealer.burial(con, journal),
        )
        window = take_in(
            con,
            landing=self.project.landing,
            sources=sources,
            feeds=feeds_of(journal, known_of(con)),
            now=now,
            limit=limit,
            tombstones=tombstones,
        )
        if tombstones is not None:
            tombstones = note_returns(con, journal, sources, tombstones, window)
            known = all_sources(self.dbt, sources)
            blank_landed(con, self.project.landing, known, tombstones, everywhere=False)
        return window

    def decide(
        self,
        con: duckdb.DuckDBPyConnection,
        checksum: str,
        *,
        full_refresh: bool = False,
        is_large: bool = False,
    ) -> list[NodeTiming]:
        """Build the window that is open, in the transaction that `con` is in.

        `checksum` is that of `dbt`: after another one not only hot models are built, but also those
        that the change concerns.
        """
        con.execute("create table if not exists raw.builds (checksum varchar)")
        con.execute("alter table raw.builds add column if not exists sql_checksum varchar")
        last = con.execute("select checksum, sql_checksum from raw.builds").fetchone()
        now = (checksum, self._sql.fingerprint)
        if now == last and not full_refresh:
            return self.hot.build(con, checksum, is_large=is_large)
        self.room.give_all(con)
        self.hot.plan_anew(con)
        self.hot.forget(con)
        con.execute("delete from raw.builds")
        con.execute("insert into raw.builds (checksum, sql_checksum) values (?, ?)", now)
        keep_texts(con, read_texts(self.project.dbt_project))
        picked = self._picked(con)
        if full_refresh or last is None:
            return self.dbt.build(con, select=[], full_refresh=full_refresh)
        if last[1] in (None, now[1]):
            return self.dbt.build(con, select=picked)
        return self._hear_again(con, picked)

    def _picked(self, con: duckdb.DuckDBPyConnection) -> list[str]:
        """What each batch builds and what the change of the text concerns, none for all."""
        parts = parts_of(self.dbt.manifest, variables_checksum(self.project.dbt_project))
        models = concerned(parts, self.dbt.manifest, kept_parts(con))
        keep_parts(con, parts)
        return [] if models is None else [*_HOT, *models]

    def _hear_again(self, con: duckdb.DuckDBPyConnection, picked: list[str]) -> list[NodeTiming]:
        """Build these; signals, guards and steps from the history, as their SQL has changed."""
        below = [f"{one}+" for one in _FOLD]
        rest = [f"{one},{other}" for one in picked for other in below] or below
        nodes = self.dbt.build(con, select=picked, exclude=below)
        nodes += self.dbt.build(con, select=_FOLD, full_refresh=True)
        return nodes + self.dbt.build(con, select=rest, exclude=_FOLD)


def _stamp_of(folder: Path) -> int:
    """A hash of the names, sizes and times of the project's files."""
    paths = [folder / PROJECT_FILE]
    for name in _READ:
        paths += sorted((folder / name).rglob("*"))
    stats = ((str(path), path.stat()) for path in paths)
    return hash(tuple((path, stat.st_size, stat.st_mtime_ns) for path, stat in stats))


def _require_live_release(journal: Journal) -> tuple[str, ...]:
    standing = standing_releases(journal.activations())
    if not standing:
        raise Refused(
            "no release is live, so no rule says who is who or what to do",
            where="journal",
            mend="compile and activate the rules: `baton release activate --reason '...'`",
        )
    return standing


def _outcomes(con: Executes, dbt: DbtProject) -> dict[str, int]:
    rows = con.execute(
        f"""select d.outcome, count(*) from {dbt.relation("decisions")} as d
        where d.window_id = (select w.window_id from raw.this_window as w) group by d.outcome"""
    ).fetchall()
    return {str(outcome): int(count) for outcome, count in rows}


class _Stopwatch:
    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = clock
        self._last = clock()

    def lap(self, name: str) -> None:
        now = self._clock()
        self.seconds[name] = round(now - self._last, 4)
        self._last = now
