"""What counts as another decision, by hand-written rows of two replays."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from baton.gate.decision_diff import DecisionDiff, decision_diff

NOON = datetime(2024, 5, 6, 12)
Row = tuple[str, str, str | None, str, str | None, str, str, int]


def test_a_customer_who_gets_the_same_at_another_time_gets_no_other_action(tmp_path: Path) -> None:
    diff = _diff(tmp_path, now=[_mail("ada", minute=0)], planned=[_mail("ada", minute=30)])
    assert _counted(diff) == {"other_time": 1}
    assert diff.samples["other_time"][0].planned_at == NOON + timedelta(minutes=30)


def test_who_gets_something_instead_of_nothing_is_newly_contacted(tmp_path: Path) -> None:
    diff = _diff(tmp_path, now=[_mail("bob")], planned=[_mail("ada"), _mail("bob")])
    assert _counted(diff) == {"other_action": 1, "newly_contacted": 1}
    assert diff.samples["newly_contacted"][0].now is None


def test_who_gets_nothing_instead_of_something_is_no_longer_contacted(tmp_path: Path) -> None:
    diff = _diff(
        tmp_path, now=[_mail("ada")], planned=[_mail("ada", outcome="nothing", reason="capped")]
    )
    assert _counted(diff) == {"other_action": 1, "no_longer_contacted": 1}


def test_who_was_suppressed_and_would_get_it_is_no_longer_suppressed(tmp_path: Path) -> None:
    suppressed = _mail("ada", outcome="suppress", reason="no_consent")
    diff = _diff(tmp_path, now=[suppressed], planned=[_mail("ada")])
    assert diff.counts["no_longer_suppressed"] == 1
    assert diff.samples["no_longer_suppressed"][0].now == "suppress: no_consent"
    assert _diff(tmp_path, now=[_mail("ada")], planned=[suppressed]).counts["newly_suppressed"] == 1


def test_the_same_mail_once_more_is_a_repetition_also_of_one_from_before(tmp_path: Path) -> None:
    twice = [_mail("ada", candidate="a"), _mail("ada", candidate="b", minute=60)]
    assert _diff(tmp_path, now=twice[:1], planned=twice).counts["repeated"] == 1
    assert _diff(tmp_path, now=twice, planned=twice).counts["repeated"] == 0
    before = [("ada's mail", "quote_stalled", "q1", "remind", "email")]
    assert _diff(tmp_path, now=[], planned=twice[:1], earlier=before).counts["repeated"] == 1
    assert _diff(tmp_path, now=[], planned=twice[:1]).counts["repeated"] == 0


def test_a_mail_about_another_quote_is_no_repetition(tmp_path: Path) -> None:
    mails = [_mail("ada", candidate="a"), _mail("ada", candidate="b", key="q2")]
    diff = _diff(tmp_path, now=mails[:1], planned=mails)
    assert _counted(diff) == {"other_action": 1}


def test_identifiers_of_one_person_count_as_one(tmp_path: Path) -> None:
    mails = [_mail("ada"), _mail("ada", candidate="b", node="ada's phone")]
    diff = _diff(tmp_path, now=[], planned=mails)
    assert diff.counts["newly_contacted"] == 1
    assert [(one.now, one.planned, one.persons_more) for one in diff.changes] == [(0, 2, 1)]


def test_equal_replays_differ_in_nothing(tmp_path: Path) -> None:
    diff = _diff(tmp_path, now=[_mail("ada")], planned=[_mail("ada", candidate="other card")])
    assert _counted(diff) == {}
    assert diff.samples == {}
    assert diff.reasons == ()


def _counted(diff: DecisionDiff) -> dict[str, int]:
    return {name: count for name, count in diff.counts.items() if count}


def _mail(
    who: str,
    *,
    minute: int = 0,
    outcome: str = "send",
    reason: str = "all_checks_passed",
    key: str = "q1",
    candidate: str = "c",
    node: str | None = None,
) -> dict[str, Any]:
    return {
        "candidate_id": f"{candidate} {who}",
        "node_id": node or f"{who}'s mail",
        "journey": "quote_stalled",
        "correlation_key": key,
        "action": "remind",
        "channel": "email",
        "outcome": outcome,
        "reason": reason,
        "decided_at": NOON + timedelta(minutes=minute),
        "is_sent": outcome == "send",
    }


def _diff(
    folder: Path,
    *,
    now: list[dict[str, Any]],
    planned: list[dict[str, Any]],
    earlier: list[tuple[str, ...]] = (),  # pyright: ignore[reportArgumentType]
) -> DecisionDiff:
    for name, rows in (("now", now), ("planned", planned)):
        (folder / name).mkdir(exist_ok=True)
        _write(folder / name / "decided.parquet", _DECIDED, [tuple(row.values()) for row in rows])
    _write(folder / "now/earlier.parquet", _EARLIER, list(earlier))
    people = [("ada's mail", "ada"), ("ada's phone", "ada"), ("bob's mail", "bob")]
    _write(folder / "now/persons.parquet", "node_id varchar, person_id varchar", people)
    return decision_diff(folder / "now", folder / "planned")


def _write(file: Path, columns: str, rows: list[tuple[Any, ...]]) -> None:
    with duckdb.connect() as con:
        con.execute(f"create table t ({columns})")
        for row in rows:
            con.execute(f"insert into t values ({', '.join('?' for _ in row)})", row)
        con.execute(f"copy t to '{file}' (format parquet)")


_EARLIER = """node_id varchar, journey varchar, correlation_key varchar, action varchar,
    channel varchar"""
_DECIDED = """candidate_id varchar, node_id varchar, journey varchar, correlation_key varchar,
    action varchar, channel varchar, outcome varchar, reason varchar, decided_at timestamp,
    is_sent boolean"""
