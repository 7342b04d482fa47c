"""`docs/how-to/add_a_source.md` is true: its files are written, and people are decided about."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from pack_yard import NOON, ROOT
from page import follow

from activation.templates import Templates
from activation.wording import faults
from baton import releases
from baton.cards import check_project
from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project

PAGE = ROOT / "docs" / "how-to" / "add_a_source.md"
PEOPLE = {
    "m1": ("Ada", "Ada@example.com", True),
    "m2": ("Bea", "bea@example.com", False),
    "m3": ("Cleo", "cleo@example.com", True),
}


def shop_after_the_page(root: Path) -> Project:
    ignored = shutil.ignore_patterns("target", "logs", "__pycache__")
    for part in ("dbt_project", "activation"):
        shutil.copytree(ROOT / part, root / part, ignore=ignored)
    shutil.copy(ROOT / "profiles.yml", root)
    follow(PAGE.read_text("utf-8"), root)
    (root / "landing").mkdir()
    return Project(root, root / "w.duckdb", root / "journal.db", root / "landing")


def book(
    file: Path, number: int, member: str, booked: datetime, paid: datetime | None = None
) -> None:
    """Write a booking as the studio does, or that it was paid."""
    name, mail, newsletter = PEOPLE[member]
    person = [member, name, mail, None, "en", newsletter]
    state = "paid" if paid else "started"
    values = [number, *person, "Yoga", 40.0, state, booked, paid or booked]
    with duckdb.connect(str(file)) as con:
        con.execute(
            "create table if not exists bookings (booking_no bigint, member_no varchar, "
            "given_name varchar, mail varchar, mobile varchar, speaks varchar, "
            "newsletter boolean, class_name varchar, price double, state varchar, "
            "created timestamp, changed timestamp)"
        )
        con.execute("delete from bookings where booking_no = ?", [number])
        con.execute(f"insert into bookings values ({', '.join('?' * len(values))})", values)


def test_the_check_has_nothing_to_say_of_a_project_after_the_page(tmp_path: Path) -> None:
    project = shop_after_the_page(tmp_path)
    assert check_project(project.dbt_project) == []
    actions = project.dbt_project / "seeds" / "policies" / "actions.csv"
    assert list(faults(actions, Templates(tmp_path / "activation" / "templates"))) == []


@pytest.mark.long
@pytest.mark.timeout(300)
def test_an_unknown_table_becomes_decisions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = tmp_path / "studio.duckdb"
    monkeypatch.setenv("STUDIO_DB", str(studio))
    project = shop_after_the_page(tmp_path)
    batches = MicroBatch(project, DbtProject(project))
    before, entry = NOON - timedelta(hours=3), NOON + timedelta(minutes=5)
    for number, member in enumerate(PEOPLE):
        book(studio, number, member, before)

    with Journal.open(project.journal) as journal:

        def run(minutes: int) -> None:
            now = NOON + timedelta(minutes=minutes)
            journal.set_simulated_time(now)
            batches.run(journal, now=now)

        journal.set_simulated_time(NOON)
        releases.compile_and_activate(
            project, journal, by="me", approved_by="me", reason="remind of unpaid classes"
        )
        run(1)
        for number, member in enumerate(PEOPLE, 10):
            book(studio, number, member, entry)
        run(10)
        book(studio, 12, "m3", entry, paid=NOON + timedelta(minutes=12))
        run(40)

    with duckdb.connect(str(project.warehouse), read_only=True) as con:
        decided = con.execute(
            "select s.correlation_key, d.outcome, d.reason from decisions.decisions as d "
            "inner join journeys.journey_states as s using (instance_id)"
        ).fetchall()
        steps = con.execute(
            "select correlation_key, step from journeys.journey_states order by 1"
        ).fetchall()
    assert {key: (outcome, reason) for key, outcome, reason in decided} == {
        **dict.fromkeys(("0", "1", "2"), ("nothing", "before_activation")),
        "10": ("send", "all_checks_passed"),
        "11": ("suppress", "no_consent"),
    }
    assert dict(steps) == {
        "0": "reminded",
        "1": "reminded",
        "2": "reminded",
        "10": "reminded",
        "11": "reminded",
        "12": "paid",
    }
