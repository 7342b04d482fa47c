"""Two packs in the whole project: from tables that loaders filled to signals, guards and people."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from loaded_rows import NOON, TABLES, at
from pack_yard import ROOT, write_table

from baton import releases
from baton.dbt_runner import DbtProject
from baton.errors import UsageError
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
VARIABLES = """
vars:
  packs: [zendesk, segment]
  segment_schema: events
  segment_events: [events.quote_started]
  zendesk_database: {database}
"""


class Shop:
    """The whole project over a warehouse that Segment fills, and a file of Zendesk's loader."""

    def __init__(self, root: Path, journal: Journal) -> None:
        shutil.copytree(
            ROOT / "dbt_project",
            root / "dbt_project",
            ignore=shutil.ignore_patterns("target", "logs"),
        )
        shutil.copy(ROOT / "profiles.yml", root)
        self.desk = root / "desk.duckdb"
        settings = root / "dbt_project" / "dbt_project.yml"
        text = settings.read_text("utf-8") + VARIABLES.format(database=self.desk)
        settings.write_text(text, "utf-8")
        self.project = Project(root, root / "w.duckdb", root / "journal.db", root / "landing")
        self.project.landing.mkdir()
        self.batches = MicroBatch(self.project, DbtProject(self.project))
        self.journal = journal
        self.journal.set_simulated_time(NOON)
        releases.compile_and_activate(
            self.project, self.journal, by="test", approved_by="test", reason="first release"
        )

    def write(self, file: Path, table: str, rows: list[dict[str, object]]) -> None:
        with duckdb.connect(str(file)) as con:
            write_table(con, table, rows)

    def run(self, minutes: int) -> None:
        now = NOON + timedelta(minutes=minutes)
        self.journal.set_simulated_time(now)
        self.batches.run(self.journal, now=now)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.project.warehouse), read_only=True) as con:
            return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """After two batches: the first has Ada's visit and her quote, the second her ticket."""
    root = tmp_path_factory.mktemp("shop")
    with Journal.open(root / "journal.db") as journal:
        made = Shop(root, journal)
        for name in ("identifies", "tracks", "pages", "quote_started"):
            made.write(made.project.warehouse, f"events.{name}", TABLES[f"segment.{name}"])
        made.run(30)
        for name in ("zendesk.user", "zendesk.ticket"):
            made.write(made.desk, name, TABLES[name])
        made.run(90)
        yield made


def test_an_event_of_a_pack_is_a_signal_with_its_key(shop: Shop) -> None:
    rows = shop.ask(
        "select signal, correlation_key, occurred_at from journeys.signals "
        "where signal in ('quote_started', 'help_viewed', 'product_viewed') order by all"
    )
    assert rows == [("help_viewed", None, at(5)), ("quote_started", "q1", at(2))]


def test_what_two_packs_know_of_one_person_is_one_person(shop: Shop) -> None:
    people = shop.ask(
        "select list(distinct n.node_type || ' ' || n.node_value) "
        "from identity.identity_map as m inner join identity.nodes as n using (node_id) "
        "group by m.person_id having count(*) > 1"
    )
    [(ada,)] = people
    assert {
        "user u1",
        "anonymous browser1",
        "email ada@example.com",
        "phone +442079460001",
        "zendesk_user 71",
        "device phone-of-ada",
    } <= set(ada)


def test_the_profile_takes_the_fields_of_packs_by_their_trust(shop: Shop) -> None:
    fields = dict(
        shop.ask(
            "select field, source from profiles.customer_fields "
            "where person_id = (select person_id from profiles.customers where first_name = 'Ada')"
        )
    )
    assert fields["first_name"] == "segment"
    assert fields["language"] == "segment"
    assert fields["email"] in {"segment", "web"}


def test_a_ticket_holds_the_guard_for_whoever_asked(shop: Shop) -> None:
    held = shop.ask(
        "select m.person_id from journeys.guards as g "
        "inner join identity.identity_map as m using (node_id) "
        "where g.guard = 'open_case' and g.subject_key = 'zendesk:801' and g.until > g.since"
    )
    waiting = shop.ask(
        "select person_id from journeys.journey_states "
        "where journey = 'quote_stalled' and step = 'waiting'"
    )
    assert held == waiting != []


def test_who_unsubscribed_at_a_mailing_tool_is_heard(shop: Shop) -> None:
    said = shop.ask(
        "select distinct purpose, is_granted from consent.consent_statements "
        "where origin = 'provider' order by all"
    )
    assert said == [("marketing", False), ("sales", False)]


def test_a_full_build_says_the_same_as_the_batches(shop: Shop) -> None:
    tables = (
        "select source_model, node_id, hub_node_id, observed_at from identity.observations",
        "select field, value, source from profiles.customer_fields",
        "select guard, subject_key, since, until from journeys.guards",
        "select signal_id, correlation_key, occurred_at from journeys.signals",
    )
    before = [sorted(shop.ask(one), key=repr) for one in tables]
    shop.batches.run(shop.journal, now=NOON + timedelta(minutes=91), full_refresh=True)
    assert [sorted(shop.ask(one), key=repr) for one in tables] == before


def test_the_unit_tests_of_packs_hold(staged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_WAREHOUSE", str(staged.project.warehouse))
    arguments = ["test", "--select", "path:models/staging/packs", "--threads", "1"]
    arguments += ["--project-dir", str(staged.project.dbt_project)]
    arguments += ["--profiles-dir", str(staged.project.root), "--log-level", "none"]
    result = dbtRunner(manifest=staged.dbt.manifest).invoke(arguments)
    assert result.exception is None
    outcomes = {one.node.name: (str(one.status), one.message) for one in result.result}
    assert len(outcomes) == 6
    assert {status for status, _ in outcomes.values()} == {"pass"}, outcomes


@pytest.mark.parametrize(
    ("given", "said"),
    [("[segment, hubspt]", "names `hubspt`"), ("segment", "packs is a text")],
)
def test_a_pack_that_is_none_stops_the_parse(tmp_path: Path, given: str, said: str) -> None:
    shutil.copytree(ROOT / "dbt_project" / "macros", tmp_path / "dbt_project" / "macros")
    shutil.copytree(
        ROOT / "dbt_project" / "models" / "staging",
        tmp_path / "dbt_project" / "models" / "staging",
    )
    shutil.copy(ROOT / "profiles.yml", tmp_path)
    settings = (ROOT / "dbt_project" / "dbt_project.yml").read_text("utf-8")
    (tmp_path / "dbt_project" / "dbt_project.yml").write_text(
        f"{settings}\nvars:\n  packs: {given}\n", "utf-8"
    )
    project = Project(tmp_path, tmp_path / "w.duckdb", tmp_path / "j.db", tmp_path / "landing")
    with pytest.raises(UsageError, match=said):
        _ = DbtProject(project).manifest
