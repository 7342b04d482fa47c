"""What a plan says comes true: both versions really run, side by side with the plan."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from as_many import Stretch
from edits import drawn, is_sql
from production import Decided, Production
from store_run import Edit

from baton.gate.decision_diff import decision_diff

_SENT = ("send", "route", "escalate")
_EDITS = list(enumerate(drawn(20)))


@pytest.mark.long
@pytest.mark.timeout(600)
def test_history_decided_again_is_the_history_that_was(production: Production) -> None:
    truth = production.truth(production.run).decided
    assert _replayed(production.now, production) == truth
    assert len(truth) > 50


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_replay_that_has_a_plan_goes_by_it(production: Production) -> None:
    assert production.replaying is not None
    assert production.replaying.has_plan
    assert production.replaying.fell_back is None


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("number", "edit"), _EDITS, ids=[f"edit_{one}" for one, _ in _EDITS])
def test_the_counts_of_a_plan_are_those_of_really_running_both_versions(
    production: Production, stretch: Stretch, number: int, edit: Edit
) -> None:
    stretch.one_more()
    run = production.really(f"edit {number}", edit, None if is_sql(edit) else production.run.dbt)
    planned = production.planned(f"edit {number}", run)
    before, after = production.truth(production.run).decided, production.truth(run).decided
    assert _replayed(planned, production) == after
    counts = decision_diff(production.now, planned).counts
    assert {name: counts[name] for name in ("other_action", "newly_contacted", "repeated")} == {
        "other_action": len(_other_action(before, after)),
        "newly_contacted": len(_contacted(after) - _contacted(before)),
        "repeated": len(_repeated(before, after, production)),
    }
    assert counts["no_longer_contacted"] == len(_contacted(before) - _contacted(after))
    assert counts["no_longer_suppressed"] == len(_no_longer_suppressed(before, after))


def _replayed(effects: Path, production: Production) -> Decided:
    found: Decided = {}
    with duckdb.connect() as con:
        rows = con.execute(
            f"""select p.person_id, d.journey, d.correlation_key, d.action, d.channel,
                d.outcome, d.reason, d.decided_at
            from '{effects}/decided.parquet' as d
            inner join '{production.now}/persons.parquet' as p on d.node_id = p.node_id"""
        ).fetchall()
    for *what, outcome, reason, at in rows:
        found.setdefault(tuple(what), []).append((outcome, reason, at))
    return {what: sorted(said) for what, said in found.items()}


def _sent(decided: Decided) -> Counter[tuple[str, str, str, str | None]]:
    sent: Counter[tuple[str, str, str, str | None]] = Counter()
    for (person, journey, _, action, channel), said in decided.items():
        sent[person, journey, action, channel] += _times(said)
    return +sent


def _times(said: list[tuple[str, str, datetime]]) -> int:
    return sum(outcome in _SENT for outcome, _, _ in said)


def _other_action(before: Decided, after: Decided) -> set[str]:
    one, other = _sent(before), _sent(after)
    return {what[0] for what in one.keys() | other.keys() if one[what] != other[what]}


def _contacted(decided: Decided) -> set[str]:
    return {what[0] for what in _sent(decided)}


def _no_longer_suppressed(before: Decided, after: Decided) -> set[str]:
    return {
        what[0]
        for what, said in before.items()
        if any(outcome == "suppress" for outcome, _, _ in said)
        and not _times(said)
        and _times(after.get(what, []))
    }


def _repeated(before: Decided, after: Decided, production: Production) -> set[str]:
    earlier = _earlier(production)
    return {
        what[0]
        for what, said in after.items()
        if _times(said) > _times(before.get(what, [])) and _times(said) + earlier[what] > 1
    }


def _earlier(production: Production) -> Counter[tuple[str, ...]]:
    with duckdb.connect(str(production.run.project.warehouse), read_only=True) as con:
        rows = con.execute(
            """select m.person_id, o.journey, o.correlation_key, o.action, o.channel
            from activation.outbox as o
            inner join identity.identity_map as m on o.entry_node_id = m.node_id
            where o.window_id <= ?""",
            [production.span.start.window_id],
        ).fetchall()
    return Counter(rows)
