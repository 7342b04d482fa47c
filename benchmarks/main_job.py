"""The main job on the example: time and peak memory per stage, nothing lost, nothing twice.

`python -m benchmarks.main_job [--json FILE] [--keep DIR]` runs what `make demo` runs, in a folder
of its own: history, the last six hours in micro-batches, real SMTP and webhooks on loopback. Side
by side it times the usual pattern, a `dbt run` of its own for one batch, on the warehouse left.

Every count is taken from the receivers' log and the tables left behind, by the queries in
`QUERIES` and `receivers_log`. Controls: a mail sent past the sender makes `duplicates` non-zero,
a mail taken out of the log makes `lost` non-zero.
"""

import json
import os
import smtplib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import duckdb
import psutil
from sqlalchemy import create_engine, text

from baton import demo
from baton.project import Project
from examples.retail.receivers import Receivers

QUERIES = {
    "events": "select count(*) from raw.web_events",
    "source_rows": "select sum(rows_loaded) from raw.deliveries",
    "people": "select count(distinct person_id) from identity.identity_map",
    "decisions": "select count(*) from decisions.decisions",
    "batches": "select count(*) from raw.windows where state = 'committed'",
}
ACCEPTED = "select message_id from messages where state in ('accepted', 'delivered')"
UNKNOWN = "select count(*) from messages where state = 'unknown'"
_SAMPLE_S = 0.05


class StageSampler(threading.Thread):
    """Notes wall seconds and the highest resident memory (MB) of this process per stage."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seconds: dict[str, float] = {}
        self.peak_mb: dict[str, float] = {}
        self._stage = "import"
        self._since = time.perf_counter()
        self._process = psutil.Process()
        self._over = threading.Event()

    def enter(self, stage: str) -> None:
        """End the running stage and begin `stage`."""
        now = time.perf_counter()
        self.seconds[self._stage] = self.seconds.get(self._stage, 0) + now - self._since
        self._stage, self._since = stage.replace(" ", "_"), now

    def run(self) -> None:
        """Sample until stopped."""
        while not self._over.wait(_SAMPLE_S):
            used = self._process.memory_info().rss / 1e6
            self.peak_mb[self._stage] = max(self.peak_mb.get(self._stage, 0), used)

    def stop(self) -> None:
        """End the last stage and the sampling."""
        self.enter("end")
        self._over.set()
        self.join()


def receivers_log(inbox: Path) -> Counter[str]:
    """Return how often each message id was taken by a receiver."""
    lines = (inbox / "received.jsonl").read_text().splitlines()
    return taken(json.loads(line) for line in lines)


def taken(entries: Iterable[dict[str, Any]]) -> Counter[str]:
    """Count accepted entries of the receivers' log per message id."""
    return Counter(one["message_id"] for one in entries if one["status"] == "accepted")


def lost(accepted: Iterable[str], log: Counter[str]) -> int:
    """Messages that the journal holds accepted and no receiver has."""
    return sum(1 for message in accepted if message not in log)


def duplicates(log: Counter[str]) -> int:
    """Messages that a receiver took more than once."""
    return sum(1 for times in log.values() if times > 1)


def measure(folder: Path) -> dict[str, Any]:
    """Run the main job in `folder` and return its figures."""
    root = Project.find().root
    project = Project(root, folder / "baton.duckdb", folder / "journal.db", folder / "landing")
    place = demo.Place(folder / "demo")
    sampler = StageSampler()
    sampler.start()
    started = time.perf_counter()
    facts = demo.run(project, place=place, observe=sampler.enter)
    total = time.perf_counter() - started
    sampler.stop()
    again = demo.run(project, place=place)
    return {
        "stages": {
            stage: {"s": round(seconds, 2), "peak_mb": round(sampler.peak_mb.get(stage, 0))}
            for stage, seconds in sampler.seconds.items()
        },
        "total_s": round(total, 1),
        "peak_mb": round(max(sampler.peak_mb.values())),
        **_left_behind(project, place),
        "second_run": {
            "decisions": sum(again["this_run"]["decisions"].values()),
            "messages": sum(again["this_run"]["messages"].values()),
        },
        "batch_s": round((facts["this_run"]["total_s"]) / facts["this_run"]["batches"], 2),
        "controls": _controls(place, project),
        "peer": _peer(project),
        "queries": {**QUERIES, "accepted": ACCEPTED},
    }


def _left_behind(project: Project, place: demo.Place) -> dict[str, int]:
    with duckdb.connect(str(project.warehouse), read_only=True) as con:
        figures = {name: int(con.execute(sql).fetchall()[0][0]) for name, sql in QUERIES.items()}
    log = receivers_log(place.inbox)
    figures |= {"messages": len(log), "duplicates": duplicates(log)}
    return figures | {"lost": lost(_journal(project, ACCEPTED), log), "unknown": _unknown(project)}


def _journal(project: Project, sql: str) -> list[Any]:
    with create_engine(f"sqlite:///{project.journal}").connect() as connection:
        return [row[0] for row in connection.execute(text(sql))]


def _unknown(project: Project) -> int:
    return int(_journal(project, UNKNOWN)[0])


def _controls(place: demo.Place, project: Project) -> dict[str, int]:
    entries = [json.loads(one) for one in (place.inbox / "received.jsonl").read_text().splitlines()]
    mail = next(one for one in entries if one["kind"] == "mail" and one["status"] == "accepted")
    accepted = _journal(project, ACCEPTED)
    without = taken(one for one in entries if one.get("message_id") != mail["message_id"])
    with Receivers(place.inbox, place.data / "mailboxes.json") as receivers:
        content = (place.inbox / "mails" / mail["file"]).read_bytes()
        host, port = (receivers.environment[f"SHOP_MAIL_{part}"] for part in ("HOST", "PORT"))
        with smtplib.SMTP(host, int(port)) as server:
            server.sendmail("control@shop.example", [mail["recipient"]], content)
    return {
        "duplicates_when_a_mail_is_sent_past_the_sender": duplicates(receivers_log(place.inbox)),
        "lost_when_a_mail_is_missing": lost(accepted, without),
    }


def _peer(project: Project, runs: int = 3) -> dict[str, Any]:
    command = [Path(sys.executable).with_name("dbt"), "run", "--select", "tag:hot", "--quiet"]
    command += ["--project-dir", project.dbt_project, "--profiles-dir", project.root]
    environment = {**os.environ, "BATON_WAREHOUSE": str(project.warehouse)}
    seconds: list[float] = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(command, check=True, env=environment, cwd=project.root)
        seconds.append(time.perf_counter() - started)
    return {
        "what": "a dbt process of its own for one batch, deciding alone",
        "s": round(statistics.median(seconds), 2),
    }


@click.command()
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write it there.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work there and leave it behind.")
@click.option("--small", is_flag=True, help="The example as it is; the size it has anyway.")
def main(json_file: Path | None, keep: Path | None, small: bool) -> None:  # noqa: ARG001
    """Measure the main job; the last thing printed is one JSON object."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = (keep or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(folder)
    if json_file:
        json_file.write_text(json.dumps(figures, indent=2))
    click.echo(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
