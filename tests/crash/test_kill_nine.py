"""A process that is killed anywhere, any number of times, ends as one that never was."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from . import ground
from .killer import Plan

PLACES = ("intake", "intake commit", "dbt", "commit", "hand-over", "sending", "landing")
SHORT = (0, 130, 160)
LONG = (0, 80, 120, 140, 160, 220)
MAILS, WEBHOOKS = (140, 160), (80, 120, 160)
EVERYWHERE = 140
_SHIPPED = Path(__file__).parents[2] / "activation" / "destinations.yml"
_MAIL = yaml.safe_load(_SHIPPED.read_text(encoding="utf-8"))["destinations"]["shop_mail"]
OPEN_MAILS = _MAIL["limit"]["concurrency"]


def report(outcome, kills):
    """Print where the kills fell: the place that was wanted, and what the worker was at."""
    fallen = Counter((kill.plan.place, kill.phase, kill.slice) for kill in kills)
    for (place, phase, number), count in sorted(fallen.items()):
        print(f"killed {count} x at {place!r}: worker was {phase!r} in slice {number}")
    print(f"windows {len(outcome.windows)}, messages {len(outcome.messages)}, ", end="")
    print(f"unknown {len(outcome.unknown)}, orphaned {len(outcome.orphaned)}, ", end="")
    print(f"webhooks repeated {outcome.repeats}")


def assert_same(mine, other):
    """All is as in the undisturbed run but for the persons of unknown messages.

    Theirs alone may miss a message or a recovery; where they stand in the quote's journey is the
    same.
    """
    assert mine.people == other.people
    assert mine.records == other.records
    assert certain(mine.states, mine) == certain(other.states, mine)
    assert certain(mine.transitions, mine) == certain(other.transitions, mine)
    for ours, theirs in ((mine.decisions, other.decisions), (mine.messages, other.messages)):
        assert certain_values(ours, mine) == certain_values(theirs, mine)
    differing = {id_ for _, id_ in mine.received.keys() ^ other.received.keys()}
    persons = {id_: person for id_, (person, _) in (other.messages | mine.messages).items()}
    assert {persons[id_] for id_ in differing} <= mine.doubtful


def certain(rows, mine):
    """The rows that no unknown message can have changed."""
    return {row for row in rows if row[1] == "quote_stalled" or row[0] not in mine.doubtful}


def certain_values(facts, mine):
    """The facts about persons without an unknown message."""
    return {key: value for key, value in facts.items() if value[0] not in mine.doubtful}


def assert_sound(outcome, kills):
    """Nothing came twice, no window was skipped, every record is in exactly one place.

    A sender that is killed leaves no more mails unknown than may be open at a time. Who left them
    stands in the journal: what a worker was at when it was killed is heard a little late.
    """
    assert len(outcome.left_open_by) <= len(kills)
    assert max(outcome.left_open_by.values(), default=0) <= OPEN_MAILS
    assert outcome.unknown <= outcome.orphaned
    assert [id_ for id_, count in outcome.received.items() if count > 1] == []
    assert [row[0] for row in outcome.windows] == list(range(1, len(outcome.windows) + 1))
    assert {row[5] for row in outcome.windows} == {"committed"}
    for before, later in zip(outcome.windows, outcome.windows[1:], strict=False):
        assert later[2] == before[3]
        assert later[1] >= before[1]
        assert later[4] >= before[4]
    assert outcome.unaccounted == []
    assert outcome.not_loaded_once == []


@pytest.mark.timeout(900)
def test_after_three_kills_all_is_as_if_there_had_been_none(
    shop, undisturbed, killed, random, tmp_path
):
    ground.lay_out(shop, tmp_path, SHORT)
    undisturbed(tmp_path, SHORT[:1])
    ground.copy(tmp_path, shop.root)
    expected = undisturbed(tmp_path, SHORT)
    places = ["mail received", *random.sample(PLACES, 2)]
    outcome, kills, proof = killed(shop.root, SHORT, [Plan(place, 1) for place in places])
    report(outcome, kills)
    assert len(kills) == 3
    assert_sound(outcome, kills)
    assert_same(outcome, expected)
    assert proof.findings == ()
    assert proof.received >= 10


@pytest.mark.long
@pytest.mark.timeout(900)
def test_after_many_kills_all_is_as_if_there_had_been_none(
    shop, undisturbed, killed, random, tmp_path
):
    ground.lay_out(shop, tmp_path, LONG)
    ground.copy(tmp_path, shop.root)
    expected = undisturbed(tmp_path, LONG)
    plans = [
        Plan(place, number)
        for number, minute in enumerate(LONG)
        for place in places_at(minute, random)
    ]
    outcome, kills, proof = killed(shop.root, LONG, plans)
    report(outcome, kills)
    assert len(kills) == len(plans) >= 15
    assert {kill.plan.place for kill in kills} >= set(PLACES)
    ambushed = {kill.plan.place for kill in kills if kill.phase == "sending"}
    assert ambushed >= {"mail received", "webhook received"}
    assert {"taking in", "deciding", "handing over", "sending"} <= {kill.phase for kill in kills}
    assert_sound(outcome, kills)
    assert_same(outcome, expected)
    assert proof.findings == ()


def places_at(minute, random):
    """All places once where reminders are sent, one elsewhere; and where a message is received."""
    places = PLACES if minute == EVERYWHERE else random.sample(PLACES, 1)
    ambushes = (("webhook received", WEBHOOKS), ("mail received", MAILS))
    return [*(place for place, minutes in ambushes if minute in minutes), *places]
