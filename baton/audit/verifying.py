"""All digests made again from the rows as they are, and what differs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from baton.audit.chain import START
from baton.audit.copies import copies_that_differ
from baton.audit.findings import NAMED, Finding
from baton.audit.judging import judge
from baton.audit.ledgers import RELEASE_POSITION, SEQUENCES, Ledger, warehouse_ledgers
from baton.audit.sealed_rows import links, readable, sealed
from baton.audit.sealing import Head
from baton.dbt_runner import DbtProject
from baton.intake.sql import ident, scalar
from baton.journal import Journal


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what differs; `head` is the last link of the chain."""

    head: Head | None
    links: int
    rows: Mapping[str, int]
    findings: Sequence[Finding]


def verify(
    con: duckdb.DuckDBPyConnection, journal: Journal, dbt: DbtProject, *, kept: str | None = None
) -> Verified:
    """Make every digest again. `kept` is one of the chain that was kept elsewhere.

    What the journal has written since the last batch is covered by the next one.
    """
    head, count, findings = _chain(con)
    findings += _anchors(con, journal, kept)
    erasures = {one.erasure_id for one in journal.erasures.all()}
    key, rows = journal.ledgers.key(), dict[str, int]()
    for one in readable(con, journal, dbt):
        rows[one.name] = 0
        for part in sealed(con, one):
            rows[one.name] += len(part.rows)
            found = judge(con, key, one, part, erasures)
            if found is not None:
                findings.append(found)
    findings += _outside(con, dbt)
    findings += copies_that_differ(con, journal)
    return Verified(head, count, rows, findings)


def _chain(con: duckdb.DuckDBPyConnection) -> tuple[Head | None, int, list[Finding]]:
    """Follow the chain from its start: a link that does not follow from the one before differs."""
    findings: list[Finding] = []
    last, count = Head(0, START), 0
    heads: dict[str, Head] = {}
    while part := links(con, "l.link > ?", [last.link]):
        for link in part:
            if link.link != last.link + 1:
                what = f"{link.link - last.link - 1} links before it are gone"
                findings.append(Finding("chain", link.window_id, what, link=link.link))
            elif link.follow(last.digest) != link.digest:
                what = "its link does not follow from the one before"
                findings.append(Finding(link.ledger, link.window_id, what, link=link.link))
            last = heads[link.ledger] = Head(link.link, link.digest)
        count += len(part)
    known = con.execute("select h.ledger, h.link, h.digest from raw.ledger_heads as h").fetchall()
    if {name: Head(link, digest) for name, link, digest in known} != heads:
        findings.append(Finding("chain", None, "its last links are not those that were noted"))
    return (last if last.link else None), count, findings


def _anchors(
    con: duckdb.DuckDBPyConnection, journal: Journal, kept: str | None
) -> Iterator[Finding]:
    for link, digest in journal.ledgers.anchors():
        found = links(con, "l.link = ?", [link])
        if not found or found[0].digest != digest:
            what = "a link is not what the journal kept when a release was activated"
            yield Finding("chain", None, what, link=link)
    if kept is not None and not links(con, "l.digest = ?", [kept]):
        yield Finding("chain", None, "the digest that was kept elsewhere is not in it")


def _outside(con: duckdb.DuckDBPyConnection, dbt: DbtProject) -> Iterator[Finding]:
    """Rows of committed windows that no link covers."""
    row = con.execute(
        "select w.window_id, w.from_seq, w.to_seq, w.state = 'committed' from raw.this_window as w"
    ).fetchone()
    if row is None:
        return
    window, sequence = (row[0], row[2]) if row[3] else (row[0] - 1, row[1])
    release = scalar(con, _LAST_RELEASE)
    for one in warehouse_ledgers(con, dbt):
        found = con.execute(
            f"""select count(*), list(distinct cast(t.{ident(one.columns[0])} as varchar))
            from {one.relation} as t
            asof left join (
                select l.from_position, l.to_position from raw.ledger_digests as l
                where l.ledger = ?
            ) as l on t.{one.position} > l.from_position
            where t.{one.position} is null or t.{one.position} <= ?
                and (l.to_position is null or t.{one.position} > l.to_position)""",
            [one.name, _upto(one, window, sequence, release)],
        ).fetchone()
        if found and found[0]:
            what = f"{found[0]} rows that no batch has written"
            yield Finding(one.name, None, what, rows=tuple(sorted(found[1])[:NAMED]))


def _upto(one: Ledger, window: int, sequence: int, release: int) -> int:
    """The last position that some batch has sealed, if it has written anything there."""
    if one.position == RELEASE_POSITION:
        return release
    return sequence if one.position in SEQUENCES else window


_LAST_RELEASE = (
    "select max(h.to_position) from raw.ledger_heads as h where h.ledger = 'raw.releases'"
)
