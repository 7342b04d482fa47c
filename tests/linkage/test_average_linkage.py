"""Average linkage in SQL against the plainest way to do it: merge the best pair, one at a time."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from baton.linkage.clusters import cluster_pairs

Pairs = dict[tuple[int, int], int]
Clusters = set[frozenset[int]]
MISSING = 500


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("set threads = 1")
        opened.execute("create table pairs (a bigint, b bigint, weight double)")
        yield opened


def clustered(con: duckdb.DuckDBPyConnection, pairs: Pairs, missing: int = MISSING) -> Clusters:
    con.execute("delete from pairs")
    for (a, b), thousandths in pairs.items():
        con.execute("insert into pairs values (?, ?, ?)", [a, b, thousandths / 1000])
    cluster_pairs(con, "pairs", missing=missing / 1000)
    rows = con.execute("select list(id), min(id) = min(cluster) from clusters group by cluster")
    found = rows.fetchall()
    assert all(is_named_by_its_lowest for _, is_named_by_its_lowest in found)
    return {frozenset(ids) for ids, _ in found}


def one_at_a_time(pairs: Pairs, missing: int = MISSING) -> Clusters:
    """Merge the two clusters with the highest mean while it is positive; ties are no examples."""
    clusters = [frozenset([one]) for one in sorted({end for pair in pairs for end in pair})]

    def mean(x: frozenset[int], y: frozenset[int]) -> Fraction:
        between = [pairs.get((min(a, b), max(a, b)), -missing) for a in x for b in y]
        return Fraction(sum(between), len(between))

    while True:
        means = sorted(
            ((mean(x, y), x, y) for x, y in combinations(clusters, 2)),
            key=lambda one: one[0],
            reverse=True,
        )
        if not means or means[0][0] <= 0:
            return set(clusters)
        assume(len(means) == 1 or means[0][0] != means[1][0])
        _, x, y = means[0]
        clusters = [*(one for one in clusters if one not in (x, y)), x | y]


@st.composite
def scored_pairs(draw: st.DrawFn) -> Pairs:
    """Up to eight records, of whose pairs some are scored, no two alike."""
    pairs = list(combinations(range(draw(st.integers(2, 8))), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    weights = st.lists(
        st.integers(-9_999, 30_000), min_size=len(chosen), max_size=len(chosen), unique=True
    )
    return dict(zip(chosen, draw(weights), strict=True))


@given(pairs=scored_pairs())
@settings(max_examples=20, deadline=None, derandomize=True)
def test_rounds_of_mutual_choices_are_the_best_pair_one_at_a_time(
    con: duckdb.DuckDBPyConnection, pairs: Pairs
) -> None:
    assert clustered(con, pairs) == one_at_a_time(pairs)


def test_a_chain_breaks_where_the_ends_speak_against_it(con: duckdb.DuckDBPyConnection) -> None:
    chain = {(1, 2): 8_000, (2, 3): 5_000, (1, 3): -9_000}
    assert clustered(con, chain) == {frozenset({1, 2}), frozenset({3})}


def test_pairs_never_looked_at_count_a_little_against(con: duckdb.DuckDBPyConnection) -> None:
    weak = {(1, 2): 9_000, (2, 3): 400}
    assert clustered(con, weak) == {frozenset({1, 2}), frozenset({3})}
    assert clustered(con, weak, missing=300) == {frozenset({1, 2, 3})}


def test_without_pairs_there_are_no_clusters(con: duckdb.DuckDBPyConnection) -> None:
    assert clustered(con, {}) == set()
