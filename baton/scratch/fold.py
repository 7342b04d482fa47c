"""The scratch fold itself: releases and windows in, steps, states and changes out."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from baton.cards import CompiledCard
from baton.dbt_runner import DbtProject, NodeTiming
from baton.intake import prepare, sources_from_manifest
from baton.intake.arrow import Table
from baton.project import Project
from baton.releases import Release, SqlFact, write_release
from baton.releases.compile import content_id
from baton.scratch import rows as given
from baton.scratch.heard import (
    Window,
    hear_activations,
    hear_decisions,
    hear_guards,
    hear_message_events,
    hear_signals,
)
from baton.scratch.people import assign_people, set_zones, write_touched
from baton.scratch.shape import shape_of
from baton.scratch.tables import Tables
from baton.warehouse import transaction, writer

_STEPS = "int_journeys__steps"
_LONG_AGO = datetime(1970, 1, 1)


class ScratchFold:
    """A small warehouse in `folder` in which only the fold runs; everything upstream is given.

    The file is called as the project's warehouse, so that one parsed `dbt` serves both. Raises
    `Busy` when another scratch fold has the folder.
    """

    def __init__(self, project: Project, folder: Path, dbt: DbtProject | None = None) -> None:
        self.project = project
        self.dbt = dbt or DbtProject(project)
        self._path = folder / project.warehouse.name
        self._shape = shape_of(self.dbt.manifest)
        self._windows: list[Window] = []
        self._open = ExitStack()
        self.con = self._open.enter_context(writer(self._path))
        prepare(self.con, sources_from_manifest(self.dbt.source_nodes))
        self._tables = Tables(self.con, self._shape)
        self._tables.create()

    def __enter__(self) -> Self:
        """Return the fold; leaving closes its file, which stays in its folder."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; it stays in its folder."""
        self._open.close()

    def fork(self, folder: Path) -> "ScratchFold":
        """Return another scratch fold in `folder` that stands where this one stands now."""
        self.con.execute("checkpoint")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self._path, folder)
        forked = ScratchFold(self.project, folder, self.dbt)
        forked._windows = list(self._windows)
        forked._tables.last_seq = self._tables.last_seq
        return forked

    def release(
        self, cards: Sequence[CompiledCard], sql_checksums: Mapping[str, str] | None = None
    ) -> str:
        """Write a release of these cards and return its id; nothing of it is live yet.

        `sql_checksums` are by `signals/<name>` and `guards/<name>`. Equal content, equal id.
        """
        sql = tuple(_sql_fact(name, one) for name, one in sorted((sql_checksums or {}).items()))
        in_order = tuple(sorted(cards, key=lambda one: one.journey))
        release_id = content_id(in_order, (), sql)
        at = self._windows[-1].batch_time if self._windows else _LONG_AGO
        write_release(self.con, Release(release_id, at, in_order, (), sql))
        return release_id

    def window(
        self,
        *,
        batch_time: datetime,
        watermark: datetime | None = None,
        signals: Iterable[given.SignalRow] | Table = (),
        guards: Iterable[given.GuardRow] | Table = (),
        people: Mapping[str, str] | Table | None = None,
        zones: Mapping[str, str | None] | Table | None = None,
        activations: Iterable[tuple[str, str]] = (),
        decided: Sequence[Mapping[str, Any]] = (),
        message_events: Sequence[Mapping[str, Any]] = (),
        is_whole: bool = False,
    ) -> list[NodeTiming]:
        """Fold one window and return the seconds per model; times are naive UTC.

        Args:
            batch_time: when the batch runs, and what `activations` are known from.
            watermark: how far the input is complete; the batch time unless given.
            signals: as rows, or as an Arrow table with the columns of `SignalRow`.
            guards: as rows, or as an Arrow table with the columns of `GuardRow`.
            people: the whole map from node to person id; a node it leaves out is a person of its
                own, under its own id. None changes nothing: only new nodes become such persons.
            zones: time zones of persons from now on, None for an unknown one.
            activations: pairs of `activate` or `withdraw` and a release id, in order.
            decided: columns of `candidates` by name, at least `step_id` and `outcome`: what was
                decided in the window before. Others are taken from the step.
            message_events: columns of the journal's `message_events` by name.
            is_whole: rebuild all of the fold from its input.

        Raises `BatonError` when a model fails; the window is then undone.
        """
        window = self._next(batch_time, watermark)
        before = self._tables.last_seq
        try:
            with transaction(self.con):
                self._hear(window, activations, signals, guards)
                pairs = None if people is None else given.pairs(people, "node_id", "person_id")
                assign_people(self._tables, pairs, window)
                set_zones(self._tables, given.pairs(zones or {}, "person_id", "zone"))
                self._decide(window, decided, message_events)
                write_touched(self._tables, everyone=is_whole or not self._windows)
                timings = self._build(window, is_whole=is_whole)
        except BaseException:
            self._tables.last_seq = before
            raise
        self._windows.append(window)
        return timings

    def steps(self) -> list[dict[str, Any]]:
        """Return the rows of `transitions`, each with its person's id as `person_id`."""
        people = self.dbt.relation("identity_map")
        return self._read(
            f"""select p.person_id, t.* from {self.dbt.relation("transitions")} as t
            left join {people} as p on t.entry_node_id = p.node_id"""
        )

    def states(self) -> list[dict[str, Any]]:
        """Return the rows of `journey_states`."""
        return self.rows("journey_states")

    def changes(self) -> list[dict[str, Any]]:
        """Return the rows of `instance_changes`."""
        return self.rows("instance_changes")

    def rows(self, model: str) -> list[dict[str, Any]]:
        """Return all rows of a model of the fold, or of a table that is given, in no order."""
        return self._read(f"select r.* from {self.dbt.relation(model)} as r")

    def _next(self, batch_time: datetime, watermark: datetime | None) -> Window:
        window_id = len(self._windows) + 1
        return Window(window_id, batch_time, watermark or batch_time, self._tables.last_seq)

    def _hear(
        self,
        window: Window,
        activations: Iterable[tuple[str, str]],
        signals: Iterable[given.SignalRow] | Table,
        guards: Iterable[given.GuardRow] | Table,
    ) -> None:
        self._tables.run("delete from touched_now")
        hear_activations(self._tables, given.acts(activations), window)
        hear_signals(self._tables, given.table(given.SignalRow, signals))
        hear_guards(self._tables, given.table(given.GuardRow, guards))

    def _decide(
        self,
        window: Window,
        decided: Sequence[Mapping[str, Any]],
        message_events: Sequence[Mapping[str, Any]],
    ) -> None:
        if decided and self._windows:
            before = self._windows[-1]
            known = {
                "evaluated_at": before.batch_time,
                "evaluated_window_id": before.window_id,
                "is_decided": True,
            }
            rows = given.any_columns([{**known, **row} for row in decided])
            hear_decisions(self._tables, rows, self.dbt.relation(_STEPS))
        if message_events:
            hear_message_events(self._tables, given.any_columns(message_events), window)

    def _build(self, window: Window, *, is_whole: bool) -> list[NodeTiming]:
        self.con.execute("delete from raw.this_window")
        facts = [window.window_id, window.batch_time, window.from_seq, self._tables.last_seq]
        facts += [window.watermark, "open", window.batch_time]
        for table in ("windows", "this_window"):
            self.con.execute(f"insert into raw.{table} values (?, ?, ?, ?, ?, ?, ?, null)", facts)
        views = () if self._windows else self._shape.views
        timings = self.dbt.build(
            self.con, select=[*self._shape.tables, *views], full_refresh=is_whole
        )
        self.con.execute("update raw.windows set state = 'committed' where state = 'open'")
        return timings

    def _read(self, sql: str) -> list[dict[str, Any]]:
        return self.con.execute(sql).to_arrow_table().to_pylist()


def _sql_fact(path: str, checksum: str) -> SqlFact:
    folder, name = path.split("/")
    return SqlFact(folder.removesuffix("s"), name, checksum)
