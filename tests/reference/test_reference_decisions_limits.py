"""The model's limits: rule 20 of docs/reference/decisions.md."""

from datetime import datetime
from typing import Any

from .decisions.limits import Counted, Runaway, runaways
from .decisions.small import at

LIMITS = {
    "person_per_day": 100.0,
    "journey_per_hour_most": 5.0,
    "journey_per_hour_least": 2.0,
    "journey_per_hour_factor": 2.0,
}


def sent(count: int, hours: float = 0, **facts: Any) -> list[Counted]:
    """Return so many messages of a journey, each of a person of its own, new ones unless told."""
    usual: dict[str, Any] = {"journey": "j", "decided_at": at(hours), "state": None}
    return [Counted(**(usual | {"person": f"p{number}"} | facts)) for number in range(count)]


def over(*messages: list[Counted], resumed: datetime | None = None, **limits: float) -> Any:
    """Return who is over a limit at noon."""
    given = [one for some in messages for one in some]
    let_go = {"j": resumed} if resumed else {}
    return list(runaways(given, LIMITS | limits, let_go, at(0)))


def test_more_than_the_most_of_an_hour_is_too_much_and_new_ones_count_as_now() -> None:
    assert over(sent(5)) == [Runaway("j", "journey_per_hour_factor", 5, 2)]
    assert over(sent(3), sent(3, -9)) == [Runaway("j", "journey_per_hour_most", 6, 5)]
    assert over(sent(6, state="accepted")) == []
    assert over(sent(2), sent(9, -1, state="accepted"), sent(9, state="dead")) == []


def test_the_usual_is_the_84th_highest_hour() -> None:
    hours = [sent(2, -hour, state="accepted") for hour in range(1, 84)]
    assert over(sent(4), *hours) == []
    assert over(sent(4), *hours[1:]) == [Runaway("j", "journey_per_hour_factor", 4, 2)]


def test_a_resume_forgets_what_came_before_and_gives_an_hour() -> None:
    assert over(sent(6), resumed=at(-0.5)) == [Runaway("j", "journey_per_hour_most", 6, 5)]
    assert over(sent(5), resumed=at(-0.5)) == []
    assert over(sent(5), resumed=at(-1)) == [Runaway("j", "journey_per_hour_factor", 5, 2)]
    assert over(sent(9, -0.5), resumed=at(-0.5)) == []


def test_of_the_journeys_that_add_for_a_person_the_one_with_most_is_stopped() -> None:
    ada: dict[str, Any] = {"person": "ada"}
    older = sent(1, -23, journey="k", state="sent", **ada)
    mine = [sent(1, **ada), sent(1, journey="k", **ada), older]
    loud = sent(9, -2, journey="l", state="sent", **ada)
    past = sent(9, -24, journey="k", state="sent", **ada)
    assert over(*mine, loud, past, person_per_day=11) == [Runaway("k", "person_per_day", 12, 11)]
    assert over(*mine, loud, past, person_per_day=12) == []
