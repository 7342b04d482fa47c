"""How alike two values of a kind are: the levels that Splink learns the weights of."""

from collections.abc import Collection
from typing import Any

import splink.comparison_level_library as levels
import splink.comparison_library as library
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from baton.linkage.kinds import How, Kind

_OTHER_NAME = {"first_name": "surname", "surname": "first_name"}
_NEAR: dict[How, tuple[float, ...]] = {"name": (0.92, 0.85, 0.7), "words": (0.9, 0.8)}
_STEPS: dict[How, tuple[int, ...]] = {"code": (1, 2), "date": (1, 2)}
_OPENING: dict[How, int] = {"code": 3, "date": 4}


def comparison_of(kind: Kind, among: Collection[Kind]) -> ComparisonCreator:
    """Return the comparison of two values of `kind`; rare values that agree weigh more."""
    if kind.how == "email":
        return library.EmailComparison(kind.name).configure(term_frequency_adjustments=True)
    name = kind.name
    found: list[ComparisonLevelCreator | dict[str, Any]] = [
        levels.NullLevel(name),
        levels.ExactMatchLevel(name, term_frequency_adjustments=True),
    ]
    found += [levels.JaroWinklerLevel(name, least) for least in _NEAR.get(kind.how, ())]
    found += [levels.LevenshteinLevel(name, most) for most in _STEPS.get(kind.how, ())]
    if kind.how in _OPENING:
        found.append(_begins_alike(name, _OPENING[kind.how]))
    other = _OTHER_NAME.get(name)
    if other in {one.name for one in among}:
        found.insert(3, _swapped(name, str(other)))
    found.append(levels.ElseLevel())
    return library.CustomComparison(found, output_column_name=name)


def _begins_alike(name: str, letters: int) -> ComparisonLevelCreator:
    return levels.CustomLevel(
        f"substr({name}_l, 1, {letters}) = substr({name}_r, 1, {letters})",
        label_for_charts="begins alike",
    )


def _swapped(name: str, other: str) -> ComparisonLevelCreator:
    return levels.CustomLevel(
        f"{name}_l = {other}_r or {other}_l = {name}_r", label_for_charts="in the other field"
    )
