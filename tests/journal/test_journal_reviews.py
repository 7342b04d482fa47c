"""Who looked whether something is still right."""

import pytest

from baton.errors import UsageError
from baton.journal_feeds import feeds_of


def test_a_review_stays_on_record_and_flows_back_to_the_warehouse(journal):
    first = journal.reviews.record("journey", "win_back", by="ann", note="still right")
    second = journal.reviews.record("policy", "caps", by="bob")
    assert journal.reviews.all() == [first, second]
    assert (first.reviewed_by, first.note, first.reviewed_at) == (
        "ann", "still right", journal.now(),
    )  # fmt: skip
    [feed] = [one for one in feeds_of(journal) if one.stream == "reviews"]
    assert [(row["name"], row["note"]) for row in feed.read(first.seq)] == [("caps", None)]


def test_nobody_reviews_without_a_name(journal):
    with pytest.raises(UsageError, match="without a name"):
        journal.reviews.record("journey", "win_back", by=" ")
    assert journal.reviews.all() == []
