"""What the fold reads, from dbt's manifest: which models run, which tables are given."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dbt.contracts.graph.manifest import Manifest

_FED_BACK = re.compile(r"previous_relation\(\s*['\"](\w+)['\"]")
# Columns that the fold reads and whose type no contract declares.
_BESIDES = {"touched_persons": {"person_id": "varchar", "scope": "varchar"}}


@dataclass(frozen=True)
class Given:
    """A table that stands for a model upstream: its columns with their types."""

    name: str
    schema: str
    table: str
    columns: dict[str, str]

    @property
    def relation(self) -> str:
        """Schema and table, quoted."""
        return f'"{self.schema}"."{self.table}"'


@dataclass(frozen=True)
class Shape:
    """Models that dbt builds, views and tables apart, and the tables that are given.

    `signals` are the names in the hand list of `signals.sql`, in its order.
    """

    views: tuple[str, ...]
    tables: tuple[str, ...]
    given: dict[str, Given]
    signals: tuple[str, ...]


def shape_of(manifest: Manifest) -> Shape:
    """Return the fold's shape: the models tagged `fold`, and the staging views they read.

    Staging views run over the raw tables; every other parent, and every later model that the fold
    reads as an earlier batch left it, is a table that is given.
    """
    models = _models(manifest)
    named = {str(one.name): one for one in models.values()}
    built = {name: one for name, one in models.items() if "fold" in one.tags}
    for one in list(built.values()):
        built.update(_staging(one, models))
    parents = (models.get(name) for one in built.values() for name in one.depends_on.nodes)
    later = (named.get(name) for one in built.values() for name in _fed_back(one.raw_code))
    given = {
        one.name: _given(one)
        for one in (*parents, *later)
        if one is not None and one.unique_id not in built
    }
    return Shape(
        views=_names(one for one in built.values() if one.config.materialized == "view"),
        tables=_names(one for one in built.values() if one.config.materialized != "view"),
        given=given,
        signals=_hand_list(named["signals"], models),
    )


def _models(manifest: Any) -> dict[str, Any]:
    nodes = manifest.nodes.items()
    return {str(name): one for name, one in nodes if one.resource_type == "model"}


def _staging(node: Any, models: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in node.depends_on.nodes:
        parent = models.get(name)
        if parent and parent.fqn[1] == "staging" and parent.config.materialized == "view":
            found |= {name: parent, **_staging(parent, models)}
    return found


def _hand_list(union: Any, models: dict[str, Any]) -> tuple[str, ...]:
    parents = (models.get(name) for name in union.depends_on.nodes)
    return tuple(one.name for one in parents if one is not None and "signal" in one.tags)


def _fed_back(sql: str) -> Iterator[str]:
    return (match.group(1) for match in _FED_BACK.finditer(sql))


def _given(node: Any) -> Given:
    declared = {column.name: column.data_type or "varchar" for column in node.columns.values()}
    columns = _BESIDES.get(node.name, {}) | declared
    return Given(node.name, node.schema, node.alias, columns)


def _names(nodes: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in nodes))
