"""The log of activations: what stands, what is live, and what an entry needs."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.errors import UsageError
from baton.journal import Activation, Journal
from baton.releases import activate, live_release, standing_releases
from baton.releases.log import resolve

NOW = datetime(2026, 3, 2, 9, 0)


def log(*entries: str) -> list[Activation]:
    """Entries such as `+r1` and `-r1`, in their order."""
    kinds = {"+": "activate", "-": "withdraw"}
    return [
        Activation(
            seq=number,
            release_id=entry[1:],
            kind=kinds[entry[0]],
            active_from=NOW + timedelta(hours=number),
            set_by="ada",
            approved_by=None,
            reason="test",
            recorded_at=NOW + timedelta(hours=number),
        )
        for number, entry in enumerate(entries, start=1)
    ]


@pytest.mark.parametrize(
    ("entries", "standing"),
    [
        ([], ()),
        (["+r1"], ("r1",)),
        (["+r1", "+r2"], ("r1", "r2")),
        (["+r1", "+r2", "-r2"], ("r1",)),
        (["+r1", "+r2", "-r1"], ("r2",)),
        (["+r1", "+r2", "+r1"], ("r2", "r1")),
        (["+r1", "+r2", "+r1", "-r1"], ("r2",)),
        (["+r1", "-r1", "+r1"], ("r1",)),
        (["+r1", "-r1"], ()),
    ],
)
def test_the_latest_that_stands_is_live(entries: list[str], standing: tuple[str, ...]) -> None:
    assert standing_releases(log(*entries)) == standing
    assert live_release(log(*entries)) == (standing[-1] if standing else None)


ENTRIES = st.lists(st.sampled_from(["+r1", "-r1", "+r2", "-r2", "+r3", "-r3"]), max_size=12)


@given(ENTRIES)
def test_a_release_is_live_when_activated_and_never_when_withdrawn(entries: list[str]) -> None:
    assert live_release(log(*entries, "+r1")) == "r1"
    assert "r1" not in standing_releases(log(*entries, "-r1"))


@given(ENTRIES)
def test_withdrawing_what_was_just_activated_leaves_the_others_as_they_were(
    entries: list[str],
) -> None:
    others = tuple(one for one in standing_releases(log(*entries)) if one != "r1")
    assert standing_releases(log(*entries, "+r1", "-r1")) == others


def test_a_release_is_found_by_how_its_id_starts() -> None:
    assert resolve("ab", ["abc", "xyz", "abc"], None) == "abc"


def test_without_a_name_the_live_one_is_meant() -> None:
    assert resolve(None, ["abc", "xyz"], "xyz") == "xyz"


@pytest.mark.parametrize("written", ["q", "a", None])
def test_what_names_no_release_or_several_is_wrong_usage(written: str | None) -> None:
    with pytest.raises(UsageError):
        resolve(written, ["abc", "abd"], None)


def test_an_activation_goes_to_the_journal(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "baton.journal.db") as journal:
        seq = activate(
            journal, "r1", active_from=NOW, by="ada", approved_by="grace", reason="first go"
        )
        (entry,) = journal.activations()
    assert (entry.seq, entry.release_id, entry.kind) == (seq, "r1", "activate")
    assert (entry.active_from, entry.set_by, entry.approved_by) == (NOW, "ada", "grace")
    assert entry.reason == "first go"


@pytest.mark.parametrize(("by", "reason"), [(" ", "first go"), ("ada", "")])
def test_an_activation_needs_a_name_and_a_reason(tmp_path: Path, by: str, reason: str) -> None:
    with Journal.open(tmp_path / "baton.journal.db") as journal:
        with pytest.raises(UsageError, match="without a name or a reason"):
            activate(journal, "r", active_from=NOW, by=by, approved_by=None, reason=reason)
        assert journal.activations() == []
