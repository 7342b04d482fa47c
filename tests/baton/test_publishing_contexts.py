"""What the warehouse says of a hand-over, as the journal keeps it for whoever takes over."""

import json
from datetime import datetime, timedelta

import duckdb
import pytest

from baton.contexts import publish_contexts
from baton.journal import Accessor, Journal

NOON = datetime(2026, 3, 2, 12)
BY = Accessor("desk", "contexts/search", is_masked=True)
KNOWN_AS = [
    {"node_id": "n1", "kind": "email", "value": "ann@mail.example"},
    {"node_id": "n2", "kind": "crm_contact", "value": "17"},
    {"node_id": "n3", "kind": "user", "value": "18"},
]
ROW = {
    "person_id": "ann",
    "stands": True,
    "known_as": json.dumps(KNOWN_AS),
    **dict.fromkeys(("handoff_id", "kind", "journey", "step", "action", "summary"), "said"),
    **dict.fromkeys(("summary_source", "next_step", "owner", "topic", "product", "quote_id"), None),
    **dict.fromkeys(("did_lately", "was_told", "promised", "open_cases"), "[]"),
    "consent": '[{"channel": "email", "is_granted": true}]',
    "last_decisions": "[]",
    **dict.fromkeys(("next_step_at", "carried_at", "accepted_at"), None),
    "respond_by": NOON + timedelta(minutes=15),
    "handed_at": NOON,
}


class Names:
    """Where a model's rows are found: under the model's own name."""

    def relation(self, name):
        return name


@pytest.fixture
def journal(tmp_path):
    with Journal.open(tmp_path / "baton.journal.db") as opened:
        opened.set_simulated_time(NOON)
        yield opened


@pytest.fixture
def publish(journal):
    """Publish rows as those that a window changed."""

    def of(*rows, at=NOON):
        with duckdb.connect() as con:
            given = ", ".join(f"(${n})" for n in range(1, len(rows) + 1))
            con.execute(f"create table told as select * from (values {given}) as t (r)", rows)
            con.execute(
                "create view int_activation__contexts_to_publish as select unnest(r) from told"
            )
            return publish_contexts(con, journal, Names(), at=at)

    return of


def test_a_context_holds_lists_and_times_that_other_programs_read(journal, publish):
    assert publish(ROW) == 1
    found = journal.read_context("email", "ann@mail.example", BY)
    assert (found.person_id, found.node_ids, found.as_of) == ("ann", ("n1", "n2", "n3"), NOON)
    assert found.context["consent"] == [{"channel": "email", "is_granted": True}]
    assert found.context["respond_by"] == "2026-03-02T12:15:00Z"
    assert found.context["carried_at"] is None
    assert found.context["wanted"] == {"topic": None, "product": None, "quote_id": None}


@pytest.mark.parametrize("id_", ["ann", "n3", "17", "crm_contact:17", "user:18"])
def test_a_person_is_found_by_the_contact_and_by_other_identifiers_with_their_kind(
    journal, publish, id_
):
    publish(ROW)
    assert journal.read_context("id", id_, BY).person_id == "ann"


def test_an_identifier_of_another_system_is_not_taken_for_a_contact(journal, publish):
    publish(ROW)
    assert journal.read_context("id", "18", BY) is None


def test_what_no_longer_stands_is_blanked_with_its_keys(journal, publish):
    publish(ROW)
    publish(ROW | {"stands": False}, at=NOON + timedelta(minutes=1))
    assert journal.read_context("id", "ann", BY) is None
    assert journal.read_context("email", "ann@mail.example", BY) is None


def test_a_window_done_again_writes_the_same(journal, publish):
    publish(ROW)
    before = journal.read_context("id", "ann", BY)
    assert publish(ROW) == 1
    assert journal.read_context("id", "ann", BY) == before
