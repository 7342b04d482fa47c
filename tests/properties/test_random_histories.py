"""Whatever happens in whatever order: the warehouse says what the semantics say."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager

import pytest
from hypothesis import given
from reference import Model

from baton.warehouse import reader

from .examples import FEW, LONG
from .histories import History, histories
from .loaded import batch_times, lost, records
from .messages import answering, broken_promises, outbox
from .said import by_reference, by_warehouse, differences
from .sending import to_all_kinds_of_ends
from .shop import Shop, cards_of_the_tests
from .tables import DECIDED, LEDGERS, STATE, Table, changes, contents


def check_a_history(shop: Shop, history: History) -> None:
    """Play a history and hold every promise against it."""
    now = history.batch_times[-1]
    with shop.open(shuffle=history.seed) as run:
        shop.play(run, history.arrivals, history.batch_times, to_all_kinds_of_ends)
        with reader(shop.project.warehouse) as con:
            assert not lost(con, history.arrivals)
        compare_with_the_reference(shop)
        shop.batch(run, now)  # what became of the last messages may let others go
        with unchanged(shop, (*STATE, *LEDGERS), "by a batch with nothing new"):
            assert shop.batch(run, now).outcomes == {}
        with unchanged(shop, (*STATE, *DECIDED), "by a full rebuild"):
            shop.batch(run, now, is_whole=True)


def compare_with_the_reference(shop: Shop) -> None:
    """Clusters, permissions, steps, states and messages are what the reference expects."""
    with reader(shop.project.warehouse) as con:
        times = batch_times(con)
        model = Model(records(con), cards_of_the_tests(), max(times.values()))
        found = differences(by_warehouse(con, shop), by_reference(model))
        assert not found, found
        broken = broken_promises(outbox(con, shop), model, times, answering(con, shop))
        assert not broken, "\n".join(broken)


@contextmanager
def unchanged(shop: Shop, tables: Iterable[Table], by: str) -> Generator[None]:
    """Fail with the rows that what happens inside has changed."""
    with reader(shop.project.warehouse) as con:
        before = contents(con, shop, tables)
    yield
    with reader(shop.project.warehouse) as con:
        found = changes(before, contents(con, shop, tables))
    assert not found, f"changed {by}\n{found}"


@FEW
@given(history=histories(plots=80, batches=3))
def test_a_random_history_is_told_as_the_semantics_say(shop: Shop, history: History) -> None:
    check_a_history(shop, history)


@pytest.mark.long
@pytest.mark.more
@pytest.mark.timeout(900)
@LONG
@given(history=histories(plots=150, batches=6))
def test_many_random_histories_are_told_as_the_semantics_say(shop: Shop, history: History) -> None:
    check_a_history(shop, history)
