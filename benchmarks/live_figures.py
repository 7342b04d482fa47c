"""How long live calls took to reach the desk, by its log and by the tables left behind."""

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.live import ONE_IN, Sent, Shop

STAGES = """
select e.event_id, e._received_at as received_at, e._loaded_at as loaded_at,
    m.handed_at, a.claimed_wall_at as claimed_at, a.sent_wall_at as sent_at,
    a.answered_wall_at as accepted_at
from raw.web_events as e
inner join journeys.signals as s on md5('event' || chr(31) || 'web.events' || chr(31) || e.event_id)
    = s.event_id
inner join journeys.journey_states as j on s.node_id = j.entry_node_id
    and s.correlation_key = j.correlation_key and j.journey = 'told_at_once'
inner join journal.messages as m on j.instance_id = m.instance_id
inner join journal.attempts as a on m.attempt_id = a.attempt_id
where e.event_id like 'live-%'
"""
_STEPS = ("received_at", "loaded_at", "handed_at", "claimed_at", "sent_at", "accepted_at")
_EPOCH = datetime(1970, 1, 1)


def latencies(log: Path, sent: Sent) -> dict[str, Any]:
    """Return seconds from call to desk, what is lost or doubled, and the controls of both."""
    lines = [json.loads(one) for one in log.read_text().splitlines()]
    found = seconds_of(lines, sent)
    ordered = [seconds for _, seconds in sorted(_by_call(lines, sent))]
    third = max(len(ordered) // 3, 1)
    asked = _quotes(sent.answered)
    taken_out = next((one["id"] for one in lines if one["quote_id"] in asked), None)
    without = [one for one in lines if one["id"] != taken_out]
    doubled = [*lines, *lines[:1]]
    return {
        "p50_s": quantile(found, 0.5),
        "p95_s": quantile(found, 0.95),
        "p99_s": quantile(found, 0.99),
        "p95_first_third_s": quantile(ordered[:third], 0.95),
        "p95_last_third_s": quantile(ordered[-third:], 0.95),
        "messages": len({one["id"] for one in lines}),
        "acknowledged": len(sent.answered),
        "refused": sent.refused,
        "lost": lost(lines, sent),
        "duplicates": duplicates(lines),
        "controls": {
            "lost_when_an_entry_is_taken_out": lost(without, sent),
            "duplicates_when_an_entry_is_doubled": duplicates(doubled),
        },
    }


def _quotes(sent: Mapping[str, float]) -> dict[str, float]:
    """The calls that start a quote, by quote."""
    numbered = {int(one.removeprefix("live-")): at for one, at in sent.items()}
    return {f"lq{n}": at for n, at in numbered.items() if n % ONE_IN == 0}


def _by_call(lines: Iterable[Mapping[str, Any]], sent: Sent) -> list[tuple[float, float]]:
    made = _quotes(sent.made)
    known = [(made[one["quote_id"]], one["at"]) for one in lines if one["quote_id"] in made]
    return [(call, arrived - call) for call, arrived in known]


def seconds_of(lines: Iterable[Mapping[str, Any]], sent: Sent) -> list[float]:
    """Return from call to desk, in seconds, in ascending order."""
    return sorted(seconds for _, seconds in _by_call(lines, sent))


def lost(lines: Iterable[Mapping[str, Any]], sent: Sent) -> int:
    """Count quotes that the collector acknowledged and the desk does not know."""
    arrived = {one["quote_id"] for one in lines}
    return sum(1 for quote in _quotes(sent.answered) if quote not in arrived)


def duplicates(lines: Iterable[Mapping[str, Any]]) -> int:
    """Webhooks that came twice, and quotes that were told of by two messages."""
    known = list(lines)
    ids, quotes = (Counter(one[name] for one in known) for name in ("id", "quote_id"))
    return sum(times > 1 for times in (*ids.values(), *quotes.values()))


def stages(shop: Shop, sent: Sent) -> dict[str, dict[str, float]]:
    """Return the seconds of each stage, by `STAGES`."""
    with duckdb.connect(str(shop.folder / "baton.duckdb"), read_only=True) as con:
        for table in ("messages", "attempts"):
            rows = _journal_rows(shop, table)
            con.register(f"journal_{table}", rows)
        sql = STAGES.replace("journal.messages", "journal_messages")
        result = con.execute(sql.replace("journal.attempts", "journal_attempts"))
        names = [column[0] for column in result.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    made = {one: _EPOCH + timedelta(seconds=at) for one, at in sent.made.items()}
    spans: dict[str, list[float]] = {}
    for row in rows:
        before = made.get(row["event_id"])
        for step in _STEPS:
            if before is not None and row[step] is not None:
                spans.setdefault(step, []).append((row[step] - before).total_seconds())
                before = row[step]
    return {
        step: {"p50_s": quantile(found, 0.5), "p95_s": quantile(found, 0.95)}
        for step, found in spans.items()
    }


def _journal_rows(shop: Shop, table: str) -> Any:
    import pandas as pd  # noqa: PLC0415  # takes half a second, and only this needs it
    from sqlalchemy import create_engine  # noqa: PLC0415

    engine = create_engine(f"sqlite:///{shop.folder / 'journal.db'}")
    with engine.connect() as connection:
        return pd.read_sql_table(table, connection)


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value that so large a share is below, not a number where there is none."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 3)


def growth(by_time: list[tuple[float, float]]) -> float:
    """How much more memory the last quarter of the run had than the second."""
    quarter = len(by_time) // 4
    if not quarter:
        return 0.0
    used = [mb for _, mb in by_time]
    return round(
        statistics.median(used[-quarter:]) - statistics.median(used[quarter : 2 * quarter])
    )
