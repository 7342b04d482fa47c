"""Whatever happens in whatever order: the warehouse says what the semantics say."""

import pytest
from hypothesis import given

from baton.warehouse import reader
from reference import Model

from .examples import FEW, LONG
from .histories import History, histories
from .loaded import batch_times, records
from .messages import answering, broken_promises, outbox
from .said import by_reference, by_warehouse, differences
from .shop import Shop, cards_of_the_tests
from .tables import LEDGERS, STATE, changes, contents


def check_a_history(shop: Shop, history: History) -> None:
    """Play a history and hold every promise against it."""
    now = history.batch_times[-1]
    with shop.open(shuffle=history.seed) as run:
        shop.play(run, history.arrivals, history.batch_times)
        _compare_with_the_reference(shop)
        with reader(shop.project.warehouse) as con:
            before = contents(con, shop, {**LEDGERS, **STATE})
        again = shop.batch(run, now)
        assert again.outcomes == {}
        with reader(shop.project.warehouse) as con:
            assert changes(before, contents(con, shop, {**LEDGERS, **STATE})) == ""
        shop.batch(run, now, is_whole=True)
        with reader(shop.project.warehouse) as con:
            assert changes(before, contents(con, shop, {**LEDGERS, **STATE})) == ""


def _compare_with_the_reference(shop: Shop) -> None:
    with reader(shop.project.warehouse) as con:
        times = batch_times(con)
        model = Model(records(con), cards_of_the_tests(), max(times.values()))
        assert differences(by_warehouse(con, shop), by_reference(model)) == ""
        broken = broken_promises(outbox(con, shop), model, times, answering(con, shop))
        assert broken == []


@FEW
@given(history=histories(plots=80, batches=3))
def test_a_random_history_is_told_as_the_semantics_say(shop: Shop, history: History) -> None:
    check_a_history(shop, history)


@pytest.mark.long
@pytest.mark.timeout(900)
@LONG
@given(history=histories(plots=150, batches=6))
def test_many_random_histories_are_told_as_the_semantics_say(shop: Shop, history: History) -> None:
    check_a_history(shop, history)
