"""Whatever happens in whatever order: the warehouse says what the semantics say."""

import pytest
from hypothesis import given
from reference import Model

from baton.warehouse import reader

from .examples import FEW, LONG
from .histories import History, histories
from .loaded import batch_times, records
from .messages import answering, broken_promises, outbox
from .said import by_reference, by_warehouse, differences
from .sending import to_all_kinds_of_ends
from .shop import Shop, cards_of_the_tests
from .tables import LEDGERS, STATE, Rows, changes, contents


def check_a_history(shop: Shop, history: History) -> None:
    """Play a history and hold every promise against it."""
    now = history.batch_times[-1]
    with shop.open(shuffle=history.seed) as run:
        shop.play(run, history.arrivals, history.batch_times, to_all_kinds_of_ends)
        compare_with_the_reference(shop)
        before = everything(shop)
        assert shop.batch(run, now).outcomes == {}, "nothing new, and yet something was decided"
        require_same(before, everything(shop), "after a batch with nothing new")
        shop.batch(run, now, is_whole=True)
        require_same(before, everything(shop), "after a full rebuild")


def compare_with_the_reference(shop: Shop) -> None:
    """Clusters, permissions, steps, states and messages are what the reference expects."""
    with reader(shop.project.warehouse) as con:
        times = batch_times(con)
        model = Model(records(con), cards_of_the_tests(), max(times.values()))
        found = differences(by_warehouse(con, shop), by_reference(model))
        assert not found, found
        broken = broken_promises(outbox(con, shop), model, times, answering(con, shop))
        assert not broken, "\n".join(broken)


def everything(shop: Shop) -> dict[str, Rows]:
    """All that must stay as it is while nothing new arrives."""
    with reader(shop.project.warehouse) as con:
        return contents(con, shop, {**LEDGERS, **STATE})


def require_same(before: dict[str, Rows], after: dict[str, Rows], when: str) -> None:
    """Fail with the rows that changed."""
    found = changes(before, after)
    assert not found, f"{when}\n{found}"


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
