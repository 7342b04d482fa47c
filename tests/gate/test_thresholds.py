"""What the release policy says of the values of a plan."""

from datetime import datetime

import pytest

from baton.releases import PolicyRow, Release
from baton.releases.thresholds import (
    Threshold,
    judge,
    thresholds_of,
    verdict_of,
    wants_other_account,
    wants_second_person,
)

SOME = Threshold("newly_contacted", "persons", 10, 100, second_person=True)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0, "pass"), (10, "pass"), (11, "needs_approval"), (100, "needs_approval"), (101, "refused")],
)
def test_a_value_above_a_limit_needs_approval_or_is_refused(value: int, verdict: str) -> None:
    findings = judge([SOME], {"newly_contacted": value}, persons=1000)
    assert verdict_of(findings) == verdict


def test_percent_is_of_all_persons() -> None:
    one = Threshold("other_action", "percent", 1, None, second_person=False)
    (finding,) = judge([one], {"other_action": 11}, persons=1000)
    assert (finding.value, finding.verdict) == (1.1, "needs_approval")


def test_the_worst_finding_is_the_verdict_and_no_findings_pass() -> None:
    other = Threshold("repeated", "persons", 0, 0, second_person=False)
    values = {"newly_contacted": 11, "repeated": 1}
    assert verdict_of(judge([SOME, other], values, persons=9)) == "refused"
    assert verdict_of(judge([SOME, other], {}, persons=9)) == "pass"


def test_a_second_person_is_wanted_only_where_the_limit_that_says_so_is_passed() -> None:
    assert not wants_second_person(judge([SOME], {"newly_contacted": 10}, persons=9))
    assert wants_second_person(judge([SOME], {"newly_contacted": 11}, persons=9))


def test_another_account_is_wanted_unless_another_name_is_enough() -> None:
    for word, wanted in (
        ("true", (True, True)),
        ("by_name", (True, False)),
        ("false", (False,) * 2),
    ):
        row = {"measure": "repeated", "unit": "persons", "approval_above": "0"}
        row |= {"refused_above": "", "second_person": word}
        policy = PolicyRow("release_policy", 1, row)
        release = Release("r", datetime(2026, 3, 2), (), (policy,), ())
        findings = judge(thresholds_of(release), {"repeated": 1}, persons=9)
        assert (wants_second_person(findings), wants_other_account(findings)) == wanted


def test_a_blank_limit_is_never_passed() -> None:
    never = Threshold("repeated", "persons", None, None, second_person=False)
    assert verdict_of(judge([never], {"repeated": 1e9}, persons=1)) == "pass"
