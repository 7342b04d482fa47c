"""A plan: what a tool should be told, and whether it may be. Reads only."""

# pyright: reportUnknownParameterType=false
# pyarrow brings no types.

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from activation.syncs import source
from activation.syncs.blocked import Blocks
from activation.syncs.breaker import Size, reasons
from activation.syncs.declared import Sync
from activation.syncs.difference import Offered, Standing, Stop, Walk, walk
from activation.syncs.source import Hash, Relations
from activation.syncs.spool import Spool
from baton.journal.sync_records import SEPARATOR, HeldRow
from baton.journal.syncs import SyncLedger

MISSING = "source_missing"
_TOLD: tuple[Standing, ...] = ("new", "changed")
_FINE: tuple[Standing, ...] = ("new", "changed", "unchanged", "refused")


@dataclass(frozen=True)
class Plan:
    """What is to be told, and why it is held back if it is.

    `upserts` are rows to tell, `whole` all rows that the tool may have (files only), `removals`
    rows to take back, `urgent` those that a no in the journal asks for and nothing holds back.
    `kept_rows` stay though they are not offered. `counts` by standing, `kept` by reason. `blocked`
    are codes; `approved_by` answers for them.
    """

    sync: Sync
    upserts: Spool = field(repr=False)
    whole: Spool | None = field(repr=False)
    removals: Sequence[HeldRow] = field(repr=False)
    urgent: Sequence[HeldRow] = field(repr=False)
    counts: dict[str, int]
    kept: dict[str, int]
    held: int
    offered: int
    plan_hash: str
    blocked: tuple[str, ...] = ()
    kept_rows: Sequence[HeldRow] = field(default=(), repr=False)
    approved_by: str | None = None
    as_of: datetime | None = None

    @property
    def may_remove(self) -> bool:
        """Whether what is not urgent may be taken back."""
        return not self.blocked or self.approved_by is not None

    @property
    def may_tell(self) -> bool:
        """Whether rows may be told; suppressions always, from whatever was read."""
        return self.may_remove or (
            self.sync.purpose == "suppressions" and self.blocked != (MISSING,)
        )


@dataclass
class _Sorted:
    removals: list[HeldRow] = field(default_factory=list)
    urgent: list[HeldRow] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)
    kept_rows: list[HeldRow] = field(default_factory=list)

    def keep(self, row: HeldRow, why: str) -> None:
        self.kept[why] = self.kept.get(why, 0) + 1
        self.kept_rows.append(row)


def make_plan(
    con: duckdb.DuckDBPyConnection,
    sync: Sync,
    ledger: SyncLedger,
    relations: Relations,
    *,
    now: datetime,
    whole: bool = False,
) -> Plan:
    """Compare the source with what the tool has accepted. Raises CheckFailed for a key twice."""
    if not source.exists(con, relations.model):
        held = ledger.held_count(sync.name, sync.destination)
        return Plan(sync, Spool(), None, [], [], {}, {}, held, 0, "", (MISSING,))
    walked, upserts, all_rows = Walk(), Spool(), Spool() if whole else None
    for batch, standings in _walked(con, sync, ledger, relations, walked):
        upserts.add(_chosen(batch, standings, _TOLD))
        if all_rows is not None:
            all_rows.add(_chosen(batch, standings, _FINE))
    sorted_ = _sort(con, sync, relations, walked)
    at = source.as_of(con, relations.windows)
    new = walked.counts.get("new", 0)
    size = Size(walked.offered, walked.held, walked.matched, len(sorted_.removals), new)
    blocked = reasons(size, sync.breaker, sync.purpose, as_of=at, now=now)
    plan_hash = _hash(blocked, sorted_.removals, at)
    approval = ledger.approval(sync.name, plan_hash) if blocked else None
    return Plan(
        sync=sync,
        upserts=upserts,
        whole=all_rows,
        removals=sorted_.removals,
        urgent=sorted_.urgent,
        counts=walked.counts,
        kept=sorted_.kept,
        kept_rows=sorted_.kept_rows,
        held=walked.held,
        offered=walked.offered,
        plan_hash=plan_hash,
        blocked=blocked,
        approved_by=approval.approved_by if approval else None,
        as_of=at,
    )


def _walked(
    con: duckdb.DuckDBPyConnection,
    sync: Sync,
    ledger: SyncLedger,
    relations: Relations,
    walked: Walk,
) -> Iterator[tuple[pa.RecordBatch, list[Standing]]]:
    """Each batch of the source with fingerprints, and the standing of its rows."""
    waiting: list[pa.RecordBatch] = []
    consent = sync.consent if sync.purpose != "suppressions" else None
    blocks = Blocks(ledger, consent)
    prints = Hash(ledger.hasher.derived(f"fingerprints of {sync.name}: {sync.fields}"), 8)

    def offered() -> Iterator[Offered]:
        for batch in source.read(con, sync, relations, ledger.hasher):
            if not batch.num_rows:
                continue
            fingerprints = prints.all_of(batch.column("_content").to_pylist())
            waiting.append(batch.append_column("_print", pa.array(fingerprints, pa.string())))
            stops = _stops(batch, blocks)
            yield from map(Offered, batch.column("_key").to_pylist(), fingerprints, stops)

    standings: list[Standing] = []
    held = ledger.held(sync.name, sync.destination)
    for standing in walk(offered(), held, walked, f"{sync.name}, model {sync.model}"):
        standings.append(standing)
        if len(standings) == waiting[0].num_rows:
            yield waiting.pop(0), standings
            standings = []


def _stops(batch: pa.RecordBatch, blocks: Blocks) -> list[Stop | None]:
    allowed = batch.column("_allowed").to_pylist()
    at = batch.column("_consent_at").to_pylist()
    stopped = blocks.stopped(batch.column("_address").to_pylist(), at)
    return [
        "blocked" if no else None if yes else "not_allowed"
        for yes, no in zip(allowed, stopped, strict=True)
    ]


def _chosen(
    batch: pa.RecordBatch, standings: Sequence[Standing], wanted: tuple[Standing, ...]
) -> pa.RecordBatch:
    held = pa.array([one == "changed" for one in standings])
    slim = batch.drop_columns(["_content", "_allowed"]).append_column("_held", held)
    rows = [number for number, one in enumerate(standings) if one in wanted]
    return slim if len(rows) == batch.num_rows else slim.take(pa.array(rows, pa.int32()))


def _sort(
    con: duckdb.DuckDBPyConnection, sync: Sync, relations: Relations, walked: Walk
) -> _Sorted:
    """Which of what is held and not offered is taken back."""
    result = _Sorted()
    gone: list[HeldRow] = []
    for standing, row in walked.surplus:
        if standing == "blocked":
            result.urgent.append(row)
        elif standing == "not_allowed":
            result.removals.append(row)
        else:
            gone.append(row)
    if sync.purpose == "suppressions":
        _sort_suppressions(con, sync, relations, gone, result)
    else:
        _sort_gone(con, sync, relations, gone, result)
    return result


def _sort_gone(
    con: duckdb.DuckDBPyConnection,
    sync: Sync,
    relations: Relations,
    gone: Sequence[HeldRow],
    result: _Sorted,
) -> None:
    is_asked = gone and sync.when_gone != sync.when_merged and source.exists(con, relations.aliases)
    keys = [row.row_key for row in gone] if is_asked else []
    merged = source.merged_away(con, keys, relations.aliases) if keys else frozenset[str]()
    for row in gone:
        is_merged = row.row_key in merged
        if (sync.when_merged if is_merged else sync.when_gone) == "remove":
            result.removals.append(row)
        else:
            result.keep(row, "merged" if is_merged else "gone")


def _sort_suppressions(
    con: duckdb.DuckDBPyConnection,
    sync: Sync,
    relations: Relations,
    gone: Sequence[HeldRow],
    result: _Sorted,
) -> None:
    """A suppression is taken back only for a yes that is newer than it."""
    consent = sync.consent
    if consent is None or sync.when_gone == "keep":
        for row in gone:
            result.keep(row, "suppression")
        return
    keys = [dict(zip(sync.key, key_values(row), strict=True)) for row in gone]
    addresses = [key.get(consent.address, "") for key in keys]
    said = source.newer_yes(con, consent, addresses, relations.reachable) if gone else {}
    for row, key in zip(gone, keys, strict=True):
        channel = consent.channel or key.get(consent.channel_column or "", "")
        yes = said.get((channel, key.get(consent.address, "")))
        if yes is not None and row.since is not None and yes > row.since:
            result.removals.append(row)
        else:
            result.keep(row, "no_newer_consent")


def key_values(row: HeldRow) -> list[str]:
    """The values of a row's key columns."""
    return (row.row_key if row.handle is None else row.handle).split(SEPARATOR)


def _hash(blocked: Sequence[str], removals: Sequence[HeldRow], at: datetime | None) -> str:
    """What an approval is given for: the reasons, and exactly these removals."""
    digest = hashlib.blake2b(repr(blocked).encode(), digest_size=8)
    if "source_stale" in blocked:
        digest.update(repr(at).encode())
    for row in removals:
        digest.update(row.row_key.encode() + b"\x1e")
    return digest.hexdigest()
