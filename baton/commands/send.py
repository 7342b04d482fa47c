"""`baton send`."""

import time
from typing import Any

import click

from activation import DestinationsConfig, SendReport, send_by_workers
from activation import send as send_now
from baton.commands.output import err, json_option, report
from baton.journal import Journal
from baton.project import Project

_PROGRESS_SECONDS = 2.0


@click.command()
@click.option("--only", multiple=True, help="Send to this destination alone; may be repeated.")
@click.option("--watch", is_flag=True, help="Go on sending what comes, until stopped.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Send by so many processes.",
)
@json_option
def send(only: tuple[str, ...], watch: bool, workers: int, as_json: bool) -> None:
    """Send what the journal holds and may go out now; what is due later stays.

    Any number of senders may work on one journal: they share its messages and the limits of each
    account. SIGTERM or Ctrl-C ends it once what is in flight has its verdict.
    """
    target = Project.find().journal
    if workers > 1:
        done = send_by_workers(workers, str(target), only=only or None, watch=watch, say=_say)
    else:
        with Journal.open(target) as journal:
            done = send_now(
                journal,
                DestinationsConfig.load(),
                now=journal.now,
                only=only or None,
                on_progress=_Progress(),
                watch=watch,
                heed_signals=True,
            )
    report(_facts(done), as_json=as_json)
    for name, note in done.notes.items():
        err.print(f"{name}: {note}", markup=False)


def _say(line: str) -> None:
    err.print(line, markup=False)


def _facts(done: SendReport) -> dict[str, Any]:
    return {
        "requests": done.requests,
        "by_destination": done.by_destination,
        "recovered": done.recovered,
        "halted": done.halted,
        "waiting": done.waiting,
        "claim_to_first_byte_ms": done.claim_to_first_byte_ms,
        "notes": done.notes,
    }


class _Progress:
    """A line on standard error every few seconds, so that short calls stay silent."""

    def __init__(self) -> None:
        self._next_at = time.monotonic() + _PROGRESS_SECONDS

    def __call__(self, so_far: SendReport) -> None:
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + _PROGRESS_SECONDS
        states = ", ".join(f"{count:,} {state}" for state, count in so_far.states.items())
        err.print(f"{so_far.requests:,} requests: {states}", markup=False)
