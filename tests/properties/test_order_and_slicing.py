"""In whatever order and slices the same records come: the same persons, permissions and steps."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given

from baton.warehouse import reader

from .arrivals import Arrival
from .examples import FEW, LONG
from .histories import History, histories
from .said import by_warehouse, differences
from .shop import Shop

_IMPATIENT = "visits"


def told(
    shop: Shop, arrivals: Sequence[Arrival], batch_times: Sequence[datetime], shuffle: int
) -> dict[str, dict[Hashable, Any]]:
    """Return what the warehouse says, without person ids and without the journey whose grace is
    shorter than the slices."""
    with shop.open(shuffle=shuffle) as run:
        shop.play(run, arrivals, batch_times)
    with reader(shop.project.warehouse) as con:
        said = by_warehouse(con, shop)
    clusters: dict[str, set[Hashable]] = {}
    for node, (person,) in said["persons"].items():
        clusters.setdefault(person, set()).add(node)
    return {
        "clusters": {frozenset(nodes): True for nodes in clusters.values()},
        "permissions": dict(said["permissions"]),
        "steps": {key: row for key, row in said["steps"].items() if _IMPATIENT not in row},
    }


@FEW
@given(history=histories(plots=80, batches=2, is_steady=True))
def test_many_small_batches_say_what_one_large_batch_says(shop: Shop, history: History) -> None:
    last = history.batch_times[-1]
    one = told(shop, history.arrivals, history.batch_times, shuffle=1)
    other = told(shop, history.arrivals, [last], shuffle=2)
    found = differences(one, other)
    assert not found, found


@pytest.mark.long
@pytest.mark.more
@pytest.mark.timeout(900)
@LONG
@given(history=histories(plots=150, batches=3, is_steady=True))
def test_records_in_another_order_say_the_same(shop: Shop, history: History) -> None:
    one = told(shop, history.arrivals, history.batch_times, shuffle=1)
    other = told(shop, history.in_another_order(), history.batch_times, shuffle=2)
    found = differences(one, other)
    assert not found, found
