"""The id of a release is a function of its content, and of nothing else."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_projects import ACTIONS, CARD, SIGNAL, write

from baton.releases import compile_release

CARD_PATH = "models/journeys/cards/quote_stalled.sql"
WAYS: dict[str, list[list[str]]] = {
    CARD_PATH: [
        [CARD, CARD.replace("after: 1 day,", "after: 24 hours,"), f"-- a quote\n{CARD}"],
        [CARD.replace("after: 1 day,", "after: 2 days,")],
        [CARD.replace("it's late", "still open")],
    ],
    "models/journeys/signals/quote_started.sql": [
        [SIGNAL, SIGNAL.replace("\n", "\n\n"), SIGNAL.replace("-- the quote", "")],
        [SIGNAL.replace("stg_events", "stg_web")],
    ],
    "seeds/policies/actions.csv": [
        [ACTIONS, ACTIONS.replace("call,25.5", '"call","25.5"')],
        [ACTIONS.replace("25.5", "26")],
    ],
}
Tree = dict[str, tuple[int, int]]
TREES: st.SearchStrategy[Tree] = st.fixed_dictionaries(
    {
        path: st.sampled_from(
            [(meaning, way) for meaning, ways in enumerate(all_) for way in range(len(ways))]
        )
        for path, all_ in WAYS.items()
    }
)
TIMES = st.integers(0, 10_000).map(lambda hours: datetime(2026, 1, 1) + timedelta(hours=hours))


def release_id(dbt_project: Path, tree: Tree, at: datetime) -> str:
    for path, (meaning, way) in tree.items():
        write(dbt_project, path, WAYS[path][meaning][way])
    return compile_release(dbt_project, now=at).release_id


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(one=TREES, other=TREES, at=TIMES, later=TIMES)
def test_two_trees_are_one_release_when_and_only_when_they_mean_the_same(
    dbt_project: Path, one: Tree, other: Tree, at: datetime, later: datetime
) -> None:
    is_same = all(one[path][0] == other[path][0] for path in WAYS)
    ids = release_id(dbt_project, one, at), release_id(dbt_project, other, later)
    assert (ids[0] == ids[1]) == is_same


@pytest.mark.parametrize("name", ["sales/quote_stalled.sql", "a/b/quote_stalled.sql"])
def test_where_a_card_lies_makes_no_other_release(dbt_project: Path, name: str) -> None:
    second = CARD.replace("quote_stalled", "other")
    write(dbt_project, "models/journeys/cards/other.sql", second)
    before = compile_release(dbt_project, now=datetime(2026, 1, 1)).release_id
    (dbt_project / CARD_PATH).unlink()
    write(dbt_project, f"models/journeys/cards/{name}", CARD)
    assert compile_release(dbt_project, now=datetime(2026, 1, 1)).release_id == before
