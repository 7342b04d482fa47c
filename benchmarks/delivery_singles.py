"""Single messages: outbox to answer at a steady pace, while people opt out.

Messages are handed over to a journal at a pace, while a watching sender in another process sends
them as signed webhooks to a receiver in a third. Now and then somebody opts out.

The figures are recomputed from what is left: the receiver's log (`received.jsonl`) and the
journal's tables, by `LATENCIES`, `FIRST_BYTES`, `CLAIMS` and `STATES`. `p95_s` is from the
hand-over to the answer, `first_byte_p99_s` from the claim to the first byte, both by the wall
clock. `lost` counts accepted messages that the receiver has not got, and those not sent though
nothing blocked them; `duplicates` ids that it got more than once; `claimed_after_optout` claims
after the opt-out of the address was committed. `sent_before_optout` ones are listed by the journal
with both times. `sender_cpu_ms_per_message` tells whether the machine was the limit: at 500
messages a second two milliseconds are a whole core. Controls: the log without one request must
show one lost, with one repeated a duplicate.
"""

import json
import os
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from baton.journal import AddressBlock, Journal
from baton.journal.clock import wall_clock
from benchmarks.delivery_setting import first_line, message, process, write_destinations

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
TICK_SECONDS = 0.05
Facts = dict[str, Any]


def measure(folder: Path, *, messages: int, per_second: int, optouts_per_second: float) -> Facts:
    """Run it once in an empty folder; return the facts."""
    folder.mkdir(parents=True, exist_ok=True)
    log, target = folder / "received.jsonl", folder / "baton.journal.db"
    with Journal.open(target) as journal, process("benchmarks.delivery_receiver", log) as receiver:
        destinations = write_destinations(folder, {"gateway": int(first_line(receiver))})
        with process("benchmarks.delivery_sender", destinations, target) as sender:
            first_line(sender)
            began = time.monotonic()
            committed = _feed(journal, messages, per_second, optouts_per_second)
            fed_s = time.monotonic() - began
            wait_until(lambda: not set(journal.message_counts()) - {"accepted", "cancelled"})
            own = psutil.Process(sender.pid)
            peak_mb, cpu = own.memory_info().rss / 1e6, own.cpu_times()
        listed = len(journal.sent_before_optout())
    facts = _recount(log, target, committed)
    return {"fed_per_s": round(messages / fed_s, 1), **facts, "sent_before_optout": listed} | {
        "sender_cpu_ms_per_message": round((cpu.user + cpu.system) / messages * 1000, 2),
        "peak_mb": round(peak_mb),
        "load_average": round(os.getloadavg()[0], 2),
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
            journal.hand_over([message(n, now) for n in range(handed, due)], checked_at=now)
            handed = due
        if draw.random() < optouts_per_second * TICK_SECONDS:
            number = max(0, handed - 1 - int(draw.expovariate(1 / 20)))
            journal.block_addresses([_optout(number)])
            committed[f"m{number}"] = wall_clock()
        time.sleep(max(0.0, began + handed / per_second - time.monotonic()))
    return committed


def _optout(number: int) -> AddressBlock:
    address = f"+1555{number:08}"
    return AddressBlock("sms", address, None, None, "opt_out", wall_clock(), "preference_page")


def _recount(log: Path, target: Path, committed: dict[str, datetime]) -> Facts:
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    ids = [entry["id"] for entry in entries]
    times = sorted(entry["at"] for entry in entries)
    with closing(sqlite3.connect(target)) as con:
        latencies = [row[0] for row in con.execute(LATENCIES)]
        first_bytes = [row[0] for row in con.execute(FIRST_BYTES)]
        claims = {id_: datetime.fromisoformat(at) for id_, at in con.execute(CLAIMS)}
        states = dict(con.execute(STATES).fetchall())
    return {
        "messages": len(states),
        "states": dict(Counter(states.values())),
        "single_per_s": round((len(times) - 1) / (times[-1] - times[0]), 1),
        "p50_s": round(_at(latencies, 0.5), 4),
        "p95_s": round(_at(latencies, 0.95), 4),
        "first_byte_p99_s": round(_at(first_bytes, 0.99), 4),
        "lost": _lost(ids, states),
        "duplicates": _duplicates(ids),
        "lost_without_a_request": _lost(ids[1:], states),
        "duplicates_with_one_repeated": _duplicates([*ids, ids[0]]),
        "optouts": len(committed),
        "claimed_after_optout": sum(
            id_ in claims and claims[id_] > at for id_, at in committed.items()
        ),
    }


def _lost(ids: Sequence[str], states: Mapping[str, str]) -> int:
    got = set(ids)
    not_got = [id_ for id_, state in states.items() if state == "accepted" and id_ not in got]
    not_sent = [id_ for id_, state in states.items() if state not in ("accepted", "cancelled")]
    return len(not_got) + len(not_sent)


def _duplicates(ids: Sequence[str]) -> int:
    return sum(count - 1 for count in Counter(ids).values())


def _at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def wait_until(is_so: Callable[[], bool]) -> bool:
    """Wait two minutes at most; tells whether it came to be."""
    deadline = time.monotonic() + 120
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
