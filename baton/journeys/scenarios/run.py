"""Runs all scenarios together in one scratch fold."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from baton.cards import CardFile, CompiledCard, compile_card
from baton.dbt_runner import DbtProject
from baton.journeys.scenarios.files import ScenarioFile
from baton.journeys.scenarios.records import Story, candidate, windows_of
from baton.journeys.scenarios.verdict import Verdict, expected_gone, gone_of, instances_of
from baton.project import Project
from baton.scratch import ScratchFold

Progress = Callable[[str], None]


def run_scenarios(
    project: Project,
    cards: Iterable[CardFile],
    files: Sequence[ScenarioFile],
    folder: Path,
    *,
    dbt: DbtProject | None = None,
    progress: Progress = lambda _: None,
) -> list[Verdict]:
    """Return a verdict per scenario, in the order of the files.

    Every scenario runs under the card of the working tree, from the first load on; `folder` takes
    the scratch warehouse. The fold is a pure function of records and watermark, so scenarios may
    share windows: later ones only add steps after a scenario's own end.
    """
    stories = [Story(one.journey, scenario) for one in files for scenario in one.scenarios]
    compiled = _compiled(cards, {one.journey for one in files})
    with ScratchFold(project, folder, dbt) as fold:
        complaints = _play(fold, compiled, stories, progress)
        steps, changes = fold.steps(), fold.changes()
    return [
        Verdict(
            path=file.path,
            line=line,
            journey=file.journey,
            name=scenario.name,
            instances=tuple(instances_of(story := Story(file.journey, scenario), steps)),
            expected_gone=expected_gone(story),
            gone=gone_of(story, changes),
            complaints=tuple(complaints.get(story.node(""), ())),
        )
        for file in files
        for scenario, line in zip(file.scenarios, file.lines, strict=True)
    ]


def _compiled(cards: Iterable[CardFile], journeys: set[str]) -> list[CompiledCard]:
    checked = ((one.checked.card, one.text) for one in cards)
    return [compile_card(card, text) for card, text in checked if card and card.journey in journeys]


def _play(
    fold: ScratchFold,
    cards: Sequence[CompiledCard],
    stories: Sequence[Story],
    progress: Progress,
) -> dict[str, list[str]]:
    complaints: dict[str, list[str]] = {}
    live = [("activate", fold.release(cards))]
    windows = list(windows_of(stories))
    for rank, window in enumerate(windows):
        progress(f"load {rank + 1} of {len(windows)}")
        decided = _decided(fold, stories, rank, complaints)
        fold.window(**window, decided=decided, activations=live if rank == 0 else ())
    return complaints


def _decided(
    fold: ScratchFold, stories: Sequence[Story], rank: int, complaints: dict[str, list[str]]
) -> list[dict[str, Any]]:
    asked = [
        (story, one, load.at)
        for story in stories
        if (load := story.load(rank))
        for one in load.decided
    ]
    steps = fold.steps() if asked and rank > 0 else []
    found: list[dict[str, Any]] = []
    for story, one, at in asked:
        row = candidate(story, one, at, steps)
        if row is None:
            said = f"at {at:%Y-%m-%d %H:%M} {one.who} has not reached `{one.step}`: nothing decided"
            complaints.setdefault(story.node(""), []).append(said)
        else:
            found.append(row)
    return found
