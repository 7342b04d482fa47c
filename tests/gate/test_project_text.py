"""The project's text, kept in the warehouse and written out again."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from baton.cards import Vocabulary, check_card, compile_card
from baton.errors import UsageError
from baton.gate.owners import (
    changed_groups,
    concerned,
    groups_of,
    other_approvers,
    owners_of_policies,
)
from baton.gate.policy_rows import policy_changes
from baton.gate.slices import read_span
from baton.releases import PolicyRow, Release
from baton.releases.project_text import checksum, keep_texts, kept_texts, read_texts, write_texts

TEXTS = {
    "dbt_project.yml": "name: shop\n",
    "models/signals/quote_started.sql": "select 'it''s' as ä\n",
    "seeds/policies/caps.csv": "cap,most\ndaily,2\n",
}


def test_what_is_kept_is_what_was_read(tmp_path: Path) -> None:
    write_texts(TEXTS, tmp_path)
    with duckdb.connect() as con:
        con.execute("create schema raw")
        keep_texts(con, read_texts(tmp_path))
        keep_texts(con, read_texts(tmp_path))
        assert kept_texts(con) == TEXTS


def test_a_folder_holds_the_texts_and_no_others_and_what_is_the_same_is_left_alone(
    tmp_path: Path,
) -> None:
    write_texts({**TEXTS, "models/gone.sql": "select 1"}, tmp_path)
    (tmp_path / "target").mkdir()
    (tmp_path / "target/manifest.json").write_text("{}")
    before = (tmp_path / "dbt_project.yml").stat().st_mtime_ns
    write_texts({**TEXTS, "seeds/policies/caps.csv": "cap,most\n"}, tmp_path)
    assert read_texts(tmp_path) == {**TEXTS, "seeds/policies/caps.csv": "cap,most\n"}
    assert (tmp_path / "dbt_project.yml").stat().st_mtime_ns == before
    assert (tmp_path / "target/manifest.json").exists()


def test_another_path_or_text_is_another_checksum() -> None:
    renamed = {"models/a.sql": "1", "models/b.sql": "2"}
    assert checksum(renamed) == checksum(dict(reversed(renamed.items())))
    assert checksum(renamed) != checksum({"models/a.sql": "2", "models/b.sql": "1"})
    assert checksum(renamed) != checksum({"models/a.sql": "12", "models/b.sql": ""})


def test_a_warehouse_without_texts_says_what_to_do() -> None:
    with duckdb.connect() as con, pytest.raises(UsageError, match="by which SQL") as refused:
        kept_texts(con)
    assert "run a batch" in refused.value.mend


def test_rows_of_policies_are_compared_one_by_one_and_their_order_counts_as_nothing() -> None:
    now = _release({"cap": "daily", "most": "2"}, {"cap": "weekly", "most": "3"})
    planned = _release({"cap": "weekly", "most": "3"}, {"cap": "daily", "most": "1"})
    (change,) = policy_changes(now, planned)
    assert (change.removed, change.added) == (("cap=daily most=2",), ("cap=daily most=1",))
    assert policy_changes(now, _release(*(one.row for one in reversed(now.policies)))) == []


def test_a_card_is_its_approvers_and_a_model_its_groups() -> None:
    owners = {"journeys.quote_started": "journeys", "cards.quote_stalled": "journeys"}
    models = ["cards.quote_stalled", "journeys.quote_started", "staging.new"]
    assert concerned(models, owners, ["sales_lifecycle", "consent"]) == [
        "consent", "journeys", "sales_lifecycle",
    ]  # fmt: skip


def test_a_card_that_others_would_approve_or_that_goes_is_counted_and_a_new_one_is_not() -> None:
    text = (
        "{% call journey() %}\njourney: j\nowner: sales\npurpose: sales\nhorizon: 1 day\n"
        "steps: [{to: a, when: s, why: w}, {from: a, to: b, when: s, kind: goal, why: w}]\n"
        "{% endcall %}\n"
    )
    known = Vocabulary(
        signals=frozenset({"s"}), listed_signals=("s",), groups=frozenset({"sales", "law"})
    )

    def with_card(written: str) -> Release:
        card = check_card(written, known).card
        assert card is not None
        return replace(_release(), cards=(compile_card(card, written),))

    now = with_card(text)
    assert other_approvers(now, with_card(text.replace("sales\nh", "service\nh"))) == 0
    assert other_approvers(now, with_card(text.replace("owner: sales", "owner: law"))) == 1
    approved = text.replace("purpose", "approvers: [law, sales]\npurpose")
    assert other_approvers(now, with_card(approved)) == 1
    assert other_approvers(_release(), now) == 0
    assert other_approvers(now, _release()) == 1


def test_a_policy_is_its_owners_as_live_and_another_owner_or_a_new_one_is_counted() -> None:
    def owned(*rows: tuple[str, str, str]) -> Release:
        names = ("kind", "name", "owner")
        told = (dict(zip(names, one, strict=True)) for one in rows)
        policies = tuple(PolicyRow("owners", n, row) for n, row in enumerate(told, 1))
        return replace(_release(), policies=policies)

    now = owned(("policy", "caps", "marketing"), ("field", "email", "profiles"))
    assert owners_of_policies(now) == {"policies.caps": "marketing"}
    assert other_approvers(now, owned(("policy", "caps", "marketing"))) == 0
    assert other_approvers(now, owned(("policy", "caps", "mallory"))) == 1
    assert other_approvers(now, owned()) == 1
    assert other_approvers(owned(), now) == 1


def test_each_changed_row_of_the_thresholds_is_counted_as_other_approvers() -> None:
    def judged(*rows: tuple[str, str]) -> Release:
        told = [{"measure": measure, "second_person": word} for measure, word in rows]
        policies = (PolicyRow("release_policy", n, row) for n, row in enumerate(told, 1))
        return replace(_release(), policies=tuple(policies))

    now = judged(("repeated", "true"), ("other_action", "true"), ("report_age", "false"))
    by_name = judged(("repeated", "by_name"), ("other_action", "by_name"), ("report_age", "false"))
    assert other_approvers(now, by_name) == 2
    assert other_approvers(now, judged(("repeated", "true"))) == 2
    assert other_approvers(judged(("repeated", "true")), now) == 2
    assert other_approvers(now, now) == 0


def test_a_groups_owner_and_its_approvers_may_approve() -> None:
    text = """groups:
  - {name: a, owner: {name: A, email: a@example.com}, config: {meta: {approvers: [b@example.com]}}}
  - {name: c, owner: {email: c@example.com}}
"""
    groups = groups_of({"models/_groups.yml": text})
    assert groups["a"].approvers == {"a@example.com", "b@example.com"}
    assert groups["c"].approvers == {"c@example.com"}
    other = groups_of({"models/_groups.yml": text.replace("[b@", "[m@")})
    assert changed_groups(groups, other) == ["a"]
    assert changed_groups(groups, {}) == ["a", "c"]
    assert changed_groups({}, groups) == []


def test_many_windows_are_decided_in_few_slices_of_nearly_equal_length() -> None:
    with _windows(10) as con:
        span = read_span(con, hours=8.5, most=3)
    assert span.start.window_id == 1
    assert [(one.window_id, one.windows) for one in span.slices] == [(4, 3), (7, 3), (10, 3)]
    assert (span.slices[1].from_seq, span.slices[1].to_seq) == (40, 70)
    assert span.windows == 9


def test_the_first_window_is_where_history_starts_and_is_not_decided_again() -> None:
    with _windows(3) as con:
        assert [one.window_id for one in read_span(con, hours=99, most=9).slices] == [2, 3]
    with _windows(1) as con, pytest.raises(UsageError, match="no recent history"):
        read_span(con, hours=99, most=9)


def _windows(count: int) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema raw")
    con.execute(
        f"""create table raw.windows as
        select w as window_id, timestamp '2024-05-06' + to_hours(w) as batch_time,
            timestamp '2024-05-06' + to_hours(w) as watermark, 10 * (w - 1) as from_seq,
            10 * w as to_seq, 'committed' as state
        from range(1, {count + 1}) as t(w)"""
    )
    return con


def _release(*rows: dict[str, str]) -> Release:
    policies = tuple(PolicyRow("caps", number, row) for number, row in enumerate(rows, start=1))
    return Release("r", datetime(2024, 5, 6), (), policies, ())
