"""Syncs of one project: what its exposures declare, and the ground that runs stand on."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from activation.config import Destination, DestinationsConfig
from activation.destinations import KINDS
from activation.syncs.checks import check, exposures_of, perhaps_suppressed
from activation.syncs.declared import Sync
from activation.syncs.run import Ground
from activation.syncs.source import Relations, frugal
from activation.syncs.yaml_keys import twice
from baton.cards.problems import Problem
from baton.dbt_runner import DbtProject
from baton.errors import UsageError
from baton.journal import Journal
from baton.project import Project
from baton.warehouse import reader

REACHABLE = "reachable_contact_points"
SUPPRESSED = "int_activation__suppressed_persons"
ALIASES = "identity_aliases"


def declared_syncs(
    project: Project, dbt: DbtProject, config: DestinationsConfig
) -> tuple[list[Sync], list[Problem]]:
    """The syncs of the project that are fine, and what is wrong with the others."""
    exposures = exposures_of(dbt.manifest, project.dbt_project)
    syncs, problems = check(exposures, config)
    files = sorted({one.file for one in exposures})
    return syncs, problems + [one for file in files for one in _twice(project, file)]


def _twice(project: Project, file: str) -> list[Problem]:
    text = (project.dbt_project / file).read_text("utf-8")
    return [
        Problem("sync", file, line, f"the key {key!r} stands twice", "keep one: the last counts")
        for line, key in twice(text)
    ]


def chosen(syncs: list[Sync], problems: list[Problem], names: tuple[str, ...]) -> list[Sync]:
    """The syncs of these names, all without one. Raises UsageError for a name that is none."""
    known = {sync.name: sync for sync in syncs}
    for name in names:
        if name not in known:
            faults = [one for one in problems if one.message.startswith(f"{name}: ")]
            raise UsageError(
                faults[0].message if faults else f"no sync named {name}",
                where=f"{faults[0].file}:{faults[0].line}" if faults else "dbt exposures",
                mend=faults[0].mend if faults else f"use one of {', '.join(known) or 'none'}",
            )
    return [known[name] for name in names] if names else syncs


def ground_of(
    project: Project,
    dbt: DbtProject,
    journal: Journal,
    config: DestinationsConfig,
    *,
    stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[str, Mapping[str, int]], None] = lambda _name, _counts: None,
) -> Ground:
    """What runs of the project's syncs need."""

    @contextmanager
    def warehouse() -> Generator[duckdb.DuckDBPyConnection]:
        with reader(project.warehouse) as con:
            frugal(con, project.warehouse.parent)
            yield con

    exposures = exposures_of(dbt.manifest, project.dbt_project)
    syncs, _ = check(exposures, config)
    fine = {one.name for one in syncs}
    return Ground(
        ledger=journal.syncs,
        config=config,
        journal=journal,
        suppressions=[one for one in syncs if one.purpose == "suppressions"],
        unsure=perhaps_suppressed([one for one in exposures if one.name not in fine], config),
        now=journal.now,
        warehouse=warehouse,
        relations=lambda sync: _relations(dbt, sync),
        destination=lambda sync: destination_of(sync, config),
        stop=stop,
        on_progress=on_progress,
    )


def destination_of(sync: Sync, config: DestinationsConfig) -> Destination:
    """The destination of a sync under its options; an audience's name is its setting `audience`.

    Raises UsageError when a setting is wrong or missing in the environment.
    """
    options: dict[str, Any] = dict(sync.options)
    kind = KINDS[str(config.raw[sync.destination]["type"])]
    if sync.audience is not None and "audience" in kind.settings.model_fields:
        options = {"audience": sync.audience} | options
    return config.destination(sync.destination, options)


def _relations(dbt: DbtProject, sync: Sync) -> Relations:
    names = (sync.model, REACHABLE, SUPPRESSED, ALIASES)
    return Relations(*[dbt.relation(name) for name in names])
