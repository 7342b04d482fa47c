"""What SQLMesh says of a change: `python -m baton.gate.impact ORDER` writes it as JSON.

SQLMesh loads the dbt project as it is live and as it is planned, over a copy of the warehouse, with
state and cache of its own. It finds which models changed, whether that breaks what reads them, and
what lies downstream. Changed models that keep nothing are built in two schemas beside each other.
"""

import json
import logging
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from baton.gate.quick_lookups import answer_at_once

NOW, PLANNED = "baton_now", "baton_planned"
_BUILT_KINDS = frozenset({"VIEW", "FULL"})
_START = "2000-01-01"


@dataclass(frozen=True)
class ImpactOrder:
    """Two roots with a dbt project each, a copy of the warehouse, and where to work and answer."""

    now: Path
    planned: Path
    warehouse: Path
    work: Path
    answer: Path

    def line(self) -> str:
        """Return it as the argument of the program."""
        return json.dumps({name: str(value) for name, value in asdict(self).items()})


@dataclass(frozen=True)
class ModelChange:
    """A model that changed itself; `breaking` is null where SQLMesh does not say.

    `downstream` are models that read it, directly or not. `rows_*` and columns are null where the
    model is not built beside: it keeps rows of its own.
    """

    model: str
    kind: str
    change: str
    breaking: bool | None
    text_diff: str
    downstream: list[str]
    rows_now: int | None = None
    rows_planned: int | None = None
    rows_only_now: int | None = None
    rows_only_planned: int | None = None
    columns_added: list[str] | None = None
    columns_removed: list[str] | None = None
    not_built: str | None = None


def find_impact(order: ImpactOrder) -> list[ModelChange]:
    """Load both projects and return the models that changed, upstream first.

    Raises what SQLMesh raises when a project does not load.
    """
    now, planned = _context(order, order.now), _context(order, order.planned)
    changed = _changed(now.snapshots, planned.snapshots)
    in_order = [one for one in (*planned.dag.sorted, *now.dag.sorted) if one in changed]
    names = list(dict.fromkeys(in_order))
    built = _built_beside(now, planned, [one for one in names if changed[one] == "changed"])
    return [_model_change(one, changed[one], now, planned, built.get(one, {})) for one in names]


def _context(order: ImpactOrder, root: Path) -> Any:
    from sqlmesh.core.config import (  # noqa: PLC0415  # seconds of import
        DuckDBConnectionConfig,
        ModelDefaultsConfig,
    )
    from sqlmesh.core.console import NoopConsole, set_console  # noqa: PLC0415
    from sqlmesh.core.context import Context  # noqa: PLC0415
    from sqlmesh.dbt.loader import sqlmesh_config  # noqa: PLC0415

    set_console(NoopConsole())
    answer_at_once()
    folder = root / "dbt_project"
    shutil.copyfile(root / "profiles.yml", folder / "profiles.yml")
    config = sqlmesh_config(
        folder,
        state_connection=DuckDBConnectionConfig(database=str(order.work / "state.db")),
        variables={"under_sqlmesh": True},
        model_defaults=ModelDefaultsConfig(start=_START),
        cache_dir=str(order.work / "cache"),
    )
    context = Context(paths=[str(folder)], config=config, load=False)
    return context.load(update_schemas=False)


def _changed(now: Mapping[str, Any], planned: Mapping[str, Any]) -> dict[str, str]:
    found = dict.fromkeys(planned.keys() - now.keys(), "added")
    found |= dict.fromkeys(now.keys() - planned.keys(), "removed")
    for name in now.keys() & planned.keys():
        if _own(now[name]) != _own(planned[name]):
            found[name] = "changed"
    return found


def _own(snapshot: Any) -> tuple[str, str]:
    """The part of a fingerprint that is the model's own, not its parents'."""
    return snapshot.fingerprint.data_hash, snapshot.fingerprint.metadata_hash


def _model_change(
    name: str, change: str, now: Any, planned: Any, built: Mapping[str, Any]
) -> ModelChange:
    old, new = now.snapshots.get(name), planned.snapshots.get(name)
    context, snapshot = (planned, new) if new is not None else (now, old)
    return ModelChange(
        model=_short(name),
        kind=snapshot.node.kind.name.name if hasattr(snapshot.node.kind.name, "name") else "",
        change=change,
        breaking=_is_breaking(old, new),
        text_diff=old.node.text_diff(new.node).strip() if old and new else "",
        downstream=sorted(_short(one) for one in context.dag.downstream(name)),
        **built,
    )


def _is_breaking(old: Any, new: Any) -> bool | None:
    from sqlmesh.core.config.categorizer import CategorizerConfig  # noqa: PLC0415
    from sqlmesh.core.snapshot.categorizer import categorize_change  # noqa: PLC0415

    if new is None:
        return True
    if old is None:
        return False
    category = categorize_change(new, old, config=CategorizerConfig.all_full())
    return None if category is None else category.is_breaking


def _built_beside(now: Any, planned: Any, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Build changed models under both texts in two schemas of the copy, and compare their rows."""
    adapter = planned.engine_adapter
    for schema in (NOW, PLANNED):
        adapter.execute(f"create schema if not exists {schema}")
    found: dict[str, dict[str, Any]] = {}
    mapped: dict[str, dict[str, str]] = {NOW: {}, PLANNED: {}}
    for name in names:
        kind = planned.snapshots[name].node.kind.name.name
        if kind not in _BUILT_KINDS:
            keeps = "it is a seed" if kind == "SEED" else "it keeps rows of its own"
            found[name] = {"not_built": keeps}
            continue
        table = _short(name).replace(".", "__")
        try:
            for schema, context in ((NOW, now), (PLANNED, planned)):
                query = context.snapshots[name].node.render_query_or_raise(
                    table_mapping=mapped[schema], engine_adapter=adapter
                )
                adapter.execute(
                    f"create or replace table {schema}.{table} as {query.sql(dialect='duckdb')}"
                )
                mapped[schema][name] = f"{schema}.{table}"
            found[name] = _compared(adapter, table)
        except Exception as error:  # the text of one model is no reason to stop
            found[name] = {"not_built": f"its SQL fails: {type(error).__name__}"}
    return found


def _compared(adapter: Any, table: str) -> dict[str, Any]:
    now, planned = f"{NOW}.{table}", f"{PLANNED}.{table}"
    before, after = _columns(adapter, now), _columns(adapter, planned)
    both = ", ".join(f'"{one}"' for one in before if one in after)
    return {
        "rows_now": _count(adapter, f"select * from {now}"),
        "rows_planned": _count(adapter, f"select * from {planned}"),
        "rows_only_now": _only(adapter, both, now, planned),
        "rows_only_planned": _only(adapter, both, planned, now),
        "columns_added": [one for one in after if one not in before],
        "columns_removed": [one for one in before if one not in after],
    }


def _columns(adapter: Any, table: str) -> list[str]:
    return [row[0] for row in adapter.fetchall(f"describe {table}")]


def _only(adapter: Any, columns: str, one: str, other: str) -> int:
    if not columns:
        return 0
    return _count(adapter, f"select {columns} from {one} except all select {columns} from {other}")


def _count(adapter: Any, query: str) -> int:
    return int(adapter.fetchone(f"select count(*) from ({query})")[0])


def _short(name: str) -> str:
    """`"baton"."journeys"."signals"` as `journeys.signals`."""
    return ".".join(part.strip('"') for part in name.split(".")[1:])


def main(line: str) -> None:
    """Find the impact and write it where the order says."""
    logging.disable(logging.CRITICAL)
    os.environ |= {"SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true", "MAX_FORK_WORKERS": "1"}
    order = ImpactOrder(**{name: Path(value) for name, value in json.loads(line).items()})
    os.environ["BATON_WAREHOUSE"] = str(order.warehouse)
    order.work.mkdir(parents=True, exist_ok=True)
    found = [asdict(one) for one in find_impact(order)]
    order.answer.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
