"""The tables that a common loader really writes, with rows that its packages are tested with."""

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


def test_hubspot_as_it_is_loaded(yard: PackYard) -> None:
    rows = loaded(yard, "hubspot", HUBSPOT)
    merged = {(one["canonical_vid"], one["vid_to_merge"]) for one in rows["contact_merge_audit"]}
    for one in rows["contact"]:
        others = (one["property_hs_merged_object_ids"] or "").split(";")
        merged |= {(one["id"], other) for other in others if other}
    people = {one["id"] for one in rows["contact"]} | {who for pair in merged for who in pair}
    assert values(yard, "hubspot_contact") == people
    assert yard.one("select count(*) from staging.stg_hubspot__links") == len(merged)
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
