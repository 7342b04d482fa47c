"""What each pack makes of what its loader wrote, with all packs on at once."""

from datetime import timedelta

import pytest
from loaded_rows import NOON, TABLES, at
from pack_yard import PACKS, PackYard

RECEIPTS = (
    "select address, status, suppressed_until, occurred_at "
    "from staging.stg_messaging__receipts where provider = '{}' order by address"
)
CASES = (
    "select case_id, topic, status, opened_at, closed_at, is_deleted "
    "from staging.stg_service__cases where case_id like '{}:%' order by case_id"
)


def ids(*identifiers: str) -> frozenset[str]:
    return frozenset(identifiers)


def node(yard: PackYard, kind: str, value: str) -> str:
    return yard.one(
        "select distinct node_id from staging.stg_observations "
        f"where node_type = '{kind}' and node_value = '{value}'"
    )


def test_every_row_of_every_table_is_taken_in(people: PackYard) -> None:
    written = {table: len(rows) for table, rows in TABLES.items()}
    read = people.ask(
        "select substr(path, 7), sum(rows_loaded), sum(rows_quarantined) from raw.deliveries "
        "group by path"
    )
    assert {table: count for table, count, _ in read} == written
    assert sum(bad for *_, bad in read) == 0


def test_what_is_seen_together(people: PackYard) -> None:
    assert people.seen_together() == {
        ids("anonymous browser1"),
        ids("anonymous browser1", "email ada@example.com", "user u1"),
        ids("anonymous browser1", "device phone-of-ada", "phone +442079460001", "user u1"),
        ids("click gclid:G1", "user u1"),
        ids("email ada@example.com", "user u1"),
        ids("anonymous browser0", "user u1"),
        ids("email gil@example.com", "user u7"),
        ids("anonymous browser7", "user u7"),
        ids("anonymous browser8"),
        ids("anonymous browser8", "anonymous network8", "click fbclid:F8"),
        ids("anonymous browser8", "user u8"),
        ids(
            "hubspot_contact 51",
            "email hedy@example.com",
            "phone +4315550100",
            "click gclid:H51",
        ),
        ids("hubspot_contact 51"),
        ids("hubspot_contact 52"),
        ids("hubspot_contact 53"),
        ids("hubspot_contact 54", "email gone@example.com"),
        ids("salesforce_contact 003A", "email sam@example.com", "phone +12125550123"),
        ids("salesforce_contact 003A", "email sam@example.com"),
        ids("salesforce_contact 003B", "email sam.old@example.com"),
        ids("salesforce_contact 003A"),
        ids(
            "salesforce_lead 00QA",
            "salesforce_contact 003A",
            "email sam@shop.example",
            "click gclid:S1",
        ),
        ids("salesforce_lead 00QB", "email new@example.com"),
        ids("zendesk_user 71", "user u1", "email ada@example.com"),
        ids("zendesk_user 71"),
        ids("zendesk_user 73"),
        ids("intercom_contact ic1", "email ivy@example.com"),
        ids("intercom_contact ic2", "user u1", "email ada@example.com"),
        ids("intercom_contact ic2"),
    }


def test_every_observed_row_is_complete(people: PackYard) -> None:
    columns = "record_id, source_model, node_id, hub_node_id, observed_at, loaded_seq"
    anything = " or ".join(f"{one} is null" for one in columns.split(", "))
    assert people.one(f"select count(*) from staging.stg_observations where {anything}") == 0
    assert people.one("select max(observed_at) from staging.stg_observations") <= people.now


def test_calls_are_events_of_the_web_with_the_columns_of_their_table_as_properties(
    people: PackYard,
) -> None:
    rows = people.ask(
        "select event_type, occurred_at, cast(properties as varchar) from staging.stg_web__events "
        "where anonymous_id = 'browser1' order by occurred_at"
    )
    assert rows == [
        ("identify", at(0), "{}"),
        ("identify", at(1), "{}"),
        ("quote_started", at(2), '{"event_text":"Quote Started","quote_id":"q1","value":650}'),
        ("page_view", at(5), '{"path":"/help/returns","title":"Returns"}'),
    ]


def test_an_event_with_a_table_of_its_own_is_one_event(people: PackYard) -> None:
    assert people.one("select count(*) from raw.segment_tracks where event = 'quote_started'") == 1
    found = "select count(*) from staging.stg_web__events where event_type = 'quote_started'"
    assert people.one(found) == 1


def test_an_event_has_the_name_that_signals_know_it_by(people: PackYard) -> None:
    found = "select event_type from staging.stg_web__events where source_event_id = 'call4'"
    assert people.ask(found) == [("product_view",)]


def test_the_properties_of_a_self_describing_event_are_those_of_its_schema(
    people: PackYard,
) -> None:
    rows = people.ask(
        "select event_type, properties ->> '$.quote_id', properties ->> '$.path', "
        "properties ->> '$.action' from staging.stg_snowplow__events order by occurred_at"
    )
    assert rows == [
        ("page_view", None, "/help/sizes", None),
        ("quoteStarted", "q8", None, None),
        ("compare", None, None, "compare"),
    ]


def test_a_mailing_tool_behind_segment_unsubscribes(people: PackYard) -> None:
    assert people.ask(RECEIPTS.format("segment")) == [
        ("ada@example.com", "unsubscribed", None, at(4))
    ]
    said = (
        "select purpose, is_granted from staging.stg_messaging__unsubscribes "
        "where email = 'ada@example.com' order by 1"
    )
    assert people.ask(said) == [("marketing", False), ("sales", False)]


def test_what_became_of_the_mails_of_hubspot(people: PackYard) -> None:
    assert people.ask(RECEIPTS.format("hubspot")) == [
        ("cross@example.com", "complained", None, at(3)),
        ("full@example.com", "bounced", at(2) + timedelta(days=7), at(2)),
        ("hedy@example.com", "unsubscribed", None, at(4)),
        ("nobody@example.com", "bounced", None, at(1)),
    ]


def test_a_hard_bounce_that_intercom_has_on_record_counts_once(people: PackYard) -> None:
    assert people.ask(RECEIPTS.format("intercom")) == [("ada@example.com", "bounced", None, at(0))]


@pytest.mark.parametrize(
    ("pack", "cases"),
    [
        (
            "hubspot",
            [
                ("hubspot:900:51", "delivery", "open", at(-60), None, False),
                ("hubspot:901:51", None, "closed", None, at(-20), False),
            ],
        ),
        ("salesforce", [("salesforce:500A", "delivery", "closed", at(-90), at(-10), False)]),
        (
            "zendesk",
            [
                ("zendesk:801", "problem", "open", at(-30), None, False),
                ("zendesk:802", None, "closed", at(-30), None, True),
            ],
        ),
        ("intercom", [("intercom:k1", "conversation", "open", at(0), None, False)]),
    ],
)
def test_tickets_are_service_cases(people: PackYard, pack: str, cases: list[object]) -> None:
    assert people.ask(CASES.format(pack)) == cases


def test_a_case_is_about_who_asked(people: PackYard) -> None:
    rows = dict(people.ask("select case_id, node_id from staging.stg_service__cases"))
    assert rows["hubspot:900:51"] == node(people, "hubspot_contact", "51")
    assert rows["salesforce:500A"] == node(people, "salesforce_contact", "003A")
    assert rows["zendesk:801"] == node(people, "zendesk_user", "71")
    assert rows["intercom:k1"] == node(people, "intercom_contact", "ic2")


def test_a_conversation_goes_from_the_bot_to_an_agent(people: PackYard) -> None:
    rows = people.ask(
        "select author, intent, occurred_at, node_id from staging.stg_chat__messages "
        "order by occurred_at"
    )
    customer = node(people, "intercom_contact", "ic2")
    assert rows == [
        ("customer", None, at(0), customer),
        ("bot", "answer", at(1), customer),
        ("customer", None, at(2), customer),
        ("bot", "handover", at(3), customer),
        ("agent", None, at(5), customer),
    ]


def test_fields_come_with_the_pack_as_their_source(people: PackYard) -> None:
    rows = people.ask(
        "select source, field, value from staging.stg_field_values "
        "where value is not null and not is_deleted "
        f"and source in {PACKS} and field not in ('email', 'phone') order by all"
    )
    assert rows == [
        ("hubspot", "country", "AT"),
        ("hubspot", "first_name", "Hedy"),
        ("hubspot", "language", "de"),
        ("rudderstack", "first_name", "Gil"),
        ("salesforce", "country", "US"),
        ("salesforce", "first_name", "Sam"),
        ("segment", "first_name", "Ada"),
        ("segment", "language", "en"),
        ("segment", "timezone", "Europe/London"),
        ("zendesk", "language", "en"),
    ]


def test_the_fields_of_a_contact_that_was_deleted_are_taken_back(people: PackYard) -> None:
    rows = people.ask(
        "select distinct is_deleted, observed_at from staging.stg_field_values "
        f"where node_id = '{node(people, 'hubspot_contact', '54')}'"
    )
    assert rows == [(True, at(31))]


def test_who_opted_out_in_a_tool_is_flagged_for_each_record_alone(people: PackYard) -> None:
    rows = people.ask(
        " union all ".join(
            f"select contact_id from staging.stg_{pack}__flags where email_opt_out"
            for pack in ("hubspot", "intercom", "salesforce")
        )
        + " order by 1"
    )
    assert rows == [("hubspot:51",), ("intercom:ic1",), ("salesforce:00QA",)]


def test_a_second_window_reads_only_what_is_new(yard: PackYard) -> None:
    ticket = {"id": 1, "requester_id": 9, "created_at": at(0), "updated_at": at(0)}
    yard.put("zendesk.ticket", [ticket | {"status": "open", "_fivetran_synced": at(1)}])
    yard.take()
    changed = ticket | {"status": "solved", "updated_at": at(5), "_fivetran_synced": at(90)}
    yard.put("zendesk.ticket", [changed])
    yard.take()
    yard.put("zendesk.ticket", [changed | {"_fivetran_synced": NOON + timedelta(hours=2)}])
    assert yard.take().counts.rows_loaded == 0
    rows = yard.ask("select status, loaded_seq from staging.stg_zendesk__cases order by loaded_seq")
    assert rows == [("open", 1), ("closed", 2)]


def test_what_is_written_to_a_desk_stays_there(people: PackYard) -> None:
    kept = "select count(_extra) from raw.{}"
    desk = ("intercom_conversation_part_history", "intercom_conversation_history", "hubspot_ticket")
    assert [people.one(kept.format(table)) for table in desk] == [0, 0, 0]
    assert "_body" not in str(people.ask("describe raw.intercom_conversation_history"))
