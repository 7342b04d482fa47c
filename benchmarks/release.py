"""A change of rules: planned, made live, taken back, and stopped under load.

`python -m benchmarks.release [--json FILE] [--keep DIR]`. On the example, in a folder of its own,
as `make demo` leaves it: `baton release plan` for a card that reminds earlier (`plan_s`, the whole
command), the card made live, two batches, `baton release withdraw` (`withdraw_s`, the whole
command), and batches until nobody is inside the journey by the withdrawn card
(`batches_until_old_rules`). Counts are taken from the tables.

Then, under load (`benchmarks/release_stops.py`): messages handed over at a pace and sent by a
sender of its own to a receiver of its own, while a journey is stopped, a release withdrawn, and
everything stopped. `claimed_after_stop` counts what the receiver got and the journal had claimed
after the switch was committed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import duckdb

from baton import demo, releases
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project
from benchmarks import release_stops

ROOT = Path(__file__).parents[1]
CARD = Path("models/journeys/cards/quote_stalled.sql")
INSIDE = """
select count(*) from journeys.journey_states
where status = 'open' and journey = 'quote_stalled' and card_hash = ?
"""
OLD_RULES = """
select count(*) from journeys.journey_states
where status = 'open' and journey = 'quote_stalled' and card_hash <> ?
"""
DECIDED = "select count(*) from decisions.decisions where release_id = ? and window_id > ?"
_COMMAND = (sys.executable, "-c", "from baton.cli import main; main()")
_BATCHES = 5
Facts = dict[str, Any]


def measure(folder: Path) -> Facts:
    """Run all of it in an empty folder; return the facts."""
    example = _example(folder / "example")
    facts = _plan(example) | _withdraw(example)
    return facts | release_stops.measure(folder / "stops") | {"load_average": os.getloadavg()[0]}


def _example(folder: Path) -> Project:
    """The example as `make demo` leaves it, in a project of its own."""
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(ROOT / "dbt_project", folder / "dbt_project", ignore=ignored)
    shutil.copy(ROOT / "profiles.yml", folder)
    project = Project(
        folder, folder / "baton.duckdb", folder / "baton.journal.db", folder / "demo" / "landing"
    )
    demo.run(project)
    return project


def _plan(project: Project) -> Facts:
    file = project.dbt_project / CARD
    file.write_text(file.read_text().replace("after: 2 hours", "after: 30 minutes", 1))
    seconds, said = _baton(project, "release", "plan", "--by", "benchmark", "--json")
    report = json.loads(said)
    again, _ = _baton(project, "release", "plan", "--by", "benchmark", "--json")
    return {
        "plan_s": seconds,
        "plan_again_s": again,
        "planned_windows": report["history"]["windows"],
        "planned_counts": report["decisions"]["counts"],
        "verdict": report["verdict"],
    }


def _withdraw(project: Project) -> Facts:
    batches = MicroBatch(project)
    with Journal.open(project.journal) as journal:
        made = releases.compile_and_activate(
            project, journal, by="benchmark", approved_by=None, reason="benchmark"
        )
        with duckdb.connect(str(project.warehouse), read_only=True) as con:
            release = releases.read_release(con, made["release_id"])
        card = next(one for one in release.cards if one.journey == "quote_stalled")
        _start_quotes(project, journal)
        _batch(batches, journal)
        inside = _count(project, INSIDE, card.card_hash)
        seconds, _ = _baton(project, "release", "withdraw", "--reason", "benchmark")
        ran = window = 0
        while ran < _BATCHES and _count(project, INSIDE, card.card_hash):
            window = _batch(batches, journal)
            ran += 1
        late = _count(project, DECIDED, release.release_id, window - 1) if ran else None
    return {
        "withdraw_s": seconds,
        "inside_by_withdrawn_card": inside,
        "batches_until_old_rules": ran,
        "inside_by_old_card": _count(project, OLD_RULES, card.card_hash),
        "decided_by_withdrawn_after": late,
    }


def _start_quotes(project: Project, journal: Journal) -> None:
    """Twenty customers start a quote by the new card."""
    rows = [
        {
            "event_id": f"benchmark {number}",
            "event": "quote_started",
            "user_id": f"benchmark {number}",
            "properties": {"quote_id": f"benchmark {number}", "value": 650, "product": "tv"},
            "occurred_at": f"{journal.now():%Y-%m-%dT%H:%M:%S}",
        }
        for number in range(20)
    ]
    target = project.landing / "web" / "events.benchmark.jsonl"
    target.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _batch(batches: MicroBatch, journal: Journal) -> int:
    at = journal.now() + timedelta(minutes=1)
    journal.set_simulated_time(at)
    return batches.run(journal, now=at).window.window_id


def _baton(project: Project, *arguments: str) -> tuple[float, str]:
    """Run a command of `baton` as a user would; seconds of the whole, and what it printed."""
    environment = {**os.environ, "BATON_LANDING": str(project.landing)}
    since = time.perf_counter()
    done = subprocess.run(
        [*_COMMAND, *arguments],
        cwd=project.root,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
    )
    seconds = round(time.perf_counter() - since, 2)
    if done.returncode not in (0, 5):
        raise click.ClickException(done.stderr)
    return seconds, done.stdout


def _count(project: Project, query: str, *values: object) -> int:
    parameters: Sequence[object] = values
    with duckdb.connect(str(project.warehouse), read_only=True) as con:
        row = con.execute(query, parameters).fetchone()
    return int(row[0]) if row else 0


@click.command()
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the facts here.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the scratch files here.")
def main(*, json_file: Path | None, keep: Path | None) -> None:
    """Measure a change of rules."""
    with tempfile.TemporaryDirectory() as temporary:
        facts = measure(keep or Path(temporary))
    text = json.dumps(facts, indent=2, default=str)
    if json_file:
        json_file.write_text(text + "\n")
    click.echo(text)


if __name__ == "__main__":
    main()
