"""Which models a batch builds when the project's text has changed: those that it concerns.

A contract keeps what a model looks like from outside, so nothing below it need be built again:
views read what it gives. Below a model without one, views are built down to the next contract.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping

import duckdb
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode

Parts = Mapping[str, str]
_MACROS = "macros"
_TABLE = "raw.built_parts"


def concerned(after: Parts, manifest: Manifest, before: Parts) -> list[str] | None:
    """Return the models to build since `before`, by name; null when it may concern any:
    when a macro or variable changed, or a model or contract is gone that others may have read.

    Those that each batch builds are among them only where they changed.
    """
    if before.get(_MACROS) != after[_MACROS] or before.keys() - after.keys():
        return None
    changed = {one for one in _models(manifest) if before.get(one) != after[one]}
    other_looks = {
        one
        for one in changed
        if _contract(one) not in after or before.get(_contract(one)) != after[_contract(one)]
    }
    return sorted(changed | _seen_through(manifest, other_looks))


def parts_of(manifest: Manifest, variables: str = "") -> dict[str, str]:
    """Return a hash by model, one by contract, and one of all macros and `variables`.

    A model's is of its text and configuration, and of what it reads: a switch may decide that.
    """
    macros = (one.macro_sql for _, one in sorted(manifest.macros.items()))
    parts = {_MACROS: _hash([*macros, *filter(None, [variables])])}
    for name, node in _models(manifest).items():
        settings = repr(sorted(node.config.to_dict().items()))
        reads = sorted(node.depends_on_nodes)
        parts[name] = _hash([node.checksum.checksum, settings, str(node.contract.checksum), *reads])
        if node.contract.enforced:
            parts[_contract(name)] = str(node.contract.checksum)
    return parts


def kept_parts(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the hashes of the last build, none when there was none."""
    con.execute(f"create table if not exists {_TABLE} (part varchar, checksum varchar)")
    return dict(con.execute(f"select part, checksum from {_TABLE}").fetchall())


def keep_parts(con: duckdb.DuckDBPyConnection, parts: Parts) -> None:
    """Put these hashes in the place of those that are kept, in the caller's transaction."""
    con.execute(f"delete from {_TABLE}")
    con.execute(
        f"insert into {_TABLE} select unnest(?::varchar[]), unnest(?::varchar[])",
        [list(parts), list(parts.values())],
    )


def _seen_through(manifest: Manifest, names: Iterable[str]) -> set[str]:
    """Models that read one of these, directly or through models without a contract."""
    models = _models(manifest)
    readers: dict[str, list[str]] = defaultdict(list)
    for name, node in models.items():
        for parent in node.depends_on_nodes:
            readers[parent].append(name)
    found: set[str] = set()
    walked = set(names)
    while walked:
        own = {reader for one in walked for reader in readers[models[one].unique_id]} - found
        found |= own
        walked = {one for one in own if not models[one].contract.enforced}
    return found


def _models(manifest: Manifest) -> dict[str, ModelNode]:
    return {one.name: one for one in manifest.nodes.values() if isinstance(one, ModelNode)}


def _contract(name: str) -> str:
    return f"{name} contract"


def _hash(texts: Iterable[str]) -> str:
    return hashlib.md5("\0".join(texts).encode(), usedforsecurity=False).hexdigest()
