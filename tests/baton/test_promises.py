"""What is to be told of broken promises: each breach once, and its end once."""

from datetime import datetime, timedelta

from baton.promises import Breach, followed, told

T = datetime(2024, 5, 6, 12)
LATER = T + timedelta(minutes=5)


def news(breaches: dict[str, Breach]) -> list[tuple[str, bool]]:
    """Return what is to be told: the key, and whether it is over."""
    return [(key, one.is_over) for key, one in breaches.items() if one.is_news]


def test_a_breach_is_news_until_it_is_told_and_again_when_it_is_over() -> None:
    breaches = followed({}, {"claimed/email": "8 s"}, T)
    assert news(breaches) == [("claimed/email", False)]
    assert breaches["claimed/email"].line() == "broken promise: 8 s"
    breaches = told(breaches, ["claimed/email"])
    breaches = followed(breaches, {"claimed/email": "9 s"}, LATER)
    assert news(breaches) == []
    assert breaches["claimed/email"] == Breach(T, "9 s", is_told=True)
    breaches = followed(breaches, {}, LATER)
    assert news(breaches) == [("claimed/email", True)]
    assert breaches["claimed/email"].line() == "kept again: 9 s"
    assert told(breaches, ["claimed/email"]) == {}


def test_what_could_not_be_told_stays_news_since_it_broke() -> None:
    breaches = followed({}, {"claimed/email": "8 s"}, T)
    breaches = followed(breaches, {"claimed/email": "8 s"}, LATER)
    assert news(breaches) == [("claimed/email", False)]
    assert breaches["claimed/email"].since == T
    assert followed(breaches, {}, LATER) == {}, "nobody heard of it, and it is over"


def test_one_that_breaks_again_before_its_end_was_told_is_the_same_breach() -> None:
    breaches = told(followed({}, {"claimed/email": "8 s"}, T), ["claimed/email"])
    breaches = followed(followed(breaches, {}, LATER), {"claimed/email": "7 s"}, LATER)
    assert news(breaches) == []
    assert breaches["claimed/email"].since == T
