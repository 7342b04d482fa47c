"""What the decision models read, from dbt's manifest: which models run, which tables are given."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dbt.contracts.graph.manifest import Manifest

ASKED = (
    "holdout_assignments",
    "holdout_members",
    "exposures",
    "int_decisions__exposures",
    "candidates",
    "decisions",
    "outbox",
    "ops_runaway_journeys",
)
# Columns that no contract gives a type; all others are text.
_TYPES = {
    "timestamp": (
        "acts_from entered_at reached_at horizon_at respond_by next_due_at last_observed_at"
        " first_seen_at since until stated_at"
    ),
    "bigint": (
        "entry_node_short node_short person_short person_no node_seq canonical_seq loaded_seq"
        " changed_window_id first_window_id computed_window_id source_count identifier_count"
    ),
    "integer": "step_no",
    "boolean": "is_current is_last is_verified is_granted links",
}
_TYPE_OF = {name: type_ for type_, names in _TYPES.items() for name in names.split()}
# Columns that a later model selects and no yml names.
_BESIDES = {
    "int_profiles__customers": (
        "person_id person_short first_name last_name email phone household_id country timezone"
        " timezone_source language identifier_count first_seen_at is_current"
    ),
}


@dataclass(frozen=True)
class Given:
    """A table that stands for a model upstream: its columns with their types."""

    name: str
    schema: str
    columns: dict[str, str]

    @property
    def relation(self) -> str:
        """Schema and table, quoted."""
        return f'"{self.schema}"."{self.name}"'


@dataclass(frozen=True)
class Shape:
    """Files of models that dbt builds, views and tables apart, and the tables that are given."""

    views: tuple[str, ...]
    tables: tuple[str, ...]
    given: dict[str, Given]


def shape_of(manifest: Manifest) -> Shape:
    """Return what runs for the models that are asked: they, and the views that they read.

    Views of other stages run too; every table of another stage is given.
    """
    nodes: Any = manifest.nodes
    models = {name: one for name, one in nodes.items() if one.resource_type == "model"}
    asked = {name: one for name, one in models.items() if one.name in ASKED}
    built, given = dict[str, Any](asked), dict[str, Any]()
    for one in asked.values():
        for parent in _upstream(one, models):
            is_built = parent.config.materialized == "view" or parent.fqn[1] == "decisions"
            (built if is_built else given)[parent.unique_id] = parent
    files = {
        f"path:{one.original_file_path}": one.config.materialized == "view"
        for one in built.values()
    }
    return Shape(
        views=tuple(sorted(file for file, is_view in files.items() if is_view)),
        tables=tuple(sorted(file for file, is_view in files.items() if not is_view)),
        given={one.name: _given(one) for one in given.values()},
    )


def _upstream(node: Any, models: dict[str, Any]) -> Iterator[Any]:
    """Yield parents, and parents of those that are built."""
    for name in node.depends_on.nodes:
        if name in models:
            parent = models[name]
            yield parent
            if parent.config.materialized == "view" or parent.fqn[1] == "decisions":
                yield from _upstream(parent, models)


def _given(node: Any) -> Given:
    declared = {column.name: column.data_type for column in node.columns.values()}
    declared |= {name: declared.get(name) for name in _BESIDES.get(node.name, "").split()}
    columns = {name: type_ or _TYPE_OF.get(name, "varchar") for name, type_ in declared.items()}
    return Given(node.name, node.schema, columns)
