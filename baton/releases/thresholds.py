"""What the live release's `release_policy` says of a plan: pass, needs approval, or refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from baton.releases.compile import Release

Verdict = Literal["pass", "needs_approval", "refused"]
POLICY = "release_policy"


@dataclass(frozen=True)
class Threshold:
    """A row of the policy; above null is never.

    `second_person`: not the plan's author alone; `other_account`: nor under the author's account.
    """

    measure: str
    unit: str
    approval_above: float | None
    refused_above: float | None
    second_person: bool
    other_account: bool = False


@dataclass(frozen=True)
class Finding:
    """A measure that has a threshold, and what the threshold says of its value."""

    measure: str
    unit: str
    value: float
    approval_above: float | None
    refused_above: float | None
    second_person: bool
    other_account: bool
    verdict: Verdict


def thresholds_of(release: Release) -> list[Threshold]:
    """Return the thresholds that a release carries; none where it has no such policy."""
    rows = (one.row for one in release.policies if one.policy == POLICY)
    return [_threshold(row) for row in rows]


def judge(
    thresholds: Iterable[Threshold], values: Mapping[str, float], *, persons: int
) -> list[Finding]:
    """Hold the values of measures against the thresholds; `persons` are those known in all."""
    return [
        _finding(one, _in_unit(values[one.measure], one.unit, persons))
        for one in thresholds
        if one.measure in values
    ]


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The worst verdict there is."""
    found = {one.verdict for one in findings}
    if "refused" in found:
        return "refused"
    return "needs_approval" if "needs_approval" in found else "pass"


def wants_second_person(findings: Iterable[Finding]) -> bool:
    """Whether what needs approval needs that of somebody other than the author."""
    return any(one.second_person for one in findings if one.verdict == "needs_approval")


def wants_other_account(findings: Iterable[Finding]) -> bool:
    """Whether that other person must approve under another account than the author's."""
    return any(one.other_account for one in findings if one.verdict == "needs_approval")


def _finding(one: Threshold, value: float) -> Finding:
    verdict: Verdict = "pass"
    if one.approval_above is not None and value > one.approval_above:
        verdict = "needs_approval"
    if one.refused_above is not None and value > one.refused_above:
        verdict = "refused"
    return Finding(
        one.measure,
        one.unit,
        value,
        one.approval_above,
        one.refused_above,
        one.second_person,
        one.other_account,
        verdict,
    )


def _in_unit(value: float, unit: str, persons: int) -> float:
    return round(100 * value / max(persons, 1), 2) if unit == "percent" else value


def _threshold(row: Mapping[str, str | None]) -> Threshold:
    return Threshold(
        row["measure"] or "",
        row["unit"] or "",
        _number(row["approval_above"]),
        _number(row["refused_above"]),
        row["second_person"] in ("true", "by_name"),
        row["second_person"] == "true",
    )


def _number(written: str | None) -> float | None:
    return float(written) if written else None
