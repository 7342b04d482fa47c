"""One destination that never answers, and the pace of the others beside it.

`python -m benchmarks.delivery_isolation [--messages N] [--rounds N] [--json FILE]` hands so many
messages to each of two destinations, half of the rounds also to a third that takes connections
and never answers, and lets one sender send. The pace is that of the slower of the two, by the
receiver's clock. `ratio` is the median pace beside the dead one to the median without it.
"""

import json
import socket
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from baton.journal import Journal
from benchmarks.delivery_setting import first_line, message, process, write_destinations
from benchmarks.delivery_singles import wait_until

LIVING = ("first", "second")
DEAD = "dead"


def pace(folder: Path, messages: int, *, with_dead: bool) -> float:
    """Messages a second of the slower living destination."""
    folder.mkdir(parents=True)
    log, target = folder / "received.jsonl", folder / "baton.journal.db"
    names = (*LIVING, DEAD) if with_dead else LIVING
    with (
        Journal.open(target) as journal,
        socket.create_server(("127.0.0.1", 0), backlog=1024) as mute,
        process("benchmarks.delivery_receiver", log) as receiver,
    ):
        ports = dict.fromkeys(LIVING, int(first_line(receiver)))
        file = write_destinations(folder, {**ports, DEAD: mute.getsockname()[1]})
        now = journal.now()
        given = [message(n, now, destination=name) for n in range(messages) for name in names]
        journal.hand_over(given, checked_at=now)
        with process("benchmarks.delivery_sender", file, target, kill=with_dead) as sender:
            first_line(sender)
            wait_until(lambda: not any(journal.waiting().get(name) for name in LIVING))
            wait_until(lambda: journal.message_counts().get("accepted") == messages * len(LIVING))
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    return min(_pace([e["at"] for e in entries if e["id"].startswith(n)]) for n in LIVING)


def _pace(times: Sequence[float]) -> float:
    return (len(times) - 1) / (max(times) - min(times))


@click.command()
@click.option("--messages", default=2_000, help="Messages to each destination.")
@click.option("--rounds", default=3, help="How often each of both is measured.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the facts here.")
def main(messages: int, rounds: int, json_file: Path | None) -> None:
    """Measure isolation."""
    alone: list[float] = []
    beside: list[float] = []
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(rounds):
            for with_dead, paces in ((False, alone), (True, beside)):
                folder = Path(temporary) / f"{number}-{with_dead}"
                paces.append(round(pace(folder, messages, with_dead=with_dead), 1))
    ratio = round(statistics.median(beside) / statistics.median(alone), 3)
    text = json.dumps({"alone_per_s": alone, "beside_dead_per_s": beside, "ratio": ratio}, indent=2)
    if json_file:
        json_file.write_text(text + "\n")
    click.echo(text)


if __name__ == "__main__":
    main()
