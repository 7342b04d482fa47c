"""Who is who in a small warehouse, by which evidence, and what stewards make of it."""

import json
import shutil
from datetime import timedelta

import pytest
from click.testing import CliRunner
from conftest import Built
from small_shop import GO_LIVE

from baton.commands.identity import identity
from baton.commands.identity.erasing import ordered
from baton.errors import Busy, UsageError
from baton.explain import Mask
from baton.identity import conflicts, find_end, of_pair, of_person, overrides, prospect
from baton.identity.masking import masked
from baton.identity.show import conflict_lines, override_line, pair_lines, person_lines
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project
from baton.warehouse import reader, writer

KEY = "a key of the tests that is long enough"
ANN, BEN, CAT, DAN = (f"customer{n}@example.com" for n in range(1, 5))


class Steward:
    """Asks and decides as the commands do, in a copy of the small shop's stores."""

    def __init__(self, built: Built, folder) -> None:
        root, self.dbt, self.hours = built.project.root, built.dbt, 5
        for name in ("shop.duckdb", "shop.journal.db"):
            shutil.copy(root / name, folder)
        shutil.copytree(built.project.landing, folder / "landing")
        self.project = Project(
            root, folder / "shop.duckdb", folder / "shop.journal.db", folder / "landing"
        )

    def pair(self, one: str, other: str):
        with reader(self.project.warehouse) as con, Journal.open(self.project.journal) as journal:
            return of_pair(con, self.dbt, journal, one, other)

    def person(self, asked: str):
        with reader(self.project.warehouse) as con, Journal.open(self.project.journal) as journal:
            return of_person(con, self.dbt, journal, asked)

    def overrides(self):
        with reader(self.project.warehouse) as con, Journal.open(self.project.journal) as journal:
            return overrides(con, self.dbt, journal)

    def conflicts(self):
        with reader(self.project.warehouse) as con:
            return conflicts(con, self.dbt)

    def prospect(self, kind, one: str, other: str):
        with reader(self.project.warehouse) as con, Journal.open(self.project.journal) as journal:
            ends = find_end(con, self.dbt, one), find_end(con, self.dbt, other)
            return prospect(con, self.dbt, journal, kind, ends)

    def decide(self, kind, one: str, other: str, reason: str):
        wish = self.prospect(kind, one, other).wish
        with Journal.open(self.project.journal) as journal:
            return journal.overrides.decide(wish, reason=reason, by="zoe")

    def batch(self) -> None:
        self.hours += 1
        with Journal.open(self.project.journal) as journal:
            at = GO_LIVE + timedelta(hours=self.hours)
            journal.set_simulated_time(at)
            MicroBatch(self.project, self.dbt).run(journal, now=at)

    def id_of(self, asked: str) -> str:
        return self.person(asked)["person_id"]

    def people(self) -> int:
        return self.ask(f"select count(*) from {self.dbt.relation('customers')}")[0][0]

    def ask(self, sql: str):
        with reader(self.project.warehouse) as con:
            return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def shop(built, tmp_path_factory):
    """The small shop, in which these tests only ask."""
    return Steward(built, tmp_path_factory.mktemp("stewards"))


def test_the_same_person_is_explained_by_a_path_of_records(shop):
    story = shop.pair(ANN.upper(), "a1")
    assert story["verdict"] == "same_person"
    first, last = story["path"][0], story["path"][-1]
    ends = [one["value"] for edge in (first, last) for one in (edge["one"], edge["other"])]
    assert {ANN, "a1"} <= set(ends)
    assert all(edge["status"] == "accepted" and edge["evidence_count"] for edge in story["path"])
    assert (story["refused"], story["decisions"]) == ([], [])


def test_two_persons_without_a_record_that_names_both_have_no_path(shop):
    story = shop.pair(CAT, DAN)
    assert (story["verdict"], story["path"], story["refused"]) == ("no_evidence", [], [])
    assert "Two persons: no record links one to the other" in list(pair_lines(story))


def test_two_persons_whom_a_shared_browser_does_not_join_are_told_by_what_is_refused(shop):
    story = shop.pair(ANN, BEN)
    assert story["verdict"] == "kept_apart"
    [refused] = story["refused"]
    assert {refused["one"]["value"], refused["other"]["value"]} == {"a2", "u1"}
    assert (refused["status"], refused["reason"]) == ("rejected", "cardinality")
    assert refused in story["path"]
    assert "REFUSED, it belongs to another account" in "\n".join(pair_lines(story))


def test_a_person_is_explained_with_all_identifiers_and_what_links_them(shop):
    story = shop.person("u3")
    known = {one["value"] for one in story["identifiers"]}
    assert known >= {"u3", "a3", CAT}
    [oldest] = [one for one in story["identifiers"] if one["gives_id"]]
    assert oldest["person_id"] == story["person_id"]
    linked = {edge[end]["value"] for edge in story["edges"] for end in ("one", "other")}
    assert linked >= known
    assert shop.person(story["person_id"]) == story
    assert shop.person("user:u3") == story


def test_no_value_is_shown_that_is_masked(shop):
    story = masked(shop.person(ANN), Mask())
    told = "\n".join(person_lines(story)) + json.dumps(story, default=str)
    assert ANN not in told
    assert "c***@example.com" in told


def test_conflicts_say_what_to_do_next(shop):
    [conflict] = shop.conflicts()
    assert (conflict["kind"], conflict["identifier"]["value"]) == ("equal_evidence", "a2")
    assert "  next: `explain` it" in "\n".join(conflict_lines([conflict]))


def test_it_is_told_what_a_decision_would_do(shop):
    today = {shop.id_of(CAT), shop.id_of(DAN)}
    merged = shop.prospect("force", CAT, DAN)
    assert (merged.effect, len(merged.person_ids)) == ("merge", 1)
    assert set(merged.person_ids) < today
    assert len(merged.wish.along) == 1, "the users, of which a person has one"
    kept = shop.prospect("never", CAT, DAN)
    assert (kept.effect, set(kept.person_ids)) == ("none", today)
    split = shop.prospect("never", "u3", "a3")
    assert (split.effect, len(split.person_ids)) == ("split", 2)
    assert shop.overrides() == []


def test_who_is_not_known_is_refused_without_repeating_the_name(shop):
    with pytest.raises(UsageError, match="nobody is known") as error:
        shop.pair(ANN, "nobody@example.com")
    assert "nobody@" not in str(error.value)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_people_are_merged_separated_and_left_to_the_records_again(built, tmp_path):
    shop = Steward(built, tmp_path)
    before, people = (shop.id_of(CAT), shop.id_of(DAN)), shop.people()
    shop.decide("force", CAT, DAN, "showed a passport")
    assert all("next batch" in override_line(one) for one in shop.overrides())
    shop.batch()
    assert shop.id_of(CAT) == shop.id_of(DAN)
    assert shop.id_of(CAT) in before
    assert shop.people() == people - 1
    story = shop.pair(CAT, DAN)
    assert (story["verdict"], [edge["rule"] for edge in story["path"]]) == (
        "same_person",
        ["force"],
    )
    assert all(one["is_taken_in"] for one in story["decisions"])
    decided = [one for one in shop.person(CAT)["changes"] if one["kind"] == "override"]
    assert {(one["decided_by"], one["reason"]) for one in decided} == {("zoe", "showed a passport")}

    shop.decide("never", *before, "two brothers")
    shop.batch()
    assert (shop.id_of(CAT), shop.id_of(DAN)) == before
    assert shop.people() == people
    story = shop.pair(CAT, DAN)
    assert story["verdict"] == "kept_apart"
    assert [(one["kind"], one["reason"]) for one in story["decisions"]] == [
        ("never", "two brothers")
    ]
    assert "split" in [one["kind"] for one in shop.person(DAN)["changes"]]

    shop.decide("lifted", *before, "leave it to the records")
    shop.batch()
    assert (shop.id_of(CAT), shop.id_of(DAN)) == before
    assert shop.overrides() == []


class HeldJournal:
    """A journal that looks, at the time of an order, whether a batch could begin."""

    def __init__(self, journal, warehouse) -> None:
        self._journal, self._warehouse = journal, warehouse
        self.orders = []

    def __getattr__(self, name: str):
        return self if name == "erasures" else getattr(self._journal, name)

    def told(self, *given):
        return self._journal.erasures.told(*given)

    def order(self, order, **_):
        with pytest.raises(Busy), writer(self._warehouse):
            pass
        self.orders.append(order)


def test_no_batch_links_anybody_between_the_finding_and_the_ordering_of_an_erasure(built, tmp_path):
    shop = Steward(built, tmp_path)
    with Journal.open(shop.project.journal) as journal:
        held = HeldJournal(journal, shop.project.warehouse)
        ordered(shop.project, shop.dbt, held, ANN, reason="asked for it", by="zoe")
        with writer(shop.project.warehouse):
            assert len(held.orders) == 1


@pytest.mark.long
@pytest.mark.timeout(600)
def test_who_was_erased_is_joined_to_nobody_when_they_come_back(built, tmp_path, monkeypatch):
    shop = Steward(built, tmp_path)
    for name, value in (("BATON_ERASURE_KEY", KEY), ("BATON_LANDING", str(tmp_path / "landing")),
                        ("BATON_WAREHOUSE", str(shop.project.warehouse)),
                        ("BATON_JOURNAL", str(shop.project.journal))):  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(shop.project.root)
    shop.decide("never", CAT, DAN, "two brothers")
    shop.batch()
    call("link", ANN, DAN, "--reason", "one person", "--by", "zoe")
    facts = call("erase", ANN, "--reason", "asked for it", "--by", "zoe")
    assert facts["is_done"]
    assert [one["kind"] for one in call("overrides")["overrides"]] == ["never"]
    back = {"event_id": "back", "event": "login", "email": ANN, "user_id": "new",
            "occurred_at": (GO_LIVE + timedelta(hours=7)).isoformat()}  # fmt: skip
    (tmp_path / "landing" / "web" / "events-back.jsonl").write_text(json.dumps(back) + "\n")
    shop.hours = 7
    shop.batch()
    assert shop.id_of(ANN) not in facts["person_ids"]
    assert shop.id_of(ANN) != shop.id_of(DAN)
    assert len(shop.person(ANN)["identifiers"]) == 2


def call(*arguments: str):
    result = CliRunner().invoke(identity, [*arguments, "--json"], catch_exceptions=False)
    return json.loads(result.output)
