"""One micro-batch: window, decide, commit, hand over. Called alike by the command and Dagster."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from baton.dbt_runner import DbtProject
from baton.errors import Refused
from baton.hand_over import hand_over, pass_on_opt_outs
from baton.intake import Window, commit_window, prepare, sources_from_manifest, take_in
from baton.journal import HandOver, Journal
from baton.journal_feeds import feeds_of
from baton.project import Project
from baton.warehouse import transaction, writer

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Batch:
    """What one micro-batch did. Seconds are wall time per stage."""

    window: Window
    evaluations: int
    outcomes: dict[str, int]
    handed_over: HandOver
    seconds: dict[str, float] = field(default_factory=dict)


class MicroBatch:
    """Runs batches over one project, parsed once."""

    def __init__(self, project: Project, dbt: DbtProject | None = None) -> None:
        self.project = project
        self.dbt = dbt or DbtProject(project)

    def run(
        self,
        journal: Journal,
        *,
        now: datetime,
        limit: int | None = None,
        full_refresh: bool = False,
        progress: Progress = lambda _: None,
    ) -> Batch:
        """Take in what has arrived, decide, commit and hand over; at `now`, naive UTC.

        A batch that a crash left open is redone with its own time. Raises `Busy` when another
        batch holds the warehouse and `Refused` when no release is live.
        """
        _require_live_release(journal)
        clock = _Stopwatch()
        with writer(self.project.warehouse) as con:
            progress("taking in")
            sources = sources_from_manifest(self.dbt.source_nodes)
            prepare(con, sources)
            _prepare_builds(con)
            clock.lap("prepare")
            window = take_in(
                con,
                landing=self.project.landing,
                sources=sources,
                feeds=feeds_of(journal),
                now=now,
                limit=limit,
            )
            clock.lap("intake")
            pass_on_opt_outs(con, journal, self.dbt, window)
            progress("deciding")
            with transaction(con):
                self._decide(con, full_refresh=full_refresh)
                commit_window(con, window, at=now)
            clock.lap("decide")
            progress("handing over")
            handed = hand_over(con, journal, self.dbt, at=window.batch_time)
            clock.lap("hand_over")
            outcomes = _outcomes(con, self.dbt, window)
        clock.lap("close")
        return Batch(window, sum(outcomes.values()), outcomes, handed, clock.seconds)

    def _decide(self, con: duckdb.DuckDBPyConnection, *, full_refresh: bool) -> None:
        checksum = self.dbt.checksum()
        known = con.execute("select 1 from raw.builds where checksum = ?", [checksum]).fetchone()
        hot = ["tag:hot,config.materialized:incremental", "tag:hot,config.materialized:table"]
        whole = full_refresh or known is None
        self.dbt.build(con, select=[] if whole else hot, full_refresh=full_refresh)
        if whole:
            con.execute("delete from raw.builds")
            con.execute("insert into raw.builds values (?)", [checksum])


def _prepare_builds(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table if not exists raw.builds (checksum varchar)")


def _require_live_release(journal: Journal) -> None:
    if journal.live_release() is None:
        raise Refused(
            "no release is live, so no rule says who is who or what to do",
            where="journal",
            mend="compile and activate the rules: `baton release activate --reason '...'`",
        )


def _outcomes(con: duckdb.DuckDBPyConnection, dbt: DbtProject, window: Window) -> dict[str, int]:
    rows = con.execute(
        f"select outcome, count(*) from {dbt.relation('decisions')} where window_id = ? group by 1",
        [window.window_id],
    ).fetchall()
    return {str(outcome): int(count) for outcome, count in rows}


class _Stopwatch:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 4)
        self._last = now
