"""`check_project` over a whole dbt project: names, lists, policies, and how it is said."""

import json
import time
from pathlib import Path

import pytest
from card_projects import QUOTE_STALLED, TinyProject

from baton.cards import check_project, load_vocabulary, render, to_json
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
    )
    assert vocabulary.signals == frozenset(vocabulary.listed_signals)
    assert vocabulary.guards == frozenset(vocabulary.listed_guards) == {"open_case", "high_value"}
    assert set(vocabulary.actions) == {"email_reminder", "sms_reminder", "task_call"}
    assert vocabulary.actions["task_call"]["value"] == "25.5"
    assert vocabulary.groups == {"sales"}
    assert vocabulary.channels == {"email", "sms", "crm_task"}


def test_a_signal_names_its_key_in_its_sql(project: TinyProject) -> None:
    project.write("models/journeys/signals/odd.sql", "select coalesce(a, b) as correlation_key")
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


def test_a_journey_is_called_as_its_file(project: TinyProject) -> None:
    project.change(CARD, "journey: quote_stalled", "journey: quote_forgotten")
    (problem,) = project.problems()
    assert (problem.code, problem.line) == ("file_name", 2)
    assert problem.mend == "call the file quote_forgotten.sql, or the journey `quote_stalled`"


def test_a_journey_has_one_card(project: TinyProject) -> None:
    project.write("models/journeys/cards/sales/quote_stalled.sql", f"\n{QUOTE_STALLED}")
    (problem,) = project.problems()
    assert (problem.code, problem.line) == ("journey_twice", 3)
    assert problem.mend == f"rename one; the first stands in shop/{CARD}"


def test_the_owner_is_the_group_of_the_model(project: TinyProject) -> None:
    project.write(
        CARD.replace(".sql", ".yml"),
        "models:\n  - name: quote_stalled\n    config: {group: service}\n",
    )
    (problem,) = project.problems()
    assert (problem.code, problem.line) == ("owner_not_group", 3)
    assert problem.mend == "make `owner` and `config.group` in quote_stalled.yml the same"


def test_a_signal_file_is_listed_whether_a_card_uses_it_or_not(project: TinyProject) -> None:
    project.write("models/journeys/signals/order_paid.sql", "select 1")
    (problem,) = project.problems()
    assert (problem.code, problem.line) == ("list_incomplete", 2)
    assert problem.file == "shop/models/journeys/signals.sql"
    assert problem.mend == (
        "add 'order_paid' to union_signals, or delete models/journeys/signals/order_paid.sql"
    )


def test_a_listed_guard_has_a_file(project: TinyProject) -> None:
    project.change("models/journeys/guards.sql", "'open_case'", "'open_case', 'open_cases'")
    (problem,) = project.problems()
    assert (problem.code, problem.line) == ("list_unknown", 1)
    assert problem.mend == "did you mean `open_case`?"


def test_a_list_that_is_no_list_is_said_once_and_at_each_use(project: TinyProject) -> None:
    project.write("models/journeys/guards.sql", "\n{{ union_guards([open_case]) }}\n")
    assert said(project) == [
        ("unlisted_guard", f"shop/{CARD}", 11),
        ("unlisted_guard", f"shop/{CARD}", 12),
        ("list_missing", "shop/models/journeys/guards.sql", 2),
    ]


POLICY_CASES = {
    "a column of another name": (
        ",conflict_group,",
        ",group,",
        [("action_missing_column", 1), ("action_unknown_column", 1)],
    ),
    "a column given twice": (
        ",value,",
        ",ttl,",
        [("action_missing_column", 1), ("policy_header", 1)],
    ),
    "an action that is no name": ("task_call,", "Task,", [("action_bad_action", 4)]),
    "an action called fallback": ("task_call,", "fallback,", [("action_reserved_name", 4)]),
    "an action given twice": ("task_call,route", "email_reminder,route", [("policy_key_twice", 4)]),
    "an outcome that is none": ("route,", "rout,", [("action_bad_outcome", 4)]),
    "a class that is none": ("crm_tasks,sales", "crm_tasks,sale", [("action_bad_class", 4)]),
    "a channel that is none": ("send,sms,", "send,pigeon,", [("action_bad_channel", 3)]),
    "an owner that is no group": ("40,,sales", "40,,sale", [("action_bad_owner", 3)]),
    "a time to live that is none": ("2 days", "two days", [("action_bad_ttl", 4)]),
    "a time to live of nothing": ("2 days", "0 days", [("action_bad_ttl", 4)]),
    "a conflict group that is no name": (
        "12 hours,sales,40",
        "12 hours,Sales desk,40",
        [("action_bad_conflict_group", 3)],
    ),
    "a value that is no number": ("25.5", "much", [("action_bad_value", 4)]),
    "a priority that is no whole number": (",60,", ",6.5,", [("action_bad_priority", 4)]),
    "a destination that is none": ("crm_tasks,", ",", [("action_bad_destination", 4)]),
    "a fallback that is none": (
        "sms_reminder,sales",
        "sms_remindr,sales",
        [("action_bad_fallback", 2)],
    ),
    "a fallback to itself": ("40,,sales", "40,sms_reminder,sales", [("action_fallback_circle", 3)]),
    "fallbacks in a circle": (
        "40,,sales",
        "40,email_reminder,sales",
        [("action_fallback_circle", 2), ("action_fallback_circle", 3)],
    ),
    "a row too short": ("60,,sales", "60,sales", [("policy_row_length", 4)]),
}


@pytest.mark.parametrize(("old", "new", "expected"), POLICY_CASES.values(), ids=POLICY_CASES)
def test_a_fault_of_the_actions_is_said_at_its_row(
    project: TinyProject, old: str, new: str, expected: list[tuple[str, int]]
) -> None:
    project.change(ACTIONS, old, new)
    found = [one for one in project.problems() if one.file == f"shop/{ACTIONS}"]
    assert [(one.code, one.line) for one in found] == expected
    assert all(one.mend for one in found)


def test_a_channel_is_given_once(project: TinyProject) -> None:
    project.change("seeds/policies/channels.csv", "crm_task,", "crm_task,\nsms,phone")
    (problem,) = project.problems()
    assert (problem.code, problem.line) == ("policy_key_twice", 5)
    assert problem.mend == "keep one; the first stands on line 3"


def test_a_row_that_spans_lines_is_faulted_where_it_ends(project: TinyProject) -> None:
    project.write("seeds/policies/levers.csv", 'lever,note\na,"one\ntwo",3\n')
    assert said(project) == [("policy_row_length", "shop/seeds/policies/levers.csv", 3)]


@pytest.mark.parametrize("content", [b'lever,weight\n"a,1\n', b"lever,weight\n\xff\xfe,1\n"])
def test_a_policy_that_is_no_csv_is_said(project: TinyProject, content: bytes) -> None:
    (project.folder / "seeds/policies/levers.csv").write_bytes(content)
    (problem,) = project.problems()
    assert (problem.code, problem.line) == ("policy_not_csv", 1)
    assert problem.mend == "save it as UTF-8 CSV with `,` and double quotes"


def test_fifty_cards_are_checked_within_a_second(project: TinyProject) -> None:
    for number in range(50):
        name = f"quote_stalled_{number}"
        text = QUOTE_STALLED.replace("journey: quote_stalled", f"journey: {name}")
        project.write(f"models/journeys/cards/{name}.sql", text)
    started = time.perf_counter()
    assert project.problems() == []
    assert time.perf_counter() - started < 1
