"""Records about people who were erased: counted, kept nowhere, gone from the files too."""

from dataclasses import replace
from datetime import timedelta

import duckdb
import pyarrow.parquet as pq
import pytest
from landing_yard import NOON, Yard, columns

from baton.erasing import blank_landed, landed, left_to_blank, mend_of
from baton.erasing.said import says
from baton.intake import Source, commit_window, take_in
from baton.intake.source import PhoneRegion
from baton.tombstones import ErasureKey, Identifier, Tombstone, Tombstones

KEY = ErasureKey("a key of the tests that is long enough")
ERASED_AT = NOON - timedelta(hours=1)
BEFORE, AFTER = ERASED_AT - timedelta(hours=1), ERASED_AT + timedelta(minutes=30)
GONE = "gone@mail.example"

VISITS = Source(
    name="web",
    table="visits",
    relation="raw.web_visits",
    columns=columns(visit_id="varchar", email="varchar", words="varchar", at="timestamp"),
    mode="append",
    key=("visit_id",),
    occurred_at="at",
    required=("at",),
    identifiers=(("email", ("email",)),),
    brings_back=True,
)
PEOPLE = replace(
    VISITS,
    table="people",
    relation="raw.web_people",
    mode="upsert",
    key=("visit_id",),
    brings_back=False,
)
CARDS = Source(
    name="crm",
    table="cards",
    relation="raw.crm_cards",
    columns=columns(card_id="varchar", contact="varchar", words="varchar"),
    mode="snapshot",
    key=("card_id",),
    max_deleted_share=1.0,
    identifiers=(("contact", ("email", "phone")),),
    phone_region=PhoneRegion(otherwise="US"),
)
ADDS_UP = """
select bool_and(rows_read = rows_loaded + rows_unchanged + rows_duplicate + rows_quarantined
    + rows_erased), sum(rows_erased) from raw.deliveries
"""


def stones(returned_at=None, *identifiers):
    known = identifiers or (Identifier("email", GONE), Identifier("phone", "+12125550100"))
    return Tombstones(
        KEY, {KEY.hash(one): Tombstone("e1", ERASED_AT, returned_at) for one in known}
    )


def visit(number, email, at=BEFORE, **more):
    return {"visit_id": f"v{number}", "email": email, "words": "hello", "at": at.isoformat()} | more


class Graveyard(Yard):
    """A yard in which one person was erased."""

    def __init__(self, folder):
        super().__init__(folder, (VISITS, PEOPLE, CARDS))
        self.tombstones = stones()
        self.hour = 0

    def batch(self):
        counts = self.take_in()
        self.blank()
        return counts

    def take_in(self):
        self.hour += 1
        window = take_in(
            self.con,
            landing=self.landing,
            sources=self.sources,
            feeds=(),
            now=NOON + timedelta(hours=self.hour),
            tombstones=self.tombstones,
        )
        commit_window(self.con, window, at=NOON)
        return window.counts

    def blank(self, *, everywhere=False):
        return blank_landed(
            self.con, self.landing, self.sources, self.tombstones, everywhere=everywhere
        )


@pytest.fixture
def yard(tmp_path):
    return Graveyard(tmp_path)


def test_a_record_about_an_erased_person_is_counted_and_kept_nowhere(yard):
    rows = [visit(1, f" {GONE.upper()} "), visit(2, "other@mail.example"), visit(3, None)]
    file = yard.jsonl("web/visits-1.jsonl", rows)
    counts = yard.batch()
    assert (counts.rows_read, counts.rows_loaded, counts.rows_erased) == (3, 2, 1)
    assert yard.one(ADDS_UP) == (True, 1)
    assert yard.ask("select visit_id from raw.web_visits order by 1") == [("v2",), ("v3",)]
    assert GONE.upper() not in file.read_text()
    assert "other@mail.example" in file.read_text()


def test_a_broken_record_about_an_erased_person_is_not_put_into_quarantine(yard):
    yard.jsonl("web/visits-1.jsonl", [visit(1, GONE, at=NOON) | {"at": "yesterday"}])
    counts = yard.batch()
    assert (counts.rows_quarantined, counts.rows_erased) == (0, 1)
    assert yard.one("select count(*) from raw.quarantine") == 0


class Replacing(Tombstones):
    """Tombstones during whose first look another file takes the place of the one looked at."""

    def __init__(self, file, replacement):
        self.__dict__ |= vars(stones())
        self._file, self._replacement = file, replacement

    def met(self, node_type, values):
        if self._replacement.exists():
            self._replacement.replace(self._file)
        return super().met(node_type, values)


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_file_replaced_while_it_is_blanked_is_left_whole_and_tried_again(yard, tmp_path, kind):
    yard.tombstones = None
    file = getattr(yard, kind)(f"web/visits-1.{kind}", [visit(1, "a@mail.example"), visit(2, GONE)])
    yard.take_in()
    other = tmp_path / f"other.{kind}"
    other.write_bytes(file.read_bytes())
    before = other.read_bytes()
    yard.tombstones = Replacing(file, other)
    assert yard.blank(everywhere=True) == 0
    assert left_to_blank(yard.con) == [f"web/visits-1.{kind}"]
    assert file.read_bytes() == before
    assert yard.blank() == 1
    assert left_to_blank(yard.con) == []
    assert GONE.encode() not in file.read_bytes()


def test_a_phone_number_is_known_in_any_spelling(yard):
    text = "card_id,contact,words\nc1,(212) 555-0100,hello\nc2,212 555 0199,hello\n"
    file = yard.text("crm/cards-1.csv", text)
    counts = yard.batch()
    assert (counts.rows_loaded, counts.rows_erased) == (1, 1)
    assert file.read_text().replace("\n", " ").split() == [
        "card_id,contact,words",
        "c2,212",
        "555",
        "0199,hello",
    ]


def test_what_somebody_did_after_the_erasure_comes_in_and_what_they_did_before_never(yard):
    yard.jsonl("web/visits-1.jsonl", [visit(1, GONE, BEFORE), visit(2, GONE, AFTER)])
    counts = yard.batch()
    assert (counts.rows_loaded, counts.rows_erased) == (1, 1)
    assert yard.one("select visit_id from raw.web_visits") == "v2"


@pytest.mark.parametrize(
    ("returned_at", "at", "loaded"),
    [
        (None, AFTER, 0),
        (AFTER, AFTER, 0),
        (AFTER, AFTER + timedelta(minutes=1), 1),
        (AFTER, BEFORE, 0),
    ],
)
def test_a_state_counts_only_if_it_is_newer_than_the_return(yard, returned_at, at, loaded):
    yard.tombstones = stones(returned_at)
    yard.jsonl("web/people-1.jsonl", [visit(1, GONE, at)])
    counts = yard.batch()
    assert (counts.rows_loaded, counts.rows_erased) == (loaded, 1 - loaded)


def test_a_file_that_grows_is_read_on_from_where_it_was_blanked(yard):
    file = yard.jsonl("web/visits-1.jsonl", [visit(1, GONE), visit(2, "two@mail.example")])
    yard.batch()
    size = file.stat().st_size
    yard.append("web/visits-1.jsonl", "".join(
        f'{{"visit_id": "v{n}", "email": "{who}", "at": "{BEFORE.isoformat()}"}}\n'
        for n, who in ((3, "three@mail.example"), (4, GONE))
    ))  # fmt: skip
    counts = yard.batch()
    assert file.stat().st_size > size
    assert (counts.rows_read, counts.rows_loaded, counts.rows_erased) == (2, 1, 1)
    assert GONE not in file.read_text()
    assert yard.one("select count(distinct delivery) from raw.deliveries") == 1
    assert yard.batch().rows_read == 0


def test_a_file_that_was_blanked_is_the_file_that_was_read(yard):
    rows = [visit(1, GONE), visit(2, "two@mail.example")]
    yard.tombstones = stones(None, Identifier("email", "nobody@mail.example"))
    file = yard.jsonl("web/people-1.jsonl", rows)
    assert yard.batch().rows_loaded == 2
    yard.tombstones = stones()
    assert yard.blank(everywhere=True) == 1
    assert GONE not in file.read_text()
    yard.touch(file)
    assert yard.batch().rows_read == 0


def test_the_same_content_under_another_name_is_still_a_duplicate(yard):
    rows = [visit(1, GONE), visit(2, "two@mail.example")]
    yard.jsonl("web/people-1.jsonl", rows)
    yard.batch()
    again = yard.jsonl("web/people-2.jsonl", rows)
    counts = yard.batch()
    assert (counts.rows_read, counts.rows_duplicate) == (2, 2)
    assert GONE not in again.read_text()


def test_a_parquet_file_is_written_anew_without_the_record(yard):
    rows = [{"card_id": f"c{n}", "contact": who, "words": "x"} for n, who in (
        (1, GONE), (2, "two@mail.example"))]  # fmt: skip
    file = yard.parquet("crm/cards-1.parquet", rows)
    counts = yard.batch()
    assert (counts.rows_loaded, counts.rows_erased) == (1, 1)
    assert pq.read_table(file)["card_id"].to_pylist() == ["c2"]
    assert GONE.encode() not in file.read_bytes()
    yard.touch(file)
    assert yard.batch().rows_read == 0


def test_a_field_over_several_lines_goes_with_its_record(yard):
    text = f'card_id,contact,words\nc1,{GONE},"one\ntwo"\nc2,two@mail.example,"three\nfour"\n'
    file = yard.text("crm/cards-1.csv", text)
    counts = yard.batch()
    assert (counts.rows_loaded, counts.rows_erased) == (1, 1)
    left = file.read_text()
    assert "one" not in left and "two\n" not in left
    assert '"three\nfour"' in left


def test_what_was_not_read_yet_is_left_to_be_counted(yard):
    yard.jsonl("web/visits-1.jsonl", [visit(1, GONE)])
    assert yard.blank(everywhere=True) == 0
    assert yard.batch().rows_erased == 1


def test_a_file_that_cannot_be_blanked_is_named_and_tried_again_and_holds_up_no_other(yard):
    yard.tombstones = stones(None, Identifier("email", "nobody@mail.example"))
    rows = [{"card_id": "c1", "contact": GONE, "words": "x"}]
    damaged = yard.parquet("crm/cards-1.parquet", rows)
    file = yard.jsonl("web/people-1.jsonl", [visit(1, GONE)])
    yard.batch()
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-8])
    yard.tombstones = stones()
    assert yard.blank(everywhere=True) == 1
    assert GONE not in file.read_text()
    assert left_to_blank(yard.con) == ["crm/cards-1.parquet"]
    assert yard.blank() == 0
    assert left_to_blank(yard.con) == ["crm/cards-1.parquet"]
    damaged.write_bytes(whole)
    assert yard.blank() == 1
    assert left_to_blank(yard.con) == []
    assert GONE.encode() not in damaged.read_bytes()


def test_a_file_that_goes_while_files_are_blanked_is_done(yard, monkeypatch):
    file = yard.jsonl("web/people-1.jsonl", [visit(1, "two@mail.example")])
    yard.batch()
    seen = landed.listed(yard.landing, yard.sources)
    file.unlink()
    monkeypatch.setattr(landed, "listed", lambda *_: seen)
    assert yard.blank(everywhere=True) == 0
    assert left_to_blank(yard.con) == []


@pytest.mark.parametrize("there", ["missing", "another"])
def test_files_in_another_folder_than_they_were_read_from_are_left_until_they_are_found(
    yard, tmp_path, there
):
    yard.tombstones = None
    file = yard.jsonl("web/visits-1.jsonl", [visit(1, GONE), visit(2, "two@mail.example")])
    yard.jsonl("web/visits-2.jsonl", [visit(3, "three@mail.example")])
    yard.take_in()
    yard.tombstones = stones()
    where, yard.landing = yard.landing, tmp_path / there
    if there == "another":
        yard.jsonl("web/visits-9.jsonl", [visit(9, GONE)])
    names = ["web/visits-1.jsonl", "web/visits-2.jsonl"]
    assert (yard.blank(everywhere=True), left_to_blank(yard.con)) == (0, names)
    assert (yard.blank(), left_to_blank(yard.con)) == (0, names)
    assert "set BATON_LANDING" in mend_of(yard.landing, names)["mend"]
    yard.landing = where
    assert mend_of(yard.landing, names) == {}
    assert (yard.blank(), left_to_blank(yard.con)) == (1, [])
    assert GONE not in file.read_text()


def test_one_file_that_is_gone_beside_others_is_not_left(yard):
    file = yard.jsonl("web/people-1.jsonl", [visit(1, "two@mail.example")])
    yard.jsonl("web/people-2.jsonl", [visit(2, "three@mail.example")])
    yard.take_in()
    file.unlink()
    assert yard.blank(everywhere=True) == 0
    assert left_to_blank(yard.con) == []


def test_a_folder_whose_files_say_whom_nobody_was_read_about_holds_up_nothing(yard, tmp_path):
    yard.sources = [replace(VISITS, identifiers=())]
    yard.jsonl("web/visits-1.jsonl", [visit(1, GONE)])
    yard.take_in()
    yard.landing = tmp_path / "missing"
    assert yard.blank(everywhere=True) == 0
    assert left_to_blank(yard.con) == []


def test_looking_for_one_person_leaves_to_blank_what_was_not_looked_through_for_others(yard):
    other = "late@mail.example"
    rows = [visit(1, GONE), visit(2, other)]
    yard.tombstones = stones(None, Identifier("email", GONE), Identifier("email", other))
    file = yard.jsonl("web/visits-1.jsonl", rows)
    yard.take_in()
    everybody = yard.tombstones
    yard.tombstones = stones(None, Identifier("email", GONE))
    assert yard.blank(everywhere=True) == 1
    yard.tombstones = everybody
    assert yard.blank() == 1
    assert other not in file.read_text()


def test_a_state_that_lands_with_the_return_and_is_newer_comes_in(yard):
    later = AFTER + timedelta(minutes=5)
    file = yard.jsonl("web/people-1.jsonl", [visit(1, GONE, later), visit(2, GONE, BEFORE)])
    yard.jsonl("web/visits-1.jsonl", [visit(3, GONE, AFTER)])
    counts = yard.take_in()
    assert (counts.rows_loaded, counts.rows_erased) == (2, 1)
    assert yard.ask("select visit_id from raw.web_people") == [("v1",)]
    yard.tombstones = yard.tombstones.with_returns({"e1": AFTER})
    yard.blank()
    assert [GONE in line for line in file.read_text().splitlines()] == [True, False]


@pytest.mark.parametrize(
    ("node_type", "value", "text", "is_said"),
    [
        ("user", "10001", '{"user_id": "10001", "at": "?"}', True),
        ("user", "10001", '{"user_id": 10001}', True),
        ("user", "10001", "c1,10001,hello", True),
        ("user", "10001", '{"user_id": "210001"}', False),
        ("user", "10001", '{"user_id": "10001a"}', False),
        ("user", "a.1(x", '{"user_id": "A.1(x"}', True),
        ("user", "a.1(x", '{"user_id": "ab1(x"}', False),
        ("email", "ann@x.example", '{"email": " Ann@X.example "}', True),
        ("email", "ann@x.example", '{"words": "hello\\nann@x.example."}', True),
        ("email", "ann@x.example", '{"email": "joann@x.example"}', False),
        ("email", "ann@x.example", '{"email": "jo.ann@x.example"}', False),
        ("email", "ann@x.example", '{"email": "ann@x.example.org"}', False),
        ("phone", "+14155550132", '{"id": 4, "phone": "(415) 555-0132"}', True),
        ("phone", "+14155550132", "+1 415 555 0132", True),
        ("phone", "+14155550132", "0014155550132", True),
        ("phone", "+14155550132", '{"order": "94155550132"}', False),
        ("phone", "+14155550132", '{"order": "41555501327"}', False),
        ("phone", "+442071838750", "+44 (20) 7183 8750", True),
        ("phone", "+442071838750", "2071838750", False),
    ],
)
def test_a_record_in_quarantine_says_a_value_only_as_a_whole(node_type, value, text, is_said):
    condition = says("t", [Identifier(node_type, value)])
    with duckdb.connect() as con:
        found = con.execute(f"select {condition} from (select ? as t)", [text]).fetchone()
    assert found == (is_said,)
