"""The proof query: from first records, the journal and the receivers' own log alone."""

from pathlib import Path

import pytest

from baton import demo

from .evidence import evidence
from .harness import Shop
from .records import after
from .slices import slice_folder, write_slices
from .stories import arrivals, customers
from .stories.changed_minds import (
    NEVER_ASKED,
    OPTED_OUT_AS_A_PERSON,
    OPTED_OUT_AT_INTAKE,
    OPTED_OUT_BEFORE_SENDING,
    OPTED_OUT_EARLY,
    OPTED_OUT_IN_THE_WINDOW,
    REFUSED,
)
from .stories.handoffs import CASE_CAME_FIRST, CASE_STAYS_OPEN
from .stories.many_paths import (
    NO_TO_ALL_BRANDS,
    NO_TO_EVERYTHING,
    OPT_OUT_FIELD,
    SHARING_ONE,
    TOLD_THE_AGENT,
    UNSUBSCRIBED,
)
from .weakened import WITHOUT_CHECKS

NO_CONSENT = (
    REFUSED,
    NEVER_ASKED,
    OPTED_OUT_EARLY,
    OPTED_OUT_IN_THE_WINDOW,
    OPTED_OUT_BEFORE_SENDING,
    OPTED_OUT_AT_INTAKE,
    OPTED_OUT_AS_A_PERSON,
    NO_TO_ALL_BRANDS,
    NO_TO_EVERYTHING,
    OPT_OUT_FIELD,
    SHARING_ONE,
    TOLD_THE_AGENT,
    UNSUBSCRIBED,
)
OPEN_CASE = (CASE_CAME_FIRST, CASE_STAYS_OPEN)


def in_folder(folder: Path, log: str = "received"):
    return evidence(
        folder / "baton.duckdb", folder / "baton.journal.db", folder / log / "received.jsonl"
    )


def test_on_the_day_nobody_received_what_was_not_allowed(day):
    found = in_folder(day.installation.folder)
    assert found.findings == ()
    assert found.received > 10


def test_without_the_checks_the_query_finds_just_those_who_had_not_allowed_it(tmp_path):
    folder = tmp_path / "stores"
    write_slices(tmp_path / "slices", arrivals(), [after(0), after(133)])
    with Shop(tmp_path / "shop", WITHOUT_CHECKS).open(folder, customers()) as weakened:
        for number, minute in enumerate((0, 133)):
            weakened.land(slice_folder(tmp_path / "slices", number))
            weakened.batch(after(minute))
        weakened.send()
        recipients = {
            event["message_id"]: event["recipient"]
            for event in weakened.receivers.log.events()
            if "message_id" in event
        }
    found = {(one.kind, recipients[one.message_id]) for one in in_folder(folder).findings}
    assert found == {
        *(("no_consent", customer.email) for customer in NO_CONSENT),
        *(("open_case", customer.email) for customer in OPEN_CASE),
    }


@pytest.mark.long
@pytest.mark.parametrize(
    ("edits", "expected"),
    [((), set()), (WITHOUT_CHECKS, {"no_consent", "open_case"})],
    ids=["as it is", "without the checks"],
)
def test_over_the_whole_example_the_query_finds_what_the_checks_leave(tmp_path, edits, expected):
    shop = Shop(tmp_path / "shop", edits)
    place = demo.Place(tmp_path)
    demo.run(shop.project_in(tmp_path), place=place)
    found = in_folder(tmp_path, "inbox")
    assert found.kinds() == expected
    assert found.received > 20
