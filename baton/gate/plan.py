"""`baton release plan`: what the working tree would do that the live release does not."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from baton.errors import CheckFailed, Refused
from baton.gate.copying import again, copy_warehouse
from baton.gate.folder import one_plan_at_a_time
from baton.gate.impact import ImpactOrder, ModelChange
from baton.gate.owners import groups_of_release, owners_of_models, stored_models
from baton.gate.report import Change, report_of
from baton.gate.side import Side
from baton.gate.two_sides import compare_sides
from baton.journal import Journal, RecordedPlan
from baton.micro_batch import MicroBatch
from baton.project import Project
from baton.releases import compile_release, live_release, read_release
from baton.releases.project_text import kept_texts, read_texts, write_texts
from baton.warehouse import reader

Facts = dict[str, Any]
Progress = Callable[[str], None]
HOURS, SLICES = 6.0, 12


def plan_release(
    project: Project,
    journal: Journal,
    *,
    by: str,
    account: str | None = None,
    hours: float = HOURS,
    slices: int = SLICES,
    progress: Progress = lambda _: None,
) -> Facts:
    """Plan the working tree against what is live, on copies; record the plan and return its report.

    `account` is the author's account in the operating system, null where it identifies nobody.

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
    with one_plan_at_a_time(project.root) as work:
        now, other = (_side(work / one, project.warehouse.name) for one in ("now", "planned"))
        progress("copying the warehouse")
        copy = copy_warehouse(project.warehouse, now.warehouse.parent)
        with reader(copy) as con:
            base, kept = read_release(con, live), kept_texts(con)
            groups = groups_of_release(con, live)
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
    report = report_of(
        Change(base, planned, kept, texts, groups),
        compared,
        models,
        owners_of_models(batches.dbt.manifest),
        stored_models(batches.dbt.manifest),
    )
    return record_plan(journal, report | {"planned_by": by, "planned_account": account})


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
