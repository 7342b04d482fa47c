"""Which identifiers stewards joined and kept apart."""

import pytest

from baton.errors import UsageError
from baton.journal.erasures import ErasureOrder
from baton.journal.overrides import Wish
from baton.journal_feeds import feeds_of


def decide(journal, kind, *node_ids, reason="same person", **more):
    return journal.overrides.decide(Wish(kind, node_ids, **more), reason=reason, by="ann")


def standing(journal):
    return [(one.kind, one.node_a_id, one.node_b_id) for one in journal.overrides.standing()]


def test_the_latest_decision_about_a_pair_counts_in_whatever_order_it_is_named(journal):
    decide(journal, "force", "n2", "n1")
    decide(journal, "force", "n3", "n1")
    decide(journal, "never", "n1", "n2")
    assert standing(journal) == [("force", "n1", "n3"), ("never", "n1", "n2")]
    decide(journal, "lifted", "n3", "n1")
    assert standing(journal) == [("never", "n1", "n2")]
    assert [one.kind for one in journal.overrides.all()] == ["force", "force", "never", "lifted"]


def test_who_decided_and_why_stays_on_record(journal):
    [one] = decide(journal, "force", "n1", "n2", reason="showed a passport")
    [kept] = journal.overrides.all()
    assert kept == one
    assert (kept.decided_by, kept.reason, kept.decided_at) == (
        "ann", "showed a passport", journal.now(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "pair", "reason"),
    [
        ("force", ("n1", "n1"), "same"),
        ("force", ("n1", "n2"), "again"),
        ("lifted", ("n1", "n3"), "nothing stands"),
        ("never", ("n1", "n3"), "  "),
    ],
)
def test_nonsense_is_refused_and_leaves_no_trace(journal, kind, pair, reason):
    decide(journal, "force", "n1", "n2")
    with pytest.raises(UsageError):
        decide(journal, kind, *pair, reason=reason)
    assert len(journal.overrides.all()) == 1


def test_what_the_release_says_can_be_taken_back_but_not_said_again(journal):
    with pytest.raises(UsageError):
        decide(journal, "never", "n1", "n2", policy="never")
    decide(journal, "lifted", "n1", "n2", policy="never")
    with pytest.raises(UsageError):
        decide(journal, "lifted", "n1", "n2", policy="never")
    decide(journal, "never", "n1", "n2", policy="never")
    assert standing(journal) == [("never", "n1", "n2")]


def test_accounts_are_joined_along_with_the_pair_and_taken_back_with_any_of_them(journal):
    along = (("c1", "c2"), ("n2", "n1"), ("u1", "u2"))
    said = decide(journal, "force", "n1", "n2", along=along)
    assert [(one.node_a_id, one.node_b_id) for one in said] == [
        ("n1", "n2"), ("c1", "c2"), ("u1", "u2"),
    ]  # fmt: skip
    assert len({one.decision_id for one in said}) == 1
    decide(journal, "never", "c2", "c1")
    assert standing(journal) == [("never", "c1", "c2")]


def test_accounts_that_are_kept_apart_are_not_joined_along(journal):
    decide(journal, "never", "c1", "c2")
    with pytest.raises(UsageError, match="keeps accounts"):
        decide(journal, "force", "n1", "n2", along=(("c2", "c1"),))
    assert standing(journal) == [("never", "c1", "c2")]


def test_what_joins_two_is_taken_back_whole_when_they_are_kept_apart(journal):
    decide(journal, "force", "n1", "n2", along=(("u1", "u2"),))
    decide(journal, "never", "c1", "c2", against=(("u2", "u1"), ("policy1", "policy2")))
    assert standing(journal) == [("never", "c1", "c2")]
    lifted = [one.node_a_id for one in journal.overrides.latest() if one.kind == "lifted"]
    assert sorted(lifted) == ["n1", "policy1", "u1"]


def test_decisions_flow_to_the_warehouse_without_wall_clock(journal):
    decide(journal, "force", "n1", "n2")
    [feed] = [one for one in feeds_of(journal) if one.stream == "identity_overrides"]
    [row] = feed.read(0)
    assert list(row) == ["seq", "override_id", "kind", "node_a_id", "node_b_id", "decided_by",
                         "reason", "decided_at"]  # fmt: skip
    assert feed.read(row["seq"]) == []


def test_an_erasure_takes_back_what_was_decided_about_the_person_and_blanks_nothing(
    journal, monkeypatch
):
    monkeypatch.setenv("BATON_ERASURE_KEY", "a key of the tests that is long enough")
    for pair in (("n1", "n2"), ("n3", "n1"), ("n3", "n4")):
        decide(journal, "force", *pair)
    decide(journal, "lifted", "n1", "n2")
    order = ErasureOrder(person_ids=["p1"], node_ids=["n1"], identifiers=[])
    journal.erasures.order(order, reason="asked for it", by="bob")
    assert standing(journal) == [("force", "n3", "n4")]
    last = journal.overrides.all()[-1]
    assert (last.kind, last.node_a_id, last.node_b_id) == ("lifted", "n1", "n3")
    assert (last.decided_by, last.reason) == ("bob", "erased")
    assert len(journal.overrides.all()) == 5
