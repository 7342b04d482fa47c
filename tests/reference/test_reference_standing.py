"""The model's idea of what is allowed at a time, on cases made by hand."""

import pytest

from .consent import ContactPoint, permissions
from .identifiers import Node
from .identity import resolve
from .standing import Basis, Standing, law_of, standing
from .stories import Story, at
from .words import words

ANNA = "anna@shop.example"
POINT = ContactPoint("email", Node("email", ANNA).id)


def judged(story: Story, *bases: Basis, purpose: str = "sales", hours: float = 9) -> Standing:
    people = resolve(story.records)
    said = permissions(words(story.records), people)
    key = POINT, purpose, "main"
    law = law_of(story.records, people, bases)
    return standing(said, key, people.person_of[POINT.node_id], law, at(hours))


def verdict(story: Story, *bases: Basis, purpose: str = "sales", hours: float = 9) -> str:
    found = judged(story, *bases, purpose=purpose, hours=hours)
    return found.reason or f"granted by {found.basis}"


def known(country: str | None = None) -> Story:
    story = Story()
    story.crm("c1", 0, email=ANNA, country=country)
    return story


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("marketing", "unknown"),
        ("sales", "unknown"),
        ("service", "granted by contract"),
        ("transactional", "granted by contract"),
    ],
)
def test_without_a_policy_advertising_needs_consent_and_the_rest_a_contract(
    purpose: str, expected: str
) -> None:
    assert verdict(known(), purpose=purpose) == expected


def test_a_yes_is_one_until_its_end() -> None:
    story = known()
    story.said(True, 1, email=ANNA, ends=5)
    assert verdict(story, hours=4.9) == "granted by consent"
    assert verdict(story, hours=5) == "expired"


def test_a_no_has_no_end() -> None:
    story = known()
    story.said(False, 1, email=ANNA, ends=5)
    lawful = Basis("sales", None, None, "legitimate_interest")
    assert verdict(story, lawful) == "stated_no"


def test_a_yes_is_one_until_it_is_older_than_the_policy_allows() -> None:
    story = known()
    story.said(True, 0, email=ANNA)
    young = Basis("sales", None, None, "consent", valid_for="1 month")
    assert verdict(story, young, hours=31 * 24 - 1) == "granted by consent"
    assert verdict(story, young, hours=31 * 24) == "expired"


@pytest.mark.parametrize("confirmed", [None, False, True])
def test_an_unconfirmed_yes_is_one_only_where_nobody_must_confirm(confirmed: bool | None) -> None:
    story = known("DE")
    story.said(True, 1, email=ANNA, confirmed=confirmed)
    strict = Basis("sales", "email", "DE", "consent", needs_double_opt_in=True)
    assert verdict(story) == "granted by consent"
    assert verdict(story, strict) == ("granted by consent" if confirmed else "unconfirmed")


def test_a_soft_opt_in_is_for_who_has_bought() -> None:
    story, soft = known("GB"), Basis("sales", None, "GB", "soft_opt_in")
    assert verdict(story, soft) == "unknown"
    story.bought("c1")
    assert verdict(story, soft) == "granted by soft_opt_in"
    story.said(False, 1, email=ANNA)
    assert verdict(story, soft) == "stated_no"


def test_a_row_of_the_country_fits_better_than_one_of_the_channel() -> None:
    rows = (
        Basis("sales", None, None, "contract"),
        Basis("sales", "email", None, "legitimate_interest"),
        Basis("sales", None, "DE", "consent"),
    )
    assert verdict(known("DE"), *rows) == "unknown"
    assert verdict(known("US"), *rows) == "granted by legitimate_interest"


def test_a_yes_that_has_ended_brings_back_the_no_before_it() -> None:
    lawful = Basis("sales", None, None, "legitimate_interest")
    story = known()
    story.said(True, 1, email=ANNA, ends=5)
    assert verdict(story, lawful) == "granted by legitimate_interest"
    story.said(False, 0.5, email=ANNA)
    assert verdict(story, lawful) == "expired"


def test_what_was_said_of_a_brand_comes_before_what_was_said_of_all() -> None:
    story = known()
    story.said(False, 1, email=ANNA, brand="all")
    assert verdict(story) == "stated_no"
    story.said(True, 2, email=ANNA)
    assert verdict(story) == "granted by consent"
