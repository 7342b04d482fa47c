"""`baton release plan`: what the working tree would do that the live release does not."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from baton.errors import CheckFailed, Refused
from baton.gate.copying import again, copy_warehouse
from baton.gate.impact import ImpactOrder, ModelChange
from baton.gate.owners import concerned, owners_of_models
from baton.gate.policy_rows import policy_changes
from baton.gate.side import Side
from baton.gate.two_sides import Compared, compare_sides, one_plan_at_a_time, work_folder
from baton.journal import Journal, RecordedPlan
from baton.micro_batch import MicroBatch
from baton.project import Project
from baton.releases import (
    Difference,
    Release,
    compile_release,
    differences,
    live_release,
    read_release,
)
from baton.releases.admission import content_hash
from baton.releases.project_text import Texts, checksum, kept_texts, read_texts, write_texts
from baton.releases.thresholds import judge, thresholds_of, verdict_of, wants_second_person
from baton.releases.uses import edge_guard
from baton.warehouse import reader

Facts = dict[str, Any]
Progress = Callable[[str], None]
HOURS, SLICES = 6.0, 12
_SEEDS = "policies"


def plan_release(
    project: Project,
    journal: Journal,
    *,
    by: str,
    hours: float = HOURS,
    slices: int = SLICES,
    progress: Progress = lambda _: None,
) -> Facts:
    """Plan the working tree against what is live, on copies; record the plan and return its report.

    Raises `CheckFailed` when a card, a policy or a model is wrong, `Refused` when nothing is live,
    `UsageError` when there is no recent history, and `Busy` while a batch or another plan runs.
    """
    live = live_release(journal.activations())
    if live is None:
        raise Refused(
            "no release is live, so there is nothing that a change could be held against",
            where="journal",
            mend="activate the first one: `baton release activate --reason '...'`",
        )
    planned = compile_release(project.dbt_project, now=journal.now())
    with one_plan_at_a_time(work_folder(project.root)) as work:
        now, other = (_side(work / one, project.warehouse.name) for one in ("now", "planned"))
        progress("copying the warehouse")
        copy = copy_warehouse(project.warehouse, now.warehouse.parent)
        with reader(copy) as con:
            base, kept = read_release(con, live), kept_texts(con)
        texts = read_texts(project.dbt_project)
        for side, own in ((now, kept), (other, texts)):
            write_texts(own, side.root / "dbt_project")
            shutil.copyfile(project.root / "profiles.yml", side.root / "profiles.yml")
        batches = MicroBatch(now.project)
        with _impact(work, now, other, copy) as impact:
            compared = compare_sides(
                now, other, base, batches, hours=hours, slices=slices, progress=progress
            )
            progress("asking SQLMesh")
            models = impact()
    report = _report(
        _Change(base, planned, kept, texts),
        compared,
        models,
        owners_of_models(batches.dbt.manifest),
    )
    return record_plan(journal, report | {"planned_by": by})


def record_plan(journal: Journal, report: Facts) -> Facts:
    """Keep the report under its hash; returns it with hash and time."""
    at = journal.now()
    plain = json.loads(json.dumps(report | {"planned_at": at}, default=str))
    plan_hash = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
    journal.plans.record(
        RecordedPlan(
            plan_hash=plan_hash,
            content_hash=report["content_hash"],
            base_release_id=report["now"]["release_id"],
            release_id=report["planned"]["release_id"],
            verdict=report["verdict"],
            report=plain,
            planned_by=report["planned_by"],
            planned_at=at,
        )
    )
    return {"plan_hash": plan_hash, **plain}


@dataclass(frozen=True)
class _Change:
    """What is live and what is planned: rules, and the project's text."""

    base: Release
    planned: Release
    kept: Texts
    texts: Texts


def _report(
    change: _Change,
    compared: Compared,
    models: list[ModelChange],
    owners: Mapping[str, str | None],
) -> Facts:
    diff, base, planned = compared.diff, change.base, change.planned
    kept, texts = change.kept, change.texts
    breaking = sum(one.breaking is not False for one in models if _may_break(one))
    values = {**diff.counts, "breaking_models": breaking}
    findings = judge(thresholds_of(base), values, persons=diff.persons)
    found = differences(base, planned)
    cards = {one.journey: one.owner for release in (base, planned) for one in release.cards}
    touched = [cards.get(one) for one in _names(found["cards"])]
    seeds = [f"{_SEEDS}.{one}" for one in _names(found["policies"])]
    verdict = verdict_of(findings)
    groups = concerned([*seeds, *(one.model for one in models)], owners, touched)
    return {
        "content_hash": content_hash(base.release_id, kept, planned.release_id, texts),
        "now": {"release_id": base.release_id, "checksum": checksum(kept)},
        "planned": {"release_id": planned.release_id, "checksum": checksum(texts)},
        "verdict": verdict,
        "findings": [asdict(one) for one in findings],
        "approval": {
            "groups": groups if verdict == "needs_approval" else [],
            "second_person": wants_second_person(findings),
        },
        "changed": {name: asdict(one) for name, one in found.items() if one},
        "files": _files(kept, texts),
        "policies": [asdict(one) for one in policy_changes(base, planned)],
        "models": [asdict(one) for one in models],
        "journeys_downstream": _journeys(models, (base, planned)),
        "history": _history(compared),
        "decisions": diff.facts(),
        "not_looked_at": list(_not_looked_at(compared, models)),
    }


def _names(found: Difference) -> tuple[str, ...]:
    return (*found.changed, *found.added, *found.removed)


def _may_break(one: ModelChange) -> bool:
    """A card's own model and a seed break nothing in SQL: their effect is in the decisions."""
    return one.kind != "SEED" and not one.model.startswith("cards.") and one.change != "added"


def _files(kept: Texts, texts: Texts) -> dict[str, list[str]]:
    both = kept.keys() & texts.keys()
    return {
        "changed": sorted(one for one in both if kept[one] != texts[one]),
        "added": sorted(texts.keys() - kept.keys()),
        "removed": sorted(kept.keys() - texts.keys()),
    }


def _journeys(models: Iterable[ModelChange], releases: Iterable[Release]) -> list[str]:
    """Journeys whose cards name a signal or guard that changed, or lies below what did."""
    below = {name.split(".")[-1] for one in models for name in (one.model, *one.downstream)}
    found: set[str] = set()
    for card in (one for release in releases for one in release.cards):
        words = {word for rule in card.rules if (word := edge_guard(rule.signal) or rule.signal)}
        words |= {one.guard for one in card.conditions}
        if words & below:
            found.add(card.journey)
    return sorted(found)


def _history(compared: Compared) -> Facts:
    span = compared.span
    return {
        "from": span.start.batch_time,
        "to": span.slices[-1].batch_time,
        "windows": span.windows,
        "slices": len(span.slices),
    }


def _not_looked_at(compared: Compared, models: Iterable[ModelChange]) -> Generator[str]:
    span = compared.span
    yield "what happened before, and what customers and tools will do: only recent history"
    yield (
        "what customers would have done upon a message that they did not get; a message that was "
        "not sent then counts as accepted at once"
    )
    yield "templates, destinations, syncs and retention: they belong to no release"
    yield "limits of runaways, and switches set after the planned messages would have gone out"
    if span.windows > len(span.slices):
        yield (
            f"the exact slicing: {span.windows} windows were decided in {len(span.slices)}, "
            "on both sides alike"
        )
    for one in models:
        if one.not_built is not None:
            yield f"rows of {one.model} beside those of now: {one.not_built}"


def _side(folder: Path, warehouse: str) -> Side:
    return Side(folder, folder / "stores" / warehouse, folder / "effects")


@contextmanager
def _impact(
    work: Path, now: Side, planned: Side, copy: Path
) -> Generator[Callable[[], list[ModelChange]]]:
    """Let SQLMesh work in a process of its own meanwhile; yields what waits for its answer."""
    folder = work / "sqlmesh"
    order = ImpactOrder(
        now=now.root,
        planned=planned.root,
        warehouse=again(copy, folder / "stores"),
        work=folder,
        answer=folder / "impact.json",
    )
    order.answer.unlink(missing_ok=True)
    command = [sys.executable, "-m", "baton.gate.impact", order.line()]
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:

        def answer() -> list[ModelChange]:
            _, said = process.communicate()
            if process.returncode != 0:
                last = said.strip().splitlines()[-1:] or ["its process ended"]
                raise CheckFailed(
                    f"SQLMesh cannot load the project: {last[0]}",
                    where="dbt_project",
                    mend="mend the file that the message names",
                )
            return [ModelChange(**one) for one in json.loads(order.answer.read_text())]

        try:
            yield answer
        finally:
            if process.poll() is None:
                process.kill()
