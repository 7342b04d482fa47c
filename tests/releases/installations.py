"""A small installation: a project that dbt can parse, a warehouse, a journal. No batch is run."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from claiming import claim_once
from release_projects import write, write_project

from baton import releases
from baton.intake import prepare
from baton.journal import HandedMessage, Journal
from baton.project import Project
from baton.warehouse import writer

NOON = datetime(2026, 3, 2, 12, 0)
DESTINATION = "shop_mail"
DBT = {
    "dbt_project/dbt_project.yml": "name: shop\nprofile: shop\nconfig-version: 2\n",
    "profiles.yml": "shop:\n  target: duckdb\n  outputs:\n    duckdb:\n      type: duckdb\n",
    "dbt_project/macros/all.sql": """\
{% macro journey() %}{% set card = caller() %}select 1 as one{% endmacro %}
{% macro union_signals(names) %}select 1 as one{% endmacro %}
{% macro union_guards(names) %}select 1 as one{% endmacro %}
""",
    "dbt_project/models/stg_events.sql": "select 1 as quote_id",
    "dbt_project/models/journey_states.sql": "select 1 as one",
}
_HOLD = """
import sys, duckdb
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Installation:
    """One shop; each call says `ada` did it, for the reason `test`."""

    project: Project
    journal: Journal

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file below dbt_project."""
        file = self.project.dbt_project / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def activate(self) -> str:
        """Make the working tree live; return the release."""
        facts = releases.compile_and_activate(self.project, self.journal, **SIGNED)
        return facts["release_id"]

    def activate_compiled(self, release_id: str) -> dict[str, Any]:
        """Make an earlier release live."""
        return releases.activate_compiled(self.project, self.journal, release_id, **SIGNED)

    def withdraw(
        self, release_id: str | None = None, *, is_forced: bool = False, puts_back: bool = False
    ) -> dict[str, Any]:
        """Withdraw a release, by default the live one."""
        told = {"is_forced": is_forced, "puts_back": puts_back}
        return releases.withdraw(self.project, self.journal, release_id, **told, **SIGNED)

    def card(self, release_id: str) -> str:
        """The hash of the release's card of quote_stalled."""
        with writer(self.project.warehouse) as con:
            (card,) = releases.read_release(con, release_id).cards
        return card.card_hash

    def open_in(self, release_id: str, *steps: str) -> None:
        """Let an instance be open on the release's card in each of these steps."""
        card = self.card(release_id)
        with writer(self.project.warehouse) as con:
            con.execute("insert into raw.windows (window_id, state) values (1, 'committed')")
            con.executemany(
                "insert into main.journey_states (journey, card_hash, step) values (?, ?, ?)",
                [("quote_stalled", card, step) for step in steps],
            )

    def hand_over(self, release_id: str, *message_ids: str) -> None:
        """Hand messages of the release over to the journal, ready to go."""
        self.journal.hand_over(
            [_message(release_id, one) for one in message_ids], checked_at=self.journal.now()
        )

    def claim(self) -> list[str]:
        """Claim what may go now."""
        claimed = claim_once(self.journal, DESTINATION, 100, self.journal.now())
        return [one.message_id for one in claimed]

    def live(self) -> str | None:
        """The live release."""
        return releases.live_release(self.journal.activations())


SIGNED: dict[str, Any] = {"by": "ada", "approved_by": "grace", "reason": "test"}


@contextmanager
def installed(root: Path) -> Generator[Installation]:
    """Write the project, prepare its warehouse and open its journal at `NOON`."""
    write_project(root / "dbt_project")
    for path, text in DBT.items():
        write(root, path, text)
    project = Project(root, root / "baton.duckdb", root / "baton.journal.db", root / "landing")
    with writer(project.warehouse) as con:
        prepare(con, [])
        con.execute("create table main.journey_states (journey text, card_hash text, step text)")
        con.execute("alter table main.journey_states add column status text default 'open'")
    with Journal.open(project.journal) as journal:
        journal.set_simulated_time(NOON)
        yield Installation(project, journal)


@contextmanager
def held_elsewhere(warehouse: Path) -> Generator[None]:
    """Let another process hold the warehouse, as a batch does."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout and holder.stdout.readline() == b"held\n"
    try:
        yield
    finally:
        holder.communicate()


def _message(release_id: str, message_id: str) -> HandedMessage:
    return HandedMessage(
        message_id=message_id,
        candidate_id=f"candidate {message_id}",
        instance_id=f"instance {message_id}",
        journey="quote_stalled",
        action="task_call",
        release_id=release_id,
        card_hash="card",
        node_id=f"node {message_id}",
        person_id=f"person {message_id}",
        contact_point_id=None,
        channel="crm_task",
        destination=DESTINATION,
        message_class="sales",
        brand="main",
        template=None,
        priority=1,
        expires_at=NOON + timedelta(days=2),
    )
