"""A shop in a copy of the repository's project, whose rules and signals are edited as it runs."""

import json
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from project_copies import copy_project

from baton import releases
from baton.journal import Journal
from baton.micro_batch import Batch, MicroBatch
from baton.project import Project
from baton.warehouse import Digests, digests, reader

NOON = datetime(2024, 5, 6, 12)
Row = dict[str, object]
_KILLED = """
import os, signal, sys
from pathlib import Path
from baton import micro_batch
from baton.journal import Journal
from baton.project import Project

def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

micro_batch.commit_window = killed
project = Project(*map(Path, sys.argv[1:]))
with Journal.open(project.journal) as journal:
    micro_batch.MicroBatch(project).run(journal, now=journal.now())
"""


class Template:
    """A shop as it is when its first release has been live for one batch: built once, then copied.

    The folder of the dbt project stays the same, so that dbt reads anew only what a test edits.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = Project(
            root, root / "stores/shop.duckdb", root / "stores/journal.db", root / "stores/landing"
        )
        copy_project(root)
        for card in (root / "dbt_project/models/journeys/cards").iterdir():
            if card.stem != "quote_stalled":
                card.unlink()
        shutil.copytree(root / "dbt_project", root / "pristine")
        self.project.landing.mkdir(parents=True)
        self.batches = MicroBatch(self.project)
        with Journal.open(self.project.journal) as journal:
            shop = LiveShop(self, journal)
            shop.at(0)
            shop.activate()
            shop.land("crm/contacts", [_contact(one) for one in ("ada", "bob")])
            shop.land("consent/statements", [_statement(one) for one in ("ada", "bob")])
            shop.batch(1)
        shutil.copytree(root / "stores", root / "fresh")

    @contextmanager
    def open(self) -> Generator["LiveShop"]:
        """Open the shop as it was at first."""
        for kept, used in (
            ("fresh", "stores"),
            ("pristine/models", "dbt_project/models"),
            ("pristine/seeds", "dbt_project/seeds"),
        ):
            shutil.rmtree(self.root / used)
            shutil.copytree(self.root / kept, self.root / used)
        with Journal.open(self.project.journal) as journal:
            yield LiveShop(self, journal)


class LiveShop:
    """Two customers who allow e-mail for sales, and one card. Minutes are those since `NOON`."""

    def __init__(self, template: Template, journal: Journal) -> None:
        self.project = template.project
        self.journal = journal
        self._batches = template.batches
        self._files = len(list(self.project.landing.rglob("*.jsonl")))

    def at(self, minute: int) -> datetime:
        """Set the clock all commands see."""
        now = NOON + timedelta(minutes=minute)
        self.journal.set_simulated_time(now)
        return now

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file of the project; the next batch is that of a new process."""
        self.save(path, old, new)
        self._batches = MicroBatch(self.project)

    def save(self, path: str, old: str, new: str) -> None:
        """Change a file of the project; batches go on in the process that they are in."""
        file = self.project.dbt_project / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def copy(self, path: str, name: str) -> None:
        """Add a file that says the same as another one beside it."""
        file = self.project.dbt_project / path
        shutil.copy(file, file.with_stem(name))

    def activate(self, reason: str = "test") -> dict[str, Any]:
        """Make the working tree live."""
        return releases.compile_and_activate(
            self.project, self.journal, by="ada", approved_by=None, reason=reason
        )

    def withdraw(self, release_id: str | None = None, *, puts_back: bool = False) -> dict[str, Any]:
        """Withdraw a release, by default the live one."""
        return releases.withdraw(
            self.project,
            self.journal,
            release_id,
            by="ada",
            approved_by=None,
            reason="test",
            puts_back=puts_back,
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

    def killed_before_commit(self) -> int:
        """Run a batch in a process that kills itself when all is built; return how that ended."""
        project = self.project
        told = [str(one) for one in (project.root, project.warehouse, project.journal)]
        command = [sys.executable, "-c", _KILLED, *told, str(project.landing)]
        return subprocess.run(command, check=False).returncode

    def forget_what_was_built(self) -> None:
        """Let the next batch build all models."""
        with duckdb.connect(str(self.project.warehouse)) as con:
            con.execute("delete from raw.built_parts")

    def digests(self, *, with_views: bool = True) -> Digests:
        """Return for each table and view of the models its number of rows and a hash over them."""
        with reader(self.project.warehouse) as con:
            if not with_views:
                return digests(con)
            views = con.execute(
                "select schema_name, view_name from duckdb_views()"
                " where database_name = current_database() and not internal order by all"
            ).fetchall()
            found = digests(con)
            for schema, name in views:
                found[f"{schema}.{name}"] = con.execute(
                    f'select count(*), sum(hash(t)::hugeint)::varchar from "{schema}"."{name}" as t'
                ).fetchall()[0]
            return found

    def relation(self, model: str) -> str:
        """Return schema and table of a model."""
        return self._batches.dbt.relation(model)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return rows of the warehouse."""
        with duckdb.connect(str(self.project.warehouse), read_only=True) as con:
            return con.execute(sql).fetchall()

    def live(self) -> str | None:
        """The live release."""
        return releases.live_release(self.journal.activations())

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
