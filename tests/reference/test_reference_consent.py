"""The model's idea of what is allowed, on cases made by hand."""

from dataclasses import replace

from .consent import ContactPoint, Permission, permissions
from .identifiers import Node
from .identity import resolve
from .stories import Story, at
from .words import words

ANNA = "anna@shop.example"
NUMBER = "+12125550101"


def allowed(story: Story, *, brand: str = "main") -> Permission | None:
    return permission(story, ContactPoint("email", Node("email", ANNA).id), brand)


def permission(story: Story, point: ContactPoint, brand: str = "main") -> Permission | None:
    """Return what decides, without what was refused before."""
    said = permissions(words(story.records), resolve(story.records))
    found = said.get((point, "sales", brand))
    return replace(found, was_refused=False) if found else None


def is_allowed(story: Story) -> bool | None:
    found = allowed(story)
    return found.is_granted if found else None


def known_by_contact(*contact_ids: str) -> Story:
    story = Story()
    for contact_id in contact_ids:
        story.contact(contact_id, ANNA, NUMBER)
    return story


def test_nothing_said_is_unknown() -> None:
    assert allowed(known_by_contact("c1")) is None


def test_the_latest_word_about_an_address_counts() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, email=ANNA)
    story.said(False, 2, email=ANNA)
    story.said(True, 3, email=ANNA)
    assert allowed(story) == Permission(True, at(3), "address")


def test_the_order_of_arrival_does_not_count() -> None:
    story = known_by_contact("c1")
    story.said(False, 3, email=ANNA)
    story.said(True, 1, email=ANNA, loaded=4)
    assert is_allowed(story) is False


def test_yes_and_no_at_one_instant_are_a_no() -> None:
    story = known_by_contact("c1")
    story.said(False, 1, email=ANNA)
    story.said(True, 1, email=ANNA)
    assert is_allowed(story) is False


def test_a_word_from_the_future_counts_from_its_load() -> None:
    story = known_by_contact("c1")
    story.said(True, 9, email=ANNA, loaded=1)
    story.said(False, 2, email=ANNA)
    assert is_allowed(story) is False


def test_a_word_for_one_brand_says_nothing_of_another() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, email=ANNA, brand="outlet")
    assert allowed(story) is None
    assert allowed(story, brand="outlet") == Permission(True, at(1), "address")


def test_a_word_of_the_person_holds_for_all_their_addresses() -> None:
    story = known_by_contact("c1")
    story.contact("c1", "anna@work.example")
    story.said(True, 1, contact_id="c1")
    work = ContactPoint("email", Node("email", "anna@work.example").id)
    assert allowed(story) == permission(story, work) == Permission(True, at(1), "person")


def test_a_word_about_e_mail_says_nothing_of_text_messages() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, contact_id="c1")
    assert permission(story, ContactPoint("sms", Node("phone", NUMBER).id)) is None


def test_a_person_may_change_their_mind() -> None:
    story = known_by_contact("c1")
    story.said(False, 1, contact_id="c1")
    story.said(True, 2, contact_id="c1")
    assert is_allowed(story) is True


def test_of_a_merged_person_the_stricter_half_counts_even_if_it_spoke_first() -> None:
    story = known_by_contact("c1", "c2")
    story.said(False, 1, contact_id="c1")
    story.said(True, 2, contact_id="c2")
    assert allowed(story) == Permission(False, at(1), "person")


def test_a_later_no_of_the_person_beats_the_yes_of_the_address() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, email=ANNA)
    story.said(False, 2, contact_id="c1")
    assert allowed(story) == Permission(False, at(2), "person")


def test_a_no_of_the_person_at_the_same_instant_beats_the_yes_of_the_address() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, email=ANNA)
    story.said(False, 1, contact_id="c1")
    assert is_allowed(story) is False


def test_a_later_yes_of_the_address_beats_the_no_of_the_person() -> None:
    story = known_by_contact("c1")
    story.said(False, 1, contact_id="c1")
    story.said(True, 2, email=ANNA)
    assert allowed(story) == Permission(True, at(2), "address")


def test_a_later_yes_of_the_person_does_not_beat_the_no_of_the_address() -> None:
    story = known_by_contact("c1")
    story.said(False, 1, email=ANNA)
    story.said(True, 2, contact_id="c1")
    assert allowed(story) == Permission(False, at(1), "address")


def test_the_later_of_two_noes_of_a_merged_person_is_weighed_against_the_address() -> None:
    story = known_by_contact("c1", "c2")
    story.said(False, 1, contact_id="c1")
    story.said(True, 2, email=ANNA)
    story.said(False, 3, contact_id="c2")
    assert allowed(story) == Permission(False, at(3), "person")


def test_a_no_to_everything_is_a_no_to_each_purpose_and_to_the_brands_nobody_named() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, email=ANNA)
    story.said(False, 2, email=ANNA, channel="all", purpose="all", brand="all")
    said = permissions(words(story.records), resolve(story.records))
    assert {(purpose, brand) for _, purpose, brand in said} == {
        ("sales", "main"),
        *((purpose, "all") for purpose in ("marketing", "sales", "service", "transactional")),
    }
    assert not any(one.is_granted for one in said.values())


def test_a_later_word_on_one_brand_beats_an_older_one_on_all() -> None:
    story = known_by_contact("c1")
    story.said(False, 1, email=ANNA, purpose="all", brand="all")
    story.said(True, 2, email=ANNA)
    assert is_allowed(story) is True
    assert allowed(story, brand="all") == Permission(False, at(1), "address")


def test_a_later_word_on_all_beats_an_older_one_on_one_brand() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, email=ANNA)
    story.said(False, 2, email=ANNA, purpose="all", brand="all")
    assert allowed(story) == Permission(False, at(2), "address")


def test_a_word_on_all_channels_names_the_address_given_and_else_the_person() -> None:
    story = known_by_contact("c1")
    story.said(False, 1, email=ANNA, channel="all")
    phone = ContactPoint("sms", Node("phone", NUMBER).id)
    assert allowed(story) == Permission(False, at(1), "address")
    assert permission(story, phone) == Permission(False, at(1), "person")


def test_a_yes_after_a_no_remembers_that_there_was_one() -> None:
    story = known_by_contact("c1")
    story.said(False, 1, email=ANNA)
    story.said(True, 2, email=ANNA)
    said = permissions(words(story.records), resolve(story.records))
    assert [(one.is_granted, one.was_refused) for one in said.values()] == [(True, True)]


def test_of_two_yeses_of_one_instant_the_weaker_counts() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, email=ANNA, confirmed=True)
    story.said(True, 1, email=ANNA, confirmed=True, ends=9)
    found = allowed(story)
    assert found is not None
    assert found.valid_until == at(9)


def test_an_opt_out_field_of_the_crm_is_a_no_of_the_person_from_when_it_was_set() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, email=ANNA)
    story.crm("c1", 2, email=ANNA, email_opt_out=True)
    story.crm("c1", 3, email=ANNA, email_opt_out=True)
    assert allowed(story) == Permission(False, at(2), "person")


def test_an_opt_out_field_that_is_cleared_is_no_yes() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, email=ANNA)
    story.crm("c1", 2, email=ANNA, email_opt_out=True)
    story.crm("c1", 3, email=ANNA, email_opt_out=False)
    assert is_allowed(story) is False
    story.said(True, 4, email=ANNA)
    assert is_allowed(story) is True


def test_who_unsubscribes_at_the_provider_may_subscribe_again() -> None:
    story = known_by_contact("c1")
    story.said(True, 1, email=ANNA)
    story.receipt("unsubscribed", 2, ANNA)
    assert allowed(story) == Permission(False, at(2), "address")
    story.said(True, 3, email=ANNA)
    assert allowed(story) == Permission(True, at(3), "address")
