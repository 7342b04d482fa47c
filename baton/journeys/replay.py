"""History out of the warehouse, and into a scratch fold under another card."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from baton.cards import CompiledCard
from baton.dbt_runner import DbtProject
from baton.errors import UsageError
from baton.intake.arrow import Table
from baton.project import Project
from baton.releases.uses import edge_guard
from baton.scratch import ScratchFold
from baton.warehouse import reader


@dataclass(frozen=True)
class Span:
    """What happened from `start` on and before `end`; naive UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class History:
    """What journeys listen to, as the warehouse knows it now, in Arrow tables."""

    span: Span
    signals: Table
    guards: Table
    people: Table
    zones: Table


def read_history(
    project: Project, dbt: DbtProject, span: Span, cards: Collection[CompiledCard]
) -> History:
    """Return signals that happened in the span and guards that held in it, if the cards name them.

    Raises UsageError when the span is empty or reaches beyond what is known, or when no batch has
    run yet, and `Busy` while one runs.
    """
    if span.start >= span.end:
        mend = "let --to be later than --from"
        raise UsageError(f"nothing lies between {span.start} and {span.end}", mend=mend)
    with reader(project.warehouse) as con:
        try:
            _require_known(con, span)
            return _history(con, dbt, span, cards)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise UsageError(
                "the warehouse has no journeys of this version yet",
                where=project.warehouse.name,
                mend="run a batch first: `baton run`",
            ) from error


def replay(
    project: Project, dbt: DbtProject, folder: Path, history: History, card: CompiledCard
) -> Table:
    """Return the transitions of a history under a card, with `person_id`, as an Arrow table.

    Every action counts as taken: what `on_block` would have made of the others is not known.
    """
    rules = tuple(replace(rule, on_block=None) for rule in card.rules)
    with ScratchFold(project, folder, dbt) as fold:
        release_id = fold.release([replace(card, rules=rules)])
        fold.window(
            batch_time=history.span.end,
            signals=history.signals,
            guards=history.guards,
            people=history.people,
            zones=history.zones,
            activations=[("activate", release_id)],
        )
        return fold.con.execute(
            f"""select p.person_id, t.* from {dbt.relation("transitions")} as t
            inner join {dbt.relation("identity_map")} as p on t.entry_node_id = p.node_id"""
        ).to_arrow_table()


def _require_known(con: duckdb.DuckDBPyConnection, span: Span) -> None:
    row = con.execute(
        "select max(w.watermark) from raw.windows as w where w.state = 'committed'"
    ).fetchone()
    known = row[0] if row else None
    if known is None or span.end > known:
        raise UsageError(
            f"the input is not known up to {span.end}: silence after {known} may be none",
            where="--to",
            mend=f"use --to '{known:%Y-%m-%d %H:%M}' or earlier" if known else "run a batch first",
        )


def _history(
    con: duckdb.DuckDBPyConnection, dbt: DbtProject, span: Span, cards: Collection[CompiledCard]
) -> History:
    signals, guards = _named(cards)
    times = {"start": span.start, "end": span.end}
    heard = _read(con, _SIGNALS, dbt.relation("signals"), {**times, "names": signals})
    held = _read(con, _GUARDS, dbt.relation("guards"), {**times, "names": guards})
    con.register("heard", heard)
    con.register("held", held)
    people = _read(con, _PEOPLE, dbt.relation("identity_map"), {})
    con.register("people", people)
    zones = _read(con, _ZONES, dbt.relation("customers"), {})
    return History(span, heard, held, people, zones)


def _read(con: duckdb.DuckDBPyConnection, sql: str, relation: str, said: dict[str, Any]) -> Table:
    return con.execute(sql.format(relation=relation), said).to_arrow_table()


def _named(cards: Collection[CompiledCard]) -> tuple[list[str], list[str]]:
    words = {rule.signal for card in cards for rule in card.rules if rule.signal}
    signals = {word for word in words if edge_guard(word) is None}
    guards = {one.guard for card in cards for one in card.conditions}
    return sorted(signals), sorted(guards)


_SIGNALS = """
select s.signal, s.event_id, s.node_id, s.correlation_key, s.occurred_at, s.loaded_at
from {relation} as s
where s.occurred_at >= $start and s.occurred_at < $end and list_contains($names, s.signal)
order by s.loaded_seq
"""
# A guard that began before the span has no beginning in it: it holds since the start of time,
# which is no edge.
_GUARDS = """
select g.guard, g.subject_key, g.node_id,
    case when g.since < $start then timestamp '1900-01-01' else g.since end as since,
    g.until, g.loaded_at
from {relation} as g
where g.since < $end and g.until >= $start and list_contains($names, g.guard)
order by g.loaded_seq
"""
_PEOPLE = """
select m.node_id, m.person_id from {relation} as m
where m.node_id in (select h.node_id from heard as h union select h.node_id from held as h)
"""
_ZONES = """
select c.person_id, c.timezone as zone from {relation} as c
where c.timezone is not null and c.person_id in (select p.person_id from people as p)
"""
