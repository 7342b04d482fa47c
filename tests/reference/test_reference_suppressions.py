"""The model's idea of whom nobody may contact, on cases made by hand."""

from datetime import datetime

from .consent import FOREVER
from .stories import Story, at
from .suppressions import suppressions

ANNA = "anna@shop.example"
NUMBER = "+12125550101"


def spans(story: Story) -> list[tuple[str, datetime, datetime]]:
    found = suppressions(story.records).items()
    return sorted((reason, one.since, one.until) for (_, reason), one in found)


def test_a_hard_bounce_and_a_complaint_are_for_good() -> None:
    story = Story()
    story.receipt("bounced", 1, ANNA)
    story.receipt("complained", 2, ANNA)
    story.said(True, 3, email=ANNA)
    assert spans(story) == [("bounce", at(1), FOREVER), ("complaint", at(2), FOREVER)]


def test_a_soft_bounce_ends_with_the_last_of_its_rests() -> None:
    story = Story()
    story.receipt("bounced", 1, ANNA, suppressed_until=at(5))
    story.receipt("bounced", 2, ANNA, suppressed_until=at(4))
    assert spans(story) == [("bounce", at(1), at(5))]


def test_only_a_newer_start_ends_a_stop() -> None:
    story = Story()
    story.receipt("started", 1, NUMBER, "sms")
    assert spans(story) == []
    story.receipt("stopped", 2, NUMBER, "sms")
    story.said(True, 3, phone=NUMBER, channel="sms")
    assert spans(story) == [("stop", at(2), FOREVER)]
    story.receipt("started", 4, NUMBER, "sms")
    assert spans(story) == [("stop", at(2), at(4))]


def test_what_the_crm_takes_back_ends_then_and_may_begin_again() -> None:
    story = Story()
    story.crm("c1", 1, do_not_contact=True, is_deceased=True)
    story.crm("c1", 2, do_not_contact=True)
    assert spans(story) == [("deceased", at(1), at(2)), ("legal", at(1), FOREVER)]
    story.crm("c1", 3)
    story.crm("c1", 4, do_not_contact=True)
    assert spans(story) == [("deceased", at(1), at(2)), ("legal", at(4), FOREVER)]


def test_a_contact_that_is_deleted_stays_suppressed() -> None:
    story = Story()
    story.crm("c1", 1, do_not_contact=True)
    story.crm("c1", 2, is_deleted=True)
    assert spans(story) == [("legal", at(1), FOREVER)]
