"""The repository's models in a scratch fold that has built everything over nothing."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from project_copies import copy_project

from baton.cards import CompiledCard, check_card, compile_card, load_vocabulary
from baton.dbt_runner import DbtProject
from baton.project import Project
from baton.scratch import ScratchFold

REPOSITORY = Path(__file__).parents[2]
MONDAY = datetime(2026, 3, 2, 10)

STALLED = """
journey: stalled
owner: sales_lifecycle
purpose: sales
key: quote_id
horizon: 30 days
steps:
  - {to: waiting, when: quote_started, why: started}
  - {from: any, to: won, when: quote_submitted, kind: goal, why: submitted}
  - {from: waiting, to: reminded, after: 2 hours, do: email_quote_reminder, why: not submitted}
  - {from: reminded, to: called, after: 1 day, do: task_sales_call, within: 1 day, if: high_value,
     why: still open and worth a call}
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchFold]:
    """A scratch fold after one empty window, parsed and built once."""
    root = tmp_path_factory.mktemp("project")
    copy_project(root)
    project = Project(root, root / "shop.duckdb", root / "shop.db", root / "landing")
    with ScratchFold(project, root / "scratch", DbtProject(project)) as fold:
        fold.window(batch_time=MONDAY - timedelta(days=1))
        yield fold


@pytest.fixture
def fold(built: ScratchFold, tmp_path: Path) -> Iterator[ScratchFold]:
    """A scratch fold of its own for each test."""
    with built.fork(tmp_path / "own") as forked:
        yield forked


@pytest.fixture(scope="session")
def card() -> Callable[..., CompiledCard]:
    """Compile the stalled quote, with pieces of its text exchanged."""
    vocabulary = load_vocabulary(REPOSITORY / "dbt_project")

    def compiled(exchanged: dict[str, str] | None = None) -> CompiledCard:
        text = STALLED
        for old, new in (exchanged or {}).items():
            assert old in text
            text = text.replace(old, new)
        whole = "{% call journey() %}" + text + "{% endcall %}"
        checked = check_card(whole, vocabulary)
        assert checked.card is not None, checked.faults
        return compile_card(checked.card, whole)

    return compiled
