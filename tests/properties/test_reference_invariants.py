"""The reference itself keeps what it is to judge the warehouse by."""

from hypothesis import given
from reference import Model

from .examples import MANY
from .histories import GO_LIVE, History, histories
from .loaded import as_intake_would
from .shop import cards_of_the_tests

_ENTERED_AT_EVERY_SIGNAL = "echoes"


def model(history: History, *, is_in_another_order: bool = False) -> Model:
    arrivals = history.in_another_order() if is_in_another_order else history.arrivals
    times = [GO_LIVE, *history.batch_times]
    patient = [card for card in cards_of_the_tests() if card.journey != "visits"]
    return Model(as_intake_would(arrivals, times), patient, times[-1])


@MANY
@given(history=histories(plots=4, batches=3, is_steady=True))
def test_the_order_of_arrival_changes_nothing_that_the_reference_says(history: History) -> None:
    one, other = model(history), model(history, is_in_another_order=True)
    assert set(one.people.clusters.values()) == set(other.people.clusters.values())
    assert one.permissions == other.permissions
    steps = {step for instance in one.instances for step in instance.steps}
    assert steps == {step for instance in other.instances for step in instance.steps}


@MANY
@given(history=histories(plots=4, batches=3))
def test_the_reference_has_one_open_instance_per_person_journey_and_key(history: History) -> None:
    said = model(history)
    open_ones = [
        (said.people.person_of[one.entry.node_id], one.card.journey, one.key)
        for one in said.instances
        if one.is_open and one.card.journey != _ENTERED_AT_EVERY_SIGNAL
    ]
    assert len(open_ones) == len(set(open_ones))


@MANY
@given(history=histories(plots=4, batches=3))
def test_time_only_adds_to_what_the_reference_says_when_nothing_arrives(history: History) -> None:
    """A later watermark keeps every step and may append to open instances only."""
    said = model(history)
    later = Model(said.records, cards_of_the_tests(), history.batch_times[-1].replace(year=2027))
    now = Model(said.records, cards_of_the_tests(), history.batch_times[-1])
    before = {step for instance in now.instances for step in instance.steps}
    assert before <= {step for instance in later.instances for step in instance.steps}
    assert not [one for one in later.instances if one.is_open]
