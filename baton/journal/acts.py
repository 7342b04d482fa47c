"""What people and limits have done, on one time line: switches, releases, reviews …"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, case, literal, null, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from baton.journal.schema import metadata

_Columns = ReadOnlyColumnCollection[str, Any]


@dataclass(frozen=True)
class _Acts:
    """How the rows of a table read: when, what, about what, by whom, who approved, why."""

    kind: str
    at: str
    by: str
    told: Callable[[_Columns], Mapping[str, Any]]


def _switch(c: _Columns) -> Mapping[str, ColumnElement[Any]]:
    return {
        "what": case((c.is_stopped, "stop"), else_="resume"),
        "scope": c.scope,
        "subject": c.value,
        "reason": c.reason,
        "journey": case((c.scope == "journey", c.value)),
        "person_id": case((c.scope == "person", c.value)),
    }


def _release(c: _Columns) -> Mapping[str, ColumnElement[Any]]:
    return {
        "what": c.kind,
        "subject": c.release_id,
        "reason": c.reason,
        "approved_by": c.approved_by,
        "release_id": c.release_id,
    }


def _plan_approval(c: _Columns) -> Mapping[str, ColumnElement[Any]]:
    return {
        "what": literal("approve"),
        "scope": c.owner_group,
        "subject": c.plan_hash,
        "reason": c.reason,
        "approved_by": c.approved_by,
    }


def _sync_approval(c: _Columns) -> Mapping[str, ColumnElement[Any]]:
    return {
        "what": literal("approve"),
        "scope": literal("sync"),
        "subject": c.sync,
        "reason": c.reason,
        "approved_by": c.approved_by,
    }


def _review(c: _Columns) -> Mapping[str, ColumnElement[Any]]:
    return {
        "what": literal("review"),
        "scope": c.kind,
        "subject": c.name,
        "reason": c.note,
        "journey": case((c.kind == "journey", c.name)),
    }


def _override(c: _Columns) -> Mapping[str, ColumnElement[Any]]:
    return {
        "what": c.kind,
        "scope": literal("nodes"),
        "subject": c.node_a_id + " " + c.node_b_id,
        "reason": c.reason,
    }


def _erasure(c: _Columns) -> Mapping[str, ColumnElement[Any]]:
    return {"what": literal("erase"), "subject": c.erasure_id, "reason": c.reason}


_TABLES = {
    "switches": _Acts("switch", "set_at", "set_by", _switch),
    "release_activations": _Acts("release", "recorded_at", "set_by", _release),
    "release_approvals": _Acts("approval", "approved_at", "approved_by", _plan_approval),
    "sync_approvals": _Acts("approval", "approved_at", "approved_by", _sync_approval),
    "reviews": _Acts("review", "reviewed_at", "reviewed_by", _review),
    "identity_overrides": _Acts("identity", "decided_at", "decided_by", _override),
    "erasures": _Acts("identity", "erased_at", "set_by", _erasure),
}
_OPTIONAL = ("scope", "subject", "reason", "approved_by", "journey", "release_id", "person_id")


def acts(
    connection: Connection, since: datetime | None, until: datetime | None
) -> list[dict[str, Any]]:
    """All acts in `since` <= time < `until` (naive UTC, null for no bound), oldest first."""
    found: list[dict[str, Any]] = []
    for name, one in _TABLES.items():
        table = metadata.tables.get(name)
        if table is not None:
            found += _acts_of(connection, table, one, since, until)
    return sorted(found, key=lambda row: (row["at"], row["id"]))


def _acts_of(
    connection: Connection,
    table: Table,
    one: _Acts,
    since: datetime | None,
    until: datetime | None,
) -> list[dict[str, Any]]:
    at, told = table.c[one.at], one.told(table.c)
    query = select(
        at.label("at"),
        table.c.seq,
        table.c[one.by].label("by"),
        told["what"].label("what"),
        *(told.get(name, null()).label(name) for name in _OPTIONAL),
    )
    if since is not None:
        query = query.where(at >= since)
    if until is not None:
        query = query.where(at < until)
    return [
        {**row, "kind": one.kind, "id": f"{table.name} {row['seq']:012}"}
        for row in connection.execute(query).mappings()
    ]
