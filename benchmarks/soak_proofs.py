"""What a soak left behind: where each call ended, what the receiver knows, what grew."""

import json
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.live import ONE_IN, Shop
from benchmarks.soak_load import Load
from benchmarks.supervising import Kill

_BACK_SECONDS = 30.0
_STEADY_SECONDS = 5
_SLOWEST_S = 3.0
_CALM_SECONDS = 15.0


def judge(shop: Shop, load: Load, kills: Sequence[Kill], said: Path) -> dict[str, Any]:
    """Return the figures of events, messages and latency, and in words what failed or was late."""
    figures = _events(shop, load) | _messages(shop, load) | _latency(shop, load, kills)
    figures["batches"] = sum(1 for one in batches(said) if one["rows_loaded"])
    figures["failures"] = [
        *(_off("acknowledged calls in no place or in two", figures["not_in_one_place"])),
        *(_off("lines that are not accounted for", figures["lines_unaccounted"])),
        *(_off("rows that nobody acknowledged", figures["unknown_rows"])),
        *(_off("quotes that were not told of", figures["lost"])),
        *(_off("quotes that were told of twice", figures["duplicates"])),
    ]
    figures["late"] = [
        f"latency not back {_BACK_SECONDS:g} s after the kill of the {one['role']}"
        for one in figures["recoveries"]
        if one["back_s"] is None or one["back_s"] > _BACK_SECONDS
    ]
    return figures


def _off(what: str, count: int) -> Iterator[str]:
    if count:
        yield f"{count} {what}"


def _events(shop: Shop, load: Load) -> dict[str, Any]:
    with duckdb.connect(str(shop.folder / "baton.duckdb"), read_only=True) as con:
        used = Counter(
            str(one)
            for (one,) in con.execute(
                "select e.event_id from raw.web_events as e where e.event_id like 'live-%'"
            ).fetchall()
        )
        texts = con.execute(
            "select q.raw_text from raw.quarantine as q where q.source = 'web.events'"
        ).fetchall()
        ledger = con.execute(
            """select coalesce(sum(d.rows_read), 0), coalesce(sum(d.rows_duplicate), 0)
            from raw.deliveries as d
            where d.source = 'web.events' and d.path not like '%history%'"""
        ).fetchall()[0]
    quarantined = Counter(str(json.loads(one)["event_id"]) for (one,) in texts)
    lines = sum(_lines(one) for one in (shop.landing / "web").glob("events-*.jsonl"))
    places = {one: (used[one] > 0) + (quarantined[one] > 0) for one in load.answered}
    once = sum(1 for one in load.answered if used[one] > 1)
    return {
        "acknowledged": len(load.answered),
        "made_again": load.retried,
        "used": len(used),
        "ignored": ledger[1],
        "quarantined": len(quarantined),
        "not_in_one_place": sum(1 for number in places.values() if number != 1) + once,
        "wrongly_quarantined": len(set(quarantined) - load.broken),
        "unknown_rows": len((set(used) | set(quarantined)) - set(load.made)),
        "lines": lines,
        "lines_unaccounted": abs(
            lines - used.total() - quarantined.total() - ledger[1]
        ) + abs(lines - ledger[0]),
    }  # fmt: skip


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")


def _told(shop: Shop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in (shop.folder / "desk.jsonl").read_text().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:  # the receiver was killed within it
            continue
    return found


def _quotes(calls: Mapping[str, float], broken: set[str]) -> dict[str, float]:
    numbered = {
        int(one.removeprefix("live-")): at for one, at in calls.items() if one not in broken
    }
    return {f"lq{n}": at for n, at in numbered.items() if n % ONE_IN == 0}


def untold(shop: Shop, load: Load) -> int:
    """How many acknowledged quotes the receiver has not heard of."""
    told = {one["quote_id"] for one in _told(shop)}
    return sum(1 for quote in _quotes(load.answered, load.broken) if quote not in told)


def _messages(shop: Shop, load: Load) -> dict[str, Any]:
    told = _told(shop)
    first = [one for one in told if not one["is_known"]]
    ids, quotes = (Counter(one[name] for one in first) for name in ("id", "quote_id"))
    return {
        "messages": len(ids),
        "known_again": len(told) - len(first),
        "lost": untold(shop, load),
        "duplicates": sum(times > 1 for times in (*ids.values(), *quotes.values())),
    }


def _latency(shop: Shop, load: Load, kills: Sequence[Kill]) -> dict[str, Any]:
    """Seconds from when a call was due to its first arrival; recoveries by kill.

    It is back when of five seconds in a row the calls of each have a median at most 3 s, or twice
    what it was before the first kill where that is more.
    """
    made = _quotes(load.made, load.broken)
    arrived: dict[str, float] = {}
    for one in _told(shop):
        arrived.setdefault(one["quote_id"], one["at"])
    found = sorted((at, arrived[quote] - at) for quote, at in made.items() if quote in arrived)
    if not found:
        return {"recoveries": []}
    calm_until = min([found[0][0] + _CALM_SECONDS, *(one.at for one in kills)])
    calm = [seconds for at, seconds in found if at < calm_until]
    limit = max(_SLOWEST_S, 2 * statistics.median(calm)) if calm else _SLOWEST_S
    return {
        "calm_p50_s": _quantile(calm, 0.5),
        "calm_p95_s": _quantile(calm, 0.95),
        "p50_s": _quantile([seconds for _, seconds in found], 0.5),
        "p95_s": _quantile([seconds for _, seconds in found], 0.95),
        "slowest_s": round(max(seconds for _, seconds in found), 1),
        "recoveries": [
            {"role": one.role, "back_s": _back_after(found, one.at, limit)} for one in kills
        ],
    }


def _back_after(found: Sequence[tuple[float, float]], at: float, limit: float) -> float | None:
    """Seconds from `at` to the first call from which on all is as before; null if it never is."""
    by_second: dict[int, list[float]] = {}
    for made, seconds in found:
        if made >= at:
            by_second.setdefault(int(made - at), []).append(seconds)
    last = max(by_second, default=-1)
    for start in range(last + 1):
        span = range(start, min(start + _STEADY_SECONDS, last + 1))
        if all(statistics.median(by_second.get(one, [0.0])) <= limit for one in span):
            return float(start)
    return None


def batches(said: Path) -> Iterator[dict[str, Any]]:
    """What the continuous run said of its batches, but for a line that a kill has cut."""
    for line in said.read_text().splitlines() if said.exists() else ():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def sizes(shop: Shop) -> dict[str, float]:
    """MB by store, and how many files lie in the landing folder."""
    web = list((shop.landing / "web").iterdir())
    return {
        "warehouse_mb": _mb(shop.folder / "baton.duckdb"),
        "warehouse_log_mb": _mb(shop.folder / "baton.duckdb.wal"),
        "journal_mb": _mb(shop.folder / "journal.db"),
        "journal_log_mb": _mb(shop.folder / "journal.db-wal"),
        "landed_mb": sum(_mb(one) for one in web),
        "landed_files": len(web),
    }


def _mb(file: Path) -> float:
    try:
        return file.stat().st_size / 2**20
    except FileNotFoundError:
        return 0.0


def slopes(samples: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """By figure, how much it grew a minute in the second half, by least squares.

    Of memory only samples of a life that has lasted are taken: a process that begins is small.
    """
    half = samples[len(samples) // 2 :]
    found: dict[str, float] = {}
    for name in half[0] if half else ():
        points = [(one["at"] / 60, one[name]) for one in half if one[name] > 0]
        if name != "at" and len(points) > 2:
            slope = statistics.linear_regression(*zip(*points, strict=True)).slope
            found[f"{name}_per_minute"] = round(slope, 3)
    return found


def peaks(samples: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """By figure, the most it was."""
    names = [name for name in (samples[0] if samples else ()) if name != "at"]
    return {name: round(max(one[name] for one in samples), 1) for name in names}


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 3)
