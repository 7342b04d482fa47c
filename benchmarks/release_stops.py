"""Switches under load: what was claimed after one was committed, by the receiver's log.

Messages of three kinds are handed over at a pace and sent by a watching sender in another process
to a receiver in a third. Then a journey is stopped, a release withdrawn, and all stopped. The time
of each switch is that after its commit, by the wall clock that the claims are stamped with.

`claimed_after_stop` counts messages in the receiver's log whose claim is later than the switch that
holds them. `on_their_way` ones had been claimed before and were received after it. Control:
`claimed_after_stop_if_earlier` counts as if each switch had been committed half a second before.
"""

import json
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from baton.journal import HandedMessage, Journal
from baton.journal.clock import wall_clock
from benchmarks.delivery_setting import first_line, message, process, write_destinations

CLAIMS = """
select m.message_id, m.journey, m.release_id, min(a.claimed_wall_at)
from attempt_items as i
inner join attempts as a on i.attempt_id = a.attempt_id
inner join messages as m on i.message_id = m.message_id
group by 1, 2, 3
"""
PER_SECOND = 400
SECONDS = 2.0
_EARLIER = timedelta(seconds=0.5)
Facts = dict[str, Any]
Switches = dict[str, datetime]


def measure(folder: Path) -> Facts:
    """Run it once in an empty folder; return the facts."""
    folder.mkdir(parents=True, exist_ok=True)
    log, target = folder / "received.jsonl", folder / "baton.journal.db"
    with Journal.open(target) as journal, process("benchmarks.delivery_receiver", log) as receiver:
        destinations = write_destinations(folder, {"gateway": int(first_line(receiver))})
        with process("benchmarks.delivery_sender", destinations, target) as sender:
            first_line(sender)
            switches = _feed_and_stop(journal)
    return _recount(log, target, switches)


def _feed_and_stop(journal: Journal) -> Switches:
    for release in ("r1", "r2"):
        journal.record_activation(
            release,
            kind="activate",
            active_from=journal.now(),
            by="benchmark",
            approved_by=None,
            reason="benchmark",
        )
    switches: Switches = {}
    handed = _feed(journal, 0)
    journal.stop("journey", "other_journey", reason="benchmark", by="benchmark")
    switches["journey"] = wall_clock()
    handed = _feed(journal, handed)
    journal.record_activation(
        "r2",
        kind="withdraw",
        active_from=journal.now(),
        by="benchmark",
        approved_by=None,
        reason="benchmark",
    )
    switches["release"] = wall_clock()
    handed = _feed(journal, handed)
    journal.stop("global", None, reason="benchmark", by="benchmark")
    switches["global"] = wall_clock()
    _feed(journal, handed)
    return switches


def _feed(journal: Journal, first: int) -> int:
    """Hand messages over for some seconds, of each kind in turn; returns the next number."""
    began, handed = time.monotonic(), first
    last = first + int(PER_SECOND * SECONDS)
    while handed < last:
        due = min(last, first + int((time.monotonic() - began + 0.05) * PER_SECOND))
        if due > handed:
            now = journal.now()
            journal.hand_over([_message(n, now) for n in range(handed, due)], checked_at=now)
            handed = due
        time.sleep(0.01)
    return handed


def _message(number: int, now: datetime) -> HandedMessage:
    own = {0: {}, 1: {"journey": "other_journey"}, 2: {"release_id": "r2"}}[number % 3]
    return replace(message(number, now), **own)


def _recount(log: Path, target: Path, switches: Switches) -> Facts:
    received = {entry["id"]: entry["at"] for entry in map(json.loads, log.open())}
    with closing(sqlite3.connect(target)) as con:
        claims = [
            (id_, _switch(journey, release, switches), datetime.fromisoformat(at))
            for id_, journey, release, at in con.execute(CLAIMS)
            if id_ in received
        ]
    late = [id_ for id_, switched, at in claims if at > switched]
    return {
        "claimed_after_stop": len(late),
        "claimed_after_stop_if_earlier": sum(at > s - _EARLIER for _, s, at in claims),
        "received": len(received),
        "received_by_switch": dict(Counter(_phase(at, switches) for _, _, at in claims)),
        "on_their_way": sum(_epoch(s) < received[id_] for id_, s, _ in claims),
    }


def _switch(journey: str, release: str, switches: Switches) -> datetime:
    """When the first switch that holds the message was committed."""
    if journey == "other_journey":
        return switches["journey"]
    return switches["release" if release == "r2" else "global"]


def _phase(at: datetime, switches: Switches) -> str:
    passed = [name for name, committed in switches.items() if at > committed]
    return f"after {passed[-1]}" if passed else "before"


def _epoch(at: datetime) -> float:
    return at.replace(tzinfo=UTC).timestamp()
