"""Every mistake is said with its code, its file and line, what is wrong, and the mend."""

import re
from pathlib import Path

import pytest
from card_projects import TinyProject
from mistakes import ALL
from mistakes.page import PAGE, page

import baton.cards
from baton.cards import Vocabulary, check_card, render

CODE = re.compile(r"""\b(?:Found|StepRule|_fault)\(\s*"(\w+)\"""")


@pytest.mark.parametrize("title", ALL)
def test_a_mistake_is_said_with_file_line_and_mend_and_nothing_else_is(
    project: TinyProject, title: str
) -> None:
    mistake = ALL[title]
    for path, text in mistake.also.items():
        project.write(path, text)
    project.change(mistake.file, mistake.old, mistake.new)
    file = f"shop/{mistake.file}"
    found = [one for one in project.problems() if one.file == file]
    assert [one.code for one in found] == [one.code for one in mistake.said]
    said = (f"{file}:{one.line}  {one.message}\n    mend: {one.mend}" for one in mistake.said)
    assert render(found) == "\n".join(said)


def test_each_kind_of_mistake_has_an_example() -> None:
    sources = Path(baton.cards.__file__).parent.glob("*.py")
    codes = {code for path in sources for code in CODE.findall(path.read_text())}
    shown = {one.code for mistake in ALL.values() for one in mistake.said}
    assert len(codes) >= 70
    assert codes - shown == set()


def test_the_page_of_mistakes_is_the_current_one() -> None:
    mend = "write it with `python -m mistakes.page` in tests/cards"
    assert PAGE.read_text() == page(), mend


def test_a_card_with_a_fault_is_not_given_out(card_text: str, vocabulary: Vocabulary) -> None:
    checked = check_card(card_text.replace("kind: goal", "kind: gaol"), vocabulary)
    assert checked.card is None
    assert checked.parsed is not None


def test_all_faults_of_a_card_are_said_at_once(card_text: str, vocabulary: Vocabulary) -> None:
    faulty = (
        card_text.replace("owner: sales", "owner: salse")
        .replace("30 days", "30 moons")
        .replace("kind: goal", "kind: gaol")
        .replace("from: waiting", "from: wating")
        .replace("do: task_call", "do: task_cal")
        .replace(", why: a case comes first", "")
    )
    found = [(one.line, one.code) for one in check_card(faulty, vocabulary).faults]
    assert found == [
        (3, "unknown_owner"),
        (7, "bad_duration"),
        (10, "bad_value"),
        (11, "unknown_step"),
        (12, "unknown_action"),
        (13, "missing_key"),
    ]
