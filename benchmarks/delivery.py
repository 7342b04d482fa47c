"""Sending single messages: outbox to answer at a steady pace, while people opt out.

`python -m benchmarks.delivery [--messages N] [--per-second N] [--json FILE] [--keep DIR]` hands
messages over to a journal at a pace, while a watching sender in another process sends them as
signed webhooks to a receiver in a third. Now and then somebody opts out.

The figures are recomputed from what is left: the receiver's log (`received.jsonl`) and the
journal's tables, by `LATENCIES`, `CLAIMS` and `STATES`. `p95_s` is from the hand-over to the
answer, `first_byte_p99_s` from the claim to the first byte, both by the wall clock. `lost` counts
accepted messages that the receiver has not got, and those not sent though nothing blocked them;
`duplicates` ids that it got more than once; `claimed_after_optout` claims after the opt-out of
the address was committed. `sent_before_optout` ones are listed by the journal with both times.
`sender_cpu_ms_per_message` tells whether the machine was the limit: at 500 messages a second two
milliseconds are a whole core.
"""

import base64
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import psutil
import yaml

from baton.journal import AddressBlock, HandedMessage, Journal
from baton.journal.clock import wall_clock

LATENCIES = """
select (julianday(a.answered_wall_at) - julianday(m.handed_at)) * 86400
from messages as m inner join attempts as a on m.attempt_id = a.attempt_id
where m.state = 'accepted' order by 1
"""
FIRST_BYTES = """
select (julianday(sent_wall_at) - julianday(claimed_wall_at)) * 86400
from attempts where sent_wall_at is not null order by 1
"""
CLAIMS = """
select i.message_id, max(a.claimed_wall_at)
from attempt_items as i inner join attempts as a on i.attempt_id = a.attempt_id group by 1
"""
STATES = "select message_id, state from messages"
SECRET = "whsec_" + base64.b64encode(b"a secret of the benchmark").decode()
TICK_SECONDS = 0.05
Facts = dict[str, Any]


def measure(folder: Path, *, messages: int, per_second: int, optouts_per_second: float) -> Facts:
    """Run it once in an empty folder; return the facts."""
    folder.mkdir(parents=True, exist_ok=True)
    log, target = folder / "received.jsonl", folder / "baton.journal.db"
    with Journal.open(target) as journal, _process("benchmarks.delivery_receiver", log) as receiver:
        port = int(_line(receiver))
        destinations = _write_destinations(folder, port)
        with _process("benchmarks.delivery_sender", destinations, target) as sender:
            _line(sender)
            began = time.monotonic()
            committed = _feed(journal, messages, per_second, optouts_per_second)
            fed_s = time.monotonic() - began
            _wait_until_sent(journal)
            own = psutil.Process(sender.pid)
            peak_mb, cpu = own.memory_info().rss / 1e6, own.cpu_times()
        listed = len(journal.sent_before_optout())
    facts = _recount(log, target, committed)
    return {"fed_per_s": round(messages / fed_s, 1), **facts, "sent_before_optout": listed} | {
        "sender_cpu_ms_per_message": round((cpu.user + cpu.system) / messages * 1000, 2),
        "peak_mb": round(peak_mb),
    }


def _feed(
    journal: Journal, messages: int, per_second: int, optouts_per_second: float
) -> dict[str, datetime]:
    """Hand messages over at the pace; returns when the opt-out of a message was committed."""
    draw, committed = random.Random(7), dict[str, datetime]()  # noqa: S311
    began, handed = time.monotonic(), 0
    while handed < messages:
        due = min(messages, int((time.monotonic() - began + TICK_SECONDS) * per_second))
        if due > handed:
            now = journal.now()
            journal.hand_over([_message(n, now) for n in range(handed, due)], checked_at=now)
            handed = due
        if draw.random() < optouts_per_second * TICK_SECONDS:
            number = max(0, handed - 1 - int(draw.expovariate(1 / 20)))
            journal.block_addresses([_optout(number)])
            committed[f"m{number}"] = wall_clock()
        time.sleep(max(0.0, began + handed / per_second - time.monotonic()))
    return committed


def _message(number: int, now: datetime) -> HandedMessage:
    return HandedMessage(
        message_id=f"m{number}",
        candidate_id=f"c{number}",
        instance_id=f"i{number}",
        journey="quote_stalled",
        action="remind",
        release_id="r1",
        card_hash="h1",
        node_id=f"n{number}",
        person_id=f"p{number}",
        contact_point_id=f"cp{number}",
        channel="sms",
        destination="gateway",
        message_class="marketing",
        brand="shop",
        template=None,
        priority=10,
        expires_at=now + timedelta(days=1),
        consent_at=now - timedelta(days=1),
        address=f"+1555{number:08}",
        variables={"first_name": "Ann", "quote_id": f"Q-{number}"},
    )


def _optout(number: int) -> AddressBlock:
    address = f"+1555{number:08}"
    return AddressBlock("sms", address, None, None, "opt_out", wall_clock(), "preference_page")


def _recount(log: Path, target: Path, committed: dict[str, datetime]) -> Facts:
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    received = Counter(entry["id"] for entry in entries)
    times = sorted(entry["at"] for entry in entries)
    with closing(sqlite3.connect(target)) as con:
        latencies = [row[0] for row in con.execute(LATENCIES)]
        first_bytes = [row[0] for row in con.execute(FIRST_BYTES)]
        claims = {id_: datetime.fromisoformat(at) for id_, at in con.execute(CLAIMS)}
        states = dict(con.execute(STATES).fetchall())
    not_got = [id_ for id_, state in states.items() if state == "accepted" and not received[id_]]
    not_sent = [id_ for id_, state in states.items() if state not in ("accepted", "cancelled")]
    return {
        "messages": len(states),
        "states": dict(Counter(states.values())),
        "single_per_s": round((len(times) - 1) / (times[-1] - times[0]), 1),
        "p50_s": round(_at(latencies, 0.5), 4),
        "p95_s": round(_at(latencies, 0.95), 4),
        "first_byte_p99_s": round(_at(first_bytes, 0.99), 4),
        "lost": len(not_got) + len(not_sent),
        "duplicates": sum(count - 1 for count in received.values()),
        "optouts": len(committed),
        "claimed_after_optout": sum(
            id_ in claims and claims[id_] > at for id_, at in committed.items()
        ),
    }


def _at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def _wait_until_sent(journal: Journal) -> None:
    deadline = time.monotonic() + 120
    while set(journal.message_counts()) - {"accepted", "cancelled"}:
        if time.monotonic() > deadline:
            return
        time.sleep(0.1)


def _write_destinations(folder: Path, port: int) -> Path:
    gateway = {
        "type": "webhook",
        "url": f"http://127.0.0.1:{port}/",
        "secret": SECRET,
        "event_type": "message.send",
        "limit": {"rate": 5000, "per_seconds": 1, "concurrency": 200},
    }
    file = folder / "destinations.yml"
    content = {"templates": str(folder), "destinations": {"gateway": gateway}}
    file.write_text(yaml.safe_dump(content))
    return file


@contextmanager
def _process(module: str, *arguments: Path) -> Generator[subprocess.Popen[str]]:
    """A process of ours; ended by SIGTERM, and waited for."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101  # it was asked for
    return process.stdout.readline()


@click.command()
@click.option("--messages", default=15_000, help="Messages to send.")
@click.option("--per-second", default=500, help="How many are handed over in a second.")
@click.option("--optouts-per-second", default=5.0, help="How many people opt out in a second.")
@click.option("--small", is_flag=True, help="A tenth of the messages.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the facts here.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the scratch files here.")
def main(
    *,
    messages: int,
    per_second: int,
    optouts_per_second: float,
    small: bool,
    json_file: Path | None,
    keep: Path | None,
) -> None:
    """Measure delivery."""
    with tempfile.TemporaryDirectory() as temporary:
        facts = measure(
            (keep or Path(temporary)) / "single",
            messages=messages // 10 if small else messages,
            per_second=per_second,
            optouts_per_second=optouts_per_second,
        )
    text = json.dumps(facts, indent=2, default=str)
    if json_file:
        json_file.write_text(text + "\n")
    click.echo(text)


if __name__ == "__main__":
    main()
