"""From the warehouse to the journal: what whoever takes a customer over should know."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from baton.dbt_runner import DbtProject
from baton.journal import Context, Journal
from baton.prepared import Executes
from baton.warehouse import rows_of

_WANTED = ("topic", "product", "quote_id")
_LISTS = ("did_lately", "was_told", "promised", "open_cases", "consent", "last_decisions")
_TIMES = ("respond_by", "next_step_at", "handed_at", "carried_at", "accepted_at")
_FACTS = (
    "handoff_id",
    "kind",
    "journey",
    "step",
    "action",
    "summary",
    "summary_source",
    "next_step",
    "owner",
)


def publish_contexts(con: Executes, journal: Journal, dbt: DbtProject, *, at: datetime) -> int:
    """Give the journal each context that the window changed; returns how many were written.

    Persons who merged into others, and those whose hand-overs were all superseded, are blanked.
    Idempotent: a window done again writes the same.
    """
    changed = rows_of(con, f"select * from {dbt.relation('int_activation__contexts_to_publish')}")
    return journal.publish_contexts(_context(row, at) for row in changed)


def _context(row: Mapping[str, Any], at: datetime) -> Context:
    if not row["stands"]:
        return Context(row["person_id"], (), (), None, at)
    known_as = orjson.loads(row["known_as"])
    return Context(
        person_id=row["person_id"],
        node_ids=tuple(one["node_id"] for one in known_as),
        keys=tuple(key for one in known_as for key in _keys(one["kind"], one["value"])),
        context=_told(row),
        as_of=at,
    )


def _keys(kind: str, value: str) -> Iterator[tuple[str, str]]:
    """Ids of other kinds than the CRM's go by kind and value: two systems may count alike."""
    if kind in ("email", "phone"):
        yield kind, value
        return
    yield "id", f"{kind}:{value}"
    if kind == "crm_contact":
        yield "id", value


def _told(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        **{name: row[name] for name in _FACTS},
        "wanted": {name: row[name] for name in _WANTED},
        **{name: orjson.loads(row[name]) for name in _LISTS},
        **{name: _utc(row[name]) for name in _TIMES},
    }


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds") + "Z"
