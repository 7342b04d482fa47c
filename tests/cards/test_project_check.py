"""`check_project` over a whole dbt project: names, lists, policies, and how it is said."""

import json
import time
from pathlib import Path

import pytest
from card_projects import PROMISE, QUOTE_STALLED, SIGNAL_KEYS, TinyProject

from baton.cards import (
    check_project,
    load_vocabulary,
    render,
    sql_checksums,
    sql_facts,
    to_json,
)
from baton.errors import UsageError

CARD = "models/journeys/cards/quote_stalled.sql"
ACTIONS = "seeds/policies/actions.csv"


def said(project: TinyProject) -> list[tuple[str, str, int]]:
    return [(one.code, one.file, one.line) for one in project.problems()]


def test_a_right_project_passes(project: TinyProject) -> None:
    assert project.problems() == []


def test_the_vocabulary_is_read_from_the_files(project: TinyProject) -> None:
    vocabulary = load_vocabulary(project.folder)
    assert vocabulary.listed_signals == (
        "quote_started",
        "quote_submitted",
        "case_opened",
        "message_failed",
        "order_paid",
    )
    assert vocabulary.signals == frozenset(vocabulary.listed_signals)
    assert vocabulary.guards == frozenset(vocabulary.listed_guards) == {"open_case", "high_value"}
    assert set(vocabulary.actions) == {"email_reminder", "sms_reminder", "task_call"}
    assert vocabulary.actions["task_call"]["value"] == "25.5"
    assert vocabulary.groups == {"sales", "service"}
    assert vocabulary.channels == {"email", "sms", "crm_task"}
    assert vocabulary.sources == {"web.events"}
    assert vocabulary.promised == {"quote_started": 7200}


def test_a_signal_names_its_key_in_its_sql(project: TinyProject) -> None:
    vocabulary = load_vocabulary(project.folder)
    assert vocabulary.signal_keys == {
        "quote_started": "quote_id",
        "quote_submitted": "quote_id",
        "case_opened": None,
        "message_failed": "message_id",
    }
    assert vocabulary.names_message("message_failed")
    assert not vocabulary.names_message("case_opened")


def test_a_folder_without_models_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no dbt project here"):
        check_project(tmp_path)


def test_a_problem_is_shown_with_path_line_and_mend(project: TinyProject) -> None:
    project.change(CARD, "do: task_call", "do: task_cal")
    assert render(project.problems()) == (
        "shop/models/journeys/cards/quote_stalled.sql:12  no action is called `task_cal`\n"
        "    mend: did you mean `task_call`?"
    )


def test_problems_are_given_as_json(project: TinyProject) -> None:
    project.change(CARD, "do: task_call", "do: task_cal")
    assert json.loads(to_json(project.problems())) == [
        {
            "code": "unknown_action",
            "file": "shop/models/journeys/cards/quote_stalled.sql",
            "line": 12,
            "message": "no action is called `task_cal`",
            "mend": "did you mean `task_call`?",
        }
    ]


def test_a_list_that_is_no_list_is_said_once_and_at_each_use(project: TinyProject) -> None:
    project.write("models/journeys/guards.sql", "\n{{ union_guards([open_case]) }}\n")
    assert said(project) == [
        ("unlisted_guard", f"shop/{CARD}", 11),
        ("unlisted_guard", f"shop/{CARD}", 12),
        ("list_missing", "shop/models/journeys/guards.sql", 2),
    ]


def test_a_row_that_spans_lines_is_faulted_where_it_ends(project: TinyProject) -> None:
    project.write("seeds/policies/notes.csv", 'lever,note\na,"one\ntwo",3\n')
    assert said(project) == [("policy_row_length", "shop/seeds/policies/notes.csv", 3)]


def test_a_policy_that_is_not_utf8_is_said(project: TinyProject) -> None:
    (project.folder / "seeds/policies/notes.csv").write_bytes(b"lever,weight\n\xff\xfe,1\n")
    assert said(project) == [("policy_not_csv", "shop/seeds/policies/notes.csv", 1)]


def test_signals_and_guards_are_listed_with_checksum_and_promise(project: TinyProject) -> None:
    facts = sql_facts(project.folder)
    names = ["high_value", "open_case", *sorted(SIGNAL_KEYS)]
    assert [one.name for one in facts] == names
    assert [one.kind for one in facts] == ["guard"] * 2 + ["signal"] * 5
    promised = {one.name: (one.source, one.fresh_within_s) for one in facts if one.source}
    assert promised == {"quote_started": ("web.events", 7200)}
    checksums = {f"{one.kind}s/{one.name}": one.checksum for one in facts}
    assert dict(sql_checksums(project.folder)) == checksums


def test_the_projects_variables_count_for_signals_and_guards_but_not_where_tables_are(
    project: TinyProject,
) -> None:
    def facts(text: str) -> dict[str, str]:
        project.write("dbt_project.yml", text)
        return {one.name: one.checksum for one in sql_facts(project.folder)}

    before = facts("name: shop\n")
    renamed = facts("name: shop\nvars:\n  event_names: {viewed: product_view}\n")
    assert before.keys() == renamed.keys()
    assert not before.items() & renamed.items()
    commented = "# why\nvars:\n  segment_schema: prod\n  event_names: {viewed: product_view} # so\n"
    assert facts(commented) == renamed
    assert facts("vars: {segment_schema: dev, segment_lateness: 1 hour}\n") == before
    assert facts("vars: {event_names: {viewed: product_views}}\n") != renamed


def test_a_guard_may_promise_freshness_too(project: TinyProject) -> None:
    project.write(
        "models/journeys/guards/open_case.yml",
        PROMISE.replace("quote_started", "open_case").replace("2 hours", "3 days"),
    )
    facts = {one.name: one.fresh_within_s for one in sql_facts(project.folder)}
    assert facts["open_case"] == 259_200
    assert project.problems() == []


def test_a_broken_promise_counts_as_none(project: TinyProject) -> None:
    project.change("models/journeys/signals/quote_started.yml", "2 hours", "two hours")
    facts = {one.name: one for one in sql_facts(project.folder)}
    assert facts["quote_started"].fresh_within_s is None
    project.write("models/journeys/signals/quote_started.yml", "models: [")
    assert {one.source for one in sql_facts(project.folder)} == {None}


def test_a_card_may_require_freshness_where_everything_it_listens_to_promises_it(
    project: TinyProject,
) -> None:
    for signal in ("quote_submitted", "case_opened"):
        promise = PROMISE.replace("quote_started", signal)
        project.write(f"models/journeys/signals/{signal}.yml", promise)
    project.change(CARD, "reentry: never", "require_fresh: true")
    assert project.problems() == []
    project.change(CARD, "when: case_opened", "leaves: open_case")
    (problem,) = project.problems()
    assert problem.message == "the guard `open_case` promises no freshness that could be required"
    assert problem.mend.endswith("under `config` in models/journeys/guards/open_case.yml")


def test_fifty_cards_are_checked_within_a_second(project: TinyProject) -> None:
    for number in range(50):
        name = f"quote_stalled_{number}"
        text = QUOTE_STALLED.replace("journey: quote_stalled", f"journey: {name}")
        project.write(f"models/journeys/cards/{name}.sql", text)
    started = time.perf_counter()
    assert project.problems() == []
    assert time.perf_counter() - started < 1
