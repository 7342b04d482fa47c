"""`baton run`."""

import signal
import sys

import click

from baton.commands.output import err, json_option, print_line, report
from baton.continuous import ContinuousRun, Pace
from baton.journal import Journal
from baton.micro_batch import Batch, MicroBatch
from baton.project import Project
from baton.promises import Breach, followed, told

QUARANTINED = 3


@click.command()
@click.option("--limit", type=click.IntRange(min=1), help="Take in at most this many rows.")
@click.option("--full-refresh", is_flag=True, help="Rebuild all state from the logs; ledgers stay.")
@click.option("--watch", "is_watch", is_flag=True, help="Go on, batch after batch, until stopped.")
@click.option("--standby", is_flag=True, help="Wait for another --watch to end, take over.")
@click.option(
    "--idle",
    type=click.FloatRange(min=0.1),
    default=Pace.idle_seconds,
    show_default=True,
    help="With --watch: seconds after which a batch runs without news.",
)
@click.option(
    "--prove-every",
    type=click.IntRange(min=0),
    default=0,
    help="With --watch: compare recorded statements with dbt every so many batches.",
)
@json_option
def run(
    *,
    limit: int | None,
    full_refresh: bool,
    is_watch: bool,
    standby: bool,
    idle: float,
    prove_every: int,
    as_json: bool,
) -> None:
    """Run one micro-batch: take in what has arrived, decide, hand over.

    With --watch, a batch whenever something arrives or comes due; SIGTERM or Ctrl-C ends it after
    the batch that is being done. Other commands get their answers meanwhile.
    """
    if is_watch:
        _watch(Pace(idle_seconds=idle, prove_every=prove_every), standby=standby, as_json=as_json)
        return
    project = Project.find()
    with Journal.open(project.journal) as journal, err.status("batch") as status:
        batch = MicroBatch(project).run(
            journal,
            now=journal.now(),
            limit=limit,
            full_refresh=full_refresh,
            progress=status.update,
        )
    report(batch.facts(), as_json=as_json)
    _tell_of(batch)
    if batch.clock_fault:
        _tell(batch.clock_fault)
    if batch.window.counts.rows_quarantined:
        sys.exit(QUARANTINED)


def _watch(pace: Pace, *, standby: bool, as_json: bool) -> None:
    project = Project.find()
    batches = MicroBatch(project)
    batches.dbt.checksum()
    with Journal.open(project.journal) as journal:
        work = ContinuousRun(batches, journal, pace=pace, tell=_tell)
        _stop_by_signal(work)
        err.print("watching; Ctrl-C ends after the batch that is being done", markup=False)
        breaches: dict[str, Breach] = {}
        for batch in work.batches_in_turn() if standby else work.batches():
            _show(batch, as_json=as_json)
            _tell_of(batch)
            if batch.speed is not None:
                breaches = followed(breaches, batch.speed.broken, batch.window.batch_time)
                news = {key: one for key, one in breaches.items() if one.is_news}
                for one in news.values():
                    _tell(one.line())
                breaches = told(breaches, news)


def _tell(what: str) -> None:
    err.print(what, markup=False)


def _stop_by_signal(work: ContinuousRun) -> None:
    def stop(_number: int, _frame: object) -> None:
        work.stop()

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, stop)


def _show(batch: Batch, *, as_json: bool) -> None:
    if as_json:
        print_line(batch.facts())
    elif batch.is_news:
        err.print(batch.line(), markup=False)


def _tell_of(batch: Batch) -> None:
    for journey in batch.stopped:
        err.print(
            f"stopped: the journey {journey} has passed a limit and its messages are held; look at "
            f"ops_runaway_journeys, then `baton resume journey {journey} --reason '...'`",
            markup=False,
        )
    for one in (*batch.window.waiting, *batch.window.held):
        err.print(f"not taken in: {one.path}: {one.reason}", markup=False)
    if batch.window.counts.rows_quarantined:
        err.print(
            f"{batch.window.counts.rows_quarantined} records are in quarantine; "
            "raw.quarantine says which and why",
            markup=False,
        )
    if batch.differing:
        names = ", ".join(batch.differing)
        err.print(
            f"the recorded statements left other rows than dbt in {names}; dbt's were kept, and "
            "batches are plain from now on",
            markup=False,
        )
