"""Open instances by card and step, and what becomes of them when a release is withdrawn."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

import duckdb

from baton.project import Project

Card = tuple[str, str]
_STATES = "journey_states"


@dataclass(frozen=True)
class OpenInstances:
    """How many instances are open in a step of a card."""

    journey: str
    card_hash: str
    step: str
    count: int


@dataclass(frozen=True)
class Fate:
    """What becomes of the open instances in a step; `to_card` is None where they end."""

    journey: str
    step: str
    card_hash: str
    open: int
    becomes: Literal["stays", "moves", "withdrawn"]
    to_card: str | None


def open_instances(con: duckdb.DuckDBPyConnection, project: Project) -> list[OpenInstances]:
    """Return the open instances as of the last batch; none before the first.

    Where they are stands in the manifest that dbt wrote last; the project is parsed anew only when
    there is none, or the warehouse has no such table.
    """
    built = con.execute("select 1 from raw.windows as w where w.state = 'committed' limit 1")
    if built.fetchone() is None:
        return []
    states = _states_written(con, project) or _states_parsed(project)
    rows = con.execute(
        f"select s.journey, s.card_hash, s.step, count(*) from {states} as s "
        "where s.status = 'open' group by all order by all"
    ).fetchall()
    return [OpenInstances(*row) for row in rows]


def fates(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    release_id: str,
    standing: tuple[str, ...],
) -> list[Fate]:
    """Return what becomes of open instances on the release's cards once only `standing` stand."""
    own = _cards(con, [release_id])
    kept = _cards(con, standing)
    live = dict(_cards(con, standing[-1:]))
    steps = _open_steps(con)
    concerned = (one for one in open_instances(con, project) if (one.journey, one.card_hash) in own)
    return [_fate(one, kept, live.get(one.journey), steps) for one in concerned]


def _states_written(con: duckdb.DuckDBPyConnection, project: Project) -> str | None:
    file = project.dbt_project / "target" / "manifest.json"
    try:
        nodes = json.loads(file.read_text(encoding="utf-8"))["nodes"].values()
    except (OSError, ValueError, KeyError):
        return None
    for node in nodes:
        if (node.get("resource_type"), node.get("name")) == ("model", _STATES):
            name = [node["schema"], node["alias"]]
            known = con.execute(
                "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
                name,
            )
            return f'"{name[0]}"."{name[1]}"' if known.fetchone() else None
    return None


def _states_parsed(project: Project) -> str:
    from baton.dbt_runner import DbtProject  # noqa: PLC0415  # takes seconds, seldom needed

    return DbtProject(project).relation(_STATES)


def _fate(
    one: OpenInstances,
    kept: Collection[Card],
    live_card: str | None,
    steps: Collection[tuple[str, str]],
) -> Fate:
    becomes: Literal["stays", "moves", "withdrawn"] = "withdrawn"
    to_card = None
    if (one.journey, one.card_hash) in kept:
        becomes, to_card = "stays", one.card_hash
    elif live_card is not None and (live_card, one.step) in steps:
        becomes, to_card = "moves", live_card
    return Fate(one.journey, one.step, one.card_hash, one.count, becomes, to_card)


def _cards(con: duckdb.DuckDBPyConnection, release_ids: Iterable[str]) -> set[Card]:
    query = (
        "select c.journey, c.card_hash from raw.release_cards as c "
        "where list_contains(?, c.release_id)"
    )
    return set(con.execute(query, [list(release_ids)]).fetchall())


def _open_steps(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    query = (
        "select distinct r.card_hash, r.to_step from raw.release_rules as r "
        "where r.kind in ('enter', 'step')"
    )
    return set(con.execute(query).fetchall())
