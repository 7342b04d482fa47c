"""Promises of speed: what the table `promises` says of them, and what is to be told of breaches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import duckdb

from baton.dbt_runner import DbtProject
from baton.warehouse import rows_of

_STAGES = ("loading_p95_s", "deciding_p95_s", "waiting_p95_s", "sending_p95_s")


@dataclass(frozen=True)
class Promise:
    """A row of `promises`: in seconds, `subject` being a channel or a source."""

    promise: Literal["claimed", "delivered"]
    subject: str
    promised_s: float
    measured_s: float | None
    messages: int | None
    is_broken: bool

    @property
    def key(self) -> str:
        """What a breach of it is known by."""
        return f"{self.promise}/{self.subject}"

    def line(self) -> str:
        """Say in a line what was promised, and what is."""
        if self.promise == "claimed":
            found = "no messages" if self.measured_s is None else f"{self.measured_s:,.1f} s"
            return (
                f"{self.subject}: 19 of 20 messages claimed within {self.promised_s:,g} s of their "
                f"event; in the last hour {found} (of {self.messages or 0:,})"
            )
        found = "never" if self.measured_s is None else f"{self.measured_s:,.0f} s ago"
        return f"{self.subject}: delivers every {self.promised_s:,g} s; last {found}"


@dataclass(frozen=True)
class Speed:
    """How promises stand; by channel the seconds of each stage in the day's last hour with any."""

    promises: tuple[Promise, ...]
    stages: Mapping[str, Mapping[str, float]]

    @property
    def broken(self) -> dict[str, str]:
        """What is broken, in words, by the key of its promise."""
        return {one.key: one.line() for one in self.promises if one.is_broken}


def measure(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> Speed:
    """Return how things stand at the time of the last batch; stages are of messages by events."""
    found = rows_of(con, f"select * from {dbt.relation('promises')} order by promise, subject")
    hours = rows_of(
        con,
        f"select * from {dbt.relation('int_metrics__latest_latency')} order by channel",
    )
    stages = {str(one["channel"]): _seconds(one) for one in hours}
    return Speed(tuple(Promise(**one) for one in found), stages)


def _seconds(hour: Mapping[str, Any]) -> dict[str, float]:
    names = ("p50_s", "p95_s", *_STAGES)
    return {name: round(float(hour[name]), 3) for name in names if hour[name] is not None}


@dataclass(frozen=True)
class Breach:
    """A promise that is broken, or was and nobody has been told yet that it is kept again."""

    since: datetime
    what: str
    is_told: bool = False
    is_over: bool = False

    @property
    def is_news(self) -> bool:
        """Whether somebody is still to be told: of the breach, or of its end."""
        return self.is_over or not self.is_told

    def line(self) -> str:
        """Say in a line what is to be told."""
        return f"{'kept again' if self.is_over else 'broken promise'}: {self.what}"


def followed(
    breaches: Mapping[str, Breach], broken: Mapping[str, str], at: datetime
) -> dict[str, Breach]:
    """Return the breaches as they stand at `at`, given what is broken now.

    What has ended before anybody was told of it is forgotten.
    """
    kept = {
        key: replace(one, what=broken.get(key, one.what), is_over=key not in broken)
        for key, one in breaches.items()
        if one.is_told or key in broken
    }
    return kept | {key: Breach(at, what) for key, what in broken.items() if key not in kept}


def told(breaches: Mapping[str, Breach], keys: Iterable[str]) -> dict[str, Breach]:
    """Return the breaches after somebody was told of these; those that are over are done with."""
    heard = set(keys)
    return {
        key: replace(one, is_told=one.is_told or key in heard)
        for key, one in breaches.items()
        if not (one.is_over and key in heard)
    }
