"""The tables that a common loader really writes, with rows that its packages are tested with."""

import pytest
from pack_yard import PackYard, shared_rows

HUBSPOT = (
    "contact",
    "contact_merge_audit",
    "email_event",
    "email_event_bounce",
    "email_event_status_change",
    "ticket",
    "ticket_contact",
)
INTERCOM = (
    "contact_history",
    "conversation_history",
    "conversation_part_history",
    "conversation_contact_history",
)
SALESFORCE = ("contact", "lead")
ZENDESK = ("user", "ticket")
DELETED = "_fivetran_deleted"
NOT_OF_THE_ACCOUNT = {
    "hubspot.contact": {
        "is_deleted",
        "property_hs_country_region_code",
        "property_hs_email_optout",
        "property_hs_google_click_id",
        "property_hs_language",
        "property_lastmodifieddate",
        "property_mobilephone",
        "property_phone",
        "property_salesforcecontactid",
    },
    "hubspot.ticket": {"property_hs_lastmodifieddate"},
    "intercom.contact_history": {"location_country_code"},
    "zendesk.user": {"shared_phone_number"},
}
"""What a pack reads beyond the columns of these files, which have `_fivetran_deleted` seldom."""


def loaded(yard: PackYard, pack: str, tables: tuple[str, ...]) -> dict[str, list[dict]]:
    rows = {name: shared_rows(f"{pack}/{name}") for name in tables}
    for name, found in rows.items():
        yard.put(f"{pack}.{name}", found)
    window = yard.take()
    assert window.counts.rows_quarantined == 0
    assert window.counts.rows_read == sum(map(len, rows.values()))
    return rows


def values(yard: PackYard, node_type: str) -> set[str]:
    found = f"select node_value from staging.stg_observations where node_type = '{node_type}'"
    return {value for (value,) in yard.ask(found)}


@pytest.mark.parametrize(
    ("pack", "tables"),
    [
        ("hubspot", HUBSPOT),
        ("intercom", INTERCOM),
        ("salesforce", SALESFORCE),
        ("zendesk", ZENDESK),
    ],
)
def test_every_column_that_a_pack_reads_has_the_name_that_the_loader_gives_it(
    yard: PackYard, pack: str, tables: tuple[str, ...]
) -> None:
    declared = {one.label: set(one.names) for one in yard.sources if one.name == pack}
    for table in tables:
        label, written = f"{pack}.{table}", shared_rows(f"{pack}/{table}")[0].keys()
        beyond = declared[label] - written - {DELETED}
        assert beyond == NOT_OF_THE_ACCOUNT.get(label, set()), label
    assert declared.keys() - {f"{pack}.{one}" for one in tables} <= {"salesforce.case"}


def test_hubspot_as_it_is_loaded(yard: PackYard) -> None:
    rows = loaded(yard, "hubspot", HUBSPOT)
    merged = {(one["canonical_vid"], one["vid_to_merge"]) for one in rows["contact_merge_audit"]}
    for one in rows["contact"]:
        others = (one["property_hs_merged_object_ids"] or "").split(";")
        merged |= {(one["id"], other) for other in others if other}
    people = {one["id"] for one in rows["contact"]} | {who for pair in merged for who in pair}
    assert values(yard, "hubspot_contact") == people
    assert {frozenset(one) for one in merged} == {
        ends for ends, said in yard.link().items() if said == ("force", "hubspot")
    }
    names = {one["property_firstname"] for one in rows["contact"] if one["property_firstname"]}
    given = "select value from staging.stg_field_values where field = 'first_name' and value <> ''"
    assert {value for (value,) in yard.ask(given)} == names
    about = {one["ticket_id"] for one in rows["ticket_contact"]}
    cases = [one for one in rows["ticket"] if one["id"] in about]
    assert yard.one("select count(*) from staging.stg_hubspot__cases") == len(cases)
    told = [one for one in rows["email_event"] if one["type"] in ("SPAMREPORT", "BOUNCE")]
    assert yard.one("select count(*) from staging.stg_hubspot__receipts") == len(told)


def test_tickets_of_hubspot_by_the_contacts_that_they_are_about(yard: PackYard) -> None:
    tickets = shared_rows("hubspot/ticket")
    about = [
        {"ticket_id": one["id"], "contact_id": str(n), "_fivetran_synced": one["_fivetran_synced"]}
        for n, one in enumerate(tickets, 1)
    ]
    yard.put("hubspot.ticket", tickets)
    yard.put("hubspot.ticket_contact", about)
    yard.take()
    states = dict(yard.ask("select status, count(*) from staging.stg_hubspot__cases group by 1"))
    closed = sum(one["property_closed_date"] is not None for one in tickets)
    assert states == {"closed": closed, "open": len(tickets) - closed}


def test_intercom_as_it_is_loaded(yard: PackYard) -> None:
    rows = loaded(yard, "intercom", INTERCOM)
    contacts = rows["contact_history"]
    assert values(yard, "user") == {c["external_id"] for c in contacts if c["role"] == "user"}
    openings = {
        one["id"]: one["source_author_id"]
        for one in rows["conversation_history"]
        if one["source_author_type"] == "user"
    }
    assert values(yard, "intercom_contact") == {c["id"] for c in contacts} | {*openings.values()}
    said = "select distinct conversation_id from staging.stg_chat__messages"
    assert {one for (one,) in yard.ask(said)} == {f"intercom:{one}" for one in openings}
    last = {}
    for one in sorted(rows["conversation_history"], key=lambda one: one["updated_at"] or ""):
        last[f"intercom:{one['id']}"] = "closed" if one["state"] == "closed" else "open"
    stands = (
        "select case_id, arg_max(status, occurred_at) from staging.stg_intercom__cases group by 1"
    )
    assert dict(yard.ask(stands)) == last


def test_salesforce_as_it_is_loaded(yard: PackYard) -> None:
    rows = loaded(yard, "salesforce", SALESFORCE)
    people = [one["id"] for one in rows["contact"]]
    people += [one["converted_contact_id"] for one in rows["lead"] if one["is_converted"] == "TRUE"]
    assert values(yard, "salesforce_contact") == set(people)
    assert values(yard, "salesforce_lead") == {one["id"] for one in rows["lead"]}
    everybody = [*rows["contact"], *rows["lead"]]
    assert values(yard, "email") == {one["email"] for one in everybody if one["email"]}
    in_brackets = {one["phone"] for one in rows["contact"] if one["mailing_country_code"] == "US"}
    assert in_brackets == {None, "(555) 555-5555"}
    assert values(yard, "phone") == {"+15555555555"}
    flags = "select count(*) from staging.stg_salesforce__flags where not email_opt_out"
    assert yard.one(flags) == len(everybody)


def test_zendesk_as_it_is_loaded(yard: PackYard) -> None:
    rows = loaded(yard, "zendesk", ZENDESK)
    customers = {one["id"] for one in rows["user"] if one["role"] == "end-user"}
    assert 0 < len(customers) < len(rows["user"])
    assert values(yard, "zendesk_user") == customers | {
        one["requester_id"] for one in rows["ticket"]
    }
    states = dict(yard.ask("select case_id, status from staging.stg_zendesk__cases"))
    over = {"solved", "closed", "deleted"}
    assert states == {
        f"zendesk:{one['id']}": "closed" if one["status"] in over else "open"
        for one in rows["ticket"]
    }
