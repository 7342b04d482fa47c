import subprocess
import sys

import pytest
from handed import MINUTE, NOON, block, claim, claimed_ids, message, open_at_once, state_of

from baton.errors import UsageError
from baton.journal import Answer, Verdict
from baton.journal.copying import copy


@pytest.fixture
def used(tmp_path):
    """A journal on SQLite that has seen something of everything."""
    path = tmp_path / "used.db"
    with open_at_once(path) as journal:
        journal.set_simulated_time(NOON)
        journal.hand_over([message(number) for number in range(4)], checked_at=NOON)
        journal.block_addresses([block(3)])
        (one,) = claim(journal, limit=1)
        accepted = Verdict(one.message_id, "accepted")
        journal.record([Answer(one.attempt_id, "ok", (accepted,))], NOON)
        journal.stop("person", "p1", reason="asked", by="ann")
    return path


def streams(journal):
    names = ("message_events", "switches", "activations", "statements")
    return {name: journal.feed(name, 0) for name in names}


def test_a_copy_goes_on_where_the_old_journal_ended(used, target):
    with open_at_once(used) as journal:
        before = streams(journal)
    assert copy(used, target)["messages"] == 4
    with open_at_once(target) as journal:
        assert streams(journal) == before
        assert journal.now() == NOON
        assert claimed_ids(journal) == ["m2"]
        assert (state_of(journal, "m1"), state_of(journal, "m3")) == (
            "pending",
            "cancelled: opted_out",
        )
        journal.resume("person", "p1", reason="asked again", by="ann")
        assert claim(journal)[0].variables == {"first_name": "Ann-Sophie"}
        after = before["message_events"][-1]["seq"]
        assert len(journal.feed("message_events", after)) == 3


def test_the_old_journal_sends_nothing_more(used, target):
    copy(used, target)
    with open_at_once(used) as journal:
        assert claimed_ids(journal) == []
        assert [(one.scope, one.reason) for one in journal.switches()][-1] == ("global", "moved")


def test_nothing_is_copied_while_a_message_is_on_its_way(used, target):
    with open_at_once(used) as journal:
        claim(journal)
    with pytest.raises(UsageError, match="on their way"):
        copy(used, target)
    with open_at_once(target) as journal:
        assert journal.message_counts() == {}


def test_a_journal_with_rows_is_not_written_over(used, target, journal):
    journal.hand_over([message()], checked_at=NOON + MINUTE)
    with pytest.raises(UsageError, match="has rows"):
        copy(used, target)
    assert journal.message_counts() == {"pending": 1}


def test_a_copy_is_made_from_the_command_line(used, tmp_path):
    command = [sys.executable, "-m", "baton.journal.copying", used, tmp_path / "new.db"]
    first = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "messages: 4" in first.stdout
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (again.returncode, "has rows" in again.stderr) == (1, True)
