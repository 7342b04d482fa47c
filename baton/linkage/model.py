"""The weights of evidence: a Fellegi-Sunter model, learned by Splink from the records alone.

Nothing is set per data set. Two things are done beyond Splink's steps. It takes pairs drawn at
random for strangers; where records of one person are many they are not, so the share of pairs that
are the same person is taken out of what was counted of strangers. And how many pairs are the same
person is not assumed: it is the share at which the scored pairs, added up, say the same.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from math import log2
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from baton.linkage.comparisons import comparison_of
from baton.linkage.kinds import Kind
from baton.linkage.records import PAIRS, RECORDS, blocks_of

_SEED = 1
_RANDOM_PAIRS = 2_000_000
_TRAINING_PAIRS = 1_000_000
_LEAST_TRAINING_PAIRS = 20
_LEAST_SETS = 2
_LEAST_WEIGHT = -10.0
_STRANGERS_AT_LEAST = 0.2
_ROUNDS = 20
_MOST_SHARE = 0.5
_LEARNED_WITHIN = 0.001
_EXACT = "decimal(38, 12)"  # its sum does not depend on the order of rows
_TELLING = (
    ("first_name", "surname"),
    ("dob",),
    ("email",),
    ("phone",),
    ("person_number",),
    ("postcode",),
    ("address",),
)
_OTHERWISE = (("surname",), ("city",), ("first_name",))
_QUIET = logging.CRITICAL  # Splink tells of its training by log, settings and SQL among it


def score(con: duckdb.DuckDBPyConnection, kinds: Collection[Kind]) -> float:
    """Fill the table `linkage_pairs` (a, b, weight) from `linkage_records`; a < b.

    `weight` is the evidence that two records are of one person, as log2 of the odds; pairs below
    -10 are left out. Returns the share of all pairs that are the same person, as the model has it.
    """
    (records,) = con.execute(f"select count(*) from {RECORDS}").fetchall()[0]
    given = DuckDBAPI(con).register(RECORDS)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[comparison_of(kind, kinds) for kind in kinds],
        blocking_rules_to_generate_predictions=[block_on(name) for name in blocks_of(kinds)],
        probability_two_random_records_match=1 / records,
        retain_matching_columns=False,
        em_convergence=_LEARNED_WITHIN,
    )
    linker = Linker(given, settings, log_level=_QUIET)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=_RANDOM_PAIRS, seed=_SEED, min_count_per_level=None, num_chunks=1
    )
    drawn = min(_RANDOM_PAIRS, records * (records - 1) / 2)
    learned = _with_unseen(linker.misc.save_model_to_json(), 1 / drawn)
    linker = Linker(given, learned, log_level=_QUIET)
    _train(con, linker, frozenset(kind.name for kind in kinds))
    learned = linker.misc.save_model_to_json()
    share = _predict(con, linker, learned, records)
    learned = _without_same_persons(learned, share)
    return _predict(con, Linker(given, learned, log_level=_QUIET), learned, records)


def _with_unseen(learned: dict[str, Any], least: float) -> dict[str, Any]:
    """The model with what no two strangers drawn at random had: as if one pair of them had it."""

    def seen(level: dict[str, Any]) -> dict[str, Any]:
        if level.get("is_null_level") or isinstance(level.get("u_probability"), float):
            return level
        return level | {"u_probability": least}

    return _with_levels(learned, seen)


def _train(con: duckdb.DuckDBPyConnection, linker: Linker, names: frozenset[str]) -> None:
    """Learn how often doubles agree, from each set of pairs that share something.

    Where doubles are all alike, what they never have falls below what a float holds and Splink
    gives up: of such a set nothing is learned, Splink's usual figures stand.
    """
    for columns in _trained_on(con, names):
        with suppress(ValueError):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*columns),
                estimate_without_term_frequencies=True,
                max_pairs=_TRAINING_PAIRS,
            )


def _trained_on(con: duckdb.DuckDBPyConnection, names: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Yield what pairs share from which the weights of all else are learned.

    What is shared is not learned of by them: there are two such sets at least, where there can be.
    """
    found = 0
    for columns in (*_TELLING, *_OTHERWISE):
        is_needed = columns in _TELLING or found < _LEAST_SETS
        if not is_needed or not names.issuperset(columns):
            continue
        if _pairs_that_share(con, columns) >= _LEAST_TRAINING_PAIRS:
            found += 1
            yield columns


def _pairs_that_share(con: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> int:
    there = " and ".join(f"{name} is not null" for name in columns)
    by = ", ".join(columns)
    return con.execute(
        f"""select coalesce(sum(n * (n - 1) / 2), 0)::bigint
        from (select count(*) as n from {RECORDS} where {there} group by {by})"""
    ).fetchall()[0][0]


def _without_same_persons(learned: dict[str, Any], share: float) -> dict[str, Any]:
    """The model with what was counted of strangers freed of pairs that are the same person.

    A fifth of the count is left to them at least: it is itself a sample.
    """

    def of_strangers(level: dict[str, Any]) -> dict[str, Any]:
        if "u_probability" not in level or "m_probability" not in level:
            return level
        counted, of_same = level["u_probability"], level["m_probability"]
        freed = (counted - share * of_same) / (1 - share)
        return level | {"u_probability": max(freed, _STRANGERS_AT_LEAST * counted)}

    return _with_levels(learned, of_strangers) | {"probability_two_random_records_match": share}


def _with_levels(
    learned: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """The model with every level of every comparison changed."""
    comparisons = [
        one | {"comparison_levels": [change(level) for level in one["comparison_levels"]]}
        for one in learned["comparisons"]
    ]
    return learned | {"comparisons": comparisons}


def _predict(
    con: duckdb.DuckDBPyConnection, linker: Linker, learned: dict[str, Any], records: int
) -> float:
    """Score the pairs; move all weights by what the share of same persons differs from learned."""
    scored = linker.inference.predict(threshold_match_weight=_LEAST_WEIGHT)
    assumed = float(learned["probability_two_random_records_match"])
    share = assumed
    for _ in range(_ROUNDS):
        moved = _log_odds(share) - _log_odds(assumed)
        (same,) = con.execute(
            f"""select coalesce(sum((1 / (1 + pow(2.0, -(match_weight + $moved))))::{_EXACT}), 0)
            from {scored.physical_name}""",
            {"moved": moved},
        ).fetchall()[0]
        share = min(max(float(same), 1.0) / (records * (records - 1) / 2), _MOST_SHARE)
    con.execute(
        f"""create or replace table {PAIRS} as
        select least(unique_id_l, unique_id_r) as a, greatest(unique_id_l, unique_id_r) as b,
            match_weight + $moved as weight
        from {scored.physical_name}""",
        {"moved": _log_odds(share) - _log_odds(assumed)},
    )
    return share


def _log_odds(share: float) -> float:
    return log2(share / (1 - share))
