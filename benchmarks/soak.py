"""A soak: all processes at work for long, killed at random, and nothing lost, doubled or grown.

`python -m benchmarks.soak [--minutes 30] [--rate 300] [--kills N] [--seed S] [--json F]`

The shop of `benchmarks.live`: collector, continuous run, sender and a receiver of webhooks, each a
process that a supervisor starts again a second after it has died. One after the other is killed by
SIGKILL, in an order and at times that follow from the seed, which is printed. Calls that are not
answered are made again, as the tracking API's libraries do; one in 100 is made twice and one in 200
says too little to be used.

`failures` names what did not hold: an acknowledged call not in exactly one of used and quarantined,
repeats not counted as ignored, a quote told of twice or not at all, a process that ended by itself.
`late` names the kills after which latency was not back within 30 s; it needs a machine of its own.
With either the exit code is 1. A webhook that comes again under its id is no second telling: the
receiver knows the ids it has, as the standard asks (`known_again`). `slopes` say how memory and
files grew by the minute in the second half of the run.
"""

import asyncio
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from baton.journal.clock import wall_clock
from baton.project import Project
from benchmarks import soak_proofs as proofs
from benchmarks.live import EVENTS_PER_CUSTOMER, ONE_IN, Shop, make_shop
from benchmarks.soak_load import Load
from benchmarks.supervising import Kept, Supervisor, free_port

_BATON = str(Path(sys.executable).with_name("baton"))
_ROLES = ("collector", "runner", "sender", "receiver")
_CALM_SECONDS = 15.0
_SAMPLE_SECONDS = 2.0
_LONGEST_START = 300.0
_DRAIN_SECONDS = 180.0


class Sampler(threading.Thread):
    """Memory by role and bytes by store, every other second."""

    def __init__(self, kept: Sequence[Kept], shop: Shop) -> None:
        super().__init__(daemon=True)
        self._kept = kept
        self._shop = shop
        self._over = threading.Event()
        self.samples: list[dict[str, float]] = []

    def run(self) -> None:
        """Sample until stopped."""
        while not self._over.wait(_SAMPLE_SECONDS):
            memory = {f"{one.role}_mb": one.resident_mb() for one in self._kept}
            self.samples.append({"at": time.time(), **memory, **proofs.sizes(self._shop)})

    def stop(self) -> None:
        """End the sampling."""
        self._over.set()
        self.join()


def schedule(seed: int, seconds: float, kills: int) -> list[tuple[float, str]]:
    """When to kill which role: every role in turn, in a random order, at random times.

    The beginning is calm, so that there is a latency to come back to, and so is the end.
    """
    chance = random.Random(seed)  # noqa: S311  # to be told again by its seed
    step = max(seconds - 2 * _CALM_SECONDS, 0.0) / max(kills, 1)
    roles: list[str] = []
    while len(roles) < kills:
        roles += chance.sample(_ROLES, len(_ROLES))
    return [
        (_CALM_SECONDS + step * (number + chance.uniform(0.0, 0.5)), role)
        for number, role in enumerate(roles[:kills])
    ]


def measure(
    folder: Path, *, rate: float, seconds: float, history: int, kills: int, seed: int
) -> tuple[dict[str, Any], Shop, Load]:
    """Run everything in `folder`; return the figures, and what they were judged by."""
    shop = make_shop(folder, Project.find().root, history=history, end=wall_clock())
    desk, port = free_port(), free_port()
    environment = shop.environment(f"http://127.0.0.1:{desk}/desk")
    kept = _processes(shop, environment, desk, port)
    for arguments in (["release", "activate", "--reason", "soak", "--approved-by", "b"], ["run"]):
        _say(f"baton {' '.join(arguments)}")
        once = Kept("before", [_BATON, *arguments, "--json"], folder, environment)
        once.start()
        if once.process and once.process.wait():
            raise click.ClickException(f"baton {arguments[0]} failed: see {folder}/before.err")
    supervisor = Supervisor(kept, schedule(seed, seconds, kills))
    load, sampler = Load(f"http://127.0.0.1:{port}", shop, rate), Sampler(kept, shop)
    try:
        for one in kept:
            one.start()
        _wait_until_warm(kept[1].said)
        _say(f"{rate:g} calls a second for {seconds:g} s, {kills} kills, seed {seed}")
        sampler.start()
        supervisor.start()
        asyncio.run(load.run(seconds))
        _wait_for_the_last(shop, load)
        sampler.stop()
    finally:
        supervisor.stop()
        codes = {one.role: one.stop() for one in kept}
    figures = proofs.judge(shop, load, supervisor.kills, kept[1].said)
    figures |= {
        "rate": rate,
        "seconds": seconds,
        "history": history,
        "seed": seed,
        "kills": [asdict(one) for one in supervisor.kills],
        "ended_unasked": supervisor.deaths,
        "slopes": proofs.slopes(sampler.samples),
        "peaks": proofs.peaks(sampler.samples),
    }
    figures["failures"] += [f"{role} ended by itself" for role in supervisor.deaths]
    figures["failures"] += [
        f"{role} ended with {code}" for role, code in codes.items() if code and role != "receiver"
    ]
    return figures, shop, load


def _processes(shop: Shop, environment: dict[str, str], desk: int, port: int) -> list[Kept]:
    def one(role: str, *command: str) -> Kept:
        return Kept(role, command, shop.folder, environment)

    log = str(shop.folder / "desk.jsonl")
    return [
        one("collector", _BATON, "serve", "--port", str(port), "--json"),
        one("runner", _BATON, "run", "--watch", "--json"),
        one("sender", _BATON, "send", "--watch"),
        one("receiver", sys.executable, "-m", "benchmarks.live", log, str(desk)),
    ]


def _wait_until_warm(said: Path) -> None:
    _say("the continuous run warms up")
    until = time.monotonic() + _LONGEST_START
    while not any(one["runner"] == "plan" for one in proofs.batches(said)):
        if time.monotonic() > until:
            raise click.ClickException("the continuous run did not come to its plan")
        time.sleep(0.5)


def _wait_for_the_last(shop: Shop, load: Load) -> None:
    until = time.monotonic() + _DRAIN_SECONDS
    while proofs.untold(shop, load) and time.monotonic() < until:
        time.sleep(0.5)


def history_for(rate: float, seconds: float) -> int:
    """Events before so that each quote is of a customer of its own: two would compete."""
    return int(rate * seconds / ONE_IN) * EVENTS_PER_CUSTOMER


def _say(what: str) -> None:
    click.echo(what, err=True)


@click.command()
@click.option("--minutes", default=30.0, show_default=True, help="How long.")
@click.option("--rate", default=300.0, show_default=True, help="Calls a second.")
@click.option("--history", type=int, help="Events before; enough for the quotes without.")
@click.option("--kills", type=int, help="How many; one a minute without.")
@click.option("--seed", type=int, help="Which order of kills; by chance without.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write it there.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work there and leave it behind.")
def main(
    *,
    minutes: float,
    rate: float,
    history: int | None,
    kills: int | None,
    seed: int | None,
    json_file: Path | None,
    keep: Path | None,
) -> None:
    """Soak; the last thing printed is one JSON object."""
    number = kills if kills is not None else max(int(minutes), 4)
    before = history if history is not None else history_for(rate, minutes * 60)
    chosen = seed if seed is not None else random.SystemRandom().randrange(10**6)
    with tempfile.TemporaryDirectory() as scratch:
        folder = (keep or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        figures, _, _ = measure(
            folder, rate=rate, seconds=minutes * 60, history=before, kills=number, seed=chosen
        )
    text = json.dumps(figures, indent=2)
    if json_file:
        json_file.write_text(text)
    click.echo(text)
    sys.exit(1 if figures["failures"] or figures["late"] else 0)


if __name__ == "__main__":
    main()
