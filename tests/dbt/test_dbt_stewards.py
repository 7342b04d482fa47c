"""What the commands of `baton identity` tell of a small warehouse, and what stewards can decide."""

import json
import shutil
from datetime import timedelta

import pytest
from click.testing import CliRunner
from conftest import Built
from small_shop import GO_LIVE

from baton.commands.identity import identity
from baton.journal import Journal
from baton.micro_batch import MicroBatch
from baton.project import Project
from baton.warehouse import reader

KEY = "a key of the tests that is long enough"


@pytest.fixture
def shop(built, tmp_path, monkeypatch):
    """The small shop with stores of its own, as commands find it."""
    return Steward(built, tmp_path, monkeypatch)


class Steward:
    """Calls commands, runs batches, and asks who is who."""

    def __init__(self, built: Built, folder, monkeypatch) -> None:
        own = {"BATON_WAREHOUSE": "shop.duckdb", "BATON_JOURNAL": "shop.journal.db"}
        for variable, name in own.items():
            shutil.copy(built.project.root / name, folder)
            monkeypatch.setenv(variable, str(folder / name))
        shutil.copytree(built.project.landing, folder / "landing")
        monkeypatch.setenv("BATON_LANDING", str(folder / "landing"))
        monkeypatch.setenv("BATON_ERASURE_KEY", KEY)
        monkeypatch.chdir(built.project.root)
        root = built.project.root
        self.project = Project(
            root, folder / "shop.duckdb", folder / "shop.journal.db", folder / "landing"
        )
        self.dbt, self.hours = built.dbt, 5

    def call(self, *arguments: str, code: int = 0):
        result = CliRunner().invoke(identity, [*arguments, "--json"])
        if code:
            assert result.exception is not None
            return result.exception
        assert result.exception is None, result.output
        return json.loads(result.output)

    def text(self, *arguments: str) -> str:
        result = CliRunner().invoke(identity, arguments)
        assert result.exception is None, result.output
        return result.output

    def batch(self) -> None:
        self.hours += 1
        with Journal.open(self.project.journal) as journal:
            at = GO_LIVE + timedelta(hours=self.hours)
            journal.set_simulated_time(at)
            MicroBatch(self.project, self.dbt).run(journal, now=at)

    def ask(self, sql: str):
        with reader(self.project.warehouse) as con:
            return con.execute(sql).fetchall()

    def person(self, value: str) -> str:
        [row] = self.ask(
            f"select m.person_id from {self.dbt.relation('nodes')} as n "
            f"join {self.dbt.relation('identity_map')} as m on n.node_id = m.node_id "
            f"where n.node_value = '{value}'"
        )
        return row[0]


ANN, BEN, CAT, DAN = (f"customer{n}@example.com" for n in range(1, 5))


def test_the_same_person_is_explained_by_a_path_of_records(shop):
    story = shop.call("explain", ANN.upper(), "a1", "--unmask")
    assert story["verdict"] == "same_person"
    first, last = story["path"][0], story["path"][-1]
    ends = [one["value"] for edge in (first, last) for one in (edge["one"], edge["other"])]
    assert {ANN, "a1"} <= set(ends)
    assert all(edge["status"] == "accepted" and edge["evidence_count"] for edge in story["path"])
    assert (story["refused"], story["decisions"]) == ([], [])


def test_two_persons_without_a_record_that_names_both_have_no_path(shop):
    story = shop.call("explain", CAT, DAN)
    assert (story["verdict"], story["path"], story["refused"]) == ("no_evidence", [], [])
    assert "no record links one to the other" in shop.text("explain", CAT, DAN)


def test_two_persons_whom_a_shared_browser_does_not_join_are_told_by_what_is_refused(shop):
    story = shop.call("explain", ANN, BEN, "--unmask")
    assert story["verdict"] == "kept_apart"
    [refused] = story["refused"]
    assert {refused["one"]["value"], refused["other"]["value"]} == {"a2", "u1"}
    assert (refused["status"], refused["reason"]) == ("rejected", "cardinality")
    assert refused in story["path"]
    assert "REFUSED, it belongs to another account" in shop.text("explain", ANN, BEN)


def test_values_are_masked_unless_they_are_asked_for(shop):
    told = shop.text("explain", ANN) + json.dumps(shop.call("explain", ANN))
    assert ANN not in told
    assert "c***@example.com" in told
    assert ANN in shop.text("explain", ANN, "--unmask")


def test_a_person_is_explained_with_all_identifiers_and_what_links_them(shop):
    story = shop.call("explain", "u3", "--unmask")
    known = {one["value"] for one in story["identifiers"]}
    assert known >= {"u3", "a3", CAT}
    [oldest] = [one for one in story["identifiers"] if one["gives_id"]]
    assert oldest["person_id"] == story["person_id"]
    linked = {edge[end]["value"] for edge in story["edges"] for end in ("one", "other")}
    assert linked >= known
    assert shop.call("explain", story["person_id"], "--unmask") == story


def test_a_dry_run_tells_what_a_decision_would_do_and_decides_nothing(shop):
    today = sorted([shop.person(CAT), shop.person(DAN)])
    asked = (CAT, DAN, "--reason", "try", "--dry-run")
    merged = shop.call("link", *asked)
    assert merged["person_ids_today"] == today
    assert len(merged["person_ids_expected"]) == 1
    assert set(merged["person_ids_expected"]) < set(today)
    assert shop.call("separate", *asked)["effect"].startswith("they are two persons already")
    split = shop.call("separate", "u3", "a3", "--reason", "try", "--dry-run")
    assert len(split["person_ids_expected"]) == 2
    assert shop.call("overrides") == {"overrides": []}


@pytest.mark.parametrize(
    "arguments",
    [
        ("link", ANN, ANN.upper(), "--reason", "same identifier"),
        ("link", ANN, "nobody@example.com", "--reason", "unknown"),
        ("lift", ANN, BEN, "--reason", "nothing stands"),
        ("separate", ANN, BEN, "--reason", " "),
        ("explain", ANN, "nobody@example.com"),
    ],
)
def test_nonsense_is_refused_with_a_mend(shop, arguments):
    error = shop.call(*arguments, code=2)
    assert error.exit_code == 2
    assert error.mend
    assert ANN not in str(error)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_people_are_merged_separated_and_left_to_the_records_again(shop):
    before = shop.person(CAT), shop.person(DAN)
    profiles = f"select count(*) from {shop.dbt.relation('customers')}"
    [(people,)] = shop.ask(profiles)
    shop.call("link", CAT, DAN, "--reason", "showed a passport", "--by", "zoe")
    assert "the next batch takes it in" in shop.text("overrides")
    shop.batch()
    assert shop.person(CAT) == shop.person(DAN) == min(before, key=_age(shop))
    print(shop.ask(f"select person_id from {shop.dbt.relation('customers')} order by 1"), shop.ask(f"select kind, from_person_id, to_person_id from {shop.dbt.relation('identity_changes')}"), before, shop.ask(f"select person_id, count(*) from {shop.dbt.relation('identity_map')} group by 1 order by 1"))
    assert shop.ask(profiles) == [(people - 1,)]
    story = shop.call("explain", CAT, DAN)
    assert (story["verdict"], [edge["rule"] for edge in story["path"]]) == ("same_person", ["force"])
    assert story["decisions"][0]["is_taken_in"]
    decided = [one for one in shop.call("explain", CAT)["changes"] if one["kind"] == "override"]
    assert [(one["decided_by"], one["reason"]) for one in decided] == [("zoe", "showed a passport")]

    shop.call("separate", *before, "--reason", "two brothers", "--by", "zoe")
    shop.batch()
    assert (shop.person(CAT), shop.person(DAN)) == before
    assert shop.ask(profiles) == [(people,)]
    story = shop.call("explain", CAT, DAN)
    assert story["verdict"] == "kept_apart"
    assert [(one["kind"], one["reason"]) for one in story["decisions"]] == [("never", "two brothers")]
    kinds = [one["kind"] for one in shop.call("explain", DAN)["changes"]]
    assert kinds.count("override") == 2
    assert kinds.count("split") == 1

    shop.call("lift", CAT, DAN, "--reason", "leave it to the records")
    shop.batch()
    assert (shop.person(CAT), shop.person(DAN)) == before
    assert shop.call("overrides") == {"overrides": []}


def _age(shop):
    seen = dict(
        shop.ask(f"select minted_person_id, node_seq from {shop.dbt.relation('nodes')}")
    )
    return seen.__getitem__
