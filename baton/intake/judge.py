"""What is to be done with a file that is new or changed."""

from dataclasses import dataclass

import duckdb

from baton.intake.content import Mark
from baton.intake.extents import Extent, UnreadableError, measure
from baton.intake.landing import FORMATS, Landed
from baton.intake.ledger import Known, same_content
from baton.intake.source import Source


@dataclass(frozen=True)
class Wait:
    """It cannot be read now, or must not (`state` is waiting or held)."""

    state: str
    reason: str


@dataclass(frozen=True)
class SeenAgain:
    """It holds just what was read of this path before, and `tail`."""

    delivery: str
    tail: str | None


@dataclass(frozen=True)
class Duplicate:
    """Its content was delivered before, under another name; `rows` is None if in this window."""

    of: str
    rows: int | None
    mark: Mark
    tail: str | None


@dataclass(frozen=True)
class Take:
    """It has records for `source`; `continues` names the delivery that it goes on with."""

    source: Source
    extent: Extent
    continues: str | None


Judgement = Wait | SeenAgain | Duplicate | Take


class Arrived:
    """Contents that this window has taken already."""

    def __init__(self) -> None:
        self._deliveries: dict[tuple[str, str], str] = {}
        self._snapshots: dict[str, tuple[str, str]] = {}

    def add(self, source: Source, delivery: str, content_hash: str) -> None:
        """Remember that the window took this content."""
        self._deliveries[source.label, content_hash] = delivery
        self._snapshots[source.label] = (delivery, content_hash)

    def find(
        self, con: duckdb.DuckDBPyConnection, source: Source, content_hash: str
    ) -> tuple[str, int | None] | None:
        """Return the delivery that brought the content and its records, if they are known yet."""
        if source.mode == "snapshot" and source.label in self._snapshots:
            delivery, last_hash = self._snapshots[source.label]
            return (delivery, None) if last_hash == content_hash else None
        delivery = self._deliveries.get((source.label, content_hash))
        return (delivery, None) if delivery else same_content(con, source, content_hash)


def judge(
    con: duckdb.DuckDBPyConnection,
    landed: Landed,
    known: Known | None,
    arrived: Arrived,
    enough: int | None,
) -> Judgement:
    """Return what is to be done with the file; it is opened and hashed, not parsed.

    `enough` is the number of records behind which counting may stop.
    """
    source, resume = landed.source, known.resume if known else None
    if source is None:
        return Wait("waiting", _why_nobody_takes(landed))
    can_go_on = landed.format != "parquet" and source.mode != "snapshot"
    try:
        extent = measure(landed, resume if can_go_on else None, enough)
    except UnreadableError as error:
        return Wait("waiting", str(error))
    return (
        _incomplete(source, extent)
        or _seen_again(known, extent)
        or _duplicate(con, source, extent, arrived)
        or Take(source, extent, known.delivery if known and extent.whole is None else None)
    )


def _seen_again(known: Known | None, extent: Extent) -> SeenAgain | None:
    if known is None or known.delivery is None or known.resume is None:
        return None
    mark = known.resume.mark
    if extent.whole is None:
        is_read = extent.end == mark.at_byte
    else:
        is_read = extent.whole.content_hash == mark.content_hash
    return SeenAgain(known.delivery, extent.tail) if is_read else None


def _duplicate(
    con: duckdb.DuckDBPyConnection, source: Source, extent: Extent, arrived: Arrived
) -> Duplicate | None:
    if extent.whole is None:
        return None
    found = arrived.find(con, source, extent.whole.content_hash)
    return Duplicate(*found, extent.whole, extent.tail) if found else None


def _incomplete(source: Source, extent: Extent) -> Wait | None:
    is_snapshot = source.mode == "snapshot"
    if extent.end == 0:
        reason = "the file is empty; land a complete file"
        return Wait("held" if is_snapshot else "waiting", reason)
    if is_snapshot and extent.tail:
        return Wait("waiting", f"a full export must end in a newline: {extent.tail}")
    return None


def _why_nobody_takes(landed: Landed) -> str:
    if landed.format not in FORMATS:
        return f"files of type {landed.format or 'none'!r} are not read; land {', '.join(FORMATS)}"
    return "no declared source takes this file; name it <source>/<table>.<anything>.<type>"
