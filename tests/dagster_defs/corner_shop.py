"""A shop with one customer, in a copy of the project."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import dagster as dg
import duckdb
from project_copies import copy_project

from baton import releases
from baton.journal import Journal
from baton.project import Project
from dagster_defs.resources import BatonResource, DestinationsResource

NOON = datetime(2024, 5, 6, 12)
Row = dict[str, object]


@dataclass(frozen=True)
class CornerShop:
    """The project's copy with its stores; the clock is the journal's."""

    UNSET: ClassVar = (
        "BATON_WAREHOUSE",
        "BATON_JOURNAL",
        "BATON_LANDING",
        "SHOP_MAIL_HOST",
        "SHOP_MAIL_PORT",
    )
    project: Project

    @classmethod
    def opened(cls, root: Path) -> "CornerShop":
        """Copy the project to `root` and make its rules live at noon."""
        copy_project(root, "baton.duckdb")
        shop = cls(Project.find(root))
        with Journal.open(shop.project.journal) as journal:
            journal.set_simulated_time(NOON)
            releases.compile_and_activate(
                shop.project, journal, by="test", approved_by="test", reason="opening"
            )
        return shop

    @property
    def resources(self) -> dict[str, object]:
        """What jobs need to run here."""
        return {
            "baton": BatonResource(root=str(self.project.root)),
            "destinations": DestinationsResource.of_environment(),
        }

    def run(self, job: dg.JobDefinition) -> dg.ExecuteInProcessResult:
        """Run a job in this process; a failed step does not raise."""
        return job.execute_in_process(resources=self.resources, raise_on_error=False)

    def ada_leaves_a_quote(self) -> None:
        """A customer who allows sales by e-mail starts a quote and leaves; three hours pass."""
        self._land("crm/contacts.jsonl", [_CONTACT])
        self._land("consent/statements.jsonl", [_STATEMENT])
        self._land("web/events.1.jsonl", [_event("quote_started", 1)])
        self._set_time(180)

    def ada_submits_it(self) -> None:
        """The quote is submitted an hour later: the reminder is not needed any more."""
        self._land("web/events.2.jsonl", [_event("quote_submitted", 200)])
        self._set_time(240)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Return rows of the warehouse."""
        with duckdb.connect(str(self.project.warehouse), read_only=True) as con:
            return con.execute(sql).fetchall()

    def _set_time(self, minute: int) -> None:
        with Journal.open(self.project.journal) as journal:
            journal.set_simulated_time(NOON + timedelta(minutes=minute))

    def _land(self, path: str, rows: list[Row]) -> None:
        target = self.project.landing / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _event(event: str, minute: int) -> Row:
    return {
        "event_id": event,
        "event": event,
        "user_id": "ada",
        "email": "ada@example.com",
        "properties": {"quote_id": "q1", "value": 650, "product": "tv"},
        "occurred_at": _at(minute),
    }


def _at(minute: int) -> str:
    return f"{NOON + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%S}"


_CONTACT: Row = {
    "contact_id": "ada",
    "first_name": "Ada",
    "email": "ada@example.com",
    "country": "US",
    "timezone": "America/New_York",
    "do_not_contact": False,
    "deceased": False,
    "created_at": _at(-5000),
    "updated_at": _at(-1000),
}
_STATEMENT: Row = {
    "statement_id": "s1",
    "contact_id": "ada",
    "email": "ada@example.com",
    "channel": "email",
    "purpose": "sales",
    "brand": "main",
    "granted": True,
    "stated_at": _at(-900),
}
