"""Records that somebody merged in a tool are one person for as long as the tool says so."""

from loaded_rows import TABLES, at
from pack_yard import PackYard

HUBSPOT, SALESFORCE = ("force", "hubspot"), ("force", "salesforce")


def pair(one: str, other: str) -> frozenset[str]:
    return frozenset((one, other))


def contact(**more: object) -> dict[str, object]:
    return {**TABLES["hubspot.contact"][0], **more}


def seen(yard: PackYard) -> int:
    """How many pairs this window learnt of."""
    return yard.one("select count(*) from identity.int_identity__overrides where is_new")


def test_a_merge_counts_until_every_record_that_told_of_it_is_silent(yard: PackYard) -> None:
    [audit] = TABLES["hubspot.contact_merge_audit"]
    deleted = TABLES["salesforce.contact"][1]
    yard.put("hubspot.contact", [contact()])
    yard.put("hubspot.contact_merge_audit", [audit])
    yard.put("salesforce.contact", TABLES["salesforce.contact"])
    yard.take()
    merged = {
        pair("51", "52"): HUBSPOT,
        pair("51", "53"): HUBSPOT,
        pair("003A", "003B"): SALESFORCE,
    }
    assert yard.link() == merged
    assert seen(yard) == 3

    yard.put("hubspot.contact", [contact(property_firstname="H.", _fivetran_synced=at(90))])
    yard.take()
    assert (yard.link(), seen(yard)) == (merged, 0)

    back = {"master_record_id": None, "is_deleted": False, "_fivetran_synced": at(150)}
    silent = contact(property_hs_merged_object_ids=None, _fivetran_synced=at(150))
    yard.put("hubspot.contact", [silent])
    yard.put("salesforce.contact", [TABLES["salesforce.contact"][0], {**deleted, **back}])
    yard.take()
    parted = {
        pair("51", "52"): HUBSPOT,
        pair("51", "53"): ("lifted", "hubspot"),
        pair("003A", "003B"): ("lifted", "salesforce"),
    }
    assert yard.link() == parted

    gone = {**audit, "_fivetran_deleted": True, "_fivetran_synced": at(210)}
    yard.put("hubspot.contact_merge_audit", [gone])
    again = contact(property_hs_merged_object_ids="53", _fivetran_synced=at(210))
    yard.put("hubspot.contact", [again])
    yard.take()
    last = {**parted, pair("51", "52"): ("lifted", "hubspot"), pair("51", "53"): HUBSPOT}
    assert yard.link() == last
    told = "select * exclude (changed_window_id) from identity.int_identity__merges order by all"
    by_windows = yard.ask(told)
    assert yard.link(full_refresh=True) == last
    assert yard.ask(told) == by_windows


def test_what_a_steward_or_the_policy_says_of_a_pair_goes_before_the_tool(
    people: PackYard,
) -> None:
    ends = (
        "select a.node_id, b.node_id from identity.nodes as a cross join identity.nodes as b "
        "where a.node_value = '{}' and b.node_value = '{}'"
    )
    people.link()
    for number, other in enumerate(("52", "53"), 1):
        [(one, two)] = people.ask(ends.format("51", other))
        people.con.execute(
            "insert into raw.journal_identity_overrides (seq, override_id, kind, node_a_id, "
            "node_b_id, decided_by, reason, decided_at, _loaded_seq, _loaded_at) "
            "values (?, ?, ?, ?, ?, 'steward', 'two people', ?, 1, ?)",
            [
                number,
                f"o{number}",
                ("never", "lifted")[number - 1],
                *sorted((one, two)),
                at(0),
                at(0),
            ],
        )
    assert people.link() == {
        pair("51", "52"): ("never", "steward"),
        pair("51", "53"): ("lifted", "steward"),
        pair("003A", "003B"): SALESFORCE,
    }
    people.con.execute("delete from raw.journal_identity_overrides")
