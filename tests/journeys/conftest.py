"""A copy of the repository's dbt project, parsed once, and cards to draw and replay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from project_copies import copy_project

from baton.cards import CompiledCard, check_card, compile_card, load_vocabulary
from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.project import Project
from baton.releases import activate
from baton.scratch import GuardRow, ScratchFold, SignalRow

REPOSITORY = Path(__file__).parents[2]
MONDAY = datetime(2026, 3, 2, 10)

STALLED = """
journey: quote_stalled
owner: sales_lifecycle
purpose: sales
key: quote_id
horizon: 30 days
steps:
  - {to: waiting, when: quote_started, why: a quote was started}
  - {from: any, to: won, when: quote_submitted, kind: goal, why: the quote was submitted}
  - {from: waiting, to: reminded, after: 2 hours, do: email_quote_reminder, unless: open_case,
     why: not submitted in 2 hours}
  - {from: reminded, to: waiting, when: quote_started, why: 'started <again> & "anew"'}
  - {from: [waiting, reminded], to: exited, when: case_opened, kind: exit, why: a case comes first}
"""


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of its own, with no warehouse."""
    root = tmp_path_factory.mktemp("shop")
    copy_project(root)
    return Project(root, root / "shop.duckdb", root / "shop.journal.db", root / "landing")


@pytest.fixture(scope="session")
def dbt(project: Project) -> DbtProject:
    """Its models, parsed when first needed."""
    return DbtProject(project)


@pytest.fixture(scope="session")
def card() -> Callable[..., CompiledCard]:
    """Compile the stalled quote, with pieces of its text exchanged."""
    vocabulary = load_vocabulary(REPOSITORY / "dbt_project")

    def compiled(exchanged: dict[str, str] | None = None, **changed: object) -> CompiledCard:
        text = STALLED
        for old, new in (exchanged or {}).items():
            assert old in text
            text = text.replace(old, new)
        whole = "{% call journey() %}" + text + "{% endcall %}"
        checked = check_card(whole, vocabulary)
        assert checked.card is not None, checked.faults
        return replace(compile_card(checked.card, whole), **changed)

    return compiled


def _told(who: str, minute: int, signal: str) -> SignalRow:
    key, happened = f"quote of {who}", MONDAY + timedelta(minutes=minute)
    return SignalRow(signal, f"{signal} {who}", who, key, happened, happened)


@pytest.fixture(scope="session")
def lived(project: Project, dbt: DbtProject, card: Callable[..., CompiledCard]) -> Project:
    """The project with a warehouse and a live release: two days of 40 people with a quote each.

    Every second one submits it, after two and a half hours; one began long before. The phone and
    the browser of one are the same person.
    """
    people = [f"person {number}" for number in range(40)]
    started = [_told(who, number, "quote_started") for number, who in enumerate(people)]
    submitted = [_told(who, number + 150, "quote_submitted") for number, who in enumerate(people)][
        ::2
    ]
    early = _told("early bird", -60 * 24, "quote_started")
    with ScratchFold(project, project.root, dbt) as fold:
        release_id = fold.release([card()])
        fold.window(
            batch_time=MONDAY + timedelta(days=2),
            signals=[early, *started, *submitted],
            guards=[
                GuardRow("open_case", "case", people[1], MONDAY, datetime(9999, 12, 31), MONDAY)
            ],
            people={people[3]: people[2]},
            zones={people[5]: "Asia/Tokyo"},
            activations=[("activate", release_id)],
        )
    with Journal.open(project.journal) as journal:
        activate(
            journal, release_id, active_from=MONDAY, by="test", approved_by=None, reason="first"
        )
    return project
