"""What really ran, and what really runs when something is activated in the midst of it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from store_run import GO_LIVE, Edit, StoreRun, apply

from baton.dbt_runner import DbtProject
from baton.gate.copying import again, copy_warehouse
from baton.gate.rewinding import rewind
from baton.gate.side import Side, replay_side
from baton.gate.slices import Span, read_span
from baton.hot_path import HotPath
from baton.micro_batch import MicroBatch
from baton.releases import compile_release
from baton.warehouse import writer

STARTS_AFTER, ENDS_AFTER = 5, 9
HOURS = 2.0
_SHORT_SLOT = Edit("seeds/policies/slots.csv", "group,sales,4 hours", "group,sales,30 minutes")
Decided = dict[tuple[str, str, str | None, str, str | None], list[tuple[str, str, datetime]]]


@dataclass(frozen=True)
class Truth:
    """What was decided after the start: by person and action, outcome, reason and time."""

    decided: Decided


class Production:
    """Batches up to slice `ENDS_AFTER`, with the stores kept as they were after `STARTS_AFTER`.

    Runs over the same SQL share the statements that dbt has said for it, as a continuous run does.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = StoreRun.fresh(folder / "shop", folder / "data")
        apply(_SHORT_SLOT, self.run.project.dbt_project)
        self.run.activate(GO_LIVE)
        self.run.batch("history", GO_LIVE)
        self.run.slices(1, STARTS_AFTER)
        self.start = self.run.closes[STARTS_AFTER - 1]
        self.earlier = self.forked("earlier", self.run)
        self.run.slices(STARTS_AFTER + 1, ENDS_AFTER)
        self.span, self.rewound = self._rewound()
        self.replaying: HotPath | None = None
        self.now = self._replayed("now", self.run.dbt, None)

    def really(self, name: str, edit: Edit, dbt: DbtProject | None) -> StoreRun:
        """Activate the edit where the span starts, and run the rest as it comes."""
        run = self.forked(name, self.earlier)
        run.edit(edit, dbt)
        run.activate(self.start)
        run.slices(STARTS_AFTER + 1, ENDS_AFTER)
        return run

    def forked(self, name: str, run: StoreRun) -> StoreRun:
        """Return another run that stands where `run` stands, over the project as it was live."""
        other = run.forked(self.folder / name)
        apply(_SHORT_SLOT, other.project.dbt_project)
        return other

    def planned(self, name: str, run: StoreRun) -> Path:
        """Decide the span again by the text of `run`, as a plan does; returns what it decided."""
        return self._replayed(name, run.dbt, run.root)

    def truth(self, run: StoreRun) -> Truth:
        """Read what a run decided since the start."""
        return Truth(decided_since(run, self.span.start.window_id))

    def _rewound(self) -> tuple[Span, Path]:
        copy = copy_warehouse(self.run.project.warehouse, self.folder / "rewound")
        with writer(copy) as con:
            span = read_span(con, hours=HOURS, most=100)
            rewind(con, self.run.dbt, span.start)
        return span, copy

    def _replayed(self, name: str, dbt: DbtProject, root: Path | None) -> Path:
        folder = self.folder / f"replay {name}"
        copy = again(self.rewound, folder)
        side = Side(root or self.run.root, copy, folder / "effects")
        release = (
            compile_release(side.project.dbt_project, now=self.span.start.batch_time)
            if root
            else None
        )
        batches = MicroBatch(side.project, dbt)
        if dbt is self.run.dbt:
            self.replaying = batches.hot
        replay_side(side, batches, self.span, release)
        copy.unlink()
        return side.effects


def decided_since(run: StoreRun, window_id: int) -> Decided:
    """Return the last evaluation of each candidate since, by person and what it was about."""
    found: Decided = {}
    with duckdb.connect(str(run.project.warehouse), read_only=True) as con:
        people = dict(
            con.execute("select node_id, person_id from identity.identity_map").fetchall()
        )
        rows = con.execute(
            """select candidate_id, evaluation_no, entry_node_id, journey, correlation_key, action,
                channel, outcome, reason, decided_at
            from decisions.decisions where window_id > ? order by candidate_id, evaluation_no""",
            [window_id],
        ).fetchall()
    last = {row[0]: row for row in rows}
    for _, _, node, journey, key, action, channel, outcome, reason, at in last.values():
        what = people[node], journey, key, action, channel
        found.setdefault(what, []).append((outcome, reason, at))
    return {what: sorted(said) for what, said in found.items()}
