"""Packs in the whole project: from tables that loaders filled to signals, guards and people."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from loaded_rows import NOON, TABLES, at
from pack_yard import ROOT, write_table

from baton import releases
from baton.audit.sealing import Sealer
from baton.commands.identity.erasing import planned
from baton.dbt_runner import DbtProject
from baton.erasing import finish
from baton.errors import Refused, UsageError
from baton.identity import overrides
from baton.intake import sources_from_manifest
from baton.journal import Journal
from baton.micro_batch import Batch, MicroBatch
from baton.project import Project
from baton.tombstones import VARIABLE
from baton.warehouse import reader, writer

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
VARIABLES = """
vars:
  packs: [hubspot, zendesk, segment]
  segment_schema: events
  segment_events: [events.quote_started]
  zendesk_database: {database}
"""


CONTACTS = (
    {"id": 61, "property_email": "ada@example.com", "property_lastmodifieddate": at(0)},
    {"id": 62, "property_email": "ada.old@example.com", "property_lastmodifieddate": at(0)},
    {"id": 63, "property_email": "ben@example.com", "property_lastmodifieddate": at(0)},
)
ADAS = ("ada@example.com", "ada.old@example.com", "+442079460001", "browser1", "phone-of-ada")


class Shop:
    """The whole project over a warehouse that Segment and HubSpot's loader fill; Zendesk's has a
    file of its own."""

    def __init__(self, project: Project, dbt: DbtProject, journal: Journal) -> None:
        self.project = project
        self.desk = project.root / "desk.duckdb"
        self.batches = MicroBatch(project, dbt)
        self.journal = journal

    def copied(self, folder: Path, journal: Journal) -> "Shop":
        """The same stores and the same project; the file of the desk is not copied."""
        project = replace(
            self.project, warehouse=folder / "w.duckdb", journal=folder / "journal.db"
        )
        return Shop(project, self.batches.dbt, journal)

    def write(self, file: Path, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        with duckdb.connect(str(file)) as con:
            write_table(con, table, rows)

    def sync(self, minute: int, merged: str | None) -> None:
        """HubSpot's loader writes all contacts; the first names those that were merged into it."""
        first, *others = ({**one, "_fivetran_synced": at(minute)} for one in CONTACTS)
        told = {**first, "property_hs_merged_object_ids": merged}
        self.write(self.project.warehouse, "hubspot.contact", [told, *others])

    def run(self, minutes: int, *, full_refresh: bool = False) -> Batch:
        now = NOON + timedelta(minutes=minutes)
        self.journal.set_simulated_time(now)
        return self.batches.run(self.journal, now=now, full_refresh=full_refresh)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.project.warehouse), read_only=True) as con:
            return con.execute(sql).fetchall()

    def overrides(self) -> list[dict[str, Any]]:
        with reader(self.project.warehouse) as con:
            return overrides(con, self.batches.dbt, self.journal)

    def person(self, value: str) -> str:
        [(person_id,)] = self.ask(
            "select m.person_id from identity.identity_map as m "
            f"inner join identity.nodes as n using (node_id) where n.node_value = '{value}'"
        )
        return person_id

    def places_of(self, values: Sequence[str]) -> dict[str, list[str]]:
        """Where in the warehouse one of the values stands; not in the loaders' own tables, nor in
        the text of the project."""
        tables = self.ask(
            "select schema_name, table_name from duckdb_tables() where not temporary "
            "and schema_name not in ('events', 'hubspot') and table_name <> 'built_files'"
        )
        found = dict[str, list[str]]()
        for schema, name in tables:
            rows = self.ask(f'select lower(t::varchar) from "{schema}"."{name}" as t')
            text = "\n".join(row for (row,) in rows)
            if hits := [one for one in values if one in text]:
                found[f"{schema}.{name}"] = hits
        return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """After two batches: the first has Ada's visit and her quote, the second her ticket and the
    contacts that were merged."""
    root = tmp_path_factory.mktemp("shop")
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(ROOT / "dbt_project", root / "dbt_project", ignore=ignored)
    shutil.copy(ROOT / "profiles.yml", root)
    settings = root / "dbt_project" / "dbt_project.yml"
    text = settings.read_text("utf-8") + VARIABLES.format(database=root / "desk.duckdb")
    settings.write_text(text, "utf-8")
    project = Project(root, root / "w.duckdb", root / "journal.db", root / "landing")
    project.landing.mkdir()
    with Journal.open(root / "journal.db") as journal:
        made = Shop(project, DbtProject(project), journal)
        journal.set_simulated_time(NOON)
        releases.compile_and_activate(
            project, journal, by="test", approved_by="test", reason="first release"
        )
        for name in ("identifies", "tracks", "pages", "quote_started"):
            made.write(made.project.warehouse, f"events.{name}", TABLES[f"segment.{name}"])
        made.run(30)
        for name in ("zendesk.user", "zendesk.ticket"):
            made.write(made.desk, name, TABLES[name])
        made.sync(80, merged="62")
        made.run(90)
        yield made


@pytest.fixture
def copy(shop: Shop, tmp_path: Path) -> Iterator[Shop]:
    for one in (shop.project.warehouse, *shop.project.root.glob("journal.db*")):
        shutil.copy(one, tmp_path)
    with Journal.open(tmp_path / "journal.db") as journal:
        yield shop.copied(tmp_path, journal)


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
        "group by m.person_id having count(*) > 2"
    )
    [(ada,)] = people
    assert {
        "user u1",
        "anonymous browser1",
        "email ada@example.com",
        "phone +442079460001",
        "zendesk_user 71",
        "device phone-of-ada",
        "hubspot_contact 61",
        "hubspot_contact 62",
        "email ada.old@example.com",
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
    assert fields["email"] == "hubspot"


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
    shop.run(91, full_refresh=True)
    assert [sorted(shop.ask(one), key=repr) for one in tables] == before


def test_a_merge_that_the_source_takes_back_parts_the_two_as_a_full_build_does(copy: Shop) -> None:
    persons = "select node_id, person_id from identity.identity_map order by all"
    old = "ada.old@example.com"
    assert copy.person(old) == copy.person("ada@example.com")
    assert [one["decided_by"] for one in copy.overrides()] == ["hubspot"]
    copy.sync(140, merged=None)
    copy.run(150)
    assert copy.overrides() == []
    assert copy.person(old) == copy.person("62") != copy.person("ada@example.com")
    changes = copy.ask(
        "select kind, rule, reason, decided_by from identity.identity_changes "
        "where decided_by = 'hubspot' order by all"
    )
    assert changes == [
        ("override", "force", "merged_in_source", "hubspot"),
        ("override", "lifted", "merged_in_source", "hubspot"),
        ("split", "force", "withdrawn", "hubspot"),
    ]
    in_batches = copy.ask(persons)
    copy.run(151, full_refresh=True)
    assert copy.ask(persons) == in_batches


def test_an_erased_person_is_in_no_table_and_what_loaders_say_again_is_dropped(
    copy: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "an erasure key of the tests, long enough")
    dbt, journal, project = copy.batches.dbt, copy.journal, copy.project
    held = copy.places_of(ADAS)
    raw = {"segment_identifies", "segment_tracks", "zendesk_user", "hubspot_contact"}
    assert {f"raw.{one}" for one in raw} <= held.keys()
    with reader(project.warehouse) as con:
        order, rows = planned(con, project, dbt, journal, "ada@example.com")
    assert rows.keys() >= {"int_identity__merges", "raw.zendesk_ticket"}
    journal.erasures.order(order, reason="asked for it", by="test")
    sources = sources_from_manifest(dbt.source_nodes)
    with writer(project.warehouse) as con:
        burial = Sealer(dbt).burial(con, journal)
        finish(con, journal, dbt, sources, project.landing, burial=burial)
    assert copy.places_of(ADAS) == {}
    assert not copy.ask("select 1 from raw.zendesk_ticket where requester_id = '71'")

    copy.sync(140, merged="62")
    assert copy.run(150).window.counts.rows_erased == 2
    assert copy.places_of(ADAS) == {}
    copy.run(151, full_refresh=True)
    assert copy.places_of(ADAS) == {}
    assert copy.person("ben@example.com") == copy.person("63")


@pytest.fixture
def without_packs(shop: Shop) -> Iterator[DbtProject]:
    """The project as it reads once all packs were switched off."""
    settings = shop.project.dbt_project / "dbt_project.yml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("packs: [hubspot, zendesk, segment]", "packs: []"), "utf-8")
    yield DbtProject(shop.project)
    settings.write_text(text, "utf-8")


def test_an_erasure_reaches_what_packs_left_that_were_switched_off(
    copy: Shop, without_packs: DbtProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "an erasure key of the tests, long enough")
    journal, project, dbt = copy.journal, copy.project, without_packs
    sources = sources_from_manifest(dbt.source_nodes)
    assert not {one.name for one in sources} & {"hubspot", "zendesk", "segment"}
    merges = "select count(*) from identity.int_identity__merges"
    assert copy.ask(merges) == [(1,)]
    with reader(project.warehouse) as con:
        order, rows = planned(con, project, dbt, journal, "ada@example.com")
    assert rows.keys() >= {"int_identity__merges", "raw.zendesk_ticket", "raw.segment_tracks"}
    journal.erasures.order(order, reason="asked for it", by="test")
    with writer(project.warehouse) as con:
        burial = Sealer(dbt).burial(con, journal)
        finish(con, journal, dbt, sources, project.landing, burial=burial)
    assert copy.places_of(ADAS) == {}
    assert copy.ask(merges) == [(0,)]
    assert not copy.ask("select 1 from raw.zendesk_ticket where requester_id = '71'")


@pytest.fixture
def renaming(shop: Shop) -> Iterator[None]:
    """Signals know what Segment calls `quote_started` by another name, as long as this lasts."""
    settings = shop.project.dbt_project / "dbt_project.yml"
    text = settings.read_text("utf-8")
    settings.write_text(f"{text}  event_names: {{quote_started: quote_begun}}\n", "utf-8")
    yield
    settings.write_text(text, "utf-8")


@pytest.mark.usefixtures("renaming")
def test_other_names_of_events_are_rules_that_act_once_activated(copy: Shop) -> None:
    heard = "select count(*) from journeys.signals where signal = 'quote_started'"
    copy.batches = MicroBatch(copy.project)
    with pytest.raises(Refused, match="signal quote_started"):
        copy.run(140)
    assert copy.ask(heard) == [(1,)]
    releases.compile_and_activate(
        copy.project, copy.journal, by="test", approved_by=None, reason="other names"
    )
    copy.run(141)
    assert copy.ask(heard) == [(0,)]


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
