"""The model's exposures: rule 22 of docs/reference/decisions.md."""

from typing import Any

from .decisions.exposures import exposed
from .decisions.policies import Cap, Holdout
from .decisions.small import DAY, Small, action, at, step

ALL, NONE = 100.0, 0.0
GOOD, BAD = action("good", value=2.0, group="g"), action("bad", value=1.0, group="g")
BOTH = (step("b", "bad"), step("g", "good"))


def held(name: str, share: float) -> Holdout:
    return Holdout(name, None, None, share, name)


def small(*holdouts: Holdout, **policies: Any) -> Small:
    return Small((GOOD, BAD), {"holdouts": holdouts, **policies})


def found(one: Small) -> list[tuple[str, str, str, bool]]:
    """Return holdout, arm, step and whether it is contaminated, of all who are exposed."""
    state = one.state
    step_of = {id_: candidate.step_id for id_, candidate in state.candidates.items()}
    people = exposed(state.exposures, state.ledger, one.facts(0))
    return sorted(
        (who.first.holdout, who.arm, step_of[who.first.candidate_id], who.is_contaminated)
        for who in people
    )


def test_what_goes_out_exposes_in_every_holdout_and_the_first_counts() -> None:
    one = small(held("h", NONE), held("other", NONE))
    one.window(0, *BOTH)
    one.window(5)
    assert found(one) == [("h", "treatment", "g", False), ("other", "treatment", "g", False)]
    assert {exposure.exposed_at for exposure in one.state.exposures} == {at(0)}


def test_what_one_holdout_alone_holds_back_exposes_in_it() -> None:
    one = small(held("h", ALL), held("other", NONE))
    one.window(0, *BOTH)
    assert found(one) == [("h", "control", "g", False)]
    (exposure,) = one.state.exposures
    assert (exposure.outcome, exposure.message_id) == ("send", None)


def test_what_two_hold_back_or_would_not_go_out_exposes_in_neither() -> None:
    twice = small(held("h", ALL), held("other", ALL))
    twice.window(0, *BOTH)
    full = small(held("h", ALL), caps=(Cap("none", DAY, 0, "drop"),))
    full.window(0, *BOTH)
    assert found(twice) == found(full) == []


def test_who_was_in_another_arm_when_exposed_is_contaminated() -> None:
    one = small(held("h", ALL))
    one.window(0, *BOTH)
    one.policies = {"holdouts": (held("h", NONE),)}
    one.window(1, step("bob", "good", node_id="bob"))
    assert found(one) == [("h", "control", "g", False), ("h", "treatment", "bob", False)]
    both_are_ada = {"ada": "Ada", "bob": "Ada"}
    state, facts = one.state, one.facts(2, person_of=both_are_ada)
    (who,) = exposed(state.exposures, state.ledger, facts)
    assert (who.arm, who.is_contaminated, who.first.node_id) == ("control", True, "ada")
