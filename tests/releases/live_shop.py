"""A shop in a copy of the repository's project, whose rules and signals are edited as it runs."""

import json
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from baton import releases
from baton.journal import Journal
from baton.micro_batch import Batch, MicroBatch
from baton.project import Project

REPOSITORY = Path(__file__).parents[2]
NOON = datetime(2024, 5, 6, 12)
Row = dict[str, object]


class LiveShop:
    """Two customers who allow e-mail for sales, and one card. Minutes are those since `NOON`."""

    def __init__(self, root: Path, journal: Journal) -> None:
        ignored = shutil.ignore_patterns("target", "logs")
        shutil.copytree(REPOSITORY / "dbt_project", root / "dbt_project", ignore=ignored)
        shutil.copy(REPOSITORY / "profiles.yml", root)
        for card in (root / "dbt_project/models/journeys/cards").iterdir():
            if card.stem != "quote_stalled":
                card.unlink()
        self.project = Project(root, root / "shop.duckdb", root / "journal.db", root / "landing")
        self.journal = journal
        self._files = 0
        self._batches = MicroBatch(self.project)
        self.at(0)
        self.land("crm/contacts", [_contact(one) for one in ("ada", "bob")])
        self.land("consent/statements", [_statement(one) for one in ("ada", "bob")])

    def at(self, minute: int) -> datetime:
        """Set the clock all commands see."""
        now = NOON + timedelta(minutes=minute)
        self.journal.set_simulated_time(now)
        return now

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file of the project; the next batch is that of a new process."""
        file = self.project.dbt_project / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new), encoding="utf-8")
        self._batches = MicroBatch(self.project)

    def copy(self, path: str, name: str) -> None:
        """Add a file that says the same as another one beside it."""
        file = self.project.dbt_project / path
        shutil.copy(file, file.with_stem(name))

    def activate(self, reason: str = "test") -> dict[str, Any]:
        """Make the working tree live."""
        return releases.compile_and_activate(
            self.project, self.journal, by="ada", approved_by=None, reason=reason
        )

    def withdraw(self, release_id: str | None = None) -> dict[str, Any]:
        """Withdraw a release, by default the live one."""
        return releases.withdraw(
            self.project, self.journal, release_id, by="ada", approved_by=None, reason="test"
        )

    def quote(self, who: str, quote_id: str, minute: int, event: str = "quote_started") -> None:
        """A customer starts, or submits, a quote."""
        row: Row = {
            "event_id": f"{quote_id} {event}",
            "event": event,
            "user_id": who,
            "email": f"{who}@example.com",
            "properties": {"quote_id": quote_id, "value": 650, "product": "tv"},
            "occurred_at": _time(minute),
        }
        self.land("web/events", [row])

    def land(self, table: str, rows: Iterable[Row]) -> None:
        """Let a file arrive."""
        self._files += 1
        target = self.project.landing / f"{table}.{self._files:03d}.jsonl"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def batch(self, minute: int) -> Batch:
        """Run a batch."""
        return self._batches.run(self.journal, now=self.at(minute))

    def relation(self, model: str) -> str:
        """Return schema and table of a model."""
        return self._batches.dbt.relation(model)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return rows of the warehouse."""
        with duckdb.connect(str(self.project.warehouse), read_only=True) as con:
            return con.execute(sql).fetchall()

    def steps(self) -> list[tuple[str, str, int]]:
        """Return quote, step and minute of every step, in order."""
        rows = self.query(
            f"select correlation_key, step, reached_at from {self.relation('transitions')}"
            " where journey = 'quote_stalled' order by all"
        )
        return [(key, step, _minute(at)) for key, step, at in rows]

    def decisions(self) -> list[tuple[str, str, str, str]]:
        """Return quote, action, outcome and reason of every decision, in order."""
        return self.query(
            f"select correlation_key, action, outcome, reason from {self.relation('decisions')}"
            " where journey = 'quote_stalled' order by all"
        )


@contextmanager
def live_shop(root: Path) -> Generator[LiveShop]:
    """Open a shop with its journal."""
    with Journal.open(root / "journal.db") as journal:
        yield LiveShop(root, journal)


def _contact(who: str) -> Row:
    return {
        "contact_id": who,
        "first_name": who.title(),
        "email": f"{who}@example.com",
        "country": "US",
        "timezone": "America/New_York",
        "do_not_contact": False,
        "deceased": False,
        "created_at": _time(-5000),
        "updated_at": _time(-1000),
    }


def _statement(who: str) -> Row:
    return {
        "statement_id": f"s {who}",
        "contact_id": who,
        "email": f"{who}@example.com",
        "channel": "email",
        "purpose": "sales",
        "brand": "main",
        "granted": True,
        "stated_at": _time(-900),
    }


def _time(minute: int) -> str:
    return f"{NOON + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%S}"


def _minute(at: datetime) -> int:
    return int((at - NOON).total_seconds()) // 60
