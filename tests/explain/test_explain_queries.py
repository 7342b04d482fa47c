"""What is asked of the tables about decisions, where more than one row could be meant."""

from dataclasses import dataclass, field
from datetime import timedelta

import duckdb
import pytest
from story_rows import at

from baton.explain import decided, queries

TABLES = """
create table identity_map (node_id varchar, node_short bigint, node_type varchar,
    person_id varchar);
insert into identity_map values ('n1', 1, 'email', 'ada'), ('n2', 2, 'phone', 'ada'),
    ('n3', 3, 'email', 'bea');
create table decisions (candidate_id varchar, entry_node_id varchar, window_id bigint,
    decided_at timestamp, outranked_by varchar, capped_by varchar, rank double,
    release_id varchar);
create table candidates (candidate_id varchar, message_id varchar, action varchar,
    journey varchar, correlation_key varchar, channel varchar);
insert into candidates values ('c1', null, 'mail', 'quote', 'q1', 'email'),
    ('c2', 'm2', 'offer', 'win_back', null, 'email'), ('c3', null, 'call', 'quote', 'q3', 'task');
create schema raw;
create table raw.release_policies (release_id varchar, policy varchar, row_no integer, row json);
insert into raw.release_policies values
    ('spring', 'caps', 1, '{"cap": "weekly", "most": "3"}'),
    ('summer', 'caps', 1, '{"cap": "weekly", "most": "5"}'),
    ('spring', 'slots', 1, '{"scope": "group"}');
create table journey_states (instance_id varchar, person_id varchar, step varchar,
    status varchar, since timestamp, card_hash varchar);
create table stg_release__rules (card_hash varchar, leaves_step varchar, to_step varchar,
    signal varchar, after_s bigint, at_s bigint, action varchar, why varchar);
create table signals (signal varchar, event_id varchar, node_id varchar, node_short bigint,
    correlation_key varchar, occurred_at timestamp, loaded_at timestamp);
create table contact_points (contact_point_id varchar, address varchar);
create table consent_statements (statement_id varchar, origin varchar, proof varchar);
create table int_consent__standing_permissions (contact_point_id varchar, person_id varchar,
    channel varchar, purpose varchar, brand varchar, is_granted boolean, statement_id varchar,
    stated_at timestamp, level varchar, basis varchar, reason varchar);
"""


@dataclass(frozen=True)
class Tables:
    """Tables under the names of their models."""

    con: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def relation(self, name):
        return name

    def fill(self, table, *rows):
        marks = ", ".join("?" * len(rows[0]))
        self.con.executemany(f"insert into {table} values ({marks})", rows)

    def ask(self, template, person_id="ada"):
        return queries.Query(self.con, self, person_id).rows(template)


@pytest.fixture
def tables():
    made = Tables()
    made.con.execute(TABLES)
    return made


def test_a_rival_is_found_by_its_message_and_by_its_candidate_with_its_rank_in_that_pass(tables):
    tables.fill(
        "decisions",
        ("c1", "n1", 4, at(10), "m2", None, 5, "spring"),
        ("c1", "n2", 5, at(11), "c3", None, 5, "spring"),
        ("c2", "n1", 4, at(10), None, None, 9, "spring"),
        ("c2", "n1", 3, at(9), None, None, 7, "spring"),
        ("c9", "n3", 5, at(11), "c1", None, 5, "spring"),
    )
    found = tables.ask(queries.RIVALS)
    shown = ("rival_id", "action", "journey", "correlation_key", "decided_at", "rank")
    assert [tuple(one[name] for name in shown) for one in found] == [
        ("c3", "call", "quote", "q3", at(11), None),
        ("m2", "offer", "win_back", None, at(10), 9),
    ]


def test_caps_are_those_of_the_releases_that_decided(tables):
    tables.fill("decisions", ("c1", "n1", 4, at(10), None, "weekly", 5, "spring"))
    tables.fill("decisions", ("c2", "n1", 4, at(10), None, None, 5, "summer"))
    (only,) = tables.ask(queries.CAPS)
    assert only["release_id"] == "spring"
    row = {"release_id": "spring", "capped_by": "weekly", "outranked_by": None,
           "decided_at": at(10), "rank": None} | dict.fromkeys(decided.CHECKS)  # fmt: skip
    (told,) = decided.decisions([row], rivals=[], caps=[only])
    assert told["cap"] == {"cap": "weekly", "most": "3"}


def test_what_time_may_do_are_the_timers_of_the_step_where_it_stands(tables):
    tables.fill("journey_states", ("i1", "ada", "waiting", "open", at(9), "card"),
                ("i2", "ada", "won", "goal", at(9), "card"))  # fmt: skip
    tables.fill(
        "stg_release__rules",
        ("card", "waiting", "reminded", None, 7_200, None, "mail", "not submitted"),
        ("card", "waiting", "greeted", None, 0, 28_800, None, "a new morning"),
        ("card", "waiting", "won", "quote_submitted", 0, None, None, "submitted"),
        ("card", "reminded", "called", None, 86_400, None, "call", "still open"),
        ("older", "waiting", "asked", None, 60, None, None, "no more"),
    )
    shown = [(one["step"], one["is_sure"], one["due_at"]) for one in tables.ask(queries.AHEAD)]
    assert shown == [
        ("greeted", False, at(9)),
        ("reminded", True, at(9) + timedelta(hours=2)),
    ]


def test_heard_is_what_any_identifier_of_the_person_did(tables):
    tables.fill(
        "signals",
        ("help_viewed", "e2", "n2", 2, None, at(11), at(12)),
        ("quote_started", "e1", "n1", 1, "q1", at(10), at(12)),
        ("quote_started", "e3", "n3", 3, "q3", at(9), at(12)),
    )
    heard = tables.ask(queries.HEARD)
    assert [(one["signal"], one["node_type"]) for one in heard] == [
        ("quote_started", "email"), ("help_viewed", "phone"),
    ]  # fmt: skip


def test_permissions_are_those_that_stand_also_where_nothing_was_said(tables):
    tables.fill("contact_points", ("mail", "ada@example.org"), ("other", "bea@example.org"))
    tables.fill("consent_statements", ("st1", "crm", "row 7"))
    tables.fill(
        "int_consent__standing_permissions",
        ("mail", "ada", "email", "marketing", "main", False, "st1", at(9), "address", "consent",
         "unconfirmed"),
        ("mail", "ada", "email", "service", "main", True, None, None, None, "contract", None),
        ("other", "bea", "email", "service", "main", True, None, None, None, "contract", None),
    )  # fmt: skip
    waits, unsaid = tables.ask(queries.PERMISSIONS)
    assert list(waits) == [
        "channel", "address", "purpose", "brand", "is_granted", "stated_at", "level",
        "statement_id", "origin", "proof", "basis", "reason",
    ]  # fmt: skip
    assert (waits["is_granted"], waits["origin"], waits["reason"]) == (False, "crm", "unconfirmed")
    assert (unsaid["is_granted"], unsaid["origin"], unsaid["basis"]) == (True, None, "contract")
