"""Erasing in the journal: at once, for good, and without a value left."""

import json
from pathlib import Path

import duckdb
import pytest
from handed import NOON, claim, everything_stored, message, open_at_once, state_of

from baton.audit.erased import Burial
from baton.erasing import Person, blank_landed, counted, finish, left_to_blank
from baton.errors import UsageError
from baton.intake import (
    Column,
    Source,
    commit_window,
    prepare,
    sources_from_manifest,
    take_in,
)
from baton.journal import Answer, Verdict
from baton.journal.erasure_calls import CALLS, ToolOrder
from baton.journal.erasures import ErasureOrder
from baton.journal.sync_records import SEPARATOR, Judged, SyncAnswer, SyncRequest, Told
from baton.tombstones import Identifier

KEY = "a key of the tests that is long enough"
EMAIL = Identifier("email", "ann1@mail.example")
VISITS = Source(
    name="web",
    table="visits",
    relation="raw.web_visits",
    columns=(Column("visit_id", "varchar"), Column("email", "varchar")),
    mode="append",
    key=("visit_id",),
    identifiers=(("email", ("email",)),),
    brings_back=True,
)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("BATON_ERASURE_KEY", KEY)


LEADS = {
    "source_name": "old",
    "name": "leads",
    "columns": {one: {"data_type": "varchar"} for one in ("lead_id", "mail", "mobile")},
    "config": {
        "meta": {
            "baton": {
                "mode": "append",
                "key": ["lead_id"],
                "identifiers": {"mail": "email", "mobile": "phone"},
            }
        }
    },
}


def order(**changes):
    return ErasureOrder(
        **({"person_ids": ["p1"], "node_ids": ["n1"], "identifiers": [EMAIL]} | changes)
    )


def erase(journal, **changes):
    return journal.erasures.order(order(**changes), reason="asked for it", by="test")


def test_an_unsent_message_is_cancelled_and_its_values_are_gone(journal, target):
    journal.hand_over([message(1), message(2)], checked_at=NOON)
    erase(journal)
    assert state_of(journal, "m1") == "cancelled: erased"
    assert [one.message_id for one in claim(journal)] == ["m2"]
    stored = everything_stored(target) if "://" in str(target) else b""
    assert b"ann1@mail.example" not in stored


def test_a_message_that_is_handed_over_after_the_erasure_never_waits(journal):
    one = erase(journal)
    journal.hand_over([message(1)], checked_at=NOON)
    assert state_of(journal, "m1") == "cancelled: erased"
    assert journal.erasures.finish(one)
    journal.hand_over([message(1, message_id="of somebody new", person_id="p9")], checked_at=NOON)
    assert state_of(journal, "of somebody new") == "pending"


def test_a_message_on_its_way_never_goes_again_and_keeps_the_erasure_open(journal):
    journal.hand_over([message(1)], checked_at=NOON)
    (claimed,) = claim(journal)
    one = erase(journal)
    assert not journal.erasures.finish(one)
    verdict = Verdict("m1", "retry", "http 503", NOON)
    journal.record([Answer(claimed.attempt_id, "http 503", (verdict,))], NOON)
    assert state_of(journal, "m1") == "cancelled: erased"
    assert journal.erasures.finish(one)
    assert journal.erasures.open() == []


def test_a_refused_message_on_its_way_leaves_no_values_as_a_dead_one(journal):
    journal.hand_over([message(1)], checked_at=NOON)
    (claimed,) = claim(journal)
    one = erase(journal)
    verdict = Verdict("m1", "rejected", "http 400")
    journal.record([Answer(claimed.attempt_id, "http 400", (verdict,))], NOON)
    assert journal.erasures.finish(one)
    assert state_of(journal, "m1") == "cancelled: erased"
    assert journal.replay(["m1"]) == []


def test_what_the_ledgers_keep_names_nobody_when_it_is_done(journal):
    journal.hand_over([message(1)], checked_at=NOON)
    assert journal.erasures.finish(erase(journal))
    row = journal.message("m1")
    assert (row["node_id"], row["person_id"], row["contact_point_id"]) == ("", "", None)
    (event, *_) = journal.feed("message_events", 0)
    assert event["node_id"] is None


def test_tombstones_know_a_value_and_do_not_tell_it(journal, target):
    erase(journal)
    stones = journal.erasures.tombstones()
    assert list(stones.met("email", ["ann1@mail.example", "ann2@mail.example"])) == [
        "ann1@mail.example"
    ]
    assert stones.met("user", ["ann1@mail.example"]) == {}
    assert b"ann1@mail.example" not in everything_stored(target)


def test_without_the_key_nobody_is_erased_and_nothing_is_taken_for_unknown(journal, monkeypatch):
    monkeypatch.delenv("BATON_ERASURE_KEY")
    with pytest.raises(UsageError, match="BATON_ERASURE_KEY"):
        erase(journal)
    assert journal.erasures.all() == []
    assert journal.erasures.tombstones() is None
    monkeypatch.setenv("BATON_ERASURE_KEY", KEY)
    erase(journal)
    monkeypatch.delenv("BATON_ERASURE_KEY")
    with pytest.raises(UsageError, match="BATON_ERASURE_KEY"):
        journal.erasures.tombstones()


def test_another_key_is_refused(journal, monkeypatch):
    erase(journal)
    monkeypatch.setenv("BATON_ERASURE_KEY", "another key, which is long enough too")
    for act in (journal.erasures.tombstones, lambda: erase(journal)):
        with pytest.raises(UsageError, match="not the one"):
            act()


def test_a_reason_and_a_name_are_needed(journal):
    for reason, by in ((" ", "test"), ("asked", "")):
        with pytest.raises(UsageError, match="reason and a name"):
            journal.erasures.order(order(), reason=reason, by=by)


def test_calls_to_tools_are_sent_like_messages_and_blanked_when_accepted(journal, target):
    tools = [ToolOrder("crm", "call", [EMAIL]), ToolOrder("letters", "by_hand")]
    one = erase(journal, tools=tools)
    assert {row["tool"]: row["state"] for row in journal.erasures.tools(one.erasure_id)} == {
        "crm": "waiting",
        "letters": "to_be_done_by_hand",
    }
    assert journal.waiting() == {f"crm{CALLS}": 1}
    with journal.working() as worker:
        (call,) = journal.claim(f"crm{CALLS}", 10, NOON, worker)
    assert (call.address, call.variables) == ("ann1@mail.example", {"identifier": "email"})
    verdict = Verdict(call.message_id, "accepted", "http 204")
    journal.record([Answer(call.attempt_id, "http 204", (verdict,))], NOON)
    journal.erasures.settle_by_hand(one.erasure_id, "letters", by="ann")
    assert {row["state"] for row in journal.erasures.tools(one.erasure_id)} == {"done"}
    assert b"ann1@mail.example" not in rows_alone(target)


def test_a_call_that_a_tool_refuses_is_shown_as_failed(journal):
    one = erase(journal, tools=[ToolOrder("crm", "call", [EMAIL])])
    with journal.working() as worker:
        (call,) = journal.claim(f"crm{CALLS}", 10, NOON, worker)
    verdict = Verdict(call.message_id, "rejected", "http 400")
    journal.record([Answer(call.attempt_id, "http 400", (verdict,))], NOON)
    (tool,) = journal.erasures.tools(one.erasure_id)
    assert (tool["state"], tool["calls"]) == ("failed", {"dead": 1})


def test_a_tool_that_is_not_in_the_erasure_cannot_be_settled(journal):
    one = erase(journal)
    with pytest.raises(UsageError, match="no such tool"):
        journal.erasures.settle_by_hand(one.erasure_id, "crm", by="ann")


def test_purging_leaves_nothing_in_the_log_of_the_journal(journal, target):
    journal.hand_over([message(1)], checked_at=NOON)
    erase(journal)
    journal.erasures.purge()
    if "://" not in str(target):
        assert Path(f"{target}-wal").stat().st_size == 0
    assert b"ann1@mail.example" not in everything_stored(target)


def test_only_rows_of_which_a_whole_part_is_one_of_the_values_are_forgotten(journal):
    handles = [
        f"email{SEPARATOR}Ann1@mail.example",
        f"email{SEPARATOR}joann1@mail.example",
        f"shop{SEPARATOR}7",
        f"shop{SEPARATOR}17",
    ]
    tell(journal, [Told(f"k{n}", handle, "f", None) for n, handle in enumerate(handles)])
    assert journal.erasures.told([], [], ["ann1@mail.example", "7"]) == {"crm"}
    assert journal.erasures.told([], [], ["nn1@mail.example", "71"]) == set()
    erase(journal, handles=["ann1@mail.example", "7"])
    assert held(journal) == ["k1", "k3"]


def test_a_sync_under_way_tells_nothing_of_who_was_erased_since_it_was_planned(journal):
    known = [Told("k1", f"email{SEPARATOR}{EMAIL.value}", "f", None), Told("k2", None, "f", None)]
    ledger = journal.syncs
    with ledger.alone():
        one = erase(journal, row_keys=[], handles=[EMAIL.value])
        run = ledger.begin("audience", "crm", "plan", NOON)
        assert ledger.open_requests(run, [SyncRequest("r1", "upsert", known)], NOON) == {"k1"}
        assert ledger.requests_of(run) == []
        assert ledger.open_requests(run, [SyncRequest("r2", "remove", known)], NOON) == set()
        journal.erasures.note_cleaned(one)
    assert ledger.open_requests(run, [SyncRequest("r3", "upsert", known)], NOON) == {"k1"}
    tell(journal, known)
    assert held(journal) == ["k1", "k2"]


@pytest.mark.parametrize(("kept", "left"), [([], ["k2"]), ([("audience", "crm")], ["k1", "k2"])])
def test_an_answer_after_the_erasure_is_kept_only_where_the_row_is_taken_back(journal, kept, left):
    known = [Told("k1", None, "f", None), Told("k2", None, "f", None)]
    run = journal.syncs.begin("audience", "crm", "plan", NOON)
    request = opened(journal, run, known)
    erase(journal, row_keys=["k1"], kept_syncs=kept)
    settle(journal, run, request)
    assert held(journal) == left
    assert sorted(journal.syncs.external_ids("crm", ["k1", "k2"])) == ["k2"]


def test_what_a_person_does_while_their_erasure_waits_for_a_message_is_left(journal, tmp_path):
    journal.hand_over([message(1)], checked_at=NOON)
    claim(journal)
    erase(journal)
    house = Warehouse(tmp_path)
    house.add("ann")
    house.con.execute("insert into main.suppressions values ('n1', null, 'complaint')")
    house.finish(journal)
    assert (house.visits(), house.reasons()) == ([], [])
    house.add("ann again")
    house.con.execute("insert into main.suppressions values ('n1', null, 'erased')")
    house.con.execute("update raw.journal_message_events set node_id = 'n1'")
    house.finish(journal)
    assert (house.visits(), house.reasons()) == (["ann again"], ["erased"])
    told = "select node_id from raw.journal_message_events"
    assert house.con.execute(told).fetchall() == [(None,)]
    assert len(journal.erasures.open()) == 1


def test_that_somebody_was_erased_before_is_no_trace_to_remove(journal, tmp_path):
    house = Warehouse(tmp_path)
    house.con.execute("insert into main.suppressions values ('n1', null, 'erased')")
    erase(journal)
    house.finish(journal)
    assert house.reasons() == ["erased"]
    assert journal.erasures.open() == []


def test_an_erasure_is_open_until_the_files_that_were_read_are_found(journal, tmp_path):
    house = Warehouse(tmp_path)
    file = house.read("web/visits-1.jsonl", [{"visit_id": "v1", "email": EMAIL.value}], [VISITS])
    house.add("ann")
    where, house.landing = house.landing, tmp_path / "elsewhere"
    erase(journal)
    house.finish(journal)
    assert house.visits() == []
    assert left_to_blank(house.con) == ["web/visits-1.jsonl"]
    assert len(journal.erasures.open()) == 1
    blank_landed(house.con, where, [VISITS], journal.erasures.tombstones(), everywhere=False)
    assert EMAIL.value not in file.read_text()
    house.finish(journal)
    assert journal.erasures.open() == []


def test_records_of_a_source_that_is_off_go_from_its_files_too(journal, tmp_path):
    house = Warehouse(tmp_path)
    house.switched_off_sources = [LEADS]
    rows = [{"lead_id": "l1", "mail": EMAIL.value}, {"lead_id": "l2", "mail": "ben@mail.example"}]
    file = house.read("old/leads-1.jsonl", rows, sources_from_manifest([LEADS]))
    house.add("ann")
    erase(journal)
    house.finish(journal)
    assert house.leads() == ["l2"]
    assert EMAIL.value not in file.read_text()
    assert "ben@mail.example" in file.read_text()
    assert journal.erasures.open() == []


def misspelt():
    meta = LEADS["config"]["meta"]["baton"] | {"mode": "appended"}
    return LEADS | {"config": {"meta": {"baton": meta}}}


@pytest.mark.parametrize("off", [LEADS, misspelt()])
def test_a_table_of_a_source_that_is_off_need_not_be_as_it_is_declared(journal, tmp_path, off):
    house = Warehouse(tmp_path)
    house.switched_off_sources = [off, misspelt() | {"name": "never_there"}]
    names = (Column("lead_id", "varchar"), Column("mail", "varchar"))
    prepare(house.con, [Source("old", "leads", "raw.old_leads", names, "append", ("lead_id",))])
    house.con.execute("""
        insert into raw.old_leads (lead_id, mail, _loaded_seq) values
            ('l1', ' Ann1@Mail.example', 1), ('l2', 'joann1@mail.example', 2), ('l3', null, 3)""")
    house.add("ann")
    person = Person(("p1",), ("n1",), (EMAIL,))
    assert counted(house.con, house, [VISITS], person)["raw.old_leads"] == 1
    erase(journal)
    house.finish(journal)
    assert house.leads() == ["l2", "l3"]
    assert journal.erasures.open() == []


def tell(journal, rows):
    """Let a sync tell rows, which the tool accepts."""
    run = journal.syncs.begin("audience", "crm", "plan", NOON)
    settle(journal, run, opened(journal, run, rows))


def opened(journal, run, rows):
    request = SyncRequest(f"r{run}", "upsert", rows)
    journal.syncs.open_requests(run, [request], NOON)
    return request


def settle(journal, run, request):
    judged = Judged(
        "accepted", "http 200", request.rows, {one.row_key: "x" for one in request.rows}
    )
    answer = SyncAnswer(request, [judged])
    journal.syncs.settle(run, [answer], NOON)


def held(journal):
    return [row.row_key for row in journal.syncs.held("audience", "crm")]


class Warehouse:
    """A few tables of a warehouse, under the names that a project gives to models."""

    def __init__(self, folder):
        self.landing = folder / "landing"
        self.con = duckdb.connect(str(folder / "w.duckdb"))
        prepare(self.con, [VISITS])
        self.con.execute("""
            create table main.nodes (
                node_id varchar, minted_person_id varchar, node_type varchar, node_value varchar,
                node_seq bigint
            );
            create table main.suppressions (
                node_id varchar, contact_point_id varchar, reason varchar
            );
            create table raw.journal_message_events (node_id varchar, contact_point_id varchar);
            insert into raw.journal_message_events values (null, null)""")

    def relation(self, model):
        return f'"main"."{model}"'

    find_relation = relation
    switched_off_sources = ()

    def read(self, path, rows, sources):
        """A file that intake has read, of these sources."""
        file = self.landing / path
        file.parent.mkdir(parents=True)
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        prepare(self.con, sources)
        window = take_in(self.con, landing=self.landing, sources=sources, feeds=(), now=NOON)
        commit_window(self.con, window, at=NOON)
        return file

    def add(self, visit):
        self.con.execute(
            "insert into raw.web_visits by name "
            "select $1 as visit_id, $2 as email, $2 as _email_as_email",
            [visit, EMAIL.value],
        )
        self.con.execute("insert into main.nodes values ('n1', 'p1', 'email', ?, 1)", [EMAIL.value])

    def finish(self, journal):
        burial = Burial((), journal.ledgers)
        finish(self.con, journal, self, [VISITS], self.landing, burial=burial)

    def visits(self):
        return [
            row[0] for row in self.con.execute("select visit_id from raw.web_visits").fetchall()
        ]

    def leads(self):
        rows = self.con.execute("select lead_id from raw.old_leads order by 1").fetchall()
        return [row[0] for row in rows]

    def reasons(self):
        rows = self.con.execute("select reason from main.suppressions").fetchall()
        return [row[0] for row in rows]


def rows_alone(target):
    """What a journal keeps in its rows: its log may still say more until it is purged."""
    if "://" in str(target):
        return everything_stored(target)
    with open_at_once(target) as again:
        again.erasures.purge()
    return everything_stored(target)
