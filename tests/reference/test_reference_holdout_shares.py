"""Of 200,000 people as many are held out as chance allows, and salts know nothing of each other."""

from math import sqrt

import pytest

from baton.ids import make_id

from .decisions.holdouts import arm, bucket
from .decisions.policies import Holdout

PEOPLE = 200_000
NODES = [make_id("node", "email", f"person{number}@post.example") for number in range(PEOPLE)]


def controls(share: float, salt: str) -> set[str]:
    holdout = Holdout("h", None, None, share, salt)
    return {node for node in NODES if arm(holdout, bucket(holdout, node)) == "control"}


def lies_within_five_sigma(found: int, of: int, chance: float) -> bool:
    return abs(found - of * chance) <= 5 * sqrt(of * chance * (1 - chance))


@pytest.mark.parametrize("share", [0.5, 5, 50])
def test_as_many_are_held_out_as_the_share_says(share: float) -> None:
    assert lies_within_five_sigma(len(controls(share, "spring")), PEOPLE, share / 100)


def test_who_is_held_out_by_one_salt_is_no_likelier_to_be_held_out_by_another() -> None:
    both = controls(10, "spring") & controls(10, "autumn")
    assert lies_within_five_sigma(len(both), PEOPLE, 0.01)


def test_a_larger_share_keeps_those_of_the_smaller_one() -> None:
    assert controls(5, "spring") < controls(6, "spring")
