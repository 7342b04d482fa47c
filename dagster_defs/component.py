"""The dbt component as Baton needs it."""

import os
import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from dagster.components import ComponentLoadContext
from dagster_dbt import DbtCliResource, DbtProject, DbtProjectComponent

from baton.project import Project
from dagster_defs.project import ROOT, fresh_project
from dagster_defs.sources import key_of

_WINDOW = dg.AssetKey(["raw", "this_window"])


@dataclass
class WorkingTreeDbtProject(DbtProjectComponent):
    """The dbt project as assets, taken from the working tree as the micro-batch takes it.

    Dagster's own component runs a snapshot that only development loads renew: a job started
    otherwise would build older SQL than the micro-batch beside it.
    """

    def build_defs(self, context: ComponentLoadContext) -> dg.Definitions:
        """Return the assets and checks of the working tree, parsed again where it changed."""
        fresh_project()
        return self.build_defs_from_state(context, None)

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Return the spec: keyed by the plain name, sources as intake keys them, grouped by stage.

        The window is no dependency here: every model reads it, and an edge to each of them would
        hide all others.
        """
        node = self.get_resource_props(manifest, unique_id)
        key = key_of(node) if node["resource_type"] == "source" else dg.AssetKey(node["name"])
        spec = super().get_asset_spec(manifest, unique_id, project)
        deps = [dep for dep in spec.deps if dep.asset_key != _WINDOW]
        return spec.replace_attributes(key=key, group_name=node["fqn"][1], deps=deps)

    def execute(self, context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        """Run dbt on the project's warehouse: dbt itself would look for it in its own folder.

        Its artifacts, some 10 MB a run, stay only when the run fails.
        """
        with _warehouse_named(Project.find(ROOT).warehouse):
            invocation = dbt.cli(self.get_cli_args(context), context=context)
            yield from invocation.stream()
        shutil.rmtree(invocation.target_path)


@contextmanager
def _warehouse_named(path: Path) -> Generator[None]:
    before = os.environ.get("BATON_WAREHOUSE")
    os.environ["BATON_WAREHOUSE"] = str(path)
    try:
        yield
    finally:
        if before is None:
            del os.environ["BATON_WAREHOUSE"]
        else:
            os.environ["BATON_WAREHOUSE"] = before
