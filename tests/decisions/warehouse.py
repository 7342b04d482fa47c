"""A warehouse in which only the decision models run; everything upstream is given."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
from reference.decisions.candidates import Candidate
from reference.decisions.facts import Facts
from reference.decisions.records import Event

from baton.dbt_runner import DbtProject
from baton.intake import prepare, sources_from_manifest
from baton.journal import Journal
from baton.limits import stop_runaways
from baton.project import Project
from baton.warehouse import writer

from .raw_rows import (
    SEQ,
    activation_rows,
    chorus_rows,
    delivery_rows,
    event_rows,
    release_rows,
    score_rows,
    switch_rows,
)
from .rows import Row, given_rows
from .shape import shape_of
from .worlds import World


class Warehouse:
    """A small warehouse in `folder`, called as the project's, so that one `dbt` serves both."""

    def __init__(self, project: Project, folder: Path, dbt: DbtProject) -> None:
        self._dbt = dbt
        self._shape = shape_of(dbt.manifest)
        self._computed: dict[str, int] = {}
        self._open = ExitStack()
        self.con = self._open.enter_context(writer(folder / project.warehouse.name))
        self._journal = self._open.enter_context(Journal.open(folder / "journal.db"))
        prepare(self.con, sources_from_manifest(dbt.source_nodes))
        for one in self._shape.given.values():
            columns = ", ".join(f'"{name}" {type_}' for name, type_ in one.columns.items())
            self.con.execute(f'create schema if not exists "{one.schema}"')
            self.con.execute(f"create table {one.relation} ({columns})")

    def __enter__(self) -> Self:
        """Return the warehouse; leaving closes its file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._open.close()

    def start(self, world: World) -> None:
        """Write down what is there before the first pass."""
        for table, rows in release_rows(world).items():
            self._insert(f"raw.{table}", rows)
        self._insert("raw.scores_propensities", list(score_rows(world.cast)))

    def decide(
        self,
        world: World,
        window: int,
        told: Sequence[Facts],
        heard: Sequence[tuple[Candidate, Event]],
        renewed: str = "",
    ) -> None:
        """Make one pass, in the transaction that is open; windows count from 0.

        A view called `renewed` is made anew.
        """
        for name, rows in given_rows(told, self._computed).items():
            self.con.execute(f"delete from {self._shape.given[name].relation}")
            self._insert(self._shape.given[name].relation, rows)
        self._insert("raw.journal_activations", activation_rows(world, window))
        self._insert("raw.journal_switches", switch_rows(world, window))
        self._insert("raw.journal_message_events", event_rows(heard, window, world))
        self._insert("raw.latest_deliveries", delivery_rows(world, window))
        self._open_window(world, window)
        views = self._shape.views
        self.build([one for one in views if window == 0 or one.endswith(f"/{renewed}.sql")])
        if window == 0:
            candidates, events = chorus_rows(world)
            self._insert(self._dbt.relation("candidates"), candidates)
            self._insert("raw.journal_message_events", events)

    def build(self, views: Sequence[str] = ()) -> None:
        """Run the decision models over the window that is open."""
        self._dbt.build(self.con, select=[*self._shape.tables, *views])

    def stop_runaways(self) -> dict[str, str]:
        """Let Baton stop the journeys that are over a limit; return the reasons of new switches."""
        names = stop_runaways(self.con, self._journal, self._dbt)
        standing = {one.value: one for one in self._journal.switches() if one.scope == "journey"}
        return {name: standing[name].reason for name in names}

    def by(self, model: str, key: str, where: str = "true") -> dict[str, Row]:
        """Return rows of a model by an expression over its columns."""
        query = f"select {key} as key_of_row, r.* from {self._dbt.relation(model)} as r"
        rows = self.con.execute(f"{query} where {where}").to_arrow_table().to_pylist()
        return {row.pop("key_of_row"): row for row in rows}

    def _open_window(self, world: World, window: int) -> None:
        row = {
            "window_id": window + 1,
            "batch_time": world.batch_times[window],
            "from_seq": SEQ * window,
            "to_seq": SEQ * (window + 1),
            "watermark": world.watermarks[window],
            "state": "open",
        }
        self.con.execute("delete from raw.this_window")
        for table in ("windows", "this_window"):
            self._insert(f"raw.{table}", [row])

    def _insert(self, relation: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert columns by name; those that the table does not have are left out."""
        known = {row[0] for row in self.con.execute(f"describe {relation}").fetchall()}
        names = [name for name in rows[0] if name in known] if rows else []
        if not names:
            return
        self.con.register("given", pa.table({name: [row[name] for row in rows] for name in names}))
        listed = ", ".join(f'"{name}"' for name in names)
        self.con.execute(f"insert into {relation} ({listed}) select {listed} from given")
        self.con.unregister("given")
