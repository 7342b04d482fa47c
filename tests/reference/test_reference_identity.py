"""The model's idea of who is who, on cases made by hand."""

from baton.ids import make_id

from .identifiers import Node, email, phone
from .identity import People, resolve
from .stories import Story


def person(story: Story, node_type: str, value: str) -> str:
    people = resolve(story.records)
    return people.person_of[Node(node_type, value).id]


def minted_by(node_type: str, value: str) -> str:
    return make_id("person", make_id("node", node_type, value))


def sizes(people: People) -> list[int]:
    return sorted(len(members) for members in people.clusters.values())


def test_what_one_record_shows_is_one_person() -> None:
    story = Story()
    story.contact("c1", "anna@shop.example", "212-555-0101")
    assert sizes(resolve(story.records)) == [3]


def test_records_without_a_shared_identifier_stay_apart() -> None:
    story = Story()
    story.contact("c1", "anna@shop.example")
    story.contact("c2", "ben@shop.example")
    assert sizes(resolve(story.records)) == [2, 2]


def test_a_login_joins_what_two_devices_did() -> None:
    story = Story()
    story.web("page_view", 0, by="phone")
    story.web("page_view", 1, by="laptop")
    story.web("login", 2, by="phone", user="u1")
    story.web("login", 3, by="laptop", user="u1")
    assert sizes(resolve(story.records)) == [3]


def test_a_chain_of_records_joins_its_ends() -> None:
    story = Story()
    story.contact("c1", "anna@shop.example")
    story.web("login", 1, by="phone", email="ANNA@shop.example ")
    story.chat("phone", "c2")
    assert person(story, "crm_contact", "c1") == person(story, "crm_contact", "c2")


def test_a_merge_keeps_the_id_that_was_minted_first() -> None:
    story = Story()
    story.web("page_view", 0, by="phone")
    story.contact("c1", "anna@shop.example")
    assert person(story, "crm_contact", "c1") == minted_by("crm_contact", "c1")
    story.web("login", 2, by="phone", email="anna@shop.example")
    assert person(story, "crm_contact", "c1") == minted_by("anonymous", "phone")


def test_of_identifiers_seen_together_the_strongest_type_is_older() -> None:
    story = Story()
    story.web("login", 0, by="phone", user="u1", email="anna@shop.example")
    assert person(story, "anonymous", "phone") == minted_by("user", "u1")


def test_what_is_no_address_joins_nobody() -> None:
    story = Story()
    story.contact("c1", "none", "12")
    story.contact("c2", "none", "12")
    assert sizes(resolve(story.records)) == [1, 1]


def test_addresses_and_numbers_are_compared_in_one_form() -> None:
    assert email(" Anna@Shop.Example ") == "anna@shop.example"
    assert email("anna@shop") is None
    assert phone("(212) 555-0101") == phone("1 212 555 0101") == phone("+12125550101")
    assert phone("+49 30 901820") == "+4930901820"
    assert phone("555-0101") is None
