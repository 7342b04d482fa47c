"""The model's checks before the contest: rules 1 to 11 of docs/reference/decisions.md."""

from datetime import date, datetime, time
from typing import Any

import pytest

from .decisions.holdouts import arm, assignment_of, bucket, is_contaminated
from .decisions.local_periods import beginning, first_day, next_first_day
from .decisions.policies import Holdout, Quiet
from .decisions.records import Assignment, Card, Permission, Suppression
from .decisions.small import DAY, END, HOUR, LONG_AGO, NOON, Small, action, at, said, step
from .guards import Interval

MAIL = action("mail")
OPEN_CASE = Interval("open_case", "case", "ada", LONG_AGO, END, LONG_AGO)
SUPPRESSED = Suppression(None, "ada", LONG_AGO, END)
SENT = ("send", "all_checks_passed")


def quiet(from_: int, until: int, days: str = "all", class_: str | None = None) -> Quiet:
    return Quiet("email", class_, days, time(from_), time(until))


def verdict(does: Any = MAIL, policies: Any = None, due: float = 0, **facts: Any) -> Any:
    """What is said at noon of one step."""
    small = Small((does,), policies or {})
    (one,) = small.window(0, step("s", does.name, due), **facts).values()
    return one


def reason(does: Any = MAIL, policies: Any = None, due: float = 0, **facts: Any) -> Any:
    one = verdict(does, policies, due, **facts)
    return one.outcome, one.reason


def test_what_passes_everything_goes_out_as_its_action_says() -> None:
    assert reason() == SENT
    assert reason(action("call", channel="desk", outcome="route")) == ("route", SENT[1])


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"cards": {"card": Card(is_standing=False)}}, ("wait", "card_withdrawn")),
        ({"watermark": at(-1)}, ("wait", "input_behind")),
        ({"switches": frozenset({("journey", "j")})}, ("wait", "switched_off")),
        ({"suppressions": [SUPPRESSED]}, ("suppress", "suppressed")),
        ({"permissions": []}, ("suppress", "no_consent")),
        ({"points": []}, ("nothing", "no_address")),
        ({"guards": [OPEN_CASE]}, ("wait", "open_case")),
        (
            {"cards": {"card": Card(requires_fresh=True, has_stale_input=True)}},
            ("wait", "stale_input"),
        ),
    ],
)
def test_each_check_has_its_outcome(facts: Any, expected: tuple[str, str]) -> None:
    assert reason(**facts) == expected


def test_the_first_check_that_fails_gives_the_reason_and_all_are_recorded() -> None:
    facts: dict[str, Any] = {"suppressions": [SUPPRESSED], "guards": [OPEN_CASE]}
    facts |= {"switches": frozenset({("global", None)}), "permissions": []}
    one = verdict(**facts)
    assert one.reason == "switched_off"
    checks = one.checks
    assert checks.is_suppressed and checks.has_no_consent and checks.has_open_case
    assert checks.is_outranked is None and checks.is_capped is None


def test_a_withdrawn_card_waits_until_it_expires() -> None:
    withdrawn = {"card": Card(is_standing=False)}
    assert verdict(cards=withdrawn).decide_after == at(48)
    assert reason(cards=withdrawn, due=-48) == ("nothing", "expired")


def test_nothing_is_done_that_was_due_before_the_card_acts_or_whose_step_is_gone() -> None:
    small = Small((MAIL,))
    early = step("early", "mail", acts_from=at(1))
    ended = step("ended", "mail")
    end = step("end", "mail", kind="goal", instance_id="instance of ended")
    found = said(small.window(0, early, ended, end))
    assert found["early mail"] == ("nothing", "before_activation")
    assert found["ended mail"] == ("nothing", "superseded")


def test_a_waiting_one_whose_step_is_refolded_away_or_becomes_another_s_is_superseded() -> None:
    small = Small((MAIL,))
    small.window(0, step("s", "mail"), step("t", "mail"), guards=[OPEN_CASE])
    small.change("s", is_current=False)
    small.change("t", node_id="bob")
    found = said(small.window(1))
    assert found == dict.fromkeys(("s mail", "t mail"), ("nothing", "superseded"))


def test_a_sent_message_of_a_step_refolded_away_answers_for_one_candidate() -> None:
    small = Small((MAIL,))
    small.window(0, step("s", "mail", key="k"))
    small.hear("s", "accepted", 0.5)
    small.change("s", is_current=False)
    new, other = step("new", "mail", key="k"), step("other", "mail", due=0.5, key="k")
    found = small.window(1, new, other)
    assert said(found) == {"new mail": ("nothing", "already_done"), "other mail": SENT}
    assert found["new mail"].answered_by == small.message_of("s")


def test_an_expired_candidate_uses_up_no_message() -> None:
    small = Small((MAIL,))
    small.window(0, step("s", "mail", key="k"))
    small.hear("s", "accepted", 0.5)
    small.change("s", is_current=False)
    late = step("late", "mail", due=-49, key="k", entered_at=at(-50))
    found = said(small.window(1, late, step("new", "mail", key="k")))
    assert found == {"late mail": ("nothing", "expired"), "new mail": ("nothing", "already_done")}


def test_a_candidate_expires_at_its_due_time_and_time_to_live() -> None:
    assert reason(due=-48) == ("nothing", "expired")
    assert reason(due=-47.9) == SENT


def test_a_person_and_a_contact_point_are_suppressed_from_an_instant_to_before_another() -> None:
    for until, expected in ((NOON, SENT), (at(1), ("suppress", "suppressed"))):
        assert reason(suppressions=[Suppression("ada email", None, at(-1), until)]) == expected
    assert reason(suppressions=[Suppression("ada sms", None, at(-1), END)]) == SENT


def test_silence_is_a_yes_for_service_and_a_no_is_a_no() -> None:
    service = action("mail", class_="service")
    no = Permission("ada email", "service", "main", is_granted=False, stated_at=LONG_AGO)
    assert reason(service, permissions=[]) == SENT
    assert reason(service, permissions=[no]) == ("suppress", "no_consent")


def test_judged_late_a_yes_of_a_quarter_past_the_due_time_still_counts() -> None:
    for hours, expected in ((-1.75, SENT), (-1.74, ("suppress", "no_consent"))):
        yes = Permission("ada email", "sales", "main", is_granted=True, stated_at=at(hours))
        assert reason(due=-2, permissions=[yes]) == expected


def test_an_internal_channel_needs_no_address() -> None:
    assert reason(action("call", channel="desk"), points=[]) == SENT


def test_where_there_is_no_address_the_fallback_takes_part_instead() -> None:
    small = Small((action("mail", fallback="text"), action("text", channel="sms")))
    one = small.facts(0)
    texts = [point for point in one.points if point.channel == "sms"]
    found = said(small.window(0, step("s", "mail"), points=texts))
    assert found == {"s mail": ("nothing", "no_address"), "s text": SENT}
    small = Small((action("mail", fallback="text"), action("text", channel="sms")))
    found = said(small.window(0, step("s", "mail"), points=texts, guards=[OPEN_CASE]))
    assert found == {"s mail": ("nothing", "no_address"), "s text": ("wait", "open_case")}


def test_a_fallback_does_not_take_part_where_an_earlier_check_fails() -> None:
    small = Small((action("mail", fallback="text"), action("text", channel="sms")))
    off = frozenset[tuple[str, str | None]]({("action", "mail")})
    found = said(small.window(0, step("s", "mail"), points=[], switches=off))
    assert found == {"s mail": ("wait", "switched_off")}


def test_an_open_case_holds_back_marketing_and_sales_alone() -> None:
    for class_, expected in (("marketing", "open_case"), ("service", "all_checks_passed")):
        yes = Permission("ada email", class_, "main", is_granted=True, stated_at=LONG_AGO)
        does = action("mail", class_=class_)
        assert reason(does, guards=[OPEN_CASE], permissions=[yes])[1] == expected


def test_a_transactional_one_passes_open_cases_quiet_hours_holdouts_and_the_contest() -> None:
    does = action("mail", class_="transactional", group="g")
    policies: dict[str, Any] = {
        "quiet_hours": (quiet(0, 0, class_="transactional"),),
        "holdouts": (Holdout("h", None, "transactional", 100, "salt"),),
    }
    one = verdict(does, policies, guards=[OPEN_CASE])
    assert one.reason == "all_checks_passed"
    checks = one.checks
    assert not checks.has_open_case and not checks.is_quiet_hours and not checks.is_held_out
    assert checks.is_outranked is False and checks.is_capped is False


def test_a_transactional_one_passes_neither_switches_nor_suppressions_nor_a_no() -> None:
    does = action("mail", class_="transactional")
    no = Permission("ada email", "transactional", "main", is_granted=False, stated_at=LONG_AGO)
    assert reason(does, switches=frozenset({("global", None)}))[0] == "wait"
    assert reason(does, suppressions=[SUPPRESSED])[0] == "suppress"
    assert reason(does, permissions=[no])[0] == "suppress"
    assert reason(does, due=-48) == ("nothing", "expired")


# Quiet hours.


def quiet_end(*rows: Quiet, zone: str | None = None, now: datetime = NOON) -> datetime | None:
    """When a mail that is due now is decided; None where it is not quiet."""
    small = Small((MAIL,), {"quiet_hours": rows})
    hours = (now - NOON) / HOUR
    zones = {"Ada": (zone, "crm")} if zone else {}
    (one,) = small.window(hours, step("s", "mail", hours), zones=zones).values()
    return one.decide_after


def test_it_is_quiet_from_an_instant_to_before_another() -> None:
    assert quiet_end(quiet(12, 13)) == at(1)
    assert quiet_end(quiet(11, 12)) is None


def test_quiet_that_ends_no_later_than_it_begins_lasts_into_the_next_day() -> None:
    assert quiet_end(quiet(11, 9)) == at(21)
    assert quiet_end(quiet(13, 12, "weekends")) is None
    assert quiet_end(quiet(13, 13)) == at(48)


def test_the_days_are_those_on_which_the_quiet_begins() -> None:
    saturday_night = datetime(2026, 6, 7, 2)
    monday_night = datetime(2026, 6, 8, 2)
    assert quiet_end(quiet(22, 6, "weekends"), now=saturday_night) == datetime(2026, 6, 7, 6)
    assert quiet_end(quiet(22, 6, "weekends"), now=monday_night) == datetime(2026, 6, 8, 6)
    assert quiet_end(quiet(22, 6, "weekdays"), now=monday_night) is None


def test_the_zone_is_the_customers_if_it_is_one_and_else_that_of_the_card() -> None:
    rows = {"quiet_hours": (quiet(21, 22),)}
    tokyo = verdict(MAIL, rows, zones={"Ada": ("Asia/Tokyo", "crm")})
    assert (tokyo.timezone, tokyo.timezone_source) == ("Asia/Tokyo", "crm")
    assert tokyo.reason == "quiet_hours"
    mars = verdict(MAIL, rows, zones={"Ada": ("Mars/Base", "crm")})
    assert (mars.timezone, mars.timezone_source, mars.reason) == ("UTC", "card", SENT[1])


def test_quiet_times_that_touch_or_overlap_are_one() -> None:
    assert quiet_end(quiet(11, 13), quiet(13, 15), quiet(14, 16)) == at(4)
    assert quiet_end(quiet(11, 13), quiet(14, 15)) == at(1)


def test_a_candidate_does_not_wait_beyond_its_end() -> None:
    assert quiet_end(quiet(0, 0)) == at(48)


def test_a_local_time_that_clocks_skip_is_later_and_one_that_comes_twice_is_the_second() -> None:
    row = Quiet("email", None, "all", time(1), time(2, 30))
    paris = "Europe/Paris"
    assert quiet_end(row, zone=paris, now=datetime(2026, 3, 29, 0, 30)) == datetime(
        2026, 3, 29, 1, 30
    )
    assert quiet_end(row, zone=paris, now=datetime(2026, 10, 25, 0, 45)) == datetime(
        2026, 10, 25, 1, 30
    )


def test_a_quiet_time_is_of_its_channel_and_class() -> None:
    assert quiet_end(Quiet("sms", None, "all", time(0), time(0))) is None
    assert quiet_end(quiet(0, 0, class_="marketing")) is None
    assert quiet_end(quiet(0, 0, class_="sales")) == at(48)


# Holdouts.

EVERYONE = Holdout("everyone", None, None, 100, "salt")
NOBODY = Holdout("nobody", None, None, 0, "salt")


def test_the_arm_follows_the_bucket_and_the_share() -> None:
    half = Holdout("h", None, None, 12.5, "salt")
    assert [arm(half, number) for number in (0, 1249, 1250, 9999)] == [
        "control",
        "control",
        "treatment",
        "treatment",
    ]
    assert bucket(half, "ada") != bucket(Holdout("h", None, None, 12.5, "pepper"), "ada")


def test_who_is_held_out_gets_nothing_and_it_is_recorded_what_would_have_been() -> None:
    one = verdict(MAIL, {"holdouts": (EVERYONE,)})
    assert (one.outcome, one.reason) == ("nothing", "holdout")
    assert (one.held_out_by, one.counterfactual_outcome) == ("everyone", "send")
    assert verdict(MAIL, {"holdouts": (NOBODY,)}).counterfactual_outcome is None


def test_a_holdout_covers_its_journey_and_its_class() -> None:
    for journey, class_, outcome in (
        ("j", None, "nothing"),
        ("other", None, "send"),
        (None, "sales", "nothing"),
        (None, "service", "send"),
    ):
        holdout = Holdout("h", journey, class_, 100, "salt")
        assert verdict(MAIL, {"holdouts": (holdout,)}).outcome == outcome


def test_the_first_by_name_of_several_holdouts_holds_out() -> None:
    also = Holdout("also", None, None, 100, "salt")
    assert verdict(MAIL, {"holdouts": (EVERYONE, NOBODY, also)}).held_out_by == "also"


def test_an_assignment_holds_whatever_happens_to_the_share() -> None:
    small = Small((MAIL,), {"holdouts": (EVERYONE,)})
    small.window(0, step("s", "mail"))
    small.policies = {"holdouts": (Holdout("everyone", None, None, 0, "salt"),)}
    found = small.window(1, step("t", "mail"))
    assert found["t mail"].reason == "holdout"
    (row,) = small.state.ledger
    assert (row.node_id, row.arm, row.assigned_at, row.window) == ("ada", "control", NOON, 1)


def test_nobody_is_assigned_without_being_touched_or_without_a_step_of_a_covered_journey() -> None:
    small = Small((MAIL,), {"holdouts": (EVERYONE,)})
    small.window(0, step("s", "mail"), touched=frozenset())
    assert small.state.ledger == ()
    small.policies = {"holdouts": (Holdout("h", "other", None, 100, "salt"),)}
    small.window(1)
    assert small.state.ledger == ()


def test_of_merged_arms_the_older_assignment_holds_and_the_person_is_contaminated() -> None:
    ledger = [
        Assignment("b", "h", "bob", "treatment", 1, NOON, 1),
        Assignment("c", "h", "ada", "control", 1, at(1), 2),
        Assignment("a", "other", "ada", "control", 1, LONG_AGO, 1),
    ]
    facts = Small((MAIL,)).facts(0, person_of={"ada": "Ada", "bob": "Ada"})
    mine = assignment_of("h", "Ada", ledger, facts)
    assert mine and mine.arm == "treatment"
    assert is_contaminated("h", "Ada", ledger, facts)
    assert not is_contaminated("other", "Ada", ledger, facts)


def test_a_person_who_comes_of_a_merge_is_not_assigned_again() -> None:
    small = Small((MAIL,), {"holdouts": (EVERYONE,)})
    small.window(0, step("s", "mail", node_id="bob"))
    small.window(1, step("t", "mail"), person_of={"ada": "Ada", "bob": "Ada"})
    assert [one.node_id for one in small.state.ledger] == ["bob"]


# Local periods.


def test_a_local_day_begins_at_its_first_instant() -> None:
    assert beginning(date(2026, 6, 3), "America/New_York") == datetime(2026, 6, 3, 4)
    skipped = beginning(date(2026, 4, 24), "Africa/Cairo")
    assert skipped == datetime(2026, 4, 23, 22)
    twice = beginning(date(2026, 11, 1), "America/Havana")
    assert twice == datetime(2026, 11, 1, 4)


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    wednesday = date(2026, 6, 3)
    assert first_day(wednesday, "week") == date(2026, 6, 1)
    assert next_first_day(wednesday, "week") == date(2026, 6, 8)
    assert first_day(wednesday, "month") == date(2026, 6, 1)
    assert next_first_day(date(2026, 12, 31), "month") == date(2027, 1, 1)
    assert next_first_day(wednesday, "day") - wednesday == DAY
